//! What creates, updates and upserts of a contact take, and how it lands in what is stored.
//! It never decides which contact is written; `contacts` does. Start with [`land`].
//!
//! Sources: `CreateContactDto`, `UpsertContactDto`, `UpdateContactDto` of the vendor's API
//! specification, with the corrections of the HighLevel docs repository, issues 262, 313 and 314.

use serde_json::{Map, Value, json};

use super::super::quirks::{Clearing, DndSiblings, PutCompany, Quirks, UnknownCustomField};
use super::check::{self, Form, Rule, may, must, nullable};
use super::{Desk, Refused};

/// Which of the three writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Create,
    Upsert,
    Update,
}

/// What all three take.
const COMMON: [Rule; 18] = [
    nullable("firstName", Form::Text),
    nullable("lastName", Form::Text),
    nullable("name", Form::Text),
    nullable("email", Form::Email),
    nullable("phone", Form::Phone),
    nullable("address1", Form::Text),
    nullable("city", Form::Text),
    nullable("state", Form::Text),
    may("postalCode", Form::Text),
    nullable("website", Form::Text),
    nullable("timezone", Form::Text),
    may("dnd", Form::Flag),
    may("dndSettings", Form::Channels),
    may("inboundDndSettings", Form::Inbound),
    may("tags", Form::Texts),
    may("customFields", Form::Values),
    nullable("dateOfBirth", Form::Birthday),
    may("country", Form::Country),
];
const CREATE: [Rule; 5] = [
    must("locationId", Form::Filled),
    may("gender", Form::Text),
    nullable("companyName", Form::Text),
    may("source", Form::Text),
    may("assignedTo", Form::Text),
];
const UPSERT: [Rule; 1] = [may("createNewIfDuplicateAllowed", Form::Flag)];
const UPDATE: [Rule; 2] = [
    nullable("source", Form::Text),
    nullable("assignedTo", Form::Text),
];
const COMPANY: [Rule; 1] = [nullable("companyName", Form::Text)];

/// Members that are stored as they are sent.
const PLAIN: [&str; 14] = [
    "firstName",
    "lastName",
    "email",
    "address1",
    "city",
    "state",
    "postalCode",
    "country",
    "website",
    "timezone",
    "companyName",
    "source",
    "assignedTo",
    "gender",
];

/// Refuses a body that the call does not take.
pub(super) fn check(act: Act, body: &Map<String, Value>, quirks: &Quirks) -> Result<(), Refused> {
    let tables: &[&[Rule]] = match (act, quirks.put_company) {
        (Act::Create, _) => &[&COMMON, &CREATE],
        (Act::Upsert, _) => &[&COMMON, &CREATE, &UPSERT],
        (Act::Update, PutCompany::Accept) => &[&COMMON, &UPDATE, &COMPANY],
        (Act::Update, PutCompany::Refuse) => &[&COMMON, &UPDATE],
    };
    check::body(body, tables, quirks.clearing)
}

