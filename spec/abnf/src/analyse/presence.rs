//! Which fields may be set at each place, and which surely are.

use std::collections::VecDeque;

use crate::program::{Bits, FieldId, NodeId, NodeKind, Program, Reference, Rule, RuleId, View};

/// So many nodes are looked at before the search is given up.
const VISIT_LIMIT: u64 = 20_000_000;

/// What is known of fields at a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Nothing else can be set.
    pub(super) may: Bits,
    /// All of these are set.
    pub(super) must: Bits,
}

/// What is known of all places of a program.
pub(super) struct Presence {
    /// For each node, what is known before it.
    before: Vec<Known>,
    /// For each rule, what is known where it ends.
    at_end: Vec<Known>,
}

impl Presence {
    /// Nothing if that would take too long.
    pub(super) fn new(program: &Program) -> Option<Self> {
        let mut flow = Flow {
            program,
            own: program.rules().map(|(_, rule)| own_fields(rule)).collect(),
            binds: vec![Bits::default(); program.node_count()],
            surely: vec![Bits::default(); program.rules().len()],
            starts: vec![Bits::default(); program.rules().len()],
            before: vec![Known::default(); program.node_count()],
            at_end: vec![Known::default(); program.rules().len()],
            visits: 0,
        };
        let callers = callers(program);
        flow.settle(&callers, |flow, rule| flow.bind(rule))?;
        flow.settle(&callers, |flow, rule| flow.bind_surely(rule))?;
        flow.spread()?;
        Some(Self { before: flow.before, at_end: flow.at_end })
    }

    pub(super) fn before(&self, node: NodeId) -> &Known {
        &self.before[node.index()]
    }

    pub(super) fn at_end(&self, rule: RuleId) -> &Known {
        &self.at_end[rule.index()]
    }
}

/// The fields that a rule sets itself.
pub(super) fn own(rule: &Rule) -> impl Iterator<Item = FieldId> {
    let numbers = rule.bits.iter().map(|(field, _)| *field);
    numbers.chain(rule.uint.map(|(field, _)| field)).chain(rule.octets)
}

fn own_fields(rule: &Rule) -> Bits {
    let mut fields = Bits::default();
    own(rule).for_each(|field| fields.insert(field.index()));
    fields
}

/// For each rule, those that refer to it.
fn callers(program: &Program) -> Vec<Vec<RuleId>> {
    let mut callers = vec![Vec::new(); program.rules().len()];
    for (id, rule) in program.rules() {
        let mut waiting = vec![rule.body];
        while let Some(node) = waiting.pop() {
            match &program.node(node).kind {
                NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => waiting.extend(nodes),
                NodeKind::Repetition { body, .. } => waiting.push(*body),
                NodeKind::Reference(reference) => callers[reference.rule.index()].push(id),
                NodeKind::Terminal(_) | NodeKind::Prose(_) => {}
            }
        }
    }
    callers
}

struct Flow<'p> {
    program: &'p Program,
    own: Vec<Bits>,
    /// For each node, the fields that it may set, and so clears.
    binds: Vec<Bits>,
    /// For each rule, the fields that it sets in any case.
    surely: Vec<Bits>,
    /// For each rule, the fields that may be set where it begins.
    starts: Vec<Bits>,
    before: Vec<Known>,
    at_end: Vec<Known>,
    visits: u64,
}

