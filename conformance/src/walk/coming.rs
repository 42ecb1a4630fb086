//! Whether what comes is what is due.

use wsconform_spec::scenario::control_message_of_kind;

use super::active::Active;
use super::due::Data;
use super::judge::Judge;
use super::rule::{Rule, Wrong};
use super::step::Sequence;
use crate::run::{Agreement, Class, Event, Message};
use crate::wire::{Opcode, hex};

impl Judge<'_> {
    /// Judges what came. `Ok(false)`: nobody waits for it, and it is no data.
    pub(crate) fn came(&mut self, event: &Event) -> Result<bool, Wrong> {
        match event {
            Event::Native(frame) if frame.opcode == Opcode::PONG => {
                let found = self.dues.pongs.iter().position(|pong| pong.payload == frame.payload);
                let Some(found) = found else { return Ok(false) };
                // One Pong may answer several Pings, for the latest.
                let step = self.dues.pongs.drain(..=found).next_back().map(|pong| pong.step);
                step.into_iter().for_each(|step| self.saw(step));
                Ok(true)
            }
            Event::Message(message) => match &message.class {
                Class::Data | Class::EscapedData => {
                    self.lone = None;
                    self.data_came(message).map(|()| true)
                }
                // What follows tells whether it is right.
                Class::Escape(sequence) => {
                    self.lone = Some(*sequence);
                    Ok(true)
                }
                Class::Control { agreement, octets } => {
                    self.control_came(agreement, octets, message)
                }
            },
            _ => Ok(false),
        }
    }

    fn data_came(&mut self, message: &Message) -> Result<(), Wrong> {
        let observed = message.to_string();
        let escaped = message.stray_escape.map(|sequence| {
            (sequence, format!("escape {}, then {observed}", hex::print(&sequence)))
        });
        let fits = |due: &Data| {
            due.opcode == message.opcode
                && due.payload == message.payload
                && message.length == message.payload.len() as u64
        };
        let position = self.dues.data.iter().position(fits);
        if let Some((sequence, observed)) = escaped {
            return Err(self.stray(sequence, position, observed));
        }
        if position != Some(0) {
            return Err(self.dues.wrong_data(message, position));
        }
        if let Some(wrong) = self.too_early(&observed) {
            return Err(wrong);
        }
        let is_escaped = message.class == Class::EscapedData;
        let otherwise = self.dues.data.front().filter(|due| due.behind_escape != is_escaped);
        if let Some(due) = otherwise {
            let rule = due.escape.clone().unwrap_or_else(|| due.rule.clone());
            let expected = match due.behind_escape {
                true => format!("an escape, then {due}"),
                false => format!("{due} without an escape"),
            };
            return Err(Wrong { rule, expected, observed });
        }
        if let Some(due) = self.dues.data.pop_front() {
            self.saw(due.step);
        }
        Ok(())
    }

    /// An escape that does not belong to the data behind it: it was bare data that equals the
    /// sequence, an escape that came back, or needless.
    fn stray(&mut self, sequence: Sequence, position: Option<usize>, observed: String) -> Wrong {
        let rule = match (position, self.bare(&sequence)) {
            (Some(1), Some(bare)) => bare,
            (Some(0), _) => self.dues.forwarded(&sequence).unwrap_or_else(|| self.dues.needless()),
            _ => Rule::named("escape.sender.adjacent"),
        };
        let expected = self.dues.expected_data();
        Wrong { rule, expected, observed }
    }

    /// Data that came although a request was not answered, or in a pause.
    fn too_early(&self, observed: &str) -> Option<Wrong> {
        let due = self.dues.data.front()?;
        let asked = self.dues.replies.iter().find(|reply| {
            let strict = self.active.get(reply.capability).is_some_and(Active::strict);
            strict && reply.message == "EFFECTIVE" && reply.step < due.step
        });
        if let Some(reply) = asked {
            let expected = reply.to_string();
            return Some(Wrong {
                rule: reply.rule.clone(),
                expected,
                observed: observed.to_owned(),
            });
        }
        let paused = self.active.iter().find(|one| one.said_pause)?;
        let row = paused.held_row().and_then(Rule::of)?;
        let expected = "no data until the next EFFECTIVE".to_owned();
        Some(Wrong { rule: row, expected, observed: observed.to_owned() })
    }

    fn control_came(
        &mut self,
        agreement: &Agreement,
        octets: &[u8],
        message: &Message,
    ) -> Result<bool, Wrong> {
        let observed = message.to_string();
        let at = self.active.iter().position(|one| one.agreement.sequence == agreement.sequence);
        let answers = at.zip(octets.split_first()).is_some_and(|(at, (kind, body))| {
            self.dues.waits_for(at, name_of(agreement, *kind), body)
        });
        let bare = self.dues.data.front().filter(|due| due.payload == message.payload && !answers);
        if let Some(due) = bare {
            let expected = format!("escape {}", hex::print(&agreement.sequence));
            let rule = due.escape.clone().unwrap_or_else(|| due.rule.clone());
            return Err(Wrong { rule, expected, observed });
        }
        if let Some(rule) = self.dues.forwarded(&message.payload)
            && !message.class.is_known_control()
        {
            return Err(Wrong {
                rule,
                expected: "no data of a control message".to_owned(),
                observed,
            });
        }
        if !message.class.is_known_control() {
            let expected = "control messages of an assigned type, with a body that fits".to_owned();
            return Err(Wrong { rule: Rule::named("message.sent"), expected, observed });
        }
        let (Some(at), Some((kind, body))) = (at, octets.split_first()) else { return Ok(false) };
        let name = name_of(agreement, *kind);
        if self.active[at].resting && name != "RESUME" {
            let expected = "nothing of a suspended capability but RESUME".to_owned();
            return Err(Wrong { rule: Rule::named("suspend.quiet"), expected, observed });
        }
        self.active[at].heard(name, body);
        let step = self
            .dues
            .answer(at, name, body, &mut self.active[at])
            .map_err(|reply| Wrong { expected: reply.to_string(), rule: reply.rule, observed })?;
        if let Some(step) = step {
            self.saw(step);
        }
        Ok(step.is_some())
    }
}

/// The name of a message of a capability.
fn name_of(agreement: &Agreement, kind: u8) -> &'static str {
    control_message_of_kind(&agreement.capability, kind).map_or("", |message| message.name)
}
