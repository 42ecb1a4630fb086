//! Switches about frames, messages, native control frames, closing and failing, beyond the plainest.

/// How an endpoint deals with RFC 6455, 5 to 8.
#[derive(Clone, Debug, Default)]
pub struct FramingDeviations {
    // Masking.
    /// Client: adds one to its masking key for each frame.
    pub masks_by_counting: bool,
    /// Client: draws the same masking keys in each connection.
    pub masks_from_one_seed: bool,
    /// Client: masks a pong with the key of the frame before it.
    pub masks_pongs_as_before: bool,
    /// Takes empty frames whatever their mask says.
    pub takes_wrong_masking_of_empty: bool,
    /// Server: begins the key anew with each piece in which a text of 17 to 64 octets arrives.
    pub restarts_mask: bool,
    /// Server: a key of zeros in the first fragment means "no mask" for those behind it.
    pub keeps_zero_key: bool,

    // Reserved bits and opcodes.
    /// Takes RSV1 in data frames, as if compression were negotiated.
    pub ignores_rsv1: bool,
    /// Does not look at the reserved bits of native control frames.
    pub ignores_reserved_bits_of_native: bool,
    /// Sets RSV3 in its pongs.
    pub sets_reserved_bit_in_pongs: bool,
    /// Takes undefined data frames for binary ones.
    pub takes_undefined_data: bool,
    /// Sends a frame of opcode 11 ahead of each pong.
    pub sends_undefined_control: bool,

    // Lengths.
    /// Sends the length of data frames of 126 to 65535 octets in 64 bits.
    pub sends_64_bit_lengths: bool,
    /// Sends the length of pongs in 16 bits.
    pub sends_long_lengths_of_pongs: bool,
    /// Sets the top bit of 64-bit lengths.
    pub sets_top_bit: bool,

    // Fragments.
    /// Does not clear its buffer behind a fragmented text.
    pub keeps_fragments: bool,
    /// Loses the fragments of a text behind empty ones.
    pub loses_behind_empty: bool,
    /// Takes a binary message whose first fragment is empty for text, where no capability is active.
    pub forgets_type_of_empty: bool,
    /// Takes a pong between fragments as an error.
    pub refuses_pongs_between: bool,
    /// Takes a continuation of nothing that is not final for the beginning of a text.
    pub takes_unfinished_orphans: bool,
    /// Takes a continuation behind a fragmented message for a text.
    pub takes_orphans_behind: bool,
    /// Sends an empty continuation ahead of messages of more than 60000 octets.
    pub sends_orphans: bool,

    // Text.
    /// Takes the noncharacters U+FFFE and U+FFFF as an error.
    pub refuses_noncharacters: bool,
    /// Does not mind a character that is cut off at the end of a text.
    pub takes_cut_off_text: bool,
    /// Wants whole characters in front of a ping.
    pub judges_text_at_ping: bool,
    /// Wants whole characters in each piece that arrives of a frame, in the first 64 octets.
    pub judges_text_by_piece: bool,

    // Native control frames.
    /// Answers no more than so many pings of a connection.
    pub most_pings_answered: Option<usize>,
    /// Does not answer pings between the fragments of a message, where no capability is active.
    pub ignores_pings_between: bool,
    /// Answers pings between the fragments of a message when that is whole.
    pub answers_pings_behind_message: bool,
    /// Repairs the payload of a ping as if it were text, where no capability is active.
    pub repairs_pongs: bool,
    /// Passes over pongs that are not final.
    pub passes_over_fragmented_pongs: bool,
    /// Takes a Close of more than 125 octets.
    pub takes_long_close: bool,
    /// Takes a Close that is not final.
    pub takes_fragmented_close: bool,

    // Closing.
    /// Does not answer a Close with a reason of more than 100 octets.
    pub ignores_close_with_long_reason: bool,
    /// Starts to close without the code that it was told.
    pub starts_close_without_code: bool,
    /// Answers each Close, its own or not, and answers twice.
    pub answers_close_again: bool,
    /// Gives back whatever code came.
    pub echoes_any_code: bool,
    /// Answers 4999 with 5000.
    pub answers_with_next_code: bool,
    /// Gives the reason back, cut after 50 octets.
    pub cuts_reason: bool,
    /// Does not end TCP where it started to close and got another code back.
    pub stays_after_other_code: bool,
    /// Does not end TCP where it started to close.
    pub stays_after_own_close: bool,

    // Failing.
    /// Tells why text is wrong in more than 123 octets.
    pub fails_at_length: bool,
    /// Fails the connection with 1000 for an undefined opcode.
    pub fails_opcode_with_1000: bool,
    /// Fails the connection with 1006 for text that is not UTF-8.
    pub fails_text_with_1006: bool,
    /// Processes what came behind text that is not UTF-8 before it fails the connection.
    pub fails_text_late: bool,

    // Legal freedoms.
    /// Sends an empty ping and a pong between the halves of each message.
    pub injects_native_frames: bool,
    /// Drops a connection in which masking is wrong.
    pub drops_wrong_masking: bool,
    /// Fails the connection for a length that is not in its shortest form.
    pub insists_on_shortest_length: bool,
    /// Calls a length with its top bit set too big.
    pub calls_top_bit_too_big: bool,
    /// Judges text when its message ends.
    pub judges_text_at_end: bool,
    /// Answers each pong with a pong.
    pub answers_pongs: bool,
    /// Sends pongs behind all other answers to what came together.
    pub sends_pongs_last: bool,
    /// Answers a Close behind all that came together.
    pub puts_off_close: bool,
    /// Answers a Close in front of what it has not sent yet, which it drops.
    pub hurries_close: bool,
    /// Answers a Close with the same code and reason.
    pub echoes_reason: bool,
    /// Answers every Close with code 4000.
    pub answers_close_with_4000: bool,
    /// Answers pings that come behind a Close.
    pub answers_pings_behind_close: bool,
    /// Sends a ping behind its Close.
    pub pings_behind_close: bool,
    /// Refuses a Close with code 1007, whatever is wrong with it.
    pub refuses_close_with_1007: bool,
    /// Drops the connection where a Close is wrong.
    pub drops_wrong_close: bool,
    /// Client: ends TCP without waiting for the server.
    pub ends_tcp_first: bool,
    /// Drops TCP as soon as its last octet is written.
    pub drops_tcp: bool,
}
