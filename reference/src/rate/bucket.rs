//! The promise of a strict sender, as a token bucket that is exact (US 9,331,890, FIG. 8, 804).

use std::time::Duration;

use crate::control::Rate;

/// Nano-octets: what a rate of one octet/s brings in a nanosecond. All that is kept is kept in
/// these, so nothing is ever rounded.
const NANO_OCTETS: u128 = 1_000_000_000;

/// What a sender may send now.
///
/// The bucket is `burst` octets deep, full at first, filled at the rate in force, and never
/// overdrawn. A change of rate changes how fast it fills, not what is in it. So between any two
/// instants the octets that were taken are at most the integral of the rate, and `burst`.
///
/// Instants are durations since an origin that the caller chooses. One that lies before the last
/// change counts as the last change: a clock that stands still or goes back brings nothing.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::TokenBucket;
///
/// let (start, second) = (Duration::ZERO, Duration::from_secs(1));
/// let rate = Rate::new(1000).ok_or("out of range")?;
/// let mut bucket = TokenBucket::new(256, rate, start);
/// assert!(bucket.take(256, start), "full at first");
/// assert_eq!(bucket.available(start), 0);
/// assert_eq!(bucket.when(100, start), Some(Duration::from_millis(100)));
/// assert_eq!(bucket.available(second), 256, "idle time saves up no more than the burst");
/// assert!(!bucket.take(257, second), "all or nothing");
/// assert_eq!(bucket.when(257, second), None, "never so many at once");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBucket {
    burst: u64,
    rate: Rate,
    /// What it held at `since`, in nano-octets.
    fill: u128,
    since: Duration,
}

impl TokenBucket {
    /// A full bucket, `burst` octets deep.
    pub fn new(burst: u64, rate: Rate, now: Duration) -> Self {
        Self { burst, rate, fill: u128::from(burst) * NANO_OCTETS, since: now }
    }

    /// How many octets it holds at most.
    pub fn burst(&self) -> u64 {
        self.burst
    }

    /// The rate that fills it.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Fills it at this rate from now on. What is in it stays, during a pause too.
    pub fn set_rate(&mut self, rate: Rate, now: Duration) {
        self.fill = self.fill_at(now);
        self.since = self.since.max(now);
        self.rate = rate;
    }

    /// Makes it full, as after activation.
    pub fn reset(&mut self, rate: Rate, now: Duration) {
        *self = Self::new(self.burst, rate, self.since.max(now));
    }

    /// How many octets may be sent now: 0 in a pause, whatever the bucket holds; `u64::MAX` if the
    /// rate is unlimited.
    pub fn available(&self, now: Duration) -> u64 {
        match self.rate {
            Rate::PAUSE => 0,
            Rate::UNLIMITED => u64::MAX,
            _ => u64::try_from(self.fill_at(now) / NANO_OCTETS).unwrap_or(u64::MAX),
        }
    }

    /// Takes so many octets if they may be sent now, else nothing; tells which.
    #[must_use = "what was not taken may not be sent"]
    pub fn take(&mut self, octets: u64, now: Duration) -> bool {
        let allowed = self.rate != Rate::PAUSE && octets <= self.available(now);
        if allowed && self.rate != Rate::UNLIMITED {
            self.fill = self.fill_at(now) - u128::from(octets) * NANO_OCTETS;
            self.since = self.since.max(now);
        }
        allowed
    }

    /// The earliest instant, now or later, at which so many octets may be sent at once. `None` is
    /// never, at the present rate: in a pause, or if they are more than the bucket can hold.
    pub fn when(&self, octets: u64, now: Duration) -> Option<Duration> {
        let rate = match self.rate.octets_per_second() {
            None => return Some(now),
            Some(0) => return None,
            Some(_) if octets > self.burst => return None,
            Some(rate) => u128::from(rate),
        };
        let missing = (u128::from(octets) * NANO_OCTETS).saturating_sub(self.fill);
        let wait = from_nanos(missing.div_ceil(rate))?;
        self.since.checked_add(wait).map(|instant| instant.max(now))
    }

    /// What it holds, in nano-octets. A product too large for the type fills it anyway.
    fn fill_at(&self, now: Duration) -> u128 {
        let capacity = u128::from(self.burst) * NANO_OCTETS;
        let Some(rate) = self.rate.octets_per_second() else { return capacity };
        let brought = now.saturating_sub(self.since).as_nanos().saturating_mul(u128::from(rate));
        self.fill.saturating_add(brought).min(capacity)
    }
}

