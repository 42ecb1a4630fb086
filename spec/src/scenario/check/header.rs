//! The header lines and the table.

use std::collections::{BTreeMap, BTreeSet};

use super::super::cases::row_name;
use super::super::signature::APPLICATIONS;
use super::super::syntax::{Need, Scenario};
use super::super::wanted::NUMBER;
use super::value::Unset;
use super::{CONNECTION, Checker, Holds};

/// The most connections that a scenario may have at once.
const MOST_CONNECTIONS: u64 = 64;

impl Checker<'_> {
    pub(super) fn header(&mut self, ids: &BTreeMap<&str, &Scenario>) {
        let scenario = self.scenario;
        let spans = &scenario.header_spans;
        if let (Some(app), Some(span)) = (&scenario.app, &spans.app)
            && !APPLICATIONS.contains(&app.as_str())
        {
            self.unknown(span, "application", app, APPLICATIONS);
        }
        let mut roles = BTreeSet::new();
        for (role, span) in scenario.roles.iter().zip(&spans.roles) {
            if !roles.insert(role) {
                self.report(span, format!("role `{role}` twice"), "expected each role once");
            }
        }
        let mut tags = BTreeSet::new();
        for (tag, span) in scenario.tags.iter().zip(&spans.tags) {
            if !tags.insert(tag) {
                self.report(span, format!("tag `{tag}` twice"), "expected each tag once");
            }
        }
        for (index, (need, span)) in scenario.needs.iter().zip(&spans.needs).enumerate() {
            match need {
                _ if scenario.needs[..index].contains(need) => {
                    self.report(span, "the same need twice", "expected each need once");
                }
                Need::Capability(name) => {
                    self.capabilities(name, span);
                }
                Need::Limit(value) => self.value(value, &NUMBER, Unset::Unknown, span),
                Need::Case(id) if !ids.contains_key(id.as_str()) => {
                    let known: Vec<&str> = ids.keys().copied().collect();
                    self.unknown(span, "scenario", id, &known);
                }
                _ => {}
            }
        }
        if let (Some(number), Some(span)) = (scenario.connections, &spans.connections) {
            if !(2..=MOST_CONNECTIONS).contains(&number) {
                let label = format!("expected 2 to {MOST_CONNECTIONS}");
                self.report(span, format!("{number} connections"), label);
            }
            self.sets(CONNECTION, Holds::Value, span);
        }
        self.table();
    }

    fn table(&mut self) {
        let scenario = self.scenario;
        let Some(table) = &scenario.rows else { return };
        let mut columns = BTreeSet::new();
        for (column, span) in table.variables.iter().zip(&table.variable_spans) {
            if !columns.insert(column) {
                let title = format!("column `{column}` exists twice");
                self.report(span, title, "expected a name of its own");
            }
        }
        // Rows of vectors are told apart by the ids of these.
        if table.vectors.is_some() {
            return;
        }
        let mut names = BTreeSet::new();
        for (row, spans) in table.rows.iter().zip(&table.cell_spans) {
            let (Some(cell), Some(span)) = (row.first(), spans.first()) else { continue };
            let name = row_name(cell);
            let title = format!("two rows give the case id `{}/{name}`", scenario.id);
            if !names.insert(name) {
                self.report_with_help(
                    span,
                    title,
                    "expected a first cell that differs in letters or digits",
                    "a first column `name` can tell the rows apart",
                );
            }
        }
    }

    /// A column that nothing uses makes no difference between rows; only names may stand first.
    pub(super) fn unused_columns(&mut self) {
        let Some(table) = &self.scenario.rows else { return };
        if let (Some(vectors), Some(span)) = (&table.vectors, table.variable_spans.first()) {
            if self.used_columns.is_empty() {
                let title = format!("`${}` is not used", vectors.variable);
                self.report(span, title, "expected a step that uses a field of it");
            }
            return;
        }
        for (index, column) in table.variables.iter().enumerate() {
            let names_rows = index == 0 && column == "name" && table.variables.len() > 1;
            let Some(span) = table.variable_spans.get(index) else { continue };
            let exists_twice = self.column(column) != Some(index);
            if !names_rows && !exists_twice && !self.used_columns.contains(&index) {
                self.report_with_help(
                    span,
                    format!("column `{column}` is not used"),
                    format!("expected a step that uses `${column}`"),
                    "only a first column `name`, with others behind it, may stand for itself",
                );
            }
        }
    }
}
