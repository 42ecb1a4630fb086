//! The control extension is proven: every requirement of its chapters, every place of the patent.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may panic

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use wsconform::evidence::evidence;
use wsconform_spec::ledger::{State, states};
use wsconform_spec::{Book, Evidence, EvidenceKind, Requirement, Testability};

/// The chapters of the extension, by number.
const CHAPTERS: std::ops::RangeInclusive<u32> = 35..=55;

/// What may be planned: what comes with compression, HTTP/2 and HTTP/3.
const LATER: [&str; 2] = ["compression.", "streams."];

#[test]
fn every_requirement_of_the_extension_is_proven() {
    let book = wsconform::book::embedded().unwrap();
    let evidence = evidence(&book);
    let peers = peers(&evidence);
    let own = of_extension(&book);
    let mut missing = Vec::new();
    for (requirement, state) in states(&book, &evidence).unwrap() {
        let id = requirement.id.as_str();
        if !own.contains(id) {
            continue;
        }
        if let Some(reason) = unproven(requirement, &state, peers.get(id)) {
            missing.push(format!("  {id:36} {:6} {reason}", requirement.level()));
        }
    }
    let count = missing.len();
    assert!(missing.is_empty(), "{count} of {} are not proven:\n{}", own.len(), missing.join("\n"));
}

/// What is wrong, if the requirement is not as it has to be.
fn unproven(
    requirement: &Requirement,
    state: &State,
    peers: Option<&BTreeSet<&str>>,
) -> Option<String> {
    let id = requirement.id.as_str();
    let is_later = LATER.iter().any(|prefix| id.starts_with(prefix));
    match (state, peers) {
        (State::Proven { .. }, _) => None,
        (State::Planned { .. } | State::Untestable { .. }, Some(peers)) => {
            let peers: Vec<_> = peers.iter().copied().collect();
            Some(format!("{}, but proven by {}: it is neither", state.word(), peers.join(", ")))
        }
        (State::Planned { .. }, None) if is_later => None,
        (State::Untestable { vectors: 0, .. }, None) if speaks_of_vectors(requirement) => {
            Some("untestable, its reason speaks of vectors, and none covers it".to_owned())
        }
        (State::Untestable { .. }, None) => None,
        (State::Claimed { .. } | State::Planned { .. } | State::Missing, _) => {
            Some(state.to_string())
        }
    }
}

fn speaks_of_vectors(requirement: &Requirement) -> bool {
    match &requirement.testability {
        Testability::Untestable { reason, .. } => reason.contains("vector"),
        Testability::Testable | Testability::Planned { .. } => false,
    }
}

#[test]
fn every_place_of_the_patent_is_proven() {
    let book = wsconform::book::embedded().unwrap();
    let evidence = evidence(&book);
    let states = states(&book, &evidence).unwrap();
    let proven: BTreeSet<_> = states
        .iter()
        .filter(|(_, state)| matches!(state, State::Proven { .. }))
        .map(|(requirement, _)| &requirement.id)
        .collect();
    let bare: Vec<String> = book
        .claims()
        .entries()
        .iter()
        .filter(|entry| entry.vectors.is_empty() && entry.tests.is_empty())
        .filter(|entry| !entry.requirements.iter().any(|id| proven.contains(id)))
        .map(|entry| format!("  {:11}  {}", entry.place, entry.says))
        .collect();
    assert!(bare.is_empty(), "nothing proves these places of the patent:\n{}", bare.join("\n"));
}

#[test]
fn the_map_names_vectors_and_tests_that_exist() {
    let book = wsconform::book::embedded().unwrap();
    let evidence = evidence(&book);
    let vectors = evidence.iter().filter(|one| one.kind == EvidenceKind::Vector);
    let vectors: BTreeSet<_> = vectors.map(|one| one.name.as_str()).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    assert!(!book.claims().entries().is_empty());
    let mut gone = Vec::new();
    for entry in book.claims().entries() {
        for pattern in &entry.vectors {
            let pattern_matches = wildmatch::WildMatch::new(pattern);
            if !vectors.iter().any(|name| pattern_matches.matches(name)) {
                gone.push(format!(
                    "{}: no vector that covers anything matches `{pattern}`",
                    entry.at
                ));
            }
        }
        for test in &entry.tests {
            let text = fs::read_to_string(root.join(&test.file)).unwrap_or_default();
            if !text.contains(&format!("fn {}(", test.function)) {
                gone.push(format!("{}: there is no test `{test}`", entry.at));
            }
        }
    }
    assert!(gone.is_empty(), "the claims map names what is not there:\n{}", gone.join("\n"));
}

/// The ids of the requirements of its chapters.
fn of_extension(book: &Book) -> BTreeSet<&str> {
    let number = |file: &str| file.split('-').next().and_then(|number| number.parse().ok());
    let chapters = book.chapters().iter();
    let own = chapters.filter(|chapter| {
        number(chapter.file()).is_some_and(|number: u32| CHAPTERS.contains(&number))
    });
    own.flat_map(|chapter| chapter.requirements()).map(|id| id.as_str()).collect()
}

/// The peers that speak for each requirement.
fn peers(evidence: &[Evidence]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut peers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in evidence {
        if matches!(one.kind, EvidenceKind::Peer | EvidenceKind::Freedom) {
            peers.entry(one.requirement.as_str()).or_default().insert(&one.name);
        }
    }
    peers
}
