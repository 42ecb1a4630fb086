//! Examples: octets on one side, their meaning on the other.
//!
//! ```text
//! example  frames/hello                 ; RFC 6455, 5.7
//! reads    client                       ; who reads
//! covers   frame.length.read            ; the requirements that it shows
//! octets   81 05                        ; each line is a natural cut
//! octets   "Hello"
//! means    text "Hello"                 ; the events, in order
//! ```
//!
//! `active CAPABILITY <F0 80 00 01>` activates a control sequence in the reader's direction;
//! `fails 1002 REQUIREMENT` says that the reader fails the connection with this code, for this
//! requirement. A semicolon outside of quotes begins a comment.

use std::ops::Range;

use wsconform_abnf::suggest::closest;
use wsconform_abnf::{Diagnostic, Location, Source};

use crate::markdown::lines_of;
use crate::octets::{Token, TokenKind, bracketed, octets, tokens};
use crate::requirement::{RequirementId, is_hyphenated_word};

/// The topics of examples, which are those of the test vectors.
pub const TOPICS: [&str; 3] = ["frames", "escape", "control"];

/// One example of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// `topic/name`, the topic being one of [`TOPICS`].
    pub id: String,
    /// Who reads the octets.
    pub reader: Reader,
    /// The control sequences that are active in the reader's direction.
    pub active: Vec<ActiveSequence>,
    /// The requirements that it shows, at least one.
    pub covers: Vec<RequirementId>,
    /// What the reader gets, cut where a line ends; at least one line.
    pub octets: Vec<Vec<u8>>,
    /// What the octets mean, in order.
    pub events: Vec<Event>,
    /// How the reader fails the connection after these events, if it does.
    pub fails: Option<Failure>,
    /// Where its id stands.
    pub at: Location,
    /// What the book remarks on it: the comment behind its id.
    pub comment: Option<String>,
}

/// Who reads the octets of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A client: frames come unmasked.
    Client,
    /// A server: frames come masked.
    Server,
}

/// A control sequence and the capability that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveSequence {
    /// The extension token, such as `rate-control`.
    pub capability: String,
    /// The four octets.
    pub sequence: [u8; 4],
}

/// What octets mean to who reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A text message.
    Text(String),
    /// A binary message that is data.
    Binary(Vec<u8>),
    /// A Ping and its payload.
    Ping(Vec<u8>),
    /// A Pong and its payload.
    Pong(Vec<u8>),
    /// A Close frame: its code and reason, if it has them.
    Close(Option<(u16, String)>),
    /// A control message.
    Control {
        /// The capability whose sequence it began with.
        capability: String,
        /// What follows the sequence: the type octet and the body.
        message: Vec<u8>,
    },
}

/// How a reader fails the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code of its Close frame.
    pub code: u16,
    /// The requirement that the octets violate.
    pub requirement: RequirementId,
}

/// A requirement that an example names, and where.
pub(crate) struct Mention {
    pub(crate) requirement: RequirementId,
    pub(crate) source: Source,
    pub(crate) span: Range<usize>,
}

/// What a block holds.
#[derive(Default)]
pub(crate) struct Block {
    pub(crate) examples: Vec<(Example, Range<usize>)>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads the examples in the octets `range` of `source`; those that are malformed are left out and
/// reported.
pub(crate) fn read(source: &Source, range: Range<usize>) -> Block {
    let mut block = Block::default();
    let mut draft: Option<Draft> = None;
    let mut outside = false;
    for line in lines_of(source.text(), range) {
        let (tokens, comment) = match tokens(source, line) {
            Ok(read) => read,
            Err(diagnostic) => {
                block.diagnostics.push(diagnostic);
                if let Some(draft) = &mut draft {
                    draft.sound = false;
                }
                continue;
            }
        };
        let [keyword, operands @ ..] = tokens.as_slice() else { continue };
        if keyword.text(source) == "example" && keyword.kind == TokenKind::Bare {
            if let Some(draft) = draft.take() {
                draft.finish(source, &mut block);
            }
            draft = Some(Draft::begin(source, keyword, operands, comment, &mut block.diagnostics));
            continue;
        }
        match &mut draft {
            Some(draft) => {
                if let Err(diagnostic) = draft.line(source, keyword, operands, &mut block.mentions)
                {
                    block.diagnostics.push(diagnostic);
                    draft.sound = false;
                }
            }
            None if outside => {}
            None => {
                outside = true;
                block.diagnostics.push(Diagnostic::new(
                    source,
                    keyword.span.clone(),
                    "line outside of an example",
                    "expected `example TOPIC/NAME` first",
                ));
            }
        }
    }
    if let Some(draft) = draft {
        draft.finish(source, &mut block);
    }
    block
}

/// An example whose lines are still being read.
struct Draft {
    head: Range<usize>,
    id: Option<(String, Range<usize>)>,
    reader: Option<Reader>,
    active: Vec<ActiveSequence>,
    covers: Vec<RequirementId>,
    octets: Vec<Vec<u8>>,
    events: Vec<Event>,
    fails: Option<Failure>,
    comment: Option<String>,
    /// Which key words stood already.
    seen: Vec<&'static str>,
    sound: bool,
}

impl Draft {
    fn begin(
        source: &Source,
        keyword: &Token,
        operands: &[Token],
        comment: Option<String>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let id = match example_id(source, keyword, operands) {
            Ok(id) => Some(id),
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                None
            }
        };
        Self {
            head: keyword.span.clone(),
            sound: id.is_some(),
            id,
            reader: None,
            active: Vec::new(),
            covers: Vec::new(),
            octets: Vec::new(),
            events: Vec::new(),
            fails: None,
            comment: comment.filter(|comment| !comment.is_empty()),
            seen: Vec::new(),
        }
    }

