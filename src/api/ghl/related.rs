//! What hangs on contacts: tasks, notes and appointments; reading all three, writing the first two.
//!
//! Nothing here can be made twice by a repeated call: a create whose answer was lost ends as unclear,
//! and the caller looks. How things of any kind are read out of an answer is here too, for
//! [`super::opportunities`] and [`super::businesses`]. Start reading at [`Ghl::tasks`].

use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

use super::Ghl;
use super::contact::{flag, iso, moment, text};
use super::pages::{Delivered, Skipping, Turn};
use super::refusals::{self, CONTACT, Complaint};
use crate::api::http::{Method, Replay, Request};
use crate::related::{Appointment, Note, NoteDraft, Task, TaskDraft, When};
use crate::remote::{PARTLY_APPLIED, RemoteError, RemoteErrorKind};

/// Takes a page of things of one kind; `Break` ends the listing early.
pub type Taker<'a, T> = dyn FnMut(Vec<T>) -> ControlFlow<()> + 'a;

/// Contacts that one search for tasks names; the service's own limit is not documented.
const CONTACTS_A_SEARCH: usize = 100;

// A missing contact takes what hangs on it along.
const TASK: &[&str] = &["task", "contact"];
const NOTE: &[&str] = &["note", "contact"];

/// Which tasks [`Ghl::search_tasks`] delivers; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskSearch {
    /// Of these contacts; empty for everybody.
    pub contact_ids: Vec<String>,
    pub completed: Option<bool>,
}

impl Ghl {
    /// All tasks of one contact. Scope `contacts.readonly`; one call.
    ///
    /// # Errors
    /// `Gone` when there is no such contact; errors of the call.
    pub fn tasks(&self, contact_id: &str) -> Result<Vec<Task>, RemoteError> {
        let request = Request::get("/contacts/{contactId}/tasks", &[contact_id]);
        self.of_contact(&request, "tasks", |it| task(it, Some(contact_id)))
    }

