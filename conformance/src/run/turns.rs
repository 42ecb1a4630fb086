//! What the harness does as a good peer: it answers control messages that want an answer (chapters
//! "The control extension", "Heartbeat" and "Set-up on an open connection").

use wsconform_spec::scenario::{Role, control_message, control_message_of_kind};

use super::agreement::{Agreement, Sequence};
use super::connection::Connection;
use super::message::{RESUME, SUSPEND};
use super::setup;
use crate::wire::{FrameSpec, Opcode};

/// The SUSPEND and RESUME of both sides that wait for an answer, each with its sequence.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Those of the harness.
    asked: Vec<(Sequence, u8)>,
    /// Those of the endpoint.
    owed: Vec<(Sequence, u8)>,
    /// The sequences for which the harness rests.
    resting: Vec<Sequence>,
    /// Whether a message of the harness is in progress.
    in_progress: bool,
    /// The escape of the harness whose data has not begun.
    escaped: Option<Sequence>,
    /// Replies that wait until a control message may be sent.
    held_back: Vec<Vec<u8>>,
}

/// Replies that are held back; of more, nothing is gained.
const MOST_HELD_BACK: usize = 64;

impl Turns {
    /// The harness sends a control message.
    pub(super) fn sent(&mut self, agreement: &Agreement, octets: &[u8]) {
        let [kind @ (SUSPEND | RESUME)] = octets else { return };
        let turn = (agreement.sequence, *kind);
        self.resting.retain(|sequence| *sequence != agreement.sequence);
        if *kind == SUSPEND {
            self.resting.push(agreement.sequence);
        }
        if !take(&mut self.owed, turn) {
            self.asked.push(turn);
        }
    }

    /// The endpoint sent a control message; whether that leaves the harness to answer it.
    pub(super) fn received(&mut self, agreement: &Agreement, octets: &[u8]) -> bool {
        let [kind @ (SUSPEND | RESUME)] = octets else { return true };
        let turn = (agreement.sequence, *kind);
        // Two that cross answer each other.
        if take(&mut self.asked, turn) {
            return false;
        }
        self.owed.push(turn);
        true
    }
}

fn take(turns: &mut Vec<(Sequence, u8)>, turn: (Sequence, u8)) -> bool {
    let found = turns.iter().position(|other| *other == turn);
    found.map(|index| turns.remove(index)).is_some()
}

impl Connection {
    /// The harness sends a frame: it may begin or end a message, and an escape wants its data.
    pub(super) fn note_frame(&mut self, frame: &FrameSpec) {
        if frame.opcode.is_control() {
            return;
        }
        self.turns.in_progress = !frame.fin;
        if frame.opcode != Opcode::BINARY {
            return;
        }
        let mut agreements = self.agreements().iter();
        let marked = agreements.find(|one| frame.payload.starts_with(&one.sequence));
        let Some(sequence) = marked.map(|one| one.sequence) else { return };
        if self.turns.escaped == Some(sequence) {
            self.turns.escaped = None;
        } else if frame.fin && frame.payload == sequence {
            self.turns.escaped = Some(sequence);
        }
    }

    /// A reply, or `None` if it has to wait: a control message stands neither inside a message, nor
    /// between an escape and its data, nor between ANSWER and CONFIRM.
    pub(super) fn now_or_later(&mut self, reply: Vec<u8>) -> Option<Vec<u8>> {
        if self.may_reply() {
            return Some(reply);
        }
        if self.turns.held_back.len() < MOST_HELD_BACK {
            self.turns.held_back.push(reply);
        }
        None
    }

    /// The replies that were held back and may be sent now.
    pub(super) fn replies(&mut self) -> Vec<Vec<u8>> {
        match self.may_reply() {
            true => std::mem::take(&mut self.turns.held_back),
            false => Vec::new(),
        }
    }

    fn may_reply(&self) -> bool {
        !self.turns.in_progress
            && self.turns.escaped.is_none()
            && !self.setup().owes_confirm()
            && !self.close_sent
    }

    /// What a good peer answers to a control message that nobody expects, from its type on.
    pub(super) fn reply_to(&mut self, agreement: &Agreement, octets: &[u8]) -> Option<Vec<u8>> {
        let harness = if self.harness_serves() { Role::Server } else { Role::Client };
        let mine = self.turns.received(agreement, octets);
        if !mine || self.close_sent || !agreement.may_send(harness) {
            return None;
        }
        let (kind, body) = octets.split_first()?;
        let message = control_message_of_kind(&agreement.capability, *kind)?;
        match (message.name, body) {
            ("SUSPEND" | "RESUME", []) => Some(vec![*kind]),
            ("BEAT", body) if !self.turns.resting.contains(&agreement.sequence) => {
                let echo = control_message(&agreement.capability, "ECHO")?;
                Some([&[echo.kind], body].concat())
            }
            // Nothing is accepted that no scenario knows of.
            ("OFFER", _) => self.setup().owes_answer().then(|| vec![setup::ANSWER]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crosses_is_the_answer() {
        let mut turns = Turns::default();
        let rate = Agreement::new("rate-control", [0xF0, 0x80, 0, 0x10], Default::default());
        let beat = Agreement::new("heartbeat", [0xF0, 0x80, 0, 0x11], Default::default());
        turns.sent(&rate, &[SUSPEND]);
        turns.sent(&rate, &[0x02]);
        assert!(turns.received(&beat, &[SUSPEND]));
        assert!(!turns.received(&rate, &[SUSPEND]), "it answers that of the harness");
        assert!(turns.received(&rate, &[RESUME]));
        turns.sent(&rate, &[RESUME]);
        assert!(turns.received(&rate, &[SUSPEND]), "RESUME was an answer, and not asked");
        assert!(turns.resting.is_empty());
    }
}
