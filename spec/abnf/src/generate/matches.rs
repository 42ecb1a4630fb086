//! Whether octets are a sentence of a plain part, and by which choices: asked of a few octets that
//! were chosen as a whole.

use std::collections::BTreeSet;

use super::run::Taken;
use crate::program::{NodeId, NodeKind, Program};

/// Deeper than this nothing is looked at: what cannot be confirmed is not written.
const DEPTH_LIMIT: u32 = 200;

/// So many nodes are looked at.
const STEP_LIMIT: u32 = 50_000;

/// Whether all of `octets` match the node, directives in it passed over.
pub(crate) fn matches(program: &Program, id: NodeId, octets: &[u8]) -> bool {
    let mut matcher = Matcher { program, octets, steps: STEP_LIMIT };
    matcher.ends(id, 0, 0).contains(&octets.len())
}

/// The choices by which all of `octets` match the node, the first ones where there are several.
pub(crate) fn derivation(
    program: &Program,
    id: NodeId,
    octets: &[u8],
) -> Option<Vec<(NodeId, Taken)>> {
    let mut matcher = Matcher { program, octets, steps: STEP_LIMIT };
    let mut taken = Vec::new();
    matcher.derive(id, 0, octets.len(), 0, &mut taken).then_some(taken)
}

struct Matcher<'m> {
    program: &'m Program,
    octets: &'m [u8],
    steps: u32,
}

impl Matcher<'_> {
    /// Where a node may end that begins at `at`.
    fn ends(&mut self, id: NodeId, at: usize, depth: u32) -> BTreeSet<usize> {
        if depth > DEPTH_LIMIT || self.steps == 0 {
            return BTreeSet::new();
        }
        self.steps -= 1;
        let program = self.program;
        match &program.node(id).kind {
            NodeKind::Alternation(nodes) => {
                nodes.iter().flat_map(|node| self.ends(*node, at, depth + 1)).collect()
            }
            NodeKind::Sequence(nodes) => self.row(nodes, at, depth),
            NodeKind::Repetition { min, max, body } => {
                let mut found = BTreeSet::new();
                let mut front = BTreeSet::from([at]);
                let mut times = 0u64;
                loop {
                    if times >= *min {
                        front.retain(|end| !found.contains(end));
                        found.extend(&front);
                    }
                    let is_last = max.is_some_and(|max| times >= max);
                    // More times than octets add nothing but empty ones.
                    let is_idle = times > self.octets.len() as u64 + 1;
                    if front.is_empty() || is_last || is_idle {
                        if is_idle && times < *min {
                            found.extend(&front);
                        }
                        return found;
                    }
                    front =
                        front.into_iter().flat_map(|at| self.ends(*body, at, depth + 1)).collect();
                    times += 1;
                }
            }
            NodeKind::Terminal(terminal) => terminal
                .strings
                .iter()
                .filter_map(|string| {
                    let there = self.octets.get(at..at + string.len())?;
                    let fits = string.iter().zip(there).all(|(set, octet)| set.contains(*octet));
                    fits.then_some(at + string.len())
                })
                .collect(),
            NodeKind::Reference(reference) => {
                self.ends(program.rule(reference.rule).body, at, depth + 1)
            }
            NodeKind::Prose(_) => BTreeSet::new(),
        }
    }

    fn row(&mut self, nodes: &[NodeId], at: usize, depth: u32) -> BTreeSet<usize> {
        nodes.iter().fold(BTreeSet::from([at]), |front, node| {
            front.into_iter().flat_map(|at| self.ends(*node, at, depth + 1)).collect()
        })
    }

    fn derive(
        &mut self,
        id: NodeId,
        at: usize,
        end: usize,
        depth: u32,
        taken: &mut Vec<(NodeId, Taken)>,
    ) -> bool {
        if !self.ends(id, at, depth).contains(&end) {
            return false;
        }
        let program = self.program;
        let mark = taken.len();
        match &program.node(id).kind {
            NodeKind::Alternation(nodes) => {
                for (branch, node) in nodes.iter().enumerate() {
                    taken.push((id, Taken::Branch(branch as u32)));
                    if self.derive(*node, at, end, depth + 1, taken) {
                        return true;
                    }
                    taken.truncate(mark);
                }
                false
            }
            NodeKind::Sequence(nodes) => self.derive_row(nodes, at, end, depth, taken),
            NodeKind::Repetition { min, max, body } => {
                let most = max.unwrap_or(u64::MAX).min((*min).max(end.saturating_sub(at) as u64));
                for times in *min..=most {
                    let Ok(count) = usize::try_from(times) else { return false };
                    let row = vec![*body; count.min(self.octets.len() + 1)];
                    taken.push((id, Taken::Times(times)));
                    if self.row(&row, at, depth).contains(&end)
                        && self.derive_row(&row, at, end, depth, taken)
                    {
                        return true;
                    }
                    taken.truncate(mark);
                }
                false
            }
            NodeKind::Terminal(_) => {
                taken.push((id, Taken::Octets(at, end)));
                true
            }
            NodeKind::Reference(reference) => {
                self.derive(program.rule(reference.rule).body, at, end, depth + 1, taken)
            }
            NodeKind::Prose(_) => false,
        }
    }

    fn derive_row(
        &mut self,
        nodes: &[NodeId],
        at: usize,
        end: usize,
        depth: u32,
        taken: &mut Vec<(NodeId, Taken)>,
    ) -> bool {
        let Some((first, rest)) = nodes.split_first() else { return at == end };
        let mark = taken.len();
        for middle in self.ends(*first, at, depth + 1).into_iter().rev() {
            if middle <= end
                && self.row(rest, middle, depth).contains(&end)
                && self.derive(*first, at, middle, depth + 1, taken)
                && self.derive_row(rest, middle, end, depth, taken)
            {
                return true;
            }
            taken.truncate(mark);
        }
        false
    }
}
