//! `wsconform grammar generate`.

use std::collections::BTreeMap;
use std::io::{BufWriter, StdoutLock, Write};

use clap::{Args, ValueEnum};
use serde::Serialize;
use wsconform_abnf::cover::{Points, Reason, members, near_misses};
use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::{Options, Reference};

use super::super::Stop;
use super::given::Context;
use super::input::hexadecimal_of;
use super::sources::{Sources, UnitName};

/// Make sentences of a rule: some, those that make every choice, or such as are wrong in one thing.
///
/// The same seed makes the same sentences. Lengths, masks and what else directives compute are
/// right: each sentence matches. A near-miss does not: one terminal, bound, part or directive of it
/// is broken alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsconform grammar generate date-time date.abnf --count 5 --format text
  wsconform grammar generate frame-from-client --book --cover
  wsconform grammar generate date-time date.abnf --near-misses --format text
  wsconform grammar generate message message.abnf --format raw > message.bin

What --cover and --near-misses do not find a sentence for is told on the standard error.

Exit codes: 0 done; 2 wrong usage or bad input; 3 no sentence was found.")]
pub(super) struct Generate {
    /// The rule, without regard to case; with --book also an entry such as frame-from-client.
    rule: String,
    #[command(flatten)]
    sources: Sources,
    #[command(flatten)]
    context: Context,
    /// What values are where no directive says otherwise.
    #[arg(long, value_name = "UNIT", default_value = "octet")]
    unit: UnitName,
    /// Make sentences until each alternative, option, bound and end of a range was taken that can
    /// be.
    #[arg(long, conflicts_with_all = ["near_misses", "count", "seed", "max_len"])]
    cover: bool,
    /// Make sentences that are wrong in one thing, with what that is.
    #[arg(long, conflicts_with_all = ["count", "seed", "max_len"])]
    near_misses: bool,
    /// How many sentences.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    count: u64,
    /// Where to begin; each sentence has a seed of its own, the next after that of the one before.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// The greatest length of a sentence in octets; more only where the rule leaves no choice.
    #[arg(long, value_name = "OCTETS", default_value_t = 4096)]
    max_len: u64,
    /// How to write sentences.
    #[arg(long, value_name = "FORMAT", default_value = "hex")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Octets in hexadecimal, a line for each sentence; behind a near-miss, what is wrong.
    Hex,
    /// The octets themselves, one sentence behind the other.
    Raw,
    /// Text, a line for each sentence; other octets as in `\xFF`, a backslash as `\\`.
    Text,
    /// A JSON object on a line for each sentence: its rule, its octets in hexadecimal, what it is
    /// for.
    Json,
}

/// A sentence with what is known of it.
#[derive(Serialize)]
struct Sentence<'s> {
    rule: &'s str,
    octets: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// The choices that it makes as the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    takes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    near_miss: Option<NearMiss>,
}

#[derive(Serialize)]
struct NearMiss {
    id: String,
    broken: String,
    offset: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<String>,
}

impl Generate {
    pub(super) fn run(self) -> Result<u8, Stop> {
        let program = self.sources.program(Options { unit: self.unit.into(), pure: false })?;
        let wanted = self.context.of(&program, &self.rule, self.sources.is_book())?;
        let Some(entry) = program.entry(&wanted.rule) else {
            return Err(Stop::usage(format!("the grammar has no rule `{}`", wanted.rule)));
        };
        let generator = Generator::new(&program, &wanted.given);
        let out = BufWriter::new(std::io::stdout().lock());
        let mut output = Output { out, format: self.format, rule: &wanted.rule };
        if self.cover {
            output.cover(&generator, entry)
        } else if self.near_misses {
            output.near_misses(&generator)
        } else {
            let limits = Limits { octets: self.max_len, ..Limits::default() };
            let count = usize::try_from(self.count).unwrap_or(usize::MAX);
            let seeds = (self.seed..=u64::MAX).take(count);
            output.some(&generator, entry, seeds, limits)
        }
    }
}

/// Where sentences go.
struct Output<'o> {
    out: BufWriter<StdoutLock<'static>>,
    format: Format,
    rule: &'o str,
}

