//! What is due of an endpoint: data, pongs and replies, each in its order.

use std::collections::VecDeque;
use std::fmt;

use wsconform_spec::model::{Body, Way};

use super::active::Active;
use super::rule::{Rule, Wrong};
use crate::run::{Class, Message};
use crate::wire::{Opcode, hex};

/// Data that has to come back.
#[derive(Clone, Debug)]
pub(super) struct Data {
    pub(super) opcode: Opcode,
    pub(super) payload: Vec<u8>,
    pub(super) rule: Rule,
    /// What is violated if it comes without the escape that it needs, or with one that it does not.
    pub(super) escape: Option<Rule>,
    /// Whether an escape comes before it.
    pub(super) behind_escape: bool,
    pub(super) step: usize,
    /// Whether a pause may hold it back.
    pub(super) held: bool,
    /// Whether it is lost by what it is, and not by what came behind it: an escape is at stake.
    pub(super) escaped: bool,
    /// Whether a control message was sent behind it.
    pub(super) followed: bool,
}

/// A Pong.
#[derive(Clone, Debug)]
pub(super) struct Pong {
    pub(super) payload: Vec<u8>,
    pub(super) rule: Rule,
    pub(super) step: usize,
}

/// A control message.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    /// The place of its capability.
    pub(super) capability: usize,
    /// Its name.
    pub(super) message: String,
    pub(super) body: Body,
    /// The whole body, where it is known.
    pub(super) echoed: Option<Vec<u8>>,
    /// What is as good.
    pub(super) or: Option<Way>,
    pub(super) rule: Rule,
    pub(super) step: usize,
}

/// A message that must not come back.
#[derive(Clone, Debug)]
pub(super) struct Silent {
    pub(super) payload: Vec<u8>,
    pub(super) rule: Rule,
}

/// All that is due.
#[derive(Clone, Debug, Default)]
pub(super) struct Dues {
    pub(super) data: VecDeque<Data>,
    pub(super) pongs: VecDeque<Pong>,
    pub(super) replies: VecDeque<Reply>,
    pub(super) silent: Vec<Silent>,
}

impl Dues {
    /// The first of what has to come, whatever is held back.
    pub(super) fn first(&self) -> Option<(Rule, String)> {
        let data = self.data.iter().find(|data| !data.held);
        let data = data.map(|due| (due.step, due.lost(), due.to_string()));
        let pong = self.pongs.front().map(|due| (due.step, due.rule.clone(), due.to_string()));
        let reply = self.replies.front().map(|due| (due.step, due.rule.clone(), due.to_string()));
        let first = [data, pong, reply].into_iter().flatten().min_by_key(|(step, ..)| *step);
        first.map(|(_, rule, due)| (rule, due))
    }

    /// The data that has to come next, described.
    pub(super) fn expected_data(&self) -> String {
        self.data.front().map_or("no data".to_owned(), Data::to_string)
    }

    /// What is violated if a message comes back that is no data.
    pub(super) fn forwarded(&self, payload: &[u8]) -> Option<Rule> {
        let silent = self.silent.iter().rev().find(|silent| silent.payload == payload);
        silent.map(|silent| silent.rule.clone())
    }

    /// What is violated by an escape that the data does not need.
    pub(super) fn needless(&self) -> Rule {
        let own = self.data.front().and_then(|due| due.escape.clone());
        own.unwrap_or_else(|| Rule::named("escape.sender.only-then"))
    }

    /// Data came that is not the next that is due; `position` tells where it is due.
    pub(super) fn wrong_data(&self, message: &Message, position: Option<usize>) -> Wrong {
        let observed = message.to_string();
        let expected = self.expected_data();
        let forwarded = self.forwarded(&message.payload).filter(|_| position.is_none());
        let Some(front) = self.data.front() else {
            let rule = forwarded.unwrap_or_else(|| Rule::named("contract.echo"));
            return Wrong { rule, expected, observed };
        };
        let same_beginning = front.payload.get(..4) == message.payload.get(..4);
        let changed = position.is_none() && message.class == Class::EscapedData && same_beginning;
        let rule = match forwarded {
            Some(rule) => rule,
            None if changed => Rule::named("escape.receiver.delivers"),
            None if position.is_some() => front.lost(),
            None => front.rule.clone(),
        };
        Wrong { rule, expected, observed }
    }

    /// Whether a control message is what is due.
    pub(super) fn waits_for(&self, at: usize, name: &str, body: &[u8]) -> bool {
        let is_due =
            |reply: &Reply| reply.capability == at && reply.message == name && reply.fits(body);
        self.replies.iter().any(is_due)
    }

    /// A control message came: takes what it answers, which may be several requests of a kind. Gives
    /// the step that it answers, if it answers one.
    pub(super) fn answer(
        &mut self,
        at: usize,
        name: &str,
        body: &[u8],
        active: &mut Active<'_>,
    ) -> Result<Option<usize>, Box<Reply>> {
        let is_own = |reply: &Reply| reply.capability == at && reply.message == name;
        let fits = |reply: &Reply| is_own(reply) && reply.fits(body);
        let last = self.replies.iter().rposition(fits);
        let last = match name {
            // Each has its own answer.
            "SUSPEND" | "RESUME" => self.replies.iter().position(fits),
            _ => last,
        };
        let Some(last) = last else {
            let Some(reply) = self.replies.iter().find(|reply| is_own(reply)).cloned() else {
                return Ok(None);
            };
            return match &reply.or {
                Some(or) if body.is_empty() => {
                    active.enter(&or.next);
                    self.replies.retain(|reply| !is_own(reply));
                    Ok(Some(reply.step))
                }
                // A rate may be told unasked.
                _ if name == "EFFECTIVE" => Ok(None),
                _ => Err(Box::new(reply)),
            };
        };
        let step = self.replies.get(last).map(|reply| reply.step);
        let mut index = 0;
        self.replies.retain(|reply| {
            let answered = index <= last && is_own(reply);
            index += 1;
            !answered
        });
        Ok(step)
    }
}

impl Data {
    /// What is violated if it does not come.
    pub(super) fn lost(&self) -> Rule {
        match self.followed && !self.escaped {
            true => Rule::named("message.order"),
            false => self.rule.clone(),
        }
    }
}

impl Reply {
    fn fits(&self, body: &[u8]) -> bool {
        if let Some(echoed) = &self.echoed {
            return echoed == body;
        }
        let zero = body.iter().all(|octet| *octet == 0);
        match self.body {
            Body::Any => true,
            Body::Zero => zero,
            Body::AboveZero => !zero,
            Body::Filled => !body.is_empty(),
            Body::Empty => body.is_empty(),
        }
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.opcode, std::str::from_utf8(&self.payload)) {
            (Opcode::TEXT, Ok(text)) => write!(f, "text {}", hex::quote(text)),
            _ => write!(f, "binary {}", hex::excerpt(&self.payload, self.payload.len() as u64)),
        }
    }
}

impl fmt::Display for Pong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pong {}", hex::excerpt(&self.payload, self.payload.len() as u64))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (self.body, &self.echoed) {
            (_, Some(body)) => write!(f, " {}", hex::excerpt(body, body.len() as u64)),
            (Body::Zero, _) => f.write_str(" 0"),
            (Body::AboveZero, _) => f.write_str(" above 0"),
            (Body::Filled, _) => f.write_str(" that accepts something"),
            (Body::Empty, _) => f.write_str(" that accepts nothing"),
            (Body::Any, _) => Ok(()),
        }
    }
}
