//! The layer between frames and the application: which binary messages are control messages,
//! which are escapes, and which data has to be escaped (US 9,331,890, FIG. 5 and 6).

use crate::capability::Capability;
use crate::capability::kind::BEAT;
use crate::deviations::Deviations;

/// Octets of the longest control message, its sequence included.
pub(crate) const CONTROL_LIMIT: usize = 4096;

/// What a received message turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// Belongs to the application; `escaped` says that an escape came ahead of it.
    Data { escaped: bool },
    /// Ends here, with the capability whose sequence it begins with.
    Control { capability: Capability },
    /// Ends here; the sequence is armed now.
    Escape,
}

/// The inspection of one direction: what this endpoint receives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    capability: Capability,
    sequence: [u8; 4],
    armed: bool,
    /// A misbehaviour: escapes are not looked at.
    blind: bool,
    /// A misbehaviour: not looked at until a message with it has passed.
    late: bool,
    /// A misbehaviour: never looked at.
    hidden: bool,
    /// A misbehaviour: only what looks like a BEAT is looked at.
    beats_alone: bool,
}

impl Filter {
    /// Inspects for one more sequence, which is not armed; without any, every message is data.
    pub(crate) fn add(&mut self, capability: Capability, sequence: [u8; 4]) {
        self.entries.push(Entry {
            capability,
            sequence,
            armed: false,
            blind: false,
            late: false,
            hidden: false,
            beats_alone: false,
        });
    }

    /// A misbehaviour: stops looking for escapes of a capability, or does so again.
    pub(crate) fn set_blind(&mut self, capability: Capability, blind: bool) {
        let ours = self.entries.iter_mut().filter(|entry| entry.capability == capability);
        ours.for_each(|entry| entry.blind = blind);
    }

    /// A misbehaviour: all sequences but the first so many are not found the next time.
    pub(crate) fn delay_behind(&mut self, count: usize) {
        self.entries.iter_mut().skip(count).for_each(|entry| entry.late = true);
    }

    /// A misbehaviour: all sequences so far but the first so many are never looked for.
    pub(crate) fn hide_behind(&mut self, count: usize) {
        self.entries.iter_mut().skip(count).for_each(|entry| entry.hidden = true);
    }

    /// A misbehaviour: of the sequences behind the first so many, only BEATs are seen.
    pub(crate) fn set_beats_alone(&mut self, first: usize, alone: bool) {
        self.entries.iter_mut().skip(first).for_each(|entry| entry.beats_alone = alone);
    }

    /// Whether the messages of a capability are found.
    pub(crate) fn finds(&self, capability: Capability) -> bool {
        self.entries.iter().any(|entry| entry.capability == capability)
    }

    /// How many sequences are inspected for.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the beginning of a message in progress will make it a control message.
    pub(crate) fn will_be_control(&self, start: &[u8]) -> bool {
        let entry = self.entries.iter().find(|entry| start.starts_with(&entry.sequence));
        entry.is_some_and(|entry| !entry.armed && !entry.late && !entry.hidden)
    }

    /// Whether a binary message that begins like this may still turn out to be no data.
    pub(crate) fn may_be_control(&self, start: &[u8]) -> bool {
        let undecided = |entry: &Entry| start.len() < 4 && entry.sequence.starts_with(start);
        self.will_be_control(start) || self.entries.iter().any(undecided)
    }

    /// Whether an escape waits for its message.
    pub(crate) fn is_armed(&self) -> bool {
        self.entries.iter().any(|entry| entry.armed)
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
        let judged = self.judge_now(text, payload, first, deviations);
        let missed = |entry: &&mut Entry| payload.starts_with(&entry.sequence);
        self.entries.iter_mut().filter(missed).for_each(|entry| entry.late = false);
        judged
    }

    fn judge_now(
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
        let Some(index) = self.find(inspected, deviations) else {
            if deviations.disarms_at_other_data {
                self.entries.iter_mut().for_each(|entry| entry.armed = false);
            }
            return Judged::Data { escaped: false };
        };
        let arms = !deviations.ignores_escapes;
        let arms_next = deviations.several.arms_next;
        let Some(entry) = self.entries.get_mut(index) else {
            return Judged::Data { escaped: false };
        };
        if entry.armed && !(deviations.takes_repeated_escape && payload.len() == 4) {
            entry.armed = deviations.stays_armed;
            self.arm_behind(index, arms_next, false);
            Judged::Data { escaped: true }
        } else if payload.len() == 4 {
            entry.armed = arms;
            self.arm_behind(index, arms_next, true);
            Judged::Escape
        } else {
            Judged::Control { capability: entry.capability }
        }
    }

