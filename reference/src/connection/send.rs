//! What this endpoint sends.

use super::{Connection, State};
use crate::close_code::CloseCode;
use crate::control::{ControlMessage, LONGEST_CONTROL_MESSAGE};
use crate::error::LocalError;
use crate::frame::Opcode;
use crate::message::Close;
use crate::random::Random;

/// Longest payload of a native control frame (RFC 6455, 5.5).
const LONGEST_NATIVE: usize = 125;

/// Whole messages alone are sent, and so is an escape with its data: nothing ever comes between
/// their frames, and no control message between those of another message.
impl<R: Random> Connection<R> {
    /// Sends a text message in one frame.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`].
    pub fn send_text(&mut self, text: &str) -> Result<(), LocalError> {
        self.send_text_in(text, &[])
    }

    /// Sends a binary message in one frame, after an escape if it begins with an active sequence.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`].
    pub fn send_binary(&mut self, data: &[u8]) -> Result<(), LocalError> {
        self.send_binary_in(data, &[])
    }

    /// Sends a text message in frames of these sizes, and what is left over in a last one.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`].
    pub fn send_text_in(&mut self, text: &str, sizes: &[usize]) -> Result<(), LocalError> {
        self.must_be_open()?;
        self.send_message(Opcode::Text, text.as_bytes(), sizes);
        Ok(())
    }

    /// Sends a binary message in frames of these sizes, and what is left over in a last one. The
    /// first frame gets at least four octets, so that whoever judges frames sees the sequence too.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`].
    pub fn send_binary_in(&mut self, data: &[u8], sizes: &[usize]) -> Result<(), LocalError> {
        self.must_be_open()?;
        if let Some(sequence) = self.sending.begins(data) {
            self.send_frame(true, Opcode::Binary, &sequence.0);
        }
        let mut sizes = sizes.to_vec();
        if let Some(first) = sizes.first_mut() {
            *first = 4.max(*first);
        }
        self.send_message(Opcode::Binary, data, &sizes);
        Ok(())
    }

    /// Sends a ping.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`], [`LocalError::PayloadTooLong`].
    pub fn send_ping(&mut self, payload: &[u8]) -> Result<(), LocalError> {
        self.send_native(Opcode::Ping, payload)
    }

    /// Sends a pong that nobody asked for; pings are answered without it.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`], [`LocalError::PayloadTooLong`].
    pub fn send_pong(&mut self, payload: &[u8]) -> Result<(), LocalError> {
        self.send_native(Opcode::Pong, payload)
    }

    /// Starts the closing handshake; the peer's Close ends it.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`], [`LocalError::ReservedCloseCode`], [`LocalError::PayloadTooLong`].
    pub fn send_close(&mut self, code: CloseCode, reason: &str) -> Result<(), LocalError> {
        if !code.may_be_sent() {
            return Err(LocalError::ReservedCloseCode(code));
        }
        self.send_native(Opcode::Close, &Close::encode(code, reason))?;
        self.state = State::Closing;
        Ok(())
    }

    /// Sends a control message.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`]; [`LocalError::MayNotSend`] if the capability is not active in this
    /// direction; [`LocalError::ControlTooLong`]; [`LocalError::MalformedControl`].
    pub fn send_control(&mut self, message: &ControlMessage) -> Result<(), LocalError> {
        self.must_be_open()?;
        let capability = message.capability();
        let sequence = self.sending.sequence(capability);
        let sequence = sequence.ok_or(LocalError::MayNotSend(capability.token()))?;
        let body = message.encode();
        let payload = [&sequence.0[..], &body].concat();
        if payload.len() as u64 > LONGEST_CONTROL_MESSAGE {
            return Err(LocalError::ControlTooLong(payload.len()));
        }
        if ControlMessage::parse(capability, &body).as_ref() != Ok(&Some(message.clone())) {
            return Err(LocalError::MalformedControl);
        }
        self.send_frame(true, Opcode::Binary, &payload);
        Ok(())
    }

    fn send_message(&mut self, opcode: Opcode, payload: &[u8], sizes: &[usize]) {
        self.data_sent += payload.len() as u64;
        let (mut opcode, mut rest) = (opcode, payload);
        for size in sizes {
            let (fragment, behind) = rest.split_at((*size).min(rest.len()));
            self.send_frame(false, opcode, fragment);
            (opcode, rest) = (Opcode::Continuation, behind);
        }
        self.send_frame(true, opcode, rest);
    }

    fn send_native(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), LocalError> {
        self.must_be_open()?;
        if payload.len() > LONGEST_NATIVE {
            return Err(LocalError::PayloadTooLong(payload.len()));
        }
        self.send_frame(true, opcode, payload);
        Ok(())
    }

    fn must_be_open(&self) -> Result<(), LocalError> {
        if self.state == State::Open { Ok(()) } else { Err(LocalError::NotOpen) }
    }
}
