//! The heart of `rate-control` (US 9,331,890, FIG. 7 and 8): pure, with time as an argument.

mod bucket;
mod pacer;

pub use bucket::TokenBucket;
pub use pacer::{Pacer, Step};
