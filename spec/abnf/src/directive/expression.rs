//! What directives calculate and compare.

use std::fmt;

use crate::ast::{Name, Span};

/// An expression with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands in the source of the directive.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionKind {
    /// `125`, `0x7F`
    Number(u64),
    /// `<82 04>`
    Octets(Vec<u8>),
    /// `"text"`, whatever the letter case, as in ABNF
    Text(Vec<u8>),
    /// A field, a value of the context, or one of its words.
    Name(Name),
    /// `length(X)`: how many octets the field has.
    Length(Name),
    /// `present(X)`: whether the field is set.
    Present(Name),
    /// `a + b`
    Arithmetic(Arithmetic, Box<Expression>, Box<Expression>),
    /// `a < b`
    Comparison(Comparison, Box<Expression>, Box<Expression>),
    /// `a in {1, 3..5}`
    InSet(Box<Expression>, Vec<SetItem>),
    /// `a in b`, b being a list of the context
    InList(Box<Expression>, Name),
    /// `not a`
    Not(Box<Expression>),
    /// `a and b`
    And(Box<Expression>, Box<Expression>),
    /// `a or b`
    Or(Box<Expression>, Box<Expression>),
}

/// A member of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetItem {
    /// Integers, ends included.
    Numbers(Interval),
    /// A string of octets.
    Octets(Vec<u8>),
    /// A text, whatever the letter case.
    Text(Vec<u8>),
    /// A word of the context.
    Word(Name),
}

/// The integers from `first` to `last`, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The least.
    pub first: u64,
    /// The greatest, not below `first`.
    pub last: u64,
}

/// Calculations; they are exact, in integers beyond 64 bits and below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `^`
    Power,
}

impl Arithmetic {
    /// The sign.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Power => "^",
        }
    }

    /// The result; `None` beyond 127 bits.
    pub fn apply(self, left: i128, right: i128) -> Option<i128> {
        match self {
            Self::Add => left.checked_add(right),
            Self::Subtract => left.checked_sub(right),
            Self::Multiply => left.checked_mul(right),
            Self::Power => left.checked_pow(u32::try_from(right).ok()?),
        }
    }
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// The sign.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether two things in this order are so related.
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

/// How strongly operators bind, from `or` to names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precedence {
    /// `or`
    Or,
    /// `and`
    And,
    /// `not`
    Not,
    /// `=`, `in` and their like
    Comparison,
    /// `+`, `-`
    Sum,
    /// `*`
    Product,
    /// `^`
    Power,
    /// What cannot be torn apart.
    Atom,
}

impl ExpressionKind {
    /// How strongly its operator binds.
    pub fn precedence(&self) -> Precedence {
        match self {
            Self::Or(..) => Precedence::Or,
            Self::And(..) => Precedence::And,
            Self::Not(_) => Precedence::Not,
            Self::Comparison(..) | Self::InSet(..) | Self::InList(..) => Precedence::Comparison,
            Self::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, ..) => Precedence::Sum,
            Self::Arithmetic(Arithmetic::Multiply, ..) => Precedence::Product,
            Self::Arithmetic(Arithmetic::Power, ..) => Precedence::Power,
            Self::Number(_)
            | Self::Octets(_)
            | Self::Text(_)
            | Self::Name(_)
            | Self::Length(_)
            | Self::Present(_) => Precedence::Atom,
        }
    }
}

impl fmt::Display for Expression {
    /// As it would be written, with no more parentheses than are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.kind.precedence();
        let left =
            |one| Operand { expression: one, needs_parentheses: one.kind.precedence() < own };
        let right =
            |one| Operand { expression: one, needs_parentheses: one.kind.precedence() <= own };
        match &self.kind {
            ExpressionKind::Number(number) => number.fmt(f),
            ExpressionKind::Octets(octets) => write_octets(f, octets),
            ExpressionKind::Text(text) => write!(f, "\"{}\"", String::from_utf8_lossy(text)),
            ExpressionKind::Name(name) => f.write_str(&name.text),
            ExpressionKind::Length(name) => write!(f, "length({})", name.text),
            ExpressionKind::Present(name) => write!(f, "present({})", name.text),
            ExpressionKind::Arithmetic(Arithmetic::Power, a, b) => {
                write!(f, "{}^{}", right(a), right(b))
            }
            ExpressionKind::Arithmetic(sign, a, b) => {
                write!(f, "{} {} {}", left(a), sign.as_str(), right(b))
            }
            ExpressionKind::Comparison(sign, a, b) => {
                write!(f, "{} {} {}", right(a), sign.as_str(), right(b))
            }
            ExpressionKind::InSet(a, items) => {
                write!(f, "{} in {{", right(a))?;
                for (index, item) in items.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    f.write_str(separator)?;
                    item.fmt(f)?;
                }
                f.write_str("}")
            }
            ExpressionKind::InList(a, list) => write!(f, "{} in {}", right(a), list.text),
            ExpressionKind::Not(a) => write!(f, "not {}", left(a)),
            ExpressionKind::And(a, b) => write!(f, "{} and {}", left(a), right(b)),
            ExpressionKind::Or(a, b) => write!(f, "{} or {}", left(a), right(b)),
        }
    }
}

impl fmt::Display for SetItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbers(Interval { first, last }) if first == last => first.fmt(f),
            Self::Numbers(Interval { first, last }) => write!(f, "{first}..{last}"),
            Self::Octets(octets) => write_octets(f, octets),
            Self::Text(text) => write!(f, "\"{}\"", String::from_utf8_lossy(text)),
            Self::Word(name) => f.write_str(&name.text),
        }
    }
}

struct Operand<'e> {
    expression: &'e Expression,
    needs_parentheses: bool,
}

impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.needs_parentheses {
            write!(f, "({})", self.expression)
        } else {
            self.expression.fmt(f)
        }
    }
}

fn write_octets(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    f.write_str("<")?;
    for (index, octet) in octets.iter().enumerate() {
        let separator = if index == 0 { "" } else { " " };
        write!(f, "{separator}{octet:02X}")?;
    }
    f.write_str(">")
}
