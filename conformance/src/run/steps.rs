//! The steps of a scenario but the expectations.

use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::scenario::{Action, Cut, Item, Step, Target, Value, Verb};

use super::case::{Played, Running, Stop};
use super::connection::Connection;
use super::datum::Datum;
use super::encode::{Encoded, encode};
use super::outgoing::Outgoing;
use super::standing::Violation;
use crate::wire::{Annotated, HttpHead};

impl Running<'_> {
    pub(super) async fn step(&mut self, step: &Step) -> Played<()> {
        match &step.action {
            Action::Open(offers) => self.open(step, offers).await,
            Action::Connect => self.connect(step).await.map(drop),
            Action::AcceptTcp => self.accept_tcp(step).await,
            Action::Send { items, cut } => self.send(step, items, cut).await,
            Action::Hold => {
                let index = self.connection(step)?;
                self.connections[index].hold();
                Ok(())
            }
            Action::Setup { by, offers } => self.set_up(step, by, offers).await,
            Action::Agree(accepted) => self.agree(step, accepted),
            Action::Expect { outcomes, alternatives, within } => {
                self.expect(step, outcomes, alternatives, *within).await
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
            Action::Wait { milliseconds } => self.wait(step, *milliseconds).await,
            Action::Measure { since, milliseconds, bounds } => {
                self.measure(step, since.as_deref(), *milliseconds, bounds).await
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

    pub(super) async fn connect(&mut self, step: &Step) -> Played<usize> {
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

    async fn send(&mut self, step: &Step, items: &[Item], cut: &Cut) -> Played<()> {
        let index = self.connection(step)?;
        let mut outgoing = Outgoing::default();
        let mut answers = false;
        let mut ends = false;
        for (number, item) in
            each(step).flat_map(|number| items.iter().map(move |item| (number, item)))
        {
            self.set_each(step, number);
            if item.verb == Verb::Request && !self.connections[index].read_next_head() {
                let why = "the answer to the first request does not tell where its body ends";
                return Err(Stop::Skip(why.into()));
            }
            let encoded = encode(item, &mut self.connections[index], &mut self.environment)?;
            match encoded {
                Encoded::Octets(more) => outgoing.push(more),
                Encoded::Message(more) => outgoing.append(more),
                Encoded::Response(more) => {
                    outgoing.push(more);
                    answers = true;
                }
                Encoded::Close(more) => {
                    outgoing.push(more);
                    self.connections[index].close_sent = true;
                }
                Encoded::End => ends = true,
            }
        }
        if answers {
            self.judge_waiting(step, index)?;
        }
        self.forget_each(step);
        let began = Instant::now();
        let deadline = self.deadline() + time_for(outgoing.length());
        let sizes = self.sizes(cut)?;
        let connection = &mut self.connections[index];
        let most = usize::try_from(outgoing.length()).unwrap_or(usize::MAX);
        for (number, size) in sizes.enumerate() {
            let long = outgoing.length() > WRITTEN_AT_ONCE as u64;
            if outgoing.length() == 0 || (long && connection.is_over(&mut self.transcript)) {
                break;
            }
            let mut left = size.min(most);
            while left > 0 && outgoing.length() > 0 {
                let part = outgoing.take(left.min(WRITTEN_AT_ONCE));
                left -= part.len();
                connection.write(&part, deadline, &mut self.transcript).await;
            }
            // TCP tells nobody when a segment has been read, and joins what is written meanwhile:
            // without a pause a cut is none. An endpoint in this process needs its turn alone.
            match self.target.is_simulated() || number >= PIECES_APART || outgoing.length() == 0 {
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
        self.catch_up(index, deadline).await;
        Ok(())
    }

    /// The sizes of the pieces: some, then one over and over.
    fn sizes(&mut self, cut: &Cut) -> Played<impl Iterator<Item = usize> + use<>> {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (some, then) = match cut {
            Cut::OneWrite => (Vec::new(), usize::MAX),
            Cut::Octets => (Vec::new(), 1),
            Cut::Sizes(sizes) => (sizes.iter().copied().map(size).collect(), usize::MAX),
            Cut::Pieces(value) => (Vec::new(), size(self.environment.value(value)?.number()?)),
            Cut::Variable(name) => match self.environment.variable(name, None)? {
                Datum::Number(first) => (vec![size(first)], usize::MAX),
                word if word.text()? == "octets" => (Vec::new(), 1),
                _ => (Vec::new(), usize::MAX),
            },
        };
        Ok(some.into_iter().chain(std::iter::repeat(then.max(1))))
    }

    /// Sets the number that a step is done for.
    pub(super) fn set_each(&mut self, step: &Step, number: u64) {
        if let Some(each) = &step.each {
            self.environment.set(&each.variable, Datum::Number(number));
        }
    }

    /// The step is done.
    pub(super) fn forget_each(&mut self, step: &Step) {
        if let Some(each) = &step.each {
            self.environment.forget(&each.variable);
        }
    }

    /// A client sends nothing behind its request before it has read the answer.
    pub(super) fn judge_waiting(&mut self, step: &Step, index: usize) -> Played<()> {
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

/// The numbers that a step is done for: one that nobody sees where there are none.
pub(super) fn each(step: &Step) -> std::ops::RangeInclusive<u64> {
    step.each.as_ref().map_or(0..=0, |each| each.range.0..=each.range.1)
}

/// How much longer something may take that moves so many octets: a second for each MiB.
pub(super) fn time_for(octets: u64) -> Duration {
    Duration::from_millis(octets.saturating_mul(1000) >> 20)
}

/// Octets that are handed to the stream at once.
const WRITTEN_AT_ONCE: usize = 256 << 10;
/// How many pieces of a `send` are kept apart on a socket, and by which pause.
const PIECES_APART: usize = 16;
const PIECE_PAUSE: Duration = Duration::from_millis(2);
/// The least time that a client under test gets to start and connect.
pub(crate) const LEAST_START: Duration = Duration::from_secs(5);
