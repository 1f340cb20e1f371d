//! What hangs on the contacts of a HighLevel location or stands beside them: tasks, notes,
//! appointments, opportunities, pipelines, businesses. Far fewer than contacts, so they are kept as
//! plain JSON objects. Nothing here keeps a journal or knows a contact; [`super::location`] does.
//! Start with [`Shelf`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::ids;

/// What a shelf holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    Task,
    Note,
    Appointment,
    Opportunity,
    Pipeline,
    Business,
}

impl Thing {
    /// Every kind, in the order of declaration.
    pub(crate) const ALL: [Self; 6] = [
        Self::Task,
        Self::Note,
        Self::Appointment,
        Self::Opportunity,
        Self::Pipeline,
        Self::Business,
    ];

    /// Its name in snapshot and journal.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Task => "ghl-task",
            Self::Note => "ghl-note",
            Self::Appointment => "ghl-appointment",
            Self::Opportunity => "ghl-opportunity",
            Self::Pipeline => "ghl-pipeline",
            Self::Business => "ghl-business",
        }
    }

    /// Its name on the admin address.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Task => "tasks",
            Self::Note => "notes",
            Self::Appointment => "appointments",
            Self::Opportunity => "opportunities",
            Self::Pipeline => "pipelines",
            Self::Business => "businesses",
        }
    }

    /// Whether it belongs to one contact and goes when the contact goes.
    pub(crate) fn is_of_contact(self) -> bool {
        !matches!(self, Self::Pipeline | Self::Business)
    }

    /// A new id: 24 hexadecimal digits for a business, 20 letters for the rest (HighLevel's examples).
    fn new_id(self, rng: &mut fastrand::Rng) -> String {
        match self {
            Self::Business => (0..24).map(|_| rng.digit(16)).collect(),
            _ => ids::letters(rng),
        }
    }

    /// Puts in what every object of the kind has and the given one lacks.
    fn complete(self, members: &mut Map<String, Value>, location: &str, now: i64) {
        let now = ids::iso(now);
        let defaults: Vec<(&str, Value)> = match self {
            Self::Task => vec![("completed", json!(false))],
            Self::Note => vec![("dateAdded", json!(now))],
            Self::Appointment => vec![("locationId", json!(location))],
            Self::Opportunity => vec![
                ("status", json!("open")),
                ("createdAt", json!(now)),
                ("updatedAt", json!(now)),
                ("lastStatusChangeAt", json!(now)),
                ("locationId", json!(location)),
            ],
            Self::Pipeline => vec![("stages", json!([])), ("locationId", json!(location))],
            Self::Business => vec![
                ("createdAt", json!(now)),
                ("updatedAt", json!(now)),
                ("locationId", json!(location)),
            ],
        };
        for (key, value) in defaults {
            members.entry(key).or_insert(value);
        }
    }
}

/// Objects of one kind, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    things: BTreeMap<u64, Map<String, Value>>,
    places: HashMap<String, u64>,
    of: HashMap<String, BTreeSet<u64>>,
    next: u64,
}

impl Shelf {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.things.len()
    }

    /// The one with this id.
    pub(crate) fn get(&self, id: &str) -> Option<&Map<String, Value>> {
        self.things.get(self.places.get(id)?)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Map<String, Value>> {
        self.things.values()
    }

    /// Those of one contact.
    pub(crate) fn of(
        &self,
        contact: &str,
    ) -> impl DoubleEndedIterator<Item = &Map<String, Value>> + use<'_> {
        let places = self.of.get(contact).into_iter().flatten();
        places.filter_map(|place| self.things.get(place))
    }

    /// Gives a new one its id, and either what its kind always has.
    pub(crate) fn complete(
        &self,
        thing: Thing,
        members: &mut Map<String, Value>,
        location: &str,
        rng: &mut fastrand::Rng,
        now: i64,
    ) {
        if text(members, "id").is_empty() {
            let id = loop {
                let id = thing.new_id(rng);
                if !self.places.contains_key(&id) {
                    break id;
                }
            };
            members.insert("id".to_owned(), json!(id));
        }
        thing.complete(members, location, now);
    }

    /// Puts one in: over the one with its id, which keeps its place, or at the end.
    pub(crate) fn put(&mut self, members: Map<String, Value>) {
        let place = match self.places.get(text(&members, "id")) {
            Some(place) => *place,
            None => {
                self.next += 1;
                self.places
                    .insert(text(&members, "id").to_owned(), self.next);
                self.next
            }
        };
        self.unhook(place);
        let contact = text(&members, "contactId");
        if !contact.is_empty() {
            self.of.entry(contact.to_owned()).or_default().insert(place);
        }
        self.things.insert(place, members);
    }

    /// Takes one away and gives it back.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Map<String, Value>> {
        let place = self.places.remove(id)?;
        self.unhook(place);
        self.things.remove(&place)
    }

    /// Forgets which contact the object at a place belongs to.
    fn unhook(&mut self, place: u64) {
        let Some(contact) = self.things.get(&place).map(|one| text(one, "contactId")) else {
            return;
        };
        if let Some(places) = self.of.get_mut(contact) {
            places.remove(&place);
            if places.is_empty() {
                self.of.remove(contact);
            }
        }
    }
}

/// A member that is a text; empty when it is not.
pub(crate) fn text<'a>(members: &'a Map<String, Value>, key: &str) -> &'a str {
    members.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::brand::members;

    #[test]
    fn keeps_order_and_knows_whose_a_thing_is() {
        let mut shelf = Shelf::default();
        for (id, contact) in [("a", "x"), ("b", "y"), ("c", "x")] {
            shelf.put(members(json!({"id": id, "contactId": contact})));
        }
        let ids = |things: Vec<&Map<String, Value>>| -> Vec<String> {
            things
                .iter()
                .map(|one| text(one, "id").to_owned())
                .collect()
        };
        assert_eq!(ids(shelf.of("x").collect()), ["a", "c"]);
        // A changed one stays where it was, also when it goes to another contact.
        shelf.put(members(json!({"id": "a", "contactId": "y", "title": "t"})));
        assert_eq!(ids(shelf.all().collect()), ["a", "b", "c"]);
        assert_eq!(ids(shelf.of("y").collect()), ["a", "b"]);
        assert_eq!(ids(shelf.of("x").collect()), ["c"]);
        assert_eq!(text(&shelf.remove("a").unwrap(), "title"), "t");
        assert!(shelf.remove("a").is_none() && shelf.get("a").is_none());
        assert_eq!((shelf.len(), shelf.of("y").count()), (2, 1));
    }

    #[test]
    fn a_new_one_gets_an_id_in_its_kinds_shape() {
        let (shelf, mut rng) = (Shelf::default(), fastrand::Rng::with_seed(1));
        let mut made = |thing| {
            let mut members = Map::new();
            shelf.complete(thing, &mut members, "L", &mut rng, 0);
            members
        };
        assert_eq!(text(&made(Thing::Task), "id").len(), 20);
        let business = made(Thing::Business);
        let id = text(&business, "id");
        assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(made(Thing::Opportunity)["status"], "open");
        assert_eq!(made(Thing::Note)["dateAdded"], "1970-01-01T00:00:00.000Z");
    }
}
