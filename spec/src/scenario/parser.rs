//! Reads the text of scenario blocks; every mistake points at its column.

use std::ops::Range;

use wsconform_abnf::{Diagnostic, Source};

use super::lexer::{Token, TokenKind, tokens};
use super::signature::CUTS;
use super::syntax::{
    Action, Argument, Bound, BoundKind, Call, Cut, Item, Name, Need, Negotiate, Outcome, Role,
    RowValue, Rows, Scenario, Step, Sum, SumOperator, Target, Value, Verb,
};

const STEPS: [&str; 9] =
    ["open", "connect", "accept", "send", "expect", "observe", "measure", "let", "check"];
const HEADERS: [&str; 5] = ["roles", "app", "tags", "needs", "for"];

/// Reads the scenarios in the octets `range` of `source`.
///
/// # Errors
///
/// Every line that cannot be read gives a diagnostic; reading goes on with the next line, so that
/// all mistakes of a block are reported together.
pub fn parse_block(source: &Source, range: Range<usize>) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    let tokens = tokens(source, range.clone())?;
    let end = tokens.last().map_or(range.start, |token| token.span.end);
    let mut parser = Parser { source, tokens, at: 0, end, problems: Vec::new() };
    let mut scenarios = Vec::new();
    while parser.peek().is_some() {
        if let Some(scenario) = parser.scenario() {
            scenarios.push(scenario);
        }
    }
    if parser.problems.is_empty() { Ok(scenarios) } else { Err(parser.problems) }
}

/// The problem is in the list already.
struct Reported;

type Parsed<T> = Result<T, Reported>;

struct Parser<'a> {
    source: &'a Source,
    tokens: Vec<Token>,
    at: usize,
    end: usize,
    problems: Vec<Diagnostic>,
}

