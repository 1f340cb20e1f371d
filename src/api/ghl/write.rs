//! Writing contacts that exist: minimal changes by id, tags, opt-outs, deleting.
//!
//! It sends only what was asked for and never a tag set, never `dnd`, never an empty text. Nothing is
//! believed to have been stored until the service shows it: what an answer does not show is looked
//! up once, and what is not there then is told to the caller. It does not decide what to write;
//! contacts are made in [`super::create`]. Start reading at [`Ghl::write_change`].

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::contact::{Field, Item, Origin, flag, text};
use super::dnd::Channels;
use super::listing::locked;
use super::refusals::{self, CONTACT};
use super::wishes::{Target, Wish, Writable, blamed, body};
use super::{Ghl, find_custom};
use crate::api::http::{Method, Replay, Request};
use crate::contact::{Consent, FieldValue, email_key};
use crate::remote::{Change, PARTLY_APPLIED, RemoteError, RemoteErrorKind};

/// What the do-not-disturb of e-mail says of itself where the caller gives no other reason.
pub const OPT_OUT_REASON: &str =
    "Set by ghl-bm: this person has opted out in the connected e-mail service";

/// What an opt-out that did not take is called in `RemoteError::not_taken`; other channels that
/// lost their block by it are named in the same way.
pub const OPT_OUT: &str = "dndSettings.Email";

/// Contacts in one bulk call; the service's own limit is not documented.
const BULK: usize = 100;

const UPDATE: &str = "PUT /contacts/{contactId}";
pub(super) const CREATE: &str = "POST /contacts/";

/// What happens to tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagOp {
    Add,
    Remove,
}

/// What a bulk call did to one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkTagged {
    pub id: String,
    pub outcome: BulkOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkOutcome {
    Done,
    /// There is no such contact in this location.
    Gone,
    /// The service's words.
    Refused(String),
    /// The answer says nothing of this contact: read it before believing anything.
    Unsaid,
}

/// What a write did not change, by source name, and the service's words about it.
#[derive(Debug, Default)]
pub(super) struct Missed {
    names: BTreeSet<String>,
    words: Vec<String>,
}

impl Missed {
    pub(super) fn add(&mut self, names: impl IntoIterator<Item = String>) {
        self.names.extend(names);
    }

    fn because(&mut self, words: &str) {
        if !self.words.iter().any(|known| known == words) {
            self.words.push(words.to_owned());
        }
    }
}

impl Ghl {
    /// Applies a change to a contact, the opt-out before everything else.
    ///
    /// Scope `contacts.write`, and `contacts.readonly` where something has to be looked up. One call
    /// for the values, one each for tags that are added and removed, two for an opt-out, one more
    /// each for a new address, a new phone number and an answer that does not show what was asked
    /// for.
    ///
    /// # Errors
    /// `Rejected` before any call for a value that its place cannot hold; `Gone`; `Taken` for an
    /// address of another contact; [`PARTLY_APPLIED`] when some of it did not take (`tags` stands for
    /// tags, [`OPT_OUT`] for the opt-out); errors of the calls. Repeating it is safe.
    pub(super) fn write_change(&self, id: &str, change: &Change) -> Result<(), RemoteError> {
        let mut wishes = self.wishes(&change.set, &change.clear)?;
        if let Some(email) = &change.email {
            wishes.retain(|wish| wish.property() != Some("email"));
            wishes.push(self.email_wish(email)?);
        }
        self.refuse_blank_tags(&change.join)?;
        self.refuse_blank_tags(&change.leave)?;
        let mut missed = Missed::default();
        if change.opt_out {
            self.block_email(id, OPT_OUT_REASON, &mut missed)?;
        }
        let put = self.put(id, &wishes, &mut missed);
        if let Err(error) = &put
            && error.kind != RemoteErrorKind::Rejected
        {
            return put;
        }
        // Values that are refused are no reason to hold back tags.
        self.tag(id, TagOp::Add, &change.join, &mut missed)?;
        self.tag(id, TagOp::Remove, &change.leave, &mut missed)?;
        put.and_then(|()| self.all_taken(UPDATE, missed))
    }

