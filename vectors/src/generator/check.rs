//! Do the committed files say what is generated, and is it true however the octets come?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use serde_json::Value;

use super::replay::{Deviation, replay};
use super::{GenerateError, GeneratedFile, generate};
use crate::model::Suite;
use crate::table::{Table, TableTopic};

/// What a check found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// How many files were compared.
    pub files: usize,
    /// How many vectors they hold.
    pub vectors: usize,
    /// How often a vector was replayed.
    pub replays: usize,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

/// What is wrong with the committed vectors.
#[derive(Debug)]
pub enum Problem {
    /// A file does not exist.
    Missing {
        /// Its path.
        path: PathBuf,
    },
    /// A file is none of those that are generated.
    Surplus {
        /// Its path.
        path: PathBuf,
    },
    /// A file is not, octet for octet, what is generated.
    Differs {
        /// Its path.
        path: PathBuf,
        /// The first line that differs, counted from 1.
        line: usize,
        /// The vector that the line belongs to, if any.
        vector: Option<String>,
    },
    /// A vector is not read as it says.
    Replay {
        /// Its id.
        vector: String,
        /// What was read.
        deviation: Box<Deviation>,
    },
}

/// Why nothing could be checked.
#[derive(Debug)]
pub enum CheckError {
    /// The files cannot be generated.
    Generate(GenerateError),
    /// A generated file cannot be read back.
    Malformed {
        /// Its path.
        path: String,
        /// Why.
        error: serde_json::Error,
    },
    /// A file or folder cannot be read.
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Compares the files in `dir`, which is the folder `vectors` of a checkout, with what is
/// generated, octet for octet, and replays every vector.
///
/// # Errors
///
/// Nothing could be checked. What is wrong with the files themselves stands in the report.
pub fn check(dir: &Path) -> Result<CheckReport, CheckError> {
    let generated = generate().map_err(CheckError::Generate)?;
    let mut report = CheckReport::default();
    for file in &generated {
        report.files += 1;
        report.problems.extend(compare(dir, file)?);
        let malformed = |error| CheckError::Malformed { path: file.path.clone(), error };
        if TableTopic::ALL.iter().any(|topic| file.path == format!("data/{topic}.json")) {
            // What follows was computed when it was generated.
            let table: Table<Value, Value> = serde_json::from_str(&file.text).map_err(malformed)?;
            report.vectors += table.cases.len();
            continue;
        }
        let suite: Suite = serde_json::from_str(&file.text).map_err(malformed)?;
        for vector in suite.cases {
            report.vectors += 1;
            match replay(&vector) {
                Ok(count) => report.replays += count,
                Err(deviation) => {
                    report.problems.push(Problem::Replay { vector: vector.id, deviation });
                }
            }
        }
    }
    report.problems.extend(surplus(dir, &generated)?);
    Ok(report)
}

fn compare(dir: &Path, file: &GeneratedFile) -> Result<Option<Problem>, CheckError> {
    let path = dir.join(&file.path);
    let present = match fs::read(&path) {
        Ok(present) => present,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some(Problem::Missing { path }));
        }
        Err(error) => return Err(CheckError::Io { path, error }),
    };
    Ok(difference(&present, &file.text).map(|(line, vector)| Problem::Differs {
        path,
        line,
        vector,
    }))
}

/// The first line that differs, and the vector that it belongs to: the one that is there, or, where
/// none is, the one that should be.
fn difference(present: &[u8], generated: &str) -> Option<(usize, Option<String>)> {
    if present == generated.as_bytes() {
        return None;
    }
    let present = String::from_utf8_lossy(present);
    let split = |text: &str| text.split('\n').map(str::to_owned).collect::<Vec<_>>();
    let (present, generated) = (split(&present), split(generated));
    let same = present.iter().zip(&generated).take_while(|(a, b)| a == b).count();
    let vector = id_in(generated.get(..=same).unwrap_or(&generated))
        .or_else(|| id_in(present.get(..=same).unwrap_or(&present)));
    Some((same + 1, vector))
}

/// The id of the vector in which these lines end.
fn id_in(lines: &[String]) -> Option<String> {
    let id = lines.iter().rev().find_map(|line| line.strip_prefix("  {\"id\": \""))?;
    id.split('"').next().map(str::to_owned)
}

fn surplus(dir: &Path, generated: &[GeneratedFile]) -> Result<Vec<Problem>, CheckError> {
    let expected: BTreeSet<_> = generated.iter().map(|file| dir.join(&file.path)).collect();
    let data = dir.join("data");
    let entries = match fs::read_dir(&data) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CheckError::Io { path: data, error }),
    };
    let mut present = BTreeSet::new();
    for entry in entries {
        let entry = entry.map_err(|error| CheckError::Io { path: data.clone(), error })?;
        present.insert(entry.path());
    }
    Ok(present.difference(&expected).map(|path| Problem::Surplus { path: path.clone() }).collect())
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        let Self { files, vectors, replays, problems } = self;
        match problems.len() {
            0 => write!(f, "{vectors} vectors in {files} files are as generated; ")?,
            count => write!(f, "{vectors} vectors in {files} files, {count} problems; ")?,
        }
        write!(f, "{replays} replays")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "{} is missing: generate it", path.display()),
            Self::Surplus { path } => {
                write!(f, "{} is not generated: remove it", path.display())
            }
            Self::Differs { path, line, vector } => {
                let path = path.display();
                write!(f, "{path}:{line} differs from what is generated")?;
                match vector {
                    Some(id) => write!(f, ", first in vector `{id}`: generate it anew"),
                    None => write!(f, ", before its first vector: generate it anew"),
                }
            }
            Self::Replay { vector, deviation } => write!(f, "vector `{vector}`, {deviation}"),
        }
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generate(error) => error.fmt(f),
            Self::Malformed { path, error } => write!(f, "{path} as generated: {error}"),
            Self::Io { path, error } => write!(f, "cannot read {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for CheckError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Generate(error) => Some(error),
            Self::Malformed { error, .. } => Some(error),
            Self::Io { error, .. } => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  {\"id\": \"a/b\",\n   1},\n  {\"id\": \"a/c\",\n   2}\n}\n";

    #[test]
    fn the_first_difference_is_told_with_its_vector() {
        assert_eq!(difference(TEXT.as_bytes(), TEXT), None);
        let changed = |from: &str, to: &str| difference(TEXT.replace(from, to).as_bytes(), TEXT);
        assert_eq!(changed("1}", "3}"), Some((3, Some("a/b".to_owned()))));
        assert_eq!(changed("2}", "3}"), Some((5, Some("a/c".to_owned()))));
        assert_eq!(changed("{\n  {", "[\n  {"), Some((1, None)));
        assert_eq!(changed("}\n}\n", "}\n}"), Some((7, Some("a/c".to_owned()))));
    }
}
