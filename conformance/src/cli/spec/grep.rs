//! `wsconform spec grep`: where the book says something.

use anstyle::{AnsiColor, Style};
use clap::Args;
use wsconform_spec::Book;

use super::super::{Stop, print};

/// Find text in requirements, scenarios, examples, grammar and prose.
///
/// Prints each line of the book that contains the text, as FILE:LINE:TEXT.
#[derive(Debug, Args)]
#[command(after_help = "Letter case matters if the text has a capital letter.

Examples:
  wsconform spec grep 'reserved bit'
  wsconform spec grep --only grammar OCTET
  wsconform spec grep --only requirements MUST | wc -l

Exit codes: 0 found, 1 not found, 2 wrong usage or bad input.")]
pub(super) struct Grep {
    /// What to look for, as it stands.
    #[arg(value_name = "TEXT")]
    text: String,
    /// Look in one kind of text alone.
    #[arg(long, value_name = "KIND")]
    only: Option<Kind>,
    /// Show so many lines before and behind each.
    #[arg(short = 'C', long, value_name = "LINES", default_value_t = 0)]
    context: usize,
}

/// The kinds of text in a chapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Requirements,
    Scenarios,
    Examples,
    Grammar,
    Prose,
}

impl Grep {
    pub(super) fn run(&self, book: &Book, coloured: bool) -> Result<u8, Stop> {
        if self.text.is_empty() || self.text.contains('\n') {
            return Err(Stop::usage(
                "the text to look for is empty or longer than a line\n\
                 help: lines are searched one by one, such as by `wsconform spec grep MUST`",
            ));
        }
        let found: String = book
            .chapters()
            .iter()
            .map(|chapter| self.chapter(chapter.source(), coloured))
            .collect();
        print(&found);
        Ok(u8::from(found.is_empty()))
    }

    /// The lines of a chapter that are found.
    fn chapter(&self, source: &wsconform_abnf::Source, coloured: bool) -> String {
        let lines: Vec<(Kind, &str)> = kinds(source.text());
        let is_found = |(kind, line): &(Kind, &str)| {
            self.only.is_none_or(|only| only == *kind) && self.places(line).next().is_some()
        };
        let mut shown = String::new();
        let mut last: Option<usize> = None;
        for (index, (_, line)) in lines.iter().enumerate() {
            let around = index.saturating_sub(self.context)
                ..lines.len().min(index.saturating_add(self.context).saturating_add(1));
            let Some(window) = lines.get(around) else { continue };
            if !window.iter().any(is_found) {
                continue;
            }
            let separates = self.context > 0 && last.is_some_and(|last| last + 1 < index);
            if separates {
                shown.push_str("--\n");
            }
            last = Some(index);
            let matches = lines.get(index).is_some_and(is_found);
            let sign = if matches { ':' } else { '-' };
            let place = Paint(AnsiColor::Magenta.on_default(), coloured);
            let number = Paint(AnsiColor::Green.on_default(), coloured);
            shown.push_str(&format!(
                "{}{sign}{}{sign}{}\n",
                place.on(source.name()),
                number.on(&(index + 1).to_string()),
                if matches { self.marked(line, coloured) } else { (*line).to_owned() },
            ));
        }
        shown
    }

    /// Where the text stands in a line, places that do not overlap.
    fn places<'l>(&'l self, line: &'l str) -> impl Iterator<Item = std::ops::Range<usize>> + 'l {
        let exact = self.text.chars().any(char::is_uppercase);
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = line.get(from..)?.char_indices().find_map(|(at, _)| {
                let start = from + at;
                let end = start + beginning(line.get(start..)?, &self.text, exact)?;
                Some(start..end)
            })?;
            from = found.end;
            Some(found)
        })
    }

    fn marked(&self, line: &str, coloured: bool) -> String {
        let paint = Paint(AnsiColor::Red.on_default().bold(), coloured);
        let mut marked = String::new();
        let mut from = 0;
        for place in self.places(line) {
            marked.push_str(line.get(from..place.start).unwrap_or_default());
            marked.push_str(&paint.on(line.get(place.clone()).unwrap_or_default()));
            from = place.end;
        }
        marked + line.get(from..).unwrap_or_default()
    }
}

/// How many octets of `line` are `text`, if it begins with that.
fn beginning(line: &str, text: &str, exact: bool) -> Option<usize> {
    let mut rest = line.chars();
    for wanted in text.chars() {
        let found = rest.next()?;
        let same = found == wanted || (!exact && found.to_lowercase().eq(wanted.to_lowercase()));
        if !same {
            return None;
        }
    }
    Some(line.len() - rest.as_str().len())
}

/// Each line of a chapter and what it belongs to.
fn kinds(text: &str) -> Vec<(Kind, &str)> {
    let mut fence: Option<Kind> = None;
    let mut in_requirement = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        let kind = match (fence, trimmed.strip_prefix("```")) {
            (Some(kind), None) => kind,
            (Some(_), Some(_)) => {
                fence = None;
                Kind::Prose
            }
            (None, Some(language)) => {
                fence = Some(match language.trim() {
                    "abnf" => Kind::Grammar,
                    "example" => Kind::Examples,
                    "scenario" => Kind::Scenarios,
                    _ => Kind::Prose,
                });
                in_requirement = false;
                Kind::Prose
            }
            (None, None) => {
                in_requirement = !trimmed.is_empty()
                    && (in_requirement || (trimmed.starts_with("r[") && trimmed.ends_with(']')));
                if in_requirement { Kind::Requirements } else { Kind::Prose }
            }
        };
        lines.push((kind, line));
    }
    lines
}

/// A colour, where colours are wanted.
struct Paint(Style, bool);

impl Paint {
    fn on(&self, text: &str) -> String {
        match self.1 {
            true => format!("{}{text}{}", self.0.render(), self.0.render_reset()),
            false => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, line: &str) -> Vec<(usize, usize)> {
        let grep = Grep { text: text.to_owned(), only: None, context: 0 };
        grep.places(line).map(|place| (place.start, place.end)).collect()
    }

    #[test]
    fn capitals_matter_where_the_text_has_some() {
        assert_eq!(found("must", "MUST must"), [(0, 4), (5, 9)]);
        assert_eq!(found("MUST", "MUST must"), [(0, 4)]);
        assert_eq!(found("é", "aÉé"), [(1, 3), (3, 5)]);
        assert_eq!(found("aa", "aaa"), [(0, 2)]);
        assert_eq!(found("b", "aaa"), []);
    }

    #[test]
    fn lines_belong_to_what_they_are_part_of() {
        let text =
            "# Title\nr[a.b]\nA MUST.\n*Binds:* x.\n\nprose\n```abnf\na = b\n```\n```\nhttp\n```\n";
        let kinds: Vec<_> = kinds(text).iter().map(|(kind, _)| *kind).collect();
        use Kind::{Grammar, Prose, Requirements};
        assert_eq!(kinds[..6], [Prose, Requirements, Requirements, Requirements, Prose, Prose]);
        assert_eq!(kinds[6..], [Prose, Grammar, Prose, Prose, Prose, Prose]);
    }
}
