//! What is known of every node and rule before anything is generated: how short its sentences may
//! be and how long, which fields it sets, whether directives are at work below it.

use std::collections::VecDeque;

use super::solve::{FieldSet, settled};
use crate::program::{
    Condition, FieldId, Fields, Given, NodeId, NodeKind, OctetSet, Program, Reference, RuleId,
    View, Where,
};

/// Sentences that cannot be shorter than this are as good as none.
pub(super) const LENGTH_LIMIT: u64 = 1 << 24;

/// Shortest derivations that are deeper than this are as good as none: they are followed on the
/// stack.
const HEIGHT_LIMIT: u32 = 200;

/// No bound.
pub(super) const UNBOUNDED: u64 = u64::MAX;

#[derive(Clone, Debug)]
pub(super) struct NodeFacts {
    /// The fewest octets. With directives it may take more.
    pub(super) min: u64,
    /// The most.
    pub(super) max: u64,
    /// How many nodes the shortest derivation has, if there is any.
    pub(super) cost: Option<u64>,
    /// Whether no directive is at work in it, and no field that is read set.
    pub(super) is_plain: bool,
    /// The fields set in it that are read somewhere.
    pub(super) binds: FieldSet,
    /// The fields that conditions and sizes in it read.
    pub(super) reads: FieldSet,
    /// The branches of an alternation that lead somewhere, the shortest first.
    pub(super) branches: Vec<u32>,
    /// The octets, if it is plain and stands for exactly one.
    pub(super) class: Option<u32>,
}

impl NodeFacts {
    pub(super) fn is_alive(&self) -> bool {
        self.cost.is_some()
    }
}

#[derive(Clone, Debug)]
pub(super) struct RuleFacts {
    pub(super) is_plain: bool,
    /// The fields that it sets itself.
    pub(super) own: FieldSet,
    /// The fields that it or a rule below it sets, which are cleared when it begins.
    pub(super) clears: Vec<FieldId>,
    pub(super) binds: FieldSet,
    /// The fields that its conditions read.
    pub(super) reads: FieldSet,
    /// The conditions whose outcome the context does not settle.
    pub(super) wheres: Vec<(usize, FieldSet)>,
    /// A condition that the context rules out.
    pub(super) never: Option<usize>,
    /// For a rule of one octet with fields: the octets that its own conditions allow.
    pub(super) octets: Option<OctetSet>,
    /// Whether each of these octets meets all of its conditions, and there is one.
    pub(super) is_decided: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) nodes: Vec<NodeFacts>,
    pub(super) rules: Vec<RuleFacts>,
    /// The octets of each class in order.
    pub(super) classes: Vec<Vec<u8>>,
}

impl Facts {
    pub(super) fn new(program: &Program, given: &Given) -> Self {
        let nodes = (0..program.node_count())
            .map(|_| NodeFacts {
                min: 0,
                max: 0,
                cost: None,
                is_plain: true,
                binds: FieldSet::default(),
                reads: FieldSet::default(),
                branches: Vec::new(),
                class: None,
            })
            .collect();
        let rules = program.rules().map(|(id, _)| rule_facts(program, given, id)).collect();
        let mut facts = Self { nodes, rules, classes: Vec::new() };
        let dependants = Dependants::new(program);
        dependants.settle(program, |id| facts.fields(program, id));
        facts.clears(program);
        dependants.settle(program, |id| facts.shortest(program, given, id));
        facts.too_deep(program);
        facts.order_branches(program);
        let mut rounds = 0;
        dependants.settle(program, |id| {
            rounds += 1;
            facts.longest(program, id, rounds > 32 * program.node_count())
        });
        let mut classes = Vec::new();
        dependants.settle(program, |id| facts.class(program, id, &mut classes));
        facts.classes = classes.into_iter().map(|set: OctetSet| set.iter().collect()).collect();
        facts.octet_rules(program, given);
        facts
    }

