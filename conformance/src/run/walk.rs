//! Takes a walk to an endpoint: the steps that are drawn, or those of an earlier walk with some left
//! out.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use wsconform_spec::scenario::{
    Argument, Item, Name, Negotiate, Outcome, Role, Step as ScenarioStep, Target, Value, Verb,
};

use super::agreement::Agreement;
use super::blame::blame;
use super::case::{Played, Running, Stop};
use super::connection::Arrival;
use super::event::{Class, Event, Message};
use super::freedom::Freedom;
use super::standing::Violation;
use super::transcript::Transcript;
use crate::report::Blame;
use crate::walk::{Drawer, Follow, Judge, Machines, Opening, Rule, Step, Told, Wrong};
use crate::wire::{Annotated, FrameSpec, Opcode};

/// How often a walk that found something is taken again with steps left out.
const MOST_ATTEMPTS: usize = 100;
/// The same, where each attempt costs a deadline.
const MOST_SLOW_ATTEMPTS: usize = 8;
/// The pause between pieces of a write on a socket, which TCP would join.
const PIECE_PAUSE: Duration = Duration::from_millis(2);

/// A step, and whether an echo is asked for behind it.
type Planned = (Step, bool);

/// Where the steps come from.
enum Script<'s> {
    Drawn(&'s mut Drawer),
    Again(std::slice::Iter<'s, Planned>),
}

/// A walk in progress.
struct Walk<'m> {
    judge: Judge<'m>,
    index: usize,
    /// What is written at the next barrier.
    octets: Vec<u8>,
    /// The number of the last step.
    number: usize,
}

/// What an attempt found.
struct Found {
    blame: Vec<Blame>,
    transcript: Transcript,
    told: Vec<String>,
}

