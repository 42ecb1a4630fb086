//! Cases of the Autobahn testsuite, an entry a line, and how many there are.

use std::collections::BTreeMap;
use std::fmt::Write;

use wildmatch::WildMatch;
use wsconform_spec::AutobahnMap;
use wsconform_spec::autobahn::{Answer, CaseId, Entry, NotKind, joined};

use super::Stop;
use super::fold::folded;

/// Where what is said of an id begins.
const INDENT: usize = 16;

/// The cases that match a pattern, as those of `--run` do: it may end where a number ends. All of
/// them if it is empty.
pub(super) fn listed(map: &AutobahnMap, pattern: &str) -> Result<String, Stop> {
    let whole = if pattern.is_empty() { "*" } else { pattern };
    let patterns = [WildMatch::new(whole), WildMatch::new(&format!("{whole}.*"))];
    let is_wanted = |id: &CaseId| {
        let id = id.to_string();
        patterns.iter().any(|pattern| pattern.matches(&id))
    };
    let mut text = format!("{}\n\n", map.package());
    let mut counts: BTreeMap<u16, Counts> = BTreeMap::new();
    for entry in map.entries() {
        let wanted: Vec<CaseId> = entry.ids.iter().copied().filter(is_wanted).collect();
        for id in &wanted {
            counts.entry(id.group.category).or_default().add(entry);
        }
        if !wanted.is_empty() {
            text.push_str(&folded(&joined(wanted), INDENT, &told(entry)));
        }
    }
    if counts.is_empty() {
        return Err(Stop::usage(format!(
            "no case of the Autobahn testsuite matches `{pattern}`\nhelp: {}",
            advice(map, pattern)
        )));
    }
    text.push('\n');
    text.push_str(&totals(map, &counts));
    Ok(text)
}

/// A line a category, and one for all.
fn totals(map: &AutobahnMap, counts: &BTreeMap<u16, Counts>) -> String {
    let names = counts.keys().map(|category| format!("{category} {}", name(map, *category)));
    let mut rows: Vec<_> = names.zip(counts.values().copied()).collect();
    let all = counts.values().fold(Counts::default(), |sum, own| sum.plus(*own));
    rows.push(("all".to_owned(), all));
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!("{:width$}  cases   ours  differs  not yet  not here\n", "category");
    for (name, counts) in &rows {
        let Counts { ours, differs, yet, here } = counts;
        let cases = ours + yet + here;
        let _ = writeln!(
            text,
            "{name:width$}  {cases:>5}  {ours:>5}  {differs:>7}  {yet:>7}  {here:>8}"
        );
    }
    text
}

/// What asks the same.
fn told(entry: &Entry) -> String {
    match &entry.answer {
        Answer::Ours { cases, differs: None } => cases.join(" "),
        Answer::Ours { cases, differs: Some(_) } => format!("{}  (differs)", cases.join(" ")),
        Answer::Not { kind, reason } => format!("not {}: {reason}", kind.as_str()),
    }
}

/// The heading of a category, without its number.
fn name(map: &AutobahnMap, category: u16) -> &str {
    let mut entries = map.entries().iter();
    let own = entries.find(|entry| entry.ids.iter().any(|id| id.group.category == category));
    let section = own.map_or("", |entry| entry.section.as_str());
    section.split_once(": ").map_or(section, |(_, name)| name)
}

/// How many cases have what for an answer; those that differ are among ours.
#[derive(Clone, Copy, Default)]
struct Counts {
    ours: usize,
    differs: usize,
    yet: usize,
    here: usize,
}

impl Counts {
    fn add(&mut self, entry: &Entry) {
        match &entry.answer {
            Answer::Ours { differs, .. } => {
                self.ours += 1;
                self.differs += usize::from(differs.is_some());
            }
            Answer::Not { kind: NotKind::Yet, .. } => self.yet += 1,
            Answer::Not { kind: NotKind::Here, .. } => self.here += 1,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            ours: self.ours + other.ours,
            differs: self.differs + other.differs,
            yet: self.yet + other.yet,
            here: self.here + other.here,
        }
    }
}

/// The nearest there is: the group that the pattern begins with, or the categories.
fn advice(map: &AutobahnMap, pattern: &str) -> String {
    let range = |(group, count): &(_, u16)| match count {
        1 => format!("{group}.1"),
        count => format!("{group}.1 to {group}.{count}"),
    };
    let begins = |(group, _): &&(wsconform_spec::autobahn::Group, u16)| {
        pattern.starts_with(&format!("{group}."))
    };
    let near: Vec<_> = map.groups().iter().filter(begins).map(range).collect();
    if !near.is_empty() {
        return format!("there are {}", near.join(", "));
    }
    let category = pattern.split('.').next().unwrap_or(pattern);
    let own = map.groups().iter().filter(|(group, _)| group.category.to_string() == category);
    let own: Vec<_> = own.map(range).collect();
    if !own.is_empty() {
        return format!("there are {}", own.join(", "));
    }
    let mut categories: Vec<_> = map.groups().iter().map(|(group, _)| group.category).collect();
    categories.dedup();
    let categories: Vec<_> = categories.iter().map(ToString::to_string).collect();
    format!(
        "its categories are {}; an id is such as `autobahn:7.9.3`, and `wsconform explain autobahn` \
         lists all",
        categories.join(", ")
    )
}
