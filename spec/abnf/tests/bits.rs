//! RFC 6455, 5.2 as the RFC prints it: values are bits, and comments say how many.

#![allow(clippy::unwrap_used)]

use wsconform_abnf::known;
use wsconform_abnf::program::{Given, Options, Program, Unit, bits};
use wsconform_abnf::recognise::{Matcher, Verdict};

const BITS: Options = Options { unit: Unit::Bits(8), pure: false };

/// The parts of a frame's head as the RFC names them, with their bits.
fn head(octets: &[u8]) -> Result<Vec<(String, String)>, String> {
    let program = Program::new(&known("rfc6455-frame").unwrap(), BITS).unwrap();
    let matcher = Matcher::new(&program, "ws-frame").unwrap();
    let input = bits(octets);
    match matcher.recognise(&input, &Given::default()) {
        Verdict::Match(tree) => Ok(tree
            .root()
            .children()
            .map(|part| {
                let octets = part.octets(&input);
                let digits = octets.iter().map(|bit| char::from(b'0' + bit)).collect();
                (program.rule(part.rule()).name.clone(), digits)
            })
            .collect()),
        other => Err(format!("{other:?}").chars().take(12).collect()),
    }
}

fn part(octets: &[u8], name: &str) -> String {
    let head = head(octets).unwrap();
    head.iter().find(|(one, _)| one == name).unwrap().1.clone()
}

#[test]
fn heads_are_read_bit_by_bit() {
    let names: Vec<_> = head(b"\x81\x05Hello").unwrap().into_iter().map(|(name, _)| name).collect();
    let wanted = ["frame-opcode", "frame-payload-length", "frame-payload-data"];
    assert_eq!(names.iter().filter(|name| wanted.contains(&name.as_str())).count(), 3);
    assert_eq!(part(b"\x81\x05Hello", "frame-opcode"), "0001");
    assert_eq!(part(b"\x8A\x00", "frame-payload-length"), "0000000");
    assert_eq!(part(b"\x82\x85\x01\x02\x03\x04", "frame-masking-key").len(), 32);
    assert_eq!(part(b"\x82\x7E\x01\x00", "frame-payload-length"), "11111100000000100000000");
    assert_eq!(part(b"\x82\x7F\0\0\0\0\0\x01\0\0", "frame-payload-length").len(), 71);
}

#[test]
fn what_the_comments_rule_out_is_no_head() {
    // The key is there if, and only if, the bit says so; 63 bits are the most.
    assert_eq!(head(b"\x82\x85\x01\x02\x03").unwrap_err(), "Incomplete");
    assert!(head(b"\x82\x7F\x80\0\0\0\0\0\0\0").unwrap_err().starts_with("Mismatch"));
    assert_eq!(head(b"\x82").unwrap_err(), "Incomplete");
}

#[test]
fn what_is_prose_is_not_read() {
    // Reserved bits and opcodes, long control frames, lengths in a longer form than they need, and
    // payloads of another length than the head says.
    for octets in [&b"\xF1\x00"[..], b"\x83\x00", b"\x09\x7E\x00\x01", b"\x81\x05Hell"] {
        assert!(head(octets).is_ok(), "{octets:02X?}");
    }
}

#[test]
fn as_octets_the_text_describes_something_else() {
    let program = Program::new(&known("rfc6455-frame").unwrap(), Options::default()).unwrap();
    let matcher = Matcher::new(&program, "ws-frame").unwrap();
    let verdict = matcher.recognise(b"\x81\x05Hello", &Given::default());
    assert!(matches!(verdict, Verdict::Mismatch(_)));
}

#[test]
fn values_that_do_not_fit_are_explained() {
    let source = wsconform_abnf::Source::new("t.abnf", "a = %x10 ; 4 bits in length\n");
    let grammar = wsconform_abnf::Grammar::read(&source).unwrap();
    let mistakes = Program::new(&grammar, BITS).unwrap_err();
    assert_eq!(
        mistakes[0].to_string(),
        "t.abnf:1:5: value of too many bits: 0x10 does not fit 4 bits"
    );
}
