//! `wsconform spec render`: the book as HTML.

use std::path::PathBuf;

use clap::Args;
use wsconform_spec::{Book, site};

use super::super::{Stop, print};
use crate::evidence::evidence;

/// Write the book as a static HTML site: chapters, requirements, diagrams, coverage.
///
/// The site needs no server and no network: open DIR/index.html in a browser. Equal books give
/// equal files.
#[derive(Debug, Args)]
#[command(
    after_help = "DIR is made if it is not there. A site in it is brought up to date; a folder \
that holds anything else is refused.

Examples:
  wsconform spec render site
  wsconform spec render site --book spec/book

Exit codes: 0 written, 2 wrong usage or bad input."
)]
pub(super) struct Render {
    /// Where to.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Render {
    pub(super) fn run(&self, book: &Book) -> Result<u8, Stop> {
        let pages = site::pages(book, &evidence(book)).map_err(Stop::usage)?;
        let outcome = site::write(&pages, &self.folder).map_err(Stop::usage)?;
        let removed = match outcome.removed {
            0 => String::new(),
            count => format!(", removed {count} of an earlier book"),
        };
        print(&format!(
            "wrote {} pages to {}{removed}; open {}\n",
            outcome.pages,
            self.folder.display(),
            self.folder.join("index.html").display(),
        ));
        Ok(0)
    }
}
