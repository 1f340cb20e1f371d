//! Notes of a contact. Start with [`list`].

use serde_json::{Map, Value, json};

use super::super::quirks::ListOrder;
use super::super::shelf::{Thing, text};
use super::check::{Form, Rule, may, must};
use super::{Desk, Outcome, Refused, ok};

const CREATE: [Rule; 5] = [
    must("body", Form::Filled),
    may("userId", Form::Text),
    may("title", Form::Text),
    may("color", Form::Text),
    may("pinned", Form::Flag),
];
const UPDATE: [Rule; 5] = [
    may("body", Form::Text),
    may("userId", Form::Text),
    may("title", Form::Text),
    may("color", Form::Text),
    may("pinned", Form::Flag),
];

/// `GET /contacts/:id/notes`: all of them, no pages.
pub(super) fn list(desk: &mut Desk<'_>, contact: &str) -> Outcome {
    desk.contact(contact)?;
    let mut notes: Vec<_> = desk.location.shelf(Thing::Note).of(contact).collect();
    notes.sort_by_key(|note| text(note, "dateAdded"));
    if desk.quirks().note_order == ListOrder::Newest {
        notes.reverse();
    }
    ok(json!({"notes": notes}))
}

/// A note of a contact.
fn note(desk: &Desk<'_>, contact: &str, id: &str) -> Result<Map<String, Value>, Refused> {
    desk.contact(contact)?;
    let note = desk.location.shelf(Thing::Note).get(id);
    let own = note.filter(|note| text(note, "contactId") == contact);
    own.cloned().ok_or_else(|| desk.missing("Note", id))
}

/// `GET /contacts/:id/notes/:noteId`.
pub(super) fn one(desk: &mut Desk<'_>, contact: &str, id: &str) -> Outcome {
    ok(json!({"note": note(desk, contact, id)?}))
}

/// Stores a note with what a body says of it.
fn write(
    desk: &mut Desk<'_>,
    contact: &str,
    mut note: Map<String, Value>,
    body: Map<String, Value>,
) -> Value {
    note.extend(body);
    note.insert("contactId".to_owned(), json!(contact));
    let note = desk.location.shelve(Thing::Note, note, desk.ask.now);
    desk.touch(contact);
    json!({"note": note})
}

/// `POST /contacts/:id/notes`. Nothing makes it safe to repeat: two calls make two notes.
pub(super) fn create(desk: &mut Desk<'_>, contact: &str) -> Outcome {
    let body = desk.checked(&CREATE)?;
    desk.contact(contact)?;
    let made = write(desk, contact, Map::new(), body);
    desk.created(made)
}

/// `PUT /contacts/:id/notes/:noteId`.
pub(super) fn update(desk: &mut Desk<'_>, contact: &str, id: &str) -> Outcome {
    let body = desk.checked(&UPDATE)?;
    let known = note(desk, contact, id)?;
    ok(write(desk, contact, known, body))
}

/// `DELETE /contacts/:id/notes/:noteId`.
pub(super) fn delete(desk: &mut Desk<'_>, contact: &str, id: &str) -> Outcome {
    note(desk, contact, id)?;
    desk.location.unshelve(Thing::Note, id, desk.ask.now);
    desk.touch(contact);
    ok(json!({"succeded": true}))
}
