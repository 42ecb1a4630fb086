//! The switches of the plain endpoint: one for each misbehaviour and each legal freedom.
//!
//! A misbehaviour is as narrow as its requirement allows: a peer that is to be blamed for one thing
//! must not spoil the cases of another. Where a switch has no effect in a role, that is said.

use std::sync::{Arc, Mutex};

mod framing;
mod load;
mod opening;
mod rate;
mod setup;
mod several;
mod timers;

pub use framing::FramingDeviations;
pub use load::{LoadDeviations, SharedBuffer};
pub use opening::OpeningDeviations;
pub use rate::RateDeviations;
pub use setup::SetupDeviations;
pub use several::SeveralDeviations;
pub use timers::TimerDeviations;

/// How an endpoint differs from the well-behaved one, which is the default.
///
/// Every field is a switch of its own; the catalogues ([`broken`](crate::broken),
/// [`eccentric`](crate::eccentric)) set exactly one each.
#[derive(Clone, Debug, Default)]
pub struct Deviations {
    // The opening handshake of a server.
    /// Server: answers 200 instead of 101 when the key is all zeros.
    pub answers_200_to_zeros: bool,
    /// Server: leaves Upgrade out of its answer.
    pub omits_upgrade: bool,
    /// Server: leaves Connection out of its answer.
    pub omits_connection: bool,
    /// Server: writes Sec-WebSocket-Accept in lower case.
    pub sends_lower_case_accept: bool,
    /// Server: hashes the key without the GUID.
    pub hashes_key_alone: bool,
    /// Server: names the subprotocol `chat`, offered or not.
    pub names_unoffered_protocol: bool,
    /// Server: names an extension when none was offered.
    pub names_unoffered_extension: bool,
    /// Server: does not look at the method.
    pub takes_any_method: bool,
    /// Server: does not look at the HTTP version.
    pub takes_any_http_version: bool,
    /// Server: does not miss Host.
    pub takes_missing_host: bool,
    /// Server: does not look at Upgrade.
    pub takes_any_upgrade: bool,
    /// Server: does not look at Connection.
    pub takes_any_connection: bool,
    /// Server: does not miss Sec-WebSocket-Key.
    pub takes_missing_key: bool,
    /// Server: does not decode Sec-WebSocket-Key.
    pub takes_any_key: bool,
    /// Server: does not look at Sec-WebSocket-Version.
    pub takes_any_version: bool,
    /// Server: refuses versions without listing its own.
    pub lists_no_versions: bool,
    /// Server: drops the connection where it should refuse a request in HTTP.
    pub drops_refused_requests: bool,
    /// Server: blames itself (500) for the requests it refuses.
    pub refuses_with_500: bool,
    /// Server: refuses requests whose target is in absolute form.
    pub refuses_absolute_targets: bool,
    /// Server: wants Connection to be `Upgrade` and nothing else.
    pub wants_connection_alone: bool,
    /// Server: wants Upgrade to be `websocket` and nothing else.
    pub wants_upgrade_alone: bool,
    /// Server: compares the tokens of a list octet by octet, a token alone in any case.
    pub compares_lists_exactly: bool,
    /// Server: reads only the first line of Connection.
    pub reads_first_connection_line: bool,
    /// Server: takes what one read brings for the whole request.
    pub wants_request_in_one_piece: bool,
    /// Server: refuses requests that offer nothing but extensions that it does not know.
    pub refuses_unknown_extensions: bool,

    // The opening handshake, either role: what must not matter.
    /// Compares field names octet by octet.
    pub compares_names_exactly: bool,
    /// Compares `websocket` and `Upgrade` octet by octet.
    pub compares_values_exactly: bool,
    /// Wants the fields in the order of the RFC's example.
    pub wants_fields_in_order: bool,
    /// Does not remove the white space around a field value.
    pub keeps_white_space: bool,
    /// Takes fields that it does not know for an error.
    pub refuses_unknown_fields: bool,

