//! Where a grammar comes from: files, the standard input, or the book.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use wsconform_abnf::program::{Options, Program, Unit};
use wsconform_abnf::{Diagnostic, Grammar, GrammarBuilder, Source};

use super::super::{Stop, book};

/// A grammar of more octets is not read.
const SIZE_LIMIT: u64 = 16 << 20;

/// No more mistakes are shown.
const SHOWN: usize = 100;

#[derive(Debug, Args)]
pub(super) struct Sources {
    /// Files of rules, of at most 16 MiB; `-` is the standard input.
    #[arg(value_name = "FILE", required_unless_present = "book")]
    files: Vec<PathBuf>,
    /// The grammar of the embedded book instead of files, or that of a book in a folder.
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, conflicts_with = "files")]
    book: Option<Option<PathBuf>>,
}

/// What values are where no directive says otherwise.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(super) enum UnitName {
    /// Values are octets; one of more than two hexadecimal digits is as many octets, big-endian.
    #[default]
    Octet,
    /// Values are code points of Unicode, in UTF-8.
    #[value(name = "utf-8")]
    Utf8,
}

impl From<UnitName> for Unit {
    fn from(name: UnitName) -> Self {
        match name {
            UnitName::Octet => Self::Octet,
            UnitName::Utf8 => Self::Utf8,
        }
    }
}

impl Sources {
    /// Whether the grammar is that of the book.
    pub(super) fn is_book(&self) -> bool {
        self.book.is_some()
    }

    /// Whether the standard input holds rules.
    pub(super) fn takes_stdin(&self) -> bool {
        self.files.iter().any(|file| file == Path::new("-"))
    }

    /// The texts, read into a builder; nothing of the book, whose grammar is whole already.
    pub(super) fn builder(&self) -> Result<GrammarBuilder, Stop> {
        let mut builder = GrammarBuilder::new();
        let mut seen = BTreeSet::new();
        for file in &self.files {
            if !seen.insert(file) {
                return Err(Stop::usage(format!("{} is named twice", file.display())));
            }
            let source = read(file)?;
            builder.add(&source, 0..source.text().len());
        }
        Ok(builder)
    }

    /// The grammar of the book.
    pub(super) fn of_book(&self) -> Result<Grammar, Stop> {
        Ok(book(self.book.as_ref().and_then(|folder| folder.as_deref()))?.grammar().clone())
    }

    /// The grammar, or all its mistakes.
    pub(super) fn grammar(&self) -> Result<Grammar, Stop> {
        if self.is_book() {
            return self.of_book();
        }
        self.builder()?.finish().map_err(|mistakes| refused(&mistakes))
    }

    /// The grammar, ready to run, or all its mistakes.
    pub(super) fn program(&self, options: Options) -> Result<Program, Stop> {
        Program::new(&self.grammar()?, options).map_err(|mistakes| refused(&mistakes))
    }
}

/// A text that may hold anything: what is no UTF-8 stands in it as U+FFFD, which the reader points at
/// unless it stands in a comment.
fn read(file: &Path) -> Result<Source, Stop> {
    let is_stdin = file == Path::new("-");
    let name = if is_stdin { "<stdin>".to_owned() } else { file.display().to_string() };
    let octets = read_octets(file, SIZE_LIMIT)?;
    Ok(Source::new(name, String::from_utf8_lossy(&octets).into_owned()))
}

/// The octets of a file, or of the standard input, if they are not more than `limit`.
pub(super) fn read_octets(file: &Path, limit: u64) -> Result<Vec<u8>, Stop> {
    let failed =
        |error: std::io::Error| Stop::usage(format!("cannot read {}: {error}", file.display()));
    let mut octets = Vec::new();
    let reader: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(file).map_err(failed)?)
    };
    reader.take(limit + 1).read_to_end(&mut octets).map_err(failed)?;
    if octets.len() as u64 > limit {
        return Err(Stop::usage(format!(
            "{} holds more than {} MiB, and no more is read",
            file.display(),
            limit >> 20
        )));
    }
    Ok(octets)
}

/// Mistakes that leave no grammar.
fn refused(mistakes: &[Diagnostic]) -> Stop {
    use std::io::IsTerminal;

    let mut text = format!("the grammar has {} mistake(s)\n\n", mistakes.len());
    text.push_str(&rendered(mistakes, std::io::stderr().is_terminal()));
    text.push_str("\nhelp: `wsconform grammar check` finds warnings too");
    Stop::usage(text)
}

/// Diagnostics with their excerpts, an empty line between them; of very many the first.
pub(super) fn rendered(diagnostics: &[Diagnostic], coloured: bool) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        text.push_str(&diagnostic.render(coloured));
        text.push_str("\n\n");
    }
    if diagnostics.len() > SHOWN {
        text.push_str(&format!("and {} more\n", diagnostics.len() - SHOWN));
    }
    text
}

/// That there is no such rule, and which one may be meant.
pub(super) fn unknown_rule<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Stop {
    let help = match wsconform_abnf::suggest::closest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`wsconform grammar print` shows all rules".to_owned(),
    };
    Stop::usage(format!("the grammar has no rule `{name}`\nhelp: {help}"))
}
