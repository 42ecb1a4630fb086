//! The report as JSON Lines: written in the order of the plan, read back whole.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, Write};

use serde::Deserialize;

use super::clean::is_unsafe;
use super::model::{CaseRecord, Counts, EndRecord, Record, RunRecord, RunVerdict, SCHEMA};

/// A whole report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was run against whom.
    pub run: RunRecord,
    /// The cases that were run to a verdict, in the order of the plan.
    pub cases: Vec<CaseRecord>,
    /// How it ended; `None` where the run was killed.
    pub end: Option<EndRecord>,
}

/// Writes a report, cases in the order of the plan although they end in any order.
///
/// A case is held back until all before it are written; each line is flushed as it is written, so
/// that a run that is killed leaves a report of whole lines.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    planned: Vec<String>,
    waiting: BTreeMap<usize, CaseRecord>,
    next: usize,
    counts: Counts,
    run: RunRecord,
    written: Vec<CaseRecord>,
}

/// Why a report could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// The file, pipe or terminal refused the line.
    Io(io::Error),
    /// The plan has no such case at this place.
    Unplanned {
        /// The index that was given.
        index: usize,
        /// The id of the case that was given.
        id: String,
    },
    /// The case was written already.
    Twice {
        /// The id of the case.
        id: String,
    },
}

/// Why a report could not be read. Lines are counted from 1.
#[derive(Debug)]
pub enum ReadError {
    /// The line could not be read.
    Io {
        /// The line.
        line: usize,
        /// What the operating system says, or that the line is no UTF-8.
        source: io::Error,
    },
    /// The line is no JSON, or not the JSON of its type.
    Malformed {
        /// The line.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The report is of another version of the format.
    Schema {
        /// The line.
        line: usize,
        /// The version found.
        found: u64,
    },
    /// The line stands where it must not: anything before `run`, a second `run`, anything after
    /// `end`.
    Order {
        /// The line.
        line: usize,
        /// What stands there.
        found: String,
        /// Why it must not.
        why: &'static str,
    },
    /// There is no record at all.
    Empty,
}

impl<W: Write> Writer<W> {
    /// Begins a report: writes its first line. `planned` are the ids of all cases that will be
    /// run, in the order in which the report shall list them.
    ///
    /// # Errors
    /// [`WriteError::Io`] where the line can't be written.
    pub fn begin(out: W, run: RunRecord, planned: Vec<String>) -> Result<Self, WriteError> {
        let mut writer = Writer {
            out,
            planned,
            waiting: BTreeMap::new(),
            next: 0,
            counts: Counts::default(),
            run,
            written: Vec::new(),
        };
        write_line(&mut writer.out, &Record::Run(writer.run.clone()))?;
        Ok(writer)
    }

    /// Takes the case at `index` of the plan; writes it, and those that waited for it, as soon as
    /// all before it are written.
    ///
    /// # Errors
    /// [`WriteError::Io`]; and where the index is not that of the case, or was given before.
    pub fn case(&mut self, index: usize, case: CaseRecord) -> Result<(), WriteError> {
        if self.planned.get(index) != Some(&case.id) {
            return Err(WriteError::Unplanned { index, id: case.id });
        }
        if index < self.next || self.waiting.contains_key(&index) {
            return Err(WriteError::Twice { id: case.id });
        }
        self.counts.add(case.verdict);
        self.waiting.insert(index, case);
        while let Some(case) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.write_case(case)?;
        }
        Ok(())
    }

    /// How many cases had which verdict so far, those that still wait included.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Ends the report: writes the cases that still wait, in order, and the last line. Gives the
    /// report back for its views.
    ///
    /// Where cases of the plan are missing, the report says so whatever `end` says: it is not
    /// complete, and its verdict not `met`.
    ///
    /// # Errors
    /// [`WriteError::Io`] where a line can't be written.
    pub fn end(mut self, mut end: EndRecord) -> Result<Report, WriteError> {
        for case in std::mem::take(&mut self.waiting).into_values() {
            self.write_case(case)?;
        }
        let (planned, written) = (self.planned.len(), self.written.len());
        if written < planned {
            end.complete = false;
            end.reason.get_or_insert_with(|| {
                format!("{} of {planned} cases were not run", planned - written)
            });
        }
        if !end.complete && end.verdict == RunVerdict::Met {
            end.verdict = RunVerdict::Inconclusive;
        }
        write_line(&mut self.out, &Record::End(end.clone()))?;
        Ok(Report { run: self.run, cases: self.written, end: Some(end) })
    }

    fn write_case(&mut self, case: CaseRecord) -> Result<(), WriteError> {
        let record = Record::Case(Box::new(case));
        write_line(&mut self.out, &record)?;
        if let Record::Case(case) = record {
            self.written.push(*case);
        }
        Ok(())
    }
}

