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

#[cfg(test)]
mod tests {
    use super::super::super::ids;
    use super::super::tests::{NOW, complaints, send, send_with, with_ada};
    use super::*;
    use crate::sandbox::brand::members;

    #[test]
    fn a_note_lives_and_dies() {
        let mut place = with_ada();
        let text = "<p>Größe: „42“ & \"more\"</p>\n";
        let body =
            json!({"body": text, "userId": "u1", "title": "T", "color": "#FFAA00", "pinned": true});
        let (status, answer) = send(&mut place, "POST", "/contacts/A1/notes", body);
        assert_eq!(status, 201);
        let made = answer["note"].clone();
        assert_eq!(
            (&made["body"], &made["pinned"]),
            (&json!(text), &json!(true))
        );
        assert_eq!(made["dateAdded"], ids::iso(NOW));
        let id = made["id"].as_str().unwrap().to_owned();
        let one = format!("/contacts/A1/notes/{id}");
        assert_eq!(send(&mut place, "GET", &one, Value::Null).1["note"], made);
        let (status, answer) = send(
            &mut place,
            "PUT",
            &one,
            json!({"body": "short", "pinned": false}),
        );
        assert_eq!((status, &answer["note"]["title"]), (200, &json!("T")));
        assert_eq!(answer["note"]["body"], "short");
        // The same text once more is another note.
        let again = send(
            &mut place,
            "POST",
            "/contacts/A1/notes",
            json!({"body": "short"}),
        );
        assert_ne!(again.1["note"]["id"], made["id"]);
        let (status, answer) = send(&mut place, "DELETE", &one, Value::Null);
        assert_eq!((status, &answer["succeded"]), (200, &json!(true)));
        assert_eq!(send(&mut place, "GET", &one, Value::Null).0, 400);
        assert_eq!(place.shelf(Thing::Note).len(), 1);
    }

    #[test]
    fn bodies_of_notes_are_strict() {
        let mut place = with_ada();
        let mut refused = |method: &str, target: &str, body: Value| {
            complaints(send(&mut place, method, target, body))
        };
        assert_eq!(
            refused(
                "POST",
                "/contacts/A1/notes",
                json!({"locationId": "L", "pinned": 1})
            ),
            [
                "property locationId should not exist",
                "body must be a string",
                "pinned must be a boolean value"
            ]
        );
        assert_eq!(
            refused(
                "PUT",
                "/contacts/A1/notes/n",
                json!({"dateAdded": "x", "body": null})
            ),
            [
                "property dateAdded should not exist",
                "body must be a string"
            ]
        );
        assert_eq!(
            send(
                &mut place,
                "POST",
                "/contacts/nobody/notes",
                json!({"body": "x"})
            )
            .0,
            400
        );
        place.put(members(json!({"id": "B1"})), NOW);
        let made = send(
            &mut place,
            "POST",
            "/contacts/A1/notes",
            json!({"body": "x"}),
        )
        .1;
        let elsewhere = format!(
            "/contacts/B1/notes/{}",
            made["note"]["id"].as_str().unwrap()
        );
        assert_eq!(send(&mut place, "GET", &elsewhere, Value::Null).0, 400);
    }

    #[test]
    fn quirks_of_notes() {
        let mut place = with_ada();
        for (id, day) in [("n2", "02"), ("n1", "01"), ("n3", "03")] {
            let date = format!("2026-10-{day}T00:00:00.000Z");
            let note = json!({"id": id, "contactId": "A1", "body": id, "dateAdded": date});
            place.shelve(Thing::Note, members(note), NOW);
        }
        let mut order = |quirk: &str| -> Vec<String> {
            let (_, body) = send_with(
                &[quirk],
                &mut place,
                "GET",
                "/contacts/A1/notes",
                Value::Null,
            );
            let notes = body["notes"].as_array().unwrap();
            notes
                .iter()
                .map(|note| note["id"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(order("note-order=newest"), ["n3", "n2", "n1"]);
        assert_eq!(order("note-order=oldest"), ["n1", "n2", "n3"]);
        let quirk = [
            "create-answer=refused-though-done",
            "related-writes=touch-contact",
        ];
        let body = json!({"body": "hidden"});
        complaints(send_with(
            &quirk,
            &mut place,
            "POST",
            "/contacts/A1/notes",
            body,
        ));
        assert_eq!(place.shelf(Thing::Note).len(), 4);
        let updated = || ids::iso(NOW);
        assert_eq!(place.get("A1").unwrap().stored()["dateUpdated"], updated());
    }
}
