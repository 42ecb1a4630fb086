//! Broken in `rate-control` (US 9,331,890, FIG. 7 and 8).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Requests, facts, and the promise of a strict sender.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "rate-unlimited-refused",
        Both,
        &["rate.requests"],
        "Takes a request for the unlimited rate for malformed, unless it paces.",
        |d| d.refuses_unlimited_rate = true,
    ),
    peer("limit-refused", Both, &["rate.told"], "Takes an unlimited LIMIT for malformed.", |d| {
        d.rate.refuses_unlimited_limit = true
    }),
    peer(
        "status-unknown-refused",
        Both,
        &["rate.status.unknown"],
        "Fails the connection for a STATUS with an id that it does not know.",
        |d| d.rate.refuses_unknown_status = true,
    ),
    peer(
        "status-unknown-value-refused",
        Both,
        &["rate.status.unknown"],
        "Fails the connection for a STATUS with a value of an enumeration that it does not know.",
        |d| d.rate.refuses_unknown_status_value = true,
    ),
    peer("status-unchecked", Both, &["rate.status.malformed"], "Does not look into STATUS.", |d| {
        d.rate.takes_malformed_status = true
    }),
    peer("ack-unchecked", Both, &["rate.ack.impossible"], "Takes an ACK of any number.", |d| {
        d.rate.takes_impossible_ack = true
    }),
    peer("ack-missing", Both, &["rate.ack.due"], "Sends no ACK.", |d| d.rate.sends_no_ack = true),
    peer(
        "ack-too-much",
        Both,
        &["rate.ack.true"],
        "Counts twice what it received in its ACK.",
        |d| d.rate.acknowledges_too_much = true,
    ),
    peer(
        "advisory-silent",
        Both,
        &["rate.advisory.tells"],
        "Ignores requests without a word.",
        |d| d.rate.stays_silent = true,
    ),
    peer(
        "effective-beyond-maximum",
        Both,
        &["rate.maximum"],
        "States whatever it was asked for above 2^50 octets/s.",
        |d| d.rate.exceeds_maximum = true,
    ),
    peer(
        "strict-answers-late",
        Both,
        &["rate.strict.answered"],
        "Answers RATE behind the next data message.",
        |d| d.rate.answers_late = true,
    ),
    peer(
        "strict-ignores",
        Both,
        &["rate.strict.bound"],
        "States the rate that it was asked for, and goes on as before.",
        |d| d.rate.sends_unpaced = true,
    ),
    peer(
        "strict-a-fifth-more",
        Both,
        &["rate.strict.bound"],
        "Sends a fifth more than it states.",
        |d| d.rate.sends_a_fifth_more = true,
    ),
    peer(
        "strict-saves-up",
        Both,
        &["rate.strict.bound"],
        "Saves up ten times the burst while it is idle.",
        |d| d.rate.saves_up_idle_time = true,
    ),
    peer(
        "strict-refills",
        Both,
        &["rate.strict.bound"],
        "Fills its burst at each EFFECTIVE.",
        |d| d.rate.refills_at_effective = true,
    ),
    peer(
        "strict-half",
        Both,
        &["rate.strict.delivers"],
        "Sends half of what it states from 15000 to 50000 octets/s.",
        |d| d.rate.sends_half = true,
    ),
    peer(
        "strict-follows-not",
        Both,
        &["rate.strict.follows"],
        "Stays at its rate when it is asked for more than 100000 octets/s.",
        |d| d.rate.follows_no_fast_rate = true,
    ),
    peer(
        "pause-leaks",
        Both,
        &["rate.strict.pauses"],
        "Sends what it holds back when a pause has lasted a fifth of a second.",
        |d| d.rate.leaks_in_pause = true,
    ),
    peer(
        "decrease-ignored",
        Both,
        &["rate.strict.slower"],
        "Stays as fast as it was at DECREASE.",
        |d| d.rate.ignores_decrease = true,
    ),
    peer(
        "decrease-rounded-away",
        Both,
        &["rate.strict.slower"],
        "Takes a tenth of a small rate for nothing.",
        |d| d.rate.rounds_step_to_nothing = true,
    ),
    peer(
        "decrease-stops",
        Both,
        &["rate.strict.slower"],
        "Stops at DECREASE when its rate is 1.",
        |d| d.rate.decreases_to_pause = true,
    ),
    peer(
        "increase-ignored",
        Both,
        &["rate.strict.faster"],
        "Stays as fast as it was at INCREASE.",
        |d| d.rate.ignores_increase = true,
    ),
    peer("step-doubled", Both, &["rate.strict.step"], "Changes its rate by twice the step.", |d| {
        d.rate.doubles_step = true
    }),
    peer(
        "full-ignored",
        Both,
        &["rate.strict.full"],
        "Stays at its rate at FULL, except in a pause.",
        |d| d.rate.ignores_full = true,
    ),
    peer(
        "decrease-ends-pause",
        Both,
        &["rate.strict.pause-kept"],
        "Takes DECREASE for the end of a pause.",
        |d| d.rate.decrease_ends_pause = true,
    ),
    peer(
        "increase-forgets",
        Both,
        &["rate.strict.restores"],
        "Begins at 3000 octets/s when INCREASE ends a pause.",
        |d| d.rate.increase_forgets_rate = true,
    ),
    peer(
        "pause-loses",
        Both,
        &["rate.pause.lifted"],
        "Loses in a pause what it should hold back.",
        |d| d.rate.loses_held_data = true,
    ),
    peer("pause-holds-echo", Both, &["rate.unpaced"], "Holds ECHO back in a pause.", |d| {
        d.rate.holds_echo = true
    }),
    peer(
        "asks-beyond",
        Both,
        &["rate.asks-within"],
        "Asks for twice what the other side stated as its maximum.",
        |d| d.rate.asks_beyond_maximum = true,
    ),
];
