//! Goes through the tokens of a directive.

use super::lexer::{Token, TokenKind};
use crate::ast::Name;
use crate::diagnostic::{Diagnostic, Source};

/// The tokens that are still to be read.
pub(super) struct Cursor<'s> {
    pub(super) source: &'s Source,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) depth: usize,
}

/// What was read, or what is wrong.
pub(super) type Parsed<T> = Result<T, Diagnostic>;

impl Cursor<'_> {
    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    /// The last token, [`TokenKind::End`], is never passed.
    pub(super) fn next(&mut self) -> Token {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    pub(super) fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(&self.peek().kind, TokenKind::Sign(found) if *found == sign);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let found =
            matches!(&self.peek().kind, TokenKind::Word(found) if found.eq_ignore_ascii_case(word));
        if found {
            self.next();
        }
        found
    }

    pub(super) fn sign(&mut self, sign: &str) -> Parsed<Token> {
        let token = self.peek().clone();
        if self.takes(sign) { Ok(token) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    pub(super) fn word(&mut self, word: &str) -> Parsed<()> {
        if self.takes_word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    pub(super) fn name(&mut self) -> Parsed<Name> {
        match self.peek().name() {
            Some(name) => {
                self.next();
                Ok(name)
            }
            None => Err(self.expected("a name")),
        }
    }

    pub(super) fn expected(&self, what: &str) -> Diagnostic {
        self.wrong(self.peek(), what)
    }

    pub(super) fn wrong(&self, token: &Token, what: &str) -> Diagnostic {
        let label = format!("expected {what}, found {}", token.found());
        Diagnostic::new(self.source, token.span.clone(), "malformed directive", label)
    }
}