    pub(super) fn node(&self, id: NodeId) -> &NodeFacts {
        &self.nodes[id.index()]
    }

    pub(super) fn rule(&self, id: RuleId) -> &RuleFacts {
        &self.rules[id.index()]
    }

    /// What a node sets, and whether directives are at work in it.
    fn fields(&mut self, program: &Program, id: NodeId) -> bool {
        let (mut binds, mut reads) = (FieldSet::default(), FieldSet::default());
        let mut is_plain = true;
        let mut join = |facts: &NodeFacts| {
            binds = binds.union(facts.binds);
            reads = reads.union(facts.reads);
            is_plain &= facts.is_plain;
        };
        match &program.node(id).kind {
            NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => {
                nodes.iter().for_each(|node| join(self.node(*node)));
            }
            NodeKind::Repetition { body, .. } => join(self.node(*body)),
            NodeKind::Reference(reference) => {
                let own = &self.rules[reference.rule.index()];
                let body = self.node(program.rule(reference.rule).body);
                binds = own.own.union(body.binds);
                reads = own.reads.union(body.reads).union(read_by(reference));
                is_plain = own.is_plain && is_bare(reference) && body.is_plain;
            }
            NodeKind::Terminal(_) | NodeKind::Prose(_) => {}
        }
        let facts = &mut self.nodes[id.index()];
        let changed = facts.binds != binds || facts.reads != reads || facts.is_plain != is_plain;
        facts.binds = binds;
        facts.reads = reads;
        facts.is_plain = is_plain;
        changed
    }

    /// Which fields each rule clears when it begins: those that it or a rule below it sets.
    fn clears(&mut self, program: &Program) {
        for (id, rule) in program.rules() {
            let binds = self.rules[id.index()].own.union(self.nodes[rule.body.index()].binds);
            let fields = (0..program.fields().len()).map(|index| FieldId(index as u16));
            let facts = &mut self.rules[id.index()];
            facts.is_plain &= self.nodes[rule.body.index()].is_plain;
            facts.binds = binds;
            facts.clears = fields
                .filter(|field| program.field(*field).is_read && binds.meets(FieldSet::of(*field)))
                .collect();
        }
    }

    /// The shortest derivation of a node, by octets and then by nodes: so it never goes in circles.
    fn shortest(&mut self, program: &Program, given: &Given, id: NodeId) -> bool {
        let best = match &program.node(id).kind {
            NodeKind::Alternation(nodes) => {
                nodes.iter().filter_map(|node| self.measure(*node)).min()
            }
            NodeKind::Sequence(nodes) => nodes.iter().try_fold((0u64, 0u64), |sum, node| {
                let (min, cost) = self.measure(*node)?;
                Some((sum.0.checked_add(min)?, sum.1.checked_add(cost)?))
            }),
            NodeKind::Repetition { min: 0, .. } => Some((0, 0)),
            NodeKind::Repetition { min: times, body, .. } => {
                self.measure(*body).and_then(|(min, cost)| {
                    Some((min.checked_mul(*times)?, cost.checked_mul(*times)?))
                })
            }
            NodeKind::Terminal(terminal) => {
                terminal.strings.iter().map(|string| (string.len() as u64, 0)).min()
            }
            NodeKind::Reference(reference) => {
                let nothing = Nothing(given);
                let never = |condition| settled(condition, &nothing) == Some(false);
                let is_ruled_out = self.rule(reference.rule).never.is_some()
                    || reference.when.as_ref().is_some_and(|when| never(&when.condition));
                let body = program.rule(reference.rule).body;
                let measure = self.measure(body).filter(|_| !is_ruled_out);
                match reference.view {
                    View::Hook(_) => measure.map(|(_, cost)| (0, cost)),
                    _ => measure,
                }
            }
            NodeKind::Prose(_) => None,
        };
        let best = best.filter(|(min, cost)| *min <= LENGTH_LIMIT && *cost <= LENGTH_LIMIT);
        let Some((min, cost)) = best else { return false };
        let facts = &mut self.nodes[id.index()];
        let better = facts.cost.is_none_or(|known| (min, cost + 1) < (facts.min, known));
        if better {
            (facts.min, facts.cost) = (min, Some(cost + 1));
        }
        better
    }

