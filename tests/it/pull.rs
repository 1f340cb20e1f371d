//! `pull contacts`: shapes, columns, filters, the same bytes twice, files whole or not at all. Other
//! nouns are in `pull_things`, interruptions in `pull_resume`.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::Stdio;

use ghl_bm::sandbox::{Options, PageCap, PageTotal, Phase, Quirks, TieOrder};
use serde_json::{Value, json};

use crate::env::{Env, PATIENCE, Ran, empty, quick};

const COLUMNS: &str = "id,email,first_name,last_name,phone,company,tags,email_allowed,dnd,type,source,\
assigned_to,address1,city,state,postal_code,country,website,timezone,date_of_birth,date_added,date_updated";

fn world() -> Env {
    Env::new(Options {
        contacts: 120,
        ..quick()
    })
}

fn rows(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn csv_has_the_documented_columns_in_order() {
    let env = world();
    let ran = env.run(["pull", "contacts"]);
    ran.expect(0);
    let header = ran.stdout.split("\r\n").next().unwrap();
    let (fixed, custom) = header.split_once(",custom.").unwrap();
    assert_eq!(fixed, COLUMNS);
    let custom: Vec<&str> = custom.split(",custom.").collect();
    let mut sorted = custom.clone();
    sorted.sort_unstable();
    assert_eq!(custom, sorted);
    assert_eq!(custom.len(), 15);
    let rows = rows(&ran.stdout);
    assert_eq!(rows.len(), 120);
    let at = |name: &str| header.split(',').position(|column| column == name).unwrap();
    // By the time of creation, then id.
    let order: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (&row[at("date_added")], &row[at("id")]))
        .collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(order, sorted);
    let row = |email: &str| rows.iter().find(|row| &row[at("email")] == email).unwrap();
    // Names as people typed them, values with their line breaks, lists joined.
    assert_eq!(&row("Grace.HOPPER@Example.COM")[at("first_name")], "Grace");
    assert_eq!(
        &row("Grace.HOPPER@Example.COM")[at("tags")],
        "customer;newsletter"
    );
    assert_eq!(&row("jose@example.com")[at("first_name")], "Jose\u{301}");
    assert_eq!(
        &row("o'brien@example.com")[at("company")],
        "O'Brien & Sons, \"Ltd\""
    );
    assert_eq!(
        &row("line.break@example.com")[at("custom.notes")],
        "first line\nsecond \"line\"\r\nthird; line, end\ttab"
    );
    assert_eq!(
        &row("every.type@example.com")[at("date_of_birth")],
        "1969-12-31"
    );
    for (email, allowed) in [
        ("dnd.all@example.com", "false"),
        ("dnd.email@example.com", "false"),
        ("dnd.permanent@example.com", "false"),
        ("dnd.sms@example.com", "true"),
        ("dnd.absent@example.com", "true"),
    ] {
        assert_eq!(&row(email)[at("email_allowed")], allowed, "{email}");
    }
}

#[test]
fn unchanged_data_gives_the_same_bytes_in_every_shape() {
    let env = world();
    let mut seen = BTreeSet::new();
    for format in ["csv", "json", "ndjson"] {
        let args = ["pull", "contacts", "--format", format];
        let first = env.run(args);
        first.expect(0);
        let second = env.run(args);
        assert_eq!(first.stdout, second.stdout, "{format}");
        let name = format!("out.{format}");
        env.run(["pull", "contacts", "--format", format, "-o", &name])
            .expect(0);
        let file = std::fs::read_to_string(env.root.path().join(&name)).unwrap();
        assert_eq!(file, first.stdout, "{format}");
        seen.insert(first.stdout);
    }
    assert_eq!(seen.len(), 3);
}

