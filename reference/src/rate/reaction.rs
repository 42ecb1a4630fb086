//! What a sender of data makes of a request (US 9,331,890, FIG. 8, 804).

use super::Achievable;
use crate::control::{Rate, RateMessage};

/// A wish for a rate: numeric, or a direction (US 9,331,890, FIG. 7, 706).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Keep to this rate. 0 is a pause, and unlimited means the same as [`Request::Full`].
    Rate(Rate),
    /// Faster.
    Increase,
    /// Slower.
    Decrease,
    /// As fast as you may ("resume normal faster rate").
    Full,
}

impl Request {
    /// The request that a message is, if it is one.
    pub fn of(message: &RateMessage) -> Option<Self> {
        match message {
            RateMessage::Rate(Rate::UNLIMITED) | RateMessage::Full => Some(Self::Full),
            RateMessage::Rate(rate) => Some(Self::Rate(*rate)),
            RateMessage::Increase => Some(Self::Increase),
            RateMessage::Decrease => Some(Self::Decrease),
            _ => None,
        }
    }

    /// The message that carries it.
    pub fn message(self) -> RateMessage {
        match self {
            Self::Rate(rate) => RateMessage::Rate(rate),
            Self::Increase => RateMessage::Increase,
            Self::Decrease => RateMessage::Decrease,
            Self::Full => RateMessage::Full,
        }
    }
}

/// How a sender takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// `pace=strict`: it follows each, and changes its rate by so many percent: the agreed `step`.
    Strict(u64),
    /// `pace=advisory`: it follows, and changes its rate by an amount of its own choice.
    Follow(Amount),
    /// `pace=advisory`: it ignores them ("the request ... may be ignored").
    Ignore,
}

/// By how much an advisory sender changes its rate at INCREASE and DECREASE: "a predetermined amount
/// and/or a dynamically determined amount".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Percent of the rate in force.
    Percent(u64),
    /// Octets/s.
    Octets(u64),
    /// So many percent at first, twice as many if the next request wants the same direction, then
    /// three times; 90 at most.
    Growing(u64),
}

/// The rate that a request, a limit or a suggestion led to, for [`Pacer::aim`](super::Pacer::aim).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reaction {
    /// The rate in force from the next message on.
    pub rate: Rate,
    /// Whether EFFECTIVE has to say so.
    pub announce: bool,
}

/// The rates of a sender of data.
///
/// ```
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::{Achievable, Manner, RateState, Request};
///
/// let rate = |octets_per_second| Rate::new(octets_per_second).ok_or("out of range");
/// let mut state = RateState::new(Manner::Strict(10), true, Achievable::Any, rate(100_000)?);
/// let mut react = |request| state.react(request, 0).rate.octets_per_second();
/// assert_eq!(react(Request::Rate(rate(25_000)?)), Some(25_000));
/// assert_eq!(react(Request::Decrease), Some(22_500));
/// assert_eq!(react(Request::Rate(Rate::PAUSE)), Some(0));
/// assert_eq!(react(Request::Increase), Some(22_500), "the last rate that was not 0");
/// assert_eq!(react(Request::Rate(rate(1_000_000)?)), Some(100_000), "the maximum");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateState {
    manner: Manner,
    /// Whether `sender` lets this party send control messages.
    speaks: bool,
    achievable: Achievable,
    /// What was agreed, for RESUME.
    agreed_maximum: Rate,
    maximum: Rate,
    in_force: Rate,
    /// The last rate in force that was not 0.
    moving: Rate,
    /// Whether a request stands: the last one was not FULL.
    requested: bool,
    /// What ACK or STATUS suggest while no request stands.
    suggested: Rate,
    /// Increases since the last other request; decreases count below 0.
    streak: i64,
}

/// The largest rate that is counted.
const LARGEST: u64 = (1 << 53) - 1;
const MOST_PERCENT: u64 = 90;

impl RateState {
    /// The state at activation: nothing was asked, the sender's own maximum is in force. `speaks` is
    /// whether it may send EFFECTIVE.
    pub fn new(manner: Manner, speaks: bool, achievable: Achievable, maximum: Rate) -> Self {
        let in_force = achievable.nearest(maximum, maximum);
        Self {
            manner,
            speaks,
            achievable,
            agreed_maximum: maximum,
            maximum,
            in_force,
            moving: in_force,
            requested: false,
            suggested: Rate::UNLIMITED,
            streak: 0,
        }
    }

    /// The rate that EFFECTIVE would tell now.
    pub fn in_force(&self) -> Rate {
        self.in_force
    }

    /// The sender's own maximum: its `max-rate`, or its last LIMIT.
    pub fn maximum(&self) -> Rate {
        self.maximum
    }

