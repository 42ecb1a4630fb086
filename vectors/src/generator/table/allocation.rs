//! Allocation: the allocator of the reference, and counting by hand.

use wsconform_reference as reference;
use wsconform_reference::{Allocator, Random};

use super::{Draft, Way, blocks};
use crate::octets::{Octets, Sequence};
use crate::table::{Allocated, AllocationGiven, First};

pub(super) const WAYS: [Way<AllocationGiven>; 2] =
    [("reference", by_reference), ("plain", blocks::allocated)];

const UNAMBIGUOUS: &str = "sequence.unambiguous";
const DISTINCT: &str = "sequence.distinct";
const BLOCK: &str = "sequence.block";
const CHOICE: &str = "sequence.choice";
const IN_USE: &str = "setup.answer.distinct";

pub(super) fn drafts() -> Vec<Draft<AllocationGiven>> {
    [random(), sequential(), from_a_list(), dynamic(), further()].into_iter().flatten().collect()
}

fn draft(
    name: String,
    comment: &str,
    covers: &[&str],
    first: First,
    in_use: &[u32],
    count: usize,
) -> Draft<AllocationGiven> {
    let in_use = in_use.iter().copied().map(sequence).collect();
    Draft::new(name, comment, covers, AllocationGiven { first, in_use, count })
}

fn sequence(number: u32) -> Sequence {
    Sequence(number.to_be_bytes())
}

fn random() -> Vec<Draft<AllocationGiven>> {
    [
        ("zeros", "the first of all", 0x0000_0000),
        ("ones", "the second octet would be 10xxxxxx like the others", 0xFFFF_FFFF),
        ("any", "the low four bits are cleared", 0x1234_5678),
        ("text", "what text can begin with is made something else", 0xF09F_9880),
        ("almost-text", "an octet that is not 10xxxxxx is enough", 0xF09F_1880),
        ("low-bits", "the last octet is 10xxxxxx with or without them", 0xF080_80BF),
        ("ascii", "letters", 0x4745_5420),
    ]
    .into_iter()
    .map(|(name, comment, drawn)| {
        let first = First::Random { drawn: sequence(drawn) };
        draft(format!("random/{name}"), comment, &[UNAMBIGUOUS, CHOICE, BLOCK], first, &[], 3)
    })
    .collect()
}

fn sequential() -> Vec<Draft<AllocationGiven>> {
    [
        ("first", "the first connection", 0),
        ("second", "the next block", 1),
        ("hundredth", "blocks are counted by 16", 99),
        ("before-text", "the last block before one that text can begin with", 0x0008_0807),
        ("text", "which is passed over", 0x0008_0808),
        ("last", "the last block", (1 << 23) - 1),
        ("again", "behind the last one comes the first", 1 << 23),
        ("far", "the number of a connection may be any", (1 << 40) + 5),
    ]
    .into_iter()
    .map(|(name, comment, number)| {
        let first = First::Sequential { number };
        draft(format!("sequential/{name}"), comment, &[UNAMBIGUOUS, CHOICE, BLOCK], first, &[], 2)
    })
    .collect()
}

fn from_a_list() -> Vec<Draft<AllocationGiven>> {
    let list = [0xF080_0010, 0xF7C0_1230, 0x4142_4344];
    ["first", "second", "third", "first-again"]
        .into_iter()
        .zip(0..)
        .map(|(name, number)| {
            let first = First::List { number, list: list.map(sequence).to_vec() };
            let comment = "in turn; a list may hold any four octets";
            draft(format!("list/{name}"), comment, &[CHOICE, BLOCK], first, &[], 2)
        })
        .collect()
}

fn dynamic() -> Vec<Draft<AllocationGiven>> {
    let values: [(&str, &[u8]); 5] = [
        ("key", b"dGhlIHNhbXBsZSBub25jZQ=="),
        ("other-key", b"AQIDBAUGBwgJCgsMDQ4PEC=="),
        ("address", b"192.0.2.1:49152 198.51.100.7:443"),
        ("nothing", b""),
        ("long", &[b'a'; 200]),
    ];
    values
        .into_iter()
        .map(|(name, values)| {
            let first = First::Dynamic { values: Octets(values.to_vec()) };
            let comment = "the same values, the same sequences";
            draft(format!("dynamic/{name}"), comment, &[UNAMBIGUOUS, CHOICE, BLOCK], first, &[], 4)
        })
        .collect()
}

