//! The layer between frames and the application: which binary messages are control messages,
//! which are escapes, and which data has to be escaped (US 9,331,890, FIG. 5 and 6).

use crate::deviations::Deviations;

/// Octets of the longest control message, its sequence included.
pub(crate) const CONTROL_LIMIT: usize = 4096;

/// What a received message turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// Belongs to the application; `escaped` says that an escape came ahead of it.
    Data { escaped: bool },
    /// Ends here: the capability's index among the sequences that were given to [`Filter::new`].
    Control { index: usize },
    /// Ends here; the sequence is armed now.
    Escape,
}

/// The inspection of one direction: what this endpoint receives.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    sequences: Vec<[u8; 4]>,
    armed: Vec<bool>,
}

impl Filter {
    /// Inspects for these sequences; with none of them, every message is data.
    pub(crate) fn new(sequences: Vec<[u8; 4]>) -> Filter {
        let armed = vec![false; sequences.len()];
        Filter { sequences, armed }
    }

    /// Whether the beginning of a message in progress will make it a control message.
    pub(crate) fn will_be_control(&self, start: &[u8]) -> bool {
        let position = self.sequences.iter().position(|sequence| start.starts_with(sequence));
        position.and_then(|index| self.armed.get(index)).is_some_and(|armed| !armed)
    }

    /// Whether an escape waits for its message.
    pub(crate) fn is_armed(&self) -> bool {
        self.armed.contains(&true)
    }

    /// Judges a whole message. `first` is the length of its first frame; only a misbehaviour
    /// looks at it.
    pub(crate) fn judge(
        &mut self,
        text: bool,
        payload: &[u8],
        first: usize,
        deviations: &Deviations,
    ) -> Judged {
        if text && !deviations.inspects_text {
            return Judged::Data { escaped: false };
        }
        let inspected = match payload.get(..first) {
            Some(frame) if deviations.judges_first_frame => frame,
            _ => payload,
        };
        let begins = |sequence: &[u8; 4]| {
            inspected.starts_with(sequence)
                || deviations.inspects_everywhere
                    && inspected.windows(4).any(|four| four == sequence)
                || deviations.takes_short_for_control
                    && matches!(inspected.len(), 1..=2)
                    && sequence.starts_with(inspected)
        };
        let index = self.sequences.iter().position(begins);
        let Some((index, armed)) = index.and_then(|i| Some((i, self.armed.get_mut(i)?))) else {
            if deviations.disarms_at_other_data {
                self.armed.fill(false);
            }
            return Judged::Data { escaped: false };
        };
        if *armed && !(deviations.takes_repeated_escape && payload.len() == 4) {
            *armed = deviations.stays_armed;
            Judged::Data { escaped: true }
        } else if payload.len() == 4 {
            *armed = !deviations.ignores_escapes;
            Judged::Escape
        } else {
            Judged::Control { index }
        }
    }

    /// A pong came; only a misbehaving filter cares.
    pub(crate) fn pong(&mut self, deviations: &Deviations) {
        if deviations.disarms_at_pong {
            self.armed.fill(false);
        }
    }

    /// Whether a ping is to be taken for a control message, which is a misbehaviour.
    pub(crate) fn takes_ping(&self, payload: &[u8], deviations: &Deviations) -> bool {
        deviations.inspects_pings && self.sequences.iter().any(|s| payload.starts_with(s))
    }
}

/// The sequence that has to be sent ahead of a binary data message, if any. Only a misbehaviour
/// asks whether it is the `first` message of the connection.
pub(crate) fn escape_for(
    sequences: &[[u8; 4]],
    payload: &[u8],
    first: bool,
    deviations: &Deviations,
) -> Option<[u8; 4]> {
    let bare = match payload.len() {
        4 => deviations.leaves_equal_data_bare,
        _ => deviations.leaves_longer_data_bare,
    };
    let needless = deviations.escapes_short_data && payload.len() == 3 && !first;
    let needs = |sequence: &&[u8; 4]| {
        payload.starts_with(*sequence) && !bare || needless && sequence.starts_with(payload)
    };
    sequences
        .iter()
        .find(needs)
        .copied()
        .filter(|s| *s != [0; 4] || !deviations.takes_zeros_for_none)
}

