//! A contact as HighLevel's answers show it, and the values that a profile may ask of it.
//!
//! Every property may be missing or of the wrong type. Knows no request and sends none.
//! Start reading at [`Item::decode`].

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, json};

use super::CustomField;
use super::ranges::Row;
use crate::contact::{Block, Consent, Contact, FieldValue};

/// The source keys asked for, resolved.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) properties: Vec<(String, Property)>,
    /// By custom field id: the keys its value goes under.
    pub(super) custom: HashMap<String, CustomTarget>,
}

#[derive(Debug, Default)]
pub(super) struct CustomTarget {
    pub(super) keys: Vec<String>,
    is_date: bool,
}

/// How a source key is read from a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    FirstName,
    LastName,
    Name,
    /// The first of the two that has a value.
    Text(Field, Field),
    /// Text as given, or an epoch turned into ISO 8601.
    Moment(Field),
    Birthday,
    Tags,
    Dnd,
}

impl Property {
    /// The properties of a contact that a profile can name.
    pub(super) fn by_key(key: &str) -> Option<Property> {
        let text = |field| Property::Text(field, field);
        Some(match key {
            "firstName" => Property::FirstName,
            "lastName" => Property::LastName,
            "name" => Property::Name,
            "id" => text(Field::Id),
            "email" => text(Field::Email),
            "phone" => text(Field::Phone),
            "companyName" => text(Field::CompanyName),
            // Search says `address`, every other answer `address1` (issue 314).
            "address1" => Property::Text(Field::Address1, Field::Address),
            "city" => text(Field::City),
            "state" => text(Field::State),
            "country" => text(Field::Country),
            "postalCode" => text(Field::PostalCode),
            "website" => text(Field::Website),
            "timezone" => text(Field::Timezone),
            "source" => text(Field::Source),
            "type" => text(Field::Type),
            "assignedTo" => text(Field::AssignedTo),
            "dateOfBirth" => Property::Birthday,
            "dateAdded" => Property::Moment(Field::DateAdded),
            "dateUpdated" => Property::Moment(Field::DateUpdated),
            "lastActivity" => Property::Moment(Field::LastActivity),
            "tags" => Property::Tags,
            "dnd" => Property::Dnd,
            // To which business the contact belongs; no profile names it.
            "business.id" => text(Field::BusinessId),
            _ => return None,
        })
    }
}

/// Where a contact was read, which decides how far its names and consent can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Search results and lists: names may be lower-cased, do-not-disturb may be missing (issue 43).
    Index,
    /// Lists that show few properties: what is not shown may be there all the same.
    Thin,
    /// `GET /contacts/:id`.
    Primary,
}

/// A name as far as one answer tells it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    Known(Option<String>),
    /// Perhaps lower-cased by the search index.
    Doubtful,
}

/// A decoded contact, and whether it takes a single read to complete it.
pub(super) struct Decoded {
    pub(super) contact: Contact,
    pub(super) incomplete: bool,
}

/// The properties read from a contact; everything else is skipped unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
pub(super) enum Field {
    Id,
    Email,
    FirstName,
    FirstNameRaw,
    LastName,
    LastNameRaw,
    Name,
    ContactName,
    Phone,
    CompanyName,
    Address,
    Address1,
    City,
    State,
    Country,
    PostalCode,
    Website,
    Timezone,
    Source,
    Type,
    AssignedTo,
    DateOfBirth,
    DateAdded,
    DateUpdated,
    LastActivity,
    Tags,
    Dnd,
    DndSettings,
    CustomFields,
    SearchAfter,
    BusinessId,
    #[serde(other)]
    Other,
}

pub(super) const FIELDS: usize = Field::Other as usize;

/// A contact as the wire shows it. Every property may be missing or of the wrong type; nothing of
/// that fails the page.
#[derive(Debug)]
pub(super) struct Item([Value; FIELDS]);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Item, D::Error> {
        struct Properties;
        impl<'de> Visitor<'de> for Properties {
            type Value = Item;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a contact")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
                let mut item = Item(std::array::from_fn(|_| Value::Null));
                while let Some(field) = map.next_key::<Field>()? {
                    match field {
                        Field::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                        known => item.0[known as usize] = map.next_value()?,
                    }
                }
                Ok(item)
            }
        }
        deserializer.deserialize_map(Properties)
    }
}

