//! Broken in what HTTP asks of the opening handshake (RFC 9110 and 9112), and in the details of its
//! fields (RFC 6455, 4).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Servers.
pub(super) static SERVERS: &[Peer] = &[
    peer(
        "protocols-echoed",
        Server,
        &["opening.server.protocol-single"],
        "Selects all of the subprotocols that it was offered.",
        |d| d.opening.selects_all_protocols = true,
    ),
    peer(
        "protocol-empty",
        Server,
        &["opening.server.protocol"],
        "Selects the empty subprotocol where it agrees to none.",
        |d| d.opening.selects_empty_protocol = true,
    ),
    peer(
        "protocols-unchecked",
        Server,
        &["opening.server.protocol-malformed"],
        "Accepts requests whose subprotocols are no tokens.",
        |d| d.opening.takes_malformed_protocols = true,
    ),
    peer(
        "host-twice-taken",
        Server,
        &["opening.server.host-valid"],
        "Accepts requests with several Host fields.",
        |d| d.opening.takes_several_hosts = true,
    ),
    peer(
        "host-invalid-taken",
        Server,
        &["opening.server.host-valid"],
        "Accepts requests whose Host names no host.",
        |d| d.opening.takes_invalid_host = true,
    ),
    peer(
        "key-twice-taken",
        Server,
        &["opening.server.key-once"],
        "Accepts requests with several keys, and answers the first.",
        |d| d.opening.takes_several_keys = true,
    ),
    peer(
        "key-encoded-anew",
        Server,
        &["opening.server.accept"],
        "Hashes the key as it would have encoded it.",
        |d| d.opening.encodes_key_anew = true,
    ),
    peer(
        "version-twice-taken",
        Server,
        &["opening.server.version"],
        "Accepts requests with several versions, if 13 comes first.",
        |d| d.opening.takes_several_versions = true,
    ),
    peer(
        "version-listed-taken",
        Server,
        &["opening.server.version"],
        "Accepts requests with a list of versions, if 13 is in it.",
        |d| d.opening.takes_listed_version = true,
    ),
    peer(
        "version-as-number",
        Server,
        &["opening.server.version"],
        "Takes every spelling of the number 13 for the version.",
        |d| d.opening.reads_version_as_number = true,
    ),
    peer(
        "versions-of-drafts",
        Server,
        &["opening.server.version-listed"],
        "Lists versions without the one that it speaks.",
        |d| d.opening.lists_drafts = true,
    ),
    peer(
        "connection-contains",
        Server,
        &["opening.server.connection"],
        "Looks for `upgrade` anywhere in Connection.",
        |d| d.opening.finds_upgrade_inside = true,
    ),
    peer(
        "upgrade-contains",
        Server,
        &["opening.server.upgrade"],
        "Looks for `websocket` anywhere in Upgrade.",
        |d| d.opening.finds_websocket_inside = true,
    ),
    peer(
        "connection-last-line",
        Server,
        &["opening.server.lists"],
        "Reads only the last line of Connection.",
        |d| d.opening.reads_last_connection_line = true,
    ),
    peer(
        "upgrade-first-line",
        Server,
        &["opening.server.upgrade-list"],
        "Reads only the first line of Upgrade.",
        |d| d.opening.reads_first_upgrade_line = true,
    ),
    peer(
        "405-without-allow",
        Server,
        &["opening.server.allow"],
        "Refuses methods without saying which it takes.",
        |d| d.opening.omits_allow = true,
    ),
    peer(
        "426-without-upgrade",
        Server,
        &["opening.server.upgrade-required"],
        "Answers 426 without saying what is required.",
        |d| d.opening.omits_required_upgrade = true,
    ),
    peer(
        "origin-refused-with-400",
        Server,
        &["opening.server.origin-status"],
        "Refuses foreign origins with 400.",
        |d| d.opening.refuses_origin_with_400 = true,
    ),
    peer(
        "resource-missing-200",
        Server,
        &["opening.server.resource"],
        "Answers 200 to requests for resources that it does not have.",
        |d| d.opening.answers_unknown_with = Some(200),
    ),
    peer(
        "target-unchecked",
        Server,
        &["opening.server.target"],
        "Accepts targets that are neither paths nor absolute.",
        |d| d.opening.takes_any_target = true,
    ),
    peer(
        "target-limited",
        Server,
        &["opening.server.long-target"],
        "Refuses targets of more than 4000 octets.",
        |d| d.opening.limits_targets = true,
    ),
    peer(
        "large-heads-ignored",
        Server,
        &["opening.server.large-head"],
        "Says nothing to a head that is too large.",
        |d| d.opening.ignores_large_heads = true,
    ),
    peer(
        "higher-minor-refused",
        Server,
        &["opening.server.http-minor"],
        "Refuses HTTP/1.2.",
        |d| d.opening.refuses_higher_minor = true,
    ),
    peer(
        "empty-line-refused",
        Server,
        &["opening.server.empty-line"],
        "Refuses a request behind an empty line.",
        |d| d.opening.refuses_empty_line = true,
    ),
    peer(
        "colon-white-space-taken",
        Server,
        &["opening.server.colon"],
        "Takes white space in front of the colon of a field.",
        |d| d.opening.takes_white_space_before_colon = true,
    ),
    peer(
        "indented-field-taken",
        Server,
        &["opening.field-lines"],
        "Takes an indented line behind the request line for a field.",
        |d| d.opening.takes_indented_field = true,
    ),
    peer(
        "answer-in-lf",
        Server,
        &["opening.server.valid"],
        "Ends the lines of its answer in LF.",
        |d| d.opening.ends_lines_in_lf = true,
    ),
    peer(
        "answer-without-space",
        Server,
        &["opening.server.valid"],
        "Leaves out the space behind the status.",
        |d| d.opening.omits_space_behind_status = true,
    ),
    peer(
        "answer-with-length",
        Server,
        &["opening.server.no-content"],
        "Sends Content-Length with its 101.",
        |d| d.opening.states_length = true,
    ),
];

