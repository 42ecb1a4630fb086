//! A rule of the model, and what breaks it.

use wsconform_abnf::Location;
use wsconform_spec::model::Row;

/// A requirement that is at stake, and the row of the model that says so.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// The id of the requirement.
    pub requirement: String,
    /// Where the row stands; nowhere, for what holds whatever the row.
    pub at: Option<Location>,
}

impl Rule {
    /// The one of a row, if it has one.
    pub(super) fn of(row: &Row) -> Option<Self> {
        let requirement = row.requirement.as_ref()?.to_string();
        Some(Self { requirement, at: Some(row.at.clone()) })
    }

    /// One that holds whatever the row.
    pub(crate) fn named(requirement: &str) -> Self {
        Self { requirement: requirement.to_owned(), at: None }
    }
}

/// What is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    /// What it violates.
    pub rule: Rule,
    /// What was due.
    pub expected: String,
    /// What came.
    pub observed: String,
}
