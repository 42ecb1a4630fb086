//! A place of RFC 6455 as an entry of its map names it.

use std::fmt;

use super::section::Section;
use super::text::Rfc;
use crate::map::Mistake;
use crate::requirement::KeyWord;

/// Key words of one section that demand one thing: `4.1, 948 MUST, 949 MUST`, or `4.1, 933 MUST MUST`
/// for two on one line. A line without a key word is a sentence that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The section.
    pub section: Section,
    /// Lines of the text, from 1, and the key words on them, in order; at least one.
    pub words: Vec<(u16, Option<KeyWord>)>,
}

impl Passage {
    /// The line on which it begins.
    pub fn line(&self) -> u16 {
        self.words.first().map_or(0, |(line, _)| *line)
    }

    /// The sentences of the RFC that its key words stand in, each once.
    pub fn sentences(&self) -> Vec<&'static str> {
        let mut sentences: Vec<&'static str> = Rfc::embedded()
            .obligations()
            .iter()
            .filter(|one| self.words.contains(&(one.line, Some(one.key_word))))
            .map(|one| one.sentence.as_str())
            .collect();
        sentences.dedup();
        sentences
    }
}

impl fmt::Display for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.section.to_string();
        let mut last = None;
        for (line, word) in &self.words {
            if last != Some(line) {
                text.push_str(&format!(", {line}"));
            }
            if let Some(word) = word {
                text.push_str(&format!(" {}", word.as_str()));
            }
            last = Some(line);
        }
        f.pad(&text)
    }
}

/// Reads what [`Passage`] displays.
pub(super) fn read(text: &str) -> Result<Passage, Mistake> {
    let mistake = |part: &str, label: &str| {
        // The part is a slice of the text, so this is its place.
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Mistake {
            span: start..start + part.len(),
            label: label.to_owned(),
            help: "it is `4.1, 948 MUST, 949 MUST`: the section, and each line with its key word"
                .to_owned(),
        }
    };
    let (number, rest) = text.split_once(',').unwrap_or((text, ""));
    let section =
        Section::read(number).ok_or_else(|| mistake(number, "expected the number of a section"))?;
    let mut words = Vec::new();
    for part in rest.split(',').map(str::trim) {
        let (number, mut rest) = part.split_once(' ').unwrap_or((part, ""));
        let line = number.parse().map_err(|_| mistake(part, "expected the number of a line"))?;
        if rest.is_empty() {
            words.push((line, None));
        }
        while !rest.is_empty() {
            let word = KeyWord::begins(rest)
                .ok_or_else(|| mistake(rest, "expected a key word of RFC 2119"))?;
            words.push((line, Some(word)));
            rest = rest[word.as_str().len()..].trim_start();
        }
    }
    Ok(Passage { section, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_read_as_they_are_displayed() {
        for text in ["4.1, 948 MUST, 949 MUST", "10.4, 2 MUST NOT MAY, 3 MAY", "5.5.3, 2057"] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_malformed_is_told() {
        let told = ["", "4.1", "x, 3", "4.1, MUST", "4.1, 948 must", "4.1, 1 MUST,", "4.1, 70000"];
        let told = told.map(|text| {
            let Mistake { span, label, .. } = read(text).unwrap_err();
            format!("{text:15}|{:?}: {label}", &text[span])
        });
        insta::assert_snapshot!(told.join("\n"), @r#"
                       |"": expected the number of a section
        4.1            |"": expected the number of a line
        x, 3           |"x": expected the number of a section
        4.1, MUST      |"MUST": expected the number of a line
        4.1, 948 must  |"must": expected a key word of RFC 2119
        4.1, 1 MUST,   |"": expected the number of a line
        4.1, 70000     |"70000": expected the number of a line
        "#);
    }
}
