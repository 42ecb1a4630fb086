//! What is generated from grammars at random, and from tapes at random.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use wsconform_abnf::cover::{Missed, Points, members, near_misses};
use wsconform_abnf::generate::{GenerateError, Generator, Limits, Tape};
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_abnf::{Grammar, Source};

fn program(text: &str) -> Program {
    let grammar = Grammar::read(&Source::new("test.abnf", text)).unwrap();
    Program::new(&grammar, Options::default()).unwrap()
}

/// An expression of ABNF over the rules `a` to `d`.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("\"x\"".to_owned()),
        Just("%s\"Yz\"".to_owned()),
        Just("%x30-39".to_owned()),
        Just("%x00FE-0201".to_owned()),
        Just("\"\"".to_owned()),
        Just("DIGIT".to_owned()),
        "[a-d]".prop_map(|rule| rule),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|all| all.join(" ")),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|all| format!("({})", all.join(" / "))),
            inner.clone().prop_map(|one| format!("[{one}]")),
            (0..3u8, 0..3u8, inner)
                .prop_map(|(min, more, one)| format!("{min}*{}({one})", min + more + 1)),
        ]
    })
}

fn grammar() -> impl Strategy<Value = String> {
    prop::collection::vec(expression(), 4).prop_map(|bodies| {
        let rules = ["a", "b", "c", "d"].iter().zip(bodies);
        rules.map(|(name, body)| format!("{name} = {body}\n")).collect()
    })
}

