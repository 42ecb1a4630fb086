//! The clock of `heartbeat`: when to ask whether the other side is still there.

use std::collections::VecDeque;
use std::time::Duration;

use crate::deviations::Deviations;

/// BEATs whose ECHO may still come.
const REMEMBERED: usize = 16;

/// Measures how long nothing was heard.
#[derive(Clone, Debug)]
pub(crate) struct Beat {
    /// Nothing, if no interval was agreed on.
    interval: Option<Duration>,
    heard: Duration,
    beaten: Option<Duration>,
    /// Nothing was heard since the last BEAT.
    silent: bool,
    resting: bool,
    number: u32,
    unanswered: VecDeque<[u8; 4]>,
    deviations: Deviations,
}

impl Beat {
    /// `interval` in ms, counted from `now`; 0 is none.
    pub(crate) fn new(interval: u64, now: Duration, deviations: &Deviations) -> Beat {
        Beat {
            interval: (interval > 0).then(|| Duration::from_millis(interval)),
            heard: now,
            beaten: None,
            silent: false,
            resting: false,
            number: 0,
            unanswered: VecDeque::new(),
            deviations: deviations.clone(),
        }
    }

    /// Any frame is a sign of life.
    pub(crate) fn heard(&mut self, now: Duration) {
        self.heard = now;
        self.silent = false;
    }

    pub(crate) fn suspend(&mut self) {
        self.resting = true;
    }

    /// Everything is as at activation.
    pub(crate) fn resume(&mut self, now: Duration) {
        (self.resting, self.heard, self.beaten) = (false, now, None);
        self.unanswered.clear();
    }

    /// When the next BEAT is due: a whole interval behind the last frame, or the last BEAT.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        if self.deviations.timers.never_beats || self.resting {
            return None;
        }
        let interval = match self.interval? {
            interval if self.deviations.timers.beats_often => interval / 4,
            interval => interval,
        };
        Some(self.heard.max(self.beaten.unwrap_or_default()).saturating_add(interval))
    }

    /// The body of a BEAT that is sent now.
    pub(crate) fn beat(&mut self, now: Duration) -> [u8; 4] {
        self.beaten = Some(now);
        self.silent = true;
        self.number = self.number.wrapping_add(1);
        let body = self.number.to_be_bytes();
        if self.unanswered.len() == REMEMBERED {
            self.unanswered.pop_front();
        }
        self.unanswered.push_back(body);
        body
    }

    /// Whether an ECHO answers one of the BEATs; those before it need no answer any more.
    pub(crate) fn echoed(&mut self, body: &[u8]) -> bool {
        let position = self.unanswered.iter().position(|beat| beat == body);
        if let Some(position) = position {
            self.unanswered.drain(..=position);
        }
        position.is_some()
    }

    /// Whether an interval has passed behind a BEAT without a sign of life. Nobody is asked to
    /// do something about it: TCP may know better.
    pub(crate) fn seems_dead(&self, now: Duration) -> bool {
        let (Some(interval), Some(beaten)) = (self.interval, self.beaten) else { return false };
        let silent =
            self.silent || self.deviations.timers.counts_echo_alone && !self.unanswered.is_empty();
        silent && now >= beaten.saturating_add(interval)
    }

    /// When [`Beat::seems_dead`] may become true.
    pub(crate) fn death(&self) -> Option<Duration> {
        Some(self.beaten?.saturating_add(self.interval?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_follow_silence() {
        let at = Duration::from_millis;
        let mut beat = Beat::new(100, at(0), &Deviations::default());
        assert_eq!(beat.deadline(), Some(at(100)));
        beat.heard(at(60));
        assert_eq!(beat.deadline(), Some(at(160)));
        let body = beat.beat(at(160));
        assert_eq!(beat.deadline(), Some(at(260)));
        assert!(!beat.seems_dead(at(259)));
        assert!(beat.seems_dead(at(260)));
        assert!(!beat.echoed(b"other"));
        assert!(beat.echoed(&body));
        assert!(!beat.echoed(&body));
        beat.heard(at(200));
        assert!(!beat.seems_dead(at(260)));
        beat.suspend();
        assert_eq!(beat.deadline(), None);
        beat.resume(at(1000));
        assert_eq!(beat.deadline(), Some(at(1100)));
        assert_eq!(Beat::new(0, at(0), &Deviations::default()).deadline(), None);
    }
}
