//! Broken in `idle-timeout` and `heartbeat`.

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// Idleness and signs of life.
pub(super) static PEERS: &[Peer] = &[
    peer(
        "idle-never-closes",
        Server,
        &["idle-timeout.closes"],
        "Never closes for idleness.",
        |d| d.timers.never_closes = true,
    ),
    peer(
        "idle-closes-with-1001",
        Server,
        &["idle-timeout.closes"],
        "Closes with 1001 for idleness.",
        |d| d.timers.closes_with_1001 = true,
    ),
    peer(
        "idle-closes-early",
        Server,
        &["idle-timeout.early"],
        "Closes after three quarters of the time.",
        |d| d.timers.closes_early = true,
    ),
    peer("idle-closes-late", Server, &["idle-timeout.prompt"], "Closes two seconds late.", |d| {
        d.timers.closes_late = true
    }),
    peer(
        "idle-counts-control",
        Server,
        &["idle-timeout.data-alone"],
        "Lets control messages prolong the time.",
        |d| d.timers.counts_control = true,
    ),
    peer(
        "idle-counts-escapes",
        Server,
        &["idle-timeout.data-alone"],
        "Lets escapes prolong the time.",
        |d| d.timers.counts_escapes = true,
    ),
    peer(
        "idle-counts-native",
        Server,
        &["idle-timeout.data-alone"],
        "Lets native control frames prolong the time.",
        |d| d.timers.counts_native = true,
    ),
    peer(
        "idle-counts-pauses",
        Server,
        &["idle-timeout.paused"],
        "Takes a pause for idleness.",
        |d| d.timers.counts_pauses = true,
    ),
    peer(
        "idle-closes-suspended",
        Server,
        &["idle-timeout.suspended"],
        "Closes while the capability is suspended.",
        |d| d.timers.closes_while_suspended = true,
    ),
    peer(
        "idle-resumes-old-time",
        Server,
        &["idle-timeout.resumed"],
        "Lets the time go on from where it was at RESUME.",
        |d| d.timers.resumes_old_time = true,
    ),
    peer(
        "beat-echo-cut",
        Both,
        &["heartbeat.echoed"],
        "Answers a BEAT of more than 100 octets without its last one.",
        |d| d.timers.cuts_long_echo = true,
    ),
    peer(
        "echo-unasked-refused",
        Both,
        &["heartbeat.unasked"],
        "Fails the connection for an ECHO that answers nothing.",
        |d| d.timers.refuses_unasked_echo = true,
    ),
    peer("beats-never", Both, &["heartbeat.beats"], "Sends no BEAT.", |d| {
        d.timers.never_beats = true
    }),
    peer("beats-often", Both, &["heartbeat.early"], "Sends BEAT four times in an interval.", |d| {
        d.timers.beats_often = true
    }),
    peer(
        "echo-alone-counts",
        Both,
        &["heartbeat.alive"],
        "Gives up when ECHO does not come, whatever else does.",
        |d| d.timers.counts_echo_alone = true,
    ),
    peer(
        "beat-long-taken",
        Both,
        &["heartbeat.body"],
        "Takes BEAT and ECHO of more than 125 octets.",
        |d| d.timers.takes_long_beats = true,
    ),
];
