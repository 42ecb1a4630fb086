//! The eccentric peers: each uses a freedom that nobody may blame it for.

use std::sync::LazyLock;

use super::{Peer, PeerKind, PeerRole};
use crate::deviations::Deviations;

mod extension;
mod framing;
mod loads;
mod opening;

/// All eccentric peers.
pub fn eccentric() -> &'static [Peer] {
    static ALL: LazyLock<Vec<Peer>> = LazyLock::new(|| {
        let chapters = [opening::PEERS, framing::PEERS, loads::PEERS, extension::PEERS];
        chapters.concat()
    });
    &ALL
}

const fn peer(
    name: &'static str,
    role: PeerRole,
    uses: &'static [&'static str],
    doc: &'static str,
    switch: fn(&mut Deviations),
) -> Peer {
    Peer { name, role, kind: PeerKind::Eccentric { uses }, doc, switch }
}
