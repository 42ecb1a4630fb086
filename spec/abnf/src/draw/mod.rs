//! Draws rules as SVG: railroad diagrams, and boxes of octets and bits.
//!
//! A drawing is well-formed XML, needs nothing from outside, and is legible on light and dark
//! ground. Several in one HTML page share one style sheet: draw them with `style: false` and put
//! [`STYLE`] into the page.
//!
//! ```
//! use wsconform_abnf::draw::{Pen, boxes, railroad};
//! use wsconform_abnf::{Grammar, Source};
//!
//! let text = "head = flags [key]\nflags = OCTET ;@ bits last:1 kind:7\nkey = 4OCTET\n";
//! let grammar = Grammar::read(&Source::new("head.abnf", text)).unwrap();
//! let head = grammar.rule("head").unwrap();
//! let pen = Pen { link: &|rule| Some(format!("#{rule}")), style: true };
//! assert!(railroad(head, &pen).starts_with("<svg"));
//! assert!(boxes(&grammar, head, &pen).unwrap().contains("kind"));
//! ```

mod boxes;
mod layout;
mod railroad;
mod sizes;
mod terminal;

use crate::GrammarRule;
use crate::directive::{Typed, parse};

pub use boxes::boxes;
pub use railroad::railroad;

/// How to draw.
#[derive(Clone, Copy)]
pub struct Pen<'p> {
    /// Where the definition of a rule stands, given its name as it stands in the rule that is drawn
    /// (see `Grammar::resolve`); `None` for no link.
    pub link: &'p dyn Fn(&str) -> Option<String>,
    /// Whether the drawing carries [`STYLE`].
    pub style: bool,
}

/// The style sheet of all drawings (CSS); its selectors begin with `svg.railroad` or `svg.octets`.
pub const STYLE: &str = include_str!("style.css");

/// The directives of a rule, and the text of those that cannot be read.
fn directives(rule: &GrammarRule) -> (Vec<Typed>, Vec<&str>) {
    let mut typed = Vec::new();
    let mut other = Vec::new();
    for (source, directive) in rule.directives() {
        match parse(source, directive.span.clone()) {
            Ok(one) => typed.push(one),
            Err(_) => other.push(directive.text.as_str()),
        }
    }
    (typed, other)
}

/// Text that may stand in XML 1.0, which knows few control characters.
fn clean(text: &str) -> String {
    let allowed = |character: char| {
        !matches!(character, '\u{0}'..='\u{1F}' | '\u{7F}' | '\u{FFFE}' | '\u{FFFF}')
    };
    text.chars().map(|one| if allowed(one) { one } else { '\u{FFFD}' }).collect()
}

/// The width of text in a monospaced font, given that of a character, in tenths of a pixel.
fn text_width(text: &str, tenths: i64) -> i64 {
    let columns = i64::try_from(text.chars().count()).unwrap_or(i64::MAX / 1_000);
    (columns * tenths + 9) / 10
}
