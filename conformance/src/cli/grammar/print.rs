//! `wsconform grammar print`.

use clap::Args;
use wsconform_abnf::GrammarRule;

use super::super::{Stop, print};
use super::sources::{Sources, unknown_rule};

/// Print a grammar as one text in normal form, imported rules included.
///
/// The text stands on its own: imported rules have their prefix, and core rules that a rule of the
/// same name hides are called `core-NAME`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsconform grammar print date.abnf
  wsconform grammar print --book --pure > book.abnf    # for tools that know plain ABNF only")]
pub(super) struct Print {
    #[command(flatten)]
    sources: Sources,
    /// Leave out the directives, which widens the language.
    #[arg(long)]
    pure: bool,
    /// This rule and what it leads to alone.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
}

impl Print {
    pub(super) fn run(self) -> Result<u8, Stop> {
        let grammar = self.sources.grammar()?;
        let text = match &self.rule {
            Some(name) => {
                let names = grammar.rules().map(GrammarRule::name);
                let rule = grammar.rule(name).ok_or_else(|| unknown_rule(name, names))?;
                grammar.to_abnf_from(rule, !self.pure)
            }
            None if self.pure => grammar.to_plain_abnf(),
            None => grammar.to_abnf(),
        };
        print(&text);
        Ok(0)
    }
}
