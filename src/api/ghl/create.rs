//! Creating contacts, so that nobody who exists is touched and nobody is made twice.
//!
//! What happens to a second create with the same address is a setting of the location, answers get
//! lost, and an upsert can change whom it finds; each way through here is safe to end anywhere and
//! to begin again. Start reading at [`Ghl::write_new`].

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::contact::{Field, Item, flag};
use super::listing::{SearchAnswer, locked};
use super::refusals;
use super::wishes::{Wish, body};
use super::write::{
    CREATE, Missed, OPT_OUT_REASON, TagOp, folded, is_blocked, not_taken, shown_contact,
};
use super::{Ghl, LONGEST_QUERY};
use crate::api::http::{Method, Replay, Request};
use crate::contact::email_key;
use crate::remote::{ADDITIONAL_EMAIL, Created, Draft, PHONE_TAKEN, RemoteError, RemoteErrorKind};

/// By how much the duplicate check may be late, in milliseconds; search is by a minute.
const RECENT: i64 = 10 * 60_000;

/// What a location does about duplicates, as far as it says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Policy {
    allows: Option<bool>,
    by_email: Option<bool>,
    by_phone: Option<bool>,
}

impl Policy {
    /// Whether a phone number of another contact may be refused, or merge the two.
    pub(super) fn may_refuse_phones(self) -> bool {
        self.allows != Some(true) && self.by_phone != Some(false)
    }
}

/// The address of a contact in the form in which addresses are compared.
fn address(item: &Item) -> Option<String> {
    item.text(Field::Email).as_deref().and_then(email_key)
}

/// Whether a create was refused for the do-not-disturb that it asked for.
fn refuses_channel(error: &RemoteError) -> bool {
    error.kind == RemoteErrorKind::Rejected
        && refusals::complaints(&error.message)
            .iter()
            .any(|complaint| {
                let name = complaint.path.last().map_or("", String::as_str);
                complaint.unknown && ["Email", "email", "dndSettings"].contains(&name)
            })
}

impl Ghl {
    /// Creates a contact; never touches one that exists, and never makes a second one.
    ///
    /// The address is looked up first. Where the location refuses duplicates, the contact is then
    /// created in one call. Elsewhere it is made by an upsert of the bare address, which can be
    /// repeated without making another one, and filled by id when it is new: the only thing an upsert
    /// may find is that somebody else made it in between.
    ///
    /// Scopes `contacts.write`, `contacts.readonly` and, to know what the location refuses,
    /// `locations.readonly`. Two calls where duplicates are refused; elsewhere two and those of an
    /// update; once for each client, one for the location.
    ///
    /// # Errors
    /// `Rejected` before any call for a value that its place cannot hold; `Taken` when the address is
    /// an additional one of somebody ([`ADDITIONAL_EMAIL`]) or the location refuses the phone number;
    /// `Unclear` when no answer came and the contact does not show; [`crate::remote::PARTLY_APPLIED`]; errors of the
    /// calls. Where the contact was made all the same, [`RemoteError::existing`] has its id.
    pub(super) fn write_new(&self, draft: &Draft) -> Result<Created, RemoteError> {
        let mut wishes = self.wishes(&draft.values, &[])?;
        self.email_wish(&draft.email)?;
        if let Some(other) = wishes.iter().find(|w| w.property() == Some("email"))
            && other.text().and_then(email_key) != email_key(&draft.email)
        {
            return Err(self.rejected(CREATE, "the draft has two addresses".to_owned()));
        }
        wishes.retain(|wish| wish.property() != Some("email"));
        self.refuse_blank_tags(&draft.groups)?;
        if let Some(id) = self.holder(&draft.email)? {
            return Ok(Created::Exists(Some(id)));
        }
        let policy = self.policy()?;
        // By its own setting the location would not find the address; then search has to.
        if policy.by_email == Some(false)
            && let Some(id) = self.searched_holder(&draft.email)?
        {
            return Ok(Created::Exists(Some(id)));
        }
        if policy.allows == Some(false) || policy.by_email == Some(false) {
            // Only a location that knows people by their address refuses to make a second one.
            let repeatable = policy.by_email != Some(false);
            if !repeatable && locked(&self.unsettled).contains(&email_key(&draft.email)) {
                return Err(self.http.fault(
                    &Request::new(Method::POST, "/contacts/", &[], Replay::OnlyIfUnprocessed),
                    RemoteErrorKind::Unclear,
                    "an earlier create of this address is not settled yet",
                ));
            }
            self.create_whole(draft, &wishes, repeatable)
        } else {
            self.create_by_upsert(draft, &wishes)
        }
    }

