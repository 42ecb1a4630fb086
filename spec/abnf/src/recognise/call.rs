//! How a reading enters a part: a rule at a place, with its octets and how they are seen.

use std::sync::Arc;

use super::chart::{Call, CallId, End, NONE, Obstacle, Parked, Reading, Region, RegionId, Return};
use super::environment::EnvironmentId;
use super::machine::StateId;
use super::run::{FEW, Run, Setting};
use crate::program::{Fields, RuleId, View, Where};

impl Run {
    pub(super) fn call(&mut self, setting: &Setting<'_>, reading: Reading, site: u32, to: StateId) {
        let reference = &setting.machine.calls[site as usize].reference;
        let outer = self.calls[reading.call as usize].region;
        let fields = self.fields(setting, reading.environment);
        if let Some(Where { condition, .. }) = &reference.when
            && condition.evaluate(&fields) != Some(true)
        {
            self.obstacles.push(Obstacle::When { site, call: reading.call });
            return;
        }
        let mut end = self.regions[outer as usize].end;
        if let Some(size) = &reference.size {
            let octets = size.octets.evaluate(&fields);
            let room = end - self.position;
            match octets.and_then(|octets| usize::try_from(octets).ok()) {
                Some(octets) if octets <= room => {
                    // Beyond what can be addressed no octet will ever come.
                    end = self.position.saturating_add(octets).min(usize::MAX - 1);
                }
                _ => {
                    self.obstacles.push(Obstacle::Size { site, call: reading.call });
                    return;
                }
            }
        }
        let key = match reference.view {
            View::Xor(field) => match fields.octets(field) {
                Some(key) if !key.is_empty() => Some(Arc::from(key)),
                _ => None,
            },
            View::Plain | View::Hook(_) => None,
        };
        let return_to = Reading { state: to, call: reading.call, environment: reading.environment };
        if let View::Hook(_) = reference.view {
            let start = self.position;
            let parked = Parked { start, end, site, region: outer, to: return_to };
            if end == start {
                self.decode(setting, &[], parked);
            } else {
                self.parked.push(parked);
            }
            return;
        }
        let owns_region = reference.size.is_some() || key.is_some();
        let region = if owns_region {
            let region = Region { start: self.position, end, key, outer, site };
            self.region(region)
        } else {
            outer
        };
        let callee = &setting.machine.rules[reference.rule];
        let environment = self.environments.masked(reading.environment, &callee.reads);
        let new = self.calls.len() as CallId;
        let (call, is_new) = self.callee(reference.rule, environment, region, owns_region);
        let earlier = if is_new { NONE } else { self.calls[call as usize].returns };
        if is_new {
            if self.first_calls.last().is_none_or(|(at, _)| *at != self.position) {
                self.first_calls.push((self.position, new));
            }
            self.calls.push(Call {
                rule: reference.rule,
                start: self.position,
                environment,
                region,
                owns_region,
                returns: NONE,
                ends: NONE,
            });
            self.add(setting, Reading { state: callee.start, call, environment });
        }
        self.returns.push(Return { to: return_to, earlier });
        self.calls[call as usize].returns = self.returns.len() as u32 - 1;
        // A call that was made here before may have ended here already.
        let mut end = self.calls[call as usize].ends;
        while end != NONE {
            let End { environment, earlier, .. } = self.ends[end as usize];
            self.give_back(setting, call, return_to, environment);
            end = earlier;
        }
    }

    /// The call of a rule at this place, and whether it is the first.
    pub(super) fn callee(
        &mut self,
        rule: RuleId,
        environment: EnvironmentId,
        region: RegionId,
        owns_region: bool,
    ) -> (CallId, bool) {
        let new = self.calls.len() as CallId;
        let first = match self.first_calls.last() {
            Some((at, first)) if *at == self.position => *first,
            _ => new,
        };
        let here = &self.calls[first as usize..];
        let key = |call: &Call| {
            (call.rule.0 << 1 | u32::from(call.owns_region), call.environment, call.region)
        };
        let wanted = (rule.0 << 1 | u32::from(owns_region), environment, region);
        if here.len() < FEW {
            let known = here.iter().position(|call| key(call) == wanted);
            return known.map_or((new, true), |index| (first + index as CallId, false));
        }
        if here.len() == FEW {
            for (index, call) in here.iter().enumerate() {
                self.calls_here.get_or_insert(key(call), first + index as CallId);
            }
        }
        self.calls_here.get_or_insert(wanted, new)
    }

    /// The number of a region; equal ones have the same.
    pub(super) fn region(&mut self, region: Region) -> RegionId {
        let here = self.regions.iter().enumerate().rev();
        let known = here
            .take_while(|(_, one)| one.start == region.start)
            .find(|(_, one)| {
                one.end == region.end && one.key == region.key && one.outer == region.outer
            })
            .map(|(index, _)| index as RegionId);
        known.unwrap_or_else(|| {
            self.regions.push(region);
            self.regions.len() as RegionId - 1
        })
    }

    pub(super) fn unpark(&mut self, setting: &Setting<'_>, input: &[u8]) {
        let mut index = 0;
        while let Some(parked) = self.parked.get(index).copied() {
            if parked.end == self.position {
                self.parked.remove(index);
                let octets = self.seen_in(parked.region, input, parked.start, parked.end);
                self.decode(setting, &octets, parked);
            } else {
                index += 1;
            }
        }
    }

    pub(super) fn decode(&mut self, setting: &Setting<'_>, octets: &[u8], parked: Parked) {
        let reference = &setting.machine.calls[parked.site as usize].reference;
        match (setting.decoded)(reference, octets) {
            Some(true) => {
                let keeps = &setting.machine.states[parked.to.state as usize].keeps;
                let environment = self.environments.masked(parked.to.environment, keeps);
                self.add(setting, Reading { environment, ..parked.to });
            }
            Some(false) => {
                let Parked { site, start, .. } = parked;
                self.obstacles.push(Obstacle::Decoded { site, start });
            }
            None => self.undecoded = self.undecoded.or(Some(parked.site)),
        }
    }

    /// The octet at `at` as the rules of a call see it.
    pub(super) fn seen_by(&self, call: CallId, at: usize, octet: u8) -> u8 {
        let mut region = self.calls[call as usize].region;
        let mut octet = octet;
        while region != 0 {
            let Region { start, key, outer, .. } = &self.regions[region as usize];
            if let Some(key) = key {
                octet ^= key[(at - start) % key.len()];
            }
            region = *outer;
        }
        octet
    }

    /// The octets of a range as the rules in a region see them.
    pub(super) fn seen_in(
        &self,
        region: RegionId,
        input: &[u8],
        from: usize,
        to: usize,
    ) -> Vec<u8> {
        let mut octets = input[from..to].to_vec();
        let mut region = region;
        while region != 0 {
            let Region { start, key, outer, .. } = &self.regions[region as usize];
            if let Some(key) = key {
                for (index, octet) in octets.iter_mut().enumerate() {
                    *octet ^= key[(from + index - start) % key.len()];
                }
            }
            region = *outer;
        }
        octets
    }

    pub(super) fn region_end(&self, call: CallId) -> usize {
        self.regions[self.calls[call as usize].region as usize].end
    }
}
