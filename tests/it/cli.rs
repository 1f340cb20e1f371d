//! The shell around it all: help, usage errors, machine errors, and the commands beside `sync` and
//! `pull`. Ends with the promise that no secret is ever said or kept.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use ghl_bm::sandbox::Options;
use serde_json::{Value, json};

use crate::env::{Env, Home, PROFILE, Ran, empty, keys, quick};

/// Every command, with the words that lead to it.
const COMMANDS: [&[&str]; 39] = [
    &[],
    &["auth"],
    &["auth", "login"],
    &["auth", "status"],
    &["auth", "logout"],
    &["map"],
    &["map", "init"],
    &["map", "list"],
    &["map", "show"],
    &["map", "set"],
    &["map", "add"],
    &["map", "add", "field"],
    &["map", "add", "list"],
    &["map", "remove"],
    &["map", "remove", "field"],
    &["map", "remove", "list"],
    &["map", "check"],
    &["map", "edit"],
    &["map", "schema"],
    &["map", "delete"],
    &["pull"],
    &["pull", "contacts"],
    &["pull", "contact"],
    &["pull", "tasks"],
    &["pull", "notes"],
    &["pull", "appointments"],
    &["pull", "opportunities"],
    &["pull", "businesses"],
    &["pull", "fields"],
    &["pull", "tags"],
    &["pull", "lists"],
    &["sync"],
    &["test"],
    &["api"],
    &["runs"],
    &["runs", "list"],
    &["runs", "show"],
    &["sandbox"],
    &["completions"],
];

#[test]
fn every_command_has_help_with_examples() {
    let home = Home::new();
    for words in COMMANDS {
        let ran = home.run(words.iter().chain(&["--help"]));
        ran.expect(0);
        assert!(
            ran.stdout.contains("Examples:"),
            "{words:?} shows no example"
        );
        assert!(
            ran.stdout.contains("Usage:") && ran.stderr.is_empty(),
            "{words:?}"
        );
    }
    let listed = home.run(["--help"]).stdout;
    let place = |word: &str| {
        listed
            .find(&format!("\n  {word} "))
            .unwrap_or_else(|| panic!("{word} is not listed"))
    };
    // The core comes first.
    let core = ["auth", "map", "pull", "sync", "test"].map(place);
    assert!(core.is_sorted() && core[4] < place("runs") && core[4] < place("completions"));
    let version = home.run(["--version"]);
    version.expect(0);
    let start = concat!("ghl-bm ", env!("CARGO_PKG_VERSION"), " (commit ");
    assert!(version.stdout.starts_with(start), "{}", version.stdout);
    assert_eq!(version.stdout.lines().count(), 1);
    assert!(version.stdout.contains(", rustc 1."), "{}", version.stdout);
    let short = home.run(["-V"]);
    short.expect(0);
    assert_eq!(
        short.stdout,
        format!("ghl-bm {}\n", env!("CARGO_PKG_VERSION"))
    );
}

/// A script's variable that is not set is neither looked for nor taken for everybody.
#[test]
fn nobody_is_not_looked_for() {
    let env = Env::new(empty());
    for args in [
        &["sync", "--only"][..],
        &["explain"],
        &["runs", "show"],
        &["runs", "undo"],
        &["runs", "forget"],
        &["pull", "contact"],
        &["pull", "notes", "--contact"],
        &["pull", "contacts", "--tag"],
        &["pull", "contacts", "--from", "bigmailer", "--list"],
        &["conflicts", "resolve", "--take", "ghl"],
        &["map", "test", "--record"],
        &["test", "--contact"],
    ] {
        for nobody in ["", " "] {
            let ran = env.run(args.iter().chain(&[nobody]));
            ran.expect(2);
            assert_eq!(ran.stdout, "");
        }
    }
    assert!(env.sandbox.requests().is_empty());
}

