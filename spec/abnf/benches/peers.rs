//! The engine beside abnf-oracle, in one run: `cargo bench -p wsconform-abnf`. `peers.py` beside
//! this file measures PyPI's abnf at the same work.
//!
//! Each figure is the best of several rounds, in which both take turns, so that what else the
//! machine does falls on both. Quote the ratios.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use abnf_oracle::Recognizer;
use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Outcome, Verdict};
use wsconform_abnf::{CheckOptions, Grammar, GrammarBuilder, Source, known};

/// A header of 89 octets (RFC 6455, 9.1).
const HEADER: &str = "permessage-deflate; client_max_window_bits=15; \
                      server_no_context_takeover, x-foo; bar=\"b\"";
const URI: &str = "ws://[2001:db8::7]:9001/chat/room?user=alice&x=";
const FRAME: &str = include_str!("frame.abnf");

fn main() {
    // `cargo test --benches` runs everything once, to see that it works.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let table = Table { rounds: if is_bench { 6 } else { 1 }, is_bench };
    println!("{:<44}{:>12}{:>14}{:>9}", "", "wsconform", "abnf-oracle", "ratio");
    reading(&table);
    matching(&table);
    making(&table);
}

/// Reading a text and all linear checks of it.
fn reading(table: &Table) {
    for (name, text) in [("RFC 3986", rfc3986()), ("RFC 9110", rfc9110())] {
        let ours = || {
            let source = Source::new("bench.abnf", text.as_str());
            let mut builder = GrammarBuilder::new();
            builder.add(&source, 0..text.len());
            builder.check(&CheckOptions::default())
        };
        let theirs = || {
            let grammar = abnf_oracle::Grammar::parse(&text).unwrap().check().unwrap();
            let found = grammar.lint();
            (grammar, found)
        };
        assert!(ours().0.is_some());
        table.line(&format!("read and check {name}"), &ours, Some(&theirs));
    }
}

/// Matching: with a tree here, a yes or no there.
fn matching(table: &Table) {
    let set = known("rfc6455").unwrap();
    let program = Program::new(&set, Options::default()).unwrap();
    let peer = abnf_oracle::Grammar::parse(&set.to_plain_abnf()).unwrap().check().unwrap();
    let given = Given::default();
    let long = vec![HEADER; 100].join(", ");
    for (name, rule, input) in [
        ("header of 89 octets, with a tree", "Sec-WebSocket-Extensions", HEADER),
        ("100 such headers in one, with a tree", "Sec-WebSocket-Extensions", &long),
        ("URI of 47 octets, with a tree", "ws-URI", URI),
    ] {
        let matcher = Matcher::new(&program, rule).unwrap();
        let ours = || matcher.recognise(input.as_bytes(), &given);
        let theirs = || Recognizer::new(&peer, input).accepts(rule);
        assert!(matches!(ours(), Verdict::Match(_)) && theirs() == Ok(true), "{name}");
        table.line(name, &ours, Some(&theirs));
        let compiled = matcher.compile().unwrap();
        let ours = || compiled.outcome(input.as_bytes());
        assert_eq!(ours(), Outcome::Match, "{name}");
        table.line("the same compiled, without a tree", &ours, Some(&theirs));
    }
    let frames = Program::new(&frame(), Options::default()).unwrap();
    for size in [125_usize, 65_535] {
        let matcher = Matcher::new(&frames, "frame").unwrap();
        let input = frame_of(size);
        let ours = || matcher.recognise(&input, &given);
        assert!(matches!(ours(), Verdict::Match(_)));
        table.line::<_, ()>(&format!("frame of {size} octets, with a tree"), &ours, None);
    }
}

