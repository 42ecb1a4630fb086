//! Goes through the octets, all readings side by side.
//!
//! A reading is a state within a call, with what it knows of fields. At each octet, readings that
//! are in the same place become one, so their number depends on the grammar and not on how many
//! ways led there. Rules that call themselves, on the left too, need nothing special: a call at a
//! place is made once, whoever asks for it.

use std::sync::Arc;

use super::environment::{EnvironmentId, Environments, Slot, View as FieldView};
use super::machine::{CountStep, Counter, Machine, StateId, Step, Transition};
use super::table::Seen;
use crate::program::{Fields, Given, NodeId, OctetSet, Program, Reference, RuleId, View, Where};

/// What decodes the octets of a part: the octets, and the greatest length of the result.
pub type Hook = dyn Fn(&[u8], usize) -> Option<Vec<u8>> + Send + Sync;

/// All that a run needs and does not change.
pub(super) struct Setting<'m> {
    pub(super) program: &'m Program,
    pub(super) machine: &'m Machine,
    pub(super) given: &'m Given,
    pub(super) step_limit: u64,
    /// Judges a part that a hook decodes: the reference, and its octets.
    pub(super) decoded: &'m dyn Fn(&Reference, &[u8]) -> bool,
}

/// A reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) state: StateId,
    pub(super) call: CallId,
    pub(super) environment: EnvironmentId,
}

pub(super) type CallId = u32;
type RegionId = u32;

/// A rule at a place.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) rule: RuleId,
    pub(super) start: usize,
    pub(super) environment: EnvironmentId,
    pub(super) region: RegionId,
    /// Whether the region is this call's own, so that it ends where the region does.
    pub(super) owns_region: bool,
    /// The latest of its returns and ends, linked to the earlier ones.
    pub(super) returns: u32,
    pub(super) ends: u32,
}

/// Where a reading goes on behind a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Return {
    pub(super) to: Reading,
    pub(super) earlier: u32,
}

/// Where a call ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) at: usize,
    pub(super) environment: EnvironmentId,
    pub(super) earlier: u32,
}

pub(super) const NONE: u32 = u32::MAX;

/// Up to so many things are looked through one by one.
const FEW: usize = 12;

/// A part whose extent is known, or whose octets are seen in another way.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) start: usize,
    /// Where it has to end; `usize::MAX` if that is not known.
    pub(super) end: usize,
    pub(super) key: Option<Arc<[u8]>>,
    pub(super) outer: RegionId,
    /// The call site that opened it.
    pub(super) site: u32,
}

/// An octet that a reading waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) set: OctetSet,
    pub(super) to: Reading,
}

/// A part that a hook decodes once it is whole.
#[derive(Clone, Copy, Debug)]
struct Parked {
    start: usize,
    end: usize,
    site: u32,
    region: RegionId,
    to: Reading,
}

/// What kept a reading from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// A `where` of a rule that began at `start`.
    Where { rule: RuleId, index: usize, start: usize },
    /// A `when` at a call site within a call.
    When { site: u32, call: CallId },
    /// The size at a call site: the part does not fit in.
    Size { site: u32, call: CallId },
    /// A call needs more octets than the part that it is in has.
    Short { call: CallId },
    /// The size at a call site: the part could end, but has more octets.
    Left { site: u32, start: usize },
    /// The octets are not the integer that the rule says, or too few for its bits.
    Value { rule: RuleId, start: usize },
    /// A hook refused the octets, or what it made of them did not match.
    Decoded { site: u32, start: usize },
}

/// Readings in progress.
pub(super) struct Run {
    pub(super) environments: Environments,
    pub(super) regions: Vec<Region>,
    pub(super) calls: Vec<Call>,
    pub(super) returns: Vec<Return>,
    pub(super) ends: Vec<End>,
    /// For each place with calls, the first of them.
    pub(super) first_calls: Vec<(usize, CallId)>,
    /// The octets so far.
    pub(super) position: usize,
    /// The readings at this place, before and while they are followed up.
    readings: Vec<Reading>,
    /// Whether the readings at this place were followed up without knowing the next octet.
    is_settled: bool,
    pub(super) waiting: Vec<Waiting>,
    next: Vec<Reading>,
    /// The readings of which the next octet ruled out something.
    cut_short: Vec<Reading>,
    parked: Vec<Parked>,
    seen: Seen,
    calls_here: Seen,
    /// The octet at this place, where it is known.
    octet: Option<u8>,
    /// Where the entry ended last.
    pub(super) accepted: Option<usize>,
    pub(super) is_dead: bool,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) prose: Option<NodeId>,
    pub(super) steps: u64,
    pub(super) is_exhausted: bool,
}

