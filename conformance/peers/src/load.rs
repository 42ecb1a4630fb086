//! What becomes of the messages that an endpoint sends back: themselves, but for misbehaviours that
//! show when there are many of them, or long ones.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::deviations::{LoadDeviations, SharedBuffer};

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) text: bool,
    pub(crate) payload: Vec<u8>,
}

/// The misbehaviours of one connection.
#[derive(Debug)]
pub(crate) struct Load {
    deviations: LoadDeviations,
    /// Whether nothing but RFC 6455 is in use.
    plain: bool,
    count: u64,
    /// When the last message came, since the connection was opened.
    last: Duration,
    /// Waits for the next one.
    held: Option<Message>,
    /// Lives as long as the connection.
    myself: Arc<()>,
}

/// Octets that wait to be written, beyond which messages are forgotten.
const BEHIND: usize = 1 << 20;
/// The pause that sends an endpoint to sleep.
const SLEEP: Duration = Duration::from_millis(900);
/// Octets that are decoded at once.
const BUFFER: usize = 16 * 1024;

impl Load {
    pub(crate) fn new(deviations: &LoadDeviations, plain: bool) -> Load {
        Load {
            deviations: deviations.clone(),
            plain,
            count: 0,
            last: Duration::ZERO,
            held: None,
            myself: Arc::new(()),
        }
    }

    /// What is sent back for a message, while `waiting` octets wait to be written.
    pub(crate) fn echo(
        &mut self,
        mut message: Message,
        waiting: usize,
        now: Duration,
    ) -> Vec<Message> {
        self.count += 1;
        let pause = now.saturating_sub(std::mem::replace(&mut self.last, now));
        let deviations = &self.deviations;
        let asleep = deviations.falls_asleep && self.plain && pause > SLEEP;
        let behind = deviations.forgets_when_behind && waiting > BEHIND;
        let forgotten = deviations.forgets_messages && self.count.is_multiple_of(500);
        if asleep || behind || forgotten {
            return Vec::new();
        }
        if deviations.cuts_long_messages {
            message.payload.truncate(65536);
        }
        if deviations.loses_octet_of_mebibyte && message.payload.len() >= 1 << 20 {
            message.payload.remove((1 << 20) - 1);
        }
        if deviations.spoils_long_text && message.text && message.payload.len() >= 8 << 20 {
            message.payload[0] = b'?';
        }
        if deviations.replaces_cut_characters && message.text {
            replace_cut_characters(&mut message.payload);
        }
        if let Some(shared) = &deviations.shares_buffer
            && (1001..=1040).contains(&message.payload.len())
        {
            message.payload = exchange(shared, &self.myself, message.payload);
        }
        if deviations.exchanges_messages && self.count.is_multiple_of(64) {
            self.held = Some(message);
            return Vec::new();
        }
        std::iter::once(message).chain(self.held.take()).collect()
    }
}

/// Replaces the characters that stand in two buffers.
fn replace_cut_characters(payload: &mut [u8]) {
    let continues = |octet: &u8| octet & 0xC0 == 0x80;
    for boundary in (BUFFER..payload.len()).step_by(BUFFER) {
        let (before, behind) = payload.split_at_mut(boundary);
        let rest = behind.iter().take_while(|octet| continues(octet)).count();
        if rest > 0 {
            let begun = before.iter().rev().take_while(|octet| continues(octet)).count() + 1;
            before.iter_mut().rev().take(begun).for_each(|octet| *octet = b'?');
            behind.iter_mut().take(rest).for_each(|octet| *octet = b'?');
        }
    }
}

/// Puts a payload into the shared buffer; what another connection, still open, left there comes out
/// instead.
fn exchange(shared: &SharedBuffer, myself: &Arc<()>, payload: Vec<u8>) -> Vec<u8> {
    let mut buffer = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let left = buffer.replace((Arc::downgrade(myself), payload.clone()));
    match left {
        Some((writer, other)) if writer.upgrade().is_some_and(|one| !Arc::ptr_eq(&one, myself)) => {
            other
        }
        _ => payload,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(payload: Vec<u8>) -> Message {
        Message { text: false, payload }
    }

    #[test]
    fn a_well_behaved_one_sends_back_what_came() {
        let mut load = Load::new(&LoadDeviations::default(), true);
        for length in [0, 1, 70_000, 2 << 20] {
            let message = binary(vec![7; length]);
            let now = Duration::from_secs(length as u64);
            assert_eq!(load.echo(message.clone(), usize::MAX, now), [message]);
        }
    }

    #[test]
    fn every_64th_message_comes_behind_the_next() {
        let deviations = LoadDeviations { exchanges_messages: true, ..LoadDeviations::default() };
        let mut load = Load::new(&deviations, true);
        let mut came = Vec::new();
        for number in 1..=66 {
            let all = load.echo(binary(vec![number]), 0, Duration::ZERO);
            came.extend(all.into_iter().flat_map(|message| message.payload));
        }
        assert_eq!(came[61..], [62, 63, 65, 64, 66]);
    }

    #[test]
    fn a_character_in_two_buffers_is_replaced() {
        let mut text = vec![b'a'; BUFFER - 1];
        text.extend("€!".as_bytes());
        replace_cut_characters(&mut text);
        assert_eq!(text[BUFFER - 2..], *b"a???!");
    }

    #[test]
    fn a_buffer_is_shared_as_long_as_both_are_there() {
        let deviations = LoadDeviations {
            shares_buffer: Some(SharedBuffer::default()),
            ..LoadDeviations::default()
        };
        let new = || Load::new(&deviations, true);
        let echo = |load: &mut Load, octet: u8| {
            load.echo(binary(vec![octet; 1001]), 0, Duration::ZERO).remove(0).payload[0]
        };
        let (mut first, mut second) = (new(), new());
        assert_eq!([echo(&mut first, 1), echo(&mut first, 2), echo(&mut second, 3)], [1, 2, 2]);
        drop(second);
        assert_eq!(echo(&mut first, 4), 4);
    }
}
