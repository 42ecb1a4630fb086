//! What vectors are about.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the vectors of a file are about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// Base framing: RFC 6455, 5 to 8.
    Frames,
    /// The opening handshake: RFC 6455, 4. Each vector is a sentence of a rule.
    Handshake,
    /// Escapes, the opcode filter and control messages of `rate-control`: US 9,331,890, FIG. 6.
    Escape,
    /// Control messages of all capabilities, and several capabilities at once: US 9,331,890, FIG. 6,
    /// 608; claims 5, 10 and 11.
    Control,
}

impl Topic {
    /// All topics.
    pub const fn all() -> [Self; 4] {
        [Self::Frames, Self::Escape, Self::Control, Self::Handshake]
    }

    /// The name, with which the ids of its vectors begin.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Escape => "escape",
            Self::Control => "control",
            Self::Handshake => "handshake",
        }
    }

    /// The topic of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|topic| topic.name() == name)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
