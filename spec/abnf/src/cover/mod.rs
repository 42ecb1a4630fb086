//! Which choices of a grammar were exercised, sentences that exercise the rest, and sentences that
//! are wrong in one thing alone.
//!
//! - [`Points`] are the choices: each alternative, each option taken and left out, each repetition
//!   with the least number, one more and the greatest, and both ends of each range.
//! - [`Coverage`] counts them in what the recogniser has matched: a corpus, vectors, a live run.
//! - [`members`] makes sentences until each choice was made that can be made.
//! - [`near_misses`] breaks each terminal, bound, part and directive alone.

mod breakage;
mod budget;
mod measure;
mod members;
mod near;
mod points;
mod ways;

pub use measure::Coverage;
pub use members::{Member, Members, Missed, members};
pub use near::{Directive, NearMiss, NearMisses, Reason, Unbroken, near_misses};
pub use points::{Choice, Point, Points};