#[test]
fn wrong_usage_ends_with_2_and_a_suggestion() {
    let home = Home::new();
    for (words, hint) in [
        (&["snyc"][..], "sync"),
        (&["sync", "--dry-rum"], "--dry-run"),
        (&["map", "chekc"], "check"),
        (&["auth", "login", "bigmialer", "--with-token"], "bigmailer"),
        (&["pull", "contacts", "--format", "cvs"], "csv"),
        (&["completions", "bsh"], "bash"),
        (&["sync", "--exit-code"], "--dry-run"),
        (&["sync", "--max-duration", "soon"], "10m"),
        (&["sync", "-q", "-v"], "cannot be used with"),
        (&[], "Usage"),
    ] {
        let ran = home.run(words);
        ran.expect(2);
        ran.says(&[hint]);
        assert_eq!(ran.stdout, "", "{words:?}");
        let ran = home.run(words.iter().chain(&["--json"]));
        ran.expect(2);
        assert_eq!(ran.stdout, "");
        assert_eq!(ran.error()["code"], "usage", "{words:?}");
    }
    let mut home = Home::new();
    home.set("GHL_BM_LOG", "shout");
    home.run(["map", "list"]).expect(2);
}

#[test]
fn errors_of_machines_are_one_document_with_known_keys() {
    let known = [
        "code",
        "exit_code",
        "message",
        "hint",
        "service",
        "status",
        "trace_id",
    ];
    let env = Env::new(empty());
    let check = |ran: Ran| {
        let error = ran.error();
        for key in error.as_object().unwrap().keys() {
            assert!(known.contains(&key.as_str()), "{key}");
        }
        for key in ["code", "message"] {
            assert!(!error[key].as_str().unwrap().is_empty());
        }
        // Nothing but the document is on stderr when nothing else is to be said.
        error
    };
    env.fault("ghl:POST:/contacts/search@1x*=scope");
    let error = check(env.run(["sync", "--json", "-q"]));
    assert_eq!(
        keys(&error),
        [
            "code",
            "exit_code",
            "hint",
            "message",
            "service",
            "status",
            "trace_id"
        ]
    );
    env.no_faults();
    let quiet = env.run(["-p", "none", "sync", "--json", "-q"]);
    assert_eq!(quiet.stderr.lines().count(), 1);
    check(quiet);
    check(env.run(["runs", "show", "none", "--json"]));
    check(env.run(["pull", "contacts", "--fields", "none", "--json"]));
    // As lines for machines the talk is JSON, too.
    let ran = env.run(["sync", "--log-format", "json", "-vv"]);
    ran.expect(0);
    for line in ran.stderr.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["level"].is_string() && line["message"].is_string());
    }
}

#[test]
fn quiet_says_nothing_and_verbose_more() {
    let env = Env::new(Options {
        contacts: 40,
        ..quick()
    });
    let quiet = env.run(["sync", "-q", "--json"]);
    quiet.expect(0);
    assert_eq!(quiet.stderr, "");
    for args in [
        &["pull", "contacts", "-q"][..],
        &["map", "check", "-q"],
        &["runs", "list", "-q"],
        &["test", "-q"],
    ] {
        let ran = env.run(args);
        ran.expect(0);
        assert_eq!(ran.stderr, "", "{args:?}");
    }
    let [normal, debug] = ["", "-vv"].map(|flag| {
        env.run(
            ["sync", "--full"]
                .into_iter()
                .chain(Some(flag).filter(|f| !f.is_empty())),
        )
        .stderr
    });
    assert!(normal.contains("Syncing profile default"));
    assert!(!normal.contains("POST /contacts/search") && debug.contains("POST /contacts/search"));
    // Requests are told without ids, addresses or values.
    let id = env.ghl_id("jose@example.com");
    assert!(!debug.contains(&id) && !debug.contains("@example") && !debug.contains("Grace"));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let mut env = Env::new(empty());
    env.unset("GHL_BM_GHL_TOKEN");
    assert!(!env.run(["sync"]).stderr.contains('\u{1b}'));
    assert!(
        env.run(["sync", "--color", "always"])
            .stderr
            .contains('\u{1b}')
    );
    env.set("CLICOLOR_FORCE", "1");
    assert!(env.run(["sync"]).stderr.contains('\u{1b}'));
    env.set("NO_COLOR", "1");
    assert!(!env.run(["sync"]).stderr.contains('\u{1b}'));
}

// ---- map

