//! How much is tried for one grammar.

/// So much work is done for one grammar, whatever it asks for. The units are those of
/// [`Budget::spend`]: visits of nodes, more or less. Grammars of protocols need less than half.
const WORK: u64 = 100_000_000;

/// An octet made costs as much as so many nodes.
const OCTET: u64 = 4;

/// The work that may still be done. It is counted, not timed: the same grammar always comes as far.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    left: u64,
    /// What each attempt costs besides: the nodes that it may have to look at.
    nodes: u64,
}

impl Budget {
    /// For a program of so many nodes.
    pub(super) fn new(nodes: usize) -> Self {
        Self { left: WORK, nodes: nodes as u64 }
    }

    /// Whether nothing more is to be tried.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    pub(super) fn spend(&mut self, work: u64) {
        self.left = self.left.saturating_sub(work);
    }

    /// A sentence was made or given up, for which so many octets were written in all.
    pub(super) fn attempt(&mut self, octets: u64) {
        self.spend(self.nodes.saturating_add(octets.saturating_mul(OCTET)));
    }

    /// The recogniser has taken so many steps.
    pub(super) fn recognised(&mut self, steps: u64) {
        self.spend(steps);
    }

    /// Leaves only so much.
    #[cfg(test)]
    pub(super) fn leave(&mut self, work: u64) {
        self.left = work;
    }
}
