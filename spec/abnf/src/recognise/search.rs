//! Finds the tree of a match in what a run has noted.
//!
//! Of several trees it is the first in this order: from left to right, the first alternative that
//! leads to a match; a repetition goes around once more if it can; a rule's name takes as many
//! octets as it can. Of rules that lead back to each other on the same octets, the reading that was
//! found first is taken, so that no rule stands for itself.
//!
//! How often something is repeated that takes no octets is not stated.
//!
//! Each rule is searched within the octets that it took, so a wrong turn costs no more than the
//! readings that the run followed there.

mod difference;

use std::collections::HashMap;
use std::sync::Arc;

use super::chart::{CallId, End, NONE, Reading};
use super::machine::{Mark, Step, Transition};
use super::run::{FEW, Run, Setting};
use super::table::Seen;
use super::tree::{Detail, NodeData, Tree, ViewData};
use crate::program::{NodeId, NodeKind, RuleId, View};

pub(super) use difference::differences;
pub use difference::{Ambiguity, Part, PartKind};

/// More calls at a place than this are sorted by their rules.
const MANY: CallId = 64;

/// The tree of the entry, which ended at `to`; nothing if it did not.
pub(super) fn tree(
    run: &mut Run,
    setting: &Setting<'_>,
    input: &[u8],
    to: usize,
    detail: Detail,
) -> Option<Tree> {
    let (call, end) = entry(run, to)?;
    let mut search = Search { detail, ..Search::new(run, setting, input) };
    search.tree.nodes.push(NodeData::default());
    let mut waiting = vec![(0, call, end)];
    while let Some((node, call, end)) = waiting.pop() {
        search.rule(node, call, end, &mut waiting)?;
    }
    let regions = search.run.regions.iter();
    search.tree.views = regions
        .map(|one| ViewData { start: one.start, key: one.key.clone(), outer: one.outer })
        .collect();
    Some(search.tree)
}

fn entry(run: &Run, to: usize) -> Option<(CallId, u32)> {
    let calls = run.calls.iter().enumerate().skip(1).take_while(|(_, call)| call.start == 0);
    for (index, call) in calls {
        let mut at = call.returns;
        while at != NONE {
            let one = run.returns[at as usize];
            if one.to.call == 0 {
                return end_at(run, call.ends, to).map(|end| (index as CallId, end));
            }
            at = one.earlier;
        }
    }
    None
}

fn end_at(run: &Run, ends: u32, to: usize) -> Option<u32> {
    let mut at = ends;
    while at != NONE {
        if run.ends[at as usize].at == to {
            return Some(at);
        }
        at = run.ends[at as usize].earlier;
    }
    None
}

struct Search<'r, 's> {
    run: &'r mut Run,
    setting: &'s Setting<'s>,
    input: &'s [u8],
    detail: Detail,
    seen: Seen,
    frames: Vec<Frame>,
    /// Calls of which some ends are still to be tried, those of later frames behind.
    choices: Vec<Choice>,
    /// The ends of calls with many, the latest last.
    sorted_ends: HashMap<CallId, Arc<[u32]>>,
    steps: u64,
    /// The calls at places with many, by their rules.
    sorted_calls: HashMap<usize, HashMap<RuleId, Vec<CallId>>>,
    tree: Tree,
}

/// A call of which some ends are still to be tried: the next is the last of the `left` first.
struct Choice {
    call: CallId,
    ends: Arc<[u32]>,
    left: usize,
}

/// A place on the way.
#[derive(Clone, Copy)]
struct Frame {
    reading: Reading,
    at: usize,
    /// The transition that is tried next.
    transition: u32,
    /// Where this frame's choices begin.
    choices: usize,
    /// The transition that led here, and the call that it took.
    came_by: u32,
    took: Took,
}

#[derive(Clone, Copy)]
enum Took {
    Nothing,
    Octet(NodeId),
    Call(CallId, u32),
    Decoded(u32),
}

impl<'r, 's> Search<'r, 's> {
    fn new(run: &'r mut Run, setting: &'s Setting<'s>, input: &'s [u8]) -> Self {
        Self {
            run,
            setting,
            input,
            detail: Detail::default(),
            seen: Seen::new(),
            frames: Vec::new(),
            choices: Vec::new(),
            sorted_ends: HashMap::new(),
            steps: 0,
            sorted_calls: HashMap::new(),
            tree: Tree::default(),
        }
    }

