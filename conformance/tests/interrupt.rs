//! A run that is cut short leaves what it has, and says that it was cut.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use support::{Folder, Outcome, Running, Served, report};
use wsconform::report::{Report, RunVerdict, Verdict};

/// So many connections are served before the server falls silent: enough to be looked at and for
/// some cases.
const SERVED: usize = 24;

/// A server that answers well at first and then takes connections without a word.
struct Slow {
    url: String,
    /// Told once when it has fallen silent.
    silent: mpsc::Receiver<()>,
    _behind: Served,
}

impl Slow {
    fn start() -> Self {
        let behind = Served::start("simple");
        let address = behind.url.trim_start_matches("ws://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let (told, silent) = mpsc::channel();
        thread::spawn(move || {
            let mut kept = Vec::new();
            for (number, front) in listener.incoming().flatten().enumerate() {
                if number < SERVED {
                    let back = TcpStream::connect(&address).unwrap();
                    forward(front.try_clone().unwrap(), back.try_clone().unwrap());
                    forward(back, front);
                } else {
                    kept.push(front);
                    let _ = told.send(());
                }
            }
        });
        Self { url, silent, _behind: behind }
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to).and_then(|_| to.flush());
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// What is left of a run that did not get to its end.
fn check_partial(outcome: &Outcome, report: &Report, why: &str) {
    let end = report.end.as_ref().unwrap();
    assert!(!end.complete);
    assert_eq!(end.verdict, RunVerdict::Inconclusive);
    assert!(end.reason.as_ref().is_some_and(|reason| reason.contains(why)), "{:?}", end.reason);
    assert!(!report.cases.is_empty(), "cases that are done stand");
    assert!(report.cases.iter().all(|case| case.verdict == Verdict::Pass), "{:?}", report.cases);
    assert_eq!(end.counts.total(), report.cases.len());
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    assert!(outcome.stdout.contains(why), "{}", outcome.stdout);
}

fn interrupt(process: u32) {
    let status = Command::new("kill").args(["-INT", &process.to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn an_interrupt_leaves_a_partial_report() {
    let folder = Folder::new("interrupted");
    let path = folder.file("report.jsonl");
    let slow = Slow::start();
    // More patience than this test has: it ends by the interrupt or not at all.
    let arguments = ["certify", &slow.url, "--jobs", "1", "--timeout", "600000", "--report", &path];
    let running = Running::start(&arguments);
    slow.silent.recv().unwrap();
    interrupt(running.id());
    let outcome = running.finish();
    check_partial(&outcome, &report(&path), "interrupted");
}

#[test]
fn a_deadline_leaves_a_partial_report() {
    let folder = Folder::new("deadline");
    let path = folder.file("report.jsonl");
    let slow = Slow::start();
    let more = ["--deadline", "1", "--jobs", "1", "--timeout", "600000", "--report", &path];
    let outcome = Running::start(&[&["certify", &slow.url], &more[..]].concat()).finish();
    check_partial(&outcome, &report(&path), "longer than 1 s");
}

#[test]
fn an_interrupt_ends_a_command_that_has_not_become_a_server_yet() {
    // It says its number, since nobody else knows it, and never listens.
    let folder = Folder::new("interrupted-start");
    let (number, started) = (folder.file("number"), folder.file("started"));
    let made = Command::new("mkfifo").arg(&started).status().unwrap();
    assert!(made.success());
    let script = format!("echo $$ > {number}; echo > {started}; exec sleep 600");
    let target = format!("exec:sh -c '{script}' port {{port}}");
    let running = Running::start(&["certify", &target]);
    std::fs::read(&started).unwrap();
    interrupt(running.id());
    let outcome = running.finish();
    let number = std::fs::read_to_string(number).unwrap();
    let state = Command::new("ps").args(["-o", "stat=", "-p", number.trim()]).output().unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    // It may have ended without anybody having asked how.
    let ended = state.trim().is_empty() || state.starts_with('Z');
    if !ended {
        let _ = Command::new("kill").args(["-KILL", number.trim()]).status();
    }
    assert!(ended, "process {number} outlives the run: {state}");
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
}