/// Message types of `rate-control`: the octet behind the sequence.
pub(crate) mod message {
    pub(crate) const RATE: u8 = 0x01;
    pub(crate) const INCREASE: u8 = 0x02;
    pub(crate) const DECREASE: u8 = 0x03;
    pub(crate) const FULL: u8 = 0x04;
    pub(crate) const EFFECTIVE: u8 = 0x05;
    pub(crate) const LIMIT: u8 = 0x06;
    pub(crate) const SUSPEND: u8 = 0x7E;
    pub(crate) const RESUME: u8 = 0x7F;
    /// Types from here on may be unknown to a receiver.
    pub(crate) const IGNORABLE: u8 = 0x80;
}

/// Checks a control message of `rate-control`; an error means to fail the connection with 1002.
///
/// There is no pacing in these endpoints, so a request that is well-formed has no further effect.
pub(crate) fn check_rate_control(
    kind: u8,
    body: &[u8],
    deviations: &Deviations,
) -> Result<(), &'static str> {
    use message::*;
    match kind {
        RATE..=LIMIT | SUSPEND | RESUME if deviations.takes_malformed_bodies => Ok(()),
        RATE | EFFECTIVE | LIMIT => match <[u8; 8]>::try_from(body).map(u64::from_be_bytes) {
            Ok(0) if kind == LIMIT => Err("a limit of 0"),
            Ok(u64::MAX) if deviations.refuses_unlimited_rate => Err("a rate out of range"),
            // 2^64 - 1 is the unlimited rate.
            Ok(rate) if rate < 1 << 53 || rate == u64::MAX => Ok(()),
            Ok(_) => Err("a rate out of range"),
            Err(_) => Err("a rate that is not 8 octets"),
        },
        INCREASE | DECREASE | FULL | SUSPEND | RESUME if body.is_empty() => Ok(()),
        INCREASE | DECREASE | FULL | SUSPEND | RESUME => Err("a body where none belongs"),
        IGNORABLE.. if deviations.refuses_ignorable_types => Err("an unknown type"),
        IGNORABLE.. => Ok(()),
        _ if deviations.takes_unknown_types => Ok(()),
        _ => Err("an unknown critical type"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: [u8; 4] = [0xF0, 0x80, 0, 0x10];
    const T: [u8; 4] = [0xF0, 0x80, 0, 0x11];

    fn judged(messages: &[(bool, &[u8])]) -> Vec<Judged> {
        let mut filter = Filter::new(vec![S, T]);
        let deviations = Deviations::default();
        let judge = |(text, payload): &(bool, &[u8])| {
            filter.judge(*text, payload, payload.len(), &deviations)
        };
        messages.iter().map(judge).collect()
    }

    #[test]
    fn arming_outlives_everything_but_its_own_message() {
        let rate = [&S[..], &[1]].concat();
        let other = [&T[..], &[4]].concat();
        let messages: &[(bool, &[u8])] = &[
            (false, &S),
            (true, b"text"),
            (false, b"data"),
            (false, b""),
            (false, &other),
            (false, &rate),
            (false, &rate),
        ];
        let data = || Judged::Data { escaped: false };
        let expected = [
            Judged::Escape,
            data(),
            data(),
            data(),
            Judged::Control { index: 1 },
            Judged::Data { escaped: true },
            Judged::Control { index: 0 },
        ];
        assert_eq!(judged(messages), expected);
    }

    #[test]
    fn a_second_bare_sequence_is_data() {
        let messages: &[(bool, &[u8])] = &[(false, &S), (false, &S), (false, &S)];
        assert_eq!(
            judged(messages),
            [Judged::Escape, Judged::Data { escaped: true }, Judged::Escape]
        );
    }

    #[test]
    fn short_messages_and_text_are_data() {
        let messages: &[(bool, &[u8])] =
            &[(false, &S[..3]), (true, &S), (false, b"x\xF0\x80\0\x10")];
        let data = || Judged::Data { escaped: false };
        assert_eq!(judged(messages), [data(), data(), data()]);
    }

    #[test]
    fn bodies_are_checked() {
        let check = |kind, body: &[u8]| check_rate_control(kind, body, &Deviations::default());
        assert!(check(message::RATE, &1000_u64.to_be_bytes()).is_ok());
        assert!(check(message::RATE, &u64::MAX.to_be_bytes()).is_ok());
        assert!(check(message::RATE, &(1_u64 << 53).to_be_bytes()).is_err());
        assert!(check(message::RATE, &[0; 7]).is_err());
        assert!(check(message::RATE, &[0; 9]).is_err());
        assert!(check(message::FULL, &[]).is_ok());
        assert!(check(message::FULL, &[0]).is_err());
        assert!(check(0x00, &[]).is_err());
        assert!(check(0x7D, &[]).is_err());
        assert!(check(0xFF, b"private").is_ok());
    }
}
