//! A value for some of a program's rules.

use std::ops::Index;

use crate::program::RuleId;

/// Values by the numbers of rules, in their order.
#[derive(Clone, Debug)]
pub(crate) struct RuleMap<T>(Vec<Option<T>>);

impl<T> RuleMap<T> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn insert(&mut self, rule: RuleId, value: T) {
        if self.0.len() <= rule.index() {
            self.0.resize_with(rule.index() + 1, || None);
        }
        self.0[rule.index()] = Some(value);
    }

    pub(crate) fn get(&self, rule: RuleId) -> Option<&T> {
        self.0.get(rule.index())?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, rule: RuleId) -> Option<&mut T> {
        self.0.get_mut(rule.index())?.as_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (RuleId, &T)> {
        let all = self.0.iter().enumerate();
        all.filter_map(|(index, value)| Some((RuleId(index as u32), value.as_ref()?)))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (RuleId, &mut T)> {
        let all = self.0.iter_mut().enumerate();
        all.filter_map(|(index, value)| Some((RuleId(index as u32), value.as_mut()?)))
    }
}

/// For the rules that a machine calls, of which all have a value.
impl<T> Index<RuleId> for RuleMap<T> {
    type Output = T;

    fn index(&self, rule: RuleId) -> &T {
        match self.get(rule) {
            Some(value) => value,
            None => unreachable!("a machine has all rules that it calls"),
        }
    }
}
