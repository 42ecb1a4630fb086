//! Reading frames from a stream that arrives in any pieces.

use super::head::parse_head_into;
use super::{Head, MaskingKey, append_masked, apply_mask};
use crate::error::Violation;
use crate::role::Role;

/// The longest head: 2 octets, 8 of length, 4 of key.
const LONGEST_HEAD: usize = 14;

/// Splits a stream into parts of frames. Holds back at most the start of one head.
///
/// There are two ways to read. [`FrameReader::next`] leaves the octets as they stand on the wire,
/// for a caller that copies them anyway: [`Piece::append_to`] copies and unmasks in one pass. A
/// caller that owns the buffer into which its transport reads needs no copy:
/// [`FrameReader::read_in_place`] unmasks where the octets lie.
///
/// ```
/// use wsconform_reference::{FrameReader, Opcode, Role};
///
/// let mut reader = FrameReader::new(Role::Client);
/// let mut buffer = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"; // RFC 6455, 5.7
/// reader.read_in_place(&mut buffer, |part| {
///     assert_eq!((part.head.opcode, part.octets), (Opcode::Text, &b"Hello"[..]));
///     assert!(part.begins && part.ends, "the whole frame has arrived");
///     Ok(())
/// })?;
/// # Ok::<(), wsconform_reference::Violation>(())
/// ```
#[derive(Debug)]
pub struct FrameReader {
    sender: Role,
    position: u64,
    frame_start: u64,
    held: Held,
    /// The last head that was complete. A new one is due once all of its payload was handed out.
    head: Head,
    /// How many octets of its payload were.
    offset: u64,
}

/// As much of a frame as has arrived and was not handed out before: a whole frame, or its head and
/// the first octets of its payload, then more of these, until it ends. `P` is the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<P> {
    /// Of which frame; every part of it tells.
    pub head: Head,
    /// Whether it is the first part. Its payload may still be empty.
    pub begins: bool,
    /// Whether it is the last part.
    pub ends: bool,
    /// Octets of payload.
    pub octets: P,
}

/// Some octets of a payload, as they stand on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    octets: &'a [u8],
    mask: Option<MaskingKey>,
    offset: u64,
}

impl Piece<'_> {
    /// Appends the octets to `buffer`, unmasked.
    pub fn append_to(&self, buffer: &mut Vec<u8>) {
        match self.mask {
            Some(key) => append_masked(key, self.offset, self.octets, buffer),
            None => buffer.extend_from_slice(self.octets),
        }
    }
}

impl FrameReader {
    /// A reader of what `sender` sends.
    pub fn new(sender: Role) -> Self {
        let (held, head) = (Held::default(), Head::default());
        Self { sender, position: 0, frame_start: 0, held, head, offset: 0 }
    }

    /// Where the frame in progress began: octets since the first frame.
    pub fn frame_start(&self) -> u64 {
        self.frame_start
    }

    /// Takes the next part off the front of `input`; `None` when more octets are needed, and then
    /// `input` is used up.
    ///
    /// # Errors
    ///
    /// A violation in a head. The reader is not to be used any more.
    #[inline]
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Part<Piece<'a>>>, Violation> {
        let Some((before, count)) = self.step(input)? else {
            *input = &[];
            return Ok(None);
        };
        let (octets, rest) = input.split_at(before).1.split_at(count);
        *input = rest;
        let offset = self.offset - count as u64;
        Ok(Some(self.part(before, Piece { octets, mask: self.head.mask, offset })))
    }

    /// Reads all of `input`, unmasks in it, and shows each part to `each` as a slice of it. A part
    /// that `each` refuses is the last one.
    ///
    /// # Errors
    ///
    /// A violation in a head, or the one that `each` gave. The reader is not to be used any more.
    #[inline]
    pub fn read_in_place(
        &mut self,
        mut input: &mut [u8],
        mut each: impl FnMut(Part<&[u8]>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        while let Some((before, count)) = self.step(input)? {
            let (octets, rest) = input.split_at_mut(before).1.split_at_mut(count);
            input = rest;
            if let Some(key) = self.head.mask {
                apply_mask(key, self.offset - count as u64, octets);
            }
            each(self.part(before, octets))?;
        }
        Ok(())
    }

    /// Reads on. Gives how many octets of head stand at the start of `input`, none if the frame
    /// has begun before, and how many of payload behind these; nothing if more are needed.
    #[inline(always)]
    fn step(&mut self, input: &[u8]) -> Result<Option<(usize, usize)>, Violation> {
        if input.is_empty() {
            return Ok(None);
        }
        let mut before = 0;
        if self.offset == self.head.length {
            if self.held.count == 0 {
                self.frame_start = self.position;
            }
            let Some(size) = self.held.parse_into(&mut self.head, input, self.sender)? else {
                self.position += input.len() as u64;
                return Ok(None);
            };
            (before, self.offset) = (size, 0);
        }
        let count = (self.head.length - self.offset).min((input.len() - before) as u64);
        self.offset += count;
        self.position += before as u64 + count;
        Ok(Some((before, count as usize)))
    }

    /// The part that was read last, with these octets.
    #[inline(always)]
    fn part<P>(&self, before: usize, octets: P) -> Part<P> {
        let ends = self.offset == self.head.length;
        Part { head: self.head, begins: before > 0, ends, octets }
    }
}

