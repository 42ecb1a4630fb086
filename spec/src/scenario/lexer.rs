//! Cuts a scenario block into tokens with their places.

use std::ops::Range;

use wsconform_abnf::{Diagnostic, Source};

/// What a token is; its text is the slice of the source at its span.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A lower-case word, a dotted path, a field name or a message name.
    Word(String),
    /// `$name` or `$name.field`.
    Variable(String, Option<String>),
    /// `"text"`, unescaped.
    Text(String),
    /// `<82 04>`.
    Octets(Vec<u8>),
    /// A whole number.
    Number(u64),
    /// A number with a fraction, as written.
    Decimal(f64),
    /// What ids of vectors match, behind `in vectors`.
    Pattern(String),
    /// A time in milliseconds.
    Milliseconds(u64),
    /// One of `= += : , & | .. ( ) * + -`.
    Sign(&'static str),
    /// The end of a line that holds anything.
    NewLine,
    /// What could not be read and was reported; the rest of its line is left out.
    Unreadable,
}

impl TokenKind {
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Variable(name, None) => format!("`${name}`"),
            Self::Variable(name, Some(field)) => format!("`${name}.{field}`"),
            Self::Text(_) => "a text".into(),
            Self::Octets(_) => "octets".into(),
            Self::Number(number) => format!("`{number}`"),
            Self::Decimal(number) => format!("`{number}`"),
            Self::Pattern(pattern) => format!("`{pattern}`"),
            Self::Milliseconds(_) => "a time".into(),
            Self::Unreadable => "what could not be read".into(),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::NewLine => "the end of the line".into(),
        }
    }
}

/// A token and the octets of the source that it was cut from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

const SIGNS: [&str; 11] = ["..", "+=", "=", ":", ",", "&", "|", "(", ")", "*", "+"];

/// The tokens of the octets `range` of `source`, and what could not be read. Lines without tokens
/// leave no trace; a line that cannot be read ends in [`TokenKind::Unreadable`].
pub(super) fn tokens(source: &Source, range: Range<usize>) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { source, at: range.start, end: range.end, tokens: Vec::new() };
    let mut problems = Vec::new();
    while lexer.at < lexer.end {
        if let Err(problem) = lexer.step() {
            let span = problem.span();
            lexer.tokens.push(Token { kind: TokenKind::Unreadable, span });
            problems.push(problem);
            lexer.skip_line();
        }
    }
    lexer.new_line();
    (lexer.tokens, problems)
}