    // The opening handshake of a client.
    /// Client: sends POST.
    pub sends_post: bool,
    /// Client: says that it speaks HTTP/1.0.
    pub sends_http_1_0: bool,
    /// Client: asks for another path than that of its URL.
    pub sends_other_target: bool,
    /// Client: sends no Host.
    pub sends_no_host: bool,
    /// Client: names a host that is not that of its URL.
    pub sends_other_host: bool,
    /// Client: sends no Upgrade.
    pub sends_no_upgrade: bool,
    /// Client: sends no Connection.
    pub sends_no_connection: bool,
    /// Client: sends a Sec-WebSocket-Key of eight octets.
    pub sends_short_key: bool,
    /// Client: sends the key of the RFC's example each time.
    pub sends_example_key: bool,
    /// Client: sends no Sec-WebSocket-Version.
    pub sends_no_version: bool,
    /// Client: asks for the protocol of a draft, version 8.
    pub sends_version_8: bool,
    /// Client: sends a ping when the answer takes more than 50 ms.
    pub pings_before_answer: bool,
    /// Client: does not look at Upgrade.
    pub takes_answer_without_upgrade: bool,
    /// Client: does not look at Connection.
    pub takes_answer_without_connection: bool,
    /// Client: does not look at Sec-WebSocket-Accept.
    pub takes_any_accept: bool,
    /// Client: takes an extension that it did not offer.
    pub takes_unoffered_extensions: bool,
    /// Client: takes a subprotocol that it did not offer.
    pub takes_unoffered_protocol: bool,

    // Frames.
    /// A server masks what it sends, a client does not.
    pub masks_wrongly: bool,
    /// Client: masks all frames with one key.
    pub masks_with_one_key: bool,
    /// Takes unmasked frames from clients, masked ones from servers.
    pub takes_wrong_masking: bool,
    /// Takes continuations whatever their mask says.
    pub takes_wrong_masking_later: bool,
    /// Server: a key of all ones means "no mask" to it.
    pub takes_ones_for_no_mask: bool,
    /// Does not look at the reserved bits.
    pub ignores_reserved_bits: bool,
    /// Looks at the reserved bits only where a message begins.
    pub ignores_reserved_bits_later: bool,
    /// Sets RSV1 in its data frames.
    pub sets_reserved_bit: bool,
    /// Passes over native control frames with an undefined opcode.
    pub skips_undefined_control: bool,
    /// Sends a frame of opcode 3 ahead of each message.
    pub sends_undefined_opcode: bool,
    /// Takes a 16-bit length for a signed number, and a negative one for none.
    pub reads_16_bits_signed: bool,
    /// Takes the first four octets of a 64-bit length for all of it.
    pub reads_64_bits_as_32: bool,
    /// Sends the length of short data frames in 16 bits.
    pub sends_long_lengths: bool,
    /// Does not mind a 64-bit length with its top bit set.
    pub takes_top_bit: bool,
    /// Loses the head of a frame when a 16-bit length arrives in two pieces.
    pub loses_cut_lengths: bool,
    /// Loses the fragments of a binary message between its first and its last.
    pub loses_middle_fragments: bool,
    /// Forgets a text message in progress when a ping comes.
    pub forgets_message_at_ping: bool,
    /// Takes a continuation of nothing for a text message.
    pub takes_orphans: bool,
    /// Lets a new message replace one that has not ended.
    pub takes_interleaved_messages: bool,
    /// Cuts messages of more than 60000 octets in two, and begins both halves with the opcode.
    pub repeats_opcode_in_fragments: bool,
    /// Repairs text that is not UTF-8 instead of failing the connection.
    pub takes_invalid_text: bool,
    /// Wants each fragment of a text to be UTF-8 by itself.
    pub judges_text_by_frame: bool,
    /// Loses the last octet of text that ends in a character of two octets.
    pub cuts_last_character: bool,

