//! BigMailer over plain HTTP: what the client relies on, and the questions that its reference
//! (docs.bigmailer.io) leaves open. Start reading at [`check`].
//!
//! Every contact is opted out of everything while it is made, so no campaign can reach it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::env::field;
use crate::live::{Findings, MARK, Made, Place, Said, encoded, seconds};

/// How long a batch of two may take.
const BATCH: Duration = Duration::from_secs(300);

/// Merge tags of the fields of a run.
const TEXT: &str = "GHL_BM_LIVE_TEXT";
const NUMBER: &str = "GHL_BM_LIVE_NUMBER";
const DAY: &str = "GHL_BM_LIVE_DAY";
/// The merge tag of a field that nobody made.
const UNKNOWN: &str = "GHL_BM_LIVE_UNKNOWN";
/// A number that no float holds.
const EXACT: i64 = 9_007_199_254_740_993;

/// Runs every check with contacts, fields and lists of its own.
pub fn check(place: &Place, findings: &mut Findings) {
    let made = Made::new(place);
    let mut run = Run {
        place,
        made: &made,
        f: findings,
        lists: Vec::new(),
    };
    run.account();
    run.sweep();
    if !(run.fields() && run.lists()) {
        return;
    }
    run.other_things();
    let Some(id) = run.contact_is_made() else {
        return;
    };
    run.reading(&id);
    run.updating(&id);
    run.values(&id);
    run.upsert();
    run.batch();
    run.listing();
    run.deleting(&id);
}

struct Run<'a> {
    place: &'a Place,
    made: &'a Made<'a>,
    f: &'a mut Findings,
    /// Ids of the run's two lists.
    lists: Vec<String>,
}

fn text(name: &str, value: impl Into<String>) -> Value {
    json!({"name": name, "string": value.into()})
}

fn ids(person: &Value, key: &str) -> Vec<String> {
    let all = person[key].as_array().into_iter().flatten();
    let mut ids: Vec<String> = all.filter_map(|id| Some(id.as_str()?.to_owned())).collect();
    ids.sort();
    ids
}

fn has(person: &Value, name: &str) -> bool {
    let values = person["field_values"].as_array();
    values.is_some_and(|all| all.iter().any(|value| value["name"] == name))
}

