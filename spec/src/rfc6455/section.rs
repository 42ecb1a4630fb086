//! Sections of RFC 6455, and the citations of them in sources.

use std::fmt;

use crate::map::Mistake;
use crate::rfc6455::text::Rfc;

/// A section of RFC 6455 that exists: its numbers, 0 where it has fewer than three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Section([u8; 3]);

impl Section {
    /// Reads `4.2.1`; nothing if these are not one to three numbers.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut numbers = [0; 3];
        let mut places = numbers.iter_mut();
        for part in text.split('.') {
            let is_number = part.bytes().all(|octet| octet.is_ascii_digit());
            let number = part.parse().ok().filter(|number| is_number && *number > 0)?;
            *places.next()? = number;
        }
        Some(Self(numbers))
    }

    /// The number of the chapter that it is part of.
    pub fn chapter(self) -> u8 {
        self.0[0]
    }
}

impl fmt::Display for Section {
    /// As it is cited: `4.2.1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> =
            self.0.iter().filter(|one| **one > 0).map(ToString::to_string).collect();
        f.pad(&numbers.join("."))
    }
}

const NAME: &str = "RFC 6455,";

/// The sections that a source cites, in its order: those behind `RFC 6455,`. Other works are passed
/// over.
pub(crate) fn cited(source: &str) -> Result<Vec<Section>, Mistake> {
    let mut sections = Vec::new();
    let mut at = 0;
    for work in source.split(';') {
        let start = at + (work.len() - work.trim_start().len());
        at += work.len() + 1;
        let Some(list) = work.trim_start().strip_prefix(NAME) else { continue };
        let mut word_at = start + NAME.len();
        for word in list.split_inclusive(char::is_whitespace) {
            let number = word.trim().trim_end_matches(',');
            let span = word_at..word_at + number.len();
            word_at += word.len();
            if number.is_empty() || number == "and" {
                continue;
            }
            match Section::read(number).filter(|section| Rfc::embedded().title(*section).is_some())
            {
                Some(section) => sections.push(section),
                None => {
                    let label = "RFC 6455 has no such section".to_owned();
                    let help = "it is cited as `RFC 6455, 4.2.1, 4.2.2 and 5.2`".to_owned();
                    return Err(Mistake { span, label, help });
                }
            }
        }
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_read() {
        for (source, expected) in [
            ("this book; RFC 9110, 5.1", "Ok()"),
            ("RFC 6455, 4.2.1", "Ok(4.2.1)"),
            (
                "RFC 9110, 7.8; RFC 6455, 4.2.1,\n4.2.2 and 10.7; RFC 9112, 3.2",
                "Ok(4.2.1 4.2.2 10.7)",
            ),
            ("US 9,331,890, claim 5; RFC 6455, 4.1 and 3", "Ok(4.1 3)"),
            ("RFC 6455, 5.9", "Err(\"5.9\")"),
            ("RFC 6455, 5.1 (so)", "Err(\"(so)\")"),
            ("RFC 6455, 05.1.1.1", "Err(\"05.1.1.1\")"),
        ] {
            let told = match cited(source) {
                Ok(found) => {
                    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
                    format!("Ok({})", found.join(" "))
                }
                Err(mistake) => format!("Err({:?})", &source[mistake.span]),
            };
            assert_eq!(told, expected, "{source}");
        }
    }
}
