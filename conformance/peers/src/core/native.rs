//! Native control frames: pings and their pongs (RFC 6455, 5.5.2 and 5.5.3).

use super::{Core, Event};
use crate::assembly::Failure;
use crate::frame::opcode;
use crate::idle::Idle;

/// More pings are too many for an endpoint that defends itself.
const PING_STORM: usize = 100;

impl Core {
    /// A native control frame is whole (RFC 6455, 5.5).
    pub(super) fn native(&mut self, code: u8, payload: Vec<u8>) -> Result<Option<Event>, Failure> {
        if self.deviations.timers.counts_native {
            self.idle.iter_mut().for_each(Idle::prolong);
        }
        match code {
            opcode::PING
                if self.deviations.load.refuses_ping_storms && self.pings == PING_STORM =>
            {
                Err(Failure::PING_STORM)
            }
            opcode::PING => {
                self.answer_ping(&payload);
                Ok(Some(Event::Ping(payload)))
            }
            opcode::PONG => {
                self.filter.pong(&self.deviations);
                if self.deviations.refuses_empty_pongs && payload.is_empty() {
                    return Err(Failure::protocol("a pong without a ping"));
                }
                if self.deviations.framing.answers_pongs {
                    self.send_pong(&payload);
                }
                Ok(Some(Event::Pong(payload)))
            }
            opcode::CLOSE => self.closed(&payload).map(Some),
            _ => Ok(None), // undefined, and skipped: a misbehaviour
        }
    }

    fn answer_ping(&mut self, payload: &[u8]) {
        let deviations = &self.deviations;
        if deviations.discards_long_pings && payload.len() > 125 {
            return;
        }
        let payload = payload.get(..125).unwrap_or(payload); // more came only by a misbehaviour
        let long = payload.len() > 100;
        let between = self.assembly.is_in_message();
        if deviations.ignores_empty_pings && payload.is_empty()
            || deviations.ignores_long_pings && long
            || deviations.framing.ignores_pings_between && between && self.active.is_empty()
            || deviations.framing.most_pings_answered == Some(self.pings)
            || self.filter.takes_ping(payload, deviations)
        {
            return;
        }
        self.pings = self.pings.saturating_add(1);
        if deviations.answers_latest_ping {
            self.pending_pongs = vec![payload.to_vec()];
        } else if deviations.framing.sends_pongs_last
            || deviations.framing.answers_pings_behind_message && between
        {
            self.pending_pongs.push(payload.to_vec());
        } else {
            self.send_pong(payload);
        }
    }

    /// Sends the pongs that waited, unless they wait for the end of a message.
    pub(super) fn send_pending_pongs(&mut self) {
        let between = self.assembly.is_in_message();
        if !(self.deviations.framing.answers_pings_behind_message && between) {
            for payload in std::mem::take(&mut self.pending_pongs) {
                self.send_pong(&payload);
            }
        }
    }

    fn send_pong(&mut self, payload: &[u8]) {
        let deviations = &self.deviations;
        let long = payload.len() > 100;
        let most = if deviations.cuts_long_pongs { 100 } else { 125 };
        let fin = !(deviations.fragments_long_pongs && long);
        let repaired = String::from_utf8_lossy(payload).into_owned().into_bytes();
        let payload = if deviations.framing.repairs_pongs && self.active.is_empty() {
            &repaired
        } else {
            payload
        };
        let payload = payload.get(..most).unwrap_or(payload).to_vec();
        if deviations.framing.sends_undefined_control {
            self.send_frame(true, 0xB, b"");
        }
        self.send_frame(fin, opcode::PONG, &payload);
    }
}
