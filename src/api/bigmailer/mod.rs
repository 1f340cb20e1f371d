//! The BigMailer client: paths, paging, operations and error codes of API v1.
//!
//! It sends only what a call names, opts nobody in again, and mails nobody but by
//! [`Bigmailer::send_mail`]. Vendor facts are from docs.bigmailer.io (reference pages by name) and
//! BigMailer's OpenAPI document 1.0.0.
//! Start reading at [`contacts`] (reading and writing contacts; the port of the engine); many
//! creations at once are in [`batches`], fields, lists and the like in [`catalogue`], uploads in
//! [`suppression`], mails in [`transactional`], what a brand is tried out for in [`probes`], the pages of any listing in [`pages`].

mod batches;
pub mod catalogue;
pub mod contacts;
mod pages;
pub mod probes;
pub(super) mod raw;
pub mod suppression;
pub mod transactional;

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::http::{self, Answer, Calls, Http, Method, Replay, Request};
use crate::remote::{RemoteError, RemoteErrorKind};
use batches::Submitted;
use pages::Pages;

/// The largest page of every list (default 10; OpenAPI document).
const PAGE: &str = "100";

/// The client of one brand.
pub struct Bigmailer {
    http: Http,
    brand_id: String,
    /// Merge tags and properties that contacts are to carry.
    wanted: BTreeSet<String>,
    /// By batch id: what this process submitted, to tell when all results are there and to match
    /// results that come back without their correlation id.
    submitted: Mutex<HashMap<String, Submitted>>,
}

#[derive(Deserialize)]
struct IdAnswer {
    #[serde(default)]
    id: Value,
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

    /// Says which merge tags contacts are to carry in [`crate::contact::Contact::values`], spelt exactly as
    /// [`Bigmailer::fields`] spells them, and which of the properties that are no fields
    /// ([`contacts::SOFT_BOUNCES`] and the like). Replaces what was asked for before.
    pub fn want(&mut self, merge_tags: &[String]) {
        self.wanted = merge_tags.iter().cloned().collect();
    }

    /// What was sent so far, by all threads.
    pub fn calls(&self) -> Calls {
        self.http.calls()
    }

    /// Requests a second that the rate limit allows; infinite without one.
    pub fn calls_per_second(&self) -> f64 {
        self.http.per_second()
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

    fn send<T: DeserializeOwned>(&self, request: &Request) -> Result<Answer<T>, RemoteError> {
        self.http.send(request).map_err(|mut error| {
            refine(&mut error);
            error
        })
    }

    fn rejected(&self, request: &Request, message: &str) -> RemoteError {
        self.http.fault(request, RemoteErrorKind::Rejected, message)
    }

    /// Deletes an object of the brand; one that is gone already is a success.
    fn remove(&self, pattern: &'static str, id: &str) -> Result<(), RemoteError> {
        let request = Request::new(
            Method::DELETE,
            pattern,
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

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Says what only BigMailer's own words tell about an error.
pub(super) fn refine(error: &mut RemoteError) {
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
        _ if is_taken(error) => error.kind = RemoteErrorKind::Taken,
        _ => {}
    }
}

/// 422 `resource_already_exists`: the address or merge tag is taken.
fn is_taken(error: &RemoteError) -> bool {
    error.kind == RemoteErrorKind::Rejected
        && error.code.as_deref() == Some("resource_already_exists")
}

#[cfg(test)]
mod tests;
