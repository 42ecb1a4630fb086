//! Reads one rule by recursive descent, down to its elements.

use std::ops::Range;

use crate::ast::{
    Alternation, Concatenation, Definition, Directive, Element, ElementKind, Name, Repeat,
    Repetition, Rule, Span,
};
use crate::diagnostic::{Diagnostic, Source};

/// How deep groups and options may nest.
pub const NESTING_LIMIT: usize = 100;

/// Reads one rule; a `None` from any of its functions means that the mistake was reported.
pub(super) struct RuleReader<'s> {
    pub(super) source: &'s Source,
    pub(super) text: &'s str,
    pub(super) at: usize,
    end: usize,
    depth: usize,
    /// Whether it was reported that elements run together, which is said once a rule.
    ran_together: bool,
    pub(super) directives: Vec<Directive>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'s> RuleReader<'s> {
    pub(super) fn new(source: &'s Source, range: Range<usize>) -> Self {
        Self {
            source,
            text: source.text(),
            at: range.start,
            end: range.end,
            depth: 0,
            ran_together: false,
            directives: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// The rule, and its name even if the rest could not be read.
    pub(super) fn rule(&mut self) -> (Option<Name>, Option<Rule>) {
        if !self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            let label = format!("expected a rule name, found {}", self.found());
            self.report(self.here(), "malformed rule", label)
                .help_with("a rule begins with a letter; the lines that continue it are indented");
            return (None, None);
        }
        let name = self.name();
        let rule = self.definition(&name);
        (Some(name), rule)
    }

    fn definition(&mut self, name: &Name) -> Option<Rule> {
        self.skip_space();
        if self.peek() != Some(b'=') {
            let label =
                format!("expected `=` or `=/` after `{}`, found {}", name.text, self.found());
            let help = "the lines that continue a rule are indented more than its first line";
            self.report(self.here(), "malformed rule", label).help_with(help);
            return None;
        }
        self.at += 1;
        let definition = if self.peek() == Some(b'/') {
            self.at += 1;
            Definition::Incremental
        } else {
            Definition::Base
        };
        self.skip_space();
        let alternation = self.alternation()?;
        let end = alternation_end(&alternation).unwrap_or(self.at);
        if self.at < self.end {
            self.unexpected();
            return None;
        }
        Some(Rule {
            source: self.source.clone(),
            name: name.clone(),
            definition,
            alternation,
            directives: std::mem::take(&mut self.directives),
            span: name.span.start..end,
        })
    }

    /// Ends behind the white space that follows.
    fn alternation(&mut self) -> Option<Alternation> {
        let first = self.concatenation()?;
        let branches = self.list(first, Self::alternative_follows, Self::concatenation)?;
        Some(Alternation { branches })
    }

    /// Ends behind the white space that follows.
    fn concatenation(&mut self) -> Option<Concatenation> {
        let first = self.repetition()?;
        let parts = self.list(first, Self::repetition_follows, Self::repetition)?;
        Some(Concatenation { parts })
    }

    /// `first` and what follows it. Most lists have one item, and take room for one.
    fn list<T>(
        &mut self,
        first: T,
        follows: fn(&mut Self) -> bool,
        item: fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        if !follows(self) {
            return Some(vec![first]);
        }
        let mut items = Vec::with_capacity(4);
        items.push(first);
        loop {
            items.push(item(self)?);
            if !follows(self) {
                return Some(items);
            }
        }
    }

    /// Whether an alternative stands here; skips its slash.
    fn alternative_follows(&mut self) -> bool {
        let follows = self.peek() == Some(b'/');
        if follows {
            self.at += 1;
            self.skip_space();
        }
        follows
    }

    /// Skips the white space; whether one more part of the concatenation stands behind it.
    fn repetition_follows(&mut self) -> bool {
        let before = self.at;
        self.skip_space();
        let follows = self.peek().is_some_and(begins_repetition);
        if follows && self.at == before && !std::mem::replace(&mut self.ran_together, true) {
            let label = format!("expected white space before {}", self.found());
            self.report(self.here(), "elements run together", label);
        }
        follows
    }

    fn repetition(&mut self) -> Option<Repetition> {
        let start = self.at;
        let repeat = self.repeat()?;
        if self.at > start && self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.report(self.here(), "repeat without an element", "white space after a repeat")
                .help_with("the element follows its repeat directly, as in `1*DIGIT`");
            return None;
        }
        let element = self.element()?;
        let span = start..element.span.end;
        Some(Repetition { repeat, element, span })
    }

    fn repeat(&mut self) -> Option<Repeat> {
        let start = self.at;
        let min = self.count();
        if self.peek() != Some(b'*') {
            return Some(min.map_or(Repeat::ONCE, Repeat::exactly));
        }
        self.at += 1;
        let max = self.count();
        let repeat = Repeat::new(min.unwrap_or(0), max);
        if repeat.is_none() {
            let label = format!(
                "at least {} and at most {} is impossible",
                min.unwrap_or(0),
                max.unwrap_or(0)
            );
            self.report(start..self.at, "repeat upside down", label)
                .help_with("the least number stands before the `*`");
        }
        Some(repeat.unwrap_or(Repeat::ONCE))
    }

    /// A decimal number, if one stands here; one beyond 64 bits is the greatest of 64 bits.
    fn count(&mut self) -> Option<u64> {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        let digits = self.text.get(start..self.at).filter(|digits| !digits.is_empty())?;
        Some(digits.parse().unwrap_or(u64::MAX))
    }

    fn element(&mut self) -> Option<Element> {
        let start = self.at;
        let kind = match self.peek() {
            Some(byte) if byte.is_ascii_alphabetic() => ElementKind::Reference(self.name()),
            Some(b'(') => ElementKind::Group(self.bracketed(b')')?),
            Some(b'[') => ElementKind::Option(self.bracketed(b']')?),
            Some(b'"') => ElementKind::Text { text: self.quoted(start)?, case_sensitive: false },
            Some(b'%') => self.percent()?,
            Some(b'<') => ElementKind::Prose(self.prose()?),
            _ => {
                self.expected_element();
                return None;
            }
        };
        Some(Element { kind, span: start..self.at })
    }

    fn bracketed(&mut self, close: u8) -> Option<Alternation> {
        let open = self.at;
        if self.depth == NESTING_LIMIT {
            let label = format!("more than {NESTING_LIMIT} groups and options inside each other");
            self.report(self.here(), "nested too deeply", label)
                .help_with("give the inner part a rule of its own");
            return None;
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let inner = self.alternation()?;
        self.depth -= 1;
        if self.peek() == Some(close) {
            self.at += 1;
            return Some(inner);
        }
        if self.at < self.end {
            self.unexpected();
        } else {
            let label = format!("no `{}` closes this", char::from(close));
            self.report(open..open + 1, "unclosed bracket", label);
        }
        None
    }

    pub(super) fn name(&mut self) -> Name {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        Name { text: self.text[start..self.at].to_owned(), span: start..self.at }
    }

    /// Skips white space, line ends and comments, and keeps the directives among the latter.
    pub(super) fn skip_space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n') => self.at += 1,
                Some(b'\r') if self.line_ends_here() => self.at += 1,
                Some(b';') => self.comment(),
                _ => return,
            }
        }
    }

    fn line_ends_here(&self) -> bool {
        self.at + 1 == self.end || self.text.as_bytes().get(self.at + 1) == Some(&b'\n')
    }

    /// Reports directives and anything but comments.
    pub(super) fn only_comments(&mut self) {
        self.skip_space();
        for directive in std::mem::take(&mut self.directives) {
            self.report(directive.span, "directive without a rule", "no rule stands above this")
                .help_with("write it behind the rule that it belongs to, or indented below it");
        }
        if self.at < self.end {
            let label = format!("{} continues no rule", self.found());
            self.report(self.here(), "malformed rule", label)
                .help_with("an import stands between rules, not inside one");
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        self.skip_while(|byte| byte != b'\n');
        let Some(text) = self.text[start..self.at].strip_prefix(";@") else { return };
        let leading = text.len() - text.trim_start().len();
        let span_start = start + 2 + leading;
        let text = text.trim();
        let span = span_start.min(self.at)..(span_start + text.len()).min(self.at);
        if text.is_empty() {
            self.report(start..start + 2, "empty directive", "nothing follows `;@`");
        } else {
            self.directives.push(Directive { text: text.to_owned(), span });
        }
    }

    fn expected_element(&mut self) {
        let found = self.peek();
        let label = format!("expected an element, found {}", self.found());
        let diagnostic = self.report(self.here(), "malformed rule", label);
        match found {
            Some(b'/') => diagnostic.help_with("the empty alternative is written `\"\"`"),
            Some(b'\'') => diagnostic.help_with("strings stand in double quotes"),
            _ => diagnostic.help_with(
                "an element is a rule name, `\"text\"`, `%x0A`, `%x30-39`, `( )`, `[ ]` or \
                 `<prose>`",
            ),
        }
    }

    fn unexpected(&mut self) {
        let found = self.peek();
        let label = format!("unexpected {}", self.found());
        let diagnostic = self.report(self.here(), "malformed rule", label);
        match found {
            Some(b'|') => diagnostic.help_with("alternatives are separated by `/`"),
            Some(b')' | b']') => diagnostic.help_with("it closes nothing, or the wrong bracket"),
            Some(b'=') => diagnostic
                .help_with("a new rule begins at the margin; only continuations are indented"),
            _ => {}
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        if self.at < self.end { self.text.as_bytes().get(self.at).copied() } else { None }
    }

    pub(super) fn skip_while(&mut self, mut wanted: impl FnMut(u8) -> bool) {
        while self.peek().is_some_and(&mut wanted) {
            self.at += 1;
        }
    }

    /// The character that stands here, as a range; at the end of a line or of the rule, the place
    /// behind what was read last.
    pub(super) fn here(&self) -> Span {
        match self.text[self.at..self.end].chars().next() {
            None | Some('\n' | '\r') => {
                let behind = self.text[..self.at].trim_end().len();
                behind..behind
            }
            Some(character) => self.at..self.at + character.len_utf8(),
        }
    }

    /// The character that stands here, in words.
    pub(super) fn found(&self) -> String {
        match self.text[self.at..self.end].chars().next() {
            None => "the end of the rule".to_owned(),
            Some('\r' | '\n') => "the end of the line".to_owned(),
            Some(character) if character.is_control() => character.escape_unicode().to_string(),
            Some(character) => format!("`{character}`"),
        }
    }

    pub(super) fn report(
        &mut self,
        span: Span,
        title: &str,
        label: impl Into<String>,
    ) -> Reported<'_> {
        let diagnostic = Diagnostic::new(self.source, span, title, label);
        self.diagnostics.push(diagnostic);
        Reported { diagnostics: &mut self.diagnostics }
    }
}

/// The diagnostic reported last, for one more word about it.
pub(super) struct Reported<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Reported<'_> {
    pub(super) fn help_with(self, help: &str) {
        if let Some(diagnostic) = self.diagnostics.pop() {
            self.diagnostics.push(diagnostic.help(help));
        }
    }
}

fn begins_repetition(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"*([\"%<".contains(&byte)
}

fn alternation_end(alternation: &Alternation) -> Option<usize> {
    Some(alternation.branches.last()?.parts.last()?.span.end)
}
