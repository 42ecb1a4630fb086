//! Reads the entries of an `autobahn` block.

use std::ops::Range;

use wsconform_abnf::suggest::closest;
use wsconform_abnf::{Diagnostic, Source};

use super::id::{CaseId, Group, IdRange};
use super::{Answer, Difference, Entry, NotKind, Sentence};
use crate::markdown::lines_of;

/// What a block holds. What was malformed in it is left out, and was reported.
#[derive(Default)]
pub(crate) struct Block {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A line that stands for itself, or an entry, and where.
pub(crate) struct Draft {
    pub(crate) source: Source,
    pub(crate) span: Range<usize>,
    pub(crate) kind: DraftKind,
}

pub(crate) enum DraftKind {
    Package(String),
    Total(usize),
    Group(Group, u16),
    Entry(Entry),
}

const KEYWORDS: [&str; 9] =
    ["package", "total", "groups", "ids", "each", "does", "by", "differs", "decides"];
const NOT: &str = "not";

/// The words of a line and of those that go on with it.
struct Line {
    keyword: Range<usize>,
    words: Vec<Range<usize>>,
}

/// Reads the octets `range` of `source`, which stand under the heading `section`.
pub(crate) fn read(source: &Source, range: Range<usize>, section: &str) -> Block {
    let mut reader = Reader { source, section, block: Block::default() };
    let mut entry: Option<Vec<Line>> = None;
    for line in reader.lines(range) {
        let keyword = &source.text()[line.keyword.clone()];
        match keyword {
            "package" | "total" | "groups" => reader.keep(|reader| reader.fact(&line)),
            "ids" => {
                reader.entry(entry.replace(vec![line]));
            }
            _ if !KEYWORDS.contains(&keyword) && keyword != NOT => reader.unknown(&line.keyword),
            _ => match &mut entry {
                Some(lines) => lines.push(line),
                None => {
                    let label = "expected `ids 7.9.1-7.9.2` first".to_owned();
                    let mistake = reader.mistake(&line.keyword, "line outside of an entry", label);
                    reader.block.diagnostics.push(mistake);
                }
            },
        }
    }
    reader.entry(entry);
    reader.block
}

struct Reader<'s> {
    source: &'s Source,
    section: &'s str,
    block: Block,
}

