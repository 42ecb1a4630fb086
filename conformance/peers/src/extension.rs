//! The text of Sec-WebSocket-Extensions: lists of extensions with parameters (RFC 6455, 9.1).

use crate::http::{Malformed, is_token, is_token_character, is_white};

/// One element of the list: a token and its parameters, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) token: String,
    pub(crate) parameters: Vec<Parameter>,
}

/// A parameter; a quoted value is the same as an unquoted one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
    /// Whether the value was quoted; only a misbehaviour asks.
    pub(crate) quoted: bool,
}

/// Reads all lines of the field as one list. Empty elements are skipped (RFC 9110, 5.6.1), but
/// lines without any element break the grammar. No line at all is an empty list.
pub(crate) fn parse(lines: &[&str]) -> Result<Vec<Extension>, Malformed> {
    let mut extensions = Vec::new();
    for line in lines {
        let mut rest = Rest { text: line };
        loop {
            rest.skip_white();
            if let Some(token) = rest.token() {
                extensions.push(rest.parameters(token)?);
            }
            rest.skip_white();
            if rest.text.is_empty() {
                break;
            }
            if !rest.eat(',') {
                return Err(Malformed);
            }
        }
    }
    if extensions.is_empty() && !lines.is_empty() {
        return Err(Malformed);
    }
    Ok(extensions)
}

/// What is still to be read of a line.
struct Rest<'a> {
    text: &'a str,
}

impl<'a> Rest<'a> {
    fn skip_white(&mut self) {
        self.text = self.text.trim_start_matches(is_white);
    }

    fn eat(&mut self, wanted: char) -> bool {
        match self.text.strip_prefix(wanted) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    fn token(&mut self) -> Option<&'a str> {
        let rest = self.text.trim_start_matches(is_token_character);
        let token = self.text.strip_suffix(rest).filter(|token| !token.is_empty())?;
        self.text = rest;
        Some(token)
    }

    fn parameters(&mut self, token: &str) -> Result<Extension, Malformed> {
        let mut extension = Extension { token: token.to_owned(), parameters: Vec::new() };
        loop {
            self.skip_white();
            if !self.eat(';') {
                return Ok(extension);
            }
            self.skip_white();
            let name = self.token().ok_or(Malformed)?.to_owned();
            self.skip_white();
            let (value, quoted) = if !self.eat('=') {
                (None, false)
            } else {
                self.skip_white();
                if self.eat('"') {
                    (Some(self.quoted()?), true)
                } else {
                    (Some(self.token().ok_or(Malformed)?.to_owned()), false)
                }
            };
            extension.parameters.push(Parameter { name, value, quoted });
        }
    }

    /// Reads up to the closing quote; what was quoted has to be a token (RFC 6455, 9.1).
    fn quoted(&mut self) -> Result<String, Malformed> {
        let mut value = String::new();
        let mut characters = self.text.chars();
        loop {
            match characters.next().ok_or(Malformed)? {
                '"' => break,
                '\\' => value.push(characters.next().ok_or(Malformed)?),
                other => value.push(other),
            }
        }
        self.text = characters.as_str();
        if is_token(&value) { Ok(value) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[&str]) -> String {
        match parse(lines) {
            Err(Malformed) => "malformed".to_owned(),
            Ok(list) => {
                let show = |extension: &Extension| {
                    let mut text = extension.token.clone();
                    for parameter in &extension.parameters {
                        let value = parameter.value.as_deref().unwrap_or("-");
                        text += &format!(" {}={value}", parameter.name);
                    }
                    text
                };
                list.iter().map(show).collect::<Vec<_>>().join(" | ")
            }
        }
    }

    #[test]
    fn lists_are_read() {
        assert_eq!(shown(&[]), "");
        assert_eq!(shown(&["a"]), "a");
        assert_eq!(shown(&[", a; b ;c=\"d\\e\" ,, f;g = h", "i"]), "a b=- c=de | f g=h | i");
    }

    #[test]
    fn broken_lists_are_refused() {
        for line in
            ["", ",", "a b", "a;", "a;=b", "a;b=", "a;b=\"c", "a;b=\"\"", "a;b=\"c d\"", "=a"]
        {
            assert_eq!(shown(&[line]), "malformed", "{line:?}");
        }
        assert_eq!(shown(&["", "a"]), "a");
    }
}
