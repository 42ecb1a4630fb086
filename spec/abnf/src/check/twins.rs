//! Alternatives that say the same.

use super::Found;
use super::elements::octets;
use super::graph::{Graph, Kind};
use crate::ast::{Concatenation, ElementKind, Repetition, Rule, Span};
use crate::diagnostic::{Diagnostic, Source};

/// Reports each alternative that says what one before it says, up to the case and the base in which
/// it is written.
pub(super) fn check(graph: &Graph<'_>, found: &mut Found<'_, '_>) {
    let prints = fingerprints(graph);
    let mut branches = Vec::new();
    for rule in graph.own_rules() {
        for node in graph.of_rule(rule) {
            if !matches!(graph.nodes[node].kind, Kind::Alternation) {
                continue;
            }
            branches.clear();
            branches.extend(graph.children(node).map(|branch| (prints[branch], branch)));
            branches.sort_unstable();
            for pair in branches.windows(2) {
                let [(one_print, one), (other_print, other)] = *pair else { continue };
                if one_print == other_print && is_same(graph, one, other) {
                    report(graph, rule, one, other, found);
                }
            }
        }
    }
}

fn report(graph: &Graph<'_>, rule: usize, one: usize, other: usize, found: &mut Found<'_, '_>) {
    let branch = |node: usize| match graph.nodes[node].kind {
        Kind::Concatenation { branch, text } => Some((branch, text)),
        Kind::Alternation | Kind::Part { .. } => None,
    };
    if let (Some(one), Some(other)) = (branch(one), branch(other)) {
        found.report(rule, || twin(one, other));
    }
}

type Branch<'g> = (&'g Concatenation, &'g Rule);

fn twin(first: Branch<'_>, second: Branch<'_>) -> Diagnostic {
    let (first_source, first) = place(first);
    let (source, second) = place(second);
    let label = "an alternative before it says the same";
    let other = first_source.location(first.start);
    Diagnostic::new(source, second, "unreachable alternative", label)
        .warning()
        .help(format!("the other is at {other}; remove one of them"))
}

/// Where a branch stands.
fn place<'g>((branch, text): Branch<'g>) -> (&'g Source, Span) {
    let start = branch.parts.first().map_or(text.span.start, |part| part.span.start);
    let end = branch.parts.last().map_or(text.span.end, |part| part.span.end);
    (&text.source, start..end)
}

/// Whether two nodes and what is below them say the same.
fn is_same(graph: &Graph<'_>, first: usize, second: usize) -> bool {
    let (one, other) = (&graph.nodes[first], &graph.nodes[second]);
    one.end - first == other.end - second
        && (first..one.end).zip(second..other.end).all(|(one, other)| {
            let (a, b) = (&graph.nodes[one], &graph.nodes[other]);
            a.end - one == b.end - other && is_same_kind(a.kind, b.kind)
        })
}

fn is_same_kind(one: Kind<'_>, other: Kind<'_>) -> bool {
    match (one, other) {
        (
            Kind::Part { part: one, target: to_one, .. },
            Kind::Part { part: other, target: to_other, .. },
        ) => to_one == to_other && one.repeat == other.repeat && is_same_element(one, other),
        (Kind::Alternation, Kind::Alternation)
        | (Kind::Concatenation { .. }, Kind::Concatenation { .. }) => true,
        _ => false,
    }
}

/// Whether two elements are of one kind and say the same, what is below them apart.
fn is_same_element(one: &Repetition, other: &Repetition) -> bool {
    use ElementKind::{Group, Option, Prose, Range, Reference, Text, Values};
    match (&one.element.kind, &other.element.kind) {
        (Reference(one), Reference(other)) => one.text.eq_ignore_ascii_case(&other.text),
        (Group(_), Group(_)) | (Option(_), Option(_)) => true,
        (
            Text { text: one, case_sensitive: exact },
            Text { text: other, case_sensitive: other_exact },
        ) => {
            let has_letters = one.bytes().any(|byte| byte.is_ascii_alphabetic());
            match (*exact && has_letters, *other_exact && has_letters) {
                (false, false) => one.eq_ignore_ascii_case(other),
                (exact, other_exact) => exact == other_exact && one == other,
            }
        }
        (Values { base, values }, Values { base: other_base, values: others }) => {
            let (values, others) = (
                values.iter().map(|value| octets(*base, value)),
                others.iter().map(|value| octets(*other_base, value)),
            );
            values.eq(others)
        }
        (
            Range { base, first, last },
            Range { base: other_base, first: other_first, last: other_last },
        ) => {
            octets(*base, first) == octets(*other_base, other_first)
                && octets(*base, last) == octets(*other_base, other_last)
        }
        (Prose(one), Prose(other)) => one == other,
        _ => false,
    }
}

/// For each node a number that is the same where [`is_same`] holds, and hardly ever elsewhere.
fn fingerprints(graph: &Graph<'_>) -> Vec<u64> {
    let mut prints = vec![0; graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        let print = match node.kind {
            Kind::Alternation => mix(prints[index], 1),
            Kind::Concatenation { .. } => mix(prints[index], 2),
            Kind::Part { part, target, .. } => mix(prints[index], of_part(part, target)),
        };
        prints[index] = print;
        if node.parent != index {
            prints[node.parent] = mix(prints[node.parent], print);
        }
    }
    prints
}

fn of_part(part: &Repetition, target: Option<usize>) -> u64 {
    let print = match &part.element.kind {
        ElementKind::Reference(name) => match target {
            Some(target) => mix(3, target as u64),
            None => of_text(3, &name.text),
        },
        ElementKind::Group(_) => 4,
        ElementKind::Option(_) => 5,
        ElementKind::Text { text, .. } => of_text(6, text),
        ElementKind::Values { values, .. } => {
            values.iter().fold(7, |print, value| mix(print, value.number))
        }
        ElementKind::Range { first, last, .. } => mix(mix(8, first.number), last.number),
        ElementKind::Prose(text) => of_text(9, text),
    };
    mix(mix(print, part.repeat.min()), part.repeat.max().unwrap_or(u64::MAX))
}

fn of_text(print: u64, text: &str) -> u64 {
    text.bytes().fold(print, |print, byte| mix(print, u64::from(byte.to_ascii_lowercase())))
}

fn mix(print: u64, more: u64) -> u64 {
    (print.rotate_left(5) ^ more).wrapping_mul(0x517C_C1B7_2722_0A95)
}
