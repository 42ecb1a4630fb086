//! What one party says of a capability, `control` apart: the parameters of an offer or of an
//! answer.
//!
//! A parameter that is absent has its default, in offer and answer alike; an answer never means
//! "as offered" by silence. Tokens, names and words are case-sensitive; numbers are decimal,
//! without leading zeros.

mod rate;
mod timed;
mod value;

pub use rate::{Pace, RateParameters};
pub use timed::{HeartbeatParameters, IdleParameters};

use self::timed::both_alone;
use self::value::Wrong;
use super::{Capability, SenderRule};
use crate::handshake::{Extension, Parameter};

/// The parameters of a capability, each in its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameters {
    /// Those of `rate-control`.
    RateControl(RateParameters),
    /// Those of `idle-timeout`.
    IdleTimeout(IdleParameters),
    /// Those of `heartbeat`.
    Heartbeat(HeartbeatParameters),
    /// `control-setup` has none.
    ControlSetup,
}

/// Why the parameters of an extension are none of its capability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ParameterFault {
    Unknown(String),
    Repeated(String),
    OutOfRange(String),
}

impl Parameters {
    /// All at their defaults.
    pub fn of(capability: Capability) -> Self {
        match capability {
            Capability::RateControl => Self::RateControl(RateParameters::default()),
            Capability::IdleTimeout => Self::IdleTimeout(IdleParameters::default()),
            Capability::Heartbeat => Self::Heartbeat(HeartbeatParameters::default()),
            Capability::ControlSetup => Self::ControlSetup,
        }
    }

    /// The offer of an endpoint that can all that the capability has to give: a strict pace,
    /// acknowledgements each 1024 octets, beats each 100 ms. Its peer may narrow it.
    ///
    /// ```
    /// use wsconform_reference::{Capability, Parameters};
    ///
    /// let offers = Capability::ALL.map(|capability| Parameters::widest(capability).to_offer());
    /// assert_eq!(
    ///     offers.map(|offer| offer.to_string()),
    ///     [
    ///         "rate-control; pace=strict; ack=1024",
    ///         "idle-timeout",
    ///         "heartbeat; interval=100",
    ///         "control-setup"
    ///     ]
    /// );
    /// ```
    pub fn widest(capability: Capability) -> Self {
        match Self::of(capability) {
            Self::RateControl(default) => {
                Self::RateControl(RateParameters { pace: Pace::Strict, ack: 1024, ..default })
            }
            Self::Heartbeat(_) => Self::Heartbeat(HeartbeatParameters { interval: 100 }),
            other => other,
        }
    }

    /// Whose they are.
    pub fn capability(&self) -> Capability {
        match self {
            Self::RateControl(_) => Capability::RateControl,
            Self::IdleTimeout(_) => Capability::IdleTimeout,
            Self::Heartbeat(_) => Capability::Heartbeat,
            Self::ControlSetup => Capability::ControlSetup,
        }
    }

    /// Who may send control messages.
    pub fn sender(&self) -> SenderRule {
        match self {
            Self::RateControl(RateParameters { sender, .. })
            | Self::IdleTimeout(IdleParameters { sender, .. }) => *sender,
            Self::Heartbeat(_) | Self::ControlSetup => SenderRule::Both,
        }
    }

    /// The offer that states them; defaults are left out.
    ///
    /// ```
    /// use wsconform_reference::{IdleParameters, Parameters};
    ///
    /// let idle = IdleParameters { timeout: 500, ..IdleParameters::default() };
    /// let offer = Parameters::IdleTimeout(idle).to_offer();
    /// assert_eq!(offer.to_string(), "idle-timeout; timeout=500");
    /// ```
    pub fn to_offer(&self) -> Extension {
        let default = Self::of(self.capability()).write();
        let parameters =
            self.write().into_iter().filter(|parameter| !default.contains(parameter)).collect();
        Extension { token: self.capability().token().to_owned(), parameters }
    }

    /// Reads all parameters but `control`, whose value stands apart: `Some(None)` if it has none.
    pub(super) fn read(
        capability: Capability,
        extension: &Extension,
    ) -> Result<(Self, Option<Option<&str>>), ParameterFault> {
        let mut parameters = Self::of(capability);
        let mut control = None;
        for (index, Parameter { name, value }) in extension.parameters.iter().enumerate() {
            if extension.parameters.iter().take(index).any(|before| before.name == *name) {
                return Err(ParameterFault::Repeated(name.clone()));
            }
            if name == "control" {
                control = Some(value.as_deref());
                continue;
            }
            parameters.set(name, value.as_deref().unwrap_or_default()).map_err(
                |wrong| match wrong {
                    Wrong::Name => ParameterFault::Unknown(name.clone()),
                    Wrong::Value => ParameterFault::OutOfRange(name.clone()),
                },
            )?;
        }
        Ok((parameters, control))
    }

    /// All of them, defaults too, so that nobody has to know a default to read an answer.
    pub(super) fn write(&self) -> Vec<Parameter> {
        match self {
            Self::RateControl(parameters) => parameters.write(),
            Self::IdleTimeout(parameters) => parameters.write(),
            Self::Heartbeat(parameters) => parameters.write(),
            Self::ControlSetup => Vec::new(),
        }
    }

