//! Contacts: reading them in full, and writing no more than what a change names.
//!
//! Wire JSON becomes [`Contact`] here and nowhere else. The three operation parameters of an update
//! default to one that deletes whatever is not sent (reference, "update contact"), so `add` or
//! `remove` is always spelt out; nobody is ever opted in again. Start reading at [`Item::decode`]
//! (reading) and [`Bigmailer::update`] (writing); many creations at once are in [`super::batches`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pages::Pages;
use super::transactional::Mail;
use super::{Bigmailer, flag, hash, strings, text};
use crate::api::http::{Answer, Replay, Request};
use crate::contact::{Block, Consent, Contact, FieldValue, Side};
use crate::remote::{
    Change, Created, Draft, ItemResult, Key, Listed, Listing, Page, Receiver, Remote, RemoteError,
    RemoteErrorKind,
};

/// Where the message types stand that a contact is opted out of.
const TOPICS: &str = "unsubscribe_ids";

/// Properties of a contact that are no fields, by the names that [`Bigmailer::want`] takes for them.
/// A merge tag is one line (OpenAPI document, pattern of field names), so none is called like these.
pub const SOFT_BOUNCES: &str = "contact\nnum_soft_bounces";
pub const HARD_BOUNCES: &str = "contact\nnum_hard_bounces";
pub const COMPLAINTS: &str = "contact\nnum_complaints";
/// The ids of the message types that the contact is opted out of.
pub const UNSUBSCRIBED_FROM: &str = "contact\ntopics opted out of";

/// Takes a page of contacts and the cursor of the next one; `Break` ends the listing early.
pub type PageTaker<'a> = dyn Fn(Page, Option<&str>) -> ControlFlow<()> + 'a;

/// How many contacts a first page may announce before memory is set aside for them.
const EXPECTED_AT_MOST: u64 = 2_000_000;

/// A contact on the wire; every property may be missing or of the wrong type.
#[derive(Deserialize)]
pub(super) struct Item {
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
    unsubscribe_ids: Value,
    #[serde(default)]
    num_soft_bounces: Value,
    #[serde(default)]
    num_hard_bounces: Value,
    #[serde(default)]
    num_complaints: Value,
    #[serde(default)]
    created: Value,
}

