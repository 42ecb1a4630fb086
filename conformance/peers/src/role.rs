//! Who an endpoint is in a connection.

/// Which end of the connection this is: it decides who masks and who ends TCP (RFC 6455, 5.1, 7.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Opened the TCP connection; masks what it sends.
    Client,
    /// Accepted the TCP connection; sends without a mask.
    Server,
}
