//! The counts behind ACK: what this side has processed, and what it has sent.

use crate::deviations::Deviations;

/// Octets of data messages since `rate-control` was activated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Acks {
    /// An ACK is due each time so many were processed; never, if it is 0.
    every: u64,
    processed: u64,
    /// What the last ACK to the other side said.
    told: u64,
    sent: u64,
    /// What the last ACK of the other side said.
    heard: u64,
}

impl Acks {
    pub(crate) fn new(every: u64) -> Acks {
        Acks { every, ..Acks::default() }
    }

    pub(crate) fn process(&mut self, octets: usize) {
        self.processed = self.processed.saturating_add(octets as u64);
    }

    pub(crate) fn send(&mut self, octets: usize) {
        self.sent = self.sent.saturating_add(octets as u64);
    }

    /// From here on nobody can be told to have acknowledged too much: what was sent is unknown.
    pub(crate) fn forget_sent(&mut self) {
        self.sent = u64::MAX;
    }

    /// Starts to count what comes, where the sequence of the other side starts to count.
    pub(crate) fn restart_processed(&mut self) {
        (self.processed, self.told) = (0, 0);
    }

    /// Whether an ACK is due.
    pub(crate) fn is_due(&self) -> bool {
        self.every > 0 && self.processed.saturating_sub(self.told) >= self.every
    }

    /// The octets of an ACK that is sent now.
    pub(crate) fn tell(&mut self, deviations: &Deviations) -> u64 {
        self.told = self.processed;
        if deviations.rate.acknowledges_too_much { self.told.saturating_mul(2) } else { self.told }
    }

    /// Takes an ACK: never fewer octets than before, nor more than were sent. The octets that it
    /// adds, or an error, which means to fail the connection with 1002.
    pub(crate) fn hear(&mut self, octets: u64) -> Result<u64, &'static str> {
        if octets < self.heard {
            return Err("an acknowledgement that goes back");
        }
        if octets > self.sent {
            return Err("an acknowledgement of what was not sent");
        }
        let more = octets - self.heard;
        self.heard = octets;
        Ok(more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_is_due_each_time_so_much_was_processed() {
        let mut acks = Acks::new(1024);
        acks.process(1000);
        assert!(!acks.is_due());
        acks.process(2000);
        assert!(acks.is_due());
        assert_eq!(acks.tell(&Deviations::default()), 3000);
        assert!(!acks.is_due());
        assert!(!Acks::new(0).is_due());
    }

    #[test]
    fn impossible_acks_are_told() {
        let mut acks = Acks::new(0);
        acks.send(100);
        assert_eq!(acks.hear(60), Ok(60));
        assert_eq!(acks.hear(60), Ok(0));
        assert!(acks.hear(59).is_err());
        assert!(acks.hear(101).is_err());
        assert_eq!(acks.hear(100), Ok(40));
    }
}
