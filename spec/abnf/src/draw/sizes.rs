//! How many octets a rule takes, as far as that can be told without matching.

use std::collections::BTreeSet;

use crate::ast::{Alternation, Concatenation, Element, ElementKind, Repeat, Repetition};
use crate::{Grammar, GrammarRule};

/// The numbers of octets that something may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Octets {
    /// One of a few numbers.
    Few(BTreeSet<u64>),
    /// From the first to the second, without a bound for `None`.
    Between(u64, Option<u64>),
}

impl Octets {
    pub(super) const ANY: Self = Self::Between(0, None);

    pub(super) fn exactly(octets: u64) -> Self {
        Self::Few(BTreeSet::from([octets]))
    }

    /// The number, if there is just one.
    pub(super) fn exact(&self) -> Option<u64> {
        match self {
            Self::Few(few) if few.len() == 1 => few.first().copied(),
            _ => None,
        }
    }

    /// What is left when so many octets are taken away; nothing if there are not so many.
    pub(super) fn without(&self, octets: u64) -> Self {
        match self {
            Self::Few(few) => Self::Few(few.iter().map(|one| one.saturating_sub(octets)).collect()),
            Self::Between(min, max) => {
                Self::Between(min.saturating_sub(octets), max.map(|max| max.saturating_sub(octets)))
            }
        }
    }

    fn bounds(&self) -> (u64, Option<u64>) {
        match self {
            Self::Few(few) => (few.first().copied().unwrap_or(0), few.last().copied()),
            Self::Between(min, max) => (*min, *max),
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Few(mut few), Self::Few(more)) => {
                few.extend(more);
                Self::few(few)
            }
            (one, other) => {
                let ((min, max), (least, most)) = (one.bounds(), other.bounds());
                Self::Between(min.min(least), max.zip(most).map(|(max, most)| max.max(most)))
            }
        }
    }

    fn then(self, other: &Self) -> Self {
        if let (Self::Few(few), Self::Few(more)) = (&self, other) {
            let sums = few.iter().flat_map(|a| more.iter().map(|b| a.saturating_add(*b)));
            return Self::few(sums.collect());
        }
        let ((min, max), (least, most)) = (self.bounds(), other.bounds());
        let max = max.zip(most).map(|(max, most)| max.saturating_add(most));
        Self::Between(min.saturating_add(least), max)
    }

    fn times(self, repeat: Repeat) -> Self {
        if repeat == Repeat::ONCE {
            return self;
        }
        let (min, max) = self.bounds();
        let least = min.saturating_mul(repeat.min());
        let most = match (max, repeat.max()) {
            (Some(0), _) | (_, Some(0)) => Some(0),
            (Some(max), Some(times)) => Some(max.saturating_mul(times)),
            _ => None,
        };
        if most == Some(least) { Self::exactly(least) } else { Self::Between(least, most) }
    }

    fn few(few: BTreeSet<u64>) -> Self {
        const FEW: usize = 8;
        if few.len() <= FEW {
            return Self::Few(few);
        }
        Self::Between(few.first().copied().unwrap_or(0), few.last().copied())
    }
}

impl std::fmt::Display for Octets {
    /// `2 octets`, `0, 2 or 8 octets`, `1 octet or more`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counted =
            |count: u64| if count == 1 { "1 octet".to_owned() } else { format!("{count} octets") };
        match self {
            Self::Few(few) => {
                let mut few = few.iter();
                let last = few.next_back().copied().unwrap_or(0);
                let others: Vec<_> = few.map(u64::to_string).collect();
                match others.as_slice() {
                    [] => f.write_str(&counted(last)),
                    others => write!(f, "{} or {}", others.join(", "), counted(last)),
                }
            }
            Self::Between(0, None) => f.write_str("any number of octets"),
            Self::Between(min, None) => write!(f, "{} or more", counted(*min)),
            Self::Between(0, Some(max)) => write!(f, "up to {}", counted(*max)),
            Self::Between(min, Some(max)) => write!(f, "{min} to {}", counted(*max)),
        }
    }
}

/// Computes sizes; what takes too many steps or is recursive may be anything.
pub(super) struct Sizes<'g> {
    grammar: &'g Grammar,
    steps: u32,
}

impl<'g> Sizes<'g> {
    pub(super) fn new(grammar: &'g Grammar) -> Self {
        Self { grammar, steps: 20_000 }
    }

    pub(super) fn rule(&mut self, rule: &GrammarRule) -> Octets {
        self.of_rule(rule, 0)
    }

    /// Of a part of `rule`, whose names mean what they mean there.
    pub(super) fn repetition(&mut self, rule: &GrammarRule, part: &Repetition) -> Octets {
        self.of_element(rule, &part.element, 0).times(part.repeat)
    }

    fn of_rule(&mut self, rule: &GrammarRule, depth: u32) -> Octets {
        self.of_branches(rule, rule.branches(), depth)
    }

    fn of_alternation(
        &mut self,
        rule: &GrammarRule,
        alternation: &Alternation,
        depth: u32,
    ) -> Octets {
        self.of_branches(rule, alternation.branches.iter(), depth)
    }

    fn of_branches<'a>(
        &mut self,
        rule: &GrammarRule,
        branches: impl Iterator<Item = &'a Concatenation>,
        depth: u32,
    ) -> Octets {
        let mut all: Option<Octets> = None;
        for branch in branches {
            let mut own = Octets::exactly(0);
            for part in &branch.parts {
                own = own.then(&self.of_element(rule, &part.element, depth).times(part.repeat));
            }
            all = Some(match all {
                Some(others) => others.or(own),
                None => own,
            });
        }
        all.unwrap_or(Octets::ANY)
    }

    fn of_element(&mut self, rule: &GrammarRule, element: &Element, depth: u32) -> Octets {
        const DEPTH: u32 = 24;
        match self.steps.checked_sub(1) {
            Some(left) if depth < DEPTH => self.steps = left,
            _ => return Octets::ANY,
        }
        match &element.kind {
            ElementKind::Reference(name) => match self.grammar.resolve(rule, &name.text) {
                Some(rule) => self.of_rule(rule, depth + 1),
                None => Octets::ANY,
            },
            ElementKind::Group(inner) => self.of_alternation(rule, inner, depth + 1),
            ElementKind::Option(inner) => {
                Octets::exactly(0).or(self.of_alternation(rule, inner, depth + 1))
            }
            ElementKind::Text { text, .. } => Octets::exactly(text.len() as u64),
            ElementKind::Values { values, .. } => Octets::exactly(values.len() as u64),
            ElementKind::Range { .. } => Octets::exactly(1),
            ElementKind::Prose(_) => Octets::ANY,
        }
    }
}
