//! Steps: their connections, and what they are made of.

use std::ops::Range;

use super::super::signature::PREDICATES;
use super::super::syntax::{Action, Bound, Cut, Item, Outcome, Role, Step, Value, Verb};
use super::super::wanted::{AMOUNT, ANY, CUT, SIZE};
use super::negotiate::During;
use super::value::Unset;
use super::{Checker, Holds};

/// The most numbers that a step may be done for.
const MOST_EACH: u64 = 10_000;

/// What kind of connection it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// `open`: the handshake is over.
    WebSocket,
    /// `connect`: the handshake is the scenario's.
    Bare,
    /// `accept tcp`: there is none.
    Plain,
}

impl<'a> Checker<'a> {
    pub(super) fn steps(&mut self) {
        let scenario: &'a _ = self.scenario;
        for step in &scenario.steps {
            self.step(step);
        }
    }

    fn step(&mut self, step: &'a Step) {
        if let (Some(_), Some(name)) = (self.scenario.connections, &step.connection) {
            let title = format!("connection `{name}` where all take every step");
            self.report(&step.span, title, "expected no name: the header says how many there are");
        }
        if let Some(each) = &step.each {
            let (first, last) = each.range;
            if last - first >= MOST_EACH {
                let label = format!("expected at most {MOST_EACH}");
                self.report(&each.span, "too many numbers", label);
            }
            self.sets(&each.variable, Holds::Value, &each.span);
        }
        self.action(step);
        if let Some(each) = &step.each {
            self.variables.remove(&each.variable);
        }
    }

    fn action(&mut self, step: &'a Step) {
        let operand = |index: usize| step.operand_spans.get(index).unwrap_or(&step.span).clone();
        match &step.action {
            Action::Open(offers) => {
                self.connects(step, Stream::WebSocket);
                self.negotiate(offers, During::Opening);
            }
            Action::Setup { by, offers } => {
                self.speaks(step, "setup");
                self.setup_variable(by, &operand(0));
                self.negotiate(offers, During::Setup);
            }
            Action::Agree(accepted) => {
                self.speaks(step, "agree");
                self.negotiate(accepted, During::Agreement);
            }
            Action::Connect => self.connects(step, Stream::Bare),
            Action::AcceptTcp => {
                self.connects(step, Stream::Plain);
                if self.scenario.roles != [Role::Gateway] {
                    let label = "expected `roles gateway` alone: no other has a back end";
                    self.report(&step.span, "`accept tcp` without a gateway", label);
                }
            }
            Action::Send { items, cut } => {
                let stream = self.uses(step);
                for item in items {
                    self.fits_stream(item, stream, false);
                    self.item(item, false);
                }
                self.cut(cut, &operand(0));
            }
            Action::Expect { outcomes, alternatives, within } => {
                let stream = self.uses(step);
                if let (Some(_), [Outcome { item, .. }]) = (within, outcomes.as_slice())
                    && matches!(item.verb, Verb::Nothing | Verb::Silence)
                {
                    let title = format!("`within` behind `{}`", item.verb.word());
                    let label = "expected no time: it waits as long as it has to";
                    self.report(&operand(0), title, label);
                }
                for outcome in outcomes.iter().chain(alternatives) {
                    self.fits_stream(&outcome.item, stream, true);
                }
                self.expect(outcomes, alternatives);
            }
            Action::Observe { name, choices } => {
                let stream = self.uses(step);
                if !self.observations.insert(name) {
                    let title = format!("observation `{name}` exists twice");
                    self.report(&operand(0), title, "expected a name of its own");
                }
                for (item, _) in choices {
                    self.fits_stream(item, stream, true);
                }
                self.observe(choices);
            }
            Action::Let { variable, value } => {
                self.without_connection(step, "let");
                self.value(value, &ANY, Unset::Unknown, &operand(1));
                self.sets(variable, Holds::Value, &operand(0));
            }
            Action::Check { call, target } => {
                self.without_connection(step, "check");
                self.call(call, PREDICATES, "predicate", &operand(0));
                self.target(target, &operand(1));
            }
            Action::Wait { .. } | Action::Hold => {
                self.uses(step);
            }
            Action::Measure { since, bounds, .. } => {
                self.speaks(step, "measure");
                let word = step.span.start..step.span.start + "measure".len();
                let at = step.operand_spans.first().unwrap_or(&word);
                self.measure(since.as_deref(), bounds, at);
            }
        }
    }

    fn connects(&mut self, step: &'a Step, stream: Stream) {
        let name = step.connection.as_deref();
        if self.connections.contains_key(&name) {
            let title = match name {
                Some(name) => format!("connection `{name}` is opened twice"),
                None => "the connection is opened twice".to_owned(),
            };
            return self.report(&step.span, title, "expected a name of its own: `second: open`");
        }
        let others_have_names = self.connections.keys().any(Option::is_some);
        if self.connections.contains_key(&None) || (name.is_none() && others_have_names) {
            let label = "expected a name for each of several connections: `first: open`";
            self.report(&step.span, "one connection has a name, another has none", label);
        }
        self.connections.insert(name, stream);
    }

