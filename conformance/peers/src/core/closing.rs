//! Closing and failing (RFC 6455, 5.5.1 and 7).

use super::{Core, Event, State};
use crate::assembly::Failure;
use crate::capability::{Capability, kind};
use crate::frame::opcode;

impl Core {
    /// Starts the closing handshake.
    pub(crate) fn close(&mut self, code: Option<u16>, reason: &str) {
        if self.state == State::Open {
            self.send_close(code, reason.as_bytes());
            self.state = State::Closing;
        }
    }

    /// A Close frame came: check it and answer it (RFC 6455, 5.5.1 and 7.4).
    pub(super) fn closed(&mut self, payload: &[u8]) -> Result<Event, Failure> {
        let (code, reason) = self.check_close(payload)?;
        let deviations = &self.deviations;
        let framing = &deviations.framing;
        let ignored = deviations.ignores_empty_close && payload.is_empty()
            || deviations.ignores_close_between && self.assembly.is_in_message()
            || framing.ignores_close_with_long_reason && reason.len() > 100;
        let started = self.state == State::Closing;
        self.stays = deviations.stays_after_empty_close && payload.is_empty()
            || framing.stays_after_other_code && started && code != Some(1000)
            || framing.stays_after_own_close && started;
        let lingers = deviations.answers_behind_close || framing.answers_pings_behind_close;
        let event = Event::Close { code, reason: String::from_utf8_lossy(&reason).into_owned() };
        if self.state == State::Open && framing.puts_off_close {
            self.pending_close.get_or_insert((code, reason));
            return Ok(event);
        }
        let again =
            framing.answers_close_again && matches!(self.state, State::Open | State::Closing);
        if self.state == State::Open && !ignored {
            self.answer_close(code, &reason);
        }
        if again {
            self.state = State::Open;
            self.send_close(code, &[]);
        }
        self.state = match self.state {
            State::Open if lingers => State::Lingering,
            _ => State::Closed,
        };
        Ok(event)
    }

    /// What a Close frame says, if it is valid.
    fn check_close(&self, payload: &[u8]) -> Result<(Option<u16>, Vec<u8>), Failure> {
        let deviations = &self.deviations;
        if deviations.refuses_close_while_armed && self.filter.is_armed() {
            return Err(Failure::protocol("an escape without its data"));
        }
        let (code, reason) = match payload.split_first_chunk::<2>() {
            Some((code, reason)) => (Some(u16::from_be_bytes(*code)), reason),
            None if payload.is_empty() => (None, &[][..]),
            None if deviations.takes_one_octet_close => (Some(1000), &[][..]),
            None => return Err(Failure::close(1002, "a close frame of one octet")),
        };
        let valid = code.is_none_or(|code| matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999));
        let taken = deviations.takes_any_close_code || deviations.framing.echoes_any_code;
        if !valid && !taken {
            return Err(Failure::close(1002, "a close code that must not be sent"));
        }
        if std::str::from_utf8(reason).is_err() && !deviations.takes_invalid_reason {
            return Err(Failure::close(1007, "a close reason that is not UTF-8"));
        }
        let echoed = valid || deviations.framing.echoes_any_code;
        Ok((if echoed { code } else { Some(1000) }, reason.to_vec()))
    }

    fn answer_close(&mut self, code: Option<u16>, reason: &[u8]) {
        let deviations = &self.deviations;
        let framing = &deviations.framing;
        if framing.hurries_close && self.active.is_empty() {
            self.output.truncate(self.written_before);
        }
        if deviations.answers_empty_close_with_one_octet && code.is_none() {
            return self.send_frame(true, opcode::CLOSE, &[3]);
        }
        let code = match code {
            _ if deviations.answers_close_with_1001 => Some(1001),
            _ if framing.answers_close_with_4000 => Some(4000),
            _ if deviations.answers_close_empty => None,
            None if deviations.answers_empty_close_with_1005 => Some(1005),
            None if deviations.gives_long_reason => Some(1000),
            Some(4999) if framing.answers_with_next_code => Some(5000),
            code => code,
        };
        let farewell = "farewell".repeat(15).into_bytes();
        let reason = match reason {
            _ if deviations.gives_long_reason => farewell.as_slice(),
            reason if framing.cuts_reason => reason.get(..50).unwrap_or(reason),
            reason if framing.echoes_reason => reason,
            _ => &[],
        };
        self.send_close(code, reason);
        if self.deviations.sends_control_behind_close {
            self.send_control(Capability::RateControl, kind::FULL, Vec::new());
        }
        if self.deviations.framing.pings_behind_close {
            self.send_ping(b"still there?");
        }
    }

    /// Sends the answer to a Close that waited.
    pub(super) fn send_pending_close(&mut self) {
        if let Some((code, reason)) = self.pending_close.take()
            && self.state == State::Open
        {
            self.answer_close(code, &reason);
            self.state = State::Closed;
        }
    }

    /// Whether a failure waits until what came with it has been processed, which is a misbehaviour.
    pub(super) fn fails_late(&self, failure: Failure) -> bool {
        let deviations = &self.deviations;
        deviations.fails_late && failure == Failure::UNDEFINED_OPCODE
            || deviations.framing.fails_text_late && failure == Failure::INVALID_TEXT
    }

    /// Fails the connection (RFC 6455, 7.1.7).
    pub(super) fn fail(&mut self, failure: Failure) {
        let deviations = &self.deviations;
        let framing = &deviations.framing;
        let undefined_opcode = failure == Failure::UNDEFINED_OPCODE;
        let large = failure == Failure::LARGE_MESSAGE;
        if deviations.dies_of_large_messages && large {
            self.state = State::Died;
            return;
        }
        self.dying = deviations.dies_of_undefined_opcodes && undefined_opcode
            || deviations.dies_of_invalid_text && failure.code == 1007;
        let told = match failure.code {
            _ if framing.fails_opcode_with_1000 && undefined_opcode => 1000,
            _ if framing.refuses_close_with_1007 && failure.is_about_close => 1007,
            _ if framing.calls_top_bit_too_big && failure == Failure::TOP_BIT => 1009,
            1007 if framing.fails_text_with_1006 => 1006,
            1007 if deviations.fails_text_with_1002 => 1002,
            1009 if deviations.fails_size_with_1002 => 1002,
            1009 if deviations.load.refuses_by_policy && large => 1008,
            code => code,
        };
        let dropped = deviations.fails_without_close
            || deviations.load.drops_ping_storms && failure == Failure::PING_STORM
            || framing.drops_wrong_masking && failure == Failure::WRONG_MASKING
            || framing.drops_wrong_close && failure.is_about_close;
        let at_length = framing.fails_at_length && failure == Failure::INVALID_TEXT;
        if !dropped {
            let why = if at_length { failure.why.repeat(10) } else { failure.why.to_owned() };
            self.send_close(Some(told), why.as_bytes());
        }
        self.state = State::Failed(failure.code);
    }
}
