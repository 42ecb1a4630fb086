//! The claims map: what each claim and each numbered part of the figures of US 9,331,890 says, and
//! which requirements make it precise.
//!
//! ```text
//! place    FIG. 4, 404                  as a source cites it
//! says     each capability gets a sequence of its own
//! by       sequence.distinct sequence.block
//! vectors  policy/*                     for what has no wire form: vectors of decisions,
//! test     reference/src/control/filter.rs the_quick_test_equals_the_plain_one
//! ```
//!
//! `as claim 1` stands in place of the last three where a claim says again what another says. The
//! map of a book is complete: every claim and every number has one entry, which is not empty; and it
//! agrees with the sources of the requirements.

mod check;
mod table;

use wsconform_abnf::Location;

use crate::map::{self, Mistake};
use crate::patent::{self, Place};
use crate::requirement::RequirementId;

pub use crate::map::TestName;
pub(crate) use check::check;
#[cfg(feature = "site")]
pub(crate) use table::{Mapped, mapped};
pub use table::{is_about, render};

/// The claims map of a book; empty if the book has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsMap {
    entries: Vec<Entry>,
}

impl ClaimsMap {
    pub(crate) fn new(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// The entries in the order of the book.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The places that a requirement makes precise, in the order of the book.
    pub fn served_by(&self, requirement: &RequirementId) -> impl Iterator<Item = Place> {
        let serves = |entry: &&Entry| entry.requirements.contains(requirement);
        self.entries.iter().filter(serves).map(|entry| entry.place)
    }
}

/// A place of the patent and what makes it precise; not all of `requirements`, `vectors` and `tests`
/// are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub place: Place,
    /// The heading under which it stands.
    pub section: String,
    /// What it says, in a line.
    pub says: String,
    /// The place that says the same; what follows is the same too.
    pub same_as: Option<Place>,
    /// The requirements that make it precise.
    pub requirements: Vec<RequirementId>,
    /// Patterns of vectors that show what has no wire form; `*` stands for any characters.
    pub vectors: Vec<String>,
    /// The tests that show it.
    pub tests: Vec<TestName>,
    /// Where it stands.
    pub at: Location,
}

/// The patent, as the source of a map.
pub(crate) struct Patent;

impl map::Source for Patent {
    type Place = Place;
    const MAP: &'static str = "claims map";
    const LINES: &'static [&'static str] = &["place", "says", "by", "vectors", "test", "as"];
    const SHOWING: &'static [&'static str] = &["by", "vectors", "test"];
    const EXAMPLE: &'static str = "place FIG. 4, 404";
    const REMEDY: &'static str =
        "name requirements on a line `by`; what has no wire form has vectors or a test";

    fn place(text: &str) -> Result<Place, Mistake> {
        patent::place(text)
    }
}
