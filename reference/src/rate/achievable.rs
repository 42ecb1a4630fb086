//! The rates that a sender can go at (US 9,331,890, FIG. 8, 804: "an achievable rate that is as close
//! as possible to the desired rate").

use std::num::NonZeroU64;

use crate::control::Rate;

/// Which rates a sender can achieve. Each can pause.
///
/// The rates of a request are those of the receiver; a sender whose data comes in steps, such as
/// samples of one size or a few resolutions, has others. If none of them is within its maximum, it
/// goes at the maximum itself, since it has to go at some rate.
///
/// ```
/// use wsconform_reference::Rate;
/// use wsconform_reference::rate::Achievable;
///
/// let rate = |octets_per_second| Rate::new(octets_per_second).ok_or("out of range");
/// let steps = Achievable::multiples_of(1000).ok_or("0 is no step")?;
/// assert_eq!(steps.nearest(rate(1501)?, rate(8500)?), rate(2000)?);
/// assert_eq!(steps.nearest(rate(1500)?, rate(8500)?), rate(1000)?, "the lower of two");
/// assert_eq!(steps.nearest(rate(9000)?, rate(8500)?), rate(8000)?);
/// assert_eq!(steps.nearest(rate(1)?, rate(8500)?), rate(1000)?, "only 0 is a pause");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Achievable {
    /// All.
    #[default]
    Any,
    /// Multiples of so many octets/s.
    Multiples(NonZeroU64),
    /// These; a pause among them says nothing.
    Of(Vec<Rate>),
}

/// The largest rate that is counted.
const LARGEST: u64 = (1 << 53) - 1;

impl Achievable {
    /// Multiples of so many octets/s, unless that is 0.
    pub fn multiples_of(octets_per_second: u64) -> Option<Self> {
        NonZeroU64::new(octets_per_second).map(Self::Multiples)
    }

    /// These rates, in any order.
    pub fn of(rates: impl IntoIterator<Item = Rate>) -> Self {
        Self::Of(rates.into_iter().collect())
    }

    /// The achievable rate up to `maximum` that is nearest to `wanted`; the lower one of two. Only a
    /// pause leads to a pause.
    pub fn nearest(&self, wanted: Rate, maximum: Rate) -> Rate {
        if wanted == Rate::PAUSE {
            return Rate::PAUSE;
        }
        let wanted = wanted.min(maximum);
        let lower = self.at_most(wanted, maximum);
        let upper = self.at_least(wanted, maximum);
        let distance = |rate: Rate| number(rate).abs_diff(number(wanted));
        match (lower, upper) {
            (Some(lower), Some(upper)) if distance(upper) < distance(lower) => upper,
            (Some(rate), _) | (None, Some(rate)) => rate,
            (None, None) => maximum,
        }
    }

    /// The next higher one up to `maximum`.
    pub fn above(&self, rate: Rate, maximum: Rate) -> Option<Rate> {
        self.at_least(rate_of(number(rate).checked_add(1)?), maximum)
    }

    /// The next lower one that is no pause.
    pub fn below(&self, rate: Rate, maximum: Rate) -> Option<Rate> {
        let lower = rate.octets_per_second().map_or(Some(LARGEST), |rate| rate.checked_sub(1))?;
        self.at_most(rate_of(lower), maximum)
    }

    /// The highest one up to both.
    fn at_most(&self, rate: Rate, maximum: Rate) -> Option<Rate> {
        let most = rate.min(maximum);
        let found = match self {
            Self::Any => most,
            Self::Multiples(_) if most == Rate::UNLIMITED => most,
            Self::Multiples(step) => rate_of(number(most) / *step * step.get()),
            Self::Of(rates) => rates.iter().copied().filter(|one| *one <= most).max()?,
        };
        (found != Rate::PAUSE).then_some(found)
    }

    /// The lowest one from `rate` up to `maximum`.
    fn at_least(&self, rate: Rate, maximum: Rate) -> Option<Rate> {
        let found = match self {
            Self::Any => rate,
            Self::Multiples(step) => {
                // Past the largest multiple there is the unlimited rate alone.
                number(rate).checked_next_multiple_of(step.get()).map_or(Rate::UNLIMITED, rate_of)
            }
            Self::Of(rates) => rates.iter().copied().filter(|one| *one >= rate).min()?,
        };
        (found != Rate::PAUSE && found <= maximum).then_some(found)
    }
}

fn number(rate: Rate) -> u64 {
    rate.octets_per_second().unwrap_or(u64::MAX)
}

/// What no rate can be is unlimited.
fn rate_of(octets_per_second: u64) -> Rate {
    Rate::new(octets_per_second).unwrap_or(Rate::UNLIMITED)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(octets_per_second: u64) -> Rate {
        Rate::new(octets_per_second).expect("a rate")
    }

    #[test]
    fn a_sender_that_can_go_at_no_rate_within_its_maximum_goes_at_the_maximum() {
        let list = Achievable::of([rate(500), Rate::PAUSE]);
        let steps = Achievable::multiples_of(500).expect("not 0");
        for achievable in [list, steps] {
            assert_eq!(achievable.nearest(rate(10), rate(400)), rate(400));
            assert_eq!(achievable.below(rate(400), rate(400)), None);
            assert_eq!(achievable.above(rate(400), rate(400)), None);
            assert_eq!(achievable.nearest(Rate::PAUSE, rate(400)), Rate::PAUSE);
        }
    }

    #[test]
    fn the_unlimited_rate_is_achieved_if_it_is_among_them() {
        let steps = Achievable::multiples_of(1 << 52).expect("not 0");
        for achievable in [Achievable::Any, steps] {
            assert_eq!(achievable.nearest(Rate::UNLIMITED, Rate::UNLIMITED), Rate::UNLIMITED);
        }
        let list = Achievable::of([rate(500), rate(90)]);
        assert_eq!(list.nearest(Rate::UNLIMITED, Rate::UNLIMITED), rate(500));
        let list = Achievable::of([rate(500), Rate::UNLIMITED]);
        assert_eq!(list.above(rate(500), Rate::UNLIMITED), Some(Rate::UNLIMITED));
        assert_eq!(list.below(Rate::UNLIMITED, Rate::UNLIMITED), Some(rate(500)));
    }

    proptest! {
        /// A short list says by itself what is nearest, above and below.
        #[test]
        fn multiples_are_a_list(step in 1u64..50, wanted in 1u64..1200, maximum in 50u64..1000) {
            let multiples = Achievable::multiples_of(step).expect("not 0");
            let list: Vec<u64> = (1..=maximum / step).map(|n| n * step).collect();
            let (rates, wanted, maximum) =
                (Achievable::of(list.iter().copied().map(rate)), rate(wanted), rate(maximum));
            let nearest = list.iter().copied().min_by_key(|r| (r.abs_diff(number(wanted.min(maximum))), *r));
            let above = list.iter().copied().find(|one| *one > number(wanted)).map(rate);
            let below = list.iter().copied().rfind(|one| *one < number(wanted)).map(rate);
            for achievable in [multiples, rates] {
                prop_assert_eq!(Some(achievable.nearest(wanted, maximum)), nearest.map(rate));
                prop_assert_eq!(achievable.above(wanted, maximum), above);
                prop_assert_eq!(achievable.below(wanted, maximum), below);
            }
        }
    }
}
