//! Where everything stands, and what names what.

use std::collections::{BTreeMap, BTreeSet};

use wsconform_abnf::directive::parse;
use wsconform_abnf::{Grammar, GrammarRule, Location};

use crate::book::{Book, Chapter};
use crate::example::Example;
use crate::ledger::{Coverage, Evidence, EvidenceError};
use crate::scenario::Scenario;

/// The book with an index of its names.
pub(super) struct Links<'b> {
    pub(super) book: &'b Book,
    pub(super) coverage: Coverage<'b>,
    /// The page of each requirement, scenario and example, by id.
    requirements: BTreeMap<&'b str, String>,
    scenarios: BTreeMap<&'b str, String>,
    examples: BTreeMap<&'b str, String>,
    /// The page of each rule, by its name in lower case.
    rules: BTreeMap<String, String>,
    /// The rules that name a requirement, in order.
    citing_rules: BTreeMap<String, Vec<&'b str>>,
    /// The examples that name a requirement, in order.
    citing_examples: BTreeMap<&'b str, Vec<&'b str>>,
    /// The rules whose bodies use a rule, by its name in lower case.
    users: BTreeMap<String, BTreeSet<&'b str>>,
}

impl<'b> Links<'b> {
    pub(super) fn new(book: &'b Book, evidence: &'b [Evidence]) -> Result<Self, EvidenceError> {
        let coverage = Coverage::of(book, evidence)?;
        let mut links = Self {
            book,
            coverage,
            requirements: BTreeMap::new(),
            scenarios: BTreeMap::new(),
            examples: BTreeMap::new(),
            rules: BTreeMap::new(),
            citing_rules: BTreeMap::new(),
            citing_examples: BTreeMap::new(),
            users: BTreeMap::new(),
        };
        for chapter in book.chapters() {
            for id in chapter.requirements() {
                links.requirements.insert(id.as_str(), file_of(chapter));
            }
        }
        for scenario in book.scenarios() {
            links.scenarios.insert(&scenario.id, links.page_at(&scenario.at));
        }
        for example in book.examples() {
            links.examples.insert(&example.id, links.page_at(&example.at));
            for id in &example.covers {
                links.citing_examples.entry(id.as_str()).or_default().push(&example.id);
            }
        }
        for rule in book.grammar().rules() {
            links.add_rule(rule);
        }
        Ok(links)
    }

    fn add_rule(&mut self, rule: &'b GrammarRule) {
        let grammar: &Grammar = self.book.grammar();
        let page = self.page_at(&rule.definition().location());
        self.rules.insert(rule.name().to_ascii_lowercase(), page);
        for (source, directive) in rule.directives() {
            let fail = parse(source, directive.span.clone()).ok().and_then(|typed| typed.fail);
            if let Some(fail) = fail {
                let citing = self.citing_rules.entry(fail.requirement).or_default();
                if citing.last() != Some(&rule.name()) {
                    citing.push(rule.name());
                }
            }
        }
        for part in rule.parts() {
            part.alternation.for_each_reference(&mut |name| {
                if let Some(used) = grammar.resolve(rule, &name.text) {
                    let users = self.users.entry(used.name().to_ascii_lowercase()).or_default();
                    users.insert(rule.name());
                }
            });
        }
    }

    /// The page of the chapter that holds a place; what stands in none stands in the index of rules.
    fn page_at(&self, at: &Location) -> String {
        let mut chapters = self.book.chapters().iter();
        let chapter = chapters.find(|chapter| chapter.source().name() == &*at.file);
        chapter.map_or_else(|| "grammar.html".to_owned(), file_of)
    }

    /// Where a requirement stands.
    pub(super) fn requirement(&self, id: &str) -> Option<String> {
        self.requirements.get(id).map(|page| format!("{page}#{id}"))
    }

    /// Where a scenario stands, given its id or that of one of its cases.
    pub(super) fn case(&self, id: &str) -> Option<String> {
        let id = id.split('/').next().unwrap_or(id);
        self.scenarios.get(id).map(|page| format!("{page}#case:{id}"))
    }

    /// Where an example stands.
    pub(super) fn example(&self, id: &str) -> Option<String> {
        self.examples.get(id).map(|page| format!("{page}#example:{id}"))
    }

    /// Where a rule is defined.
    pub(super) fn rule(&self, rule: &GrammarRule) -> String {
        let key = rule.name().to_ascii_lowercase();
        // A rule of the chapters may have the name of a core rule.
        let page = if rule.is_core() { None } else { self.rules.get(&key) };
        match page {
            Some(page) => format!("{page}#{}", rule_anchor(rule)),
            None => format!("grammar.html#{}", rule_anchor(rule)),
        }
    }

    /// The rules whose directives name a requirement.
    pub(super) fn rules_citing(&self, requirement: &str) -> &[&'b str] {
        self.citing_rules.get(requirement).map_or(&[], Vec::as_slice)
    }

    /// The examples that name a requirement.
    pub(super) fn examples_citing(&self, requirement: &str) -> &[&'b str] {
        self.citing_examples.get(requirement).map_or(&[], Vec::as_slice)
    }

    /// The rules that use a rule.
    pub(super) fn users(&self, rule: &GrammarRule) -> impl Iterator<Item = &'b str> {
        self.users.get(&rule.name().to_ascii_lowercase()).into_iter().flatten().copied()
    }

    /// The scenarios of a chapter.
    pub(super) fn scenario(&self, id: &str) -> Option<&'b Scenario> {
        self.book.scenarios().iter().find(|scenario| scenario.id == id)
    }

    /// The example of this id.
    pub(super) fn is_example(&self, id: &str) -> bool {
        let own = |example: &Example| example.id == id;
        self.book.examples().iter().any(own)
    }
}

/// The page of a chapter.
pub(super) fn file_of(chapter: &Chapter) -> String {
    format!("{}.html", chapter.file().trim_end_matches(".md"))
}

/// The anchor of a rule's definition.
pub(super) fn rule_anchor(rule: &GrammarRule) -> String {
    let kind = if rule.is_core() { "core" } else { "rule" };
    format!("{kind}:{}", rule.name())
}
