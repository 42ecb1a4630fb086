//! The control extension: control messages in the payload of binary messages (US 9,331,890).
//!
//! A connection has a control sequence of four octets for each capability that was negotiated
//! ([`Parameters`] offered, answered as far as [`Support`] goes by [`negotiate`], judged by
//! [`accept_answer`]; sequences chosen by [`Allocation`] and [`Allocator`]; [`Bootstrap`] where
//! extensions can't be offered). A binary message
//! that begins with one is a control message ([`ControlMessage`]), unless it is an escape, which is
//! the bare sequence, or the data that an escape announced ([`Inspector`]). The sender of data that
//! happens to begin with a sequence escapes it ([`Filter::begins`]).

mod agreement;
mod bootstrap;
mod capability;
mod escape;
mod filter;
mod format;
mod message;
mod negotiation;
mod parameters;
mod quick_test;
mod sequence;
mod support;

pub use agreement::Agreement;
pub use bootstrap::Bootstrap;
pub use capability::{Capability, SenderRule, Suspendable};
pub use escape::{Inspector, Reading};
pub use filter::Filter;
pub use format::Format;
pub use message::{
    ControlMessage, ExtensionList, HeartbeatMessage, LONGEST_BEAT, Rate, RateMessage, SetupMessage,
    StatusEntry,
};
pub(crate) use message::{RESUME, SUSPEND};
pub(crate) use negotiation::accept_setup;
pub use negotiation::{AgreementFault, accept_answer, negotiate};
pub use parameters::{HeartbeatParameters, IdleParameters, Pace, Parameters, RateParameters};
pub use sequence::{Allocation, Allocator, Sequence};
pub use support::{RateSupport, Support};

/// Longest control message in octets, sequence included.
pub const LONGEST_CONTROL_MESSAGE: u64 = 4096;
