//! What has to be true of fields for a condition to come out in a certain way.
//!
//! Conditions know three values; a formula knows two, and speaks of set and unset fields instead.

use crate::program::{Condition, FieldId};

/// A statement about fields and the context.
#[derive(Clone, Debug)]
pub(super) enum Formula<'c> {
    All(Vec<Formula<'c>>),
    Any(Vec<Formula<'c>>),
    Is(Literal<'c>),
}

/// The smallest statements.
#[derive(Clone, Copy, Debug)]
pub(super) enum Literal<'c> {
    /// The condition, which has no smaller ones in it, holds.
    Holds(&'c Condition),
    /// It does not, and can be told.
    Fails(&'c Condition),
    Set(FieldId),
    Unset(FieldId),
    /// The number that the field is, if it is set, is at most this.
    AtMost(FieldId, u64),
}

impl<'c> Formula<'c> {
    /// The condition holds.
    pub(super) fn holds(condition: &'c Condition) -> Self {
        match condition {
            Condition::And(left, right) => Self::All(vec![Self::holds(left), Self::holds(right)]),
            Condition::Or(left, right) => Self::Any(vec![Self::holds(left), Self::holds(right)]),
            Condition::Not(inner) => Self::fails(inner),
            Condition::Present(field) => Self::Is(Literal::Set(*field)),
            atom => Self::told(atom, Literal::Holds(atom)),
        }
    }

    /// It can be told that the condition does not hold.
    pub(super) fn fails(condition: &'c Condition) -> Self {
        match condition {
            Condition::And(left, right) => Self::Any(vec![Self::fails(left), Self::fails(right)]),
            Condition::Or(left, right) => Self::All(vec![Self::fails(left), Self::fails(right)]),
            Condition::Not(inner) => Self::holds(inner),
            Condition::Present(field) => Self::Is(Literal::Unset(*field)),
            atom => Self::told(atom, Literal::Fails(atom)),
        }
    }

    /// The condition does not hold, or that cannot be told.
    pub(super) fn does_not_hold(condition: &'c Condition) -> Self {
        match condition {
            Condition::And(left, right) => {
                Self::Any(vec![Self::does_not_hold(left), Self::does_not_hold(right)])
            }
            Condition::Or(left, right) => {
                Self::All(vec![Self::does_not_hold(left), Self::does_not_hold(right)])
            }
            Condition::Not(inner) => Self::does_not_fail(inner),
            Condition::Present(field) => Self::Is(Literal::Unset(*field)),
            atom => Self::or_untold(atom, Self::fails(atom)),
        }
    }

    fn does_not_fail(condition: &'c Condition) -> Self {
        match condition {
            Condition::And(left, right) => {
                Self::All(vec![Self::does_not_fail(left), Self::does_not_fail(right)])
            }
            Condition::Or(left, right) => {
                Self::Any(vec![Self::does_not_fail(left), Self::does_not_fail(right)])
            }
            Condition::Not(inner) => Self::does_not_hold(inner),
            Condition::Present(field) => Self::Is(Literal::Set(*field)),
            atom => Self::or_untold(atom, Self::holds(atom)),
        }
    }

    fn told(atom: &'c Condition, literal: Literal<'c>) -> Self {
        let mut all = Vec::new();
        atom.for_each_field(&mut |field| all.push(Self::Is(Literal::Set(field))));
        all.push(Self::Is(literal));
        Self::All(all)
    }

    fn or_untold(atom: &'c Condition, told: Self) -> Self {
        let mut any = vec![told];
        atom.for_each_field(&mut |field| any.push(Self::Is(Literal::Unset(field))));
        Self::Any(any)
    }
}
