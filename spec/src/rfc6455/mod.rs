//! The map of RFC 6455: what each key word of its sections 4 to 10 asks, and which requirements say
//! so in the words of the book.
//!
//! ```text
//! place      4.1, 948 MUST, 949 MUST    section, and lines of `rfc/rfc6455.txt` with their key words
//! says       The request has an Upgrade field with `websocket` in it.
//! by         opening.client.upgrade
//! untestable environment, the suite speaks plain TCP
//! planned    with peers that send one   for what has no requirement yet
//! reading    7.1.2: a SHOULD
//! reading    5.5.1: a MUST
//! as         5.5, 1979 MUST NOT         in place of the last five: it says that again
//! ```
//!
//! The map of a book is complete: the text is scanned, and each key word stands in exactly one entry.
//! A line without a key word is a sentence that binds without one. Where sections contradict each
//! other, each `reading` is stated, and following either is no failure.

mod check;
mod passage;
mod section;
mod standing;
mod table;
mod text;

use std::ops::RangeInclusive;

use wsconform_abnf::Location;

use crate::map::{self, Mistake};
use crate::requirement::{Obstacle, RequirementId};

pub(crate) use check::check;
pub use passage::Passage;
pub use section::Section;
pub(crate) use section::cited;
pub use standing::Standing;
#[cfg(feature = "site")]
pub(crate) use standing::Standings;
#[cfg(feature = "site")]
pub(crate) use table::{Mapped, mapped};
pub use table::{is_about, render};
pub use text::{Obligation, Rfc};

/// The chapters of RFC 6455 that bind endpoints on the wire.
pub const CHAPTERS: RangeInclusive<u8> = 4..=10;

/// The map of a book; empty if the book has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rfc6455Map {
    entries: Vec<Entry>,
}

impl Rfc6455Map {
    /// The entries in the order of the text.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The passages that a requirement makes precise, in the order of the text.
    pub fn served_by(&self, requirement: &RequirementId) -> impl Iterator<Item = &Passage> {
        let serves = |entry: &&Entry| entry.requirements.contains(requirement);
        self.entries.iter().filter(serves).map(|entry| &entry.place)
    }
}

/// A passage, and what makes it precise: requirements, or what keeps anyone from seeing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub place: Passage,
    /// What it asks, in a line.
    pub says: String,
    /// The passage that asks the same; what follows is the same too.
    pub same_as: Option<Passage>,
    /// The requirements that make it precise.
    pub requirements: Vec<RequirementId>,
    /// Why it, or what the requirements leave of it, cannot be observed.
    pub untestable: Option<(Obstacle, String)>,
    /// What is still to be written for it.
    pub planned: Option<String>,
    /// How it can be understood, where sections contradict each other: none, or several.
    pub readings: Vec<String>,
    /// Where it stands.
    pub at: Location,
}

/// RFC 6455, as the source of a map.
pub(crate) struct Sentences;

impl map::Source for Sentences {
    type Place = Passage;
    const MAP: &'static str = "map of RFC 6455";
    const LINES: &'static [&'static str] =
        &["place", "says", "by", "untestable", "planned", "reading", "as"];
    const SHOWING: &'static [&'static str] = &["by", "untestable", "planned"];
    const EXAMPLE: &'static str = "place 4.1, 948 MUST, 949 MUST";
    const REMEDY: &'static str =
        "name requirements on a line `by`; what cannot be observed has a line `untestable`";

    fn place(text: &str) -> Result<Passage, Mistake> {
        passage::read(text)
    }
}
