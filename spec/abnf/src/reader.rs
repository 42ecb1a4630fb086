//! Reads rules from text: RFC 5234, section 4, with RFC 7405's strings.
//!
//! The lines of a range are first cut into rules by their indentation, then each rule is read by
//! recursive descent, so a mistake costs one rule and the next is read again. Time is linear in the
//! length of the text.
//!
//! Where the reader is more lenient than the letter of RFC 5234: lines may end in LF, in CRLF or
//! with the text (erratum 3076); the whole range may be indented (section 2.2); blank lines and
//! comment lines may stand inside a rule; comments may hold any character.

use std::ops::Range;

use crate::ast::{
    Alternation, Base, Concatenation, Definition, Directive, Element, ElementKind, Name, Repeat,
    Repetition, Rule, Span, Value,
};
use crate::diagnostic::{Diagnostic, Source};

/// How deep groups and options may nest.
pub const NESTING_LIMIT: usize = 100;

/// What a range of a source holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The rules that could be read, in order.
    pub rules: Vec<Rule>,
    /// The names of rules that could not, so that references to them need not be reported too.
    pub unreadable: Vec<Name>,
    /// What is wrong, in order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the rules that stand in the octets `range` of `source`, to the end of the range whatever
/// mistakes there are. A range beyond the text is cut to it.
pub fn read(source: &Source, range: Range<usize>) -> Reading {
    let text = source.text();
    let end = floor_boundary(text, range.end);
    let start = floor_boundary(text, range.start).min(end);
    let lines = lines(text, start..end);
    let base = lines.iter().find(|line| line.is_content(text)).map_or(0, |line| line.indent);
    let mut reading = Reading::default();
    let mut chunk_start = start;
    let mut heads = lines
        .iter()
        .filter(|line| line.is_content(text) && line.indent <= base)
        .map(|line| line.content)
        .peekable();

    let preface_end = heads.peek().copied().unwrap_or(end);
    let mut reader = RuleReader::new(source, chunk_start..preface_end, base);
    reader.skip_space();
    for directive in &reader.directives {
        reader.diagnostics.push(
            Diagnostic::new(
                source,
                directive.span.clone(),
                "directive without a rule",
                "no rule stands above this directive",
            )
            .help("write it behind the rule that it belongs to, or indented below it"),
        );
    }
    reading.diagnostics.append(&mut reader.diagnostics);

    while let Some(head) = heads.next() {
        chunk_start = head;
        let chunk_end = heads.peek().copied().unwrap_or(end);
        let mut reader = RuleReader::new(source, chunk_start..chunk_end, base);
        let (name, rule) = reader.rule();
        reading.diagnostics.append(&mut reader.diagnostics);
        match rule {
            Some(rule) => reading.rules.push(rule),
            None => reading.unreadable.extend(name),
        }
    }
    reading
}

/// A line, without its end.
struct Line {
    /// The column of the first character that is not white space; a tab leads to the next
    /// multiple of 8.
    indent: usize,
    /// Where that character stands.
    content: usize,
    end: usize,
}

impl Line {
    /// Whether the line holds more than white space and a comment.
    fn is_content(&self, text: &str) -> bool {
        !matches!(text.as_bytes()[self.content..self.end].first(), None | Some(b';'))
    }
}

fn lines(text: &str, range: Range<usize>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let rest = &text[start..range.end];
        let length = rest.find('\n').unwrap_or(rest.len());
        let line = rest[..length].strip_suffix('\r').unwrap_or(&rest[..length]);
        let mut indent = 0;
        let mut content = start;
        for byte in line.bytes() {
            match byte {
                b' ' => indent += 1,
                b'\t' => indent = (indent / 8 + 1) * 8,
                _ => break,
            }
            content += 1;
        }
        lines.push(Line { indent, content, end: start + line.len() });
        start += length + 1;
    }
    lines
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Reads one rule; a `None` from any of its functions means that the mistake was reported.
struct RuleReader<'s> {
    source: &'s Source,
    text: &'s str,
    at: usize,
    end: usize,
    base_indent: usize,
    depth: usize,
    directives: Vec<Directive>,
    diagnostics: Vec<Diagnostic>,
}

