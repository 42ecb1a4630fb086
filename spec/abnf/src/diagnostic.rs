//! Source texts, positions in them, and diagnostics that point at them.
//!
//! Every reader of the workspace (grammars, chapters, scenarios) works on a whole file and on byte
//! spans of that file, so a block inside a Markdown chapter is reported with the chapter's own
//! line and column, and nothing has to be mapped back.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Renderer, Snippet};

/// A text with the name that diagnostics show for it; copies share it.
#[derive(Clone, PartialEq, Eq)]
pub struct Source(Arc<Named>);

#[derive(PartialEq, Eq)]
struct Named {
    name: Arc<str>,
    text: Arc<str>,
    /// Where each line begins, so that finding a place does not read the whole text.
    lines: Vec<usize>,
}

impl Source {
    /// A source called `name` (a path as the reader would type it) that holds `text`.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let newlines = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let lines = std::iter::once(0).chain(newlines).collect();
        Self(Arc::new(Named { name: name.into(), text, lines }))
    }

    /// A source of any octets: what is not UTF-8 is read as U+FFFD, which no part of ABNF but a
    /// comment may hold.
    pub fn from_octets(name: impl Into<Arc<str>>, octets: &[u8]) -> Self {
        Self::new(name, String::from_utf8_lossy(octets))
    }

    /// The name that diagnostics show.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The whole lines that `span` touches, so that an excerpt costs no more than it shows.
    fn lines_around(&self, span: &Range<usize>) -> Range<usize> {
        let Named { text, lines, .. } = &*self.0;
        let first = lines.partition_point(|start| *start <= span.start).saturating_sub(1);
        let behind = lines.partition_point(|start| *start <= span.end);
        let start = lines.get(first).copied().unwrap_or(0);
        start..lines.get(behind).copied().unwrap_or(text.len())
    }

    /// The place of the octet at `offset`; an offset beyond the end is the end.
    pub fn location(&self, offset: usize) -> Location {
        let Named { name, text, lines } = &*self.0;
        let offset = text.floor_char_boundary_at(offset);
        let line = lines.partition_point(|start| *start <= offset);
        let line_start = line.checked_sub(1).and_then(|index| lines.get(index)).copied();
        let before = &text[line_start.unwrap_or(0)..offset];
        Location { file: Arc::clone(name), line, column: before.chars().count() + 1 }
    }
}

impl fmt::Debug for Source {
    /// The name alone: there are many copies of a source in what a test might show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.0.name).finish()
    }
}

trait FloorCharBoundary {
    fn floor_char_boundary_at(&self, offset: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_at(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.len());
        while !self.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// A place in a source: file, line and column, the latter two counted from 1 (columns in
/// characters).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The name of the source.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The text cannot be used as it is.
    Error,
    /// The text can be used, but hardly says what was meant.
    Warning,
    /// Nothing is wrong, but it is good to know.
    Note,
}

/// What is wrong with a source, where, and what to do about it.
///
/// `Display` gives one line, `file:line:column: title: label`, with the level before the title
/// unless it is an error; [`Diagnostic::render`] gives the excerpt with a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic(Box<Content>);

/// Boxed, for diagnostics travel in the `Err` of many small results.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Content {
    source: Source,
    span: Range<usize>,
    level: Level,
    title: String,
    label: String,
    helps: Vec<String>,
}

impl Diagnostic {
    /// An error about the octets `span` of `source`. `title` says what happened in general, `label`
    /// what stands at the place and what was possible there.
    pub fn new(
        source: &Source,
        span: Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        let end = source.text().floor_char_boundary_at(span.end);
        let start = source.text().floor_char_boundary_at(span.start).min(end);
        Self(Box::new(Content {
            source: source.clone(),
            span: start..end,
            level: Level::Error,
            title: title.into(),
            label: label.into(),
            helps: Vec::new(),
        }))
    }

    /// As many diagnostics of one kind as are worth while to list.
    pub(crate) const MOST: usize = 1_000;

