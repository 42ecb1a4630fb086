//! Sentences in streams of frames.

use std::collections::{BTreeMap, BTreeSet};

use super::{Expected, Sentence, sentences};
use crate::generator::draft::{Draft, Frame};
use crate::generator::heads::by_grammar;
use crate::generator::reader::read_by_grammar;
use crate::generator::reading::Failure;
use crate::model::{Context, Role, Source};

/// Sentences of one entry, and how a stream carries them.
pub(super) struct Family {
    /// What ids call it.
    name: &'static str,
    topic: &'static str,
    /// The entry of the book.
    entry: &'static str,
    reader: Role,
    /// What comes before the sentence, and how it is carried.
    carried: Carried,
}

/// How a stream carries a sentence.
#[derive(Clone, Copy)]
enum Carried {
    /// It is a frame, and the first.
    Bare,
    /// It is a frame, and a text message is in progress.
    InsideText,
    /// It is the payload of a text message.
    Text,
    /// It is the payload of a binary message, with [`SEQUENCE`] active for this capability.
    Binary(&'static str),
    /// The same, behind an escape.
    Escaped,
    /// The same, behind SUSPEND.
    Suspended,
    /// It is the payload of a binary message, with a sequence for each capability.
    Several,
}

/// The control sequence that the entries of the book have in their context.
const SEQUENCE: [u8; 4] = [0xF0, 0x80, 0x00, 0x01];

/// Longer sentences say nothing that shorter ones, or the families that are written, do not.
const LONGEST: usize = 5000;

/// So many terminals and bounds are broken of each rule of a capability.
const BROKEN: usize = 3;

/// The close code for payloads that are not of their type.
const UNREADABLE: u16 = 1007;

const fn frames(name: &'static str, entry: &'static str, reader: Role, carried: Carried) -> Family {
    Family { name, topic: "frames", entry, reader, carried }
}

const fn escape(name: &'static str, entry: &'static str, carried: Carried) -> Family {
    Family { name, topic: "escape", entry, reader: Role::Client, carried }
}

const fn control(name: &'static str, entry: &'static str, carried: Carried) -> Family {
    Family { name, topic: "control", entry, reader: Role::Client, carried }
}

/// Those of the topic `frames`.
pub(super) const FRAMES: [Family; 5] = [
    frames("from-client", "frame-from-client", Role::Server, Carried::Bare),
    frames("from-server", "frame-from-server", Role::Client, Carried::Bare),
    frames("inside-message", "frame-inside-message", Role::Client, Carried::InsideText),
    frames("text-to-client", "utf8-text", Role::Client, Carried::Text),
    frames("text-to-server", "utf8-text", Role::Server, Carried::Text),
];

/// Those of the topic `escape`.
pub(super) const ESCAPE: [Family; 2] = [
    escape("message", "binary-message", Carried::Binary("rate-control")),
    escape("behind-escape", "escaped-message", Carried::Escaped),
];

/// Those of the topic `control`.
pub(super) const CONTROL: [Family; 5] = [
    control("suspended", "suspended-message", Carried::Suspended),
    control("idle-timeout", "idle-timeout", Carried::Binary("idle-timeout")),
    control("heartbeat", "heartbeat", Carried::Binary("heartbeat")),
    control("control-setup", "control-setup", Carried::Binary("control-setup")),
    control("several", "several-capabilities", Carried::Several),
];

/// The capabilities and their sequences in the entry for several.
const SEVERAL: [(&str, u8); 4] =
    [("rate-control", 1), ("idle-timeout", 2), ("heartbeat", 3), ("control-setup", 4)];

/// The vectors of these families, each stream once.
pub(super) fn drafts(families: &[Family]) -> Vec<Draft> {
    let mut known = BTreeSet::new();
    let mut drafts = Vec::new();
    for family in families {
        let mut broken = BTreeMap::new();
        for sentence in sentences(family.entry) {
            if sentence.octets.len() <= LONGEST
                && family.is_shown(&sentence, &mut broken)
                && let Some(draft) = family.draft(&sentence)
                && known.insert((family.reader == Role::Client, draft.stream()))
            {
                drafts.push(draft);
            }
        }
    }
    drafts
}

impl Family {
    /// Whether a sentence shows what others do not: of the capabilities, their messages are enough,
    /// for lists of extensions are broken in every way elsewhere; of several, that they are told from
    /// each other.
    fn is_shown(&self, sentence: &Sentence, broken: &mut BTreeMap<String, usize>) -> bool {
        const TELLING: [&str; 4] =
            ["binary-message", "other-beginning", "control-message", "control-sequence"];
        if matches!(self.carried, Carried::Several) {
            return TELLING.contains(&sentence.rule.as_str());
        }
        if self.topic != "control" || !sentence.is_wrong || sentence.is_directive {
            return true;
        }
        let count = broken.entry(sentence.rule.clone()).or_default();
        *count += 1;
        *count <= BROKEN
    }

