//! When data leaves at a rate (US 9,331,890, FIG. 8, 804).

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Content, TableTopic};

/// A strict sender, what is asked of it, and its messages. It announces each change of its rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PacingGiven {
    /// How deep the bucket is, in octets. It is full at first.
    pub burst: u64,
    /// The rate that is in force at 0.
    pub rate: Rate,
    /// From when on the sender means to keep to which rate, in the order of the instants.
    pub changes: Vec<Change>,
    /// The data messages in the order in which they leave.
    pub messages: Vec<Message>,
}

/// A rate, and from when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The instant, in nanoseconds.
    pub at: u64,
    /// The rate.
    pub rate: Rate,
}

/// A data message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// From when on it waits, in nanoseconds.
    pub at: u64,
    /// The octets of its payload.
    pub octets: u64,
}

/// What a sender that loses no time does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paced {
    /// When it sends EFFECTIVE, and with which rate.
    pub effective: Vec<Change>,
    /// For each message, the earliest instant at which its last octet may leave; null if the pause
    /// before it never ends.
    pub ends: Vec<Option<u64>>,
}

impl Content for PacingGiven {
    type Follows = Paced;
    const TOPIC: TableTopic = TableTopic::Pacing;
}

/// Octets a second: a number below 2^53, 0 being a pause, or `"unlimited"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rate {
    /// So many.
    Limited(u64),
    /// No limit.
    Unlimited(Unlimited),
}

/// The word for a rate without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Unlimited {
    /// `"unlimited"`
    #[serde(rename = "unlimited")]
    Unlimited,
}

impl Rate {
    /// Without limit.
    pub const UNLIMITED: Self = Self::Unlimited(Unlimited::Unlimited);

    /// Octets a second, if there is a limit.
    pub fn limit(self) -> Option<u64> {
        match self {
            Self::Limited(octets) => Some(octets),
            Self::Unlimited(_) => None,
        }
    }
}

impl From<Option<u64>> for Rate {
    fn from(limit: Option<u64>) -> Self {
        limit.map_or(Self::UNLIMITED, Self::Limited)
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "oneOf": [{"type": "integer", "minimum": 0}, {"const": "unlimited"}],
            "description": "Octets a second, 0 being a pause, or without limit."
        })
    }
}
