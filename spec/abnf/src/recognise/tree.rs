//! What a match consists of.

use std::sync::Arc;

use super::machine::Mark;
use crate::program::{Program, RuleId};

/// How much of a match is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// A node for each rule, without those that stand for single octets, such as `ALPHA`.
    #[default]
    Rules,
    /// Rules of single octets too, and the choices that were made on the way.
    Everything,
}

/// The tree of a match: a node for each use of a rule, with the octets that it took.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub(super) nodes: Vec<NodeData>,
    pub(super) trail: Vec<(usize, Mark)>,
    pub(super) views: Vec<ViewData>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NodeData {
    pub(super) rule: RuleId,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) view: u32,
    pub(super) children: (u32, u32),
    pub(super) trail: (u32, u32),
}

impl NodeData {
    pub(super) fn without_parts(&self) -> Self {
        Self { children: (0, 0), trail: (0, 0), ..*self }
    }
}

/// How the octets of a part are seen.
#[derive(Clone, Debug)]
pub(super) struct ViewData {
    pub(super) start: usize,
    pub(super) key: Option<Arc<[u8]>>,
    pub(super) outer: u32,
}

impl Tree {
    /// The node of the entry.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, index: 0 }
    }

    /// All nodes, each before its parts, from left to right.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        let mut waiting = vec![0];
        std::iter::from_fn(move || {
            let index = waiting.pop()?;
            let (first, last) = self.nodes.get(index as usize)?.children;
            waiting.extend((first..last).rev());
            Some(Node { tree: self, index })
        })
    }
}

/// A use of a rule in a match.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    tree: &'t Tree,
    index: u32,
}

impl<'t> Node<'t> {
    fn data(&self) -> &'t NodeData {
        &self.tree.nodes[self.index as usize]
    }

    /// The rule.
    pub fn rule(&self) -> RuleId {
        self.data().rule
    }

    /// The octets that it took, by their places in the input.
    pub fn span(&self) -> std::ops::Range<usize> {
        self.data().start..self.data().end
    }

    /// The uses of rules in it, from left to right.
    pub fn children(&self) -> impl DoubleEndedIterator<Item = Node<'t>> + use<'t> {
        let tree = self.tree;
        let (first, last) = self.data().children;
        (first..last).map(move |index| Node { tree, index })
    }

    /// The first use of the rule called `name` in it, itself included, from left to right.
    pub fn find(&self, program: &Program, name: &str) -> Option<Node<'t>> {
        let mut waiting = vec![*self];
        while let Some(node) = waiting.pop() {
            if program.rule(node.rule()).name.eq_ignore_ascii_case(name) {
                return Some(node);
            }
            waiting.extend(node.children().rev());
        }
        None
    }

    /// The choices made in this rule, in order, each at its place in the input; there are none
    /// unless [`Detail::Everything`] was asked for.
    pub fn trail(&self) -> &'t [(usize, Mark)] {
        let (first, last) = self.data().trail;
        &self.tree.trail[first as usize..last as usize]
    }

    /// Its octets as the rule saw them: without a mask, if there was one. `input` is what was
    /// matched.
    pub fn octets(&self, input: &[u8]) -> Vec<u8> {
        let data = self.data();
        let mut octets = input.get(data.start..data.end).unwrap_or_default().to_vec();
        let mut view = data.view;
        while view != 0 {
            let Some(ViewData { start, key, outer }) = self.tree.views.get(view as usize) else {
                break;
            };
            if let Some(key) = key {
                for (index, octet) in octets.iter_mut().enumerate() {
                    *octet ^= key[(data.start + index - start) % key.len()];
                }
            }
            view = *outer;
        }
        octets
    }

    /// The fields that the rule itself defines by `bits` and `uint`, in order.
    pub fn fields(&self, program: &'t Program, input: &[u8]) -> Vec<(&'t str, u64)> {
        let rule = program.rule(self.rule());
        if rule.bits.is_empty() && rule.uint.is_none() {
            return Vec::new();
        }
        let octets = self.octets(input);
        let mut fields = Vec::new();
        let width: u32 = rule.bits.iter().map(|(_, width)| width).sum();
        if let Some(head) = octets.get(..width as usize / 8) {
            let number = head.iter().fold(0u64, |number, octet| number << 8 | u64::from(*octet));
            let mut left = width;
            for (field, width) in &rule.bits {
                left -= width;
                let value = number >> left & (u64::MAX >> (64 - width));
                fields.push((program.field(*field).name.as_str(), value));
            }
        }
        if let Some((field, encoding)) = rule.uint
            && let Some(value) = encoding.read(&octets)
        {
            fields.push((program.field(field).name.as_str(), value));
        }
        fields
    }

    /// The value of the field called `name` in this node or the first below it that has it.
    pub fn number(&self, program: &Program, input: &[u8], name: &str) -> Option<u64> {
        let mut waiting = vec![*self];
        while let Some(node) = waiting.pop() {
            let fields = node.fields(program, input);
            if let Some((_, value)) = fields.iter().find(|(one, _)| one.eq_ignore_ascii_case(name))
            {
                return Some(*value);
            }
            waiting.extend(node.children().rev());
        }
        None
    }
}
