//! Whatever is wrong with a book is reported with its place, all of it at once.

use std::path::Path;

use proptest::prelude::*;
use wsconform_spec::{Book, BookError};

#[test]
fn every_mistake_is_reported_at_its_place() {
    let Err(BookError::Diagnostics(diagnostics)) =
        Book::from_dir(Path::new("tests/books/mistakes"))
    else {
        panic!("a book full of mistakes was read");
    };
    let rendered: Vec<_> = diagnostics.iter().map(|one| one.render(false)).collect();
    insta::assert_snapshot!(rendered.join("\n\n"));
}

#[test]
fn folders_that_hold_no_book_are_named() {
    let missing = Book::from_dir(Path::new("tests/books/missing")).unwrap_err();
    assert!(matches!(missing, BookError::Io { .. }));
    assert!(missing.to_string().starts_with("cannot read tests/books/missing: "), "{missing}");
    let empty = Book::from_dir(Path::new("tests/books")).unwrap_err();
    insta::assert_snapshot!(empty, @r#"no chapters in tests/books: a chapter is a file named NN-topic.md, such as 10-contract.md"#);
}

#[test]
fn line_ends_do_not_matter() {
    let text = "# T\n\nr[a.b]\nIt MUST\nbe.\n*Binds:* server. *Source:* RFC 6455, 1.\n\n\
                ```example\nexample frames/a\nreads client\ncovers a.b\noctets 00\n```\n";
    let unix = Book::from_texts([("10-a.md", text)]).unwrap();
    let dos = Book::from_texts([("10-a.md", &*text.replace('\n', "\r\n"))]).unwrap();
    assert_eq!(unix.requirements(), dos.requirements());
    assert_eq!(unix.examples(), dos.examples());
}

#[test]
fn the_digest_tells_books_apart() {
    let digest = |chapters: &[(&'static str, &'static str)]| {
        Book::from_texts(chapters.iter().copied()).unwrap().digest()
    };
    let one = digest(&[("10-a.md", "# A\n")]);
    assert_eq!(one, digest(&[("10-a.md", "# A\n")]));
    assert_ne!(one, digest(&[("10-a.md", "# B\n")]));
    assert_ne!(one, digest(&[("10-b.md", "# A\n")]));
    assert_ne!(one, digest(&[("10-a.md", "# A\n"), ("20-b.md", "")]));
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read_and_render(&text);
    }

    #[test]
    fn anything_like_a_chapter_is_read(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "r[", "a.b", "]", "\n", "\n\n", "\r\n", " ", "`", "```", "```abnf\n", "```example\n",
                "```scenario\n", "~~~", "MUST", " NOT", "MAY", "*Binds:*", "*Source:*", "*Planned:*",
                "*Untestable:* human,", " client", ".", ",", "example frames/a\n", "reads client\n",
                "covers a.b\n", "octets ", "00", "\"", "<", ">", ";", "é", "means text ", "# ", "a = b",
                "scenario a.b\n", "roles server\n", "open\n", "send text ", "expect ", " : ", "$",
            ]),
            0..50,
        ),
    ) {
        read_and_render(&pieces.concat());
    }
}

fn read_and_render(text: &str) {
    if let Err(BookError::Diagnostics(diagnostics)) = Book::from_texts([("10-any.md", text)]) {
        for diagnostic in diagnostics {
            assert!(!diagnostic.render(false).is_empty());
        }
    }
}
