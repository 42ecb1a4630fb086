//! Frames as they were observed.

use std::fmt;

use super::hex;
use super::opcode::Opcode;

/// Octets of a payload that a [`FrameReader`] keeps unless told otherwise: 1 MiB.
pub const KEPT: usize = 1 << 20;

/// Which of its three forms a length was written in (RFC 6455, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LengthForm {
    /// 7 bits, for 0 to 125.
    Seven,
    /// 16 bits behind the value 126.
    Sixteen,
    /// 64 bits behind the value 127.
    SixtyFour,
}

impl LengthForm {
    /// The shortest form that holds a length, the only one that is allowed.
    pub fn shortest(length: u64) -> LengthForm {
        match length {
            0..=125 => LengthForm::Seven,
            126..=0xFFFF => LengthForm::Sixteen,
            _ => LengthForm::SixtyFour,
        }
    }

    /// Octets behind the first two: 0, 2 or 8.
    pub fn extra_octets(self) -> usize {
        match self {
            LengthForm::Seven => 0,
            LengthForm::Sixteen => 2,
            LengthForm::SixtyFour => 8,
        }
    }

    /// 7, 16 or 64.
    pub fn bits(self) -> u32 {
        match self {
            LengthForm::Seven => 7,
            LengthForm::Sixteen => 16,
            LengthForm::SixtyFour => 64,
        }
    }
}

/// The facts of one frame. A whole one has `payload_total == length`; one of which the end is
/// still missing ([`FrameReader::half_read`]) has less.
///
/// Its `Display` is one line for people: `binary F0 80 00 01`, `text fin=0 "Hel"`,
/// `close 1002 "reason"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Offset of its first octet in the stream.
    pub start: u64,
    /// Whether it ends its message.
    pub fin: bool,
    /// First reserved bit.
    pub rsv1: bool,
    /// Second reserved bit.
    pub rsv2: bool,
    /// Third reserved bit.
    pub rsv3: bool,
    /// What it is.
    pub opcode: Opcode,
    /// The masking key, if the mask bit is set.
    pub masking_key: Option<[u8; 4]>,
    /// The payload's length in octets, as claimed: up to 2^64-1.
    pub length: u64,
    /// The form in which it was claimed.
    pub length_form: LengthForm,
    /// The payload, unmasked; of a long one the beginning.
    pub payload: Vec<u8>,
    /// Octets of the payload that arrived, those that were not kept included.
    pub payload_total: u64,
}

impl Frame {
    /// Whether the mask bit is set.
    pub fn masked(&self) -> bool {
        self.masking_key.is_some()
    }

    /// Whether the length stands in its shortest form.
    pub fn minimal(&self) -> bool {
        self.length_form == LengthForm::shortest(self.length)
    }

    /// Whether the claimed length has its top bit set, which RFC 6455, 5.2 forbids.
    pub fn length_has_top_bit(&self) -> bool {
        self.length >> 63 == 1
    }

    /// Whether all octets of the payload that were claimed have arrived.
    pub fn is_whole(&self) -> bool {
        self.payload_total == self.length
    }

    /// Whether `payload` holds all octets that arrived.
    pub fn is_kept(&self) -> bool {
        self.payload.len() as u64 == self.payload_total
    }

    /// Octets in front of the payload, 2 to 14.
    pub fn head_len(&self) -> usize {
        2 + self.length_form.extra_octets() + if self.masked() { 4 } else { 0 }
    }

    /// Offset in the stream behind the last octet that arrived.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.head_len() as u64).saturating_add(self.payload_total)
    }

    /// The code in the first two octets of the payload; `None` unless it is a close frame that has
    /// them.
    pub fn close_code(&self) -> Option<u16> {
        match (self.opcode, self.payload.as_slice()) {
            (Opcode::CLOSE, [high, low, ..]) => Some(u16::from_be_bytes([*high, *low])),
            _ => None,
        }
    }

    /// What stands behind the code of a close frame; `None` if [`Frame::close_code`] is.
    pub fn close_reason(&self) -> Option<&[u8]> {
        self.close_code().and_then(|_| self.payload.get(2..))
    }

    fn absorb(&mut self, part: &[u8], limit: usize) {
        let room = limit.saturating_sub(self.payload.len());
        let kept = part.get(..room).unwrap_or(part);
        match self.masking_key {
            None => self.payload.extend_from_slice(kept),
            Some(key) => self.payload.extend(masked(kept, key, self.payload_total)),
        }
        self.payload_total += part.len() as u64;
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.opcode)?;
        if !self.fin {
            write!(f, " fin=0")?;
        }
        for (name, set) in [("rsv1", self.rsv1), ("rsv2", self.rsv2), ("rsv3", self.rsv3)] {
            if set {
                write!(f, " {name}=1")?;
            }
        }
        if !self.is_whole() {
            write!(f, " ({} of {} octets)", self.payload_total, self.length)?;
        }
        match (self.close_code(), self.close_reason()) {
            (Some(code), Some([])) => write!(f, " {code}"),
            (Some(code), Some(reason)) => match std::str::from_utf8(reason) {
                Ok(text) => write!(f, " {code} {}", hex::quote(text)),
                Err(_) => {
                    let total = self.payload_total.saturating_sub(2);
                    write!(f, " {code} {}", hex::excerpt(reason, total))
                }
            },
            _ if self.payload_total == 0 => Ok(()),
            _ => write!(f, " {}", payload_for_people(self)),
        }
    }
}