struct Lexer<'a> {
    source: &'a Source,
    at: usize,
    end: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source.text()[self.at..self.end]
    }

    fn step(&mut self) -> Result<(), Diagnostic> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(()) };
        self.stands_apart(first)?;
        if self.awaits_pattern() && is_of_pattern(first) {
            self.pattern();
            return Ok(());
        }
        match first {
            '\n' => {
                self.new_line();
                self.at += 1;
            }
            ' ' | '\t' => self.at += 1,
            '\r' if rest.starts_with("\r\n") || rest.len() == 1 => self.at += 1,
            ';' => self.comment()?,
            '"' => self.text()?,
            '<' => self.octets()?,
            '$' => self.variable()?,
            '0'..='9' => self.number()?,
            'a'..='z' | 'A'..='Z' => {
                let length = word_length(rest);
                let word = rest[..length].to_owned();
                self.push(length, TokenKind::Word(word));
            }
            '-' => self.push(1, TokenKind::Sign("-")),
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => self.push(sign.len(), TokenKind::Sign(sign)),
                None => {
                    return Err(self.problem(
                        first.len_utf8(),
                        "unexpected character in a scenario",
                        "expected a word, \"text\", <octets>, a number, a $variable or a comment after `;`",
                    ));
                }
            },
        }
        Ok(())
    }

    /// A carriage return is a part of a line end and nothing else.
    fn comment(&mut self) -> Result<(), Diagnostic> {
        let rest = self.rest();
        let comment = rest.split('\n').next().unwrap_or(rest);
        let comment = comment.strip_suffix('\r').unwrap_or(comment);
        if let Some(offset) = comment.find('\r') {
            let at = self.at + offset;
            let label = "expected no carriage return but before a line feed";
            let title = "carriage return inside a line";
            return Err(Diagnostic::new(self.source, at..at + 1, title, label));
        }
        self.skip_line();
        Ok(())
    }

    /// Words, texts, octets, variables, numbers and calls do not touch what stands behind them.
    fn stands_apart(&self, first: char) -> Result<(), Diagnostic> {
        let begins_word = first.is_ascii_alphanumeric() || matches!(first, '"' | '<' | '$');
        let touches = self.tokens.last().is_some_and(|token| {
            let apart = match token.kind {
                TokenKind::Sign(sign) => sign != ")",
                TokenKind::NewLine => true,
                _ => false,
            };
            token.span.end == self.at && !apart
        });
        if begins_word && touches {
            return Err(self.problem(1, "missing blank", "expected a blank before this"));
        }
        Ok(())
    }

    /// Whether a pattern of vectors comes: there alone stars and slashes make words.
    fn awaits_pattern(&self) -> bool {
        let is_word = |token: &Token, word: &str| matches!(&token.kind, TokenKind::Word(found) if found == word);
        matches!(&self.tokens[..], [.., before, last]
            if is_word(before, "in") && is_word(last, "vectors") && last.span.end < self.at)
    }

    fn pattern(&mut self) {
        let rest = self.rest();
        let length = rest.find(|c: char| !is_of_pattern(c)).unwrap_or(rest.len());
        let pattern = rest[..length].to_owned();
        self.push(length, TokenKind::Pattern(pattern));
    }

    fn push(&mut self, length: usize, kind: TokenKind) {
        self.tokens.push(Token { kind, span: self.at..self.at + length });
        self.at += length;
    }

    fn new_line(&mut self) {
        let line_holds_tokens =
            self.tokens.last().is_some_and(|token| token.kind != TokenKind::NewLine);
        if line_holds_tokens {
            self.tokens.push(Token { kind: TokenKind::NewLine, span: self.at..self.at });
        }
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.end - self.at);
    }

    fn problem(&self, length: usize, title: &str, label: &str) -> Diagnostic {
        Diagnostic::new(self.source, self.at..self.at + length, title, label)
    }

    fn text(&mut self) -> Result<(), Diagnostic> {
        let rest = self.rest();
        let mut text = String::new();
        let mut characters = rest.char_indices().skip(1);
        while let Some((offset, character)) = characters.next() {
            match character {
                '"' => {
                    self.push(offset + 1, TokenKind::Text(text));
                    return Ok(());
                }
                '\n' | '\r' => break,
                '\\' => match characters.next() {
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    escaped => {
                        let length = escaped.map_or(0, |(_, character)| character.len_utf8());
                        return Err(Diagnostic::new(
                            self.source,
                            self.at + offset..self.at + offset + 1 + length,
                            "unknown backslash sequence in a text",
                            "expected one of `\\\"` `\\\\` `\\r` `\\n` `\\t`",
                        ));
                    }
                },
                _ => text.push(character),
            }
        }
        Err(self.problem(1, "text without end", "expected a closing `\"` on the same line"))
    }

    fn octets(&mut self) -> Result<(), Diagnostic> {
        let rest = self.rest();
        let Some(close) = rest.find(['>', '\n']).filter(|end| rest[*end..].starts_with('>')) else {
            return Err(self.problem(1, "octets without end", "expected `>` on the same line"));
        };
        let mut octets = Vec::new();
        let mut digit_before = None;
        for (offset, character) in rest[1..close].char_indices() {
            match (character.to_digit(16), digit_before) {
                (Some(digit), None) => digit_before = Some(digit as u8),
                (Some(digit), Some(high)) => {
                    octets.push(high << 4 | digit as u8);
                    digit_before = None;
                }
                (None, None) if matches!(character, ' ' | '\t') => {}
                (None, _) => {
                    let at = self.at + 1 + offset;
                    return Err(Diagnostic::new(
                        self.source,
                        at..at + character.len_utf8(),
                        "not an octet",
                        "expected pairs of hexadecimal digits, `<82 04>`",
                    ));
                }
            }
        }
        if digit_before.is_some() {
            return Err(Diagnostic::new(
                self.source,
                self.at + close..self.at + close + 1,
                "half an octet",
                "expected a second hexadecimal digit",
            ));
        }
        self.push(close + 1, TokenKind::Octets(octets));
        Ok(())
    }

    fn variable(&mut self) -> Result<(), Diagnostic> {
        let length = word_length(&self.rest()[1..]);
        let name = &self.rest()[1..1 + length];
        let mut parts = name.split('.');
        let (variable, field) = (parts.next().unwrap_or_default(), parts.next());
        if !variable.starts_with(|c: char| c.is_ascii_alphabetic()) || parts.next().is_some() {
            let label = "expected `$name` or `$name.field`, a letter first";
            return Err(self.problem(1 + length, "malformed variable", label));
        }
        let kind = TokenKind::Variable(variable.to_owned(), field.map(str::to_owned));
        self.push(1 + length, kind);
        Ok(())
    }

    fn number(&mut self) -> Result<(), Diagnostic> {
        let rest = self.rest();
        if let Some(hexadecimal) = rest.strip_prefix("0x") {
            let length =
                hexadecimal.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(hexadecimal.len());
            let Ok(number) = u64::from_str_radix(&hexadecimal[..length], 16) else {
                let label = "expected one to 16 hexadecimal digits behind `0x`";
                return Err(self.problem(2 + length, "malformed number", label));
            };
            self.push(2 + length, TokenKind::Number(number));
            return Ok(());
        }
        let digits = digits_length(rest);
        let after = &rest[digits..];
        if after.starts_with('.') && after[1..].starts_with(|c: char| c.is_ascii_digit()) {
            let length = digits + 1 + digits_length(&after[1..]);
            let number = rest[..length].parse().unwrap_or(f64::INFINITY);
            if !number.is_finite() {
                return Err(self.problem(length, "number too large", "expected fewer digits"));
            }
            self.push(length, TokenKind::Decimal(number));
            return Ok(());
        }
        let unit = word_length(after);
        let number = rest[..digits].parse::<u64>().ok();
        let kind = match (&after[..unit], number) {
            ("", Some(number)) => TokenKind::Number(number),
            ("", None) => {
                let label = "expected at most 18446744073709551615";
                return Err(self.problem(digits, "number too large", label));
            }
            ("s" | "ms", number) => {
                let factor = if unit == 1 { 1000 } else { 1 };
                match number.and_then(|number| number.checked_mul(factor)) {
                    Some(milliseconds) => TokenKind::Milliseconds(milliseconds),
                    None => {
                        let label = "expected at most 18446744073709551615 ms";
                        return Err(self.problem(digits + unit, "time too long", label));
                    }
                }
            }
            _ => {
                return Err(Diagnostic::new(
                    self.source,
                    self.at + digits..self.at + digits + unit,
                    "unknown unit",
                    "expected `s` or `ms`, or a blank after the number",
                ));
            }
        };
        self.push(digits + unit, kind);
        Ok(())
    }
}

