//! Lines of words for a terminal: cleaned, wrapped, coloured where wanted.

use anstyle::Style;

use super::clean::clean;

/// Text of one style. It is cleaned when it is made, so nothing on a page drives a terminal.
#[derive(Clone, Debug)]
pub(super) struct Span {
    style: Style,
    text: String,
    breakable: bool,
}

/// Text that may be broken at its spaces.
pub(super) fn words(style: Style, text: impl AsRef<str>) -> Span {
    // Lines are ended here where the page ends, whatever the text wanted.
    let text = text.as_ref().replace('\n', " ");
    Span { style, text: clean(&text).into_owned(), breakable: true }
}

/// Text that stays on one line: a name, a command, a cell of a table.
pub(super) fn whole(style: Style, text: impl AsRef<str>) -> Span {
    Span { style, text: clean(text.as_ref()).into_owned(), breakable: false }
}

impl Span {
    /// Characters when shown.
    pub(super) fn length(&self) -> usize {
        self.text.chars().count()
    }
}

/// A page that is written from top to bottom.
#[derive(Debug)]
pub(super) struct Page {
    coloured: bool,
    width: usize,
    text: String,
}

impl Page {
    /// An empty page, `width` columns wide.
    pub(super) fn new(coloured: bool, width: usize) -> Self {
        Page { coloured, width, text: String::new() }
    }

    /// The width in columns.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// A line that begins at column `indent`; what does not fit goes on below at column `hanging`.
    /// Spans stand side by side, with just the spaces that they contain.
    pub(super) fn line(
        &mut self,
        indent: usize,
        hanging: usize,
        spans: impl IntoIterator<Item = Span>,
    ) {
        let mut column = indent;
        self.text.extend(std::iter::repeat_n(' ', indent));
        for (index, atom) in atoms(spans).into_iter().enumerate() {
            if index > 0 && column + atom.gap + atom.length() > self.width {
                self.text.push('\n');
                self.text.extend(std::iter::repeat_n(' ', hanging));
                column = hanging;
            } else {
                self.text.extend(std::iter::repeat_n(' ', atom.gap));
                column += atom.gap;
            }
            column += atom.length();
            atom.pieces.iter().for_each(|piece| self.paint(piece));
        }
        self.text.push('\n');
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// All that was written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn paint(&mut self, piece: &Span) {
        if self.coloured && !piece.style.is_plain() {
            let (on, off) = (piece.style.render(), piece.style.render_reset());
            self.text.push_str(&format!("{on}{}{off}", piece.text));
        } else {
            self.text.push_str(&piece.text);
        }
    }
}

/// What is not broken: pieces without a breakable space in or between them.
struct Atom {
    /// The spaces before it, unless a line begins with it.
    gap: usize,
    pieces: Vec<Span>,
}

impl Atom {
    fn length(&self) -> usize {
        self.pieces.iter().map(Span::length).sum()
    }
}

fn atoms(spans: impl IntoIterator<Item = Span>) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    let mut gap = 0;
    for span in spans {
        let parts: Vec<&str> =
            if span.breakable { span.text.split(' ').collect() } else { vec![&span.text] };
        for (index, part) in parts.into_iter().enumerate() {
            gap += usize::from(index > 0);
            if part.is_empty() {
                continue;
            }
            let piece = Span { text: part.to_owned(), ..span };
            match atoms.last_mut() {
                Some(last) if gap == 0 => last.pieces.push(piece),
                _ => atoms.push(Atom { gap, pieces: vec![piece] }),
            }
            gap = 0;
        }
    }
    atoms
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;

    use super::*;

    const PLAIN: Style = Style::new();

    #[test]
    fn wraps_at_spaces_but_not_within_what_is_whole() {
        let mut page = Page::new(false, 20);
        let spans = [
            words(PLAIN, "one two "),
            whole(PLAIN, "three four five"),
            words(PLAIN, ", six  seven eight"),
        ];
        page.line(2, 4, spans);
        page.gap();
        page.line(0, 2, [whole(PLAIN, "longer-than-the-width-allows x"), words(PLAIN, " y")]);
        insta::assert_snapshot!(page.finish(), @r"
          one two
            three four five,
            six  seven eight

        longer-than-the-width-allows x
          y
        ");
    }

    #[test]
    fn colours_only_where_wanted_and_only_its_own() {
        let red = AnsiColor::Red.on_default();
        let drawn = |coloured| {
            let mut page = Page::new(coloured, 80);
            page.line(0, 0, [words(red, "a b"), words(PLAIN, " \u{1b}[32mc")]);
            page.finish()
        };
        assert_eq!(drawn(false), "a b \\u{1b}[32mc\n");
        assert_eq!(drawn(true), "\u{1b}[31ma\u{1b}[0m \u{1b}[31mb\u{1b}[0m \\u{1b}[32mc\n");
    }
}
