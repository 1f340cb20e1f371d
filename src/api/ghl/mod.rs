//! The HighLevel client: paths, headers, read shapes and quirks of API v2.
//!
//! Wire JSON becomes [`Contact`] here and nowhere else. It never decides what a contact should look
//! like. Vendor facts are from the public repository `GoHighLevel/highlevel-api-docs` (OpenAPI
//! documents, pages under docs/, issues by number).
//! Start reading at [`Ghl::want`]; the shape of a contact is in [`contact`], reading many of them in
//! [`listing`], writing in [`mod@write`], what hangs on contacts in [`related`].

mod attachments;
mod businesses;
mod contact;
mod create;
mod deprecated;
mod dnd;
pub mod fixture;
mod listing;
pub mod oauth;
mod opportunities;
mod pages;
mod ranges;
pub(super) mod raw;
mod refusals;
mod related;
mod wishes;
mod write;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::http::{self, Answer, Calls, Http, Method, Quota, Replay, Request};
use crate::contact::{Contact, Side};
use crate::related::{Note, NoteDraft, Pipeline, Task, TaskDraft};
use crate::remote::{
    Attachments, Change, Created, Draft, ItemResult, Key, Listed, Listing, Receiver, Regrouped,
    Remote, RemoteError, RemoteErrorKind, Won,
};
use contact::{Item, Origin, Property, Wanted, flag, text};
use create::Policy;
use listing::SearchAnswer;
pub use listing::{LONGEST_QUERY, Search};
pub use opportunities::OpportunitySearch;
use refusals::CONTACT;
pub use refusals::{can_be_old, is_no_offer};
pub use related::TaskSearch;
#[allow(unused_imports, reason = "for commands that are yet to come")]
pub use write::{BulkOutcome, BulkTagged, OPT_OUT, OPT_OUT_REASON, TagOp};

/// The `Version` header sent unless configured: it has no retirement date, and `v3` renames the
/// do-not-disturb channels (both spellings are read anyway).
pub const DEFAULT_VERSION: &str = "2021-07-28";

const NO_BATCHES: &str = "HighLevel takes no batches: contacts are created one by one";

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
    /// The same for phone numbers.
    pub unique_by_phone: Option<bool>,
}

