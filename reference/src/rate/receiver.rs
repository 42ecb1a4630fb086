//! A receiver of data under rate control: FIG. 7 as a whole.

use std::time::Duration;

use super::{Facts, Meter, Observation, Policy, Trigger, desire};
use crate::control::{Rate, RateMessage, RateParameters};

/// The receiving half of `rate-control` on one connection, from activation on.
///
/// It counts what arrives and what the application has processed, knows what the sender tells of its
/// rate, acknowledges as agreed, and asks for another rate when the policy wants one.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::rate::{Facts, Policy, RateReceiver, Trigger};
/// use wsconform_reference::{Rate, RateMessage, RateParameters};
///
/// let agreed = RateParameters { ack: 50_000, ..RateParameters::default() };
/// let mut receiver = RateReceiver::new(&agreed, None, Duration::ZERO);
/// let policy = Policy { backlog_high: 5000, ..Policy::new(100_000) };
/// let mut trigger = Trigger::periodic(Duration::from_secs(1));
///
/// // 25 KB/s arrive, 15 can be processed: after a second, 10 KB wait.
/// let mut asked = None;
/// for hundredth in 1..=110 {
///     let now = Duration::from_millis(10 * hundredth);
///     receiver.received(250, now);
///     assert_eq!(receiver.processed(150, now), None, "no ACK is due");
///     asked = asked.or(receiver.ask(&Facts::default(), &policy, &mut trigger, now));
/// }
/// // Before the processing rate was known, the backlog alone said that it was too fast.
/// assert_eq!(asked, Some(RateMessage::Decrease));
/// let asked = receiver.ask(&Facts::default(), &policy, &mut trigger, Duration::from_secs(2));
/// let Some(RateMessage::Rate(rate)) = asked else { return Err("no rate was asked for") };
/// assert!(rate < Rate::new(15_000).ok_or("out of range")?);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateReceiver {
    /// The agreed `ack`; 0 is none.
    every: u64,
    stated_maximum: Rate,
    maximum: Rate,
    rate: Rate,
    arrived: u64,
    arrival: Meter,
    processed: u64,
    processing: Meter,
    acknowledged: u64,
    /// Since when something waits to be processed.
    waiting_since: Option<Duration>,
    /// Octets/s that the application was seen to be able to process.
    able: Option<u64>,
}

/// How long something has to wait before the application is taken to work as fast as it can.
const BUSY: Duration = Duration::from_secs(1);

impl RateReceiver {
    /// A receiver at activation, with what was agreed and the sender's `max-rate` in octets/s.
    pub fn new(agreed: &RateParameters, max_rate: Option<u64>, now: Duration) -> Self {
        let maximum = max_rate.and_then(Rate::new).unwrap_or(Rate::UNLIMITED);
        Self {
            every: agreed.ack,
            stated_maximum: maximum,
            maximum,
            rate: maximum,
            arrived: 0,
            arrival: Meter::new(now),
            processed: 0,
            processing: Meter::new(now),
            acknowledged: 0,
            waiting_since: None,
            able: None,
        }
    }

    /// A message of the other party, which sends the data: EFFECTIVE and LIMIT count here.
    pub fn receive(&mut self, message: &RateMessage) {
        match message {
            RateMessage::Effective(rate) => self.rate = *rate,
            RateMessage::Limit(maximum) => self.maximum = *maximum,
            _ => {}
        }
    }

    /// The other party's RESUME came: its rate and maximum are those of activation. What was counted
    /// is counted on.
    pub fn resume(&mut self) {
        (self.rate, self.maximum) = (self.stated_maximum, self.stated_maximum);
    }

    /// Octets of data arrived.
    pub fn received(&mut self, octets: u64, now: Duration) {
        self.arrived = self.arrived.saturating_add(octets);
        self.arrival.add(octets, now);
        if self.backlog() > 0 {
            self.waiting_since.get_or_insert(now);
        }
    }

    /// The application has processed octets of what arrived. Returns the ACK, if one is due; the
    /// newest stands for those that were not sent yet.
    pub fn processed(&mut self, octets: u64, now: Duration) -> Option<RateMessage> {
        let octets = octets.min(self.backlog());
        self.processed += octets;
        self.processing.add(octets, now);
        let rate = self.processing.rate(now);
        match self.waiting_since {
            Some(since) if now.saturating_sub(since) >= BUSY => self.able = Some(rate),
            // What it does with ease it is able to do.
            _ => self.able = self.able.map(|able| able.max(rate)),
        }
        if self.backlog() == 0 {
            self.waiting_since = None;
        }
        let due = self.every > 0 && self.processed - self.acknowledged >= self.every;
        due.then(|| {
            self.acknowledged = self.processed;
            RateMessage::Ack(self.processed)
        })
    }

    /// Octets that arrived and were not processed.
    pub fn backlog(&self) -> u64 {
        self.arrived - self.processed
    }

