//! The step `wait`: time passes, and nothing is missed.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use wsconform_spec::scenario::{Step, Verb};

use super::case::{Played, Running, Stop};
use super::connection::Arrival;
use super::event::Event;
use super::freedom::Freedom;
use crate::wire::{FrameSpec, Opcode};

/// What counts as silence where a scenario asks for it.
pub(super) const QUIET: Duration = Duration::from_millis(100);

/// By how much a wait may be too long. A scenario leaves as much again between its waits and what
/// would be held against the endpoint.
const MOST_LATE: Duration = Duration::from_millis(100);

/// Octets that are taken in while time passes; more are left to the transport.
const MOST_TAKEN: u64 = 8 << 20;

impl Running<'_> {
    /// Lets time pass on one connection. Pings are answered at once, data of a source is dropped,
    /// and everything else stays to be expected.
    pub(super) async fn wait(&mut self, step: &Step, milliseconds: u64) -> Played<()> {
        let index = self.connection(step)?;
        let until = Instant::now() + Duration::from_millis(milliseconds);
        let freedom = self.freedom([Verb::Nothing]);
        let before = self.connections[index].received();
        loop {
            self.answer_pings(index, freedom, until).await;
            let connection = &mut self.connections[index];
            let taken = connection.received() - before;
            let full = taken > MOST_TAKEN;
            if full || !connection.read_more(until, &mut self.transcript).await {
                break;
            }
        }
        sleep_until(until).await;
        let late = until.elapsed();
        if late > MOST_LATE {
            self.missed_deadline = true;
            return Err(Stop::Inconclusive(format!(
                "this machine was too busy: a wait of {milliseconds} ms took {} ms more",
                late.as_millis()
            )));
        }
        Ok(())
    }

    /// Of what has arrived, takes away what nobody will expect.
    async fn answer_pings(&mut self, index: usize, freedom: Freedom, deadline: Instant) {
        let mut pings = Vec::new();
        self.connections[index].waiting().retain(|arrival| match arrival {
            Arrival::Event(Event::Native(frame)) if frame.opcode == Opcode::PING => {
                pings.push(frame.payload.clone());
                false
            }
            Arrival::Event(Event::Message(message)) => {
                !(freedom.data && message.class.is_data() && message.stray_escape.is_none())
            }
            _ => true,
        });
        for payload in pings {
            self.write_frame(index, &FrameSpec::pong(payload), deadline).await;
        }
    }
}
