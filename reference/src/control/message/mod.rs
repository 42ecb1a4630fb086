//! Control messages: what follows the sequence.
//!
//! The first octet is the type, the rest its body. Types 0x00 to 0x7F are critical: one that is
//! unknown fails the connection. Types 0x80 to 0xFF may be ignored. A body is exactly what its
//! type says, and octets left over make it malformed.

mod heartbeat;
mod rate;
mod setup;

pub use heartbeat::{HeartbeatMessage, LONGEST_BEAT};
pub use rate::{Rate, RateMessage, StatusEntry};
pub use setup::{ExtensionList, SetupMessage};

use super::{Capability, Suspendable};
use crate::error::Violation;

/// A control message of any capability.
///
/// ```
/// use wsconform_reference::{Capability, ControlMessage, Rate, RateMessage};
///
/// let message = ControlMessage::Rate(RateMessage::Rate(Rate::new(1000).ok_or("no rate")?));
/// assert_eq!(message.encode(), [0x01, 0, 0, 0, 0, 0, 0, 0x03, 0xE8]);
/// let parsed = ControlMessage::parse(Capability::RateControl, &message.encode());
/// assert_eq!(parsed, Ok(Some(message)));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlMessage {
    /// Of `rate-control`.
    Rate(RateMessage),
    /// Of `heartbeat`.
    Heartbeat(HeartbeatMessage),
    /// Of `control-setup`.
    Setup(SetupMessage),
    /// The capability rests: 0x7E.
    Suspend(Suspendable),
    /// The capability works again, as at activation: 0x7F.
    Resume(Suspendable),
}

/// Types of SUSPEND and RESUME, which every capability but `control-setup` has.
pub(crate) const SUSPEND: u8 = 0x7E;
pub(crate) const RESUME: u8 = 0x7F;

impl ControlMessage {
    /// Whose message it is.
    pub fn capability(&self) -> Capability {
        match self {
            Self::Rate(_) => Capability::RateControl,
            Self::Heartbeat(_) => Capability::Heartbeat,
            Self::Setup(_) => Capability::ControlSetup,
            Self::Suspend(suspendable) | Self::Resume(suspendable) => (*suspendable).into(),
        }
    }

    /// Reads type and body of a message of this capability. `None` is a type that may be ignored
    /// and is not known here.
    ///
    /// # Errors
    ///
    /// An unknown critical type (0x00 to 0x7F), or a body that the type does not have.
    pub fn parse(capability: Capability, octets: &[u8]) -> Result<Option<Self>, Violation> {
        let Some((&kind, body)) = octets.split_first() else {
            return Err(Violation::CutControl(0));
        };
        if let (Some(suspendable), SUSPEND | RESUME) = (Suspendable::of(capability), kind) {
            no_body(kind, body)?;
            let suspends = kind == SUSPEND;
            let message = if suspends { Self::Suspend } else { Self::Resume };
            return Ok(Some(message(suspendable)));
        }
        let known = match capability {
            Capability::RateControl => RateMessage::parse(kind, body)?.map(Self::Rate),
            Capability::IdleTimeout => None,
            Capability::Heartbeat => HeartbeatMessage::parse(kind, body)?.map(Self::Heartbeat),
            Capability::ControlSetup => SetupMessage::parse(kind, body)?.map(Self::Setup),
        };
        match kind {
            0x00..=0x7F if known.is_none() => Err(Violation::UnknownCriticalType(kind)),
            _ => Ok(known),
        }
    }

    /// Type and body. What no receiver may accept is written all the same.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Rate(message) => message.encode(),
            Self::Heartbeat(message) => message.encode(),
            Self::Setup(message) => message.encode(),
            Self::Suspend(_) => vec![SUSPEND],
            Self::Resume(_) => vec![RESUME],
        }
    }
}

/// The body of a type that has none.
fn no_body(kind: u8, body: &[u8]) -> Result<(), Violation> {
    if body.is_empty() { Ok(()) } else { Err(Violation::TrailingOctets(kind)) }
}

