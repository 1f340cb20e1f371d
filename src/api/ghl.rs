//! The HighLevel client: paths, headers, read shapes and quirks of API v2.
//!
//! Wire JSON becomes [`Contact`] here and nowhere else. Writing is not part of it yet; it never
//! decides what a contact should look like. Vendor facts are from the public repository
//! `GoHighLevel/highlevel-api-docs` (OpenAPI documents, pages under docs/, issues by number).
//! Start reading at [`Ghl::want`] and [`Item`]; which page is read next is decided in
//! [`super::ghl_ranges`].

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use reqwest::Method;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ghl_ranges::{Bound, Job, Order, Ranges, Row, Seen, Step};
use super::http::{self, Answer, Calls, Http, Quota, Replay, Request};
use crate::contact::{Block, Consent, Contact, FieldValue, Side};
use crate::remote::{
    Change, Created, Draft, ItemResult, Key, Listed, Listing, Page, Receiver, Remote, RemoteError,
    RemoteErrorKind,
};

/// The `Version` header sent unless configured: it has no retirement date, and `v3` renames the
/// do-not-disturb channels (both spellings are read anyway).
pub const DEFAULT_VERSION: &str = "2021-07-28";

/// Longest free text a search accepts (vendor's page on contact search).
pub const LONGEST_QUERY: usize = 75;

/// Threads that complete the contacts of one page by single reads.
const COMPLETING_THREADS: usize = 8;

/// Threads that fetch and deliver pages of a parallel listing: as many as there can be chains, and
/// two more so that a slow receiver does not leave a chain idle.
const READING_THREADS: usize = 10;

/// A custom field of contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomField {
    pub id: String,
    pub name: String,
    /// `fieldKey` without its `contact.` prefix.
    pub key: String,
    /// The vendor's word, such as `TEXT`, `NUMERICAL`, `MULTIPLE_OPTIONS`, `DATE`.
    pub data_type: String,
}

/// What `GET /locations/:id` says that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub id: String,
    pub name: Option<String>,
    pub timezone: Option<String>,
    pub country: Option<String>,
    /// `None` when the answer does not say; the vendor's default is false.
    pub allow_duplicates: Option<bool>,
    /// Whether duplicates are recognised by e-mail; `None` when the answer does not say (the key
    /// `contactUniqueIdentifiers` is not declared, though seen).
    pub unique_by_email: Option<bool>,
}

/// Which contacts [`Ghl::search`] returns; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Changed at or after this moment (milliseconds since 1970).
    pub updated_since: Option<i64>,
    pub tags_all: Vec<String>,
    /// Free text, at most [`LONGEST_QUERY`] characters.
    pub text: Option<String>,
}

/// The client of one location.
pub struct Ghl {
    http: Http,
    location_id: String,
    wanted: Wanted,
    require_consent: bool,
    custom_fields: Mutex<Option<Arc<Vec<CustomField>>>>,
    /// Held while a page is completed by single reads, so that all pages together use no more than
    /// [`COMPLETING_THREADS`].
    completing: Mutex<()>,
}

/// The source keys asked for, resolved.
#[derive(Debug, Default)]
struct Wanted {
    properties: Vec<(String, Property)>,
    /// By custom field id: the keys its value goes under.
    custom: HashMap<String, CustomTarget>,
}

#[derive(Debug, Default)]
struct CustomTarget {
    keys: Vec<String>,
    is_date: bool,
}

/// How a source key is read from a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
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
    fn by_key(key: &str) -> Option<Property> {
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
            _ => return None,
        })
    }
}

/// Where a contact was read, which decides how far its names and consent can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Search results: names may be lower-cased, do-not-disturb may be missing (issue 43).
    Index,
    /// `GET /contacts/:id`.
    Primary,
}

/// A name as far as one answer tells it.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    Known(Option<String>),
    /// Perhaps lower-cased by the search index.
    Doubtful,
}

/// A decoded contact, and whether it takes a single read to complete it.
struct Decoded {
    contact: Contact,
    incomplete: bool,
}

