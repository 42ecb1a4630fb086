//! What each step makes due, by the tables of the model.

use wsconform_spec::model::{Outcome, Row};

use super::active::Active;
use super::due::{Data, Pong, Reply, Silent};
use super::judge::Judge;
use super::rule::Rule;
use super::step::{BadFrame, Content, Sequence, Step};
use crate::wire::{FrameSpec, Opcode};

/// What a step comes to.
#[derive(Debug)]
pub(crate) struct Sent {
    /// What goes over the wire; nothing, for a step about what is not there.
    pub frame: Option<FrameSpec>,
    /// The payload of a control message that it completes.
    pub control: Option<Vec<u8>>,
    /// Whether the connection goes on.
    pub follow: Follow,
}

/// What has to happen behind a step.
#[derive(Clone, Debug)]
pub(crate) enum Follow {
    /// What is due, and the next step.
    GoesOn,
    /// What is due, before the next step: the endpoint decides how it goes on.
    Answered,
    /// The endpoint fails the connection.
    Fails(u16, Rule),
    /// The endpoint closes the connection; `armed` tells whether an escape stands alone.
    Closes(Rule, bool),
}

impl<'m> Judge<'m> {
    /// Takes the step of this number.
    pub(crate) fn send(&mut self, number: usize, step: &Step) -> Sent {
        self.step = number;
        match step {
            Step::Whole(content) => {
                let Some(payload) = self.payload(content) else { return Sent::nothing() };
                let frame = FrameSpec::new(content.opcode(), payload.clone());
                let row = self.frames.take("whole");
                self.whole(frame, row, content, payload)
            }
            Step::Begin(content, first) => {
                let Some(payload) = self.payload(content) else { return Sent::nothing() };
                let first = (*first).min(payload.len());
                let frame =
                    FrameSpec { fin: false, ..FrameSpec::new(content.opcode(), &payload[..first]) };
                let row = self.frames.take("begin");
                if self.open.is_none() {
                    self.open = Some((content.clone(), payload, first));
                }
                Sent::of(frame, self.frame_row(row))
            }
            Step::Continue(octets) => {
                let row = self.frames.take("continue");
                let piece = match &mut self.open {
                    Some((_, payload, sent)) => {
                        let end = sent.saturating_add(*octets).min(payload.len());
                        payload[std::mem::replace(sent, end)..end].to_vec()
                    }
                    None => Vec::new(),
                };
                let frame = FrameSpec { fin: false, ..FrameSpec::continuation(piece) };
                Sent::of(frame, self.frame_row(row))
            }
            Step::Last => {
                let open = self.open.take();
                let marked =
                    open.as_ref().is_some_and(|(content, ..)| content.capability().is_some());
                let row = self.frames.take(if marked { "last-marked" } else { "last" });
                let Some((content, payload, sent)) = open else {
                    return Sent::of(FrameSpec::continuation(""), self.frame_row(row));
                };
                let frame = FrameSpec::continuation(&payload[sent..]);
                self.whole(frame, row, &content, payload)
            }
            Step::Ping(payload) => self.native(Opcode::PING, payload.clone(), None),
            Step::Native(at, behind) => match self.sequences().get(*at) {
                Some(sequence) => {
                    let payload = [&sequence[..], behind].concat();
                    self.native(Opcode::PING, payload, Some(*at))
                }
                None => Sent::nothing(),
            },
            Step::Pong(payload) => self.native(Opcode::PONG, payload.clone(), None),
            Step::Close => self.close(),
            Step::Bad(bad) => self.bad(*bad),
        }
    }

    /// The payload of a message; nothing if it is about a capability that is not there, or has become
    /// that of another.
    fn payload(&self, content: &Content) -> Option<Vec<u8>> {
        let sequences = self.sequences();
        let payload = content.octets(&sequences)?;
        if let Content::Marked(at, control) = content
            && !control.is_of(&self.active[*at].agreement.capability)
        {
            return None;
        }
        let begun = sequences.iter().any(|sequence| payload.starts_with(sequence));
        let near = matches!(content, Content::Near(..));
        (!(near && begun)).then_some(payload)
    }

    fn bad(&mut self, bad: BadFrame) -> Sent {
        let row = self.frames.take(bad.input());
        Sent::of(bad.frame(), self.frame_row(row))
    }

    /// A row of the frames that no message follows from.
    fn frame_row(&mut self, row: Option<&'m Row>) -> Follow {
        let Some((row, rule)) = row.and_then(|row| Some((row, Rule::of(row)?))) else {
            return Follow::GoesOn;
        };
        self.taken.push((self.step, rule.clone()));
        match row.way.outcome {
            Outcome::Fail(code) => Follow::Fails(code, rule),
            _ => Follow::GoesOn,
        }
    }

