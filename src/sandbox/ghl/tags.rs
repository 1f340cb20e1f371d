//! Tags of a contact, of many contacts, and of the location's dictionary.
//! Contacts hold names in lower case, the dictionary keeps the spelling. Start with [`add`].

use serde_json::{Map, Value, json};

use super::super::ids;
use super::check::{Form, Rule, may, must};
use super::write::tag_names;
use super::{Desk, Done, Outcome, Refused, ok};

const TAGS: [Rule; 1] = [must("tags", Form::Texts)];

/// What became of a contact's tags.
struct Change {
    before: Vec<String>,
    after: Vec<String>,
    added: Vec<String>,
    removed: Vec<String>,
}

/// Adds and removes tags; a contact that has them right already is left alone.
fn change(
    desk: &mut Desk<'_>,
    id: &str,
    edit: impl FnOnce(&mut Vec<String>),
) -> Result<Change, Refused> {
    let mut stored = desk.contact(id)?;
    let before = tag_names(stored.get("tags").unwrap_or(&Value::Null));
    let mut after = before.clone();
    edit(&mut after);
    let missing_in = |from: &[String], other: &[String]| -> Vec<String> {
        from.iter()
            .filter(|tag| !other.contains(tag))
            .cloned()
            .collect()
    };
    let added = missing_in(&after, &before);
    let removed = missing_in(&before, &after);
    if !added.is_empty() || !removed.is_empty() {
        let now = desk.ask.now;
        desk.location.know_tags(&added);
        stored.insert("tags".to_owned(), json!(after));
        stored.insert("dateUpdated".to_owned(), json!(ids::iso(now)));
        desk.location.put(stored, now);
    }
    Ok(Change {
        before,
        after,
        added,
        removed,
    })
}

fn add_all(have: &mut Vec<String>, names: &[String]) {
    for name in names {
        if !have.contains(name) {
            have.push(name.clone());
        }
    }
}

/// `POST /contacts/:id/tags`.
pub(super) fn add(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let names = tag_names(&desk.checked(&TAGS)?["tags"]);
    let change = change(desk, id, |have| add_all(have, &names))?;
    let mut body = json!({"tags": change.after});
    if desk.quirks().tag_changes {
        body["tagsAdded"] = json!(change.added);
    }
    Ok(Done::Body(201, body))
}

/// `DELETE /contacts/:id/tags`, with a body.
pub(super) fn remove(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let names = tag_names(&desk.checked(&TAGS)?["tags"]);
    let change = change(desk, id, |have| have.retain(|tag| !names.contains(tag)))?;
    let mut body = json!({"tags": change.after});
    if desk.quirks().tag_changes {
        body["tagsRemoved"] = json!(change.removed);
    }
    ok(body)
}

const BULK: [Rule; 4] = [
    must("contacts", Form::Texts),
    must("tags", Form::Texts),
    must("locationId", Form::Filled),
    may("removeAllTags", Form::Flag),
];

/// `POST /contacts/bulk/tags/update/:type`. What fails for one contact does not fail the call: the
/// answer is 201 and says it per contact.
pub(super) fn bulk(desk: &mut Desk<'_>, kind: &str) -> Outcome {
    let body = desk.checked(&BULK)?;
    desk.at_home(body["locationId"].as_str())?;
    let all = body.get("removeAllTags") == Some(&json!(true));
    let complaint = match kind {
        "add" if all => Some("removeAllTags can only be used with type remove"),
        "add" | "remove" => None,
        _ => Some("type must be one of the following values: add, remove"),
    };
    if let Some(complaint) = complaint {
        return Err(Refused::invalid(vec![complaint.to_owned()]));
    }
    let names = tag_names(&body["tags"]);
    let mut responses = Vec::new();
    let mut errors = 0;
    for id in body["contacts"].as_array().into_iter().flatten() {
        let id = id.as_str().unwrap_or_default();
        let changed = change(desk, id, |have| match (kind, all) {
            ("add", _) => add_all(have, &names),
            (_, true) => have.clear(),
            (_, false) => have.retain(|tag| !names.contains(tag)),
        });
        responses.push(match changed {
            Ok(change) => json!({"contactId": id, "message": "Tags updated", "type": "success",
                "oldTags": change.before, "tagsAdded": change.added,
                "tagsRemoved": change.removed}),
            Err(_) => {
                errors += 1;
                json!({"contactId": id, "message": "contact is deleted", "type": "error"})
            }
        });
    }
    Ok(Done::Body(
        201,
        json!({"succeded": true, "errorCount": errors, "responses": responses}),
    ))
}

/// `GET /locations/:id/tags`.
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    ok(json!({"tags": desk.location.tags}))
}

const NAME: [Rule; 1] = [must("name", Form::Filled)];