    /// Finds how a call came to its end, and notes its parts.
    fn rule(
        &mut self,
        node: usize,
        call: CallId,
        end: u32,
        waiting: &mut Vec<(usize, CallId, u32)>,
    ) -> Option<()> {
        let to = self.run.ends[end as usize].at;
        let (rule, start, region, environment) = {
            let call = &self.run.calls[call as usize];
            (call.rule, call.start, call.region, call.environment)
        };
        let last = self.path(call, end, to, environment)?;

        let mut data = NodeData { rule, start, end: to, view: region, ..NodeData::default() };
        data.trail.0 = self.tree.trail.len() as u32;
        data.children.0 = self.tree.nodes.len() as u32;
        for index in 1..=self.frames.len() {
            let before = self.frames[index - 1].at;
            let (came_by, took) =
                self.frames.get(index).map_or((last, Took::Nothing), |one| (one.came_by, one.took));
            if self.detail == Detail::Everything {
                let (first, end) = self.setting.machine.transitions[came_by as usize].marks;
                let marks = &self.setting.machine.marks[first as usize..end as usize];
                self.tree.trail.extend(marks.iter().map(|mark| (before, *mark)));
            }
            match took {
                Took::Nothing => {}
                Took::Octet(node) => self.octet(node, before, region),
                Took::Call(call, end) => {
                    waiting.push((self.tree.nodes.len(), call, end));
                    self.tree.nodes.push(NodeData::default());
                }
                Took::Decoded(site) => {
                    let rule = self.setting.machine.calls[site as usize].reference.rule;
                    let end = self.frames[index].at;
                    let view = region;
                    let start = before;
                    self.tree.nodes.push(NodeData {
                        rule,
                        start,
                        end,
                        view,
                        ..data.without_parts()
                    });
                }
            }
        }
        data.trail.1 = self.tree.trail.len() as u32;
        data.children.1 = self.tree.nodes.len() as u32;
        self.tree.nodes[node] = data;
        if self.detail == Detail::Everything {
            self.below_octets(call, data.children.0 as usize);
        }
        Some(())
    }

    /// A rule of one octet that was matched without a call.
    fn octet(&mut self, node: NodeId, at: usize, view: u32) {
        if self.detail == Detail::Everything
            && let NodeKind::Reference(reference) = &self.setting.program.node(node).kind
        {
            self.push_octet(reference.rule, at, view);
        }
    }

    fn push_octet(&mut self, rule: RuleId, at: usize, view: u32) {
        let data = NodeData { rule, start: at, end: at + 1, view, ..NodeData::default() };
        self.tree.nodes.push(data);
    }

    /// What is below the rules of one octet from `first` on: such rules again, each the only part
    /// of the one before.
    fn below_octets(&mut self, call: CallId, first: usize) {
        let mut index = first;
        while let Some(NodeData { rule, start, end, view, .. }) =
            self.tree.nodes.get(index).copied()
        {
            index += 1;
            let is_octet = end == start + 1 && self.setting.machine.octets.contains_key(&rule);
            let Some(octet) = self.input.get(start).filter(|_| is_octet) else { continue };
            let octet = self.run.seen_by(call, start, *octet);
            let trail = self.tree.trail.len() as u32;
            let children = self.tree.nodes.len() as u32;
            self.choices_in(self.setting.program.rule(rule).body, octet, start, view);
            let trail = (trail, self.tree.trail.len() as u32);
            let children = (children, self.tree.nodes.len() as u32);
            let data = &mut self.tree.nodes[index - 1];
            (data.trail, data.children) = (trail, children);
        }
    }

    /// The choices in a node that always stands for one octet.
    fn choices_in(&mut self, node: NodeId, octet: u8, at: usize, view: u32) {
        let Setting { program, machine, .. } = *self.setting;
        let mut node = node;
        loop {
            match &program.node(node).kind {
                NodeKind::Alternation(branches) => {
                    let matches = |branch: &NodeId| {
                        super::machine::octet(program, *branch, &machine.octets)
                            .is_some_and(|set| set.contains(octet))
                    };
                    let Some(taken) = branches.iter().position(matches) else { return };
                    self.tree.trail.push((at, Mark::Branch(node, taken as u32)));
                    node = branches[taken];
                }
                NodeKind::Terminal(_) => {
                    self.tree.trail.push((at, Mark::Terminal(node)));
                    return;
                }
                NodeKind::Reference(reference) => {
                    self.push_octet(reference.rule, at, view);
                    return;
                }
                NodeKind::Sequence(_) | NodeKind::Repetition { .. } | NodeKind::Prose(_) => return,
            }
        }
    }

