//! From octets to frames, and from frames to whole messages (RFC 6455, 5.2 to 5.6).
//!
//! Everything that can be told to be wrong is told as soon as it can be: a bad head before its
//! payload, a bad character before the end of its message. Nothing is allocated for a length that
//! a head merely claims.

use crate::control::{CONTROL_LIMIT, Filter};
use crate::deviations::Deviations;
use crate::frame::{self, Head, opcode};
use crate::role::Role;

/// Octets of the longest message that is taken; beyond it the connection fails with 1009.
const MESSAGE_LIMIT: u64 = 1024 * 1024;

/// Why this side has to fail the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The close code (RFC 6455, 7.4.1).
    pub(crate) code: u16,
    /// The reason, told to the peer.
    pub(crate) why: &'static str,
    /// Whether what is wrong is the content of a Close.
    pub(crate) is_about_close: bool,
}

impl Failure {
    pub(crate) const fn new(code: u16, why: &'static str) -> Failure {
        Failure { code, why, is_about_close: false }
    }

    pub(crate) const fn protocol(why: &'static str) -> Failure {
        Failure::new(1002, why)
    }

    pub(crate) const fn text(why: &'static str) -> Failure {
        Failure::new(1007, why)
    }

    /// About what a Close says.
    pub(crate) const fn close(code: u16, why: &'static str) -> Failure {
        Failure { code, why, is_about_close: true }
    }

    /// Some misbehaviours are about this failure alone.
    pub(crate) const UNDEFINED_OPCODE: Failure = Failure::protocol("an undefined opcode");

    /// Likewise.
    pub(crate) const WRONG_MASKING: Failure =
        Failure::protocol("masked by a server, or not masked by a client");

    /// Likewise.
    pub(crate) const TOP_BIT: Failure = Failure::protocol("a length of 2^63 or more");

    /// Likewise.
    pub(crate) const INVALID_TEXT: Failure = Failure::text("text that is not UTF-8");

    /// Likewise.
    pub(crate) const LARGE_MESSAGE: Failure = Failure::new(1009, "a message longer than 1 MiB");

    /// More pings than an endpoint wants to answer.
    pub(crate) const PING_STORM: Failure = Failure::new(1008, "too many pings");

    /// A control message over the limit of the filter.
    pub(crate) const LARGE_CONTROL: Failure =
        Failure::new(1009, "a control message longer than 4096 octets");
}

/// What came whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// A native control frame, checked for form but not for content.
    Native { opcode: u8, payload: Vec<u8> },
    /// A message, its fragments joined; `first` is the length of the first one.
    Message { text: bool, payload: Vec<u8>, first: usize },
}

/// The receiving half of a connection.
pub(crate) struct Assembly {
    role: Role,
    deviations: Deviations,
    input: Vec<u8>,
    frame: Option<Partial>,
    message: Option<Message>,
    /// A frame of a data message came since this was asked.
    data_seen: bool,
    /// A misbehaviour: the last fragmented text, not cleared.
    kept: Vec<u8>,
    /// The last message came in fragments.
    was_fragmented: bool,
    /// How often something came since the head of the frame in progress.
    pieces: u32,
}

/// The frame that is being read.
struct Partial {
    head: Head,
    /// Octets of the payload that were taken so far.
    taken: u64,
    /// The payload of a native control frame.
    payload: Vec<u8>,
}

/// The message that is being joined.
struct Message {
    opcode: u8,
    payload: Vec<u8>,
    /// Octets of text that are known to be whole characters.
    checked: usize,
    first: usize,
    /// Its fragments so far.
    fragments: usize,
    /// The key of the first frame was all zeros.
    zero_key: bool,
}

impl Assembly {
    pub(crate) fn new(role: Role, deviations: &Deviations) -> Assembly {
        let deviations = deviations.clone();
        Assembly {
            role,
            deviations,
            input: Vec::new(),
            frame: None,
            message: None,
            data_seen: false,
            kept: Vec::new(),
            was_fragmented: false,
            pieces: 0,
        }
    }

    /// Drops the message in progress.
    pub(crate) fn forget_message(&mut self) {
        self.message = None;
    }

