//! From frames to events, and the rules that hold for every frame in every case.

use super::event::{Class, Event, Message};
use super::filter::{Classified, Filter};
use crate::wire::{Annotated, Frame, Opcode, hex};

/// A requirement that was violated, and how that was seen.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    /// The id of the requirement.
    pub requirement: String,
    /// What would have been right.
    pub expected: String,
    /// What came.
    pub observed: String,
    /// The octets that came.
    pub octets: Vec<Annotated>,
    /// Whether it may be the echo of what the harness sent: then it is the taking, not the sending,
    /// that is wrong.
    pub may_be_echo: bool,
}

/// The requirements that are held against everything an endpoint sends, whatever the case is about.
pub const STANDING: &[&str] = &[
    "close.code-sent",
    "close.last",
    "close.sent",
    "escape.sender.adjacent",
    "escape.sender.only-then",
    "fragments.sent",
    "frame.length.minimal",
    "frame.opcode.sent",
    "frame.rsv.sent",
    "masking.client.sent",
    "masking.server.sent",
    "message.after-close",
    "message.sent",
    "message.whole",
    "native.sent",
    "text.sent",
];

/// Puts frames together to events.
#[derive(Default)]
pub(super) struct Assembler {
    /// Whether the endpoint has to mask.
    masks: bool,
    open: Option<Message>,
    closed: bool,
    /// What is active in the direction of the endpoint under test.
    pub filter: Filter,
}

/// What a frame comes to.
pub(super) enum Step {
    /// A part of a message that is not whole.
    Nothing,
    /// Something whole.
    Event(Event),
}

/// How much payload of a message is kept, in octets.
const KEPT: usize = 1 << 20;

impl Assembler {
    /// For an endpoint that masks its frames, or does not.
    pub(super) fn new(masks: bool) -> Self {
        Self { masks, ..Self::default() }
    }

    /// Takes a whole frame.
    ///
    /// # Errors
    ///
    /// The standing rule that it violates.
    pub(super) fn take(&mut self, frame: Frame) -> Result<Step, Violation> {
        self.judge(&frame)?;
        if frame.opcode.is_control() {
            if frame.opcode == Opcode::CLOSE {
                self.closed = true;
            }
            return Ok(Step::Event(Event::Native(frame)));
        }
        self.join(frame)
    }

    fn judge(&self, frame: &Frame) -> Result<(), Violation> {
        let wrong = |requirement: &str, expected: &str| {
            Err(violation(requirement, expected, &frame.to_string(), frame))
        };
        if self.masks && !frame.masked() {
            return wrong("masking.client.sent", "a masked frame");
        }
        if !self.masks && frame.masked() {
            return wrong("masking.server.sent", "a frame that is not masked");
        }
        // A Ping or Pong may follow (RFC 6455, 5.5.1 speaks of data frames).
        if self.closed && !frame.opcode.is_control() {
            return match self.filter.is_marked(frame.opcode, &frame.payload) {
                true => wrong("message.after-close", "no control message after a Close"),
                false => wrong("close.last", "no data frame after a Close"),
            };
        }
        if frame.rsv1 || frame.rsv2 || frame.rsv3 {
            return wrong("frame.rsv.sent", "reserved bits that are zero");
        }
        if frame.opcode.is_reserved() {
            return wrong("frame.opcode.sent", "an opcode that is defined");
        }
        if !frame.minimal() || frame.length_has_top_bit() {
            return wrong("frame.length.minimal", "the shortest form of the length");
        }
        if frame.opcode.is_control() && (!frame.fin || frame.length > 125) {
            return wrong("native.sent", "one final frame of at most 125 octets");
        }
        if frame.opcode == Opcode::CLOSE {
            let code_is_right = match frame.close_code() {
                None => frame.length == 0,
                Some(code) => matches!(code, 1000..=1004 | 1007..=1014 | 1016..=4999),
            };
            if frame.length == 1 {
                return wrong("close.sent", "no payload, or a code of two octets");
            }
            if !code_is_right {
                return wrong("close.code-sent", "no code, or one that may be sent");
            }
            let reason = frame.close_reason().unwrap_or_default();
            if std::str::from_utf8(reason).is_err() {
                return wrong("close.sent", "a reason in UTF-8");
            }
        }
        Ok(())
    }

    fn join(&mut self, frame: Frame) -> Result<Step, Violation> {
        let message = match (self.open.take(), frame.opcode) {
            (None, Opcode::CONTINUATION) => {
                return Err(violation(
                    "fragments.sent",
                    "a frame that begins a message",
                    "a continuation of nothing",
                    &frame,
                ));
            }
            (Some(_), opcode) if opcode != Opcode::CONTINUATION => {
                return Err(violation(
                    "fragments.sent",
                    "a continuation of the message in progress",
                    &frame.to_string(),
                    &frame,
                ));
            }
            (open, opcode) => {
                let mut message = open.unwrap_or(Message {
                    opcode,
                    payload: Vec::new(),
                    length: 0,
                    frames: Vec::new(),
                    frame_count: 0,
                    class: Class::Data,
                    stray_escape: None,
                });
                let room = KEPT.saturating_sub(message.payload.len());
                message.payload.extend(frame.payload.iter().take(room));
                message.length = message.length.saturating_add(frame.length);
                message.frame_count += 1;
                message
            }
        };
        self.finish(message, frame)
    }

    fn finish(&mut self, mut message: Message, frame: Frame) -> Result<Step, Violation> {
        let fin = frame.fin;
        if message.frames.len() < Message::FRAMES_KEPT {
            message.frames.push(frame.clone());
        }
        if !fin {
            self.open = Some(message);
            return Ok(Step::Nothing);
        }
        let whole = message.payload.len() as u64 == message.length;
        if message.opcode == Opcode::TEXT && whole && std::str::from_utf8(&message.payload).is_err()
        {
            let observed = hex::excerpt(&message.payload, message.length);
            return Err(violation("text.sent", "text in UTF-8", &observed, &frame));
        }
        self.classify(message, &frame)
    }

    /// Tells what a whole message is to the control extension; the sender owes the rest.
    fn classify(&mut self, mut message: Message, frame: &Frame) -> Result<Step, Violation> {
        let Classified { class, stray_escape } =
            self.filter.classify(message.opcode, &message.payload);
        message.class = class;
        message.stray_escape = stray_escape;
        if message.class.is_data() {
            return Ok(Step::Event(Event::Message(message)));
        }
        if message.frame_count > 1 {
            let observed = message.to_string();
            return Err(violation("message.whole", "one final frame", &observed, frame));
        }
        if let Some(sequence) = stray_escape {
            let sequence = hex::print(&sequence);
            let expected = format!("data that begins with {sequence} next");
            let observed = format!("escape {sequence}, then {message}");
            return Err(violation("escape.sender.adjacent", &expected, &observed, frame));
        }
        Ok(Step::Event(Event::Message(message)))
    }
}

fn violation(requirement: &str, expected: &str, observed: &str, frame: &Frame) -> Violation {
    Violation {
        requirement: requirement.to_owned(),
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        octets: vec![Annotated::frame(frame)],
        may_be_echo: frame.opcode != Opcode::CLOSE
            && matches!(
                requirement,
                "text.sent"
                    | "native.sent"
                    | "frame.rsv.sent"
                    | "frame.opcode.sent"
                    | "fragments.sent"
            ),
    }
}
