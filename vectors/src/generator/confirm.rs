//! A vector is only as good as the readings that confirm it.

use std::fmt;

use super::reading::{Reader, Reading, Unreadable};
use crate::model::{Outcome, Source, Vector};

/// How many independent readings have to confirm a vector that people have written. One that the
/// grammar has made has to be confirmed by all that can read it.
const ENOUGH: usize = 2;

/// A vector that too few readings confirm, and what they say instead.
#[derive(Debug)]
pub struct Unconfirmed {
    /// The vector.
    pub vector: Box<Vector>,
    /// How many readings would have to confirm it.
    pub enough: usize,
    /// All readings.
    pub readings: Vec<(Reader, Result<Reading, Unreadable>)>,
}

/// The vector with the names of the readings that confirm it.
///
/// # Errors
///
/// Too few do.
pub(super) fn confirmed(mut vector: Vector) -> Result<Vector, Unconfirmed> {
    let writes: Vec<&[u8]> = vector.input.iter().map(|write| write.0.as_slice()).collect();
    let read = |reader: Reader| (reader, reader.read(&vector.context, &writes));
    let reads = |(_, reading): &(_, Result<_, Unreadable>)| {
        !reading.as_ref().is_err_and(Unreadable::is_beyond)
    };
    let readings: Vec<_> = Reader::ALL.into_iter().map(read).filter(reads).collect();
    let confirms = |reading: &Result<Reading, _>| {
        reading.as_ref().is_ok_and(|reading| agrees(&vector, reading))
    };
    let confirmed: Vec<_> = readings
        .iter()
        .filter(|(_, reading)| confirms(reading))
        .map(|(reader, _)| reader.name().to_owned())
        .collect();
    let enough = match vector.source {
        Source::Book | Source::Written => ENOUGH,
        Source::Grammar(_) | Source::NearMiss(_) => {
            readings.iter().filter(|(_, reading)| reading.is_ok()).count().max(ENOUGH)
        }
    };
    if confirmed.len() < enough {
        return Err(Unconfirmed { vector: Box::new(vector), enough, readings });
    }
    vector.confirmed = confirmed;
    Ok(vector)
}

/// Whether a reading is what the vector says.
pub(super) fn agrees(vector: &Vector, reading: &Reading) -> bool {
    // A head in which one thing is wrong may lack another by that, and nobody has to tell which.
    let is_head = vector.context.rule.is_some();
    match (&vector.outcome, &reading.failure) {
        (Outcome::Accept | Outcome::Either, None) => reading.events == vector.events,
        (Outcome::Accept, Some(_)) | (Outcome::Reject { .. }, None) => false,
        (Outcome::Either, Some(_)) => vector.events.starts_with(&reading.events),
        (Outcome::Reject { close, requirement }, Some(failure)) => {
            reading.events == vector.events
                && (is_head
                    || failure.close == *close
                        && failure.requirement.as_ref().is_none_or(|told| told == requirement))
        }
    }
}

impl fmt::Display for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { enough, .. } = self;
        let Vector { id, events, outcome, .. } = &*self.vector;
        writeln!(
            f,
            "vector `{id}` is not confirmed by {enough} readings: find out by the book who is \
             wrong"
        )?;
        let events = Reading { events: events.clone(), failure: None }.to_string();
        let events = events.trim_end_matches("    accepts");
        match outcome {
            Outcome::Accept => writeln!(f, "  the vector says:\n{events}    accept")?,
            Outcome::Either => writeln!(f, "  the vector says:\n{events}    accept, or fail")?,
            Outcome::Reject { close, requirement } => {
                writeln!(f, "  the vector says:\n{events}    fail with {close} for {requirement}")?
            }
        }
        for (index, (reader, reading)) in self.readings.iter().enumerate() {
            let end = if index + 1 < self.readings.len() { "\n" } else { "" };
            match reading {
                Ok(reading) => write!(f, "  {reader} reads:\n{reading}{end}")?,
                Err(unknown) => write!(f, "  {reader} cannot read it: {unknown}{end}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Unconfirmed {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::draft::{Draft, Frame};

    #[test]
    fn a_wrong_vector_is_told_with_all_readings() {
        let draft = Draft::client("frames/wrong", "what is no text taken for one")
            .frames([Frame::ping("p"), Frame::text([0xFF])]);
        let error = confirmed(draft.finish()).unwrap_err().to_string();
        insta::assert_snapshot!(error, @r#"
        vector `frames/wrong` is not confirmed by 2 readings: find out by the book who is wrong
          the vector says:
            accept
          peers reads:
            {"event":"ping","payload":"70"}
            fails with 1007
          reference reads:
            {"event":"ping","payload":"70"}
            fails with 1007 for text.utf8
          grammar reads:
            {"event":"ping","payload":"70"}
            fails with 1007 for text.utf8
        "#);
    }
}
