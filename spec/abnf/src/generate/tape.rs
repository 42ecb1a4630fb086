//! What steers a generator.

use crate::program::Intervals;

/// A row of octets that decides every choice. Where it is at its end it goes on with zeros, and
/// zero is always the choice that leads to the shortest sentence: a shorter tape makes a smaller
/// sentence, and so do smaller octets.
///
/// ```
/// use wsconform_abnf::generate::Tape;
///
/// let mut tape = Tape::new(&[0xFF]);
/// assert_eq!(tape.below(10), 9);
/// assert_eq!(tape.below(10), 0);
/// assert!(tape.is_at_end());
///
/// // The same seed gives the same choices, on every machine.
/// assert_eq!(Tape::seeded(7).below(1000), Tape::seeded(7).below(1000));
/// ```
#[derive(Clone, Debug)]
pub struct Tape<'t>(Kind<'t>);

#[derive(Clone, Debug)]
enum Kind<'t> {
    Octets(&'t [u8]),
    /// Splitmix64: its state, and what is left of the last word.
    Seeded {
        state: u64,
        word: u64,
        left: u32,
    },
}

impl<'t> Tape<'t> {
    /// These octets, then zeros.
    pub fn new(octets: &'t [u8]) -> Self {
        Self(Kind::Octets(octets))
    }

    /// An endless tape of octets that look random.
    pub fn seeded(seed: u64) -> Self {
        Self(Kind::Seeded { state: seed, word: 0, left: 0 })
    }

    /// Whether only zeros are left.
    pub fn is_at_end(&self) -> bool {
        matches!(self.0, Kind::Octets([]))
    }

    /// How far it has come: the same as before if nothing was taken from it.
    pub(super) fn place(&self) -> (u64, u32) {
        match self.0 {
            Kind::Octets(octets) => (octets.len() as u64, 0),
            Kind::Seeded { state, left, .. } => (state, left),
        }
    }

    /// The next octet.
    pub fn octet(&mut self) -> u8 {
        match &mut self.0 {
            Kind::Octets(octets) => match octets.split_first() {
                Some((first, rest)) => {
                    *octets = rest;
                    *first
                }
                None => 0,
            },
            Kind::Seeded { state, word, left } => {
                if *left == 0 {
                    *word = splitmix(state);
                    *left = 8;
                }
                *left -= 1;
                let octet = *word as u8;
                *word >>= 8;
                octet
            }
        }
    }

    /// A number below `count`; 0 if that is 0. It grows with the octets that it is made from.
    pub fn below(&mut self, count: u64) -> u64 {
        if count <= 256 {
            return if count < 2 { 0 } else { (u64::from(self.octet()) * count) >> 8 };
        }
        let octets = 1 + count.ilog2() / 8;
        let mut number = 0u64;
        for _ in 0..octets {
            number = number << 8 | u64::from(self.octet());
        }
        ((u128::from(number) * u128::from(count)) >> (8 * octets)) as u64
    }

    /// A number below `count` that is rather small: as likely one of few bits as of many.
    pub fn small_below(&mut self, count: u64) -> u64 {
        if count < 2 {
            return 0;
        }
        let bits = self.below(u64::from((count - 1).ilog2()) + 2);
        let limit = if bits >= 64 { count } else { count.min(1 << bits) };
        self.below(limit)
    }

    /// One of the numbers: the least for zeros, ends more often than what lies between.
    pub(super) fn one_of(&mut self, numbers: &Intervals) -> Option<u64> {
        let index = self.below(numbers.len() as u64) as usize;
        let (first, last) = numbers.iter().nth(index)?;
        let span = last - first;
        if span == 0 {
            return Some(first);
        }
        Some(match self.octet() {
            0xF0..=0xFF => last,
            0x80..=0xEF => first + self.small_below(span.saturating_add(1)),
            0x01..=0x7F => first + self.below(span.saturating_add(1)),
            0x00 => first,
        })
    }

    /// Appends the next `count` octets.
    pub fn fill(&mut self, out: &mut Vec<u8>, count: usize) {
        match &mut self.0 {
            Kind::Octets(octets) => {
                let (taken, rest) = octets.split_at(count.min(octets.len()));
                out.extend_from_slice(taken);
                out.resize(out.len() + count - taken.len(), 0);
                *octets = rest;
            }
            Kind::Seeded { state, left, .. } => {
                *left = 0;
                let end = out.len() + count;
                out.reserve(count + 8);
                while out.len() < end {
                    out.extend_from_slice(&splitmix(state).to_le_bytes());
                }
                out.truncate(end);
            }
        }
    }
}

/// The next word of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, 2014).
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut word = *state;
    word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ word >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_below_and_reach_the_ends() {
        for count in [1, 2, 3, 255, 256, 257, 65_536, 65_537, u64::MAX] {
            assert_eq!(Tape::new(&[]).below(count), 0);
            assert_eq!(Tape::new(&[0xFF; 8]).below(count), count - 1, "{count}");
            assert_eq!(Tape::new(&[]).small_below(count), 0);
            assert_eq!(Tape::new(&[0xFF; 9]).small_below(count), count - 1, "{count}");
        }
        assert_eq!(Tape::new(&[1]).below(0), 0);
    }

    #[test]
    fn splitmix_is_the_published_one() {
        let mut state = 1_234_567;
        assert_eq!(splitmix(&mut state), 6_457_827_717_110_365_317);
        assert_eq!(splitmix(&mut state), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_short_tape_fills_with_zeros() {
        let mut out = vec![9];
        Tape::new(&[1, 2]).fill(&mut out, 4);
        assert_eq!(out, [9, 1, 2, 0, 0]);
        Tape::seeded(1).fill(&mut out, 11);
        assert_eq!(out.len(), 16);
    }

    #[test]
    fn zeros_choose_the_least() {
        let set = Intervals::range(7, 9).union(&Intervals::range(100, 1 << 40));
        assert_eq!(Tape::new(&[]).one_of(&set), Some(7));
        assert_eq!(Tape::new(&[0xFF; 12]).one_of(&set), Some(1 << 40));
        assert_eq!(Tape::new(&[]).one_of(&Intervals::none()), None);
        assert!(Tape::seeded(3).one_of(&Intervals::all()).is_some());
    }
}
