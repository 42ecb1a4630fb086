//! Cuts frames out of a stream of octets.

use std::borrow::Cow;
use std::fmt;

use super::cycle::Departures;
use super::frame::{Frame, LengthForm, apply_mask};
use super::opcode::Opcode;

/// Octets of a payload that a [`FrameReader`] keeps unless told otherwise: 128 KiB.
pub const KEPT: usize = 128 << 10;

/// Reads one frame after another, each to the end of its payload.
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
    /// Octets of the message in progress, in frames that are over.
    of_message: u64,
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
        FrameReader { kept: KEPT, position, of_message: 0, state: State::Head(Vec::new()) }
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
                    let before = match frame.opcode {
                        Opcode::CONTINUATION => self.of_message,
                        _ => 0,
                    };
                    absorb(frame, part, self.kept, before);
                    if !frame.is_whole() {
                        return None;
                    }
                    return match std::mem::replace(&mut self.state, State::Head(Vec::new())) {
                        State::Payload(frame) => {
                            self.count(&frame, before);
                            Some(frame)
                        }
                        State::Head(_) => None,
                    };
                }
            }
        }
    }

    /// A frame is over, before which so many octets of its message came.
    fn count(&mut self, frame: &Frame, before: u64) {
        if !frame.opcode.is_control() {
            self.of_message = if frame.fin { 0 } else { before.saturating_add(frame.length) };
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
        departures: Departures::default(),
    })
}

/// Takes at most `count` octets from the front.
fn split_front<'a>(input: &mut &'a [u8], count: u64) -> &'a [u8] {
    let count = usize::try_from(count).unwrap_or(usize::MAX).min(input.len());
    let (front, rest) = input.split_at(count);
    *input = rest;
    front
}

/// Compares and counts a part of the payload, and keeps of it what there is room for; `before` octets
/// of its message came in other frames.
fn absorb(frame: &mut Frame, part: &[u8], limit: usize, before: u64) {
    let unmasked = match frame.masking_key {
        None => Cow::Borrowed(part),
        Some(key) => {
            let mut octets = part.to_vec();
            apply_mask(&mut octets, key, frame.payload_total);
            Cow::Owned(octets)
        }
    };
    let room = limit.saturating_sub(frame.payload.len());
    frame.payload.extend_from_slice(unmasked.get(..room).unwrap_or(&unmasked));
    frame.departures.compare(before.saturating_add(frame.payload_total), &unmasked);
    frame.payload_total += part.len() as u64;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{FrameSpec, hex};
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
        assert!(next.payload.is_empty());
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
