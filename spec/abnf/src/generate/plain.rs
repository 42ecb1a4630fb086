//! Parts in which no directive is at work: nothing can go wrong in them.

use super::facts::{Facts, UNBOUNDED};
use super::tape::Tape;
use crate::program::{NodeId, NodeKind, OctetSet, Program};

/// How many octets are wanted. Fewer or more than that are made where there is no other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Window {
    pub(super) fn exactly(octets: u64) -> Self {
        Self { least: octets, most: octets }
    }

    /// The window of a part, if those behind it have so many octets at least and at most.
    pub(super) fn before(self, min: u64, max: u64) -> Self {
        Self { least: self.least.saturating_sub(max), most: self.most.saturating_sub(min) }
    }

    /// What is left of it behind so many octets.
    pub(super) fn after(self, octets: usize) -> Self {
        self.before(octets as u64, octets as u64)
    }
}

/// How often something is repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) min: u64,
    pub(super) max: u64,
}

/// The counts that a window leaves to a repetition of parts of `body.0` to `body.1` octets.
pub(super) fn counts(times: Times, body: (u64, u64), window: Window) -> Times {
    let (shortest, longest) = body;
    let most = window.most.checked_div(shortest).map_or(times.max, |most| times.max.min(most));
    let least = if window.least == 0 || longest == 0 {
        times.min
    } else if longest == UNBOUNDED {
        times.min.max(1)
    } else {
        times.min.max(window.least.div_ceil(longest))
    };
    let max = most.max(times.min);
    Times { min: least.min(max), max }
}

/// What is needed to write plain parts.
pub(super) struct Plain<'r, 't> {
    pub(super) program: &'r Program,
    pub(super) facts: &'r Facts,
    pub(super) tape: &'r mut Tape<'t>,
    pub(super) out: &'r mut Vec<u8>,
    /// The most repetitions beyond those that are asked for.
    pub(super) repetitions: u64,
    /// Below this only the shortest.
    pub(super) depth: u32,
}

impl Plain<'_, '_> {
    /// Appends a sentence of `id`, which has one.
    pub(super) fn node(&mut self, id: NodeId, window: Window, depth: u32) {
        let facts = self.facts.node(id);
        if let Some(class) = facts.class {
            let octets = &self.facts.classes[class as usize];
            let index = self.tape.below(octets.len() as u64) as usize;
            self.out.extend(octets.get(index));
            return;
        }
        match &self.program.node(id).kind {
            NodeKind::Alternation(nodes) => {
                let at = self.branch(nodes, &facts.branches, window, depth);
                self.node(at, window, depth + 1);
            }
            NodeKind::Sequence(nodes) => {
                let mut rest = facts.min;
                let start = self.out.len();
                for (index, node) in nodes.iter().enumerate() {
                    rest = rest.saturating_sub(self.facts.node(*node).min);
                    let behind = if window.least == 0 {
                        UNBOUNDED
                    } else {
                        let behind = nodes[index + 1..].iter();
                        behind.map(|node| self.facts.node(*node).max).fold(0, u64::saturating_add)
                    };
                    let left = window.after(self.out.len() - start);
                    self.node(*node, left.before(rest, behind), depth + 1);
                }
            }
            NodeKind::Repetition { min, max, body } => {
                let times = Times { min: *min, max: max.unwrap_or(UNBOUNDED) };
                self.repetition(times, *body, window, depth);
            }
            NodeKind::Terminal(terminal) => {
                write(&terminal.strings, window, self.tape, self.out);
            }
            NodeKind::Reference(reference) => {
                self.node(self.program.rule(reference.rule).body, window, depth + 1);
            }
            NodeKind::Prose(_) => {}
        }
    }

    fn branch(&mut self, nodes: &[NodeId], alive: &[u32], window: Window, depth: u32) -> NodeId {
        let node = |at: &u32| nodes[*at as usize];
        let fits = |at: &&u32| {
            let facts = self.facts.node(node(at));
            facts.min <= window.most && facts.max >= window.least
        };
        if depth >= self.depth && window.least == 0 {
            return alive.first().map_or(nodes[0], node);
        }
        let count = alive.iter().filter(fits).count();
        if count == alive.len() {
            let index = self.tape.below(count as u64) as usize;
            return alive.get(index).map_or(nodes[0], node);
        }
        let index = self.tape.below(count as u64) as usize;
        let chosen = alive.iter().filter(fits).nth(index);
        // None fits: the shortest does no harm.
        chosen.or(alive.first()).map_or(nodes[0], node)
    }

    fn repetition(&mut self, times: Times, body: NodeId, window: Window, depth: u32) {
        let facts = self.facts.node(body);
        if !facts.is_alive() {
            return;
        }
        let Times { min, max } = counts(times, (facts.min, facts.max), window);
        let count = if depth >= self.depth {
            min
        } else if min == times.min {
            min + self.tape.small_below((max - min).min(self.repetitions) + 1)
        } else {
            // So many octets are wanted: longer parts or more of them.
            min + self.tape.below((max - min).saturating_add(1))
        };
        if let Some(class) = facts.class {
            self.class(class, count as usize);
            return;
        }
        let start = self.out.len();
        for index in 0..count {
            let behind = count - index - 1;
            let (shortest, longest) =
                (facts.min.saturating_mul(behind), facts.max.saturating_mul(behind));
            let left = window.after(self.out.len() - start);
            self.node(body, left.before(shortest, longest), depth + 1);
        }
    }

    fn class(&mut self, class: u32, count: usize) {
        let octets = &self.facts.classes[class as usize];
        if octets.len() == 256 {
            self.tape.fill(self.out, count);
            return;
        }
        for _ in 0..count {
            let index = self.tape.below(octets.len() as u64) as usize;
            self.out.extend(octets.get(index));
        }
    }
}

/// Appends one of the strings.
pub(super) fn write(
    strings: &[Vec<OctetSet>],
    window: Window,
    tape: &mut Tape<'_>,
    out: &mut Vec<u8>,
) {
    let fits =
        |string: &&Vec<OctetSet>| (window.least..=window.most).contains(&(string.len() as u64));
    let count = strings.iter().filter(fits).count();
    let index = tape.below(count as u64) as usize;
    let shortest = strings.iter().min_by_key(|string| string.len());
    let Some(string) = strings.iter().filter(fits).nth(index).or(shortest) else { return };
    for set in string {
        let index = match set.len() {
            1 => 0,
            count => tape.below(count as u64) as usize,
        };
        out.extend(set.nth(index));
    }
}
