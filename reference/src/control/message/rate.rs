//! The messages of `rate-control`.

use super::{integer, no_body};
use crate::error::Violation;

/// A message of `rate-control`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateMessage {
    /// The rate to keep to; zero is a pause: 0x01.
    Rate(Rate),
    /// Send faster: 0x02.
    Increase,
    /// Send slower: 0x03.
    Decrease,
    /// Send as fast as you may: 0x04.
    Full,
    /// The rate that the sender of data will really use: 0x05.
    Effective(Rate),
    /// The sender's maximum from here on; never zero: 0x06.
    Limit(Rate),
    /// Octets that the application has processed since activation: 0x80.
    Ack(u64),
    /// Facts from which the other party may derive a rate: 0x81.
    Status(Vec<StatusEntry>),
}

/// Octets a second: 0 to 2^53-1, or unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u64);

impl Rate {
    /// A pause.
    pub const PAUSE: Self = Self(0);
    /// No limit at all, 2^64-1 on the wire.
    pub const UNLIMITED: Self = Self(u64::MAX);

    /// A rate of so many octets a second; 2^64-1 is unlimited, what lies between is no rate.
    pub fn new(octets_per_second: u64) -> Option<Self> {
        let counted = octets_per_second < 1 << 53;
        (counted || octets_per_second == u64::MAX).then_some(Self(octets_per_second))
    }

    /// Octets a second, or `None` for unlimited.
    pub fn octets_per_second(self) -> Option<u64> {
        (self != Self::UNLIMITED).then_some(self.0)
    }
}

/// An entry of STATUS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusEntry {
    /// What it tells; unknown ids are kept, for the application to skip.
    pub id: u8,
    /// Its value, at most 255 octets, in the form that its id has.
    pub value: Vec<u8>,
}

impl RateMessage {
    pub(super) fn parse(kind: u8, body: &[u8]) -> Result<Option<Self>, Violation> {
        let empty = |message| no_body(kind, body).map(|()| message);
        Ok(Some(match kind {
            0x01 => Self::Rate(rate(kind, body)?),
            0x02 => empty(Self::Increase)?,
            0x03 => empty(Self::Decrease)?,
            0x04 => empty(Self::Full)?,
            0x05 => Self::Effective(rate(kind, body)?),
            0x06 => match rate(kind, body)? {
                Rate::PAUSE => return Err(Violation::ZeroLimit),
                limit => Self::Limit(limit),
            },
            0x80 => Self::Ack(integer(kind, body)?),
            0x81 => Self::Status(status(body)?),
            _ => return Ok(None),
        }))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let number = |kind: u8, value: u64| [&[kind][..], &value.to_be_bytes()].concat();
        match self {
            Self::Rate(wanted) => number(0x01, wanted.0),
            Self::Increase => vec![0x02],
            Self::Decrease => vec![0x03],
            Self::Full => vec![0x04],
            Self::Effective(used) => number(0x05, used.0),
            Self::Limit(maximum) => number(0x06, maximum.0),
            Self::Ack(octets) => number(0x80, *octets),
            Self::Status(entries) => {
                let mut octets = vec![0x81];
                for StatusEntry { id, value } in entries {
                    octets.extend([*id, value.len() as u8]);
                    octets.extend(value);
                }
                octets
            }
        }
    }
}

fn rate(kind: u8, body: &[u8]) -> Result<Rate, Violation> {
    let number = integer(kind, body)?;
    Rate::new(number).ok_or(Violation::RateOutOfRange(number))
}

fn status(mut body: &[u8]) -> Result<Vec<StatusEntry>, Violation> {
    let mut entries: Vec<StatusEntry> = Vec::new();
    while let Some(([id, length], rest)) = body.split_first_chunk() {
        let (value, rest) =
            rest.split_at_checked(usize::from(*length)).ok_or(Violation::CutStatus)?;
        if entries.iter().any(|entry| entry.id == *id) {
            return Err(Violation::RepeatedStatus(*id));
        }
        if !has_length(*id, value.len()) {
            return Err(Violation::StatusLength(*id));
        }
        if !is_in_range(*id, value) {
            return Err(Violation::StatusOutOfRange(*id));
        }
        entries.push(StatusEntry { id: *id, value: value.to_vec() });
        body = rest;
    }
    if body.is_empty() { Ok(entries) } else { Err(Violation::CutStatus) }
}

