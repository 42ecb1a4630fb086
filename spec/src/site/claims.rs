//! The page of the claims map: what each place of the patent says, what makes it precise, what
//! proves that.

use minijinja::{Value, context};

use super::html::link;
use super::links::{Links, file_of};
use super::requirement::facts;
use super::tables::counted;
use super::{SiteError, Templates};
use crate::claims::{Mapped, mapped};
use crate::ledger::{Counts, Evidence};
use crate::patent::Place;

/// Where a place stands in the page.
pub(super) fn target_of(place: Place) -> String {
    format!("claims.html#{}", anchor(place))
}

/// The body of the page.
pub(super) fn table(
    links: &Links<'_>,
    templates: &Templates,
    evidence: &[Evidence],
) -> Result<String, SiteError> {
    let mapped = mapped(links.book, evidence, &links.coverage, |_| true);
    let sections = mapped.chunk_by(|one, next| one.entry.section == next.entry.section);
    let groups = sections.map(|section| {
        let title = section.first().map(|one| &one.entry.section);
        context! { title, entries => section.iter().map(|one| entry(links, one)).collect::<Value>() }
    });
    templates.render("claims.html", context! { groups => groups.collect::<Value>() })
}

fn entry(links: &Links<'_>, Mapped { entry, requirements, vectors }: &Mapped<'_>) -> Value {
    let mut counts = Counts::default();
    requirements.iter().for_each(|(_, state)| counts.add(state));
    let rows = requirements.iter().map(|(requirement, _)| facts(links, requirement));
    let same_as = entry
        .same_as
        .map(|place| Value::from_safe_string(link(&target_of(place), "", &place.to_string())));
    let vectors = vectors.iter().map(|(pattern, names)| {
        context! { pattern => *pattern, count => names.len() }
    });
    let tests = entry.tests.iter().map(|test| {
        context! { file => &test.file, function => &test.function }
    });
    let mut chapters = links.book.chapters().iter();
    let chapter = chapters.find(|chapter| chapter.source().name() == &*entry.at.file);
    context! {
        anchor => anchor(entry.place),
        place => entry.place.to_string(),
        says => &entry.says,
        chapter => chapter.map(file_of),
        same_as,
        totals => counted(counts),
        rows => rows.collect::<Value>(),
        vectors => vectors.collect::<Value>(),
        tests => tests.collect::<Value>(),
    }
}

/// `place:404`, `place:claim-4`
fn anchor(place: Place) -> String {
    match place {
        Place::Figure { number, .. } => format!("place:{number}"),
        Place::Claim(number) => format!("place:claim-{number}"),
        Place::Column(number) => format!("place:column-{number}"),
    }
}
