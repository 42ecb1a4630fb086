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
    pub fn draw(&mut self) -> u64 {
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
            octets.extend_from_slice(&self.draw().to_be_bytes());
        }
        octets.truncate(length);
        octets
    }

    /// The next four octets, for a masking key.
    pub fn four(&mut self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.draw().to_be_bytes();
        [a, b, c, d]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_everywhere() {
        // The first numbers of SplitMix64 from 0, as published with the algorithm.
        let mut random = Random { state: 0 };
        assert_eq!(random.draw(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(random.draw(), 0x6E78_9E6A_A1B9_65F4);
        let mut random = Random::of_case(7, "escape.echoed");
        assert_eq!(random.octets(8), [0xA6, 0xBD, 0x13, 0x2F, 0x94, 0x28, 0x11, 0x34]);
    }
}