impl Run<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/brands/{}/{rest}", self.place.id)
    }

    fn get(&self, rest: &str) -> Said {
        self.place.get(&self.path(rest))
    }

    fn post(&self, rest: &str, body: Value) -> Said {
        self.place.ask("POST", &self.path(rest), body)
    }

    /// A contact by its id or address.
    fn person(&self, key: &str) -> Said {
        self.get(&format!("contacts/{}", encoded(key)))
    }

    /// Every item of a listing.
    fn all(&mut self, rest: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let said = self.get(&format!("{rest}?limit=100{cursor}"));
            self.f
                .check(said.ok() && said.at("/data").is_array(), &said);
            self.f
                .check(said.at("/has_more").is_boolean(), "a page without has_more");
            all.extend_from_slice(said.list("/data"));
            let next = format!("&cursor={}", encoded(&said.text("/cursor")));
            if said.at("/has_more") != true || next == cursor {
                return all;
            }
            cursor = next;
        }
    }

    fn account(&mut self) {
        let said = self.place.get("/me");
        self.f.check(said.ok(), &said);
        let keys: Vec<_> = said.body.as_object().into_iter().flatten().collect();
        let keys: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
        self.f.saw("/me tells", keys.join(", "));
        let said = self.place.ask_with(
            "x-api-key",
            Some("00000000-0000-4000-8000-000000000000"),
            "/me",
        );
        self.f.check(said.status == 401, &said);
        self.f.saw("a key that is none", said.why());
        let said = self.place.ask_with("x-api-key", None, "/me");
        self.f.check(said.status == 401, &said);
        let said = self.place.get("/brands?limit=1");
        self.f
            .check(said.ok() && said.at("/data/0/id").is_string(), &said);
        let said = self.place.get(&format!("/brands/{}", self.place.id));
        self.f.check(said.at("/id") == &json!(self.place.id), &said);
        self.f.saw(
            "the brand tells its size",
            match said.at("/num_contacts").is_number() {
                true => "yes",
                false => "no",
            },
        );
        let said = self
            .place
            .get("/brands/00000000-0000-4000-8000-000000000000");
        self.f.check([403, 404].contains(&said.status), &said);
        self.f.saw("a brand that does not exist", said.why());
        let said = self.get("contacts?limit=101");
        self.f.saw("a page of 101", said.why_or("is taken"));
        let said = self.get("contacts?limit=1&cursor=nonsense");
        self.f.saw("a cursor that is none", said.why_or("is taken"));
    }

    /// Deletes what a run left behind that could not end.
    fn sweep(&mut self) {
        for n in 1..=8 {
            for address in [self.place.address(n), self.place.address(n).to_uppercase()] {
                let said = self.person(&address);
                if let Some(id) = said.at("/id").as_str() {
                    let path = self.path(&format!("contacts/{id}"));
                    self.place.ask("DELETE", &path, Value::Null);
                }
            }
        }
        self.delete("fields", |field| {
            let tag = field["merge_tag_name"].as_str().unwrap_or_default();
            tag.to_uppercase().starts_with("GHL_BM_LIVE_")
        });
        self.delete("lists", |list| {
            let name = list["name"].as_str().unwrap_or_default();
            name.starts_with(MARK)
        });
    }

    fn delete(&mut self, what: &str, ours: impl Fn(&Value) -> bool) {
        for item in self.all(what) {
            if let (true, Some(id)) = (ours(&item), item["id"].as_str()) {
                let path = self.path(&format!("{what}/{id}"));
                self.place.ask("DELETE", &path, Value::Null);
            }
        }
    }

    /// Whether the fields of the run are there.
    fn fields(&mut self) -> bool {
        for (tag, kind) in [(TEXT, "text"), (NUMBER, "integer"), (DAY, "date")] {
            let name = format!("{MARK} {kind}");
            let body = json!({"name": name, "type": kind, "merge_tag_name": tag});
            let said = self.post("fields", body.clone());
            let id = said.text("/id");
            self.f.check(said.ok() && !id.is_empty(), &said);
            if id.is_empty() {
                return false;
            }
            self.made.add(self.path(&format!("fields/{id}")));
            let said = self.get(&format!("fields/{id}"));
            for (key, value) in [
                ("name", name.as_str()),
                ("type", kind),
                ("merge_tag_name", tag),
            ] {
                self.f.check(said.body[key] == value, &said);
            }
            let said = self.post("fields", body);
            self.f.check(
                said.status == 422 && said.at("/code") == "resource_already_exists",
                &said,
            );
        }
        let said = self.post(
            "fields",
            json!({"name": "GHL_BM live untagged", "type": "text"}),
        );
        if let Some(id) = said.at("/id").as_str() {
            let path = format!("fields/{id}");
            self.made.add(self.path(&path));
            let tag = self.get(&path).text("/merge_tag_name");
            self.f
                .saw("\"GHL_BM live untagged\" gets the merge tag", tag);
        }
        let tags: Vec<Value> = self.all("fields");
        let built_in = tags.iter().find(|field| field["type"] == "email");
        self.f.saw(
            "the field of the address has the merge tag",
            built_in.map_or("none".to_owned(), |field| {
                field["merge_tag_name"].to_string()
            }),
        );
        true
    }

    /// Whether the lists of the run are there.
    fn lists(&mut self) -> bool {
        for n in [1, 2] {
            let name = format!("{MARK} {n}");
            let said = self.post("lists", json!({"name": name}));
            let id = said.text("/id");
            self.f.check(said.ok() && !id.is_empty(), &said);
            if id.is_empty() {
                return false;
            }
            self.made.add(self.path(&format!("lists/{id}")));
            let said = self.get(&format!("lists/{id}"));
            self.f.check(
                said.at("/name") == name.as_str() && said.at("/id") == id.as_str(),
                &said,
            );
            self.lists.push(id);
        }
        let said = self.post("lists", json!({"name": format!("{MARK} 1")}));
        if let Some(id) = said.at("/id").as_str() {
            self.made.add(self.path(&format!("lists/{id}")));
        }
        self.f
            .saw("a second list of the same name", said.why_or("is made"));
        let renamed = format!("{MARK} renamed");
        let list = format!("lists/{}", self.lists[1]);
        let said = self.post(&list, json!({"name": renamed}));
        self.f.check(said.ok(), &said);
        self.f.check(
            self.get(&list).at("/name") == renamed.as_str(),
            "a list keeps its old name",
        );
        let system = self
            .all("lists")
            .iter()
            .filter(|list| list["all"] == true)
            .count();
        self.f.saw("lists of everybody", system.to_string());
        true
    }

    fn other_things(&mut self) {
        for path in [
            "message-types?type=all",
            "segments?limit=1",
            "suppression-lists?limit=1",
            "transactional-campaigns?limit=1",
        ] {
            let said = self.get(path);
            self.f
                .check(said.at("/data").is_array() || said.status == 403, &said);
        }
    }

    fn draft(&self, n: u32) -> Value {
        json!({
            "email": self.place.address(n),
            // Nobody is to be mailed.
            "unsubscribe_all": true,
            "field_values": [text(TEXT, "one"), {"name": NUMBER, "integer": EXACT},
                             {"name": DAY, "date": "1990-09-25"}],
            "list_ids": [self.lists[0]],
        })
    }

    fn create(&mut self, body: Value) -> Option<String> {
        let said = self.post("contacts", body);
        let id = said.at("/id").as_str()?.to_owned();
        self.made.add(self.path(&format!("contacts/{id}")));
        Some(id)
    }

    fn contact_is_made(&mut self) -> Option<String> {
        let id = self.create(self.draft(1));
        self.f.check(id.is_some(), "a contact cannot be made");
        let said = self.post("contacts", self.draft(1));
        self.f.check(
            said.status == 422 && said.at("/code") == "resource_already_exists",
            &said,
        );
        let mut upper = self.draft(1);
        upper["email"] = json!(self.place.address(1).to_uppercase());
        let said = self.post("contacts", upper);
        if let Some(id) = said.at("/id").as_str() {
            self.made.add(self.path(&format!("contacts/{id}")));
        }
        self.f.saw(
            "the same address in upper case",
            said.why_or("is another contact"),
        );
        let said = self.post(
            "contacts",
            json!({"email": "no address", "unsubscribe_all": true}),
        );
        self.f
            .check(said.status == 400 || said.status == 422, &said);
        self.f.saw("an address without @", said.why());
        id
    }

    fn reading(&mut self, id: &str) {
        for key in [id.to_owned(), self.place.address(1)] {
            let said = self.person(&key);
            self.f.check(said.ok() && said.at("/id") == id, &said);
            let person = &said.body;
            self.f
                .check(person["email"] == self.place.address(1), "another address");
            self.f
                .check(person["unsubscribe_all"] == true, "an opt-out got lost");
            self.f
                .check(field(person, TEXT) == "one", "a text reads otherwise");
            self.f
                .check(field(person, NUMBER) == EXACT, "an integer reads otherwise");
            self.f
                .check(field(person, DAY) == "1990-09-25", "a date reads otherwise");
            self.f
                .check(person["created"].is_number(), "a contact without created");
        }
        let person = self.person(id).body;
        let others = ids(&person, "list_ids").len();
        self.f.check(
            ids(&person, "list_ids").contains(&self.lists[0]),
            "a list got lost",
        );
        self.f.saw(
            "the list of everybody is among list_ids",
            if others > 1 { "yes" } else { "no" },
        );
        let keys: Vec<&str> = person
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key.as_str())
            .collect();
        self.f.saw("a contact has", keys.join(", "));
        let said = self.person(&self.place.address(9));
        self.f.check(
            said.status == 404 && said.at("/code") == "resource_missing",
            &said,
        );
    }

    fn change(&mut self, id: &str, ops: &str, body: Value) -> Said {
        let said = self.post(&format!("contacts/{id}{ops}"), body);
        self.f.check(said.ok() && said.at("/id") == id, &said);
        said
    }

    fn updating(&mut self, id: &str) {
        self.change(
            id,
            "?field_values_op=add&list_ids_op=add&unsubscribe_ids_op=add",
            json!({"field_values": [text(TEXT, "two")], "list_ids": [self.lists[1]]}),
        );
        let person = self.person(id).body;
        self.f
            .check(field(&person, TEXT) == "two", "a value was not added");
        self.f.check(
            field(&person, NUMBER) == EXACT,
            "adding a value cost another",
        );
        self.f.check(
            self.lists
                .iter()
                .all(|list| ids(&person, "list_ids").contains(list)),
            "adding a list cost another",
        );
        self.f.check(
            person["unsubscribe_all"] == true,
            "an update cost the opt-out",
        );

        self.change(
            id,
            "?list_ids_op=remove",
            json!({"list_ids": [self.lists[1]]}),
        );
        let lists = ids(&self.person(id).body, "list_ids");
        self.f.check(
            lists.contains(&self.lists[0]) && !lists.contains(&self.lists[1]),
            "leaving a list went wrong",
        );

        self.change(
            id,
            "?field_values_op=remove",
            json!({"field_values": [text(TEXT, "another value")]}),
        );
        let wrong_value_does = !has(&self.person(id).body, TEXT);
        self.f.saw(
            "a value is removed by naming another value",
            if wrong_value_does { "yes" } else { "no" },
        );
        self.change(
            id,
            "?field_values_op=remove",
            json!({"field_values": [text(TEXT, "two")]}),
        );
        let person = self.person(id).body;
        self.f.check(
            !has(&person, TEXT) && has(&person, NUMBER),
            "removing a value went wrong",
        );

        let said = self.post(
            &format!("contacts/{id}?list_ids_op=sometimes"),
            json!({"list_ids": []}),
        );
        self.f
            .check(said.status == 400 || said.status == 422, &said);

        self.change(id, "", json!({"field_values": [text(TEXT, "three")]}));
        let person = self.person(id).body;
        self.f.check(
            field(&person, TEXT) == "three",
            "a value was not put in place",
        );
        self.f.saw(
            "an update that does not say how",
            if has(&person, NUMBER) {
                "adds"
            } else {
                "drops what it does not name"
            },
        );

        let topics = self.get("message-types?type=user").list("/data").to_vec();
        if let Some(topic) = topics.first().and_then(|topic| topic["id"].as_str()) {
            self.change(
                id,
                "?unsubscribe_ids_op=add",
                json!({"unsubscribe_ids": [topic]}),
            );
            let kept = ids(&self.person(id).body, "unsubscribe_ids");
            self.f.check(
                kept.contains(&topic.to_owned()),
                "an opt-out of a message type got lost",
            );
        }
        if self.create(self.draft(2)).is_some() {
            let said = self.post(
                &format!("contacts/{id}"),
                json!({"email": self.place.address(2)}),
            );
            self.f.check(
                said.status == 422 && said.at("/code") == "resource_already_exists",
                &said,
            );
        }
    }

    fn values(&mut self, id: &str) {
        let add = format!("contacts/{id}?field_values_op=add");
        for (value, question) in [
            (text(NUMBER, "words"), "a text in a field of numbers"),
            (
                json!({"name": DAY, "date": "2026-02-30"}),
                "a day that does not exist",
            ),
            (text(&TEXT.to_lowercase(), "x"), "a merge tag in other case"),
        ] {
            let said = self.post(&add, json!({"field_values": [value]}));
            self.f.saw(question, said.why_or("is taken"));
        }
        let said = self.post(&add, json!({"field_values": [text(TEXT, "")]}));
        let person = self.person(id).body;
        self.f.saw(
            "an empty text",
            match (said.ok(), has(&person, TEXT)) {
                (false, _) => said.why(),
                (true, false) => "leaves no value".to_owned(),
                (true, true) => format!("reads as {}", field(&person, TEXT)),
            },
        );
        let mut longest = 0;
        for length in [255, 256, 1_000, 10_000, 100_000] {
            let long = "x".repeat(length);
            let said = self.post(&add, json!({"field_values": [text(TEXT, long.clone())]}));
            if !said.ok() || field(&self.person(id).body, TEXT) != long {
                break;
            }
            longest = length;
        }
        self.f
            .saw("the longest text that arrived whole", longest.to_string());
        let said = self.post(&add, json!({"field_values": [text(UNKNOWN, "x")]}));
        let there = self
            .all("fields")
            .iter()
            .any(|field| field["merge_tag_name"] == UNKNOWN);
        self.f.saw(
            "a value for a field that does not exist",
            match (said.ok(), there) {
                (false, _) => said.why(),
                (true, false) => "is passed over".to_owned(),
                (true, true) => "makes the field".to_owned(),
            },
        );
        // Wherever a field was made of a name that none had.
        let lower = TEXT.to_lowercase();
        self.delete("fields", |field| {
            field["merge_tag_name"] == UNKNOWN || field["merge_tag_name"] == lower.as_str()
        });
        let said = self.post(&add, json!({"firstname": "x"}));
        self.f.saw(
            "a member that is not declared",
            said.why_or("is passed over"),
        );
    }

    /// What writing a contact that is there does to what was not written.
    fn merging(&mut self, how: [&'static str; 3], person: &Value) {
        let said = |kept| if kept { "keeps them" } else { "drops them" };
        self.f.saw(how[0], said(has(person, NUMBER)));
        self.f.saw(
            how[1],
            said(ids(person, "list_ids").contains(&self.lists[0])),
        );
        self.f.saw(
            how[2],
            if person["unsubscribe_all"] == true {
                "keeps it"
            } else {
                "takes it back"
            },
        );
    }

    fn upsert(&mut self) {
        let Some(id) = self.create(self.draft(3)) else {
            return;
        };
        let body = json!({"email": self.place.address(3), "field_values": [text(TEXT, "other")], "list_ids": [self.lists[1]]});
        let said = self.post("contacts/upsert", body);
        self.f
            .check(said.ok() && said.at("/id") == id.as_str(), &said);
        let person = self.person(&id).body;
        self.f
            .check(field(&person, TEXT) == "other", "an upsert changed nothing");
        self.merging(
            [
                "an upsert does to other values",
                "an upsert does to other lists",
                "an upsert does to an opt-out",
            ],
            &person,
        );
        self.change(&id, "", json!({"unsubscribe_all": true}));

        let said = self.post(
            "contacts/upsert",
            json!({"email": self.place.address(4), "unsubscribe_all": true}),
        );
        self.f.check(said.ok() && said.at("/id").is_string(), &said);
        self.made
            .add(self.path(&format!("contacts/{}", said.text("/id"))));
    }

    /// Sends a batch and waits for its end; what it came to, if it was taken.
    fn send_batch(&mut self, items: Value) -> (Said, Option<(Value, Duration, Vec<String>)>) {
        let sent = self.post(
            "contacts/batches",
            json!({"items": items, "validate": false}),
        );
        let Some(id) = sent.at("/id").as_str().map(str::to_owned) else {
            return (sent, None);
        };
        let mut words = Vec::new();
        let ended = self.place.until(BATCH, || {
            let said = self.get(&format!("contacts/batches/{id}"));
            let word = said.text("/status");
            if words.last() != Some(&word) {
                words.push(word);
            }
            said.at("/completed").is_number().then(|| said.body.clone())
        });
        self.f
            .check(ended.is_some(), "a batch has not ended after five minutes");
        (sent, ended.map(|(body, time)| (body, time, words)))
    }

    fn item(&self, n: u32, custom_id: &str) -> Value {
        json!({
            "email": self.place.address(n),
            "custom_id": custom_id,
            "unsubscribe_all": true,
            "list_ids": [self.lists[0]],
            "field_values": [text(TEXT, "batch")],
        })
    }

    fn batch(&mut self) {
        let Some(known) = self.create(self.draft(5)) else {
            return;
        };
        let mut existing = self.item(5, "b");
        existing.as_object_mut().unwrap().remove("unsubscribe_all");
        existing["list_ids"] = json!([self.lists[1]]);
        let items = json!([self.item(6, "a"), existing]);
        let (sent, ended) = self.send_batch(items);
        self.f.check(sent.ok(), &sent);
        let Some((done, time, words)) = ended else {
            return;
        };
        self.f.saw("a batch of two ends", seconds(time));
        self.f.saw("the words for its status", words.join(", "));
        let results = done["results"].as_array().cloned().unwrap_or_default();
        self.f.check(
            results.len() == 2,
            format!("a batch of two has {} results", results.len()),
        );
        for result in &results {
            self.f.check(
                result["success"] == true && result["id"].is_string(),
                format!("a result: {result}"),
            );
            if let Some(id) = result["id"].as_str() {
                self.made.add(self.path(&format!("contacts/{id}")));
            }
        }
        let by_custom = results.iter().find(|result| result["custom_id"] == "b");
        self.f.check(
            by_custom.is_some_and(|result| result["id"] == known.as_str()),
            "custom_id does not lead back",
        );
        let person = self.person(&self.place.address(6)).body;
        self.f.check(
            person["unsubscribe_all"] == true && field(&person, TEXT) == "batch",
            "a batch made another contact",
        );
        let person = self.person(&known).body;
        self.merging(
            [
                "a batch does to other values",
                "a batch does to other lists",
                "a batch does to an opt-out",
            ],
            &person,
        );
        self.change(&known, "", json!({"unsubscribe_all": true}));

        let items = json!([self.item(7, "a"), {"email": "no address", "custom_id": "b", "unsubscribe_all": true}]);
        let (sent, ended) = self.send_batch(items);
        let person = self.person(&self.place.address(7));
        if let Some(id) = person.at("/id").as_str() {
            self.made.add(self.path(&format!("contacts/{id}")));
        }
        let bad = ended.and_then(|(done, ..)| {
            let results = done["results"].as_array().cloned().unwrap_or_default();
            results
                .into_iter()
                .find(|result| result["custom_id"] == "b")
        });
        self.f.saw(
            "one malformed address in a batch",
            match (sent.ok(), person.ok()) {
                (false, _) => format!("costs the batch: {}", sent.why()),
                (true, false) => "costs the other item, too".to_owned(),
                (true, true) => format!("fails alone: {}", bad.unwrap_or_default()["code"]),
            },
        );
        let said = self.get("contacts/batches/00000000-0000-4000-8000-000000000000");
        self.f.check(said.status == 404, &said);
    }

    fn listing(&mut self) {
        let path = format!("contacts?list_id={}&limit=2", self.lists[0]);
        let first = self.get(&path);
        self.f
            .check(first.ok() && first.list("/data").len() == 2, &first);
        self.f.check(
            first.at("/has_more") == true,
            "a page of two of three is the last one",
        );
        self.f.saw(
            "a listing tells the total",
            first.at("/total").is_number().to_string(),
        );
        let next = self.get(&format!(
            "{path}&cursor={}",
            encoded(&first.text("/cursor"))
        ));
        self.f
            .check(next.ok() && !next.list("/data").is_empty(), &next);
        let seen: Vec<&Value> = first
            .list("/data")
            .iter()
            .map(|person| &person["id"])
            .collect();
        let again = next
            .list("/data")
            .iter()
            .filter(|person| seen.contains(&&person["id"]))
            .count();
        self.f.check(again == 0, "a second page repeats the first");
        let keys = ["id", "email", "list_ids", "field_values", "unsubscribe_all"];
        for person in first.list("/data") {
            self.f.check(
                keys.iter().all(|key| !person[key].is_null()),
                "a listed contact is not whole",
            );
        }
        let again = self.get(&path);
        let same = first.at("/data") == again.at("/data");
        self.f.saw(
            "a listing comes in the same order twice",
            if same { "yes" } else { "no" },
        );
    }

    fn deleting(&mut self, id: &str) {
        let said = self
            .place
            .ask("DELETE", &self.path(&format!("contacts/{id}")), Value::Null);
        self.f.check(said.ok(), &said);
        let said = self.person(id);
        self.f.check(
            said.status == 404 && said.at("/code") == "resource_missing",
            &said,
        );
        let path = self.path(&format!("contacts/{id}"));
        let said = self.place.ask("DELETE", &path, Value::Null);
        self.f.check(said.status == 404, &said);
    }
}
