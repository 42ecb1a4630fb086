//! Sequences: what stands there is decided before the fields are written that decide it.
//!
//! An optional part may stand there under a condition on fields of earlier parts, and a part may
//! have a size that an earlier part tells. So it is decided first which options are taken, and
//! their conditions are in view while the earlier parts are made. A part whose size comes out
//! otherwise than was said is made again behind earlier parts that say what it has.

use std::borrow::Cow;

use super::Generator;
use super::facts::UNBOUNDED;
use super::goal::{Act, Goal};
use super::plain::{Times, Window};
use super::prepare::Ahead;
use super::run::{Around, Blame, Leniency, Made, Miss, Pending, Run, Stop, Taken};
use super::solve::FieldSet;
use super::tape::Tape;
use crate::directive::Comparison;
use crate::program::{Condition, NodeId, NodeKind, Number};

/// So many other ways are tried to decide on options.
const DECISIONS: u32 = 5;

/// So often a part may have another size than was said.
const MISSES: u32 = 3;

/// So often everything is tried anew.
const RETRIES: u64 = 6;

/// What is decided for one attempt at a sequence.
struct Plan<'g, 't> {
    /// For each conditional option, whether it is taken.
    taken: u32,
    /// What the fields have to say.
    demands: Vec<Pending<'g>>,
    /// What steers a part that is made again.
    replay: Option<(usize, Tape<'t>)>,
}

impl<'g, 't> Run<'g, 't, '_> {
    pub(super) fn sequence(
        &mut self,
        id: NodeId,
        nodes: &'g [NodeId],
        window: Window,
        goal: Option<Goal<'g>>,
    ) -> Made<'t> {
        let ahead = self.generator.ahead(id);
        let mut plan = Plan { taken: 0, demands: Vec::new(), replay: None };
        if ahead.is_empty() {
            return self.parts(id, nodes, window, goal, &mut plan);
        }
        let through = goal.and_then(|goal| goal.follow(id)).map(|(part, goal)| {
            let at = nodes.get(part as usize).copied();
            (part as usize, !matches!(goal.act_at(at), Some(Act::Times(0))))
        });
        let mut fixed = 0u32;
        let options = ahead.iter().filter(|one| one.is_option).take(DECISIONS as usize);
        let mut combinations = 1u32;
        let mut first = 0u32;
        for Ahead { part, certain, .. } in options {
            let bit = combinations;
            combinations <<= 1;
            if through.is_some_and(|(through, _)| through == *part) {
                fixed |= bit;
                first |= if through.is_some_and(|(_, is_taken)| is_taken) { bit } else { 0 };
            } else if let Some(is_taken) = certain.filter(|_| self.leniency == Leniency::None) {
                fixed |= bit;
                first |= if is_taken { bit } else { 0 };
            } else if self.tape.below(2) == 1 {
                first |= bit;
            }
        }
        let point = self.point();
        let mut tried = 0u64;
        let (mut misses, mut retries) = (0, 0);
        plan.taken = first;
        loop {
            let made = self.varied(retries, |run| run.parts(id, nodes, window, goal, &mut plan));
            let Err(stop) = made else { return Ok(()) };
            let blame = match stop {
                Stop::Size(miss) => {
                    self.back_to(point);
                    let blame = miss.blame;
                    self.bear(blame)?;
                    misses += 1;
                    match self.answer(id, nodes, &miss) {
                        Answer::Said(part, demands) if misses <= MISSES => {
                            plan.demands = demands;
                            plan.replay = Some((part, miss.tape));
                            tried = 0;
                            continue;
                        }
                        Answer::Said(..) => blame,
                        Answer::Elsewhere => return Err(Stop::Size(miss)),
                    }
                }
                Stop::Conflict(blame) => {
                    self.back_to(point);
                    self.bear(blame)?;
                    blame
                }
                Stop::Fatal(_) => return Err(stop),
            };
            tried |= 1 << plan.taken;
            let next = (0..combinations)
                .find(|taken| tried >> taken & 1 == 0 && taken & fixed == first & fixed);
            match next {
                Some(taken) => plan.taken = taken,
                // What is in view from outside would stand in the way again.
                None if retries < RETRIES && !self.pending.iter().any(|one| one.blame == blame) => {
                    retries += 1;
                    tried = 0;
                    (plan.taken, plan.replay) = (first, None);
                    plan.demands.clear();
                }
                None => return Err(Stop::Conflict(blame)),
            }
        }
    }

    /// What the fields of earlier parts have to say, if they are the ones to say it.
    fn answer(&self, id: NodeId, nodes: &[NodeId], miss: &Miss<'t>) -> Answer<'g> {
        let sized = self
            .generator
            .ahead(id)
            .iter()
            .find(|one| one.size.is_some_and(|(node, _)| Some(node) == miss.node));
        let Some((part, (node, size))) = sized.and_then(|one| Some((one.part, one.size?))) else {
            return Answer::Elsewhere;
        };
        if nodes.get(part).is_none() {
            return Answer::Elsewhere;
        }
        let blame = Blame::Size(node);
        let said = Condition::Numbers(
            Comparison::Equal,
            size.octets.clone(),
            Number::Constant(miss.octets),
        );
        let pins = miss.pins.iter().map(|(field, value)| {
            Condition::Numbers(Comparison::Equal, Number::Field(*field), Number::Constant(*value))
        });
        let demands = std::iter::once(said).chain(pins).map(|condition| {
            let reads = FieldSet::read_by(&condition);
            let condition = Cow::Owned(condition);
            let later = FieldSet::default();
            Pending { condition, reads, wanted: true, later, until: part, blame }
        });
        Answer::Said(part, demands.collect())
    }

    /// One attempt.
    fn parts(
        &mut self,
        id: NodeId,
        nodes: &'g [NodeId],
        window: Window,
        goal: Option<Goal<'g>>,
        plan: &mut Plan<'g, 't>,
    ) -> Made<'t> {
        let pending = self.pending.len();
        self.in_view(id, nodes, window, goal, plan);
        let made = self.in_a_row(id, nodes, window, goal, plan, pending);
        self.pending.truncate(pending);
        made
    }

    /// Takes the conditions into view that are judged within the sequence.
    fn in_view(
        &mut self,
        id: NodeId,
        nodes: &'g [NodeId],
        window: Window,
        goal: Option<Goal<'g>>,
        plan: &Plan<'g, 't>,
    ) {
        self.pending.extend_from_slice(&plan.demands);
        let generator = self.generator;
        let mut option = 0;
        let through = goal.and_then(|goal| goal.follow(id));
        for ahead in generator.ahead(id) {
            if let Some((node, when)) = ahead.when {
                let is_taken =
                    !ahead.is_option || option >= DECISIONS || plan.taken >> option & 1 == 1;
                option += u32::from(ahead.is_option);
                let is_broken = through.is_some_and(|(part, goal)| {
                    part as usize == ahead.part && breaks_when(&goal, node)
                });
                self.pending.push(Pending {
                    condition: Cow::Borrowed(&when.condition),
                    reads: ahead.when_reads,
                    wanted: is_taken != is_broken,
                    later: FieldSet::default(),
                    until: ahead.part,
                    blame: Blame::When(node),
                });
            }
            if let Some((node, size)) = ahead.size.filter(|_| self.leniency != Leniency::Cut) {
                let facts = generator.facts.node(nodes[ahead.part]);
                let bounds = [
                    (Comparison::AtMost, facts.max.min(window.most)),
                    (Comparison::AtLeast, facts.min),
                ];
                for (comparison, octets) in bounds {
                    if (comparison, octets) == (Comparison::AtLeast, 0)
                        && matches!(size.octets, Number::Field(_))
                    {
                        continue;
                    }
                    let bound = Number::Constant(octets);
                    let condition = Condition::Numbers(comparison, size.octets.clone(), bound);
                    self.pending.push(Pending {
                        condition: Cow::Owned(condition),
                        reads: ahead.size_reads,
                        wanted: true,
                        later: FieldSet::default(),
                        until: ahead.part,
                        blame: Blame::Size(node),
                    });
                }
            }
        }
        if let Some((part, goal)) = through.filter(|(part, _)| *part > 0) {
            self.on_the_way(nodes, part as usize, goal);
        }
    }

    /// Takes the conditions on the way to a goal into view, as far as earlier fields decide them.
    fn on_the_way(&mut self, nodes: &[NodeId], part: usize, goal: Goal<'g>) {
        let program = self.generator.program;
        let binds = self.generator.facts.node(nodes[part]).binds;
        let mut view = |condition: &'g Condition, wanted: bool, blame: Blame| {
            let reads = FieldSet::read_by(condition);
            if !reads.without(binds).is_empty() {
                let condition = Cow::Borrowed(condition);
                let (later, until) = (binds, part);
                self.pending.push(Pending { condition, reads, wanted, later, until, blame });
            }
        };
        let nodes = goal.steps.iter().map(|step| step.node).chain(goal.target);
        let ends = goal.target;
        for node in nodes {
            let is_end = ends == Some(node);
            // Behind a choice stands what has conditions of its own.
            let inner = match (&program.node(node).kind, goal.act) {
                (NodeKind::Alternation(nodes), Act::Branch(branch)) if is_end => {
                    nodes.get(branch as usize).copied()
                }
                (NodeKind::Repetition { body, .. }, Act::Times(1..)) if is_end => Some(*body),
                _ => None,
            };
            if let Some((node, when)) = inner.and_then(|node| self.generator.presence(node)) {
                view(&when.condition, true, Blame::When(node));
            }
            let NodeKind::Reference(reference) = &program.node(node).kind else { continue };
            if let Some(when) = &reference.when {
                let broken = is_end && matches!(goal.act, Act::BreakWhen);
                view(&when.condition, !broken, Blame::When(node));
            }
            let rule = program.rule(reference.rule);
            for (index, _) in &self.generator.facts.rule(reference.rule).wheres {
                let broken =
                    is_end && matches!(goal.act, Act::BreakWhere(broken) if broken == *index);
                let blame = Blame::Where(reference.rule, *index as u32);
                view(&rule.wheres[*index].condition, !broken, blame);
            }
        }
    }

    /// The parts one after the other.
    fn in_a_row(
        &mut self,
        id: NodeId,
        nodes: &'g [NodeId],
        window: Window,
        goal: Option<Goal<'g>>,
        plan: &mut Plan<'g, 't>,
        pending: usize,
    ) -> Made<'t> {
        let generator = self.generator;
        let facts = generator.facts.node(id);
        let through = goal.and_then(|goal| goal.follow(id));
        let repeated = match goal.and_then(|goal| goal.act_at(Some(id))) {
            Some(Act::Part(part, times)) => Some((part as usize, times)),
            _ => None,
        };
        let start = self.out.len();
        let mut rest = facts.min;
        let binding = !facts.binds.is_empty() && !self.pending.is_empty();
        for (part, node) in nodes.iter().enumerate() {
            let own = generator.facts.node(*node);
            rest = rest.saturating_sub(own.min);
            let behind =
                if window.least == 0 { UNBOUNDED } else { self.longest(&nodes[part + 1..]) };
            let window = window.after(self.out.len() - start).before(rest, behind);
            let goal = through.and_then(|(at, goal)| (at as usize == part).then_some(goal));
            if let Some((_, tape)) = plan.replay.take_if(|(at, _)| *at == part) {
                self.tape = tape;
            }
            let option = decided(generator, id, part, plan.taken);
            let times = match repeated {
                Some((at, times)) if at == part => times,
                _ => 1,
            };
            for _ in 0..times {
                if binding && !own.binds.is_empty() {
                    self.keeping_later(|run| {
                        run.shade(id, nodes, part, plan.taken, pending);
                        run.part(*node, option, window, goal)
                    })?;
                } else {
                    self.part(*node, option, window, goal)?;
                }
            }
        }
        Ok(())
    }

    /// Marks for each condition in view the fields that are bound anew before it is judged. Those
    /// from `own` on are the sequence's.
    fn shade(&mut self, id: NodeId, nodes: &[NodeId], part: usize, taken: u32, own: usize) {
        let generator = self.generator;
        let bound = |other: usize| match decided(generator, id, other, taken) {
            Some(false) => FieldSet::default(),
            _ => generator.facts.node(nodes[other]).binds,
        };
        let up_to = |end| (part + 1..end).map(bound).fold(FieldSet::default(), FieldSet::union);
        let behind = up_to(nodes.len());
        for (index, pending) in self.pending.iter_mut().enumerate() {
            let bound = match pending.until {
                _ if index < own => behind,
                // It has been judged, or is judged by its part.
                until if until <= part => pending.reads,
                until => up_to(until),
            };
            pending.later = pending.later.union(bound);
        }
    }

    fn longest(&self, nodes: &[NodeId]) -> u64 {
        let facts = &self.generator.facts;
        nodes.iter().map(|node| facts.node(*node).max).fold(0, u64::saturating_add)
    }

    fn part(
        &mut self,
        node: NodeId,
        option: Option<bool>,
        window: Window,
        goal: Option<Goal<'g>>,
    ) -> Made<'t> {
        let generator = self.generator;
        let (Some(is_taken), NodeKind::Repetition { min, max, body }) =
            (option, &generator.program.node(node).kind)
        else {
            return self.node(node, window, goal);
        };
        let is_forced = goal.is_some_and(|goal| goal.act_at(Some(node)).is_some());
        if is_forced {
            return self.node(node, window, goal);
        }
        if !is_taken {
            if self.has_to_stand(*body) {
                return Err(Stop::Conflict(Blame::Node(*body)));
            }
            self.took(node, Taken::Times(0));
            return Ok(());
        }
        let goal = goal.and_then(|goal| goal.follow(node)).map(|(_, goal)| goal);
        let times = Times { min: *min, max: max.unwrap_or(UNBOUNDED) };
        let around = Around { count: 1, least: 1, exactly: None, times };
        self.around(node, around, *body, window, goal)
    }
}

enum Answer<'g> {
    /// These conditions, up to this part.
    Said(usize, Vec<Pending<'g>>),
    Elsewhere,
}

/// Whether a part of a sequence is an option that is decided on, and how.
fn decided(generator: &Generator<'_>, id: NodeId, part: usize, taken: u32) -> Option<bool> {
    let options = generator.ahead(id).iter().filter(|one| one.is_option);
    let bit = options.take(DECISIONS as usize).position(|one| one.part == part)?;
    Some(taken >> bit & 1 == 1)
}

/// Whether a goal is to break the condition of the reference `node`.
fn breaks_when(goal: &Goal<'_>, node: NodeId) -> bool {
    goal.target == Some(node) && matches!(goal.act, Act::BreakWhen)
}
