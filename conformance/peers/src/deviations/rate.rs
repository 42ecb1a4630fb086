//! Switches about `rate-control`.

/// How an endpoint deals with rates, those it is asked for and those it asks for.
#[derive(Clone, Debug, Default)]
pub struct RateDeviations {
    // What it is told.
    /// Takes an unlimited LIMIT for malformed.
    pub refuses_unlimited_limit: bool,
    /// Fails the connection for a STATUS with an unknown id.
    pub refuses_unknown_status: bool,
    /// Fails the connection for an unknown value of an enumeration in STATUS.
    pub refuses_unknown_status_value: bool,
    /// Does not look into STATUS.
    pub takes_malformed_status: bool,
    /// Takes an ACK of any number.
    pub takes_impossible_ack: bool,

    // ACK.
    /// Sends no ACK.
    pub sends_no_ack: bool,
    /// Counts octets in its ACK that were not received.
    pub acknowledges_too_much: bool,
    /// Sends as many ACK as are due, however many that is.
    pub acknowledges_without_limit: bool,

    // What it tells and asks.
    /// Advisory: answers no request.
    pub stays_silent: bool,
    /// Asks for twice what the other side stated as its maximum.
    pub asks_beyond_maximum: bool,
    /// States what it was asked for above 2^50, whatever its maximum.
    pub exceeds_maximum: bool,

    // The promise.
    /// Answers RATE only behind the next data message.
    pub answers_late: bool,
    /// States a rate and does not keep to it, unless it is a pause.
    pub sends_unpaced: bool,
    /// Sends a fifth more than it states.
    pub sends_a_fifth_more: bool,
    /// Saves up ten times the burst.
    pub saves_up_idle_time: bool,
    /// Fills its burst at each EFFECTIVE.
    pub refills_at_effective: bool,
    /// Sends half of what it states from 15000 to 50000 octets/s.
    pub sends_half: bool,
    /// Stays at its rate when it is asked for more than 100000 octets/s.
    pub follows_no_fast_rate: bool,
    /// Sends what it holds back when a pause has lasted a fifth of a second.
    pub leaks_in_pause: bool,
    /// Does not change its rate at DECREASE.
    pub ignores_decrease: bool,
    /// Takes a part of a small rate that is rounded down to nothing for nothing.
    pub rounds_step_to_nothing: bool,
    /// DECREASE takes the rate 1 to 0.
    pub decreases_to_pause: bool,
    /// Does not change its rate at INCREASE, except in a pause.
    pub ignores_increase: bool,
    /// Changes its rate by twice the step.
    pub doubles_step: bool,
    /// Stays at its rate at FULL, except in a pause.
    pub ignores_full: bool,
    /// DECREASE ends a pause.
    pub decrease_ends_pause: bool,
    /// INCREASE ends a pause with a rate of 3000.
    pub increase_forgets_rate: bool,
    /// Loses what it held back when a pause is lifted.
    pub loses_held_data: bool,
    /// Holds ECHO back at a rate of 1 or less, up to the next data message.
    pub holds_echo: bool,

    // Legal freedoms.
    /// Tells its rate unasked, and ignores requests where it may, saying so.
    pub tells_unasked: bool,
    /// Follows requests where it may ignore them.
    pub follows_advice: bool,
    /// Asks for a rate when the connection opens, and lifts it behind the first message.
    pub asks_at_start: bool,
    /// Sends LIMIT and STATUS unasked.
    pub tells_facts: bool,
    /// Achieves nothing but multiples of ten octets/s above that.
    pub rounds_to_tens: bool,
    /// States a maximum of 1.5 MB/s.
    pub states_small_maximum: bool,
    /// Derives a rate from the processing rate in STATUS when no request stands.
    pub derives_from_status: bool,
    /// Derives a rate from the spacing of ACK when no request stands.
    pub derives_from_ack: bool,
    /// A source sends smaller messages below 100000 octets/s.
    pub lowers_fidelity: bool,
}