/// The payload in quotes where people expect text, else in hexadecimal.
pub(super) fn payload_for_people(frame: &Frame) -> String {
    let text = match frame.opcode {
        _ if !frame.is_kept() => None,
        Opcode::TEXT => std::str::from_utf8(&frame.payload).ok(),
        Opcode::CONTINUATION | Opcode::PING | Opcode::PONG => std::str::from_utf8(&frame.payload)
            .ok()
            .filter(|text| text.bytes().all(|octet| matches!(octet, b' '..=b'~'))),
        _ => None,
    };
    match text {
        Some(text) => hex::quote(text),
        None => hex::excerpt(&frame.payload, frame.payload_total),
    }
}

/// Cuts a stream of octets into frames.
///
/// It holds at most a head and the kept beginning of one payload, and allocates as octets arrive,
/// never for a claimed length.
///
/// ```
/// # use wsconform::wire::FrameReader;
/// let mut reader = FrameReader::new();
/// assert!(reader.push(&[0x81]).is_empty());
/// assert_eq!(reader.pending().unwrap().to_string(), "head: 1 of 2 octets");
/// assert_eq!(reader.push(&[0x02, b'h', b'i'])[0].to_string(), "text \"hi\"");
/// ```
#[derive(Debug, Clone)]
pub struct FrameReader {
    kept: usize,
    position: u64,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Head(Vec<u8>),
    Payload(Frame),
}

impl FrameReader {
    /// A reader whose first octet has offset 0 and that keeps [`KEPT`] octets of a payload.
    pub fn new() -> FrameReader {
        FrameReader::starting_at(0)
    }

    /// A reader whose first octet has this offset in the stream, such as that behind a handshake.
    pub fn starting_at(position: u64) -> FrameReader {
        FrameReader { kept: KEPT, position, state: State::Head(Vec::new()) }
    }

    /// Keeps at most this many octets of a payload and counts the rest.
    pub fn keeping(self, kept: usize) -> FrameReader {
        FrameReader { kept, ..self }
    }

    /// Offset in the stream of the next octet to come.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Consumes octets from the front of `input` until one frame is whole and leaves the rest.
    /// `None`: all were consumed, and the next frame is not whole yet.
    pub fn take(&mut self, input: &mut &[u8]) -> Option<Frame> {
        loop {
            match &mut self.state {
                State::Head(head) => {
                    let missing = head_len(head).saturating_sub(head.len());
                    let part = split_front(input, missing as u64);
                    if part.is_empty() {
                        return None;
                    }
                    let start = self.position - head.len() as u64;
                    self.position += part.len() as u64;
                    head.extend_from_slice(part);
                    if let Some(frame) = read_head(head, start) {
                        self.state = State::Payload(frame);
                    }
                }
                State::Payload(frame) => {
                    let part = split_front(input, frame.length - frame.payload_total);
                    self.position += part.len() as u64;
                    frame.absorb(part, self.kept);
                    if !frame.is_whole() {
                        return None;
                    }
                    return match std::mem::replace(&mut self.state, State::Head(Vec::new())) {
                        State::Payload(frame) => Some(frame),
                        State::Head(_) => None,
                    };
                }
            }
        }
    }

    /// Consumes all octets and gives the frames that they complete.
    pub fn push(&mut self, mut octets: &[u8]) -> Vec<Frame> {
        std::iter::from_fn(|| self.take(&mut octets)).collect()
    }

    /// What is half-read; `None` between two frames.
    pub fn pending(&self) -> Option<Pending> {
        match &self.state {
            State::Head(head) if head.is_empty() => None,
            State::Head(head) => Some(Pending::Head { have: head.len(), need: head_len(head) }),
            State::Payload(frame) => {
                Some(Pending::Payload { have: frame.payload_total, need: frame.length })
            }
        }
    }

