//! The types of a file of vectors; their doc comments are the descriptions in its schema.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::octets::{Octets, Sequence};
use crate::topic::Topic;

/// The version of the format: it grows when a reader of the files has to change.
pub const SCHEMA_VERSION: u32 = 1;

/// A file of vectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// The version of the format, 1.
    pub schema: u32,
    /// The version of the test suite that the vectors belong to.
    pub suite: String,
    /// What they are about.
    pub topic: Topic,
    /// What each flag of the vectors stands for: what is wrong in a reader that fails them.
    pub flags: BTreeMap<String, String>,
    /// The vectors.
    pub cases: Vec<Vector>,
}

/// Octets behind an opening handshake, and what they mean to who reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vector {
    /// A path, `topic/name`, `topic/family/name` or `topic/family/subfamily/name`, never used for
    /// anything else.
    pub id: String,
    /// What is special about it.
    pub comment: String,
    /// What is wrong in a reader that fails it; names of the file's flags.
    pub flags: Vec<String>,
    /// The requirements that it shows.
    pub covers: Vec<String>,
    /// Where it comes from.
    pub source: Source,
    /// The independent readings that confirm it.
    pub confirmed: Vec<String>,
    /// What is known before the first octet.
    pub context: Context,
    /// The octets, in the order in which they come: frames behind an opening handshake, or one
    /// sentence of the rule in the context. The entries are writes as a sender might do them; however the stream is cut, it means the same.
    pub input: Vec<Octets>,
    /// What the octets mean, in order. With `reject`, what comes before the violation; with
    /// `either`, what a reader that accepts them takes them for.
    pub events: Vec<Event>,
    /// Whether the reader fails the connection.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Vector {
    /// The whole input.
    pub fn octets(&self) -> Vec<u8> {
        self.input.iter().flat_map(|write| write.0.iter().copied()).collect()
    }
}

/// Where a vector comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Source {
    /// `book`: an example of the specification.
    Book,
    /// `written`: made for this suite.
    Written,
    /// `grammar:RULE`: a sentence of the grammar, made for a choice in this rule.
    Grammar(String),
    /// `near-miss:RULE`: almost a sentence of the grammar; one thing in this rule is wrong.
    NearMiss(String),
}

/// What is known before the first octet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Who reads: a server expects masked frames, a client unmasked ones.
    pub role: Role,
    /// The control sequences that are active towards the reader, by capability; the parameters of
    /// each capability have their defaults.
    pub sequences: BTreeMap<String, Sequence>,
    /// What the reader has said by `control-setup` before. Where it is absent, nothing; and it
    /// declines whatever is offered to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<SetUp>,
    /// The rule of the specification that the whole input is read by. Where it is absent, the input
    /// is frames behind an opening handshake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What the request said that the input answers, if it is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
}

/// How far a negotiation on the open connection is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum SetUp {
    /// The reader has sent an OFFER with this list, and got no ANSWER.
    Offered(String),
    /// The reader has accepted these capabilities in an ANSWER, with these sequences and with
    /// parameters that have their defaults, and got no CONFIRM.
    Accepted(BTreeMap<String, Sequence>),
}

/// What a request said, as far as its answer depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its Sec-WebSocket-Key.
    pub key: String,
    /// The subprotocols that it offers.
    pub protocols: Vec<String>,
    /// The extensions that it offers.
    pub extensions: Vec<String>,
}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Masks what it sends.
    Client,
    /// Sends without a mask.
    Server,
}

/// What octets mean to who reads them. Escapes are no events; nor are control messages that are
/// dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "lowercase", deny_unknown_fields)]
pub enum Event {
    /// A text message for the application.
    Text {
        /// Its UTF-8.
        payload: Octets,
    },
    /// A binary message for the application.
    Binary {
        /// Its payload.
        payload: Octets,
    },
    /// A Ping.
    Ping {
        /// Its payload.
        payload: Octets,
    },
    /// A Pong.
    Pong {
        /// Its payload.
        payload: Octets,
    },
    /// A Close; nothing follows it.
    Close {
        /// Its code, or null if its payload is empty.
        code: Option<u16>,
        /// Its reason.
        reason: String,
    },
    /// A control message; it is not for the application.
    Control {
        /// The capability whose sequence it begins with.
        capability: String,
        /// The octet behind the sequence.
        #[serde(rename = "type")]
        kind: u8,
        /// What follows the type.
        body: Octets,
    },
}

