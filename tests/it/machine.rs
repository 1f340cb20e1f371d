//! What programs read: each document keeps its schema, lists come as lines, progress as documents,
//! and a reader who leaves is no error.
//!
//! The schemas are in `docs/schema`; they use few keywords, and [`Schema`] knows only those, so that
//! nothing in them goes unchecked. Start reading at [`every_document_keeps_its_schema`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::env::{Env, Home, PROFILE, Ran, each, empty, quick};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join("schema")
}

/// A schema with the words that ours use; another word is a mistake of the schema.
struct Schema {
    root: Value,
}

impl Schema {
    fn read(name: &str) -> Schema {
        let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
        let root: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            root["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        Schema { root }
    }

    /// All that is wrong with a document.
    fn complaints(&self, document: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.look(&self.root, document, "", &mut found);
        found
    }

    fn look(&self, schema: &Value, value: &Value, way: &str, found: &mut Vec<String>) {
        let mut wrong = |what: String| found.push(format!("{way}: {what}"));
        for (word, rule) in schema.as_object().unwrap() {
            match word.as_str() {
                "$schema" | "title" | "description" | "$defs" => {}
                "$ref" => {
                    let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                    let target = self.root.pointer(pointer).unwrap();
                    self.look(target, value, way, found);
                    return;
                }
                "type" => {
                    let one = std::slice::from_ref(rule);
                    let kinds = rule.as_array().map_or(one, Vec::as_slice);
                    if !kinds.iter().any(|kind| is(kind.as_str().unwrap(), value)) {
                        wrong(format!("{value} is not {rule}"));
                    }
                }
                "const" if value != rule => wrong(format!("{value} is not {rule}")),
                "enum" if !rule.as_array().unwrap().contains(value) => {
                    wrong(format!("{value} is none of {rule}"));
                }
                "minimum" if value.as_f64() < rule.as_f64() && value.is_number() => {
                    wrong(format!("{value} is less than {rule}"));
                }
                "const" | "enum" | "minimum" => {}
                // Of its signs, only those that ours have; a text of a wrong shape is told apart.
                "pattern" => {
                    if let Some(text) = value.as_str()
                        && !fits(rule.as_str().unwrap(), text)
                    {
                        wrong(format!("{value} does not fit {rule}"));
                    }
                }
                "required" => {
                    for key in rule.as_array().unwrap() {
                        if value.is_object() && value.get(key.as_str().unwrap()).is_none() {
                            wrong(format!("{key} is missing"));
                        }
                    }
                }
                "anyOf" => {
                    let tries: Vec<Vec<String>> = rule
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|one| {
                            let mut found = Vec::new();
                            self.look(one, value, way, &mut found);
                            found
                        })
                        .collect();
                    if tries.iter().all(|found| !found.is_empty()) {
                        wrong(format!("none of these: {tries:?}"));
                    }
                }
                "properties" | "additionalProperties" | "items" => {}
                other => panic!("{way}: the keyword {other} is not known here"),
            }
        }
        let named = schema["properties"].as_object();
        for (key, member) in value.as_object().into_iter().flatten() {
            let way = format!("{way}/{key}");
            match (
                named.and_then(|named| named.get(key)),
                schema.get("additionalProperties"),
            ) {
                (Some(rule), _) | (None, Some(rule)) => self.look(rule, member, &way, found),
                (None, None) => {}
            }
        }
        if let Some(rule) = schema.get("items") {
            for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                self.look(rule, item, &format!("{way}/{n}"), found);
            }
        }
    }

    /// Keys of the document's first level that the schema does not name.
    fn unnamed(&self, document: &Value) -> Vec<String> {
        let Some(named) = self.root["properties"].as_object() else {
            return Vec::new();
        };
        let keys = document.as_object().unwrap().keys();
        keys.filter(|key| !named.contains_key(*key))
            .cloned()
            .collect()
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("there is no kind {other}"),
    }
}

/// The three patterns of the schemas.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[a-z_]+$" => text.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
        "^[0-9]{8}T[0-9]{6}-[0-9a-f]{4}$" => {
            let shape: String = text
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect();
            text.len() == 20 && shape.starts_with("00000000T000000-")
        }
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$" => {
            text.parse::<jiff::Timestamp>().is_ok() && text.ends_with('Z')
        }
        other => panic!("the pattern {other} is not known here"),
    }
}

#[track_caller]
fn keeps(name: &str, document: &Value) {
    let schema = Schema::read(name);
    let found = schema.complaints(document);
    assert!(found.is_empty(), "{name}: {found:#?}\n{document:#}");
    let unnamed = schema.unnamed(document);
    assert!(
        unnamed.is_empty(),
        "docs/schema/{name}.json does not name {unnamed:?}"
    );
}