/// A tag of the dictionary.
fn entry(desk: &Desk<'_>, id: &str) -> Result<Value, Refused> {
    let tag = desk.location.tags.iter().find(|tag| tag["id"] == id);
    tag.cloned().ok_or_else(|| desk.missing("Tag", id))
}

/// The name that a body gives, unless another tag has it.
fn free_name(desk: &Desk<'_>, body: &Map<String, Value>, own: &str) -> Result<String, Refused> {
    let name = body["name"].as_str().unwrap_or_default().trim().to_owned();
    let taken = desk.location.tags.iter().any(|tag| {
        tag["id"] != own
            && tag["name"]
                .as_str()
                .is_some_and(|known| known.to_lowercase() == name.to_lowercase())
    });
    if taken {
        return Err(Refused::bad("The tag name already exists"));
    }
    Ok(name)
}

/// `POST /locations/:id/tags`; answers 200, not 201.
pub(super) fn create(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.checked(&NAME)?;
    let name = free_name(desk, &body, "")?;
    let id = ids::letters(&mut desk.location.rng);
    let tag = json!({"id": id, "name": name, "locationId": desk.location.id});
    desk.location.put_tag(tag.clone());
    ok(json!({"tag": tag}))
}

/// `GET /locations/:id/tags/:tagId`.
pub(super) fn one(desk: &mut Desk<'_>, id: &str) -> Outcome {
    ok(json!({"tag": entry(desk, id)?}))
}

/// `PUT /locations/:id/tags/:tagId`: contacts that have the tag get the new name.
pub(super) fn rename(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let body = desk.checked(&NAME)?;
    let mut tag = entry(desk, id)?;
    let name = free_name(desk, &body, id)?;
    let before = tag["name"].as_str().unwrap_or_default().to_lowercase();
    tag["name"] = json!(name);
    desk.location.put_tag(tag.clone());
    desk.location
        .retag(&before, Some(&name.to_lowercase()), desk.ask.now);
    ok(json!({"tag": tag}))
}