impl Flow<'_> {
    /// Looks at each rule, and again at those that refer to one that has changed.
    fn settle(
        &mut self,
        callers: &[Vec<RuleId>],
        mut change: impl FnMut(&mut Self, RuleId) -> bool,
    ) -> Option<()> {
        let count = self.program.rules().len() as u32;
        let mut waiting: VecDeque<RuleId> = (0..count).rev().map(RuleId).collect();
        let mut is_waiting = vec![true; waiting.len()];
        while let Some(rule) = waiting.pop_front() {
            is_waiting[rule.index()] = false;
            if change(self, rule) {
                for caller in &callers[rule.index()] {
                    if !std::mem::replace(&mut is_waiting[caller.index()], true) {
                        waiting.push_back(*caller);
                    }
                }
            }
            if self.visits > VISIT_LIMIT {
                return None;
            }
        }
        Some(())
    }

    /// What a rule may set.
    fn rule_binds(&self, rule: RuleId) -> Bits {
        let mut binds = self.own[rule.index()].clone();
        binds.join(&self.binds[self.program.rule(rule).body.index()]);
        binds
    }

    fn bind(&mut self, rule: RuleId) -> bool {
        let body = self.program.rule(rule).body;
        let before = self.binds[body.index()].clone();
        self.node_binds(body);
        self.binds[body.index()] != before
    }

    /// Groups nest no deeper than the reader allows, here and below.
    fn node_binds(&mut self, node: NodeId) -> Bits {
        self.visits += 1;
        let mut binds = Bits::default();
        match &self.program.node(node).kind {
            NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => {
                for node in nodes {
                    binds.join(&self.node_binds(*node));
                }
            }
            NodeKind::Repetition { body, .. } => binds = self.node_binds(*body),
            // What a hook decodes is matched apart.
            NodeKind::Reference(Reference { view: View::Hook(_), .. }) => {}
            NodeKind::Reference(reference) => binds = self.rule_binds(reference.rule),
            NodeKind::Terminal(_) | NodeKind::Prose(_) => {}
        }
        self.binds[node.index()].clone_from(&binds);
        binds
    }

    fn bind_surely(&mut self, rule: RuleId) -> bool {
        let mut known = Known::default();
        self.pass(self.program.rule(rule).body, &mut known, &mut |_, _, _| {});
        known.must.join(&self.own[rule.index()]);
        self.surely[rule.index()].join(&known.must)
    }

    /// Finds what is known everywhere: from where rules are used to where they begin.
    fn spread(&mut self) -> Option<()> {
        let mut waiting: VecDeque<RuleId> = self.program.rules().map(|(id, _)| id).collect();
        let mut is_waiting = vec![true; waiting.len()];
        while let Some(rule) = waiting.pop_front() {
            is_waiting[rule.index()] = false;
            let mut known = Known { may: self.starts[rule.index()].clone(), must: Bits::default() };
            let mut calls = Vec::new();
            let mut places = Vec::new();
            self.pass(self.program.rule(rule).body, &mut known, &mut |node, known, callee| {
                places.push((node, known.clone()));
                if let Some(callee) = callee {
                    calls.push((callee, known.may.clone()));
                }
            });
            for (node, known) in places {
                self.before[node.index()] = known;
            }
            known.may.join(&self.own[rule.index()]);
            known.must.join(&self.own[rule.index()]);
            self.at_end[rule.index()] = known;
            for (callee, may) in calls {
                // What a rule sets is cleared when it begins.
                let may = may.without(&self.rule_binds(callee));
                if self.starts[callee.index()].join(&may)
                    && !std::mem::replace(&mut is_waiting[callee.index()], true)
                {
                    waiting.push_back(callee);
                }
            }
            if self.visits > VISIT_LIMIT {
                return None;
            }
        }
        Some(())
    }

    /// Goes through a node: `known` is what is known before it, and then what is known behind it.
    /// `visit` is given the alternations and references, the latter with the rule that begins there.
    fn pass(
        &mut self,
        node: NodeId,
        known: &mut Known,
        visit: &mut dyn FnMut(NodeId, &Known, Option<RuleId>),
    ) {
        self.visits += 1;
        let program = self.program;
        match &program.node(node).kind {
            NodeKind::Alternation(nodes) => {
                visit(node, known, None);
                let mut behind: Option<Known> = None;
                for branch in nodes {
                    let mut one = known.clone();
                    self.pass(*branch, &mut one, visit);
                    behind = Some(behind.map_or(one.clone(), |all| all.either(&one)));
                }
                *known = behind.unwrap_or_default();
            }
            NodeKind::Sequence(nodes) => {
                nodes.iter().for_each(|node| self.pass(*node, known, visit));
            }
            NodeKind::Repetition { min, max, body } => {
                let mut inside = known.clone();
                if *max != Some(1) {
                    inside.may.join(&self.binds[body.index()]);
                    inside.must = inside.must.without(&self.binds[body.index()]);
                }
                self.pass(*body, &mut inside, visit);
                *known = if *min == 0 { known.either(&inside) } else { inside };
            }
            NodeKind::Reference(reference) => {
                let is_apart = matches!(reference.view, View::Hook(_));
                visit(node, known, (!is_apart).then_some(reference.rule));
                if !is_apart {
                    let binds = self.rule_binds(reference.rule);
                    known.must = known.must.without(&binds);
                    known.must.join(&self.surely[reference.rule.index()]);
                    known.may.join(&binds);
                }
            }
            NodeKind::Terminal(_) | NodeKind::Prose(_) => {}
        }
    }
}

impl Known {
    /// What is known if one of the two is the case.
    pub(super) fn either(&self, other: &Self) -> Self {
        let mut may = self.may.clone();
        may.join(&other.may);
        Self { may, must: self.must.common(&other.must) }
    }
}
