//! Which rate a receiver of data asks for, and which one a sender goes at (US 9,331,890, FIG. 7 and 8).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Content, Rate, TableTopic};

/// Something to be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "decision", rename_all = "lowercase", deny_unknown_fields)]
pub enum PolicyGiven {
    /// A receiver of data looks at the rate: FIG. 7, 702 and 704.
    Desire {
        /// What it makes of what it observes.
        policy: Policy,
        /// What it knows of itself.
        observed: Facts,
        /// What it knows of devices like this one.
        similar: Vec<Facts>,
        /// The rate in force.
        rate: Rate,
        /// The maximum of the sender.
        maximum: Rate,
    },
    /// A sender of data takes requests: FIG. 8, 804.
    React {
        /// How it takes them.
        manner: Manner,
        /// The rates that it can go at, if not all.
        achievable: Option<Vec<u64>>,
        /// Its maximum at activation, which is in force at first.
        maximum: Rate,
        /// What happens, one after the other.
        steps: Vec<Step>,
    },
    /// A sender of data derives a rate from STATUS: FIG. 8, 802.
    Status {
        /// What it makes of what it is told.
        policy: Policy,
        /// What it was told.
        told: Facts,
        /// Octets a second that it sends.
        sending: u64,
    },
    /// A sender of data derives a rate from the times at which ACKs come: FIG. 8, 802.
    Acks {
        /// The agreed `ack`.
        every: u64,
        /// The ACKs, in the order of their instants.
        acks: Vec<Ack>,
    },
}

/// What is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Decided {
    /// Of `desire`: what to ask for.
    Asked {
        /// `rate`, `increase`, `decrease`, `full` or `nothing`.
        asks: String,
        /// With `rate`, which.
        rate: Option<Rate>,
        /// The input that decides.
        because: Option<String>,
    },
    /// Of `react`: after each step the rate in force.
    Reacted {
        /// The rates, and whether EFFECTIVE tells them.
        reactions: Vec<Reaction>,
    },
    /// Of `status`, and of each of `acks`: the rate that is suggested; unlimited is no suggestion.
    Suggested {
        /// The rates.
        suggested: Vec<Rate>,
    },
}

/// What an application makes of what is observed. The numbers are its own to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Octets a second that it wants when it lacks nothing.
    pub usual: u64,
    /// A backlog above so many octets is to be worked off.
    pub backlog_high: u64,
    /// A backlog of at most so many octets lets data come faster again.
    pub backlog_low: u64,
    /// In so many milliseconds a backlog is to be worked off.
    pub horizon_ms: u64,
    /// Percent of processor, memory or storage that are too much.
    pub high_use: u8,
    /// Percent of the usual rate while the power scheme saves.
    pub saving: u8,
    /// Percent on a battery at its reserve.
    pub low_battery: u8,
    /// Percent on a battery at a quarter of its reserve.
    pub empty_battery: u8,
    /// Power state of the processor, in percent, that data shall not push it above, on battery.
    pub high_power_state: u8,
    /// How many seconds a battery shall last.
    pub endurance_s: u64,
    /// Percent on a cellular link.
    pub cellular: u8,
    /// Percent on a satellite link.
    pub satellite: u8,
    /// Percent of a wearable or embedded device.
    pub small_device: u8,
    /// By how many percent INCREASE raises the rate.
    pub step: u64,
}

/// What is known of a device, its link and its load, as STATUS can tell it. What is absent is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// What kind of device: `server`, `desktop`, `laptop`, `tablet`, `phone`, `wearable`, `embedded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Power state of the processor, in percent of the highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor_power: Option<u8>,
    /// Power scheme: `saving`, `balanced`, `performance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Whether the power in use is that of the battery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_battery: Option<bool>,
    /// Whether there is power from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_power: Option<bool>,
    /// Percent left in the battery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_level: Option<u8>,
    /// Type of the battery: `lithium`, `nickel`, `lead`, `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_type: Option<String>,
    /// Whether the battery is being discharged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discharging: Option<bool>,
    /// Pairs of seconds ago and milliwatts, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub power_history: Vec<(u32, u32)>,
    /// Pairs of seconds ago and percent left, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub battery_history: Vec<(u32, u8)>,
    /// Type of the link: `wired`, `wifi`, `cellular`, `satellite`, `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Octets that may go over the link in the present period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
    /// Octets of them that went already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota_used: Option<u64>,
    /// Seconds until the period ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota_seconds: Option<u32>,
    /// Percent of the processor in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor: Option<u8>,
    /// Percent of memory in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u8>,
    /// Percent of storage in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<u8>,
    /// Octets received and not yet processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog: Option<u64>,
    /// Octets a second that the application can process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processing: Option<u64>,
    /// Octets a second that arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<u64>,
}

/// How a sender takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Manner {
    /// `pace=strict`: it follows, and changes its rate by so many percent, the agreed `step`.
    Strict(u64),
    /// `pace=advisory`: it follows, and changes its rate by so many octets a second.
    Octets(u64),
    /// `pace=advisory`: it ignores them.
    Ignores(
        /// Whether it may send EFFECTIVE.
        bool,
    ),
}

/// What happens to a sender of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Step {
    /// RATE comes.
    Rate(Rate),
    /// INCREASE comes.
    Increase,
    /// DECREASE comes, and so many octets a second were measured, as which an unlimited rate counts.
    Decrease(u64),
    /// FULL comes.
    Full,
    /// It states a new maximum by LIMIT.
    Limit(Rate),
    /// ACK or STATUS suggest this; unlimited is no suggestion.
    Suggest(Rate),
    /// The capability is resumed.
    Resume,
}

/// The rate in force after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    /// The rate.
    pub rate: Rate,
    /// Whether EFFECTIVE tells it.
    pub effective: bool,
}

/// An ACK that comes to a sender of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ack {
    /// When, in milliseconds since activation.
    pub at_ms: u64,
    /// What it tells: octets processed since activation.
    pub processed: u64,
    /// Octets sent since activation.
    pub sent: u64,
}

impl Content for PolicyGiven {
    type Follows = Decided;
    const TOPIC: TableTopic = TableTopic::Policies;
}
