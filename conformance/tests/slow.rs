//! A run is short: what takes its time says so, and is rare.

#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use std::sync::LazyLock;

use support::{Folder, report, wsconform};
use wsconform::engine::{Selection, plan};
use wsconform::report::{Report, Verdict};
use wsconform_spec::Book;
use wsconform_spec::scenario::Role;

static BOOK: LazyLock<Book> = LazyLock::new(|| wsconform::book::embedded().unwrap());

/// Of so many cases one may be slow.
const TWENTY: usize = 20;
/// The virtual time that a case may take which does not say that it is slow, in ms.
const SHORT: u64 = 200;
/// The virtual time that all of those may take together, in ms: the waits of a run with one job.
const ALL_SHORT: u64 = 4000;

/// A run in virtual time without the slow cases.
fn short_run(name: &str, arguments: &[&str]) -> Report {
    let folder = Folder::new(name);
    let path = folder.file("report");
    let how = ["--skip-slow", "--report", &path];
    let outcome = wsconform(&[&["certify"], arguments, &how].concat());
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    report(&path)
}

#[test]
fn at_most_one_case_in_twenty_is_slow() {
    for role in [Role::Server, Role::Client, Role::Gateway] {
        let cases = plan(&BOOK, role, &Selection::default());
        let slow = cases.iter().filter(|case| case.scenario.slow.is_some()).count();
        let all = cases.len();
        assert!(slow * TWENTY <= all, "{slow} of {all} cases for a {role} are slow");
    }
}

#[test]
fn what_is_not_slow_takes_no_time() {
    for (name, arguments) in [
        ("short-server-reference", &["sim:reference"][..]),
        ("short-server-simple", &["sim:simple"]),
        ("short-client-reference", &["client", "sim:reference"]),
        ("short-client-simple", &["client", "sim:simple"]),
        ("short-gateway-simple", &["gateway", "sim:simple"]),
    ] {
        let report = short_run(name, arguments);
        let long = report.cases.iter().filter(|case| case.ms > SHORT);
        let long: Vec<(&str, u64)> = long.map(|case| (case.id.as_str(), case.ms)).collect();
        assert!(long.is_empty(), "{name}: more than {SHORT} ms: {long:?}");
        let all: u64 = report.cases.iter().map(|case| case.ms).sum();
        assert!(all <= ALL_SHORT, "{name}: {all} ms");
    }
}

#[test]
fn slow_cases_are_skipped_where_nobody_waits_for_them() {
    let report = short_run("skip-slow", &["sim:reference", "--run", "heartbeat.*"]);
    assert!(report.cases.iter().any(|case| case.verdict == Verdict::Pass));
    assert!(report.cases.iter().any(|case| case.slow.is_some()));
    for case in &report.cases {
        let skipped = case.verdict == Verdict::Skip;
        assert_eq!(skipped, case.slow.is_some(), "{}: {:?}", case.id, case.reason);
    }
}
