//! What is known before a run: which octets may come next, and which fields are still to be read.
//!
//! Both are least fixpoints over all states; they grow only, so they are found in a bounded number
//! of rounds.

use std::collections::{HashMap, HashSet};

use super::machine::{Extent, Look, Machine, Slots, State, Step, Transition};
use crate::program::{Bits, OctetSet, Program, RuleId, View};

/// Finds what may come next for every state and transition.
pub(super) fn look(machine: &mut Machine, extent: Extent) {
    let nullable = Ends::new(machine, |_| false).rules;
    let beginnings = first(machine, &nullable);
    // What may follow each rule. A part of a stated size is followed by nothing, for it ends where
    // its octets end; a part whose octets are seen in another way, by anything.
    let mut follow: HashMap<RuleId, Look> = HashMap::new();
    let mut changed = true;
    while changed {
        changed = false;
        for state in (0..machine.states.len()).rev() {
            let rule = machine.states[state].rule;
            let is_outside = state == machine.start as usize || is_outside(machine, state);
            let mut joined = Look::default();
            let (first, last) = machine.states[state].transitions;
            for transition in first..last {
                let found = {
                    let transition = &machine.transitions[transition as usize];
                    let behind = &machine.states[transition.to as usize].look;
                    match transition.step {
                        Step::Octet(set, _) => Look { octets: set, end: false },
                        Step::Guard(_) | Step::Count(..) => *behind,
                        Step::Prose(_) => Look::ANYTHING,
                        Step::Accept if is_outside => match extent {
                            Extent::Whole => Look { octets: OctetSet::EMPTY, end: true },
                            Extent::Prefixes => Look::ANYTHING,
                        },
                        Step::Accept => follow.get(&rule).copied().unwrap_or_default(),
                        Step::Call(site) => {
                            let reference = &machine.calls[site as usize].reference;
                            let callee = reference.rule;
                            let start = machine.rules[callee].start;
                            let inner = beginnings[start as usize];
                            let inside = if reference.size.is_some() {
                                Look { octets: OctetSet::EMPTY, end: true }
                            } else if reference.view == View::Plain {
                                *behind
                            } else {
                                Look::ANYTHING
                            };
                            changed |= follow.entry(callee).or_default().join(inside);
                            let mut look = match reference.view {
                                View::Plain => Look { octets: inner, end: false },
                                View::Xor(_) | View::Hook(_) => {
                                    Look { octets: OctetSet::ALL, end: false }
                                }
                            };
                            if nullable.contains(&callee) || reference.view != View::Plain {
                                look.join(*behind);
                            }
                            look
                        }
                    }
                };
                changed |= machine.transitions[transition as usize].look.join(found);
                joined.join(found);
            }
            changed |= machine.states[state].look.join(joined);
        }
    }
}

/// For each state, the octets that its rule may take next.
fn first(machine: &Machine, nullable: &HashSet<RuleId>) -> Vec<OctetSet> {
    let mut first = vec![OctetSet::EMPTY; machine.states.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for (index, state) in machine.states.iter().enumerate().rev() {
            let mut octets = first[index];
            for transition in machine.of(state) {
                let behind = first[transition.to as usize];
                octets = octets.union(match transition.step {
                    Step::Octet(set, _) => set,
                    Step::Guard(_) | Step::Count(..) => behind,
                    Step::Prose(_) => OctetSet::ALL,
                    Step::Accept => OctetSet::EMPTY,
                    Step::Call(site) => {
                        let reference = &machine.calls[site as usize].reference;
                        let callee = reference.rule;
                        match reference.view {
                            View::Xor(_) | View::Hook(_) => OctetSet::ALL,
                            View::Plain => {
                                let inner = first[machine.rules[callee].start as usize];
                                let passes = nullable.contains(&callee);
                                if passes { inner.union(behind) } else { inner }
                            }
                        }
                    }
                });
            }
            changed |= octets != first[index];
            first[index] = octets;
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
    let ends = Ends::new(machine, |set| !set.is_empty());
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
    fn new(machine: &Machine, can_be_had: fn(&OctetSet) -> bool) -> Self {
        let states = vec![false; machine.states.len()];
        let mut ends = Self { can_be_had, states, rules: HashSet::new() };
        let mut changed = true;
        while changed {
            changed = false;
            for (index, state) in machine.states.iter().enumerate().rev() {
                let mut ways = machine.of(state).iter();
                if !ends.states[index] && ways.any(|one| ends.lead_on(machine, one)) {
                    ends.states[index] = true;
                    changed = true;
                }
            }
            for (rule, one) in machine.rules.iter() {
                if ends.states[one.start as usize] {
                    changed |= ends.rules.insert(rule);
                }
            }
        }
        ends
    }

    fn lead_on(&self, machine: &Machine, transition: &Transition) -> bool {
        let behind = self.states[transition.to as usize];
        match transition.step {
            Step::Accept => true,
            Step::Octet(set, _) => behind && (self.can_be_had)(&set),
            Step::Guard(_) | Step::Count(..) | Step::Prose(_) => behind,
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
    let mut after: Vec<Bits> = vec![Bits::default(); machine.states.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for index in (0..machine.states.len()).rev() {
            let state = &machine.states[index];
            let mut reads = Bits::default();
            for transition in machine.of(state) {
                read_by_step(machine, program, state, transition.step, &mut reads);
                if transition.step != Step::Accept {
                    reads.join(&after[transition.to as usize]);
                }
            }
            changed |= after[index].join(&reads);
        }
        for (_, one) in machine.rules.iter_mut() {
            let reads = after[one.start as usize].without(&one.binds);
            changed |= one.reads.join(&reads);
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
    let mut changed = true;
    while changed {
        changed = false;
        for Caller { rule, callee, .. } in &calls {
            let Some(binds) = machine.rules.get(*callee).map(|one| one.binds.clone()) else {
                continue;
            };
            if let Some(caller) = machine.rules.get_mut(*rule) {
                changed |= caller.binds.join(&binds);
            }
        }
    }
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
    let mut changed = true;
    while changed {
        changed = false;
        for Caller { rule, callee, to, is_outside } in &calls {
            let mut later = after[*to].clone();
            if let Some(caller) = machine.rules.get(*rule).filter(|_| !is_outside) {
                later.join(&caller.exports);
            }
            if let Some(callee) = machine.rules.get_mut(*callee) {
                changed |= callee.exports.join(&later);
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
        Step::Octet(..) | Step::Prose(_) | Step::Count(..) => {}
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

impl Slots {
    /// The slot of a field, if the field is kept.
    pub(super) fn of(&self, field: usize) -> Option<usize> {
        self.fields.get(field).copied().flatten().map(usize::from)
    }
}