    /// Whether a request stands, which beats what ACK and STATUS suggest.
    pub fn is_requested(&self) -> bool {
        self.requested
    }

    /// Takes a request. An unlimited rate counts as `unlimited` octets/s when it is decreased: what
    /// was measured, since there is no maximum then.
    ///
    /// A rate above the maximum becomes the maximum, and one that can't be achieved the nearest that
    /// can. INCREASE and DECREASE go to the next one in their direction at least, if there is one.
    pub fn react(&mut self, request: Request, unlimited: u64) -> Reaction {
        if self.manner != Manner::Ignore {
            self.streak = match request {
                Request::Increase => self.streak.max(0).saturating_add(1),
                Request::Decrease => self.streak.min(0).saturating_sub(1),
                Request::Rate(_) | Request::Full => 0,
            };
            let full = matches!(request, Request::Full | Request::Rate(Rate::UNLIMITED));
            self.requested = !full;
            self.suggested = Rate::UNLIMITED;
            let rate = match request {
                Request::Rate(rate) => self.achievable.nearest(rate, self.maximum),
                Request::Full => self.achievable.nearest(self.maximum, self.maximum),
                Request::Increase => self.increased(),
                Request::Decrease => self.decreased(unlimited),
            };
            self.set(rate);
        }
        Reaction { rate: self.in_force, announce: self.speaks }
    }

    /// Sets the sender's maximum from here on, which LIMIT tells the other party before the EFFECTIVE
    /// that the reaction may ask for. It lowers the rate in force if need be, and raises it only
    /// while no request stands. `None` if `maximum` is 0, which no maximum may be.
    pub fn limit(&mut self, maximum: Rate) -> Option<Reaction> {
        (maximum != Rate::PAUSE).then(|| {
            self.maximum = maximum;
            let wanted = if self.requested { self.in_force } else { self.suggested };
            self.change(wanted)
        })
    }

    /// Takes what was derived from ACK or STATUS (802), unlimited if they suggest nothing. It has no
    /// effect while a request stands, and never causes a pause.
    pub fn suggest(&mut self, rate: Rate) -> Reaction {
        if self.requested {
            return Reaction { rate: self.in_force, announce: false };
        }
        self.suggested = rate.max(Rate::new(1).unwrap_or(rate));
        self.change(self.suggested)
    }

    /// Begins anew with what was agreed, as RESUME does.
    pub fn reset(&mut self) {
        let achievable = std::mem::take(&mut self.achievable);
        *self = Self::new(self.manner, self.speaks, achievable, self.agreed_maximum);
    }

    /// A change for reasons of its own is announced as well.
    fn change(&mut self, wanted: Rate) -> Reaction {
        let before = self.in_force;
        self.set(self.achievable.nearest(wanted, self.maximum));
        Reaction { rate: self.in_force, announce: self.speaks && self.in_force != before }
    }

    fn set(&mut self, rate: Rate) {
        self.in_force = rate;
        if rate != Rate::PAUSE {
            self.moving = rate;
        }
    }

    fn increased(&self) -> Rate {
        let Some(base) = self.in_force.octets_per_second() else { return self.in_force };
        if base == 0 {
            return self.achievable.nearest(self.moving, self.maximum);
        }
        let wanted = base.saturating_add(self.amount(base)).min(LARGEST);
        let nearest =
            self.achievable.nearest(Rate::new(wanted).unwrap_or(self.in_force), self.maximum);
        if nearest > self.in_force {
            return nearest;
        }
        self.achievable.above(self.in_force, self.maximum).unwrap_or(self.in_force)
    }

    fn decreased(&self, unlimited: u64) -> Rate {
        if self.in_force == Rate::PAUSE {
            return Rate::PAUSE;
        }
        let base = self.in_force.octets_per_second().unwrap_or(unlimited.min(LARGEST));
        let wanted = base.saturating_sub(self.amount(base)).max(1);
        let nearest =
            self.achievable.nearest(Rate::new(wanted).unwrap_or(self.in_force), self.maximum);
        if nearest < self.in_force {
            return nearest;
        }
        self.achievable.below(self.in_force, self.maximum).unwrap_or(self.in_force)
    }

