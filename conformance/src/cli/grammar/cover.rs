//! `wsconform grammar cover`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use wsconform_abnf::cover::{Coverage, Points};
use wsconform_abnf::program::Options;
use wsconform_abnf::recognise::{Detail, Matcher, Verdict};

use super::super::{Stop, print};
use super::given::Context;
use super::input::{INPUT_LIMIT, hexadecimal};
use super::sources::{Sources, UnitName, read_octets};

/// Measure which choices of a grammar a corpus exercises.
///
/// Choices are each alternative, each option taken and left out, each repetition with the least
/// number, one more and the greatest, and both ends of each range. A line for each rule says how
/// many of its choices were made; then follow those that were not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsconform grammar cover date-time date.abnf --input corpus/
  wsconform grammar generate date-time date.abnf --count 100 \\
    | wsconform grammar cover date-time date.abnf --lines - --deny missing

Exit codes: 0 done; 1 choices are missing, and that is denied; 2 wrong usage or bad input.")]
pub(super) struct Cover {
    /// The rule, without regard to case; with --book also an entry such as frame-from-client.
    rule: String,
    #[command(flatten)]
    sources: Sources,
    /// A file whose octets are an input; of a folder, every file in it.
    #[arg(long, value_name = "PATH", required_unless_present = "lines")]
    input: Vec<PathBuf>,
    /// A file with an input on each line, in hexadecimal; `-` is the standard input.
    #[arg(long, value_name = "PATH")]
    lines: Vec<PathBuf>,
    #[command(flatten)]
    context: Context,
    /// What values are where no directive says otherwise.
    #[arg(long, value_name = "UNIT", default_value = "octet")]
    unit: UnitName,
    /// What to take for a failure.
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Deny {
    /// Choices that no input makes.
    Missing,
}

impl Cover {
    pub(super) fn run(self) -> Result<u8, Stop> {
        let is_stdin = |path: &PathBuf| path.as_path() == Path::new("-");
        if self.sources.takes_stdin() && self.lines.iter().chain(&self.input).any(is_stdin) {
            return Err(Stop::usage("the standard input cannot hold both rules and octets"));
        }
        let program = self.sources.program(Options { unit: self.unit.into(), pure: false })?;
        let wanted = self.context.of(&program, &self.rule, self.sources.is_book())?;
        let (Some(rule), Some(matcher)) =
            (program.rule_id(&wanted.rule), Matcher::new(&program, &wanted.rule))
        else {
            return Err(Stop::usage(format!("the grammar has no rule `{}`", wanted.rule)));
        };
        let matcher = matcher.detail(Detail::Everything);
        let points = Points::new(&program, &[rule]);
        let mut coverage = Coverage::new(&points);
        let (mut inputs, mut others) = (0_usize, Vec::new());
        self.for_each_input(|name, octets| {
            inputs += 1;
            match matcher.recognise(octets, &wanted.given) {
                Verdict::Match(tree) => coverage.add(&tree, octets),
                _ => others.push(name),
            }
        })?;
        let mut text = coverage.table();
        text.push_str(&format!("{} of {inputs} inputs match\n", inputs - others.len()));
        for name in others {
            text.push_str(&format!("no match: {name}\n"));
        }
        print(&text);
        Ok(if self.deny.is_some() && !coverage.is_complete() { 1 } else { 0 })
    }

    fn for_each_input(&self, mut visit: impl FnMut(String, &[u8])) -> Result<(), Stop> {
        for path in &self.input {
            for file in files(path)? {
                visit(file.display().to_string(), &read_octets(&file, INPUT_LIMIT)?);
            }
        }
        for path in &self.lines {
            let octets = read_octets(path, INPUT_LIMIT)?;
            for (index, line) in octets.split(|octet| *octet == b'\n').enumerate() {
                let line = String::from_utf8_lossy(line);
                let name = format!("{}:{}", path.display(), index + 1);
                if line.trim().is_empty() {
                    continue;
                }
                let Some(octets) = hexadecimal(&line) else {
                    return Err(Stop::usage(format!("{name} is not octets in hexadecimal")));
                };
                visit(name, &octets);
            }
        }
        Ok(())
    }
}

/// The file, or the files of the folder in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, Stop> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |error| Stop::usage(format!("cannot read {}: {error}", path.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