impl Item {
    /// Nothing that is read here is there.
    pub(super) fn is_blank(&self) -> bool {
        self.0.iter().all(Value::is_null)
    }

    pub(super) fn id(&self) -> Option<String> {
        self.text(Field::Id)
    }

    pub(super) fn get(&self, field: Field) -> &Value {
        self.0.get(field as usize).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, field: Field) -> Option<String> {
        text(self.get(field))
    }

    /// The name under `raw` if the answer has it; else the one under `plain`, unless the index may
    /// have lower-cased it.
    fn name(&self, raw: Field, plain: Field, origin: Origin) -> Name {
        if let Some(raw) = self.text(raw) {
            return Name::Known(Some(raw));
        }
        match self.text(plain) {
            Some(name) if origin != Origin::Primary && !keeps_its_case(&name) => Name::Doubtful,
            name => Name::Known(name),
        }
    }

    pub(super) fn full_name(&self, origin: Origin) -> Name {
        let first = self.name(Field::FirstNameRaw, Field::FirstName, origin);
        let last = self.name(Field::LastNameRaw, Field::LastName, origin);
        let (Name::Known(first), Name::Known(last)) = (first, last) else {
            return Name::Doubtful;
        };
        let parts: Vec<String> = [first, last].into_iter().flatten().collect();
        if !parts.is_empty() {
            return Name::Known(Some(parts.join(" ")));
        }
        self.name(Field::Name, Field::ContactName, origin)
    }

    /// Whether e-mail is allowed; `None` when this answer is not enough to tell.
    ///
    /// Allowed means: `dnd` is not true and the e-mail channel is neither `active` nor `permanent`
    /// (`active` is the word for do-not-disturb being on). Both count: `dnd: true` with every
    /// channel `inactive` is real (issue 264). An absent `dnd` is false (documentation of the
    /// webhook ContactDndUpdate).
    pub(super) fn consent(&self, origin: Origin) -> Option<Consent> {
        if flag(self.get(Field::Dnd)) == Some(true) {
            return Some(Consent::Blocked(Block::Dnd));
        }
        let Value::Object(channels) = self.get(Field::DndSettings) else {
            return (origin == Origin::Primary).then_some(Consent::Allowed);
        };
        // `email` under version v3.
        let blocked = ["Email", "email"].into_iter().any(|channel| {
            let status = match channels.get(channel) {
                Some(Value::Object(settings)) => settings.get("status").and_then(Value::as_str),
                Some(Value::String(status)) => Some(status.as_str()),
                _ => None,
            };
            status.is_some_and(|status| {
                let status = status.trim();
                status.eq_ignore_ascii_case("active") || status.eq_ignore_ascii_case("permanent")
            })
        });
        Some(if blocked {
            Consent::Blocked(Block::Dnd)
        } else {
            Consent::Allowed
        })
    }

