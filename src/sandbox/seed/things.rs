//! What hangs on the people of the made-up world: tasks, notes, appointments, opportunities over two
//! pipelines, businesses. It has a generator of its own, so that the people are the same with and
//! without it. A few awkward contacts have always the same; of the others some have something.
//! Start with [`Things::hang`].

use serde_json::{Map, Value, json};

use super::super::brand::members;
use super::super::ids;
use super::super::location::{Location, full_name, short_opportunity};
use super::super::shelf::{Thing, text};
use super::{DAY, LOCATION_ID, YOUNGEST, field_id, fixed_uuid};

/// Only so many contacts, the first ones, can have something: a million contacts must stay small.
const REACH: usize = 5_000;
/// What is to happen happens about five years after [`YOUNGEST`], so that it stays the future.
const LATER: i64 = YOUNGEST + 5 * 365 * DAY;

/// Users that tasks are assigned to and notes written by.
const USERS: [&str; 3] = [
    "SandboxUser000000001",
    "SandboxUser000000002",
    "SandboxUser000000003",
];
/// Calendars of the appointments.
const CALENDARS: [&str; 2] = ["SandboxCalendar00001", "SandboxCalendar00002"];

/// Pipelines: name and stages.
const PIPELINES: [(&str, &[&str]); 2] = [
    ("Sales", &["New lead", "Qualified", "Proposal", "Closed"]),
    ("Onboarding", &["Welcome", "Set-up", "Live"]),
];

/// Businesses: name, city, country. Nobody belongs to the last one.
const BUSINESSES: [(&str, &str, &str); 5] = [
    ("Example Foods Ltd", "London", "GB"),
    ("Müller & Söhne GmbH", "Köln", "DE"),
    ("O'Brien & Sons, \"Ltd\"", "Cork", "IE"),
    ("Atelier du Café", "Paris", "FR"),
    ("Nobody's Company", "Oslo", "NO"),
];

const TITLES: [&str; 6] = [
    "Call back",
    "Send the offer",
    "Ask for the missing form",
    "Check the invoice",
    "Invite to the event",
    "Say thank you",
];
const NOTES: [&str; 8] = [
    "Called, nobody there. Try again on Monday.",
    "<p>Wants the <strong>Pro</strong> plan.</p><ul><li>from May</li><li>paid yearly</li></ul>",
    "Größe geklärt: „42“, Straße und Türschild fehlen noch.",
    "Said: \"not before summer\", and 'maybe'; see also <https://www.example.com/?a=1&b=2>.",
    "<div>Meeting moved.<br>New room: 3 &amp; 4&nbsp;(second floor)</div>",
    "First line\nsecond line\r\n\r\n\tand a tab",
    "=1+1",
    "Café, naïve, 東京, 🎉",
];
const MEETINGS: [&str; 3] = ["First talk", "Demonstration", "Yearly review"];

/// Everything that was made so far.
pub(super) struct Things {
    rng: fastrand::Rng,
    /// So many contacts come first that are not ordinary.
    awkward: usize,
    made: Vec<(Thing, Map<String, Value>)>,
}

impl Things {
    /// The two pipelines and the businesses, which are the same in every world.
    pub(super) fn new(seed: u64, awkward: usize) -> Self {
        let rng = fastrand::Rng::with_seed(seed ^ 0xa54f_f53a);
        let mut things = Self {
            rng,
            awkward,
            made: Vec::new(),
        };
        let mut first = 0;
        for (name, stages) in PIPELINES {
            let stages: Vec<Value> = stages
                .iter()
                .enumerate()
                .map(|(at, stage)| {
                    json!({"id": fixed_uuid(0x57a6, first + at), "name": stage, "position": at,
                        "showInFunnel": true, "showInPieChart": true})
                })
                .collect();
            first += stages.len();
            things.put(
                Thing::Pipeline,
                json!({"id": pipeline_id(name), "name": name, "stages": stages,
                    "showInFunnel": true, "showInPieChart": true, "locationId": LOCATION_ID}),
            );
        }
        for (number, (name, city, country)) in BUSINESSES.iter().enumerate() {
            let made = ids::iso(YOUNGEST - 400 * DAY);
            things.put(
                Thing::Business,
                json!({"id": business_id(number), "name": name,
                    "phone": format!("+4420794603{number:02}"),
                    "email": format!("office{number}@example.net"),
                    "website": "https://www.example.net", "address": format!("{number} Market Street"),
                    "city": city, "description": "", "state": "", "postalCode": "10001",
                    "country": country, "locationId": LOCATION_ID, "createdBy": user(0),
                    "updatedBy": user(0), "createdAt": made, "updatedAt": made}),
            );
        }
        things
    }

