//! A sender of data under rate control: FIG. 8 as a whole.

use std::time::Duration;

use super::{
    Achievable, AckSpacing, Amount, Facts, Manner, Meter, Pacer, Policy, RateState, Reaction,
    Request, Step, from_status,
};
use crate::control::{Rate, RateMessage, RateParameters};
use crate::role::Role;

/// The sending half of `rate-control` on one connection, from activation on.
///
/// It takes the messages of the other party, and decides when data leaves. The connection
///
/// - hands it each [`RateMessage`] that arrives, and SUSPEND and RESUME when they count;
/// - asks [`next`](RateSender::next) what to do with its queue of data messages, as [`Pacer`]
///   tells, and does it. Other control messages go out between data messages, before it asks.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::rate::{RateSender, SenderOptions, Step};
/// use wsconform_reference::{Pace, Rate, RateMessage, RateParameters, Role};
///
/// let at = Duration::from_millis;
/// let strict = RateParameters { pace: Pace::Strict, burst: 256, ..RateParameters::default() };
/// let mut sender =
///     RateSender::new(&strict, Role::Server, None, SenderOptions::default(), at(0));
/// assert_eq!(sender.next(Some(9000), at(0)), Step::Frame { octets: 9000, fin: true });
///
/// let rate = Rate::new(1000).ok_or("out of range")?;
/// sender.receive(&RateMessage::Rate(rate), at(1));
/// assert_eq!(sender.next(Some(356), at(1)), Step::Effective(rate));
/// assert_eq!(sender.next(Some(356), at(1)), Step::Frame { octets: 256, fin: false });
/// assert_eq!(sender.next(Some(100), at(1)), Step::Until(at(21)));
///
/// sender.receive(&RateMessage::Rate(Rate::PAUSE), at(50));
/// assert_eq!(sender.next(Some(100), at(101)), Step::Frame { octets: 100, fin: true });
/// assert_eq!(sender.next(Some(5), at(101)), Step::Effective(Rate::PAUSE));
/// assert_eq!(sender.next(Some(5), at(999)), Step::Rest);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateSender {
    state: RateState,
    pacer: Pacer,
    meter: Meter,
    /// An unlimited rate counts as this at least when it is to be decreased, in octets/s: who sends
    /// nothing yet may still send a burst in any second.
    least_unlimited: u64,
    /// Octets of data since activation.
    sent: u64,
    acks: AckSpacing,
    facts: Facts,
    derives: Option<Policy>,
    suspended: bool,
}

/// What a sender chooses by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderOptions {
    /// By how much it changes its rate with `pace=advisory`; `None` ignores all requests.
    pub advisory: Option<Amount>,
    /// The rates that it can go at.
    pub achievable: Achievable,
    /// By what it judges STATUS while no request stands, and whether it heeds ACK; `None` derives
    /// nothing.
    pub derives: Option<Policy>,
}

impl Default for SenderOptions {
    /// Follows requests by 10 percent, at any rate, and derives nothing.
    fn default() -> Self {
        let advisory = Some(Amount::Percent(10));
        Self { advisory, achievable: Achievable::Any, derives: None }
    }
}

impl RateSender {
    /// A sender at activation, with what was agreed and its own `max-rate` in octets/s, as it stated
    /// it in the offer or the answer.
    pub fn new(
        agreed: &RateParameters,
        role: Role,
        max_rate: Option<u64>,
        options: SenderOptions,
        now: Duration,
    ) -> Self {
        let maximum = max_rate.and_then(Rate::new).filter(|rate| *rate > Rate::PAUSE);
        let maximum = maximum.unwrap_or(Rate::UNLIMITED);
        let manner = match options.advisory {
            _ if agreed.is_strict() => Manner::Strict(agreed.step),
            Some(amount) => Manner::Follow(amount),
            None => Manner::Ignore,
        };
        let state = RateState::new(manner, agreed.sender.allows(role), options.achievable, maximum);
        Self {
            pacer: Pacer::new(agreed.burst, state.in_force(), now),
            state,
            meter: Meter::new(now),
            least_unlimited: agreed.burst,
            sent: 0,
            acks: AckSpacing::new(agreed.ack, now),
            facts: Facts::default(),
            derives: options.derives,
            suspended: false,
        }
    }

