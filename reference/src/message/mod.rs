//! Messages: frames joined (RFC 6455, 5.4), text judged as it arrives (8.1), the payload of a
//! Close (5.5.1).

mod assembly;
mod close;
mod utf8;

pub use assembly::{Assembly, Message};
pub use close::Close;
pub use utf8::Utf8Validator;