    /// The frame whose head is read and whose payload is not, such as one that claims more than
    /// ever comes.
    pub fn half_read(&self) -> Option<&Frame> {
        match &self.state {
            State::Head(_) => None,
            State::Payload(frame) => Some(frame),
        }
    }

    /// The octets of a head that is half-read; empty when none is.
    pub fn half_head(&self) -> &[u8] {
        match &self.state {
            State::Head(head) => head,
            State::Payload(_) => &[],
        }
    }
}

impl Default for FrameReader {
    fn default() -> Self {
        FrameReader::new()
    }
}

/// How much there is of a frame that is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Its head is cut.
    Head {
        /// Octets that arrived.
        have: usize,
        /// Octets of the head, as far as those that arrived tell.
        need: usize,
    },
    /// Its payload is cut.
    Payload {
        /// Octets that arrived.
        have: u64,
        /// Octets that were claimed.
        need: u64,
    },
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pending::Head { have, need } => write!(f, "head: {have} of {need} octets"),
            Pending::Payload { have, need } => write!(f, "payload: {have} of {need} octets"),
        }
    }
}

/// Octets masked or unmasked, which is the same (RFC 6455, 5.3); `offset` is the place of the
/// first of them in the payload.
pub fn masked(octets: &[u8], key: [u8; 4], offset: u64) -> impl Iterator<Item = u8> {
    let phase = (offset % 4) as usize;
    octets.iter().zip(key.into_iter().cycle().skip(phase)).map(|(octet, key)| octet ^ key)
}

