//! The map of the Autobahn testsuite: what a book may say of it, and what is wrong with one that says
//! something else.
#![allow(clippy::unwrap_used)] // a test may panic

use wsconform_spec::autobahn::{Answer, NotKind};
use wsconform_spec::{Book, BookError};

const SCENARIOS: &str = "\
r[a.b]
It MUST answer.
*Binds:* client, server. *Source:* RFC 6455, 5.5.2.

```scenario
scenario a.both
roles    server client
for      code in 1000, 1001
open
send     close $code
expect   close : a.b
```

```scenario
scenario a.server
roles    server
open
send     ping \"p\"
expect   pong \"p\" : a.b
```
";

fn book(map: &str) -> Result<Book, BookError> {
    let chapter = format!("# One\n\n{SCENARIOS}\n## 7: Closing\n\n```autobahn\n{map}```\n");
    Book::from_texts([("10-one.md", &*chapter)])
}

/// All that is wrong with a map.
fn mistakes(map: &str) -> String {
    let Err(BookError::Diagnostics(diagnostics)) = book(map) else { panic!("no mistake: {map}") };
    diagnostics.iter().map(|one| format!("{}\n", one.render(false))).collect()
}

const HEAD: &str = "package  suite 1.0\ntotal    3\ngroups   2 1, 7.7 2\n\n";

#[test]
fn entries_are_read_and_told_apart() {
    let map = book(&format!(
        "{HEAD}ids 7.7.1-7.7.2\neach 1000 1001\ndoes A Close\n with {{}}.\nby a.both/{{}}\n\
         differs Not {{}}.\ndecides RFC 6455, 5.5.1: \"It is\n  so.\"\n\n\
         ids 2.1\ndoes A Ping.\nnot yet, it is no Close\n"
    ));
    let map = map.unwrap();
    let map = map.autobahn();
    assert_eq!(map.package(), "suite 1.0");
    let ids: Vec<_> = map.ids().map(|id| id.to_string()).collect();
    assert_eq!(ids, ["2.1", "7.7.1", "7.7.2"]);
    let entry = map.entry("7.7.2".parse().unwrap()).unwrap();
    assert_eq!((entry.does.as_str(), entry.section.as_str()), ("A Close with 1001.", "7: Closing"));
    assert!(entry.is_asked_by("a.both/1001") && !entry.is_asked_by("a.both/1000"));
    let Answer::Ours { differs: Some(differs), .. } = &entry.answer else { panic!("{entry:?}") };
    assert_eq!(differs.says, "Not 1001.");
    assert_eq!(differs.decided_by[0].to_string(), "RFC 6455, 5.5.1: \"It is so.\"");
    let other = map.entry("2.1".parse().unwrap()).unwrap();
    let reason = "it is no Close".to_owned();
    assert_eq!(other.answer, Answer::Not { kind: NotKind::Yet, reason });
}

#[test]
fn a_book_need_not_have_one() {
    let book = Book::from_texts([("10-one.md", "# One\n")]).unwrap();
    assert!(book.autobahn().entries().is_empty() && book.autobahn().ids().next().is_none());
}

#[test]
fn a_map_is_complete() {
    let rest = "does It.\nby a.both\n";
    insta::assert_snapshot!("incomplete", mistakes(&format!("{HEAD}ids 7.7.2\n{rest}")));
    let twice = format!("{HEAD}ids 2.1 7.7.1-7.7.2\n{rest}ids 7.7.2\n{rest}");
    insta::assert_snapshot!("twice", mistakes(&twice));
    let beyond = format!("{HEAD}ids 2.1 7.7.1-7.7.3 7.8.1\n{rest}");
    insta::assert_snapshot!("beyond", mistakes(&beyond));
    let head = "total 4\ntotal 3\ngroups 2 1, 7.7 2, 2 1\n";
    insta::assert_snapshot!("facts", mistakes(&format!("{head}ids 2.1 7.7.1-7.7.2\n{rest}")));
}

#[test]
fn what_a_map_names_is_there_for_both_roles() {
    let by = |names: &str| mistakes(&format!("{HEAD}ids 2.1 7.7.1-7.7.2\ndoes It.\nby {names}\n"));
    insta::assert_snapshot!("dangling", by("a.both/1002 a.serve a.*"));
    insta::assert_snapshot!("one-role", by("a.server"));
}

#[test]
fn malformed_lines_are_reported_at_their_place() {
    let map = "does It.\nid 2.1\npackage\nids 2.1-7.7.2\ndoes It.\nby a.both\n\
               groups 2 x, 7.7\ntotal many\n\
               ids 2.1\nby a.both\n\
               ids 2.1\ndoes It.\n\
               ids 2.1\ndoes It.\nby a.both\nnot yet, so\n\
               ids 2.1\ndoes It.\nnot so\n\
               ids 2.1\ndoes It.\nby a.both\ndiffers So.\n\
               ids 2.1\ndoes It.\nby a.both\ndecides RFC 6455, 5.5: \"so\"\n\
               ids 2.1\ndoes It.\nby a.both\ndiffers So.\ndecides 5.5 says so\n\
               ids 2.1\neach a b\ndoes It.\nby a.both\n\
               ids 2.1\ndoes It.\ndoes It.\nby a.both\n";
    insta::assert_snapshot!("malformed", mistakes(map));
}

/// The text of a section of RFC 6455, without that of sections in it, with single spaces.
fn section(number: &str) -> String {
    let is_heading = |line: &str| line.starts_with(|first: char| first.is_ascii_digit());
    // Pages end within sentences.
    let is_text =
        |line: &&str| !line.starts_with("Fette & Melnikov ") && !line.starts_with("RFC 6455 ");
    let mut lines = include_str!("../rfc/rfc6455.txt").lines();
    let heading = format!("{number}. ");
    assert!(lines.by_ref().any(|line| line.starts_with(&heading)), "no heading {number}");
    let own = lines.take_while(|line| !is_heading(line)).filter(is_text);
    own.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Sentences that decide are quoted word for word.
#[test]
fn what_the_book_quotes_stands_in_its_section_of_the_rfc() {
    let book = Book::embedded().unwrap();
    let mut quoted = 0;
    for entry in book.autobahn().entries() {
        let Answer::Ours { differs: Some(differs), .. } = &entry.answer else { continue };
        for sentence in &differs.decided_by {
            let number = sentence.source.strip_prefix("RFC 6455, ");
            let text = section(number.expect("a text of that RFC"));
            assert!(text.contains(&sentence.text), "{}: it is not so: {sentence}", entry.at);
            quoted += 1;
        }
    }
    assert!(quoted > 50, "{quoted}");
}
