//! The scenario language: what can be written, and what a writer is told about a mistake.

mod hostile;
mod mistakes;
mod vectors;
mod worked;

use wsconform_abnf::{Diagnostic, Source};
use wsconform_spec::scenario::{RequirementFacts, Scenario, check, parse_block};

/// What is wrong with the text of a block, or the scenarios that it holds.
fn read(text: &str, facts: &RequirementFacts) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    let source = Source::new("block", text);
    let scenarios = parse_block(&source, 0..text.len())?;
    let problems = check(&scenarios, facts);
    if problems.is_empty() { Ok(scenarios) } else { Err(problems) }
}

fn facts(requirements: &[(&str, &[&str])]) -> RequirementFacts {
    RequirementFacts::new(requirements.iter().map(|(id, binds)| {
        ((*id).to_owned(), binds.iter().map(|party| (*party).to_owned()).collect())
    }))
}