impl Output<'_> {
    fn some(
        &mut self,
        generator: &Generator<'_>,
        entry: &Reference,
        seeds: impl Iterator<Item = u64>,
        limits: Limits,
    ) -> Result<u8, Stop> {
        let mut octets = Vec::new();
        for seed in seeds {
            generator
                .sentence_into(entry, Tape::seeded(seed), limits, &mut octets)
                .map_err(Stop::inconclusive)?;
            if !self.write(&octets, |sentence| sentence.seed = Some(seed)) {
                break;
            }
        }
        self.finish(0)
    }

    fn cover(&mut self, generator: &Generator<'_>, entry: &Reference) -> Result<u8, Stop> {
        let points = Points::new(generator.program(), &[entry.rule]);
        let Some(found) = members(generator, self.rule, &points, &[]) else {
            return Err(Stop::usage(format!("the grammar has no rule `{}`", self.rule)));
        };
        let described = |number: usize| points.get(number).map(|point| points.describe(point));
        for member in &found.sentences {
            let takes = || member.takes.iter().copied().filter_map(described).collect();
            if !self.write(&member.octets, |sentence| sentence.takes = takes()) {
                break;
            }
        }
        let missed = found.missed.iter().map(|(number, reason)| {
            (move || described(*number).unwrap_or_default(), reason.to_string())
        });
        tell("not taken", missed);
        let taken = points.len() - found.missed.len();
        eprintln!("{} of {} choices taken", taken, points.len());
        self.finish(if found.sentences.is_empty() && !points.is_empty() { 3 } else { 0 })
    }

    fn near_misses(&mut self, generator: &Generator<'_>) -> Result<u8, Stop> {
        let Some(found) = near_misses(generator, self.rule) else {
            return Err(Stop::usage(format!("the grammar has no rule `{}`", self.rule)));
        };
        for one in &found.sentences {
            let near_miss = || NearMiss {
                id: one.id.clone(),
                broken: one.broken.clone(),
                offset: one.offset,
                code: one.due.as_ref().map(|due| u64::from(due.code)),
                requirement: one.due.as_ref().map(|due| due.requirement.clone()),
            };
            if !self.write(&one.octets, |sentence| sentence.near_miss = Some(near_miss())) {
                break;
            }
        }
        let unbroken = found.unbroken.iter().map(|one| {
            (move || format!("{}: {}", one.id, one.broken), reason(one.reason).to_owned())
        });
        tell("not broken", unbroken);
        self.finish(if found.sentences.is_empty() { 3 } else { 0 })
    }

    /// Writes a sentence; false if the reader has gone away (`| head`), which is no error.
    fn write(&mut self, octets: &[u8], describe: impl FnOnce(&mut Sentence<'_>)) -> bool {
        let mut sentence = Sentence {
            rule: self.rule,
            octets: String::new(),
            seed: None,
            takes: Vec::new(),
            near_miss: None,
        };
        let out = &mut self.out;
        let written = match self.format {
            Format::Raw => out.write_all(octets),
            Format::Hex | Format::Text => {
                describe(&mut sentence);
                let text = match self.format {
                    Format::Hex => hexadecimal_of(octets, " "),
                    _ => escaped(octets),
                };
                match &sentence.near_miss {
                    Some(one) => writeln!(out, "{text:<40} ; {}: {}", one.id, one.broken),
                    None => writeln!(out, "{text}"),
                }
            }
            Format::Json => {
                describe(&mut sentence);
                sentence.octets = hexadecimal_of(octets, "");
                serde_json::to_writer(&mut *out, &sentence)
                    .map_err(Into::into)
                    .and_then(|()| writeln!(out))
            }
        };
        written.is_ok()
    }

    fn finish(&mut self, code: u8) -> Result<u8, Stop> {
        let _ = self.out.flush();
        Ok(code)
    }
}

/// Tells what there is no sentence for on the standard error: a line for each, and for those beyond
/// a hundred with the same reason one line in all.
fn tell<D: FnOnce() -> String>(what: &str, missing: impl Iterator<Item = (D, String)>) {
    const SHOWN: usize = 100;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (describe, reason) in missing {
        let count = counts.entry(reason.clone()).or_default();
        *count += 1;
        if *count <= SHOWN {
            eprintln!("{what}: {}: {reason}", describe());
        }
    }
    for (reason, count) in counts {
        if let Some(more) = count.checked_sub(SHOWN).filter(|more| *more > 0) {
            eprintln!("{what}: {more} more: {reason}");
        }
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Impossible => "no sentence was found in which it would be",
        Reason::Accepted => "what was found matches all the same",
        Reason::Incomplete => "what was found is the beginning of a sentence",
        Reason::Known => "what was found was made already",
        Reason::NotTried => "not tried to the end: so large a grammar takes too much work",
    }
}

/// Octets as text, with escapes for what is no printable US-ASCII.
fn escaped(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in octets {
        match octet {
            b'\\' => text.push_str("\\\\"),
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            0x20..0x7F => text.push(char::from(*octet)),
            _ => text.push_str(&format!("\\x{octet:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_every_octet_apart() {
        assert_eq!(escaped(b"a \\x41\r\n\t\x00\x7F\xC3\xA9"), r"a \\x41\r\n\t\x00\x7F\xC3\xA9");
    }
}
