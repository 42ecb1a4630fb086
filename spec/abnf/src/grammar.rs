//! Rules of several texts, merged and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::ast::{Concatenation, Definition, Directive, Name, Rule};
use crate::diagnostic::{Diagnostic, Source};
use crate::reader::read;
use crate::suggest::closest;

/// A set of rules in which every name is defined once and every reference leads to a rule.
///
/// Names are compared without regard to case. The core rules (RFC 5234, B.1) are always there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grammar {
    rules: BTreeMap<String, GrammarRule>,
    order: Vec<String>,
}

impl Grammar {
    /// The grammar that `source` holds.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, in order.
    pub fn read(source: &Source) -> Result<Self, Vec<Diagnostic>> {
        let mut builder = GrammarBuilder::new();
        builder.add(source, 0..source.text().len());
        builder.finish()
    }

    /// The rule called `name`.
    pub fn rule(&self, name: &str) -> Option<&GrammarRule> {
        self.rules.get(&name.to_ascii_lowercase())
    }

    /// The rules in the order of their definition, without the core rules.
    pub fn rules(&self) -> impl Iterator<Item = &GrammarRule> {
        self.order.iter().filter_map(|key| self.rules.get(key))
    }
}

/// A rule with all its parts: a definition, then incremental alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrammarRule {
    base: Rule,
    increments: Vec<Rule>,
    core: bool,
}

impl GrammarRule {
    /// The name as its definition writes it.
    pub fn name(&self) -> &str {
        &self.base.name.text
    }

    /// Whether it is one of the core rules (RFC 5234, B.1).
    pub fn is_core(&self) -> bool {
        self.core
    }

    /// The definition, then the incremental alternatives in order.
    pub fn parts(&self) -> impl Iterator<Item = &Rule> {
        std::iter::once(&self.base).chain(&self.increments)
    }

    /// All alternatives, those of `=/` behind those of `=`.
    pub fn branches(&self) -> impl Iterator<Item = &Concatenation> {
        self.parts().flat_map(|rule| &rule.alternation.branches)
    }

    /// The directives of all parts, each with the source that its span is a range of.
    pub fn directives(&self) -> impl Iterator<Item = (&Source, &Directive)> {
        self.parts()
            .flat_map(|rule| rule.directives.iter().map(|directive| (&rule.source, directive)))
    }
}

impl std::fmt::Display for GrammarRule {
    /// The parts, a line each.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.base.fmt(f)?;
        self.increments.iter().try_for_each(|rule| write!(f, "\n{rule}"))
    }
}

/// Collects rules from any number of texts.
#[derive(Clone, Debug, Default)]
pub struct GrammarBuilder {
    rules: Vec<Rule>,
    unreadable: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
}

impl GrammarBuilder {
    /// A builder without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the rules in the octets `range` of `source`; mistakes are kept for
    /// [`GrammarBuilder::finish`].
    pub fn add(&mut self, source: &Source, range: Range<usize>) {
        let mut reading = read(source, range);
        self.rules.append(&mut reading.rules);
        self.unreadable.extend(reading.unreadable.iter().map(Name::key));
        self.diagnostics.append(&mut reading.diagnostics);
    }

    /// The rules as one grammar.
    ///
    /// # Errors
    ///
    /// All mistakes: those of the texts in the order in which they were added, then names defined
    /// twice, incremental alternatives without a definition before them, and references that lead
    /// nowhere.
    pub fn finish(self) -> Result<Grammar, Vec<Diagnostic>> {
        let Self { rules, unreadable, mut diagnostics } = self;
        let mut grammar = Grammar { rules: core_rules(), order: Vec::new() };
        for rule in rules {
            match rule.definition {
                Definition::Base => define(&mut grammar, rule, &mut diagnostics),
                Definition::Incremental => {
                    extend(&mut grammar, rule, &unreadable, &mut diagnostics);
                }
            }
        }
        report_undefined(&grammar, &unreadable, &mut diagnostics);
        if diagnostics.is_empty() { Ok(grammar) } else { Err(diagnostics) }
    }
}

fn define(grammar: &mut Grammar, rule: Rule, diagnostics: &mut Vec<Diagnostic>) {
    let key = rule.name.key();
    let name = &rule.name.text;
    match grammar.rules.get(&key) {
        None => {
            let rule = GrammarRule { base: rule, increments: Vec::new(), core: false };
            grammar.rules.insert(key.clone(), rule);
            grammar.order.push(key);
        }
        Some(core) if core.core => {
            // A text may repeat a core rule, as RFC 5234 itself does, but not change it.
            if !core.base.to_string().eq_ignore_ascii_case(&rule.to_string()) {
                diagnostics.push(changed_core(&rule, core));
            }
        }
        Some(first) => diagnostics.push(
            Diagnostic::new(
                &rule.source,
                rule.name.span.clone(),
                "rule defined twice",
                format!("`{name}` has a definition already"),
            )
            .help(format!(
                "the first is at {}; names ignore case, more alternatives are added by `=/`",
                first.base.location()
            )),
        ),
    }
}

fn extend(
    grammar: &mut Grammar,
    rule: Rule,
    unreadable: &BTreeSet<String>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let key = rule.name.key();
    match grammar.rules.get_mut(&key) {
        Some(core) if core.core => diagnostics.push(changed_core(&rule, core)),
        Some(base) => base.increments.push(rule),
        None if unreadable.contains(&key) => {}
        None => diagnostics.push(
            Diagnostic::new(
                &rule.source,
                rule.name.span.clone(),
                "incremental alternative without a base",
                format!("no rule `{}` is defined before this", rule.name.text),
            )
            .help("the first definition of a name uses `=`, later ones add to it by `=/`"),
        ),
    }
}

