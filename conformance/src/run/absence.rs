//! The expectations that nothing comes.

use tokio::time::Instant;
use wsconform_spec::scenario::{Outcome, Step};

use super::blame::target_of;
use super::case::{Played, Running};
use super::event::Event;
use super::freedom::Freedom;
use super::time::QUIET;
use crate::wire::{FrameSpec, Opcode, hex};

impl Running<'_> {
    /// Absence is shown by a barrier in the order of the data if the endpoint echoes, else by one
    /// among the native control frames.
    pub(super) async fn expect_nothing(
        &mut self,
        step: &Step,
        index: usize,
        outcome: &Outcome,
    ) -> Played<()> {
        let deadline = self.deadline();
        let token = format!("barrier {:08X}", self.environment.random.draw() >> 32);
        let echoes = self.settings.echoes && self.case.application().is_empty();
        let barrier = match echoes {
            true => FrameSpec::text(&token),
            false => FrameSpec::ping(token.clone()),
        };
        self.write_frame(index, &barrier, deadline).await;
        let target = target_of(outcome, self.case.role);
        let expected = format!("nothing before {} {}", barrier.opcode, hex::quote(&token));
        loop {
            let Some(event) = self.next_event(step, index, deadline).await? else {
                self.missed_deadline = true;
                let observed = "no answer to the barrier in time".to_owned();
                return self.violated(step, &target, expected, observed, Vec::new());
            };
            let is_barrier = match &event {
                Event::Message(message) => message.payload == token.as_bytes(),
                Event::Native(frame) => {
                    frame.opcode == Opcode::PONG && frame.payload == token.as_bytes()
                }
                _ => false,
            };
            if is_barrier {
                return Ok(());
            }
            if !self.pass_over(index, &event, Freedom::default(), deadline).await {
                let observed = event.to_string();
                return self.violated(step, &target, expected, observed, event.octets());
            }
        }
    }

    pub(super) async fn expect_silence(
        &mut self,
        step: &Step,
        index: usize,
        outcome: &Outcome,
    ) -> Played<()> {
        let deadline = Instant::now() + QUIET;
        let target = target_of(outcome, self.case.role);
        while let Some(event) = self.next_event(step, index, deadline).await? {
            if matches!(&event, Event::End(ending) if !ending.flood) {
                return Ok(());
            }
            if !self.pass_over(index, &event, Freedom::default(), deadline).await {
                let observed = event.to_string();
                return self.violated(step, &target, "silence".into(), observed, event.octets());
            }
        }
        match self.connections[index].unfinished() {
            None => Ok(()),
            Some(octets) => {
                let observed = "octets".to_owned();
                self.violated(step, &target, "silence".into(), observed, vec![octets])
            }
        }
    }
}
