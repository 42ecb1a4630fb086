//! The opcode filter: does a binary message begin with an active sequence?
//! (US 9,331,890, FIG. 6, 604.)

use super::{Capability, Sequence};

/// The active sequences of one direction, with a quick test that dismisses ordinary payloads by
/// one compare, however many sequences there are.
///
/// The quick test compares the bits that all sequences have in common. It dismisses only what
/// equals none of them, so it changes the cost of an answer, never the answer.
///
/// ```
/// use wsconform_reference::{Capability, Filter, Sequence};
///
/// let filter = Filter::new([(Capability::RateControl, Sequence(*b"\xF0\x80\x00\x01"))]);
/// assert!(filter.begins(b"\xF0\x80\x00\x01AB").is_some());
/// assert!(filter.begins(b"\xF0\x80\x00").is_none(), "shorter than a sequence: data");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Filter {
    active: Vec<(Capability, Sequence)>,
    /// The bits in which all sequences agree.
    common: u32,
    /// These bits of any of them.
    value: u32,
}

impl Filter {
    /// A filter for these sequences; with none it finds nothing.
    pub fn new(active: impl IntoIterator<Item = (Capability, Sequence)>) -> Self {
        let active: Vec<_> = active.into_iter().collect();
        let number = |(_, sequence): &(Capability, Sequence)| u32::from_be_bytes(sequence.0);
        let any = active.first().map_or(0, number);
        let common = active.iter().fold(u32::MAX, |common, one| common & !(number(one) ^ any));
        Self { active, common, value: any & common }
    }

    /// The sequence that these four octets are, as an index into the active ones.
    pub fn find(&self, octets: [u8; 4]) -> Option<usize> {
        if self.dismisses(octets) {
            return None;
        }
        self.active.iter().position(|(_, sequence)| sequence.0 == octets)
    }

    /// The sequence that `payload` begins with.
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

    /// The quick test: certainly none of the sequences.
    fn dismisses(&self, octets: [u8; 4]) -> bool {
        self.active.is_empty() || (u32::from_be_bytes(octets) ^ self.value) & self.common != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filter(sequences: &[[u8; 4]]) -> Filter {
        Filter::new(sequences.iter().map(|octets| (Capability::RateControl, Sequence(*octets))))
    }

    #[test]
    fn leading_bits_in_common_dismiss_all_else() {
        let filter = filter(&[[1, 2, 3, 4], [1, 2, 3, 5], [10, 11, 12, 13]]);
        assert!(filter.dismisses([0xFF, 2, 3, 4]));
        assert_eq!(filter.find([10, 11, 12, 13]), Some(2));
        assert_eq!(filter.find([1, 2, 3, 6]), None);
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
            sequences in prop::collection::vec(octets(), 0..5), payload in octets(),
        ) {
            let plain = sequences.iter().position(|sequence| *sequence == payload);
            prop_assert_eq!(filter(&sequences).find(payload), plain);
        }
    }
}
