//! Octets from the command line, a file or the standard input, and how octets are shown.

use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::Stop;
use super::sources::read_octets;

/// An input of more octets is not read.
pub(super) const INPUT_LIMIT: u64 = 64 << 20;

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Input {
    /// The octets of a file, of at most 64 MiB; `-` is the standard input.
    #[arg(long, value_name = "PATH")]
    input: Option<PathBuf>,
    /// Octets in hexadecimal: `--hex "81 05"`.
    #[arg(long, value_name = "OCTETS")]
    hex: Option<String>,
    /// The octets of a text in UTF-8.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
}

impl Input {
    pub(super) fn takes_stdin(&self) -> bool {
        self.input.as_deref() == Some(Path::new("-"))
    }

    pub(super) fn octets(&self) -> Result<Vec<u8>, Stop> {
        if let Some(path) = &self.input {
            return read_octets(path, INPUT_LIMIT);
        }
        if let Some(text) = &self.text {
            return Ok(text.as_bytes().to_vec());
        }
        let hex = self.hex.as_deref().unwrap_or_default();
        hexadecimal(hex).ok_or_else(|| {
            Stop::usage(format!(
                "`{hex}` is not octets in hexadecimal\nhelp: write two digits for each, such as 81 05"
            ))
        })
    }
}

/// The octets that pairs of digits are, with any white space.
pub(super) fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<char> = text.chars().filter(|one| !one.is_whitespace()).collect();
    let octet = |pair: &[char]| match pair {
        [high, low] => u8::try_from(high.to_digit(16)? * 16 + low.to_digit(16)?).ok(),
        _ => None,
    };
    digits.chunks(2).map(octet).collect()
}

/// Octets in hexadecimal, two digits each.
pub(super) fn hexadecimal_of(octets: &[u8], separator: &str) -> String {
    let digits: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
    digits.join(separator)
}

/// Octets as one would write them: a text in quotes, or else in hexadecimal; of many the first.
pub(super) fn shown(octets: &[u8]) -> String {
    const TEXT: usize = 60;
    const HEX: usize = 20;
    let is_plain =
        |one: char| one == ' ' || one.is_ascii_graphic() && one != '"' || one.is_alphanumeric();
    if let Some(text) = std::str::from_utf8(octets).ok().filter(|text| text.chars().all(is_plain)) {
        let head: String = text.chars().take(TEXT).collect();
        let more = if head.len() < text.len() { "..." } else { "" };
        return format!("\"{head}\"{more}");
    }
    let more = if octets.len() > HEX { " ..." } else { "" };
    format!("{}{more}", hexadecimal_of(octets.get(..HEX).unwrap_or(octets), " "))
}

/// The lines of 16 octets around `place`, in hexadecimal and as text, with carets under it; an
/// empty place is one caret where the next octet would stand.
pub(super) fn excerpt(octets: &[u8], place: Range<usize>) -> String {
    const WIDTH: usize = 16;
    const LINES: usize = 4;
    let first = place.start / WIDTH;
    let last = place.end.saturating_sub(1).max(place.start) / WIDTH;
    let mut text = String::new();
    for line in first.saturating_sub(1)..=last.min(first + LINES) {
        let start = line * WIDTH;
        let here = octets.get(start..octets.len().min(start + WIDTH)).unwrap_or_default();
        let hex: String = here.iter().map(|octet| format!("{octet:02X} ")).collect();
        let readable: String = here.iter().map(|octet| readable(*octet)).collect();
        let line = format!("  {start:>8} | {hex:<48}| {readable}");
        text.push_str(line.trim_end());
        text.push('\n');
        let marked = place.start.max(start)..place.end.max(place.start + 1).min(start + WIDTH);
        if marked.start < marked.end && marked.start >= start {
            let before = " ".repeat((marked.start - start) * 3);
            let carets = "^".repeat(marked.len() * 3 - 1);
            text.push_str(&format!("  {:>8} | {before}{carets}\n", ""));
        }
    }
    text
}

fn readable(octet: u8) -> char {
    if (0x20..0x7F).contains(&octet) { char::from(octet) } else { '.' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_written_in_any_spacing() {
        assert_eq!(hexadecimal("81 0a\nFF00"), Some(vec![0x81, 0x0A, 0xFF, 0]));
        assert_eq!(hexadecimal(""), Some(vec![]));
        assert_eq!(hexadecimal("8"), None);
        assert_eq!(hexadecimal("8g"), None);
    }

    #[test]
    fn octets_are_shown_as_text_or_in_hexadecimal() {
        assert_eq!(shown(b"Hello"), "\"Hello\"");
        assert_eq!(shown("Köln".as_bytes()), "\"Köln\"");
        assert_eq!(shown(b"\"\n"), "22 0A");
        assert_eq!(shown(&[b'a'; 61]).len(), 65);
        assert!(shown(&[0; 99]).ends_with("00 ..."));
    }

    #[test]
    fn an_excerpt_points_at_octets() {
        let octets: Vec<u8> = (64..104).collect();
        insta::assert_snapshot!(excerpt(&octets, 30..33), @r"
         0 | 40 41 42 43 44 45 46 47 48 49 4A 4B 4C 4D 4E 4F | @ABCDEFGHIJKLMNO
        16 | 50 51 52 53 54 55 56 57 58 59 5A 5B 5C 5D 5E 5F | PQRSTUVWXYZ[\]^_
           |                                           ^^^^^
        32 | 60 61 62 63 64 65 66 67                         | `abcdefg
           | ^^
        ");
        insta::assert_snapshot!(excerpt(b"abc", 3..3), @"
        0 | 61 62 63                                        | abc
          |          ^^
        ");
        insta::assert_snapshot!(excerpt(&[0x20; 32], 32..32), @"
        16 | 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 |
        32 |                                                 |
           | ^^
        ");
        insta::assert_snapshot!(excerpt(b"", 0..0), @"
        0 |                                                 |
          | ^^
        ");
    }
}
