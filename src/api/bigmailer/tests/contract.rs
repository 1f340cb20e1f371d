//! The client, and the fixtures it is tested with, against the OpenAPI document beside them.
//!
//! The document was written by hand from BigMailer's public pages: it is no proof of what the
//! service does, but a slip of the client against it is a slip. Start with
//! [`requests_hold_only_what_the_api_declares`].

use std::path::{Path, PathBuf};

use super::*;
use crate::api::bigmailer::catalogue::FieldChange;
use crate::api::bigmailer::transactional::Mail;

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/bigmailer")
}

/// A fixture by its name.
pub(super) fn fixture(name: &str) -> Value {
    let path = folder().join("fixtures").join(format!("{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_operation_that_deletes_what_is_not_sent_is_nowhere_in_the_source() {
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        files += 1;
        let source = std::fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        let code = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let place = path.display();
            assert!(
                !line.contains("\"replace\"") && !line.contains("=replace"),
                "{place}: {line}"
            );
            // Nobody is opted in again: the word is never paired with false, and message types are
            // only ever added to those that a contact is out of.
            assert!(!line.contains("json!(false)"), "{place}: {line}");
            if line.contains("unsubscribe_ids") {
                let harmless = [
                    // Reading.
                    "unsubscribe_ids: Value,",
                    "let ids = FieldValue::Many(strings(&self.unsubscribe_ids));",
                    // Writing.
                    "const TOPICS: &str = \"unsubscribe_ids\";",
                    ".query(\"unsubscribe_ids_op\", \"add\")",
                ];
                assert!(harmless.contains(&line.trim()), "{place}: {line}");
            }
        }
    }
    assert!(files > 5);
}

/// Every request that the client makes uses only parameters and keys that the API declares.
#[test]
fn requests_hold_only_what_the_api_declares() {
    let api = fixture("openapi");
    let server = Server::answering(|asked| {
        if asked.line().starts_with("GET /brands/BRAND/fields/") {
            return Reply::json(200, json!({"id": "f", "merge_tag_name": "F"}));
        }
        Reply::json(200, json!({"id": "x", "has_more": false, "data": []}))
    });
    let bigmailer = client(&server);
    bigmailer.me().unwrap();
    bigmailer.brand().unwrap();
    bigmailer.brands().unwrap();
    bigmailer.fields().unwrap();
    bigmailer.get_field("f").unwrap();
    bigmailer.create_field("N", "M", "text").unwrap();
    let change = FieldChange {
        name: Some("N".to_owned()),
        merge_tag_name: Some("M".to_owned()),
        sample_value: Some("S".to_owned()),
    };
    bigmailer.update_field("f", &change).unwrap();
    bigmailer.delete_field("f").unwrap();
    bigmailer.lists().unwrap();
    bigmailer.get_list("l").unwrap();
    bigmailer.create_list("N").unwrap();
    bigmailer.rename_list("l", "N").unwrap();
    bigmailer.delete_list("l").unwrap();
    bigmailer.message_types().unwrap();
    bigmailer.get_message_type("t").unwrap();
    bigmailer.create_message_type("N").unwrap();
    bigmailer.rename_message_type("t", "N").unwrap();
    bigmailer.delete_message_type("t").unwrap();
    bigmailer.segments().unwrap();
    bigmailer.get_segment("s").unwrap();
    bigmailer.suppression_lists().unwrap();
    bigmailer.get_suppression_list("s").unwrap();
    bigmailer.upload_suppression_list("a.csv", b"a").unwrap();
    bigmailer.transactional_campaigns().unwrap();
    bigmailer.get_transactional_campaign("c").unwrap();
    let mail = Mail {
        email: "a@b.co".to_owned(),
        values: draft().values,
        variables: vec![("A".to_owned(), "b".to_owned())],
    };
    bigmailer.send_mail("c", &mail).unwrap();
    let (listed, _) = list(&bigmailer);
    listed.unwrap();
    bigmailer
        .list_members("l", &|_| ControlFlow::Continue(()))
        .unwrap();
    bigmailer.get(Key::Email("a@b.co")).unwrap();
    bigmailer.create(&draft()).unwrap();
    bigmailer.upsert(&resources::proof(), &draft()).unwrap();
    bigmailer
        .update(
            "u1",
            &Change {
                email: Some("a@b.co".to_owned()),
                set: draft().values,
                clear: draft().values,
                join: vec!["l".to_owned()],
                leave: vec!["l".to_owned()],
                opt_out: true,
            },
        )
        .unwrap();
    bigmailer.opt_out_of("u1", &["t".to_owned()]).unwrap();
    bigmailer.delete("u1").unwrap();
    bigmailer.submit(&[draft()]).unwrap();
    bigmailer.collect("x").unwrap();
    let asked = server.take();
    assert_eq!(asked.len(), 38);
    let mut declared: Vec<String> = asked
        .iter()
        .map(|request| check_declared(&api, request))
        .collect();
    declared.sort();
    declared.dedup();
    // Whoever makes a brand or sends a campaign to a list does so in the console.
    let left_out = [
        "POST /brands",
        "POST /brands/{brand_id}",
        "POST /brands/{brand_id}/segments",
        "POST /brands/{brand_id}/segments/{segment_id}",
        "DELETE /brands/{brand_id}/segments/{segment_id}",
    ];
    for operation in operations(&api) {
        let reached = declared.contains(&operation);
        assert_eq!(
            !reached,
            left_out.contains(&operation.as_str()),
            "{operation}"
        );
    }
}

