//! What leaves next. At the end of a message, in this order: control messages that wait, replies,
//! data; in the middle of one, its next frame.
//!
//! | at the end of a message | leaves |
//! |---|---|
//! | a control message waits | the first one; CONFIRM before all others |
//! | a BEAT is unanswered | ECHO, for the newest |
//! | an ACK is due | ACK, as far as was processed by now |
//! | a request is unanswered | EFFECTIVE, for the newest |
//! | data waits and may go | an escape if it needs one, its first frame |
//!
//! The output is kept short: no reply is added to what the transport does not take, and no frame of
//! data at a limited rate to more than the pacer's quantum. What is made late can't break a promise;
//! what is made early could.

use super::rates::Rates;
use super::{Connection, Event, State};
use crate::control::{
    Agreement, Capability, ControlMessage, ExtensionList, HeartbeatMessage, Parameters, Rate,
    RateMessage, Sequence, SetupMessage, Suspendable,
};
use crate::frame::Opcode;
use crate::random::Random;
use crate::rate::{RateSender, Step};
use crate::role::Role;

/// Octets of unwritten output above which nothing is added that can wait.
const ROOM: usize = 64 * 1024;

/// A control message that waits for the end of a message.
#[derive(Debug)]
pub(super) enum Waiting {
    Message(ControlMessage),
    /// ANSWER: from there on these are sent and escaped.
    Answer(Vec<Agreement>),
    /// CONFIRM: likewise.
    Confirm(Vec<Agreement>),
}

impl Waiting {
    /// Whether it is OFFER.
    pub(super) fn is_offer(&self) -> bool {
        matches!(self, Self::Message(ControlMessage::Setup(SetupMessage::Offer(_))))
    }

    /// Whether it is SUSPEND or RESUME of this capability.
    pub(super) fn suspends(&self, suspendable: Suspendable) -> bool {
        matches!(self, Self::Message(ControlMessage::Suspend(one) | ControlMessage::Resume(one))
            if *one == suspendable)
    }
}

impl<R: Random> Connection<R> {
    /// Adds to the output what may leave now.
    pub(super) fn pump(&mut self) {
        while self.state == State::Open && self.step() {}
        self.tell_rate();
    }

    fn step(&mut self) -> bool {
        if self.queue.is_in_progress() {
            return self.send_data();
        }
        self.send_waiting() || self.send_echo() || self.send_ack() || self.send_data()
    }

    fn has_room(&self) -> bool {
        self.output().len() <= ROOM
    }

    fn send_waiting(&mut self) -> bool {
        let Some(waiting) = self.waiting.pop_front() else { return false };
        match waiting {
            Waiting::Message(message) => {
                self.send_control_frame(&message);
                match message {
                    ControlMessage::Suspend(suspendable) => self.rest(suspendable),
                    ControlMessage::Resume(suspendable) => self.restart(suspendable),
                    _ => {}
                }
            }
            Waiting::Answer(accepted) => {
                let list = accepted.iter().map(Agreement::to_extension).collect();
                let answer = SetupMessage::Answer(ExtensionList::new(list));
                self.send_control_frame(&ControlMessage::Setup(answer));
                for agreement in &accepted {
                    self.start(agreement, true);
                    self.count_sent(agreement);
                }
            }
            Waiting::Confirm(accepted) => {
                self.send_control_frame(&ControlMessage::Setup(SetupMessage::Confirm));
                accepted.iter().for_each(|agreement| self.count_sent(agreement));
            }
        }
        true
    }

    fn send_echo(&mut self) -> bool {
        if !self.has_room() || self.sending.sequence(Capability::Heartbeat).is_none() {
            return false;
        }
        let unanswered = self.heartbeat.as_mut().and_then(|heartbeat| heartbeat.unanswered.take());
        let Some(body) = unanswered else { return false };
        self.send_control_frame(&ControlMessage::Heartbeat(HeartbeatMessage::Echo(body)));
        true
    }

    fn send_ack(&mut self) -> bool {
        if !self.has_room() || self.sending.sequence(Capability::RateControl).is_none() {
            return false;
        }
        let Some(rates) = &mut self.rates else { return false };
        let Some(processed) = rates.due(self.totals) else { return false };
        if !self.budget.spend(self.now) {
            return false;
        }
        rates.acknowledge(processed);
        self.send_control_frame(&ControlMessage::Rate(RateMessage::Ack(processed)));
        true
    }

    /// The next frame of data, or EFFECTIVE in front of it.
    fn send_data(&mut self) -> bool {
        self.paced_until = None;
        let left = self.queue.front_left();
        let unwritten = self.output().len() as u64;
        let room = self.has_room();
        let Some(rates) = &mut self.rates else {
            return left.is_some_and(|left| self.send_frames(left, true));
        };
        let pacer = rates.sender.pacer();
        let limited = pacer.rate() != Rate::UNLIMITED;
        if !room || (limited && unwritten >= pacer.quantum()) {
            return false;
        }
        match rates.sender.next(left, self.now) {
            Step::Effective(rate) => {
                self.send_control_frame(&ControlMessage::Rate(RateMessage::Effective(rate)));
                true
            }
            Step::Frame { octets, fin } => self.send_frames(octets, fin),
            Step::Until(instant) => {
                self.paced_until = Some(instant);
                false
            }
            Step::Rest => false,
        }
    }

