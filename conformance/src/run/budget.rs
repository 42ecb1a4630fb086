//! How many control messages an endpoint originates (chapter "The control extension").

use tokio::time::Instant;

use super::message::{RESUME, SUSPEND};

/// Control messages in any second, replies not counted.
const MOST: u64 = 100;

/// What an endpoint has originated.
///
/// The way may bunch what was sent in a minute: so what counts is the time since the connection was
/// opened, in which all of it was sent.
pub(super) struct Budget {
    opened: Instant,
    originated: u64,
    /// Requests of the harness that an EFFECTIVE may answer.
    requests: u64,
}

impl Budget {
    /// Of a connection that is opened now.
    pub(super) fn new() -> Self {
        Self { opened: Instant::now(), originated: 0, requests: 0 }
    }

    /// The harness sends a control message.
    pub(super) fn asked(&mut self, capability: &str, octets: &[u8]) {
        let asks = matches!(octets.first(), Some(0x01..=0x04 | &RESUME));
        self.requests += u64::from(capability == "rate-control" && asks);
    }

    /// The endpoint sent a control message; whether it may.
    pub(super) fn takes(&mut self, capability: &str, octets: &[u8], arrived: Instant) -> bool {
        if self.is_reply(capability, octets) {
            return true;
        }
        self.originated += 1;
        let seconds = arrived.saturating_duration_since(self.opened).as_secs();
        self.originated <= MOST.saturating_mul(seconds + 1)
    }

    /// Whether it may be a reply; of those that need no request, as many as there were requests.
    fn is_reply(&mut self, capability: &str, octets: &[u8]) -> bool {
        match (capability, octets.first()) {
            (_, Some(&(SUSPEND | RESUME))) => true,
            ("rate-control", Some(0x05)) if self.requests > 0 => {
                self.requests -= 1;
                true
            }
            ("heartbeat", Some(0x02)) | ("control-setup", Some(0x02 | 0x03)) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_hundred_in_a_second() {
        let mut budget = Budget::new();
        let beats = |budget: &mut Budget, count: usize| {
            (0..count).all(|_| budget.takes("heartbeat", &[0x01], Instant::now()))
        };
        assert!(beats(&mut budget, 100));
        assert!(budget.takes("heartbeat", &[0x02], Instant::now()), "a reply");
        assert!(!budget.takes("rate-control", &[0x80], Instant::now()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(beats(&mut budget, 99));
        assert!(!beats(&mut budget, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_effective_answers_a_request() {
        let mut budget = Budget::new();
        (0..500).for_each(|_| budget.asked("rate-control", &[0x01]));
        let effective = |budget: &mut Budget| budget.takes("rate-control", &[0x05], Instant::now());
        assert!((0..600).all(|_| effective(&mut budget)));
        assert!(!effective(&mut budget));
    }
}
