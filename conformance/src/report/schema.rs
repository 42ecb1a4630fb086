//! The JSON Schema of a line of a report.

use schemars::schema_for;

use super::model::Record;

/// The JSON Schema (draft 2020-12) of a line of a report, indented, with a line end at its end. It
/// is committed as `conformance/report.schema.json`.
pub fn report_schema() -> String {
    let mut schema = schema_for!(Record);
    schema.insert("title".to_owned(), "A line of a report of wsconform".into());
    format!("{:#}\n", schema.to_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_schema_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/report.schema.json");
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            std::fs::write(path, report_schema()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        // As values: the order of keys depends on features of serde_json that others switch on.
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        assert!(
            value(&committed) == value(&report_schema()),
            "{path} is out of date: run this test with BLESS=1"
        );
    }

    #[test]
    fn schema_is_of_its_draft_and_describes_each_type_of_record() {
        let schema: serde_json::Value = serde_json::from_str(&report_schema()).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema.get("$id"), None);
        let types: Vec<_> = schema["oneOf"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["properties"]["type"]["const"].as_str().unwrap())
            .collect();
        assert_eq!(types, ["run", "case", "end"]);
    }
}