#[test]
fn the_shapes_hold_the_same() {
    let env = world();
    let json: Value = env.run(["pull", "contacts", "--format", "json"]).json();
    let lines = env.run(["pull", "contacts", "--format", "ndjson"]);
    let lines: Vec<Value> = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(json.as_array().unwrap(), &lines);
    let document = env.run(["pull", "contacts", "--json"]).json();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["command"], "pull contacts");
    assert_eq!(document["contacts"], json);
    assert!(lines[0]["tags"].is_array() && lines[0]["email_allowed"].is_boolean());
    let csv = env.run(["pull", "contacts"]);
    assert_eq!(rows(&csv.stdout).len(), lines.len());
    let ids: String = lines
        .iter()
        .map(|one| format!("{}\n", one["id"].as_str().unwrap()))
        .collect();
    for args in [
        &["--jq", ".contacts[].id"][..],
        &["--format", "ndjson", "--jq", ".id"],
    ] {
        let filtered = env.run(["pull", "contacts"].iter().chain(args));
        filtered.expect(0);
        assert_eq!(filtered.stdout, ids);
    }
    let file = env
        .run(["pull", "contacts", "-o", "x.csv", "--json"])
        .json();
    assert_eq!(file["count"], 120);
}

#[test]
fn filters_narrow_what_is_read() {
    let env = world();
    let emails = |args: &[&str]| -> BTreeSet<String> {
        let all = ["pull", "contacts", "--fields", "email"].iter().chain(args);
        let ran = env.run(all);
        ran.expect(0);
        rows(&ran.stdout)
            .iter()
            .map(|row| row[0].to_owned())
            .collect()
    };
    let tagged = emails(&["--tag", "customer", "--tag", "NEWSLETTER"]);
    assert!(
        tagged.contains("Grace.HOPPER@Example.COM") && !tagged.contains("linus+news@example.org")
    );
    assert_eq!(emails(&["--query", "dnd."]).len(), 6);
    assert_eq!(emails(&["--limit", "7"]).len(), 7);
    assert_eq!(emails(&["--limit", "0"]).len(), 0);
    assert_eq!(emails(&["--since", "1h"]).len(), 0);
    env.edit_ghl(&env.ghl_id("jose@example.com"), json!({"city": "Lima"}));
    assert_eq!(
        emails(&["--since", "1h"]),
        BTreeSet::from(["jose@example.com".to_owned()])
    );
    let all = emails(&[]);
    assert_eq!(emails(&["--since", "2020-01-01"]), all);
    assert_eq!(emails(&["--since", "2020-01-01T00:00:00Z"]), all);
}

#[test]
fn columns_can_be_chosen_and_are_listed() {
    let env = world();
    let ran = env.run([
        "pull",
        "contacts",
        "--fields",
        "custom.plan,email , id",
        "--limit",
        "1",
    ]);
    ran.expect(0);
    assert!(
        ran.stdout.starts_with("custom.plan,email,id\r\n"),
        "{}",
        ran.stdout
    );
    let list = env.run(["pull", "contacts", "--fields"]);
    list.expect(0);
    assert!(list.stdout.starts_with(&COLUMNS.replace(',', "\n")));
    assert!(list.stdout.contains("custom.lead_score\n"));
    let wrong = env.run(["pull", "contacts", "--fields", "emial"]);
    wrong.expect(2);
    wrong.says(&["emial", "email", "--fields"]);
    let twice = env.run(["pull", "contacts", "--fields", "id,email,id"]);
    twice.expect(2);
    twice.says(&["id", "twice"]);
    env.run(["pull", "contacts", "--fields", " , "]).expect(2);
    for args in [
        &["--since", "yesterday-ish"][..],
        &["--query", &"x".repeat(76)],
        &["--excel", "--format", "json"],
        &["--from", "bigmailer", "--tag", "x"],
    ] {
        env.run(["pull", "contacts"].iter().chain(args)).expect(2);
    }
}

#[test]
fn spreadsheets_get_a_mark_and_no_formulas() {
    let env = Env::new(empty());
    for (n, name) in ["=1+1", "+2", "-3", "@SUM(A1)", "plain"]
        .into_iter()
        .enumerate()
    {
        env.ghl_contact(json!({"firstName": name, "email": format!("p{n}@example.com")}));
    }
    let ran = env.run(["pull", "contacts", "--excel", "--fields", "first_name"]);
    ran.expect(0);
    let text = ran.stdout.strip_prefix('\u{feff}').unwrap();
    let mut names: Vec<String> = rows(text).iter().map(|row| row[0].to_owned()).collect();
    names.sort();
    assert_eq!(names, ["'+2", "'-3", "'=1+1", "'@SUM(A1)", "plain"]);
    let ran = env.run(["pull", "contacts", "--fields", "first_name"]);
    assert!(ran.stdout.contains("=1+1") && !ran.stdout.contains('\''));
}