#[test]
fn a_profile_is_made_listed_shown_checked_and_used() {
    let env = Env::new(Options {
        contacts: 40,
        ..quick()
    });
    std::fs::remove_file(env.profile_file()).unwrap();
    assert_eq!(
        env.run(["map", "list", "--json"]).json()["profiles"],
        json!([])
    );
    let args = [
        "map",
        "init",
        "--location",
        env.sandbox.location_id(),
        "--brand",
        env.sandbox.brand_id(),
        "--field",
        "firstName=FIRST_NAME",
        "--field",
        "custom.plan=PLAN",
        "--list",
        "Customer=Buyers",
    ];
    let ran = env.run(args);
    ran.expect(0);
    assert_eq!(ran.stdout.trim(), env.profile_file().display().to_string());
    ran.says(&["map check --create"]);
    env.run(args).expect(1);
    env.run(args.iter().chain(&["--force"])).expect(0);
    env.run(["-p", "two"].iter().chain(&args)).expect(0);
    let list = env.run(["map", "list"]);
    assert_eq!(list.stdout, "default\ntwo\n");
    let shown = env.run(["map", "show"]);
    assert_eq!(
        shown.stdout,
        std::fs::read_to_string(env.profile_file()).unwrap()
    );
    assert!(shown.stdout.contains("tag = \"customer\""));
    assert_eq!(
        env.run(["map", "show", "--json"]).json()["toml"],
        json!(shown.stdout)
    );

    let checked = env.run(["map", "check", "--json"]);
    checked.expect(20);
    let checked = checked.json();
    assert_eq!(
        keys(&checked),
        [
            "command",
            "cost",
            "created",
            "exit_code",
            "findings",
            "findings[].can_create",
            "findings[].column",
            "findings[].error",
            "findings[].kind",
            "findings[].line",
            "findings[].message",
            "ok",
            "profile",
            "schema_version",
            "scopes"
        ]
    );
    assert_eq!(checked["findings"].as_array().unwrap().len(), 2);
    env.run(["sync"]).expect(11);
    assert!(env.writes().is_empty());
    let made = env.run(["map", "check", "--create"]);
    made.expect(0);
    assert!(made.stdout.contains("PLAN") && made.stdout.contains("Buyers"));
    env.forget_requests();
    env.run(["map", "check", "--create"]).expect(0);
    assert!(env.writes().is_empty());
    env.sync();
    assert!(crate::env::on_list(
        &env.person("grace.hopper@example.com"),
        &env.list_id("Buyers")
    ));
    env.assert_settled();
}

#[test]
fn mistakes_in_flags_make_no_profile() {
    let env = Env::new(empty());
    std::fs::remove_file(env.profile_file()).unwrap();
    for extra in [
        &["--field", "firstName"][..],
        &["--field", "firstNaem=X"],
        &["--field", "firstName=X:number"],
        &["--list", "customer"],
        &["--direction", "sideways"],
    ] {
        let ran = env.run(
            ["map", "init", "--location", "L", "--brand", "B"]
                .iter()
                .chain(extra),
        );
        assert!(matches!(ran.code, Some(2 | 11)), "{extra:?}: {}", ran.all());
        assert!(!env.profile_file().exists(), "{extra:?}");
    }
}

// ---- auth

#[test]
fn auth_status_tells_source_kind_and_tail() {
    let mut env = Env::new(empty());
    let ran = env.run(["auth", "status", "--json"]);
    ran.expect(0);
    let status = ran.json();
    let ghl = &status["services"]["ghl"];
    assert_eq!(ghl["kind"], "private integration token");
    assert_eq!(ghl["name"], "Sandbox Ltd");
    assert_eq!(ghl["usable"], true);
    assert!(ghl["source"].as_str().unwrap().contains("GHL_BM_GHL_TOKEN"));
    assert_eq!(ghl["tail"], "…8b77");
    assert_eq!(status["services"]["bigmailer"]["name"], "Sandbox");
    assert!(env.run(["auth", "status"]).stdout.contains("accepted"));

    // From files, whatever blanks and quotes are around it.
    let file = env.root.path().join("token");
    std::fs::write(&file, format!(" \"{}\"\r\n", env.sandbox.ghl_token())).unwrap();
    env.unset("GHL_BM_GHL_TOKEN");
    env.set("GHL_BM_GHL_TOKEN_FILE", file.display().to_string());
    let ran = env.run(["auth", "status", "--json"]);
    ran.expect(0);
    assert!(
        ran.json()["services"]["ghl"]["source"]
            .as_str()
            .unwrap()
            .contains("GHL_BM_GHL_TOKEN_FILE")
    );
    env.sync();
    env.set("GHL_BM_GHL_TOKEN_FILE", "/nonexistent/token");
    let ran = env.run(["auth", "status", "--json"]);
    ran.expect(4);
    let status = ran.json();
    assert_eq!(status["services"]["ghl"]["usable"], false);
    assert!(
        status["services"]["ghl"]["problem"]
            .as_str()
            .unwrap()
            .contains("/nonexistent/token")
    );
    assert_eq!(status["services"]["bigmailer"]["usable"], true);
}

