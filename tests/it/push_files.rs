//! `push` and the files around it: exports that go back, columns that mean one thing, what is written
//! about rows, and people whom a row only seems to be about.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::env::{Env, Ran, empty, quick};

fn file(env: &Env, name: &str, text: &str) -> PathBuf {
    let path = env.root.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn push(env: &Env, what: &str, text: &str, more: &[&str]) -> Ran {
    file(env, "rows", text);
    env.run(["push", what, "rows", "--json"].iter().chain(more))
}

fn pushed(env: &Env, what: &str, text: &str, more: &[&str], code: i32) -> Value {
    let ran = push(env, what, text, more);
    ran.expect(code);
    ran.json()
}

/// Counts of a document, as `created 1, failed 2`.
fn counted(document: &Value) -> String {
    let rows = document["rows"].as_object().unwrap();
    let counts = rows
        .iter()
        .filter(|(word, n)| **n != json!(0) && *word != "total");
    let counts: Vec<String> = counts.map(|(word, n)| format!("{word} {n}")).collect();
    counts.join(", ")
}

/// Reasons of a document, as `1 rejected`.
fn reasons(document: &Value) -> Vec<String> {
    let problems = document["problems"].as_array().unwrap();
    let reason = |p: &Value| format!("{} {}", p["row"], p["reason"].as_str().unwrap());
    problems.iter().map(reason).collect()
}

fn read(env: &Env, name: &str) -> String {
    std::fs::read_to_string(env.root.path().join(name)).unwrap()
}

// ---- who is meant

#[test]
fn whoever_has_the_number_or_the_second_address_of_a_row_is_not_written_to() {
    let env = Env::new(empty());
    let id = env.ghl_contact(json!({"email": "ada@example.com", "firstName": "Ada",
        "phone": "+15550000042", "tags": ["vip"],
        "additionalEmails": [{"email": "second@example.com", "validEmail": true}]}));
    let before = env.admin("GET", &format!("/ghl/contacts/{id}"), Value::Null);
    let text = "email,first_name,phone,tags\n\
        thief@example.com,Thief,+15550000042,taken\n\
        second@example.com,Second,,taken\n";
    for _ in 0..2 {
        let document = pushed(&env, "contacts", text, &["--to", "ghl"], 3);
        assert_eq!(counted(&document), "failed 2", "{document}");
        assert_eq!(reasons(&document), ["1 phone_taken", "2 additional_email"]);
    }
    let text = "email,op\nsecond@example.com,delete\n";
    let document = pushed(&env, "contacts", text, &["--to", "ghl"], 3);
    assert_eq!(reasons(&document), ["1 additional_email"]);
    let after = env.admin("GET", &format!("/ghl/contacts/{id}"), Value::Null);
    assert_eq!(after, before);
}

#[test]
fn what_highlevel_refuses_is_told_for_the_row() {
    let env = Env::new(empty());
    env.ghl_contact(json!({"email": "there@example.com"}));
    let text = "email,country,first_name\n\
        new@example.com,Atlantis,New\nthere@example.com,Atlantis,There\n";
    let more = [
        "--to",
        "ghl",
        "--report",
        "report.csv",
        "--rejects",
        "rejects.csv",
    ];
    let document = pushed(&env, "contacts", text, &more, 3);
    assert_eq!(counted(&document), "failed 2");
    assert_eq!(reasons(&document), ["1 rejected", "2 partly_applied"]);
    for name in ["report.csv", "rejects.csv"] {
        let told = read(&env, name);
        assert_eq!(told.matches("country must be").count(), 2, "{name}: {told}");
    }
}

// ---- exports that go back

#[test]
fn exports_of_bigmailer_can_be_pushed_to_both_sides() {
    let env = Env::new(quick());
    // Somebody carries the id of a HighLevel contact who is no more, and is not made again there.
    for (fields, code, gone) in [("", 3, 1), ("id,email,FIRST_NAME", 0, 0)] {
        let mut args = vec!["pull", "contacts", "--from", "bigmailer"];
        if !fields.is_empty() {
            args.extend(["--fields", fields]);
        }
        let export = env.run(args).stdout;
        env.forget_requests();
        let document = pushed(&env, "contacts", &export, &[], 0);
        let total = document["rows"]["total"].as_u64().unwrap();
        assert_eq!(
            counted(&document),
            format!("unchanged {total}"),
            "{document}"
        );
        assert_eq!(env.writes(), Vec::<String>::new());
        // BigMailer's ids are nobody's in HighLevel: the address says who is meant.
        let more = ["--to", "ghl", "--dry-run"];
        let dry = pushed(&env, "contacts", &export, &more, code);
        let missed = reasons(&dry)
            .iter()
            .filter(|r| r.contains("not_found"))
            .count();
        assert_eq!(
            (missed, &dry["rows"]["failed"]),
            (gone, &json!(gone)),
            "{dry}"
        );
        assert!(dry["rows"]["created"].as_u64().unwrap() > 0, "{dry}");
    }
}

#[test]
fn exports_with_what_hangs_on_contacts_and_for_spreadsheets_change_nothing() {
    let env = Env::new(quick());
    for more in [
        &["--excel"][..],
        &["--include", "tasks"],
        &["--format", "ndjson"],
    ] {
        let args = ["pull", "contacts", "--limit", "80"].iter().chain(more);
        let export = env.run(args).stdout;
        env.forget_requests();
        let ran = push(&env, "contacts", &export, &["--to", "ghl"]);
        ran.expect(0);
        let allowed = if more[0] == "--format" { 0 } else { 1 };
        // A multi-select whose option holds a semicolon does not survive CSV.
        assert!(env.writes().len() <= allowed, "{more:?} {:?}", env.writes());
    }
    for noun in ["tasks", "notes"] {
        for format in ["csv", "ndjson"] {
            let export = env.run(["pull", noun, "--all", "--format", format]).stdout;
            env.forget_requests();
            pushed(&env, noun, &export, &[], 0);
            assert_eq!(env.writes(), Vec::<String>::new(), "{noun} {format}");
        }
    }
}

// ---- columns

#[test]
fn a_property_travels_as_its_rule_says_however_it_is_spelt() {
    let env = Env::new(empty());
    let profile = read(&env, "config/profiles/default.toml");
    let upper = profile.replacen(
        "\"FIRST_NAME\"",
        "\"FIRST_NAME\"\ntransform = [\"upper\"]",
        1,
    );
    std::fs::write(env.profile_file(), upper).unwrap();
    for (column, value) in [
        ("first_name", "ABC"),
        ("First Name", "ABC"),
        ("firstName", "ABC"),
        ("FIRST_NAME", "Abc"),
    ] {
        let text = format!("email,{column}\na@example.com,Abc\n");
        pushed(&env, "contacts", &text, &[], 0);
        let person = &env.brand()["a@example.com"];
        assert_eq!(
            crate::env::field(person, "FIRST_NAME"),
            json!(value),
            "{column}"
        );
    }
    // Two columns never fill one field.
    for columns in [
        "first_name,FIRST_NAME",
        "contact_id,GHL_CONTACT_ID",
        "tags,Tags",
    ] {
        let said = push(
            &env,
            "contacts",
            &format!("email,{columns}\na@example.com,x,y\n"),
            &[],
        );
        said.expect(2);
        let (one, other) = columns.split_once(',').unwrap();
        let message = said.error()["message"].as_str().unwrap().to_owned();
        assert!(
            message.contains(one) && message.contains(other),
            "{message}"
        );
    }
}

#[test]
fn rows_about_things_need_a_column_that_names_the_contact() {
    let env = Env::new(empty());
    for (what, text) in [
        ("tags", "tags\nvip\n"),
        ("notes", "title,body\na,b\n"),
        ("tasks", "{\"title\":\"a\",\"due\":\"+1d\"}\n"),
    ] {
        let said = push(&env, what, text, &[]);
        said.expect(2);
        let message = said.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("contact_id"), "{what}: {message}");
    }
    push(&env, "tags", "email,tags\n", &[]).expect(0);
}

