//! Expectations and observations: what comes next, and what it may be instead.

use std::time::Duration;

use tokio::time::Instant;
use wsconform_spec::scenario::{Item, Outcome, Step, Target, Verb};

use super::blame::target_of;
use super::case::{Played, Running, Stop};
use super::connection::Arrival;
use super::encode::values;
use super::event::{Class, Event, Message};
use super::matching::{describe, difference, length, matches};
use super::nudge::Nudges;
use super::standing::Violation;
use super::steps::{each, time_for};
use super::time::QUIET;
use crate::wire::{Annotated, Opcode, hex};

/// The least time that an endpoint gets to react before it is probed. One that reacts is never
/// probed, so this costs time with those that do not.
const LEAST_REACTION: Duration = Duration::from_millis(100);

impl Running<'_> {
    pub(super) async fn expect(
        &mut self,
        step: &Step,
        outcomes: &[Outcome],
        alternatives: &[Outcome],
        within: Option<u64>,
    ) -> Played<()> {
        let index = self.connection(step)?;
        for number in each(step) {
            self.set_each(step, number);
            let patience = Duration::from_millis(within.unwrap_or(0)).max(self.settings.timeout);
            let octets =
                outcomes.iter().map(|outcome| length(&outcome.item, &mut self.environment));
            let deadline = Instant::now() + patience + time_for(octets.sum());
            self.expect_once(step, index, outcomes, alternatives, deadline).await?;
        }
        self.forget_each(step);
        Ok(())
    }

    async fn expect_once(
        &mut self,
        step: &Step,
        index: usize,
        outcomes: &[Outcome],
        alternatives: &[Outcome],
        deadline: Instant,
    ) -> Played<()> {
        if let [outcome] = outcomes {
            match outcome.item.verb {
                Verb::Fail => {
                    return self.expect_fail(step, index, outcome, alternatives, deadline).await;
                }
                Verb::Nothing => return self.expect_nothing(step, index, outcome).await,
                Verb::Silence => return self.expect_silence(step, index, outcome).await,
                Verb::Raw => {
                    return self.expect_raw(step, index, outcome, alternatives, deadline).await;
                }
                _ => {}
            }
        }
        self.expect_events(step, index, outcomes, alternatives, deadline).await
    }

    async fn expect_events(
        &mut self,
        step: &Step,
        index: usize,
        outcomes: &[Outcome],
        alternatives: &[Outcome],
        deadline: Instant,
    ) -> Played<()> {
        let mut remaining: Vec<&Outcome> = outcomes.iter().collect();
        let all = outcomes.iter().chain(alternatives);
        let freedom = self.freedom(all.map(|outcome| outcome.item.verb));
        let mut unasked: Option<(&Outcome, Event)> = None;
        let mut passed_over = 0;
        let mut nudges = Nudges::none();
        if freedom.close {
            self.end_half_as_server(index, deadline).await;
            // Who has to send something else, and may end instead, ends of its own accord or not at all.
            if outcomes.iter().any(|outcome| matches!(outcome.item.verb, Verb::Close | Verb::End)) {
                nudges = Nudges::for_client(self.case.role, self.reaction_time(index));
            }
        }
        while !remaining.is_empty() {
            let until = nudges.next(deadline);
            let Some(event) = self.next_event(step, index, until).await? else {
                if self.nudge(index, &mut nudges, deadline).await {
                    continue;
                }
                if let Some((alternative, event)) = unasked {
                    self.missed_deadline = true;
                    return self.instead(step, alternative, &remaining, &event);
                }
                return self.missed(step, index, &remaining, passed_over);
            };
            if let Some(position) = self.position(&remaining, &event)? {
                self.anchor(index, &remaining[position].item, &event);
                self.stray_escape(step, &event, true)?;
                self.taken(index, &event);
                remaining.remove(position);
                continue;
            }
            if let Some(alternative) = self.alternative(alternatives, &event)? {
                self.anchor(index, &alternative.item, &event);
                self.taken(index, &event);
                self.doubtful = is_refusal(&event);
                if is_pong(&event) {
                    // It may be one that nobody asked for: the right one may still come.
                    unasked.get_or_insert((alternative, event));
                    continue;
                }
                return self.instead(step, alternative, &remaining, &event);
            }
            if !nudges.is_answered_by(&event)
                && self.pass_over(index, &event, freedom, deadline).await
            {
                passed_over += 1;
                continue;
            }
            return self.mismatch(step, index, &remaining, event, deadline).await;
        }
        Ok(())
    }

    /// The outcome that the event is.
    fn position(&mut self, remaining: &[&Outcome], event: &Event) -> Played<Option<usize>> {
        for (position, outcome) in remaining.iter().enumerate() {
            if matches(&outcome.item, event, &mut self.environment)? {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    fn alternative<'o>(
        &mut self,
        alternatives: &'o [Outcome],
        event: &Event,
    ) -> Played<Option<&'o Outcome>> {
        for alternative in alternatives {
            if matches(&alternative.item, event, &mut self.environment)? {
                return Ok(Some(alternative));
            }
        }
        Ok(None)
    }

    /// Something came instead of what was expected: as good, or a violation of its own.
    pub(super) fn instead(
        &mut self,
        step: &Step,
        alternative: &Outcome,
        remaining: &[&Outcome],
        event: &Event,
    ) -> Played<()> {
        let Some(target) = &alternative.target else {
            return match event {
                Event::End(_) => Err(Stop::Ended),
                _ => Ok(()),
            };
        };
        let requirement = self.requirement(target)?;
        let recommended = self.is_recommendation(&requirement);
        let expected = self.describe_all(remaining);
        let stop = self.violated(step, target, expected, event.to_string(), event.octets());
        if recommended { Ok(()) } else { stop }
    }

    async fn mismatch(
        &mut self,
        step: &Step,
        index: usize,
        remaining: &[&Outcome],
        event: Event,
        deadline: Instant,
    ) -> Played<()> {
        self.doubtful |= matches!(event, Event::End(_)) || is_refusal(&event);
        if is_refusal(&event) {
            return Err(no_room(&event));
        }
        self.beyond_limit(step, &event)?;
        let Some(blamed) = blamed(remaining, &event) else { return Err(Stop::Violated) };
        let target = target_of(blamed, self.case.role);
        let expected = self.describe_all(remaining);
        let mut octets = event.octets();
        if let Event::Message(Message { class: Class::Escape(_), .. }) = &event
            && let Some(behind) = self.next_event(step, index, deadline).await?
        {
            // What the escape was for decides whether it or the data behind it is wrong.
            let expected_now = self.position(remaining, &behind)?.is_some();
            self.stray_escape(step, &behind, expected_now)?;
            octets.extend(behind.octets());
            let observed = format!("{event}, then {behind}");
            return self.violated(step, &target, expected, observed, octets);
        }
        if matches!(&event, Event::Message(message) if message.stray_escape.is_some()) {
            // Something got between an escape and its data if that comes now; else it never comes.
            let until = deadline.min(Instant::now() + self.reaction_time(index).max(QUIET));
            let behind = self.next_event(step, index, until).await?;
            if let Some(behind) = behind
                && self.position(remaining, &behind)?.is_some()
            {
                self.stray_escape(step, &event, false)?;
            }
        }
        if let Event::Message(message) = &event
            && matches!(message.class, Class::Control { .. })
            && !self.expects_the_sequence(remaining, message)
        {
            let target = Target::Requirement("message.sent".into());
            let expected = "control messages of an assigned type, with a body that fits".to_owned();
            return self.violated(step, &target, expected, event.to_string(), octets);
        }
        let mut observed = event.to_string();
        if let Some(difference) = difference(&blamed.item, &event, &mut self.environment) {
            observed = format!("{observed}; {difference}");
        }
        self.violated(step, &target, expected, observed, octets)
    }

    /// An escape before data that does not begin with its sequence.
    fn stray_escape(&mut self, step: &Step, event: &Event, expected: bool) -> Played<()> {
        let Event::Message(message) = event else { return Ok(()) };
        let Some(sequence) = message.stray_escape else { return Ok(()) };
        let sequence = hex::print(&sequence);
        let (requirement, wanted) = match expected {
            true => ("escape.sender.only-then", "no escape before this".to_owned()),
            false => ("escape.sender.adjacent", format!("data that begins with {sequence} next")),
        };
        let observed = format!("escape {sequence}, then {event}");
        let target = Target::Requirement(requirement.into());
        self.violated(step, &target, wanted, observed, event.octets())
    }

    /// Whether one of the outcomes is a message that begins as `message` does: then a bare control
    /// message is data that was not escaped.
    fn expects_the_sequence(&mut self, remaining: &[&Outcome], message: &Message) -> bool {
        remaining.iter().any(|outcome| {
            let values = values(&outcome.item);
            let data = matches!(outcome.item.verb, Verb::Binary | Verb::Escape | Verb::Message);
            data && self
                .environment
                .octets(values)
                .is_ok_and(|octets| octets.get(..4) == message.payload.get(..4))
        })
    }

    /// Nothing came in time.
    fn missed(
        &mut self,
        step: &Step,
        index: usize,
        remaining: &[&Outcome],
        passed_over: usize,
    ) -> Played<()> {
        self.missed_deadline = true;
        let Some(first) = remaining.first() else { return Ok(()) };
        let target = target_of(first, self.case.role);
        let expected = self.describe_all(remaining);
        let unfinished = self.connections[index].unfinished();
        let observed = match (&unfinished, passed_over) {
            (Some(_), _) => "something that does not end in time".to_owned(),
            (None, 0) => "nothing in time".to_owned(),
            (None, count) => format!("nothing in time but {count} Pings, Pongs and the like"),
        };
        self.violated(step, &target, expected, observed, unfinished.into_iter().collect())
    }

    pub(super) fn describe_all(&mut self, outcomes: &[&Outcome]) -> String {
        let all: Vec<String> =
            outcomes.iter().map(|outcome| describe(&outcome.item, &mut self.environment)).collect();
        all.join(", and ")
    }

    /// The next event, or `None` at the deadline. A frame that violates a standing rule ends the
    /// case.
    pub(super) async fn next_event(
        &mut self,
        step: &Step,
        index: usize,
        deadline: Instant,
    ) -> Played<Option<Event>> {
        match self.connections[index].next(deadline, &mut self.transcript).await {
            None => Ok(None),
            Some(Arrival::Event(event)) => {
                if matches!(&event, Event::Message(message) if message.begins_short) {
                    let expected = "the first four octets in the first frame".to_owned();
                    self.recommend(step, "escape.sender.first-frame", expected, &event);
                }
                Ok(Some(event))
            }
            Some(Arrival::Violation(violation)) => {
                self.blame(step, violation);
                Err(Stop::Violated)
            }
        }
    }

    /// Remembers what an event that was expected means for the connection.
    fn taken(&mut self, index: usize, event: &Event) {
        match event {
            Event::Native(frame) if frame.opcode == Opcode::CLOSE => {
                self.connections[index].close_received = true;
            }
            Event::Head(head) => self.note_key(index, head),
            Event::Message(Message { class: Class::Control { agreement, octets }, .. }) => {
                self.connections[index].turns.received(agreement, octets);
            }
            _ => {}
        }
    }

    /// How long the endpoint needs to react, going by its own round trip.
    pub(super) fn reaction_time(&self, index: usize) -> Duration {
        (self.connections[index].round_trip * 4).max(LEAST_REACTION).min(self.settings.timeout / 2)
    }

    /// What a gateway sends to its back end, as far as the expected octets reach.
    async fn expect_raw(
        &mut self,
        step: &Step,
        index: usize,
        outcome: &Outcome,
        alternatives: &[Outcome],
        deadline: Instant,
    ) -> Played<()> {
        let wanted = self.environment.octets(values(&outcome.item))?;
        let mut target = target_of(outcome, self.case.role);
        loop {
            let found = &self.connections[index].raw;
            let common =
                found.iter().zip(&wanted).take_while(|(left, right)| left == right).count();
            if common == wanted.len() {
                self.connections[index].raw.drain(..common);
                return Ok(());
            }
            let differs = common < found.len();
            if !differs && self.connections[index].read_more(deadline, &mut self.transcript).await {
                continue;
            }
            self.missed_deadline = !differs;
            let found = std::mem::take(&mut self.connections[index].raw);
            for alternative in alternatives {
                let instead = self.environment.octets(values(&alternative.item))?;
                if differs && found.starts_with(&instead) {
                    target = target_of(alternative, self.case.role);
                }
            }
            let expected = hex::excerpt(&wanted, wanted.len() as u64);
            let observed = match found.as_slice() {
                [] => "nothing in time".to_owned(),
                found => hex::excerpt(found, found.len() as u64),
            };
            let octets = vec![Annotated::octets(0, &found, "what came to the back end")];
            return self.violated(step, &target, expected, observed, octets);
        }
    }

    pub(super) async fn observe(
        &mut self,
        step: &Step,
        name: &str,
        choices: &[(Item, String)],
    ) -> Played<()> {
        let index = self.connection(step)?;
        let silence = choices.iter().find(|(item, _)| item.verb == Verb::Silence);
        let deadline = match silence {
            Some(_) => Instant::now() + self.reaction_time(index).max(QUIET),
            None => self.deadline(),
        };
        let mut freedom = self.freedom(choices.iter().map(|(item, _)| item.verb));
        freedom.close = false;
        let observed = loop {
            let Some(event) = self.next_event(step, index, deadline).await? else {
                break match silence {
                    Some((_, called)) => called.clone(),
                    None => "nothing more".to_owned(),
                };
            };
            let mut found = None;
            for (item, called) in choices {
                if found.is_none() && matches(item, &event, &mut self.environment)? {
                    found = Some(called.clone());
                }
            }
            if let Some(called) = found {
                self.taken(index, &event);
                break called;
            }
            if !self.pass_over(index, &event, freedom, deadline).await {
                break format!("something else: {event}");
            }
        };
        self.observations.insert(name.to_owned(), observed);
        Ok(())
    }

    /// Records a recommendation that was not followed; the case goes on.
    pub(super) fn recommend(
        &mut self,
        step: &Step,
        requirement: &str,
        expected: String,
        observed: &Event,
    ) {
        let violation = Violation {
            requirement: requirement.to_owned(),
            expected,
            observed: observed.to_string(),
            octets: observed.octets(),
            may_be_echo: false,
        };
        self.blame(step, violation);
    }
}

/// Whether a server answered that it cannot serve just now, which it may (RFC 6455, 4.2.2;
/// RFC 9110, 15.6.4; RFC 6585, 4).
pub(super) fn is_refusal(event: &Event) -> bool {
    matches!(event, Event::Head(head) if matches!(head.status(), Some(503 | 429)))
}

/// Nothing can be said about a server that has no room.
pub(super) fn no_room(event: &Event) -> Stop {
    Stop::Inconclusive(format!(
        "the server has no room just now ({event}): run again with --jobs 1"
    ))
}

fn is_pong(event: &Event) -> bool {
    matches!(event, Event::Native(frame) if frame.opcode == Opcode::PONG)
}

/// Of several outcomes that have not come, the one that the event was sent in place of: of the
/// same family if there is one.
fn blamed<'o>(remaining: &[&'o Outcome], event: &Event) -> Option<&'o Outcome> {
    let message = matches!(event, Event::Message(_));
    let same = remaining.iter().find(|outcome| {
        let data = matches!(
            outcome.item.verb,
            Verb::Text | Verb::Binary | Verb::Message | Verb::Escape | Verb::Control
        );
        data == message
    });
    same.or(remaining.first()).copied()
}
