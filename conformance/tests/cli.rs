//! What the command line says about itself and about the specification.

mod support;

use support::{Outcome, wsconform};

/// What it prints with exit code 0 and nothing on the standard error.
fn printed(arguments: &[&str]) -> String {
    let Outcome { code, stdout, stderr, .. } = wsconform(arguments);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "wsconform {}", arguments.join(" "));
    stdout
}

/// What it complains about with exit code 2 and nothing on the standard output.
fn refused(arguments: &[&str]) -> String {
    let Outcome { code, stdout, stderr, .. } = wsconform(arguments);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "wsconform {}", arguments.join(" "));
    stderr
}

/// The lines of the book's chapters move whenever somebody writes in them.
fn without_lines_of_the_book(text: &str) -> String {
    let line = |line: &str| match line.split_once(".md:") {
        Some((before, _)) => format!("{before}.md:LINE\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn every_verb_explains_itself() {
    for (name, verb) in [
        ("program", &[][..]),
        ("certify", &["certify"]),
        ("certify-client", &["certify", "client"]),
        ("certify-gateway", &["certify", "gateway"]),
        ("serve", &["serve"]),
        ("connect", &["connect"]),
        ("spec", &["spec"]),
        ("spec-list", &["spec", "list"]),
        ("spec-show", &["spec", "show"]),
        ("spec-check", &["spec", "check"]),
        ("spec-ledger", &["spec", "ledger"]),
        ("schema", &["schema"]),
    ] {
        insta::assert_snapshot!(format!("help-{name}"), printed(&[verb, &["--help"]].concat()));
    }
}

#[test]
fn no_verb_shows_the_help() {
    assert_eq!(refused(&[]), printed(&["-h"]));
}

#[test]
fn the_version() {
    assert_eq!(printed(&["--version"]), format!("wsconform {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn cases_are_listed_for_each_role() {
    insta::assert_snapshot!("list-server", printed(&["certify", "--list"]));
    insta::assert_snapshot!("list-client", printed(&["certify", "client", "sim:simple", "--list"]));
    insta::assert_snapshot!(
        "list-gateway",
        printed(&["certify", "gateway", "sim:simple", "--list"])
    );
}

#[test]
fn cases_are_selected_by_patterns() {
    let patterns =
        ["--run", "contract.*", "--run", "ping.answered", "--skip", "contract.echo-text"];
    insta::assert_snapshot!(printed(&[&["certify", "--list"][..], &patterns].concat()), @"
    contract.echo-binary/00-FF-80-01
    contract.echo-binary/empty
    contract.echo-in-order
    ping.answered/p
    ping.answered/empty
    ping.answered/00-FF-FE-80
    ping.answered/pattern-124
    ping.answered/pattern-125
    ");
}

#[test]
fn slow_cases_are_listed_with_the_reason() {
    let patterns = ["--run", "heartbeat.*", "--skip", "*/*", "--verbose"];
    insta::assert_snapshot!(printed(&[&["certify", "--list"][..], &patterns].concat()), @"
    heartbeat.several
    heartbeat.begins-with-a-sequence
    heartbeat.beats
    heartbeat.reading  slow: waits for longer than an interval
    heartbeat.early  slow: waits for three intervals
    heartbeat.alive  slow: waits for three intervals
    heartbeat.silence  slow: waits for several intervals
    heartbeat.suspended  slow: stays suspended for several intervals
    ");
}

#[test]
fn requirements_are_listed() {
    insta::assert_snapshot!("spec-requirements", printed(&["spec", "list"]));
    let some = printed(&["spec", "list", "escape.*"]);
    assert!(some.lines().count() > 1 && some.lines().all(|line| line.starts_with("escape.")));
}

#[test]
fn a_requirement_is_shown_with_what_stands_behind_it() {
    let shown = printed(&["spec", "show", "escape.sender.before-data"]);
    insta::assert_snapshot!(without_lines_of_the_book(&shown), @"
    escape.sender.before-data  MUST

    A sender MUST send an escape before a binary data message that begins with an active sequence.

    binds   client, server
    source  US 9,331,890, FIG. 5, 508 and 510; claims 21 and 22
    at      book/40-control.md:LINE
    patent  FIG. 5, 508; FIG. 5, 510; claim 21; claim 22
    case    escape.echoed
    case    escape.fragmented-data
    case    escape.forged
    case    escape.long-data
    case    rate.strict.escaped
    case    deputy.whole
    case    deputy.in-pieces
    proven  escape-not-sent
    ");
}

#[test]
fn a_case_is_shown_as_it_stands_in_the_book() {
    let shown = printed(&["spec", "show", "escape.echoed"]);
    insta::assert_snapshot!(without_lines_of_the_book(&shown), @r#"
    at      book/40-control.md:LINE

    scenario escape.echoed
    roles    server client
    needs    capability rate-control
    open     with rate-control as $rate                ; in either role; declined or narrowed: skip, with the reason
    send     escape $rate in octets
    send     binary $rate "AB"
    expect   escape $rate : escape.sender.before-data
      or     close 1002 : escape.receiver.arms         ; it took the data for a control message
    expect   binary $rate "AB" : escape.receiver.delivers
    "#);
}

#[test]
fn an_unknown_requirement() {
    insta::assert_snapshot!(refused(&["spec", "show", "escape.sender.befor-data"]), @"
    error: there is no requirement, case, example, rule or machine `escape.sender.befor-data`
    help: did you mean `escape.sender.before-data`?
    ");
    insta::assert_snapshot!(refused(&["spec", "show", "nothing like it"]), @"
    error: there is no requirement, case, example, rule or machine `nothing like it`
    help: `wsconform spec list` lists requirements, `wsconform certify --list` cases, `wsconform spec abnf` rules
    ");
    insta::assert_snapshot!(refused(&["spec", "list", "nothing.like.it"]), @"
    error: no requirement matches
    help: `wsconform spec list` lists all
    ");
}

#[test]
fn an_unknown_option_or_verb() {
    insta::assert_snapshot!(refused(&["certify", "--rum", "escape.*"]), @"
    error: unexpected argument '--rum' found

      tip: a similar argument exists: '--run'

    Usage: wsconform certify --run <PATTERN> [TARGET]

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(refused(&["certfy"]), @"
    error: unrecognized subcommand 'certfy'

      tip: a similar subcommand exists: 'certify'

    Usage: wsconform [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(refused(&["certify", "--timeout", "5s"]), @"
    error: invalid value '5s' for '--timeout <MS>': invalid digit found in string

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(refused(&["certify", "--jobs", "0"]), @"
    error: invalid value '0' for '--jobs <NUMBER>': 0 is not in 1..=256

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(refused(&["certify", "client"]), @"
    error: the following required arguments were not provided:
      <TARGET|--exec <COMMAND>>

    Usage: wsconform certify client <TARGET|--exec <COMMAND>>

    For more information, try '--help'.
    ");
}

#[test]
fn the_embedded_book_has_no_mistakes() {
    assert!(printed(&["spec", "check"]).ends_with(": no mistakes\n"));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(support::PROGRAM)
        .args(["spec", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &[][..]));
}
