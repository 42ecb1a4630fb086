//! What is known before a run: which octets may come next, and which fields are still to be read.
//!
//! Both are least fixpoints over all states. They grow only, and a state is looked at again only if
//! one that it depends on has grown.

use std::collections::{HashMap, HashSet};

use super::machine::{Extent, Look, Machine, Slots, State, StateId, Step, Transition};
use super::work::{Dependents, Work};
use crate::cycles::{Edges, components};
use crate::program::{Bits, OctetSet, Program, RuleId, View};

/// Finds what may come next for every state and transition.
pub(super) fn look(machine: &mut Machine, extent: Extent) {
    let dependents = Dependents::new(machine);
    let nullable = Ends::new(machine, &dependents, |_| false).rules;
    let beginnings = first(machine, &dependents, &nullable);
    // What may follow each rule. A part of a stated size is followed by nothing, for it ends where
    // its octets end; a part whose octets are seen in another way, by anything.
    let mut follow: HashMap<RuleId, Look> = HashMap::new();
    let mut work = Work::all(machine);
    while let Some(index) = work.next() {
        let state = &machine.states[index];
        let rule = state.rule;
        let is_outside = index == machine.start as usize || is_outside(machine, index);
        let mut joined = Look::default();
        let (first, last) = state.transitions;
        for transition in first as usize..last as usize {
            let Transition { step, to, .. } = machine.transitions[transition];
            let behind = machine.states[to as usize].look;
            let found = match step {
                Step::Octet(set, _) => Look { octets: set, end: false },
                Step::Guard(_) | Step::Count(..) | Step::Free => behind,
                Step::Prose(_) => Look::ANYTHING,
                Step::Accept if is_outside => match extent {
                    Extent::Whole => Look { octets: OctetSet::EMPTY, end: true },
                    Extent::Prefixes => Look::ANYTHING,
                },
                Step::Accept => follow.get(&rule).copied().unwrap_or_default(),
                Step::Call(site) => {
                    let reference = &machine.calls[site as usize].reference;
                    let callee = reference.rule;
                    let after = match (&reference.size, &reference.view) {
                        (Some(_), _) => Look { octets: OctetSet::EMPTY, end: true },
                        (None, View::Plain) => behind,
                        (None, View::Xor(_) | View::Hook(_)) => Look::ANYTHING,
                    };
                    if follow.entry(callee).or_default().join(after) {
                        work.extend(dependents.accepting.get(&callee).into_iter().flatten());
                    }
                    let begins = beginnings[machine.rules[callee].start as usize];
                    let mut look = match reference.view {
                        View::Plain => Look { octets: begins, end: false },
                        View::Xor(_) | View::Hook(_) => Look { octets: OctetSet::ALL, end: false },
                    };
                    if nullable.contains(&callee) || reference.view != View::Plain {
                        look.join(behind);
                    }
                    look
                }
            };
            machine.transitions[transition].look.join(found);
            joined.join(found);
        }
        if machine.states[index].look.join(joined) {
            work.extend(&dependents.states[index]);
        }
    }
}

/// For each state, the octets that its rule may take next.
fn first(machine: &Machine, dependents: &Dependents, nullable: &HashSet<RuleId>) -> Vec<OctetSet> {
    let mut first = vec![OctetSet::EMPTY; machine.states.len()];
    let mut work = Work::all(machine);
    while let Some(index) = work.next() {
        let mut octets = first[index];
        for transition in machine.of(&machine.states[index]) {
            let behind = first[transition.to as usize];
            octets = octets.union(match transition.step {
                Step::Octet(set, _) => set,
                Step::Guard(_) | Step::Count(..) | Step::Free => behind,
                Step::Prose(_) => OctetSet::ALL,
                Step::Accept => OctetSet::EMPTY,
                Step::Call(site) => {
                    let reference = &machine.calls[site as usize].reference;
                    let callee = reference.rule;
                    match reference.view {
                        View::Xor(_) | View::Hook(_) => OctetSet::ALL,
                        View::Plain => {
                            let inner = first[machine.rules[callee].start as usize];
                            if nullable.contains(&callee) { inner.union(behind) } else { inner }
                        }
                    }
                }
            });
        }
        if octets != first[index] {
            first[index] = octets;
            work.extend(&dependents.states[index]);
        }
    }
    first
}

/// Whether a state belongs to the frame around the entry, not to a rule.
fn is_outside(machine: &Machine, state: usize) -> bool {
    let start = &machine.states[machine.start as usize];
    machine.of(start).first().is_some_and(|call| call.to as usize == state)
}

