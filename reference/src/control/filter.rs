//! The opcode filter: does a binary message begin with an active sequence?
//! (US 9,331,890, FIG. 6, 604.)

use super::quick_test::QuickTest;
use super::{Capability, Sequence};

/// The active sequences of one direction, with a quick test that dismisses ordinary payloads by
/// one compare, however many sequences there are.
///
/// The quick test compares the bits that all sequences have in common. It dismisses only what
/// equals none of them, so it changes the cost of an answer, never the answer. Without sequences
/// it dismisses everything.
///
/// ```
/// use wsconform_reference::{Capability, Filter, Sequence};
///
/// let filter = Filter::new([(Capability::RateControl, Sequence(*b"\xF0\x80\x00\x01"))]);
/// assert!(filter.begins(b"\xF0\x80\x00\x01AB").is_some());
/// assert!(filter.begins(b"\xF0\x80\x00").is_none(), "shorter than a sequence: data");
/// ```
#[derive(Debug, Clone)]
pub struct Filter {
    active: Vec<(Capability, Sequence)>,
    quick: QuickTest,
}

impl Default for Filter {
    /// A filter without sequences: it finds nothing.
    fn default() -> Self {
        Self { active: Vec::new(), quick: QuickTest::NONE }
    }
}

impl Filter {
    /// A filter for these sequences; with none it finds nothing.
    pub fn new(active: impl IntoIterator<Item = (Capability, Sequence)>) -> Self {
        let mut filter = Self::default();
        active.into_iter().for_each(|(capability, sequence)| filter.insert(capability, sequence));
        filter
    }

    /// Makes one more sequence active. Those that are keep their indices.
    pub fn insert(&mut self, capability: Capability, sequence: Sequence) {
        self.active.push((capability, sequence));
        self.quick = self.quick.with(u32::from_be_bytes(sequence.0));
    }

    /// The sequence that these four octets are, as an index into the active ones.
    #[inline]
    pub fn find(&self, octets: [u8; 4]) -> Option<usize> {
        if self.quick.dismisses(u32::from_be_bytes(octets)) { None } else { self.search(octets) }
    }

    /// The plain test, for what was not dismissed.
    #[cold]
    fn search(&self, octets: [u8; 4]) -> Option<usize> {
        self.active.iter().position(|(_, sequence)| sequence.0 == octets)
    }

    /// The sequence that `payload` begins with.
    #[inline]
    pub fn begins(&self, payload: &[u8]) -> Option<Sequence> {
        let index = self.find(*payload.first_chunk()?)?;
        self.active.get(index).map(|(_, sequence)| *sequence)
    }

    /// The capability of an index that [`Filter::find`] gave.
    pub fn capability(&self, index: usize) -> Option<Capability> {
        self.active.get(index).map(|(capability, _)| *capability)
    }

    /// The sequence of a capability, if it is active.
    pub fn sequence(&self, capability: Capability) -> Option<Sequence> {
        self.active.iter().find(|(active, _)| *active == capability).map(|(_, sequence)| *sequence)
    }

    /// How many sequences are active.
    pub fn len(&self) -> usize {
        self.active.len()
    }

    /// Whether none is: then nothing is ever inspected.
    pub fn is_empty(&self) -> bool {
        self.active.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filter(sequences: &[[u8; 4]]) -> Filter {
        Filter::new(sequences.iter().map(|octets| (Capability::RateControl, Sequence(*octets))))
    }

    fn plain(sequences: &[[u8; 4]], payload: [u8; 4]) -> Option<usize> {
        sequences.iter().position(|sequence| *sequence == payload)
    }

    /// Sets for which a quick test was once wrong, or is easily: no leading bits in common, one
    /// sequence twice, all bits 0, all bits 1, none.
    #[test]
    fn sets_that_are_easily_wrong() {
        let (a, b, c) = ([1, 2, 3, 4], [1, 2, 3, 5], [0x0A, 0x0B, 0x0C, 0x0D]);
        let (zeros, ones) = ([0; 4], [0xFF; 4]);
        for sequences in [
            &[][..],
            &[a],
            &[a, b],
            &[a, b, c],
            &[c, a, b],
            &[a, a],
            &[a, c, a],
            &[zeros],
            &[ones],
            &[zeros, ones],
            &[zeros, zeros],
            &[ones, zeros, c],
        ] {
            let filter = filter(sequences);
            assert_eq!((filter.len(), filter.is_empty()), (sequences.len(), sequences.is_empty()));
            for payload in [a, b, c, zeros, ones, [1, 2, 3, 6], [0xFF, 2, 3, 4], [0x0A, 2, 3, 4]] {
                let found = filter.find(payload);
                assert_eq!(found, plain(sequences, payload), "{sequences:X?} {payload:X?}");
                let sequence = found.map(|_| Sequence(payload));
                assert_eq!(filter.begins(&[&payload[..], b"and more"].concat()), sequence);
                assert_eq!(filter.begins(&payload[..3]), None);
            }
        }
    }

    #[test]
    fn a_sequence_counts_from_when_it_is_inserted() {
        let (first, second) = (Sequence([0xF0, 0x80, 0, 0x10]), Sequence([0xF0, 0x80, 0, 0x11]));
        let mut filter = Filter::default();
        assert_eq!((filter.find(first.0), filter.find(second.0)), (None, None));
        filter.insert(Capability::RateControl, first);
        assert_eq!((filter.find(first.0), filter.find(second.0)), (Some(0), None));
        filter.insert(Capability::Heartbeat, second);
        assert_eq!((filter.find(first.0), filter.find(second.0)), (Some(0), Some(1)));
        assert_eq!(filter.capability(1), Some(Capability::Heartbeat));
        assert_eq!(filter.sequence(Capability::Heartbeat), Some(second));
    }

    fn octets() -> impl Strategy<Value = [u8; 4]> {
        prop_oneof![
            any::<[u8; 4]>(),
            (0xF080_0000u32..0xF080_0020).prop_map(u32::to_be_bytes),
            Just([0; 4]),
            Just([0xFF; 4]),
        ]
    }

    proptest! {
        #[test]
        fn the_quick_test_equals_the_plain_one(
            sequences in prop::collection::vec(octets(), 0..17),
            payload in octets(),
            bit in 0u32..32,
            index: prop::sample::Index,
        ) {
            let filter = filter(&sequences);
            prop_assert_eq!(filter.find(payload), plain(&sequences, payload));
            // What is near to a sequence is the hardest.
            if !sequences.is_empty() {
                let sequence = u32::from_be_bytes(*index.get::<[u8; 4]>(&sequences));
                let (same, near) = (sequence.to_be_bytes(), (sequence ^ (1u32 << bit)).to_be_bytes());
                prop_assert_eq!(filter.find(same), plain(&sequences, same));
                prop_assert_eq!(filter.find(near), plain(&sequences, near));
            }
        }
    }
}
