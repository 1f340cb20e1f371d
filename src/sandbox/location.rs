//! What a HighLevel location holds: contacts, their search index with its lag, [`holdings`], and the
//! [`app`] that may come in with tokens.
//! It never speaks HTTP and never reads the clock; `now` comes in as milliseconds of world time.
//! Start with [`Location::put`] and [`Location::settle`].

mod app;
mod holdings;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::ids;
use super::order::{Named, Ordered};
use super::shelf::{Shelf, Thing, text};
pub use app::TokenCounts;
pub(crate) use app::{App, Grant, Settings};
pub(crate) use holdings::{place_by_id, short_opportunity};

/// A contact in the shape that the service stores, packed small.
///
/// The single read and the search show most members alike, so both are kept in one text:
/// members of the stored shape only, then shared ones, then members of the search shape only.
#[derive(Debug)]
pub(crate) struct Contact {
    id: Arc<str>,
    /// `dateAdded` in milliseconds.
    pub(crate) added: i64,
    /// `dateUpdated` in milliseconds.
    pub(crate) updated: i64,
    text: Box<str>,
    stored_end: u32,
    item_start: u32,
    /// Where the quoted address stands in the text; empty when there is none.
    email_start: u32,
    email_end: u32,
}

impl Named for Contact {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Contact {
    /// Packs a contact; `id`, `dateAdded` and `dateUpdated` must be there, which `Location` sees to.
    fn pack(stored: &Map<String, Value>) -> Self {
        let instant = |key: &str| {
            stored
                .get(key)
                .and_then(Value::as_str)
                .and_then(ids::read_iso)
                .unwrap_or_default()
        };
        let (mut own, mut shared, mut search) = (String::new(), String::new(), String::new());
        let item = search_item(stored);
        for (key, value) in stored {
            if item.get(key) != Some(value) {
                push_member(&mut own, key, value);
            }
        }
        let mut email = 0..0;
        for (key, value) in &item {
            if stored.get(key) != Some(value) {
                push_member(&mut search, key, value);
                continue;
            }
            push_member(&mut shared, key, value);
            if key == "email" && value.as_str().is_some_and(|email| !email.is_empty()) {
                email = shared.len() - value.to_string().len()..shared.len();
            }
        }
        let mut text = String::with_capacity(own.len() + shared.len() + search.len() + 2);
        text.push_str(&own);
        if !own.is_empty() {
            text.push(',');
        }
        let item_start = text.len();
        text.push_str(&shared);
        let stored_end = text.len();
        text.push(',');
        text.push_str(&search);
        if !email.is_empty() {
            email = email.start + item_start..email.end + item_start;
        }
        let short = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Self {
            id: stored
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .into(),
            added: instant("dateAdded"),
            updated: instant("dateUpdated"),
            text: text.into_boxed_str(),
            stored_end: short(stored_end),
            item_start: short(item_start),
            email_start: short(email.start),
            email_end: short(email.end),
        }
    }

    /// Whether `email` holds something.
    pub(crate) fn has_email(&self) -> bool {
        self.email_start < self.email_end
    }

    /// The address as stored, if there is one.
    pub(crate) fn email(&self) -> Option<String> {
        serde_json::from_str(&self.text[self.email_start as usize..self.email_end as usize]).ok()
    }

    /// The members of the search item, written out, without braces.
    pub(crate) fn item_text(&self) -> &str {
        &self.text[self.item_start as usize..]
    }

    /// The search item as a value.
    pub(crate) fn item(&self) -> Map<String, Value> {
        read_members(self.item_text())
    }

    /// The contact in its stored shape.
    pub(crate) fn stored(&self) -> Map<String, Value> {
        read_members(&self.text[..self.stored_end as usize])
    }
}

/// Appends `"key":value`, after a comma if something is there already.
fn push_member(text: &mut String, key: &str, value: &Value) {
    if !text.is_empty() {
        text.push(',');
    }
    // Writing to a text cannot fail.
    let _ = write!(text, "\"{}\":{value}", Escaped(key));
}

/// A key as JSON writes it between quotes; keys are plain words but for what the admin address lets in.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return out.write_str(self.0);
        }
        let quoted = json!(self.0).to_string();
        out.write_str(&quoted[1..quoted.len() - 1])
    }
}

/// Reads members that were written out without braces.
fn read_members(text: &str) -> Map<String, Value> {
    serde_json::from_str(&format!("{{{text}}}")).unwrap_or_default()
}

