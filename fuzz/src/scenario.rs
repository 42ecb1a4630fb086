//! Text as a block of scenarios: read, checked, and every mistake drawn.

use std::sync::OnceLock;

use wsconform_abnf::{Diagnostic, Source};
use wsconform_spec::Book;
use wsconform_spec::scenario::{RequirementFacts, cases, check, parse_block};

/// Reads a text; what is no UTF-8 is no text.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let source = Source::new("fuzz.md", text);
    let scenarios = match parse_block(&source, 0..text.len()) {
        Ok(scenarios) => scenarios,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            return draw(&problems, text);
        }
    };
    let problems = check(&scenarios, facts());
    draw(&problems, text);
    if problems.is_empty() {
        for scenario in &scenarios {
            let cases = cases(scenario);
            let rows_come_later = scenario.rows.as_ref().is_some_and(|rows| rows.vectors.is_some());
            assert!(
                rows_come_later || !cases.is_empty(),
                "{} is sound, but has no case",
                scenario.id
            );
        }
    }
}

/// Draws the first few diagnostics, each of which has to point into the text.
fn draw(problems: &[Diagnostic], text: &str) {
    for problem in problems {
        let span = problem.span();
        assert!(span.start <= span.end && span.end <= text.len(), "{span:?} is not in the text");
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
    }
    for problem in problems.iter().take(4) {
        assert!(!problem.render(false).is_empty());
    }
}

/// The requirements of the book.
fn facts() -> &'static RequirementFacts {
    static FACTS: OnceLock<RequirementFacts> = OnceLock::new();
    FACTS.get_or_init(|| {
        let book = Book::embedded().expect("the book is sound");
        RequirementFacts::new(book.requirements().values().map(|requirement| {
            let parties = requirement.binds.iter().map(|party| party.to_string());
            (requirement.id.as_str().to_owned(), parties.collect())
        }))
    })
}
