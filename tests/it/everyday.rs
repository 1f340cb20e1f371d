//! What is used every day beside the work itself: help topics, manual pages, completions with values.
//!
//! Start reading at [`shells_are_told_what_this_machine_knows`].

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::env::{BINARY, Env, Home, empty};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

// ---- help topics

#[test]
fn the_readme_and_the_help_explain_the_same_exit_codes() {
    let home = Home::new();
    let ran = home.run(["help", "exit-codes", "--json"]);
    ran.expect(0);
    let told: Vec<String> = ran.json()["exit_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            format!(
                "| {} | {} | {} |",
                row["code"],
                text("meaning"),
                text("then")
            )
        })
        .collect();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let table = readme.split("\n## Exit codes\n").nth(1).unwrap();
    let table: Vec<&str> = table
        .lines()
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table, told);
    let text = home.run(["help", "exit-codes"]).stdout;
    assert!(text.contains("143  ended by SIGTERM"), "{text}");
}

#[test]
fn every_variable_is_explained() {
    let told = Home::new().run(["help", "environment"]).stdout;
    for file in ["src/cli/mod.rs", "src/cli/context.rs"] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        for part in text.split("\"GHL_BM_").skip(1) {
            let end = part.find(|c: char| !c.is_ascii_uppercase() && c != '_');
            let name = &part[..end.unwrap()];
            assert!(
                told.contains(&format!("GHL_BM_{name} ")),
                "{file}: GHL_BM_{name}"
            );
        }
    }
}

#[test]
fn help_knows_commands_topics_and_what_was_probably_meant() {
    let home = Home::new();
    for (words, part) in [
        (&[][..], "Commands:"),
        (&["sync"], "--dry-run"),
        (&["map", "add", "field"], "--transform"),
        (&["limits"], "100 requests per 10 seconds"),
        (&["json"], "schema_version"),
    ] {
        let ran = home.run(["help"].iter().chain(words));
        ran.expect(0);
        assert!(ran.stdout.contains(part), "{words:?}: {}", ran.stdout);
    }
    let ran = home.run(["help", "snyc"]);
    ran.expect(2);
    ran.says(&["there is no command `snyc`", "did you mean `sync`?"]);
}

// ---- manual pages

#[test]
fn there_is_a_manual_page_for_every_command() {
    let home = Home::new();
    let ran = home.run(["man", "--dir", "pages"]);
    ran.expect(0);
    let mut names: Vec<String> = std::fs::read_dir(home.root.path().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in [
        "ghl-bm.1",
        "ghl-bm-sync.1",
        "ghl-bm-map-add-field.1",
        "ghl-bm-auth-login.1",
    ] {
        assert!(names.contains(&name.to_owned()), "{name} {names:?}");
    }
    let page = home.run(["man", "sync"]);
    page.expect(0);
    assert!(page.stdout.contains(".TH ghl-bm-sync 1"), "{}", page.stdout);
    assert!(
        page.stdout.contains("ghl\\-bm sync \\-\\-dry\\-run"),
        "{}",
        page.stdout
    );
    home.run(["man", "nothing"]).expect(2);
}

// ---- completions

/// Candidates for the last of these words, as the script of bash asks for them.
fn candidates(env: &Env, words: &[&str]) -> Vec<String> {
    let words: Vec<&str> = ["ghl-bm"].iter().chain(words).copied().collect();
    let mut command = env.command(["--"].iter().chain(&words));
    command
        .env("GHL_BM_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .env("_CLAP_IFS", "\n");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[test]
fn shells_are_told_what_this_machine_knows() {
    let env = Env::new(empty());
    let id = env.ghl_contact(json!({"email": "ada@example.com", "tags": ["customer"]}));
    let run = env.sync()["run_id"].as_str().unwrap().to_owned();
    let text = std::fs::read_to_string(env.profile_file()).unwrap();
    std::fs::write(env.config().join("profiles/shop2.toml"), &text).unwrap();
    env.forget_requests();
    let has = |words: &[&str], wanted: &str| {
        let found = candidates(&env, words);
        assert!(
            found.iter().any(|one| one == wanted),
            "{words:?}: {found:?}"
        );
    };
    has(&["sy"], "sync");
    has(&["sync", "--dry"], "--dry-run");
    has(&["-p", "s"], "shop2");
    has(&["runs", "show", ""], &run);
    has(&["sync", "--only", &id[..3]], &id);
    has(&["pull", "contact", ""], &id);
    has(&["map", "remove", "field", "LEAD"], "LEAD_SCORE");
    has(&["map", "add", "field", "custom."], "custom.lead_score");
    has(&["map", "remove", "list", ""], "customer");
    has(&["pull", "contacts", "--list", "C"], "Customers");
    has(&["pull", "contacts", "--tag", "int"], "internal");
    has(
        &["pull", "contacts", "--fields", "id,first"],
        "id,first_name",
    );
    has(&["completions", "f"], "fish");
    // Another place, where there is nothing: no value, and no complaint.
    let nothing = candidates(&env, &["--state-dir", "elsewhere", "runs", "show", ""]);
    assert!(!nothing.contains(&run), "{nothing:?}");
    std::fs::write(env.state_file(), "damaged").unwrap();
    assert!(!candidates(&env, &["runs", "show", ""]).contains(&run));
    assert!(env.sandbox.requests().is_empty());
}

#[test]
fn the_script_works_in_a_real_bash() {
    let env = Env::new(empty());
    let there = Command::new("bash").arg("--version").output();
    if !there.is_ok_and(|ran| ran.status.success()) {
        eprintln!("SKIPPED completions in a real shell: bash is not installed");
        return;
    }
    let run = env.sync()["run_id"].as_str().unwrap().to_owned();
    let script = root().join("completions/ghl-bm.bash");
    let text = format!(
        "source '{}'\nCOMP_WORDS=(ghl-bm runs show '')\nCOMP_CWORD=3\n\
         _clap_complete_ghl_bm ghl-bm '' show\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        script.display()
    );
    let folder = Path::new(BINARY).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let ran = Command::new("bash")
        .args(["--norc", "-c", &text])
        .env_clear()
        .env("PATH", path)
        .env("HOME", env.root.path())
        .env("GHL_BM_CONFIG_DIR", env.config())
        .env("GHL_BM_STATE_DIR", env.root.path().join("state"))
        .output()
        .unwrap();
    let found = String::from_utf8(ran.stdout).unwrap();
    assert!(found.lines().any(|line| line.trim() == run), "{found}");
}

#[test]
fn an_unknown_shell_is_refused() {
    let env = Env::new(empty());
    let unknown = env
        .command(["--", "ghl-bm", ""])
        .env("GHL_BM_COMPLETE", "tcsh")
        .output()
        .unwrap();
    assert!(!unknown.status.success());
}
