//! The expectation that an endpoint fails the connection (chapter "Base framing").

use tokio::time::Instant;
use wsconform_spec::scenario::{Outcome, Step, Target};

use super::blame::target_of;
use super::case::{Played, Running, Stop};
use super::connection::Arrival;
use super::encode::values;
use super::event::Event;
use super::nudge::Nudges;
use crate::wire::Opcode;

impl Running<'_> {
    /// Waits for a Close and the end of the stream, or the end alone. An endpoint that has not
    /// reacted after its own measured round trip is probed: its answer to the probe shows that it
    /// goes on. The probe is not sent earlier, for octets that are unread when an endpoint closes
    /// become a reset, which may destroy its Close frame on the way.
    pub(super) async fn expect_fail(
        &mut self,
        step: &Step,
        index: usize,
        outcome: &Outcome,
        alternatives: &[Outcome],
        deadline: Instant,
    ) -> Played<()> {
        let target = target_of(outcome, self.case.role);
        let expected = self.describe_all(&[outcome]);
        let codes = match values(&outcome.item).next() {
            Some(value) => Some(self.environment.value(value)?),
            None => None,
        };
        let mut nudges = Nudges::new(self.case.role, self.reaction_time(index));
        let mut pong = None;
        let freedom = self.freedom([]);
        if self.connections[index].has_ended() {
            return Ok(()); // an observation has seen it
        }
        loop {
            let until = nudges.next(deadline);
            let arrival = self.connections[index].next(until, &mut self.transcript).await;
            let event = match arrival {
                Some(Arrival::Event(event)) => Some(event),
                Some(Arrival::Violation(violation)) if violation.may_be_echo => {
                    let observed = format!("it goes on: {}", violation.observed);
                    return self.violated(step, &target, expected, observed, violation.octets);
                }
                Some(Arrival::Violation(violation)) => {
                    self.blame(step, violation);
                    return Err(Stop::Violated);
                }
                None => None,
            };
            let Some(event) = event else {
                if self.nudge(index, &mut nudges, deadline).await {
                    continue;
                }
                self.missed_deadline = true;
                let observed = "nothing in time: the connection stays open".to_owned();
                return self.violated(step, &target, expected, observed, Vec::new());
            };
            match &event {
                Event::End(ending) if !ending.flood => {
                    let closed = self.connections[index].close_received;
                    if let Some(codes) = codes.filter(|_| !closed) {
                        let expected = format!("a Close {codes} before the end");
                        self.recommend(step, "failing.close-frame", expected, &event);
                    }
                    return Ok(());
                }
                Event::Native(frame) if frame.opcode == Opcode::CLOSE => {
                    let code = frame.close_code().map_or(1005, u64::from);
                    if let Some(codes) = codes.filter(|codes| !codes.admits(code)) {
                        self.recommend(step, "failing.code", format!("close {codes}"), &event);
                    }
                    return self.failed(step, index, deadline).await;
                }
                event if nudges.is_answered_by(event) => {
                    let observed = match &pong {
                        Some(pong) => format!("it goes on: {pong}, then {event} to a later ping"),
                        None => format!("it goes on: {event}, the answer to a later ping"),
                    };
                    // Without a sign that it took what came, it may have thrown it away.
                    return match alternatives.first() {
                        Some(nothing) if pong.is_none() => {
                            let outcome = [outcome];
                            self.instead(step, nothing, &outcome, event)
                        }
                        _ => self.violated(step, &target, expected, observed, event.octets()),
                    };
                }
                Event::Native(frame) if frame.opcode == Opcode::PONG => {
                    pong = Some(event.to_string());
                }
                event if self.pass_over(index, event, freedom, deadline).await => {}
                event => {
                    let observed = format!("it goes on: {event}");
                    return self.violated(step, &target, expected, observed, event.octets());
                }
            }
        }
    }

    /// After the Close of a failure: the stream has to end.
    async fn failed(&mut self, step: &Step, index: usize, deadline: Instant) -> Played<()> {
        self.answer_close(index, deadline).await;
        match self.next_event(step, index, deadline).await? {
            Some(Event::End(ending)) if !ending.flood => Ok(()),
            event => {
                self.missed_deadline = event.is_none();
                let observed = match &event {
                    Some(event) => event.to_string(),
                    None => "nothing in time: the connection stays open".to_owned(),
                };
                let target = Target::Requirement("failing.ends".into());
                let expected = "the end of the stream after the Close".to_owned();
                self.violated(step, &target, expected, observed, Vec::new())
            }
        }
    }
}