    /// A Ping or Pong: every sequence sees it, and an armed one has to stand it.
    fn native(&mut self, opcode: Opcode, payload: Vec<u8>, about: Option<usize>) -> Sent {
        let inside = self.inside();
        let row = self.frames.take(if opcode == Opcode::PING { "ping" } else { "pong" });
        let mut rule = row.and_then(Rule::of);
        let rows: Vec<_> = self.active.iter_mut().map(|one| one.incoming("native")).collect();
        let armed = self.active.iter().zip(&rows).find(|(one, _)| one.armed());
        let named = about.and_then(|at| rows.get(at).copied().flatten()).filter(|_| !inside);
        if let Some(stronger) = armed.and_then(|(_, row)| *row).or(named) {
            rule = Rule::of(stronger).or(rule);
        }
        if opcode == Opcode::PING {
            let holds = self.pausing();
            let rows: Vec<_> = self.active.iter_mut().map(|one| one.function("native")).collect();
            if let Some(row) = holds.and_then(|at| rows.get(at).copied().flatten()) {
                rule = Rule::of(row).or(rule);
            }
        }
        if let Some(rule) = rule {
            self.taken.push((self.step, rule.clone()));
            if opcode == Opcode::PING {
                self.dues.pongs.push_back(Pong { payload: payload.clone(), rule, step: self.step });
            }
        }
        Sent::of(FrameSpec::new(opcode, payload), Follow::GoesOn)
    }

    fn close(&mut self) -> Sent {
        self.frames.take("close");
        let armed = self.active.iter().position(Active::armed);
        let rows: Vec<_> = self.active.iter_mut().map(|one| one.incoming("close")).collect();
        let row = armed.map_or_else(|| rows.first().copied().flatten(), |at| rows[at]);
        let row = row.or_else(|| self.machines.one_way.row(0, "close"));
        let follow = match row.and_then(Rule::of) {
            Some(rule) => Follow::Closes(rule, armed.is_some()),
            None => Follow::GoesOn,
        };
        Sent::of(FrameSpec::close(1000, ""), follow)
    }

    fn whole(
        &mut self,
        frame: FrameSpec,
        row: Option<&'m Row>,
        content: &Content,
        payload: Vec<u8>,
    ) -> Sent {
        let before = self.dues.data.len();
        let follow = self.message_row(row, content, payload.clone());
        let is_data = self.dues.data.len() > before || matches!(follow, Follow::Fails(..));
        let marked = matches!(content, Content::Marked(..)) && !is_data;
        Sent { control: marked.then_some(payload), ..Sent::of(frame, follow) }
    }

    /// A message is whole: who judges it, and what follows.
    fn message_row(&mut self, row: Option<&'m Row>, content: &Content, payload: Vec<u8>) -> Follow {
        let Some(row) = row else { return Follow::GoesOn };
        if row.way.outcome != Outcome::Message {
            return self.frame_row(Some(row));
        }
        // In fragments: what stands here is violated, whatever it would be for a message in one.
        let fragments = Rule::of(row);
        let own = content.capability().filter(|at| *at < self.active.len());
        let input = match content {
            Content::Text(_) => "text",
            Content::Other(octets) if octets.len() < 4 => "short",
            Content::Other(_) => "other",
            Content::Short(..) => "short",
            Content::Near(..) => "near",
            Content::Inner(..) => "inner",
            Content::Escape(_) => "escape",
            Content::Marked(..) => "marked",
            Content::Long(_) => "long",
        };
        let begins = matches!(input, "escape" | "marked" | "long");
        let of_others = match input {
            "near" | "inner" | "escape" | "marked" | "long" => "other",
            input => input,
        };
        let armed: Vec<bool> = self.active.iter().map(Active::armed).collect();
        let own_row = own.and_then(|at| self.active[at].incoming(input));
        let resting = own.filter(|_| begins).and_then(|at| self.active[at].resting_rule());
        let instead = fragments.or(resting);
        if let (Some(at), Some(row)) = (own, own_row)
            && row.way.outcome != Outcome::Data
        {
            if input == "escape" {
                let others = self.active.iter_mut().enumerate().filter(|(other, _)| *other != at);
                others.for_each(|(_, one)| {
                    one.incoming("beside");
                });
            }
            return self.no_data(row, instead, at, content, payload);
        }
        // Data where all say so; what is marked for one is other data to the others.
        let mut rows = Vec::new();
        for (index, one) in self.active.iter_mut().enumerate() {
            let row = if Some(index) == own { own_row } else { one.incoming(of_others) };
            rows.extend(row.map(|row| (armed[index], Some(index) == own, row)));
        }
        let strongest = rows.iter().find(|(armed, own, _)| *armed && (*own || !begins));
        let strongest = strongest.or(rows.iter().find(|(_, own, _)| *own)).or(rows.first());
        let fallback = self.machines.one_way.row(0, of_others);
        let row = strongest.map(|(.., row)| *row).or(fallback);
        let escaped = instead.is_some() || strongest.is_some_and(|(armed, ..)| *armed);
        if let Some(rule) = instead.or_else(|| row.and_then(Rule::of)) {
            self.data(content.opcode(), payload, rule, escaped);
        }
        Follow::GoesOn
    }

