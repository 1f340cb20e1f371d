//! Stories that people can read: tests/scenarios/*.toml.
//!
//! Each file says what is edited on either side, what the next sync is expected to plan, write and
//! answer, and how both sides look afterwards. Every run is preceded by a dry run whose numbers must
//! be the same, and every story ends with two more runs that must write nothing. The keys are those
//! of [`Story`]; start reading at [`every_story_ends_as_it_says`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ghl_bm::sandbox::{Options, Quirks};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::env::{Env, each, empty, field};

/// The profile of all stories: everything both ways, unless a story says otherwise.
const PROFILE: &str = r#"version = 1

[ghl]
location_id = "LOCATION_ID"

[bigmailer]
brand_id = "BRAND_ID"

[sync]
SYNC

[filter]
tags_none = ["internal"]

[consent]
CONSENT

RULES

[limits]
ghl_per_10s = 100000
bigmailer_per_second = 0
"#;

const SYNC: &str = "direction = \"both\"\ncreate_in_ghl = true";
const CONSENT: &str = "to_ghl = true";
const RULES: &str = r#"
[[field]]
ghl = "firstName"
bigmailer = "FIRST_NAME"

[[field]]
ghl = "companyName"
bigmailer = "COMPANY"

[[field]]
ghl = "custom.lead_score"
bigmailer = "LEAD_SCORE"
type = "integer"
transform = ["round"]

[[field]]
ghl = "custom.renewal"
bigmailer = "RENEWAL"
type = "date"

[[list]]
tag = "customer"
list = "Customers"

[[list]]
tag = "newsletter"
list = "Newsletter"
"#;

/// What a file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// One sentence.
    about: String,
    /// Lines of `[sync]` after the direction; a `direction` of its own replaces that.
    #[serde(default)]
    sync: String,
    /// Lines of `[consent]`, in the place of `to_ghl = true`.
    consent: Option<String>,
    /// Rules in the place of the usual ones, or (beginning with `+`) after them.
    rules: Option<String>,
    /// How the services behave where the vendors leave it open.
    #[serde(default)]
    quirks: Vec<String>,
    /// Seconds by which HighLevel's search is behind.
    #[serde(default)]
    lag: u64,
    run: Vec<Step>,
}

/// One run of `sync`, with what comes before and after.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// What people do first; see [`World::edit`].
    #[serde(default)]
    edit: Vec<Map<String, Value>>,
    /// Rules of the profile from now on, as in [`Story::rules`].
    rules: Option<String>,
    /// Commands before the run, with their exit code where it is not 0: `conflicts list ? 1`.
    #[serde(default)]
    before: Vec<String>,
    /// Further flags.
    #[serde(default)]
    flags: String,
    /// Something that goes wrong, as `ghl-bm sandbox --fault` has it.
    #[serde(default)]
    faults: Vec<String>,
    #[serde(default)]
    exit: i32,
    /// The dry run's lines, with names in the place of ids.
    plan: Option<Vec<String>>,
    /// Requests that changed something, in any order, with names in the place of ids.
    writes: Option<Vec<String>>,
    /// All requests of the run are at most so many.
    calls: Option<usize>,
    /// Numbers of the document; what is not named is 0.
    people: Option<BTreeMap<String, u64>>,
    ghl: Option<BTreeMap<String, u64>>,
    bigmailer: Option<BTreeMap<String, u64>>,
    /// Problems, as `WHO reason`.
    problems: Option<Vec<String>>,
    /// How contacts look afterwards; see [`World::check`].
    #[serde(default)]
    after: Vec<Map<String, Value>>,
}

struct World {
    env: Env,
    /// Ids by `ghl:NAME` and `bm:NAME`, also of those who are gone by now.
    ids: BTreeMap<String, String>,
}

fn address(name: &str) -> String {
    format!("{name}@example.com")
}

