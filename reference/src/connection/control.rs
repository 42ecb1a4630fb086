//! Control messages that arrive: whose turn it is, and what has to be done.

use super::pump::Waiting;
use super::setup::Act;
use super::suspension::{Arrival, Reaction, Suspension};
use super::{Connection, Event, State};
use crate::control::{
    Agreement, Capability, ControlMessage, HeartbeatMessage, RESUME, RateMessage, SUSPEND,
    SetupMessage, Suspendable,
};
use crate::error::Violation;
use crate::random::Random;

impl<R: Random> Connection<R> {
    /// Takes what followed the sequence of a capability.
    pub(super) fn take_control(
        &mut self,
        capability: Capability,
        octets: &[u8],
    ) -> Result<(), Violation> {
        if let Some(flood) = &mut self.flood
            && !flood.spend(self.now)
        {
            return Err(Violation::Flood(flood.most()));
        }
        let reaction = self.take_turn(capability, octets)?;
        if reaction == Reaction::Ignore {
            return Ok(());
        }
        let Some(message) = ControlMessage::parse(capability, octets)? else { return Ok(()) };
        let mut negotiated = None;
        match &message {
            ControlMessage::Rate(message) => self.take_rate(message)?,
            ControlMessage::Heartbeat(message) => self.take_heartbeat(message),
            ControlMessage::Setup(message) => negotiated = self.take_setup(message)?,
            ControlMessage::Suspend(_) | ControlMessage::Resume(_) => {
                self.take_suspension(&message, reaction)?;
            }
        }
        self.events.push_back(Event::Control(message));
        self.events.extend(negotiated.map(Event::Negotiated));
        self.pump();
        Ok(())
    }

    /// Whether a message has its place here, as far as suspensions are concerned; its type tells.
    fn take_turn(&mut self, capability: Capability, octets: &[u8]) -> Result<Reaction, Violation> {
        let suspendable = Suspendable::of(capability);
        let Some(suspension) = suspendable.and_then(|one| self.suspension(one)) else {
            return Ok(Reaction::Take);
        };
        let arrival = match octets.first() {
            Some(&SUSPEND) => Arrival::Suspend,
            Some(&RESUME) => Arrival::Resume,
            _ => Arrival::Other,
        };
        match suspension.receive(arrival) {
            Reaction::Violation => Err(Violation::SuspendedOutOfTurn(capability.token())),
            reaction => Ok(reaction),
        }
    }

    pub(super) fn suspension(&mut self, suspendable: Suspendable) -> Option<&mut Suspension> {
        match suspendable {
            Suspendable::RateControl => self.rates.as_mut().map(|one| &mut one.suspension),
            Suspendable::IdleTimeout => self.idle.as_mut().map(|one| &mut one.suspension),
            Suspendable::Heartbeat => self.heartbeat.as_mut().map(|one| &mut one.suspension),
        }
    }

    /// SUSPEND or RESUME. The promises of this endpoint end and begin with its own message, which
    /// is an answer here, or with that of its peer if it may not speak.
    fn take_suspension(
        &mut self,
        message: &ControlMessage,
        reaction: Reaction,
    ) -> Result<(), Violation> {
        let (suspendable, resumed) = match message {
            ControlMessage::Suspend(suspendable) => (*suspendable, false),
            ControlMessage::Resume(suspendable) => (*suspendable, true),
            _ => return Ok(()),
        };
        if resumed {
            self.restart_timers(suspendable);
        } else if let (Suspendable::Heartbeat, Some(heartbeat)) = (suspendable, &mut self.heartbeat)
        {
            heartbeat.unanswered = None;
        }
        if reaction != Reaction::Answer {
            return Ok(());
        }
        if self.may_speak(suspendable.into(), self.role) {
            // Whoever has sent SUSPEND or RESUME waits for the answer; so answers never pile up.
            if self.waiting.iter().any(|waiting| waiting.suspends(suspendable)) {
                let token = Capability::from(suspendable).token();
                return Err(Violation::SuspendedOutOfTurn(token));
            }
            self.reply(Waiting::Message(message.clone()));
        } else if resumed {
            self.restart(suspendable);
        } else {
            self.rest(suspendable);
        }
        Ok(())
    }

    fn take_rate(&mut self, message: &RateMessage) -> Result<(), Violation> {
        match &mut self.rates {
            Some(rates) => rates.take(message, self.now),
            None => Ok(()),
        }
    }

    /// An ECHO that answers nothing is dropped like any other: the frame was the sign of life.
    fn take_heartbeat(&mut self, message: &HeartbeatMessage) {
        if let (HeartbeatMessage::Beat(body), Some(heartbeat)) = (message, &mut self.heartbeat) {
            heartbeat.unanswered = Some(body.clone());
        }
    }

    /// Gives what the negotiation has come to, if it has ended.
    fn take_setup(&mut self, message: &SetupMessage) -> Result<Option<Vec<Agreement>>, Violation> {
        let Some(setup) = &mut self.setup else { return Ok(None) };
        // Whoever has sent OFFER waits for the ANSWER, an empty one too.
        let unanswered = self.waiting.iter().any(|one| matches!(one, Waiting::Answer(_)));
        if unanswered && matches!(message, SetupMessage::Offer(_)) {
            return Err(Violation::SetupOutOfTurn("OFFER"));
        }
        Ok(match setup.receive(message, &self.agreements, &self.support)? {
            Act::Drop => None,
            Act::Answer(accepted) => {
                self.waiting.retain(|waiting| !waiting.is_offer());
                self.agreements.extend_from_slice(&accepted);
                let declined = accepted.is_empty().then(Vec::new);
                self.reply(Waiting::Answer(accepted));
                declined
            }
            Act::Confirm(accepted) => {
                for agreement in &accepted {
                    self.start(agreement, false);
                    self.count_received(agreement);
                }
                self.agreements.extend_from_slice(&accepted);
                if self.state == State::Open {
                    self.waiting.push_front(Waiting::Confirm(accepted.clone()));
                }
                Some(accepted)
            }
            Act::Declined => Some(Vec::new()),
            Act::Confirmed(accepted) => {
                accepted.iter().for_each(|agreement| self.count_received(agreement));
                Some(accepted)
            }
        })
    }

    /// Nothing is owed any more once a Close was sent.
    fn reply(&mut self, waiting: Waiting) {
        if self.state == State::Open {
            self.waiting.push_back(waiting);
        }
    }
}
