//! `pull contacts`: shapes, columns, filters, the same bytes twice, files whole or not at all.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::Stdio;

use ghl_bm::sandbox::{Options, Phase};
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
