//! `rate-control` in a connection: requests, what they make of the rate, and what is told of it.

use super::Core;
use crate::assembly::Failure;
use crate::capability::{Capability, kind};
use crate::deviations::RateDeviations;
use crate::messages::{number, processing_rate};
use crate::rate::Pacer;
use crate::terms::LARGEST;

/// ACKs in a second, so that there is room for other messages below the hundred that are allowed.
const MOST_ACKS: usize = 80;

/// What an endpoint says that ignores requests aloud, in octets a second.
const ITS_OWN_RATE: u64 = 1_000_000_000;

/// From here on a misbehaving endpoint clamps nothing.
const HUGE: u64 = 1 << 50;

impl Core {
    /// A message of `rate-control` that is well-formed.
    pub(super) fn take_rate_message(&mut self, code: u8, body: &[u8]) -> Result<(), Failure> {
        match code {
            kind::RATE..=kind::FULL => {
                let strict = self.pacer.as_ref().is_some_and(|pacer| pacer.strict);
                let unlimited = code == kind::RATE && number(body) == Some(u64::MAX);
                if unlimited && !strict && self.deviations.refuses_unlimited_rate {
                    return Err(Failure::protocol("a rate out of range"));
                }
                self.take_request(code, body);
            }
            kind::EFFECTIVE => {
                self.peer_pauses = number(body) == Some(0);
                self.note_pauses();
            }
            kind::LIMIT => {
                if let Some(active) = self.active_mut(Capability::RateControl) {
                    active.their_maximum = number(body);
                }
            }
            kind::ACK => self.take_ack(number(body).unwrap_or_default())?,
            kind::STATUS if self.deviations.rate.derives_from_status => {
                if let Some(rate) = processing_rate(body) {
                    self.follow(rate);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_request(&mut self, code: u8, body: &[u8]) {
        let switches = self.deviations.rate.clone();
        let Some(pacer) = &mut self.pacer else { return };
        if !pacer.strict && !switches.follows_advice {
            return self.ignore_request(code, &switches);
        }
        let target = pacer.target(code, body);
        if switches.answers_late && code == kind::RATE && target != 0 {
            let told = target.to_be_bytes().to_vec();
            self.late_control = Some((Capability::RateControl, kind::EFFECTIVE, told));
            pacer.put_in_force(target, self.now);
            return;
        }
        if self.outbox.is_in_message() {
            pacer.defer(target, self.now);
            return;
        }
        let asked = number(body).filter(|rate| (HUGE..=LARGEST).contains(rate));
        match asked.filter(|_| code == kind::RATE && switches.exceeds_maximum) {
            Some(asked) => {
                let limit = target.to_be_bytes().to_vec();
                self.originate(Capability::RateControl, kind::LIMIT, limit);
                self.change_rate(target, asked);
            }
            None => self.change_rate(target, target),
        }
    }

    /// An endpoint that promised nothing may go on as it does, and should say so.
    fn ignore_request(&mut self, code: u8, switches: &RateDeviations) {
        if self.deviations.sends_malformed_effective && code == kind::RATE {
            self.reply(Capability::RateControl, kind::EFFECTIVE, vec![0; 7]);
        } else if !switches.stays_silent {
            let rate = self.own_rate().to_be_bytes().to_vec();
            self.reply(Capability::RateControl, kind::EFFECTIVE, rate);
        }
    }

    /// The rate of an endpoint that does not pace: unlimited, unless it has stated something else.
    fn own_rate(&self) -> u64 {
        let switches = &self.deviations.rate;
        match &self.pacer {
            Some(pacer) if switches.states_small_maximum || switches.tells_facts => pacer.maximum,
            _ if switches.tells_unasked => ITS_OWN_RATE,
            _ => u64::MAX,
        }
    }

    /// Goes to a rate, and tells it; one that misbehaves tells another.
    fn change_rate(&mut self, rate: u64, told: u64) {
        let Some(pacer) = &mut self.pacer else { return };
        let lifted = pacer.is_paused() && rate != 0;
        pacer.put_in_force(rate, self.now);
        if lifted && self.deviations.rate.loses_held_data {
            self.outbox.lose_data();
        }
        self.note_pauses();
        let told = told.to_be_bytes().to_vec();
        self.reply(Capability::RateControl, kind::EFFECTIVE, told);
    }

    /// A message has ended: now a request can be answered that came in the middle of it.
    pub(super) fn settle_rate(&mut self) {
        if let Some(rate) = self.pacer.as_mut().and_then(Pacer::take_deferred) {
            self.change_rate(rate, rate);
        }
    }

    /// Follows what the other side reported, if no request stands.
    fn follow(&mut self, rate: u64) {
        let suggested = self.pacer.as_ref().and_then(|pacer| pacer.suggested(rate));
        let free = !self.outbox.is_in_message() && self.may_speak(Capability::RateControl);
        if let Some(rate) = suggested.filter(|_| free) {
            self.change_rate(rate, rate);
        }
    }

    fn take_ack(&mut self, octets: u64) -> Result<(), Failure> {
        let more = match self.acks.hear(octets) {
            Ok(more) => more,
            Err(_) if self.deviations.rate.takes_impossible_ack => 0,
            Err(why) => return Err(Failure::protocol(why)),
        };
        let elapsed = self.now.saturating_sub(self.acknowledged).as_millis();
        let spaced = !self.acknowledged.is_zero() && elapsed > 0;
        self.acknowledged = self.now;
        if spaced && self.deviations.rate.derives_from_ack {
            let rate = u128::from(more) * 1000 / elapsed;
            self.follow(u64::try_from(rate).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    /// Sends ACK if one is due, and if not too many were sent of late.
    pub(super) fn acknowledge(&mut self) {
        let switches = &self.deviations.rate;
        let speaks = self.may_speak(Capability::RateControl)
            && self.is_working(Capability::RateControl)
            && !switches.sends_no_ack;
        let hurries = switches.acknowledges_without_limit;
        if speaks
            && self.acks.is_due()
            && (self.originated.has_room(MOST_ACKS, self.now) || hurries)
        {
            let octets = self.acks.tell(&self.deviations);
            self.originate(Capability::RateControl, kind::ACK, octets.to_be_bytes().to_vec());
        }
    }

    /// Requests and promises end; all is as at activation.
    pub(super) fn restart_rating(&mut self) {
        let terms = self.active(Capability::RateControl).map(|active| active.terms);
        let old = std::mem::take(&mut self.old_pacer);
        let new = terms.map(|terms| Pacer::new(&terms, &self.deviations));
        if self.deviations.several.keeps_rate_over_suspension {
            self.old_pacer = std::mem::replace(&mut self.pacer, old.or(new));
        } else {
            self.pacer = new;
        }
        self.peer_pauses = false;
        self.note_pauses();
    }

    /// While a rate of 0 is in force in either direction, the idle timer stands still.
    fn note_pauses(&mut self) {
        let paused = self.peer_pauses || self.pacer.as_ref().is_some_and(Pacer::is_paused);
        let now = self.now;
        self.idle.iter_mut().for_each(|idle| idle.set_paused(paused, now));
    }

    /// The rate in force for what this side sends, in octets a second.
    pub(crate) fn rate(&self) -> Option<u64> {
        self.pacer.as_ref().and_then(Pacer::rate)
    }

    /// What eccentric and misbehaving endpoints say of their own accord.
    pub(super) fn begin_rating(&mut self, switches: &RateDeviations) {
        let Some(active) = self.active(Capability::RateControl).filter(|active| active.speaks)
        else {
            return;
        };
        let their_maximum = active.their_maximum;
        let maximum = self.pacer.as_ref().map_or(LARGEST, |pacer| pacer.maximum);
        let mut tell = |code, body: &[u8]| {
            self.originate(Capability::RateControl, code, body.to_vec());
        };
        if switches.asks_at_start {
            let rate = their_maximum.unwrap_or(LARGEST).min(1_000_000);
            tell(kind::RATE, &rate.to_be_bytes());
        }
        if let Some(maximum) = their_maximum.filter(|_| switches.asks_beyond_maximum) {
            let twice = maximum.saturating_mul(2).min(LARGEST);
            tell(kind::RATE, &twice.to_be_bytes());
        }
        if switches.tells_facts {
            tell(kind::LIMIT, &maximum.to_be_bytes());
            // A laptop, on battery; half of its processor is in use.
            tell(kind::STATUS, &[0x01, 1, 3, 0x04, 1, 1, 0x20, 1, 50]);
        }
        if switches.tells_unasked && !self.pacer.as_ref().is_some_and(|pacer| pacer.strict) {
            self.originate(
                Capability::RateControl,
                kind::EFFECTIVE,
                ITS_OWN_RATE.to_be_bytes().to_vec(),
            );
        }
    }
}
