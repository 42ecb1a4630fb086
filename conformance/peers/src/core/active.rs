//! The capabilities of a connection: from when on they count in which direction.

use super::Core;
use crate::acks::Acks;
use crate::beat::Beat;
use crate::capability::{Capability, kind};
use crate::deviations::Deviations;
use crate::idle::Idle;
use crate::negotiation::Agreement;
use crate::rate::Pacer;
use crate::role::Role;
use crate::setup::Setup;
use crate::suspend::Rest;
use crate::terms::Terms;

/// The sequence that some misbehaviours know without having negotiated it.
const UNNEGOTIATED: [u8; 4] = [0xF0, 0x80, 0x00, 0x01];

/// A capability that was accepted.
#[derive(Clone, Debug)]
pub(super) struct Active {
    pub(super) terms: Terms,
    pub(super) sequence: [u8; 4],
    /// The maximum that the other side stated, by `max-rate` or LIMIT.
    pub(super) their_maximum: Option<u64>,
    /// Whether this side may send its control messages, and so has to escape.
    pub(super) speaks: bool,
    /// A misbehaviour: this data is not escaped for it.
    pub(super) bare: Bare,
    pub(super) rest: Rest,
}

/// Which data is sent bare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    Nothing,
    /// What goes on with a letter behind the sequence.
    Letters,
    Everything,
}

impl Bare {
    pub(super) fn covers(self, payload: &[u8]) -> bool {
        match self {
            Bare::Nothing => false,
            Bare::Letters => payload.get(4).is_some_and(u8::is_ascii_alphabetic),
            Bare::Everything => true,
        }
    }
}

impl Active {
    pub(super) fn capability(&self) -> Capability {
        self.terms.capability
    }
}

impl Core {
    /// The capability as it was accepted.
    pub(super) fn active(&self, capability: Capability) -> Option<&Active> {
        self.active.iter().find(|active| active.capability() == capability)
    }

    pub(super) fn active_mut(&mut self, capability: Capability) -> Option<&mut Active> {
        self.active.iter_mut().find(|active| active.capability() == capability)
    }

    /// Whether this side may send control messages of a capability.
    pub(super) fn may_speak(&self, capability: Capability) -> bool {
        self.active(capability).is_some_and(|active| active.speaks)
    }

    /// From here on this side escapes for the sequence, and the function works: a sequence is
    /// active in the directions in which `sender` allows its control messages (claim 20).
    pub(super) fn activate_sending(&mut self, agreement: &Agreement) {
        let Agreement { sequence, terms, their_maximum } = *agreement;
        let speaks = terms.sender.allows(self.role);
        let (bare, rest) = (Bare::Nothing, Rest::Active);
        self.active.push(Active { terms, sequence, their_maximum, speaks, bare, rest });
        self.start(&terms);
    }

    /// From here on this side inspects for the sequence.
    pub(super) fn activate_receiving(&mut self, agreement: &Agreement) {
        let terms = &agreement.terms;
        let peer = match self.role {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        };
        if terms.sender.allows(peer) || self.deviations.inspects_inactive_direction {
            self.filter.add(terms.capability, agreement.sequence);
        }
        if terms.capability == Capability::RateControl {
            self.acks.restart_processed();
        }
    }

    /// The function begins to work, or does so again: everything is as at activation, but ACK
    /// counts on.
    fn start(&mut self, terms: &Terms) {
        match terms.capability {
            Capability::RateControl => {
                self.acks = Acks::new(terms.ack);
                self.pacer = Some(Pacer::new(terms, &self.deviations));
            }
            Capability::IdleTimeout => {
                let closes = self.role == Role::Server || self.deviations.timers.closes_as_client;
                self.idle = closes.then(|| Idle::new(terms.timeout, self.now, &self.deviations));
            }
            Capability::Heartbeat => {
                self.beat = Some(Beat::new(terms.interval, self.now, &self.deviations));
            }
            Capability::ControlSetup => self.setup = Some(Setup::default()),
        }
    }

    /// A misbehaviour: inspects or escapes where nothing was negotiated.
    pub(super) fn activate_unnegotiated(&mut self) {
        let terms = Terms::defaults(Capability::RateControl);
        if self.deviations.inspects_when_declined {
            self.filter.add(Capability::RateControl, UNNEGOTIATED);
        }
        if self.deviations.escapes_when_declined {
            let (sequence, their_maximum) = (UNNEGOTIATED, None);
            let (speaks, bare, rest) = (true, Bare::Nothing, Rest::Active);
            self.active.push(Active { terms, sequence, their_maximum, speaks, bare, rest });
        }
    }

    /// Whether this endpoint says something that nobody asked it.
    pub(super) fn is_talkative(&self) -> bool {
        let Deviations { several, rate, timers, .. } = &self.deviations;
        several.suspends
            || several.refuses_crossed_suspend
            || several.refuses_in_flight
            || rate.asks_at_start
            || rate.asks_beyond_maximum
            || rate.tells_facts
            || rate.tells_unasked
            || timers.beats_unasked
    }

    /// What eccentric endpoints say of their own accord.
    pub(super) fn begin(&mut self) {
        let Deviations { several, rate, timers, .. } = &self.deviations;
        let (rate, timers) = (rate.clone(), timers.clone());
        let suspends =
            several.suspends || several.refuses_crossed_suspend || several.refuses_in_flight;
        // A server has no reason to, unless the time is so long that it means nothing.
        let long = |active: &Active| self.role == Role::Client || active.terms.timeout > 3_600_000;
        if suspends && self.active(Capability::IdleTimeout).is_some_and(long) {
            self.suspend(Capability::IdleTimeout);
        }
        if timers.beats_unasked {
            self.beat();
        }
        self.begin_rating(&rate);
    }

    /// What eccentric endpoints say behind a data message.
    pub(super) fn comment(&mut self) {
        if self.deviations.timers.beats_unasked {
            self.beat();
        }
        if self.deviations.rate.asks_at_start && self.has_begun && self.received == 1 {
            self.originate(Capability::RateControl, kind::FULL, Vec::new());
        }
    }

    /// Suspends a capability on its own account.
    fn suspend(&mut self, capability: Capability) {
        if let Some(active) = self.active_mut(capability).filter(|active| active.speaks) {
            active.rest = Rest::Suspending;
            self.rest(capability);
            self.originate(capability, kind::SUSPEND, Vec::new());
        }
    }
}
