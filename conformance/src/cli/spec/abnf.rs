//! `wsconform spec abnf`: the grammar of all chapters in one piece.

use std::collections::BTreeSet;

use clap::Args;
use wsconform_abnf::ast::{Alternation, Definition, ElementKind, Rule};
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
        let wanted = match &self.rule {
            Some(name) => Some(needed(grammar, own_rule(grammar, name)?)),
            None => None,
        };
        let mut text = String::new();
        for rule in grammar.rules() {
            if wanted.as_ref().is_none_or(|wanted| wanted.contains(rule.name())) {
                text.push_str(&self.printed(grammar, rule));
            }
        }
        print(&text);
        Ok(0)
    }

    fn printed(&self, grammar: &Grammar, rule: &GrammarRule) -> String {
        let print = |part: &Rule| {
            let mut alternation = part.alternation.clone();
            if rule.is_imported() {
                rename(grammar, rule, &mut alternation);
            }
            let sign = match part.definition {
                Definition::Base => "=",
                Definition::Incremental => "=/",
            };
            let mut text = wrapped(&format!("{} {sign}", part.name.text), &alternation);
            for directive in part.directives.iter().filter(|_| !self.pure) {
                text.push_str(&format!("    ;@ {}\n", directive.text));
            }
            text
        };
        rule.parts().map(print).collect()
    }
}

/// A rule in lines of at most 100 columns, where its parts let it.
fn wrapped(head: &str, alternation: &Alternation) -> String {
    const COLUMNS: usize = 100;
    let mut text = String::from(head);
    let mut column = head.len();
    for (index, branch) in alternation.branches.iter().enumerate() {
        for (place, part) in branch.parts.iter().enumerate() {
            let sign = if index > 0 && place == 0 { "/ " } else { "" };
            let token = format!("{sign}{part}");
            if column + 1 + token.len() > COLUMNS {
                text.push_str("\n   ");
                column = 3;
            }
            text.push(' ');
            text.push_str(&token);
            column += 1 + token.len();
        }
    }
    text.push('\n');
    text
}

/// Gives the names in an imported rule the prefix that the rules have here.
fn rename(grammar: &Grammar, rule: &GrammarRule, alternation: &mut Alternation) {
    for part in alternation.branches.iter_mut().flat_map(|branch| &mut branch.parts) {
        match &mut part.element.kind {
            ElementKind::Reference(name) => {
                if let Some(meant) = grammar.resolve(rule, &name.text) {
                    name.text = meant.name().to_owned();
                }
            }
            ElementKind::Group(inner) | ElementKind::Option(inner) => rename(grammar, rule, inner),
            _ => {}
        }
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

/// The names of a rule and of all that it and its directives lead to.
fn needed<'g>(grammar: &'g Grammar, rule: &'g GrammarRule) -> BTreeSet<&'g str> {
    let mut names = BTreeSet::from([rule.name()]);
    let mut waiting = vec![rule];
    while let Some(rule) = waiting.pop() {
        let mut visit = |name: &str| {
            let found = grammar.resolve(rule, name).filter(|found| !found.is_core());
            if let Some(found) = found.filter(|found| names.insert(found.name())) {
                waiting.push(found);
            }
        };
        for part in rule.parts() {
            part.alternation.for_each_reference(&mut |name| visit(&name.text));
        }
        // Rules that a directive speaks of, such as those of what was transformed.
        let word = |one: char| one.is_ascii_alphanumeric() || one == '-';
        for (_, directive) in rule.directives() {
            directive.text.split(|one| !word(one)).for_each(&mut visit);
        }
    }
    names
}
