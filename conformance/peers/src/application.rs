//! The applications of an endpoint under test: echo, source, sink and close.

use crate::core::{Core, Event, State};
use crate::deviations::Deviations;

/// Octets of each message that a source sends.
const SOURCE_MESSAGE: usize = 1024;

/// Octets that a source keeps ready to be written.
const SOURCE_AHEAD: usize = 16 * 1024;

/// What the endpoint does with an open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Application {
    /// Sends each message back as it came.
    Echo,
    /// Sends binary messages until the peer closes.
    Source,
    /// Reads and discards.
    Sink,
    /// Starts the closing handshake at once.
    Close,
}

impl Application {
    /// The application that the last segment of a request target's path names.
    pub(crate) fn named_by(target: &str) -> Application {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        match path.rsplit('/').next() {
            Some("source") => Application::Source,
            Some("sink") => Application::Sink,
            Some("close") => Application::Close,
            _ => Application::Echo,
        }
    }

    /// What to send when the connection has opened.
    pub(crate) fn start(self, core: &mut Core, deviations: &Deviations) {
        if deviations.sends_pings {
            core.send_ping(b"there?");
        }
        if self == Application::Close {
            let reason =
                if deviations.gives_long_reason { "goodbye, ".repeat(13) } else { String::new() };
            core.close(1000, &reason);
        }
    }

    /// What to send in answer to a message.
    pub(crate) fn react(self, event: &Event, core: &mut Core, deviations: &Deviations) {
        match event {
            _ if self != Application::Echo => {}
            Event::Text(payload) if payload.is_empty() && deviations.swallows_empty_text => {}
            Event::Text(payload) => core.send_text(payload),
            Event::Binary(payload) => core.send_binary(payload),
            _ => {}
        }
    }

    /// What to send unasked, as long as there is room for it.
    pub(crate) fn go_on(self, core: &mut Core) {
        if self == Application::Source {
            while core.state() == State::Open && core.output().len() < SOURCE_AHEAD {
                core.send_binary(&[0x5A; SOURCE_MESSAGE]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_segment_of_the_path_names_the_application() {
        assert_eq!(Application::named_by("/"), Application::Echo);
        assert_eq!(Application::named_by("/a/source?x=/sink"), Application::Source);
        assert_eq!(Application::named_by("http://host/sink"), Application::Sink);
        assert_eq!(Application::named_by("/close/"), Application::Echo);
        assert_eq!(Application::named_by("/close"), Application::Close);
    }
}
