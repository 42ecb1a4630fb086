//! What this endpoint receives.

use super::{Connection, Event, State};
use crate::control::{ControlMessage, LONGEST_CONTROL_MESSAGE, RateMessage, Reading};
use crate::error::{Failure, Violation};
use crate::frame::{Opcode, Part, Piece};
use crate::message::{Close, Message};
use crate::random::Random;

impl<R: Random> Connection<R> {
    /// Takes octets that the transport brought, cut in any way; the events are the same.
    ///
    /// Nothing is read any more once the connection is over.
    pub fn receive(&mut self, mut octets: &[u8]) {
        while !self.state.is_over() {
            let taken = match self.frames.next(&mut octets) {
                Ok(None) => return,
                Ok(Some(part)) => self.take(part),
                Err(violation) => Err(violation),
            };
            if let Err(violation) = taken {
                self.fail(violation);
            }
        }
    }

    /// Tells that the stream has ended.
    pub fn receive_end(&mut self) {
        if !self.state.is_over() {
            self.state = State::Lost;
            self.events.push_back(Event::Lost);
        }
    }

    fn take(&mut self, part: Part<Piece<'_>>) -> Result<(), Violation> {
        if part.head.opcode.is_control() {
            part.octets.append_to(&mut self.native);
            return if part.ends { self.take_native(part.head.opcode) } else { Ok(()) };
        }
        if part.begins {
            self.assembly.begin_frame(&part.head)?;
        }
        self.assembly.push(&part.octets)?;
        let message = if part.ends { self.assembly.end_frame(part.head.fin)? } else { None };
        match message {
            Some(message) => self.take_message(message),
            None => self.foresee(),
        }
    }

    /// Fails as soon as a control message is known to become too long.
    fn foresee(&self) -> Result<(), Violation> {
        match self.assembly.binary_prefix() {
            Some((prefix, length)) => self.inspector.foresee(prefix, length),
            None => Ok(()),
        }
    }

    fn take_message(&mut self, message: Message) -> Result<(), Violation> {
        let data = match message {
            Message::Text(text) => {
                self.events.push_back(Event::Text(text));
                return Ok(());
            }
            Message::Binary(data) => data,
        };
        match self.inspector.read(&data) {
            Reading::Data => self.events.push_back(Event::Binary(data)),
            Reading::Escape => {}
            Reading::Control { capability, body } => {
                let length = data.len() as u64;
                if length > LONGEST_CONTROL_MESSAGE {
                    return Err(Violation::ControlTooLong(length));
                }
                if let Some(message) = ControlMessage::parse(capability, body)? {
                    self.take_control(message)?;
                }
            }
        }
        Ok(())
    }

    fn take_control(&mut self, message: ControlMessage) -> Result<(), Violation> {
        if let ControlMessage::Rate(RateMessage::Ack(octets)) = message {
            if !(self.data_acknowledged..=self.data_sent).contains(&octets) {
                return Err(Violation::ImpossibleAck(octets));
            }
            self.data_acknowledged = octets;
        }
        self.events.push_back(Event::Control(message));
        Ok(())
    }

    fn take_native(&mut self, opcode: Opcode) -> Result<(), Violation> {
        let payload = std::mem::take(&mut self.native);
        match opcode {
            Opcode::Ping => {
                // A pong is owed until the peer's Close has come (RFC 6455, 5.5.2), but nothing
                // may follow our own.
                if self.state == State::Open {
                    self.send_frame(true, Opcode::Pong, &payload);
                }
                self.events.push_back(Event::Ping(payload));
            }
            Opcode::Close => {
                let close = Close::parse(&payload)?;
                if self.state == State::Open {
                    let code = payload.get(..2).unwrap_or_default();
                    self.send_frame(true, Opcode::Close, code);
                }
                self.state = State::Closed;
                self.events.push_back(Event::Close(close));
            }
            _ => self.events.push_back(Event::Pong(payload)),
        }
        Ok(())
    }

    /// Fails the connection (RFC 6455, 7.1.7): a Close with the fitting code, unless one was sent
    /// already, and nothing after it.
    fn fail(&mut self, violation: Violation) {
        if self.state == State::Open {
            let payload = Close::encode(violation.close_code(), violation.requirement());
            self.send_frame(true, Opcode::Close, &payload);
        }
        self.state = State::Failed;
        let at = self.frames.frame_start();
        self.events.push_back(Event::Failed(Failure { violation, at }));
    }
}
