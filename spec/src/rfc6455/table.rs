//! The map with what proves it, as a text.

use std::fmt::Write;

use super::text::Rfc;
use super::{Entry, Section};
use crate::book::Book;
use crate::ledger::{Counts, Coverage, Evidence, EvidenceError, State, Table, told};
use crate::requirement::{Level, Requirement};
use crate::scenario::matches;

/// An entry with what proves it.
pub(crate) struct Mapped<'m> {
    pub(crate) entry: &'m Entry,
    /// Its requirements, in its order.
    pub(crate) requirements: Vec<(&'m Requirement, State)>,
}

impl Mapped<'_> {
    /// The state of each of its key words: as bad as that of the worst of its requirements.
    pub(crate) fn state(&self) -> State {
        let badness = |state: &State| match state {
            State::Untestable { .. } => 0,
            State::Proven { .. } => 1,
            State::Claimed { .. } => 2,
            State::Planned { .. } => 3,
            State::Missing => 4,
        };
        let worst = self.requirements.iter().map(|(_, state)| state).max_by_key(|one| badness(one));
        let Entry { planned, untestable, .. } = self.entry;
        match (worst, planned, untestable) {
            (Some(State::Missing), ..) => State::Missing,
            (_, Some(reason), _) => State::Planned { reason: reason.clone() },
            (Some(state), ..) => state.clone(),
            (None, _, Some((kind, _))) => State::Untestable { kind: *kind, vectors: 0 },
            (None, _, None) => State::Missing,
        }
    }

    /// Counts each of its key words of wanted levels as what it is.
    pub(crate) fn count(&self, counts: &mut Counts, wanted: impl Fn(Level) -> bool) {
        let state = self.state();
        let words = self.entry.place.words.iter().filter_map(|(_, word)| *word);
        words.filter(|word| wanted(word.level())).for_each(|_| counts.add(&state));
    }
}

/// The map of the book; nothing but entries of `wanted` sections.
pub(crate) fn mapped<'m>(
    book: &'m Book,
    coverage: &Coverage<'_>,
    wanted: impl Fn(Section) -> bool,
) -> Vec<Mapped<'m>> {
    let entries = book.rfc6455().entries().iter().filter(|entry| wanted(entry.place.section));
    let mapped = entries.map(|entry| {
        let requirements = entry.requirements.iter().filter_map(|id| book.requirements().get(id));
        let requirements = requirements.map(|one| (one, coverage.state(one))).collect();
        Mapped { entry, requirements }
    });
    mapped.collect()
}

/// Whether a pattern, where `*` stands for any characters, is about a section.
pub fn is_about(pattern: &str, section: Section) -> bool {
    matches(pattern, &section.to_string())
}

/// The entries of `wanted` sections: what each asks, its requirements and how they are covered; then
/// how many key words of each section and of each level are in which state.
///
/// # Errors
///
/// The first piece of evidence that fits nothing in the book.
pub fn render(
    book: &Book,
    evidence: &[Evidence],
    wanted: impl Fn(Section) -> bool,
) -> Result<String, EvidenceError> {
    let coverage = Coverage::of(book, evidence)?;
    let mapped = mapped(book, &coverage, wanted);
    let ids = mapped.iter().flat_map(|one| &one.requirements);
    let width = ids.map(|(one, _)| one.id.as_str().len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut totals = Table::new("section", "key words");
    let sections = mapped.chunk_by(|one, next| one.entry.place.section == next.entry.place.section);
    for section in sections {
        let Some(number) = section.first().map(|one| one.entry.place.section) else { continue };
        let title = Rfc::embedded().title(number).unwrap_or_default();
        let _ = writeln!(text, "{number}  {title}\n");
        for one in section {
            draw(&mut text, &coverage, one, width);
        }
        let counts = counts(section, |_| true);
        if counts.all > 0 {
            totals.row(&number.to_string(), counts);
        }
    }
    totals.row("all", counts(&mapped, |_| true));
    let mut levels = Table::new("level", "key words");
    for level in [Level::Must, Level::Should, Level::May] {
        levels.row(&level.to_string(), counts(&mapped, |one| one == level));
    }
    let _ = write!(text, "{totals}\n{levels}");
    Ok(text)
}

fn draw(text: &mut String, coverage: &Coverage<'_>, one: &Mapped<'_>, width: usize) {
    let Mapped { entry, requirements } = one;
    let _ = writeln!(text, "{}  {}", entry.place, entry.says);
    if let Some(same) = &entry.same_as {
        let _ = writeln!(text, "  as {same}\n");
        return;
    }
    for reading in &entry.readings {
        let _ = writeln!(text, "  reading: {reading}");
    }
    for (requirement, state) in requirements {
        let (id, level) = (&requirement.id, requirement.level());
        let _ = writeln!(text, "  {id:width$}  {level:6}  {}", told(coverage, id, state));
    }
    if let Some(reason) = &entry.planned {
        let _ = writeln!(text, "  planned: {reason}");
    }
    if let Some((kind, reason)) = &entry.untestable {
        let _ = writeln!(text, "  untestable {kind}: {reason}");
    }
    text.push('\n');
}

/// How many key words of wanted levels are in which state.
fn counts(entries: &[Mapped<'_>], wanted: impl Fn(Level) -> bool) -> Counts {
    let mut counts = Counts::default();
    entries.iter().for_each(|one| one.count(&mut counts, &wanted));
    counts
}