impl Run {
    pub(super) fn new(setting: &Setting<'_>) -> Self {
        let outside = Call {
            rule: setting.machine.states[setting.machine.start as usize].rule,
            start: 0,
            environment: 0,
            region: 0,
            owns_region: false,
            returns: NONE,
            ends: NONE,
        };
        let everything = Region { start: 0, end: usize::MAX, key: None, outer: 0, site: 0 };
        Self {
            environments: Environments::new(setting.machine.slots.count),
            regions: vec![everything],
            calls: vec![outside],
            returns: Vec::new(),
            ends: Vec::new(),
            first_calls: vec![(0, 1)],
            position: 0,
            readings: vec![Reading { state: setting.machine.start, call: 0, environment: 0 }],
            is_settled: false,
            waiting: Vec::new(),
            next: Vec::new(),
            cut_short: Vec::new(),
            parked: Vec::new(),
            seen: Seen::new(),
            calls_here: Seen::new(),
            octet: None,
            accepted: None,
            is_dead: false,
            obstacles: Vec::new(),
            prose: None,
            steps: 0,
            is_exhausted: false,
        }
    }

    /// Goes on to the end of `input`, which begins with what it was before.
    pub(super) fn advance(&mut self, setting: &Setting<'_>, input: &[u8]) {
        while self.position < input.len() && !self.is_dead && !self.is_exhausted {
            if self.skip(setting, input.len()) {
                continue;
            }
            let octet = input[self.position];
            if self.is_settled {
                for index in 0..self.waiting.len() {
                    let Waiting { set, to } = self.waiting[index];
                    if set.contains(self.seen_by(to.call, self.position, octet)) {
                        self.next.push(to);
                    }
                }
            } else {
                self.follow_up(setting, input, Some(octet));
            }
            if self.is_exhausted {
                return;
            }
            if self.next.is_empty() && self.parked.is_empty() {
                self.is_dead = true;
                if !self.is_settled {
                    self.explain(setting, input);
                }
                return;
            }
            self.move_to(self.position + 1);
            std::mem::swap(&mut self.readings, &mut self.next);
            self.next.clear();
        }
    }

    /// Follows all readings up to where they need an octet; afterwards [`Run::waiting`] and
    /// [`Run::accepted`] tell what is possible.
    pub(super) fn settle(&mut self, setting: &Setting<'_>, input: &[u8]) {
        if self.is_settled || self.is_dead || self.is_exhausted {
            return;
        }
        self.follow_up(setting, input, None);
        self.is_settled = true;
        if self.waiting.is_empty() && self.parked.is_empty() && self.accepted != Some(self.position)
        {
            self.is_dead = !self.is_exhausted;
        }
    }

    /// The octet at `at` as the rules of a call see it.
    pub(super) fn seen_by(&self, call: CallId, at: usize, octet: u8) -> u8 {
        let mut region = self.calls[call as usize].region;
        let mut octet = octet;
        while region != 0 {
            let Region { start, key, outer, .. } = &self.regions[region as usize];
            if let Some(key) = key {
                octet ^= key[(at - start) % key.len()];
            }
            region = *outer;
        }
        octet
    }

    /// The octets of a range as the rules in a region see them.
    pub(super) fn seen_in(
        &self,
        region: RegionId,
        input: &[u8],
        from: usize,
        to: usize,
    ) -> Vec<u8> {
        let mut octets = input[from..to].to_vec();
        let mut region = region;
        while region != 0 {
            let Region { start, key, outer, .. } = &self.regions[region as usize];
            if let Some(key) = key {
                for (index, octet) in octets.iter_mut().enumerate() {
                    *octet ^= key[(from + index - start) % key.len()];
                }
            }
            region = *outer;
        }
        octets
    }

    pub(super) fn region_end(&self, call: CallId) -> usize {
        self.regions[self.calls[call as usize].region as usize].end
    }

