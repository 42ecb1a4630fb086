//! Reads what stands for octets: strings, values, ranges; and prose.

use super::rule::RuleReader;
use crate::ast::{Base, ElementKind, Value};

impl RuleReader<'_> {
    /// The text between the quotes of a string that began at `start`, its prefix included.
    pub(super) fn quoted(&mut self, start: usize) -> Option<String> {
        let text = self.delimited(b'"', |byte| matches!(byte, 0x20..=0x7E));
        match text {
            Ok(text) => Some(text),
            Err(Delimited::Unclosed) => {
                self.report(start..self.at, "unterminated string", "no `\"` ends it on this line");
                None
            }
            Err(Delimited::Forbidden) => {
                let label = format!("{} is not printable US-ASCII", self.found());
                self.report(self.here(), "character outside of strings' alphabet", label)
                    .help_with("write its octets as values, such as `%xC3.A9`");
                None
            }
        }
    }

    pub(super) fn prose(&mut self) -> Option<String> {
        let start = self.at;
        match self.delimited(b'>', |byte| matches!(byte, 0x20..=0x7E)) {
            Ok(text) => Some(text),
            Err(Delimited::Unclosed) => {
                self.report(start..self.at, "unterminated prose", "no `>` ends it on this line");
                None
            }
            Err(Delimited::Forbidden) => {
                let label = format!("{} is not printable US-ASCII", self.found());
                self.report(self.here(), "character outside of prose's alphabet", label);
                None
            }
        }
    }

    /// Reads from an opening delimiter over the closing one, or up to what is in the way.
    fn delimited(&mut self, close: u8, allowed: fn(u8) -> bool) -> Result<String, Delimited> {
        self.at += 1;
        let start = self.at;
        self.skip_while(|byte| byte != close && allowed(byte));
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(self.text[start..self.at - 1].to_owned())
            }
            None | Some(b'\n' | b'\r') => Err(Delimited::Unclosed),
            Some(_) => Err(Delimited::Forbidden),
        }
    }

    /// `%` and what follows: a value, a range, or a string with its case given.
    pub(super) fn percent(&mut self) -> Option<ElementKind> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek().map(|byte| byte.to_ascii_lowercase());
        let base = match letter {
            Some(b'b') => Base::Binary,
            Some(b'd') => Base::Decimal,
            Some(b'x') => Base::Hexadecimal,
            Some(letter @ (b's' | b'i')) => {
                self.at += 1;
                if self.peek() == Some(b'"') {
                    let text = self.quoted(start)?;
                    return Some(ElementKind::Text { text, case_sensitive: letter == b's' });
                }
                let label = format!("expected a quoted string, found {}", self.found());
                self.report(self.here(), "malformed string", label);
                return None;
            }
            _ => {
                let label = format!("expected `b`, `d`, `x`, `s` or `i`, found {}", self.found());
                self.report(self.here(), "malformed value", label).help_with(
                    "values are written `%b1010`, `%d10`, `%x0A`; strings `%s\"Ab\"`, `%i\"ab\"`",
                );
                return None;
            }
        };
        self.at += 1;
        let first = self.value(base)?;
        let kind = if self.peek() == Some(b'-') {
            self.at += 1;
            let last = self.value(base)?;
            if first.number > last.number {
                let label = format!("{} is above {}", first.number, last.number);
                self.report(start..self.at, "range upside down", label)
                    .help_with("the least value stands first");
            }
            let (first, last) =
                if first.number > last.number { (last, first) } else { (first, last) };
            ElementKind::Range { base, first, last }
        } else {
            let mut values = vec![first];
            while self.peek() == Some(b'.') {
                self.at += 1;
                values.push(self.value(base)?);
            }
            ElementKind::Values { base, values }
        };
        match self.peek() {
            Some(b'.' | b'-') => {
                self.report(self.here(), "malformed value", "values or one range, not both")
                    .help_with("separate them: `%x0D.0A %x20-7E` (RFC 5234, 3.4)");
                None
            }
            Some(byte) if byte.is_ascii_alphanumeric() => {
                self.not_a_digit(base);
                None
            }
            _ => Some(kind),
        }
    }

    fn value(&mut self, base: Base) -> Option<Value> {
        let start = self.at;
        self.skip_while(|byte| char::from(byte).is_digit(base.radix()));
        if self.at == start {
            self.not_a_digit(base);
            return None;
        }
        let digits = self.at - start;
        let Ok(number) = u64::from_str_radix(&self.text[start..self.at], base.radix()) else {
            self.report(start..self.at, "value too large", "a value has at most 64 bits");
            return None;
        };
        Some(Value { number, digits })
    }

    fn not_a_digit(&mut self, base: Base) {
        let name = match base {
            Base::Binary => "binary",
            Base::Decimal => "decimal",
            Base::Hexadecimal => "hexadecimal",
        };
        let label = format!("expected a {name} digit, found {}", self.found());
        self.report(self.here(), "malformed value", label);
    }
}

enum Delimited {
    Unclosed,
    Forbidden,
}
