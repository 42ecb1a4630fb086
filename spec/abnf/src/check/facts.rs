//! What holds of a node because it holds of the nodes below it, rules being allowed in circles:
//! the least solution, in time linear in the grammar.

use super::graph::{Graph, Kind};
use crate::ast::{ElementKind, Repetition};

/// For each node, whether it can match no octets at all.
pub(super) fn nullable(graph: &Graph<'_>, uses: &Uses) -> Vec<bool> {
    solve(graph, uses, |part, _| may_be_absent(part) || is_empty_text(part))
}

/// For each node, whether it can match something finite. References that lead nowhere may.
pub(super) fn productive(graph: &Graph<'_>, uses: &Uses) -> Vec<bool> {
    solve(graph, uses, |part, target| {
        may_be_absent(part)
            || match part.element.kind {
                ElementKind::Reference(_) => target.is_none(),
                ElementKind::Group(_) => false,
                _ => true,
            }
    })
}

/// Whether the element of `part` can match no octets, however often it stands there.
pub(super) fn is_nullable_element(
    graph: &Graph<'_>,
    nullable: &[bool],
    node: usize,
    part: &Repetition,
) -> bool {
    match (&part.element.kind, graph.nodes[node].kind) {
        (ElementKind::Option(_), _) => true,
        (ElementKind::Reference(_), Kind::Part { target: Some(target), .. }) => {
            nullable[graph.rules[target].root]
        }
        (ElementKind::Group(_), _) => graph.children(node).any(|below| nullable[below]),
        _ => is_empty_text(part),
    }
}

fn may_be_absent(part: &Repetition) -> bool {
    part.repeat.min() == 0 || matches!(part.element.kind, ElementKind::Option(_))
}

fn is_empty_text(part: &Repetition) -> bool {
    matches!(&part.element.kind, ElementKind::Text { text, .. } if text.is_empty())
}

/// An alternation holds if one of its branches does, a concatenation if all of its parts do, a
/// part if `holds` says so, which sees the part and the rule that it refers to, or if what it stands
/// for does.
fn solve(
    graph: &Graph<'_>,
    uses: &Uses,
    holds: impl Fn(&Repetition, Option<usize>) -> bool,
) -> Vec<bool> {
    let mut known = vec![false; graph.nodes.len()];
    let mut missing: Vec<u32> = vec![1; graph.nodes.len()];
    let mut waiting = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        match node.kind {
            Kind::Alternation => {}
            Kind::Concatenation { .. } => missing[index] = 0,
            Kind::Part { part, target, .. } => {
                missing[node.parent] += 1;
                if holds(part, target) {
                    waiting.push(index);
                }
            }
        }
    }
    while let Some(index) = waiting.pop() {
        if std::mem::replace(&mut known[index], true) {
            continue;
        }
        let node = &graph.nodes[index];
        if node.parent == index {
            waiting.extend(uses.of(index));
            continue;
        }
        missing[node.parent] = missing[node.parent].saturating_sub(1);
        if missing[node.parent] == 0 || matches!(graph.nodes[node.parent].kind, Kind::Alternation) {
            waiting.push(node.parent);
        }
    }
    known
}

/// From each rule to the references that lead to it.
pub(super) struct Uses {
    /// For each node: at a rule's root the last reference to it, at a reference the one before.
    links: Vec<Option<usize>>,
}

impl Uses {
    pub(super) fn new(graph: &Graph<'_>) -> Self {
        let mut links = vec![None; graph.nodes.len()];
        for (index, node) in graph.nodes.iter().enumerate() {
            if let Kind::Part { target: Some(target), .. } = node.kind {
                let root = graph.rules[target].root;
                links[index] = links[root].replace(index);
            }
        }
        Self { links }
    }

    fn of(&self, root: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.links[root], |node| self.links[*node])
    }
}
