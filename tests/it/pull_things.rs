//! `pull` of everything but contacts: tasks, notes, appointments, opportunities, businesses, fields,
//! tags, lists, and one contact with all that hangs on it.

use std::collections::BTreeSet;

use ghl_bm::sandbox::Options;
use serde_json::{Value, json};

use crate::env::{Env, Ran, empty, quick};

fn world() -> Env {
    Env::new(Options {
        contacts: 120,
        ..quick()
    })
}

fn table(ran: &Ran) -> (Vec<String>, Vec<Vec<String>>) {
    ran.expect(0);
    let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
    let header = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    (header, rows)
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.expect(0);
    ran.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A cell as CSV has it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Requests sent since they were last forgotten, as `METHOD path`.
fn asked(env: &Env) -> Vec<String> {
    env.sandbox
        .requests()
        .iter()
        .map(|one| format!("{} {}", one.method, one.path))
        .collect()
}

/// The nouns that print many rows, with the member of machine output and the columns.
const NOUNS: [(&[&str], &str, &str); 8] = [
    (
        &["tasks", "--all"],
        "tasks",
        "id,contact_id,title,body,due,completed,assigned_to",
    ),
    (
        &["notes", "--all"],
        "notes",
        "id,contact_id,title,body,user_id,color,pinned,date_added",
    ),
    (
        &["appointments", "--all"],
        "appointments",
        "id,contact_id,title,status,start,end,calendar_id,assigned_to,notes,address,date_added,date_updated",
    ),
    (
        &["opportunities", "--all"],
        "opportunities",
        "id,contact_id,name,status,pipeline,stage,value,source,assigned_to,pipeline_id,stage_id,\
         date_added,date_updated,status_changed,stage_changed",
    ),
    (
        &["businesses"],
        "businesses",
        "id,name,phone,email,website,address,city,state,postal_code,country,description,date_added,date_updated",
    ),
    (&["fields"], "fields", "id,name,key,type"),
    (&["tags"], "tags", "name"),
    (&["lists"], "lists", "id,name,all"),
];

#[test]
fn every_noun_has_its_columns_in_every_shape() {
    let env = world();
    for (words, member, columns) in NOUNS {
        let pull = |more: &[&str]| env.run(["pull"].iter().chain(words).chain(more));
        let first = pull(&[]);
        let (header, rows) = table(&first);
        assert_eq!(header.join(","), columns, "{words:?}");
        assert!(rows.len() > 3, "{words:?}");
        assert!(first.stdout.ends_with("\r\n"));
        assert_eq!(pull(&[]).stdout, first.stdout, "{words:?}: the same bytes");

        let objects = lines(&pull(&["--format", "ndjson"]));
        let array: Value = pull(&["--format", "json"]).json();
        assert_eq!(array.as_array().unwrap(), &objects, "{words:?}");
        let document = pull(&["--json"]).json();
        assert_eq!(document["schema_version"], 1);
        assert_eq!(document["command"], format!("pull {member}"));
        assert_eq!(document[member], array, "{words:?}");
        let as_lines = pull(&["--json", "--format", "ndjson"]);
        assert_eq!(lines(&as_lines), objects, "{words:?}");
        // Both hold the same.
        for (row, object) in rows.iter().zip(&objects) {
            for (column, cell) in header.iter().zip(row) {
                assert_eq!(&text(&object[column]), cell, "{words:?} {column}");
            }
        }
        assert_eq!(rows.len(), objects.len());
        // JSON has the order of the columns, too.
        let line = pull(&["--format", "ndjson"]).stdout;
        let line = line.lines().next().unwrap();
        let places: Vec<usize> = header
            .iter()
            .map(|column| line.find(&format!("\"{column}\":")).unwrap())
            .collect();
        assert!(places.is_sorted(), "{line}");
        // Columns of choice, and into a file.
        let mut few = vec![header.last().unwrap().clone(), header[0].clone()];
        // Tags have one column.
        few.dedup();
        assert_eq!(table(&pull(&["--fields", &few.join(",")])).0, few);
        let document = pull(&["-o", "out.csv", "--json"]).json();
        assert_eq!(document["count"], rows.len());
        let file = std::fs::read_to_string(env.root.path().join("out.csv")).unwrap();
        assert_eq!(file, first.stdout, "{words:?}");
    }
}

#[test]
fn columns_are_listed_and_misspelt_ones_refused_without_a_call() {
    let env = world();
    for (words, _, columns) in NOUNS {
        let noun = words[0];
        let ran = env.run(["pull", noun, "--fields"]);
        ran.expect(0);
        assert_eq!(ran.stdout.trim_end().replace('\n', ","), columns);
        let ran = env.run(["pull", noun, "--fields", "--json"]).json();
        assert_eq!(
            ran["fields"].as_array().unwrap().len(),
            columns.split(',').count()
        );
        let last = columns.split(',').next_back().unwrap();
        let ran = env.run(["pull", noun, "--fields", &format!("{last}x")]);
        ran.expect(2);
        ran.says(&[
            "there is no field",
            &format!("did you mean `{last}`"),
            "--fields",
        ]);
    }
    assert_eq!(asked(&env), Vec::<String>::new());
}

#[test]
fn what_a_side_does_not_have_is_said() {
    let env = world();
    for (noun, side, hint) in [
        ("tasks", "bigmailer", "BigMailer has no tasks"),
        ("notes", "bigmailer", "BigMailer has no notes"),
        ("appointments", "bigmailer", "BigMailer has no appointments"),
        (
            "opportunities",
            "bigmailer",
            "BigMailer has no opportunities",
        ),
        ("businesses", "bigmailer", "BigMailer has no businesses"),
        ("tags", "bigmailer", "pull lists"),
        ("lists", "ghl", "pull tags"),
    ] {
        let ran = env.run(["pull", noun, "--from", side]);
        ran.expect(2);
        ran.says(&[hint]);
    }
    let (header, rows) = table(&env.run(["pull", "fields", "--from", "bigmailer"]));
    assert_eq!(header.join(","), "merge_tag,name,type,id");
    assert!(
        rows.iter()
            .any(|row| row[0] == "LEAD_SCORE" && row[2] == "integer")
    );
    let tags: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
    assert!(tags.is_sorted());
}

#[test]
fn wrong_flags_are_refused_before_any_call() {
    let env = world();
    for (words, says) in [
        (&["tasks"][..], "--all"),
        (&["notes", "--limit", "3"], "--contact"),
        (&["tasks", "--all", "--contact", "x"], "cannot be used with"),
        (&["tasks", "--all", "--completed", "maybe"], "true"),
        (&["notes", "--all", "--completed", "true"], "unexpected"),
        (&["opportunities", "--all", "--status", "wno"], "won"),
        (&["appointments", "--all", "--resume"], "-o FILE"),
        (&["appointments", "--all", "--resume", "-o", "-"], "-o FILE"),
        (&["tasks", "--all", "--limit", "few"], "few"),
        (&["tasks", "--all", "--format", "xml"], "csv"),
        (
            &["tasks", "--all", "--excel", "--format", "json"],
            "--format csv",
        ),
        (
            &["tasks", "--all", "--json", "--format", "csv"],
            "--json prints JSON",
        ),
        (&["tasks", "--all", "-o", "."], "folder"),
        (&["tags", "--limit", "3"], "unexpected"),
        (&["contact"], "ID"),
        (
            &["contact", "a", "--from", "bigmailer", "--include", "notes"],
            "--include",
        ),
        (&["contact", "a", "--include", "sorrows"], "tasks"),
    ] {
        let ran = env.run(["pull"].iter().chain(words));
        ran.expect(2);
        ran.says(&[says]);
    }
    let ran = env.run(["pull", "tasks", "--all", "-o", "none/x.csv"]);
    ran.expect(1);
    ran.says(&["cannot write none/x.csv"]);
    assert_eq!(asked(&env), Vec::<String>::new());
}

#[test]
fn things_of_named_contacts_come_in_the_order_of_their_names() {
    let env = world();
    let (grace, every) = ("grace.hopper@example.com", "every.type@example.com");
    let ids = [grace, every].map(|email| env.ghl_id(email));
    for noun in ["tasks", "notes", "appointments", "opportunities"] {
        let owners = |contacts: [&str; 3]| -> Vec<String> {
            let ran = env.run(["pull", noun, "--contact"].iter().chain(&contacts));
            let (_, rows) = table(&ran);
            let mut owners: Vec<String> = rows.into_iter().map(|row| row[1].clone()).collect();
            owners.dedup();
            owners
        };
        // By address or id, each once.
        assert_eq!(owners([grace, every, &ids[0]]), ids, "{noun}");
        assert_eq!(
            owners([&ids[1], grace, every]),
            [ids[1].clone(), ids[0].clone()],
            "{noun}"
        );
        // The same rows as among everybody's.
        let some = env.run(["pull", noun, "--contact", grace]);
        let all: BTreeSet<Vec<String>> = table(&env.run(["pull", noun, "--all"]))
            .1
            .into_iter()
            .filter(|row| row[1] == ids[0])
            .collect();
        let some = table(&some).1;
        assert_eq!(some.iter().cloned().collect::<BTreeSet<_>>(), all, "{noun}");
        assert!(!some.is_empty());
    }
    for noun in ["tasks", "notes", "appointments"] {
        for nobody in ["nobody@example.com", "NoSuchContact0000001"] {
            let ran = env.run(["pull", noun, "--contact", nobody]);
            ran.expect(1);
            ran.says(&["HighLevel has no contact", nobody]);
        }
    }
}

#[test]
fn one_thing_is_found_by_its_id() {
    let env = world();
    let grace = "grace.hopper@example.com";
    for noun in ["tasks", "notes", "opportunities"] {
        let (_, rows) = table(&env.run(["pull", noun, "--contact", grace]));
        let id = rows[0][0].as_str();
        let mut call = vec!["pull", noun, "--id", id];
        if noun != "opportunities" {
            call.extend(["--contact", grace]);
        }
        let before = env.sandbox.requests().len();
        let (_, one) = table(&env.run(&call));
        assert_eq!(one, [rows[0].clone()], "{noun}");
        let asked = env.sandbox.requests();
        assert!(
            asked[before..].iter().any(|r| r.path.ends_with(id)),
            "{noun}"
        );
        // Not there, and not a word of anybody else's.
        call[3] = "NoSuchThing000000001";
        let ran = env.run(&call);
        ran.expect(1);
        ran.says(&["HighLevel has no", "NoSuchThing000000001"]);
        assert!(!ran.stdout.contains(&rows[0][1]));
    }
    for noun in ["tasks", "notes"] {
        env.run(["pull", noun, "--id", "x"]).expect(2);
        env.run(["pull", noun, "--all", "--id", "x"]).expect(2);
        let ran = env.run(["pull", noun, "--id", "x", "--contact", "a", "b"]);
        ran.expect(2);
        ran.says(&["--contact"]);
    }
    let (_, businesses) = table(&env.run(["pull", "businesses"]));
    let (_, one) = table(&env.run(["pull", "businesses", "--id", &businesses[0][0]]));
    assert_eq!(one, [businesses[0].clone()]);
    env.run(["pull", "businesses", "--id", "none"]).expect(1);
}

#[test]
fn filters_are_the_services_or_ours() {
    let env = world();
    let all = lines(&env.run(["pull", "tasks", "--all", "--format", "ndjson"]));
    for (word, flag) in [("true", true), ("false", false)] {
        let expected: Vec<&Value> = all.iter().filter(|t| t["completed"] == flag).collect();
        let ran = env.run([
            "pull",
            "tasks",
            "--all",
            "--completed",
            word,
            "--format",
            "ndjson",
        ]);
        assert_eq!(lines(&ran).iter().collect::<Vec<_>>(), expected);
        let grace = "grace.hopper@example.com";
        let ran = env.run([
            "pull",
            "tasks",
            "--contact",
            grace,
            "--completed",
            word,
            "--json",
        ]);
        for task in ran.json()["tasks"].as_array().unwrap() {
            assert_eq!(task["completed"], flag);
        }
    }
    let all = lines(&env.run(["pull", "opportunities", "--all", "--format", "ndjson"]));
    let narrowed = |args: &[&str]| {
        let words = ["pull", "opportunities", "--all", "--format", "ndjson"];
        lines(&env.run(words.iter().chain(args)))
    };
    let won = all.iter().filter(|one| one["status"] == "won").count();
    assert_eq!(narrowed(&["--status", "won"]).len(), won);
    let sales: Vec<&Value> = all
        .iter()
        .filter(|one| one["pipeline"] == "Sales")
        .collect();
    let id = sales[0]["pipeline_id"].as_str().unwrap();
    for name in ["Sales", "sales", id] {
        assert_eq!(
            narrowed(&["--pipeline", name]).iter().collect::<Vec<_>>(),
            sales
        );
    }
    let both = narrowed(&["--pipeline", "Sales", "--status", "open"]);
    assert!(!both.is_empty() && both.len() < sales.len());
    assert_eq!(narrowed(&["--limit", "2"]), all[..2]);
    let ran = env.run(["pull", "opportunities", "--all", "--pipeline", "Slaes"]);
    ran.expect(2);
    ran.says(&["no pipeline Slaes", "Sales"]);
    env.admin(
        "POST",
        "/ghl/pipelines",
        json!({"name": "sales", "stages": []}),
    );
    let ran = env.run(["pull", "opportunities", "--all", "--pipeline", "Sales"]);
    ran.expect(2);
    ran.says(&["2 pipelines are named Sales", id]);
    // Where no name is shown, none is asked for.
    env.forget_requests();
    env.run(["pull", "opportunities", "--all", "--fields", "id,value"])
        .expect(0);
    assert!(
        !asked(&env).iter().any(|one| one.contains("pipelines")),
        "{:?}",
        asked(&env)
    );
}

#[test]
fn rows_are_in_order_whatever_order_the_service_has() {
    let env = world();
    let contacts = table(&env.run(["pull", "contacts", "--fields", "id"])).1;
    let place = |id: &str| contacts.iter().position(|row| row[0] == id).unwrap();
    for (noun, date) in [("notes", "date_added"), ("appointments", "start")] {
        let rows = lines(&env.run(["pull", noun, "--all", "--format", "ndjson"]));
        let keys: Vec<_> = rows
            .iter()
            .map(|row| {
                let part = |name: &str| row[name].as_str().unwrap().to_owned();
                (place(&part("contact_id")), part(date), part("id"))
            })
            .collect();
        assert!(keys.is_sorted(), "{noun}");
        assert!(keys.len() > 10);
    }
    for (noun, date) in [("tasks", "due"), ("opportunities", "date_added")] {
        let rows = lines(&env.run(["pull", noun, "--all", "--format", "ndjson"]));
        let keys: Vec<_> = rows
            .iter()
            .map(|row| {
                ["due", "date_added", "id"].map(|name| row[name].as_str().map(str::to_owned))
            })
            .map(|[due, added, id]| (if date == "due" { due } else { added }, id))
            .collect();
        assert!(keys.is_sorted(), "{noun}");
    }
    let before: Vec<String> = ["notes", "opportunities"]
        .map(|noun| env.run(["pull", noun, "--all"]).stdout)
        .to_vec();
    for quirk in ["note-order=oldest", "opportunity-order=oldest"] {
        env.admin("POST", "/quirks", json!({"set": quirk}));
    }
    let after: Vec<String> = ["notes", "opportunities"]
        .map(|noun| env.run(["pull", noun, "--all"]).stdout)
        .to_vec();
    assert_eq!(before, after);
}

#[test]
fn appointment_times_are_told_in_utc_across_a_change_of_clocks() {
    let env = Env::new(empty());
    let zone = |name: Value| env.admin("PATCH", "/ghl/location", json!({"timezone": name}));
    let contact = env.ghl_contact(json!({"firstName": "Ada", "email": "ada@example.com"}));
    for (start, end) in [
        // New York, March 2026: half past two does not exist, and is taken for half past three.
        ("2026-03-08 01:30:00", "2026-03-08 02:30:00"),
        ("2026-03-09 09:00:00", "2026-03-09 10:00:00"),
        // November 2026: half past one comes twice; the first is meant.
        ("2026-11-01 01:30:00", "2026-11-01 02:30:00"),
        // Who says which clock is meant is believed.
        ("2026-12-01T09:00:00.000Z", "2026-12-01T10:00:00-05:00"),
    ] {
        env.admin(
            "POST",
            "/ghl/appointments",
            json!({"contactId": contact, "title": "Call", "startTime": start, "endTime": end}),
        );
    }
    let times = || -> Vec<String> {
        let ran = env.run(["pull", "appointments", "--all", "--fields", "start,end"]);
        ran.expect(0);
        ran.stdout
            .lines()
            .skip(1)
            .map(|line| line.trim().replace(":00Z", "Z"))
            .collect()
    };
    zone(json!("America/New_York"));
    assert_eq!(
        times(),
        [
            "2026-03-08T06:30Z,2026-03-08T07:30Z",
            "2026-03-09T13:00Z,2026-03-09T14:00Z",
            "2026-11-01T05:30Z,2026-11-01T07:30Z",
            "2026-12-01T09:00Z,2026-12-01T15:00Z",
        ]
    );
    zone(json!("Asia/Kolkata"));
    assert_eq!(times()[1], "2026-03-09T03:30Z,2026-03-09T04:30Z");
    // The location is asked for once, and only where a time needs it.
    env.forget_requests();
    times();
    let location = format!("GET /locations/{}", env.sandbox.location_id());
    let of_location = |env: &Env| {
        asked(env)
            .into_iter()
            .filter(|one| *one == location)
            .count()
    };
    assert_eq!(of_location(&env), 1);
    for unknown in [json!("Mars/Olympus"), json!("")] {
        zone(unknown);
        let ran = env.run(["pull", "appointments", "--all", "--fields", "start"]);
        ran.expect(0);
        ran.says(&["warning", "UTC"]);
        assert!(ran.stdout.contains("2026-03-09T09:00:00Z"));
    }
    for thing in env.admin("GET", "/ghl/appointments", Value::Null)["appointments"]
        .as_array()
        .unwrap()
    {
        let id = thing["id"].as_str().unwrap();
        env.admin("DELETE", &format!("/ghl/appointments/{id}"), Value::Null);
    }
    env.forget_requests();
    assert_eq!(times(), Vec::<String>::new());
    assert_eq!(of_location(&env), 0);
}

#[test]
fn one_contact_comes_with_all_that_hangs_on_it() {
    let env = world();
    let email = "grace.hopper@example.com";
    let id = env.ghl_id(email);
    let ran = env.run(["pull", "contact", email]);
    let contact = ran.json();
    assert_eq!(contact["id"], id);
    assert!(
        ran.stdout.starts_with("{\n  \"id\""),
        "for people: {}",
        ran.stdout
    );
    for (kind, count) in [
        ("tasks", 3),
        ("notes", 3),
        ("appointments", 2),
        ("opportunities", 2),
    ] {
        let things = contact[kind].as_array().unwrap();
        assert_eq!(things.len(), count, "{kind}");
        // The same objects as the noun prints.
        let ran = env.run(["pull", kind, "--contact", email, "--format", "json"]);
        assert_eq!(&ran.json(), &contact[kind], "{kind}");
    }
    assert_eq!(env.run(["pull", "contact", &id]).json(), contact);
    let document = env.run(["pull", "contact", &id, "--json"]).json();
    assert_eq!(document["command"], "pull contact");
    assert_eq!(document["contact"], contact);
    let line = env.run(["pull", "contact", &id, "--format", "ndjson"]);
    assert_eq!(lines(&line), std::slice::from_ref(&contact));
    let some = env.run([
        "pull",
        "contact",
        &id,
        "--include",
        "notes,tasks",
        "--fields",
        "email",
    ]);
    let some = some.json();
    assert_eq!(some.as_object().unwrap().len(), 3);
    assert_eq!(some["notes"], contact["notes"]);
    // As CSV the one row that `pull contacts` has.
    let (header, rows) = table(&env.run(["pull", "contact", &id, "--format", "csv"]));
    let (all_header, all) = table(&env.run(["pull", "contacts"]));
    assert_eq!(header, all_header);
    assert_eq!(rows.len(), 1);
    assert!(all.contains(&rows[0]));
    let (header, rows) = table(&env.run([
        "pull",
        "contact",
        &id,
        "--format",
        "csv",
        "--include",
        "notes",
    ]));
    let notes: Value = serde_json::from_str(&rows[0][header.len() - 1]).unwrap();
    assert_eq!(notes, contact["notes"]);
    let told = env
        .run(["pull", "contact", &id, "-o", "grace.json", "--json"])
        .json();
    assert_eq!(told["file"], "grace.json");
    let file = std::fs::read_to_string(env.root.path().join("grace.json")).unwrap();
    assert_eq!(file, ran.stdout);
    // The other side.
    let there = env
        .run(["pull", "contact", email, "--from", "bigmailer"])
        .json();
    let by_id = env.run([
        "pull",
        "contact",
        there["id"].as_str().unwrap(),
        "--from",
        "bigmailer",
    ]);
    assert_eq!(by_id.json(), there);
    assert_eq!(there["lists"], json!(["Newsletter"]));
}

#[test]
fn a_contact_that_is_not_there_is_said_plainly() {
    let env = world();
    for (args, says) in [
        (
            &["nobody@example.com"][..],
            "HighLevel has no contact nobody@example.com",
        ),
        (
            &["NoSuchContact0000001"],
            "HighLevel has no contact NoSuchContact0000001",
        ),
        (
            &["nobody@example.com", "--from", "bigmailer"],
            "BigMailer has no contact nobody@example.com",
        ),
    ] {
        let ran = env.run(["pull", "contact"].iter().chain(args));
        ran.expect(1);
        ran.says(&[says]);
        assert_eq!(ran.stdout, "");
        let ran = env.run(["pull", "contact", "--json"].iter().chain(args));
        ran.expect(1);
        assert_eq!(ran.error()["code"], "not_found");
    }
}

#[test]
fn a_missing_scope_is_named() {
    let env = world();
    for (words, place, scope) in [
        (
            &["tasks", "--all"][..],
            "/tasks/search",
            "locations/tasks.readonly",
        ),
        (&["notes", "--all"], "/notes", "contacts.readonly"),
        (
            &["appointments", "--all"],
            "/appointments",
            "contacts.readonly",
        ),
        (
            &["opportunities", "--all"],
            "/opportunities/search",
            "opportunities.readonly",
        ),
        (
            &["opportunities", "--all"],
            "/opportunities/pipelines",
            "opportunities.readonly",
        ),
        (&["businesses"], "/businesses/", "businesses.readonly"),
        (
            &["fields"],
            "/customFields",
            "locations/customFields.readonly",
        ),
        (&["tags"], "/tags", "locations/tags.readonly"),
        (&["contacts"], "/contacts/", "contacts.readonly"),
        (
            &["contacts", "--include", "tasks"],
            "/tasks/search",
            "locations/tasks.readonly",
        ),
        (
            &["contacts", "--include", "opportunities"],
            "/opportunities/",
            "opportunities.readonly",
        ),
        (
            &["contact", "grace.hopper@example.com"],
            "/opportunities/",
            "opportunities.readonly",
        ),
    ] {
        env.no_faults();
        env.fault(&format!("ghl:*:{place}@1x*=scope"));
        let ran = env.run(["pull"].iter().chain(words).chain(&["-o", "x.out"]));
        ran.expect(4);
        ran.says(&[scope]);
        let left: Vec<_> = std::fs::read_dir(env.root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("x.out"))
            .collect();
        assert_eq!(left, Vec::<String>::new(), "{words:?}");
    }
    // Who did not ask for it by name is told how to leave it out.
    let ran = env.run(["pull", "contact", "grace.hopper@example.com"]);
    ran.expect(4);
    ran.says(&["--include notes"]);
    env.no_faults();
    env.fault("bigmailer:*:/lists@1x*=scope");
    env.run(["pull", "lists"]).expect(4);
}

#[test]
fn trouble_on_the_way_costs_no_row() {
    let env = world();
    for (words, _, _) in NOUNS {
        let pull = || env.run(["pull"].iter().chain(words));
        env.no_faults();
        let before = pull().stdout;
        for action in [
            "429-after:0",
            "500",
            "cut-before",
            "cut-after",
            "truncate",
            "html-502",
        ] {
            for nth in [1, 2] {
                env.no_faults();
                env.fault(&format!("*:*:*@{nth}={action}"));
                let ran = pull();
                ran.expect(0);
                assert_eq!(ran.stdout, before, "{words:?} {action} at {nth}");
            }
        }
    }
    // Down for good.
    env.no_faults();
    env.fault("ghl:*:/notes@20x*=503");
    let ran = env.run(["pull", "notes", "--all", "-o", "notes.csv"]);
    ran.expect(5);
    ran.says(&["--resume"]);
    assert!(!env.root.path().join("notes.csv").exists());
}

#[test]
fn nothing_there_is_an_empty_table() {
    let env = Env::new(empty());
    for (words, member, columns) in NOUNS.iter().take(4) {
        let pull = |more: &[&str]| {
            let ran = env.run(["pull"].iter().chain(*words).chain(more));
            ran.expect(0);
            ran.stdout
        };
        assert_eq!(pull(&[]), format!("{columns}\r\n"), "{words:?}");
        assert_eq!(pull(&["--format", "json"]), "[]\n");
        assert_eq!(pull(&["--format", "ndjson"]), "");
        let document: Value = serde_json::from_str(&pull(&["--json"])).unwrap();
        assert_eq!(document[member], json!([]));
    }
}

#[test]
fn spreadsheets_get_disarmed_cells() {
    let env = Env::new(empty());
    let contact = env.ghl_contact(json!({"firstName": "Ada", "email": "ada@example.com"}));
    env.admin(
        "POST",
        "/ghl/notes",
        json!({"contactId": contact, "body": "=1+1", "title": "-x"}),
    );
    let ran = env.run([
        "pull",
        "notes",
        "--all",
        "--excel",
        "--fields",
        "title,body",
    ]);
    ran.expect(0);
    assert_eq!(ran.stdout, "\u{feff}title,body\r\n'-x,'=1+1\r\n");
    let ran = env.run(["pull", "notes", "--all", "--fields", "title,body"]);
    assert_eq!(ran.stdout, "title,body\r\n-x,=1+1\r\n");
}
