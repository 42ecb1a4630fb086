//! What regenerates and checks the vectors.
//!
//! [`generate`] makes the files from the examples of the book and from the families of vectors that
//! are written here. It refuses a vector that fewer than two independent [`Reader`]s confirm: a
//! golden vector of a mistake is worse than none. [`check`] compares the committed files with what
//! is generated and replays every vector however its input may be cut. [`write()`] replaces them.

mod book;
mod check;
mod confirm;
mod draft;
mod family;
mod grammar;
mod heads;
mod plain;
mod print;
mod program;
mod reader;
mod reading;
mod replay;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use wsconform_spec::{Book, BookError};

use crate::model::{Outcome, SCHEMA_VERSION, Suite, Vector};
use crate::topic::Topic;

pub use check::{CheckError, CheckReport, Problem, check};
pub use confirm::Unconfirmed;
pub use reading::{Failure, Reader, Reading, Unreadable};
pub use replay::{Cut, Deviation, replay};
pub use table::Disagreement;

use self::draft::Draft;

/// A file as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Its path in the folder `vectors`, `data/frames.json`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Makes all files of vectors. The result depends on nothing but this crate and its dependencies:
/// it is the same on every machine.
///
/// # Errors
///
/// The book is not sound, or a vector is not: see [`GenerateError`].
pub fn generate() -> Result<Vec<GeneratedFile>, GenerateError> {
    let book = Book::embedded().map_err(GenerateError::Book)?;
    let generated = |topic: Topic| {
        let suite = suite(topic, &book)?;
        Ok(GeneratedFile { path: format!("data/{topic}.json"), text: print::suite(&suite) })
    };
    let mut files: Vec<GeneratedFile> =
        Topic::all().into_iter().map(generated).collect::<Result<_, _>>()?;
    files.extend(table::generate(&book)?);
    Ok(files)
}

/// Generates all files and writes them into the folder `dir`, which is `vectors` of a checkout.
/// Gives the paths of those that were not so already.
///
/// # Errors
///
/// As [`generate`], or a file cannot be written.
pub fn write(dir: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let mut written = Vec::new();
    for GeneratedFile { path, text } in generate()? {
        let path = dir.join(path);
        if fs::read(&path).is_ok_and(|present| present == text.as_bytes()) {
            continue;
        }
        let failed = |error| WriteError::Io { path: path.clone(), error };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(&path, text).map_err(failed)?;
        written.push(path);
    }
    Ok(written)
}

/// The vectors of a topic: the examples of the book, then the families, each in its order.
fn suite(topic: Topic, book: &Book) -> Result<Suite, GenerateError> {
    let mut flags = BTreeMap::new();
    for (name, meaning) in family::flags(topic) {
        flags.insert((*name).to_owned(), (*meaning).to_owned());
    }
    let mut drafts = book::drafts(topic, book);
    drafts.extend(family::drafts(topic));
    drafts.extend(grammar::drafts(topic));
    let cases = drafts
        .into_iter()
        .map(Draft::finish)
        .map(|vector| confirm::confirmed(vector).map_err(GenerateError::Unconfirmed))
        .collect::<Result<_, _>>()?;
    let suite = env!("CARGO_PKG_VERSION").to_owned();
    let suite = Suite { schema: SCHEMA_VERSION, suite, topic, flags, cases };
    sound(&suite, book)?;
    Ok(suite)
}

/// Checks the names in a suite.
fn sound(suite: &Suite, book: &Book) -> Result<(), GenerateError> {
    let mut ids = BTreeSet::new();
    let mut used = BTreeSet::new();
    for vector in &suite.cases {
        let fault = |fault| Err(GenerateError::Unsound { vector: vector.id.clone(), fault });
        if !is_id(&vector.id, suite.topic.name()) {
            return fault(Fault::MalformedId);
        }
        if !ids.insert(&vector.id) {
            return fault(Fault::RepeatedId);
        }
        if let Some(unknown) = vector.covers.iter().find(|id| book.requirement(id).is_none()) {
            return fault(Fault::UnknownRequirement(unknown.clone()));
        }
        if let Some(requirement) = uncovered(vector) {
            return fault(Fault::UncoveredRequirement(requirement.to_owned()));
        }
        if let Some(unknown) = vector.flags.iter().find(|flag| !suite.flags.contains_key(*flag)) {
            return fault(Fault::UnknownFlag(unknown.clone()));
        }
        used.extend(&vector.flags);
    }
    match suite.flags.keys().find(|flag| !used.contains(flag)) {
        Some(flag) => Err(GenerateError::UnusedFlag { topic: suite.topic, flag: flag.clone() }),
        None => Ok(()),
    }
}

/// A violated requirement that a vector does not name among those it covers.
fn uncovered(vector: &Vector) -> Option<&str> {
    match &vector.outcome {
        Outcome::Reject { requirement, .. } if !vector.covers.contains(requirement) => {
            Some(requirement)
        }
        _ => None,
    }
}

