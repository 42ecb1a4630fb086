//! Cases whose outcome is computed, in ways that share nothing.

mod allocation;
mod blocks;
mod desires;
mod instants;
mod lists;
mod negotiation;
mod pacing;
mod policy;
mod reactions;
mod terms;
mod weighing;

use std::collections::BTreeSet;
use std::fmt;

use wsconform_spec::Book;

use super::{Fault, GenerateError, GeneratedFile, print};
use crate::model::SCHEMA_VERSION;
use crate::table::{Case, Content, Table, TableTopic};

pub(super) use terms::negotiated;

/// A case without its outcome.
struct Draft<G> {
    id: String,
    comment: String,
    covers: Vec<String>,
    given: G,
}

impl<G: Content> Draft<G> {
    /// A case `topic/family/name`.
    fn new(name: impl fmt::Display, comment: impl Into<String>, covers: &[&str], given: G) -> Self {
        Self {
            id: format!("{}/{name}", G::TOPIC),
            comment: comment.into(),
            covers: covers.iter().map(|one| (*one).to_owned()).collect(),
            given,
        }
    }
}

/// A way to compute what follows, and its name. Nothing is what the way cannot tell.
type Way<G> = (&'static str, fn(&G) -> Option<<G as Content>::Follows>);

/// The files of all tables.
pub(super) fn generate(book: &Book) -> Result<Vec<GeneratedFile>, GenerateError> {
    TableTopic::ALL.into_iter().map(|topic| file(topic, book)).collect()
}

fn file(topic: TableTopic, book: &Book) -> Result<GeneratedFile, GenerateError> {
    match topic {
        TableTopic::Negotiation => written(lists::drafts(), &negotiation::WAYS, book),
        TableTopic::Allocation => written(allocation::drafts(), &allocation::WAYS, book),
        TableTopic::Policies => written(policy::drafts(), &policy::WAYS, book),
        TableTopic::Pacing => written(pacing::drafts(), &pacing::WAYS, book),
    }
}

fn written<G: Content>(
    drafts: Vec<Draft<G>>,
    ways: &[Way<G>],
    book: &Book,
) -> Result<GeneratedFile, GenerateError> {
    let mut ids = BTreeSet::new();
    let mut cases = Vec::new();
    for draft in drafts {
        let unsound = |fault| GenerateError::Unsound { vector: draft.id.clone(), fault };
        if !super::is_id(&draft.id, G::TOPIC.name()) {
            return Err(unsound(Fault::MalformedId));
        }
        if !ids.insert(draft.id.clone()) {
            return Err(unsound(Fault::RepeatedId));
        }
        if let Some(unknown) = draft.covers.iter().find(|id| book.requirement(id).is_none()) {
            return Err(unsound(Fault::UnknownRequirement(unknown.clone())));
        }
        cases.push(confirmed(draft, ways).map_err(GenerateError::Disagreement)?);
    }
    let suite = env!("CARGO_PKG_VERSION").to_owned();
    let table = Table { schema: SCHEMA_VERSION, suite, topic: G::TOPIC, cases };
    Ok(GeneratedFile { path: format!("data/{}.json", G::TOPIC), text: print::table(&table) })
}

/// The case with the outcome that all ways compute that can, at least two.
fn confirmed<G: Content>(
    draft: Draft<G>,
    ways: &[Way<G>],
) -> Result<Case<G, G::Follows>, Disagreement> {
    let outcomes: Vec<_> =
        ways.iter().filter_map(|(name, way)| Some((*name, way(&draft.given)?))).collect();
    let same = outcomes.windows(2).all(|pair| pair.iter().all(|one| one.1 == pair[0].1));
    let names = outcomes.iter().map(|(name, _)| (*name).to_owned()).collect();
    match outcomes.as_slice() {
        [(_, follows), _, ..] if same => Ok(Case {
            id: draft.id,
            comment: draft.comment,
            covers: draft.covers,
            confirmed: names,
            given: draft.given,
            follows: follows.clone(),
        }),
        _ => {
            let told = |(name, follows): &(&str, G::Follows)| {
                ((*name).to_owned(), serde_json::to_string(follows).unwrap_or_default())
            };
            Err(Disagreement { case: draft.id, outcomes: outcomes.iter().map(told).collect() })
        }
    }
}

/// A case of which ways of computing it say different things, or which fewer than two can compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The id of the case.
    pub case: String,
    /// Each way, and what follows by it, as JSON.
    pub outcomes: Vec<(String, String)>,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, outcomes } = self;
        write!(f, "case `{case}` is not computed alike by two: find out by the book who is wrong")?;
        outcomes.iter().try_for_each(|(name, follows)| write!(f, "\n  {name}: {follows}"))
    }
}

impl std::error::Error for Disagreement {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{PacingGiven, Rate};

    #[test]
    fn computations_that_differ_confirm_nothing() {
        let given =
            PacingGiven { burst: 256, rate: Rate::UNLIMITED, changes: vec![], messages: vec![] };
        let draft = || Draft::new("a/b", "", &[], given.clone());
        let one: Way<PacingGiven> = ("one", instants::paced);
        let wrong: Way<PacingGiven> = ("wrong", |given| {
            let mut paced = instants::paced(given)?;
            paced.ends.push(None);
            Some(paced)
        });
        assert!(confirmed(draft(), &[one, one]).is_ok());
        let error = confirmed(draft(), &[one]).unwrap_err();
        assert_eq!(error.outcomes.len(), 1, "one alone is not enough");
        let error = confirmed(draft(), &[one, wrong]).unwrap_err().to_string();
        insta::assert_snapshot!(error, @r#"
        case `pacing/a/b` is not computed alike by two: find out by the book who is wrong
          one: {"effective":[],"ends":[]}
          wrong: {"effective":[],"ends":[null]}
        "#);
    }
}
