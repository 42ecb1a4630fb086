//! The clock of `idle-timeout`: it stands still in a pause and while the capability rests.

use std::time::Duration;

use crate::deviations::Deviations;

/// Measures how long no data went either way.
#[derive(Clone, Debug)]
pub(crate) struct Idle {
    timeout: Duration,
    /// How long it has been quiet, up to `counted`.
    quiet: Duration,
    counted: Duration,
    /// A misbehaviour: what does not count prolongs the time.
    extra: Duration,
    paused: bool,
    resting: bool,
    deviations: Deviations,
}

impl Idle {
    /// `timeout` in ms, counted from `now`.
    pub(crate) fn new(timeout: u64, now: Duration, deviations: &Deviations) -> Idle {
        let switches = &deviations.timers;
        let agreed = Duration::from_millis(timeout);
        let timeout = match () {
            () if switches.never_closes => Duration::MAX,
            () if switches.closes_early => agreed * 3 / 4,
            () if switches.closes_late => agreed + Duration::from_secs(2),
            () => agreed,
        };
        let deviations = deviations.clone();
        let (quiet, extra, counted) = (Duration::ZERO, Duration::ZERO, now);
        Idle { timeout, quiet, counted, extra, paused: false, resting: false, deviations }
    }

    /// A frame of a data message came or went.
    pub(crate) fn data(&mut self, now: Duration) {
        self.count(now);
        (self.quiet, self.extra) = (Duration::ZERO, Duration::ZERO);
    }

    /// A misbehaviour: something else than data came.
    pub(crate) fn prolong(&mut self) {
        self.extra = Duration::from_secs(3);
    }

    /// Whether a rate of 0 is in force.
    pub(crate) fn set_paused(&mut self, paused: bool, now: Duration) {
        self.count(now);
        self.paused = paused && !self.deviations.timers.counts_pauses;
    }

    pub(crate) fn suspend(&mut self, now: Duration) {
        self.count(now);
        self.resting = !self.deviations.timers.closes_while_suspended;
    }

    /// The time starts anew.
    pub(crate) fn resume(&mut self, now: Duration) {
        self.count(now);
        self.resting = false;
        if !self.deviations.timers.resumes_old_time {
            self.quiet = Duration::ZERO;
        }
    }

    /// Whether it has been quiet for so long.
    pub(crate) fn is_over(&mut self, now: Duration) -> bool {
        self.count(now);
        self.quiet >= self.timeout.saturating_add(self.extra)
    }

    /// When it will have been quiet for so long if nothing happens.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let runs = !self.paused && !self.resting;
        let most = self.timeout.saturating_add(self.extra);
        runs.then(|| self.counted.saturating_add(most.saturating_sub(self.quiet)))
    }

    fn count(&mut self, now: Duration) {
        if !self.paused && !self.resting {
            self.quiet = self.quiet.saturating_add(now.saturating_sub(self.counted));
        }
        self.counted = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quiet_time_counts() {
        let at = Duration::from_millis;
        let mut idle = Idle::new(1000, at(0), &Deviations::default());
        assert_eq!(idle.deadline(), Some(at(1000)));
        idle.data(at(400));
        assert_eq!(idle.deadline(), Some(at(1400)));
        idle.set_paused(true, at(1000));
        assert_eq!(idle.deadline(), None);
        assert!(!idle.is_over(at(9000)));
        idle.set_paused(false, at(10_000));
        assert_eq!(idle.deadline(), Some(at(10_400)), "600 ms had passed before the pause");
        idle.suspend(at(10_100));
        assert_eq!(idle.deadline(), None);
        idle.resume(at(20_000));
        assert_eq!(idle.deadline(), Some(at(21_000)), "anew");
        assert!(!idle.is_over(at(20_999)));
        assert!(idle.is_over(at(21_000)));
    }
}
