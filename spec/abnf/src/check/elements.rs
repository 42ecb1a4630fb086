//! What is suspicious about an element by itself.

use super::Found;
use super::facts::is_nullable_element;
use super::graph::{Graph, Kind};
use crate::ast::{Base, ElementKind, Repetition, Value};
use crate::diagnostic::{Diagnostic, Source};
use crate::program::Unit;

pub(super) fn check(graph: &Graph<'_>, nullable: &[bool], unit: Unit, found: &mut Found<'_, '_>) {
    for rule in graph.own_rules() {
        for node in graph.of_rule(rule) {
            let Kind::Part { part, text, .. } = graph.nodes[node].kind else { continue };
            let source = &text.source;
            if part.repeat.max().is_none() && is_nullable_element(graph, nullable, node, part) {
                found.report(rule, || empty_loop(source, part));
            }
            if part.repeat.min() == u64::MAX {
                found.report(rule, || endless_repeat(source, part));
            }
            match &part.element.kind {
                ElementKind::Prose(_) if part.repeat.max() != Some(0) => {
                    found.report(rule, || prose(source, part));
                }
                ElementKind::Range { base, first, last }
                    if unit == Unit::Octet && octets(*base, first).1 != octets(*base, last).1 =>
                {
                    found.report(rule, || uneven_range(source, part));
                }
                _ => {}
            }
        }
    }
}

fn empty_loop(source: &Source, part: &Repetition) -> Diagnostic {
    Diagnostic::new(
        source,
        part.span.clone(),
        "empty loop",
        "goes round without end, and what it repeats can be empty",
    )
    .warning()
    .help(match &part.element.kind {
        ElementKind::Option(_) => "write `*( )` instead of `*[ ]`",
        _ => "let each round match an octet at least; `*` outside already allows none",
    })
}

fn endless_repeat(source: &Source, part: &Repetition) -> Diagnostic {
    Diagnostic::new(
        source,
        part.span.start..part.element.span.start,
        "repeat out of reach",
        "no input is that long",
    )
    .warning()
    .help("a repeat of more than 2^64 never matches; only as a greatest number it does no harm")
}

fn prose(source: &Source, part: &Repetition) -> Diagnostic {
    Diagnostic::new(source, part.element.span.clone(), "prose", "only people can match this")
        .note()
        .help(
            "define it, or refer to another RFC's rule: `;@ import rfc3986 as uri` gives \
             `uri-host`",
        )
}

fn uneven_range(source: &Source, part: &Repetition) -> Diagnostic {
    Diagnostic::new(
        source,
        part.element.span.clone(),
        "range of uneven width",
        "its ends differ in their number of octets",
    )
    .warning()
    .help(
        "write both ends of octets with equally many digits, such as `%x0000-FFFF`; between \
         characters it does no harm",
    )
}

/// A value and how many octets it fills: by its digits, or if they are decimal by its size.
pub(super) fn octets(base: Base, value: &Value) -> (u64, usize) {
    let octets = match base {
        Base::Binary => value.digits.div_ceil(8),
        Base::Hexadecimal => value.digits.div_ceil(2),
        Base::Decimal => value.number.checked_ilog2().map_or(1, |bits| bits as usize / 8 + 1),
    };
    (value.number, octets)
}
