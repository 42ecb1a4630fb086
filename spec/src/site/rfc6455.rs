//! The page of RFC 6455: each of its sentences with a key word, what makes it precise, what proves
//! that.

use minijinja::{Value, context};

use super::html::link;
use super::links::{Links, file_of};
use super::requirement::facts;
use super::{SiteError, Templates};
use crate::rfc6455::{Mapped, Passage, Rfc, Standings, mapped};

/// Where a passage stands in the page.
pub(super) fn target_of(place: &Passage) -> String {
    format!("rfc6455.html#{}", anchor(place))
}

/// The body of the page.
pub(super) fn table(links: &Links<'_>, templates: &Templates) -> Result<String, SiteError> {
    let mapped = mapped(links.book, &links.coverage, |_| true);
    let sections = mapped.chunk_by(|one, next| one.entry.place.section == next.entry.place.section);
    let groups = sections.filter_map(|section| {
        let number = section.first()?.entry.place.section;
        let mut standings = Standings::default();
        section.iter().for_each(|one| one.count(&mut standings, |_| true));
        let counts = standings.each().filter(|(_, count)| *count > 0);
        let counts = counts.map(|(one, count)| context! { word => one.word(), count });
        Some(context! {
            number => number.to_string(),
            title => Rfc::embedded().title(number),
            all => standings.all(),
            counts => counts.collect::<Value>(),
            entries => section.iter().map(|one| entry(links, one)).collect::<Value>(),
        })
    });
    templates.render("rfc6455.html", context! { groups => groups.collect::<Value>() })
}

fn entry(links: &Links<'_>, mapped: &Mapped<'_>) -> Value {
    let Mapped { entry, requirements } = mapped;
    let rows = requirements.iter().map(|(requirement, _)| facts(links, requirement));
    let same_as = entry.same_as.as_ref();
    let same_as = same_as
        .map(|place| Value::from_safe_string(link(&target_of(place), "", &place.to_string())));
    let mut chapters = links.book.chapters().iter();
    let chapter = chapters.find(|chapter| chapter.source().name() == &*entry.at.file);
    let untestable = entry.untestable.as_ref();
    let untestable = untestable.map(|(kind, reason)| context! { kind => kind.as_str(), reason });
    context! {
        anchor => anchor(&entry.place),
        place => entry.place.to_string(),
        says => &entry.says,
        sentences => entry.place.sentences(),
        chapter => chapter.map(file_of),
        same_as,
        readings => &entry.readings,
        planned => &entry.planned,
        untestable,
        state => mapped.standing().word(),
        rows => rows.collect::<Value>(),
    }
}

/// `line:948`
fn anchor(place: &Passage) -> String {
    format!("line:{}", place.line())
}
