//! Switches about `idle-timeout` and `heartbeat`.

/// How an endpoint deals with silence.
#[derive(Clone, Debug, Default)]
pub struct TimerDeviations {
    // Idle timeout.
    /// Server: never closes for idleness.
    pub never_closes: bool,
    /// Server: closes with 1001 for idleness.
    pub closes_with_1001: bool,
    /// Server: closes after three quarters of the time.
    pub closes_early: bool,
    /// Server: closes two seconds late.
    pub closes_late: bool,
    /// Server: control messages prolong the time.
    pub counts_control: bool,
    /// Server: escapes prolong the time by three seconds.
    pub counts_escapes: bool,
    /// Server: native control frames prolong the time by three seconds.
    pub counts_native: bool,
    /// Server: a pause counts as idleness.
    pub counts_pauses: bool,
    /// Server: closes while the capability is suspended.
    pub closes_while_suspended: bool,
    /// Server: RESUME lets the time go on from where it was.
    pub resumes_old_time: bool,
    /// Client: closes an idle connection.
    pub closes_as_client: bool,

    // Heartbeat.
    /// Answers a BEAT of more than 100 octets without its last one.
    pub cuts_long_echo: bool,
    /// Fails the connection for an ECHO that answers nothing.
    pub refuses_unasked_echo: bool,
    /// Never sends BEAT.
    pub never_beats: bool,
    /// Sends BEAT four times an interval.
    pub beats_often: bool,
    /// Gives up when ECHO does not come, whatever else does.
    pub counts_echo_alone: bool,
    /// Takes a body of more than 125 octets.
    pub takes_long_beats: bool,
    /// Sends BEAT when the connection opens and behind each message.
    pub beats_unasked: bool,
    /// Gives up when an interval passes in silence behind its BEAT.
    pub gives_up: bool,
}
