//! What a value has to be in a place.

use std::fmt;

use super::syntax::Value;

/// What a place takes. A variable or a call is taken everywhere, as far as its own place is not
/// known to be of another kind.
pub(super) struct Wanted {
    /// What it is, as a diagnostic says it; tells one from another.
    pub(super) label: &'static str,
    /// Whether a literal fits.
    pub(super) admits: fn(&Value) -> bool,
    /// Whether the variable of a negotiated capability fits.
    pub(super) capability: bool,
    /// Whether a variable that is not set captures what came.
    pub(super) captures: bool,
}

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label)
    }
}

const fn wanted(label: &'static str, admits: fn(&Value) -> bool) -> Wanted {
    Wanted { label, admits, capability: false, captures: true }
}

/// A payload or a part of one; a capability stands for its control sequence.
pub(super) const OCTETS: Wanted = Wanted {
    capability: true,
    ..wanted("\"text\", <octets>, a $variable or a call", |value| {
        matches!(value, Value::Text(_) | Value::Octets(_))
    })
};

/// What stands in a line of a head.
pub(super) const FIELD: Wanted = wanted("\"text\", <octets> or a number", |value| {
    matches!(value, Value::Text(_) | Value::Octets(_) | Value::Number(_))
});

/// What stands in the first line of a head.
pub(super) const START: Wanted =
    wanted("\"text\" or a number", |value| matches!(value, Value::Text(_) | Value::Number(_)));

pub(super) const NUMBER: Wanted =
    wanted("a whole number", |value| matches!(value, Value::Number(_)));

/// Into how many octets something is cut.
pub(super) const SIZE: Wanted = Wanted {
    captures: false,
    ..wanted("a whole number, 1 or more", |value| matches!(value, Value::Number(1..)))
};

/// A whole number to expect.
pub(super) const NUMBERS: Wanted =
    wanted("whole numbers, such as 1 or 1..9", |value| all_numbers(value, 0, u64::MAX));

pub(super) const FLAG: Wanted = wanted("0 or 1", |value| matches!(value, Value::Number(0 | 1)));

pub(super) const OPCODE: Wanted = Wanted {
    captures: false,
    ..wanted("0 to 15 or one of `continuation` `text` `binary` `close` `ping` `pong`", |value| {
        matches!(value, Value::Number(0..=15))
            || is_word(value, &["continuation", "text", "binary", "close", "ping", "pong"])
    })
};

pub(super) const TYPE: Wanted = Wanted {
    captures: false,
    ..wanted("`text` or `binary`", |value| is_word(value, &["text", "binary"]))
};

/// How a head is written that means the same as any other.
pub(super) const STYLE: Wanted = Wanted {
    captures: false,
    ..wanted("one of `as-is` `lower-case` `upper-case` `reversed` `no-space` `wide`", |value| {
        let styles = ["as-is", "lower-case", "upper-case", "reversed", "no-space", "wide"];
        is_word(value, &styles)
    })
};

pub(super) const LENGTH_BITS: Wanted =
    wanted("7, 16 or 64", |value| matches!(value, Value::Number(7 | 16 | 64)));

pub(super) const MASKING_KEY: Wanted = wanted(
    "four octets, such as <01 02 03 04>",
    |value| matches!(value, Value::Octets(octets) if octets.len() == 4),
);

/// The control sequence that a connection is to use.
pub(super) const SEQUENCE: Wanted = wanted("four octets, such as <F0 80 00 01>", |value| {
    matches!(value, Value::Octets(octets) if octets.len() == 4)
        || matches!(value, Value::Text(text) if text.len() == 4)
});

/// A close code to send.
pub(super) const CODE: Wanted =
    wanted("a close code, 0 to 65535", |value| matches!(value, Value::Number(0..=0xFFFF)));

/// A close code to expect.
pub(super) const CODES: Wanted =
    wanted("close codes of 0 to 65535, such as 1002 or 1002|1007", |value| {
        all_numbers(value, 0, 0xFFFF)
    });

/// A status to send.
pub(super) const STATUS: Wanted =
    wanted("a status, 100 to 999", |value| matches!(value, Value::Number(100..=999)));

/// A status to expect.
pub(super) const STATUSES: Wanted =
    wanted("statuses of 100 to 999, such as 101 or 400..499", |value| all_numbers(value, 100, 999));

/// How octets are cut.
pub(super) const CUT: Wanted =
    wanted("\"octets\", \"one-write\" or the size of a piece", |value| {
        matches!(value, Value::Number(1..)) || is_text(value, &super::signature::CUTS)
    });

/// The name of a field or a setting, by variable.
pub(super) const NAME: Wanted =
    wanted("a name in quotes, such as \"Host\"", |value| matches!(value, Value::Text(_)));

/// A parameter of a capability: a word will do.
pub(super) const PARAMETER: Wanted = wanted("a word, \"text\" or a number", |value| {
    matches!(value, Value::Word(_) | Value::Text(_) | Value::Number(_))
});

/// How `control-setup` is negotiated.
pub(super) const BY: Wanted = Wanted {
    captures: false,
    ..wanted("`extension` or `subprotocol`", |value| is_word(value, &["extension", "subprotocol"]))
};

/// A part of a sum.
pub(super) const AMOUNT: Wanted =
    wanted("a number", |value| matches!(value, Value::Number(_) | Value::Decimal(_)));

/// What can be named or compared.
pub(super) const ANY: Wanted = Wanted {
    capability: true,
    ..wanted("\"text\", <octets> or a whole number", |value| {
        matches!(value, Value::Text(_) | Value::Octets(_) | Value::Number(_))
    })
};

/// The place of what was found wrong already.
pub(super) const ANYTHING: Wanted = Wanted { capability: true, ..wanted("a value", |_| true) };

/// A capability that was negotiated.
pub(super) const CAPABILITY: Wanted = Wanted {
    capability: true,
    captures: false,
    ..wanted("the variable of `open with CAPABILITY as $variable`", |_| false)
};

/// The type of a control message, with its body or without.
pub(super) const MESSAGE: Wanted = Wanted {
    captures: false,
    ..wanted("the name of a control message, or its octets from the type on", |value| {
        matches!(value, Value::Word(_) | Value::Text(_) | Value::Octets(_))
    })
};

fn all_numbers(value: &Value, low: u64, high: u64) -> bool {
    match value {
        Value::Number(number) => (low..=high).contains(number),
        Value::Numbers(ranges) => ranges.iter().all(|(from, to)| low <= *from && *to <= high),
        _ => false,
    }
}

fn is_word(value: &Value, words: &[&str]) -> bool {
    matches!(value, Value::Word(word) if words.contains(&word.as_str())) || is_text(value, words)
}

fn is_text(value: &Value, words: &[&str]) -> bool {
    matches!(value, Value::Text(text) if words.contains(&text.as_str()))
}
