//! The nodes of a rule's body.

use super::{Lowering, Within};
use crate::ast::{Alternation, Concatenation, Element, ElementKind, Repeat, Repetition};
use crate::diagnostic::{Diagnostic, Source};
use crate::program::terminal::terminal;
use crate::program::{NodeId, NodeKind, Unit};

impl Lowering<'_> {
    pub(super) fn branches(
        &mut self,
        branches: &[(&Source, &Concatenation)],
        within: &Within<'_>,
    ) -> NodeId {
        let mut nodes = Vec::with_capacity(branches.len());
        for (source, branch) in branches {
            nodes.push(self.concatenation(source, branch, within));
        }
        match (nodes.as_slice(), branches) {
            ([one], _) => *one,
            ([], _) | (_, []) => NodeId(0),
            ([first, ..], [(source, _), ..]) => {
                let start = self.program.nodes[first.index()].span.start;
                let end =
                    nodes.last().map_or(start, |last| self.program.nodes[last.index()].span.end);
                let span = start..end.max(start);
                self.node(NodeKind::Alternation(nodes), source, span)
            }
        }
    }

    fn alternation(&mut self, source: &Source, inner: &Alternation, within: &Within<'_>) -> NodeId {
        let branches: Vec<_> = inner.branches.iter().map(|branch| (source, branch)).collect();
        self.branches(&branches, within)
    }

    fn concatenation(
        &mut self,
        source: &Source,
        concatenation: &Concatenation,
        within: &Within<'_>,
    ) -> NodeId {
        let parts = &concatenation.parts;
        if let [part] = parts.as_slice() {
            return self.repetition(source, part, within);
        }
        let nodes: Vec<_> =
            parts.iter().map(|part| self.repetition(source, part, within)).collect();
        let start = parts.first().map_or(0, |part| part.span.start);
        let end = parts.last().map_or(start, |part| part.span.end);
        self.node(NodeKind::Sequence(nodes), source, start..end)
    }

    fn repetition(&mut self, source: &Source, part: &Repetition, within: &Within<'_>) -> NodeId {
        let within = &within.in_part(source, part);
        let body = self.element(source, &part.element, within);
        if part.repeat == Repeat::ONCE {
            return body;
        }
        let (min, max) = (part.repeat.min(), part.repeat.max());
        self.node(NodeKind::Repetition { min, max, body }, source, part.span.clone())
    }

    fn element(&mut self, source: &Source, element: &Element, within: &Within<'_>) -> NodeId {
        let kind = match &element.kind {
            ElementKind::Group(inner) => return self.alternation(source, inner, within),
            ElementKind::Option(inner) => {
                let body = self.alternation(source, inner, within);
                NodeKind::Repetition { min: 0, max: Some(1), body }
            }
            ElementKind::Prose(text) => NodeKind::Prose(text.clone()),
            ElementKind::Reference(name) => match self.reference(name, within) {
                Ok(reference) => NodeKind::Reference(reference),
                Err(diagnostic) => {
                    self.diagnostics.push(diagnostic);
                    NodeKind::Prose(name.text.clone())
                }
            },
            ElementKind::Text { .. } | ElementKind::Values { .. } | ElementKind::Range { .. } => {
                match terminal(&element.kind, within.unit) {
                    Some(Ok(terminal)) => NodeKind::Terminal(terminal),
                    Some(Err(misfit)) => {
                        let title = match within.unit {
                            Unit::Bits(_) => "value of too many bits",
                            Unit::Octet => "value that is no octet",
                            Unit::Utf8 => "value that is no character",
                        };
                        let diagnostic =
                            Diagnostic::new(source, element.span.clone(), title, misfit.label)
                                .help(misfit.help);
                        self.diagnostics.push(diagnostic);
                        NodeKind::Prose(String::new())
                    }
                    None => NodeKind::Prose(String::new()),
                }
            }
        };
        self.node(kind, source, element.span.clone())
    }
}
