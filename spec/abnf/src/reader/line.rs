//! Lines and their indentation.

use std::ops::Range;

/// A line, without its end.
pub(super) struct Line {
    /// The column of the first character that is not white space; a tab leads to the next
    /// multiple of 8.
    pub(super) indent: usize,
    /// Where that character stands.
    pub(super) content: usize,
    end: usize,
}

impl Line {
    /// Whether the line holds more than white space and a comment.
    pub(super) fn is_content(&self, text: &str) -> bool {
        !matches!(text.as_bytes()[self.content..self.end].first(), None | Some(b';'))
    }

    /// Whether the line holds a structured comment alone.
    pub(super) fn is_directive(&self, text: &str) -> bool {
        text.as_bytes()[self.content..self.end].starts_with(b";@")
    }
}

/// The lines of `range` of the text.
pub(super) fn lines(text: &str, range: Range<usize>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let rest = &text[start..range.end];
        let length = rest.find('\n').unwrap_or(rest.len());
        let line = rest[..length].strip_suffix('\r').unwrap_or(&rest[..length]);
        let mut indent = 0;
        let mut content = start;
        for byte in line.bytes() {
            match byte {
                b' ' => indent += 1,
                b'\t' => indent = (indent / 8 + 1) * 8,
                _ => break,
            }
            content += 1;
        }
        lines.push(Line { indent, content, end: start + line.len() });
        start += length + 1;
    }
    lines
}
