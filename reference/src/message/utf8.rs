//! UTF-8 that arrives in pieces (RFC 3629; RFC 6455, 8.1).

/// Judges a text octet by octet, as early as possible, however it is cut.
///
/// ```
/// use wsconform_reference::Utf8Validator;
///
/// let mut text = Utf8Validator::default();
/// assert_eq!(text.push(b"\xE2\x82"), Ok(()));
/// assert_eq!(text.push(b"("), Err(2), "no character begins E2 82 28");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Utf8Validator {
    judged: u64,
    /// The start of a character that is not complete, at most three octets.
    begun: Vec<u8>,
}

impl Utf8Validator {
    /// Judges the next octets of the text.
    ///
    /// # Errors
    ///
    /// The place in the text of the first octet that can't stand there. The validator is not to be
    /// used any more.
    pub fn push(&mut self, mut octets: &[u8]) -> Result<(), u64> {
        while !self.begun.is_empty() {
            let Some((&next, rest)) = octets.split_first() else { return Ok(()) };
            self.begun.push(next);
            match std::str::from_utf8(&self.begun) {
                Ok(_) => self.begun.clear(),
                Err(error) if error.error_len().is_some() => return Err(self.judged),
                Err(_) => {}
            }
            self.judged += 1;
            octets = rest;
        }
        let Err(error) = std::str::from_utf8(octets) else {
            self.judged += octets.len() as u64;
            return Ok(());
        };
        let (valid, rest) = octets.split_at(error.valid_up_to());
        self.judged += valid.len() as u64;
        match error.error_len() {
            // The first octets of a broken character are in order; the one after them is not.
            Some(length) => Err(self.judged + in_order(rest, length)),
            None => {
                self.begun.extend_from_slice(rest);
                self.judged += rest.len() as u64;
                Ok(())
            }
        }
    }

    /// Judges the end of the text.
    ///
    /// # Errors
    ///
    /// The length of the text, if it ends inside a character.
    pub fn finish(&self) -> Result<(), u64> {
        if self.begun.is_empty() { Ok(()) } else { Err(self.judged) }
    }
}

/// How many octets at the start of a broken character could begin one: all that the standard
/// library counts to it, unless already the first can't.
fn in_order(broken: &[u8], length: usize) -> u64 {
    let first = broken.get(..1).unwrap_or_default();
    let begins = std::str::from_utf8(first).is_err_and(|error| error.error_len().is_none());
    if begins { length as u64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judge<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(), u64> {
        let mut validator = Utf8Validator::default();
        pieces.into_iter().try_for_each(|piece| validator.push(piece))?;
        validator.finish()
    }

    #[test]
    fn fails_at_the_first_octet_that_cannot_be() {
        for (octets, place) in [
            (&b"\xFF"[..], 0),
            (b"a\x80", 1),
            (b"\xC0\x80", 0),
            (b"\xED\xA0\x80", 1),
            (b"\xF4\x90\x80\x80", 1),
            (b"\xE2\x82", 2),
            (b"\xE2\x82(", 2),
            (b"\xF0\x9F\x92(", 3),
            (b"\xF8\x88\x80\x80\x80", 0),
        ] {
            assert_eq!(judge([octets]), Err(place), "{octets:02X?}");
            assert_eq!(judge(octets.chunks(1)), Err(place), "{octets:02X?} octet by octet");
        }
    }

    /// First and last octets of the ranges that RFC 3629, 4 tells apart.
    const EDGES: &[u8] =
        b"\x00\x7F\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xDF\xE0\xE2\xED\xEF\xF0\xF3\xF4\xF5";

    proptest! {
        #[test]
        fn agrees_with_the_standard_library_wherever_it_is_cut(
            octets in prop_oneof![
                any::<Vec<u8>>(),
                any::<String>().prop_map(String::into_bytes),
                prop::collection::vec(prop::sample::select(EDGES), 0..8),
            ],
            size in 1usize..5,
        ) {
            let pieces = judge(octets.chunks(size));
            prop_assert_eq!(pieces.is_ok(), std::str::from_utf8(&octets).is_ok());
            prop_assert_eq!(pieces, judge([&octets[..]]));
        }
    }
}
