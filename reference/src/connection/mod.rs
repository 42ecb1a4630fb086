//! The connection: octets in, events and octets out. No socket, no clock.
//!
//! Both ends are the same machine; they differ in who masks and in who may send which control
//! messages. [`Connection::receive`] takes whatever the transport brought, cut in any way, and
//! [`Connection::poll_event`] tells what it meant. The `send_*` methods and the automatic replies
//! append to [`Connection::output`], which the caller writes to the transport.
//!
//! What happens in which state:
//!
//! | state | data, control message | ping | Close | violation | end of stream |
//! |---|---|---|---|---|---|
//! | Open | event | event, answered | event, answered: Closed | event, told: Failed | event: Lost |
//! | Closing | event | event | event: Closed | event: Failed | event: Lost |
//! | Closed, Failed, Lost | | | | | |
//!
//! A peer is told of its violation by a Close with the fitting code. What this endpoint may do: in
//! Open everything; `send_close` leads to Closing, where it may send nothing more (RFC 6455, 5.5.1);
//! in the others nothing, and nothing is read any more.
//!
//! # Time
//!
//! Time is a duration since the connection was opened. The caller tells it, by
//! [`Connection::receive`] and [`Connection::advance`]; what is sent in between is sent at the instant
//! that was told last. [`Connection::deadline`] is when the connection wants to be told next.
//!
//! # What leaves when
//!
//! Native control frames leave at once. Control messages wait for the end of a message in
//! progress, data for its rate too. So where a rate is in force, data is made into frames only as
//! fast as the transport takes them: call [`Connection::consume_output`] or
//! [`Connection::take_output`], and look again.
//!
//! # The files
//!
//! | file | what it is about |
//! |---|---|
//! | `receive` | frames and messages that arrive |
//! | `control` | control messages that arrive: whose turn it is, what has to be done |
//! | `send` | what the application asks for |
//! | `queue`, `pump`, `output` | data that waits; what leaves next; octets on their way out |
//! | `time` | what time brings |
//! | `rates`, `idle`, `heartbeat`, `setup` | a capability each, with the table of its states |
//! | `suspension`, `budget` | what capabilities have in common |

mod budget;
mod control;
mod heartbeat;
mod idle;
mod output;
mod pump;
mod queue;
mod rates;
mod receive;
mod send;
mod setup;
mod suspension;
mod time;

#[cfg(test)]
mod pairs;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use self::budget::{Budget, MOST_IN_A_SECOND};
use self::heartbeat::Heartbeat;
use self::idle::Idle;
use self::output::Output;
use self::pump::Waiting;
use self::queue::Queue;
use self::rates::{Rates, Totals};
use self::setup::Setup;
use crate::control::{Agreement, Capability, ControlMessage, Filter, Inspector, Rate, Support};
use crate::error::Failure;
use crate::frame::{FrameReader, Opcode, encode_frame};
use crate::message::{Assembly, Close};
use crate::random::{Random, draw};
use crate::rate::SenderOptions;
use crate::role::Role;

/// What an endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest message in octets; a longer one fails the connection with 1009.
    pub message: u64,
    /// Most control messages in any second; more fail the connection with 1008. `None` takes all;
    /// less than 100 would fail peers that keep to the protocol.
    pub control_messages: Option<usize>,
}

impl Default for Limits {
    /// Messages of 16 MiB, any number of control messages.
    fn default() -> Self {
        Self { message: 16 * 1024 * 1024, control_messages: None }
    }
}

/// Where a connection stands; the table is in the documentation of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Messages go both ways.
    Open,
    /// This endpoint sent a Close and waits for the other's.
    Closing,
    /// Close frames went both ways; nothing more is sent or read.
    Closed,
    /// The peer violated the protocol; nothing more is sent or read.
    Failed,
    /// The stream ended without a closing handshake.
    Lost,
}

impl State {
    /// Whether the connection is over: what is left is to write the output and to end the stream.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Failed | Self::Lost)
    }
}

/// What the received octets meant, and what time has brought. To the application go
/// [`Event::Text`] and [`Event::Binary`] alone, unless it asks for more. Escapes are no events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A text message.
    Text(String),
    /// A binary message that is data.
    Binary(Vec<u8>),
    /// A ping; it was answered already.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A control message; [`ControlMessage::encode`] gives its octets behind the sequence. The
    /// connection has acted on it. Those whose type is unknown and may be ignored are no events,
    /// and neither are those that were void when they came.
    Control(ControlMessage),
    /// The peer's Close; it was answered already, unless it is an answer itself. Nothing follows.
    Close(Option<Close>),
    /// The peer violated the protocol and the connection has failed. Nothing follows.
    Failed(Failure),
    /// The stream ended without a closing handshake (RFC 6455, 7.1.5: 1006). Nothing follows.
    Lost,
    /// Data leaves at this rate from here on: an application may send less of it.
    Rate(Rate),
    /// A negotiation on the open connection has ended. These capabilities were accepted; none, if
    /// the offer was declined. An own offer that crossed that of a server is void without an event.
    Negotiated(Vec<Agreement>),
    /// No frame has come for two intervals of `heartbeat`, in spite of a BEAT: the connection may be
    /// given up. Nothing has changed.
    Silent,
}