/// The world of these tests: some people synced, a conflict, a profile of two ways.
fn world() -> Env {
    let env = Env::new(empty());
    let two_way = "[sync]\ndirection = \"both\"\nconflict = \"hold\"\n\n[[field]]";
    env.profile(
        &PROFILE
            .replacen("[[field]]", two_way, 1)
            .replace("transform = [\"round\"]\n", ""),
    );
    let id = env.ghl_contact(json!({"email": "ada@example.com", "firstName": "Ada", "lastName": "L", "tags": ["customer"]}));
    env.ghl_contact(json!({"firstName": "Nobody", "lastName": "N"}));
    env.run(["sync"]).expect(0);
    env.edit_ghl(&id, json!({"firstName": "Augusta"}));
    let brand = env.brand();
    let there = brand["ada@example.com"]["id"].as_str().unwrap();
    env.edit_bm(
        there,
        json!({"field_values": [{"name": "FIRST_NAME", "string": "Adda"}]}),
    );
    env.run(["sync", "--full"]).expect(8);
    env
}

/// What `ghl-bm sandbox` says when it is ready to be called.
fn served() -> Value {
    let home = Home::new();
    let ports = [
        "--ghl-port",
        "0",
        "--bigmailer-port",
        "0",
        "--admin-port",
        "0",
    ];
    let mut server = home
        .command(
            ["sandbox", "--json", "--contacts", "5"]
                .iter()
                .chain(&ports),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let document = serde_json::Deserializer::from_reader(server.stdout.take().unwrap())
        .into_iter()
        .next()
        .unwrap()
        .unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    document
}

#[test]
fn every_document_keeps_its_schema() {
    let env = world();
    let root = env.root.path();
    std::fs::write(
        root.join("people.csv"),
        "email,first_name\nbob@example.com,Bob\nbad,No\n",
    )
    .unwrap();
    std::fs::write(
        root.join("fixtures.json"),
        r#"[{"name":"a","contact":{"id":"1","email":"a@example.com"},"expect":{"email":"b@example.com"}}]"#,
    )
    .unwrap();
    for (name, text) in [
        (
            "tags",
            "email,op,tags\nbob@example.com,add,vip\nno@example.com,add,vip\n",
        ),
        ("notes", "email,body\nada@example.com,Called\n"),
        (
            "tasks",
            "email,title,due\nada@example.com,Call,2030-01-02T10:00:00Z\n,,\n",
        ),
    ] {
        std::fs::write(root.join(format!("{name}.csv")), text).unwrap();
    }
    let (location, brand) = (env.sandbox.location_id(), env.sandbox.brand_id());
    let init = [
        "-p",
        "second",
        "map",
        "init",
        "--location",
        location,
        "--brand",
        brand,
    ];
    let cases: &[(&str, &[&str])] = &[
        ("conflicts", &["conflicts", "list"]),
        ("explain", &["explain", "ada@example.com"]),
        ("sync", &["sync", "--dry-run"]),
        ("runs-list", &["runs", "list"]),
        ("runs-show", &["runs", "show"]),
        (
            "conflicts",
            &["conflicts", "resolve", "ada@example.com", "--take", "ghl"],
        ),
        ("conflicts", &["conflicts", "list"]),
        ("sync", &["sync"]),
        ("explain", &["explain", "ada@example.com"]),
        ("test", &["test"]),
        ("auth-status", &["auth", "status"]),
        ("auth-status", &["auth", "status", "--offline"]),
        ("auth-token", &["auth", "token", "ghl"]),
        ("map-check", &["map", "check"]),
        ("map-test", &["map", "test", "fixtures.json"]),
        ("map-list", &["map", "list"]),
        ("map-show", &["map", "show"]),
        ("pull", &["pull", "contacts"]),
        ("pull", &["pull", "contacts", "--fields"]),
        (
            "pull",
            &["pull", "contacts", "--from", "bigmailer", "-o", "x.csv"],
        ),
        ("pull", &["pull", "contact", "ada@example.com"]),
        ("pull", &["pull", "tasks", "--all"]),
        ("pull", &["pull", "notes", "--all"]),
        ("pull", &["pull", "tags"]),
        ("pull", &["pull", "lists"]),
        ("pull", &["pull", "fields"]),
        ("pull", &["pull", "businesses"]),
        ("pull", &["pull", "opportunities", "--all"]),
        ("pull", &["pull", "appointments", "--all"]),
        ("push", &["push", "contacts", "people.csv", "--dry-run"]),
        ("push", &["push", "contacts", "people.csv", "--to", "ghl"]),
        ("push", &["push", "contacts", "people.csv"]),
        ("push", &["push", "tags", "tags.csv", "--dry-run"]),
        ("push", &["push", "tags", "tags.csv"]),
        ("push", &["push", "notes", "notes.csv"]),
        ("push", &["push", "tasks", "tasks.csv"]),
        ("test", &["test", "--probe"]),
        ("test", &["test", "--round-trip", "canary@example.com"]),
        ("help-exit-codes", &["help", "exit-codes"]),
        ("map-change", &["map", "set", "limits.max_changes", "20%"]),
        ("map-change", &["map", "set", "limits.max_changes", "20%"]),
        ("map-change", &["map", "add", "field", "city", "TOWN"]),
        ("map-change", &init),
        ("map-list", &["map", "list"]),
        ("map-change", &["map", "remove", "field", "COMPANY"]),
        ("map-check", &["map", "check"]),
        ("map-check", &["map", "check", "--create"]),
        ("runs-undo", &["runs", "undo", "RUN", "--dry-run"]),
        ("runs-undo", &["runs", "undo", "RUN"]),
        ("runs-show", &["runs", "show"]),
        ("runs-list", &["runs", "list"]),
        (
            "runs-forget",
            &["runs", "forget", "ada@example.com", "--yes"],
        ),
        ("map-change", &["map", "delete", "--yes"]),
    ];
    let run = env
        .run(["runs", "list", "--jq", ".runs[0].run_id"])
        .stdout
        .trim()
        .to_owned();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (name, args) in cases {
        let args = args
            .iter()
            .map(|word| if *word == "RUN" { run.as_str() } else { word });
        let args: Vec<&str> = args.chain(["--json"]).collect();
        let ran = env.run(&args);
        assert!(!ran.stdout.is_empty(), "{args:?}: {}", ran.stderr);
        let document = ran.json();
        keeps(name, &document);
        seen.insert((*name).to_owned());
        // What a filter sees is the same document; what changes something is not done again.
        let reads = !["map", "sync", "push", "-p"].contains(&args[0])
            && !args.contains(&"--yes")
            && !args.contains(&"-o");
        if reads && !["undo", "resolve"].contains(&args[1]) {
            let filtered = env.run(args.iter().chain(&["--jq", ".schema_version"]));
            assert_eq!(filtered.stdout, "1\n", "{args:?}");
        }
    }
    for args in [
        &["runs", "show", "none"][..],
        &["-p", "none", "sync"],
        &["sync", "--dry-rum"],
    ] {
        let ran = env.run(args.iter().chain(&["--json"]));
        let line = ran.stderr.lines().last().unwrap();
        keeps("error", &serde_json::from_str(line).unwrap());
    }
    seen.insert("error".to_owned());
    keeps("sandbox", &served());
    seen.insert("sandbox".to_owned());

    let page = std::fs::read_to_string(folder().parent().unwrap().join("json.md")).unwrap();
    let there: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .replace(".json", "")
        })
        .collect();
    assert_eq!(seen, there);
    for name in &there {
        assert!(
            page.contains(&format!("(schema/{name}.json)")),
            "docs/json.md does not link {name}"
        );
    }
}

