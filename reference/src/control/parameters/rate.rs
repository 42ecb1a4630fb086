//! The parameters of `rate-control`.

use super::value::{LARGEST, SENDERS, Wrong, is_rarer, number, number_or_none, set, spelt, word};
use crate::control::SenderRule;
use crate::handshake::Parameter;

/// `pace`: what a sender of data promises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Nothing.
    #[default]
    Advisory,
    /// Never to exceed its effective rate and the burst.
    Strict,
}

const PACES: [(&str, Pace); 2] = [("advisory", Pace::Advisory), ("strict", Pace::Strict)];

/// What one party says of `rate-control`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateParameters {
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

impl Default for RateParameters {
    fn default() -> Self {
        let (sender, pace) = (SenderRule::Both, Pace::Advisory);
        Self { sender, max_rate: None, pace, burst: 65536, step: 10, ack: 0 }
    }
}

impl RateParameters {
    /// Whether the senders of data are bound. A promise needs EFFECTIVE, and a sender of data that
    /// may not speak can't give it.
    pub fn is_strict(&self) -> bool {
        self.pace == Pace::Strict && self.sender == SenderRule::Both
    }

    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        match name {
            "sender" => set(&mut self.sender, word(value, &SENDERS)),
            "pace" => set(&mut self.pace, word(value, &PACES)),
            "max-rate" => set(&mut self.max_rate, number(value, 1, LARGEST).map(Some)),
            "burst" => set(&mut self.burst, number(value, 256, 1 << 24)),
            "step" => set(&mut self.step, number(value, 1, 90)),
            "ack" => set(&mut self.ack, number_or_none(value, 1024, LARGEST)),
            _ => Err(Wrong::Name),
        }
    }

    /// An unlimited rate has no number.
    pub(super) fn write(&self) -> Vec<Parameter> {
        let mut written = vec![Parameter::new("sender", spelt(&self.sender, &SENDERS))];
        written.extend(self.max_rate.map(|rate| Parameter::new("max-rate", rate)));
        written.extend([
            Parameter::new("pace", spelt(&self.pace, &PACES)),
            Parameter::new("burst", self.burst),
            Parameter::new("step", self.step),
            Parameter::new("ack", self.ack),
        ]);
        written
    }

    pub(super) fn widened_by(&self, answer: &Self) -> Option<&'static str> {
        [
            ("sender", self.sender.covers(answer.sender)),
            ("pace", answer.pace == Pace::Advisory || answer.pace == self.pace),
            ("burst", answer.burst <= self.burst),
            ("ack", is_rarer(answer.ack, self.ack)),
        ]
        .into_iter()
        .find(|(_, fits)| !fits)
        .map(|(name, _)| name)
    }
}