    fn put(&mut self, thing: Thing, members_of: Value) {
        self.made.push((thing, members(members_of)));
    }

    /// Hangs things on the contact of this number and lets the contact know of them.
    pub(super) fn hang(&mut self, number: usize, contact: &mut Map<String, Value>) {
        if number >= REACH {
            return;
        }
        let before = self.made.len();
        if number < self.awkward {
            self.awkward(contact);
        } else {
            self.ordinary(contact);
        }
        let short: Vec<Value> = self.made[before..]
            .iter()
            .filter(|(thing, _)| *thing == Thing::Opportunity)
            .map(|(_, members)| short_opportunity(members))
            .collect();
        if !short.is_empty() {
            contact.insert("opportunities".to_owned(), json!(short));
        }
    }

    /// Puts everything on the shelves of the location.
    pub(super) fn shelve(self, location: &mut Location) {
        for (thing, members) in self.made {
            location.remember(thing, "", Some(members));
        }
    }

    /// What a few of the awkward contacts always have.
    fn awkward(&mut self, contact: &mut Map<String, Value>) {
        let email = text(contact, "email").to_lowercase();
        let name = text(contact, "firstName").to_owned();
        let on = Hook::of(contact);
        match email.as_str() {
            "grace.hopper@example.com" => {
                self.task(&on, "Call about the renewal", LATER, false);
                self.task(&on, "Send the contract", YOUNGEST - 59 * DAY, false);
                self.task(&on, "Welcome call", YOUNGEST - 20 * DAY, true);
                self.note(&on, NOTES[0], YOUNGEST - 30 * DAY);
                self.note(&on, NOTES[1], YOUNGEST - 10 * DAY);
                self.note(&on, NOTES[2], YOUNGEST - 2 * DAY);
                self.appointment(&on, "2026-07-16 11:00:00", "2026-07-16 11:30:00", "showed");
                self.appointment(
                    &on,
                    "2031-07-15 09:00:00",
                    "2031-07-15 10:00:00",
                    "confirmed",
                );
                self.opportunity(&on, 0, 3, "won", Some(json!(12_500.5)));
                self.opportunity(&on, 1, 0, "open", Some(json!(990)));
                belong(contact, 0);
            }
            "every.type@example.com" => {
                self.task(
                    &on,
                    "Everything \"in\" one; task, with\na second line",
                    LATER,
                    false,
                );
                self.note(&on, &NOTES.join("\n"), YOUNGEST - DAY);
                self.appointment(&on, "2031-01-15 09:00:00", "2031-01-15 09:45:00", "new");
                self.opportunity(&on, 0, 1, "open", Some(json!(0.1)));
                self.opportunity(&on, 0, 3, "lost", Some(json!(1_000_000)));
                self.opportunity(&on, 0, 3, "won", None);
                belong(contact, 1);
            }
            "linus+news@example.org" => {
                self.note(&on, NOTES[3], YOUNGEST - 40 * DAY);
                self.appointment(
                    &on,
                    "2031-03-30 01:30:00",
                    "2031-03-30 02:30:00",
                    "cancelled",
                );
            }
            "o'brien@example.com" => {
                self.note(&on, NOTES[4], YOUNGEST - 12 * DAY);
                belong(contact, 2);
            }
            "hypatia@example.com" => {
                let long = "Περὶ κώνων. A long note that goes on and on. ".repeat(200);
                self.note(&on, &long, YOUNGEST - 7 * DAY);
            }
            "party@example.com" => {
                self.opportunity(&on, 0, 2, "abandoned", Some(json!(49.99)));
                self.opportunity(&on, 1, 2, "lost", Some(json!(300)));
                self.task(&on, "Tidy up 🎉", YOUNGEST - 3 * DAY, false);
            }
            "isil@example.com" => {
                self.task(&on, "İNCİ'yi ara", YOUNGEST - 100 * DAY, true);
                self.note(&on, NOTES[7], YOUNGEST - 5 * DAY);
            }
            // No address, and yet something to do.
            _ if name == "Nora" => {
                self.task(&on, "Ask for an address", LATER + DAY, false);
                self.note(&on, NOTES[5], YOUNGEST - 6 * DAY);
            }
            _ => {}
        }
    }