/// Whether a value has the length that its id demands; unknown ids demand none.
fn has_length(id: u8, length: usize) -> bool {
    match id {
        0x01..=0x08 | 0x10 | 0x20..=0x22 => length == 1,
        0x09 => length.is_multiple_of(8),
        0x0A => length.is_multiple_of(5),
        0x11 | 0x12 | 0x23..=0x25 => length == 8,
        0x13 => length == 4,
        _ => true,
    }
}

/// Whether the percentages in a value are at most 100.
fn is_in_range(id: u8, value: &[u8]) -> bool {
    let percent = |octet: &u8| *octet <= 100;
    match id {
        0x02 | 0x06 | 0x20..=0x22 => value.iter().all(percent),
        0x0A => value.iter().skip(4).step_by(5).all(percent),
        _ => true,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_malformed_body_has_a_name_of_its_own() {
        let cases: &[(&[u8], Violation)] = &[
            (&[0x01, 0, 0, 0, 0, 0, 0, 3], Violation::CutControl(1)),
            (&[0x01, 0, 0, 0, 0, 0, 0, 3, 0xE8, 0], Violation::TrailingOctets(1)),
            (&[0x01, 0, 0x20, 0, 0, 0, 0, 0, 0], Violation::RateOutOfRange(1 << 53)),
            (&[0x05, 0xFF, 255, 255, 255, 255, 255, 255, 0xFE], Violation::RateOutOfRange(!1)),
            (&[0x02, 0], Violation::TrailingOctets(2)),
            (&[0x04, 0xFF], Violation::TrailingOctets(4)),
            (&[0x06, 0, 0, 0, 0, 0, 0, 0, 0], Violation::ZeroLimit),
            (&[0x80, 1], Violation::CutControl(0x80)),
            (&[0x81, 0x06], Violation::CutStatus),
            (&[0x81, 0xE0, 2, 0], Violation::CutStatus),
            (&[0x81, 0x06, 1], Violation::CutStatus),
            (&[0x81, 0x06, 1, 101], Violation::StatusOutOfRange(6)),
            (&[0x81, 0x06, 2, 50, 50], Violation::StatusLength(6)),
            (&[0x81, 0x09, 4, 0, 0, 0, 1], Violation::StatusLength(9)),
            (&[0x81, 0xE0, 0, 0xE0, 0], Violation::RepeatedStatus(0xE0)),
            (&[0x81, 0x0A, 5, 0, 0, 0, 1, 101], Violation::StatusOutOfRange(0x0A)),
        ];
        for (octets, violation) in cases {
            let parsed = RateMessage::parse(octets[0], &octets[1..]);
            assert_eq!(parsed, Err(violation.clone()), "{octets:02X?}");
        }
    }

    pub(in crate::control::message) fn message() -> impl Strategy<Value = RateMessage> {
        let rate = || prop_oneof![0u64..1 << 53, Just(u64::MAX)].prop_map(Rate);
        let entries = prop::collection::btree_map(0x30u8..=0xFF, any::<Vec<u8>>(), 0..4);
        let entry = |(id, value)| StatusEntry { id, value };
        prop_oneof![
            rate().prop_map(RateMessage::Rate),
            rate().prop_map(RateMessage::Effective),
            (1u64..1 << 53).prop_map(|limit| RateMessage::Limit(Rate(limit))),
            any::<u64>().prop_map(RateMessage::Ack),
            entries.prop_map(move |all| RateMessage::Status(all.into_iter().map(entry).collect())),
            Just(RateMessage::Increase),
            Just(RateMessage::Decrease),
            Just(RateMessage::Full),
        ]
    }
}