impl Reader<'_> {
    /// The lines with those that go on with them; one without a value is reported and left out.
    fn lines(&mut self, range: Range<usize>) -> Vec<Line> {
        let text = self.source.text();
        let mut lines: Vec<Line> = Vec::new();
        for line in lines_of(text, range) {
            let goes_on = text[line.clone()].starts_with([' ', '\t']);
            let mut words = words(text, line);
            match lines.last_mut() {
                Some(above) if goes_on => above.words.append(&mut words),
                _ if words.is_empty() => {}
                _ => lines.push(Line { keyword: words.remove(0), words }),
            }
        }
        lines.retain(|line| {
            if line.words.is_empty() {
                let title = "empty line of the map";
                self.block.diagnostics.push(Diagnostic::new(
                    self.source,
                    line.keyword.clone(),
                    title,
                    "no value".to_owned(),
                ));
            }
            !line.words.is_empty()
        });
        lines
    }

    /// Keeps what a line says, or what is wrong with it.
    fn keep(&mut self, read: impl FnOnce(&Self) -> Result<Vec<Draft>, Diagnostic>) {
        match read(self) {
            Ok(mut drafts) => self.block.drafts.append(&mut drafts),
            Err(diagnostic) => self.block.diagnostics.push(diagnostic),
        }
    }

    /// A line about the suite as a whole.
    fn fact(&self, line: &Line) -> Result<Vec<Draft>, Diagnostic> {
        let span = whole(&line.words, &line.keyword);
        match self.text(&line.keyword) {
            "package" => {
                Ok(vec![self.draft(&line.keyword, DraftKind::Package(self.joined(&line.words)))])
            }
            "total" => match self.text(&span).parse() {
                Ok(total) => Ok(vec![self.draft(&line.keyword, DraftKind::Total(total))]),
                Err(_) => Err(self.mistake(&span, "malformed total", "expected a number".into())),
            },
            _ => line.words.chunks(2).map(|pair| self.group(pair)).collect(),
        }
    }

    /// `7.9 9,`
    fn group(&self, pair: &[Range<usize>]) -> Result<Draft, Diagnostic> {
        if let [name, count] = pair {
            let group = self.text(name).parse();
            let count = self.text(count).trim_end_matches(',').parse().ok().filter(|&one| one > 0);
            if let (Ok(group), Some(count)) = (group, count) {
                return Ok(self.draft(name, DraftKind::Group(group, count)));
            }
        }
        let span = whole(pair, &(0..0));
        let label = "expected a group and how many cases it has".to_owned();
        Err(self.mistake(&span, "malformed group", label).help("such as `7.7 13, 7.9 9`"))
    }

    fn unknown(&mut self, keyword: &Range<usize>) {
        let word = self.text(keyword);
        let known = KEYWORDS.into_iter().chain([NOT]);
        let names = known.clone().collect::<Vec<_>>().join(", ");
        let label = format!("expected one of {names}, found `{word}`");
        let mistake = self.mistake(keyword, "unknown line of the map", label);
        self.block.diagnostics.push(match closest(word, known) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake,
        });
    }

    /// The entry that these lines make: one, or one for each id where `each` tells them apart.
    fn entry(&mut self, lines: Option<Vec<Line>>) {
        if let Some(lines) = lines {
            self.keep(|reader| reader.entries(&lines));
        }
    }

    fn entries(&self, lines: &[Line]) -> Result<Vec<Draft>, Diagnostic> {
        for (index, line) in lines.iter().enumerate() {
            let keyword = self.text(&line.keyword);
            let above = &lines[..index];
            if keyword != "decides" && above.iter().any(|one| self.text(&one.keyword) == keyword) {
                let label = format!("`{keyword}` stands above already");
                return Err(self.mistake(&line.keyword, "line given twice", label));
            }
        }
        let named = |name: &str| lines.iter().find(|line| self.text(&line.keyword) == name);
        let Some(first) = named("ids") else { return Ok(Vec::new()) };
        let span = whole(&first.words, &first.keyword);
        let incomplete = |label: &str, help: &str| {
            self.mistake(&span, "incomplete entry", label.to_owned()).help(help.to_owned())
        };
        let mut ids: Vec<CaseId> = Vec::new();
        for word in &first.words {
            ids.extend(self.range(word)?.ids());
        }
        let Some(does) = named("does") else {
            return Err(incomplete("what do they do?", "say so on a line `does`"));
        };
        let answer = self.answer(lines, &incomplete)?;
        let entry = Entry {
            ids,
            section: self.section.to_owned(),
            does: self.joined(&does.words),
            answer,
            at: self.source.location(span.start),
        };
        let Some(each) = named("each") else {
            return Ok(vec![self.draft(&span, DraftKind::Entry(entry))]);
        };
        if each.words.len() != entry.ids.len() {
            let label = format!("words: {}, ids: {}", each.words.len(), entry.ids.len());
            let span = whole(&each.words, &each.keyword);
            return Err(self.mistake(&span, "a word for each id", label));
        }
        let words = each.words.iter().map(|word| self.text(word));
        let own = entry.ids.iter().zip(words).map(|(id, word)| {
            self.draft(
                &span,
                DraftKind::Entry(filled(&Entry { ids: vec![*id], ..entry.clone() }, word)),
            )
        });
        Ok(own.collect())
    }

    fn range(&self, word: &Range<usize>) -> Result<IdRange, Diagnostic> {
        self.text(word).parse().map_err(|error| {
            let label = format!("`{}` names no cases", self.text(word));
            self.mistake(word, "malformed id", label)
                .help(format!("{error}; a range has one group, such as 6.5.1-6.5.5"))
        })
    }

    fn answer(
        &self,
        lines: &[Line],
        incomplete: &dyn Fn(&str, &str) -> Diagnostic,
    ) -> Result<Answer, Diagnostic> {
        let named = |name: &str| lines.iter().find(|line| self.text(&line.keyword) == name);
        let decides = lines.iter().filter(|line| self.text(&line.keyword) == "decides");
        let decided_by = decides.map(|line| self.sentence(line)).collect::<Result<Vec<_>, _>>()?;
        let differs = match named("differs") {
            None if decided_by.is_empty() => None,
            None => {
                return Err(incomplete("a sentence decides what?", "say so on a line `differs`"));
            }
            Some(_) if decided_by.is_empty() => {
                let help = "quote it: `decides RFC 6455, 5.5.3: \"...\"`";
                return Err(incomplete("which sentence decides?", help));
            }
            Some(line) => Some(Difference { says: self.joined(&line.words), decided_by }),
        };
        match (named("by"), named(NOT)) {
            (Some(by), None) => {
                let cases = by.words.iter().map(|word| self.text(word).to_owned()).collect();
                Ok(Answer::Ours { cases, differs })
            }
            (None, Some(not)) if differs.is_none() => self.not(not),
            (None, None) => Err(incomplete(
                "nothing asks the same, and no reason is given",
                "name cases on a line `by`, or give the reason on a line `not`",
            )),
            _ => Err(incomplete(
                "something asks the same, or nothing does",
                "either `by`, with `differs` where the verdict is another, or `not`",
            )),
        }
    }

    /// `yet, compression is an extension of its own`
    fn not(&self, line: &Line) -> Result<Answer, Diagnostic> {
        let text = self.joined(&line.words);
        let kinds = [NotKind::Yet, NotKind::Here];
        let read = text.split_once(", ").and_then(|(word, reason)| {
            let kind = kinds.into_iter().find(|kind| kind.as_str() == word)?;
            Some(Answer::Not { kind, reason: reason.to_owned() })
        });
        read.ok_or_else(|| {
            let span = whole(&line.words, &line.keyword);
            let label = "expected `yet, ` or `here, ` and the reason".to_owned();
            self.mistake(&span, "malformed reason", label)
        })
    }

    /// `RFC 6455, 5.5.3: "the sentence"`
    fn sentence(&self, line: &Line) -> Result<Sentence, Diagnostic> {
        let text = self.joined(&line.words);
        let read = text.split_once(": \"").and_then(|(source, quoted)| {
            let text = quoted.strip_suffix('"').filter(|text| !text.is_empty())?;
            let is_cited = source.starts_with("RFC ") && source.contains(", ");
            is_cited.then(|| Sentence { source: source.to_owned(), text: text.to_owned() })
        });
        read.ok_or_else(|| {
            let span = whole(&line.words, &line.keyword);
            let label = "expected a section and what it says there".to_owned();
            self.mistake(&span, "malformed sentence", label)
                .help("such as `RFC 6455, 5.4: \"An unfragmented message consists of ...\"`")
        })
    }

    fn text(&self, span: &Range<usize>) -> &str {
        &self.source.text()[span.clone()]
    }

    /// Words with single spaces.
    fn joined(&self, words: &[Range<usize>]) -> String {
        words.iter().map(|word| self.text(word)).collect::<Vec<_>>().join(" ")
    }

    fn draft(&self, span: &Range<usize>, kind: DraftKind) -> Draft {
        Draft { source: self.source.clone(), span: span.clone(), kind }
    }

    fn mistake(&self, span: &Range<usize>, title: &str, label: String) -> Diagnostic {
        Diagnostic::new(self.source, span.clone(), title, label)
    }
}

/// The entry with `word` in place of each `{}`.
fn filled(entry: &Entry, word: &str) -> Entry {
    let fill = |text: &String| text.replace("{}", word);
    let mut entry = entry.clone();
    entry.does = fill(&entry.does);
    if let Answer::Ours { cases, differs } = &mut entry.answer {
        cases.iter_mut().for_each(|case| *case = fill(case));
        if let Some(differs) = differs {
            differs.says = fill(&differs.says);
        }
    }
    entry
}

/// From the first of the words to the last; `otherwise` where there is none.
fn whole(words: &[Range<usize>], otherwise: &Range<usize>) -> Range<usize> {
    match words {
        [first, .., last] => first.start..last.end,
        [only] => only.clone(),
        [] => otherwise.clone(),
    }
}

/// The words of a line.
fn words(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let inside = &text[line.clone()];
    let start = |word: &str| line.start + (word.as_ptr() as usize - inside.as_ptr() as usize);
    inside.split_whitespace().map(|word| start(word)..start(word) + word.len()).collect()
}
