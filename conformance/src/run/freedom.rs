//! What an endpoint is free to do at any time, and what a good peer does then.

use tokio::time::Instant;
use wsconform_spec::scenario::{Role, Verb};

use super::agreement::Agreement;
use super::case::Running;
use super::event::{Class, Event};
use crate::wire::{FrameSpec, Opcode};

/// What an endpoint is free to do while something else is expected of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Freedom {
    /// It may close: the end of the stream is expected.
    pub close: bool,
    /// It may send data: its application does nothing else.
    pub data: bool,
}

impl Running<'_> {
    /// What is free while things of these kinds are expected.
    pub(super) fn freedom(&self, expected: impl IntoIterator<Item = Verb>) -> Freedom {
        let source = self.case.application() == SOURCE;
        let mut freedom = Freedom { close: false, data: source };
        for verb in expected {
            freedom.close |= verb == Verb::End;
            freedom.data &=
                !matches!(verb, Verb::Text | Verb::Binary | Verb::Message | Verb::Frame);
        }
        freedom
    }

    /// Whether an endpoint was free to do this; does what a good peer does then.
    pub(super) async fn pass_over(
        &mut self,
        index: usize,
        event: &Event,
        freedom: Freedom,
        deadline: Instant,
    ) -> bool {
        match event {
            Event::Native(frame) if frame.opcode == Opcode::PING => {
                let pong = FrameSpec::pong(frame.payload.clone());
                self.write_frame(index, &pong, deadline).await;
                true
            }
            Event::Native(frame) if frame.opcode == Opcode::PONG => true,
            Event::Native(frame) if frame.opcode == Opcode::CLOSE && freedom.close => {
                self.answer_close(index, deadline).await;
                true
            }
            Event::Message(message) => match &message.class {
                Class::Data | Class::EscapedData => freedom.data && message.stray_escape.is_none(),
                // What it escapes is judged.
                Class::Escape(_) => freedom.data,
                Class::Control { agreement, octets } => {
                    let known = message.class.is_known_control();
                    if known {
                        self.reply(index, agreement, octets, deadline).await;
                    }
                    known
                }
            },
            _ => false,
        }
    }

    /// Answers a control message as a good peer does.
    async fn reply(
        &mut self,
        index: usize,
        agreement: &Agreement,
        octets: &[u8],
        deadline: Instant,
    ) {
        let connection = &mut self.connections[index];
        let reply = connection.reply_to(agreement, octets);
        let payload = reply.map(|reply| [&agreement.sequence[..], &reply].concat());
        if let Some(payload) = payload.and_then(|payload| connection.now_or_later(payload)) {
            connection.note_sent(&payload);
            self.write_frame(index, &FrameSpec::binary(payload), deadline).await;
        }
    }

    /// Sends the replies that had to wait, as far as they may be sent now.
    pub(super) async fn catch_up(&mut self, index: usize, deadline: Instant) {
        for payload in self.connections[index].replies() {
            self.connections[index].note_sent(&payload);
            self.write_frame(index, &FrameSpec::binary(payload), deadline).await;
        }
    }

    /// Answers a Close, once, and as a server ends its half.
    pub(super) async fn answer_close(&mut self, index: usize, deadline: Instant) {
        self.connections[index].close_received = true;
        if !self.connections[index].close_sent {
            self.connections[index].close_sent = true;
            let close = FrameSpec::close(1000, "");
            self.write_frame(index, &close, deadline).await;
        }
        self.end_half_as_server(index, deadline).await;
    }

    /// RFC 6455, 7.1.1: the server ends TCP first. Where the harness is the server, it does.
    pub(super) async fn end_half_as_server(&mut self, index: usize, deadline: Instant) {
        let connection = &mut self.connections[index];
        let closed = connection.close_sent && connection.close_received;
        if self.case.role == Role::Client && closed {
            connection.shut_down(deadline, &mut self.transcript).await;
        }
    }

    pub(super) async fn write_frame(&mut self, index: usize, frame: &FrameSpec, deadline: Instant) {
        let key = self.environment.random.four();
        self.connections[index].write_frame(frame, key, deadline, &mut self.transcript).await;
    }
}

/// The application that sends of its own accord.
pub(super) const SOURCE: &str = "source";
