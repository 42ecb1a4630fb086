//! `wsconform grammar check`.

use clap::{Args, ValueEnum};
use wsconform_abnf::program::{Options, Program};
use wsconform_abnf::{Ambiguities, CheckOptions, Diagnostic, Grammar, Level, ambiguities, analyse};
use wsconform_spec::grammar::ENTRIES;

use super::super::{Stop, print};
use super::given::Context;
use super::sources::{Sources, UnitName, rendered};

/// Find everything that is wrong or suspicious in a grammar.
///
/// Errors come first: what cannot be read, names that lead nowhere, rules that no finite input
/// matches, conditions that never hold. Then warnings: left recursion, unused rules, alternatives
/// that repeat others, loops around what can be empty, ranges of uneven width, conditions that hold
/// together, sizes that can be negative. Notes are no reproach.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsconform grammar check date.abnf
  wsconform grammar check date.abnf --root date-time --deny warnings
  wsconform grammar check uri.abnf --root URI --ambiguity
  sed -n '/^```abnf/,/^```/{//!p}' notes.md | wsconform grammar check -

Exit codes: 0 no errors; 1 warnings that are denied; 2 errors.")]
pub(super) struct Check {
    #[command(flatten)]
    sources: Sources,
    /// A rule that the grammar is for: what nothing leads to from here is unused. Without any, the
    /// first rule and those that no other refers to.
    #[arg(long, value_name = "RULE")]
    root: Vec<String>,
    /// Look for sentences with two trees too, from each root, or from the first rule if none is named;
    /// to find none is no proof.
    #[arg(long)]
    ambiguity: bool,
    /// How many steps that may take.
    #[arg(long, value_name = "NUMBER", default_value_t = 5_000_000, requires = "ambiguity")]
    steps: u64,
    #[command(flatten)]
    context: Context,
    /// What to take for a failure besides errors.
    #[arg(long, value_name = "LEVEL")]
    deny: Option<Deny>,
    /// What values are where no directive says otherwise.
    #[arg(long, value_name = "UNIT", default_value = "octet")]
    unit: UnitName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Deny {
    Warnings,
}

impl Check {
    pub(super) fn run(self, coloured: bool) -> Result<u8, Stop> {
        let (grammar, mut diagnostics) = self.checked()?;
        let mut summary = String::new();
        if let Some(grammar) = &grammar {
            summary.push_str(&format!("{}, ", counted(grammar.rules().len(), "rule")));
            let options = Options { unit: self.unit.into(), pure: false };
            let program = Program::new(grammar, options);
            let mistakes = match &program {
                Ok(program) => analyse(program),
                Err(mistakes) => mistakes.clone(),
            };
            // A warning adds nothing to an error at the same place.
            diagnostics.retain(|one| !mistakes.iter().any(|mistake| is_same_place(mistake, one)));
            diagnostics.extend(mistakes);
            if let (true, Ok(program)) = (self.ambiguity, &program) {
                let ambiguities = self.ambiguities(grammar, program)?;
                summary.insert_str(0, &format!("{ambiguities}\n"));
                diagnostics.extend(ambiguities.found);
            }
        }
        diagnostics.sort_by_key(Diagnostic::level);
        let count = |level| diagnostics.iter().filter(|one| one.level() == level).count();
        let [errors, warnings, notes] = [Level::Error, Level::Warning, Level::Note].map(count);
        print(&format!(
            "{}{summary}{}, {}, {}\n",
            rendered(&diagnostics, coloured),
            counted(errors, "error"),
            counted(warnings, "warning"),
            counted(notes, "note"),
        ));
        Ok(match self.deny {
            _ if errors > 0 => 2,
            Some(Deny::Warnings) if warnings > 0 => 1,
            _ => 0,
        })
    }

    fn ambiguities(&self, grammar: &Grammar, program: &Program) -> Result<Ambiguities, Stop> {
        let is_book = self.sources.is_book();
        let first = grammar.rules().next().map(|rule| rule.name().to_owned());
        let names: Vec<String> = match self.root.as_slice() {
            [] if is_book => ENTRIES.iter().map(|entry| entry.name.to_owned()).collect(),
            [] => first.into_iter().collect(),
            roots => roots.to_vec(),
        };
        let steps = self.steps / names.len().max(1) as u64;
        let mut all = Ambiguities::default();
        for name in &names {
            let wanted = self.context.of(program, name, is_book)?;
            let one = ambiguities(program, [wanted.rule.as_str()], &wanted.given, steps);
            all.sentences += one.sentences;
            all.longest = all.longest.max(one.longest);
            for found in one.found {
                if !all.found.iter().any(|known| is_same_place(known, &found)) {
                    all.found.push(found);
                }
            }
        }
        Ok(all)
    }

    fn checked(&self) -> Result<(Option<Grammar>, Vec<Diagnostic>), Stop> {
        let mut options = CheckOptions { roots: self.root.clone(), unit: self.unit.into() };
        if !self.sources.is_book() {
            return Ok(self.sources.builder()?.check(&options));
        }
        if options.roots.is_empty() {
            options.roots = ENTRIES.iter().map(|entry| entry.rule.to_owned()).collect();
        }
        let grammar = self.sources.of_book()?;
        let diagnostics = wsconform_abnf::check(&grammar, &options);
        Ok((Some(grammar), diagnostics))
    }
}

fn is_same_place(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.span() == other.span() && one.source() == other.source()
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
