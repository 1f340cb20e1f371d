//! What a sync leaves in files for others: the page of `--report`, the figures of `--metrics`.

use std::path::PathBuf;

use ghl_bm::sandbox::Phase;
use serde_json::json;

use crate::env::{Env, empty};

/// Two people to be made, one of whom has nothing to be mailed at.
fn world() -> Env {
    let env = Env::new(empty());
    env.ghl_contact(json!({"firstName": "Ada", "email": "ada@example.com", "tags": ["customer"]}));
    env.ghl_contact(json!({"firstName": "Bob", "email": "bob@example.com"}));
    env.ghl_contact(json!({"firstName": "Nobody"}));
    env
}

fn file(env: &Env, name: &str) -> PathBuf {
    env.root.path().join(name)
}

fn read(env: &Env, name: &str) -> String {
    std::fs::read_to_string(file(env, name)).unwrap()
}

/// Both files of a run that has to end with this code.
fn files(env: &Env, code: i32, args: &[&str]) -> (String, String) {
    let always = ["sync", "--report", "run.html", "--metrics", "run.prom"];
    env.run(always.iter().chain(args)).expect(code);
    (read(env, "run.html"), read(env, "run.prom"))
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

fn exit_code(code: u8) -> String {
    format!("ghl_bm_last_run_exit_code{{profile=\"default\"}} {code}\n")
}

/// Nothing but the named files was left behind.
fn no_leftovers(env: &Env) {
    for entry in std::fs::read_dir(env.root.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with(".tmp"), "{name}");
    }
}

#[test]
fn a_run_leaves_a_page_and_figures_without_addresses() {
    let env = world();
    let (page, figures) = files(&env, 0, &[]);
    has(
        &page,
        &[
            "<dd data-count=\"created\">2</dd>",
            "<dd data-count=\"skipped\">1</dd>",
            "<bdi>FIRST_NAME</bdi>",
            "<bdi>Customers</bdi>",
            "<code>no_email</code>",
            "Reading and planning",
            "exit code 0",
        ],
    );
    for word in ["example.com", "Ada", "Bob"] {
        assert!(!page.contains(word), "{word}");
        assert!(!figures.contains(word), "{word}");
    }
    has(
        &figures,
        &[
            &exit_code(0),
            "ghl_bm_last_run_people{profile=\"default\",result=\"created\"} 2\n",
            "ghl_bm_last_run_bigmailer_writes{profile=\"default\",kind=\"created\"} 2\n",
            "ghl_bm_last_success_timestamp_seconds{profile=\"default\"} ",
        ],
    );
    no_leftovers(&env);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file(&env, "run.prom")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o444, 0o444);
    }
}

#[test]
fn a_change_is_counted_once_and_a_dry_run_counts_the_plan() {
    let env = world();
    env.sync();
    let id = env.ghl_id("ada@example.com");
    env.edit_ghl(&id, json!({"firstName": "Augusta", "tags": []}));
    let ran = env.run(["sync", "--dry-run", "--report", "plan.html"]);
    ran.expect(0);
    let planned = read(&env, "plan.html");
    let (page, _) = files(&env, 0, &[]);
    for page in [&planned, &page] {
        has(page, &["<dd data-count=\"updated\">1</dd>"]);
        // Not with a new contact, set once, never emptied; left by one.
        has(page, &["<td>0</td><td>1</td><td>0</td></tr>"]);
        has(page, &["<td>0</td><td>0</td><td>1</td></tr>"]);
    }
    has(&planned, &["Dry run of", "Nothing was written"]);
}

#[test]
fn a_run_that_ends_early_leaves_both_files_and_the_time_of_the_last_success() {
    let env = world();
    let (_, good) = files(&env, 0, &[]);
    let success = good
        .lines()
        .find(|line| line.starts_with("ghl_bm_last_success_timestamp_seconds{"))
        .unwrap()
        .to_owned();

    // The service is down.
    env.fault("bigmailer:*:*@1x*=503");
    let (page, figures) = files(&env, 5, &[]);
    has(
        &page,
        &["verdict bad", "exit code 5", "BigMailer", "</html>"],
    );
    has(&figures, &[&exit_code(5), &success]);
    env.no_faults();

    // A key that is refused.
    env.fault("bigmailer:*:*@1x*=bad-key");
    let (page, figures) = files(&env, 4, &[]);
    has(&page, &["exit code 4", "nobody was read"]);
    has(&figures, &[&exit_code(4), &success]);
    env.no_faults();

    // A profile that cannot be read.
    env.profile("nonsense");
    let (page, figures) = files(&env, 11, &[]);
    has(&page, &["exit code 11"]);
    has(&figures, &[&exit_code(11), &success]);
    no_leftovers(&env);
}

#[test]
fn a_braked_run_leaves_both_files() {
    let env = Env::new(empty());
    let people = 0..60;
    for n in people.clone() {
        env.ghl_contact(json!({"firstName": "p", "email": format!("p{n}@example.com")}));
    }
    env.sync();
    for n in people {
        let id = env.ghl_id(&format!("p{n}@example.com"));
        env.edit_ghl(&id, json!({"firstName": "q"}));
    }
    let (page, figures) = files(&env, 7, &[]);
    has(
        &page,
        &["verdict bad", "exit code 7", "nothing was written"],
    );
    has(&figures, &[&exit_code(7)]);
    assert!(!figures.contains("ghl_bm_last_success"));
}

#[cfg(unix)]
#[test]
fn a_stopped_run_leaves_both_files() {
    let env = world();
    let hold = env.sandbox.hold_at(4, Phase::Before);
    let running = env.start(["sync", "--report", "run.html", "--metrics", "run.prom"]);
    assert!(hold.wait_reached(crate::env::PATIENCE));
    assert!(!file(&env, "run.html").exists());
    running.signal("TERM");
    hold.release();
    running.wait().expect(143);
    has(&read(&env, "run.html"), &["exit code 143", "</html>"]);
    has(&read(&env, "run.prom"), &[&exit_code(143)]);
}

#[test]
fn a_run_that_found_another_one_leaves_its_files_alone() {
    let env = world();
    let (run, hold) = env.sync_held(4, Phase::Before);
    let ran = env.run(["sync", "--report", "run.html", "--metrics", "run.prom"]);
    ran.expect(9);
    assert!(!file(&env, "run.html").exists());
    assert!(!file(&env, "run.prom").exists());
    hold.release();
    run.wait().expect(0);
    no_leftovers(&env);
}

#[test]
fn a_place_where_nothing_can_be_written_is_told_before_the_first_call() {
    let env = world();
    env.forget_requests();
    for (flag, path, code) in [
        ("--report", "missing/run.html", 1),
        ("--metrics", "missing/run.prom", 1),
        ("--report", ".", 2),
    ] {
        env.run(["sync", flag, path]).expect(code);
    }
    assert_eq!(env.writes(), Vec::<String>::new());
    assert!(!env.state_file().exists());
    env.run(["sync", "--dry-run", "--metrics", "x.prom"])
        .expect(2);
}

#[test]
fn what_somebody_typed_cannot_become_markup() {
    let env = world();
    let odd = "<script>alert('1')</script> & \"more\"";
    let ran = env.run(["sync", "--only", odd, "--report", "run.html"]);
    ran.expect(3);
    let page = read(&env, "run.html");
    assert!(!page.contains("<script"), "{page}");
    has(&page, &["&lt;script&gt;"]);
}
