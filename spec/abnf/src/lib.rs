//! Reads ABNF (RFC 5234, RFC 7405) for octet protocols; knows nothing of WebSocket.

pub mod diagnostic;

pub use diagnostic::{Diagnostic, Location, Source};