    /// Passes over octets of any kind at once.
    fn skip(&mut self, setting: &Setting<'_>, available: usize) -> bool {
        let [reading] = self.readings.as_slice() else { return false };
        if self.is_settled || !self.parked.is_empty() {
            return false;
        }
        if !setting.machine.states[reading.state as usize].skips {
            return false;
        }
        let end = self.region_end(reading.call).min(available);
        if end <= self.position + 1 {
            return false;
        }
        self.steps += 1;
        self.move_to(end);
        true
    }

    fn move_to(&mut self, position: usize) {
        self.position = position;
        self.is_settled = false;
        self.waiting.clear();
        self.obstacles.clear();
    }

    /// Follows all readings at this place. If the next octet is known, only what it allows.
    fn follow_up(&mut self, setting: &Setting<'_>, input: &[u8], octet: Option<u8>) {
        self.seen.clear();
        self.calls_here.clear();
        self.cut_short.clear();
        self.octet = octet;
        let arrived = std::mem::take(&mut self.readings);
        for reading in &arrived {
            self.add(setting, *reading);
        }
        self.unpark(setting, input);
        self.run_down(setting, input);
        // The buffer goes back, for the next place.
        self.readings = arrived;
        self.readings.clear();
    }

    fn run_down(&mut self, setting: &Setting<'_>, input: &[u8]) {
        let mut index = 0;
        while let Some(reading) = self.readings.get(index).copied() {
            index += 1;
            self.steps += 1;
            if self.steps > setting.step_limit {
                self.is_exhausted = true;
                return;
            }
            let is_at_end = self.position == self.region_end(reading.call);
            let octet = self.octet_for(reading.call, is_at_end);
            let state = &setting.machine.states[reading.state as usize];
            let mut is_cut_short = false;
            for transition in setting.machine.of(state) {
                if transition.look.allows(octet, is_at_end) {
                    self.take(setting, input, reading, transition, octet, is_at_end);
                } else {
                    is_cut_short = true;
                }
            }
            if is_cut_short {
                self.cut_short.push(reading);
            }
        }
    }

    /// The octet at this place as a call sees it, if it is known.
    fn octet_for(&self, call: CallId, is_at_end: bool) -> Option<u8> {
        match self.octet {
            Some(octet) if !is_at_end && self.calls[call as usize].region != 0 => {
                Some(self.seen_by(call, self.position, octet))
            }
            known => known,
        }
    }

    /// Finds what was expected instead of the octet that no reading allows.
    fn explain(&mut self, setting: &Setting<'_>, input: &[u8]) {
        self.readings = std::mem::take(&mut self.cut_short);
        self.waiting.clear();
        self.octet = None;
        self.run_down(setting, input);
        self.readings.clear();
    }

    #[inline(always)]
    fn add(&mut self, setting: &Setting<'_>, reading: Reading) {
        if self.octet.is_some() {
            let is_at_end = self.position == self.region_end(reading.call);
            let octet = self.octet_for(reading.call, is_at_end);
            let look = &setting.machine.states[reading.state as usize].look;
            if !look.allows(octet, is_at_end) {
                self.cut_short.push(reading);
                return;
            }
        }
        // Mostly there are so few that looking through them is the fastest.
        if self.readings.len() < FEW {
            if !self.readings.contains(&reading) {
                self.readings.push(reading);
            }
            return;
        }
        self.add_to_many(reading);
    }

    #[cold]
    fn add_to_many(&mut self, reading: Reading) {
        if self.readings.len() == FEW {
            for index in 0..FEW {
                let known = self.readings[index];
                self.seen.get_or_insert((known.state, known.call, known.environment), 0);
            }
        }
        let key = (reading.state, reading.call, reading.environment);
        if self.seen.get_or_insert(key, 0).1 {
            self.readings.push(reading);
        }
    }

    fn go(&mut self, setting: &Setting<'_>, reading: Reading, to: StateId, env: EnvironmentId) {
        let keeps = &setting.machine.states[to as usize].keeps;
        let environment = self.environments.masked(env, keeps);
        self.add(setting, Reading { state: to, call: reading.call, environment });
    }

