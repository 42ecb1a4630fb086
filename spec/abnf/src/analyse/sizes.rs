//! Sizes that cannot be, and forms that do not go with what is said of their octets.

use std::collections::HashSet;

use super::conditions::for_each_node;
use super::formula::Formula;
use super::presence::Presence;
use super::solver::{Answer, Solver};
use super::values::{Definition, Values};
use crate::diagnostic::Diagnostic;
use crate::directive::{Comparison, Encoding};
use crate::program::{Condition, FieldId, NodeId, NodeKind, Number, Reference, Rule, Size, View};

/// What is known of sizes and keys where they are read.
pub(super) fn check(solver: &Solver<'_, '_>, presence: &Presence) -> Vec<Diagnostic> {
    let program = solver.values.program;
    let mut found = Vec::new();
    let mut done = HashSet::new();
    for (_, rule) in program.rules() {
        for_each_node(program, rule.body, &mut |node| {
            let NodeKind::Reference(reference) = &program.node(node).kind else { return };
            if let Some(one) = &reference.size
                && done.insert((one.source.text().as_ptr(), one.span.start))
            {
                size(solver, presence, node, reference, one, &mut found);
            }
            if let View::Xor(key) = reference.view
                && done.insert((
                    program.node_source(node).text().as_ptr(),
                    program.node(node).span.start,
                ))
            {
                self::key(solver.values, presence, node, reference, key, &mut found);
            }
        });
    }
    found
}

fn size(
    solver: &Solver<'_, '_>,
    presence: &Presence,
    node: NodeId,
    reference: &Reference,
    size: &Size,
    found: &mut Vec<Diagnostic>,
) {
    let program = solver.values.program;
    let known = presence.before(node);
    let at =
        |title: &str, label: String| Diagnostic::new(&size.source, size.span.clone(), title, label);
    let mut fields: Vec<FieldId> = Vec::new();
    size.octets.for_each_field(&mut |field| fields.push(field));
    if let Some(field) = fields.iter().find(|field| !known.may.contains(field.index())) {
        let name = &program.field(*field).name;
        let label = format!("`{name}` is not set here: nothing before this place sets it");
        found.push(
            at("size that is never known", label)
                .help("the part can never stand there: put what sets the field before it"),
        );
        return;
    }
    let is = |comparison, number| {
        Condition::Numbers(comparison, size.octets.clone(), Number::Constant(number))
    };
    let example = |condition: &Condition| {
        let mut all = vec![Formula::holds(condition)];
        all.extend(reference.when.as_ref().map(|when| Formula::holds(&when.condition)));
        match solver.solve(all, known, None) {
            Answer::So(example) => Some(example.text(program, &fields)),
            Answer::Never | Answer::Unknown => None,
        }
    };
    if let Some(example) = example(&is(Comparison::Less, 0)) {
        found.push(
            at("size that can be negative", format!("it is, for {example}")).warning().help(
                "no octets match then: if that is meant, say so with a `where` at the rule that \
                 sets the field",
            ),
        );
    }
    if let Some(example) = example(&is(Comparison::Greater, u64::MAX)) {
        found.push(
            at("size beyond 64 bits", format!("it is, for {example}")).warning().help(
                "no octets match then: bound it with a `where` at the rule that sets the field",
            ),
        );
    }
}

fn key(
    values: &Values<'_>,
    presence: &Presence,
    node: NodeId,
    reference: &Reference,
    key: FieldId,
    found: &mut Vec<Diagnostic>,
) {
    let program = values.program;
    let (part, name) = (&program.rule(reference.rule).name, &program.field(key).name);
    let at = |title: &str, label: String| {
        let span = program.node(node).span.clone();
        Diagnostic::new(program.node_source(node), span, title, label).warning()
    };
    if !presence.before(node).may.contains(key.index()) {
        let label = format!("`{name}` is not set here, so the octets of `{part}` stay as they are");
        found.push(at("key that is never set", label).help("put the key before the part"));
    } else if values.octet_counts(key).first() == Some(0) {
        let label = format!("`{name}` may have no octets, and those of `{part}` stay as they are");
        found.push(
            at("key that can be empty", label)
                .help(format!("let `{name}` have at least one octet")),
        );
    }
}

/// What the forms of rules tell.
pub(super) fn check_forms(values: &Values<'_>) -> Vec<Diagnostic> {
    let program = values.program;
    let mut found = Vec::new();
    let (mut done, mut done_rules) = (HashSet::new(), HashSet::new());
    for (id, rule) in program.rules() {
        let is_new = done_rules.insert(Definition::of(rule));
        for_each_node(program, rule.body, &mut |node| {
            if let NodeKind::Reference(reference) = &program.node(node).kind
                && let (View::Hook(hook), None) = (&reference.view, &reference.size)
                && done.insert((
                    program.node_source(node).text().as_ptr(),
                    program.node(node).span.start,
                ))
            {
                let part = &program.rule(reference.rule).name;
                let label = format!("`{hook}` decodes `{part}`, and nobody knows where that ends");
                let span = program.node(node).span.clone();
                let title = "part without a size";
                found.push(
                    Diagnostic::new(program.node_source(node), span, title, label)
                        .help(format!("say how many octets it takes: `;@ size {part} : …`")),
                );
            }
        });
        if is_new {
            bits(values, id, rule, &mut found);
            integer(values, id, rule, &mut found);
        }
    }
    found
}

fn at(rule: &Rule, title: &str, label: String) -> Diagnostic {
    Diagnostic::new(&rule.source, rule.span.clone(), title, label)
}

fn bits(values: &Values<'_>, id: crate::program::RuleId, rule: &Rule, found: &mut Vec<Diagnostic>) {
    let width: u32 = rule.bits.iter().map(|(_, width)| width).sum();
    let wanted = u64::from(width / 8);
    let length = values.lengths().of(values.program, id);
    let Some(min) = length.min.filter(|min| *min < wanted) else { return };
    let name = &rule.name;
    if length.max < wanted {
        let label =
            format!("`{name}` ends before octet {wanted} of its bits, at {} or less", length.max);
        found.push(at(rule, "rule shorter than its bits", label).help(
            "it can never match: let the rule be as long as its bits, or name fewer of them",
        ));
    } else {
        let label = format!(
            "the form of `{name}` allows {min} octets; its bits take {wanted}, and less than that \
             does not match"
        );
        found.push(
            at(rule, "rule that can be shorter than its bits", label)
                .warning()
                .help("let the form say how long it is at least"),
        );
    }
}

fn integer(
    values: &Values<'_>,
    id: crate::program::RuleId,
    rule: &Rule,
    found: &mut Vec<Diagnostic>,
) {
    let Some((field, Encoding::BigEndian)) = rule.uint else { return };
    let max = values.lengths().of(values.program, id).max;
    if max <= 8 {
        return;
    }
    let octets = if max == u64::MAX { "any number of".to_owned() } else { max.to_string() };
    let label = format!(
        "the form of `{}` allows {octets} octets; where `{}` is beyond 64 bits it does not match",
        rule.name,
        values.program.field(field).name
    );
    found.push(
        at(rule, "integer that can be beyond 64 bits", label)
            .warning()
            .help("let the form have at most eight octets"),
    );
}