    /// Something or nothing for an ordinary contact.
    fn ordinary(&mut self, contact: &mut Map<String, Value>) {
        let on = Hook::of(contact);
        let mut some = |one_in: u8, most: u8| match self.rng.u8(..one_in) {
            0 => self.rng.u8(1..=most),
            _ => 0,
        };
        let (tasks, notes) = (some(6, 3), some(6, 3));
        let (appointments, opportunities) = (some(8, 2), some(5, 3));
        let belongs = some(10, 1) > 0;
        for _ in 0..tasks {
            let title = TITLES[self.rng.usize(..TITLES.len())];
            let day = self.rng.i64(1..200) * DAY;
            match self.rng.u8(..3) {
                0 => self.task(&on, title, LATER + day, false),
                1 => self.task(&on, title, YOUNGEST - day, false),
                _ => self.task(&on, title, YOUNGEST - day, true),
            }
        }
        for _ in 0..notes {
            let body = NOTES[self.rng.usize(..NOTES.len())];
            let at = self.rng.i64(on.added..=YOUNGEST);
            self.note(&on, body, at);
        }
        for _ in 0..appointments {
            let (year, status) = [
                (2025, "showed"),
                (2026, "noshow"),
                (2031, "confirmed"),
                (2032, "cancelled"),
            ][self.rng.usize(..4)];
            let (month, day) = (self.rng.u8(1..=9), self.rng.u8(1..=28));
            let hour = self.rng.u8(8..18);
            let at = |hour: u8| format!("{year}-{month:02}-{day:02} {hour:02}:00:00");
            self.appointment(&on, &at(hour), &at(hour + 1), status);
        }
        for _ in 0..opportunities {
            let pipeline = self.rng.usize(..PIPELINES.len());
            let stage = self.rng.usize(..PIPELINES[pipeline].1.len());
            let status = ["open", "open", "won", "lost", "abandoned"][self.rng.usize(..5)];
            let cents = self.rng.i64(0..500_000);
            let value = match cents % 4 {
                0 => json!(cents / 100),
                _ => json!(cents as f64 / 100.0),
            };
            self.opportunity(&on, pipeline, stage, status, Some(value));
        }
        if belongs {
            belong(contact, self.rng.usize(..BUSINESSES.len() - 1));
        }
    }

    fn task(&mut self, on: &Hook, title: &str, due: i64, completed: bool) {
        let id = ids::letters(&mut self.rng);
        let user = user(self.rng.usize(..USERS.len()));
        self.put(
            Thing::Task,
            json!({"id": id, "title": title, "body": format!("{title}, please."),
                "assignedTo": user, "dueDate": ids::iso(due), "completed": completed,
                "contactId": on.id}),
        );
    }

    fn note(&mut self, on: &Hook, body: &str, at: i64) {
        let id = ids::letters(&mut self.rng);
        let user = user(self.rng.usize(..USERS.len()));
        let mut note = json!({"id": id, "body": body, "userId": user, "contactId": on.id,
            "dateAdded": ids::iso(at)});
        if self.rng.bool() {
            note["title"] = json!("Follow-up");
            note["color"] = json!("#FFAA00");
            note["pinned"] = json!(self.rng.bool());
        }
        self.put(Thing::Note, note);
    }

