//! The heart of `rate-control` (US 9,331,890, FIG. 7 and 8): pure, with time as an argument.

mod achievable;
mod bucket;
mod derive;
mod desire;
mod fidelity;
mod meter;
mod pacer;
mod reaction;
mod sender;
mod status;
mod trigger;

pub use achievable::Achievable;
pub use bucket::TokenBucket;
pub use derive::{AckSpacing, from_status};
pub use desire::{
    Desire, INPUTS, Input, Judge, Observation, Policy, Verdict, arrival, backlog, battery,
    battery_history, catch_up, desire, device, least, link, memory, power_history, processor,
    processor_power, quota, scheme, storage,
};
pub use fidelity::{Resolutions, Sampler, every_nth};
pub use meter::Meter;
pub use pacer::{Pacer, Step};
pub use reaction::{Amount, Manner, RateState, Reaction, Request};
pub use sender::{RateSender, SenderOptions};
pub use status::{
    BatterySample, BatteryType, Charging, Device, Facts, Link, Percent, Power, PowerSample,
    PowerScheme, PowerSources,
};
pub use trigger::Trigger;
