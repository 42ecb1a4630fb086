//! The grammar of the book at work: where it begins, and a reading of frames by it.

mod stream;

pub use stream::{Observe, Setting, Setup, StreamReader, StreamReading};

/// A rule of the book that something whole matches, with the context in which it is read.
///
/// A rule stands here once for each context that makes it another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is called in reports and on the command line, such as `frame-from-client`.
    pub name: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// A value for each name of the context that the rule reads, in the form that
    /// [`Given::read`](wsconform_abnf::program::Given::read) takes.
    pub context: &'static [(&'static str, &'static str)],
}

/// The entry called `name`.
///
/// ```
/// let entry = wsconform_spec::grammar::entry("frame-from-client");
/// assert_eq!(entry.map(|entry| entry.rule), Some("frame"));
/// ```
pub fn entry(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name)
}

const fn whole(
    name: &'static str,
    rule: &'static str,
    context: &'static [(&'static str, &'static str)],
) -> Entry {
    Entry { name, rule, context }
}

/// A rule that reads no context, under its own name.
const fn plain(rule: &'static str) -> Entry {
    Entry { name: rule, rule, context: &[] }
}

type Given = (&'static str, &'static str);

const SENT: Given = ("judged-as", "sent");
const FROM_CLIENT: Given = ("sender", "client");
const FROM_SERVER: Given = ("sender", "server");
const NO_MESSAGE: Given = ("in-progress", "none");
const NO_RATE: Given = ("rate-sequences", "");
const NO_IDLE: Given = ("idle-sequences", "");
const NO_HEARTBEAT: Given = ("heartbeat-sequences", "");
const NO_SETUP: Given = ("setup-sequences", "");
const RATE: Given = ("rate-sequences", "F0800001");
const IDLE: Given = ("idle-sequences", "F0800001");
const HEARTBEAT: Given = ("heartbeat-sequences", "F0800001");
const SETUP: Given = ("setup-sequences", "F0800001");
const UNARMED: Given = ("armed", "");
const ARMED: Given = ("armed", "F0800001");
const AWAKE: Given = ("suspended", "");
const SUSPENDED: Given = ("suspended", "F0800001");
const NO_OFFER: Given = ("setup-turn", "none");
/// The answer to the key of RFC 6455, 1.3.
const ACCEPT: Given =
    ("expected-accept", "733370504C4D426954786151396B59477A7A685A52624B2B784F6F3D");
/// `chat`
const PROTOCOL: Given = ("offered-protocols", "63686174");
/// `rate-control`
const EXTENSION: Given = ("offered-extensions", "726174652D636F6E74726F6C");

/// One sequence for each capability, in one block.
const SEVERAL: [Given; 4] = [
    ("rate-sequences", "F0800001"),
    ("idle-sequences", "F0800002"),
    ("heartbeat-sequences", "F0800003"),
    ("setup-sequences", "F0800004"),
];

/// A frame of a connection in which no sequence is active.
const fn frame(sender: Given, in_progress: Given) -> [Given; 10] {
    let [rate, idle, heartbeat, setup, armed, suspended, turn] =
        message([NO_RATE, NO_IDLE, NO_HEARTBEAT, NO_SETUP]);
    [sender, in_progress, SENT, rate, idle, heartbeat, setup, armed, suspended, turn]
}

/// A binary message where nothing is armed, suspended or offered.
const fn message([rate, idle, heartbeat, setup]: [Given; 4]) -> [Given; 7] {
    [rate, idle, heartbeat, setup, UNARMED, AWAKE, NO_OFFER]
}

/// All entries of the book, in the order of the chapters.
pub const ENTRIES: &[Entry] = &[
    plain("scenario-block"),
    whole("opening-request", "opening-request", &[SENT]),
    whole("opening-response", "opening-response", &[SENT, ACCEPT, PROTOCOL, EXTENSION]),
    whole("sec-websocket-key", "sec-websocket-key", &[SENT]),
    plain("sec-websocket-accept"),
    plain("sec-websocket-version"),
    plain("sec-websocket-versions"),
    plain("sec-websocket-protocol"),
    plain("host"),
    plain("origin"),
    whole("request-target", "request-target", &[SENT]),
    plain("ws-uri"),
    plain("wss-uri"),
    whole("frame-from-client", "frame", &frame(FROM_CLIENT, NO_MESSAGE)),
    whole("frame-from-server", "frame", &frame(FROM_SERVER, NO_MESSAGE)),
    whole("frame-inside-message", "frame", &frame(FROM_SERVER, ("in-progress", "text"))),
    plain("text-message"),
    plain("utf8-text"),
    plain("close-payload"),
    plain("sec-websocket-extensions"),
    plain("rate-offer"),
    plain("rate-answer"),
    plain("idle-offer"),
    plain("idle-answer"),
    plain("heartbeat-offer"),
    plain("heartbeat-answer"),
    plain("setup-offer"),
    plain("setup-answer"),
    whole("binary-message", "binary-message", &message([RATE, NO_IDLE, NO_HEARTBEAT, NO_SETUP])),
    whole(
        "escaped-message",
        "binary-message",
        &[RATE, NO_IDLE, NO_HEARTBEAT, NO_SETUP, ARMED, AWAKE, NO_OFFER],
    ),
    whole(
        "suspended-message",
        "binary-message",
        &[RATE, NO_IDLE, NO_HEARTBEAT, NO_SETUP, UNARMED, SUSPENDED, NO_OFFER],
    ),
    whole("idle-timeout", "binary-message", &message([NO_RATE, IDLE, NO_HEARTBEAT, NO_SETUP])),
    whole("heartbeat", "binary-message", &message([NO_RATE, NO_IDLE, HEARTBEAT, NO_SETUP])),
    whole("control-setup", "binary-message", &message([NO_RATE, NO_IDLE, NO_HEARTBEAT, SETUP])),
    whole("offered-setup", "setup-message", &[("setup-turn", "offered")]),
    whole("answered-setup", "setup-message", &[("setup-turn", "answered")]),
    whole("several-capabilities", "binary-message", &message(SEVERAL)),
    whole("rate-message", "rate-message", &[AWAKE]),
    plain("control-subprotocol"),
];
