//! Keeping to a rate by sending less of the data, not later (US 9,331,890, FIG. 7, 704: "the fidelity,
//! quality, and/or sampling of data being communicated").
//!
//! Pacing delays data, and a queue grows if it comes faster than it may leave. An application whose
//! data ages chooses another way: it learns the rate, and
//!
//! - samples: [`Sampler`] keeps the newest value of each key ("stock price quotes ... are sampled at a
//!   longer/shorter interval"), [`every_nth`] tells how many to skip of values of one size;
//! - lowers the resolution: [`Resolutions`] chooses the best one that the rate carries ("a resolution
//!   of a video being transmitted may be reduced/improved").

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU64;
use std::time::Duration;

use super::TokenBucket;
use crate::control::Rate;

/// Keeps the newest sample of each key until the rate lets it go; what was there is dropped.
///
/// It holds one sample a key, and keys leave in the order in which they came to wait, so none is
/// starved by one that changes more often.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::{Sampler, TokenBucket};
///
/// let at = Duration::from_millis;
/// let bucket = TokenBucket::new(256, Rate::new(1000).ok_or("out of range")?, at(0));
/// let mut quotes = Sampler::new(bucket, |quote: &String| quote.len() as u64);
/// for price in 0..1000 {
///     quotes.put("ACME", format!("ACME {price}"));
/// }
/// assert_eq!(quotes.take(at(0)), Some(("ACME", "ACME 999".to_owned())));
/// assert_eq!(quotes.dropped(), 999);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sampler<K, V, F> {
    bucket: TokenBucket,
    octets: F,
    waiting: BTreeMap<K, V>,
    order: VecDeque<K>,
    dropped: u64,
}

impl<K: Ord + Clone, V, F: Fn(&V) -> u64> Sampler<K, V, F> {
    /// A sampler whose samples leave out of this bucket; `octets` tells how long a sample is as a
    /// message.
    pub fn new(bucket: TokenBucket, octets: F) -> Self {
        let (waiting, order) = (BTreeMap::new(), VecDeque::new());
        Self { bucket, octets, waiting, order, dropped: 0 }
    }

    /// Sets the rate from now on, as the sender's rate changes.
    pub fn set_rate(&mut self, rate: Rate, now: Duration) {
        self.bucket.set_rate(rate, now);
    }

    /// A new sample of a key, in the place of the one that waits, if any.
    pub fn put(&mut self, key: K, sample: V) {
        if self.waiting.insert(key.clone(), sample).is_some() {
            self.dropped += 1;
        } else {
            self.order.push_back(key);
        }
    }

    /// The sample that leaves now, if one may. One that the bucket can never hold is dropped.
    pub fn take(&mut self, now: Duration) -> Option<(K, V)> {
        loop {
            let octets = (self.octets)(self.waiting.get(self.order.front()?)?);
            let taken = self.bucket.take(octets, now);
            let never = octets > self.bucket.burst() && self.bucket.rate() != Rate::UNLIMITED;
            if !taken && !never {
                return None;
            }
            let (key, sample) = self.waiting.remove_entry(&self.order.pop_front()?)?;
            if taken {
                return Some((key, sample));
            }
            self.dropped += 1;
        }
    }

    /// When the next sample may leave; `None` if none waits, or not at this rate.
    pub fn when(&self, now: Duration) -> Option<Duration> {
        self.bucket.when((self.octets)(self.waiting.get(self.order.front()?)?), now)
    }

    /// How many samples were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Of samples that come at so many octets/s, the rate carries each n-th: this is n. `None` is none of
/// them, in a pause.
///
/// ```
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::every_nth;
///
/// let nth = |rate| every_nth(100_000, rate).map(|n| n.get());
/// assert_eq!(nth(Rate::new(30_000).ok_or("out of range")?), Some(4));
/// assert_eq!(nth(Rate::UNLIMITED), Some(1));
/// assert_eq!(nth(Rate::PAUSE), None);
/// # Ok::<(), &str>(())
/// ```
pub fn every_nth(offered: u64, rate: Rate) -> Option<NonZeroU64> {
    match rate.octets_per_second() {
        None => Some(NonZeroU64::MIN),
        Some(0) => None,
        Some(rate) => Some(NonZeroU64::new(offered.div_ceil(rate)).unwrap_or(NonZeroU64::MIN)),
    }
}

/// The forms in which the same data can be sent, and the octets/s that each takes.
///
/// ```
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::Resolutions;
///
/// let video = Resolutions::new([(500_000, "1080p"), (60_000, "240p"), (200_000, "480p")]);
/// let best = |rate| Rate::new(rate).and_then(|rate| video.best(rate)).copied();
/// assert_eq!(best(250_000), Some("480p"));
/// assert_eq!(best(59_999), None, "not even the lowest one");
/// assert_eq!(video.achievable().nearest(Rate::UNLIMITED, Rate::UNLIMITED), Rate::new(500_000).unwrap());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolutions<T> {
    /// Lowest first.
    forms: Vec<(u64, T)>,
}

