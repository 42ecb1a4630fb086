//! Reads the entries of a `claims` block.

use std::ops::Range;

use wsconform_abnf::suggest::closest;
use wsconform_abnf::{Diagnostic, Source};

use super::TestName;
use crate::example::Mention;
use crate::markdown::lines_of;
use crate::patent::{self, Place};
use crate::requirement::RequirementId;

/// An entry as it stands in its block. What was malformed in it is left out, and was reported.
pub(crate) struct Draft {
    pub(crate) source: Source,
    pub(crate) place: Place,
    /// Where the place stands.
    pub(crate) span: Range<usize>,
    /// The heading above it.
    pub(crate) section: String,
    pub(crate) says: String,
    pub(crate) same_as: Option<(Place, Range<usize>)>,
    pub(crate) requirements: Vec<(RequirementId, Range<usize>)>,
    pub(crate) vectors: Vec<String>,
    pub(crate) tests: Vec<TestName>,
    /// The key words that stood below it.
    seen: Vec<&'static str>,
}

/// What a block holds.
#[derive(Default)]
pub(crate) struct Block {
    pub(crate) entries: Vec<Draft>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

const KEYWORDS: [&str; 6] = ["place", "says", "by", "vectors", "test", "as"];

/// Reads the octets `range` of `source`, which stand under the heading `section`.
pub(crate) fn read(source: &Source, range: Range<usize>, section: &str) -> Block {
    let mut reader = Reader { source, section, block: Block::default(), current: None };
    for line in lines_of(source.text(), range) {
        let words = words(source.text(), line.clone());
        let Some((first, rest)) = words.split_first() else { continue };
        if let Err(diagnostic) = reader.line(first, rest) {
            reader.block.diagnostics.push(diagnostic);
        }
    }
    reader.finish_entry();
    reader.block
}

struct Reader<'s> {
    source: &'s Source,
    section: &'s str,
    block: Block,
    current: Option<Current>,
}

/// Whose lines are being read.
enum Current {
    Entry(Box<Draft>),
    /// One without a readable place: its lines are passed over.
    Unreadable,
}

