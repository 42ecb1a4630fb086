//! Values while a case runs, and how the values of a scenario become them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;
use wsconform_spec::scenario::{Call, Name, RowValue, Sum, Value};

use super::agreement::Agreement;
use super::amount::{Amount, sum};
use super::random::Random;
use crate::wire::{Cycle, ExtensionList, accept_of, hex};

/// A value while a case runs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
    /// Text; as payload, its UTF-8.
    Text(String),
    /// Octets.
    Octets(Vec<u8>),
    /// So many octets of a cycle, which are made where they are needed.
    Cycle(Cycle, u64),
    /// A whole number.
    Number(u64),
    /// A number that is not whole, or negative.
    Real(f64),
    /// Any number in one of these ranges.
    Numbers(Vec<(u64, u64)>),
    /// What was agreed on a capability; as payload, its sequence.
    Agreement(Arc<Agreement>),
}

/// A scenario that cannot be run as it is written. The checks of the book leave few ways: a value
/// of the wrong kind in a place where kinds are known at run time alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault(pub String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl Datum {
    /// The octets that it stands for in a payload.
    pub(super) fn octets(&self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::Octets(octets) => Ok(octets.clone()),
            Self::Cycle(cycle, length) => {
                let mut octets = Vec::new();
                cycle.append(0, usize::try_from(*length).unwrap_or_default(), &mut octets);
                Ok(octets)
            }
            Self::Agreement(agreement) => Ok(agreement.sequence.to_vec()),
            Self::Number(_) | Self::Real(_) | Self::Numbers(_) => {
                Err(Fault(format!("{self} is no octets")))
            }
        }
    }

    /// The text that it stands for in a field of a head.
    pub(super) fn text(&self) -> Result<String, Fault> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Number(number) => Ok(number.to_string()),
            other => Err(Fault(format!("{other} is no text"))),
        }
    }

    /// The octets that it stands for in the value of a field.
    pub(super) fn field(&self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Octets(octets) => Ok(octets.clone()),
            other => other.text().map(String::into_bytes),
        }
    }

    /// The number itself.
    pub(super) fn number(&self) -> Result<u64, Fault> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => text.parse().map_err(|_| Fault(format!("{self} is no number"))),
            other => Err(Fault(format!("{other} is no number"))),
        }
    }

    /// The number itself, whole or not.
    pub(super) fn amount(&self) -> Result<Amount, Fault> {
        match self {
            Self::Real(number) => Ok(Amount::Real(*number)),
            other => other.number().map(|number| Amount::Whole(i128::from(number))),
        }
    }

    /// Whether both stand for the same; text for its octets.
    fn equals(&self, other: &Self) -> bool {
        self == other
            || self.octets().is_ok_and(|octets| other.octets().is_ok_and(|found| found == octets))
    }

    /// Whether `number` is this number, or one of these.
    pub(super) fn admits(&self, number: u64) -> bool {
        match self {
            Self::Number(wanted) => number == *wanted,
            Self::Numbers(ranges) => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&number))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&hex::quote(text)),
            Self::Octets(octets) => f.write_str(&hex::excerpt(octets, octets.len() as u64)),
            Self::Cycle(cycle, length) => {
                let mut begin = Vec::new();
                cycle.append(0, MOST_HELD.min(*length) as usize, &mut begin);
                f.write_str(&hex::excerpt(&begin, *length))
            }
            Self::Number(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Numbers(ranges) => write!(f, "{}", Value::Numbers(ranges.clone())),
            Self::Agreement(agreement) => f.write_str(&hex::print(&agreement.sequence)),
        }
    }
}

impl From<Amount> for Datum {
    fn from(amount: Amount) -> Self {
        match amount {
            Amount::Whole(number) => {
                u64::try_from(number).map_or(Self::Real(amount.real()), Self::Number)
            }
            Amount::Real(number) => Self::Real(number),
        }
    }
}

/// What names stand for while a case runs.
pub(super) struct Environment {
    began: Instant,
    row: BTreeMap<String, RowValue>,
    values: BTreeMap<String, Datum>,
    /// Where the connection goes: authority and request target.
    pub address: (String, String),
    /// Randomness of the case.
    pub random: Random,
}