    /// Says at the place of this diagnostic that there are `omitted` more like it, if there are.
    pub(crate) fn and_more(&self, omitted: usize) -> Option<Self> {
        let label = format!("{omitted} more were found from here on");
        let more = Self::new(&self.0.source, self.span(), "too many to list", label).note();
        (omitted > 0).then(|| more.help("mend those above, and look again"))
    }

    /// The same diagnostic as a warning.
    #[must_use]
    pub fn warning(self) -> Self {
        self.with_level(Level::Warning)
    }

    /// The same diagnostic as a note.
    #[must_use]
    pub fn note(self) -> Self {
        self.with_level(Level::Note)
    }

    fn with_level(mut self, level: Level) -> Self {
        self.0.level = level;
        self
    }

    /// Adds a line that says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.helps.push(help.into());
        self
    }

    /// Where the diagnostic points.
    pub fn location(&self) -> Location {
        self.0.source.location(self.0.span.start)
    }

    /// The text that it is about.
    pub fn source(&self) -> &Source {
        &self.0.source
    }

    /// The octets of the source that it is about.
    pub fn span(&self) -> Range<usize> {
        self.0.span.clone()
    }

    /// How much it matters.
    pub fn level(&self) -> Level {
        self.0.level
    }

    /// What happened, without its place.
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// What stands at the place and what was possible there.
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// The diagnostic as text with an excerpt of the source; `coloured` adds ANSI colours.
    pub fn render(&self, coloured: bool) -> String {
        let Content { source, span, .. } = &*self.0;
        let lines = source.lines_around(span);
        let shown = span.start - lines.start..span.end - lines.start;
        let snippet = Snippet::source(&source.text()[lines.clone()])
            .line_start(source.location(lines.start).line)
            .path(source.name())
            .annotation(AnnotationKind::Primary.span(shown).label(&self.0.label));
        let level = match self.0.level {
            Level::Error => annotate_snippets::Level::ERROR,
            Level::Warning => annotate_snippets::Level::WARNING,
            Level::Note => annotate_snippets::Level::NOTE,
        };
        let mut group = Group::with_title(level.primary_title(&self.0.title)).element(snippet);
        for help in &self.0.helps {
            group = group.element(annotate_snippets::Level::HELP.message(help));
        }
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.0.level {
            Level::Error => "",
            Level::Warning => "warning: ",
            Level::Note => "note: ",
        };
        write!(f, "{}: {level}{}: {}", self.location(), self.0.title, self.0.label)
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_line_and_column() {
        let source = Source::new("book/10.md", "one\ntwo three\n");
        let diagnostic = Diagnostic::new(&source, 8..13, "unknown word", "expected `four`");
        assert_eq!(diagnostic.location().to_string(), "book/10.md:2:5");
        assert!(diagnostic.render(false).contains("^^^^^ expected `four`"));
    }

    #[test]
    fn shows_its_level() {
        let source = Source::new("x", "one\n");
        let error = Diagnostic::new(&source, 0..3, "odd", "why one?");
        assert_eq!(
            (error.level(), error.to_string()),
            (Level::Error, "x:1:1: odd: why one?".into())
        );
        let warning = error.clone().warning();
        assert_eq!(warning.to_string(), "x:1:1: warning: odd: why one?");
        assert!(warning.render(false).starts_with("warning: odd"));
        assert!(error.note().render(false).starts_with("note: odd"));
    }

    #[test]
    fn counts_lines_and_characters() {
        let source = Source::new("x", "é\né→z\n\n");
        let places = [(0, "x:1:1"), (1, "x:1:1"), (2, "x:1:2"), (3, "x:2:1"), (8, "x:2:3")];
        let ends = [(9, "x:2:4"), (10, "x:3:1"), (11, "x:4:1"), (99, "x:4:1")];
        for (offset, place) in places.into_iter().chain(ends) {
            assert_eq!(source.location(offset).to_string(), place, "{offset}");
        }
    }

    #[test]
    fn any_span_is_safe() {
        let source = Source::new("x", "é");
        for start in 0..4 {
            for end in 0..4 {
                Diagnostic::new(&source, start..end, "t", "l").render(false);
            }
        }
    }
}
