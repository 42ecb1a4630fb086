//! Makes a sentence from the left to the right, with the conditions in view that it has to meet.
//!
//! A condition is known from where its rule begins, or its part's sequence, and judged where that
//! ends. In between each field is given a value that the condition leaves open ([`super::solve`]).
//! What goes wrong all the same is undone up to the nearest choice.

use std::borrow::Cow;

use super::facts::UNBOUNDED;
use super::fields::{Known, Slots};
use super::goal::{Act, Goal};
use super::plain::{Plain, Times, Window, counts, write};
use super::solve::{FieldSet, Open, settled};
use super::tape::Tape;
use super::{GenerateError, Generator, Limits};
use crate::program::{
    Condition, FieldId, NodeId, NodeKind, Reference, RuleId, Size, Terminal, View, Where,
};

/// A condition that is still to be judged.
#[derive(Clone, Debug)]
pub(super) struct Pending<'g> {
    pub(super) condition: Cow<'g, Condition>,
    pub(super) reads: FieldSet,
    /// How it has to come out; what cannot be told does not hold.
    pub(super) wanted: bool,
    /// The fields that will be bound anew before it is judged.
    pub(super) later: FieldSet,
    /// The part with which it is judged, for those of a sequence.
    pub(super) until: usize,
    pub(super) blame: Blame,
}

/// The directive that stood in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    Where(RuleId, u32),
    When(NodeId),
    Size(NodeId),
    Node(NodeId),
    Rule(RuleId),
}

/// Why a part could not be made. It is small: it is handed on at every node.
#[derive(Debug)]
pub(super) enum Stop<'t> {
    /// Something else has to be chosen.
    Conflict(Blame),
    /// A part has another size than the fields said that were written before it.
    Size(Box<Miss<'t>>),
    /// There is no way on.
    Fatal(Box<GenerateError>),
}

impl From<GenerateError> for Stop<'_> {
    fn from(error: GenerateError) -> Self {
        Self::Fatal(Box::new(error))
    }
}

/// A part of another size than was said.
#[derive(Debug)]
pub(super) struct Miss<'t> {
    pub(super) node: Option<NodeId>,
    pub(super) blame: Blame,
    /// What was said has to come to this.
    pub(super) octets: u64,
    /// What steered the part.
    pub(super) tape: Tape<'t>,
    /// The numbers that the part has read.
    pub(super) pins: Vec<(FieldId, u64)>,
}

pub(super) type Made<'t> = Result<(), Stop<'t>>;

/// What happened at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Branch(u32),
    Times(u64),
    /// The terminal took these octets of the output.
    Octets(usize, usize),
}

/// What may be wrong besides that what is wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leniency {
    None,
    /// Nothing, and the choices are not kept.
    Untraced,
    /// Parts may be shorter than their sizes say.
    Cut,
    /// The conditions of the rule in which something is wrong need not hold.
    Loose,
}

/// Octets that are to be combined with a key.
#[derive(Clone, Copy, Debug)]
struct Mask {
    start: usize,
    end: usize,
    key: (usize, usize),
}

/// A place to come back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    out: usize,
    slots: usize,
    masks: usize,
    trace: usize,
}

pub(super) struct Run<'g, 't, 'o> {
    pub(super) generator: &'g Generator<'g>,
    pub(super) limits: Limits,
    pub(super) tape: Tape<'t>,
    pub(super) out: &'o mut Vec<u8>,
    pub(super) slots: Slots,
    pub(super) pending: Vec<Pending<'g>>,
    pub(super) trace: Option<Vec<(NodeId, Taken)>>,
    pub(super) leniency: Leniency,
    masks: Vec<Mask>,
    /// The branches that are still to be tried of each alternation that is being made.
    branches: Vec<u32>,
    /// What was to be bound anew for each condition in view, at each place where that changed.
    laters: Vec<FieldSet>,
    depth: u32,
    /// How many more conflicts are borne.
    pub(super) patience: u32,
}

