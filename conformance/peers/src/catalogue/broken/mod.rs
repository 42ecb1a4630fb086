//! The broken peers, in the order of the requirements they violate.

use std::sync::LazyLock;

use super::{Peer, PeerKind, PeerRole};
use crate::deviations::Deviations;

mod closing;
mod control;
mod framing;
mod gateway;
mod layer;
mod loads;
mod negotiation;
mod opening;
mod opening_http;
mod rate;
mod setup;
mod several;
mod suspend;
mod timers;

/// All broken peers, in the order of the specification's chapters.
pub fn broken() -> &'static [Peer] {
    static ALL: LazyLock<Vec<Peer>> = LazyLock::new(|| {
        let chapters: [&[Peer]; 17] = [
            opening::SERVERS,
            opening::CLIENTS,
            opening_http::SERVERS,
            opening_http::BOTH,
            opening_http::CLIENTS,
            framing::PEERS,
            closing::PEERS,
            loads::PEERS,
            negotiation::PEERS,
            several::PEERS,
            control::PEERS,
            layer::PEERS,
            suspend::PEERS,
            rate::PEERS,
            timers::PEERS,
            setup::PEERS,
            gateway::PEERS,
        ];
        chapters.concat()
    });
    &ALL
}

const fn peer(
    name: &'static str,
    role: PeerRole,
    violates: &'static [&'static str],
    doc: &'static str,
    switch: fn(&mut Deviations),
) -> Peer {
    Peer { name, role, kind: PeerKind::Broken { violates }, doc, switch }
}