/// Takes out the ways that never come to an end, so that nobody waits for one.
pub(super) fn prune(machine: &mut Machine) {
    let ends = Ends::new(machine, &Dependents::new(machine), |set| !set.is_empty());
    if ends.states.iter().all(|comes_to_end| *comes_to_end) {
        return;
    }
    let mut kept = Vec::with_capacity(machine.transitions.len());
    let mut ranges = Vec::with_capacity(machine.states.len());
    for state in &machine.states {
        let first = kept.len() as u32;
        let ways = machine.of(state).iter();
        kept.extend(ways.filter(|one| ends.lead_on(machine, one)).cloned());
        ranges.push((first, kept.len() as u32));
    }
    machine.transitions = kept;
    for (state, range) in machine.states.iter_mut().zip(ranges) {
        state.transitions = range;
    }
}

/// Which states and rules come to their end, if only some octets can be had.
struct Ends {
    can_be_had: fn(&OctetSet) -> bool,
    states: Vec<bool>,
    rules: HashSet<RuleId>,
}

impl Ends {
    fn new(machine: &Machine, dependents: &Dependents, can_be_had: fn(&OctetSet) -> bool) -> Self {
        let states = vec![false; machine.states.len()];
        let mut ends = Self { can_be_had, states, rules: HashSet::new() };
        let starts: HashMap<StateId, RuleId> =
            machine.rules.iter().map(|(rule, one)| (one.start, rule)).collect();
        let mut work = Work::all(machine);
        while let Some(index) = work.next() {
            let mut ways = machine.of(&machine.states[index]).iter();
            if !ends.states[index] && ways.any(|one| ends.lead_on(machine, one)) {
                ends.states[index] = true;
                ends.rules.extend(starts.get(&(index as StateId)));
                work.extend(&dependents.states[index]);
            }
        }
        ends
    }

    fn lead_on(&self, machine: &Machine, transition: &Transition) -> bool {
        let behind = self.states[transition.to as usize];
        match transition.step {
            Step::Accept => true,
            Step::Octet(set, _) => behind && (self.can_be_had)(&set),
            Step::Guard(_) | Step::Count(..) | Step::Free | Step::Prose(_) => behind,
            Step::Call(site) => {
                behind && self.rules.contains(&machine.calls[site as usize].reference.rule)
            }
        }
    }
}

/// Finds which slots each rule sets and reads, and which each state keeps.
pub(super) fn keep(machine: &mut Machine, program: &Program) {
    if machine.slots.count == 0 {
        return;
    }
    set_by_rules(machine, program);
    let dependents = Dependents::new(machine);
    let starts: HashMap<StateId, RuleId> =
        machine.rules.iter().map(|(rule, one)| (one.start, rule)).collect();
    let mut after: Vec<Bits> = vec![Bits::default(); machine.states.len()];
    let mut work = Work::all(machine);
    while let Some(index) = work.next() {
        let state = &machine.states[index];
        let mut reads = Bits::default();
        for transition in machine.of(state) {
            read_by_step(machine, program, state, transition.step, &mut reads);
            if transition.step != Step::Accept {
                reads.join(&after[transition.to as usize]);
            }
        }
        if after[index].join(&reads) {
            let begins = starts.get(&(index as StateId));
            if let Some(one) = begins.and_then(|rule| machine.rules.get_mut(*rule)) {
                let reads = after[index].without(&one.binds);
                one.reads.join(&reads);
            }
            work.extend(&dependents.states[index]);
        }
    }
    exported(machine, &after);
    let Machine { states, rules, counters, .. } = machine;
    for (state, mut keeps) in states.iter_mut().zip(after) {
        if let Some(one) = rules.get(state.rule) {
            keeps.join(&one.binds.common(&one.exports));
        }
        // Counters are few and live within their rule; they are kept throughout.
        for counter in counters.iter() {
            keeps.insert(usize::from(counter.slot));
        }
        state.keeps = keeps;
    }
}

fn set_by_rules(machine: &mut Machine, program: &Program) {
    let slots = machine.slots.clone();
    for (id, one) in machine.rules.iter_mut() {
        let rule = program.rule(id);
        let own = rule.bits.iter().map(|(field, _)| *field);
        for field in own.chain(rule.uint.map(|(field, _)| field)).chain(rule.octets) {
            if let Some(slot) = slots.of(field.index()) {
                one.binds.insert(slot);
            }
        }
    }
    let calls = calls(machine);
    let by_callee = grouped(&calls, |call| call.callee);
    let mut waiting: Vec<RuleId> = machine.rules.iter().map(|(rule, _)| rule).collect();
    while let Some(callee) = waiting.pop() {
        let binds = machine.rules[callee].binds.clone();
        for Caller { rule, .. } in by_callee.get(&callee).into_iter().flatten() {
            if let Some(caller) = machine.rules.get_mut(*rule)
                && caller.binds.join(&binds)
            {
                waiting.push(*rule);
            }
        }
    }
}

