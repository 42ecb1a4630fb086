//! What is negotiated, when the connection is opened and on it.

use std::ops::Range;

use super::super::capability::{Capabilities, SETUP, capabilities};
use super::super::signature::{BOOTSTRAP_SETTINGS, SETTINGS};
use super::super::syntax::{Argument, Name, Need, Negotiate, Value};
use super::super::wanted::{BY, NAME, PARAMETER, SEQUENCE, START};
use super::value::Unset;
use super::{Checker, Holds};

/// Which step negotiates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum During {
    /// `open`
    Opening,
    /// `setup`
    Setup,
    /// `agree`
    Agreement,
}

impl During {
    /// The settings that are no parameters.
    fn settings(self, capabilities: Capabilities) -> Vec<&'static str> {
        match self {
            Self::Opening if capabilities.is(SETUP) => [SETTINGS, BOOTSTRAP_SETTINGS].concat(),
            Self::Opening => SETTINGS.to_vec(),
            // The sequence is for the answerer to choose.
            Self::Setup => vec![SETTINGS[0]],
            Self::Agreement => Vec::new(),
        }
    }
}

impl Checker<'_> {
    pub(super) fn negotiate(&mut self, offers: &[Negotiate], during: During) {
        for (index, offer) in offers.iter().enumerate() {
            let at = &offer.capability_span;
            if offers[..index].iter().any(|earlier| earlier.capability == offer.capability) {
                let title = format!("`{}` twice", offer.capability);
                self.report(at, title, "expected each capability once");
            }
            let capabilities = self.capabilities(&offer.capability, at);
            if capabilities.is_empty() {
                continue;
            }
            self.settings(offer, capabilities, during);
            if !self.scenario.needs.contains(&Need::Capability(offer.capability.clone())) {
                self.report_with_help(
                    at,
                    format!("`{}` is negotiated but not needed", offer.capability),
                    "without a need the cases run against endpoints that cannot do this",
                    format!("add a line `needs capability {}`", offer.capability),
                );
            }
            if let (Some(variable), Some(span)) = (&offer.variable, &offer.variable_span) {
                self.sets(variable, Holds::Capability(capabilities), span);
            }
        }
    }

    /// The capabilities that a name stands for; none if it is unknown, which is reported.
    pub(super) fn capabilities(&mut self, name: &Name, span: &Range<usize>) -> Capabilities {
        let mut found = Capabilities::default();
        let tokens = match name {
            Name::Word(token) => vec![(token.clone(), span.clone())],
            Name::Variable(column) if self.column(column).is_none() => {
                let title = format!("`${column}` is no column of capabilities");
                self.report(span, title, "expected a capability, or a column of them");
                Vec::new()
            }
            Name::Variable(column) => {
                let value = Value::Variable(column.clone(), None);
                self.value(&value, &NAME, Unset::Unknown, span);
                self.texts(column)
            }
        };
        for (token, span) in tokens {
            if !found.add(&token) {
                let known: Vec<&str> = capabilities().collect();
                self.unknown(&span, "capability", &token, &known);
            }
        }
        found
    }

    fn settings(&mut self, offer: &Negotiate, capabilities: Capabilities, during: During) {
        let mut known = during.settings(capabilities);
        if during != During::Agreement {
            known.extend(capabilities.parameters());
        }
        let mut names = Vec::new();
        for (setting, span) in offer.settings.iter().zip(&offer.setting_spans) {
            let Argument::Set { name: Name::Word(name), append: false, value } = setting else {
                self.report(span, "not a setting", "expected `name=value`");
                continue;
            };
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
                "offer" | "app" => &START,
                "by" => &BY,
                _ => &PARAMETER,
            };
            self.value(value, wanted, Unset::Unknown, span);
        }
    }

    /// The variable by which `setup` negotiates.
    pub(super) fn setup_variable(&mut self, name: &str, span: &Range<usize>) {
        match self.variables.get(name) {
            Some(Holds::Capability(capabilities)) if capabilities.is(SETUP) => {}
            Some(Holds::Capability(capabilities)) => {
                let title = format!("`${name}` negotiates nothing");
                let label = format!("expected `{SETUP}`, not {}", capabilities.tokens());
                self.report(span, title, label);
            }
            _ => {
                let title = format!("no `{SETUP}` is negotiated as `${name}`");
                let label = format!("expected `open with {SETUP} as ${name}` before this step");
                self.report(span, title, label);
            }
        }
    }
}
