//! Values: literals, variables, cells and calls.

use std::ops::Range;

use super::super::signature::{FUNCTIONS, Function};
use super::super::syntax::{Action, Call, RowValue, Value};
use super::super::vectors::FIELDS;
use super::super::wanted::{AMOUNT, CAPABILITY, OCTETS, Wanted};
use super::{Checker, Holds};

/// What a variable that is not set means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unset {
    /// A mistake.
    Unknown,
    /// It captures what came, if its place can.
    Captures,
}

impl Checker<'_> {
    /// Holds a value against its place.
    pub(super) fn value(
        &mut self,
        value: &Value,
        wanted: &'static Wanted,
        unset: Unset,
        span: &Range<usize>,
    ) {
        match value {
            Value::Variable(name, field) => match (self.column(name), self.vector_variable()) {
                (Some(column), _) => self.cells(column, field.as_deref(), wanted, span),
                (None, Some(vector)) if vector == name => {
                    self.vector_field(name, field.as_deref(), wanted, span);
                }
                _ => self.variable(name, field.as_deref(), wanted, unset, span),
            },
            Value::Call(call) => self.call(call, FUNCTIONS, "function", span),
            Value::Sum(sum) if (wanted.admits)(&Value::Number(0)) => {
                let rest = sum.rest.iter().map(|(_, value)| value);
                for value in std::iter::once(&sum.first).chain(rest) {
                    self.value(value, &AMOUNT, Unset::Unknown, span);
                }
            }
            literal if !(wanted.admits)(literal) => {
                let label = format!("expected {}", wanted.label);
                let shown = literal.to_string();
                let title = match shown.chars().count() {
                    ..=40 => format!("`{shown}` does not fit here"),
                    _ => "a value that does not fit here".to_owned(),
                };
                self.report(span, title, label);
            }
            _ => {}
        }
    }

    fn variable(
        &mut self,
        name: &str,
        field: Option<&str>,
        wanted: &'static Wanted,
        unset: Unset,
        span: &Range<usize>,
    ) {
        match (self.variables.get(name).copied(), field) {
            (Some(Holds::Capability(capabilities)), Some(field)) => {
                let known = capabilities.parameters();
                if !known.contains(&field) {
                    let what = format!("`{}` parameter", capabilities.tokens());
                    self.unknown(span, &what, field, &known);
                }
            }
            (Some(Holds::Capability(_)), None) if !wanted.capability => {
                let title = format!("`${name}` is a negotiated capability");
                self.report(span, title, format!("expected {}", wanted.label));
            }
            (Some(Holds::Value | Holds::Effective), Some(_)) => {
                let title = format!("`${name}` has no fields");
                let label = "expected the variable of a negotiated capability before a dot";
                self.report(span, title, label);
            }
            (Some(Holds::Value | Holds::Effective), None) if wanted.label == CAPABILITY.label => {
                let title = format!("`${name}` is not a negotiated capability");
                self.report(span, title, format!("expected {}", wanted.label));
            }
            (Some(_), _) => {}
            (None, _) if self.perhaps.contains(name) => {
                let title = format!("`${name}` may not be set");
                let label = "it is captured by one of several things that may have come";
                self.report(span, title, label);
            }
            (None, None) if unset == Unset::Captures && wanted.captures => {
                self.variables.insert(name.to_owned(), Holds::Value);
            }
            (None, _) => self.unset(name, wanted, span),
        }
    }

    fn unset(&mut self, name: &str, wanted: &'static Wanted, span: &Range<usize>) {
        if let Some(below) = self.set_below(name, span.start) {
            let place = self.scenario.source.location(below);
            let title = format!("`${name}` is not set yet");
            return self.report(span, title, format!("it is set on line {} only", place.line));
        }
        if wanted.label == CAPABILITY.label {
            let label = format!("expected `open with CAPABILITY as ${name}` before this step");
            return self.report(span, format!("no capability is negotiated as `${name}`"), label);
        }
        let columns = self.scenario.rows.iter().flat_map(|table| &table.variables);
        let known: Vec<String> =
            self.variables.keys().chain(columns).map(|name| format!("${name}")).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        if known.is_empty() {
            let label = "expected a variable that the table or a step above sets";
            return self.report(span, format!("unknown variable `${name}`"), label);
        }
        self.unknown(span, "variable", &format!("${name}"), &known);
    }

    /// A field of the vector that a row is.
    fn vector_field(
        &mut self,
        name: &str,
        field: Option<&str>,
        wanted: &'static Wanted,
        span: &Range<usize>,
    ) {
        // Misused is used: one mistake is told once.
        self.used_columns.insert(0);
        let Some(field) = field else {
            let label = format!("expected a field of it, such as `${name}.input`");
            return self.report(span, format!("`${name}` is a whole vector"), label);
        };
        match self.column(&format!("{name}.{field}")) {
            Some(column) => self.cells(column, None, wanted, span),
            None => self.unknown(span, "field of a vector", field, &FIELDS),
        }
    }

    /// The cells of a column, held against a place, once for each kind of place.
    fn cells(
        &mut self,
        column: usize,
        field: Option<&str>,
        wanted: &'static Wanted,
        span: &Range<usize>,
    ) {
        if self.in_cell || field.is_some() {
            let title =
                if self.in_cell { "a cell that uses a column" } else { "a cell has no fields" };
            return self.report(span, title, "expected a value or a variable that a step sets");
        }
        self.used_columns.insert(column);
        if !self.checked_cells.insert((column, wanted.label)) {
            return;
        }
        let scenario = self.scenario;
        let Some(table) = &scenario.rows else { return };
        self.in_cell = true;
        for (row, spans) in table.rows.iter().zip(&table.cell_spans) {
            match (row.get(column), spans.get(column)) {
                (Some(RowValue::Value(value)), Some(span)) => {
                    self.value(value, wanted, Unset::Unknown, span);
                }
                (Some(RowValue::Requirement(_)), Some(span)) => {
                    let label = format!("expected {}", wanted.label);
                    self.report(span, "a requirement where a value is used", label);
                }
                (Some(RowValue::Absent), Some(span)) => self.absent(column, row, span),
                _ => {}
            }
        }
        self.in_cell = false;
    }

    /// A field is used that this vector does not have.
    pub(super) fn absent(&mut self, column: usize, row: &[RowValue], span: &Range<usize>) {
        let columns = self.scenario.rows.as_ref().map(|table| table.variables.as_slice());
        let column = columns.and_then(|columns| columns.get(column)).cloned().unwrap_or_default();
        let name = match row.first() {
            Some(RowValue::Value(Value::Text(name))) => name.as_str(),
            _ => "",
        };
        let title = format!("the vector `{name}` has no `${column}`");
        self.report(span, title, "expected a pattern of vectors that all have one");
    }

    /// The variable that stands for a vector, if the rows are vectors.
    pub(super) fn vector_variable(&self) -> Option<&str> {
        let vectors = self.scenario.rows.as_ref().and_then(|table| table.vectors.as_ref());
        vectors.map(|vectors| vectors.variable.as_str())
    }

    pub(super) fn call(
        &mut self,
        call: &Call,
        known: &[Function],
        what: &str,
        span: &Range<usize>,
    ) {
        let Some((name, places, more)) = known.iter().find(|(name, ..)| *name == call.function)
        else {
            let names: Vec<&str> = known.iter().map(|(name, ..)| *name).collect();
            return self.unknown(span, what, &call.function, &names);
        };
        let found = call.arguments.len();
        if found < places.len() || (found > places.len() && !more) {
            let title = format!("`{name}` with {found} argument(s)");
            let more = if *more { " or more" } else { "" };
            self.report(span, title, format!("expected {}{more}", places.len()));
        }
        for (index, argument) in call.arguments.iter().enumerate() {
            let Some(wanted) = places.get(index).or(places.last()) else { continue };
            // Values that are joined are octets.
            let wanted = if argument.len() > 1 { &OCTETS } else { *wanted };
            for value in argument {
                self.value(value, wanted, Unset::Unknown, span);
            }
        }
    }

    /// The place of the column in the table.
    pub(super) fn column(&self, variable: &str) -> Option<usize> {
        self.columns.get(variable).copied()
    }

    /// Where a step behind `at` sets the variable with `let` or `open`.
    fn set_below(&self, variable: &str, at: usize) -> Option<usize> {
        let later = self.scenario.steps.iter().filter(|step| step.span.start > at);
        later
            .filter(|step| match &step.action {
                Action::Let { variable: set, .. } => set == variable,
                Action::Open(offers) | Action::Setup { offers, .. } | Action::Agree(offers) => {
                    offers.iter().any(|offer| offer.variable.as_deref() == Some(variable))
                }
                _ => false,
            })
            .map(|step| step.span.start)
            .next()
    }
}
