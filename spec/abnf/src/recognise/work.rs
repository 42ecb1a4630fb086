//! States that are still to be looked at.

use std::collections::{HashMap, VecDeque};

use super::machine::{Machine, StateId, Step};
use crate::program::RuleId;

/// For each state, those that follow from it: the states that lead to it, and those that call the
/// rule which begins with it.
pub(super) struct Dependents {
    pub(super) states: Vec<Vec<StateId>>,
    /// The states in which each rule may end.
    pub(super) accepting: HashMap<RuleId, Vec<StateId>>,
}

impl Dependents {
    pub(super) fn new(machine: &Machine) -> Self {
        let mut states = vec![Vec::new(); machine.states.len()];
        let mut accepting: HashMap<RuleId, Vec<StateId>> = HashMap::new();
        for (index, state) in machine.states.iter().enumerate() {
            let index = index as StateId;
            for transition in machine.of(state) {
                states[transition.to as usize].push(index);
                match transition.step {
                    Step::Call(site) => {
                        let callee = machine.calls[site as usize].reference.rule;
                        states[machine.rules[callee].start as usize].push(index);
                    }
                    Step::Accept => accepting.entry(state.rule).or_default().push(index),
                    _ => {}
                }
            }
        }
        Self { states, accepting }
    }
}

/// A queue in which each state stands once at most.
pub(super) struct Work {
    queue: VecDeque<StateId>,
    is_queued: Vec<bool>,
}

impl Work {
    /// All states, the last first: what leads to others was mostly made before them.
    pub(super) fn all(machine: &Machine) -> Self {
        let count = machine.states.len();
        Self { queue: (0..count as StateId).rev().collect(), is_queued: vec![true; count] }
    }

    pub(super) fn next(&mut self) -> Option<usize> {
        let state = self.queue.pop_front()? as usize;
        self.is_queued[state] = false;
        Some(state)
    }

    pub(super) fn extend<'s>(&mut self, states: impl IntoIterator<Item = &'s StateId>) {
        for state in states {
            if !std::mem::replace(&mut self.is_queued[*state as usize], true) {
                self.queue.push_back(*state);
            }
        }
    }
}
