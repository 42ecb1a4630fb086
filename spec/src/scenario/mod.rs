//! The scenario language: straight-line conversations with an endpoint under test.
//!
//! A scenario block of the book is read in two passes. [`parse_block`] turns text into syntax and
//! reports what cannot be read, pointing at the column and saying what was possible there.
//! [`check`] holds the syntax against the rest of the book: requirement ids exist and bind the
//! roles under test, variables are set before they are used, every row of a table makes sense.
//! What passes both can be run; [`cases`] lists what there is to run.
//!
//! The grammar of the language stands in the book. Which words, names and values it knows stands in
//! tables: what each item takes, what each place wants, and the messages of each capability.

mod capability;
mod cases;
mod check;
mod lexer;
mod parser;
mod signature;
mod syntax;
mod vectors;
mod wanted;

pub use capability::{
    ControlBody, ControlMessage, capabilities, control_message, control_message_of_kind,
};
pub use cases::{Case, cases};
pub use check::{RequirementFacts, check};
pub use parser::parse_block;
pub use syntax::{
    Action, Argument, Bound, BoundKind, Call, Cut, HeaderSpans, Item, Name, Need, Negotiate,
    Outcome, Role, RowValue, Rows, Scenario, Step, Sum, SumOperator, Target, Value, VectorRows,
    Verb,
};
pub use vectors::VectorRow;
pub(crate) use vectors::{fill, matches};
