//! Regular rules as tables: one look-up an octet.
//!
//! A rule is regular here if no directive and no prose-val has a say in it and no rule in it calls
//! itself. Its calls are then written out and its readings become the states of a deterministic
//! automaton. The answer is that of the [`Matcher`](super::Matcher), without a tree and without
//! reasons.

use std::collections::{BTreeSet, HashMap};

use super::machine::{Machine, Step};
use crate::program::{OctetSet, Program, RuleId, View};

/// More readings or states are not worth a table.
const READING_LIMIT: usize = 1 << 16;
const STATE_LIMIT: usize = 1 << 12;

/// The state that nothing leads out of.
const DEAD: u32 = 0;

/// A regular rule, ready to be matched.
///
/// ```
/// use wsconform_abnf::program::{Given, Options, Program};
/// use wsconform_abnf::recognise::{Matcher, Outcome};
/// use wsconform_abnf::{Grammar, Source};
///
/// let source = Source::new("list.abnf", "list = word *(\",\" word)\nword = 1*ALPHA\n");
/// let program = Program::new(&Grammar::read(&source).unwrap(), Options::default()).unwrap();
/// let list = Matcher::new(&program, "list").unwrap().compile().unwrap();
/// assert_eq!(list.outcome(b"a,b"), Outcome::Match);
/// assert_eq!(list.outcome(b"a,"), Outcome::Incomplete);
/// assert_eq!(list.outcome(b"a,,b"), Outcome::Mismatch { offset: 2 });
/// ```
#[derive(Clone, Debug)]
pub struct Compiled {
    /// For each octet, its class: octets that no state tells apart.
    classes: Box<[u8; 256]>,
    class_count: usize,
    /// For each state and class, the next state, already multiplied by the number of classes.
    table: Vec<u32>,
    accepting: Vec<bool>,
    start: u32,
}

/// Whether octets match, without the reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They do.
    Match,
    /// They do not, and nothing behind them could change that.
    Mismatch {
        /// So many octets could be read.
        offset: usize,
    },
    /// They are the beginning of a match.
    Incomplete,
}

impl Compiled {
    pub(super) fn new(program: &Program, machine: &Machine) -> Option<Self> {
        let automaton = Expansion::new(program, machine)?.finish();
        automaton.determined()
    }

    /// Whether the whole of `input` matches. Time is linear in its length, one look-up an octet.
    pub fn outcome(&self, input: &[u8]) -> Outcome {
        let mut state = self.start;
        for (offset, octet) in input.iter().enumerate() {
            state = self.next(state, *octet);
            if state == DEAD {
                return Outcome::Mismatch { offset };
            }
        }
        if self.accepting[state as usize / self.class_count] {
            Outcome::Match
        } else if state == DEAD {
            Outcome::Mismatch { offset: 0 }
        } else {
            Outcome::Incomplete
        }
    }

    /// How many states the table has.
    pub fn states(&self) -> usize {
        self.accepting.len()
    }

    fn next(&self, state: u32, octet: u8) -> u32 {
        self.table[state as usize + usize::from(self.classes[usize::from(octet)])]
    }
}

/// A reading with its octets and where they lead, and where it goes without one.
#[derive(Clone, Debug, Default)]
struct Reading {
    octets: Vec<(OctetSet, u32)>,
    free: Vec<u32>,
}

/// All calls written out.
struct Expansion<'m> {
    machine: &'m Machine,
    readings: Vec<Reading>,
    /// The rules that are being written out.
    open: Vec<RuleId>,
}

impl<'m> Expansion<'m> {
    fn new(program: &Program, machine: &'m Machine) -> Option<Self> {
        let plain = machine.calls.iter().all(|site| {
            let reference = &site.reference;
            let rule = program.rule(reference.rule);
            reference.when.is_none()
                && reference.size.is_none()
                && reference.view == View::Plain
                && rule.wheres.is_empty()
                && rule.uint.is_none()
                && rule.bits.is_empty()
        });
        let mut expansion = Self { machine, readings: Vec::new(), open: Vec::new() };
        // The entry begins at reading 0 and ends at reading 1.
        expansion.readings.resize(2, Reading::default());
        let entry = machine.calls.first()?.reference.rule;
        (plain && expansion.rule(entry, 0, 1)).then_some(expansion)
    }

