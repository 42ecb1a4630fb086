//! What a walk sends: steps that mean the same on any connection, whatever its sequences.

use std::fmt;

use crate::wire::{FrameSpec, Opcode, hex};

/// Four octets that mark control messages.
pub(crate) type Sequence = [u8; 4];

/// A step of a walk. Capabilities are told by their place in the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A message in one frame.
    Whole(Content),
    /// The first frame of a message, with so many octets of it.
    Begin(Content, usize),
    /// So many more octets of it.
    Continue(usize),
    /// The rest of it.
    Last,
    /// A Ping.
    Ping(Vec<u8>),
    /// A Ping whose payload begins with the sequence of a capability.
    Native(usize, Vec<u8>),
    /// A Pong that nobody asked for.
    Pong(Vec<u8>),
    /// A Close, 1000.
    Close,
    /// A frame that no endpoint may take.
    Bad(BadFrame),
}

/// A frame that no endpoint may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadFrame {
    /// With a reserved bit.
    ReservedBit,
    /// With an opcode that is not defined.
    ReservedOpcode,
    /// Text that is not UTF-8.
    NotUtf8,
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Text.
    Text(String),
    /// Binary data that has nothing to do with a sequence.
    Other(Vec<u8>),
    /// The first octets of a sequence, fewer than four.
    Short(usize, usize),
    /// A sequence with one bit inverted, and more.
    Near(usize, u32, Vec<u8>),
    /// A sequence behind another octet.
    Inner(usize, Vec<u8>),
    /// A sequence alone.
    Escape(usize),
    /// A sequence and more: a control message, or data behind an escape.
    Marked(usize, Control),
    /// A sequence and more than 4096 octets.
    Long(usize),
}

/// What stands behind a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    /// The capability that it is a message of; any, if there is none.
    pub capability: Option<&'static str>,
    /// The name of the message, or of what is wrong with it; an input of the model.
    pub name: &'static str,
    /// How the report calls it.
    pub said: String,
    /// Type and body.
    pub octets: Vec<u8>,
}

/// The longest control message, sequence included (requirement `filter.limit`).
const LONGEST: usize = 4096;

impl Control {
    /// Whether it means the same to this capability.
    pub(crate) fn is_of(&self, capability: &str) -> bool {
        self.capability.is_none_or(|own| own == capability)
    }
}

impl Content {
    /// The capability that it is about.
    pub(crate) fn capability(&self) -> Option<usize> {
        match self {
            Self::Text(_) | Self::Other(_) => None,
            Self::Short(at, _)
            | Self::Near(at, ..)
            | Self::Inner(at, _)
            | Self::Escape(at)
            | Self::Marked(at, _)
            | Self::Long(at) => Some(*at),
        }
    }

    /// Its octets, given the sequences of the connection; `None` if the capability is not there.
    pub(crate) fn octets(&self, sequences: &[Sequence]) -> Option<Vec<u8>> {
        let sequence = |at: &usize| sequences.get(*at).copied();
        Some(match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Other(octets) => octets.clone(),
            Self::Short(at, length) => sequence(at)?[..(*length).min(3)].to_vec(),
            Self::Near(at, bit, behind) => {
                let near = u32::from_be_bytes(sequence(at)?) ^ (1 << (bit % 32));
                [&near.to_be_bytes()[..], behind].concat()
            }
            Self::Inner(at, behind) => [&[0][..], &sequence(at)?, behind].concat(),
            Self::Escape(at) => sequence(at)?.to_vec(),
            Self::Marked(at, control) => [&sequence(at)?[..], &control.octets].concat(),
            Self::Long(at) => {
                let pattern = (0..LONGEST - 3).map(|offset| (offset % 251) as u8);
                sequence(at)?.into_iter().chain([0x80]).chain(pattern).collect()
            }
        })
    }

    /// The opcode of its first frame.
    pub(crate) fn opcode(&self) -> Opcode {
        match self {
            Self::Text(_) => Opcode::TEXT,
            _ => Opcode::BINARY,
        }
    }
}

impl BadFrame {
    /// The frame.
    pub(crate) fn frame(self) -> FrameSpec {
        match self {
            Self::ReservedBit => FrameSpec { rsv1: true, ..FrameSpec::text("bit") },
            Self::ReservedOpcode => FrameSpec::new(Opcode::of_first_octet(0x3), "opcode"),
            Self::NotUtf8 => FrameSpec::new(Opcode::TEXT, [0xC0, 0xAF]),
        }
    }

    /// The input of the model.
    pub(crate) fn input(self) -> &'static str {
        match self {
            Self::ReservedBit => "reserved-bit",
            Self::ReservedOpcode => "reserved-opcode",
            Self::NotUtf8 => "not-utf-8",
        }
    }
}

/// A step with the names of the capabilities of its connection, to be read.
pub(crate) struct Told<'t> {
    pub(crate) step: &'t Step,
    pub(crate) names: &'t [String],
}

impl Told<'_> {
    fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("a capability that is not there", String::as_str)
    }

    fn content(&self, content: &Content) -> String {
        match content {
            Content::Text(text) => format!("text {}", hex::quote(text)),
            Content::Other(octets) => format!("binary {}", shown(octets)),
            Content::Short(at, length) => format!("binary, {length} octets of {}", self.name(*at)),
            Content::Near(at, bit, behind) => {
                format!(
                    "binary, {} but for its bit {}, {}",
                    self.name(*at),
                    31 - bit,
                    shown(behind)
                )
            }
            Content::Inner(at, behind) => {
                format!("binary 00, {}, {}", self.name(*at), shown(behind))
            }
            Content::Escape(at) => format!("escape {}", self.name(*at)),
            Content::Marked(at, control) => format!("control {} {}", self.name(*at), control.said),
            Content::Long(at) => format!("binary, {} and more than 4096 octets", self.name(*at)),
        }
    }
}

fn shown(octets: &[u8]) -> String {
    hex::excerpt(octets, octets.len() as u64)
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Step::Whole(content) => f.write_str(&self.content(content)),
            Step::Begin(content, first) => {
                write!(f, "{}: its first {first} octets", self.content(content))
            }
            Step::Continue(octets) => write!(f, "{octets} more octets of it"),
            Step::Last => f.write_str("the rest of it"),
            Step::Ping(payload) => write!(f, "ping {}", shown(payload)),
            Step::Native(at, behind) => write!(f, "ping {}, {}", self.name(*at), shown(behind)),
            Step::Pong(payload) => write!(f, "pong {}", shown(payload)),
            Step::Close => f.write_str("close 1000"),
            Step::Bad(BadFrame::ReservedBit) => f.write_str("a frame with a reserved bit"),
            Step::Bad(BadFrame::ReservedOpcode) => f.write_str("a frame with the opcode 3"),
            Step::Bad(BadFrame::NotUtf8) => f.write_str("text that is not UTF-8"),
        }
    }
}
