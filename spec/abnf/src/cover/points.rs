//! The choices that a grammar offers.

use std::collections::HashMap;

use super::ways::Ways;
use crate::diagnostic::Location;
use crate::program::{NodeId, NodeKind, Program, RuleId};

/// Greater bounds of repetitions are not asked for.
const TIMES_LIMIT: u64 = 256;

/// A choice that sentences may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Choice {
    /// This branch of an alternation, counted from 0.
    Branch(u32),
    /// Around so often: for an option, 0 or 1; else the least number, one more, the greatest.
    Times(u64),
    /// The first octets of a range.
    First,
    /// The last octets of a range.
    Last,
}

/// A choice at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The rule in which it is made.
    pub rule: RuleId,
    /// The node at which it is made.
    pub node: NodeId,
    /// What is chosen.
    pub choice: Choice,
}

/// All choices in the rules that some entries need, in the order of these rules.
#[derive(Clone, Debug)]
pub struct Points<'p> {
    program: &'p Program,
    points: Vec<Point>,
    places: HashMap<(NodeId, Choice), usize>,
}

impl<'p> Points<'p> {
    /// The choices that can be met from the rules `entries` on.
    pub fn new(program: &'p Program, entries: &[RuleId]) -> Self {
        let mut points = Self { program, points: Vec::new(), places: HashMap::new() };
        for entry in entries {
            let ways = Ways::new(program, *entry);
            for rule in &ways.rules {
                for node in ways.nodes(*rule) {
                    points.node(*rule, node);
                }
            }
        }
        points
    }

    fn node(&mut self, rule: RuleId, node: NodeId) {
        match &self.program.node(node).kind {
            NodeKind::Alternation(nodes) => {
                (0..nodes.len()).for_each(|at| self.add(rule, node, Choice::Branch(at as u32)));
            }
            NodeKind::Repetition { min, max, .. } if Some(*min) != *max => {
                let greatest = max.filter(|max| *max <= TIMES_LIMIT);
                let times = [Some(*min), min.checked_add(1), greatest].into_iter().flatten();
                times
                    .filter(|times| max.is_none_or(|max| *times <= max) && *times <= TIMES_LIMIT)
                    .for_each(|times| self.add(rule, node, Choice::Times(times)));
            }
            NodeKind::Terminal(terminal) => {
                if let Some((first, last)) = &terminal.edges {
                    self.add(rule, node, Choice::First);
                    if first != last {
                        self.add(rule, node, Choice::Last);
                    }
                }
            }
            NodeKind::Sequence(_)
            | NodeKind::Repetition { .. }
            | NodeKind::Reference(_)
            | NodeKind::Prose(_) => {}
        }
    }

    fn add(&mut self, rule: RuleId, node: NodeId, choice: Choice) {
        let next = self.points.len();
        self.places.entry((node, choice)).or_insert_with(|| {
            self.points.push(Point { rule, node, choice });
            next
        });
    }

    /// The grammar that offers them.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Point> {
        self.points.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether the grammar offers no choice.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// One of them by its number.
    pub fn get(&self, number: usize) -> Option<&Point> {
        self.points.get(number)
    }

    /// The number of the choice at a node.
    pub(super) fn place(&self, node: NodeId, choice: Choice) -> Option<usize> {
        self.places.get(&(node, choice)).copied()
    }

    /// Where a choice stands in the grammar.
    pub fn location(&self, point: &Point) -> Location {
        self.program.node_location(self.shown(point))
    }

    /// A choice for people, such as ``frame-length / 2nd alternative `length-16` ``.
    pub fn describe(&self, point: &Point) -> String {
        let rule = &self.program.rule(point.rule).name;
        let text = excerpt(self.program, self.shown(point));
        let what = match point.choice {
            Choice::Branch(branch) => format!("{} alternative {text}", ordinal(branch + 1)),
            Choice::Times(times) => match &self.program.node(point.node).kind {
                NodeKind::Repetition { min: 0, max: Some(1), .. } if times == 0 => {
                    format!("{text} left out")
                }
                NodeKind::Repetition { min: 0, max: Some(1), .. } => format!("{text} there"),
                _ if times == 1 => format!("{text} once"),
                _ => format!("{text} {times} times"),
            },
            Choice::First => format!("{text} first"),
            Choice::Last => format!("{text} last"),
        };
        format!("{rule} / {what}")
    }

    /// The node whose text says most of a choice.
    fn shown(&self, point: &Point) -> NodeId {
        match (&self.program.node(point.node).kind, point.choice) {
            (NodeKind::Alternation(nodes), Choice::Branch(branch)) => {
                nodes.get(branch as usize).copied().unwrap_or(point.node)
            }
            _ => point.node,
        }
    }
}

/// The text of a node on one line, shortened.
pub(super) fn excerpt(program: &Program, node: NodeId) -> String {
    const LENGTH: usize = 40;
    let span = program.node(node).span.clone();
    let text = program.node_source(node).text().get(span).unwrap_or_default();
    let lines = text.lines().map(|line| line.split(';').next().unwrap_or(line));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    if text.chars().count() <= LENGTH {
        format!("`{text}`")
    } else {
        let short: String = text.chars().take(LENGTH - 1).collect();
        format!("`{}…`", short.trim_end())
    }
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
