//! Rules of several texts, merged: names are unique, references lead somewhere.

mod builder;
mod core;
mod import;
mod known;

use std::collections::HashMap;

use crate::ast::{Concatenation, Directive, Name, Rule};
use crate::diagnostic::{Diagnostic, Source};

pub use builder::GrammarBuilder;
pub use known::{known, known_names};

/// A set of rules in which every name is defined once and every reference leads to a rule.
///
/// Names are compared without regard to case. The core rules (RFC 5234, B.1) are always there, and
/// a grammar may define a rule of a core rule's name: its own references then mean its own rule,
/// while those inside core rules and imported rules keep their meaning ([`Grammar::resolve`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grammar {
    rules: Vec<GrammarRule>,
    /// From each rule's key to its place among the rules.
    index: HashMap<Box<[u8]>, usize>,
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

    /// The rule called `name`, as this grammar's own rules mean it.
    pub fn rule(&self, name: &str) -> Option<&GrammarRule> {
        self.own(name).or_else(|| core::rule(name))
    }

    /// The rule that `name` means in the body or the directives of `rule`, a rule of this grammar.
    pub fn resolve(&self, rule: &GrammarRule, name: &str) -> Option<&GrammarRule> {
        self.all_rules().nth(self.place(rule, name)?)
    }

    /// The rules in the order of their definition, then the imported ones; without the core rules.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &GrammarRule> {
        self.rules.iter()
    }

    /// The core rules, in the order of RFC 5234.
    pub fn core_rules(&self) -> impl ExactSizeIterator<Item = &GrammarRule> {
        core::grammar().rules.iter()
    }

    /// The core rules, then the rules.
    pub(crate) fn all_rules(&self) -> impl Iterator<Item = &GrammarRule> {
        self.core_rules().chain(self.rules())
    }

    /// Where among all rules that one is which `name` means in `rule`.
    pub(crate) fn place(&self, rule: &GrammarRule, name: &str) -> Option<usize> {
        let own =
            |name: &str| self.own_index(name).map(|index| core::grammar().rules.len() + index);
        let core = || core::grammar().own_index(name);
        match &rule.origin {
            Origin::Own => own(name).or_else(core),
            Origin::Core => core(),
            Origin::Imported { prefix } => import::strip_prefix(name, prefix)
                .and_then(|_| own(name))
                .or_else(|| own(&format!("{prefix}-{name}")))
                .or_else(core),
        }
    }

    /// Where among all rules the one of this name is that is no core rule.
    pub(crate) fn own_place(&self, name: &str) -> Option<usize> {
        self.own_index(name).map(|index| core::grammar().rules.len() + index)
    }

    fn own_index(&self, name: &str) -> Option<usize> {
        with_key(name, |key| self.index.get(key).copied())
    }

    /// Finds the rule that each reference leads to; gives the references that lead nowhere.
    fn link(&mut self, place: impl Fn(&Self, &GrammarRule, &str) -> Option<usize>) -> Vec<Missing> {
        let mut missing = Vec::new();
        for index in 0..self.rules.len() {
            let rule = &self.rules[index];
            let mut targets = Vec::new();
            for part in rule.parts() {
                part.alternation.for_each_reference(&mut |name| {
                    let target = place(self, rule, &name.text);
                    if target.is_none() {
                        missing.push(Missing { source: part.source.clone(), name: name.clone() });
                    }
                    targets.push(target);
                });
            }
            self.rules[index].targets = targets;
        }
        missing
    }

    /// The rule of this name that is no core rule.
    fn own(&self, name: &str) -> Option<&GrammarRule> {
        self.rules.get(self.own_index(name)?)
    }

    fn own_mut(&mut self, name: &str) -> Option<&mut GrammarRule> {
        let index = self.own_index(name)?;
        self.rules.get_mut(index)
    }

    /// An empty grammar with room for so many rules.
    fn with_capacity(rules: usize) -> Self {
        Self { rules: Vec::with_capacity(rules), index: HashMap::with_capacity(rules) }
    }

    /// Adds a rule whose name is not there yet.
    fn push(&mut self, rule: GrammarRule) {
        self.index.insert(rule.base.name.key().into_bytes().into(), self.rules.len());
        self.rules.push(rule);
    }
}

/// Calls `look_up` with the form of `name` under which equal names are equal. Most names are short,
/// and there are many references: they take no memory of their own.
fn with_key<T>(name: &str, look_up: impl FnOnce(&[u8]) -> T) -> T {
    let mut short = [0; 32];
    match short.get_mut(..name.len()) {
        Some(key) => {
            key.copy_from_slice(name.as_bytes());
            key.make_ascii_lowercase();
            look_up(key)
        }
        None => look_up(&name.as_bytes().to_ascii_lowercase()),
    }
}

/// A reference that leads nowhere.
#[derive(Debug)]
struct Missing {
    source: Source,
    name: Name,
}

/// A rule with all its parts: a definition, then incremental alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrammarRule {
    base: Rule,
    increments: Vec<Rule>,
    origin: Origin,
    /// For each reference in the parts, in order, the place of the rule that it leads to.
    targets: Vec<Option<usize>>,
}

/// Whose rule it is, which decides what the names in it mean.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Own,
    Core,
    Imported { prefix: String },
}

impl GrammarRule {
    fn new(base: Rule, origin: Origin) -> Self {
        Self { base, increments: Vec::new(), origin, targets: Vec::new() }
    }

    /// For each reference in the parts, in order, the place of the rule that it leads to.
    pub(crate) fn targets(&self) -> &[Option<usize>] {
        &self.targets
    }

    /// The name as its definition writes it, behind its prefix if it is imported.
    pub fn name(&self) -> &str {
        &self.base.name.text
    }

    /// Whether it is one of the core rules (RFC 5234, B.1).
    pub fn is_core(&self) -> bool {
        self.origin == Origin::Core
    }

    /// Whether it comes from another grammar.
    pub fn is_imported(&self) -> bool {
        matches!(self.origin, Origin::Imported { .. })
    }

    /// The definition, without incremental alternatives.
    pub fn definition(&self) -> &Rule {
        &self.base
    }

    /// The definition, then the incremental alternatives in order.
    pub fn parts(&self) -> impl Iterator<Item = &Rule> {
        std::iter::once(&self.base).chain(&self.increments)
    }

    /// All alternatives, those of `=/` behind those of `=`.
    pub fn branches(&self) -> impl Iterator<Item = &Concatenation> {
        self.parts().flat_map(|rule| &rule.alternation.branches)
    }

    /// Calls `visit` for every name in the bodies and every word in the directives, which may be
    /// the name of a rule.
    pub(crate) fn for_each_mention<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        for part in self.parts() {
            part.alternation.for_each_reference(&mut |name| visit(&name.text));
            part.directives.iter().flat_map(Directive::words).for_each(&mut *visit);
        }
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