#[test]
fn an_export_that_is_interrupted_leaves_no_file() {
    let env = world();
    std::fs::write(env.root.path().join("old.csv"), "old").unwrap();
    for name in ["new.csv", "old.csv"] {
        let hold = env.sandbox.hold_at(3, Phase::Before);
        let run = env.start(["pull", "contacts", "-o", name]);
        assert!(hold.wait_reached(PATIENCE));
        run.kill();
        hold.release();
    }
    assert!(!env.root.path().join("new.csv").exists());
    assert_eq!(
        std::fs::read_to_string(env.root.path().join("old.csv")).unwrap(),
        "old"
    );
    // The same where the service gives up on it.
    env.fault("ghl:GET:/contacts/@2x*=scope");
    env.run(["pull", "contacts", "-o", "new.csv"]).expect(4);
    assert!(!env.root.path().join("new.csv").exists());
    env.no_faults();
    env.run(["pull", "contacts", "-o", "old.csv"]).expect(0);
    assert!(
        std::fs::read_to_string(env.root.path().join("old.csv"))
            .unwrap()
            .starts_with("id,email")
    );
}

#[cfg(unix)]
#[test]
fn files_with_personal_data_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = world();
    env.run(["pull", "contacts", "-o", "out.csv"]).expect(0);
    env.sync();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&env.root.path().join("out.csv")), 0o600);
    assert_eq!(mode(&env.state_file()), 0o600);
    assert_eq!(mode(env.state_file().parent().unwrap()), 0o700);
}

