//! What each word of the language takes: the tables behind the checks.

use super::syntax::Verb;
use super::wanted::{
    ANY, CAPABILITY, CODE, CODES, FIELD, FLAG, LENGTH_BITS, MASKING_KEY, NUMBER, OCTETS, OPCODE,
    STATUS, STATUSES, STYLE, TYPE, Wanted,
};

/// Names that an item knows and what its free-standing values mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature {
    /// Lower-case names that can be set, and what they take.
    pub(super) names: &'static [(&'static str, &'static Wanted)],
    /// Whether HTTP field names (`Host=…`, `without Host`) are taken too.
    pub(super) fields: bool,
    /// How many free-standing values there may be.
    pub(super) values: (usize, usize),
    /// Whether it can be sent.
    pub(super) sent: bool,
    /// Whether it can be expected.
    pub(super) expected: bool,
}

const MANY: usize = usize::MAX;

pub(super) fn signature(verb: Verb) -> Signature {
    let base = Signature { names: &[], fields: false, values: (0, 0), sent: true, expected: true };
    let payload = Signature { values: (0, MANY), ..base };
    match verb {
        Verb::Request => Signature {
            names: &[
                ("method", &FIELD),
                ("target", &FIELD),
                ("version", &FIELD),
                ("style", &STYLE),
            ],
            fields: true,
            ..base
        },
        Verb::Response => Signature {
            names: &[("reason", &FIELD), ("style", &STYLE)],
            fields: true,
            values: (1, 1),
            ..base
        },
        Verb::Frame => Signature {
            names: &[
                ("fin", &FLAG),
                ("rsv1", &FLAG),
                ("rsv2", &FLAG),
                ("rsv3", &FLAG),
                ("opcode", &OPCODE),
                ("mask", &FLAG),
                ("payload-length", &NUMBER),
                ("length-bits", &LENGTH_BITS),
                ("masking-key", &MASKING_KEY),
                ("payload", &OCTETS),
            ],
            ..payload
        },
        Verb::Text | Verb::Binary => {
            Signature { names: &[("masking-key", &MASKING_KEY)], ..payload }
        }
        Verb::Message => Signature {
            names: &[("type", &TYPE), ("masking-key", &MASKING_KEY)],
            sent: false,
            ..payload
        },
        Verb::Ping | Verb::Pong | Verb::Raw => payload,
        Verb::Close => Signature { values: (0, 2), ..base },
        Verb::Escape => Signature { values: (1, 1), ..base },
        Verb::Control => Signature { values: (2, MANY), ..base },
        Verb::Fail => Signature { values: (0, 1), sent: false, ..base },
        Verb::End => base,
        Verb::Nothing | Verb::Silence => Signature { sent: false, ..base },
    }
}

/// What the free-standing value at `index` has to be.
pub(super) fn positional(verb: Verb, index: usize, expected: bool) -> &'static Wanted {
    match (verb, index, expected) {
        (Verb::Response, _, false) => &STATUS,
        (Verb::Response, _, true) => &STATUSES,
        (Verb::Close, 0, false) => &CODE,
        (Verb::Close, 0, true) | (Verb::Fail, ..) => &CODES,
        (Verb::Escape | Verb::Control, 0, _) => &CAPABILITY,
        _ => &OCTETS,
    }
}

/// A function or predicate: its name, what its arguments have to be, and whether there may be
/// more of the last one.
pub(super) type Function = (&'static str, &'static [&'static Wanted], bool);

/// The functions of the language.
pub(super) const FUNCTIONS: &[Function] = &[
    ("absolute-target", &[], false),
    ("accept-of", &[&FIELD], false),
    ("first", &[&NUMBER, &OCTETS], false),
    ("lower-case", &[&FIELD], false),
    ("parameter", &[&FIELD, &FIELD], false),
    ("pattern", &[&NUMBER], false),
    ("random", &[&NUMBER], false),
    ("rest", &[&NUMBER, &OCTETS], false),
    ("upper-case", &[&FIELD], false),
];

/// The predicates of the language.
pub(super) const PREDICATES: &[Function] = &[
    ("at-most", &[&NUMBER, &NUMBER], false),
    ("differ", &[&ANY, &ANY], true),
    ("equal", &[&ANY, &ANY], false),
    ("narrower", &[&CAPABILITY, &FIELD], false),
];

/// The words of a `send … in`.
pub(super) const CUTS: [&str; 2] = ["octets", "one-write"];

/// The settings of `open with` that are no parameters of the capability.
pub(super) const SETTINGS: &[&str] = &["offer", "sequence"];

/// The applications of an endpoint under test.
pub(super) const APPLICATIONS: &[&str] = &["echo", "source", "sink", "close", "any"];

/// A capability of the book: its token, parameters and messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capability {
    pub(super) token: &'static str,
    pub(super) parameters: &'static [&'static str],
    pub(super) messages: &'static [ControlMessage],
}

/// A control message of a capability, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlMessage {
    /// The name, in upper case.
    pub name: &'static str,
    /// The first octet after the sequence.
    pub kind: u8,
    /// What follows the type.
    pub body: ControlBody,
}

/// The body of a control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlBody {
    /// No octet.
    Empty,
    /// One unsigned integer of 8 octets, most significant first.
    Integer,
    /// Octets with a structure of their own.
    Octets,
}

const fn message(name: &'static str, kind: u8, body: ControlBody) -> ControlMessage {
    ControlMessage { name, kind, body }
}

/// The capabilities that scenarios can negotiate.
pub(super) const CAPABILITIES: &[Capability] = &[Capability {
    token: "rate-control",
    parameters: &["sender", "max-rate", "pace", "burst", "step", "ack"],
    messages: &[
        message("RATE", 0x01, ControlBody::Integer),
        message("INCREASE", 0x02, ControlBody::Empty),
        message("DECREASE", 0x03, ControlBody::Empty),
        message("FULL", 0x04, ControlBody::Empty),
        message("EFFECTIVE", 0x05, ControlBody::Integer),
        message("LIMIT", 0x06, ControlBody::Integer),
        message("SUSPEND", 0x7E, ControlBody::Empty),
        message("RESUME", 0x7F, ControlBody::Empty),
        message("ACK", 0x80, ControlBody::Integer),
        message("STATUS", 0x81, ControlBody::Octets),
    ],
}];

pub(super) fn capability(token: &str) -> Option<&'static Capability> {
    CAPABILITIES.iter().find(|capability| capability.token == token)
}

/// The control message of the capability `token` with the type `kind`.
pub fn control_message_of_kind(token: &str, kind: u8) -> Option<ControlMessage> {
    capability(token)?.messages.iter().find(|message| message.kind == kind).copied()
}

/// The control message `name` of the capability `token`.
///
/// ```
/// let rate = wsconform_spec::scenario::control_message("rate-control", "RATE");
/// assert_eq!(rate.map(|message| message.kind), Some(0x01));
/// ```
pub fn control_message(token: &str, name: &str) -> Option<ControlMessage> {
    capability(token)?.messages.iter().find(|message| message.name == name).copied()
}
