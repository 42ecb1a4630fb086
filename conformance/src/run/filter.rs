//! What a message is to the control extension (US 9,331,890, FIG. 6), from the point of view of a
//! receiver: which sequences are active, and which an escape has armed.

use std::sync::Arc;

use super::agreement::{Agreement, Sequence};
use super::event::Class;
use crate::wire::Opcode;

/// The sequences that are active in the direction of the endpoint under test.
#[derive(Debug, Default)]
pub(super) struct Filter {
    active: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    agreement: Arc<Agreement>,
    armed: bool,
}

/// What a whole message is.
pub(super) struct Classified {
    /// Its class.
    pub class: Class,
    /// The sequence of an escape that came before it although it does not begin with that.
    pub stray_escape: Option<Sequence>,
}

impl Filter {
    /// From here on, the sequence of the agreement has a meaning.
    pub(super) fn activate(&mut self, agreement: Arc<Agreement>) {
        self.active.push(Active { agreement, armed: false });
    }

    /// Whether a message that begins so would be a control message or an escape, whole or not.
    /// `None` as long as it cannot be told.
    pub(super) fn takes(&self, opcode: Opcode, beginning: &[u8], whole: bool) -> Option<bool> {
        if opcode != Opcode::BINARY || self.active.is_empty() {
            return Some(false);
        }
        match (beginning.len() >= size_of::<Sequence>(), whole) {
            (true, _) => Some(self.active.iter().any(|one| !one.armed && one.begins(beginning))),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }

    /// Whether what is sent after a Close would have been a control message or an escape.
    pub(super) fn is_marked(&self, opcode: Opcode, beginning: &[u8]) -> bool {
        opcode == Opcode::BINARY && self.active.iter().any(|one| one.begins(beginning))
    }

    /// Takes a whole message.
    pub(super) fn classify(&mut self, opcode: Opcode, payload: &[u8]) -> Classified {
        let begun = match opcode {
            Opcode::BINARY => self.active.iter().position(|one| one.begins(payload)),
            _ => None,
        };
        // Step 610: a receiver stays armed whatever else comes.
        let armed = self.active.iter().enumerate();
        let stray_escape = armed
            .filter(|(index, one)| one.armed && Some(*index) != begun)
            .map(|(_, one)| one.agreement.sequence)
            .next();
        let class = match begun.and_then(|index| self.active.get_mut(index)) {
            None => Class::Data,
            Some(one) if one.armed => {
                one.armed = false;
                Class::EscapedData
            }
            Some(one) => {
                let octets = payload.get(size_of::<Sequence>()..).unwrap_or_default();
                one.armed = octets.is_empty();
                match octets {
                    [] => Class::Escape(one.agreement.sequence),
                    octets => Class::Control {
                        agreement: Arc::clone(&one.agreement),
                        octets: octets.to_vec(),
                    },
                }
            }
        };
        Classified { class, stray_escape }
    }
}

impl Active {
    fn begins(&self, payload: &[u8]) -> bool {
        payload.starts_with(&self.agreement.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Sequence = *b"\xF0\x80\x00\x10";
    const BEAT: Sequence = *b"\xF0\x80\x00\x11";

    fn filter() -> Filter {
        let mut filter = Filter::default();
        for (capability, sequence) in [("rate-control", RATE), ("heartbeat", BEAT)] {
            filter.activate(Arc::new(Agreement::new(capability, sequence, Default::default())));
        }
        filter
    }

    /// What each of the binary messages is, and which escape stands before it in vain.
    fn classes(messages: &[&[u8]]) -> Vec<String> {
        let mut filter = filter();
        let classes = messages.iter().map(|message| {
            let Classified { class, stray_escape } = filter.classify(Opcode::BINARY, message);
            let class = match class {
                Class::Data => "data".to_owned(),
                Class::EscapedData => "escaped".to_owned(),
                Class::Escape([.., last]) => format!("escape {last:02X}"),
                Class::Control { agreement, .. } => agreement.capability.clone(),
            };
            match stray_escape {
                Some([.., last]) => format!("{class}, {last:02X} armed"),
                None => class,
            }
        });
        classes.collect()
    }

    #[test]
    fn each_sequence_is_armed_alone() {
        assert_eq!(
            classes(&[
                &[&RATE[..], b"\x02"].concat(),
                &RATE,
                &[&BEAT[..], b"\x01"].concat(),
                &BEAT,
                &[&BEAT[..], b"\x01"].concat(),
                b"AB",
                &RATE,
                &RATE,
                &[&BEAT[..], b"\x01"].concat(),
            ]),
            [
                "rate-control",
                "escape 10",
                "heartbeat, 10 armed",
                "escape 11, 10 armed",
                "escaped, 10 armed",
                "data, 10 armed",
                "escaped",
                "escape 10",
                "heartbeat, 10 armed",
            ]
        );
    }

    #[test]
    fn text_and_short_messages_are_data() {
        let mut filter = filter();
        assert_eq!(filter.classify(Opcode::TEXT, &RATE).class, Class::Data);
        assert_eq!(filter.classify(Opcode::BINARY, &RATE[..3]).class, Class::Data);
        assert_eq!(filter.takes(Opcode::TEXT, b"", false), Some(false));
        assert_eq!(filter.takes(Opcode::BINARY, &RATE[..3], false), None);
        assert_eq!(filter.takes(Opcode::BINARY, &RATE[..3], true), Some(false));
        assert_eq!(filter.takes(Opcode::BINARY, &RATE, false), Some(true));
        filter.classify(Opcode::BINARY, &RATE);
        assert_eq!(filter.takes(Opcode::BINARY, &RATE, false), Some(false));
        assert_eq!(filter.takes(Opcode::BINARY, b"ABCD", false), Some(false));
        assert_eq!(Filter::default().takes(Opcode::BINARY, b"", false), Some(false));
    }
}