fn grouped(calls: &[Caller], key: fn(&Caller) -> RuleId) -> HashMap<RuleId, Vec<&Caller>> {
    let mut groups: HashMap<RuleId, Vec<&Caller>> = HashMap::new();
    for call in calls {
        groups.entry(key(call)).or_default().push(call);
    }
    groups
}

/// A call of a rule by a rule.
struct Caller {
    rule: RuleId,
    callee: RuleId,
    /// The state behind the call.
    to: usize,
    /// Whether it is the call of the entry, which no rule makes.
    is_outside: bool,
}

fn calls(machine: &Machine) -> Vec<Caller> {
    let mut calls = Vec::new();
    for (index, state) in machine.states.iter().enumerate() {
        for transition in machine.of(state) {
            let Step::Call(site) = transition.step else { continue };
            calls.push(Caller {
                rule: state.rule,
                callee: machine.calls[site as usize].reference.rule,
                to: transition.to as usize,
                is_outside: index == machine.start as usize,
            });
        }
    }
    calls
}

/// The slots that are read after each rule.
fn exported(machine: &mut Machine, after: &[Bits]) {
    let calls = calls(machine);
    let by_caller = grouped(&calls, |call| call.rule);
    let mut waiting: Vec<RuleId> = machine.rules.iter().map(|(rule, _)| rule).collect();
    while let Some(rule) = waiting.pop() {
        let exports = machine.rules[rule].exports.clone();
        for Caller { callee, to, is_outside, .. } in by_caller.get(&rule).into_iter().flatten() {
            let mut later = after[*to].clone();
            if !is_outside {
                later.join(&exports);
            }
            if let Some(callee_machine) = machine.rules.get_mut(*callee)
                && callee_machine.exports.join(&later)
            {
                waiting.push(*callee);
            }
        }
    }
}

fn read_by_step(machine: &Machine, program: &Program, state: &State, step: Step, reads: &mut Bits) {
    let mut read = |field: crate::program::FieldId| {
        if let Some(slot) = machine.slots.of(field.index()) {
            reads.insert(slot);
        }
    };
    match step {
        Step::Octet(..) | Step::Prose(_) | Step::Count(..) | Step::Free => {}
        Step::Guard(guard) => machine.guards[guard as usize].for_each_field(&mut read),
        Step::Accept => {
            for one in &program.rule(state.rule).wheres {
                one.condition.for_each_field(&mut read);
            }
        }
        Step::Call(site) => {
            let reference = &machine.calls[site as usize].reference;
            if let Some(when) = &reference.when {
                when.condition.for_each_field(&mut read);
            }
            if let Some(size) = &reference.size {
                size.octets.for_each_field(&mut read);
            }
            if let View::Xor(key) = reference.view {
                read(key);
            }
            if let Some(callee) = machine.rules.get(reference.rule) {
                reads.join(&callee.reads);
            }
        }
    }
}

/// Finds the states in which any octets may be passed over up to the end of a part.
pub(super) fn skips(machine: &mut Machine) {
    for index in 0..machine.states.len() {
        let state = &machine.states[index];
        let mut loops = false;
        let mut others_wait = true;
        for transition in machine.of(state) {
            match transition.step {
                Step::Octet(set, _) if set == OctetSet::ALL && transition.to as usize == index => {
                    loops = true;
                }
                _ => others_wait &= transition.look.octets.is_empty(),
            }
        }
        machine.states[index].skips = loops && others_wait;
    }
}

/// Finds the rules that lead back to each other.
pub(super) fn circles(machine: &mut Machine) {
    let rules: Vec<RuleId> = machine.rules.iter().map(|(rule, _)| rule).collect();
    let places: HashMap<RuleId, usize> =
        rules.iter().enumerate().map(|(place, rule)| (*rule, place)).collect();
    let calls = calls(machine);
    let by_caller = grouped(&calls, |call| call.rule);
    let mut edges = Edges::default();
    for rule in &rules {
        let calls = by_caller.get(rule).into_iter().flatten().filter(|call| !call.is_outside);
        edges.push(calls.filter_map(|call| places.get(&call.callee).copied()));
    }
    let (circles, _) = components(&edges);
    for (rule, circle) in rules.into_iter().zip(circles) {
        if let Some(one) = machine.rules.get_mut(rule) {
            one.circle = circle;
        }
    }
}

impl Slots {
    /// The slot of a field, if the field is kept.
    pub(super) fn of(&self, field: usize) -> Option<usize> {
        self.fields.get(field).copied().flatten().map(usize::from)
    }
}