    // Native control frames.
    /// Does not answer empty pings.
    pub ignores_empty_pings: bool,
    /// Does not answer pings of more than 100 octets.
    pub ignores_long_pings: bool,
    /// Cuts the payload of a pong after 100 octets.
    pub cuts_long_pongs: bool,
    /// Takes an empty pong that it did not ask for as an error.
    pub refuses_empty_pongs: bool,
    /// Takes pings of more than 125 octets; answers with the first 125.
    pub takes_long_pings: bool,
    /// Throws away native control frames of more than 125 octets, and goes on.
    pub discards_long_pings: bool,
    /// Takes pings that are not final.
    pub takes_fragmented_pings: bool,
    /// Sends pongs of more than 100 octets as if a fragment were to follow.
    pub fragments_long_pongs: bool,

    // Closing and failing.
    /// Does not answer a Close without a code.
    pub ignores_empty_close: bool,
    /// Does not answer a Close that comes between the fragments of a message.
    pub ignores_close_between: bool,
    /// Goes on answering what came behind a Close.
    pub answers_behind_close: bool,
    /// Does not end the TCP connection after a Close without a code.
    pub stays_after_empty_close: bool,
    /// Answers a Close without a code with code 1005.
    pub answers_empty_close_with_1005: bool,
    /// Answers a Close without a code with one of a single octet.
    pub answers_empty_close_with_one_octet: bool,
    /// Takes a Close of one octet.
    pub takes_one_octet_close: bool,
    /// Takes any close code.
    pub takes_any_close_code: bool,
    /// Takes a close reason that is not UTF-8.
    pub takes_invalid_reason: bool,
    /// Fails a connection by ending TCP alone.
    pub fails_without_close: bool,
    /// Reports text that is not UTF-8 as a protocol error.
    pub fails_text_with_1002: bool,
    /// Reports what is too big as a protocol error.
    pub fails_size_with_1002: bool,
    /// Server: does not end TCP after it has failed the connection.
    pub stays_after_failing: bool,
    /// Processes what came behind an undefined opcode before it fails the connection.
    pub fails_late: bool,

    // The contract.
    /// Does not echo empty text messages.
    pub swallows_empty_text: bool,
    /// The whole program ends at a message of more than 1 MiB.
    pub dies_of_large_messages: bool,
    /// The whole program ends once it has failed a connection for an undefined opcode.
    pub dies_of_undefined_opcodes: bool,
    /// The whole program ends once it has failed a connection for text that is not UTF-8.
    pub dies_of_invalid_text: bool,

    // Negotiation.
    /// Server: accepts without assigning a sequence.
    pub omits_control: bool,
    /// Server: writes its sequence in lower case.
    pub sends_lower_case_control: bool,
    /// Server: answers with a parameter that nobody knows.
    pub answers_unknown_parameter: bool,
    /// Server: answers `sender=both` to `sender=client`.
    pub widens_sender: bool,
    /// Server: answers a burst of 300 where less was offered.
    pub widens_burst: bool,
    /// Server: answers the capability twice.
    pub answers_twice: bool,
    /// Server: spreads its answer over two fields.
    pub answers_in_two_fields: bool,
    /// Server: accepts an unknown parameter when there is nothing better.
    pub accepts_unknown_parameters: bool,
    /// Server: accepts an offer that proposes the sequence.
    pub accepts_proposed_control: bool,
    /// Server: does not compare numbers with their ranges.
    pub accepts_any_number: bool,
    /// Server: accepts parameters given twice, and uses the last.
    pub accepts_repeated_parameters: bool,
    /// Server: chooses the last acceptable alternative.
    pub prefers_last_alternative: bool,
    /// Server: declines offers with quoted values.
    pub declines_quoted_values: bool,
    /// Server: reads only the first line of offers.
    pub reads_first_offer_line: bool,
    /// Server: passes over offers that break the grammar.
    pub ignores_malformed_offers: bool,
    /// Inspects for F0800001 where nothing was negotiated.
    pub inspects_when_declined: bool,
    /// Escapes F0800001 where nothing was negotiated.
    pub escapes_when_declined: bool,
    /// Client: proposes a sequence in its offer.
    pub proposes_control: bool,
    /// Client: offers a parameter that nobody knows.
    pub offers_unknown_parameter: bool,
    /// Client: refuses sequences in lower case.
    pub refuses_lower_case_control: bool,
    /// Client: refuses parameters with a quoted value.
    pub refuses_quoted_values: bool,
    /// Client: takes an answer without `control`.
    pub takes_missing_control: bool,
    /// Client: reads whatever digits `control` has.
    pub takes_any_control: bool,
    /// Client: takes unknown parameters.
    pub takes_unknown_parameters: bool,
    /// Client: takes the last of several answers to its offer.
    pub takes_repeated_capability: bool,
    /// Client: takes values that are wider than it offered.
    pub takes_widened_values: bool,
    /// Client: takes an answer that breaks the grammar for no answer.
    pub takes_malformed_answer: bool,

