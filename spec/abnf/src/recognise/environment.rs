//! The values of fields along one reading.
//!
//! Equal environments have equal numbers, so that readings that know the same become one.

use std::collections::HashMap;
use std::sync::Arc;

use super::machine::Slots;
use crate::program::{Bits, FieldId, Fields, Given};

/// The number of an environment; that in which nothing is set is 0.
pub(super) type EnvironmentId = u32;

/// The value in a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    #[default]
    Unset,
    Number(u64),
    Octets(Arc<[u8]>),
}

type Environment = Arc<[Slot]>;

/// What an environment takes besides its slots: two references, its number and two counts.
const ENVIRONMENT_SIZE: usize = 64;

/// All environments of a run.
#[derive(Clone, Debug)]
pub(super) struct Environments {
    all: Vec<Environment>,
    numbers: HashMap<Environment, EnvironmentId>,
    /// The octets that are kept, each once.
    octets: usize,
}

impl Environments {
    pub(super) fn new(slots: usize) -> Self {
        let nothing: Environment = vec![Slot::Unset; slots].into();
        let numbers = HashMap::from([(Arc::clone(&nothing), 0)]);
        Self { all: vec![nothing], numbers, octets: 0 }
    }

    /// How many octets of memory they take, more or less.
    pub(super) fn memory(&self) -> usize {
        let slots = self.all.first().map_or(0, |slots| size_of_val(&**slots));
        self.all.len() * (slots + ENVIRONMENT_SIZE) + self.octets
    }

    pub(super) fn slot(&self, id: EnvironmentId, slot: usize) -> &Slot {
        const UNSET: &Slot = &Slot::Unset;
        self.all.get(id as usize).and_then(|all| all.get(slot)).unwrap_or(UNSET)
    }

    /// The environment without the slots that are not in `kept`.
    pub(super) fn masked(&mut self, id: EnvironmentId, kept: &Bits) -> EnvironmentId {
        if id == 0 {
            return 0;
        }
        let slots = &self.all[id as usize];
        let goes = |(index, slot): (usize, &Slot)| *slot != Slot::Unset && !kept.contains(index);
        if !slots.iter().enumerate().any(goes) {
            return id;
        }
        let slots = slots
            .iter()
            .enumerate()
            .map(|(index, slot)| if kept.contains(index) { slot.clone() } else { Slot::Unset });
        let slots = slots.collect();
        self.number(slots)
    }

    /// The environment with other values in these slots.
    pub(super) fn with(
        &mut self,
        id: EnvironmentId,
        values: impl IntoIterator<Item = (usize, Slot)>,
    ) -> EnvironmentId {
        let mut slots = self.all[id as usize].to_vec();
        for (index, value) in values {
            if let Some(slot) = slots.get_mut(index) {
                *slot = value;
            }
        }
        self.number(slots.into())
    }

    /// `outer`, with the slots in `from_inner` taken from `inner`; only those in `kept`.
    pub(super) fn merged(
        &mut self,
        outer: EnvironmentId,
        inner: EnvironmentId,
        from_inner: &Bits,
        kept: &Bits,
    ) -> EnvironmentId {
        if outer == 0 && inner == 0 {
            return 0;
        }
        let (outer_slots, inner_slots) = (&self.all[outer as usize], &self.all[inner as usize]);
        let slots = outer_slots.iter().zip(inner_slots.iter()).enumerate();
        let slots = slots.map(|(index, (outer, inner))| {
            if !kept.contains(index) {
                Slot::Unset
            } else if from_inner.contains(index) {
                inner.clone()
            } else {
                outer.clone()
            }
        });
        let slots = slots.collect();
        self.number(slots)
    }

    pub(super) fn view<'e>(
        &'e self,
        id: EnvironmentId,
        slots: &'e Slots,
        given: &'e Given,
    ) -> View<'e> {
        View { environment: &self.all[id as usize], slots, given }
    }

    fn number(&mut self, slots: Environment) -> EnvironmentId {
        if let Some(id) = self.numbers.get(&slots) {
            return *id;
        }
        for slot in slots.iter() {
            if let Slot::Octets(octets) = slot
                && Arc::strong_count(octets) == 1
            {
                self.octets += octets.len();
            }
        }
        let id = self.all.len() as EnvironmentId;
        self.all.push(Arc::clone(&slots));
        self.numbers.insert(slots, id);
        id
    }
}

/// What conditions see.
pub(super) struct View<'e> {
    environment: &'e [Slot],
    slots: &'e Slots,
    given: &'e Given,
}

impl View<'_> {
    fn slot(&self, field: FieldId) -> Option<&Slot> {
        self.environment.get(self.slots.of(field.index())?)
    }
}

impl Fields for View<'_> {
    fn number(&self, field: FieldId) -> Option<u64> {
        match self.slot(field)? {
            Slot::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn octets(&self, field: FieldId) -> Option<&[u8]> {
        match self.slot(field)? {
            Slot::Octets(octets) => Some(octets),
            _ => None,
        }
    }

    fn given(&self) -> &Given {
        self.given
    }
}
