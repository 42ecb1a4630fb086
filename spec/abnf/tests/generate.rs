//! What is generated matches.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_abnf::{Grammar, Source};

const FRAME: &str = include_str!("grammars/frame.abnf");

fn program(text: &str) -> Program {
    let grammar = Grammar::read(&Source::new("test.abnf", text)).unwrap();
    Program::new(&grammar, Options::default()).unwrap()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(" ")
}

/// Sentences from many tapes, each confirmed.
fn sentences(program: &Program, entry: &str, given: &Given, limits: Limits) -> Vec<Vec<u8>> {
    let generator = Generator::new(program, given);
    let matcher = Matcher::new(program, entry).unwrap();
    let reference = program.entry(entry).unwrap();
    let mut all = Vec::new();
    let empty = std::iter::once(Tape::new(&[]));
    for tape in empty.chain((0..400).map(Tape::seeded)) {
        let sentence = generator
            .sentence(reference, tape, limits)
            .unwrap_or_else(|error| panic!("{entry} {}: {error}", all.len()));
        match matcher.recognise(&sentence, given) {
            Verdict::Match(_) => all.push(sentence),
            verdict => panic!("{entry} {}: {} is {verdict:?}", all.len(), hex(&sentence)),
        }
    }
    all
}

#[test]
fn frames_have_the_right_length_and_mask() {
    let program = program(FRAME);
    for sender in ["client", "server"] {
        let given = Given::read(&program, [("sender", sender)]).unwrap();
        let limits = Limits { octets: 70_000, ..Limits::default() };
        let all = sentences(&program, "frame", &given, limits);
        let form = |octet: u8| all.iter().filter(|one| one[1] & 0x7F == octet).count();
        assert!(form(126) > 40 && form(127) > 0, "{} {}", form(126), form(127));
        let opcode = |opcode: u8| all.iter().filter(|one| one[0] & 0x0F == opcode).count();
        assert!([0, 1, 2, 8, 9, 10].into_iter().all(|one| opcode(one) > 20));
        let masked = u8::from(sender == "client");
        assert!(all.iter().all(|one| one[1] >> 7 == masked));
        assert_eq!(all[0].len(), if masked == 1 { 6 } else { 2 });
    }
}

#[test]
fn errors_name_what_is_in_the_way() {
    let cases = [
        ("a = \"x\" a\n", "no sentence of `a` comes to an end"),
        ("a = \"x\" b\nb = <a word>\n", "<a word>"),
        ("a = OCTET\n  ;@ bits m:8\n  ;@ where m > 5 and m < 5\n", "`where m > 5 and m < 5`"),
    ];
    for (text, expected) in cases {
        let program = program(text);
        let given = Given::default();
        let generator = Generator::new(&program, &given);
        let entry = program.entry("a").unwrap();
        let error = generator.sentence(entry, Tape::new(&[]), Limits::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