#[test]
fn a_login_is_checked_and_nothing_is_stored_where_nothing_can_be() {
    let mut env = Env::new(empty());
    let right = env.sandbox.ghl_token().to_owned();
    let ran = env.run_with_input(["auth", "login", "ghl", "--with-token", "--json"], &right);
    ran.expect(4);
    assert!(ran.error()["message"].as_str().unwrap().contains("`env`"));
    env.set("GHL_BM_CREDENTIAL_STORE", "file");
    let wrong = "pit-00000000-0000-4000-8000-000000000000";
    let ran = env.run_with_input(["auth", "login", "ghl", "--with-token", "--json"], wrong);
    ran.expect(4);
    assert!(
        ran.error()["hint"]
            .as_str()
            .unwrap()
            .contains("nothing was stored")
    );
    // The one service's secret given as the other's.
    let key = env.sandbox.bigmailer_key().to_owned();
    let ran = env.run_with_input(["auth", "login", "ghl", "--with-token", "--json"], &key);
    ran.expect(4);
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .contains("BigMailer key")
    );
    for input in ["", "\n", "two words"] {
        env.run_with_input(["auth", "login", "bigmailer", "--with-token"], input)
            .expect(4);
    }
    env.run(["auth", "logout", "ghl"]).expect(0);
    env.run(["auth", "login", "ghl"]).expect(2);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_keyring_the_other_ways_are_named() {
    let mut env = Env::new(empty());
    env.unset("GHL_BM_CREDENTIAL_STORE");
    env.unset("GHL_BM_GHL_TOKEN");
    env.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let ran = env.run(["sync", "--json"]);
    ran.expect(4);
    let error = ran.error();
    assert!(
        error["message"].as_str().unwrap().contains("keyring"),
        "{error}"
    );
    for way in [
        "GHL_BM_GHL_TOKEN=",
        "GHL_BM_GHL_TOKEN_FILE=",
        "GHL_BM_CREDENTIAL_STORE=file",
        "GHL_BM_CREDENTIAL_STORE='command:",
    ] {
        assert!(error["hint"].as_str().unwrap().contains(way), "{error}");
    }
    let ran = env.run_with_input(
        ["auth", "login", "ghl", "--with-token"],
        env.sandbox.ghl_token(),
    );
    ran.expect(4);
    assert!(std::fs::read_dir(env.root.path().join("home")).is_err());
}

// ---- test

