//! The same endpoint gets the same verdicts, however often it is certified and with how many jobs.

#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use std::collections::BTreeSet;

use support::{Folder, Served, findings, report, wsconform};
use wsconform::report::Verdict;

type Findings = Vec<(String, Verdict, BTreeSet<String>)>;

/// Certifies the server behind `url`; what the report says apart from times and octets.
fn certify(folder: &Folder, url: &str, how: &[&str]) -> Findings {
    let path = folder.file("report");
    let outcome = wsconform(&[&["certify", url, "--report", &path], how].concat());
    assert!(outcome.code.is_some_and(|code| code < 2), "{}{}", outcome.stdout, outcome.stderr);
    findings(&report(&path))
}

/// What differs between two runs.
fn differences(one: &Findings, other: &Findings) -> Vec<String> {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(other).filter(|(one, other)| one != other);
    pairs.map(|(one, other)| format!("{one:?}, then {other:?}")).collect()
}

fn same_each_time(name: &str, peer: &str, runs: &[&[&str]]) {
    let folder = Folder::new(name);
    let served = Served::start(peer);
    let mut first = None;
    for how in runs {
        let findings = certify(&folder, &served.url, how);
        let first = first.get_or_insert_with(|| findings.clone());
        let different = differences(first, &findings);
        assert!(different.is_empty(), "{peer} with {how:?}: {different:#?}");
    }
}

/// All at once, and one after the other: without the slow cases, for which that takes half a minute.
#[test]
fn the_number_of_jobs_makes_no_difference() {
    let one: &[&str] = &["--skip-slow", "--jobs", "1"];
    let many: &[&str] = &["--skip-slow", "--jobs", "16"];
    for (name, peer) in [
        ("jobs-reference", "reference"),
        ("jobs-simple", "simple"),
        ("jobs-broken", "broken/escape-not-sent"),
    ] {
        same_each_time(name, peer, &[one, many]);
    }
}

/// Slow cases too, beside all others.
#[test]
fn slow_cases_end_the_same_way() {
    same_each_time("slow-reference", "reference", &[&["--jobs", "16"], &[]]);
}

#[test]
#[ignore = "takes two minutes"]
fn twenty_runs_end_the_same_way() {
    let (one, many, default): (&[&str], &[&str], &[&str]) =
        (&["--jobs", "1"], &["--jobs", "16"], &[]);
    let mut runs = vec![one; 2];
    runs.extend([many, default].into_iter().cycle().take(18));
    same_each_time("twenty", "reference", &runs);
}