    fn take(
        &mut self,
        setting: &Setting<'_>,
        input: &[u8],
        reading: Reading,
        transition: &Transition,
        octet: Option<u8>,
        is_at_end: bool,
    ) {
        match transition.step {
            Step::Octet(set, _) => {
                if is_at_end {
                    self.obstacles.push(Obstacle::Short { call: reading.call });
                    return;
                }
                let keeps = &setting.machine.states[transition.to as usize].keeps;
                let environment = self.environments.masked(reading.environment, keeps);
                let to = Reading { state: transition.to, call: reading.call, environment };
                match octet {
                    Some(_) => self.next.push(to),
                    None => self.waiting.push(Waiting { set, to }),
                }
            }
            Step::Call(site) => self.call(setting, reading, site, transition.to),
            Step::Guard(guard) => {
                let fields = self.fields(setting, reading.environment);
                if setting.machine.guards[guard as usize].evaluate(&fields) == Some(true) {
                    self.go(setting, reading, transition.to, reading.environment);
                }
            }
            Step::Count(counter, step) => {
                if let Some(environment) = self.count(setting, reading.environment, counter, step) {
                    self.go(setting, reading, transition.to, environment);
                }
            }
            Step::Prose(node) => self.prose = self.prose.or(Some(node)),
            Step::Accept => self.accept(setting, input, reading),
        }
    }

    /// The environment behind a step of a counted repetition, if the step is allowed.
    pub(super) fn count(
        &mut self,
        setting: &Setting<'_>,
        environment: EnvironmentId,
        counter: u32,
        step: CountStep,
    ) -> Option<EnvironmentId> {
        let Counter { min, max, slot } = setting.machine.counters[counter as usize];
        let slot = usize::from(slot);
        let count = match self.environments.slot(environment, slot) {
            Slot::Number(count) => *count,
            Slot::Unset | Slot::Octets(_) => 0,
        };
        let value = match step {
            CountStep::Begin => Slot::Number(0),
            CountStep::Again if max.is_some_and(|max| count >= max) => return None,
            CountStep::Again if max.is_none() && count >= min => Slot::Number(count),
            CountStep::Again => Slot::Number(count + 1),
            CountStep::Leave if count < min => return None,
            CountStep::Leave => Slot::Unset,
        };
        Some(self.environments.with(environment, [(slot, value)]))
    }