    /// Blocks e-mail to a contact and nothing else; `why` is what people read beside the block. One
    /// that is blocked already is left alone. There is no way to lift a block.
    ///
    /// Reads the contact and sends all its channels back, because whether channels that are not sent
    /// are kept is not known. Scopes `contacts.readonly` and `contacts.write`; two calls.
    ///
    /// # Errors
    /// `Gone`; [`PARTLY_APPLIED`] when the contact does not show the block afterwards, or lost that
    /// of another channel by it; errors of the calls. Repeating it is safe.
    pub fn opt_out(&self, id: &str, why: &str) -> Result<(), RemoteError> {
        let why = if why.trim().is_empty() {
            OPT_OUT_REASON
        } else {
            why
        };
        let mut missed = Missed::default();
        self.block_email(id, why, &mut missed)?;
        self.all_taken(UPDATE, missed)
    }

    /// Adds tags to a contact; it keeps its others. Tags that the location does not know are made.
    ///
    /// Scope `contacts.write`; one call, two where the answer does not show them.
    ///
    /// # Errors
    /// `Rejected` for an empty tag; `Gone`; [`PARTLY_APPLIED`] (`tags`); errors of the calls.
    /// Repeating it is safe.
    pub fn add_tags(&self, id: &str, tags: &[String]) -> Result<(), RemoteError> {
        self.change_tags(id, TagOp::Add, tags)
    }

    /// Takes tags from a contact; tags that it does not have are no error.
    ///
    /// Scope, cost and errors as for [`Ghl::add_tags`].
    pub fn remove_tags(&self, id: &str, tags: &[String]) -> Result<(), RemoteError> {
        self.change_tags(id, TagOp::Remove, tags)
    }

    fn change_tags(&self, id: &str, op: TagOp, tags: &[String]) -> Result<(), RemoteError> {
        self.refuse_blank_tags(tags)?;
        let mut missed = Missed::default();
        self.tag(id, op, tags, &mut missed)?;
        self.all_taken(op.endpoint(), missed)
    }

    /// Adds tags to, or takes them from, many contacts; one call for each hundred. The result has
    /// one entry for each different id, in the order given.
    ///
    /// Scope `contacts.write`. A call may succeed for some contacts and fail for others.
    ///
    /// # Errors
    /// `Rejected` for an empty tag; errors of the calls, of which earlier ones may have been carried
    /// out. Repeating it is safe.
    pub fn bulk_tags(
        &self,
        op: TagOp,
        ids: &[String],
        tags: &[String],
    ) -> Result<Vec<BulkTagged>, RemoteError> {
        self.refuse_blank_tags(tags)?;
        let mut known = BTreeSet::new();
        let ids: Vec<&String> = ids
            .iter()
            .filter(|id| !id.is_empty() && known.insert(id.as_str()))
            .collect();
        let mut tagged = Vec::with_capacity(ids.len());
        if tags.is_empty() {
            return Ok(tagged);
        }
        for part in ids.chunks(BULK) {
            let request = Request::new(
                Method::POST,
                "/contacts/bulk/tags/update/{type}",
                &[op.word()],
                Replay::Always,
            )
            .json(&json!({"contacts": part, "tags": tags, "locationId": self.location_id}));
            let answer = self.send::<Value>(&request)?.value;
            let said = bulk_outcomes(&answer);
            let clean = succeeded(&answer) == Some(true)
                && answer.get("errorCount").and_then(Value::as_u64) == Some(0);
            tagged.extend(part.iter().map(|id| BulkTagged {
                outcome: match said.get(id.as_str()) {
                    Some(outcome) => outcome.clone(),
                    // The declared answer lists every contact; one without any still tells a count.
                    None if clean && said.is_empty() => BulkOutcome::Done,
                    None => BulkOutcome::Unsaid,
                },
                id: (*id).clone(),
            }));
        }
        Ok(tagged)
    }

    /// Deletes a contact; one that is gone already is a success. There is no undo.
    ///
    /// Scope `contacts.write`; one call.
    ///
    /// # Errors
    /// Errors of the call. Repeating it is safe.
    pub(super) fn remove(&self, id: &str) -> Result<(), RemoteError> {
        let request = Request::new(
            Method::DELETE,
            "/contacts/{contactId}",
            &[id],
            Replay::Always,
        )
        .body_optional();
        self.delete_thing(&request, CONTACT)
    }

