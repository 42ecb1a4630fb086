//! Conditions that never or always hold, and alternatives whose conditions hold together.

use std::collections::{HashMap, HashSet};

use super::formula::{Formula, Literal};
use super::presence::{Known, Presence};
use super::solver::{Answer, Solver};
use super::values::Definition;
use crate::diagnostic::Diagnostic;
use crate::program::{
    Condition, ContextId, FieldId, NodeId, NodeKind, Number, OctetString, Program, Where,
};

pub(super) fn check(solver: &Solver<'_, '_>, presence: &Presence) -> Vec<Diagnostic> {
    let program = solver.values.program;
    let mut found = Vec::new();
    for judged in all(program, presence) {
        judged.check(solver, &mut found);
    }
    together(solver, presence, &mut found);
    overlaps(solver, presence, &mut found);
    contexts(program, &mut found);
    found
}

/// A directive in all places where it is at work.
struct Judged<'p> {
    directive: &'p Where,
    /// The rule at whose end it is judged; nothing for the condition of a part.
    rule: Option<Definition>,
    known: Known,
}

/// All conditions, each once, in the order of the rules.
fn all<'p>(program: &'p Program, presence: &Presence) -> Vec<Judged<'p>> {
    let mut found: Vec<Judged<'p>> = Vec::new();
    let mut places = HashMap::new();
    let mut add = |directive: &'p Where, rule, known: &Known| {
        let key = (directive.source.text().as_ptr(), directive.span.start);
        let new = found.len();
        match *places.entry(key).or_insert(new) {
            place if place < new => found[place].known = found[place].known.either(known),
            _ => found.push(Judged { directive, rule, known: known.clone() }),
        }
    };
    for (id, rule) in program.rules() {
        for one in &rule.wheres {
            add(one, Some(Definition::of(rule)), presence.at_end(id));
        }
        for_each_node(program, rule.body, &mut |node| {
            if let NodeKind::Reference(reference) = &program.node(node).kind
                && let Some(when) = &reference.when
            {
                add(when, None, presence.before(node));
            }
        });
    }
    found
}

impl Judged<'_> {
    fn check(&self, solver: &Solver<'_, '_>, found: &mut Vec<Diagnostic>) {
        let condition = &self.directive.condition;
        let solve = |formula| solver.solve(vec![formula], &self.known, self.rule);
        // Where the fields cannot be set at all, that is said in its place.
        let fields = read(condition).into_iter();
        let can_be_set = fields.filter(|field| self.known.may.contains(field.index()));
        let set = can_be_set.map(|field| Formula::Is(Literal::Set(field))).collect();
        if let Answer::Never = solve(Formula::All(set)) {
            return;
        }
        if let Answer::Never = solve(Formula::holds(condition)) {
            found.push(self.never(solver));
            return;
        }
        if let Answer::Never = solve(Formula::does_not_hold(condition)) {
            let label = format!("whatever the values, `{}` holds", self.directive.text);
            let title = "condition that always holds";
            found.push(
                at(self.directive, title, &label)
                    .warning()
                    .help("leave it out, or ask for what can be otherwise"),
            );
            return;
        }
        let told = solve(Formula::fails(condition));
        if let (Answer::Never, Some(field)) = (told, read(condition).first()) {
            let name = &solver.values.program.field(*field).name;
            let label = "it fails only where a field that it reads is not set";
            found.push(
                at(self.directive, "condition that always holds", label)
                    .warning()
                    .help(format!("if that is what is meant, write `present({name})`")),
            );
        }
    }

    fn never(&self, solver: &Solver<'_, '_>) -> Diagnostic {
        let program = solver.values.program;
        let fields = read(&self.directive.condition);
        let is_unset = |field: &&FieldId| !self.known.may.contains(field.index());
        let unset = fields.iter().find(is_unset).filter(|field| {
            // It would be possible if this one could be set.
            let mut known = self.known.clone();
            known.may.insert(field.index());
            !matches!(
                solver.solve(vec![Formula::holds(&self.directive.condition)], &known, self.rule),
                Answer::Never
            )
        });
        let title = "condition that never holds";
        if let Some(field) = unset {
            let name = &program.field(*field).name;
            let label = format!("`{name}` is not set here: nothing before this place sets it");
            let diagnostic = at(self.directive, title, &label);
            return match solver.values.setters(*field).next() {
                Some(rule) => diagnostic.help(format!(
                    "`{name}` is set by `{}` ({}); judge it behind that, in a rule around both",
                    rule.name,
                    rule.location()
                )),
                None => diagnostic.help("let a rule before this place set it"),
            };
        }
        let mut reasons: Vec<_> =
            fields.iter().filter_map(|field| solver.values.room(*field)).collect();
        let mut setters: Vec<_> = fields
            .iter()
            .flat_map(|field| solver.values.setters(*field))
            .filter(|rule| self.rule != Some(Definition::of(rule)) && !rule.wheres.is_empty())
            .map(|rule| format!("`{}` has conditions of its own", rule.name))
            .collect();
        setters.dedup();
        reasons.extend(setters);
        let label = if reasons.is_empty() {
            "no values make it hold".to_owned()
        } else {
            format!("no values make it hold: {}", reasons.join(", "))
        };
        let way = if self.rule.is_none() {
            "the part can never stand there: change the condition, or leave out the part"
        } else {
            "the rule can never match: change the condition, or leave out the rule"
        };
        at(self.directive, title, &label).help(way)
    }
}

