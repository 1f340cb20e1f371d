//! Contact batches: many creations in one call, carried out later (reference, "create contact batch").
//!
//! What a batch does to a contact that exists is not documented, so only people proven absent go into
//! one. Start reading at [`Bigmailer::submit_batch`] and [`BatchAnswer::is_finished`].

use std::collections::HashMap;
use std::sync::PoisonError;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bigmailer, flag, text};
use crate::api::http::{Answer, Replay, Request};
use crate::contact::email_key;
use crate::remote::{Draft, ItemOutcome, ItemResult, RemoteError};

/// Items that one batch may hold, and characters of their correlation id (reference, "create
/// contact batch").
const BATCH_ITEMS: usize = 1_000;
const BATCH_TAG_CHARS: usize = 80;

pub(super) struct Submitted {
    items: usize,
    tag_by_email: HashMap<String, String>,
}

#[derive(Deserialize)]
pub(super) struct BatchAnswer {
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
    pub(super) fn is_finished(&self, submitted: Option<usize>) -> bool {
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

impl Bigmailer {
    /// See [`crate::remote::Remote::submit`].
    pub(super) fn submit_batch(&self, drafts: &[Draft]) -> Result<String, RemoteError> {
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

    /// See [`crate::remote::Remote::collect`].
    pub(super) fn batch_results(
        &self,
        submission: &str,
    ) -> Result<Option<Vec<ItemResult>>, RemoteError> {
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
