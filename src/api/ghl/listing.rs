//! Listing contacts by search: which pages, on how many threads, and completing what search leaves
//! out. Start reading at [`Ghl::search`]; which page is read next is decided in [`super::ranges`].

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

use super::Ghl;
use super::contact::{Decoded, Field, Item, Origin, iso, moment};
use super::ranges::{Bound, Job, Order, Ranges, Seen, Step};
use crate::api::http::{Method, Replay, Request};
use crate::contact::Contact;
use crate::remote::{Listed, Page, Receiver, RemoteError, RemoteErrorKind};

/// Longest free text a search accepts (vendor's page on contact search).
pub const LONGEST_QUERY: usize = 75;

/// Threads that complete the contacts of one page by single reads.
pub(super) const COMPLETING_THREADS: usize = 8;

/// Threads that fetch and deliver pages of a parallel listing: as many as there can be chains, and
/// two more so that a slow receiver does not leave a chain idle.
const READING_THREADS: usize = 10;

/// Which contacts [`Ghl::search`] returns; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Changed at or after this moment (milliseconds since 1970).
    pub updated_since: Option<i64>,
    pub tags_all: Vec<String>,
    /// Free text, at most [`LONGEST_QUERY`] characters.
    pub text: Option<String>,
    /// Only spares reading what is known: created at or after this moment (milliseconds since 1970),
    /// where the service honours it. Earlier ones may come all the same.
    pub added_from: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct SearchAnswer {
    pub(super) contacts: Vec<Item>,
    #[serde(default)]
    total: Value,
}

impl SearchAnswer {
    /// How many there are, as far as the service says.
    pub(super) fn total(&self) -> Option<u64> {
        moment(&self.total).and_then(|n| u64::try_from(n).ok())
    }
}

/// What a listing asks for, apart from the place in it.
struct Query {
    sorted_by: Field,
    filters: Vec<Value>,
    text: Option<String>,
    /// Changed since: the window is closed at the first answer's time from the second page on, so
    /// that contacts edited meanwhile do not keep the listing going.
    since: Option<i64>,
}

/// What the threads of one listing share.
struct Reading<'a> {
    query: Query,
    receiver: &'a Receiver<'a>,
    progress: Mutex<Progress>,
    changed: Condvar,
}

struct Progress {
    ranges: Ranges,
    as_of: Option<i64>,
    failed: Option<RemoteError>,
    /// The receiver wants no more.
    broken_off: bool,
    /// A contact without an id was left out.
    left_out: bool,
}