    /// By how much a rate of `base` octets/s changes, rounded down. If that leads nowhere, the next
    /// achievable rate is 1 octet/s away, or more.
    fn amount(&self, base: u64) -> u64 {
        let percent = |percent: u64| base.min(LARGEST) * percent.min(MOST_PERCENT) / 100;
        match self.manner {
            Manner::Strict(step) => percent(step),
            Manner::Follow(Amount::Percent(step)) => percent(step),
            Manner::Follow(Amount::Octets(octets)) => octets,
            Manner::Follow(Amount::Growing(step)) => {
                percent(step.saturating_mul(self.streak.unsigned_abs()))
            }
            Manner::Ignore => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(octets_per_second: u64) -> Rate {
        Rate::new(octets_per_second).expect("a rate")
    }

    fn strict(maximum: Rate) -> RateState {
        RateState::new(Manner::Strict(10), true, Achievable::Any, maximum)
    }

    fn reactions(state: &mut RateState, requests: &[Request]) -> Vec<u64> {
        let mut react = |request: &Request| state.react(*request, 5000).rate;
        requests.iter().map(|r| react(r).octets_per_second().unwrap_or(u64::MAX)).collect()
    }

    use Request::{Decrease, Full, Increase};

    #[test]
    fn a_step_is_rounded_down_but_never_0() {
        let mut state = strict(Rate::UNLIMITED);
        let requests = [Request::Rate(rate(19)), Increase, Decrease, Decrease];
        assert_eq!(reactions(&mut state, &requests), [19, 20, 18, 17]);
        let requests = [Request::Rate(rate(2)), Decrease, Decrease, Increase, Increase];
        assert_eq!(reactions(&mut state, &requests), [2, 1, 1, 2, 3]);
    }

    #[test]
    fn an_unlimited_rate_counts_as_what_was_measured() {
        let mut state = strict(Rate::UNLIMITED);
        assert_eq!(reactions(&mut state, &[Increase, Decrease]), [u64::MAX, 4500]);
        assert_eq!(reactions(&mut state, &[Full, Decrease]), [u64::MAX, 4500]);
        state.react(Full, 0);
        assert_eq!(state.react(Decrease, 0).rate, rate(1));
    }

    #[test]
    fn with_a_maximum_no_rate_is_unlimited() {
        let mut state = strict(rate(1000));
        assert_eq!(state.in_force(), rate(1000));
        let requests = [Decrease, Full, Increase, Request::Rate(Rate::UNLIMITED)];
        assert_eq!(reactions(&mut state, &requests), [900, 1000, 1000, 1000]);
        assert!(!state.is_requested());
    }

    #[test]
    fn a_pause_ends_by_a_rate_by_increase_and_by_full_but_not_by_decrease() {
        let mut state = strict(rate(1000));
        let pause = Request::Rate(Rate::PAUSE);
        let requests = [Request::Rate(rate(70)), pause, pause, Decrease, Increase, Increase];
        assert_eq!(reactions(&mut state, &requests), [70, 0, 0, 0, 70, 77]);
        assert_eq!(reactions(&mut state, &[pause, Full]), [0, 1000]);
        assert_eq!(reactions(&mut state, &[pause, Request::Rate(rate(3))]), [0, 3]);
    }

    #[test]
    fn a_pause_before_all_else_ends_at_the_maximum() {
        let requests = [Request::Rate(Rate::PAUSE), Increase];
        assert_eq!(reactions(&mut strict(rate(1000)), &requests), [0, 1000]);
        assert_eq!(reactions(&mut strict(Rate::UNLIMITED), &requests), [0, u64::MAX]);
    }

    #[test]
    fn a_limit_lowers_what_was_asked_and_never_raises_it() {
        let mut state = strict(rate(1000));
        state.react(Request::Rate(rate(500)), 0);
        let unchanged = Reaction { rate: rate(500), announce: false };
        assert_eq!(state.limit(rate(800)), Some(unchanged));
        assert_eq!(state.limit(rate(300)), Some(Reaction { rate: rate(300), announce: true }));
        assert_eq!(state.limit(rate(900)), Some(Reaction { rate: rate(300), announce: false }));
        assert_eq!(state.react(Full, 0).rate, rate(900));
        assert_eq!(state.limit(rate(2000)), Some(Reaction { rate: rate(2000), announce: true }));
        assert_eq!(state.limit(Rate::PAUSE), None);
        state.reset();
        assert_eq!((state.maximum(), state.in_force()), (rate(1000), rate(1000)));
    }

    #[test]
    fn a_limit_during_a_pause_holds_when_it_ends() {
        let mut state = strict(rate(1000));
        state.react(Request::Rate(Rate::PAUSE), 0);
        assert_eq!(state.limit(rate(10)), Some(Reaction { rate: Rate::PAUSE, announce: false }));
        assert_eq!(state.react(Increase, 0).rate, rate(10));
    }

    #[test]
    fn a_request_beats_a_suggestion_until_full() {
        let mut state = strict(rate(1000));
        assert_eq!(state.suggest(rate(400)), Reaction { rate: rate(400), announce: true });
        assert_eq!(state.suggest(rate(400)), Reaction { rate: rate(400), announce: false });
        assert_eq!(state.react(Request::Rate(rate(600)), 0).rate, rate(600));
        assert_eq!(state.suggest(rate(5)), Reaction { rate: rate(600), announce: false });
        assert_eq!(state.react(Full, 0).rate, rate(1000));
        assert_eq!(state.suggest(Rate::PAUSE).rate, rate(1), "a suggestion is no pause");
        assert_eq!(state.suggest(Rate::UNLIMITED).rate, rate(1000));
    }

    #[test]
    fn who_ignores_says_so_if_it_may_speak() {
        for speaks in [false, true] {
            let mut state = RateState::new(Manner::Ignore, speaks, Achievable::Any, rate(1000));
            for request in [Increase, Decrease, Request::Rate(Rate::PAUSE)] {
                let reaction = Reaction { rate: rate(1000), announce: speaks };
                assert_eq!(state.react(request, 0), reaction);
                assert!(!state.is_requested());
            }
        }
    }

    #[test]
    fn an_advisory_sender_chooses_its_amount() {
        let follow =
            |amount| RateState::new(Manner::Follow(amount), true, Achievable::Any, rate(1000));
        let down = [Decrease, Decrease, Decrease, Increase];
        assert_eq!(reactions(&mut follow(Amount::Octets(300)), &down), [700, 400, 100, 400]);
        assert_eq!(reactions(&mut follow(Amount::Percent(50)), &down), [500, 250, 125, 187]);
        assert_eq!(reactions(&mut follow(Amount::Growing(10)), &down), [900, 720, 504, 554]);
    }

    #[test]
    fn a_direction_leads_to_the_next_rate_that_can_be_achieved() {
        let list = Achievable::of([rate(100), rate(500), rate(900)]);
        let mut state = RateState::new(Manner::Strict(10), true, list, rate(800));
        let requests = [Decrease, Decrease, Increase, Increase, Request::Rate(rate(301))];
        assert_eq!(state.in_force(), rate(500), "900 is above the maximum");
        assert_eq!(reactions(&mut state, &requests), [100, 100, 500, 500, 500]);
    }

    fn request() -> impl Strategy<Value = Request> {
        prop_oneof![
            (0u64..1 << 20).prop_map(|octets| Request::Rate(rate(octets))),
            Just(Request::Rate(Rate::PAUSE)),
            Just(Increase),
            Just(Decrease),
            Just(Full),
        ]
    }

    fn achievable() -> impl Strategy<Value = Achievable> {
        prop_oneof![
            Just(Achievable::Any),
            (1u64..5000).prop_map(|m| Achievable::multiples_of(m).expect("not 0")),
            prop::collection::vec(1u64..1 << 20, 1..5)
                .prop_map(|rates| Achievable::of(rates.into_iter().map(rate))),
        ]
    }

    proptest! {
        /// What a strict sender may be held to, whatever it is asked (chapter 45 of the book).
        #[test]
        fn a_strict_sender_follows(
            step in 1u64..=90,
            maximum in prop_oneof![(1u64..1 << 20).prop_map(rate), Just(Rate::UNLIMITED)],
            achievable in achievable(),
            requests in prop::collection::vec((request(), 0u64..1 << 20), 1..30),
        ) {
            let any = achievable == Achievable::Any;
            let mut state = RateState::new(Manner::Strict(step), true, achievable, maximum);
            let highest = state.in_force();
            let mut moving = highest;
            for (request, measured) in requests {
                let before = state.in_force();
                let Reaction { rate: after, announce } = state.react(request, measured);
                prop_assert!(announce);
                prop_assert!(after <= maximum, "above the maximum");
                prop_assert_eq!(state.is_requested(), request != Full);
                let paused = before == Rate::PAUSE;
                match request {
                    Full => prop_assert_eq!(after, highest),
                    Request::Rate(wanted) => {
                        prop_assert_eq!(after == Rate::PAUSE, wanted == Rate::PAUSE);
                        prop_assert!(!any || after == wanted.min(maximum));
                    }
                    Increase if paused => prop_assert_eq!(after, moving),
                    Increase => prop_assert!(after > before || (after == before
                        && (before == highest || !any))),
                    Decrease if paused => prop_assert_eq!(after, Rate::PAUSE),
                    Decrease => {
                        prop_assert!(after > Rate::PAUSE, "stopped");
                        prop_assert!(after < before || !any || before == rate(1));
                    }
                }
                if after != Rate::PAUSE {
                    moving = after;
                }
            }
        }
    }
}
