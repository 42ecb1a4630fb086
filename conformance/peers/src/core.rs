//! An open connection without I/O: octets in, events and octets out.
//!
//! [`Core::push`] takes what arrived, [`Core::next`] yields one event at a time, and what has to be
//! written collects in [`Core::output`]. One event at a time, so that the answers of the
//! application and those of the protocol (pongs, closes) keep the order of their causes.

use std::borrow::Cow;

use crate::assembly::{Assembly, Failure, Incoming};
use crate::control::message::{DECREASE, EFFECTIVE, FULL, RATE};
use crate::control::{self, Filter, Judged};
use crate::deviations::Deviations;
use crate::frame::{self, opcode};
use crate::negotiation::RATE_CONTROL;
use crate::open::SharedEscape;
use crate::random::Random;
use crate::role::{Role, Sequence};

/// What a received frame or message meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A text message for the application, UTF-8.
    Text(Vec<u8>),
    /// A binary message for the application.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A valid Close frame.
    Close {
        /// The code, if the frame had one.
        code: Option<u16>,
        /// The reason; empty if the frame had none.
        reason: String,
    },
    /// A control message; it ends in the endpoint.
    Control {
        /// The extension token of the capability.
        capability: String,
        /// The message type: the first octet behind the sequence.
        kind: u8,
        /// What follows the type.
        body: Vec<u8>,
    },
}

/// How far the connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// A Close was sent, none has come yet.
    Closing,
    /// A Close went each way.
    Closed,
    /// A misbehaviour: a Close went each way, and this side goes on with what it has got already.
    Lingering,
    /// This side failed the connection with this code (RFC 6455, 7.1.7).
    Failed(u16),
    /// A misbehaviour: the whole program is gone.
    Died,
}

/// One end of an open connection.
pub(crate) struct Core {
    role: Role,
    state: State,
    deviations: Deviations,
    random: Random,
    fixed_key: [u8; 4],
    assembly: Assembly,
    filter: Filter,
    receiving: Vec<Sequence>,
    sending: Vec<Sequence>,
    shared_escape: SharedEscape,
    pending_pong: Option<Vec<u8>>,
    closed_empty: bool,
    /// A misbehaviour: the end of this connection is the end of the program.
    dying: bool,
    /// A misbehaviour: a failure that waits until what came with it has been processed.
    late_failure: Option<Failure>,
    /// Data messages that came so far.
    received: u64,
    output: Vec<u8>,
}

impl Core {
    /// A connection whose handshake is done. `receiving` are the sequences that are active in the
    /// direction towards this endpoint, `sending` those of the other direction.
    pub(crate) fn new(
        role: Role,
        receiving: Vec<Sequence>,
        sending: Vec<Sequence>,
        deviations: &Deviations,
        seed: u64,
    ) -> Core {
        let mut random = Random::new(seed);
        Core {
            role,
            state: State::Open,
            deviations: deviations.clone(),
            fixed_key: random.four(),
            random,
            assembly: Assembly::new(role, deviations),
            filter: Filter::new(receiving.iter().map(|(_, sequence)| *sequence).collect()),
            receiving,
            sending,
            shared_escape: SharedEscape::new(deviations),
            pending_pong: None,
            closed_empty: false,
            dying: false,
            late_failure: None,
            received: 0,
            output: Vec::new(),
        }
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    /// Whether the whole program ends with this connection.
    pub(crate) fn is_dying(&self) -> bool {
        self.dying || self.state == State::Died
    }

    /// Whether the peer's Close had no code.
    pub(crate) fn was_closed_empty(&self) -> bool {
        self.closed_empty
    }

    /// Whether events may still come and messages may still be sent or received.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.state, State::Open | State::Closing | State::Lingering)
    }

    /// Octets to be written; the caller removes what it wrote.
    pub(crate) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Takes octets that arrived. After the end of the connection they are dropped.
    pub(crate) fn push(&mut self, octets: &[u8]) {
        if self.is_live() {
            self.assembly.push(octets);
        }
    }

