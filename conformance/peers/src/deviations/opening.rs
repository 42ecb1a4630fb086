//! Switches about the opening handshake beyond the fields that it needs: HTTP, lists, subprotocols,
//! and what both sides are free to do.

use std::ops::RangeInclusive;

/// How an endpoint opens a connection.
#[derive(Clone, Debug, Default)]
pub struct OpeningDeviations {
    // Reading a head, either role.
    /// Takes a line that continues a field for a field of its own.
    pub takes_folds_for_fields: bool,
    /// Takes a bare CR for the end of a line.
    pub takes_cr_for_line_end: bool,
    /// Takes NUL for the end of a field value.
    pub cuts_at_nul: bool,
    /// Refuses field values with octets above 0x7F.
    pub refuses_obs_text: bool,

    // Reading a request.
    /// Takes a line behind the request line that begins with white space for a field.
    pub takes_indented_field: bool,
    /// Takes white space between the name of a field and the colon.
    pub takes_white_space_before_colon: bool,
    /// Refuses a request behind an empty line.
    pub refuses_empty_line: bool,
    /// Refuses HTTP/1.2.
    pub refuses_higher_minor: bool,
    /// Does not look at the form of the target.
    pub takes_any_target: bool,
    /// Refuses targets of more than 4000 octets.
    pub limits_targets: bool,
    /// Says nothing to a head that is too large.
    pub ignores_large_heads: bool,
    /// Takes several Host fields.
    pub takes_several_hosts: bool,
    /// Takes a Host that names no host.
    pub takes_invalid_host: bool,
    /// Takes the first of several keys.
    pub takes_several_keys: bool,
    /// Takes the first of several versions, in lines of their own.
    pub takes_several_versions: bool,
    /// Takes a list of versions with 13 in it.
    pub takes_listed_version: bool,
    /// Reads the digits of the version as a number.
    pub reads_version_as_number: bool,
    /// Looks for `upgrade` anywhere in Connection.
    pub finds_upgrade_inside: bool,
    /// Looks for `websocket` anywhere in Upgrade.
    pub finds_websocket_inside: bool,
    /// Reads only the last line of Connection.
    pub reads_last_connection_line: bool,
    /// Reads only the first line of Upgrade.
    pub reads_first_upgrade_line: bool,
    /// Takes what is no list of subprotocols.
    pub takes_malformed_protocols: bool,
    /// Decodes the key, and encodes it anew for the answer.
    pub encodes_key_anew: bool,

    // Answering a request.
    /// Ends the lines of its answer in LF.
    pub ends_lines_in_lf: bool,
    /// Leaves out the space behind the status.
    pub omits_space_behind_status: bool,
    /// Says that its answer has no content.
    pub states_length: bool,
    /// Selects all of several subprotocols.
    pub selects_all_protocols: bool,
    /// Selects the empty subprotocol.
    pub selects_empty_protocol: bool,
    /// Refuses methods without saying which it takes.
    pub omits_allow: bool,
    /// Answers 426 without Upgrade.
    pub omits_required_upgrade: bool,
    /// Lists versions of drafts alone.
    pub lists_drafts: bool,
    /// Refuses foreign origins with 400.
    pub refuses_origin_with_400: bool,

    // Sending a request.
    /// Offers a subprotocol twice.
    pub offers_protocol_twice: bool,
    /// Folds a field over two lines.
    pub folds_field: bool,
    /// Ends a line of its request in LF.
    pub ends_line_in_lf: bool,
    /// Names two versions.
    pub names_two_versions: bool,
    /// Sends a second key.
    pub sends_two_keys: bool,
    /// Ends its offer of extensions in a semicolon.
    pub offers_malformed: bool,

    // Reading an answer.
    /// Takes a status in this range for an open connection, whatever else the answer says.
    pub takes_statuses: Option<RangeInclusive<u16>>,
    /// Does not look at the status of an answer that has all fields.
    pub takes_any_status: bool,
    /// Takes 103 for the final answer.
    pub takes_interim_for_final: bool,
    /// Takes an Upgrade that lists other protocols too.
    pub takes_listed_upgrade: bool,
    /// Looks for `upgrade` anywhere in Connection.
    pub takes_any_connection_with_upgrade: bool,
    /// Wants Connection to be `Upgrade` and nothing else.
    pub wants_answer_connection_alone: bool,
    /// Reads only the first line of Connection.
    pub reads_first_answer_connection: bool,
    /// Takes the first of several Sec-WebSocket-Accept.
    pub takes_first_accept: bool,
    /// Takes the empty subprotocol for none.
    pub takes_empty_protocol: bool,

    // Freedoms of servers.
    /// Which status it likes for what it refuses.
    pub refuses_with: Option<u16>,
    /// Refuses in chunked coding.
    pub refuses_in_chunks: bool,
    /// Ends the connection behind each refusal.
    pub ends_behind_refusals: bool,
    /// Which status it has for ordinary requests.
    pub answers_ordinary_with: Option<u16>,
    /// Switches to HTTP/2 where Upgrade asks for `h2c`.
    pub switches_to_h2c: bool,
    /// Refuses foreign origins with 403.
    pub checks_origin: bool,
    /// Refuses hosts that are not its own with 421.
    pub checks_host: bool,
    /// With which status it answers requests for a resource that it does not have; 200 is a
    /// misbehaviour.
    pub answers_unknown_with: Option<u16>,
    /// Which reason phrase it likes for 101.
    pub reason: Option<&'static str>,
    /// Lists more in Connection than `Upgrade`.
    pub lists_connection: bool,
    /// Lists versions in two fields, and drafts among them.
    pub lists_versions_in_lines: bool,
    /// Sends an interim answer ahead of the final one.
    pub sends_interim: bool,
    /// Selects the first subprotocol on offer.
    pub selects_first_protocol: bool,
    /// Selects the last subprotocol on offer.
    pub selects_last_protocol: bool,
    /// Takes every key that is base64, whatever its length.
    pub leaves_key_undecoded: bool,
    /// Takes LF for the end of a line.
    pub takes_lf: bool,
    /// Joins the lines of a field that is folded.
    pub joins_folds: bool,
    /// Refuses more than 50 fields.
    pub limits_fields: bool,
    /// Drops a connection on which frames come with the request.
    pub drops_early_frames: bool,
    /// Refuses heads that come in more than 50 pieces.
    pub limits_pieces: bool,

    // Freedoms of clients.
    /// Sends Origin.
    pub sends_origin: bool,
    /// Sends credentials and cookies.
    pub sends_credentials: bool,
    /// Lists more in Upgrade than `websocket`.
    pub lists_upgrade: bool,
    /// Offers subprotocols.
    pub offers_protocols: bool,
    /// Offers its extensions in two fields.
    pub offers_in_lines: bool,
    /// Writes the host in capitals.
    pub writes_host_upper: bool,
    /// Names the default port in Host.
    pub names_default_port: bool,
    /// Says that it speaks HTTP/1.2.
    pub sends_http_1_2: bool,
}
