//! What happens because time passes.

use std::time::Duration;

use super::{Core, State};
use crate::beat::Beat;

/// When eccentric endpoints say what nobody asked them, since the connection was opened.
const BEGINNING: Duration = Duration::from_millis(1);

impl Core {
    /// Says what time it is, since the connection was opened, and does what is due.
    pub(crate) fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
        if self.state == State::Open {
            if !self.has_begun && self.now >= BEGINNING {
                self.has_begun = true;
                self.begin();
            }
            self.watch_idleness();
            self.watch_life();
        }
        self.acknowledge();
        self.flush();
    }

    /// When [`Core::tick`] has something to do, if nothing comes before.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        if self.state != State::Open {
            return None;
        }
        let watches_death =
            self.deviations.timers.gives_up || self.deviations.timers.counts_echo_alone;
        let beat = self.beat.as_ref();
        let death = beat.and_then(Beat::death).filter(|death| watches_death && *death > self.now);
        let ack = self.acks.is_due().then(|| self.originated.next_room()).flatten();
        let idle = self.idle.as_ref().and_then(|idle| idle.deadline());
        let begins = (!self.has_begun && self.is_talkative()).then_some(BEGINNING);
        let all = [begins, idle, beat.and_then(Beat::deadline), death, ack, self.next_data()];
        all.into_iter().flatten().min()
    }

    fn watch_idleness(&mut self) {
        if self.idle.as_mut().is_some_and(|idle| idle.is_over(self.now)) {
            let code = if self.deviations.timers.closes_with_1001 { 1001 } else { 1000 };
            self.close(Some(code), "idle");
        }
    }

    fn watch_life(&mut self) {
        let timers = &self.deviations.timers;
        let minds = timers.gives_up || timers.counts_echo_alone;
        let Some(beat) = &self.beat else { return };
        if minds && beat.seems_dead(self.now) {
            self.state = State::Dropped;
        } else if beat.deadline().is_some_and(|due| due <= self.now) {
            self.beat();
        }
    }

    /// A frame of any kind came.
    pub(super) fn hear(&mut self) {
        let now = self.now;
        self.beat.iter_mut().for_each(|beat| beat.heard(now));
    }

    /// A frame of a data message came or went.
    pub(super) fn data_passed(&mut self) {
        let now = self.now;
        self.idle.iter_mut().for_each(|idle| idle.data(now));
    }
}
