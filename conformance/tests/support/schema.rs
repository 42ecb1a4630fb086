//! Holds a JSON value against a JSON Schema, as far as the committed schemas use the language.

use serde_json::{Map, Value};

/// What in `value` is against `schema`, a whole document; `None` if nothing is.
///
/// # Panics
/// When the schema has a keyword that is not known here: then something would go unchecked.
pub(crate) fn mistake(schema: &Value, value: &Value) -> Option<String> {
    Checker { root: schema }.check(schema, value, "$").err()
}

struct Checker<'a> {
    root: &'a Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let keywords = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Bool(false) => return Err(format!("{at}: nothing may stand here")),
            Value::Object(keywords) => keywords,
            other => panic!("{other} is no schema"),
        };
        for (keyword, operand) in keywords {
            let holds = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" | "default" | "format" => Ok(()),
                "$ref" => self.check(self.resolve(operand), value, at),
                "type" => expect(is_of_type(value, operand), at, "is not of type", operand),
                "const" => expect(value == operand, at, "is not", operand),
                "enum" => expect(list_of(operand).contains(value), at, "is none of", operand),
                "minimum" => expect(number(value) >= number(operand), at, "is below", operand),
                "required" => required(operand, value, at),
                "properties" => self.properties(operand, value, at),
                "additionalProperties" => self.additional(keywords, operand, value, at),
                "items" => self.items(operand, value, at),
                "oneOf" => self.count(operand, value, at, |matching| matching == 1),
                "anyOf" => self.count(operand, value, at, |matching| matching > 0),
                "allOf" => {
                    let all = list_of(operand);
                    self.count(operand, value, at, |matching| matching == all.len())
                }
                other => panic!("the keyword {other} is not known here"),
            };
            holds?;
        }
        Ok(())
    }

    fn resolve(&self, reference: &Value) -> &Value {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        self.root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }

    fn properties(&self, schemas: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Value::Object(fields) = value else { return Ok(()) };
        for (name, schema) in schemas.as_object().unwrap() {
            if let Some(field) = fields.get(name) {
                self.check(schema, field, &format!("{at}.{name}"))?;
            }
        }
        Ok(())
    }

    fn additional(
        &self,
        keywords: &Map<String, Value>,
        schema: &Value,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        let Value::Object(fields) = value else { return Ok(()) };
        let named = keywords.get("properties").and_then(Value::as_object);
        for (name, field) in fields {
            if !named.is_some_and(|named| named.contains_key(name)) {
                self.check(schema, field, &format!("{at}.{name}"))?;
            }
        }
        Ok(())
    }

    fn items(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Value::Array(items) = value else { return Ok(()) };
        for (index, item) in items.iter().enumerate() {
            self.check(schema, item, &format!("{at}[{index}]"))?;
        }
        Ok(())
    }

    /// Whether as many of the alternatives hold as have to.
    fn count(
        &self,
        alternatives: &Value,
        value: &Value,
        at: &str,
        enough: impl Fn(usize) -> bool,
    ) -> Result<(), String> {
        let mut wrong = Vec::new();
        let alternatives = list_of(alternatives);
        for alternative in alternatives {
            wrong.extend(self.check(alternative, value, at).err());
        }
        match enough(alternatives.len() - wrong.len()) {
            true => Ok(()),
            false => Err(format!("{at}: fits not as many alternatives as it has to: {wrong:?}")),
        }
    }
}

fn required(names: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Value::Object(fields) = value else { return Ok(()) };
    let mut names = list_of(names).iter().map(|name| name.as_str().unwrap());
    match names.find(|name| !fields.contains_key(*name)) {
        Some(missing) => Err(format!("{at}: {missing} is missing")),
        None => Ok(()),
    }
}

fn is_of_type(value: &Value, types: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("{other} is no type"),
    };
    match types {
        Value::Array(types) => types.iter().any(is),
        one => is(one),
    }
}

fn list_of(list: &Value) -> &[Value] {
    list.as_array().unwrap()
}

/// What is no number is beyond all bounds; `type` says what it has to be.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::INFINITY)
}

fn expect(holds: bool, at: &str, what: &str, operand: &Value) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{at}: {what} {operand}")) }
}