/// Every operation of the document, as `METHOD /path`.
fn operations(api: &Value) -> Vec<String> {
    let mut operations = Vec::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if method != "parameters" {
                operations.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    operations
}

/// The operation that a request is, once its parameters and keys are seen to be declared.
fn check_declared(api: &Value, request: &Asked) -> String {
    let line = request.line();
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segments: Vec<&str> = path.split('/').collect();
    let matches = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        pattern.len() == segments.len()
            && pattern
                .iter()
                .zip(&segments)
                .all(|(p, s)| p.starts_with('{') || p == s)
    };
    // A literal path wins over one with a placeholder in the same place.
    let (pattern, declared) = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(pattern, _)| matches(pattern))
        .min_by_key(|(pattern, _)| pattern.matches('{').count())
        .unwrap_or_else(|| panic!("{line} is not declared"));
    let operation = &declared[method.to_lowercase()];
    assert!(operation.is_object(), "{line} is not declared");
    let parameters: Vec<&str> = [&declared["parameters"], &operation["parameters"]]
        .into_iter()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|p| resolve(api, p)["name"].as_str())
        .collect();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap();
        assert!(parameters.contains(&name), "{line}: parameter {name}");
    }
    if !request.body.is_empty() {
        let content_type = request.header("content-type").unwrap();
        let content_type = content_type.split(';').next().unwrap();
        let content = &operation["requestBody"]["content"][content_type];
        assert!(content.is_object(), "{line}: {content_type}");
        if content_type == "application/json" {
            conforms(api, &content["schema"], &request.json(), &line);
        }
    }
    format!("{method} {pattern}")
}

fn resolve<'a>(api: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => api.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// Fails unless a value has the types, the required keys and only the keys that a schema declares.
/// Formats, patterns and lengths are not looked at: ids here are short words.
fn conforms(api: &Value, schema: &Value, value: &Value, at: &str) {
    if let Err(why) = check(api, schema, value) {
        panic!("{at}: {why} in {value}");
    }
}

fn check(api: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = resolve(api, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().filter(|one| check(api, one, value).is_ok());
        return match fitting.count() {
            1 => Ok(()),
            n => Err(format!("{n} choices fit {value}")),
        };
    }
    if value.is_null() && schema["nullable"] == true {
        return Ok(());
    }
    let of_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    if !of_type {
        return Err(format!("{value} is no {}", schema["type"]));
    }
    for item in value.as_array().into_iter().flatten() {
        check(api, &schema["items"], item)?;
    }
    let Some(members) = value.as_object() else {
        return Ok(());
    };
    for required in schema["required"].as_array().into_iter().flatten() {
        let key = required.as_str().unwrap();
        if !members.contains_key(key) {
            return Err(format!("{key} is missing"));
        }
    }
    for (key, member) in members {
        match schema["properties"].get(key) {
            Some(property) => check(api, property, member)?,
            None if schema["additionalProperties"] == true && schema["properties"] == json!({}) => {
            }
            None => return Err(format!("{key} is not declared")),
        }
    }
    Ok(())
}

#[test]
fn fixtures_have_the_declared_shapes() {
    let api = fixture("openapi");
    let schemas: [(&str, &str); 24] = [
        ("batch_complete", "ContactBatch"),
        ("batch_pending", "ContactBatch"),
        ("brand", "Brand"),
        ("brands_page", "BrandPage"),
        ("contact", "Contact"),
        ("contact_sparse", "Contact"),
        ("contacts_page_first", "ContactPage"),
        ("contacts_page_last", "ContactPage"),
        ("field", "Field"),
        ("fields_page", "FieldPage"),
        ("id", "IdResult"),
        ("list", "List"),
        ("lists_page", "ListPage"),
        ("me", "Me"),
        ("message_type", "MessageType"),
        ("message_types_page", "MessageTypePage"),
        ("segment", "Segment"),
        ("segments_page", "SegmentPage"),
        ("suppression_list", "SuppressionList"),
        ("suppression_lists_page", "SuppressionListPage"),
        ("transactional_campaign", "TransactionalCampaign"),
        ("transactional_campaigns_page", "TransactionalCampaignPage"),
        ("transactional_send", "TransactionalSendResult"),
        ("openapi", ""),
    ];
    for entry in std::fs::read_dir(folder().join("fixtures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let schema = match schemas.iter().find(|(known, _)| *known == name) {
            Some((_, "")) => continue,
            Some((_, schema)) => schema,
            None if name.starts_with("error_") => "Error",
            None => panic!("{name} has no schema"),
        };
        let reference = json!({"$ref": format!("#/components/schemas/{schema}")});
        conforms(&api, &reference, &fixture(&name), &name);
    }
}