impl<'g, 't, 'o> Run<'g, 't, 'o> {
    pub(super) fn new(
        generator: &'g Generator<'g>,
        limits: Limits,
        tape: Tape<'t>,
        out: &'o mut Vec<u8>,
    ) -> Self {
        let limits = Limits { depth: limits.depth.min(100), ..limits };
        Self {
            generator,
            limits,
            tape,
            out,
            slots: Slots::new(generator.program.fields().len()),
            pending: Vec::with_capacity(12),
            trace: None,
            leniency: Leniency::None,
            masks: Vec::new(),
            branches: Vec::new(),
            laters: Vec::new(),
            depth: 0,
            patience: limits.conflicts,
        }
    }

    /// Makes a sentence of `entry`.
    pub(super) fn entry(
        &mut self,
        entry: &'g Reference,
        goal: Option<Goal<'g>>,
    ) -> Result<(), GenerateError> {
        let window = Window { least: 0, most: self.limits.octets };
        match self.reference(None, entry, window, goal) {
            Ok(()) => {
                self.unmask(0);
                Ok(())
            }
            Err(Stop::Conflict(blame)) => Err(self.generator.unsatisfied(blame)),
            Err(Stop::Size(miss)) => Err(self.generator.unsatisfied(miss.blame)),
            Err(Stop::Fatal(error)) => Err(*error),
        }
    }

