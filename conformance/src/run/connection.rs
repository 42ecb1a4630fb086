//! The harness's end of one connection: reads events, writes octets, keeps the transcript.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout_at};
use wsconform_spec::scenario::Role;

use super::agreement::Agreement;
use super::event::{Ending, Event};
use super::flow::Flow;
use super::setup::Setup;
use super::standing::{Assembler, Step, Violation};
use super::transcript::Transcript;
use super::turns::Turns;
use crate::report::Direction;
use crate::target::{Companion, Connected, Duplex};
use crate::wire::{Annotated, BodySkipper, FrameReader, FrameSpec, HttpReader};

/// What arrives: an event, or a frame that violates a standing rule.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// Something the endpoint did.
    Event(Event),
    /// Something that no endpoint may do.
    Violation(Violation),
}

/// How the octets of the stream are read.
enum Reading {
    /// As an HTTP head.
    Head(HttpReader),
    /// As octets that mean nothing yet, behind a head that was not answered, or behind a refusal;
    /// that one has a body.
    Held(Vec<u8>, Option<BodySkipper>),
    /// As the body of a refusal, behind which another head is to come.
    Body(BodySkipper),
    /// As frames, once the answer that came in front of them was looked at: what it agrees on counts
    /// from the first of them.
    Switching(Vec<u8>),
    /// As frames.
    Frames(FrameReader),
    /// As they stand, for a gateway's back end.
    Raw,
}

/// What the reading task hands over.
enum Chunk {
    Octets(Vec<u8>, Instant),
    End { reset: bool },
}

/// The task that reads. It ends with the connection: as long as it holds its half, the stream stays
/// open.
struct ReadingTask(JoinHandle<()>);

impl Drop for ReadingTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// After so long, an endpoint that takes no octets waits to be read.
const STALLED: Duration = Duration::from_millis(100);
/// Octets that are read at once.
const READ_SIZE: usize = 16 * 1024;
/// Chunks that wait to be looked at; more are left to the transport.
const CHUNKS_WAITING: usize = 64;
/// Arrivals that may wait to be looked at while something is written, and octets in them.
const MOST_WAITING: usize = 4096;
const MOST_OCTETS_WAITING: usize = 24 << 20;
/// Octets that one connection of one case may cost; a peer that sends more is cut off.
const MOST_OCTETS: u64 = 64 << 20;
/// Frames that one connection of one case may cost.
const MOST_FRAMES: u64 = 250_000;
/// Octets kept of what comes behind a head, or to a gateway's back end.
const MOST_HELD: usize = 1 << 20;

/// The harness's end of one connection.
pub(crate) struct Connection {
    /// The name in the scenario.
    pub name: Option<String>,
    /// The role of the endpoint at the other end.
    role: Role,
    writer: WriteHalf<Box<dyn Duplex>>,
    chunks: mpsc::Receiver<Chunk>,
    _reader: ReadingTask,
    reading: Reading,
    assembler: Assembler,
    arrivals: VecDeque<Arrival>,
    /// What a gateway sent to its back end and nobody has expected yet.
    pub raw: Vec<u8>,
    received: u64,
    /// Octets that cost nothing.
    free_octets: u64,
    frames: u64,
    /// Authority and request target.
    pub address: (String, String),
    /// The Sec-WebSocket-Key of this connection, once it is known.
    pub key: String,
    /// What the harness asked for and waits for.
    pub turns: Turns,
    /// When the last octets arrived.
    pub arrived: Instant,
    /// Whether nothing is read until something is expected.
    holds: bool,
    /// Whether what arrives is counted anyway, and bounded by time.
    pub measured: bool,
    /// Whether a Close went out.
    pub close_sent: bool,
    /// Whether a Close came in.
    pub close_received: bool,
    /// The time between the request and its answer.
    pub round_trip: Duration,
    ended: bool,
    /// The process behind a client.
    pub companion: Option<Box<dyn Companion>>,
}

