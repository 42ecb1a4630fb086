//! Which rate a receiver wants (US 9,331,890, FIG. 7, 702 and 704).
//!
//! Each input of FIG. 7 is a function of what was observed, which says at most how fast data may
//! come, or only that it comes too fast. [`desire`] takes the least of them:
//!
//! | input of 702 and 704 | function | what it allows |
//! |---|---|---|
//! | received faster than processed | [`arrival`] | the processing rate |
//! | received, not yet processed | [`backlog`] | less than that, to catch up |
//! | use of the processor | [`processor`] | what brings it down to its level |
//! | use of memory and storage | [`memory`], [`storage`] | the less, the fuller; nothing when full |
//! | processor power state | [`processor_power`] | what keeps a low state, on battery |
//! | power scheme | [`scheme`] | a share of the usual rate |
//! | battery level, type, charging; power in use and available | [`battery`] | a share |
//! | battery history, own or of similar devices | [`battery_history`] | what lets it last |
//! | power history, own and of similar devices | [`power_history`] | what draws no more than usual |
//! | type of device | [`device`] | a share |
//! | type of link | [`link`] | a share |
//! | bandwidth allocated and consumed | [`quota`] | what is left, spread over the time left |
//!
//! A sender that derives a rate from STATUS (FIG. 8, 802) judges by the same functions.
//!
//! Shares are parts of the [usual rate](Policy::usual), never of the rate in force: so a limit is
//! the same however often it is judged, and does not creep downwards.

mod link;
mod load;
mod power;

pub use self::link::{device, link, quota};
pub use self::load::{arrival, backlog, catch_up, memory, processor, storage};
pub use self::power::{battery, battery_history, power_history, processor_power, scheme};

use std::time::Duration;

use super::{Facts, Percent, Request};
use crate::control::Rate;

/// What a receiver knows when it looks at the rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Of itself.
    pub facts: Facts,
    /// Of devices like this one, whose histories stand in for its own.
    pub similar: Vec<Facts>,
    /// The rate in force, as the sender's last EFFECTIVE told, or else what was asked for.
    pub rate: Rate,
    /// The sender's maximum: its `max-rate`, or its last LIMIT.
    pub maximum: Rate,
}

impl Observation {
    /// Of these facts alone, with a sender that nothing holds back yet.
    pub fn of(facts: Facts) -> Self {
        Self { facts, similar: Vec::new(), rate: Rate::UNLIMITED, maximum: Rate::UNLIMITED }
    }
}

/// What a receiver makes of what it observes. The numbers are the application's to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Octets/s that the application wants when it lacks nothing. Shares are of this.
    pub usual: u64,
    /// A backlog above so many octets is to be worked off.
    pub backlog_high: u64,
    /// A backlog of at most so many octets lets data come faster again.
    pub backlog_low: u64,
    /// In which time a backlog is to be worked off.
    pub horizon: Duration,
    /// Use of processor, memory or storage that is too much.
    pub high_use: Percent,
    /// Share of the usual rate while the power scheme saves.
    pub saving: Percent,
    /// Share on a battery at its reserve.
    pub low_battery: Percent,
    /// Share on a battery at a quarter of its reserve.
    pub empty_battery: Percent,
    /// Power state of the processor that data shall not push it above, on battery.
    pub high_power_state: Percent,
    /// How long a battery shall last.
    pub endurance: Duration,
    /// Share on a cellular link.
    pub cellular: Percent,
    /// Share on a satellite link.
    pub satellite: Percent,
    /// Share of a wearable or embedded device.
    pub small_device: Percent,
    /// By how much INCREASE raises the rate: the agreed `step`, in percent.
    pub step: u64,
}

impl Policy {
    /// A policy for an application that takes `usual` octets/s when it lacks nothing. It bears a
    /// second's backlog, and works it off in ten.
    pub fn new(usual: u64) -> Self {
        let percent = |percent: u8| Percent::new(percent).unwrap_or_default();
        Self {
            usual,
            backlog_high: usual,
            backlog_low: usual / 10,
            horizon: Duration::from_secs(10),
            high_use: percent(90),
            saving: percent(50),
            low_battery: percent(25),
            empty_battery: percent(5),
            high_power_state: percent(75),
            endurance: Duration::from_secs(2 * 3600),
            cellular: percent(25),
            satellite: percent(10),
            small_device: percent(10),
            step: 10,
        }
    }
}

/// What an input says, if it says anything: inputs only ever limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Data may come at this rate at most.
    AtMost(Rate),
    /// Data comes too fast, and it can't be told by how much.
    TooFast,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// Arrival against processing rate.
    Arrival,
    /// The backlog.
    Backlog,
    /// Use of the processor.
    Processor,
    /// Use of memory.
    Memory,
    /// Use of storage.
    Storage,
    /// The processor's power state.
    ProcessorPower,
    /// The power scheme.
    Scheme,
    /// The battery's state.
    Battery,
    /// How fast the battery got empty.
    BatteryHistory,
    /// What the device has drawn.
    PowerHistory,
    /// The type of device.
    Device,
    /// The type of the link.
    Link,
    /// The quota.
    Quota,
    /// Nothing is left to be processed.
    CaughtUp,
    /// Nothing limits any more what was limited.
    Plenty,
}

/// A function that judges one input.
pub type Judge = fn(&Observation, &Policy) -> Option<Verdict>;

