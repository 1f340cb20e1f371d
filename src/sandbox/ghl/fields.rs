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

#[cfg(test)]
mod tests {
    use super::super::tests::{complaints, send, with_ada};
    use super::*;
    use crate::sandbox::seed::LOCATION_ID as L;

    #[test]
    fn lists_by_model() {
        let mut place = with_ada();
        let base = format!("/locations/{L}/customFields");
        let mut list = |query: &str| {
            let (status, body) = send(&mut place, "GET", &format!("{base}{query}"), Value::Null);
            assert_eq!(status, 200);
            body["customFields"].as_array().unwrap().clone()
        };
        let own = list("");
        assert!(
            own.iter()
                .any(|field| field["fieldKey"] == "contact.lead_score")
        );
        assert!(own.iter().all(|field| field["model"] == "contact"));
        assert_eq!(list("?model=opportunity").len(), 1);
        assert_eq!(list("?model=all").len(), own.len() + 1);
        complaints(send(
            &mut place,
            "GET",
            &format!("{base}?model=user"),
            Value::Null,
        ));
    }

    #[test]
    fn a_field_lives_and_takes_its_values_along() {
        let mut place = with_ada();
        let base = format!("/locations/{L}/customFields");
        let body = json!({"name": "Shoe size", "dataType": "NUMERICAL", "placeholder": "42"});
        let (status, answer) = send(&mut place, "POST", &base, body.clone());
        let made = answer["customField"].clone();
        assert_eq!(
            (status, &made["fieldKey"]),
            (201, &json!("contact.shoe_size"))
        );
        let (_, again) = send(&mut place, "POST", &base, body);
        assert_eq!(again["customField"]["fieldKey"], "contact.shoe_size_2");
        let id = made["id"].as_str().unwrap();
        for name in [id, "contact.shoe_size"] {
            let (status, answer) = send(&mut place, "GET", &format!("{base}/{name}"), Value::Null);
            assert_eq!((status, &answer["customField"]), (200, &made));
        }
        let one = format!("{base}/{id}");
        let (_, answer) = send(&mut place, "PUT", &one, json!({"name": "Shoes"}));
        let field = &answer["customField"];
        assert_eq!(
            (&field["name"], &field["fieldKey"]),
            (&json!("Shoes"), &made["fieldKey"])
        );
        let value = json!({"customFields": [{"id": id, "field_value": 42}]});
        let (_, answer) = send(&mut place, "PUT", "/contacts/A1", value);
        assert_eq!(
            answer["contact"]["customFields"],
            json!([{"id": id, "value": 42}])
        );
        let (status, answer) = send(&mut place, "DELETE", &one, Value::Null);
        assert_eq!((status, &answer["succeded"]), (200, &json!(true)));
        assert_eq!(place.get("A1").unwrap().stored()["customFields"], json!([]));
        for method in ["GET", "DELETE"] {
            assert_eq!(send(&mut place, method, &one, Value::Null).0, 400);
        }
        let bad = json!({"dataType": "MONETARY", "options": [], "model": "user"});
        assert_eq!(complaints(send(&mut place, "POST", &base, bad)).len(), 4,);
        let retyped = json!({"name": "Shoes", "dataType": "TEXT"});
        assert_eq!(
            complaints(send(&mut place, "PUT", &format!("{base}/x"), retyped)),
            ["property dataType should not exist"]
        );
    }
}
