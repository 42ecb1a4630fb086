//! A grammar with every name resolved and every directive in its place: what the recogniser, the
//! generator, coverage and the deeper checks work on.
//!
//! [`Program::new`] turns a [`Grammar`] into rules and nodes that refer to each other by number.
//! Terminals have become sets of octets: a program knows octets alone. What a value stands for is
//! said by its [`Unit`].

mod bits;
mod condition;
mod given;
mod intervals;
mod lower;
mod octets;
mod resolve;
mod terminal;
mod widths;

use std::collections::HashMap;

use crate::ast::Span;
use crate::diagnostic::{Diagnostic, Location, Source};
use crate::directive::{Domain, Encoding, Fail};
use crate::grammar::Grammar;

pub(crate) use bits::Bits;
pub use condition::{Condition, Fields, Number, OctetString};
pub use given::{Given, GivenError, Value};
pub(crate) use intervals::Intervals;
pub use octets::OctetSet;

/// What the values of terminals are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Octets; a value of more than two hexadecimal digits is as many octets, big-endian.
    #[default]
    Octet,
    /// Code points of Unicode, written in UTF-8 (RFC 3629).
    Utf8,
    /// Numbers of so many bits, each bit an octet 0 or 1; see [`bits`]. Comments as in RFC 6455, 5.2
    /// change the width: `; 4 bits in length` behind a part or at the end of a rule, and `; present
    /// only if X is 1` at the end of a rule says when it stands there. Everything else in comments
    /// is prose: which payload stands there when, and that it is as long as its length says.
    Bits(u8),
}

/// Octets as a grammar of [`Unit::Bits`] sees them: each bit an octet 0 or 1, the most significant
/// first.
///
/// ```
/// assert_eq!(wsconform_abnf::program::bits(&[0x81]), [1, 0, 0, 0, 0, 0, 0, 1]);
/// ```
pub fn bits(octets: &[u8]) -> Vec<u8> {
    octets.iter().flat_map(|octet| (0..8).rev().map(move |place| octet >> place & 1)).collect()
}

/// How a grammar becomes a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What values are where no directive says otherwise.
    pub unit: Unit,
    /// Passes over the directives, as a reader of plain ABNF does: the language is wider then.
    pub pure: bool,
}

/// The number of a rule of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) u32);

/// The number of a node of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

/// The number of a field that some directive reads, or of one that `bits` or `uint` define.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub(crate) u16);

/// The number of a value that comes from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextId(pub(crate) u16);

/// A resolved grammar.
#[derive(Clone, Debug)]
pub struct Program {
    rules: Vec<Rule>,
    nodes: Vec<Node>,
    fields: Vec<Field>,
    contexts: Vec<Context>,
    entries: HashMap<String, Reference>,
    sources: Vec<Source>,
}

/// A rule of a program. One rule of the grammar may stand here several times: in both units, and
/// once for each way in which its octets are transformed.
#[derive(Clone, Debug)]
pub struct Rule {
    /// As its definition writes it.
    pub name: String,
    /// What it stands for.
    pub body: NodeId,
    /// What its values are.
    pub unit: Unit,
    /// Whether it is one of the core rules.
    pub is_core: bool,
    /// Where its definition stands.
    pub source: Source,
    /// The name in the definition.
    pub span: Span,
    /// The fields at its beginning, the most significant bit first, with their widths.
    pub bits: Vec<(FieldId, u32)>,
    /// The integer that its octets are.
    pub uint: Option<(FieldId, Encoding)>,
    /// The field that its octets are, if an expression reads it.
    pub octets: Option<FieldId>,
    /// What has to hold where it ends.
    pub wheres: Vec<Where>,
    /// What is due when its octets are not the fields or the integer that they should be.
    pub value_fail: Option<Fail>,
    /// What is due when something does not fit it.
    pub fail: Option<Fail>,
    /// What it is for, if that is said.
    pub feature: Option<String>,
}

impl Rule {
    /// Where its definition stands.
    pub fn location(&self) -> Location {
        self.source.location(self.span.start)
    }
}

/// A condition with its consequence.
#[derive(Clone, Debug)]
pub struct Where {
    /// What has to hold.
    pub condition: Condition,
    /// What is due if it does not.
    pub fail: Option<Fail>,
    /// The source that the directive stands in.
    pub source: Source,
    /// Where it stands there.
    pub span: Span,
    /// The text of the directive.
    pub text: String,
}

/// A node: a part of the body of a rule.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands in its source, see [`Program::node_source`].
    pub span: Span,
    source: u32,
}

