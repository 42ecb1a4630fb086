//! Decides whether a formula can be true: with an example, with certainty that it cannot, or not
//! at all.
//!
//! Each choice of a formula's alternatives leaves statements that are all to be true at once. The
//! numbers that they leave open are narrowed until nothing changes: if none is left, the choice is
//! impossible. Otherwise values are tried, and an example counts only if the conditions themselves
//! hold for it.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::example::Example;
use super::formula::{Formula, Literal};
use super::linear::{Linear, Variable};
use super::presence::Known;
use super::strings::{self, Strings};
use super::values::{Definition, Values};
use crate::directive::{Comparison, Domain};
use crate::program::{Condition, FieldId, Intervals, Number};

/// So many states are looked at for one question.
const STATE_LIMIT: u32 = 4000;

/// So often numbers are narrowed; more would be right, and slower.
const ROUND_LIMIT: u32 = 64;

/// The answer to whether a formula can be true.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Never,
    /// Here is how.
    So(Box<Example>),
    Unknown,
}

pub(super) struct Solver<'v, 'p> {
    pub(super) values: &'v Values<'p>,
    /// The states that are left for all questions.
    left: Cell<u32>,
}

/// Some choices made.
#[derive(Clone)]
struct State<'c, 'f> {
    literals: Vec<Literal<'c>>,
    is_set: BTreeMap<FieldId, bool>,
    numbers: BTreeMap<Variable, Intervals>,
    choices: Vec<&'f [Formula<'c>]>,
}

impl<'v, 'p> Solver<'v, 'p> {
    pub(super) fn new(values: &'v Values<'p>, states: u32) -> Self {
        Self { values, left: Cell::new(states) }
    }