    /// Lower-cased, as the service stores them.
    pub(super) fn tags(&self) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        if let Value::Array(items) = self.get(Field::Tags) {
            for tag in items.iter().filter_map(Value::as_str) {
                let tag = tag.trim().to_lowercase();
                if !tag.is_empty() && !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        tags
    }

    /// The value of one custom field as it was sent; `None` when it is not there or empty.
    pub(super) fn custom(&self, id: &str) -> Option<&Value> {
        let Value::Array(fields) = self.get(Field::CustomFields) else {
            return None;
        };
        fields
            .iter()
            .filter(|field| field.get("id").and_then(text).is_some_and(|it| it == id))
            .find_map(|field| {
                written_values(field).find(|value| custom_value(value, false).is_some())
            })
    }

    /// What the listing needs to know: id and place in the order.
    pub(super) fn row(&self, sorted_by: Field) -> Row {
        let shown = match self.get(Field::SearchAfter) {
            Value::Array(cursor) => cursor.first().and_then(moment),
            _ => None,
        };
        Row {
            value: shown.or_else(|| moment(self.get(sorted_by))),
            id: self.text(Field::Id).unwrap_or_default(),
        }
    }

    /// The cursor that continues after this contact, as given or rebuilt.
    pub(super) fn cursor(&self, sorted_by: Field) -> Option<Value> {
        match self.get(Field::SearchAfter) {
            given @ Value::Array(parts) if !parts.is_empty() => Some(given.clone()),
            _ => {
                let row = self.row(sorted_by);
                let value = row.value?;
                (!row.id.is_empty()).then(|| json!([value, row.id]))
            }
        }
    }

    /// `None` when the contact has no id and so cannot be spoken of.
    pub(super) fn decode(
        &self,
        wanted: &Wanted,
        origin: Origin,
        require_consent: bool,
    ) -> Option<Decoded> {
        let mut incomplete = false;
        let mut values = BTreeMap::new();
        for (key, property) in &wanted.properties {
            let name = match property {
                Property::FirstName => self.name(Field::FirstNameRaw, Field::FirstName, origin),
                Property::LastName => self.name(Field::LastNameRaw, Field::LastName, origin),
                Property::Name => self.full_name(origin),
                _ => Name::Known(None),
            };
            let value = match (property, name) {
                (_, Name::Doubtful) => {
                    incomplete = true;
                    None
                }
                (_, Name::Known(Some(name))) => Some(FieldValue::Text(name)),
                (Property::Text(field, other), _) => self
                    .text(*field)
                    .or_else(|| self.text(*other))
                    .map(FieldValue::Text),
                (Property::Moment(field), _) => moment_text(self.get(*field)).map(FieldValue::Text),
                (Property::Birthday, _) => day(self.get(Field::DateOfBirth)).map(FieldValue::Date),
                (Property::Tags, _) => {
                    Some(FieldValue::Many(self.tags())).filter(|v| *v != FieldValue::Many(vec![]))
                }
                (Property::Dnd, _) => flag(self.get(Field::Dnd)).map(FieldValue::Flag),
                _ => None,
            };
            if let Some(value) = value {
                values.insert(key.clone(), value);
            }
        }
        if !wanted.custom.is_empty()
            && let Value::Array(fields) = self.get(Field::CustomFields)
        {
            for field in fields {
                let target = field
                    .get("id")
                    .and_then(text)
                    .and_then(|id| wanted.custom.get(&id));
                let Some(target) = target else { continue };
                let value =
                    written_values(field).find_map(|value| custom_value(value, target.is_date));
                if let Some(value) = value {
                    for key in &target.keys {
                        values.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        if origin == Origin::Thin {
            let properties = wanted.properties.iter().map(|(key, _)| key);
            let custom = wanted.custom.values().flat_map(|target| &target.keys);
            incomplete |= properties
                .chain(custom)
                .any(|key| !values.contains_key(key));
        }
        let consent = self.consent(origin);
        incomplete |= consent.is_none() && require_consent;
        Some(Decoded {
            contact: Contact {
                id: self.id()?,
                email: self.text(Field::Email),
                created: moment(self.get(Field::DateAdded)),
                updated: moment(self.get(Field::DateUpdated)),
                consent: consent.unwrap_or(Consent::Unknown),
                values,
                groups: self.tags(),
            },
            incomplete,
        })
    }
}

/// The places of a custom field's value: `value` when reading; the write spellings are read too,
/// should they come back.
fn written_values(field: &Value) -> impl Iterator<Item = &Value> {
    ["value", "field_value", "fieldValue"]
        .into_iter()
        .filter_map(|key| field.get(key))
}

/// A string as it is, or a number in digits; `None` for nothing, empty and every other type.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A boolean, also as a word.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(word) if word.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(word) if word.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Milliseconds since 1970 of an ISO 8601 time (without a zone: UTC) or of an epoch.
pub(super) fn moment(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => epoch(number),
        Value::String(text) => {
            let text = text.trim();
            text.parse::<Timestamp>()
                .ok()
                .or_else(|| {
                    let civil: DateTime = text.parse().ok()?;
                    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
                })
                .map(Timestamp::as_millisecond)
                .or_else(|| text.parse().ok())
        }
        _ => None,
    }
}

pub(super) fn epoch(number: &serde_json::Number) -> Option<i64> {
    number
        .as_i64()
        .or_else(|| number.as_f64().map(|float| float as i64))
}

pub(super) fn moment_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => iso(epoch(number)?),
        _ => None,
    }
}

/// ISO 8601 in UTC with milliseconds, the vendor's own form.
pub(super) fn iso(millis: i64) -> Option<String> {
    let moment = Timestamp::from_millisecond(millis).ok()?;
    Some(format!("{moment:.3}"))
}

/// A calendar date: an epoch in milliseconds (search results, issue 314), an ISO date or time, or
/// one of the forms that the vendor accepts when writing (`MM/DD/YYYY` and the like).
pub(super) fn day(value: &Value) -> Option<Date> {
    match value {
        Value::Number(number) => {
            let moment = Timestamp::from_millisecond(epoch(number)?).ok()?;
            Some(moment.to_zoned(TimeZone::UTC).date())
        }
        Value::String(text) => {
            let text = text.trim();
            let parts: Vec<&str> = text
                .split(['T', ' '])
                .next()
                .unwrap_or_default()
                .split(['-', '/', '.', '_'])
                .collect();
            let number = |part: &str| part.parse::<i16>().ok();
            let small = |part: &str| part.parse::<i8>().ok();
            match parts[..] {
                [y, m, d] if y.len() == 4 => Date::new(number(y)?, small(m)?, small(d)?).ok(),
                [m, d, y] if y.len() == 4 => Date::new(number(y)?, small(m)?, small(d)?).ok(),
                _ => {
                    let millis: i64 = text.parse().ok()?;
                    day(&json!(millis))
                }
            }
        }
        _ => None,
    }
}

/// The value of a custom field by its JSON type; only a date field's epoch is turned into the text
/// that the field shows everywhere else.
pub(super) fn custom_value(value: &Value, is_date: bool) -> Option<FieldValue> {
    match value {
        Value::Null => None,
        Value::Bool(flag) => Some(FieldValue::Flag(*flag)),
        Value::String(text) => (!text.is_empty()).then(|| FieldValue::Text(text.clone())),
        Value::Number(_) if is_date => day(value).map(|day| FieldValue::Text(day.to_string())),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Some(FieldValue::Integer(integer)),
            // A whole number written as 5.0 is still one; beyond 2^53 a float says little.
            (None, Some(float)) if float.fract() == 0.0 && float.abs() < 9e15 => {
                Some(FieldValue::Integer(float as i64))
            }
            (None, float) => float.map(FieldValue::Decimal),
        },
        Value::Array(items) => {
            let many: Vec<String> = items
                .iter()
                .filter_map(|item| match item {
                    Value::Object(_) | Value::Array(_) | Value::Bool(_) => Some(item.to_string()),
                    _ => text(item),
                })
                .collect();
            (!many.is_empty()).then_some(FieldValue::Many(many))
        }
        Value::Object(map) => (!map.is_empty()).then(|| FieldValue::Text(value.to_string())),
    }
}

/// Whether a name from the index is visibly not lower-cased, or could not have been changed by it.
pub(super) fn keeps_its_case(name: &str) -> bool {
    name.chars().any(char::is_uppercase) || name.to_uppercase() == name.to_lowercase()
}

impl Wanted {
    pub(super) fn add(&mut self, field: &CustomField, key: String) {
        let target = self.custom.entry(field.id.clone()).or_default();
        target.is_date = field.data_type.eq_ignore_ascii_case("DATE");
        if !target.keys.contains(&key) {
            target.keys.push(key);
        }
    }
}
