//! From frames to events, and the rules that hold for every frame in every case.

use std::sync::Arc;

use tokio::time::Instant;
use wsconform_spec::scenario::Role;

use super::agreement::{Agreement, Sequence};
use super::budget::Budget;
use super::event::{Class, Event, Message};
use super::filter::{Classified, Filter};
use super::flow::Flow;
use super::message::{RESUME, SUSPEND};
use super::setup::{self, Effect, Setup};
use crate::wire::frame_reader::KEPT;
use crate::wire::{Annotated, Departures, Frame, Opcode, hex};

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
    "close.once",
    "close.sent",
    "escape.sender.adjacent",
    "escape.sender.first-frame",
    "escape.sender.only-then",
    "fragments.sent",
    "frame.length.minimal",
    "frame.length.top-bit.sent",
    "frame.opcode.sent",
    "frame.rsv.sent",
    "masking.client.sent",
    "masking.server.sent",
    "message.after-close",
    "message.budget",
    "message.sent",
    "message.whole",
    "native.sent",
    "text.sent",
];

/// Puts frames together to events.
pub(super) struct Assembler {
    /// Who the endpoint is.
    role: Role,
    open: Option<Message>,
    closed: bool,
    /// What was agreed on, in the order in which the sequences were assigned.
    agreements: Vec<Arc<Agreement>>,
    /// What is active in the direction of the endpoint under test.
    filter: Filter,
    /// How far a negotiation on the open connection has come.
    setup: Setup,
    budget: Budget,
    /// The data, and what was promised of it.
    pub flow: Flow,
}

/// Octets of payload that are kept of a frame whose message has them.
const SHOWN: usize = 1024;

/// What a frame comes to.
pub(super) enum Step {
    /// A part of a message that is not whole.
    Nothing,
    /// Something whole.
    Event(Event),
}

impl Assembler {
    /// For what an endpoint of this role sends.
    pub(super) fn new(role: Role) -> Self {
        Self {
            role,
            open: None,
            closed: false,
            agreements: Vec::new(),
            filter: Filter::default(),
            setup: Setup::default(),
            budget: Budget::new(),
            flow: Flow::new(),
        }
    }

    /// From here on, what an agreement makes active is told apart.
    pub(super) fn agree(&mut self, agreement: Arc<Agreement>) {
        self.activate(Arc::clone(&agreement));
        self.agreements.push(agreement);
    }

    fn activate(&mut self, agreement: Arc<Agreement>) {
        if agreement.may_send(self.role) {
            self.filter.activate(agreement);
        }
    }

    /// Whether a Close came.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// What was agreed on, in the order in which the sequences were assigned.
    pub(super) fn agreements(&self) -> &[Arc<Agreement>] {
        &self.agreements
    }

    /// How far a negotiation on the open connection has come.
    pub(super) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The harness sends a control message.
    pub(super) fn sent(&mut self, agreement: &Agreement, octets: &[u8]) {
        self.budget.asked(&agreement.capability, octets);
        match (agreement.capability.as_str(), octets) {
            ("rate-control", [0x01..=0x04, ..] | [RESUME]) => self.flow.ask(),
            ("rate-control", [SUSPEND]) => self.flow.rest(),
            (setup::TOKEN, [kind, body @ ..]) => {
                let agreed = self.setup.sent(self.role, *kind, body, &self.agreements);
                self.agreements.extend(agreed);
            }
            _ => {}
        }
    }

    /// The endpoint sent a control message, which arrived at `arrived`; gives the number of the
    /// promise that it makes.
    fn received(
        &mut self,
        agreement: &Agreement,
        octets: &[u8],
        arrived: Instant,
    ) -> Option<usize> {
        let integer = |body: &[u8]| <[u8; 8]>::try_from(body).ok().map(u64::from_be_bytes);
        match (agreement.capability.as_str(), octets) {
            ("rate-control", [0x05, rate @ ..]) => {
                return self.flow.effective(integer(rate)?, arrived);
            }
            ("rate-control", [0x06, rate @ ..]) => self.flow.limit(integer(rate)?, arrived),
            ("rate-control", [SUSPEND]) => self.flow.rest(),
            (setup::TOKEN, [kind, body @ ..]) => {
                match self.setup.received(self.role, *kind, body, &self.agreements) {
                    Effect::None => {}
                    Effect::Agreed(agreed) => agreed.into_iter().for_each(|one| self.agree(one)),
                    Effect::Active(active) => active.into_iter().for_each(|one| self.activate(one)),
                }
            }
            _ => {}
        }
        None
    }

