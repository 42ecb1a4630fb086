//! `wsconform schema`: the JSON Schemas of the data formats.

use clap::{Args, ValueEnum};

use super::{Stop, print};
use crate::report::report_schema;

/// Print the JSON Schema of a data format.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Which format.
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line of a report of `certify`.
    Report,
    /// A file of golden test vectors.
    Vectors,
}

impl Schema {
    pub(super) fn run(self) -> Result<u8, Stop> {
        print(&match self.format {
            Format::Report => report_schema(),
            Format::Vectors => wsconform_vectors::schema(),
        });
        Ok(0)
    }
}