/// Octets of the head that begins so, as far as its beginning tells.
fn head_len(head: &[u8]) -> usize {
    match head {
        [_, second, ..] => {
            let length = match second & 0x7F {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            2 + length + if second & 0x80 != 0 { 4 } else { 0 }
        }
        _ => 2,
    }
}

/// The facts of a head; `None` while it is not whole.
fn read_head(head: &[u8], start: u64) -> Option<Frame> {
    let (&[first, second], rest) = head.split_first_chunk()?;
    let (length_form, length, rest) = match second & 0x7F {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            (LengthForm::Sixteen, u64::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            (LengthForm::SixtyFour, u64::from_be_bytes(*length), rest)
        }
        short => (LengthForm::Seven, u64::from(short), rest),
    };
    let masking_key = match second & 0x80 {
        0 => None,
        _ => Some(*rest.first_chunk()?),
    };
    Some(Frame {
        start,
        fin: first & 0x80 != 0,
        rsv1: first & 0x40 != 0,
        rsv2: first & 0x20 != 0,
        rsv3: first & 0x10 != 0,
        opcode: Opcode::of_first_octet(first),
        masking_key,
        length,
        length_form,
        payload: Vec::new(),
        payload_total: 0,
    })
}

/// Takes at most `count` octets from the front.
fn split_front<'a>(input: &mut &'a [u8], count: u64) -> &'a [u8] {
    let count = usize::try_from(count).unwrap_or(usize::MAX).min(input.len());
    let (front, rest) = input.split_at(count);
    *input = rest;
    front
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::FrameSpec;
    use proptest::prelude::*;

    fn one(octets: &[u8]) -> Frame {
        let mut input = octets;
        let frame = FrameReader::new().take(&mut input).unwrap();
        assert!(input.is_empty());
        frame
    }

    #[test]
    fn the_examples_of_rfc_6455_5_7() {
        assert_eq!(one(b"\x81\x05Hello").to_string(), "text \"Hello\"");
        let masked = one(&hex::parse("81 85 37 FA 21 3D 7F 9F 4D 51 58").unwrap());
        assert_eq!(masked.masking_key, Some([0x37, 0xFA, 0x21, 0x3D]));
        assert_eq!(masked.payload, b"Hello");
        assert_eq!((masked.head_len(), masked.end()), (6, 11));
        assert_eq!(one(b"\x01\x03Hel").to_string(), "text fin=0 \"Hel\"");
        assert_eq!(one(b"\x80\x02lo").to_string(), "continuation \"lo\"");
    }

    #[test]
    fn wrong_heads_are_facts() {
        let wasteful = one(b"\xF3\x7E\x00\x01x");
        assert!(wasteful.rsv1 && wasteful.rsv2 && wasteful.rsv3);
        assert!(!wasteful.minimal());
        assert_eq!(wasteful.length_form, LengthForm::Sixteen);
        assert_eq!(wasteful.to_string(), "reserved-3 rsv1=1 rsv2=1 rsv3=1 78");

        let mut reader = FrameReader::new();
        assert_eq!(reader.push(b"\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFabc"), []);
        let endless = reader.half_read().unwrap();
        assert_eq!(endless.length, u64::MAX);
        assert!(endless.length_has_top_bit() && !endless.is_whole());
        assert_eq!(endless.payload, b"abc");
        assert!(endless.payload.capacity() < 64, "allocated for a claim");
        assert_eq!(endless.to_string(), "binary (3 of 18446744073709551615 octets) 61 62 63");
    }

    #[test]
    fn pending_tells_how_far_it_is() {
        let mut reader = FrameReader::new();
        assert_eq!(reader.pending(), None);
        let mut seen = Vec::new();
        for octet in b"\x82\xFE\x00\x01\x00\x00\x00" {
            assert_eq!(reader.push(&[*octet]), []);
            seen.push(reader.pending().unwrap().to_string());
        }
        assert_eq!(seen[0], "head: 1 of 2 octets");
        assert_eq!(seen[1], "head: 2 of 8 octets");
        assert_eq!(seen[6], "head: 7 of 8 octets");
        assert_eq!(reader.half_head().len(), 7);
        reader.push(b"\x00");
        assert_eq!(reader.pending().unwrap().to_string(), "payload: 0 of 1 octets");
        assert_eq!(reader.push(b"x").len(), 1);
        assert_eq!(reader.pending(), None);
    }

    #[test]
    fn a_close_frame_tells_its_code_and_reason() {
        let full = one(b"\x88\x05\x03\xEAbad");
        assert_eq!((full.close_code(), full.close_reason()), (Some(1002), Some(&b"bad"[..])));
        assert_eq!(full.to_string(), "close 1002 \"bad\"");
        assert_eq!(one(b"\x88\x02\x03\xE8").to_string(), "close 1000");
        assert_eq!(one(b"\x88\x00").to_string(), "close");
        assert_eq!(one(b"\x88\x01\x03").to_string(), "close 03");
        assert_eq!(one(b"\x82\x02\x03\xE8").close_code(), None);
    }

    #[test]
    fn offsets_go_on_from_the_handshake() {
        let mut reader = FrameReader::starting_at(100);
        let frames = reader.push(b"\x89\x00\x8A\x01x\x81");
        assert_eq!(
            frames.iter().map(|f| (f.start, f.end())).collect::<Vec<_>>(),
            [(100, 102), (102, 105)]
        );
        assert_eq!(reader.position(), 106);
    }

    #[test]
    fn what_is_beyond_the_limit_is_counted_and_unmasked_right() {
        let octets = FrameSpec::binary(vec![7; 100]).encode(Some([1, 2, 3, 4]));
        let frame = FrameReader::new().keeping(10).push(&octets).remove(0);
        assert_eq!((frame.payload.as_slice(), frame.payload_total), (&[7; 10][..], 100));
        assert!(frame.is_whole() && !frame.is_kept());
        let next = FrameReader::new().keeping(0).push(&octets).remove(0);
        assert_eq!(next.payload, []);
    }

    /// Reads octets cut at the given sizes, over and over.
    fn read_cut(octets: &[u8], sizes: &[usize], kept: usize) -> (Vec<Frame>, FrameReader) {
        let mut reader = FrameReader::new().keeping(kept);
        let mut frames = Vec::new();
        let mut rest = octets;
        for size in sizes.iter().cycle() {
            let (part, behind) = rest.split_at((*size).clamp(1, 64).min(rest.len()));
            frames.extend(reader.push(part));
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        (frames, reader)
    }

    proptest! {
        #[test]
        fn any_octets_give_the_same_facts_for_any_cut(
            octets in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..4, 0x80u8..0x84], 0..400),
            sizes in prop::collection::vec(1usize..9, 1..9),
            kept in 0usize..20,
        ) {
            let (frames, reader) = read_cut(&octets, &sizes, kept);
            let mut whole = FrameReader::new().keeping(kept);
            prop_assert_eq!(&frames, &whole.push(&octets));
            prop_assert_eq!(reader.pending(), whole.pending());
            prop_assert_eq!(reader.half_read(), whole.half_read());
            prop_assert_eq!(reader.position(), octets.len() as u64);
            for frame in frames.iter().chain(reader.half_read()) {
                prop_assert!(frame.payload.len() <= kept);
                prop_assert!(frame.payload.capacity() <= 2 * kept.max(8));
            }
            // Every octet belongs to exactly one frame.
            let ends = frames.iter().map(Frame::end);
            let starts = frames.iter().map(|f| f.start).skip(1);
            prop_assert!(ends.zip(starts).all(|(end, start)| end == start));
        }
    }
}
