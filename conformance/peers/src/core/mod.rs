//! An open connection without I/O: octets in, events and octets out.
//!
//! [`Core::tick`] says what time it is, [`Core::push`] takes what arrived, [`Core::next`] yields one event at a time, and what has to be
//! written collects in [`Core::output`]. One event at a time, so that the answers of the
//! application and those of the protocol (pongs, closes) keep the order of their causes.

use std::borrow::Cow;
use std::time::Duration;

use crate::acks::Acks;
use crate::assembly::{Assembly, Failure, Incoming};
use crate::beat::Beat;
use crate::capability::{Capability, kind};
use crate::control::{Filter, Judged};
use crate::deviations::Deviations;
use crate::idle::Idle;
use crate::limits::LastSecond;
use crate::load::Load;
use crate::negotiation::Agreement;
use crate::outbox::Outbox;
use crate::random::Random;
use crate::rate::Pacer;
use crate::role::Role;
use crate::sequences::Sequences;
use crate::setup::Setup;
use crate::shared_escape::SharedEscape;
use active::Active;

mod active;
mod closing;
mod layer;
mod native;
mod rating;
mod send;
mod time;

/// What a received frame or message meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A text message for the application, UTF-8.
    Text(Vec<u8>),
    /// A binary message for the application.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A valid Close frame.
    Close {
        /// The code, if the frame had one.
        code: Option<u16>,
        /// The reason; empty if the frame had none.
        reason: String,
    },
    /// A control message; it ends in the endpoint.
    Control {
        /// The extension token of the capability.
        capability: String,
        /// The message type: the first octet behind the sequence.
        kind: u8,
        /// What follows the type.
        body: Vec<u8>,
    },
}

/// How far the connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// A Close was sent, none has come yet.
    Closing,
    /// A Close went each way.
    Closed,
    /// A misbehaviour: a Close went each way, and this side goes on with what it has got already.
    Lingering,
    /// This side failed the connection with this code (RFC 6455, 7.1.7).
    Failed(u16),
    /// This side took the connection for dead, and drops it.
    Dropped,
    /// A misbehaviour: the whole program is gone.
    Died,
}

/// One end of an open connection.
pub(crate) struct Core {
    role: Role,
    state: State,
    deviations: Deviations,
    random: Random,
    /// The masking key of the last frame.
    key: [u8; 4],
    /// Since the connection was opened.
    now: Duration,
    assembly: Assembly,
    filter: Filter,
    active: Vec<Active>,
    sequences: Sequences,
    outbox: Outbox,

    // The functions, each if it was agreed on.
    pacer: Option<Pacer>,
    /// A misbehaviour: what was promised before a suspension.
    old_pacer: Option<Pacer>,
    acks: Acks,
    idle: Option<Idle>,
    beat: Option<Beat>,
    setup: Option<Setup>,
    /// The other side has said that it pauses.
    peer_pauses: bool,
    /// When the last ACK came.
    acknowledged: Duration,
    /// Control messages that came, and those that this side originated.
    came: LastSecond,
    originated: LastSecond,

    /// What becomes of messages that are sent back.
    load: Load,
    shared_escape: SharedEscape,
    /// Pongs that wait for what came together with their pings.
    pending_pongs: Vec<Vec<u8>>,
    /// Pings that were answered.
    pings: usize,
    /// The answer to a Close that waits for what came together with it.
    pending_close: Option<(Option<u16>, Vec<u8>)>,
    /// How much had to be written when the last octets arrived.
    written_before: usize,
    /// A misbehaviour: TCP stays open behind the Closes.
    stays: bool,
    /// A misbehaviour: the end of this connection is the end of the program.
    dying: bool,
    /// A misbehaviour: a failure that waits until what came with it has been processed.
    late_failure: Option<Failure>,
    /// A misbehaviour: a control message that goes out behind the next data message.
    late_control: Option<(Capability, u8, Vec<u8>)>,
    /// A misbehaviour: a message came, so the first one is over.
    has_heard: bool,
    /// What some endpoints say of their own accord has been said.
    has_begun: bool,
    /// Data messages that came so far.
    received: u64,
    output: Vec<u8>,
}

