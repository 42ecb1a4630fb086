//! The harness's source of randomness: seeded, and the same on every machine.

/// SplitMix64: small, fast, and specified by its arithmetic alone, so that a seed gives the same
/// octets in every version of the suite.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The generator of the case `id` in a run with `seed`: independent of which other cases run,
    /// and in which order.
    pub fn of_case(seed: u64, id: &str) -> Self {
        // FNV-1a: any mixing hash does, but it must never change.
        let hash = id.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, octet| {
            (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01B3)
        });
        Self { state: seed ^ hash }
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next `length` octets.
    pub fn octets(&mut self, length: usize) -> Vec<u8> {
        let mut octets = Vec::with_capacity(length + 7);
        while octets.len() < length {
            octets.extend_from_slice(&self.next().to_be_bytes());
        }
        octets.truncate(length);
        octets
    }

    /// The next four octets, for a masking key.
    pub fn four(&mut self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.next().to_be_bytes();
        [a, b, c, d]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_everywhere() {
        let mut random = Random::of_case(7, "escape.echoed");
        assert_eq!(random.octets(8), [0x28, 0x3E, 0x0D, 0x5C, 0x4D, 0x02, 0x17, 0x59]);
    }
}
