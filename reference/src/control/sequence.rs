//! Control sequences and how a server chooses them (US 9,331,890, FIG. 4, 404; claims 6 to 9, 17).

use std::collections::BTreeSet;
use std::fmt;

use sha1::{Digest, Sha1};

use super::Format;
use crate::random::{Random, draw};

/// Four octets that mark the control messages of one capability in one connection.
///
/// A receiver takes any four; what a server assigns is chosen by [`Allocation`] so that it can't
/// begin a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(
    /// The octets in the order of the wire.
    pub [u8; 4],
);

impl Sequence {
    /// Reads the value of the parameter `control`: 8 hexadecimal digits in either case.
    pub fn from_hex(text: &str) -> Option<Self> {
        // `from_str_radix` alone would take a sign.
        let digits = text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = digits.then(|| u32::from_str_radix(text, 16).ok())??;
        Some(Self(number.to_be_bytes()))
    }

    /// Whether the low four bits are zero and no UTF-8 text begins so: 11110xxx, followed by at
    /// least one octet that is not 10xxxxxx (US 9,331,890, claim 17).
    pub fn begins_a_block(self) -> bool {
        self.0[3] & 0x0F == 0 && self.is_no_text()
    }

    pub(super) fn is_no_text(self) -> bool {
        let [first, rest @ ..] = self.0;
        first & 0xF8 == 0xF0 && rest.iter().any(|octet| octet & 0xC0 != 0x80)
    }

    fn number(self) -> u32 {
        u32::from_be_bytes(self.0)
    }
}

/// Upper-case hexadecimal, as in the parameter `control`.
impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X}", self.number())
    }
}

impl fmt::Debug for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sequence({self})")
    }
}

/// How a server chooses the first sequence of a connection (US 9,331,890, FIG. 4, 404).
#[derive(Debug, Clone, Default)]
pub enum Allocation {
    /// At random: no payload can be made to collide beforehand.
    #[default]
    Random,
    /// The block of 16 after that of the connection before.
    Sequential,
    /// From a list, in turn; an empty list means at random.
    List(Vec<Sequence>),
    /// A hash of the connection's own values.
    Dynamic,
}

impl Allocation {
    /// The first sequence of the connection that is the `number`th of its server, counted from 0,
    /// and has the values `own`, such as its handshake key. It cannot begin a text.
    ///
    /// ```
    /// use wsconform_reference::{SeededRandom, Allocation};
    ///
    /// let first = Allocation::Sequential.first(2, b"", &mut SeededRandom(0));
    /// assert_eq!(first.to_string(), "F0000020");
    /// ```
    pub fn first(&self, number: u64, own: &[u8], random: &mut (impl Random + ?Sized)) -> Sequence {
        match self {
            Self::Sequential => nth_block(number),
            Self::List(list) if !list.is_empty() => {
                let index = (number % list.len() as u64) as usize;
                list.get(index).copied().unwrap_or(FIRST_BLOCK)
            }
            Self::Random | Self::List(_) => near_block(draw(random)),
            Self::Dynamic => {
                let hash: [u8; 20] = Sha1::digest(own).into();
                near_block([hash[0], hash[1], hash[2], hash[3]])
            }
        }
    }

    /// The same for a connection with a subprotocol: the first such sequence, or block behind it,
    /// that cannot begin a message of this format either (claim 18); of a list, the first entry.
    /// Where there is none, it is as without the subprotocol.
    ///
    /// ```
    /// use wsconform_reference::{Allocation, Format, SeededRandom};
    ///
    /// let records = Format::First { least: 0xE0, most: 0xF3 };
    /// let first = Allocation::Sequential.first_beside(records, 2, b"", &mut SeededRandom(0));
    /// assert_eq!(first.to_string(), "F4000000");
    /// ```
    pub fn first_beside(
        &self,
        format: Format,
        number: u64,
        own: &[u8],
        random: &mut (impl Random + ?Sized),
    ) -> Sequence {
        let first = self.first(number, own, random);
        let fits = |sequence: &Sequence| format.excludes(*sequence);
        if fits(&first) {
            return first;
        }
        let found = match self {
            Self::List(list) if !list.is_empty() => {
                let skipped = (number % list.len() as u64) as usize;
                list.iter().cycle().skip(skipped).take(list.len()).copied().find(fits)
            }
            // Each first octet is tried, for no format looks at more of a block than that.
            _ => (1..8).map(|more| near_block([first.0[0].wrapping_add(more), 0, 0, 0])).find(fits),
        };
        found.unwrap_or(first)
    }
}

/// Gives out the sequences of one connection: the first, then the lowest free number of the same
/// block of 16, then of the next block. So up to 16 sequences share 28 leading bits.
///
/// ```
/// use wsconform_reference::{Allocator, Sequence};
///
/// let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0x00, 0x11]));
/// assert_eq!(allocator.next().to_string(), "F0800011");
/// assert_eq!(allocator.next().to_string(), "F0800010", "the lowest free number of the block");
/// assert_eq!(allocator.next().to_string(), "F0800012");
/// ```
#[derive(Debug, Clone)]
pub struct Allocator {
    first: Sequence,
    used: BTreeSet<Sequence>,
}

impl Allocator {
    /// An allocator that gives out `first` at first.
    pub fn new(first: Sequence) -> Self {
        Self { first, used: BTreeSet::new() }
    }

    /// Marks a sequence as in use.
    pub fn reserve(&mut self, sequence: Sequence) {
        self.used.insert(sequence);
    }

