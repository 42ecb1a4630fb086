//! Vectors that are no octets: what is given, and what follows from it.
//!
//! A [`Table`] is a file of [`Case`]s. The numbers in it are whole; instants are nanoseconds since
//! an origin. A reader in another language feeds its own negotiation, allocator, policy or pacer with
//! what is given, and compares.

mod allocation;
mod negotiation;
mod pacing;
mod policy;

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use allocation::{Allocated, AllocationGiven, First};
pub use negotiation::{Agreed, Negotiated, NegotiationGiven};
pub use pacing::{Change, Message, Paced, PacingGiven, Rate};
pub use policy::{Ack, Decided, Facts, Manner, Policy, PolicyGiven, Reaction, Step};

/// What the cases of a table are about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum TableTopic {
    /// Offers and what a server takes of them; answers and what a client makes of them.
    Negotiation,
    /// Which sequences a server assigns.
    Allocation,
    /// Which rate a receiver of data asks for, and which one a sender goes at.
    Policies,
    /// When data leaves at a rate.
    Pacing,
}

impl TableTopic {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Negotiation, Self::Allocation, Self::Policies, Self::Pacing];

    /// The name, with which the ids of its cases begin.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Negotiation => "negotiation",
            Self::Allocation => "allocation",
            Self::Policies => "policies",
            Self::Pacing => "pacing",
        }
    }

    /// The file as text.
    pub const fn json(self) -> &'static str {
        match self {
            Self::Negotiation => include_str!("../../data/negotiation.json"),
            Self::Allocation => include_str!("../../data/allocation.json"),
            Self::Policies => include_str!("../../data/policies.json"),
            Self::Pacing => include_str!("../../data/pacing.json"),
        }
    }
}

impl fmt::Display for TableTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What cases of a topic are made of.
pub trait Content:
    Serialize + DeserializeOwned + JsonSchema + Clone + fmt::Debug + PartialEq
{
    /// What follows.
    type Follows: Serialize + DeserializeOwned + JsonSchema + Clone + fmt::Debug + PartialEq;
    /// The topic.
    const TOPIC: TableTopic;
}

/// A file of cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table<G, F> {
    /// The version of the format, 1.
    pub schema: u32,
    /// The version of the test suite that the cases belong to.
    pub suite: String,
    /// What they are about.
    pub topic: TableTopic,
    /// The cases.
    pub cases: Vec<Case<G, F>>,
}

/// What is given, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case<G, F> {
    /// A path, `topic/family/name`, never used for anything else.
    pub id: String,
    /// What is special about it.
    pub comment: String,
    /// The requirements that it shows.
    pub covers: Vec<String>,
    /// The independent computations that confirm it.
    pub confirmed: Vec<String>,
    /// What is given.
    pub given: G,
    /// What follows.
    pub follows: F,
}

impl TableTopic {
    /// Pairs of a requirement and the case that shows it, in the order of the file.
    pub(crate) fn covers(self) -> Result<Vec<(String, String)>, serde_json::Error> {
        match self {
            Self::Negotiation => covers::<NegotiationGiven>(),
            Self::Allocation => covers::<AllocationGiven>(),
            Self::Policies => covers::<PolicyGiven>(),
            Self::Pacing => covers::<PacingGiven>(),
        }
    }
}

/// The cases of a topic.
///
/// ```
/// use wsconform_vectors::table::{PacingGiven, load};
///
/// for case in load::<PacingGiven>()?.cases {
///     // Run a pacer on `case.given`, then compare with `case.follows`.
///     assert_eq!(case.given.messages.len(), case.follows.ends.len());
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// The file is malformed, which a test of this crate rules out for a released one.
pub fn load<G: Content>() -> Result<Table<G, G::Follows>, serde_json::Error> {
    serde_json::from_str(G::TOPIC.json())
}

fn covers<G: Content>() -> Result<Vec<(String, String)>, serde_json::Error> {
    let cases = load::<G>()?.cases.into_iter();
    Ok(cases
        .flat_map(|case| case.covers.into_iter().map(move |one| (one, case.id.clone())))
        .collect())
}