/// Reads a report.
///
/// Types of records and fields that are not known are skipped: a later suite may add some without
/// another version of the format. A last line that was cut off, as a killed run may leave it, is
/// left out.
///
/// # Errors
/// [`ReadError`], with the line.
pub fn read(mut reader: impl BufRead) -> Result<Report, ReadError> {
    let mut run = None;
    let mut cases = Vec::new();
    let mut end = None;
    let mut text = String::new();
    for line in 1.. {
        text.clear();
        if reader.read_line(&mut text).map_err(|source| ReadError::Io { line, source })? == 0 {
            break;
        }
        if text.trim().is_empty() {
            continue;
        }
        let record = match parse_line(text.trim_end(), line) {
            Ok(Some(record)) => record,
            Ok(None) => continue,
            Err(ReadError::Malformed { source, .. })
                if source.is_eof() && !text.ends_with('\n') && run.is_some() =>
            {
                break;
            }
            Err(error) => return Err(error),
        };
        let misplaced = |found: &str, why| ReadError::Order { line, found: found.to_owned(), why };
        match record {
            Record::Run(_) if run.is_some() => {
                return Err(misplaced("run", "a report has one run"));
            }
            Record::Run(found) => run = Some(found),
            Record::Case(case) if end.is_some() => {
                return Err(misplaced(&format!("case {}", case.id), "the report ended before it"));
            }
            Record::End(_) if end.is_some() => {
                return Err(misplaced("end", "the report ended before it"));
            }
            Record::Case(case) if run.is_none() => {
                return Err(misplaced(
                    &format!("case {}", case.id),
                    "a report begins with its run",
                ));
            }
            Record::End(_) if run.is_none() => {
                return Err(misplaced("end", "a report begins with its run"));
            }
            Record::Case(case) => cases.push(*case),
            Record::End(found) => end = Some(found),
        }
    }
    run.map(|run| Report { run, cases, end }).ok_or(ReadError::Empty)
}

/// What all records have, whatever their type and version.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    schema: Option<u64>,
}

/// The record of a line; `None` of a type that is not known.
fn parse_line(text: &str, line: usize) -> Result<Option<Record>, ReadError> {
    let malformed = |source| ReadError::Malformed { line, source };
    let head: Head = serde_json::from_str(text).map_err(malformed)?;
    match (head.kind.as_str(), head.schema) {
        ("run", Some(found)) if found != u64::from(SCHEMA) => {
            Err(ReadError::Schema { line, found })
        }
        ("run" | "case" | "end", _) => serde_json::from_str(text).map(Some).map_err(malformed),
        _ => Ok(None),
    }
}

/// One record, one line, one write.
fn write_line(out: &mut impl Write, record: &Record) -> Result<(), WriteError> {
    let json = serde_json::to_string(record).map_err(io::Error::from)?;
    // Only strings can hold such characters, and there an escape means the same: the line may be
    // shown on a terminal as it is.
    let mut line = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if is_unsafe(c) {
            line.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            line.push(c);
        }
    }
    line.push('\n');
    out.write_all(line.as_bytes())?;
    out.flush()?;
    Ok(())
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        WriteError::Io(error)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Io(error) => write!(f, "the report can't be written: {error}"),
            WriteError::Unplanned { index, id } => {
                write!(f, "the plan of the report has no case `{id}` at index {index}")
            }
            WriteError::Twice { id } => write!(f, "case `{id}` was reported already"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WriteError::Io(error) => Some(error),
            WriteError::Unplanned { .. } | WriteError::Twice { .. } => None,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io { line, source } => write!(f, "line {line} can't be read: {source}"),
            ReadError::Malformed { line, source } => {
                // serde_json counts lines from the start of what it was given: always 1 here.
                let message = source.to_string();
                let place = format!(" at line {} column {}", source.line(), source.column());
                let message = message.strip_suffix(&place).unwrap_or(&message);
                let message = super::clean(message);
                // Where the type of a record stands before the mistake, its place is not known.
                match source.column() {
                    0 => write!(f, "line {line}: {message}"),
                    column => write!(f, "line {line}, column {column}: {message}"),
                }
            }
            ReadError::Schema { line, found } => write!(
                f,
                "line {line}: the report is of version {found} of the format, \
                 this program reads version {SCHEMA}; read it with the suite that wrote it"
            ),
            ReadError::Order { line, found, why } => {
                write!(f, "line {line}: `{}` is misplaced: {why}", super::clean(found))
            }
            ReadError::Empty => f.write_str("there is no report in it: no `run` record"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::Io { source, .. } => Some(source),
            ReadError::Malformed { source, .. } => Some(source),
            ReadError::Schema { .. } | ReadError::Order { .. } | ReadError::Empty => None,
        }
    }
}

#[cfg(test)]
mod tests;
