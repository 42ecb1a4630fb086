//! The broken peers, in the order of the requirements they violate.

use std::sync::LazyLock;

use super::{Peer, PeerKind, PeerRole};
use crate::deviations::Deviations;

mod control;
mod framing;
mod negotiation;
mod opening;

/// All broken peers, in the order of the specification's chapters.
pub fn broken() -> &'static [Peer] {
    static ALL: LazyLock<Vec<Peer>> = LazyLock::new(|| {
        let chapters: [&[Peer]; 5] = [
            opening::SERVERS,
            opening::CLIENTS,
            framing::PEERS,
            negotiation::PEERS,
            control::PEERS,
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
