//! Exports that are interrupted: no file under the name, and `--resume` ends with the same bytes as
//! if nothing had happened. Start reading at [`interrupted_everywhere`].

use std::path::Path;

use ghl_bm::sandbox::{Options, PageCap, Phase, Quirks};
use serde_json::{Value, json};

use crate::env::{Env, PATIENCE, Running, empty, quick};

/// 230 people in pages of 100, so that an export has several.
fn world() -> Env {
    Env::new(Options {
        contacts: 230,
        quirks: Quirks {
            page_cap: PageCap::SilentHundred,
            ..Quirks::default()
        },
        ..quick()
    })
}

/// The files beside and under the name, without their dots.
fn files(env: &Env) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(env.root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("out"))
        .collect();
    names.sort();
    names
}

fn content(env: &Env) -> String {
    std::fs::read_to_string(env.root.path().join("out")).unwrap()
}

/// What an undisturbed export writes, and how many requests it takes.
fn undisturbed(env: &Env, args: &[&str]) -> (String, usize) {
    env.forget_requests();
    env.run(["pull"].iter().chain(args).chain(&["-o", "out"]))
        .expect(0);
    let expected = content(env);
    assert_eq!(files(env), ["out"]);
    std::fs::remove_file(env.root.path().join("out")).unwrap();
    (expected, env.sandbox.requests().len())
}

/// Starts an export and waits until its n-th request stands still; `None` if it ended before.
fn held(
    env: &Env,
    args: &[&str],
    n: usize,
    phase: Phase,
) -> Option<(Running, ghl_bm::sandbox::Hold)> {
    let hold = env.sandbox.hold_at(n, phase);
    let mut run = env.start(["pull"].iter().chain(args).chain(&["-o", "out"]));
    let began = std::time::Instant::now();
    loop {
        if hold.wait_reached(std::time::Duration::from_millis(50)) {
            return Some((run, hold));
        }
        if run.child().try_wait().unwrap().is_some() {
            return None;
        }
        assert!(began.elapsed() < PATIENCE, "neither held nor ended");
    }
}

/// Kills the export at each of its requests (or as many as `most`, spread evenly) and resumes it.
fn interrupted_everywhere(env: &Env, args: &[&str], most: usize) {
    interrupted(env, args, most, true);
}

/// The same of an export that only collects before it writes; nothing of it can be gone on with.
fn interrupted_while_collecting(env: &Env, args: &[&str], most: usize) {
    interrupted(env, args, most, false);
}

