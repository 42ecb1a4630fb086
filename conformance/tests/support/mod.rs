//! What the tests of the program share: the program as a child that cannot hang, folders of their
//! own, and what a report says apart from clocks and ports.

// Each test is a crate of its own and uses a part of this.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use wsconform::report::{CaseRecord, Report, Verdict, read};

pub(crate) mod schema;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_wsconform");
/// How long a run may take before it counts as hanging.
pub(crate) const BOUND: Duration = Duration::from_secs(30);

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

/// Runs the program to its end. Kills it and fails if that takes longer than [`BOUND`].
pub(crate) fn wsconform(arguments: &[&str]) -> Outcome {
    Running::start(arguments).finish()
}

/// The program while it runs; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    arguments: Vec<String>,
    began: Instant,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
    /// Told once by each output when it is closed.
    closed: mpsc::Receiver<()>,
}

impl Running {
    /// Starts the program without colours, terminal and input.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (closing, closed) = mpsc::channel();
        let stdout = drain(child.stdout.take().unwrap(), closing.clone());
        let stderr = drain(child.stderr.take().unwrap(), closing);
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { child, arguments, began: Instant::now(), stdout, stderr, closed }
    }

    /// Its process number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it goes on running.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end, at most [`BOUND`].
    pub(crate) fn finish(mut self) -> Outcome {
        for _ in 0..2 {
            let left = BOUND.saturating_sub(self.began.elapsed());
            if self.closed.recv_timeout(left).is_err() {
                let _ = self.child.kill();
                panic!("wsconform {} did not end within {BOUND:?}", self.arguments.join(" "));
            }
        }
        let status = self.child.wait().unwrap();
        let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
        Outcome {
            code: status.code(),
            stdout: text(self.stdout.join().unwrap()),
            stderr: text(self.stderr.join().unwrap()),
            took: self.began.elapsed(),
        }
    }
}

fn drain(mut from: impl Read + Send + 'static, closing: mpsc::Sender<()>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut octets = Vec::new();
        let _ = from.read_to_end(&mut octets);
        let _ = closing.send(());
        octets
    })
}

/// `wsconform serve NAME` on a free port; ended when dropped.
#[derive(Debug)]
pub(crate) struct Served {
    child: Child,
    /// Where it serves: `ws://127.0.0.1:40123/`.
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(name: &str) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["serve", name, "--listen", "127.0.0.1:0", "--seed", "1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().last().unwrap_or_default().to_owned();
        assert!(url.starts_with("ws://"), "serve {name} says {line:?}");
        Self { child, url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder of its own for one test, removed at its end.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// `name` is that of the test, so that no two tests share a folder.
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("{name}-{process}", process = std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The path of a file in it.
    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Its own path.
    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The report in a file.
pub(crate) fn report(path: &str) -> Report {
    read(fs::read(path).unwrap().as_slice()).unwrap()
}

/// What a report says apart from times and octets: case, verdict, blamed requirements.
pub(crate) fn findings(report: &Report) -> Vec<(String, Verdict, BTreeSet<String>)> {
    let finding = |case: &CaseRecord| (case.id.clone(), case.verdict, blamed(case));
    report.cases.iter().map(finding).collect()
}

/// The requirements that a case blames.
pub(crate) fn blamed(case: &CaseRecord) -> BTreeSet<String> {
    case.blame.iter().map(|blame| blame.requirement.clone()).collect()
}

/// The text with what differs from run to run replaced: ports, and the given paths.
pub(crate) fn filtered(text: &str, paths: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (path, name) in paths {
        text = text.replace(path, name);
    }
    for before in ["127.0.0.1:", "port ", "listened on "] {
        text = without_number_after(&text, before);
    }
    without_error_numbers(&text)
}

/// The numbers of the system's errors are not the same everywhere.
fn without_error_numbers(text: &str) -> String {
    let mut pieces = text.split(" (os error ");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        text + piece
            .trim_start_matches(|digit: char| digit.is_ascii_digit())
            .trim_start_matches(')')
    })
}

/// Puts `PORT` for each number right behind `before` that the system may have chosen as a port.
fn without_number_after(text: &str, before: &str) -> String {
    let mut pieces = text.split(before);
    let mut filtered = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        filtered.push_str(before);
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        match piece[..digits].parse() {
            Ok(10_000..=u16::MAX) => filtered.push_str(&format!("PORT{}", &piece[digits..])),
            _ => filtered.push_str(piece),
        }
    }
    filtered
}
