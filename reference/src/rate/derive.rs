//! Which rate a sender derives from what it is told, while nobody asks for one (US 9,331,890,
//! FIG. 8, 802).

use std::collections::VecDeque;
use std::time::Duration;

use super::{Facts, Input, Observation, Policy, catch_up, least};
use crate::control::Rate;

/// The rate that these facts suggest, and what decided: the least that any input allows, judged as a
/// receiver would judge itself ([`desire`](super::desire())). Where they don't tell how much arrives,
/// it is what the sender sends: `sending` octets/s. `None` if they suggest nothing.
///
/// ```
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::{Facts, Input, Link, Policy, from_status};
///
/// let facts = Facts { link: Some(Link::Cellular), ..Facts::default() };
/// let suggested = from_status(&facts, 80_000, &Policy::new(100_000));
/// assert_eq!(suggested, Rate::new(25_000).map(|rate| (rate, Input::Link)));
/// ```
pub fn from_status(facts: &Facts, sending: u64, policy: &Policy) -> Option<(Rate, Input)> {
    let mut facts = facts.clone();
    facts.arrival.get_or_insert(sending);
    least(&Observation::of(facts), policy)
}

/// Derives a rate from the times at which ACKs arrive.
///
/// An ACK tells how much the other party's application has processed. If data piles up there, the
/// ACKs come as fast as it is processed, and the rate suggested is that of the last ACKs, less what
/// it takes to work off the pile. If none does, the sender may go faster, by an eighth with each ACK,
/// until nothing is left to suggest.
///
/// What is on its way does not pile up: the least that was ever unacknowledged at an ACK is taken for
/// that.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::rate::AckSpacing;
///
/// // A sender at 25 KB/s, a receiver that processes 15 KB/s and acknowledges every 1500 octets.
/// let mut acks = AckSpacing::new(1500, Duration::ZERO);
/// for ack in 1..=20 {
///     let now = Duration::from_millis(100 * ack);
///     acks.acknowledge(1500 * ack, 2500 * ack, now);
/// }
/// // 20 KB wait, but for the 1000 octets of the first ACK, to be worked off in ten seconds.
/// let rate = acks.suggestion().octets_per_second();
/// assert_eq!(rate, Some(15_000 - 1900));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckSpacing {
    /// The agreed `ack`.
    every: u64,
    /// When the last ACKs came, and what they told; the oldest is where the rate is measured from.
    acks: VecDeque<(Duration, u64)>,
    /// The least that was unacknowledged at an ACK.
    on_the_way: u64,
    suggestion: Rate,
}

/// Of how many ACKs the spacing counts.
const SPACINGS: usize = 8;
const HORIZON: Duration = Duration::from_secs(10);
/// A suggestion so many times as high as what is processed limits nothing.
const MUCH: u64 = 8;

impl AckSpacing {
    /// At activation, with the agreed `ack`.
    pub fn new(every: u64, now: Duration) -> Self {
        let acks = VecDeque::from([(now, 0)]);
        Self { every, acks, on_the_way: u64::MAX, suggestion: Rate::UNLIMITED }
    }

    /// An ACK of `processed` octets came now, when `sent` were sent, both since activation.
    pub fn acknowledge(&mut self, processed: u64, sent: u64, now: Duration) {
        let unacknowledged = sent.saturating_sub(processed);
        self.on_the_way = self.on_the_way.min(unacknowledged);
        let piled_up = unacknowledged - self.on_the_way;
        let Some(rate) = self.measure(processed, now) else { return };
        if piled_up > self.every {
            self.suggestion = counted(catch_up(rate, piled_up, HORIZON));
        } else if let Some(before) = self.suggestion.octets_per_second() {
            let more = before.saturating_add((before / 8).max(1));
            let limits = more < rate.saturating_mul(MUCH);
            self.suggestion = if limits { counted(more) } else { Rate::UNLIMITED };
        }
    }

    /// Begins anew, as RESUME does; ACKs count on from what the last one told.
    pub fn reset(&mut self, now: Duration) {
        let processed = self.acks.back().map_or(0, |ack| ack.1);
        *self = Self { acks: VecDeque::from([(now, processed)]), ..Self::new(self.every, now) };
    }

    /// What the ACKs suggest; unlimited is nothing.
    pub fn suggestion(&self) -> Rate {
        self.suggestion
    }