fn interrupted(env: &Env, args: &[&str], most: usize, can_go_on: bool) {
    let (expected, requests) = undisturbed(env, args);
    let points = (1..=requests).step_by(requests.div_ceil(most).max(1));
    let (mut killed, mut gone_on) = (0, 0);
    for n in points.clone() {
        let place = format!("{args:?} killed at request {n} of {requests}");
        let Some((run, hold)) = held(env, args, n, Phase::Before) else {
            continue;
        };
        // While it waits it remembers where it stands; every other one is given the time to.
        let mark = env.root.path().join(".out.ghl-bm-part.at");
        for _ in 0..(killed % 2) * 10 {
            if !mark.exists() {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        }
        run.kill();
        hold.release();
        killed += 1;
        assert!(!files(env).contains(&"out".to_owned()), "{place}");
        let ran = env.run(
            ["pull"]
                .iter()
                .chain(args)
                .chain(&["-o", "out", "--resume"]),
        );
        assert_eq!(ran.code, Some(0), "{place}: {}", ran.all());
        let said = |words: &str| ran.stderr.contains(words);
        assert!(
            said("going on with out") || said("nothing to resume"),
            "{place}: {}",
            ran.stderr
        );
        gone_on += usize::from(said("going on with out"));
        assert!(content(env) == expected, "{place}: other bytes");
        assert_eq!(files(env), ["out"], "{place}");
        std::fs::remove_file(env.root.path().join("out")).unwrap();
    }
    let all = points.count();
    assert!(killed * 10 >= all * 9, "{args:?}: only {killed} of {all}");
    assert_eq!(
        gone_on > 0,
        can_go_on,
        "{args:?}: {gone_on} of {killed} gone on with"
    );
}

#[test]
fn contacts_may_be_killed_at_every_request() {
    interrupted_everywhere(&world(), &["contacts"], 12);
}

#[test]
fn contacts_as_json_with_all_that_hangs_on_them() {
    let args = &[
        "contacts",
        "--format",
        "json",
        "--include",
        "tasks,notes,appointments,opportunities",
    ];
    interrupted_everywhere(&world(), args, 12);
}

#[test]
fn bigmailer_contacts_may_be_killed_at_every_request() {
    let env = world();
    env.sync();
    // Pages of 100, so three of them.
    interrupted_everywhere(&env, &["contacts", "--from", "bigmailer"], 10);
}

#[test]
fn notes_of_everybody_may_be_killed_at_any_request() {
    interrupted_everywhere(&world(), &["notes", "--all", "--format", "ndjson"], 12);
}

#[test]
fn what_is_collected_first_may_be_killed_too() {
    interrupted_while_collecting(&world(), &["tasks", "--all"], 10);
    interrupted_while_collecting(&world(), &["opportunities", "--all"], 10);
    interrupted_while_collecting(
        &world(),
        &["contacts", "--via", "list", "--fields", "id,email,tags"],
        10,
    );
}

#[test]
fn contacts_of_one_moment_are_resumed_in_their_midst() {
    let env = Env::new(Options {
        quirks: Quirks {
            page_cap: PageCap::SilentHundred,
            ..Quirks::default()
        },
        ..empty()
    });
    for n in 0..350 {
        // Three imports, the second of 250.
        let day = 1 + usize::from(n >= 50) + usize::from(n >= 300);
        let added = format!("2026-01-0{day}T08:00:00.000Z");
        let id = env.ghl_contact(json!({"email": format!("p{n}@example.com"), "dateAdded": added}));
        if n % 7 == 0 {
            env.admin(
                "POST",
                "/ghl/notes",
                json!({"contactId": id, "body": format!("note {n}")}),
            );
        }
    }
    interrupted_everywhere(&env, &["notes", "--all"], 10);
    interrupted_everywhere(&env, &["contacts"], 10);
}

#[cfg(unix)]
#[test]
fn a_signal_keeps_what_is_there_and_says_how_to_go_on() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        for args in [
            &["notes", "--all"][..],
            &["contacts", "--include", "notes"],
            &["contacts", "--from", "bigmailer"],
        ] {
            let env = world();
            env.sync();
            let (expected, requests) = undisturbed(&env, args);
            // With some calls to come, so that the signal is noticed before the end.
            let last = if requests > 20 { 8 } else { 1 };
            let (run, hold) = held(&env, args, requests - last, Phase::After).unwrap();
            run.signal(signal);
            // What is in flight is finished: its answer still counts.
            hold.release();
            let ran = run.wait();
            ran.expect(code);
            ran.says(&["interrupted", "--resume"]);
            assert_eq!(
                files(&env),
                [".out.ghl-bm-part", ".out.ghl-bm-part.at"],
                "{args:?}"
            );
            env.forget_requests();
            let ran = env.run(
                ["pull"]
                    .iter()
                    .chain(args)
                    .chain(&["-o", "out", "--resume"]),
            );
            ran.expect(0);
            ran.says(&["going on with out after"]);
            assert_eq!(content(&env), expected);
            // It did not begin again.
            let again = env.sandbox.requests().len();
            assert!(again < requests, "{args:?}: {again} of {requests} requests");
            // As a document for scripts.
            // With some calls to come, so that the signal is noticed before the end.
            let last = if requests > 20 { 8 } else { 1 };
            let (run, hold) = held(&env, args, requests - last, Phase::After).unwrap();
            run.signal(signal);
            hold.release();
            run.wait().expect(code);
        }
    }
}

