//! What each word of the language takes: the tables behind the checks.

use super::syntax::Verb;
use super::wanted::{
    ANY, CAPABILITY, CODE, CODES, FLAG, LENGTH_BITS, MASKING_KEY, NUMBER, OCTETS, OPCODE, SIZE,
    START, STATUS, STATUSES, STYLE, TYPE, Wanted,
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
                ("method", &START),
                ("target", &START),
                ("version", &START),
                ("style", &STYLE),
            ],
            fields: true,
            ..base
        },
        Verb::Response => Signature {
            names: &[("reason", &START), ("version", &START), ("style", &STYLE)],
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
            Signature { names: &[("masking-key", &MASKING_KEY), ("fragments", &SIZE)], ..payload }
        }
        Verb::Message => Signature {
            names: &[("type", &TYPE), ("masking-key", &MASKING_KEY), ("fragments", &SIZE)],
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
    ("accept-of", &[&START], false),
    ("first", &[&NUMBER, &OCTETS], false),
    ("flip", &[&NUMBER, &OCTETS], false),
    ("hexadecimal", &[&OCTETS], false),
    ("letters", &[&NUMBER], false),
    ("long-target", &[&NUMBER], false),
    ("lower-case", &[&START], false),
    ("now", &[], false),
    ("parameter", &[&START, &START], false),
    ("pattern", &[&NUMBER], false),
    ("random", &[&NUMBER], false),
    ("repeat", &[&NUMBER, &OCTETS], false),
    ("rest", &[&NUMBER, &OCTETS], false),
    ("since", &[&NUMBER], false),
    ("upper-case", &[&START], false),
];

/// The predicates of the language.
pub(super) const PREDICATES: &[Function] = &[
    ("at-least", &[&NUMBER, &NUMBER], false),
    ("at-most", &[&NUMBER, &NUMBER], false),
    ("contains", &[&OCTETS, &OCTETS], false),
    ("differ", &[&ANY, &ANY], true),
    ("equal", &[&ANY, &ANY], false),
    ("hexadecimal", &[&OCTETS, &NUMBER], false),
    ("narrower", &[&CAPABILITY, &START], false),
    ("patternless", &[&MASKING_KEY, &MASKING_KEY, &MASKING_KEY], true),
];

/// The words of a `send … in`.
pub(super) const CUTS: [&str; 2] = ["octets", "one-write"];

/// The settings of `open with` that are no parameters of the capability.
pub(super) const SETTINGS: [&str; 2] = ["offer", "sequence"];

/// The settings of `open with control-setup` besides.
pub(super) const BOOTSTRAP_SETTINGS: [&str; 2] = ["by", "app"];

/// The applications of an endpoint under test.
pub(super) const APPLICATIONS: &[&str] =
    &["echo", "source", "sink", "close", "offer", "bootstrap", "require", "any"];
