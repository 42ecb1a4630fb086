//! The capabilities, and who may speak of them.

use std::fmt;

use crate::role::Role;

/// An extended function that has control messages of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// `rate-control`: each party may limit the data that the other sends.
    RateControl,
    /// `idle-timeout`: a connection that nobody uses ends.
    IdleTimeout,
    /// `heartbeat`: a quiet connection is told from a dead one.
    Heartbeat,
    /// `control-setup`: capabilities are negotiated when the connection is open already.
    ControlSetup,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::RateControl, Self::IdleTimeout, Self::Heartbeat, Self::ControlSetup];

    /// The extension token.
    pub fn token(self) -> &'static str {
        match self {
            Self::RateControl => "rate-control",
            Self::IdleTimeout => "idle-timeout",
            Self::Heartbeat => "heartbeat",
            Self::ControlSetup => "control-setup",
        }
    }

    /// The capability of an extension token; letter case counts.
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.token() == token)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}

/// A capability that can rest: every one but `control-setup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suspendable {
    /// `rate-control`.
    RateControl,
    /// `idle-timeout`.
    IdleTimeout,
    /// `heartbeat`.
    Heartbeat,
}

impl Suspendable {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RateControl, Self::IdleTimeout, Self::Heartbeat];

    /// The capability, if it can rest.
    pub fn of(capability: Capability) -> Option<Self> {
        Self::ALL.into_iter().find(|one| Capability::from(*one) == capability)
    }
}

impl From<Suspendable> for Capability {
    fn from(suspendable: Suspendable) -> Self {
        match suspendable {
            Suspendable::RateControl => Self::RateControl,
            Suspendable::IdleTimeout => Self::IdleTimeout,
            Suspendable::Heartbeat => Self::Heartbeat,
        }
    }
}

/// `sender`: who may send the control messages of a capability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SenderRule {
    /// The client alone.
    Client,
    /// The server alone.
    Server,
    /// Either.
    #[default]
    Both,
}

impl SenderRule {
    /// Whether this role may send.
    pub fn allows(self, role: Role) -> bool {
        match self {
            Self::Client => role == Role::Client,
            Self::Server => role == Role::Server,
            Self::Both => true,
        }
    }

    /// Whether an answer of `other` gives nobody a voice that this offer did not.
    pub(super) fn covers(self, other: Self) -> bool {
        self == Self::Both || self == other
    }
}