/// The kinds of node.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// One of these; never only one.
    Alternation(Vec<NodeId>),
    /// All of these in a row; never only one.
    Sequence(Vec<NodeId>),
    /// This, so many times; an option is one of 0 to 1.
    Repetition {
        /// The least number of times.
        min: u64,
        /// The greatest, if there is one.
        max: Option<u64>,
        /// What is repeated.
        body: NodeId,
    },
    /// Octets.
    Terminal(Terminal),
    /// Another rule.
    Reference(Reference),
    /// A description for people: nobody can tell what matches it.
    Prose(String),
}

/// What stands for octets: a string, values or a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Any one of these strings matches, each a set for each octet. There is none only if nothing
    /// can match (a range of surrogates), and an empty one only for the empty string. No string of
    /// octets matches two of them.
    pub strings: Vec<Vec<OctetSet>>,
    /// The ends of the range that was written, in octets; for what is no range, `None`.
    pub edges: Option<(Vec<u8>, Vec<u8>)>,
}

/// A use of a rule.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Which rule.
    pub rule: RuleId,
    /// When it stands there; and what is due if it stands there all the same, or does not.
    pub when: Option<Where>,
    /// How many octets it takes.
    pub size: Option<Size>,
    /// How its octets are seen.
    pub view: View,
}

/// How many octets a part takes.
#[derive(Clone, Debug)]
pub struct Size {
    /// So many; a negative number or an unset field makes the part impossible.
    pub octets: Number,
    /// What is due if they are not so many.
    pub fail: Option<Fail>,
    /// The source that the directive stands in.
    pub source: Source,
    /// Where it stands there.
    pub span: Span,
    /// The text of the directive.
    pub text: String,
}

/// How the octets of a part are seen by the rule that matches them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// As they are.
    Plain,
    /// Combined by exclusive or with the octets of the field, over and over; as they are where the
    /// field is not set.
    Xor(FieldId),
    /// Decoded by the hook of this name, once all are there.
    Hook(String),
}

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name as first written.
    pub name: String,
    /// What its value is.
    pub kind: FieldKind,
    /// Whether an expression or a transform reads it.
    pub is_read: bool,
}

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// An integer of at most so many bits.
    Number {
        /// The width.
        bits: u32,
    },
    /// The octets of a rule.
    Octets,
}

/// A value that comes from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub domain: Domain,
    /// The source that declares it.
    pub source: Source,
    /// Where its name stands there.
    pub span: Span,
}

impl Program {
    /// Resolves `grammar`.
    ///
    /// # Errors
    ///
    /// Everything that cannot be resolved: values that are no octets, malformed directives, names
    /// that lead nowhere, comparisons of octets with numbers and the like.
    pub fn new(grammar: &Grammar, options: Options) -> Result<Self, Vec<Diagnostic>> {
        lower::lower(grammar, options)
    }

    /// How the rule called `name`, without regard to case, is used on its own: with the size and
    /// the view that it gives itself.
    pub fn entry(&self, name: &str) -> Option<&Reference> {
        self.entries.get(&name.to_ascii_lowercase())
    }

    /// The rule called `name`, without regard to case; the one that [`Program::entry`] refers to.
    pub fn rule_id(&self, name: &str) -> Option<RuleId> {
        self.entry(name).map(|entry| entry.rule)
    }

    /// A rule.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// All rules, in the order of their numbers: those of the grammar, then the core rules, then
    /// variants of them.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = (RuleId, &Rule)> {
        self.rules.iter().enumerate().map(|(index, rule)| (RuleId(index as u32), rule))
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The source that the span of a node is a range of.
    pub fn node_source(&self, id: NodeId) -> &Source {
        &self.sources[self.node(id).source as usize]
    }

    /// Where a node stands.
    pub fn node_location(&self, id: NodeId) -> Location {
        self.node_source(id).location(self.node(id).span.start)
    }

    /// How many nodes there are; their numbers are below.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// A field.
    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[usize::from(id.0)]
    }

    /// All fields, in the order of their numbers.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field called `name`, without regard to case.
    pub fn field_id(&self, name: &str) -> Option<FieldId> {
        let index = self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(FieldId(index as u16))
    }

    /// The context called `name`, without regard to case.
    pub fn context_id(&self, name: &str) -> Option<ContextId> {
        let known = |context: &Context| context.name.eq_ignore_ascii_case(name);
        self.contexts.iter().position(known).map(|index| ContextId(index as u16))
    }

    /// The values that come from outside, in the order of their numbers.
    pub fn contexts(&self) -> &[Context] {
        &self.contexts
    }
}

impl RuleId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl NodeId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl FieldId {
    /// The number as an index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl ContextId {
    /// The number as an index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}
