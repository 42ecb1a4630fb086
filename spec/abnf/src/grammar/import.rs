//! Rules of other grammars, under names with a prefix.
//!
//! Only what is reached from the importing grammar's references is taken over, so that nobody
//! gets hundreds of rules for the sake of one. A rule's copy refers to the copies of its own
//! grammar's rules and to the core rules, whatever the importing grammar calls its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::known::Known;
use super::{Grammar, GrammarRule, Missing, Origin};
use crate::ast::{Alternation, ElementKind, Import, Rule};
use crate::diagnostic::Diagnostic;
use crate::suggest::closest;

/// All imports of a grammar. No prefix begins another.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// From the prefix in lower case with its hyphen.
    by_prefix: BTreeMap<String, Imported>,
}

impl Imports {
    /// The imports that `wanted` asks for, out of what is `offered` and `known`.
    pub(super) fn new(
        wanted: Vec<Import>,
        offered: &[(String, Arc<Grammar>)],
        known: Known,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut imports = Self::default();
        for import in wanted {
            let name = &import.set.text;
            let grammar = offered.iter().find(|(offered, _)| offered.eq_ignore_ascii_case(name));
            let grammar =
                grammar.map(|(_, grammar)| Arc::clone(grammar)).or_else(|| known.get(name));
            if grammar.is_none() {
                let mut names: Vec<&str> = offered.iter().map(|(name, _)| name.as_str()).collect();
                names.extend(known.names());
                diagnostics.push(unknown_set(&import, &names));
            }
            if let Err(diagnostic) = imports.insert(Imported { import, grammar }) {
                diagnostics.push(diagnostic);
            }
        }
        imports
    }

    fn insert(&mut self, imported: Imported) -> Result<(), Diagnostic> {
        let key = format!("{}-", imported.import.prefix.key());
        let before = self.by_prefix.range(..=key.clone()).next_back();
        let before = before.filter(|(before, _)| key.starts_with(*before));
        let behind = self.by_prefix.range(key.clone()..).next();
        let behind = behind.filter(|(behind, _)| behind.starts_with(&key));
        match before.or(behind) {
            None => {
                self.by_prefix.insert(key, imported);
                Ok(())
            }
            // Each chapter of a book may state the imports that it needs.
            Some((same, first)) if *same == key && first.is_same_set(&imported) => Ok(()),
            Some((_, first)) => Err(first.prefix_collision(&imported.import)),
        }
    }

    /// The import whose prefix `name` has.
    fn of(&self, name: &str) -> Option<&Imported> {
        if self.by_prefix.is_empty() {
            return None;
        }
        let key = name.to_ascii_lowercase();
        let (prefix, imported) = self.by_prefix.range(..=key.clone()).next_back()?;
        key.starts_with(prefix).then_some(imported)
    }

    /// The import that has a rule of this name, which no other rule can have then.
    pub(super) fn colliding(&self, name: &str) -> Option<&Imported> {
        self.of(name).filter(|imported| imported.rule(name).is_some())
    }

    /// The names that an import offers to references like `name`.
    pub(super) fn names_near(&self, name: &str) -> impl Iterator<Item = String> {
        self.of(name).into_iter().flat_map(Imported::names)
    }

    /// Whether a rule of this name would come from a set that is unknown.
    pub(super) fn excuses(&self, name: &str) -> bool {
        self.of(name).is_some_and(|imported| imported.grammar.is_none())
    }

    /// Adds the imported rules that `missing` references and the directives of `grammar` reach.
    /// Gives whether there are any.
    pub(super) fn add_to(&self, grammar: &mut Grammar, missing: &[Missing]) -> bool {
        if self.by_prefix.is_empty() {
            return false;
        }
        // A word of a directive may be something else than a rule's name.
        let directives = grammar.rules().flat_map(GrammarRule::directives);
        let words = directives.flat_map(|(_, directive)| directive.words());
        let names = missing.iter().map(|missing| missing.name.text.as_str()).chain(words);
        let reached: Vec<_> = names
            .filter_map(|name| {
                let imported = self.of(name)?;
                Some((imported, imported.rule(name)?))
            })
            .collect();
        reached.iter().for_each(|(imported, rule)| imported.add_to(grammar, rule));
        !reached.is_empty()
    }
}

/// An import, and the grammar that it leads to if there is one.
#[derive(Debug)]
pub(super) struct Imported {
    import: Import,
    grammar: Option<Arc<Grammar>>,
}