    // Sequences.
    /// Server: assigns sequences that are readable text.
    pub assigns_text: bool,
    /// Server: assigns sequences whose low four bits are not zero.
    pub assigns_low_bits: bool,
    /// Client: does not escape for the sequence 00000000.
    pub takes_zeros_for_none: bool,
    /// Escapes for the first sequence that any of its open connections escaped for.
    pub escapes_for_oldest: Option<OpenSequences>,

    // The opcode filter.
    /// Inspects text messages too.
    pub inspects_text: bool,
    /// Looks for the sequence anywhere in a binary message.
    pub inspects_everywhere: bool,
    /// Judges a binary message by its first frame.
    pub judges_first_frame: bool,
    /// Takes one octet that begins like the sequence for a control message.
    pub takes_short_for_control: bool,
    /// Inspects although the peer may not send control messages.
    pub inspects_inactive_direction: bool,
    /// Takes control messages of any length.
    pub takes_long_control: bool,
    /// Takes a ping that begins with the sequence for a control message.
    pub inspects_pings: bool,

    // The escape.
    /// Sends longer data that begins with the sequence bare.
    pub leaves_longer_data_bare: bool,
    /// Sends data that equals the sequence bare.
    pub leaves_equal_data_bare: bool,
    /// Escapes three octets that begin like the sequence, except in its first message.
    pub escapes_short_data: bool,
    /// Sends another message between an escape and its data.
    pub separates_escape: bool,
    /// Drops escapes without arming.
    pub ignores_escapes: bool,
    /// Takes the sequence behind an escape for another escape.
    pub takes_repeated_escape: bool,
    /// Delivers at most eight octets of an escaped message.
    pub cuts_escaped_data: bool,
    /// Stays armed after an escaped message.
    pub stays_armed: bool,
    /// Other data disarms it.
    pub disarms_at_other_data: bool,
    /// A pong disarms it.
    pub disarms_at_pong: bool,
    /// A Close while it is armed is a protocol error to it.
    pub refuses_close_while_armed: bool,

    // Control messages.
    /// Hands DECREASE on to the application once that has received data.
    pub delivers_decrease: bool,
    /// Passes over unknown critical types.
    pub takes_unknown_types: bool,
    /// Fails the connection for unknown types 0x91 and 0xEF, which can be ignored.
    pub refuses_ignorable_types: bool,
    /// Does not look at the body of a control message.
    pub takes_malformed_bodies: bool,
    /// A request makes it drop what it has not yet written, unless it paces.
    pub drops_output_at_control: bool,
    /// Sends a control message behind its Close.
    pub sends_control_behind_close: bool,
    /// Answers RATE with an EFFECTIVE of seven octets.
    pub sends_malformed_effective: bool,
    /// Takes a request for the unlimited rate for malformed, unless it paces.
    pub refuses_unlimited_rate: bool,

    // Gateways.
    /// Gateway: forwards data without its first four octets when it was escaped.
    pub strips_escaped_data: bool,
    /// Gateway: forwards control messages.
    pub forwards_control: bool,
    /// Gateway: forwards escapes.
    pub forwards_escapes: bool,
    /// Gateway: ends where its back sends less than the four octets of a sequence at once.
    pub ends_at_short_pieces: bool,
    /// Gateway: does not escape what comes from its back.
    pub leaves_back_data_bare: bool,