impl Environment {
    /// An environment with the cells of `row`.
    pub(super) fn new(row: BTreeMap<String, RowValue>, random: Random) -> Self {
        let began = Instant::now();
        Self { began, row, values: BTreeMap::new(), address: Default::default(), random }
    }

    /// Names a value.
    pub(super) fn set(&mut self, name: &str, datum: Datum) {
        self.values.insert(name.to_owned(), datum);
    }

    /// Forgets a name.
    pub(super) fn forget(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// Whether the name stands for something.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.row.contains_key(name)
    }

    /// The requirement id in the cell of this name.
    pub(super) fn requirement(&self, name: &str) -> Result<String, Fault> {
        match self.row.get(name) {
            Some(RowValue::Requirement(id)) => Ok(id.clone()),
            _ => Err(Fault(format!("${name} is no requirement"))),
        }
    }

    /// What a name, literal or by variable, is.
    pub(super) fn name(&mut self, name: &Name) -> Result<String, Fault> {
        match name {
            Name::Word(word) => Ok(word.clone()),
            Name::Variable(variable) => self.variable(variable, None)?.text(),
        }
    }

    /// What a value is.
    pub(super) fn value(&mut self, value: &Value) -> Result<Datum, Fault> {
        match value {
            Value::Text(text) | Value::Word(text) => Ok(Datum::Text(text.clone())),
            Value::Octets(octets) => Ok(Datum::Octets(octets.clone())),
            Value::Number(number) => Ok(Datum::Number(*number)),
            Value::Numbers(ranges) => Ok(Datum::Numbers(ranges.clone())),
            Value::Variable(name, field) => self.variable(name, field.as_deref()),
            Value::Call(call) => self.call(call),
            Value::Decimal(number) => Ok(Datum::Real(*number)),
            Value::Sum(sum) => Ok(self.sum(sum)?.into()),
        }
    }

    /// What `evaluate` gives while some names stand for something else.
    pub(super) fn meanwhile<T>(
        &mut self,
        meaning: [(&str, Datum); 2],
        evaluate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = meaning
            .map(|(name, datum)| (name.to_owned(), self.values.insert(name.to_owned(), datum)));
        let found = evaluate(self);
        for (name, datum) in before.into_iter().rev() {
            match datum {
                Some(datum) => self.values.insert(name, datum),
                None => self.values.remove(&name),
            };
        }
        found
    }

    /// What a sum comes to.
    pub(super) fn sum(&mut self, of: &Sum) -> Result<Amount, Fault> {
        let first = self.value(&of.first)?.amount()?;
        let mut rest = Vec::new();
        for (operator, value) in &of.rest {
            rest.push((*operator, self.value(value)?.amount()?));
        }
        Ok(sum(first, rest))
    }