fn changed_core(rule: &Rule, core: &GrammarRule) -> Diagnostic {
    Diagnostic::new(
        &rule.source,
        rule.name.span.clone(),
        "core rule changed",
        format!("`{}` is a core rule of RFC 5234, B.1", rule.name.text),
    )
    .help(format!("it is `{core}`; choose another name"))
}

fn report_undefined(
    grammar: &Grammar,
    unreadable: &BTreeSet<String>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    // Each suggestion looks at all names, so their number is bounded.
    const SUGGESTIONS: usize = 20;
    let mut reported = 0;
    for rule in grammar.rules().flat_map(GrammarRule::parts) {
        rule.alternation.for_each_reference(&mut |name| {
            let key = name.key();
            if grammar.rules.contains_key(&key) || unreadable.contains(&key) {
                return;
            }
            let mut diagnostic = Diagnostic::new(
                &rule.source,
                name.span.clone(),
                "undefined rule",
                format!("no rule is called `{}`", name.text),
            );
            if reported < SUGGESTIONS {
                let names = grammar.rules.values().map(GrammarRule::name);
                if let Some(near) = closest(&name.text, names) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
            }
            reported += 1;
            diagnostics.push(diagnostic);
        });
    }
}

fn core_rules() -> BTreeMap<String, GrammarRule> {
    let source = Source::new("RFC 5234, appendix B.1", include_str!("core.abnf"));
    read(&source, 0..source.text().len())
        .rules
        .into_iter()
        .map(|rule| {
            (rule.name.key(), GrammarRule { base: rule, increments: Vec::new(), core: true })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grammar(text: &str) -> Result<Grammar, String> {
        Grammar::read(&Source::new("test.abnf", text)).map_err(|diagnostics| {
            let lines: Vec<_> = diagnostics.iter().map(|one| one.render(false)).collect();
            lines.join("\n\n")
        })
    }

    #[test]
    fn core_rules_are_built_in() {
        let grammar = grammar("a = 2DIGIT crlf").unwrap();
        assert_eq!(core_rules().len(), 16);
        for rule in core_rules().values() {
            assert!(rule.is_core());
            rule.base.alternation.for_each_reference(&mut |name| {
                assert!(grammar.rule(&name.text).is_some_and(GrammarRule::is_core));
            });
        }
        assert_eq!(grammar.rule("digit").unwrap().to_string(), "DIGIT = %x30-39");
        assert_eq!(grammar.rules().map(GrammarRule::name).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn merges_texts() {
        let mut builder = GrammarBuilder::new();
        let one = Source::new("one.abnf", "a = b\nb = \"b\"");
        let two = Source::new("two.abnf", "skipped\nA =/ \"c\" / B ;@ note\nCR = %x0D\n");
        builder.add(&one, 0..one.text().len());
        builder.add(&two, 8..two.text().len());
        let grammar = builder.finish().unwrap();
        let rule = grammar.rule("a").unwrap();
        let branches: Vec<_> = rule.branches().map(ToString::to_string).collect();
        assert_eq!(branches, ["b", "\"c\"", "B"]);
        let (source, directive) = rule.directives().next().unwrap();
        assert_eq!(&source.text()[directive.span.clone()], "note");
    }

    #[test]
    fn reports_what_does_not_fit_together() {
        insta::assert_snapshot!(
            grammar(
                "frame = head paylaod\npayload = *OCTTE\nhead = OCTET\nHEAD = OCTET\n\
                 tail =/ \"t\"\nDIGIT = %x30-31\nalpha =/ \"-\"\n"
            )
            .unwrap_err(),
            @r#"
            error: rule defined twice
             --> test.abnf:4:1
              |
            4 | HEAD = OCTET
              | ^^^^ `HEAD` has a definition already
              |
              = help: the first is at test.abnf:3:1; names ignore case, more alternatives are added by `=/`

            error: incremental alternative without a base
             --> test.abnf:5:1
              |
            5 | tail =/ "t"
              | ^^^^ no rule `tail` is defined before this
              |
              = help: the first definition of a name uses `=`, later ones add to it by `=/`

            error: core rule changed
             --> test.abnf:6:1
              |
            6 | DIGIT = %x30-31
              | ^^^^^ `DIGIT` is a core rule of RFC 5234, B.1
              |
              = help: it is `DIGIT = %x30-39`; choose another name

            error: core rule changed
             --> test.abnf:7:1
              |
            7 | alpha =/ "-"
              | ^^^^^ `alpha` is a core rule of RFC 5234, B.1
              |
              = help: it is `ALPHA = %x41-5A / %x61-7A`; choose another name

            error: undefined rule
             --> test.abnf:1:14
              |
            1 | frame = head paylaod
              |              ^^^^^^^ no rule is called `paylaod`
              |
              = help: did you mean `payload`?

            error: undefined rule
             --> test.abnf:2:12
              |
            2 | payload = *OCTTE
              |            ^^^^^ no rule is called `OCTTE`
              |
              = help: did you mean `OCTET`?
            "#
        );
    }

    #[test]
    fn an_unreadable_rule_is_reported_once() {
        let mistakes = grammar("a = b\nb = )\nb =/ \"c\"").unwrap_err();
        assert_eq!(mistakes.matches("error").count(), 1, "{mistakes}");
    }

    #[test]
    fn many_undefined_names_are_reported_in_bounded_time() {
        let mut text = String::new();
        for index in 0..5_000 {
            text.push_str(&format!("rule-{index} = missing-{index}\n"));
        }
        let diagnostics = Grammar::read(&Source::new("test.abnf", text)).unwrap_err();
        assert_eq!(diagnostics.len(), 5_000);
    }
}
