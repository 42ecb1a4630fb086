//! `wsconform spec show`: all there is about one thing.

use std::collections::BTreeSet;

use wsconform_abnf::directive::parse;
use wsconform_abnf::{Grammar, GrammarRule, Source};
use wsconform_spec::{Book, EvidenceKind, Requirement, Testability};

use super::super::Stop;
use crate::evidence::evidence;

/// Several things may have one name; all are shown.
pub(in super::super) fn shown(book: &Book, id: &str) -> Result<String, Stop> {
    let scenario_id = id.split('/').next().unwrap_or(id);
    let requirement = book.requirement(id).map(|requirement| described(book, requirement));
    let scenario = book.scenarios().iter().find(|scenario| scenario.id == scenario_id);
    let scenario = scenario.map(|scenario| {
        let text = item(&scenario.source, scenario.span.start, "scenario ");
        format!("at      {}\n\n{text}\n", scenario.at)
    });
    let example = book.examples().iter().find(|example| example.id == id);
    let example = example.and_then(|example| {
        let chapters = book.chapters().iter().map(|chapter| chapter.source());
        let source = chapters.into_iter().find(|source| source.name() == &*example.at.file)?;
        let start = start_of_line(source.text(), example.at.line);
        Some(format!("at      {}\n\n{}\n", example.at, item(source, start, "example ")))
    });
    let rule = book.grammar().rule(id).map(|rule| described_rule(book, rule));
    let machine = book.model().machine(id);
    let machine = machine.map(|machine| format!("at      {}\n\n{machine}\n", machine.at));
    let shown = requirement.into_iter().chain(scenario).chain(example).chain(rule);
    let shown: Vec<String> = shown.chain(machine).collect();
    if shown.is_empty() {
        return Err(Stop::usage(format!(
            "there is no requirement, case, example, rule or machine `{id}`\nhelp: {}",
            advice(book, id)
        )));
    }
    Ok(shown.join("\n"))
}

fn advice(book: &Book, id: &str) -> String {
    let requirements = book.requirements().keys().map(|id| id.as_str());
    let scenarios = book.scenarios().iter().map(|scenario| scenario.id.as_str());
    let examples = book.examples().iter().map(|example| example.id.as_str());
    let rules = book.grammar().rules().map(GrammarRule::name);
    let machines = book.model().machines().iter().map(|machine| machine.name.as_str());
    let names = requirements.chain(scenarios).chain(examples).chain(rules).chain(machines);
    match wsconform_abnf::suggest::closest(id, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`wsconform spec list` lists requirements, `wsconform certify --list` cases, \
                 `wsconform spec abnf` rules"
            .to_owned(),
    }
}

fn described(book: &Book, requirement: &Requirement) -> String {
    let binds: Vec<&str> = requirement.binds.iter().map(|party| party.as_str()).collect();
    let mut text = format!(
        "{}  {}\n\n{}\n\nbinds   {}\nsource  {}\nat      {}\n",
        requirement.id.as_str(),
        requirement.key_word.as_str(),
        requirement.text,
        binds.join(", "),
        requirement.source,
        requirement.at,
    );
    match &requirement.testability {
        Testability::Testable => {}
        Testability::Planned { reason } => text.push_str(&format!("planned {reason}\n")),
        Testability::Untestable { kind, reason } => {
            text.push_str(&format!("unseen  {}, {reason}\n", kind.as_str()));
        }
    }
    let id = requirement.id.as_str();
    let places = book.claims().served_by(&requirement.id).map(|place| place.to_string());
    let places: Vec<_> = places.collect();
    if !places.is_empty() {
        text.push_str(&format!("patent  {}\n", places.join("; ")));
    }
    for passage in book.rfc6455().served_by(&requirement.id) {
        text.push_str(&format!("asked   {passage}\n"));
    }
    let rules = book.grammar().rules().filter(|rule| cites(rule, id));
    let rules = rules.map(|rule| ("rule", rule.name().to_owned()));
    let examples =
        book.examples().iter().filter(|example| example.covers.contains(&requirement.id));
    let examples = examples.map(|example| ("example", example.id.clone()));
    let evidence = evidence(book).into_iter().filter(|found| found.requirement == requirement.id);
    let evidence = evidence.map(|found| {
        let kind = match found.kind {
            EvidenceKind::Case => "case",
            EvidenceKind::Vector => "vector",
            EvidenceKind::Peer => "proven",
            EvidenceKind::Freedom => "used by",
        };
        (kind, found.name)
    });
    for (kind, name) in rules.chain(examples).chain(evidence) {
        text.push_str(&format!("{kind:<7} {name}\n"));
    }
    text
}

/// Whether a directive of the rule names the requirement.
fn cites(rule: &GrammarRule, requirement: &str) -> bool {
    rule.directives().any(|(source, directive)| {
        let typed = parse(source, directive.span.clone());
        typed.is_ok_and(|typed| typed.fail.is_some_and(|fail| fail.requirement == requirement))
    })
}

fn described_rule(book: &Book, rule: &GrammarRule) -> String {
    let grammar = book.grammar();
    let mut text = format!("at      {}\n", rule.definition().location());
    for user in grammar.rules().filter(|user| uses(grammar, user, rule)) {
        text.push_str(&format!("used by {}\n", user.name()));
    }
    text.push_str(&format!("\n{rule}\n"));
    text
}

fn uses(grammar: &Grammar, user: &GrammarRule, rule: &GrammarRule) -> bool {
    let mut names = BTreeSet::new();
    for part in user.parts() {
        part.alternation.for_each_reference(&mut |name| {
            names.extend(grammar.resolve(user, &name.text).map(GrammarRule::name));
        });
    }
    names.contains(rule.name())
}

/// A scenario or example as it stands in its chapter: from its line to the next of its kind.
fn item<'s>(source: &'s Source, offset: usize, keyword: &str) -> &'s str {
    let chapter = source.text();
    let start = chapter[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let rest = &chapter[start..];
    let next = format!("\n{keyword}");
    let ends = ["\n```", &next].iter().filter_map(|end| rest.find(*end)).min();
    rest[..ends.unwrap_or(rest.len())].trim_end()
}

/// Where a line begins, counted from 1.
fn start_of_line(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}
