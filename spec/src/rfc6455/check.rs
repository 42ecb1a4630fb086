//! Whether the map is complete, and agrees with the text and with the sources of the requirements.

use std::collections::{BTreeMap, BTreeSet};

use wsconform_abnf::Diagnostic;

use super::passage::Passage;
use super::text::{Obligation, Rfc};
use super::{CHAPTERS, Entry, Rfc6455Map};
use crate::map::{Draft, dangling, mistake, uncited};
use crate::requirement::{KeyWord, Requirement, RequirementId};

/// The map that the entries make, or all that is wrong with them:
///
/// - each key word of the chapters that it is of stands in exactly one entry, and no other does;
/// - entries come in the order of the text;
/// - an entry that is `as` another leads to one that stands for itself;
/// - a requirement of an entry, or of the one that this is as, cites its section, unless it does not
///   come from RFC 6455 at all.
///
/// A book without entries has no map, and nothing is wrong with that.
pub(crate) fn check(
    drafts: Vec<Draft<Passage>>,
    requirements: &BTreeMap<RequirementId, Requirement>,
) -> (Rfc6455Map, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut left = Left::new(Rfc::embedded());
    for draft in &drafts {
        problems.extend(left.take(draft));
    }
    if let Some(first) = drafts.first() {
        problems.extend(left.absent(first));
    }
    for (one, next) in drafts.iter().zip(drafts.iter().skip(1)) {
        if next.place.line() < one.place.line() {
            let label = format!("it stands before `{}` in the text", one.place);
            let problem = mistake(next, "entry out of order", label);
            problems.push(problem.help("entries come in the order of the text"));
        }
    }
    problems.extend(dangling(&drafts));
    problems.extend(uncited(&drafts, requirements, |requirement, place| {
        requirement.rfc6455.is_empty() || requirement.rfc6455.contains(&place.section)
    }));
    problems.extend(drafts.iter().flat_map(|draft| uncited_there(draft, &drafts, requirements)));
    let entries = drafts.iter().map(|draft| entry(draft, &drafts)).collect();
    (Rfc6455Map { entries }, problems)
}

/// The key words that no entry has taken yet.
struct Left {
    rfc: &'static Rfc,
    words: Vec<&'static Obligation>,
}

impl Left {
    fn new(rfc: &'static Rfc) -> Self {
        let is_mapped = |one: &&Obligation| CHAPTERS.contains(&one.section.chapter());
        Self { rfc, words: rfc.obligations().iter().filter(is_mapped).collect() }
    }

    /// Takes the key words of an entry; what is wrong with them.
    fn take(&mut self, draft: &Draft<Passage>) -> Vec<Diagnostic> {
        let section = draft.place.section;
        let mut problems = Vec::new();
        for (line, word) in &draft.place.words {
            let Some(word) = word else {
                if self.rfc.section_of(*line) != Some(section) {
                    let label = format!("line {line} is no part of section {section}");
                    problems.push(mistake(draft, "no such line", label));
                }
                continue;
            };
            let is_it =
                |one: &Obligation| (one.section, one.line, one.key_word) == (section, *line, *word);
            match self.words.iter().position(|one| is_it(one)) {
                Some(at) => drop(self.words.remove(at)),
                None if self.rfc.obligations().iter().any(is_it) => {
                    let label = format!("`{}` of line {line} is mapped already", word.as_str());
                    problems.push(mistake(draft, "key word mapped twice", label));
                }
                None => problems.push(self.stranger(draft, *line, *word)),
            }
        }
        problems
    }

    /// A key word that the text does not have there.
    fn stranger(&self, draft: &Draft<Passage>, line: u16, word: KeyWord) -> Diagnostic {
        let section = draft.place.section;
        let label = format!("no `{}` on line {line} in section {section}", word.as_str());
        let problem = mistake(draft, "no such key word", label);
        let all = self.rfc.obligations().iter().filter(|one| one.section == section);
        match all.min_by_key(|one| (one.line.abs_diff(line), one.key_word != word)) {
            Some(near) => {
                let name = format!("{section}, {} {}", near.line, near.key_word.as_str());
                problem.help(format!("the nearest is `{name}`: {}", near.sentence))
            }
            None => problem.help(format!("section {section} has no key words")),
        }
    }

    /// The key words that no entry has.
    fn absent(&self, first: &Draft<Passage>) -> Option<Diagnostic> {
        if self.words.is_empty() {
            return None;
        }
        let label = "the map that begins here leaves key words out".to_owned();
        let problem = mistake(first, "incomplete map of RFC 6455", label);
        Some(self.words.iter().fold(problem, |problem, one| {
            let Obligation { section, line, key_word, sentence } = one;
            let place = format!("{section}, {line} {}", key_word.as_str());
            problem.help(format!("no entry for `{place}`: {sentence}"))
        }))
    }
}

/// The requirements of the entry that this one is as, if they do not cite its section too.
fn uncited_there(
    draft: &Draft<Passage>,
    drafts: &[Draft<Passage>],
    requirements: &BTreeMap<RequirementId, Requirement>,
) -> Option<Diagnostic> {
    let (_, span) = draft.same_as.as_ref()?;
    let section = draft.place.section;
    let known = own(draft, drafts).requirements.iter().filter_map(|(id, _)| requirements.get(id));
    let strangers: BTreeSet<_> = known
        .filter(|one| !one.rfc6455.is_empty() && !one.rfc6455.contains(&section))
        .map(|one| format!("`{}`", one.id))
        .collect();
    if strangers.is_empty() {
        return None;
    }
    let strangers = strangers.into_iter().collect::<Vec<_>>().join(", ");
    let label = format!("the requirements cite other sections alone: {strangers}");
    let problem = Diagnostic::new(&draft.source, span.clone(), "map and source disagree", label);
    Some(problem.help(format!("cite {section} in their sources too: the RFC says it twice")))
}

/// The entry that says what this one says.
fn own<'d>(draft: &'d Draft<Passage>, drafts: &'d [Draft<Passage>]) -> &'d Draft<Passage> {
    let target = draft.same_as.as_ref().map(|(place, _)| place);
    target.and_then(|place| drafts.iter().find(|one| one.place == *place)).unwrap_or(draft)
}

fn entry(draft: &Draft<Passage>, drafts: &[Draft<Passage>]) -> Entry {
    let own = own(draft, drafts);
    Entry {
        place: draft.place.clone(),
        says: draft.says.clone(),
        same_as: draft.same_as.as_ref().map(|(place, _)| place.clone()),
        requirements: own.requirements.iter().map(|(id, _)| id.clone()).collect(),
        untestable: own.untestable.clone(),
        planned: own.planned.clone(),
        readings: own.readings.clone(),
        at: draft.source.location(draft.span.start),
    }
}