/// Whether the reader fails the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "FlatOutcome", into = "FlatOutcome")]
pub enum Outcome {
    /// It does not: all is well up to the end of the input.
    Accept,
    /// It has to.
    Reject {
        /// The close code that fits; of a request, the status that fits.
        close: u16,
        /// The requirement that tells it to.
        requirement: String,
    },
    /// It is free to.
    Either,
}

/// An outcome as it stands in JSON.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct FlatOutcome {
    /// Whether the reader must accept the input, must fail the connection, or may do either.
    result: Verdict,
    /// With `reject`, the close code that fits, or, of a request, the status; otherwise null.
    #[schemars(required)]
    close: Option<u16>,
    /// With `reject`, the requirement that is violated; otherwise null.
    #[schemars(required)]
    requirement: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Accept,
    Reject,
    Either,
}

impl TryFrom<FlatOutcome> for Outcome {
    type Error = ContradictoryOutcome;

    fn try_from(flat: FlatOutcome) -> Result<Self, ContradictoryOutcome> {
        match (flat.result, flat.close, flat.requirement) {
            (Verdict::Accept, None, None) => Ok(Self::Accept),
            (Verdict::Either, None, None) => Ok(Self::Either),
            (Verdict::Reject, Some(close), Some(requirement)) => {
                Ok(Self::Reject { close, requirement })
            }
            _ => Err(ContradictoryOutcome),
        }
    }
}

impl From<Outcome> for FlatOutcome {
    fn from(outcome: Outcome) -> Self {
        let (result, close, requirement) = match outcome {
            Outcome::Accept => (Verdict::Accept, None, None),
            Outcome::Either => (Verdict::Either, None, None),
            Outcome::Reject { close, requirement } => {
                (Verdict::Reject, Some(close), Some(requirement))
            }
        };
        Self { result, close, requirement }
    }
}

impl TryFrom<String> for Source {
    type Error = UnknownSource;

    fn try_from(text: String) -> Result<Self, UnknownSource> {
        match text.split_once(':') {
            None if text == "book" => Ok(Self::Book),
            None if text == "written" => Ok(Self::Written),
            Some(("grammar", rule)) => Ok(Self::Grammar(rule.to_owned())),
            Some(("near-miss", rule)) => Ok(Self::NearMiss(rule.to_owned())),
            _ => Err(UnknownSource(text)),
        }
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        match source {
            Source::Book => "book".to_owned(),
            Source::Written => "written".to_owned(),
            Source::Grammar(rule) => format!("grammar:{rule}"),
            Source::NearMiss(rule) => format!("near-miss:{rule}"),
        }
    }
}

impl JsonSchema for Source {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Source".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(book|written|(grammar|near-miss):[A-Za-z][A-Za-z0-9-]*)$",
            "description": "Where a vector comes from: an example of the specification, written for \
                this suite, or made from a rule of the grammar."
        })
    }
}

/// A `source` that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSource(String);

impl fmt::Display for UnknownSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = "`book`, `written`, `grammar:RULE` or `near-miss:RULE`";
        write!(f, "`{}` is no source of vectors: it is {known}", self.0)
    }
}

/// `result`, `close` and `requirement` of a vector do not fit each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContradictoryOutcome;

impl fmt::Display for ContradictoryOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`close` and `requirement` belong to `reject`, and to nothing else")
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Client => "client",
            Self::Server => "server",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_stands_flat_and_without_contradictions() {
        let read = |text: &str| serde_json::from_str::<Outcome>(text).ok();
        let reject = Outcome::Reject { close: 1002, requirement: "frame.rsv".to_owned() };
        let text = r#"{"result":"reject","close":1002,"requirement":"frame.rsv"}"#;
        assert_eq!(serde_json::to_string(&reject).unwrap(), text);
        assert_eq!(read(text), Some(reject));
        let text = r#"{"result":"accept","close":null,"requirement":null}"#;
        assert_eq!(serde_json::to_string(&Outcome::Accept).unwrap(), text);
        assert_eq!(read(text), Some(Outcome::Accept));
        assert_eq!(read(r#"{"result":"accept","close":1002,"requirement":null}"#), None);
        assert_eq!(read(r#"{"result":"reject","close":1002,"requirement":null}"#), None);
    }

    #[test]
    fn a_control_message_is_an_event_with_a_type() {
        let text = r#"{"event":"control","capability":"rate-control","type":2,"body":""}"#;
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
    }
}
