//! What a condition leaves open: it is judged while fields are still to come, and solved for one of
//! them.

use std::borrow::Cow;

use crate::directive::{Arithmetic, Comparison};
use crate::program::{Condition, FieldId, Fields, Given, Intervals, Number, OctetString};

/// A set of fields, as bits; two fields may share one where there are very many. That makes a
/// condition be judged later, never wrongly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSet(u128);

impl FieldSet {
    pub(super) fn of(field: FieldId) -> Self {
        Self(1 << (field.index() % 128))
    }

    pub(super) fn read_by(condition: &Condition) -> Self {
        let mut set = Self::default();
        condition.for_each_field(&mut |field| set = set.union(Self::of(field)));
        set
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The fields as they are, without those that will be bound anew before a condition is judged.
pub(super) struct Open<'f, F> {
    pub(super) fields: &'f F,
    pub(super) later: FieldSet,
}

impl<F: Fields> Fields for Open<'_, F> {
    fn number(&self, field: FieldId) -> Option<u64> {
        self.fields.number(field).filter(|_| !self.later.meets(FieldSet::of(field)))
    }

    fn octets(&self, field: FieldId) -> Option<&[u8]> {
        self.fields.octets(field).filter(|_| !self.later.meets(FieldSet::of(field)))
    }

    fn given(&self) -> &Given {
        self.fields.given()
    }
}

