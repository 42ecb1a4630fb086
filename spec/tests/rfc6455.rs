//! The map of RFC 6455: complete, and what is said about one that is not.

use std::collections::BTreeSet;
use std::ops::Range;

use wsconform_spec::rfc6455::{CHAPTERS, Rfc};
use wsconform_spec::{Book, BookError};

const CHAPTER: &str = include_str!("../book/70-rfc6455.md");
const TEXT: &str = include_str!("../rfc/rfc6455.txt");

/// The numbers of the chapters about RFC 6455; the others are about the extension, and cite the RFC
/// by the way.
const BASE: Range<&str> = "20".."35";

/// Counted without the reader of the text: each word of the body that could be a key word, and the
/// words of the entries.
#[test]
fn every_key_word_of_the_text_stands_in_the_map() {
    let words = ["MUST", "SHALL", "SHOULD", "MAY", "REQUIRED", "RECOMMENDED", "OPTIONAL"];
    let count = |text: &str| {
        let all = text.split(|one: char| !one.is_ascii_alphanumeric());
        all.filter(|word| words.contains(word)).count()
    };
    let from = TEXT.find("\n4.  Opening Handshake").unwrap();
    let to = TEXT.find("\n11.  IANA Considerations").unwrap();
    let book = Book::embedded().unwrap();
    let mapped: usize =
        book.rfc6455().entries().iter().map(|entry| count(&entry.place.to_string())).sum();
    assert_eq!(mapped, count(&TEXT[from..to]));
}

#[test]
fn every_requirement_about_the_rfc_is_reached() {
    let book = Book::embedded().unwrap();
    let reached: BTreeSet<_> =
        book.rfc6455().entries().iter().flat_map(|entry| &entry.requirements).collect();
    let base = book.chapters().iter().filter(|chapter| BASE.contains(&chapter.file()));
    let lost: Vec<_> = base
        .flat_map(|chapter| chapter.requirements())
        .filter(|id| {
            let cited = &book.requirements()[*id].rfc6455;
            cited.iter().any(|section| CHAPTERS.contains(&section.chapter()))
        })
        .filter(|id| !reached.contains(id))
        .map(|id| format!("  {id}  ({})", book.requirements()[id].source))
        .collect();
    assert!(
        lost.is_empty(),
        "no entry of 70-rfc6455.md names these requirements, each of which cites sections 4 to 10; \
         name it on the line `by` of the sentence that asks it:\n{}",
        lost.join("\n")
    );
}

#[test]
fn nothing_is_left_to_be_planned() {
    let book = Book::embedded().unwrap();
    let planned: Vec<_> = book
        .rfc6455()
        .entries()
        .iter()
        .filter(|entry| entry.planned.is_some())
        .map(|entry| entry.place.to_string())
        .collect();
    assert_eq!(planned, [""; 0]);
}

/// What is said about the map with one change.
fn told(book: &Book, from: &str, to: &str) -> String {
    assert_eq!(CHAPTER.matches(from).count(), 1, "{from}");
    let chapter = CHAPTER.replace(from, to);
    let texts = book.chapters().iter().map(|one| (one.file(), one.source().text()));
    let texts =
        texts.map(
            |(file, text)| {
                if file.starts_with("70-") { (file, chapter.as_str()) } else { (file, text) }
            },
        );
    match Book::from_texts(texts) {
        Ok(_) => panic!("nothing is wrong with {to:?}"),
        Err(error) => essence(error),
    }
}

/// Titles, labels and help, without the places, which move with each edit of the chapter.
fn essence(error: BookError) -> String {
    let BookError::Diagnostics(all) = error else { panic!("{error}") };
    let rendered: Vec<_> = all.iter().map(|one| one.render(false)).collect();
    let told = rendered.iter().flat_map(|one| one.lines()).filter_map(|line| {
        match line.split_once("^ ") {
            Some((_, label)) => Some(format!("  {label}\n")),
            None if line.starts_with("error: ") => Some(format!("{line}\n")),
            None if line.contains("= help: ") => Some(format!("  {}\n", line.trim_start())),
            None => None,
        }
    });
    told.collect()
}

#[test]
fn a_map_that_is_not_that_of_the_text_is_refused() {
    let ping = "place      5.5.2, 2042 MUST\n\
                says       A Ping is answered by a Pong, unless a Close has come.\n\
                by         ping.answered\n\n";
    let book = Book::embedded().unwrap();
    let mut all = String::new();
    for (name, from, to) in [
        ("left-out", ping, ""),
        ("one-word-left-out", "4.1, 933 MUST MUST", "4.1, 933 MUST"),
        ("twice", ping, &ping.repeat(2)),
        ("no-such-word", "5.5.2, 2042 MUST\n", "5.5.2, 2042 SHOULD\n"),
        ("no-such-line", "5.5.3, 2060\n", "5.5.3, 2111\n"),
        ("out-of-order", "5.5.3, 2060\n", "5.5.3, 2081\n"),
        ("as-none", "as         7.1.7, 2394 SHOULD", "as         7.1.7, 2396 MAY, 2 MAY"),
        ("other-section", "by         ping.latest", "by         ping.latest frame.rsv"),
        ("twice-cited-once", "as         5.1, 1492 MUST", "as         5.1, 1498 MUST NOT"),
        ("one-reading", "reading    7.1.2: a `SHOULD`\n", ""),
        ("no-kind", "untestable human, it binds", "untestable people, it binds"),
    ] {
        all.push_str(&format!("{name}\n{}\n", told(&book, from, to)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_source_cites_sections_that_exist() {
    let chapter = "# One\n\nr[one.first]\nA MUST.\n*Binds:* client. *Source:* RFC 6455, 5.9.\n";
    let error = Book::from_texts([("10-one.md", chapter)]).unwrap_err();
    insta::assert_snapshot!(essence(error), @r"
    error: malformed citation
      RFC 6455 has no such section
      = help: it is cited as `RFC 6455, 4.2.1, 4.2.2 and 5.2`
    ");
}

#[test]
fn the_text_is_the_rfc() {
    let rfc = Rfc::embedded();
    let first = rfc.obligations().iter().find(|one| CHAPTERS.contains(&one.section.chapter()));
    let first = first.unwrap();
    assert_eq!(rfc.title(first.section), Some("Client Requirements"));
    assert!(TEXT.lines().nth(usize::from(first.line) - 1).unwrap().contains("MAY"));
}
