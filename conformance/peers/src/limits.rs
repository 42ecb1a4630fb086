//! How many control messages go, and come, in a second.

use std::collections::VecDeque;
use std::time::Duration;

/// The span in which messages are counted.
const SECOND: Duration = Duration::from_secs(1);

/// The moments of the last second at which something happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastSecond {
    moments: VecDeque<Duration>,
}

impl LastSecond {
    /// Adds one more, and says how many that makes in the second up to it.
    pub(crate) fn add(&mut self, now: Duration) -> usize {
        self.forget(now);
        self.moments.push_back(now);
        self.moments.len()
    }

    /// Whether there is room for one more below `most`.
    pub(crate) fn has_room(&mut self, most: usize, now: Duration) -> bool {
        self.forget(now);
        self.moments.len() < most
    }

    /// When the oldest one will be more than a second ago.
    pub(crate) fn next_room(&self) -> Option<Duration> {
        let oldest = self.moments.front()?;
        Some(oldest.saturating_add(SECOND).saturating_add(Duration::from_millis(1)))
    }

    fn forget(&mut self, now: Duration) {
        while self.moments.front().is_some_and(|moment| now.saturating_sub(*moment) > SECOND) {
            self.moments.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_second_counts() {
        let at = Duration::from_millis;
        let mut last = LastSecond::default();
        assert_eq!((last.add(at(0)), last.add(at(500)), last.add(at(1000))), (1, 2, 3));
        assert!(!last.has_room(3, at(1000)));
        assert_eq!(last.next_room(), Some(at(1001)));
        assert!(last.has_room(3, at(1001)));
        assert_eq!(last.add(at(1501)), 2);
    }
}
