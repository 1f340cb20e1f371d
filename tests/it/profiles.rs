//! Profiles as people write them: the complete ones of `examples/profiles` with their fixtures,
//! `map test` itself, and derived values and conditions through the whole program.

use std::path::{Path, PathBuf};

use ghl_bm::sandbox::Options;
use serde_json::{Value, json};

use crate::env::{Env, Home, PROFILE, Ran, empty, field, on_list, quick};

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/profiles");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut profiles: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    profiles.sort();
    profiles
}

/// What a command printed, not what it said.
#[track_caller]
fn prints(ran: &Ran, parts: &[&str]) {
    for part in parts {
        assert!(ran.stdout.contains(part), "no {part:?} in:\n{}", ran.stdout);
    }
}

fn name_of(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

#[test]
fn the_complete_profiles_do_what_their_fixtures_say() {
    let mut home = Home::new();
    let config = home.root.path().join("config");
    home.set("GHL_BM_CONFIG_DIR", config.to_str().unwrap());
    let folder = config.join("profiles");
    std::fs::create_dir_all(&folder).unwrap();
    let examples = examples();
    assert!(examples.len() >= 6);
    for profile in &examples {
        std::fs::copy(profile, folder.join(profile.file_name().unwrap())).unwrap();
        let fixtures = profile.with_extension("json");
        let args = ["-p", name_of(profile), "--json", "map", "test"];
        let ran = home.run(args.iter().copied().chain([fixtures.to_str().unwrap()]));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let document = ran.json();
        assert!(
            document["total"].as_u64().unwrap() >= 3,
            "{}",
            profile.display()
        );
        assert_eq!(document["failed"], 0);
    }
}

#[test]
fn the_guide_shows_each_complete_profile() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mapping.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    for profile in examples() {
        let link = format!("(../examples/profiles/{}.toml)", name_of(&profile));
        assert!(guide.contains(&link), "{link}");
    }
}