fn is_of_pattern(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '-' | '/' | '*')
}

fn digits_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

/// The octets of the word at the start of `text`: letters, digits, inner hyphens and inner dots.
fn word_length(text: &str) -> usize {
    let octets = text.as_bytes();
    let mut length = 0;
    while let Some(octet) = octets.get(length) {
        let inner = octets.get(length + 1).is_some_and(u8::is_ascii_alphanumeric);
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => length += 1,
            b'-' | b'.' if length > 0 && inner => length += 1,
            _ => break,
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        let source = Source::new("test", text);
        tokens(&source, 0..text.len()).0.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn cuts_a_line() {
        use TokenKind::*;
        assert_eq!(
            kinds("send  ping \"p\" & frame fin=0 ; comment\n\n"),
            [
                Word("send".into()),
                Word("ping".into()),
                Text("p".into()),
                Sign("&"),
                Word("frame".into()),
                Word("fin".into()),
                Sign("="),
                Number(0),
                NewLine
            ]
        );
        assert_eq!(
            kinds("400..499 $rate.burst <F0 80> 0.9 2s"),
            [
                Number(400),
                Sign(".."),
                Number(499),
                Variable("rate".into(), Some("burst".into())),
                Octets(vec![0xF0, 0x80]),
                Decimal(0.9),
                Milliseconds(2000),
                NewLine
            ]
        );
    }

    #[test]
    fn reads_numbers() {
        use TokenKind::*;
        assert_eq!(
            kinds("0x0F 007 18446744073709551615 0xFFFFFFFFFFFFFFFF 5ms 1-2"),
            [
                Number(15),
                Number(7),
                Number(u64::MAX),
                Number(u64::MAX),
                Milliseconds(5),
                Number(1),
                Sign("-"),
                Number(2),
                NewLine
            ]
        );
    }

    #[test]
    fn points_at_the_column() {
        for (text, column) in [
            ("a \"x", 3),
            ("a \"\\é\"", 4),
            ("a <0g>", 5),
            ("a <012>", 7),
            ("a 3kg", 4),
            ("a #", 3),
            ("a \"b\"c", 6),
            ("a 0x", 3),
            ("a 0x10000000000000000", 3),
            ("a 18446744073709551616", 3),
            ("a 18446744073709551615s", 3),
            ("a pattern(5)\"c\"", 13),
            ("a\rb", 2),
            ("a ; b\rc", 6),
            ("a $1", 3),
            ("a $b.c.d", 3),
        ] {
            let source = Source::new("test", text);
            let (tokens, problems) = tokens(&source, 0..text.len());
            assert_eq!(problems[0].location().column, column, "{text}");
            assert!(tokens.iter().any(|token| token.kind == TokenKind::Unreadable), "{text}");
        }
    }
}
