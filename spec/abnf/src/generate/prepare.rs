//! What is found out once: the conditions that look back within a sequence, and the ways to what
//! conditions want to be present.

use std::collections::VecDeque;

use super::facts::{Facts, OctetFields};
use super::goal::{Step, children};
use super::solve::FieldSet;
use crate::program::{Condition, FieldId, Given, NodeId, NodeKind, Program, RuleId, Size, Where};

/// A part of a sequence about which earlier parts decide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ahead<'p> {
    pub(super) part: usize,
    /// Whether it may be left out.
    pub(super) is_option: bool,
    /// When it stands there, with the reference that says so.
    pub(super) when: Option<(NodeId, &'p Where)>,
    pub(super) when_reads: FieldSet,
    /// Whether it stands there whatever the octets are that decide.
    pub(super) certain: Option<bool>,
    /// How long it is.
    pub(super) size: Option<(NodeId, &'p Size)>,
    pub(super) size_reads: FieldSet,
}

/// A way from one node to another.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) steps: Vec<Step>,
    pub(super) target: NodeId,
}

#[derive(Debug)]
pub(super) struct Prepared<'p> {
    /// For each sequence.
    pub(super) ahead: Vec<Vec<Ahead<'p>>>,
    /// For each repetition, the fields that some condition wants to be present and that it can
    /// bring, with the way from its body.
    pub(super) supplies: Vec<Vec<(FieldId, Way)>>,
    /// The rules that have no sentence, with a prose-val in them or below.
    pub(super) prose: Vec<(RuleId, NodeId)>,
}

impl<'p> Prepared<'p> {
    pub(super) fn new(program: &'p Program, facts: &Facts, given: &Given) -> Self {
        let count = program.node_count();
        let mut ahead = vec![Vec::new(); count];
        let mut supplies = vec![Vec::new(); count];
        let wanted = wanted(program);
        for index in 0..count {
            let id = NodeId(index as u32);
            match &program.node(id).kind {
                NodeKind::Sequence(nodes) => {
                    ahead[index] = self::ahead(program, facts, given, nodes)
                }
                NodeKind::Repetition { body, .. } => {
                    let binds = facts.node(*body).binds;
                    supplies[index] = wanted
                        .iter()
                        .filter(|field| binds.meets(FieldSet::of(**field)))
                        .filter_map(|field| Some((*field, way(program, facts, *body, *field)?)))
                        .collect();
                }
                _ => {}
            }
        }
        let prose = program
            .rules()
            .filter(|(_, rule)| !facts.node(rule.body).is_alive())
            .filter_map(|(id, rule)| Some((id, prose(program, rule.body)?)))
            .collect();
        Self { ahead, supplies, prose }
    }
}

/// The condition of the part with which a node begins.
pub(super) fn presence(program: &Program, node: NodeId) -> Option<(NodeId, &Where)> {
    match &program.node(node).kind {
        NodeKind::Reference(reference) => Some((node, reference.when.as_ref()?)),
        NodeKind::Sequence(nodes) => presence(program, *nodes.first()?),
        _ => None,
    }
}

/// How a condition comes out that reads a single rule of one octet, if it always comes out so.
fn certain(program: &Program, facts: &Facts, given: &Given, condition: &Condition) -> Option<bool> {
    let reads = FieldSet::read_by(condition);
    let mut binders = program.rules().filter(|(id, _)| facts.rule(*id).own.meets(reads));
    let ((id, rule), None) = (binders.next()?, binders.next()) else { return None };
    let allowed = facts.rule(id).octets.filter(|_| reads.without(facts.rule(id).own).is_empty())?;
    let mut outcomes = allowed.iter().map(|octet| {
        let fields = OctetFields { rule, octet: [octet], given };
        condition.evaluate(&fields) == Some(true)
    });
    let first = outcomes.next()?;
    outcomes.all(|other| other == first).then_some(first)
}

