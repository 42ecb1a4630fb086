//! The test that dismisses ordinary payloads (US 9,331,890, FIG. 4, 404, and FIG. 6, 604).

/// One masked compare for any number of sequences.
///
/// It compares the bits in which all of them agree. What differs there is none of them; so a
/// dismissal is certain, and whatever is not dismissed has still to be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QuickTest {
    /// The bits in which all sequences agree.
    mask: u32,
    /// These bits of any of them, and 0 elsewhere.
    value: u32,
}

impl QuickTest {
    /// The test for no sequence. No number has a 1 where the mask has none, so this value equals
    /// nothing, and all is dismissed by the same compare.
    pub(super) const NONE: Self = Self { mask: 0, value: 1 };

    /// The test for one sequence more, as the number that its octets are.
    #[must_use]
    pub(super) fn with(self, number: u32) -> Self {
        if self == Self::NONE {
            return Self { mask: u32::MAX, value: number };
        }
        let mask = self.mask & !(self.value ^ number);
        Self { mask, value: self.value & mask }
    }

    /// Whether these octets, as a number, are certainly none of the sequences.
    #[inline]
    pub(super) fn dismisses(self, number: u32) -> bool {
        number & self.mask != self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[u32]) -> QuickTest {
        numbers.iter().fold(QuickTest::NONE, |test, number| test.with(*number))
    }

    /// Calls `each` with all lists of up to `longest` numbers of `width` bits, repeated ones and
    /// every order included.
    fn all_lists(width: u32, longest: u32, mut each: impl FnMut(&[u32])) {
        for length in 0..=longest {
            for list in 0..1u32 << (width * length) {
                let numbers = (0..length).map(|place| list >> (place * width) & ((1 << width) - 1));
                each(&numbers.collect::<Vec<_>>());
            }
        }
    }

    const REDUCED: [(u32, u32); 3] = [(4, 4), (5, 3), (6, 2)];

    #[test]
    fn what_is_dismissed_is_none_of_them_on_reduced_widths() {
        for (width, longest) in REDUCED {
            // At either end of the 32 bits, the others the same for all.
            for shift in [0, 32 - width] {
                all_lists(width, longest, |small| {
                    let numbers: Vec<u32> = small.iter().map(|number| number << shift).collect();
                    let test = of(&numbers);
                    for payload in (0..1 << width).map(|payload: u32| payload << shift) {
                        let wrong = test.dismisses(payload) && numbers.contains(&payload);
                        assert!(!wrong, "{numbers:X?} dismiss {payload:X}");
                    }
                });
            }
        }
    }

    #[test]
    fn no_masked_compare_dismisses_more_on_reduced_widths() {
        let (width, longest) = (4, 3);
        all_lists(width, longest, |numbers| {
            let test = of(numbers);
            let passed = |mask: u32, value: u32| {
                (0..1u32 << width).filter(move |payload| payload & mask == value)
            };
            let ours = (0..1 << width).filter(|payload| !test.dismisses(*payload)).count();
            for mask in 0..1 << width {
                for value in 0..1 << width {
                    let finds_all = numbers.iter().all(|number| number & mask == value);
                    let theirs = passed(mask, value).count();
                    assert!(!finds_all || ours <= theirs, "{numbers:X?}: {mask:04b} {value:04b}");
                }
            }
        });
    }

    #[test]
    fn one_number_dismisses_all_others_and_none_dismisses_all() {
        for number in [0, 1, 0xF080_0010, u32::MAX] {
            for payload in [0, 1, 2, 0xF080_0010, 0xF080_0011, u32::MAX] {
                assert_eq!(of(&[number]).dismisses(payload), number != payload);
                assert!(QuickTest::NONE.dismisses(payload));
            }
        }
    }

    #[test]
    fn no_sequence_makes_a_test_of_none() {
        all_lists(4, 3, |numbers| assert_eq!(of(numbers) == QuickTest::NONE, numbers.is_empty()));
    }
}
