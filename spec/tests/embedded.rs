//! The book that is part of the crate is well formed and whole.

use std::path::Path;

use wsconform_spec::{Book, BookError, Level};

#[test]
fn the_embedded_book_is_sound() {
    let book = match Book::embedded() {
        Ok(book) => book,
        Err(BookError::Diagnostics(diagnostics)) => {
            let rendered: Vec<_> = diagnostics.iter().map(|one| one.render(false)).collect();
            panic!("{}", rendered.join("\n\n"));
        }
        Err(error) => panic!("{error}"),
    };
    assert!(book.requirements().len() > 100);
    assert!(!book.examples().is_empty());
    assert!(!book.scenarios().is_empty());
    assert!(book.grammar().rule("frame").is_some());
    assert_eq!(book.requirement("contract.echo").unwrap().level(), Level::Must);
    for chapter in book.chapters() {
        assert!(!chapter.title().is_empty(), "{} has no heading", chapter.file());
    }
}

#[test]
fn the_folder_is_the_embedded_book() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("book");
    let (folder, embedded) = (Book::from_dir(&folder).unwrap(), Book::embedded().unwrap());
    assert_eq!(folder.digest(), embedded.digest());
    assert_eq!(folder.digest().len(), "sha256:".len() + 64);
}