    /// The next event in what was pushed; `None` when octets are missing, or none will count.
    pub(crate) fn next(&mut self) -> Option<Event> {
        while self.is_live() {
            let event = match self.assembly.next(&self.filter) {
                Ok(Some(Incoming::Message { text, payload, first })) => {
                    self.send_pending_pong();
                    self.message(text, payload, first)
                }
                Ok(Some(Incoming::Native { opcode, payload })) => self.native(opcode, payload),
                Ok(None) => break,
                Err(failure) => Err(failure),
            };
            match event {
                Ok(Some(event)) => return Some(event),
                Ok(None) => {}
                Err(Failure::UNDEFINED_OPCODE) if self.deviations.fails_late => {
                    self.late_failure = Some(Failure::UNDEFINED_OPCODE);
                }
                Err(failure) => self.fail(failure),
            }
        }
        if let Some(failure) = self.late_failure.take() {
            self.fail(failure);
        }
        self.send_pending_pong();
        if self.state == State::Lingering {
            self.state = State::Closed;
        }
        None
    }

    /// Sends a text message; nothing once a Close was sent.
    pub(crate) fn send_text(&mut self, payload: &[u8]) {
        let shorter = payload.split_last().map_or(&[][..], |(_, shorter)| shorter);
        let last = std::str::from_utf8(payload).ok().and_then(|text| text.chars().last());
        let cut = self.deviations.cuts_last_character && last.is_some_and(|c| c.len_utf8() == 2);
        self.send_message(opcode::TEXT, if cut { shorter } else { payload });
    }

    /// Sends a binary data message, behind an escape if it begins with an active sequence.
    pub(crate) fn send_binary(&mut self, payload: &[u8]) {
        let first = self.received == 1;
        let mut sequences: Vec<[u8; 4]> = self.sending.iter().map(|(_, s)| *s).collect();
        let begins = |sequence: &&mut [u8; 4]| payload.starts_with(*sequence);
        if let Some(sequence) = sequences.iter_mut().find(begins) {
            *sequence = self.shared_escape.choose(*sequence);
        }
        if let Some(sequence) = control::escape_for(&sequences, payload, first, &self.deviations) {
            self.send_frame(true, opcode::BINARY, &sequence);
            if self.deviations.separates_escape {
                self.send_frame(true, opcode::TEXT, b"between");
            }
        }
        self.send_message(opcode::BINARY, payload);
    }

    /// Sends a control message, if `rate-control` is active in this direction.
    pub(crate) fn send_control(&mut self, kind: u8, body: &[u8]) {
        if let Some((_, sequence)) = self.sending.iter().find(|(name, _)| name == RATE_CONTROL) {
            let payload = [sequence, &[kind][..], body].concat();
            self.send_frame(true, opcode::BINARY, &payload);
        }
    }

    /// Sends a ping.
    pub(crate) fn send_ping(&mut self, payload: &[u8]) {
        self.send_frame(true, opcode::PING, payload);
    }

    /// Starts the closing handshake.
    pub(crate) fn close(&mut self, code: u16, reason: &str) {
        if self.state == State::Open {
            self.send_close(Some(code), reason);
            self.state = State::Closing;
        }
    }

    /// A message is whole: data for the application, or the layer's own.
    fn message(
        &mut self,
        text: bool,
        mut payload: Vec<u8>,
        first: usize,
    ) -> Result<Option<Event>, Failure> {
        let deviations = &self.deviations;
        let judged = self.filter.judge(text, &payload, first, deviations);
        if let Judged::Data { .. } = judged {
            self.received = self.received.saturating_add(1);
        }
        let index = match judged {
            Judged::Data { .. } if text => {
                let repaired = match String::from_utf8_lossy(&payload) {
                    Cow::Owned(repaired) => repaired.into_bytes(),
                    Cow::Borrowed(_) => payload,
                };
                return Ok(Some(Event::Text(repaired)));
            }
            Judged::Data { escaped } => {
                if escaped && deviations.cuts_escaped_data {
                    payload.truncate(8);
                }
                if escaped && deviations.strips_escaped_data {
                    payload.drain(..payload.len().min(4));
                }
                return Ok(Some(Event::Binary(payload)));
            }
            Judged::Escape if deviations.forwards_escapes => {
                return Ok(Some(Event::Binary(payload)));
            }
            Judged::Escape => return Ok(None),
            Judged::Control { index } => index,
        };
        let capability = self.receiving.get(index).map(|(name, _)| name.clone());
        let Some((&kind, body)) = payload.get(4..).and_then(<[u8]>::split_first) else {
            return Ok(None); // too short to be one: a misbehaving filter
        };
        let decrease = deviations.delivers_decrease && kind == DECREASE && self.received > 0;
        if deviations.forwards_control || decrease {
            return Ok(Some(Event::Binary(payload)));
        }
        let capability = capability.unwrap_or_default();
        if capability == RATE_CONTROL {
            control::check_rate_control(kind, body, deviations).map_err(Failure::protocol)?;
        }
        if deviations.drops_output_at_control {
            self.output.clear();
        }
        if kind == RATE && self.deviations.tells_effective_rate {
            self.send_control(EFFECTIVE, &[0xFF; 8]);
        }
        if kind == RATE && self.deviations.sends_malformed_effective {
            self.send_control(EFFECTIVE, &[0; 7]);
        }
        Ok(Some(Event::Control { capability, kind, body: body.to_vec() }))
    }