    /// Fills the frames with the way through a rule; returns the transition that ends it.
    fn path(&mut self, call: CallId, end: u32, to: usize, environment: u32) -> Option<u32> {
        let (rule, from) =
            (self.run.calls[call as usize].rule, self.run.calls[call as usize].start);
        let state = self.setting.machine.rules[rule].start;
        self.seen.clear();
        self.frames.clear();
        self.choices.clear();
        let reading = Reading { state, call, environment };
        self.push(reading, from, 0, Took::Nothing);
        loop {
            self.steps += 1;
            if self.steps > self.setting.step_limit {
                self.run.is_exhausted = true;
                return None;
            }
            let top = self.frames.len().checked_sub(1)?;
            let frame = self.frames[top];
            let (first, last) =
                self.setting.machine.states[frame.reading.state as usize].transitions;
            if let Some((callee, callee_end)) = self.choice(&frame) {
                let by = first + frame.transition - 1;
                self.take_call(&frame, by, callee, callee_end);
                continue;
            }
            if first + frame.transition == last {
                self.frames.pop();
                continue;
            }
            let by = first + frame.transition;
            self.frames[top].transition += 1;
            let transition = &self.setting.machine.transitions[by as usize];
            if !self.may_follow(&frame, transition, to) {
                continue;
            }
            if transition.step == Step::Accept {
                if frame.at == to && self.ends_so(&frame, end) {
                    return Some(by);
                }
            } else {
                self.try_step(&frame, by, to, end);
            }
        }
    }

    fn choice(&mut self, frame: &Frame) -> Option<(CallId, u32)> {
        while self.choices.len() > frame.choices {
            let choice = self.choices.last_mut()?;
            if let Some(left) = choice.left.checked_sub(1) {
                choice.left = left;
                return Some((choice.call, choice.ends[left]));
            }
            self.choices.pop();
        }
        None
    }

    fn push(&mut self, reading: Reading, at: usize, came_by: u32, took: Took) {
        let key = (reading.state, at as u32, reading.environment);
        if self.seen.get_or_insert(key, 0).1 {
            let choices = self.choices.len();
            self.frames.push(Frame { reading, at, transition: 0, choices, came_by, took });
        }
    }

    fn may_follow(&self, frame: &Frame, transition: &Transition, to: usize) -> bool {
        let is_at_end = frame.at == self.run.region_end(frame.reading.call);
        let octet = self.input.get(frame.at).filter(|_| frame.at < to || !is_at_end);
        let octet = octet.map(|octet| {
            if is_at_end { *octet } else { self.run.seen_by(frame.reading.call, frame.at, *octet) }
        });
        transition.look.allows(octet, is_at_end)
    }

    fn ends_so(&mut self, frame: &Frame, end: u32) -> bool {
        let (rule, start, region) = {
            let call = &self.run.calls[frame.reading.call as usize];
            (call.rule, call.start, call.region)
        };
        let position = std::mem::replace(&mut self.run.position, frame.at);
        let environment =
            self.run.ended(self.setting, self.input, frame.reading, rule, start, region);
        self.run.position = position;
        let Some(environment) = environment else { return false };
        let exports = &self.setting.machine.rules[rule].exports;
        let environment = self.run.environments.masked(environment, exports);
        environment == self.run.ends[end as usize].environment
    }

    fn try_step(&mut self, frame: &Frame, by: u32, to: usize, end: u32) {
        let transition = &self.setting.machine.transitions[by as usize];
        let keeps = &self.setting.machine.states[transition.to as usize].keeps;
        let Reading { call, environment, .. } = frame.reading;
        match transition.step {
            Step::Octet(set, node) => {
                let Some(octet) = self.input.get(frame.at).filter(|_| frame.at < to) else {
                    return;
                };
                if !set.contains(self.run.seen_by(call, frame.at, *octet)) {
                    return;
                }
                let skips = self.setting.machine.states[frame.reading.state as usize].skips;
                let at =
                    if skips && transition.to == frame.reading.state { to } else { frame.at + 1 };
                let environment = self.run.environments.masked(environment, keeps);
                let reading = Reading { state: transition.to, call, environment };
                self.push(reading, at, by, Took::Octet(node));
            }
            Step::Guard(guard) => {
                let fields = self.run.fields(self.setting, environment);
                if self.setting.machine.guards[guard as usize].evaluate(&fields) == Some(true) {
                    let environment = self.run.environments.masked(environment, keeps);
                    let reading = Reading { state: transition.to, call, environment };
                    self.push(reading, frame.at, by, Took::Nothing);
                }
            }
            Step::Free => {
                let environment = self.run.environments.masked(environment, keeps);
                let reading = Reading { state: transition.to, call, environment };
                self.push(reading, frame.at, by, Took::Nothing);
            }
            Step::Count(counter, step) => {
                let reading = frame.reading;
                if let Some(environment) =
                    self.run.count(self.setting, reading, frame.at, counter, step)
                {
                    let environment = self.run.environments.masked(environment, keeps);
                    let reading = Reading { state: transition.to, call, environment };
                    self.push(reading, frame.at, by, Took::Nothing);
                }
            }
            Step::Call(site) => self.offer_calls(frame, by, site, to, end),
            Step::Prose(_) | Step::Accept => {}
        }
    }

