//! What a `send` writes: octets that are held, and long payloads that are made as they go out.

use std::collections::VecDeque;

use crate::wire::{Cycle, apply_mask};

/// Octets that go out one after the other.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    parts: VecDeque<Part>,
    length: u64,
}

#[derive(Debug)]
enum Part {
    /// Octets, of which so many have been taken.
    Held(Vec<u8>, usize),
    /// A piece of a payload that is made when it is taken.
    Made {
        cycle: Cycle,
        /// The place in the message of the next octet.
        offset: u64,
        /// The place in the frame of the next octet.
        in_frame: u64,
        left: u64,
        key: Option<[u8; 4]>,
    },
}

impl Outgoing {
    /// Adds octets.
    pub(super) fn push(&mut self, octets: Vec<u8>) {
        self.length += octets.len() as u64;
        match self.parts.back_mut() {
            Some(Part::Held(held, _)) => held.extend(octets),
            _ => self.parts.push_back(Part::Held(octets, 0)),
        }
    }

    /// Adds the payload of a frame: `length` octets of `cycle` from `offset` on, masked with `key`.
    pub(super) fn push_cycle(
        &mut self,
        cycle: Cycle,
        offset: u64,
        length: u64,
        key: Option<[u8; 4]>,
    ) {
        self.length += length;
        self.parts.push_back(Part::Made { cycle, offset, in_frame: 0, left: length, key });
    }

    /// Adds all of `other`.
    pub(super) fn append(&mut self, mut other: Outgoing) {
        self.length += other.length;
        if let Some(Part::Held(octets, 0)) = other.parts.front_mut()
            && let Some(Part::Held(held, _)) = self.parts.back_mut()
        {
            held.append(octets);
            other.parts.pop_front();
        }
        self.parts.append(&mut other.parts);
    }

    /// How many octets are left.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Takes the next octets, at most so many.
    pub(super) fn take(&mut self, most: usize) -> Vec<u8> {
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(part) = self.parts.front_mut()
        {
            let room = most - taken.len();
            let is_over = match part {
                Part::Held(octets, begun) => {
                    let end = begun.saturating_add(room).min(octets.len());
                    taken.extend_from_slice(octets.get(*begun..end).unwrap_or_default());
                    *begun = end;
                    end == octets.len()
                }
                Part::Made { cycle, offset, in_frame, left, key } => {
                    let length = usize::try_from(*left).unwrap_or(usize::MAX).min(room);
                    let start = taken.len();
                    cycle.append(*offset, length, &mut taken);
                    if let (Some(key), Some(made)) = (*key, taken.get_mut(start..)) {
                        apply_mask(made, key, *in_frame);
                    }
                    *offset += length as u64;
                    *in_frame += length as u64;
                    *left -= length as u64;
                    *left == 0
                }
            };
            if is_over {
                self.parts.pop_front();
            }
        }
        self.length -= taken.len() as u64;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_same_however_it_is_taken(
            lengths in prop::collection::vec((any::<bool>(), 0u64..500, any::<Option<[u8; 4]>>()), 0..5),
            sizes in prop::collection::vec(1usize..200, 1..5),
        ) {
            let mut wanted = Vec::new();
            let mut outgoing = Outgoing::default();
            for (held, length, key) in lengths {
                let mut octets = Vec::new();
                Cycle::Octets.append(7, length as usize, &mut octets);
                if held {
                    wanted.extend_from_slice(&octets);
                    let mut other = Outgoing::default();
                    other.push(octets);
                    outgoing.append(other);
                } else {
                    outgoing.push_cycle(Cycle::Octets, 7, length, key);
                    apply_mask(&mut octets, key.unwrap_or_default(), 0);
                    wanted.extend(octets);
                }
            }
            prop_assert_eq!(outgoing.length(), wanted.len() as u64);
            let mut taken = Vec::new();
            for size in sizes.into_iter().cycle() {
                let part = outgoing.take(size);
                prop_assert!(part.len() <= size);
                if part.is_empty() {
                    break;
                }
                taken.extend(part);
            }
            prop_assert_eq!(taken, wanted);
            prop_assert_eq!(outgoing.length(), 0);
        }
    }
}
