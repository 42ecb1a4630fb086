//! Switches about much at once: long messages, many fragments, pieces, messages and connections.

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

/// How an endpoint deals with loads.
#[derive(Clone, Debug, Default)]
pub struct LoadDeviations {
    // Long messages.
    /// Cuts what it sends back after 65536 octets.
    pub cuts_long_messages: bool,
    /// Loses the octet before the end of each MiB that it sends back.
    pub loses_octet_of_mebibyte: bool,
    /// Replaces the first octet of text of 8 MiB and more.
    pub spoils_long_text: bool,
    /// Decodes text in buffers of 16 KiB each, and replaces characters that are cut there.
    pub replaces_cut_characters: bool,

    // Many fragments, in pieces.
    /// Loses the 256th fragment of a message, and those behind it but the last.
    pub counts_fragments_in_octet: bool,
    /// Loses the fragments behind the first 8 MiB of a message, but the last.
    pub loses_fragments_of_long: bool,
    /// Loses the octets of a short text that arrive together with its head, unless all of it does.
    pub loses_begun_payloads: bool,
    /// Forgets the head of a frame that is cut in its 64-bit length.
    pub loses_cut_long_lengths: bool,
    /// Server: forgets the head of a short text that is cut in its masking key.
    pub loses_cut_keys: bool,
    /// Forgets the 400th piece that a frame comes in.
    pub forgets_many_pieces: bool,

    // Many messages.
    /// Sends every 64th message behind the next one.
    pub exchanges_messages: bool,
    /// Forgets every 500th message.
    pub forgets_messages: bool,
    /// Takes at most 64 messages of those that one read brings, and forgets the rest.
    pub takes_few_of_a_read: bool,
    /// Goes on reading when nobody reads what it sends, and forgets messages beyond 1 MiB of that.
    pub forgets_when_behind: bool,
    /// Forgets what comes after a second without a message, where no extension is in use.
    pub falls_asleep: bool,

    // Several connections.
    /// Server: sends back messages of 1001 to 1040 octets from a buffer that its connections share.
    pub shares_buffer: Option<SharedBuffer>,
    /// Server: the whole program ends when a connection ends within a message.
    pub dies_of_lost_connections: bool,

    // Legal freedoms.
    /// The longest message that it takes, in octets.
    pub limit: Option<u64>,
    /// Refuses longer ones with 1008 instead of 1009.
    pub refuses_by_policy: bool,
    /// Fails a connection on which more than 100 pings come.
    pub refuses_ping_storms: bool,
    /// Does so without a Close.
    pub drops_ping_storms: bool,
    /// Goes on reading, whatever waits to be written.
    pub never_stops_reading: bool,
    /// Server: serves as many connections at a time as there are permits, and refuses others with 503.
    pub room: Option<Arc<Semaphore>>,
}

/// What is left in a buffer that several connections share: who wrote it, and what. The writer is
/// known as long as its connection is open.
pub type SharedBuffer = Arc<Mutex<Option<(std::sync::Weak<()>, Vec<u8>)>>>;