impl Core {
    /// A connection whose handshake is done, with what was agreed on there.
    pub(crate) fn new(
        role: Role,
        agreements: &[Agreement],
        sequences: Sequences,
        deviations: &Deviations,
        seed: u64,
    ) -> Core {
        let one_seed = deviations.framing.masks_from_one_seed;
        let mut random = Random::new(if one_seed { 0 } else { seed });
        let rate_control = |one: &Agreement| one.terms.capability == Capability::RateControl;
        let deviations = match agreements {
            [] => deviations,
            [one] if rate_control(one) => deviations,
            [_] => &deviations.beside_setup(),
            _ => &deviations.beside_others(),
        };
        let mut core = Core {
            role,
            state: State::Open,
            deviations: deviations.clone(),
            key: random.four(),
            random,
            now: Duration::ZERO,
            assembly: Assembly::new(role, deviations),
            filter: Filter::default(),
            active: Vec::new(),
            sequences,
            outbox: Outbox::default(),
            pacer: None,
            old_pacer: None,
            acks: Acks::default(),
            idle: None,
            beat: None,
            setup: None,
            peer_pauses: false,
            acknowledged: Duration::ZERO,
            came: LastSecond::default(),
            originated: LastSecond::default(),
            load: Load::new(&deviations.load, agreements.is_empty()),
            shared_escape: SharedEscape::new(deviations),
            pending_pongs: Vec::new(),
            pings: 0,
            pending_close: None,
            written_before: 0,
            stays: false,
            dying: false,
            late_failure: None,
            late_control: None,
            has_heard: false,
            has_begun: false,
            received: 0,
            output: Vec::new(),
        };
        for agreement in agreements {
            core.activate_sending(agreement);
            core.activate_receiving(agreement);
        }
        if agreements.is_empty() {
            core.activate_unnegotiated();
        }
        if core.deviations.several.finds_two_sequences {
            core.filter.hide_behind(2);
        }
        core
    }

    /// From here on an ACK may say any number: what was sent is unknown.
    pub(crate) fn forget_what_was_sent(&mut self) {
        self.acks.forget_sent();
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    pub(crate) fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    /// Whether the whole program ends with this connection.
    pub(crate) fn is_dying(&self) -> bool {
        self.dying || self.state == State::Died
    }

    /// Whether TCP stays open behind the Closes, which is a misbehaviour.
    pub(crate) fn stays(&self) -> bool {
        self.stays
    }

    /// Whether events may still come and messages may still be sent or received.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.state, State::Open | State::Closing | State::Lingering)
    }

    /// Octets to be written; the caller removes what it wrote.
    pub(crate) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Takes octets that arrived. After the end of the connection they are dropped.
    pub(crate) fn push(&mut self, octets: &[u8]) {
        if self.is_live() {
            self.written_before = self.output.len();
            self.assembly.push(octets);
            self.hear();
        }
    }

    /// A misbehaviour: what came and was not looked at is gone.
    pub(crate) fn forget_input(&mut self) {
        self.assembly.forget_input();
    }

    /// Whether a message or frame has begun and not ended.
    pub(crate) fn is_in_message(&self) -> bool {
        self.assembly.is_within()
    }

