//! The command line: a file a verb.
//!
//! Exit codes: 0 all requirements met (or the verb's work done), 1 not met, 2 wrong usage or bad
//! input, 3 nothing can be said.

mod certify;
mod explain;
mod grammar;
mod schema;
mod serve;
mod spec;
mod vectors;

use std::fmt;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ColorChoice, Parser, Subcommand};
use wsconform_spec::{Book, BookError};

/// Certifies any WebSocket endpoint: server, client or gateway.
///
/// Each case is a scenario of an executable specification; each verdict names the requirement
/// behind it, its level and its source.
#[derive(Debug, Parser)]
#[command(name = "wsconform", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 met, 1 not met, 2 wrong usage or bad input, 3 inconclusive.")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    /// When to use colours.
    // By default its place among the options of a verb would be the number of verbs.
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN", display_order = 7)]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Certify an endpoint against the specification.
    Certify(Box<certify::Certify>),
    /// Run one of the built-in endpoints, to try a client or this tool on it.
    Serve(serve::Serve),
    /// Let one of the built-in clients connect to a server.
    Connect(serve::Connect),
    /// Read the specification: its requirements, grammar, cases and ledger.
    Spec(spec::Spec),
    Explain(explain::Explain),
    /// Regenerate or check the golden test vectors.
    Vectors(vectors::Vectors),
    /// Check, match, make and draw ABNF: yours, or that of the book.
    Grammar(grammar::Grammar),
    /// Print the JSON Schema of a data format.
    Schema(schema::Schema),
}

/// What stops a verb, and the exit code that says so.
#[derive(Debug)]
pub struct Stop {
    code: u8,
    message: String,
}

impl Stop {
    /// Wrong usage or bad input.
    fn usage(message: impl fmt::Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// Nothing can be said about the endpoint.
    fn inconclusive(message: impl fmt::Display) -> Self {
        Self { code: 3, message: message.to_string() }
    }
}

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let coloured = match arguments.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
        }
    };
    let done = match arguments.verb {
        Verb::Certify(verb) => verb.run(coloured),
        Verb::Serve(verb) => verb.run(),
        Verb::Connect(verb) => verb.run(),
        Verb::Spec(verb) => verb.run(coloured),
        Verb::Explain(verb) => verb.run(),
        Verb::Vectors(verb) => verb.run(),
        Verb::Grammar(verb) => verb.run(coloured),
        Verb::Schema(verb) => verb.run(),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(stop) => {
            eprintln!("error: {}", stop.message.trim_end());
            ExitCode::from(stop.code)
        }
    }
}

/// Prints to the standard output. A reader that has gone away (`| head`) is no error.
fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The book: the embedded one, or that of a folder.
fn book(folder: Option<&std::path::Path>) -> Result<Arc<Book>, Stop> {
    let book = match folder {
        None => crate::book::embedded(),
        Some(folder) => crate::book::from_dir(folder),
    };
    book.map(Arc::new).map_err(|error| Stop::usage(describe(&error)))
}

/// A book error with all its diagnostics.
fn describe(error: &BookError) -> String {
    match error {
        BookError::Diagnostics(diagnostics) => {
            let coloured = std::io::stderr().is_terminal();
            let mut text = format!("the book has {} mistake(s)\n\n", diagnostics.len());
            for diagnostic in diagnostics {
                text.push_str(&diagnostic.render(coloured));
                text.push_str("\n\n");
            }
            text
        }
        error => error.to_string(),
    }
}
