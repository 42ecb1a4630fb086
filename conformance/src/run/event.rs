//! What an endpoint does, as the harness tells it apart.

use std::fmt;
use std::sync::Arc;

use super::agreement::{Agreement, Sequence};
use super::message::may_be_sent;
use crate::wire::{Annotated, Departures, Frame, HttpHead, Opcode, hex};

/// One thing that an endpoint did.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// It sent an HTTP head.
    Head(Box<HttpHead>),
    /// It sent a message.
    Message(Message),
    /// It sent a Ping, Pong or Close.
    Native(Frame),
    /// It ended the stream; holds what was left of a frame or head.
    End(Ending),
}

/// How a stream ended.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// By a reset instead of an orderly end.
    pub reset: bool,
    /// What had begun and did not end, annotated.
    pub unfinished: Option<Annotated>,
    /// The harness itself stopped reading: more octets came than a case may cost.
    pub flood: bool,
}

/// A whole message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Text or binary, by its first frame.
    pub opcode: Opcode,
    /// The payload; of more than the harness keeps, the beginning.
    pub payload: Vec<u8>,
    /// How many octets of payload there were.
    pub length: u64,
    /// Where the payload is no longer a cycle.
    pub departures: Departures,
    /// Its frames, at most [`Message::FRAMES_KEPT`] of them.
    pub frames: Vec<Frame>,
    /// How many frames there were.
    pub frame_count: u64,
    /// Whether its first frame holds less than tells whether it is data, though it goes on.
    pub begins_short: bool,
    /// How many octets of it are counted as data.
    pub counted: u64,
    /// What it is to the control extension.
    pub class: Class,
    /// The escape that came before it although it does not begin with that sequence.
    pub stray_escape: Option<Sequence>,
    /// The number of the promise that it makes, if it is an EFFECTIVE.
    pub promise: Option<usize>,
}

impl Message {
    /// How many frames of a message are kept for the report.
    pub(crate) const FRAMES_KEPT: usize = 3;
}

/// What a message is to the control extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Data.
    Data,
    /// Data that came after an escape.
    EscapedData,
    /// An escape of this sequence.
    Escape(Sequence),
    /// A control message of a capability.
    Control {
        /// What was agreed on the capability.
        agreement: Arc<Agreement>,
        /// Type and body.
        octets: Vec<u8>,
    },
}

impl Class {
    /// Whether it is a control message of an assigned or private type with a body that fits it.
    pub(crate) fn is_known_control(&self) -> bool {
        let Self::Control { agreement, octets } = self else { return false };
        may_be_sent(&agreement.capability, octets)
    }

    /// Whether it is data.
    pub(crate) fn is_data(&self) -> bool {
        matches!(self, Self::Data | Self::EscapedData)
    }
}

impl Event {
    /// The octets behind it, annotated.
    pub(crate) fn octets(&self) -> Vec<Annotated> {
        match self {
            Self::Head(head) => vec![Annotated::head(head)],
            Self::Message(message) => message.frames.iter().map(Annotated::frame).collect(),
            Self::Native(frame) => vec![Annotated::frame(frame)],
            Self::End(ending) => ending.unfinished.iter().cloned().collect(),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(head) => match &head.start_line {
                Ok(_) => {
                    let line = &head.raw[head.start_line_span.clone()];
                    f.write_str(&hex::quote(String::from_utf8_lossy(line).trim_end()))
                }
                Err(_) => {
                    write!(f, "what is no HTTP: {}", hex::excerpt(&head.raw, head.raw.len() as u64))
                }
            },
            Self::Message(message) => message.fmt(f),
            Self::Native(frame) => frame.fmt(f),
            Self::End(ending) => ending.fmt(f),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = hex::excerpt(&self.payload, self.length);
        match &self.class {
            Class::Escape(sequence) => write!(f, "escape {}", hex::print(sequence))?,
            Class::Control { .. } => write!(f, "control message (binary {payload})")?,
            Class::Data | Class::EscapedData => {
                match (self.opcode, std::str::from_utf8(&self.payload)) {
                    (Opcode::TEXT, Ok(text)) if self.length <= 80 => {
                        write!(f, "text {}", hex::quote(text))?;
                    }
                    (opcode, _) if self.length == 0 => write!(f, "{opcode}, empty")?,
                    (opcode, _) => write!(f, "{opcode} {payload}")?,
                }
            }
        }
        match self.frame_count {
            0 | 1 => Ok(()),
            count => write!(f, " in {count} frames"),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.flood, self.reset, &self.unfinished) {
            (true, ..) => "more octets than a case may cost",
            (_, true, _) => "a reset of the connection",
            (_, _, Some(_)) => "the end of the stream, in the middle of what it was sending",
            (_, _, None) => "the end of the stream",
        })
    }
}