    pub(super) fn fields<'e>(
        &'e self,
        setting: &'e Setting<'_>,
        id: EnvironmentId,
    ) -> FieldView<'e> {
        self.environments.view(id, &setting.machine.slots, setting.given)
    }

    fn call(&mut self, setting: &Setting<'_>, reading: Reading, site: u32, to: StateId) {
        let reference = &setting.machine.calls[site as usize].reference;
        let outer = self.calls[reading.call as usize].region;
        let fields = self.fields(setting, reading.environment);
        if let Some(Where { condition, .. }) = &reference.when
            && condition.evaluate(&fields) != Some(true)
        {
            self.obstacles.push(Obstacle::When { site, call: reading.call });
            return;
        }
        let mut end = self.regions[outer as usize].end;
        if let Some(size) = &reference.size {
            let octets = size.octets.evaluate(&fields);
            let room = end - self.position;
            match octets.and_then(|octets| usize::try_from(octets).ok()) {
                Some(octets) if octets <= room => {
                    // Beyond what can be addressed no octet will ever come.
                    end = self.position.saturating_add(octets).min(usize::MAX - 1);
                }
                _ => {
                    self.obstacles.push(Obstacle::Size { site, call: reading.call });
                    return;
                }
            }
        }
        let key = match reference.view {
            View::Xor(field) => match fields.octets(field) {
                Some(key) if !key.is_empty() => Some(Arc::from(key)),
                _ => None,
            },
            View::Plain | View::Hook(_) => None,
        };
        let return_to = Reading { state: to, call: reading.call, environment: reading.environment };
        if let View::Hook(_) = reference.view {
            let start = self.position;
            let parked = Parked { start, end, site, region: outer, to: return_to };
            if end == start {
                self.decode(setting, &[], parked);
            } else {
                self.parked.push(parked);
            }
            return;
        }
        let owns_region = reference.size.is_some() || key.is_some();
        let region = if owns_region {
            let region = Region { start: self.position, end, key, outer, site };
            self.region(region)
        } else {
            outer
        };
        let callee = &setting.machine.rules[reference.rule];
        let environment = self.environments.masked(reading.environment, &callee.reads);
        let new = self.calls.len() as CallId;
        let (call, is_new) = self.callee(reference.rule, environment, region, owns_region);
        let earlier = if is_new { NONE } else { self.calls[call as usize].returns };
        if is_new {
            if self.first_calls.last().is_none_or(|(at, _)| *at != self.position) {
                self.first_calls.push((self.position, new));
            }
            self.calls.push(Call {
                rule: reference.rule,
                start: self.position,
                environment,
                region,
                owns_region,
                returns: NONE,
                ends: NONE,
            });
            self.add(setting, Reading { state: callee.start, call, environment });
        }
        self.returns.push(Return { to: return_to, earlier });
        self.calls[call as usize].returns = self.returns.len() as u32 - 1;
        // A call that was made here before may have ended here already.
        let mut end = self.calls[call as usize].ends;
        while end != NONE {
            let End { environment, earlier, .. } = self.ends[end as usize];
            self.give_back(setting, call, return_to, environment);
            end = earlier;
        }
    }

    /// The call of a rule at this place, and whether it is the first.
    fn callee(
        &mut self,
        rule: RuleId,
        environment: EnvironmentId,
        region: RegionId,
        owns_region: bool,
    ) -> (CallId, bool) {
        let new = self.calls.len() as CallId;
        let first = match self.first_calls.last() {
            Some((at, first)) if *at == self.position => *first,
            _ => new,
        };
        let here = &self.calls[first as usize..];
        let key = |call: &Call| {
            (call.rule.0 << 1 | u32::from(call.owns_region), call.environment, call.region)
        };
        let wanted = (rule.0 << 1 | u32::from(owns_region), environment, region);
        if here.len() < FEW {
            let known = here.iter().position(|call| key(call) == wanted);
            return known.map_or((new, true), |index| (first + index as CallId, false));
        }
        if here.len() == FEW {
            for (index, call) in here.iter().enumerate() {
                self.calls_here.get_or_insert(key(call), first + index as CallId);
            }
        }
        self.calls_here.get_or_insert(wanted, new)
    }

    /// The number of a region; equal ones have the same.
    fn region(&mut self, region: Region) -> RegionId {
        let here = self.regions.iter().enumerate().rev();
        let known = here
            .take_while(|(_, one)| one.start == region.start)
            .find(|(_, one)| {
                one.end == region.end && one.key == region.key && one.outer == region.outer
            })
            .map(|(index, _)| index as RegionId);
        known.unwrap_or_else(|| {
            self.regions.push(region);
            self.regions.len() as RegionId - 1
        })
    }

    fn accept(&mut self, setting: &Setting<'_>, input: &[u8], reading: Reading) {
        if reading.call == 0 {
            self.accepted = Some(self.position);
            return;
        }
        let Call { rule: id, start, region, owns_region, .. } = self.calls[reading.call as usize];
        let end = self.regions[region as usize].end;
        if owns_region && end != usize::MAX && end != self.position {
            let site = self.regions[region as usize].site;
            self.obstacles.push(Obstacle::Left { site, start });
            return;
        }
        let Some(environment) = self.ended(setting, input, reading, id, start, region) else {
            return;
        };
        let exports = &setting.machine.rules[id].exports;
        let environment = self.environments.masked(environment, exports);
        let earlier = self.calls[reading.call as usize].ends;
        let mut end = earlier;
        while end != NONE && self.ends[end as usize].at == self.position {
            if self.ends[end as usize].environment == environment {
                return;
            }
            end = self.ends[end as usize].earlier;
        }
        self.ends.push(End { at: self.position, environment, earlier });
        self.calls[reading.call as usize].ends = self.ends.len() as u32 - 1;
        let mut at = self.calls[reading.call as usize].returns;
        while at != NONE {
            let Return { to, earlier } = self.returns[at as usize];
            self.give_back(setting, reading.call, to, environment);
            at = earlier;
        }
    }

    /// What is known where a rule ends; nothing if it may not end here.
    pub(super) fn ended(
        &mut self,
        setting: &Setting<'_>,
        input: &[u8],
        reading: Reading,
        id: RuleId,
        start: usize,
        region: RegionId,
    ) -> Option<EnvironmentId> {
        let mut environment = reading.environment;
        if setting.machine.rules[id].is_plain {
            return Some(environment);
        }
        let rule = setting.program.rule(id);
        if !rule.bits.is_empty() || rule.uint.is_some() || rule.octets.is_some() {
            match own_fields(self, setting, input, id, start, region) {
                Some(values) => environment = self.environments.with(environment, values),
                None => {
                    self.obstacles.push(Obstacle::Value { rule: id, start });
                    return None;
                }
            }
        }
        for (index, one) in rule.wheres.iter().enumerate() {
            let fields = self.fields(setting, environment);
            if one.condition.evaluate(&fields) != Some(true) {
                self.obstacles.push(Obstacle::Where { rule: id, index, start });
                return None;
            }
        }
        Some(environment)
    }

    fn give_back(
        &mut self,
        setting: &Setting<'_>,
        call: CallId,
        to: Reading,
        environment: EnvironmentId,
    ) {
        let environment = self.behind(setting, call, to, environment);
        self.add(setting, Reading { environment, ..to });
    }

    /// The environment behind a call that ended with `environment`.
    pub(super) fn behind(
        &mut self,
        setting: &Setting<'_>,
        call: CallId,
        to: Reading,
        environment: EnvironmentId,
    ) -> EnvironmentId {
        if to.environment == 0 && environment == 0 {
            return 0;
        }
        let rule = self.calls[call as usize].rule;
        let binds = &setting.machine.rules[rule].binds;
        let keeps = &setting.machine.states[to.state as usize].keeps;
        self.environments.merged(to.environment, environment, binds, keeps)
    }

    fn unpark(&mut self, setting: &Setting<'_>, input: &[u8]) {
        let mut index = 0;
        while let Some(parked) = self.parked.get(index).copied() {
            if parked.end == self.position {
                self.parked.remove(index);
                let octets = self.seen_in(parked.region, input, parked.start, parked.end);
                self.decode(setting, &octets, parked);
            } else {
                index += 1;
            }
        }
    }

    fn decode(&mut self, setting: &Setting<'_>, octets: &[u8], parked: Parked) {
        let reference = &setting.machine.calls[parked.site as usize].reference;
        if (setting.decoded)(reference, octets) {
            let keeps = &setting.machine.states[parked.to.state as usize].keeps;
            let environment = self.environments.masked(parked.to.environment, keeps);
            self.add(setting, Reading { environment, ..parked.to });
        } else {
            self.obstacles.push(Obstacle::Decoded { site: parked.site, start: parked.start });
        }
    }
}

