//! Expressions whose names are resolved, and what they come to.
//!
//! Conditions know three values: they hold, they do not, or cannot be told, for a field that they
//! read is not set. `or` holds if either side does, whatever the other; what cannot be told in the
//! end does not hold.

use super::{ContextId, FieldId, Given};
use crate::directive::{Arithmetic, Comparison, Interval};

/// What an expression reads.
pub trait Fields {
    /// The integer that a field is, if it is set.
    fn number(&self, field: FieldId) -> Option<u64>;
    /// The octets of a field, if it is set.
    fn octets(&self, field: FieldId) -> Option<&[u8]>;
    /// The values that come from outside; none unless said otherwise.
    fn given(&self) -> &Given {
        static NOTHING: Given = Given::nothing();
        &NOTHING
    }
    /// The integer that the context gives.
    fn context_number(&self, context: ContextId) -> Option<u64> {
        self.given().number(context)
    }
    /// The octets that the context gives.
    fn context_octets(&self, context: ContextId) -> Option<&[u8]> {
        self.given().octets(context)
    }
    /// Which of its words the context gives.
    fn context_word(&self, context: ContextId) -> Option<usize> {
        self.given().word(context)
    }
    /// The strings that the context gives.
    fn context_list(&self, context: ContextId) -> Option<&[Vec<u8>]> {
        self.given().list(context)
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Two numbers so related.
    Numbers(Comparison, Number, Number),
    /// A number in one of the intervals.
    NumberIn(Number, Vec<Interval>),
    /// Two strings of octets so related; only equality is asked.
    Octets(Comparison, OctetString, OctetString),
    /// A string of octets among these.
    OctetsIn(OctetString, Vec<Vec<u8>>),
    /// A string of octets that differs from one of these texts in nothing but the case of letters
    /// of US-ASCII.
    TextIn(OctetString, Vec<Vec<u8>>),
    /// A string of octets in a list of the context.
    OctetsInList(OctetString, ContextId),
    /// The word of the context is among these, by their places in its domain.
    Word(ContextId, Vec<usize>),
    /// The field is set.
    Present(FieldId),
    /// The inner condition does not hold.
    Not(Box<Condition>),
    /// Both hold.
    And(Box<Condition>, Box<Condition>),
    /// At least one holds.
    Or(Box<Condition>, Box<Condition>),
}

/// A calculation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Number {
    /// This number.
    Constant(u64),
    /// The value of a field.
    Field(FieldId),
    /// A value of the context.
    Context(ContextId),
    /// How many octets the string has.
    Length(FieldId),
    /// Two numbers, calculated.
    Arithmetic(Arithmetic, Box<Number>, Box<Number>),
}

/// A string of octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OctetString {
    /// This one.
    Constant(Vec<u8>),
    /// That of a field.
    Field(FieldId),
    /// That of the context.
    Context(ContextId),
}

