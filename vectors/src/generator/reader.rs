//! The independent readings: the same octets, read by code that shares nothing.

use std::fmt;
use std::time::Duration;

use wsconform_peers as peers;
use wsconform_reference as reference;
use wsconform_spec::example;
use wsconform_spec::grammar::{Setting, Setup};

use super::heads;
use super::program::BY_GRAMMAR;
use super::reading::{Failure, Reader, Reading, Unreadable};
use crate::model::{Context, Event, Role, SetUp};
use crate::octets::{Octets, Sequence};

impl Reader {
    /// Reads octets that come in these pieces. The endpoints take messages of up to 1 MiB.
    ///
    /// Types of control messages that a reader may ignore are no events, known or not: the plain
    /// endpoint knows none of them.
    ///
    /// # Errors
    ///
    /// What the reader cannot read.
    pub fn read(self, context: &Context, pieces: &[&[u8]]) -> Result<Reading, Unreadable> {
        if let Some(rule) = &context.rule {
            return heads::read(self, rule, context, pieces);
        }
        let mut reading = match self {
            Self::Grammar => read_by_grammar(context, &pieces.concat()).0,
            Self::Peers if context.setup.is_some() => return Err(Unreadable::Setup),
            Self::Peers => read_as_peer(context, pieces),
            Self::Plain => return Err(Unreadable::Rule("frame".to_owned())),
            Self::Reference => read_as_reference(context, pieces)?,
        };
        reading.events.retain(is_told);
        Ok(reading)
    }
}

/// What the grammar makes of a stream, and how many octets its whole frames have.
pub(super) fn read_by_grammar(context: &Context, octets: &[u8]) -> (Reading, usize) {
    let role = match context.role {
        Role::Client => example::Reader::Client,
        Role::Server => example::Reader::Server,
    };
    let active = |(name, Sequence(octets)): (&String, &Sequence)| example::ActiveSequence {
        capability: name.clone(),
        sequence: *octets,
    };
    let setting = Setting {
        reader: role,
        active: context.sequences.iter().map(active).collect(),
        setup: match &context.setup {
            None => Setup::None,
            Some(SetUp::Offered(_)) => Setup::Offered,
            Some(SetUp::Accepted(agreed)) => Setup::Answered(agreed.iter().map(active).collect()),
        },
    };
    let reading = BY_GRAMMAR.as_ref().map(|reader| reader.read(&setting, octets));
    let reading = reading.unwrap_or_default();
    let taken = reading.taken;
    let failure = reading.failure;
    let reading = Reading {
        events: reading.events.into_iter().map(event_of_book).filter(is_told).collect(),
        failure: failure
            .map(|fail| Failure { close: fail.code, requirement: Some(fail.requirement) }),
    };
    (reading, taken)
}

/// Whether every reader tells of such an event.
fn is_told(event: &Event) -> bool {
    !matches!(event, Event::Control { kind: 0x80.., .. })
}

fn event_of_book(event: example::Event) -> Event {
    use example::Event as From;

    match event {
        From::Text(text) => Event::Text { payload: Octets(text.into_bytes()) },
        From::Binary(octets) => Event::Binary { payload: Octets(octets) },
        From::Ping(octets) => Event::Ping { payload: Octets(octets) },
        From::Pong(octets) => Event::Pong { payload: Octets(octets) },
        From::Close(None) => Event::Close { code: None, reason: String::new() },
        From::Close(Some((code, reason))) => Event::Close { code: Some(code), reason },
        From::Control { capability, message } => {
            let (kind, body) =
                message.split_first().map_or((0, &[][..]), |(kind, body)| (*kind, body));
            Event::Control { capability, kind, body: Octets(body.to_vec()) }
        }
    }
}

fn read_as_peer(context: &Context, pieces: &[&[u8]]) -> Reading {
    let role = match context.role {
        Role::Client => peers::Role::Client,
        Role::Server => peers::Role::Server,
    };
    let sequences = context.sequences.iter();
    let sequences = sequences.map(|(name, Sequence(octets))| (name.clone(), *octets)).collect();
    let reading = peers::read(&peers::Context { role, sequences }, pieces);
    let event = |event| match event {
        peers::Event::Text(octets) => Event::Text { payload: Octets(octets) },
        peers::Event::Binary(octets) => Event::Binary { payload: Octets(octets) },
        peers::Event::Ping(octets) => Event::Ping { payload: Octets(octets) },
        peers::Event::Pong(octets) => Event::Pong { payload: Octets(octets) },
        peers::Event::Close { code, reason } => Event::Close { code, reason },
        peers::Event::Control { capability, kind, body } => {
            Event::Control { capability, kind, body: Octets(body) }
        }
    };
    Reading {
        events: reading.events.into_iter().map(event).collect(),
        failure: reading.close.map(|close| Failure { close, requirement: None }),
    }
}