    /// Whether a message has begun and not ended.
    pub(crate) fn is_in_message(&self) -> bool {
        self.message.is_some()
    }

    /// Whether a frame of a data message came, or a part of one, since this was last asked.
    pub(crate) fn take_data_seen(&mut self) -> bool {
        std::mem::take(&mut self.data_seen)
    }

    /// Whether a message or a frame has begun and not ended.
    pub(crate) fn is_within(&self) -> bool {
        self.is_in_message() || self.frame.is_some() || !self.input.is_empty()
    }

    /// Forgets what was not looked at.
    pub(crate) fn forget_input(&mut self) {
        self.input.clear();
    }

    /// Takes octets that arrived.
    pub(crate) fn push(&mut self, octets: &[u8]) {
        self.pieces = if self.frame.is_some() { self.pieces + 1 } else { 0 };
        if self.deviations.load.forgets_many_pieces && self.pieces == 400 {
            return;
        }
        self.input.extend_from_slice(octets);
    }

    /// The next thing that is whole; `None` when octets are missing. `filter` knows how long a
    /// binary message may become.
    pub(crate) fn next(&mut self, filter: &Filter) -> Result<Option<Incoming>, Failure> {
        loop {
            let Some(mut frame) = self.frame.take() else {
                let Some((mut head, length)) = frame::read_head(&self.input, &self.deviations)
                else {
                    if self.loses_cut_head() {
                        self.input.clear();
                    }
                    return Ok(None);
                };
                self.input.drain(..length);
                if self.deviations.framing.takes_undefined_data && matches!(head.opcode, 3..=7) {
                    head.opcode = opcode::BINARY;
                }
                if let Err(failure) = self.check(&head, length) {
                    if self.deviations.fails_late {
                        self.frame = Some(Partial { head, taken: 0, payload: Vec::new() });
                    }
                    return Err(failure);
                }
                self.pieces = 0;
                let rest = self.input.len() as u64;
                let short_text = head.fin && head.opcode == opcode::TEXT && head.length <= 16;
                if self.deviations.load.loses_begun_payloads && short_text && rest < head.length {
                    self.input.clear();
                }
                if !head.is_native_control() {
                    self.begin(&head, filter)?;
                }
                self.frame = Some(Partial { head, taken: 0, payload: Vec::new() });
                continue;
            };
            let mut octets = self.take(&mut frame);
            let whole = frame.taken >= frame.head.length;
            if frame.head.is_native_control() {
                frame.payload.append(&mut octets);
                if whole {
                    let (opcode, payload) = (frame.head.opcode, frame.payload);
                    return Ok(Some(Incoming::Native { opcode, payload }));
                }
            } else {
                let last = whole && frame.head.fin;
                if !self.loses(&frame.head) {
                    self.join(octets, whole, last, filter)?;
                }
                if last
                    && frame.head.opcode <= opcode::BINARY
                    && let Some(message) = self.message.take()
                {
                    return Ok(Some(self.complete(message, frame.head.opcode)));
                }
            }
            if !whole {
                self.frame = Some(frame);
                return Ok(None);
            }
        }
    }

    /// Whether a head that is not whole gets lost, which is a misbehaviour.
    fn loses_cut_head(&self) -> bool {
        let (deviations, cut) = (&self.deviations, self.input.len());
        match self.input.get(1) {
            Some(0x7E | 0xFE) if deviations.loses_cut_lengths => true,
            Some(0x7F | 0xFF) if cut < 10 => deviations.load.loses_cut_long_lengths,
            Some(0x80..=0xFD) => deviations.load.loses_cut_keys && self.input.starts_with(&[0x81]),
            _ => false,
        }
    }

    /// The longest message that is taken, in octets.
    fn limit(&self) -> u64 {
        self.deviations.load.limit.unwrap_or(MESSAGE_LIMIT)
    }

