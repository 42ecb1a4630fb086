//! Which cases are run, and in which order.

use std::collections::{BTreeMap, BTreeSet};
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

/// For each case those that have to be decided before, in the order of the plan. What would wait for
/// itself waits for nobody.
pub(super) fn needs(cases: &[PlannedCase]) -> Vec<Vec<usize>> {
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, case) in cases.iter().enumerate() {
        named.entry(&case.scenario.id).or_default().push(index);
        if case.id != case.scenario.id {
            named.entry(&case.id).or_default().push(index);
        }
    }
    let of = |case: &PlannedCase| -> BTreeSet<usize> {
        let prerequisites = case.prerequisites().into_iter();
        prerequisites.filter_map(|id| named.get(id.as_str())).flatten().copied().collect()
    };
    let all: Vec<BTreeSet<usize>> = cases.iter().map(of).collect();
    let ranks = ranks(&all);
    let below = |(index, needs): (usize, &BTreeSet<usize>)| {
        needs.iter().copied().filter(|need| ranks[*need] < ranks[index]).collect()
    };
    all.iter().enumerate().map(below).collect()
}

/// More than the book will ever need; ends what refers to itself.
const DEEPEST: usize = 8;

/// How many cases have to be decided one after the other before each.
fn ranks(needs: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut ranks = vec![0; needs.len()];
    for _ in 0..DEEPEST {
        for (index, needs) in needs.iter().enumerate() {
            ranks[index] = needs.iter().map(|need| 1 + ranks[*need]).max().unwrap_or(0);
        }
    }
    ranks
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
        let needs = needs(&cases);
        let needed = |id: &str| -> Vec<&str> {
            let at = cases.iter().position(|case| case.id == id).unwrap();
            needs[at].iter().map(|need| cases[*need].id.as_str()).collect()
        };
        assert!(needed("opening.server.answer").is_empty());
        assert_eq!(needed("negotiation.server.answer/rate-control"), ["opening.server.answer"]);
        let echoed = needed("escape.echoed");
        assert!(echoed.contains(&"negotiation.server.answer/rate-control"), "{echoed:?}");
        assert!(echoed.contains(&"contract.echo-text/Hello"), "{echoed:?}");
    }
}
