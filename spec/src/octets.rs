//! The words of an example's lines: bare words, `"text"` and `<octets>`, comments at the end.

use std::ops::Range;

use wsconform_abnf::{Diagnostic, Source};

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// With its delimiters.
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Anything up to white space.
    Bare,
    /// Between double quotes.
    Quoted,
    /// Between angle brackets.
    Bracketed,
}

impl Token {
    /// The word without its delimiters.
    pub(crate) fn text<'s>(&self, source: &'s Source) -> &'s str {
        match self.kind {
            TokenKind::Bare => &source.text()[self.span.clone()],
            TokenKind::Quoted | TokenKind::Bracketed => {
                &source.text()[self.span.start + 1..self.span.end - 1]
            }
        }
    }
}

/// The words of a line, and the comment at its end without its semicolon.
pub(crate) fn tokens(
    source: &Source,
    line: Range<usize>,
) -> Result<(Vec<Token>, Option<String>), Diagnostic> {
    let text = &source.text()[line.clone()];
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(|next: char| !next.is_whitespace()) {
        at += offset;
        let rest = &text[at..];
        let (kind, length) = match rest.as_bytes().first() {
            Some(b';') => return Ok((tokens, Some(rest[1..].trim().to_owned()))),
            Some(b'"') => (TokenKind::Quoted, closed(rest, '"')),
            Some(b'<') => (TokenKind::Bracketed, closed(rest, '>')),
            _ => (TokenKind::Bare, Some(bare(rest))),
        };
        let start = line.start + at;
        let Some(length) = length else {
            let close = if kind == TokenKind::Quoted { '"' } else { '>' };
            return Err(Diagnostic::new(
                source,
                start..line.end,
                "unterminated word",
                format!("no `{close}` ends it on this line"),
            ));
        };
        tokens.push(Token { kind, span: start..start + length });
        at += length;
    }
    Ok((tokens, None))
}

/// The octets of hexadecimal words and quoted US-ASCII, in order.
pub(crate) fn octets(source: &Source, tokens: &[Token]) -> Result<Vec<u8>, Diagnostic> {
    let mut octets = Vec::new();
    for token in tokens {
        let text = token.text(source);
        match token.kind {
            TokenKind::Bare => octets.extend(hexadecimal(source, token, text)?),
            TokenKind::Quoted if text.is_ascii() => octets.extend(text.bytes()),
            TokenKind::Quoted => {
                return Err(Diagnostic::new(
                    source,
                    token.span.clone(),
                    "text outside of US-ASCII",
                    "which octets are these?",
                )
                .help("write its octets in hexadecimal, such as `C3 A9`"));
            }
            TokenKind::Bracketed => {
                return Err(Diagnostic::new(
                    source,
                    token.span.clone(),
                    "malformed octets",
                    "octets stand without brackets here",
                ));
            }
        }
    }
    Ok(octets)
}

/// The octets of `<F0 80 00 01>`.
pub(crate) fn bracketed(source: &Source, token: &Token) -> Result<Vec<u8>, Diagnostic> {
    if token.kind != TokenKind::Bracketed {
        let label = format!("expected octets in angle brackets, found `{}`", token.text(source));
        return Err(Diagnostic::new(source, token.span.clone(), "malformed octets", label));
    }
    let mut octets = Vec::new();
    for word in token.text(source).split_whitespace() {
        octets.extend(hexadecimal(source, token, word)?);
    }
    Ok(octets)
}

fn hexadecimal(source: &Source, token: &Token, word: &str) -> Result<Vec<u8>, Diagnostic> {
    let digits: Option<Vec<u8>> = word
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => Ok(digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |high, low| high << 4 | low))
            .collect()),
        _ => {
            let label = format!("`{word}` is no row of octets, two hexadecimal digits each");
            Err(Diagnostic::new(source, token.span.clone(), "malformed octets", label)
                .help("octets are written `81 05`, US-ASCII text in double quotes"))
        }
    }
}

fn closed(rest: &str, close: char) -> Option<usize> {
    rest[1..].find(close).map(|length| length + 2)
}

fn bare(rest: &str) -> usize {
    rest.find(|next: char| next.is_whitespace() || matches!(next, ';' | '"' | '<'))
        .unwrap_or(rest.len())
}
