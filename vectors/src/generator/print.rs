//! The files as people read them: a vector in a few lines, its keys always in the same order.

use std::fmt::Write;

use serde::Serialize;

use crate::model::{Outcome, Suite, Vector};
use crate::table::{Case, Content, Table};

/// The text of a file.
pub(super) fn suite(suite: &Suite) -> String {
    let mut text = String::from("{\n");
    let _ = writeln!(text, " \"schema\": {},", json(&suite.schema));
    let _ = writeln!(text, " \"suite\": {},", json(&suite.suite));
    let _ = writeln!(text, " \"topic\": {},", json(&suite.topic));
    let flags = suite.flags.iter().map(|(name, is)| format!("  {}: {}", json(name), json(is)));
    let _ = writeln!(text, " \"flags\": {{\n{}\n }},", joined(flags));
    let cases = suite.cases.iter().map(vector);
    let _ = writeln!(text, " \"cases\": [\n{}\n ]", joined(cases));
    text.push_str("}\n");
    text
}

/// The text of a table.
pub(super) fn table<G: Content>(table: &Table<G, G::Follows>) -> String {
    let mut text = String::from("{\n");
    let _ = writeln!(text, " \"schema\": {},", json(&table.schema));
    let _ = writeln!(text, " \"suite\": {},", json(&table.suite));
    let _ = writeln!(text, " \"topic\": {},", json(&table.topic));
    let _ = writeln!(text, " \"cases\": [\n{}\n ]", joined(table.cases.iter().map(case)));
    text.push_str("}\n");
    text
}

fn case<G: Serialize, F: Serialize>(case: &Case<G, F>) -> String {
    let lines = [
        format!("  {{\"id\": {}", json(&case.id)),
        format!("   \"comment\": {}", json(&case.comment)),
        format!("   \"covers\": {}, \"confirmed\": {}", json(&case.covers), json(&case.confirmed)),
        format!("   \"given\": {}", json(&case.given)),
        format!("   \"follows\": {}", json(&case.follows)),
    ];
    joined(lines.into_iter()) + "}"
}

fn vector(vector: &Vector) -> String {
    let (result, close, requirement) = match &vector.outcome {
        Outcome::Accept => ("accept", None, None),
        Outcome::Either => ("either", None, None),
        Outcome::Reject { close, requirement } => ("reject", Some(close), Some(requirement)),
    };
    let lines = [
        format!("  {{\"id\": {}", json(&vector.id)),
        format!("   \"comment\": {}", json(&vector.comment)),
        format!("   \"flags\": {}, \"covers\": {}", json(&vector.flags), json(&vector.covers)),
        format!(
            "   \"source\": {}, \"confirmed\": {}",
            json(&vector.source),
            json(&vector.confirmed)
        ),
        format!("   \"context\": {}", json(&vector.context)),
        format!("   \"input\": {}", json(&vector.input)),
        format!("   \"result\": {}, \"events\": {}", json(&result), json(&vector.events)),
        format!("   \"close\": {}, \"requirement\": {}", json(&close), json(&requirement)),
    ];
    joined(lines.into_iter()) + "}"
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",\n")
}

/// One line; nothing of the types here fails to be written.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::generator::draft::{Draft, Frame};
    use crate::topic::Topic;

    #[test]
    fn a_vector_takes_a_few_lines() {
        let draft = Draft::server("escape/example", "an \"example\"")
            .flags(["disarm"])
            .active("rate-control", [0xF0, 0x80, 0, 1])
            .frames([Frame::binary("AB"), Frame::of(0x3, "")])
            .binary("AB")
            .rejected(1002, "frame.opcode");
        let flags = BTreeMap::from([("disarm".to_owned(), "arming is lost".to_owned())]);
        let one = Suite {
            schema: 1,
            suite: "0.1.0".to_owned(),
            topic: Topic::Escape,
            flags,
            cases: vec![draft.finish()],
        };
        let text = suite(&one);
        insta::assert_snapshot!(text, @r#"
        {
         "schema": 1,
         "suite": "0.1.0",
         "topic": "escape",
         "flags": {
          "disarm": "arming is lost"
         },
         "cases": [
          {"id": "escape/example",
           "comment": "an \"example\"",
           "flags": ["disarm"], "covers": ["frame.opcode"],
           "source": "written", "confirmed": [],
           "context": {"role":"server","sequences":{"rate-control":"F0800001"}},
           "input": ["82 82 9E 37 79 B1 DF 75","83 80 3C 6E F3 62"],
           "result": "reject", "events": [{"event":"binary","payload":"41 42"}],
           "close": 1002, "requirement": "frame.opcode"}
         ]
        }
        "#);
        assert_eq!(serde_json::from_str::<Suite>(&text).unwrap(), one);
    }
}
