//! Terminals in a form for people, in a word and in detail.

use crate::ast::{ElementKind, Value};

/// What stands in the box of a terminal, and what is said about it on hovering.
pub(super) fn words(kind: &ElementKind, printed: String) -> (String, Option<String>) {
    match kind {
        ElementKind::Text { text, case_sensitive } => {
            let has_letters = text.contains(|one: char| one.is_ascii_alphabetic());
            match (has_letters, case_sensitive) {
                (true, true) => (printed, Some("in exactly this letter case".to_owned())),
                (true, false) => (printed, Some("in any letter case".to_owned())),
                (false, _) => (format!("\"{text}\""), None),
            }
        }
        ElementKind::Range { first, last, .. } => match (printable(*first), printable(*last)) {
            (Some(first), Some(last)) => (format!("{first} - {last}"), Some(printed)),
            _ => (printed, None),
        },
        ElementKind::Values { values, .. } => {
            let named: Option<Vec<_>> = values.iter().map(|value| named(*value)).collect();
            (printed, named.map(|names| names.join(" ")))
        }
        _ => (printed, None),
    }
}

/// A visible character of US-ASCII in quotes.
fn printable(value: Value) -> Option<String> {
    let character = char::from(u8::try_from(value.number).ok()?);
    character.is_ascii_graphic().then(|| format!("\"{character}\""))
}

fn named(value: Value) -> Option<String> {
    match value.number {
        0x09 => Some("HTAB".to_owned()),
        0x0A => Some("LF".to_owned()),
        0x0D => Some("CR".to_owned()),
        0x20 => Some("SP".to_owned()),
        _ => printable(value),
    }
}
