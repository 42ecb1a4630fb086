//! What others make of the same grammars: abnf-oracle reads plain ABNF, so it has to agree on it, and
//! whatever matches with directives it has to accept without them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod outer;

use std::cell::Cell;

use abnf_oracle::Recognizer;
use outer::{Outer, nearly};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::{Given, Options, Program, Unit};
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_abnf::{CheckOptions, Grammar, Level, Source, check, known, known_names};

/// Whether the octets match; `None` if it cannot be told.
fn matches(program: &Program, rule: &str, octets: &[u8]) -> Option<bool> {
    match Matcher::new(program, rule).unwrap().recognise(octets, &Given::default()) {
        Verdict::Match(_) => Some(true),
        Verdict::Mismatch(_) | Verdict::Incomplete => Some(false),
        Verdict::Undecided(_) => None,
    }
}

/// Compares both verdicts, if both are told.
fn compare(program: &Program, outer: &Outer, rule: &str, octets: &[u8]) {
    if let (Some(ours), Some(theirs)) =
        (matches(program, rule, octets), outer.accepts(rule, octets))
    {
        assert_eq!(ours, theirs, "{rule}: {:?}", octets.escape_ascii().to_string());
    }
}

/// Sentences of both generators.
fn sentences(program: &Program, outer: &Outer, rule: &str, count: u64) -> Vec<Vec<u8>> {
    let given = Given::default();
    let generator = Generator::new(program, &given);
    let entry = program.entry(rule).unwrap();
    let limits = Limits { octets: 60, repetitions: 3, depth: 25, ..Limits::default() };
    let mut theirs = abnf_oracle::Generator::new(&outer.grammar, 1);
    (0..count)
        .flat_map(|seed| {
            let ours = generator.sentence(entry, Tape::seeded(seed), limits).ok();
            let theirs = theirs.generate(rule).ok().map(|text| {
                text.chars().map(|one| u8::try_from(u32::from(one)).unwrap()).collect()
            });
            [ours, theirs]
        })
        .flatten()
        .filter(|octets: &Vec<u8>| octets.len() < 200)
        .collect()
}

#[test]
fn rules_of_rfcs_mean_the_same() {
    // The frames of RFC 6455 count bits, which nobody reads as octets.
    for name in known_names().filter(|name| *name != "rfc6455-frame") {
        let grammar = known(name).unwrap();
        let program = Program::new(&grammar, Options::default()).unwrap();
        let outer = Outer::new(&grammar).unwrap();
        for (index, rule) in grammar.rules().enumerate() {
            if rule.is_imported() {
                continue;
            }
            for (seed, sentence) in sentences(&program, &outer, rule.name(), 3).iter().enumerate() {
                compare(&program, &outer, rule.name(), sentence);
                compare(&program, &outer, rule.name(), &nearly(sentence, index * 7 + seed));
            }
        }
        let rules = grammar.rules().filter(|rule| !rule.is_imported()).count();
        outer.assert_decided(name, rules * 3, rules / 2);
    }
}

#[test]
fn what_others_stumbled_over() {
    let grammar = known("rfc3986").unwrap();
    let program = Program::new(&grammar, Options::default()).unwrap();
    let outer = Outer::new(&grammar).unwrap();
    for (uri, expected) in [
        ("ws://[2001:db8::7]/chat", true),
        ("http://1.2.3.4.5/", true),
        ("http://1.2.3.4/", true),
        ("http://[::1.2.3.4]:80/", true),
        ("http://[v1.a:b]/", true),
        ("http://[2001:db8:7]/", false),
        ("http://a b/", false),
        // The Kelvin sign is no k, whatever Unicode says of its case.
        ("\u{212A}://a/", false),
    ] {
        assert_eq!(matches(&program, "URI", uri.as_bytes()), Some(expected), "{uri}");
        assert_eq!(outer.accepts("URI", uri.as_bytes()), Some(expected), "{uri}");
    }
}

/// RFC 8259 calls a rule of its own `char`, and its values are characters.
#[test]
fn json_means_the_same() {
    let source = Source::new("rfc8259.abnf", include_str!("../examples/rfc8259.abnf"));
    let grammar = Grammar::read(&source).unwrap();
    let options = Options { unit: Unit::Utf8, ..Options::default() };
    let program = Program::new(&grammar, options).unwrap();
    let outer = Outer::new(&grammar).unwrap();
    for (text, expected) in [
        ("\"a\"", true),
        ("[\"K\u{F6}ln\", \"\\u00f6\", \"\u{10FFFF}\"]", true),
        (" {\"a\" : [1, -2.5e+3, true , null]}\r\n", true),
        ("\"\t\"", false),
        ("01", false),
        ("[1,]", false),
        // The Kelvin sign is no K, and literals have a case.
        ("nu\u{212A}", false),
        ("TRUE", false),
    ] {
        assert_eq!(matches(&program, "JSON-text", text.as_bytes()), Some(expected), "{text}");
        let theirs = Recognizer::new(&outer.grammar, text).accepts("JSON-text");
        assert_eq!(theirs, Ok(expected), "{text}");
    }
}

