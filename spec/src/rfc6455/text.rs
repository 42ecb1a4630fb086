//! The text of RFC 6455: its sections, and each key word with its sentence.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::section::Section;
use crate::requirement::KeyWord;

/// The text as it was published, with its page heads and feet.
const TEXT: &str = include_str!("../../rfc/rfc6455.txt");

/// What was read of it.
pub struct Rfc {
    titles: BTreeMap<Section, String>,
    obligations: Vec<Obligation>,
    /// The section of each line that is part of one, by its number.
    lines: BTreeMap<u16, Section>,
}

/// A key word in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// The section.
    pub section: Section,
    /// The line of the file on which the key word begins, from 1.
    pub line: u16,
    /// Which.
    pub key_word: KeyWord,
    /// The sentence around it, on one line.
    pub sentence: String,
}

impl Rfc {
    /// RFC 6455.
    pub fn embedded() -> &'static Self {
        static RFC: LazyLock<Rfc> = LazyLock::new(|| Rfc::read(TEXT));
        &RFC
    }

    /// The title of a section, if it exists.
    pub fn title(&self, section: Section) -> Option<&str> {
        self.titles.get(&section).map(String::as_str)
    }

    /// The key words of all sections in the order of the text.
    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }

    /// The section of a line, from 1; nothing for page heads, and for what no section holds.
    pub(crate) fn section_of(&self, line: u16) -> Option<Section> {
        self.lines.get(&line).copied()
    }

    /// Reads a text of the RFC Editor: sections begin with a number at the left margin, paragraphs
    /// are indented, and pages end with a foot, a form feed and a head.
    fn read(text: &str) -> Self {
        let mut rfc =
            Self { titles: BTreeMap::new(), obligations: Vec::new(), lines: BTreeMap::new() };
        let mut section = None;
        let mut paragraph = Paragraph::default();
        for (number, line) in (1..).zip(text.lines()) {
            if is_foot(line) || is_head(line) {
                paragraph.meets_page_end();
                continue;
            }
            if let Some((found, title)) = heading(line) {
                rfc.close(section, &mut paragraph);
                rfc.titles.insert(found, title.to_owned());
                section = Some(found);
            } else if line.trim().is_empty() {
                paragraph.meets_blank();
            } else {
                if !paragraph.goes_on_with(line) {
                    rfc.close(section, &mut paragraph);
                }
                paragraph.push(number, line);
            }
            if let Some(section) = section {
                rfc.lines.insert(number, section);
            }
        }
        rfc.close(section, &mut paragraph);
        rfc
    }

    fn close(&mut self, section: Option<Section>, paragraph: &mut Paragraph) {
        let paragraph = std::mem::take(paragraph);
        if let Some(section) = section {
            self.obligations.extend(paragraph.obligations(section));
        }
    }
}

/// `4.1.  Client Requirements` at the left margin; the table of contents is indented.
fn heading(line: &str) -> Option<(Section, &str)> {
    let (number, title) = line.split_once(".  ")?;
    Some((Section::read(number)?, title.trim()))
}

fn is_foot(line: &str) -> bool {
    line.ends_with(']') && line.contains("[Page ") && !line.starts_with(' ')
}

/// `RFC 6455                 The WebSocket Protocol            December 2011`
fn is_head(line: &str) -> bool {
    line.starts_with('\u{c}') || line.starts_with("RFC ") && line.contains("   ")
}

/// A line without the `o  ` or `10.  ` of a list.
fn without_bullet(line: &str) -> &str {
    let is_bullet = |text: &str| {
        text == "o" || text.strip_suffix('.').is_some_and(|one| one.parse::<u8>().is_ok())
    };
    match line.trim_start().split_once("  ") {
        Some((bullet, rest)) if is_bullet(bullet) => rest,
        _ => line,
    }
}

/// The words of a paragraph, with their lines.
#[derive(Default)]
struct Paragraph<'t> {
    words: Vec<Word<'t>>,
    /// What has come since its last line.
    gap: Gap,
}

struct Word<'t> {
    text: &'t str,
    line: u16,
    /// Whether it stands at the end of its line, or two spaces before the next.
    is_spaced: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    Blank,
    /// The end of a page, with blank lines about it.
    Page,
}

impl<'t> Paragraph<'t> {
    fn meets_blank(&mut self) {
        if self.gap == Gap::None {
            self.gap = Gap::Blank;
        }
    }

    fn meets_page_end(&mut self) {
        self.gap = Gap::Page;
    }

    /// A page may end within a paragraph, which then goes on in the middle of a sentence.
    fn goes_on_with(&self, line: &str) -> bool {
        match self.gap {
            Gap::None => true,
            Gap::Blank => false,
            Gap::Page => {
                let is_item = line.trim_start().starts_with("o  ");
                !is_item && self.words.last().is_some_and(|last| !last.text.ends_with(['.', ':']))
            }
        }
    }

