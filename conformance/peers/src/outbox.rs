//! What waits to be sent: data that a rate holds back, and control messages that wait for the end
//! of a message in progress.

use std::collections::VecDeque;

use crate::capability::Capability;
use crate::capability::kind::{RESUME, SUSPEND};

/// Octets of data that are held back at most.
const DATA_LIMIT: usize = 8 * 1024 * 1024;

/// Control messages that wait at most; replies of a kind count as one.
const CONTROL_LIMIT: usize = 1000;

/// A control message, without its sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    pub(crate) capability: Capability,
    pub(crate) kind: u8,
    pub(crate) body: Vec<u8>,
}

/// A data message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Data {
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
    /// Octets that went out in fragments already.
    pub(crate) begun: Option<usize>,
}

/// Messages in the order in which they will be sent, control messages ahead of data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    control: VecDeque<Control>,
    data: VecDeque<Data>,
    octets: usize,
}

impl Outbox {
    pub(crate) fn holds_data(&self) -> bool {
        !self.data.is_empty()
    }

    /// Whether a message has begun and not ended.
    pub(crate) fn is_in_message(&self) -> bool {
        self.data.front().is_some_and(|data| data.begun.is_some())
    }

    /// Whether more waits than anybody may make this endpoint keep.
    pub(crate) fn is_too_full(&self) -> bool {
        self.octets > DATA_LIMIT || self.control.len() > CONTROL_LIMIT
    }

    pub(crate) fn hold(&mut self, opcode: u8, payload: Vec<u8>) {
        self.octets = self.octets.saturating_add(payload.len());
        self.data.push_back(Data { opcode, payload, begun: None });
    }

    /// Puts back what was not sent whole.
    pub(crate) fn put_back(&mut self, data: Data) {
        self.octets = self.octets.saturating_add(data.payload.len());
        self.data.push_front(data);
    }

    pub(crate) fn take_data(&mut self) -> Option<Data> {
        let data = self.data.pop_front()?;
        self.octets = self.octets.saturating_sub(data.payload.len());
        Some(data)
    }

    pub(crate) fn next_data(&self) -> Option<&Data> {
        self.data.front()
    }

    /// Drops all messages that have not begun.
    pub(crate) fn lose_data(&mut self) {
        let begun = usize::from(self.is_in_message());
        self.data.truncate(begun);
        self.octets = self.data.front().map_or(0, |data| data.payload.len());
    }

    pub(crate) fn post(&mut self, message: Control) {
        self.control.push_back(message);
    }

    /// This one is next.
    pub(crate) fn post_first(&mut self, message: Control) {
        self.control.push_front(message);
    }

    /// One reply may answer several requests of a kind, for the newest of them.
    pub(crate) fn post_newest(&mut self, message: Control) {
        let same =
            |other: &Control| (other.capability, other.kind) == (message.capability, message.kind);
        self.control.retain(|other| !same(other));
        self.control.push_back(message);
    }

    /// Takes back what was not sent of a capability that rests from here on.
    pub(crate) fn withdraw(&mut self, capability: Capability) {
        let turns = |message: &Control| matches!(message.kind, SUSPEND | RESUME);
        self.control.retain(|message| message.capability != capability || turns(message));
    }

    pub(crate) fn take_control(&mut self) -> Option<Control> {
        self.control.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(kind: u8, body: &[u8]) -> Control {
        Control { capability: Capability::Heartbeat, kind, body: body.to_vec() }
    }

    #[test]
    fn the_newest_reply_of_a_kind_is_enough() {
        let mut outbox = Outbox::default();
        outbox.post_newest(control(2, b"one"));
        outbox.post(control(1, b""));
        outbox.post_newest(control(2, b"two"));
        assert_eq!(outbox.take_control(), Some(control(1, b"")));
        assert_eq!(outbox.take_control(), Some(control(2, b"two")));
        assert_eq!(outbox.take_control(), None);
    }

    #[test]
    fn what_is_held_is_counted_and_what_has_begun_stays() {
        let mut outbox = Outbox::default();
        outbox.hold(2, vec![0; DATA_LIMIT]);
        assert!(!outbox.is_too_full());
        outbox.hold(2, vec![0]);
        assert!(outbox.is_too_full());
        let mut data = outbox.take_data().unwrap();
        data.begun = Some(7);
        outbox.put_back(data);
        assert!(outbox.is_in_message());
        outbox.lose_data();
        assert!(outbox.take_data().is_some());
        assert_eq!(outbox.take_data(), None);
        assert_eq!(outbox.octets, 0);
    }
}
