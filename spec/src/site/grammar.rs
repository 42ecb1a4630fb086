//! Drawings of rules, and the index of all rules.

use std::collections::BTreeSet;

use minijinja::{Value, context};
use wsconform_abnf::GrammarRule;
use wsconform_abnf::draw::{Pen, boxes, railroad};

use super::highlight;
use super::html::{counted, escaped, link};
use super::links::{Links, file_of};
use super::{SiteError, Templates};

/// The drawings of the rules of a block: octets of those that no other rule of it uses in the open,
/// the rest to be unfolded.
pub(super) fn figures(links: &Links<'_>, rules: &[&GrammarRule]) -> String {
    let grammar = links.book.grammar();
    let boxed: Vec<_> = rules
        .iter()
        .filter_map(|rule| with_pen(links, rule, |pen| Some((*rule, boxes(grammar, rule, pen)?))))
        .collect();
    let names: BTreeSet<_> = boxed.iter().map(|(rule, _)| rule.name()).collect();
    let is_part = |rule: &GrammarRule| {
        links.users(rule).any(|user| user != rule.name() && names.contains(user))
    };
    let mut open = String::new();
    let mut folded = String::new();
    for rule in rules {
        let mut svgs = with_pen(links, rule, |pen| railroad(rule, pen));
        match boxed.iter().find(|(one, _)| one.name() == rule.name()) {
            Some((_, svg)) if is_part(rule) => svgs.push_str(svg),
            Some((_, svg)) => open.push_str(&figure(rule, svg)),
            None => {}
        }
        folded.push_str(&figure(rule, &svgs));
    }
    if rules.is_empty() {
        return String::new();
    }
    let count = counted(rules.len(), "rule");
    format!(
        "{open}<details class=\"diagrams\"><summary>Diagrams of {count}</summary>\n\
         {folded}</details>\n"
    )
}

fn figure(rule: &GrammarRule, svg: &str) -> String {
    let name = escaped(rule.name());
    format!("<figure><figcaption>{name}</figcaption>{svg}</figure>\n")
}

fn with_pen<T>(links: &Links<'_>, rule: &GrammarRule, draw: impl FnOnce(&Pen<'_>) -> T) -> T {
    let grammar = links.book.grammar();
    let target = |name: &str| grammar.resolve(rule, name).map(|found| links.rule(found));
    draw(&Pen { link: &target, style: false })
}

/// The body of the page of all rules.
pub(super) fn index(links: &Links<'_>, templates: &Templates) -> Result<String, SiteError> {
    let grammar = links.book.grammar();
    let mut all: Vec<_> = grammar.rules().collect();
    all.sort_by_key(|rule| rule.name().to_ascii_lowercase());
    let rules = all.iter().map(|rule| entry(links, rule)).collect::<Value>();
    let core = grammar.core_rules().map(|rule| entry(links, rule)).collect::<Value>();
    templates.render("grammar.html", context! { rules, core, count => all.len() })
}

fn entry(links: &Links<'_>, rule: &GrammarRule) -> Value {
    let grammar = links.book.grammar();
    let chapters = links.book.chapters().iter();
    let at = &rule.definition().source;
    let chapter = chapters.clone().find(|chapter| chapter.source().name() == at.name());
    let place = match chapter {
        Some(chapter) => chapter.title().to_owned(),
        None => at.name().to_owned(),
    };
    let users = links.users(rule).map(|name| {
        let target = grammar.rule(name).map(|rule| links.rule(rule)).unwrap_or_default();
        Value::from_safe_string(link(&target, "", name))
    });
    let prefix = if rule.is_core() { "core" } else { "rule" };
    let diagram = with_pen(links, rule, |pen| railroad(rule, pen));
    context! {
        name => rule.name(),
        anchor => format!("index:{}{}", if rule.is_core() { "core:" } else { "" }, rule.name()),
        // What is defined in no chapter is defined here.
        own_anchor => chapter.is_none().then(|| format!("{prefix}:{}", rule.name())),
        page => chapter.map(file_of),
        target => links.rule(rule),
        place,
        text => Value::from_safe_string(highlight::rule(links, rule)),
        users => users.collect::<Value>(),
        diagram => Value::from_safe_string(diagram),
    }
}
