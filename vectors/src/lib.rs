//! Golden test vectors for WebSocket (RFC 6455) and its control extension (US 9,331,890).
//!
//! A [`Vector`] is a stream of octets behind the opening handshake, and what it means to who reads
//! it: the [`Event`]s in order, and whether the reader fails the connection. The vectors of a
//! [`Topic`] are a [`Suite`], one JSON file that any language can read; `README.md` and
//! `schema.json` describe it. For consumers this crate is data alone:
//!
//! ```
//! use wsconform_vectors::{Outcome, Topic};
//!
//! let suite = Topic::Frames.load()?;
//! for vector in &suite.cases {
//!     let octets = vector.octets();
//!     // Read `octets` as `vector.context.role`, then compare with `vector.events` ...
//!     match &vector.outcome {
//!         Outcome::Accept => {}                       // ... and nothing is wrong
//!         Outcome::Reject { close: _, requirement: _ } => {} // ... and the connection fails
//!         Outcome::Either => {}                       // ... if the reader accepts it
//!     }
//!     assert!(!octets.is_empty(), "{}", vector.id);
//! }
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! What is no stream of octets, such as negotiation, allocation and pacing, stands in [`table`].
//!
//! The feature `generator` adds what regenerates and checks the files, in the module `generator`.

mod data;
#[cfg(feature = "generator")]
pub mod generator;
mod model;
mod octets;
mod schema;
pub mod table;
mod topic;

pub use data::covers;
pub use model::{
    Context, Event, Outcome, Request, Role, SCHEMA_VERSION, SetUp, Source, Suite, Vector,
};
pub use octets::{Octets, Sequence};
pub use schema::schema;
pub use topic::Topic;
