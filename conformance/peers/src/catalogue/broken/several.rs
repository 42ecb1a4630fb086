//! Broken in the negotiation of several capabilities, and in their sequences (US 9,331,890, FIG. 2 to 4).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Several capabilities in one handshake.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "offer-all-or-nothing",
        Server,
        &["negotiation.server.independent"],
        "Declines everything when one of the capabilities offered cannot be accepted.",
        |d| d.several.declines_all_for_one = true,
    ),
    peer(
        "offer-later-declined",
        Server,
        &["negotiation.server.later"],
        "Accepts no capability in a later request of a connection.",
        |d| d.several.declines_later_requests = true,
    ),
    peer(
        "at-once-missed",
        Both,
        &["negotiation.at-once"],
        "Does not inspect the first message if its type can be ignored.",
        |d| d.several.leaves_first_uninspected = true,
    ),
    peer(
        "sequence-shared-taken",
        Client,
        &["negotiation.client.distinct"],
        "Takes one sequence for two capabilities.",
        |d| d.several.takes_shared_sequences = true,
    ),
    peer(
        "answer-first-line",
        Client,
        &["negotiation.client.lines"],
        "Reads only the first field of extensions in an answer.",
        |d| d.several.reads_first_answer_line = true,
    ),
    peer(
        "requires-silently",
        Client,
        &["negotiation.client.missing"],
        "Closes with 1010 and does not say what is missing.",
        |d| d.several.requires_silently = true,
    ),
    peer(
        "sequence-shared",
        Server,
        &["sequence.distinct"],
        "Assigns one sequence to all capabilities of a connection.",
        |d| d.several.shares_sequence = true,
    ),
    peer(
        "sequences-scattered",
        Server,
        &["sequence.block"],
        "Draws each sequence of a connection at random.",
        |d| d.several.scatters_sequences = true,
    ),
];
