//! Rules: their conditions come into view, and their fields get values.

use std::borrow::Cow;

use super::Generator;
use super::facts::{LENGTH_LIMIT, RuleFacts, bits};
use super::fields::Slot;
use super::goal::{Goal, Step};
use super::matches::{derivation, matches};
use super::plain::Window;
use super::run::{Blame, Leniency, Made, Pending, Run, Stop, Taken};
use super::solve::{FieldSet, Open, Unknown, solutions, strings};
use crate::directive::Encoding;
use crate::program::{FieldId, Intervals, NodeId, NodeKind, OctetSet, Rule, RuleId};

/// So often a rule is tried anew whose conditions do not hold.
const RETRIES: u64 = 6;

/// So many numbers are tried whose digits might not fit.
const NUMBERS: usize = 6;

/// Integers are not written longer than this.
const WIDTH_LIMIT: u64 = 20;

impl<'g, 't> Run<'g, 't, '_> {
    /// A sentence of a rule; `broken` is the condition that is not to hold.
    pub(super) fn rule(
        &mut self,
        id: RuleId,
        window: Window,
        goal: Option<Goal<'g>>,
        broken: Option<usize>,
    ) -> Made<'t> {
        let generator = self.generator;
        let facts = generator.facts.rule(id);
        let rule = generator.program.rule(id);
        if let Some(never) = facts.never.filter(|never| broken != Some(*never)) {
            return Err(Stop::Conflict(Blame::Where(id, never as u32)));
        }
        for field in &facts.clears {
            self.slots.set(*field, Slot::Unset);
        }
        if facts.is_plain && broken.is_none() {
            return self.node(rule.body, window, goal);
        }
        if broken.is_some_and(|broken| !facts.wheres.iter().any(|(index, _)| *index == broken)) {
            // It holds whatever is made.
            return Err(Stop::Conflict(Blame::Rule(id)));
        }
        if let (Some(allowed), true, None, None) = (facts.octets, facts.is_decided, broken, goal) {
            return self.octet(id, facts, rule, allowed);
        }
        let start = self.out.len();
        if self.leniency == Leniency::Loose && goal.is_some_and(|goal| self.ends_within(&goal)) {
            self.node(rule.body, window, goal)?;
            // Fields have values as far as there are any.
            let point = self.point();
            if self.bind(id, rule, start).is_err() {
                self.back_to(point);
            }
            return Ok(());
        }
        let pending = self.pending.len();
        for (index, reads) in &facts.wheres {
            self.pending.push(Pending {
                condition: Cow::Borrowed(&rule.wheres[*index].condition),
                reads: *reads,
                wanted: broken != Some(*index),
                later: FieldSet::default(),
                until: usize::MAX,
                blame: Blame::Where(id, *index as u32),
            });
        }
        let made = self.attempts(id, facts, rule, window, goal, broken);
        self.pending.truncate(pending);
        made
    }

    /// Whether a goal lies in the body of the rule that is made, not in a rule below it.
    fn ends_within(&self, goal: &Goal<'g>) -> bool {
        let program = self.generator.program;
        let leaves = |step: &Step| matches!(program.node(step.node).kind, NodeKind::Reference(_));
        !goal.steps.iter().any(leaves)
    }

    fn attempts(
        &mut self,
        id: RuleId,
        facts: &'g RuleFacts,
        rule: &'g Rule,
        window: Window,
        goal: Option<Goal<'g>>,
        broken: Option<usize>,
    ) -> Made<'t> {
        let point = self.point();
        let mut attempt = 0;
        loop {
            let place = self.tape.place();
            let made = self.varied(attempt, |run| {
                run.fields(id, facts, rule, window, goal, broken)?;
                run.judge(id, facts, rule, broken)
            });
            match made {
                // Only what depends on the rule itself can come out otherwise.
                Err(Stop::Conflict(blame @ Blame::Where(at, index)))
                    if at == id
                        && attempt < RETRIES
                        && FieldSet::read_by(&rule.wheres[index as usize].condition)
                            .meets(facts.binds) =>
                {
                    self.back_to(point);
                    self.bear(blame)?;
                    attempt += 1;
                    if self.tape.place() == place && !self.tape.is_at_end() {
                        // Nothing was chosen: all others would come out the same.
                        (attempt..RETRIES).try_for_each(|_| self.bear(blame))?;
                        return Err(Stop::Conflict(blame));
                    }
                }
                made => return made,
            }
        }
    }

    /// Whether the conditions of a rule come out at its end as they have to.
    fn judge(&self, id: RuleId, facts: &RuleFacts, rule: &Rule, broken: Option<usize>) -> Made<'t> {
        let known = self.known();
        for (index, _) in &facts.wheres {
            let holds = rule.wheres[*index].condition.evaluate(&known) == Some(true);
            if holds == (broken == Some(*index)) {
                return Err(Stop::Conflict(Blame::Where(id, *index as u32)));
            }
        }
        Ok(())
    }

    /// The body of a rule with values for its fields.
    fn fields(
        &mut self,
        id: RuleId,
        facts: &'g RuleFacts,
        rule: &'g Rule,
        window: Window,
        goal: Option<Goal<'g>>,
        broken: Option<usize>,
    ) -> Made<'t> {
        let start = self.out.len();
        let body = self.generator.facts.node(rule.body);
        if goal.is_none() && body.is_plain && body.is_alive() {
            if let Some(allowed) = facts.octets {
                let class = match (broken, body.class) {
                    (Some(_), Some(class)) => {
                        let octets = &self.generator.facts.classes[class as usize];
                        octets.iter().fold(OctetSet::EMPTY, |mut set, octet| {
                            set.insert(*octet);
                            set
                        })
                    }
                    _ => allowed,
                };
                return self.octet(id, facts, rule, class);
            }
            if let Some((field, encoding)) = rule.uint {
                let open = self.solve(Unknown::Number(field), FieldSet::of(field));
                if !open.is_all() {
                    return self.number(id, rule, encoding, &open);
                }
            }
            if let Some(field) = rule.octets
                && let Some(strings) = self.strings(field)
            {
                return self.string(id, rule, &strings);
            }
        }
        let mut window = window;
        if let Some(field) = rule.octets {
            let lengths = self.solve(Unknown::Length(field), FieldSet::of(field));
            match (lengths.first(), lengths.last()) {
                (Some(first), Some(last)) if first <= LENGTH_LIMIT => {
                    // What a condition asks for goes before what the limits allow.
                    window.least = window.least.max(first).min(last);
                    window.most = window.most.clamp(window.least, last);
                }
                _ => return Err(Stop::Conflict(self.blame_for(field, id))),
            }
        }
        self.node(rule.body, window, goal)?;
        self.bind(id, rule, start)?;
        match self.violated(facts.own) {
            None => Ok(()),
            Some(_) if goal.is_none() && body.is_plain && self.set_bits(rule, start) => {
                self.bind(id, rule, start)?;
                self.violated(facts.own).map_or(Ok(()), |blame| Err(Stop::Conflict(blame)))
            }
            Some(blame) => Err(Stop::Conflict(blame)),
        }
    }

    /// Sets the fields of a rule whose octets begin at `start`.
    fn bind(&mut self, id: RuleId, rule: &Rule, start: usize) -> Made<'t> {
        let octets = &self.out[start..];
        let slots = &mut self.slots;
        if !rule.bits.is_empty() {
            let widths: u32 = rule.bits.iter().map(|(_, width)| width).sum();
            if octets.len() < widths as usize / 8 {
                return Err(Stop::Conflict(Blame::Rule(id)));
            }
            for (field, value) in bits(rule, octets) {
                slots.set(field, Slot::Number(value));
            }
        }
        if let Some((field, encoding)) = rule.uint {
            match encoding.read(octets) {
                Some(number) => slots.set(field, Slot::Number(number)),
                None => return Err(Stop::Conflict(Blame::Rule(id))),
            }
        }
        if let Some(field) = rule.octets {
            slots.set(field, Slot::Octets(start, self.out.len()));
        }
        Ok(())
    }

    /// A rule of one octet: the first that no condition rules out, from a chosen one on.
    fn octet(
        &mut self,
        id: RuleId,
        facts: &RuleFacts,
        rule: &'g Rule,
        allowed: OctetSet,
    ) -> Made<'t> {
        let first = self.tape.below(allowed.len() as u64) as usize;
        let start = self.out.len();
        let point = self.point();
        let own = facts.wheres.first().map(|(index, _)| Blame::Where(id, *index as u32));
        let mut blame = own.unwrap_or(Blame::Rule(id));
        let mut next = allowed.nth(first);
        let mut left = allowed;
        let mut is_narrowed = false;
        while let Some(octet) = next {
            left.remove(octet);
            self.out.push(octet);
            self.bind(id, rule, start)?;
            match self.violated(facts.own) {
                None => {
                    self.explain(rule.body, start);
                    return Ok(());
                }
                Some(one) => blame = one,
            }
            self.back_to(point);
            if !std::mem::replace(&mut is_narrowed, true) {
                left = self.left_of(rule, left);
            }
            next = left.next_from(octet);
        }
        Err(Stop::Conflict(blame))
    }

    /// The octets whose fields the conditions in view do not rule out one by one; all of them if
    /// none is left, so that what stands in the way is found out.
    fn left_of(&self, rule: &Rule, allowed: OctetSet) -> OctetSet {
        let mut left = allowed;
        let mut below = 8;
        for (field, width) in &rule.bits {
            below -= (*width).min(below);
            let open = self.solve(Unknown::Number(*field), FieldSet::of(*field));
            if open.is_all() {
                continue;
            }
            let values = 1u64 << (*width).min(8);
            let open = open.intersection(&Intervals::range(0, i128::from(values) - 1));
            let fits = open
                .iter()
                .map(|(first, last)| OctetSet::with_bits(below, *width, first as u8, last as u8));
            left = left.intersection(fits.fold(OctetSet::EMPTY, OctetSet::union));
        }
        if left.is_empty() { allowed } else { left }
    }

    /// A rule that is an integer, which has to be one of `open`.
    fn number(
        &mut self,
        id: RuleId,
        rule: &'g Rule,
        encoding: Encoding,
        open: &Intervals,
    ) -> Made<'t> {
        let body = self.generator.facts.node(rule.body);
        let (min, max) = (body.min.max(1), body.max.min(WIDTH_LIMIT));
        let open = open.intersection(&Intervals::range(0, encoding.greatest(max).into()));
        let own = self.generator.facts.rule(id).own;
        let start = self.out.len();
        let point = self.point();
        let mut blame = rule.uint.map_or(Blame::Rule(id), |(field, _)| self.blame_for(field, id));
        let mut digits = [0; WIDTH_LIMIT as usize];
        for attempt in 0..NUMBERS {
            let number = match attempt {
                0..4 => self.tape.one_of(&open),
                4 => open.first(),
                _ => open.last(),
            };
            let Some(number) = number else { break };
            for width in min..=max {
                let octets = &mut digits[..width as usize];
                if !write(number, encoding, octets) || !self.fits(rule.body, octets) {
                    continue;
                }
                self.out.extend_from_slice(octets);
                self.bind(id, rule, start)?;
                match self.violated(own) {
                    None => {
                        self.explain(rule.body, start);
                        return Ok(());
                    }
                    Some(one) => blame = one,
                }
                self.back_to(point);
                break;
            }
        }
        Err(Stop::Conflict(blame))
    }

    /// A rule that has to be one of these strings.
    fn string(&mut self, id: RuleId, rule: &'g Rule, strings: &[Vec<u8>]) -> Made<'t> {
        let start = self.out.len();
        let point = self.point();
        let own = self.generator.facts.rule(id).own;
        let first = self.tape.below(strings.len() as u64) as usize;
        let mut blame = rule.octets.map_or(Blame::Rule(id), |field| self.blame_for(field, id));
        for offset in 0..strings.len() {
            let octets = &strings[(first + offset) % strings.len()];
            if !self.fits(rule.body, octets) {
                continue;
            }
            self.out.extend_from_slice(octets);
            self.bind(id, rule, start)?;
            match self.violated(own) {
                None => {
                    self.explain(rule.body, start);
                    return Ok(());
                }
                Some(one) => blame = one,
            }
            self.back_to(point);
        }
        Err(Stop::Conflict(blame))
    }

    /// Writes other values of the bit fields over those from `start` on, if there are any.
    fn set_bits(&mut self, rule: &'g Rule, start: usize) -> bool {
        let widths: u32 = rule.bits.iter().map(|(_, width)| width).sum();
        let count = widths as usize / 8;
        if count == 0 {
            return false;
        }
        for (field, _) in &rule.bits {
            self.slots.set(*field, Slot::Unset);
        }
        let before = self.out[start..].to_vec();
        let now: Vec<_> = bits(rule, &before).collect();
        let mut value = 0u64;
        for ((field, width), (_, now)) in rule.bits.iter().zip(now) {
            let top = if *width >= 64 { u64::MAX } else { (1 << width) - 1 };
            let open = self
                .solve(Unknown::Number(*field), FieldSet::of(*field))
                .intersection(&Intervals::range(0, i128::from(top)));
            let keeps = !open.intersection(&Intervals::range(now.into(), now.into())).is_empty();
            let chosen = if keeps { Some(now) } else { self.tape.one_of(&open) };
            let Some(chosen) = chosen else { return false };
            value = value.checked_shl(*width).unwrap_or(0) | chosen;
            self.slots.set(*field, Slot::Number(chosen));
        }
        let mut octets = before;
        octets[..count].copy_from_slice(&value.to_be_bytes()[8 - count..]);
        let fits = self.fits(rule.body, &octets);
        if fits {
            self.out[start..].copy_from_slice(&octets);
        }
        fits
    }

    /// Whether octets that were chosen as a whole are a sentence of a plain node.
    fn fits(&self, id: NodeId, octets: &[u8]) -> bool {
        let Generator { program, facts, .. } = self.generator;
        if let NodeKind::Repetition { min, max, body } = &program.node(id).kind
            && let Some(class) = facts.node(*body).class
        {
            let class = &facts.classes[class as usize];
            let times = *min..=max.unwrap_or(u64::MAX);
            return times.contains(&(octets.len() as u64))
                && octets.iter().all(|octet| class.binary_search(octet).is_ok());
        }
        matches(program, id, octets)
    }

    /// What the conditions in view leave to `unknown`, which is about these fields.
    fn solve(&self, unknown: Unknown, fields: FieldSet) -> Intervals {
        let known = self.known();
        let mut open = Intervals::all();
        for pending in &self.pending {
            if pending.reads.without(pending.later).meets(fields) {
                let reading = Open { fields: &known, later: pending.later };
                let some = solutions(&pending.condition, pending.wanted, unknown, &reading);
                if !some.is_all() {
                    open = open.intersection(&some);
                }
            }
        }
        open
    }

    /// The strings that the conditions in view leave to a field, if they can be listed.
    fn strings(&self, field: FieldId) -> Option<Vec<Vec<u8>>> {
        let known = self.known();
        let mut found: Option<Vec<Vec<u8>>> = None;
        for pending in &self.pending {
            if !pending.reads.without(pending.later).meets(FieldSet::of(field)) {
                continue;
            }
            let reading = Open { fields: &known, later: pending.later };
            if let Some(some) = strings(&pending.condition, pending.wanted, field, &reading) {
                match &mut found {
                    Some(found) => found.retain(|string| some.iter().any(|one| **one == **string)),
                    None => found = Some(some.into_iter().map(Cow::into_owned).collect()),
                }
            }
        }
        found
    }

    /// The condition in view that reads a field, to be named where it leaves nothing.
    fn blame_for(&self, field: FieldId, id: RuleId) -> Blame {
        let reads = |pending: &&Pending<'g>| {
            pending.reads.without(pending.later).meets(FieldSet::of(field))
        };
        self.pending.iter().rev().find(reads).map_or(Blame::Rule(id), |pending| pending.blame)
    }

    /// Notes the choices behind octets that were written at once.
    fn explain(&mut self, body: NodeId, start: usize) {
        if self.trace.is_some() {
            let found = derivation(self.generator.program, body, &self.out[start..]);
            for (node, taken) in found.unwrap_or_default() {
                let taken = match taken {
                    Taken::Octets(first, end) => Taken::Octets(start + first, start + end),
                    taken => taken,
                };
                self.took(node, taken);
            }
        }
    }
}