    fn measure(&self, id: NodeId) -> Option<(u64, u64)> {
        let facts = self.node(id);
        Some((facts.min, facts.cost?))
    }

    /// Takes nodes for dead whose shortest derivations are too deep to be followed.
    fn too_deep(&mut self, program: &Program) {
        let mut order: Vec<_> =
            (0..self.nodes.len()).filter(|id| self.nodes[*id].is_alive()).collect();
        order.sort_by_key(|id| self.nodes[*id].cost);
        let mut heights = vec![0u32; self.nodes.len()];
        for index in order {
            let id = NodeId(index as u32);
            let below = match &program.node(id).kind {
                NodeKind::Alternation(nodes) => {
                    let best =
                        nodes.iter().filter_map(|node| Some((self.measure(*node)?, node))).min();
                    best.map_or(0, |(_, node)| heights[node.index()])
                }
                NodeKind::Sequence(nodes) => {
                    nodes.iter().map(|node| heights[node.index()]).max().unwrap_or(0)
                }
                NodeKind::Repetition { min: 0, .. } => 0,
                NodeKind::Repetition { body, .. } => heights[body.index()],
                NodeKind::Reference(reference) => {
                    heights[program.rule(reference.rule).body.index()]
                }
                NodeKind::Terminal(_) | NodeKind::Prose(_) => 0,
            };
            heights[index] = below.saturating_add(1);
            if below >= HEIGHT_LIMIT {
                self.nodes[index].cost = None;
            }
        }
    }

    fn order_branches(&mut self, program: &Program) {
        for index in 0..self.nodes.len() {
            let NodeKind::Alternation(nodes) = &program.node(NodeId(index as u32)).kind else {
                continue;
            };
            let mut alive: Vec<u32> = (0..nodes.len() as u32)
                .filter(|at| self.node(nodes[*at as usize]).is_alive())
                .collect();
            alive.sort_by_key(|at| self.measure(nodes[*at as usize]));
            self.nodes[index].branches = alive;
        }
    }

    /// The most octets; what still grows when `is_late` has none.
    fn longest(&mut self, program: &Program, id: NodeId, is_late: bool) -> bool {
        let max = |node: &NodeId| self.node(*node).max;
        let alive = |node: &&NodeId| self.node(**node).is_alive();
        let most = match &program.node(id).kind {
            NodeKind::Alternation(nodes) => nodes.iter().filter(alive).map(max).max().unwrap_or(0),
            NodeKind::Sequence(nodes) => nodes.iter().map(max).fold(0, u64::saturating_add),
            NodeKind::Repetition { body, .. } if !self.node(*body).is_alive() => 0,
            NodeKind::Repetition { max: times, body, .. } => match (max(body), times) {
                (0, _) => 0,
                (_, None) => UNBOUNDED,
                (most, Some(times)) => most.saturating_mul(*times),
            },
            NodeKind::Terminal(terminal) => {
                terminal.strings.iter().map(|string| string.len() as u64).max().unwrap_or(0)
            }
            NodeKind::Reference(Reference { view: View::Hook(_), .. }) => UNBOUNDED,
            NodeKind::Reference(reference) => max(&program.rule(reference.rule).body),
            NodeKind::Prose(_) => 0,
        };
        let facts = &mut self.nodes[id.index()];
        let changed = most > facts.max;
        facts.max = match (changed, is_late) {
            (true, true) => UNBOUNDED,
            (true, false) => most,
            (false, _) => facts.max,
        };
        changed
    }

