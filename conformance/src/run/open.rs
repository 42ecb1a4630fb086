//! The step `open`: a whole opening handshake, dialled or accepted, and what it negotiates.

use std::sync::Arc;

use tokio::time::Instant;
use wsconform_spec::scenario::{Negotiate, Role, Step, Target};

use super::agreement::{Agreement, Answer, OPENING, Sequence, Wrong, accept, judge_answer};
use super::bootstrap::{self, judge_bootstrap};
use super::case::{Played, Running, Stop};
use super::connection::Arrival;
use super::datum::Datum;
use super::event::Event;
use super::expect::{is_refusal, no_room};
use super::opening::{judge_request, judge_response};
use super::sequences::{free, judge_sequences};
use super::standing::Violation;
use super::wish::{Wish, offers};
use crate::wire::{
    Annotated, ExtensionList, HttpHead, RequestSpec, ResponseSpec, accept_of, key_of,
};

impl Running<'_> {
    pub(super) async fn open(&mut self, step: &Step, offers: &[Negotiate]) -> Played<()> {
        let index = self.connect(step).await?;
        let wishes = self.wishes(offers)?;
        let agreements = match self.case.role {
            Role::Client => self.open_as_server(step, index, &wishes).await?,
            Role::Server | Role::Gateway => self.open_as_client(step, index, &wishes).await?,
        };
        for (wish, agreement) in wishes.iter().zip(agreements) {
            let agreement = Arc::new(agreement);
            self.bind(wish, &agreement);
            self.connections[index].agree(agreement);
        }
        self.connections[index].read_frames();
        Ok(())
    }

    /// Names what was agreed.
    pub(super) fn bind(&mut self, wish: &Wish, agreement: &Arc<Agreement>) {
        if let Some(variable) = &wish.variable {
            self.environment.set(variable, Datum::Agreement(Arc::clone(agreement)));
        }
    }

    /// What was agreed on each of the wishes.
    async fn open_as_client(
        &mut self,
        step: &Step,
        index: usize,
        wishes: &[Wish],
    ) -> Played<Vec<Agreement>> {
        let deadline = self.deadline();
        let key = self.environment.random.octets(16);
        let by_field: Vec<&Wish> = wishes.iter().filter(|wish| wish.bootstrap.is_none()).collect();
        let offers = offers(by_field.iter().copied());
        let mut subprotocol = None;
        for wish in wishes {
            if let Some(bootstrap) = &wish.bootstrap {
                let sequence = self.assign(wish, &[]);
                subprotocol = Some((bootstrap.subprotocol(sequence), sequence));
            }
        }
        let offered = subprotocol.as_ref().map(|(name, _)| name.as_str());
        let connection = &mut self.connections[index];
        connection.key = key_of(key.try_into().unwrap_or([0; 16]));
        let (authority, target) = &connection.address;
        let mut request = RequestSpec::opening(authority, target, &connection.key);
        if !offers.is_empty() {
            request.fields.append("Sec-WebSocket-Extensions", &offers);
        }
        if let Some(offered) = offered {
            request.fields.append("Sec-WebSocket-Protocol", offered);
        }
        let asked = Instant::now();
        connection.write(&request.encode(), deadline, &mut self.transcript).await;
        let head = self.head(step, index, deadline, "opening.server.status").await?;
        let connection = &mut self.connections[index];
        connection.round_trip = asked.elapsed();
        let capabilities: Vec<&str> =
            by_field.iter().map(|wish| wish.capability.as_str()).collect();
        let mut wrong = judge_response(&head, connection, &capabilities, offered);
        let selected = head.field_values("Sec-WebSocket-Protocol");
        let bootstrapped = subprotocol.as_ref().filter(|(name, _)| selected == [name.as_str()]);
        let (offers, answer) = (ExtensionList::read(&offers), head.extensions());
        let mut answers = Vec::new();
        for wish in wishes {
            let found = match (&wish.bootstrap, bootstrapped) {
                (Some(_), None) => Answer::Declined,
                (Some(_), Some((_, sequence))) => {
                    Answer::Accepted(bootstrap::agreement(*sequence), Vec::new())
                }
                (None, _) => judge_answer(&OPENING, &wish.capability, &offers, answer.as_ref()),
            };
            if let Answer::Accepted(_, more) | Answer::Unusable(more) = &found {
                wrong.extend(more.iter().cloned());
            }
            answers.push(found);
        }
        let chosen: Vec<Sequence> = bootstrapped.iter().map(|(_, sequence)| *sequence).collect();
        let assigned: Vec<Sequence> = wishes
            .iter()
            .zip(&answers)
            .filter_map(|(wish, answer)| match answer {
                Answer::Accepted(agreement, _) if wish.bootstrap.is_none() => {
                    Some(agreement.sequence)
                }
                _ => None,
            })
            .collect();
        wrong.extend(judge_sequences(&OPENING, &chosen, &assigned));
        self.hold(step, wrong, vec![Annotated::head(&head)])?;
        let mut agreements = Vec::new();
        for (wish, answer) in wishes.iter().zip(answers) {
            match answer {
                Answer::Accepted(agreement, _) => match wish.disappointed(&agreement) {
                    Some(why) => return Err(Stop::Skip(why)),
                    None => agreements.push(agreement),
                },
                Answer::Declined | Answer::Unusable(_) => {
                    let capability = &wish.capability;
                    return Err(Stop::Skip(format!(
                        "the endpoint declines {capability} as it is offered here"
                    )));
                }
            }
        }
        Ok(agreements)
    }

    /// What the harness agrees on for each of the wishes.
    async fn open_as_server(
        &mut self,
        step: &Step,
        index: usize,
        wishes: &[Wish],
    ) -> Played<Vec<Agreement>> {
        let deadline = self.deadline();
        let head = self.head(step, index, deadline, "opening.client.method").await?;
        let wrong = judge_request(&head, &self.connections[index]);
        self.hold(step, wrong, vec![Annotated::head(&head)])?;
        self.note_key(index, &head);
        let mut response = ResponseSpec::switching(&accept_of(&self.connections[index].key));
        let offers = head.extensions().unwrap_or_default();
        let mut agreements: Vec<Agreement> = Vec::new();
        let mut items = Vec::new();
        for wish in wishes {
            if let Some(bootstrap) = &wish.bootstrap {
                self.hold(step, judge_bootstrap(&head), vec![Annotated::head(&head)])?;
                let Some((subprotocol, sequence)) = bootstrap.find(&head) else {
                    let why = "the endpoint offers no such subprotocol";
                    return Err(Stop::Skip(why.into()));
                };
                response.fields.append("Sec-WebSocket-Protocol", subprotocol);
                agreements.push(bootstrap::agreement(sequence));
                continue;
            }
            let taken: Vec<Sequence> = agreements.iter().map(|one| one.sequence).collect();
            let sequence = self.assign(wish, &taken);
            let agreement =
                accept(&wish.capability, sequence, &wish.asked, &offers).map_err(Stop::Skip)?;
            items.push(agreement.item());
            agreements.push(agreement);
        }
        if !items.is_empty() {
            let answer = ExtensionList { items, ..ExtensionList::default() };
            response.fields.append("Sec-WebSocket-Extensions", answer.to_string());
        }
        self.judge_waiting(step, index)?;
        let connection = &mut self.connections[index];
        connection.write(&response.encode(), deadline, &mut self.transcript).await;
        Ok(agreements)
    }

    /// The sequence that the harness assigns: the one of the scenario, else the next free one, and
    /// a random one that follows the recommendation if it is the first.
    fn assign(&mut self, wish: &Wish, taken: &[Sequence]) -> Sequence {
        let next = taken.first().and_then(|first| free(*first, taken).next());
        wish.sequence.or(next).unwrap_or_else(|| {
            let [first, second, third, fourth] = self.environment.random.four();
            [0xF0 | first & 0x07, second & 0x7F, third, fourth & 0xF0]
        })
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

    /// Holds a negotiation to what is wrong about it; stops unless all of that is recommended alone.
    pub(super) fn hold(
        &mut self,
        step: &Step,
        wrong: Vec<Wrong>,
        octets: Vec<Annotated>,
    ) -> Played<()> {
        let mut stop = false;
        for wrong in wrong {
            stop |= !self.is_recommendation(wrong.requirement);
            let violation = Violation {
                requirement: wrong.requirement.to_owned(),
                expected: wrong.expected,
                observed: wrong.observed,
                octets: octets.clone(),
                may_be_echo: false,
            };
            self.blame(step, violation);
        }
        if stop { Err(Stop::Violated) } else { Ok(()) }
    }
}