#[test]
fn the_guides_fixtures_are_true() {
    let env = Env::new(empty());
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mapping.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let block = guide.split("```json\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    std::fs::write(env.root.path().join("guide.json"), block).unwrap();
    let example = |it: &PathBuf| name_of(it) == "event-attendees";
    let profile = examples().into_iter().find(example).unwrap();
    env.profile(&std::fs::read_to_string(profile).unwrap());
    let ran = env.run(["map", "test", "guide.json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_fixture_that_came_out_otherwise_is_told_with_every_difference() {
    let env = Env::new(empty());
    let fixtures = json!([
        {"name": "right", "contact": {"email": "a@example.com", "firstName": "Ada", "tags": ["customer"]},
         "expect": {"fields": {"FIRST_NAME": "Ada"}, "lists": ["Customers"]}},
        {"name": "wrong", "contact": {"email": "a@example.com", "firstName": "Ada", "dnd": true,
            "customFields": {"renewal": "soon"}},
         "expect": {"email": "b@example.com", "fields": {"FIRST_NAME": "Bob", "NOPE": 1},
            "lists": ["Customers"], "unsubscribe_all": false}},
        {"name": "nobody", "contact": {"tags": ["internal"]}, "expect": {"fields": {}}},
    ]);
    let file = env.root.path().join("f.json");
    std::fs::write(&file, fixtures.to_string()).unwrap();
    let ran = env.run(["map", "test", "f.json"]);
    ran.expect(1);
    prints(
        &ran,
        &[
            "ok    right",
            "FAIL  wrong",
            "email: expected \"b@example.com\", got \"a@example.com\"",
            "FIRST_NAME: expected \"Bob\", got \"Ada\"",
            "NOPE: expected 1, got null",
            "no rule of the profile writes it",
            "lists: expected [\"Customers\"], got []",
            "unsubscribe_all: expected false, got true",
            "invalid: expected [], got [\"RENEWAL\"]",
            "custom.renewal cannot fill RENEWAL: expected a date, got text",
            "FAIL  nobody",
            "skip: expected null, got \"filtered\"",
            "1 of 3 as expected",
        ],
    );
    let document = env.run(["map", "test", "f.json", "--json"]).json();
    assert_eq!(document["failed"], 2);
    assert_eq!(document["exit_code"], 1);
    assert_eq!(document["fixtures"][1]["differences"][0]["what"], "email");
    // Nobody was asked.
    assert!(env.sandbox.requests().is_empty());
}

#[test]
fn a_file_without_fixtures_is_wrong_usage_that_says_where() {
    let env = Env::new(empty());
    let write = |text: &str| std::fs::write(env.root.path().join("f.json"), text).unwrap();
    for (text, says) in [
        ("[{\"nam\": \"x\"}]", "unknown field `nam`"),
        ("{}", "f.json holds no fixtures"),
        ("[", "line 1 column 1"),
        (
            "[{\"name\": \"x\", \"contact\": {}, \"related\": {\"taks\": []}, \"expect\": {}}]",
            "fixture `x`: `related` has nothing called `taks`, did you mean `tasks`?",
        ),
        (
            "[{\"name\": \"x\", \"contact\": {}, \"timezone\": \"Mars\", \"expect\": {}}]",
            "unknown timezone `Mars`",
        ),
    ] {
        write(text);
        let ran = env.run(["map", "test", "f.json"]);
        ran.expect(2);
        ran.says(&[says]);
    }
    env.run(["map", "test", "none.json"]).expect(2);
    env.run(["map", "test"]).expect(2);
    write("[]");
    env.run(["map", "test", "f.json"]).expect(0);
    env.profile("version = 1");
    env.run(["map", "test", "f.json"]).expect(11);
}

/// Rules on everything that hangs on a contact.
const DERIVED: &str = r#"
[[field]]
ghl = "tasks.open_count"
bigmailer = "OPEN_TASKS"
type = "integer"

[[field]]
ghl = "tasks.next.due"
bigmailer = "NEXT_DUE"
type = "date"

[[field]]
ghl = "notes.latest"
bigmailer = "NOTE"
transform = ["strip_html", "truncate:50"]

[[field]]
ghl = "appointments.next.title"
bigmailer = "NEXT_TALK"

[[field]]
ghl = "opportunities.won_value"
bigmailer = "WON"
type = "integer"
transform = ["round"]

[[field]]
ghl = "opportunities.latest.stage"
bigmailer = "STAGE"

[[field]]
ghl = "business.name"
bigmailer = "BUSINESS"

[[list]]
when = { any = [{ opportunity = "won" }, { tag = "winner" }] }
list = "Winners"
"#;

fn with_derived(env: &Env, limit: &str) {
    let (rules, limits) = PROFILE.split_once("[limits]").unwrap();
    // Nobody is read again for having been made a moment ago.
    let rules = rules.replace("[filter]", "[sync]\nlookback = \"0s\"\n\n[filter]");
    env.profile(&format!("{rules}{DERIVED}\n[limits]{limits}{limit}"));
    env.run(["map", "check", "--create"]).expect(0);
}

#[test]
fn derived_values_and_conditions_go_through_the_whole_program() {
    let env = Env::new(Options {
        contacts: 120,
        ..quick()
    });
    with_derived(&env, "");
    let first = env.sync();
    assert_eq!(first["people"]["failed"], 0);
    let brand = env.brand();
    let with = |tag: &str| {
        brand
            .values()
            .filter(|it| field(it, tag) != Value::Null)
            .count()
    };
    for tag in ["OPEN_TASKS", "NEXT_DUE", "NOTE", "WON", "STAGE"] {
        assert!(with(tag) > 0, "nobody has {tag}");
    }
    assert!(
        brand
            .values()
            .any(|it| on_list(it, &env.list_id("Winners")))
    );
    env.assert_settled();
}

#[test]
fn a_new_task_is_found_although_the_contact_did_not_change() {
    let env = Env::new(empty());
    let id = env.ghl_contact(json!({"firstName": "ada", "email": "ada@example.com",
        "dateAdded": "2024-01-01T00:00:00.000Z", "dateUpdated": "2024-01-01T00:00:00.000Z"}));
    with_derived(&env, "");
    env.sync();
    assert_eq!(field(&env.brand()["ada@example.com"], "OPEN_TASKS"), 0);
    let task = json!({"contactId": id, "title": "Call", "completed": false,
        "dueDate": "2030-01-01T12:00:00.000Z"});
    env.admin("POST", "/ghl/tasks", task);
    assert_eq!(env.sync()["people"]["updated"], 0, "nobody is due yet");
    let full = env.sync_with(&["--full"]);
    assert_eq!(full["people"]["updated"], 1);
    let ada = &env.brand()["ada@example.com"];
    assert_eq!(field(ada, "OPEN_TASKS"), 1);
    assert_eq!(field(ada, "NEXT_DUE"), "2030-01-01");
    env.assert_settled();
}

#[test]
fn a_small_budget_is_said_and_everybody_is_reached() {
    let env = Env::new(Options {
        contacts: 40,
        ..quick()
    });
    with_derived(&env, "derived_calls_per_run = 20\n");
    let ran = env.run(["sync"]);
    ran.expect(0);
    ran.says(&["keep their derived values until a later run: this one had 20 calls"]);
    let waiting = |env: &Env| {
        let brand = env.brand();
        let linked = brand
            .values()
            .filter(|it| field(it, "GHL_CONTACT_ID") != Value::Null)
            // A record of the seeded world that carries the id of nobody.
            .filter(|it| it["email"] != "stale.link@example.com");
        linked
            .filter(|it| field(it, "OPEN_TASKS") == Value::Null)
            .count()
    };
    let mut before = waiting(&env);
    assert!(before > 5, "{before}");
    while before > 0 {
        env.sync();
        let now = waiting(&env);
        assert!(now < before, "{now} still wait");
        before = now;
    }
    env.sync_with(&["--full"]);
    assert_eq!(waiting(&env), 0);
}

#[test]
fn a_pipeline_that_is_not_there_is_found_before_the_first_write() {
    let env = Env::new(empty());
    let rule =
        "[[list]]\nwhen = { opportunity = \"won\", pipeline = \"Saels\" }\nlist = \"Customers\"\n";
    let (rules, limits) = PROFILE.split_once("[limits]").unwrap();
    env.profile(&format!("{rules}{rule}\n[limits]{limits}"));
    let ran = env.run(["map", "check"]);
    ran.expect(20);
    prints(
        &ran,
        &["missing_pipeline  HighLevel has no pipeline Saels (nearest: Sales)"],
    );
    env.run(["sync"]).expect(11);
}

#[test]
fn a_recorded_contact_is_a_fixture_without_its_person() {
    let env = Env::new(empty());
    let id = env.ghl_contact(json!({
        "firstName": "Grace", "lastName": "Hopper", "email": "Grace@Navy.example",
        "tags": ["customer", "friend of howard"], "phone": "+15550109999",
    }));
    let ran = env.run(["map", "test", "--record", &id]);
    ran.expect(0);
    for personal in [
        "Grace",
        "Hopper",
        "grace",
        "hopper",
        "howard",
        "5550109999",
        &id,
    ] {
        assert!(!ran.stdout.contains(personal), "{personal}: {}", ran.stdout);
    }
    std::fs::write(env.root.path().join("f.json"), &ran.stdout).unwrap();
    let again = env.run(["map", "test", "f.json"]);
    again.expect(0);
    prints(&again, &["ok    recorded contact"]);
    assert_eq!(env.run(["map", "test", "--record", &id]).stdout, ran.stdout);
    env.run(["map", "test", "--record", "nobody"]).expect(1);
}