    /// Who has this as the primary address, as the duplicate check knows it.
    ///
    /// # Errors
    /// `Taken` when somebody has it as an additional one; errors of the calls.
    fn holder(&self, email: &str) -> Result<Option<String>, RemoteError> {
        let Some(mut item) = self.duplicate(Some(email), None)? else {
            return Ok(None);
        };
        let id = item.id().unwrap_or_default();
        if item.text(Field::Email).is_none() {
            item = match self.read_item(&id)? {
                Some(item) => item,
                None => return Ok(None),
            };
        }
        if address(&item) == email_key(email) {
            return Ok(Some(id));
        }
        Err(self.additional(id))
    }

    fn additional(&self, id: String) -> RemoteError {
        RemoteError {
            code: Some(ADDITIONAL_EMAIL.to_owned()),
            param: Some("email".to_owned()),
            existing: Some(id),
            ..self.http.fault(
                &Request::get("/contacts/search/duplicate", &[]),
                RemoteErrorKind::Taken,
                "the address is an additional one of a contact with another primary address",
            )
        }
    }

    /// Who has this as the primary address, as search knows it, which may be a minute late.
    fn searched_holder(&self, email: &str) -> Result<Option<String>, RemoteError> {
        let Some(key) = email_key(email).filter(|k| k.chars().count() <= LONGEST_QUERY) else {
            return Ok(None);
        };
        let filter = json!({"field": "email", "operator": "eq", "value": key});
        let request = Request::new(Method::POST, "/contacts/search", &[], Replay::Always)
            .reading()
            .json(&json!({"locationId": self.location_id, "pageLimit": 20, "filters": [filter]}));
        let answer = self.send::<SearchAnswer>(&request)?;
        let found = answer
            .value
            .contacts
            .into_iter()
            .find(|item| address(item).as_ref() == Some(&key));
        Ok(found.and_then(|item| item.id()))
    }

    /// Creates a contact with everything it is to have, where an upsert is no way. A create that was
    /// refused for a part of it is tried without that part only if it is `repeatable`: a refusal is
    /// no proof that nothing was made.
    fn create_whole(
        &self,
        draft: &Draft,
        wishes: &[Wish],
        repeatable: bool,
    ) -> Result<Created, RemoteError> {
        let mut missed = Missed::default();
        let mut open: Vec<&Wish> = wishes.iter().collect();
        self.leave_out_unknown(CREATE, &mut open, &mut missed);
        let blocks = Cell::new(draft.opted_out);
        let ask = |mut body: Map<String, Value>| {
            body.insert("locationId".to_owned(), json!(self.location_id));
            body.insert("email".to_owned(), json!(draft.email));
            if !draft.groups.is_empty() {
                body.insert("tags".to_owned(), json!(draft.groups));
            }
            if blocks.get() {
                let channel = if self.v3 { "email" } else { "Email" };
                let blocked = json!({"status": "active", "message": OPT_OUT_REASON});
                body.insert("dndSettings".to_owned(), json!({ channel: blocked }));
            }
            Request::new(Method::POST, "/contacts/", &[], Replay::OnlyIfUnprocessed).json(&body)
        };
        let sent = loop {
            if !repeatable {
                let sent = self.send::<Value>(&ask(body(&open)));
                break sent.map(|answer| Some(answer.value));
            }
            match self.send_wishes(CREATE, &mut open, &mut missed, &ask) {
                // The channel may be spelt otherwise here; the update that follows finds out.
                Err(error) if blocks.get() && refuses_channel(&error) => blocks.set(false),
                sent => break sent,
            }
        };
        let shown = match sent {
            Ok(answer) => answer.as_ref().and_then(shown_contact),
            Err(error) if error.kind == RemoteErrorKind::Taken => {
                return self.taken(error, draft);
            }
            Err(error) => return self.settle(error, draft),
        };
        let Some(id) = shown.as_ref().and_then(Item::id) else {
            let error = self.http.fault(
                &ask(Map::new()),
                RemoteErrorKind::Unclear,
                "the answer does not name the new contact",
            );
            return self.settle(error, draft);
        };
        self.made(&id, CREATE, missed, |missed| {
            let tags = folded(draft.groups.iter().cloned());
            let wanting = self.look(&id, shown, |item| {
                let mut names = not_taken(&open, item);
                if address(item) != email_key(&draft.email) {
                    names.push("email".to_owned());
                }
                if draft.opted_out && !is_blocked(item) {
                    names.push("dndSettings".to_owned());
                }
                if !folded(item.tags()).is_superset(&tags) {
                    names.push("tags".to_owned());
                }
                names
            })?;
            for name in wanting {
                // These two have ways of their own.
                match name.as_str() {
                    "dndSettings" => self.block_email(&id, OPT_OUT_REASON, missed)?,
                    "tags" => self.tag(&id, TagOp::Add, &draft.groups, missed)?,
                    _ => missed.add([name]),
                }
            }
            Ok(())
        })
    }

