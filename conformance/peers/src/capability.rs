//! The extended functions of this endpoint (US 9,331,890, FIG. 2 to 4), and their message types.

/// A capability that both sides may agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capability {
    /// Each party limits the data that the other one sends.
    RateControl,
    /// Connections that nobody uses end.
    IdleTimeout,
    /// Tells a quiet connection from a dead one.
    Heartbeat,
    /// Negotiates the others on an open connection.
    ControlSetup,
}

impl Capability {
    pub(crate) const ALL: [Capability; 4] = [
        Capability::RateControl,
        Capability::IdleTimeout,
        Capability::Heartbeat,
        Capability::ControlSetup,
    ];

    /// The extension token.
    pub(crate) fn token(self) -> &'static str {
        match self {
            Capability::RateControl => "rate-control",
            Capability::IdleTimeout => "idle-timeout",
            Capability::Heartbeat => "heartbeat",
            Capability::ControlSetup => "control-setup",
        }
    }

    pub(crate) fn named(token: &str) -> Option<Capability> {
        Capability::ALL.into_iter().find(|capability| capability.token() == token)
    }
}

/// Message types: the octet behind the sequence.
pub(crate) mod kind {
    pub(crate) const RATE: u8 = 0x01;
    pub(crate) const INCREASE: u8 = 0x02;
    pub(crate) const DECREASE: u8 = 0x03;
    pub(crate) const FULL: u8 = 0x04;
    pub(crate) const EFFECTIVE: u8 = 0x05;
    pub(crate) const LIMIT: u8 = 0x06;
    pub(crate) const ACK: u8 = 0x80;
    pub(crate) const STATUS: u8 = 0x81;

    pub(crate) const BEAT: u8 = 0x01;
    pub(crate) const ECHO: u8 = 0x02;

    pub(crate) const OFFER: u8 = 0x01;
    pub(crate) const ANSWER: u8 = 0x02;
    pub(crate) const CONFIRM: u8 = 0x03;

    pub(crate) const SUSPEND: u8 = 0x7E;
    pub(crate) const RESUME: u8 = 0x7F;
    /// Types from here on may be unknown to a receiver.
    pub(crate) const IGNORABLE: u8 = 0x80;
}
