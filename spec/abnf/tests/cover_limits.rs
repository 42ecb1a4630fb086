//! Sentences for grammars that ask for more than can be made.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use wsconform_abnf::cover::{Reason, near_misses};
use wsconform_abnf::generate::Generator;
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::{Grammar, Source};

fn program(text: &str) -> Program {
    let grammar = Grammar::read(&Source::new("large.abnf", text)).unwrap();
    Program::new(&grammar, Options::default()).unwrap()
}

#[test]
fn a_rule_without_a_sentence_in_reach_has_no_near_miss() {
    let program = program("a = 1000000000(1000000000\"b\" c)\nc = \"c\"\n");
    let given = Given::default();
    let found = near_misses(&Generator::new(&program, &given), "a").unwrap();
    assert!(found.sentences.is_empty());
    assert!(!found.unbroken.is_empty());
    assert!(found.unbroken.iter().all(|one| one.reason == Reason::Impossible));
}
