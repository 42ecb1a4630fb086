//! The bodies of the fuzz targets, as plain functions: a finding is a panic.
//!
//! - [`frames::run`]: octets of an open connection, to two readings, whole and cut.
//! - [`handshake::run`]: octets as the head of a request and of an answer, to two readings.
//! - [`scenario::run`]: text as a block of scenarios.
//! - [`grammar::run`]: octets to the grammar of the book and to a parser.
//! - [`abnf`]: any grammar, read, checked, matched and made sentences of.
//!
//! [`seeds`] makes the committed corpus. The tests of this crate run the targets over it, so that
//! they are tried wherever tests run.

pub mod abnf;
mod control;
pub mod frames;
pub mod grammar;
pub mod handshake;
mod rule;
pub mod scenario;
pub mod seeds;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    type Run = fn(&[u8]);

    #[test]
    fn every_target_takes_its_corpus() {
        let targets: [(&str, Run); 8] = [
            ("frames", frames::run),
            ("handshake", handshake::run),
            ("scenario", scenario::run),
            ("grammar", grammar::run),
            ("abnf-read", abnf::reads),
            ("abnf-check", abnf::checks),
            ("abnf-recognise", abnf::recognises),
            ("abnf-generate", abnf::generates),
        ];
        for (target, run) in targets {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
            let mut count = 0;
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                eprintln!("{}", path.display());
                run(&std::fs::read(path).unwrap());
                count += 1;
            }
            assert!(count > 5, "{target} has only {count} seeds");
        }
    }
}
