//! A case as it is planned: what it needs before it can be run.

use std::collections::BTreeMap;
use std::sync::Arc;

use wsconform_spec::scenario::{Action, Name, Need, Role, RowValue, Scenario, Step, Value, Verb};

/// A case that owns what it needs, so that it can be run by any task.
#[derive(Clone, Debug)]
pub struct PlannedCase {
    /// Its id, `ping.answered/empty`.
    pub id: String,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Who is under test.
    pub role: Role,
    /// The cells of its row, by variable.
    pub row: BTreeMap<String, RowValue>,
}

/// The scenario that opens the connection of a walk (chapter "The model").
pub(crate) const WALK: &str = "walk.opening";

impl PlannedCase {
    /// Whether steps are drawn behind its own.
    pub fn is_walk(&self) -> bool {
        self.scenario.id == WALK
    }

    /// Whether it takes its time.
    pub fn is_slow(&self) -> bool {
        self.scenario.slow.is_some()
    }

    /// The application that the endpoint has to run: empty for the echo, or for any.
    pub fn application(&self) -> &str {
        match self.scenario.app.as_deref() {
            None | Some("echo" | "any") => "",
            Some(app) => app,
        }
    }

    /// Whether the case is about data that comes back.
    pub fn needs_echo(&self) -> bool {
        match self.scenario.app.as_deref() {
            Some(app) => app == "echo",
            None => self.role != Role::Gateway && self.scenario.steps.iter().any(expects_data),
        }
    }

    /// The capabilities that the endpoint has to negotiate.
    pub fn capabilities(&self) -> impl Iterator<Item = &str> {
        self.scenario.needs.iter().filter_map(|need| match need {
            Need::Capability(name) => self.token(name),
            Need::Case(_) | Need::Limit(_) => None,
        })
    }

    /// The length of the longest message that the endpoint has to take, in octets.
    pub fn limit(&self) -> Option<u64> {
        self.scenario.needs.iter().find_map(|need| match need {
            Need::Limit(Value::Number(octets)) => Some(*octets),
            Need::Limit(Value::Variable(column, _)) => match self.row.get(column) {
                Some(RowValue::Value(Value::Number(octets))) => Some(*octets),
                _ => None,
            },
            _ => None,
        })
    }

    /// The capability that a name stands for in the row of the case.
    fn token<'n>(&'n self, name: &'n Name) -> Option<&'n str> {
        match name {
            Name::Word(token) => Some(token),
            Name::Variable(column) => match self.row.get(column) {
                Some(RowValue::Value(Value::Text(token) | Value::Word(token))) => Some(token),
                _ => None,
            },
        }
    }

    /// The scenarios and cases without which this one says nothing: those it names, and those that
    /// are about the handshake and the echo that it takes for granted.
    pub fn prerequisites(&self) -> Vec<String> {
        let mut needed: Vec<String> = self
            .scenario
            .needs
            .iter()
            .filter_map(|need| match need {
                Need::Case(id) => Some(id.clone()),
                Need::Capability(_) | Need::Limit(_) => None,
            })
            .collect();
        for step in &self.scenario.steps {
            if let Action::Open(offers) = &step.action {
                match self.role {
                    Role::Client => needed.push("opening.client.request".to_owned()),
                    Role::Server => {
                        needed.push("opening.server.answer".to_owned());
                        let tokens =
                            offers.iter().filter_map(|offer| self.token(&offer.capability));
                        needed.extend(tokens.map(|token| format!("{ANSWER}/{token}")));
                    }
                    Role::Gateway => {}
                }
            }
        }
        if self.needs_echo() && !self.scenario.id.starts_with("contract.") {
            needed.extend(PLAIN_ECHO.map(str::to_owned));
        }
        if self.limit().is_some() && !LIMITS.contains(&self.scenario.id.as_str()) {
            // What is quick does not wait for what is slow.
            let first = if self.is_slow() { &LIMITS[..] } else { &LIMITS[..1] };
            needed.extend(first.iter().map(|id| (*id).to_owned()));
        }
        needed.retain(|needed| *needed != self.scenario.id && *needed != self.id);
        needed.sort_unstable();
        needed.dedup();
        needed
    }
}

/// The scenario whose rows show that a capability is accepted as it should be.
const ANSWER: &str = "negotiation.server.answer";

/// The cases that show that a plain message comes back.
const PLAIN_ECHO: [&str; 2] = ["contract.echo-text/Hello", "contract.echo-binary/00-FF-80-01"];

/// The scenarios that show which messages an endpoint takes.
const LIMITS: [&str; 2] = ["limits.size", "limits.large"];

fn expects_data(step: &Step) -> bool {
    let is_data =
        |verb: Verb| matches!(verb, Verb::Text | Verb::Binary | Verb::Message | Verb::Escape);
    match &step.action {
        Action::Expect { outcomes, .. } => {
            outcomes.iter().any(|outcome| is_data(outcome.item.verb))
        }
        Action::Observe { choices, .. } => choices.iter().any(|(item, _)| is_data(item.verb)),
        _ => false,
    }
}