/// The body of a type that is one integer of 64 bits.
fn integer(kind: u8, body: &[u8]) -> Result<u64, Violation> {
    match body.split_first_chunk() {
        Some((octets, [])) => Ok(u64::from_be_bytes(*octets)),
        Some(_) => Err(Violation::TrailingOctets(kind)),
        None => Err(Violation::CutControl(kind)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::handshake::{Extension, Parameter};

    #[test]
    fn types_up_to_7f_are_critical() {
        for (capability, kinds) in [
            (Capability::RateControl, vec![0x00, 0x07, 0x41, 0x70, 0x7D]),
            (Capability::IdleTimeout, vec![0x00, 0x01, 0x7D]),
            (Capability::Heartbeat, vec![0x00, 0x03, 0x7D]),
            (Capability::ControlSetup, vec![0x00, 0x04, 0x7E, 0x7F]),
        ] {
            for kind in kinds {
                let refused = ControlMessage::parse(capability, &[kind]);
                assert_eq!(refused, Err(Violation::UnknownCriticalType(kind)), "{capability}");
            }
            for kind in [0x82, 0xEF, 0xF0, 0xFF] {
                assert_eq!(ControlMessage::parse(capability, &[kind, 1, 2]), Ok(None));
            }
        }
    }

    #[test]
    fn a_type_belongs_to_its_capability() {
        let octets = [0x01, 0x01];
        let read = |capability| ControlMessage::parse(capability, &octets);
        assert_eq!(read(Capability::RateControl), Err(Violation::CutControl(1)));
        assert_eq!(read(Capability::IdleTimeout), Err(Violation::UnknownCriticalType(1)));
        let beat = ControlMessage::Heartbeat(HeartbeatMessage::Beat(vec![1]));
        assert_eq!(read(Capability::Heartbeat), Ok(Some(beat)));
        let offer = Violation::MalformedOffer("\u{1}".to_owned());
        assert_eq!(read(Capability::ControlSetup), Err(offer));
    }

    #[test]
    fn a_suspension_has_no_body() {
        for suspendable in Suspendable::ALL {
            let capability = suspendable.into();
            for message in
                [ControlMessage::Suspend(suspendable), ControlMessage::Resume(suspendable)]
            {
                let mut octets = message.encode();
                assert_eq!(message.capability(), capability);
                assert_eq!(ControlMessage::parse(capability, &octets), Ok(Some(message)));
                octets.push(0);
                let trailing = Violation::TrailingOctets(octets[0]);
                assert_eq!(ControlMessage::parse(capability, &octets), Err(trailing));
            }
        }
        let nothing = ControlMessage::parse(Capability::RateControl, &[]);
        assert_eq!(nothing, Err(Violation::CutControl(0)));
    }

    fn message() -> impl Strategy<Value = ControlMessage> {
        let beat = prop::collection::vec(any::<u8>(), 0..126);
        let list = prop::collection::vec(("[a-z-]{1,9}", prop::option::of("[A-Z0-9]{1,9}")), 1..4)
            .prop_map(|list| {
                let extension = |(token, value)| Extension {
                    token,
                    parameters: vec![Parameter { name: "a".to_owned(), value }],
                };
                ExtensionList::new(list.into_iter().map(extension).collect()).unwrap()
            });
        let setup = prop_oneof![
            list.clone().prop_map(SetupMessage::Offer),
            prop::option::of(list).prop_map(SetupMessage::Answer),
            Just(SetupMessage::Confirm),
        ];
        let suspendable = prop::sample::select(Suspendable::ALL.to_vec());
        prop_oneof![
            rate::tests::message().prop_map(ControlMessage::Rate),
            beat.clone().prop_map(|body| ControlMessage::Heartbeat(HeartbeatMessage::Beat(body))),
            beat.prop_map(|body| ControlMessage::Heartbeat(HeartbeatMessage::Echo(body))),
            setup.prop_map(ControlMessage::Setup),
            suspendable.clone().prop_map(ControlMessage::Suspend),
            suspendable.prop_map(ControlMessage::Resume),
        ]
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed(message in message()) {
            let parsed = ControlMessage::parse(message.capability(), &message.encode());
            prop_assert_eq!(parsed, Ok(Some(message)));
        }

        #[test]
        fn what_is_parsed_is_encoded_the_same(
            capability in prop::sample::select(Capability::ALL.to_vec()),
            octets in prop::collection::vec(0u8..0x90, 1..12),
        ) {
            if let Ok(Some(message)) = ControlMessage::parse(capability, &octets) {
                prop_assert_eq!(message.encode(), octets);
            }
        }
    }
}