    /// A message of the other party, which receives the data (802). EFFECTIVE and LIMIT are about the
    /// other direction and change nothing here; nor does anything between SUSPEND and RESUME.
    pub fn receive(&mut self, message: &RateMessage, now: Duration) {
        if self.suspended {
            return;
        }
        let reaction = match (Request::of(message), message) {
            (Some(request), _) => {
                let measured = self.meter.rate(now).max(self.least_unlimited);
                self.state.react(request, measured)
            }
            (None, RateMessage::Ack(processed)) => {
                self.acks.acknowledge(*processed, self.sent, now);
                self.suggestion(now)
            }
            (None, RateMessage::Status(entries)) => {
                self.facts.update(entries);
                self.suggestion(now)
            }
            (None, _) => return,
        };
        self.pacer.aim(reaction.rate, reaction.announce, now);
    }

    /// Sets this sender's maximum from here on, and returns the LIMIT that tells it, to be sent
    /// between data messages before the next step is asked for. `None` for 0, which is no maximum.
    pub fn limit(&mut self, maximum: Rate, now: Duration) -> Option<RateMessage> {
        let reaction = self.state.limit(maximum)?;
        self.pacer.aim(reaction.rate, reaction.announce, now);
        Some(RateMessage::Limit(maximum))
    }

    /// This party's SUSPEND goes out: requests and promises end. What is left is its own agreed
    /// maximum, which it keeps for its own sake.
    pub fn suspend(&mut self, now: Duration) {
        self.begin_anew(now);
        self.suspended = true;
    }

    /// This party's RESUME goes out: all is as at activation, but ACK counts on.
    pub fn resume(&mut self, now: Duration) {
        self.begin_anew(now);
        self.suspended = false;
    }

    /// What to do now: so many octets are left of the data message in front of the queue, or the
    /// queue is empty. See [`Pacer::next`].
    pub fn next(&mut self, left: Option<u64>, now: Duration) -> Step {
        let step = self.pacer.next(left, now);
        if let Step::Frame { octets, .. } = step {
            self.meter.add(octets, now);
            self.sent = self.sent.saturating_add(octets);
        }
        step
    }

    /// The rate in force, for an application that keeps to it by lower fidelity.
    pub fn rate(&self) -> Rate {
        self.state.in_force()
    }

    /// When data may leave: the rate at which it really does, until EFFECTIVE was told.
    pub fn pacer(&self) -> &Pacer {
        &self.pacer
    }

    /// This sender's maximum.
    pub fn maximum(&self) -> Rate {
        self.state.maximum()
    }

    /// Octets of data since activation: an ACK of more is malformed.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// The least of what ACK and STATUS suggest.
    fn suggestion(&mut self, now: Duration) -> Reaction {
        let suggested = self.derives.as_ref().map_or(Rate::UNLIMITED, |policy| {
            let status = from_status(&self.facts, self.meter.rate(now), policy);
            status.map_or(Rate::UNLIMITED, |(rate, _)| rate).min(self.acks.suggestion())
        });
        self.state.suggest(suggested)
    }

    fn begin_anew(&mut self, now: Duration) {
        self.state.reset();
        self.pacer.reset(self.state.in_force(), now);
        self.acks.reset(now);
        self.facts = Facts::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Pace, SenderRule, StatusEntry};
    use crate::rate::Link;

    fn rate(octets_per_second: u64) -> Rate {
        Rate::new(octets_per_second).expect("a rate")
    }

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn strict(max_rate: Option<u64>, derives: Option<Policy>) -> RateSender {
        let agreed =
            RateParameters { pace: Pace::Strict, burst: 256, ack: 1024, ..Default::default() };
        let options = SenderOptions { derives, ..SenderOptions::default() };
        RateSender::new(&agreed, Role::Client, max_rate, options, at(0))
    }

    fn frame(octets: u64, fin: bool) -> Step {
        Step::Frame { octets, fin }
    }

    #[test]
    fn its_own_maximum_holds_before_anything_is_asked() {
        let mut sender = strict(Some(1000), None);
        assert_eq!(sender.next(Some(276), at(0)), frame(256, false));
        assert_eq!(sender.next(Some(20), at(0)), Step::Until(at(20)));
        assert_eq!(strict(None, None).rate(), Rate::UNLIMITED);
    }

    #[test]
    fn an_unlimited_rate_is_decreased_from_what_was_measured_or_a_burst() {
        let mut idle = strict(None, None);
        idle.receive(&RateMessage::Decrease, at(5000));
        assert_eq!(idle.next(None, at(5000)), Step::Effective(rate(231)));
        let mut busy = strict(None, None);
        for tenth in 0..20 {
            assert_eq!(busy.next(Some(5000), at(100 * tenth)), frame(5000, true));
        }
        busy.receive(&RateMessage::Decrease, at(2000));
        assert_eq!(busy.next(None, at(2000)), Step::Effective(rate(45_000)));
    }

