//! `wsconform spec claims`: the patent, and what proves what the book makes of it.

use clap::Args;
use wsconform_spec::{Book, claims};

use super::super::{Stop, print};
use crate::evidence::evidence;

/// Print the claims map: each claim of US 9,331,890 and each number of its figures, the requirements
/// that make it precise, and what proves these.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wsconform spec claims                  all of it, with totals
  wsconform spec claims 'claim 1*'       claim 1, and 10 to 19
  wsconform spec claims 'FIG. 4*'        the steps of FIG. 4
  wsconform spec claims 404              one step

Exit codes: 0 printed, 2 wrong usage or bad input.")]
pub(super) struct Claims {
    /// Only places that match, `claim 5` or `FIG. 4, 404`, or whose number does; `*` stands for any
    /// characters.
    #[arg(default_value = "*")]
    pattern: String,
}

impl Claims {
    pub(super) fn run(&self, book: &Book) -> Result<u8, Stop> {
        let is_wanted = |place| claims::is_about(&self.pattern, place);
        if book.claims().entries().is_empty() {
            return Err(Stop::usage("this book maps nothing of the patent"));
        }
        if !book.claims().entries().iter().any(|entry| is_wanted(entry.place)) {
            return Err(Stop::usage(format!(
                "no place of the patent matches `{}`\nhelp: `wsconform spec claims` prints all; a \
                 place is `claim 5`, `FIG. 4, 404` or `404`",
                self.pattern
            )));
        }
        print(&claims::render(book, &evidence(book), is_wanted).map_err(Stop::usage)?);
        Ok(0)
    }
}