    /// Sends a request that deletes something.
    pub(super) fn delete_thing(
        &self,
        request: &Request,
        nouns: &[&str],
    ) -> Result<(), RemoteError> {
        match self.send::<Value>(request) {
            Ok(answer) if succeeded(&answer.value) == Some(false) => Err(self.http.fault(
                request,
                RemoteErrorKind::Rejected,
                "the service says that it did not delete it",
            )),
            Ok(_) => Ok(()),
            Err(error) if self.is_absent(&error, nouns)? => Ok(()),
            Err(error) => Err(error),
        }
    }

    // ---- values

    /// What a draft or change asks for, as far as it is values.
    pub(super) fn wishes(
        &self,
        set: &[(String, FieldValue)],
        clear: &[(String, FieldValue)],
    ) -> Result<Vec<Wish>, RemoteError> {
        let set = set.iter().map(|(key, value)| (key, Some(value)));
        let clear = clear.iter().map(|(key, _)| (key, None));
        set.chain(clear)
            .map(|(key, value)| self.wish(key, value))
            .collect()
    }

    fn wish(&self, key: &str, value: Option<&FieldValue>) -> Result<Wish, RemoteError> {
        let fields;
        let target = match (key.strip_prefix("custom."), Writable::by_key(key)) {
            (Some(custom), _) => {
                fields = self.custom_fields_cached()?;
                find_custom(&fields, custom).map(Target::Custom)
            }
            (None, Some(writable)) => Ok(Target::Property(writable)),
            (None, None) => Err(format!("HighLevel's `{key}` cannot be written")),
        };
        let wish = target.and_then(|target| match value {
            Some(value) => Wish::set(key, target, value),
            None => Wish::clear(key, target),
        });
        wish.map_err(|message| RemoteError {
            param: Some(key.to_owned()),
            ..self.rejected(UPDATE, message)
        })
    }

    pub(super) fn email_wish(&self, email: &str) -> Result<Wish, RemoteError> {
        self.wish("email", Some(&FieldValue::Text(email.to_owned())))
    }

    /// Changes values by `PUT`, which leaves alone whatever is not sent.
    pub(super) fn put(
        &self,
        id: &str,
        wishes: &[Wish],
        missed: &mut Missed,
    ) -> Result<(), RemoteError> {
        let mut open: Vec<&Wish> = wishes.iter().collect();
        self.leave_out_unknown(UPDATE, &mut open, missed);
        self.leave_out_taken(id, &mut open, missed)?;
        if open.is_empty() {
            return Ok(());
        }
        let ask = |body: Map<String, Value>| self.put_request(id).json(&body);
        let answer = loop {
            match self.send_wishes(UPDATE, &mut open, missed, &ask) {
                Ok(Some(answer)) => break answer,
                Ok(None) => return Ok(()),
                // The number is another contact's: that is no reason to hold back the rest.
                Err(error) if is_about_phone(&error, &open) => {
                    missed.because(&error.message);
                    missed.add(take(&mut open, "phone").map(|wish| wish.key.clone()));
                    if open.is_empty() {
                        return Ok(());
                    }
                }
                Err(error) => return Err(self.gone(error, CONTACT)),
            }
        };
        let shown = shown_contact(&answer);
        if let Some(other) = shown.as_ref().and_then(Item::id).filter(|it| it != id) {
            return Err(RemoteError {
                existing: Some(other),
                ..self.http.fault(
                    &self.put_request(id),
                    RemoteErrorKind::Taken,
                    "the service answered with another contact: it may have merged the two",
                )
            });
        }
        let not_taken = self.look(id, shown, |item| not_taken(&open, item))?;
        missed.add(not_taken);
        Ok(())
    }

    fn put_request(&self, id: &str) -> Request {
        Request::new(Method::PUT, "/contacts/{contactId}", &[id], Replay::Always).body_optional()
    }

