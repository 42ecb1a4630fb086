//! Sentences of the book's grammar, generated.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use wsconform_abnf::cover::{Point, Points, members, near_misses};
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

/// Nothing in the grammar of frames is there that no frame shows, in one context or another.
#[test]
fn frames_make_every_choice_that_can_be_made() {
    let book = Book::embedded().unwrap_or_else(|error| panic!("{error}"));
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let frame = program.rule_id("frame").unwrap();
    let points = Points::new(&program, &[frame]);
    let mut missing = vec![true; points.len()];
    for entry in ENTRIES.iter().filter(|entry| entry.rule == "frame") {
        let given = Given::read(&program, entry.context.iter().copied()).unwrap();
        let generator = Generator::new(&program, &given);
        let found = members(&generator, "frame", &points, &[]).unwrap();
        for number in found.sentences.iter().flat_map(|one| &one.takes) {
            missing[*number] = false;
        }
    }
    // These need a sequence in the context; the entries for binary messages have one.
    let control = ["escape", "control-message"].map(|rule| program.rule_id(rule).unwrap());
    let control = Points::new(&program, &control);
    let binary = program.rule_id("binary-message").unwrap();
    let is_control = |point: &Point| {
        point.rule == binary || control.iter().any(|control| control.rule == point.rule)
    };
    let missing: Vec<_> = points
        .iter()
        .zip(missing)
        .filter(|(point, is_missing)| *is_missing && !is_control(point))
        .map(|(point, _)| points.describe(point))
        .collect();
    assert_eq!(missing, [""; 0]);
}

/// What is due is what the book says, and it is in the book.
#[test]
fn near_misses_name_requirements() {
    let book = Book::embedded().unwrap_or_else(|error| panic!("{error}"));
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    for (name, least) in [("frame-from-client", 30), ("close-payload", 8), ("rate-message", 40)] {
        let entry = wsconform_spec::grammar::entry(name).unwrap();
        let given = Given::read(&program, entry.context.iter().copied()).unwrap();
        let found = near_misses(&Generator::new(&program, &given), entry.rule).unwrap();
        assert!(found.sentences.len() >= least, "{name}: {}", found.sentences.len());
        let ids: BTreeSet<_> = found.sentences.iter().map(|one| &one.id).collect();
        assert_eq!(ids.len(), found.sentences.len(), "ids are unique");
        if name == "frame-from-client" {
            assert!(ids.iter().any(|id| *id == "length-octet/where-1"), "a frame without a mask");
        }
        for miss in &found.sentences {
            for due in miss.due.iter().chain(&miss.blamed) {
                assert!(book.requirement(&due.requirement).is_some(), "{}", miss.id);
            }
        }
    }
}
