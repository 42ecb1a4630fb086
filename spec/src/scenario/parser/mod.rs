//! Reads the text of scenario blocks; every mistake points at its column.

mod cursor;
mod header;
mod item;
mod negotiate;
mod step;

use std::ops::Range;

use wsconform_abnf::{Diagnostic, Source};

use super::lexer::{TokenKind, tokens};
use super::syntax::{HeaderSpans, Scenario};
pub(super) use cursor::backquoted;
use cursor::{Cursor, is_path};
use header::HEADERS;

/// Reads the scenarios in the octets `range` of `source`.
///
/// # Errors
///
/// Every line that cannot be read gives a diagnostic; reading goes on with the next line that does
/// not continue it, so that all mistakes of a block are reported together. The diagnostics come in
/// the order of the text.
pub fn parse_block(source: &Source, range: Range<usize>) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    let (tokens, mut problems) = tokens(source, range.clone());
    let end = tokens.last().map_or(range.start, |token| token.span.end);
    let mut cursor = Cursor::new(source, tokens, end);
    let mut scenarios = Vec::new();
    while cursor.peek().is_some() {
        scenarios.extend(cursor.scenario());
    }
    problems.append(&mut cursor.problems);
    problems.sort_by_key(|problem| problem.span().start);
    if problems.is_empty() { Ok(scenarios) } else { Err(problems) }
}

impl Cursor<'_> {
    /// A scenario, or `None` if something in it could not be read.
    fn scenario(&mut self) -> Option<Scenario> {
        let at = self.source.location(self.here().start);
        if !self.begins_scenario() {
            let title = "a scenario is missing here";
            let label = "expected `scenario` and its id, such as `scenario escape.echoed`";
            if self.peek() != Some(&TokenKind::Unreadable) {
                let word = self.peek_word().unwrap_or_default().to_owned();
                let span = self.here();
                let _ = self.fail_near::<()>(span, title, label, &word, &["scenario"]);
            }
            self.skip_to_scenario();
            return None;
        }
        self.advance();
        let span = self.here();
        let id = self.source.text()[span.clone()].to_owned();
        let mut sound = self.scenario_id().is_ok();
        if !sound {
            self.skip_line();
        }
        let mut scenario = Scenario {
            id,
            roles: Vec::new(),
            app: None,
            tags: Vec::new(),
            slow: None,
            needs: Vec::new(),
            connections: None,
            rows: None,
            steps: Vec::new(),
            at,
            source: self.source.clone(),
            span,
            header_spans: HeaderSpans::default(),
        };
        sound &= self.body(&mut scenario);
        (sound && self.is_whole(&scenario)).then_some(scenario)
    }

    fn scenario_id(&mut self) -> Result<(), cursor::Reported> {
        let expected = "lower-case words joined by dots, such as `escape.echoed`";
        match self.next_kind() {
            Some(TokenKind::Word(word)) if is_path(&word) => {}
            Some(TokenKind::Word(_)) => {
                let span = self.before();
                return self.fail(
                    span,
                    "not the path of a scenario",
                    &format!("expected {expected}"),
                );
            }
            _ => return self.fail_before(expected),
        }
        self.end_of_line("the end of the line")
    }

    /// Reads header lines and steps up to the next scenario; whether all of them could be read.
    fn body(&mut self, scenario: &mut Scenario) -> bool {
        let mut sound = true;
        let mut seen = Vec::new();
        let mut steps_began = false;
        while self.peek().is_some() && !self.begins_scenario() {
            let indentation = self.indentation();
            let header = HEADERS.iter().find(|header| self.peek_word() == Some(**header));
            let read = match header {
                Some(header) if !self.sign_at(1, ":") => {
                    self.header(header, steps_began, &mut seen, scenario)
                }
                _ => {
                    steps_began = true;
                    self.step().and_then(|(step, then)| {
                        scenario.steps.push(step);
                        self.end_of_line(then)
                    })
                }
            };
            if read.is_err() {
                sound = false;
                self.skip_step(indentation);
            }
        }
        sound
    }

    fn is_whole(&mut self, scenario: &Scenario) -> bool {
        for (missing, title, help) in [
            (
                scenario.roles.is_empty(),
                "scenario without roles",
                "add a line `roles server client`",
            ),
            (scenario.steps.is_empty(), "scenario without steps", "add a line `open`"),
        ] {
            if missing {
                let label = "expected a line further down";
                let _ = self.fail_with_help::<()>(scenario.span.clone(), title, label, help);
                return false;
            }
        }
        true
    }
}
