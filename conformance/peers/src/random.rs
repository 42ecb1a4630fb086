//! A tiny seeded generator (SplitMix64), so that equal seeds give equal octets on every machine.

/// A deterministic source of numbers. Good enough for test peers; no source of secrets.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// A generator that repeats its whole sequence for the same `seed`.
    pub(crate) fn new(seed: u64) -> Random {
        Random { state: seed }
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Four octets, for instance a masking key.
    pub(crate) fn four(&mut self) -> [u8; 4] {
        ((self.next() >> 32) as u32).to_be_bytes()
    }

    /// Sixteen octets, for instance the nonce of a handshake.
    pub(crate) fn sixteen(&mut self) -> [u8; 16] {
        let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
        wide.to_be_bytes()
    }

    /// A number from 0 up to, but not including, `bound` (which counts as 1 when it is 0).
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % (bound.max(1) as u64)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_numbers_and_others_do_not() {
        let take = |seed| {
            let mut random = Random::new(seed);
            (random.four(), random.sixteen(), random.below(1000))
        };
        assert_eq!(take(7), take(7));
        assert_ne!(take(7), take(8));
    }

    #[test]
    fn known_sequence() {
        // The reference values of SplitMix64 for the seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
