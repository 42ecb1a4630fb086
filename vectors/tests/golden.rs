//! The committed vectors are those that are generated, and they are true.

#![cfg(feature = "generator")]

use std::collections::BTreeSet;
use std::path::Path;

use wsconform_abnf::program::{NodeKind, Options, Program};
use wsconform_spec::Book;
use wsconform_vectors::generator::{Problem, check, generate, write};
use wsconform_vectors::table::TableTopic;
use wsconform_vectors::{Source, Topic, covers};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn committed_files_are_as_generated_and_replay_however_they_are_cut() {
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        write(folder()).unwrap_or_else(|error| panic!("{error}"));
    }
    let report = check(folder()).unwrap_or_else(|error| panic!("{error}"));
    assert!(report.is_ok(), "{report}\nrun this test with BLESS=1 to generate them anew");
    assert_eq!(report.files, Topic::all().len() + TableTopic::ALL.len());
    assert!(report.vectors >= 120, "{report}");
    assert!(report.replays > 40 * report.vectors, "{report}");
}

#[test]
fn generation_is_deterministic_and_its_files_are_small() {
    let (first, second) = (generate().unwrap(), generate().unwrap());
    assert_eq!(first, second);
    for file in first {
        assert!(file.text.len() < 1_000_000, "{}: {} octets", file.path, file.text.len());
        assert!(file.text.ends_with("}\n"), "{}", file.path);
    }
}

#[test]
fn the_grammar_says_what_every_vector_says() {
    for topic in Topic::all() {
        for vector in topic.load().unwrap().cases {
            assert!(vector.confirmed.iter().any(|one| one == "grammar"), "{}", vector.id);
        }
    }
}

#[test]
fn every_example_of_the_book_is_a_vector() {
    let book = Book::embedded().unwrap();
    let examples: BTreeSet<_> = book.examples().iter().map(|example| example.id.clone()).collect();
    let vectors: BTreeSet<_> = Topic::all()
        .iter()
        .flat_map(|topic| topic.load().unwrap().cases)
        .filter(|vector| vector.source == Source::Book)
        .map(|vector| vector.id)
        .collect();
    assert_eq!(vectors, examples);
}

#[test]
fn what_a_passive_reader_can_show_is_covered() {
    let covered: BTreeSet<_> = covers().unwrap().into_iter().map(|(id, _)| id).collect();
    let expected = [
        "close.code",
        "close.length",
        "close.reason",
        "escape.receiver.arms",
        "escape.receiver.close-armed",
        "escape.receiver.delivers",
        "escape.receiver.disarms",
        "escape.receiver.native-between",
        "escape.receiver.stays-armed",
        "failing.silent",
        "filter.beginning",
        "filter.direction",
        "filter.limit",
        "filter.message",
        "filter.native",
        "filter.short",
        "filter.text",
        "fragments.interleaved",
        "fragments.native-between",
        "fragments.orphan",
        "fragments.reassembled",
        "frame.length.bounded",
        "frame.length.read",
        "frame.length.top-bit",
        "frame.opcode",
        "frame.rsv",
        "frame.segments",
        "masking.client.refused",
        "masking.server.read",
        "masking.server.required",
        "message.critical",
        "message.ignorable",
        "message.malformed",
        "message.not-forwarded",
        "message.order",
        "native.fragmented",
        "native.length",
        "negotiation.declined",
        "pong.ignored",
        "rate.requests",
        "sequence.any",
        "text.utf8",
        "text.utf8.split",
    ];
    let missing: Vec<_> = expected.iter().filter(|id| !covered.contains(**id)).collect();
    assert!(missing.is_empty(), "no vector covers {missing:?}");
}

#[test]
fn every_requirement_that_the_grammar_of_frames_names_is_covered() {
    let covered: BTreeSet<_> = covers().unwrap().into_iter().map(|(id, _)| id).collect();
    let book = Book::embedded().unwrap();
    let program = Program::new(book.grammar(), Options::default()).unwrap();
    let mut named = BTreeSet::new();
    let (mut rules, mut next) = (vec![program.rule_id("frame").unwrap()], 0);
    while let Some(id) = rules.get(next).copied() {
        next += 1;
        let rule = program.rule(id);
        named.extend(rule.fail.iter().map(|fail| fail.requirement.clone()));
        let wheres = rule.wheres.iter().filter_map(|one| one.fail.as_ref());
        named.extend(wheres.map(|fail| fail.requirement.clone()));
        let mut nodes = vec![rule.body];
        while let Some(node) = nodes.pop() {
            match &program.node(node).kind {
                NodeKind::Alternation(parts) | NodeKind::Sequence(parts) => nodes.extend(parts),
                NodeKind::Repetition { body, .. } => nodes.push(*body),
                NodeKind::Reference(to) if !rules.contains(&to.rule) => rules.push(to.rule),
                _ => {}
            }
        }
    }
    assert!(named.len() > 12, "{named:?}");
    // Senders owe it, and no reader has to mind.
    assert!(named.remove("frame.length.minimal"));
    let missing: Vec<_> = named.difference(&covered).collect();
    assert!(missing.is_empty(), "no vector covers {missing:?}");
}

#[test]
fn changed_missing_and_surplus_files_are_told() {
    let folder = std::env::temp_dir().join(format!("wsconform-vectors-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let written = write(&folder).unwrap();
    assert_eq!(written.len(), Topic::all().len() + TableTopic::ALL.len());
    assert_eq!(write(&folder).unwrap().len(), 0, "they are so already");

    let frames = folder.join("data/frames.json");
    let text = std::fs::read_to_string(&frames).unwrap();
    let changed = text.replacen("89 05 48 65 6C 6C 6F", "89 05 48 65 6C 6C 6E", 1);
    assert_ne!(changed, text);
    std::fs::write(&frames, changed).unwrap();
    std::fs::remove_file(folder.join("data/escape.json")).unwrap();
    std::fs::write(folder.join("data/extra.json"), "{}").unwrap();

    let report = check(&folder).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let [differs, missing, surplus] = report.problems.as_slice() else { panic!("{report}") };
    let Problem::Differs { vector: Some(id), .. } = differs else { panic!("{report}") };
    assert_eq!(id, "frames/ping-and-pong");
    assert!(matches!(missing, Problem::Missing { path } if path.ends_with("data/escape.json")));
    assert!(matches!(surplus, Problem::Surplus { path } if path.ends_with("data/extra.json")));
    assert!(!report.is_ok());
}
