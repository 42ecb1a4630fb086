//! Close codes (RFC 6455, 7.4).

use std::fmt;

/// A close code as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseCode(
    /// The number.
    pub u16,
);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1007: data does not fit the type of its message.
    pub const INVALID_DATA: Self = Self(1007);
    /// 1008: the peer asks for more than this endpoint is willing to give.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: a message is too big.
    pub const TOO_BIG: Self = Self(1009);
    /// 1010: the client needs an extension that the server declined.
    pub const MISSING_EXTENSION: Self = Self(1010);

    /// Whether the code may stand in a Close: those of RFC 6455, 7.4.1 that are not reserved, those
    /// that IANA has registered since (1012 to 1014), and 3000 to 4999.
    pub fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