    /// A native control frame is whole (RFC 6455, 5.5).
    fn native(&mut self, code: u8, payload: Vec<u8>) -> Result<Option<Event>, Failure> {
        match code {
            opcode::PING => {
                self.answer_ping(&payload);
                Ok(Some(Event::Ping(payload)))
            }
            opcode::PONG => {
                self.filter.pong(&self.deviations);
                if self.deviations.refuses_empty_pongs && payload.is_empty() {
                    return Err(Failure::protocol("a pong without a ping"));
                }
                Ok(Some(Event::Pong(payload)))
            }
            opcode::CLOSE => self.closed(&payload).map(Some),
            _ => Ok(None), // undefined, and skipped: a misbehaviour
        }
    }

    fn send_pending_pong(&mut self) {
        if let Some(payload) = self.pending_pong.take() {
            self.send_frame(true, opcode::PONG, &payload);
        }
    }

    fn answer_ping(&mut self, payload: &[u8]) {
        let deviations = &self.deviations;
        if deviations.discards_long_pings && payload.len() > 125 {
            return;
        }
        let payload = payload.get(..125).unwrap_or(payload); // more came only by a misbehaviour
        let long = payload.len() > 100;
        if deviations.ignores_empty_pings && payload.is_empty()
            || deviations.ignores_long_pings && long
            || self.filter.takes_ping(payload, deviations)
        {
            return;
        }
        if deviations.answers_latest_ping {
            self.pending_pong = Some(payload.to_vec());
        } else if deviations.cuts_long_pongs && long {
            self.send_frame(true, opcode::PONG, payload.get(..100).unwrap_or_default());
        } else {
            self.send_frame(!(deviations.fragments_long_pongs && long), opcode::PONG, payload);
        }
    }

