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

mod output;
mod receive;
mod send;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::output::Output;
use crate::control::{Agreement, ControlMessage, Filter, Inspector};
use crate::error::Failure;
use crate::frame::{FrameReader, MaskingKey, Opcode, encode_frame};
use crate::message::{Assembly, Close};
use crate::random::{Random, draw};
use crate::role::Role;

/// What an endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest message in octets; a longer one fails the connection with 1009.
    pub message: u64,
}

impl Default for Limits {
    /// Messages of 16 MiB.
    fn default() -> Self {
        Self { message: 16 * 1024 * 1024 }
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

/// What the received octets meant. A control message is for the capability that it names; to the
/// application go [`Event::Text`] and [`Event::Binary`] alone. Escapes are no events.
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
    /// A control message; [`ControlMessage::encode`] gives its octets behind the sequence. Those
    /// whose type is unknown and may be ignored are no events.
    Control(ControlMessage),
    /// The peer's Close; it was answered already, unless it is an answer itself. Nothing follows.
    Close(Option<Close>),
    /// The peer violated the protocol and the connection has failed. Nothing follows.
    Failed(Failure),
    /// The stream ended without a closing handshake (RFC 6455, 7.1.5: 1006). Nothing follows.
    Lost,
}

/// A connection behind its opening handshake.
///
/// A golden vector is replayed by building the context that it states and feeding it the octets,
/// in any pieces:
///
/// ```
/// use wsconform_reference::*;
///
/// let sequence = Sequence::from_hex("F0800001").ok_or("not hexadecimal")?;
/// let mut connection = Connection::new(
///     Role::Client,
///     &[Agreement::of(Capability::RateControl, sequence)],
///     Limits::default(),
///     SeededRandom(0),
/// );
/// connection.receive(b"\x82\x04\xF0\x80\x00\x01"); // an escape
/// connection.receive(b"\x82\x05\xF0\x80\x00\x01A"); // its data
/// connection.receive(b"\x82\x05\xF0\x80\x00\x01\x41"); // a control message of type 0x41
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
    frames: FrameReader,
    assembly: Assembly,
    /// What has arrived of the payload of a native control frame.
    native: Vec<u8>,
    /// Judges what arrives.
    inspector: Inspector,
    /// The sequences that this endpoint's data must not begin with unescaped.
    sending: Filter,
    /// Octets of data messages that were sent, and of those that the peer says it processed.
    data_sent: u64,
    data_acknowledged: u64,
    events: VecDeque<Event>,
    output: Output,
}

impl<R: Random> Connection<R> {
    /// A connection that is open, with what was negotiated in its opening handshake. Masking keys
    /// are drawn from `random`; a server draws none.
    pub fn new(role: Role, agreements: &[Agreement], limits: Limits, random: R) -> Self {
        let active = |sender: Role| {
            Filter::new(
                agreements
                    .iter()
                    .filter(|agreement| agreement.parameters.sender().allows(sender))
                    .map(|agreement| (agreement.capability(), agreement.sequence)),
            )
        };
        Self {
            role,
            random,
            state: State::Open,
            frames: FrameReader::new(role.peer()),
            assembly: Assembly::new(limits.message),
            native: Vec::new(),
            inspector: Inspector::new(active(role.peer())),
            sending: active(role),
            data_sent: 0,
            data_acknowledged: 0,
            events: VecDeque::new(),
            output: Output::default(),
        }
    }

    /// Which end this is.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The next event, in the order of the stream.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The octets to write next.
    pub fn output(&self) -> &[u8] {
        self.output.unwritten()
    }

    /// Tells that `count` octets of the output were written.
    pub fn consume_output(&mut self, count: usize) {
        self.output.consume(count);
    }

    /// All octets to write, to be written by the caller.
    pub fn take_output(&mut self) -> Vec<u8> {
        let octets = self.output().to_vec();
        self.consume_output(octets.len());
        octets
    }

    fn send_frame(&mut self, fin: bool, opcode: Opcode, payload: &[u8]) {
        let mask = match self.role {
            Role::Client => Some(MaskingKey::from(draw::<4>(&mut self.random))),
            Role::Server => None,
        };
        encode_frame(fin, opcode, mask, payload, self.output.buffer());
    }
}
