//! Items and their arguments.

use std::ops::Range;

use super::super::capability::{Capabilities, ControlBody};
use super::super::signature::{positional, signature};
use super::super::syntax::{Argument, Item, Name, RowValue, Value, Verb};
use super::super::wanted::{
    ANYTHING, CAPABILITY, FIELD, MESSAGE, NAME, NUMBER, NUMBERS, OCTETS, Wanted,
};
use super::value::Unset;
use super::{Checker, Holds};

impl Checker<'_> {
    pub(super) fn item(&mut self, item: &Item, expected: bool) {
        let signature = signature(item.verb);
        let word = item.verb.word();
        let verb_at = item.span.start..item.span.start + word.len();
        if expected && !signature.expected {
            self.report(&verb_at, format!("`{word}` cannot be expected"), "it is only sent");
        }
        if !expected && !signature.sent {
            self.report(&verb_at, format!("`{word}` cannot be sent"), "it is only expected");
        }
        let mut values = Vec::new();
        let mut names: Vec<&Name> = Vec::new();
        for (argument, span) in item.arguments.iter().zip(&item.argument_spans) {
            match argument {
                Argument::Value(value) => values.push((value, span)),
                Argument::Without(name) => self.without(item, name, span),
                Argument::Set { name, append, value } => {
                    if *name == Name::Word("payload".into()) && !values.is_empty() {
                        let label = "expected before the values that it is joined with";
                        self.report(span, "`payload=` behind other values", label);
                    }
                    if !append && names.contains(&name) {
                        let label = "expected each name once; `+=` adds another field line";
                        self.report(span, "the same name twice", label);
                    }
                    names.push(name);
                    self.set(item, (name, *append, value), expected, span);
                }
            }
        }
        let (least, most) = signature.values;
        if values.len() < least || values.len() > most {
            let wanted = match (least, most) {
                (0, 0) => "no".to_owned(),
                (least, usize::MAX) => format!("{least} or more"),
                (least, most) if least == most => format!("{least}"),
                (least, most) => format!("{least} to {most}"),
            };
            let title = format!("`{word}` with {} value(s)", values.len());
            let surplus = values.get(most).map_or(&item.span, |(_, span)| span);
            self.report(
                surplus,
                title,
                format!("expected {wanted} {}", if wanted == "1" { "value" } else { "values" }),
            );
        }
        match item.verb {
            Verb::Control => self.control(&values, expected),
            _ => self.values(item.verb, &values, expected),
        }
    }

    fn values(&mut self, verb: Verb, values: &[(&Value, &Range<usize>)], expected: bool) {
        // A value captures if it stands for the whole of what came.
        let captures = expected && (values.len() == 1 || verb == Verb::Close);
        let unset = if captures && verb != Verb::Frame { Unset::Captures } else { Unset::Unknown };
        for (index, (value, span)) in values.iter().enumerate() {
            self.value(value, positional(verb, index, expected), unset, span);
        }
    }

    fn without(&mut self, item: &Item, name: &Name, span: &Range<usize>) {
        if !signature(item.verb).fields {
            let title = format!("`{}` has no fields", item.verb.word());
            return self.report(span, title, "expected no `without`");
        }
        for (name, span) in self.names(name, span) {
            if !is_field(&name) {
                let label = "expected the name of a field, a capital first, such as `Host`";
                self.report(&span, format!("`{name}` is no field"), label);
            }
        }
    }

    fn set(
        &mut self,
        item: &Item,
        (name, append, value): (&Name, bool, &Value),
        expected: bool,
        span: &Range<usize>,
    ) {
        let unset = if expected && !append { Unset::Captures } else { Unset::Unknown };
        let mut wanted: Vec<&'static Wanted> = Vec::new();
        for (name, name_at) in self.names(name, span) {
            let Some(found) = self.wanted(item, &name, &name_at) else { continue };
            if append && !is_field(&name) {
                let label = "expected `=`: only the fields of a head are lists";
                self.report(span, format!("`{name}+=` in `{}`", item.verb.word()), label);
            }
            if expected && name == "style" {
                let label = "expected where a head is sent: all styles mean the same";
                self.report(span, "`style=` cannot be expected", label);
            }
            if !wanted.iter().any(|other| other.label == found.label) {
                wanted.push(found);
            }
        }
        if wanted.is_empty() {
            self.value(value, &ANYTHING, unset, span);
        }
        for wanted in wanted {
            self.value(value, wanted, unset, span);
        }
    }

    /// What the name takes in this item.
    fn wanted(&mut self, item: &Item, name: &str, span: &Range<usize>) -> Option<&'static Wanted> {
        let signature = signature(item.verb);
        if let Some((_, wanted)) = signature.names.iter().find(|(known, _)| *known == name) {
            return Some(wanted);
        }
        if signature.fields && is_field(name) {
            return Some(&FIELD);
        }
        let word = item.verb.word();
        let known: Vec<&str> = signature.names.iter().map(|(name, _)| *name).collect();
        match known.is_empty() {
            true => {
                self.report(span, format!("`{word}` takes no `{name}=`"), "expected values alone")
            }
            false if signature.fields => {
                let label = format!(
                    "expected the name of a field, a capital first, or one of {}",
                    super::backquoted(&known)
                );
                self.report(span, format!("unknown `{word}` argument `{name}`"), label);
            }
            false => self.unknown(span, &format!("`{word}` argument"), name, &known),
        }
        None
    }

    /// The names that a name stands for, each with its place: that of a cell, if it is one.
    fn names(&mut self, name: &Name, span: &Range<usize>) -> Vec<(String, Range<usize>)> {
        let variable = match name {
            Name::Word(word) => return vec![(word.clone(), span.clone())],
            Name::Variable(variable) => variable,
        };
        let value = Value::Variable(variable.clone(), None);
        self.value(&value, &NAME, Unset::Unknown, span);
        self.texts(variable)
    }

    /// The cells of a column that are texts, each with its place.
    pub(super) fn texts(&self, variable: &str) -> Vec<(String, Range<usize>)> {
        let (Some(column), Some(table)) = (self.column(variable), &self.scenario.rows) else {
            return Vec::new();
        };
        let cells = table.rows.iter().zip(&table.cell_spans);
        cells
            .filter_map(|(row, spans)| match (row.get(column), spans.get(column)) {
                (Some(RowValue::Value(Value::Text(text))), Some(span)) => {
                    Some((text.clone(), span.clone()))
                }
                _ => None,
            })
            .collect()
    }

    fn control(&mut self, values: &[(&Value, &Range<usize>)], expected: bool) {
        let Some(((capability, capability_at), behind)) = values.split_first() else { return };
        self.value(capability, &CAPABILITY, Unset::Unknown, capability_at);
        let Some(((message, message_at), body)) = behind.split_first() else { return };
        self.value(message, &MESSAGE, Unset::Unknown, message_at);
        let known = match capability {
            Value::Variable(name, None) => match self.variables.get(name) {
                Some(Holds::Capability(capabilities)) => Some(*capabilities),
                _ => None,
            },
            _ => None,
        };
        let mut wanted = &OCTETS;
        let mut effective = false;
        if let Some(capabilities) = known {
            let names = match message {
                Value::Word(name) | Value::Text(name) => {
                    vec![(name.clone(), (*message_at).clone())]
                }
                Value::Variable(variable, None) => self.texts(variable),
                _ => Vec::new(),
            };
            for (name, span) in names {
                effective = name == "EFFECTIVE";
                wanted = match self.message(capabilities, &name, &span, body) {
                    Some(ControlBody::Integer) if expected => &NUMBERS,
                    Some(ControlBody::Integer) => &NUMBER,
                    Some(_) => wanted,
                    None => &ANYTHING,
                };
            }
        }
        // A value captures if it stands for the whole body.
        let unset = match body {
            [_] if expected => Unset::Captures,
            _ => Unset::Unknown,
        };
        for (value, span) in body {
            let captured = match value {
                Value::Variable(name, None) if !self.variables.contains_key(name) => Some(name),
                _ => None,
            };
            self.value(value, wanted, unset, span);
            if let Some(name) = captured.filter(|_| effective)
                && self.variables.contains_key(name)
            {
                self.variables.insert(name.clone(), Holds::Effective);
            }
        }
    }

    /// The body of a control message that is given by name, if there is one of that name.
    fn message(
        &mut self,
        capabilities: Capabilities,
        name: &str,
        span: &Range<usize>,
        body: &[(&Value, &Range<usize>)],
    ) -> Option<ControlBody> {
        let messages = capabilities.messages();
        let Some(message) = messages.iter().find(|message| message.name == name) else {
            let known: Vec<&str> = messages.iter().map(|message| message.name).collect();
            self.unknown(span, "control message", name, &known);
            return None;
        };
        let surplus = match message.body {
            ControlBody::Empty => {
                body.first().map(|(_, span)| (span, "expected nothing behind it"))
            }
            ControlBody::Integer => {
                body.get(1).map(|(_, span)| (span, "expected one number behind it at most"))
            }
            ControlBody::Octets | ControlBody::Text => None,
        };
        if let Some((surplus, label)) = surplus {
            self.report(surplus, format!("too long a body for `{name}`"), label);
        }
        Some(message.body)
    }
}

fn is_field(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
}