/// `DELETE /locations/:id/tags/:tagId`: contacts lose the tag, and nothing brings it back.
pub(super) fn delete(desk: &mut Desk<'_>, id: &str) -> Outcome {
    match desk.location.delete_tag(id, desk.ask.now) {
        Some(_) => ok(json!({"succeded": true})),
        None => Err(desk.missing("Tag", id)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, complaints, send, send_with, with_ada};
    use super::*;
    use crate::sandbox::brand::members;
    use crate::sandbox::location::Location;
    use crate::sandbox::seed::LOCATION_ID as L;

    fn tags(place: &Location, id: &str) -> Value {
        place.get(id).unwrap().stored()["tags"].clone()
    }

    fn updated(place: &Location) -> bool {
        place.get("A1").unwrap().stored()["dateUpdated"] == json!(ids::iso(NOW))
    }

    #[test]
    fn adding_keeps_the_others_and_makes_unknown_ones() {
        let mut place = with_ada();
        let known = place.tags.len();
        let target = "/contacts/A1/tags";
        let (status, body) = send(
            &mut place,
            "POST",
            target,
            json!({"tags": [" VIP", "Brand New"]}),
        );
        assert_eq!(
            (status, &body["tags"]),
            (201, &json!(["lead", "vip", "brand new"]))
        );
        assert!(body.get("tagsAdded").is_none());
        assert_eq!(tags(&place, "A1"), json!(["lead", "vip", "brand new"]));
        assert_eq!(
            (place.tags.len(), &place.tags[known]["name"]),
            (known + 1, &json!("brand new"))
        );
        assert!(updated(&place));
        let (status, body) = send(
            &mut place,
            "DELETE",
            target,
            json!({"tags": ["LEAD", "none"]}),
        );
        assert_eq!((status, &body["tags"]), (200, &json!(["vip", "brand new"])));
        let quirk = ["tag-changes=present"];
        let sent = json!({"tags": ["vip", "x"]});
        let (_, body) = send_with(&quirk, &mut place, "POST", target, sent.clone());
        assert_eq!(body["tagsAdded"], json!(["x"]));
        let (_, body) = send_with(&quirk, &mut place, "DELETE", target, sent);
        assert_eq!(
            (&body["tagsRemoved"], &body["tags"]),
            (&json!(["vip", "x"]), &json!(["brand new"]))
        );
        assert_eq!(
            complaints(send(&mut place, "POST", target, json!({}))),
            ["tags must be an array"]
        );
        let odd = json!({"tags": [1], "locationId": L});
        assert_eq!(
            complaints(send(&mut place, "DELETE", target, odd)),
            [
                "property locationId should not exist",
                "each value in tags must be a string"
            ]
        );
        assert_eq!(
            send(
                &mut place,
                "POST",
                "/contacts/nobody/tags",
                json!({"tags": ["a"]})
            )
            .0,
            400
        );
    }

    #[test]
    fn a_tag_that_is_there_already_changes_nothing() {
        let mut place = with_ada();
        place.changes.any = false;
        let (status, _) = send(
            &mut place,
            "POST",
            "/contacts/A1/tags",
            json!({"tags": ["Lead"]}),
        );
        assert_eq!(
            (status, updated(&place), place.changes.any),
            (201, false, false)
        );
    }

    #[test]
    fn bulk_changes_fail_one_by_one() {
        let mut place = with_ada();
        place.put(members(json!({"id": "B1", "tags": ["a", "b"]})), NOW);
        let bulk = |place: &mut Location, kind: &str, mut body: Value| {
            body["locationId"] = json!(L);
            send(
                place,
                "POST",
                &format!("/contacts/bulk/tags/update/{kind}"),
                body,
            )
        };
        let some = json!({"contacts": ["A1", "gone", "B1"], "tags": ["B", "c"]});
        let (status, answer) = bulk(&mut place, "add", some.clone());
        assert_eq!(
            (status, &answer["succeded"], &answer["errorCount"]),
            (201, &json!(true), &json!(1))
        );
        assert_eq!(
            answer["responses"],
            json!([
                {"contactId": "A1", "message": "Tags updated", "type": "success", "oldTags": ["lead"],
                    "tagsAdded": ["b", "c"], "tagsRemoved": []},
                {"contactId": "gone", "message": "contact is deleted", "type": "error"},
                {"contactId": "B1", "message": "Tags updated", "type": "success", "oldTags": ["a", "b"],
                    "tagsAdded": ["c"], "tagsRemoved": []}])
        );
        let (_, answer) = bulk(&mut place, "remove", some);
        assert_eq!(answer["responses"][2]["tagsRemoved"], json!(["b", "c"]));
        assert_eq!(tags(&place, "B1"), json!(["a"]));
        let all = json!({"contacts": ["A1", "B1"], "tags": [], "removeAllTags": true});
        assert_eq!(complaints(bulk(&mut place, "add", all.clone())).len(), 1);
        assert_eq!(bulk(&mut place, "remove", all.clone()).1["errorCount"], 0);
        assert_eq!(
            (tags(&place, "A1"), tags(&place, "B1")),
            (json!([]), json!([]))
        );
        complaints(bulk(&mut place, "set", all));
        assert_eq!(
            complaints(bulk(&mut place, "add", json!({"contacts": "A1"}))),
            ["contacts must be an array", "tags must be an array"]
        );
        let elsewhere = json!({"contacts": ["A1"], "tags": ["x"], "locationId": "other"});
        let target = "/contacts/bulk/tags/update/add";
        assert_eq!(send(&mut place, "POST", target, elsewhere).0, 403);
    }

    #[test]
    fn the_dictionary() {
        let mut place = with_ada();
        let base = format!("/locations/{L}/tags");
        let (_, body) = send(&mut place, "GET", &base, Value::Null);
        let list = body["tags"].as_array().unwrap().clone();
        assert!(list.iter().any(|tag| tag["name"] == "vip"));
        let (status, body) = send(&mut place, "POST", &base, json!({"name": "Shiny New"}));
        assert_eq!((status, &body["tag"]["name"]), (200, &json!("Shiny New")));
        let one = format!("{base}/{}", body["tag"]["id"].as_str().unwrap());
        assert_eq!(
            send(&mut place, "GET", &one, Value::Null).1["tag"],
            body["tag"]
        );
        assert_eq!(
            send(&mut place, "POST", &base, json!({"name": "SHINY new"})).0,
            400
        );
        complaints(send(
            &mut place,
            "POST",
            &base,
            json!({"name": "", "id": "x"}),
        ));
        // A rename goes through to the contacts, and so does the end.
        send(
            &mut place,
            "POST",
            "/contacts/A1/tags",
            json!({"tags": ["shiny new"]}),
        );
        assert_eq!(place.tags.len(), list.len() + 1);
        let (status, body) = send(&mut place, "PUT", &one, json!({"name": "Old \"news\""}));
        assert_eq!(
            (status, &body["tag"]["name"]),
            (200, &json!("Old \"news\""))
        );
        assert_eq!(tags(&place, "A1"), json!(["lead", "old \"news\""]));
        let (status, body) = send(&mut place, "DELETE", &one, Value::Null);
        assert_eq!((status, &body["succeded"]), (200, &json!(true)));
        assert_eq!(tags(&place, "A1"), json!(["lead"]));
        for method in ["GET", "DELETE"] {
            assert_eq!(send(&mut place, method, &one, Value::Null).0, 400);
        }
    }
}
