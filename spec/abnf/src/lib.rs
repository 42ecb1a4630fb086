//! ABNF for octet protocols (RFC 5234, RFC 7405): reads it, checks it, recognises octets by it,
//! makes sentences and near-misses of it, measures what a corpus exercises, and draws it. Knows
//! nothing of any protocol.
//!
//! From text to answers, each step with a module of its own:
//!
//! 1. [`Source`] is a named text; every reader works on byte ranges of it, so that a block inside a
//!    Markdown chapter is reported with the chapter's own line and column.
//! 2. [`read`] turns a range of a source into [`Rule`]s. It goes on after a mistake, with the next
//!    rule, so one reading reports them all.
//! 3. [`GrammarBuilder`] merges the rules of several ranges into one [`Grammar`], where names are
//!    unique and every reference leads somewhere. The core rules (RFC 5234, B.1) are built in, and
//!    the rules of some RFCs are there to be imported ([`known`]): behind `;@ import rfc3986 as uri`
//!    the rule `host` of RFC 3986 is called `uri-host`.
//! 4. [`check`] finds what a grammar can hardly mean: left recursion, unused rules, empty loops.
//! 5. [`directive`] says what ABNF cannot: bit fields, lengths, conditions, masks, in comments that
//!    other tools skip.
//! 6. [`program`] resolves all names and directives; [`recognise`] matches octets with it,
//!    [`generate`] makes them, and [`cover`] tells which choices of the grammar octets exercise and
//!    makes those that exercise all, or break one thing each.
//! 7. [`analyse`] finds what directives can hardly mean: conditions that never or always hold,
//!    alternatives that are open together, sizes that cannot be. [`ambiguities`] looks for sentences
//!    with two trees.
//!
//! ```
//! use wsconform_abnf::{Grammar, Source};
//!
//! let source = Source::new("greeting.abnf", "greeting = \"hello\" 1*SP name\nname = 1*ALPHA\n");
//! let grammar = Grammar::read(&source).unwrap();
//! assert_eq!(grammar.rule("NAME").unwrap().to_string(), "name = 1*ALPHA");
//!
//! let source = Source::new("greeting.abnf", "greeting = \"hello\" nmae\nname = 1*ALPHA\n");
//! let diagnostics = Grammar::read(&source).unwrap_err();
//! assert_eq!(diagnostics[0].location().to_string(), "greeting.abnf:1:20");
//! ```

mod analyse;
pub mod ast;
mod check;
pub mod cover;
mod cycles;
pub mod diagnostic;
pub mod directive;
#[cfg(feature = "draw")]
pub mod draw;
pub mod generate;
mod grammar;
mod plain;
mod print;
pub mod program;
mod reader;
pub mod recognise;
pub mod suggest;

pub use analyse::{Ambiguities, ambiguities, analyse};
pub use ast::Rule;
pub use check::{CheckOptions, check};
pub use diagnostic::{Diagnostic, Level, Location, Source};
pub use grammar::{Grammar, GrammarBuilder, GrammarRule, known, known_names};
pub use reader::{NESTING_LIMIT, Reading, read};

/// The example of the front page, which has to run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct FrontPage;
