//! The steps of a scenario but the expectations.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::scenario::{
    Action, Argument, Cut, Item, Name, Negotiate, Role, Step, Target, Value,
};

use super::agreement::{Agreement, Answer, Wrong, agreed_parameters, judge_answer};
use super::case::{Played, Running, Stop};
use super::connection::{Arrival, Connection};
use super::datum::Datum;
use super::encode::{Encoded, encode};
use super::event::Event;
use super::expect::{is_refusal, no_room};
use super::opening::{judge_request, judge_response};
use super::standing::Violation;
use crate::wire::{
    Annotated, ExtensionItem, HttpHead, RequestSpec, ResponseSpec, accept_of, hex, key_of,
};

impl Running<'_> {
    pub(super) async fn step(&mut self, step: &Step) -> Played<()> {
        match &step.action {
            Action::Open(negotiate) => self.open(step, negotiate.as_ref()).await,
            Action::Connect => self.connect(step).await.map(drop),
            Action::AcceptTcp => self.accept_tcp(step).await,
            Action::Send { items, cut } => self.send(step, items, cut).await,
            Action::Expect { outcomes, alternatives } => {
                self.expect(step, outcomes, alternatives).await
            }
            Action::Observe { name, choices } => self.observe(step, name, choices).await,
            Action::Let { variable, value } => {
                let datum = self.environment.value(value)?;
                self.environment.set(variable, datum);
                Ok(())
            }
            Action::Check { call, target } => {
                if self.environment.holds(call)? {
                    return Ok(());
                }
                let values: Vec<String> =
                    call.arguments.iter().flatten().map(|value| self.show(value)).collect();
                let expected = format!("{call}");
                self.violated(step, target, expected, values.join(" and "), Vec::new())
            }
            Action::Measure { .. } => {
                Err(Stop::Skip("planned: measured cases come with pacing".into()))
            }
        }
    }

    fn show(&mut self, value: &Value) -> String {
        self.environment.value(value).map_or_else(|_| value.to_string(), |datum| datum.to_string())
    }

    /// The requirement of a target.
    pub(super) fn requirement(&self, target: &Target) -> Played<String> {
        match target {
            Target::Requirement(id) => Ok(id.clone()),
            Target::Variable(name) => Ok(self.environment.requirement(name)?),
        }
    }

    /// Records the violation and stops the case.
    pub(super) fn violated(
        &mut self,
        step: &Step,
        target: &Target,
        expected: String,
        observed: String,
        octets: Vec<Annotated>,
    ) -> Played<()> {
        let requirement = self.requirement(target)?;
        self.blame(step, Violation { requirement, expected, observed, octets, may_be_echo: false });
        Err(Stop::Violated)
    }

    async fn connect(&mut self, step: &Step) -> Played<usize> {
        let app = self.case.application();
        let patience = self.settings.timeout.max(LEAST_START);
        match self.target.connect(app, patience).await {
            Ok(connected) => {
                let name = step.connection.clone();
                let connection = Connection::new(name, self.case.role, connected);
                self.add_connection(connection);
                Ok(self.connections.len() - 1)
            }
            Err(error) => Err(self.not_connected(step, error)),
        }
    }

    async fn accept_tcp(&mut self, step: &Step) -> Played<()> {
        match self.target.accept_back(self.settings.timeout).await {
            Ok(connected) => {
                let connection = Connection::raw(step.connection.clone(), connected);
                self.connections.push(connection);
                Ok(())
            }
            Err(error) => {
                let violation = Violation {
                    requirement: "gateway.data-forwarded".into(),
                    expected: "a connection to the back end".into(),
                    observed: error.to_string(),
                    octets: Vec::new(),
                    may_be_echo: false,
                };
                self.blame(step, violation);
                Err(Stop::Violated)
            }
        }
    }

    async fn open(&mut self, step: &Step, negotiate: Option<&Negotiate>) -> Played<()> {
        let index = self.connect(step).await?;
        let agreement = match self.case.role {
            Role::Client => self.open_as_server(step, index, negotiate).await?,
            Role::Server | Role::Gateway => self.open_as_client(step, index, negotiate).await?,
        };
        if let Some(agreement) = agreement {
            if let Some(variable) = negotiate.and_then(|negotiate| negotiate.variable.as_ref()) {
                let datum = Datum::Agreement(Arc::new(agreement.clone()));
                self.environment.set(variable, datum);
            }
            self.connections[index].agree(agreement);
        }
        Ok(())
    }

    async fn open_as_client(
        &mut self,
        step: &Step,
        index: usize,
        negotiate: Option<&Negotiate>,
    ) -> Played<Option<Agreement>> {
        let deadline = self.deadline();
        let key = self.environment.random.octets(16);
        let offer = match negotiate {
            Some(negotiate) => Some(self.offer(negotiate)?),
            None => None,
        };
        let connection = &mut self.connections[index];
        connection.key = key_of(key.try_into().unwrap_or([0; 16]));
        let (authority, target) = &connection.address;
        let mut request = RequestSpec::opening(authority, target, &connection.key);
        let capability = negotiate.map(|negotiate| negotiate.capability.as_str());
        if let (Some(capability), Some(offer)) = (capability, &offer) {
            let separator = if offer.is_empty() { "" } else { "; " };
            let value = format!("{capability}{separator}{offer}");
            request.fields.append("Sec-WebSocket-Extensions", value);
        }
        let asked = Instant::now();
        connection.write(&request.encode(), deadline, &mut self.transcript).await;
        let head = self.head(step, index, deadline, "opening.server.status").await?;
        let connection = &mut self.connections[index];
        connection.round_trip = asked.elapsed();
        let wrong = judge_response(&head, connection, capability);
        self.hold(step, wrong, &head)?;
        let (Some(negotiate), Some(capability), Some(offer)) = (negotiate, capability, offer)
        else {
            return Ok(None);
        };
        let own_offer = negotiate.settings.iter().any(|setting| {
            matches!(setting, Argument::Set { name: Name::Word(name), .. }
                if name == "offer" || name == "sender")
        });
        match judge_answer(capability, &offer, head.extensions().as_ref()) {
            Answer::Declined => {
                Err(Stop::Skip(format!("the endpoint declines {capability} as it is offered here")))
            }
            Answer::Unusable(wrong) => {
                self.hold(step, wrong, &head)?;
                Err(Stop::Violated)
            }
            Answer::Accepted(agreement, wrong) => {
                self.hold(step, wrong, &head)?;
                if !own_offer && !agreement.is_symmetric() {
                    let sender = agreement.parameter("sender").unwrap_or_default();
                    return Err(Stop::Skip(format!(
                        "the endpoint narrows {capability} to sender={sender}"
                    )));
                }
                Ok(Some(agreement))
            }
        }
    }

    async fn open_as_server(
        &mut self,
        step: &Step,
        index: usize,
        negotiate: Option<&Negotiate>,
    ) -> Played<Option<Agreement>> {
        let deadline = self.deadline();
        let head = self.head(step, index, deadline, "opening.client.method").await?;
        let wrong = judge_request(&head, &self.connections[index]);
        self.hold(step, wrong, &head)?;
        self.note_key(index, &head);
        let mut response = ResponseSpec::switching(&accept_of(&self.connections[index].key));
        let mut agreement = None;
        if let Some(negotiate) = negotiate {
            let capability = &negotiate.capability;
            let offers = head.extensions().unwrap_or_default();
            if !offers.items.iter().any(|item| item.name == *capability) {
                return Err(Stop::Skip(format!("the endpoint does not offer {capability}")));
            }
            let sequence = self.sequence(negotiate)?;
            let parameters = agreed_parameters(capability, &offers);
            let agreed = Agreement::new(capability, sequence, parameters.clone());
            if !agreed.is_symmetric() {
                let sender = agreed.parameter("sender").unwrap_or_default();
                return Err(Stop::Skip(format!("the endpoint offers sender={sender} alone")));
            }
            let digits = hex::print(&sequence).replace(' ', "");
            let mut item = ExtensionItem::new(capability).with("control", Some(&digits));
            for (name, value) in &parameters {
                item = item.with(name, Some(value));
            }
            response.fields.append("Sec-WebSocket-Extensions", item.to_string());
            agreement = Some(agreed);
        }
        self.judge_waiting(step, index)?;
        let connection = &mut self.connections[index];
        connection.write(&response.encode(), deadline, &mut self.transcript).await;
        connection.read_frames();
        Ok(agreement)
    }

    /// Waits for a head; whatever else comes violates `requirement`.
    async fn head(
        &mut self,
        step: &Step,
        index: usize,
        deadline: Instant,
        requirement: &str,
    ) -> Played<HttpHead> {
        let expected = match self.case.role {
            Role::Client => "an HTTP request",
            _ => "an HTTP response",
        };
        let connection = &mut self.connections[index];
        let (observed, octets) = match connection.next(deadline, &mut self.transcript).await {
            Some(Arrival::Event(event)) if is_refusal(&event) => {
                self.doubtful = true;
                return Err(no_room(&event));
            }
            Some(Arrival::Event(Event::Head(head))) => return Ok(*head),
            Some(Arrival::Event(event)) => {
                self.doubtful = matches!(event, Event::End(_));
                (event.to_string(), event.octets())
            }
            Some(Arrival::Violation(violation)) => (violation.observed, violation.octets),
            None => {
                self.missed_deadline = true;
                let unfinished = connection.unfinished();
                ("nothing in time".to_owned(), unfinished.into_iter().collect())
            }
        };
        let target = Target::Requirement(requirement.to_owned());
        self.violated(step, &target, expected.to_owned(), observed, octets)?;
        Err(Stop::Violated)
    }

    /// Holds a handshake to what is wrong about it; stops unless all of that is recommended alone.
    fn hold(&mut self, step: &Step, wrong: Vec<Wrong>, head: &HttpHead) -> Played<()> {
        let mut stop = false;
        for wrong in wrong {
            stop |= !self.is_recommendation(wrong.requirement);
            let violation = Violation {
                requirement: wrong.requirement.to_owned(),
                expected: wrong.expected,
                observed: wrong.observed,
                octets: vec![Annotated::head(head)],
                may_be_echo: false,
            };
            self.blame(step, violation);
        }
        if stop { Err(Stop::Violated) } else { Ok(()) }
    }

    /// The parameters of an offer, `sender=both; burst=4096`.
    fn offer(&mut self, negotiate: &Negotiate) -> Played<String> {
        let mut parameters = Vec::new();
        for setting in &negotiate.settings {
            let Argument::Set { name: Name::Word(name), value, .. } = setting else { continue };
            match name.as_str() {
                "sequence" => {}
                "offer" => parameters.push(self.environment.value(value)?.text()?),
                name => {
                    let value = self.environment.value(value)?.text()?;
                    parameters.push(format!("{name}={value}"));
                }
            }
        }
        Ok(parameters.join("; "))
    }

    /// The sequence that the harness assigns: the one of the scenario, else a random one that
    /// follows the recommendation.
    fn sequence(&mut self, negotiate: &Negotiate) -> Played<[u8; 4]> {
        for setting in &negotiate.settings {
            if let Argument::Set { name: Name::Word(name), value, .. } = setting
                && name == "sequence"
            {
                let octets = self.environment.value(value)?.octets()?;
                return <[u8; 4]>::try_from(octets)
                    .map_err(|_| Stop::Inconclusive("a sequence has four octets".into()));
            }
        }
        let [first, second, third, fourth] = self.environment.random.four();
        Ok([0xF0 | first & 0x07, second & 0x7F, third, fourth & 0xF0])
    }

    async fn send(&mut self, step: &Step, items: &[Item], cut: &Cut) -> Played<()> {
        let index = self.connection(step)?;
        let deadline = self.deadline();
        let mut octets = Vec::new();
        let mut answers = false;
        let mut ends = false;
        for item in items {
            let encoded = encode(item, &mut self.connections[index], &mut self.environment)?;
            match encoded {
                Encoded::Octets(more) => octets.extend(more),
                Encoded::Response(more) => {
                    octets.extend(more);
                    answers = true;
                }
                Encoded::Close(more) => {
                    octets.extend(more);
                    self.connections[index].close_sent = true;
                }
                Encoded::End => ends = true,
            }
        }
        if answers {
            self.judge_waiting(step, index)?;
        }
        let began = Instant::now();
        let sizes = self.sizes(cut, octets.len())?;
        let connection = &mut self.connections[index];
        let mut rest = octets.as_slice();
        for (number, size) in sizes.into_iter().enumerate() {
            let (piece, behind) = rest.split_at(size.min(rest.len()));
            connection.write(piece, deadline, &mut self.transcript).await;
            rest = behind;
            // TCP tells nobody when a segment has been read, and joins what is written meanwhile:
            // without a pause a cut is none. An endpoint in this process needs its turn alone.
            match self.target.is_simulated() || number >= PIECES_APART || rest.is_empty() {
                true => tokio::task::yield_now().await,
                false => tokio::time::sleep(PIECE_PAUSE).await,
            }
        }
        if answers {
            connection.read_frames();
        }
        if ends {
            connection.shut_down(deadline, &mut self.transcript).await;
        }
        connection.round_trip = connection.round_trip.max(began.elapsed());
        Ok(())
    }

    fn sizes(&mut self, cut: &Cut, length: usize) -> Played<Vec<usize>> {
        let octets = match cut {
            Cut::OneWrite => false,
            Cut::Octets => true,
            Cut::Variable(name) => self.environment.variable(name, None)?.text()? == "octets",
            Cut::Sizes(sizes) => {
                let mut pieces: Vec<usize> =
                    sizes.iter().map(|size| usize::try_from(*size).unwrap_or(length)).collect();
                pieces.push(length);
                return Ok(pieces);
            }
        };
        Ok(if octets { vec![1; length] } else { vec![length] })
    }

    /// A client sends nothing behind its request before it has read the answer.
    fn judge_waiting(&mut self, step: &Step, index: usize) -> Played<()> {
        let connection = &mut self.connections[index];
        if connection.held(&mut self.transcript).is_empty() {
            return Ok(());
        }
        let octets = connection.unfinished().into_iter().collect();
        let target = Target::Requirement("opening.client.waits".into());
        let observed = "octets behind the request, before its answer".to_owned();
        self.violated(step, &target, "nothing before the answer".to_owned(), observed, octets)
    }

    /// Remembers the key that an answer has to fit.
    pub(super) fn note_key(&mut self, index: usize, head: &HttpHead) {
        if let Some(key) = head.field_values("Sec-WebSocket-Key").first() {
            self.connections[index].key = (*key).to_owned();
        }
    }
}

/// How many pieces of a `send` are kept apart on a socket, and by which pause.
const PIECES_APART: usize = 16;
const PIECE_PAUSE: Duration = Duration::from_millis(2);
/// The least time that a client under test gets to start and connect.
pub(crate) const LEAST_START: Duration = Duration::from_secs(5);
