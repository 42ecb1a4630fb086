//! Broken where much comes at once (RFC 6455, 5 and 10.4).

use std::sync::Arc;

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Long messages, many fragments, pieces, messages and connections.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "long-messages-cut",
        Both,
        &["loads.size"],
        "Cuts what it sends back after 65536 octets.",
        |d| d.load.cuts_long_messages = true,
    ),
    peer(
        "octet-of-mebibyte-lost",
        Both,
        &["loads.size"],
        "Loses the last octet of the first MiB.",
        |d| d.load.loses_octet_of_mebibyte = true,
    ),
    peer(
        "long-text-spoilt",
        Both,
        &["loads.size"],
        "Replaces the first octet of text of 8 MiB and more.",
        |d| {
            d.load.limit = Some(16 << 20);
            d.load.spoils_long_text = true;
        },
    ),
    peer(
        "cut-characters-replaced",
        Both,
        &["loads.size"],
        "Decodes text in buffers of 16 KiB, and replaces characters that are cut there.",
        |d| d.load.replaces_cut_characters = true,
    ),
    peer(
        "fragments-counted-in-octet",
        Both,
        &["loads.fragments"],
        "Loses the fragments of a message from the 256th on, but the last.",
        |d| d.load.counts_fragments_in_octet = true,
    ),
    peer(
        "fragments-of-long-lost",
        Both,
        &["loads.fragments"],
        "Loses the fragments behind the first 8 MiB of a message, but the last.",
        |d| {
            d.load.limit = Some(16 << 20);
            d.load.loses_fragments_of_long = true;
        },
    ),
    peer(
        "begun-payloads-lost",
        Both,
        &["frame.segments"],
        "Loses the octets of a short text that come along with its head, unless all of them do.",
        |d| d.load.loses_begun_payloads = true,
    ),
    peer(
        "cut-long-lengths-lost",
        Both,
        &["frame.segments"],
        "Forgets the head of a frame that is cut in its 64-bit length.",
        |d| d.load.loses_cut_long_lengths = true,
    ),
    peer(
        "cut-masking-keys-lost",
        Server,
        &["frame.segments"],
        "Forgets the head of a short text that is cut in its masking key.",
        |d| d.load.loses_cut_keys = true,
    ),
    peer(
        "many-pieces-lost",
        Both,
        &["frame.segments"],
        "Forgets the 400th piece that a frame comes in.",
        |d| d.load.forgets_many_pieces = true,
    ),
    peer(
        "messages-exchanged",
        Both,
        &["loads.order"],
        "Sends every 64th message back behind the next one.",
        |d| d.load.exchanges_messages = true,
    ),
    peer("messages-forgotten", Both, &["loads.order"], "Forgets every 500th message.", |d| {
        d.load.forgets_messages = true
    }),
    peer(
        "few-of-a-read-taken",
        Both,
        &["loads.order"],
        "Takes 64 messages of those that one read brings, and forgets the rest.",
        |d| d.load.takes_few_of_a_read = true,
    ),
    peer(
        "output-forgotten",
        Both,
        &["loads.slow-reader"],
        "Forgets messages once 1 MiB waits to be read by its peer.",
        |d| d.load.forgets_when_behind = true,
    ),
    peer(
        "falls-asleep",
        Both,
        &["loads.idle"],
        "Answers no message that comes after a pause of a second.",
        |d| d.load.falls_asleep = true,
    ),
    peer(
        "buffer-shared",
        Server,
        &["loads.apart"],
        "Keeps messages in a buffer that all connections share.",
        |d| d.load.shares_buffer = Some(Arc::default()),
    ),
    peer(
        "dies-of-lost-connections",
        Server,
        &["contract.survives"],
        "The whole server ends when a connection ends within a message.",
        |d| d.load.dies_of_lost_connections = true,
    ),
];
