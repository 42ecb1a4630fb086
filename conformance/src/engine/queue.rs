//! The cases that are still to be run, and what each of them waits for.

use std::collections::BTreeSet;

use super::plan::needs;
use crate::run::PlannedCase;

/// Cases by index, those first that come first in the plan. A case is ready once all of its
/// prerequisites are decided.
pub(super) struct Queue {
    waiting: Vec<Waiting>,
    ready_quick: BTreeSet<usize>,
    ready_slow: BTreeSet<usize>,
}

/// A case of the plan.
struct Waiting {
    slow: bool,
    decided: bool,
    /// The cases that have to be decided before, in the order of the plan.
    needs: Vec<usize>,
    /// How many of these are not decided.
    undecided: usize,
    /// The cases that need this one.
    needed_by: Vec<usize>,
}

impl Queue {
    pub(super) fn new(cases: &[PlannedCase]) -> Self {
        let needs = needs(cases);
        let mut needed_by = vec![Vec::new(); cases.len()];
        for (index, needs) in needs.iter().enumerate() {
            needs.iter().for_each(|need| needed_by[*need].push(index));
        }
        let parts = cases.iter().zip(needs).zip(needed_by);
        let waiting = parts.map(|((case, needs), needed_by)| Waiting {
            slow: case.is_slow(),
            decided: false,
            undecided: needs.len(),
            needs,
            needed_by,
        });
        let mut queue = Self {
            waiting: waiting.collect(),
            ready_quick: BTreeSet::new(),
            ready_slow: BTreeSet::new(),
        };
        (0..cases.len()).for_each(|index| queue.offer(index));
        queue
    }

    /// The prerequisites of a case, in the order of the plan.
    pub(super) fn needs(&self, index: usize) -> &[usize] {
        &self.waiting[index].needs
    }

    /// Takes a case that is not slow and ready.
    pub(super) fn take_quick(&mut self) -> Option<usize> {
        self.ready_quick.pop_first()
    }

    /// Takes a slow case that is ready.
    pub(super) fn take_slow(&mut self) -> Option<usize> {
        self.ready_slow.pop_first()
    }

    /// A case is decided, taken or not: what waits for it may be ready.
    pub(super) fn decided(&mut self, index: usize) {
        self.ready_quick.remove(&index);
        self.ready_slow.remove(&index);
        self.waiting[index].decided = true;
        for other in std::mem::take(&mut self.waiting[index].needed_by) {
            self.waiting[other].undecided -= 1;
            self.offer(other);
        }
    }

    /// A case that was taken is to be run again.
    pub(super) fn put_back(&mut self, index: usize) {
        self.offer(index);
    }

    fn offer(&mut self, index: usize) {
        match &self.waiting[index] {
            case if case.decided || case.undecided > 0 => false,
            case if case.slow => self.ready_slow.insert(index),
            _ => self.ready_quick.insert(index),
        };
    }
}
