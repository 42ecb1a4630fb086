//! Grammars and inputs made to take very long, or very much, are answered for.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Undecided, Verdict};
use wsconform_abnf::{Grammar, Source};

fn program(text: &str) -> Program {
    let grammar = Grammar::read(&Source::new("hostile.abnf", text)).unwrap();
    Program::new(&grammar, Options::default()).unwrap()
}

fn verdict(text: &str, input: &[u8]) -> Verdict {
    let program = program(text);
    Matcher::new(&program, "a").unwrap().recognise(input, &Given::default())
}

#[test]
fn rounds_that_can_be_empty_are_not_counted_one_by_one() {
    for text in [
        "a = 1000000000\"\"\n",
        "a = 1000000000[a]\n",
        "a = 5000*1000000000(*1000000000(*1000000000[\"x\"]))\n",
        "a = 1000000000b\nb = *(\"x\" \"x\")\n",
    ] {
        assert!(matches!(verdict(text, b""), Verdict::Match(_)), "{text}");
        let Verdict::Mismatch(mismatch) = verdict(text, b"y") else { panic!("{text}") };
        assert_eq!(mismatch.offset, 0, "{text}");
    }
    let text = "a = 700*800[\"x\"] \"y\"\n";
    for (count, matches) in [(0, true), (1, true), (700, true), (800, true), (801, false)] {
        let input = [b"x".repeat(count), b"y".to_vec()].concat();
        assert_eq!(matches!(verdict(text, &input), Verdict::Match(_)), matches, "{count}");
    }
    // Where a round is empty only under a condition, each has to be gone.
    let text = "a = flag 700b\nflag = OCTET\n  ;@ uint flag : be\n\
                b = [c]\n  ;@ when c : flag = 1\nc = \"x\"\n";
    assert!(matches!(verdict(text, b"\0"), Verdict::Match(_)));
    assert!(matches!(verdict(text, b"\x01x"), Verdict::Incomplete));
    let input = [b"\x01".to_vec(), b"x".repeat(700)].concat();
    assert!(matches!(verdict(text, &input), Verdict::Match(_)));
}

/// Ways out of states are no longer than the grammar is large.
#[test]
fn options_in_a_row_pass_little() {
    let text = format!("a = {}\n", "[\"x\"] ".repeat(20_000));
    assert!(matches!(verdict(&text, b"xxx"), Verdict::Match(_)));
}

#[test]
fn the_tree_of_left_recursion_is_found_in_proportion_to_the_octets() {
    for text in ["a = [a] \"x\"\n", "a = b / \"x\"\nb = a \"x\"\n"] {
        let program = program(text);
        let matcher = Matcher::new(&program, "a").unwrap().step_limit(2_000_000);
        let input = b"x".repeat(50_000);
        let Verdict::Match(tree) = matcher.recognise(&input, &Given::default()) else { panic!() };
        assert!(tree.nodes().count() >= 50_000);
    }
}

#[test]
fn what_cannot_be_told_within_the_limits_is_undecided() {
    // Cubic in the octets: what is done for each end of a part counts too.
    let program_ = program("a = \"x\" / a a\n");
    let matcher = Matcher::new(&program_, "a").unwrap().step_limit(1_000_000);
    let verdict_ = matcher.recognise(&b"x".repeat(1000), &Given::default());
    assert!(matches!(verdict_, Verdict::Undecided(Undecided::Steps(1_000_000))));
    // As many things to know at each octet as there were octets.
    let text = "a = *b \"y\"\nb = *\"x\"\n";
    let Verdict::Undecided(why) = verdict(text, &b"x".repeat(100_000)) else { panic!() };
    assert!(matches!(why, Undecided::Memory(_)), "{why}");
    // A field with all octets so far, at each octet.
    let text = "a = b \",\" c\n  ;@ where b = c\nb = *OCTET\nc = *OCTET\n";
    let Verdict::Undecided(why) = verdict(text, &b"x".repeat(100_000)) else { panic!() };
    assert!(matches!(why, Undecided::Memory(_)), "{why}");
}