/// A message of a head with flags and a length, an option and content that depend on the flags.
fn message() -> impl Strategy<Value = String> {
    let encoding = prop_oneof![
        Just(("2OCTET", "be")),
        Just(("1*3(%x80-FF / %x00-7F)", "base128")),
        Just(("1*4DIGIT \"\"", "decimal")),
        Just(("2HEXDIG", "hex")),
    ];
    let text = prop_oneof![Just("*DIGIT"), Just("*(2ALPHA)"), Just("3*5%x20-7E"), Just("*octets")];
    let size = prop_oneof![Just("n"), Just("n + 1"), Just("2 * n"), Just("n - 2")];
    (encoding, text, size, 0..3u8, any::<bool>()).prop_map(
        |((digits, encoding), text, size, kind, masked)| {
            let mask =
                if masked { "\n  ;@ transform body : xor key as content" } else { "" };
            let content = if masked { "*OCTET" } else { "content" };
            format!(
                "message = flags length [key] body\n  ;@ size body : {size}\n  \
                 ;@ when key : keyed = 1{mask}\nflags = OCTET\n  ;@ bits keyed:1 rest:5 kind:2\n  \
                 ;@ where rest = 0 and kind >= {kind}\nlength = {digits}\n  ;@ uint n : {encoding}\n\
                 key = 4OCTET\nbody = {content}\ncontent = digits / other / 1*ALPHA\n  \
                 ;@ when digits : kind = 1\n  ;@ when other : kind != 1\ndigits = {text}\n\
                 other = *OCTET\n  ;@ transform other : utf8\noctets = OCTET\n"
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn members_of_any_grammar_match(text in grammar(), tape in prop::collection::vec(any::<u8>(), 0..64)) {
        let program = program(&text);
        let given = Given::default();
        let generator = Generator::new(&program, &given);
        let entry = program.entry("a").unwrap();
        match generator.sentence(entry, Tape::new(&tape), Limits::default()) {
            Ok(sentence) => {
                let matcher = Matcher::new(&program, "a").unwrap().step_limit(1_000_000);
                let verdict = matcher.recognise(&sentence, &given);
                let is_right = matches!(verdict, Verdict::Match(_) | Verdict::Undecided(_));
                prop_assert!(is_right, "{text}{sentence:?} {verdict:?}");
                // The same tape, the same sentence; none is shorter than that of no tape.
                let again = generator.sentence(entry, Tape::new(&tape), Limits::default()).unwrap();
                prop_assert_eq!(&again, &sentence);
                let least = generator.sentence(entry, Tape::new(&[]), Limits::default()).unwrap();
                prop_assert!(least.len() <= sentence.len(), "{text}{least:?} {sentence:?}");
            }
            Err(error) => prop_assert!(matches!(error, GenerateError::Endless { .. }), "{text}{error}"),
        }
    }

    #[test]
    fn members_make_every_choice(text in grammar()) {
        let program = program(&text);
        let given = Given::default();
        let generator = Generator::new(&program, &given);
        let points = Points::new(&program, &[program.rule_id("a").unwrap()]);
        let found = members(&generator, "a", &points, &[]).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for member in &found.sentences {
            prop_assert!(!member.takes.is_empty());
            prop_assert!(member.takes.iter().all(|number| seen.insert(*number)));
        }
        for (number, missed) in &found.missed {
            let point = points.describe(points.get(*number).unwrap());
            // Without directives, what has sentences is only missed if it is read otherwise, or if
            // nothing that comes to an end leads there.
            let is_excused = matches!(missed, Missed::Hidden | Missed::Unreachable)
                || matches!(missed, Missed::Impossible(GenerateError::Unsatisfied { .. } | GenerateError::TooDeep));
            prop_assert!(is_excused, "{text}{point}: {missed}");
        }
        prop_assert_eq!(seen.len() + found.missed.len(), points.len());
    }

    #[test]
    fn messages_are_consistent(text in message(), seed in any::<u64>()) {
        let program = program(&text);
        let given = Given::default();
        let generator = Generator::new(&program, &given);
        let entry = program.entry("message").unwrap();
        let matcher = Matcher::new(&program, "message").unwrap();
        for tape in [Tape::new(&[]), Tape::seeded(seed)] {
            let limits = Limits { octets: 300, ..Limits::default() };
            let sentence = generator.sentence(entry, tape, limits);
            let sentence = sentence.map_err(|error| TestCaseError::fail(format!("{text}{error}")))?;
            let verdict = matcher.recognise(&sentence, &given);
            prop_assert!(matches!(verdict, Verdict::Match(_)), "{text}{sentence:?} {verdict:?}");
        }
    }

    #[test]
    fn near_misses_never_match(text in message()) {
        let program = program(&text);
        let given = Given::default();
        let generator = Generator::new(&program, &given);
        let found = near_misses(&generator, "message").unwrap();
        let matcher = Matcher::new(&program, "message").unwrap();
        prop_assert!(!found.sentences.is_empty());
        for miss in &found.sentences {
            let verdict = matcher.recognise(&miss.octets, &given);
            prop_assert!(matches!(verdict, Verdict::Mismatch(_)), "{}{} {verdict:?}", text, miss.id);
        }
        prop_assert_eq!(&near_misses(&generator, "message").unwrap(), &found);
    }
}

/// Grammars that would overflow a stack, fill the memory or go in circles.
#[test]
fn hostile_grammars_end_in_an_answer() {
    let chain: String = (0..5000)
        .map(|rule| format!("r{rule} = r{}\n", rule + 1))
        .chain(["r5000 = \"x\"\n".to_owned()])
        .collect();
    let doubling: String = (0..60)
        .map(|rule| format!("r{rule} = r{0} r{0}\n", rule + 1))
        .chain(["r60 = \"x\"\n".to_owned()])
        .collect();
    let never: String = (0..30)
        .map(|rule| format!("r{rule} = r{0} / r{0}\n  ;@ where n = 1\n", rule + 1))
        .chain(["r30 = OCTET\n  ;@ uint n : be\n  ;@ where n > 1\n".to_owned()])
        .collect();
    let grammars = [
        chain.as_str(),
        doubling.as_str(),
        never.as_str(),
        "r0 = r0 / r0 r0 / \"x\"\n",
        "r0 = [r0] [r0] [r0]\n",
        "r0 = 99999999999999999999\"x\"\n",
        "r0 = *(*(*\"\"))\n",
        "r0 = r0\n",
        "r0 = n r1\n  ;@ size r1 : n * n * n\nn = 8OCTET\n  ;@ uint n : be\n  ;@ where n > 2^40\nr1 = *OCTET\n",
    ];
    for text in grammars {
        let program = program(text);
        let given = Given::default();
        let generator = Generator::new(&program, &given);
        let entry = program.entry("r0").unwrap();
        for tape in [Tape::new(&[]), Tape::seeded(1), Tape::new(&[0xFF; 4096])] {
            if let Ok(sentence) = generator.sentence(entry, tape, Limits::default()) {
                assert!(sentence.len() < 100_000);
            }
        }
    }
}