impl<T> Resolutions<T> {
    /// These forms, each with the octets/s that it takes.
    pub fn new(forms: impl IntoIterator<Item = (u64, T)>) -> Self {
        let mut forms: Vec<_> = forms.into_iter().collect();
        forms.sort_by_key(|form| form.0);
        Self { forms }
    }

    /// The one that takes most within a rate.
    pub fn best(&self, rate: Rate) -> Option<&T> {
        let carried = rate.octets_per_second().unwrap_or(u64::MAX);
        self.forms.iter().rfind(|form| form.0 <= carried).map(|form| &form.1)
    }

    /// The rates of these forms, for a sender that achieves no others.
    pub fn achievable(&self) -> super::Achievable {
        super::Achievable::of(self.forms.iter().filter_map(|form| Rate::new(form.0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(octets_per_second: u64) -> Rate {
        Rate::new(octets_per_second).expect("a rate")
    }

    #[test]
    fn a_key_that_changes_often_starves_none() {
        let bucket = TokenBucket::new(256, Rate::UNLIMITED, Duration::ZERO);
        let mut sampler = Sampler::new(bucket, |_: &u64| 100);
        sampler.put('a', 1);
        sampler.put('b', 2);
        sampler.put('a', 3);
        let mut order = Vec::new();
        while let Some((key, value)) = sampler.take(Duration::ZERO) {
            order.push((key, value));
            if order.len() < 4 {
                sampler.put('a', 4);
            }
        }
        assert_eq!(order, [('a', 3), ('b', 2), ('a', 4), ('a', 4)]);
    }

    #[test]
    fn a_sample_that_can_never_leave_holds_up_none() {
        let bucket = TokenBucket::new(256, rate(1), Duration::ZERO);
        let mut sampler = Sampler::new(bucket, |octets: &u64| *octets);
        sampler.put('a', 257);
        sampler.put('b', 256);
        assert_eq!(sampler.take(Duration::ZERO), Some(('b', 256)));
        assert_eq!((sampler.take(Duration::ZERO), sampler.dropped()), (None, 1));
        sampler.set_rate(Rate::UNLIMITED, Duration::ZERO);
        sampler.put('a', 257);
        assert_eq!(sampler.take(Duration::ZERO), Some(('a', 257)));
    }

    proptest! {
        /// Samples of many keys come ten times as fast as they may leave: the rate is kept and used,
        /// each key leaves now and then, and what leaves at last is the newest of each.
        #[test]
        fn the_rate_is_kept_by_dropping_and_the_newest_survives(
            keys in 1u64..20,
            octets in 64u64..=256,
            octets_per_second in 5000u64..100_000,
            order in prop::collection::vec(any::<u64>(), 100),
        ) {
            let bucket = TokenBucket::new(256, rate(octets_per_second), Duration::ZERO);
            let mut sampler = Sampler::new(bucket, |_: &u64| octets);
            let interval = octets * 1_000_000_000 / (octets_per_second * 10);
            let (mut newest, mut left) = (BTreeMap::new(), BTreeMap::new());
            let (mut now, mut sent, mut number) = (Duration::ZERO, 0, 0);
            while now < Duration::from_secs(2) {
                let key = order[number as usize % order.len()] % keys;
                sampler.put(key, number);
                newest.insert(key, number);
                number += 1;
                while let Some((key, sample)) = sampler.take(now) {
                    prop_assert_eq!(newest.get(&key), Some(&sample), "an old sample");
                    left.insert(key, sample);
                    sent += octets;
                }
                now += Duration::from_nanos(interval.max(1));
            }
            let allowed = octets_per_second * now.as_millis() as u64 / 1000 + 256;
            prop_assert!(sent <= allowed, "{} of {}", sent, allowed);
            prop_assert!(sent * 100 >= octets_per_second * 2 * 90, "{} of {}", sent, allowed);
            prop_assert!(sampler.dropped() > 0);
            while let Some(instant) = sampler.when(now) {
                now = instant;
                while let Some((key, sample)) = sampler.take(now) {
                    left.insert(key, sample);
                }
            }
            prop_assert_eq!(left, newest);
        }

        /// Each n-th fits the rate, and one more would not.
        #[test]
        fn no_more_is_skipped_than_has_to_be(offered in 1u64..1 << 30, octets_per_second in 1u64..1 << 30) {
            let n = every_nth(offered, rate(octets_per_second)).expect("no pause").get();
            prop_assert!(offered <= octets_per_second * n);
            prop_assert!(n == 1 || offered > octets_per_second * (n - 1));
        }
    }
}
