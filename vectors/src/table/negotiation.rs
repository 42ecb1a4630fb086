//! What is made of offers and answers (US 9,331,890, FIG. 2 to 4; claims 3 to 5, 15, 20).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Content, TableTopic};
use crate::octets::Sequence;

/// Offers, and perhaps an answer to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NegotiationGiven {
    /// The values of the fields Sec-WebSocket-Extensions in the request.
    pub offers: Vec<String>,
    /// The values of these fields in the answer. Null: what a server makes of the offers that can do
    /// whatever is asked of it.
    #[schemars(required)]
    pub answer: Option<Vec<String>>,
}

/// What follows from offers, or from an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "result", rename_all = "lowercase", deny_unknown_fields)]
pub enum Negotiated {
    /// The server accepts at most this: an answer may leave capabilities out and narrow values.
    Offered {
        /// Each capability, in the order in which the first acceptable alternatives stand.
        accepts: Vec<Agreed>,
    },
    /// The client accepts the answer.
    Agreed {
        /// Each capability, in the order of the answer.
        agreed: Vec<Agreed>,
    },
    /// The server refuses the request, or the client fails the connection.
    Refused {
        /// The requirement that says so.
        requirement: String,
    },
}

/// A capability on certain terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// Its token.
    pub capability: String,
    /// Its sequence, in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Sequence>,
    /// All its parameters but `control`, with the defaults of those that are absent. `max-rate` is
    /// absent where it is unlimited; in an offer, it is that of the client.
    pub parameters: BTreeMap<String, String>,
}

impl Content for NegotiationGiven {
    type Follows = Negotiated;
    const TOPIC: TableTopic = TableTopic::Negotiation;
}