    /// Sends what is wished for. What the endpoint does not take is left out and noted, and the rest
    /// is sent again; `None` when nothing is left. Where creating, the request holds more than the
    /// wishes and is sent in any case.
    pub(super) fn send_wishes(
        &self,
        endpoint: &'static str,
        open: &mut Vec<&Wish>,
        missed: &mut Missed,
        ask: &dyn Fn(Map<String, Value>) -> Request,
    ) -> Result<Option<Value>, RemoteError> {
        loop {
            let mut error = match self.send::<Value>(&ask(body(open))) {
                Ok(answer) => return Ok(Some(answer.value)),
                Err(error) => error,
            };
            let refused = error.kind == RemoteErrorKind::Rejected
                && matches!(error.status, Some(400 | 422))
                && !refusals::is_missing(&error, CONTACT);
            if !refused {
                return Err(error);
            }
            let mut out = BTreeSet::new();
            let mut unknown = true;
            for complaint in refusals::complaints(&error.message) {
                let blamed = blamed(open, &complaint);
                unknown &= complaint.unknown || blamed.is_empty();
                for index in &blamed {
                    if let (true, Some(name)) = (complaint.unknown, open[*index].property()) {
                        locked(&self.unwritable).insert((endpoint, name));
                    }
                }
                out.extend(blamed);
                if error.param.is_none() && complaint.path == ["email"] {
                    error.param = Some("email".to_owned());
                }
            }
            // A wrong value and nothing else to write: the service's own words say it best.
            let all = out.len() == open.len() && endpoint == UPDATE;
            if out.is_empty() || (all && !unknown) {
                if !out.is_empty() {
                    let keys: Vec<&str> = out.iter().map(|i| open[*i].key.as_str()).collect();
                    error.param = Some(keys.join("\n"));
                }
                return Err(error);
            }
            missed.because(&error.message);
            for index in out.into_iter().rev() {
                missed.add([open.remove(index).key.clone()]);
            }
            if open.is_empty() && endpoint == UPDATE {
                return Ok(None);
            }
        }
    }

    /// Leaves out properties that the endpoint is known not to take.
    pub(super) fn leave_out_unknown(
        &self,
        endpoint: &'static str,
        open: &mut Vec<&Wish>,
        missed: &mut Missed,
    ) {
        let unwritable = locked(&self.unwritable);
        open.retain(|wish| {
            let known = wish
                .property()
                .is_some_and(|name| unwritable.contains(&(endpoint, name)));
            if known {
                missed.because("the service does not let it be changed");
                missed.add([wish.key.clone()]);
            }
            !known
        });
    }

    /// Keeps an address or phone number of somebody else from being written: whether the service
    /// refuses it or merges the two contacts depends on settings.
    fn leave_out_taken(
        &self,
        id: &str,
        open: &mut Vec<&Wish>,
        missed: &mut Missed,
    ) -> Result<(), RemoteError> {
        if let Some(email) = wanted_text(open, "email")
            && let Some(owner) = self.duplicate(Some(email), None)?
            && owner.id().as_deref() != Some(id)
        {
            // Where the location allows duplicates, both may have it by now.
            let own = self.read_item(id)?.ok_or_else(|| self.vanished(id))?;
            if own.text(Field::Email).as_deref().and_then(email_key) != email_key(email) {
                return Err(RemoteError {
                    existing: owner.id(),
                    param: Some("email".to_owned()),
                    ..self.http.fault(
                        &self.put_request(id),
                        RemoteErrorKind::Taken,
                        "the address belongs to another contact",
                    )
                });
            }
            take(open, "email");
        }
        if let Some(phone) = wanted_text(open, "phone")
            && self.policy()?.may_refuse_phones()
            && let Some(owner) = self.duplicate(None, Some(phone))?
            && owner.id().as_deref() != Some(id)
        {
            missed.because("the phone number belongs to another contact");
            missed.add(take(open, "phone").map(|wish| wish.key.clone()));
        }
        Ok(())
    }

    // ---- what came of it

    /// What `check` finds wanting in a contact. An answer that shows everything is enough; one that
    /// does not may leave things out or be late, so the contact itself is read.
    pub(super) fn look(
        &self,
        id: &str,
        shown: Option<Item>,
        check: impl Fn(&Item) -> Vec<String>,
    ) -> Result<Vec<String>, RemoteError> {
        if let Some(item) = &shown
            && check(item).is_empty()
        {
            return Ok(Vec::new());
        }
        let item = self.read_item(id)?.ok_or_else(|| self.vanished(id))?;
        Ok(check(&item))
    }

    fn vanished(&self, id: &str) -> RemoteError {
        self.http.fault(
            &Request::get("/contacts/{contactId}", &[id]),
            RemoteErrorKind::Gone,
            "the contact is not there",
        )
    }

