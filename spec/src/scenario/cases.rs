//! From scenarios to cases: one for each role and row.

use std::collections::BTreeMap;

use super::syntax::{Role, RowValue, Scenario, Value};

/// A scenario bound to a role and a row of its table.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The id of the scenario, and the first cell of the row behind a slash: `ping.answered/empty`.
    pub id: String,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Who is under test.
    pub role: Role,
    /// The cells of the row, by variable.
    pub row: BTreeMap<&'a str, &'a RowValue>,
}

/// The cases of `scenario`, roles outside and rows inside, in the order of the text.
pub fn cases(scenario: &Scenario) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for role in &scenario.roles {
        match &scenario.rows {
            None => cases.push(Case {
                id: scenario.id.clone(),
                scenario,
                role: *role,
                row: BTreeMap::new(),
            }),
            Some(table) => {
                for (index, row) in table.rows.iter().enumerate() {
                    let reader = table.vectors.as_ref().and_then(|all| all.readers.get(index));
                    if reader.is_some_and(|reader| !reads(*role, *reader)) {
                        continue;
                    }
                    let name = row.first().map(row_name).unwrap_or_default();
                    cases.push(Case {
                        id: format!("{}/{name}", scenario.id),
                        scenario,
                        role: *role,
                        row: table.variables.iter().map(String::as_str).zip(row).collect(),
                    });
                }
            }
        }
    }
    cases
}

/// Whether who is under test in this role reads what is written for `reader`.
pub(super) fn reads(role: Role, reader: Role) -> bool {
    role == reader || (role == Role::Gateway && reader == Role::Server)
}

/// What the first cell of a row contributes to the id of its case: a name for its value, never its
/// place in the table, so that rows can be added anywhere.
pub(super) fn row_name(cell: &RowValue) -> String {
    match cell {
        RowValue::Requirement(id) => id.clone(),
        RowValue::Value(value) => value_name(value),
        RowValue::Absent => String::new(),
    }
}

fn value_name(value: &Value) -> String {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Octets(octets) => {
            octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join("-")
        }
        other => other.to_string(),
    };
    let mut name = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() || matches!(character, '.' | '_') {
            name.push(character);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() && !text.is_empty() {
        return text.chars().map(|c| format!("{:02X}", u32::from(c))).collect::<Vec<_>>().join("-");
    }
    if name.is_empty() { "empty".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_values() {
        for (value, name) in [
            (Value::Text("Sec-WebSocket-Key".into()), "Sec-WebSocket-Key"),
            (Value::Text(String::new()), "empty"),
            (Value::Text(", Upgrade ,".into()), "Upgrade"),
            (Value::Text(",".into()), "2C"),
            (Value::Octets(vec![0xF0, 0x80]), "F0-80"),
            (Value::Octets(Vec::new()), "empty"),
            (Value::Number(126), "126"),
        ] {
            assert_eq!(value_name(&value), name);
        }
    }
}
