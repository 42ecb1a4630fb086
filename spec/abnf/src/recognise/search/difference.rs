//! Whether a match has several trees.
//!
//! All ways through a rule within the octets that it took are laid out as a graph; where two of
//! them part and both come to the end, there are two trees. Empty parts are not told apart: which
//! of several passes of a loop takes nothing is no difference.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Range;

use super::super::chart::{CallId, NONE, Reading};
use super::super::machine::{Step, octet};
use super::super::run::{Run, Setting};
use super::{Choice, Frame, Search, Took, entry};
use crate::program::{NodeId, NodeKind, RuleId};

/// A rule that matches the same octets in two ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguity {
    /// The rule.
    pub rule: RuleId,
    /// The octets.
    pub octets: Range<usize>,
    /// What the two readings consist of, without what they have in common at their ends.
    pub readings: [Vec<Part>; 2],
}

/// A part of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What takes the octets.
    pub kind: PartKind,
    /// The octets.
    pub octets: Range<usize>,
}

/// What takes octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// A rule.
    Rule(RuleId),
    /// A terminal, or the name of a rule that is always one octet.
    Node(NodeId),
}

/// The ambiguities of the match that ended at `to`, one at most for each rule; and how many steps
/// it took to find them, of `steps` at most.
pub(in super::super) fn differences(
    run: &mut Run,
    setting: &Setting<'_>,
    input: &[u8],
    to: usize,
    steps: u64,
) -> (Vec<Ambiguity>, u64) {
    let Some(start) = entry(run, to) else { return (Vec::new(), 0) };
    let search = Search::new(run, setting, input);
    let mut differences = Differences {
        search,
        left: steps,
        found: Vec::new(),
        rules: BTreeSet::new(),
        octets: BTreeSet::new(),
    };
    let mut waiting = VecDeque::from([start]);
    let mut seen = BTreeSet::from([start]);
    while let Some((call, end)) = waiting.pop_front() {
        for below in differences.rule(call, end) {
            if seen.insert(below) {
                waiting.push_back(below);
            }
        }
    }
    (differences.found, steps - differences.left)
}

struct Differences<'r, 's> {
    search: Search<'r, 's>,
    left: u64,
    found: Vec<Ambiguity>,
    /// The rules that are found.
    rules: BTreeSet<RuleId>,
    /// The rules of one octet that are looked at, with the octet.
    octets: BTreeSet<(RuleId, u8)>,
}

/// All ways through a rule.
#[derive(Default)]
struct Ways {
    places: Vec<(Reading, usize)>,
    edges: Vec<Vec<Edge>>,
    /// The places where the rule may end as it did.
    ends: Vec<bool>,
    /// How many steps it is from each place to such an end, if it leads there.
    distances: Vec<Option<u32>>,
}

#[derive(Clone, Copy)]
struct Edge {
    took: Took,
    to: usize,
}

impl Differences<'_, '_> {
    /// Looks at a rule; the calls of one reading.
    fn rule(&mut self, call: CallId, end: u32) -> Vec<(CallId, u32)> {
        let Some(ways) = self.ways(call, end) else { return Vec::new() };
        let mut at = 0;
        let mut taken = Vec::new();
        let mut is_parted = false;
        while let Some(next) = ways.nearest(at) {
            if !is_parted {
                let first = self.parts(ways.rest(at, next));
                let leading = (0..ways.edges[at].len()).filter(|edge| ways.leads(at, *edge));
                let other = leading
                    .map(|edge| self.parts(ways.rest(at, edge)))
                    .find(|other| *other != first);
                if let Some(second) = other {
                    is_parted = true;
                    self.note(call, end, [first, second]);
                }
            }
            taken.push((at, next));
            at = ways.edges[at][next].to;
        }
        let mut calls = Vec::new();
        for (from, edge) in taken {
            let place = ways.places[from].1;
            match ways.edges[from][edge].took {
                Took::Call(callee, callee_end) => calls.push((callee, callee_end)),
                Took::Octet(node) => self.octet(call, node, place),
                Took::Nothing | Took::Decoded(_) => {}
            }
        }
        calls
    }

    /// Lays out the ways through a rule; nothing if that takes too many steps.
    fn ways(&mut self, call: CallId, end: u32) -> Option<Ways> {
        let to = self.search.run.ends[end as usize].at;
        let (rule, start, environment) = {
            let call = &self.search.run.calls[call as usize];
            (call.rule, call.start, call.environment)
        };
        let machine = self.search.setting.machine;
        let reading = Reading { state: machine.rules[rule].start, call, environment };
        let mut ways = Ways::default();
        let mut known = HashMap::new();
        let place_of = |ways: &mut Ways, reading: Reading, at: usize, known: &mut HashMap<_, _>| {
            *known.entry((reading.state, reading.environment, at)).or_insert_with(|| {
                ways.places.push((reading, at));
                ways.edges.push(Vec::new());
                ways.ends.push(false);
                ways.places.len() - 1
            })
        };
        place_of(&mut ways, reading, start, &mut known);
        let mut index = 0;
        while let Some((reading, at)) = ways.places.get(index).copied() {
            let (first, last) = machine.states[reading.state as usize].transitions;
            for by in first..last {
                self.left = self.left.checked_sub(1)?;
                let frame = Frame {
                    reading,
                    at,
                    transition: 0,
                    choices: 0,
                    came_by: 0,
                    took: Took::Nothing,
                };
                let transition = &machine.transitions[by as usize];
                if !self.search.may_follow(&frame, transition, to) {
                    continue;
                }
                if transition.step == Step::Accept {
                    ways.ends[index] |= at == to && self.search.ends_so(&frame, end);
                    continue;
                }
                for next in self.successors(&frame, by, to) {
                    let place = place_of(&mut ways, next.reading, next.at, &mut known);
                    ways.edges[index].push(Edge { took: next.took, to: place });
                }
            }
            index += 1;
        }
        ways.measure();
        Some(ways)
    }