/// The inputs that limit, and their functions.
pub const INPUTS: [(Input, Judge); 13] = [
    (Input::Arrival, arrival),
    (Input::Backlog, backlog),
    (Input::Processor, processor),
    (Input::Memory, memory),
    (Input::Storage, storage),
    (Input::ProcessorPower, processor_power),
    (Input::Scheme, scheme),
    (Input::Battery, battery),
    (Input::BatteryHistory, battery_history),
    (Input::PowerHistory, power_history),
    (Input::Device, device),
    (Input::Link, link),
    (Input::Quota, quota),
];

/// What to ask the sender for, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Desire {
    /// What to ask for; [`Request::message`] is the message of 706.
    pub request: Request,
    /// What decided.
    pub because: Input,
}

/// The least rate that any input allows, with that input; `None` if none sets a number.
pub fn least(observation: &Observation, policy: &Policy) -> Option<(Rate, Input)> {
    let limits = INPUTS.iter().filter_map(|(input, judge)| match judge(observation, policy)? {
        Verdict::AtMost(rate) => Some((rate, *input)),
        Verdict::TooFast => None,
    });
    limits.min_by_key(|(rate, _)| *rate)
}

/// What to ask for, or `None` if the rate in force is right, as far as is known.
///
/// Slower if any input says so; faster only if none objects. Never more than the sender's maximum
/// (FIG. 8, 804: "requests changes ... within the limit"): what would be, is FULL.
///
/// ```
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::{Facts, Observation, Policy, desire};
///
/// // The example of the patent: 25 KB/s arrive, and 15 can be processed.
/// let policy = Policy { backlog_high: 5000, ..Policy::new(100_000) };
/// let facts = Facts { arrival: Some(25_000), processing: Some(15_000), ..Facts::default() };
/// let mut observation = Observation::of(facts);
/// let asked = |observation: &Observation| desire(observation, &policy).map(|desire| desire.request.message());
/// let rate = |octets_per_second| Rate::new(octets_per_second).map(wsconform_reference::RateMessage::Rate);
/// assert_eq!(asked(&observation), rate(15_000));
///
/// // Meanwhile 10 KB wait: 14 KB/s work them off in ten seconds.
/// observation.facts.backlog = Some(10_000);
/// assert_eq!(asked(&observation), rate(14_000));
///
/// // That is done: 15 KB/s again.
/// observation.rate = Rate::new(14_000).ok_or("out of range")?;
/// observation.facts.arrival = Some(14_000);
/// observation.facts.backlog = Some(0);
/// assert_eq!(asked(&observation), rate(15_000));
/// # Ok::<(), &str>(())
/// ```
pub fn desire(observation: &Observation, policy: &Policy) -> Option<Desire> {
    let rate = observation.rate.min(observation.maximum);
    let least = least(observation, policy);
    if let Some((limit, because)) = least.filter(|(limit, _)| *limit < rate) {
        return Some(Desire { request: Request::Rate(limit), because });
    }
    let too_fast = INPUTS
        .iter()
        .find(|(_, judge)| judge(observation, policy) == Some(Verdict::TooFast))
        .filter(|_| rate > Rate::PAUSE);
    if let Some((because, _)) = too_fast {
        return Some(Desire { request: Request::Decrease, because: *because });
    }
    let goal = least.filter(|(limit, _)| *limit < observation.maximum);
    let goal = goal.unwrap_or((observation.maximum, Input::Plenty));
    if goal.0 <= rate { None } else { faster(observation, policy, rate, goal) }
}

/// Data may come faster, up to this goal (704: "increased when no additional received data to be
/// processed exists or amount of received data to be processed reaches a threshold amount").
fn faster(
    observation: &Observation,
    policy: &Policy,
    rate: Rate,
    goal: (Rate, Input),
) -> Option<Desire> {
    let Facts { backlog, processing, arrival, .. } = observation.facts;
    let Some(backlog) = backlog else { return Some(towards(observation, goal)) };
    if backlog > policy.backlog_low {
        return None;
    }
    let used = rate.octets_per_second().unwrap_or(u64::MAX);
    // What is processed is known to be faster: no need to feel the way.
    let faster = |able: &u64| *able > more(used, NOISE);
    if let Some(processing) = processing.filter(faster).and_then(Rate::new) {
        return Some(towards(observation, goal.min((processing, Input::CaughtUp))));
    }
    // The sender does not even use the rate that it has.
    if arrival.is_some_and(|arrival| u128::from(arrival) * 10 < u128::from(used) * 9) {
        return None;
    }
    let next = more(used, policy.step);
    if rate > Rate::PAUSE && goal.0.octets_per_second().is_some_and(|goal| goal <= next) {
        return Some(towards(observation, goal));
    }
    Some(Desire { request: Request::Increase, because: Input::CaughtUp })
}

/// A measured rate that is so many percent off says nothing.
const NOISE: u64 = 5;

/// So many percent more.
fn more(octets_per_second: u64, percent: u64) -> u64 {
    let more = u128::from(octets_per_second) * (100 + u128::from(percent)) / 100;
    u64::try_from(more).unwrap_or(u64::MAX)
}

fn towards(observation: &Observation, (rate, because): (Rate, Input)) -> Desire {
    let full = rate >= observation.maximum;
    Desire { request: if full { Request::Full } else { Request::Rate(rate) }, because }
}

/// A limit of so many octets/s; at least 1, since 0 would be a pause.
fn at_most(octets_per_second: u64) -> Option<Verdict> {
    Rate::new(octets_per_second.max(1)).map(Verdict::AtMost)
}

#[cfg(test)]
mod tests;