/// Members of the stored shape that a search item does not carry.
const NOT_IN_SEARCH: [&str; 9] = [
    "name",
    "address1",
    "attachments",
    "attributionSource",
    "lastAttributionSource",
    "createdBy",
    "keyword",
    "ssn",
    "visitorId",
];

/// The shape of a contact in a search: names in lower case with the original beside them,
/// `address` instead of `address1`, the birth date as epoch milliseconds
/// (HighLevel docs repository, issue 314; the casing is reported by several users).
fn search_item(stored: &Map<String, Value>) -> Map<String, Value> {
    let lower = |key: &str| match stored.get(key) {
        Some(Value::String(name)) => json!(name.to_lowercase()),
        _ => Value::Null,
    };
    let take = |key: &str| stored.get(key).cloned().unwrap_or(Value::Null);
    let mut item: Map<String, Value> = stored
        .iter()
        .filter(|(key, _)| !NOT_IN_SEARCH.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    for (name, raw) in [("firstName", "firstNameRaw"), ("lastName", "lastNameRaw")] {
        item.insert(name.to_owned(), lower(name));
        item.insert(raw.to_owned(), take(name));
    }
    item.insert(
        "contactName".to_owned(),
        json!(full_name(stored).to_lowercase()),
    );
    item.insert("address".to_owned(), take("address1"));
    let born = stored
        .get("dateOfBirth")
        .and_then(Value::as_str)
        .and_then(ids::read_iso);
    item.insert("dateOfBirth".to_owned(), json!(born));
    if let Some(Value::Array(more)) = stored.get("additionalEmails") {
        let plain: Vec<Value> = more
            .iter()
            .map(|entry| entry.get("email").unwrap_or(entry).clone())
            .collect();
        item.insert("additionalEmails".to_owned(), Value::Array(plain));
    }
    for (key, default) in [
        ("businessName", Value::Null),
        ("phoneLabel", Value::Null),
        ("validEmail", Value::Null),
        ("opportunities", json!([])),
    ] {
        item.entry(key).or_insert(default);
    }
    item
}

/// First and last name with a blank between, whatever of them is there.
pub(crate) fn full_name(stored: &Map<String, Value>) -> String {
    ["firstName", "lastName"]
        .iter()
        .filter_map(|key| stored.get(*key).and_then(Value::as_str))
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a location tells people apart by (HighLevel docs, Contact Deduplication Preferences).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The primary address or an additional one, in any letter case.
    Email,
    /// The number or an additional one, by its digits.
    Phone,
}

impl Identity {
    /// Everything of this kind by which a contact can be found, in the form in which it is compared;
    /// the primary one first.
    fn of(self, stored: &Map<String, Value>) -> Vec<String> {
        let more = match self {
            Self::Email => "additionalEmails",
            Self::Phone => "additionalPhones",
        };
        let more = stored.get(more).and_then(Value::as_array);
        let more = more.into_iter().flatten();
        stored
            .get(self.key())
            .into_iter()
            .chain(more.map(|one| one.get(self.key()).unwrap_or(one)))
            .filter_map(Value::as_str)
            .map(|text| self.folded(text))
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// The member of a contact, and the name that the location's settings use.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// A value in the form in which it is compared.
    pub(crate) fn folded(self, value: &str) -> String {
        match self {
            Self::Email => folded(value),
            Self::Phone => value
                .trim()
                .char_indices()
                .filter(|(at, c)| c.is_ascii_digit() || (*c == '+' && *at == 0))
                .map(|(_, c)| c)
                .collect(),
        }
    }

    fn mark(self, folded: &str) -> u64 {
        ids::fingerprint(&format!("{} {folded}", self.key()))
    }
}

/// Fingerprints under which a contact is filed: its addresses, numbers and business.
fn marks(stored: &Map<String, Value>) -> Vec<u64> {
    let mut marks = Vec::with_capacity(2);
    for identity in [Identity::Email, Identity::Phone] {
        let values = identity.of(stored);
        marks.extend(values.iter().map(|value| identity.mark(value)));
    }
    let business = text(stored, "businessId");
    if !business.is_empty() {
        marks.push(business_mark(business));
    }
    marks
}

fn business_mark(id: &str) -> u64 {
    ids::fingerprint(&format!("business {id}"))
}

/// What changed, as lines for the journal, and whether anything did.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Whether lines are wanted at all.
    pub(crate) recording: bool,
    /// One JSON object per changed thing, in order.
    pub(crate) lines: Vec<String>,
    /// Whether the present request changed the world.
    pub(crate) any: bool,
}

impl Changes {
    /// Notes one change; the line is only made when somebody keeps a journal.
    pub(crate) fn note(&mut self, line: impl FnOnce() -> Value) {
        self.any = true;
        self.jot(line);
    }

    /// Keeps a line that is no change of the world by itself.
    pub(crate) fn jot(&mut self, line: impl FnOnce() -> Value) {
        if self.recording {
            self.lines.push(line().to_string());
        }
    }
}

/// Who the token of a private integration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bearer {
    /// A private integration of this location with these scopes.
    Location(&'static [&'static str]),
    /// A private integration of the agency, which location endpoints refuse.
    Agency,
    /// A private integration of another location.
    Elsewhere,
}

