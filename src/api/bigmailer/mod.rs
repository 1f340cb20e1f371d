//! The BigMailer client: paths, paging, operations and error codes of API v1.
//!
//! Wire JSON becomes [`Contact`] here and nowhere else. It sends only what a change names: the
//! operation parameters of an update default to one that deletes whatever is not sent, so `add` or
//! `remove` is always spelt out, and opting somebody back in is not possible at all. Vendor facts
//! are from docs.bigmailer.io (reference pages by name) and BigMailer's OpenAPI document 1.0.0.
//! Start reading at [`Bigmailer::update`] (writing) and [`Bigmailer::list`] (reading).

pub(super) mod raw;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::http::{self, Answer, Calls, Http, Method, Replay, Request};
use crate::contact::{Block, Consent, Contact, FieldValue, Side, email_key};
use crate::remote::{
    Change, Created, Draft, ItemOutcome, ItemResult, Key, Listed, Listing, Page, Receiver, Remote,
    RemoteError, RemoteErrorKind,
};

/// The largest page of every list (default 10; OpenAPI document).
const PAGE: &str = "100";

/// Items that one batch may hold, and characters of their correlation id (reference, "create
/// contact batch").
const BATCH_ITEMS: usize = 1_000;
const BATCH_TAG_CHARS: usize = 80;

/// How many contacts a first page may announce before memory is set aside for them.
const EXPECTED_AT_MOST: u64 = 2_000_000;

/// A brand, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    pub id: String,
    pub name: Option<String>,
    /// More contacts than this block sending; whether adding them is refused is not documented.
    pub contact_limit: Option<u64>,
    pub num_contacts: Option<u64>,
}

/// A field of a brand. Values are addressed by `merge_tag_name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    pub id: String,
    pub merge_tag_name: String,
    pub name: String,
    /// `text`, `integer`, `date`, or `email` for the built-in one.
    pub kind: String,
}

/// A list of a brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct List {
    pub id: String,
    pub name: String,
    /// The system list of every contact.
    pub all: bool,
}

/// A subscription topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageType {
    pub id: String,
    pub name: String,
    pub kind: String,
}

/// The client of one brand.
pub struct Bigmailer {
    http: Http,
    brand_id: String,
    wanted: BTreeSet<String>,
    /// By batch id: what this process submitted, to tell when all results are there and to match
    /// results that come back without their correlation id.
    submitted: Mutex<HashMap<String, Submitted>>,
}

struct Submitted {
    items: usize,
    tag_by_email: HashMap<String, String>,
}

/// The envelope of every list. `data` must be there: an answer without it is no empty page.
#[derive(Deserialize)]
struct PageAnswer<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: Value,
    #[serde(default)]
    cursor: Value,
    #[serde(default)]
    total: Value,
}

impl<T> PageAnswer<T> {
    fn cursor(&self) -> Option<String> {
        text(&self.cursor)
    }
}

/// A contact on the wire; every property may be missing or of the wrong type.
#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    email: Value,
    #[serde(default)]
    field_values: Value,
    #[serde(default)]
    list_ids: Value,
    #[serde(default)]
    unsubscribe_all: Value,
    #[serde(default)]
    num_hard_bounces: Value,
    #[serde(default)]
    num_complaints: Value,
    #[serde(default)]
    created: Value,
}

impl Item {
    /// `None` when the contact has no id.
    fn decode(&self, wanted: &BTreeSet<String>) -> Option<Contact> {
        Some(Contact {
            id: text(&self.id)?,
            email: text(&self.email),
            // Unix seconds.
            created: self.created.as_i64().and_then(|s| s.checked_mul(1000)),
            updated: None,
            consent: self.consent(),
            values: self.values(wanted),
            groups: strings(&self.list_ids),
        })
    }

    fn consent(&self) -> Consent {
        let some = |count: &Value| count.as_f64().is_some_and(|n| n > 0.0);
        match flag(&self.unsubscribe_all) {
            Some(true) => Consent::Blocked(Block::Unsubscribed),
            _ if some(&self.num_complaints) => Consent::Blocked(Block::Complaint),
            _ if some(&self.num_hard_bounces) => Consent::Blocked(Block::HardBounce),
            Some(false) => Consent::Allowed,
            // Whether real answers leave the key out for false is not known.
            None => Consent::Unknown,
        }
    }

