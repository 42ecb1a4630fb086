//! Base framing (RFC 6455, 5): octets to frames and back.
//!
//! A frame is a [`Head`] and as many octets of payload as the head says. Heads are read by
//! [`parse_head`] and judged octet by octet, so a wrong one is known no later than with its last
//! octet, whatever length it claims. [`FrameReader`] walks a stream that arrives in any pieces.
//! Which frame may follow which is not judged here but in [`crate::message`].

mod encode;
mod head;
mod mask;
mod reader;

pub use encode::{encode_frame, encode_head};
pub use head::{Head, Opcode, parse_head};
pub use mask::{MaskingKey, append_masked, apply_mask};
pub use reader::{FrameReader, Part, Piece};
