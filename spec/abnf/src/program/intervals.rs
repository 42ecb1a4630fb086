//! Sets of numbers of 64 bits, as intervals.

use crate::directive::Comparison;

/// A set of numbers: intervals with their ends, in order, none touching another. Most sets are one
/// interval, and take no room elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intervals {
    /// None of an empty set.
    first: Option<(u64, u64)>,
    rest: Vec<(u64, u64)>,
}

impl Intervals {
    pub(crate) const fn all() -> Self {
        Self { first: Some((0, u64::MAX)), rest: Vec::new() }
    }

    pub(crate) const fn none() -> Self {
        Self { first: None, rest: Vec::new() }
    }

    /// From `first` to `last`, as far as these are numbers of 64 bits.
    pub(crate) fn range(first: i128, last: i128) -> Self {
        let first = first.max(0);
        let last = last.min(i128::from(u64::MAX));
        match (u64::try_from(first), u64::try_from(last)) {
            (Ok(first), Ok(last)) if first <= last => {
                Self { first: Some((first, last)), rest: Vec::new() }
            }
            _ => Self::none(),
        }
    }

    /// Adds an interval behind the others.
    fn push(&mut self, first: u64, last: u64) {
        match self.first {
            None => self.first = Some((first, last)),
            Some(_) => self.rest.push((first, last)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn is_all(&self) -> bool {
        self.first == Some((0, u64::MAX))
    }

    pub(crate) fn first(&self) -> Option<u64> {
        self.first.map(|(first, _)| first)
    }

    pub(crate) fn last(&self) -> Option<u64> {
        self.rest.last().or(self.first.as_ref()).map(|(_, last)| *last)
    }

    /// How many intervals there are.
    pub(crate) fn len(&self) -> usize {
        self.rest.len() + usize::from(self.first.is_some())
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let mut common = Self::none();
        let (mut ours, mut others) = (self.iter().peekable(), other.iter().peekable());
        while let (Some((first, last)), Some((other_first, other_last))) =
            (ours.peek().copied(), others.peek().copied())
        {
            let (start, end) = (first.max(other_first), last.min(other_last));
            if start <= end {
                common.push(start, end);
            }
            let behind = if last < other_last { &mut ours } else { &mut others };
            behind.next();
        }
        common
    }

    /// All that is in any of these, given with their ends; those upside down hold nothing.
    pub(crate) fn of(intervals: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut all: Vec<_> = intervals.into_iter().filter(|(first, last)| first <= last).collect();
        all.sort_unstable();
        let mut joined = Self::none();
        let mut open: Option<(u64, u64)> = None;
        for (first, last) in all {
            open = match open {
                Some((from, end)) if first <= end.saturating_add(1) => Some((from, end.max(last))),
                done => {
                    done.into_iter().for_each(|(from, end)| joined.push(from, end));
                    Some((first, last))
                }
            };
        }
        open.into_iter().for_each(|(from, end)| joined.push(from, end));
        joined
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut joined = Self::none();
        let mut open: Option<(u64, u64)> = None;
        let (mut left, mut right) = (self.iter().peekable(), other.iter().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(one), Some(other)) if other < one => right.next(),
                (None, _) => right.next(),
                _ => left.next(),
            };
            open = match (open, next) {
                (Some((first, end)), Some((from, last))) if from <= end.saturating_add(1) => {
                    Some((first, last.max(end)))
                }
                (done, next) => {
                    if let Some((first, last)) = done {
                        joined.push(first, last);
                    }
                    next
                }
            };
            if open.is_none() {
                return joined;
            }
        }
    }

    pub(crate) fn complement(&self) -> Self {
        let mut rest = Self::none();
        let mut next = Some(0);
        for (first, last) in self.iter() {
            if let Some(from) = next.filter(|from| *from < first) {
                rest.push(from, first - 1);
            }
            next = last.checked_add(1);
        }
        if let Some(from) = next {
            rest.push(from, u64::MAX);
        }
        rest
    }

    /// The numbers x for which `factor * x + rest` is so related to zero; `None` if that cannot be
    /// calculated.
    pub(crate) fn solving(comparison: Comparison, factor: i128, rest: i128) -> Option<Self> {
        if factor == 0 {
            return Some(if comparison.holds(&rest, &0) { Self::all() } else { Self::none() });
        }
        // For a factor below zero the order is turned around.
        let (factor, rest, comparison) = if factor < 0 {
            (factor.checked_neg()?, rest.checked_neg()?, mirrored(comparison))
        } else {
            (factor, rest, comparison)
        };
        let end = i128::from(u64::MAX);
        let bound = rest.checked_neg()?;
        let (floor, is_whole) = match factor {
            // Much faster than a division.
            1 => (bound, true),
            _ => (bound.div_euclid(factor), bound.rem_euclid(factor) == 0),
        };
        let ceiling = if is_whole { floor } else { floor.checked_add(1)? };
        let equal = if is_whole { Self::range(floor, floor) } else { Self::none() };
        Some(match comparison {
            Comparison::Equal => equal,
            Comparison::NotEqual => equal.complement(),
            Comparison::Less => Self::range(0, ceiling.checked_sub(1)?),
            Comparison::AtMost => Self::range(0, floor),
            Comparison::Greater => Self::range(floor.checked_add(1)?, end),
            Comparison::AtLeast => Self::range(ceiling, end),
        })
    }

    /// The intervals with their ends, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.first.into_iter().chain(self.rest.iter().copied())
    }
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Greater => Comparison::Less,
        Comparison::AtLeast => Comparison::AtMost,
        Comparison::Equal | Comparison::NotEqual => comparison,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_calculated() {
        let small = Intervals::range(-5, 10);
        let outside = small.complement();
        assert_eq!(outside, Intervals::range(11, u64::MAX.into()));
        assert!(small.intersection(&outside).is_empty());
        assert!(small.union(&outside).is_all());
        assert!(Intervals::all().complement().is_empty());
        assert_eq!(Intervals::none().complement(), Intervals::all());
        let both = small.intersection(&Intervals::of([(9, 12), (7, 3), (0, 1), (2, 4)]));
        assert_eq!(both.iter().collect::<Vec<_>>(), [(0, 4), (9, 10)]);
        let holes = Intervals::range(1, 2).union(&Intervals::range(5, 6));
        let complement: Vec<_> = holes.complement().iter().collect();
        assert_eq!(complement, [(0, 0), (3, 4), (7, u64::MAX)]);
        assert_eq!((holes.first(), holes.last()), (Some(1), Some(6)));
        assert!(Intervals::range(3, 2).is_empty());
    }

    #[test]
    fn comparisons_are_solved() {
        let solving = |comparison, factor, rest| Intervals::solving(comparison, factor, rest);
        let range = |first, last| Some(Intervals::range(first, last));
        assert_eq!(solving(Comparison::Less, 2, -7), range(0, 3));
        assert_eq!(solving(Comparison::AtLeast, 2, -7), range(4, u64::MAX.into()));
        assert_eq!(solving(Comparison::Greater, -1, 5), range(0, 4));
        assert_eq!(solving(Comparison::Equal, 2, -7), Some(Intervals::none()));
        assert_eq!(solving(Comparison::NotEqual, 0, 1), Some(Intervals::all()));
        assert_eq!(solving(Comparison::Less, -1, i128::MIN), None);
    }
}