/// The properties read from a contact; everything else is skipped unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
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
    #[serde(other)]
    Other,
}

const FIELDS: usize = Field::Other as usize;

/// A contact as the wire shows it. Every property may be missing or of the wrong type; nothing of
/// that fails the page.
#[derive(Debug)]
struct Item([Value; FIELDS]);

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
    fn get(&self, field: Field) -> &Value {
        self.0.get(field as usize).unwrap_or(&Value::Null)
    }

    fn text(&self, field: Field) -> Option<String> {
        text(self.get(field))
    }

    /// The name under `raw` if the answer has it; else the one under `plain`, unless the index may
    /// have lower-cased it.
    fn name(&self, raw: Field, plain: Field, origin: Origin) -> Name {
        if let Some(raw) = self.text(raw) {
            return Name::Known(Some(raw));
        }
        match self.text(plain) {
            Some(name) if origin == Origin::Index && !keeps_its_case(&name) => Name::Doubtful,
            name => Name::Known(name),
        }
    }

    fn full_name(&self, origin: Origin) -> Name {
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
    fn consent(&self, origin: Origin) -> Option<Consent> {
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

    fn tags(&self) -> Vec<String> {
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

    /// What the listing needs to know: id and place in the order.
    fn row(&self, sorted_by: Field) -> Row {
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
    fn cursor(&self, sorted_by: Field) -> Option<Value> {
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
    fn decode(&self, wanted: &Wanted, origin: Origin, require_consent: bool) -> Option<Decoded> {
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
                // `value` when reading; the write spellings are read too, should they come back.
                let value = ["value", "field_value", "fieldValue"]
                    .into_iter()
                    .filter_map(|key| field.get(key))
                    .find_map(|value| custom_value(value, target.is_date));
                if let Some(value) = value {
                    for key in &target.keys {
                        values.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        let consent = self.consent(origin);
        incomplete |= consent.is_none() && require_consent;
        Some(Decoded {
            contact: Contact {
                id: self.text(Field::Id)?,
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

/// A string as it is, or a number in digits; `None` for nothing, empty and every other type.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A boolean, also as a word.
fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(word) if word.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(word) if word.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Milliseconds since 1970 of an ISO 8601 time (without a zone: UTC) or of an epoch.
fn moment(value: &Value) -> Option<i64> {
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

fn epoch(number: &serde_json::Number) -> Option<i64> {
    number
        .as_i64()
        .or_else(|| number.as_f64().map(|float| float as i64))
}

fn moment_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => iso(epoch(number)?),
        _ => None,
    }
}

/// ISO 8601 in UTC with milliseconds, the vendor's own form.
fn iso(millis: i64) -> Option<String> {
    let moment = Timestamp::from_millisecond(millis).ok()?;
    Some(format!("{moment:.3}"))
}

/// A calendar date: an epoch in milliseconds (search results, issue 314), an ISO date or time, or
/// one of the forms that the vendor accepts when writing (`MM/DD/YYYY` and the like).
fn day(value: &Value) -> Option<Date> {
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
fn custom_value(value: &Value, is_date: bool) -> Option<FieldValue> {
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
fn keeps_its_case(name: &str) -> bool {
    name.chars().any(char::is_uppercase) || name.to_uppercase() == name.to_lowercase()
}

#[derive(Deserialize)]
struct SearchAnswer {
    contacts: Vec<Item>,
    #[serde(default)]
    total: Value,
}

#[derive(Deserialize)]
struct ContactAnswer {
    contact: Item,
}

#[derive(Deserialize)]
struct DuplicateAnswer {
    #[serde(default)]
    contact: Option<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomFieldsAnswer {
    custom_fields: Vec<Value>,
}

#[derive(Deserialize)]
struct TagsAnswer {
    tags: Vec<Value>,
}

#[derive(Deserialize)]
struct LocationAnswer {
    location: Value,
}

/// What a listing asks for, apart from the place in it.
struct Query {
    sorted_by: Field,
    filters: Vec<Value>,
    text: Option<String>,
    /// Changed since: the window is closed at the first answer's time from the second page on, so
    /// that contacts edited meanwhile do not keep the listing going.
    since: Option<i64>,
}

/// What the threads of one listing share.
struct Reading<'a> {
    query: Query,
    receiver: &'a Receiver<'a>,
    progress: Mutex<Progress>,
    changed: Condvar,
}

struct Progress {
    ranges: Ranges,
    as_of: Option<i64>,
    failed: Option<RemoteError>,
    /// The receiver wants no more.
    broken_off: bool,
    /// A contact without an id was left out.
    left_out: bool,
}

impl Reading<'_> {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ghl {
    /// Prepares the client of one location; sends nothing. `version` is the `Version` header,
    /// normally [`DEFAULT_VERSION`].
    ///
    /// # Errors
    /// See [`Http::new`].
    pub fn new(
        settings: http::Settings,
        location_id: String,
        version: String,
    ) -> Result<Ghl, RemoteError> {
        Ok(Ghl {
            http: Http::new(settings)?.with_header("version", &version)?,
            location_id,
            wanted: Wanted::default(),
            require_consent: true,
            custom_fields: Mutex::new(None),
            completing: Mutex::new(()),
        })
    }

    /// Says which source keys contacts are to carry in [`Contact::values`]: the properties of the
    /// profile (`firstName`, …) and `custom.<key|name|id>`, or `custom.*` for all of them under
    /// `custom.<key>`. Replaces what was asked for before. Any custom key costs one call, once.
    ///
    /// # Errors
    /// `Rejected` naming a key that is unknown or fits two custom fields; errors of the call.
    pub fn want(&mut self, keys: &[String]) -> Result<(), RemoteError> {
        let mut wanted = Wanted::default();
        for key in keys {
            if let Some(custom) = key.strip_prefix("custom.") {
                let fields = self.custom_fields_cached()?;
                if custom == "*" {
                    for field in fields.iter() {
                        wanted.add(field, format!("custom.{}", field.key));
                    }
                } else {
                    let field = find_custom(&fields, custom).map_err(|message| {
                        self.rejected("GET /locations/{locationId}/customFields", message)
                    })?;
                    wanted.add(field, key.clone());
                }
            } else if let Some(property) = Property::by_key(key) {
                wanted.properties.push((key.clone(), property));
            } else {
                return Err(self.rejected(
                    "POST /contacts/search",
                    format!("a HighLevel contact has no property `{key}` that can be read"),
                ));
            }
        }
        self.wanted = wanted;
        Ok(())
    }

    /// Whether contacts whose consent search does not show are completed by a single read (the
    /// default), or delivered as [`Consent::Unknown`].
    pub fn require_consent(&mut self, require: bool) {
        self.require_consent = require;
    }

    /// The location's custom fields of contacts; one call, then remembered.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn custom_fields(&self) -> Result<Vec<CustomField>, RemoteError> {
        Ok(self.custom_fields_cached()?.to_vec())
    }

    fn custom_fields_cached(&self) -> Result<Arc<Vec<CustomField>>, RemoteError> {
        let mut cache = self
            .custom_fields
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(fields) = &*cache {
            return Ok(Arc::clone(fields));
        }
        let request = Request::get("/locations/{locationId}/customFields", &[&self.location_id])
            .query("model", "contact");
        let answer: Answer<CustomFieldsAnswer> = self.send(&request)?;
        let mut fields = Vec::new();
        for field in &answer.value.custom_fields {
            let part = |key: &str| field.get(key).and_then(text);
            if part("model").is_some_and(|model| model != "contact") {
                continue;
            }
            let Some(id) = part("id") else { continue };
            let key = part("fieldKey").unwrap_or_else(|| id.clone());
            fields.push(CustomField {
                key: key.strip_prefix("contact.").unwrap_or(&key).to_owned(),
                name: part("name").unwrap_or_default(),
                data_type: part("dataType").unwrap_or_default(),
                id,
            });
        }
        let fields = Arc::new(fields);
        *cache = Some(Arc::clone(&fields));
        Ok(fields)
    }

    /// The location itself; also the cheapest check that the token fits it.
    ///
    /// # Errors
    /// Errors of the call; the scope `locations.readonly` is needed.
    pub fn location(&self) -> Result<Location, RemoteError> {
        let request = Request::get("/locations/{locationId}", &[&self.location_id]);
        let answer: Answer<LocationAnswer> = self.send(&request)?;
        let location = &answer.value.location;
        let part = |key: &str| location.get(key).and_then(text);
        let setting = |key: &str| location.get("settings")?.get(key);
        Ok(Location {
            id: part("id").unwrap_or_else(|| self.location_id.clone()),
            name: part("name"),
            timezone: part("timezone"),
            country: part("country"),
            allow_duplicates: setting("allowDuplicateContact").and_then(flag),
            unique_by_email: setting("contactUniqueIdentifiers")
                .and_then(Value::as_array)
                .map(|by| by.iter().any(|name| name == "email")),
        })
    }

    /// The names of the location's tags, as its dictionary spells them.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn tags(&self) -> Result<Vec<String>, RemoteError> {
        let request = Request::get("/locations/{locationId}/tags", &[&self.location_id]);
        let answer: Answer<TagsAnswer> = self.send(&request)?;
        Ok(answer
            .value
            .tags
            .iter()
            .filter_map(|tag| tag.get("name").unwrap_or(tag).as_str())
            .map(str::to_owned)
            .collect())
    }

    /// What was sent so far, by all threads.
    pub fn calls(&self) -> Calls {
        self.http.calls()
    }

    /// The daily quota, once an answer has told it.
    pub fn quota_left(&self) -> Option<Quota> {
        self.http.quota_left()
    }

    /// The service's clock as the last answer told it, milliseconds since 1970.
    pub fn service_now(&self) -> Option<i64> {
        self.http.last_date()
    }

    /// Delivers the contacts that fit, page after page in ascending order of creation (then id).
    ///
    /// # Errors
    /// `Rejected` for a text longer than [`LONGEST_QUERY`]; errors of the calls.
    pub fn search(&self, query: &Search, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        if let Some(text) = &query.text
            && text.chars().count() > LONGEST_QUERY
        {
            return Err(self.rejected(
                "POST /contacts/search",
                format!("HighLevel searches for at most {LONGEST_QUERY} characters"),
            ));
        }
        let mut filters: Vec<Value> = Vec::new();
        if let Some(since) = query.updated_since.and_then(iso) {
            filters.push(range("dateUpdated", json!({ "gte": since })));
        }
        for tag in &query.tags_all {
            // Stored lower-cased on contacts, whatever the dictionary says.
            let tag = tag.trim().to_lowercase();
            filters.push(json!({"field": "tags", "operator": "eq", "value": tag}));
        }
        let query = Query {
            sorted_by: Field::DateAdded,
            filters,
            text: query.text.clone(),
            since: None,
        };
        self.read(query, Ranges::sequential(), 0, receiver)
    }

    /// Reads a listing to its end with `helpers` threads besides this one; with none, pages arrive
    /// in order.
    fn read(
        &self,
        query: Query,
        ranges: Ranges,
        helpers: usize,
        receiver: &Receiver<'_>,
    ) -> Result<Listed, RemoteError> {
        let reading = Reading {
            query,
            receiver,
            progress: Mutex::new(Progress {
                ranges,
                as_of: None,
                failed: None,
                broken_off: false,
                left_out: false,
            }),
            changed: Condvar::new(),
        };
        // Most listings are one page: no threads for that.
        if let Some(job) = self.next_job(&reading) {
            let page = self.fetch(&reading, &job);
            let more = self.next_is_worth_a_thread(&reading);
            std::thread::scope(|scope| {
                if more {
                    for _ in 0..helpers {
                        scope.spawn(|| self.work(&reading));
                    }
                }
                self.deliver(&reading, page);
                self.work(&reading);
            });
        }
        let progress = reading
            .progress
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = progress.failed {
            return Err(error);
        }
        Ok(Listed {
            as_of: progress.as_of,
            complete: !progress.broken_off && !progress.left_out && !progress.ranges.is_hollow(),
        })
    }

    fn next_is_worth_a_thread(&self, reading: &Reading<'_>) -> bool {
        let progress = reading.lock();
        progress.failed.is_none() && progress.ranges.active() > 0
    }

    fn work(&self, reading: &Reading<'_>) {
        while let Some(job) = self.next_job(reading) {
            let page = self.fetch(reading, &job);
            self.deliver(reading, page);
        }
    }

    /// The next request of the listing, or `None` once there is nothing left to do.
    fn next_job(&self, reading: &Reading<'_>) -> Option<Job> {
        let mut progress = reading.lock();
        loop {
            if progress.failed.is_some() || progress.broken_off {
                return None;
            }
            match progress.ranges.next(self.http.per_second()) {
                Step::Ask(job) => return Some(job),
                Step::Done => return None,
                Step::Wait => {
                    progress = reading
                        .changed
                        .wait(progress)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Makes one request of the listing and lets the others know what it brought.
    fn fetch(&self, reading: &Reading<'_>, job: &Job) -> Option<SearchAnswer> {
        let as_of = reading.lock().as_of;
        let body = self.search_body(&reading.query, job, as_of);
        let request = Request::new(Method::POST, "/contacts/search", &[], Replay::Always)
            .reading()
            .json(&body);
        let answer = self.send::<SearchAnswer>(&request);
        let mut progress = reading.lock();
        let mut page = None;
        match answer {
            Ok(answer) => {
                progress.as_of = progress.as_of.or(answer.date);
                let sorted_by = reading.query.sorted_by;
                let contacts = &answer.value.contacts;
                let seen = Seen {
                    rows: contacts.iter().map(|item| item.row(sorted_by)).collect(),
                    after: contacts.last().and_then(|item| item.cursor(sorted_by)),
                    total: moment(&answer.value.total).and_then(|n| u64::try_from(n).ok()),
                };
                match progress.ranges.answered(job, &seen, answer.latency) {
                    Ok(true) => page = Some(answer.value),
                    Ok(false) => {}
                    Err(_) => {
                        progress.failed.get_or_insert(self.http.fault(
                            &request,
                            RemoteErrorKind::Nonsense,
                            "the listing cannot go on: a page repeats or has no cursor",
                        ));
                    }
                }
            }
            Err(error) => {
                let wrong = error.kind == RemoteErrorKind::Rejected
                    && matches!(error.status, Some(400 | 422));
                if !(wrong && progress.ranges.refused(job)) {
                    progress.failed.get_or_insert(error);
                }
            }
        }
        drop(progress);
        reading.changed.notify_all();
        page
    }

    /// Completes a page and hands it over.
    fn deliver(&self, reading: &Reading<'_>, page: Option<SearchAnswer>) {
        let Some(page) = page else { return };
        let found = page.contacts.len();
        let decoded: Vec<Decoded> = page
            .contacts
            .into_iter()
            .filter_map(|item| item.decode(&self.wanted, Origin::Index, self.require_consent))
            .collect();
        let left_out = decoded.len() < found;
        let outcome = self.complete(decoded);
        let total = {
            let mut progress = reading.lock();
            progress.left_out |= left_out;
            if progress.broken_off {
                return;
            }
            progress.ranges.total()
        };
        let end = match outcome {
            Ok(contacts) => (reading.receiver)(Page { contacts, total }).map_break(|()| None),
            Err(error) => ControlFlow::Break(Some(error)),
        };
        if let ControlFlow::Break(error) = end {
            let mut progress = reading.lock();
            match error {
                Some(error) => {
                    progress.failed.get_or_insert(error);
                }
                None => progress.broken_off = true,
            }
            drop(progress);
            reading.changed.notify_all();
        }
    }

    /// Reads those contacts singly that search did not show well enough. One that has gone
    /// meanwhile is left out.
    fn complete(&self, decoded: Vec<Decoded>) -> Result<Vec<Contact>, RemoteError> {
        let open: Vec<usize> = (0..decoded.len())
            .filter(|i| decoded[*i].incomplete)
            .collect();
        let mut contacts: Vec<Option<Contact>> =
            decoded.into_iter().map(|d| Some(d.contact)).collect();
        if open.is_empty() {
            return Ok(contacts.into_iter().flatten().collect());
        }
        let _one_page_at_a_time = self
            .completing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let ids: Vec<(usize, String)> = open
            .into_iter()
            .filter_map(|i| contacts[i].as_ref().map(|c| (i, c.id.clone())))
            .collect();
        let next = AtomicUsize::new(0);
        let failed = Mutex::new(None);
        let read = Mutex::new(Vec::with_capacity(ids.len()));
        std::thread::scope(|scope| {
            for _ in 0..COMPLETING_THREADS.min(ids.len()) {
                scope.spawn(|| {
                    while let Some((i, id)) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match self.get_by_id(id) {
                            Ok(contact) => locked(&read).push((*i, contact)),
                            Err(error) => {
                                locked(&failed).get_or_insert(error);
                                next.store(ids.len(), Ordering::Relaxed);
                                return;
                            }
                        }
                    }
                });
            }
        });
        if let Some(error) = locked(&failed).take() {
            return Err(error);
        }
        for (i, contact) in locked(&read).drain(..) {
            contacts[i] = contact;
        }
        Ok(contacts.into_iter().flatten().collect())
    }

    fn search_body(&self, query: &Query, job: &Job, as_of: Option<i64>) -> Value {
        let sorted_by = match query.sorted_by {
            Field::DateUpdated => "dateUpdated",
            _ => "dateAdded",
        };
        let direction = match job.order {
            Order::Ascending => "asc",
            Order::Descending => "desc",
        };
        let mut filters = query.filters.clone();
        if let Some(since) = query.since {
            let mut window = json!({ "gte": iso(since) });
            if job.after.is_some()
                && let Some(as_of) = as_of.filter(|as_of| *as_of >= since)
            {
                window["lte"] = json!(iso(as_of));
            }
            filters.push(range("dateUpdated", window));
        }
        let bound = match job.bound {
            Some(Bound::After(at)) => Some(json!({ "gt": iso(at) })),
            Some(Bound::From(at)) => Some(json!({ "gte": iso(at) })),
            Some(Bound::Before(at)) => Some(json!({ "lt": iso(at) })),
            None => None,
        };
        filters.extend(bound.map(|value| range(sorted_by, value)));
        let mut body = json!({
            "locationId": self.location_id,
            "pageLimit": job.size,
            "sort": [{"field": sorted_by, "direction": direction}],
        });
        if !filters.is_empty() {
            body["filters"] = Value::Array(filters);
        }
        if let Some(after) = &job.after {
            body["searchAfter"] = after.clone();
        }
        if let Some(text) = &query.text {
            body["query"] = json!(text);
        }
        body
    }

    fn get_by_id(&self, id: &str) -> Result<Option<Contact>, RemoteError> {
        let request = Request::get("/contacts/{contactId}", &[id]);
        match self.send::<ContactAnswer>(&request) {
            Ok(answer) => {
                let item = answer.value.contact;
                match item.decode(&self.wanted, Origin::Primary, self.require_consent) {
                    Some(decoded) => Ok(Some(decoded.contact)),
                    None => Err(self.http.fault(
                        &request,
                        RemoteErrorKind::Nonsense,
                        "the answer holds a contact without an id",
                    )),
                }
            }
            Err(error) if is_contact_missing(&error) => Ok(None),
            // Third parties report this answer for deleted and foreign ids too. Only a token that
            // is seen to reach the location right now turns it into "not there".
            Err(error) if is_foreign(&error) && self.reaches_location()? => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn get_by_email(&self, email: &str) -> Result<Option<Contact>, RemoteError> {
        if email.is_empty() {
            return Ok(None);
        }
        let request = Request::get("/contacts/search/duplicate", &[])
            .query("locationId", self.location_id.as_str())
            .query("email", email);
        let answer: Answer<DuplicateAnswer> = self.send(&request)?;
        let Some(item) = answer.value.contact else {
            return Ok(None);
        };
        match item.decode(&self.wanted, Origin::Index, self.require_consent) {
            Some(decoded) => Ok(self.complete(vec![decoded])?.pop()),
            // `"contact": {}` is one more way to say nobody.
            None if item.0.iter().all(Value::is_null) => Ok(None),
            None => Err(self.http.fault(
                &request,
                RemoteErrorKind::Nonsense,
                "the answer holds a contact without an id",
            )),
        }
    }

    fn reaches_location(&self) -> Result<bool, RemoteError> {
        let body = json!({"locationId": self.location_id, "pageLimit": 1});
        let request = Request::new(Method::POST, "/contacts/search", &[], Replay::Always)
            .reading()
            .json(&body);
        match self.send::<SearchAnswer>(&request) {
            Ok(_) => Ok(true),
            Err(error) if error.kind == RemoteErrorKind::Auth => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn send<T: serde::de::DeserializeOwned>(
        &self,
        request: &Request,
    ) -> Result<Answer<T>, RemoteError> {
        self.http.send(request).map_err(|mut error| {
            match error.kind {
                RemoteErrorKind::Auth => {
                    error.hint = Some(auth_hint(&error.message, &error.endpoint));
                }
                // An unknown route, not an unknown object.
                RemoteErrorKind::Gone if error.message.starts_with("Cannot ") => {
                    error.kind = RemoteErrorKind::Nonsense;
                    error.hint = Some("check the base URL and GHL_BM_GHL_VERSION".to_owned());
                }
                _ => {}
            }
            error
        })
    }

    fn rejected(&self, endpoint: &str, message: String) -> RemoteError {
        RemoteError {
            kind: RemoteErrorKind::Rejected,
            side: Side::Ghl,
            endpoint: endpoint.to_owned(),
            status: None,
            message,
            code: None,
            param: None,
            trace_id: None,
            hint: None,
        }
    }

    fn unsupported(&self, endpoint: &str) -> RemoteError {
        self.rejected(endpoint, "not supported yet".to_owned())
    }
}

impl Remote for Ghl {
    fn side(&self) -> Side {
        Side::Ghl
    }

    fn refuses_duplicates(&self) -> Result<bool, RemoteError> {
        let location = self.location()?;
        Ok(location.allow_duplicates == Some(false) && location.unique_by_email != Some(false))
    }

    fn list(&self, listing: &Listing, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        match listing {
            Listing::Full => {
                let query = Query {
                    sorted_by: Field::DateAdded,
                    filters: Vec::new(),
                    text: None,
                    since: None,
                };
                self.read(query, Ranges::parallel(), READING_THREADS, receiver)
            }
            Listing::Since(since) => {
                let query = Query {
                    sorted_by: Field::DateUpdated,
                    filters: Vec::new(),
                    text: None,
                    since: Some(*since),
                };
                self.read(query, Ranges::sequential(), 1, receiver)
            }
        }
    }

    fn get(&self, key: Key<'_>) -> Result<Option<Contact>, RemoteError> {
        match key {
            Key::Id(id) => match self.get_by_id(id) {
                // An empty id.
                Err(error) if error.kind == RemoteErrorKind::Gone => Ok(None),
                other => other,
            },
            Key::Email(email) => self.get_by_email(email),
        }
    }

    fn create(&self, _draft: &Draft) -> Result<Created, RemoteError> {
        Err(self.unsupported("POST /contacts/"))
    }

    fn update(&self, _id: &str, _change: &Change) -> Result<(), RemoteError> {
        Err(self.unsupported("PUT /contacts/{contactId}"))
    }

    fn delete(&self, _id: &str) -> Result<(), RemoteError> {
        Err(self.unsupported("DELETE /contacts/{contactId}"))
    }

    fn submit(&self, _drafts: &[Draft]) -> Result<String, RemoteError> {
        Err(self.unsupported("POST /contacts/"))
    }

    fn collect(&self, _submission: &str) -> Result<Option<Vec<ItemResult>>, RemoteError> {
        Err(self.unsupported("POST /contacts/"))
    }
}

impl Wanted {
    fn add(&mut self, field: &CustomField, key: String) {
        let target = self.custom.entry(field.id.clone()).or_default();
        target.is_date = field.data_type.eq_ignore_ascii_case("DATE");
        if !target.keys.contains(&key) {
            target.keys.push(key);
        }
    }
}

/// Finds a custom field by key, id or name, in this order; names are compared without case.
fn find_custom<'a>(fields: &'a [CustomField], wanted: &str) -> Result<&'a CustomField, String> {
    let key = wanted.strip_prefix("contact.").unwrap_or(wanted);
    let exact = fields
        .iter()
        .find(|f| f.key == key)
        .or_else(|| fields.iter().find(|f| f.id == wanted));
    if let Some(field) = exact {
        return Ok(field);
    }
    let name = wanted.trim().to_lowercase();
    let named: Vec<&CustomField> = fields
        .iter()
        .filter(|f| f.name.trim().to_lowercase() == name)
        .collect();
    match named[..] {
        [field] => Ok(field),
        [] => Err(format!(
            "the location has no custom field of contacts with the key, name or id `{wanted}`"
        )),
        _ => {
            let keys: Vec<&str> = named.iter().map(|f| f.key.as_str()).collect();
            Err(format!(
                "several custom fields are named `{wanted}`; use a key: {}",
                keys.join(", ")
            ))
        }
    }
}

fn range(field: &str, value: Value) -> Value {
    json!({"field": field, "operator": "range", "value": value})
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A missing contact is a 400 with these words (many third parties), or a plain 404.
fn is_contact_missing(error: &RemoteError) -> bool {
    match error.kind {
        RemoteErrorKind::Gone => true,
        RemoteErrorKind::Rejected if error.status == Some(400) => {
            let message = error.message.to_lowercase();
            message.contains("contact") && message.contains("not found")
        }
        _ => false,
    }
}

fn is_foreign(error: &RemoteError) -> bool {
    error.status == Some(403)
        && error
            .message
            .to_lowercase()
            .contains("access to this location")
}

/// What the texts of 401 and 403 tell about the credential. The texts are measured by third parties
/// and not documented; an unknown one is taken for an expired token.
fn auth_hint(message: &str, endpoint: &str) -> String {
    let message = message.to_lowercase();
    let has = |words: &str| message.contains(words);
    if has("version header") || has("api version") {
        "the Version header was not accepted: check GHL_BM_GHL_VERSION; without it this is a bug in ghl-bm".to_owned()
    } else if has("for this scope") && !has("authclass") {
        format!(
            "the token lacks the scope `{}`: add it to the private integration or log in again with it",
            scope(endpoint)
        )
    } else if has("user type mismatch") {
        "this is an agency token: make a private integration token inside the sub-account"
            .to_owned()
    } else if has("authclass") {
        "this is a company token: log in again with `ghl-bm auth login ghl` to get one for the location"
            .to_owned()
    } else if has("access to this location") {
        "the token belongs to another location: check `ghl.location_id` in the profile".to_owned()
    } else if has("private integration") {
        "the private integration token was revoked, rotated or mistyped: run `ghl-bm auth login ghl --with-token`"
            .to_owned()
    } else {
        "the token has expired or is wrong: run `ghl-bm auth refresh` or `ghl-bm auth login ghl`"
            .to_owned()
    }
}

/// The scope that an endpoint needs (docs/oauth/Scopes.md).
fn scope(endpoint: &str) -> &'static str {
    if endpoint.contains("customFields") {
        "locations/customFields.readonly"
    } else if endpoint.contains("/tags") {
        "locations/tags.readonly"
    } else if endpoint.contains("/locations/") {
        "locations.readonly"
    } else {
        "contacts.readonly"
    }
}

#[cfg(test)]
mod tests;
