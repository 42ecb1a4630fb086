//! Items, their arguments, and values.

use super::super::lexer::TokenKind;
use super::super::syntax::{Argument, Call, Item, Name, Value, Verb};
use super::cursor::{Cursor, Parsed, backquoted};

/// How many calls may stand inside one another.
const NESTING_LIMIT: usize = 8;

impl Cursor<'_> {
    /// A verb and its arguments.
    pub(super) fn item(&mut self) -> Parsed<Item> {
        let start = self.here();
        let words: Vec<&str> = Verb::ALL.iter().map(|(word, _)| *word).collect();
        let word = self.word(&format!("an item: {}", backquoted(&words)))?;
        let Some((_, verb)) = Verb::ALL.iter().find(|(name, _)| *name == word) else {
            let label = format!("expected one of {}", backquoted(&words));
            return self.fail_near(start, &format!("unknown item `{word}`"), &label, &word, &words);
        };
        let (mut arguments, mut argument_spans) = (Vec::new(), Vec::new());
        while !self.at_end_of_item() {
            let argument = self.here();
            arguments.push(self.argument()?);
            argument_spans.push(self.since(&argument));
        }
        Ok(Item { verb: *verb, arguments, span: self.since(&start), argument_spans })
    }

    fn at_end_of_item(&self) -> bool {
        self.at_end_of_line()
            || self.peek_sign("&")
            || self.peek_sign(":")
            || self.peek_keyword("in")
            || self.peek_keyword("is")
            || self.peek_keyword("for")
            || self.peek_keyword("within")
    }

    fn argument(&mut self) -> Parsed<Argument> {
        if self.peek_keyword("without") {
            self.advance();
            return match self.next_kind() {
                Some(TokenKind::Word(word)) => Ok(Argument::Without(Name::Word(word))),
                Some(TokenKind::Variable(name, None)) => {
                    Ok(Argument::Without(Name::Variable(name)))
                }
                _ => self.fail_before("the name of a field, or a variable that holds it"),
            };
        }
        if self.sign_at(1, "=") || self.sign_at(1, "+=") {
            return self.setting();
        }
        match self.peek() {
            Some(TokenKind::Word(word)) if is_message_name(word) && !self.sign_at(1, "(") => {
                let name = word.clone();
                self.advance();
                Ok(Argument::Value(Value::Word(name)))
            }
            _ => Ok(Argument::Value(self.value()?)),
        }
    }

    /// `name=value` or `name+=value`.
    pub(super) fn setting(&mut self) -> Parsed<Argument> {
        let name = match self.next_kind() {
            Some(TokenKind::Word(word)) => Name::Word(word),
            Some(TokenKind::Variable(name, None)) => Name::Variable(name),
            _ => return self.fail_before("a name and `=`"),
        };
        let append = self.sign("+=");
        if !append {
            self.expect_sign("=")?;
        }
        let value = match self.peek() {
            Some(TokenKind::Word(word)) if !self.sign_at(1, "(") => {
                let word = word.clone();
                self.advance();
                Value::Word(word)
            }
            _ => self.value()?,
        };
        Ok(Argument::Set { name, append, value })
    }

    pub(super) fn value(&mut self) -> Parsed<Value> {
        match self.next_kind() {
            Some(TokenKind::Text(text)) => Ok(Value::Text(text)),
            Some(TokenKind::Octets(octets)) => Ok(Value::Octets(octets)),
            Some(TokenKind::Number(number)) => self.numbers(number),
            Some(TokenKind::Decimal(number)) => Ok(Value::Decimal(number)),
            Some(TokenKind::Variable(name, field)) => Ok(Value::Variable(name, field)),
            Some(TokenKind::Word(word)) if self.peek_sign("(") => self.call(word).map(Value::Call),
            Some(TokenKind::Word(word)) => self.bare_word(&word),
            _ => self.fail_before("a value: \"text\", <octets>, a number, $variable or call()"),
        }
    }

    /// A whole number or a variable.
    pub(super) fn amount(&mut self, expected: &str) -> Parsed<Value> {
        match self.next_kind() {
            Some(TokenKind::Number(number)) => Ok(Value::Number(number)),
            Some(TokenKind::Variable(name, None)) => Ok(Value::Variable(name, None)),
            _ => self.fail_before(expected),
        }
    }

    fn bare_word<T>(&mut self, word: &str) -> Parsed<T> {
        let span = self.before();
        let help = match word {
            "or" | "when" | "at-most" | "at-least" => {
                format!("`{word}` stands at the beginning of a line of its own")
            }
            _ => format!("text stands in quotes: `\"{word}\"`"),
        };
        let label = "expected \"text\", <octets>, a number, $variable or call()";
        self.fail_with_help(span, &format!("`{word}` is not a value"), label, &help)
    }

    fn numbers(&mut self, first: u64) -> Parsed<Value> {
        let mut ranges = vec![(first, self.range_end(first)?)];
        while self.sign("|") {
            let low = self.number("a number")?;
            ranges.push((low, self.range_end(low)?));
        }
        match ranges[..] {
            [(low, high)] if low == high => Ok(Value::Number(low)),
            _ => Ok(Value::Numbers(ranges)),
        }
    }

    pub(super) fn range_end(&mut self, low: u64) -> Parsed<u64> {
        if !self.sign("..") {
            return Ok(low);
        }
        let high = self.number("the end of the range")?;
        if high < low {
            let span = self.before();
            return self.fail(span, "range upside down", &format!("expected {low} or more"));
        }
        Ok(high)
    }

    /// What stands behind the name `function`, parentheses included.
    pub(super) fn call(&mut self, function: String) -> Parsed<Call> {
        if self.nesting == NESTING_LIMIT {
            let span = self.before();
            let label = format!("expected at most {NESTING_LIMIT} calls inside one another");
            let help = "name an inner value first: `let $inner = …`";
            return self.fail_with_help(span, "calls nested too deeply", &label, help);
        }
        self.nesting += 1;
        let arguments = self.call_arguments();
        self.nesting -= 1;
        Ok(Call { function, arguments: arguments? })
    }

    fn call_arguments(&mut self) -> Parsed<Vec<Vec<Value>>> {
        self.expect_sign("(")?;
        let mut arguments = Vec::new();
        while !self.sign(")") {
            if !arguments.is_empty() && !self.sign(",") {
                return self.fail_here("`,` or `)`");
            }
            let first = self.value()?;
            let sum = self.sum(first, &mut Vec::new())?;
            if !sum.rest.is_empty() {
                arguments.push(vec![Value::Sum(Box::new(sum))]);
                continue;
            }
            let mut joined = vec![sum.first];
            while !self.peek_sign(",") && !self.peek_sign(")") {
                if self.at_end_of_line() || matches!(self.peek(), Some(TokenKind::Sign(_))) {
                    return self.fail_here("`,` or `)`");
                }
                joined.push(self.value()?);
            }
            arguments.push(joined);
        }
        Ok(arguments)
    }
}

/// Messages are named in upper case, `RATE`.
fn is_message_name(word: &str) -> bool {
    word.split('-').all(|part| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit())
    })
}
