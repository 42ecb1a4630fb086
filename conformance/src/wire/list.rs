//! The pieces that header values are made of (RFC 9110, 5.6).

/// The pieces between separators that do not stand in a quoted string, each with its offset,
/// white space around it removed. A quote that is never closed lasts to the end.
pub(super) fn split(text: &str, separator: char) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if character == separator && !quoted => {
                pieces.push((start, at));
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push((start, text.len()));
    pieces.into_iter().map(|(start, end)| trimmed(text, start, end)).collect()
}

/// White space that may stand around a value: spaces and tabs (RFC 9110, 5.6.3).
pub(super) fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Whether a text is a token (RFC 9110, 5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    let is_in = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
    !text.is_empty() && text.bytes().all(is_in)
}

fn trimmed(text: &str, start: usize, end: usize) -> (usize, &str) {
    let piece = text.get(start..end).unwrap_or_default();
    let front = piece.trim_start_matches(is_white);
    (start + piece.len() - front.len(), front.trim_end_matches(is_white))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_in_quotes_do_not_separate() {
        assert_eq!(split(r#" a, "b,\",c" ,d"#, ','), [(1, "a"), (4, r#""b,\",c""#), (14, "d")]);
        assert_eq!(split("", ','), [(0, "")]);
        assert_eq!(split(r#"a;"b;c"#, ';'), [(0, "a"), (2, r#""b;c"#)]);
    }

    #[test]
    fn tokens() {
        assert!(is_token("permessage-deflate") && is_token("!#$%&'*+-.^_`|~"));
        assert!(!is_token("") && !is_token("a b") && !is_token("a\"") && !is_token("é"));
    }
}
