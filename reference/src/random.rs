//! Where masking keys, nonces and control sequences come from.
//!
//! Nothing here draws randomness on its own: whoever makes a connection hands in a [`Random`]. With
//! a [`SeededRandom`] every octet that is sent can be foretold; a real endpoint takes
//! `net::SystemRandom`, since masking keys have to be unpredictable (RFC 6455, 5.3 and 10.3).

/// A source of random octets.
pub trait Random {
    /// Fills `octets` with random octets.
    fn fill(&mut self, octets: &mut [u8]);
}

impl<R: Random + ?Sized> Random for &mut R {
    fn fill(&mut self, octets: &mut [u8]) {
        (**self).fill(octets);
    }
}

/// Draws `N` random octets.
pub(crate) fn draw<const N: usize>(random: &mut (impl Random + ?Sized)) -> [u8; N] {
    let mut octets = [0; N];
    random.fill(&mut octets);
    octets
}

/// A reproducible source for tests and vectors (SplitMix64). Not for the open network.
///
/// ```
/// use wsconform_reference::{Random, SeededRandom};
///
/// let (mut first, mut second) = ([0; 5], [0; 5]);
/// SeededRandom(7).fill(&mut first);
/// SeededRandom(7).fill(&mut second);
/// assert_eq!(first, second);
/// ```
#[derive(Debug, Clone)]
pub struct SeededRandom(
    /// The seed, then the state.
    pub u64,
);

impl Random for SeededRandom {
    fn fill(&mut self, octets: &mut [u8]) {
        for chunk in octets.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut word = self.0;
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_its_published_values() {
        let mut random = SeededRandom(1_234_567);
        assert_eq!(u64::from_le_bytes(draw(&mut random)), 6_457_827_717_110_365_317);
        assert_eq!(u64::from_le_bytes(draw(&mut random)), 3_203_168_211_198_807_973);
    }
}