    /// Where a transition leads, with every end of every call.
    fn successors(&mut self, frame: &Frame, by: u32, to: usize) -> Vec<Frame> {
        let search = &mut self.search;
        search.frames.clear();
        search.choices.clear();
        search.seen.clear();
        // A rule may stand for itself here.
        search.try_step(frame, by, to, NONE);
        let mut next = std::mem::take(&mut search.frames);
        for Choice { call, ends, left } in std::mem::take(&mut search.choices) {
            for end in &ends[..left] {
                search.seen.clear();
                search.take_call(frame, by, call, *end);
                next.append(&mut search.frames);
            }
        }
        next
    }

    /// Notes two readings of a rule.
    fn note(&mut self, call: CallId, end: u32, readings: [Vec<Part>; 2]) {
        let to = self.search.run.ends[end as usize].at;
        let (rule, start) = {
            let call = &self.search.run.calls[call as usize];
            (call.rule, call.start)
        };
        if self.rules.insert(rule) {
            let readings = without_common(readings);
            self.found.push(Ambiguity { rule, octets: start..to, readings });
        }
    }

    /// What takes octets on the way.
    fn parts(&self, took: Vec<(Took, Range<usize>)>) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for (took, octets) in took.into_iter().filter(|(_, octets)| !octets.is_empty()) {
            let kind = match took {
                Took::Nothing => continue,
                Took::Octet(node) => PartKind::Node(node),
                Took::Call(call, _) => PartKind::Rule(self.search.run.calls[call as usize].rule),
                Took::Decoded(site) => {
                    let site = &self.search.setting.machine.calls[site as usize];
                    PartKind::Rule(site.reference.rule)
                }
            };
            match parts.last_mut() {
                Some(last) if last.kind == kind && matches!(kind, PartKind::Node(_)) => {
                    last.octets.end = octets.end;
                }
                _ => parts.push(Part { kind, octets }),
            }
        }
        parts
    }

    /// Looks at a rule of one octet, which is matched without a call.
    fn octet(&mut self, call: CallId, node: NodeId, at: usize) {
        let Some(octet) = self.search.input.get(at) else { return };
        let octet = self.search.run.seen_by(call, at, *octet);
        let super::Setting { program, machine, .. } = *self.search.setting;
        let mut node = node;
        while let NodeKind::Reference(reference) = &program.node(node).kind {
            let rule = reference.rule;
            if !self.octets.insert((rule, octet)) {
                return;
            }
            node = program.rule(rule).body;
            while let NodeKind::Alternation(branches) = &program.node(node).kind {
                let matches = |branch: &&NodeId| {
                    self::octet(program, **branch, &machine.octets)
                        .is_some_and(|set| set.contains(octet))
                };
                let mut matching = branches.iter().filter(matches);
                let Some(first) = matching.next() else { return };
                if let Some(second) = matching.next()
                    && self.rules.insert(rule)
                {
                    let part = |node: &NodeId| {
                        vec![Part { kind: PartKind::Node(*node), octets: at..at + 1 }]
                    };
                    let readings = [part(first), part(second)];
                    self.found.push(Ambiguity { rule, octets: at..at + 1, readings });
                }
                node = *first;
            }
        }
    }
}

impl Ways {
    /// Finds how far it is from each place to the end.
    fn measure(&mut self) {
        let mut from: Vec<Vec<usize>> = vec![Vec::new(); self.places.len()];
        for (place, edges) in self.edges.iter().enumerate() {
            edges.iter().for_each(|edge| from[edge.to].push(place));
        }
        self.distances = self.ends.iter().map(|is_end| is_end.then_some(0)).collect();
        let mut waiting: VecDeque<usize> =
            (0..self.places.len()).filter(|place| self.ends[*place]).collect();
        while let Some(place) = waiting.pop_front() {
            let distance = self.distances[place].map(|distance| distance + 1);
            for one in &from[place] {
                if self.distances[*one].is_none() {
                    self.distances[*one] = distance;
                    waiting.push_back(*one);
                }
            }
        }
    }

    fn leads(&self, place: usize, edge: usize) -> bool {
        self.distances[self.edges[place][edge].to].is_some()
    }

    /// The way from a place that comes to the end soonest; nothing where it has come there.
    fn nearest(&self, place: usize) -> Option<usize> {
        if self.distances[place] == Some(0) {
            return None;
        }
        let edges = self.edges[place].iter().enumerate();
        let leading = edges.filter_map(|(index, edge)| Some((self.distances[edge.to]?, index)));
        leading.min().map(|(_, index)| index)
    }

    /// What is taken from a place on, first by the way `first`.
    fn rest(&self, place: usize, first: usize) -> Vec<(Took, Range<usize>)> {
        let mut taken = Vec::new();
        let (mut at, mut next) = (place, Some(first));
        while let Some(edge) = next {
            let Edge { took, to } = self.edges[at][edge];
            taken.push((took, self.places[at].1..self.places[to].1));
            at = to;
            next = self.nearest(at);
        }
        taken
    }
}

/// Without the parts that both readings begin or end with.
fn without_common(readings: [Vec<Part>; 2]) -> [Vec<Part>; 2] {
    let [mut first, mut second] = readings;
    let pairs = first.iter().zip(&second);
    let same = pairs.take_while(|(first, second)| first == second).count();
    first.drain(..same);
    second.drain(..same);
    while first.last().is_some() && first.last() == second.last() {
        first.pop();
        second.pop();
    }
    [first, second]
}