fn filled(rules: Option<&str>) -> String {
    match rules {
        None => RULES.to_owned(),
        Some(more) => match more.trim_start().strip_prefix('+') {
            Some(more) => format!("{RULES}\n{more}"),
            None => more.to_owned(),
        },
    }
}

impl World {
    fn new(story: &Story) -> World {
        let mut quirks = Quirks::default();
        for quirk in &story.quirks {
            quirks.set(quirk).unwrap();
        }
        let env = Env::new(Options {
            quirks,
            search_lag: std::time::Duration::from_secs(story.lag),
            ..empty()
        });
        env.admin(
            "POST",
            "/bigmailer/fields",
            json!({"name": "Sales note", "merge_tag_name": "SALES_NOTE", "type": "text"}),
        );
        let list = env.list_id("VIP dinner");
        env.admin(
            "POST",
            "/bigmailer/transactional-campaigns",
            json!({"name": "Hello", "status": "active", "list_id": list}),
        );
        let world = World {
            env,
            ids: BTreeMap::new(),
        };
        world.profile(story, None);
        world
    }

    fn campaign(&self) -> String {
        let path = "/bigmailer/transactional-campaigns";
        let all = self.env.admin("GET", path, Value::Null);
        let all = all["transactional_campaigns"].as_array().unwrap();
        let hello = all.iter().find(|one| one["name"] == "Hello").unwrap();
        hello["id"].as_str().unwrap().to_owned()
    }

    fn profile(&self, story: &Story, rules: Option<&str>) {
        let sync = match story.sync.contains("direction =") {
            true => story.sync.clone(),
            false => format!("{SYNC}\n{}", story.sync),
        };
        let rules = filled(rules.or(story.rules.as_deref()));
        let text = PROFILE
            .replace("SYNC", &sync)
            .replace("CONSENT", story.consent.as_deref().unwrap_or(CONSENT))
            .replace("RULES", &rules)
            .replace("CAMPAIGN", &self.campaign());
        self.env.profile(&text);
    }

    fn ghl(&self) -> Vec<Value> {
        let all = self.env.admin("GET", "/ghl/contacts", Value::Null);
        all["contacts"].as_array().unwrap().clone()
    }

    /// Learns the ids of everybody who is there.
    fn meet(&mut self) {
        let mut met = Vec::new();
        for (side, all) in [
            ("ghl", self.ghl()),
            ("bm", self.env.brand().into_values().collect()),
        ] {
            for one in all {
                let Some(email) = one["email"].as_str() else {
                    continue;
                };
                let name = email.split('@').next().unwrap().to_lowercase();
                met.push((format!("{side}:{name}"), one["id"].clone()));
            }
        }
        for (name, id) in met {
            let id = id.as_str().unwrap().to_owned();
            let known = self.ids.values().any(|known| *known == id);
            if !known {
                self.ids.insert(name, id);
            }
        }
    }

    fn id(&mut self, side: &str, name: &str) -> Option<String> {
        self.meet();
        self.ids.get(&format!("{side}:{name}")).cloned()
    }

