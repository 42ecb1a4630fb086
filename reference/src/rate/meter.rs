//! How fast data goes: octets of the last second.

use std::time::Duration;

/// Measures octets/s over about the last second, in ten slots of 100 ms.
///
/// A sender measures what it sends, since an unlimited rate counts as that when it is to be
/// decreased; a receiver measures what arrives and what its application processes.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::rate::Meter;
///
/// let at = Duration::from_millis;
/// let mut meter = Meter::new(at(0));
/// for tenth in 0..20 {
///     meter.add(2500, at(100 * tenth));
/// }
/// assert_eq!(meter.rate(at(2000)), 25_000);
/// assert_eq!(meter.rate(at(3000)), 0, "a second later all is forgotten");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    start: Duration,
    /// Octets of slot `n` at index `n % SLOTS`.
    slots: [u64; SLOTS],
    /// The newest slot.
    newest: u128,
}

const SLOTS: usize = 10;
const SLOT: Duration = Duration::from_millis(100);

impl Meter {
    /// A meter that begins now.
    pub fn new(now: Duration) -> Self {
        Self { start: now, slots: [0; SLOTS], newest: slot(now) }
    }

    /// Counts octets that went through now.
    pub fn add(&mut self, octets: u64, now: Duration) {
        let current = slot(now);
        if current > self.newest {
            // What lies between has seen nothing.
            for passed in self.newest.max(current.saturating_sub(SLOTS as u128)) + 1..=current {
                self.slots[index(passed)] = 0;
            }
            self.newest = current;
        }
        let slot = &mut self.slots[index(self.newest)];
        *slot = slot.saturating_add(octets);
    }

    /// Octets/s up to now, rounded down; in the first second, of the time since the start.
    pub fn rate(&self, now: Duration) -> u64 {
        let current = slot(now).max(self.newest);
        let first = (current + 1).saturating_sub(SLOTS as u128);
        let octets: u128 =
            (first..=self.newest).map(|slot| u128::from(self.slots[index(slot)])).sum();
        let from = (first * SLOT.as_nanos()).max(self.start.as_nanos());
        // A shorter time tells nothing yet.
        let time = now.as_nanos().saturating_sub(from).max(SLOT.as_nanos());
        u64::try_from(octets * 1_000_000_000 / time).unwrap_or(u64::MAX)
    }
}

fn slot(now: Duration) -> u128 {
    now.as_nanos() / SLOT.as_nanos()
}

fn index(slot: u128) -> usize {
    (slot % SLOTS as u128) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_moments_are_not_taken_for_a_second() {
        let start = Duration::from_secs(5);
        let mut meter = Meter::new(start);
        meter.add(1000, start);
        assert_eq!(meter.rate(start), 10_000);
        assert_eq!(meter.rate(start + Duration::from_millis(500)), 2000);
    }

    #[test]
    fn a_long_silence_is_silence() {
        let mut meter = Meter::new(Duration::ZERO);
        meter.add(1000, Duration::ZERO);
        assert_eq!(meter.rate(Duration::MAX), 0);
        meter.add(90, Duration::MAX);
        assert!(meter.rate(Duration::MAX) >= 90);
    }

    proptest! {
        /// What comes evenly is measured exactly, whenever the meter is read.
        #[test]
        fn an_even_flow_is_measured(octets in 0u64..1 << 40, read in 1000u64..5000) {
            let mut meter = Meter::new(Duration::ZERO);
            for millisecond in 0..read {
                meter.add(octets, Duration::from_millis(millisecond));
            }
            prop_assert_eq!(meter.rate(Duration::from_millis(read)), octets * 1000);
        }
    }
}