/// Conditions of one rule each of which can hold, but not all together.
fn together(solver: &Solver<'_, '_>, presence: &Presence, found: &mut Vec<Diagnostic>) {
    let program = solver.values.program;
    let mut done = HashSet::new();
    for (id, rule) in program.rules() {
        let known = presence.at_end(id);
        let is_never = |wheres: &[Where]| {
            let all = wheres.iter().map(|one| Formula::holds(&one.condition)).collect();
            matches!(solver.solve(all, known, Some(Definition::of(rule))), Answer::Never)
        };
        let count = rule.wheres.len();
        if count < 2
            || !done.insert(Definition::of(rule))
            || rule.wheres.iter().any(|one| is_never(std::slice::from_ref(one)))
            || !is_never(&rule.wheres)
        {
            continue;
        }
        let Some(first) = (2..=count).find(|count| is_never(&rule.wheres[..*count])) else {
            continue;
        };
        let label = format!("nothing of `{}` meets this and the conditions above it", rule.name);
        found.push(
            at(&rule.wheres[first - 1], "conditions that never hold together", &label)
                .help("the rule can never match: change one of them"),
        );
    }
}

/// Alternatives that are open at the same time although both say when they are.
fn overlaps(solver: &Solver<'_, '_>, presence: &Presence, found: &mut Vec<Diagnostic>) {
    let program = solver.values.program;
    let mut done = HashSet::new();
    for index in 0..program.node_count() {
        let node = NodeId(index as u32);
        let NodeKind::Alternation(branches) = &program.node(node).kind else { continue };
        let whens: Vec<(NodeId, &Where)> =
            branches.iter().filter_map(|branch| first_when(program, *branch)).collect();
        for (place, (_, later)) in whens.iter().enumerate() {
            for (_, earlier) in &whens[..place] {
                let key = |one: &Where| (one.source.text().as_ptr(), one.span.start);
                if key(earlier) == key(later) || !done.insert((key(earlier), key(later))) {
                    continue;
                }
                // Those that ask only what is present say how often, not which.
                if !asks_values(&earlier.condition) && !asks_values(&later.condition) {
                    continue;
                }
                let both =
                    vec![Formula::holds(&earlier.condition), Formula::holds(&later.condition)];
                let Answer::So(example) = solver.solve(both, presence.before(node), None) else {
                    continue;
                };
                let mut fields = read(&earlier.condition);
                fields.extend(read(&later.condition));
                fields.sort_unstable();
                fields.dedup();
                let label = format!(
                    "holds together with `{}` ({}): {}",
                    earlier.text,
                    earlier.source.location(earlier.span.start),
                    example.text(program, &fields)
                );
                found.push(
                    at(later, "alternatives that are open together", &label)
                        .warning()
                        .help("if only one of them is meant, let its condition rule out the other"),
                );
            }
        }
    }
}