/// What search shows of a contact whose changes it has not caught up with.
#[derive(Debug)]
struct Behind {
    shown: Option<Arc<Contact>>,
    waiting: usize,
}

/// A change on its way into the search index.
#[derive(Debug)]
struct Coming {
    due: i64,
    id: Arc<str>,
    contact: Option<Arc<Contact>>,
}

/// One HighLevel location.
#[derive(Debug)]
pub(crate) struct Location {
    /// Its id.
    pub(crate) id: String,
    /// `GET /locations/:id` as stored.
    pub(crate) details: Value,
    /// Custom field definitions, in order.
    pub(crate) fields: Vec<Value>,
    /// Tags of the dictionary, in order.
    pub(crate) tags: Vec<Value>,
    /// Tokens of private integrations.
    pub(crate) tokens: Vec<(String, Bearer)>,
    /// The app, with its codes and tokens.
    pub(crate) app: App,
    /// Source of ids and trace ids.
    pub(crate) rng: fastrand::Rng,
    /// What the present request changed.
    pub(crate) changes: Changes,
    /// Start of each listing and the page last asked for, by fingerprint of filters and sort.
    pub(crate) listings: HashMap<u64, Value>,
    /// Counts of filtered searches since the index last changed.
    pub(crate) totals: HashMap<u64, usize>,
    lag: i64,
    contacts: HashMap<Arc<str>, Arc<Contact>>,
    by_mark: BTreeSet<(u64, Arc<str>)>,
    shelves: [Shelf; Thing::ALL.len()],
    shown_by_added: Ordered<Contact>,
    shown_by_updated: Ordered<Contact>,
    behind: HashMap<Arc<str>, Behind>,
    coming: VecDeque<Coming>,
}

impl Location {
    /// An empty location whose search index is `lag` milliseconds of world time behind.
    pub(crate) fn new(id: &str, app: App, lag: i64, rng: fastrand::Rng) -> Self {
        Self {
            id: id.to_owned(),
            details: Value::Null,
            fields: Vec::new(),
            tags: Vec::new(),
            tokens: Vec::new(),
            app,
            rng,
            changes: Changes::default(),
            listings: HashMap::new(),
            totals: HashMap::new(),
            lag,
            contacts: HashMap::new(),
            by_mark: BTreeSet::new(),
            shelves: Default::default(),
            shown_by_added: Ordered::default(),
            shown_by_updated: Ordered::default(),
            behind: HashMap::new(),
            coming: VecDeque::new(),
        }
    }

    /// Takes over many contacts at once, all of them visible to search. For a location that is empty.
    pub(crate) fn fill(&mut self, stored: impl Iterator<Item = Map<String, Value>>) {
        for stored in stored {
            let contact = Arc::new(Contact::pack(&stored));
            if let Some(old) = self
                .contacts
                .insert(Arc::clone(&contact.id), Arc::clone(&contact))
            {
                self.unfile(&old);
            }
            self.file(&contact.id, &stored);
        }
        self.reindex();
    }

    /// Builds the search index anew from what is stored.
    fn reindex(&mut self) {
        let all = || self.contacts.values().map(Arc::clone);
        self.shown_by_added = Ordered::build(all().map(|contact| (contact.added, contact)));
        self.shown_by_updated = Ordered::build(all().map(|contact| (contact.updated, contact)));
        self.behind.clear();
        self.coming.clear();
        self.totals.clear();
    }

    /// How many contacts are stored.
    pub(crate) fn len(&self) -> usize {
        self.contacts.len()
    }

