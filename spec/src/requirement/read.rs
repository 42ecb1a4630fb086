//! Reads the requirements of a chapter, and sees to it that no other sentence is normative.

use std::ops::Range;

use wsconform_abnf::suggest::closest;
use wsconform_abnf::{Diagnostic, Source};

use super::{KeyWord, MalformedId, Obstacle, Party, Requirement, RequirementId, Testability};
use crate::map::Mistake;
use crate::markdown::{Block, lines_of, without_code};
use crate::patent::{self, Place};
use crate::rfc6455::{self, Section};

/// What the labels of a chapter stand for.
#[derive(Default)]
pub(crate) struct Reading {
    /// The requirements in order, each with the place of its id.
    pub(crate) requirements: Vec<(Requirement, Range<usize>)>,
    /// The ids of malformed ones, so that mentions of them need not be reported too.
    pub(crate) unreadable: Vec<RequirementId>,
}

/// The requirements among the blocks of a chapter. What is wrong is added to `diagnostics`.
pub(crate) fn read(
    source: &Source,
    blocks: &[Block],
    diagnostics: &mut Vec<Diagnostic>,
) -> Reading {
    let mut reader = Reader { source, diagnostics };
    let mut reading = Reading::default();
    let mut blocks = blocks.iter().peekable();
    while let Some(block) = blocks.next() {
        match block {
            Block::Label(label) => {
                let body = match blocks.peek() {
                    Some(Block::Paragraph(range)) => Some(range.clone()),
                    _ => None,
                };
                if body.is_some() {
                    blocks.next();
                }
                let Some(id) = reader.id(label) else {
                    body.into_iter().for_each(|body| drop(reader.body(&body)));
                    continue;
                };
                match reader.requirement(id.clone(), label, body) {
                    Some(requirement) => reading.requirements.push((requirement, label.clone())),
                    None => reading.unreadable.push(id),
                }
            }
            Block::Heading(range) | Block::Paragraph(range) => reader.prose(range.clone()),
            Block::Fence { .. } => {}
        }
    }
    reading
}

/// What a requirement's paragraph says.
struct Body {
    key_word: KeyWord,
    text: String,
    metadata: Metadata,
}

struct Metadata {
    binds: Vec<Party>,
    source: String,
    patent: Vec<Place>,
    rfc6455: Vec<Section>,
    testability: Testability,
}

const FIELDS: [&str; 4] = ["Binds", "Source", "Untestable", "Planned"];

#[derive(Default)]
struct MetadataDraft {
    binds: Option<Vec<Party>>,
    source: Option<String>,
    patent: Vec<Place>,
    rfc6455: Vec<Section>,
    testability: Option<Testability>,
    seen: Vec<&'static str>,
}

struct Reader<'r> {
    source: &'r Source,
    diagnostics: &'r mut Vec<Diagnostic>,
}

/// A piece of metadata: `*Name:* value.`
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