/// Lands a checked body on a contact: what is left out stays, tags are replaced, custom fields are
/// merged by id.
pub(super) fn land(
    desk: &mut Desk<'_>,
    stored: &mut Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<(), Refused> {
    let quirks = *desk.quirks();
    let mut set = |key: &str, value: Value| {
        let empty = value.is_null() || value == "";
        if !empty || quirks.clearing != Clearing::NullIgnored {
            stored.insert(key.to_owned(), value);
        }
    };
    for key in PLAIN {
        if let Some(value) = body.get(key) {
            set(key, value.clone());
        }
    }
    // Whether the service takes a full name apart is not known; clients send the two parts.
    if let Some(name) = body.get("name").and_then(Value::as_str)
        && !body.contains_key("firstName")
        && !body.contains_key("lastName")
    {
        let (first, last) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
        set("firstName", json!(first));
        set("lastName", json!(last.trim_start()));
    }
    if let Some(phone) = body.get("phone") {
        let phone = match phone.as_str() {
            Some(text) => json!(desk.phone(text)),
            None => Value::Null,
        };
        set("phone", phone);
    }
    if let Some(day) = body.get("dateOfBirth") {
        let day = match day.as_str().and_then(check::read_birthday) {
            Some(day) => json!(day),
            None => day.clone(),
        };
        set("dateOfBirth", day);
    }
    for key in ["dnd", "inboundDndSettings"] {
        if let Some(value) = body.get(key) {
            stored.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(Value::Object(sent)) = body.get("dndSettings") {
        match stored.get_mut("dndSettings") {
            Some(Value::Object(known)) if quirks.dnd_siblings == DndSiblings::Keep => {
                known.extend(sent.clone());
            }
            _ => _ = stored.insert("dndSettings".to_owned(), json!(sent)),
        }
    }
    if let Some(values) = body.get("customFields").and_then(Value::as_array) {
        land_values(desk, stored, values)?;
    }
    if let Some(tags) = body.get("tags") {
        let tags = tag_names(tags);
        desk.location.know_tags(&tags);
        stored.insert("tags".to_owned(), json!(tags));
    }
    Ok(())
}

/// Tags as they are stored: trimmed, in lower case, none twice (reported by many users).
pub(super) fn tag_names(tags: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for tag in tags.as_array().into_iter().flatten() {
        let name = tag.as_str().unwrap_or_default().trim().to_lowercase();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Merges values of custom fields; a list is the whole selection and takes the place of the old one.
fn land_values(
    desk: &Desk<'_>,
    stored: &mut Map<String, Value>,
    sent: &[Value],
) -> Result<(), Refused> {
    let quirks = desk.quirks();
    let mut values = match stored.get("customFields") {
        Some(Value::Array(values)) => values.clone(),
        _ => Vec::new(),
    };
    let mut wrong = Vec::new();
    for (at, one) in sent.iter().enumerate() {
        let Some(field) = definition(&desk.location.fields, one) else {
            if quirks.unknown_custom_field == UnknownCustomField::Refuse {
                let name = [&one["id"], &one["key"]]
                    .into_iter()
                    .find_map(Value::as_str);
                let text = format!("Custom field {} not found", name.unwrap_or_default());
                return Err(Refused::bad(text));
            }
            continue;
        };
        let value = check::VALUE_KEYS
            .iter()
            .find_map(|key| one.get(key))
            .unwrap_or(&Value::Null);
        let id = &field["id"];
        match (value, quirks.clearing) {
            (Value::Null, Clearing::NullClears) => values.retain(|known| known["id"] != *id),
            (Value::Null, Clearing::NullRejected) => {
                wrong.push(format!("customFields.{at}.field_value should not be null"));
            }
            (Value::Null, Clearing::NullIgnored) => {}
            (Value::String(text), Clearing::NullIgnored) if text.is_empty() => {}
            _ => {
                let kind = field["dataType"].as_str().unwrap_or_default();
                wrong.extend(check::value_of_type(at, kind, value));
                match values.iter_mut().find(|known| known["id"] == *id) {
                    Some(known) => known["value"] = value.clone(),
                    None => values.push(json!({"id": id, "value": value})),
                }
            }
        }
    }
    Refused::unless(wrong)?;
    stored.insert("customFields".to_owned(), Value::Array(values));
    Ok(())
}

/// The contact field that a written value names by id, or by key with or without its first part.
fn definition<'a>(fields: &'a [Value], one: &Value) -> Option<&'a Value> {
    let mut own = fields.iter().filter(|field| field["model"] == "contact");
    match (one["id"].as_str(), one["key"].as_str()) {
        (Some(id), _) => own.find(|field| field["id"] == id),
        (None, Some(key)) => own.find(|field| {
            field["fieldKey"]
                .as_str()
                .is_some_and(|known| known == key || known.strip_prefix("contact.") == Some(key))
        }),
        (None, None) => None,
    }
}

/// A number in the form E.164. Without a `+` it is taken for one of the country, which no source
/// settles; a country that is not listed leaves it as it is.
pub(super) fn e164(text: &str, country: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.trim().starts_with('+') || digits.is_empty() {
        return if digits.is_empty() {
            String::new()
        } else {
            format!("+{digits}")
        };
    }
    if let Some(abroad) = digits.strip_prefix("00") {
        return format!("+{abroad}");
    }
    let code = match country {
        "US" | "CA" => "1",
        "GB" => "44",
        "DE" => "49",
        "FR" => "33",
        "NL" => "31",
        "NO" => "47",
        "AU" => "61",
        "IN" => "91",
        _ => return digits,
    };
    match (code, digits.strip_prefix('0')) {
        ("1", _) if digits.len() == 11 && digits.starts_with('1') => format!("+{digits}"),
        (_, Some(national)) => format!("+{code}{national}"),
        (_, None) => format!("+{code}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_international() {
        for (text, country, number) in [
            ("+1 888-888-8888", "GB", "+18888888888"),
            ("020 7946 0101", "GB", "+442079460101"),
            ("(888) 888-8888", "US", "+18888888888"),
            ("1-888-888-8888", "US", "+18888888888"),
            ("0044 20 7946 0101", "US", "+442079460101"),
            ("12345678", "XX", "12345678"),
            ("", "GB", ""),
        ] {
            assert_eq!(e164(text, country), number, "{text} in {country}");
        }
    }

    #[test]
    fn tags_are_stored_in_lower_case_and_once() {
        let tags = json!([" VIP ", "vip", "Café", "", "semi;colon"]);
        assert_eq!(tag_names(&tags), ["vip", "café", "semi;colon"]);
    }
}