fn further() -> Vec<Draft<AllocationGiven>> {
    let block = |number| First::Fixed { sequence: sequence(number) };
    let all: Vec<u32> = (0xF080_0020..0xF080_0030).collect();
    let [covers, in_use] = [&[DISTINCT, BLOCK][..], &[DISTINCT, BLOCK, IN_USE]];
    vec![
        draft(
            "further/four".into(),
            "one for each capability: 28 leading bits are shared at least",
            covers,
            block(0xF080_0020),
            &[],
            4,
        ),
        draft("further/sixteen".into(), "a whole block", covers, block(0xF080_0020), &[], 16),
        draft(
            "further/seventeen".into(),
            "and the first of the next one",
            covers,
            block(0xF080_0020),
            &[],
            17,
        ),
        draft(
            "further/within".into(),
            "the lowest free number of the block, also below the first",
            covers,
            block(0xF080_0028),
            &[],
            4,
        ),
        draft(
            "further/gap".into(),
            "what is in use is passed over",
            in_use,
            block(0xF080_0020),
            &[0xF080_0020, 0xF080_0022, 0xF080_0023],
            3,
        ),
        draft(
            "further/full".into(),
            "a block in which all is in use",
            in_use,
            block(0xF080_0020),
            &all,
            2,
        ),
        draft(
            "further/elsewhere".into(),
            "a sequence in use that is in no block of this server",
            in_use,
            block(0xF080_0020),
            &[0x0000_0000],
            2,
        ),
        draft(
            "further/text".into(),
            "the next block is none that text can begin with",
            covers,
            block(0xF080_8070),
            &(0xF080_8070..0xF080_8080).collect::<Vec<_>>(),
            1,
        ),
        draft(
            "further/last".into(),
            "behind the last block comes the first",
            covers,
            block(0xF7FF_FFF0),
            &[],
            17,
        ),
        draft(
            "further/any".into(),
            "in the block of any four octets",
            covers,
            block(0x4745_5420),
            &[],
            3,
        ),
        draft(
            "further/any-full".into(),
            "behind a block elsewhere comes the first of all",
            covers,
            block(0x4745_5420),
            &(0x4745_5420..0x4745_5430).collect::<Vec<_>>(),
            1,
        ),
    ]
}

/// Draws what it is told.
struct Drawn([u8; 4]);

impl Random for Drawn {
    fn fill(&mut self, octets: &mut [u8]) {
        octets.iter_mut().zip(self.0).for_each(|(octet, drawn)| *octet = drawn);
    }
}

fn by_reference(given: &AllocationGiven) -> Option<Allocated> {
    use reference::Allocation;

    let theirs = |Sequence(octets): &Sequence| reference::Sequence(*octets);
    let mut nothing = Drawn([0; 4]);
    let first = match &given.first {
        First::Fixed { sequence } => theirs(sequence),
        First::Random { drawn } => Allocation::Random.first(0, b"", &mut Drawn(drawn.0)),
        First::Sequential { number } => Allocation::Sequential.first(*number, b"", &mut nothing),
        First::List { number, list } => {
            Allocation::List(list.iter().map(theirs).collect()).first(*number, b"", &mut nothing)
        }
        First::Dynamic { values } => Allocation::Dynamic.first(0, &values.0, &mut nothing),
    };
    let mut allocator = Allocator::new(first);
    given.in_use.iter().for_each(|in_use| allocator.reserve(theirs(in_use)));
    let sequences: Vec<Sequence> = (0..given.count).map(|_| Sequence(allocator.next().0)).collect();
    let all = || given.in_use.iter().chain(&sequences).map(|one| u32::from_be_bytes(one.0));
    let differ = all().zip(all().skip(1)).fold(0, |bits, (one, next)| bits | (one ^ next));
    Some(Allocated { shared_bits: differ.leading_zeros(), sequences })
}
