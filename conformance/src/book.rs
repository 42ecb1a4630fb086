//! The book with the golden test vectors as rows of its scenarios.

use std::path::Path;

use wsconform_spec::scenario::{Role, VectorRow};
use wsconform_spec::{Book, BookError};
use wsconform_vectors::{Outcome, Topic, Vector};

/// The book of this build.
///
/// # Errors
///
/// As [`Book::embedded`] and [`Book::with_vectors`]; a test rules them out for a released book.
pub fn embedded() -> Result<Book, BookError> {
    Book::embedded()?.with_vectors(&rows())
}

/// The book in the folder `path`, with the vectors of this build.
///
/// # Errors
///
/// As [`Book::from_dir`] and [`Book::with_vectors`].
pub fn from_dir(path: &Path) -> Result<Book, BookError> {
    Book::from_dir(path)?.with_vectors(&rows())
}

/// What scenarios can use of the vectors. The embedded files were read back when they were
/// generated; one that could not be read would leave its patterns without a match.
fn rows() -> Vec<VectorRow> {
    let suites = Topic::all().into_iter().filter_map(|topic| topic.load().ok());
    suites.flat_map(|suite| suite.cases).map(row).collect()
}

fn row(vector: Vector) -> VectorRow {
    let input = vector.octets();
    let reader = match vector.context.role {
        wsconform_vectors::Role::Client => Role::Client,
        wsconform_vectors::Role::Server => Role::Server,
    };
    let (code, requirement) = match vector.outcome {
        Outcome::Reject { close, requirement } => (Some(close), Some(requirement)),
        Outcome::Accept | Outcome::Either => (None, None),
    };
    VectorRow { id: vector.id, reader, input, code, requirement }
}
