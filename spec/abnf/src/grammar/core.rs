//! The core rules, which every grammar has (RFC 5234, B.1).

use std::sync::LazyLock;

use super::{Grammar, GrammarRule, Origin};
use crate::diagnostic::Source;
use crate::reader::read;

static CORE: LazyLock<Grammar> = LazyLock::new(|| {
    let source = Source::new("RFC 5234, appendix B.1", include_str!("core.abnf"));
    let mut core = Grammar::default();
    for base in read(&source, 0..source.text().len()).rules {
        core.push(GrammarRule::new(base, Origin::Core));
    }
    core.link(|core, _, name| core.own_index(name));
    core
});

/// The core rules as a grammar of their own.
pub(super) fn grammar() -> &'static Grammar {
    &CORE
}

/// The core rule called `name`.
pub(super) fn rule(name: &str) -> Option<&'static GrammarRule> {
    CORE.own(name)
}

/// The names of all core rules.
pub(super) fn names<'n>() -> impl Iterator<Item = &'n str> {
    CORE.rules().map(GrammarRule::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_rules_refer_to_core_rules() {
        assert_eq!(names().count(), 16);
        for core in CORE.rules() {
            assert!(core.is_core());
            core.base.alternation.for_each_reference(&mut |name| {
                assert!(rule(&name.text).is_some_and(GrammarRule::is_core));
            });
        }
        assert_eq!(rule("digit").unwrap().to_string(), "DIGIT = %x30-39");
    }
}