/// Grammars in which a rule begins with no rule before it, so that none is left-recursive.
fn plain() -> impl Strategy<Value = String> {
    const RULES: usize = 4;
    let leaf = |rule: usize| {
        prop_oneof![
            Just("\"a\"".to_owned()),
            Just("%s\"aB\"".to_owned()),
            Just("\"\"".to_owned()),
            Just("%x61-63".to_owned()),
            Just("%d97.98".to_owned()),
            Just("%xFF".to_owned()),
            (rule + 1..=RULES).prop_map(|next| format!("r{next}")),
            (0..RULES).prop_map(|any| format!("(\"b\" r{any})")),
        ]
    };
    let body = move |rule: usize| {
        leaf(rule).prop_recursive(3, 10, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4)
                    .prop_map(|all| format!("({})", all.join(" / "))),
                prop::collection::vec(inner.clone(), 2..4)
                    .prop_map(|all| format!("({})", all.join(" "))),
                inner.clone().prop_map(|one| format!("[{one}]")),
                (inner, 0..3u8, 0..3u8).prop_map(|(one, min, more)| match more {
                    0 => format!("{min}*({one})"),
                    more => format!("{min}*{}({one})", min + more),
                }),
            ]
        })
    };
    (0..RULES).map(body).collect::<Vec<_>>().prop_map(|bodies| {
        let rules = bodies.iter().enumerate().map(|(rule, body)| format!("r{rule} = {body}\n"));
        rules.chain([format!("r{RULES} = %x61-7A\n")]).collect()
    })
}

#[test]
fn random_grammars_mean_the_same() {
    let input = prop::collection::vec(prop::sample::select(b"aAbBc\xFF".to_vec()), 0..9);
    let strategy = (plain(), prop::collection::vec(input, 6));
    let [accepted, refused, undecided] = [const { Cell::new(0) }; 3];
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner
        .run(&strategy, |(text, inputs)| {
            let grammar = Grammar::read(&Source::new("random.abnf", &*text)).unwrap();
            let program = Program::new(&grammar, Options::default()).unwrap();
            let Some(outer) = Outer::new(&grammar) else {
                undecided.set(undecided.get() + 1);
                return Ok(());
            };
            // The generator of abnf-oracle overflows its stack where a rule never ends.
            let is_endless = check(&grammar, &CheckOptions::default())
                .iter()
                .any(|one| one.level() == Level::Error);
            let made = if is_endless { Vec::new() } else { sentences(&program, &outer, "r0", 2) };
            for octets in inputs.iter().chain(&made) {
                compare(&program, &outer, "r0", octets);
            }
            for (seed, octets) in made.iter().enumerate() {
                compare(&program, &outer, "r0", &nearly(octets, seed + octets.len()));
            }
            accepted.set(accepted.get() + outer.accepted.get());
            refused.set(refused.get() + outer.refused.get());
            undecided.set(undecided.get() + outer.undecided.get());
            Ok(())
        })
        .unwrap();
    let [accepted, refused, undecided] = [accepted, refused, undecided].map(Cell::into_inner);
    println!("random grammars: {accepted} accepted, {refused} refused, {undecided} undecided");
    assert!(accepted > 800 && refused > 800, "{accepted} {refused} {undecided}");
}

/// Records of lengths, conditions and masks.
const DIRECTIVES: &str = "\
records = *record
record  = head body
        ;@ size body : n
        ;@ transform body : xor key as text
head    = flags length [key]
        ;@ when key : masked = 1
flags   = OCTET
        ;@ bits masked:1 kind:7
        ;@ where kind in {1..3}
length  = %x00-1F
        ;@ uint n : be
key     = 4OCTET
body    = *OCTET
text    = *OCTET
        ;@ transform text : utf8
";

/// The law of directives: each only narrows, so whatever matches with them does without.
#[test]
fn directives_only_narrow() {
    for text in [DIRECTIVES, include_str!("../examples/dates.abnf")] {
        let grammar = Grammar::read(&Source::new("directives.abnf", text)).unwrap();
        let program = Program::new(&grammar, Options::default()).unwrap();
        let pure = Options { pure: true, ..Options::default() };
        let pure = Program::new(&grammar, pure).unwrap();
        let outer = Outer::new(&grammar).unwrap();
        let mut narrowed = 0;
        for rule in grammar.rules() {
            let name = rule.name();
            for (seed, made) in sentences(&program, &outer, name, 30).iter().enumerate() {
                for octets in [made.clone(), nearly(made, seed)] {
                    compare(&pure, &outer, name, &octets);
                    let strict = matches(&program, name, &octets).unwrap();
                    let wide = matches(&pure, name, &octets).unwrap();
                    assert!(wide || !strict, "{name}: {octets:02X?}");
                    narrowed += usize::from(wide && !strict);
                }
            }
        }
        outer.assert_decided("with directives", 400, 10);
        assert!(narrowed > 50, "{narrowed}");
    }
}
