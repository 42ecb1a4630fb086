//! Rules that nothing leads to.

use super::Found;
use super::graph::Graph;
use crate::cycles::Edges;
use crate::diagnostic::Diagnostic;
use crate::grammar::Grammar;

/// Reports the grammar's own rules that cannot be reached from `roots`; without any, from the
/// first rule and those that no other rule mentions.
pub(super) fn check(
    grammar: &Grammar,
    graph: &Graph<'_>,
    roots: &[usize],
    found: &mut Found<'_, '_>,
) {
    let mut mentions = Edges::default();
    for (place, node) in graph.rules.iter().enumerate() {
        let words = node.rule.directives().flat_map(|(_, directive)| directive.words());
        let words = words.filter_map(|word| grammar.place(node.rule, word));
        mentions.push(graph.references(place).chain(words));
    }

    let mut waiting = roots.to_vec();
    if waiting.is_empty() {
        waiting = unmentioned(&mentions);
        waiting.extend(graph.own_rules().next());
    }
    let mut used = vec![false; graph.rules.len()];
    while let Some(rule) = waiting.pop() {
        if !std::mem::replace(&mut used[rule], true) {
            waiting.extend(mentions.of(rule));
        }
    }

    for rule in graph.own_rules().filter(|rule| !used[*rule]) {
        let (label, help) = if roots.is_empty() {
            ("only rules that lead to each other refer to it", "refer to it, or remove it")
        } else {
            ("nothing leads to it from the roots", "refer to it, remove it, or name it as a root")
        };
        found.report(rule, || {
            let text = graph.rules[rule].rule.definition();
            let span = text.name.span.clone();
            Diagnostic::new(&text.source, span, "unused rule", label).warning().help(help)
        });
    }
}

/// The rules that no other rule mentions.
fn unmentioned(mentions: &Edges) -> Vec<usize> {
    let mut mentioned = vec![false; mentions.len()];
    for rule in 0..mentions.len() {
        let others = mentions.of(rule).iter().filter(|below| **below != rule);
        others.for_each(|below| mentioned[*below] = true);
    }
    (0..mentions.len()).filter(|rule| !mentioned[*rule]).collect()
}
