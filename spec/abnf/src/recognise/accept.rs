//! How a reading leaves a rule: what is known then, and where that leads.

use super::chart::{Call, CallId, End, NONE, Obstacle, Reading, RegionId, Return};
use super::environment::{EnvironmentId, Slot};
use super::run::{Run, Setting};
use crate::program::RuleId;

/// To look at so many octets again, for a field, is a step.
const OCTETS_PER_STEP: usize = 256;

impl Run {
    pub(super) fn accept(&mut self, setting: &Setting<'_>, input: &[u8], reading: Reading) {
        if reading.call == 0 {
            self.accepted = Some(self.position);
            return;
        }
        let Call { rule: id, start, region, owns_region, .. } = self.calls[reading.call as usize];
        let end = self.regions[region as usize].end;
        if owns_region && end != usize::MAX && end != self.position {
            let site = self.regions[region as usize].site;
            self.obstacles.push(Obstacle::Left { site, start });
            return;
        }
        let Some(environment) = self.ended(setting, input, reading, id, start, region) else {
            return;
        };
        let exports = &setting.machine.rules[id].exports;
        let environment = self.environments.masked(environment, exports);
        let earlier = self.calls[reading.call as usize].ends;
        let mut end = earlier;
        while end != NONE && self.ends[end as usize].at == self.position {
            if self.ends[end as usize].environment == environment {
                return;
            }
            end = self.ends[end as usize].earlier;
        }
        self.ends.push(End { at: self.position, environment, earlier });
        self.calls[reading.call as usize].ends = self.ends.len() as u32 - 1;
        let mut at = self.calls[reading.call as usize].returns;
        while at != NONE {
            let Return { to, earlier } = self.returns[at as usize];
            self.give_back(setting, reading.call, to, environment);
            at = earlier;
        }
    }

    /// What is known where a rule ends; nothing if it may not end here.
    pub(super) fn ended(
        &mut self,
        setting: &Setting<'_>,
        input: &[u8],
        reading: Reading,
        id: RuleId,
        start: usize,
        region: RegionId,
    ) -> Option<EnvironmentId> {
        let mut environment = reading.environment;
        if setting.machine.rules[id].is_plain {
            return Some(environment);
        }
        let rule = setting.program.rule(id);
        if !rule.bits.is_empty() || rule.uint.is_some() || rule.octets.is_some() {
            self.steps += ((self.position - start) / OCTETS_PER_STEP) as u64;
            match own_fields(self, setting, input, id, start, region) {
                Some(values) => environment = self.environments.with(environment, values),
                None => {
                    self.obstacles.push(Obstacle::Value { rule: id, start });
                    return None;
                }
            }
        }
        for (index, one) in rule.wheres.iter().enumerate() {
            let fields = self.fields(setting, environment);
            if one.condition.evaluate(&fields) != Some(true) {
                self.obstacles.push(Obstacle::Where { rule: id, index, start });
                return None;
            }
        }
        Some(environment)
    }

    pub(super) fn give_back(
        &mut self,
        setting: &Setting<'_>,
        call: CallId,
        to: Reading,
        environment: EnvironmentId,
    ) {
        self.steps += 1;
        let environment = self.behind(setting, call, to, environment);
        self.add(setting, Reading { environment, ..to });
    }

    /// The environment behind a call that ended with `environment`.
    pub(super) fn behind(
        &mut self,
        setting: &Setting<'_>,
        call: CallId,
        to: Reading,
        environment: EnvironmentId,
    ) -> EnvironmentId {
        if to.environment == 0 && environment == 0 {
            return 0;
        }
        let rule = self.calls[call as usize].rule;
        let binds = &setting.machine.rules[rule].binds;
        let keeps = &setting.machine.states[to.state as usize].keeps;
        self.environments.merged(to.environment, environment, binds, keeps)
    }
}

/// The slots that a rule which took the octets from `start` sets itself; nothing if the octets are
/// not the integer that they should be.
fn own_fields(
    run: &Run,
    setting: &Setting<'_>,
    input: &[u8],
    id: RuleId,
    start: usize,
    region: RegionId,
) -> Option<Vec<(usize, Slot)>> {
    let rule = setting.program.rule(id);
    let slots = &setting.machine.slots;
    let mut values = Vec::new();
    let width: u32 = rule.bits.iter().map(|(_, width)| width).sum();
    let needs_all = rule.uint.is_some() || rule.octets.is_some();
    let to = if needs_all { run.position } else { run.position.min(start + width as usize / 8) };
    let octets = run.seen_in(region, input, start, to);
    if width > 0 {
        let head = octets.get(..width as usize / 8)?;
        let number = head.iter().fold(0u64, |number, octet| number << 8 | u64::from(*octet));
        let mut left = width;
        for (field, width) in &rule.bits {
            left -= width;
            let mask = u64::MAX >> (64 - width);
            if let Some(slot) = slots.of(field.index()) {
                values.push((slot, Slot::Number(number >> left & mask)));
            }
        }
    }
    if let Some((field, encoding)) = rule.uint {
        let number = encoding.read(&octets)?;
        if let Some(slot) = slots.of(field.index()) {
            values.push((slot, Slot::Number(number)));
        }
    }
    if let Some(slot) = rule.octets.and_then(|field| slots.of(field.index())) {
        values.push((slot, Slot::Octets(octets.into())));
    }
    Some(values)
}
