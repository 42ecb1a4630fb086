//! Broken in the suspension of capabilities (US 9,331,890, FIG. 4, 404).

use super::super::Peer;
use super::super::PeerRole::*;
use super::peer;

/// SUSPEND and RESUME.
pub(super) static PEERS: &[Peer] = &[
    peer("suspend-unanswered", Both, &["suspend.answered"], "Does not answer SUSPEND.", |d| {
        d.several.leaves_suspend_unanswered = true
    }),
    peer("resume-unanswered", Both, &["suspend.resumed"], "Does not answer RESUME.", |d| {
        d.several.leaves_resume_unanswered = true
    }),
    peer(
        "suspend-turn-unchecked",
        Both,
        &["suspend.turn"],
        "Passes over what is out of turn because of a suspension.",
        |d| d.several.ignores_suspended_turns = true,
    ),
    peer(
        "suspend-not-quiet",
        Both,
        &["suspend.quiet"],
        "Sends one more message of the capability behind its SUSPEND.",
        |d| d.several.talks_while_suspended = true,
    ),
    peer(
        "suspend-crossed-refused",
        Both,
        &["suspend.crossed"],
        "Suspends `idle-timeout` of its own accord, and takes a SUSPEND that crosses for a second one.",
        |d| d.several.refuses_crossed_suspend = true,
    ),
    peer(
        "suspend-in-flight-refused",
        Both,
        &["suspend.in-flight"],
        "Suspends `idle-timeout` of its own accord, and fails the connection for what was under way.",
        |d| d.several.refuses_in_flight = true,
    ),
    peer(
        "suspend-uninspected",
        Both,
        &["suspend.inspects"],
        "Takes escapes of a suspended capability for data.",
        |d| d.several.leaves_suspended_uninspected = true,
    ),
    peer(
        "suspend-unescaped",
        Both,
        &["suspend.inspects"],
        "Does not escape for a suspended capability.",
        |d| d.several.leaves_suspended_bare = true,
    ),
    peer(
        "suspend-spreads",
        Both,
        &["suspend.others"],
        "Answers no BEAT while `rate-control` is suspended.",
        |d| d.several.suspends_heartbeat_too = true,
    ),
    peer(
        "suspend-answered-one-sided",
        Server,
        &["suspend.one-sided"],
        "Answers SUSPEND and RESUME where it may not send control messages.",
        |d| d.several.answers_one_sided_suspend = true,
    ),
    peer(
        "suspend-keeps-rate",
        Both,
        &["suspend.rests"],
        "Keeps to its rate, or to a pause, while the capability is suspended.",
        |d| d.several.keeps_rate_suspended = true,
    ),
    peer(
        "resume-remembers",
        Both,
        &["suspend.fresh"],
        "Keeps to its old rate behind RESUME.",
        |d| d.several.keeps_rate_over_suspension = true,
    ),
];
