//! Vectors as rows of scenarios.
//!
//! This crate knows no vectors: they are made from the book. Who has both hands them in, as
//! [`VectorRow`]s.

use std::collections::BTreeMap;

use wsconform_abnf::Diagnostic;
use wsconform_abnf::suggest::closest;

use super::cases::reads;
use super::syntax::{Role, RowValue, Scenario, Value};

/// What scenarios use of a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorRow {
    /// Its id, `frames/near-miss/from-client/frame-flags-where-1`.
    pub id: String,
    /// Who reads it.
    pub reader: Role,
    /// The octets; `$v.input`.
    pub input: Vec<u8>,
    /// The close code or status that is due, if it is wrong; `$v.code`.
    pub code: Option<u16>,
    /// The requirement that it violates, if it is wrong; `$v.requirement`.
    pub requirement: Option<String>,
}

/// The fields of a vector, in the order of the columns. The first, which names the case, is what the
/// `*` of a pattern stand for.
pub(super) const FIELDS: [&str; 4] = ["name", "input", "code", "requirement"];

/// Gives the scenarios their rows. The diagnostics are those of patterns that match nothing.
pub(crate) fn fill(scenarios: &mut [Scenario], vectors: &[VectorRow]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for scenario in scenarios {
        let roles = &scenario.roles;
        let Some(table) = &mut scenario.rows else { continue };
        let Some(from) = &mut table.vectors else { continue };
        let mut rows: BTreeMap<(&str, Role), &VectorRow> = BTreeMap::new();
        for vector in vectors.iter().filter(|vector| matches(&from.pattern, &vector.id)) {
            rows.insert((&vector.id, vector.reader), vector);
        }
        let unread =
            roles.iter().find(|role| !rows.keys().any(|(_, reader)| reads(**role, *reader)));
        if let Some(role) = unread {
            let title = format!("no vector for a {role} matches `{}`", from.pattern);
            let label = "expected a pattern of vectors, such as `frames/near-miss/*`";
            let problem = Diagnostic::new(&scenario.source, from.span.clone(), title, label);
            let ids = vectors.iter().map(|vector| vector.id.as_str());
            problems.push(match closest(&from.pattern, ids) {
                Some(near) => problem.help(format!("there is a vector `{near}`")),
                None => problem,
            });
        }
        let fixed = from.pattern.split('*').next().unwrap_or_default();
        let fixed = fixed.rfind('/').map_or(0, |slash| slash + 1);
        from.readers = rows.values().map(|vector| vector.reader).collect();
        table.rows = rows.values().map(|vector| cells(vector, fixed)).collect();
        table.cell_spans = vec![vec![from.span.clone(); FIELDS.len()]; table.rows.len()];
    }
    problems
}

/// The cells of a vector, in the order of [`FIELDS`].
fn cells(vector: &VectorRow, fixed: usize) -> Vec<RowValue> {
    let name = vector.id.get(fixed..).unwrap_or(&vector.id).to_owned();
    vec![
        RowValue::Value(Value::Text(name)),
        RowValue::Value(Value::Octets(vector.input.clone())),
        vector.code.map_or(RowValue::Absent, |code| RowValue::Value(Value::Number(code.into()))),
        vector.requirement.clone().map_or(RowValue::Absent, RowValue::Requirement),
    ]
}

/// Whether `id` is `pattern`, where each `*` stands for any characters.
pub(crate) fn matches(pattern: &str, id: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = id.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, id) in [
            ("a/*", "a/b"),
            ("a/*", "a/"),
            ("*", "a/b/c"),
            ("a/*/c-*", "a/b/c-d"),
            ("a", "a"),
            ("*b*b", "abb"),
        ] {
            assert!(matches(pattern, id), "{pattern} {id}");
        }
        for (pattern, id) in
            [("a/*", "b/a/"), ("a", "ab"), ("", "a"), ("*b*b", "ab"), ("a/*/c", "a/b/cd")]
        {
            assert!(!matches(pattern, id), "{pattern} {id}");
        }
    }
}