    /// Sends so many octets of the message in front, in one frame unless the application wants
    /// several; with `fin` they end it.
    fn send_frames(&mut self, octets: u64, fin: bool) -> bool {
        let mut rest = usize::try_from(octets).unwrap_or(usize::MAX);
        let Some(mut message) = self.queue.take(rest) else { return false };
        if let Some(sequence) = message.to_inspect().and_then(|data| self.sending.begins(data)) {
            self.send_frame(true, Opcode::Binary, &sequence.0);
        }
        let mut ended = false;
        while !ended && let Some(fragment) = message.next(rest, fin) {
            rest -= fragment.payload.len();
            ended = fragment.fin;
            self.send_frame(fragment.fin, fragment.opcode, fragment.payload);
        }
        if !ended {
            self.queue.put_back(message);
        }
        self.data_left();
        true
    }

    /// A frame of data has left.
    pub(super) fn data_left(&mut self) {
        if let Some(idle) = &mut self.idle {
            idle.used(self.now);
        }
    }

    /// Sends a control message in one final frame, if its sequence counts in this direction.
    fn send_control_frame(&mut self, message: &ControlMessage) {
        if let Some(Sequence(sequence)) = self.sending.sequence(message.capability()) {
            let payload = [&sequence[..], &message.encode()].concat();
            self.send_frame(true, Opcode::Binary, &payload);
        }
    }

    /// Tells the application, and the idle timer, when the rate has changed.
    fn tell_rate(&mut self) {
        let rate = self.rate();
        if rate != self.told_rate {
            self.told_rate = rate;
            self.events.push_back(Event::Rate(rate));
        }
        // A rate is in force once EFFECTIVE has told it.
        let tells = self.sending.sequence(Capability::RateControl).is_some();
        let own = tells && rate == Rate::PAUSE;
        let paused = |rates: &Rates| own || rates.told == Some(Rate::PAUSE);
        if let Some(idle) = &mut self.idle {
            idle.pause(self.rates.as_ref().is_some_and(paused), self.now);
        }
    }

    /// A capability comes into force, in no direction yet.
    pub(super) fn start(&mut self, agreement: &Agreement, answered: bool) {
        let now = self.now;
        match &agreement.parameters {
            Parameters::RateControl(parameters) => {
                let maximum =
                    if answered { parameters.max_rate } else { agreement.offerer_max_rate };
                let options = self.options.clone();
                let sender = RateSender::new(parameters, self.role, maximum, options, now);
                self.rates = Some(Rates::new(parameters, sender));
            }
            Parameters::IdleTimeout(parameters) => {
                self.idle = Some(super::Idle::new(parameters, now));
            }
            Parameters::Heartbeat(parameters) => {
                self.heartbeat = Some(super::Heartbeat::new(parameters, now));
            }
            Parameters::ControlSetup => self.setup = Some(super::Setup::new(self.role)),
        }
    }

    /// From here on it counts in what this endpoint sends.
    pub(super) fn count_sent(&mut self, agreement: &Agreement) {
        let capability = agreement.capability();
        if agreement.parameters.sender().allows(self.role) {
            self.sending.insert(capability, agreement.sequence);
        }
    }

    /// From here on it counts in what this endpoint receives.
    pub(super) fn count_received(&mut self, agreement: &Agreement) {
        let capability = agreement.capability();
        if agreement.parameters.sender().allows(self.role.peer()) {
            self.inspector.insert(capability, agreement.sequence);
        }
        if capability == Capability::RateControl {
            self.count_received_data();
        }
    }

    /// Data that is received from here on is acknowledged.
    pub(super) fn count_received_data(&mut self) {
        if let Some(rates) = &mut self.rates {
            rates.counts_received(self.totals);
        }
    }

    /// A capability rests from here on, as far as what is sent is concerned.
    pub(super) fn rest(&mut self, suspendable: Suspendable) {
        if let (Suspendable::RateControl, Some(rates)) = (suspendable, &mut self.rates) {
            rates.rest(self.now);
        }
    }

    /// A capability works from here on, as at activation.
    pub(super) fn restart(&mut self, suspendable: Suspendable) {
        match suspendable {
            Suspendable::RateControl => {
                if let Some(rates) = &mut self.rates {
                    rates.restart(self.now);
                }
            }
            Suspendable::IdleTimeout | Suspendable::Heartbeat => self.restart_timers(suspendable),
        }
    }

    /// Its time starts anew.
    pub(super) fn restart_timers(&mut self, suspendable: Suspendable) {
        if let (Suspendable::IdleTimeout, Some(idle)) = (suspendable, &mut self.idle) {
            idle.used(self.now);
        }
        if let (Suspendable::Heartbeat, Some(heartbeat)) = (suspendable, &mut self.heartbeat) {
            heartbeat.alive(self.now);
        }
    }

    /// Whether this endpoint, or its peer, may send messages of a capability.
    pub(super) fn may_speak(&self, capability: Capability, role: Role) -> bool {
        let of = |one: &&Agreement| one.capability() == capability;
        let agreement = self.agreements.iter().find(of);
        agreement.is_some_and(|agreement| agreement.parameters.sender().allows(role))
    }
}
