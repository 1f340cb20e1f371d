//! `map` as people use it: the interview at a real terminal, changes from the command line, one check
//! that tells everything, drift, older files. Making and using a profile by flags is in `cli`.

use std::path::Path;

use ghl_bm::sandbox::Options;
use serde_json::{Value, json};

use crate::env::{Env, Home, PROFILE, Ran, empty, quick};

fn few() -> Env {
    Env::new(Options {
        contacts: 40,
        ..quick()
    })
}

fn text(env: &Env) -> String {
    std::fs::read_to_string(env.profile_file()).unwrap()
}

/// The findings of a check, as `line:kind`.
#[track_caller]
fn findings(ran: &Ran) -> Vec<String> {
    let document = ran.json();
    assert_eq!(
        document["exit_code"].as_i64(),
        ran.code.map(i64::from),
        "{document}"
    );
    let findings = document["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| format!("{}:{}", finding["line"], finding["kind"].as_str().unwrap()))
        .collect()
}

// ---- the interview

/// The interview of a fresh sandbox at a pseudo-terminal.
#[cfg(target_os = "linux")]
mod terminal {
    use super::*;
    use crate::env::PATIENCE;
    use rexpect::process::WaitStatus;
    use rexpect::session::{PtySession, spawn_command};
    use std::process::Stdio;

    struct Terminal(PtySession);

    impl Terminal {
        fn start(home: &Home, args: &[&str]) -> Terminal {
            let mut command = home.command(args);
            command
                .stdin(Stdio::inherit())
                .env_remove("GHL_BM_NO_INPUT")
                .env("TERM", "xterm-256color");
            let patience = PATIENCE.as_millis().try_into().unwrap();
            Terminal(spawn_command(command, Some(patience)).unwrap())
        }

        /// Waits for words on the screen; what came before them.
        #[track_caller]
        fn sees(&mut self, words: &str) -> String {
            self.0.exp_string(words).unwrap()
        }

        fn types(&mut self, keys: &str) {
            self.0.send(keys).unwrap();
            self.0.flush().unwrap();
        }

        /// Waits for a question and presses Enter.
        #[track_caller]
        fn accepts(&mut self, question: &str) -> String {
            let before = self.sees(question);
            self.types("\r");
            before
        }

        #[track_caller]
        fn ends(&mut self, code: i32) -> String {
            let rest = self.0.exp_eof().unwrap();
            match self.0.process().wait().unwrap() {
                WaitStatus::Exited(_, ended) => assert_eq!(ended, code, "{rest}"),
                other => panic!("{other:?}: {rest}"),
            }
            rest
        }
    }

    #[test]
    fn a_new_user_makes_a_working_profile_by_pressing_enter() {
        let home = Home::new();
        let sandbox = ["--sandbox", "--sandbox-dir", "demo"];
        let init: Vec<&str> = sandbox.into_iter().chain(["map", "init"]).collect();
        let mut terminal = Terminal::start(&home, &init);
        terminal.sees("HighLevel location id");
        terminal.sees("SandboxLocation00001");
        terminal.types("\r");
        terminal.sees("HighLevel location: Sandbox Ltd");
        terminal.sees("BigMailer brand: Sandbox, the only one of this key");
        terminal.accepts("Direction of changes");
        terminal.accepts("every field that both sides already have");
        terminal.sees("Space switches, Enter goes on");
        // A sample of a real contact stands beside the pair.
        terminal.sees("FIRST_NAME, text   such as ");
        terminal.accepts("LEAD_SCORE, integer");
        terminal.accepts("tag customer ");
        terminal.accepts("Create people with do-not-disturb");
        terminal.accepts("Stop a run that would change");
        terminal.accepts("Stop a run that would delete");
        let shown = terminal.accepts("Write this to");
        assert!(shown.contains("#:schema ./profile.schema.json"), "{shown}");
        assert!(shown.contains("bigmailer = \"LEAD_SCORE\""), "{shown}");
        terminal.sees("profile default fits");
        terminal.accepts("Show what a sync would do?");
        terminal.sees("Nothing was written");
        terminal.sees("next: `ghl-bm sync`");
        terminal.ends(0);

        let schema = home
            .root
            .path()
            .join("demo/config/profiles/profile.schema.json");
        assert!(schema.exists());
        let run = |args: &[&str]| home.run(sandbox.iter().chain(args));
        run(&["map", "check"]).expect(0);
        run(&["sync"]).expect(0);
        let again = run(&["sync", "--dry-run", "--exit-code", "--full"]);
        again.expect(0);
    }

    #[test]
    fn what_is_missing_is_made_when_the_user_agrees_and_the_file_only_then_too() {
        let home = Home::new();
        let init = |more: &[&'static str]| {
            let args = [
                "--sandbox",
                "--sandbox-dir",
                "demo",
                "map",
                "init",
                "--start",
                "usual",
            ];
            Terminal::start(
                &home,
                &args
                    .into_iter()
                    .chain(more.iter().copied())
                    .collect::<Vec<_>>(),
            )
        };
        let file = home.root.path().join("demo/config/profiles/default.toml");
        let to_the_end = |terminal: &mut Terminal| {
            terminal.accepts("HighLevel location id");
            terminal.accepts("Direction of changes");
            terminal.accepts("Fields (");
            terminal.accepts("Tags that mean a list (");
            terminal.accepts("Stop a run that would change");
        };
        let mut terminal = init(&["--create-opted-out", "false", "--max-deletes", "1%"]);
        to_the_end(&mut terminal);
        terminal.sees("Write this to");
        terminal.types("n");
        terminal.ends(1);
        assert!(!file.exists());

        let mut terminal = init(&["--create-opted-out", "false", "--max-deletes", "1%"]);
        to_the_end(&mut terminal);
        terminal.accepts("Write this to");
        terminal.sees("BigMailer lacks: ");
        terminal.accepts("Make that in BigMailer now?");
        terminal.sees("created  field PHONE (text)");
        terminal.sees("fits");
        terminal.sees("Show what a sync would do?");
        terminal.types("n");
        terminal.ends(0);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("create_opted_out = false") && text.contains("max_deletes = \"1%\""));

        // Ctrl-C leaves everything as it is.
        let mut terminal = init(&["--force"]);
        terminal.sees("HighLevel location id");
        terminal.types("\u{3}");
        terminal.ends(130);
        let mut terminal = init(&["--force"]);
        terminal.accepts("HighLevel location id");
        terminal.accepts("Direction of changes");
        terminal.sees("Fields (");
        terminal.types("\u{3}");
        let rest = terminal.ends(130);
        assert!(
            rest.contains("\u{1b}[?25h"),
            "the cursor is hidden: {rest:?}"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn without_a_terminal_flags_say_everything_and_what_is_missing_is_named() {
    let env = few();
    std::fs::remove_file(env.profile_file()).unwrap();
    let ran = env.run(["map", "init", "--brand", "B"]);
    ran.expect(2);
    ran.says(&["--location is missing", "map init --help"]);
    let ids = ["map", "init", "--location", "L", "--brand", "B"];
    env.run(ids.iter().chain(&["--dry-run", "--json"]))
        .expect(2);
    env.run(["map", "init", "--location", "a b", "--brand", "B"])
        .expect(2);
    let ids = [
        "map",
        "init",
        "--location",
        env.sandbox.location_id(),
        "--brand",
        env.sandbox.brand_id(),
    ];
    let more = [
        "--start",
        "everything",
        "--list",
        "vip=VIPs",
        "--max-changes",
        "20",
        "--max-deletes",
        "0%",
        "--create-opted-out",
        "false",
        "--create",
        "--dry-run",
    ];
    let ran = env.run(ids.iter().chain(&more));
    ran.expect(0);
    assert!(ran.stdout.contains("created  list VIPs"), "{}", ran.all());
    assert!(ran.stdout.contains("Nothing was written"), "{}", ran.all());
    let text = text(&env);
    assert!(text.starts_with("#:schema ./profile.schema.json\n"));
    for part in [
        "ghl = \"custom.interests\"\nbigmailer = \"INTERESTS\"\ntype = \"text\"\ntransform = [\"join:, \"]",
        "ghl = \"custom.lead_score\"\nbigmailer = \"LEAD_SCORE\"\ntype = \"integer\"\ntransform = [\"round\"]",
        "max_changes = 20\nmax_deletes = \"0%\"",
        "create_opted_out = false",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    env.run(["map", "check"]).expect(0);
}

// ---- changes

#[test]
fn a_profile_is_changed_from_the_command_line_and_stays_what_it_was_elsewhere() {
    let env = few();
    env.profile(&format!("# ours\n{PROFILE}"));
    let before = text(&env);
    let ran = env.run(["map", "set", "filter.tags_none", "internal,test"]);
    ran.expect(0);
    assert_eq!(
        ran.stdout,
        "- tags_none = [\"internal\"]\n+ tags_none = [\"internal\", \"test\"]\n"
    );
    env.run(["map", "set", "sync.on_ghl_delete", "unsubscribe"])
        .expect(0);
    env.run(["map", "add", "field", "city", "TOWN", "--transform", "trim"])
        .expect(0);
    env.run(["map", "add", "list", "vip", "VIP dinner"])
        .expect(0);
    env.run(["map", "set", "field.TOWN.transform", "trim,upper"])
        .expect(0);
    let ran = env.run(["map", "set", "field.TOWN.transform", "trim,upper", "--json"]);
    ran.expect(0);
    assert_eq!(ran.json()["changed"], false);
    let ran = env.run(["map", "check", "--create"]);
    ran.expect(0);
    assert!(ran.stdout.contains("created  field TOWN (text)"));
    let document = env.sync();
    assert_eq!(document["people"]["failed"], 0);
    env.run(["map", "remove", "field", "TOWN"]).expect(0);
    env.run(["map", "remove", "list", "vip"]).expect(0);
    env.run(["map", "set", "filter.tags_none", "internal"])
        .expect(0);
    let expected = before.replace(
        "\n[filter]",
        "\n[sync]\non_ghl_delete = \"unsubscribe\"\n\n[filter]",
    );
    assert_eq!(text(&env), expected);
    env.sync();
    env.assert_settled();
}

#[test]
fn changes_that_would_break_the_profile_are_refused_with_what_was_meant() {
    let env = few();
    let before = text(&env);
    for (args, code, hint) in [
        (
            &["set", "sync.drection", "both"][..],
            2,
            "did you mean `direction`?",
        ),
        (&["set", "sync.lookback", "soon"], 11, "such as `10m`"),
        (&["set", "limits.share", "7"], 11, "at most 1"),
        (
            &["set", "ghl.location_id", "a/b"],
            11,
            "signs that no id has",
        ),
        (
            &["set", "field.COMPNAY.type", "text"],
            2,
            "did you mean `COMPANY`?",
        ),
        (
            &["set", "field.COMPANY.transform", "trimm"],
            11,
            "did you mean `trim`?",
        ),
        (
            &["add", "field", "firstNaem", "X"],
            2,
            "did you mean `firstName`?",
        ),
        (
            &["add", "field", "city", "EMAIL"],
            2,
            "EMAIL is the address itself",
        ),
        (
            &["add", "field", "city", "COMPANY"],
            2,
            "map remove field COMPANY",
        ),
        (
            &["add", "field", "additionalEmails", "X"],
            2,
            "neither listed nor written",
        ),
        (
            &["add", "field", "city", "X", "--type", "number"],
            2,
            "text, integer, date",
        ),
        (
            &["add", "field", "city", "GHL_CONTACT_ID"],
            11,
            "already written by `id_field`",
        ),
        (&["add", "list", " ", "L"], 11, "the tag is empty"),
        (
            &["remove", "list", "custmer"],
            2,
            "did you mean `customer`?",
        ),
        (
            &["remove", "field", "LEADSCORE"],
            2,
            "did you mean `LEAD_SCORE`?",
        ),
    ] {
        let ran = env.run(["map"].iter().chain(args));
        ran.expect(code);
        ran.says(&[hint]);
        assert_eq!(text(&env), before, "{args:?}");
    }
    // A profile that is broken already can be mended one by one.
    env.profile(&PROFILE.replace("[filter]", "[sync]\nlookback = 7\nfull_every = 8\n[filter]"));
    let ran = env.run(["map", "set", "sync.lookback", "7m"]);
    ran.expect(0);
    ran.says(&["1 other problem in the profile"]);
    env.run(["map", "set", "sync.full_every", "8h"]).expect(0);
    env.run(["map", "check"]).expect(0);
    env.profile("version = = 1\n");
    let ran = env.run(["map", "set", "sync.lookback", "7m"]);
    ran.expect(11);
    ran.says(&["this is not TOML", "map edit"]);
}

#[cfg(unix)]
#[test]
fn an_editor_changes_the_profile_only_into_a_valid_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut env = few();
    let before = text(&env);
    let ran = env.run(["map", "edit"]);
    ran.expect(2);
    ran.says(&["EDITOR=nano"]);
    let editor = env.root.path().join("my editor");
    let edits = |env: &mut Env, script: &str| {
        std::fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).unwrap();
        env.set("EDITOR", format!("'{}' --wait", editor.display()));
        env.run(["map", "edit"])
    };
    let ran = edits(&mut env, "exit 3");
    ran.expect(1);
    ran.says(&["exit status: 3", "nothing was changed"]);
    let copy = env.config().join("profiles/.default.edit.toml");
    std::fs::remove_file(&copy).unwrap();
    edits(&mut env, "true").says(&["nothing was changed"]);
    assert!(!copy.exists());
    let ran = edits(
        &mut env,
        "sed -i.x 's/COMPANY/EMAIL/; s/tags_none/tags_nnoe/' \"$2\"; rm \"$2.x\"",
    );
    ran.expect(11);
    ran.says(&[
        "line 10:1: unknown key `tags_nnoe`, did you mean `tags_none`?",
        "EMAIL is the address itself",
        "nothing was changed",
        ".default.edit.toml",
    ]);
    assert_eq!(text(&env), before);
    // What was written is not lost.
    let ran = edits(
        &mut env,
        "sed -i.x 's/EMAIL/FIRM/; s/tags_nnoe/tags_none/' \"$2\"; rm \"$2.x\"",
    );
    ran.expect(0);
    ran.says(&["going on with the unfinished edit", "map check"]);
    assert_eq!(text(&env), before.replace("COMPANY", "FIRM"));
    assert!(!copy.exists());
    // Nobody's change is overwritten.
    let profile = env.profile_file().display().to_string();
    let ran = edits(
        &mut env,
        &format!("echo '# a' >> \"$2\"; echo '# b' >> '{profile}'"),
    );
    ran.expect(11);
    ran.says(&["changed by somebody else"]);
    assert!(text(&env).ends_with("# b\n"));
}

#[test]
fn a_profile_is_deleted_only_when_that_is_confirmed() {
    let env = few();
    let ran = env.run(["map", "delete"]);
    ran.expect(2);
    ran.says(&["map delete --yes"]);
    env.sync();
    let ran = env.run(["map", "delete", "--yes"]);
    ran.expect(0);
    ran.says(&["its state is still in"]);
    assert!(!env.profile_file().exists());
    env.run(["map", "delete", "--yes"]).expect(11);
}

// ---- check

#[test]
fn every_error_of_a_broken_profile_is_told_in_one_run_with_its_line() {
    let env = few();
    let broken = r#"version = 1
[ghl]
location_id = "LOCATION_ID"
[bigmailer]
brand_id = "BRAND_ID"
colour = "red"
[sync]
lookback = "soon"
id_field = "GHL_ID"
[filter]
tags_none = ["internl"]
[[field]]
ghl = "firstNaem"
bigmailer = "FIRST_NAME"
[[field]]
ghl = "lastName"
bigmailer = "LAST_NAMES"
[[field]]
ghl = "city"
bigmailer = "last_names"
[[field]]
ghl = "custom.lead_scor"
bigmailer = "LEAD_SCORE"
type = "number"
[[field]]
ghl = "companyName"
bigmailer = "RENEWAL"
[[field]]
ghl = "phone"
bigmailer = "COMPANY"
transform = ["trimm"]
[[list]]
tag = "customer"
list = "Custmers"
[[list]]
list = "Newsletter"
"#;
    env.profile(broken);
    let ran = env.run(["map", "check", "--json"]);
    ran.expect(11);
    assert_eq!(
        findings(&ran),
        [
            "0:missing_field",
            "0:unknown_tag",
            "6:invalid",
            "8:invalid",
            "13:invalid",
            "15:missing_field",
            "18:missing_field",
            "20:invalid",
            "21:missing_source",
            "24:invalid",
            "25:field_type",
            "31:invalid",
            "32:missing_list",
            "35:invalid",
        ]
    );
    let ran = env.run(["map", "check"]);
    ran.expect(11);
    for part in [
        "fail  line 13:7    invalid",
        "did you mean `firstName`?",
        "did you mean `trim`",
        "(nearest: lead_score)",
        "(nearest: LAST_NAME)",
        "(nearest: Customers)",
        "did you mean `internal`?",
        "profile default does not fit: 13 errors, 1 warning",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    // A mistake that makes it no TOML hides nothing but its own table.
    env.profile(&broken.replace("tags_none = [", "tags_none = "));
    let ran = env.run(["map", "check", "--json"]);
    ran.expect(11);
    let found = findings(&ran);
    assert_eq!(found.len(), 14, "{found:?}");
    assert!(
        found.contains(&"11:invalid".to_owned()) && found.contains(&"32:missing_list".to_owned())
    );
    env.profile(broken);
    // Nothing is made for a file that has to be mended first.
    let ran = env.run(["map", "check", "--create"]);
    ran.expect(11);
    ran.says(&["nothing is made in BigMailer before the file is right"]);
    assert!(env.writes().is_empty());
    // Where the services cannot be asked, the file's own errors are told all the same.
    env.fault("*:*:*@1x*=bad-key");
    let ran = env.run(["map", "check"]);
    ran.expect(11);
    ran.says(&["the services were not asked"]);
    assert!(ran.stdout.contains("line 13:7"));
    env.no_faults();
    env.profile(PROFILE);
    env.fault("*:*:*@1x*=bad-key");
    env.run(["map", "check"]).expect(4);
}

#[test]
fn what_was_renamed_or_retyped_since_the_last_run_is_drift() {
    let env = few();
    env.run(["map", "check"]).expect(0);
    env.sync();
    env.run(["map", "check"]).expect(0);
    let id = env.custom_field("lead_score");
    env.admin(
        "PATCH",
        &format!("/ghl/fields/{id}"),
        json!({"name": "Points", "dataType": "TEXT"}),
    );
    let ran = env.run(["map", "check", "--json"]);
    ran.expect(20);
    assert_eq!(findings(&ran), ["24:drift", "24:drift"]);
    assert_eq!(ran.json()["ok"], true, "a sync can start");
    let ran = env.run(["map", "check"]);
    ran.expect(20);
    assert!(
        ran.stdout.contains("is now lead_score (Points)"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("NUMERICAL and is now TEXT"),
        "{}",
        ran.stdout
    );
    // A dry run has seen it, too, but remembers nothing.
    env.run(["sync", "--dry-run"]).expect(0);
    env.run(["map", "check"]).expect(20);
    env.sync();
    env.run(["map", "check"]).expect(0);
}

#[test]
fn a_list_whose_name_exists_twice_and_a_token_without_scopes_are_told() {
    let mut env = Env::new(empty());
    env.admin("POST", "/bigmailer/lists", json!({"name": "Customers"}));
    let ran = env.run(["map", "check", "--json"]);
    ran.expect(20);
    assert_eq!(findings(&ran), ["35:ambiguous_list"]);
    let scopes = ran.json()["scopes"].clone();
    assert!(
        scopes
            .as_array()
            .unwrap()
            .contains(&json!("contacts.readonly")),
        "{scopes}"
    );
    // A token that may read contacts only: its tags are no reason to stop, its custom fields are.
    env.set(
        "GHL_BM_GHL_TOKEN",
        "pit-5a4dbe11-0000-4000-8000-c0747ac75001",
    );
    let ran = env.run(["map", "check", "--json"]);
    ran.expect(4);
    assert_eq!(ran.error()["service"], "ghl");
    env.profile(
        "version = 1\n[ghl]\nlocation_id = 'LOCATION_ID'\n[bigmailer]\nbrand_id = 'BRAND_ID'\n\
         [[list]]\ntag = 'x'\nlist = 'Newsletter'\n",
    );
    env.run(["map", "check"]).expect(0);
}

#[test]
fn a_file_of_an_older_format_is_brought_up_with_a_copy_by_commands_that_change_it() {
    let env = few();
    env.profile(PROFILE.strip_prefix("version = 1\n").unwrap());
    let old = text(&env);
    // A sync understands it, and leaves it.
    env.sync();
    assert_eq!(text(&env), old);
    let ran = env.run(["map", "check"]);
    ran.expect(0);
    ran.says(&["of format 0 and is now of format 1", "default.toml.v0"]);
    assert_eq!(text(&env), format!("version = 1\n{old}"));
    let copy = env.config().join("profiles/default.toml.v0");
    assert_eq!(std::fs::read_to_string(copy).unwrap(), old);
    assert_eq!(env.run(["map", "list"]).stdout, "default\n");
    env.profile("version = 2\nnews = 1\n");
    for args in [
        &["map", "check"][..],
        &["sync"],
        &["map", "set", "sync.lookback", "1m"],
    ] {
        let ran = env.run(args);
        ran.expect(11);
        assert!(
            ran.all().contains("made by a newer ghl-bm (version 2)"),
            "{}",
            ran.all()
        );
    }
}

// ---- the schema

#[test]
fn the_published_schema_is_fresh() {
    let home = Home::new();
    let ran = home.run(["map", "schema"]);
    ran.expect(0);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profile.schema.json");
    if std::env::var_os("GHL_BM_UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, &ran.stdout).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == ran.stdout,
        "docs/profile.schema.json is stale: GHL_BM_UPDATE=1 cargo test renews it"
    );
    let schema: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(schema["properties"]["sync"]["additionalProperties"], false);
    assert_eq!(
        schema["properties"]["field"]["items"]["required"],
        json!(["ghl", "bigmailer"])
    );
}