    /// A Close frame came: check it and answer it (RFC 6455, 5.5.1 and 7.4).
    fn closed(&mut self, payload: &[u8]) -> Result<Event, Failure> {
        let deviations = &self.deviations;
        if deviations.refuses_close_while_armed && self.filter.is_armed() {
            return Err(Failure::protocol("an escape without its data"));
        }
        let (code, reason) = match payload.split_first_chunk::<2>() {
            Some((code, reason)) => (Some(u16::from_be_bytes(*code)), reason),
            None if payload.is_empty() => (None, &[][..]),
            None if deviations.takes_one_octet_close => (Some(1000), &[][..]),
            None => return Err(Failure::protocol("a close frame of one octet")),
        };
        let valid = code.is_none_or(|code| matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999));
        if !valid && !deviations.takes_any_close_code {
            return Err(Failure::protocol("a close code that must not be sent"));
        }
        let reason = match std::str::from_utf8(reason) {
            Ok(reason) => reason.to_owned(),
            Err(_) if deviations.takes_invalid_reason => String::from_utf8_lossy(reason).into(),
            Err(_) => return Err(Failure::text("a close reason that is not UTF-8")),
        };
        self.closed_empty = payload.is_empty();
        let ignored = deviations.ignores_empty_close && payload.is_empty()
            || deviations.ignores_close_between && self.assembly.is_in_message();
        if self.state == State::Open && !ignored {
            self.answer_close(if valid { code } else { Some(1000) });
        }
        self.state = if self.deviations.answers_behind_close && self.state == State::Open {
            State::Lingering
        } else {
            State::Closed
        };
        Ok(Event::Close { code, reason })
    }

    fn answer_close(&mut self, code: Option<u16>) {
        let deviations = &self.deviations;
        if deviations.answers_empty_close_with_one_octet && code.is_none() {
            return self.send_frame(true, opcode::CLOSE, &[3]);
        }
        let code = match code {
            _ if deviations.answers_close_with_1001 => Some(1001),
            _ if deviations.answers_close_empty => None,
            None if deviations.answers_empty_close_with_1005 => Some(1005),
            None if deviations.gives_long_reason => Some(1000),
            code => code,
        };
        let reason =
            if deviations.gives_long_reason { "farewell".repeat(15) } else { String::new() };
        self.send_close(code, &reason);
        if self.deviations.sends_control_behind_close {
            self.send_control(FULL, &[]);
        }
    }

    /// Fails the connection (RFC 6455, 7.1.7).
    fn fail(&mut self, failure: Failure) {
        let deviations = &self.deviations;
        let undefined_opcode = failure == Failure::UNDEFINED_OPCODE;
        if deviations.dies_of_large_messages && failure == Failure::LARGE_MESSAGE {
            self.state = State::Died;
            return;
        }
        self.dying = deviations.dies_of_undefined_opcodes && undefined_opcode
            || deviations.dies_of_invalid_text && failure.code == 1007;
        let told = match failure.code {
            1007 if deviations.fails_text_with_1002 => 1002,
            1009 if deviations.fails_size_with_1002 => 1002,
            code => code,
        };
        if !deviations.fails_without_close {
            self.send_close(Some(told), failure.why);
        }
        self.state = State::Failed(failure.code);
    }

    /// Sends a whole message, in fragments if this endpoint likes them.
    fn send_message(&mut self, code: u8, payload: &[u8]) {
        if self.deviations.sends_undefined_opcode {
            self.send_frame(true, 0x3, b"undefined");
        }
        if self.deviations.sends_unasked_pongs {
            self.send_frame(true, opcode::PONG, b"unasked");
        }
        let (mut rest, mut next) = (payload, code);
        let then = opcode::CONTINUATION;
        if self.deviations.repeats_opcode_in_fragments
            && let Some((half, behind)) = rest.split_at_checked(60_000)
        {
            self.send_frame(false, code, half);
            rest = behind;
        }
        if self.deviations.adds_empty_fragments && self.sending.is_empty() {
            self.send_frame(false, next, b"");
            next = then;
        }
        while let Some(most) = self.deviations.fragments {
            let mut length = 1 + self.random.below(most);
            // The first four octets of a binary message stay together, so that receivers that
            // judge frames come to the same result as those that judge messages.
            if next == opcode::BINARY && !self.sending.is_empty() {
                length = length.max(4);
            }
            let Some((fragment, behind)) = rest.split_at_checked(length) else {
                break;
            };
            self.send_frame(false, next, fragment);
            (rest, next) = (behind, then);
        }
        if self.deviations.adds_empty_fragments {
            self.send_frame(false, next, rest);
            (rest, next) = (b"", then);
        }
        self.send_frame(true, next, rest);
        if self.deviations.sends_pings {
            self.send_ping(b"still there?");
        }
    }

    fn send_close(&mut self, code: Option<u16>, reason: &str) {
        let code = code.map(u16::to_be_bytes);
        let code = code.as_ref().map_or(&[][..], |octets| octets.as_slice());
        self.send_frame(true, opcode::CLOSE, &[code, reason.as_bytes()].concat());
    }

    /// Every frame goes through here: once a Close was sent, nothing does.
    fn send_frame(&mut self, fin: bool, code: u8, payload: &[u8]) {
        if !matches!(self.state, State::Open | State::Lingering) {
            return;
        }
        let fresh = self.random.four();
        let key = if self.deviations.masks_with_one_key { self.fixed_key } else { fresh };
        let masks = (self.role == Role::Client) != self.deviations.masks_wrongly;
        let mask = masks.then_some(key);
        frame::write_frame(&mut self.output, fin, code, payload, mask, &self.deviations);
    }
}