    /// The name of a parameter in which `answer` is wider than this offer.
    pub(super) fn widened_by(&self, answer: &Self) -> Option<&'static str> {
        match (self, answer) {
            (Self::RateControl(offer), Self::RateControl(answer)) => offer.widened_by(answer),
            (Self::IdleTimeout(offer), Self::IdleTimeout(answer)) => offer.widened_by(answer),
            (Self::Heartbeat(offer), Self::Heartbeat(answer)) => offer.widened_by(answer),
            _ => None,
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        match self {
            Self::RateControl(parameters) => parameters.set(name, value),
            Self::IdleTimeout(parameters) => parameters.set(name, value),
            Self::Heartbeat(parameters) => parameters.set(name, value),
            Self::ControlSetup if name == "sender" => both_alone(value),
            Self::ControlSetup => Err(Wrong::Name),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::handshake::parse_extensions;

    pub(in crate::control) fn parameters() -> impl Strategy<Value = Parameters> {
        let senders =
            || prop::sample::select(vec![SenderRule::Client, SenderRule::Server, SenderRule::Both]);
        let rates = prop::option::of(1u64..1 << 53);
        let paces = prop::sample::select(vec![Pace::Advisory, Pace::Strict]);
        let acks = prop_oneof![Just(0), 1024u64..1 << 53];
        let rate = (senders(), rates, paces, 256u64..1 << 24, 1u64..91, acks).prop_map(
            |(sender, max_rate, pace, burst, step, ack)| {
                Parameters::RateControl(RateParameters { sender, max_rate, pace, burst, step, ack })
            },
        );
        let idle = (senders(), 100u64..86_400_001).prop_map(|(sender, timeout)| {
            Parameters::IdleTimeout(IdleParameters { sender, timeout })
        });
        let beats = prop_oneof![Just(0), 100u64..3_600_001]
            .prop_map(|interval| Parameters::Heartbeat(HeartbeatParameters { interval }));
        prop_oneof![4 => rate, 2 => idle, 2 => beats, 1 => Just(Parameters::ControlSetup)]
    }

    fn read(text: &str) -> Result<Parameters, ParameterFault> {
        let list = parse_extensions(text).unwrap();
        let capability = Capability::from_token(&list[0].token).unwrap();
        Parameters::read(capability, &list[0]).map(|(parameters, _)| parameters)
    }

    #[test]
    fn ranges_end_where_they_end() {
        for (capability, name, inside, outside) in [
            ("rate-control", "max-rate", "1 9007199254740991", "0 9007199254740992"),
            ("rate-control", "burst", "256 16777216", "255 16777217 0256 +256"),
            ("rate-control", "step", "1 90", "0 91 05"),
            ("rate-control", "ack", "0 1024 9007199254740991", "1 1023 9007199254740992 00"),
            ("rate-control", "pace", "advisory strict", "Strict slow"),
            ("rate-control", "sender", "client server both", "Client none"),
            ("idle-timeout", "timeout", "100 86400000", "99 86400001 0 0100"),
            ("idle-timeout", "sender", "client server both", "BOTH"),
            ("heartbeat", "interval", "0 100 3600000", "99 3600001 00"),
            ("heartbeat", "sender", "both", "client server"),
            ("control-setup", "sender", "both", "client server"),
        ] {
            let read = |value| read(&format!("{capability}; {name}={value}"));
            for value in inside.split(' ') {
                assert!(read(value).is_ok(), "{capability} {name}={value}");
            }
            for value in outside.split(' ') {
                let fault = ParameterFault::OutOfRange(name.to_owned());
                assert_eq!(read(value), Err(fault), "{capability} {name}={value}");
            }
        }
    }

    #[test]
    fn each_capability_has_parameters_of_its_own() {
        for (capability, names) in [
            (Capability::RateControl, vec!["timeout", "interval"]),
            (Capability::IdleTimeout, vec!["interval", "ack", "pace"]),
            (Capability::Heartbeat, vec!["timeout", "burst"]),
            (Capability::ControlSetup, vec!["timeout", "interval", "step"]),
        ] {
            for name in names {
                let fault = ParameterFault::Unknown(name.to_owned());
                assert_eq!(read(&format!("{capability}; {name}=100")), Err(fault));
            }
        }
    }

    #[test]
    fn an_answer_may_narrow_and_no_more() {
        for (offer, same, wider) in [
            ("idle-timeout; timeout=500", "idle-timeout; timeout=100", "idle-timeout"),
            (
                "idle-timeout; sender=client",
                "idle-timeout; sender=client",
                "idle-timeout; sender=server",
            ),
            ("heartbeat; interval=500", "heartbeat", "heartbeat; interval=499"),
            ("heartbeat", "heartbeat", "heartbeat; interval=3600000"),
            ("rate-control; ack=2048", "rate-control; ack=2049", "rate-control; ack=2047"),
        ] {
            let offer = read(offer).unwrap();
            assert_eq!(offer.widened_by(&offer), None);
            assert_eq!(offer.widened_by(&read(same).unwrap()), None, "{same}");
            assert!(offer.widened_by(&read(wider).unwrap()).is_some(), "{wider}");
        }
    }

    proptest! {
        #[test]
        fn an_offer_says_what_was_meant(parameters in parameters()) {
            let offer = parameters.to_offer();
            let read = Parameters::read(parameters.capability(), &offer);
            prop_assert_eq!(read, Ok((parameters, None)));
        }
    }
}