    /// Octets/s that were processed over the last ACKs; `None` if no time went by.
    fn measure(&mut self, processed: u64, now: Duration) -> Option<u64> {
        let oldest = *self.acks.front()?;
        self.acks.push_back((now, processed));
        if self.acks.len() > SPACINGS {
            self.acks.pop_front();
        }
        let octets = u128::from(processed.saturating_sub(oldest.1)) * 1_000_000_000;
        let rate = octets.checked_div(now.saturating_sub(oldest.0).as_nanos())?;
        Some(u64::try_from(rate).unwrap_or(u64::MAX))
    }
}

/// Never a pause: only a request causes one.
fn counted(octets_per_second: u64) -> Rate {
    Rate::new(octets_per_second.max(1)).unwrap_or(Rate::UNLIMITED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::{Link, Percent};

    #[test]
    fn the_sender_judges_what_it_is_told_as_the_receiver_would() {
        let policy = Policy::new(100_000);
        let facts = Facts { processing: Some(15_000), ..Facts::default() };
        let suggested = |facts: &Facts, sending| {
            from_status(facts, sending, &policy)
                .map(|(rate, input)| (rate.octets_per_second(), input))
        };
        assert_eq!(suggested(&facts, 25_000), Some((Some(15_000), Input::Arrival)));
        assert_eq!(suggested(&facts, 10_000), None);
        let told = Facts { arrival: Some(10_000), ..facts };
        assert_eq!(suggested(&told, 25_000), None, "what arrives was told");
        let busy = Facts { processor: Percent::new(100), link: Some(Link::Cellular), ..told };
        assert_eq!(suggested(&busy, 25_000), Some((Some(9000), Input::Processor)));
        assert_eq!(suggested(&Facts::default(), 25_000), None);
    }

    /// A receiver that processes at its rate, behind a link with a delay, and a sender with data
    /// enough that follows what the ACKs suggest. Returns the rates of the last seconds.
    fn simulate(processing: u64, delay: u64, maximum: u64, seconds: u64) -> Vec<u64> {
        let every = 1024;
        let mut acks = AckSpacing::new(every, Duration::ZERO);
        let (mut sent, mut processed, mut acknowledged) = (0u64, 0u64, 0u64);
        let mut on_the_way: VecDeque<(u64, u64)> = VecDeque::new();
        let mut told: VecDeque<(u64, u64)> = VecDeque::new();
        let (mut arrived, mut rates) = (0u64, Vec::new());
        for now in 0..seconds * 1000 {
            let rate = acks.suggestion().octets_per_second().unwrap_or(u64::MAX).min(maximum);
            rates.push(rate);
            sent += rate / 1000;
            on_the_way.push_back((now + delay, sent));
            while let Some((_, octets)) = on_the_way.pop_front_if(|(at, _)| *at <= now) {
                arrived = octets;
            }
            processed = arrived.min(processed + processing / 1000);
            if processed / every > acknowledged {
                acknowledged = processed / every;
                told.push_back((now + delay, acknowledged * every));
            }
            while let Some((_, octets)) = told.pop_front_if(|(at, _)| *at <= now) {
                acks.acknowledge(octets, sent, Duration::from_millis(now));
            }
        }
        rates.split_off(rates.len() - 5000)
    }

    #[test]
    fn the_rate_settles_about_what_is_processed() {
        for delay in [0, 20, 200] {
            let rates = simulate(100_000, delay, 500_000, 60);
            let mean = rates.iter().sum::<u64>() / rates.len() as u64;
            assert!(
                (90_000..=110_000).contains(&mean),
                "{mean} octets/s with a delay of {delay} ms"
            );
        }
    }

    #[test]
    fn a_receiver_that_keeps_up_limits_nothing_however_long_the_way() {
        for delay in [0, 20, 200] {
            let rates = simulate(1_000_000, delay, 200_000, 20);
            assert!(rates.iter().all(|rate| *rate == 200_000), "with a delay of {delay} ms");
        }
    }

    #[test]
    fn a_suggestion_is_never_a_pause() {
        let mut acks = AckSpacing::new(1024, Duration::ZERO);
        acks.acknowledge(1024, 1024, Duration::from_secs(1));
        acks.acknowledge(1025, u64::MAX, Duration::from_secs(5000));
        assert_eq!(acks.suggestion(), Rate::new(1).expect("a rate"));
    }

    #[test]
    fn acks_at_one_instant_tell_no_rate() {
        let mut acks = AckSpacing::new(1024, Duration::ZERO);
        acks.acknowledge(1024, 1024, Duration::ZERO);
        acks.acknowledge(2048, 1 << 40, Duration::ZERO);
        assert_eq!(acks.suggestion(), Rate::UNLIMITED);
    }
}
