//! However a stream is cut, it means the same.

use std::fmt;

use super::confirm::agrees;
use super::reading::{Reader, Reading, Unreadable};
use crate::model::{Outcome, Vector};

/// How the input of a vector was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Into the writes that the vector lists.
    Writes,
    /// Not at all.
    Whole,
    /// In two, behind so many octets.
    At(usize),
    /// Octet by octet.
    Octets,
}

/// A replay that came out wrong.
#[derive(Debug)]
pub struct Deviation {
    /// Who read.
    pub reader: Reader,
    /// How the input was cut.
    pub cut: Cut,
    /// What was read.
    pub reading: Result<Reading, Unreadable>,
}

/// Up to this length, the input of a vector is cut at every place.
const EVERY_PLACE: usize = 300;

/// Beyond it, behind each of the first and last so many octets and at as many places between.
const SAMPLED: usize = 32;

/// Replays a vector whole, in its writes, cut in two and octet by octet, through all readers; gives
/// the number of replays. The grammar reads it whole alone. An input of up to 300 octets is cut at every place; a longer one at each
/// of the first and the last 32 places, and at 32 places between, evenly spread.
///
/// # Errors
///
/// The first replay that is not what the vector says, or, where a reader is free, not what the same
/// reader read in the uncut input.
pub fn replay(vector: &Vector) -> Result<usize, Box<Deviation>> {
    let octets = vector.octets();
    let mut count = 0;
    for reader in Reader::ALL {
        let uncut = reader.read(&vector.context, &[&octets]);
        if uncut.as_ref().is_err_and(Unreadable::is_beyond) {
            continue;
        }
        let cuts = cuts(octets.len()).filter(|cut| reader != Reader::Grammar || *cut == Cut::Whole);
        for cut in cuts {
            let reading = reader.read(&vector.context, &pieces(vector, &octets, cut));
            let same = match (&vector.outcome, &reading, &uncut) {
                (Outcome::Either, Ok(reading), Ok(uncut)) => reading == uncut,
                (_, Ok(reading), _) => agrees(vector, reading),
                _ => false,
            };
            if !same {
                return Err(Box::new(Deviation { reader, cut, reading }));
            }
            count += 1;
        }
    }
    Ok(count)
}

fn cuts(length: usize) -> impl Iterator<Item = Cut> {
    let sampled = move |place: &usize| {
        let step = (length / SAMPLED).max(1);
        length <= EVERY_PLACE
            || *place <= SAMPLED
            || *place >= length - SAMPLED
            || place.is_multiple_of(step)
    };
    let places = (1..length).filter(sampled).map(Cut::At);
    [Cut::Writes, Cut::Whole].into_iter().chain(places).chain([Cut::Octets])
}

fn pieces<'a>(vector: &'a Vector, octets: &'a [u8], cut: Cut) -> Vec<&'a [u8]> {
    match cut {
        Cut::Writes => vector.input.iter().map(|write| write.0.as_slice()).collect(),
        Cut::Whole => vec![octets],
        Cut::At(place) => octets.split_at_checked(place).map_or(vec![octets], |(a, b)| vec![a, b]),
        Cut::Octets => octets.chunks(1).collect(),
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Writes => f.write_str("in the writes of the vector"),
            Self::Whole => f.write_str("uncut"),
            Self::At(place) => write!(f, "cut behind octet {place}"),
            Self::Octets => f.write_str("octet by octet"),
        }
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reader, cut, reading } = self;
        match reading {
            Ok(reading) => write!(f, "{cut}, {reader} reads:\n{reading}"),
            Err(unknown) => write!(f, "{cut}, {reader} cannot read it: {unknown}"),
        }
    }
}

impl std::error::Error for Deviation {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::draft::{Draft, Frame, pattern};

    #[test]
    fn short_inputs_are_cut_everywhere_and_long_ones_in_places() {
        assert_eq!(cuts(300).count(), 3 + 299);
        let long: Vec<_> = cuts(65_546).collect();
        assert!((64..110).contains(&long.len()), "{}", long.len());
        assert!(long.contains(&Cut::At(1)) && long.contains(&Cut::At(65_545)));
    }

    #[test]
    fn a_wrong_vector_deviates() {
        let draft = Draft::client("frames/wrong", "").frames([Frame::binary("A")]).binary("B");
        let deviation = replay(&draft.finish()).unwrap_err();
        assert_eq!((deviation.reader, deviation.cut), (Reader::Peers, Cut::Writes));
        let draft = Draft::client("frames/right", "").frames([Frame::binary(pattern(1))]);
        assert_eq!(replay(&draft.binary([0]).finish()).unwrap(), 2 * 5 + 1);
    }
}
