//! The files that are part of this crate.

use crate::model::Suite;
use crate::table::TableTopic;
use crate::topic::Topic;

impl Topic {
    /// The file of its vectors as text.
    pub const fn json(self) -> &'static str {
        match self {
            Self::Frames => include_str!("../data/frames.json"),
            Self::Escape => include_str!("../data/escape.json"),
            Self::Control => include_str!("../data/control.json"),
            Self::Handshake => include_str!("../data/handshake.json"),
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

/// Which requirement is shown by which vector or case: pairs of a requirement's id and a vector's
/// id, in the order of the files.
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
    for topic in TableTopic::ALL {
        pairs.extend(topic.covers()?);
    }
    Ok(pairs)
}