    /// Writes out a rule between two readings; whether that was possible. Rules that call
    /// themselves are refused, so the depth is bounded by the number of rules; a grammar of deeper
    /// nesting than is reasonable is refused too.
    fn rule(&mut self, rule: RuleId, from: u32, to: u32) -> bool {
        const DEPTH_LIMIT: usize = 200;
        if self.open.contains(&rule) || self.open.len() == DEPTH_LIMIT {
            return false;
        }
        self.open.push(rule);
        let mut places = HashMap::from([(self.machine.rules[rule].start, from)]);
        let mut waiting = vec![self.machine.rules[rule].start];
        let mut is_regular = true;
        while let Some(state) = waiting.pop() {
            let at = places[&state];
            for transition in self.machine.of(&self.machine.states[state as usize]) {
                if transition.step == Step::Accept {
                    self.readings[at as usize].free.push(to);
                    continue;
                }
                let next = *places.entry(transition.to).or_insert_with(|| {
                    waiting.push(transition.to);
                    self.readings.push(Reading::default());
                    self.readings.len() as u32 - 1
                });
                is_regular &= match transition.step {
                    Step::Free => {
                        self.readings[at as usize].free.push(next);
                        true
                    }
                    Step::Octet(set, _) => {
                        self.readings[at as usize].octets.push((set, next));
                        true
                    }
                    Step::Call(site) => {
                        let callee = self.machine.calls[site as usize].reference.rule;
                        self.readings.push(Reading::default());
                        let start = self.readings.len() as u32 - 1;
                        self.readings[at as usize].free.push(start);
                        self.rule(callee, start, next)
                    }
                    Step::Guard(_) | Step::Count(..) | Step::Prose(_) | Step::Accept => false,
                };
                if !is_regular || self.readings.len() > READING_LIMIT {
                    return false;
                }
            }
        }
        self.open.pop();
        true
    }

    /// Leaves out what cannot come to the end.
    fn finish(mut self) -> Automaton {
        let mut comes_to_end = vec![false; self.readings.len()];
        comes_to_end[1] = true;
        let mut backwards = vec![Vec::new(); self.readings.len()];
        for (index, reading) in self.readings.iter().enumerate() {
            let octets = reading.octets.iter().filter(|(set, _)| !set.is_empty());
            for to in octets.map(|(_, to)| to).chain(&reading.free) {
                backwards[*to as usize].push(index);
            }
        }
        let mut waiting = vec![1];
        while let Some(index) = waiting.pop() {
            for before in &backwards[index] {
                if !std::mem::replace(&mut comes_to_end[*before], true) {
                    waiting.push(*before);
                }
            }
        }
        for reading in &mut self.readings {
            reading.octets.retain(|(set, to)| comes_to_end[*to as usize] && !set.is_empty());
            reading.free.retain(|to| comes_to_end[*to as usize]);
        }
        Automaton { readings: self.readings, begins: comes_to_end[0] }
    }
}

struct Automaton {
    readings: Vec<Reading>,
    /// Whether there is any match at all.
    begins: bool,
}

impl Automaton {
    /// The automaton with one reading at a time; nothing if its table would be large.
    fn determined(self) -> Option<Compiled> {
        let (classes, examples) = self.classes();
        let class_count = examples.len();
        let mut numbers: HashMap<Vec<u32>, u32> = HashMap::from([(Vec::new(), 0)]);
        let mut all: Vec<Vec<u32>> = vec![Vec::new()];
        let start = if self.begins { self.closure([0]) } else { Vec::new() };
        let mut number = |set: Vec<u32>, all: &mut Vec<Vec<u32>>| {
            *numbers.entry(set).or_insert_with_key(|set| {
                all.push(set.clone());
                all.len() as u32 - 1
            })
        };
        let start = number(start, &mut all);
        let mut table = Vec::new();
        let mut index = 0;
        while let Some(set) = all.get(index).cloned() {
            index += 1;
            for octet in &examples {
                let next = set.iter().flat_map(|reading| {
                    let octets = &self.readings[*reading as usize].octets;
                    octets.iter().filter(|(set, _)| set.contains(*octet)).map(|(_, to)| *to)
                });
                let next = self.closure(next);
                table.push(number(next, &mut all) * class_count as u32);
            }
            if all.len() > STATE_LIMIT {
                return None;
            }
        }
        let accepting = all.iter().map(|set| set.contains(&1)).collect();
        let start = start * class_count as u32;
        Some(Compiled { classes, class_count, table, accepting, start })
    }

    fn closure(&self, from: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<u32> = from.into_iter().collect();
        while let Some(reading) = waiting.pop() {
            if seen.insert(reading) {
                waiting.extend(&self.readings[reading as usize].free);
            }
        }
        // Readings that only lead on say nothing.
        let says = |one: &u32| *one == 1 || !self.readings[*one as usize].octets.is_empty();
        seen.into_iter().filter(says).collect()
    }

    /// The class of each octet, and an octet of each class.
    fn classes(&self) -> (Box<[u8; 256]>, Vec<u8>) {
        let mut sets: Vec<OctetSet> = self
            .readings
            .iter()
            .flat_map(|reading| reading.octets.iter().map(|(set, _)| *set))
            .collect();
        sets.sort_unstable();
        sets.dedup();
        let mut classes = Box::new([0; 256]);
        let mut examples: Vec<u8> = Vec::new();
        let mut known: HashMap<Vec<bool>, u8> = HashMap::new();
        for octet in 0..=255u8 {
            let key = sets.iter().map(|set| set.contains(octet)).collect();
            let class = *known.entry(key).or_insert_with(|| {
                examples.push(octet);
                (examples.len() - 1) as u8
            });
            classes[usize::from(octet)] = class;
        }
        (classes, examples)
    }
}
