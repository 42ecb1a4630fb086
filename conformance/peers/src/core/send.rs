//! Sending: data behind its escape, at the rate that was promised, and control messages.

use std::time::Duration;

use super::{Core, State};
use crate::capability::{Capability, kind};
use crate::control;
use crate::frame::{self, opcode};
use crate::load::Message;
use crate::outbox::{Control, Data};
use crate::rate::Pacer;
use crate::role::Role;

/// Fragments that one message is cut into at most, where an endpoint likes to.
const MOST_FRAGMENTS: usize = 1000;

impl Core {
    /// Sends a text message; nothing once a Close was sent.
    pub(crate) fn send_text(&mut self, payload: &[u8]) {
        let shorter = payload.split_last().map_or(&[][..], |(_, shorter)| shorter);
        let last = std::str::from_utf8(payload).ok().and_then(|text| text.chars().last());
        let cut = self.deviations.cuts_last_character && last.is_some_and(|c| c.len_utf8() == 2);
        self.send_data(opcode::TEXT, if cut { shorter } else { payload });
    }

    /// Sends a binary data message, behind an escape if it begins with an active sequence.
    pub(crate) fn send_binary(&mut self, payload: &[u8]) {
        self.send_data(opcode::BINARY, payload);
    }

    /// Sends a data message back to where it came from.
    pub(crate) fn send_back(&mut self, text: bool, payload: &[u8]) {
        let message = Message { text, payload: payload.to_vec() };
        for Message { text, payload } in self.load.echo(message, self.output.len(), self.now) {
            if text {
                self.send_text(&payload);
            } else {
                self.send_binary(&payload);
            }
        }
    }

    fn send_data(&mut self, code: u8, payload: &[u8]) {
        let lingers = self.state == State::Lingering && self.deviations.answers_behind_close;
        if self.state == State::Open || lingers {
            self.outbox.hold(code, payload.to_vec());
            self.flush();
        }
    }

    /// Whether data waits for its turn.
    pub(crate) fn holds_data(&self) -> bool {
        self.outbox.holds_data()
    }

    /// Sends a ping.
    pub(crate) fn send_ping(&mut self, payload: &[u8]) {
        self.send_frame(true, opcode::PING, payload);
    }

    /// Sends what may be sent now: control messages where no message is in progress, then data as
    /// far as the rate in force allows.
    pub(super) fn flush(&mut self) {
        loop {
            if !self.outbox.is_in_message() {
                while let Some(Control { capability, kind, body }) = self.outbox.take_control() {
                    self.send_control(capability, kind, body);
                }
            }
            let Some(length) = self.next_length() else { return };
            // Only what goes out at once may be taken from the bucket at once.
            let waits = self.paces() && !self.output.is_empty();
            let pacer = self.pacer.as_mut().filter(|pacer| pacer.paces());
            if waits || pacer.is_some_and(|pacer| !pacer.take(length, self.now)) {
                return;
            }
            let Some(data) = self.outbox.take_data() else { return };
            self.send_piece(data, length);
        }
    }

    fn paces(&self) -> bool {
        self.pacer.as_ref().is_some_and(Pacer::paces)
    }

    /// How many octets of the data that is next go out together.
    fn next_length(&self) -> Option<usize> {
        let data = self.outbox.next_data()?;
        let rest = data.payload.len().saturating_sub(data.begun.unwrap_or(0));
        let most = match &self.pacer {
            Some(pacer) if pacer.paces() => pacer.piece(),
            _ => usize::MAX,
        };
        Some(rest.min(most))
    }

    /// When there will be enough in the bucket for the data that is next.
    pub(super) fn next_data(&self) -> Option<Duration> {
        let pacer = self.pacer.as_ref().filter(|_| self.output.is_empty())?;
        pacer.ready_at(self.next_length()?)
    }

    /// Sends a message, or as much of it as goes out now.
    fn send_piece(&mut self, mut data: Data, length: usize) {
        let begun = data.begun.unwrap_or(0);
        let end = begun.saturating_add(length).min(data.payload.len());
        let last = end == data.payload.len();
        if begun == 0 && data.opcode == opcode::BINARY {
            self.send_escape(&data.payload);
        }
        let piece = data.payload.get(begun..end).unwrap_or_default();
        self.acks.send(piece.len());
        self.data_passed();
        if begun == 0 && last {
            self.send_message(data.opcode, piece);
        } else {
            let code = if begun == 0 { data.opcode } else { opcode::CONTINUATION };
            self.send_frame(last, code, piece);
        }
        if !last {
            data.begun = Some(end);
            return self.outbox.put_back(data);
        }
        self.settle_rate();
        if let Some((capability, kind, body)) = self.late_control.take() {
            self.outbox.post(Control { capability, kind, body });
        }
    }

