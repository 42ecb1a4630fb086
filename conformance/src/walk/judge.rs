//! An endpoint as the model sees it, in the middle of a walk.

use std::sync::Arc;

use wsconform_spec::model::Outcome;
use wsconform_spec::scenario::Role;

use super::active::Active;
use super::due::{Data, Dues};
use super::machine::{At, Machines};
use super::rule::{Rule, Wrong};
use super::sending::Follow;
use super::step::{Content, Sequence, Step};
use crate::run::{Agreement, Event, Message};
use crate::wire::{FrameSpec, hex};

/// An endpoint as the model sees it, in the middle of a walk.
#[derive(Clone)]
pub(crate) struct Judge<'m> {
    pub(super) machines: Machines<'m>,
    /// Who is under test.
    pub(super) role: Role,
    pub(super) frames: At<'m>,
    /// The message that has begun: its payload, and how much of it is sent.
    pub(super) open: Option<(Content, Vec<u8>, usize)>,
    pub(super) active: Vec<Active<'m>>,
    pub(super) dues: Dues,
    /// The number of the step that is being taken.
    pub(super) step: usize,
    /// What each step so far would violate if it were the one at which the endpoint gives up.
    pub(super) taken: Vec<(usize, Rule)>,
    /// The last step that something came of: all up to it were taken.
    pub(super) seen: usize,
    /// The escape that came, and nothing behind it.
    pub(super) lone: Option<Sequence>,
}

impl<'m> Judge<'m> {
    /// At the opening of a connection on which these were agreed on.
    pub(crate) fn new(machines: Machines<'m>, role: Role, agreements: &[Arc<Agreement>]) -> Self {
        let mut judge = Self {
            frames: At::new(machines.frames),
            machines,
            role,
            open: None,
            active: Vec::new(),
            dues: Dues::default(),
            step: 0,
            taken: Vec::new(),
            seen: 0,
            lone: None,
        };
        for agreement in agreements {
            let mut active = Active::new(Arc::clone(agreement), &judge.machines, role, false);
            active.confirm(&judge.machines, role);
            judge.active.push(active);
        }
        judge
    }

    /// Whether a message has begun and not ended.
    pub(crate) fn inside(&self) -> bool {
        self.open.is_some()
    }

    /// Whether data is held back.
    pub(crate) fn paused(&self) -> bool {
        self.pausing().is_some()
    }

    /// Whether the endpoint takes a control message of the capability for one now.
    pub(crate) fn inspects(&self, agreement: &Agreement) -> bool {
        self.active.iter().any(|one| *one.agreement == *agreement && one.inspected())
    }

    /// The names of the capabilities, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.active.iter().map(|one| one.agreement.capability.clone()).collect()
    }

    /// The token of the capability at this place.
    pub(crate) fn capability(&self, at: usize) -> &str {
        self.active.get(at).map_or("", |one| &one.agreement.capability)
    }

    /// The place of a capability that holds data back.
    pub(crate) fn pausing(&self) -> Option<usize> {
        let holds =
            |one: &Active<'_>| one.peek("data").is_some_and(|row| row.way.outcome == Outcome::Held);
        self.active.iter().position(holds)
    }

    /// What is violated by a frame that violates this standing requirement: behind bare data that
    /// equals a sequence, which looks like an escape, everything else seems to come between.
    pub(crate) fn standing(&self, requirement: &str) -> Rule {
        let bare =
            |due: &&Data| self.active.iter().any(|one| one.agreement.sequence[..] == due.payload);
        let front = self.dues.data.front().filter(bare);
        match front.and_then(|due| due.escape.clone()) {
            Some(rule) if requirement == "escape.sender.adjacent" => rule,
            _ => Rule::named(requirement),
        }
    }

    pub(super) fn sequences(&self) -> Vec<Sequence> {
        self.active.iter().map(|one| one.agreement.sequence).collect()
    }

    /// Whether the endpoint has to fail the connection if this is the next step.
    pub(crate) fn refuses(&self, step: &Step) -> bool {
        matches!(self.clone().send(0, step).follow, Follow::Fails(..))
    }

    /// A barrier: the echo of `token`, or the answer to a ping where data cannot come.
    pub(crate) fn barrier(&mut self, number: usize, token: &str) -> FrameSpec {
        self.step = number;
        let step = match self.inside() || self.paused() {
            true => Step::Ping(token.as_bytes().to_vec()),
            false => Step::Whole(Content::Text(token.to_owned())),
        };
        let sent = self.send(number, &step);
        sent.frame.unwrap_or_else(|| FrameSpec::ping(token))
    }

    /// What the ANSWER of the endpoint agreed on.
    pub(crate) fn adopt(&mut self, agreements: &[Arc<Agreement>]) {
        for agreement in agreements.iter().skip(self.active.len()) {
            self.active.push(Active::new(Arc::clone(agreement), &self.machines, self.role, true));
        }
    }

    /// Whether everything that is due has come, as far as it is not held back.
    pub(crate) fn settled(&self) -> bool {
        self.dues.first().is_none()
    }

    /// What is due and did not come in time.
    pub(crate) fn missed(&self) -> Option<Wrong> {
        let (rule, expected) = self.dues.first()?;
        let bare = self.lone.and_then(|sequence| self.bare(&sequence));
        let (rule, observed) = match (bare, self.lone) {
            (Some(bare), Some(lone)) => {
                (bare, format!("escape {}, and nothing behind it", hex::print(&lone)))
            }
            _ => (rule, "nothing in time".to_owned()),
        };
        Some(Wrong { rule, expected, observed })
    }

    /// The endpoint gives up in the middle: at the first step that nothing came of yet.
    pub(crate) fn gave_up(&self, event: &Event) -> Option<Wrong> {
        let (_, rule) =
            self.taken.iter().find(|(step, _)| *step > self.seen).or(self.taken.last())?;
        let expected =
            self.dues.first().map_or("the connection to go on".to_owned(), |(_, due)| due);
        Some(Wrong { rule: rule.clone(), expected, observed: event.to_string() })
    }

    /// What is wrong if this data is a message that is none, and that its sequence finds again
    /// behind an escaped one.
    pub(crate) fn came_back(&self, message: &Message) -> Option<Wrong> {
        let rule = self.dues.forwarded(&message.payload)?;
        let expected = "no data of a control message".to_owned();
        Some(Wrong { rule, expected, observed: message.to_string() })
    }

    /// What is violated if this escape was data that equals the sequence.
    pub(super) fn bare(&self, sequence: &Sequence) -> Option<Rule> {
        let front = self.dues.data.front().filter(|due| due.payload == sequence)?;
        Some(front.escape.clone().unwrap_or_else(|| front.rule.clone()))
    }

    pub(super) fn saw(&mut self, step: usize) {
        self.seen = self.seen.max(step);
    }
}