    /// Creates a contact where the location allows duplicates, or does not say.
    fn create_by_upsert(&self, draft: &Draft, wishes: &[Wish]) -> Result<Created, RemoteError> {
        let endpoint = "POST /contacts/upsert";
        // The bare address: tags would replace those of a contact that is found, and a phone number
        // could find somebody else.
        let request = Request::new(Method::POST, "/contacts/upsert", &[], Replay::Always)
            .json(&json!({"locationId": self.location_id, "email": draft.email}));
        let (answer, now) = match self.send::<Value>(&request) {
            Ok(answer) => (answer.value, answer.date),
            Err(error) => return self.settle(error, draft),
        };
        let Some(shown) = shown_contact(&answer) else {
            let error = self.http.fault(
                &request,
                RemoteErrorKind::Unclear,
                "the answer does not name the contact",
            );
            return self.settle(error, draft);
        };
        let id = shown.id().unwrap_or_default();
        if answer.get("new").and_then(flag) != Some(true) {
            // The check did not know of anybody. If this is nobody new either, it was found by
            // something else: an additional address, which the upsert has made the primary one
            // (issue 337).
            let created = shown.row(Field::DateAdded).value;
            return match now.zip(created) {
                Some((now, created)) if now - created > RECENT => Err(self.additional(id)),
                _ => Ok(Created::Exists(Some(id))),
            };
        }
        self.made(&id, endpoint, Missed::default(), |missed| {
            if draft.opted_out {
                self.block_email(&id, OPT_OUT_REASON, missed)?;
            }
            self.put(&id, wishes, missed)?;
            self.tag(&id, TagOp::Add, &draft.groups, missed)
        })
    }

    /// Completes a contact that was made; whatever happens, its id is told.
    fn made(
        &self,
        id: &str,
        endpoint: &str,
        mut missed: Missed,
        complete: impl FnOnce(&mut Missed) -> Result<(), RemoteError>,
    ) -> Result<Created, RemoteError> {
        complete(&mut missed)
            .and_then(|()| self.all_taken(endpoint, missed))
            .map_err(|error| RemoteError {
                existing: Some(id.to_owned()),
                ..error
            })?;
        Ok(Created::New(id.to_owned()))
    }

    /// A create that failed, or whose answer was lost, may have worked all the same.
    fn settle(&self, error: RemoteError, draft: &Draft) -> Result<Created, RemoteError> {
        if !matches!(
            error.kind,
            RemoteErrorKind::Unclear | RemoteErrorKind::Rejected
        ) {
            return Err(error);
        }
        // Should the location not recognise addresses, nothing but time tells: search will know.
        locked(&self.unsettled).insert(email_key(&draft.email));
        match self.holder(&draft.email) {
            Ok(Some(id)) => Ok(Created::Exists(Some(id))),
            Ok(None) => Err(error),
            Err(told) if told.kind == RemoteErrorKind::Taken => Err(told),
            Err(_) => Err(RemoteError {
                kind: RemoteErrorKind::Unclear,
                ..error
            }),
        }
    }

    /// A create that was refused as a duplicate: of this address, or of something else.
    fn taken(&self, error: RemoteError, draft: &Draft) -> Result<Created, RemoteError> {
        let by_phone = matches!(error.param.as_deref(), Some("phone" | "number"));
        if let Some(id) = &error.existing
            && let Some(item) = self.read_item(id)?
        {
            if address(&item) == email_key(&draft.email) {
                return Ok(Created::Exists(Some(id.clone())));
            }
            if !by_phone && error.param.is_some() {
                return Err(self.additional(id.clone()));
            }
        }
        if by_phone {
            return Err(RemoteError {
                message: format!("{} (another contact has the phone number)", error.message),
                code: Some(PHONE_TAKEN.to_owned()),
                ..error
            });
        }
        match self.holder(&draft.email)? {
            Some(id) => Ok(Created::Exists(Some(id))),
            None if error.existing.is_some() => Err(error),
            None => Ok(Created::Exists(None)),
        }
    }

    /// What the location does about duplicates; one call, then remembered. A token that may not see
    /// the location leaves it open.
    pub(super) fn policy(&self) -> Result<Policy, RemoteError> {
        let mut known = locked(&self.policy);
        if let Some(policy) = *known {
            return Ok(policy);
        }
        let policy = match self.location() {
            Ok(location) => Policy {
                allows: location.allow_duplicates,
                by_email: location.unique_by_email,
                by_phone: location.unique_by_phone,
            },
            Err(error) if refusals::is_forbidden_here(&error) => Policy::default(),
            Err(error) => return Err(error),
        };
        *known = Some(policy);
        Ok(policy)
    }
}
