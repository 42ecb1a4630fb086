//! What is written is read back, in the order of the plan.

use super::super::model::*;
use super::*;

fn run() -> RunRecord {
    RunRecord {
        schema: SCHEMA,
        suite: "0.1.0".into(),
        book: "sha256:00".into(),
        target: "ws://127.0.0.1:9001/".into(),
        role: "server".into(),
        seed: u64::MAX,
        found: Found::default(),
    }
}

fn case(id: &str, verdict: Verdict) -> CaseRecord {
    CaseRecord { ms: 3, ..CaseRecord::new(id, "server", verdict) }
}

fn full_case() -> CaseRecord {
    let entry = |connection: Option<&str>, direction| TranscriptEntry {
        connection: connection.map(str::to_owned),
        ms: 1,
        direction,
        length: 2,
        octets: "88 00".into(),
    };
    CaseRecord {
        slow: Some("waits".into()),
        reason: Some("\u{1b}[2J \u{9b} \u{202e} \"quoted\" \\ 🦀".into()),
        blame: vec![Blame {
            requirement: "ping.answered".into(),
            level: "MUST".into(),
            text: "A receiver MUST answer.".into(),
            source: "RFC 6455, 5.5.2".into(),
            party: "server".into(),
            at: "book/30-framing.md:7".into(),
            expected: "pong".into(),
            observed: "end".into(),
            octets: vec![OctetsRecord {
                start: 0,
                end: 2,
                octets: "88 00".into(),
                meaning: "head".into(),
            }],
        }],
        observations: BTreeMap::from([("fragments".into(), "merged".into())]),
        transcript: vec![entry(Some("front"), Direction::Sent), entry(None, Direction::Received)],
        first_transcript: vec![entry(None, Direction::Sent)],
        reproduce: Some("wsconform certify".into()),
        ..case("ping.answered", Verdict::Fail)
    }
}

fn end(complete: bool, counts: Counts) -> EndRecord {
    EndRecord {
        complete,
        reason: None,
        verdict: RunVerdict::of(&counts, complete),
        counts,
        ms: 5,
        quick_ms: None,
    }
}

fn plan(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| id.to_string()).collect()
}

fn ids(report: &Report) -> Vec<&str> {
    report.cases.iter().map(|case| case.id.as_str()).collect()
}

#[test]
fn cases_are_written_in_order_and_as_soon_as_possible() {
    let mut out = Vec::new();
    let lines = |out: &Vec<u8>| out.iter().filter(|octet| **octet == b'\n').count();
    let mut writer = Writer::begin(&mut out, run(), plan(&["a", "b", "c"])).unwrap();
    assert_eq!(lines(writer.out), 1);
    writer.case(2, case("c", Verdict::Pass)).unwrap();
    assert_eq!(lines(writer.out), 1, "c waits for a and b");
    writer.case(0, case("a", Verdict::Warn)).unwrap();
    assert_eq!(lines(writer.out), 2, "a waits for nobody");
    writer.case(1, case("b", Verdict::Pass)).unwrap();
    assert_eq!(lines(writer.out), 4);
    let counts = writer.counts();
    assert_eq!((counts.pass, counts.warn), (2, 1));
    let report = writer.end(end(true, counts)).unwrap();
    assert_eq!(ids(&report), ["a", "b", "c"]);
    assert!(report.end.as_ref().unwrap().complete);
    assert_eq!(read(out.as_slice()).unwrap(), report);
}

#[test]
fn an_interrupted_run_keeps_what_is_complete_and_says_so() {
    let mut out = Vec::new();
    let mut writer = Writer::begin(&mut out, run(), plan(&["a", "b", "c", "d"])).unwrap();
    for (index, id) in [(3, "d"), (1, "b")] {
        writer.case(index, case(id, Verdict::Pass)).unwrap();
    }
    let counts = writer.counts();
    writer.end(end(true, counts)).unwrap();
    let report = read(out.as_slice()).unwrap();
    assert_eq!(ids(&report), ["b", "d"]);
    let end = report.end.unwrap();
    assert!(!end.complete);
    assert_eq!(end.reason.as_deref(), Some("2 of 4 cases were not run"));
    assert_eq!(end.verdict, RunVerdict::Inconclusive);
}

