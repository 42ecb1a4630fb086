//! The values of fields while a sentence is made, with a way back.

use crate::program::{FieldId, Fields, Given};

/// The value of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Slot {
    #[default]
    Unset,
    Number(u64),
    /// A range of what was written.
    Octets(usize, usize),
}

/// The values of all fields, and what they were before.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    trail: Vec<(FieldId, Slot)>,
}

impl Slots {
    pub(super) fn new(fields: usize) -> Self {
        Self { slots: vec![Slot::Unset; fields], trail: Vec::with_capacity(32) }
    }

    pub(super) fn get(&self, field: FieldId) -> Slot {
        self.slots.get(field.index()).copied().unwrap_or_default()
    }

    pub(super) fn set(&mut self, field: FieldId, value: Slot) {
        if let Some(slot) = self.slots.get_mut(field.index())
            && *slot != value
        {
            self.trail.push((field, *slot));
            *slot = value;
        }
    }

    /// A place to come back to.
    pub(super) fn mark(&self) -> usize {
        self.trail.len()
    }

    /// Makes everything as it was at the mark.
    pub(super) fn undo(&mut self, mark: usize) {
        for (field, value) in self.trail.drain(mark..).rev() {
            self.slots[field.index()] = value;
        }
    }
}

/// The fields with what was written and what was given.
pub(super) struct Known<'k> {
    pub(super) slots: &'k Slots,
    pub(super) out: &'k [u8],
    pub(super) given: &'k Given,
}

impl Fields for Known<'_> {
    fn number(&self, field: FieldId) -> Option<u64> {
        match self.slots.get(field) {
            Slot::Number(number) => Some(number),
            _ => None,
        }
    }

    fn octets(&self, field: FieldId) -> Option<&[u8]> {
        match self.slots.get(field) {
            Slot::Octets(first, end) => self.out.get(first..end),
            _ => None,
        }
    }

    fn given(&self) -> &Given {
        self.given
    }
}