/// The condition of the part with which a branch begins.
fn first_when(program: &Program, node: NodeId) -> Option<(NodeId, &Where)> {
    match &program.node(node).kind {
        NodeKind::Reference(reference) => Some((node, reference.when.as_ref()?)),
        NodeKind::Sequence(parts) => first_when(program, *parts.first()?),
        _ => None,
    }
}

fn asks_values(condition: &Condition) -> bool {
    match condition {
        Condition::Present(_) => false,
        Condition::Not(inner) => asks_values(inner),
        Condition::And(left, right) | Condition::Or(left, right) => {
            asks_values(left) || asks_values(right)
        }
        _ => true,
    }
}

/// Values from outside that nothing asks for.
fn contexts(program: &Program, found: &mut Vec<Diagnostic>) {
    let mut is_read = vec![false; program.contexts().len()];
    for (_, rule) in program.rules() {
        for one in &rule.wheres {
            contexts_of(&one.condition, &mut |context| is_read[context.index()] = true);
        }
        for_each_node(program, rule.body, &mut |node| {
            let NodeKind::Reference(reference) = &program.node(node).kind else { return };
            let mut read = |context: ContextId| is_read[context.index()] = true;
            if let Some(when) = &reference.when {
                contexts_of(&when.condition, &mut read);
            }
            if let Some(size) = &reference.size {
                contexts_of_number(&size.octets, &mut read);
            }
        });
    }
    for (context, _) in program.contexts().iter().zip(is_read).filter(|(_, is_read)| !is_read) {
        let label = format!("no condition and no size asks for `{}`", context.name);
        let span = context.span.clone();
        found.push(
            Diagnostic::new(&context.source, span, "context that nothing reads", label)
                .warning()
                .help("leave it out, or ask for it: `;@ where …`"),
        );
    }
}

fn contexts_of(condition: &Condition, visit: &mut dyn FnMut(ContextId)) {
    let mut string = |string: &OctetString| {
        if let OctetString::Context(context) = string {
            visit(*context);
        }
    };
    match condition {
        Condition::Numbers(_, left, right) => {
            contexts_of_number(left, visit);
            contexts_of_number(right, visit);
        }
        Condition::NumberIn(number, _) => contexts_of_number(number, visit),
        Condition::Octets(_, left, right) => {
            string(left);
            string(right);
        }
        Condition::OctetsIn(one, _) | Condition::TextIn(one, _) => string(one),
        Condition::OctetsInList(one, list) => {
            string(one);
            visit(*list);
        }
        Condition::Word(context, _) => visit(*context),
        Condition::Present(_) => {}
        Condition::Not(inner) => contexts_of(inner, visit),
        Condition::And(left, right) | Condition::Or(left, right) => {
            contexts_of(left, visit);
            contexts_of(right, visit);
        }
    }
}

fn contexts_of_number(number: &Number, visit: &mut dyn FnMut(ContextId)) {
    match number {
        Number::Context(context) => visit(*context),
        Number::Arithmetic(_, left, right) => {
            contexts_of_number(left, visit);
            contexts_of_number(right, visit);
        }
        Number::Constant(_) | Number::Field(_) | Number::Length(_) => {}
    }
}

/// The fields that a condition reads, each once.
fn read(condition: &Condition) -> Vec<FieldId> {
    let mut fields = Vec::new();
    condition.for_each_field(&mut |field| {
        if !fields.contains(&field) {
            fields.push(field);
        }
    });
    fields
}

/// Calls `visit` for the nodes of the body of a rule, in order.
pub(super) fn for_each_node(program: &Program, body: NodeId, visit: &mut dyn FnMut(NodeId)) {
    let mut waiting = vec![body];
    while let Some(node) = waiting.pop() {
        visit(node);
        match &program.node(node).kind {
            NodeKind::Alternation(nodes) | NodeKind::Sequence(nodes) => {
                waiting.extend(nodes.iter().rev());
            }
            NodeKind::Repetition { body, .. } => waiting.push(*body),
            NodeKind::Terminal(_) | NodeKind::Reference(_) | NodeKind::Prose(_) => {}
        }
    }
}

fn at(directive: &Where, title: &str, label: &str) -> Diagnostic {
    Diagnostic::new(&directive.source, directive.span.clone(), title, label)
}
