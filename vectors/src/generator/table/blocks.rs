//! Allocation by hand: sets of numbers, and text found out by reading it as UTF-8.

use std::collections::BTreeSet;

use crate::octets::{Octets, Sequence};
use crate::table::{Allocated, AllocationGiven, First};

/// The sequences that are assigned.
pub(super) fn allocated(given: &AllocationGiven) -> Option<Allocated> {
    let number = |Sequence(octets): &Sequence| u32::from_be_bytes(*octets);
    let mut taken: BTreeSet<u32> = given.in_use.iter().map(number).collect();
    let first = match &given.first {
        First::Fixed { sequence } => number(sequence),
        First::Random { drawn } => fitted(number(drawn)),
        First::Sequential { number } => {
            let counted = 0xF000_0000 + u32::try_from(number % (1 << 23)).ok()? * 16;
            blocks_from(counted).next()?
        }
        First::List { number: turn, list } => {
            number(list.get(usize::try_from(*turn).ok()?.checked_rem(list.len())?)?)
        }
        First::Dynamic { values: Octets(values) } => {
            fitted(u32::from_be_bytes(*sha1(values).first_chunk()?))
        }
    };
    let mut assigned = Vec::new();
    for _ in 0..given.count {
        let of_first_block = (first & !15)..=(first | 15);
        let behind =
            blocks_from((first & !15).wrapping_add(16)).flat_map(|block| block..=block | 15);
        let mut candidates = std::iter::once(first).chain(of_first_block).chain(behind);
        let next = candidates.find(|candidate| !taken.contains(candidate))?;
        taken.insert(next);
        assigned.push(next);
    }
    let ends = (taken.first()?, taken.last()?);
    Some(Allocated {
        sequences: assigned.into_iter().map(|one| Sequence(one.to_be_bytes())).collect(),
        shared_bits: (ends.0 ^ ends.1).leading_zeros(),
    })
}

/// The blocks from a number on that a server assigns from; behind the last of them the first.
fn blocks_from(number: u32) -> impl Iterator<Item = u32> {
    let assignable = 0xF000_0000..=0xF7FF_FFFF_u32;
    let start = if assignable.contains(&number) { number } else { 0xF000_0000 };
    (start..=0xF7FF_FFFF)
        .step_by(16)
        .chain((0xF000_0000..=0xF7FF_FFFF).step_by(16))
        .filter(|block| !could_begin_text(*block))
}

/// Whether the octets may be the beginning of four that have the shape of one character. UTF-8 has
/// no code points beyond 10FFFF, so of the lead octets F5 to F7 the shape alone is asked.
fn could_begin_text(number: u32) -> bool {
    let [lead, rest @ ..] = number.to_be_bytes();
    let shaped = [0xF1, rest[0], rest[1], rest[2]];
    lead >= 0xF0 && std::str::from_utf8(&shaped).is_ok()
}

fn fitted(number: u32) -> u32 {
    let fitted = 0xF000_0000 | number & 0x07FF_FFF0;
    if could_begin_text(fitted) { fitted - 0x0080_0000 } else { fitted }
}

/// FIPS 180-4, 6.1, as it is written there.
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - message.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let bits = message.len() as u64 * 8;
    let end = padded.len() - 8;
    padded.truncate(end);
    padded.extend(bits.to_be_bytes());
    let mut hash: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    for block in padded.chunks_exact(64) {
        let word = |word: &[u8]| word.iter().fold(0, |word, octet| word << 8 | u32::from(*octet));
        let mut words: Vec<u32> = block.chunks_exact(4).map(word).collect();
        for t in 16..80 {
            words
                .push((words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = hash;
        for (t, word) in words.into_iter().enumerate() {
            let (mixed, constant) = match t {
                0..20 => (b & c | !b & d, 0x5A82_7999),
                20..40 => (b ^ c ^ d, 0x6ED9_EBA1),
                40..60 => (b & c | b & d | c & d, 0x8F1B_BCDC),
                _ => (b ^ c ^ d, 0xCA62_C1D6_u32),
            };
            let next = [a.rotate_left(5), mixed, e, constant, word];
            let next = next.into_iter().fold(0, u32::wrapping_add);
            (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
        }
        for (sum, one) in hash.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(one);
        }
    }
    let mut octets = [0; 20];
    octets
        .iter_mut()
        .zip(hash.into_iter().flat_map(u32::to_be_bytes))
        .for_each(|(to, one)| *to = one);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        let hex = |octets: [u8; 20]| octets.map(|octet| format!("{octet:02x}")).concat();
        assert_eq!(hex(sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(sha1(b"")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(sha1(two_blocks)), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    }

    #[test]
    fn no_block_begins_like_text() {
        assert!(could_begin_text(0xF080_8080) && !could_begin_text(0xF080_0080));
        assert_eq!(blocks_from(0xF080_8080).next(), Some(0xF080_80C0));
        assert_eq!(blocks_from(0xF7FF_FFF0).nth(1), Some(0xF000_0000));
        assert_eq!(fitted(0xFFFF_FFFF), 0xF7FF_FFF0);
    }
}