impl<'s> RuleReader<'s> {
    fn new(source: &'s Source, range: Range<usize>, base_indent: usize) -> Self {
        Self {
            source,
            text: source.text(),
            at: range.start,
            end: range.end,
            base_indent,
            depth: 0,
            directives: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// The rule, and its name even if the rest could not be read.
    fn rule(&mut self) -> (Option<Name>, Option<Rule>) {
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
        let mut branches = vec![self.concatenation()?];
        while self.peek() == Some(b'/') {
            self.at += 1;
            self.skip_space();
            branches.push(self.concatenation()?);
        }
        Some(Alternation { branches })
    }

    /// Ends behind the white space that follows.
    fn concatenation(&mut self) -> Option<Concatenation> {
        let mut parts = vec![self.repetition()?];
        loop {
            let before = self.at;
            self.skip_space();
            if !self.peek().is_some_and(begins_repetition) {
                return Some(Concatenation { parts });
            }
            if self.at == before {
                let label = format!("expected white space before {}", self.found());
                self.report(self.here(), "elements run together", label);
            }
            parts.push(self.repetition()?);
        }
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
        let min = self.count()?;
        if self.peek() != Some(b'*') {
            return Some(min.map_or(Repeat::ONCE, Repeat::exactly));
        }
        self.at += 1;
        let max = self.count()?;
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

    /// A decimal number, if one stands here.
    fn count(&mut self) -> Option<Option<u64>> {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.at == start {
            return Some(None);
        }
        let parsed = self.text[start..self.at].parse().ok();
        if parsed.is_none() {
            self.report(start..self.at, "number too large", "a repeat is at most 2^64-1");
        }
        parsed.map(Some)
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

    /// The text between the quotes of a string that began at `start`, its prefix included.
    fn quoted(&mut self, start: usize) -> Option<String> {
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

    fn prose(&mut self) -> Option<String> {
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
    fn percent(&mut self) -> Option<ElementKind> {
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

    fn name(&mut self) -> Name {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        Name { text: self.text[start..self.at].to_owned(), span: start..self.at }
    }

    /// Skips white space, line ends and comments, and keeps the directives among the latter.
    fn skip_space(&mut self) {
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

    fn comment(&mut self) {
        let start = self.at;
        self.skip_while(|byte| byte != b'\n');
        let Some(text) = self.text[start..self.at].strip_prefix(";@") else { return };
        let leading = text.len() - text.trim_start().len();
        let span_start = start + 2 + leading;
        let text = text.trim();
        let span = span_start.min(self.at)..(span_start + text.len()).min(self.at);
        if self.is_at_margin(start) {
            self.report(start..span.end, "directive at the margin", "above or below which rule?")
                .help_with("indent it below the rule that it belongs to");
        } else if text.is_empty() {
            self.report(start..start + 2, "empty directive", "nothing follows `;@`");
        } else {
            self.directives.push(Directive { text: text.to_owned(), span });
        }
    }

    /// Whether the comment at `at` has its line for itself and begins where rules begin.
    fn is_at_margin(&self, at: usize) -> bool {
        let before = &self.text[..at];
        let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
        line.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
            && lines(line, 0..line.len()).first().map_or(0, |line| line.indent) <= self.base_indent
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

    fn peek(&self) -> Option<u8> {
        if self.at < self.end { self.text.as_bytes().get(self.at).copied() } else { None }
    }

    fn skip_while(&mut self, mut wanted: impl FnMut(u8) -> bool) {
        while self.peek().is_some_and(&mut wanted) {
            self.at += 1;
        }
    }

    /// The character that stands here, as a range; at the end of a line or of the rule, the place
    /// behind what was read last.
    fn here(&self) -> Span {
        match self.text[self.at..self.end].chars().next() {
            None | Some('\n' | '\r') => {
                let behind = self.text[..self.at].trim_end().len();
                behind..behind
            }
            Some(character) => self.at..self.at + character.len_utf8(),
        }
    }

    /// The character that stands here, in words.
    fn found(&self) -> String {
        match self.text[self.at..self.end].chars().next() {
            None => "the end of the rule".to_owned(),
            Some('\r' | '\n') => "the end of the line".to_owned(),
            Some(character) if character.is_control() => character.escape_unicode().to_string(),
            Some(character) => format!("`{character}`"),
        }
    }

    fn report(&mut self, span: Span, title: &str, label: impl Into<String>) -> Reported<'_> {
        let diagnostic = Diagnostic::new(self.source, span, title, label);
        self.diagnostics.push(diagnostic);
        Reported { diagnostics: &mut self.diagnostics }
    }
}

/// The diagnostic reported last, for one more word about it.
struct Reported<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Reported<'_> {
    fn help_with(self, help: &str) {
        if let Some(diagnostic) = self.diagnostics.pop() {
            self.diagnostics.push(diagnostic.help(help));
        }
    }
}

enum Delimited {
    Unclosed,
    Forbidden,
}

fn begins_repetition(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"*([\"%<".contains(&byte)
}

fn alternation_end(alternation: &Alternation) -> Option<usize> {
    Some(alternation.branches.last()?.parts.last()?.span.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All diagnostics as people see them.
    fn mistakes(text: &str) -> String {
        let source = Source::new("test.abnf", text);
        let reading = read(&source, 0..text.len());
        let rendered: Vec<_> =
            reading.diagnostics.iter().map(|diagnostic| diagnostic.render(false)).collect();
        rendered.join("\n\n")
    }

    /// All rules, printed.
    fn printed(text: &str) -> Vec<String> {
        assert_eq!(mistakes(text), "");
        let source = Source::new("test.abnf", text);
        read(&source, 0..text.len()).rules.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn reads_every_form_of_element() {
        assert_eq!(
            printed(
                "a = b (c / d) [e] \"t\" %s\"T\" %I\"i\" %x0D.0a %d48-57 %b1 <words> ; why\n\
                 a =/ *b 2b 1*b *3b 2*3b 3*3b\n"
            ),
            [
                "a = b (c / d) [e] \"t\" %s\"T\" \"i\" %x0D.0A %d48-57 %b1 <words>",
                "a =/ *b 2b 1*b *3b 2*3b 3b"
            ]
        );
    }

    #[test]
    fn values_have_up_to_64_bits_and_keep_their_width() {
        let text = "a = %x0000000000000000-7FFFFFFFFFFFFFFF %xFFFFFFFFFFFFFFFF %b0001";
        assert_eq!(printed(text), [text]);
    }

    #[test]
    fn lines_continue_by_indentation() {
        let expected = ["a = b / c", "d = e"];
        assert_eq!(printed("a = b\n  / c\nd = e\n"), expected);
        assert_eq!(printed("a = b\r\n  / c\r\nd = e\r\n"), expected);
        assert_eq!(printed("a = b\r\n\t/ c\r\nd = e\r"), expected);
        assert_eq!(printed("; one\n\na =\n  b ; two\n; three\n\n  / c\nd\n  = e"), expected);
        assert_eq!(printed("\n    a = b\n      / c\n\n    d = e\n"), expected);
    }

    #[test]
    fn reads_its_range_alone() {
        let text = "```abnf\na = b\n```\nc = d\n";
        let source = Source::new("chapter.md", text);
        let reading = read(&source, 8..14);
        assert_eq!(reading.diagnostics, []);
        assert_eq!(reading.rules.len(), 1);
        assert_eq!(reading.rules[0].location().to_string(), "chapter.md:2:1");
        assert_eq!(&text[reading.rules[0].span.clone()], "a = b");
    }

    #[test]
    fn directives_belong_to_the_rule_above() {
        let text = "a = b ;@ size b : c\n    ;@when x ; not a comment in a comment\nd = e\n";
        let source = Source::new("test.abnf", text);
        let reading = read(&source, 0..text.len());
        assert_eq!(reading.diagnostics, []);
        let directives: Vec<_> = reading.rules[0].directives.iter().map(|d| &*d.text).collect();
        assert_eq!(directives, ["size b : c", "when x ; not a comment in a comment"]);
        for directive in &reading.rules[0].directives {
            assert_eq!(&text[directive.span.clone()], directive.text);
        }
        assert_eq!(reading.rules[1].directives, []);
    }

    #[test]
    fn reports_directives_that_belong_to_nothing() {
        insta::assert_snapshot!(mistakes(";@ first\na = b\n;@ second\nc = d ;@\n"), @r#"
        error: directive at the margin
         --> test.abnf:1:1
          |
        1 | ;@ first
          | ^^^^^^^^ above or below which rule?
          |
          = help: indent it below the rule that it belongs to

        error: directive at the margin
         --> test.abnf:3:1
          |
        3 | ;@ second
          | ^^^^^^^^^ above or below which rule?
          |
          = help: indent it below the rule that it belongs to

        error: empty directive
         --> test.abnf:4:7
          |
        4 | c = d ;@
          |       ^^ nothing follows `;@`
        "#);
    }

    #[test]
    fn reports_several_mistakes_and_reads_on() {
        let text = "a = b |c\n9 = d\ne f\ng = \ngood = h\ni = (j [k)\nl = (m\nn = o / / p\n";
        insta::assert_snapshot!(mistakes(text), @r#"
        error: malformed rule
         --> test.abnf:1:7
          |
        1 | a = b |c
          |       ^ unexpected `|`
          |
          = help: alternatives are separated by `/`

        error: malformed rule
         --> test.abnf:2:1
          |
        2 | 9 = d
          | ^ expected a rule name, found `9`
          |
          = help: a rule begins with a letter; the lines that continue it are indented

        error: malformed rule
         --> test.abnf:3:3
          |
        3 | e f
          |   ^ expected `=` or `=/` after `e`, found `f`
          |
          = help: the lines that continue a rule are indented more than its first line

        error: malformed rule
         --> test.abnf:4:4
          |
        4 | g = 
          |    ^ expected an element, found the end of the rule
          |
          = help: an element is a rule name, `"text"`, `%x0A`, `%x30-39`, `( )`, `[ ]` or `<prose>`

        error: malformed rule
         --> test.abnf:6:10
          |
        6 | i = (j [k)
          |          ^ unexpected `)`
          |
          = help: it closes nothing, or the wrong bracket

        error: unclosed bracket
         --> test.abnf:7:5
          |
        7 | l = (m
          |     ^ no `)` closes this

        error: malformed rule
         --> test.abnf:8:9
          |
        8 | n = o / / p
          |         ^ expected an element, found `/`
          |
          = help: the empty alternative is written `""`
        "#);
        let source = Source::new("test.abnf", text);
        let reading = read(&source, 0..text.len());
        assert_eq!(reading.rules.len(), 1);
        assert_eq!(reading.unreadable.len(), 6);
    }

    #[test]
    fn reports_malformed_values_and_strings() {
        insta::assert_snapshot!(
            mistakes(
                "a = %x\nb = %d1.2-3\nc = %x30-39-40\nd = %b102\ne = %q\nf = \"open\n\
                 g = \"\u{e9}\"\nh = <open\ni = %x39-30\nj = %x10000000000000000\nk = %s x\n"
            ),
            @r#"
            error: malformed value
             --> test.abnf:1:7
              |
            1 | a = %x
              |       ^ expected a hexadecimal digit, found the end of the line

            error: malformed value
             --> test.abnf:2:10
              |
            2 | b = %d1.2-3
              |          ^ values or one range, not both
              |
              = help: separate them: `%x0D.0A %x20-7E` (RFC 5234, 3.4)

            error: malformed value
             --> test.abnf:3:12
              |
            3 | c = %x30-39-40
              |            ^ values or one range, not both
              |
              = help: separate them: `%x0D.0A %x20-7E` (RFC 5234, 3.4)

            error: malformed value
             --> test.abnf:4:9
              |
            4 | d = %b102
              |         ^ expected a binary digit, found `2`

            error: malformed value
             --> test.abnf:5:6
              |
            5 | e = %q
              |      ^ expected `b`, `d`, `x`, `s` or `i`, found `q`
              |
              = help: values are written `%b1010`, `%d10`, `%x0A`; strings `%s"Ab"`, `%i"ab"`

            error: unterminated string
             --> test.abnf:6:5
              |
            6 | f = "open
              |     ^^^^^ no `"` ends it on this line

            error: character outside of strings' alphabet
             --> test.abnf:7:6
              |
            7 | g = "é"
              |      ^ `é` is not printable US-ASCII
              |
              = help: write its octets as values, such as `%xC3.A9`

            error: unterminated prose
             --> test.abnf:8:5
              |
            8 | h = <open
              |     ^^^^^ no `>` ends it on this line

            error: range upside down
             --> test.abnf:9:5
              |
            9 | i = %x39-30
              |     ^^^^^^^ 57 is above 48
              |
              = help: the least value stands first

            error: value too large
              --> test.abnf:10:7
               |
            10 | j = %x10000000000000000
               |       ^^^^^^^^^^^^^^^^^ a value has at most 64 bits

            error: malformed string
              --> test.abnf:11:7
               |
            11 | k = %s x
               |       ^ expected a quoted string, found ` `
            "#
        );
    }

    #[test]
    fn reports_malformed_repeats_and_spacing() {
        insta::assert_snapshot!(
            mistakes("a = 3*2b\nc = 2 d\ne = f(g)\nh = 99999999999999999999i\nj = 1*\nk = 'l'\n"),
            @r#"
            error: repeat upside down
             --> test.abnf:1:5
              |
            1 | a = 3*2b
              |     ^^^ at least 3 and at most 2 is impossible
              |
              = help: the least number stands before the `*`

            error: repeat without an element
             --> test.abnf:2:6
              |
            2 | c = 2 d
              |      ^ white space after a repeat
              |
              = help: the element follows its repeat directly, as in `1*DIGIT`

            error: elements run together
             --> test.abnf:3:6
              |
            3 | e = f(g)
              |      ^ expected white space before `(`

            error: number too large
             --> test.abnf:4:5
              |
            4 | h = 99999999999999999999i
              |     ^^^^^^^^^^^^^^^^^^^^ a repeat is at most 2^64-1

            error: repeat without an element
             --> test.abnf:5:7
              |
            5 | j = 1*
              |       ^ white space after a repeat
              |
              = help: the element follows its repeat directly, as in `1*DIGIT`

            error: malformed rule
             --> test.abnf:6:5
              |
            6 | k = 'l'
              |     ^ expected an element, found `'`
              |
              = help: strings stand in double quotes
            "#
        );
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth| format!("a = {}b{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(printed(&nested(NESTING_LIMIT)).len(), 1);
        let diagnostics = mistakes(&nested(1_000_000));
        assert!(diagnostics.starts_with("error: nested too deeply"), "{diagnostics:.200}");
    }
}
