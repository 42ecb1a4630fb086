//! How many octets each node stands for, at least and at most, by its form alone: directives may
//! narrow that, never widen it.

use crate::program::{NodeId, NodeKind, Program, RuleId, View};

/// What grows more often than this grows without end.
const GROWTH_LIMIT: u32 = 1000;

/// The least and the greatest number of octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    /// Nothing if no finite octets match.
    pub(super) min: Option<u64>,
    /// `u64::MAX` if there is no bound.
    pub(super) max: u64,
}

/// The lengths of all nodes.
pub(super) struct Lengths(Vec<Length>);

impl Lengths {
    pub(super) fn new(program: &Program) -> Self {
        let order = order(program);
        let users = users(program);
        let mut lengths = Self(vec![Length { min: None, max: 0 }; program.node_count()]);
        lengths.settle(&order, &users, |lengths, node| {
            let min = lengths.least(program, node);
            let known = &mut lengths.0[node.index()].min;
            let is_better = min.is_some_and(|min| known.is_none_or(|known| min < known));
            if is_better {
                *known = min;
            }
            is_better
        });
        let mut growth = vec![0u32; program.node_count()];
        lengths.settle(&order, &users, |lengths, node| {
            let max = lengths.most(program, node);
            let known = &mut lengths.0[node.index()].max;
            let grows = max > *known;
            if grows {
                growth[node.index()] += 1;
                *known = if growth[node.index()] > GROWTH_LIMIT { u64::MAX } else { max };
            }
            grows
        });
        lengths
    }

    pub(super) fn of(&self, program: &Program, rule: RuleId) -> Length {
        self.0[program.rule(rule).body.index()]
    }

    fn least(&self, program: &Program, node: NodeId) -> Option<u64> {
        let min = |node: &NodeId| self.0[node.index()].min;
        match &program.node(node).kind {
            NodeKind::Alternation(nodes) => nodes.iter().filter_map(min).min(),
            NodeKind::Sequence(nodes) => {
                nodes.iter().try_fold(0u64, |sum, node| Some(sum.saturating_add(min(node)?)))
            }
            NodeKind::Repetition { min: 0, .. } => Some(0),
            NodeKind::Repetition { min: times, body, .. } => {
                Some(min(body)?.saturating_mul(*times))
            }
            NodeKind::Terminal(terminal) => {
                terminal.strings.iter().map(|string| string.len() as u64).min()
            }
            NodeKind::Reference(reference) => match reference.view {
                View::Hook(_) => Some(0),
                View::Plain | View::Xor(_) => min(&program.rule(reference.rule).body),
            },
            NodeKind::Prose(_) => Some(0),
        }
    }

    fn most(&self, program: &Program, node: NodeId) -> u64 {
        let max = |node: &NodeId| self.0[node.index()].max;
        match &program.node(node).kind {
            NodeKind::Alternation(nodes) => nodes.iter().map(max).max().unwrap_or(0),
            // Where one part matches nothing, all of it does.
            NodeKind::Sequence(nodes) if nodes.iter().any(|one| self.is_dead(*one)) => 0,
            NodeKind::Sequence(nodes) => nodes.iter().map(max).fold(0, u64::saturating_add),
            NodeKind::Repetition { body, .. } if self.is_dead(*body) => 0,
            NodeKind::Repetition { max: times, body, .. } => match (max(body), times) {
                (0, _) => 0,
                (_, None) => u64::MAX,
                (most, Some(times)) => most.saturating_mul(*times),
            },
            NodeKind::Terminal(terminal) => {
                terminal.strings.iter().map(|string| string.len() as u64).max().unwrap_or(0)
            }
            NodeKind::Reference(reference) => match reference.view {
                View::Hook(_) => u64::MAX,
                View::Plain | View::Xor(_) => max(&program.rule(reference.rule).body),
            },
            NodeKind::Prose(_) => u64::MAX,
        }
    }

    fn is_dead(&self, node: NodeId) -> bool {
        self.0[node.index()].min.is_none()
    }

    /// Calculates each node, and again what uses one that has changed.
    fn settle(
        &mut self,
        order: &[NodeId],
        users: &[Vec<NodeId>],
        mut change: impl FnMut(&mut Self, NodeId) -> bool,
    ) {
        let mut waiting: std::collections::VecDeque<NodeId> = order.iter().copied().collect();
        let mut is_waiting = vec![true; self.0.len()];
        while let Some(node) = waiting.pop_front() {
            is_waiting[node.index()] = false;
            if change(self, node) {
                for user in &users[node.index()] {
                    if !std::mem::replace(&mut is_waiting[user.index()], true) {
                        waiting.push_back(*user);
                    }
                }
            }
        }
    }
}

/// What a node is made of; for a reference, the body of its rule.
fn below(program: &Program, node: NodeId) -> Vec<NodeId> {
    match &program.node(node).kind {
        NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => nodes.clone(),
        NodeKind::Repetition { body, .. } => vec![*body],
        NodeKind::Reference(reference) => vec![program.rule(reference.rule).body],
        NodeKind::Terminal(_) | NodeKind::Prose(_) => Vec::new(),
    }
}

/// All nodes, what they are made of first as far as there are no circles.
fn order(program: &Program) -> Vec<NodeId> {
    let mut order = Vec::with_capacity(program.node_count());
    let mut is_seen = vec![false; program.node_count()];
    for index in 0..program.node_count() {
        let mut stack = vec![(NodeId(index as u32), false)];
        while let Some((node, is_done)) = stack.pop() {
            if is_done {
                order.push(node);
            } else if !std::mem::replace(&mut is_seen[node.index()], true) {
                stack.push((node, true));
                stack.extend(below(program, node).into_iter().map(|one| (one, false)));
            }
        }
    }
    order
}

fn users(program: &Program) -> Vec<Vec<NodeId>> {
    let mut users = vec![Vec::new(); program.node_count()];
    for index in 0..program.node_count() {
        let node = NodeId(index as u32);
        for one in below(program, node) {
            users[one.index()].push(node);
        }
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Options;

    #[test]
    fn lengths_are_those_of_the_form() {
        let text = "\
a = 1*2%x00 [b] / \"abc\" b
b = c / \"xy\"
c = b / \"vwxyz\"
d = \"(\" [d] \")\"
e = \"x\" e
f = e / \"x\"
g = *\"\"
";
        let source = crate::Source::new("test.abnf", text);
        let grammar = crate::Grammar::read(&source).unwrap();
        let program = Program::new(&grammar, Options::default()).unwrap();
        let lengths = Lengths::new(&program);
        let of = |name: &str| {
            let Length { min, max } = lengths.of(&program, program.rule_id(name).unwrap());
            (min, max)
        };
        assert_eq!(of("a"), (Some(1), 8));
        assert_eq!(of("b"), (Some(2), 5));
        assert_eq!(of("d"), (Some(2), u64::MAX));
        assert_eq!(of("e"), (None, 0));
        assert_eq!(of("f"), (Some(1), 1));
        assert_eq!(of("g"), (Some(0), 0));
    }
}
