//! A place among the tokens of a block: what comes next, and what is wrong with it.

use std::ops::Range;

use wsconform_abnf::suggest::closest;
use wsconform_abnf::{Diagnostic, Source};

use super::super::lexer::{Token, TokenKind};

/// The problem is in the list already.
pub(super) struct Reported;

pub(super) type Parsed<T> = Result<T, Reported>;

pub(super) struct Cursor<'a> {
    pub(super) source: &'a Source,
    tokens: Vec<Token>,
    at: usize,
    end: usize,
    pub(super) problems: Vec<Diagnostic>,
    /// How many calls stand around the place.
    pub(super) nesting: usize,
}

impl<'a> Cursor<'a> {
    /// At the first of `tokens`, which end at the octet `end` of `source`.
    pub(super) fn new(source: &'a Source, tokens: Vec<Token>, end: usize) -> Self {
        Self { source, tokens, at: 0, end, problems: Vec::new(), nesting: 0 }
    }

    // What comes.

    pub(super) fn peek(&self) -> Option<&TokenKind> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&TokenKind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    pub(super) fn peek_word(&self) -> Option<&str> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn peek_sign(&self, sign: &str) -> bool {
        self.sign_at(0, sign)
    }

    pub(super) fn sign_at(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.peek_at(ahead), Some(TokenKind::Sign(found)) if *found == sign)
    }

    /// Whether a keyword comes, and not a name that is spelt the same: `in`, but not `in=5`.
    pub(super) fn peek_keyword(&self, keyword: &str) -> bool {
        self.peek_word() == Some(keyword) && !self.sign_at(1, "=") && !self.sign_at(1, "+=")
    }

    pub(super) fn at_end_of_line(&self) -> bool {
        self.peek().is_none_or(|kind| *kind == TokenKind::NewLine)
    }

    /// The octets of the next token.
    pub(super) fn here(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |token| token.span.clone())
    }

    /// The octets of the token before.
    pub(super) fn before(&self) -> Range<usize> {
        let before = self.at.checked_sub(1).and_then(|index| self.tokens.get(index));
        before.map_or(self.end..self.end, |token| token.span.clone())
    }

    /// The octets from `start` to the end of the token before.
    pub(super) fn since(&self, start: &Range<usize>) -> Range<usize> {
        start.start..self.before().end.max(start.start)
    }

    /// How many blanks the line of the next token begins with.
    pub(super) fn indentation(&self) -> usize {
        self.indentation_at(0)
    }

    /// How many blanks the line of a later token begins with.
    pub(super) fn indentation_at(&self, ahead: usize) -> usize {
        let at = self.tokens.get(self.at + ahead).map_or(self.end, |token| token.span.start);
        let before = &self.source.text()[..at];
        let line = before.rfind('\n').map_or(before, |newline| &before[newline + 1..]);
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    // Taking it.

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    pub(super) fn next_kind(&mut self) -> Option<TokenKind> {
        let kind = self.peek().cloned();
        self.advance();
        kind
    }

    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let found = self.peek_sign(sign);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn new_lines(&mut self) {
        while self.peek() == Some(&TokenKind::NewLine) {
            self.advance();
        }
    }

    pub(super) fn skip_line(&mut self) {
        while !self.at_end_of_line() {
            self.advance();
        }
        self.new_lines();
    }

    /// Goes on behind a mistake: with the next line that is indented by `indentation` at most, for
    /// the others continue what is lost.
    pub(super) fn skip_step(&mut self, indentation: usize) {
        self.skip_line();
        while self.peek().is_some() && self.indentation() > indentation {
            self.skip_line();
        }
    }

    /// Goes on with the next line that begins a scenario.
    pub(super) fn skip_to_scenario(&mut self) {
        self.skip_line();
        while self.peek().is_some() && !self.begins_scenario() {
            self.skip_line();
        }
    }

    /// Whether a scenario begins here, and not a step of a connection that is called so.
    pub(super) fn begins_scenario(&self) -> bool {
        self.peek_word() == Some("scenario") && !self.sign_at(1, ":")
    }

    /// Whether the next line continues the step with one of `words`; moves to it if so.
    pub(super) fn continuation(&mut self, words: &[&str]) -> bool {
        let ahead = usize::from(self.peek() == Some(&TokenKind::NewLine));
        let continues = ahead == 1
            && matches!(self.peek_at(1), Some(TokenKind::Word(word)) if words.contains(&word.as_str()))
            && !self.sign_at(2, ":");
        if continues {
            self.advance();
        }
        continues
    }

    pub(super) fn word(&mut self, expected: &str) -> Parsed<String> {
        match self.next_kind() {
            Some(TokenKind::Word(word)) => Ok(word),
            _ => self.fail_before(expected),
        }
    }

    /// A word without a dot, which names a column, a variable or a connection.
    pub(super) fn name(&mut self, expected: &str) -> Parsed<String> {
        let word = self.word(expected)?;
        if !word.contains('.') {
            return Ok(word);
        }
        let span = self.before();
        self.fail(span, &format!("`{word}` is no name"), &format!("expected {expected}, no dots"))
    }

    /// Lower-case words joined by dots, which name a requirement or a scenario.
    pub(super) fn path(&mut self, expected: &str) -> Parsed<String> {
        match self.next_kind() {
            Some(TokenKind::Word(word)) if is_path(&word) => Ok(word),
            _ => self.fail_before(expected),
        }
    }

    pub(super) fn number(&mut self, expected: &str) -> Parsed<u64> {
        match self.next_kind() {
            Some(TokenKind::Number(number)) => Ok(number),
            _ => self.fail_before(expected),
        }
    }

    pub(super) fn variable(&mut self, expected: &str) -> Parsed<String> {
        match self.next_kind() {
            Some(TokenKind::Variable(name, None)) => Ok(name),
            _ => self.fail_before(expected),
        }
    }

    pub(super) fn keyword(&mut self, keyword: &str) -> Parsed<()> {
        match self.next_kind() {
            Some(TokenKind::Word(word)) if word == keyword => Ok(()),
            _ => self.fail_before(&format!("`{keyword}`")),
        }
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Parsed<()> {
        if self.sign(sign) { Ok(()) } else { self.fail_here(&format!("`{sign}`")) }
    }

    pub(super) fn end_of_line(&mut self, expected: &str) -> Parsed<()> {
        if !self.at_end_of_line() {
            return self.fail_here(expected);
        }
        self.new_lines();
        Ok(())
    }

    pub(super) fn one_of<T: Copy>(&mut self, table: &[(&str, T)], what: &str) -> Parsed<T> {
        let words: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
        let expected = format!("{what}: {}", backquoted(&words));
        let word = self.word(&expected)?;
        match table.iter().find(|(name, _)| *name == word) {
            Some((_, value)) => Ok(*value),
            None => {
                let span = self.before();
                let title = format!("`{word}` is not {what}");
                self.fail_near(span, &title, &format!("expected {expected}"), &word, &words)
            }
        }
    }

    // What is wrong.

    pub(super) fn fail<T>(&mut self, span: Range<usize>, title: &str, label: &str) -> Parsed<T> {
        self.problems.push(Diagnostic::new(self.source, span, title, label));
        Err(Reported)
    }

    pub(super) fn fail_with_help<T>(
        &mut self,
        span: Range<usize>,
        title: &str,
        label: &str,
        help: &str,
    ) -> Parsed<T> {
        self.problems.push(Diagnostic::new(self.source, span, title, label).help(help));
        Err(Reported)
    }

    pub(super) fn fail_near<T>(
        &mut self,
        span: Range<usize>,
        title: &str,
        label: &str,
        word: &str,
        words: &[&str],
    ) -> Parsed<T> {
        match closest(word, words.iter().copied()) {
            Some(near) => {
                self.fail_with_help(span, title, label, &format!("did you mean `{near}`?"))
            }
            None => self.fail(span, title, label),
        }
    }

    /// The token that was just taken is not what was expected: it is given back, so that a line
    /// that ends too early does not swallow the next one.
    pub(super) fn fail_before<T>(&mut self, expected: &str) -> Parsed<T> {
        self.at = self.at.saturating_sub(1);
        self.fail_here(expected)
    }

    pub(super) fn fail_here<T>(&mut self, expected: &str) -> Parsed<T> {
        let (title, span) = match self.peek() {
            Some(TokenKind::Unreadable) => return Err(Reported),
            // A comment may stand between the last token and the end of the line.
            Some(TokenKind::NewLine) => {
                let end = self.before().end;
                ("the line ends too early".to_owned(), end..end)
            }
            Some(kind) => (format!("unexpected {}", kind.describe()), self.here()),
            None => ("the scenario ends too early".to_owned(), self.here()),
        };
        self.fail(span, &title, &format!("expected {expected}"))
    }
}

/// Two or more lower-case words with hyphens, joined by dots.
pub(super) fn is_path(word: &str) -> bool {
    word.contains('.') && word.split('.').all(crate::requirement::is_hyphenated_word)
}

pub(in super::super) fn backquoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ")
}