    /// A message is whole, with a last frame of this opcode.
    fn complete(&mut self, message: Message, last: u8) -> Incoming {
        let Message { opcode, payload, first, .. } = message;
        let text = opcode == opcode::TEXT;
        self.was_fragmented = last == opcode::CONTINUATION;
        if self.deviations.framing.keeps_fragments && text && self.was_fragmented {
            self.kept.clone_from(&payload);
        }
        Incoming::Message { text, payload, first }
    }

    /// What a head alone, of so many octets, can be wrong in.
    fn check(&mut self, head: &Head, size: usize) -> Result<(), Failure> {
        let deviations = &self.deviations;
        let framing = &deviations.framing;
        let later = head.opcode == opcode::CONTINUATION;
        let unseen = deviations.ignores_reserved_bits_later && later
            || framing.ignores_rsv1 && head.reserved == 0b100 && !head.is_native_control()
            || framing.ignores_reserved_bits_of_native && head.is_native_control();
        if head.reserved != 0 && !deviations.ignores_reserved_bits && !unseen {
            return Err(Failure::protocol("a reserved bit is set"));
        }
        let skipped = head.is_native_control() && deviations.skips_undefined_control;
        if !matches!(head.opcode, 0x0..=0x2 | 0x8..=0xA) && !skipped {
            return Err(Failure::UNDEFINED_OPCODE);
        }
        let right = head.mask.is_some() == (self.role == Role::Server);
        let unseen = deviations.takes_wrong_masking_later && later
            || framing.takes_wrong_masking_of_empty && head.length == 0;
        if !right && !deviations.takes_wrong_masking && !unseen {
            return Err(Failure::WRONG_MASKING);
        }
        if head.length > i64::MAX as u64 && !deviations.takes_top_bit {
            return Err(Failure::TOP_BIT);
        }
        if framing.insists_on_shortest_length && size > head.size() {
            return Err(Failure::protocol("a length that is not in its shortest form"));
        }
        if head.is_native_control() { self.check_native(head) } else { Ok(()) }
    }

    /// What the head of a native control frame can be wrong in besides.
    fn check_native(&mut self, head: &Head) -> Result<(), Failure> {
        let deviations = &self.deviations;
        let framing = &deviations.framing;
        let taken = match head.opcode {
            opcode::CLOSE => framing.takes_long_close,
            opcode::PING if deviations.takes_long_pings => true,
            _ => deviations.discards_long_pings,
        };
        if head.length > 125 && !taken {
            return Err(Failure::protocol("a native control frame longer than 125 octets"));
        }
        let taken = match head.opcode {
            opcode::CLOSE => framing.takes_fragmented_close,
            opcode::PING => deviations.takes_fragmented_pings,
            _ => framing.passes_over_fragmented_pongs,
        };
        if !head.fin && !taken {
            return Err(Failure::protocol("a native control frame in fragments"));
        }
        if framing.refuses_pongs_between && head.opcode == opcode::PONG && self.is_in_message() {
            return Err(Failure::protocol("a pong in a message"));
        }
        if head.length > self.limit() {
            return Err(Failure::LARGE_MESSAGE);
        }
        let text = self.message.as_ref().filter(|message| message.opcode == opcode::TEXT);
        let cut = text.is_some_and(|message| message.checked < message.payload.len());
        if framing.judges_text_at_ping && cut && head.opcode == opcode::PING {
            return Err(Failure::text("a ping in a character"));
        }
        if deviations.forgets_message_at_ping && text.is_some() {
            self.message = None;
        }
        Ok(())
    }

