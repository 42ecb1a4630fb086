//! Broken in native control frames, closing and failing (RFC 6455, 5.5 and 7).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Pings and pongs, Close frames, and failures.
pub(super) static PEERS: &[Peer] = &[
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
        "ping-ninth-unanswered",
        Both,
        &["ping.answered"],
        "Answers no more than eight pings.",
        |d| d.framing.most_pings_answered = Some(8),
    ),
    peer(
        "ping-storm-unanswered",
        Both,
        &["ping.answered"],
        "Answers no more than 500 pings.",
        |d| d.framing.most_pings_answered = Some(500),
    ),
    peer(
        "pong-behind-message",
        Both,
        &["ping.promptly"],
        "Answers a ping between fragments when the message is whole.",
        |d| d.framing.answers_pings_behind_message = true,
    ),
    peer(
        "pong-cut",
        Both,
        &["ping.payload"],
        "Cuts the payload of a pong after 100 octets.",
        |d| d.cuts_long_pongs = true,
    ),
    peer(
        "pong-repaired",
        Both,
        &["ping.payload"],
        "Repairs the payload of a ping as if it were text.",
        |d| d.framing.repairs_pongs = true,
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
        "Takes pings of more than 125 octets.",
        |d| d.takes_long_pings = true,
    ),
    peer(
        "pong-fragmented-passed-over",
        Both,
        &["failing.invalid"],
        "Passes over pongs that are not final.",
        |d| d.framing.passes_over_fragmented_pongs = true,
    ),
    peer(
        "close-long-taken",
        Both,
        &["native.length"],
        "Takes a Close of more than 125 octets.",
        |d| d.framing.takes_long_close = true,
    ),
    peer(
        "ping-fragmented-taken",
        Both,
        &["native.fragmented"],
        "Takes pings that are not final.",
        |d| d.takes_fragmented_pings = true,
    ),
    peer(
        "close-fragmented-taken",
        Both,
        &["native.fragmented"],
        "Takes a Close that is not final.",
        |d| d.framing.takes_fragmented_close = true,
    ),
    peer(
        "pong-fragmented",
        Both,
        &["native.sent"],
        "Sends long pongs as if a fragment were to follow.",
        |d| d.fragments_long_pongs = true,
    ),
    peer(
        "close-too-long",
        Both,
        &["native.sent"],
        "Tells at length why text is wrong, in its Close.",
        |d| d.framing.fails_at_length = true,
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
        "close-long-reason-unanswered",
        Both,
        &["close.answered"],
        "Does not answer a Close with a reason of more than 100 octets.",
        |d| d.framing.ignores_close_with_long_reason = true,
    ),
    peer(
        "close-started-without-code",
        Both,
        &["close.start"],
        "Starts to close without the code that it was told.",
        |d| d.framing.starts_close_without_code = true,
    ),
    peer(
        "close-not-last",
        Both,
        &["close.last"],
        "Goes on answering what came behind a Close.",
        |d| d.answers_behind_close = true,
    ),
    peer(
        "close-again",
        Both,
        &["close.once"],
        "Answers each Close, its own or not, and answers twice.",
        |d| d.framing.answers_close_again = true,
    ),
    peer(
        "close-stays",
        Both,
        &["close.ends"],
        "Does not end TCP after a Close without a code.",
        |d| d.stays_after_empty_close = true,
    ),
    peer(
        "close-of-other-code-stays",
        Both,
        &["close.ends"],
        "Does not end TCP where its own Close was answered with another code.",
        |d| d.framing.stays_after_other_code = true,
    ),
    peer(
        "close-of-its-own-stays",
        Both,
        &["close.ends"],
        "Does not end TCP where it started to close.",
        |d| d.framing.stays_after_own_close = true,
    ),
    peer(
        "close-one-octet-sent",
        Both,
        &["close.sent"],
        "Answers a Close without a code with one of a single octet.",
        |d| d.answers_empty_close_with_one_octet = true,
    ),
    peer(
        "close-reason-cut",
        Both,
        &["close.sent"],
        "Gives a reason back, cut after 50 octets, be it in a character.",
        |d| d.framing.cuts_reason = true,
    ),
    peer(
        "close-code-1005-sent",
        Both,
        &["close.code-sent"],
        "Answers a Close without a code with code 1005.",
        |d| d.answers_empty_close_with_1005 = true,
    ),
    peer("close-code-echoed", Both, &["close.code-sent"], "Gives back whatever code came.", |d| {
        d.framing.echoes_any_code = true
    }),
    peer("close-code-5000-sent", Both, &["close.code-sent"], "Answers 4999 with 5000.", |d| {
        d.framing.answers_with_next_code = true
    }),
    peer(
        "fails-text-with-1006",
        Both,
        &["close.code-sent"],
        "Closes with 1006 for text that is not UTF-8.",
        |d| d.framing.fails_text_with_1006 = true,
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
        "fails-opcode-with-1000",
        Both,
        &["failing.code"],
        "Calls an undefined opcode a normal end.",
        |d| d.framing.fails_opcode_with_1000 = true,
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
    peer(
        "fails-text-late",
        Both,
        &["failing.silent"],
        "Processes what came behind invalid text before it fails.",
        |d| d.framing.fails_text_late = true,
    ),
];