/// Whether a condition holds whatever the fields become that are not set; `None` if that depends.
pub(super) fn settled(condition: &Condition, fields: &impl Fields) -> Option<bool> {
    match condition {
        Condition::Present(_) => condition.evaluate(fields).filter(|is_present| *is_present),
        Condition::OctetsInList(_, list)
            if fields.context_list(*list).is_some_and(<[_]>::is_empty) =>
        {
            Some(false)
        }
        Condition::Not(inner) => Some(!settled(inner, fields)?),
        Condition::And(left, right) => match (settled(left, fields), settled(right, fields)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Condition::Or(left, right) => match (settled(left, fields), settled(right, fields)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        _ => condition.evaluate(fields),
    }
}

/// What a condition is solved for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// The number that a field is.
    Number(FieldId),
    /// How many octets a field has.
    Length(FieldId),
}

/// The numbers that `unknown` may be if `condition` is to come out as `wanted`. The fields that are
/// not set may become anything.
pub(super) fn solutions(
    condition: &Condition,
    wanted: bool,
    unknown: Unknown,
    fields: &impl Fields,
) -> Intervals {
    let both = |left, right| {
        solutions(left, wanted, unknown, fields)
            .intersection(&solutions(right, wanted, unknown, fields))
    };
    let either = |left, right| {
        solutions(left, wanted, unknown, fields).union(&solutions(right, wanted, unknown, fields))
    };
    match condition {
        Condition::And(left, right) if wanted => both(left, right),
        Condition::And(left, right) => either(left, right),
        Condition::Or(left, right) if wanted => either(left, right),
        Condition::Or(left, right) => both(left, right),
        Condition::Not(inner) => solutions(inner, !wanted, unknown, fields),
        Condition::Numbers(comparison, left, right) => {
            match (linear(left, unknown, fields), linear(right, unknown, fields)) {
                (Some(left), Some(right)) => {
                    compared(*comparison, left.minus(right), wanted).unwrap_or_else(Intervals::all)
                }
                _ => Intervals::all(),
            }
        }
        Condition::NumberIn(number, intervals) => {
            let Some(number) = linear(number, unknown, fields) else { return Intervals::all() };
            let mut inside = Intervals::none();
            for interval in intervals {
                let above = number.plus(-i128::from(interval.first));
                let below = number.plus(-i128::from(interval.last));
                let (Some(above), Some(below)) = (
                    compared(Comparison::AtLeast, above, true),
                    compared(Comparison::AtMost, below, true),
                ) else {
                    return Intervals::all();
                };
                inside = inside.union(&above.intersection(&below));
            }
            if wanted { inside } else { inside.complement() }
        }
        _ => match settled(condition, fields) {
            Some(holds) if holds != wanted => Intervals::none(),
            _ => Intervals::all(),
        },
    }
}

/// `factor * unknown + rest`.
#[derive(Clone, Copy)]
struct Linear {
    factor: i128,
    rest: i128,
}

impl Linear {
    fn plus(self, number: i128) -> Option<Self> {
        Some(Self { rest: self.rest.checked_add(number)?, ..self })
    }

    fn minus(self, other: Self) -> Option<Self> {
        Some(Self {
            factor: self.factor.checked_sub(other.factor)?,
            rest: self.rest.checked_sub(other.rest)?,
        })
    }
}

fn linear(number: &Number, unknown: Unknown, fields: &impl Fields) -> Option<Linear> {
    let is_unknown = match number {
        Number::Field(field) => unknown == Unknown::Number(*field),
        Number::Length(field) => unknown == Unknown::Length(*field),
        _ => false,
    };
    if is_unknown {
        return Some(Linear { factor: 1, rest: 0 });
    }
    let Number::Arithmetic(sign, left, right) = number else {
        return Some(Linear { factor: 0, rest: number.evaluate(fields)? });
    };
    let (left, right) = (linear(left, unknown, fields)?, linear(right, unknown, fields)?);
    match (sign, left.factor, right.factor) {
        (_, 0, 0) => Some(Linear { factor: 0, rest: sign.apply(left.rest, right.rest)? }),
        (Arithmetic::Add, ..) => Some(Linear {
            factor: left.factor.checked_add(right.factor)?,
            rest: left.rest.checked_add(right.rest)?,
        }),
        (Arithmetic::Subtract, ..) => left.minus(right),
        (Arithmetic::Multiply, _, 0) => Some(Linear {
            factor: left.factor.checked_mul(right.rest)?,
            rest: left.rest.checked_mul(right.rest)?,
        }),
        (Arithmetic::Multiply, 0, _) => Some(Linear {
            factor: right.factor.checked_mul(left.rest)?,
            rest: right.rest.checked_mul(left.rest)?,
        }),
        _ => None,
    }
}

/// Where `difference` is so related to zero; `None` if that cannot be calculated.
fn compared(comparison: Comparison, difference: Option<Linear>, wanted: bool) -> Option<Intervals> {
    let Linear { factor, rest } = difference?;
    let found = Intervals::solving(comparison, factor, rest)?;
    Some(if wanted { found } else { found.complement() })
}

/// The strings that the field may be if `condition` is to come out as `wanted`; `None` if they are
/// too many to be listed.
pub(super) fn strings<'c>(
    condition: &'c Condition,
    wanted: bool,
    field: FieldId,
    fields: &'c impl Fields,
) -> Option<Vec<Cow<'c, [u8]>>> {
    let recurse = |inner| strings(inner, wanted, field, fields);
    match condition {
        Condition::Not(inner) => strings(inner, !wanted, field, fields),
        Condition::And(left, right) if wanted => common(recurse(left), recurse(right)),
        Condition::Or(left, right) if !wanted => common(recurse(left), recurse(right)),
        Condition::And(left, right) | Condition::Or(left, right) => {
            let mut all = recurse(left)?;
            all.extend(recurse(right)?);
            Some(all)
        }
        Condition::Octets(comparison, left, right)
            if wanted == (*comparison == Comparison::Equal) =>
        {
            let is_field = |string: &OctetString| *string == OctetString::Field(field);
            let other = match (is_field(left), is_field(right)) {
                (true, false) => right,
                (false, true) => left,
                _ => return None,
            };
            Some(vec![Cow::Borrowed(other.evaluate(fields)?)])
        }
        Condition::OctetsIn(OctetString::Field(one), set)
        | Condition::TextIn(OctetString::Field(one), set)
            if *one == field && wanted =>
        {
            Some(set.iter().map(|string| Cow::Borrowed(string.as_slice())).collect())
        }
        Condition::OctetsInList(OctetString::Field(one), list) if *one == field && wanted => {
            let list = fields.context_list(*list)?;
            Some(list.iter().map(|string| Cow::Borrowed(string.as_slice())).collect())
        }
        _ => match settled(condition, fields) {
            Some(holds) if holds != wanted => Some(Vec::new()),
            _ => None,
        },
    }
}

fn common<'c>(
    left: Option<Vec<Cow<'c, [u8]>>>,
    right: Option<Vec<Cow<'c, [u8]>>>,
) -> Option<Vec<Cow<'c, [u8]>>> {
    match (left, right) {
        (Some(mut left), Some(right)) => {
            left.retain(|string| right.contains(string));
            Some(left)
        }
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}