impl Imported {
    /// The grammar's own rule that is called `name` with the prefix.
    fn rule(&self, name: &str) -> Option<&GrammarRule> {
        self.grammar.as_ref()?.own(strip_prefix(name, &self.import.prefix.text)?)
    }

    /// The names of all rules, with the prefix.
    fn names(&self) -> impl Iterator<Item = String> {
        let rules = self.grammar.iter().flat_map(|grammar| grammar.rules());
        rules.map(|rule| self.renamed(rule.name()))
    }

    fn is_same_set(&self, other: &Self) -> bool {
        self.import.set.key() == other.import.set.key()
    }

    /// `rule` has a name of this import.
    pub(super) fn collision(&self, rule: &Rule) -> Diagnostic {
        Diagnostic::new(
            &rule.source,
            rule.name.span.clone(),
            "rule is imported",
            format!("`{}` comes from `{}`", rule.name.text, self.import.set.text),
        )
        .help(format!(
            "choose another name, or another prefix for the import at {}",
            self.import.source.location(self.import.span.start)
        ))
    }

    fn prefix_collision(&self, second: &Import) -> Diagnostic {
        Diagnostic::new(
            &second.source,
            second.prefix.span.clone(),
            "prefixes collide",
            format!("`{}-` does not tell two sets apart", second.prefix.text),
        )
        .help(format!(
            "the prefix of the import at {} is `{}-`; choose one that neither begins with the other",
            self.import.source.location(self.import.span.start),
            self.import.prefix.text
        ))
    }

    /// Adds `rule` and all rules below it to `grammar`, those that are there already apart.
    fn add_to(&self, grammar: &mut Grammar, rule: &GrammarRule) {
        let Some(set) = &self.grammar else { return };
        let mut waiting = vec![rule];
        while let Some(rule) = waiting.pop() {
            if grammar.own(&self.renamed(rule.name())).is_some() {
                continue;
            }
            grammar.push(self.copy(set, rule));
            let first = waiting.len();
            rule.for_each_mention(&mut |name| {
                let below = set.resolve(rule, name);
                waiting.extend(below.filter(|below| !below.is_core()));
            });
            waiting[first..].reverse();
        }
    }

    fn copy(&self, set: &Grammar, rule: &GrammarRule) -> GrammarRule {
        let copied = |part: &Rule| {
            let mut part = part.clone();
            part.name.text = self.renamed(&part.name.text);
            self.rename(set, &mut part.alternation, rule);
            part
        };
        let origin = Origin::Imported { prefix: self.import.prefix.key() };
        let mut copy = GrammarRule::new(copied(&rule.base), origin);
        copy.increments = rule.increments.iter().map(copied).collect();
        copy
    }

    fn rename(&self, set: &Grammar, alternation: &mut Alternation, rule: &GrammarRule) {
        for part in alternation.branches.iter_mut().flat_map(|branch| &mut branch.parts) {
            match &mut part.element.kind {
                ElementKind::Reference(name) => {
                    let meant = set.resolve(rule, &name.text);
                    if meant.is_some_and(|meant| !meant.is_core()) {
                        name.text = self.renamed(&name.text);
                    }
                }
                ElementKind::Group(inner) | ElementKind::Option(inner) => {
                    self.rename(set, inner, rule);
                }
                ElementKind::Text { .. }
                | ElementKind::Values { .. }
                | ElementKind::Range { .. }
                | ElementKind::Prose(_) => {}
            }
        }
    }

    fn renamed(&self, name: &str) -> String {
        format!("{}-{name}", self.import.prefix.text)
    }
}

fn unknown_set(import: &Import, known: &[&str]) -> Diagnostic {
    let name = &import.set.text;
    let label = format!("no set of rules is called `{name}`");
    let diagnostic =
        Diagnostic::new(&import.source, import.set.span.clone(), "unknown import", label);
    let diagnostic = match closest(name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    };
    diagnostic.help(format!("there are {}", known.join(", ")))
}

/// `name` without `prefix` and the hyphen behind it, if it begins with them.
pub(super) fn strip_prefix<'n>(name: &'n str, prefix: &str) -> Option<&'n str> {
    let (head, tail) = name.split_at_checked(prefix.len())?;
    if head.eq_ignore_ascii_case(prefix) { tail.strip_prefix('-') } else { None }
}