impl Running<'_> {
    /// A whole walk. What is wrong is reported of the shortest one that still shows something wrong.
    pub(super) async fn walk(&mut self, step: &ScenarioStep) -> Played<()> {
        let book = self.book;
        let machines = Machines::of(book.model()).map_err(Stop::Inconclusive)?;
        let known = self.settings.capabilities.clone();
        let mut drawer = Drawer::new(self.settings.seed, &self.case.id, &known);
        let mut opening = drawer.opening(self.case.role);
        let mut taken = Vec::new();
        let script = Script::Drawn(&mut drawer);
        let mut found = self.attempt(step, machines, &opening, script, &mut taken).await;
        if let Err(Stop::Skip(_)) = &found {
            // What it narrows is left as it is.
            opening.0.iter_mut().for_each(|(_, parameters)| parameters.clear());
            self.end_companions().await;
            taken.clear();
            let script = Script::Drawn(&mut drawer);
            found = self.attempt(step, machines, &opening, script, &mut taken).await;
        }
        if matches!(found, Err(Stop::Violated)) && !taken.is_empty() {
            self.shorten(step, machines, &opening, taken).await;
        }
        found
    }

    /// Takes the walk again and again with steps left out, as long as something is wrong.
    async fn shorten(
        &mut self,
        step: &ScenarioStep,
        machines: Machines<'_>,
        opening: &Opening,
        mut steps: Vec<Planned>,
    ) {
        let slow = self.missed_deadline && !self.target.is_simulated();
        let mut left = if slow { MOST_SLOW_ATTEMPTS } else { MOST_ATTEMPTS };
        let mut at = steps.len();
        while at > 0 && left > 0 {
            at -= 1;
            for fewer in [without_barrier(&steps, at), without(&steps, at)].into_iter().flatten() {
                left = left.saturating_sub(1);
                let kept = self.put_aside().await;
                let mut taken = Vec::new();
                let script = Script::Again(fewer.iter());
                let again = self.attempt(step, machines, opening, script, &mut taken).await;
                if matches!(again, Err(Stop::Violated)) && !self.blame.is_empty() {
                    steps = taken;
                    at = at.min(steps.len());
                } else {
                    self.put_back(kept);
                }
            }
        }
    }

    /// A walk from its opening on; `taken` are its steps as far as it came.
    async fn attempt(
        &mut self,
        step: &ScenarioStep,
        machines: Machines<'_>,
        opening: &Opening,
        mut script: Script<'_>,
        taken: &mut Vec<Planned>,
    ) -> Played<()> {
        let index = self.connections.len();
        self.open(step, &negotiations(opening, step, self.case.role)).await?;
        let agreements = self.connections[index].agreements().to_vec();
        let judge = Judge::new(machines, self.case.role, &agreements);
        let mut walk = Walk { judge, index, octets: Vec::new(), number: 0 };
        let ended = self.steps(step, &mut walk, &mut script, taken).await;
        let names = walk.judge.names();
        self.told =
            taken.iter().map(|(step, _)| Told { step, names: &names }.to_string()).collect();
        self.told.insert(0, opened(&agreements));
        ended
    }

    async fn steps(
        &mut self,
        step: &ScenarioStep,
        walk: &mut Walk<'_>,
        script: &mut Script<'_>,
        taken: &mut Vec<Planned>,
    ) -> Played<()> {
        loop {
            let next = match script {
                Script::Drawn(drawer) => drawer.next(&walk.judge),
                Script::Again(steps) => steps.next().cloned(),
            };
            let Some((next, settles)) = next else { break };
            let ends = matches!(next, Step::Close) || walk.judge.refuses(&next);
            if ends {
                self.settle(step, walk).await?;
            }
            taken.push((next.clone(), settles));
            walk.number += 1;
            let sent = walk.judge.send(walk.number, &next);
            if let Some(frame) = &sent.frame {
                self.enqueue(walk, frame);
            }
            if let Some(payload) = &sent.control {
                self.connections[walk.index].note_sent(payload);
            }
            match sent.follow {
                Follow::GoesOn if settles => self.settle(step, walk).await?,
                Follow::GoesOn => {}
                Follow::Answered => self.settle(step, walk).await?,
                Follow::Fails(code, rule) => {
                    self.flush(walk).await;
                    self.goes_on(step, walk).await?;
                    return self.fails(step, walk.index, code, &rule).await;
                }
                Follow::Closes(rule, armed) => {
                    self.connections[walk.index].close_sent = true;
                    self.flush(walk).await;
                    return self.closes(step, walk, &rule, armed).await;
                }
            }
        }
        self.settle(step, walk).await
    }

    fn enqueue(&mut self, walk: &mut Walk<'_>, frame: &FrameSpec) {
        let key = self.environment.random.four();
        let masks = self.connections[walk.index].harness_masks();
        walk.octets.extend(frame.encode(masks.then_some(key)));
    }

    /// Writes what was put together, cut anywhere.
    async fn flush(&mut self, walk: &mut Walk<'_>) {
        let octets = std::mem::take(&mut walk.octets);
        let (deadline, simulated) = (self.deadline(), self.target.is_simulated());
        let pieces = 1 + self.environment.random.draw() % 4;
        let mut rest = octets.as_slice();
        for piece in (0..pieces).rev() {
            let length = match piece {
                0 => rest.len(),
                _ => {
                    usize::try_from(self.environment.random.draw()).unwrap_or(0) % (rest.len() + 1)
                }
            };
            let (now, behind) = rest.split_at(length);
            rest = behind;
            if now.is_empty() {
                continue;
            }
            self.connections[walk.index].write(now, deadline, &mut self.transcript).await;
            match simulated || rest.is_empty() {
                true => tokio::task::yield_now().await,
                false => sleep(PIECE_PAUSE).await,
            }
        }
    }

    /// Asks for an echo, and waits until everything has come that is due.
    async fn settle(&mut self, step: &ScenarioStep, walk: &mut Walk<'_>) -> Played<()> {
        let token = format!("barrier {:08X}", self.environment.random.draw() >> 32);
        walk.number += 1;
        let barrier = walk.judge.barrier(walk.number, &token);
        self.enqueue(walk, &barrier);
        self.flush(walk).await;
        let deadline = self.deadline();
        while !walk.judge.settled() {
            let connection = &mut self.connections[walk.index];
            match connection.next(deadline, &mut self.transcript).await {
                Some(arrival) => self.arrived(step, walk, arrival, deadline).await?,
                None => {
                    self.missed_deadline = true;
                    let octets = self.connections[walk.index].unfinished().into_iter().collect();
                    return match walk.judge.missed() {
                        Some(wrong) => self.wrong(step, wrong, octets),
                        None => Ok(()),
                    };
                }
            }
        }
        Ok(())
    }

    async fn arrived(
        &mut self,
        step: &ScenarioStep,
        walk: &mut Walk<'_>,
        arrival: Arrival,
        deadline: Instant,
    ) -> Played<()> {
        let event = match arrival {
            Arrival::Event(event) => event,
            Arrival::Violation(violation) => {
                let rule = walk.judge.standing(&violation.requirement);
                let (expected, observed) = (violation.expected, violation.observed);
                return self.wrong(step, Wrong { rule, expected, observed }, violation.octets);
            }
        };
        let is_close = matches!(&event, Event::Native(frame) if frame.opcode == Opcode::CLOSE);
        if let Event::Native(frame) = &event
            && frame.close_code() == Some(1010)
        {
            return Err(Stop::Skip(
                "the client requires a capability that was not negotiated".into(),
            ));
        }
        if is_close || matches!(event, Event::End(_) | Event::Head(_)) {
            self.doubtful = true;
            return match walk.judge.gave_up(&event) {
                Some(wrong) => self.wrong(step, wrong, event.octets()),
                None => {
                    Err(Stop::Inconclusive(format!("the connection was over at once: {event}")))
                }
            };
        }
        let waited_for = match walk.judge.came(&event) {
            Ok(waited_for) => waited_for,
            Err(wrong) => return self.wrong(step, wrong, event.octets()),
        };
        if let Event::Message(Message { class: Class::Control { agreement, octets }, .. }) = &event
        {
            if waited_for {
                self.connections[walk.index].turns.received(agreement, octets);
            }
            if waited_for && agreement.capability == super::setup::TOKEN {
                self.answered(step, walk, &event)?;
            }
            // A message of the harness's own must neither come between its fragments nor be data.
            if walk.judge.inside() || !walk.judge.inspects(agreement) {
                return Ok(());
            }
        }
        if !waited_for {
            self.pass_over(walk.index, &event, Freedom::default(), deadline).await;
        }
        Ok(())
    }

    /// The endpoint answered an OFFER.
    fn answered(&mut self, step: &ScenarioStep, walk: &mut Walk<'_>, event: &Event) -> Played<()> {
        let Some(answered) = self.connections[walk.index].setup().answered.clone() else {
            return Ok(());
        };
        self.hold(step, answered.judge(), event.octets())?;
        let agreements = self.connections[walk.index].agreements().to_vec();
        walk.judge.adopt(&agreements);
        Ok(())
    }

    /// What has to fail the connection may come back as data: then it was taken for something else.
    async fn goes_on(&mut self, step: &ScenarioStep, walk: &mut Walk<'_>) -> Played<()> {
        let until = Instant::now() + self.reaction_time(walk.index);
        let connection = &mut self.connections[walk.index];
        let mut seen = Vec::new();
        while let Some(arrival) = connection.next(until, &mut self.transcript).await {
            let escape = matches!(&arrival, Arrival::Event(Event::Message(message))
                if matches!(message.class, Class::Escape(_)));
            seen.push(arrival);
            if !escape {
                break;
            }
        }
        let message = match seen.last() {
            Some(Arrival::Event(Event::Message(message))) if message.class.is_data() => {
                Some(message.clone())
            }
            _ => None,
        };
        let wrong = message.and_then(|message| {
            Some((walk.judge.came_back(&message)?, Event::Message(message).octets()))
        });
        if let Some((wrong, octets)) = wrong {
            return self.wrong(step, wrong, octets);
        }
        let waiting = self.connections[walk.index].waiting();
        seen.into_iter().rev().for_each(|arrival| waiting.push_front(arrival));
        Ok(())
    }

    /// The endpoint has to fail the connection.
    async fn fails(
        &mut self,
        step: &ScenarioStep,
        index: usize,
        code: u16,
        rule: &Rule,
    ) -> Played<()> {
        let code = Value::Number(u64::from(code));
        let item = Item {
            verb: Verb::Fail,
            arguments: vec![Argument::Value(code)],
            span: step.span.clone(),
            argument_spans: vec![step.span.clone()],
        };
        let target = Some(Target::Requirement(rule.requirement.clone()));
        let outcome = Outcome { item, target, target_span: None };
        let deadline = self.deadline();
        self.expect_fail(&at(step, rule), index, &outcome, &[], deadline).await
    }

    /// The endpoint has to answer the Close, and to end the stream.
    async fn closes(
        &mut self,
        step: &ScenarioStep,
        walk: &mut Walk<'_>,
        rule: &Rule,
        armed: bool,
    ) -> Played<()> {
        let deadline = self.deadline();
        let wrong = |rule: &Rule, expected: &str, observed: String| Wrong {
            rule: rule.clone(),
            expected: expected.to_owned(),
            observed,
        };
        loop {
            let received = self.connections[walk.index].close_received;
            let connection = &mut self.connections[walk.index];
            let (due, missing) = match received {
                true => (Rule::named("close.ends"), "the end of the stream after the Close"),
                false => (rule.clone(), "a Close"),
            };
            let Some(arrival) = connection.next(deadline, &mut self.transcript).await else {
                self.missed_deadline = true;
                let wrong = wrong(&due, missing, "nothing in time".to_owned());
                return self.wrong(step, wrong, Vec::new());
            };
            match arrival {
                Arrival::Event(Event::End(ending)) if received && !ending.flood => return Ok(()),
                Arrival::Event(event @ Event::End(_)) => {
                    let wrong = wrong(&due, missing, event.to_string());
                    return self.wrong(step, wrong, event.octets());
                }
                Arrival::Event(Event::Native(frame)) if frame.opcode == Opcode::CLOSE => {
                    if armed && frame.close_code() == Some(1002) {
                        let wrong = wrong(rule, "a Close that is no failure", frame.to_string());
                        return self.wrong(step, wrong, vec![Annotated::frame(&frame)]);
                    }
                    self.answer_close(walk.index, deadline).await;
                }
                // Whatever comes behind the Close of the harness is answered by nothing.
                Arrival::Event(event) => {
                    if let Err(wrong) = walk.judge.came(&event) {
                        return self.wrong(step, wrong, event.octets());
                    }
                }
                arrival => self.arrived(step, walk, arrival, deadline).await?,
            }
        }
    }

    /// What was found so far, out of the way of another attempt.
    async fn put_aside(&mut self) -> Found {
        self.end_companions().await;
        Found {
            blame: std::mem::take(&mut self.blame),
            transcript: std::mem::take(&mut self.transcript),
            told: std::mem::take(&mut self.told),
        }
    }

    /// The attempt showed nothing.
    fn put_back(&mut self, found: Found) {
        self.blame = found.blame;
        self.transcript = found.transcript;
        self.told = found.told;
    }

    fn wrong(&mut self, step: &ScenarioStep, wrong: Wrong, octets: Vec<Annotated>) -> Played<()> {
        let violation = Violation {
            requirement: wrong.rule.requirement.clone(),
            expected: wrong.expected,
            observed: wrong.observed,
            octets,
            may_be_echo: false,
        };
        let at = at(step, &wrong.rule);
        self.blame.push(blame(self.book, self.case.role, &at.at, violation));
        Err(Stop::Violated)
    }
}