impl Connection {
    /// Takes over a fresh stream to an endpoint of this role.
    pub(crate) fn new(name: Option<String>, role: Role, connected: Connected) -> Self {
        let (reader, writer) = split(connected.stream);
        let (sender, chunks) = mpsc::channel(CHUNKS_WAITING);
        let reader = ReadingTask(tokio::spawn(read(reader, sender)));
        Self {
            _reader: reader,
            name,
            role,
            writer,
            chunks,
            reading: Reading::Head(HttpReader::new()),
            assembler: Assembler::new(role),
            arrivals: VecDeque::new(),
            raw: Vec::new(),
            received: 0,
            free_octets: 0,
            frames: 0,
            address: (connected.authority, connected.target),
            key: String::new(),
            turns: Turns::default(),
            arrived: Instant::now(),
            holds: false,
            measured: false,
            close_sent: false,
            close_received: false,
            round_trip: Duration::from_millis(1),
            ended: false,
            companion: connected.companion,
        }
    }

    /// The same, for a stream without WebSocket.
    pub(crate) fn raw(name: Option<String>, connected: Connected) -> Self {
        Self { reading: Reading::Raw, ..Self::new(name, Role::Gateway, connected) }
    }

    /// Whether the harness masks what it sends.
    pub(crate) fn harness_masks(&self) -> bool {
        self.role != Role::Client
    }

    /// Whether the harness is the server.
    pub(crate) fn harness_serves(&self) -> bool {
        self.role == Role::Client
    }

    /// From here on, what an agreement makes active is told apart.
    pub(crate) fn agree(&mut self, agreement: Arc<Agreement>) {
        self.assembler.agree(agreement);
    }

    /// What was agreed on, in the order in which the sequences were assigned.
    pub(crate) fn agreements(&self) -> &[Arc<Agreement>] {
        self.assembler.agreements()
    }

    /// How far a negotiation on the open connection has come.
    pub(super) fn setup(&self) -> &Setup {
        self.assembler.setup()
    }

    /// The data that arrives, and what was promised of it.
    pub(super) fn flow(&self) -> &Flow {
        &self.assembler.flow
    }

    /// Octets of data so far, those of a frame that is half-read included.
    pub(crate) fn octets_of_data(&self) -> u64 {
        let half = match &self.reading {
            Reading::Frames(reader) => reader.half_read(),
            _ => None,
        };
        self.assembler.octets_of_data(half)
    }

    /// The harness is about to send this payload of a binary message; what it means counts from
    /// here on.
    pub(super) fn note_sent(&mut self, payload: &[u8]) {
        let marked = self
            .agreements()
            .iter()
            .find_map(|one| Some((Arc::clone(one), payload.strip_prefix(&one.sequence)?)));
        if let Some((agreement, octets)) = marked {
            self.turns.sent(&agreement, octets);
            self.assembler.sent(&agreement, octets);
        }
    }

    /// From here on, octets are read as frames; those that were held come first.
    pub(crate) fn read_frames(&mut self) {
        let held = match &mut self.reading {
            Reading::Held(held, _) | Reading::Switching(held) => std::mem::take(held),
            // They are already.
            Reading::Frames(_) => return,
            Reading::Head(_) | Reading::Body(_) | Reading::Raw => Vec::new(),
        };
        let at = self.received - held.len() as u64;
        self.reading = Reading::Frames(FrameReader::starting_at(at));
        self.take(&held, self.arrived);
    }

    /// From here on, another head is read behind the body of the last one: a request is sent that is
    /// not the first one. `false` where that body ends with the stream.
    pub(crate) fn read_next_head(&mut self) -> bool {
        if let Reading::Held(held, Some(body)) = &mut self.reading {
            if body.ends_with_the_stream() {
                return false;
            }
            let (held, body) = (std::mem::take(held), body.clone());
            self.reading = Reading::Body(body);
            self.take(&held, self.arrived);
        }
        true
    }

    /// What came behind a head before it was answered.
    pub(crate) fn held(&mut self, transcript: &mut Transcript) -> &[u8] {
        while let Ok(chunk) = self.chunks.try_recv() {
            self.chunk(chunk, transcript);
        }
        match &self.reading {
            Reading::Held(held, _) => held,
            _ => &[],
        }
    }

    /// From here on nothing is read until something is expected.
    pub(crate) fn hold(&mut self) {
        self.holds = true;
    }

    /// Whether the endpoint has closed or ended the connection, as far as that has arrived.
    pub(crate) fn is_over(&mut self, transcript: &mut Transcript) -> bool {
        while !self.holds
            && self.has_room()
            && let Ok(chunk) = self.chunks.try_recv()
        {
            self.chunk(chunk, transcript);
        }
        self.ended || self.assembler.is_closed()
    }