/// The client of one location.
pub struct Ghl {
    http: Http,
    location_id: String,
    wanted: Wanted,
    require_consent: bool,
    /// The configured version spells names as `v3` does.
    v3: bool,
    custom_fields: Mutex<Option<Arc<Vec<CustomField>>>>,
    policy: Mutex<Option<Policy>>,
    known_pipelines: Mutex<Option<Vec<Pipeline>>>,
    /// Properties that an endpoint was found not to know.
    unwritable: Mutex<BTreeSet<(&'static str, &'static str)>>,
    /// Addresses whose create ended in doubt.
    unsettled: Mutex<BTreeSet<Option<String>>>,
    /// Do-not-disturb channels that are shown but cannot be written.
    refused_channels: Mutex<BTreeSet<String>>,
    /// Held while a page is completed by single reads, so that all pages together use no more than
    /// `listing::COMPLETING_THREADS`.
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
            http: Http::new(settings)?
                .with_header("version", &version)?
                .telling_old_tokens(refusals::can_be_old),
            location_id,
            wanted: Wanted::default(),
            require_consent: true,
            v3: version.trim().eq_ignore_ascii_case("v3"),
            custom_fields: Mutex::new(None),
            policy: Mutex::new(None),
            known_pipelines: Mutex::new(None),
            unwritable: Mutex::new(BTreeSet::new()),
            unsettled: Mutex::new(BTreeSet::new()),
            refused_channels: Mutex::new(BTreeSet::new()),
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
    /// default), or delivered as [`crate::contact::Consent::Unknown`].
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
        let unique_by = |name: &str| {
            let identifiers = setting("contactUniqueIdentifiers")?.as_array()?;
            Some(identifiers.iter().any(|identifier| identifier == name))
        };
        Ok(Location {
            id: part("id").unwrap_or_else(|| self.location_id.clone()),
            name: part("name"),
            timezone: part("timezone"),
            country: part("country"),
            allow_duplicates: setting("allowDuplicateContact").and_then(flag),
            unique_by_email: unique_by("email"),
            unique_by_phone: unique_by("phone"),
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

    /// Requests a second that the rate limit allows; infinite without one.
    pub fn calls_per_second(&self) -> f64 {
        self.http.per_second()
    }

    /// The service's clock as the last answer told it, milliseconds since 1970.
    pub fn service_now(&self) -> Option<i64> {
        self.http.last_date()
    }

    fn get_by_id(&self, id: &str) -> Result<Option<Contact>, RemoteError> {
        let item = self.read_item(id)?;
        // An item that was read has an id, and so can be decoded.
        Ok(item.and_then(|item| {
            let decoded = item.decode(&self.wanted, Origin::Primary, self.require_consent)?;
            Some(decoded.contact)
        }))
    }

    /// A contact as the primary store shows it; `None` when it is not there.
    fn read_item(&self, id: &str) -> Result<Option<Item>, RemoteError> {
        let request = Request::get("/contacts/{contactId}", &[id]);
        match self.send::<ContactAnswer>(&request) {
            Ok(answer) if answer.value.contact.id().is_none() => {
                Err(self.without_id(&request, "contact"))
            }
            Ok(answer) => Ok(Some(answer.value.contact)),
            Err(error) if self.is_absent(&error, CONTACT)? => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The contact that the service takes for a duplicate of these; `None` when there is none. This
    /// is the vendor's own check before a create; whether it lags is not known.
    ///
    /// Where the location refuses duplicates, its setting decides which of the two is looked at;
    /// elsewhere the address comes first. An address may also be found among a contact's additional
    /// ones. Scope `contacts.readonly`; one call, and one more where the consent is not shown.
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn find_duplicate(
        &self,
        email: Option<&str>,
        phone: Option<&str>,
    ) -> Result<Option<Contact>, RemoteError> {
        let Some(item) = self.duplicate(email, phone)? else {
            return Ok(None);
        };
        match item.decode(&self.wanted, Origin::Index, self.require_consent) {
            Some(decoded) => Ok(self.complete(vec![decoded])?.pop()),
            None => Ok(None),
        }
    }

    /// As [`Ghl::find_duplicate`], undecoded; what is returned has an id.
    fn duplicate(
        &self,
        email: Option<&str>,
        phone: Option<&str>,
    ) -> Result<Option<Item>, RemoteError> {
        let email = email.filter(|email| !email.is_empty());
        let phone = phone.filter(|phone| !phone.is_empty());
        // With neither the service answers 400.
        if email.is_none() && phone.is_none() {
            return Ok(None);
        }
        let mut request = Request::get("/contacts/search/duplicate", &[])
            .query("locationId", self.location_id.as_str());
        if let Some(email) = email {
            request = request.query("email", email);
        }
        if let Some(phone) = phone {
            request = request.query("number", phone);
        }
        let answer: Answer<DuplicateAnswer> = self.send(&request)?;
        match answer.value.contact {
            Some(item) if item.id().is_some() => Ok(Some(item)),
            Some(item) if !item.is_blank() => Err(self.without_id(&request, "contact")),
            // `"contact": {}` is one more way to say nobody.
            _ => Ok(None),
        }
    }

    /// Whether an error says that the thing (`nouns` are the words for it) is not there.
    fn is_absent(&self, error: &RemoteError, nouns: &[&str]) -> Result<bool, RemoteError> {
        if refusals::is_missing(error, nouns) {
            return Ok(true);
        }
        // Third parties report this answer for deleted and foreign ids too. Only a token that is
        // seen to reach the location right now turns it into "not there".
        Ok(refusals::is_foreign(error) && self.reaches_location()?)
    }

    /// An error of a call about one thing, as [`RemoteErrorKind::Gone`] where it says that.
    fn gone(&self, mut error: RemoteError, nouns: &[&str]) -> RemoteError {
        if self.is_absent(&error, nouns) == Ok(true) {
            error.kind = RemoteErrorKind::Gone;
            error.hint = None;
        }
        error
    }

    fn without_id(&self, request: &Request, thing: &str) -> RemoteError {
        let message = format!("the answer holds a {thing} without an id");
        self.http
            .fault(request, RemoteErrorKind::Nonsense, &message)
    }

    /// How many contacts the location has, as far as search knows and says; one call.
    ///
    /// # Errors
    /// Errors of the call; the scope `contacts.readonly` is needed.
    pub fn count(&self) -> Result<Option<u64>, RemoteError> {
        let body = json!({"locationId": self.location_id, "pageLimit": 1});
        let request = Request::new(Method::POST, "/contacts/search", &[], Replay::Always)
            .reading()
            .json(&body);
        Ok(self.send::<SearchAnswer>(&request)?.value.total())
    }

    fn reaches_location(&self) -> Result<bool, RemoteError> {
        match self.count() {
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

    fn nonsense(&self, endpoint: &str, message: &str) -> RemoteError {
        RemoteError {
            kind: RemoteErrorKind::Nonsense,
            ..self.rejected(endpoint, message.to_owned())
        }
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
            existing: None,
            trace_id: None,
            hint: None,
        }
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
            Key::Id(id) => self.get_by_id(id),
            Key::Email(email) => self.find_duplicate(Some(email), None),
        }
    }

    fn create(&self, draft: &Draft) -> Result<Created, RemoteError> {
        self.write_new(draft)
    }

    fn update(&self, id: &str, change: &Change) -> Result<(), RemoteError> {
        self.write_change(id, change)
    }

    fn delete(&self, id: &str) -> Result<(), RemoteError> {
        self.remove(id)
    }

    fn regroup(
        &self,
        add: bool,
        ids: &[String],
        groups: &[String],
    ) -> Result<Vec<Regrouped>, RemoteError> {
        let op = match add {
            true => TagOp::Add,
            false => TagOp::Remove,
        };
        let tagged = self.bulk_tags(op, ids, groups)?;
        Ok(ids
            .iter()
            .map(
                |id| match tagged.iter().find(|it| it.id == *id).map(|it| &it.outcome) {
                    Some(BulkOutcome::Done) => Regrouped::Done,
                    Some(BulkOutcome::Gone) => Regrouped::Gone,
                    Some(BulkOutcome::Refused(_) | BulkOutcome::Unsaid) | None => {
                        Regrouped::Doubtful
                    }
                },
            )
            .collect())
    }

    fn notes(&self, contact: &str) -> Result<Vec<Note>, RemoteError> {
        Ghl::notes(self, contact)
    }

    fn make_note(&self, contact: &str, draft: &NoteDraft) -> Result<String, RemoteError> {
        Ok(self.create_note(contact, draft)?.id)
    }

    fn edit_note(&self, contact: &str, id: &str, draft: &NoteDraft) -> Result<(), RemoteError> {
        Ghl::edit_note(self, contact, id, draft).map(drop)
    }

    fn tasks(&self, contact: &str) -> Result<Vec<Task>, RemoteError> {
        Ghl::tasks(self, contact)
    }

    fn make_task(&self, contact: &str, draft: &TaskDraft) -> Result<String, RemoteError> {
        Ok(self.create_task(contact, draft)?.id)
    }

    fn won(&self, unless: Option<u64>) -> Result<Option<Won>, RemoteError> {
        self.won_opportunities(unless)
    }

    fn submit(&self, _drafts: &[Draft]) -> Result<String, RemoteError> {
        Err(self.rejected("POST /contacts/", NO_BATCHES.to_owned()))
    }

    fn collect(&self, _submission: &str) -> Result<Option<Vec<ItemResult>>, RemoteError> {
        Err(self.rejected("POST /contacts/", NO_BATCHES.to_owned()))
    }

    fn attachments(&self) -> Option<&dyn Attachments> {
        Some(self)
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

/// Says what only HighLevel's own words tell about an error.
pub(super) fn refine(error: &mut RemoteError) {
    refusals::refine(error);
}

#[cfg(test)]
mod tests;
