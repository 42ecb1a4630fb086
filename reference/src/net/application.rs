//! What an endpoint does with an open connection.

use crate::close_code::CloseCode;
use crate::connection::{Connection, Event, State};
use crate::control::{Capability, Parameters};
use crate::random::Random;

/// A small application, named by the last segment of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// Sends each data message back as it came. Control messages are no data. What a rate holds
    /// back is kept up to 16 MiB; beyond that the connection is closed with 1008.
    Echo,
    /// Reads and discards.
    Sink,
    /// Sends binary messages of 1024 octets, as fast as they are taken, until the peer closes.
    Source,
    /// Closes with 1000 at once.
    Close,
    /// Offers `heartbeat` by `control-setup` at once, where that was negotiated; then the echo.
    Offer,
    /// A client offers `control-setup` as a subprotocol, in place of extensions; then the echo.
    Bootstrap,
    /// A client closes with 1010 unless all that it offered was accepted; then the echo.
    Require,
}

/// Octets of output and of data held back below which the source goes on.
const SOURCE_LOW_WATER: usize = 64 * 1024;

/// Octets of data held back with which the echo gives up. It can't push back on its peer, since it
/// has to read on: only so it learns that it may send again.
const MOST_HELD_BACK: usize = 16 * 1024 * 1024;

impl Application {
    /// The application of a name; all other names are the echo.
    pub fn named(segment: &str) -> Self {
        match segment {
            "sink" => Self::Sink,
            "source" => Self::Source,
            "close" => Self::Close,
            "offer" => Self::Offer,
            "bootstrap" => Self::Bootstrap,
            "require" => Self::Require,
            _ => Self::Echo,
        }
    }

    /// Does what it does before anything else.
    pub(super) fn begin<R: Random>(self, connection: &mut Connection<R>) {
        if self == Self::Offer {
            // Without control-setup, and where heartbeat was agreed on before, there is nothing to
            // offer.
            let _ = connection.offer(&[Parameters::widest(Capability::Heartbeat)]);
        }
    }

    /// Takes an event.
    pub(super) fn take<R: Random>(self, event: Event, connection: &mut Connection<R>) {
        let echoes = !matches!(self, Self::Sink | Self::Source | Self::Close);
        // A Close behind the message may have been read and answered already: the echo has missed
        // its time then.
        let (octets, _) = match &event {
            Event::Text(text) if echoes => (text.len(), connection.send_text(text)),
            Event::Binary(data) if echoes => (data.len(), connection.send_binary(data)),
            Event::Text(text) => (text.len(), Ok(())),
            Event::Binary(data) => (data.len(), Ok(())),
            _ => return,
        };
        connection.processed(octets as u64);
    }

    /// Does what it does of its own accord; called whenever there is room for output.
    pub(super) fn act<R: Random>(self, connection: &mut Connection<R>) {
        match self {
            Self::Close if connection.state() == State::Open => {
                let _ = connection.send_close(CloseCode::NORMAL, "");
            }
            Self::Source => {
                let message: [u8; 1024] = std::array::from_fn(|index| index as u8);
                while connection.output().len() + connection.held_back() < SOURCE_LOW_WATER
                    && connection.send_binary(&message).is_ok()
                {}
            }
            _ if connection.held_back() > MOST_HELD_BACK => {
                let _ = connection.send_close(CloseCode::POLICY_VIOLATION, "rate.starved");
            }
            _ => {}
        }
    }
}
