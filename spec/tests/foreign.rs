//! The grammar of the book, erased of its directives, as abnf-oracle reads it: whatever the book
//! means, other tools accept.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../abnf/tests/outer/mod.rs"]
mod outer;

use outer::{Outer, nearly};
use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_spec::Book;
use wsconform_spec::grammar::ENTRIES;

#[test]
fn whatever_the_book_means_others_accept() {
    let book = Book::embedded().unwrap();
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let pure = Options { pure: true, ..Options::default() };
    let pure = Program::new(book.grammar(), pure).unwrap();
    let outer = Outer::new(book.grammar()).unwrap();
    let mut strict_matches = 0;
    for (index, entry) in ENTRIES.iter().enumerate() {
        let given = Given::read(&program, entry.context.iter().copied()).unwrap();
        let generator = Generator::new(&program, &given);
        let matcher = Matcher::new(&program, entry.rule).unwrap();
        let wide = Matcher::new(&pure, entry.rule).unwrap();
        let limits = Limits { octets: 100, repetitions: 2, ..Limits::default() };
        for seed in 0..12 {
            let tape = Tape::seeded(seed);
            let made = generator.sentence(program.entry(entry.rule).unwrap(), tape, limits);
            let Ok(made) = made else { continue };
            for octets in [nearly(&made, index * 5 + seed as usize), made] {
                let is_match = matches!(matcher.recognise(&octets, &given), Verdict::Match(_));
                strict_matches += usize::from(is_match);
                let told = || format!("{}: {:?}", entry.name, octets.escape_ascii().to_string());
                let Some(theirs) = outer.accepts(entry.rule, &octets) else { continue };
                assert!(theirs || !is_match, "{}", told());
                match wide.recognise(&octets, &given) {
                    Verdict::Match(_) => assert!(theirs, "{}", told()),
                    Verdict::Mismatch(_) | Verdict::Incomplete => assert!(!theirs, "{}", told()),
                    Verdict::Undecided(_) => {}
                }
            }
        }
    }
    let entries = ENTRIES.len();
    assert!(strict_matches > entries * 10, "{strict_matches}");
    outer.assert_decided("the book", entries * 8, entries * 2);
}