#[test]
fn a_schema_refuses_what_is_wrong() {
    let schema = Schema::read("map-list");
    let good = json!({"schema_version": 1, "command": "map list", "profiles": ["a"], "new": 1});
    assert!(schema.complaints(&good).is_empty());
    for bad in [
        json!({"schema_version": 2, "command": "map list", "profiles": []}),
        json!({"schema_version": 1, "command": "map list"}),
        json!({"schema_version": 1, "command": "map list", "profiles": [1]}),
        json!([]),
    ] {
        assert_eq!(schema.complaints(&bad).len(), 1, "{bad}");
    }
}

#[test]
fn lists_come_as_lines() {
    let env = world();
    let lines = |args: &[&str], code: i32| -> Vec<Value> {
        let ran = env.run(args.iter().chain(&["--format", "ndjson"]));
        ran.expect(code);
        ran.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let fixture = r#"[{"name":"a","contact":{"id":"1","email":"a@example.com"},"expect":{}}]"#;
    std::fs::write(env.root.path().join("fixtures.json"), fixture).unwrap();
    // What counts calls is never the same twice.
    let told = |list: &Value| -> Value {
        let plain = |entry: &Value| match entry.get("name").or(entry.get("services")) {
            Some(_) => json!([
                entry["name"],
                entry["verdict"],
                entry["ok"],
                entry["profile"]
            ]),
            None => entry.clone(),
        };
        list.as_array().unwrap().iter().map(plain).collect()
    };
    for (args, list, code) in [
        (&["runs", "list"][..], "runs", 0),
        (&["runs", "show"], "problems", 0),
        (&["conflicts", "list"], "conflicts", 0),
        (&["map", "list"], "profiles", 0),
        (&["map", "test", "fixtures.json"], "fixtures", 0),
        (&["explain", "ada@example.com"], "people", 0),
        (&["test"], "checks", 0),
        (&["auth", "status"], "profiles", 0),
        (&["map", "check"], "findings", 20),
    ] {
        if code == 20 {
            env.run(["map", "add", "field", "city", "TOWN"]).expect(0);
        }
        let document = env.run(args.iter().chain(&["--json"])).json();
        assert!(!document[list].as_array().unwrap().is_empty(), "{args:?}");
        let lines = Value::Array(lines(args, code));
        assert_eq!(told(&lines), told(&document[list]), "{args:?}");
    }
    let ids = env.run(["runs", "list", "--format", "ndjson", "--jq", ".run_id"]);
    assert_eq!(ids.stdout.lines().count(), 2, "{}", ids.stdout);
    // Nothing is no line at all.
    assert_eq!(
        Home::new()
            .run(["map", "list", "--format", "ndjson"])
            .stdout,
        ""
    );
}

#[test]
fn progress_comes_as_documents_with_numbers() {
    let env = Env::new(quick());
    let told = |args: &[&str], phases: &[(&str, Value)]| {
        let ran = env.run(args.iter().chain(&["--log-format", "json"]));
        ran.expect(0);
        let steps: Vec<Value> = ran
            .stderr
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|line| line["level"] == "progress")
            .collect();
        for (phase, side) in phases {
            let step = steps
                .iter()
                .find(|step| step["phase"] == *phase && step["side"] == *side);
            let step = step.unwrap_or_else(|| panic!("no {phase} {side}: {}", ran.stderr));
            assert!(
                step["done"].is_u64() && step["message"].is_string(),
                "{step}"
            );
            assert!(step["total"].is_u64() || step["total"].is_null(), "{step}");
        }
    };
    let both = Value::Null;
    told(
        &["sync"],
        &[
            ("reading", json!("ghl")),
            ("reading", json!("bigmailer")),
            ("writing", both.clone()),
        ],
    );
    // Somebody deletes a contact in BigMailer: it is asked for before that is believed.
    let id = env.brand()["radia.dijkstra.37@example.org"]["id"].clone();
    let id = id.as_str().unwrap();
    let path = format!("/brands/{{brand}}/contacts/{id}");
    env.run(["api", "bigmailer", "DELETE", &path, "--write"])
        .expect(0);
    told(&["sync", "--full"], &[("confirming", json!("bigmailer"))]);
    told(
        &["pull", "contacts", "-o", "people.csv"],
        &[("pulling", both.clone())],
    );
    told(
        &["push", "contacts", "people.csv"],
        &[("reading_file", both.clone())],
    );
    env.ghl_contact(json!({"email": "ada.progress@example.com"}));
    let file = "email,op,tags\nada.progress@example.com,add,progress\n";
    std::fs::write(env.root.path().join("tags.csv"), file).unwrap();
    told(
        &["push", "tags", "tags.csv"],
        &[("reading_file", both.clone())],
    );
    assert_eq!(env.run(["sync", "--log-format", "json", "-q"]).stderr, "");
}