/// `None` if it is longer than a duration can be.
fn from_nanos(nanos: u128) -> Option<Duration> {
    let seconds = u64::try_from(nanos / NANO_OCTETS).ok()?;
    let rest = u32::try_from(nanos % NANO_OCTETS).ok()?;
    Some(Duration::new(seconds, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LARGEST: u64 = (1 << 53) - 1;

    fn rate(octets_per_second: u64) -> Rate {
        Rate::new(octets_per_second).expect("a rate")
    }

    fn ns(nanos: u64) -> Duration {
        Duration::from_nanos(nanos)
    }

    #[test]
    fn a_change_of_rate_leaves_the_fill() {
        let mut bucket = TokenBucket::new(1000, rate(10), ns(0));
        assert!(bucket.take(900, ns(0)));
        for octets_per_second in [0, 5, u64::MAX - 1, 7] {
            let Some(rate) = Rate::new(octets_per_second) else { continue };
            bucket.set_rate(rate, ns(0));
        }
        assert_eq!(bucket.available(ns(0)), 100);
    }

    #[test]
    fn a_pause_keeps_what_was_saved_and_gives_nothing() {
        let mut bucket = TokenBucket::new(1000, Rate::PAUSE, ns(0));
        let later = Duration::from_secs(3600);
        assert_eq!((bucket.available(later), bucket.when(0, later)), (0, None));
        assert!(!bucket.take(0, later));
        bucket.set_rate(rate(1), later);
        assert_eq!(bucket.available(later), 1000);
    }

    #[test]
    fn an_unlimited_rate_fills_it_at_once() {
        let mut bucket = TokenBucket::new(1000, rate(1), ns(0));
        assert!(bucket.take(1000, ns(0)));
        bucket.set_rate(Rate::UNLIMITED, ns(0));
        assert!(bucket.take(u64::MAX, ns(0)));
        assert_eq!(bucket.when(u64::MAX, ns(7)), Some(ns(7)));
        bucket.set_rate(rate(1), ns(0));
        assert_eq!(bucket.available(ns(0)), 1000);
    }

    #[test]
    fn a_clock_that_goes_back_brings_nothing() {
        let mut bucket = TokenBucket::new(256, rate(1000), Duration::from_secs(9));
        assert!(bucket.take(256, Duration::from_secs(9)));
        bucket.set_rate(rate(2000), ns(0));
        assert!(!bucket.take(1, ns(0)));
        assert!(!bucket.take(1, Duration::from_secs(9)));
        assert_eq!(bucket.available(Duration::from_millis(9001)), 2);
    }

    #[test]
    fn a_clock_that_goes_back_is_not_paid_twice() {
        let mut bucket = TokenBucket::new(256, rate(1000), ns(0));
        assert!(bucket.take(256, ns(0)));
        assert!(bucket.take(100, Duration::from_millis(100)));
        assert!(bucket.take(0, ns(0)));
        assert_eq!(bucket.available(Duration::from_millis(100)), 0);
    }

    #[test]
    fn the_largest_numbers_do_no_harm() {
        let mut bucket = TokenBucket::new(u64::MAX, rate(LARGEST), ns(0));
        assert!(bucket.take(u64::MAX, ns(0)));
        assert_eq!(bucket.available(Duration::MAX), u64::MAX);
        let mut slow = TokenBucket::new(u64::MAX, rate(1), Duration::MAX - ns(1));
        assert!(slow.take(u64::MAX, Duration::MAX));
        assert_eq!(slow.when(1, Duration::MAX), None, "past the end of time");
    }

    proptest! {
        /// No instant before `when` would do, and `when` itself does.
        #[test]
        fn when_is_the_earliest_instant(
            burst in 1u64..1 << 24,
            octets_per_second in 1u64..200_000_000,
            spent in 0u64..1 << 24,
            wanted in 1u64..1 << 24,
            asked in 0u64..3_000_000_000,
        ) {
            let mut bucket = TokenBucket::new(burst, rate(octets_per_second), ns(0));
            prop_assert!(bucket.take(spent.min(burst), ns(0)));
            let wanted = wanted.min(burst);
            let instant = bucket.when(wanted, ns(asked)).expect("not a pause");
            prop_assert!(instant >= ns(asked));
            prop_assert!(bucket.available(instant) >= wanted);
            if instant > ns(asked) {
                prop_assert!(bucket.available(instant - ns(1)) < wanted);
            }
        }

        /// However often it is asked, changed and drained, what it has given and what it holds is
        /// what it was brought: no octet is lost to rounding, and none is won.
        #[test]
        fn nothing_is_lost_and_nothing_won(
            steps in prop::collection::vec((0u64..50_000_000, 0u64..100_000_000), 1..200),
        ) {
            let (mut now, mut brought, mut given) = (0, 0u128, 0u64);
            let mut bucket = TokenBucket::new(u64::MAX, rate(0), ns(0));
            bucket.set_rate(rate(1), ns(0));
            prop_assert!(bucket.take(u64::MAX, ns(0)));
            let mut octets_per_second = 1;
            for (wait, next) in steps {
                now += wait;
                brought += u128::from(octets_per_second) * u128::from(wait);
                let octets = bucket.available(ns(now)) / 2;
                given += octets;
                prop_assert!(bucket.take(octets, ns(now)));
                prop_assert_eq!(u128::from(given) + u128::from(bucket.available(ns(now))), brought / NANO_OCTETS);
                octets_per_second = next.max(1);
                bucket.set_rate(rate(octets_per_second), ns(now));
            }
        }
    }
}
