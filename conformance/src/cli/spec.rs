//! `wsconform spec`: the specification, to read.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wsconform_spec::scenario::{Scenario, cases};
use wsconform_spec::{Book, EvidenceKind, Requirement, ledger};

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
    /// Show one requirement whole, with what there is to prove it, or one scenario.
    Show {
        /// Its id, such as `escape.sender.before-data` or `escape.echoed`.
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

/// A requirement and a scenario may have one id; both are shown.
fn show(book: &Book, id: &str) -> Result<u8, Stop> {
    let scenario_id = id.split('/').next().unwrap_or(id);
    let requirement = book.requirement(id).map(|requirement| described(book, requirement));
    let scenario = book.scenarios().iter().find(|scenario| scenario.id == scenario_id);
    let scenario =
        scenario.map(|scenario| format!("at      {}\n\n{}\n", scenario.at, text(scenario)));
    let shown: Vec<String> = requirement.into_iter().chain(scenario).collect();
    if shown.is_empty() {
        let requirements = book.requirements().keys().map(|id| id.as_str());
        let scenarios = book.scenarios().iter().map(|scenario| scenario.id.as_str());
        let help = match wsconform_abnf::suggest::closest(id, requirements.chain(scenarios)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`wsconform spec list` lists requirements, `wsconform certify --list` cases"
                .to_owned(),
        };
        return Err(Stop::usage(format!("there is no requirement or case `{id}`\nhelp: {help}")));
    }
    print(&shown.join("\n"));
    Ok(0)
}

fn described(book: &Book, requirement: &Requirement) -> String {
    let binds: Vec<&str> = requirement.binds.iter().map(|party| party.as_str()).collect();
    let mut text = format!(
        "{}  {}\n\n{}\n\nbinds   {}\nsource  {}\nat      {}\n",
        requirement.id.as_str(),
        requirement.key_word.as_str(),
        requirement.text,
        binds.join(", "),
        requirement.source,
        requirement.at,
    );
    for evidence in evidence(book).iter().filter(|found| found.requirement == requirement.id) {
        let kind = match evidence.kind {
            EvidenceKind::Case => "case",
            EvidenceKind::Vector => "vector",
            EvidenceKind::Peer => "proven",
            EvidenceKind::Freedom => "used by",
        };
        text.push_str(&format!("{kind:<7} {}\n", evidence.name));
    }
    text
}

/// A scenario as it stands in its chapter.
fn text(scenario: &Scenario) -> &str {
    let chapter = scenario.source.text();
    let start = chapter[..scenario.span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let rest = &chapter[start..];
    let ends = ["\n```", "\nscenario "].iter().filter_map(|end| rest.find(end));
    rest[..ends.min().unwrap_or(rest.len())].trim_end()
}