/// The start of a head whose end has not arrived.
#[derive(Debug, Default)]
struct Held {
    octets: [u8; LONGEST_HEAD],
    count: usize,
}

impl Held {
    /// Reads the head that goes on with `input`, and tells how many octets of `input` that takes.
    /// While it is incomplete that is all of them, and they are held.
    fn parse_into(
        &mut self,
        head: &mut Head,
        input: &[u8],
        sender: Role,
    ) -> Result<Option<usize>, Violation> {
        // Most heads arrive whole: nothing is copied.
        if self.count == 0
            && let Some(size) = parse_head_into(head, input, sender)?
        {
            return Ok(Some(size));
        }
        self.parse_pieces_into(head, input, sender)
    }

    #[cold]
    fn parse_pieces_into(
        &mut self,
        head: &mut Head,
        input: &[u8],
        sender: Role,
    ) -> Result<Option<usize>, Violation> {
        let before = self.count;
        let places = self.octets.iter_mut().skip(before);
        self.count += places.zip(input).map(|(place, octet)| *place = *octet).count();
        let known = self.octets.get(..self.count).unwrap_or_default();
        let Some(size) = parse_head_into(head, known, sender)? else { return Ok(None) };
        self.count = 0;
        Ok(Some(size - before))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Opcode, encode_frame, encode_head};

    /// Heads, where they stood, and payloads, joined where the cuts of the stream parted them.
    type Seen = Vec<(Head, u64, Vec<u8>)>;

    fn see(seen: &mut Seen, part: Part<&[u8]>, start: u64) {
        if part.begins {
            seen.push((part.head, start, Vec::new()));
        }
        let (head, of, octets) = seen.last_mut().unwrap();
        octets.extend(part.octets);
        assert_eq!((*head, *of), (part.head, start));
        assert_eq!(part.ends, octets.len() as u64 == head.length);
    }

    fn copied(stream: &[u8], sender: Role, size: usize) -> Seen {
        let (mut reader, mut seen) = (FrameReader::new(sender), Vec::new());
        for mut input in stream.chunks(size) {
            while let Some(part) = reader.next(&mut input).unwrap() {
                let mut octets = Vec::new();
                part.octets.append_to(&mut octets);
                let Part { head, begins, ends, .. } = part;
                let part = Part { head, begins, ends, octets: &octets[..] };
                see(&mut seen, part, reader.frame_start());
            }
            assert!(input.is_empty());
        }
        seen
    }

    fn in_place(stream: &[u8], sender: Role, size: usize) -> Seen {
        let (mut reader, mut seen) = (FrameReader::new(sender), Vec::new());
        let mut stream = stream.to_vec();
        let mut start = 0;
        for input in stream.chunks_mut(size) {
            let each = |part: Part<&[u8]>| {
                if part.begins {
                    start = match seen.last() {
                        Some((head, start, _)) => start + octets_of(head),
                        None => 0,
                    };
                }
                see(&mut seen, part, start);
                Ok(())
            };
            reader.read_in_place(input, each).unwrap();
            assert!(seen.is_empty() || reader.frame_start() >= start);
        }
        seen
    }

    fn octets_of(head: &Head) -> u64 {
        let mut octets = Vec::new();
        encode_head(head, &mut octets);
        octets.len() as u64 + head.length
    }

    proptest! {
        #[test]
        fn both_ways_to_read_find_what_was_written_wherever_it_is_cut(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..4),
            key: Option<[u8; 4]>,
            size in 1usize..40,
        ) {
            let key = key.map(MaskingKey::from);
            let (mut stream, mut written) = (Vec::new(), Vec::new());
            for payload in &payloads {
                let start = stream.len() as u64;
                encode_frame(true, Opcode::Binary, key, payload, &mut stream);
                let length = payload.len() as u64;
                let head = Head { fin: true, opcode: Opcode::Binary, mask: key, length };
                written.push((head, start, payload.clone()));
            }
            let sender = if key.is_some() { Role::Client } else { Role::Server };
            prop_assert_eq!(copied(&stream, sender, size), written.clone());
            prop_assert_eq!(in_place(&stream, sender, size), written);
        }
    }

    #[test]
    fn a_head_in_pieces_is_wrong_no_later_than_a_whole_one() {
        let mut reader = FrameReader::new(Role::Server);
        assert_eq!(reader.next(&mut &[0x89][..]), Ok(None));
        assert_eq!(reader.next(&mut &[126][..]), Ok(None));
        assert_eq!(reader.next(&mut &[0][..]), Ok(None));
        assert_eq!(reader.next(&mut &[126][..]), Err(Violation::LongControl(9)));
        assert_eq!(reader.frame_start(), 0);
    }
}
