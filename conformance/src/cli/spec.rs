//! `wsconform spec`: the specification, to read.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wsconform_spec::scenario::cases;
use wsconform_spec::{Book, EvidenceKind, ledger};

use super::{Stop, book, print};
use crate::evidence::evidence;

/// Read the specification: its requirements, cases and ledger.
#[derive(Debug, Args)]
pub(super) struct Spec {
    #[command(subcommand)]
    verb: SpecVerb,
    /// Take the book from this folder instead of the embedded one.
    #[arg(long, global = true, value_name = "DIR")]
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
    /// Show one requirement whole, with the cases that name it.
    Show {
        /// Its id, such as `escape.sender.before-data`.
        id: String,
    },
    /// Check a book: every mistake with file, line and column.
    Check,
    /// Print the ledger: what is proven, claimed, planned or untestable.
    Ledger,
}

impl Spec {
    pub(super) fn run(self) -> Result<u8, Stop> {
        let book = book(self.book.as_deref())?;
        match self.verb {
            SpecVerb::List { pattern } => list(&book, &pattern),
            SpecVerb::Show { id } => show(&book, &id),
            SpecVerb::Check => {
                let cases: usize = book.scenarios().iter().map(|s| cases(s).len()).sum();
                print(&format!(
                    "{} chapters, {} requirements, {} scenarios with {cases} cases: no mistakes\n",
                    book.chapters().len(),
                    book.requirements().len(),
                    book.scenarios().len(),
                ));
                Ok(0)
            }
            SpecVerb::Ledger => {
                print(&ledger::render(&book, &evidence(&book)).map_err(Stop::usage)?);
                Ok(0)
            }
        }
    }
}

fn list(book: &Book, pattern: &str) -> Result<u8, Stop> {
    let pattern = wildmatch::WildMatch::new(pattern);
    let mut text = String::new();
    for (id, requirement) in book.requirements() {
        if pattern.matches(id.as_str()) {
            let binds: Vec<&str> = requirement.binds.iter().map(|party| party.as_str()).collect();
            text.push_str(&format!(
                "{:<36} {:<10} {:<16} {}\n",
                id.as_str(),
                requirement.key_word.as_str(),
                binds.join(", "),
                requirement.source
            ));
        }
    }
    if text.is_empty() {
        return Err(Stop::usage("no requirement matches\nhelp: `wsconform spec list` lists all"));
    }
    print(&text);
    Ok(0)
}

fn show(book: &Book, id: &str) -> Result<u8, Stop> {
    let Some(requirement) = book.requirement(id) else {
        let known = book.requirements().keys().map(|id| id.as_str());
        let help = match wsconform_abnf::suggest::closest(id, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`wsconform spec list` lists all".to_owned(),
        };
        return Err(Stop::usage(format!("there is no requirement `{id}`\nhelp: {help}")));
    };
    let binds: Vec<&str> = requirement.binds.iter().map(|party| party.as_str()).collect();
    let mut text = format!(
        "{id}  {}\n\n{}\n\nbinds   {}\nsource  {}\nat      {}\n",
        requirement.key_word.as_str(),
        requirement.text,
        binds.join(", "),
        requirement.source,
        requirement.at,
    );
    for evidence in evidence(book).iter().filter(|evidence| evidence.requirement.as_str() == id) {
        let kind = match evidence.kind {
            EvidenceKind::Case => "case",
            EvidenceKind::Vector => "vector",
            EvidenceKind::Peer => "proven",
            EvidenceKind::Freedom => "used by",
        };
        text.push_str(&format!("{kind:<7} {}\n", evidence.name));
    }
    print(&text);
    Ok(0)
}
