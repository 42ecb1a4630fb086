//! What a run notes: calls with their returns and ends, readings, and what stood in the way.

use std::sync::Arc;

use super::environment::EnvironmentId;
use super::machine::StateId;
use crate::program::{OctetSet, RuleId};

/// A reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) state: StateId,
    pub(super) call: CallId,
    pub(super) environment: EnvironmentId,
}

pub(super) type CallId = u32;
pub(super) type RegionId = u32;

/// A rule at a place.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) rule: RuleId,
    pub(super) start: usize,
    pub(super) environment: EnvironmentId,
    pub(super) region: RegionId,
    /// Whether the region is this call's own, so that it ends where the region does.
    pub(super) owns_region: bool,
    /// The latest of its returns and ends, linked to the earlier ones.
    pub(super) returns: u32,
    pub(super) ends: u32,
}

/// Where a reading goes on behind a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Return {
    pub(super) to: Reading,
    pub(super) earlier: u32,
}

/// Where a call ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) at: usize,
    pub(super) environment: EnvironmentId,
    pub(super) earlier: u32,
}

/// No earlier return or end.
pub(super) const NONE: u32 = u32::MAX;

/// A part whose extent is known, or whose octets are seen in another way.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) start: usize,
    /// Where it has to end; `usize::MAX` if that is not known.
    pub(super) end: usize,
    pub(super) key: Option<Arc<[u8]>>,
    pub(super) outer: RegionId,
    /// The call site that opened it.
    pub(super) site: u32,
}

/// An octet that a reading waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) set: OctetSet,
    pub(super) to: Reading,
}

/// A part that a hook decodes once it is whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parked {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) site: u32,
    pub(super) region: RegionId,
    pub(super) to: Reading,
}

/// What kept a reading from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// A `where` of a rule that began at `start`.
    Where { rule: RuleId, index: usize, start: usize },
    /// A `when` at a call site within a call.
    When { site: u32, call: CallId },
    /// The size at a call site: the part does not fit in.
    Size { site: u32, call: CallId },
    /// A call needs more octets than the part that it is in has.
    Short { call: CallId },
    /// The size at a call site: the part could end, but has more octets.
    Left { site: u32, start: usize },
    /// The octets are not the integer that the rule says, or too few for its bits.
    Value { rule: RuleId, start: usize },
    /// A hook refused the octets, or what it made of them did not match.
    Decoded { site: u32, start: usize },
}
