//! The harness's own wire reader and writer.
//!
//! It reads anything and refuses nothing: what arrived becomes *facts* with their places in the
//! stream, and whether a fact is right is judged elsewhere. It writes anything: every field of a
//! frame or a head has a correct default and may be overridden with a wrong one.
//!
//! - [`frame`] and [`frame_reader`]: octets to [`Frame`]s; [`frame_spec`]: [`FrameSpec`] to octets.
//! - [`http`] and [`http_reader`]: octets to [`HttpHead`]s; [`http_spec`]: [`RequestSpec`] and
//!   [`ResponseSpec`] to octets; [`body`]: what stands behind a head; [`extensions`]: lists of
//!   extensions, both ways.
//! - [`cycle`]: payloads of many octets, none of which are held.
//! - [`annotate`]: octets with their meaning beside them; [`hex`]: octets as people write them.
//! - [`opcode`], [`accept`]: the names of opcodes, and the answer to a key.
//!
//! Both readers have one shape: `take(&mut self, input: &mut &[u8])` consumes from the front of
//! `input` until one frame or head is whole and leaves the rest in it. The result never depends on
//! how the octets were cut, and memory is bounded by a limit, never by what a peer claims or sends.
//!
//! ```
//! # use wsconform::wire::{FrameReader, FrameSpec, HttpReader, ResponseSpec, accept_of};
//! let mut octets = ResponseSpec::switching(&accept_of("dGhlIHNhbXBsZSBub25jZQ==")).encode();
//! octets.extend(FrameSpec::text("Hello").encode(None));
//!
//! let mut input = octets.as_slice();
//! let mut http = HttpReader::new();
//! let head = http.take(&mut input).unwrap();
//! assert_eq!(head.status(), Some(101));
//!
//! let mut frames = FrameReader::starting_at(http.position());
//! let frame = frames.take(&mut input).unwrap();
//! assert_eq!(frame.to_string(), "text \"Hello\"");
//! assert_eq!(frames.pending(), None);
//! ```

pub mod accept;
pub mod annotate;
pub mod body;
pub mod cycle;
pub mod extensions;
pub mod frame;
pub mod frame_reader;
pub mod frame_spec;
pub mod hex;
pub mod http;
pub mod http_reader;
pub mod http_spec;
mod list;
pub mod opcode;

pub use accept::{accept_of, key_octets, key_of};
pub use annotate::{Annotated, Annotation};
pub use body::BodySkipper;
pub use cycle::{Cycle, Departures};
pub use extensions::{ExtensionFault, ExtensionItem, ExtensionList, ExtensionParameter};
pub use frame::{Frame, LengthForm, apply_mask};
pub use frame_reader::{FrameReader, Pending};
pub use frame_spec::{FrameSpec, Masking};
pub use http::{Field, HttpHead, Irregularity, IrregularityKind, StartLine, StartLineFault};
pub use http_reader::HttpReader;
pub use http_spec::{FieldLines, RequestSpec, ResponseSpec, Style};
pub(crate) use list::is_token;
pub use opcode::{Opcode, OpcodeError};