    fn values(&self, wanted: &BTreeSet<String>) -> BTreeMap<String, FieldValue> {
        let mut values = BTreeMap::new();
        let Value::Array(items) = &self.field_values else {
            return values;
        };
        for item in items {
            let Some(name) = item.get("name").and_then(Value::as_str) else {
                continue;
            };
            if !wanted.contains(name) {
                continue;
            }
            let integer = || {
                let value = item.get("integer")?;
                let number = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
                Some(FieldValue::Integer(number))
            };
            let date = || {
                let value = item.get("date")?.as_str()?;
                Some(FieldValue::Date(value.get(..10)?.parse::<Date>().ok()?))
            };
            let string = || item.get("string").and_then(text).map(FieldValue::Text);
            if let Some(value) = integer().or_else(date).or_else(string) {
                values.insert(name.to_owned(), value);
            }
        }
        values
    }
}

#[derive(Deserialize)]
struct IdAnswer {
    #[serde(default)]
    id: Value,
}

#[derive(Deserialize)]
struct BatchAnswer {
    #[serde(default)]
    status: Value,
    #[serde(default)]
    completed: Value,
    #[serde(default)]
    results: Value,
    #[serde(default)]
    num_created: Value,
    #[serde(default)]
    num_updated: Value,
    #[serde(default)]
    num_new_not_created: Value,
}

impl BatchAnswer {
    /// A batch is finished when `completed` is a time. Neither the words of `status` nor whether
    /// `completed` is ever set are documented, so two other signs count: a verdict on every item
    /// that was submitted, whatever the word; or a word that sounds finished together with a result
    /// for every item or counters that add up to all of them. (In the last case the caller settles
    /// the items by reading.)
    fn is_finished(&self, submitted: Option<usize>) -> bool {
        if self.completed.is_number() {
            return true;
        }
        let results = self.results.as_array().map_or(&[][..], Vec::as_slice);
        let decided = results
            .iter()
            .filter(|result| result.get("success").and_then(flag).is_some())
            .count();
        if submitted.is_some_and(|items| items > 0 && decided >= items) {
            return true;
        }
        let status = self.status.as_str().unwrap_or_default().trim();
        if !status.eq_ignore_ascii_case("complete") && !status.eq_ignore_ascii_case("completed") {
            return false;
        }
        let counted = [
            &self.num_created,
            &self.num_updated,
            &self.num_new_not_created,
        ]
        .into_iter()
        .try_fold(0, |sum, count| Some(sum + count.as_u64()?))
        .and_then(|sum| usize::try_from(sum).ok());
        let accounted = results.len().max(match submitted {
            Some(_) => counted.unwrap_or(0),
            // Without the number that was submitted, the counters are what there is to reach.
            None => 0,
        });
        match submitted.or(counted) {
            Some(items) => accounted >= items && accounted > 0,
            None => false,
        }
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

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(word) if word.eq_ignore_ascii_case("true") => Some(true),
        Value::String(word) if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        _ => Vec::new(),
    }
}

/// What one pass over the contacts came to.
struct Pass {
    as_of: Option<i64>,
    broken_off: bool,
    /// The service said that nothing follows.
    ended: bool,
    left_out: bool,
    shown: u64,
    distinct: u64,
    /// The lowest total that a page named: what was there all the time.
    total: Option<u64>,
}

impl Pass {
    fn is_complete(&self) -> bool {
        // Without a total to compare with, somebody shown twice means that the order moved, and that
        // others may not have been shown at all.
        let all_seen = match self.total {
            Some(total) => self.distinct >= total,
            None => self.distinct == self.shown,
        };
        self.ended && !self.left_out && all_seen
    }
}

impl Bigmailer {
    /// Prepares the client of one brand; sends nothing.
    ///
    /// # Errors
    /// See [`Http::new`].
    pub fn new(settings: http::Settings, brand_id: String) -> Result<Bigmailer, RemoteError> {
        Ok(Bigmailer {
            http: Http::new(settings)?,
            brand_id,
            wanted: BTreeSet::new(),
            submitted: Mutex::new(HashMap::new()),
        })
    }