    fn class(&mut self, program: &Program, id: NodeId, classes: &mut Vec<OctetSet>) -> bool {
        let facts = self.node(id);
        if facts.class.is_some() || !facts.is_plain || !facts.is_alive() {
            return false;
        }
        let known = |node: NodeId| Some(classes[self.node(node).class? as usize]);
        let set = match &program.node(id).kind {
            NodeKind::Alternation(_) => facts
                .branches
                .iter()
                .map(|at| match &program.node(id).kind {
                    NodeKind::Alternation(nodes) => known(nodes[*at as usize]),
                    _ => None,
                })
                .reduce(|a, b| Some(a?.union(b?)))
                .flatten(),
            NodeKind::Terminal(terminal) => terminal
                .strings
                .iter()
                .map(|string| match string.as_slice() {
                    [set] => Some(*set),
                    _ => None,
                })
                .reduce(|a, b| Some(a?.union(b?)))
                .flatten(),
            NodeKind::Reference(reference) if is_bare(reference) => {
                known(program.rule(reference.rule).body)
            }
            _ => None,
        };
        let Some(set) = set else { return false };
        let number = classes.iter().position(|one| *one == set).unwrap_or_else(|| {
            classes.push(set);
            classes.len() - 1
        });
        self.nodes[id.index()].class = Some(number as u32);
        true
    }

    /// Judges each octet of the rules of one octet by the conditions that read nothing else.
    fn octet_rules(&mut self, program: &Program, given: &Given) {
        for (id, rule) in program.rules() {
            let Some(class) = self.node(rule.body).class else { continue };
            let facts = &self.rules[id.index()];
            let widths: u32 = rule.bits.iter().map(|(_, width)| width).sum();
            if facts.is_plain || (widths != 8 && !rule.bits.is_empty()) {
                continue;
            }
            let own = facts.own;
            let judged: Vec<&Condition> = facts
                .wheres
                .iter()
                .filter(|(_, reads)| reads.without(own).is_empty())
                .map(|(index, _)| &rule.wheres[*index].condition)
                .collect();
            let mut allowed = OctetSet::EMPTY;
            for octet in &self.classes[class as usize] {
                let fields = OctetFields { rule, octet: [*octet], given };
                if judged.iter().all(|condition| condition.evaluate(&fields) == Some(true)) {
                    allowed.insert(*octet);
                }
            }
            let is_decided = judged.len() == facts.wheres.len() && !allowed.is_empty();
            let facts = &mut self.rules[id.index()];
            (facts.octets, facts.is_decided) = (Some(allowed), is_decided);
        }
    }
}

/// Whether a use of a rule says nothing.
pub(super) fn is_bare(reference: &Reference) -> bool {
    reference.when.is_none() && reference.size.is_none() && reference.view == View::Plain
}

/// The fields that decide whether a part stands there, and how long it is.
fn read_by(reference: &Reference) -> FieldSet {
    let when = reference.when.as_ref().map(|when| FieldSet::read_by(&when.condition));
    let mut reads = when.unwrap_or_default();
    if let Some(size) = &reference.size {
        size.octets.for_each_field(&mut |field| reads = reads.union(FieldSet::of(field)));
    }
    reads
}

fn rule_facts(program: &Program, given: &Given, id: RuleId) -> RuleFacts {
    let rule = program.rule(id);
    let mut own = FieldSet::default();
    let numbers = rule.bits.iter().map(|(field, _)| *field);
    for field in numbers.chain(rule.uint.map(|(field, _)| field)).chain(rule.octets) {
        if program.field(field).is_read {
            own = own.union(FieldSet::of(field));
        }
    }
    let outcome = |one: &Where| settled(&one.condition, &Nothing(given));
    let wheres: Vec<_> = rule
        .wheres
        .iter()
        .enumerate()
        .filter(|(_, one)| outcome(one) != Some(true))
        .map(|(index, one)| (index, FieldSet::read_by(&one.condition)))
        .collect();
    RuleFacts {
        is_plain: own.is_empty() && rule.uint.is_none() && wheres.is_empty(),
        own,
        clears: Vec::new(),
        binds: own,
        reads: wheres.iter().fold(FieldSet::default(), |all, (_, reads)| all.union(*reads)),
        never: rule.wheres.iter().position(|one| outcome(one) == Some(false)),
        wheres,
        octets: None,
        is_decided: false,
    }
}

