//! What octets mean to those who read them.

use crate::model::Event;

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// The plain endpoint of `wsconform-peers`.
    Peers,
    /// The connection of `wsconform-reference`.
    Reference,
    /// The grammar of the book. It reads what has come as a whole: cuts are no matter for it.
    Grammar,
    /// A few functions for values that no endpoint reads.
    Plain,
}

/// What octets meant to a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The events in order.
    pub events: Vec<Event>,
    /// How the reader failed the connection after them, if it did.
    pub failure: Option<Failure>,
}

/// How a reader failed the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The close code.
    pub close: u16,
    /// The requirement that was violated, if the reader tells.
    pub requirement: Option<String>,
}

/// Why a reader cannot read a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It does not know the capability of a sequence.
    Capability(String),
    /// It does not read sentences of this rule, or not this one.
    Rule(String),
    /// It takes no part in negotiations on an open connection.
    Setup,
}

impl Unreadable {
    /// Whether such vectors are none of the reader's business, so that nobody has to ask it.
    pub const fn is_beyond(&self) -> bool {
        matches!(self, Self::Rule(_) | Self::Setup)
    }
}

impl Reader {
    /// All of them, by name.
    pub const ALL: [Self; 4] = [Self::Peers, Self::Reference, Self::Grammar, Self::Plain];

    /// The name, as it stands in `confirmed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grammar => "grammar",
            Self::Plain => "plain",
            Self::Peers => "peers",
            Self::Reference => "reference",
        }
    }
}
