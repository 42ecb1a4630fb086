//! `wsconform explain`: what a case is about; those of the Autobahn testsuite too.

mod entry;
mod fold;
mod list;
mod named;

use std::path::PathBuf;

use clap::Args;

use super::{Stop, book, print};

/// Explain a case: of the Autobahn testsuite, or one of ours.
///
/// For a case of the Autobahn testsuite it says what that does, which of ours ask the same, and
/// which sentence of an RFC decides where our verdict is another. For one of ours, or a
/// requirement, it says what `spec show` says, and which cases of the Autobahn testsuite are like it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wsconform explain autobahn:7.9.3       a case of the Autobahn testsuite
  wsconform explain 'autobahn:6.*'       its cases that match, a line each, with totals
  wsconform explain autobahn             all of them
  wsconform explain close.invalid/1004   a case of ours
  wsconform explain ping.answered        a requirement, a scenario

Exit codes: 0 printed, 2 wrong usage or bad input.")]
pub(super) struct Explain {
    /// `autobahn:` and an id or a pattern, where `*` stands for any characters and `?` for one; or
    /// the id of a case, a scenario or a requirement.
    id: String,
    /// Take the book from this folder instead of the embedded one.
    #[arg(long, value_name = "DIR")]
    book: Option<PathBuf>,
}

impl Explain {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        let book = book(self.book.as_deref())?;
        let text = match self.id.split_once(':') {
            Some(("autobahn", pattern)) => theirs(&book, pattern.trim())?,
            None if self.id == "autobahn" => theirs(&book, "")?,
            _ if self.id.trim().is_empty() => {
                return Err(Stop::usage(
                    "there is nothing to explain\n\
                     help: name a case, such as `autobahn:7.9.3` or `ping.answered`",
                ));
            }
            _ => named::explained(&book, &self.id)?,
        };
        print(&text);
        Ok(0)
    }
}

/// What there is about a case of the Autobahn testsuite, or about all that match.
fn theirs(book: &wsconform_spec::Book, pattern: &str) -> Result<String, Stop> {
    let map = book.autobahn();
    if map.entries().is_empty() {
        return Err(Stop::usage("this book does not map the Autobahn testsuite"));
    }
    let known = pattern.parse().ok().and_then(|id| Some((id, map.entry(id)?)));
    match known {
        Some((id, entry)) => Ok(entry::explained(book, id, entry)),
        None => list::listed(map, pattern),
    }
}
