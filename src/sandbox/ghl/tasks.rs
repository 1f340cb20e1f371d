//! What is to happen with a contact: its tasks, the search over all tasks, its appointments.
//! Start with [`list`] and [`search`].

use serde_json::{Map, Value, json};

use super::super::ids;
use super::super::location::Location;
use super::super::shelf::{Thing, text};
use super::check::{Form, Rule, may, must};
use super::listing::{Page, Place};
use super::{Desk, Outcome, Refused, ok};

const CREATE: [Rule; 5] = [
    must("title", Form::Filled),
    must("dueDate", Form::Instant),
    must("completed", Form::Flag),
    may("body", Form::Text),
    may("assignedTo", Form::Text),
];
const UPDATE: [Rule; 5] = [
    may("title", Form::Filled),
    may("dueDate", Form::Instant),
    may("completed", Form::Flag),
    may("body", Form::Text),
    may("assignedTo", Form::Text),
];
const COMPLETE: [Rule; 1] = [must("completed", Form::Flag)];

/// `GET /contacts/:id/tasks`: all of them, no pages.
pub(super) fn list(desk: &mut Desk<'_>, contact: &str) -> Outcome {
    desk.contact(contact)?;
    let tasks: Vec<_> = desk.location.shelf(Thing::Task).of(contact).collect();
    ok(json!({"tasks": tasks}))
}

/// A task of a contact.
fn task(desk: &Desk<'_>, contact: &str, id: &str) -> Result<Map<String, Value>, Refused> {
    desk.contact(contact)?;
    let task = desk.location.shelf(Thing::Task).get(id);
    let own = task.filter(|task| text(task, "contactId") == contact);
    own.cloned().ok_or_else(|| desk.missing("Task", id))
}

/// `GET /contacts/:id/tasks/:taskId`.
pub(super) fn one(desk: &mut Desk<'_>, contact: &str, id: &str) -> Outcome {
    ok(json!({"task": task(desk, contact, id)?}))
}

/// Stores a task with what a body says of it.
fn write(
    desk: &mut Desk<'_>,
    contact: &str,
    mut task: Map<String, Value>,
    body: Map<String, Value>,
) -> Value {
    task.extend(body);
    if let Some(due) = ids::read_iso(text(&task, "dueDate")) {
        task.insert("dueDate".to_owned(), json!(ids::iso(due)));
    }
    task.insert("contactId".to_owned(), json!(contact));
    let task = desk.location.shelve(Thing::Task, task, desk.ask.now);
    desk.touch(contact);
    json!({"task": task})
}

/// `POST /contacts/:id/tasks`.
pub(super) fn create(desk: &mut Desk<'_>, contact: &str) -> Outcome {
    let body = desk.checked(&CREATE)?;
    desk.contact(contact)?;
    let made = write(desk, contact, Map::new(), body);
    desk.created(made)
}

/// `PUT /contacts/:id/tasks/:taskId`.
pub(super) fn update(desk: &mut Desk<'_>, contact: &str, id: &str) -> Outcome {
    let body = desk.checked(&UPDATE)?;
    let known = task(desk, contact, id)?;
    ok(write(desk, contact, known, body))
}

/// `PUT /contacts/:id/tasks/:taskId/completed`.
pub(super) fn complete(desk: &mut Desk<'_>, contact: &str, id: &str) -> Outcome {
    let body = desk.checked(&COMPLETE)?;
    let known = task(desk, contact, id)?;
    ok(write(desk, contact, known, body))
}

/// `DELETE /contacts/:id/tasks/:taskId`.
pub(super) fn delete(desk: &mut Desk<'_>, contact: &str, id: &str) -> Outcome {
    task(desk, contact, id)?;
    desk.location.unshelve(Thing::Task, id, desk.ask.now);
    desk.touch(contact);
    ok(json!({"succeded": true}))
}

const SEARCH: [Rule; 7] = [
    may("contactId", Form::Texts),
    may("completed", Form::Flag),
    may("assignedTo", Form::Texts),
    may("query", Form::Text),
    may("limit", Form::Count),
    may("skip", Form::Count),
    may("businessId", Form::Text),
];

/// `POST /locations/:id/tasks/search`. Its order is not documented; this is the one of arrival.
pub(super) fn search(desk: &mut Desk<'_>) -> Outcome {
    let mut body = desk.checked(&SEARCH)?;
    let mut count = |key: &str, default: usize| {
        let given = body.remove(key).and_then(|value| value.as_u64());
        given.map_or(default, |number| {
            usize::try_from(number).unwrap_or(usize::MAX)
        })
    };
    let (limit, skip) = (count("limit", 25), count("skip", 0));
    if limit == 0 {
        let text = "limit must not be less than 1".to_owned();
        return Err(Refused::invalid(vec![text]));
    }
    let place = desk.turn(&json!(["tasks", body, limit]), Place::Skip(skip));
    let found: Vec<_> = desk
        .location
        .shelf(Thing::Task)
        .all()
        .filter(|task| fits(desk.location, task, &body))
        .collect();
    let page = Page::cut(&found, &place, limit, |_| false);
    ok(json!({"tasks": desk.shown(page.items)}))
}

fn fits(location: &Location, task: &Map<String, Value>, wanted: &Map<String, Value>) -> bool {
    let one_of = |key: &str| match wanted.get(key) {
        Some(Value::Array(ids)) if !ids.is_empty() => ids.iter().any(|id| id == text(task, key)),
        _ => true,
    };
    let query = text(wanted, "query").to_lowercase();
    let business = text(wanted, "businessId");
    one_of("contactId")
        && one_of("assignedTo")
        && wanted
            .get("completed")
            .is_none_or(|completed| task.get("completed") == Some(completed))
        && ["title", "body"]
            .iter()
            .any(|key| text(task, key).to_lowercase().contains(&query))
        && (business.is_empty()
            || location
                .get(text(task, "contactId"))
                .is_some_and(|contact| text(&contact.stored(), "businessId") == business))
}

/// `GET /contacts/:id/appointments`: times without a zone, which are the location's.
pub(super) fn appointments(desk: &mut Desk<'_>, contact: &str) -> Outcome {
    desk.contact(contact)?;
    let events: Vec<_> = desk
        .location
        .shelf(Thing::Appointment)
        .of(contact)
        .collect();
    ok(json!({"events": events}))
}
