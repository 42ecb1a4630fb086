//! One raw report, many views.
//!
//! A run is written down once, as JSON Lines ([`Writer`]), in the order of the book and with all
//! that was seen ([`Record`]). Every view is made from that alone: the summary for people
//! ([`render`]), so that it can be drawn again from a stored report ([`read`]), and whatever
//! another tool makes of it by the JSON Schema ([`report_schema`]). [`Progress`] is the one thing
//! shown while a run lasts, and it leaves nothing behind.
//!
//! Much of a report was chosen by the endpoint under test. No view lets it drive a terminal
//! ([`clean`]).

mod clean;
mod jsonl;
mod model;
mod page;
mod progress;
mod schema;
mod text;

pub use clean::clean;
pub use jsonl::{ReadError, Report, WriteError, Writer, read};
pub use model::{
    Blame, CaseRecord, Counts, Direction, EndRecord, Found, OctetsRecord, Record, RunRecord,
    RunVerdict, SCHEMA, TranscriptEntry, Verdict,
};
pub use progress::Progress;
pub use schema::report_schema;
pub use text::{TextOptions, render};
