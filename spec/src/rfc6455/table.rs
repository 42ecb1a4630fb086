//! The map with what proves it, as a text.

use std::fmt::Write;

use super::standing::{Standing, Standings};
use super::text::Rfc;
use super::{Entry, Section};
use crate::book::Book;
use crate::ledger::{Coverage, Evidence, EvidenceError, State, Table, told};
use crate::requirement::{Level, Requirement};
use crate::scenario::matches;

/// An entry with what proves it.
pub(crate) struct Mapped<'m> {
    pub(crate) entry: &'m Entry,
    /// Its requirements, in its order.
    pub(crate) requirements: Vec<(&'m Requirement, State)>,
}

impl Mapped<'_> {
    /// That of each of its key words.
    pub(crate) fn standing(&self) -> Standing {
        let standings = self.requirements.iter().map(|(one, state)| Standing::of(one, state));
        let planned = self.entry.planned.as_ref().map(|_| Standing::Planned);
        let untestable = self.entry.untestable.as_ref().map(|_| Standing::Untestable);
        standings.chain(planned).chain(untestable).max().unwrap_or(Standing::Missing)
    }

    /// Counts its key words of wanted levels.
    pub(crate) fn count(&self, standings: &mut Standings, wanted: impl Fn(Level) -> bool) {
        let words = self.entry.place.words.iter().filter_map(|(_, word)| *word);
        let words = words.filter(|word| wanted(word.level())).count();
        standings.add(self.standing(), words);
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
/// how many key words of each section and of each level have which standing.
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
    let mut totals = Table::new("section", &Standings::header());
    let sections = mapped.chunk_by(|one, next| one.entry.place.section == next.entry.place.section);
    for section in sections {
        let Some(number) = section.first().map(|one| one.entry.place.section) else { continue };
        let title = Rfc::embedded().title(number).unwrap_or_default();
        let _ = writeln!(text, "{number}  {title}\n");
        for one in section {
            draw(&mut text, &coverage, one, width);
        }
        let standings = standings(section, |_| true);
        if standings.all() > 0 {
            totals.row(&number.to_string(), &standings.cells());
        }
    }
    totals.row("all", &standings(&mapped, |_| true).cells());
    let mut levels = Table::new("level", &Standings::header());
    for level in [Level::Must, Level::Should, Level::May] {
        levels.row(&level.to_string(), &standings(&mapped, |one| one == level).cells());
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

/// How many key words of wanted levels have which standing.
fn standings(entries: &[Mapped<'_>], wanted: impl Fn(Level) -> bool) -> Standings {
    let mut standings = Standings::default();
    entries.iter().for_each(|one| one.count(&mut standings, &wanted));
    standings
}