    /// A misbehaviour: an escape arms the sequence behind its own, for as long as its own.
    fn arm_behind(&mut self, index: usize, arms_next: bool, armed: bool) {
        if arms_next && let Some(entry) = self.entries.get_mut(index + 1) {
            entry.armed = armed;
        }
    }

    /// The entry whose sequence the message begins with.
    fn find(&self, inspected: &[u8], deviations: &Deviations) -> Option<usize> {
        if deviations.several.trusts_first_two_sequences && self.is_dismissed_wrongly(inspected) {
            return None;
        }
        let begins = |sequence: &[u8; 4]| {
            inspected.starts_with(sequence)
                || deviations.inspects_everywhere
                    && inspected.windows(4).any(|four| four == sequence)
                || deviations.takes_short_for_control
                    && inspected.len() == 1
                    && sequence.starts_with(inspected)
                || deviations.several.compares_28_bits
                    && inspected.first_chunk().is_some_and(|four| nearly(four, sequence))
                    && !self.entries.iter().any(|entry| inspected.starts_with(&entry.sequence))
        };
        let mut seen = self.entries.iter().enumerate().filter(|(_, entry)| !entry.hidden);
        let found = seen.find(|(_, entry)| {
            let blind = entry.blind && inspected.len() == 4
                || entry.beats_alone && inspected.get(4) != Some(&BEAT);
            !blind && !entry.late && begins(&entry.sequence)
        });
        found.map(|(index, _)| index)
    }

    /// A misbehaviour: a quick test that takes what the first two sequences have in common for
    /// common to all.
    fn is_dismissed_wrongly(&self, inspected: &[u8]) -> bool {
        let [first, second, ..] = self.entries.as_slice() else { return false };
        let pairs = first.sequence.iter().zip(&second.sequence).zip(inspected);
        let common = pairs.take_while(|((first, second), _)| first == second);
        common.into_iter().any(|((first, _), found)| first != found)
    }

    /// A pong came; only a misbehaving filter cares.
    pub(crate) fn pong(&mut self, deviations: &Deviations) {
        if deviations.disarms_at_pong {
            self.entries.iter_mut().for_each(|entry| entry.armed = false);
        }
    }

    /// Whether a ping is to be taken for a control message, which is a misbehaviour.
    pub(crate) fn takes_ping(&self, payload: &[u8], deviations: &Deviations) -> bool {
        let begins = |entry: &Entry| payload.starts_with(&entry.sequence);
        deviations.inspects_pings && self.entries.iter().any(begins)
    }
}

/// A misbehaviour: the first 28 bits are the same, and the next is not.
fn nearly(one: &[u8; 4], other: &[u8; 4]) -> bool {
    matches!(u32::from_be_bytes(*one) ^ u32::from_be_bytes(*other), 8..16)
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

#[cfg(test)]
mod tests {
    use super::*;

    const S: [u8; 4] = [0xF0, 0x80, 0, 0x10];
    const T: [u8; 4] = [0xF0, 0x80, 0, 0x11];

    fn judged(messages: &[(bool, &[u8])]) -> Vec<Judged> {
        let mut filter = Filter::default();
        filter.add(Capability::RateControl, S);
        filter.add(Capability::Heartbeat, T);
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
            Judged::Control { capability: Capability::Heartbeat },
            Judged::Data { escaped: true },
            Judged::Control { capability: Capability::RateControl },
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
    fn a_message_may_be_control_until_its_beginning_says_otherwise() {
        let mut filter = Filter::default();
        filter.add(Capability::RateControl, S);
        for (start, may) in [(&S[..0], true), (&S[..3], true), (&S, true), (b"x", false)] {
            assert_eq!(filter.may_be_control(start), may, "{start:02X?}");
        }
        assert!(!Filter::default().may_be_control(b""));
    }
}