    /// The time since the case began, in whole ms.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The payload that several values are, joined.
    pub(super) fn payload<'a>(
        &mut self,
        values: impl IntoIterator<Item = &'a Value>,
    ) -> Result<Payload, Fault> {
        let values: Vec<&Value> = values.into_iter().collect();
        if let [value] = values[..]
            && let Datum::Cycle(cycle, length) = self.value(value)?
            && length > MOST_HELD
        {
            return Ok(Payload::Cycle(cycle, length));
        }
        self.octets(values).map(Payload::Octets)
    }

    /// The octets of several values, joined.
    pub(super) fn octets<'a>(
        &mut self,
        values: impl IntoIterator<Item = &'a Value>,
    ) -> Result<Vec<u8>, Fault> {
        let mut joined = Vec::new();
        for value in values {
            joined.extend(self.value(value)?.octets()?);
        }
        Ok(joined)
    }

    /// What a variable holds.
    pub(super) fn variable(&mut self, name: &str, field: Option<&str>) -> Result<Datum, Fault> {
        // The fields of a vector are columns of their own.
        if let Some(field) = field
            && let Some(RowValue::Value(value)) = self.row.get(&format!("{name}.{field}"))
        {
            let value = value.clone();
            return self.value(&value);
        }
        let datum = match (self.values.get(name), self.row.get(name)) {
            (Some(datum), _) => datum.clone(),
            (None, Some(RowValue::Value(value))) => {
                let value = value.clone();
                self.value(&value)?
            }
            _ => return Err(Fault(format!("${name} is not set"))),
        };
        match (field, datum) {
            (None, datum) => Ok(datum),
            (Some(field), Datum::Agreement(agreement)) => agreement
                .parameter(field)
                .map(|value| value.parse().map_or(Datum::Text(value.to_owned()), Datum::Number))
                .ok_or_else(|| Fault(format!("${name} has no parameter `{field}`"))),
            (Some(field), _) => Err(Fault(format!("${name} has no field `{field}`"))),
        }
    }

    /// Whether a predicate holds.
    pub(super) fn holds(&mut self, call: &Call) -> Result<bool, Fault> {
        let mut data = Vec::new();
        for argument in &call.arguments {
            data.push(self.joined(argument)?);
        }
        match (call.function.as_str(), data.as_slice()) {
            ("equal", [left, right]) => Ok(left.equals(right)),
            ("differ", all) => Ok((1..all.len())
                .all(|index| !all[..index].iter().any(|other| other.equals(&all[index])))),
            ("patternless", all) => {
                let keys: Result<Vec<u32>, Fault> = all.iter().map(key).collect();
                Ok(is_patternless(&keys?))
            }
            ("at-most", [number, bound]) => Ok(number.amount()?.at_most(bound.amount()?)),
            ("at-least", [number, bound]) => Ok(bound.amount()?.at_most(number.amount()?)),
            ("contains", [whole, part]) => {
                let (whole, part) = (whole.octets()?, part.octets()?);
                Ok(part.is_empty() || whole.windows(part.len()).any(|window| window == part))
            }
            ("hexadecimal", [text, count]) => {
                let text = text.octets()?;
                Ok(text.len() == size(count)? && text.iter().all(u8::is_ascii_hexdigit))
            }
            ("narrower", [Datum::Agreement(agreement), offer]) => {
                agreement.narrows(&offer.text()?).map_err(Fault)
            }
            _ => Err(Fault(format!("{call} cannot be evaluated"))),
        }
    }

    fn call(&mut self, call: &Call) -> Result<Datum, Fault> {
        let mut data = Vec::new();
        for argument in &call.arguments {
            data.push(self.joined(argument)?);
        }
        match (call.function.as_str(), data.as_slice()) {
            ("absolute-target", []) => {
                let (authority, target) = &self.address;
                Ok(Datum::Text(format!("http://{authority}{target}")))
            }
            ("long-target", [length]) => Ok(Datum::Text(self.long_target(size(length)?))),
            ("now", []) => Ok(Datum::Number(self.now())),
            ("since", [then]) => Ok(Datum::Number(self.now().saturating_sub(then.number()?))),
            ("accept-of", [key]) => Ok(Datum::Text(accept_of(&key.text()?))),
            ("upper-case", [text]) => Ok(Datum::Text(text.text()?.to_uppercase())),
            ("lower-case", [text]) => Ok(Datum::Text(text.text()?.to_lowercase())),
            ("pattern", [length]) => cycle(Cycle::Octets, length),
            ("letters", [length]) => cycle(Cycle::Letters, length),
            ("random", [length]) => Ok(Datum::Octets(self.random.octets(size(length)?))),
            ("repeat", [count, part]) => {
                let (count, part) = (size(count)?, part.octets()?);
                let length = count.saturating_mul(part.len()) as u64;
                size(&Datum::Number(length)).map(|_| Datum::Octets(part.repeat(count)))
            }
            ("first", [count, whole]) => {
                let whole = whole.octets()?;
                Ok(Datum::Octets(whole[..size(count)?.min(whole.len())].to_vec()))
            }
            ("rest", [count, whole]) => {
                let whole = whole.octets()?;
                Ok(Datum::Octets(whole[size(count)?.min(whole.len())..].to_vec()))
            }
            ("hexadecimal", [text]) => {
                let text = text.octets()?;
                let text = std::str::from_utf8(&text).map_err(|_| Fault("no digits".into()))?;
                let octets = hex::parse(text).map_err(|_| Fault(format!("no digits: {text}")))?;
                Ok(Datum::Octets(octets))
            }
            ("flip", [bit, whole]) => {
                let (bit, mut octets) = (size(bit)?, whole.octets()?);
                let octet =
                    octets.get_mut(bit / 8).ok_or(Fault(format!("no bit {bit} to flip")))?;
                *octet ^= 0x80 >> (bit % 8);
                Ok(Datum::Octets(octets))
            }
            ("parameter", [list, name]) => Ok(Datum::Text(parameter(&list.text()?, &name.text()?))),
            _ => Err(Fault(format!("{call} cannot be evaluated"))),
        }
    }

    /// The request target, made so long by a query.
    fn long_target(&self, length: usize) -> String {
        let (_, target) = &self.address;
        let sign = if target.contains('?') { "&" } else { "?" };
        let missing = length.saturating_sub(target.len() + sign.len());
        [target, sign, &"q".repeat(missing)].concat()
    }

    fn joined(&mut self, values: &[Value]) -> Result<Datum, Fault> {
        match values {
            [value] => self.value(value),
            values => self.octets(values).map(Datum::Octets),
        }
    }
}