/// Ends before it is read: nobody reads what the command prints.
fn unread(mut command: std::process::Command) -> Ran {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(command);
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn a_reader_who_left_is_no_error() {
    let env = world();
    let cases: Vec<Vec<&str>> = [
        &["pull", "contacts"][..],
        &["pull", "contacts", "--format", "ndjson"],
        &["pull", "contacts", "--fields"],
        &["pull", "contact", "ada@example.com"],
        &["pull", "tags"],
        &["pull", "lists"],
        &["pull", "fields"],
        &["runs", "list"],
        &["runs", "list", "--format", "ndjson"],
        &["runs", "show"],
        &["conflicts", "list"],
        &["explain", "ada@example.com"],
        &["map", "list"],
        &["map", "show"],
        &["map", "schema"],
        &["test"],
        &["auth", "status"],
        &["auth", "token", "ghl"],
        &["completions", "bash"],
        &["man"],
        &["help"],
        &["help", "exit-codes"],
        &["help", "environment"],
        &["api", "ghl", "GET", "/locations/{location}"],
        &["--help"],
        &["--version"],
        &["sync", "--dry-run"],
    ]
    .into_iter()
    .flat_map(|args| [args.to_vec(), [args, &["--json"]].concat()])
    .filter(|args| !(args.contains(&"--json") && ["--help", "--version"].contains(&args[0])))
    .collect();
    each(&cases, |args| {
        let ran = unread(env.command(args));
        // A dry run has told its conflicts by its code.
        let fine = ran.code == Some(0) || (args[0] == "sync" && ran.code == Some(8));
        assert!(fine, "{args:?}: {:?} {}", ran.code, ran.stderr);
        let lower = ran.stderr.to_lowercase();
        assert!(
            !lower.contains("error") && !lower.contains("panic") && !lower.contains("pipe"),
            "{args:?}: {}",
            ran.stderr
        );
    });
}
