//! Numbers that scenarios calculate with: exact as long as they are whole.

use wsconform_spec::scenario::SumOperator;

/// A number, whole or not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Amount {
    /// A whole number.
    Whole(i128),
    /// Any other.
    Real(f64),
}

impl Amount {
    /// The nearest number of 64 bits of floating point.
    pub(super) fn real(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Real(number) => number,
        }
    }

    /// Whether it is `bound` or less.
    pub(super) fn at_most(self, bound: Self) -> bool {
        match (self, bound) {
            (Self::Whole(number), Self::Whole(bound)) => number <= bound,
            _ => self.real() <= bound.real(),
        }
    }

    fn combine(self, operator: SumOperator, other: Self) -> Self {
        if let (Self::Whole(left), Self::Whole(right)) = (self, other) {
            let exact = match operator {
                SumOperator::Times => left.checked_mul(right),
                SumOperator::Plus => left.checked_add(right),
                SumOperator::Minus => left.checked_sub(right),
            };
            if let Some(exact) = exact {
                return Self::Whole(exact);
            }
        }
        let (left, right) = (self.real(), other.real());
        Self::Real(match operator {
            SumOperator::Times => left * right,
            SumOperator::Plus => left + right,
            SumOperator::Minus => left - right,
        })
    }
}

/// The value of a sum: `*` binds tighter than `+` and `-`.
pub(super) fn sum(first: Amount, rest: impl IntoIterator<Item = (SumOperator, Amount)>) -> Amount {
    let mut total = Amount::Whole(0);
    let (mut sign, mut product) = (SumOperator::Plus, first);
    for (operator, amount) in rest {
        if operator == SumOperator::Times {
            product = product.combine(operator, amount);
        } else {
            total = total.combine(sign, product);
            (sign, product) = (operator, amount);
        }
    }
    total.combine(sign, product)
}

#[cfg(test)]
mod tests {
    use super::*;
    use SumOperator::{Minus, Plus, Times};

    #[test]
    fn products_before_sums() {
        let whole = Amount::Whole;
        let value = sum(whole(10), [(Minus, whole(2)), (Times, whole(3)), (Plus, whole(1))]);
        assert!(matches!(value, Amount::Whole(5)));
        let value =
            sum(Amount::Real(0.5), [(Times, whole(4)), (Times, whole(4)), (Minus, whole(1))]);
        assert!((value.real() - 7.0).abs() < 1e-9);
    }

    #[test]
    fn whole_numbers_are_exact() {
        let most = Amount::Whole(i128::from(u64::MAX));
        assert!(most.at_most(most));
        assert!(!sum(most, [(Plus, Amount::Whole(1))]).at_most(most));
        let beyond = sum(Amount::Whole(i128::MAX), [(Times, Amount::Whole(2))]);
        assert!(matches!(beyond, Amount::Real(_)) && !beyond.at_most(most));
    }
}