fn read_as_reference(context: &Context, pieces: &[&[u8]]) -> Result<Reading, Unreadable> {
    use reference::{Capability, Connection, Limits, SeededRandom, Support};

    let role = match context.role {
        Role::Client => reference::Role::Client,
        Role::Server => reference::Role::Server,
    };
    let agreement = |(name, Sequence(octets)): (&String, &Sequence)| {
        let capability = Capability::from_token(name);
        let capability = capability.ok_or_else(|| Unreadable::Capability(name.clone()))?;
        let sequence = reference::Sequence(*octets);
        Ok(reference::Agreement::of(capability, sequence))
    };
    let agreements = context.sequences.iter().map(agreement).collect::<Result<Vec<_>, _>>()?;
    let limits = Limits { message: MESSAGE_LIMIT, ..Limits::default() };
    let new = |role| Connection::new(role, &agreements, limits.clone(), SeededRandom(0));
    let mut connection = new(role);
    match &context.setup {
        None => {}
        Some(SetUp::Offered(list)) => {
            let sent = offer(list).map(|offer| connection.send_control(&offer));
            sent.and_then(Result::ok).ok_or(Unreadable::Setup)?;
        }
        Some(SetUp::Accepted(agreed)) => {
            connection = connection.with_support(Support::all());
            let tokens: Vec<&str> = agreed.keys().map(String::as_str).collect();
            let mut offerer = new(role.peer());
            let sent = offer(&tokens.join(", ")).map(|offer| offerer.send_control(&offer));
            sent.and_then(Result::ok).ok_or(Unreadable::Setup)?;
            connection.receive(&offerer.take_output(), Duration::ZERO);
            while connection.poll_event().is_some() {}
        }
    }
    let mut reading = Reading { events: Vec::new(), failure: None };
    for piece in pieces {
        connection.receive(piece, Duration::ZERO);
        while let Some(event) = connection.poll_event() {
            match event {
                reference::Event::Failed(reference::Failure { violation, .. }) => {
                    let close = violation.close_code().0;
                    let requirement = Some(violation.requirement().to_owned());
                    reading.failure = Some(Failure { close, requirement });
                }
                event => reading.events.extend(event_of_reference(event)),
            }
        }
    }
    Ok(reading)
}

/// An OFFER with this list.
fn offer(list: &str) -> Option<reference::ControlMessage> {
    let list = reference::ExtensionList::new(reference::parse_extensions(list).ok()?)?;
    Some(reference::ControlMessage::Setup(reference::SetupMessage::Offer(list)))
}

/// What is read; what follows from it is none of the files' business.
fn event_of_reference(event: reference::Event) -> Option<Event> {
    use reference::Event as From;

    Some(match event {
        From::Text(text) => Event::Text { payload: Octets(text.into_bytes()) },
        From::Binary(octets) => Event::Binary { payload: Octets(octets) },
        From::Ping(octets) => Event::Ping { payload: Octets(octets) },
        From::Pong(octets) => Event::Pong { payload: Octets(octets) },
        From::Close(close) => match close {
            Some(close) => Event::Close { code: Some(close.code.0), reason: close.reason },
            None => Event::Close { code: None, reason: String::new() },
        },
        From::Control(message) => {
            let octets = message.encode();
            let (kind, body) =
                octets.split_first().map_or((0, &[][..]), |(kind, body)| (*kind, body));
            let capability = message.capability().token().to_owned();
            Event::Control { capability, kind, body: Octets(body.to_vec()) }
        }
        From::Failed(_) | From::Lost | From::Rate(_) | From::Negotiated(_) | From::Silent => {
            return None;
        }
    })
}

/// What the plain endpoint takes, in octets.
const MESSAGE_LIMIT: u64 = 1024 * 1024;

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A line for each event, then one for the failure.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.events {
            let json = serde_json::to_string(event).unwrap_or_default();
            let head: String = json.chars().take(200).collect();
            let cut = if head.len() < json.len() { " ..." } else { "" };
            writeln!(f, "    {head}{cut}")?;
        }
        match &self.failure {
            None => write!(f, "    accepts"),
            Some(Failure { close, requirement: None }) => write!(f, "    fails with {close}"),
            Some(Failure { close, requirement: Some(requirement) }) => {
                write!(f, "    fails with {close} for {requirement}")
            }
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capability(name) => write!(f, "the capability `{name}` is unknown to the reader"),
            Self::Setup => f.write_str("the reader does not negotiate on an open connection"),
            Self::Rule(rule) => write!(f, "the reader does not read this sentence of `{rule}`"),
        }
    }
}

impl std::error::Error for Unreadable {}
