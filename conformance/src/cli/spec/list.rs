//! `wsconform spec list`: a line a requirement, what is planned apart.

use wsconform_spec::{Book, Requirement, Testability};

use super::super::{Stop, print};

pub(super) fn list(book: &Book, pattern: &str) -> Result<u8, Stop> {
    let pattern = wildmatch::WildMatch::new(pattern);
    let matching = book.requirements().values().filter(|one| pattern.matches(one.id.as_str()));
    let is_planned = |one: &&Requirement| matches!(one.testability, Testability::Planned { .. });
    let (planned, others): (Vec<_>, Vec<_>) = matching.partition(is_planned);
    if planned.is_empty() && others.is_empty() {
        return Err(Stop::usage("no requirement matches\nhelp: `wsconform spec list` lists all"));
    }
    let mut text: String = others.into_iter().map(line).collect();
    if !planned.is_empty() {
        let apart = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{apart}planned, and covered by nothing yet: {}\n", planned.len()));
        text.extend(planned.into_iter().map(line));
    }
    print(&text);
    Ok(0)
}

fn line(requirement: &Requirement) -> String {
    let binds: Vec<&str> = requirement.binds.iter().map(|party| party.as_str()).collect();
    format!(
        "{:<36} {:<10} {:<16} {}\n",
        requirement.id.as_str(),
        requirement.key_word.as_str(),
        binds.join(", "),
        requirement.source
    )
}
