//! Which choices a corpus has made.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::points::{Choice, Point, Points};
use crate::generate::Taken;
use crate::generate::matches::derivation;
use crate::program::{NodeId, NodeKind, RuleId};
use crate::recognise::{Mark, Tree};

/// How often each choice was made.
///
/// ```
/// use wsconform_abnf::cover::{Coverage, Points};
/// use wsconform_abnf::program::{Given, Options, Program};
/// use wsconform_abnf::recognise::{Detail, Matcher, Verdict};
/// use wsconform_abnf::{Grammar, Source};
///
/// let text = "greeting = (\"hello\" / \"hi\") [\"!\"]\n";
/// let grammar = Grammar::read(&Source::new("greeting.abnf", text)).unwrap();
/// let program = Program::new(&grammar, Options::default()).unwrap();
/// let points = Points::new(&program, &[program.rule_id("greeting").unwrap()]);
/// let mut coverage = Coverage::new(&points);
///
/// let matcher = Matcher::new(&program, "greeting").unwrap().detail(Detail::Everything);
/// let Verdict::Match(tree) = matcher.recognise(b"hello", &Given::default()) else { panic!() };
/// coverage.add(&tree, b"hello");
/// assert_eq!((coverage.taken(), points.len()), (2, 4));
/// assert!(coverage.table().contains("greeting / 2nd alternative `\"hi\"`"));
/// ```
#[derive(Clone, Debug)]
pub struct Coverage<'c> {
    points: &'c Points<'c>,
    counts: Vec<u64>,
}

impl<'c> Coverage<'c> {
    /// Nothing was made yet.
    pub fn new(points: &'c Points<'c>) -> Self {
        Self { points, counts: vec![0; points.len()] }
    }

    /// Adds the choices of a match of `input`. The tree must have been kept in
    /// [`Detail::Everything`](crate::recognise::Detail::Everything).
    pub fn add(&mut self, tree: &Tree, input: &[u8]) {
        for number in numbers(self.points, tree, input) {
            self.counts[number] += 1;
        }
    }

    /// Adds what another corpus has made of the same points.
    pub fn join(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
    }

    /// How often a choice was made, by its number.
    pub fn count(&self, number: usize) -> u64 {
        self.counts.get(number).copied().unwrap_or(0)
    }

    /// How many choices were made at least once.
    pub fn taken(&self) -> usize {
        self.counts.iter().filter(|count| **count > 0).count()
    }

    /// Whether all were.
    pub fn is_complete(&self) -> bool {
        self.taken() == self.points.len()
    }

    /// Those that were not, with their numbers.
    pub fn missing(&self) -> impl Iterator<Item = (usize, &Point)> {
        self.points.iter().enumerate().filter(|(number, _)| self.counts[*number] == 0)
    }

    /// For people: a line for each rule with what was made of it, then what is missing.
    pub fn table(&self) -> String {
        let mut rules: Vec<(RuleId, usize, usize)> = Vec::new();
        let mut places = HashMap::new();
        for (number, point) in self.points.iter().enumerate() {
            let place = *places.entry(point.rule).or_insert_with(|| {
                rules.push((point.rule, 0, 0));
                rules.len() - 1
            });
            rules[place].1 += usize::from(self.counts[number] > 0);
            rules[place].2 += 1;
        }
        let program = self.points.program();
        let width =
            rules.iter().map(|(rule, ..)| program.rule(*rule).name.len()).max().unwrap_or(0);
        let mut text = String::new();
        for (rule, taken, all) in rules {
            let name = &program.rule(rule).name;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:width$}  {taken:>4} of {all:>4}");
        }
        let _ = writeln!(text, "{:width$}  {:>4} of {:>4}", "", self.taken(), self.points.len());
        for (_, point) in self.missing() {
            let location = self.points.location(point);
            let _ = writeln!(text, "{location}: {}", self.points.describe(point));
        }
        text
    }
}

/// The numbers of the choices in a match of `input`, in order.
pub(super) fn numbers(points: &Points<'_>, tree: &Tree, input: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut octets: BTreeSet<(RuleId, u8)> = BTreeSet::new();
    for node in tree.nodes() {
        let seen = node.octets(input);
        // A rule of one octet is matched at once: its choices follow from the octet.
        if let ([octet], [], None) = (&seen[..], node.trail(), node.children().next())
            && octets.insert((node.rule(), *octet))
        {
            let program = points.program();
            let body = program.rule(node.rule()).body;
            let taken = derivation(program, body, &seen).unwrap_or_default();
            found.extend(noted(points, &taken, &seen));
        }
        let start = node.span().start;
        let mut times: HashMap<NodeId, u64> = HashMap::new();
        for (at, mark) in node.trail() {
            match mark {
                Mark::Branch(node, branch) => {
                    found.extend(points.place(*node, Choice::Branch(*branch)));
                }
                Mark::Begin(node) => {
                    times.insert(*node, 0);
                }
                Mark::Again(node) => *times.entry(*node).or_default() += 1,
                Mark::Leave(node) => {
                    let count = times.get(node).copied().unwrap_or(0);
                    found.extend(points.place(*node, Choice::Times(count)));
                }
                Mark::Terminal(node) => {
                    let octets = at.checked_sub(start).and_then(|at| seen.get(at..));
                    found.extend(edges(points, *node, octets.unwrap_or(&[])));
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The same of choices noted while a sentence was made.
pub(super) fn noted(points: &Points<'_>, taken: &[(NodeId, Taken)], octets: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    for (node, taken) in taken {
        match taken {
            Taken::Branch(branch) => found.extend(points.place(*node, Choice::Branch(*branch))),
            Taken::Times(times) => found.extend(points.place(*node, Choice::Times(*times))),
            Taken::Octets(first, end) => {
                let octets = octets.get(*first..*end).unwrap_or(&[]);
                found.extend(edges(points, *node, octets));
            }
        }
    }
    found
}

/// The edges of a range that octets begin with.
fn edges(points: &Points<'_>, node: NodeId, octets: &[u8]) -> Vec<usize> {
    let NodeKind::Terminal(terminal) = &points.program().node(node).kind else {
        return Vec::new();
    };
    let Some((first, last)) = &terminal.edges else { return Vec::new() };
    let mut found = Vec::new();
    if octets.starts_with(first) {
        found.extend(points.place(node, Choice::First));
    }
    if octets.starts_with(last) {
        found.extend(points.place(node, Choice::Last));
    }
    found
}