/// Whether an id is the topic and then one to three hyphenated words.
fn is_id(id: &str, topic: &str) -> bool {
    let word = |word: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !word.is_empty() && word.chars().all(plain)
    };
    let mut parts = id.split('/');
    parts.next() == Some(topic) && (1..=3).contains(&parts.clone().count()) && parts.all(word)
}

/// Why no files can be generated.
#[derive(Debug)]
pub enum GenerateError {
    /// The book is not sound.
    Book(BookError),
    /// A vector is not confirmed.
    Unconfirmed(Unconfirmed),
    /// What follows in a case is not computed alike.
    Disagreement(Disagreement),
    /// A vector has a wrong name in it.
    Unsound {
        /// The id of the vector.
        vector: String,
        /// What is wrong.
        fault: Fault,
    },
    /// A flag belongs to no vector.
    UnusedFlag {
        /// The topic that declares it.
        topic: Topic,
        /// The flag.
        flag: String,
    },
}

/// What is wrong with the names in a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The id is not `topic/name` or `topic/family/name`, perhaps with a subfamily, in lower-case words with hyphens.
    MalformedId,
    /// An earlier vector has the same id.
    RepeatedId,
    /// It covers a requirement that is not in the book.
    UnknownRequirement(String),
    /// It is rejected for a requirement that it does not cover.
    UncoveredRequirement(String),
    /// Its topic does not declare the flag.
    UnknownFlag(String),
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Book(error) => error.fmt(f),
            Self::Unconfirmed(unconfirmed) => unconfirmed.fmt(f),
            Self::Disagreement(disagreement) => disagreement.fmt(f),
            Self::Unsound { vector, fault } => write!(f, "vector `{vector}` {fault}"),
            Self::UnusedFlag { topic, flag } => {
                write!(f, "no vector of `{topic}` has the flag `{flag}`: use it or remove it")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedId => f.write_str(
                "has a malformed id: write `topic/name` or `topic/family/name` in lower-case words \
                 with hyphens",
            ),
            Self::RepeatedId => f.write_str("exists twice: ids are unique"),
            Self::UnknownRequirement(id) => {
                write!(f, "covers `{id}`, which is not a requirement of the book")
            }
            Self::UncoveredRequirement(id) => {
                write!(f, "is rejected for `{id}`: name that among what it covers")
            }
            Self::UnknownFlag(flag) => {
                write!(f, "has the flag `{flag}`, which its topic does not declare")
            }
        }
    }
}

impl std::error::Error for GenerateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Book(error) => Some(error),
            _ => None,
        }
    }
}

/// Why the files cannot be written.
#[derive(Debug)]
pub enum WriteError {
    /// They cannot be generated.
    Generate(GenerateError),
    /// A file or folder cannot be written.
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl From<GenerateError> for WriteError {
    fn from(error: GenerateError) -> Self {
        Self::Generate(error)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generate(error) => error.fmt(f),
            Self::Io { path, error } => write!(f, "cannot write {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Generate(error) => Some(error),
            Self::Io { error, .. } => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_of(change: impl FnOnce(&mut Suite)) -> String {
        let book = Book::embedded().unwrap();
        let mut suite = suite(Topic::Frames, &book).unwrap();
        change(&mut suite);
        sound(&suite, &book).map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(fault_of(|_| {}), "");
        let told = fault_of(|suite| suite.cases[1].id = suite.cases[0].id.clone());
        assert!(told.contains("exists twice"), "{told}");
        let told = fault_of(|suite| suite.cases[0].covers.push("frame.nothing".to_owned()));
        assert!(told.contains("`frame.nothing`, which is not a requirement"), "{told}");
        let told = fault_of(|suite| suite.cases[0].flags.push("nothing".to_owned()));
        assert!(told.contains("which its topic does not declare"), "{told}");
        let told = fault_of(|suite| {
            suite.flags.insert("idle".to_owned(), String::new());
        });
        assert!(told.contains("no vector of `frames` has the flag `idle`"), "{told}");
        let told = fault_of(|suite| {
            let rejected = |vector: &&mut Vector| matches!(vector.outcome, Outcome::Reject { .. });
            suite.cases.iter_mut().find(rejected).unwrap().covers.clear();
        });
        assert!(told.contains("is rejected for"), "{told}");
    }

    #[test]
    fn ids_are_paths() {
        for id in ["escape/a", "escape/a/b-2", "escape/a/b/c"] {
            assert!(is_id(id, "escape"), "{id}");
        }
        for id in ["escape", "escape/", "frames/a", "escape/a/b/c/d", "escape/A", "escape/a b"] {
            assert!(!is_id(id, "escape"), "{id}");
        }
    }
}
