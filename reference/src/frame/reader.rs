//! Reading frames from a stream that arrives in any pieces.

use super::{Head, MaskingKey, apply_mask, parse_head};
use crate::error::Violation;
use crate::role::Role;

/// The longest head: 2 octets, 8 of length, 4 of key.
const LONGEST_HEAD: usize = 14;

/// Splits a stream into heads and pieces of payload. Holds back at most the start of one head.
#[derive(Debug)]
pub struct FrameReader {
    sender: Role,
    position: u64,
    frame_start: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Head(Vec<u8>),
    Payload { head: Head, offset: u64 },
}

/// What comes next in a stream of frames.
#[derive(Debug)]
pub enum Part<'a> {
    /// A frame begins.
    Head(Head),
    /// The next octets of its payload; never empty.
    Payload(Head, Piece<'a>),
    /// The frame is complete.
    End(Head),
}

/// Some octets of a payload, as they stood on the wire.
#[derive(Debug)]
pub struct Piece<'a> {
    octets: &'a [u8],
    mask: Option<MaskingKey>,
    offset: u64,
}

impl Piece<'_> {
    /// Appends the octets to `buffer`, unmasked.
    pub fn append_to(&self, buffer: &mut Vec<u8>) {
        let start = buffer.len();
        buffer.extend_from_slice(self.octets);
        if let Some(key) = self.mask {
            apply_mask(key, self.offset, buffer.get_mut(start..).unwrap_or_default());
        }
    }
}

impl FrameReader {
    /// A reader of what `sender` sends.
    pub fn new(sender: Role) -> Self {
        Self { sender, position: 0, frame_start: 0, state: State::Head(Vec::new()) }
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
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Part<'a>>, Violation> {
        match &mut self.state {
            State::Head(held) => {
                let before = held.len();
                let wanted = (LONGEST_HEAD - before).min(input.len());
                held.extend_from_slice(input.get(..wanted).unwrap_or_default());
                self.frame_start = self.position - before as u64;
                let parsed = parse_head(held, self.sender)?;
                let taken = parsed.map_or(wanted, |(_, size)| size - before);
                self.advance(input, taken);
                Ok(parsed.map(|(head, _)| {
                    self.state = State::Payload { head, offset: 0 };
                    Part::Head(head)
                }))
            }
            State::Payload { head, offset } if *offset == head.length => {
                let head = *head;
                self.state = State::Head(Vec::new());
                Ok(Some(Part::End(head)))
            }
            State::Payload { .. } if input.is_empty() => Ok(None),
            State::Payload { head, offset } => {
                let left = usize::try_from(head.length - *offset).unwrap_or(usize::MAX);
                let (head, start) = (*head, *offset);
                *offset += left.min(input.len()) as u64;
                let octets = self.advance(input, left);
                Ok(Some(Part::Payload(head, Piece { octets, mask: head.mask, offset: start })))
            }
        }
    }

    /// Takes up to `count` octets off the front of `input`.
    fn advance<'a>(&mut self, input: &mut &'a [u8], count: usize) -> &'a [u8] {
        let (taken, rest) = input.split_at(count.min(input.len()));
        *input = rest;
        self.position += taken.len() as u64;
        taken
    }
}
