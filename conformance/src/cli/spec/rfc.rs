//! `wsconform spec rfc`: RFC 6455, and what proves what the book makes of it.

use clap::Args;
use wsconform_spec::{Book, rfc6455};

use super::super::{Stop, print};
use crate::evidence::evidence;

/// Print the map of RFC 6455: each key word of its sections 4 to 10, what it asks, the requirements
/// that ask the same, and what proves these.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wsconform spec rfc                     all of it, with totals
  wsconform spec rfc 5.5.1               a section: what it asks of a Close
  wsconform spec rfc '5*'                all of section 5

Exit codes: 0 printed, 2 wrong usage or bad input.")]
pub(super) struct Rfc {
    /// Only sections whose number matches; `*` stands for any characters.
    #[arg(default_value = "*")]
    pattern: String,
}

impl Rfc {
    pub(super) fn run(&self, book: &Book) -> Result<u8, Stop> {
        let is_wanted = |section| rfc6455::is_about(&self.pattern, section);
        let entries = book.rfc6455().entries();
        if entries.is_empty() {
            return Err(Stop::usage("this book maps nothing of RFC 6455"));
        }
        if !entries.iter().any(|entry| is_wanted(entry.place.section)) {
            return Err(Stop::usage(format!(
                "no section with a key word matches `{}`\nhelp: `wsconform spec rfc` prints all; a \
                 section is `5.5.1`, and `5*` all of 5",
                self.pattern
            )));
        }
        print(&rfc6455::render(book, &evidence(book), is_wanted).map_err(Stop::usage)?);
        Ok(0)
    }
}
