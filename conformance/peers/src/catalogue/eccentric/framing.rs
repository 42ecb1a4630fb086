//! Eccentric in HTTP, frames and closing, and in taking part at all.

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Freedoms of RFC 6455, and of not knowing the extension.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "fragments-into-octets",
        Both,
        &["fragments.freely"],
        "Cuts its messages into fragments of one octet (four, where a sequence might stand).",
        |d| d.fragments = Some(1),
    ),
    peer(
        "fragments-at-random",
        Both,
        &["fragments.freely"],
        "Cuts its messages into fragments of one to seven octets.",
        |d| d.fragments = Some(7),
    ),
    peer(
        "fragments-empty",
        Both,
        &["fragments.freely"],
        "Puts empty fragments around its messages.",
        |d| d.adds_empty_fragments = true,
    ),
    peer("pongs-unasked", Both, &["pong.unasked"], "Sends a pong ahead of each message.", |d| {
        d.sends_unasked_pongs = true
    }),
    peer(
        "pings",
        Both,
        &["ping.any-time"],
        "Sends a ping at the start and behind each message.",
        |d| d.sends_pings = true,
    ),
    peer(
        "pongs-for-the-latest",
        Both,
        &["ping.latest"],
        "Answers only the latest of the pings that came together.",
        |d| d.answers_latest_ping = true,
    ),
    peer(
        "refuses-with-page",
        Server,
        &["opening.server.error-choice"],
        "Refuses with 403 and a page.",
        |d| d.refuses_with_page = true,
    ),
    peer(
        "close-answered-with-1001",
        Both,
        &["close.code-choice"],
        "Answers every Close with 1001.",
        |d| d.answers_close_with_1001 = true,
    ),
    peer(
        "close-answered-empty",
        Both,
        &["close.code-choice"],
        "Answers every Close without a code.",
        |d| d.answers_close_empty = true,
    ),
    peer(
        "close-reason-long",
        Both,
        &["close.code-choice"],
        "Gives a close reason of great length.",
        |d| d.gives_long_reason = true,
    ),
    peer(
        "fields-lower-case",
        Server,
        &["opening.client.name-case", "opening.client.order"],
        "Writes its fields in lower case and in reverse order.",
        |d| d.writes_names_lower = true,
    ),
    peer(
        "fields-lower-case-client",
        Client,
        &["opening.server.name-case", "opening.server.order"],
        "Writes its fields in lower case and in reverse order.",
        |d| d.writes_names_lower = true,
    ),
    peer(
        "values-upper-case",
        Server,
        &["opening.client.value-case"],
        "Writes `WEBSOCKET` and `UPGRADE`.",
        |d| d.writes_values_upper = true,
    ),
    peer(
        "values-upper-case-client",
        Client,
        &["opening.server.value-case"],
        "Writes `WEBSOCKET` and `UPGRADE`.",
        |d| d.writes_values_upper = true,
    ),
    peer(
        "fields-added",
        Server,
        &["opening.client.additional-fields"],
        "Adds fields of its own, empty and repeated ones.",
        |d| d.adds_fields = true,
    ),
    peer(
        "fields-added-client",
        Client,
        &["opening.server.additional-fields"],
        "Adds fields of its own, empty and repeated ones.",
        |d| d.adds_fields = true,
    ),
    peer(
        "target-absolute",
        Client,
        &["opening.server.absolute-target"],
        "Sends its target in absolute form, as if to a proxy.",
        |d| d.sends_absolute_target = true,
    ),
    peer("octet-by-octet", Both, &["frame.segments"], "Writes one octet at a time.", |d| {
        d.writes_octets = true
    }),
    peer("plain", Server, &["negotiation.server.declines"], "Declines every extension.", |d| {
        d.declines_extensions = true
    }),
    peer("plain-client", Client, &["negotiation.client.offers"], "Offers no extension.", |d| {
        d.declines_extensions = true
    }),
    peer(
        "listens-only",
        Server,
        &["negotiation.server.declines"],
        "Narrows `sender` to the client.",
        |d| d.narrows_sender = true,
    ),
];
