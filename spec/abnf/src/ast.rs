//! The syntax tree: RFC 5234, section 4, as types, with the place of everything.
//!
//! The tree keeps what a rule says, not how it is laid out: comments, white space and the spelling
//! of repeats (`3x` or `3*3x`) are gone, groups and the number of digits of a value are kept
//! (`%x0000` means more octets than `%x00` to an octet grammar). `Display` prints a tree as ABNF
//! that reads back as the same tree, its spans apart.

use std::ops::Range;

use crate::diagnostic::{Location, Source};

/// A range of octets in the [`Source`] of the rule.
pub type Span = Range<usize>;

/// One rule as it stands in the text: a definition, or alternatives for an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The text that holds the rule; all spans below are ranges of it.
    pub source: Source,
    /// The name that is defined.
    pub name: Name,
    /// Whether the rule defines the name or adds to it.
    pub definition: Definition,
    /// What the name stands for.
    pub alternation: Alternation,
    /// The structured comments, in order.
    pub directives: Vec<Directive>,
    /// From the name to the end of the last element.
    pub span: Span,
}

impl Rule {
    /// Where the rule's name stands.
    pub fn location(&self) -> Location {
        self.source.location(self.name.span.start)
    }
}

/// How a rule relates to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// `=`
    Base,
    /// `=/`: more alternatives (RFC 5234, 3.3).
    Incremental,
}

/// A rule's name as written; names are compared without regard to case (RFC 5234, 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The letters, digits and hyphens.
    pub text: String,
    /// Where they stand.
    pub span: Span,
}

impl Name {
    /// The form under which equal names are equal.
    pub fn key(&self) -> String {
        self.text.to_ascii_lowercase()
    }
}

/// A structured comment, `;@ text`: what ABNF cannot say, skipped by other tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// What follows `;@`, without surrounding white space.
    pub text: String,
    /// Where `text` stands.
    pub span: Span,
}

impl Directive {
    /// What stands in the text and could be a rule's name.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        let words = self.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
    }
}

/// `;@ import rfc3986 as uri` at the margin: the rule `host` of the set `rfc3986` is called
/// `uri-host` here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The text that holds the import; all spans are ranges of it.
    pub source: Source,
    /// The set of rules, [known](crate::known) or [offered](crate::GrammarBuilder::offer).
    pub set: Name,
    /// What stands before its rules' names, a hyphen in between.
    pub prefix: Name,
    /// From `import` to the end of the prefix.
    pub span: Span,
}

/// `a / b`: one or more branches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternation {
    /// The branches in order, never none.
    pub branches: Vec<Concatenation>,
}

/// `a b`: one or more parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concatenation {
    /// The parts in order, never none.
    pub parts: Vec<Repetition>,
}

/// `2*3a`: an element and how often it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repetition {
    /// How often.
    pub repeat: Repeat,
    /// What.
    pub element: Element,
    /// From the repeat, if written, to the end of the element.
    pub span: Span,
}

/// How often an element stands; `min` is never above `max`.
///
/// Numbers beyond 64 bits are held as `u64::MAX`: no input is long enough to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    min: u64,
    max: Option<u64>,
}

impl Repeat {
    /// Exactly once, which is how an element without a repeat stands.
    pub const ONCE: Self = Self { min: 1, max: Some(1) };

    /// Exactly `count` times.
    pub fn exactly(count: u64) -> Self {
        Self { min: count, max: Some(count) }
    }

    /// From `min` to `max` times, without a bound for `None`; nothing if `min` is above `max`.
    pub fn new(min: u64, max: Option<u64>) -> Option<Self> {
        max.is_none_or(|max| min <= max).then_some(Self { min, max })
    }

    /// The least number of times.
    pub fn min(self) -> u64 {
        self.min
    }

    /// The greatest number of times, if there is one that an input can reach: `u64::MAX` is none.
    pub fn max(self) -> Option<u64> {
        self.max.filter(|max| *max < u64::MAX)
    }

    /// The greatest number of times as it is written, reachable or not.
    pub(crate) fn written_max(self) -> Option<u64> {
        self.max
    }
}

/// The smallest unit that can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// What it is.
    pub kind: ElementKind,
    /// Where it stands, with its delimiters.
    pub span: Span,
}

/// The kinds of element (RFC 5234, 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElementKind {
    /// `name`
    Reference(Name),
    /// `( a )`
    Group(Alternation),
    /// `[ a ]`
    Option(Alternation),
    /// `"text"`, `%i"text"`, `%s"text"` (RFC 7405): printable US-ASCII without the double quote.
    Text {
        /// What stands between the quotes.
        text: String,
        /// Whether letters match in their own case only, `%s`.
        case_sensitive: bool,
    },
    /// `%x0D.0A`: one or more values in a row.
    Values {
        /// The base in which the values are written.
        base: Base,
        /// The values, never none.
        values: Vec<Value>,
    },
    /// `%x30-39`: one value of a range, ends included, `first` never above `last`.
    Range {
        /// The base in which the ends are written.
        base: Base,
        /// The least value.
        first: Value,
        /// The greatest value.
        last: Value,
    },
    /// `<prose>`: a description for people.
    Prose(String),
}

/// The base of a numeric value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// `%b`
    Binary,
    /// `%d`
    Decimal,
    /// `%x`
    Hexadecimal,
}

impl Base {
    /// 2, 10 or 16.
    pub fn radix(self) -> u32 {
        match self {
            Self::Binary => 2,
            Self::Decimal => 10,
            Self::Hexadecimal => 16,
        }
    }

    /// The letter after the percent sign.
    pub fn letter(self) -> char {
        match self {
            Self::Binary => 'b',
            Self::Decimal => 'd',
            Self::Hexadecimal => 'x',
        }
    }
}

/// A terminal value of up to 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The value.
    pub number: u64,
    /// With how many digits it was written, leading zeros included.
    pub digits: usize,
}

impl Alternation {
    /// Calls `visit` for every rule name that is used below, in order.
    pub fn for_each_reference<'a>(&'a self, visit: &mut impl FnMut(&'a Name)) {
        for part in self.branches.iter().flat_map(|branch| &branch.parts) {
            match &part.element.kind {
                ElementKind::Reference(name) => visit(name),
                ElementKind::Group(inner) | ElementKind::Option(inner) => {
                    inner.for_each_reference(visit);
                }
                ElementKind::Text { .. }
                | ElementKind::Values { .. }
                | ElementKind::Range { .. }
                | ElementKind::Prose(_) => {}
            }
        }
    }
}