    pub(super) fn known(&self) -> Known<'_> {
        Known { slots: &self.slots, out: self.out, given: self.generator.given }
    }

    pub(super) fn point(&self) -> Point {
        Point {
            out: self.out.len(),
            slots: self.slots.mark(),
            masks: self.masks.len(),
            trace: self.trace.as_ref().map_or(0, Vec::len),
        }
    }

    pub(super) fn back_to(&mut self, point: Point) {
        // The work that was done in vain stays within bounds.
        let wasted = self.out.len().saturating_sub(point.out) / 256;
        self.patience = self.patience.saturating_sub(wasted as u32);
        self.out.truncate(point.out);
        self.slots.undo(point.slots);
        self.masks.truncate(point.masks);
        if let Some(trace) = &mut self.trace {
            trace.truncate(point.trace);
        }
    }

    pub(super) fn took(&mut self, node: NodeId, taken: Taken) {
        if let Some(trace) = &mut self.trace {
            trace.push((node, taken));
        }
    }

    /// Notes a conflict; too many end the attempt.
    pub(super) fn bear(&mut self, blame: Blame) -> Made<'t> {
        match self.patience.checked_sub(1) {
            Some(left) => {
                self.patience = left;
                Ok(())
            }
            None => Err(self.generator.unsatisfied(blame).into()),
        }
    }

    /// Another attempt. A tape that is at its end would make the same again: others choices are
    /// made while it lasts.
    pub(super) fn varied<T>(&mut self, attempt: u64, make: impl FnOnce(&mut Self) -> T) -> T {
        if attempt == 0 || !self.tape.is_at_end() {
            return make(self);
        }
        let seed = attempt << 32 | self.out.len() as u64;
        let saved = std::mem::replace(&mut self.tape, Tape::seeded(seed));
        let made = make(self);
        self.tape = saved;
        made
    }

    pub(super) fn node(&mut self, id: NodeId, window: Window, goal: Option<Goal<'g>>) -> Made<'t> {
        let facts = self.generator.facts.node(id);
        if facts.is_plain && facts.is_alive() && goal.is_none() && self.trace.is_none() {
            let Limits { repetitions, depth, .. } = self.limits;
            let Generator { program, facts, .. } = self.generator;
            let (tape, out) = (&mut self.tape, &mut *self.out);
            Plain { program, facts, tape, out, repetitions, depth }.node(id, window, self.depth);
            return Ok(());
        }
        let generator = self.generator;
        if let (NodeKind::Prose(text), None) = (&generator.program.node(id).kind, goal) {
            return Err(generator.prose(id, text).into());
        }
        if let Some(Act::Write(octets)) = goal.and_then(|goal| goal.act_at(Some(id))) {
            let start = self.out.len();
            self.out.extend_from_slice(octets);
            self.took(id, Taken::Octets(start, self.out.len()));
            return Ok(());
        }
        if self.depth > super::DEPTH_LIMIT {
            return Err(GenerateError::TooDeep.into());
        }
        self.depth += 1;
        let made = match &generator.program.node(id).kind {
            NodeKind::Alternation(nodes) => self.alternation(id, nodes, window, goal),
            NodeKind::Sequence(nodes) => self.sequence(id, nodes, window, goal),
            NodeKind::Repetition { min, max, body } => {
                let times = Times { min: *min, max: max.unwrap_or(UNBOUNDED) };
                self.repetition(id, times, *body, window, goal)
            }
            NodeKind::Terminal(terminal) => {
                self.terminal(id, terminal, window);
                Ok(())
            }
            NodeKind::Reference(reference) => self.reference(Some(id), reference, window, goal),
            NodeKind::Prose(_) => Err(Stop::Conflict(Blame::Node(id))),
        };
        self.depth -= 1;
        made
    }

    fn alternation(
        &mut self,
        id: NodeId,
        nodes: &'g [NodeId],
        window: Window,
        goal: Option<Goal<'g>>,
    ) -> Made<'t> {
        let forced = goal.and_then(|goal| match goal.act_at(Some(id)) {
            Some(Act::Branch(branch)) => Some((branch, None)),
            _ => goal.follow(id).map(|(branch, goal)| (branch, Some(goal))),
        });
        if let Some((branch, goal)) = forced {
            self.took(id, Taken::Branch(branch));
            return match nodes.get(branch as usize) {
                Some(node) => self.node(*node, window, goal),
                None => Err(Stop::Conflict(Blame::Node(id))),
            };
        }
        let from = self.branches.len();
        let made = self.branch(id, nodes, window, from);
        self.branches.truncate(from);
        made
    }

    /// One of the branches that fit, which are noted from `from` on.
    fn branch(&mut self, id: NodeId, nodes: &'g [NodeId], window: Window, from: usize) -> Made<'t> {
        let facts = &self.generator.facts;
        let node = |branch: u32| nodes[branch as usize];
        // Where none is long enough, those that are too short do no harm.
        for least in [window.least, 0] {
            if self.branches.len() > from {
                break;
            }
            for branch in &facts.node(id).branches {
                let node = node(*branch);
                let facts = facts.node(node);
                let fits = facts.min <= window.most && facts.max >= least;
                if fits && self.may_stand(node) {
                    self.branches.push(*branch);
                }
            }
        }
        let count = self.branches.len() - from;
        let first = if self.depth >= self.limits.depth {
            0
        } else {
            self.tape.below(count as u64) as usize
        };
        let point = self.point();
        let mut blame = Blame::Node(id);
        for attempt in 0..count {
            // Those behind the chosen one, then the shorter ones.
            let branch = self.branches[from + (first + attempt) % count];
            self.took(id, Taken::Branch(branch));
            let made = self.varied(attempt as u64, |run| run.node(node(branch), window, None));
            let Err(Stop::Conflict(one)) = made else { return made };
            self.bear(one)?;
            blame = one;
            self.back_to(point);
        }
        Err(Stop::Conflict(blame))
    }

    /// Whether what begins a node may stand here, as far as that can be told.
    fn may_stand(&self, node: NodeId) -> bool {
        match self.presence(node) {
            Some(when) => when.condition.evaluate(&self.known()) == Some(true),
            None => true,
        }
    }

    /// The condition of the part with which a node begins.
    pub(super) fn presence(&self, node: NodeId) -> Option<&'g Where> {
        self.generator.presence(node).map(|(_, when)| when)
    }

    fn repetition(
        &mut self,
        id: NodeId,
        times: Times,
        body: NodeId,
        window: Window,
        goal: Option<Goal<'g>>,
    ) -> Made<'t> {
        let behind = goal.and_then(|goal| goal.follow(id)).map(|(_, goal)| goal);
        let exactly = match goal.and_then(|goal| goal.act_at(Some(id))) {
            Some(Act::Times(count)) => Some(count),
            Some(Act::Omit) => Some(0),
            _ => None,
        };
        let facts = self.generator.facts.node(body);
        let left = counts(times, (facts.min, facts.max), window);
        // What is left out must not have to stand there.
        let omits = goal.is_some_and(|goal| matches!(goal.act_at(Some(id)), Some(Act::Omit)));
        let must = times.min == 0 && !omits && self.has_to_stand(body);
        if must && exactly == Some(0) {
            return Err(Stop::Conflict(Blame::Node(body)));
        }
        let mut count = match exactly {
            Some(count) => count,
            None if !facts.is_alive() && behind.is_none() => 0,
            None if self.depth >= self.limits.depth => left.min,
            None => {
                let most = (left.max - left.min).min(self.limits.repetitions);
                left.min + self.tape.small_below(most + 1)
            }
        };
        if must || behind.is_some() {
            count = count.max(1);
        }
        let least = exactly.unwrap_or(times.min.max(u64::from(must || behind.is_some())));
        if let Some(goal) = behind {
            self.spoil(id, body, window, &goal)?;
        }
        self.around(id, Around { count, least, exactly, times }, body, window, behind)
    }

    /// Brings what makes the part at the end of a goal one that must not stand there, such as the
    /// first of two that may stand there once.
    fn spoil(&mut self, id: NodeId, body: NodeId, window: Window, goal: &Goal<'g>) -> Made<'t> {
        let generator = self.generator;
        let (Act::BreakWhen, Some(target)) = (goal.act, goal.target) else { return Ok(()) };
        let Some((_, when)) = generator.presence(target) else { return Ok(()) };
        let field = need(&when.condition, false, &self.known());
        let way = generator.supplies(id).iter().find(|(one, _)| Some(*one) == field);
        let Some((_, way)) = way else { return Ok(()) };
        let goal = Goal { steps: &way.steps, target: Some(way.target), act: Act::Visit };
        self.node(body, window, Some(goal))
    }

    /// Whether leaving out `body` would be wrong.
    pub(super) fn has_to_stand(&self, body: NodeId) -> bool {
        let holds = |when: &Where| when.condition.evaluate(&self.known()) == Some(true);
        match &self.generator.program.node(body).kind {
            // Some branch has to stand there, if all of them are conditional.
            NodeKind::Alternation(nodes) => {
                nodes.iter().all(|node| self.presence(*node).is_some())
                    && nodes.iter().filter_map(|node| self.presence(*node)).any(holds)
            }
            _ => self.presence(body).is_some_and(holds),
        }
    }

    pub(super) fn around(
        &mut self,
        id: NodeId,
        around: Around,
        body: NodeId,
        window: Window,
        goal: Option<Goal<'g>>,
    ) -> Made<'t> {
        let Around { count, least, exactly, times } = around;
        let facts = self.generator.facts.node(body);
        let start = self.out.len();
        // Which of the times around the goal is in: the first does.
        let mut goal = goal;
        let mut done = 0;
        let at = self.trace.as_ref().map(Vec::len);
        self.took(id, Taken::Times(0));
        while done < count {
            let behind = least.saturating_sub(done + 1);
            let (short, long) =
                (facts.min.saturating_mul(behind), facts.max.saturating_mul(count - done - 1));
            let window = window.after(self.out.len() - start).before(short, long);
            if done >= least && facts.min > window.most {
                break;
            }
            let point = self.point();
            let this = goal.take();
            let later = if done + 1 < count { facts.binds } else { FieldSet::default() };
            let made = self.with_later(later, |run| run.node(body, window, this));
            match made {
                Err(Stop::Conflict(blame)) if done >= least && this.is_none() => {
                    self.bear(blame)?;
                    self.back_to(point);
                    break;
                }
                made => made?,
            }
            done += 1;
        }
        if exactly.is_none() {
            done += self.supply(id, body, times.max - done.min(times.max), window, start)?;
        }
        if let (Some(trace), Some(at)) = (&mut self.trace, at) {
            trace[at] = (id, Taken::Times(done));
        }
        Ok(())
    }

    /// Goes around for what some condition needs and nothing has brought yet.
    fn supply(
        &mut self,
        id: NodeId,
        body: NodeId,
        most: u64,
        window: Window,
        start: usize,
    ) -> Result<u64, Stop<'t>> {
        if self.generator.supplies(id).is_empty() {
            return Ok(0);
        }
        let mut done = 0;
        while done < most {
            let Some(field) = self.needed(self.generator.facts.node(body).binds) else { break };
            let supplies = self.generator.supplies(id);
            let Some((_, way)) = supplies.iter().find(|(one, _)| *one == field) else { break };
            let goal = Goal { steps: &way.steps, target: Some(way.target), act: Act::Visit };
            let window = window.after(self.out.len() - start);
            self.node(body, window, Some(goal))?;
            done += 1;
            if self.slots.get(field) == super::fields::Slot::Unset {
                break;
            }
        }
        Ok(done)
    }

    /// A field that must be set for some condition to hold, and can be set among `binds`.
    fn needed(&self, binds: FieldSet) -> Option<FieldId> {
        self.pending.iter().find_map(|pending| {
            let reads = pending.reads.without(pending.later);
            if !reads.meets(binds) {
                return None;
            }
            let known = self.known();
            let open = Open { fields: &known, later: pending.later };
            need(&pending.condition, pending.wanted, &open)
                .filter(|field| binds.meets(FieldSet::of(*field)))
        })
    }

    /// With fields that will be bound anew.
    pub(super) fn with_later<T>(
        &mut self,
        later: FieldSet,
        make: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if later.is_empty() || self.pending.is_empty() {
            return make(self);
        }
        self.keeping_later(|run| {
            for pending in &mut run.pending {
                pending.later = pending.later.union(later);
            }
            make(run)
        })
    }

    /// What `make` says is to be bound anew is so only within it.
    pub(super) fn keeping_later<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let from = self.laters.len();
        self.laters.extend(self.pending.iter().map(|pending| pending.later));
        let made = make(self);
        for (pending, before) in self.pending.iter_mut().zip(self.laters.drain(from..)) {
            pending.later = before;
        }
        made
    }

    fn terminal(&mut self, id: NodeId, terminal: &Terminal, window: Window) {
        let start = self.out.len();
        write(&terminal.strings, window, &mut self.tape, self.out);
        self.took(id, Taken::Octets(start, self.out.len()));
    }

    pub(super) fn reference(
        &mut self,
        node: Option<NodeId>,
        reference: &'g Reference,
        window: Window,
        goal: Option<Goal<'g>>,
    ) -> Made<'t> {
        let act = goal.and_then(|goal| goal.act_at(node));
        let goal = match (goal, node) {
            (Some(_), _) if act.is_some() => None,
            (Some(goal), Some(node)) => goal.follow(node).map(|(_, goal)| goal),
            (goal, _) => goal,
        };
        if let (Some(when), Some(node)) = (&reference.when, node) {
            let holds = when.condition.evaluate(&self.known()) == Some(true);
            if holds == matches!(act, Some(Act::BreakWhen)) {
                return Err(Stop::Conflict(Blame::When(node)));
            }
        }
        let broken = match act {
            Some(Act::BreakWhere(index)) => Some(index),
            _ => None,
        };
        let resized = match act {
            Some(Act::Resize(by)) => by,
            _ => 0,
        };
        let start = self.out.len();
        match &reference.size {
            None => {
                self.rule(reference.rule, window, goal, broken)?;
                self.seen(&reference.view, start)
            }
            Some(size) => self.sized(node, reference, size, goal, broken, resized),
        }
    }

    fn sized(
        &mut self,
        node: Option<NodeId>,
        reference: &'g Reference,
        size: &'g Size,
        goal: Option<Goal<'g>>,
        broken: Option<usize>,
        resized: i64,
    ) -> Made<'t> {
        let blame = node.map_or(Blame::Rule(reference.rule), Blame::Size);
        let said = size.octets.evaluate(&self.known());
        let wanted = said.and_then(|said| u64::try_from(said + i128::from(resized)).ok());
        let Some(wanted) = wanted else { return Err(Stop::Conflict(blame)) };
        let body = self.generator.facts.node(self.generator.program.rule(reference.rule).body);
        if wanted > self.limits.octets.max(body.min) && self.leniency != Leniency::Cut {
            return Err(Stop::Conflict(blame));
        }
        let window = match reference.view {
            View::Hook(_) => Window { least: 0, most: self.limits.octets },
            _ if self.leniency == Leniency::Cut => {
                Window { least: 0, most: wanted.min(self.limits.octets) }
            }
            _ => Window::exactly(wanted),
        };
        let start = self.out.len();
        let mut tape = self.tape.clone();
        let point = self.point();
        if body.min <= window.most {
            self.rule(reference.rule, window, goal, broken)?;
        } else {
            // There is no sentence of that size: one that fits it shows the size.
            tape = self.tape.clone();
            let most = self.limits.octets;
            self.rule(reference.rule, Window { least: 0, most }, goal, broken)?;
        }
        self.seen(&reference.view, start)?;
        let found = (self.out.len() - start) as u64;
        if found == wanted || self.leniency == Leniency::Cut {
            return Ok(());
        }
        let mut reads_size = FieldSet::default();
        size.octets.for_each_field(&mut |field| reads_size = reads_size.union(FieldSet::of(field)));
        self.back_to(point);
        let reads = body.reads.without(reads_size);
        let pins = self.numbers(reads);
        let Ok(octets) = u64::try_from(i128::from(found) - i128::from(resized)) else {
            return Err(Stop::Conflict(blame));
        };
        Err(Stop::Size(Box::new(Miss { node, blame, octets, tape, pins })))
    }

    /// The numbers that are set among `fields`.
    fn numbers(&self, fields: FieldSet) -> Vec<(FieldId, u64)> {
        (0..self.generator.program.fields().len())
            .map(|index| FieldId(index as u16))
            .filter(|field| fields.meets(FieldSet::of(*field)))
            .filter_map(|field| match self.slots.get(field) {
                super::fields::Slot::Number(number) => Some((field, number)),
                _ => None,
            })
            .collect()
    }

    /// What stands from `start` on, as it is seen from outside.
    fn seen(&mut self, view: &View, start: usize) -> Made<'t> {
        match view {
            View::Plain => Ok(()),
            View::Xor(key) => {
                if let super::fields::Slot::Octets(first, end) = self.slots.get(*key) {
                    self.masks.push(Mask { start, end: self.out.len(), key: (first, end) });
                }
                Ok(())
            }
            View::Hook(name) => {
                let inside = self.masks.iter().position(|mask| mask.start >= start);
                self.unmask(inside.unwrap_or(self.masks.len()));
                match self
                    .generator
                    .encoders
                    .get(name)
                    .and_then(|encode| encode(&self.out[start..]))
                {
                    Some(encoded) => {
                        self.out.truncate(start);
                        self.out.extend_from_slice(&encoded);
                        Ok(())
                    }
                    None => Err(GenerateError::Hook { name: name.clone() }.into()),
                }
            }
        }
    }

    /// Combines with their keys what was noted from `from` on, the inner before the outer.
    fn unmask(&mut self, from: usize) {
        for mask in self.masks.drain(from..) {
            let key = self.out[mask.key.0..mask.key.1].to_vec();
            if key.is_empty() {
                continue;
            }
            // Whole runs of the key, so that many octets are combined in one step.
            let run = key.repeat(64usize.div_ceil(key.len()));
            for octets in self.out[mask.start..mask.end].chunks_mut(run.len()) {
                octets.iter_mut().zip(&run).for_each(|(octet, key)| *octet ^= key);
            }
        }
    }

    /// A condition that is already settled the wrong way, among those that read `fields`.
    pub(super) fn violated(&self, fields: FieldSet) -> Option<Blame> {
        let known = self.known();
        self.pending
            .iter()
            .filter(|pending| pending.reads.without(pending.later).meets(fields))
            .find(|pending| {
                let open = Open { fields: &known, later: pending.later };
                settled(&pending.condition, &open) == Some(!pending.wanted)
            })
            .map(|pending| pending.blame)
    }
}

/// How a repetition is gone around.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) count: u64,
    /// So often at least; what goes wrong behind is left out.
    pub(super) least: u64,
    pub(super) exactly: Option<u64>,
    pub(super) times: Times,
}

/// A field whose being set would help `condition` to come out as `wanted`.
fn need(
    condition: &Condition,
    wanted: bool,
    fields: &impl crate::program::Fields,
) -> Option<FieldId> {
    if settled(condition, fields) == Some(wanted) {
        return None;
    }
    match condition {
        Condition::Present(field) if wanted => Some(*field),
        Condition::Not(inner) => need(inner, !wanted, fields),
        Condition::And(left, right) | Condition::Or(left, right) => {
            let is_both = matches!(condition, Condition::And(..)) == wanted;
            let blocked = |side| settled(side, fields) == Some(!wanted);
            // As things are, what is not there makes the other side hold.
            let holds = |side: &Condition| side.evaluate(fields) == Some(wanted);
            if is_both {
                need(left, wanted, fields).or_else(|| need(right, wanted, fields))
            } else if holds(left) || holds(right) {
                None
            } else if blocked(left) {
                need(right, wanted, fields)
            } else {
                need(left, wanted, fields)
            }
        }
        _ => None,
    }
}
