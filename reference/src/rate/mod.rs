//! Rate control (US 9,331,890, FIG. 7 and 8): how a receiver of data finds the rate it wants, and how
//! a sender keeps to it. All of it is pure: no clock, no I/O; an instant is a [`Duration`] since an
//! origin that the caller chooses, a rate is in octets/s, and what is promised is kept in whole numbers.
//!
//! [`Duration`]: std::time::Duration
//!
//! # The way of a rate
//!
//! On each connection there are two halves, and each party has both, since it sends and receives.
//!
//! ```text
//!   receiver of data (FIG. 7)                            sender of data (FIG. 8)
//!
//!   702  it is not optimal: Trigger                      802  Request::of, AckSpacing, from_status
//!   704  what would be: desire, by inputs   RATE, ...    804  RateState: within the maximum, achievable
//!   706  Request::message                 ----------->        Pacer, or Sampler and Resolutions
//!                                         <-----------        Step::Effective
//!        RateReceiver                       EFFECTIVE         RateSender
//! ```
//!
//! | step | what the patent says | here |
//! |---|---|---|
//! | 702 | "executed periodically, dynamically, and/or on a predetermined basis" | [`Trigger`] |
//! | 702 | "faster than the rate the data can be processed", or slower | [`arrival`], [`desire`] |
//! | 702 | "processing utilization, memory utilization, storage utilization" | [`processor`], [`memory`], [`storage`] |
//! | 702 | "power state", "type of power", "battery state" | [`processor_power`], [`scheme`], [`battery`] |
//! | 702 | "power consumption/utilization history", "similar devices" | [`power_history`], [`battery_history`] |
//! | 702 | "a type of communication link", "allocated bandwidth consumed" | [`link`], [`quota`] |
//! | 704 | "15 KB/s", and "14 KB/s ... to catch up" | [`arrival`], [`backlog`] by [`catch_up`] |
//! | 704 | "increased when no additional received data ... or ... a threshold" | [`desire`], [`Policy::backlog_low`] |
//! | 704 | "fidelity, quality, and/or sampling" | [`Sampler`], [`every_nth`], [`Resolutions`] |
//! | 706 | "numerical ... or a desired relative speed change direction" | [`Request`] |
//! | 802 | "the received rate is the rate sent in step 706" | [`Request::of`] |
//! | 802 | "the rate the acknowledgement messages are received" | [`AckSpacing`] |
//! | 802 | "type of device, a power state of a device, ..." | [`Facts`], [`from_status`] |
//! | 804 | "the amount of data being sent per unit of time" | [`Pacer`] out of a [`TokenBucket`] |
//! | 804 | "a predetermined amount and/or a dynamically determined amount" | [`Manner`], [`Amount`] |
//! | 804 | "an achievable rate that is as close as possible" | [`Achievable`] |
//! | 804 | "may be ignored" | [`Manner::Ignore`] |
//! | 804 | "only be adjusted up to the limit", "service levels" | [`RateState::limit`] |
//! | 804 | the receiver "requests changes ... within the limit" | [`Observation::maximum`], [`desire`] |
//!
//! # One conversation
//!
//! ```
//! use std::time::Duration;
//! use wsconform_reference::rate::*;
//! use wsconform_reference::{Pace, RateMessage, RateParameters, Role};
//!
//! let at = Duration::from_millis;
//! let agreed = RateParameters { pace: Pace::Strict, burst: 1000, ..RateParameters::default() };
//! let mut sender = RateSender::new(&agreed, Role::Server, None, SenderOptions::default(), at(0));
//! let mut receiver = RateReceiver::new(&agreed, None, at(0));
//!
//! // 702, 704: a phone goes from Wi-Fi to a cellular network; a quarter of the usual rate will do.
//! let facts = Facts { link: Some(Link::Cellular), ..Facts::default() };
//! let (policy, mut trigger) = (Policy::new(40_000), Trigger::on_change());
//! // 706: RATE 10000.
//! let request = receiver.ask(&facts, &policy, &mut trigger, at(0)).ok_or("nothing to ask")?;
//!
//! // 802, 804: the sender says what it will do, then does it: a burst, and 10 KB/s from then on.
//! sender.receive(&request, at(5));
//! let Step::Effective(rate) = sender.next(Some(3000), at(5)) else { return Err("no EFFECTIVE") };
//! receiver.receive(&RateMessage::Effective(rate));
//! assert_eq!(rate.octets_per_second(), Some(10_000));
//! assert_eq!(sender.next(Some(3000), at(5)), Step::Frame { octets: 1000, fin: false });
//! assert_eq!(sender.next(Some(2000), at(55)), Step::Frame { octets: 500, fin: false });
//!
//! // All is as the receiver wants it.
//! assert_eq!(receiver.ask(&facts, &policy, &mut trigger, at(5000)), None);
//! # Ok::<(), &str>(())
//! ```
//!
//! # What is promised
//!
//! With `pace=strict`, between any two instants the octets sent are at most the integral of the rate that
//! EFFECTIVE told, and `burst`; and in any second in which data waits, at least 0.95 of what the rate
//! brings are sent, from 1 KB/s to 100 MB/s, as long as the caller is no later than 30 ms, and no later
//! than the bucket can hold: half a burst.

mod achievable;
mod bucket;
mod derive;
mod desire;
mod fidelity;
mod meter;
mod pacer;
mod reaction;
mod receiver;
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
pub use receiver::RateReceiver;
pub use sender::{RateSender, SenderOptions};
pub use status::{
    BatterySample, BatteryType, Charging, Device, Facts, Link, Percent, Power, PowerSample,
    PowerScheme, PowerSources,
};
pub use trigger::Trigger;