    /// Every contact, in order of id.
    pub(crate) fn all(&self) -> Vec<&Arc<Contact>> {
        let mut all: Vec<_> = self.contacts.values().collect();
        all.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// A contact as it is stored now, whatever search shows.
    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Contact>> {
        self.contacts.get(id)
    }

    /// Contacts with this address as the primary one, compared trimmed and without case, in order of id.
    pub(crate) fn with_email(&self, email: &str) -> Vec<&Arc<Contact>> {
        let wanted = folded(email);
        self.marked(Identity::Email.mark(&wanted))
            .filter(|contact| {
                contact
                    .email()
                    .is_some_and(|email| folded(&email) == wanted)
            })
            .collect()
    }

    /// Contacts that can be found by an address or number, additional ones included; the one that
    /// came in first comes first. With `behind`, as the search index knows them.
    pub(crate) fn holders(
        &self,
        identity: Identity,
        value: &str,
        behind: bool,
    ) -> Vec<Arc<Contact>> {
        let wanted = identity.folded(value);
        if wanted.is_empty() {
            return Vec::new();
        }
        let current = self
            .marked(identity.mark(&wanted))
            .filter(|contact| !behind || !self.behind.contains_key(&contact.id));
        let shown = self
            .behind
            .values()
            .filter(|_| behind)
            .filter_map(|late| late.shown.as_ref());
        let mut found: Vec<Arc<Contact>> = current
            .chain(shown)
            .filter(|contact| identity.of(&contact.stored()).contains(&wanted))
            .map(Arc::clone)
            .collect();
        found.sort_by(|a, b| (a.added, &a.id).cmp(&(b.added, &b.id)));
        found
    }

    /// Contacts of a business, in order of id.
    pub(crate) fn of_business(&self, id: &str) -> Vec<Arc<Contact>> {
        self.marked(business_mark(id))
            .filter(|contact| text(&contact.stored(), "businessId") == id)
            .map(Arc::clone)
            .collect()
    }

    /// Contacts filed under a fingerprint, and perhaps some with the same one by accident.
    fn marked(&self, mark: u64) -> impl Iterator<Item = &Arc<Contact>> {
        self.by_mark
            .range((mark, Arc::from(""))..)
            .take_while(move |(known, _)| *known == mark)
            .filter_map(|(_, id)| self.contacts.get(id))
    }

    /// Stores a contact, new or changed. Missing ids and dates are filled in; search follows after the lag.
    pub(crate) fn put(&mut self, mut stored: Map<String, Value>, now: i64) -> Arc<Contact> {
        if stored
            .get("id")
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            let id = loop {
                let id = ids::letters(&mut self.rng);
                if !self.contacts.contains_key(id.as_str()) {
                    break id;
                }
            };
            stored.insert("id".to_owned(), json!(id));
        }
        for key in ["dateAdded", "dateUpdated"] {
            let known = stored
                .get(key)
                .and_then(Value::as_str)
                .and_then(ids::read_iso);
            if known.is_none() {
                stored.insert(key.to_owned(), json!(ids::iso(now)));
            }
        }
        stored.entry("locationId").or_insert_with(|| json!(self.id));
        let contact = Arc::new(Contact::pack(&stored));
        self.changes
            .note(|| json!({"kind": "ghl-contact", "value": stored}));
        let old = self
            .contacts
            .insert(Arc::clone(&contact.id), Arc::clone(&contact));
        if let Some(old) = &old {
            self.unfile(old);
        }
        self.file(&contact.id, &stored);
        self.show(
            &Arc::clone(&contact.id),
            old,
            Some(Arc::clone(&contact)),
            now,
        );
        contact
    }

    /// Deletes a contact and what hangs on it; false if there is none.
    pub(crate) fn delete(&mut self, id: &str, now: i64) -> bool {
        let Some(old) = self.contacts.remove(id) else {
            return false;
        };
        self.changes
            .note(|| json!({"kind": "ghl-contact-gone", "id": id}));
        self.unfile(&old);
        self.show(&Arc::clone(&old.id), Some(old), None, now);
        for thing in Thing::ALL.into_iter().filter(|thing| thing.is_of_contact()) {
            let hanging: Vec<String> = self
                .shelf(thing)
                .of(id)
                .map(|one| text(one, "id").to_owned())
                .collect();
            for gone in hanging {
                self.unshelve(thing, &gone, now);
            }
        }
        true
    }

