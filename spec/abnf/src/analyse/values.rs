//! What the values of fields may be, by the rules that set them.

use std::collections::{BTreeMap, HashMap};

use super::formula::{Formula, Literal};
use super::lengths::Lengths;
use super::presence::own;
use crate::program::{
    Condition, FieldId, FieldKind, Given, Intervals, NodeKind, Program, Reference, Rule, RuleId,
    View,
};
use crate::recognise::{Matcher, Verdict};

/// So many steps are taken to see whether a rule matches a string.
const STEP_LIMIT: u64 = 100_000;

/// The rules that set fields, and what they say of them.
pub(super) struct Values<'p> {
    pub(super) program: &'p Program,
    setters: Vec<Setter<'p>>,
    /// For each field, the places of its setters.
    by_field: Vec<Vec<usize>>,
    lengths: Lengths,
    /// The rules at and below which no directive is at work.
    is_plain: Vec<bool>,
}

/// A rule as its definition stands in a source, in all its variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Definition(*const u8, usize);

impl Definition {
    pub(super) fn of(rule: &Rule) -> Self {
        Self(rule.source.text().as_ptr(), rule.span.start)
    }
}

/// A rule that sets fields, in all its variants.
struct Setter<'p> {
    definition: Definition,
    rules: Vec<RuleId>,
    fields: Vec<FieldId>,
    conditions: Vec<&'p Condition>,
    /// The greatest numbers that its own form allows.
    greatest: BTreeMap<FieldId, u64>,
}

impl<'p> Values<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        let lengths = Lengths::new(program);
        let mut setters: Vec<Setter<'p>> = Vec::new();
        let mut places = HashMap::new();
        for (id, rule) in program.rules() {
            if own(rule).next().is_none() {
                continue;
            }
            let definition = Definition::of(rule);
            let place = *places.entry(definition).or_insert_with(|| {
                setters.push(Setter {
                    definition,
                    rules: Vec::new(),
                    fields: own(rule).collect(),
                    conditions: rule.wheres.iter().map(|one| &one.condition).collect(),
                    greatest: BTreeMap::new(),
                });
                setters.len() - 1
            });
            setters[place].rules.push(id);
            let limits = &mut setters[place].greatest;
            for (field, number) in greatest(rule, lengths.of(program, id).max) {
                let limit = limits.entry(field).or_insert(number);
                *limit = number.max(*limit);
            }
        }
        let mut by_field = vec![Vec::new(); program.fields().len()];
        for (place, setter) in setters.iter().enumerate() {
            for field in &setter.fields {
                if by_field[field.index()].last() != Some(&place) {
                    by_field[field.index()].push(place);
                }
            }
        }
        let is_plain = plain_rules(program);
        Self { program, setters, by_field, lengths, is_plain }
    }

    pub(super) fn lengths(&self) -> &Lengths {
        &self.lengths
    }

    /// The rules that set a field, each once.
    pub(super) fn setters(&self, field: FieldId) -> impl Iterator<Item = &'p Rule> {
        let places = &self.by_field[field.index()];
        places.iter().filter_map(|place| {
            self.setters[*place].rules.first().map(|rule| self.program.rule(*rule))
        })
    }

    /// The numbers that a field has room for.
    pub(super) fn numbers(&self, field: FieldId) -> Intervals {
        let limits = self.by_field[field.index()]
            .iter()
            .filter_map(|place| self.setters[*place].greatest.get(&field));
        limits.max().map_or_else(Intervals::none, |last| Intervals::range(0, i128::from(*last)))
    }

    /// How many octets a field may have.
    pub(super) fn octet_counts(&self, field: FieldId) -> Intervals {
        let mut counts = Intervals::none();
        for rule in self.rules_of(field) {
            let length = self.lengths.of(self.program, rule);
            if let Some(min) = length.min {
                let range = Intervals::range(i128::from(min), i128::from(length.max));
                counts = counts.union(&range);
            }
        }
        counts
    }

    /// Whether a field can be this string; `None` if that is not known.
    pub(super) fn can_be(&self, field: FieldId, string: &[u8]) -> Option<bool> {
        let mut answer = Some(false);
        for rule in self.rules_of(field) {
            if !self.is_plain[rule.index()] {
                answer = None;
                continue;
            }
            let matcher = Matcher::of_rule(self.program, rule).step_limit(STEP_LIMIT);
            match matcher.recognise(string, &Given::default()) {
                Verdict::Match(_) => return Some(true),
                Verdict::Mismatch(_) | Verdict::Incomplete => {}
                Verdict::Undecided(_) => answer = None,
            }
        }
        answer
    }

    fn rules_of(&self, field: FieldId) -> impl Iterator<Item = RuleId> {
        self.by_field[field.index()].iter().flat_map(|place| self.setters[*place].rules.clone())
    }

    /// What must have been true where a field was set, if it is set. What `judged` says of it is
    /// not assumed.
    pub(super) fn assumption(&self, field: FieldId, judged: Option<Definition>) -> Formula<'p> {
        let places = &self.by_field[field.index()];
        let is_alone = places.len() == 1;
        let setters = places.iter().map(|place| {
            let setter = &self.setters[*place];
            let mut all = Vec::new();
            if let Some(last) = setter.greatest.get(&field) {
                all.push(Formula::Is(Literal::AtMost(field, *last)));
            }
            let is_judged = judged == Some(setter.definition);
            for condition in setter.conditions.iter().filter(|_| !is_judged) {
                let mut is_known = true;
                condition.for_each_field(&mut |read| {
                    is_known &= read == field || is_alone && self.by_field[read.index()] == *places;
                });
                if is_known {
                    all.push(Formula::holds(condition));
                }
            }
            Formula::All(all)
        });
        let is_set = Formula::Any(setters.collect());
        Formula::Any(vec![Formula::Is(Literal::Unset(field)), is_set])
    }

    /// What a field has room for, in words; nothing for octets.
    pub(super) fn room(&self, field: FieldId) -> Option<String> {
        let FieldKind::Number { .. } = self.program.field(field).kind else { return None };
        let name = &self.program.field(field).name;
        let last = self.numbers(field).last()?;
        Some(format!("`{name}` is 0 to {last}"))
    }
}

