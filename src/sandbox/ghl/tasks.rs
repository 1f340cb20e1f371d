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

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, complaints, send, send_with, with_ada};
    use super::*;
    use crate::sandbox::brand::members;
    use crate::sandbox::seed::{self, LOCATION_ID as L};
    use serde_json::Value;

    fn add(place: &mut Location, body: Value) -> Value {
        let (status, answer) = send(place, "POST", "/contacts/A1/tasks", body);
        assert_eq!(status, 201, "{answer}");
        answer["task"].clone()
    }

    #[test]
    fn a_task_lives_and_dies() {
        let mut place = with_ada();
        let made = add(
            &mut place,
            json!({"title": "Call", "dueDate": "2026-10-25T11:00:00+02:00", "completed": false,
                "body": "about it", "assignedTo": "u1"}),
        );
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!(made["dueDate"], "2026-10-25T09:00:00.000Z");
        assert_eq!((&made["contactId"], id.len()), (&json!("A1"), 20));
        let one = format!("/contacts/A1/tasks/{id}");
        let (status, body) = send(&mut place, "GET", &one, Value::Null);
        assert_eq!((status, &body["task"]), (200, &made));
        let (status, body) = send(&mut place, "PUT", &one, json!({"title": "Call again"}));
        assert_eq!((status, &body["task"]["body"]), (200, &json!("about it")));
        let done = format!("{one}/completed");
        let (status, body) = send(&mut place, "PUT", &done, json!({"completed": true}));
        assert_eq!((status, &body["task"]["completed"]), (200, &json!(true)));
        let (_, body) = send(&mut place, "GET", "/contacts/A1/tasks", Value::Null);
        assert_eq!(body["tasks"].as_array().unwrap().len(), 1);
        assert_eq!(body["tasks"][0]["title"], "Call again");
        let (status, body) = send(&mut place, "DELETE", &one, Value::Null);
        assert_eq!((status, &body["succeded"]), (200, &json!(true)));
        for method in ["GET", "DELETE"] {
            let (status, body) = send(&mut place, method, &one, Value::Null);
            let text = json!(format!("Task with id {id} not found"));
            assert_eq!((status, &body["message"]), (400, &text));
        }
        let quirk = ["not-found=404"];
        assert_eq!(
            send_with(&quirk, &mut place, "GET", &one, Value::Null).0,
            404
        );
    }

    #[test]
    fn bodies_of_tasks_are_strict() {
        let mut place = with_ada();
        let mut refused = |method: &str, target: &str, body: Value| {
            complaints(send(&mut place, method, target, body))
        };
        assert_eq!(
            refused(
                "POST",
                "/contacts/A1/tasks",
                json!({"locationId": L, "title": "",
                "completed": "no", "dueDate": "tomorrow"})
            ),
            [
                "property locationId should not exist",
                "title should not be empty",
                "dueDate must be a valid ISO 8601 date string",
                "completed must be a boolean value",
            ]
        );
        assert_eq!(refused("POST", "/contacts/A1/tasks", json!({})).len(), 3);
        let null = json!({"assignedTo": null, "contactId": "B1"});
        assert_eq!(
            refused("PUT", "/contacts/A1/tasks/t", null),
            [
                "property contactId should not exist",
                "assignedTo must be a string"
            ]
        );
        assert_eq!(
            refused("PUT", "/contacts/A1/tasks/t/completed", json!({})),
            ["completed must be a boolean value"]
        );
        assert_eq!(place.shelf(Thing::Task).len(), 0);
    }

    #[test]
    fn a_task_is_found_only_at_its_own_contact() {
        let mut place = with_ada();
        place.put(members(json!({"id": "B1"})), NOW);
        let made = add(
            &mut place,
            json!({"title": "t", "dueDate": "2027-01-01", "completed": true}),
        );
        let id = made["id"].as_str().unwrap();
        for (method, target) in [
            ("GET", format!("/contacts/B1/tasks/{id}")),
            ("DELETE", format!("/contacts/B1/tasks/{id}")),
            ("GET", "/contacts/nobody/tasks".to_owned()),
            ("GET", "/contacts/nobody/appointments".to_owned()),
        ] {
            assert_eq!(
                send(&mut place, method, &target, Value::Null).0,
                400,
                "{target}"
            );
        }
        let body = json!({"title": "t", "dueDate": "2027-01-01", "completed": true});
        assert_eq!(
            send(&mut place, "POST", "/contacts/nobody/tasks", body).0,
            400
        );
        assert_eq!(place.shelf(Thing::Task).len(), 1);
    }

    #[test]
    fn quirks_of_task_writes() {
        let body = json!({"title": "t", "dueDate": "2027-01-01", "completed": false});
        for (quirk, moved) in [("apart", false), ("touch-contact", true)] {
            let mut place = with_ada();
            let quirk = format!("related-writes={quirk}");
            send_with(
                &[&quirk],
                &mut place,
                "POST",
                "/contacts/A1/tasks",
                body.clone(),
            );
            let updated = place.get("A1").unwrap().stored()["dateUpdated"].clone();
            assert_eq!(updated == json!(ids::iso(NOW)), moved, "{quirk}");
        }
        let mut place = with_ada();
        let quirk = ["create-answer=refused-though-done"];
        complaints(send_with(
            &quirk,
            &mut place,
            "POST",
            "/contacts/A1/tasks",
            body,
        ));
        assert_eq!(place.shelf(Thing::Task).len(), 1);
    }

    #[test]
    fn tasks_of_everybody_are_searched() {
        let mut place = seed::location(250, 1, 0);
        let total = place.shelf(Thing::Task).len();
        let target = format!("/locations/{L}/tasks/search");
        let mut found = |body: Value| {
            let (status, answer) = send(&mut place, "POST", &target, body);
            assert_eq!(status, 200, "{answer}");
            answer["tasks"].as_array().unwrap().clone()
        };
        assert_eq!(found(json!({})).len(), 25);
        let mut seen = Vec::new();
        loop {
            let page = found(json!({"limit": 10, "skip": seen.len()}));
            if page.is_empty() {
                break;
            }
            seen.extend(
                page.iter()
                    .map(|task| task["id"].as_str().unwrap().to_owned()),
            );
        }
        assert_eq!(seen.len(), total);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), total);
        let all = |body: Value| {
            let mut body = body;
            body["limit"] = json!(1000);
            body
        };
        let done = found(all(json!({"completed": true}))).len();
        let open = found(all(json!({"completed": false}))).len();
        assert!(done > 0 && open > 0 && done + open == total);
        let renewal = found(json!({"query": "RENEWAL"}));
        assert_eq!(renewal[0]["title"], "Call about the renewal");
        let grace = renewal[0]["contactId"].clone();
        assert_eq!(found(json!({"contactId": [grace, "nobody"]})).len(), 3);
        let user = renewal[0]["assignedTo"].clone();
        let own = found(all(json!({"assignedTo": [user]})));
        assert!(own.len() < total && own.iter().all(|task| task["assignedTo"] == user));
        let business = found(all(json!({"businessId": "5a4dbe110000000000000000"})));
        assert!(business.len() >= 3 && business.len() < total);
        complaints(send(&mut place, "POST", &target, json!({"page": 1})));
        complaints(send(&mut place, "POST", &target, json!({"limit": 0})));
        complaints(send(
            &mut place,
            "POST",
            &target,
            json!({"contactId": "one"}),
        ));
    }

    #[test]
    fn appointments_are_shown_without_a_zone() {
        let mut place = seed::location(60, 1, 0);
        let grace = place.with_email("grace.hopper@example.com")[0].stored();
        let target = format!("/contacts/{}/appointments", text(&grace, "id"));
        let (status, body) = send(&mut place, "GET", &target, Value::Null);
        assert_eq!(status, 200);
        assert_eq!(body["events"][0]["startTime"], "2026-07-16 11:00:00");
        assert_eq!(body["events"][1]["appointmentStatus"], "confirmed");
    }
}
