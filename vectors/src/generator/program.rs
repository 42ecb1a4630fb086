//! The grammar of the book, ready for use.

use std::sync::LazyLock;

use wsconform_abnf::program::{Options, Program};
use wsconform_spec::Book;
use wsconform_spec::grammar::StreamReader;

/// The grammar of the book, ready to be read and made sentences of. The book is part of this
/// program, so there is one, or a test of the book has failed.
pub(super) static PROGRAM: LazyLock<Option<Program>> = LazyLock::new(|| {
    let book = Book::embedded().ok()?;
    Program::new(book.grammar(), Options::default()).ok()
});

/// Reads frames by the grammar.
pub(super) static BY_GRAMMAR: LazyLock<Option<StreamReader<'static>>> =
    LazyLock::new(|| StreamReader::new(PROGRAM.as_ref()?));