    fn line(
        &mut self,
        source: &Source,
        keyword: &Token,
        operands: &[Token],
        mentions: &mut Vec<Mention>,
    ) -> Result<(), Diagnostic> {
        let word = keyword.text(source);
        let known = KEYWORDS.into_iter().find(|known| *known == word).ok_or_else(|| {
            let diagnostic = Diagnostic::new(
                source,
                keyword.span.clone(),
                "unknown line of an example",
                format!("expected one of {}, found `{word}`", KEYWORDS.join(", ")),
            );
            suggest(diagnostic, word, &KEYWORDS)
        })?;
        let repeated = self.seen.contains(&known);
        self.seen.push(known);
        if repeated && matches!(known, "reads" | "fails") {
            return Err(Diagnostic::new(
                source,
                keyword.span.clone(),
                "line given twice",
                format!("`{known}` stands above already"),
            ));
        }
        match known {
            "reads" => self.reader = Some(reader(source, keyword, operands)?),
            "active" => self.active.push(active(source, keyword, operands)?),
            "covers" => {
                if operands.is_empty() {
                    return Err(missing(source, keyword, "requirement ids"));
                }
                for token in operands {
                    self.covers.push(mention(source, token, mentions)?);
                }
            }
            "octets" => {
                if operands.is_empty() {
                    return Err(missing(source, keyword, "octets"));
                }
                self.octets.push(octets(source, operands)?);
            }
            "means" => self.events.push(event(source, keyword, operands)?),
            _ => self.fails = Some(failure(source, keyword, operands, mentions)?),
        }
        Ok(())
    }

    fn finish(self, source: &Source, block: &mut Block) {
        let absent: Vec<_> = ["reads", "covers", "octets"]
            .into_iter()
            .filter(|word| !self.seen.contains(word))
            .collect();
        if !absent.is_empty() {
            let span = self.id.as_ref().map_or(self.head.clone(), |(_, span)| span.clone());
            let label = format!("it has no line `{}`", absent.join("`, `"));
            block.diagnostics.push(Diagnostic::new(source, span, "incomplete example", label));
        }
        let (Some((id, span)), Some(reader), true) =
            (self.id, self.reader, self.sound && absent.is_empty())
        else {
            return;
        };
        let example = Example {
            id,
            reader,
            active: self.active,
            covers: self.covers,
            octets: self.octets,
            events: self.events,
            fails: self.fails,
            at: source.location(span.start),
            comment: self.comment,
        };
        block.examples.push((example, span));
    }
}

const KEYWORDS: [&str; 6] = ["reads", "active", "covers", "octets", "means", "fails"];
const EVENTS: [&str; 6] = ["text", "binary", "ping", "pong", "close", "control"];

fn example_id(
    source: &Source,
    keyword: &Token,
    operands: &[Token],
) -> Result<(String, Range<usize>), Diagnostic> {
    let [token] = operands else { return Err(missing(source, keyword, "one id, TOPIC/NAME")) };
    let id = token.text(source);
    let (topic, name) = id.split_once('/').unwrap_or((id, ""));
    if !is_hyphenated_word(name) {
        let label = format!("`{id}` is no id of an example");
        return Err(Diagnostic::new(source, token.span.clone(), "malformed example id", label)
            .help("it is TOPIC/NAME, both lower-case words with hyphens"));
    }
    if !TOPICS.contains(&topic) {
        let label = format!("`{topic}` is none of the topics {}", TOPICS.join(", "));
        let diagnostic = Diagnostic::new(source, token.span.clone(), "unknown topic", label);
        return Err(suggest(diagnostic, topic, &TOPICS));
    }
    Ok((id.to_owned(), token.span.clone()))
}

fn reader(source: &Source, keyword: &Token, operands: &[Token]) -> Result<Reader, Diagnostic> {
    let [token] = operands else { return Err(missing(source, keyword, "`client` or `server`")) };
    match token.text(source) {
        "client" => Ok(Reader::Client),
        "server" => Ok(Reader::Server),
        other => {
            let label = format!("expected `client` or `server`, found `{other}`");
            Err(Diagnostic::new(source, token.span.clone(), "unknown reader", label))
        }
    }
}

