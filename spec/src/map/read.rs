//! Reads the entries of a block.

use std::ops::Range;

use wsconform_abnf::suggest::closest;
use wsconform_abnf::{Diagnostic, Source};

use super::{Draft, Mistake, TestName};
use crate::example::Mention;
use crate::markdown::lines_of;
use crate::requirement::{Obstacle, RequirementId};

/// What a block holds.
pub(crate) struct Block<P> {
    pub(crate) entries: Vec<Draft<P>>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Lines that stand once in an entry.
const SINGLE: [&str; 4] = ["says", "as", "untestable", "planned"];

/// Reads the octets `range` of `source`, which stand under the heading `section`.
pub(crate) fn read<S: super::Source>(
    source: &Source,
    range: Range<usize>,
    section: &str,
) -> Block<S::Place> {
    let block = Block { entries: Vec::new(), mentions: Vec::new(), diagnostics: Vec::new() };
    let mut reader = Reader::<S> { source, section, block, current: None };
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

struct Reader<'s, S: super::Source> {
    source: &'s Source,
    section: &'s str,
    block: Block<S::Place>,
    current: Option<Current<S::Place>>,
}

/// Whose lines are being read.
enum Current<P> {
    Entry(Box<Draft<P>>),
    /// One without a readable place: its lines are passed over.
    Unreadable,
}

impl<S: super::Source> Reader<'_, S> {
    fn line(&mut self, first: &Range<usize>, rest: &[Range<usize>]) -> Result<(), Diagnostic> {
        let word = &self.source.text()[first.clone()];
        let Some(keyword) = S::LINES.iter().copied().find(|known| *known == word) else {
            let label = format!("expected one of {}, found `{word}`", S::LINES.join(", "));
            let title = format!("unknown line of the {}", S::MAP);
            let diagnostic = self.mistake(first, &title, label);
            return Err(match closest(word, S::LINES.iter().copied()) {
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
            let title = format!("empty line of the {}", S::MAP);
            return Err(self.mistake(first, &title, "no value".to_owned()));
        };
        let mut draft = match self.current.take() {
            Some(Current::Entry(draft)) => draft,
            other => {
                let is_first = other.is_none();
                self.current = Some(Current::Unreadable);
                let label = format!("expected `{}` first", S::EXAMPLE);
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
        draft: &mut Draft<S::Place>,
        keyword: &'static str,
        first: &Range<usize>,
        rest: &[Range<usize>],
        value: Range<usize>,
    ) -> Result<(), Diagnostic> {
        let text = self.source.text();
        if draft.seen.contains(&keyword) && SINGLE.contains(&keyword) {
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
            "untestable" => draft.untestable = Some(self.untestable(&value)?),
            "planned" => draft.planned = Some(text[value].to_owned()),
            "reading" => draft.readings.push(text[value].to_owned()),
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
    ) -> Result<(S::Place, Range<usize>), Diagnostic> {
        let span = whole(rest).unwrap_or(keyword.end..keyword.end);
        match S::place(&self.source.text()[span.clone()]) {
            Ok(place) => Ok((place, span)),
            Err(Mistake { span: inner, label, help }) => {
                let inner = span.start + inner.start..span.start + inner.end;
                Err(self.mistake(&inner, "malformed place", label).help(help))
            }
        }
    }

    fn requirement(
        &mut self,
        draft: &Draft<S::Place>,
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

    /// `KIND, reason`
    fn untestable(&self, value: &Range<usize>) -> Result<(Obstacle, String), Diagnostic> {
        let text = &self.source.text()[value.clone()];
        let (kind, reason) = text.split_once(',').unwrap_or((text, ""));
        let known = Obstacle::ALL.into_iter().find(|known| known.as_str() == kind);
        match known {
            Some(known) if !reason.trim().is_empty() => Ok((known, reason.trim().to_owned())),
            _ => {
                let label = "expected a kind of obstacle, a comma and a reason".to_owned();
                let kinds = Obstacle::ALL.map(Obstacle::as_str).join(", ");
                let mistake = self.mistake(value, "malformed obstacle", label);
                Err(mistake.help(format!("the kinds are {kinds}")))
            }
        }
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
        let shown = S::SHOWING.iter().any(|word| seen(word));
        if seen("as") && shown {
            let label = "it is the same as another, and says more".to_owned();
            let mistake = self.mistake(&draft.span, "contradictory entry", label);
            self.block.diagnostics.push(mistake.help("either `as`, or what makes it precise"));
        } else if !seen("as") && !shown {
            let label = "nothing makes it precise".to_owned();
            let mistake = self.mistake(&draft.span, "empty entry", label);
            self.block.diagnostics.push(mistake.help(S::REMEDY));
        }
        if draft.readings.len() == 1 {
            let label = "a reading by itself is no contradiction".to_owned();
            let mistake = self.mistake(&draft.span, "one reading", label);
            self.block.diagnostics.push(mistake.help("state the other reading too, or none"));
        }
        self.block.entries.push(*draft);
    }

    fn mistake(&self, span: &Range<usize>, title: &str, label: String) -> Diagnostic {
        Diagnostic::new(self.source, span.clone(), title, label)
    }
}

impl<P> Draft<P> {
    fn new(source: &Source, section: &str, place: P, span: Range<usize>) -> Self {
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
            untestable: None,
            planned: None,
            readings: Vec::new(),
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
