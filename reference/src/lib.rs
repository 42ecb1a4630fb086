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
//! // 1. The client offers rate-control; its request is a piece of HTTP.
//! let mut random = SeededRandom(7);
//! let offers = vec![Parameters::of(Capability::RateControl).to_offer()];
//! let handshake = ClientHandshake::new("example.com", "/echo", offers, &mut random);
//!
//! // 2. The server reads it from the stream, judges it, chooses a sequence, and answers.
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
//! // 4. Data that happens to begin with the sequence is escaped; the application never knows.
//! client.send_binary(b"\xF0\x80\x00\x10 is only data")?;
//! let faster = ControlMessage::Rate(RateMessage::Increase);
//! client.send_control(&faster)?;
//! client.send_close(CloseCode::NORMAL, "bye")?;
//! for octet in client.take_output() {
//!     server.receive(&[octet], Duration::ZERO); // however the stream is cut, the events are the same
//! }
//! assert_eq!(
//!     server.poll_event(),
//!     Some(Event::Binary(b"\xF0\x80\x00\x10 is only data".to_vec()))
//! );
//! assert_eq!(server.poll_event(), Some(Event::Control(faster)));
//!
//! // 5. The server has answered the Close by itself.
//! client.receive(&server.take_output(), Duration::ZERO);
//! assert_eq!((server.state(), client.state()), (State::Closed, State::Closed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms, from the bottom up
//!
//! - [`frame`]: heads, masks, and a stream cut into frames.
//! - [`message`]: frames joined to messages, text judged as it arrives, the payload of a Close.
//! - [`handshake`]: requests and answers, read for what they mean.
//! - [`control`]: the control extension, from the offer to the escape.
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
