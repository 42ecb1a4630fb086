//! Cuts a directive into words, numbers and signs.

use crate::ast::{Name, Span};
use crate::diagnostic::{Diagnostic, Source};

/// A token with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A letter, then letters, digits, hyphens; and dots, which only requirement ids have.
    Word(String),
    Number(u64),
    Octets(Vec<u8>),
    Text(Vec<u8>),
    Sign(&'static str),
    End,
}

/// The longer signs stand before those that they begin with.
const SIGNS: &[&str] = &[
    "!=", "<=", ">=", "..", "=", "<", ">", "+", "-", "*", "^", "(", ")", "{", "}", ",", ":", ";",
    "/",
];

/// The tokens in `span`, closed by [`TokenKind::End`].
pub(super) fn tokens(source: &Source, span: Span) -> Result<Vec<Token>, Diagnostic> {
    let text = source.text();
    let mut at = span.start;
    let mut tokens = Vec::new();
    while at < span.end {
        let rest = &text[at..span.end];
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = if first.is_ascii_alphabetic() {
            let length = run(rest, |byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
            let word = rest[..length].trim_end_matches(['.', '-']);
            (TokenKind::Word(word.to_owned()), word.len())
        } else if first.is_ascii_digit() {
            number(source, at, rest)?
        } else if first == '"' {
            text_octets(source, at, rest)?
        } else if let Some(octets) = angle_octets(rest) {
            octets
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (TokenKind::Sign(sign), sign.len())
        } else {
            return Err(Diagnostic::new(
                source,
                at..at + first.len_utf8(),
                "malformed directive",
                format!("unexpected `{first}`"),
            ));
        };
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    let end = tokens.last().map_or(span.start, |token| token.span.end);
    tokens.push(Token { kind: TokenKind::End, span: end..end });
    Ok(tokens)
}

fn run(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(|byte| !belongs(byte)).unwrap_or(text.len())
}

fn number(source: &Source, at: usize, rest: &str) -> Result<(TokenKind, usize), Diagnostic> {
    let length = run(rest, |byte| byte.is_ascii_alphanumeric());
    let word = &rest[..length];
    let parsed = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with('+') => u64::from_str_radix(digits, 16).ok(),
        _ => word.parse().ok(),
    };
    match parsed {
        Some(number) => Ok((TokenKind::Number(number), length)),
        None => Err(Diagnostic::new(
            source,
            at..at + length,
            "malformed number",
            "not a number of at most 64 bits",
        )
        .help("numbers are written `125` or `0x7D`; larger ones `2^64`")),
    }
}

fn text_octets(source: &Source, at: usize, rest: &str) -> Result<(TokenKind, usize), Diagnostic> {
    match rest[1..].find('"') {
        Some(length) => {
            let octets = rest.as_bytes()[1..=length].to_vec();
            Ok((TokenKind::Text(octets), length + 2))
        }
        None => Err(Diagnostic::new(
            source,
            at..at + rest.len(),
            "unterminated string",
            "no `\"` ends it on this line",
        )),
    }
}

/// `<82 04>`, as opposed to a comparison: nothing but pairs of digits stands between the brackets.
fn angle_octets(rest: &str) -> Option<(TokenKind, usize)> {
    let inner = rest.strip_prefix('<')?;
    let end = inner.find('>')?;
    let mut octets = Vec::new();
    for pair in inner[..end].split_whitespace() {
        if pair.len() != 2 || !pair.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        octets.push(u8::from_str_radix(pair, 16).ok()?);
    }
    Some((TokenKind::Octets(octets), end + 2))
}

impl Token {
    /// The token as a name of the grammar, if it can be one.
    pub(super) fn name(&self) -> Option<Name> {
        match &self.kind {
            TokenKind::Word(text) if !text.contains('.') => {
                Some(Name { text: text.clone(), span: self.span.clone() })
            }
            _ => None,
        }
    }

    /// The token in words.
    pub(super) fn found(&self) -> String {
        match &self.kind {
            TokenKind::Word(word) => format!("`{word}`"),
            TokenKind::Number(number) => format!("`{number}`"),
            TokenKind::Octets(_) => "octets".to_owned(),
            TokenKind::Text(_) => "text".to_owned(),
            TokenKind::Sign(sign) => format!("`{sign}`"),
            TokenKind::End => "the end of the directive".to_owned(),
        }
    }
}