    /// Notes the calls that this transition made here, those that end last to be tried first.
    fn offer_calls(&mut self, frame: &Frame, by: u32, site: u32, to: usize, end: u32) {
        let reference = &self.setting.machine.calls[site as usize].reference;
        let transition = &self.setting.machine.transitions[by as usize];
        if let View::Hook(_) = reference.view {
            self.decoded(frame, by, site, to);
            return;
        }
        let calls = self.calls_at(frame.at, reference.rule);
        let return_to = Reading { state: transition.to, ..frame.reading };
        let rules = &self.setting.machine.rules;
        let caller = self.run.calls[frame.reading.call as usize].rule;
        let is_circle = rules[caller].circle == rules[reference.rule].circle;
        let from = self.run.calls[frame.reading.call as usize].start;
        for id in calls {
            if !self.returns_to(id, return_to) {
                continue;
            }
            let ends = self.ends_of(id);
            // In a circle, what takes all octets of this rule must have ended before it did.
            let is_within = |one: &u32| {
                let at = self.run.ends[*one as usize].at;
                at < to || at == to && (!is_circle || frame.at != from || *one < end)
            };
            let left = ends.partition_point(is_within);
            self.choices.push(Choice { call: id, ends, left });
        }
    }

    /// The calls of a rule at a place. Where there are many of all kinds, they are sorted once.
    fn calls_at(&mut self, at: usize, rule: RuleId) -> Vec<CallId> {
        let Ok(place) = self.run.first_calls.binary_search_by_key(&at, |(at, _)| *at) else {
            return Vec::new();
        };
        let first = self.run.first_calls[place].1;
        let last = self.run.first_calls.get(place + 1).map(|(_, first)| *first);
        let last = last.unwrap_or(self.run.calls.len() as CallId);
        let calls = &self.run.calls;
        if last - first < MANY {
            return (first..last).filter(|id| calls[*id as usize].rule == rule).collect();
        }
        let sorted = self.sorted_calls.entry(at).or_insert_with(|| {
            let mut sorted: HashMap<RuleId, Vec<CallId>> = HashMap::new();
            for id in first..last {
                sorted.entry(calls[id as usize].rule).or_default().push(id);
            }
            sorted
        });
        sorted.get(&rule).cloned().unwrap_or_default()
    }

    /// The ends of a call in the order in which they were found, which is that of their places.
    fn ends_of(&mut self, call: CallId) -> Arc<[u32]> {
        if let Some(ends) = self.sorted_ends.get(&call) {
            return Arc::clone(ends);
        }
        let mut ends = Vec::new();
        let mut at = self.run.calls[call as usize].ends;
        while at != NONE {
            ends.push(at);
            at = self.run.ends[at as usize].earlier;
        }
        ends.reverse();
        self.steps += ends.len() as u64;
        let is_many = ends.len() > FEW;
        let ends: Arc<[u32]> = ends.into();
        if is_many {
            self.sorted_ends.insert(call, Arc::clone(&ends));
        }
        ends
    }

    fn returns_to(&mut self, call: CallId, to: Reading) -> bool {
        let mut at = self.run.calls[call as usize].returns;
        while at != NONE {
            self.steps += 1;
            let one = self.run.returns[at as usize];
            if one.to == to {
                return true;
            }
            at = one.earlier;
        }
        false
    }

    fn take_call(&mut self, frame: &Frame, by: u32, callee: CallId, callee_end: u32) {
        let state = self.setting.machine.transitions[by as usize].to;
        let End { at, environment, .. } = self.run.ends[callee_end as usize];
        let to = Reading { state, ..frame.reading };
        let environment = self.run.behind(self.setting, callee, to, environment);
        self.push(Reading { environment, ..to }, at, by, Took::Call(callee, callee_end));
    }

    fn decoded(&mut self, frame: &Frame, by: u32, site: u32, to: usize) {
        let reference = &self.setting.machine.calls[site as usize].reference;
        let fields = self.run.fields(self.setting, frame.reading.environment);
        let Some(size) = &reference.size else { return };
        let Some(size) = size.octets.evaluate(&fields).and_then(|size| usize::try_from(size).ok())
        else {
            return;
        };
        let Some(end) = frame.at.checked_add(size).filter(|end| *end <= to) else { return };
        let region = self.run.calls[frame.reading.call as usize].region;
        let octets = self.run.seen_in(region, self.input, frame.at, end);
        if (self.setting.decoded)(reference, &octets) == Some(true) {
            let state = self.setting.machine.transitions[by as usize].to;
            let keeps = &self.setting.machine.states[state as usize].keeps;
            let environment = self.run.environments.masked(frame.reading.environment, keeps);
            let reading = Reading { state, environment, ..frame.reading };
            self.push(reading, end, by, Took::Decoded(site));
        }
    }
}