    /// The error that names what a write did not change, if there is anything.
    pub(super) fn all_taken(&self, endpoint: &str, missed: Missed) -> Result<(), RemoteError> {
        if missed.names.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = missed.names.into_iter().collect();
        let mut message = format!("all was written but for {}", names.join(", "));
        if !missed.words.is_empty() {
            message.push_str(&format!(" ({})", missed.words.join("; ")));
        }
        Err(RemoteError {
            code: Some(PARTLY_APPLIED.to_owned()),
            param: Some(names.join("\n")),
            ..self.rejected(endpoint, message)
        })
    }

    // ---- consent and tags

    pub(super) fn block_email(
        &self,
        id: &str,
        why: &str,
        missed: &mut Missed,
    ) -> Result<(), RemoteError> {
        let item = self.read_item(id)?.ok_or_else(|| self.vanished(id))?;
        if is_blocked(&item) {
            return Ok(());
        }
        let before = Channels::of(&item);
        let mut channels = before.clone();
        let known: Vec<String> = locked(&self.refused_channels).iter().cloned().collect();
        let mut respelled = false;
        channels.block_email(why, self.v3);
        channels.without(&known, &mut respelled);
        let answer = loop {
            let error = match self.send::<Value>(&self.put_request(id).json(&channels.body())) {
                Ok(answer) => break answer.value,
                Err(error) => error,
            };
            let refused: Vec<String> = match (error.kind, error.status) {
                (RemoteErrorKind::Rejected, Some(400 | 422)) => {
                    refusals::complaints(&error.message)
                        .into_iter()
                        .filter(|complaint| complaint.unknown)
                        .filter_map(|mut complaint| complaint.path.pop())
                        .collect()
                }
                _ => Vec::new(),
            };
            if !channels.without(&refused, &mut respelled) {
                return Err(self.gone(error, CONTACT));
            }
            if !respelled {
                locked(&self.refused_channels).extend(refused);
            }
        };
        let not_taken = self.look(id, shown_contact(&answer), |item| {
            let lost = before.loosened(&Channels::of(item));
            let mut names: Vec<String> = lost.iter().map(|n| format!("dndSettings.{n}")).collect();
            if !is_blocked(item) {
                names.push(OPT_OUT.to_owned());
            }
            names
        })?;
        missed.add(not_taken);
        Ok(())
    }

    pub(super) fn refuse_blank_tags(&self, tags: &[String]) -> Result<(), RemoteError> {
        if tags.iter().all(|tag| !tag.trim().is_empty()) {
            return Ok(());
        }
        Err(RemoteError {
            param: Some("tags".to_owned()),
            ..self.rejected(TagOp::Add.endpoint(), "a tag must not be empty".to_owned())
        })
    }

    pub(super) fn tag(
        &self,
        id: &str,
        op: TagOp,
        tags: &[String],
        missed: &mut Missed,
    ) -> Result<(), RemoteError> {
        if tags.is_empty() {
            return Ok(());
        }
        let method = match op {
            TagOp::Add => Method::POST,
            TagOp::Remove => Method::DELETE,
        };
        let request = Request::new(method, "/contacts/{contactId}/tags", &[id], Replay::Always)
            .json(&json!({ "tags": tags }))
            .body_optional();
        let shown = |answer: &Value, key: &str| {
            let listed = answer.get(key)?.as_array()?;
            Some(folded(listed.iter().filter_map(text)))
        };
        let wanted = folded(tags.iter().cloned());
        let wanting = |item: &Item| {
            let has = folded(item.tags());
            let fine = match op {
                TagOp::Add => has.is_superset(&wanted),
                TagOp::Remove => has.is_disjoint(&wanted),
            };
            if fine {
                Vec::new()
            } else {
                vec!["tags".to_owned()]
            }
        };
        match self.send::<Value>(&request) {
            Ok(answer) => {
                // Whether `tags` lists all tags afterwards, or those of the request, is told
                // differently; each is enough here in one of the two directions.
                let after = shown(&answer.value, "tags");
                let fine = match op {
                    TagOp::Add => after.is_some_and(|tags| tags.is_superset(&wanted)),
                    TagOp::Remove => after.is_some_and(|tags| tags.is_disjoint(&wanted)),
                };
                if !fine {
                    missed.add(self.look(id, None, wanting)?);
                }
                Ok(())
            }
            // Taking away what is not there may be refused.
            Err(error)
                if op == TagOp::Remove
                    && matches!(
                        error.kind,
                        RemoteErrorKind::Rejected | RemoteErrorKind::Gone
                    ) =>
            {
                let item = self.read_item(id)?.ok_or_else(|| self.vanished(id))?;
                let there: Vec<String> = tags
                    .iter()
                    .filter(|tag| item.tags().contains(&tag.trim().to_lowercase()))
                    .cloned()
                    .collect();
                match there.len() {
                    0 => Ok(()),
                    // Those that are there, without the others.
                    some if some < tags.len() => self.tag(id, op, &there, missed),
                    _ => Err(error),
                }
            }
            Err(error) => Err(self.gone(error, CONTACT)),
        }
    }
}

