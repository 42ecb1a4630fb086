//! Which four octets an accepted capability gets (US 9,331,890, FIG. 4, 404; claims 6 to 9 and 17).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::deviations::Deviations;
use crate::random::Random;

/// What an endpoint with a list chooses from.
const LIST: [[u8; 4]; 4] = [
    [0xF1, 0x00, 0x00, 0x00],
    [0xF2, 0x22, 0x22, 0x20],
    [0xF3, 0x7F, 0xFF, 0xF0],
    [0xF4, 0x41, 0xC0, 0x80],
];

/// The sequences of one connection, in the order in which they were assigned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sequences {
    used: Vec<[u8; 4]>,
    /// The key of the handshake, for those who derive a sequence from it.
    key: String,
}

impl Sequences {
    pub(crate) fn new(key: &str) -> Sequences {
        Sequences { used: Vec::new(), key: key.to_owned() }
    }

    pub(crate) fn add(&mut self, sequence: [u8; 4]) {
        self.used.push(sequence);
    }

    pub(crate) fn used(&self) -> &[[u8; 4]] {
        &self.used
    }

    /// Assigns one more: the first of a connection freely, every further one as the lowest free
    /// number of the block of 16 that the first one is in, or of the next block.
    pub(crate) fn assign(&mut self, deviations: &Deviations, random: &mut Random) -> [u8; 4] {
        let sequence = match self.used.first() {
            None => self.choose_first(deviations, random),
            Some(first) if deviations.several.shares_sequence => *first,
            Some(_) if deviations.several.scatters_sequences => choose(deviations, random),
            Some(first) => {
                let block = u32::from_be_bytes(*first) & !0xF;
                let numbers = (0..).map(|number| block.wrapping_add(number).to_be_bytes());
                let mut free = numbers.filter(|sequence| !self.used.contains(sequence));
                free.next().unwrap_or(*first) // there are 2^32 of them
            }
        };
        self.add(sequence);
        sequence
    }

    fn choose_first(&self, deviations: &Deviations, random: &mut Random) -> [u8; 4] {
        let several = &deviations.several;
        if several.sequences_from_list {
            return LIST.get(random.below(LIST.len())).copied().unwrap_or(LIST[0]);
        }
        if several.sequences_from_key {
            let octets = BASE64.decode(&self.key).unwrap_or_default();
            return impossible_in_text(octets.first_chunk().copied().unwrap_or_default());
        }
        if let Some(Ok(mut next)) = several.sequences_in_order.as_ref().map(|next| next.lock()) {
            *next = next.wrapping_add(1);
            return (0xF500_0000 | ((*next << 4) & 0x007F_FFF0)).to_be_bytes();
        }
        choose(deviations, random)
    }
}

/// At random, so that nobody hits it on purpose.
fn choose(deviations: &Deviations, random: &mut Random) -> [u8; 4] {
    let four = random.four();
    if deviations.assigns_text {
        let [first, second, third, _] = four;
        return [first, second, third, 0].map(|octet| b'`' | (octet & 0x0F));
    }
    let [first, second, third, fourth] = impossible_in_text(four);
    let low = if deviations.assigns_low_bits { (four[3] & 0x0F) | 0x01 } else { 0 };
    [first, second, third, fourth | low]
}

/// Octets that cannot begin UTF-8 text, the low four bits zero (US 9,331,890, claim 17).
fn impossible_in_text([first, second, third, fourth]: [u8; 4]) -> [u8; 4] {
    // The highest bit of the second octet is clear, so it is no continuation octet.
    [0xF0 | (first & 0x07), second & 0x7F, third, fourth & 0xF0]
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn assigned(deviations: &Deviations, seed: u64) -> Vec<u32> {
        let mut sequences = Sequences::new("dGhlIHNhbXBsZSBub25jZQ==");
        let mut random = Random::new(seed);
        (0..18).map(|_| u32::from_be_bytes(sequences.assign(deviations, &mut random))).collect()
    }

    #[test]
    fn whatever_the_strategy_the_first_one_cannot_begin_text() {
        let mut all: [Deviations; 4] = Default::default();
        all[1].several.sequences_from_list = true;
        all[2].several.sequences_from_key = true;
        all[3].several.sequences_in_order = Some(Arc::new(Mutex::new(0x7FFFE)));
        for deviations in &all {
            let mut firsts = std::collections::BTreeSet::new();
            for seed in 0..1000 {
                let first = assigned(deviations, seed)[0];
                assert!(std::str::from_utf8(&first.to_be_bytes()).is_err());
                assert_eq!((first >> 27, first & 0xF), (0b11110, 0), "{first:08X}");
                firsts.insert(first);
            }
            assert!(firsts.len() == 1 || firsts.len() >= 4);
        }
    }

    #[test]
    fn further_ones_fill_the_block_and_then_the_next() {
        let found = assigned(&Deviations::default(), 3);
        let expected: Vec<u32> = (0..18).map(|number| found[0] + number).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_sequence_in_use_is_left_out_and_numbers_wrap_around() {
        let mut sequences = Sequences::default();
        for used in [0xFFFF_FFF3_u32, 0xFFFF_FFF0, 0xFFFF_FFF2] {
            sequences.add(used.to_be_bytes());
        }
        let mut random = Random::new(0);
        let assigned: Vec<u32> = (0..14)
            .map(|_| u32::from_be_bytes(sequences.assign(&Deviations::default(), &mut random)))
            .collect();
        assert_eq!(assigned[..3], [0xFFFF_FFF1, 0xFFFF_FFF4, 0xFFFF_FFF5]);
        assert_eq!(assigned[12..], [0xFFFF_FFFF - 1 + 1, 0]);
    }
}
