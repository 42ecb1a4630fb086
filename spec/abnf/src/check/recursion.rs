//! Rules that need themselves: before anything else, or always once more.

use super::Found;
use super::graph::{Graph, Kind};
use crate::ast::{Repetition, Rule};
use crate::cycles::{Edges, cycles};
use crate::diagnostic::Diagnostic;

/// Reports rules that lead to themselves before an octet is matched.
pub(super) fn left(graph: &Graph<'_>, nullable: &[bool], found: &mut Found<'_, '_>) {
    let mut edges = Edges::default();
    let mut reached = Vec::new();
    let mut waiting = Vec::new();
    for rule in 0..graph.rules.len() {
        left_parts(graph, nullable, rule, &mut waiting, &mut reached);
        edges.push(reached.drain(..).map(|left| left.target));
    }
    for cycle in cycles(&edges) {
        let (Some(&rule), Some(&next)) = (cycle.first(), cycle.get(1).or(cycle.first())) else {
            continue;
        };
        if !graph.is_own(rule) {
            continue;
        }
        left_parts(graph, nullable, rule, &mut waiting, &mut reached);
        if let Some(left) = reached.iter().find(|left| left.target == next) {
            let diagnostic = left_recursion(found, &cycle, left);
            found.report(rule, || diagnostic);
        }
        reached.clear();
    }
}

/// A reference with nothing before it, or only what can be empty.
struct Left<'g> {
    target: usize,
    part: &'g Repetition,
    text: &'g Rule,
    /// The last element before it.
    behind: Option<&'g Repetition>,
}

/// Fills `reached`; `waiting` is empty before and after.
fn left_parts<'g>(
    graph: &Graph<'g>,
    nullable: &[bool],
    rule: usize,
    waiting: &mut Vec<(usize, Option<&'g Repetition>)>,
    reached: &mut Vec<Left<'g>>,
) {
    waiting.push((graph.rules[rule].root, None));
    while let Some((node, behind)) = waiting.pop() {
        let first = waiting.len();
        match graph.nodes[node].kind {
            Kind::Alternation => waiting.extend(graph.children(node).map(|below| (below, behind))),
            Kind::Concatenation { .. } => {
                let mut behind = behind;
                for below in graph.children(node) {
                    waiting.push((below, behind));
                    let Kind::Part { part, .. } = graph.nodes[below].kind else { continue };
                    if !nullable[below] {
                        break;
                    }
                    behind = Some(part);
                }
            }
            Kind::Part { part, text, target } if part.repeat.max() != Some(0) => {
                reached.extend(target.map(|target| Left { target, part, text, behind }));
                waiting.extend(graph.children(node).map(|below| (below, behind)));
            }
            Kind::Part { .. } => {}
        }
        waiting[first..].reverse();
    }
}

fn left_recursion(found: &Found<'_, '_>, cycle: &[usize], left: &Left<'_>) -> Diagnostic {
    let name = cycle.first().map_or("", |rule| found.graph.rules[*rule].rule.name());
    let label = if cycle.len() == 1 {
        format!("`{name}` begins with itself")
    } else {
        format!("`{name}` begins with itself: {}", found.way(cycle))
    };
    let span = left.part.element.span.clone();
    let diagnostic = Diagnostic::new(&left.text.source, span, "left recursion", label).warning();
    let diagnostic = match left.behind {
        Some(behind) => diagnostic.help(format!("`{behind}` before it can be empty")),
        None => diagnostic,
    };
    diagnostic.help(
        "many tools do not end here; write a loop: `a = b *(\"+\" b)` for `a = a \"+\" b / b`",
    )
}

/// Reports rules without a finite match.
pub(super) fn endless(graph: &Graph<'_>, productive: &[bool], found: &mut Found<'_, '_>) {
    let is_endless = |rule: usize| !productive[graph.rules[rule].root];
    if !(0..graph.rules.len()).any(is_endless) {
        return;
    }
    let mut edges = Edges::default();
    for rule in 0..graph.rules.len() {
        let below = is_endless(rule).then(|| graph.references(rule));
        edges.push(below.into_iter().flatten().filter(|below| is_endless(*below)));
    }
    for cycle in cycles(&edges) {
        let Some(&rule) = cycle.first() else { continue };
        if !graph.is_own(rule) {
            continue;
        }
        let node = &graph.rules[rule].rule;
        let label = if cycle.len() == 1 {
            format!("`{}` always needs itself once more", node.name())
        } else {
            format!("`{}` always needs itself once more: {}", node.name(), found.way(&cycle))
        };
        let text = node.definition();
        let span = text.name.span.clone();
        let diagnostic = Diagnostic::new(&text.source, span, "rule without end", label)
            .help("no finite input matches it; give it an alternative that ends");
        found.report(rule, || diagnostic);
    }
}
