//! The scenario language: straight-line conversations with an endpoint under test.
//!
//! A scenario block of the book is read in two passes. [`parse_block`] turns text into syntax and
//! reports what cannot be read, pointing at the column and saying what was possible there.
//! [`check`] holds the syntax against the rest of the book: requirement ids exist and bind the
//! roles under test, variables are set before they are used, every row of a table makes sense.
//! What passes both can be run; [`cases`] lists what there is to run.
//!
//! ```text
//! scenario = "scenario" path NL *(header NL) 1*(step NL)
//! header   = "roles" 1*word / "app" word / "tags" 1*word / "needs" need *("," need)
//!          / "for" 1*word "in" row *("," row)
//! need     = "capability" word / "case" path
//! row      = 1*(value / path)
//! step     = [word ":"] (open / send / expect / observe / measure / other)
//! open     = "open" ["with" word *set ["as" var]] / "connect" / "accept" "tcp"
//! send     = "send" item *("&" item) ["in" ("octets" / "one-write" / var / number *("," number))]
//! expect   = "expect" (outcome / "any-order" 1*(NL outcome)) *(NL "or" outcome)
//! outcome  = item [":" (path / var)]
//! observe  = "observe" word 1*(NL "when" item "is" string)
//! measure  = "measure" "data" "for" time 1*(NL ("at-most" / "at-least") sum ":" path)
//! other    = "let" var "=" value / "check" call ":" (path / var)
//! item     = verb *(set / "without" value / value)
//! set      = (name / var) ("=" / "+=") value
//! value    = string / octets / number [".." number] *("|" number) / var ["." word] / call / word
//! call     = word "(" [1*value *("," 1*value)] ")"
//! sum      = value *(("*" / "+" / "-") value)
//! ```

mod cases;
mod check;
mod lexer;
mod parser;
mod signature;
mod syntax;
mod wanted;

pub use cases::{Case, cases};
pub use check::{RequirementFacts, check};
pub use parser::parse_block;
pub use signature::{ControlBody, ControlMessage, control_message};
pub use syntax::{
    Action, Argument, Bound, BoundKind, Call, Cut, HeaderSpans, Item, Name, Need, Negotiate,
    Outcome, Role, RowValue, Rows, Scenario, Step, Sum, SumOperator, Target, Value, Verb,
};