    /// Begins or continues a message.
    fn begin(&mut self, head: &Head, filter: &Filter) -> Result<(), Failure> {
        if head.opcode > opcode::BINARY {
            return Ok(()); // undefined, and skipped: a misbehaviour
        }
        let continues = head.opcode == opcode::CONTINUATION;
        let framing = &self.deviations.framing;
        let orphan_taken = self.deviations.takes_orphans
            || framing.takes_unfinished_orphans && !head.fin
            || framing.takes_orphans_behind && self.was_fragmented;
        match &mut self.message {
            Some(_) if !continues && !self.deviations.takes_interleaved_messages => {
                return Err(Failure::protocol("a message begins before the last one ended"));
            }
            None if continues && !orphan_taken => {
                return Err(Failure::protocol("a continuation of no message"));
            }
            Some(message) if continues => {
                let cut = message.checked < message.payload.len();
                if self.deviations.judges_text_by_frame && cut && message.opcode == opcode::TEXT {
                    return Err(Failure::text("a character in two fragments"));
                }
            }
            _ => {
                let empty = head.length == 0 && !head.fin;
                let forgotten = framing.forgets_type_of_empty && empty && filter.len() == 0;
                let opcode = if continues || forgotten { opcode::TEXT } else { head.opcode };
                let first = usize::try_from(head.length).unwrap_or(usize::MAX);
                let zero_key = head.mask == Some([0; 4]);
                let refills = opcode == opcode::TEXT && !head.fin;
                let payload = if refills { std::mem::take(&mut self.kept) } else { Vec::new() };
                self.message =
                    Some(Message { opcode, payload, checked: 0, first, fragments: 0, zero_key });
            }
        }
        if let Some(message) = &mut self.message {
            message.fragments += 1;
        }
        let before = self.message.as_ref().map_or(0, |message| message.payload.len() as u64);
        let length = before.saturating_add(head.length);
        if length > self.limit() && !(self.deviations.takes_top_bit && length > i64::MAX as u64) {
            return Err(Failure::LARGE_MESSAGE);
        }
        Ok(())
    }

    /// Takes and unmasks as much of the payload as is there.
    fn take(&mut self, frame: &mut Partial) -> Vec<u8> {
        let missing = frame.head.length.saturating_sub(frame.taken);
        let available = usize::try_from(missing).unwrap_or(usize::MAX).min(self.input.len());
        let mut octets: Vec<u8> = self.input.drain(..available).collect();
        let framing = &self.deviations.framing;
        let unmasked = framing.keeps_zero_key
            && frame.head.opcode == opcode::CONTINUATION
            && self.message.as_ref().is_some_and(|message| message.zero_key);
        let restarts = framing.restarts_mask
            && frame.head.opcode == opcode::TEXT
            && matches!(frame.head.length, 17..=64);
        if let Some(key) = frame.head.mask
            && !(self.deviations.takes_ones_for_no_mask && key == [0xFF; 4])
            && !unmasked
        {
            frame::apply_mask(&mut octets, key, if restarts { 0 } else { frame.taken });
        }
        frame.taken = frame.taken.saturating_add(available as u64);
        octets
    }

    /// Whether the payload of this frame gets lost, which is a misbehaviour.
    fn loses(&self, head: &Head) -> bool {
        let opcode = self.message.as_ref().map(|message| message.opcode);
        let middle = head.opcode == opcode::CONTINUATION && !head.fin;
        let many = self.message.as_ref().is_some_and(|message| message.fragments >= 256);
        let empty = self.message.as_ref().is_some_and(|message| message.payload.is_empty());
        let behind_empty = head.opcode == opcode::CONTINUATION && empty;
        let long = self.message.as_ref().is_some_and(|message| message.payload.len() > 8 << 20);
        self.deviations.load.counts_fragments_in_octet && many && middle
            || self.deviations.load.loses_fragments_of_long && long && middle
            || self.deviations.loses_middle_fragments && middle && opcode == Some(opcode::BINARY)
            || self.deviations.framing.loses_behind_empty
                && behind_empty
                && opcode == Some(opcode::TEXT)
            || head.opcode > opcode::BINARY
    }

