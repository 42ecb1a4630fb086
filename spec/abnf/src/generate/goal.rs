//! Where a sentence is led, and what is done there.

use crate::program::{NodeId, NodeKind, Program};

/// A step on the way from the body of the entry to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    pub(crate) node: NodeId,
    /// The branch of an alternation or the part of a sequence; 0 for the rest.
    pub(crate) choice: u32,
}

/// What is done at the end of the way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act<'g> {
    /// Nothing but being there.
    Visit,
    /// Takes this branch of an alternation.
    Branch(u32),
    /// Goes around so often, whatever the bounds.
    Times(u64),
    /// Leaves out what has to stand there.
    Omit,
    /// Writes these octets in the place of a terminal.
    Write(&'g [u8]),
    /// Breaks a condition of the rule that is referred to.
    BreakWhere(usize),
    /// Lets a part stand there although it must not, or leaves it out although it must.
    BreakWhen,
    /// Makes a part so many octets longer than its size.
    Resize(i64),
    /// Writes this part of a sequence so often.
    Part(u32, u64),
}

/// One place to be reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal<'g> {
    /// The steps that are left.
    pub(crate) steps: &'g [Step],
    /// The node at the end; the entry itself if there is none.
    pub(crate) target: Option<NodeId>,
    pub(crate) act: Act<'g>,
}

impl<'g> Goal<'g> {
    /// What is to be done at `node`, if it is the end.
    pub(super) fn act_at(&self, node: Option<NodeId>) -> Option<Act<'g>> {
        (self.steps.is_empty() && self.target == node).then_some(self.act)
    }

    /// The choice at `node`, and the goal behind it.
    pub(super) fn follow(&self, node: NodeId) -> Option<(u32, Self)> {
        let (first, steps) = self.steps.split_first()?;
        (first.node == node).then_some((first.choice, Self { steps, ..*self }))
    }
}

/// The children of a node, each with the choice that leads there; for a reference, the body of its
/// rule.
pub(crate) fn children(program: &Program, node: NodeId) -> Vec<(u32, NodeId)> {
    match &program.node(node).kind {
        NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => {
            nodes.iter().enumerate().map(|(index, node)| (index as u32, *node)).collect()
        }
        NodeKind::Repetition { body, .. } => vec![(0, *body)],
        NodeKind::Reference(reference) => vec![(0, program.rule(reference.rule).body)],
        NodeKind::Terminal(_) | NodeKind::Prose(_) => Vec::new(),
    }
}
