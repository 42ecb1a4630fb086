//! What an endpoint does with an open connection.

use crate::close_code::CloseCode;
use crate::connection::{Connection, Event, State};
use crate::random::Random;

/// A small application, named by the last segment of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// Sends each data message back as it came. Control messages are no data.
    Echo,
    /// Reads and discards.
    Sink,
    /// Sends binary messages of 1024 octets, as fast as they are taken, until the peer closes.
    Source,
    /// Closes with 1000 at once.
    Close,
}

/// Octets of output below which the source goes on.
const SOURCE_LOW_WATER: usize = 16 * 1024;

impl Application {
    /// The application of a name; all other names are the echo.
    pub fn named(segment: &str) -> Self {
        match segment {
            "sink" => Self::Sink,
            "source" => Self::Source,
            "close" => Self::Close,
            _ => Self::Echo,
        }
    }

    /// Takes an event.
    pub(super) fn take<R: Random>(self, event: Event, connection: &mut Connection<R>) {
        if self != Self::Echo {
            return;
        }
        // A Close behind the message may have been read and answered already: the echo has missed
        // its time then.
        let _ = match event {
            Event::Text(text) => connection.send_text(&text),
            Event::Binary(data) => connection.send_binary(&data),
            _ => Ok(()),
        };
    }

    /// Does what it does of its own accord; called whenever there is room for output.
    pub(super) fn act<R: Random>(self, connection: &mut Connection<R>) {
        match self {
            Self::Close if connection.state() == State::Open => {
                let _ = connection.send_close(CloseCode::NORMAL, "");
            }
            Self::Source => {
                let message: [u8; 1024] = std::array::from_fn(|index| index as u8);
                while connection.output().len() < SOURCE_LOW_WATER
                    && connection.send_binary(&message).is_ok()
                {}
            }
            _ => {}
        }
    }
}
