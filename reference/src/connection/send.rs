//! What this endpoint sends.

use super::pump::Waiting;
use super::queue::Outgoing;
use super::{Connection, MOST_IN_A_SECOND, State};
use crate::close_code::CloseCode;
use crate::control::{
    Capability, ControlMessage, ExtensionList, HeartbeatMessage, LONGEST_CONTROL_MESSAGE,
    Parameters, RateMessage, SetupMessage, Suspendable,
};
use crate::error::LocalError;
use crate::frame::Opcode;
use crate::message::Close;
use crate::random::Random;

/// Longest payload of a native control frame (RFC 6455, 5.5).
const LONGEST_NATIVE: usize = 125;

/// Whole messages alone are handed over. What is sent may wait: data for its rate, control messages
/// for the end of a message in progress. An escape and its data are one act.
impl<R: Random> Connection<R> {
    /// Sends a text message, in one frame unless its rate is limited.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`].
    pub fn send_text(&mut self, text: &str) -> Result<(), LocalError> {
        self.send_text_in(text, &[])
    }

    /// Sends a binary message, in one frame unless its rate is limited, after an escape if it begins with an active sequence.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`].
    pub fn send_binary(&mut self, data: &[u8]) -> Result<(), LocalError> {
        self.send_binary_in(data, &[])
    }

    /// Sends a text message in frames of these sizes, and what is left over in a last one.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`].
    pub fn send_text_in(&mut self, text: &str, sizes: &[usize]) -> Result<(), LocalError> {
        self.send_message(Opcode::Text, text.as_bytes(), sizes)
    }

    /// Sends a binary message in frames of these sizes, and what is left over in a last one. The
    /// first frame gets at least four octets, so that whoever judges frames sees the sequence too.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`].
    pub fn send_binary_in(&mut self, data: &[u8], sizes: &[usize]) -> Result<(), LocalError> {
        self.send_message(Opcode::Binary, data, sizes)
    }

    /// Sends a ping.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`], [`LocalError::PayloadTooLong`].
    pub fn send_ping(&mut self, payload: &[u8]) -> Result<(), LocalError> {
        self.send_native(Opcode::Ping, payload)
    }

    /// Sends a pong that nobody asked for; pings are answered without it.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`], [`LocalError::PayloadTooLong`].
    pub fn send_pong(&mut self, payload: &[u8]) -> Result<(), LocalError> {
        self.send_native(Opcode::Pong, payload)
    }

    /// Starts the closing handshake at once; the peer's Close ends it. What was held back is lost.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`], [`LocalError::ReservedCloseCode`], [`LocalError::PayloadTooLong`].
    pub fn send_close(&mut self, code: CloseCode, reason: &str) -> Result<(), LocalError> {
        if !code.may_be_sent() {
            return Err(LocalError::ReservedCloseCode(code));
        }
        self.send_native(Opcode::Close, &Close::encode(code, reason))?;
        self.state = State::Closing;
        self.forget();
        Ok(())
    }

    /// Sends a control message of the application: a request, a LIMIT, a STATUS, a BEAT, SUSPEND,
    /// RESUME, or an OFFER. Others are sent by the connection itself.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotOpen`]; [`LocalError::MayNotSend`] if the capability is not active in this
    /// direction; [`LocalError::OutOfTurn`] if it is suspended, or a negotiation is under way;
    /// [`LocalError::SentByItself`]; [`LocalError::InForce`] for the offer of a capability that was
    /// accepted; [`LocalError::ControlTooLong`]; [`LocalError::MalformedControl`];
    /// [`LocalError::TooManyControlMessages`] for more than 100 in a second.
    pub fn send_control(&mut self, message: &ControlMessage) -> Result<(), LocalError> {
        self.must_be_open()?;
        let capability = message.capability();
        if !self.may_speak(capability, self.role) {
            return Err(LocalError::MayNotSend(capability.token()));
        }
        self.judge(message)?;
        let free = self.budget.free_at().is_none_or(|instant| instant <= self.now);
        if !free || self.waiting.len() >= MOST_IN_A_SECOND {
            return Err(LocalError::TooManyControlMessages);
        }
        self.take_own_turn(message)?;
        let _ = self.budget.spend(self.now);
        self.waiting.push_back(Waiting::Message(message.clone()));
        self.apply(message);
        self.pump();
        Ok(())
    }

    /// Offers capabilities on the open connection, in the order of preference.
    ///
    /// # Errors
    ///
    /// As [`Connection::send_control`]; [`LocalError::MalformedControl`] if there is none.
    pub fn offer(&mut self, offers: &[Parameters]) -> Result<(), LocalError> {
        let list = ExtensionList::new(offers.iter().map(Parameters::to_offer).collect());
        let list = list.ok_or(LocalError::MalformedControl)?;
        self.send_control(&ControlMessage::Setup(SetupMessage::Offer(list)))
    }