/// How a connection was opened, to be read.
fn opened(agreements: &[Arc<Agreement>]) -> String {
    let items = agreements.iter().map(|agreement| format!(" with {}", agreement.item()));
    format!("open{}", items.collect::<String>())
}

/// The step as it stands at the row of the model that is at stake.
fn at(step: &ScenarioStep, rule: &Rule) -> ScenarioStep {
    let at = rule.at.clone().unwrap_or_else(|| step.at.clone());
    ScenarioStep { at, ..step.clone() }
}

/// The same steps, but no echo is asked for behind the one at `index`.
fn without_barrier(steps: &[Planned], index: usize) -> Option<Vec<Planned>> {
    let mut fewer = steps.to_vec();
    let (_, settles) = fewer.get_mut(index)?;
    std::mem::replace(settles, false).then_some(fewer)
}

/// The steps but the one at `index`; a message in fragments becomes one in a frame first.
fn without(steps: &[Planned], index: usize) -> Option<Vec<Planned>> {
    let mut fewer = steps.to_vec();
    let (step, settles) = fewer.get(index)?.clone();
    if let Step::Begin(content, _) = step {
        let last = fewer[index..].iter().position(|(step, _)| *step == Step::Last)?;
        let end = index + last;
        let between: Vec<Planned> = fewer[index + 1..end]
            .iter()
            .filter(|(step, _)| !matches!(step, Step::Continue(_)))
            .cloned()
            .collect();
        let settles = settles || fewer[end].1;
        fewer.splice(index..=end, between.into_iter().chain([(Step::Whole(content), settles)]));
        return Some(fewer);
    }
    fewer.remove(index);
    Some(fewer)
}

/// What a walk is opened with, as a scenario would write it.
fn negotiations(opening: &Opening, step: &ScenarioStep, role: Role) -> Vec<Negotiate> {
    let negotiate = |(token, parameters): &(String, Vec<(&'static str, &'static str)>)| {
        let set = |name: &str, value: String| Argument::Set {
            name: Name::Word(name.to_owned()),
            append: false,
            value: Value::Text(value),
        };
        // A server answers as it can; a client is answered as was drawn.
        let settings = match role {
            Role::Client => {
                parameters.iter().map(|(name, value)| set(name, (*value).to_owned())).collect()
            }
            _ if parameters.is_empty() => vec![set("offer", "sender=both".to_owned())],
            _ => {
                let all: Vec<String> =
                    parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
                vec![set("offer", all.join("; "))]
            }
        };
        Negotiate {
            capability: Name::Word(token.clone()),
            settings,
            variable: None,
            capability_span: step.span.clone(),
            setting_spans: Vec::new(),
            variable_span: None,
        }
    };
    opening.0.iter().map(negotiate).collect()
}