    /// Says which merge tags contacts are to carry in [`Contact::values`], spelt exactly as
    /// [`Bigmailer::fields`] spells them. Replaces what was asked for before.
    pub fn want(&mut self, merge_tags: &[String]) {
        self.wanted = merge_tags.iter().cloned().collect();
    }

    /// Checks that the key works.
    ///
    /// # Errors
    /// `Auth` when it does not; errors of the call.
    pub fn me(&self) -> Result<(), RemoteError> {
        // Documented only as the sample first call; the body is unknown.
        let request = Request::get("/me", &[]).body_ignored();
        match self.send::<Value>(&request) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == RemoteErrorKind::Gone => {
                let request = Request::get("/brands", &[]).query("limit", "1");
                self.send::<Value>(&request).map(|_| ())
            }
            Err(error) => Err(error),
        }
    }

    /// The brand of this client.
    ///
    /// # Errors
    /// `Gone` when there is no such brand; errors of the call.
    pub fn brand(&self) -> Result<Brand, RemoteError> {
        let request = Request::get("/brands/{brand_id}", &[&self.brand_id]);
        let answer: Answer<Value> = self.send(&request)?;
        let mut brand = brand(&answer.value);
        if brand.id.is_empty() {
            brand.id.clone_from(&self.brand_id);
        }
        Ok(brand)
    }

    /// All brands of the account.
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn brands(&self) -> Result<Vec<Brand>, RemoteError> {
        let brands = self.all(&Request::get("/brands", &[]))?;
        Ok(brands
            .iter()
            .map(brand)
            .filter(|brand| !brand.id.is_empty())
            .collect())
    }

    /// All fields of the brand.
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn fields(&self) -> Result<Vec<Field>, RemoteError> {
        let fields = self.all(&Request::get(
            "/brands/{brand_id}/fields",
            &[&self.brand_id],
        ))?;
        Ok(fields.iter().filter_map(field).collect())
    }

    /// Makes a field (`kind`: `text`, `integer` or `date`) and reads it back, because only that
    /// tells the merge tag it really got.
    ///
    /// # Errors
    /// `Taken` when the merge tag exists, `Unclear` when no answer came; errors of the calls.
    pub fn create_field(
        &self,
        name: &str,
        merge_tag: &str,
        kind: &str,
    ) -> Result<Field, RemoteError> {
        let request = self
            .post("/brands/{brand_id}/fields", &[], Replay::OnlyIfUnprocessed)
            .json(&json!({"name": name, "merge_tag_name": merge_tag, "type": kind}));
        let id = self.created_id(&request)?;
        let request = Request::get(
            "/brands/{brand_id}/fields/{field_id}",
            &[&self.brand_id, &id],
        );
        let answer: Answer<Value> = self.send(&request)?;
        field(&answer.value).ok_or_else(|| {
            self.http.fault(
                &request,
                RemoteErrorKind::Nonsense,
                "the answer holds a field without an id or merge tag",
            )
        })
    }

    /// All lists of the brand.
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn lists(&self) -> Result<Vec<List>, RemoteError> {
        let lists = self.all(&Request::get("/brands/{brand_id}/lists", &[&self.brand_id]))?;
        Ok(lists
            .iter()
            .filter_map(|list| {
                Some(List {
                    id: list.get("id").and_then(text)?,
                    name: list.get("name").and_then(text).unwrap_or_default(),
                    all: list.get("all").and_then(flag).unwrap_or(false),
                })
            })
            .collect())
    }

    /// Makes a list and returns its id. Names need not be unique: look first.
    ///
    /// # Errors
    /// `Unclear` when no answer came; errors of the call.
    pub fn create_list(&self, name: &str) -> Result<String, RemoteError> {
        let request = self
            .post("/brands/{brand_id}/lists", &[], Replay::OnlyIfUnprocessed)
            .json(&json!({ "name": name }));
        self.created_id(&request)
    }

    /// All message types, those of the system included.
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn message_types(&self) -> Result<Vec<MessageType>, RemoteError> {
        let request = Request::get("/brands/{brand_id}/message-types", &[&self.brand_id])
            .query("type", "all");
        Ok(self
            .all(&request)?
            .iter()
            .filter_map(|kind| {
                Some(MessageType {
                    id: kind.get("id").and_then(text)?,
                    name: kind.get("name").and_then(text).unwrap_or_default(),
                    kind: kind.get("type").and_then(text).unwrap_or_default(),
                })
            })
            .collect())
    }

    /// What was sent so far, by all threads.
    pub fn calls(&self) -> Calls {
        self.http.calls()
    }

    /// The service's clock as the last answer told it, milliseconds since 1970.
    pub fn service_now(&self) -> Option<i64> {
        self.http.last_date()
    }

    /// All pages of a short list.
    fn all(&self, request: &Request) -> Result<Vec<Value>, RemoteError> {
        let mut all = Vec::new();
        let mut pages = Pages::new(request.clone());
        while let Some(answer) = pages.next::<Value>(self)? {
            all.extend(answer.value.data);
        }
        Ok(all)
    }

    /// One pass over all contacts.
    fn pass(&self, receiver: &Receiver<'_>) -> Result<Pass, RemoteError> {
        let mut pass = Pass {
            as_of: None,
            broken_off: false,
            ended: false,
            left_out: false,
            shown: 0,
            distinct: 0,
            total: None,
        };
        // Hashes: a million ids as strings would cost ten times as much memory.
        let mut ids: Vec<u64> = Vec::new();
        let request = Request::get("/brands/{brand_id}/contacts", &[&self.brand_id]);
        let mut pages = Pages::new(request);
        while let Some(answer) = pages.next::<Item>(self)? {
            pass.as_of = pass.as_of.or(answer.date);
            let page = answer.value;
            let total = page.total.as_u64();
            if ids.is_empty() {
                let expected = total.unwrap_or(0).min(EXPECTED_AT_MOST);
                ids.reserve(usize::try_from(expected).unwrap_or(0));
            }
            pass.total = match (pass.total, total) {
                (Some(before), Some(now)) => Some(before.min(now)),
                (before, now) => before.or(now),
            };
            let found = page.data.len();
            let contacts: Vec<Contact> = page
                .data
                .iter()
                .filter_map(|item| item.decode(&self.wanted))
                .collect();
            pass.left_out |= contacts.len() < found;
            ids.extend(contacts.iter().map(|contact| hash(&contact.id)));
            let page = Page { contacts, total };
            if receiver(page).is_break() {
                pass.broken_off = true;
                break;
            }
        }
        pass.ended = pages.ended;
        pass.shown = ids.len() as u64;
        ids.sort_unstable();
        ids.dedup();
        pass.distinct = ids.len() as u64;
        Ok(pass)
    }

    fn post(&self, pattern: &'static str, arguments: &[&str], replay: Replay) -> Request {
        let mut all = vec![self.brand_id.as_str()];
        all.extend(arguments);
        Request::new(Method::POST, pattern, &all, replay)
    }

    /// Sends a request that makes something and returns the new id. Made without one is unclear:
    /// the caller must look.
    fn created_id(&self, request: &Request) -> Result<String, RemoteError> {
        let answer: Answer<IdAnswer> = self.send(request)?;
        text(&answer.value.id).ok_or_else(|| {
            self.http.fault(
                request,
                RemoteErrorKind::Unclear,
                "the answer does not name what was made",
            )
        })
    }

    fn send<T: serde::de::DeserializeOwned>(
        &self,
        request: &Request,
    ) -> Result<Answer<T>, RemoteError> {
        self.http.send(request).map_err(refine)
    }

    fn rejected(&self, request: &Request, message: &str) -> RemoteError {
        self.http.fault(request, RemoteErrorKind::Rejected, message)
    }

    /// Field values on the wire.
    fn encode_values(
        &self,
        request: &Request,
        values: &[(String, FieldValue)],
    ) -> Result<Vec<Value>, RemoteError> {
        values
            .iter()
            .map(|(name, value)| match value {
                FieldValue::Text(text) if text.is_empty() => Err(self.rejected(
                    request,
                    &format!("an empty text cannot be stored in {name}: clear the field instead"),
                )),
                FieldValue::Text(text) => Ok(json!({"name": name, "string": text})),
                FieldValue::Integer(number) => Ok(json!({"name": name, "integer": number})),
                FieldValue::Date(date) => Ok(json!({"name": name, "date": date.to_string()})),
                other => Err(self.rejected(
                    request,
                    &format!("BigMailer has no type for the {} in {name}", other.kind()),
                )),
            })
            .collect()
    }

    /// The body that creates a contact, alone or as an item of a batch.
    fn encode_draft(
        &self,
        request: &Request,
        draft: &Draft,
    ) -> Result<Map<String, Value>, RemoteError> {
        let mut body = Map::new();
        body.insert("email".to_owned(), json!(draft.email));
        let values = self.encode_values(request, &draft.values)?;
        if !values.is_empty() {
            body.insert("field_values".to_owned(), Value::Array(values));
        }
        if !draft.groups.is_empty() {
            body.insert("list_ids".to_owned(), json!(draft.groups));
        }
        if draft.opted_out {
            body.insert("unsubscribe_all".to_owned(), json!(true));
        }
        Ok(body)
    }

    fn update_request(&self, id: &str, operation: &'static str) -> Request {
        self.post(
            "/brands/{brand_id}/contacts/{contact_id}",
            &[id],
            Replay::Always,
        )
        .query("field_values_op", operation)
        .query("list_ids_op", operation)
        // No topic is ever sent; `add` is the one operation that could do no harm with one.
        .query("unsubscribe_ids_op", "add")
        .body_optional()
    }
}

