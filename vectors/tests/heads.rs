//! The heads of all frames of the vectors, by the grammar of the book and by that of RFC 6455, 5.2
//! as the RFC prints it.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use wsconform_abnf::known;
use wsconform_abnf::program::{Given, Options, Program, Unit, bits};
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_spec::Book;
use wsconform_vectors::Topic;

/// What a head says: FIN, reserved bits, opcode, mask, payload length, masking key.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    flags: u64,
    masked: u64,
    length: u64,
    key: Vec<u8>,
}

/// How long the head is that octets begin with, and the payload behind it.
fn extent(octets: &[u8]) -> Option<(usize, u64)> {
    let second = *octets.get(1)?;
    let (length, more) = match second & 0x7F {
        126 => (u64::from(u16::from_be_bytes(octets.get(2..4)?.try_into().ok()?)), 2),
        127 => (u64::from_be_bytes(octets.get(2..10)?.try_into().ok()?), 8),
        short => (u64::from(short), 0),
    };
    let head = 2 + more + if second >= 0x80 { 4 } else { 0 };
    (head <= octets.len()).then_some((head, length))
}

/// The heads of the frames of all vectors, as far as they are whole.
fn heads() -> BTreeSet<Vec<u8>> {
    let mut heads = BTreeSet::new();
    for topic in Topic::all() {
        for vector in topic.load().unwrap().cases {
            let octets = vector.octets();
            let mut rest = octets.as_slice();
            while let Some((head, length)) = extent(rest) {
                heads.insert(rest[..head].to_vec());
                let end = usize::try_from(length).ok().and_then(|length| head.checked_add(length));
                rest = end.and_then(|end| rest.get(end..)).unwrap_or_default();
            }
        }
    }
    heads
}

/// The head by the text of the RFC, which goes on with any payload.
fn by_the_rfc(matcher: &Matcher<'_>, program: &Program, octets: &[u8]) -> Option<Head> {
    let input = bits(octets);
    let Verdict::Match(tree) = matcher.recognise(&input, &Given::default()) else { return None };
    let number = |bits: &[u8]| bits.iter().fold(0, |number, bit| number << 1 | u64::from(*bit));
    let length = match number(&input[9..16]) {
        126 => tree.root().find(program, "frame-payload-length-16").unwrap().octets(&input),
        127 => tree.root().find(program, "frame-payload-length-63").unwrap().octets(&input),
        _ => tree.root().find(program, "frame-payload-length").unwrap().octets(&input),
    };
    let key = tree.root().find(program, "frame-masking-key").map(|key| key.octets(&input));
    let key = key.unwrap_or_default();
    Some(Head {
        flags: number(&input[..8]),
        masked: number(&input[8..9]),
        length: number(&length),
        key: key.chunks(8).map(|octet| u8::try_from(number(octet)).unwrap()).collect(),
    })
}

/// The head by the book, whoever sent it; or the requirements that it violates.
fn by_the_book(
    matcher: &Matcher<'_>,
    program: &Program,
    octets: &[u8],
) -> Result<Head, BTreeSet<String>> {
    let mut violated = BTreeSet::new();
    for (sender, message) in
        [("client", "none"), ("server", "none"), ("client", "text"), ("server", "text")]
    {
        let context = [("sender", sender), ("in-progress", message), ("judged-as", "received")];
        let given = Given::read(program, context).unwrap();
        match matcher.recognise(octets, &given) {
            Verdict::Match(tree) => {
                let number = |name| tree.root().number(program, octets, name).unwrap();
                let rsv = number("rsv1") << 2 | number("rsv2") << 1 | number("rsv3");
                let long = tree.root().find(program, "length-64");
                let long = long.or_else(|| tree.root().find(program, "length-16"));
                let length = long.map_or_else(
                    || number("payload-length"),
                    |long| long.number(program, octets, "payload-length").unwrap(),
                );
                let key = tree.root().find(program, "masking-key");
                return Ok(Head {
                    flags: number("fin") << 7 | rsv << 4 | number("opcode"),
                    masked: number("mask"),
                    length,
                    key: key.map(|key| key.octets(octets)).unwrap_or_default(),
                });
            }
            Verdict::Mismatch(mismatch) => {
                violated.extend(mismatch.fail().map(|fail| fail.requirement.clone()));
            }
            other => panic!("{octets:02X?}: {other:?}"),
        }
    }
    violated.retain(|one| !one.starts_with("masking.") && !one.starts_with("fragments."));
    Err(violated)
}

#[test]
fn the_text_of_the_rfc_reads_every_head_as_the_book_does() {
    let rfc = known("rfc6455-frame").unwrap();
    let rfc = Program::new(&rfc, Options { unit: Unit::Bits(8), pure: false }).unwrap();
    let frame = Matcher::new(&rfc, "ws-frame").unwrap();
    let book = Book::embedded().unwrap();
    let book = Program::new(book.grammar(), Options::default()).unwrap();
    let head = Matcher::new(&book, "frame-head").unwrap();

    let heads = heads();
    let (mut alike, mut wider, mut refused) = (0, BTreeSet::new(), BTreeSet::new());
    for octets in &heads {
        let by_rfc = by_the_rfc(&frame, &rfc, octets);
        match by_the_book(&head, &book, octets) {
            Ok(by_book) => {
                assert_eq!(by_rfc, Some(by_book), "{octets:02X?}");
                alike += 1;
            }
            Err(violated) if by_rfc.is_some() => wider.extend(violated),
            Err(violated) => refused.extend(violated),
        }
    }
    assert!(heads.len() > 100 && alike > 50, "{alike} of {} heads", heads.len());
    // What the RFC says in prose alone, and what its text itself rules out.
    let wanted = ["frame.opcode", "frame.rsv", "native.fragmented", "native.length"];
    assert_eq!(wider.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
    assert_eq!(refused.iter().map(String::as_str).collect::<Vec<_>>(), ["frame.length.top-bit"]);
}
