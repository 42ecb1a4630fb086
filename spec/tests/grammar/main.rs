//! The grammar of the book: what it begins with, and what its directives refer to.

use std::collections::{BTreeSet, HashSet};

use wsconform_abnf::program::{
    Condition, ContextId, Given, NodeId, NodeKind, Number, OctetString, Options, Program, RuleId,
};
use wsconform_abnf::{CheckOptions, check};
use wsconform_spec::Book;
use wsconform_spec::grammar::ENTRIES;

mod linear;
mod scenarios;

/// What stands in the fences of this language, each with its place.
fn blocks(book: &Book, language: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    for chapter in book.chapters() {
        let mut open: Option<(usize, String)> = None;
        for (number, line) in chapter.source().text().lines().enumerate() {
            match &mut open {
                None if line == format!("```{language}") => {
                    open = Some((number + 2, String::new()))
                }
                Some((start, content)) if line == "```" => {
                    let place = format!("{}:{start}", chapter.source().name());
                    blocks.push((place, std::mem::take(content)));
                    open = None;
                }
                Some((_, content)) => *content += &format!("{line}\n"),
                None => {}
            }
        }
    }
    blocks
}

fn book() -> Book {
    Book::embedded().unwrap_or_else(|error| panic!("{error}"))
}

fn program(book: &Book) -> Program {
    Program::new(book.grammar(), Options::default()).unwrap_or_else(|diagnostics| {
        let lines: Vec<_> = diagnostics.iter().map(|one| one.render(false)).collect();
        panic!("{}", lines.join("\n\n"))
    })
}

#[test]
fn every_failure_names_a_requirement() {
    let book = book();
    let program = program(&book);
    let fails = program.rules().flat_map(|(_, rule)| {
        rule.fail.iter().chain(rule.wheres.iter().filter_map(|one| one.fail.as_ref()))
    });
    let unknown: Vec<_> = fails
        .map(|fail| fail.requirement.as_str())
        .filter(|id| book.requirement(id).is_none())
        .collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn nothing_in_it_is_suspicious() {
    let roots = ENTRIES.iter().map(|entry| entry.rule.to_owned()).collect();
    let found = check(book().grammar(), &CheckOptions { roots, ..CheckOptions::default() });
    let found: Vec<_> = found.iter().map(|one| one.render(false)).collect();
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

/// Nothing is given that is not read, and nothing is read that is not given.
#[test]
fn entries_give_what_their_rules_read() {
    let book = book();
    let program = program(&book);
    let names: HashSet<_> = ENTRIES.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), ENTRIES.len(), "names are unique");
    for entry in ENTRIES {
        let rule = program.rule_id(entry.rule).unwrap_or_else(|| panic!("no rule {}", entry.rule));
        if let Err(error) = Given::read(&program, entry.context.iter().copied()) {
            panic!("{}: {error}", entry.name);
        }
        let given: BTreeSet<_> = entry.context.iter().map(|(name, _)| *name).collect();
        let read: BTreeSet<_> = contexts_of(&program, rule)
            .into_iter()
            .map(|context| program.contexts()[context.index()].name.as_str())
            .collect();
        assert_eq!(given, read, "{}", entry.name);
    }
}

fn reachable(program: &Program, start: RuleId) -> Vec<RuleId> {
    let mut reached = vec![start];
    let mut next = 0;
    while let Some(rule) = reached.get(next).copied() {
        next += 1;
        each_node(program, rule, &mut |node| {
            if let NodeKind::Reference(reference) = &program.node(node).kind
                && !reached.contains(&reference.rule)
            {
                reached.push(reference.rule);
            }
        });
    }
    reached
}

fn contexts_of(program: &Program, start: RuleId) -> Vec<ContextId> {
    let mut contexts = Vec::new();
    for rule in reachable(program, start) {
        for one in &program.rule(rule).wheres {
            of_condition(&one.condition, &mut contexts);
        }
        each_node(program, rule, &mut |node| {
            let NodeKind::Reference(reference) = &program.node(node).kind else { return };
            if let Some(when) = &reference.when {
                of_condition(&when.condition, &mut contexts);
            }
            if let Some(size) = &reference.size {
                of_number(&size.octets, &mut contexts);
            }
        });
    }
    contexts
}

fn each_node(program: &Program, rule: RuleId, visit: &mut impl FnMut(NodeId)) {
    let mut waiting = vec![program.rule(rule).body];
    while let Some(node) = waiting.pop() {
        visit(node);
        match &program.node(node).kind {
            NodeKind::Alternation(parts) | NodeKind::Sequence(parts) => waiting.extend(parts),
            NodeKind::Repetition { body, .. } => waiting.push(*body),
            NodeKind::Terminal(_) | NodeKind::Reference(_) | NodeKind::Prose(_) => {}
        }
    }
}

fn of_condition(condition: &Condition, contexts: &mut Vec<ContextId>) {
    match condition {
        Condition::Numbers(_, left, right) => {
            of_number(left, contexts);
            of_number(right, contexts);
        }
        Condition::NumberIn(number, _) => of_number(number, contexts),
        Condition::Octets(_, left, right) => {
            of_octets(left, contexts);
            of_octets(right, contexts);
        }
        Condition::OctetsIn(string, _) | Condition::TextIn(string, _) => {
            of_octets(string, contexts)
        }
        Condition::OctetsInList(string, list) => {
            of_octets(string, contexts);
            contexts.push(*list);
        }
        Condition::Word(context, _) => contexts.push(*context),
        Condition::Present(_) => {}
        Condition::Not(inner) => of_condition(inner, contexts),
        Condition::And(left, right) | Condition::Or(left, right) => {
            of_condition(left, contexts);
            of_condition(right, contexts);
        }
    }
}

fn of_number(number: &Number, contexts: &mut Vec<ContextId>) {
    match number {
        Number::Context(context) => contexts.push(*context),
        Number::Arithmetic(_, left, right) => {
            of_number(left, contexts);
            of_number(right, contexts);
        }
        Number::Constant(_) | Number::Field(_) | Number::Length(_) => {}
    }
}

fn of_octets(string: &OctetString, contexts: &mut Vec<ContextId>) {
    if let OctetString::Context(context) = string {
        contexts.push(*context);
    }
}
