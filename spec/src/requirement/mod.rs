//! Requirements: one normative sentence each, with its id, its level, whom it binds and its source.
//!
//! In a chapter a requirement is a label on a line of its own and the paragraph below it:
//!
//! ```text
//! r[frame.rsv]
//! A sender MUST clear the reserved bits that no extension uses.
//! *Binds:* client, server. *Source:* RFC 6455, 5.2.
//! ```

mod read;

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use wsconform_abnf::Location;

use crate::patent::Place;
use crate::rfc6455::Section;

pub(crate) use read::read;

/// One requirement of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Its name, for ever.
    pub id: RequirementId,
    /// The key word of its sentence.
    pub key_word: KeyWord,
    /// The sentence, on one line.
    pub text: String,
    /// Whom it binds, in the order of the text, never nobody.
    pub binds: Vec<Party>,
    /// Where it comes from, such as `RFC 6455, 5.2`.
    pub source: String,
    /// The places of US 9,331,890 that the source cites, in its order.
    pub patent: Vec<Place>,
    /// The sections of RFC 6455 that the source cites, in its order.
    pub rfc6455: Vec<Section>,
    /// Whether the suite can and does test it.
    pub testability: Testability,
    /// Where its label stands.
    pub at: Location,
}

impl Requirement {
    /// The level of its key word.
    pub fn level(&self) -> Level {
        self.key_word.level()
    }
}

/// The name of a requirement: lower-case words with hyphens, joined by dots, at least two.
///
/// ```
/// use wsconform_spec::RequirementId;
///
/// assert!("escape.sender.before-data".parse::<RequirementId>().is_ok());
/// assert!("Escape".parse::<RequirementId>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequirementId(String);

impl RequirementId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequirementId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let words = text.split('.').count();
        let well_formed = words >= 2 && text.split('.').all(is_hyphenated_word);
        if well_formed { Ok(Self(text.to_owned())) } else { Err(MalformedId) }
    }
}

impl Borrow<str> for RequirementId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The text is not the name of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedId;

impl fmt::Display for MalformedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a requirement id is two or more lower-case words with hyphens, joined by dots")
    }
}

impl std::error::Error for MalformedId {}

/// `word` or `hyphenated-word-2`: lower-case, beginning with a letter.
pub(crate) fn is_hyphenated_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.split('-').all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

/// How much a requirement weighs: the verdict on who violates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A violation fails.
    Must,
    /// A violation warns.
    Should,
    /// A freedom, never held against anyone.
    May,
}

impl fmt::Display for Level {
    /// `MUST`, `SHOULD` or `MAY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        })
    }
}

/// A key word of RFC 2119.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum KeyWord {
    Must,
    MustNot,
    Required,
    Shall,
    ShallNot,
    Should,
    ShouldNot,
    Recommended,
    NotRecommended,
    May,
    Optional,
}

impl KeyWord {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Must,
        Self::MustNot,
        Self::Required,
        Self::Shall,
        Self::ShallNot,
        Self::Should,
        Self::ShouldNot,
        Self::Recommended,
        Self::NotRecommended,
        Self::May,
        Self::Optional,
    ];

    /// As it stands in a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::MustNot => "MUST NOT",
            Self::Required => "REQUIRED",
            Self::Shall => "SHALL",
            Self::ShallNot => "SHALL NOT",
            Self::Should => "SHOULD",
            Self::ShouldNot => "SHOULD NOT",
            Self::Recommended => "RECOMMENDED",
            Self::NotRecommended => "NOT RECOMMENDED",
            Self::May => "MAY",
            Self::Optional => "OPTIONAL",
        }
    }

    /// The longest one that a text begins with, as a word.
    pub(crate) fn begins(text: &str) -> Option<Self> {
        let is_there = |word: &Self| {
            let rest = text.strip_prefix(word.as_str());
            rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        Self::ALL.into_iter().filter(is_there).max_by_key(|word| word.as_str().len())
    }

    /// Its level (RFC 2119, 1 to 5).
    pub fn level(self) -> Level {
        match self {
            Self::Must | Self::MustNot | Self::Required | Self::Shall | Self::ShallNot => {
                Level::Must
            }
            Self::Should | Self::ShouldNot | Self::Recommended | Self::NotRecommended => {
                Level::Should
            }
            Self::May | Self::Optional => Level::May,
        }
    }
}

/// Whom a requirement binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The endpoint that opened the TCP connection.
    Client,
    /// The endpoint that accepted it.
    Server,
    /// Whichever of the two sends the octets in question.
    Sender,
    /// Whichever of the two receives them.
    Receiver,
    /// An endpoint that ends the protocol on one side and speaks plain TCP on the other.
    Gateway,
}

impl Party {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Client, Self::Server, Self::Sender, Self::Receiver, Self::Gateway];

    /// As it stands in the book.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Sender => "sender",
            Self::Receiver => "receiver",
            Self::Gateway => "gateway",
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a requirement can be tested, and is meant to be by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Testability {
    /// It can: a case or a vector names it.
    Testable,
    /// Its cases are still to be written, for this reason.
    Planned {
        /// Why not yet.
        reason: String,
    },
    /// It cannot be observed on the wire.
    Untestable {
        /// The kind of obstacle.
        kind: Obstacle,
        /// The obstacle itself.
        reason: String,
    },
}

/// Why something cannot be observed on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// It shows in a programming interface alone.
    ApiOnly,
    /// It takes a person to see or do it.
    Human,
    /// It would take too long, or shows in a distribution over time alone.
    Timing,
    /// It happens inside the endpoint.
    Internal,
    /// It depends on what surrounds the endpoint.
    Environment,
}

impl Obstacle {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::ApiOnly, Self::Human, Self::Timing, Self::Internal, Self::Environment];

    /// As it stands in the book.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiOnly => "api-only",
            Self::Human => "human",
            Self::Timing => "timing",
            Self::Internal => "internal",
            Self::Environment => "environment",
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_paths_of_words() {
        for good in ["a.b", "escape.sender.before-data", "length.bits-16"] {
            assert_eq!(good.parse::<RequirementId>().unwrap().as_str(), good);
        }
        for bad in ["", "a", "a.", ".a", "a..b", "A.b", "a.-b", "a.b-", "a.b--c", "a.1b", "a.b c"] {
            assert_eq!(bad.parse::<RequirementId>(), Err(MalformedId), "{bad}");
        }
    }
}
