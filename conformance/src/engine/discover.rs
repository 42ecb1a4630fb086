//! Finds out what an endpoint is before the first case.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::scenario::{Role, capabilities};

use crate::report::Found;
use crate::run::{
    Agreement, Arrival, Connection, Event, Given, LEAST_START, Random, Transcript, accept,
};
use crate::target::Target;
use crate::wire::{
    ExtensionList, Frame, FrameSpec, HttpHead, Opcode, RequestSpec, ResponseSpec, StartLine,
    accept_of, hex, key_of,
};

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

/// The first of the sequences that a client is given while it is looked at.
const SEQUENCE: u32 = 0xF080_0010;
/// An extension that nobody implements: who accepts it accepts anything.
const NOBODYS: &str = "x-wsconform-unknown";
/// What the echo is tried with.
const TOKEN: &str = "wsconform";

/// What `target` is: which applications it runs, which capabilities it negotiates.
///
/// # Errors
///
/// There is no WebSocket endpoint: nothing listens, it does not speak HTTP, it says nothing within
/// `patience`, the client never connects.
pub async fn discover(
    target: &dyn Target,
    patience: Duration,
    seed: u64,
) -> Result<Found, NotAnEndpoint> {
    let mut probe = Probe {
        target,
        patience,
        random: Random::of_case(seed, "discovery"),
        transcript: Transcript::default(),
    };
    let mut found = Found::default();
    // One connection after the other: some servers take no more than one at a time.
    let (connection, head) = match target.role() {
        Role::Client => probe.open_as_server("").await?,
        Role::Server | Role::Gateway => probe.open_as_client("").await?,
    };
    if target.role() != Role::Gateway && probe.echoes(connection).await {
        found.applications.push("echo".to_owned());
    }
    found.capabilities = match target.role() {
        Role::Client => offered(&head),
        Role::Server | Role::Gateway => probe.accepted().await?,
    };
    if target.role() != Role::Gateway && probe.closes().await {
        found.applications.push("close".to_owned());
    }
    Ok(found)
}

struct Probe<'a> {
    target: &'a dyn Target,
    patience: Duration,
    random: Random,
    transcript: Transcript,
}

impl Probe<'_> {
    async fn open_as_client(&mut self, app: &str) -> Result<(Connection, HttpHead), NotAnEndpoint> {
        let (connection, head) = self.ask(app, None).await?;
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

    /// The capabilities that are named in the answer to an offer of all of them, or of each alone
    /// where that is refused. What gives no answer at all is asked once more: it has not declined.
    async fn accepted(&mut self) -> Result<Vec<String>, NotAnEndpoint> {
        let all: Vec<&str> = capabilities().chain([NOBODYS]).collect();
        let offer = all.join(", ");
        let head = match self.ask("", Some(&offer)).await {
            Ok((_, head)) => head,
            Err(_) => self.ask("", Some(&offer)).await?.1,
        };
        if head.status() == Some(101) {
            return Ok(capabilities()
                .filter(|token| names(&head, token))
                .map(Into::into)
                .collect());
        }
        let mut accepted = Vec::new();
        for token in capabilities() {
            let answer = self.ask("", Some(token)).await;
            if answer.is_ok_and(|(_, head)| head.status() == Some(101) && names(&head, token)) {
                accepted.push(token.to_owned());
            }
        }
        Ok(accepted)
    }

    /// Sends an opening handshake and reads the answer, whatever it is.
    async fn ask(
        &mut self,
        app: &str,
        offers: Option<&str>,
    ) -> Result<(Connection, HttpHead), NotAnEndpoint> {
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

    async fn open_as_server(&mut self, app: &str) -> Result<(Connection, HttpHead), NotAnEndpoint> {
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
        let answer = answer(&head.extensions().unwrap_or_default());
        if !answer.items.is_empty() {
            response.fields.append("Sec-WebSocket-Extensions", answer.to_string());
        }
        connection.write(&response.encode(), deadline, &mut self.transcript).await;
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
    async fn echoes(&mut self, mut connection: Connection) -> bool {
        let key = self.random.four();
        let deadline = Instant::now() + self.patience;
        let text = FrameSpec::text(TOKEN);
        connection.write_frame(&text, key, deadline, &mut self.transcript).await;
        connection.write_frame(&FrameSpec::ping(TOKEN), key, deadline, &mut self.transcript).await;
        let mut until = deadline;
        loop {
            match connection.next(until, &mut self.transcript).await {
                Some(Arrival::Event(Event::Message(message))) if !message.class.is_data() => {}
                Some(Arrival::Event(Event::Message(_)) | Arrival::Violation(_)) => return true,
                Some(Arrival::Event(Event::Native(frame))) if frame.opcode != Opcode::CLOSE => {
                    self.answer(&mut connection, &frame, deadline).await;
                    if is_ours(&frame) {
                        // A pong may overtake the echo, but not by much.
                        until = until.min(Instant::now() + self.patience / 2);
                    }
                }
                _ => return false,
            }
        }
    }

    /// Whether the resource `close` starts the closing handshake.
    async fn closes(&mut self) -> bool {
        let opened = match self.target.role() {
            Role::Client => self.open_as_server("close").await,
            Role::Server | Role::Gateway => self.open_as_client("close").await,
        };
        let Ok((mut connection, _)) = opened else { return false };
        let mut deadline = Instant::now() + self.patience;
        let (key, ping) = (self.random.four(), FrameSpec::ping(TOKEN));
        connection.write_frame(&ping, key, deadline, &mut self.transcript).await;
        loop {
            match connection.next(deadline, &mut self.transcript).await {
                Some(Arrival::Event(Event::Native(frame))) if frame.opcode == Opcode::CLOSE => {
                    return true;
                }
                Some(Arrival::Event(Event::Native(frame))) => {
                    self.answer(&mut connection, &frame, deadline).await;
                    if is_ours(&frame) {
                        // A ping that came with the answer may be answered before the application
                        // runs.
                        deadline = deadline.min(Instant::now() + LEAST_REACTION);
                    }
                }
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

/// Whether the answer accepts the capability. One that accepts anything has to give it a sequence,
/// else the name may be no more than an echo of the offer.
fn names(head: &HttpHead, capability: &str) -> bool {
    let answer = head.extensions().unwrap_or_default();
    let named = |token: &str| answer.items.iter().find(|item| item.name == token);
    named(capability).is_some_and(|item| named(NOBODYS).is_none() || item.has("control"))
}

/// The capabilities that a client offers.
fn offered(head: &HttpHead) -> Vec<String> {
    let offers = head.extensions().unwrap_or_default();
    let named = |token: &&str| offers.items.iter().any(|item| item.name == *token);
    capabilities().filter(named).map(str::to_owned).collect()
}

/// The plainest answer to the offers of a client.
fn answer(offers: &ExtensionList) -> ExtensionList {
    let accepted = capabilities()
        .filter_map(|token| accept(token, &Given::new(), offers).ok().map(|given| (token, given)));
    let items = (SEQUENCE..).zip(accepted).map(|(sequence, (token, given))| {
        Agreement::new(token, sequence.to_be_bytes(), given).item()
    });
    ExtensionList { items: items.collect(), ..ExtensionList::default() }
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
