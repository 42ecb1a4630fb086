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
    // A field with all octets so far, at each comma.
    let text = "a = c \",\" *OCTET\nc = b\n  ;@ where b = \"y\"\nb = *OCTET\n";
    let Verdict::Undecided(why) = verdict(text, &b"x,".repeat(50_000)) else { panic!() };
    assert!(matches!(why, Undecided::Memory(_)), "{why}");
}

#[test]
fn a_part_that_nobody_decodes_is_undecided() {
    let text = "a = n p\n  ;@ size p : n\n  ;@ transform p : inflate as t\n\
                n = OCTET\n  ;@ uint n : be\np = *OCTET\nt = p\n  ;@ transform p : inflate as u\n  ;@ size p : 1\nu = <u>\n";
    let Verdict::Undecided(why) = verdict(text, b"\x01a") else { panic!() };
    assert_eq!(why.to_string(), "nobody can tell here what the hook `inflate` makes of `p`");
    assert!(matches!(verdict(text, b"\x01"), Verdict::Incomplete));
    // What it makes is undecided itself.
    let program = program(text);
    let same = |octets: &[u8], _| Some(octets.to_vec());
    let matcher = Matcher::new(&program, "a").unwrap().hook("inflate", std::sync::Arc::new(same));
    let verdict = matcher.recognise(b"\x01a", &Given::default());
    assert!(matches!(verdict, Verdict::Undecided(Undecided::Hook { .. })), "{verdict:?}");
}

fn mistakes(text: &str) -> Vec<String> {
    let grammar = Grammar::read(&Source::new("hostile.abnf", text)).unwrap();
    let mistakes = Program::new(&grammar, Options::default()).unwrap_err();
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn directives_do_not_replace_each_other() {
    for (text, place) in [
        (
            "a = n b\n  ;@ size b : n\n  ;@ size B : n + 1\nn = OCTET\n  ;@ uint n : be\nb = *OCTET\n",
            "3:6",
        ),
        (
            "a = [b]\n  ;@ when b : c = 1\n  ;@ when b : c = 2\n  ;@ context c : uint\nb = OCTET\n",
            "3:6",
        ),
        ("a = 16OCTET\n  ;@ bits x:64\n  ;@ bits y:64\n", "3:6"),
        ("a = OCTET\n  ;@ uint x : be\n  ;@ uint y : be\n", "3:6"),
    ] {
        let mistakes = mistakes(text);
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].starts_with(&format!("hostile.abnf:{place}: directive given twice")));
    }
}

/// Without its directives a grammar must not match less.
#[test]
fn what_is_transformed_is_any_octets_indeed() {
    let text = "a = p\n  ;@ transform p : utf8 as t\np = *OCTET\nt = *%x61-7A\nOCTET = \"x\"\n";
    assert!(mistakes(text)[0].contains("`p` is not `*OCTET`"));
}

#[test]
fn mistakes_are_bounded() {
    let rules: String = (0..20_000)
        .map(|n| format!("r{n} = OCTET\n  ;@ uint n{n} : be\n  ;@ where m{n} = n{n}\n"))
        .collect();
    assert!(mistakes(&rules).len() <= 100);
}
