//! The ledger: how each requirement of the book is covered.
//!
//! The rooms above hand in [`Evidence`]; the ledger draws it as a text that is committed, so that a
//! change of coverage shows in a diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use crate::book::{Book, Chapter};
use crate::requirement::{Level, Obstacle, Requirement, RequirementId, Testability};

/// One thing that speaks for the coverage of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The requirement.
    pub requirement: RequirementId,
    /// What it is.
    pub kind: EvidenceKind,
    /// Its name: the id of a case or vector, the name of a peer.
    pub name: String,
}

/// The kinds of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// A case names the requirement: it is claimed.
    Case,
    /// A vector names it: it is claimed.
    Vector,
    /// A broken peer that violates it is blamed for it: it is proven.
    Peer,
    /// An eccentric peer uses this freedom and is not blamed: a MAY is proven.
    Freedom,
}

/// Evidence that fits nothing in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceError {
    /// The requirement does not exist.
    Dangling(Evidence),
    /// A broken peer cannot violate a MAY.
    ViolatedFreedom(Evidence),
    /// Only a MAY is a freedom.
    NoFreedom(Evidence),
}

impl fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dangling(Evidence { requirement, kind, name }) => write!(
                f,
                "{kind} `{name}` names the requirement `{requirement}`, which is not in the book"
            ),
            Self::ViolatedFreedom(Evidence { requirement, name, .. }) => write!(
                f,
                "peer `{name}` cannot violate `{requirement}`, which is a MAY; an eccentric peer \
                 that uses the freedom proves it"
            ),
            Self::NoFreedom(Evidence { requirement, name, .. }) => write!(
                f,
                "eccentric peer `{name}` uses `{requirement}`, which is no MAY; a broken peer that \
                 violates it proves it"
            ),
        }
    }
}

impl std::error::Error for EvidenceError {}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Case => "case",
            Self::Vector => "vector",
            Self::Peer => "peer",
            Self::Freedom => "eccentric peer",
        })
    }
}

/// The ledger as text: a line for each requirement in the order of the book, under its chapter,
/// then totals for each chapter. Equal evidence in any order gives the same text.
///
/// # Errors
///
/// The first piece of evidence that fits nothing in the book.
pub fn render(book: &Book, evidence: &[Evidence]) -> Result<String, EvidenceError> {
    let coverage = Coverage::of(book, evidence)?;
    let id_width = book.requirements().keys().map(|id| id.as_str().len()).max().unwrap_or(0);
    let binds_width = book.requirements().values().map(|one| binds(one).len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut totals = Table::new("chapter", &Counts::HEADER);
    let mut sum = Counts::default();
    for chapter in book.chapters() {
        let mut counts = Counts::default();
        if !chapter.requirements().is_empty() {
            let _ = writeln!(text, "{}  {}\n", chapter.file(), chapter.title());
        }
        for requirement in requirements_of(book, chapter) {
            let state = coverage.state(requirement);
            counts.add(&state);
            sum.add(&state);
            let _ = writeln!(
                text,
                "  {:id_width$}  {:6}  {:binds_width$}  {state}",
                requirement.id,
                requirement.level(),
                binds(requirement),
            );
        }
        if !chapter.requirements().is_empty() {
            text.push('\n');
            totals.row(chapter.file(), &counts.cells());
        }
    }
    totals.row("all", &sum.cells());
    let _ = write!(text, "{totals}");
    Ok(text)
}

/// How each requirement is covered, in the order of the book.
///
/// # Errors
///
/// The first piece of evidence that fits nothing in the book.
pub fn states<'b>(
    book: &'b Book,
    evidence: &[Evidence],
) -> Result<Vec<(&'b Requirement, State)>, EvidenceError> {
    let coverage = Coverage::of(book, evidence)?;
    let all = book.chapters().iter().flat_map(|chapter| requirements_of(book, chapter));
    Ok(all.map(|requirement| (requirement, coverage.state(requirement))).collect())
}

/// The requirements that nothing covers: neither claimed nor proven, nor untestable, nor planned; in
/// the order of the book.
///
/// # Errors
///
/// The first piece of evidence that fits nothing in the book.
pub fn gaps<'b>(
    book: &'b Book,
    evidence: &[Evidence],
) -> Result<Vec<&'b Requirement>, EvidenceError> {
    let states = states(book, evidence)?.into_iter();
    Ok(states.filter(|(_, state)| *state == State::Missing).map(|(one, _)| one).collect())
}

/// The requirements of a chapter, in order.
pub(crate) fn requirements_of<'b>(
    book: &'b Book,
    chapter: &'b Chapter,
) -> impl Iterator<Item = &'b Requirement> {
    chapter.requirements().iter().filter_map(|id| book.requirements().get(id))
}

fn binds(requirement: &Requirement) -> String {
    let parties: Vec<_> = requirement.binds.iter().map(|party| party.as_str()).collect();
    parties.join(", ")
}

/// The evidence, sorted by requirement.
pub(crate) struct Coverage<'e>(BTreeMap<&'e str, Support<'e>>);

