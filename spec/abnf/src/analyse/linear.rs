//! Calculations as sums of variables with factors.

use std::collections::BTreeMap;

use crate::directive::Arithmetic;
use crate::program::{ContextId, FieldId, Intervals, Number};

/// What a number depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Variable {
    /// The number that a field is.
    Field(FieldId),
    /// How many octets a field has.
    Length(FieldId),
    /// The number that the context gives.
    Context(ContextId),
    /// Which of its words the context gives.
    Word(ContextId),
}

/// A sum.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    /// The factors, none of them zero.
    terms: BTreeMap<Variable, i128>,
    pub(super) rest: i128,
}

impl Linear {
    /// The sum that a number is, if it is one and can be calculated.
    pub(super) fn of(number: &Number) -> Option<Self> {
        let alone = |variable| Some(Self { terms: BTreeMap::from([(variable, 1)]), rest: 0 });
        match number {
            Number::Constant(number) => Some(Self::constant(i128::from(*number))),
            Number::Field(field) => alone(Variable::Field(*field)),
            Number::Length(field) => alone(Variable::Length(*field)),
            Number::Context(context) => alone(Variable::Context(*context)),
            Number::Arithmetic(sign, left, right) => {
                let (left, right) = (Self::of(left)?, Self::of(right)?);
                match sign {
                    _ if left.is_constant() && right.is_constant() => {
                        Some(Self::constant(sign.apply(left.rest, right.rest)?))
                    }
                    Arithmetic::Add => left.minus(&right.times(-1)?),
                    Arithmetic::Subtract => left.minus(&right),
                    Arithmetic::Multiply if right.is_constant() => left.times(right.rest),
                    Arithmetic::Multiply if left.is_constant() => right.times(left.rest),
                    Arithmetic::Multiply | Arithmetic::Power => None,
                }
            }
        }
    }

    fn constant(rest: i128) -> Self {
        Self { terms: BTreeMap::new(), rest }
    }

    pub(super) fn is_constant(&self) -> bool {
        self.terms.is_empty()
    }

    /// The variable, if the sum is nothing else.
    pub(super) fn alone(&self) -> Option<Variable> {
        let mut terms = self.terms.iter();
        match (terms.next(), terms.next()) {
            (Some((variable, 1)), None) if self.rest == 0 => Some(*variable),
            _ => None,
        }
    }

    pub(super) fn terms(&self) -> impl Iterator<Item = (Variable, i128)> {
        self.terms.iter().map(|(variable, factor)| (*variable, *factor))
    }

    pub(super) fn plus(&self, number: i128) -> Option<Self> {
        Some(Self { rest: self.rest.checked_add(number)?, terms: self.terms.clone() })
    }

    pub(super) fn minus(&self, other: &Self) -> Option<Self> {
        let mut terms = self.terms.clone();
        for (variable, factor) in other.terms() {
            let sum = terms.get(&variable).copied().unwrap_or(0).checked_sub(factor)?;
            if sum == 0 {
                terms.remove(&variable);
            } else {
                terms.insert(variable, sum);
            }
        }
        Some(Self { terms, rest: self.rest.checked_sub(other.rest)? })
    }

    fn times(&self, number: i128) -> Option<Self> {
        if number == 0 {
            return Some(Self::constant(0));
        }
        let factor =
            |(variable, factor): (Variable, i128)| Some((variable, factor.checked_mul(number)?));
        Some(Self {
            terms: self.terms().map(factor).collect::<Option<_>>()?,
            rest: self.rest.checked_mul(number)?,
        })
    }

    /// The least and the greatest that all but the term of `variable` come to, if the variables are
    /// what `open` says.
    pub(super) fn hull_without(
        &self,
        variable: Variable,
        open: impl Fn(Variable) -> Intervals,
    ) -> Option<(i128, i128)> {
        let (mut least, mut greatest) = (self.rest, self.rest);
        for (other, factor) in self.terms().filter(|(other, _)| *other != variable) {
            let open = open(other);
            let first = factor.checked_mul(i128::from(open.first()?))?;
            let last = factor.checked_mul(i128::from(open.last()?))?;
            least = least.checked_add(first.min(last))?;
            greatest = greatest.checked_add(first.max(last))?;
        }
        Some((least, greatest))
    }
}

/// Calls `visit` for each variable that a number depends on.
pub(super) fn variables(number: &Number, visit: &mut impl FnMut(Variable)) {
    match number {
        Number::Constant(_) => {}
        Number::Field(field) => visit(Variable::Field(*field)),
        Number::Length(field) => visit(Variable::Length(*field)),
        Number::Context(context) => visit(Variable::Context(*context)),
        Number::Arithmetic(_, left, right) => {
            variables(left, visit);
            variables(right, visit);
        }
    }
}
