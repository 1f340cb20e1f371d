//! Probes: what BigMailer does where its documents are silent, tried out on contacts that nobody
//! will miss.
//!
//! A probe makes lists, fields, a message type and contacts of its own, under fixed names, and takes
//! them away again; what an earlier probe left behind goes first. Its contacts are opted out of
//! everything and have addresses of a domain that receives no mail (RFC 2606). Nothing else in the
//! brand is touched. The caller sees to it that no sync takes the canaries for people meanwhile.
//! Start reading at [`Bigmailer::probe`].

use std::time::Duration;

use serde_json::Value;

use super::Bigmailer;
use super::catalogue::List;
use super::contacts::UpsertFindings;
use crate::api::http::Replay;
use crate::contact::{Block, Consent, Contact, FieldValue, email_key};
use crate::remote::{
    Change, Created, Draft, ItemOutcome, ItemResult, Key, Remote, RemoteError, RemoteErrorKind,
};

/// Names of what a probe makes.
const LISTS: [&str; 2] = ["ghl-bm probe 1", "ghl-bm probe 2"];
const FIELDS: [&str; 2] = ["GHL_BM_PROBE_1", "GHL_BM_PROBE_2"];
const TOPIC: &str = "ghl-bm probe";

/// The canaries: for upsert, for a batch, beside a bad item, and for the case of addresses.
const UPSERT: &str = "ghl-bm-probe-1@example.com";
const BATCH: &str = "ghl-bm-probe-2@example.com";
const BESIDE: &str = "ghl-bm-probe-3@example.com";
const CASE: &str = "ghl-bm-probe-4@example.com";
const CASE_OTHER: &str = "Ghl-Bm-Probe-4@example.com";
const MALFORMED: &str = "this is no address";

/// How often a batch is asked for, a second apart.
const POLLS: u32 = 120;

/// What a probe found out about a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// What upsert does to a contact that is there already.
    pub upsert: UpsertFindings,
    /// The same for a batch.
    pub batch: UpsertFindings,
    /// A malformed item leaves the others of its batch alone.
    pub bad_item_alone: bool,
    /// Addresses that differ only in case belong to two contacts.
    pub case_matters: bool,
    /// The system list of everybody shows up among a contact's lists.
    pub all_list_shown: bool,
    /// A value is only removed by naming the value that is there.
    pub removal_needs_value: bool,
}

/// Waits this long; true when somebody asked to stop.
pub type Pause<'a> = &'a dyn Fn(Duration) -> bool;

/// What a probe has made.
struct Nest {
    lists: Vec<String>,
    topic: Option<String>,
}

impl Bigmailer {
    /// Finds out how the brand behaves (`docs/how-it-works.md` lists what is not known). Needs the
    /// permissions to make and delete fields, lists and contacts. The second part says what could
    /// not be taken away again, with the error.
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn probe(
        &mut self,
        pause: Pause<'_>,
    ) -> (Result<Findings, RemoteError>, Result<(), RemoteError>) {
        let before = std::mem::take(&mut self.wanted);
        self.wanted = FIELDS
            .iter()
            .map(|tag| (*tag).to_owned())
            .chain([super::contacts::UNSUBSCRIBED_FROM.to_owned()])
            .collect();
        let found = self.clear_away().and_then(|()| self.try_out(pause));
        let cleared = self.clear_away();
        self.wanted = before;
        (found, cleared)
    }

    fn try_out(&self, pause: Pause<'_>) -> Result<Findings, RemoteError> {
        let mut lists = Vec::new();
        for name in LISTS {
            lists.push(self.create_list(name)?);
        }
        for tag in FIELDS {
            self.create_field(tag, tag, "text")?;
        }
        let nest = Nest {
            lists,
            // Whether keys may do this is not documented; without it, topics are not looked at.
            topic: self.create_message_type(TOPIC).ok(),
        };
        let (upsert, shown) = self.kept(UPSERT, &nest, |draft| {
            let request = self.post("/brands/{brand_id}/contacts/upsert", &[], Replay::Always);
            let body = self.encode_draft(&request, draft)?;
            self.created_id(&request.json(&Value::Object(body)))
                .map(drop)
        })?;
        let (batch, _) = self.kept(BATCH, &nest, |draft| {
            let submission = self.submit_batch(std::slice::from_ref(draft))?;
            self.awaited(&submission, pause).map(drop)
        })?;
        let all: Vec<String> = self
            .lists()?
            .into_iter()
            .filter(|list| list.all)
            .map(|list| list.id)
            .collect();
        Ok(Findings {
            upsert,
            batch,
            bad_item_alone: self.spares_others(pause)?,
            case_matters: self.tells_cases_apart()?,
            all_list_shown: shown.groups.iter().any(|id| all.contains(id)),
            removal_needs_value: self.removes_by_value()?,
        })
    }

