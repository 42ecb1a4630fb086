//! The grammar of the book stands up to the checks of its directives and to a search for ambiguity.
#![allow(clippy::unwrap_used)]

use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::{ambiguities, analyse};
use wsconform_spec::Book;
use wsconform_spec::grammar::ENTRIES;

/// So many steps are taken for each entry.
const STEPS: u64 = 50_000;

#[test]
fn every_directive_says_something() {
    let book = Book::embedded().unwrap();
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let found: Vec<_> = analyse(&program).iter().map(ToString::to_string).collect();
    assert_eq!(found, [""; 0]);
}

/// The one ambiguity that is known is that of RFC 3986, which says which reading counts: "If host
/// matches the rule for IPv4address, then it should be considered an IPv4 address literal and not a
/// reg-name" (3.2.2).
#[test]
fn sentences_have_one_tree() {
    let book = Book::embedded().unwrap();
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let (mut found, mut sentences) = (Vec::new(), 0);
    for entry in ENTRIES {
        let given = Given::read(&program, entry.context.iter().copied()).unwrap();
        let one = ambiguities(&program, [entry.rule], &given, STEPS);
        sentences += one.sentences;
        let others = one.found.iter().map(ToString::to_string);
        found.extend(others.filter(|one| !one.contains("is `uri-IPv4address` or `uri-reg-name`")));
    }
    assert_eq!(found, [""; 0]);
    assert!(sentences > 1000, "only {sentences} sentences were looked at");
}
