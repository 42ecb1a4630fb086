//! The rule sets of RFCs, embedded.

use std::sync::{Arc, OnceLock};

use super::{Grammar, GrammarBuilder};
use crate::diagnostic::Source;

struct Set {
    name: &'static str,
    text: &'static str,
    grammar: OnceLock<Arc<Grammar>>,
}

/// A set may import those above it, so that there are no cycles.
static SETS: [Set; 8] = [
    Set::new("rfc3629", include_str!("../../rules/rfc3629.abnf")),
    Set::new("rfc3986", include_str!("../../rules/rfc3986.abnf")),
    Set::new("rfc7405", include_str!("../../rules/rfc7405.abnf")),
    Set::new("rfc5234", include_str!("../../rules/rfc5234.abnf")),
    Set::new("rfc9110", include_str!("../../rules/rfc9110.abnf")),
    Set::new("rfc9112", include_str!("../../rules/rfc9112.abnf")),
    Set::new("rfc6455", include_str!("../../rules/rfc6455.abnf")),
    Set::new("rfc6455-frame", include_str!("../../rules/rfc6455-frame.abnf")),
];

impl Set {
    const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, grammar: OnceLock::new() }
    }
}

/// The embedded grammar of an RFC, such as `rfc3986`; it is read when it is first asked for.
///
/// ```
/// let grammar = wsconform_abnf::known("rfc3986").unwrap();
/// assert_eq!(grammar.rule("fragment").unwrap().to_string(), "fragment = *(pchar / \"/\" / \"?\")");
/// ```
pub fn known(name: &str) -> Option<Arc<Grammar>> {
    Known::default().get(name)
}

/// The names of the embedded grammars, in order.
pub fn known_names() -> impl Iterator<Item = &'static str> {
    Known::default().names()
}

/// The embedded sets that may be imported.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    number: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self { number: SETS.len() }
    }
}

impl Known {
    pub(super) fn names<'n>(self) -> impl Iterator<Item = &'n str> {
        SETS.iter().take(self.number).map(|set| set.name)
    }

    pub(super) fn get(self, name: &str) -> Option<Arc<Grammar>> {
        let number = self.names().position(|known| known.eq_ignore_ascii_case(name))?;
        let set = SETS.get(number)?;
        Some(Arc::clone(set.grammar.get_or_init(|| {
            let source = Source::new(format!("{}.abnf", set.name), set.text);
            let mut builder = GrammarBuilder::knowing(Self { number });
            builder.add(&source, 0..source.text().len());
            // No set has a mistake, as the tests show.
            Arc::new(builder.finish().unwrap_or_default())
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_reads() {
        for (number, set) in SETS.iter().enumerate() {
            let source = Source::new(format!("{}.abnf", set.name), set.text);
            let mut builder = GrammarBuilder::knowing(Known { number });
            builder.add(&source, 0..source.text().len());
            let (grammar, mistakes) = builder.build();
            assert_eq!(mistakes, [], "{}", set.name);
            assert_eq!(known(&set.name.to_uppercase()).as_deref(), Some(&grammar));
        }
        assert_eq!(known("rfc1"), None);
    }
}