/// Making sentences, of much the same length.
fn making(table: &Table) {
    let set = known("rfc6455").unwrap();
    let rule = "Sec-WebSocket-Extensions";
    let program = Program::new(&set, Options::default()).unwrap();
    let given = Given::default();
    let generator = Generator::new(&program, &given);
    let entry = program.entry(rule).unwrap();
    let limits = Limits { repetitions: 10, ..Limits::default() };
    let mut seed = 0;
    let mut ours = Made::default();
    let mut octets = Vec::new();
    let best = table.best(|| {
        seed += 1;
        generator.sentence_into(entry, Tape::seeded(seed), limits, &mut octets).unwrap();
        ours.count(octets.len());
    });

    let peer = abnf_oracle::Grammar::parse(&set.to_plain_abnf()).unwrap().check().unwrap();
    let mut peer = abnf_oracle::Generator::new(&peer, 1);
    let mut theirs = Made::default();
    let their_best = table.best(|| theirs.count(peer.generate(rule).unwrap().len()));
    println!(
        "{:<44}{:>12}{:>14}{:>9}",
        "header made",
        told(best),
        told(their_best),
        format!("{:.1}x", their_best.as_secs_f64() / best.as_secs_f64())
    );
    println!("{:<44}{:>12.0}{:>14.0}  octets each", "", ours.mean(), theirs.mean());

    let program = Program::new(&frame(), Options::default()).unwrap();
    let generator = Generator::new(&program, &given);
    let entry = program.entry("frame").unwrap();
    for limit in [128, 65_536, 1 << 20] {
        let limits = Limits { octets: limit, ..Limits::default() };
        let mut made = Made::default();
        let best = table.best(|| {
            seed += 1;
            generator.sentence_into(entry, Tape::seeded(seed), limits, &mut octets).unwrap();
            made.count(octets.len());
        });
        println!(
            "{:<44}{:>12}{:>14}        {:.0} octets each",
            format!("frame of at most {limit} octets made"),
            told(best),
            "-",
            made.mean()
        );
    }
}

/// How much was made.
#[derive(Default)]
struct Made {
    sentences: usize,
    octets: usize,
}

impl Made {
    fn count(&mut self, octets: usize) {
        self.sentences += 1;
        self.octets += octets;
    }

    fn mean(&self) -> f64 {
        self.octets as f64 / self.sentences.max(1) as f64
    }
}

/// RFC 3986 as its appendix A has it.
fn rfc3986() -> String {
    known("rfc3986").unwrap().to_plain_abnf()
}

/// RFC 9110 as its appendix A has it: what it takes from RFC 3986 is a description.
fn rfc9110() -> String {
    let text = include_str!("../rules/rfc9110.abnf");
    let line = |line: &str| match line.split_once(" = rfc3986-") {
        Some((name, meant)) => format!("{name} = <{meant}, see [URI]>\n"),
        None if line.starts_with(";@") => String::new(),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn frame() -> Grammar {
    Grammar::read(&Source::new("frame.abnf", FRAME)).unwrap()
}

/// A masked binary frame.
fn frame_of(size: usize) -> Vec<u8> {
    let mut frame = vec![0x82];
    match u16::try_from(size) {
        Ok(short @ ..=125) => frame.push(0x80 | short as u8),
        Ok(long) => {
            frame.push(0xFE);
            frame.extend(long.to_be_bytes());
        }
        Err(_) => unreachable!("no benchmark asks for more"),
    }
    frame.extend([1, 2, 3, 4]);
    frame.resize(frame.len() + size, 0x55);
    frame
}

/// How things are measured and told.
struct Table {
    rounds: usize,
    is_bench: bool,
}

impl Table {
    fn line<A, B>(&self, name: &str, ours: &dyn Fn() -> A, theirs: Option<&dyn Fn() -> B>) {
        let mut best = [Duration::MAX; 2];
        for _ in 0..self.rounds {
            best[0] = best[0].min(self.round(&mut || ours()));
            if let Some(theirs) = theirs {
                best[1] = best[1].min(self.round(&mut || theirs()));
            }
        }
        let ratio = best[1].as_secs_f64() / best[0].as_secs_f64();
        let (peer, ratio) = match theirs {
            Some(_) => (told(best[1]), format!("{ratio:.1}x")),
            None => ("-".to_owned(), String::new()),
        };
        println!("{name:<44}{:>12}{peer:>14}{ratio:>9}", told(best[0]));
    }

    fn best<T>(&self, mut work: impl FnMut() -> T) -> Duration {
        (0..self.rounds).map(|_| self.round(&mut work)).min().unwrap_or_default()
    }

    /// The time that one call takes, from as many as fit into a tenth of a second.
    fn round<T>(&self, work: &mut impl FnMut() -> T) -> Duration {
        let bound = if self.is_bench { Duration::from_millis(100) } else { Duration::ZERO };
        let (begin, on_processor) = (Instant::now(), on_processor());
        let mut calls = 0;
        loop {
            black_box(work());
            calls += 1;
            let passed = begin.elapsed();
            if passed >= bound {
                let worked = self::on_processor().zip(on_processor);
                return worked.map_or(passed, |(end, begin)| end - begin) / calls;
            }
        }
    }
}

/// The time that this thread had a processor, where the system tells it.
fn on_processor() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
}

fn told(time: Duration) -> String {
    match time.as_nanos() {
        nanos @ ..10_000 => format!("{nanos} ns"),
        nanos @ 10_000..10_000_000 => format!("{:.1} us", nanos as f64 / 1e3),
        nanos => format!("{:.1} ms", nanos as f64 / 1e6),
    }
}
