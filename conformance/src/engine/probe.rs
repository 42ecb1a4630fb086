//! Single questions to an endpoint, before the first case.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::scenario::{Role, capabilities};

use crate::run::{
    Agreement, Arrival, Connection, Event, Given, LEAST_START, Random, Transcript, accept,
};
use crate::target::Target;
use crate::wire::{
    ExtensionList, Frame, FrameSpec, HttpHead, Opcode, RequestSpec, ResponseSpec, StartLine,
    accept_of, hex, key_of,
};

/// The first of the sequences that a client is given while it is looked at.
const SEQUENCE: u32 = 0xF080_0010;
/// What the echo is tried with.
const TOKEN: &str = "wsconform";

/// Why there is nothing to certify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnEndpoint {
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub help: &'static str,
}

impl fmt::Display for NotAnEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for NotAnEndpoint {}

/// Asks questions, each on a connection of its own.
pub(super) struct Probe<'a> {
    target: &'a dyn Target,
    patience: Duration,
    random: Random,
    transcript: Transcript,
}

/// An open connection, and the head that opened it.
pub(super) type Opened = Result<(Connection, HttpHead), NotAnEndpoint>;

impl<'a> Probe<'a> {
    /// Asks `target`, which gets so much time for each answer.
    pub(super) fn new(target: &'a dyn Target, patience: Duration, seed: u64) -> Self {
        let random = Random::of_case(seed, "discovery");
        Self { target, patience, random, transcript: Transcript::default() }
    }

    /// Who is asked.
    pub(super) fn role(&self) -> Role {
        self.target.role()
    }

    /// A connection to the application `app`: dialled without offers, or accepted with all that
    /// the client offers.
    pub(super) async fn open(&mut self, app: &str) -> Opened {
        match self.role() {
            Role::Client => self.open_as_server(app, |_| true).await,
            Role::Server | Role::Gateway => self.open_as_client(app, None).await,
        }
    }

    /// The same, with one capability offered or accepted.
    pub(super) async fn open_with(&mut self, app: &str, capability: &str) -> Opened {
        match self.role() {
            Role::Client => self.open_as_server(app, |token| token == capability).await,
            Role::Server | Role::Gateway => self.open_as_client(app, Some(capability)).await,
        }
    }

    /// The same, with nothing offered or accepted.
    pub(super) async fn open_without(&mut self, app: &str) -> Opened {
        match self.role() {
            Role::Client => self.open_as_server(app, |_| false).await,
            Role::Server | Role::Gateway => self.open_as_client(app, None).await,
        }
    }

    async fn open_as_client(&mut self, app: &str, offers: Option<&str>) -> Opened {
        let (mut connection, head) = self.ask(app, offers).await?;
        if offers.is_some() {
            let answer = head.extensions().unwrap_or_default();
            for agreement in answer.items.iter().filter_map(Agreement::of) {
                connection.agree(Arc::new(agreement));
            }
        }
        match head.status() {
            Some(101) => Ok((connection, head)),
            Some(status) => Err(NotAnEndpoint {
                what: format!("it answers an opening handshake with HTTP status {status}"),
                help: "is this the URL of its WebSocket endpoint?",
            }),
            None => Err(NotAnEndpoint {
                what: format!("it answers an opening handshake with {}", Event::Head(head.into())),
                help: "this is no HTTP; is it the right port?",
            }),
        }
    }

    /// Sends an opening handshake and reads the answer, whatever it is.
    pub(super) async fn ask(&mut self, app: &str, offers: Option<&str>) -> Opened {
        let connected = self.target.connect(app, self.patience).await.map_err(|error| {
            NotAnEndpoint { what: error.to_string(), help: self.target.advice() }
        })?;
        let key = key_of(self.random.octets(16).try_into().unwrap_or([0; 16]));
        let mut request = RequestSpec::opening(&connected.authority, &connected.target, &key);
        if let Some(offers) = offers {
            request.fields.append("Sec-WebSocket-Extensions", offers);
        }
        let mut connection = Connection::new(None, self.target.role(), connected);
        let deadline = Instant::now() + self.patience;
        connection.write(&request.encode(), deadline, &mut self.transcript).await;
        let head = self.head(&mut connection, deadline).await?;
        Ok((connection, head))
    }

    async fn open_as_server(&mut self, app: &str, accepts: impl Fn(&str) -> bool) -> Opened {
        let help = self.target.advice();
        let patience = self.patience.max(LEAST_START);
        let connected = self
            .target
            .connect(app, patience)
            .await
            .map_err(|error| NotAnEndpoint { what: error.to_string(), help })?;
        let mut connection = Connection::new(None, Role::Client, connected);
        let deadline = Instant::now() + patience;
        let head = self.head(&mut connection, deadline).await?;
        if !matches!(head.start_line, Ok(StartLine::Request { .. })) {
            let what = format!("it sends {}", Event::Head(head.into()));
            return Err(NotAnEndpoint { what, help });
        }
        // A request without a key is for the cases to judge.
        let key = head.field_values("Sec-WebSocket-Key").concat();
        let mut response = ResponseSpec::switching(&accept_of(&key));
        let agreements = answer(&head.extensions().unwrap_or_default(), accepts);
        if !agreements.is_empty() {
            let items = agreements.iter().map(Agreement::item).collect();
            let answer = ExtensionList { items, ..ExtensionList::default() };
            response.fields.append("Sec-WebSocket-Extensions", answer.to_string());
        }
        connection.write(&response.encode(), deadline, &mut self.transcript).await;
        for agreement in agreements {
            connection.agree(Arc::new(agreement));
        }
        connection.read_frames();
        Ok((connection, head))
    }

