//! Broken as a gateway (US 9,331,890, FIG. 1, 112).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// What is forwarded and what is not.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "gateway-strips-data",
        Gateway,
        &["gateway.data-forwarded"],
        "Forwards escaped data without its first four octets.",
        |d| d.strips_escaped_data = true,
    ),
    peer(
        "gateway-forwards-control",
        Gateway,
        &["gateway.control-not-forwarded"],
        "Forwards control messages.",
        |d| d.forwards_control = true,
    ),
    peer(
        "gateway-forwards-escapes",
        Gateway,
        &["gateway.control-not-forwarded"],
        "Forwards escapes.",
        |d| d.forwards_escapes = true,
    ),
    peer(
        "gateway-not-escaping",
        Gateway,
        &["gateway.escapes"],
        "Does not escape what comes from its back.",
        |d| d.leaves_back_data_bare = true,
    ),
    peer(
        "gateway-ends-at-short-pieces",
        Gateway,
        &["gateway.data-forwarded"],
        "Ends where less than four octets come at once from its back.",
        |d| d.ends_at_short_pieces = true,
    ),
];
