//! `idle-timeout`: how long nobody has used the connection (Wilkins 2009, "Orderly close").
//!
//! | state | the time | a data frame | the time is over |
//! |---|---|---|---|
//! | counting | runs | starts it anew | the server closes with 1000 |
//! | a rate of 0 is in force, either way | stands still | starts it anew, standing still | |
//! | suspended | | | |
//!
//! RESUME starts the time anew.

use std::time::Duration;

use super::suspension::Suspension;
use crate::control::IdleParameters;

/// The clock of a connection that ends when nobody uses it.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) suspension: Suspension,
    timeout: Duration,
    /// Time that was counted before `since`.
    counted: Duration,
    /// Since when it runs; `None` while it stands still.
    since: Option<Duration>,
    /// The last frame of a message of which nobody knows yet whether it is data.
    unknown: Option<Duration>,
}

impl Idle {
    pub(super) fn new(parameters: &IdleParameters, now: Duration) -> Self {
        Self {
            suspension: Suspension::default(),
            timeout: Duration::from_millis(parameters.timeout),
            counted: Duration::ZERO,
            since: Some(now),
            unknown: None,
        }
    }

    /// A frame of a data message, either way.
    pub(super) fn used(&mut self, now: Duration) {
        self.counted = Duration::ZERO;
        self.unknown = None;
        self.since = self.since.map(|_| now);
    }

    /// A frame of a message that may turn out to be data, or not. Until then nobody is blamed.
    pub(super) fn perhaps_used(&mut self, now: Duration) {
        self.unknown = Some(now);
    }

    /// It turned out not to be.
    pub(super) fn not_used(&mut self) {
        self.unknown = None;
    }

    /// Tells whether a rate of 0 is in force.
    pub(super) fn pause(&mut self, paused: bool, now: Duration) {
        match self.since {
            Some(since) if paused => {
                self.counted += now.saturating_sub(since);
                self.since = None;
            }
            None if !paused => self.since = Some(now),
            _ => {}
        }
    }

    /// When the connection will have been idle for too long.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let since = self.since.filter(|_| self.suspension.is_active())?;
        let known = since + self.timeout.saturating_sub(self.counted);
        Some(self.unknown.map_or(known, |unknown| known.max(unknown + self.timeout)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle() -> Idle {
        let parameters = IdleParameters { timeout: 100, ..IdleParameters::default() };
        Idle::new(&parameters, ms(1000))
    }

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn time_runs_from_the_last_data() {
        let mut idle = idle();
        assert_eq!(idle.deadline(), Some(ms(1100)));
        idle.used(ms(1050));
        assert_eq!(idle.deadline(), Some(ms(1150)));
    }

    #[test]
    fn time_stands_still_in_a_pause() {
        let mut idle = idle();
        idle.pause(true, ms(1040));
        idle.pause(true, ms(1050));
        assert_eq!(idle.deadline(), None);
        idle.pause(false, ms(5000));
        assert_eq!(idle.deadline(), Some(ms(5060)), "40 ms were counted before");
        idle.pause(true, ms(5010));
        idle.used(ms(5020));
        idle.pause(false, ms(6000));
        assert_eq!(idle.deadline(), Some(ms(6100)), "data starts it anew");
    }

    #[test]
    fn what_may_be_data_puts_it_off_until_it_is_known() {
        let mut idle = idle();
        idle.perhaps_used(ms(1090));
        assert_eq!(idle.deadline(), Some(ms(1190)));
        idle.not_used();
        assert_eq!(idle.deadline(), Some(ms(1100)));
    }

    #[test]
    fn a_suspended_clock_never_rings() {
        let mut idle = idle();
        assert!(idle.suspension.suspend(false));
        assert_eq!(idle.deadline(), None);
        assert!(idle.suspension.resume(false));
        idle.used(ms(9000));
        assert_eq!(idle.deadline(), Some(ms(9100)));
    }
}