#[test]
fn test_finds_everything_in_order() {
    let env = Env::new(Options {
        contacts: 60,
        limits: true,
        ..quick()
    });
    let ran = env.run(["test", "--json"]);
    ran.expect(0);
    let document = ran.json();
    assert_eq!(document["ok"], true);
    let checks = document["checks"].as_array().unwrap();
    for name in [
        "profile",
        "config dir",
        "state dir",
        "ghl key",
        "bm key",
        "highlevel",
        "ghl contacts",
        "bigmailer",
        "clock",
        "quota",
        "state",
        "mapping",
        "data flow",
    ] {
        let check = checks
            .iter()
            .find(|check| check["name"] == name)
            .unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(check["verdict"], "ok", "{check}");
    }
    assert!(env.writes().is_empty());
    assert!(!env.state_file().exists());
    // Looking through a page does not mean reading each of its contacts singly.
    assert!(
        env.sandbox.requests().len() <= 10,
        "{:#?}",
        env.sandbox.requests()
    );
    let id = env.ghl_id("Grace.HOPPER@Example.COM");
    let ran = env.run(["test", "--contact", &id]);
    ran.expect(0);
    assert!(
        ran.stdout.contains("FIRST_NAME=text") && ran.stdout.contains("[Customers]"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("Grace"));
    assert!(
        env.run(["test", "--contact", &id, "--show-pii"])
            .stdout
            .contains("Grace")
    );
}

#[test]
fn test_names_what_is_wrong_and_what_to_do() {
    type Spoil = fn(&mut Env);
    let cases: [(&str, i32, &str, Spoil); 8] = [
        ("profile", 11, "default.toml", |env| {
            env.profile("version = 1\nnonsense = 2\n")
        }),
        ("ghl key", 4, "auth login ghl", |env| {
            env.unset("GHL_BM_GHL_TOKEN")
        }),
        ("highlevel", 4, "auth", |env| {
            env.set(
                "GHL_BM_GHL_TOKEN",
                "pit-00000000-0000-4000-8000-000000000000",
            )
        }),
        ("ghl contacts", 4, "scope", |env| {
            env.fault("ghl:POST:/contacts/search@1x*=scope")
        }),
        ("bigmailer", 4, "key", |env| {
            env.set(
                "GHL_BM_BIGMAILER_API_KEY",
                "00000000-0000-4000-8000-000000000000",
            )
        }),
        ("mapping", 11, "map check --create", |env| {
            env.profile(&PROFILE.replace("\"COMPANY\"", "\"FIRM\""))
        }),
        ("state", 11, "--rebuild-state", |env| {
            env.sync();
            std::fs::write(env.state_file(), "no database").unwrap();
        }),
        ("state dir", 11, "--state-dir", |env| {
            std::fs::write(env.root.path().join("file"), "").unwrap();
            let inside = env.root.path().join("file/state");
            env.set("GHL_BM_STATE_DIR", inside.display().to_string());
        }),
    ];
    for (name, code, word, spoil) in cases {
        let mut env = Env::new(Options {
            contacts: 40,
            ..quick()
        });
        spoil(&mut env);
        let ran = env.run(["test", "--json"]);
        ran.expect(code);
        let document = ran.json();
        assert_eq!(document["ok"], false, "{name}");
        let failed = document["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|check| check["verdict"] == "fail")
            .unwrap();
        assert_eq!(failed["name"], name, "{document}");
        assert!(failed.to_string().contains(word), "{failed}");
        let ran = env.run(["test"]);
        ran.expect(code);
        assert!(
            ran.stdout.contains("fail") && ran.stdout.contains(" failed"),
            "{}",
            ran.stdout
        );
    }
}

// ---- runs, sandbox, places

#[test]
fn before_the_first_run_there_are_none() {
    let env = Env::new(empty());
    env.run(["runs", "list"]).expect(0);
    assert_eq!(
        env.run(["runs", "list", "--json"]).json()["runs"],
        json!([])
    );
    env.run(["runs", "show"]).expect(1);
    assert!(!env.state_file().exists());
}

#[cfg(unix)]
#[test]
fn the_sandbox_serves_scripts_until_it_is_interrupted() {
    let home = Home::new();
    let mut child = home
        .command([
            "sandbox",
            "--ghl-port",
            "0",
            "--bigmailer-port",
            "0",
            "--admin-port",
            "0",
            "--no-limits",
            "--contacts",
            "40",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .take(7)
        .map(Result::unwrap)
        .collect();
    let mut env = Env::new(empty());
    let mut ids = Vec::new();
    for line in &lines {
        let (name, value) = line
            .strip_prefix("export ")
            .unwrap()
            .split_once('=')
            .unwrap();
        let value = value.trim_matches('\'');
        env.set(name, value);
        if name.ends_with("_ID") {
            ids.push(value.to_owned());
        }
    }
    env.run([
        "map",
        "init",
        "--force",
        "--location",
        &ids[0],
        "--brand",
        &ids[1],
    ])
    .expect(0);
    env.run(["map", "check", "--create"]).expect(0);
    let document = env.sync();
    assert_eq!(document["read"]["ghl"], 40);
    let status = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    env.run(["sandbox", "--fault", "nonsense"]).expect(1);
    env.run(["sandbox", "--quirk", "nonsense"]).expect(2);
}

#[test]
fn places_come_from_flags_before_variables() {
    let env = Env::new(empty());
    let other = env.root.path().join("other");
    std::fs::create_dir_all(other.join("profiles")).unwrap();
    std::fs::copy(env.profile_file(), other.join("profiles/default.toml")).unwrap();
    std::fs::remove_file(env.profile_file()).unwrap();
    let args = ["--config-dir", "other", "--state-dir", "elsewhere"];
    env.run(["sync"].iter().chain(&args)).expect(0);
    assert!(env.root.path().join("elsewhere/default.db").exists());
    assert!(!env.state_file().exists());
    // Settings name the profile to use when nobody does.
    std::fs::rename(
        other.join("profiles/default.toml"),
        other.join("profiles/shop.toml"),
    )
    .unwrap();
    env.run(["sync"].iter().chain(&args)).expect(11);
    std::fs::write(other.join("config.toml"), "profile = \"shop\"\n").unwrap();
    env.run(["sync"].iter().chain(&args)).expect(0);
    std::fs::write(other.join("config.toml"), "profil = \"shop\"\n").unwrap();
    let ran = env.run(["sync"].iter().chain(&args));
    ran.expect(11);
    ran.says(&["config.toml:1", "profile"]);
}

// ---- secrets

#[test]
fn no_secret_is_ever_said_or_kept() {
    let env = Env::new(Options {
        contacts: 60,
        ..quick()
    });
    let mut pieces: Vec<String> = Vec::new();
    for secret in [env.sandbox.ghl_token(), env.sandbox.bigmailer_key()] {
        let (left, right) = secret.split_at(secret.len() / 2);
        pieces.extend([left.to_owned(), right.to_owned()]);
    }
    let clean = |ran: &Ran, what: &str| {
        for piece in &pieces {
            assert!(
                !ran.all().contains(piece),
                "{what} says {piece}: {}",
                ran.all()
            );
        }
    };
    let commands: [&[&str]; 8] = [
        &["sync"],
        &["sync", "--full"],
        &["sync", "--dry-run"],
        &["pull", "contacts", "-o", "out.csv"],
        &["test"],
        &["auth", "status"],
        &["map", "check"],
        &["runs", "show"],
    ];
    let faults = [
        "",
        "ghl:*:*@1=bad-key",
        "bigmailer:*:*@1=bad-key",
        "ghl:*:*@1=scope",
        "bigmailer:*:*@1=scope",
        "*:*:*@1=html",
        "*:*:*@2=cut-after",
        "*:*:*@1=wrong-location",
        "ghl:*:*@1=daily-quota",
    ];
    let cases: Vec<(&str, &[&str])> = faults
        .iter()
        .flat_map(|fault| commands.map(|command| (*fault, command)))
        .collect();
    for (n, (fault, command)) in cases.iter().enumerate() {
        env.no_faults();
        if !fault.is_empty() {
            env.fault(fault);
        }
        // Each sort of output in turn.
        let shape: &[&str] = [
            &["-vv"][..],
            &["-vv", "--json"],
            &["-vv", "--log-format", "json"],
        ][n % 3];
        let ran = env.run(command.iter().chain(shape));
        clean(&ran, &format!("{command:?} under {fault}"));
    }
    env.no_faults();
    for secret in [
        env.sandbox.ghl_token().to_owned(),
        env.sandbox.bigmailer_key().to_owned(),
    ] {
        for side in ["ghl", "bigmailer"] {
            let ran = env.run_with_input(["auth", "login", side, "--with-token", "-vv"], &secret);
            clean(&ran, "auth login");
        }
    }
    let mut folders = vec![env.root.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for piece in &pieces {
                let there = bytes
                    .windows(piece.len())
                    .any(|window| window == piece.as_bytes());
                assert!(!there, "{} holds {piece}", path.display());
            }
        }
    }
    assert!(files >= 3);
}