/// Writes a number over all of `octets`, with zeros in front; `false` if it does not fit.
fn write(number: u64, encoding: Encoding, octets: &mut [u8]) -> bool {
    let (base, digits): (u64, &[u8]) = match encoding {
        Encoding::BigEndian => (256, &[]),
        Encoding::Base128 => (128, &[]),
        Encoding::Decimal => (10, b"0123456789"),
        Encoding::Hexadecimal => (16, b"0123456789ABCDEF"),
    };
    let mut rest = number;
    for octet in octets.iter_mut().rev() {
        let digit = (rest % base) as usize;
        rest /= base;
        *octet = digits.get(digit).copied().unwrap_or(digit as u8);
    }
    if encoding == Encoding::Base128 {
        let last = octets.len().saturating_sub(1);
        octets.iter_mut().take(last).for_each(|octet| *octet |= 0x80);
    }
    rest == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_read() {
        let all =
            [Encoding::BigEndian, Encoding::Base128, Encoding::Decimal, Encoding::Hexadecimal];
        for encoding in all {
            for number in [0, 1, 9, 127, 128, 300, 65_535, u64::MAX] {
                for width in 1..=20 {
                    let mut octets = vec![0; width];
                    if !write(number, encoding, &mut octets) {
                        assert!(number > encoding.greatest(width as u64));
                        continue;
                    }
                    assert_eq!(encoding.read(&octets), Some(number), "{encoding:?} {width}");
                }
            }
        }
    }
}
