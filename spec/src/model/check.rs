//! Whether the machines are whole.

use std::collections::BTreeSet;

use wsconform_abnf::Diagnostic;
use wsconform_abnf::suggest::closest;

use super::{Machine, Row, State};

/// All that is wrong with the machines of a book: names that are used twice, states that are not
/// there or cannot be reached, inputs that some state says nothing of. What is left is run by who
/// knows the inputs.
pub(crate) fn check(machines: &[Machine]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, machine) in machines.iter().enumerate() {
        if let Some(first) = machines[..index].iter().find(|earlier| earlier.name == machine.name) {
            let label = format!("`{}` exists already", machine.name);
            let problem = Diagnostic::new(
                &machine.source,
                machine.span.clone(),
                "machine given twice",
                label,
            );
            problems.push(problem.help(format!("the first is at {}", first.at)));
        }
        problems.extend(incomplete(machine));
        problems.extend(dangling(machine));
        problems.extend(unreachable(machine));
    }
    problems
}

/// Inputs that a state has no row for.
fn incomplete(machine: &Machine) -> Vec<Diagnostic> {
    let inputs = machine.inputs();
    let problem = |state: &State| {
        let has = |input: &&str| state.rows.iter().any(|row| row.input == **input);
        let missing: Vec<&str> = inputs.iter().copied().filter(|input| !has(input)).collect();
        if missing.is_empty() {
            return None;
        }
        let label = format!("no row for {}", missing.join(", "));
        let span = state.span.clone();
        Some(
            Diagnostic::new(&machine.source, span, "incomplete state", label)
                .help("what one state of a machine takes, all of its states take"),
        )
    };
    let mut problems: Vec<Diagnostic> = machine.states.iter().filter_map(problem).collect();
    if machine.states.is_empty() {
        let (span, label) = (machine.span.clone(), "a machine has one state at least");
        problems.push(Diagnostic::new(&machine.source, span, "machine without a state", label));
    }
    problems
}

/// Next states that the machine does not have.
fn dangling(machine: &Machine) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = Vec::new();
    for way in machine.states.iter().flat_map(|state| &state.rows).flat_map(ways) {
        if machine.state(&way.next).is_some() {
            continue;
        }
        let label = format!("`{}` has no state `{}`", machine.name, way.next);
        let span = way.next_span.clone();
        if problems.iter().any(|known| known.span() == span) {
            continue;
        }
        let problem = Diagnostic::new(&machine.source, span, "unknown state", label);
        let names = machine.states.iter().map(|state| state.name.as_str());
        problems.push(match closest(&way.next, names) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        });
    }
    problems
}

/// States that no way leads to.
fn unreachable(machine: &Machine) -> Vec<Diagnostic> {
    let mut reached = BTreeSet::from([0]);
    let mut open = vec![0];
    while let Some(index) = open.pop() {
        let rows = machine.states.get(index).map_or(&[][..], |state| &state.rows);
        for way in rows.iter().flat_map(ways) {
            if let Some(next) = machine.state(&way.next)
                && reached.insert(next)
            {
                open.push(next);
            }
        }
    }
    let strays = machine.states.iter().enumerate().filter(|(index, _)| !reached.contains(index));
    let problem = |(_, state): (usize, &State)| {
        let label = "no way leads here from the first state";
        Diagnostic::new(&machine.source, state.span.clone(), "state out of reach", label)
    };
    strays.map(problem).collect()
}

fn ways(row: &Row) -> impl Iterator<Item = &super::Way> {
    std::iter::once(&row.way).chain(&row.or)
}
