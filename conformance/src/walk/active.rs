//! A capability of a connection as the model sees it.

use std::sync::Arc;

use wsconform_spec::model::{Outcome, Row};
use wsconform_spec::scenario::Role;

use super::machine::{At, Machines};
use super::rule::Rule;
use crate::run::Agreement;

/// A capability that was agreed on.
#[derive(Clone)]
pub(super) struct Active<'m> {
    pub(super) agreement: Arc<Agreement>,
    /// What is inspected of what the endpoint receives.
    inbound: At<'m>,
    /// What it escapes, if its direction is active.
    outbound: Option<At<'m>>,
    /// Whether it rests.
    capability: Option<At<'m>>,
    /// What it does.
    function: Option<At<'m>>,
    confirmed: bool,
    /// Whether the endpoint has said SUSPEND, and not RESUME.
    pub(super) resting: bool,
    /// Whether the last EFFECTIVE of a strict endpoint was 0.
    pub(super) said_pause: bool,
}

impl<'m> Active<'m> {
    /// One that counts in the direction of the endpoint, of this `role`; `fresh` if its own ANSWER
    /// assigned the sequence.
    pub(super) fn new(
        agreement: Arc<Agreement>,
        machines: &Machines<'m>,
        role: Role,
        fresh: bool,
    ) -> Self {
        let sender = if fresh { machines.new_sender } else { machines.sender };
        let outbound = agreement.may_send(role).then(|| At::new(sender));
        Self {
            agreement,
            inbound: At::new(machines.unconfirmed),
            outbound,
            capability: None,
            function: None,
            confirmed: false,
            resting: false,
            said_pause: false,
        }
    }

    /// What is violated, while it rests, in place of what the machine of the sequence says.
    pub(super) fn resting_rule(&self) -> Option<Rule> {
        self.capability.as_ref()?.peek("message").and_then(Rule::of)
    }

    /// What is violated by data that does not come, if suspension or a pause is why.
    pub(super) fn data_rule(&self) -> Option<Rule> {
        let function = self.function.as_ref().filter(|function| !function.is_first())?;
        function.peek("data").and_then(Rule::of)
    }

    /// Whether the endpoint has to stay silent, whatever it is sent.
    pub(super) fn listens(&self, machines: &Machines<'m>) -> bool {
        let is_listener = |at: &At<'_>| std::ptr::eq(at.machine(), machines.listener);
        self.capability.as_ref().is_some_and(is_listener)
    }

    /// From here on it counts in the direction of the harness too.
    pub(super) fn confirm(&mut self, machines: &Machines<'m>, role: Role) {
        if std::mem::replace(&mut self.confirmed, true) {
            return;
        }
        if let Some(outbound) = &mut self.outbound {
            *outbound = At::new(machines.sender);
        }
        let harness = if role == Role::Client { Role::Server } else { Role::Client };
        if !self.agreement.may_send(harness) {
            self.inbound = At::new(machines.one_way);
            return;
        }
        self.inbound = At::new(machines.sequence);
        let strict = self.agreement.parameter("pace") == Some("strict");
        let speaks = self.agreement.may_send(role);
        let (rests, function) = match self.agreement.capability.as_str() {
            "heartbeat" => (true, Some(machines.heartbeat)),
            "rate-control" if strict && speaks => (true, Some(machines.strict)),
            "rate-control" => (true, Some(machines.advisory)),
            "control-setup" => (false, Some(machines.setup)),
            _ => (true, None),
        };
        let capability = if speaks { machines.capability } else { machines.listener };
        self.capability = rests.then(|| At::new(capability));
        self.function = function.map(At::new);
    }

    /// A message or native control frame towards the endpoint.
    pub(super) fn incoming(&mut self, input: &str) -> Option<&'m Row> {
        self.inbound.take(input)
    }

    /// Data of the endpoint.
    pub(super) fn outgoing(&mut self, input: &str) -> Option<&'m Row> {
        self.outbound.as_mut()?.take(input)
    }

    /// A control message, as far as suspension goes.
    pub(super) fn capability(&mut self, input: &str) -> Option<&'m Row> {
        self.capability.as_mut()?.take(input)
    }

    /// An input of what the capability does.
    pub(super) fn function(&mut self, input: &str) -> Option<&'m Row> {
        self.function.as_mut()?.take(input)
    }

    /// What would follow an input of what the capability does.
    pub(super) fn peek(&self, input: &str) -> Option<&'m Row> {
        self.function.as_ref()?.peek(input)
    }

    /// The endpoint chose another way.
    pub(super) fn enter(&mut self, state: &str) {
        if let Some(function) = &mut self.function {
            function.enter(state);
        }
    }

    /// Whether an escape stands alone.
    pub(super) fn armed(&self) -> bool {
        matches!(self.inbound.state(), "armed" | "passed" | "interrupted")
    }

    /// Whether a message that begins with the sequence is no data now.
    pub(super) fn inspected(&self) -> bool {
        let row = self.inbound.peek("marked");
        row.is_some_and(|row| row.way.outcome == Outcome::Control)
    }

    /// The row by which data has to be held back in some state: a strict sender has one.
    pub(super) fn held_row(&self) -> Option<&'m Row> {
        let states = &self.function.as_ref()?.machine().states;
        let mut rows = states.iter().flat_map(|state| &state.rows);
        rows.find(|row| row.way.outcome == Outcome::Held && row.or.is_empty())
    }

    /// Whether each request has to be answered.
    pub(super) fn strict(&self) -> bool {
        self.held_row().is_some()
    }

    /// The endpoint sent a message of the capability.
    pub(super) fn heard(&mut self, name: &str, body: &[u8]) {
        match name {
            "SUSPEND" => (self.resting, self.said_pause) = (true, false),
            "RESUME" => self.resting = false,
            "EFFECTIVE" => self.said_pause = self.strict() && body.iter().all(|octet| *octet == 0),
            _ => {}
        }
    }
}
