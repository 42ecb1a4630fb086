//! The scenario language: the grammar and the parser agree on every block and on what it becomes
//! by small mistakes.

use wsconform_abnf::Source;
use wsconform_abnf::program::Given;
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_spec::scenario::parse_block;

use super::{blocks, book, program};

/// What the parser tells that the grammar does not say, by the titles of diagnostics; chapter 00
/// lists them.
const BEYOND: [&str; 4] =
    ["row of the wrong length", "range upside down", "calls nested too deeply", "number too large"];

#[test]
fn parser_and_grammar_agree_on_the_book() {
    let book = book();
    let program = program(&book);
    let judge = Judge::new(&program);
    let blocks = blocks(&book, "scenario");
    assert!(blocks.len() > 100);
    for (place, block) in &blocks {
        assert!(judge.agree(block), "{place}: neither parser nor grammar take this:\n{block}");
    }
}

/// Small mistakes in scenarios that use the whole language, and in those of the book.
#[test]
fn parser_and_grammar_agree_on_mutations() {
    const WORKED: &str = include_str!("../scenario/worked.scenario");
    let book = book();
    let program = program(&book);
    let judge = Judge::new(&program);
    let (mut taken, mut refused) = (0, 0);
    let mut count = |block: &str| match judge.agree(block) {
        true => taken += 1,
        false => refused += 1,
    };
    assert!(judge.agree(WORKED));
    // One by one, for that is faster.
    for scenario in WORKED.split_inclusive("\n\n") {
        each_mutation(scenario, 13, &mut count);
    }
    for (_, block) in blocks(&book, "scenario") {
        each_mutation(&block, 397, &mut count);
    }
    assert!(taken > 500 && refused > 500, "{taken} taken, {refused} refused");
}

/// Every `stride`th of the texts that differ from `block` by a token or character that is left out,
/// doubled, exchanged for its neighbour, or replaced.
fn each_mutation(block: &str, stride: usize, visit: &mut impl FnMut(&str)) {
    let mut number = 0;
    let mut visit = |parts: &[&str]| {
        number += 1;
        if number % stride == 0 {
            visit(&parts.concat());
        }
    };
    for pieces in [tokens(block), characters(block)] {
        for (index, piece) in pieces.iter().enumerate() {
            let (before, behind) = (&pieces[..index], &pieces[index + 1..]);
            let (before, behind) = (before.concat(), behind.concat());
            // A block ends with its line, always.
            if behind.is_empty() {
                continue;
            }
            visit(&[&before, &behind]);
            visit(&[&before, piece, piece, &behind]);
            if let Some(next) = pieces.get(index + 1)
                && behind.len() > next.len()
            {
                visit(&[&before, next, piece, &behind[next.len()..]]);
            }
            for other in OTHERS {
                visit(&[&before, other, &behind]);
            }
        }
    }
}

/// What a piece is replaced by.
const OTHERS: [&str; 16] = [
    " ", "\n", "\r\n", ";", ":", ",", ".", "-", "\"", "$a", "<00>", "7", "A", "scenario", "or",
    "\u{20AC}",
];

fn characters(block: &str) -> Vec<&str> {
    block.char_indices().map(|(at, one)| &block[at..at + one.len_utf8()]).collect()
}

/// Words, runs of blanks, and single signs.
fn tokens(block: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = block;
    while let Some(first) = rest.chars().next() {
        let word = |one: char| one.is_ascii_alphanumeric() || "$-.".contains(one);
        let length = match first {
            ' ' => rest.find(|one| one != ' '),
            _ if word(first) => rest.find(|one| !word(one)),
            '"' | '<' => rest[1..].find(['"', '>']).map(|end| end + 2),
            _ => Some(first.len_utf8()),
        };
        let (token, behind) = rest.split_at(length.unwrap_or(rest.len()));
        tokens.push(token);
        rest = behind;
    }
    tokens
}

struct Judge<'p> {
    program: &'p wsconform_abnf::program::Program,
    matcher: Matcher<'p>,
}

impl<'p> Judge<'p> {
    fn new(program: &'p wsconform_abnf::program::Program) -> Self {
        match Matcher::new(program, "scenario-block") {
            Some(matcher) => Self { program, matcher },
            None => panic!("the book has no scenario-block"),
        }
    }

    /// Whether both take `block`; panics if one alone does.
    fn agree(&self, block: &str) -> bool {
        let verdict = self.matcher.recognise(block.as_bytes(), &Given::default());
        let by_grammar = match &verdict {
            Verdict::Match(_) => true,
            Verdict::Mismatch(_) | Verdict::Incomplete => false,
            Verdict::Undecided(why) => panic!("undecided, {why}:\n{block}"),
        };
        let source = Source::new("block", block);
        match parse_block(&source, 0..block.len()) {
            Ok(_) if by_grammar => true,
            Ok(_) => {
                let why = match verdict {
                    Verdict::Mismatch(mismatch) => mismatch.describe(self.program),
                    _ => "incomplete".to_owned(),
                };
                panic!("the parser takes this, the grammar does not ({why}):\n{block}")
            }
            Err(diagnostics) => {
                let told_by_grammar = diagnostics.iter().any(|one| !BEYOND.contains(&one.title()));
                assert!(
                    !(by_grammar && told_by_grammar),
                    "the grammar takes this, the parser does not ({}):\n{block}",
                    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
                );
                false
            }
        }
    }
}
