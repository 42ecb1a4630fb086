//! What inspection costs, in instructions:
//! `cargo bench -p wsconform-reference --bench instructions`.
//!
//! The program runs itself under valgrind's callgrind, each work N times and 2 N times. The
//! difference is that of N times, without start and end. From each work that of an empty one is
//! taken off, which is the loop and the hand-over of the same payload. Instructions are counted,
//! not timed, so the figures are the same on every run and on a busy machine; another compiler or
//! another kind of processor gives others. Without valgrind it says so and counts nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::process::Command;

use wsconform_reference::{
    Agreement, Allocator, Capability, Connection, Filter, Inspector, Limits, Opcode, Reading, Role,
    SeededRandom, Sequence, encode_frame,
};

const TIMES: u64 = 10_000;

/// Numbers of capabilities.
const CAPABILITIES: [usize; 6] = [0, 1, 2, 4, 8, 16];

const PAYLOAD: &[u8] = b"an ordinary payload, neither long nor short, that begins with no sequence";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [work, count, times] = &arguments[..]
        && let (Some(work), Ok(count), Ok(times)) =
            (Work::named(work), count.parse(), times.parse())
    {
        return work.run(count, times);
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        // `cargo test --benches`: everything once, to see that it works.
        return Work::ALL.iter().for_each(|work| work.run(1, 1));
    }
    match Command::new("valgrind").arg("--version").output() {
        Ok(version) if version.status.success() => {
            let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
            report(&version);
        }
        _ => println!("valgrind is not installed: no instructions are counted"),
    }
}

fn report(version: &str) {
    println!("{version}, callgrind; {}, instructions each\n", std::env::consts::ARCH);
    print!("{:<48}", "capabilities");
    CAPABILITIES.iter().for_each(|count| print!("{count:>8}"));
    println!();
    for (work, base) in [
        (Work::Read, Some(Work::Nothing)),
        (Work::Begins, Some(Work::Nothing)),
        (Work::Binary, None),
        (Work::Text, None),
    ] {
        print!("{:<48}", work.title());
        for count in CAPABILITIES {
            let base = base.map_or(0, |base| instructions(base, count));
            print!("{:>8}", instructions(work, count).saturating_sub(base));
        }
        println!();
    }
}

/// What is counted.
#[derive(Clone, Copy)]
enum Work {
    /// The loop.
    Nothing,
    /// A binary message that is dismissed, by its receiver.
    Read,
    /// The same by its sender, who looks whether it has to be escaped.
    Begins,
    /// A binary message of one frame, from its octets to the event.
    Binary,
    /// The same as text.
    Text,
}

impl Work {
    const ALL: [Self; 5] = [Self::Nothing, Self::Read, Self::Begins, Self::Binary, Self::Text];

    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Read => "read",
            Self::Begins => "begins",
            Self::Binary => "binary",
            Self::Text => "text",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Read => "binary message dismissed by its receiver",
            Self::Begins => "the same by its sender",
            Self::Binary => "a whole connection, binary frame to event",
            Self::Text => "a whole connection, text frame to event",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }

    /// Does it so many times with so many capabilities.
    fn run(self, capabilities: usize, times: u64) {
        match self {
            Self::Nothing => {
                let (mut inspector, mut data) = (Inspector::new(filter(capabilities)), 0u64);
                for _ in 0..times {
                    black_box(&mut inspector);
                    data += u64::from(!black_box(PAYLOAD).is_empty());
                }
                assert_eq!(data, times);
            }
            Self::Read => {
                let (mut inspector, mut data) = (Inspector::new(filter(capabilities)), 0u64);
                for _ in 0..times {
                    let reading = black_box(&mut inspector).read(black_box(PAYLOAD));
                    data += u64::from(reading == Reading::Data);
                }
                assert_eq!(data, times);
            }
            Self::Begins => {
                let (filter, mut data) = (filter(capabilities), 0u64);
                for _ in 0..times {
                    let sequence = black_box(&filter).begins(black_box(PAYLOAD));
                    data += u64::from(sequence.is_none());
                }
                assert_eq!(data, times);
            }
            Self::Binary => receive(Opcode::Binary, capabilities, times),
            Self::Text => receive(Opcode::Text, capabilities, times),
        }
    }
}

/// Sequences as a server gives them out; what a capability is called does not matter here.
fn sequences(count: usize) -> Vec<Sequence> {
    let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0x00, 0x10]));
    (0..count).map(|_| allocator.next()).collect()
}

fn filter(capabilities: usize) -> Filter {
    Filter::new(sequences(capabilities).into_iter().map(|one| (Capability::RateControl, one)))
}

fn receive(opcode: Opcode, capabilities: usize, times: u64) {
    let agreements: Vec<_> = sequences(capabilities)
        .into_iter()
        .map(|one| Agreement::of(Capability::RateControl, one))
        .collect();
    let mut frame = Vec::new();
    encode_frame(true, opcode, None, PAYLOAD, &mut frame);
    let mut client = Connection::new(Role::Client, &agreements, Limits::default(), SeededRandom(0));
    for _ in 0..times {
        client.receive(black_box(&frame), std::time::Duration::ZERO);
        black_box(client.poll_event());
    }
}

/// The instructions that a work takes, without start and end.
fn instructions(work: Work, capabilities: usize) -> u64 {
    let [once, twice] = [TIMES, 2 * TIMES].map(|times| total(work, capabilities, times));
    (twice - once).div_ceil(TIMES)
}

/// The instructions of a whole run.
fn total(work: Work, capabilities: usize, times: u64) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().expect("this program has a path"))
        .args([work.name(), &capabilities.to_string(), &times.to_string()])
        .output()
        .expect("valgrind runs");
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told.lines().find_map(|line| line.split_once("Collected : "));
    let (_, collected) = collected.unwrap_or_else(|| panic!("valgrind said: {told}"));
    collected.trim().parse().expect("a number of instructions")
}