    /// Times without a zone are the location's.
    fn appointment(&mut self, on: &Hook, from: &str, until: &str, status: &str) {
        let id = ids::letters(&mut self.rng);
        let title = MEETINGS[self.rng.usize(..MEETINGS.len())];
        let calendar = CALENDARS[self.rng.usize(..CALENDARS.len())];
        let user = user(self.rng.usize(..USERS.len()));
        let added = ids::iso(on.added).replace('T', " ");
        let added = added.split('.').next().unwrap_or_default();
        self.put(
            Thing::Appointment,
            json!({"id": id, "calendarId": calendar, "status": "booked", "title": title,
                "assignedUserId": user, "notes": "", "startTime": from, "endTime": until,
                "address": "1 Example Street", "locationId": LOCATION_ID, "contactId": on.id,
                "groupId": "", "appointmentStatus": status, "users": [user], "dateAdded": added,
                "dateUpdated": added, "assignedResources": []}),
        );
    }

    fn opportunity(
        &mut self,
        on: &Hook,
        pipeline: usize,
        stage: usize,
        status: &str,
        value: Option<Value>,
    ) {
        let id = ids::letters(&mut self.rng);
        let user = user(self.rng.usize(..USERS.len()));
        let created = self.rng.i64(on.added..=YOUNGEST);
        let changed = self.rng.i64(created..=YOUNGEST);
        let first: usize = PIPELINES[..pipeline].iter().map(|one| one.1.len()).sum();
        let mut one = json!({"id": id, "name": format!("{} ({})", on.name, PIPELINES[pipeline].0),
            "pipelineId": pipeline_id(PIPELINES[pipeline].0),
            "pipelineStageId": fixed_uuid(0x57a6, first + stage), "assignedTo": user,
            "status": status, "source": "", "lastStatusChangeAt": ids::iso(changed),
            "lastStageChangeAt": ids::iso(changed), "lastActionDate": ids::iso(changed),
            "indexVersion": "1", "createdAt": ids::iso(created), "updatedAt": ids::iso(changed),
            "contactId": on.id, "locationId": LOCATION_ID, "customFields": [], "followers": []});
        if let Some(value) = value {
            one["monetaryValue"] = value;
        }
        if self.rng.u8(..4) == 0 {
            // A text, though the field holds numbers: the schema has no number here.
            let size = self.rng.u8(1..50).to_string();
            one["customFields"] = json!([{"id": field_id("deal_size"), "fieldValue": size}]);
        }
        self.put(Thing::Opportunity, one);
    }
}

/// What things need to know of their contact.
struct Hook {
    id: String,
    name: String,
    /// `dateAdded` in milliseconds.
    added: i64,
}

impl Hook {
    fn of(contact: &Map<String, Value>) -> Self {
        Self {
            id: text(contact, "id").to_owned(),
            name: full_name(contact),
            added: ids::read_iso(text(contact, "dateAdded")).unwrap_or(YOUNGEST),
        }
    }
}

/// Makes a contact one of a business.
fn belong(contact: &mut Map<String, Value>, number: usize) {
    contact.insert("businessId".to_owned(), json!(business_id(number)));
    let name = BUSINESSES[number].0;
    contact.insert("businessName".to_owned(), json!(name));
}

fn user(number: usize) -> &'static str {
    USERS[number]
}

fn pipeline_id(name: &str) -> String {
    field_id(&format!("pipeline {name}"))
}

fn business_id(number: usize) -> String {
    format!("5a4dbe11{number:016x}")
}

#[cfg(test)]
mod tests {
    use super::super::{location, people};
    use super::*;

    fn all(place: &Location, thing: Thing) -> Vec<Map<String, Value>> {
        place.shelf(thing).all().cloned().collect()
    }

    #[test]
    fn the_same_seed_hangs_the_same_things() {
        for thing in Thing::ALL {
            let of = |seed| all(&location(200, seed, 0), thing);
            assert_eq!(of(5), of(5), "{thing:?}");
            if thing.is_of_contact() {
                assert_ne!(of(5), of(6), "{thing:?}");
            }
        }
    }

