//! `wsconform spec abnf`: the grammar of all chapters in one piece.

use clap::Args;
use wsconform_abnf::{Grammar, GrammarRule};
use wsconform_spec::Book;

use super::super::{Stop, print};

/// Print the grammar of the book as one ABNF (RFC 5234, RFC 7405).
///
/// What ABNF cannot say stands in comments that begin with `;@`. Tools that know nothing of them
/// read the grammar all the same, and accept more.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wsconform spec abnf                    all rules
  wsconform spec abnf close-payload      a rule and all that it needs
  wsconform spec abnf --pure frame       without comments, for other tools")]
pub(super) struct Abnf {
    /// Only this rule and those that it needs.
    rule: Option<String>,
    /// Leave out the structured comments.
    #[arg(long)]
    pure: bool,
}

impl Abnf {
    pub(super) fn run(&self, book: &Book) -> Result<u8, Stop> {
        let grammar = book.grammar();
        print(&match &self.rule {
            Some(name) => grammar.to_abnf_from(own_rule(grammar, name)?, !self.pure),
            None if self.pure => grammar.to_plain_abnf(),
            None => grammar.to_abnf(),
        });
        Ok(0)
    }
}

fn own_rule<'g>(grammar: &'g Grammar, name: &str) -> Result<&'g GrammarRule, Stop> {
    let Some(rule) = grammar.rule(name) else {
        let names = grammar.rules().map(GrammarRule::name);
        let help = match wsconform_abnf::suggest::closest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`wsconform spec abnf` prints all rules".to_owned(),
        };
        return Err(Stop::usage(format!("there is no rule `{name}`\nhelp: {help}")));
    };
    if rule.is_core() {
        return Err(Stop::usage(format!(
            "`{name}` is a core rule of RFC 5234, B.1, which every grammar has\n\
             help: `wsconform spec show {name}` shows it"
        )));
    }
    Ok(rule)
}
