//! The ways from an entry to a node.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::budget::Budget;
use crate::generate::goal::{Step, children};
use crate::program::{NodeId, NodeKind, Program, RuleId};

/// So many ways to one node are tried.
const WAY_LIMIT: usize = 16;

/// So many beginnings of ways are followed.
const STEP_LIMIT: usize = 2000;

/// Where the nodes of all rules stand that an entry needs.
#[derive(Clone, Debug)]
pub(super) struct Ways<'p> {
    program: &'p Program,
    entry: RuleId,
    /// The rules, those that are fewer steps away first.
    pub(super) rules: Vec<RuleId>,
    /// For each node, the rule and the step that leads to it; none for the body of a rule.
    homes: Vec<Option<(RuleId, Option<Step>)>>,
    /// For each rule, the nodes that refer to it.
    references: Vec<Vec<NodeId>>,
    /// For each rule, how many references away it is.
    distances: Vec<usize>,
}

impl<'p> Ways<'p> {
    pub(super) fn new(program: &'p Program, entry: RuleId) -> Self {
        let mut ways = Self {
            program,
            entry,
            rules: vec![entry],
            homes: vec![None; program.node_count()],
            references: vec![Vec::new(); program.rules().len()],
            distances: vec![usize::MAX; program.rules().len()],
        };
        ways.distances[entry.index()] = 0;
        let mut next = 0;
        while let Some(rule) = ways.rules.get(next).copied() {
            next += 1;
            for node in nodes(program, rule) {
                if let NodeKind::Reference(reference) = &program.node(node.0).kind {
                    ways.references[reference.rule.index()].push(node.0);
                    if ways.distances[reference.rule.index()] == usize::MAX {
                        let distance = ways.distances[rule.index()] + 1;
                        ways.distances[reference.rule.index()] = distance;
                        ways.rules.push(reference.rule);
                    }
                }
                ways.homes[node.0.index()] = Some((rule, node.1));
            }
        }
        ways
    }

    /// The rule in which a node stands.
    pub(super) fn rule_of(&self, node: NodeId) -> Option<RuleId> {
        self.homes.get(node.index()).copied().flatten().map(|(rule, _)| rule)
    }

    /// Where a rule is referred to.
    pub(super) fn references(&self, rule: RuleId) -> &[NodeId] {
        &self.references[rule.index()]
    }

    /// The ways to a node, the short ones first. Only nodes that `open` allows lead on.
    pub(super) fn to(
        &self,
        node: NodeId,
        open: impl Fn(NodeId) -> bool,
        budget: &mut Budget,
    ) -> Vec<Vec<Step>> {
        let Some(rule) = self.rule_of(node) else { return Vec::new() };
        let mut found = Vec::new();
        // Chains of references, the last first: which rule is still to be reached.
        let mut waiting = BinaryHeap::new();
        let mut count = 0usize;
        waiting.push(Reverse((self.distances[rule.index()], count, rule, Vec::new())));
        while let Some(Reverse((_, _, rule, chain))) = waiting.pop() {
            if rule == self.entry {
                found.push(self.steps(&chain, node));
                if found.len() >= WAY_LIMIT {
                    break;
                }
            }
            let references = self.references(rule);
            budget.spend((references.len() * (chain.len() + 1)) as u64);
            for reference in references {
                let Some(outer) = self.rule_of(*reference) else { continue };
                let is_known = chain.iter().any(|node| self.rule_of(*node) == Some(outer));
                if is_known || outer == rule || !open(*reference) || count > STEP_LIMIT {
                    continue;
                }
                count += 1;
                let mut chain: Vec<NodeId> = chain.clone();
                chain.push(*reference);
                let length = chain.len() + self.distances[outer.index()];
                waiting.push(Reverse((length, count, outer, chain)));
            }
        }
        found
    }

    fn steps(&self, chain: &[NodeId], node: NodeId) -> Vec<Step> {
        let mut steps = Vec::new();
        for reference in chain.iter().rev() {
            steps.extend(self.within(*reference));
            steps.push(Step { node: *reference, choice: 0 });
        }
        steps.extend(self.within(node));
        steps
    }

    /// The steps within a rule.
    pub(super) fn within(&self, node: NodeId) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = node;
        while let Some((_, Some(step))) = self.homes[at.index()] {
            steps.push(step);
            at = step.node;
        }
        steps.reverse();
        steps
    }

    /// The nodes of a rule, each before its parts.
    pub(super) fn nodes(&self, rule: RuleId) -> Vec<NodeId> {
        nodes(self.program, rule).into_iter().map(|(node, _)| node).collect()
    }
}

fn nodes(program: &Program, rule: RuleId) -> Vec<(NodeId, Option<Step>)> {
    let mut found = Vec::new();
    let mut waiting = VecDeque::from([(program.rule(rule).body, None)]);
    while let Some((node, step)) = waiting.pop_front() {
        found.push((node, step));
        if !matches!(program.node(node).kind, NodeKind::Reference(_)) {
            let inner = children(program, node).into_iter();
            let inner = inner.map(|(choice, child)| (child, Some(Step { node, choice })));
            inner.rev().for_each(|one| waiting.push_front(one));
        }
    }
    found
}