    /// What a call leaves of a contact that has more than the call names.
    fn kept(
        &self,
        email: &str,
        nest: &Nest,
        call: impl FnOnce(&Draft) -> Result<(), RemoteError>,
    ) -> Result<(UpsertFindings, Contact), RemoteError> {
        let [first, second] = FIELDS;
        let id = self.canary(Draft {
            values: vec![text(first, "1"), text(second, "2")],
            groups: vec![nest.lists[0].clone()],
            ..draft(email)
        })?;
        if let Some(topic) = &nest.topic {
            self.opt_out_of(&id, std::slice::from_ref(topic))?;
        }
        call(&Draft {
            values: vec![text(first, "3")],
            groups: vec![nest.lists[1].clone()],
            opted_out: false,
            ..draft(email)
        })?;
        let now = self.there(&id)?;
        let topics = now.values.get(super::contacts::UNSUBSCRIBED_FROM);
        let findings = UpsertFindings {
            brand_id: self.brand_id.clone(),
            keeps_values: now.values.contains_key(second),
            keeps_lists: now.groups.contains(&nest.lists[0]),
            keeps_topics: match (&nest.topic, topics) {
                (Some(topic), Some(FieldValue::Many(there))) => there.contains(topic),
                (Some(_), _) => false,
                (None, _) => true,
            },
            keeps_opt_out: now.consent == Consent::Blocked(Block::Unsubscribed),
        };
        Ok((findings, now))
    }

    /// Whether a good item of a batch survives a bad one beside it.
    fn spares_others(&self, pause: Pause<'_>) -> Result<bool, RemoteError> {
        let drafts = [draft(BESIDE), draft(MALFORMED)];
        let submission = match self.submit_batch(&drafts) {
            Ok(submission) => submission,
            Err(error) if error.kind == RemoteErrorKind::Rejected => return Ok(false),
            Err(error) => return Err(error),
        };
        let results = self.awaited(&submission, pause)?;
        let stored = |result: &ItemResult| {
            result.tag == tag(BESIDE) && matches!(result.outcome, ItemOutcome::Stored(_))
        };
        let said = results.iter().any(stored);
        Ok(said && self.get(Key::Email(BESIDE))?.is_some())
    }

    fn tells_cases_apart(&self) -> Result<bool, RemoteError> {
        self.canary(draft(CASE))?;
        Ok(matches!(self.create(&draft(CASE_OTHER))?, Created::New(_)))
    }

    /// On the first canary, whose first field has the value 3 by now.
    fn removes_by_value(&self) -> Result<bool, RemoteError> {
        let Some(canary) = self.get(Key::Email(UPSERT))? else {
            return Err(self.lost());
        };
        let change = Change {
            clear: vec![text(FIELDS[0], "not what is there")],
            ..Change::default()
        };
        self.update(&canary.id, &change)?;
        Ok(self.there(&canary.id)?.values.contains_key(FIELDS[0]))
    }

    fn canary(&self, draft: Draft) -> Result<String, RemoteError> {
        match self.create(&draft)? {
            Created::New(id) => Ok(id),
            Created::Exists(_) => Err(self.lost()),
        }
    }

    fn there(&self, id: &str) -> Result<Contact, RemoteError> {
        self.get(Key::Id(id))?.ok_or_else(|| self.lost())
    }

    /// Somebody plays with the canaries while they are probed.
    fn lost(&self) -> RemoteError {
        let request = self.post("/brands/{brand_id}/contacts", &[], Replay::Always);
        self.rejected(
            &request,
            "a contact of the probe is not as the probe left it; is another probe under way?",
        )
    }

    fn awaited(&self, submission: &str, pause: Pause<'_>) -> Result<Vec<ItemResult>, RemoteError> {
        for _ in 0..POLLS {
            if let Some(results) = self.batch_results(submission)? {
                return Ok(results);
            }
            if pause(Duration::from_secs(1)) {
                break;
            }
        }
        let request = self.post("/brands/{brand_id}/contacts/batches", &[], Replay::Always);
        let mut error = self.rejected(&request, "the batch of a probe was not finished in time");
        error.kind = RemoteErrorKind::Unavailable;
        Err(error)
    }

    /// Takes away whatever a probe makes, whichever probe made it.
    fn clear_away(&self) -> Result<(), RemoteError> {
        for email in [UPSERT, BATCH, BESIDE, CASE, CASE_OTHER, MALFORMED] {
            if let Some(canary) = self.get(Key::Email(email))? {
                // Whoever else BigMailer shows for the address is none of ours.
                let ours = canary.email.as_deref().and_then(email_key);
                if ours == email_key(email) {
                    self.delete(&canary.id)?;
                }
            }
        }
        for List { id, name, .. } in self.lists()? {
            if LISTS.contains(&name.as_str()) {
                self.delete_list(&id)?;
            }
        }
        for field in self.fields()? {
            if FIELDS.contains(&field.merge_tag_name.as_str()) {
                self.delete_field(&field.id)?;
            }
        }
        // A key that may not read them has made none either.
        for topic in self.message_types().unwrap_or_default() {
            if topic.name == TOPIC {
                self.delete_message_type(&topic.id)?;
            }
        }
        Ok(())
    }
}

fn tag(email: &str) -> String {
    email.split('@').next().unwrap_or_default().to_owned()
}

/// Nobody is ever mailed for a probe.
fn draft(email: &str) -> Draft {
    Draft {
        tag: tag(email),
        email: email.to_owned(),
        values: Vec::new(),
        groups: Vec::new(),
        opted_out: true,
    }
}

fn text(tag: &str, value: &str) -> (String, FieldValue) {
    (tag.to_owned(), FieldValue::Text(value.to_owned()))
}
