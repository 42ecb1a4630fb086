//! Each directive, bound and terminal is broken alone.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use wsconform_abnf::cover::near_misses;
use wsconform_abnf::generate::Generator;
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::{Grammar, Source};

const FRAME: &str = include_str!("grammars/frame.abnf");

fn program(text: &str) -> Program {
    let grammar = Grammar::read(&Source::new("test.abnf", text)).unwrap();
    Program::new(&grammar, Options::default()).unwrap()
}

/// What people read of the near-misses of an entry.
fn listed(program: &Program, entry: &str, given: &Given) -> String {
    let generator = Generator::new(program, given);
    let found = near_misses(&generator, entry).unwrap();
    let mut text = String::new();
    for miss in &found.sentences {
        let hex: Vec<_> = miss.octets.iter().take(14).map(|one| format!("{one:02X}")).collect();
        let due = miss
            .due
            .as_ref()
            .map_or(String::new(), |due| format!(", due {} {}", due.code, due.requirement));
        text += &format!(
            "{}: {} ({})\n  {}{due}\n  {}: {}\n",
            miss.id,
            hex.join(" "),
            miss.octets.len(),
            miss.broken,
            miss.offset,
            miss.explanation
        );
    }
    for one in &found.unbroken {
        text += &format!("not {}: {}: {}\n", one.id, one.broken, one.reason);
    }
    text
}

#[test]
fn frames_are_broken_in_one_thing_alone() {
    let program = program(FRAME);
    let given = Given::read(&program, [("sender", "client")]).unwrap();
    insta::assert_snapshot!(listed(&program, "frame", &given));
}
