//! What a case is about, as `wsconform explain` says it; and the map of the Autobahn testsuite.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use std::collections::BTreeSet;

use support::{Outcome, wsconform};
use wsconform_spec::autobahn::{Answer, selects};
use wsconform_spec::scenario::{Role, cases};

/// What it prints with exit code 0 and nothing on the standard error; the lines of the book's
/// chapters move whenever somebody writes in them.
fn explained(id: &str) -> String {
    let Outcome { code, stdout, stderr, .. } = wsconform(&["explain", id]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{id}");
    let line = |line: &str| match line.split_once(".md:") {
        Some((before, _)) => format!("{before}.md:LINE\n"),
        None => format!("{line}\n"),
    };
    stdout.lines().map(line).collect()
}

/// What it complains about with exit code 2 and nothing on the standard output.
fn refused(id: &str) -> String {
    let Outcome { code, stdout, stderr, .. } = wsconform(&["explain", id]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{id}");
    stderr
}

#[test]
fn it_explains_itself() {
    insta::assert_snapshot!(wsconform(&["explain", "--help"]).stdout);
}

#[test]
fn a_case_of_the_suite_is_explained() {
    insta::assert_snapshot!("differs", explained("autobahn:7.9.4"));
    insta::assert_snapshot!("same", explained("autobahn:2.1"));
    insta::assert_snapshot!("not-yet", explained("autobahn:12.1.1"));
    insta::assert_snapshot!("not-here", explained("autobahn:9.7.1"));
}

#[test]
fn cases_of_the_suite_are_listed() {
    insta::assert_snapshot!("list-7.9", explained("autobahn:7.9.*"));
    for alike in ["autobahn:7.9", "autobahn:7.9.?"] {
        assert_eq!(explained(alike), explained("autobahn:7.9.*"), "{alike}");
    }
    assert_ne!(explained("autobahn:1"), explained("autobahn:1*"), "10 is no part of 1");
    let all = explained("autobahn");
    assert_eq!(all, explained("autobahn:"));
    insta::assert_snapshot!("totals", all.rsplit("\n\n").next().unwrap());
}

#[test]
fn what_is_ours_is_explained_with_what_is_like_it() {
    insta::assert_snapshot!("ours", explained("close.empty"));
    let last = |id: &str| explained(id).lines().last().unwrap().to_owned();
    assert_eq!(last("close.invalid/999"), "autobahn 7.9.2");
    assert!(last("close.invalid").starts_with("autobahn 7.3.2, 7.5.1, 7.9.1-7.9."));
    assert!(last("close.reason").contains("7.5.1"), "the requirement of a row");
    assert!(!last("close.reason").contains("7.9"), "no requirement of this row");
    assert!(!explained("opening.server.answer").contains("\nautobahn"), "it tests no handshake");
}

#[test]
fn what_is_not_there_is_refused_with_what_is_near() {
    let ids = [
        "",
        "autobahn:99",
        "autobahn:8.*",
        "autobahn:7.8.1",
        "autobahn:7.9.14",
        "autobahn:7.09.3",
        "autobahn:10.1.2",
        "autobahn:x",
        "7.9.3",
        "autoban:7.9.3",
        "close.invalid/1007",
        "close.invalide",
        "nonsense",
    ];
    let told = ids.map(|id| format!("explain {id:?}\n{}", refused(id)));
    insta::assert_snapshot!("refused", told.join("\n"));
}

/// The book checks the map without the rows that are vectors; here they are there.
#[test]
fn every_case_that_the_map_names_is_there_for_both_roles() {
    let book = wsconform::book::embedded().unwrap();
    let ours: Vec<_> = book.scenarios().iter().flat_map(cases).collect();
    let map = book.autobahn();
    assert_eq!(map.ids().count(), 517);
    for id in map.ids() {
        let entry = map.entry(id).unwrap();
        let Answer::Ours { cases: patterns, .. } = &entry.answer else { continue };
        let mut roles = BTreeSet::new();
        for pattern in patterns {
            let found: BTreeSet<Role> =
                ours.iter().filter(|case| selects(pattern, &case.id)).map(|one| one.role).collect();
            assert!(!found.is_empty(), "{id}: {pattern} is no case");
            roles.extend(found);
        }
        assert!(roles.is_superset(&[Role::Server, Role::Client].into()), "{id}: {roles:?}");
    }
}
