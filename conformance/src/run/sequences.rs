//! The control sequences of a connection, judged and assigned (chapter "Negotiation").

use super::agreement::{Rules, Sequence, Wrong};
use crate::wire::hex;

/// Numbers that share all but their last four bits.
const BLOCK: u32 = 16;

/// What is wrong with the sequences `new` that an endpoint assigns in a connection that uses
/// `used`, the first one first. The order of the new ones means nothing.
pub(super) fn judge_sequences(rules: &Rules, used: &[Sequence], new: &[Sequence]) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let twice = new
        .iter()
        .enumerate()
        .find(|(index, sequence)| used.contains(sequence) || new[..*index].contains(sequence));
    if let Some((_, sequence)) = twice {
        let observed = format!("{} again", hex::print(sequence));
        wrong.push(Wrong::new(rules.distinct, "a sequence that is not in use", observed));
    }
    match used.first() {
        Some(first) => wrong.extend(judge_further(*first, used, new)),
        None => wrong.extend(judge_all(new)),
    }
    wrong
}

/// Judges all sequences of a connection. Which was the first is not told: one that leaves the least
/// wrong, and of those the first one named.
fn judge_all(new: &[Sequence]) -> Vec<Wrong> {
    let readings = new.iter().map(|first| {
        let expected = "11110xxx, an octet that is not 10xxxxxx, and four low bits of zero";
        let ambiguous = (!is_unambiguous(*first))
            .then(|| Wrong::new("sequence.unambiguous", expected, hex::print(first)));
        ambiguous.into_iter().chain(judge_further(*first, &[*first], new)).collect::<Vec<_>>()
    });
    readings.min_by_key(Vec::len).unwrap_or_default()
}

/// Judges the sequences that are not among those `taken`, where this is the first of the connection.
fn judge_further(first: Sequence, taken: &[Sequence], new: &[Sequence]) -> Option<Wrong> {
    let further: Vec<&Sequence> = new.iter().filter(|one| !taken.contains(one)).collect();
    let free: Vec<Sequence> = free(first, taken).take(further.len()).collect();
    let stray = further.into_iter().find(|one| !free.contains(one))?;
    let numbers: Vec<String> = free.iter().map(|one| hex::print(one)).collect();
    let expected = format!("the lowest free numbers of the block: {}", numbers.join(" and "));
    Some(Wrong::new("sequence.block", &expected, hex::print(stray)))
}

/// The sequences that are free, beside those `taken`: of the block of the `first`, then of the next.
pub(super) fn free(first: Sequence, taken: &[Sequence]) -> impl Iterator<Item = Sequence> {
    let block = u32::from_be_bytes(first) / BLOCK * BLOCK;
    let numbers = (0..2 * BLOCK).map(move |number| block.wrapping_add(number).to_be_bytes());
    numbers.filter(|number| !taken.contains(number))
}

/// RFC 3629, 3: what begins with 11110xxx goes on with three octets 10xxxxxx, or is no UTF-8.
fn is_unambiguous(sequence: Sequence) -> bool {
    let continues = |octet: u8| octet & 0xC0 == 0x80;
    sequence[0] & 0xF8 == 0xF0
        && !sequence[1..].iter().all(|octet| continues(*octet))
        && sequence[3] & 0x0F == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::agreement::OPENING;

    fn blamed(used: &[u32], new: &[u32]) -> Vec<&'static str> {
        let sequences =
            |numbers: &[u32]| numbers.iter().map(|number| number.to_be_bytes()).collect::<Vec<_>>();
        let wrong = judge_sequences(&OPENING, &sequences(used), &sequences(new));
        wrong.into_iter().map(|wrong| wrong.requirement).collect()
    }

    #[test]
    fn judges_sequences() {
        let none: [&str; 0] = [];
        for (used, new, wanted) in [
            (&[][..], &[][..], &none[..]),
            (&[], &[0xF080_0010], &none),
            (&[], &[0xF080_8080], &["sequence.unambiguous"]),
            (&[], &[0xF080_0011], &["sequence.unambiguous"]),
            (&[], &[0xF080_0010, 0xF080_0011, 0xF080_0012], &none),
            (&[], &[0xF080_0012, 0xF080_0010, 0xF080_0011], &none),
            (&[], &[0xF080_0010, 0xF080_0012], &["sequence.block"]),
            (&[], &[0xF080_001F, 0xF080_0010], &["sequence.unambiguous"]),
            (&[], &[0xF080_0010, 0xF080_0010], &["sequence.distinct"]),
            (&[0x4142_4344], &[0x4142_4340], &none),
            (&[0x4142_4344], &[0x4142_4345], &["sequence.block"]),
            (&[0xF080_0010, 0xF080_0011], &[0xF080_0011], &["sequence.distinct"]),
            (&[0xFFFF_FFFF], &[0xFFFF_FFF0], &none),
        ] {
            assert_eq!(blamed(used, new), wanted, "{used:X?} {new:X?}");
        }
        let full: Vec<u32> = (0xF080_0010..0xF080_0020).collect();
        assert_eq!(blamed(&full, &[0xF080_0020]), none);
    }
}
