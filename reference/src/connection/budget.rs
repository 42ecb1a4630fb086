//! How many control messages in a second.

use std::collections::VecDeque;
use std::time::Duration;

/// Control messages that a party may originate in any second; replies are not counted.
pub(super) const MOST_IN_A_SECOND: usize = 100;

const SECOND: Duration = Duration::from_secs(1);

/// Lets so many through in any second, and no more. Remembers no more instants than that.
#[derive(Debug)]
pub(super) struct Budget {
    most: usize,
    spent: VecDeque<Duration>,
}

impl Budget {
    pub(super) fn new(most: usize) -> Self {
        Self { most, spent: VecDeque::new() }
    }

    /// How many in a second.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Spends one, if there is one left.
    #[must_use]
    pub(super) fn spend(&mut self, now: Duration) -> bool {
        if self.free_at().is_some_and(|instant| instant > now) {
            return false;
        }
        if self.spent.len() >= self.most {
            self.spent.pop_front();
        }
        self.spent.push_back(now);
        self.most > 0
    }

    /// When there will be one again, unless there is.
    pub(super) fn free_at(&self) -> Option<Duration> {
        let full = self.spent.len() >= self.most;
        self.spent.front().filter(|_| full).map(|oldest| *oldest + SECOND)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_spent_is_free_after_a_second() {
        let mut budget = Budget::new(2);
        let at = Duration::from_millis;
        assert!(budget.spend(at(0)) && budget.spend(at(400)));
        assert_eq!(budget.free_at(), Some(at(1000)));
        assert!(!budget.spend(at(999)));
        assert!(budget.spend(at(1000)) && !budget.spend(at(1399)) && budget.spend(at(1400)));
        assert!(!Budget::new(0).spend(at(0)));
    }

    proptest! {
        #[test]
        fn no_second_sees_more(most in 1usize..5, steps in prop::collection::vec(0u64..700, 1..60)) {
            let mut budget = Budget::new(most);
            let mut now = Duration::ZERO;
            let mut sent: Vec<Duration> = Vec::new();
            for step in steps {
                now += Duration::from_millis(step);
                if budget.spend(now) {
                    sent.push(now);
                }
                let last = sent.iter().filter(|at| **at + SECOND > now).count();
                prop_assert!(last <= most);
            }
        }
    }
}