    /// The next sequence; never one that was given out or reserved before.
    #[expect(clippy::should_implement_trait, reason = "it never ends, and is no iterator to adapt")]
    pub fn next(&mut self) -> Sequence {
        let mut chosen = self.first;
        if self.used.contains(&chosen) {
            let mut block = Sequence((chosen.number() & !0xF).to_be_bytes());
            chosen = loop {
                let free = (0..16)
                    .map(|low| Sequence((block.number() | low).to_be_bytes()))
                    .find(|sequence| !self.used.contains(sequence));
                match free {
                    Some(sequence) => break sequence,
                    None => block = block_behind(block),
                }
            };
        }
        self.used.insert(chosen);
        chosen
    }
}

const FIRST_BLOCK: Sequence = Sequence([0xF0, 0, 0, 0]);

/// The block that `octets` fall into once they are made to fit.
fn near_block(octets: [u8; 4]) -> Sequence {
    let [first, second, third, fourth] = octets;
    let fitted = Sequence([0xF0 | first & 0x07, second, third, fourth & 0xF0]);
    if fitted.is_no_text() {
        return fitted;
    }
    Sequence([fitted.0[0], second & 0x7F, third, fourth & 0xF0])
}

/// The next number that begins a block; from a sequence outside of 11110xxx, the first one.
fn block_behind(block: Sequence) -> Sequence {
    let mut number = block.number();
    loop {
        number = number.wrapping_add(16);
        let next = Sequence(number.to_be_bytes());
        if next.begins_a_block() {
            return next;
        }
        if next.0[0] & 0xF8 != 0xF0 {
            return FIRST_BLOCK;
        }
    }
}

/// Numbers of blocks in 11110xxx, those that could begin a text included.
const BLOCKS: u64 = 1 << 23;

fn nth_block(number: u64) -> Sequence {
    let offset = (number % BLOCKS) as u32 * 16;
    let counted = Sequence((FIRST_BLOCK.number() + offset).to_be_bytes());
    // What could begin a text is passed over; so a few blocks come twice in eight million.
    if counted.begins_a_block() { counted } else { block_behind(counted) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SeededRandom;

    #[test]
    fn hexadecimal_is_exactly_eight_digits() {
        assert_eq!(Sequence::from_hex("f08000A1"), Some(Sequence([0xF0, 0x80, 0x00, 0xA1])));
        for wrong in ["", "F08001", "F0800001AA", "F080000G", "+0800001", "F0 80000", "é80000"] {
            assert_eq!(Sequence::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_is_taken_in_turn() {
        let list = Allocation::List(vec![Sequence(*b"ABCD"), Sequence(*b"EFGH")]);
        let taken = [0, 1, 2].map(|n| list.first(n, b"", &mut SeededRandom(0)).0);
        assert_eq!(taken, [*b"ABCD", *b"EFGH", *b"ABCD"]);
    }

    #[test]
    fn a_subprotocol_adds_its_rule() {
        let records = Format::First { least: 0xE0, most: 0xF3 };
        let list = Allocation::List(vec![Sequence(*b"ABCD"), Sequence([0xF7, 0, 0, 0])]);
        for allocation in [Allocation::Random, Allocation::Sequential, Allocation::Dynamic, list] {
            for number in 0..50 {
                let own = number.to_string();
                let mut random = SeededRandom(number);
                let first = allocation.first_beside(records, number, own.as_bytes(), &mut random);
                assert!((0xF4..=0xF7).contains(&first.0[0]), "{allocation:?} chose {first}");
                assert!(first.begins_a_block());
            }
        }
        let all = Format::First { least: 0, most: 0xFF };
        let first = Allocation::Sequential.first_beside(all, 0, b"", &mut SeededRandom(0));
        assert_eq!(first, FIRST_BLOCK, "there is none");
        let of_text = Allocation::List(vec![Sequence(*b"ABCD")]);
        let first = of_text.first_beside(Format::Coap, 0, b"", &mut SeededRandom(0));
        assert_eq!(first, Sequence(*b"ABCD"), "there is none");
    }

    #[test]
    fn a_full_block_is_followed_by_the_next() {
        let mut allocator = Allocator::new(Sequence([0xF0, 0, 0, 0]));
        let given: Vec<String> = (0..18).map(|_| allocator.next().to_string()).collect();
        assert_eq!(given[15..], ["F000000F", "F0000010", "F0000011"]);
    }

    #[test]
    fn no_block_that_could_begin_a_text_is_counted() {
        let last_of_no_text = Sequence([0xF0, 0x80, 0x80, 0x70]);
        assert_eq!(block_behind(last_of_no_text), Sequence([0xF0, 0x80, 0x80, 0xC0]));
        assert_eq!(block_behind(Sequence([0xF7, 0xFF, 0xFF, 0xF0])), FIRST_BLOCK);
    }

    proptest! {
        #[test]
        fn what_is_chosen_begins_a_block(number: u64, own: Vec<u8>, seed: u64) {
            for allocation in [Allocation::Random, Allocation::Sequential, Allocation::Dynamic] {
                let first = allocation.first(number, &own, &mut SeededRandom(seed));
                prop_assert!(first.begins_a_block(), "{allocation:?} chose {first}");
                prop_assert!(std::str::from_utf8(&first.0).is_err());
            }
        }

        #[test]
        fn what_is_given_out_is_distinct(first: [u8; 4], count in 1usize..40) {
            let mut allocator = Allocator::new(Sequence(first));
            let given: BTreeSet<Sequence> = (0..count).map(|_| allocator.next()).collect();
            prop_assert_eq!(given.len(), count);
        }
    }
}
