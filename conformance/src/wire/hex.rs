//! Octets as people write and read them: `82 04 F0`.

use std::fmt;

/// Longest run of octets that an excerpt shows whole.
const WHOLE: usize = 24;
/// Octets that an excerpt of a longer run shows of its beginning, and of its end.
const HEAD: usize = 12;
const TAIL: usize = 4;
/// Characters that an excerpt of a text shows.
const CHARACTERS: usize = 80;

/// Octets as upper-case pairs with a space between: `82 04 F0`; nothing for none.
///
/// ```
/// assert_eq!(wsconform::wire::hex::print(&[0x82, 0x04, 0xF0]), "82 04 F0");
/// ```
pub fn print(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    // A transcript holds so many of them that a call of the formatter for each would be felt.
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let mut text = String::with_capacity(octets.len() * 3);
    for octet in octets {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push(digit(octet >> 4));
        text.push(digit(octet & 0x0F));
    }
    text
}

/// Reads pairs of hexadecimal digits of either case. White space may stand between octets, not
/// inside one.
///
/// # Errors
/// [`HexError`] with the place, in characters from 0, of the first character that does not fit.
pub fn parse(text: &str) -> Result<Vec<u8>, HexError> {
    let mut octets = Vec::with_capacity(text.len() / 2);
    let mut high: Option<u8> = None;
    for (at, found) in text.chars().enumerate() {
        let digit = found.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (high, digit) {
            (None, Some(digit)) => high = Some(digit),
            (Some(first), Some(digit)) => {
                octets.push(first << 4 | digit);
                high = None;
            }
            (None, None) if found.is_whitespace() => {}
            (Some(_), None) if found.is_whitespace() => return Err(HexError::HalfOctet { at }),
            (_, None) => return Err(HexError::NotADigit { at, found }),
        }
    }
    match high {
        None => Ok(octets),
        Some(_) => Err(HexError::HalfOctet { at: text.chars().count() }),
    }
}

/// A few octets in place of many: all of them if there are at most 24, else the first, the last
/// and how many there are. `total` is how many there were; `octets` are those that were kept.
///
/// ```
/// use wsconform::wire::hex::excerpt;
/// assert_eq!(excerpt(&[1, 2], 2), "01 02");
/// assert_eq!(excerpt(&[0; 99], 99), "00 00 00 00 00 00 00 00 00 00 00 00 .. 00 00 00 00 (99 octets)");
/// ```
pub fn excerpt(octets: &[u8], total: u64) -> String {
    let all_kept = octets.len() as u64 == total;
    if all_kept && octets.len() <= WHOLE {
        return print(octets);
    }
    let head = octets.get(..HEAD).unwrap_or(octets);
    let tail = match octets.len().checked_sub(TAIL).and_then(|from| octets.get(from..)) {
        Some(tail) if all_kept => format!(" {}", print(tail)),
        _ => String::new(),
    };
    format!("{} ..{tail} ({total} octets)", print(head))
}

/// A text in quotes, its control characters escaped; of a long one the beginning and its length.
///
/// ```
/// assert_eq!(wsconform::wire::hex::quote("a\r\n"), r#""a\r\n""#);
/// ```
pub fn quote(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS).and_then(|(end, _)| text.get(..end)) {
        None => format!("\"{}\"", text.escape_debug()),
        Some(head) => format!("\"{}\" .. ({} octets)", head.escape_debug(), text.len()),
    }
}

/// Why a text is no octets in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HexError {
    /// A character that is neither a hexadecimal digit nor white space.
    NotADigit {
        /// Its place in characters, from 0.
        at: usize,
        /// The character.
        found: char,
    },
    /// An octet has one digit only.
    HalfOctet {
        /// Where its second digit is missing, in characters, from 0.
        at: usize,
    },
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HexError::NotADigit { at, found } => {
                write!(f, "{found:?} at character {at} is no hexadecimal digit (0-9, A-F)")
            }
            HexError::HalfOctet { at } => {
                write!(f, "the octet that ends at character {at} has one digit; write two")
            }
        }
    }
}

impl std::error::Error for HexError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spaces_are_free_between_octets_only() {
        assert_eq!(parse(" 8204\tf0 "), Ok(vec![0x82, 0x04, 0xF0]));
        assert_eq!(parse("8 2"), Err(HexError::HalfOctet { at: 1 }));
        assert_eq!(parse("82 0"), Err(HexError::HalfOctet { at: 4 }));
        assert_eq!(parse("82 0x"), Err(HexError::NotADigit { at: 4, found: 'x' }));
    }

    #[test]
    fn an_excerpt_never_shows_a_tail_that_was_not_kept() {
        assert_eq!(excerpt(&[7; 3], 1000), "07 07 07 .. (1000 octets)");
        assert_eq!(excerpt(&[], 5), " .. (5 octets)".to_string());
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "é".repeat(100);
        assert_eq!(quote(&text), format!("\"{}\" .. (200 octets)", "é".repeat(80)));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(octets: Vec<u8>) {
            prop_assert_eq!(parse(&print(&octets)), Ok(octets));
        }

        #[test]
        fn any_text_is_read_or_told_wrong(text: String) {
            let _ = parse(&text);
            let _ = quote(&text);
        }
    }
}