fn greatest(rule: &Rule, octets: u64) -> impl Iterator<Item = (FieldId, u64)> {
    let of_width = |width: u32| if width >= 64 { u64::MAX } else { (1 << width) - 1 };
    let bits = rule.bits.iter().map(move |(field, width)| (*field, of_width(*width)));
    bits.chain(rule.uint.map(|(field, encoding)| (field, encoding.greatest(octets))))
}

/// Whether a use of a rule says nothing.
fn is_bare(reference: &Reference) -> bool {
    reference.when.is_none() && reference.size.is_none() && reference.view == View::Plain
}

fn plain_rules(program: &Program) -> Vec<bool> {
    let mut is_plain: Vec<bool> = program
        .rules()
        .map(|(_, rule)| rule.bits.is_empty() && rule.uint.is_none() && rule.wheres.is_empty())
        .collect();
    let mut users: Vec<Vec<RuleId>> = vec![Vec::new(); is_plain.len()];
    for (id, rule) in program.rules() {
        let mut waiting = vec![rule.body];
        while let Some(node) = waiting.pop() {
            match &program.node(node).kind {
                NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => waiting.extend(nodes),
                NodeKind::Repetition { body, .. } => waiting.push(*body),
                NodeKind::Reference(reference) => {
                    is_plain[id.index()] &= is_bare(reference);
                    users[reference.rule.index()].push(id);
                }
                NodeKind::Terminal(_) | NodeKind::Prose(_) => {}
            }
        }
    }
    let not_plain = |(id, _): &(RuleId, &Rule)| !is_plain[id.index()];
    let mut waiting: Vec<RuleId> = program.rules().filter(not_plain).map(|(id, _)| id).collect();
    while let Some(rule) = waiting.pop() {
        for user in &users[rule.index()] {
            if std::mem::replace(&mut is_plain[user.index()], false) {
                waiting.push(*user);
            }
        }
    }
    is_plain
}
