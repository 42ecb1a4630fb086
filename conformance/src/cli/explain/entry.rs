//! One case of the Autobahn testsuite.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use wsconform_spec::autobahn::{Answer, CaseId, Entry, selects};
use wsconform_spec::scenario::{Case, Role, cases};
use wsconform_spec::{Book, Level};

use super::fold::folded;
use crate::evidence::claims_of;

/// Where the text of a field begins.
const INDENT: usize = 8;

/// What it does, what asks the same, and where the verdicts differ.
pub(super) fn explained(book: &Book, id: CaseId, entry: &Entry) -> String {
    let mut text = format!("autobahn:{id}  {}\n\n", book.autobahn().package());
    let field = |name: &str, value: &str| folded(name, INDENT, value);
    text.push_str(&field("does", &entry.does));
    match &entry.answer {
        Answer::Not { kind, reason } => {
            text.push_str(&field("not", &format!("{}, {reason}", kind.as_str())));
        }
        Answer::Ours { cases: patterns, differs } => {
            let all: Vec<Case<'_>> = book.scenarios().iter().flat_map(cases).collect();
            let found = |pattern: &str| {
                all.iter().filter(|case| selects(pattern, &case.id)).collect::<Vec<_>>()
            };
            for pattern in patterns {
                let _ = writeln!(text, "ours    {}", told(pattern, &found(pattern)));
            }
            let asked = patterns.iter().flat_map(|pattern| found(pattern));
            text.push_str(&judged(book, asked));
            if let Some(differs) = differs {
                text.push_str(&field("differs", &differs.says));
                for sentence in &differs.decided_by {
                    text.push_str(&field("decides", &sentence.to_string()));
                }
            }
            let runs: Vec<_> = patterns.iter().map(|one| format!("--run '{one}'")).collect();
            text.push_str(&field("run", &format!("wsconform certify TARGET {}", runs.join(" "))));
        }
    }
    let _ = writeln!(text, "at      {}", entry.at);
    text
}

/// A pattern, how many cases it stands for if these are several, and whose they are.
fn told(pattern: &str, found: &[&Case<'_>]) -> String {
    let mut by_role: BTreeMap<Role, usize> = BTreeMap::new();
    found.iter().for_each(|case| *by_role.entry(case.role).or_default() += 1);
    let roles = by_role.iter().map(|(role, count)| match count {
        1 => role.name().to_owned(),
        count => format!("{} {count} rows", role.name()),
    });
    format!("{pattern:<36} {}", roles.collect::<Vec<_>>().join(", "))
}

/// The requirements that these cases hold an endpoint to, those of failing at the end.
fn judged<'c>(book: &Book, asked: impl Iterator<Item = &'c Case<'c>>) -> String {
    let ids: BTreeSet<String> = asked.flat_map(claims_of).collect();
    let (own, common): (Vec<_>, Vec<_>) =
        ids.into_iter().partition(|id| !id.starts_with("failing."));
    let known = own.iter().chain(&common).filter_map(|id| book.requirement(id));
    let line = |one: &wsconform_spec::Requirement| {
        let (id, key_word) = (one.id.as_str(), one.key_word.as_str());
        format!("judges  {id:<36} {key_word:<10} {}\n", one.source)
    };
    known.filter(|one| one.level() != Level::May).map(line).collect()
}
