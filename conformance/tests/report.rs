//! The report: complete, in order, as its schema says, and the same whenever the run is the same.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Folder, Served, blamed, findings, report, schema, wsconform};
use wsconform::report::{RunVerdict, Verdict, read};

/// Runs of every kind: each role, and every verdict but the inconclusive one.
const RUNS: [&[&str]; 6] = [
    &["sim:reference"],
    &["sim:broken/escape-not-sent"],
    &["sim:broken/fails-without-close"],
    &["client", "sim:reference"],
    &["client", "sim:broken/escape-not-sent"],
    &["gateway", "sim:simple"],
];

/// The lines of the report that `certify` writes with these arguments.
fn lines(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let path = folder.file("report.jsonl");
    wsconform(&[&["certify"], arguments, &["--report", &path]].concat());
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn committed_schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("report.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn it_reads_back_whole_and_in_the_order_of_the_plan() {
    let folder = Folder::new("report-order");
    for run in RUNS {
        let path = folder.file("report.jsonl");
        let outcome = wsconform(&[&["certify"], run, &["--report", &path]].concat());
        let report = report(&path);
        let planned = wsconform(&[&["certify"], run, &["--list"]].concat()).stdout;
        let ids: Vec<&str> = report.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, planned.lines().collect::<Vec<_>>(), "{run:?}");
        let end = report.end.unwrap();
        assert!(end.complete && end.reason.is_none(), "{run:?}: {:?}", end.reason);
        assert_eq!(end.counts, report.cases.iter().map(|case| case.verdict).collect());
        let met = end.verdict == RunVerdict::Met;
        assert_eq!(outcome.code, Some(if met { 0 } else { 1 }), "{run:?}");
    }
}

#[test]
fn every_line_is_as_the_schema_says() {
    let folder = Folder::new("report-schema");
    let schema = committed_schema();
    for run in RUNS {
        for line in lines(&folder, run) {
            let record = serde_json::from_str(&line).unwrap();
            assert_eq!(schema::mistake(&schema, &record), None, "{run:?}\n{line}");
        }
    }
    assert_eq!(
        serde_json::from_str::<Value>(&wsconform(&["schema", "report"]).stdout).unwrap(),
        schema
    );
}

#[test]
fn the_schema_refuses_other_lines() {
    let folder = Folder::new("report-damaged");
    let schema = committed_schema();
    let lines = lines(&folder, &["sim:broken/escape-not-sent"]);
    let failed = lines.iter().find(|line| line.contains(r#""verdict":"fail""#)).unwrap();
    for (line, pointer, damage) in [
        (&lines[0], "/role", Value::Null),
        (&lines[0], "/seed", Value::from(-1)),
        (&lines[0], "/found/capabilities", Value::from("rate-control")),
        (failed, "/type", Value::from("cases")),
        (failed, "/verdict", Value::from("failed")),
        (failed, "/blame/0/octets/0/start", Value::from("0")),
        (failed, "/transcript/0/direction", Value::from("out")),
        (lines.last().unwrap(), "/complete", Value::from("yes")),
        (lines.last().unwrap(), "/counts", Value::from(Vec::<Value>::new())),
    ] {
        let mut record: Value = serde_json::from_str(line).unwrap();
        *record.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer} in {line}")) = damage;
        assert!(schema::mistake(&schema, &record).is_some(), "{pointer} may be anything");
    }
    for name in ["id", "verdict", "role"] {
        let mut record: Value = serde_json::from_str(failed).unwrap();
        record.as_object_mut().unwrap().remove(name);
        assert!(schema::mistake(&schema, &record).is_some(), "{name} may be missing");
    }
}

#[test]
fn a_dash_stands_for_the_standard_output() {
    let folder = Folder::new("report-stdout");
    let target = "sim:broken/escape-not-sent";
    let outcome = wsconform(&["certify", target, "--report", "-"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), ""));
    assert_eq!(outcome.stdout.lines().collect::<Vec<_>>(), lines(&folder, &[target]));
    assert_eq!(read(outcome.stdout.as_bytes()).unwrap().run.target, target);
}

#[test]
fn one_seed_gives_the_same_octets_in_simulation() {
    let folder = Folder::new("report-identical");
    for run in RUNS {
        let seeded = [run, &["--seed", "7"]].concat();
        let first = lines(&folder, &seeded);
        assert_eq!(first, lines(&folder, &seeded), "{run:?}");
        let many_jobs = [&seeded[..], &["--jobs", "16"]].concat();
        assert_eq!(first, lines(&folder, &many_jobs), "{run:?} with many jobs");
    }
}

#[test]
fn another_seed_gives_other_octets_and_the_same_findings() {
    let folder = Folder::new("report-seeds");
    for run in RUNS {
        let seeded = |seed| {
            let path = folder.file("report.jsonl");
            wsconform(&[&["certify"], run, &["--seed", seed, "--report", &path]].concat());
            report(&path)
        };
        let (one, other) = (seeded("7"), seeded("8"));
        assert_eq!(findings(&one), findings(&other), "{run:?}");
        let transcripts = |report: &wsconform::report::Report| {
            let told = report.cases.iter().filter(|case| case.verdict == Verdict::Fail);
            told.flat_map(|case| case.transcript.clone()).collect::<Vec<_>>()
        };
        let (one, other) = (transcripts(&one), transcripts(&other));
        assert!(one.is_empty() || one != other, "{run:?} has the same keys with either seed");
    }
}

#[test]
fn findings_over_sockets_are_the_same_in_every_run() {
    let folder = Folder::new("report-sockets");
    // Cases that wait for clocks take long, and are run elsewhere in virtual time.
    let timed = ["rate.strict.*", "idle-timeout.*", "heartbeat.*", "suspend.*", "message.budget"];
    let skip: Vec<&str> = timed.iter().flat_map(|pattern| ["--skip", pattern]).collect();
    let certify = |target: &[&str], jobs: &str| {
        let path = folder.file("report.jsonl");
        let options = ["--jobs", jobs, "--report", &path];
        wsconform(&[&["certify"], target, &options, &skip].concat());
        report(&path)
    };
    let served = ["broken/escape-not-sent", "broken/fails-without-close"].map(Served::start);
    let mut targets: Vec<Vec<&str>> = vec![vec![]];
    targets.extend(served.iter().map(|served| vec![served.url.as_str()]));
    for target in targets {
        let first = certify(&target, "1");
        assert!(first.end.as_ref().is_some_and(|end| end.complete), "{target:?}");
        for jobs in ["1", "1", "16", "16", "16"] {
            let again = certify(&target, jobs);
            assert_eq!(findings(&first), findings(&again), "{target:?} with {jobs} jobs");
        }
        assert_eq!(first.cases.iter().all(|case| blamed(case).is_empty()), target.is_empty());
    }
}
