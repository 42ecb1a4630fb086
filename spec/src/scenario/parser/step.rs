//! The steps, a line each, and the lines that continue them.

use std::ops::Range;

use super::super::lexer::TokenKind;
use super::super::signature::CUTS;
use super::super::syntax::{
    Action, Bound, BoundKind, Cut, Each, Item, Outcome, Step, Sum, SumOperator, Target, Value, Verb,
};
use super::cursor::{Cursor, Parsed, backquoted, is_path};
use super::header::HEADERS;

pub(super) const STEPS: [&str; 13] = [
    "open", "connect", "accept", "setup", "agree", "send", "expect", "observe", "measure", "hold",
    "wait", "let", "check",
];
pub(super) const END: &str = "the end of the line";

/// What an action is made of: itself, the octets of its operands, and what may stand behind it.
pub(super) type Read = (Action, Vec<Range<usize>>, &'static str);

/// The same, with the numbers that it is done for.
type ReadEach = (Option<Each>, Read);

impl Cursor<'_> {
    /// A step, and what is expected behind it.
    pub(super) fn step(&mut self) -> Parsed<(Step, &'static str)> {
        let start = self.here();
        let connection = if self.sign_at(1, ":") {
            let name = self.name("the name of a connection")?;
            self.advance();
            Some(name)
        } else {
            None
        };
        let (each, (action, operand_spans, then)) = self.action()?;
        let span = self.since(&start);
        let at = self.source.location(span.start);
        Ok((Step { connection, action, each, at, span, operand_spans }, then))
    }

    fn action(&mut self) -> Parsed<ReadEach> {
        let expected = format!("a step: {}", backquoted(&STEPS));
        let word = self.word(&expected)?;
        let read = match word.as_str() {
            "send" => return self.send(),
            "expect" => return self.expect(),
            "open" => self.open(),
            "setup" => self.setup(),
            "agree" => self.agree(),
            "connect" => Ok((Action::Connect, Vec::new(), END)),
            "accept" => self.keyword("tcp").map(|()| (Action::AcceptTcp, Vec::new(), END)),
            "observe" => self.observe(),
            "measure" => self.measure(),
            "hold" => Ok((Action::Hold, Vec::new(), END)),
            "wait" => {
                let milliseconds = self.time()?;
                Ok((Action::Wait { milliseconds }, Vec::new(), END))
            }
            "let" => {
                let place = self.here();
                let variable = self.variable("the variable to set, such as `$accept`")?;
                self.expect_sign("=")?;
                let value_at = self.here();
                let value = self.value()?;
                let spans = vec![place, self.since(&value_at)];
                Ok((Action::Let { variable, value }, spans, END))
            }
            "check" => {
                let place = self.here();
                let function = self.word("a predicate, such as `equal($a, $b)`")?;
                let call = self.call(function)?;
                let call_at = self.since(&place);
                self.expect_sign(":")?;
                let (target, target_at) = self.target()?;
                Ok((Action::Check { call, target }, vec![call_at, target_at], END))
            }
            _ => self.unknown_step(&word, &expected),
        };
        read.map(|read| (None, read))
    }

    fn unknown_step<T>(&mut self, word: &str, expected: &str) -> Parsed<T> {
        let span = self.before();
        let title = format!("unknown step `{word}`");
        let label = format!("expected {expected}");
        if matches!(word, "or" | "when" | "at-most" | "at-least") {
            let label = match word {
                "or" => "expected an `expect` on the lines above",
                "when" => "expected an `observe` on the lines above",
                _ => "expected a `measure` on the lines above",
            };
            return self.fail(span, &format!("`{word}` continues nothing"), label);
        }
        if Verb::ALL.iter().any(|(verb, _)| *verb == word) {
            let help = format!("`send {word} …` or `expect {word} …`");
            return self.fail_with_help(span, &title, &label, &help);
        }
        let words = [STEPS.as_slice(), HEADERS.as_slice(), &["scenario"]].concat();
        self.fail_near(span, &title, &label, word, &words)
    }

    fn send(&mut self) -> Parsed<ReadEach> {
        let mut items = vec![self.item()?];
        while self.sign("&") {
            items.push(self.item()?);
        }
        let each = self.each()?;
        if !self.peek_keyword("in") {
            let then = match each {
                None => "an argument, `&` and another item, `for`, `in`, or the end of the line",
                Some(_) => "`in`, or the end of the line",
            };
            return Ok((each, (Action::Send { items, cut: Cut::OneWrite }, Vec::new(), then)));
        }
        self.advance();
        let start = self.here();
        let cut = self.cut()?;
        let spans = vec![self.since(&start)];
        let then = match &cut {
            Cut::Sizes(_) => "`,` and another size, or the end of the line",
            _ => END,
        };
        Ok((each, (Action::Send { items, cut }, spans, then)))
    }

    /// For which numbers a step is done, if that comes.
    fn each(&mut self) -> Parsed<Option<Each>> {
        if !self.peek_keyword("for") {
            return Ok(None);
        }
        let start = self.here();
        self.advance();
        let variable = self.variable("the variable that holds the number, such as `$i`")?;
        self.keyword("in")?;
        let first = self.number("the first number")?;
        let last = self.range_end(first)?;
        Ok(Some(Each { variable, range: (first, last), span: self.since(&start) }))
    }

    fn cut(&mut self) -> Parsed<Cut> {
        match self.next_kind() {
            Some(TokenKind::Word(word)) if word == CUTS[0] => Ok(Cut::Octets),
            Some(TokenKind::Word(word)) if word == CUTS[1] => Ok(Cut::OneWrite),
            Some(TokenKind::Word(word)) if word == "pieces" => {
                self.keyword("of")?;
                self.amount("the size of a piece, or a column of them").map(Cut::Pieces)
            }
            Some(TokenKind::Variable(name, None)) => Ok(Cut::Variable(name)),
            Some(TokenKind::Number(first)) => {
                let mut sizes = vec![first];
                while self.sign(",") {
                    sizes.push(self.number("a number of octets")?);
                }
                Ok(Cut::Sizes(sizes))
            }
            _ => self.fail_before(
                "`octets`, `one-write`, `pieces of` a size, a variable, or sizes such as `1, 5`",
            ),
        }
    }

    fn expect(&mut self) -> Parsed<ReadEach> {
        let (mut outcomes, mut spans) = (Vec::new(), Vec::new());
        let within;
        let mut each = None;
        let indentation = self.indentation();
        let start = self.here();
        let any_order = self.peek_word() == Some("any-order");
        if any_order {
            self.advance();
            within = self.within(&mut spans)?;
            if !self.at_end_of_line() {
                return self
                    .fail_here("the end of the line, and each outcome on a line of its own");
            }
            while self.outcome_follows(indentation) {
                self.advance();
                outcomes.push(self.outcome()?);
                if !self.at_end_of_line() {
                    break;
                }
            }
            if outcomes.len() < 2 {
                let label = "expected two outcomes or more, each on a line of its own";
                return self.fail(start, "`any-order` of fewer than two", label);
            }
        } else {
            let item = self.item()?;
            each = self.each()?;
            within = self.within(&mut spans)?;
            outcomes.push(self.targeted(item)?);
        }
        let mut alternatives = Vec::new();
        while self.continuation(&["or"]) {
            self.advance();
            alternatives.push(self.outcome()?);
        }
        let last = alternatives.last().or(outcomes.last());
        let then = match last.and_then(|outcome| outcome.target.as_ref()) {
            Some(_) => "the end of the line; `or` stands on a line of its own",
            None => "an argument, `:` and a requirement, or the end of the line",
        };
        Ok((each, (Action::Expect { outcomes, alternatives, within }, spans, then)))
    }

    /// How long an expectation may take, if that comes.
    fn within(&mut self, spans: &mut Vec<Range<usize>>) -> Parsed<Option<u64>> {
        if !self.peek_keyword("within") {
            return Ok(None);
        }
        self.advance();
        spans.push(self.here());
        self.time().map(Some)
    }

    fn time(&mut self) -> Parsed<u64> {
        match self.next_kind() {
            Some(TokenKind::Milliseconds(milliseconds)) => Ok(milliseconds),
            _ => self.fail_before("a time in whole seconds or milliseconds, such as `2s`"),
        }
    }

    /// Whether the next line is an outcome of `any-order`: it begins with an item, or with a word
    /// that begins no other line and is indented further than the line of the step, so that a slip
    /// in an item is seen as such.
    fn outcome_follows(&self, step: usize) -> bool {
        let Some(TokenKind::Word(word)) = self.peek_at(1) else { return false };
        if self.sign_at(2, ":") && self.names_a_step(3) {
            return false;
        }
        let begins_a_line = || word == "or" || word == "scenario" || self.names_a_step(1);
        Verb::ALL.iter().any(|(verb, _)| verb == word)
            || self.indentation_at(1) > step && !begins_a_line()
    }

    fn names_a_step(&self, ahead: usize) -> bool {
        matches!(self.peek_at(ahead), Some(TokenKind::Word(word)) if STEPS.contains(&word.as_str()))
    }

    fn outcome(&mut self) -> Parsed<Outcome> {
        let item = self.item()?;
        self.targeted(item)
    }

    /// The item, and what stands behind its colon.
    fn targeted(&mut self, item: Item) -> Parsed<Outcome> {
        let (mut target, mut target_span) = (None, None);
        if self.sign(":") {
            let (found, span) = self.target()?;
            (target, target_span) = (Some(found), Some(span));
        }
        Ok(Outcome { item, target, target_span })
    }

    /// What stands behind the colon.
    fn target(&mut self) -> Parsed<(Target, Range<usize>)> {
        let span = self.here();
        match self.next_kind() {
            Some(TokenKind::Word(id)) if is_path(&id) => Ok((Target::Requirement(id), span)),
            Some(TokenKind::Variable(name, field)) => {
                let field = field.map(|field| format!(".{field}"));
                Ok((Target::Variable(name + field.as_deref().unwrap_or_default()), span))
            }
            _ => self.fail_before("the id of a requirement, or a column of them such as `$rule`"),
        }
    }

    fn observe(&mut self) -> Parsed<Read> {
        let start = self.here();
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
            let label = "expected below a line `when ITEM is \"…\"`";
            return self.fail(start, "observation of nothing", label);
        }
        Ok((Action::Observe { name, choices }, vec![start], END))
    }

    fn measure(&mut self) -> Parsed<Read> {
        let start = self.here();
        self.keyword("data")?;
        let (mut since, mut spans) = (None, Vec::new());
        if self.peek_word() == Some("since") {
            self.advance();
            spans.push(self.here());
            since = Some(self.variable("the variable of an EFFECTIVE that was captured")?);
        }
        self.keyword("for")?;
        let milliseconds = self.time()?;
        let mut bounds = Vec::new();
        while self.continuation(&["at-most", "at-least"]) {
            let kind = match self.peek_word() {
                Some("at-most") => BoundKind::AtMost,
                _ => BoundKind::AtLeast,
            };
            self.advance();
            bounds.push(self.bound(kind)?);
        }
        if bounds.is_empty() {
            let label = "expected below a line `at-most SUM : requirement`";
            return self.fail(start, "measurement without a bound", label);
        }
        Ok((Action::Measure { since, milliseconds, bounds }, spans, END))
    }

    fn bound(&mut self, kind: BoundKind) -> Parsed<Bound> {
        let start = self.here();
        let first = self.value()?;
        let mut value_spans = vec![self.since(&start)];
        let sum = self.sum(first, &mut value_spans)?;
        if !self.sign(":") {
            return self.fail_here("`*` `+` `-` and a value, or `:` and a requirement");
        }
        let (target, target_span) = self.target()?;
        Ok(Bound { kind, sum, target, value_spans, target_span })
    }

    /// What is calculated with the value `first`, which may be nothing.
    pub(super) fn sum(&mut self, first: Value, spans: &mut Vec<Range<usize>>) -> Parsed<Sum> {
        let mut rest = Vec::new();
        loop {
            let operator = match self.peek() {
                Some(TokenKind::Sign("*")) => SumOperator::Times,
                Some(TokenKind::Sign("+")) => SumOperator::Plus,
                Some(TokenKind::Sign("-")) if self.before().end < self.here().start => {
                    SumOperator::Minus
                }
                Some(TokenKind::Sign("-")) => {
                    let span = self.here();
                    let label = "expected a blank before this, lest it seem a part of a name";
                    return self.fail(span, "missing blank", label);
                }
                _ => return Ok(Sum { first, rest }),
            };
            self.advance();
            let start = self.here();
            rest.push((operator, self.value()?));
            spans.push(self.since(&start));
        }
    }
}
