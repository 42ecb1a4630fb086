//! What the power of a receiver says: its state, its battery, and their history.

use super::load::{part, scaled};
use super::{Observation, Policy, Verdict, at_most};
use crate::rate::{BatterySample, BatteryType, Charging, Facts, Power, PowerSample, PowerScheme};

/// On battery the processor is in a power state above the policy's level: a constant lower rate
/// "could allow the device to process the same amount of data" in a lower state.
pub fn processor_power(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    let facts = &observation.facts;
    let state = facts.processor_power.filter(|state| *state > policy.high_power_state)?;
    if on_battery(facts) { scaled(facts.arrival, policy.high_power_state, state) } else { None }
}

/// The power scheme saves: a share of the usual rate.
pub fn scheme(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    let saving = observation.facts.scheme? == PowerScheme::Saving;
    if saving { at_most(policy.saving.of(policy.usual)) } else { None }
}

/// On battery no more than its reserve is left: a share of the usual rate, and a smaller one at a
/// quarter of the reserve. What is a reserve depends on the type, since some wear out when they are
/// emptied. A device that only has to use the external power it has is in no need.
pub fn battery(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    let facts = &observation.facts;
    let level = facts.battery_level.filter(|_| on_battery(facts))?.get();
    if facts.power_available.is_some_and(|available| available.external) {
        return None;
    }
    let reserve = match facts.battery_type {
        Some(BatteryType::Lead) => 50,
        Some(BatteryType::Nickel) => 30,
        Some(BatteryType::Lithium | BatteryType::Other) | None => 20,
    };
    match level {
        _ if level <= reserve / 4 => at_most(policy.empty_battery.of(policy.usual)),
        _ if level <= reserve => at_most(policy.low_battery.of(policy.usual)),
        _ => None,
    }
}

/// On battery it would be empty before the policy's time, if it went on as in its history: the usual
/// rate shrinks in the proportion of the times. A device without history takes the mean of similar
/// devices'.
pub fn battery_history(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    let facts = &observation.facts;
    let newest = || facts.battery_history.as_ref()?.first().map(|sample| sample.level);
    let level = facts.battery_level.or_else(newest).filter(|_| on_battery(facts))?;
    let drain = drain(facts).or_else(|| mean(observation.similar.iter().filter_map(drain)))?;
    let left = u64::from(level.get()) * DRAIN_UNIT / drain.max(1);
    let wanted = policy.endurance.as_secs();
    if left < wanted { at_most(part(policy.usual, left, wanted)) } else { None }
}

/// On battery the device draws more than a quarter above what similar devices draw, or, if none are
/// known, than it used to: the usual rate shrinks in the proportion of the two.
pub fn power_history(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    let facts = &observation.facts;
    let history = facts.power_history.as_ref().filter(|_| on_battery(facts))?;
    let (newest, before) = history.split_first()?;
    let draws = |history: &[PowerSample]| mean(history.iter().map(|s| u64::from(s.milliwatts)));
    let similar =
        observation.similar.iter().filter_map(|facts| draws(facts.power_history.as_ref()?));
    let (own, usual) = match mean(similar) {
        Some(others) => (draws(history)?, others),
        None => (u64::from(newest.milliwatts), draws(before)?),
    };
    if own * 4 > usual * 5 { at_most(part(policy.usual, usual, own)) } else { None }
}

fn on_battery(facts: &Facts) -> bool {
    match facts.power_in_use {
        Some(power) => power == Power::Battery,
        None => facts.charging == Some(Charging::Discharging),
    }
}

/// Drains are in millionths of a percent a second, so that whole numbers tell slow ones apart.
const DRAIN_UNIT: u64 = 1_000_000;

/// How fast a battery got empty since it was last charged; `None` if it did not.
fn drain(facts: &Facts) -> Option<u64> {
    let history = facts.battery_history.as_ref()?;
    // Samples are newest first: while they rise towards the past, the battery was drained.
    let rises = |pair: &[BatterySample]| {
        pair[0].level <= pair[1].level && pair[0].seconds_ago < pair[1].seconds_ago
    };
    let drained = history.windows(2).take_while(|pair| rises(pair)).count();
    let (newest, oldest) = (history.first()?, history.get(drained)?);
    let lost = u64::from(oldest.level.get() - newest.level.get());
    let seconds = u64::from(oldest.seconds_ago - newest.seconds_ago);
    (lost * DRAIN_UNIT).checked_div(seconds).filter(|drain| *drain > 0)
}

fn mean(numbers: impl Iterator<Item = u64>) -> Option<u64> {
    let (count, sum) =
        numbers.fold((0u64, 0u64), |(count, sum), n| (count + 1, sum.saturating_add(n)));
    sum.checked_div(count)
}
