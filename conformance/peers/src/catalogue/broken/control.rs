//! Broken in the filter, the escape and control messages (US 9,331,890, FIG. 5 and 6).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Filter, escape and control messages.
pub(super) static PEERS: &[Peer] = &[
    peer("filter-inspects-text", Client, &["filter.text"], "Inspects text messages too.", |d| {
        d.inspects_text = true
    }),
    peer(
        "filter-inspects-everywhere",
        Both,
        &["filter.beginning"],
        "Looks for the sequence anywhere in a message.",
        |d| d.inspects_everywhere = true,
    ),
    peer(
        "filter-judges-frames",
        Both,
        &["filter.message"],
        "Judges a message by its first frame.",
        |d| d.judges_first_frame = true,
    ),
    peer(
        "filter-takes-short",
        Both,
        &["filter.short"],
        "Takes one octet for a control message.",
        |d| d.takes_short_for_control = true,
    ),
    peer(
        "filter-ignores-direction",
        Server,
        &["filter.direction"],
        "Inspects although clients may not send control messages.",
        |d| d.inspects_inactive_direction = true,
    ),
    peer(
        "filter-unlimited",
        Both,
        &["filter.limit"],
        "Takes control messages of any length.",
        |d| d.takes_long_control = true,
    ),
    peer(
        "filter-inspects-pings",
        Both,
        &["filter.native"],
        "Takes a ping that begins with the sequence for a control message.",
        |d| d.inspects_pings = true,
    ),
    peer(
        "escape-not-sent",
        Both,
        &["escape.sender.before-data"],
        "Sends longer data that begins with the sequence bare.",
        |d| d.leaves_longer_data_bare = true,
    ),
    peer(
        "escape-not-sent-for-equal-data",
        Both,
        &["escape.sender.equal-data"],
        "Sends data that equals the sequence bare.",
        |d| d.leaves_equal_data_bare = true,
    ),
    peer(
        "escape-needless",
        Both,
        &["escape.sender.only-then"],
        "Escapes three octets that begin like the sequence, except in its first message.",
        |d| d.escapes_short_data = true,
    ),
    peer(
        "escape-apart",
        Both,
        &["escape.sender.adjacent"],
        "Sends another message between an escape and its data.",
        |d| d.separates_escape = true,
    ),
    peer("escape-ignored", Both, &["escape.receiver.arms"], "Drops escapes without arming.", |d| {
        d.ignores_escapes = true
    }),
    peer(
        "escape-repeated",
        Both,
        &["escape.receiver.arms"],
        "Takes the sequence behind an escape for another escape.",
        |d| d.takes_repeated_escape = true,
    ),
    peer(
        "escape-cuts-data",
        Both,
        &["escape.receiver.delivers"],
        "Delivers eight octets of an escaped message at most.",
        |d| d.cuts_escaped_data = true,
    ),
    peer(
        "escape-stays-armed",
        Both,
        &["escape.receiver.disarms"],
        "Stays armed after an escaped message.",
        |d| d.stays_armed = true,
    ),
    peer(
        "escape-disarmed-by-data",
        Both,
        &["escape.receiver.stays-armed"],
        "Other data disarms it.",
        |d| d.disarms_at_other_data = true,
    ),
    peer(
        "escape-disarmed-by-pong",
        Both,
        &["escape.receiver.native-between"],
        "A pong disarms it.",
        |d| d.disarms_at_pong = true,
    ),
    peer(
        "escape-refuses-close",
        Both,
        &["escape.receiver.close-armed"],
        "Takes a Close while it is armed for an error.",
        |d| d.refuses_close_while_armed = true,
    ),
    peer(
        "control-forwarded",
        Both,
        &["message.not-forwarded"],
        "Hands DECREASE on to the application once that has received data.",
        |d| d.delivers_decrease = true,
    ),
    peer(
        "control-type-unchecked",
        Both,
        &["message.critical"],
        "Passes over unknown critical types.",
        |d| d.takes_unknown_types = true,
    ),
    peer(
        "control-type-refused",
        Both,
        &["message.ignorable"],
        "Fails the connection for unknown types 0x91 and 0xEF, which can be ignored.",
        |d| d.refuses_ignorable_types = true,
    ),
    peer(
        "control-body-unchecked",
        Both,
        &["message.malformed"],
        "Does not look at the body of a control message.",
        |d| d.takes_malformed_bodies = true,
    ),
    peer(
        "control-drops-data",
        Both,
        &["message.order"],
        "Loses data that it has not yet written when a request comes.",
        |d| d.drops_output_at_control = true,
    ),
    peer(
        "control-behind-close",
        Both,
        &["message.after-close"],
        "Sends a control message behind its Close.",
        |d| d.sends_control_behind_close = true,
    ),
    peer(
        "effective-malformed",
        Both,
        &["message.sent"],
        "Answers RATE with a malformed EFFECTIVE.",
        |d| d.sends_malformed_effective = true,
    ),
];