#[test]
fn fields_that_no_rule_names_have_the_brands_types() {
    let env = Env::new(empty());
    for (tag, kind) in [("AGE", "integer"), ("BIRTH", "date")] {
        let path = "/brands/{brand}/fields";
        let (name, kind) = (format!("name={tag}"), format!("type={kind}"));
        let tag = format!("merge_tag_name={tag}");
        let fields = ["-F", &name, "-F", &tag, "-F", &kind];
        let call = ["api", "bigmailer", "POST", path, "--write"];
        env.run(call.iter().chain(&fields)).expect(0);
    }
    let text = "email,AGE,BIRTH\na@example.com,42,1990-01-02\nb@example.com,4.5,1990-02-30\n";
    for counts in ["created 1, failed 1", "failed 1, unchanged 1"] {
        let document = pushed(&env, "contacts", text, &[], 3);
        assert_eq!(counted(&document), counts, "{document}");
        let said = document["problems"].to_string();
        assert!(said.contains("AGE") && said.contains("BIRTH"), "{said}");
    }
    let person = &env.brand()["a@example.com"];
    assert_eq!(crate::env::field(person, "AGE"), json!(42));
    assert_eq!(crate::env::field(person, "BIRTH"), json!("1990-01-02"));
}

// ---- what is written about rows

