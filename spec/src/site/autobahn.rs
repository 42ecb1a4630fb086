//! The page of the map of the Autobahn testsuite: what its cases do, which of ours ask the same,
//! where the verdicts differ.

use minijinja::{Value, context};

use super::html::{escaped, link};
use super::links::{Links, file_of};
use super::{SiteError, Templates};
use crate::autobahn::{Answer, Entry, joined};

/// The body of the page.
pub(super) fn table(links: &Links<'_>, templates: &Templates) -> Result<String, SiteError> {
    let map = links.book.autobahn();
    let sections = map.entries().chunk_by(|one, next| one.section == next.section);
    let groups = sections.map(|section| {
        let title = section.first().map(|one| &one.section);
        context! { title, entries => section.iter().map(|one| entry(links, one)).collect::<Value>() }
    });
    templates.render(
        "autobahn.html",
        context! {
            package => map.package(),
            count => map.ids().count(),
            groups => groups.collect::<Value>(),
        },
    )
}

fn entry(links: &Links<'_>, entry: &Entry) -> Value {
    let mut chapters = links.book.chapters().iter();
    let chapter = chapters.find(|chapter| chapter.source().name() == &*entry.at.file);
    let (cases, differs, not) = match &entry.answer {
        Answer::Ours { cases, differs } => (cases.as_slice(), differs.as_ref(), None),
        Answer::Not { kind, reason } => (&[][..], None, Some((kind.as_str(), reason))),
    };
    let cases = cases.iter().map(|id| {
        // A pattern leads nowhere.
        let linked = links.case(id).map_or_else(|| escaped(id), |target| link(&target, "id", id));
        Value::from_safe_string(linked)
    });
    let differs = differs.map(|differs| {
        let decided_by = differs.decided_by.iter().map(|sentence| {
            context! { source => &sentence.source, text => &sentence.text }
        });
        context! { says => &differs.says, decided_by => decided_by.collect::<Value>() }
    });
    context! {
        anchors => entry.ids.iter().map(|id| format!("autobahn:{id}")).collect::<Vec<_>>(),
        ids => joined(entry.ids.iter().copied()),
        does => &entry.does,
        chapter => chapter.map(file_of),
        cases => cases.collect::<Value>(),
        differs,
        not => not.map(|(kind, reason)| context! { kind, reason }),
    }
}
