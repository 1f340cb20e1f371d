//! The JSON Schema of a profile, for editors that complete and check TOML.
//!
//! Made of the same table that the reader uses. It says less than `map check`: what depends on two
//! keys at once, or on the services, is not in it. Start reading at [`schema`].

use serde_json::{Map, Value, json};

use super::VERSION;
use super::keys::{Key, TABLES, TOP, Table, Takes};

/// The name under which the schema lies beside the profiles.
pub(super) const FILE: &str = "profile.schema.json";

/// The schema as JSON text. Draft 7, which the common TOML editors understand.
pub(crate) fn schema() -> String {
    let mut top = object(&TOP);
    for table in TABLES {
        let mut each = object(table);
        if table.many {
            each = json!({
                "type": "array",
                "description": table.about,
                "items": each,
            });
        }
        top["properties"][table.name] = each;
    }
    top["required"] = json!(["version", "ghl", "bigmailer"]);
    top["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    top["title"] = json!("ghl-bm profile");
    let mut text = serde_json::to_string_pretty(&top).unwrap_or_default();
    text.push('\n');
    text
}

fn object(table: &Table) -> Value {
    let properties: Map<String, Value> = table
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key)))
        .collect();
    let required: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut object = json!({
        "type": "object",
        "description": table.about,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

fn property(key: &Key) -> Value {
    let mut property = match &key.takes {
        Takes::Version => json!({ "const": VERSION }),
        Takes::Text => json!({ "type": "string" }),
        Takes::Flag => json!({ "type": "boolean" }),
        Takes::Whole(least) => json!({ "type": "integer", "minimum": least }),
        Takes::Fraction => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 }),
        Takes::Words(words) => json!({ "enum": words() }),
        Takes::Texts => json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
        Takes::Duration => json!({ "type": "string", "pattern": r"^\s*[0-9]+\s*[smhd]\s*$" }),
        Takes::Share => json!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?\s*%$" },
        ] }),
        Takes::Table => json!({ "type": "object" }),
    };
    property["description"] = json!(key.about);
    property
}
