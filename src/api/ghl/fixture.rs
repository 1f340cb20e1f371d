//! Contacts and what hangs on them out of JSON that a person wrote down, without a client: for
//! trying a profile out offline. Start reading at [`read_contact`].

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::CustomField;
use super::contact::{Item, Origin, Property, Wanted};
use super::opportunities::{opportunity, pipeline};
use super::related::{Thing, appointment, note, task};
use crate::contact::Contact;
use crate::related::{Appointment, Business, Note, Opportunity, Pipeline, Task};

/// What hangs on one contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Related {
    pub tasks: Vec<Task>,
    pub notes: Vec<Note>,
    pub appointments: Vec<Appointment>,
    pub opportunities: Vec<Opportunity>,
    pub pipelines: Vec<Pipeline>,
    pub business: Option<Business>,
}

/// The members of [`Related`], as JSON calls them.
pub const RELATED: &[&str] = &[
    "tasks",
    "notes",
    "appointments",
    "opportunities",
    "pipelines",
    "business",
];

/// A contact as `GET /contacts/:id` shows one. Custom fields may be told by `key` or `name` instead
/// of the service's `id`, or as an object of values by key. `None` when it has no id.
pub fn read_contact(contact: &Value, sources: &[String]) -> Option<Contact> {
    let mut wanted = Wanted::default();
    let mut custom = Vec::new();
    for source in sources {
        if let Some(key) = source.strip_prefix("custom.") {
            let Some((value, data_type)) = custom_value(contact.get("customFields"), key) else {
                continue;
            };
            let field = CustomField {
                id: key.to_owned(),
                name: String::new(),
                key: key.to_owned(),
                data_type,
            };
            wanted.add(&field, source.clone());
            custom.push(json!({"id": key, "value": value}));
        } else if let Some(property) = Property::by_key(source) {
            wanted.properties.push((source.clone(), property));
        }
    }
    let mut contact = contact.as_object()?.clone();
    contact.insert("customFields".to_owned(), Value::Array(custom));
    let item: Item = serde_json::from_value(Value::Object(contact)).ok()?;
    Some(item.decode(&wanted, Origin::Primary, false)?.contact)
}

/// The value of a custom field and its type, if that is told.
fn custom_value(fields: Option<&Value>, wanted: &str) -> Option<(Value, String)> {
    match fields? {
        Value::Object(by_key) => Some((by_key.get(wanted)?.clone(), String::new())),
        Value::Array(fields) => fields.iter().find_map(|field| {
            let part = |name: &str| field.get(name).and_then(Value::as_str).unwrap_or_default();
            let bare = |key: &str| key.strip_prefix("contact.").unwrap_or(key).to_owned();
            let named = part("id") == wanted
                || bare(part("key")) == wanted
                || bare(part("fieldKey")) == wanted
                || part("name").eq_ignore_ascii_case(wanted);
            let value = ["value", "field_value", "fieldValue"]
                .iter()
                .find_map(|name| field.get(name));
            named.then(|| Some((value?.clone(), part("dataType").to_owned())))?
        }),
        _ => None,
    }
}

/// What hangs on a contact. Lists that are not there are empty; a thing without an id gets one by its
/// place.
pub fn read_related(related: &Map<String, Value>, contact_id: &str) -> Related {
    fn all<T>(
        related: &Map<String, Value>,
        kind: &str,
        read: impl Fn(&Thing<'_>) -> Option<T>,
    ) -> Vec<T> {
        let list = related.get(kind).and_then(Value::as_array);
        let numbered = list.into_iter().flatten().enumerate().map(|(at, thing)| {
            let mut thing = thing.clone();
            if let Some(parts) = thing.as_object_mut() {
                let id = || json!(format!("{kind}-{:03}", at + 1));
                parts.entry("id").or_insert_with(id);
            }
            thing
        });
        numbered.filter_map(|thing| read(&Thing(&thing))).collect()
    }
    let opportunities = all(related, "opportunities", opportunity);
    let mut pipelines = all(related, "pipelines", pipeline);
    // Where nobody tells the names of pipelines and stages, their ids stand for them.
    let mut unnamed: HashMap<String, Vec<String>> = HashMap::new();
    for deal in &opportunities {
        if let Some(id) = &deal.pipeline_id
            && !pipelines.iter().any(|known| known.id == *id)
        {
            let stages = unnamed.entry(id.clone()).or_default();
            stages.extend(deal.stage_id.clone());
        }
    }
    pipelines.extend(unnamed.into_iter().map(|(id, stages)| {
        let stage = |id: String| crate::related::Stage {
            name: id.clone(),
            id,
        };
        Pipeline {
            name: id.clone(),
            id,
            stages: stages.into_iter().map(stage).collect(),
        }
    }));
    let business = related.get("business").filter(|it| it.is_object());
    Related {
        tasks: all(related, "tasks", |it| task(it, Some(contact_id))),
        notes: all(related, "notes", |it| note(it, contact_id)),
        appointments: all(related, "appointments", |it| appointment(it, contact_id)),
        opportunities,
        pipelines,
        business: business.map(|it| Business {
            id: Thing(it).id().unwrap_or_default(),
            name: Thing(it).text("name"),
            ..Business::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Consent, FieldValue};

    #[test]
    fn custom_fields_are_found_by_whatever_names_them() {
        let sources = ["custom.plan".to_owned(), "firstName".to_owned()];
        for fields in [
            json!([{"id": "plan", "value": "gold"}]),
            json!([{"id": "x1", "key": "plan", "value": "gold"}]),
            json!([{"id": "x1", "fieldKey": "contact.plan", "value": "gold"}]),
            json!([{"id": "x1", "name": "Plan", "fieldValue": "gold"}]),
            json!({"plan": "gold"}),
        ] {
            let contact = json!({"id": "c", "firstName": "ada", "customFields": fields});
            let read = read_contact(&contact, &sources).unwrap();
            assert_eq!(
                read.values["custom.plan"],
                FieldValue::Text("gold".to_owned())
            );
            assert_eq!(read.values["firstName"], FieldValue::Text("ada".to_owned()));
            assert_eq!(read.consent, Consent::Allowed);
        }
        assert_eq!(read_contact(&json!({"firstName": "ada"}), &sources), None);
        assert_eq!(read_contact(&json!("ada"), &sources), None);
    }

    #[test]
    fn things_need_no_ids_and_pipelines_no_names() {
        let related = json!({
            "tasks": [{"title": "Call"}, {"title": "Write", "completed": true}],
            "opportunities": [{"status": "won", "pipelineId": "Sales", "pipelineStageId": "Signed"}],
        });
        let read = read_related(related.as_object().unwrap(), "c");
        assert_eq!(read.tasks[0].id, "tasks-001");
        assert_eq!(read.tasks[0].contact_id.as_deref(), Some("c"));
        assert!(read.tasks[1].completed);
        assert_eq!(read.pipelines[0].name, "Sales");
        assert_eq!(read.pipelines[0].stages[0].name, "Signed");
        assert!(read.notes.is_empty() && read.business.is_none());
    }
}
