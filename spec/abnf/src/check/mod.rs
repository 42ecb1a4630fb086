//! What a grammar says that its author can hardly have meant.
//!
//! Every check takes time linear in the grammar. Rules that are imported, and the core rules, are
//! looked through but not reported.

mod elements;
mod facts;
mod graph;
mod recursion;
mod twins;
mod unused;

use crate::diagnostic::{Diagnostic, Source};
use crate::grammar::{Grammar, GrammarBuilder, GrammarRule};
use crate::program::Unit;
use crate::suggest::closest;
use facts::Uses;
use graph::Graph;

/// How [`check`] is to look at a grammar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckOptions {
    /// The rules that the grammar is for: those that nothing leads to from here are unused. Without
    /// any, the first rule and the rules that no other rule refers to, as RFCs mean it.
    pub roots: Vec<String>,
    /// What values are where no directive says otherwise.
    pub unit: Unit,
}

/// Everything suspicious in `grammar`, in the order of its rules; what goes beyond a thousand
/// diagnostics is counted only.
///
/// | level | what |
/// |---|---|
/// | error | a rule that no finite input matches, since it always needs itself once more |
/// | warning | a rule that begins with itself, at once, through others, or behind what can be empty |
/// | warning | a rule that nothing leads to from the roots |
/// | warning | an alternative that another one repeats |
/// | warning | a loop without end around what can be empty |
/// | warning | a range of octets whose ends have different widths |
/// | warning | a repeat that no input is long enough for |
/// | note | prose, which cannot be matched |
///
/// ```
/// use wsconform_abnf::{CheckOptions, Grammar, Source, check};
///
/// let grammar = Grammar::read(&Source::new("sum.abnf", "sum = sum \"+\" 1*DIGIT / 1*DIGIT\n"));
/// let diagnostics = check(&grammar.unwrap(), &CheckOptions::default());
/// assert_eq!(
///     diagnostics[0].to_string(),
///     "sum.abnf:1:7: warning: left recursion: `sum` begins with itself"
/// );
/// ```
pub fn check(grammar: &Grammar, options: &CheckOptions) -> Vec<Diagnostic> {
    let graph = Graph::new(grammar);
    let uses = Uses::new(&graph);
    let nullable = facts::nullable(&graph, &uses);
    let productive = facts::productive(&graph, &uses);

    let mut found = Found { graph: &graph, diagnostics: Vec::new(), omitted: 0 };
    // Errors first: they are listed however many warnings there are.
    recursion::endless(&graph, &productive, &mut found);
    recursion::left(&graph, &nullable, &mut found);
    let (roots, mut diagnostics) = roots(grammar, options);
    unused::check(grammar, &graph, &roots, &mut found);
    elements::check(&graph, &nullable, options.unit, &mut found);
    twins::check(&graph, &mut found);

    let Found { diagnostics: mut found, omitted, .. } = found;
    found.sort_by_key(|(rule, diagnostic)| (*rule, diagnostic.span().start));
    diagnostics.extend(found.into_iter().map(|(_, diagnostic)| diagnostic));
    diagnostics.extend(diagnostics.last().and_then(|last| last.and_more(omitted)));
    diagnostics
}

impl GrammarBuilder {
    /// Everything that is wrong or suspicious, at once: what [`GrammarBuilder::finish`] reports,
    /// then what [`check`] finds in the rules that could be read; and the grammar, if there are no
    /// mistakes of the former kind.
    pub fn check(self, options: &CheckOptions) -> (Option<Grammar>, Vec<Diagnostic>) {
        let (grammar, mut diagnostics) = self.build();
        let is_whole = diagnostics.is_empty();
        diagnostics.extend(check(&grammar, options));
        (is_whole.then_some(grammar), diagnostics)
    }
}

/// The places of the roots that are asked for.
fn roots(grammar: &Grammar, options: &CheckOptions) -> (Vec<usize>, Vec<Diagnostic>) {
    let mut roots = Vec::new();
    let mut diagnostics = Vec::new();
    for name in &options.roots {
        match grammar.own_place(name) {
            Some(place) => roots.push(place),
            None => diagnostics.push(unknown_root(grammar, name)),
        }
    }
    (roots, diagnostics)
}

fn unknown_root(grammar: &Grammar, name: &str) -> Diagnostic {
    let source = Source::new("roots", name);
    let label = format!("no rule is called `{name}`");
    let near = closest(name, grammar.rules().map(GrammarRule::name));
    Diagnostic::new(&source, 0..name.len(), "unknown root", label).help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a rule that the grammar defines".to_owned(),
    })
}

/// What the checks find, with the rule in which it is.
struct Found<'c, 'g> {
    graph: &'c Graph<'g>,
    diagnostics: Vec<(usize, Diagnostic)>,
    omitted: usize,
}

impl Found<'_, '_> {
    fn report(&mut self, rule: usize, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.diagnostics.len() < Diagnostic::MOST {
            self.diagnostics.push((rule, diagnostic()));
        } else {
            self.omitted += 1;
        }
    }

    /// `a`, `b` and `a` as `` `a`, `b`, `a` ``: the names of rules that lead to each other.
    fn way(&self, cycle: &[usize]) -> String {
        const SHOWN: usize = 8;
        let name = |rule: &usize| format!("`{}`", self.graph.rules[*rule].rule.name());
        let mut names: Vec<String> = cycle.iter().take(SHOWN).map(name).collect();
        if cycle.len() > SHOWN {
            names.push(format!("{} more", cycle.len() - SHOWN));
        }
        names.extend(cycle.first().map(name));
        names.join(", ")
    }
}
