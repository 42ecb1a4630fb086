//! Goes through the octets, all readings side by side.
//!
//! A reading is a state within a call, with what it knows of fields. At each octet, readings that
//! are in the same place become one, so their number depends on the grammar and not on how many
//! ways led there. Rules that call themselves, on the left too, need nothing special: a call at a
//! place is made once, whoever asks for it.

use super::chart::{Call, CallId, End, NONE, Obstacle, Parked, Reading, Region, Return, Waiting};
use super::environment::{EnvironmentId, Environments, Slot, View as FieldView};
use super::machine::{CountStep, Counter, Machine, StateId, Step, Transition};
use super::table::Seen;
use crate::program::{Given, NodeId, Program, Reference};

/// What decodes the octets of a part: the octets, and the greatest length of the result.
pub type Hook = dyn Fn(&[u8], usize) -> Option<Vec<u8>> + Send + Sync;

/// All that a run needs and does not change.
pub(super) struct Setting<'m> {
    pub(super) program: &'m Program,
    pub(super) machine: &'m Machine,
    pub(super) given: &'m Given,
    pub(super) step_limit: u64,
    /// Judges a part that a hook decodes: the reference, and its octets. Nothing if it cannot be
    /// told.
    pub(super) decoded: &'m dyn Fn(&Reference, &[u8]) -> Option<bool>,
}

/// What a run notes may take so many octets of memory, ...
const MEMORY_LIMIT: usize = 128 << 20;

/// ... and so many more for each octet of the input.
const MEMORY_PER_OCTET: usize = 256;

/// After so many octets, or readings at one place, the memory is measured.
const FULL_INTERVAL: usize = 1024;

/// Up to so many things are looked through one by one.
pub(super) const FEW: usize = 12;

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
    pub(super) readings: Vec<Reading>,
    /// Whether the readings at this place were followed up without knowing the next octet.
    pub(super) is_settled: bool,
    pub(super) waiting: Vec<Waiting>,
    pub(super) next: Vec<Reading>,
    /// The readings of which the next octet ruled out something.
    pub(super) cut_short: Vec<Reading>,
    pub(super) parked: Vec<Parked>,
    pub(super) seen: Seen,
    pub(super) calls_here: Seen,
    /// The octet at this place, where it is known.
    pub(super) octet: Option<u8>,
    /// Where the entry ended last.
    pub(super) accepted: Option<usize>,
    pub(super) is_dead: bool,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) prose: Option<NodeId>,
    /// The call site of a part that a hook should have decoded, and nobody can tell what it is.
    pub(super) undecoded: Option<u32>,
    pub(super) steps: u64,
    pub(super) is_exhausted: bool,
    /// Whether it was memory that did not suffice.
    pub(super) is_full: bool,
    /// Where the memory is measured next.
    pub(super) next_measured: usize,
    /// Places are kept in 32 bits.
    pub(super) is_too_long: bool,
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
            undecoded: None,
            steps: 0,
            is_exhausted: false,
            is_full: false,
            next_measured: FULL_INTERVAL,
            is_too_long: false,
        }
    }

    /// Goes on to the end of `input`, which begins with what it was before.
    pub(super) fn advance(&mut self, setting: &Setting<'_>, input: &[u8]) {
        if setting.machine.is_too_large {
            return;
        }
        if u32::try_from(input.len()).is_err() {
            self.is_too_long = true;
        }
        while self.position < input.len() && !self.is_over() {
            if self.skip(setting, input.len()) {
                continue;
            }
            if self.position >= self.next_measured {
                self.next_measured = self.position + FULL_INTERVAL;
                if self.is_full() {
                    return;
                }
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
        if self.is_settled || self.is_over() {
            return;
        }
        self.follow_up(setting, input, None);
        self.is_settled = true;
        if self.waiting.is_empty() && self.parked.is_empty() && self.accepted != Some(self.position)
        {
            self.is_dead = !self.is_exhausted;
        }
    }

    /// Whether nothing more can be said, whatever comes.
    pub(super) fn is_over(&self) -> bool {
        self.is_dead || self.is_exhausted || self.is_too_long
    }

    /// Measures the memory; if there is too little, nothing more is done.
    fn is_full(&mut self) -> bool {
        let kept = self.environments.memory()
            + size_of_val(self.calls.as_slice())
            + size_of_val(self.returns.as_slice())
            + size_of_val(self.ends.as_slice())
            + size_of_val(self.first_calls.as_slice())
            + size_of_val(self.regions.as_slice())
            + size_of_val(self.readings.as_slice())
            + size_of_val(self.next.as_slice())
            + size_of_val(self.waiting.as_slice())
            + size_of_val(self.obstacles.as_slice())
            + self.seen.memory()
            + self.calls_here.memory();
        self.is_full |= kept > self.memory_limit();
        self.is_exhausted |= self.is_full;
        self.is_full
    }

    /// How much memory may be taken up to this place.
    pub(super) fn memory_limit(&self) -> usize {
        MEMORY_LIMIT.saturating_add(self.position.saturating_mul(MEMORY_PER_OCTET))
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
            if index % FULL_INTERVAL == 0 && self.is_full() {
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
    pub(super) fn add(&mut self, setting: &Setting<'_>, reading: Reading) {
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
            Step::Free => self.go(setting, reading, transition.to, reading.environment),
            Step::Count(counter, step) => {
                if let Some(environment) =
                    self.count(setting, reading, self.position, counter, step)
                {
                    self.go(setting, reading, transition.to, environment);
                }
            }
            Step::Prose(node) => self.prose = self.prose.or(Some(node)),
            Step::Accept => self.accept(setting, input, reading),
        }
    }

    /// The environment behind a step of a counted repetition at a place, if the step is allowed.
    pub(super) fn count(
        &mut self,
        setting: &Setting<'_>,
        Reading { call, environment, .. }: Reading,
        at: usize,
        counter: u32,
        step: CountStep,
    ) -> Option<EnvironmentId> {
        let Counter { min, max, slot, is_nullable } = setting.machine.counters[counter as usize];
        let octets = (at - self.calls[call as usize].start) as u64;
        let slot = usize::from(slot);
        let count = match self.environments.slot(environment, slot) {
            Slot::Number(count) => *count,
            Slot::Unset | Slot::Octets(_) => 0,
        };
        let value = match step {
            CountStep::Begin => Slot::Number(0),
            CountStep::Again if max.is_some_and(|max| count >= max) => return None,
            CountStep::Again if is_nullable && count > octets => return None,
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
}
