//! A grammar as a graph: the rules' trees, and from each reference a way to its rule.

use crate::ast::{Alternation, Concatenation, ElementKind, Repetition, Rule};
use crate::grammar::{Grammar, GrammarRule};

/// As many as the grammar of a large RFC has.
const USUAL_NODES: usize = 4096;

/// All rules, the core rules first, each at its place in the grammar.
pub(super) struct Graph<'g> {
    pub(super) rules: Vec<RuleNode<'g>>,
    /// Every rule's tree from the top down: a node stands before what is below it.
    pub(super) nodes: Vec<Node<'g>>,
}

pub(super) struct RuleNode<'g> {
    pub(super) rule: &'g GrammarRule,
    /// The alternation of all its branches.
    pub(super) root: usize,
}

pub(super) struct Node<'g> {
    pub(super) kind: Kind<'g>,
    /// The node above; the root of a rule is its own parent.
    pub(super) parent: usize,
    /// The first node behind all that is below this one.
    pub(super) end: usize,
}

#[derive(Clone, Copy)]
pub(super) enum Kind<'g> {
    /// Has its branches below it.
    Alternation,
    /// Has its parts below it.
    Concatenation {
        branch: &'g Concatenation,
        /// The text that holds the branch.
        text: &'g Rule,
    },
    /// Has the alternation below it if it is a group or an option.
    Part {
        part: &'g Repetition,
        /// The text that holds the part.
        text: &'g Rule,
        /// The rule that it refers to, if it is a reference that leads somewhere.
        target: Option<usize>,
    },
}

impl<'g> Graph<'g> {
    pub(super) fn new(grammar: &'g Grammar) -> Self {
        let mut graph = Self { rules: Vec::new(), nodes: Vec::with_capacity(USUAL_NODES) };
        for rule in grammar.all_rules() {
            let root = graph.nodes.len();
            graph.rules.push(RuleNode { rule, root });
            graph.push(Kind::Alternation, root);
            let mut targets = rule.targets().iter().copied();
            for text in rule.parts() {
                let mut builder = Builder { graph: &mut graph, text, targets: &mut targets };
                builder.branches(&text.alternation, root);
            }
            graph.close(root);
        }
        graph
    }

    /// Whether the author of the grammar can do something about the rule.
    pub(super) fn is_own(&self, rule: usize) -> bool {
        let rule = self.rules[rule].rule;
        !rule.is_core() && !rule.is_imported()
    }

    /// The rules that the author of the grammar wrote.
    pub(super) fn own_rules(&self) -> impl Iterator<Item = usize> {
        (0..self.rules.len()).filter(|rule| self.is_own(*rule))
    }

    /// The nodes directly below `node`.
    pub(super) fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes[node].end;
        let first = (node + 1 < end).then_some(node + 1);
        std::iter::successors(first, move |child| {
            let next = self.nodes[*child].end;
            (next < end).then_some(next)
        })
    }

    /// All nodes of a rule.
    pub(super) fn of_rule(&self, rule: usize) -> impl Iterator<Item = usize> + use<> {
        let root = self.rules[rule].root;
        root..self.nodes[root].end
    }

    /// The rules that a rule refers to, as often as it does.
    pub(super) fn references(&self, rule: usize) -> impl Iterator<Item = usize> {
        self.of_rule(rule).filter_map(|node| match self.nodes[node].kind {
            Kind::Part { target, .. } => target,
            Kind::Alternation | Kind::Concatenation { .. } => None,
        })
    }

    fn push(&mut self, kind: Kind<'g>, parent: usize) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { kind, parent, end: node + 1 });
        node
    }

    /// Everything behind `node` is below it.
    fn close(&mut self, node: usize) {
        self.nodes[node].end = self.nodes.len();
    }
}

/// Adds the tree of one text of a rule. Recursive: the reader limits the depth of texts.
struct Builder<'b, 'g, T> {
    graph: &'b mut Graph<'g>,
    text: &'g Rule,
    /// What the references that are still to come lead to.
    targets: &'b mut T,
}

impl<'g, T: Iterator<Item = Option<usize>>> Builder<'_, 'g, T> {
    fn branches(&mut self, alternation: &'g Alternation, parent: usize) {
        for branch in &alternation.branches {
            let node = self.graph.push(Kind::Concatenation { branch, text: self.text }, parent);
            for part in &branch.parts {
                self.part(part, node);
            }
            self.graph.close(node);
        }
    }

    fn part(&mut self, part: &'g Repetition, parent: usize) {
        let target = match &part.element.kind {
            ElementKind::Reference(_) => self.targets.next().flatten(),
            _ => None,
        };
        let node = self.graph.push(Kind::Part { part, text: self.text, target }, parent);
        if let ElementKind::Group(inner) | ElementKind::Option(inner) = &part.element.kind {
            let below = self.graph.push(Kind::Alternation, node);
            self.branches(inner, below);
            self.graph.close(below);
        }
        self.graph.close(node);
    }
}
