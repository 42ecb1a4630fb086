//! What is ours: a case, a scenario, a requirement.

use std::collections::BTreeSet;

use wsconform_abnf::suggest::closest;
use wsconform_spec::Book;
use wsconform_spec::autobahn::{CaseId, joined};
use wsconform_spec::scenario::{Case, cases};

use super::super::spec::show;
use super::Stop;
use crate::evidence::claims_of;

/// What `spec show` says, and which cases of the Autobahn testsuite are like it.
pub(super) fn explained(book: &Book, id: &str) -> Result<String, Stop> {
    if id.parse::<CaseId>().is_ok() {
        let message = format!("`{id}` is no id of ours\nhelp: did you mean `autobahn:{id}`?");
        return Err(Stop::usage(message));
    }
    if let Some((_, rest)) = id.split_once(':') {
        let message = format!("`{id}` begins with what is no name of a suite");
        return Err(Stop::usage(format!("{message}\nhelp: did you mean `autobahn:{rest}`?")));
    }
    let all: Vec<Case<'_>> = book.scenarios().iter().flat_map(cases).collect();
    if let Some((scenario, _)) = id.split_once('/')
        && book.scenarios().iter().any(|one| one.id == scenario)
        && !all.iter().any(|case| case.id == id)
    {
        let rows = all.iter().map(|case| case.id.as_str()).filter(|one| one.starts_with(scenario));
        let help = match closest(id, rows) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`wsconform certify --list --run {scenario}` lists its rows"),
        };
        return Err(Stop::usage(format!("`{scenario}` has no row `{id}`\nhelp: {help}")));
    }
    let mut text = show::shown(book, id)?;
    let like = like(book, &all, id);
    if !like.is_empty() {
        text.push_str(&format!("\nautobahn {}\n", joined(like)));
    }
    Ok(text)
}

/// The cases of the Autobahn testsuite that cases of ours ask the same as: the case of this id, all
/// rows of the scenario, or all that are about the requirement.
fn like(book: &Book, all: &[Case<'_>], id: &str) -> BTreeSet<CaseId> {
    let is_requirement = book.requirement(id).is_some();
    let is_meant = |case: &&Case<'_>| {
        case.id == id || case.scenario.id == id || (is_requirement && claims_of(case).contains(id))
    };
    let meant: BTreeSet<&str> = all.iter().filter(is_meant).map(|case| case.id.as_str()).collect();
    let entries = book.autobahn().entries().iter();
    let like = entries.filter(|entry| meant.iter().any(|case| entry.is_asked_by(case)));
    like.flat_map(|entry| entry.ids.iter().copied()).collect()
}
