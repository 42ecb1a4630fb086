//! From the nodes of a program to states.

use std::collections::{HashMap, HashSet};

use super::machine::{
    CallSite, CountStep, Counter, Look, Machine, Mark, RuleMachine, Slots, State, StateId, Step,
    Transition, octet_rules,
};
use super::rules::RuleMap;
use crate::program::{Bits, Condition, NodeId, NodeKind, Program, Reference, Rule, RuleId, View};

/// A repetition is written out up to so many steps; a larger one is counted.
const UNROLL_LIMIT: u64 = 512;

/// A grammar may have so many steps in all when written out.
pub(super) const SIZE_LIMIT: usize = 1 << 18;

/// So many repetitions may be counted.
const COUNTER_LIMIT: usize = 256;

/// So many ways may lead out of a state before the rest gets a state of its own.
const WAYS_LIMIT: usize = 64;

/// So much may be passed on the way out of a state before the rest gets a state of its own.
const PASSED_LIMIT: usize = 16;

/// A repetition without a bound that an input could reach.
const ENDLESS: u64 = 1 << 48;

/// A step or a fork: what the states are folded from.
enum Raw {
    /// The ways on, in the order of preference, each with what is passed.
    Fork(Vec<(RawId, Option<Mark>)>),
    Step(Step, RawId),
}

type RawId = u32;

pub(super) struct Builder<'p> {
    program: &'p Program,
    raw: Vec<Raw>,
    machine: Machine,
    /// How many steps each node takes when written out.
    sizes: HashMap<NodeId, u64>,
    states: HashMap<RawId, StateId>,
    /// The rules that can be empty whatever the fields are, once that was asked.
    nullable: HashSet<RuleId>,
    /// The states whose transitions are still to be found.
    waiting: Vec<(StateId, RawId, RuleId)>,
}

