//! Which cases are run, and in which order.

use std::collections::BTreeMap;
use std::sync::Arc;

use wildmatch::WildMatch;
use wsconform_spec::Book;
use wsconform_spec::scenario::{Role, cases};

use crate::run::{PlannedCase, WALK};

/// Patterns over case ids: `*` stands for any characters, `?` for one.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    run: Vec<WildMatch>,
    skip: Vec<WildMatch>,
    /// How many walks there are to select from.
    walks: u32,
}

impl Selection {
    /// Cases that match one of `run` (or any, if it is empty) and none of `skip`. A pattern that
    /// names a scenario selects all its rows.
    pub fn new(run: &[String], skip: &[String]) -> Self {
        let patterns = |texts: &[String]| {
            texts
                .iter()
                .flat_map(|text| [WildMatch::new(text), WildMatch::new(&format!("{text}/*"))])
                .collect()
        };
        Self { run: patterns(run), skip: patterns(skip), walks: 0 }
    }

    /// The same, with so many random walks, `walk/0` and so on, behind the cases.
    pub fn with_walks(self, walks: u32) -> Self {
        Self { walks, ..self }
    }

    /// Whether the case of this id is selected.
    pub fn selects(&self, id: &str) -> bool {
        let any = |patterns: &[WildMatch]| patterns.iter().any(|pattern| pattern.matches(id));
        (self.run.is_empty() || any(&self.run)) && !any(&self.skip)
    }
}

/// The cases of the book for `role` that `selection` selects, in the order of the book,
/// then the walks.
pub fn plan(book: &Book, role: Role, selection: &Selection) -> Vec<PlannedCase> {
    let mut planned = Vec::new();
    for scenario in book.scenarios() {
        if scenario.id == WALK {
            continue;
        }
        let shared = Arc::new(scenario.clone());
        for case in cases(scenario) {
            if case.role != role || !selection.selects(&case.id) {
                continue;
            }
            planned.push(PlannedCase {
                id: case.id,
                scenario: Arc::clone(&shared),
                role,
                row: case
                    .row
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.clone()))
                    .collect(),
            });
        }
    }
    planned.extend(walks(book, role, selection));
    planned
}

/// The walks for `role`: none if the book has no model.
fn walks(book: &Book, role: Role, selection: &Selection) -> Vec<PlannedCase> {
    let opening = book.scenarios().iter().find(|scenario| scenario.id == WALK);
    let Some(opening) = opening.filter(|opening| opening.roles.contains(&role)) else {
        return Vec::new();
    };
    let scenario = Arc::new(opening.clone());
    let ids = (0..selection.walks).map(|number| format!("walk/{number}"));
    let selected = ids.filter(|id| selection.selects(id));
    let planned =
        |id| PlannedCase { id, scenario: Arc::clone(&scenario), role, row: BTreeMap::new() };
    selected.map(planned).collect()
}

/// The cases by rank: those of a rank have no prerequisites but in lower ones.
pub fn ranks(cases: &[PlannedCase]) -> Vec<Vec<usize>> {
    let mut by_scenario: BTreeMap<&str, &PlannedCase> = BTreeMap::new();
    for case in cases {
        by_scenario.entry(&case.scenario.id).or_insert(case);
        by_scenario.insert(&case.id, case);
    }
    let mut ranks: Vec<Vec<usize>> = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let rank = rank(case, &by_scenario, 0);
        if ranks.len() <= rank {
            ranks.resize(rank + 1, Vec::new());
        }
        ranks[rank].push(index);
    }
    ranks
}

/// More than the book will ever need; ends what refers to itself.
const DEEPEST: usize = 8;

fn rank(case: &PlannedCase, cases: &BTreeMap<&str, &PlannedCase>, depth: usize) -> usize {
    if depth == DEEPEST {
        return 0;
    }
    let below = case.prerequisites().into_iter().filter_map(|needed| cases.get(needed.as_str()));
    below.map(|case| 1 + rank(case, cases, depth + 1)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_by_pattern() {
        let strings =
            |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let selection =
            Selection::new(&strings(&["escape.*", "ping.answered"]), &strings(&["*/p"]));
        for (id, selected) in [
            ("escape.echoed", true),
            ("ping.answered/empty", true),
            ("ping.answered/p", false),
            ("ping.several", false),
        ] {
            assert_eq!(selection.selects(id), selected, "{id}");
        }
    }

    #[test]
    fn prerequisites_come_first() {
        let book = crate::book::embedded().unwrap();
        let cases = plan(&book, Role::Server, &Selection::default());
        let ranks = ranks(&cases);
        let ids = |rank: usize| ranks[rank].iter().map(|index| cases[*index].id.as_str());
        assert!(ids(0).any(|id| id == "opening.server.answer"));
        assert!(ids(1).any(|id| id == "negotiation.server.answer/rate-control"));
        assert!(ids(2).any(|id| id == "escape.echoed"));
    }
}
