//! `wsconform spec list`: a line a requirement.

use wsconform_spec::Book;

use super::super::{Stop, print};

pub(super) fn list(book: &Book, pattern: &str) -> Result<u8, Stop> {
    let pattern = wildmatch::WildMatch::new(pattern);
    let mut text = String::new();
    for (id, requirement) in book.requirements() {
        if pattern.matches(id.as_str()) {
            let binds: Vec<&str> = requirement.binds.iter().map(|party| party.as_str()).collect();
            text.push_str(&format!(
                "{:<36} {:<10} {:<16} {}\n",
                id.as_str(),
                requirement.key_word.as_str(),
                binds.join(", "),
                requirement.source
            ));
        }
    }
    if text.is_empty() {
        return Err(Stop::usage("no requirement matches\nhelp: `wsconform spec list` lists all"));
    }
    print(&text);
    Ok(0)
}
