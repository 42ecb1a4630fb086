//! The little of Markdown that a chapter is made of, with places.

use std::ops::Range;

use wsconform_abnf::{Diagnostic, Source};

/// A part of a chapter; all ranges are ranges of its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// A line `r[...]`; the range is what stands between the brackets.
    Label(Range<usize>),
    /// A line that begins with `#`, without the line end.
    Heading(Range<usize>),
    /// Lines of text without an empty one between them: paragraphs, lists, tables.
    Paragraph(Range<usize>),
    /// What stands between two fence lines, and the first word behind the opening fence.
    Fence { language: Range<usize>, content: Range<usize> },
}

/// Cuts a chapter into blocks; reports labels inside paragraphs and fences that nothing closes.
pub(crate) fn blocks(source: &Source) -> (Vec<Block>, Vec<Diagnostic>) {
    let text = source.text();
    let mut blocks = Vec::new();
    let mut diagnostics = Vec::new();
    let mut fence: Option<OpenFence> = None;
    for line in lines(text) {
        let trimmed = text[line.clone()].trim();
        let at = line.start + (text[line.clone()].len() - text[line.clone()].trim_start().len());
        let span = at..at + trimmed.len();
        if let Some(open) = &fence {
            if open.is_closed_by(trimmed) {
                let content = open.content..line.start;
                blocks.push(Block::Fence { language: open.language.clone(), content });
                fence = None;
            }
        } else if let Some(open) = OpenFence::read(text, &span, &line) {
            fence = Some(open);
        } else if let Some(label) = label(trimmed) {
            if paragraph_before(&blocks, text, line.start) {
                diagnostics.push(
                    Diagnostic::new(
                        source,
                        span.clone(),
                        "label inside a paragraph",
                        "the line above is text",
                    )
                    .help("an empty line stands before a label"),
                );
            }
            blocks.push(Block::Label(at + label.start..at + label.end));
        } else if trimmed.starts_with('#') {
            blocks.push(Block::Heading(span));
        } else if !trimmed.is_empty() {
            match blocks.last_mut() {
                Some(Block::Paragraph(range)) if only_line_end(&text[range.end..at]) => {
                    range.end = span.end;
                }
                _ => blocks.push(Block::Paragraph(span)),
            }
        }
    }
    if let Some(open) = fence {
        diagnostics.push(
            Diagnostic::new(source, open.line, "unterminated fence", "nothing closes this block")
                .help("a line of the same fence characters, alone, closes it"),
        );
    }
    (blocks, diagnostics)
}

/// The text with inline code blanked out, octet for octet, so that places stay.
pub(crate) fn without_code(text: &str) -> String {
    let mut prose = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let open = at + found;
        let ticks = run_of(&text[open..], '`');
        let inner = open + ticks;
        prose.push_str(&text[at..open]);
        at = match closing_ticks(text, inner, ticks) {
            Some(close) => close + ticks,
            None => inner,
        };
        let blank = if at == inner { '`' } else { ' ' };
        prose.extend(std::iter::repeat_n(blank, at - open));
    }
    prose.push_str(&text[at..]);
    prose
}

/// The lines of `range` of the text, without their ends.
pub(crate) fn lines_of(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = range.start;
    lines(&text[range]).map(move |line| line.start + start..line.end + start)
}

struct OpenFence {
    line: Range<usize>,
    character: char,
    length: usize,
    language: Range<usize>,
    content: usize,
}

impl OpenFence {
    fn read(text: &str, span: &Range<usize>, line: &Range<usize>) -> Option<Self> {
        let trimmed = &text[span.clone()];
        let character = trimmed.chars().next().filter(|first| matches!(first, '`' | '~'))?;
        let length = run_of(trimmed, character);
        let info = &trimmed[length..];
        if length < 3 || (character == '`' && info.contains('`')) {
            return None;
        }
        let language_at = span.start + length + (info.len() - info.trim_start().len());
        let language = info.split_whitespace().next().map_or(0, str::len);
        let rest = &text[line.end..];
        let line_end = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        Some(Self {
            line: span.clone(),
            character,
            length,
            language: language_at..language_at + language,
            content: line.end + line_end,
        })
    }

    fn is_closed_by(&self, trimmed: &str) -> bool {
        let length = run_of(trimmed, self.character);
        length >= self.length && length == trimmed.len()
    }
}

fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let range = start..start + line.trim_end_matches(['\n', '\r']).len();
        start += line.len();
        range
    })
}

/// What stands between the brackets, if the line is a label.
fn label(trimmed: &str) -> Option<Range<usize>> {
    let inner = trimmed.strip_prefix("r[")?.strip_suffix(']')?;
    (!inner.contains([' ', '[', ']'])).then_some(2..2 + inner.len())
}

fn paragraph_before(blocks: &[Block], text: &str, line_start: usize) -> bool {
    matches!(blocks.last(), Some(Block::Paragraph(range)) if only_line_end(&text[range.end..line_start]))
}

fn only_line_end(text: &str) -> bool {
    text.trim().is_empty() && text.matches('\n').count() <= 1
}

/// How often `character` stands at the beginning; it is one octet long.
fn run_of(text: &str, character: char) -> usize {
    text.chars().take_while(|next| *next == character).count()
}

fn closing_ticks(text: &str, from: usize, ticks: usize) -> Option<usize> {
    let mut at = from;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let length = run_of(&text[start..], '`');
        if length == ticks {
            return Some(start);
        }
        at = start + length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let source = Source::new("test.md", text);
        let (blocks, diagnostics) = blocks(&source);
        let mut texts: Vec<_> = blocks
            .into_iter()
            .map(|block| match block {
                Block::Label(range) => format!("label {}", &text[range]),
                Block::Heading(range) => format!("heading {}", &text[range]),
                Block::Paragraph(range) => format!("paragraph {}", &text[range]),
                Block::Fence { language, content } => {
                    format!("fence {} {:?}", &text[language], &text[content])
                }
            })
            .collect();
        texts.extend(diagnostics.iter().map(ToString::to_string));
        texts
    }

    #[test]
    fn cuts_into_blocks() {
        insta::assert_snapshot!(
            texts(
                "# One\ntwo\r\n  three\n\nfour\n## Five\nr[six.seven]\neight\n\n```abnf nine\na = b\n\n\
                 # ten\n```\n~~~~\n```\n~~~\n~~~~\neleven\n```\n"
            )
            .join("\n"),
            @r#"
            heading # One
            paragraph two
              three
            paragraph four
            heading ## Five
            label six.seven
            paragraph eight
            fence abnf "a = b\n\n# ten\n"
            fence  "```\n~~~\n"
            paragraph eleven
            test.md:20:1: unterminated fence: nothing closes this block
            "#
        );
    }

    #[test]
    fn labels_stand_apart() {
        assert_eq!(
            texts("text\nr[a.b]\n"),
            [
                "paragraph text",
                "label a.b",
                "test.md:2:1: label inside a paragraph: the line above is text"
            ]
        );
        assert_eq!(texts("r[a.b] text"), ["paragraph r[a.b] text"]);
    }

    #[test]
    fn blanks_inline_code() {
        assert_eq!(without_code("a `b` c"), "a     c");
        assert_eq!(without_code("`` b ` é `` c ` d"), format!("{} c ` d", " ".repeat(12)));
    }
}
