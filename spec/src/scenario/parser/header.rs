//! The header lines: who, with what, and the table.

use super::super::lexer::TokenKind;
use super::super::syntax::{Need, Role, RowValue, Rows, Scenario, VectorRows};
use super::super::vectors;
use super::cursor::{Cursor, Parsed, is_path};
use super::step::STEPS;

pub(super) const HEADERS: [&str; 7] =
    ["roles", "app", "tags", "slow", "needs", "connections", "for"];

/// The kinds of needs.
#[derive(Clone, Copy)]
enum Kind {
    Capability,
    Case,
    Limit,
}

impl Cursor<'_> {
    /// The line of the header `word`, which comes next.
    pub(super) fn header(
        &mut self,
        word: &'static str,
        steps_began: bool,
        seen: &mut Vec<&'static str>,
        scenario: &mut Scenario,
    ) -> Parsed<()> {
        let span = self.here();
        if steps_began {
            let title = format!("`{word}` behind a step");
            return self.fail(span, &title, "expected a step; header lines come before all steps");
        }
        if seen.contains(&word) {
            let title = format!("a second line `{word}`");
            return self.fail(span, &title, &format!("expected all of `{word}` on one line"));
        }
        seen.push(word);
        self.advance();
        match word {
            "roles" => self.roles(scenario)?,
            "app" => {
                scenario.header_spans.app = Some(self.here());
                scenario.app = Some(self.word("the application that the endpoint runs")?);
            }
            "tags" => loop {
                scenario.header_spans.tags.push(self.here());
                scenario.tags.push(self.name("a tag")?);
                if self.at_end_of_line() {
                    break;
                }
            },
            "slow" => scenario.slow = Some(self.reason()?),
            "needs" => self.needs(scenario)?,
            "connections" => {
                scenario.header_spans.connections = Some(self.here());
                scenario.connections = Some(self.number("how many connections there are")?);
            }
            _ => scenario.rows = Some(self.rows()?),
        }
        let expected = match word {
            "needs" => "`,` or the end of the line",
            "for" if scenario.rows.as_ref().is_some_and(|rows| rows.vectors.is_some()) => {
                "the end of the line"
            }
            "for" => "`,` before another row, or the end of the line",
            _ => "the end of the line",
        };
        self.end_of_line(expected)
    }

    fn roles(&mut self, scenario: &mut Scenario) -> Parsed<()> {
        loop {
            scenario.header_spans.roles.push(self.here());
            scenario.roles.push(self.one_of(&Role::ALL, "a role")?);
            if self.at_end_of_line() {
                return Ok(());
            }
        }
    }

    /// Why cases take their time: some words.
    fn reason(&mut self) -> Parsed<String> {
        match self.next_kind() {
            Some(TokenKind::Text(reason)) if !reason.is_empty() => Ok(reason),
            _ => self.fail_before("why its cases take their time, as a text"),
        }
    }

    fn needs(&mut self, scenario: &mut Scenario) -> Parsed<()> {
        loop {
            let start = self.here();
            let kinds =
                [("capability", Kind::Capability), ("case", Kind::Case), ("limit", Kind::Limit)];
            let need = match self.one_of(&kinds, "a need")? {
                Kind::Capability => Need::Capability(self.capability()?),
                Kind::Case => Need::Case(self.path("the id of a scenario")?),
                Kind::Limit => Need::Limit(self.amount("a number of octets, or a column of them")?),
            };
            scenario.needs.push(need);
            scenario.header_spans.needs.push(self.since(&start));
            if !self.sign(",") {
                return Ok(());
            }
        }
    }

    fn rows(&mut self) -> Parsed<Rows> {
        let mut rows = Rows {
            variables: Vec::new(),
            rows: Vec::new(),
            variable_spans: Vec::new(),
            cell_spans: Vec::new(),
            vectors: None,
        };
        while self.peek_word() != Some("in") || rows.variables.is_empty() {
            rows.variable_spans.push(self.here());
            rows.variables.push(self.name("a column, or `in` and the rows")?);
        }
        self.advance();
        if self.peek_word() == Some("vectors") {
            return self.vectors(rows);
        }
        loop {
            self.new_lines();
            self.row(&mut rows)?;
            if !self.sign(",") {
                return self.no_row_follows().map(|()| rows);
            }
        }
    }

    /// `vectors`, which comes next, and a pattern.
    fn vectors(&mut self, mut rows: Rows) -> Parsed<Rows> {
        self.advance();
        let span = self.here();
        let Some(TokenKind::Pattern(pattern)) = self.next_kind() else {
            return self
                .fail_before("what the ids of the vectors match, such as `frames/near-miss/*`");
        };
        let [variable] = &rows.variables[..] else {
            let second = rows.variable_spans.get(1).unwrap_or(&span).clone();
            let label = "expected one name, which stands for a vector";
            return self.fail(second, "columns in front of vectors", label);
        };
        let variable = variable.clone();
        rows.variables =
            vectors::FIELDS.iter().map(|field| format!("{variable}.{field}")).collect();
        let place = rows.variable_spans.first().unwrap_or(&span).clone();
        rows.variable_spans = vec![place; rows.variables.len()];
        rows.vectors = Some(VectorRows { variable, pattern, span, readers: Vec::new() });
        Ok(rows)
    }

    /// A line that begins with a value can only be another row.
    fn no_row_follows(&mut self) -> Parsed<()> {
        let follows = matches!(
            self.peek_at(1),
            Some(
                TokenKind::Text(_)
                    | TokenKind::Octets(_)
                    | TokenKind::Number(_)
                    | TokenKind::Variable(..)
            )
        );
        if !follows || !self.at_end_of_line() {
            return Ok(());
        }
        let end = self.before().end;
        self.fail(end..end, "missing comma", "expected `,`: the next line is another row")
    }

    fn row(&mut self, rows: &mut Rows) -> Parsed<()> {
        let start = self.here();
        let (mut cells, mut spans) = (Vec::new(), Vec::new());
        while !self.at_end_of_line() && !self.peek_sign(",") {
            let cell = self.here();
            cells.push(self.cell()?);
            spans.push(self.since(&cell));
        }
        if cells.len() != rows.variables.len() {
            let span = if cells.is_empty() { start } else { self.since(&start) };
            let label = format!(
                "expected {} value(s), one for each of: {}; found {}",
                rows.variables.len(),
                rows.variables.join(", "),
                cells.len()
            );
            return self.fail(span, "row of the wrong length", &label);
        }
        rows.rows.push(cells);
        rows.cell_spans.push(spans);
        Ok(())
    }

    fn cell(&mut self) -> Parsed<RowValue> {
        match self.peek() {
            Some(TokenKind::Word(word)) if is_path(word) && !self.sign_at(1, "(") => {
                let id = word.clone();
                self.advance();
                Ok(RowValue::Requirement(id))
            }
            Some(TokenKind::Word(word)) if STEPS.contains(&word.as_str()) => {
                let title = format!("`{word}` where a row is expected");
                let span = self.here();
                let help = "no comma stands behind the last row";
                self.fail_with_help(span, &title, "expected another row behind the comma", help)
            }
            _ => Ok(RowValue::Value(self.value()?)),
        }
    }
}
