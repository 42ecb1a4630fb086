//! The grammar of the book at work: where it begins, and a reading of frames by it.

mod stream;

pub use stream::{Observe, StreamReader, StreamReading};

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
const NO_SEQUENCE: Given = ("sequences", "");
const A_SEQUENCE: Given = ("sequences", "F0800001");
const UNARMED: Given = ("armed", "");
const ARMED: Given = ("armed", "F0800001");
/// The answer to the key of RFC 6455, 1.3.
const ACCEPT: Given =
    ("expected-accept", "733370504C4D426954786151396B59477A7A685A52624B2B784F6F3D");
/// `chat`
const PROTOCOL: Given = ("offered-protocols", "63686174");
/// `rate-control`
const EXTENSION: Given = ("offered-extensions", "726174652D636F6E74726F6C");

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
    whole("frame-from-client", "frame", &[FROM_CLIENT, NO_MESSAGE, SENT, NO_SEQUENCE, UNARMED]),
    whole("frame-from-server", "frame", &[FROM_SERVER, NO_MESSAGE, SENT, NO_SEQUENCE, UNARMED]),
    whole(
        "frame-inside-message",
        "frame",
        &[FROM_SERVER, ("in-progress", "text"), SENT, NO_SEQUENCE, UNARMED],
    ),
    plain("text-message"),
    plain("utf8-text"),
    plain("close-payload"),
    plain("sec-websocket-extensions"),
    plain("rate-offer"),
    plain("rate-answer"),
    whole("binary-message", "binary-message", &[A_SEQUENCE, UNARMED]),
    whole("escaped-message", "binary-message", &[A_SEQUENCE, ARMED]),
    plain("rate-message"),
];