    /// Tells how many more octets of data the application has processed, for ACK. More than were
    /// received do not count.
    pub fn processed(&mut self, octets: u64) {
        let processed = self.totals.processed.saturating_add(octets);
        self.totals.processed = processed.min(self.totals.received);
        self.pump();
    }

    /// Whether a message is well-formed, and one that an application may send.
    fn judge(&self, message: &ControlMessage) -> Result<(), LocalError> {
        match message {
            ControlMessage::Rate(RateMessage::Effective(_) | RateMessage::Ack(_))
            | ControlMessage::Heartbeat(HeartbeatMessage::Echo(_))
            | ControlMessage::Setup(SetupMessage::Answer(_) | SetupMessage::Confirm) => {
                return Err(LocalError::SentByItself);
            }
            ControlMessage::Setup(SetupMessage::Offer(list)) => {
                let mut offered = list.extensions().iter();
                let in_force = |capability: Capability| {
                    self.agreements.iter().any(|agreement| agreement.capability() == capability)
                };
                let again = offered.find_map(|extension| {
                    Capability::from_token(&extension.token).filter(|one| in_force(*one))
                });
                if let Some(capability) = again {
                    return Err(LocalError::InForce(capability.token()));
                }
            }
            _ => {}
        }
        let body = message.encode();
        let length = body.len() + 4;
        if length as u64 > LONGEST_CONTROL_MESSAGE {
            return Err(LocalError::ControlTooLong(length));
        }
        let capability = message.capability();
        match ControlMessage::parse(capability, &body) {
            Ok(Some(parsed)) if parsed == *message => Ok(()),
            _ => Err(LocalError::MalformedControl),
        }
    }

    /// Takes the turn that a message needs.
    fn take_own_turn(&mut self, message: &ControlMessage) -> Result<(), LocalError> {
        let capability = message.capability();
        let is_answered = self.may_speak(capability, self.role.peer());
        let suspendable = Suspendable::of(capability);
        let suspension = suspendable.and_then(|one| self.suspension(one));
        let its_turn = match (message, suspension) {
            (ControlMessage::Suspend(_), Some(suspension)) => suspension.suspend(is_answered),
            (ControlMessage::Resume(_), Some(suspension)) => suspension.resume(is_answered),
            (ControlMessage::Setup(SetupMessage::Offer(list)), _) => {
                self.setup.as_mut().is_some_and(|setup| setup.offer(list.clone()))
            }
            (_, suspension) => suspension.is_none_or(|suspension| suspension.is_active()),
        };
        if its_turn { Ok(()) } else { Err(LocalError::OutOfTurn(capability.token())) }
    }

    /// What a message means for its own sender.
    fn apply(&mut self, message: &ControlMessage) {
        match message {
            ControlMessage::Rate(RateMessage::Limit(maximum)) => {
                if let Some(rates) = &mut self.rates {
                    // The message that tells it is this one.
                    let _ = rates.sender.limit(*maximum, self.now);
                }
            }
            ControlMessage::Suspend(Suspendable::Heartbeat) => {
                if let Some(heartbeat) = &mut self.heartbeat {
                    heartbeat.unanswered = None;
                }
            }
            _ => {}
        }
    }

    fn send_message(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        sizes: &[usize],
    ) -> Result<(), LocalError> {
        self.must_be_open()?;
        if self.rates.is_none() && self.queue.is_empty() && sizes.is_empty() {
            // Nothing can hold it back, so it needs no copy.
            if let Some(sequence) = self.sending.begins(payload)
                && opcode == Opcode::Binary
            {
                self.send_frame(true, Opcode::Binary, &sequence.0);
            }
            self.send_frame(true, opcode, payload);
            self.data_left();
            return Ok(());
        }
        self.queue.push(Outgoing::new(opcode, payload.to_vec(), sizes));
        self.pump();
        Ok(())
    }

    fn send_native(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), LocalError> {
        self.must_be_open()?;
        if payload.len() > LONGEST_NATIVE {
            return Err(LocalError::PayloadTooLong(payload.len()));
        }
        self.send_frame(true, opcode, payload);
        Ok(())
    }

    /// Forgets what was still to be sent.
    pub(super) fn forget(&mut self) {
        self.queue.clear();
        self.waiting.clear();
        self.paced_until = None;
    }

    fn must_be_open(&self) -> Result<(), LocalError> {
        if self.state == State::Open { Ok(()) } else { Err(LocalError::NotOpen) }
    }
}