impl Condition {
    /// Whether it holds; `None` if that cannot be told.
    pub fn evaluate(&self, fields: &impl Fields) -> Option<bool> {
        match self {
            Self::Numbers(comparison, left, right) => {
                Some(comparison.holds(&left.evaluate(fields)?, &right.evaluate(fields)?))
            }
            Self::NumberIn(number, intervals) => {
                let number = number.evaluate(fields)?;
                Some(intervals.iter().any(|interval| {
                    (i128::from(interval.first)..=i128::from(interval.last)).contains(&number)
                }))
            }
            Self::Octets(comparison, left, right) => {
                Some(comparison.holds(&left.evaluate(fields)?, &right.evaluate(fields)?))
            }
            Self::OctetsIn(string, set) => {
                let string = string.evaluate(fields)?;
                Some(set.iter().any(|one| one == string))
            }
            Self::TextIn(string, texts) => {
                let string = string.evaluate(fields)?;
                Some(texts.iter().any(|text| text.eq_ignore_ascii_case(string)))
            }
            Self::OctetsInList(string, list) => {
                let string = string.evaluate(fields)?;
                Some(fields.context_list(*list)?.iter().any(|one| one == string))
            }
            Self::Word(context, words) => Some(words.contains(&fields.context_word(*context)?)),
            Self::Present(field) => {
                Some(fields.number(*field).is_some() || fields.octets(*field).is_some())
            }
            Self::Not(inner) => Some(!inner.evaluate(fields)?),
            Self::And(left, right) => match (left.evaluate(fields), right.evaluate(fields)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.evaluate(fields), right.evaluate(fields)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }

    /// Calls `visit` for each field that it reads.
    pub fn for_each_field(&self, visit: &mut impl FnMut(FieldId)) {
        match self {
            Self::Numbers(_, left, right) => {
                left.for_each_field(visit);
                right.for_each_field(visit);
            }
            Self::NumberIn(number, _) => number.for_each_field(visit),
            Self::Octets(_, left, right) => {
                left.for_each_field(visit);
                right.for_each_field(visit);
            }
            Self::OctetsIn(string, _) | Self::TextIn(string, _) | Self::OctetsInList(string, _) => {
                string.for_each_field(visit);
            }
            Self::Word(..) => {}
            Self::Present(field) => visit(*field),
            Self::Not(inner) => inner.for_each_field(visit),
            Self::And(left, right) | Self::Or(left, right) => {
                left.for_each_field(visit);
                right.for_each_field(visit);
            }
        }
    }
}

impl Number {
    /// What it comes to; `None` if a field or context value is not set, or beyond 127 bits.
    pub fn evaluate(&self, fields: &impl Fields) -> Option<i128> {
        match self {
            Self::Constant(number) => Some(i128::from(*number)),
            Self::Field(field) => fields.number(*field).map(i128::from),
            Self::Context(context) => fields.context_number(*context).map(i128::from),
            Self::Length(field) => i128::try_from(fields.octets(*field)?.len()).ok(),
            Self::Arithmetic(sign, left, right) => {
                sign.apply(left.evaluate(fields)?, right.evaluate(fields)?)
            }
        }
    }

    /// Calls `visit` for each field that it reads.
    pub fn for_each_field(&self, visit: &mut impl FnMut(FieldId)) {
        match self {
            Self::Constant(_) | Self::Context(_) => {}
            Self::Field(field) | Self::Length(field) => visit(*field),
            Self::Arithmetic(_, left, right) => {
                left.for_each_field(visit);
                right.for_each_field(visit);
            }
        }
    }
}

impl OctetString {
    /// The octets, if they are set.
    pub fn evaluate<'f>(&'f self, fields: &'f impl Fields) -> Option<&'f [u8]> {
        match self {
            Self::Constant(octets) => Some(octets),
            Self::Field(field) => fields.octets(*field),
            Self::Context(context) => fields.context_octets(*context),
        }
    }

    fn for_each_field(&self, visit: &mut impl FnMut(FieldId)) {
        if let Self::Field(field) = self {
            visit(*field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Host(&'static [u8]);

    impl Fields for Host {
        fn number(&self, _: FieldId) -> Option<u64> {
            None
        }
        fn octets(&self, _: FieldId) -> Option<&[u8]> {
            Some(self.0)
        }
    }

    #[test]
    fn texts_ignore_case_and_octets_do_not() {
        let field = OctetString::Field(FieldId(0));
        let text = Condition::TextIn(field.clone(), vec![b"Kept".to_vec(), b"host".to_vec()]);
        let octets = Condition::OctetsIn(field, vec![b"host".to_vec()]);
        let holds = |condition: &Condition, host| condition.evaluate(&Host(host));
        for (host, as_text, as_octets) in [
            (&b"host"[..], true, true),
            (b"HosT", true, false),
            (b"kEPT", true, false),
            ("\u{212A}ept".as_bytes(), false, false),
            (b"hosts", false, false),
        ] {
            assert_eq!(holds(&text, host), Some(as_text), "{host:?}");
            assert_eq!(holds(&octets, host), Some(as_octets), "{host:?}");
        }
    }
}
