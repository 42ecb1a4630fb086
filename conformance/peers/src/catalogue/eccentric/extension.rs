//! Eccentric in the control extension.

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;
use crate::deviations::NextBlock;

/// Freedoms of the extension.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "requires-rate-control",
        Client,
        &["negotiation.client.requires"],
        "Closes with 1010 where it got everything but `rate-control`.",
        |d| d.several.requires_rate_control = true,
    ),
    peer(
        "sequences-from-list",
        Server,
        &["sequence.choice"],
        "Takes the first sequence of a connection from a list.",
        |d| d.several.sequences_from_list = true,
    ),
    peer(
        "sequences-in-order",
        Server,
        &["sequence.choice"],
        "Takes the block behind that of the connection before.",
        |d| d.several.sequences_in_order = Some(NextBlock::default()),
    ),
    peer(
        "sequences-of-connection",
        Server,
        &["sequence.choice"],
        "Derives the first sequence from the key of the handshake.",
        |d| d.several.sequences_from_key = true,
    ),
    peer(
        "flood-refused",
        Both,
        &["message.flood"],
        "Fails the connection for more than 100 control messages in a second.",
        |d| d.several.most_control_messages = Some(100),
    ),
    peer(
        "replies-merged",
        Both,
        &["message.merged"],
        "Answers the newest of the requests that came together.",
        |d| d.several.merges_replies = true,
    ),
    peer(
        "suspends-unasked",
        Both,
        &["suspend.crossed"],
        "Suspends `idle-timeout` of its own accord, and resumes it.",
        |d| d.several.suspends = true,
    ),
    peer(
        "rate-ignored-aloud",
        Both,
        &["rate.advisory.ignores", "rate.effective.unasked"],
        "Tells its rate unasked, and answers requests by saying that it stays as fast as it is.",
        |d| d.rate.tells_unasked = true,
    ),
    peer(
        "advice-followed",
        Both,
        &["rate.advisory.ignores"],
        "Follows requests where it may ignore them.",
        |d| d.rate.follows_advice = true,
    ),
    peer(
        "rate-asked-at-start",
        Both,
        &["rate.asks"],
        "Asks for a rate at the start, and lifts it behind the first message.",
        |d| d.rate.asks_at_start = true,
    ),
    peer(
        "facts-told",
        Both,
        &["rate.effective.unasked", "rate.told"],
        "Sends LIMIT and STATUS unasked.",
        |d| d.rate.tells_facts = true,
    ),
    peer(
        "rate-in-tens",
        Both,
        &["rate.strict.follows"],
        "Achieves nothing but multiples of ten octets/s above that.",
        |d| d.rate.rounds_to_tens = true,
    ),
    peer(
        "maximum-small",
        Both,
        &["rate.strict.follows", "rate.maximum"],
        "Cannot send more than 1.5 MB/s, and says so.",
        |d| d.rate.states_small_maximum = true,
    ),
    peer(
        "rate-from-status",
        Both,
        &["rate.derives"],
        "Derives its rate from the processing rate in STATUS when no request stands.",
        |d| d.rate.derives_from_status = true,
    ),
    peer(
        "rate-from-ack",
        Both,
        &["rate.derives"],
        "Derives its rate from the spacing of ACK when no request stands.",
        |d| d.rate.derives_from_ack = true,
    ),
    peer(
        "source-samples",
        Both,
        &["rate.fidelity"],
        "Sends smaller messages of a source where its rate is small.",
        |d| d.rate.lowers_fidelity = true,
    ),
    peer(
        "idle-closes-as-client",
        Client,
        &["idle-timeout.client"],
        "Closes an idle connection as a client.",
        |d| d.timers.closes_as_client = true,
    ),
    peer(
        "beats-unasked",
        Both,
        &["heartbeat.any-time"],
        "Sends BEAT at the start and behind each message.",
        |d| d.timers.beats_unasked = true,
    ),
    peer(
        "dead-given-up",
        Both,
        &["heartbeat.gives-up"],
        "Drops a connection that seems dead.",
        |d| d.timers.gives_up = true,
    ),
    peer("offers-in-band-declined", Both, &["setup.declines"], "Declines every OFFER.", |d| {
        d.setup.declines_offers = true
    }),
    peer(
        "offers-in-band-more",
        Both,
        &["setup.offers"],
        "Offers several capabilities and alternatives on the open connection.",
        |d| d.setup.offers_more = true,
    ),
    peer(
        "bootstrap-declined",
        Server,
        &["bootstrap.declines"],
        "Leaves a subprotocol unselected that stands for `control-setup`.",
        |d| d.setup.declines_bootstrap = true,
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
    peer(
        "answer-in-two-fields",
        Server,
        &["negotiation.server.several-fields", "negotiation.client.lines"],
        "Spreads its extensions over two fields.",
        |d| d.answers_in_two_fields = true,
    ),
];