#[test]
fn files_that_cannot_be_written_or_are_named_twice_are_told_before_anything_is_pushed() {
    let env = Env::new(empty());
    let rows = "email\na@example.com\n";
    for (more, code, words) in [
        (&["--report", "none/r.csv"][..], 1, "none/r.csv"),
        (&["--rejects", "config"], 2, "folder"),
        (&["--rejects", "rows"], 2, "the rows"),
        (&["--report", "./rows"], 2, "the rows"),
        (&["--report", "x", "--rejects", "./x"], 2, "--report"),
        (&["--report", "-"], 2, "standard output"),
    ] {
        let said = push(&env, "contacts", rows, more);
        said.expect(code);
        let message = said.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{more:?} {message}");
        assert_eq!(env.brand().len(), 0, "{more:?}");
        assert_eq!(read(&env, "rows"), rows);
    }
    if cfg!(unix) {
        let more = ["--report", "/dev/null", "--rejects", "/dev/null"];
        pushed(&env, "contacts", rows, &more, 0);
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
        let told = push(&env, "contacts", rows, &["--report", "/dev/full"]);
        told.expect(1);
        // The push is done: that is told, whatever becomes of the report.
        assert_eq!(counted(&told.json()), "unchanged 1");
    }
}

#[test]
fn rejects_that_are_pushed_unmended_stay_what_they_are() {
    let env = Env::new(empty());
    let text = "email,first_name,last_name\nshort@example.com\nshorter@example.com,B\nlong@example.com,A,B,C\n";
    let more = ["--rejects", "rejects.csv"];
    let document = pushed(&env, "contacts", text, &more, 3);
    assert_eq!(counted(&document), "failed 3");
    let first = read(&env, "rejects.csv");
    assert!(
        first.starts_with(
            "email,first_name,last_name,reject_reason\r\nshort@example.com,\"malformed"
        ),
        "{first}"
    );
    for _ in 0..4 {
        let again = read(&env, "rejects.csv");
        let document = pushed(&env, "contacts", &again, &more, 3);
        assert_eq!(counted(&document), "failed 3");
        assert_eq!(
            read(&env, "rejects.csv").lines().count(),
            first.lines().count()
        );
        let rows = read(&env, "rejects.csv");
        let firsts: Vec<usize> = rows
            .lines()
            .map(|l| l.matches("malformed").count())
            .collect();
        assert_eq!(firsts, [0, 1, 1, 1], "{rows}");
    }
    assert_eq!(env.brand().len(), 0);
}

#[test]
fn a_brake_leaves_an_account_and_a_dry_run_its_plan() {
    let env = Env::new(quick());
    let mut text = "email,op\n".to_owned();
    let mailable = env.brand();
    let mailable = mailable.iter().filter(|(_, p)| {
        p["unsubscribe_all"] == false && p["num_hard_bounces"] == 0 && p["num_complaints"] == 0
    });
    for (email, _) in mailable.take(4) {
        text.push_str(&format!("{email},delete\n"));
    }
    env.forget_requests();
    let more = ["--report", "report.csv"];
    let stopped = push(&env, "contacts", &text, &more);
    stopped.expect(7);
    assert_eq!(counted(&stopped.json()), "not_tried 4");
    assert_eq!(stopped.json()["exit_code"], 7);
    assert_eq!(read(&env, "report.csv").matches("not_tried").count(), 4);
    let dry = push(&env, "contacts", &text, &["--dry-run"]);
    dry.expect(7);
    assert_eq!(counted(&dry.json()), "deleted 4");
    let plain = env.run(["push", "contacts", "rows", "--dry-run"]);
    plain.expect(7);
    assert!(plain.stdout.contains("(row 4)"), "{plain:?}");
    let rows: String = (0..21).map(|n| format!("c,delete,n{n}\n")).collect();
    let text = format!("contact_id,op,note_id\n{rows}");
    let stopped = push(&env, "notes", &text, &[]);
    stopped.expect(7);
    assert_eq!(counted(&stopped.json()), "not_tried 21");
    let dry = push(&env, "notes", &text, &["--dry-run"]);
    dry.expect(7);
    assert_eq!(counted(&dry.json()), "failed 21");
    assert_eq!(env.writes(), Vec::<String>::new());
}
