//! The applications of an endpoint under test: echo, source, sink, close, offer, bootstrap and require.

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
    /// Offers `heartbeat` on the open connection, and is an echo then.
    Offer,
    /// An echo; a client offers the subprotocol that stands for `control-setup`.
    Bootstrap,
    /// An echo; a client closes with 1010 unless all that it offered was accepted.
    Require,
}

impl Application {
    /// The application that the last segment of a request target's path names.
    pub(crate) fn named_by(target: &str) -> Application {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        match path.rsplit('/').next() {
            Some("source") => Application::Source,
            Some("sink") => Application::Sink,
            Some("close") => Application::Close,
            Some("offer") => Application::Offer,
            Some("bootstrap") => Application::Bootstrap,
            Some("require") => Application::Require,
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
            let code = (!deviations.framing.starts_close_without_code).then_some(1000);
            core.close(code, &reason);
        }
        if self == Application::Offer {
            core.offer(match () {
                () if deviations.setup.offers_control => "heartbeat; control=F0800000",
                () if deviations.setup.offers_more => {
                    "heartbeat; interval=200, heartbeat, x-eccentric; a=b"
                }
                () => "heartbeat",
            });
        }
    }

    /// What to send in answer to a message.
    pub(crate) fn react(self, event: &Event, core: &mut Core, deviations: &Deviations) {
        match event {
            _ if !self.echoes() => {}
            Event::Text(payload) if payload.is_empty() && deviations.swallows_empty_text => {}
            Event::Text(payload) => core.send_back(true, payload),
            Event::Binary(payload) => core.send_back(false, payload),
            _ => {}
        }
    }

    fn echoes(self) -> bool {
        !matches!(self, Application::Source | Application::Sink | Application::Close)
    }

    /// What to send unasked, as long as there is room for it.
    pub(crate) fn go_on(self, core: &mut Core, deviations: &Deviations) {
        if self == Application::Source {
            while core.state() == State::Open
                && core.output().len() < SOURCE_AHEAD
                && !core.holds_data()
            {
                let slow = core.rate().is_some_and(|rate| rate < 100_000);
                let lowers = deviations.rate.lowers_fidelity && slow;
                let most = if lowers { SOURCE_MESSAGE / 4 } else { SOURCE_MESSAGE };
                core.send_binary([0x5A; SOURCE_MESSAGE].get(..most).unwrap_or_default());
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
        assert_eq!(Application::named_by("/offer"), Application::Offer);
        assert_eq!(Application::named_by("/bootstrap"), Application::Bootstrap);
    }
}
