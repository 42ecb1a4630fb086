//! Whatever an endpoint sends or claims, the program stays small.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use support::{Outcome, Running, Served};

/// How much memory the program may have in use at any time, in KiB.
const MOST: u64 = 64 * 1024;

/// Some cases of each kind, and little patience with each.
const FEW: &str = "--run contract.* --run opening.server.answer --run opening.server.equivalent/wide \
                   --run frame.rsv --run frame.length.* --timeout 200 --deadline 20";

/// Runs the program; with the most memory that it had in use, in KiB.
fn measured(arguments: &[&str]) -> (Outcome, u64) {
    let mut running = Running::start(arguments);
    let mut peak = 0;
    // The system keeps the peak, but only as long as the process lives.
    while running.is_running() {
        peak = peak.max(peak_of(running.id()).unwrap_or_default());
        thread::sleep(Duration::from_millis(1));
    }
    assert!(peak > 0, "nothing was measured");
    (running.finish(), peak)
}

/// `VmHWM` of a process: the peak of its resident memory, in KiB.
fn peak_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn assert_small(arguments: &[&str]) -> Outcome {
    let (outcome, peak) = measured(arguments);
    let what = arguments.join(" ");
    assert!(peak < MOST, "wsconform {what} had {peak} KiB in use\n{}", outcome.stderr);
    outcome
}

fn certify_few(url: &str) -> Outcome {
    let few: Vec<&str> = FEW.split_whitespace().collect();
    assert_small(&[&["certify", url], &few[..]].concat())
}

#[test]
fn what_is_measured_grows_with_what_is_used() {
    // Else a broken measurement would let everything pass.
    let (_, small) = measured(&["--version"]);
    let (_, large) = measured(&["certify", "sim:reference"]);
    assert!(small < large, "{small} KiB, {large} KiB");
}

#[test]
fn a_whole_run() {
    assert_eq!(assert_small(&["certify"]).code, Some(0));
    assert_eq!(assert_small(&["certify", "client", "sim:simple"]).code, Some(0));
}

#[test]
fn a_frame_that_claims_all_octets_there_are_and_never_ends() {
    let served = Served::start("hostile/claims");
    let outcome = certify_few(&served.url);
    // So the frame was not merely declined at the door.
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
}

#[test]
fn an_answer_that_is_repeated_for_ever() {
    let served = Served::start("simple");
    let outcome = certify_few(&repeater(&served));
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
}

/// A server that opens connections as the one behind it, and then sends whatever that answers
/// again and again.
fn repeater(behind: &Served) -> String {
    let address = behind.url.trim_start_matches("ws://").trim_end_matches('/').to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut front in listener.incoming().flatten() {
            let mut back = TcpStream::connect(&address).unwrap();
            let (mut to_back, mut from_front) =
                (back.try_clone().unwrap(), front.try_clone().unwrap());
            thread::spawn(move || io::copy(&mut from_front, &mut to_back));
            thread::spawn(move || -> io::Result<()> {
                let mut answer = [0; 4096];
                let head = back.read(&mut answer)?;
                front.write_all(&answer[..head])?;
                let frames = back.read(&mut answer)?;
                let many = answer[..frames].repeat(1 + answer.len() / (frames + 1));
                loop {
                    front.write_all(&many)?;
                }
            });
        }
    });
    url
}

#[test]
fn a_head_that_never_ends() {
    let served = Served::start("hostile/endless-head");
    let outcome = assert_small(&["certify", &served.url, "--timeout", "300"]);
    assert_eq!(outcome.code, Some(3), "{}", outcome.stdout);
}