    /// Writes `octets`, and reads what comes as long as they do not go out: an endpoint may answer
    /// before it has all of them. A stream that the other end has closed swallows them: what matters
    /// is what that end said before.
    pub(crate) async fn write(
        &mut self,
        octets: &[u8],
        deadline: Instant,
        transcript: &mut Transcript,
    ) {
        transcript.add(self.name.as_deref(), Direction::Sent, octets);
        let mut rest = octets;
        while !rest.is_empty() {
            let patience = match self.holds {
                true => deadline.min(Instant::now() + STALLED),
                false => deadline,
            };
            let in_time = Instant::now() < deadline;
            let may_read = in_time && !self.holds && !self.ended && self.has_room();
            let came = tokio::select! {
                biased;
                written = self.writer.write(rest) => match written {
                    Ok(count) if count > 0 => {
                        rest = rest.get(count..).unwrap_or_default();
                        None
                    }
                    _ => return,
                },
                chunk = self.chunks.recv(), if may_read => {
                    Some(chunk.unwrap_or(Chunk::End { reset: false }))
                }
                () = sleep_until(patience) => {
                    if patience == deadline {
                        return;
                    }
                    // It stopped reading until it is read, as it may.
                    self.holds = false;
                    None
                }
            };
            if let Some(chunk) = came {
                self.chunk(chunk, transcript);
            }
        }
        let _ = timeout_at(deadline, self.writer.flush()).await;
    }

    /// Whether more may be read than is looked at for now.
    fn has_room(&self) -> bool {
        let kept = |arrival: &Arrival| match arrival {
            Arrival::Event(Event::Message(message)) => message.payload.len(),
            _ => 0,
        };
        self.arrivals.len() < MOST_WAITING
            && self.arrivals.iter().map(kept).sum::<usize>() < MOST_OCTETS_WAITING
    }

    /// Writes a frame of the harness's own, masked as its role wants.
    pub(crate) async fn write_frame(
        &mut self,
        frame: &FrameSpec,
        key: [u8; 4],
        deadline: Instant,
        transcript: &mut Transcript,
    ) {
        let octets = frame.encode(self.harness_masks().then_some(key));
        self.write(&octets, deadline, transcript).await;
    }

    /// Ends the harness's half of the stream.
    pub(crate) async fn shut_down(&mut self, deadline: Instant, transcript: &mut Transcript) {
        transcript.note(self.name.as_deref(), Direction::Sent, "end");
        let _ = timeout_at(deadline, self.writer.shutdown()).await;
    }

    /// The next arrival, or `None` if there is none before `deadline`.
    pub(crate) async fn next(
        &mut self,
        deadline: Instant,
        transcript: &mut Transcript,
    ) -> Option<Arrival> {
        self.holds = false;
        loop {
            if let Some(arrival) = self.arrivals.pop_front() {
                return Some(arrival);
            }
            if !self.read_more(deadline, transcript).await {
                return None;
            }
        }
    }

    /// What has arrived and was not looked at.
    pub(crate) fn waiting(&mut self) -> &mut VecDeque<Arrival> {
        &mut self.arrivals
    }

    /// Octets that came so far.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Reads until more octets are there; `false` at the deadline or the end.
    pub(crate) async fn read_more(
        &mut self,
        deadline: Instant,
        transcript: &mut Transcript,
    ) -> bool {
        if matches!(self.reading, Reading::Switching(_)) {
            self.read_frames();
            return true;
        }
        // Looked at here too: a stream that always has more never lets the timer have its say.
        if self.ended || Instant::now() >= deadline {
            return false;
        }
        match timeout_at(deadline, self.chunks.recv()).await {
            Ok(Some(chunk)) => self.chunk(chunk, transcript),
            Ok(None) => self.chunk(Chunk::End { reset: false }, transcript),
            Err(_) => return false,
        }
        true
    }