    /// Octets of data so far, those of a frame that is half-read included.
    pub(super) fn octets_of_data(&self, half: Option<&Frame>) -> u64 {
        let Some(half) = half.filter(|half| !half.opcode.is_control()) else {
            return self.flow.octets;
        };
        let open = self.open.as_ref().filter(|_| half.opcode == Opcode::CONTINUATION);
        let (opcode, uncounted) = match open {
            Some(open) => (open.opcode, open.length - open.counted),
            None => (half.opcode, 0),
        };
        let mut begins = open.map(|open| beginning(&open.payload).to_vec()).unwrap_or_default();
        begins.extend(beginning(&half.payload));
        match self.filter.takes(opcode, &begins, false) {
            Some(false) => self.flow.octets + uncounted + half.payload_total,
            Some(true) | None => self.flow.octets,
        }
    }

    /// Takes a whole frame, the last octet of which arrived at `arrived`.
    ///
    /// # Errors
    ///
    /// The standing rule that it violates.
    pub(super) fn take(&mut self, frame: Frame, arrived: Instant) -> Result<Step, Violation> {
        self.judge(&frame)?;
        if frame.opcode.is_control() {
            if frame.opcode == Opcode::CLOSE {
                self.closed = true;
            }
            return Ok(Step::Event(Event::Native(frame)));
        }
        self.join(frame, arrived)
    }

    /// Judges a frame of which no more than the head came: a payload that nobody can send whole
    /// is never the end of one.
    ///
    /// # Errors
    ///
    /// The standing rule that it violates.
    pub(super) fn judge_head(&self, head: &Frame) -> Result<(), Violation> {
        if head.length_has_top_bit() {
            let expected = "a length below 2^63";
            let observed = head.to_string();
            return Err(violation("frame.length.top-bit.sent", expected, &observed, head));
        }
        Ok(())
    }

    fn judge(&self, frame: &Frame) -> Result<(), Violation> {
        let wrong = |requirement: &str, expected: &str| {
            Err(violation(requirement, expected, &frame.to_string(), frame))
        };
        let masks = self.role == Role::Client;
        if masks && !frame.masked() {
            return wrong("masking.client.sent", "a masked frame");
        }
        if !masks && frame.masked() {
            return wrong("masking.server.sent", "a frame that is not masked");
        }
        if self.closed && frame.opcode == Opcode::CLOSE {
            return wrong("close.once", "no other Close after a Close");
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
        if !frame.minimal() {
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

    fn join(&mut self, mut frame: Frame, arrived: Instant) -> Result<Step, Violation> {
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
                    departures: Departures::default(),
                    frames: Vec::new(),
                    frame_count: 0,
                    begins_short: false,
                    counted: 0,
                    class: Class::Data,
                    stray_escape: None,
                    promise: None,
                });
                let kept = frame.payload.get(..SHOWN).unwrap_or(&frame.payload).to_vec();
                let payload = std::mem::replace(&mut frame.payload, kept);
                if message.payload.is_empty() {
                    message.payload = payload;
                } else {
                    let room = KEPT.saturating_sub(message.payload.len());
                    message.payload.extend(payload.iter().take(room));
                }
                message.length = message.length.saturating_add(frame.length);
                message.departures = message.departures.and(frame.departures);
                message.frame_count += 1;
                message
            }
        };
        self.finish(message, frame, arrived)
    }

    fn finish(
        &mut self,
        mut message: Message,
        frame: Frame,
        arrived: Instant,
    ) -> Result<Step, Violation> {
        let fin = frame.fin;
        let takes = self.filter.takes(message.opcode, beginning(&message.payload), fin);
        // Short, unless that is all of it.
        message.begins_short = match message.frame_count {
            1 => takes.is_none(),
            _ => message.begins_short,
        };
        if takes == Some(false) {
            self.flow.octets += message.length - message.counted;
            message.counted = message.length;
        }
        if message.frames.len() < Message::FRAMES_KEPT {
            message.frames.push(frame.clone());
        }
        if !fin {
            self.open = Some(message);
            return Ok(Step::Nothing);
        }
        let first = message.frames.first().map_or(0, |first| first.length);
        message.begins_short &= message.length > first;
        let whole = message.payload.len() as u64 == message.length;
        if message.opcode == Opcode::TEXT && whole && std::str::from_utf8(&message.payload).is_err()
        {
            let observed = hex::excerpt(&message.payload, message.length);
            return Err(violation("text.sent", "text in UTF-8", &observed, &frame));
        }
        self.classify(message, &frame, arrived)
    }

    /// Tells what a whole message is to the control extension; the sender owes the rest.
    fn classify(
        &mut self,
        mut message: Message,
        frame: &Frame,
        arrived: Instant,
    ) -> Result<Step, Violation> {
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
        if let Class::Control { agreement, octets } = &message.class {
            if !self.budget.takes(&agreement.capability, octets, arrived) {
                let expected = "no more than 100 control messages in a second";
                let observed = format!("one more: {message}");
                return Err(violation("message.budget", expected, &observed, frame));
            }
            message.promise = self.received(&Arc::clone(agreement), octets, arrived);
        }
        Ok(Step::Event(Event::Message(message)))
    }
}

/// As much of a payload as tells whether it is data.
fn beginning(payload: &[u8]) -> &[u8] {
    &payload[..payload.len().min(size_of::<Sequence>())]
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