impl Item {
    /// `None` when the contact has no id.
    pub(super) fn decode(&self, wanted: &BTreeSet<String>) -> Option<Contact> {
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

    pub(super) fn consent(&self) -> Consent {
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

    /// What is wanted of the properties that are no fields.
    fn properties(&self, wanted: &BTreeSet<String>) -> BTreeMap<String, FieldValue> {
        let counters = [
            (SOFT_BOUNCES, &self.num_soft_bounces),
            (HARD_BOUNCES, &self.num_hard_bounces),
            (COMPLAINTS, &self.num_complaints),
        ];
        let mut found: BTreeMap<String, FieldValue> = counters
            .into_iter()
            .filter(|(name, _)| wanted.contains(*name))
            .filter_map(|(name, count)| {
                Some((name.to_owned(), FieldValue::Integer(count.as_i64()?)))
            })
            .collect();
        if wanted.contains(UNSUBSCRIBED_FROM) {
            let ids = FieldValue::Many(strings(&self.unsubscribe_ids));
            found.insert(UNSUBSCRIBED_FROM.to_owned(), ids);
        }
        found
    }

    fn values(&self, wanted: &BTreeSet<String>) -> BTreeMap<String, FieldValue> {
        let mut values = self.properties(wanted);
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

/// What a probe of a brand saw upsert do to a contact that was there already, leaving out what the
/// contact had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpsertFindings {
    pub brand_id: String,
    /// Values that the call did not name were still there.
    pub keeps_values: bool,
    /// Lists that the call did not name were still there.
    pub keeps_lists: bool,
    /// Topics opted out of were still there.
    pub keeps_topics: bool,
    /// Somebody opted out of everything still was, although the call did not say so.
    pub keeps_opt_out: bool,
}

/// Proof that upsert on one brand merges and opts nobody in again. No document says so (reference,
/// "upsert contact"): only what a probe found makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpsertProof {
    brand_id: String,
}

impl UpsertProof {
    /// `None` unless everything was kept.
    pub fn from_findings(findings: &UpsertFindings) -> Option<UpsertProof> {
        let kept = findings.keeps_values
            && findings.keeps_lists
            && findings.keeps_topics
            && findings.keeps_opt_out;
        kept.then(|| UpsertProof {
            brand_id: findings.brand_id.clone(),
        })
    }
}

impl Bigmailer {
    /// Delivers the members of one list (`GET …/contacts?list_id=`; OpenAPI document). Complete like
    /// a full listing, but absence from it says nothing about the brand.
    ///
    /// # Errors
    /// `Gone` when there is no such list; errors of the calls.
    pub fn list_members(
        &self,
        list_id: &str,
        receiver: &Receiver<'_>,
    ) -> Result<Listed, RemoteError> {
        self.read_all(Some(list_id), receiver)
    }

    /// Creates a contact or adds to the one that has the address (reference, "upsert contact");
    /// returns its id. Safe to repeat, given the proof.
    ///
    /// # Errors
    /// `Rejected` when the proof is another brand's, and errors of the call.
    pub fn upsert(&self, proof: &UpsertProof, draft: &Draft) -> Result<String, RemoteError> {
        let pattern = "/brands/{brand_id}/contacts/upsert";
        let request = self.post(pattern, &[], Replay::Always);
        if proof.brand_id != self.brand_id {
            return Err(self.rejected(&request, "what upsert does was proven for another brand"));
        }
        let body = self.encode_draft(&request, draft)?;
        self.created_id(&request.json(&Value::Object(body)))
    }

    /// Opts a contact out of these message types too; those that it is out of already stay so.
    /// Safe to repeat.
    ///
    /// # Errors
    /// `Gone` when there is no such contact; errors of the call.
    pub fn opt_out_of(&self, id: &str, topics: &[String]) -> Result<(), RemoteError> {
        let request = self.update_request(id, "add");
        let _: Answer<Value> = self.send(&request.json(&json!({ TOPICS: topics })))?;
        Ok(())
    }

    /// Reads all contacts, or the members of a list.
    fn read_all(&self, list: Option<&str>, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        self.read_on(list, None, &|page, _| receiver(page))
    }

    /// Delivers all contacts, or the members of a list, each page with the cursor that a later
    /// listing can go on with after it. `from` is such a cursor; how long one lives is not
    /// documented. What came before it is not looked at again, so whether everybody was seen is then
    /// for the caller to tell, by the totals.
    ///
    /// # Errors
    /// `Rejected` or `Gone` for a cursor that is not known any more; errors of the calls.
    pub fn read_on(
        &self,
        list: Option<&str>,
        from: Option<&str>,
        taker: &PageTaker<'_>,
    ) -> Result<Listed, RemoteError> {
        let mut pass = self.pass(list, from, taker)?;
        let as_of = pass.as_of;
        if from.is_some() {
            let complete = pass.ended && !pass.left_out && !pass.broken_off;
            return Ok(Listed { as_of, complete });
        }
        // Contacts that move between pages while they are read may be missed; a second pass that
        // misses some as well proves that the total is not to be reached.
        if !pass.broken_off && !pass.is_complete() {
            pass = self.pass(list, None, taker)?;
        }
        Ok(Listed {
            as_of,
            complete: !pass.broken_off && pass.is_complete(),
        })
    }

    /// One pass over all contacts, or over the members of a list.
    fn pass(
        &self,
        list: Option<&str>,
        from: Option<&str>,
        taker: &PageTaker<'_>,
    ) -> Result<Pass, RemoteError> {
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
        let mut request = Request::get("/brands/{brand_id}/contacts", &[&self.brand_id]);
        if let Some(list) = list {
            request = request.query("list_id", list);
        }
        let mut pages = Pages::new(request);
        pages.cursor = from.map(str::to_owned);
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
            if taker(page, pages.following()).is_break() {
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

    /// Field values on the wire.
    pub(super) fn encode_values(
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
    pub(super) fn encode_draft(
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
        // The one operation that opts nobody in again.
        .query("unsubscribe_ids_op", "add")
        .body_optional()
    }
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
        self.read_all(None, receiver)
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
            Err(error) if error.kind == RemoteErrorKind::Taken => Ok(Created::Exists(None)),
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

    fn send_mail(&self, campaign: &str, email: &str) -> Result<(), RemoteError> {
        let mail = Mail {
            email: email.to_owned(),
            ..Mail::default()
        };
        Bigmailer::send_mail(self, campaign, &mail).map(drop)
    }

    fn delete(&self, id: &str) -> Result<(), RemoteError> {
        self.remove("/brands/{brand_id}/contacts/{contact_id}", id)
    }

    fn submit(&self, drafts: &[Draft]) -> Result<String, RemoteError> {
        self.submit_batch(drafts)
    }

    fn collect(&self, submission: &str) -> Result<Option<Vec<ItemResult>>, RemoteError> {
        self.batch_results(submission)
    }
}
