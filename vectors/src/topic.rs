//! The files that are part of this crate.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Suite;

/// What the vectors of a file are about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// Base framing: RFC 6455, 5 to 8.
    Frames,
    /// Escapes, the opcode filter and control messages: US 9,331,890, FIG. 6.
    Escape,
}

impl Topic {
    /// All topics.
    pub const fn all() -> [Self; 2] {
        [Self::Frames, Self::Escape]
    }

    /// The name, with which the ids of its vectors begin.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Escape => "escape",
        }
    }

    /// The topic of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|topic| topic.name() == name)
    }

    /// The file of its vectors as text.
    pub const fn json(self) -> &'static str {
        match self {
            Self::Frames => include_str!("../data/frames.json"),
            Self::Escape => include_str!("../data/escape.json"),
        }
    }

    /// The vectors.
    ///
    /// # Errors
    ///
    /// The file is malformed, which a test of this crate rules out for a released one.
    pub fn load(self) -> Result<Suite, serde_json::Error> {
        serde_json::from_str(self.json())
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which requirement is shown by which vector: pairs of a requirement's id and a vector's id, in
/// the order of the files.
///
/// # Errors
///
/// As [`Topic::load`].
pub fn covers() -> Result<Vec<(String, String)>, serde_json::Error> {
    let mut pairs = Vec::new();
    for topic in Topic::all() {
        for vector in topic.load()?.cases {
            let id = vector.id;
            pairs.extend(vector.covers.into_iter().map(|requirement| (requirement, id.clone())));
        }
    }
    Ok(pairs)
}