    /// The connection that a step is about.
    fn uses(&mut self, step: &Step) -> Option<Stream> {
        let name = step.connection.as_deref();
        if let Some(stream) = self.connections.get(&name) {
            return Some(*stream);
        }
        let known: Vec<String> =
            self.connections.keys().flatten().map(|name| format!("`{name}:`")).collect();
        let opens = match (name, self.scenario.roles.contains(&Role::Gateway)) {
            (None, _) => "`open` or `connect`".to_owned(),
            (Some(name), false) => format!("`{name}: open` or `{name}: connect`"),
            (Some(name), true) => format!("`{name}: open` or `{name}: accept tcp`"),
        };
        let known = known.join(" ");
        let label = match name {
            Some(_) if self.connections.contains_key(&None) => {
                "expected no name: the connection above has none".to_owned()
            }
            None if !known.is_empty() => format!("expected the name of a connection: {known}"),
            _ if known.is_empty() => format!("expected {opens} before this step"),
            _ => format!("expected {opens} before this step, or one of {known}"),
        };
        self.report(&step.span, "step without a connection", label);
        None
    }

    /// The connection that a step is about, which has to be one of frames.
    fn speaks(&mut self, step: &Step, word: &str) {
        if self.uses(step) == Some(Stream::Plain) {
            let title = format!("`{word}` over plain TCP");
            self.report(&step.span, title, "expected a connection of `open`");
        }
    }

    fn without_connection(&mut self, step: &Step, word: &str) {
        if let Some(name) = &step.connection {
            let name_at = step.span.start..step.span.start + name.len();
            let title = format!("`{word}` is about no connection");
            self.report(&name_at, title, format!("expected `{word}` alone"));
        }
    }

    /// Whether an item has a meaning on a connection of this kind.
    fn fits_stream(&mut self, item: &Item, stream: Option<Stream>, expected: bool) {
        let word = item.verb.word();
        let verb_at = item.span.start..item.span.start + word.len();
        let client = self.scenario.roles.contains(&Role::Client);
        let server = self.scenario.roles.iter().any(|role| *role != Role::Client);
        match (item.verb, stream) {
            (Verb::Raw | Verb::End | Verb::Silence, Some(Stream::Plain)) | (_, None) => {}
            (_, Some(Stream::Plain)) => {
                let title = format!("`{word}` over plain TCP");
                let label = "expected `raw`, `end` or `silence`: there is no WebSocket here";
                self.report(&verb_at, title, label);
            }
            (Verb::Raw, _) if expected => {
                let label = "expected `raw` on the connection of an `accept tcp` alone";
                self.report(&verb_at, "`raw` among frames", label);
            }
            (Verb::Request | Verb::Response, Some(Stream::WebSocket)) => {
                let title = format!("`{word}` behind `open`");
                let label = "expected `connect` before it: `open` is the whole handshake";
                self.report(&verb_at, title, label);
            }
            (Verb::Request | Verb::Response, _) => {
                let from_client = (item.verb == Verb::Request) == expected;
                let wrong = if from_client { server } else { client };
                if wrong {
                    let does = if expected { "sends" } else { "gets" };
                    let whom = if from_client { "client" } else { "server" };
                    let title = format!("`{word}` on the wrong side");
                    let label = format!("expected `roles {whom}` alone: it {does} a {word}");
                    self.report(&verb_at, title, label);
                }
            }
            _ => {}
        }
    }

    fn cut(&mut self, cut: &Cut, span: &Range<usize>) {
        match cut {
            Cut::Variable(name) => {
                let value = Value::Variable(name.clone(), None);
                self.value(&value, &CUT, Unset::Unknown, span);
            }
            Cut::Pieces(value) => self.value(value, &SIZE, Unset::Unknown, span),
            Cut::Sizes(sizes) if sizes.contains(&0) => {
                self.report(span, "a piece of no octets", "expected sizes of 1 or more");
            }
            _ => {}
        }
    }

    /// Data counts behind an EFFECTIVE, so one has to be known.
    fn measure(&mut self, since: Option<&str>, bounds: &[Bound], at: &Range<usize>) {
        match since {
            Some(name) if matches!(self.variables.get(name), Some(Holds::Effective)) => {}
            Some(name) => {
                let title = format!("`${name}` is no EFFECTIVE that came");
                let label = "expected the variable of `expect control … EFFECTIVE $variable`";
                self.report(at, title, label);
            }
            None if self.variables.values().any(|held| matches!(held, Holds::Effective)) => {}
            None => {
                let label = "expected `expect control … EFFECTIVE $variable` above: data counts \
                             behind it";
                self.report(at, "nothing to measure from", label);
            }
        }
        let outer = self.variables.insert("t".into(), Holds::Value);
        for bound in bounds {
            let rest = bound.sum.rest.iter().map(|(_, value)| value);
            let values = std::iter::once(&bound.sum.first).chain(rest);
            for (value, span) in values.zip(&bound.value_spans) {
                self.value(value, &AMOUNT, Unset::Unknown, span);
            }
            self.target(&bound.target, &bound.target_span);
        }
        match outer {
            Some(outer) => self.variables.insert("t".into(), outer),
            None => self.variables.remove("t"),
        };
    }
}