impl<'p> Builder<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        let mut slots = Slots::default();
        for field in program.fields() {
            slots.fields.push(field.is_read.then_some(slots.count as u16));
            slots.count += usize::from(field.is_read);
        }
        Self {
            program,
            raw: Vec::new(),
            machine: Machine {
                states: Vec::new(),
                transitions: Vec::new(),
                marks: Vec::new(),
                calls: Vec::new(),
                guards: Vec::new(),
                counters: Vec::new(),
                rules: RuleMap::new(),
                octets: octet_rules(program),
                is_too_large: false,
                start: 0,
                slots,
            },
            sizes: HashMap::new(),
            states: HashMap::new(),
            nullable: HashSet::new(),
            waiting: Vec::new(),
        }
    }

    /// The machine for `entry`. Its first state calls the entry, as a rule of no name would.
    pub(super) fn build(mut self, entry: &Reference) -> Machine {
        let outside = entry.rule;
        let end = self.step(Step::Accept, 0);
        self.machine.calls.push(CallSite { reference: entry.clone() });
        let call = self.step(Step::Call(0), end);
        self.machine.start = self.state(call, outside);
        self.fold();
        let mut next = 0;
        while let Some(site) = self.machine.calls.get(next) {
            let rule = site.reference.rule;
            next += 1;
            if self.machine.rules.get(rule).is_some() {
                continue;
            }
            let end = self.step(Step::Accept, 0);
            let body = self.program.rule(rule).body;
            let start = self.node(body, end);
            let start = self.state(start, rule);
            let none = Bits::default();
            let says = self.program.rule(rule);
            let is_plain = says_nothing(says);
            let (binds, reads) = (none.clone(), none.clone());
            let machine = RuleMachine { start, circle: 0, is_plain, binds, reads, exports: none };
            self.machine.rules.insert(rule, machine);
            self.fold();
        }
        self.machine
    }

    fn step(&mut self, step: Step, to: RawId) -> RawId {
        self.raw.push(Raw::Step(step, to));
        self.raw.len() as RawId - 1
    }

    fn fork(&mut self, ways: Vec<(RawId, Option<Mark>)>) -> RawId {
        self.raw.push(Raw::Fork(ways));
        self.raw.len() as RawId - 1
    }

    /// Where `node` begins, if `next` is behind it. Groups nest no deeper than the reader allows.
    fn node(&mut self, node: NodeId, next: RawId) -> RawId {
        if self.raw.len() > SIZE_LIMIT || self.machine.counters.len() > COUNTER_LIMIT {
            self.machine.is_too_large = true;
            return next;
        }
        match &self.program.node(node).kind {
            NodeKind::Alternation(branches) => {
                let ways = branches
                    .iter()
                    .enumerate()
                    .map(|(index, branch)| {
                        let mark = Mark::Branch(node, index as u32);
                        (self.node(*branch, next), Some(mark))
                    })
                    .collect();
                self.fork(ways)
            }
            NodeKind::Sequence(parts) => {
                parts.iter().rev().fold(next, |next, part| self.node(*part, next))
            }
            NodeKind::Repetition { min, max, body } => {
                self.repetition(node, *min, max.filter(|max| *max < ENDLESS), *body, next)
            }
            NodeKind::Terminal(terminal) => {
                let ways = terminal
                    .strings
                    .iter()
                    .map(|string| {
                        let start = string
                            .iter()
                            .rev()
                            .fold(next, |next, set| self.step(Step::Octet(*set, node), next));
                        (start, Some(Mark::Terminal(node)))
                    })
                    .collect();
                self.fork(ways)
            }
            NodeKind::Reference(reference) => self.reference(node, reference, next),
            NodeKind::Prose(_) => self.step(Step::Prose(node), next),
        }
    }

    fn reference(&mut self, node: NodeId, reference: &Reference, next: RawId) -> RawId {
        let octets = self.machine.octets.get(&reference.rule);
        if let Some(set) = octets.filter(|_| is_plain(reference)) {
            return self.step(Step::Octet(*set, node), next);
        }
        let site = self.machine.calls.len() as u32;
        self.machine.calls.push(CallSite { reference: reference.clone() });
        self.step(Step::Call(site), next)
    }

    fn repetition(
        &mut self,
        node: NodeId,
        min: u64,
        max: Option<u64>,
        body: NodeId,
        next: RawId,
    ) -> RawId {
        let copies = max.unwrap_or(min.saturating_add(1));
        if self.size(body).saturating_mul(copies) > UNROLL_LIMIT {
            return self.counted(node, min, max, body, next);
        }
        let again = Some(Mark::Again(node));
        let leave = Some(Mark::Leave(node));
        // From the last time around to the first.
        let mut at = match max {
            Some(_) => self.fork(vec![(next, leave)]),
            None => {
                let around = self.fork(Vec::new());
                let start = self.node(body, around);
                self.raw[around as usize] = Raw::Fork(vec![(start, again), (next, leave)]);
                around
            }
        };
        for count in (min..max.unwrap_or(min)).rev() {
            let start = self.node(body, at);
            let out = if count == 0 { self.left_out(body, next) } else { next };
            at = self.fork(vec![(start, again), (out, leave)]);
        }
        if max.is_none() && min == 0 {
            // The first time around differs only if leaving it out is conditional.
            let out = self.left_out(body, next);
            if out != next {
                let start = self.node(body, at);
                at = self.fork(vec![(start, again), (out, leave)]);
            }
        }
        for _ in 0..min {
            let start = self.node(body, at);
            at = self.fork(vec![(start, again)]);
        }
        self.fork(vec![(at, Some(Mark::Begin(node)))])
    }

    fn counted(
        &mut self,
        node: NodeId,
        min: u64,
        max: Option<u64>,
        body: NodeId,
        next: RawId,
    ) -> RawId {
        let slot = self.machine.slots.count as u16;
        self.machine.slots.count += 1;
        let counter = self.machine.counters.len() as u32;
        if counter == 0 {
            self.find_nullable();
        }
        // Where a round can be empty, those that are fill up to the least number, and need no other.
        let is_nullable = self.is_nullable(body);
        let min = if is_nullable { 0 } else { min };
        self.machine.counters.push(Counter { min, max, slot, is_nullable });
        let around = self.fork(Vec::new());
        let start = self.node(body, around);
        let again = self.step(Step::Count(counter, CountStep::Again), start);
        let leave = self.step(Step::Count(counter, CountStep::Leave), next);
        self.raw[around as usize] =
            Raw::Fork(vec![(again, Some(Mark::Again(node))), (leave, Some(Mark::Leave(node)))]);
        let begin = self.step(Step::Count(counter, CountStep::Begin), around);
        self.fork(vec![(begin, Some(Mark::Begin(node)))])
    }

    /// What is behind a part that stands there under a condition: it is left out only if that does
    /// not hold.
    fn left_out(&mut self, body: NodeId, next: RawId) -> RawId {
        match self.presence(body) {
            None => next,
            Some(condition) => {
                let guard = self.machine.guards.len() as u32;
                self.machine.guards.push(Condition::Not(Box::new(condition)));
                self.step(Step::Guard(guard), next)
            }
        }
    }

    /// When a node must stand there, if a directive says so.
    fn presence(&self, node: NodeId) -> Option<Condition> {
        match &self.program.node(node).kind {
            NodeKind::Reference(reference) => {
                reference.when.as_ref().map(|when| when.condition.clone())
            }
            NodeKind::Sequence(parts) => self.presence(*parts.first()?),
            NodeKind::Alternation(branches) => branches
                .iter()
                .map(|branch| self.presence(*branch))
                .reduce(|a, b| Some(Condition::Or(Box::new(a?), Box::new(b?))))?,
            NodeKind::Repetition { .. } | NodeKind::Terminal(_) | NodeKind::Prose(_) => None,
        }
    }

    /// Whether a node can be empty whatever the fields are.
    fn is_nullable(&self, node: NodeId) -> bool {
        let is_nullable = |node: &NodeId| self.is_nullable(*node);
        match &self.program.node(node).kind {
            NodeKind::Alternation(branches) => branches.iter().any(is_nullable),
            NodeKind::Sequence(parts) => parts.iter().all(is_nullable),
            NodeKind::Repetition { min, body, .. } => {
                if *min == 0 {
                    self.presence(*body).is_none()
                } else {
                    self.is_nullable(*body)
                }
            }
            NodeKind::Terminal(terminal) => terminal.strings.iter().any(|string| string.is_empty()),
            NodeKind::Reference(reference) => {
                is_plain(reference) && self.nullable.contains(&reference.rule)
            }
            NodeKind::Prose(_) => false,
        }
    }

    /// Finds the rules that can be empty whatever the fields are, and set none then.
    fn find_nullable(&mut self) {
        let mut changed = true;
        let mut rounds = 0;
        while changed && rounds < 16 {
            changed = false;
            rounds += 1;
            for (id, rule) in self.program.rules() {
                if says_nothing(rule) && self.is_nullable(rule.body) {
                    changed |= self.nullable.insert(id);
                }
            }
        }
    }

    /// How many steps a node takes when written out.
    fn size(&mut self, node: NodeId) -> u64 {
        if let Some(size) = self.sizes.get(&node) {
            return *size;
        }
        let size = match &self.program.node(node).kind {
            NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => {
                nodes.iter().map(|node| self.size(*node)).fold(1, u64::saturating_add)
            }
            NodeKind::Repetition { min, max, body } => {
                let copies = max.filter(|max| *max < ENDLESS).unwrap_or(min.saturating_add(1));
                let written = self.size(*body).saturating_mul(copies);
                if written > UNROLL_LIMIT { self.size(*body) + 3 } else { written + 1 }
            }
            NodeKind::Terminal(terminal) => {
                terminal.strings.iter().map(|s| s.len() as u64 + 1).sum()
            }
            NodeKind::Reference(_) | NodeKind::Prose(_) => 1,
        };
        self.sizes.insert(node, size);
        size
    }

    fn state(&mut self, raw: RawId, rule: RuleId) -> StateId {
        if let Some(state) = self.states.get(&raw) {
            return *state;
        }
        let id = self.machine.states.len() as StateId;
        self.machine.states.push(State {
            rule,
            transitions: (0, 0),
            look: Look::default(),
            skips: false,
            keeps: Bits::default(),
        });
        self.states.insert(raw, id);
        self.waiting.push((id, raw, rule));
        id
    }

    /// Finds the transitions of all states that have none yet, and of those that they lead to.
    fn fold(&mut self) {
        while let Some((state, raw, rule)) = self.waiting.pop() {
            let mut found = Vec::new();
            self.reach(raw, &mut found);
            let first = self.machine.transitions.len() as u32;
            for (step, to, passed) in found {
                let to = if step == Step::Accept { state } else { self.state(to, rule) };
                let start = self.machine.marks.len() as u32;
                self.machine.marks.extend(passed);
                let marks = (start, self.machine.marks.len() as u32);
                let look = Look::default();
                self.machine.transitions.push(Transition { step, to, look, marks });
            }
            let last = self.machine.transitions.len() as u32;
            self.machine.states[state as usize].transitions = (first, last);
        }
    }

    /// All steps that can be reached without one, in order, each once, with what is passed.
    fn reach(&self, from: RawId, found: &mut Vec<(Step, RawId, Vec<Mark>)>) {
        let mut seen = HashSet::new();
        let mut stack = vec![(from, Vec::new())];
        while let Some((at, passed)) = stack.pop() {
            if !seen.insert(at) {
                continue;
            }
            if found.len() >= WAYS_LIMIT || passed.len() >= PASSED_LIMIT {
                found.push((Step::Free, at, passed));
                continue;
            }
            match &self.raw[at as usize] {
                Raw::Step(step, to) => found.push((*step, *to, passed)),
                Raw::Fork(ways) => {
                    for (way, mark) in ways.iter().rev() {
                        let mut passed = passed.clone();
                        passed.extend(mark);
                        stack.push((*way, passed));
                    }
                }
            }
        }
    }
}

fn is_plain(reference: &Reference) -> bool {
    reference.when.is_none() && reference.size.is_none() && reference.view == View::Plain
}

/// Whether nothing is to be worked out where a rule ends.
fn says_nothing(rule: &Rule) -> bool {
    rule.bits.is_empty() && rule.uint.is_none() && rule.octets.is_none() && rule.wheres.is_empty()
}
