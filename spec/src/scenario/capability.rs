//! The capabilities of the book: their parameters and control messages, by name.

/// A capability of the book: its token, parameters and messages.
#[derive(Debug)]
pub(super) struct Capability {
    /// The extension token.
    pub(super) token: &'static str,
    /// The names of its parameters.
    pub(super) parameters: &'static [&'static str],
    /// Its control messages.
    pub(super) messages: &'static [ControlMessage],
}

/// A control message of a capability, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlMessage {
    /// The name, in upper case.
    pub name: &'static str,
    /// The first octet after the sequence.
    pub kind: u8,
    /// What follows the type.
    pub body: ControlBody,
}

/// The body of a control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlBody {
    /// No octet.
    Empty,
    /// One unsigned integer of 8 octets, most significant first.
    Integer,
    /// Octets with a structure of their own.
    Octets,
    /// Text: an extension list.
    Text,
}

const fn message(name: &'static str, kind: u8, body: ControlBody) -> ControlMessage {
    ControlMessage { name, kind, body }
}

const SUSPEND: ControlMessage = message("SUSPEND", 0x7E, ControlBody::Empty);
const RESUME: ControlMessage = message("RESUME", 0x7F, ControlBody::Empty);

const CAPABILITIES: &[Capability] = &[
    Capability {
        token: "rate-control",
        parameters: &["sender", "max-rate", "pace", "burst", "step", "ack"],
        messages: &[
            message("RATE", 0x01, ControlBody::Integer),
            message("INCREASE", 0x02, ControlBody::Empty),
            message("DECREASE", 0x03, ControlBody::Empty),
            message("FULL", 0x04, ControlBody::Empty),
            message("EFFECTIVE", 0x05, ControlBody::Integer),
            message("LIMIT", 0x06, ControlBody::Integer),
            SUSPEND,
            RESUME,
            message("ACK", 0x80, ControlBody::Integer),
            message("STATUS", 0x81, ControlBody::Octets),
        ],
    },
    Capability {
        token: "idle-timeout",
        parameters: &["sender", "timeout"],
        messages: &[SUSPEND, RESUME],
    },
    Capability {
        token: "heartbeat",
        parameters: &["sender", "interval"],
        messages: &[
            message("BEAT", 0x01, ControlBody::Octets),
            message("ECHO", 0x02, ControlBody::Octets),
            SUSPEND,
            RESUME,
        ],
    },
    Capability {
        token: SETUP,
        parameters: &["sender"],
        messages: &[
            message("OFFER", 0x01, ControlBody::Text),
            message("ANSWER", 0x02, ControlBody::Text),
            message("CONFIRM", 0x03, ControlBody::Empty),
        ],
    },
];

/// The capability that negotiates others on an open connection.
pub(super) const SETUP: &str = "control-setup";

/// The extension tokens of all capabilities, in the order of the book.
///
/// ```
/// let tokens: Vec<&str> = wsconform_spec::scenario::capabilities().collect();
/// assert_eq!(tokens, ["rate-control", "idle-timeout", "heartbeat", "control-setup"]);
/// ```
pub fn capabilities() -> impl Iterator<Item = &'static str> {
    CAPABILITIES.iter().map(|capability| capability.token)
}

fn capability(token: &str) -> Option<&'static Capability> {
    CAPABILITIES.iter().find(|capability| capability.token == token)
}

/// The control message of the capability `token` with the type `kind`.
pub fn control_message_of_kind(token: &str, kind: u8) -> Option<ControlMessage> {
    capability(token)?.messages.iter().find(|message| message.kind == kind).copied()
}

/// The control message `name` of the capability `token`.
///
/// ```
/// let beat = wsconform_spec::scenario::control_message("heartbeat", "BEAT");
/// assert_eq!(beat.map(|message| message.kind), Some(0x01));
/// ```
pub fn control_message(token: &str, name: &str) -> Option<ControlMessage> {
    capability(token)?.messages.iter().find(|message| message.name == name).copied()
}

/// One capability or, where a column of a table stands for it, any of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Capabilities {
    /// A bit for each of the book, in its order.
    bits: u8,
}

impl Capabilities {
    /// Adds the capability of this token; `false` if there is none.
    pub(super) fn add(&mut self, token: &str) -> bool {
        match CAPABILITIES.iter().position(|capability| capability.token == token) {
            Some(index) => self.bits |= 1 << index,
            None => return false,
        }
        true
    }

    fn each(self) -> impl Iterator<Item = &'static Capability> {
        let indexed = CAPABILITIES.iter().enumerate();
        indexed.filter(move |(index, _)| self.bits >> index & 1 == 1).map(|(_, found)| found)
    }

    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Whether there is one of these tokens alone.
    pub(super) fn is(self, token: &str) -> bool {
        !self.is_empty() && self.each().all(|capability| capability.token == token)
    }

    /// Their tokens, as a diagnostic says them.
    pub(super) fn tokens(self) -> String {
        let tokens: Vec<&str> = self.each().map(|capability| capability.token).collect();
        tokens.join(", ")
    }

    /// The parameters that all of them have.
    pub(super) fn parameters(self) -> Vec<&'static str> {
        let first = self.each().next().map(|first| first.parameters).unwrap_or_default();
        let in_all = |name: &&str| self.each().all(|other| other.parameters.contains(name));
        first.iter().copied().filter(in_all).collect()
    }

    /// The control messages that all of them have, by name and body.
    pub(super) fn messages(self) -> Vec<ControlMessage> {
        let first = self.each().next().map(|first| first.messages).unwrap_or_default();
        let in_all = |message: &ControlMessage| {
            let same =
                |other: &ControlMessage| other.name == message.name && other.body == message.body;
            self.each().all(|capability| capability.messages.iter().any(same))
        };
        first.iter().copied().filter(in_all).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_have_in_common() {
        let mut any = Capabilities::default();
        assert!(any.add("rate-control") && any.is("rate-control"));
        assert!(any.messages().iter().any(|message| message.name == "RATE"));
        assert!(any.add("heartbeat") && !any.add("x") && !any.is("rate-control"));
        let names: Vec<&str> = any.messages().iter().map(|message| message.name).collect();
        assert_eq!(names, ["SUSPEND", "RESUME"]);
        assert_eq!(any.parameters(), ["sender"]);
        assert_eq!(any.tokens(), "rate-control, heartbeat");
    }
}
