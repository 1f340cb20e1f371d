//! `push`: rows into both services, accounted for, mended, pushed again, cut off.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ghl_bm::sandbox::Phase;
use serde_json::{Value, json};

use crate::env::{Env, PATIENCE, Ran, empty, field, quick};

fn file(env: &Env, name: &str, text: &str) -> PathBuf {
    let path = env.root.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn push(env: &Env, what: &str, text: &str, more: &[&str]) -> Ran {
    let path = file(env, "rows", text);
    let path = path.to_str().unwrap();
    env.run(["push", what, path].iter().chain(more))
}

fn pushed(env: &Env, what: &str, text: &str, more: &[&str], code: i32) -> Value {
    let more: Vec<&str> = more.iter().copied().chain(["--json"]).collect();
    let ran = push(env, what, text, &more);
    ran.expect(code);
    ran.json()
}

/// The counts of a document that are not zero.
fn rows(document: &Value) -> BTreeMap<String, u64> {
    document["rows"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(word, count)| (word.clone(), count.as_u64().unwrap()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn counts(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|(w, n)| ((*w).to_owned(), *n)).collect()
}

fn ghl_person(env: &Env, email: &str) -> Value {
    let email = email.replace('+', "%2B");
    let found = env.admin("GET", &format!("/ghl/contacts?email={email}"), Value::Null);
    found["contacts"][0].clone()
}

// ---- to BigMailer

#[test]
fn rows_are_created_updated_left_alone_and_counted_each_once() {
    let env = Env::new(empty());
    env.bm_contact(json!({"email": "there@example.com", "unsubscribe_all": true,
        "field_values": [{"name": "FIRST_NAME", "string": "Old"}, {"name": "COMPANY", "string": "Kept"}]}));
    let text = "email,first_name,custom.lead_score,tags,remarks\n\
        new@example.com,New,4.5,customer;other,x\n\
        There@Example.com,Newer,,,x\n\
        bad,,,,\n\
        ,,,,\n\
        NEW@example.com,Again,,,\n\
        half@example.com,Half,many,,\n";
    // A column that means nothing is no accident to be passed over.
    let said = push(&env, "contacts", text, &[]);
    said.expect(2);
    assert!(said.stderr.contains("no field `remarks`"), "{said:?}");
    assert_eq!(env.writes(), Vec::<String>::new());

    let text = text.replace(",remarks\n", ",city\n");
    let document = pushed(&env, "contacts", &text, &[], 3);
    assert_eq!(
        rows(&document),
        counts(&[
            ("total", 6),
            ("created", 1),
            ("updated", 1),
            ("skipped", 3),
            ("failed", 1)
        ])
    );
    assert_eq!(
        document["skipped"],
        json!({"duplicate_email": 1, "invalid_email": 1, "no_email": 1})
    );
    let new = env.person("new@example.com");
    assert_eq!(field(&new, "FIRST_NAME"), json!("New"));
    assert_eq!(field(&new, "LEAD_SCORE"), json!(5));
    assert_eq!(new["list_ids"], json!([env.list_id("Customers")]));
    let there = env.person("there@example.com");
    assert_eq!(field(&there, "FIRST_NAME"), json!("Newer"));
    assert_eq!(field(&there, "COMPANY"), json!("Kept"));
    assert_eq!(there["unsubscribe_all"], true, "an opt-out is never lifted");
    // The rest of a row with one bad value is written, and the row is told all the same.
    assert_eq!(
        field(&env.person("half@example.com"), "FIRST_NAME"),
        json!("Half")
    );
    let problem = &document["problems"][3];
    assert_eq!(
        (&problem["row"], &problem["reason"]),
        (&json!(6), &json!("invalid_value"))
    );
    assert!(
        !document["problems"].to_string().contains("many"),
        "{document}"
    );

    env.forget_requests();
    let again = pushed(&env, "contacts", &text, &[], 3);
    assert_eq!(rows(&again)["unchanged"], 2);
    assert_eq!(env.writes(), Vec::<String>::new());
}

#[test]
fn columns_may_name_merge_tags_lists_and_consent_and_rows_may_be_json() {
    let env = Env::new(empty());
    let text = "{\"email\":\"a@example.com\",\"FIRST_NAME\":\"A\",\"Lead score\":7,\"lists\":[\"newsletter\"]}\n\
        {\"email\":\"b@example.com\",\"email_allowed\":false}\n\
        {\"email\":\"c@example.com\",\"dnd\":\"yes\"}\n\
        {\"email\":\"d@example.com\",\"dnd\":\"perhaps\"}\n";
    let document = pushed(&env, "contacts", text, &[], 3);
    assert_eq!(rows(&document)["created"], 3);
    let a = env.person("a@example.com");
    assert_eq!(field(&a, "LEAD_SCORE"), json!(7));
    assert_eq!(a["list_ids"], json!([env.list_id("Newsletter")]));
    assert_eq!(a["unsubscribe_all"], false);
    for email in ["b@example.com", "c@example.com"] {
        assert_eq!(env.person(email)["unsubscribe_all"], true, "{email}");
    }
    let said = push(
        &env,
        "contacts",
        "email,lists\nx@example.com,Nowhere\n",
        &[],
    );
    said.expect(11);
    assert!(said.stderr.to_lowercase().contains("nowhere"), "{said:?}");
}

#[test]
fn what_an_earlier_sync_remembers_of_opt_outs_and_deletions_counts() {
    let env = Env::new(empty());
    env.ghl_contact(json!({"email": "blocked@example.com", "dnd": true}));
    env.ghl_contact(json!({"email": "gone@example.com"}));
    env.sync();
    let id = env.person("gone@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.admin("DELETE", &format!("/bigmailer/contacts/{id}"), Value::Null);
    let id = env.person("blocked@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.edit_bm(&id, json!({"unsubscribe_all": false}));
    env.sync_with(&["--full"]);
    let text = "email,first_name\nblocked@example.com,B\ngone@example.com,G\n";
    let document = pushed(&env, "contacts", text, &[], 0);
    assert_eq!(
        rows(&document),
        counts(&[("total", 2), ("updated", 1), ("skipped", 1)])
    );
    assert_eq!(document["skipped"], json!({"deleted_in_bigmailer": 1}));
    assert!(!env.brand().contains_key("gone@example.com"));
    // HighLevel still says no, and the file says nothing against it.
    assert_eq!(env.person("blocked@example.com")["unsubscribe_all"], true);
    // A sync after that has nothing to put right but what the file changed.
    env.sync_with(&["--full"]);
    env.assert_settled();
}

#[test]
fn many_rows_go_in_batches_their_rejects_are_mended_and_pushed_again() {
    let env = Env::new(empty());
    let mut text = String::from("email,first_name,renewal,email_allowed\r\n");
    for n in 0..5000 {
        let line = match n % 50 {
            7 => format!("bad {n},X{n},,\r\n"),
            11 => format!("p{n}@example.com,X{n},31.02.2026,\r\n"),
            13 => format!("p{n}@example.com,X{n},2026-02-03,false\r\n"),
            17 => format!("p{}@example.com,Twice,,\r\n", n - 1),
            _ => format!("p{n}@example.com,\"X, {n}\",2026-02-01,\r\n"),
        };
        text.push_str(&line);
    }
    let text = text.replace("renewal", "RENEWAL");
    let (rejects, report) = (
        env.root.path().join("rejects.csv"),
        env.root.path().join("report.csv"),
    );
    let files = [
        "--rejects",
        rejects.to_str().unwrap(),
        "--report",
        report.to_str().unwrap(),
    ];
    let dry = pushed(&env, "contacts", &text, &["--dry-run"], 3);
    assert_eq!(env.writes(), Vec::<String>::new());
    let document = pushed(&env, "contacts", &text, &files, 3);
    assert_eq!(document["rows"], dry["rows"], "a dry run tells the truth");
    let expected = counts(&[
        ("total", 5000),
        ("created", 4700),
        ("skipped", 200),
        ("failed", 100),
    ]);
    assert_eq!(rows(&document), expected);
    assert_eq!(
        document["skipped"],
        json!({"invalid_email": 100, "duplicate_email": 100})
    );
    let brand = env.brand();
    assert_eq!(brand.len(), 4800);
    let opted_out = brand.values().filter(|p| p["unsubscribe_all"] == true);
    assert_eq!(opted_out.count(), 100);
    let batches = env
        .writes()
        .iter()
        .filter(|w| w.contains("batches"))
        .count();
    assert!((5..=6).contains(&batches), "{batches} batches");

    let written = std::fs::read_to_string(&report).unwrap();
    assert_eq!(written.lines().count(), 5001);
    assert!(written.contains("\r\n14,15,created,,,"));
    // Every row that reached somebody says whom.
    let mut read = csv::Reader::from_reader(written.as_bytes());
    let ids: Vec<(u64, String)> = read
        .records()
        .map(|row| row.unwrap())
        .filter(|row| !row[5].is_empty())
        .map(|row| (row[0].parse().unwrap(), row[5].to_owned()))
        .collect();
    assert_eq!(ids.len(), 4800);
    for (row, id) in ids.into_iter().step_by(97) {
        assert_eq!(env.person(&format!("p{}@example.com", row - 1))["id"], *id);
    }

    let mut mended = std::fs::read_to_string(&rejects).unwrap();
    assert_eq!(mended.lines().count(), 301);
    assert!(mended.starts_with("email,first_name,RENEWAL,email_allowed,reject_reason\r\n"));
    mended = mended
        .replace("31.02.2026", "2026-02-28")
        .replace("bad ", "mended");
    let mended: String = mended
        .lines()
        .map(|line| match line.split_once(',') {
            Some((email, rest)) if email.starts_with("mended") => {
                format!("{email}@example.com,{rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let document = pushed(&env, "contacts", &mended, &[], 0);
    // The twins of the first push are alone in this one, and change names.
    assert_eq!(
        rows(&document),
        counts(&[("total", 300), ("created", 100), ("updated", 200)])
    );
    assert_eq!(env.brand().len(), 4900);
    assert_eq!(
        field(&env.person("p11@example.com"), "RENEWAL"),
        json!("2026-02-28")
    );
}

#[test]
fn a_push_that_is_killed_anywhere_ends_like_an_undisturbed_one() {
    let mut text = String::from("email,first_name\n");
    for n in 0..60 {
        text.push_str(&format!("p{n}@example.com,N{n}\n"));
    }
    let set_up = || {
        let env = Env::new(empty());
        env.bm_contact(json!({"email": "p3@example.com", "unsubscribe_all": true}));
        env
    };
    let calm = set_up();
    pushed(&calm, "contacts", &text, &[], 0);
    let calls = calm.sandbox.requests().len();
    assert!(calls >= 5, "{calls}");
    let cases: Vec<(usize, Phase)> = (1..=calls)
        .flat_map(|n| [(n, Phase::Before), (n, Phase::After)])
        .collect();
    crate::env::each(&cases, |(n, phase)| {
        let env = set_up();
        let path = file(&env, "rows", &text);
        let hold = env.sandbox.hold_at(*n, *phase);
        let running = env.start(["push", "contacts", path.to_str().unwrap()]);
        if hold.wait_reached(PATIENCE) {
            running.kill();
        }
        drop(hold);
        env.age_intents();
        pushed(&env, "contacts", &text, &[], 0);
        assert_eq!(env.people(), calm.people(), "killed at {n} {phase:?}");
    });
}

#[test]
fn rows_ask_for_deletion_behind_a_brake() {
    let env = Env::new(quick());
    let before = env.brand();
    let mailable: Vec<&String> = before
        .iter()
        .filter(|(_, p)| {
            p["unsubscribe_all"] == false && p["num_hard_bounces"] == 0 && p["num_complaints"] == 0
        })
        .map(|(email, _)| email)
        .collect();
    let out = before
        .iter()
        .find(|(_, p)| p["unsubscribe_all"] == true)
        .map(|(email, _)| email.clone())
        .unwrap();
    let mut text = format!("email,op\n{out},delete\nnobody@example.com,delete\n");
    for email in &mailable[..4] {
        text.push_str(&format!("{email},delete\n"));
    }
    let said = push(&env, "contacts", &text, &[]);
    said.expect(7);
    assert!(said.stderr.contains("--yes"), "{said:?}");
    assert_eq!(env.brand(), before);
    let document = pushed(&env, "contacts", &text, &["--yes"], 0);
    assert_eq!(
        rows(&document),
        counts(&[
            ("total", 6),
            ("deleted", 4),
            ("unchanged", 1),
            ("skipped", 1)
        ])
    );
    assert_eq!(document["skipped"], json!({"opted_out": 1}));
    assert!(
        env.brand().contains_key(&out),
        "an opt-out is not forgotten"
    );
    assert_eq!(env.brand().len(), before.len() - 4);
    let said = push(&env, "contacts", "email,op\na@example.com,remove\n", &[]);
    said.expect(3);
    assert!(
        said.stdout
            .contains("known are upsert, unsubscribe and delete"),
        "{said:?}"
    );
}

#[test]
fn bad_files_are_refused_with_their_place_and_write_nothing() {
    let env = Env::new(empty());
    let table: [(&[u8], &str, i32); 10] = [
        (b"", "empty", 1),
        (b"[{\"email\":\"a@b.co\"}]", "jq -c", 1),
        (b"\xff\xfee\0", "UTF-16", 1),
        (
            b"email,first_name\na@b.co,\xe4\n",
            "row 1 (line 2), column 2",
            1,
        ),
        (b"email,first_name\na@b.co,\"x\n", "opens in line 2", 1),
        (b"first_name\nA\n", "no column `email`", 2),
        (b"email,email\na@b.co,a@b.co\n", "both named", 1),
        (b"email,E-Mail\na@b.co,a@b.co\n", "mean the same", 2),
        (b"email,frist_name\na@b.co,A\n", "first_name", 2),
        (b"email;a,b\n", "--delimiter", 1),
    ];
    for (bytes, words, code) in table {
        let path = env.root.path().join("bad");
        std::fs::write(&path, bytes).unwrap();
        let ran = env.run(["push", "contacts", path.to_str().unwrap()]);
        ran.expect(code);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    let ran = env.run(["push", "contacts", "nowhere.csv"]);
    ran.expect(2);
    assert!(ran.stderr.contains("nowhere.csv"));
    let ran = env.run(["push", "contacts", "."]);
    ran.expect(2);
    // A row that cannot be taken apart spoils no other.
    let document = pushed(
        &env,
        "contacts",
        "email,first_name\na@b.co\nb@b.co,B\n",
        &[],
        3,
    );
    assert_eq!(
        rows(&document),
        counts(&[("total", 2), ("created", 1), ("failed", 1)])
    );
    assert_eq!(env.writes().len(), 1);
    let ran = env.run_with_input(["push", "contacts", "-"], "email\nc@b.co\n");
    ran.expect(0);
    assert!(env.brand().contains_key("c@b.co"));
}

#[test]
fn a_report_or_rejects_file_that_cannot_be_written_is_told() {
    let env = Env::new(empty());
    let ran = push(
        &env,
        "contacts",
        "email\na@b.co\n",
        &["--report", "nowhere/report.csv"],
    );
    ran.expect(1);
    assert!(ran.stderr.contains("nowhere/report.csv"), "{ran:?}");
}

// ---- to HighLevel

#[test]
fn rows_reach_highlevel_by_minimal_changes_and_nobody_is_made_twice() {
    let env = Env::new(quick());
    let niklaus = "niklaus.dijkstra.42@example.com";
    let before = ghl_person(&env, niklaus);
    let text = format!(
        "email,first_name,phone,custom.lead_score,tags,date_of_birth,city,email_allowed\n\
        New@Example.com,Neu,+1 (555) 010-9999,5.5,VIP;New Tag,1990-05-21,Köln,\n\
        {niklaus},Nik,,7,extra,,Berlin,\n\
        out@example.com,Out,,,,,,false\n\
        bad,,,,,,,\n"
    );
    let dry = pushed(&env, "contacts", &text, &["--to", "ghl", "--dry-run"], 0);
    assert_eq!(env.writes(), Vec::<String>::new());
    let document = pushed(&env, "contacts", &text, &["--to", "ghl"], 0);
    assert_eq!(dry["rows"], document["rows"]);
    assert_eq!(
        rows(&document),
        counts(&[("total", 4), ("created", 2), ("updated", 1), ("skipped", 1)])
    );
    let made = ghl_person(&env, "new@example.com");
    assert_eq!(made["firstName"], "Neu");
    assert_eq!(made["phone"], "+15550109999");
    assert_eq!(made["dateOfBirth"].as_str().unwrap()[..10], *"1990-05-21");
    assert_eq!(made["tags"].as_array().unwrap().len(), 2, "{made}");
    let out = ghl_person(&env, "out@example.com");
    assert_eq!(out["dndSettings"]["Email"]["status"], "active");
    let after = ghl_person(&env, niklaus);
    assert_eq!(after["firstName"], "Nik");
    assert_eq!(after["lastName"], before["lastName"]);
    for tag in before["tags"].as_array().unwrap() {
        assert!(after["tags"].as_array().unwrap().contains(tag), "{after}");
    }
    assert!(after["tags"].as_array().unwrap().contains(&json!("extra")));

    env.forget_requests();
    let again = pushed(&env, "contacts", &text, &["--to", "ghl"], 0);
    assert_eq!(rows(&again)["unchanged"], 3, "{again}");
    assert_eq!(env.writes(), Vec::<String>::new());
}

#[test]
fn rows_may_name_contacts_by_id_and_ids_must_be_there() {
    let env = Env::new(quick());
    let id = env.ghl_id("niklaus.dijkstra.42@example.com");
    let text = format!("contact_id,city\n{id},Ulm\nnowhere0000000000000,Ulm\n{id},Bonn\n");
    let document = pushed(&env, "contacts", &text, &["--to", "ghl"], 3);
    assert_eq!(
        rows(&document),
        counts(&[("total", 3), ("updated", 1), ("failed", 1), ("skipped", 1)])
    );
    assert_eq!(
        ghl_person(&env, "niklaus.dijkstra.42@example.com")["city"],
        "Ulm"
    );
    let reasons: Vec<&Value> = document["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["reason"])
        .collect();
    assert_eq!(reasons, ["not_found", "duplicate_email"]);
    let text = "email,city\nstranger@example.com,Ulm\n";
    let document = pushed(&env, "contacts", text, &["--to", "ghl", "--no-create"], 0);
    assert_eq!(rows(&document), counts(&[("total", 1), ("unchanged", 1)]));
    assert_eq!(document["problems"][0]["reason"], "not_found");
}

#[test]
fn an_opt_out_in_a_file_becomes_do_not_disturb_and_nothing_lifts_one() {
    let env = Env::new(empty());
    let id = env.ghl_contact(json!({"email": "a@example.com", "firstName": "A",
        "dndSettings": {"SMS": {"status": "active", "message": "stop", "code": "7"}}}));
    env.ghl_contact(json!({"email": "b@example.com", "dnd": true}));
    let text = "email,op,email_allowed,first_name\na@example.com,unsubscribe,,Ignored\nb@example.com,,true,B\n";
    let document = pushed(&env, "contacts", text, &["--to", "ghl"], 0);
    assert_eq!(rows(&document), counts(&[("total", 2), ("updated", 2)]));
    let a = env.admin("GET", &format!("/ghl/contacts/{id}"), Value::Null);
    assert_eq!(a["dndSettings"]["Email"]["status"], "active");
    assert_eq!(
        a["dndSettings"]["SMS"]["code"], "7",
        "others are sent back as read"
    );
    assert_eq!(a["firstName"], "A");
    let b = ghl_person(&env, "b@example.com");
    assert_eq!((&b["dnd"], &b["firstName"]), (&json!(true), &json!("B")));
}

#[test]
fn many_rows_to_highlevel_read_the_location_once() {
    let env = Env::new(quick());
    let mut text = String::from("email,city\n");
    let all = env.admin("GET", "/ghl/contacts", Value::Null);
    let mut expected = 0;
    for contact in all["contacts"].as_array().unwrap() {
        if let Some(email) = contact["email"]
            .as_str()
            .filter(|e| e.contains("@example."))
        {
            text.push_str(&format!(
                "\"{email}\",{}\n",
                contact["city"].as_str().unwrap_or("")
            ));
            expected += 1;
        }
    }
    env.forget_requests();
    let document = pushed(&env, "contacts", &text, &["--to", "ghl"], 0);
    let told = rows(&document);
    assert_eq!(told["total"], expected);
    assert_eq!(told["unchanged"] + told["skipped"], expected, "{document}");
    let calls = env.sandbox.requests().len();
    assert!(calls < 60, "{calls} calls for {expected} rows");
}

// ---- tags, notes, tasks

#[test]
fn tags_are_added_removed_and_set_in_bulk_where_many_change_alike() {
    let env = Env::new(empty());
    let mut text = String::from("contact_id,op,tags\n");
    for n in 0..150 {
        let id =
            env.ghl_contact(json!({"email": format!("p{n}@example.com"), "tags": ["old", "keep"]}));
        text.push_str(&format!("{id},add,Bulk;two\n"));
    }
    text.push_str("nowhere0000000000000,add,bulk;two\n");
    let document = pushed(&env, "tags", &text, &[], 3);
    assert_eq!(
        rows(&document),
        counts(&[("total", 151), ("updated", 150), ("failed", 1)])
    );
    assert_eq!(env.sandbox.requests().len(), 2, "two bulk calls");
    assert_eq!(
        ghl_person(&env, "p7@example.com")["tags"],
        json!(["old", "keep", "bulk", "two"])
    );
    let text = "email,op,tags\np1@example.com,set,keep;new\np2@example.com,remove,OLD\np2@example.com,add,last\np3@example.com,set,\n";
    let document = pushed(&env, "tags", text, &[], 3);
    assert_eq!(
        rows(&document),
        counts(&[("total", 4), ("updated", 3), ("failed", 1)])
    );
    assert_eq!(
        ghl_person(&env, "p1@example.com")["tags"],
        json!(["keep", "new"])
    );
    assert_eq!(
        ghl_person(&env, "p2@example.com")["tags"],
        json!(["keep", "bulk", "two", "last"])
    );
    assert_eq!(
        ghl_person(&env, "p3@example.com")["tags"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    let dry = push(
        &env,
        "tags",
        "email,op,tags\np4@example.com,set,x\n",
        &["--dry-run"],
    );
    dry.expect(0);
    assert!(dry.stdout.contains("row 1: add x, remove"), "{dry:?}");
    assert!(dry.stdout.contains("Nothing was written."));
}

#[test]
fn notes_and_tasks_are_written_once_however_often_the_file_is_pushed() {
    let env = Env::new(empty());
    let id = env.ghl_contact(json!({"email": "a@example.com"}));
    let notes = "email,title,body\na@example.com,Call,Rings <b>back</b>\na@example.com,,\"Zwei\nZeilen\"\nnobody@example.com,,x\n";
    for round in 0..2 {
        let document = pushed(&env, "notes", notes, &[], 3);
        let word = if round == 0 { "created" } else { "unchanged" };
        assert_eq!(
            rows(&document),
            counts(&[("total", 3), (word, 2), ("failed", 1)])
        );
    }
    let tasks = "email,title,due,body\na@example.com,Ring her,+2d,\na@example.com,Write,2026-12-01T09:00:00Z,Long\n";
    for round in 0..2 {
        let document = pushed(&env, "tasks", tasks, &[], 0);
        let word = if round == 0 { "created" } else { "unchanged" };
        assert_eq!(rows(&document), counts(&[("total", 2), (word, 2)]));
    }
    let read = |what: &str| {
        let ran = env.run(["pull", what, "--contact", &id, "--format", "json"]);
        ran.expect(0);
        serde_json::from_str::<Value>(&ran.stdout).unwrap()
    };
    let tasks = read("tasks");
    assert_eq!(tasks.as_array().unwrap().len(), 2);
    let task = tasks[0]["id"].as_str().unwrap();
    let note = read("notes")[0]["id"].as_str().unwrap().to_owned();
    let text = format!("contact_id,op,task_id\n{id},complete,{task}\n{id},complete,nope\n");
    let document = pushed(&env, "tasks", &text, &[], 3);
    assert_eq!(
        rows(&document),
        counts(&[("total", 2), ("updated", 1), ("failed", 1)])
    );
    let text = format!(
        "contact_id,op,note_id,body\n{id},update,{note},New\n{id},delete,{note},\n{id},delete,{note},\n"
    );
    let document = pushed(&env, "notes", &text, &[], 0);
    assert_eq!(
        rows(&document),
        counts(&[
            ("total", 3),
            ("updated", 1),
            ("deleted", 1),
            ("unchanged", 1)
        ])
    );
    assert_eq!(read("notes").as_array().unwrap().len(), 1);
    assert_eq!(
        read("tasks")
            .as_array()
            .unwrap()
            .iter()
            .filter(|t| t["completed"] == true)
            .count(),
        1
    );
}

#[test]
fn a_note_whose_answer_was_lost_is_not_written_twice() {
    let env = Env::new(empty());
    let id = env.ghl_contact(json!({"email": "a@example.com"}));
    for action in ["cut-after", "cut-before", "truncate", "500"] {
        env.no_faults();
        env.fault(&format!("ghl:POST:/notes@1={action}"));
        let text = format!("contact_id,body\n{id},{action}\n");
        let document = pushed(&env, "notes", &text, &[], 0);
        assert_eq!(
            rows(&document),
            counts(&[("total", 1), ("created", 1)]),
            "{action}"
        );
        assert_eq!(env.struck(), [1], "{action}");
    }
    let ran = env.run(["pull", "notes", "--contact", &id, "--format", "json"]);
    let notes: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(notes.as_array().unwrap().len(), 4, "{notes}");
}

#[test]
fn deleting_many_notes_takes_a_word_of_consent() {
    let env = Env::new(empty());
    let mut text = String::from("contact_id,op,note_id\n");
    for n in 0..21 {
        text.push_str(&format!("c,delete,n{n}\n"));
    }
    let ran = push(&env, "notes", &text, &[]);
    ran.expect(7);
    assert!(ran.stderr.contains("--yes"), "{ran:?}");
    assert_eq!(env.sandbox.requests().len(), 0);
}
