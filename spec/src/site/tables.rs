//! The pages that list: contents, requirements, coverage.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::links::{Links, file_of};
use super::requirement::facts;
use super::{SiteError, Templates};
use crate::book::Chapter;
use crate::ledger::Counts;
use crate::requirement::Testability;
use crate::scenario::cases;

/// The body of the first page.
pub(super) fn contents(links: &Links<'_>, templates: &Templates) -> Result<String, SiteError> {
    let book = links.book;
    let chapters = book.chapters().iter().map(|chapter| {
        context! {
            file => file_of(chapter),
            title => chapter.title(),
            lead => lead(chapter),
            totals => totals(links, std::iter::once(chapter)),
        }
    });
    let case_count: usize = book.scenarios().iter().map(|scenario| cases(scenario).len()).sum();
    templates.render(
        "contents.html",
        context! {
            chapters => chapters.collect::<Value>(),
            totals => totals(links, book.chapters()),
            scenario_count => book.scenarios().len(),
            case_count,
            rule_count => book.grammar().rules().count(),
            example_count => book.examples().len(),
            digest => book.digest(),
        },
    )
}

/// The body of the page of all requirements.
pub(super) fn requirements(links: &Links<'_>, templates: &Templates) -> Result<String, SiteError> {
    let rows = links.book.requirements().values().map(|one| facts(links, one));
    templates.render("requirements.html", context! { rows => rows.collect::<Value>() })
}

/// The body of the page of what is proven.
pub(super) fn coverage(links: &Links<'_>, templates: &Templates) -> Result<String, SiteError> {
    let book = links.book;
    let with_requirements = || book.chapters().iter().filter(|one| !one.requirements().is_empty());
    let chapters = with_requirements().map(|chapter| {
        let ids = chapter.requirements().iter();
        let rows = ids.filter_map(|id| book.requirements().get(id)).map(|one| facts(links, one));
        context! {
            file => file_of(chapter),
            title => chapter.title(),
            totals => totals(links, std::iter::once(chapter)),
            rows => rows.collect::<Value>(),
        }
    });
    templates.render(
        "coverage.html",
        context! {
            chapters => chapters.collect::<Value>(),
            plans => plans(links),
            totals => totals(links, with_requirements()),
        },
    )
}

/// What is planned, by what it comes with.
fn plans(links: &Links<'_>) -> Value {
    let mut plans: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for requirement in links.book.requirements().values() {
        if let Testability::Planned { reason } = &requirement.testability {
            plans.entry(reason).or_default().push(facts(links, requirement));
        }
    }
    plans.into_iter().map(|(reason, rows)| context! { reason, rows }).collect()
}

/// How many requirements are in each state.
fn totals<'c>(links: &Links<'_>, chapters: impl IntoIterator<Item = &'c Chapter>) -> Value {
    let mut counts = Counts::default();
    for id in chapters.into_iter().flat_map(Chapter::requirements) {
        let Some(requirement) = links.book.requirements().get(id) else { continue };
        counts.add(&links.coverage.state(requirement));
    }
    counted(counts)
}

/// Counts as a value of templates.
pub(super) fn counted(counts: Counts) -> Value {
    let Counts { all, proven, claimed, planned, untestable, missing } = counts;
    context! { all, proven, claimed, planned, untestable, missing }
}

/// The first sentence of a chapter, as plain text.
fn lead(chapter: &Chapter) -> String {
    let is_prose = |paragraph: &&str| {
        let first = paragraph.chars().next();
        let is_requirement = paragraph.starts_with("r[");
        let is_fence = paragraph.starts_with("```");
        !is_requirement && !is_fence && first.is_some_and(|one| one.is_alphabetic() || one == '`')
    };
    let mut paragraphs = chapter.source().text().split("\n\n").map(str::trim);
    let text = paragraphs.find(is_prose).unwrap_or_default().replace('\n', " ");
    // "FIG. 3" ends no sentence.
    let ends = text.match_indices(". ").map(|(at, _)| at + 1);
    let is_end = |at: &usize| text[*at..].trim_start().starts_with(char::is_uppercase);
    let end = ends.into_iter().find(is_end).unwrap_or(text.len());
    text[..end].replace(['`', '*'], "")
}
