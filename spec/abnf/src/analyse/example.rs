//! Values for which something holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::linear::Variable;
use crate::directive::Domain;
use crate::program::{ContextId, FieldId, Fields, Program};

/// More octets are shown by their number.
const SHOWN: usize = 24;

/// Values of fields and of the context.
#[derive(Clone, Debug, Default)]
pub(super) struct Example {
    pub(super) numbers: BTreeMap<FieldId, u64>,
    pub(super) octets: BTreeMap<FieldId, Vec<u8>>,
    pub(super) context_numbers: BTreeMap<ContextId, u64>,
    pub(super) context_octets: BTreeMap<ContextId, Vec<u8>>,
    pub(super) words: BTreeMap<ContextId, usize>,
    pub(super) lists: BTreeMap<ContextId, Vec<Vec<u8>>>,
    /// How many octets fields are to have.
    pub(super) lengths: BTreeMap<FieldId, u64>,
}

impl Example {
    pub(super) fn set(&mut self, variable: Variable, number: u64) {
        match variable {
            Variable::Field(field) => _ = self.numbers.insert(field, number),
            Variable::Length(field) => _ = self.lengths.insert(field, number),
            Variable::Context(context) => _ = self.context_numbers.insert(context, number),
            Variable::Word(context) => {
                self.words.insert(context, usize::try_from(number).unwrap_or(usize::MAX));
            }
        }
    }

    /// The values as `` `a` = 1, `b` = <00> ``: of these fields, and of the whole context.
    pub(super) fn text(&self, program: &Program, fields: &[FieldId]) -> String {
        let mut text = String::new();
        let mut add = |name: &str, value: &str| {
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            _ = write!(text, "{comma}`{name}` = {value}");
        };
        for field in fields {
            let name = &program.field(*field).name;
            if let Some(number) = self.numbers.get(field) {
                add(name, &number.to_string());
            } else if let Some(octets) = self.octets.get(field) {
                add(name, &string(octets));
            }
        }
        let name = |context: &ContextId| program.contexts()[context.index()].name.as_str();
        for (context, number) in &self.context_numbers {
            add(name(context), &number.to_string());
        }
        for (context, octets) in &self.context_octets {
            add(name(context), &string(octets));
        }
        for (context, word) in &self.words {
            if let Domain::Words(words) = &program.contexts()[context.index()].domain {
                add(name(context), words.get(*word).map_or("", String::as_str));
            }
        }
        for (context, list) in &self.lists {
            let list: Vec<_> = list.iter().map(|one| string(one)).collect();
            add(name(context), &format!("{{{}}}", list.join(", ")));
        }
        text
    }
}

fn string(octets: &[u8]) -> String {
    if octets.len() > SHOWN {
        return format!("{} octets", octets.len());
    }
    if !octets.is_empty() && octets.iter().all(|octet| matches!(octet, b' '..=b'~')) {
        return format!("\"{}\"", String::from_utf8_lossy(octets));
    }
    let octets: Vec<_> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
    format!("<{}>", octets.join(" "))
}

impl Fields for Example {
    fn number(&self, field: FieldId) -> Option<u64> {
        self.numbers.get(&field).copied()
    }

    fn octets(&self, field: FieldId) -> Option<&[u8]> {
        self.octets.get(&field).map(Vec::as_slice)
    }

    fn context_number(&self, context: ContextId) -> Option<u64> {
        self.context_numbers.get(&context).copied()
    }

    fn context_octets(&self, context: ContextId) -> Option<&[u8]> {
        self.context_octets.get(&context).map(Vec::as_slice)
    }

    fn context_word(&self, context: ContextId) -> Option<usize> {
        self.words.get(&context).copied()
    }

    fn context_list(&self, context: ContextId) -> Option<&[Vec<u8>]> {
        self.lists.get(&context).map(Vec::as_slice)
    }
}