    /// Names in the place of ids.
    fn named(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, id) in &self.ids {
            text = text.replace(id, name);
        }
        for list in ["Customers", "Newsletter"] {
            text = text.replace(&self.env.list_id(list), list);
        }
        text.replace(&self.campaign(), "CAMPAIGN")
    }

    /// What people do: `{ghl = "ada", …}` or `{bigmailer = "ada", …}` with the properties that are to
    /// be so, in HighLevel's and BigMailer's own names. Whoever is not there is made. `lists` are
    /// names, `lead_score` and `renewal` custom fields; `delete = true` takes somebody away,
    /// `won = true` wins a deal, `deleted_notes = true` deletes notes; `wait = SECONDS` lets time pass.
    fn edit(&mut self, edit: &Map<String, Value>) {
        let mut rest = edit.clone();
        if let Some(seconds) = rest.remove("wait") {
            self.env
                .admin("POST", "/advance", json!({"seconds": seconds}));
        } else if let Some(name) = rest.remove("ghl") {
            let name = name.as_str().unwrap().to_owned();
            self.edit_ghl(&name, rest);
        } else if let Some(name) = rest.remove("bigmailer") {
            let name = name.as_str().unwrap().to_owned();
            self.edit_bigmailer(&name, rest);
        } else {
            panic!("an edit of nobody: {edit:?}");
        }
        self.meet();
    }

    fn edit_ghl(&mut self, name: &str, mut rest: Map<String, Value>) {
        let id = self.id("ghl", name);
        if rest.remove("delete").is_some() {
            let path = format!("/ghl/contacts/{}", id.unwrap());
            self.env.admin("DELETE", &path, Value::Null);
            return;
        }
        if rest.remove("won").is_some() {
            self.env.admin(
                "POST",
                "/ghl/opportunities",
                json!({"contactId": id, "name": "Deal", "status": "won"}),
            );
            return;
        }
        if rest.remove("deleted_notes").is_some() {
            for note in self.things("notes", &id.unwrap()) {
                let path = format!("/ghl/notes/{}", note["id"].as_str().unwrap());
                self.env.admin("DELETE", &path, Value::Null);
            }
            return;
        }
        let mut custom = match &id {
            Some(id) => {
                let now = self
                    .env
                    .admin("GET", &format!("/ghl/contacts/{id}"), Value::Null);
                now["customFields"].as_array().cloned().unwrap_or_default()
            }
            None => Vec::new(),
        };
        for key in ["lead_score", "renewal"] {
            if let Some(value) = rest.remove(key) {
                let field = self.env.custom_field(key);
                custom.retain(|one| one["id"] != field.as_str());
                if value != "" {
                    custom.push(json!({"id": field, "value": value}));
                }
            }
        }
        rest.insert("customFields".to_owned(), json!(custom));
        match id {
            Some(id) => self.env.edit_ghl(&id, Value::Object(rest)),
            None => {
                rest.entry("email").or_insert_with(|| json!(address(name)));
                let made = self.env.ghl_contact(Value::Object(rest));
                self.ids.insert(format!("ghl:{name}"), made);
            }
        }
    }

    fn edit_bigmailer(&mut self, name: &str, mut rest: Map<String, Value>) {
        let id = self.id("bm", name);
        if rest.remove("delete").is_some() {
            let path = format!("/bigmailer/contacts/{}", id.unwrap());
            self.env.admin("DELETE", &path, Value::Null);
            return;
        }
        let mut change = Map::new();
        let mut values = match &id {
            Some(id) => {
                let path = format!("/bigmailer/contacts/{id}");
                let now = self.env.admin("GET", &path, Value::Null);
                now["field_values"].as_array().unwrap().clone()
            }
            None => Vec::new(),
        };
        for (key, value) in rest {
            match key.as_str() {
                "email" | "unsubscribe_all" | "num_hard_bounces" | "num_complaints" => {
                    change.insert(key, value);
                }
                "lists" => {
                    let ids: Vec<String> = value
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|list| self.env.list_id(list.as_str().unwrap()))
                        .collect();
                    change.insert("list_ids".to_owned(), json!(ids));
                }
                _ => {
                    values.retain(|one| one["name"] != key.as_str());
                    let kind = match (&value, key.as_str()) {
                        (Value::Number(_), _) => "integer",
                        (_, "RENEWAL") => "date",
                        _ => "string",
                    };
                    if value != "" {
                        values.push(json!({"name": key, kind: value}));
                    }
                }
            }
        }
        change.insert("field_values".to_owned(), json!(values));
        match id {
            Some(id) => self.env.edit_bm(&id, Value::Object(change)),
            None => {
                change
                    .entry("email")
                    .or_insert_with(|| json!(address(name)));
                let made = self.env.bm_contact(Value::Object(change));
                self.ids.insert(format!("bm:{name}"), made);
            }
        }
    }

    fn things(&self, word: &str, contact: &str) -> Vec<Value> {
        let path = format!("/ghl/{word}?contactId={contact}");
        let all = self.env.admin("GET", &path, Value::Null);
        all[word].as_array().unwrap().clone()
    }

    /// How somebody looks: the keys of [`World::edit`], and `gone = true`; in HighLevel also `notes`
    /// and `tasks` (their texts), `blocked` (e-mail do-not-disturb), `channels` (all that are
    /// blocked); in BigMailer `mails` (how many) and `carries = "NAME"` (whose id).
    fn check(&mut self, look: &Map<String, Value>, told: &str) {
        let mut rest = look.clone();
        if let Some(name) = rest.remove("ghl") {
            let name = name.as_str().unwrap().to_owned();
            self.check_ghl(&name, rest, &format!("{told}, ghl:{name}"));
        } else if let Some(name) = rest.remove("bigmailer") {
            let name = name.as_str().unwrap().to_owned();
            self.check_bigmailer(&name, rest, &format!("{told}, bm:{name}"));
        } else {
            panic!("a look at nobody: {look:?}");
        }
    }

    fn check_ghl(&mut self, name: &str, rest: Map<String, Value>, told: &str) {
        let id = self.id("ghl", name);
        let found = self
            .ghl()
            .into_iter()
            .find(|one| Some(&one["id"]) == id.clone().map(Value::from).as_ref());
        if rest.contains_key("gone") {
            assert_eq!(found, None, "{told}");
            return;
        }
        let person = found.unwrap_or_else(|| panic!("{told}: not there"));
        let id = id.unwrap();
        for (key, wanted) in rest {
            let sorted = |mut words: Vec<String>| {
                words.sort();
                json!(words)
            };
            let told = format!("{told}: {key}");
            let texts = |word: &str, key: &str| {
                let all = self.things(word, &id);
                let texts = all.iter().map(|one| one[key].as_str().unwrap().to_owned());
                sorted(texts.collect())
            };
            let channels = || {
                let settings = person["dndSettings"]
                    .as_object()
                    .cloned()
                    .unwrap_or_default();
                let blocked = settings.iter().filter(|(_, channel)| {
                    ["active", "permanent"]
                        .iter()
                        .any(|s| channel["status"] == *s)
                });
                sorted(blocked.map(|(name, _)| name.clone()).collect())
            };
            let shown = match key.as_str() {
                "notes" => texts("notes", "body"),
                "tasks" => texts("tasks", "title"),
                "channels" => channels(),
                "blocked" => {
                    let email = channels().as_array().unwrap().contains(&json!("Email"));
                    json!(person["dnd"] == true || email)
                }
                "reason" => person["dndSettings"]["Email"]["message"].clone(),
                "tags" => {
                    let tags = person["tags"].as_array().cloned().unwrap_or_default();
                    sorted(
                        tags.iter()
                            .map(|tag| tag.as_str().unwrap().to_owned())
                            .collect(),
                    )
                }
                "lead_score" | "renewal" => {
                    let field = self.env.custom_field(&key);
                    let all = person["customFields"]
                        .as_array()
                        .cloned()
                        .unwrap_or_default();
                    let value = all.iter().find(|one| one["id"] == field.as_str());
                    let value = value.map_or(Value::Null, |one| {
                        let keys = ["value", "fieldValue", "field_value"];
                        let held = keys.iter().find_map(|key| one.get(key)).cloned();
                        held.unwrap_or(Value::Null)
                    });
                    match (&value, wanted.as_str()) {
                        (Value::Null, Some("")) => json!(""),
                        _ => value,
                    }
                }
                _ => match person.get(&key) {
                    None | Some(Value::Null) => json!(""),
                    Some(value) => value.clone(),
                },
            };
            let contains = key == "reason";
            match (contains, shown.as_str(), wanted.as_str()) {
                (true, Some(shown), Some(part)) => assert!(shown.contains(part), "{told}: {shown}"),
                _ => assert_eq!(loose(&shown), loose(&wanted), "{told}"),
            }
        }
    }

    fn check_bigmailer(&mut self, name: &str, rest: Map<String, Value>, told: &str) {
        let id = self.id("bm", name);
        let found = self
            .env
            .brand()
            .into_values()
            .find(|one| one["id"].as_str() == id.as_deref());
        if rest.contains_key("gone") {
            assert_eq!(found, None, "{told}");
            return;
        }
        let person = found.unwrap_or_else(|| panic!("{told}: not there"));
        for (key, wanted) in rest {
            let told = format!("{told}: {key}");
            let shown = match key.as_str() {
                "email" | "unsubscribe_all" => person[&key].clone(),
                "lists" => {
                    let names = ["Customers", "Newsletter"];
                    let on = names.iter().filter(|list| {
                        let id = self.env.list_id(list);
                        person["list_ids"].as_array().unwrap().contains(&json!(id))
                    });
                    json!(on.collect::<Vec<_>>())
                }
                "mails" => {
                    let all = self.env.admin("GET", "/bigmailer/mails", Value::Null);
                    let all = all["mails"].as_array().unwrap().clone();
                    let to = all.iter().filter(|mail| mail["contact_id"] == person["id"]);
                    json!(to.count())
                }
                "carries" => {
                    let id = field(&person, "GHL_CONTACT_ID");
                    json!(self.named(id.as_str().unwrap_or("")).replace("ghl:", ""))
                }
                _ => match field(&person, &key) {
                    Value::Null => json!(""),
                    value => value,
                },
            };
            assert_eq!(loose(&shown), loose(&wanted), "{told}");
        }
    }

    /// Requests that changed something, with names, sorted.
    fn writes(&mut self) -> Vec<String> {
        self.meet();
        let brand = format!("/v1/brands/{}", self.env.sandbox.brand_id());
        let mut writes: Vec<String> = self
            .env
            .sandbox
            .requests()
            .iter()
            .filter(|one| one.changed)
            .map(|one| {
                let path = self.named(&one.path.replace(&brand, ""));
                let path = path
                    .replace("/contacts/ghl:", "ghl:")
                    .replace("/contacts/bm:", "bm:")
                    .replace("/transactional-campaigns/CAMPAIGN/send", "mail");
                // Ids of notes and the like.
                let parts: Vec<&str> = path
                    .split('/')
                    .map(|part| match part.len() {
                        0..=19 => part,
                        _ => "ID",
                    })
                    .collect();
                format!("{} {}", one.method, parts.join("/"))
            })
            .collect();
        writes.sort();
        writes
    }

    fn step(&mut self, story: &Story, step: &Step, told: &str) {
        for edit in &step.edit {
            self.edit(edit);
        }
        if let Some(rules) = &step.rules {
            self.profile(story, Some(rules));
        }
        for command in &step.before {
            let (words, code) = command.split_once(" ? ").unwrap_or((command, "0"));
            let ran = self.env.run(words.split(' '));
            assert_eq!(
                ran.code,
                code.parse().ok(),
                "{told}: {words}: {}",
                ran.all()
            );
        }
        let flags: Vec<&str> = step.flags.split_whitespace().collect();
        let dry = self.run(&["--dry-run"], &flags);
        if let Some(plan) = &step.plan {
            let text = self.env.run(["sync", "--dry-run"].iter().chain(&flags));
            let mut lines: Vec<String> = self
                .named(&text.stdout)
                .lines()
                .filter_map(|line| line.strip_prefix("  "))
                .filter(|line| {
                    [
                        "create", "update", "delete", "write", "change", "make", "mail",
                    ]
                    .iter()
                    .any(|word| line.starts_with(&format!("{word} ")))
                })
                .map(str::to_owned)
                .collect();
            lines.sort();
            let mut plan = plan.clone();
            plan.sort();
            assert_eq!(lines, plan, "{told}: plan");
        }
        self.env.forget_requests();
        for fault in &step.faults {
            self.env.fault(fault);
        }
        let ran = self.run(&[], &flags);
        self.env.no_faults();
        assert_eq!(ran.0, Some(step.exit), "{told}: {}", ran.2);
        let document = ran.1;
        let requests = self.env.sandbox.requests().len();
        let writes = self.writes();
        if let Some(expected) = &step.writes {
            let mut expected = expected.clone();
            expected.sort();
            assert_eq!(writes, expected, "{told}: writes");
        }
        if let Some(most) = step.calls {
            assert!(
                requests <= most,
                "{told}: {requests} calls instead of {most}"
            );
        }
        for (group, expected) in [
            ("people", &step.people),
            ("ghl", &step.ghl),
            ("bigmailer", &step.bigmailer),
        ] {
            let numbers = document[group].as_object().cloned().unwrap_or_default();
            if step.faults.is_empty() && step.exit == 0 {
                assert_eq!(
                    dry.1[group], document[group],
                    "{told}: the dry run's {group}"
                );
            }
            let Some(expected) = expected else { continue };
            let shown: BTreeMap<String, u64> = numbers
                .iter()
                .filter(|(key, _)| *key != "total")
                .map(|(key, value)| (key.clone(), value.as_u64().unwrap()))
                .filter(|(_, value)| *value > 0)
                .collect();
            assert_eq!(&shown, expected, "{told}: {group}");
        }
        if let Some(expected) = &step.problems {
            let mut shown: Vec<String> = document["problems"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| {
                    let id = one["ghl_id"].as_str().or(one["id"].as_str());
                    let reason = one["reason"].as_str().unwrap();
                    self.named(&format!("{} {reason}", id.unwrap_or("?")))
                })
                .collect();
            shown.sort();
            assert_eq!(&shown, expected, "{told}: problems");
        }
        for look in &step.after {
            self.check(look, told);
        }
    }

    /// Exit code, document and everything said.
    fn run(&mut self, more: &[&str], flags: &[&str]) -> (Option<i32>, Value, String) {
        let args = ["sync", "--json"].iter().chain(more).chain(flags);
        let ran = self.env.run(args);
        self.meet();
        let document = serde_json::from_str(&ran.stdout).unwrap_or(Value::Null);
        (ran.code, document, ran.all())
    }
}

