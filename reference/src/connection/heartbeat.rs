//! `heartbeat`: a quiet connection is told from a dead one.
//!
//! With an interval, BEAT goes out when no frame has come for so long, and again each time that as
//! much passes in silence. When a second interval has passed, the application is told
//! ([`Event::Silent`](super::Event::Silent)): it may give up, but TCP may know better. Any frame is
//! a sign of life; with one everything begins anew.

use std::time::Duration;

use super::suspension::Suspension;
use crate::control::HeartbeatParameters;

/// The silence of the peer, counted in intervals.
#[derive(Debug)]
pub(super) struct Heartbeat {
    pub(super) suspension: Suspension,
    /// `None` for no beats of its own.
    interval: Option<Duration>,
    /// When the next interval of silence will be over.
    next: Duration,
    /// Intervals of this silence that are over; more than three count as three.
    over: u8,
    /// The body of the newest BEAT that is still to be answered.
    pub(super) unanswered: Option<Vec<u8>>,
}

/// What is due after an interval of silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Send BEAT.
    Beat,
    /// Send BEAT, and tell that the one before had no effect.
    BeatAndTell,
}

impl Heartbeat {
    pub(super) fn new(parameters: &HeartbeatParameters, now: Duration) -> Self {
        let interval = match parameters.interval {
            0 => None,
            interval => Some(Duration::from_millis(interval)),
        };
        let suspension = Suspension::default();
        let mut heartbeat = Self { suspension, interval, next: now, over: 0, unanswered: None };
        heartbeat.alive(now);
        heartbeat
    }

    /// A frame has arrived.
    pub(super) fn alive(&mut self, now: Duration) {
        self.next = now + self.interval.unwrap_or_default();
        self.over = 0;
    }

    /// When the next interval of silence will be over.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.interval.filter(|_| self.suspension.is_active()).map(|_| self.next)
    }

    /// What is due, if an interval of silence is over. The next one begins now: whoever is late
    /// still leaves a whole interval for the answer.
    pub(super) fn due(&mut self, now: Duration) -> Option<Due> {
        self.deadline().filter(|deadline| *deadline <= now)?;
        self.next = now + self.interval?;
        self.over = 3.min(self.over + 1);
        Some(if self.over == 2 { Due::BeatAndTell } else { Due::Beat })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn heartbeat(interval: u64) -> Heartbeat {
        Heartbeat::new(&HeartbeatParameters { interval }, ms(1000))
    }

    #[test]
    fn silence_is_answered_interval_by_interval() {
        let mut heartbeat = heartbeat(100);
        assert_eq!(heartbeat.due(ms(1099)), None);
        assert_eq!(heartbeat.due(ms(1100)), Some(Due::Beat));
        assert_eq!(heartbeat.due(ms(1199)), None, "once an interval");
        assert_eq!(heartbeat.due(ms(1200)), Some(Due::BeatAndTell));
        assert_eq!(heartbeat.due(ms(1300)), Some(Due::Beat), "it is told once");
        assert_eq!(heartbeat.due(ms(1999)), Some(Due::Beat));
        assert_eq!(heartbeat.deadline(), Some(ms(2099)), "what was missed is not made up for");
        heartbeat.alive(ms(1999));
        assert_eq!(heartbeat.deadline(), Some(ms(2099)));
    }

    #[test]
    fn a_late_beat_leaves_a_whole_interval_for_its_answer() {
        let mut heartbeat = heartbeat(100);
        assert_eq!(heartbeat.due(ms(1350)), Some(Due::Beat));
        assert_eq!(heartbeat.deadline(), Some(ms(1450)));
    }

    #[test]
    fn without_an_interval_and_in_suspension_nothing_is_due() {
        assert_eq!(heartbeat(0).deadline(), None);
        let mut heartbeat = heartbeat(100);
        assert!(heartbeat.suspension.suspend(true));
        assert_eq!((heartbeat.deadline(), heartbeat.due(ms(5000))), (None, None));
    }
}