    async fn head(
        &mut self,
        connection: &mut Connection,
        deadline: Instant,
    ) -> Result<HttpHead, NotAnEndpoint> {
        let what = match connection.next(deadline, &mut self.transcript).await {
            Some(Arrival::Event(Event::Head(head))) if head.is_whole() => return Ok(*head),
            Some(Arrival::Event(Event::Head(head))) => {
                format!("it sends a head that does not end within {} octets", head.raw.len())
            }
            Some(Arrival::Event(event)) => {
                format!("it does not open a WebSocket connection: {event}")
            }
            Some(Arrival::Violation(violation)) => violation.observed,
            None => match connection.unfinished() {
                Some(octets) if !octets.octets.is_empty() => {
                    format!(
                        "its answer to an opening handshake begins {} and does not end in time",
                        beginning(&octets.octets)
                    )
                }
                _ => "it takes the connection but says nothing".to_owned(),
            },
        };
        Err(NotAnEndpoint { what, help: "is this a WebSocket endpoint?" })
    }

    /// Whether data comes back, before or not long after the answer to a ping behind it.
    pub(super) async fn echoes(&mut self, connection: &mut Connection) -> bool {
        // A pong may overtake the echo, but not by much.
        self.reaction(connection, self.patience / 2).await == Some(true)
    }

    /// Whether no data comes back, but the answer to a ping behind it.
    pub(super) async fn answers_pings_alone(&mut self, connection: &mut Connection) -> bool {
        self.reaction(connection, LEAST_REACTION).await == Some(false)
    }

    /// Whether data comes back, before the answer to a ping or at most `behind_pong` after it; `None`
    /// if not even a ping is answered.
    async fn reaction(
        &mut self,
        connection: &mut Connection,
        behind_pong: Duration,
    ) -> Option<bool> {
        let key = self.random.four();
        let deadline = Instant::now() + self.patience;
        let text = FrameSpec::text(TOKEN);
        connection.write_frame(&text, key, deadline, &mut self.transcript).await;
        connection.write_frame(&FrameSpec::ping(TOKEN), key, deadline, &mut self.transcript).await;
        let mut until = deadline;
        let mut reaction = None;
        loop {
            match connection.next(until, &mut self.transcript).await {
                Some(Arrival::Event(Event::Message(message))) if !message.class.is_data() => {}
                Some(Arrival::Event(Event::Message(_)) | Arrival::Violation(_)) => {
                    return Some(true);
                }
                Some(Arrival::Event(Event::Native(frame))) if frame.opcode != Opcode::CLOSE => {
                    self.answer(connection, &frame, deadline).await;
                    if is_ours(&frame) {
                        until = until.min(Instant::now() + behind_pong);
                        reaction = Some(false);
                    }
                }
                _ => return reaction,
            }
        }
    }

    /// Whether the endpoint does what `sign` tells of its own accord.
    pub(super) async fn does(
        &mut self,
        connection: &mut Connection,
        sign: impl Fn(&Event) -> bool,
    ) -> bool {
        let mut deadline = Instant::now() + self.patience;
        let (key, ping) = (self.random.four(), FrameSpec::ping(TOKEN));
        connection.write_frame(&ping, key, deadline, &mut self.transcript).await;
        loop {
            match connection.next(deadline, &mut self.transcript).await {
                Some(Arrival::Event(event)) if sign(&event) => return true,
                Some(Arrival::Event(Event::Native(frame))) if frame.opcode != Opcode::CLOSE => {
                    self.answer(connection, &frame, deadline).await;
                    if is_ours(&frame) {
                        // A ping that came with the answer may be answered before the application
                        // runs.
                        deadline = deadline.min(Instant::now() + LEAST_REACTION);
                    }
                }
                Some(Arrival::Event(Event::Message(message))) if !message.class.is_data() => {}
                _ => return false,
            }
        }
    }

    async fn answer(&mut self, connection: &mut Connection, frame: &Frame, deadline: Instant) {
        if frame.opcode == Opcode::PING {
            let (key, pong) = (self.random.four(), FrameSpec::pong(frame.payload.clone()));
            connection.write_frame(&pong, key, deadline, &mut self.transcript).await;
        }
    }
}

/// The plainest answer to the offers of a client.
fn answer(offers: &ExtensionList, accepts: impl Fn(&str) -> bool) -> Vec<Agreement> {
    let mut agreements = Vec::new();
    let mut sequences = SEQUENCE..;
    for token in capabilities().filter(|token| accepts(token)) {
        let sequence = sequences.start.to_be_bytes();
        if let Ok(agreement) = accept(token, sequence, &Given::new(), offers) {
            agreements.push(agreement);
            sequences.next();
        }
    }
    agreements
}

/// Whether it is the answer to the ping of the probe.
fn is_ours(frame: &Frame) -> bool {
    frame.opcode == Opcode::PONG && frame.payload == TOKEN.as_bytes()
}

/// The first octets, as text where they are text.
fn beginning(octets: &[u8]) -> String {
    let first = &octets[..octets.len().min(60)];
    match std::str::from_utf8(first) {
        Ok(text) => hex::quote(text),
        Err(_) => hex::excerpt(first, octets.len() as u64),
    }
}

/// The least time that the application gets behind the answer to a ping.
const LEAST_REACTION: Duration = Duration::from_millis(150);
