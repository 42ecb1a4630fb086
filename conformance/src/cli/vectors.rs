//! `wsconform vectors`: the golden test vectors.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wsconform_vectors::generator;

use super::{Stop, print};

/// Regenerate or check the golden test vectors.
#[derive(Debug, Args)]
pub(super) struct Vectors {
    #[command(subcommand)]
    verb: VectorsVerb,
    /// The folder of the vectors in a checkout.
    #[arg(long, global = true, value_name = "DIR", default_value = "vectors")]
    dir: PathBuf,
}

#[derive(Debug, Subcommand)]
enum VectorsVerb {
    /// Write the files anew; each vector has to be confirmed by two independent readings.
    Generate,
    /// Compare the files with what is generated, octet for octet, and replay every vector whole, cut
    /// at every point, and octet by octet.
    Check,
}

impl Vectors {
    pub(super) fn run(self) -> Result<u8, Stop> {
        if !self.dir.join("data").is_dir() {
            return Err(Stop::usage(format!(
                "there is no folder {}\nhelp: run this in a checkout, or name the folder with --dir",
                self.dir.join("data").display()
            )));
        }
        match self.verb {
            VectorsVerb::Generate => {
                let written = generator::write(&self.dir).map_err(Stop::usage)?;
                for path in &written {
                    print(&format!("wrote {}\n", path.display()));
                }
                if written.is_empty() {
                    print("all files are up to date\n");
                }
                Ok(0)
            }
            VectorsVerb::Check => {
                let report = generator::check(&self.dir).map_err(Stop::usage)?;
                print(&format!("{report}\n"));
                Ok(if report.is_ok() { 0 } else { 1 })
            }
        }
    }
}
