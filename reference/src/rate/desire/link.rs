//! What the link of a receiver says: its type, its quota; and the type of device at its end.

use super::{Observation, Policy, Verdict, at_most};
use crate::control::Rate;
use crate::rate::{Device, Link};

/// A wearable or embedded device takes a share of the usual rate.
pub fn device(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    match observation.facts.device? {
        Device::Wearable | Device::Embedded => at_most(policy.small_device.of(policy.usual)),
        Device::Server | Device::Desktop | Device::Laptop | Device::Tablet | Device::Phone => None,
    }
}

/// A cellular or satellite link takes a share of the usual rate ("to reduce bandwidth charges").
pub fn link(observation: &Observation, policy: &Policy) -> Option<Verdict> {
    match observation.facts.link? {
        Link::Cellular => at_most(policy.cellular.of(policy.usual)),
        Link::Satellite => at_most(policy.satellite.of(policy.usual)),
        Link::Wired | Link::WiFi | Link::Other => None,
    }
}

/// What is left of the quota, spread evenly over what is left of its period. Nothing left is a pause
/// until the period ends.
pub fn quota(observation: &Observation, _: &Policy) -> Option<Verdict> {
    let facts = &observation.facts;
    let seconds = facts.quota_seconds.filter(|seconds| *seconds > 0)?;
    match facts.quota?.saturating_sub(facts.quota_used?) {
        0 => Some(Verdict::AtMost(Rate::PAUSE)),
        left => at_most(left / u64::from(seconds)),
    }
}
