//! How the book stands to a key word.

use crate::ledger::State;
use crate::requirement::{Level, Requirement};

/// How a key word is covered: as badly as the worst of its requirements. In order, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nobody sees it on the wire.
    Untestable,
    /// The book leaves it free, and eccentric peers that use the freedom are not blamed.
    Free,
    /// Broken peers that violate its requirements, and nothing else, are blamed for it.
    Proven,
    /// Cases or vectors name its requirements, but nobody shows that they can tell.
    Claimed,
    /// Its requirements or cases are still to be written.
    Planned,
    /// Nothing speaks for it.
    Missing,
}

impl Standing {
    /// All of them, in the order of columns.
    pub const ALL: [Self; 6] =
        [Self::Proven, Self::Free, Self::Claimed, Self::Planned, Self::Untestable, Self::Missing];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Untestable => "untestable",
            Self::Free => "free",
            Self::Proven => "proven",
            Self::Claimed => "claimed",
            Self::Planned => "planned",
            Self::Missing => "missing",
        }
    }

    /// That of a requirement in a state.
    pub(super) fn of(requirement: &Requirement, state: &State) -> Self {
        match state {
            State::Proven { .. } if requirement.level() == Level::May => Self::Free,
            State::Proven { .. } => Self::Proven,
            State::Claimed { .. } => Self::Claimed,
            State::Planned { .. } => Self::Planned,
            State::Untestable { .. } => Self::Untestable,
            State::Missing => Self::Missing,
        }
    }
}

/// How many key words have which standing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standings([usize; Standing::ALL.len()]);

impl Standings {
    pub(crate) fn add(&mut self, standing: Standing, words: usize) {
        for (count, one) in self.0.iter_mut().zip(Standing::ALL) {
            *count += if one == standing { words } else { 0 };
        }
    }

    /// Of how many key words.
    pub(crate) fn all(&self) -> usize {
        self.0.iter().sum()
    }

    /// Each standing with its count.
    #[cfg(feature = "site")]
    pub(crate) fn each(&self) -> impl Iterator<Item = (Standing, usize)> {
        Standing::ALL.into_iter().zip(self.0)
    }

    /// The title of each cell.
    pub(super) fn header() -> Vec<&'static str> {
        let standings = Standing::ALL.into_iter().map(Standing::word);
        std::iter::once("key words").chain(standings).collect()
    }

    /// Their number, and that of each standing.
    pub(super) fn cells(&self) -> Vec<usize> {
        std::iter::once(self.all()).chain(self.0).collect()
    }
}
