//! `wsconform grammar`: check, match, make and draw anyone's ABNF. Nothing here knows WebSocket, but
//! that the book's grammar can stand in for files.

mod check;
mod cover;
mod draw;
mod generate;
mod given;
mod input;
mod matching;
mod print;
mod sources;

use clap::{Args, Subcommand};

use super::Stop;

/// Check, match, make and draw ABNF: yours, or that of the book.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Grammar {
    #[command(subcommand)]
    verb: GrammarVerb,
}

const EXAMPLES: &str = "\
FILE holds rules as RFC 5234 and RFC 7405 write them; several files are one grammar. What ABNF cannot \
say may stand in comments such as `;@ size body : length`, which other tools skip. `;@ import rfc3986 \
as uri` at the margin makes the rules of an RFC known under a prefix: rfc3629, rfc3986, rfc5234, \
rfc6455, rfc7405, rfc9110 and rfc9112 are there.

Examples:
  wsconform grammar check date.abnf
  wsconform grammar match date-time date.abnf --text 1985-04-12T23:20:50Z
  wsconform grammar match frame --book --given sender=server --hex \"81 05 48 65 6C 6C 6F\"
  wsconform grammar generate date-time date.abnf --count 5 --format text
  wsconform grammar cover date-time date.abnf --input corpus/
  wsconform grammar draw date.abnf --out diagrams

Exit codes: 0 done, or a match; 1 no match, or warnings that are denied; 2 wrong usage or bad input; \
3 incomplete, or undecided.";

#[derive(Debug, Subcommand)]
enum GrammarVerb {
    Check(check::Check),
    Match(Box<matching::Match>),
    Generate(generate::Generate),
    Cover(cover::Cover),
    Draw(draw::Draw),
    Print(print::Print),
}

impl Grammar {
    pub(super) fn run(self, coloured: bool) -> Result<u8, Stop> {
        match self.verb {
            GrammarVerb::Check(verb) => verb.run(coloured),
            GrammarVerb::Match(verb) => verb.run(),
            GrammarVerb::Generate(verb) => verb.run(),
            GrammarVerb::Cover(verb) => verb.run(),
            GrammarVerb::Draw(verb) => verb.run(),
            GrammarVerb::Print(verb) => verb.run(),
        }
    }
}