#[test]
fn a_reader_who_leaves_is_a_quiet_end() {
    // More than a pipe holds.
    let env = Env::new(Options {
        contacts: 1500,
        ..quick()
    });
    for format in ["csv", "json", "ndjson"] {
        let mut child = env
            .command(["pull", "contacts", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut some = [0; 10];
        stdout.read_exact(&mut some).unwrap();
        drop(stdout);
        let ran = Ran::from(child.wait_with_output().unwrap());
        ran.expect(0);
        assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
    }
}

#[test]
fn a_page_in_trouble_costs_no_row() {
    let env = world();
    let before = env.run(["pull", "contacts"]).stdout;
    for action in ["cut-after", "truncate", "html", "500", "repeat-page"] {
        env.no_faults();
        env.fault(&format!("ghl:POST:/contacts/search@1={action}"));
        assert_eq!(env.run(["pull", "contacts"]).stdout, before, "{action}");
    }
}

/// Worlds whose services differ in what the vendors leave open, and in nothing else.
fn quirky(contacts: usize) -> Vec<(&'static str, Env)> {
    let with = |quirks: Quirks| {
        Env::new(Options {
            contacts,
            quirks,
            ..quick()
        })
    };
    let plain = Quirks::default();
    vec![
        ("as documented", with(plain)),
        (
            "pages of 100",
            with(Quirks {
                page_cap: PageCap::SilentHundred,
                ..plain
            }),
        ),
        (
            "pages over 100 refused",
            with(Quirks {
                page_cap: PageCap::RefuseOverHundred,
                page_total: PageTotal::Absent,
                ..plain
            }),
        ),
        (
            "ties the other way round",
            with(Quirks {
                tie_order: TieOrder::Reversed,
                page_total: PageTotal::Capped,
                ..plain
            }),
        ),
        (
            "search shows less",
            with(Quirks {
                raw_names: false,
                search_dnd: false,
                page_cap: PageCap::SilentHundred,
                ..plain
            }),
        ),
    ]
}

#[test]
fn the_bytes_do_not_depend_on_how_the_service_pages() {
    let mut seen = BTreeSet::new();
    for (what, env) in quirky(620) {
        let ran = env.run(["pull", "contacts", "--format", "ndjson"]);
        ran.expect(0);
        assert_eq!(ran.stdout.lines().count(), 620, "{what}");
        seen.insert(ran.stdout);
    }
    assert_eq!(seen.len(), 1);
}

#[test]
fn contacts_of_one_moment_are_ordered_by_id_however_they_come() {
    for (what, env) in quirky(0) {
        let mut ids = BTreeSet::new();
        for n in 0..530 {
            let contact = json!({"email": format!("p{n}@example.com"), "firstName": "Imported",
                "dateAdded": "2026-01-02T03:04:05.678Z"});
            ids.insert(env.ghl_contact(contact));
        }
        let pull = |more: &[&str]| -> Vec<String> {
            let ran = env.run(["pull", "contacts", "--fields", "id"].iter().chain(more));
            ran.expect(0);
            ran.stdout.lines().skip(1).map(str::to_owned).collect()
        };
        let ids: Vec<String> = ids.into_iter().collect();
        assert_eq!(pull(&[]), ids, "{what}");
        assert_eq!(pull(&["--limit", "7"]), ids[..7], "{what}");
    }
}

#[test]
fn contacts_without_a_moment_come_last() {
    let env = Env::new(empty());
    let ids = ["2026-01-02T00:00:00.000Z", "", "2026-01-01T00:00:00.000Z"].map(|added| {
        let id = env.ghl_contact(json!({"email": format!("p{}@example.com", added.len())}));
        env.edit_ghl(&id, json!({"dateAdded": added}));
        id
    });
    let ran = env.run(["pull", "contacts", "--fields", "id"]);
    ran.expect(0);
    let got: Vec<&str> = ran.stdout.lines().skip(1).collect();
    assert_eq!(got, [&ids[2], &ids[0], &ids[1]]);
}

#[test]
fn the_older_list_gives_the_same_rows() {
    let env = Env::new(Options {
        contacts: 260,
        ..quick()
    });
    let by_search = env.run(["pull", "contacts", "--via", "search"]);
    by_search.expect(0);
    let by_list = env.run(["pull", "contacts", "--via", "list"]);
    by_list.expect(0);
    assert_eq!(by_list.stdout, by_search.stdout);
    // Its filters are ours.
    for filter in [&["--tag", "customer"][..], &["--since", "2026-01-01"]] {
        let pull = |way: &str| {
            let words = [
                "pull",
                "contacts",
                "--fields",
                "id,email,tags",
                "--via",
                way,
            ];
            let ran = env.run(words.iter().chain(filter));
            ran.expect(0);
            ran.stdout
        };
        assert_eq!(pull("list"), pull("search"), "{filter:?}");
    }
    // Searching is refused: the older list steps in, and that is said.
    for (action, code) in [("400", 1), ("scope", 4)] {
        env.no_faults();
        env.fault(&format!("ghl:POST:/contacts/search@1x*={action}"));
        let auto = env.run(["pull", "contacts"]);
        auto.expect(0);
        auto.says(&["searching is refused", "older list"]);
        assert_eq!(auto.stdout, by_search.stdout);
        env.run(["pull", "contacts", "--via", "search"])
            .expect(code);
    }
    // Where both are refused, it is searching that is spoken of.
    env.fault("ghl:GET:/contacts/@1x*=scope");
    let neither = env.run(["pull", "contacts", "--fields", "id"]);
    neither.expect(4);
    neither.says(&["POST /contacts/search", "contacts.readonly"]);
    assert!(!neither.stderr.contains("older list"), "{}", neither.stderr);
}

#[test]
fn contacts_of_a_business_are_shown_in_full() {
    let env = world();
    let businesses = env.run(["pull", "businesses", "--json"]).json();
    let all = env.run(["pull", "contacts", "--format", "ndjson"]).stdout;
    let mut members = 0;
    for business in businesses["businesses"].as_array().unwrap() {
        let id = business["id"].as_str().unwrap();
        let ran = env.run(["pull", "contacts", "--business", id, "--format", "ndjson"]);
        ran.expect(0);
        for line in ran.stdout.lines() {
            assert!(all.contains(line), "{line}");
            members += 1;
        }
    }
    assert!(members > 5);
    let ran = env.run(["pull", "contacts", "--business", "NoSuchBusiness"]);
    ran.expect(1);
    ran.says(&["HighLevel has no business NoSuchBusiness"]);
    let id = businesses["businesses"][0]["id"].as_str().unwrap();
    for more in [
        &["--query", "a"][..],
        &["--via", "search"],
        &["--via", "list"],
    ] {
        env.run(["pull", "contacts", "--business", id].iter().chain(more))
            .expect(2);
    }
}

#[test]
fn what_hangs_on_contacts_comes_in_columns_of_its_own() {
    let env = world();
    let kinds = "opportunities,tasks,notes,appointments";
    let columns = "id,email,tasks,notes,appointments,opportunities";
    let pull = |more: &[&str]| {
        let words = [
            "pull",
            "contacts",
            "--fields",
            "id,email",
            "--include",
            kinds,
        ];
        let ran = env.run(words.iter().chain(more));
        ran.expect(0);
        ran.stdout
    };
    let csv = pull(&[]);
    assert_eq!(csv.lines().next(), Some(columns));
    let lines: Vec<Value> = pull(&["--format", "ndjson"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let array: Value = serde_json::from_str(&pull(&["--format", "json"])).unwrap();
    assert_eq!(array.as_array().unwrap(), &lines);
    let document: Value = serde_json::from_str(&pull(&["--json"])).unwrap();
    assert_eq!(document["contacts"], array);
    for (row, contact) in rows(&csv).iter().zip(&lines) {
        for (at, kind) in ["tasks", "notes", "appointments", "opportunities"]
            .iter()
            .enumerate()
        {
            let cell: Value = serde_json::from_str(&row[at + 2]).unwrap();
            assert_eq!(cell, contact[*kind]);
        }
    }
    // All in all what the nouns give.
    for kind in ["tasks", "notes", "appointments", "opportunities"] {
        let sorted = |things: Vec<Value>| {
            let mut things: Vec<String> = things.iter().map(Value::to_string).collect();
            things.sort();
            things
        };
        let nested = lines
            .iter()
            .flat_map(|c| c[kind].as_array().unwrap().clone());
        let noun = env.run(["pull", kind, "--all", "--json"]).json();
        let noun = noun[kind].as_array().unwrap().clone();
        assert_eq!(sorted(nested.collect()), sorted(noun), "{kind}");
    }
    // Whichever way the opportunities are fetched.
    let few = [
        "pull",
        "contacts",
        "--fields",
        "id",
        "--include",
        "opportunities",
        "--limit",
    ];
    env.forget_requests();
    let two = env.run(few.iter().chain(&["2", "--format", "ndjson"]));
    two.expect(0);
    let calls = |part: &str| {
        let requests = env.sandbox.requests();
        requests
            .iter()
            .filter(|one| one.path.contains(part))
            .count()
    };
    assert_eq!(calls("/opportunities/search"), 2, "contact by contact");
    env.forget_requests();
    let hundred = env.run(few.iter().chain(&["100", "--format", "ndjson"]));
    hundred.expect(0);
    assert!(calls("/opportunities/search") <= 4, "read through");
    assert!(hundred.stdout.starts_with(&two.stdout));
    // Tasks of a hundred contacts take a call; nothing is fetched for contacts beyond the limit.
    env.forget_requests();
    let words = [
        "pull",
        "contacts",
        "--fields",
        "id",
        "--include",
        "tasks,notes",
        "--limit",
        "10",
    ];
    env.run(words).expect(0);
    assert_eq!((calls("/tasks/search"), calls("/notes")), (1, 10));
}

#[test]
fn many_calls_are_announced() {
    let env = Env::new(Options {
        contacts: 1_010,
        ..quick()
    });
    let ran = env.run(["pull", "notes", "--all", "--limit", "1"]);
    ran.expect(0);
    ran.says(&["notes of 1010 contacts: about 1010 calls to HighLevel"]);
    let ran = env.run(["pull", "notes", "--all", "--limit", "1", "-q"]);
    assert_eq!(ran.stderr, "");
    // The limit counts contacts here.
    let words = [
        "pull",
        "contacts",
        "--include",
        "notes,appointments",
        "--fields",
        "id",
        "--limit",
    ];
    assert!(
        !env.run(words.iter().chain(&["400"]))
            .stderr
            .contains("about")
    );
    env.run(words.iter().chain(&["600"]))
        .says(&["about 1200 calls"]);
    // More than a day has.
    env.fault("ghl:POST:/contacts/search@1x*=daily-remaining:20500");
    env.run(["pull", "notes", "--all", "--limit", "1"])
        .says(&["only 500 calls may be made today"]);
}

// ---- BigMailer

const BRAND_COLUMNS: &str = "id,email,COMPANY,FAVOURITE_COLOUR,FIRST_NAME,GHL_CONTACT_ID,LAST_NAME,\
LEAD_SCORE,RENEWAL,lists,unsubscribed,unsubscribed_from,soft_bounces,hard_bounces,complaints,created";

#[test]
fn bigmailer_contacts_have_their_own_columns() {
    let env = world();
    let pull = |more: &[&str]| {
        let ran = env.run(
            ["pull", "contacts", "--from", "bigmailer"]
                .iter()
                .chain(more),
        );
        ran.expect(0);
        ran.stdout
    };
    let csv = pull(&[]);
    assert_eq!(csv.lines().next(), Some(BRAND_COLUMNS));
    assert_eq!(pull(&[]), csv, "the same bytes");
    let people = env.brand();
    let lines: Vec<Value> = pull(&["--format", "ndjson"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (lines.len(), rows(&csv).len()),
        (people.len(), people.len())
    );
    let array: Value = serde_json::from_str(&pull(&["--format", "json"])).unwrap();
    assert_eq!(array.as_array().unwrap(), &lines);
    let document: Value = serde_json::from_str(&pull(&["--json"])).unwrap();
    assert_eq!(document["contacts"], array);
    let order: Vec<(&str, &str)> = lines
        .iter()
        .map(|one| {
            (
                one["created"].as_str().unwrap(),
                one["id"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(order.is_sorted());
    let one = |email: &str| lines.iter().find(|one| one["email"] == email).unwrap();
    let party = one("party@example.com");
    assert_eq!(party["lists"], json!(["VIP dinner"]));
    assert_eq!(
        (&party["soft_bounces"], &party["unsubscribed"]),
        (&json!(13), &json!(false))
    );
    assert_eq!(one("bounced@example.net")["hard_bounces"], 1);
    assert_eq!(one("left.us@example.net")["unsubscribed"], true);
    assert_eq!(
        one("dnd.sms@example.com")["unsubscribed_from"],
        json!(["Offers"])
    );
    assert_eq!(one("numbers@example.com")["RENEWAL"], "2028-02-29");
    assert_eq!(one("numbers@example.com")["LEAD_SCORE"], 4);
    assert_eq!(pull(&["--fields"]), BRAND_COLUMNS.replace(',', "\n") + "\n");
    assert!(
        pull(&["--fields", "FIRST_NAME,email", "--limit", "3"]).starts_with("FIRST_NAME,email\r\n")
    );
    assert_eq!(pull(&["--limit", "3"]).lines().count(), 4);
    let wrong = env.run([
        "pull",
        "contacts",
        "--from",
        "bigmailer",
        "--fields",
        "FIRSTNAME",
    ]);
    wrong.expect(2);
    wrong.says(&["did you mean `FIRST_NAME`"]);
    // Only what is shown is asked for.
    env.forget_requests();
    pull(&["--fields", "email"]);
    let asked: Vec<String> = env
        .sandbox
        .requests()
        .iter()
        .map(|r| r.path.clone())
        .collect();
    assert!(
        !asked
            .iter()
            .any(|p| p.contains("/lists") || p.contains("message-types")),
        "{asked:?}"
    );
}

#[test]
fn a_list_narrows_bigmailer_contacts() {
    let env = world();
    let emails = |list: &str| -> BTreeSet<String> {
        let words = [
            "pull",
            "contacts",
            "--from",
            "bigmailer",
            "--fields",
            "email",
            "--list",
            list,
        ];
        let ran = env.run(words);
        ran.expect(0);
        rows(&ran.stdout)
            .iter()
            .map(|row| row[0].to_owned())
            .collect()
    };
    let id = env.list_id("VIP dinner");
    let expected: BTreeSet<String> = env
        .brand()
        .into_values()
        .filter(|person| crate::env::on_list(person, &id))
        .map(|person| person["email"].as_str().unwrap().to_owned())
        .collect();
    assert!(expected.len() > 2);
    for name in ["VIP dinner", "vip dinner", &id] {
        assert_eq!(emails(name), expected, "{name}");
    }
    let refused = |list: &str| {
        let ran = env.run(["pull", "contacts", "--from", "bigmailer", "--list", list]);
        ran.expect(2);
        ran.stderr
    };
    assert!(refused("VIP diner").contains("VIP dinner"));
    env.admin("POST", "/bigmailer/lists", json!({"name": "VIP dinner"}));
    let said = refused("VIP dinner");
    assert!(
        said.contains("2 lists are named VIP dinner") && said.contains(&id),
        "{said}"
    );
}

#[test]
fn a_listing_in_trouble_is_complete_or_an_error() {
    let env = Env::new(Options {
        contacts: 260,
        ..quick()
    });
    env.sync();
    let pull = || env.run(["pull", "contacts", "--from", "bigmailer", "-o", "out.csv"]);
    pull().expect(0);
    let file = || std::fs::read_to_string(env.root.path().join("out.csv")).unwrap();
    let before = file();
    for action in ["cut-after", "truncate", "html", "500", "429", "repeat-page"] {
        env.no_faults();
        env.fault(&format!("bigmailer:GET:/contacts@2={action}"));
        std::fs::remove_file(env.root.path().join("out.csv")).unwrap();
        pull().expect(0);
        assert_eq!(file(), before, "{action}");
    }
    // A cursor that leads back for good, and a page that ends too early.
    for action in ["loop-cursor", "empty-page"] {
        env.no_faults();
        env.fault(&format!("bigmailer:GET:/contacts@2x*={action}"));
        let ran = pull();
        ran.expect(5);
        assert_eq!(file(), before, "{action}: the old file stays");
    }
    // The same of HighLevel.
    env.no_faults();
    let pull = || env.run(["pull", "contacts", "-o", "ghl.csv"]);
    pull().expect(0);
    env.admin("POST", "/quirks", json!({"set": "page-cap=100"}));
    env.fault("ghl:POST:/contacts/search@1x*=loop-cursor");
    let ran = pull();
    ran.expect(5);
    ran.says(&["listing"]);
}

#[test]
fn flags_of_the_other_side_are_refused_by_name() {
    let env = world();
    for (args, flag) in [
        (&["--from", "bigmailer", "--since", "1d"][..], "--since"),
        (&["--from", "bigmailer", "--tag", "a"], "--tag"),
        (&["--from", "bigmailer", "--query", "a"], "--query"),
        (&["--from", "bigmailer", "--business", "a"], "--business"),
        (&["--from", "bigmailer", "--include", "notes"], "--include"),
        (&["--from", "bigmailer", "--via", "list"], "--via"),
        (&["--list", "Customers"], "--list"),
        (&["--from", "mailchimp"], "bigmailer"),
        (&["--include", "deals"], "opportunities"),
        (&["--via", "magic"], "search"),
        (&["--limit=-1"], "--limit"),
        (&["--resume"], "-o FILE"),
        (&["--json", "--format", "csv"], "--json"),
    ] {
        let ran = env.run(["pull", "contacts"].iter().chain(args));
        ran.expect(2);
        ran.says(&[flag]);
    }
    assert!(env.sandbox.requests().is_empty());
}

#[cfg(unix)]
#[test]
fn places_that_cannot_be_written_are_named_before_anything_is_read() {
    let env = world();
    std::fs::create_dir(env.root.path().join("folder")).unwrap();
    for (place, code, says) in [
        ("folder", 2, "folder is a folder"),
        (
            "none/x.csv",
            1,
            "cannot write none/x.csv: there is no folder none\n",
        ),
        ("/proc/x.csv", 1, "cannot write /proc/x.csv"),
    ] {
        env.forget_requests();
        for noun in ["contacts", "tags"] {
            let ran = env.run(["pull", noun, "-o", place]);
            ran.expect(code);
            ran.says(&[says]);
        }
        let ran = env.run(["pull", "contact", "nobody@example.com", "-o", place]);
        ran.expect(code);
        assert!(env.sandbox.requests().is_empty(), "{place}");
    }
    // A device is written to and stays one; a full one is told.
    env.run(["pull", "contacts", "-o", "/dev/null"]).expect(0);
    let full = env.run(["pull", "contacts", "-o", "/dev/full"]);
    full.expect(1);
    full.says(&["no space left"]);
    let full = env.run(["pull", "contacts", "-o", "/dev/full", "--json"]);
    assert_eq!(full.error()["code"], "disk_full");
    let out = env.run(["pull", "contacts", "--limit", "1", "-o", "/dev/stdout"]);
    assert!(out.stdout.starts_with("id,email"));
}

#[test]
fn columns_that_need_no_custom_fields_ask_for_none() {
    let env = world();
    env.run(["pull", "contacts", "--fields", "id,email"])
        .expect(0);
    let asked = env.sandbox.requests();
    assert!(
        asked.iter().all(|one| one.path == "/contacts/search"),
        "{asked:?}"
    );
}
