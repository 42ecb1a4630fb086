//! Broken in the base framing (RFC 6455, 5 to 8).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Frames, messages, native control frames, closing and failing.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "mask-missing",
        Client,
        &["masking.client.sent"],
        "Sends its frames without a mask.",
        |d| d.masks_wrongly = true,
    ),
    peer(
        "mask-fixed",
        Client,
        &["masking.client.fresh"],
        "Masks all frames of a connection with one key.",
        |d| d.masks_with_one_key = true,
    ),
    peer("mask-from-server", Server, &["masking.server.sent"], "Masks what it sends.", |d| {
        d.masks_wrongly = true
    }),
    peer(
        "mask-of-ones-ignored",
        Server,
        &["masking.server.read"],
        "Takes a key of all ones for no mask.",
        |d| d.takes_ones_for_no_mask = true,
    ),
    peer(
        "unmasked-taken",
        Server,
        &["masking.server.required"],
        "Takes frames without a mask.",
        |d| d.takes_wrong_masking = true,
    ),
    peer(
        "unmasked-continuation-taken",
        Server,
        &["masking.server.required"],
        "Takes continuations without a mask.",
        |d| d.takes_wrong_masking_later = true,
    ),
    peer("masked-taken", Client, &["masking.client.refused"], "Takes frames with a mask.", |d| {
        d.takes_wrong_masking = true
    }),
    peer("rsv-ignored", Both, &["frame.rsv"], "Does not look at the reserved bits.", |d| {
        d.ignores_reserved_bits = true
    }),
    peer(
        "rsv-ignored-later",
        Both,
        &["frame.rsv"],
        "Looks at the reserved bits only where a message begins.",
        |d| d.ignores_reserved_bits_later = true,
    ),
    peer("rsv-sent", Both, &["frame.rsv.sent"], "Sets RSV1 in its data frames.", |d| {
        d.sets_reserved_bit = true
    }),
    peer(
        "opcode-skipped",
        Both,
        &["frame.opcode"],
        "Passes over native control frames with an undefined opcode.",
        |d| d.skips_undefined_control = true,
    ),
    peer(
        "opcode-undefined-sent",
        Both,
        &["frame.opcode.sent"],
        "Sends a frame of opcode 3 ahead of each message.",
        |d| d.sends_undefined_opcode = true,
    ),
    peer(
        "length-16-signed",
        Both,
        &["frame.length.read"],
        "Takes a 16-bit length for a signed number.",
        |d| d.reads_16_bits_signed = true,
    ),
    peer(
        "length-64-halved",
        Both,
        &["frame.length.read"],
        "Takes half of a 64-bit length for all of it.",
        |d| d.reads_64_bits_as_32 = true,
    ),
    peer(
        "length-not-minimal",
        Both,
        &["frame.length.minimal"],
        "Sends the length of short data frames in 16 bits.",
        |d| d.sends_long_lengths = true,
    ),
    peer(
        "length-top-bit-taken",
        Server,
        &["frame.length.top-bit"],
        "Does not mind a 64-bit length with its top bit set.",
        |d| d.takes_top_bit = true,
    ),
    peer(
        "length-cut-lost",
        Both,
        &["frame.segments"],
        "Loses the head of a frame whose 16-bit length comes in pieces.",
        |d| d.loses_cut_lengths = true,
    ),
    peer(
        "fragments-lost",
        Both,
        &["fragments.reassembled"],
        "Loses the fragments between the first and the last.",
        |d| d.loses_middle_fragments = true,
    ),
    peer(
        "fragments-forgotten-at-ping",
        Both,
        &["fragments.native-between"],
        "Forgets a text in progress when a ping comes.",
        |d| d.forgets_message_at_ping = true,
    ),
    peer(
        "orphan-taken",
        Both,
        &["fragments.orphan"],
        "Takes a continuation of nothing for a message.",
        |d| d.takes_orphans = true,
    ),
    peer(
        "interleaved-taken",
        Both,
        &["fragments.interleaved"],
        "Lets a new message replace one that has not ended.",
        |d| d.takes_interleaved_messages = true,
    ),
    peer(
        "fragments-miscoded",
        Both,
        &["fragments.sent"],
        "Repeats the opcode where a continuation belongs.",
        |d| d.repeats_opcode_in_fragments = true,
    ),
    peer(
        "text-repaired",
        Both,
        &["text.utf8"],
        "Repairs text that is not UTF-8 instead of failing the connection.",
        |d| d.takes_invalid_text = true,
    ),
    peer(
        "text-judged-by-frame",
        Both,
        &["text.utf8.split"],
        "Wants each fragment of a text to be UTF-8 by itself.",
        |d| d.judges_text_by_frame = true,
    ),
    peer("text-cut", Both, &["text.sent"], "Loses the last octet of some texts.", |d| {
        d.cuts_last_character = true
    }),
    peer("ping-empty-unanswered", Both, &["ping.answered"], "Does not answer empty pings.", |d| {
        d.ignores_empty_pings = true
    }),
    peer(
        "ping-long-unanswered",
        Both,
        &["ping.answered"],
        "Does not answer pings of more than 100 octets.",
        |d| d.ignores_long_pings = true,
    ),
    peer(
        "pong-cut",
        Both,
        &["ping.payload"],
        "Cuts the payload of a pong after 100 octets.",
        |d| d.cuts_long_pongs = true,
    ),
    peer(
        "pong-empty-refused",
        Both,
        &["pong.ignored"],
        "Fails the connection at an empty pong that it did not ask for.",
        |d| d.refuses_empty_pongs = true,
    ),
    peer(
        "ping-long-discarded",
        Both,
        &["failing.invalid"],
        "Throws away a Ping that is too long, and goes on.",
        |d| d.discards_long_pings = true,
    ),
    peer(
        "ping-long-taken",
        Both,
        &["native.length"],
        "Takes pings and pongs of more than 125 octets.",
        |d| d.takes_long_pings = true,
    ),
    peer(
        "ping-fragmented-taken",
        Both,
        &["native.fragmented"],
        "Takes pings and pongs that are not final.",
        |d| d.takes_fragmented_pings = true,
    ),
    peer(
        "pong-fragmented",
        Both,
        &["native.sent"],
        "Sends long pongs as if a fragment were to follow.",
        |d| d.fragments_long_pongs = true,
    ),
    peer(
        "close-between-fragments-unanswered",
        Both,
        &["close.answered"],
        "Does not answer a Close that comes between the fragments of a message.",
        |d| d.ignores_close_between = true,
    ),
    peer(
        "close-empty-unanswered",
        Both,
        &["close.answered"],
        "Does not answer a Close without a code.",
        |d| d.ignores_empty_close = true,
    ),
    peer(
        "close-not-last",
        Both,
        &["close.last"],
        "Goes on answering what came behind a Close.",
        |d| d.answers_behind_close = true,
    ),
    peer(
        "close-stays",
        Both,
        &["close.ends"],
        "Does not end TCP after a Close without a code.",
        |d| d.stays_after_empty_close = true,
    ),
    peer(
        "close-one-octet-sent",
        Both,
        &["close.sent"],
        "Answers a Close without a code with one of a single octet.",
        |d| d.answers_empty_close_with_one_octet = true,
    ),
    peer(
        "close-code-1005-sent",
        Both,
        &["close.code-sent"],
        "Answers a Close without a code with code 1005.",
        |d| d.answers_empty_close_with_1005 = true,
    ),
    peer("close-one-octet-taken", Both, &["close.length"], "Takes a Close of one octet.", |d| {
        d.takes_one_octet_close = true
    }),
    peer("close-code-unchecked", Both, &["close.code"], "Takes any close code.", |d| {
        d.takes_any_close_code = true
    }),
    peer(
        "close-reason-unchecked",
        Both,
        &["close.reason"],
        "Takes a close reason that is not UTF-8.",
        |d| d.takes_invalid_reason = true,
    ),
    peer(
        "fails-without-close",
        Both,
        &["failing.close-frame"],
        "Fails a connection by ending TCP alone.",
        |d| d.fails_without_close = true,
    ),
    peer(
        "fails-text-with-1002",
        Both,
        &["failing.code"],
        "Calls text that is not UTF-8 a protocol error.",
        |d| d.fails_text_with_1002 = true,
    ),
    peer(
        "fails-size-with-1002",
        Both,
        &["failing.code"],
        "Calls what is too big a protocol error.",
        |d| d.fails_size_with_1002 = true,
    ),
    peer(
        "fails-and-stays",
        Both,
        &["failing.ends"],
        "Does not end TCP after it has failed the connection.",
        |d| d.stays_after_failing = true,
    ),
    peer(
        "fails-late",
        Both,
        &["failing.silent"],
        "Processes what came behind an undefined opcode before it fails.",
        |d| d.fails_late = true,
    ),
];
