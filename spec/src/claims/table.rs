//! The map with what proves it, as a text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Entry;
use crate::book::Book;
use crate::ledger::{
    Counts, Coverage, Evidence, EvidenceError, EvidenceKind, State, Table, counted, told,
};
use crate::patent::Place;
use crate::requirement::Requirement;
use crate::scenario::matches;

/// An entry with what proves it.
pub(crate) struct Mapped<'m> {
    pub(crate) entry: &'m Entry,
    /// Its requirements, in its order.
    pub(crate) requirements: Vec<(&'m Requirement, State)>,
    /// Its patterns, and the vectors that match each.
    pub(crate) vectors: Vec<(&'m str, BTreeSet<&'m str>)>,
}

/// The map of the book; nothing but entries of `wanted` places.
///
/// # Errors
///
/// The first piece of evidence that fits nothing in the book.
pub(crate) fn mapped<'m>(
    book: &'m Book,
    evidence: &'m [Evidence],
    coverage: &Coverage<'_>,
    wanted: impl Fn(Place) -> bool,
) -> Vec<Mapped<'m>> {
    let vectors = evidence.iter().filter(|one| one.kind == EvidenceKind::Vector);
    let vectors: BTreeSet<&str> = vectors.map(|one| one.name.as_str()).collect();
    let entries = book.claims().entries().iter().filter(|entry| wanted(entry.place));
    let mapped = entries.map(|entry| {
        let requirements = entry.requirements.iter().filter_map(|id| book.requirements().get(id));
        let shown = |pattern: &'m String| {
            let matching = vectors.iter().copied().filter(|name| matches(pattern, name));
            (pattern.as_str(), matching.collect())
        };
        Mapped {
            entry,
            requirements: requirements.map(|one| (one, coverage.state(one))).collect(),
            vectors: entry.vectors.iter().map(shown).collect(),
        }
    });
    mapped.collect()
}

/// Whether a pattern, where `*` stands for any characters, is about a place: it matches how that is
/// cited, or its number alone.
pub fn is_about(pattern: &str, place: Place) -> bool {
    matches(pattern, &place.to_string()) || matches(pattern, &place.number().to_string())
}

/// The entries of `wanted` places: what each says, its requirements and how they are covered; then
/// how many requirements of each section are in which state.
///
/// # Errors
///
/// The first piece of evidence that fits nothing in the book.
pub fn render(
    book: &Book,
    evidence: &[Evidence],
    wanted: impl Fn(Place) -> bool,
) -> Result<String, EvidenceError> {
    let coverage = Coverage::of(book, evidence)?;
    let mapped = mapped(book, evidence, &coverage, wanted);
    let ids = mapped.iter().flat_map(|one| &one.requirements);
    let width = ids.map(|(one, _)| one.id.as_str().len()).max().unwrap_or(0);
    let mut text = String::new();
    for Mapped { entry, requirements, vectors } in &mapped {
        let _ = writeln!(text, "{:<11}  {}", entry.place, entry.says);
        if let Some(same) = entry.same_as {
            let _ = writeln!(text, "  as {same}\n");
            continue;
        }
        for (requirement, state) in requirements {
            let (id, level) = (&requirement.id, requirement.level());
            let _ = writeln!(text, "  {id:width$}  {level:6}  {}", told(&coverage, id, state));
        }
        for (pattern, names) in vectors {
            let count = counted(names.len(), "vector").unwrap_or_else(|| "NO VECTOR".to_owned());
            let _ = writeln!(text, "  {count} {pattern}");
        }
        for test in &entry.tests {
            let _ = writeln!(text, "  test {test}");
        }
        text.push('\n');
    }
    let mut totals = Table::new("section", &Counts::HEADER);
    for section in mapped.chunk_by(|one, next| one.entry.section == next.entry.section) {
        let name = section.first().map_or("", |one| one.entry.section.as_str());
        totals.row(name, &counts(section).cells());
    }
    totals.row("all", &counts(&mapped).cells());
    let _ = write!(text, "{totals}");
    Ok(text)
}

/// How many requirements of the entries are in which state, each counted once.
fn counts(entries: &[Mapped<'_>]) -> Counts {
    let requirements = entries.iter().flat_map(|one| &one.requirements);
    let states: BTreeMap<_, _> = requirements.map(|(one, state)| (&one.id, state)).collect();
    let mut counts = Counts::default();
    states.values().for_each(|state| counts.add(state));
    counts
}
