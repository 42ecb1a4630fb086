//! Eccentric in frames, native control frames and closing.

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Freedoms of RFC 6455, 5 to 8.
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
        &["ping.any-time", "ping.data"],
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
    peer("octet-by-octet", Both, &["frame.segments"], "Writes one octet at a time.", |d| {
        d.writes_octets = true
    }),
    peer(
        "native-between-fragments",
        Both,
        &["fragments.native-sent", "ping.any-time", "ping.data"],
        "Sends an empty ping and a pong between the halves of each message.",
        |d| d.framing.injects_native_frames = true,
    ),
    peer(
        "wrong-mask-dropped",
        Both,
        &["masking.close"],
        "Drops the connection over a wrong mask, without a Close.",
        |d| d.framing.drops_wrong_masking = true,
    ),
    peer(
        "length-shortest-wanted",
        Both,
        &["frame.length.insists"],
        "Fails the connection for a length that is not in its shortest form.",
        |d| d.framing.insists_on_shortest_length = true,
    ),
    peer(
        "top-bit-too-big",
        Both,
        &["failing.code-choice"],
        "Calls a length with its top bit set too big.",
        |d| d.framing.calls_top_bit_too_big = true,
    ),
    peer(
        "text-judged-at-end",
        Both,
        &["text.utf8.when"],
        "Judges text when its message ends.",
        |d| d.framing.judges_text_at_end = true,
    ),
    peer("pongs-answered", Both, &["pong.unasked"], "Answers each pong with a pong.", |d| {
        d.framing.answers_pongs = true
    }),
    peer(
        "pongs-last",
        Both,
        &["ping.answered"],
        "Sends its pongs behind all other answers to what came together.",
        |d| d.framing.sends_pongs_last = true,
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
        &["close.code-choice", "close.body"],
        "Gives a close reason of great length.",
        |d| d.gives_long_reason = true,
    ),
    peer(
        "close-answered-with-4000",
        Both,
        &["close.code-choice"],
        "Answers every Close with 4000.",
        |d| d.framing.answers_close_with_4000 = true,
    ),
    peer(
        "close-reason-echoed",
        Both,
        &["close.body"],
        "Answers a Close with the same code and reason.",
        |d| d.framing.echoes_reason = true,
    ),
    peer(
        "close-put-off",
        Both,
        &["close.delayed", "message.any-time"],
        "Answers a Close behind all that came together, even behind the Close.",
        |d| d.framing.puts_off_close = true,
    ),
    peer(
        "close-hurried",
        Both,
        &["close.answered"],
        "Answers a Close at once, and drops what it has not sent yet.",
        |d| d.framing.hurries_close = true,
    ),
    peer(
        "pongs-behind-close",
        Both,
        &["pong.unasked"],
        "Answers pings that come behind a Close.",
        |d| d.framing.answers_pings_behind_close = true,
    ),
    peer("ping-behind-close", Both, &["ping.any-time"], "Sends a ping behind its Close.", |d| {
        d.framing.pings_behind_close = true
    }),
    peer(
        "close-refused-with-1007",
        Both,
        &["failing.code-choice"],
        "Refuses a Close with 1007, whatever is wrong with it.",
        |d| d.framing.refuses_close_with_1007 = true,
    ),
    peer(
        "close-wrong-dropped",
        Both,
        &["failing.drops"],
        "Drops the connection where a Close is wrong.",
        |d| d.framing.drops_wrong_close = true,
    ),
    peer(
        "client-ends-first",
        Client,
        &["close.client-ends"],
        "Ends TCP without waiting for the server.",
        |d| d.framing.ends_tcp_first = true,
    ),
    peer(
        "tcp-dropped",
        Both,
        &["close.any-means"],
        "Drops TCP as soon as its last octet is written.",
        |d| d.framing.drops_tcp = true,
    ),
];
