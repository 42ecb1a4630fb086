//! The command line of wsconform; see [`wsconform::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wsconform::cli::main()
}