/// Numbers and lists in one form.
fn loose(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(|item| loose(item).to_string()).collect();
            items.sort();
            json!(items)
        }
        other => other.clone(),
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    files
}

fn play(path: &Path) {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let story: Story = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(story.about.ends_with('.'), "{name}: `about` is a sentence");
    let mut world = World::new(&story);
    for (number, step) in story.run.iter().enumerate() {
        world.step(&story, step, &format!("{name}, run {}", number + 1));
    }
    for flags in [&[][..], &["--full"][..]] {
        world.env.forget_requests();
        let ran = world.run(&[], flags);
        let writes = world.writes();
        assert_eq!(writes, Vec::<String>::new(), "{name}: a run after a run");
        assert!(matches!(ran.0, Some(0 | 3 | 8)), "{name}: {}", ran.2);
    }
}

/// `GHL_BM_SCENARIO=NAME` plays those whose name contains it.
#[test]
fn every_story_ends_as_it_says() {
    let wanted = std::env::var("GHL_BM_SCENARIO").unwrap_or_default();
    let files: Vec<PathBuf> = files()
        .into_iter()
        .filter(|path| path.to_str().unwrap().contains(&wanted))
        .collect();
    let failed = std::sync::Mutex::new(Vec::new());
    each(&files, |path| {
        // All of them are told, not only the first.
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(path)));
        if played.is_err() {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            failed.lock().unwrap().push(name);
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    assert_eq!(failed, Vec::<String>::new());
}

#[test]
fn there_are_many_stories() {
    assert!(files().len() >= 40);
}