    #[test]
    fn an_advisory_sender_that_may_not_speak_says_nothing() {
        for (sender, role, speaks) in [
            (SenderRule::Client, Role::Server, false),
            (SenderRule::Client, Role::Client, true),
            (SenderRule::Both, Role::Server, true),
        ] {
            let agreed = RateParameters { sender, ..Default::default() };
            let mut sender = RateSender::new(&agreed, role, None, Default::default(), at(0));
            sender.receive(&RateMessage::Rate(rate(500)), at(0));
            let step = if speaks { Step::Effective(rate(500)) } else { Step::Rest };
            assert_eq!((sender.next(None, at(0)), sender.rate()), (step, rate(500)));
        }
    }

    #[test]
    fn who_ignores_requests_tells_the_rate_it_goes_at() {
        let options = SenderOptions { advisory: None, ..Default::default() };
        let mut sender =
            RateSender::new(&Default::default(), Role::Server, Some(700), options, at(0));
        sender.receive(&RateMessage::Rate(Rate::PAUSE), at(0));
        assert_eq!(sender.next(Some(1), at(0)), Step::Effective(rate(700)));
        assert_eq!(sender.next(Some(1), at(0)), frame(1, true));
    }

    #[test]
    fn a_limit_is_told_and_lowers_the_rate() {
        let mut sender = strict(Some(1000), None);
        assert_eq!(sender.limit(rate(600), at(0)), Some(RateMessage::Limit(rate(600))));
        assert_eq!(sender.next(Some(1), at(0)), Step::Effective(rate(600)));
        assert_eq!(sender.limit(Rate::PAUSE, at(0)), None);
        assert_eq!(sender.maximum(), rate(600));
    }

    #[test]
    fn suspension_ends_a_pause_and_resumption_begins_anew() {
        let mut sender = strict(Some(1000), Some(Policy::new(9000)));
        sender.receive(&RateMessage::Rate(Rate::PAUSE), at(0));
        sender.suspend(at(0));
        assert_eq!(sender.next(Some(256), at(0)), frame(256, true));
        sender.receive(&RateMessage::Rate(Rate::PAUSE), at(0));
        assert_eq!(sender.next(Some(256), at(256)), frame(256, true), "not in force");
        sender.resume(at(256));
        assert_eq!(sender.next(Some(300), at(256)), frame(256, false), "a full bucket");
        assert_eq!((sender.rate(), sender.sent()), (rate(1000), 768));
        sender.receive(&RateMessage::Decrease, at(300));
        assert_eq!(sender.rate(), rate(900));
    }

    #[test]
    fn status_and_ack_count_while_no_request_stands() {
        let link = |code| RateMessage::Status(vec![StatusEntry { id: 0x10, value: vec![code] }]);
        let cellular = Link::Cellular as u8;
        let mut sender = strict(None, Some(Policy::new(100_000)));
        sender.receive(&link(cellular), at(0));
        assert_eq!(sender.next(None, at(0)), Step::Effective(rate(25_000)));
        sender.receive(&RateMessage::Rate(rate(60_000)), at(0));
        assert_eq!(sender.next(None, at(0)), Step::Effective(rate(60_000)));
        sender.receive(&link(cellular), at(0));
        assert_eq!(sender.next(None, at(0)), Step::Rest);
        sender.receive(&RateMessage::Full, at(0));
        assert_eq!(sender.next(Some(1024), at(0)), Step::Effective(Rate::UNLIMITED));
        assert_eq!(sender.next(Some(1024), at(0)), frame(1024, true));
        sender.receive(&RateMessage::Ack(1024), at(100));
        assert_eq!(sender.rate(), rate(25_000), "STATUS holds until it is replaced");

        // 1024 octets in a second, while 100 KB wait.
        sender.receive(&link(Link::WiFi as u8), at(100));
        assert_eq!(sender.next(Some(100_000), at(100)), Step::Effective(Rate::UNLIMITED));
        assert_eq!(sender.next(Some(100_000), at(100)), frame(100_000, true));
        sender.receive(&RateMessage::Ack(2048), at(1100));
        assert_eq!(sender.rate(), rate(930), "half of 1861, to work that off");
        let mut deaf = strict(None, None);
        deaf.receive(&link(cellular), at(0));
        assert_eq!((deaf.next(None, at(0)), deaf.rate()), (Step::Rest, Rate::UNLIMITED));
    }
}