fn ahead<'p>(
    program: &'p Program,
    facts: &Facts,
    given: &Given,
    nodes: &[NodeId],
) -> Vec<Ahead<'p>> {
    let mut found = Vec::new();
    let mut earlier = FieldSet::default();
    for (part, node) in nodes.iter().enumerate() {
        let inner = match &program.node(*node).kind {
            NodeKind::Repetition { body, .. } => *body,
            _ => *node,
        };
        let is_option = matches!(program.node(*node).kind, NodeKind::Repetition { min: 0, .. });
        let when = presence(program, inner);
        let when_reads =
            when.map_or(FieldSet::default(), |(_, when)| FieldSet::read_by(&when.condition));
        let when = when.filter(|_| when_reads.meets(earlier));
        let size = match &program.node(inner).kind {
            NodeKind::Reference(reference) => reference.size.as_ref().map(|size| (inner, size)),
            _ => None,
        };
        let mut size_reads = FieldSet::default();
        if let Some((_, size)) = size {
            let join = &mut |field| size_reads = size_reads.union(FieldSet::of(field));
            size.octets.for_each_field(join);
        }
        let size = size.filter(|_| size_reads.meets(earlier));
        if when.is_some() || size.is_some() {
            let is_option = is_option && when.is_some() && facts.node(inner).is_alive();
            let certain =
                when.and_then(|(_, when)| certain(program, facts, given, &when.condition));
            found.push(Ahead { part, is_option, when, when_reads, certain, size, size_reads });
        }
        earlier = earlier.union(facts.node(*node).binds);
    }
    found
}

/// The fields that some condition asks the presence of.
fn wanted(program: &Program) -> Vec<FieldId> {
    fn collect(condition: &Condition, found: &mut Vec<FieldId>) {
        match condition {
            Condition::Present(field) if !found.contains(field) => found.push(*field),
            Condition::Not(inner) => collect(inner, found),
            Condition::And(left, right) | Condition::Or(left, right) => {
                collect(left, found);
                collect(right, found);
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (_, rule) in program.rules() {
        rule.wheres.iter().for_each(|one| collect(&one.condition, &mut found));
    }
    for index in 0..program.node_count() as u32 {
        if let NodeKind::Reference(reference) = &program.node(NodeId(index)).kind
            && let Some(when) = &reference.when
        {
            collect(&when.condition, &mut found);
        }
    }
    found
}

/// The shortest way from a node to one that sets a field.
fn way(program: &Program, facts: &Facts, from: NodeId, field: FieldId) -> Option<Way> {
    let sets = |node: NodeId| match &program.node(node).kind {
        NodeKind::Reference(reference) => {
            let rule = program.rule(reference.rule);
            rule.octets == Some(field)
                || rule.uint.is_some_and(|(one, _)| one == field)
                || rule.bits.iter().any(|(one, _)| *one == field)
        }
        _ => false,
    };
    let leads = |node: NodeId| {
        facts.node(node).is_alive() && facts.node(node).binds.meets(FieldSet::of(field))
    };
    let mut parents = std::collections::HashMap::from([(from, None)]);
    let mut waiting = VecDeque::from([from]);
    while let Some(node) = waiting.pop_front() {
        if sets(node) {
            let mut steps = Vec::new();
            let mut at = node;
            while let Some(Some(step)) = parents.get(&at) {
                let step: &Step = step;
                steps.push(*step);
                at = step.node;
            }
            steps.reverse();
            return Some(Way { steps, target: node });
        }
        for (choice, child) in children(program, node) {
            if leads(child) && !parents.contains_key(&child) {
                parents.insert(child, Some(Step { node, choice }));
                waiting.push_back(child);
            }
        }
    }
    None
}

/// A prose-val that can be reached from a node.
fn prose(program: &Program, from: NodeId) -> Option<NodeId> {
    let mut seen = vec![false; program.node_count()];
    let mut waiting = VecDeque::from([from]);
    while let Some(node) = waiting.pop_front() {
        if std::mem::replace(&mut seen[node.index()], true) {
            continue;
        }
        if matches!(program.node(node).kind, NodeKind::Prose(_)) {
            return Some(node);
        }
        waiting.extend(children(program, node).into_iter().map(|(_, child)| child));
    }
    None
}