/// The names of what speaks for a requirement.
#[derive(Clone, Default)]
pub(crate) struct Support<'e> {
    pub(crate) cases: BTreeSet<&'e str>,
    pub(crate) vectors: BTreeSet<&'e str>,
    pub(crate) peers: BTreeSet<&'e str>,
}

impl<'e> Coverage<'e> {
    pub(crate) fn of(book: &Book, evidence: &'e [Evidence]) -> Result<Self, EvidenceError> {
        let mut coverage: BTreeMap<&str, Support<'_>> = BTreeMap::new();
        for one in evidence {
            let id = one.requirement.as_str();
            let level =
                book.requirement(id).ok_or_else(|| EvidenceError::Dangling(one.clone()))?.level();
            let support = coverage.entry(id).or_default();
            let names = match (one.kind, level) {
                (EvidenceKind::Case, _) => &mut support.cases,
                (EvidenceKind::Vector, _) => &mut support.vectors,
                (EvidenceKind::Peer, Level::Must | Level::Should)
                | (EvidenceKind::Freedom, Level::May) => &mut support.peers,
                (EvidenceKind::Peer, Level::May) => {
                    return Err(EvidenceError::ViolatedFreedom(one.clone()));
                }
                (EvidenceKind::Freedom, Level::Must | Level::Should) => {
                    return Err(EvidenceError::NoFreedom(one.clone()));
                }
            };
            names.insert(&one.name);
        }
        Ok(Self(coverage))
    }

    /// What speaks for a requirement.
    pub(crate) fn support(&self, id: &str) -> Support<'e> {
        self.0.get(id).cloned().unwrap_or_default()
    }

    /// How a requirement is covered. What the book calls planned or untestable is that, whatever
    /// speaks for it: a case that is half written covers nothing.
    pub(crate) fn state(&self, requirement: &Requirement) -> State {
        let support = self.support(requirement.id.as_str());
        match &requirement.testability {
            Testability::Planned { reason } => State::Planned { reason: reason.clone() },
            Testability::Untestable { kind, .. } => {
                State::Untestable { kind: *kind, vectors: support.vectors.len() }
            }
            Testability::Testable if !support.peers.is_empty() => {
                State::Proven { peers: support.peers.iter().map(ToString::to_string).collect() }
            }
            Testability::Testable if support.cases.is_empty() && support.vectors.is_empty() => {
                State::Missing
            }
            Testability::Testable => {
                State::Claimed { cases: support.cases.len(), vectors: support.vectors.len() }
            }
        }
    }
}

/// How a requirement is covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Peers that violate it, and nothing else, are blamed for it; or ones that use it are not.
    Proven {
        /// Their names.
        peers: Vec<String>,
    },
    /// Cases or vectors name it, but nobody shows that they can tell.
    Claimed {
        /// How many cases.
        cases: usize,
        /// How many vectors.
        vectors: usize,
    },
    /// The book says that its cases come later: it counts as covered by nothing.
    Planned {
        /// With what.
        reason: String,
    },
    /// Nobody sees it on the wire.
    Untestable {
        /// The kind of obstacle.
        kind: Obstacle,
        /// How many vectors show it nevertheless.
        vectors: usize,
    },
    /// Nothing speaks for it.
    Missing,
}

impl State {
    /// Its name.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Proven { .. } => "proven",
            Self::Claimed { .. } => "claimed",
            Self::Planned { .. } => "planned",
            Self::Untestable { .. } => "untestable",
            Self::Missing => "missing",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proven { peers } => write!(f, "proven by {}", peers.join(", ")),
            Self::Claimed { cases, vectors } => {
                let counts = [counted(*cases, "case"), counted(*vectors, "vector")];
                let counts: Vec<_> = counts.into_iter().flatten().collect();
                write!(f, "claimed by {}", counts.join(", "))
            }
            Self::Planned { reason } => write!(f, "planned: {reason}"),
            Self::Untestable { kind, vectors } => {
                write!(f, "untestable {}", kind.as_str())?;
                match counted(*vectors, "vector") {
                    Some(vectors) => write!(f, ", shown by {vectors}"),
                    None => Ok(()),
                }
            }
            Self::Missing => write!(f, "MISSING"),
        }
    }
}

/// How many requirements are in which state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) all: usize,
    pub(crate) proven: usize,
    pub(crate) claimed: usize,
    pub(crate) planned: usize,
    pub(crate) untestable: usize,
    pub(crate) missing: usize,
}

impl Counts {
    /// The titles of its cells.
    pub(crate) const HEADER: [&'static str; 6] =
        ["requirements", "proven", "claimed", "planned", "untestable", "missing"];

    pub(crate) fn cells(self) -> [usize; 6] {
        let Self { all, proven, claimed, planned, untestable, missing } = self;
        [all, proven, claimed, planned, untestable, missing]
    }

    pub(crate) fn add(&mut self, state: &State) {
        self.all += 1;
        *match state {
            State::Proven { .. } => &mut self.proven,
            State::Claimed { .. } => &mut self.claimed,
            State::Planned { .. } => &mut self.planned,
            State::Untestable { .. } => &mut self.untestable,
            State::Missing => &mut self.missing,
        } += 1;
    }
}

pub(crate) fn counted(count: usize, noun: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        count => Some(format!("{count} {noun}s")),
    }
}

