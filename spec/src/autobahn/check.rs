//! Whether the map is complete, and names what there is.

use std::collections::{BTreeMap, BTreeSet};

use wsconform_abnf::Diagnostic;
use wsconform_abnf::suggest::closest;

use super::id::{CaseId, Group, IdRange, joined};
use super::read::{Draft, DraftKind};
use super::{Answer, AutobahnMap, Entry, selects};
use crate::scenario::{Role, Scenario, cases};

/// The roles that the suite tests.
const ROLES: [Role; 2] = [Role::Server, Role::Client];

/// The map that the blocks of a book make, or all that is wrong with it:
///
/// - package and total are given once, and the groups have as many cases as the total says;
/// - each case of each group has exactly one entry, and there is no entry of another case;
/// - each case of ours that an entry names is there, and some for each role that the suite tests.
///
/// A book without blocks has no map, and nothing is wrong with that. Of a scenario that takes its
/// rows from vectors, which a book does not have yet, all rows are thought to be there.
pub(crate) fn check(drafts: Vec<Draft>, scenarios: &[Scenario]) -> (AutobahnMap, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let groups = groups(&drafts, &mut problems);
    entries_of_all(&drafts, &groups, &mut problems);
    let ours = ours(scenarios);
    for draft in &drafts {
        if let DraftKind::Entry(entry) = &draft.kind {
            problems.extend(dangling(draft, entry, scenarios, &ours));
        }
    }
    let mut map = AutobahnMap { groups: groups.into_iter().collect(), ..AutobahnMap::default() };
    for draft in drafts {
        match draft.kind {
            DraftKind::Package(package) => map.package = package,
            DraftKind::Entry(entry) => map.entries.push(entry),
            DraftKind::Total(_) | DraftKind::Group(..) => {}
        }
    }
    (map, problems)
}

/// The groups, held against each other, the total and the package.
fn groups(drafts: &[Draft], problems: &mut Vec<Diagnostic>) -> BTreeMap<Group, u16> {
    let mut groups = BTreeMap::new();
    let mut totals = Vec::new();
    let mut packages = Vec::new();
    for draft in drafts {
        match &draft.kind {
            DraftKind::Package(_) => packages.push(draft),
            DraftKind::Total(total) => totals.push((draft, *total)),
            DraftKind::Group(group, count) => {
                if groups.insert(*group, *count).is_some() {
                    let label = format!("group {group} stands above already");
                    problems.push(mistake(draft, "group counted twice", label));
                }
            }
            DraftKind::Entry(_) => {}
        }
    }
    let Some(first) = drafts.first() else { return groups };
    for (name, found) in [("package", packages.len()), ("total", totals.len())] {
        if found != 1 {
            let label = format!("the map that begins here has {found} lines `{name}`");
            let help = format!("one line `{name}` says what the map is of");
            problems.push(mistake(first, "of which suite?", label).help(help));
        }
    }
    let sum = groups.values().map(|count| usize::from(*count)).sum::<usize>();
    for (draft, total) in totals {
        if total != sum {
            let label = format!("the groups have {sum} cases");
            problems.push(mistake(draft, "groups and total disagree", label));
        }
    }
    groups
}

/// One entry for each case of the groups.
fn entries_of_all(drafts: &[Draft], groups: &BTreeMap<Group, u16>, problems: &mut Vec<Diagnostic>) {
    let mut mapped: BTreeMap<CaseId, &Draft> = BTreeMap::new();
    for draft in drafts {
        let DraftKind::Entry(entry) = &draft.kind else { continue };
        for id in &entry.ids {
            if groups.get(&id.group).is_none_or(|count| id.number > *count) {
                let label = format!("the groups have no case {id}");
                problems.push(mistake(draft, "entry of no case", label));
            } else if let Some(first) = mapped.insert(*id, draft) {
                let label = format!("`{id}` has an entry already");
                let at = first.source.location(first.span.start);
                let help = format!("it is at {at}");
                problems.push(mistake(draft, "case mapped twice", label).help(help));
            }
        }
    }
    let ranges =
        groups.iter().map(|(group, count)| IdRange { group: *group, first: 1, last: *count });
    let absent = ranges.flat_map(IdRange::ids).filter(|id| !mapped.contains_key(id));
    let absent = joined(absent);
    if let (Some(first), false) = (drafts.first(), absent.is_empty()) {
        let label = "the map that begins here leaves cases out".to_owned();
        let problem = mistake(first, "incomplete map", label);
        problems.push(problem.help(format!("no entry for {absent}")));
    }
}

/// Our cases, and whose they are. A scenario that waits for its rows stands for them.
fn ours(scenarios: &[Scenario]) -> BTreeSet<(Role, String)> {
    let mut ours = BTreeSet::new();
    for scenario in scenarios {
        ours.extend(cases(scenario).into_iter().map(|case| (case.role, case.id)));
        if takes_vectors(scenario) {
            ours.extend(scenario.roles.iter().map(|role| (*role, scenario.id.clone())));
        }
    }
    ours
}

fn takes_vectors(scenario: &Scenario) -> bool {
    scenario.rows.as_ref().is_some_and(|rows| rows.vectors.is_some())
}

/// What an entry names that is not there.
fn dangling(
    draft: &Draft,
    entry: &Entry,
    scenarios: &[Scenario],
    ours: &BTreeSet<(Role, String)>,
) -> Vec<Diagnostic> {
    let Answer::Ours { cases, .. } = &entry.answer else { return Vec::new() };
    let mut problems = Vec::new();
    let mut roles = BTreeSet::new();
    for pattern in cases {
        // Of rows that are vectors, the scenario has to do.
        let (scenario, _) = pattern.split_once('/').unwrap_or((pattern, ""));
        let is_vector = scenarios.iter().any(|one| one.id == scenario && takes_vectors(one));
        let wanted = if is_vector { scenario } else { pattern };
        let found: BTreeSet<Role> =
            ours.iter().filter(|(_, id)| selects(wanted, id)).map(|(role, _)| *role).collect();
        if found.is_empty() {
            let label = format!("`{pattern}` is no case of the book");
            let problem = mistake(draft, "entry by no case", label);
            problems.push(match closest(pattern, ours.iter().map(|(_, id)| id.as_str())) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
        roles.extend(found);
    }
    let absent = ROLES.iter().filter(|role| problems.is_empty() && !roles.contains(role));
    let absent: Vec<_> = absent.map(|role| role.name()).collect();
    if !absent.is_empty() {
        let label = format!("nothing asks the same of a {}", absent.join(" and a "));
        problems.push(mistake(draft, "role without a case", label));
    }
    problems
}

fn mistake(draft: &Draft, title: &str, label: String) -> Diagnostic {
    Diagnostic::new(&draft.source, draft.span.clone(), title, label)
}
