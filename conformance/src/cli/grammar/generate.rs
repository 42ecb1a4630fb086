//! `wsconform grammar generate`.

use std::io::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;
use wsconform_abnf::generate::{Generator, Limits, Tape};
use wsconform_abnf::program::Options;

use super::super::Stop;
use super::given::Context;
use super::input::hexadecimal_of;
use super::sources::{Sources, UnitName};

/// Make sentences of a rule.
///
/// The same seed makes the same sentences. Lengths, masks and what else directives compute are
/// right: each sentence matches.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsconform grammar generate date-time date.abnf --count 5 --format text
  wsconform grammar generate frame-from-client --book --count 3
  wsconform grammar generate message message.abnf --format raw > message.bin

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
    /// Octets in hexadecimal, a line for each sentence.
    Hex,
    /// The octets themselves, one sentence behind the other.
    Raw,
    /// Text, a line for each sentence; other octets as in `\xFF`, a backslash as `\\`.
    Text,
    /// A JSON object on a line for each sentence: its rule, seed, and octets in hexadecimal.
    Json,
}

#[derive(Serialize)]
struct Sentence<'s> {
    rule: &'s str,
    seed: u64,
    octets: String,
}

impl Generate {
    pub(super) fn run(self) -> Result<u8, Stop> {
        let program = self.sources.program(Options { unit: self.unit.into(), pure: false })?;
        let wanted = self.context.of(&program, &self.rule, self.sources.is_book())?;
        let Some(entry) = program.entry(&wanted.rule) else {
            return Err(Stop::usage(format!("the grammar has no rule `{}`", wanted.rule)));
        };
        let generator = Generator::new(&program, &wanted.given);
        let limits = Limits { octets: self.max_len, ..Limits::default() };
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let mut octets = Vec::new();
        for seed in (self.seed..=u64::MAX).take(usize::try_from(self.count).unwrap_or(usize::MAX)) {
            generator
                .sentence_into(entry, Tape::seeded(seed), limits, &mut octets)
                .map_err(Stop::inconclusive)?;
            // A reader that has gone away (`| head`) is no error.
            if self.write(&mut out, seed, &wanted.rule, &octets).is_err() {
                return Ok(0);
            }
        }
        let _ = out.flush();
        Ok(0)
    }

    fn write(
        &self,
        out: &mut impl Write,
        seed: u64,
        rule: &str,
        octets: &[u8],
    ) -> std::io::Result<()> {
        match self.format {
            Format::Raw => out.write_all(octets),
            Format::Hex => writeln!(out, "{}", hexadecimal_of(octets, " ")),
            Format::Text => writeln!(out, "{}", escaped(octets)),
            Format::Json => {
                let octets = hexadecimal_of(octets, "");
                serde_json::to_writer(&mut *out, &Sentence { rule, seed, octets })?;
                writeln!(out)
            }
        }
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
