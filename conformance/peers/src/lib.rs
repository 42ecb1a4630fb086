//! Plain WebSocket endpoints, well-behaved and otherwise, that a conformance harness is tested on.
//!
//! [`serve`], [`connect`] and [`relay`] are one simple, hand-written endpoint (RFC 6455, and the
//! control extension of US 9,331,890) as a server, a client and a gateway. It runs over any stream
//! of octets, sockets and in-memory pipes alike, and waits on tokio's clock alone, which may be
//! paused. With equal seeds it does equal things.
//!
//! With the default [`Deviations`] it is well-behaved. [`broken`] lists peers that are the same
//! endpoint with one switch set, each violating the requirements it names and no other;
//! [`eccentric`] lists peers that use one legal freedom each. [`hostile`] holds endpoints that are
//! none at all: silent, garbled, endless. [`read`] is the endpoint's reading of frames without any
//! I/O.

mod acks;
mod answer;
mod application;
mod assembly;
mod beat;
mod bootstrap;
mod capability;
mod catalogue;
mod client;
mod control;
mod core;
mod deviations;
mod extension;
mod frame;
mod heads;
mod host;
pub mod hostile;
mod http;
mod idle;
mod lenience;
mod limits;
mod load;
mod messages;
mod negotiation;
mod outbox;
mod random;
mod rate;
mod reading;
mod relay;
mod request;
mod role;
mod sequences;
mod server;
mod setup;
mod shared_escape;
mod shell;
mod suspend;
mod terms;

pub use catalogue::{Peer, PeerKind, PeerRole, broken, eccentric};
pub use client::connect;
pub use core::Event;
pub use deviations::{
    Deviations, FramingDeviations, LoadDeviations, NextBlock, OpenSequences, OpeningDeviations,
    RateDeviations, SetupDeviations, SeveralDeviations, SharedBuffer, TimerDeviations,
};
pub use heads::{status_of, takes_answer};
pub use hostile::Hostile;
pub use reading::{Context, Reading, read};
pub use relay::relay;
pub use role::Role;
pub use server::serve;

/// How an endpoint's connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// This connection is over; the endpoint goes on.
    Ended,
    /// The whole endpoint is gone: whoever runs its accept loop has to stop serving.
    Died,
}
