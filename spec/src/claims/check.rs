//! Whether the map is complete, and agrees with the sources of the requirements.

use std::collections::BTreeMap;
use std::ops::Range;

use wsconform_abnf::{Diagnostic, Source};

use super::{ClaimsMap, Entry};
use crate::map::{Draft, dangling, mistake, uncited};
use crate::patent::Place;
use crate::requirement::{Requirement, RequirementId};

/// The map that the entries make, or all that is wrong with them:
///
/// - each claim and each number of the figures has exactly one entry;
/// - an entry that is `as` another leads to one that stands for itself;
/// - a requirement whose source cites a place stands in the entry of that place;
/// - a requirement of an entry cites its place, unless it does not come from the patent at all.
///
/// A book without entries has no map, and nothing is wrong with that. `labels` says where each
/// requirement stands.
pub(crate) fn check(
    drafts: Vec<Draft<Place>>,
    requirements: &BTreeMap<RequirementId, Requirement>,
    labels: &BTreeMap<RequirementId, (Source, Range<usize>)>,
) -> (ClaimsMap, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut by_place: BTreeMap<Place, &Draft<Place>> = BTreeMap::new();
    for draft in &drafts {
        if let Some(first) = by_place.get(&draft.place) {
            let at = first.source.location(first.span.start);
            let label = format!("`{}` has an entry already", draft.place);
            problems
                .push(mistake(draft, "place mapped twice", label).help(format!("it is at {at}")));
        } else {
            by_place.insert(draft.place, draft);
        }
    }
    problems.extend(drafts.first().and_then(|first| absent(first, &by_place)));
    problems.extend(dangling(&drafts));
    problems.extend(uncited(&drafts, requirements, |requirement, place| {
        requirement.patent.is_empty() || requirement.patent.contains(place)
    }));
    if !drafts.is_empty() {
        for requirement in requirements.values() {
            problems.extend(unmapped(requirement, &by_place, labels));
        }
    }
    let entries = drafts.iter().map(|draft| entry(draft, &by_place)).collect();
    (ClaimsMap::new(entries), problems)
}

/// The places that have no entry.
fn absent(first: &Draft<Place>, by_place: &BTreeMap<Place, &Draft<Place>>) -> Option<Diagnostic> {
    let absent = Place::all().filter(|place| !by_place.contains_key(place));
    let absent: Vec<_> = absent.map(|place| place.to_string()).collect();
    if absent.is_empty() {
        return None;
    }
    let label = "the map that begins here leaves places out".to_owned();
    let problem = mistake(first, "incomplete claims map", label);
    Some(problem.help(format!("no entry for {}", absent.join("; "))))
}

/// Places that a requirement cites, but whose entries do not name it.
fn unmapped(
    requirement: &Requirement,
    by_place: &BTreeMap<Place, &Draft<Place>>,
    labels: &BTreeMap<RequirementId, (Source, Range<usize>)>,
) -> Vec<Diagnostic> {
    let Some((source, span)) = labels.get(&requirement.id) else { return Vec::new() };
    let lacks = |place: &&Place| {
        let entry = by_place.get(place);
        !entry.is_some_and(|draft| draft.requirements.iter().any(|(id, _)| *id == requirement.id))
    };
    let problem = |place: &Place| {
        let help = match by_place.get(place).map(|draft| draft.same_as.as_ref()) {
            Some(Some((same, _))) => format!("that is mapped as `{same}`: cite that"),
            Some(None) => format!("name it in the entry of `{place}`, or do not cite that"),
            None => format!("give `{place}` an entry, or do not cite it"),
        };
        let label = format!("its source cites `{place}`, whose entry does not name it");
        Diagnostic::new(source, span.clone(), "map and source disagree", label).help(help)
    };
    requirement.patent.iter().filter(lacks).map(problem).collect()
}

fn entry(draft: &Draft<Place>, by_place: &BTreeMap<Place, &Draft<Place>>) -> Entry {
    let same_as = draft.same_as.as_ref().map(|(place, _)| *place);
    let own = same_as.and_then(|place| by_place.get(&place).copied()).unwrap_or(draft);
    Entry {
        place: draft.place,
        section: draft.section.clone(),
        says: draft.says.clone(),
        same_as,
        requirements: own.requirements.iter().map(|(id, _)| id.clone()).collect(),
        vectors: own.vectors.clone(),
        tests: own.tests.clone(),
        at: draft.source.location(draft.span.start),
    }
}
