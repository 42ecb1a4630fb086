//! The steps `setup` and `agree`: what is negotiated on the open connection.

use std::sync::Arc;

use wsconform_spec::scenario::{Negotiate, Step, Target};

use super::agreement::Agreement;
use super::case::{Played, Running, Stop};
use super::datum::Datum;
use super::event::{Class, Event, Message};
use super::setup::{ANSWER, Answered, CONFIRM, OFFER, TOKEN};
use super::wish::{Wish, offers};
use crate::wire::FrameSpec;

/// How often an offer is made that one of the endpoint makes void.
const MOST_OFFERS: usize = 3;

impl Running<'_> {
    /// A whole negotiation that the harness offers.
    pub(super) async fn set_up(
        &mut self,
        step: &Step,
        by: &str,
        wanted: &[Negotiate],
    ) -> Played<()> {
        let index = self.connection(step)?;
        let Datum::Agreement(setup) = self.environment.variable(by, None)? else {
            return Err(Stop::Inconclusive(format!("${by} is no {TOKEN}")));
        };
        let wishes = self.wishes(wanted)?;
        let offer = offers(&wishes);
        let mut answer = None;
        for _ in 0..MOST_OFFERS {
            self.decline_offers(step, index).await?;
            self.write_control(index, &setup, OFFER, offer.as_bytes()).await;
            answer = self.answer_to_offer(step, index, &offer).await?;
            if answer.is_some() {
                break;
            }
        }
        let Some((message, answered)) = answer else {
            return Err(Stop::Inconclusive("its own offers made those of the harness void".into()));
        };
        self.hold(step, answered.judge(), Event::Message(message).octets())?;
        if !answered.answer.items.is_empty() {
            self.write_control(index, &setup, CONFIRM, b"").await;
        }
        self.bind_all(index, &wishes, &answered)
    }

    /// Answers an offer of the endpoint that has arrived: one negotiation at a time.
    async fn decline_offers(&mut self, step: &Step, index: usize) -> Played<()> {
        let (deadline, freedom) = (self.deadline(), self.freedom([]));
        while self.connections[index].setup().owes_answer() {
            let Some(event) = self.next_event(step, index, deadline).await? else { return Ok(()) };
            if !self.pass_over(index, &event, freedom, deadline).await {
                let target = Target::Requirement("setup.answered".into());
                let expected = "nothing before the ANSWER to its own OFFER".to_owned();
                return self.violated(step, &target, expected, event.to_string(), event.octets());
            }
        }
        Ok(())
    }

    /// Waits for the ANSWER; `None` if an offer of the endpoint made that of the harness void.
    async fn answer_to_offer(
        &mut self,
        step: &Step,
        index: usize,
        offer: &str,
    ) -> Played<Option<(Message, Answered)>> {
        let deadline = self.deadline();
        let target = Target::Requirement("setup.answered".into());
        let expected = || format!("the ANSWER to `{offer}`");
        loop {
            let Some(event) = self.next_event(step, index, deadline).await? else {
                self.missed_deadline = true;
                let observed = "nothing in time".to_owned();
                self.violated(step, &target, expected(), observed, Vec::new())?;
                return Err(Stop::Violated);
            };
            if is_answer(&event)
                && let Some(answered) = self.connections[index].setup().answered.clone()
                && answered.by_endpoint
                && let Event::Message(message) = event
            {
                return Ok(Some((message, answered)));
            }
            let freedom = self.freedom([]);
            if !self.pass_over(index, &event, freedom, deadline).await {
                self.doubtful = matches!(event, Event::End(_));
                let octets = event.octets();
                self.violated(step, &target, expected(), event.to_string(), octets)?;
                return Err(Stop::Violated);
            }
            if self.connections[index].setup().is_void() {
                return Ok(None);
            }
        }
    }

    /// Names what the last ANSWER accepted.
    pub(super) fn agree(&mut self, step: &Step, wanted: &[Negotiate]) -> Played<()> {
        let index = self.connection(step)?;
        let wishes = self.wishes(wanted)?;
        let Some(answered) = self.connections[index].setup().answered.clone() else {
            return Err(Stop::Inconclusive("nothing was set up on this connection".into()));
        };
        if answered.by_endpoint {
            self.hold(step, answered.judge(), Vec::new())?;
        }
        self.bind_all(index, &wishes, &answered)
    }

    fn bind_all(&mut self, index: usize, wishes: &[Wish], answered: &Answered) -> Played<()> {
        for wish in wishes {
            let mut items = answered.answer.items.iter();
            let accepted = items.find(|item| item.name == wish.capability).and_then(Agreement::of);
            let mut known = self.connections[index].agreements().iter();
            let agreement =
                accepted.and_then(|accepted| known.find(|known| known.is_same(&accepted)));
            let Some(agreement) = agreement.cloned() else {
                return Err(Stop::Skip(format!(
                    "the endpoint declines {} on an open connection",
                    wish.capability
                )));
            };
            if let Some(why) = wish.disappointed(&agreement) {
                return Err(Stop::Skip(why));
            }
            self.bind(wish, &agreement);
        }
        Ok(())
    }

    async fn write_control(
        &mut self,
        index: usize,
        agreement: &Arc<Agreement>,
        kind: u8,
        body: &[u8],
    ) {
        let payload = [&agreement.sequence[..], &[kind], body].concat();
        self.connections[index].note_sent(&payload);
        let deadline = self.deadline();
        self.write_frame(index, &FrameSpec::binary(payload), deadline).await;
        self.catch_up(index, deadline).await;
    }
}

fn is_answer(event: &Event) -> bool {
    matches!(event, Event::Message(Message { class: Class::Control { agreement, octets }, .. })
        if agreement.capability == TOKEN && octets.first() == Some(&ANSWER))
}
