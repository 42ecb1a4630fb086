//! Eccentric in HTTP, and in taking part at all.

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Freedoms of RFC 6455, 4, and of not knowing the extension.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "refuses-with-page",
        Server,
        &["opening.server.error-choice"],
        "Refuses with 403 and a page.",
        |d| d.refuses_with_page = true,
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
