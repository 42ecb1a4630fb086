//! What is negotiated: `with` a capability, its settings, and the variable that holds the outcome.

use super::super::lexer::TokenKind;
use super::super::syntax::{Action, Name, Negotiate};
use super::cursor::{Cursor, Parsed};
use super::step::{END, Read};

impl Cursor<'_> {
    /// What stands behind `open`.
    pub(super) fn open(&mut self) -> Parsed<Read> {
        let offers = self.withs()?;
        let then = if offers.is_empty() { "`with` or the end of the line" } else { END };
        Ok((Action::Open(offers), Vec::new(), then))
    }

    /// What stands behind `setup`.
    pub(super) fn setup(&mut self) -> Parsed<Read> {
        let span = self.here();
        let by = self.variable("the variable of `control-setup`")?;
        let offers = self.some_withs()?;
        Ok((Action::Setup { by, offers }, vec![span], END))
    }

    /// What stands behind `agree`.
    pub(super) fn agree(&mut self) -> Parsed<Read> {
        Ok((Action::Agree(self.some_withs()?), Vec::new(), END))
    }

    fn some_withs(&mut self) -> Parsed<Vec<Negotiate>> {
        match self.withs()? {
            found if found.is_empty() => self.fail_here("`with` and a capability"),
            found => Ok(found),
        }
    }

    fn withs(&mut self) -> Parsed<Vec<Negotiate>> {
        let mut found = Vec::new();
        while self.peek_word() == Some("with") {
            self.advance();
            found.push(self.negotiate()?);
        }
        Ok(found)
    }

    fn negotiate(&mut self) -> Parsed<Negotiate> {
        let capability_span = self.here();
        let capability = self.capability()?;
        let (mut settings, mut setting_spans) = (Vec::new(), Vec::new());
        while !self.at_end_of_line() && !self.peek_keyword("as") && !self.peek_keyword("with") {
            let start = self.here();
            settings.push(self.setting()?);
            setting_spans.push(self.since(&start));
        }
        let (mut variable, mut variable_span) = (None, None);
        if self.peek_keyword("as") {
            self.advance();
            variable_span = Some(self.here());
            variable = Some(self.variable("the variable that holds what was agreed")?);
        }
        Ok(Negotiate {
            capability,
            settings,
            variable,
            capability_span,
            setting_spans,
            variable_span,
        })
    }

    /// A capability, literal or by column.
    pub(super) fn capability(&mut self) -> Parsed<Name> {
        match self.next_kind() {
            Some(TokenKind::Word(token)) => Ok(Name::Word(token)),
            Some(TokenKind::Variable(column, None)) => Ok(Name::Variable(column)),
            _ => self.fail_before("a capability, such as `rate-control`"),
        }
    }
}
