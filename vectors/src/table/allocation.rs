//! Which control sequences a server assigns (US 9,331,890, FIG. 4, 404; claims 6 to 9, 17, 18).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Content, TableTopic};
use crate::octets::{Octets, Sequence};

/// How the first sequence of a connection is chosen, and how many are needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllocationGiven {
    /// How the first one is chosen.
    pub first: First,
    /// Those that are in use in the connection already.
    pub in_use: Vec<Sequence>,
    /// How many are assigned, one after the other.
    pub count: usize,
}

/// A strategy for the first sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "strategy", rename_all = "lowercase", deny_unknown_fields)]
pub enum First {
    /// It is this one.
    Fixed {
        /// The first sequence.
        sequence: Sequence,
    },
    /// At random: four octets are drawn, then made to fit. The first octet keeps its low three bits
    /// behind 11110, the last one its high four bits; if text could begin so, the highest bit of the
    /// second octet is cleared.
    Random {
        /// What was drawn.
        drawn: Sequence,
    },
    /// In order: the block of 16 with this number, counted from F0000000; the next one that no text
    /// begins with, if one could begin with it.
    Sequential {
        /// The number of the connection at its server, from 0.
        number: u64,
    },
    /// From a list, in turn.
    List {
        /// The number of the connection at its server, from 0.
        number: u64,
        /// The list.
        list: Vec<Sequence>,
    },
    /// From values of the connection: the first four octets of their SHA-1, made to fit as those
    /// that were drawn.
    Dynamic {
        /// The values, such as the key of the opening handshake.
        values: Octets,
    },
}

/// What is assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allocated {
    /// The sequences in the order in which they are assigned.
    pub sequences: Vec<Sequence>,
    /// How many leading bits all sequences of the connection share, those in use included.
    pub shared_bits: u32,
}

impl Content for AllocationGiven {
    type Follows = Allocated;
    const TOPIC: TableTopic = TableTopic::Allocation;
}