    // Legal freedoms.
    /// Cuts the data messages it sends into frames of at most so many octets.
    pub fragments: Option<usize>,
    /// Puts an empty fragment in front of and behind each message.
    pub adds_empty_fragments: bool,
    /// Sends an unasked pong ahead of each message.
    pub sends_unasked_pongs: bool,
    /// Sends a ping when the connection opens and behind each message.
    pub sends_pings: bool,
    /// Answers only the latest of the pings that came together.
    pub answers_latest_ping: bool,
    /// Server: refuses with 403 and a page.
    pub refuses_with_page: bool,
    /// Answers every Close with code 1001.
    pub answers_close_with_1001: bool,
    /// Answers every Close without a code.
    pub answers_close_empty: bool,
    /// Gives a close reason of the greatest length.
    pub gives_long_reason: bool,
    /// Writes the names of its header fields in lower case, and in reverse order.
    pub writes_names_lower: bool,
    /// Writes `WEBSOCKET` and `UPGRADE`.
    pub writes_values_upper: bool,
    /// Client: sends its target in absolute form, as if to a proxy.
    pub sends_absolute_target: bool,
    /// Adds header fields of its own, one of them empty and one repeated.
    pub adds_fields: bool,
    /// Writes one octet at a time.
    pub writes_octets: bool,
    /// About the opening handshake beyond the fields that it needs.
    pub opening: OpeningDeviations,
    /// Neither offers nor accepts an extension: plain RFC 6455.
    pub declines_extensions: bool,
    /// Server: lets only the client send control messages.
    pub narrows_sender: bool,

    /// About frames, messages, native control frames, closing and failing, beyond those above.
    pub framing: FramingDeviations,

    /// About much at once.
    pub load: LoadDeviations,

    // The extension beyond a single capability.
    /// About several capabilities at once.
    pub several: SeveralDeviations,
    /// About `rate-control`.
    pub rate: RateDeviations,
    /// About `idle-timeout` and `heartbeat`.
    pub timers: TimerDeviations,
    /// About `control-setup`.
    pub setup: SetupDeviations,
}

impl Deviations {
    /// What is left of them where `rate-control` is not the only capability: what is wrong about
    /// one sequence is shown where there is no other.
    pub(crate) fn beside_others(&self) -> Deviations {
        let mut rest = self.clone();
        rest.several.leaves_suspend_unanswered = false;
        rest.several.leaves_resume_unanswered = false;
        rest.timers.closes_late = false;
        rest.beside_setup()
    }

    /// What is left of them where something else than `rate-control` is negotiated.
    pub(crate) fn beside_setup(&self) -> Deviations {
        Deviations {
            escapes_for_oldest: None,
            takes_zeros_for_none: false,
            leaves_longer_data_bare: false,
            leaves_equal_data_bare: false,
            ignores_escapes: false,
            takes_repeated_escape: false,
            cuts_escaped_data: false,
            stays_armed: false,
            disarms_at_other_data: false,
            delivers_decrease: false,
            drops_output_at_control: false,
            refuses_ignorable_types: false,
            ..self.clone()
        }
    }

    /// What is left of them in a negotiation on an open connection: what is wrong about those in
    /// the handshake is shown there.
    pub(crate) fn in_band(&self) -> Deviations {
        let mut rest = self.clone();
        rest.several.shares_sequence = false;
        Deviations {
            sends_lower_case_control: false,
            accepts_unknown_parameters: false,
            accepts_proposed_control: false,
            accepts_any_number: false,
            takes_missing_control: false,
            takes_any_control: false,
            takes_unknown_parameters: false,
            takes_repeated_capability: false,
            ..rest
        }
    }
}

/// The block of sixteen sequences that the next connection of one endpoint gets, shared among its
/// connections.
pub type NextBlock = Arc<Mutex<u32>>;

/// The sequences that the open connections of one endpoint escaped for, oldest first, shared among
/// them.
pub type OpenSequences = Arc<Mutex<Vec<[u8; 4]>>>;