    /// The next event in what was pushed; `None` when octets are missing, or none will count.
    pub(crate) fn next(&mut self) -> Option<Event> {
        self.acknowledge();
        while self.is_live() {
            let incoming = self.assembly.next(&self.filter);
            if self.assembly.take_data_seen() {
                self.data_passed();
            }
            let event = match incoming {
                Ok(Some(Incoming::Message { text, payload, first })) => {
                    if !self.deviations.framing.sends_pongs_last {
                        self.send_pending_pongs();
                    }
                    self.message(text, payload, first)
                }
                Ok(Some(Incoming::Native { opcode, payload })) => self.native(opcode, payload),
                Ok(None) => break,
                Err(failure) => Err(failure),
            };
            match event {
                Ok(Some(event)) => return Some(event),
                Ok(None) => {}
                Err(failure) if self.fails_late(failure) => {
                    self.assembly.forget_message();
                    self.late_failure = Some(failure);
                }
                Err(failure) => {
                    let first = self.late_failure.take().unwrap_or(failure);
                    self.fail(first);
                }
            }
        }
        if let Some(failure) = self.late_failure.take() {
            self.fail(failure);
        }
        self.send_pending_pongs();
        self.flush();
        self.send_pending_close();
        if self.outbox.is_too_full() {
            self.fail(Failure::new(1008, "more is held back than there is room for"));
        }
        if self.state == State::Lingering {
            self.state = State::Closed;
        }
        None
    }

    /// A message is whole: data for the application, or the layer's own.
    fn message(
        &mut self,
        text: bool,
        mut payload: Vec<u8>,
        first: usize,
    ) -> Result<Option<Event>, Failure> {
        let deviations = &self.deviations;
        let very_first = !std::mem::replace(&mut self.has_heard, true);
        let missed = very_first
            && deviations.several.leaves_first_uninspected
            && matches!(payload.get(4), Some(0x92..=0xEE));
        let judged = match missed {
            false => self.filter.judge(text, &payload, first, deviations),
            true => Judged::Data { escaped: false },
        };
        let capability = match judged {
            Judged::Data { escaped } => {
                if deviations.several.swallows_frames_in_messages && is_frame(&payload) {
                    return Ok(None);
                }
                self.received = self.received.saturating_add(1);
                self.acks.process(payload.len());
                self.comment();
                if text {
                    let repaired = match String::from_utf8_lossy(&payload) {
                        Cow::Owned(repaired) => repaired.into_bytes(),
                        Cow::Borrowed(_) => payload,
                    };
                    return Ok(Some(Event::Text(repaired)));
                }
                if escaped && self.deviations.cuts_escaped_data {
                    payload.truncate(8);
                }
                if escaped && self.deviations.strips_escaped_data {
                    payload.drain(..payload.len().min(4));
                }
                return Ok(Some(Event::Binary(payload)));
            }
            Judged::Escape => {
                if deviations.timers.counts_escapes {
                    self.idle.iter_mut().for_each(Idle::prolong);
                }
                let forwards = self.deviations.forwards_escapes;
                return Ok(forwards.then_some(Event::Binary(payload)));
            }
            Judged::Control { capability } => capability,
        };
        let Some((&code, body)) = payload.get(4..).and_then(<[u8]>::split_first) else {
            return Ok(None); // too short to be one: a misbehaving filter
        };
        let strict = self.pacer.as_ref().is_some_and(|pacer| pacer.strict);
        let decrease = code == kind::DECREASE && self.received > 0 && !strict;
        let decrease = decrease && deviations.delivers_decrease;
        if deviations.forwards_control || decrease {
            return Ok(Some(Event::Binary(payload)));
        }
        let request = matches!(code, kind::RATE..=kind::FULL) && !strict;
        if deviations.drops_output_at_control && request {
            self.output.clear();
        }
        self.take_control(capability, code, body)?;
        let capability = capability.token().to_owned();
        Ok(Some(Event::Control { capability, kind: code, body: body.to_vec() }))
    }
}

/// Whether a message begins with a short WebSocket frame; only a misbehaviour asks.
fn is_frame(payload: &[u8]) -> bool {
    match payload {
        [0x81 | 0x82, length @ 0..=125, rest @ ..] => rest.len() >= usize::from(*length),
        _ => false,
    }
}