    /// Changes every contact whose stored form mentions a JSON text, such as `"vip"`. Slow: it looks
    /// at every contact, so it is for what people do seldom.
    fn rewrite(
        &mut self,
        mention: &str,
        now: i64,
        change: impl Fn(&mut Map<String, Value>) -> bool,
    ) {
        let mentioned: Vec<Arc<str>> = self
            .contacts
            .values()
            .filter(|contact| contact.text.contains(mention))
            .map(|contact| Arc::clone(&contact.id))
            .collect();
        for id in mentioned {
            if let Some(mut stored) = self.get(&id).map(|contact| contact.stored())
                && change(&mut stored)
            {
                self.put(stored, now);
            }
        }
    }

    /// Moves a contact's `dateUpdated` and nothing else.
    pub(crate) fn touch(&mut self, id: &str, now: i64) {
        if let Some(mut stored) = self.get(id).map(|contact| contact.stored()) {
            stored.insert("dateUpdated".to_owned(), json!(ids::iso(now)));
            self.put(stored, now);
        }
    }

    /// Lets search catch up with every change whose lag has passed.
    pub(crate) fn settle(&mut self, now: i64) {
        while self.coming.front().is_some_and(|next| next.due <= now) {
            let Some(next) = self.coming.pop_front() else {
                return;
            };
            let Some(behind) = self.behind.get_mut(&next.id) else {
                continue;
            };
            let shown = std::mem::replace(&mut behind.shown, next.contact.clone());
            behind.waiting -= 1;
            if behind.waiting == 0 {
                self.behind.remove(&next.id);
            }
            self.swap(shown, next.contact);
        }
    }

    /// Whether search has caught up with everything.
    pub(crate) fn is_settled(&self) -> bool {
        self.coming.is_empty()
    }

    /// The search index in order of `dateAdded`.
    pub(crate) fn by_added(&self) -> &Ordered<Contact> {
        &self.shown_by_added
    }

    /// The search index in order of `dateUpdated`.
    pub(crate) fn by_updated(&self) -> &Ordered<Contact> {
        &self.shown_by_updated
    }

    /// Brings a change into the search index, now or after the lag.
    fn show(
        &mut self,
        id: &Arc<str>,
        old: Option<Arc<Contact>>,
        new: Option<Arc<Contact>>,
        now: i64,
    ) {
        if self.lag == 0 {
            self.swap(old, new);
            return;
        }
        let behind = self.behind.entry(Arc::clone(id)).or_insert(Behind {
            shown: old,
            waiting: 0,
        });
        behind.waiting += 1;
        self.coming.push_back(Coming {
            due: now.saturating_add(self.lag),
            id: Arc::clone(id),
            contact: new,
        });
    }

    /// Replaces one version of a contact by another in the search index.
    fn swap(&mut self, old: Option<Arc<Contact>>, new: Option<Arc<Contact>>) {
        if let Some(old) = old {
            self.shown_by_added.remove(old.added, &old.id);
            self.shown_by_updated.remove(old.updated, &old.id);
        }
        if let Some(new) = new {
            self.shown_by_added.insert(new.added, Arc::clone(&new));
            self.shown_by_updated.insert(new.updated, new);
        }
        self.totals.clear();
    }

    fn file(&mut self, id: &Arc<str>, stored: &Map<String, Value>) {
        for mark in marks(stored) {
            self.by_mark.insert((mark, Arc::clone(id)));
        }
    }

    fn unfile(&mut self, contact: &Contact) {
        for mark in marks(&contact.stored()) {
            self.by_mark.remove(&(mark, Arc::clone(&contact.id)));
        }
    }
}

