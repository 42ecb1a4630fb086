//! A reference implementation of WebSocket (RFC 6455) and of its control extension
//! (US 9,331,890), written to be read.
//!
//! # From octets to events
//!
//! Everything but `net` is pure: octets in, events and octets out. No socket, no clock, no
//! randomness of its own. This is a whole connection, from the request to the last Close:
//!
//! ```
//! use std::time::Duration;
//! use wsconform_reference::*;
//!
//! // 1. The client offers what it would like; its request is a piece of HTTP.
//! let mut random = SeededRandom(7);
//! let wanted = [Capability::RateControl, Capability::ControlSetup].map(Parameters::widest);
//! let offers = wanted.iter().map(Parameters::to_offer).collect();
//! let handshake = ClientHandshake::new("example.com", "/echo", offers, &mut random);
//!
//! // 2. The server reads it from the stream, judges it, chooses sequences, and answers.
//! let (head, _) = HeadReader::request().push(&handshake.request())?.ok_or("incomplete")?;
//! let opening = Opening::from_request(&head)?;
//! let mut allocator = Allocator::new(Sequence([0xF0, 0x80, 0x00, 0x10]));
//! let agreed = negotiate(&opening.offers, &Support::all(), &mut allocator);
//! let extensions: Vec<_> = agreed.iter().map(Agreement::to_extension).collect();
//! let answer = opening.answer(&extensions, None);
//!
//! // 3. The client judges the answer; both now agree on what marks a control message.
//! let (head, _) = HeadReader::response().push(&answer)?.ok_or("incomplete")?;
//! let accepted = accept_answer(handshake.offers(), &handshake.judge(&head)?.extensions)?;
//! assert_eq!(accepted, agreed);
//! let mut server = Connection::new(Role::Server, &agreed, Limits::default(), SeededRandom(0));
//! let mut client = Connection::new(Role::Client, &accepted, Limits::default(), random);
//!
//! // 4. Data that happens to begin with a sequence is escaped; the application never knows.
//! let mut now = Duration::ZERO; // since the connection was opened; somebody has to tell it
//! client.send_binary(b"\xF0\x80\x00\x10 is only data")?;
//! for octet in client.take_output() {
//!     server.receive(&[octet], now); // however the stream is cut, the events are the same
//! }
//! let data = Event::Binary(b"\xF0\x80\x00\x10 is only data".to_vec());
//! assert_eq!(server.poll_event(), Some(data));
//!
//! // 5. The client asks for a rate. The server tells which it keeps to, and keeps to it.
//! let rate = Rate::new(10_000).ok_or("no rate")?;
//! client.send_control(&ControlMessage::Rate(RateMessage::Rate(rate)))?;
//! server.receive(&client.take_output(), now);
//! server.send_binary(&[0; 100_000])?;
//! client.receive(&server.take_output(), now);
//! let told = ControlMessage::Rate(RateMessage::Effective(rate));
//! assert_eq!(client.poll_event(), Some(Event::Control(told)));
//! assert_eq!(server.held_back(), 100_000 - 65_536, "all but a burst");
//! while let Some(deadline) = server.deadline() {
//!     now = deadline; // a real endpoint waits
//!     server.advance(now);
//!     client.receive(&server.take_output(), now);
//! }
//! assert_eq!(now, Duration::from_micros(3_446_400));
//! assert_eq!(client.poll_event(), Some(Event::Binary(vec![0; 100_000])));
//!
//! // 6. Capabilities may be added later: OFFER, ANSWER, CONFIRM.
//! client.offer(&[Parameters::of(Capability::Heartbeat)])?;
//! server.receive(&client.take_output(), now);
//! client.receive(&server.take_output(), now);
//! server.receive(&client.take_output(), now);
//! assert_eq!(server.agreements().len(), 3);
//! assert_eq!(server.agreements(), client.agreements());
//!
//! // 7. The server answers a Close by itself.
//! client.send_close(CloseCode::NORMAL, "bye")?;
//! server.receive(&client.take_output(), now);
//! client.receive(&server.take_output(), now);
//! assert_eq!((server.state(), client.state()), (State::Closed, State::Closed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms, from the bottom up
//!
//! - [`frame`]: heads, masks, and a stream cut into frames.
//! - [`message`]: frames joined to messages, text judged as it arrives, the payload of a Close.
//! - [`handshake`]: requests and answers, read for what they mean.
//! - [`control`]: the control extension, from the offer to the escape: sequences, parameters,
//!   messages.
//! - [`rate`]: rate control, both halves: which rate is wanted, and when data may leave.
//! - [`connection`]: the state machine over all of these.
//! - `net`, a feature: a client and a server over anything that tokio can read and write.
//!
//! # Errors
//!
//! A mistake of the peer is a [`Violation`] on an open connection, a [`Refusal`] or an
//! [`AnswerFault`] or [`AgreementFault`] in the opening handshake. Each tells the id of the
//! requirement that it is about ([`requirements`] lists them all). A mistake of the caller is a
//! [`LocalError`].

mod catalogue;
mod close_code;
pub mod connection;
pub mod control;
mod error;
pub mod frame;
pub mod handshake;
pub mod message;
#[cfg(feature = "net")]
pub mod net;
mod random;
pub mod rate;
mod role;

pub use close_code::CloseCode;
pub use connection::{Connection, Event, Limits, State};
pub use control::{
    Agreement, AgreementFault, Allocation, Allocator, Bootstrap, Capability, ControlMessage,
    ExtensionList, Filter, Format, HeartbeatMessage, HeartbeatParameters, IdleParameters,
    Inspector, LONGEST_BEAT, LONGEST_CONTROL_MESSAGE, Pace, Parameters, Rate, RateMessage,
    RateParameters, RateSupport, Reading, SenderRule, Sequence, SetupMessage, StatusEntry, Support,
    Suspendable, accept_answer, negotiate,
};
pub use error::{Failure, LocalError, Violation};
pub use frame::{
    FrameReader, Head, MaskingKey, Opcode, Part, Piece, append_masked, apply_mask, encode_frame,
    encode_head, parse_head,
};
pub use handshake::{
    Answer, AnswerFault, ClientHandshake, Extension, Fields, HeadAndRest, HeadFault, HeadReader,
    HttpHead, MalformedExtensions, Opening, Parameter, Refusal, RequestLine, StatusLine, accept_of,
    is_key, make_key, parse_extensions, write_extensions,
};
pub use message::{Assembly, Close, Message, Utf8Validator};
pub use random::{Random, SeededRandom};
pub use rate::{Facts, Pacer, RateReceiver, RateSender, SenderOptions, TokenBucket};
pub use role::Role;

/// The ids of all requirements that errors of this crate name, sorted.
pub fn requirements() -> std::collections::BTreeSet<&'static str> {
    [
        Violation::REQUIREMENTS,
        Refusal::REQUIREMENTS,
        AnswerFault::REQUIREMENTS,
        AgreementFault::REQUIREMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect()
}