/// Walks the pages of a list.
struct Pages {
    request: Request,
    cursor: Option<String>,
    /// Hashes of the cursors followed so far.
    followed: HashSet<u64>,
    /// Nothing follows.
    over: bool,
    /// The service said so itself.
    ended: bool,
}

impl Pages {
    fn new(request: Request) -> Pages {
        Pages {
            request: request.query("limit", PAGE),
            cursor: None,
            followed: HashSet::new(),
            over: false,
            ended: false,
        }
    }

    /// The next page, or `None` at the end.
    ///
    /// A page whose cursor leads back is asked for once more: the service may have repeated a page.
    fn next<T: serde::de::DeserializeOwned>(
        &mut self,
        client: &Bigmailer,
    ) -> Result<Option<Answer<PageAnswer<T>>>, RemoteError> {
        if self.over {
            return Ok(None);
        }
        let request = match &self.cursor {
            Some(cursor) => self.request.clone().query("cursor", cursor.as_str()),
            None => self.request.clone(),
        };
        for _ in 0..2 {
            let answer: Answer<PageAnswer<T>> = client.send(&request)?;
            let page = &answer.value;
            let cursor = page.cursor();
            let more = match flag(&page.has_more) {
                Some(more) => more,
                // Without the word, a cursor on a page with contacts is taken for more.
                None => cursor.is_some() && !page.data.is_empty(),
            };
            if !more {
                self.over = true;
                self.ended = flag(&page.has_more).is_some() || page.data.is_empty();
                return Ok(Some(answer));
            }
            if let Some(cursor) = cursor
                && self.followed.insert(hash(&cursor))
            {
                self.cursor = Some(cursor);
                return Ok(Some(answer));
            }
        }
        Err(client.http.fault(
            &request,
            RemoteErrorKind::Nonsense,
            "the listing's cursor leads back to where it was",
        ))
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn brand(value: &Value) -> Brand {
    Brand {
        id: value.get("id").and_then(text).unwrap_or_default(),
        name: value.get("name").and_then(text),
        contact_limit: value.get("contact_limit").and_then(Value::as_u64),
        num_contacts: value.get("num_contacts").and_then(Value::as_u64),
    }
}

fn field(value: &Value) -> Option<Field> {
    Some(Field {
        id: value.get("id").and_then(text)?,
        merge_tag_name: value.get("merge_tag_name").and_then(text)?,
        name: value.get("name").and_then(text).unwrap_or_default(),
        kind: value.get("type").and_then(text).unwrap_or_default(),
    })
}

/// Says what only BigMailer's own words tell about an error.
pub(super) fn refine(mut error: RemoteError) -> RemoteError {
    match error.status {
        Some(401) => {
            error.hint = Some(
                "the API key is missing, wrong or was deleted: run `ghl-bm auth login bigmailer`"
                    .to_owned(),
            );
        }
        Some(403) => {
            error.hint = Some(
                "the API key lacks a permission for this call: change it in the BigMailer console"
                    .to_owned(),
            );
        }
        _ if is_taken(&error) => error.kind = RemoteErrorKind::Taken,
        _ => {}
    }
    error
}

/// 422 `resource_already_exists`: the address or merge tag is taken.
fn is_taken(error: &RemoteError) -> bool {
    error.kind == RemoteErrorKind::Rejected
        && error.code.as_deref() == Some("resource_already_exists")
}

impl Remote for Bigmailer {
    fn side(&self) -> Side {
        Side::Bigmailer
    }

    /// An address is unique in a brand (reference, "create contact").
    fn refuses_duplicates(&self) -> Result<bool, RemoteError> {
        Ok(true)
    }

    fn list(&self, listing: &Listing, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        if let Listing::Since(_) = listing {
            let request = Request::get("/brands/{brand_id}/contacts", &[&self.brand_id]);
            return Err(self.rejected(&request, "BigMailer keeps no time of change to list by"));
        }
        let mut pass = self.pass(receiver)?;
        let as_of = pass.as_of;
        // Contacts that move between pages while they are read may be missed; a second pass that
        // misses some as well proves that the total is not to be reached.
        if !pass.broken_off && !pass.is_complete() {
            pass = self.pass(receiver)?;
        }
        Ok(Listed {
            as_of,
            complete: !pass.broken_off && pass.is_complete(),
        })
    }

    fn get(&self, key: Key<'_>) -> Result<Option<Contact>, RemoteError> {
        let (Key::Id(name) | Key::Email(name)) = key;
        let request = Request::get(
            "/brands/{brand_id}/contacts/{contact_id}",
            &[&self.brand_id, name],
        );
        match self.send::<Item>(&request) {
            Ok(answer) => match answer.value.decode(&self.wanted) {
                Some(contact) => Ok(Some(contact)),
                None => Err(self.http.fault(
                    &request,
                    RemoteErrorKind::Nonsense,
                    "the answer holds a contact without an id",
                )),
            },
            Err(error) if error.kind == RemoteErrorKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&self, draft: &Draft) -> Result<Created, RemoteError> {
        let request = self.post(
            "/brands/{brand_id}/contacts",
            &[],
            Replay::OnlyIfUnprocessed,
        );
        let body = self.encode_draft(&request, draft)?;
        match self.created_id(&request.json(&Value::Object(body))) {
            Ok(id) => Ok(Created::New(id)),
            Err(error) if error.kind == RemoteErrorKind::Taken => Ok(Created::Exists),
            Err(error) => Err(error),
        }
    }

    fn update(&self, id: &str, change: &Change) -> Result<(), RemoteError> {
        let add = self.update_request(id, "add");
        let remove = self.update_request(id, "remove");
        let set = self.encode_values(&add, &change.set)?;
        let clear = self.encode_values(&remove, &change.clear)?;
        // Address and opt-out belong to no operation; they go with the first call there is.
        let mut common = Map::new();
        if let Some(email) = &change.email {
            common.insert("email".to_owned(), json!(email));
        }
        if change.opt_out {
            common.insert("unsubscribe_all".to_owned(), json!(true));
        }
        let calls = [(add, set, &change.join), (remove, clear, &change.leave)];
        for (index, (request, values, lists)) in calls.into_iter().enumerate() {
            let mut body = Map::new();
            let nothing = values.is_empty() && lists.is_empty();
            let removes_follow = !change.clear.is_empty() || !change.leave.is_empty();
            if nothing && (common.is_empty() || (index == 0 && removes_follow)) {
                continue;
            }
            body.append(&mut common);
            if !values.is_empty() {
                body.insert("field_values".to_owned(), Value::Array(values));
            }
            if !lists.is_empty() {
                body.insert("list_ids".to_owned(), json!(lists));
            }
            let _: Answer<Value> = self.send(&request.json(&Value::Object(body)))?;
        }
        Ok(())
    }

    fn delete(&self, id: &str) -> Result<(), RemoteError> {
        let request = Request::new(
            Method::DELETE,
            "/brands/{brand_id}/contacts/{contact_id}",
            &[&self.brand_id, id],
            Replay::Always,
        )
        .body_optional();
        match self.send::<Value>(&request) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == RemoteErrorKind::Gone => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn submit(&self, drafts: &[Draft]) -> Result<String, RemoteError> {
        let request = self.post(
            "/brands/{brand_id}/contacts/batches",
            &[],
            Replay::OnlyIfUnprocessed,
        );
        if drafts.is_empty() || drafts.len() > BATCH_ITEMS {
            return Err(self.rejected(
                &request,
                &format!(
                    "a batch holds 1 to {BATCH_ITEMS} contacts, not {}",
                    drafts.len()
                ),
            ));
        }
        // Written contact by contact: a thousand of them as a tree of values take ten times the room.
        // `validate` costs the user credits and has no documented default here.
        let mut body = br#"{"validate":false,"items":["#.to_vec();
        let mut tag_by_email = HashMap::with_capacity(drafts.len());
        for (index, draft) in drafts.iter().enumerate() {
            if draft.tag.chars().count() > BATCH_TAG_CHARS {
                return Err(self.rejected(
                    &request,
                    &format!("a correlation id holds at most {BATCH_TAG_CHARS} characters"),
                ));
            }
            let mut item = self.encode_draft(&request, draft)?;
            item.insert("custom_id".to_owned(), json!(draft.tag));
            if index > 0 {
                body.push(b',');
            }
            body.extend(serde_json::to_vec(&item).unwrap_or_default());
            if let Some(key) = email_key(&draft.email) {
                tag_by_email.insert(key, draft.tag.clone());
            }
        }
        body.extend(b"]}");
        let request = request.json_text(body);
        let id = self.created_id(&request)?;
        let mut submitted = self
            .submitted
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        submitted.insert(
            id.clone(),
            Submitted {
                items: drafts.len(),
                tag_by_email,
            },
        );
        Ok(id)
    }

    fn collect(&self, submission: &str) -> Result<Option<Vec<ItemResult>>, RemoteError> {
        let request = Request::get(
            "/brands/{brand_id}/contacts/batches/{batch_id}",
            &[&self.brand_id, submission],
        );
        let answer: Answer<BatchAnswer> = self.send(&request)?;
        let mut submitted = self
            .submitted
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = submitted.get(submission);
        if !answer.value.is_finished(known.map(|s| s.items)) {
            return Ok(None);
        }
        let results = answer
            .value
            .results
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let results = results
            .iter()
            .filter_map(|result| item_result(result, known))
            .collect();
        submitted.remove(submission);
        Ok(Some(results))
    }
}

/// One item of a batch's results; `None` when nothing tells which item it was, so that the caller
/// settles that item by reading.
fn item_result(result: &Value, submitted: Option<&Submitted>) -> Option<ItemResult> {
    let part = |key: &str| result.get(key).and_then(text);
    let tag = part("custom_id").or_else(|| {
        let email = email_key(&part("email")?)?;
        submitted?.tag_by_email.get(&email).cloned()
    })?;
    let id = part("id");
    let stored = match result.get("success").and_then(flag) {
        Some(success) => success,
        None => id.is_some() && part("code").is_none(),
    };
    let outcome = if stored {
        ItemOutcome::Stored(id.unwrap_or_default())
    } else {
        ItemOutcome::Refused {
            code: part("code"),
            message: part("message").unwrap_or_else(|| "no reason given".to_owned()),
        }
    };
    Some(ItemResult { tag, outcome })
}

#[cfg(test)]
mod tests;
