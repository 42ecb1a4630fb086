//! `wsconform spec`: the specification, to read. A file a verb.

mod abnf;
mod claims;
mod grep;
mod list;
mod render;
mod rfc;
pub(super) mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wsconform_spec::scenario::cases;
use wsconform_spec::{Book, ledger};

use super::{Stop, book, print};
use crate::evidence::evidence;

/// Read the specification: its requirements, grammar, cases and ledger.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wsconform spec list 'close.*'          the requirements about closing
  wsconform spec show frame.rsv          one of them, with all that names it
  wsconform spec show masking-key        a grammar rule
  wsconform spec grep 'unasked'          where the book says so
  wsconform spec abnf frame > frame.abnf the grammar of a frame, complete
  wsconform spec claims 'claim 5'        what proves a claim of the patent
  wsconform spec rfc 5.5.1               what proves a section of RFC 6455
  wsconform spec render site             the book as HTML: open site/index.html")]
pub(super) struct Spec {
    #[command(subcommand)]
    verb: SpecVerb,
    /// Take the book from this folder instead of the embedded one.
    // By default its place would be the number of verbs, which is no more than that of `--color`.
    #[arg(long, global = true, value_name = "DIR", display_order = 7)]
    book: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum SpecVerb {
    /// List the requirements: id, level, who is bound, source.
    List {
        /// Only ids that match; `*` stands for any characters.
        #[arg(default_value = "*")]
        pattern: String,
    },
    /// Show one requirement whole, with what there is to prove it; or a scenario, an example, a
    /// grammar rule, a machine of the model.
    Show {
        /// Its id or name, such as `escape.sender.before-data`, `escape.echoed`, `frames/hello` or
        /// `frame-head`.
        id: String,
    },
    Grep(grep::Grep),
    Claims(claims::Claims),
    Rfc(rfc::Rfc),
    Abnf(abnf::Abnf),
    Render(render::Render),
    /// Check a book: every mistake with file, line and column.
    Check,
    /// Print the ledger: what is proven, claimed, planned or untestable.
    Ledger,
}

impl Spec {
    pub(super) fn run(self, coloured: bool) -> Result<u8, Stop> {
        let book = book(self.book.as_deref())?;
        match self.verb {
            SpecVerb::List { pattern } => list::list(&book, &pattern),
            SpecVerb::Show { id } => {
                print(&show::shown(&book, &id)?);
                Ok(0)
            }
            SpecVerb::Grep(grep) => grep.run(&book, coloured),
            SpecVerb::Claims(claims) => claims.run(&book),
            SpecVerb::Rfc(rfc) => rfc.run(&book),
            SpecVerb::Abnf(abnf) => abnf.run(&book),
            SpecVerb::Render(render) => render.run(&book),
            SpecVerb::Check => {
                print(&checked(&book));
                Ok(0)
            }
            SpecVerb::Ledger => {
                print(&ledger::render(&book, &evidence(&book)).map_err(Stop::usage)?);
                Ok(0)
            }
        }
    }
}

/// What is there; a book with mistakes does not come this far.
fn checked(book: &Book) -> String {
    let cases: usize = book.scenarios().iter().map(|scenario| cases(scenario).len()).sum();
    format!(
        "{} chapters, {} requirements, {} scenarios with {cases} cases: no mistakes\n",
        book.chapters().len(),
        book.requirements().len(),
        book.scenarios().len(),
    )
}