impl Parser<'_> {
    fn scenario(&mut self) -> Option<Scenario> {
        let problems_before = self.problems.len();
        let start = self.here();
        let Ok((id, span)) = self.scenario_line() else {
            self.skip_line();
            return None;
        };
        let mut scenario = Scenario {
            id,
            roles: Vec::new(),
            app: None,
            tags: Vec::new(),
            needs: Vec::new(),
            rows: None,
            steps: Vec::new(),
            at: self.source.location(start.start),
            source: self.source.clone(),
            span,
        };
        while let Some(word) = self.peek_word().map(str::to_owned) {
            if word == "scenario" {
                break;
            }
            let read = if HEADERS.contains(&word.as_str()) && scenario.steps.is_empty() {
                self.header(&word, &mut scenario)
            } else {
                self.step().map(|step| scenario.steps.push(step))
            };
            if read.is_err() || self.end_of_line().is_err() {
                self.skip_line();
            }
        }
        if let Some(token) = self.peek().cloned()
            && self.peek_word().is_none()
        {
            self.unexpected(&token, "a step or a header line");
            self.skip_line();
        }
        if self.problems.len() > problems_before {
            return None;
        }
        for (missing, title, help) in [
            (
                scenario.roles.is_empty(),
                "scenario without roles",
                "add a line `roles server client`",
            ),
            (scenario.steps.is_empty(), "scenario without steps", "add a line `open`"),
        ] {
            if missing {
                let label = "expected a line further down";
                let problem = Diagnostic::new(self.source, scenario.span.clone(), title, label);
                self.problems.push(problem.help(help));
                return None;
            }
        }
        Some(scenario)
    }

    fn scenario_line(&mut self) -> Parsed<(String, Range<usize>)> {
        self.keyword("scenario")?;
        let span = self.here();
        let id = self.word("the path that names the scenario, such as `escape.echoed`")?;
        if !id.contains('.') || id.chars().any(|c| c.is_ascii_uppercase()) {
            return self.fail(
                span,
                "not the path of a scenario",
                "expected lower-case words joined by dots, such as `escape.echoed`",
            );
        }
        self.end_of_line()?;
        Ok((id, span))
    }

    fn header(&mut self, word: &str, scenario: &mut Scenario) -> Parsed<()> {
        self.advance();
        match word {
            "roles" => {
                while !self.at_end_of_line() {
                    scenario.roles.push(self.one_of(&Role::ALL, "a role")?);
                }
            }
            "app" => scenario.app = Some(self.word("the application")?),
            "tags" => {
                while !self.at_end_of_line() {
                    scenario.tags.push(self.word("a tag")?);
                }
            }
            "needs" => loop {
                let need = match self.word("`capability` or `case`")?.as_str() {
                    "capability" => Need::Capability(self.word("a capability")?),
                    "case" => Need::Case(self.word("the id of a scenario")?),
                    _ => {
                        let span = self.before();
                        return self.fail(
                            span,
                            "unknown need",
                            "expected `capability NAME` or `case PATH`",
                        );
                    }
                };
                scenario.needs.push(need);
                if !self.sign(",") {
                    break;
                }
            },
            _ => scenario.rows = Some(self.rows()?),
        }
        Ok(())
    }

    fn rows(&mut self) -> Parsed<Rows> {
        let mut variables = Vec::new();
        while self.peek_word() != Some("in") {
            variables.push(self.word("a variable, or `in` and the rows")?);
        }
        self.advance();
        let mut rows = Vec::new();
        loop {
            self.new_lines();
            let start = self.here();
            let mut row = Vec::new();
            while !self.at_end_of_line() && !self.peek_sign(",") {
                row.push(self.row_value()?);
            }
            if row.len() != variables.len() {
                let span = start.start..self.before().end.max(start.end);
                let label = format!(
                    "expected {} value(s), one for each of: {}; found {}",
                    variables.len(),
                    variables.join(", "),
                    row.len()
                );
                return self.fail(span, "row of the wrong length", &label);
            }
            rows.push(row);
            if !self.sign(",") {
                return Ok(Rows { variables, rows });
            }
        }
    }

    fn row_value(&mut self) -> Parsed<RowValue> {
        let is_call = self.peek_at(1).is_some_and(|token| token.kind == TokenKind::Sign("("));
        match self.peek_word() {
            Some(word) if word.contains('.') && !is_call => {
                Ok(RowValue::Requirement(self.word("a requirement")?))
            }
            _ => Ok(RowValue::Value(self.value()?)),
        }
    }

    fn step(&mut self) -> Parsed<Step> {
        let start = self.here();
        let named = self.peek_at(1).is_some_and(|token| token.kind == TokenKind::Sign(":"));
        let connection = if named {
            let name = self.word("a connection")?;
            self.advance();
            Some(name)
        } else {
            None
        };
        let action = self.action()?;
        let span = start.start..self.before().end;
        let at = self.source.location(span.start);
        Ok(Step { connection, action, at, span })
    }

    fn action(&mut self) -> Parsed<Action> {
        let expected = format!("a step: {}", backquoted(&STEPS));
        match self.word(&expected)?.as_str() {
            "open" if self.peek_word() == Some("with") => {
                self.advance();
                self.negotiate().map(|negotiate| Action::Open(Some(negotiate)))
            }
            "open" => Ok(Action::Open(None)),
            "connect" => Ok(Action::Connect),
            "accept" => self.keyword("tcp").map(|()| Action::AcceptTcp),
            "send" => self.send(),
            "expect" => self.expect(),
            "observe" => self.observe(),
            "measure" => self.measure(),
            "let" => {
                let variable = self.variable("the variable to set")?;
                self.expect_sign("=")?;
                Ok(Action::Let { variable, value: self.value()? })
            }
            "check" => {
                let function = self.word("a predicate, such as `equal`")?;
                let call = self.call(function)?;
                Ok(Action::Check { call, target: self.target()? })
            }
            word => {
                let span = self.before();
                let label = format!("expected {expected}");
                self.fail_near(span, &format!("unknown step `{word}`"), &label, word, &STEPS)
            }
        }
    }

    fn negotiate(&mut self) -> Parsed<Negotiate> {
        let capability = self.word("a capability, such as `rate-control`")?;
        let mut settings = Vec::new();
        while !self.at_end_of_line() && self.peek_word() != Some("as") {
            settings.push(self.argument()?);
        }
        let variable = if self.peek_word() == Some("as") {
            self.advance();
            Some(self.variable("the variable that holds what was agreed")?)
        } else {
            None
        };
        Ok(Negotiate { capability, settings, variable })
    }

    fn send(&mut self) -> Parsed<Action> {
        let mut items = vec![self.item()?];
        while self.sign("&") {
            items.push(self.item()?);
        }
        let cut = if self.peek_word() == Some("in") {
            self.advance();
            self.cut()?
        } else {
            Cut::OneWrite
        };
        Ok(Action::Send { items, cut })
    }

    fn cut(&mut self) -> Parsed<Cut> {
        match self.next_kind() {
            Some(TokenKind::Word(word)) if word == CUTS[0] => Ok(Cut::Octets),
            Some(TokenKind::Word(word)) if word == CUTS[1] => Ok(Cut::OneWrite),
            Some(TokenKind::Variable(name, None)) => Ok(Cut::Variable(name)),
            Some(TokenKind::Number(first)) => {
                let mut sizes = vec![first];
                while self.sign(",") {
                    sizes.push(self.number("a number of octets")?);
                }
                Ok(Cut::Sizes(sizes))
            }
            _ => self.fail_before("`octets`, `one-write`, a variable, or sizes such as `1, 5`"),
        }
    }

    fn expect(&mut self) -> Parsed<Action> {
        let mut outcomes = Vec::new();
        if self.peek_word() == Some("any-order") {
            self.advance();
            self.end_of_line()?;
            while self.peek_word().is_some_and(is_verb) {
                outcomes.push(self.outcome()?);
                self.line_end_before(&["or"])?;
            }
            if outcomes.is_empty() {
                return self.fail_here("an outcome on a line of its own");
            }
        } else {
            outcomes.push(self.outcome()?);
        }
        let mut alternatives = Vec::new();
        while self.continuation(&["or"]) {
            self.advance();
            alternatives.push(self.outcome()?);
        }
        Ok(Action::Expect { outcomes, alternatives })
    }

    fn outcome(&mut self) -> Parsed<Outcome> {
        let item = self.item()?;
        let target = if self.peek_sign(":") { Some(self.target()?) } else { None };
        Ok(Outcome { item, target })
    }

    fn target(&mut self) -> Parsed<Target> {
        self.expect_sign(":")?;
        match self.next_kind() {
            Some(TokenKind::Word(id)) if id.contains('.') => Ok(Target::Requirement(id)),
            Some(TokenKind::Variable(name, None)) => Ok(Target::Variable(name)),
            _ => self.fail_before("the id of a requirement, or a variable of a row"),
        }
    }

    fn observe(&mut self) -> Parsed<Action> {
        let name = self.word("the name of the observation")?;
        let mut choices = Vec::new();
        while self.continuation(&["when"]) {
            self.advance();
            let item = self.item()?;
            self.keyword("is")?;
            match self.next_kind() {
                Some(TokenKind::Text(text)) => choices.push((item, text)),
                _ => return self.fail_before("what it is called in the report, as a text"),
            }
        }
        if choices.is_empty() {
            return self.fail_here("a line `when ITEM is \"…\"`");
        }
        Ok(Action::Observe { name, choices })
    }

    fn measure(&mut self) -> Parsed<Action> {
        self.keyword("data")?;
        self.keyword("for")?;
        let Some(TokenKind::Milliseconds(milliseconds)) = self.next_kind() else {
            return self.fail_before("a time, such as `2s`");
        };
        let mut bounds = Vec::new();
        while self.continuation(&["at-most", "at-least"]) {
            let kind = match self.word("a bound")?.as_str() {
                "at-most" => BoundKind::AtMost,
                _ => BoundKind::AtLeast,
            };
            bounds.push(Bound { kind, sum: self.sum()?, target: self.target()? });
        }
        if bounds.is_empty() {
            return self.fail_here("a line `at-most SUM : requirement`");
        }
        Ok(Action::Measure { milliseconds, bounds })
    }

    fn sum(&mut self) -> Parsed<Sum> {
        let first = self.value()?;
        let mut rest = Vec::new();
        loop {
            let operator = match self.peek().map(|token| &token.kind) {
                Some(TokenKind::Sign("*")) => SumOperator::Times,
                Some(TokenKind::Sign("+")) => SumOperator::Plus,
                Some(TokenKind::Sign("-")) => SumOperator::Minus,
                _ => return Ok(Sum { first, rest }),
            };
            self.advance();
            rest.push((operator, self.value()?));
        }
    }

    fn item(&mut self) -> Parsed<Item> {
        let start = self.here();
        let word = self.word("something that is sent or comes, such as `text \"Hello\"`")?;
        let Some((_, verb)) = Verb::ALL.iter().find(|(name, _)| *name == word) else {
            let words: Vec<&str> = Verb::ALL.iter().map(|(word, _)| *word).collect();
            let label = format!("expected one of {}", backquoted(&words));
            return self.fail_near(start, &format!("unknown item `{word}`"), &label, &word, &words);
        };
        let mut arguments = Vec::new();
        while !self.at_end_of_item() {
            arguments.push(self.argument()?);
        }
        Ok(Item { verb: *verb, arguments, span: start.start..self.before().end })
    }

    fn at_end_of_item(&self) -> bool {
        match self.peek().map(|token| &token.kind) {
            None | Some(TokenKind::NewLine | TokenKind::Sign("&" | ":")) => true,
            Some(TokenKind::Word(word)) => word == "in" || word == "is",
            Some(_) => false,
        }
    }

    fn argument(&mut self) -> Parsed<Argument> {
        if self.peek_word() == Some("without") {
            self.advance();
            return match self.next_kind() {
                Some(TokenKind::Word(word)) => Ok(Argument::Without(Name::Word(word))),
                Some(TokenKind::Variable(name, None)) => {
                    Ok(Argument::Without(Name::Variable(name)))
                }
                _ => self.fail_before("the name of a field"),
            };
        }
        let append = match self.peek_at(1).map(|token| &token.kind) {
            Some(TokenKind::Sign("=")) => false,
            Some(TokenKind::Sign("+=")) => true,
            _ => return Ok(Argument::Value(self.value()?)),
        };
        let name = match self.next_kind() {
            Some(TokenKind::Word(word)) => Name::Word(word),
            Some(TokenKind::Variable(name, None)) => Name::Variable(name),
            _ => return self.fail_before("a name before `=`"),
        };
        self.advance();
        Ok(Argument::Set { name, append, value: self.value()? })
    }

    fn value(&mut self) -> Parsed<Value> {
        match self.next_kind() {
            Some(TokenKind::Text(text)) => Ok(Value::Text(text)),
            Some(TokenKind::Octets(octets)) => Ok(Value::Octets(octets)),
            Some(TokenKind::Number(number)) => self.numbers(number),
            Some(TokenKind::Decimal(number)) => Ok(Value::Decimal(number)),
            Some(TokenKind::Variable(name, field)) => Ok(Value::Variable(name, field)),
            Some(TokenKind::Word(word)) if self.peek_sign("(") => self.call(word).map(Value::Call),
            Some(TokenKind::Word(word)) => Ok(Value::Word(word)),
            _ => {
                self.fail_before("a value: \"text\", <octets>, a number, $variable, word or call()")
            }
        }
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

    fn range_end(&mut self, low: u64) -> Parsed<u64> {
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

    fn call(&mut self, function: String) -> Parsed<Call> {
        self.expect_sign("(")?;
        let mut arguments = Vec::new();
        while !self.sign(")") {
            if !arguments.is_empty() {
                self.expect_sign(",")?;
            }
            let mut joined = vec![self.value()?];
            while !self.peek_sign(",") && !self.peek_sign(")") {
                joined.push(self.value()?);
            }
            arguments.push(joined);
        }
        Ok(Call { function, arguments })
    }

    // Tokens.

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn peek_at(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn peek_word(&self) -> Option<&str> {
        match self.peek().map(|token| &token.kind) {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn peek_sign(&self, sign: &str) -> bool {
        matches!(self.peek().map(|token| &token.kind), Some(TokenKind::Sign(found)) if *found == sign)
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn next_kind(&mut self) -> Option<TokenKind> {
        let kind = self.peek().map(|token| token.kind.clone());
        self.advance();
        kind
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = self.peek_sign(sign);
        if found {
            self.advance();
        }
        found
    }

    fn at_end_of_line(&self) -> bool {
        self.peek().is_none_or(|token| token.kind == TokenKind::NewLine)
    }

    fn new_lines(&mut self) {
        while self.peek().is_some_and(|token| token.kind == TokenKind::NewLine) {
            self.advance();
        }
    }

    fn skip_line(&mut self) {
        while !self.at_end_of_line() {
            self.advance();
        }
        self.new_lines();
    }

    fn end_of_line(&mut self) -> Parsed<()> {
        match self.peek().cloned() {
            Some(token) if token.kind != TokenKind::NewLine => {
                self.unexpected(&token, "the end of the line");
                Err(Reported)
            }
            _ => {
                self.new_lines();
                Ok(())
            }
        }
    }

    /// Whether the next line continues the step with one of `words`; moves to it if so.
    fn continuation(&mut self, words: &[&str]) -> bool {
        let mut ahead = self.at;
        while self.tokens.get(ahead).is_some_and(|token| token.kind == TokenKind::NewLine) {
            ahead += 1;
        }
        let continues = matches!(
            self.tokens.get(ahead).map(|token| &token.kind),
            Some(TokenKind::Word(word)) if words.contains(&word.as_str())
        );
        if continues && ahead > self.at {
            self.at = ahead;
        }
        continues
    }

    /// Ends a line of an `any-order`, unless the step ends with it.
    fn line_end_before(&mut self, words: &[&str]) -> Parsed<()> {
        if !self.at_end_of_line() {
            return self.end_of_line();
        }
        let next_is_outcome = matches!(self.peek_at(1).map(|token| &token.kind), Some(TokenKind::Word(word)) if is_verb(word));
        if next_is_outcome || self.continuation(words) {
            self.new_lines();
        }
        Ok(())
    }

    fn word(&mut self, expected: &str) -> Parsed<String> {
        match self.next_kind() {
            Some(TokenKind::Word(word)) => Ok(word),
            _ => self.fail_before(expected),
        }
    }

    fn number(&mut self, expected: &str) -> Parsed<u64> {
        match self.next_kind() {
            Some(TokenKind::Number(number)) => Ok(number),
            _ => self.fail_before(expected),
        }
    }

    fn variable(&mut self, expected: &str) -> Parsed<String> {
        match self.next_kind() {
            Some(TokenKind::Variable(name, None)) => Ok(name),
            _ => self.fail_before(expected),
        }
    }

    fn keyword(&mut self, keyword: &str) -> Parsed<()> {
        match self.next_kind() {
            Some(TokenKind::Word(word)) if word == keyword => Ok(()),
            _ => self.fail_before(&format!("`{keyword}`")),
        }
    }

    fn expect_sign(&mut self, sign: &str) -> Parsed<()> {
        if self.sign(sign) { Ok(()) } else { self.fail_here(&format!("`{sign}`")) }
    }

    fn one_of<T: Copy>(&mut self, table: &[(&str, T)], what: &str) -> Parsed<T> {
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

    // Problems.

    fn here(&self) -> Range<usize> {
        self.peek().map_or(self.end..self.end, |token| token.span.clone())
    }

    fn before(&self) -> Range<usize> {
        let before = self.at.checked_sub(1).and_then(|index| self.tokens.get(index));
        before.map_or(self.end..self.end, |token| token.span.clone())
    }

    fn fail<T>(&mut self, span: Range<usize>, title: &str, label: &str) -> Parsed<T> {
        self.problems.push(Diagnostic::new(self.source, span, title, label));
        Err(Reported)
    }

    fn fail_near<T>(
        &mut self,
        span: Range<usize>,
        title: &str,
        label: &str,
        word: &str,
        words: &[&str],
    ) -> Parsed<T> {
        let mut problem = Diagnostic::new(self.source, span, title, label);
        if let Some(near) = nearest(word, words.iter().copied()) {
            problem = problem.help(format!("did you mean `{near}`?"));
        }
        self.problems.push(problem);
        Err(Reported)
    }

    /// The token that was just taken is not what was expected: it is given back, so that a line
    /// that ends too early does not swallow the next one.
    fn fail_before<T>(&mut self, expected: &str) -> Parsed<T> {
        self.at = self.at.saturating_sub(1);
        self.fail_here(expected)
    }

    fn fail_here<T>(&mut self, expected: &str) -> Parsed<T> {
        match self.peek().cloned() {
            Some(token) => self.unexpected(&token, expected),
            None => {
                let span = self.end..self.end;
                let label = format!("expected {expected}");
                let problem = Diagnostic::new(self.source, span, "scenario ends too early", label);
                self.problems.push(problem);
            }
        }
        Err(Reported)
    }

    fn unexpected(&mut self, token: &Token, expected: &str) {
        let title = format!("unexpected {}", token.kind.describe());
        let label = format!("expected {expected}");
        self.problems.push(Diagnostic::new(self.source, token.span.clone(), title, label));
    }
}

fn is_verb(word: &str) -> bool {
    Verb::ALL.iter().any(|(name, _)| *name == word)
}

pub(super) fn backquoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ")
}

/// The word of `words` that `word` is most likely a slip of.
pub(super) fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    words
        .map(|candidate| (distance(word, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .map(|(_, candidate)| candidate)
}

/// The number of letters to insert, remove or replace between the two (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
