//! Sets of octets.

use std::fmt;

/// A set of octets.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OctetSet([u64; 4]);

/// The octets that have each bit, from the lowest on.
const BITS: [OctetSet; 8] = [
    OctetSet([0xAAAA_AAAA_AAAA_AAAA; 4]),
    OctetSet([0xCCCC_CCCC_CCCC_CCCC; 4]),
    OctetSet([0xF0F0_F0F0_F0F0_F0F0; 4]),
    OctetSet([0xFF00_FF00_FF00_FF00; 4]),
    OctetSet([0xFFFF_0000_FFFF_0000; 4]),
    OctetSet([0xFFFF_FFFF_0000_0000; 4]),
    OctetSet([0, u64::MAX, 0, u64::MAX]),
    OctetSet([0, 0, u64::MAX, u64::MAX]),
];

impl OctetSet {
    /// No octet.
    pub const EMPTY: Self = Self([0; 4]);
    /// All 256.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// The octets from `first` to `last`, ends included.
    pub fn range(first: u8, last: u8) -> Self {
        let mut set = Self::EMPTY;
        for octet in first..=last {
            set.insert(octet);
        }
        set
    }

    /// This octet alone.
    pub fn single(octet: u8) -> Self {
        let mut set = Self::EMPTY;
        set.insert(octet);
        set
    }

    /// This letter in both cases; anything else alone (RFC 5234, 2.3: US-ASCII only).
    pub fn letter(octet: u8) -> Self {
        Self::single(octet.to_ascii_lowercase()).union(Self::single(octet.to_ascii_uppercase()))
    }

    /// The octets in which the `width` bits above the lowest `below` are a number from `first` to
    /// `last`.
    pub(crate) fn with_bits(below: u32, width: u32, first: u8, last: u8) -> Self {
        let (mut at_least, mut at_most) = (Self::ALL, Self::ALL);
        // From the lowest bit on, as numbers are compared by hand: a higher bit that differs decides.
        for bit in 0..width.min(8) {
            let Some(set) = BITS.get((below + bit) as usize).copied() else { break };
            at_least = match first >> bit & 1 {
                1 => at_least.intersection(set),
                _ => at_least.union(set),
            };
            at_most = match last >> bit & 1 {
                1 => at_most.union(set.complement()),
                _ => at_most.intersection(set.complement()),
            };
        }
        at_least.intersection(at_most)
    }

    /// Adds an octet.
    pub fn insert(&mut self, octet: u8) {
        self.0[usize::from(octet >> 6)] |= 1 << (octet & 63);
    }

    /// Takes an octet out.
    pub fn remove(&mut self, octet: u8) {
        self.0[usize::from(octet >> 6)] &= !(1 << (octet & 63));
    }

    /// The first octet in it from `octet` on; behind the last one comes the first again.
    pub fn next_from(&self, octet: u8) -> Option<u8> {
        let start = usize::from(octet >> 6);
        let kept = u64::MAX << (octet & 63);
        (0..=4)
            .map(|step| {
                let index = (start + step) % 4;
                let mask = match step {
                    0 => kept,
                    4 => !kept,
                    _ => u64::MAX,
                };
                (index, self.0[index] & mask)
            })
            .find(|(_, word)| *word != 0)
            .and_then(|(index, word)| {
                u8::try_from(index * 64 + word.trailing_zeros() as usize).ok()
            })
    }

    /// Whether the octet is in it.
    pub fn contains(&self, octet: u8) -> bool {
        self.0[usize::from(octet >> 6)] >> (octet & 63) & 1 == 1
    }

    /// What is in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|index| self.0[index] | other.0[index]))
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(std::array::from_fn(|index| self.0[index] & other.0[index]))
    }

    /// What is not in it.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(self.0.map(|word| !word))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    /// How many octets are in it.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The octets in order.
    pub fn iter(&self) -> impl Iterator<Item = u8> + use<> {
        let set = *self;
        (0..=255u8).filter(move |octet| set.contains(*octet))
    }

    /// The octet at `index` in order, if there are so many.
    pub fn nth(&self, index: usize) -> Option<u8> {
        let mut left = index;
        for (word_index, word) in self.0.iter().enumerate() {
            let count = word.count_ones() as usize;
            if left < count {
                let mut word = *word;
                for _ in 0..left {
                    word &= word - 1;
                }
                return u8::try_from(word_index * 64 + word.trailing_zeros() as usize).ok();
            }
            left -= count;
        }
        None
    }

    /// The runs of neighbouring octets, ends included, in order.
    pub fn runs(&self) -> Vec<(u8, u8)> {
        let mut runs: Vec<(u8, u8)> = Vec::new();
        for octet in self.iter() {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == octet => *last = octet,
                _ => runs.push((octet, octet)),
            }
        }
        runs
    }
}

impl fmt::Debug for OctetSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (first, last)) in self.runs().into_iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            if first == last {
                write!(f, "{separator}{first:02X}")?;
            } else {
                write!(f, "{separator}{first:02X}-{last:02X}")?;
            }
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_in() {
        let set = OctetSet::range(0x3E, 0x41).union(OctetSet::letter(b'k'));
        assert_eq!(format!("{set:?}"), "{3E-41 4B 6B}");
        assert_eq!(set.len(), 6);
        let octets: Vec<u8> = set.iter().collect();
        for (index, octet) in octets.iter().enumerate() {
            assert_eq!(set.nth(index), Some(*octet));
        }
        assert_eq!(set.nth(6), None);
        let from = [(0, 0x3E), (0x40, 0x40), (0x42, 0x4B), (0x4C, 0x6B), (0x6C, 0x3E), (255, 0x3E)];
        for (octet, next) in from {
            assert_eq!(set.next_from(octet), Some(next), "{octet:02X}");
        }
        let mut one = OctetSet::single(7);
        assert_eq!(one.next_from(8), Some(7));
        one.remove(7);
        assert_eq!(one.next_from(7), None);
        assert_eq!(OctetSet::range(0, 255), OctetSet::ALL);
        assert_eq!(OctetSet::ALL.complement(), OctetSet::EMPTY);
        assert_eq!(OctetSet::letter(0xE9), OctetSet::single(0xE9));
    }

    #[test]
    fn bits_of_octets_are_compared() {
        for (below, width) in [(0, 8), (0, 7), (7, 1), (4, 3), (0, 4), (2, 1)] {
            let greatest = u8::MAX >> (8 - width);
            for (first, last) in [(0, 0), (0, greatest), (greatest, greatest), (1, greatest / 2)] {
                let set = OctetSet::with_bits(below, width, first, last);
                for octet in 0..=u8::MAX {
                    let is_inside = (first..=last).contains(&(octet >> below & greatest));
                    assert_eq!(set.contains(octet), is_inside, "{octet:02X}: {below} {width}");
                }
            }
        }
    }
}
