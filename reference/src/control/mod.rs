//! The control extension: control messages in the payload of binary messages (US 9,331,890).
//!
//! A connection has a control sequence of four octets for each capability that was negotiated
//! ([`negotiate`], [`accept_answer`]; chosen by [`Allocation`] and [`Allocator`]). A binary message
//! that begins with one is a control message ([`ControlMessage`]), unless it is an escape, which is
//! the bare sequence, or the data that an escape announced ([`Inspector`]). The sender of data that
//! happens to begin with a sequence escapes it ([`Filter::begins`]).

mod agreement;
mod escape;
mod filter;
mod message;
mod negotiation;
mod sequence;

pub use agreement::{Agreement, Capability, Pace, Parameters, SenderRule};
pub use escape::{Inspector, Reading};
pub use filter::Filter;
pub use message::{ControlMessage, Rate, StatusEntry};
pub use negotiation::{AgreementFault, accept_answer, negotiate, offer};
pub use sequence::{Allocation, Allocator, Sequence};

/// Longest control message in octets, sequence included.
pub const LONGEST_CONTROL_MESSAGE: u64 = 4096;
