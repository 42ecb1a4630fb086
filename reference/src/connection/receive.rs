//! What this endpoint receives.

use std::time::Duration;

use super::{Connection, Event, State};
use crate::control::{LONGEST_CONTROL_MESSAGE, Reading};
use crate::error::{Failure, Violation};
use crate::frame::{Opcode, Part, Piece};
use crate::message::{Close, Message};
use crate::random::Random;

/// What the message in progress is.
enum Use {
    Data,
    /// A control message or an escape.
    Control,
    /// Too little of it has come.
    Unknown,
}

impl<R: Random> Connection<R> {
    /// Takes octets that the transport brought, cut in any way; the events are the same.
    ///
    /// Nothing is read any more once the connection is over.
    pub fn receive(&mut self, mut octets: &[u8], now: Duration) {
        self.now = self.now.max(now);
        while !self.state.is_over() {
            let taken = match self.frames.next(&mut octets) {
                Ok(None) => break,
                Ok(Some(part)) => self.take(part),
                Err(violation) => Err(violation),
            };
            if let Err(violation) = taken {
                self.fail(violation);
            }
        }
        self.advance(now);
    }

    /// Tells that the stream has ended.
    pub fn receive_end(&mut self) {
        if !self.state.is_over() {
            self.state = State::Lost;
            self.forget();
            self.events.push_back(Event::Lost);
        }
    }

    fn take(&mut self, part: Part<Piece<'_>>) -> Result<(), Violation> {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.alive(self.now);
        }
        if part.head.opcode.is_control() {
            part.octets.append_to(&mut self.native);
            return if part.ends { self.take_native(part.head.opcode) } else { Ok(()) };
        }
        if part.begins {
            self.assembly.begin_frame(&part.head)?;
            self.is_text = match part.head.opcode {
                Opcode::Continuation => self.is_text,
                opcode => opcode == Opcode::Text,
            };
        }
        self.assembly.push(&part.octets)?;
        let message = if part.ends { self.assembly.end_frame(part.head.fin)? } else { None };
        match message {
            Some(message) => self.take_message(message),
            None => {
                self.note_use();
                self.foresee()
            }
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
                self.totals.received += text.len() as u64;
                self.is_used(Use::Data);
                self.events.push_back(Event::Text(text));
                return Ok(());
            }
            Message::Binary(data) => data,
        };
        match self.inspector.read(&data) {
            Reading::Data => {
                self.totals.received += data.len() as u64;
                self.is_used(Use::Data);
                self.events.push_back(Event::Binary(data));
                Ok(())
            }
            Reading::Escape => {
                self.is_used(Use::Control);
                Ok(())
            }
            Reading::Control { capability, body } => {
                let length = data.len() as u64;
                if length > LONGEST_CONTROL_MESSAGE {
                    return Err(Violation::ControlTooLong(length));
                }
                self.is_used(Use::Control);
                self.take_control(capability, body)
            }
        }
    }

    /// A part of a data frame has come: is it one of a data message?
    fn note_use(&mut self) {
        if self.idle.is_none() {
            return;
        }
        let is_control = |(prefix, _)| self.inspector.foresee(prefix, u64::MAX).is_err();
        self.is_used(match self.assembly.binary_prefix().map(is_control) {
            Some(true) => Use::Control,
            Some(false) => Use::Data,
            None if self.is_text => Use::Data,
            None => Use::Unknown,
        });
    }

    fn is_used(&mut self, by: Use) {
        let Some(idle) = &mut self.idle else { return };
        match by {
            Use::Data => idle.used(self.now),
            Use::Control => idle.not_used(),
            Use::Unknown => idle.perhaps_used(self.now),
        }
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
                self.forget();
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
        self.forget();
        let at = self.frames.frame_start();
        self.events.push_back(Event::Failed(Failure { violation, at }));
    }
}