    /// Whether the stream has ended, and all that came was looked at.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended && self.arrivals.is_empty()
    }

    /// What has arrived of something that is not whole, annotated.
    pub(crate) fn unfinished(&self) -> Option<Annotated> {
        match &self.reading {
            Reading::Head(reader) => reader.half_read().map(|head| Annotated::head(&head)),
            Reading::Frames(reader) => match (reader.half_read(), reader.half_head()) {
                (Some(frame), _) => Some(Annotated::frame(frame)),
                (None, []) => None,
                (None, octets) => {
                    let start = reader.position() - octets.len() as u64;
                    Some(Annotated::octets(start, octets, "the beginning of a frame"))
                }
            },
            Reading::Held(held, _) | Reading::Switching(held) if !held.is_empty() => {
                let start = self.received - held.len() as u64;
                Some(Annotated::octets(start, held, "octets behind a head"))
            }
            _ => None,
        }
    }

    fn chunk(&mut self, chunk: Chunk, transcript: &mut Transcript) {
        match chunk {
            Chunk::Octets(octets, arrived) => {
                transcript.add(self.name.as_deref(), Direction::Received, &octets);
                let length = octets.len() as u64;
                self.received += length;
                self.arrived = arrived;
                self.take(&octets, arrived);
                if self.measured {
                    self.free_octets += length;
                }
                if self.received - self.free_octets > MOST_OCTETS {
                    self.end(false, true);
                }
            }
            Chunk::End { reset } => {
                let how = if reset { "reset" } else { "end" };
                transcript.note(self.name.as_deref(), Direction::Received, how);
                self.end(reset, false);
            }
        }
    }

    fn end(&mut self, reset: bool, flood: bool) {
        if !self.ended {
            self.ended = true;
            self.chunks.close();
            let unfinished = self.unfinished();
            let ending = Ending { reset, unfinished, flood };
            self.arrivals.push_back(Arrival::Event(Event::End(ending)));
        }
    }

    fn take(&mut self, octets: &[u8], arrived: Instant) {
        let mut input = octets;
        while !input.is_empty() && !self.ended {
            match &mut self.reading {
                Reading::Raw => {
                    keep(&mut self.raw, input);
                    return;
                }
                Reading::Held(held, _) | Reading::Switching(held) => {
                    keep(held, input);
                    return;
                }
                Reading::Body(body) => {
                    if body.skip(&mut input) {
                        let position = self.received - input.len() as u64;
                        self.reading = Reading::Head(HttpReader::new().starting_at(position));
                    }
                }
                Reading::Head(reader) => {
                    let Some(head) = reader.take(&mut input) else { return };
                    // RFC 9110, 15.2: interim answers may come before the final one.
                    if matches!(head.status(), Some(100 | 102..=199)) {
                        continue;
                    }
                    self.reading = match head.status() {
                        Some(101) => Reading::Switching(Vec::new()),
                        Some(_) => Reading::Held(Vec::new(), Some(BodySkipper::behind(&head))),
                        None => Reading::Held(Vec::new(), None),
                    };
                    self.arrivals.push_back(Arrival::Event(Event::Head(Box::new(head))));
                }
                Reading::Frames(reader) => {
                    let Some(frame) = reader.take(&mut input) else {
                        let judged = reader.half_read().map(|head| self.assembler.judge_head(head));
                        if let Some(Err(violation)) = judged {
                            self.arrivals.push_back(Arrival::Violation(violation));
                        }
                        return;
                    };
                    self.frames += u64::from(!self.measured);
                    if self.frames > MOST_FRAMES {
                        return self.end(false, true);
                    }
                    match self.assembler.take(frame, arrived) {
                        Ok(Step::Nothing) => {}
                        Ok(Step::Event(event)) => self.arrivals.push_back(Arrival::Event(event)),
                        Err(violation) => self.arrivals.push_back(Arrival::Violation(violation)),
                    }
                }
            }
        }
    }
}

fn keep(kept: &mut Vec<u8>, octets: &[u8]) {
    let room = MOST_HELD.saturating_sub(kept.len());
    kept.extend(octets.iter().take(room));
}

async fn read(mut reader: ReadHalf<Box<dyn Duplex>>, chunks: mpsc::Sender<Chunk>) {
    let mut buffer = vec![0; READ_SIZE];
    loop {
        let chunk = match reader.read(&mut buffer).await {
            Ok(0) => Chunk::End { reset: false },
            Ok(length) => Chunk::Octets(buffer[..length].to_vec(), Instant::now()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => Chunk::End { reset: true },
        };
        let last = matches!(chunk, Chunk::End { .. });
        if chunks.send(chunk).await.is_err() || last {
            return;
        }
    }
}
