//! The HighLevel client: paths, headers, read shapes and quirks of API v2.
//!
//! Wire JSON becomes [`Contact`] here and nowhere else. Writing is not part of it yet; it never
//! decides what a contact should look like. Vendor facts are from the public repository
//! `GoHighLevel/highlevel-api-docs` (OpenAPI documents, pages under docs/, issues by number).
//! Start reading at [`Ghl::want`]; the shape of a contact is in [`contact`], reading many of them in
//! [`listing`].

mod contact;
mod listing;
mod ranges;
pub(super) mod raw;
mod related;

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::http::{self, Answer, Calls, Http, Method, Quota, Replay, Request};
use crate::contact::{Contact, Side};
use crate::remote::{
    Change, Created, Draft, ItemResult, Key, Listed, Listing, Receiver, Remote, RemoteError,
    RemoteErrorKind,
};
use contact::{Item, Origin, Property, Wanted, flag, text};
use listing::SearchAnswer;
pub use listing::{LONGEST_QUERY, Search};
pub use related::{OpportunitySearch, TaskSearch};

/// The `Version` header sent unless configured: it has no retirement date, and `v3` renames the
/// do-not-disturb channels (both spellings are read anyway).
pub const DEFAULT_VERSION: &str = "2021-07-28";

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
            None if item.is_blank() => Ok(None),
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
            refine(&mut error);
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
            Listing::Full => self.list_all(receiver),
            Listing::Since(since) => self.list_since(*since, receiver),
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

/// Says what only HighLevel's own words tell about an error.
pub(super) fn refine(error: &mut RemoteError) {
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
