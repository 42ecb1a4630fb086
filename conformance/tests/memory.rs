//! Whatever an endpoint sends or claims, the program stays small.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use support::{BOUND, Folder, PROGRAM, Served};

/// How much memory the program may have in use at any time, in KiB.
const MOST: u64 = 64 * 1024;

/// Some cases of each kind, and little patience with each.
const FEW: &str = "--run contract.* --run opening.server.answer --run opening.server.equivalent/wide \
                   --run frame.rsv --run frame.length.* --timeout 200 --deadline 20";

/// Runs `certify`; its exit code, and the most memory that it had in use, in KiB.
///
/// The system knows the peak only as long as the process lives. So its outputs are blocked: when it
/// has ended the report, it hangs at the next word, and can be looked at.
fn certify(folder: &Folder, arguments: &[&str]) -> (Option<i32>, u64) {
    let path = folder.file("report");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let (mut unblock, blocked) = UnixStream::pair().unwrap();
    fill(&blocked);
    let output = || Stdio::from(OwnedFd::from(blocked.try_clone().unwrap()));
    let mut child = Command::new(PROGRAM)
        .arg("certify")
        .args(arguments)
        .args(["--report", &path])
        .stdin(Stdio::null())
        .stdout(output())
        .stderr(output())
        .spawn()
        .unwrap();
    drop(blocked);
    wait_for_end_of(path, &mut child);
    let peak = peak_of(child.id());
    let _ = io::copy(&mut unblock, &mut io::sink());
    (child.wait().unwrap().code(), peak)
}

/// Makes the next write to the stream wait.
fn fill(stream: &UnixStream) {
    stream.set_nonblocking(true).unwrap();
    let full = loop {
        if let Err(error) = (&mut &*stream).write(&[0; 4096]) {
            break error;
        }
    };
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    stream.set_nonblocking(false).unwrap();
}

fn wait_for_end_of(report: String, child: &mut Child) {
    let (told, ended) = mpsc::channel();
    thread::spawn(move || told.send(fs::read(report).map(drop)));
    if ended.recv_timeout(BOUND).is_err() {
        let _ = child.kill();
        panic!("the report did not end within {BOUND:?}");
    }
}

/// `VmHWM` of a process: the peak of its resident memory, in KiB.
fn peak_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix("kB").unwrap().trim().parse().unwrap()
}

/// One run at a time: beside endpoints that send gigabytes, another may find the machine too busy to tell.
static MACHINE: Mutex<()> = Mutex::new(());

fn assert_small(name: &str, arguments: &[&str]) -> Option<i32> {
    let _taken = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Folder::new(name);
    let (code, peak) = certify(&folder, arguments);
    // Less than the program itself would mean that nothing was measured.
    assert!((2048..MOST).contains(&peak), "{peak} KiB in use");
    code
}

fn assert_small_with(name: &str, url: &str) -> Option<i32> {
    let few: Vec<&str> = FEW.split_whitespace().collect();
    assert_small(name, &[&[url], &few[..]].concat())
}

#[test]
fn a_whole_run() {
    // The endpoint is elsewhere: what it needs for messages of 16 MiB is its own affair.
    let served = Served::start("reference");
    assert_eq!(assert_small("memory-server", &[&served.url]), Some(0));
    assert_eq!(assert_small("memory-jobs", &[&served.url, "--jobs", "16"]), Some(0));
    let limit = ["--max-message", "1048576"];
    assert_eq!(assert_small("memory-simulated", &["sim:reference", limit[0], limit[1]]), Some(0));
    assert_eq!(assert_small("memory-client", &["client", "sim:simple"]), Some(0));
}

#[test]
fn an_error_page_of_gigabytes() {
    let served = Served::start("hostile/http-flood");
    assert_eq!(assert_small_with("memory-page", &served.url), Some(3));
}

#[test]
fn messages_without_end() {
    let served = Served::start("hostile/endless-messages");
    assert_eq!(assert_small_with("memory-messages", &served.url), Some(1));
}

#[test]
fn a_frame_that_claims_all_octets_there_are_and_never_ends() {
    let served = Served::start("hostile/claims");
    // Not met, so the frame was not merely declined at the door.
    assert_eq!(assert_small_with("memory-claims", &served.url), Some(1));
}

#[test]
fn an_answer_that_is_repeated_for_ever() {
    let served = Served::start("simple");
    assert_eq!(assert_small_with("memory-repeater", &repeater(&served)), Some(1));
}

#[test]
fn a_head_that_never_ends() {
    let served = Served::start("hostile/endless-head");
    assert_eq!(assert_small_with("memory-head", &served.url), Some(3));
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
            let mut to_back = back.try_clone().unwrap();
            let mut from_front = front.try_clone().unwrap();
            thread::spawn(move || io::copy(&mut from_front, &mut to_back));
            thread::spawn(move || -> io::Result<()> {
                let mut answer = [0; 4096];
                let head = back.read(&mut answer)?;
                front.write_all(&answer[..head])?;
                let frames = back.read(&mut answer)?;
                let many = answer[..frames].repeat(1 + answer.len() / (frames + 1));
                // Ends when the harness has left.
                loop {
                    front.write_all(&many)?;
                }
            });
        }
    });
    url
}
