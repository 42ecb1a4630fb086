//! What people read, as they read it.

use std::collections::BTreeMap;

use super::super::model::{Found, SCHEMA};
use super::*;

fn report(cases: Vec<CaseRecord>) -> Report {
    let counts: Counts = cases.iter().map(|case| case.verdict).collect();
    let end = EndRecord {
        complete: true,
        reason: None,
        verdict: RunVerdict::of(&counts, true),
        counts,
        ms: 614,
        quick_ms: None,
    };
    let run = RunRecord {
        schema: SCHEMA,
        suite: "0.1.0".into(),
        book: "sha256:00".into(),
        target: "ws://127.0.0.1:9001/".into(),
        role: "server".into(),
        seed: 7,
        found: Found {
            applications: vec!["echo".into(), "close".into()],
            capabilities: vec!["rate-control".into()],
        },
    };
    Report { run, cases, end: Some(end) }
}

fn passed(id: &str) -> CaseRecord {
    CaseRecord { ms: 2, ..CaseRecord::new(id, "server", Verdict::Pass) }
}

fn skipped_case(id: &str, reason: &str) -> CaseRecord {
    CaseRecord { reason: Some(reason.into()), ..CaseRecord::new(id, "server", Verdict::Skip) }
}

fn blamed(id: &str, blame: Blame) -> CaseRecord {
    CaseRecord {
        ms: 3,
        reproduce: Some(format!(
            "wsconform certify ws://127.0.0.1:9001/ --run {id} --seed 7 --timeout 5s --jobs 1 \
             --report report.jsonl"
        )),
        transcript: vec![
            sent(0, 2048, &"AB ".repeat(64)),
            TranscriptEntry { direction: Direction::Received, ..sent(3, 2, "88 00") },
            TranscriptEntry { direction: Direction::Received, ..sent(4, 0, "end") },
        ],
        blame: vec![blame.clone()],
        ..CaseRecord::new(id, "server", severity(&blame))
    }
}

fn sent(ms: u64, length: u64, octets: &str) -> TranscriptEntry {
    TranscriptEntry {
        connection: None,
        ms,
        direction: Direction::Sent,
        length,
        octets: octets.trim().into(),
    }
}

fn record(start: u64, octets: &str, meaning: &str) -> OctetsRecord {
    let end = start + octets.split(' ').count() as u64;
    OctetsRecord { start, end, octets: octets.into(), meaning: meaning.into() }
}

fn escape_blame() -> Blame {
    Blame {
        requirement: "escape.sender.before-data".into(),
        level: "MUST".into(),
        text: "A sender MUST send an escape before a binary data message that begins with an \
               active sequence."
            .into(),
        source: "US 9,331,890, FIG. 5, 508 and 510; claims 1 and 21".into(),
        party: "server".into(),
        at: "book/40-control.md:212".into(),
        expected: "escape F0 80 00 01".into(),
        observed: "binary F0 80 00 01 41 42".into(),
        octets: vec![
            record(0x81, "82 06", "head: fin=1 opcode=binary masked=0 length=6"),
            record(
                0x83,
                "F0 80 00 01 41 42 43 44 45 46",
                "payload: the sequence of rate-control, bare, and data that follow it in the same \
                 message",
            ),
        ],
    }
}

fn close_blame() -> Blame {
    Blame {
        requirement: "closing.peer-code".into(),
        level: "SHOULD".into(),
        text: "An endpoint SHOULD echo the code.".into(),
        source: "RFC 6455, 5.5.1".into(),
        party: "server".into(),
        at: "book/30-framing.md:99".into(),
        expected: "close 1000".into(),
        observed: "close without a code".into(),
        octets: Vec::new(),
    }
}

fn observed(name: &str, value: &str, case: CaseRecord) -> CaseRecord {
    CaseRecord { observations: BTreeMap::from([(name.into(), value.into())]), ..case }
}

fn plain(report: &Report) -> String {
    render(report, TextOptions::default())
}