/// Servers and clients.
pub(super) static BOTH: &[Peer] = &[
    peer(
        "folds-as-fields",
        Both,
        &["opening.field-lines"],
        "Takes a line that continues a field for a field of its own.",
        |d| d.opening.takes_folds_for_fields = true,
    ),
    peer(
        "cr-as-line-end",
        Both,
        &["opening.field-lines"],
        "Takes a bare CR for the end of a line.",
        |d| d.opening.takes_cr_for_line_end = true,
    ),
    peer("nul-as-end", Both, &["opening.nul"], "Takes NUL for the end of a field value.", |d| {
        d.opening.cuts_at_nul = true
    }),
    peer(
        "obs-text-refused",
        Both,
        &["opening.opaque"],
        "Refuses fields with octets above 0x7F.",
        |d| d.opening.refuses_obs_text = true,
    ),
];

/// Clients.
pub(super) static CLIENTS: &[Peer] = &[
    peer(
        "protocol-offered-twice",
        Client,
        &["opening.client.protocols"],
        "Offers a subprotocol twice.",
        |d| d.opening.offers_protocol_twice = true,
    ),
    peer(
        "request-folded",
        Client,
        &["opening.client.valid"],
        "Folds a field over two lines.",
        |d| d.opening.folds_field = true,
    ),
    peer(
        "request-with-lf",
        Client,
        &["opening.client.valid"],
        "Ends a line of its request in LF.",
        |d| d.opening.ends_line_in_lf = true,
    ),
    peer("versions-two", Client, &["opening.client.version"], "Names two versions.", |d| {
        d.opening.names_two_versions = true
    }),
    peer("keys-two", Client, &["opening.client.key"], "Sends two keys.", |d| {
        d.opening.sends_two_keys = true
    }),
    peer(
        "offer-malformed",
        Client,
        &["opening.client.extension-list"],
        "Ends its offer of extensions in a semicolon.",
        |d| d.opening.offers_malformed = true,
    ),
    peer(
        "redirect-taken",
        Client,
        &["opening.client.status"],
        "Takes a redirect for an open connection.",
        |d| d.opening.takes_statuses = Some(300..=399),
    ),
    peer(
        "status-any-taken",
        Client,
        &["opening.client.status"],
        "Takes any status where the fields are right.",
        |d| d.opening.takes_any_status = true,
    ),
    peer(
        "interim-for-final",
        Client,
        &["opening.client.interim"],
        "Takes an interim answer for the final one.",
        |d| d.opening.takes_interim_for_final = true,
    ),
    peer(
        "answer-upgrade-listed-taken",
        Client,
        &["opening.client.response-upgrade"],
        "Takes an Upgrade that lists other protocols too.",
        |d| d.opening.takes_listed_upgrade = true,
    ),
    peer(
        "answer-connection-contains",
        Client,
        &["opening.client.response-connection"],
        "Looks for `upgrade` anywhere in Connection.",
        |d| d.opening.takes_any_connection_with_upgrade = true,
    ),
    peer(
        "answer-connection-alone",
        Client,
        &["opening.client.lists"],
        "Wants Connection to be `Upgrade` and nothing else.",
        |d| d.opening.wants_answer_connection_alone = true,
    ),
    peer(
        "answer-connection-first-line",
        Client,
        &["opening.client.lists"],
        "Reads only the first line of Connection.",
        |d| d.opening.reads_first_answer_connection = true,
    ),
    peer(
        "accept-first-taken",
        Client,
        &["opening.client.accept"],
        "Takes the first of several Sec-WebSocket-Accept.",
        |d| d.opening.takes_first_accept = true,
    ),
    peer(
        "protocol-empty-taken",
        Client,
        &["opening.client.protocol-form"],
        "Takes the empty subprotocol for none.",
        |d| d.opening.takes_empty_protocol = true,
    ),
];
