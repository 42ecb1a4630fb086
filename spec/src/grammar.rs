//! Where the grammar of the book begins: the rules that stand for a whole.

/// A rule of the book that something whole matches, with the context in which it is read.
///
/// The same rule stands here once for each context that makes it another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is called in reports and on the command line, such as `frame-from-client`.
    pub name: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// A value for each name of the context that the rule reads, and no others.
    pub context: &'static [(&'static str, ContextValue)],
}

/// A value that the connection gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// One of the words that the name was declared with.
    Word(&'static str),
    /// Octets.
    Octets(&'static [u8]),
    /// Any number of strings of octets.
    List(&'static [&'static [u8]]),
}

use ContextValue::{List, Octets, Word};

const SENT: (&str, ContextValue) = ("judged-as", Word("sent"));
const NO_SEQUENCES: (&str, ContextValue) = ("sequences", List(&[]));
const NONE_ARMED: (&str, ContextValue) = ("armed", List(&[]));
const SEQUENCE: &[u8] = b"\xF0\x80\x00\x01";

const fn entry(
    name: &'static str,
    rule: &'static str,
    context: &'static [(&'static str, ContextValue)],
) -> Entry {
    Entry { name, rule, context }
}

/// All entries of the book, in the order of the chapters.
pub const ENTRIES: &[Entry] = &[
    entry("scenario-block", "scenario-block", &[]),
    entry("opening-request", "opening-request", &[SENT]),
    entry(
        "opening-response",
        "opening-response",
        &[
            SENT,
            // The answer to the key of RFC 6455, 1.3.
            ("expected-accept", Octets(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")),
            ("offered-protocols", List(&[b"chat"])),
            ("offered-extensions", List(&[b"rate-control"])),
        ],
    ),
    entry("sec-websocket-key", "sec-websocket-key", &[SENT]),
    entry("sec-websocket-accept", "sec-websocket-accept", &[]),
    entry("sec-websocket-version", "sec-websocket-version", &[]),
    entry("sec-websocket-versions", "sec-websocket-versions", &[]),
    entry("sec-websocket-protocol", "sec-websocket-protocol", &[]),
    entry("sec-websocket-extensions", "sec-websocket-extensions", &[]),
    entry("host", "host", &[]),
    entry("origin", "origin", &[]),
    entry("request-target", "request-target", &[SENT]),
    entry("ws-uri", "ws-uri", &[]),
    entry("wss-uri", "wss-uri", &[]),
    entry(
        "frame-from-client",
        "frame",
        &[frame_from("client"), NO_MESSAGE, SENT, NO_SEQUENCES, NONE_ARMED],
    ),
    entry(
        "frame-from-server",
        "frame",
        &[frame_from("server"), NO_MESSAGE, SENT, NO_SEQUENCES, NONE_ARMED],
    ),
    entry(
        "frame-inside-message",
        "frame",
        &[frame_from("client"), ("in-progress", Word("text")), SENT, NO_SEQUENCES, NONE_ARMED],
    ),
    entry("text-message", "text-message", &[]),
    entry("utf8-text", "utf8-text", &[]),
    entry("close-payload", "close-payload", &[]),
    entry("rate-offer", "rate-offer", &[]),
    entry("rate-answer", "rate-answer", &[]),
    entry("binary-message", "binary-message", &[("sequences", List(&[SEQUENCE])), NONE_ARMED]),
    entry(
        "escaped-message",
        "binary-message",
        &[("sequences", List(&[SEQUENCE])), ("armed", List(&[SEQUENCE]))],
    ),
    entry("rate-message", "rate-message", &[]),
];

const NO_MESSAGE: (&str, ContextValue) = ("in-progress", Word("none"));

const fn frame_from(sender: &'static str) -> (&'static str, ContextValue) {
    ("sender", Word(sender))
}

/// The entry called `name`.
///
/// ```
/// let entry = wsconform_spec::grammar::entry_named("frame-from-client");
/// assert_eq!(entry.map(|entry| entry.rule), Some("frame"));
/// ```
pub fn entry_named(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name)
}
