//! Sets of numbers of 64 bits, as intervals.

use super::tape::Tape;

/// A set of numbers: intervals with their ends, in order, none touching another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Intervals(Vec<(u64, u64)>);

impl Intervals {
    pub(super) fn all() -> Self {
        Self(vec![(0, u64::MAX)])
    }

    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// From `first` to `last`, as far as these are numbers of 64 bits.
    pub(super) fn range(first: i128, last: i128) -> Self {
        let first = first.max(0);
        let last = last.min(i128::from(u64::MAX));
        match (u64::try_from(first), u64::try_from(last)) {
            (Ok(first), Ok(last)) if first <= last => Self(vec![(first, last)]),
            _ => Self::none(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn is_all(&self) -> bool {
        self.0 == [(0, u64::MAX)]
    }

    pub(super) fn first(&self) -> Option<u64> {
        self.0.first().map(|(first, _)| *first)
    }

    pub(super) fn last(&self) -> Option<u64> {
        self.0.last().map(|(_, last)| *last)
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut common = Vec::new();
        for (first, last) in &self.0 {
            for (other_first, other_last) in &other.0 {
                let (first, last) = (*first.max(other_first), *last.min(other_last));
                if first <= last {
                    common.push((first, last));
                }
            }
        }
        Self(common)
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        let mut all: Vec<_> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::new();
        for (first, last) in all {
            match joined.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => joined.push((first, last)),
            }
        }
        Self(joined)
    }

    pub(super) fn complement(&self) -> Self {
        let mut rest = Vec::new();
        let mut next = Some(0);
        for (first, last) in &self.0 {
            if let Some(from) = next.filter(|from| from < first) {
                rest.push((from, first - 1));
            }
            next = last.checked_add(1);
        }
        if let Some(from) = next {
            rest.push((from, u64::MAX));
        }
        Self(rest)
    }

    /// One of the numbers: the least for zeros, ends more often than what lies between.
    pub(super) fn choose(&self, tape: &mut Tape<'_>) -> Option<u64> {
        let index = tape.below(self.0.len() as u64) as usize;
        let (first, last) = *self.0.get(index)?;
        let span = last - first;
        if span == 0 {
            return Some(first);
        }
        Some(match tape.octet() {
            0xF0..=0xFF => last,
            0x80..=0xEF => first + tape.small_below(span.saturating_add(1)),
            0x01..=0x7F => first + tape.below(span.saturating_add(1)),
            0x00 => first,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_calculated() {
        let small = Intervals::range(-5, 10);
        let outside = small.complement();
        assert_eq!(outside, Intervals(vec![(11, u64::MAX)]));
        assert!(small.intersection(&outside).is_empty());
        assert!(small.union(&outside).is_all());
        assert!(Intervals::all().complement().is_empty());
        assert_eq!(Intervals::none().complement(), Intervals::all());
        let holes = Intervals::range(1, 2).union(&Intervals::range(5, 6));
        assert_eq!(holes.complement(), Intervals(vec![(0, 0), (3, 4), (7, u64::MAX)]));
        assert_eq!((holes.first(), holes.last()), (Some(1), Some(6)));
        assert!(Intervals::range(3, 2).is_empty());
    }

    #[test]
    fn zeros_choose_the_least() {
        let set = Intervals::range(7, 9).union(&Intervals::range(100, 1 << 40));
        assert_eq!(set.choose(&mut Tape::new(&[])), Some(7));
        assert_eq!(set.choose(&mut Tape::new(&[0xFF; 12])), Some(1 << 40));
        assert_eq!(Intervals::none().choose(&mut Tape::new(&[])), None);
        assert!(Intervals::all().choose(&mut Tape::seeded(3)).is_some());
    }
}
