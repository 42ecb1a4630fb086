//! What the messages of a subprotocol begin with, so that no sequence is among it (US 9,331,890,
//! claims 17 and 18).

use super::Sequence;

/// What binary messages can look like, as far as their first four octets tell.
///
/// A sequence that cannot begin a message of the subprotocol never has to be escaped. UTF-8 text
/// is always avoided, since text is what is most often sent as binary; a subprotocol with a binary
/// format of its own adds its rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Nothing is known of it but that it may be UTF-8.
    #[default]
    Text,
    /// CoAP over WebSocket, the subprotocol `coap` (RFC 8323, 4.2): the first four bits of a
    /// message are zero.
    Coap,
    /// Any: messages that begin with an octet of this range.
    First {
        /// The lowest first octet.
        least: u8,
        /// The highest first octet.
        most: u8,
    },
}

impl Format {
    /// The format of a subprotocol, as far as it is known.
    pub fn of(subprotocol: &str) -> Self {
        if subprotocol == "coap" { Self::Coap } else { Self::Text }
    }

    /// Whether no message begins with this sequence.
    ///
    /// ```
    /// use wsconform_reference::{Format, Sequence};
    ///
    /// let sequence = |octets| Sequence(octets);
    /// assert!(Format::Text.excludes(sequence([0xF0, 0x80, 0, 0])));
    /// assert!(!Format::Text.excludes(sequence(*b"GET ")));
    /// assert!(!Format::First { least: 0xE0, most: 0xF3 }.excludes(sequence([0xF0, 0x80, 0, 0])));
    /// ```
    pub fn excludes(self, sequence: Sequence) -> bool {
        let [first, ..] = sequence.0;
        sequence.is_no_text()
            && match self {
                Self::Text => true,
                Self::Coap => first & 0xF0 != 0,
                Self::First { least, most } => !(least..=most).contains(&first),
            }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Allocation, SeededRandom};

    /// A message of each format: an octet in the range that begins it, and any more.
    fn message(format: Format, first: u8, rest: &[u8]) -> Vec<u8> {
        let first = match format {
            Format::Text => b' ' + first % 64,
            Format::Coap => first & 0x0F,
            Format::First { least, most } => least + first % (most - least + 1),
        };
        [&[first], rest].concat()
    }

    proptest! {
        #[test]
        fn no_message_begins_with_what_is_assigned_beside_its_format(
            first: u8, rest: [u8; 3], seed: u64, text in "\\PC{1,4}",
        ) {
            let records = Format::First { least: 0xE0, most: 0xF3 };
            for format in [Format::Text, Format::Coap, records] {
                let random = &mut SeededRandom(seed);
                let assigned = Allocation::Random.first_beside(format, 0, b"", random);
                prop_assert!(format.excludes(assigned));
                prop_assert_ne!(message(format, first, &rest), assigned.0);
                prop_assert!(!text.as_bytes().starts_with(&assigned.0));
            }
        }
    }

    #[test]
    fn a_subprotocol_is_known_by_its_name() {
        let zero = Sequence([0x0F, 0x80, 0, 0]);
        assert!(!Format::of("coap").excludes(zero) && !Format::of("chat").excludes(zero));
        assert!(Format::of("coap").excludes(Sequence([0xF0, 0, 0, 0])));
    }
}
