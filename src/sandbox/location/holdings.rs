//! What a location holds besides contacts: shelves of what hangs on them, custom fields, the
//! dictionary of tags, and its own details. Each change is noted for the journal, and contacts that
//! show something of it are changed along. Start with [`Location::shelve`].

use serde_json::{Map, Value, json};

use super::super::ids;
use super::super::order::Named;
use super::super::shelf::{Shelf, Thing, text};
use super::Location;

impl Location {
    /// Makes a contact one of a business, or of none; false if there is no such contact.
    pub(crate) fn attach(&mut self, id: &str, business: Option<&str>, now: i64) -> bool {
        let Some(mut stored) = self.get(id).map(|contact| contact.stored()) else {
            return false;
        };
        match business.and_then(|id| self.shelf(Thing::Business).get(id)) {
            Some(business) => {
                stored.insert("businessId".to_owned(), json!(text(business, "id")));
                stored.insert("businessName".to_owned(), json!(text(business, "name")));
            }
            None => {
                stored.remove("businessId");
                stored.remove("businessName");
            }
        }
        stored.insert("dateUpdated".to_owned(), json!(ids::iso(now)));
        self.put(stored, now);
        true
    }

    /// The objects of one kind.
    pub(crate) fn shelf(&self, thing: Thing) -> &Shelf {
        &self.shelves[thing as usize]
    }

    /// Puts an object in, new or changed; what its kind always has is filled in.
    pub(crate) fn shelve(
        &mut self,
        thing: Thing,
        mut members: Map<String, Value>,
        now: i64,
    ) -> Map<String, Value> {
        let shelf = &mut self.shelves[thing as usize];
        shelf.complete(thing, &mut members, &self.id, &mut self.rng, now);
        let before = shelf
            .get(text(&members, "id"))
            .map(|old| text(old, "contactId").to_owned());
        shelf.put(members.clone());
        self.changes
            .note(|| json!({"kind": thing.kind(), "value": members}));
        if thing == Thing::Opportunity {
            let after = text(&members, "contactId");
            for contact in before.iter().map(String::as_str).chain([after]) {
                self.mirror_opportunities(contact, now);
            }
        }
        members
    }

    /// Takes an object away; false if there is none. A business lets its contacts go.
    pub(crate) fn unshelve(&mut self, thing: Thing, id: &str, now: i64) -> bool {
        let Some(gone) = self.shelves[thing as usize].remove(id) else {
            return false;
        };
        let kind = format!("{}-gone", thing.kind());
        self.changes.note(|| json!({"kind": kind, "id": id}));
        match thing {
            Thing::Opportunity => self.mirror_opportunities(text(&gone, "contactId"), now),
            Thing::Business => {
                for contact in self.of_business(id) {
                    self.attach(contact.id(), None, now);
                }
            }
            _ => {}
        }
        true
    }

    /// Takes in an object that a journal remembers, or with `None` its end.
    pub(crate) fn remember(&mut self, thing: Thing, id: &str, members: Option<Map<String, Value>>) {
        let shelf = &mut self.shelves[thing as usize];
        match members {
            Some(members) => shelf.put(members),
            None => _ = shelf.remove(id),
        }
    }

    /// Keeps the short form of a contact's opportunities that search shows in step with the shelf.
    fn mirror_opportunities(&mut self, contact: &str, now: i64) {
        let Some(mut stored) = self.get(contact).map(|contact| contact.stored()) else {
            return;
        };
        let short: Vec<Value> = self
            .shelf(Thing::Opportunity)
            .of(contact)
            .map(short_opportunity)
            .collect();
        let before = match short.is_empty() {
            true => stored.remove("opportunities"),
            false => stored.insert("opportunities".to_owned(), json!(short)),
        };
        if before.unwrap_or_else(|| json!([])) != json!(short) {
            self.put(stored, now);
        }
    }

