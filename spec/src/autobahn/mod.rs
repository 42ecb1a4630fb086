//! The map of the Autobahn testsuite: what each of its cases does, and which of ours ask the same.
//!
//! ```text
//! package  autobahntestsuite 25.10.1
//! total    517
//! groups   7.7 13, 7.9 9                 how many cases each group has
//!
//! ids      7.9.1-7.9.2                   begins an entry
//! each     0 999                         what {} stands for, an id each
//! does     A Close with code {}.
//! by       close.invalid/{}              our cases: ids, `*` stands for any characters
//! differs  It insists on 1002; any code that is no consent will do.
//! decides  RFC 6455, 7.4: "a sentence of it"
//!
//! ids      12.1.1-12.1.18
//! does     Messages of some sizes, compressed.
//! not      yet, compression is an extension of its own
//! ```
//!
//! A line that begins with white space goes on with the one above. The map of a book is complete:
//! each case of each group has one entry; and every case of ours that an entry names is there, for
//! servers and for clients, as the suite tests both.

mod check;
mod id;
mod read;

use std::fmt;

use wsconform_abnf::Location;

pub(crate) use check::check;
pub use id::{CaseId, Group, IdRange, MalformedId, joined};
pub(crate) use read::{Block, Draft, read};

use crate::scenario::matches;

/// The map of a book; empty if the book has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutobahnMap {
    package: String,
    groups: Vec<(Group, u16)>,
    entries: Vec<Entry>,
}

impl AutobahnMap {
    /// The package and its version, as its registry has them.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// Its groups and how many cases each has, in the order of the suite.
    pub fn groups(&self) -> &[(Group, u16)] {
        &self.groups
    }

    /// The entries in the order of the book.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The ids of all cases, in the order of the suite.
    pub fn ids(&self) -> impl Iterator<Item = CaseId> {
        let range = |&(group, count)| IdRange { group, first: 1, last: count };
        self.groups.iter().map(range).flat_map(IdRange::ids)
    }

    /// The entry of a case.
    pub fn entry(&self, id: CaseId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.ids.contains(&id))
    }
}

/// Cases of the suite that are alike, and what there is of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which; at least one.
    pub ids: Vec<CaseId>,
    /// The heading under which it stands.
    pub section: String,
    /// What they do, in words of our own.
    pub does: String,
    /// What asks the same.
    pub answer: Answer,
    /// Where it stands.
    pub at: Location,
}

impl Entry {
    /// Whether the case of ours called `case` asks the same.
    pub fn is_asked_by(&self, case: &str) -> bool {
        match &self.answer {
            Answer::Ours { cases, .. } => cases.iter().any(|pattern| selects(pattern, case)),
            Answer::Not { .. } => false,
        }
    }
}

/// What asks the same as a case of the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Cases of ours.
    Ours {
        /// Their ids, or patterns of ids where `*` stands for any characters; an id of a scenario
        /// stands for all its rows. At least one.
        cases: Vec<String>,
        /// Where our verdict is another, by intent.
        differs: Option<Difference>,
    },
    /// Nothing.
    Not {
        /// Of which kind the reason is.
        kind: NotKind,
        /// Why.
        reason: String,
    },
}

/// A verdict that is another than that of the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How.
    pub says: String,
    /// The sentences of the RFC that decide; at least one.
    pub decided_by: Vec<Sentence>,
}

/// A sentence of an RFC, or a part of one that says the same without the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// `RFC 6455, 5.5.3`
    pub source: String,
    /// Word for word, with single spaces.
    pub text: String,
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: \"{}\"", self.source, self.text)
    }
}

/// Why nothing asks the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotKind {
    /// It is about what the book does not specify yet.
    Yet,
    /// It judges what no sentence of an RFC demands.
    Here,
}

impl NotKind {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yet => "yet",
            Self::Here => "here",
        }
    }
}

/// Whether a pattern names a case: by its id, or by that of its scenario, for all rows.
pub fn selects(pattern: &str, case: &str) -> bool {
    let scenario = case.split('/').next().unwrap_or(case);
    matches(pattern, case) || matches(pattern, scenario)
}
