//! Control messages: what each of them does.

use super::Core;
use super::active::Bare;
use crate::assembly::Failure;
use crate::capability::{Capability, kind};
use crate::control::CONTROL_LIMIT;
use crate::messages;
use crate::outbox::Control;
use crate::setup::{Step, Surroundings};
use crate::suspend::{Rest, Turn};

impl Core {
    /// A control message came; it ends here.
    pub(super) fn take_control(
        &mut self,
        capability: Capability,
        code: u8,
        body: &[u8],
    ) -> Result<(), Failure> {
        let several = &self.deviations.several;
        let most = several.most_control_messages;
        if most.is_some_and(|most| self.came.add(self.now) > most) {
            return Err(Failure::new(1008, "too many control messages"));
        }
        let mixed = several.mixes_capabilities
            && capability == Capability::Heartbeat
            && body.len() == 2
            && self.active(Capability::RateControl).is_some();
        let capability = if mixed { Capability::RateControl } else { capability };
        if self.deviations.timers.counts_control {
            self.data_passed();
        }
        if body.len() + 5 > CONTROL_LIMIT {
            return Ok(()); // more than anybody should take: a misbehaving filter
        }
        let turn = match self.turn(capability, code) {
            Ok(turn) => turn,
            Err(_) if self.deviations.several.ignores_suspended_turns => {
                let checked = messages::check(capability, code, body, &self.deviations);
                return checked.map_err(Failure::protocol);
            }
            Err(why) => return Err(Failure::protocol(why)),
        };
        if turn == Turn::Ignore {
            return Ok(());
        }
        messages::check(capability, code, body, &self.deviations).map_err(Failure::protocol)?;
        match turn {
            Turn::Ignore => {}
            Turn::Suspends { asked } => self.suspended(capability, asked),
            Turn::Resumes { asked } => self.resumed(capability, asked),
            Turn::Work => match capability {
                Capability::RateControl => self.take_rate_message(code, body)?,
                Capability::IdleTimeout => {}
                Capability::Heartbeat => self.take_heartbeat(code, body)?,
                Capability::ControlSetup => self.take_setup(code, body)?,
            },
        }
        Ok(())
    }

