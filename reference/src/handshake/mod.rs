//! The opening handshake (RFC 6455, 4), read for what it means, not for how it is spelt.
//!
//! [`HeadReader`] reads the head of an HTTP/1.1 request or response from a stream in any pieces.
//! [`Opening::from_request`] judges a request and makes the answer; [`ClientHandshake`] makes a
//! request and judges the answer. Order and letter case of fields, optional white space, lists
//! over several lines and fields that nobody here knows never change an outcome.
//!
//! Extensions are only listed here ([`Extension`]); what their parameters mean is the business of
//! [`crate::control`].

mod accept;
mod client;
mod extension;
mod head;
mod host;
mod server;

pub use accept::{accept_of, is_key, make_key};
pub use client::{Answer, AnswerFault, ClientHandshake};
pub use extension::{
    Extension, MalformedExtensions, Parameter, parse_extensions, write_extensions,
};
pub(crate) use head::is_token;
pub use head::{
    Fields, Head as HttpHead, HeadAndRest, HeadFault, HeadReader, RequestLine, StatusLine,
};
pub use server::{Opening, Refusal};