    /// Whether all of `wanted` can be true at once where `known` is known. What the rule `judged`
    /// says is not taken for granted.
    pub(super) fn solve<'c>(
        &self,
        wanted: Vec<Formula<'c>>,
        known: &Known,
        judged: Option<Definition>,
    ) -> Answer
    where
        'p: 'c,
    {
        let mut fields = Vec::new();
        wanted.iter().for_each(|formula| read_by(formula, &mut fields));
        let asked = Formula::All(wanted);
        // What the setters of these fields say speaks of no fields but theirs.
        let assumed: Vec<Formula<'c>> =
            fields.iter().map(|field| self.values.assumption(*field, judged)).collect();
        let start = State {
            literals: Vec::new(),
            is_set: BTreeMap::new(),
            numbers: BTreeMap::new(),
            choices: Vec::new(),
        };
        let first: Vec<&Formula<'c>> = std::iter::once(&asked).chain(&assumed).collect();
        let mut waiting = vec![(start, first)];
        let mut is_open = false;
        let mut states = 0;
        while let Some((mut state, todo)) = waiting.pop() {
            states += 1;
            if states > STATE_LIMIT || self.left.get() == 0 {
                return Answer::Unknown;
            }
            self.left.set(self.left.get() - 1);
            if !self.take(&mut state, todo, known) || !self.narrow(&mut state) {
                continue;
            }
            if let Some(choice) = state.choices.pop() {
                for formula in choice.iter().rev() {
                    waiting.push((state.clone(), vec![formula]));
                }
                continue;
            }
            match self.example(state) {
                Answer::Never => {}
                Answer::Unknown => is_open = true,
                found @ Answer::So(_) => return found,
            }
        }
        if is_open { Answer::Unknown } else { Answer::Never }
    }

    /// Takes statements into a state; whether they do not contradict each other at once.
    fn take<'c, 'f>(
        &self,
        state: &mut State<'c, 'f>,
        todo: Vec<&'f Formula<'c>>,
        known: &Known,
    ) -> bool {
        let mut todo = todo;
        while let Some(formula) = todo.pop() {
            match formula {
                Formula::All(all) => todo.extend(all),
                Formula::Any(any) => state.choices.push(any),
                Formula::Is(literal) => {
                    let (field, is_set) = match *literal {
                        Literal::Set(field) => (field, true),
                        Literal::Unset(field) => (field, false),
                        _ => {
                            state.literals.push(*literal);
                            continue;
                        }
                    };
                    let is_possible = if is_set { &known.may } else { &known.must }
                        .contains(field.index())
                        == is_set;
                    if !is_possible || *state.is_set.entry(field).or_insert(is_set) != is_set {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Narrows the numbers of a state; whether some are left for each.
    fn narrow(&self, state: &mut State<'_, '_>) -> bool {
        for _ in 0..ROUND_LIMIT {
            let mut changed = false;
            for literal in state.literals.clone() {
                match self.narrow_by(literal, &mut state.numbers) {
                    Some(more) => changed |= more,
                    None => return false,
                }
            }
            if !changed {
                break;
            }
        }
        true
    }

    /// Whether a statement has narrowed something; nothing if it cannot be true.
    fn narrow_by(
        &self,
        literal: Literal<'_>,
        numbers: &mut BTreeMap<Variable, Intervals>,
    ) -> Option<bool> {
        let (condition, holds) = match literal {
            Literal::AtMost(field, last) => {
                let open = Intervals::range(0, i128::from(last));
                return self.keep(numbers, Variable::Field(field), &open);
            }
            Literal::Holds(condition) => (condition, true),
            Literal::Fails(condition) => (condition, false),
            Literal::Set(_) | Literal::Unset(_) => return Some(false),
        };
        match condition {
            Condition::Numbers(comparison, left, right) => {
                let comparison = if holds { *comparison } else { negated(*comparison) };
                let difference = Linear::of(left).and_then(|one| one.minus(&Linear::of(right)?));
                match difference {
                    Some(difference) => self.compare(numbers, comparison, &difference),
                    None => Some(false),
                }
            }
            Condition::NumberIn(number, intervals) => {
                let Some(number) = Linear::of(number) else { return Some(false) };
                let inside = Intervals::of(intervals.iter().map(|one| (one.first, one.last)));
                self.keep_in(numbers, &number, &inside, holds)
            }
            Condition::Word(context, words) => {
                let words = words.iter().fold(Intervals::none(), |all, word| {
                    let word = i128::try_from(*word).unwrap_or(i128::MAX);
                    all.union(&Intervals::range(word, word))
                });
                let open = if holds { words } else { words.complement() };
                self.keep(numbers, Variable::Word(*context), &open)
            }
            _ => Some(false),
        }
    }

    /// Narrows each variable of `sum` so that the sum can be so related to zero.
    fn compare(
        &self,
        numbers: &mut BTreeMap<Variable, Intervals>,
        comparison: Comparison,
        sum: &Linear,
    ) -> Option<bool> {
        if sum.is_constant() {
            return comparison.holds(&sum.rest, &0).then_some(false);
        }
        let mut changed = false;
        for (variable, factor) in sum.terms() {
            let Some((least, greatest)) = sum.hull_without(variable, |one| self.open(numbers, one))
            else {
                continue;
            };
            let solving = |comparison, rest| Intervals::solving(comparison, factor, rest);
            let open = match comparison {
                Comparison::Less | Comparison::AtMost => solving(comparison, least),
                Comparison::Greater | Comparison::AtLeast => solving(comparison, greatest),
                _ if least == greatest => solving(comparison, least),
                Comparison::Equal => {
                    let below = solving(Comparison::AtMost, least);
                    let above = solving(Comparison::AtLeast, greatest);
                    below.and_then(|below| Some(below.intersection(&above?)))
                }
                Comparison::NotEqual => None,
            };
            if let Some(open) = open {
                changed |= self.keep(numbers, variable, &open)?;
            }
        }
        Some(changed)
    }

    fn keep_in(
        &self,
        numbers: &mut BTreeMap<Variable, Intervals>,
        number: &Linear,
        inside: &Intervals,
        holds: bool,
    ) -> Option<bool> {
        let wanted = if holds { inside.clone() } else { inside.complement() };
        if number.is_constant() {
            let is_inside =
                !inside.intersection(&Intervals::range(number.rest, number.rest)).is_empty();
            return (is_inside == holds).then_some(false);
        }
        if let Some(variable) = number.alone() {
            return self.keep(numbers, variable, &wanted);
        }
        if !holds {
            return Some(false);
        }
        // Between the least and the greatest of the numbers.
        let (Some(first), Some(last)) = (inside.first(), inside.last()) else { return None };
        let Some(above) = number.plus(-i128::from(first)) else { return Some(false) };
        let Some(below) = number.plus(-i128::from(last)) else { return Some(false) };
        let changed = self.compare(numbers, Comparison::AtLeast, &above)?;
        Some(self.compare(numbers, Comparison::AtMost, &below)? || changed)
    }

    fn keep(
        &self,
        numbers: &mut BTreeMap<Variable, Intervals>,
        variable: Variable,
        open: &Intervals,
    ) -> Option<bool> {
        let before = self.open(numbers, variable);
        let after = before.intersection(open);
        if after.is_empty() {
            return None;
        }
        let changed = after != before;
        if changed {
            numbers.insert(variable, after);
        }
        Some(changed)
    }

    /// What a variable may still be.
    fn open(&self, numbers: &BTreeMap<Variable, Intervals>, variable: Variable) -> Intervals {
        if let Some(known) = numbers.get(&variable) {
            return known.clone();
        }
        match variable {
            Variable::Field(field) => self.values.numbers(field),
            Variable::Length(field) => self.values.octet_counts(field),
            Variable::Context(_) => Intervals::all(),
            Variable::Word(context) => {
                match &self.values.program.contexts()[context.index()].domain {
                    Domain::Words(words) => Intervals::range(0, words.len() as i128 - 1),
                    Domain::Uint | Domain::Octets | Domain::List => Intervals::none(),
                }
            }
        }
    }

    /// Tries values for a state without choices.
    fn example(&self, mut state: State<'_, '_>) -> Answer {
        let Some(strings) = Strings::new(self.values, &state.literals, &state.numbers) else {
            return Answer::Never;
        };
        for variable in variables(&state) {
            let open = self.open(&state.numbers, variable);
            let tried = [open.first(), open.last()];
            let found = tried.into_iter().flatten().find_map(|number| {
                let number = i128::from(number);
                let mut one = state.clone();
                one.numbers.insert(variable, Intervals::range(number, number));
                self.narrow(&mut one).then_some(one)
            });
            match found {
                Some(found) => state = found,
                None => return Answer::Unknown,
            }
        }
        let mut example = Example::default();
        for (variable, open) in &state.numbers {
            if let Some(number) = open.first() {
                example.set(*variable, number);
            }
        }
        for (field, _) in state.is_set.iter().filter(|(_, is_set)| **is_set) {
            if let Some(first) = self.values.numbers(*field).first() {
                example.numbers.entry(*field).or_insert(first);
            }
        }
        if !strings.choose(self.values, &mut example) {
            return Answer::Unknown;
        }
        strings::give_lists(&state.literals, &mut example);
        let is_true = state.literals.iter().all(|literal| match literal {
            Literal::Holds(condition) => condition.evaluate(&example) == Some(true),
            Literal::Fails(condition) => condition.evaluate(&example) == Some(false),
            Literal::AtMost(..) | Literal::Set(_) | Literal::Unset(_) => true,
        });
        if is_true { Answer::So(Box::new(example)) } else { Answer::Unknown }
    }
}

/// All variables that the statements of a state speak of.
fn variables(state: &State<'_, '_>) -> Vec<Variable> {
    let mut found: Vec<Variable> = state.numbers.keys().copied().collect();
    let mut add = |number: &Number| {
        super::linear::variables(number, &mut |variable| {
            if !found.contains(&variable) {
                found.push(variable);
            }
        });
    };
    for literal in &state.literals {
        match literal {
            Literal::Holds(condition) | Literal::Fails(condition) => match condition {
                Condition::Numbers(_, left, right) => {
                    add(left);
                    add(right);
                }
                Condition::NumberIn(number, _) => add(number),
                _ => {}
            },
            Literal::AtMost(..) | Literal::Set(_) | Literal::Unset(_) => {}
        }
    }
    found
}

fn read_by(formula: &Formula<'_>, fields: &mut Vec<FieldId>) {
    let mut add = |field| {
        if !fields.contains(&field) {
            fields.push(field);
        }
    };
    match formula {
        Formula::All(all) | Formula::Any(all) => all.iter().for_each(|one| read_by(one, fields)),
        Formula::Is(Literal::Holds(condition) | Literal::Fails(condition)) => {
            condition.for_each_field(&mut add);
        }
        Formula::Is(Literal::Set(field) | Literal::Unset(field) | Literal::AtMost(field, _)) => {
            add(*field);
        }
    }
}

fn negated(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::AtLeast,
        Comparison::AtLeast => Comparison::Less,
        Comparison::AtMost => Comparison::Greater,
        Comparison::Greater => Comparison::AtMost,
    }
}
