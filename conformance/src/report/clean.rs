//! Text that others chose, made safe to show.

use std::borrow::Cow;

/// The text with all that could drive a terminal or reorder a line made visible: control
/// characters (C0, DEL, C1), line and paragraph separators, and characters that are invisible or
/// change the direction of writing.
/// `ESC [ 2 J` becomes `\u{1b}[2J`.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unsafe(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character is not shown as itself. All of them are in the Basic Multilingual Plane.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_visible_what_drives_a_terminal() {
        assert_eq!(clean("a\x1b]0;x\x07\r\n\tb"), r"a\u{1b}]0;x\u{7}\r\n\tb");
        assert_eq!(clean("\u{7f}\u{9b}31m"), r"\u{7f}\u{9b}31m");
        assert_eq!(clean("user\u{202e}gnp.exe\u{2028}"), r"user\u{202e}gnp.exe\u{2028}");
    }

    #[test]
    fn leaves_text_alone() {
        let text = "\"Grüße\" · 漢字 \\ 🦀";
        assert!(matches!(clean(text), Cow::Borrowed(shown) if shown == text));
    }
}
