//! Sentences of the book's grammar, generated.

use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::{Given, Options, Program};
use wsconform_abnf::recognise::{Matcher, Verdict};
use wsconform_spec::Book;
use wsconform_spec::grammar::ENTRIES;

#[test]
fn sentences_of_every_entry_match() {
    let book = Book::embedded().unwrap_or_else(|error| panic!("{error}"));
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let mut failures = Vec::new();
    for entry in ENTRIES {
        let given = Given::read(&program, entry.context.iter().copied()).unwrap();
        let generator = Generator::new(&program, &given);
        let matcher = Matcher::new(&program, entry.rule).unwrap();
        let reference = program.entry(entry.rule).unwrap();
        for seed in 0..100 {
            let tape = if seed == 0 { Tape::new(&[]) } else { Tape::seeded(seed) };
            let sentence = match generator.sentence(reference, tape, Limits::default()) {
                Ok(sentence) => sentence,
                Err(error) => {
                    failures.push(format!("{} {seed}: {error}", entry.name));
                    break;
                }
            };
            let verdict = matcher.recognise(&sentence, &given);
            if !matches!(verdict, Verdict::Match(_)) {
                let text = sentence.escape_ascii().to_string();
                failures.push(format!("{} {seed}: {text}\n   {verdict:?}", entry.name));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn choices_of_every_entry_are_made() {
    let book = Book::embedded().unwrap_or_else(|error| panic!("{error}"));
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    for entry in ENTRIES {
        let start = std::time::Instant::now();
        let given = Given::read(&program, entry.context.iter().copied()).unwrap();
        let generator = Generator::new(&program, &given);
        let points = wsconform_abnf::cover::Points::new(&program, &[program.rule_id(entry.rule).unwrap()]);
        let found = wsconform_abnf::cover::members(&generator, entry.rule, &points, &[]).unwrap();
        eprintln!("{}: {} points, {} sentences, {} missed, {:?}", entry.name, points.len(), found.sentences.len(), found.missed.len(), start.elapsed());
        for (number, missed) in found.missed {
            eprintln!("     {}: {missed}", points.describe(points.get(number).unwrap()));
        }
    }
    panic!();
}