/// An address as HighLevel compares it: trimmed, without case.
pub(crate) fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty(lag: i64) -> Location {
        let app = App::new(crate::sandbox::seed::app(1));
        Location::new("L", app, lag, fastrand::Rng::with_seed(1))
    }

    fn ada() -> Map<String, Value> {
        json!({"id": "A", "firstName": "Ada", "lastName": "KING", "email": "Ada@Example.com",
            "address1": "1 Old St", "dateOfBirth": "1815-12-10", "phone": "+44",
            "customFields": [{"id": "x", "value": "\"email\":\"no"}],
            "dateAdded": "2026-01-01T00:00:00.000Z", "dateUpdated": "2026-01-02T00:00:00.000Z"})
        .as_object()
        .unwrap()
        .clone()
    }

    #[test]
    fn both_shapes_come_out_of_one_text() {
        let contact = Contact::pack(&ada());
        assert_eq!(contact.stored(), ada());
        let item = contact.item();
        assert_eq!(item["firstName"], "ada");
        assert_eq!(item["firstNameRaw"], "Ada");
        assert_eq!(item["lastNameRaw"], "KING");
        assert_eq!(item["contactName"], "ada king");
        assert_eq!(item["address"], "1 Old St");
        assert_eq!(item["dateOfBirth"], -4_861_728_000_000_i64);
        assert_eq!(item["opportunities"], json!([]));
        assert!(!item.contains_key("address1"));
        assert_eq!(contact.email().unwrap(), "Ada@Example.com");
    }

    #[test]
    fn search_follows_after_the_lag_in_the_order_of_changes() {
        let mut place = empty(10);
        place.put(ada(), 0);
        assert_eq!(place.by_added().len(), 0);
        assert_eq!(place.with_email(" ADA@example.com").len(), 1);
        let mut renamed = ada();
        renamed.insert("firstName".into(), json!("Augusta"));
        renamed.insert("dateUpdated".into(), json!("2026-03-01T00:00:00.000Z"));
        place.put(renamed, 5);
        let shown = |place: &Location| -> Vec<String> {
            place
                .by_updated()
                .upwards(0)
                .map(|(_, c)| c.item()["firstName"].as_str().unwrap().to_owned())
                .collect()
        };
        place.settle(10);
        assert_eq!(shown(&place), ["ada"]);
        place.settle(14);
        assert_eq!(shown(&place), ["ada"]);
        place.settle(15);
        assert_eq!(shown(&place), ["augusta"]);
        assert!(place.is_settled());
        assert!(place.delete("A", 20));
        assert_eq!(shown(&place), ["augusta"]);
        assert!(place.get("A").is_none());
        place.settle(30);
        assert!(shown(&place).is_empty());
        assert!(!place.delete("A", 31));
        assert!(place.with_email("ada@example.com").is_empty());
    }

    #[test]
    fn contacts_are_found_by_what_they_have_now() {
        let mut place = empty(10);
        let found = |place: &Location, by: Identity, value: &str, behind: bool| -> Vec<String> {
            let holders = place.holders(by, value, behind);
            holders.iter().map(|one| one.id().to_owned()).collect()
        };
        let (mail, phone) = (Identity::Email, Identity::Phone);
        let mut older = ada();
        older.insert("id".into(), json!("B"));
        older.insert("dateAdded".into(), json!("2025-01-01T00:00:00.000Z"));
        older.insert(
            "additionalEmails".into(),
            json!([{"email": "Second@example.com"}, "third@example.com"]),
        );
        place.put(ada(), 0);
        place.put(older.clone(), 0);
        place.settle(10);
        assert_eq!(found(&place, mail, " ADA@example.com ", false), ["B", "A"]);
        assert_eq!(found(&place, mail, "second@EXAMPLE.com", false), ["B"]);
        assert_eq!(found(&place, mail, "third@example.com", true), ["B"]);
        assert_eq!(found(&place, phone, "+4 4", false), ["B", "A"]);
        assert!(found(&place, phone, "44", false).is_empty());
        assert!(found(&place, mail, "", false).is_empty());
        older.insert("email".into(), json!("new@example.com"));
        older.remove("additionalEmails");
        place.put(older, 20);
        assert_eq!(found(&place, mail, "ada@example.com", false), ["A"]);
        assert_eq!(found(&place, mail, "ada@example.com", true), ["B", "A"]);
        assert_eq!(found(&place, mail, "new@example.com", false), ["B"]);
        assert!(found(&place, mail, "new@example.com", true).is_empty());
        assert!(found(&place, mail, "second@example.com", false).is_empty());
        place.delete("A", 25);
        assert!(found(&place, mail, "ada@example.com", false).is_empty());
        assert_eq!(found(&place, mail, "ada@example.com", true), ["B", "A"]);
        place.settle(40);
        assert!(found(&place, mail, "ada@example.com", true).is_empty());
        assert_eq!(found(&place, mail, "new@example.com", true), ["B"]);
    }

    #[test]
    fn what_is_missing_is_filled_in() {
        let mut place = empty(0);
        let contact = place.put(Map::new(), 1_790_812_800_000);
        let stored = contact.stored();
        assert_eq!(stored["id"].as_str().unwrap().len(), 20);
        assert_eq!(stored["dateAdded"], "2026-10-01T00:00:00.000Z");
        assert_eq!(stored["locationId"], "L");
        assert!(place.changes.any);
    }
}