impl TagOp {
    fn word(self) -> &'static str {
        match self {
            TagOp::Add => "add",
            TagOp::Remove => "remove",
        }
    }

    fn endpoint(self) -> &'static str {
        match self {
            TagOp::Add => "POST /contacts/{contactId}/tags",
            TagOp::Remove => "DELETE /contacts/{contactId}/tags",
        }
    }
}

/// `succeded`, so spelt until v3; `success` in a few places.
pub(super) fn succeeded(answer: &Value) -> Option<bool> {
    ["succeded", "succeeded", "success"]
        .into_iter()
        .find_map(|key| answer.get(key).and_then(flag))
}

/// The contact of a write's answer, unless the answer says that the write failed.
pub(super) fn shown_contact(answer: &Value) -> Option<Item> {
    if succeeded(answer) == Some(false) {
        return None;
    }
    let contact = answer
        .get("contact")
        .filter(|contact| contact.is_object())?;
    let item: Item = serde_json::from_value(contact.clone()).ok()?;
    item.id().is_some().then_some(item)
}

pub(super) fn is_blocked(item: &Item) -> bool {
    item.consent(Origin::Primary)
        .is_some_and(Consent::is_blocked)
}

pub(super) fn not_taken(wishes: &[&Wish], item: &Item) -> Vec<String> {
    wishes
        .iter()
        .filter(|wish| !wish.took(item))
        .map(|wish| wish.key.clone())
        .collect()
}

fn wanted_text<'w>(open: &[&'w Wish], property: &str) -> Option<&'w str> {
    open.iter()
        .find(|wish| wish.property() == Some(property))
        .and_then(|wish| wish.text())
}

fn take<'w>(open: &mut Vec<&'w Wish>, property: &str) -> Option<&'w Wish> {
    let at = open
        .iter()
        .position(|wish| wish.property() == Some(property))?;
    Some(open.remove(at))
}

/// Whether a change was refused as a duplicate because of its phone number.
fn is_about_phone(error: &RemoteError, open: &[&Wish]) -> bool {
    let sends = |property: &str| wanted_text(open, property).is_some();
    error.kind == RemoteErrorKind::Taken
        && sends("phone")
        && match error.param.as_deref() {
            Some(field) => field != "email",
            None => !sends("email"),
        }
}

pub(super) fn folded(tags: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    tags.into_iter()
        .map(|tag| tag.trim().to_lowercase())
        .collect()
}

/// What a bulk answer says of each contact. The schema has texts in `responses`, the example
/// objects; both are read.
fn bulk_outcomes(answer: &Value) -> HashMap<String, BulkOutcome> {
    let Some(responses) = answer.get("responses").and_then(Value::as_array) else {
        return HashMap::new();
    };
    let read = |response: &Value| {
        let unpacked = match response {
            Value::String(json) => serde_json::from_str(json).ok()?,
            object => object.clone(),
        };
        let part = |key: &str| unpacked.get(key).and_then(text);
        let message = part("message").unwrap_or_default();
        let outcome = match part("type")?.to_lowercase().as_str() {
            "success" => BulkOutcome::Done,
            "error" => {
                let words = message.to_lowercase();
                let gone = [
                    "deleted",
                    "not found",
                    "not exist",
                    "does not belong to location",
                ];
                match gone.iter().any(|text| words.contains(text)) {
                    true => BulkOutcome::Gone,
                    false => BulkOutcome::Refused(message),
                }
            }
            _ => BulkOutcome::Unsaid,
        };
        Some((part("contactId")?, outcome))
    };
    responses.iter().filter_map(read).collect()
}
