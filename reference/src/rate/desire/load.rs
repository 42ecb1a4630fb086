//! What the load of a receiver says: backlog, processing rate, use of resources.

use std::time::Duration;

use super::{NOISE, Observation, Policy, Verdict, at_most, more};
use crate::control::Rate;
use crate::rate::Percent;

/// Data arrives faster than it is processed: it may come at the processing rate, that is what the
/// application can process, not what it happens to be given ("the desired rate may be 15 KB/s").
/// A twentieth more is noise; if it is not, a backlog will tell.
pub fn arrival(observation: &Observation, _: &Policy) -> Option<Verdict> {
    let (arrival, processing) = (observation.facts.arrival?, observation.facts.processing?);
    if arrival > more(processing, NOISE) { at_most(processing) } else { None }
}

/// More waits to be processed than the policy's threshold: less than the processing rate may come,
/// so that the application catches up ("a desired rate of 14 KB/s is chosen").
pub fn backlog(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    let backlog = observation.facts.backlog.filter(|backlog| *backlog > policy.backlog_high)?;
    match observation.facts.processing {
        Some(processing) => at_most(catch_up(processing, backlog, policy.horizon)),
        None => Some(Verdict::TooFast),
    }
}

/// The rate, in octets/s, at which an application that processes so many octets/s works off a
/// backlog in the time of `horizon`: what it processes, less the backlog's share of that time,
/// rounded down. A large backlog takes longer: at least half of what is processed goes on coming.
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::rate::catch_up;
///
/// assert_eq!(catch_up(15_000, 10_000, Duration::from_secs(10)), 14_000);
/// assert_eq!(catch_up(15_000, 1_000_000, Duration::from_secs(10)), 7500);
/// ```
pub fn catch_up(processing: u64, backlog: u64, horizon: Duration) -> u64 {
    let nanos = horizon.as_nanos().max(1);
    let share = (u128::from(backlog) * 1_000_000_000).div_ceil(nanos);
    let share = u64::try_from(share).unwrap_or(u64::MAX);
    processing.saturating_sub(share).max(processing / 2)
}

/// The processor is used at the policy's level or above: what arrives may shrink in the proportion
/// in which the use has to.
pub fn processor(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    let used = observation.facts.processor.filter(|used| *used >= policy.high_use)?;
    scaled(observation.facts.arrival, policy.high_use, used)
}

/// Memory is used at the policy's level or above.
pub fn memory(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    room(observation.facts.memory?, policy)
}

/// Storage is used at the policy's level or above.
pub fn storage(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    room(observation.facts.storage?, policy)
}

/// The usual rate at the level, nothing at 100 percent, and in proportion to the room between.
fn room(used: Percent, policy: &Policy) -> Option<Verdict> {
    let (used, level) = (u64::from(used.get()), u64::from(policy.high_use.get()));
    match used {
        100 => Some(Verdict::AtMost(Rate::PAUSE)),
        _ if used < level => None,
        _ => at_most(part(policy.usual, 100 - used, 100 - level)),
    }
}

/// What arrives, times `wanted / used`.
pub(super) fn scaled(arrival: Option<u64>, wanted: Percent, used: Percent) -> Option<Verdict> {
    match arrival {
        Some(arrival) if arrival > 0 => {
            at_most(part(arrival, wanted.get().into(), used.get().into()))
        }
        _ => Some(Verdict::TooFast),
    }
}

/// `whole * part / of`, rounded down, for `part <= of`; 0 if there is nothing to be a part of.
pub(super) fn part(whole: u64, part: u64, of: u64) -> u64 {
    let product = u128::from(whole) * u128::from(part);
    product.checked_div(u128::from(of)).and_then(|part| u64::try_from(part).ok()).unwrap_or(0)
}
