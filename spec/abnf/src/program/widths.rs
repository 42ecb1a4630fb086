//! What comments say where values are bits: RFC 6455, 5.2 states the widths of its values there.
//!
//! Of comments behind a part, or at the end of a rule, this is read:
//!
//! | comment | meaning |
//! |---|---|
//! | `n bits in length` | so many bits in all: shared equally where the part is a value repeated a fixed number of times, otherwise the width of each value in it |
//! | `7, 7+16, or 7+64 bits in length` | the first number counts; what is added, the rules behind say themselves |
//! | `n*8 bits in length` | each value has eight bits, however many there are |
//! | `present only if X is N` | at the end of a rule: it stands there if and only if X is N |
//!
//! A value without such a comment has the width that is said around it, or where its rule is used.
//! Everything else is prose: that reserved bits are 0, when which payload stands there, and that
//! the payload is as long as its length says. Such a grammar recognises the heads of frames, and
//! anything behind them.

/// What comments say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// How many bits.
    pub(super) width: Option<u32>,
    /// When something stands there: the name of a field, and its value.
    pub(super) present_if: Option<(String, u64)>,
}

impl Said {
    /// What the comments say that stand at `offset` in the text of a grammar, on the same line and,
    /// if nothing else comes first, on those below.
    pub(super) fn at(text: &str, offset: usize) -> Self {
        Self::read(&comments(text.get(offset..).unwrap_or_default()))
    }

    fn read(words: &[&str]) -> Self {
        let mut said = Self::default();
        let mut rest = words;
        while let Some((first, behind)) = rest.split_first() {
            rest = behind;
            match (*first, behind) {
                ("present", ["only", "if", name, "is", number, more @ ..]) => {
                    if let Ok(number) = number.trim_end_matches([',', '.']).parse() {
                        said.present_if = Some(((*name).to_owned(), number));
                    }
                    rest = more;
                }
                ("when", [_, "is", _, more @ ..]) => rest = more,
                _ if said.width.is_none() => {
                    said.width = width(first).filter(|_| is_length(behind));
                }
                _ => {}
            }
        }
        said
    }
}

/// `8` of `8`, `n*8` and `7,`, but not of `7+16`.
fn width(word: &str) -> Option<u32> {
    let word = word.trim_end_matches(',');
    word.strip_prefix("n*").unwrap_or(word).parse().ok().filter(|width| (1..=64).contains(width))
}

/// Whether `bits in length` is what comes behind more numbers.
fn is_length(words: &[&str]) -> bool {
    let is_number =
        |word: &&&str| **word == "or" || word.starts_with(|one: char| one.is_ascii_digit());
    let count = words.iter().take_while(is_number).count();
    matches!(&words[count..], ["bit" | "bits", "in", "length" | "length,", ..])
}

/// The words of the comments at the beginning of a text.
fn comments(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let is_below = number > 0 && !line.starts_with([' ', '\t']);
        let line = line.trim();
        match line.strip_prefix(';') {
            Some(comment) if !is_below && !comment.starts_with('@') => {
                words.extend(comment.split_whitespace());
            }
            None if line.is_empty() && number == 0 => {}
            _ => break,
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> (Option<u32>, Option<(String, u64)>) {
        let Said { width, present_if } = Said::at(text, 0);
        (width, present_if)
    }

    #[test]
    fn widths_are_read_as_the_rfc_writes_them() {
        assert_eq!(said("  ; 1 bit in length\n next"), (Some(1), None));
        assert_eq!(
            said("\n   ; 7, 7+16, or 7+64 bits in length,\n ; respectively"),
            (Some(7), None)
        );
        assert_eq!(said("; either 7, 7+16,\n  ; or 7+64 bits in\n  ; length"), (Some(7), None));
        assert_eq!(said("; final frame\n ; 1 bit in length, MUST be 0"), (Some(1), None));
        assert_eq!(said("; n*8 bits in length, where\n ; n >= 0"), (Some(8), None));
        let present = Some(("frame-masked".to_owned(), 1));
        let text = "; present only if frame-masked is 1\n  ; 32 bits in length";
        assert_eq!(said(text), (Some(32), present));
        assert_eq!(said("; when frame-masked is 1\n  / other ; 8 bits in length"), (None, None));
        assert_eq!(said("; 0 to 7 of 9\n"), (None, None));
        assert_eq!(said("next ; 1 bit in length"), (None, None));
        assert_eq!(said("\nnext = a ; 1 bit in length"), (None, None));
        assert_eq!(said("; 99 bits in length"), (None, None));
    }
}