    /// One task, `None` when it or its contact is not there. Scope `contacts.readonly`; one call.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn task(&self, contact_id: &str, task_id: &str) -> Result<Option<Task>, RemoteError> {
        let request = Request::get(
            "/contacts/{contactId}/tasks/{taskId}",
            &[contact_id, task_id],
        );
        self.one(&request, &["task"], TASK, |it| task(it, Some(contact_id)))
    }

    /// Tasks of many contacts, or of all, page after page, each task once.
    ///
    /// Scope `locations/tasks.readonly`. One call for each hundred tasks (25 where the service does
    /// not give more), and for each hundred contacts named.
    ///
    /// # Errors
    /// `Nonsense` when the list repeats itself; errors of the calls. What was delivered stays valid.
    pub fn search_tasks(
        &self,
        search: &TaskSearch,
        taker: &mut Taker<'_, Task>,
    ) -> Result<(), RemoteError> {
        let mut delivered = Delivered::default();
        let everybody: [&[String]; 1] = [&[]];
        let parts: Vec<&[String]> = match search.contact_ids.is_empty() {
            true => everybody.to_vec(),
            false => search.contact_ids.chunks(CONTACTS_A_SEARCH).collect(),
        };
        for contact_ids in parts {
            let ask = |pages: &Skipping| {
                let mut body = json!({"limit": pages.limit, "skip": pages.skip});
                if !contact_ids.is_empty() {
                    body["contactId"] = json!(contact_ids);
                }
                if let Some(completed) = search.completed {
                    body["completed"] = json!(completed);
                }
                Request::new(
                    Method::POST,
                    "/locations/{locationId}/tasks/search",
                    &[&self.location_id],
                    Replay::Always,
                )
                .reading()
                .json(&body)
            };
            let read = |it: &Thing<'_>| task(it, None);
            let flow = self.skip_through(&ask, "tasks", &read, &mut delivered, taker)?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Makes a task; a draft needs a title and a due time. Never repeated by itself.
    ///
    /// Scope `contacts.write`; one call.
    ///
    /// # Errors
    /// `Rejected` before any call for a draft that lacks something or holds an empty text; `Gone`
    /// when there is no such contact; `Unclear` when no usable answer came, or a refusal that says
    /// nothing of the request; errors of the call.
    pub fn create_task(&self, contact_id: &str, draft: &TaskDraft) -> Result<Task, RemoteError> {
        let request = Request::new(
            Method::POST,
            "/contacts/{contactId}/tasks",
            &[contact_id],
            Replay::OnlyIfUnprocessed,
        );
        let mut body = self.task_body(&request, draft)?;
        for (key, word) in [("title", "title"), ("dueDate", "due time")] {
            if !body.contains_key(key) {
                return Err(self.refuse(&request, key, &format!("a new task needs a {word}")));
            }
        }
        body.entry("completed").or_insert(json!(false));
        self.made_thing(&request, &body, "task", |it| task(it, Some(contact_id)))
    }

    /// Changes what the draft holds of a task; without anything the task is only read.
    ///
    /// Scope `contacts.write`; one call, two where the answer does not show the task.
    ///
    /// # Errors
    /// `Rejected` before any call for an empty text; `Gone`; errors of the calls. Repeating it is
    /// safe.
    pub fn edit_task(
        &self,
        contact_id: &str,
        task_id: &str,
        draft: &TaskDraft,
    ) -> Result<Task, RemoteError> {
        let request = Request::new(
            Method::PUT,
            "/contacts/{contactId}/tasks/{taskId}",
            &[contact_id, task_id],
            Replay::Always,
        );
        let body = self.task_body(&request, draft)?;
        let mut shown = None;
        if !body.is_empty() {
            let request = request.clone().body_optional().json(&body);
            shown = self.written(&request, "task", TASK, |it| task(it, Some(contact_id)))?;
        }
        match shown {
            Some(task) => Ok(task),
            None => self.task_again(&request, contact_id, task_id),
        }
    }

    /// Marks a task as done, or as open again.
    ///
    /// Scope `contacts.write`; one call, two where the answer does not show it.
    ///
    /// # Errors
    /// `Gone`; [`PARTLY_APPLIED`] when the task does not show it afterwards; errors of the calls.
    /// Repeating it is safe.
    pub fn complete_task(
        &self,
        contact_id: &str,
        task_id: &str,
        completed: bool,
    ) -> Result<Task, RemoteError> {
        let request = Request::new(
            Method::PUT,
            "/contacts/{contactId}/tasks/{taskId}/completed",
            &[contact_id, task_id],
            Replay::Always,
        )
        .body_optional()
        .json(&json!({ "completed": completed }));
        let shown = self.written(&request, "task", TASK, |it| task(it, Some(contact_id)))?;
        let task = match shown.filter(|task| task.completed == completed) {
            Some(task) => task,
            None => self.task_again(&request, contact_id, task_id)?,
        };
        if task.completed == completed {
            return Ok(task);
        }
        Err(RemoteError {
            code: Some(PARTLY_APPLIED.to_owned()),
            ..self.refuse(
                &request,
                "completed",
                "the task does not show it afterwards",
            )
        })
    }

    /// Deletes a task; one that is gone already is a success. Scope `contacts.write`; one call.
    ///
    /// # Errors
    /// Errors of the call. Repeating it is safe.
    pub fn delete_task(&self, contact_id: &str, task_id: &str) -> Result<(), RemoteError> {
        let request = Request::new(
            Method::DELETE,
            "/contacts/{contactId}/tasks/{taskId}",
            &[contact_id, task_id],
            Replay::Always,
        )
        .body_optional();
        self.delete_thing(&request, TASK)
    }

    /// All notes of one contact, in no known order. Scope `contacts.readonly`; one call.
    ///
    /// # Errors
    /// `Gone` when there is no such contact; errors of the call.
    pub fn notes(&self, contact_id: &str) -> Result<Vec<Note>, RemoteError> {
        let request = Request::get("/contacts/{contactId}/notes", &[contact_id]);
        self.of_contact(&request, "notes", |it| note(it, contact_id))
    }

    /// One note, `None` when it or its contact is not there. Scope `contacts.readonly`; one call.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn note(&self, contact_id: &str, note_id: &str) -> Result<Option<Note>, RemoteError> {
        let request = Request::get("/contacts/{contactId}/notes/{id}", &[contact_id, note_id]);
        self.one(&request, &["note"], NOTE, |it| note(it, contact_id))
    }

    /// Makes a note; a draft needs a body. Never repeated by itself.
    ///
    /// Scope `contacts.write`; one call.
    ///
    /// # Errors
    /// As for [`Ghl::create_task`].
    pub fn create_note(&self, contact_id: &str, draft: &NoteDraft) -> Result<Note, RemoteError> {
        let request = Request::new(
            Method::POST,
            "/contacts/{contactId}/notes",
            &[contact_id],
            Replay::OnlyIfUnprocessed,
        );
        let body = self.note_body(&request, draft)?;
        if !body.contains_key("body") {
            return Err(self.refuse(&request, "body", "a new note needs a text"));
        }
        self.made_thing(&request, &body, "note", |it| note(it, contact_id))
    }

    /// Changes what the draft holds of a note; without anything the note is only read.
    ///
    /// Scope, cost and errors as for [`Ghl::edit_task`].
    pub fn edit_note(
        &self,
        contact_id: &str,
        note_id: &str,
        draft: &NoteDraft,
    ) -> Result<Note, RemoteError> {
        let request = Request::new(
            Method::PUT,
            "/contacts/{contactId}/notes/{id}",
            &[contact_id, note_id],
            Replay::Always,
        );
        let body = self.note_body(&request, draft)?;
        let mut shown = None;
        if !body.is_empty() {
            let request = request.clone().body_optional().json(&body);
            shown = self.written(&request, "note", NOTE, |it| note(it, contact_id))?;
        }
        let found = match shown {
            Some(note) => Some(note),
            None => self.note(contact_id, note_id)?,
        };
        found.ok_or_else(|| self.not_there(&request, "note"))
    }

    /// Deletes a note; one that is gone already is a success. Scope `contacts.write`; one call.
    ///
    /// # Errors
    /// Errors of the call. Repeating it is safe.
    pub fn delete_note(&self, contact_id: &str, note_id: &str) -> Result<(), RemoteError> {
        let request = Request::new(
            Method::DELETE,
            "/contacts/{contactId}/notes/{id}",
            &[contact_id, note_id],
            Replay::Always,
        )
        .body_optional();
        self.delete_thing(&request, NOTE)
    }

    /// All appointments of one contact. Scope `contacts.readonly`; one call.
    ///
    /// # Errors
    /// `Gone` when there is no such contact; errors of the call.
    pub fn appointments(&self, contact_id: &str) -> Result<Vec<Appointment>, RemoteError> {
        let request = Request::get("/contacts/{contactId}/appointments", &[contact_id]);
        self.of_contact(&request, "events", |it| appointment(it, contact_id))
    }

    // ---- drafts

    fn task_body(
        &self,
        request: &Request,
        draft: &TaskDraft,
    ) -> Result<Map<String, Value>, RemoteError> {
        let mut body = self.texts(
            request,
            [
                ("title", &draft.title),
                ("body", &draft.body),
                ("assignedTo", &draft.assigned_to),
            ],
        )?;
        if let Some(due) = draft.due {
            body.insert("dueDate".to_owned(), json!(iso(due.as_millisecond())));
        }
        if let Some(completed) = draft.completed {
            body.insert("completed".to_owned(), json!(completed));
        }
        Ok(body)
    }

    fn note_body(
        &self,
        request: &Request,
        draft: &NoteDraft,
    ) -> Result<Map<String, Value>, RemoteError> {
        let mut body = self.texts(
            request,
            [
                ("title", &draft.title),
                ("body", &draft.body),
                ("userId", &draft.user_id),
                ("color", &draft.color),
            ],
        )?;
        if let Some(pinned) = draft.pinned {
            body.insert("pinned".to_owned(), json!(pinned));
        }
        Ok(body)
    }

    fn texts<const N: usize>(
        &self,
        request: &Request,
        parts: [(&str, &Option<String>); N],
    ) -> Result<Map<String, Value>, RemoteError> {
        let mut body = Map::new();
        for (key, text) in parts {
            let Some(text) = text else { continue };
            if text.trim().is_empty() {
                let message = format!("an empty text cannot be stored in `{key}`");
                return Err(self.refuse(request, key, &message));
            }
            body.insert(key.to_owned(), json!(text));
        }
        Ok(body)
    }

    fn refuse(&self, request: &Request, key: &str, message: &str) -> RemoteError {
        RemoteError {
            param: Some(key.to_owned()),
            ..self.http.fault(request, RemoteErrorKind::Rejected, message)
        }
    }

    fn task_again(
        &self,
        request: &Request,
        contact_id: &str,
        task_id: &str,
    ) -> Result<Task, RemoteError> {
        let found = self.task(contact_id, task_id)?;
        found.ok_or_else(|| self.not_there(request, "task"))
    }

    fn not_there(&self, request: &Request, thing: &str) -> RemoteError {
        let message = format!("the {thing} is not there");
        self.http.fault(request, RemoteErrorKind::Gone, &message)
    }

    // ---- answers

    /// All things of a contact, from an answer that lists them under `key`.
    fn of_contact<T>(
        &self,
        request: &Request,
        key: &str,
        read: impl Fn(&Thing<'_>) -> Option<T>,
    ) -> Result<Vec<T>, RemoteError> {
        let answer = self
            .send::<Value>(request)
            .map_err(|error| self.gone(error, CONTACT))?;
        let mut delivered = Delivered::default();
        Ok(self
            .listed(request, &answer.value, key, &read, &mut delivered)?
            .1)
    }

    /// How many things an answer lists under `key`, and those of them that were not delivered yet.
    /// An answer without the list is not an empty list.
    pub(super) fn listed<T>(
        &self,
        request: &Request,
        answer: &Value,
        key: &str,
        read: &dyn Fn(&Thing<'_>) -> Option<T>,
        delivered: &mut Delivered,
    ) -> Result<(usize, Vec<T>), RemoteError> {
        let Some(all) = answer.get(key).and_then(Value::as_array) else {
            return Err(self.http.fault(
                request,
                RemoteErrorKind::Nonsense,
                "the answer does not have the expected form",
            ));
        };
        let fresh = all.iter().map(Thing).filter_map(|thing| {
            let id = thing.id()?;
            delivered.is_new(&id).then(|| read(&thing)).flatten()
        });
        Ok((all.len(), fresh.collect()))
    }

    /// One thing under one of `keys`; `None` when the service says that it is not there.
    pub(super) fn one<T>(
        &self,
        request: &Request,
        keys: &[&str],
        nouns: &[&str],
        read: impl Fn(&Thing<'_>) -> Option<T>,
    ) -> Result<Option<T>, RemoteError> {
        let answer = match self.send::<Value>(request) {
            Ok(answer) => answer.value,
            Err(error) if self.is_absent(&error, nouns)? => return Ok(None),
            Err(error) => return Err(error),
        };
        let thing = keys.iter().find_map(|key| answer.get(key));
        match thing {
            Some(Value::Null) => Ok(None),
            thing => match thing.map(Thing).and_then(|thing| read(&thing)) {
                Some(thing) => Ok(Some(thing)),
                None => Err(self.without_id(request, keys.first().unwrap_or(&"thing"))),
            },
        }
    }

    /// Sends a request that makes something, which the answer has under `key`.
    ///
    /// A create may fail with 422 and have worked all the same (issue 64). Only one that names what is
    /// wrong with the request is a refusal.
    fn made_thing<T>(
        &self,
        request: &Request,
        body: &Map<String, Value>,
        key: &str,
        read: impl Fn(&Thing<'_>) -> Option<T>,
    ) -> Result<T, RemoteError> {
        let request = request.clone().json(body);
        let made = self
            .written(&request, key, CONTACT, read)
            .map_err(|mut error| {
                let names = |complaint: &Complaint| {
                    complaint.path.iter().any(|word| body.contains_key(word))
                };
                let refused = refusals::complaints(&error.message).iter().any(names);
                if error.status == Some(422) && error.kind == RemoteErrorKind::Rejected && !refused
                {
                    error.kind = RemoteErrorKind::Unclear;
                }
                error
            })?;
        made.ok_or_else(|| {
            let message = format!("the answer does not name the new {key}");
            self.http
                .fault(&request, RemoteErrorKind::Unclear, &message)
        })
    }

    /// Sends a write; `None` when its answer does not show what was written.
    fn written<T>(
        &self,
        request: &Request,
        key: &str,
        nouns: &[&str],
        read: impl Fn(&Thing<'_>) -> Option<T>,
    ) -> Result<Option<T>, RemoteError> {
        let answer = self
            .send::<Value>(request)
            .map_err(|error| self.gone(error, nouns))?;
        let thing = answer.value.get(key).map(Thing);
        Ok(thing.and_then(|thing| read(&thing)))
    }

    /// Reads a list by `skip` and `limit` to its end, or until the taker has enough.
    pub(super) fn skip_through<T>(
        &self,
        ask: &dyn Fn(&Skipping) -> Request,
        key: &str,
        read: &dyn Fn(&Thing<'_>) -> Option<T>,
        delivered: &mut Delivered,
        taker: &mut Taker<'_, T>,
    ) -> Result<ControlFlow<()>, RemoteError> {
        let mut pages = Skipping::new();
        loop {
            let request = ask(&pages);
            let answer = match self.send::<Value>(&request) {
                Ok(answer) => answer.value,
                Err(error) => {
                    let wrong = error.kind == RemoteErrorKind::Rejected
                        && matches!(error.status, Some(400 | 422));
                    if wrong && pages.refused() {
                        continue;
                    }
                    return Err(error);
                }
            };
            let (length, fresh) = self.listed(&request, &answer, key, read, delivered)?;
            let turn = pages.answered(length, fresh.len());
            if !fresh.is_empty() && taker(fresh).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            match turn {
                Turn::Next => {}
                Turn::End => return Ok(ControlFlow::Continue(())),
                Turn::Stuck => return Err(self.stuck(&request)),
            }
        }
    }
}

/// A thing in an answer; every property may be missing or of the wrong type.
pub(super) struct Thing<'a>(pub(super) &'a Value);

impl Thing<'_> {
    pub(super) fn id(&self) -> Option<String> {
        self.text("id").or_else(|| self.text("_id"))
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).and_then(text)
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key).and_then(flag)
    }

    /// A moment; a time without a zone is taken for UTC.
    pub(super) fn time(&self, key: &str) -> Option<Timestamp> {
        let millis = moment(self.0.get(key)?)?;
        Timestamp::from_millisecond(millis).ok()
    }

    /// A moment, or a time on the clock of a place that is not named.
    fn when(&self, key: &str) -> Option<When> {
        let value = self.0.get(key)?;
        let local = value.as_str().and_then(|text| {
            let text = text.trim();
            // A time with a zone is read as a civil one as well, without it.
            let zoned = text.parse::<Timestamp>().is_ok();
            text.parse::<DateTime>().ok().filter(|_| !zoned)
        });
        match local {
            Some(local) => Some(When::Local(local)),
            None => self.time(key).map(When::Utc),
        }
    }

    /// The contact that a thing hangs on.
    pub(super) fn contact_id(&self) -> Option<String> {
        self.text("contactId")
            .or_else(|| Thing(self.0.get("contact")?).id())
    }
}

pub(super) fn task(it: &Thing<'_>, contact_id: Option<&str>) -> Option<Task> {
    Some(Task {
        id: it.id()?,
        contact_id: it.contact_id().or_else(|| contact_id.map(str::to_owned)),
        title: it.text("title"),
        body: it.text("body"),
        assigned_to: it.text("assignedTo"),
        due: it.time("dueDate"),
        completed: it.flag("completed").unwrap_or(false),
    })
}

pub(super) fn note(it: &Thing<'_>, contact_id: &str) -> Option<Note> {
    Some(Note {
        id: it.id()?,
        contact_id: it.contact_id().or_else(|| Some(contact_id.to_owned())),
        title: it.text("title"),
        body: it.text("body"),
        user_id: it.text("userId"),
        color: it.text("color"),
        pinned: it.flag("pinned"),
        added: it.time("dateAdded"),
    })
}

pub(super) fn appointment(it: &Thing<'_>, contact_id: &str) -> Option<Appointment> {
    Some(Appointment {
        id: it.id()?,
        contact_id: it.contact_id().or_else(|| Some(contact_id.to_owned())),
        calendar_id: it.text("calendarId"),
        title: it.text("title"),
        status: it.text("appointmentStatus").or_else(|| it.text("status")),
        assigned_to: it.text("assignedUserId"),
        notes: it.text("notes"),
        address: it.text("address"),
        start: it.when("startTime"),
        end: it.when("endTime"),
        added: it.when("dateAdded"),
        updated: it.when("dateUpdated"),
    })
}
