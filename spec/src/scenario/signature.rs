//! What each word of the language takes: the tables behind the checks.

use super::syntax::Verb;

/// Names that an item knows and what its free-standing values mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature {
    /// Lower-case names that can be set.
    pub(super) names: &'static [&'static str],
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
        Verb::Request => {
            Signature { names: &["method", "target", "version", "style"], fields: true, ..base }
        }
        Verb::Response => {
            Signature { names: &["reason", "style"], fields: true, values: (1, 1), ..base }
        }
        Verb::Frame => Signature {
            names: &[
                "fin",
                "rsv1",
                "rsv2",
                "rsv3",
                "opcode",
                "mask",
                "payload-length",
                "length-bits",
                "masking-key",
                "payload",
            ],
            ..payload
        },
        Verb::Text | Verb::Binary => Signature { names: &["masking-key"], ..payload },
        Verb::Message => Signature { names: &["type", "masking-key"], sent: false, ..payload },
        Verb::Ping | Verb::Pong | Verb::Raw => payload,
        Verb::Close => Signature { values: (0, 2), ..base },
        Verb::Escape => Signature { values: (1, 1), ..base },
        Verb::Control => Signature { values: (2, MANY), ..base },
        Verb::Fail => Signature { values: (1, 1), sent: false, ..base },
        Verb::End => base,
        Verb::Nothing | Verb::Silence => Signature { sent: false, ..base },
    }
}

/// A function of the language, and how many arguments it takes.
pub(super) const FUNCTIONS: &[(&str, usize)] = &[
    ("absolute-target", 0),
    ("accept-of", 1),
    ("first", 2),
    ("lower-case", 1),
    ("parameter", 2),
    ("pattern", 1),
    ("random", 1),
    ("rest", 2),
    ("upper-case", 1),
];

/// A predicate of the language, and the least number of arguments it takes.
pub(super) const PREDICATES: &[(&str, usize)] =
    &[("at-most", 2), ("differ", 2), ("equal", 2), ("narrower", 2)];

/// The words of a `send … in`.
pub(super) const CUTS: [&str; 2] = ["octets", "one-write"];

/// The words that `style` takes.
pub(super) const STYLES: &[&str] =
    &["as-is", "lower-case", "upper-case", "reversed", "no-space", "wide"];

/// Names of opcodes (RFC 6455, 5.2).
pub(super) const OPCODES: &[&str] = &["continuation", "text", "binary", "close", "ping", "pong"];

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

/// The control message `name` of the capability `token`.
///
/// ```
/// let rate = wsconform_spec::scenario::control_message("rate-control", "RATE");
/// assert_eq!(rate.map(|message| message.kind), Some(0x01));
/// ```
pub fn control_message(token: &str, name: &str) -> Option<ControlMessage> {
    capability(token)?.messages.iter().find(|message| message.name == name).copied()
}
