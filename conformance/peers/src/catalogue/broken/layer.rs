//! Broken in what several sequences share: the filter, the escape, and control messages of all capabilities (US 9,331,890, FIG. 5 and 6).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Filter, escape and messages where there is more than one capability.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "filter-finds-two",
        Both,
        &["filter.several"],
        "Finds none but the first two of the sequences of a handshake.",
        |d| d.several.finds_two_sequences = true,
    ),
    peer(
        "filter-quick-test-of-two",
        Client,
        &["filter.several"],
        "Takes the octets that its first two sequences share for common to all of them.",
        |d| d.several.trusts_first_two_sequences = true,
    ),
    peer(
        "filter-compares-28-bits",
        Both,
        &["filter.exact"],
        "Takes what shares 28 bits with a sequence, but not the next one, for the sequence.",
        |d| d.several.compares_28_bits = true,
    ),
    peer(
        "escape-arms-next",
        Both,
        &["escape.sequence-of-its-own"],
        "An escape arms the next sequence too.",
        |d| d.several.arms_next = true,
    ),
    peer(
        "control-in-fragments",
        Both,
        &["message.whole"],
        "Sends ECHO and EFFECTIVE in two frames.",
        |d| d.several.fragments_control = true,
    ),
    peer("escape-in-fragments", Both, &["message.whole"], "Sends an escape in two frames.", |d| {
        d.several.fragments_escapes = true
    }),
    peer(
        "control-of-another-capability",
        Both,
        &["message.capability"],
        "Takes a BEAT of two octets for a message of `rate-control` where both are active.",
        |d| d.several.mixes_capabilities = true,
    ),
    peer(
        "control-limit-low",
        Both,
        &["message.handled"],
        "Fails the connection for more than fifty control messages in a second.",
        |d| d.several.most_control_messages = Some(50),
    ),
    peer(
        "payload-judged",
        Both,
        &["layer.payload"],
        "Drops binary data that begins with a WebSocket frame.",
        |d| d.several.swallows_frames_in_messages = true,
    ),
    peer(
        "first-frame-short",
        Both,
        &["escape.sender.first-frame"],
        "Sends two octets of a longer binary message in its first frame.",
        |d| d.several.sends_two_octets_first = true,
    ),
    peer(
        "control-floods",
        Both,
        &["message.budget"],
        "Sends as many ACK as are due, however many that is in a second.",
        |d| d.rate.acknowledges_without_limit = true,
    ),
];