    /// The rate in force, as far as the sender told it.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// What is known now: these facts, and what was counted (702).
    pub fn observe(&self, facts: &Facts, now: Duration) -> Observation {
        let facts = Facts {
            backlog: Some(self.backlog()),
            processing: self.able,
            arrival: Some(self.arrival.rate(now)),
            ..facts.clone()
        };
        Observation { rate: self.rate, maximum: self.maximum, ..Observation::of(facts) }
    }

    /// The message to send to the sender of data now, if any (704, 706).
    pub fn ask(
        &self,
        facts: &Facts,
        policy: &Policy,
        trigger: &mut Trigger,
        now: Duration,
    ) -> Option<RateMessage> {
        let desired = desire(&self.observe(facts, now), policy).map(|desire| desire.request);
        trigger.pass(desired, now).map(super::Request::message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Pace;
    use crate::rate::{RateSender, Step};
    use crate::role::Role;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn an_ack_is_due_each_time_as_many_were_processed() {
        let agreed = RateParameters { ack: 1024, ..RateParameters::default() };
        let mut receiver = RateReceiver::new(&agreed, None, at(0));
        receiver.received(5000, at(0));
        let acks = [1023, 1, 1023, 900, 5000].map(|octets| receiver.processed(octets, at(0)));
        let ack = |octets| Some(RateMessage::Ack(octets));
        assert_eq!(acks, [None, ack(1024), None, ack(2947), ack(5000)], "no more than arrived");
        let none = RateParameters::default();
        let mut receiver = RateReceiver::new(&none, None, at(0));
        receiver.received(1 << 40, at(0));
        assert_eq!(receiver.processed(1 << 40, at(0)), None);
    }

    #[test]
    fn it_knows_what_the_sender_tells() {
        let rate = |octets| Rate::new(octets).expect("a rate");
        let mut receiver = RateReceiver::new(&RateParameters::default(), Some(900), at(0));
        receiver.receive(&RateMessage::Effective(rate(500)));
        receiver.receive(&RateMessage::Limit(rate(700)));
        let seen = receiver.observe(&Facts::default(), at(0));
        assert_eq!((seen.rate, seen.maximum), (rate(500), rate(700)));
        receiver.resume();
        let seen = receiver.observe(&Facts::default(), at(0));
        assert_eq!((seen.rate, seen.maximum), (rate(900), rate(900)));
    }

    #[test]
    fn what_the_application_can_process_is_known_once_it_is_busy() {
        let mut receiver = RateReceiver::new(&RateParameters::default(), None, at(0));
        let mut able = Vec::new();
        for now in (0..4000).step_by(10) {
            receiver.received(if now < 1000 { 20 } else { 0 }, at(now));
            receiver.processed(10, at(now));
            able.push(receiver.observe(&Facts::default(), at(now)).facts.processing);
        }
        assert_eq!(able[99], None, "not a second yet");
        for known in [able[101], able[198], able[399]] {
            assert!((950..=1050).contains(&known.expect("busy, or remembered")), "{able:?}");
        }
    }

    /// Both halves of FIG. 7 and 8 against each other in virtual time: a strict sender with data
    /// enough, and a receiver whose application processes 15 KB/s for a minute and then 60 KB/s.
    #[test]
    fn the_two_halves_settle_at_what_can_be_processed() {
        let agreed = RateParameters { pace: Pace::Strict, burst: 1024, ..Default::default() };
        let mut sender =
            RateSender::new(&agreed, Role::Server, Some(500_000), Default::default(), at(0));
        let mut receiver = RateReceiver::new(&agreed, Some(500_000), at(0));
        let policy = Policy { backlog_high: 5000, backlog_low: 500, ..Policy::new(500_000) };
        let mut trigger = Trigger::on_change();
        let (mut asked, mut left) = (Vec::new(), 500);
        let mut seconds = vec![(0, 0); 120];
        for now in 0..120_000 {
            loop {
                match sender.next(Some(left), at(now)) {
                    Step::Effective(rate) => receiver.receive(&RateMessage::Effective(rate)),
                    Step::Frame { octets, fin } => {
                        receiver.received(octets, at(now));
                        seconds[now as usize / 1000].0 += octets;
                        left = if fin { 500 } else { left - octets };
                    }
                    Step::Until(_) | Step::Rest => break,
                }
            }
            receiver.processed(if now < 60_000 { 15 } else { 60 }, at(now));
            seconds[now as usize / 1000].1 = receiver.backlog();
            let message = receiver.ask(&Facts::default(), &policy, &mut trigger, at(now));
            if let Some(message) = message {
                sender.receive(&message, at(now));
                asked.push((now, message));
            }
        }
        let mean = |from: usize| seconds[from..from + 20].iter().map(|s| s.0).sum::<u64>() / 20;
        assert!((13_500..=16_500).contains(&mean(40)), "{} octets/s, {asked:?}", mean(40));
        assert!((54_000..=66_000).contains(&mean(100)), "{} octets/s, {asked:?}", mean(100));
        let backlogs = [&seconds[40..60], &seconds[100..120]].concat();
        assert!(backlogs.iter().all(|second| second.1 < 20_000), "{seconds:?}");
        assert!(asked.len() < 120, "{} requests in two minutes", asked.len());
    }
}