impl Reading<'_> {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ghl {
    /// Delivers every contact, in no particular order.
    pub(super) fn list_all(&self, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        let query = Query {
            sorted_by: Field::DateAdded,
            filters: Vec::new(),
            text: None,
            since: None,
        };
        self.read(query, Ranges::parallel(), READING_THREADS, receiver)
    }

    /// Delivers the contacts changed since a moment, the longest unchanged first.
    pub(super) fn list_since(
        &self,
        since: i64,
        receiver: &Receiver<'_>,
    ) -> Result<Listed, RemoteError> {
        let query = Query {
            sorted_by: Field::DateUpdated,
            filters: Vec::new(),
            text: None,
            since: Some(since),
        };
        self.read(query, Ranges::sequential(), 1, receiver)
    }

    /// Delivers the contacts that fit, page after page in ascending order of creation (then id).
    ///
    /// Scope `contacts.readonly`. One call for each 500 contacts. Where the service does not offer
    /// searching ([`super::is_no_offer`]), there is [`Ghl::list_deprecated`].
    ///
    /// # Errors
    /// `Rejected` for a text longer than [`LONGEST_QUERY`]; errors of the calls.
    pub fn search(&self, query: &Search, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        if let Some(text) = &query.text
            && text.chars().count() > LONGEST_QUERY
        {
            return Err(self.rejected(
                "POST /contacts/search",
                format!("HighLevel searches for at most {LONGEST_QUERY} characters"),
            ));
        }
        let mut filters: Vec<Value> = Vec::new();
        if let Some(since) = query.updated_since.and_then(iso) {
            filters.push(range("dateUpdated", json!({ "gte": since })));
        }
        for tag in &query.tags_all {
            // Stored lower-cased on contacts, whatever the dictionary says.
            let tag = tag.trim().to_lowercase();
            filters.push(json!({"field": "tags", "operator": "eq", "value": tag}));
        }
        let read = |filters: Vec<Value>, receiver: &Receiver<'_>| {
            let query = Query {
                sorted_by: Field::DateAdded,
                filters,
                text: query.text.clone(),
                since: None,
            };
            self.read(query, Ranges::sequential(), 0, receiver)
        };
        let Some(from) = query.added_from.and_then(iso) else {
            return read(filters, receiver);
        };
        let mut narrowed = filters.clone();
        narrowed.push(range("dateAdded", json!({ "gte": from })));
        let began = AtomicBool::new(false);
        let watched = |page: Page| {
            began.store(true, Ordering::Relaxed);
            receiver(page)
        };
        match read(narrowed, &watched) {
            Err(error)
                if error.kind == RemoteErrorKind::Rejected && !began.load(Ordering::Relaxed) =>
            {
                read(filters, receiver)
            }
            other => other,
        }
    }

    /// Reads a listing to its end with `helpers` threads besides this one; with none, pages arrive
    /// in order.
    fn read(
        &self,
        query: Query,
        ranges: Ranges,
        helpers: usize,
        receiver: &Receiver<'_>,
    ) -> Result<Listed, RemoteError> {
        let reading = Reading {
            query,
            receiver,
            progress: Mutex::new(Progress {
                ranges,
                as_of: None,
                failed: None,
                broken_off: false,
                left_out: false,
            }),
            changed: Condvar::new(),
        };
        // Most listings are one page: no threads for that.
        if let Some(job) = self.next_job(&reading) {
            let page = self.fetch(&reading, &job);
            let more = self.next_is_worth_a_thread(&reading);
            std::thread::scope(|scope| {
                if more {
                    for _ in 0..helpers {
                        scope.spawn(|| self.work(&reading));
                    }
                }
                self.deliver(&reading, page);
                self.work(&reading);
            });
        }
        let progress = reading
            .progress
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = progress.failed {
            return Err(error);
        }
        Ok(Listed {
            as_of: progress.as_of,
            complete: !progress.broken_off && !progress.left_out && !progress.ranges.is_hollow(),
        })
    }

    fn next_is_worth_a_thread(&self, reading: &Reading<'_>) -> bool {
        let progress = reading.lock();
        progress.failed.is_none() && progress.ranges.active() > 0
    }

    fn work(&self, reading: &Reading<'_>) {
        while let Some(job) = self.next_job(reading) {
            let page = self.fetch(reading, &job);
            self.deliver(reading, page);
        }
    }

    /// The next request of the listing, or `None` once there is nothing left to do.
    fn next_job(&self, reading: &Reading<'_>) -> Option<Job> {
        let mut progress = reading.lock();
        loop {
            if progress.failed.is_some() || progress.broken_off {
                return None;
            }
            match progress.ranges.next(self.http.per_second()) {
                Step::Ask(job) => return Some(job),
                Step::Done => return None,
                Step::Wait => {
                    progress = reading
                        .changed
                        .wait(progress)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Makes one request of the listing and lets the others know what it brought.
    fn fetch(&self, reading: &Reading<'_>, job: &Job) -> Option<SearchAnswer> {
        let as_of = reading.lock().as_of;
        let body = self.search_body(&reading.query, job, as_of);
        let request = Request::new(Method::POST, "/contacts/search", &[], Replay::Always)
            .reading()
            .json(&body);
        let answer = self.send::<SearchAnswer>(&request);
        let mut progress = reading.lock();
        let mut page = None;
        match answer {
            Ok(answer) => {
                progress.as_of = progress.as_of.or(answer.date);
                let sorted_by = reading.query.sorted_by;
                let contacts = &answer.value.contacts;
                let seen = Seen {
                    rows: contacts.iter().map(|item| item.row(sorted_by)).collect(),
                    after: contacts.last().and_then(|item| item.cursor(sorted_by)),
                    total: answer.value.total(),
                };
                match progress.ranges.answered(job, &seen, answer.latency) {
                    Ok(true) => page = Some(answer.value),
                    Ok(false) => {}
                    Err(_) => {
                        progress.failed.get_or_insert(self.http.fault(
                            &request,
                            RemoteErrorKind::Nonsense,
                            "the listing cannot go on: a page repeats or has no cursor",
                        ));
                    }
                }
            }
            Err(error) => {
                let wrong = error.kind == RemoteErrorKind::Rejected
                    && matches!(error.status, Some(400 | 422));
                if !(wrong && progress.ranges.refused(job)) {
                    progress.failed.get_or_insert(error);
                }
            }
        }
        drop(progress);
        reading.changed.notify_all();
        page
    }

    /// Completes a page and hands it over.
    fn deliver(&self, reading: &Reading<'_>, page: Option<SearchAnswer>) {
        let Some(page) = page else { return };
        let found = page.contacts.len();
        let decoded: Vec<Decoded> = page
            .contacts
            .into_iter()
            .filter_map(|item| item.decode(&self.wanted, Origin::Index, self.require_consent))
            .collect();
        let left_out = decoded.len() < found;
        let outcome = self.complete(decoded);
        let total = {
            let mut progress = reading.lock();
            progress.left_out |= left_out;
            if progress.broken_off {
                return;
            }
            progress.ranges.total()
        };
        let end = match outcome {
            Ok(contacts) => (reading.receiver)(Page { contacts, total }).map_break(|()| None),
            Err(error) => ControlFlow::Break(Some(error)),
        };
        if let ControlFlow::Break(error) = end {
            let mut progress = reading.lock();
            match error {
                Some(error) => {
                    progress.failed.get_or_insert(error);
                }
                None => progress.broken_off = true,
            }
            drop(progress);
            reading.changed.notify_all();
        }
    }

    /// Reads those contacts singly that search did not show well enough. One that has gone
    /// meanwhile is left out.
    pub(super) fn complete(&self, decoded: Vec<Decoded>) -> Result<Vec<Contact>, RemoteError> {
        let open: Vec<usize> = (0..decoded.len())
            .filter(|i| decoded[*i].incomplete)
            .collect();
        let mut contacts: Vec<Option<Contact>> =
            decoded.into_iter().map(|d| Some(d.contact)).collect();
        if open.is_empty() {
            return Ok(contacts.into_iter().flatten().collect());
        }
        let _one_page_at_a_time = self
            .completing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let ids: Vec<(usize, String)> = open
            .into_iter()
            .filter_map(|i| contacts[i].as_ref().map(|c| (i, c.id.clone())))
            .collect();
        let next = AtomicUsize::new(0);
        let failed = Mutex::new(None);
        let read = Mutex::new(Vec::with_capacity(ids.len()));
        std::thread::scope(|scope| {
            for _ in 0..COMPLETING_THREADS.min(ids.len()) {
                scope.spawn(|| {
                    while let Some((i, id)) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match self.get_by_id(id) {
                            Ok(contact) => locked(&read).push((*i, contact)),
                            Err(error) => {
                                locked(&failed).get_or_insert(error);
                                next.store(ids.len(), Ordering::Relaxed);
                                return;
                            }
                        }
                    }
                });
            }
        });
        if let Some(error) = locked(&failed).take() {
            return Err(error);
        }
        for (i, contact) in locked(&read).drain(..) {
            contacts[i] = contact;
        }
        Ok(contacts.into_iter().flatten().collect())
    }

    fn search_body(&self, query: &Query, job: &Job, as_of: Option<i64>) -> Value {
        let sorted_by = match query.sorted_by {
            Field::DateUpdated => "dateUpdated",
            _ => "dateAdded",
        };
        let direction = match job.order {
            Order::Ascending => "asc",
            Order::Descending => "desc",
        };
        let mut filters = query.filters.clone();
        if let Some(since) = query.since {
            let mut window = json!({ "gte": iso(since) });
            if job.after.is_some()
                && let Some(as_of) = as_of.filter(|as_of| *as_of >= since)
            {
                window["lte"] = json!(iso(as_of));
            }
            filters.push(range("dateUpdated", window));
        }
        let bound = match job.bound {
            Some(Bound::After(at)) => Some(json!({ "gt": iso(at) })),
            Some(Bound::From(at)) => Some(json!({ "gte": iso(at) })),
            Some(Bound::Before(at)) => Some(json!({ "lt": iso(at) })),
            None => None,
        };
        filters.extend(bound.map(|value| range(sorted_by, value)));
        let mut body = json!({
            "locationId": self.location_id,
            "pageLimit": job.size,
            "sort": [{"field": sorted_by, "direction": direction}],
        });
        if !filters.is_empty() {
            body["filters"] = Value::Array(filters);
        }
        if let Some(after) = &job.after {
            body["searchAfter"] = after.clone();
        }
        if let Some(text) = &query.text {
            body["query"] = json!(text);
        }
        body
    }
}

fn range(field: &str, value: Value) -> Value {
    json!({"field": field, "operator": "range", "value": value})
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
