//! The specification as a book, and what makes it executable.
//!
//! - [`Book`] is the whole: chapters, requirements, grammar, examples, scenarios. It
//!   exists only if everything in it is well formed and every name in it leads somewhere; otherwise reading it
//!   gives all [`Diagnostic`](wsconform_abnf::Diagnostic)s with file, line and column.
//! - [`requirement`], [`example`] and [`scenario`] are its parts.
//! - [`claims`] maps the patent: which requirements make each of its claims and steps precise.
//! - [`rfc6455`] maps RFC 6455: which requirements say what each of its key words asks.
//! - [`autobahn`] maps the cases of the Autobahn testsuite: which of ours ask the same.
//! - [`model`] is the endpoint as state machines, for walks of random steps.
//! - [`ledger`] says of each requirement how it is covered, given the [`ledger::Evidence`] that the
//!   test suite has.
//!
//! ```
//! use wsconform_spec::Book;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let book = Book::embedded()?;
//! let echo = book.requirement("contract.echo").ok_or("missing")?;
//! assert_eq!(echo.level().to_string(), "MUST");
//! # Ok(())
//! # }
//! ```

pub mod autobahn;
pub mod book;
mod chapters;
pub mod claims;
pub mod example;
pub mod grammar;
pub mod ledger;
mod map;
mod markdown;
pub mod model;
mod octets;
pub mod patent;
pub mod requirement;
pub mod rfc6455;
pub mod scenario;
#[cfg(feature = "site")]
pub mod site;

pub use autobahn::AutobahnMap;
pub use book::{Book, BookError, Chapter};
pub use claims::ClaimsMap;
pub use example::{Event, Example};
pub use ledger::{Evidence, EvidenceKind};
pub use model::Model;
pub use patent::Place;
pub use requirement::{KeyWord, Level, Obstacle, Party, Requirement, RequirementId, Testability};
pub use scenario::Scenario;
