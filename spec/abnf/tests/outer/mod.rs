//! abnf-oracle as an outer oracle: a reader of plain ABNF that others wrote.

use std::cell::Cell;

use abnf_oracle::{CheckedGrammar, MatchOptions, Recognizer};
use wsconform_abnf::Grammar;

/// The foreign reading of a grammar without its directives, and how often it could tell.
pub(crate) struct Outer {
    pub(crate) grammar: CheckedGrammar,
    pub(crate) accepted: Cell<usize>,
    pub(crate) refused: Cell<usize>,
    pub(crate) undecided: Cell<usize>,
}

impl Outer {
    /// `None` if the foreign tool refuses the grammar, as it does left recursion.
    pub(crate) fn new(grammar: &Grammar) -> Option<Self> {
        let text = grammar.to_plain_abnf();
        let read = abnf_oracle::Grammar::parse(&text);
        let read = read.unwrap_or_else(|error| panic!("{}\n{text}", error.render(&text)));
        let grammar = read.check().ok()?;
        let zero = || Cell::new(0);
        Some(Self { grammar, accepted: zero(), refused: zero(), undecided: zero() })
    }

    /// Whether `octets`, as characters of Latin-1, match `rule`; `None` if it cannot tell.
    pub(crate) fn accepts(&self, rule: &str, octets: &[u8]) -> Option<bool> {
        let input: String = octets.iter().map(|octet| char::from(*octet)).collect();
        let limits = MatchOptions { max_steps: Some(300_000), ..MatchOptions::default() };
        let verdict = Recognizer::new(&self.grammar, &input).with_options(limits).accepts(rule);
        let counter = match verdict {
            Ok(true) => &self.accepted,
            Ok(false) => &self.refused,
            Err(_) => &self.undecided,
        };
        counter.set(counter.get() + 1);
        verdict.ok()
    }

    /// Tells how often it could tell; too few answers of either kind would be no comparison.
    pub(crate) fn assert_decided(&self, what: &str, accepted: usize, refused: usize) {
        let told = format!(
            "{what}: {} accepted, {} refused, {} undecided",
            self.accepted.get(),
            self.refused.get(),
            self.undecided.get()
        );
        println!("{told}");
        assert!(self.accepted.get() >= accepted && self.refused.get() >= refused, "{told}");
    }
}

/// Octets that are nearly `octets`, a way for each seed.
pub(crate) fn nearly(octets: &[u8], seed: usize) -> Vec<u8> {
    let mut octets = octets.to_vec();
    let at = seed.wrapping_mul(0x9E37_79B9) % (octets.len() + 1);
    match seed % 4 {
        0 => octets.insert(at, b"a0:/ ;\"\xFF"[seed / 4 % 8]),
        1 if at < octets.len() => {
            octets.remove(at);
        }
        2 if at < octets.len() => octets[at] ^= 1 << (seed / 4 % 8),
        _ => octets.truncate(at),
    }
    octets
}
