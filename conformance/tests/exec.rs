//! Endpoints that commands start: the built-in ones, through the program itself.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use support::{Folder, Outcome, PROGRAM, blamed, report, wsconform};
use wsconform::report::{Report, Verdict};

/// Certifies a server that `serve NAME` starts; with the report.
fn certify_server(folder: &Folder, name: &str, more: &[&str]) -> (Outcome, Report) {
    let command = format!("exec:{PROGRAM} serve {name} --listen 127.0.0.1:{{port}}");
    certify(folder, &[&command], more)
}

/// Certifies a client that `connect NAME` starts; with the report.
fn certify_client(folder: &Folder, name: &str, more: &[&str]) -> (Outcome, Report) {
    let command = format!("{PROGRAM} connect {name} {{url}}");
    certify(folder, &["client", "--exec", &command], more)
}

fn certify(folder: &Folder, target: &[&str], more: &[&str]) -> (Outcome, Report) {
    let path = folder.file("report.jsonl");
    let outcome = wsconform(&[&["certify"], target, &["--report", &path], more].concat());
    let report = report(&path);
    (outcome, report)
}

/// The cases that were not passed or skipped, with what they blame.
fn blames(report: &Report) -> Vec<String> {
    let telling = |verdict| !matches!(verdict, Verdict::Pass | Verdict::Skip);
    let line = |case: &wsconform::report::CaseRecord| {
        let requirements: Vec<String> = blamed(case).into_iter().collect();
        format!("{} {}: {}", case.verdict.name(), case.id, requirements.join(", "))
    };
    report.cases.iter().filter(|case| telling(case.verdict)).map(line).collect()
}

#[test]
fn a_well_behaved_server_is_met() {
    let folder = Folder::new("exec-server");
    let (outcome, report) = certify_server(&folder, "simple", &[]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert!(report.run.target.starts_with("exec:"), "{}", report.run.target);
    assert_eq!(report.run.found.applications, ["echo", "close", "source", "sink", "offer"]);
    assert_eq!(blames(&report), [""; 0]);
}

#[test]
fn a_well_behaved_client_is_met() {
    let folder = Folder::new("exec-client");
    let (outcome, report) = certify_client(&folder, "simple", &[]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert_eq!(report.run.role, "client");
    assert_eq!(blames(&report), [""; 0]);
}

#[test]
fn a_broken_server_is_not_met() {
    let folder = Folder::new("exec-broken-server");
    let (outcome, report) = certify_server(&folder, "broken/escape-not-sent", &[]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    insta::assert_snapshot!(blames(&report).join("\n"), @"fail escape.echoed: escape.sender.before-data");
}

#[test]
fn a_broken_client_is_not_met() {
    let folder = Folder::new("exec-broken-client");
    let (outcome, report) = certify_client(&folder, "broken/escape-not-sent", &[]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    insta::assert_snapshot!(blames(&report).join("\n"), @"fail escape.echoed: escape.sender.before-data");
}

#[test]
fn a_server_that_dies_is_blamed_for_it_and_restarted() {
    let folder = Folder::new("exec-dying-server");
    let certify = |jobs| {
        let (outcome, report) = certify_server(
            &folder,
            "broken/dies-of-invalid-text",
            // Where it dies, and what runs beside that: each death costs another start.
            &["--jobs", jobs, "--skip", "*near-misses", "--run", "text.*", "--run", "close.*"],
        );
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        assert!(report.end.as_ref().unwrap().complete);
        blames(&report).join("\n")
    };
    let alone = certify("1");
    insta::assert_snapshot!(alone, @r"
    fail text.utf8/FF: contract.survives
    fail text.utf8/FE: contract.survives
    fail text.utf8/80: contract.survives
    fail text.utf8/BF: contract.survives
    fail text.utf8/C2: contract.survives
    fail text.utf8/F5-80-80-80: contract.survives
    fail text.utf8/C0-80: contract.survives
    fail text.utf8/C1-BF: contract.survives
    fail text.utf8/E0-80-AF: contract.survives
    fail text.utf8/E0-9F-BF: contract.survives
    fail text.utf8/F0-80-80-AF: contract.survives
    fail text.utf8/F0-8F-BF-BF: contract.survives
    fail text.utf8/ED-A0-80: contract.survives
    fail text.utf8/ED-AF-BF: contract.survives
    fail text.utf8/ED-B0-80: contract.survives
    fail text.utf8/ED-BF-BF: contract.survives
    fail text.utf8/ED-A0-80-ED-B0-80: contract.survives
    fail text.utf8/F4-90-80-80: contract.survives
    fail text.utf8/F8-88-80-80-80: contract.survives
    fail text.utf8/FC-84-80-80-80-80: contract.survives
    fail text.utf8/E2-82: contract.survives
    fail text.utf8/F0-9D-84: contract.survives
    fail text.utf8/E2-28-A1: contract.survives
    fail text.utf8/48-69-80: contract.survives
    fail text.utf8.invalid-across/broken: contract.survives
    fail text.utf8.invalid-across/in-the-last: contract.survives
    fail text.utf8.invalid-across/cut-off: contract.survives
    fail text.utf8.invalid-across/cut-off-before-nothing: contract.survives
    fail text.utf8.invalid-across/surrogate: contract.survives
    fail text.utf8.invalid-across/too-long: contract.survives
    fail text.utf8.invalid-across/beyond: contract.survives
    fail text.utf8.not-continued: contract.survives
    fail close.invalid/reason: contract.survives
    fail close.invalid/reason-cut-off: contract.survives
    fail close.invalid/reason-surrogate: contract.survives
    ");
    assert_eq!(certify("8"), alone);
}

#[test]
fn a_server_that_does_not_come_up_again_is_not_waited_for_at_each_case() {
    let folder = Folder::new("exec-once");
    let starts = folder.file("starts");
    // The first start leaves a line; the next ones find it.
    let script = format!(
        "test -s {starts}; first=$?; echo start >> {starts}; \
         if test $first = 1; then exec {PROGRAM} serve broken/dies-of-invalid-text \
         --listen 127.0.0.1:$0; else exec sleep 600; fi"
    );
    let target = format!("exec:sh -c '{script}' {{port}}");
    let (outcome, report) = certify(&folder, &[&target], &["--startup", "1"]);
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    assert_eq!(fs::read_to_string(starts).unwrap().lines().count(), 2);
    let gone = report.cases.iter().filter(|case| case.verdict == Verdict::Inconclusive);
    assert!(gone.count() > 1, "{}", outcome.stdout);
}

#[test]
fn what_is_reproduced_runs_as_it_is_printed() {
    let folder = Folder::new("exec-reproduce");
    let (_, report) = certify_server(&folder, "broken/escape-not-sent", &[]);
    let case = report.cases.iter().find(|case| case.verdict == Verdict::Fail).unwrap();
    let command = case.reproduce.as_deref().unwrap();
    let words = shlex::split(command).unwrap();
    let (program, arguments) = words.split_first().unwrap();
    assert_eq!(program, "wsconform");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = wsconform(&arguments);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("FAIL escape.sender.before-data"), "{}", outcome.stdout);
}