/// A connection behind its opening handshake.
///
/// A golden vector is replayed by building the context that it states and feeding it the octets,
/// in any pieces:
///
/// ```
/// use std::time::Duration;
/// use wsconform_reference::*;
///
/// let sequence = Sequence::from_hex("F0800001").ok_or("not hexadecimal")?;
/// let mut connection = Connection::new(
///     Role::Client,
///     &[Agreement::of(Capability::RateControl, sequence)],
///     Limits::default(),
///     SeededRandom(0),
/// );
/// let now = Duration::ZERO;
/// connection.receive(b"\x82\x04\xF0\x80\x00\x01", now); // an escape
/// connection.receive(b"\x82\x05\xF0\x80\x00\x01A", now); // its data
/// connection.receive(b"\x82\x05\xF0\x80\x00\x01\x41", now); // a control message of type 0x41
///
/// assert_eq!(connection.poll_event(), Some(Event::Binary(b"\xF0\x80\x00\x01A".to_vec())));
/// let Some(Event::Failed(failure)) = connection.poll_event() else { return Err("not failed") };
/// assert_eq!(failure.violation.close_code(), CloseCode(1002));
/// assert_eq!(failure.violation.requirement(), "message.critical");
/// assert_eq!(failure.at, 13, "octets before the frame that is to blame");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug)]
pub struct Connection<R> {
    role: Role,
    random: R,
    state: State,
    now: Duration,
    frames: FrameReader,
    assembly: Assembly,
    /// What has arrived of the payload of a native control frame.
    native: Vec<u8>,
    /// Judges what arrives.
    inspector: Inspector,
    /// The sequences that this endpoint's data must not begin with unescaped.
    sending: Filter,
    /// All that was accepted, in the opening handshake and later.
    agreements: Vec<Agreement>,
    /// What is accepted of offers on the open connection.
    support: Support,
    /// What this endpoint chooses as a sender of data.
    options: SenderOptions,
    rates: Option<Rates>,
    idle: Option<Idle>,
    heartbeat: Option<Heartbeat>,
    setup: Option<Setup>,
    totals: Totals,
    /// Control messages of this endpoint, and of its peer if they are limited.
    budget: Budget,
    flood: Option<Budget>,
    /// Control messages, and data messages, that are still to be sent.
    waiting: VecDeque<Waiting>,
    queue: Queue,
    /// When data may leave next, and the rate that the application knows of.
    paced_until: Option<Duration>,
    told_rate: Rate,
    /// Whether the message that is arriving is a text; for `idle-timeout` alone.
    is_text: bool,
    events: VecDeque<Event>,
    output: Output,
}

impl<R: Random> Connection<R> {
    /// A connection that is open, with what was negotiated in its opening handshake. Masking keys
    /// are drawn from `random`; a server draws none. Offers on the open connection are accepted as
    /// they come, unless [`Connection::with_support`] says otherwise.
    pub fn new(role: Role, agreements: &[Agreement], limits: Limits, random: R) -> Self {
        let flood = limits.control_messages;
        let mut connection = Self {
            role,
            random,
            state: State::Open,
            now: Duration::ZERO,
            frames: FrameReader::new(role.peer()),
            assembly: Assembly::new(limits.message),
            native: Vec::new(),
            inspector: Inspector::default(),
            sending: Filter::default(),
            agreements: agreements.to_vec(),
            support: Support::all(),
            options: SenderOptions::default(),
            rates: None,
            idle: None,
            heartbeat: None,
            setup: None,
            totals: Totals::default(),
            budget: Budget::new(MOST_IN_A_SECOND),
            flood: flood.map(Budget::new),
            waiting: VecDeque::new(),
            queue: Queue::default(),
            paced_until: None,
            told_rate: Rate::UNLIMITED,
            is_text: false,
            events: VecDeque::new(),
            output: Output::default(),
        };
        for agreement in agreements {
            connection.start(agreement, role == Role::Server);
            connection.count_sent(agreement);
            connection.count_received(agreement);
        }
        connection.told_rate = connection.rate();
        connection
    }

    /// The same, with offers on the open connection accepted no further than this.
    #[must_use]
    pub fn with_support(self, support: Support) -> Self {
        Self { support, ..self }
    }

    /// The same, with these choices as a sender of data; for a connection that has sent nothing yet.
    #[must_use]
    pub fn with_sender(mut self, options: SenderOptions) -> Self {
        self.options = options;
        let agreements = std::mem::take(&mut self.agreements);
        for agreement in &agreements {
            if agreement.capability() == Capability::RateControl {
                self.start(agreement, self.role == Role::Server);
                self.count_received_data();
            }
        }
        self.told_rate = self.rate();
        Self { agreements, ..self }
    }

    /// Which end this is.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// All capabilities that were accepted, in the opening handshake and later.
    pub fn agreements(&self) -> &[Agreement] {
        &self.agreements
    }

    /// The rate at which data leaves now: unlimited without `rate-control`.
    pub fn rate(&self) -> Rate {
        self.rates.as_ref().map_or(Rate::UNLIMITED, |rates| rates.sender.pacer().rate())
    }

    /// Octets of data that were handed over and are held back.
    pub fn held_back(&self) -> usize {
        self.queue.octets()
    }

    /// The next event, in the order of the stream.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The octets to write next.
    pub fn output(&self) -> &[u8] {
        self.output.unwritten()
    }

    /// Tells that `count` octets of the output were written. What waited for that may be added to
    /// the output.
    pub fn consume_output(&mut self, count: usize) {
        self.output.consume(count);
        self.pump();
    }

    /// All octets to write, to be written by the caller.
    pub fn take_output(&mut self) -> Vec<u8> {
        let mut taken = Vec::new();
        while !self.output().is_empty() {
            taken.extend_from_slice(self.output());
            self.consume_output(self.output().len());
        }
        taken
    }

    fn send_frame(&mut self, fin: bool, opcode: Opcode, payload: &[u8]) {
        let mask = match self.role {
            Role::Client => Some(draw(&mut self.random).into()),
            Role::Server => None,
        };
        encode_frame(fin, opcode, mask, payload, self.output.buffer());
    }
}