    #[test]
    fn the_people_do_not_notice() {
        let place = location(300, 1, 0);
        let mut with: Vec<Map<String, Value>> =
            place.all().iter().map(|contact| contact.stored()).collect();
        for contact in &mut with {
            for key in ["opportunities", "businessId", "businessName"] {
                contact.remove(key);
            }
        }
        let mut without: Vec<Map<String, Value>> = people(300, 1).collect();
        without.sort_by(|a, b| text(a, "id").cmp(text(b, "id")));
        assert_eq!(with, without);
    }

    #[test]
    fn there_is_something_of_everything() {
        let place = location(250, 1, 0);
        for thing in Thing::ALL.into_iter().filter(|thing| thing.is_of_contact()) {
            for one in all(&place, thing) {
                assert!(place.get(text(&one, "contactId")).is_some(), "{one:?}");
            }
        }
        let tasks = all(&place, Thing::Task);
        let has = |test: &dyn Fn(&str, bool) -> bool| {
            tasks
                .iter()
                .any(|one| test(text(one, "dueDate"), one["completed"] == true))
        };
        assert!(has(&|due, done| !done && due < "2026-10"));
        assert!(has(&|due, done| !done && due > "2030"));
        assert!(has(&|_, done| done));
        let notes = all(&place, Thing::Note);
        for word in ["<p>", "Größe", "\"not", "Περὶ", "\r\n"] {
            assert!(
                notes.iter().any(|one| text(one, "body").contains(word)),
                "{word}"
            );
        }
        assert!(notes.iter().any(|one| text(one, "body").len() > 5_000));
        let appointments = all(&place, Thing::Appointment);
        for status in ["showed", "confirmed", "cancelled"] {
            let known = |one: &Map<String, Value>| text(one, "appointmentStatus") == status;
            assert!(appointments.iter().any(known), "{status}");
        }
        assert!(
            appointments
                .iter()
                .all(|one| { text(one, "startTime").len() == 19 && one["dateAdded"] != "" })
        );
        let deals = all(&place, Thing::Opportunity);
        for status in ["open", "won", "lost", "abandoned"] {
            assert!(
                deals.iter().any(|one| text(one, "status") == status),
                "{status}"
            );
        }
        assert!(
            deals
                .iter()
                .any(|one| { one.get("monetaryValue").is_some_and(Value::is_f64) })
        );
        assert!(deals.iter().any(|one| !one.contains_key("monetaryValue")));
        let stages: Vec<String> = all(&place, Thing::Pipeline)
            .iter()
            .flat_map(|pipeline| pipeline["stages"].as_array().unwrap().clone())
            .map(|stage| stage["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(stages.len(), 7);
        for deal in &deals {
            assert!(
                stages
                    .iter()
                    .any(|stage| stage == text(deal, "pipelineStageId"))
            );
        }
        let members: Vec<usize> = all(&place, Thing::Business)
            .iter()
            .map(|business| place.of_business(text(business, "id")).len())
            .collect();
        assert!(members[..4].iter().all(|count| *count > 0) && members[4] == 0);
    }

    #[test]
    fn a_contact_knows_its_own_opportunities() {
        let place = location(250, 1, 0);
        for contact in place.all() {
            let stored = contact.stored();
            let own = place.shelf(Thing::Opportunity).of(text(&stored, "id"));
            let short: Vec<Value> = own.map(short_opportunity).collect();
            let shown = contact.item()["opportunities"].clone();
            assert_eq!(shown, json!(short));
        }
    }

    #[test]
    fn few_have_something_however_many_there_are() {
        let count = |contacts| {
            let place = location(contacts, 1, 0);
            Thing::ALL.map(|thing| place.shelf(thing).len())
        };
        assert_eq!(count(0), [0, 0, 0, 0, 2, 5]);
        let most = count(REACH);
        assert_eq!(most, count(REACH + 50));
        assert!(most[0] < 3_000);
    }
}
