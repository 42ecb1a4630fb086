//! Eccentric in how much they take (RFC 6455, 10.4).

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Limits, and what becomes of what goes beyond them.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "limit-64-kib",
        Both,
        &["limits.any"],
        "Refuses messages of more than 64 KiB with 1009.",
        |d| d.load.limit = Some(65536),
    ),
    peer(
        "limit-64-kib-by-policy",
        Both,
        &["limits.any"],
        "Refuses messages of more than 64 KiB with 1008.",
        |d| {
            d.load.limit = Some(65536);
            d.load.refuses_by_policy = true;
        },
    ),
    peer("limit-16-mib", Both, &["limits.any"], "Takes messages of up to 16 MiB.", |d| {
        d.load.limit = Some(16 << 20)
    }),
    peer(
        "ping-storm-refused",
        Both,
        &["limits.pings"],
        "Fails a connection with 1008 on which more than 100 pings come.",
        |d| d.load.refuses_ping_storms = true,
    ),
    peer(
        "ping-storm-dropped",
        Both,
        &["limits.pings"],
        "Drops a connection on which more than 100 pings come.",
        |d| {
            d.load.refuses_ping_storms = true;
            d.load.drops_ping_storms = true;
        },
    ),
    peer(
        "reads-on",
        Both,
        &["loads.stops-reading"],
        "Goes on reading when nobody reads what it sends.",
        |d| d.load.never_stops_reading = true,
    ),
    peer(
        "room-for-24",
        Server,
        &["loads.connections"],
        "Serves 24 connections at a time, and refuses others with 503.",
        |d| d.load.room = Some(Arc::new(Semaphore::new(24))),
    ),
];