#[test]
fn a_met_run() {
    let mut cases: Vec<_> =
        (1..=12).map(|row| passed(&format!("opening.server.row/{row}"))).collect();
    cases.push(observed("fragments", "merged", passed("fragments.seen/1")));
    cases.push(observed("fragments", "merged", passed("fragments.seen/2")));
    cases.push(observed("fragments", "kept", passed("fragments.seen/3")));
    cases.push(skipped_case("rate.strict.bound", "the endpoint declines rate-control"));
    insta::assert_snapshot!(plain(&report(cases)), @r"
    wsconform 0.1.0 · server · ws://127.0.0.1:9001/ · echo, close · rate-control · seed 7

                  pass   warn   fail   skip   inconclusive
      opening       12      ·      ·      ·              ·
      fragments      3      ·      ·      ·              ·
      rate           ·      ·      ·      1              ·

    1 skipped: the endpoint declines rate-control

    observed, and permitted
      fragments: merged (fragments.seen/1 and 1 more)
      fragments: kept (fragments.seen/3)

    met: 15 passed, 1 skipped, in 0.61 s
    ");
}

#[test]
fn a_run_that_is_not_met() {
    let mut cases = vec![passed("opening.server.accept"), blamed("closing.echoed", close_blame())];
    let mut first = blamed("escape.echoed", escape_blame());
    first.blame.push(close_blame());
    cases.push(first);
    cases.extend((0..11).map(|row| {
        blamed(&format!("escape.equal-data/{row}"), Blame { octets: Vec::new(), ..escape_blame() })
    }));
    cases.push(skipped_case("escape.forged", "blocked by escape.echoed"));
    cases.push(CaseRecord {
        reason: Some("the endpoint was not alive before the case".into()),
        reproduce: Some("wsconform certify ws://127.0.0.1:9001/ --run filter.opcode".into()),
        ..CaseRecord::new("filter.opcode", "server", Verdict::Inconclusive)
    });
    insta::assert_snapshot!(plain(&report(cases)), @r"
    wsconform 0.1.0 · server · ws://127.0.0.1:9001/ · echo, close · rate-control · seed 7

                pass   warn   fail   skip   inconclusive
      opening      1      ·      ·      ·              ·
      closing      ·      1      ·      ·              ·
      escape       ·      ·     12      1              ·
      filter       ·      ·      ·      ·              1

    FAIL escape.sender.before-data  MUST  (US 9,331,890, FIG. 5, 508 and 510; claims 1 and 21)
         A sender MUST send an escape before a binary data message that begins with an active sequence.
         by       the server, in escape.echoed (book/40-control.md:212)
         expected escape F0 80 00 01
         observed binary F0 80 00 01 41 42
         octets   0x0081 | 82 06                   | head: fin=1 opcode=binary masked=0 length=6
                  0x0083 | F0 80 00 01 41 42 43 44 | payload: the sequence of rate-control, bare, and
                         | 45 46                   | data that follow it in the same message
         also in  escape.equal-data/0, escape.equal-data/1, escape.equal-data/2, escape.equal-data/3,
                  escape.equal-data/4, escape.equal-data/5 and 5 more
         again    wsconform certify ws://127.0.0.1:9001/ --run escape.echoed --seed 7 --timeout 5s --jobs 1 --report report.jsonl

    WARN closing.peer-code  SHOULD  (RFC 6455, 5.5.1)
         An endpoint SHOULD echo the code.
         by       the server, in closing.echoed (book/30-framing.md:99)
         expected close 1000
         observed close without a code
         also in  escape.echoed
         again    wsconform certify ws://127.0.0.1:9001/ --run closing.echoed --seed 7 --timeout 5s --jobs 1 --report report.jsonl

    INCONCLUSIVE the endpoint was not alive before the case
         in       filter.opcode
         again    wsconform certify ws://127.0.0.1:9001/ --run filter.opcode

    1 skipped: blocked by escape.echoed

    not met: 12 failed, 1 could not be judged, 1 warning, 1 passed, 1 skipped, in 0.61 s
    ");
}

#[test]
fn the_time_without_the_slow_cases() {
    let mut timed = report(vec![passed("ping.answered")]);
    timed.end.as_mut().unwrap().quick_ms = Some(87);
    let text = plain(&timed);
    let last = text.lines().last().unwrap();
    assert_eq!(last, "met: 1 passed, in 0.61 s (87 ms without the slow ones)");
}

#[test]
fn an_interrupted_run() {
    let mut stopped = report(vec![passed("opening.server.accept"), passed("ping.answered")]);
    let counts = stopped.end.as_ref().unwrap().counts;
    stopped.run.found = Found::default();
    stopped.end = Some(EndRecord {
        complete: false,
        reason: Some("interrupted by the user".into()),
        verdict: RunVerdict::of(&counts, false),
        counts,
        ms: 61_234,
        quick_ms: None,
    });
    insta::assert_snapshot!(plain(&stopped), @r"
    wsconform 0.1.0 · server · ws://127.0.0.1:9001/ · no application · no capability · seed 7

                pass   warn   fail   skip   inconclusive
      opening      1      ·      ·      ·              ·
      ping         1      ·      ·      ·              ·

    INCOMPLETE RUN: interrupted by the user; not all selected cases are in this report
    inconclusive: 2 passed, in 61.23 s
    ");
    stopped.end = None;
    stopped.cases.push(blamed("closing.code", Blame { level: "MUST".into(), ..close_blame() }));
    let killed = plain(&stopped);
    insta::assert_snapshot!(killed[killed.find("INCOMPLETE").unwrap()..], @r"
    INCOMPLETE RUN: the report has no end, its run was killed; not all selected cases are in this report
    not met: 1 failed, 2 passed
    ");
}

#[test]
fn groups_in_which_all_is_skipped() {
    let mut cases = vec![passed("opening.server.accept")];
    for id in ["escape.echoed", "escape.forged", "rate.increase"] {
        cases.push(skipped_case(id, "the endpoint declines rate-control"));
    }
    insta::assert_snapshot!(plain(&report(cases.clone())), @r"
    wsconform 0.1.0 · server · ws://127.0.0.1:9001/ · echo, close · rate-control · seed 7

                pass   warn   fail   skip   inconclusive
      opening      1      ·      ·      ·              ·
      escape       ·      ·      ·      2              ·
      rate         ·      ·      ·      1              ·

    3 skipped: the endpoint declines rate-control

    met: 1 passed, 3 skipped, in 0.61 s
    ");
    cases.remove(0);
    let nothing = plain(&report(cases));
    insta::assert_snapshot!(nothing.lines().last().unwrap(), @"inconclusive: 3 skipped, in 0.61 s");
    insta::assert_snapshot!(plain(&report(Vec::new())), @r"
    wsconform 0.1.0 · server · ws://127.0.0.1:9001/ · echo, close · rate-control · seed 7

    inconclusive: no case was run, in 0.61 s
    ");
}

#[test]
fn a_run_with_warnings_alone() {
    let cases = vec![passed("opening.server.accept"), blamed("closing.echoed", close_blame())];
    insta::assert_snapshot!(plain(&report(cases)), @r"
    wsconform 0.1.0 · server · ws://127.0.0.1:9001/ · echo, close · rate-control · seed 7

                pass   warn   fail   skip   inconclusive
      opening      1      ·      ·      ·              ·
      closing      ·      1      ·      ·              ·

    WARN closing.peer-code  SHOULD  (RFC 6455, 5.5.1)
         An endpoint SHOULD echo the code.
         by       the server, in closing.echoed (book/30-framing.md:99)
         expected close 1000
         observed close without a code
         again    wsconform certify ws://127.0.0.1:9001/ --run closing.echoed --seed 7 --timeout 5s --jobs 1 --report report.jsonl

    met, with 1 warning: 1 passed, in 0.61 s
    ");
}

#[test]
fn verbosely_with_transcripts() {
    let mut twice = blamed("gateway.control-ends-here", escape_blame());
    twice.first_transcript = vec![sent(1, 2, "89 00")];
    for entry in &mut twice.transcript {
        entry.connection = Some("front".into());
    }
    let cases = vec![passed("ping.answered"), skipped_case("rate.full", "declined"), twice];
    let text = render(&report(cases), TextOptions { verbose: true, ..TextOptions::default() });
    insta::assert_snapshot!(text[..text.find("\nFAIL").unwrap()], @r"
    wsconform 0.1.0 · server · ws://127.0.0.1:9001/ · echo, close · rate-control · seed 7

                pass   warn   fail   skip   inconclusive
      ping         1      ·      ·      ·              ·
      rate         ·      ·      ·      1              ·
      gateway      ·      ·      1      ·              ·

      pass              2 ms  ping.answered
      skip              0 ms  rate.full: declined
      fail              3 ms  gateway.control-ends-here
                  escape.sender.before-data: expected escape F0 80 00 01, observed binary F0 80 00 01 41
                    42
                  first attempt
                     1 ms > 89 00
                  second attempt
                     0 ms front > AB AB AB AB AB AB AB AB AB AB AB AB AB AB AB AB AB … (2048 octets)
                     3 ms front < 88 00
                     4 ms front < end
    ");
}

#[test]
fn lines_are_wrapped_but_ids_octets_and_commands_are_not_cut() {
    let id = format!("escape.echoed/{}", "x".repeat(60));
    let cases = vec![blamed(&id, escape_blame()), passed("b"), blamed("c", escape_blame())];
    let text = render(&report(cases), TextOptions { width: 60, ..TextOptions::default() });
    insta::assert_snapshot!(text, @r"
    wsconform 0.1.0 · server · ws://127.0.0.1:9001/ ·
      echo, close · rate-control · seed 7

               pass   warn   fail   skip   inconclusive
      escape      ·      ·      1      ·              ·
      b           1      ·      ·      ·              ·
      c           ·      ·      1      ·              ·

    FAIL escape.sender.before-data  MUST  (US 9,331,890, FIG. 5,
         508 and 510; claims 1 and 21)
         A sender MUST send an escape before a binary data
         message that begins with an active sequence.
         by       the server, in
                  escape.echoed/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                  (book/40-control.md:212)
         expected escape F0 80 00 01
         observed binary F0 80 00 01 41 42
         octets   0x0081 | 82 06                   | head: fin=1
                         |                         | opcode=binary masked=0
                         |                         | length=6
                  0x0083 | F0 80 00 01 41 42 43 44 | payload: the sequence
                         | 45 46                   | of rate-control, bare,
                         |                         | and data that follow it
                         |                         | in the same message
         also in  c
         again    wsconform certify ws://127.0.0.1:9001/ --run escape.echoed/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx --seed 7 --timeout 5s --jobs 1 --report report.jsonl

    not met: 2 failed, 1 passed, in 0.61 s
    ");
}

#[test]
fn a_failure_without_blame_is_not_lost() {
    let cases = vec![CaseRecord::new("ping.answered", "server", Verdict::Fail)];
    let text = plain(&report(cases));
    assert!(text.contains("\nFAIL ping.answered  the report names no requirement\n"), "{text}");
}

/// Fills every text of a report with what an endpoint might send to drive a terminal.
#[test]
fn a_peer_never_drives_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\r\n\u{9b}2J\u{202e}\u{7f}";
    let mut blame = escape_blame();
    let octets = &mut blame.octets[0];
    for text in [
        &mut blame.requirement,
        &mut blame.level,
        &mut blame.text,
        &mut blame.source,
        &mut blame.party,
        &mut blame.at,
        &mut blame.expected,
        &mut blame.observed,
        &mut octets.octets,
        &mut octets.meaning,
    ] {
        text.push_str(evil);
    }
    blame.octets[0].octets.push_str(&format!(" {evil}{evil}"));
    let mut failed = observed(evil, evil, blamed(&format!("a{evil}"), blame));
    failed.reproduce = Some(evil.into());
    failed.transcript[0].octets = evil.into();
    failed.transcript[0].connection = Some(evil.into());
    failed.first_transcript = failed.transcript.clone();
    let unclear =
        CaseRecord { verdict: Verdict::Inconclusive, ..skipped_case(&format!("b{evil}"), evil) };
    let mut hostile =
        report(vec![failed.clone(), CaseRecord { id: evil.into(), ..failed }, unclear]);
    hostile.cases.push(skipped_case(evil, evil));
    hostile.run.target = evil.into();
    hostile.run.suite = evil.into();
    hostile.run.role = evil.into();
    hostile.run.found.applications.push(evil.into());
    hostile.run.found.capabilities.push(evil.into());
    if let Some(end) = &mut hostile.end {
        end.complete = false;
        end.reason = Some(evil.into());
    }
    for width in [0, 40, 100] {
        let text = render(&hostile, TextOptions { coloured: false, verbose: true, width });
        assert!(text.contains(r"\u{1b}]0;owned\u{7}\r\n\u{9b}2J\u{202e}\u{7f}"), "{text}");
        let driving = text.lines().find(|line| line.contains(super::super::clean::is_unsafe));
        assert_eq!(driving, None);
    }
}

#[test]
fn colours_add_nothing_but_colour() {
    let cases = vec![passed("opening.server.accept"), blamed("escape.echoed", escape_blame())];
    let report = report(cases);
    let options = TextOptions { verbose: true, ..TextOptions::default() };
    let coloured = render(&report, TextOptions { coloured: true, ..options });
    assert!(coloured.contains("\u{1b}[31m"), "{coloured:?}");
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, render(&report, options));
}
