//! Switches about several capabilities at once: their negotiation, their sequences, their messages,
//! and their suspension.

/// How an endpoint deals with more than one capability, and with messages that all of them have.
#[derive(Clone, Debug, Default)]
pub struct SeveralDeviations {
    // Offers and answers.
    /// Server: declines everything when one of the capabilities offered cannot be accepted.
    pub declines_all_for_one: bool,
    /// Server: a later request of a connection gets no capability.
    pub declines_later_requests: bool,
    /// The first message of a connection is not inspected if its type were from 0x92 to 0xEE.
    pub leaves_first_uninspected: bool,
    /// Client: takes one sequence for two capabilities.
    pub takes_shared_sequences: bool,
    /// Client: reads only the first field of extensions in an answer.
    pub reads_first_answer_line: bool,
    /// Client: closes with 1010 when it got everything but `rate-control`.
    pub requires_rate_control: bool,
    /// Client: names nothing in the reason when it closes with 1010.
    pub requires_silently: bool,

    // Sequences.
    /// Server: gives all capabilities of a connection one sequence.
    pub shares_sequence: bool,
    /// Server: draws each sequence of a connection at random.
    pub scatters_sequences: bool,
    /// Server: takes the first sequence of a connection from a list.
    pub sequences_from_list: bool,
    /// Server: takes the first sequence of a connection from the one before.
    pub sequences_in_order: Option<super::NextBlock>,
    /// Server: derives the first sequence from the key of the handshake.
    pub sequences_from_key: bool,

    // The filter and the escape.
    /// Finds none but the first two of the sequences of a handshake.
    pub finds_two_sequences: bool,
    /// Client: dismisses what does not share the octets that the first two sequences share.
    pub trusts_first_two_sequences: bool,
    /// Takes what shares 28 bits with a sequence, but not the next one, for the sequence.
    pub compares_28_bits: bool,
    /// An escape arms the sequence that is negotiated behind its own, until its data has come.
    pub arms_next: bool,
    /// Sends two octets of a longer binary message in its first frame.
    pub sends_two_octets_first: bool,
    /// Drops binary data that begins with a WebSocket frame.
    pub swallows_frames_in_messages: bool,

    // Control messages.
    /// Sends ECHO and EFFECTIVE in two frames.
    pub fragments_control: bool,
    /// Sends an escape in two frames.
    pub fragments_escapes: bool,
    /// Takes a message of `heartbeat` with two octets for one of `rate-control` where both are active.
    pub mixes_capabilities: bool,
    /// Fails the connection with 1008 when more control messages than so many come in a second.
    pub most_control_messages: Option<usize>,
    /// Answers the newest of the requests that came together.
    pub merges_replies: bool,

    // Suspension.
    /// Does not answer SUSPEND.
    pub leaves_suspend_unanswered: bool,
    /// Does not answer RESUME.
    pub leaves_resume_unanswered: bool,
    /// Passes over messages that are out of turn because of a suspension.
    pub ignores_suspended_turns: bool,
    /// Sends one more message of the capability behind its SUSPEND.
    pub talks_while_suspended: bool,
    /// Suspends `idle-timeout` at once, and takes a SUSPEND that crosses for a second one.
    pub refuses_crossed_suspend: bool,
    /// Suspends `idle-timeout` at once, and fails the connection for what comes before the answer.
    pub refuses_in_flight: bool,
    /// Suspends `idle-timeout` at once.
    pub suspends: bool,
    /// Keeps to the rate in force while `rate-control` is suspended.
    pub keeps_rate_suspended: bool,
    /// Does not inspect for a suspended capability.
    pub leaves_suspended_uninspected: bool,
    /// Does not escape for a suspended capability.
    pub leaves_suspended_bare: bool,
    /// Answers no BEAT while `rate-control` is suspended.
    pub suspends_heartbeat_too: bool,
    /// Answers SUSPEND and RESUME in a direction in which it may not speak.
    pub answers_one_sided_suspend: bool,
    /// Its rate outlives a suspension.
    pub keeps_rate_over_suspension: bool,
}