/// The context alone: no field is set.
pub(super) struct Nothing<'g>(pub(super) &'g Given);

impl Fields for Nothing<'_> {
    fn number(&self, _: FieldId) -> Option<u64> {
        None
    }

    fn octets(&self, _: FieldId) -> Option<&[u8]> {
        None
    }

    fn given(&self) -> &Given {
        self.0
    }
}

/// The fields of a rule that is one octet.
pub(super) struct OctetFields<'r> {
    pub(super) rule: &'r crate::program::Rule,
    pub(super) octet: [u8; 1],
    pub(super) given: &'r Given,
}

impl Fields for OctetFields<'_> {
    fn number(&self, field: FieldId) -> Option<u64> {
        if let Some((one, encoding)) = self.rule.uint
            && one == field
        {
            return encoding.read(&self.octet);
        }
        bits(self.rule, &self.octet).find(|(one, _)| *one == field).map(|(_, value)| value)
    }

    fn octets(&self, field: FieldId) -> Option<&[u8]> {
        (self.rule.octets == Some(field)).then_some(&self.octet[..])
    }

    fn given(&self) -> &Given {
        self.given
    }
}

/// The bit fields of a rule whose first octets are these; none if they are too few.
pub(super) fn bits(
    rule: &crate::program::Rule,
    octets: &[u8],
) -> impl Iterator<Item = (FieldId, u64)> {
    let widths: u32 = rule.bits.iter().map(|(_, width)| width).sum();
    let first = octets.get(..widths as usize / 8);
    let value =
        first.unwrap_or(&[]).iter().fold(0u64, |value, octet| value << 8 | u64::from(*octet));
    let mut left = widths;
    rule.bits.iter().filter(move |_| first.is_some()).map(move |(field, width)| {
        left -= width;
        let mask = if *width >= 64 { u64::MAX } else { (1 << width) - 1 };
        (*field, value >> left & mask)
    })
}

/// Which nodes are calculated anew when one has changed.
struct Dependants(Vec<Vec<u32>>);

impl Dependants {
    fn new(program: &Program) -> Self {
        let mut of_rules = vec![Vec::new(); program.rules().len()];
        let mut of_nodes = vec![Vec::new(); program.node_count()];
        for index in 0..program.node_count() as u32 {
            match &program.node(NodeId(index)).kind {
                NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => {
                    nodes.iter().for_each(|node| of_nodes[node.index()].push(index));
                }
                NodeKind::Repetition { body, .. } => of_nodes[body.index()].push(index),
                NodeKind::Reference(reference) => of_rules[reference.rule.index()].push(index),
                NodeKind::Terminal(_) | NodeKind::Prose(_) => {}
            }
        }
        for (id, rule) in program.rules() {
            of_nodes[rule.body.index()].append(&mut of_rules[id.index()]);
        }
        Self(of_nodes)
    }

    /// Calculates all nodes, and again those that depend on one that `change` says has changed.
    fn settle(&self, program: &Program, mut change: impl FnMut(NodeId) -> bool) {
        let mut waiting: VecDeque<u32> = (0..program.node_count() as u32).collect();
        let mut is_waiting = vec![true; program.node_count()];
        while let Some(index) = waiting.pop_front() {
            is_waiting[index as usize] = false;
            if change(NodeId(index)) {
                for next in &self.0[index as usize] {
                    if !std::mem::replace(&mut is_waiting[*next as usize], true) {
                        waiting.push_back(*next);
                    }
                }
            }
        }
    }
}
