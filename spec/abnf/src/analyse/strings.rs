//! Which strings fields and the context may be, as far as statements list them.

use std::collections::BTreeMap;

use super::example::Example;
use super::formula::Literal;
use super::linear::Variable;
use super::values::Values;
use crate::program::{Condition, ContextId, FieldId, Intervals, OctetString};

/// A string of so many octets is made for an example, not a longer one.
const LENGTH_LIMIT: u64 = 100_000;

/// Texts with more letters are not tried in all letter cases.
const LETTER_LIMIT: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Field(FieldId),
    Context(ContextId),
}

/// What strings may be.
pub(super) struct Strings {
    /// The strings among which one is, and whether the list is all there is.
    candidates: BTreeMap<Name, (Vec<Vec<u8>>, bool)>,
}

impl Strings {
    /// Nothing if the statements leave some string no value.
    pub(super) fn new(
        values: &Values<'_>,
        literals: &[Literal<'_>],
        numbers: &BTreeMap<Variable, Intervals>,
    ) -> Option<Self> {
        let mut names = Vec::new();
        for literal in literals {
            if let Literal::Holds(condition) | Literal::Fails(condition) = literal {
                spoken_of(condition, &mut names);
            }
        }
        names.sort_unstable();
        names.dedup();
        let mut candidates = BTreeMap::new();
        for name in names {
            let (mut strings, is_closed) = listed(name, literals);
            strings.retain(|string| {
                let judged = |literal: &Literal<'_>| judge(name, string, literal) != Some(false);
                literals.iter().all(judged) && has_length(values, name, string, numbers)
            });
            if let (Name::Field(field), true) = (name, is_closed) {
                strings.retain(|string| values.can_be(field, string) != Some(false));
            }
            if is_closed && strings.is_empty() {
                return None;
            }
            candidates.insert(name, (strings, is_closed));
        }
        Some(Self { candidates })
    }

    /// Chooses strings for an example; whether some are known to be possible.
    pub(super) fn choose(&self, values: &Values<'_>, example: &mut Example) -> bool {
        let lengths = std::mem::take(&mut example.lengths);
        for field in lengths.keys() {
            if !self.candidates.contains_key(&Name::Field(*field)) {
                let Some(string) = made(values, *field, lengths.get(field).copied()) else {
                    return false;
                };
                example.octets.insert(*field, string);
            }
        }
        for (name, (strings, is_closed)) in &self.candidates {
            match name {
                Name::Context(context) => {
                    let fresh = if *is_closed { None } else { Some(b"".as_slice()) };
                    let chosen = strings.first().map(Vec::as_slice).or(fresh);
                    let Some(chosen) = chosen else { return false };
                    example.context_octets.insert(*context, chosen.to_vec());
                }
                Name::Field(field) => {
                    let length = lengths.get(field).copied();
                    let fits = |string: &&Vec<u8>| {
                        length.is_none_or(|length| string.len() as u64 == length)
                            && values.can_be(*field, string) == Some(true)
                    };
                    let made = || made(values, *field, length).filter(|_| !*is_closed);
                    let Some(chosen) = strings.iter().find(fits).cloned().or_else(made) else {
                        return false;
                    };
                    example.octets.insert(*field, chosen);
                }
            }
        }
        true
    }
}

/// Gives the lists of the context what is to be in them.
pub(super) fn give_lists(literals: &[Literal<'_>], example: &mut Example) {
    for literal in literals {
        let (condition, holds) = match literal {
            Literal::Holds(condition) => (condition, true),
            Literal::Fails(condition) => (condition, false),
            Literal::Set(_) | Literal::Unset(_) | Literal::AtMost(..) => continue,
        };
        let Condition::OctetsInList(string, list) = condition else { continue };
        let string = string.evaluate(example).map(<[u8]>::to_vec);
        example.lists.entry(*list).or_default().extend(string.filter(|_| holds));
    }
}

fn spoken_of(condition: &Condition, names: &mut Vec<Name>) {
    let mut add = |string: &OctetString| match string {
        OctetString::Field(field) => names.push(Name::Field(*field)),
        OctetString::Context(context) => names.push(Name::Context(*context)),
        OctetString::Constant(_) => {}
    };
    match condition {
        Condition::Octets(_, left, right) => {
            add(left);
            add(right);
        }
        Condition::OctetsIn(string, _)
        | Condition::TextIn(string, _)
        | Condition::OctetsInList(string, _) => add(string),
        _ => {}
    }
}

/// The strings that statements name for one, and whether they rule out all others.
fn listed(name: Name, literals: &[Literal<'_>]) -> (Vec<Vec<u8>>, bool) {
    let mut found = Vec::new();
    for literal in literals {
        let (condition, holds) = match literal {
            Literal::Holds(condition) => (condition, true),
            Literal::Fails(condition) => (condition, false),
            Literal::Set(_) | Literal::Unset(_) | Literal::AtMost(..) => continue,
        };
        match condition {
            Condition::Octets(comparison, left, right) => {
                let other = match (is_named(left, name), is_named(right, name)) {
                    (true, false) => right,
                    (false, true) => left,
                    _ => continue,
                };
                let is_equal = comparison.holds(&0, &0) == holds;
                if let (true, OctetString::Constant(string)) = (is_equal, other) {
                    return (vec![string.clone()], true);
                }
            }
            Condition::OctetsIn(string, set) if holds && is_named(string, name) => {
                return (set.clone(), true);
            }
            Condition::TextIn(string, set) if holds && is_named(string, name) => {
                let is_short = set.iter().all(|text| letters(text) <= LETTER_LIMIT);
                found.extend(set.iter().flat_map(|text| cases(text)));
                if is_short {
                    return (found, true);
                }
            }
            _ => {}
        }
    }
    (found, false)
}

fn is_named(string: &OctetString, name: Name) -> bool {
    match (string, name) {
        (OctetString::Field(one), Name::Field(other)) => *one == other,
        (OctetString::Context(one), Name::Context(other)) => *one == other,
        _ => false,
    }
}

fn letters(text: &[u8]) -> usize {
    text.iter().filter(|octet| octet.is_ascii_alphabetic()).count()
}

/// A text in all letter cases if it has few letters, otherwise as it is and in each case.
fn cases(text: &[u8]) -> Vec<Vec<u8>> {
    if letters(text) > LETTER_LIMIT {
        return vec![text.to_vec(), text.to_ascii_lowercase(), text.to_ascii_uppercase()];
    }
    let mut all = vec![Vec::new()];
    for octet in text {
        let mut longer = Vec::new();
        for one in all {
            let mut forms = vec![octet.to_ascii_lowercase(), octet.to_ascii_uppercase()];
            forms.dedup();
            longer.extend(forms.into_iter().map(|form| {
                let mut string: Vec<u8> = one.clone();
                string.push(form);
                string
            }));
        }
        all = longer;
    }
    all
}

/// Whether a statement is true if the string called `name` is this one.
fn judge(name: Name, string: &[u8], literal: &Literal<'_>) -> Option<bool> {
    let (condition, holds) = match literal {
        Literal::Holds(condition) => (condition, true),
        Literal::Fails(condition) => (condition, false),
        Literal::Set(_) | Literal::Unset(_) | Literal::AtMost(..) => return None,
    };
    let mut example = Example::default();
    match name {
        Name::Field(field) => _ = example.octets.insert(field, string.to_vec()),
        Name::Context(context) => _ = example.context_octets.insert(context, string.to_vec()),
    }
    match condition {
        Condition::Octets(..) | Condition::OctetsIn(..) | Condition::TextIn(..) => {
            condition.evaluate(&example).map(|one| one == holds)
        }
        _ => None,
    }
}

fn has_length(
    values: &Values<'_>,
    name: Name,
    string: &[u8],
    numbers: &BTreeMap<Variable, Intervals>,
) -> bool {
    let Name::Field(field) = name else { return true };
    let known = numbers.get(&Variable::Length(field)).cloned();
    let counts = known.unwrap_or_else(|| values.octet_counts(field));
    let count = string.len() as i128;
    !counts.intersection(&Intervals::range(count, count)).is_empty()
}

/// Some string of so many octets that a field can be.
fn made(values: &Values<'_>, field: FieldId, length: Option<u64>) -> Option<Vec<u8>> {
    let length = length.or_else(|| values.octet_counts(field).first())?;
    let count = usize::try_from(length).ok().filter(|_| length <= LENGTH_LIMIT)?;
    [b'a', b'0', 0]
        .into_iter()
        .map(|octet| vec![octet; count])
        .find(|string| values.can_be(field, string) == Some(true))
}
