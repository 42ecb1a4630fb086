//! Which end of a connection.

/// Which end of a connection: the two differ in masking and in who may send what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The end that opened the TCP connection; it masks its frames.
    Client,
    /// The end that accepted it.
    Server,
}

impl Role {
    /// The other end.
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}
