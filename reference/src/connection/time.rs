//! What time brings: an idle connection ends, a silent peer is asked, data that waited may leave.

use std::time::Duration;

use super::heartbeat::Due;
use super::pump::Waiting;
use super::{Connection, Event, State};
use crate::close_code::CloseCode;
use crate::control::{ControlMessage, HeartbeatMessage};
use crate::random::Random;
use crate::role::Role;

impl<R: Random> Connection<R> {
    /// Tells the time, as a duration since the connection was opened. An instant before the one
    /// that was told last counts as that.
    pub fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
        if self.state != State::Open {
            return;
        }
        if self.idle_deadline().is_some_and(|deadline| deadline <= self.now) {
            let _ = self.send_close(CloseCode::NORMAL, "idle-timeout");
            return;
        }
        let due = self.heartbeat.as_mut().and_then(|heartbeat| heartbeat.due(self.now));
        if due == Some(Due::BeatAndTell) {
            self.events.push_back(Event::Silent);
        }
        if due.is_some() && self.waiting.is_empty() && self.budget.spend(self.now) {
            let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(Vec::new()));
            self.waiting.push_back(Waiting::Message(beat));
        }
        self.pump();
    }

    /// When the connection has to be told the time next, unless something else happens before;
    /// `None` is never.
    pub fn deadline(&self) -> Option<Duration> {
        if self.state != State::Open {
            return None;
        }
        let heartbeat = self.heartbeat.as_ref().and_then(|heartbeat| heartbeat.deadline());
        let due = self.rates.as_ref().and_then(|rates| rates.due(self.totals));
        // An ACK that waits for anything else leaves when that has come.
        let acknowledgement =
            due.and_then(|_| self.budget.free_at()).filter(|instant| *instant > self.now);
        [self.paced_until, self.idle_deadline(), heartbeat, acknowledgement]
            .into_iter()
            .flatten()
            .min()
    }

    /// The server closes an idle connection, so that not both do at the same moment.
    fn idle_deadline(&self) -> Option<Duration> {
        let idle = self.idle.as_ref().filter(|_| self.role == Role::Server)?;
        idle.deadline()
    }
}
