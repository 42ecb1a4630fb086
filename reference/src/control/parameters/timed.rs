//! The parameters of `idle-timeout` and of `heartbeat`.

use super::value::{SENDERS, Wrong, is_rarer, number, number_or_none, set, spelt, word};
use crate::control::SenderRule;
use crate::handshake::Parameter;

/// What one party says of `idle-timeout`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleParameters {
    /// Who may send control messages.
    pub sender: SenderRule,
    /// How long nobody uses the connection before it ends, in ms: 100 to 86400000.
    pub timeout: u64,
}

impl Default for IdleParameters {
    fn default() -> Self {
        Self { sender: SenderRule::Both, timeout: 60_000 }
    }
}

impl IdleParameters {
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        match name {
            "sender" => set(&mut self.sender, word(value, &SENDERS)),
            "timeout" => set(&mut self.timeout, number(value, 100, 86_400_000)),
            _ => Err(Wrong::Name),
        }
    }

    pub(super) fn write(&self) -> Vec<Parameter> {
        let sender = Parameter::new("sender", spelt(&self.sender, &SENDERS));
        vec![sender, Parameter::new("timeout", self.timeout)]
    }

    pub(super) fn widened_by(&self, answer: &Self) -> Option<&'static str> {
        let longer = (answer.timeout > self.timeout).then_some("timeout");
        if self.sender.covers(answer.sender) { longer } else { Some("sender") }
    }
}

/// What one party says of `heartbeat`. Both may always speak: a BEAT needs a reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeartbeatParameters {
    /// Who has received no frame for so long sends BEAT, in ms: 100 to 3600000, or 0 for never.
    pub interval: u64,
}

impl HeartbeatParameters {
    /// The longest interval, in ms.
    pub const LONGEST: u64 = 3_600_000;

    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        match name {
            "sender" => both_alone(value),
            "interval" => set(&mut self.interval, number_or_none(value, 100, Self::LONGEST)),
            _ => Err(Wrong::Name),
        }
    }

    pub(super) fn write(&self) -> Vec<Parameter> {
        vec![Parameter::new("interval", self.interval)]
    }

    pub(super) fn widened_by(&self, answer: &Self) -> Option<&'static str> {
        (!is_rarer(answer.interval, self.interval)).then_some("interval")
    }
}

/// `sender` of a capability that needs replies.
pub(super) fn both_alone(value: &str) -> Result<(), Wrong> {
    if value == "both" { Ok(()) } else { Err(Wrong::Value) }
}