    fn push(&mut self, number: u16, line: &'t str) {
        self.gap = Gap::None;
        let line = if self.words.is_empty() { without_bullet(line) } else { line };
        for piece in line.split("  ") {
            let first = self.words.len();
            let words = piece.split_whitespace();
            self.words.extend(words.map(|text| Word { text, line: number, is_spaced: false }));
            if let Some(last) = self.words.get_mut(first..).and_then(<[_]>::last_mut) {
                last.is_spaced = true;
            }
        }
    }

    fn obligations(&self, section: Section) -> Vec<Obligation> {
        let mut obligations = Vec::new();
        let mut at = 0;
        while let Some(word) = self.words.get(at) {
            let Some((key_word, length)) = self.key_word(at) else {
                at += 1;
                continue;
            };
            let sentence = self.sentence(at);
            obligations.push(Obligation { section, line: word.line, key_word, sentence });
            at += length;
        }
        obligations
    }

    /// The longest key word that begins here, and of how many words it consists.
    fn key_word(&self, at: usize) -> Option<(KeyWord, usize)> {
        let bare = |index: usize| {
            let word = self.words.get(index)?;
            Some(word.text.trim_matches(|one: char| !one.is_alphanumeric()))
        };
        let first = bare(at)?;
        let double = bare(at + 1).map(|second| format!("{first} {second}"));
        let named = |text: &str| KeyWord::ALL.into_iter().find(|known| known.as_str() == text);
        let double = double.and_then(|text| named(&text)).map(|word| (word, 2));
        double.or_else(|| named(first).map(|word| (word, 1)))
    }

    /// The sentence that the word is part of.
    fn sentence(&self, at: usize) -> String {
        let starts = (0..=at).rev().find(|index| *index == 0 || self.ends_at(index - 1));
        let ends = (at..self.words.len()).find(|index| self.ends_at(*index));
        let range = starts.unwrap_or(0)..ends.map_or(self.words.len(), |last| last + 1);
        let words = self.words.get(range).unwrap_or_default();
        words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
    }

    /// Whether a sentence ends with this word: with a full stop, two spaces or a line end, and a
    /// capital behind.
    fn ends_at(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else { return true };
        let Some(next) = self.words.get(at + 1) else { return true };
        let closed = word.text.trim_end_matches([')', '"', '_']);
        let is_abbreviated = matches!(closed.trim_start_matches('('), "cf." | "e.g." | "i.e.");
        let begins = next.text.trim_start_matches(['(', '"', '_', '|']);
        word.is_spaced
            && closed.ends_with('.')
            && !is_abbreviated
            && begins.starts_with(char::is_uppercase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "\
Table of Contents

   1.  Words .......... 2

1.  Words

   A client MUST wait (cf. Section 1).  A server may hurry, or MUST
   NOT: it is

Somebody                  Standards Track                    [Page 1]
\u{c}
RFC 1                       A Protocol                    December 2011


   said that it MAY.

   o  An item SHOULD end

Somebody                  Standards Track                    [Page 2]
\u{c}
RFC 1                       A Protocol                    December 2011

   o  before this OPTIONAL one, which MUSTARD and does NOT.

1.1.  Grammar

   bit = %x0     ; MUST be 0 unless
                 ; told
";

    #[test]
    fn key_words_are_found_with_their_sentences() {
        let rfc = Rfc::read(SMALL);
        let told = rfc.obligations().iter().map(|one| {
            format!("{} {} {}: {}\n", one.section, one.line, one.key_word.as_str(), one.sentence)
        });
        insta::assert_snapshot!(told.collect::<String>(), @r"
        1 7 MUST: A client MUST wait (cf. Section 1).
        1 7 MUST NOT: A server may hurry, or MUST NOT: it is said that it MAY.
        1 15 MAY: A server may hurry, or MUST NOT: it is said that it MAY.
        1 17 SHOULD: An item SHOULD end
        1 23 OPTIONAL: before this OPTIONAL one, which MUSTARD and does NOT.
        1.1 27 MUST: bit = %x0 ; MUST be 0 unless ; told
        ");
        assert_eq!(rfc.title(Section::read("1.1").unwrap()), Some("Grammar"));
        assert_eq!(rfc.section_of(10), None, "the foot of a page");
    }

    /// Each word in capitals that could be a key word is one, or is known not to be.
    #[test]
    fn no_key_word_is_passed_over() {
        let rfc = Rfc::embedded();
        let known = ["MUST", "SHALL", "SHOULD", "MAY", "REQUIRED", "RECOMMENDED", "OPTIONAL"];
        let in_lines = |line: &str| {
            let words = line.split(|one: char| !one.is_alphanumeric());
            words.filter(|word| known.contains(word)).count()
        };
        let body = TEXT.lines().skip_while(|line| *line != "1.  Introduction");
        let counted: usize = body.map(in_lines).sum();
        // In "NOT RECOMMENDED" of 2.1, each counts once.
        assert_eq!(rfc.obligations().len(), counted);
        assert!(counted > 190, "{counted}");
    }
}