    fn turn(&mut self, capability: Capability, code: u8) -> Result<Turn, &'static str> {
        let several = self.deviations.several.clone();
        let Some(active) = self.active_mut(capability) else {
            return Ok(Turn::Work); // not negotiated: a misbehaviour
        };
        if capability == Capability::ControlSetup {
            return Ok(Turn::Work); // it never rests
        }
        match active.rest.take(code)? {
            Turn::Ignore if several.refuses_in_flight => Err("a message of a suspended capability"),
            Turn::Suspends { asked: false } if several.refuses_crossed_suspend => {
                Err("a capability suspended twice")
            }
            turn => Ok(turn),
        }
    }

    fn suspended(&mut self, capability: Capability, asked: bool) {
        self.rest(capability);
        self.deviations.stays_armed = false; // RESUME has to get through
        if self.deviations.several.leaves_suspended_uninspected {
            self.filter.set_blind(capability, true);
        }
        if asked && !self.deviations.several.leaves_suspend_unanswered {
            self.reply(capability, kind::SUSPEND, Vec::new());
        } else if !asked {
            // It was this side that wanted a rest; a short one is enough.
            self.active_mut(capability).into_iter().for_each(|active| active.rest = Rest::Resuming);
            self.originate(capability, kind::RESUME, Vec::new());
        }
        self.flush(); // what was held back, behind the answer
        if self.deviations.several.talks_while_suspended {
            match capability {
                Capability::RateControl => {
                    self.reply(capability, kind::EFFECTIVE, vec![0xFF; 8]);
                }
                Capability::Heartbeat => self.reply(capability, kind::BEAT, b"still".to_vec()),
                Capability::IdleTimeout | Capability::ControlSetup => {}
            }
        }
    }

    fn resumed(&mut self, capability: Capability, asked: bool) {
        self.filter.set_blind(capability, false);
        match capability {
            Capability::RateControl => self.restart_rating(),
            Capability::IdleTimeout => {
                let now = self.now;
                self.idle.iter_mut().for_each(|idle| idle.resume(now));
            }
            Capability::Heartbeat => {
                let now = self.now;
                self.beat.iter_mut().for_each(|beat| beat.resume(now));
            }
            Capability::ControlSetup => {}
        }
        if asked && !self.deviations.several.leaves_resume_unanswered {
            self.reply(capability, kind::RESUME, Vec::new());
        }
    }

    /// The function of a capability rests; inspection and escaping go on.
    pub(super) fn rest(&mut self, capability: Capability) {
        self.outbox.withdraw(capability);
        match capability {
            Capability::RateControl if self.deviations.several.keeps_rate_suspended => {}
            Capability::RateControl => self.restart_rating(),
            Capability::IdleTimeout => {
                let now = self.now;
                self.idle.iter_mut().for_each(|idle| idle.suspend(now));
            }
            Capability::Heartbeat => self.beat.iter_mut().for_each(|beat| beat.suspend()),
            Capability::ControlSetup => {}
        }
    }

    fn take_heartbeat(&mut self, code: u8, body: &[u8]) -> Result<(), Failure> {
        let resting = |active: &super::Active| !active.rest.is_active();
        let rate_rests = self.active(Capability::RateControl).is_some_and(resting);
        let silent = self.deviations.several.suspends_heartbeat_too && rate_rests;
        match code {
            kind::BEAT if silent => {}
            kind::BEAT => {
                let cuts = self.deviations.timers.cuts_long_echo && body.len() > 100;
                let most = if cuts { body.len().saturating_sub(1) } else { body.len() };
                let body = body.get(..most).unwrap_or_default().to_vec();
                if self.holds_echo() {
                    self.late_control = Some((Capability::Heartbeat, kind::ECHO, body));
                } else {
                    self.reply(Capability::Heartbeat, kind::ECHO, body);
                }
            }
            kind::ECHO => {
                let answers = self.beat.as_mut().is_some_and(|beat| beat.echoed(body));
                if !answers && self.deviations.timers.refuses_unasked_echo {
                    return Err(Failure::protocol("an answer to nothing"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A misbehaviour: a slow rate holds back control messages too, up to the next data message.
    fn holds_echo(&self) -> bool {
        self.deviations.rate.holds_echo && self.rate().is_some_and(|rate| rate <= 1)
    }

    /// Sends a BEAT, if the capability was agreed on and works.
    pub(super) fn beat(&mut self) {
        let works = self
            .active(Capability::Heartbeat)
            .is_some_and(|active| active.speaks && active.rest.is_active());
        // Where the answer would not be found, there is no use in asking.
        let works = works && self.filter.finds(Capability::Heartbeat);
        if works && let Some(beat) = &mut self.beat {
            let body = beat.beat(self.now).to_vec();
            self.originate(Capability::Heartbeat, kind::BEAT, body);
        }
    }

    /// Offers capabilities, if there is no other negotiation.
    pub(crate) fn offer(&mut self, text: &str) {
        let allowed = self.may_speak(Capability::ControlSetup);
        if allowed && let Some(setup) = self.setup.as_mut().filter(|setup| setup.may_offer()) {
            setup.offer(text);
            self.originate(Capability::ControlSetup, kind::OFFER, text.as_bytes().to_vec());
        }
    }

    fn take_setup(&mut self, code: u8, body: &[u8]) -> Result<(), Failure> {
        if code >= kind::IGNORABLE {
            return Ok(());
        }
        let Some(mut setup) = self.setup.take() else { return Ok(()) };
        let accepted = self
            .active
            .iter()
            .map(|active| (active.capability(), active.sequence, !active.rest.is_active()));
        let mut around = Surroundings {
            role: self.role,
            accepted: accepted.collect(),
            sequences: &mut self.sequences,
            random: &mut self.random,
            deviations: &self.deviations,
        };
        let step = setup.take(code, body, &mut around);
        self.setup = Some(setup);
        self.go(step.map_err(Failure::protocol)?);
        Ok(())
    }

    /// In each direction a new sequence counts from the message that its sender sent.
    fn go(&mut self, step: Step) {
        let switches = self.deviations.setup.clone();
        let before = self.filter.len();
        match step {
            Step::Nothing => {}
            Step::Answer { text, accepted } => {
                self.reply(Capability::ControlSetup, kind::ANSWER, text.into_bytes());
                for agreement in &accepted {
                    self.activate_sending(agreement);
                    if switches.escapes_from_confirm {
                        self.set_bare(agreement.sequence, Bare::Letters);
                    }
                    if switches.inspects_from_answer {
                        self.activate_receiving(agreement);
                        self.filter.set_beats_alone(before, true);
                    }
                }
            }
            Step::Confirm { accepted } => {
                let (capability, code) = (Capability::ControlSetup, kind::CONFIRM);
                if switches.confirms_late {
                    self.late_control = Some((capability, code, Vec::new()));
                } else if !switches.leaves_unconfirmed {
                    // It is the next message that begins, ahead of all that waits.
                    self.outbox.post_first(Control { capability, kind: code, body: Vec::new() });
                    self.flush();
                }
                for agreement in &accepted {
                    self.activate_receiving(agreement);
                    self.activate_sending(agreement);
                    if switches.offerer_leaves_bare {
                        self.set_bare(agreement.sequence, Bare::Everything);
                    }
                }
                if switches.offerer_inspects_late {
                    self.filter.delay_behind(before);
                }
            }
            Step::Confirmed { accepted } => {
                for agreement in &accepted {
                    if switches.escapes_from_confirm {
                        self.set_bare(agreement.sequence, Bare::Nothing);
                    }
                    if !switches.inspects_from_answer {
                        self.activate_receiving(agreement);
                    }
                }
                self.filter.set_beats_alone(0, false);
                if switches.inspects_late {
                    self.filter.delay_behind(before);
                }
            }
        }
    }

    /// A misbehaviour: which data is not escaped for a sequence.
    fn set_bare(&mut self, sequence: [u8; 4], bare: Bare) {
        let ours = self.active.iter_mut().filter(|active| active.sequence == sequence);
        ours.for_each(|active| active.bare = bare);
    }

    /// Sends a control message in answer to another one.
    pub(super) fn reply(&mut self, capability: Capability, code: u8, body: Vec<u8>) {
        let message = Control { capability, kind: code, body };
        match (capability, code) {
            (Capability::Heartbeat, kind::ECHO) | (Capability::RateControl, kind::EFFECTIVE) => {
                self.outbox.post_newest(message);
            }
            _ => self.outbox.post(message),
        }
        if !self.deviations.several.merges_replies {
            self.flush();
        }
    }

    /// Sends a control message of this side's own accord.
    pub(super) fn originate(&mut self, capability: Capability, code: u8, body: Vec<u8>) {
        self.originated.add(self.now);
        self.outbox.post(Control { capability, kind: code, body });
        self.flush();
    }

    /// Whether a capability was accepted and does not rest.
    pub(super) fn is_working(&self, capability: Capability) -> bool {
        self.active(capability).is_some_and(|active| active.rest == Rest::Active)
    }
}