    /// The vector of a sentence. None, if a stream that holds it shows nothing: octets too many are
    /// the beginning of the next frame, octets too few are still to come (and nobody has to judge a
    /// payload before it has), and a frame that is right may end a message that is not.
    fn draft(&self, sentence: &Sentence) -> Option<Draft> {
        let (writes, before) = self.writes(&sentence.octets);
        let context = Context { role: self.reader, ..self.context() };
        let stream = writes.concat();
        let (reading, taken) = read_by_grammar(&context, &stream);
        let is_frame = matches!(self.carried, Carried::Bare | Carried::InsideText);
        let last = stream.get(before..).unwrap_or_default();
        let is_whole = whole_length(last).is_some_and(|whole| whole <= last.len());
        let outcome = match (sentence.is_wrong, &reading.failure) {
            (false, None) => Expected::Accept,
            (false, Some(_)) => return None,
            (true, None) if taken == stream.len() && sentence.due.is_some() => Expected::Either,
            (true, None) => return None,
            (true, Some(_)) if taken > before => return None,
            (true, Some(failure)) if is_turn(failure) && !is_well_formed(&sentence.octets) => {
                return None;
            }
            (true, Some(failure)) if is_frame && failure.close == UNREADABLE && !is_whole => {
                return None;
            }
            (true, Some(_)) if self.may_be_ignored(&sentence.octets) => Expected::Either,
            (true, Some(failure)) => Expected::Reject(failure.close),
        };
        let failed = reading.failure.and_then(|failure| failure.requirement);
        let due = sentence.due.as_ref().map(|due| due.requirement.as_str());
        let requirement = failed.as_deref().or(due);
        let (topic, name) = (self.topic, &sentence.name);
        let group = requirement.unwrap_or_default().replace('.', "-");
        let id = match outcome {
            Expected::Accept => format!("{topic}/member/{}/{name}", self.name),
            Expected::Either => format!("{topic}/freedom/{group}/{}-{name}", self.name),
            Expected::Reject(_) => format!("{topic}/near-miss/{group}/{}-{name}", self.name),
        };
        let mut draft = Draft::new(self.reader, sentence.source(), id, sentence.comment.clone())
            .within(context);
        for write in &writes {
            draft = draft.octets(write);
        }
        for event in reading.events {
            draft = draft.event(event);
        }
        match outcome {
            Expected::Accept => Some(draft),
            Expected::Either => Some(draft.covers(requirement).either()),
            Expected::Reject(close) => Some(draft.rejected(close, requirement?)),
        }
    }

    fn context(&self) -> Context {
        let draft = Draft::new(self.reader, Source::Written, String::new(), String::new());
        let draft = match self.carried {
            Carried::Binary(capability) => draft.active(capability, SEQUENCE),
            Carried::Escaped | Carried::Suspended => draft.active("rate-control", SEQUENCE),
            Carried::Several => SEVERAL.iter().fold(draft, |draft, (capability, last)| {
                draft.active(capability, [0xF0, 0x80, 0x00, *last])
            }),
            Carried::Bare | Carried::InsideText | Carried::Text => draft,
        };
        draft.context().clone()
    }

    /// The writes of a stream, and how many octets of it are right for sure.
    fn writes(&self, sentence: &[u8]) -> (Vec<Vec<u8>>, usize) {
        let frames = |frames: Vec<Frame>| {
            let draft = Draft::new(self.reader, Source::Written, String::new(), String::new());
            draft.frames(frames).writes()
        };
        match self.carried {
            Carried::Bare => (vec![completed(sentence)], 0),
            Carried::InsideText => {
                let mut writes = frames(vec![Frame::text("").open()]);
                writes.push(completed(sentence));
                let before = writes.first().map_or(0, Vec::len);
                (writes, before)
            }
            Carried::Text => (frames(vec![Frame::text(sentence)]), 0),
            Carried::Binary(_) | Carried::Several => (frames(vec![Frame::binary(sentence)]), 0),
            Carried::Escaped | Carried::Suspended => {
                let suspend = [&SEQUENCE[..], &[0x7E]].concat();
                let first = match self.carried {
                    Carried::Suspended => suspend.as_slice(),
                    _ => &SEQUENCE,
                };
                let writes = frames(vec![Frame::binary(first), Frame::binary(sentence)]);
                let before = writes.first().map_or(0, Vec::len);
                (writes, before)
            }
        }
    }

    /// Whether a reader may know nothing of this type of control message, and drops it then.
    fn may_be_ignored(&self, message: &[u8]) -> bool {
        let kind = message.strip_prefix(&SEQUENCE).and_then(<[u8]>::first);
        matches!(self.carried, Carried::Binary("rate-control")) && matches!(kind, Some(0x80..))
    }
}

/// Whether a message came when it was not its turn.
fn is_turn(failure: &Failure) -> bool {
    matches!(failure.requirement.as_deref(), Some("suspend.turn" | "setup.turn"))
}

/// Whether nothing is wrong in a message but its turn: who looks at both may tell either.
fn is_well_formed(message: &[u8]) -> bool {
    match message.get(SEQUENCE.len()..) {
        Some([0x7E | 0x7F]) => true,
        Some([0x7E | 0x7F, ..]) | None => false,
        Some(message) => by_grammar("rate-message", message).taken == Some(message.len()),
    }
}

/// A frame with the rest of its payload, so that it is judged by those, too, who judge frames as a
/// whole; none is asked to judge a part.
fn completed(sentence: &[u8]) -> Vec<u8> {
    let mut frame = sentence.to_vec();
    if let Some(whole) = whole_length(sentence).filter(|whole| *whole <= LONGEST) {
        frame.resize(whole.max(frame.len()), 0);
    }
    frame
}

/// How many octets the frame has that begins so.
fn whole_length(frame: &[u8]) -> Option<usize> {
    let second = *frame.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (head, length) = match second & 0x7F {
        126 => (4, u16::from_be_bytes(frame.get(2..4)?.try_into().ok()?).into()),
        127 => (10, u64::from_be_bytes(frame.get(2..10)?.try_into().ok()?)),
        short => (2, short.into()),
    };
    usize::try_from(length).ok()?.checked_add(head + mask)
}
