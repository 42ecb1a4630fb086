//! The ledger: how each requirement of the book is covered.
//!
//! The rooms above hand in [`Evidence`]; the ledger draws it as a text that is committed, so that a
//! change of coverage shows in a diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use crate::book::{Book, Chapter};
use crate::requirement::{Level, Requirement, RequirementId, Testability};

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
    let mut totals = Table::new(&[
        "chapter",
        "requirements",
        "proven",
        "claimed",
        "planned",
        "untestable",
        "missing",
    ]);
    let mut sums = [0; 6];
    for chapter in book.chapters() {
        let mut counts = [0; 6];
        if !chapter.requirements().is_empty() {
            let _ = writeln!(text, "{}  {}\n", chapter.file(), chapter.title());
        }
        for requirement in requirements_of(book, chapter) {
            let state = coverage.state(requirement);
            counts[0] += 1;
            counts[state.column()] += 1;
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
            totals.row(chapter.file(), &counts);
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }
    totals.row("all", &sums);
    let _ = write!(text, "{totals}");
    Ok(text)
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
    let coverage = Coverage::of(book, evidence)?;
    Ok(book
        .chapters()
        .iter()
        .flat_map(|chapter| requirements_of(book, chapter))
        .filter(|requirement| matches!(coverage.state(requirement), State::Missing))
        .collect())
}

fn requirements_of<'b>(
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
pub(crate) struct Coverage<'e>(BTreeMap<&'e str, Claims<'e>>);

/// The names of what speaks for a requirement.
#[derive(Clone, Default)]
pub(crate) struct Claims<'e> {
    pub(crate) cases: BTreeSet<&'e str>,
    pub(crate) vectors: BTreeSet<&'e str>,
    pub(crate) peers: BTreeSet<&'e str>,
}

impl<'e> Coverage<'e> {
    pub(crate) fn of(book: &Book, evidence: &'e [Evidence]) -> Result<Self, EvidenceError> {
        let mut coverage: BTreeMap<&str, Claims<'_>> = BTreeMap::new();
        for one in evidence {
            let id = one.requirement.as_str();
            let level =
                book.requirement(id).ok_or_else(|| EvidenceError::Dangling(one.clone()))?.level();
            let claims = coverage.entry(id).or_default();
            let names = match (one.kind, level) {
                (EvidenceKind::Case, _) => &mut claims.cases,
                (EvidenceKind::Vector, _) => &mut claims.vectors,
                (EvidenceKind::Peer, Level::Must | Level::Should)
                | (EvidenceKind::Freedom, Level::May) => &mut claims.peers,
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
    #[cfg(feature = "site")]
    pub(crate) fn claims(&self, id: &str) -> Claims<'e> {
        self.0.get(id).cloned().unwrap_or_default()
    }

    pub(crate) fn state(&self, requirement: &Requirement) -> State {
        let empty = Claims::default();
        let claims = self.0.get(requirement.id.as_str()).unwrap_or(&empty);
        if !claims.peers.is_empty() {
            return State::Proven(claims.peers.iter().map(ToString::to_string).collect());
        }
        if !claims.cases.is_empty() || !claims.vectors.is_empty() {
            return State::Claimed { cases: claims.cases.len(), vectors: claims.vectors.len() };
        }
        match &requirement.testability {
            Testability::Testable => State::Missing,
            Testability::Planned { .. } => State::Planned,
            Testability::Untestable { kind, .. } => State::Untestable(kind.as_str()),
        }
    }
}

pub(crate) enum State {
    Proven(Vec<String>),
    Claimed { cases: usize, vectors: usize },
    Planned,
    Untestable(&'static str),
    Missing,
}

impl State {
    /// Its name.
    #[cfg(feature = "site")]
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Proven(_) => "proven",
            Self::Claimed { .. } => "claimed",
            Self::Planned => "planned",
            Self::Untestable(_) => "untestable",
            Self::Missing => "missing",
        }
    }

    /// Its column in the totals.
    pub(crate) fn column(&self) -> usize {
        match self {
            Self::Proven(_) => 1,
            Self::Claimed { .. } => 2,
            Self::Planned => 3,
            Self::Untestable(_) => 4,
            Self::Missing => 5,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proven(peers) => write!(f, "proven by {}", peers.join(", ")),
            Self::Claimed { cases, vectors } => {
                let counts = [counted(*cases, "case"), counted(*vectors, "vector")];
                let counts: Vec<_> = counts.into_iter().flatten().collect();
                write!(f, "claimed by {}", counts.join(", "))
            }
            Self::Planned => write!(f, "planned"),
            Self::Untestable(kind) => write!(f, "untestable {kind}"),
            Self::Missing => write!(f, "MISSING"),
        }
    }
}

fn counted(count: usize, noun: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        count => Some(format!("{count} {noun}s")),
    }
}

/// Columns of numbers below a header, the first column being names.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    fn row(&mut self, name: &str, counts: &[usize]) {
        let counts = counts.iter().map(ToString::to_string);
        self.rows.push(std::iter::once(name.to_owned()).chain(counts).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = || std::iter::once(&self.header).chain(&self.rows);
        let names = all().filter_map(|row| row.first()).map(String::len).max().unwrap_or(0);
        for row in all() {
            for (column, (cell, title)) in row.iter().zip(&self.header).enumerate() {
                let width = title.len();
                match column {
                    0 => write!(f, "{cell:names$}")?,
                    _ => write!(f, "  {cell:>width$}")?,
                }
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

          two.later      MUST    gateway         planned
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