/// A payload to be sent.
pub(super) enum Payload {
    /// Octets.
    Octets(Vec<u8>),
    /// So many octets of a cycle: too many to be held.
    Cycle(Cycle, u64),
}

/// The longest payload that is held in memory.
const MOST_HELD: u64 = 64 << 10;

/// The most octets that a scenario may generate for one payload.
const MOST_GENERATED: u64 = 16 << 20;

fn size(datum: &Datum) -> Result<usize, Fault> {
    let number = datum.number()?;
    if number > MOST_GENERATED {
        return Err(Fault(format!("{number} octets are more than {MOST_GENERATED}")));
    }
    usize::try_from(number).map_err(|_| Fault(format!("{number} octets do not fit in memory")))
}

fn cycle(cycle: Cycle, length: &Datum) -> Result<Datum, Fault> {
    let length = size(length)? as u64;
    match cycle.may_end_at(length) {
        true => Ok(Datum::Cycle(cycle, length)),
        false => Err(Fault(format!("{length} octets end within a character"))),
    }
}

/// A masking key as a number.
fn key(datum: &Datum) -> Result<u32, Fault> {
    let octets = datum.octets()?;
    let key = <[u8; 4]>::try_from(octets.as_slice());
    key.map(u32::from_be_bytes).map_err(|_| Fault("a masking key has four octets".into()))
}

/// Whether no simple rule leads from each key to the next: the same sum in either order of the
/// octets, or the same exclusive or.
fn is_patternless(keys: &[u32]) -> bool {
    let steps: [fn(u32, u32) -> u32; 3] = [
        |one, next| next.wrapping_sub(one),
        |one, next| next.swap_bytes().wrapping_sub(one.swap_bytes()),
        |one, next| next ^ one,
    ];
    steps.iter().all(|step| {
        let all: Vec<u32> = keys.windows(2).map(|pair| step(pair[0], pair[1])).collect();
        all.len() < 2 || all.windows(2).any(|pair| pair[0] != pair[1])
    })
}

/// The value of a parameter of the first extension of a list; its default where it is absent.
fn parameter(list: &str, name: &str) -> String {
    let list = ExtensionList::read(list);
    let given = list.items.first().and_then(|item| item.value(name).map(str::to_owned));
    let token = list.items.first().map(|item| item.name.as_str()).unwrap_or_default();
    given
        .or_else(|| super::parameters::default_of(token, name).map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_follow_a_rule_are_told_from_others() {
        assert!(is_patternless(&[7, 0x1234_5678, 0x9ABC_DEF0, 3]));
        assert!(!is_patternless(&[7, 7, 7]));
        assert!(!is_patternless(&[u32::MAX, 0, 1, 2]));
        assert!(!is_patternless(&[0x0100_0000, 0x0200_0000, 0x0300_0000]));
        assert!(!is_patternless(&[0x0000_00FF, 0x0000_FF00, 0x0000_00FF]));
        assert!(is_patternless(&[1, 2]), "two tell nothing");
    }
}
