//! Holds scenarios against the rest of the book, so that what passes can be run.

mod header;
mod item;
mod negotiate;
mod outcome;
mod step;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wsconform_abnf::Diagnostic;
use wsconform_abnf::suggest::closest;

use super::capability::Capabilities;
use super::parser::backquoted;
use super::syntax::{Need, Scenario};
use step::Stream;

/// What the checks need to know of the requirements of the book.
#[derive(Clone, Debug, Default)]
pub struct RequirementFacts {
    binds: BTreeMap<String, Vec<String>>,
}

impl RequirementFacts {
    /// The facts of requirements, each an id and the parties that it binds.
    pub fn new(requirements: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        Self { binds: requirements.into_iter().collect() }
    }
}

/// Checks all scenarios of a book together. The diagnostics come in the order of the scenarios, and
/// those of a scenario in the order of its text.
pub fn check(scenarios: &[Scenario], requirements: &RequirementFacts) -> Vec<Diagnostic> {
    let mut ids: BTreeMap<&str, &Scenario> = BTreeMap::new();
    for scenario in scenarios {
        ids.entry(&scenario.id).or_insert(scenario);
    }
    let mut problems = Vec::new();
    let mut cycles = cycles(&ids);
    for scenario in scenarios {
        let mut found = Vec::new();
        match ids.get(scenario.id.as_str()) {
            Some(first) if !std::ptr::eq(*first, scenario) => found.push(
                Diagnostic::new(
                    &scenario.source,
                    scenario.span.clone(),
                    format!("scenario `{}` exists twice", scenario.id),
                    "expected an id of its own",
                )
                .help(format!("the first one is at {}", first.at)),
            ),
            _ => found.extend(cycles.remove(scenario.id.as_str())),
        }
        let mut checker = Checker {
            scenario,
            requirements,
            variables: BTreeMap::new(),
            perhaps: BTreeSet::new(),
            columns: columns(scenario),
            used_columns: BTreeSet::new(),
            checked_cells: BTreeSet::new(),
            in_cell: false,
            connections: BTreeMap::new(),
            observations: BTreeSet::new(),
            problems: found,
        };
        checker.header(&ids);
        checker.steps();
        checker.unused_columns();
        problems.append(&mut in_order(checker.problems));
    }
    problems
}

/// The problems in the order of the text; what two uses of a cell tell of it is told once.
fn in_order(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    fn key(problem: &Diagnostic) -> (usize, usize, &str, &str) {
        let span = problem.span();
        (span.start, span.end, problem.title(), problem.label())
    }
    problems.sort_by(|left, right| key(left).cmp(&key(right)));
    problems.dedup_by(|later, earlier| key(later) == key(earlier));
    problems
}

/// Scenarios that need themselves, directly or by others: a diagnostic for each circle, under the
/// id of one of its scenarios.
fn cycles<'a>(ids: &BTreeMap<&'a str, &'a Scenario>) -> BTreeMap<&'a str, Diagnostic> {
    let needs = |id: &str| {
        let needs = ids.get(id).map(|scenario| scenario.needs.as_slice()).unwrap_or_default();
        needs.iter().enumerate().filter_map(|(index, need)| match need {
            Need::Case(id) => ids.get_key_value(id.as_str()).map(|(id, _)| (index, *id)),
            Need::Capability(_) | Need::Limit(_) => None,
        })
    };
    // What needs nothing that is left is no part of a circle, and goes.
    let mut waiting: BTreeMap<&str, usize> =
        ids.keys().map(|id| (*id, needs(id).count())).collect();
    let mut needed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for id in ids.keys() {
        for (_, needed) in needs(id) {
            needed_by.entry(needed).or_default().push(id);
        }
    }
    let mut free: Vec<&str> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = free.pop() {
        waiting.remove(id);
        for other in needed_by.get(id).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(other) {
                *count -= 1;
                if *count == 0 {
                    free.push(other);
                }
            }
        }
    }
    let mut problems = BTreeMap::new();
    while let Some((start, _)) = waiting.first_key_value() {
        let mut path: Vec<(&str, usize)> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut next = Some(*start);
        while let Some(id) = next.take() {
            waiting.remove(id);
            places.insert(id, path.len());
            let leads_on = |id: &str| places.contains_key(id) || waiting.contains_key(id);
            let Some((index, needed)) = needs(id).find(|(_, needed)| leads_on(needed)) else {
                break;
            };
            path.push((id, index));
            match places.get(needed) {
                None => next = Some(needed),
                Some(begin) => {
                    let circle = &path[*begin..];
                    problems.extend(circular(ids, circle).map(|problem| (needed, problem)));
                }
            }
        }
    }
    problems
}

/// The diagnostic of a circle, given as ids and the index of the need that leads on.
fn circular(ids: &BTreeMap<&str, &Scenario>, circle: &[(&str, usize)]) -> Option<Diagnostic> {
    let (first, index) = circle.first()?;
    let scenario = ids.get(first)?;
    let span = scenario.header_spans.needs.get(*index).unwrap_or(&scenario.span);
    let names: Vec<&str> = circle.iter().map(|(id, _)| *id).collect();
    let title = format!("scenario `{first}` needs itself");
    let label = format!("{} needs {first} again", names.join(" needs "));
    Some(Diagnostic::new(&scenario.source, span.clone(), title, label))
}

fn columns(scenario: &Scenario) -> BTreeMap<&str, usize> {
    let columns = scenario.rows.iter().flat_map(|table| &table.variables);
    columns.enumerate().map(|(index, column)| (column.as_str(), index)).collect()
}

/// The variable that holds the number of the connection, where there are several that take every
/// step.
const CONNECTION: &str = "connection";

/// What a variable holds.
#[derive(Clone, Copy)]
enum Holds {
    Value,
    /// The rate of an EFFECTIVE that came: a number, and a place among the data.
    Effective,
    Capability(Capabilities),
}

struct Checker<'a> {
    scenario: &'a Scenario,
    requirements: &'a RequirementFacts,
    /// What is set for sure; columns apart.
    variables: BTreeMap<String, Holds>,
    /// What is set if one of several things came.
    perhaps: BTreeSet<String>,
    columns: BTreeMap<&'a str, usize>,
    used_columns: BTreeSet<usize>,
    /// Columns that were held against a kind of place.
    checked_cells: BTreeSet<(usize, &'static str)>,
    in_cell: bool,
    connections: BTreeMap<Option<&'a str>, Stream>,
    observations: BTreeSet<&'a str>,
    problems: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn report(&mut self, span: &Range<usize>, title: impl Into<String>, label: impl Into<String>) {
        self.problems.push(Diagnostic::new(&self.scenario.source, span.clone(), title, label));
    }

    fn report_with_help(
        &mut self,
        span: &Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = Diagnostic::new(&self.scenario.source, span.clone(), title, label);
        self.problems.push(problem.help(help));
    }

    fn unknown(&mut self, span: &Range<usize>, what: &str, word: &str, known: &[&str]) {
        let title = format!("unknown {what} `{word}`");
        let label = match known.len() {
            0 => format!("expected no {what}: there is none here"),
            1..=16 => format!("expected {}", backquoted(known)),
            _ => format!("no {what} has this name"),
        };
        match closest(word, known.iter().copied()) {
            Some(near) => {
                self.report_with_help(span, title, label, format!("did you mean `{near}`?"));
            }
            None => self.report(span, title, label),
        }
    }
}