#[test]
fn resuming_what_is_not_there_or_of_another_kind_starts_over_and_says_so() {
    let env = world();
    let args = &["notes", "--all"];
    let (expected, requests) = undisturbed(&env, args);
    let interrupt = || {
        env.no_faults();
        env.fault(&format!("ghl:GET:/notes@{}x*=scope", requests / 2));
        let ran = env.run(["pull", "notes", "--all", "-o", "out"]);
        ran.expect(4);
        ran.says(&["--resume goes on after"]);
        env.no_faults();
        assert_eq!(files(&env), [".out.ghl-bm-part", ".out.ghl-bm-part.at"]);
    };
    let resume = |more: &[&str]| {
        let words = ["pull", "notes", "--all", "-o", "out", "--resume"];
        let ran = env.run(words.iter().chain(more));
        ran.expect(0);
        assert_eq!(files(&env), ["out"]);
        let content = content(&env);
        std::fs::remove_file(env.root.path().join("out")).unwrap();
        (ran.stderr, content)
    };
    let (said, bytes) = resume(&[]);
    assert!(
        said.contains("nothing to resume for out; starting from the beginning"),
        "{said}"
    );
    assert_eq!(bytes, expected);
    interrupt();
    let (said, bytes) = resume(&[]);
    assert!(said.contains("going on with out after"), "{said}");
    assert_eq!(bytes, expected);
    for (more, word) in [
        (&["--limit", "100000"][..], "another --limit"),
        (&["--format", "csv", "--excel"], "another --excel"),
        (&["--format", "json"], "another --format"),
        (&["--fields", "id"], "another set of columns"),
    ] {
        interrupt();
        let (said, bytes) = resume(more);
        assert!(
            said.contains(word) && said.contains("starting from the beginning"),
            "{said}"
        );
        let whole = env.run(["pull", "notes", "--all"].iter().chain(more));
        assert_eq!(bytes, whole.stdout, "{more:?}");
    }
    // Other contacts, another noun, another location.
    interrupt();
    let ran = env.run(["pull", "tasks", "--all", "-o", "out", "--resume"]);
    ran.says(&["another command"]);
    std::fs::remove_file(env.root.path().join("out")).unwrap();
    interrupt();
    let mark = env.root.path().join(".out.ghl-bm-part.at");
    let text = std::fs::read_to_string(&mark).unwrap();
    std::fs::write(&mark, text.replace(env.sandbox.location_id(), "Elsewhere")).unwrap();
    assert!(resume(&[]).0.contains("another source or filter"));
    // Damage.
    let part = env.root.path().join(".out.ghl-bm-part");
    type Spoil<'a> = &'a dyn Fn(&Path);
    let spoil: [(&str, Spoil<'_>); 3] = [
        ("cut", &|path| {
            let bytes = std::fs::read(path).unwrap();
            std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("changed", &|path| {
            let mut bytes = std::fs::read(path).unwrap();
            bytes[10] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }),
        ("empty", &|path| std::fs::write(path, "").unwrap()),
    ];
    for (what, spoil) in spoil {
        for path in [&part, &mark] {
            interrupt();
            spoil(path);
            let (said, bytes) = resume(&[]);
            assert!(said.contains("damaged"), "{what} {path:?}: {said}");
            assert_eq!(bytes, expected);
        }
    }
    // Without --resume it starts over, and says what it does not use.
    interrupt();
    let ran = env.run(["pull", "notes", "--all", "-o", "out"]);
    ran.expect(0);
    ran.says(&["--resume would have gone on with it"]);
    assert_eq!(content(&env), expected);
    assert_eq!(files(&env), ["out"]);
    std::fs::remove_file(env.root.path().join("out")).unwrap();
    // A command that fails at once spoils nothing.
    interrupt();
    env.fault("ghl:*:*@1x*=bad-key");
    env.run(["pull", "notes", "--all", "-o", "out"]).expect(4);
    env.no_faults();
    assert!(resume(&[]).0.contains("going on with out after"));
}

#[test]
fn the_end_of_the_days_quota_is_one_more_interruption() {
    let env = world();
    let args = &["contacts", "--include", "notes", "--format", "ndjson"];
    let (expected, requests) = undisturbed(&env, args);
    env.fault(&format!("ghl:GET:/notes@{}x*=daily-quota", requests / 2));
    let ran = env.run(["pull"].iter().chain(args).chain(&["-o", "out", "--json"]));
    ran.expect(6);
    let error = ran.error();
    assert_eq!(error["code"], "daily_quota");
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.starts_with("run again tomorrow") && hint.contains("--resume"),
        "{hint}"
    );
    env.no_faults();
    let ran = env.run(
        ["pull"]
            .iter()
            .chain(args)
            .chain(&["-o", "out", "--resume"]),
    );
    ran.expect(0);
    ran.says(&["going on with out after"]);
    assert_eq!(content(&env), expected);
    // Without a file there is nothing to go on with, and nothing of that is said.
    env.fault("ghl:GET:/notes@9x*=503");
    let ran = env.run(["pull"].iter().chain(args));
    ran.expect(5);
    assert!(
        ran.stderr.contains("hint: try again later\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_age_means_the_same_moment_when_resumed() {
    let env = world();
    for n in 0..150 {
        let changed = json!({"city": format!("City {n}")});
        let all = env.admin("GET", "/ghl/contacts", Value::Null);
        let id = all["contacts"][n]["id"].as_str().unwrap().to_owned();
        env.edit_ghl(&id, changed);
    }
    let args = &["contacts", "--since", "1h", "--include", "notes"];
    let (expected, requests) = undisturbed(&env, args);
    env.fault(&format!("ghl:GET:/notes@{}x*=scope", requests / 2));
    env.run(["pull"].iter().chain(args).chain(&["-o", "out"]))
        .expect(4);
    env.no_faults();
    env.admin("POST", "/advance", json!({"seconds": 7200}));
    let ran = env.run(
        ["pull"]
            .iter()
            .chain(args)
            .chain(&["-o", "out", "--resume"]),
    );
    ran.expect(0);
    ran.says(&["going on with out after"]);
    assert_eq!(content(&env), expected);
}

#[test]
fn one_command_at_a_time_writes_a_file() {
    let env = world();
    let args = &["notes", "--all"];
    let (expected, requests) = undisturbed(&env, args);
    let (run, hold) = held(&env, args, requests - 1, Phase::After).unwrap();
    for more in [&[][..], &["--resume"]] {
        let ran = env.run(
            ["pull"]
                .iter()
                .chain(args)
                .chain(&["-o", "out"])
                .chain(more),
        );
        ran.expect(9);
        ran.says(&["another ghl-bm is writing out"]);
    }
    hold.release();
    run.wait().expect(0);
    assert_eq!(content(&env), expected);
}

#[test]
fn a_listing_whose_cursor_is_not_known_any_more_is_read_again() {
    let env = Env::new(Options {
        contacts: 230,
        ..quick()
    });
    env.sync();
    let args = &["contacts", "--from", "bigmailer"];
    let (expected, _) = undisturbed(&env, args);
    let interrupt = || {
        env.fault("bigmailer:GET:/contacts@3x*=503");
        env.run(["pull"].iter().chain(args).chain(&["-o", "out"]))
            .expect(5);
        env.no_faults();
    };
    let resume = || {
        env.run(
            ["pull"]
                .iter()
                .chain(args)
                .chain(&["-o", "out", "--resume"]),
        )
    };
    interrupt();
    env.fault("bigmailer:GET:/contacts@1=400");
    let ran = resume();
    ran.expect(0);
    ran.says(&["reading it again"]);
    assert_eq!(content(&env), expected);
    // Somebody who went meanwhile was listed, and stays; somebody who came is listed or missed, and
    // then the total tells.
    interrupt();
    env.no_faults();
    env.bm_contact(json!({"email": "late@example.com"}));
    resume().expect(0);
    assert_eq!(content(&env).lines().count(), expected.lines().count() + 1);
}
