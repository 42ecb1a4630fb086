//! Payloads that tell their place, of any length: made as they are sent, compared as they arrive.
//!
//! A payload of many MiB is never held in memory. It repeats a unit whose length is a prime, so
//! that octets that are lost, doubled or exchanged are seen wherever that happens.

use std::sync::LazyLock;

/// What is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cycle {
    /// Each octet is its offset modulo 251.
    Octets,
    /// Text: the printable ASCII characters, then one of two octets, two of three, one of four; 107
    /// octets in all.
    Letters,
}

/// Octets of a unit that are kept repeated, so that they can be copied and compared in one go.
const RUN: usize = 16 * 1024;

static OCTETS: LazyLock<Vec<u8>> = LazyLock::new(|| repeated((0..251).collect()));
static LETTERS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let printable = (b' '..=b'~').map(char::from);
    repeated(printable.chain("é€語😀".chars()).collect::<String>().into_bytes())
});

fn repeated(unit: Vec<u8>) -> Vec<u8> {
    let length = RUN + unit.len();
    unit.into_iter().cycle().take(length).collect()
}

impl Cycle {
    /// Both of them.
    pub const ALL: [Cycle; 2] = [Cycle::Octets, Cycle::Letters];

    /// The length of the unit.
    fn period(self) -> u64 {
        match self {
            Cycle::Octets => 251,
            Cycle::Letters => 107,
        }
    }

    /// The octets from `offset` on, as many as are kept in one run.
    fn run(self, offset: u64) -> &'static [u8] {
        let run = match self {
            Cycle::Octets => &*OCTETS,
            Cycle::Letters => &*LETTERS,
        };
        run.get((offset % self.period()) as usize..).unwrap_or_default()
    }

    /// Appends the `length` octets from `offset` on.
    ///
    /// ```
    /// # use wsconform::wire::Cycle;
    /// let mut octets = Vec::new();
    /// Cycle::Octets.append(250, 3, &mut octets);
    /// assert_eq!(octets, [250, 0, 1]);
    /// ```
    pub fn append(self, mut offset: u64, mut length: usize, octets: &mut Vec<u8>) {
        octets.reserve(length);
        while length > 0 {
            let run = self.run(offset);
            let part = run.get(..length).unwrap_or(run);
            octets.extend_from_slice(part);
            offset += part.len() as u64;
            length -= part.len();
        }
    }

    /// Whether a payload of so many octets ends between characters.
    pub fn may_end_at(self, length: u64) -> bool {
        match self {
            Cycle::Octets => true,
            Cycle::Letters => matches!(self.run(length), [first, ..] if first & 0xC0 != 0x80),
        }
    }

    /// The place in the payload of the first of `octets` that is another than here, if one is; the
    /// first of them is at `offset`.
    fn departure(self, mut offset: u64, mut octets: &[u8]) -> Option<u64> {
        while !octets.is_empty() {
            let run = self.run(offset);
            let (part, rest) = octets.split_at(run.len().min(octets.len()));
            if part != &run[..part.len()] {
                let same = part.iter().zip(run).take_while(|(found, wanted)| found == wanted);
                return Some(offset + same.count() as u64);
            }
            offset += part.len() as u64;
            octets = rest;
        }
        None
    }
}

/// Where a payload is no longer that of a [`Cycle`], for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Departures([Option<u64>; 2]);

impl Departures {
    /// Compares what comes next, from `offset` on. Each cycle is left once.
    pub fn compare(&mut self, offset: u64, octets: &[u8]) {
        for (cycle, departure) in Cycle::ALL.into_iter().zip(&mut self.0) {
            if departure.is_none() {
                *departure = cycle.departure(offset, octets);
            }
        }
    }

    /// The place of the first octet that is another than in `cycle`; `None` if all are its own.
    pub fn from(&self, cycle: Cycle) -> Option<u64> {
        let [octets, letters] = self.0;
        match cycle {
            Cycle::Octets => octets,
            Cycle::Letters => letters,
        }
    }

    /// These, and those of what comes behind it.
    pub fn and(self, behind: Departures) -> Departures {
        let [octets, letters] = self.0;
        Departures([octets.or(behind.0[0]), letters.or(behind.0[1])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_are_text_that_fills_its_unit() {
        let mut unit = Vec::new();
        Cycle::Letters.append(0, 107, &mut unit);
        let text = String::from_utf8(unit).unwrap();
        assert!(text.starts_with(" !\"#") && text.ends_with("}~é€語😀"));
        let cut = (0..107).filter(|length| !Cycle::Letters.may_end_at(*length)).count();
        assert_eq!(cut, 1 + 2 + 2 + 3);
        assert!(Cycle::Letters.may_end_at(107) && Cycle::Octets.may_end_at(1));
    }

    proptest! {
        #[test]
        fn a_departure_is_where_the_first_octet_differs(
            cycle in prop::sample::select(&Cycle::ALL),
            length in 1usize..40_000,
            at: prop::sample::Index,
            cut: prop::sample::Index,
            flipped in 1u8..,
        ) {
            let mut octets = Vec::new();
            cycle.append(0, length, &mut octets);
            let mut whole = Departures::default();
            let (first, second) = octets.split_at(cut.index(length));
            whole.compare(0, first);
            whole.compare(first.len() as u64, second);
            prop_assert_eq!(whole.from(cycle), None);

            let at = at.index(length);
            octets[at] ^= flipped;
            let (first, second) = octets.split_at(cut.index(length));
            let mut parts = Departures::default();
            parts.compare(0, first);
            parts.compare(first.len() as u64, second);
            prop_assert_eq!(parts.from(cycle), Some(at as u64));
        }
    }
}
