//! What the two parties agree on for a capability.

use super::{Capability, Parameters, Sequence};
use crate::handshake::{Extension, Parameter};

/// A capability that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The sequence that was assigned to it, for this connection alone.
    pub sequence: Sequence,
    /// What was agreed, as the answer states it. Its `max-rate` is that of who answered.
    pub parameters: Parameters,
    /// The `max-rate` of who offered, in octets/s; `None` is unlimited.
    pub offerer_max_rate: Option<u64>,
}

impl Agreement {
    /// A capability with this sequence and all parameters at their defaults: active in both
    /// directions.
    pub fn of(capability: Capability, sequence: Sequence) -> Self {
        Self { sequence, parameters: Parameters::of(capability), offerer_max_rate: None }
    }

    /// Which.
    pub fn capability(&self) -> Capability {
        self.parameters.capability()
    }

    /// The answer that states this agreement.
    pub fn to_extension(&self) -> Extension {
        let mut parameters = vec![Parameter::new("control", self.sequence)];
        parameters.extend(self.parameters.write());
        Extension { token: self.capability().token().to_owned(), parameters }
    }
}
