//! What the harness does when an endpoint that should end the connection does not.

use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::scenario::Role;

use super::case::Running;
use super::event::Event;
use crate::wire::{FrameSpec, Opcode};

/// First a ping: who answers it goes on. Then, for a client, the end of the harness's half: it may
/// wait for the server to end TCP first (RFC 6455, 7.1.1).
pub(super) struct Nudges {
    ping_at: Option<Instant>,
    end_at: Option<Instant>,
    reaction: Duration,
    /// The payload of the ping that was sent.
    token: Option<Vec<u8>>,
}

impl Nudges {
    /// None at all.
    pub(super) fn none() -> Self {
        Self { ping_at: None, end_at: None, reaction: Duration::ZERO, token: None }
    }

    /// A ping after the time that the endpoint takes to react, and more for a client.
    pub(super) fn new(role: Role, reaction: Duration) -> Self {
        let now = Instant::now();
        let end_at = (role == Role::Client).then(|| now + 2 * reaction);
        Self { ping_at: Some(now + reaction), end_at, reaction, token: None }
    }

    /// As [`Nudges::new`] for a client, none for others.
    pub(super) fn for_client(role: Role, reaction: Duration) -> Self {
        if role == Role::Client { Self::new(role, reaction) } else { Self::none() }
    }

    /// When to stop waiting and nudge, at the latest at `deadline`.
    pub(super) fn next(&self, deadline: Instant) -> Instant {
        self.ping_at.or(self.end_at).map_or(deadline, |at| at.min(deadline))
    }

    /// Whether the event is the answer to the ping.
    pub(super) fn is_answered_by(&self, event: &Event) -> bool {
        let Event::Native(frame) = event else { return false };
        frame.opcode == Opcode::PONG && self.token.as_ref().is_some_and(|t| frame.payload == *t)
    }
}

impl Running<'_> {
    /// Nudges the endpoint once more; `false` if there is nothing left to try.
    pub(super) async fn nudge(
        &mut self,
        index: usize,
        nudges: &mut Nudges,
        deadline: Instant,
    ) -> bool {
        if Instant::now() >= deadline {
            return false;
        }
        if nudges.ping_at.take().is_some() {
            let token = format!("probe {:08X}", self.environment.random.draw() >> 32).into_bytes();
            self.write_frame(index, &FrameSpec::ping(token.clone()), deadline).await;
            nudges.token = Some(token);
            nudges.end_at = nudges.end_at.map(|_| Instant::now() + nudges.reaction);
            return true;
        }
        if nudges.end_at.take().is_some() {
            self.connections[index].shut_down(deadline, &mut self.transcript).await;
            return true;
        }
        // The wait that came to its end was the one up to the deadline, or none is over yet.
        false
    }
}
