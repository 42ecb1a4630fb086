//! What ABNF cannot say: structured comments, `;@ …`, read into types.
//!
//! A directive stands behind or below the rule that it belongs to, here called *R*, one a comment:
//!
//! | directive | meaning |
//! |---|---|
//! | `bits fin:1 rsv:3 opcode:4` | the first octets of R, the most significant bit first, are these fields; the widths add up to whole octets, at most eight |
//! | `uint NAME : ENCODING` | the octets of R are an integer of at most 64 bits: `be` (big-endian), `base128` (seven bits an octet, the high bit set on all but the last), `decimal` or `hex` (digits in US-ASCII) |
//! | `size X : EXPR` | the part X of R takes exactly as many octets |
//! | `when X : EXPR` | the part X of R stands there if and only if EXPR holds |
//! | `where EXPR` | judged where R ends: without it R does not match |
//! | `transform X : xor KEY as Y` | the octets of X, combined with those of the field KEY in turn, match the rule Y |
//! | `transform X : utf8 as Y` | the octets of X are UTF-8, and the code points match the rule Y |
//! | `transform X : NAME as Y` | what the hook NAME makes of the octets of X matches the rule Y |
//! | `fail CODE ID` | what does not fit R violates the requirement ID, CODE is due |
//! | `context NAME : a / b` | a value from outside, one of these words; or of the kind `uint`, `octets`, `list` |
//! | `feature NAME` | what R is for; coverage tells whether it was exercised |
//!
//! `; fail CODE ID` may stand behind `bits`, `uint`, `size`, `when`, `where` and `transform` too.
//! X may be R itself. Names ignore case, as in ABNF.
//!
//! **The law: erase the comments and the language only grows.** Every directive narrows, none adds.
//! Therefore what is transformed is `*OCTET`, and what becomes of it has a rule of its own.

mod cursor;
mod expression;
mod formula;
mod lexer;
mod parser;

pub use expression::{
    Arithmetic, Comparison, Expression, ExpressionKind, Interval, Precedence, SetItem,
};

use crate::ast::{Name, Span};
use crate::diagnostic::{Diagnostic, Source};

/// A directive, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// What it says.
    pub kind: Kind,
    /// What is due when it is not kept, if the directive says so.
    pub fail: Option<Fail>,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of directive; see the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `bits fin:1 rsv:3 opcode:4`
    Bits(Vec<BitField>),
    /// `uint NAME : be`
    Uint {
        /// What the integer is called.
        name: Name,
        /// How it is written.
        encoding: Encoding,
    },
    /// `size X : EXPR`
    Size {
        /// The part.
        part: Name,
        /// Its octets.
        octets: Expression,
    },
    /// `when X : EXPR`
    When {
        /// The part.
        part: Name,
        /// When it is there.
        condition: Expression,
    },
    /// `where EXPR`
    Where(Expression),
    /// `transform X : xor KEY as Y`
    Transform {
        /// The part.
        part: Name,
        /// What is done to its octets.
        transform: Transform,
        /// The rule that the result matches.
        result: Option<Name>,
    },
    /// `fail CODE ID`; what it says stands in [`Typed::fail`].
    Fail,
    /// `context NAME : …`
    Context {
        /// What the value is called.
        name: Name,
        /// What it may be.
        domain: Domain,
    },
    /// `feature NAME`
    Feature(Name),
}

/// A field of so many bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitField {
    /// What it is called.
    pub name: Name,
    /// How many bits it has, 1 to 64.
    pub width: u32,
}

/// How an integer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// Big-endian octets.
    BigEndian,
    /// Seven bits an octet, the most significant first, the high bit set on all but the last.
    Base128,
    /// Decimal digits in US-ASCII.
    Decimal,
    /// Hexadecimal digits in US-ASCII.
    Hexadecimal,
}

impl Encoding {
    /// The word that stands for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BigEndian => "be",
            Self::Base128 => "base128",
            Self::Decimal => "decimal",
            Self::Hexadecimal => "hex",
        }
    }

    /// The integer that `octets` are; `None` if they are none, or one beyond 64 bits.
    pub fn read(self, octets: &[u8]) -> Option<u64> {
        if octets.is_empty() {
            return None;
        }
        let mut number = 0u64;
        for (index, octet) in octets.iter().enumerate() {
            let (radix, digit) = match self {
                Self::BigEndian => (256, u64::from(*octet)),
                Self::Base128 => {
                    let is_last = index + 1 == octets.len();
                    if (octet & 0x80 == 0) != is_last {
                        return None;
                    }
                    (128, u64::from(octet & 0x7F))
                }
                Self::Decimal => (10, u64::from(char::from(*octet).to_digit(10)?)),
                Self::Hexadecimal => (16, u64::from(char::from(*octet).to_digit(16)?)),
            };
            number = number.checked_mul(radix)?.checked_add(digit)?;
        }
        Some(number)
    }
}

impl Encoding {
    /// The greatest integer of at most 64 bits that so many octets can be.
    pub fn greatest(self, octets: u64) -> u64 {
        let base: u128 = match self {
            Self::BigEndian => 256,
            Self::Base128 => 128,
            Self::Decimal => 10,
            Self::Hexadecimal => 16,
        };
        let count = base.checked_pow(u32::try_from(octets).unwrap_or(u32::MAX));
        count.map_or(u64::MAX, |count| u64::try_from(count - 1).unwrap_or(u64::MAX))
    }
}

/// What is done to octets before a rule matches them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transform {
    /// Exclusive or with the octets of a field, over and over; nothing where the field is not set.
    Xor(Name),
    /// Code points out of UTF-8.
    Utf8,
    /// What a hook of this name does.
    Hook(Name),
}

/// What is due when something does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fail {
    /// A number of the protocol, such as a close code or a status code.
    pub code: u16,
    /// The requirement that is violated.
    pub requirement: String,
}

/// What a value from outside may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// One of these words.
    Words(Vec<String>),
    /// An integer of up to 64 bits.
    Uint,
    /// Octets.
    Octets,
    /// Any number of strings of octets.
    List,
}

/// Reads what stands behind `;@` in `span` of `source`.
///
/// # Errors
///
/// What is wrong with it, at its place.
pub fn parse(source: &Source, span: Span) -> Result<Typed, Diagnostic> {
    parser::parse(source, span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_in_each_encoding() {
        assert_eq!(Encoding::BigEndian.read(&[1, 0]), Some(256));
        assert_eq!(Encoding::BigEndian.read(&[0xFF; 8]), Some(u64::MAX));
        assert_eq!(Encoding::BigEndian.read(&[1, 0, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(Encoding::BigEndian.read(&[]), None);
        assert_eq!(Encoding::Base128.read(&[0x81, 0x00]), Some(128));
        assert_eq!(Encoding::Base128.read(&[0x81]), None);
        assert_eq!(Encoding::Base128.read(&[0x01, 0x01]), None);
        assert_eq!(Encoding::Decimal.read(b"0255"), Some(255));
        assert_eq!(Encoding::Decimal.read(b"18446744073709551616"), None);
        assert_eq!(Encoding::Decimal.read(b"1x"), None);
        assert_eq!(Encoding::Hexadecimal.read(b"fF"), Some(255));
    }
}
