//! The heart of `rate-control` (US 9,331,890, FIG. 7 and 8): pure, with time as an argument.

mod achievable;
mod bucket;
mod meter;
mod pacer;
mod reaction;

pub use achievable::Achievable;
pub use bucket::TokenBucket;
pub use meter::Meter;
pub use pacer::{Pacer, Step};
pub use reaction::{Amount, Manner, RateState, Reaction, Request};
