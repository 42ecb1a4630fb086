//! What went over the wire in a case, bounded however much that was.

use tokio::time::Instant;

use crate::report::{Direction, TranscriptEntry};
use crate::wire::hex;

/// Entries that are kept; of more, the first and the last.
const MOST_ENTRIES: usize = 64;
/// Octets of an entry that are kept.
const MOST_OCTETS: usize = 256;

/// The transcript of a case.
pub(crate) struct Transcript {
    began: Instant,
    entries: Vec<TranscriptEntry>,
    left_out: u64,
}

impl Default for Transcript {
    fn default() -> Self {
        Self { began: Instant::now(), entries: Vec::new(), left_out: 0 }
    }
}

impl Transcript {
    /// Adds octets.
    pub(crate) fn add(&mut self, connection: Option<&str>, direction: Direction, octets: &[u8]) {
        let kept = &octets[..octets.len().min(MOST_OCTETS)];
        let printed = match octets.len() - kept.len() {
            0 => hex::print(kept),
            more => format!("{} … and {more} octets", hex::print(kept)),
        };
        self.push(connection, direction, octets.len() as u64, printed);
    }

    /// Adds something that is no octets: the end of the stream.
    pub(crate) fn note(&mut self, connection: Option<&str>, direction: Direction, what: &str) {
        self.push(connection, direction, 0, what.to_owned());
    }

    /// How long the case has taken, in ms.
    pub(crate) fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The entries.
    pub(crate) fn finish(mut self) -> Vec<TranscriptEntry> {
        if let Some(last) = self.entries.last_mut()
            && self.left_out > 0
        {
            last.octets = format!("… {} entries left out … {}", self.left_out, last.octets);
        }
        self.entries
    }

    fn push(
        &mut self,
        connection: Option<&str>,
        direction: Direction,
        length: u64,
        octets: String,
    ) {
        let entry = TranscriptEntry {
            connection: connection.map(str::to_owned),
            ms: self.milliseconds(),
            direction,
            length,
            octets,
        };
        if self.entries.len() < MOST_ENTRIES {
            self.entries.push(entry);
        } else {
            self.left_out += 1;
            if let Some(last) = self.entries.last_mut() {
                *last = entry;
            }
        }
    }
}
