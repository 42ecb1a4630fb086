//! What client and server agree on for a capability: its sequence and its parameters.

use std::fmt;

use super::Sequence;
use crate::handshake::{Extension, Parameter};
use crate::role::Role;

/// An extended function that has control messages of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// `rate-control`: each party may limit the data that the other sends.
    RateControl,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::RateControl];

    /// The extension token.
    pub fn token(self) -> &'static str {
        match self {
            Self::RateControl => "rate-control",
        }
    }

    /// The capability of an extension token; letter case counts.
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.token() == token)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}

/// `sender`: who may send the control messages of a capability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SenderRule {
    /// The client alone.
    Client,
    /// The server alone.
    Server,
    /// Either.
    #[default]
    Both,
}

impl SenderRule {
    const WORDS: [(&'static str, Self); 3] =
        [("client", Self::Client), ("server", Self::Server), ("both", Self::Both)];

    /// Whether this role may send.
    pub fn allows(self, role: Role) -> bool {
        match self {
            Self::Client => role == Role::Client,
            Self::Server => role == Role::Server,
            Self::Both => true,
        }
    }
}

/// `pace`: what a sender of data promises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Nothing.
    #[default]
    Advisory,
    /// Never to exceed its effective rate and the burst.
    Strict,
}

impl Pace {
    const WORDS: [(&'static str, Self); 2] =
        [("advisory", Self::Advisory), ("strict", Self::Strict)];
}

/// The parameters of `rate-control`, `control` apart. A parameter that is absent has its default,
/// in offer and answer alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Who may send control messages.
    pub sender: SenderRule,
    /// The maximum of the party that writes it, in octets/s: 1 to 2^53-1; `None` is unlimited.
    pub max_rate: Option<u64>,
    /// What senders of data promise.
    pub pace: Pace,
    /// How much a sender may save up, in octets: 256 to 16777216.
    pub burst: u64,
    /// What INCREASE and DECREASE change, in percent: 1 to 90.
    pub step: u64,
    /// An ACK is due each time as many octets were processed: 1024 to 2^53-1, or 0 for none.
    pub ack: u64,
}

impl Default for Parameters {
    fn default() -> Self {
        let (sender, pace) = (SenderRule::Both, Pace::Advisory);
        Self { sender, max_rate: None, pace, burst: 65536, step: 10, ack: 0 }
    }
}

const LARGEST: u64 = (1 << 53) - 1;

/// Why the parameters of an extension are none of its capability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ParameterFault {
    Unknown(String),
    Repeated(String),
    OutOfRange(String),
}

impl Parameters {
    /// Reads all parameters but `control`, whose value stands apart: `Some(None)` if it has none.
    pub(super) fn read(
        extension: &Extension,
    ) -> Result<(Self, Option<Option<&str>>), ParameterFault> {
        let mut parameters = Self::default();
        let mut control = None;
        for (index, Parameter { name, value }) in extension.parameters.iter().enumerate() {
            if extension.parameters.iter().take(index).any(|before| before.name == *name) {
                return Err(ParameterFault::Repeated(name.clone()));
            }
            if name == "control" {
                control = Some(value.as_deref());
                continue;
            }
            let value = value.as_deref().unwrap_or_default();
            let read = match name.as_str() {
                "sender" => set(&mut parameters.sender, word(value, &SenderRule::WORDS)),
                "pace" => set(&mut parameters.pace, word(value, &Pace::WORDS)),
                "max-rate" => set(&mut parameters.max_rate, number(value, 1, LARGEST).map(Some)),
                "burst" => set(&mut parameters.burst, number(value, 256, 1 << 24)),
                "step" => set(&mut parameters.step, number(value, 1, 90)),
                "ack" if value == "0" => set(&mut parameters.ack, Some(0)),
                "ack" => set(&mut parameters.ack, number(value, 1024, LARGEST)),
                _ => return Err(ParameterFault::Unknown(name.clone())),
            };
            read.ok_or_else(|| ParameterFault::OutOfRange(name.clone()))?;
        }
        Ok((parameters, control))
    }

    /// The parameters as an answer states them: all of them, so that nobody has to know a default
    /// to read it. An unlimited rate has no number.
    fn write(&self) -> Vec<Parameter> {
        let max_rate = self.max_rate.map(|rate| Parameter::new("max-rate", rate));
        let mut written = vec![Parameter::new("sender", spelt(&self.sender, &SenderRule::WORDS))];
        written.extend(max_rate);
        written.extend([
            Parameter::new("pace", spelt(&self.pace, &Pace::WORDS)),
            Parameter::new("burst", self.burst),
            Parameter::new("step", self.step),
            Parameter::new("ack", self.ack),
        ]);
        written
    }

    /// The parameters as an offer states them: what differs from the default.
    pub(super) fn write_offer(&self) -> Vec<Parameter> {
        let default = Self::default().write();
        self.write().into_iter().filter(|parameter| !default.contains(parameter)).collect()
    }

    /// The name of a parameter in which `answer` is wider than this offer.
    pub(super) fn widened_by(&self, answer: &Self) -> Option<&'static str> {
        let narrower = |rule| self.sender == SenderRule::Both || self.sender == rule;
        let acks = answer.ack == 0 || (self.ack != 0 && answer.ack >= self.ack);
        [
            ("sender", narrower(answer.sender)),
            ("pace", answer.pace == Pace::Advisory || answer.pace == self.pace),
            ("burst", answer.burst <= self.burst),
            ("ack", acks),
        ]
        .into_iter()
        .find(|(_, fits)| !fits)
        .map(|(name, _)| name)
    }
}

/// A capability that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Which.
    pub capability: Capability,
    /// The sequence that the server assigned to it, for this connection alone.
    pub sequence: Sequence,
    /// What was agreed.
    pub parameters: Parameters,
}

impl Agreement {
    /// `rate-control` with this sequence and all parameters at their defaults: active in both
    /// directions.
    pub fn rate_control(sequence: Sequence) -> Self {
        let capability = Capability::RateControl;
        Self { capability, sequence, parameters: Parameters::default() }
    }

    /// The answer that states this agreement.
    pub fn to_extension(&self) -> Extension {
        let mut parameters = vec![Parameter::new("control", self.sequence)];
        parameters.extend(self.parameters.write());
        Extension { token: self.capability.token().to_owned(), parameters }
    }
}

fn set<T>(place: &mut T, value: Option<T>) -> Option<()> {
    value.map(|value| *place = value)
}

fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

fn spelt<'a, T: PartialEq>(value: &T, words: &[(&'a str, T)]) -> &'a str {
    words.iter().find(|(_, one)| one == value).map_or("", |(word, _)| word)
}

/// A decimal number without leading zeros.
fn number(text: &str, least: u64, most: u64) -> Option<u64> {
    let plain = !text.starts_with('0') && text.bytes().all(|digit| digit.is_ascii_digit());
    let number = plain.then(|| text.parse().ok())??;
    (least..=most).contains(&number).then_some(number)
}