    /// Data is due, at once or when a pause is lifted.
    fn data(&mut self, opcode: Opcode, payload: Vec<u8>, mut rule: Rule, mut escaped: bool) {
        let mut held = false;
        for one in &mut self.active {
            if let Some(other) = one.data_rule().filter(|_| !escaped) {
                (rule, escaped) = (other, true);
            }
            let row = one.function("data");
            held |= row.is_some_and(|row| row.way.outcome == Outcome::Held);
        }
        self.taken.push((self.step, rule.clone()));
        let (behind_escape, escape) = self.escape_of(&payload);
        self.dues.data.push_back(Data {
            opcode,
            payload,
            rule,
            escape,
            behind_escape,
            step: self.step,
            held,
            escaped,
            followed: false,
        });
    }

    /// Whether an escape comes before this data, and what an endpoint violates that does otherwise.
    fn escape_of(&mut self, payload: &[u8]) -> (bool, Option<Rule>) {
        let begins = |one: &Active<'m>| payload.starts_with(&one.agreement.sequence);
        let input = if payload.len() == size_of::<Sequence>() { "equal" } else { "marked" };
        let (row, resting) = match self.active.iter_mut().find(|one| begins(one)) {
            Some(one) => (one.outgoing(input), one.resting_rule()),
            None => (self.active.iter_mut().find_map(|one| one.outgoing("other")), None),
        };
        let escaped = row.is_some_and(|row| row.way.outcome == Outcome::Escaped);
        (escaped, resting.or_else(|| row.and_then(Rule::of)))
    }

    /// The message is no data: an escape, a control message, or one that is too long.
    fn no_data(
        &mut self,
        row: &'m Row,
        instead: Option<Rule>,
        at: usize,
        content: &Content,
        payload: Vec<u8>,
    ) -> Follow {
        let rule = instead.clone().or_else(|| Rule::of(row));
        self.dues.data.iter_mut().for_each(|due| due.followed = true);
        if let Some(rule) = &rule {
            self.dues.silent.push(Silent { payload, rule: rule.clone() });
        }
        match (&row.way.outcome, content) {
            (Outcome::Fail(code), _) => match rule {
                Some(rule) => Follow::Fails(*code, rule),
                None => Follow::GoesOn,
            },
            (Outcome::Control, Content::Marked(_, control)) => {
                let fragments = instead.filter(|rule| rule.requirement == "filter.message");
                self.control(at, control.name, &control.octets, fragments)
            }
            _ => {
                self.taken.extend(rule.map(|rule| (self.step, rule)));
                Follow::GoesOn
            }
        }
    }

    /// A control message of the capability at `at`.
    fn control(&mut self, at: usize, name: &str, octets: &[u8], fragments: Option<Rule>) -> Follow {
        let was_paused = self.paused();
        let one = &mut self.active[at];
        let input = match name {
            "SUSPEND" | "RESUME" | "malformed" | "critical" | "ignorable" => name,
            _ => "known",
        };
        let mut row = one.capability(input);
        if row.is_none_or(|row| row.way.outcome == Outcome::Function) {
            row = one.function(name);
        }
        let Some((row, rule)) = row.and_then(|row| Some((row, Rule::of(row)?))) else {
            return Follow::GoesOn;
        };
        let rule = fragments.unwrap_or(rule);
        self.taken.push((self.step, rule.clone()));
        let mut follow = Follow::GoesOn;
        match &row.way.outcome {
            Outcome::Fail(code) => return Follow::Fails(*code, rule),
            Outcome::Reply { message, body } => {
                let echoed = octets.get(1..).filter(|_| name == "BEAT").map(<[u8]>::to_vec);
                if message == "ANSWER" {
                    follow = Follow::Answered;
                }
                self.dues.replies.push_back(Reply {
                    capability: at,
                    message: message.clone(),
                    body: *body,
                    echoed,
                    or: row.or.first().cloned(),
                    rule: rule.clone(),
                    step: self.step,
                });
            }
            _ => {}
        }
        if matches!(name, "SUSPEND" | "RESUME") {
            self.active[at].function(name);
            if self.active[at].listens(&self.machines) {
                let payload = [&self.active[at].agreement.sequence[..], octets].concat();
                self.dues.silent.push(Silent { payload, rule: rule.clone() });
            }
        }
        let lifted = self.active[at].peek("data").and_then(Rule::of);
        self.lift(was_paused, &lifted.unwrap_or(rule));
        if name == "CONFIRM" {
            for one in &mut self.active {
                one.confirm(&self.machines, self.role);
            }
        }
        follow
    }

    /// What a pause held back is due once it is lifted; what has not come when one begins may be held.
    fn lift(&mut self, was_paused: bool, rule: &Rule) {
        let is_paused = self.paused();
        for data in &mut self.dues.data {
            if was_paused && !is_paused && data.held {
                data.rule = rule.clone();
            }
            data.held = is_paused;
        }
    }
}

impl Sent {
    fn nothing() -> Self {
        Self { frame: None, control: None, follow: Follow::GoesOn }
    }

    fn of(frame: FrameSpec, follow: Follow) -> Self {
        Self { frame: Some(frame), control: None, follow }
    }
}