impl Reader<'_> {
    fn id(&mut self, label: &Range<usize>) -> Option<RequirementId> {
        let id: Result<RequirementId, MalformedId> = self.text(label).parse();
        if let Err(error) = id {
            let found = format!("`{}` is no requirement id", self.text(label));
            self.report(label.clone(), "malformed requirement id", found, &error.to_string());
        }
        id.ok()
    }

    fn requirement(
        &mut self,
        id: RequirementId,
        label: &Range<usize>,
        body: Option<Range<usize>>,
    ) -> Option<Requirement> {
        let Some(body) = body else {
            self.report(
                label.clone(),
                "requirement without a sentence",
                "no paragraph follows this label",
                "its normative sentence and its metadata stand below it",
            );
            return None;
        };
        let Body { key_word, text, metadata } = self.body(&body)?;
        Some(Requirement {
            id,
            key_word,
            text,
            binds: metadata.binds,
            source: metadata.source,
            patent: metadata.patent,
            rfc6455: metadata.rfc6455,
            testability: metadata.testability,
            at: self.source.location(label.start.saturating_sub("r[".len())),
        })
    }

    fn body(&mut self, body: &Range<usize>) -> Option<Body> {
        let metadata_start = self.metadata_start(body);
        let sentence = body.start..metadata_start;
        let key_word = self.key_word(&sentence);
        self.labels_in(body);
        for (word, span) in self.key_words(&(metadata_start..body.end)) {
            self.stray(word, span);
        }
        let metadata = self.metadata(body, metadata_start);
        Some(Body {
            key_word: key_word?,
            text: one_line(self.text(&sentence)),
            metadata: metadata?,
        })
    }

    /// A text without a label: it must not be normative.
    fn prose(&mut self, range: Range<usize>) {
        self.labels_in(&range);
        for (word, span) in self.key_words(&range) {
            self.stray(word, span);
        }
    }

    fn stray(&mut self, word: KeyWord, span: Range<usize>) {
        self.report(
            span,
            "normative sentence without a label",
            format!("`{}` stands outside of a requirement's sentence", word.as_str()),
            "give the sentence a label, write the word in lower case, or quote it in backticks",
        );
    }

    fn labels_in(&mut self, range: &Range<usize>) {
        let prose = without_code(self.text(range));
        for (at, _) in prose.match_indices("r[") {
            if !prose[..at].ends_with(|before: char| before.is_alphanumeric()) {
                let length = prose[at..].find([']', '\n']).map_or(2, |end| end + 1);
                let start = range.start + at;
                self.report(
                    start..start + length,
                    "label inside a paragraph",
                    "a label stands alone on its line",
                    "put the sentence below its label; quote an id that is only mentioned",
                );
            }
        }
    }

    /// The one key word of a requirement's sentence.
    fn key_word(&mut self, sentence: &Range<usize>) -> Option<KeyWord> {
        let words = self.key_words(sentence);
        match words.as_slice() {
            [] => {
                self.report(
                    sentence.start..sentence.start + self.text(sentence).trim_end().len(),
                    "requirement without a key word",
                    "this sentence binds nobody",
                    "say how much it weighs by MUST, SHOULD or MAY (RFC 2119)",
                );
                None
            }
            [(word, _)] => Some(*word),
            [_, others @ ..] => {
                for (word, span) in others {
                    self.report(
                        span.clone(),
                        "several key words in one requirement",
                        format!("`{}` is one too many", word.as_str()),
                        "make it two requirements, each with a label of its own",
                    );
                }
                None
            }
        }
    }

    fn key_words(&self, range: &Range<usize>) -> Vec<(KeyWord, Range<usize>)> {
        let prose = without_code(self.text(range));
        let words = words(&prose);
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(first) = words.get(at) {
            let pair = words
                .get(at + 1)
                .filter(|second| prose[first.end..second.start].chars().all(char::is_whitespace));
            let double = pair.and_then(|second| {
                let text = format!("{} {}", &prose[first.clone()], &prose[second.clone()]);
                Some((key_word(&text)?, first.start..second.end))
            });
            let single = || Some((key_word(&prose[first.clone()])?, first.clone()));
            at += if double.is_some() { 2 } else { 1 };
            if let Some((word, span)) = double.or_else(single) {
                found.push((word, range.start + span.start..range.start + span.end));
            }
        }
        found
    }

    /// Where the lines of metadata begin: the end of the paragraph, if there are none.
    fn metadata_start(&self, body: &Range<usize>) -> usize {
        let text = self.source.text();
        lines_of(text, body.clone())
            .find(|line| field_name(text[line.clone()].trim_start()).is_some())
            .map_or(body.end, |line| line.start)
    }

    fn metadata(&mut self, body: &Range<usize>, start: usize) -> Option<Metadata> {
        let mut draft = MetadataDraft::default();
        let mut sound = true;
        for field in self.fields(start..body.end) {
            sound &= self.field(&field, &mut draft).is_some();
        }
        for required in ["Binds", "Source"] {
            if !draft.seen.contains(&required) {
                self.report(
                    body.end..body.end,
                    "missing metadata",
                    format!("no line with `*{required}:*`"),
                    "the last lines of a requirement are its metadata, as in `*Binds:* client, \
                     server. *Source:* RFC 6455, 5.1.`",
                );
            }
        }
        if !sound {
            return None;
        }
        Some(Metadata {
            binds: draft.binds?,
            source: draft.source?,
            patent: draft.patent,
            rfc6455: draft.rfc6455,
            testability: draft.testability.unwrap_or(Testability::Testable),
        })
    }

    /// Takes one piece of metadata; nothing if it was reported.
    fn field(&mut self, field: &Field, draft: &mut MetadataDraft) -> Option<()> {
        let name = self.text(&field.name).to_owned();
        let Some(known) = FIELDS.into_iter().find(|known| *known == name) else {
            let label = format!("`{name}` says nothing about a requirement");
            self.report(field.name.clone(), "unknown metadata", label, &one_of(&name, &FIELDS));
            return None;
        };
        if draft.seen.contains(&known) {
            let label = format!("`{name}` stands above already");
            self.report(field.name.clone(), "metadata given twice", label, "keep one of them");
            return None;
        }
        draft.seen.push(known);
        let value = self.value(field)?;
        match known {
            "Binds" => draft.binds = Some(self.parties(&value)?),
            "Source" => {
                draft.patent = self.cited(&value, patent::cited)?;
                draft.rfc6455 = self.cited(&value, rfc6455::cited)?;
                draft.source = Some(one_line(self.text(&value)));
            }
            _ if draft.testability.is_some() => {
                self.report(
                    field.name.clone(),
                    "contradictory metadata",
                    "untestable and planned at once",
                    "what is planned can be tested",
                );
                return None;
            }
            "Untestable" => draft.testability = Some(self.untestable(&value)?),
            _ => {
                let reason = one_line(self.text(&value));
                draft.testability = Some(Testability::Planned { reason });
            }
        }
        Some(())
    }

    /// The fields in the lines of metadata; what stands before the first of them is blank.
    fn fields(&self, range: Range<usize>) -> Vec<Field> {
        let text = self.text(&range);
        let heads: Vec<_> = text
            .match_indices('*')
            .filter_map(|(at, _)| Some((at, field_name(&text[at..])?)))
            .collect();
        let ends = heads.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
        heads
            .iter()
            .zip(ends)
            .map(|((at, length), end)| {
                let name = range.start + at + 1;
                let value = at + length + "*:*".len();
                let trimmed = text[value..end].trim();
                let value = value + (text[value..end].len() - text[value..end].trim_start().len());
                Field {
                    name: name..name + length,
                    value: range.start + value..range.start + value + trimmed.len(),
                }
            })
            .collect()
    }

    /// The value of a field without the full stop that ends it.
    fn value(&mut self, field: &Field) -> Option<Range<usize>> {
        let text = self.text(&field.value);
        let name = self.text(&field.name).to_owned();
        match text.strip_suffix('.').map(str::trim_end) {
            Some("") => {
                self.report(field.name.clone(), "empty metadata", "no value", "say what it is");
                None
            }
            Some(value) => Some(field.value.start..field.value.start + value.len()),
            None => {
                self.report(
                    field.value.end..field.value.end,
                    "metadata without an end",
                    format!("expected a full stop behind the value of `{name}`"),
                    "each piece of metadata ends with a full stop",
                );
                None
            }
        }
    }

    fn parties(&mut self, value: &Range<usize>) -> Option<Vec<Party>> {
        let mut parties = Vec::new();
        let mut sound = true;
        let mut start = value.start;
        for piece in self.text(value).split(',').map(str::to_owned).collect::<Vec<_>>() {
            let word = piece.trim();
            let at = start + (piece.len() - piece.trim_start().len());
            start += piece.len() + 1;
            let span = at..at + word.len();
            match Party::ALL.into_iter().find(|party| party.as_str() == word) {
                Some(party) if parties.contains(&party) => {
                    self.report(
                        span,
                        "party named twice",
                        format!("`{word}` again"),
                        "name it once",
                    );
                    sound = false;
                }
                Some(party) => parties.push(party),
                None => {
                    let label = format!("`{word}` is nobody whom a requirement binds");
                    let help = one_of(word, &Party::ALL.map(Party::as_str));
                    self.report(span, "unknown party", label, &help);
                    sound = false;
                }
            }
        }
        sound.then_some(parties)
    }

    /// What a source cites of one work.
    fn cited<P>(
        &mut self,
        value: &Range<usize>,
        read: impl Fn(&str) -> Result<Vec<P>, Mistake>,
    ) -> Option<Vec<P>> {
        match read(self.text(value)) {
            Ok(places) => Some(places),
            Err(mistake) => {
                let span = value.start + mistake.span.start..value.start + mistake.span.end;
                self.report(span, "malformed citation", mistake.label, &mistake.help);
                None
            }
        }
    }

    fn untestable(&mut self, value: &Range<usize>) -> Option<Testability> {
        let text = self.text(value).to_owned();
        let (kind, reason) = text.split_once(',').unwrap_or((&text, ""));
        let span = value.start..value.start + kind.len();
        let Some(known) = Obstacle::ALL.into_iter().find(|known| known.as_str() == kind) else {
            let label = format!("`{kind}` is no kind of obstacle");
            let help = one_of(kind, &Obstacle::ALL.map(Obstacle::as_str));
            self.report(span, "unknown kind of obstacle", label, &help);
            return None;
        };
        let reason = one_line(reason);
        if reason.is_empty() {
            self.report(span, "untestable without a reason", "why?", "write `KIND, reason.`");
            return None;
        }
        Some(Testability::Untestable { kind: known, reason })
    }

    fn text(&self, range: &Range<usize>) -> &str {
        &self.source.text()[range.clone()]
    }

    fn report(&mut self, span: Range<usize>, title: &str, label: impl Into<String>, help: &str) {
        self.diagnostics.push(Diagnostic::new(self.source, span, title, label).help(help));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn one_of(word: &str, known: &[&str]) -> String {
    match closest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("possible are {}", known.join(", ")),
    }
}

/// The length of the name, if the text begins with `*Name:*`.
fn field_name(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('*')?;
    let length = inner.find(|character: char| !character.is_ascii_alphabetic())?;
    (length > 0 && inner[length..].starts_with(":*")).then_some(length)
}

/// Runs of letters, digits and underscores.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        if character.is_alphanumeric() || character == '_' {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            words.push(start..at);
        }
    }
    words
}

fn key_word(text: &str) -> Option<KeyWord> {
    KeyWord::ALL.into_iter().find(|word| word.as_str() == text)
}