/// The state of a requirement, and what speaks for it besides.
pub(crate) fn told(coverage: &Coverage<'_>, id: &RequirementId, state: &State) -> String {
    if !matches!(state, State::Proven { .. }) {
        return state.to_string();
    }
    let support = coverage.support(id.as_str());
    let counts =
        [counted(support.cases.len(), "scenario"), counted(support.vectors.len(), "vector")];
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    match counts.is_empty() {
        true => state.to_string(),
        false => format!("{state}; {}", counts.join(", ")),
    }
}

/// Counts below a header, a row each.
pub(crate) struct Table(Vec<(String, Vec<String>)>);

impl Table {
    /// An empty one whose rows are called `names`.
    pub(crate) fn new(names: &str, header: &[&str]) -> Self {
        Self(vec![(names.to_owned(), header.iter().map(ToString::to_string).collect())])
    }

    /// Adds a row with a cell for each title of the header.
    pub(crate) fn row(&mut self, name: &str, cells: &[usize]) {
        self.0.push((name.to_owned(), cells.iter().map(ToString::to_string).collect()));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let Some((_, header)) = self.0.first() else { return Ok(()) };
        for (name, cells) in &self.0 {
            write!(f, "{name:names$}")?;
            for (cell, title) in cells.iter().zip(header) {
                write!(f, "  {cell:>width$}", width = title.len())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAPTER: &str = "\
# One

r[one.first]
A MUST.
*Binds:* client, server. *Source:* RFC 6455, 5.1.

r[one.second]
A SHOULD.
*Binds:* client. *Source:* RFC 6455, 5.1.

r[one.freedom]
A MAY.
*Binds:* server. *Source:* RFC 6455, 5.1.
";

    const OTHER: &str = "\
# Two

r[two.later]
A MUST.
*Binds:* gateway. *Source:* RFC 6455, 5.1.
*Planned:* not yet.

r[two.never]
A MUST.
*Binds:* client. *Source:* RFC 6455, 10.3.
*Untestable:* internal, nobody sees it.

r[two.forgotten]
A MUST.
*Binds:* client. *Source:* RFC 6455, 10.3.
";

    fn book() -> Book {
        let chapters = [("00-empty.md", "# None\n"), ("10-one.md", CHAPTER), ("20-two.md", OTHER)];
        Book::from_texts(chapters).unwrap()
    }

    fn evidence(requirement: &str, kind: EvidenceKind, name: &str) -> Evidence {
        Evidence { requirement: requirement.parse().unwrap(), kind, name: name.to_owned() }
    }

    #[test]
    fn draws_every_state() {
        let mut all = vec![
            evidence("one.first", EvidenceKind::Case, "one.case/server"),
            evidence("one.first", EvidenceKind::Peer, "deaf"),
            evidence("one.first", EvidenceKind::Peer, "bare"),
            evidence("one.second", EvidenceKind::Vector, "frames/b"),
            evidence("one.second", EvidenceKind::Case, "one.case/client"),
            evidence("one.second", EvidenceKind::Case, "one.case/server"),
            evidence("one.second", EvidenceKind::Case, "one.case/server"),
            evidence("one.freedom", EvidenceKind::Freedom, "free"),
        ];
        let ledger = render(&book(), &all).unwrap();
        insta::assert_snapshot!(ledger, @r#"
        10-one.md  One

          one.first      MUST    client, server  proven by bare, deaf
          one.second     SHOULD  client          claimed by 2 cases, 1 vector
          one.freedom    MAY     server          proven by free

        20-two.md  Two

          two.later      MUST    gateway         planned: not yet
          two.never      MUST    client          untestable internal
          two.forgotten  MUST    client          MISSING

        chapter    requirements  proven  claimed  planned  untestable  missing
        10-one.md             3       2        1        0           0        0
        20-two.md             3       0        0        1           1        1
        all                   6       2        1        1           1        1
        "#);
        all.reverse();
        assert_eq!(render(&book(), &all).unwrap(), ledger);
    }

    #[test]
    fn finds_the_gaps() {
        let book = book();
        let known = [evidence("one.first", EvidenceKind::Case, "case")];
        let gaps: Vec<_> =
            gaps(&book, &known).unwrap().iter().map(|one| one.id.to_string()).collect();
        assert_eq!(gaps, ["one.second", "one.freedom", "two.forgotten"]);
    }

    #[test]
    fn refuses_evidence_that_fits_nothing() {
        for (one, expected) in [
            (
                evidence("one.gone", EvidenceKind::Case, "c"),
                "case `c` names the requirement `one.gone`, which is not in the book",
            ),
            (
                evidence("one.freedom", EvidenceKind::Peer, "p"),
                "peer `p` cannot violate `one.freedom`, which is a MAY",
            ),
            (
                evidence("one.second", EvidenceKind::Freedom, "e"),
                "eccentric peer `e` uses `one.second`, which is no MAY",
            ),
        ] {
            let error = render(&book(), std::slice::from_ref(&one)).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
            assert!(gaps(&book(), &[one]).is_err());
        }
    }
}
