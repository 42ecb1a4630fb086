//! Endpoints over anything that tokio can read and write: the only place with sockets, a clock
//! and randomness of its own.
//!
//! [`serve_connection`] and [`run_client`] each carry one connection from the handshake to the end
//! of the stream; [`Server`] accepts TCP connections. All run one of the small applications of
//! [`Application`], chosen by the last segment of the path.

mod application;
mod client;
mod random;
mod server;
mod session;
mod transport;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use application::Application;
pub use client::{ClientConfig, run_client};
pub use random::SystemRandom;
pub use server::{Server, ServerConfig, serve_connection};

use crate::control::AgreementFault;
use crate::error::Failure;
use crate::handshake::{AnswerFault, HeadFault, Refusal};
use crate::message::Close;

/// How long an endpoint waits for its peer, on tokio's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// For the whole opening handshake.
    pub handshake: Duration,
    /// For the peer's Close once ours was sent, and for a client until the server has ended the
    /// stream.
    pub close: Duration,
    /// For the peer to end the stream once we have ended our half: octets of its that nobody has
    /// read would turn our last ones into a reset.
    pub linger: Duration,
}

impl Default for Deadlines {
    /// 10 s, 10 s, 1 s.
    fn default() -> Self {
        let ten = Duration::from_secs(10);
        Self { handshake: ten, close: ten, linger: Duration::from_secs(1) }
    }
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// By a closing handshake; with what the peer's Close said.
    Closed(Option<Close>),
    /// The peer violated the protocol.
    Failed(Failure),
    /// The peer ended the stream without a Close.
    Lost,
    /// The peer did not answer a Close in time.
    CloseTimedOut,
    /// This server refused the request.
    Refused(Refusal),
}

/// Why there was no connection, or no orderly end of it.
#[derive(Debug)]
pub enum NetError {
    /// The transport failed.
    Io(std::io::Error),
    /// The opening handshake took too long.
    HandshakeTimedOut(Duration),
    /// The stream ended inside the opening handshake.
    HandshakeCut,
    /// This client failed the connection over the answer.
    Answer(AnswerFault),
    /// This client failed the connection over a capability in the answer.
    Agreement(AgreementFault),
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the transport failed: {error}"),
            Self::HandshakeTimedOut(limit) => {
                write!(f, "the opening handshake was not finished within {limit:?}")
            }
            Self::HandshakeCut => write!(f, "the stream ended inside the opening handshake"),
            Self::Answer(fault) => write!(f, "the server's answer was not accepted: {fault}"),
            Self::Agreement(fault) => write!(f, "the server's answer was not accepted: {fault}"),
        }
    }
}

impl std::error::Error for NetError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Answer(fault) => Some(fault),
            Self::Agreement(fault) => Some(fault),
            Self::HandshakeTimedOut(_) | Self::HandshakeCut => None,
        }
    }
}

impl From<std::io::Error> for NetError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<HeadFault> for NetError {
    fn from(fault: HeadFault) -> Self {
        Self::Answer(AnswerFault::Malformed(fault))
    }
}

impl From<AnswerFault> for NetError {
    fn from(fault: AnswerFault) -> Self {
        Self::Answer(fault)
    }
}

impl From<AgreementFault> for NetError {
    fn from(fault: AgreementFault) -> Self {
        Self::Agreement(fault)
    }
}
