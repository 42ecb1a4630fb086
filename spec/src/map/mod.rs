//! Maps of a source onto the requirements of the book: what each place of the source says, and which
//! requirements make it precise.
//!
//! A map is made of entries in fenced blocks. Which lines an entry may have depends on what its
//! source is; [`Source`] says so for each:
//!
//! ```text
//! place      FIG. 4, 404                as a source cites it; the first line of each entry
//! says       each capability gets a sequence of its own
//! by         sequence.distinct sequence.block
//! as         claim 1                    in place of what makes it precise: it is what that says
//! vectors    policy/*                   for what has no wire form
//! test       reference/src/control/filter.rs the_quick_test_equals_the_plain_one
//! untestable environment, the suite speaks plain TCP
//! planned    with a server that redirects
//! reading    one way to understand it, of several
//! ```

mod check;
mod read;

use std::fmt::{self, Display};
use std::ops::Range;

use wsconform_abnf::Source as Text;

use crate::requirement::{Obstacle, RequirementId};

pub(crate) use check::{dangling, mistake, uncited};
pub(crate) use read::{Block, read};

/// A source that a map can be of, as far as reading its entries goes.
pub(crate) trait Source {
    /// What an entry is about.
    type Place: Clone + PartialEq + Display;
    /// How messages call the map.
    const MAP: &'static str;
    /// The lines of an entry; the first begins it.
    const LINES: &'static [&'static str];
    /// Those that make it precise.
    const SHOWING: &'static [&'static str];
    /// The first line of some entry.
    const EXAMPLE: &'static str;
    /// What to do about an entry that nothing makes precise.
    const REMEDY: &'static str;

    /// Reads a place.
    fn place(text: &str) -> Result<Self::Place, Mistake>;
}

/// An entry as it stands in its block. What was malformed in it is left out, and was reported.
pub(crate) struct Draft<P> {
    pub(crate) source: Text,
    pub(crate) place: P,
    /// Where the place stands.
    pub(crate) span: Range<usize>,
    /// The heading above it.
    pub(crate) section: String,
    pub(crate) says: String,
    pub(crate) same_as: Option<(P, Range<usize>)>,
    pub(crate) requirements: Vec<(RequirementId, Range<usize>)>,
    pub(crate) vectors: Vec<String>,
    pub(crate) tests: Vec<TestName>,
    pub(crate) untestable: Option<(Obstacle, String)>,
    pub(crate) planned: Option<String>,
    pub(crate) readings: Vec<String>,
    /// The key words that stood below it.
    seen: Vec<&'static str>,
}

/// A test of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestName {
    /// Its file, from the root of the repository.
    pub file: String,
    /// Its function.
    pub function: String,
}

impl Display for TestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.file, self.function)
    }
}

/// What is wrong with the text of a place or of citations, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) span: Range<usize>,
    pub(crate) label: String,
    pub(crate) help: String,
}