/// The slots that a rule which took the octets from `start` sets itself; nothing if the octets are
/// not the integer that they should be.
fn own_fields(
    run: &Run,
    setting: &Setting<'_>,
    input: &[u8],
    id: RuleId,
    start: usize,
    region: RegionId,
) -> Option<Vec<(usize, Slot)>> {
    let rule = setting.program.rule(id);
    let slots = &setting.machine.slots;
    let mut values = Vec::new();
    let width: u32 = rule.bits.iter().map(|(_, width)| width).sum();
    let needs_all = rule.uint.is_some() || rule.octets.is_some();
    let to = if needs_all { run.position } else { run.position.min(start + width as usize / 8) };
    let octets = run.seen_in(region, input, start, to);
    if width > 0 {
        let head = octets.get(..width as usize / 8)?;
        let number = head.iter().fold(0u64, |number, octet| number << 8 | u64::from(*octet));
        let mut left = width;
        for (field, width) in &rule.bits {
            left -= width;
            let mask = u64::MAX >> (64 - width);
            if let Some(slot) = slots.of(field.index()) {
                values.push((slot, Slot::Number(number >> left & mask)));
            }
        }
    }
    if let Some((field, encoding)) = rule.uint {
        let number = encoding.read(&octets)?;
        if let Some(slot) = slots.of(field.index()) {
            values.push((slot, Slot::Number(number)));
        }
    }
    if let Some(slot) = rule.octets.and_then(|field| slots.of(field.index())) {
        values.push((slot, Slot::Octets(octets.into())));
    }
    Some(values)
}
