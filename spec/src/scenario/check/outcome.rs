//! What may come: outcomes, alternatives, observations and the requirements at stake.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::cases::reads;
use super::super::syntax::{Item, Outcome, Role, RowValue, Target, Verb};
use super::{Checker, Holds};

impl Checker<'_> {
    pub(super) fn expect(&mut self, outcomes: &[Outcome], alternatives: &[Outcome]) {
        self.stands_alone(outcomes, alternatives);
        if let [outcome] = outcomes {
            let mut earlier = vec![&outcome.item];
            for alternative in alternatives {
                self.is_new(&alternative.item, &earlier, "`expect`");
                earlier.push(&alternative.item);
            }
        }
        let before = self.variables.clone();
        for outcome in outcomes {
            self.outcome(outcome);
        }
        // Set for sure is what was captured whichever of the things that may go on came.
        let mut after = std::mem::replace(&mut self.variables, before.clone());
        for alternative in alternatives {
            self.outcome(alternative);
            let captured = std::mem::replace(&mut self.variables, before.clone());
            self.perhaps.extend(captured.keys().filter(|name| !after.contains_key(*name)).cloned());
            if alternative.target.is_none() {
                let lost = after.keys().filter(|name| !captured.contains_key(*name)).cloned();
                self.perhaps.extend(lost);
                after.retain(|name, _| captured.contains_key(name));
            }
        }
        self.variables = after;
    }

    /// An outcome that is not one thing that comes cannot be told from others by it.
    fn stands_alone(&mut self, outcomes: &[Outcome], alternatives: &[Outcome]) {
        if outcomes.len() > 1 {
            for outcome in outcomes {
                if let Some(why) = apart(outcome.item.verb) {
                    let title = format!("`{}` in any order", outcome.item.verb.word());
                    self.report(
                        &outcome.item.span,
                        title,
                        format!("expected an `expect` of its own: {why}"),
                    );
                }
            }
        }
        let first = outcomes.first().map(|outcome| outcome.item.verb);
        for alternative in alternatives {
            let verb = alternative.item.verb;
            let word = verb.word();
            let span = &alternative.item.span;
            match (first, apart(verb)) {
                (Some(Verb::Raw), _) if verb == Verb::Raw => {}
                // It goes on, and took nothing of what came.
                (Some(Verb::Fail), _) if verb == Verb::Nothing => {}
                (Some(Verb::Raw), _) => {
                    let label = "expected `raw`: octets have no other alternative";
                    self.report(span, format!("`{word}` instead of `raw`"), label);
                }
                (_, Some(why)) => {
                    let label = format!("expected a thing that comes: {why}");
                    self.report(span, format!("`{word}` as an alternative"), label);
                }
                (Some(first), None) => {
                    if let Some(why) = apart(first) {
                        let title = format!("`{}` with an alternative", first.word());
                        self.report(span, title, format!("expected no `or` below it: {why}"));
                    }
                }
                (None, None) => {}
            }
        }
    }

    pub(super) fn observe(&mut self, choices: &[(Item, String)]) {
        let before = self.variables.clone();
        let mut earlier = Vec::new();
        for (item, _) in choices {
            if let Some(why) = apart(item.verb)
                && item.verb != Verb::Silence
            {
                let title = format!("`{}` in an observation", item.verb.word());
                self.report(&item.span, title, format!("expected a thing that comes: {why}"));
            }
            self.is_new(item, &earlier, "`observe`");
            earlier.push(item);
            self.item(item, true);
            let captured = std::mem::replace(&mut self.variables, before.clone());
            self.perhaps.extend(captured.into_keys().filter(|name| !before.contains_key(name)));
        }
    }

    /// What was named above is never reached below.
    fn is_new(&mut self, item: &Item, earlier: &[&Item], step: &str) {
        let same = |other: &&Item| other.verb == item.verb && other.arguments == item.arguments;
        if earlier.iter().any(same) {
            let label = format!("expected each thing once in an {step}: the first one decides");
            self.report(&item.span, "the same thing twice", label);
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        self.item(&outcome.item, true);
        if let (Some(target), Some(span)) = (&outcome.target, &outcome.target_span) {
            self.target(target, span);
        }
    }

    pub(super) fn target(&mut self, target: &Target, span: &Range<usize>) {
        let name = match target {
            Target::Requirement(id) => return self.requirement(id, None, span),
            Target::Variable(name) => name,
        };
        let Some(column) = self.column(name) else {
            let columns: Vec<String> = self
                .scenario
                .rows
                .iter()
                .flat_map(|table| &table.variables)
                .map(|column| format!("${column}"))
                .collect();
            let known: Vec<&str> = columns.iter().map(String::as_str).collect();
            self.used_columns.extend(self.vector_variable().map(|_| 0));
            return self.unknown(span, "column of requirements", &format!("${name}"), &known);
        };
        self.used_columns.insert(column);
        if !self.checked_cells.insert((column, "requirement")) {
            return;
        }
        let scenario = self.scenario;
        let Some(table) = &scenario.rows else { return };
        for (index, (row, spans)) in table.rows.iter().zip(&table.cell_spans).enumerate() {
            let reader = table.vectors.as_ref().and_then(|all| all.readers.get(index)).copied();
            match (row.get(column), spans.get(column)) {
                (Some(RowValue::Requirement(id)), Some(span)) => {
                    self.requirement(id, reader, span);
                }
                (Some(RowValue::Value(_)), Some(span)) => {
                    let label = format!("expected the id of a requirement, as `: ${name}` wants");
                    self.report(span, "a cell that is no requirement", label);
                }
                (Some(RowValue::Absent), Some(span)) => self.absent(column, row, span),
                _ => {}
            }
        }
    }

    /// A requirement at stake; with `reader`, in rows for those alone who read as it does.
    fn requirement(&mut self, id: &str, reader: Option<Role>, span: &Range<usize>) {
        let requirements = self.requirements;
        let Some(binds) = requirements.binds.get(id) else {
            let known: Vec<&str> = requirements.binds.keys().map(String::as_str).collect();
            return self.unknown(span, "requirement", id, &known);
        };
        let general = binds.iter().any(|party| party == "sender" || party == "receiver");
        let unbound: BTreeSet<_> = self
            .scenario
            .roles
            .iter()
            .filter(|role| reader.is_none_or(|reader| reads(**role, reader)))
            .filter(|role| !general && !binds.iter().any(|party| party == role.name()))
            .collect();
        for role in unbound {
            let title = format!("`{id}` does not bind a {role}");
            let label = format!("expected a requirement that binds a {role}, for `roles` names it");
            self.report_with_help(span, title, label, format!("it binds: {}", binds.join(", ")));
        }
    }

    /// Names a value for the steps below.
    pub(super) fn sets(&mut self, variable: &str, holds: Holds, span: &Range<usize>) {
        let title = match self.column(variable) {
            Some(_) => format!("`${variable}` is a column of the table"),
            None if self.vector_variable() == Some(variable) => {
                format!("`${variable}` is a vector of the table")
            }
            None => format!("`${variable}` is set already"),
        };
        let taken = self.column(variable).is_some()
            || self.vector_variable() == Some(variable)
            || self.perhaps.contains(variable);
        if taken || self.variables.contains_key(variable) {
            self.report(span, title, "expected a name of its own");
        }
        self.variables.insert(variable.to_owned(), holds);
    }
}

/// Why an outcome cannot stand beside others, if it cannot.
fn apart(verb: Verb) -> Option<&'static str> {
    match verb {
        Verb::Nothing => Some("`nothing` sends a barrier and waits for its answer"),
        Verb::Silence => Some("`silence` waits for a time of its own"),
        Verb::Fail => Some("`fail` is a Close and the end, and knows its own alternatives"),
        Verb::Raw => Some("`raw` compares octets, not things"),
        _ => None,
    }
}
