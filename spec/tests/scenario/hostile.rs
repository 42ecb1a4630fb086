//! Any text is read: no panic, no endless recursion, and every diagnostic stands in the block.

use std::ops::Range;

use proptest::prelude::*;
use wsconform_abnf::{Diagnostic, Source};
use wsconform_spec::Book;
use wsconform_spec::scenario::{RequirementFacts, cases, check, parse_block};

/// Reads the octets `range` of a text, checks and lists what it holds; gives what is wrong.
fn exercise(text: &str, range: Range<usize>) -> Vec<Diagnostic> {
    let source = Source::new("any", text);
    let facts = RequirementFacts::new([("contract.echo".into(), vec!["server".into()])]);
    let problems = match parse_block(&source, range.clone()) {
        Ok(scenarios) => {
            scenarios.iter().for_each(|scenario| drop(cases(scenario)));
            check(&scenarios, &facts)
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            problems
        }
    };
    for problem in &problems {
        let span = problem.span();
        assert!(range.start <= span.start && span.end <= range.end, "{problem} at {span:?}");
        assert!(!problem.label().is_empty() && !problem.title().is_empty());
    }
    problems
}

/// As in a chapter: something stands before the block and behind it.
fn exercise_in_chapter(block: &str) {
    let text = format!("é\n```scenario\n{block}\n```\n");
    let problems = exercise(&text, "é\n```scenario\n".len()..text.len() - "\n```\n".len());
    for problem in problems.iter().take(3) {
        assert!(!problem.render(false).is_empty());
    }
}

/// The scenario blocks of the book, as texts.
fn blocks() -> Vec<String> {
    let book = Book::embedded();
    let chapters = book.iter().flat_map(Book::chapters);
    chapters
        .flat_map(|chapter| chapter.source().text().split("```scenario\n").skip(1))
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// Words and the blanks between them, alternately.
fn tokens(block: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut blank = false;
    for (offset, character) in block.char_indices() {
        if character.is_whitespace() != blank {
            tokens.push(&block[at..offset]);
            (at, blank) = (offset, !blank);
        }
    }
    tokens.push(&block[at..]);
    tokens
}

const PIECES: [&str; 87] = [
    "connections",
    "limit",
    "hold",
    "pieces of",
    "for $i in",
    "scenario",
    "a.b",
    "roles",
    "server",
    "client",
    "gateway",
    "app",
    "echo",
    "tags",
    "slow",
    "needs",
    "capability",
    "rate-control",
    "case",
    "for",
    "in",
    "x",
    "y",
    "\n",
    "\n  ",
    "\r\n",
    "\t",
    ",",
    "open",
    "with",
    "as",
    "$rate",
    "$x",
    "$x.burst",
    "setup",
    "agree",
    "wait",
    "within",
    "since",
    "heartbeat",
    "control-setup",
    "connect",
    "accept",
    "tcp",
    "send",
    "expect",
    "any-order",
    "or",
    "observe",
    "when",
    "is",
    "measure",
    "data",
    "2s",
    "at-most",
    "at-least",
    "*",
    "+",
    "-",
    "let",
    "=",
    "check",
    "equal",
    "(",
    ")",
    "first",
    ":",
    "contract.echo",
    "&",
    "octets",
    "text",
    "frame",
    "close",
    "1002",
    "..",
    "|",
    "0x1F",
    "0.5",
    "fin=0",
    "+=",
    "without",
    "RATE",
    "control",
    "\"é\"",
    "<82 04>",
    "; x",
    "\"",
];

proptest! {
    #[test]
    fn any_text(text in any::<String>()) {
        exercise(&text, 0..text.len());
        exercise_in_chapter(&text);
    }

    #[test]
    fn any_words(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..80)) {
        exercise_in_chapter(&pieces.join(" "));
        exercise_in_chapter(&pieces.concat());
    }

    #[test]
    fn any_slip_in_the_book(
        block in prop::sample::select(blocks()),
        slips in prop::collection::vec((any::<prop::sample::Index>(), 0..4, 0..PIECES.len()), 1..4),
    ) {
        let mut tokens = tokens(&block);
        for (place, kind, piece) in slips {
            if tokens.is_empty() {
                break;
            }
            let place = place.index(tokens.len());
            match kind {
                0 => drop(tokens.remove(place)),
                1 => tokens.insert(place, tokens[place]),
                2 => tokens[place] = PIECES[piece],
                _ => {
                    let other = piece % tokens.len();
                    tokens.swap(place, other);
                }
            }
        }
        exercise_in_chapter(&tokens.concat());
    }
}

/// The book itself is read without a problem of syntax; only its other names are unknown here.
#[test]
fn the_blocks_of_the_book_are_read() {
    let blocks = blocks();
    assert!(blocks.len() > 50, "only {} blocks were found", blocks.len());
    for block in blocks {
        assert!(
            parse_block(&Source::new("block", block.as_str()), 0..block.len()).is_ok(),
            "{block}"
        );
    }
}

#[test]
fn deep_calls_are_refused() {
    let nested = "first(1, ".repeat(100_000);
    let text = format!("scenario a.b\nroles server\nopen\nsend text {nested}\n");
    let problems = exercise(&text, 0..text.len());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].title(), "calls nested too deeply");
}

#[test]
fn long_chains_of_needs_are_followed() {
    let scenario = |index: usize, needs: usize| {
        format!("scenario chain.c{index}\nroles server\nneeds case chain.c{needs}\nopen\n")
    };
    let count = 20_000;
    let mut text: String = (0..count).map(|index| scenario(index, index + 1)).collect();
    text.push_str(&scenario(count, 0));
    let problems = exercise(&text, 0..text.len());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].title(), "scenario `chain.c0` needs itself");
}

#[test]
fn many_mistakes_take_their_time_once() {
    let text = format!(
        "scenario a.b\nroles server\nfor x in 1{}\nopen\n{}",
        (2..5_000).map(|number| format!(", {number}")).collect::<String>(),
        "send text $x\n".repeat(5_000),
    );
    assert_eq!(exercise(&text, 0..text.len()).len(), 4_999, "each bad cell is reported once");
}