impl Reader<'_> {
    fn line(&mut self, first: &Range<usize>, rest: &[Range<usize>]) -> Result<(), Diagnostic> {
        let word = &self.source.text()[first.clone()];
        let Some(keyword) = KEYWORDS.into_iter().find(|known| *known == word) else {
            let label = format!("expected one of {}, found `{word}`", KEYWORDS.join(", "));
            let diagnostic = self.mistake(first, "unknown line of the claims map", label);
            return Err(match closest(word, KEYWORDS) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            });
        };
        if keyword == "place" {
            self.finish_entry();
            self.current = Some(Current::Unreadable);
            let (place, span) = self.place(first, rest)?;
            let draft = Draft::new(self.source, self.section, place, span);
            self.current = Some(Current::Entry(Box::new(draft)));
            return Ok(());
        }
        let Some(value) = whole(rest) else {
            return Err(self.mistake(first, "empty line of the claims map", "no value".to_owned()));
        };
        let mut draft = match self.current.take() {
            Some(Current::Entry(draft)) => draft,
            other => {
                let is_first = other.is_none();
                self.current = Some(Current::Unreadable);
                let label = "expected `place FIG. 4, 404` first".to_owned();
                let title = "line outside of an entry";
                return if is_first { Err(self.mistake(first, title, label)) } else { Ok(()) };
            }
        };
        let result = self.value(&mut draft, keyword, first, rest, value);
        self.current = Some(Current::Entry(draft));
        result
    }

    fn value(
        &mut self,
        draft: &mut Draft,
        keyword: &'static str,
        first: &Range<usize>,
        rest: &[Range<usize>],
        value: Range<usize>,
    ) -> Result<(), Diagnostic> {
        let text = self.source.text();
        if draft.seen.contains(&keyword) && matches!(keyword, "says" | "as") {
            let label = format!("`{keyword}` stands above already");
            return Err(self.mistake(first, "line given twice", label));
        }
        draft.seen.push(keyword);
        match keyword {
            "says" => draft.says = text[value].to_owned(),
            "as" => draft.same_as = Some(self.place(first, rest)?),
            "by" => {
                for word in rest {
                    match self.requirement(draft, word) {
                        Ok(id) => draft.requirements.push((id, word.clone())),
                        Err(diagnostic) => self.block.diagnostics.push(diagnostic),
                    }
                }
            }
            "vectors" => {
                draft.vectors.extend(rest.iter().map(|word| text[word.clone()].to_owned()))
            }
            _ => draft.tests.push(self.test(rest, &value)?),
        }
        Ok(())
    }

    fn place(
        &self,
        keyword: &Range<usize>,
        rest: &[Range<usize>],
    ) -> Result<(Place, Range<usize>), Diagnostic> {
        let span = whole(rest).unwrap_or(keyword.end..keyword.end);
        match patent::place(&self.source.text()[span.clone()]) {
            Ok(place) => Ok((place, span)),
            Err(patent::Mistake { span: inner, label, help }) => {
                let inner = span.start + inner.start..span.start + inner.end;
                Err(self.mistake(&inner, "malformed place", label).help(help))
            }
        }
    }

    fn requirement(
        &mut self,
        draft: &Draft,
        word: &Range<usize>,
    ) -> Result<RequirementId, Diagnostic> {
        let text = &self.source.text()[word.clone()];
        let id: RequirementId = text.parse().map_err(|error| {
            let label = format!("`{text}` is no requirement id");
            self.mistake(word, "malformed requirement id", label).help(format!("{error}"))
        })?;
        if draft.requirements.iter().any(|(known, _)| *known == id) {
            let label = format!("`{text}` stands above already");
            return Err(self.mistake(word, "requirement named twice", label));
        }
        let (source, span) = (self.source.clone(), word.clone());
        self.block.mentions.push(Mention { requirement: id.clone(), source, span });
        Ok(id)
    }

    fn test(&self, rest: &[Range<usize>], value: &Range<usize>) -> Result<TestName, Diagnostic> {
        let text = self.source.text();
        if let [file, function] = rest {
            let (file, function) = (&text[file.clone()], &text[function.clone()]);
            let is_name =
                |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_';
            let is_inside = !file.starts_with('/') && !file.split('/').any(|part| part == "..");
            if file.ends_with(".rs") && is_inside && function.chars().all(is_name) {
                return Ok(TestName { file: file.to_owned(), function: function.to_owned() });
            }
        }
        let label = "expected a file and a function".to_owned();
        Err(self
            .mistake(value, "malformed name of a test", label)
            .help("such as `reference/src/control/filter.rs the_quick_test_equals_the_plain_one`"))
    }

    fn finish_entry(&mut self) {
        let Some(Current::Entry(draft)) = self.current.take() else { return };
        let seen = |word: &str| draft.seen.contains(&word);
        if !seen("says") {
            let label = "what does it say?".to_owned();
            let mistake = self.mistake(&draft.span, "incomplete entry", label);
            self.block.diagnostics.push(mistake.help("write it on a line `says`"));
        }
        let shown = ["by", "vectors", "test"].into_iter().any(seen);
        if seen("as") && shown {
            let label = "it is the same as another, and says more".to_owned();
            let mistake = self.mistake(&draft.span, "contradictory entry", label);
            self.block.diagnostics.push(mistake.help("either `as`, or what makes it precise"));
        } else if !seen("as") && !shown {
            let label = "nothing makes it precise".to_owned();
            let mistake = self.mistake(&draft.span, "empty entry", label);
            self.block.diagnostics.push(mistake.help(
                "name requirements on a line `by`; what has no wire form has vectors or a test",
            ));
        }
        self.block.entries.push(*draft);
    }

    fn mistake(&self, span: &Range<usize>, title: &str, label: String) -> Diagnostic {
        Diagnostic::new(self.source, span.clone(), title, label)
    }
}

impl Draft {
    fn new(source: &Source, section: &str, place: Place, span: Range<usize>) -> Self {
        Self {
            source: source.clone(),
            place,
            span,
            section: section.to_owned(),
            says: String::new(),
            same_as: None,
            requirements: Vec::new(),
            vectors: Vec::new(),
            tests: Vec::new(),
            seen: Vec::new(),
        }
    }
}

/// From the first of the words to the last.
fn whole(words: &[Range<usize>]) -> Option<Range<usize>> {
    Some(words.first()?.start..words.last()?.end)
}

/// The words of a line.
fn words(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = line.start;
    for piece in text[line].split(char::is_whitespace) {
        if !piece.is_empty() {
            words.push(at..at + piece.len());
        }
        // The white space that ended the piece.
        at += piece.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    words
}
