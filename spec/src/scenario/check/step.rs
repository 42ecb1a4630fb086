//! Steps: their connections, and what they are made of.

use std::ops::Range;

use super::super::signature::{CAPABILITIES, PREDICATES, SETTINGS, capability};
use super::super::syntax::{
    Action, Argument, Bound, Cut, Item, Name, Need, Negotiate, Role, Step, Value, Verb,
};
use super::super::wanted::{AMOUNT, ANY, CUT, FIELD, PARAMETER, SEQUENCE};
use super::value::Unset;
use super::{Checker, Holds};

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
        let operand = |index: usize| step.operand_spans.get(index).unwrap_or(&step.span).clone();
        match &step.action {
            Action::Open(negotiate) => {
                self.connects(step, Stream::WebSocket);
                if let Some(negotiate) = negotiate {
                    self.negotiate(negotiate);
                }
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
            Action::Expect { outcomes, alternatives } => {
                let stream = self.uses(step);
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
            Action::Measure { bounds, .. } => {
                self.uses(step);
                self.measure(bounds);
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

    fn negotiate(&mut self, negotiate: &Negotiate) {
        let token_at = &negotiate.capability_span;
        let Some(capability) = capability(&negotiate.capability) else {
            let known: Vec<&str> = CAPABILITIES.iter().map(|c| c.token).collect();
            return self.unknown(token_at, "capability", &negotiate.capability, &known);
        };
        let known = [SETTINGS, capability.parameters].concat();
        let mut names = Vec::new();
        for (setting, span) in negotiate.settings.iter().zip(&negotiate.setting_spans) {
            match setting {
                Argument::Set { name: Name::Word(name), append: false, value } => {
                    if names.contains(&name) {
                        self.report(span, format!("`{name}=` twice"), "expected it once");
                    }
                    names.push(name);
                    if !known.contains(&name.as_str()) {
                        self.unknown(span, "setting", name, &known);
                        continue;
                    }
                    let wanted = match name.as_str() {
                        "sequence" => &SEQUENCE,
                        "offer" => &FIELD,
                        _ => &PARAMETER,
                    };
                    self.value(value, wanted, Unset::Unknown, span);
                }
                _ => self.report(span, "not a setting", "expected `name=value`"),
            }
        }
        if !self.scenario.needs.contains(&Need::Capability(negotiate.capability.clone())) {
            self.report_with_help(
                token_at,
                format!("`{}` is negotiated but not needed", negotiate.capability),
                "without a need the cases run against endpoints that cannot do this",
                format!("add a line `needs capability {}`", negotiate.capability),
            );
        }
        if let (Some(variable), Some(span)) = (&negotiate.variable, &negotiate.variable_span) {
            self.sets(variable, Holds::Capability(capability), span);
        }
    }

    fn cut(&mut self, cut: &Cut, span: &Range<usize>) {
        match cut {
            Cut::Variable(name) => {
                let value = Value::Variable(name.clone(), None);
                self.value(&value, &CUT, Unset::Unknown, span);
            }
            Cut::Sizes(sizes) if sizes.contains(&0) => {
                self.report(span, "a piece of no octets", "expected sizes of 1 or more");
            }
            _ => {}
        }
    }

    fn measure(&mut self, bounds: &[Bound]) {
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
