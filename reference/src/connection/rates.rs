//! `rate-control` on a connection: this endpoint as a sender of data, and as a receiver (US
//! 9,331,890, FIG. 7 and 8).
//!
//! | what arrives | what it is for |
//! |---|---|
//! | RATE, INCREASE, DECREASE, FULL | a new rate of this endpoint, told by EFFECTIVE at the next end of a message |
//! | ACK, STATUS | a rate may be derived from them; an ACK must be possible |
//! | EFFECTIVE | the rate of the peer, remembered |
//! | LIMIT | for the application alone |
//!
//! All of these are events as well, so that the application may do more. How a sender decides is
//! the business of [`RateSender`]; here it meets the connection.

use std::time::Duration;

use super::suspension::Suspension;
use crate::control::{Rate, RateMessage, RateParameters};
use crate::error::Violation;
use crate::rate::RateSender;

/// The state of `rate-control`.
#[derive(Debug)]
pub(super) struct Rates {
    pub(super) suspension: Suspension,
    pub(super) sender: RateSender,
    /// An ACK is due each time as many octets were processed; 0 for none.
    ack: u64,
    /// Octets of data that this endpoint had received when the capability began to count in that
    /// direction; `None` while it does not.
    received_before: Option<u64>,
    /// What the peer has acknowledged, and what was acknowledged to it.
    acknowledged: u64,
    acknowledges: u64,
    /// The rate of the peer, as it has told.
    pub(super) told: Option<Rate>,
}

/// Octets of data messages that were received so far, and that the application has processed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) received: u64,
    pub(super) processed: u64,
}

impl Rates {
    /// The state at activation.
    pub(super) fn new(parameters: &RateParameters, sender: RateSender) -> Self {
        Self {
            suspension: Suspension::default(),
            sender,
            ack: parameters.ack,
            received_before: None,
            acknowledged: 0,
            acknowledges: 0,
            told: None,
        }
    }

    /// Data that is received from here on counts.
    pub(super) fn counts_received(&mut self, totals: Totals) {
        self.received_before = Some(totals.received);
    }

    /// A message has arrived.
    pub(super) fn take(&mut self, message: &RateMessage, now: Duration) -> Result<(), Violation> {
        match message {
            RateMessage::Effective(rate) => self.told = Some(*rate),
            RateMessage::Ack(octets) => {
                if !(self.acknowledged..=self.sender.sent()).contains(octets) {
                    return Err(Violation::ImpossibleAck(*octets));
                }
                self.acknowledged = *octets;
            }
            _ => {}
        }
        self.sender.receive(message, now);
        Ok(())
    }

    /// What an ACK has to say, if one is due.
    pub(super) fn due(&self, totals: Totals) -> Option<u64> {
        let processed = totals.processed.checked_sub(self.received_before?)?;
        let due = self.ack > 0 && processed - self.acknowledges >= self.ack;
        (due && self.suspension.is_active()).then_some(processed)
    }

    /// An ACK has left.
    pub(super) fn acknowledge(&mut self, octets: u64) {
        self.acknowledges = octets;
    }

    /// The capability rests: no promise, no request.
    pub(super) fn rest(&mut self, now: Duration) {
        self.sender.suspend(now);
        self.told = None;
    }

    /// It works again, as at activation; ACK counts on.
    pub(super) fn restart(&mut self, now: Duration) {
        self.sender.resume(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Role;

    #[test]
    fn what_was_received_before_is_never_acknowledged() {
        let parameters = RateParameters { ack: 1024, ..RateParameters::default() };
        let now = Duration::ZERO;
        let sender = RateSender::new(&parameters, Role::Client, None, Default::default(), now);
        let mut rates = Rates::new(&parameters, sender);
        let totals = |received, processed| Totals { received, processed };
        assert_eq!(rates.due(totals(9000, 9000)), None, "it does not count yet");
        rates.counts_received(totals(9000, 5000));
        assert_eq!(rates.due(totals(12_000, 9000)), None, "of before");
        assert_eq!(rates.due(totals(12_000, 10_023)), None);
        assert_eq!(rates.due(totals(12_000, 10_024)), Some(1024));
        rates.acknowledge(1024);
        assert_eq!(rates.due(totals(12_000, 11_047)), None);
        assert_eq!(rates.due(totals(12_000, 12_000)), Some(3000), "as far as it was processed");
    }
}