    fn send_escape(&mut self, payload: &[u8]) {
        let first = self.received == 1;
        if self.deviations.leaves_back_data_bare {
            return;
        }
        let bare_suspended = self.deviations.several.leaves_suspended_bare;
        let sequences = self.active.iter().filter(|active| {
            active.speaks
                && !active.bare.covers(payload)
                && (active.rest.is_active() || !bare_suspended)
        });
        let mut sequences: Vec<[u8; 4]> = sequences.map(|active| active.sequence).collect();
        let begins = |sequence: &&mut [u8; 4]| payload.starts_with(*sequence);
        if let Some(sequence) = sequences.iter_mut().find(begins) {
            *sequence = self.shared_escape.choose(*sequence);
        }
        if let Some(sequence) = control::escape_for(&sequences, payload, first, &self.deviations) {
            if self.deviations.several.fragments_escapes {
                self.send_frame(false, opcode::BINARY, &sequence);
                self.send_frame(true, opcode::CONTINUATION, b"");
            } else {
                self.send_frame(true, opcode::BINARY, &sequence);
            }
            if self.deviations.separates_escape {
                self.send_frame(true, opcode::TEXT, b"between");
            }
        }
    }

    /// Sends a control message, if its capability is active in this direction.
    pub(super) fn send_control(&mut self, capability: Capability, code: u8, body: Vec<u8>) {
        let one_sided = self.deviations.several.answers_one_sided_suspend
            && matches!(code, kind::SUSPEND | kind::RESUME);
        let Some(active) = self.active(capability).filter(|active| active.speaks || one_sided)
        else {
            return;
        };
        let payload = [&active.sequence, &[code][..], &body].concat();
        let fragments = self.deviations.several.fragments_control
            && match capability {
                Capability::RateControl => code == kind::EFFECTIVE,
                Capability::Heartbeat => code == kind::ECHO,
                Capability::IdleTimeout | Capability::ControlSetup => false,
            };
        match payload.split_at_checked(4) {
            Some((sequence, rest)) if fragments => {
                self.send_frame(false, opcode::BINARY, sequence);
                self.send_frame(true, opcode::CONTINUATION, rest);
            }
            _ => self.send_frame(true, opcode::BINARY, &payload),
        }
    }

    /// Whether this side escapes for any sequence.
    fn escapes(&self) -> bool {
        self.active.iter().any(|active| active.speaks)
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
        if self.deviations.framing.sends_orphans && payload.len() > 60_000 {
            self.send_frame(true, then, b"");
        }
        if self.deviations.framing.injects_native_frames {
            let least = if self.escapes() { 4 } else { 0 };
            let (half, behind) = rest.split_at((rest.len() / 2).max(least).min(rest.len()));
            self.send_frame(false, next, half);
            self.send_ping(b"");
            self.send_frame(true, opcode::PONG, b"");
            (rest, next) = (behind, then);
        }
        if self.deviations.repeats_opcode_in_fragments
            && let Some((half, behind)) = rest.split_at_checked(60_000)
        {
            self.send_frame(false, code, half);
            rest = behind;
        }
        if self.deviations.several.sends_two_octets_first
            && code == opcode::BINARY
            && self.escapes()
            && rest.len() > 4
            && let Some((two, behind)) = rest.split_at_checked(2)
        {
            self.send_frame(false, next, two);
            (rest, next) = (behind, then);
        }
        if self.deviations.adds_empty_fragments && !self.escapes() {
            self.send_frame(false, next, b"");
            next = then;
        }
        // Of a long message the beginning tells enough.
        let mut cut = 0;
        while let Some(most) = self.deviations.fragments.filter(|_| cut < MOST_FRAGMENTS) {
            cut += 1;
            let mut length = 1 + self.random.below(most);
            // The first four octets of a binary message stay together, so that receivers that
            // judge frames come to the same result as those that judge messages.
            if next == opcode::BINARY && self.escapes() {
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

    /// Sends a Close; one without a code has no reason either.
    pub(super) fn send_close(&mut self, code: Option<u16>, reason: &[u8]) {
        let payload = code.map(|code| [&code.to_be_bytes()[..], reason].concat());
        self.send_frame(true, opcode::CLOSE, &payload.unwrap_or_default());
    }

    /// Every frame goes through here: once a Close was sent, nothing does.
    pub(super) fn send_frame(&mut self, fin: bool, code: u8, payload: &[u8]) {
        if !matches!(self.state, State::Open | State::Lingering) {
            return;
        }
        self.key = self.next_key(code);
        let key = self.key;
        let masks = (self.role == Role::Client) != self.deviations.masks_wrongly;
        let mask = masks.then_some(key);
        frame::write_frame(&mut self.output, fin, code, payload, mask, &self.deviations);
    }

    /// The masking key of the next frame.
    fn next_key(&mut self, code: u8) -> [u8; 4] {
        let fresh = self.random.four();
        let framing = &self.deviations.framing;
        if self.deviations.masks_with_one_key
            || framing.masks_pongs_as_before && code == opcode::PONG
        {
            self.key
        } else if framing.masks_by_counting {
            u32::from_be_bytes(self.key).wrapping_add(1).to_be_bytes()
        } else {
            fresh
        }
    }
}