#[test]
fn the_plan_is_kept() {
    let mut writer = Writer::begin(io::sink(), run(), plan(&["a", "b"])).unwrap();
    writer.case(1, case("b", Verdict::Pass)).unwrap();
    let mut told = |index, id| writer.case(index, case(id, Verdict::Pass)).unwrap_err().to_string();
    assert_eq!(told(1, "b"), "case `b` was reported already");
    assert_eq!(told(0, "b"), "the plan of the report has no case `b` at index 0");
    assert_eq!(told(9, "z"), "the plan of the report has no case `z` at index 9");
}

#[test]
fn a_full_pipe_is_told() {
    let error = Writer::begin([0u8; 8].as_mut_slice(), run(), Vec::new()).unwrap_err();
    assert!(matches!(error, WriteError::Io(_)), "{error}");
}

#[test]
fn all_fields_survive_and_absent_ones_are_not_written() {
    let records = [
        Record::Run(run()),
        Record::Case(Box::new(case("bare", Verdict::Pass))),
        Record::Case(Box::new(full_case())),
        Record::End(EndRecord {
            reason: Some("interrupted".into()),
            quick_ms: Some(4),
            ..end(false, Counts { skip: 1, inconclusive: 2, ..Counts::default() })
        }),
    ];
    for record in &records {
        let mut line = Vec::new();
        write_line(&mut line, record).unwrap();
        assert_eq!(&serde_json::from_slice::<Record>(&line).unwrap(), record);
        let text = String::from_utf8(line).unwrap();
        assert!(!text.trim_end_matches('\n').contains(is_unsafe), "{text}");
    }
    assert_eq!(
        serde_json::to_string(&records[1]).unwrap(),
        r#"{"type":"case","id":"bare","role":"server","verdict":"pass","ms":3}"#
    );
}

const RUN: &str = r#"{"type":"run","schema":1,"suite":"0.1.0","book":"","target":"","role":"server","seed":7,"found":{"applications":[],"capabilities":[]}}"#;
const CASE: &str = r#"{"type":"case","id":"a","role":"server","verdict":"pass","ms":1}"#;
const END: &str = r#"{"type":"end","complete":true,"verdict":"met","counts":{"pass":1,"warn":0,"fail":0,"skip":0,"inconclusive":0},"ms":1}"#;

fn told(lines: &[&str]) -> String {
    read((lines.join("\n") + "\n").as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_is_not_known_is_skipped() {
    let later = CASE.replace("\"ms\"", "\"colour\":\"blue\",\"ms\"");
    let text = [RUN, r#"{"type":"note","text":"x"}"#, "", &later, END].join("\n");
    let report = read(text.as_bytes()).unwrap();
    assert_eq!(ids(&report), ["a"]);
    assert!(report.end.is_some());
}

#[test]
fn a_line_cut_off_by_a_kill_is_left_out() {
    let text = format!("{RUN}\n{CASE}\n{}", &CASE[..20]);
    let report = read(text.as_bytes()).unwrap();
    assert_eq!(ids(&report), ["a"]);
    assert_eq!(report.end, None);
    assert!(read(format!("{text}\n").as_bytes()).is_err(), "but not within the report");
    assert!(read(&RUN.as_bytes()[..20]).is_err(), "nor where nothing is left");
}

#[test]
fn errors_name_the_line() {
    insta::assert_snapshot!(told(&[RUN, "{\"type\":"]), @"line 2, column 8: EOF while parsing a value");
    insta::assert_snapshot!(told(&[RUN, CASE, &CASE.replace("pass", "\\u001b[2J")]), @r"line 3: unknown variant `\u{1b}[2J`, expected one of `pass`, `warn`, `fail`, `skip`, `inconclusive`");
    insta::assert_snapshot!(told(&[&RUN.replace("\"schema\":1", "\"schema\":2")]), @"line 1: the report is of version 2 of the format, this program reads version 1; read it with the suite that wrote it");
    insta::assert_snapshot!(told(&[CASE]), @"line 1: `case a` is misplaced: a report begins with its run");
    insta::assert_snapshot!(told(&[RUN, RUN]), @"line 2: `run` is misplaced: a report has one run");
    insta::assert_snapshot!(told(&[RUN, END, CASE]), @"line 3: `case a` is misplaced: the report ended before it");
    insta::assert_snapshot!(told(&[""]), @"there is no report in it: no `run` record");
    let latin = read(&b"{\"type\":\"\xe4\"}\n"[..]).unwrap_err().to_string();
    insta::assert_snapshot!(latin, @"line 1 can't be read: stream did not contain valid UTF-8");
}