    /// Adds octets to the message in progress; `whole` says that they complete their frame, and
    /// `last` that they complete the message.
    fn join(
        &mut self,
        mut octets: Vec<u8>,
        whole: bool,
        last: bool,
        filter: &Filter,
    ) -> Result<(), Failure> {
        let framing = &self.deviations.framing;
        let Some(message) = &mut self.message else {
            return Ok(());
        };
        message.payload.append(&mut octets);
        let short = last && message.payload.len() < 4;
        self.data_seen |=
            message.opcode == opcode::TEXT || short || !filter.may_be_control(&message.payload);
        let waits = framing.judges_text_at_end && !last;
        if message.opcode == opcode::TEXT && !self.deviations.takes_invalid_text && !waits {
            let at_once = framing.judges_text_by_piece && !whole && message.payload.len() < 64;
            let unchecked = message.payload.get(message.checked..).unwrap_or_default();
            match std::str::from_utf8(unchecked) {
                Ok(text) if framing.refuses_noncharacters && has_noncharacter(text) => {
                    return Err(Failure::text("a noncharacter"));
                }
                Ok(text) => message.checked += text.len(),
                // A character is cut: fine, unless nothing follows.
                Err(cut)
                    if cut.error_len().is_none()
                        && (!last || framing.takes_cut_off_text)
                        && !at_once =>
                {
                    message.checked += cut.valid_up_to();
                }
                Err(_) => return Err(Failure::INVALID_TEXT),
            }
        }
        let long = message.payload.len() > CONTROL_LIMIT;
        if long && message.opcode == opcode::BINARY && filter.will_be_control(&message.payload) {
            if self.deviations.takes_long_control {
                return Ok(());
            }
            return Err(Failure::LARGE_CONTROL);
        }
        Ok(())
    }
}

/// Whether U+FFFE or U+FFFF stands in a text.
fn has_noncharacter(text: &str) -> bool {
    text.contains(['\u{FFFE}', '\u{FFFF}'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::Capability;

    fn read(octets: &[u8]) -> Result<Vec<Incoming>, u16> {
        let mut filter = Filter::default();
        filter.add(Capability::RateControl, [0xF0, 0x80, 0, 0x10]);
        let mut assembly = Assembly::new(Role::Client, &Deviations::default());
        assembly.push(octets);
        let mut all = Vec::new();
        while let Some(incoming) = assembly.next(&filter).map_err(|failure| failure.code)? {
            all.push(incoming);
        }
        Ok(all)
    }

    #[test]
    fn a_ping_may_stand_between_fragments() {
        let octets = b"\x01\x03Hel\x89\x01p\x00\x00\x80\x02lo";
        let ping = Incoming::Native { opcode: opcode::PING, payload: b"p".to_vec() };
        let text = Incoming::Message { text: true, payload: b"Hello".to_vec(), first: 3 };
        assert_eq!(read(octets), Ok(vec![ping, text]));
    }

    #[test]
    fn a_bad_head_fails_before_its_payload() {
        for (octets, code) in [
            (&[0xC1, 0x05][..], 1002),                       // RSV1
            (&[0x83, 0x05], 1002),                           // opcode 3
            (&[0x8B, 0x00], 1002),                           // opcode 11
            (&[0x81, 0x81, 0, 0, 0, 0], 1002),               // masked by a server
            (&[0x89, 126, 0, 126], 1002),                    // long ping
            (&[0x09, 0x00], 1002),                           // fragmented ping
            (&[0x80, 0x00], 1002),                           // orphan
            (&[0x01, 0x00, 0x81, 0x00], 1002),               // interleaved
            (&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002), // 2^63
            (&[0x82, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255], 1009),
            (&[0x02, 1, 0, 0x80, 127, 0, 0, 0, 0, 0, 0x10, 0, 0], 1009), // 1 + 1 MiB
        ] {
            assert_eq!(read(octets), Err(code), "{octets:02X?}");
        }
    }

    #[test]
    fn text_fails_at_the_first_octet_that_cannot_be_right() {
        assert_eq!(read(b"\x01\x02\xE2\x82\x80\x02\xAC!").map(|all| all.len()), Ok(1));
        assert_eq!(read(b"\x01\x05\xE2\x28"), Err(1007));
        assert_eq!(read(b"\x81\x02\xE2\x82"), Err(1007));
        assert_eq!(read(b"\x01\x02\xED\xA0"), Err(1007));
    }

    #[test]
    fn a_long_control_message_fails_before_it_is_whole() {
        let mut octets = vec![0x82, 126, 0x20, 0x00, 0xF0, 0x80, 0, 0x10];
        octets.resize(4 + 4096, 0);
        assert_eq!(read(&octets), Ok(vec![]));
        octets.push(0);
        assert_eq!(read(&octets), Err(1009));
    }
}