    /// Puts a custom field definition in: over the one with its id, or at the end.
    pub(crate) fn put_field(&mut self, field: Value) {
        self.changes
            .note(|| json!({"kind": "ghl-field", "value": field}));
        place_by_id(&mut self.fields, field);
    }

    /// Deletes a custom field and its values; false if there is none.
    pub(crate) fn delete_field(&mut self, id: &str, now: i64) -> bool {
        let before = self.fields.len();
        self.fields.retain(|field| field["id"] != id);
        if self.fields.len() == before {
            return false;
        }
        self.changes
            .note(|| json!({"kind": "ghl-field-gone", "id": id}));
        self.rewrite(&json!(id).to_string(), now, |stored| {
            let Some(Value::Array(values)) = stored.get_mut("customFields") else {
                return false;
            };
            let before = values.len();
            values.retain(|value| value["id"] != id);
            values.len() < before
        });
        true
    }

    /// Puts a tag into the dictionary: over the one with its id, or at the end.
    pub(crate) fn put_tag(&mut self, tag: Value) {
        self.changes
            .note(|| json!({"kind": "ghl-tag", "value": tag}));
        place_by_id(&mut self.tags, tag);
    }

    /// Makes a tag for each of these names that the dictionary lacks in any letter case.
    pub(crate) fn know_tags(&mut self, names: &[String]) {
        for name in names {
            let known = self.tags.iter().any(|tag| {
                tag["name"]
                    .as_str()
                    .is_some_and(|known| known.to_lowercase() == *name)
            });
            if !known {
                let id = ids::letters(&mut self.rng);
                self.put_tag(json!({"id": id, "name": name, "locationId": self.id}));
            }
        }
    }

    /// Deletes a tag from the dictionary and from every contact; gives its name.
    pub(crate) fn delete_tag(&mut self, id: &str, now: i64) -> Option<String> {
        let at = self.tags.iter().position(|tag| tag["id"] == id)?;
        let tag = self.tags.remove(at);
        self.changes
            .note(|| json!({"kind": "ghl-tag-gone", "id": id}));
        let name = tag["name"].as_str().unwrap_or_default().to_lowercase();
        self.retag(&name, None, now);
        Some(name)
    }

    /// Renames a tag on every contact that has it, or takes it away.
    pub(crate) fn retag(&mut self, from: &str, to: Option<&str>, now: i64) {
        self.rewrite(&json!(from).to_string(), now, |stored| {
            let Some(Value::Array(tags)) = stored.get_mut("tags") else {
                return false;
            };
            let Some(at) = tags.iter().position(|tag| tag == from) else {
                return false;
            };
            match to {
                Some(to) if !tags.iter().any(|tag| tag == to) => tags[at] = json!(to),
                _ => _ = tags.remove(at),
            }
            stored.insert("dateUpdated".to_owned(), json!(ids::iso(now)));
            true
        });
    }

    /// Changes what `GET /locations/:id` shows.
    pub(crate) fn put_details(&mut self, details: Value) {
        self.details = details;
        let line = self.head();
        self.changes.note(|| line);
    }

    /// Details, custom fields and tags as a line for snapshot or journal.
    pub(crate) fn head(&self) -> Value {
        json!({"kind": "ghl-location", "details": self.details, "fields": self.fields,
            "tags": self.tags})
    }
}

/// What a search item shows of an opportunity (HighLevel docs, contacts search page: these can be
/// filtered by).
pub(crate) fn short_opportunity(members: &Map<String, Value>) -> Value {
    let take = |key: &str| members.get(key).cloned().unwrap_or(Value::Null);
    json!({"id": take("id"), "pipelineId": take("pipelineId"),
        "pipelineStageId": take("pipelineStageId"), "monetaryValue": take("monetaryValue"),
        "status": take("status")})
}

/// Puts an entry over the one with its id, or at the end.
pub(crate) fn place_by_id(entries: &mut Vec<Value>, entry: Value) {
    match entries.iter_mut().find(|known| known["id"] == entry["id"]) {
        Some(known) => *known = entry,
        None => entries.push(entry),
    }
}
