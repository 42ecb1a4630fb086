//! Control messages: what follows the sequence.

use crate::error::Violation;

/// A control message of `rate-control`. The type octets stand in [`ControlMessage::encode`].
///
/// ```
/// use wsconform_reference::{ControlMessage, Rate};
///
/// let message = ControlMessage::Rate(Rate::new(1000).ok_or("out of range")?);
/// assert_eq!(message.encode(), [0x01, 0, 0, 0, 0, 0, 0, 0x03, 0xE8]);
/// assert_eq!(ControlMessage::parse(&message.encode()), Ok(Some(message)));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlMessage {
    /// The rate to keep to; zero is a pause.
    Rate(Rate),
    /// Send faster.
    Increase,
    /// Send slower.
    Decrease,
    /// Send as fast as you may.
    Full,
    /// The rate that the sender of data will really use.
    Effective(Rate),
    /// The sender's maximum from here on; never zero.
    Limit(Rate),
    /// Octets that the application has processed since activation.
    Ack(u64),
    /// Facts from which the other party may derive a rate.
    Status(Vec<StatusEntry>),
    /// The capability rests.
    Suspend,
    /// The capability works again, as at activation.
    Resume,
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

impl ControlMessage {
    /// Reads type and body, what follows the sequence. `None` is a type that may be ignored and
    /// is not known here.
    ///
    /// # Errors
    ///
    /// An unknown critical type (0x00 to 0x7F), or a body that the type does not have; octets left
    /// over are such a body.
    pub fn parse(octets: &[u8]) -> Result<Option<Self>, Violation> {
        let Some((&kind, body)) = octets.split_first() else {
            return Err(Violation::MalformedControl(0));
        };
        let empty = |message| body.is_empty().then_some(message);
        let parsed = match kind {
            0x01 => rate(body).map(Self::Rate),
            0x02 => empty(Self::Increase),
            0x03 => empty(Self::Decrease),
            0x04 => empty(Self::Full),
            0x05 => rate(body).map(Self::Effective),
            0x06 => rate(body).filter(|rate| *rate != Rate::PAUSE).map(Self::Limit),
            0x7E => empty(Self::Suspend),
            0x7F => empty(Self::Resume),
            0x80 => integer(body).map(Self::Ack),
            0x81 => status(body).map(Self::Status),
            0x00..=0x7F => return Err(Violation::UnknownCriticalType(kind)),
            0x82.. => return Ok(None),
        };
        parsed.map(Some).ok_or(Violation::MalformedControl(kind))
    }

    /// Type and body. What no receiver may accept is written all the same.
    pub fn encode(&self) -> Vec<u8> {
        let rate = |kind: u8, rate: &Rate| [&[kind][..], &rate.0.to_be_bytes()].concat();
        match self {
            Self::Rate(wanted) => rate(0x01, wanted),
            Self::Increase => vec![0x02],
            Self::Decrease => vec![0x03],
            Self::Full => vec![0x04],
            Self::Effective(used) => rate(0x05, used),
            Self::Limit(maximum) => rate(0x06, maximum),
            Self::Suspend => vec![0x7E],
            Self::Resume => vec![0x7F],
            Self::Ack(octets) => rate(0x80, &Rate(*octets)),
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

fn integer(body: &[u8]) -> Option<u64> {
    body.try_into().ok().map(u64::from_be_bytes)
}

fn rate(body: &[u8]) -> Option<Rate> {
    integer(body).and_then(Rate::new)
}

fn status(mut body: &[u8]) -> Option<Vec<StatusEntry>> {
    let mut entries: Vec<StatusEntry> = Vec::new();
    while let Some(([id, length], rest)) = body.split_first_chunk() {
        let (value, rest) = rest.split_at_checked(usize::from(*length))?;
        if entries.iter().any(|entry| entry.id == *id) || !fits(*id, value) {
            return None;
        }
        entries.push(StatusEntry { id: *id, value: value.to_vec() });
        body = rest;
    }
    body.is_empty().then_some(entries)
}

/// Whether a value has the form that its id demands; unknown ids demand none.
fn fits(id: u8, value: &[u8]) -> bool {
    let percent = |octet: &u8| *octet <= 100;
    match id {
        0x01 | 0x03 | 0x04 | 0x05 | 0x07 | 0x08 | 0x10 => value.len() == 1,
        0x02 | 0x06 | 0x20 | 0x21 | 0x22 => value.len() == 1 && value.iter().all(percent),
        0x09 => value.len().is_multiple_of(8),
        0x0A => value.len().is_multiple_of(5) && value.iter().skip(4).step_by(5).all(percent),
        0x11 | 0x12 | 0x23..=0x25 => value.len() == 8,
        0x13 => value.len() == 4,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(octets: &[u8]) -> Violation {
        ControlMessage::parse(octets).expect_err(&format!("{octets:02X?} is malformed"))
    }

    #[test]
    fn types_up_to_7f_are_critical() {
        for kind in [0x00, 0x07, 0x41, 0x70, 0x7D] {
            assert_eq!(refused(&[kind]), Violation::UnknownCriticalType(kind));
        }
        for kind in [0x82, 0xEF, 0xF0, 0xFF] {
            assert_eq!(ControlMessage::parse(&[kind, 1, 2]), Ok(None));
        }
    }

    #[test]
    fn bodies_are_exact() {
        for octets in [
            &[0x01, 0, 0, 0, 0, 0, 0, 3][..],
            &[0x01, 0, 0, 0, 0, 0, 0, 3, 0xE8, 0],
            &[0x01, 0, 0x20, 0, 0, 0, 0, 0, 0],
            &[0x02, 0],
            &[0x04, 0xFF],
            &[0x06, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x7E, 1],
            &[0x80, 1],
            &[0x81, 0x06],
            &[0x81, 0x06, 1],
            &[0x81, 0x06, 1, 101],
            &[0x81, 0x06, 2, 50, 50],
            &[0x81, 0xE0, 0, 0xE0, 0],
            &[0x81, 0x0A, 5, 0, 0, 0, 1, 101],
        ] {
            assert_eq!(refused(octets), Violation::MalformedControl(octets[0]));
        }
    }

    fn message() -> impl Strategy<Value = ControlMessage> {
        let rate = prop_oneof![0u64..1 << 53, Just(u64::MAX)].prop_map(Rate);
        let entries = prop::collection::btree_map(0x30u8..=0xFF, any::<Vec<u8>>(), 0..4);
        prop_oneof![
            rate.clone().prop_map(ControlMessage::Rate),
            rate.prop_map(ControlMessage::Effective),
            (1u64..1 << 53).prop_map(|limit| ControlMessage::Limit(Rate(limit))),
            any::<u64>().prop_map(ControlMessage::Ack),
            entries.prop_map(|entries| ControlMessage::Status(
                entries.into_iter().map(|(id, value)| StatusEntry { id, value }).collect()
            )),
            prop::sample::select(vec![
                ControlMessage::Increase,
                ControlMessage::Decrease,
                ControlMessage::Full,
                ControlMessage::Suspend,
                ControlMessage::Resume,
            ]),
        ]
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed(message in message()) {
            prop_assert_eq!(ControlMessage::parse(&message.encode()), Ok(Some(message)));
        }

        #[test]
        fn what_is_parsed_is_encoded_the_same(octets in prop::collection::vec(0u8..0x90, 1..12)) {
            if let Ok(Some(message)) = ControlMessage::parse(&octets) {
                prop_assert_eq!(message.encode(), octets);
            }
        }
    }
}