fn active(
    source: &Source,
    keyword: &Token,
    operands: &[Token],
) -> Result<ActiveSequence, Diagnostic> {
    let [capability, sequence] = operands else {
        return Err(missing(source, keyword, "a capability and its sequence, `<F0 80 00 01>`"));
    };
    let octets = bracketed(source, sequence)?;
    let sequence = octets.try_into().map_err(|octets: Vec<u8>| {
        let label = format!("{} octets; a control sequence has four", octets.len());
        Diagnostic::new(source, sequence.span.clone(), "malformed control sequence", label)
    })?;
    Ok(ActiveSequence { capability: capability_name(source, capability)?, sequence })
}

fn capability_name(source: &Source, token: &Token) -> Result<String, Diagnostic> {
    let text = token.text(source);
    if token.kind == TokenKind::Bare && is_hyphenated_word(text) {
        return Ok(text.to_owned());
    }
    let label = format!("expected a capability such as `rate-control`, found `{text}`");
    Err(Diagnostic::new(source, token.span.clone(), "malformed capability", label))
}

fn event(source: &Source, keyword: &Token, operands: &[Token]) -> Result<Event, Diagnostic> {
    let [kind, operands @ ..] = operands else {
        return Err(missing(source, keyword, &format!("one of {}", EVENTS.join(", "))));
    };
    match kind.text(source) {
        "text" => {
            let [token] = operands else { return Err(missing(source, kind, "one quoted text")) };
            Ok(Event::Text(quoted(source, token)?))
        }
        "binary" => Ok(Event::Binary(octets(source, operands)?)),
        "ping" => Ok(Event::Ping(octets(source, operands)?)),
        "pong" => Ok(Event::Pong(octets(source, operands)?)),
        "close" => match operands {
            [] => Ok(Event::Close(None)),
            [number] => Ok(Event::Close(Some((code(source, number)?, String::new())))),
            [number, reason] => {
                Ok(Event::Close(Some((code(source, number)?, quoted(source, reason)?))))
            }
            [_, _, extra, ..] => Err(Diagnostic::new(
                source,
                extra.span.clone(),
                "malformed event",
                "a Close has a code and a reason, and nothing else",
            )),
        },
        "control" => {
            let [capability, message @ ..] = operands else {
                return Err(missing(
                    source,
                    kind,
                    "a capability, then the type octet and the body",
                ));
            };
            if message.is_empty() {
                return Err(missing(source, capability, "the type octet and the body"));
            }
            Ok(Event::Control {
                capability: capability_name(source, capability)?,
                message: octets(source, message)?,
            })
        }
        other => {
            let label = format!("expected one of {}, found `{other}`", EVENTS.join(", "));
            let diagnostic = Diagnostic::new(source, kind.span.clone(), "unknown event", label);
            Err(suggest(diagnostic, other, &EVENTS))
        }
    }
}

fn quoted(source: &Source, token: &Token) -> Result<String, Diagnostic> {
    if token.kind == TokenKind::Quoted {
        return Ok(token.text(source).to_owned());
    }
    let label = format!("expected a text in double quotes, found `{}`", token.text(source));
    Err(Diagnostic::new(source, token.span.clone(), "malformed event", label))
}

fn code(source: &Source, token: &Token) -> Result<u16, Diagnostic> {
    token.text(source).parse().map_err(|_| {
        let label = format!("expected a number up to 65535, found `{}`", token.text(source));
        Diagnostic::new(source, token.span.clone(), "malformed close code", label)
    })
}

fn failure(
    source: &Source,
    keyword: &Token,
    operands: &[Token],
    mentions: &mut Vec<Mention>,
) -> Result<Failure, Diagnostic> {
    let [number, requirement] = operands else {
        return Err(missing(source, keyword, "a close code and a requirement id"));
    };
    Ok(Failure {
        code: code(source, number)?,
        requirement: mention(source, requirement, mentions)?,
    })
}

fn mention(
    source: &Source,
    token: &Token,
    mentions: &mut Vec<Mention>,
) -> Result<RequirementId, Diagnostic> {
    let text = token.text(source);
    let requirement: RequirementId = text.parse().map_err(|error| {
        let label = format!("`{text}` is no requirement id");
        Diagnostic::new(source, token.span.clone(), "malformed requirement id", label)
            .help(format!("{error}; several are separated by white space"))
    })?;
    mentions.push(Mention {
        requirement: requirement.clone(),
        source: source.clone(),
        span: token.span.clone(),
    });
    Ok(requirement)
}

fn missing(source: &Source, after: &Token, what: &str) -> Diagnostic {
    let label = format!("expected {what} behind `{}`", after.text(source));
    Diagnostic::new(source, after.span.clone(), "malformed example", label)
}

fn suggest(diagnostic: Diagnostic, word: &str, known: &[&str]) -> Diagnostic {
    match closest(word, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}
