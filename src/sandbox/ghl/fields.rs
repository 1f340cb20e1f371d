//! Custom field definitions of the location. Start with [`list`].

use serde_json::{Map, Value, json};

use super::super::ids;
use super::check::{Form, Rule, may, must};
use super::{Desk, Done, Outcome, Refused, check, ok};

/// Kinds of custom fields (HighLevel docs, custom fields page; one of them is spelt like that).
const KINDS: [&str; 13] = [
    "TEXT",
    "LARGE_TEXT",
    "NUMERICAL",
    "PHONE",
    "MONETORY",
    "CHECKBOX",
    "SINGLE_OPTIONS",
    "MULTIPLE_OPTIONS",
    "DATE",
    "TEXTBOX_LIST",
    "FILE_UPLOAD",
    "RADIO",
    "EMAIL",
];
const COMMON: [Rule; 8] = [
    must("name", Form::Filled),
    may("placeholder", Form::Text),
    may("acceptedFormat", Form::Texts),
    may("isMultipleFile", Form::Flag),
    may("maxNumberOfFiles", Form::Count),
    may("textBoxListOptions", Form::Objects),
    may("position", Form::Count),
    may("model", Form::OneOf(&["contact", "opportunity"])),
];
const CREATE: [Rule; 1] = [must("dataType", Form::OneOf(&KINDS))];

/// `GET /locations/:id/customFields`.
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    check::query(desk.request, &[], &["model"])?;
    let model = desk.request.query("model").unwrap_or("contact");
    if !["contact", "opportunity", "all"].contains(&model) {
        let text = "model must be one of the following values: contact, opportunity, all";
        return Err(Refused::invalid(vec![text.to_owned()]));
    }
    let fields: Vec<&Value> = desk
        .location
        .fields
        .iter()
        .filter(|field| model == "all" || field["model"] == model)
        .collect();
    ok(json!({"customFields": fields}))
}

/// The field with this id or key.
fn field(desk: &Desk<'_>, id: &str) -> Result<Value, Refused> {
    let fields = &desk.location.fields;
    let found = fields
        .iter()
        .find(|field| field["id"] == id)
        .or_else(|| fields.iter().find(|field| field["fieldKey"] == id));
    found
        .cloned()
        .ok_or_else(|| desk.missing("Custom field", id))
}

/// `GET /locations/:id/customFields/:id`; a key such as `contact.plan` does, too.
pub(super) fn one(desk: &mut Desk<'_>, id: &str) -> Outcome {
    ok(json!({"customField": field(desk, id)?}))
}

/// Puts what a body says into a definition, under the names that reads use.
fn describe(definition: &mut Value, body: &Map<String, Value>) {
    for (written, read) in [
        ("name", "name"),
        ("placeholder", "placeholder"),
        ("position", "position"),
        ("acceptedFormat", "acceptedFormat"),
        ("isMultipleFile", "isMultiFileAllowed"),
        ("maxNumberOfFiles", "maxFileLimit"),
        ("textBoxListOptions", "picklistOptions"),
    ] {
        if let Some(value) = body.get(written) {
            definition[read] = value.clone();
        }
    }
}

/// `POST /locations/:id/customFields`.
pub(super) fn create(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?.into_owned();
    check::body(&body, &[&COMMON, &CREATE], desk.quirks().clearing)?;
    let model = body
        .get("model")
        .and_then(Value::as_str)
        .unwrap_or("contact");
    let name = body["name"].as_str().unwrap_or_default();
    let key = free_key(&desk.location.fields, model, name);
    let id = ids::letters(&mut desk.location.rng);
    let mut definition = json!({"id": id, "fieldKey": key, "placeholder": "",
        "dataType": body["dataType"], "position": 0, "locationId": desk.location.id,
        "model": model});
    describe(&mut definition, &body);
    desk.location.put_field(definition.clone());
    Ok(Done::Body(201, json!({"customField": definition})))
}

/// A key made from a name, with a number when another field has it already.
pub(crate) fn free_key(fields: &[Value], model: &str, name: &str) -> String {
    let word: String = name
        .trim()
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    let mut key = format!("{model}.{word}");
    let mut number = 1;
    while fields.iter().any(|field| field["fieldKey"] == key.as_str()) {
        number += 1;
        key = format!("{model}.{word}_{number}");
    }
    key
}

/// `PUT /locations/:id/customFields/:id`. The type of a field never changes, its key neither.
pub(super) fn update(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let body = desk.checked(&COMMON)?;
    let mut definition = field(desk, id)?;
    describe(&mut definition, &body);
    desk.location.put_field(definition.clone());
    ok(json!({"customField": definition}))
}

/// `DELETE /locations/:id/customFields/:id`: its values go from every contact.
pub(super) fn delete(desk: &mut Desk<'_>, id: &str) -> Outcome {
    if desk.location.delete_field(id, desk.ask.now) {
        ok(json!({"succeded": true}))
    } else {
        Err(desk.missing("Custom field", id))
    }
}
