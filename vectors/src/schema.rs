//! The JSON Schema of a file of vectors.

use schemars::{JsonSchema, schema_for};

use crate::model::Suite;
use crate::table::{AllocationGiven, Content, NegotiationGiven, PacingGiven, PolicyGiven, Table};

type TableOf<G> = Table<G, <G as Content>::Follows>;

/// A file of vectors: of octets, or a table.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it stands for its schema")]
enum File {
    Octets(Suite),
    Negotiation(TableOf<NegotiationGiven>),
    Allocation(TableOf<AllocationGiven>),
    Policies(TableOf<PolicyGiven>),
    Pacing(TableOf<PacingGiven>),
}

/// The JSON Schema (draft 2020-12) of a file of vectors, indented, with a line end at its end. It
/// is committed as `vectors/schema.json`.
pub fn schema() -> String {
    let mut schema = schema_for!(File);
    schema.insert("title".to_owned(), "Test vectors of wsconform".into());
    format!("{:#}\n", schema.to_value())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn committed_schema_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.json");
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            std::fs::write(path, schema()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        // As values: the order of keys depends on features of serde_json that others switch on.
        let value = |text: &str| serde_json::from_str::<Value>(text).ok();
        assert!(
            value(&committed) == value(&schema()),
            "{path} is out of date: run this test with BLESS=1"
        );
    }

    #[test]
    fn a_vector_is_described_with_all_its_keys() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let vector = &schema["$defs"]["Vector"];
        let keys: Vec<_> = vector["required"].as_array().unwrap().iter().collect();
        for key in ["id", "covers", "context", "input", "events", "result", "close", "requirement"]
        {
            assert!(keys.iter().any(|one| *one == key), "{key} in {vector:#}");
        }
    }
}
