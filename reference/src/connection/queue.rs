//! Data messages that wait to be sent.
//!
//! Only a paced sender ever has any: one that may send at once does. The front one may be in
//! progress: then nothing but native control frames may come before its end (RFC 6455, 5.4).

use std::collections::VecDeque;

use crate::frame::Opcode;

/// A data message, or what is left of one.
#[derive(Debug)]
pub(super) struct Outgoing {
    opcode: Opcode,
    payload: Vec<u8>,
    sent: usize,
    begun: bool,
    /// Sizes of the frames to come, as the application wants them; what is left over goes into a
    /// last one.
    sizes: VecDeque<usize>,
}

/// A frame of a data message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fragment<'a> {
    pub(super) fin: bool,
    pub(super) opcode: Opcode,
    pub(super) payload: &'a [u8],
}

impl Outgoing {
    pub(super) fn new(opcode: Opcode, payload: Vec<u8>, sizes: &[usize]) -> Self {
        let mut sizes: VecDeque<usize> = sizes.iter().copied().collect();
        // Whoever judges frames is to see the sequence too.
        if let (Opcode::Binary, Some(first)) = (opcode, sizes.front_mut()) {
            *first = 4.max(*first);
        }
        Self { opcode, payload, sent: 0, begun: false, sizes }
    }

    /// Octets that are still to be sent.
    pub(super) fn left(&self) -> usize {
        self.payload.len() - self.sent
    }

    /// The whole payload, if its beginning decides whether an escape is due: that of a binary
    /// message that has not begun.
    pub(super) fn to_inspect(&self) -> Option<&[u8]> {
        (self.opcode == Opcode::Binary && !self.begun).then_some(&self.payload)
    }

    /// The next frame of at most `most` octets; with `fin` these end the message. `None` once
    /// nothing is left to be done.
    pub(super) fn next(&mut self, most: usize, fin: bool) -> Option<Fragment<'_>> {
        if most == 0 && !fin {
            return None;
        }
        let left = self.left();
        let (size, last) = match self.sizes.front_mut() {
            Some(size) if (*size).min(left) <= most => {
                let size = (*size).min(left);
                self.sizes.pop_front();
                (size, false)
            }
            Some(size) => {
                *size -= most;
                (most, false)
            }
            None => (left.min(most), fin && left <= most),
        };
        let opcode = if self.begun { Opcode::Continuation } else { self.opcode };
        self.begun = true;
        let start = self.sent;
        self.sent += size;
        let payload = self.payload.get(start..self.sent).unwrap_or_default();
        Some(Fragment { fin: last, opcode, payload })
    }
}

/// Those that wait, first come, first served.
#[derive(Debug, Default)]
pub(super) struct Queue {
    messages: VecDeque<Outgoing>,
    octets: usize,
}

impl Queue {
    pub(super) fn push(&mut self, message: Outgoing) {
        self.octets += message.left();
        self.messages.push_back(message);
    }

    /// Octets that wait.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Whether the front message has begun and not ended.
    pub(super) fn is_in_progress(&self) -> bool {
        self.messages.front().is_some_and(|message| message.begun)
    }

    /// Octets left of the front message.
    pub(super) fn front_left(&self) -> Option<u64> {
        self.messages.front().map(|message| message.left() as u64)
    }

    /// Takes the front message, of which `octets` are to be sent now.
    pub(super) fn take(&mut self, octets: usize) -> Option<Outgoing> {
        let message = self.messages.pop_front()?;
        self.octets -= octets.min(message.left());
        Some(message)
    }

    /// Puts back what is left of it.
    pub(super) fn put_back(&mut self, message: Outgoing) {
        self.messages.push_front(message);
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The frames of a message that leaves in these portions, as lengths, and its octets.
    fn frames(length: usize, sizes: &[usize], portions: &[usize]) -> (Vec<usize>, Vec<u8>) {
        let payload: Vec<u8> = (0..length).map(|index| index as u8).collect();
        let mut message = Outgoing::new(Opcode::Text, payload.clone(), sizes);
        let (mut lengths, mut octets, mut fins) = (Vec::new(), Vec::new(), 0);
        for portion in portions.iter().copied().chain([usize::MAX]) {
            let portion = portion.min(message.left());
            let fin = portion == message.left();
            let mut rest = portion;
            while let Some(fragment) = message.next(rest, fin) {
                rest -= fragment.payload.len();
                let continues = fragment.opcode == Opcode::Continuation;
                assert_eq!(continues, !lengths.is_empty());
                lengths.push(fragment.payload.len());
                octets.extend_from_slice(fragment.payload);
                fins += usize::from(fragment.fin);
                if fragment.fin {
                    assert_eq!((rest, fins, &octets), (0, 1, &payload));
                    return (lengths, octets);
                }
            }
            assert_eq!(rest, 0);
        }
        panic!("no last frame: {lengths:?}")
    }

    #[test]
    fn an_application_may_choose_the_frames() {
        assert_eq!(frames(5, &[], &[]).0, [5]);
        assert_eq!(frames(0, &[], &[]).0, [0]);
        assert_eq!(frames(5, &[2, 0, 1], &[]).0, [2, 0, 1, 2]);
        assert_eq!(frames(5, &[9, 9], &[]).0, [5, 0, 0]);
        assert_eq!(frames(0, &[0], &[]).0, [0, 0]);
    }

    #[test]
    fn a_portion_cuts_them_further() {
        assert_eq!(frames(10, &[], &[3, 3]).0, [3, 3, 4]);
        assert_eq!(frames(10, &[4, 4], &[3]).0, [3, 1, 4, 2]);
    }

    proptest! {
        #[test]
        fn every_octet_leaves_once(
            length in 0usize..40,
            sizes in prop::collection::vec(0usize..9, 0..4),
            portions in prop::collection::vec(1usize..12, 0..6),
        ) {
            prop_assert_eq!(frames(length, &sizes, &portions).1.len(), length);
        }
    }
}
