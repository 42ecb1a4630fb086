//! Switches about `control-setup` and its bootstrap by subprotocol.

/// How an endpoint negotiates on an open connection.
#[derive(Clone, Debug, Default)]
pub struct SetupDeviations {
    // The answerer.
    /// Answers no OFFER of `idle-timeout` alone.
    pub leaves_idle_unanswered: bool,
    /// Answers the default of `burst` where less was offered.
    pub widens_answer: bool,
    /// Writes the sequences of an ANSWER in lower case.
    pub answers_in_lower_case: bool,
    /// Assigns the sequence of the oldest capability once more.
    pub assigns_used_sequence: bool,
    /// Assigns the sequence of a suspended capability once more.
    pub assigns_suspended_sequence: bool,
    /// Accepts a capability that was accepted before.
    pub accepts_again: bool,
    /// Accepts `control-setup` in an ANSWER.
    pub accepts_setup: bool,
    /// Accepts `permessage-deflate` in an ANSWER.
    pub accepts_deflate: bool,
    /// Escapes data that goes on with a letter for new sequences only from CONFIRM on.
    pub escapes_from_confirm: bool,
    /// Takes what looks like a BEAT for one from its ANSWER on.
    pub inspects_from_answer: bool,
    /// Does not inspect the first message behind CONFIRM for new sequences.
    pub inspects_late: bool,
    /// Declines an OFFER that breaks the grammar.
    pub declines_malformed: bool,
    /// Passes over messages that are out of turn.
    pub ignores_turns: bool,

    // The offerer.
    /// Proposes a sequence in its OFFER.
    pub offers_control: bool,
    /// Sends no CONFIRM.
    pub leaves_unconfirmed: bool,
    /// Sends CONFIRM behind the next data message.
    pub confirms_late: bool,
    /// Takes an ANSWER whatever it says.
    pub takes_any_answer: bool,
    /// Does not inspect the first message behind an ANSWER for new sequences.
    pub offerer_inspects_late: bool,
    /// Does not escape for new sequences behind its CONFIRM.
    pub offerer_leaves_bare: bool,
    /// Server: answers an OFFER that crosses its own.
    pub answers_crossing: bool,
    /// Client: drops an OFFER that crosses its own.
    pub drops_crossing: bool,

    // Bootstrap.
    /// Server: names the subprotocol in lower case.
    pub selects_in_lower_case: bool,
    /// Selects the subprotocol, and nothing comes of it.
    pub bootstrap_stays_inactive: bool,
    /// Server: takes the digits of a subprotocol for a sequence that it does not select.
    pub bootstrap_always_active: bool,
    /// Server: takes any digits.
    pub takes_any_digits: bool,
    /// Client: writes seven digits.
    pub writes_seven_digits: bool,
    /// Client: takes `control-setup` twice.
    pub takes_setup_twice: bool,

    // Legal freedoms.
    /// Declines every OFFER.
    pub declines_offers: bool,
    /// The application `offer` offers several capabilities and alternatives.
    pub offers_more: bool,
    /// Server: leaves such a subprotocol unselected.
    pub declines_bootstrap: bool,
}
