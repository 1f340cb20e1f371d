//! Killed at any point, any number of times, then run again: both sides end as after one
//! undisturbed run, and nobody is there twice.
//!
//! Every request of a scenario is held once before and once after the service acted; the binary is
//! killed there, and the next run has to finish the work. Start reading at [`at_every_boundary`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ghl_bm::sandbox::{Hold, Phase};
use serde_json::{Value, json};

use crate::env::{Env, PATIENCE, PROFILE, Running, each, empty};

/// A first run that creates by batch, updates, joins lists and opts out.
fn first_run() -> Env {
    let env = Env::new(empty());
    let list = env.list_id("VIP dinner");
    for (email, name) in [
        ("old.one@example.com", "before"),
        ("old.two@example.com", "before"),
    ] {
        env.bm_contact(json!({"email": email, "list_ids": [list], "field_values": [
            {"name": "FIRST_NAME", "string": name}, {"name": "FAVOURITE_COLOUR", "string": "red"}]}));
        env.ghl_contact(json!({"firstName": "after", "email": email, "tags": ["customer"]}));
    }
    env.bm_contact(json!({"email": "leaver@example.com"}));
    env.ghl_contact(json!({"firstName": "leaver", "email": "leaver@example.com", "dnd": true}));
    for name in ["ada", "bob", "cleo", "dan"] {
        env.ghl_contact(
            json!({"firstName": name, "email": format!("{name}@example.com"),
            "tags": ["newsletter"], "dnd": name == "dan"}),
        );
    }
    env
}

/// A later run that creates one by one, changes, moves, clears, leaves, opts out and deletes.
fn later_run() -> Env {
    let env = Env::new(empty());
    env.profile(&PROFILE.replace("[filter]", "[sync]\non_ghl_delete = \"delete\"\n\n[filter]"));
    for name in ["ada", "bob", "cleo", "dan", "eve", "fay"] {
        env.ghl_contact(json!({"firstName": name, "companyName": "Ltd",
            "email": format!("{name}@example.com"), "tags": ["newsletter"]}));
    }
    env.sync();
    env.edit_ghl(
        &env.ghl_id("ada@example.com"),
        json!({"dnd": true, "firstName": "Ada"}),
    );
    env.edit_ghl(
        &env.ghl_id("bob@example.com"),
        json!({"email": "robert@example.com", "companyName": ""}),
    );
    env.edit_ghl(
        &env.ghl_id("cleo@example.com"),
        json!({"tags": ["customer"], "companyName": ""}),
    );
    let id = env.ghl_id("eve@example.com");
    env.admin("DELETE", &format!("/ghl/contacts/{id}"), Value::Null);
    for name in ["gus", "hal"] {
        env.ghl_contact(json!({"firstName": name, "email": format!("{name}@example.com")}));
    }
    env
}

/// A two-way run with every kind of write: values both ways, addresses, tags singly and many at a
/// time, do-not-disturb, a contact made in each service, notes made and changed, tasks, a mail.
fn two_way_run() -> Env {
    let env = Env::new(empty());
    env.admin(
        "POST",
        "/bigmailer/fields",
        json!({"name": "Note", "merge_tag_name": "SALES_NOTE", "type": "text"}),
    );
    let campaign = env.admin(
        "POST",
        "/bigmailer/transactional-campaigns",
        json!({"name": "Hello", "status": "active", "list_id": ""}),
    );
    let campaigns = campaign["transactional_campaigns"].as_array().unwrap();
    let hello = campaigns.iter().find(|one| one["name"] == "Hello").unwrap();
    let rules = format!(
        "[sync]\ndirection = \"both\"\ncreate_in_ghl = true\n\n[consent]\nto_ghl = true\n\n\
         [[note]]\nbigmailer = \"SALES_NOTE\"\n\n\
         [[task]]\non = \"contact.new\"\ntitle = \"Welcome {{firstName}}\"\n\n\
         [[task]]\non = \"tag.added:customer\"\ntitle = \"Call {{firstName}}\"\n\n\
         [[send]]\non = \"tag.added:newsletter\"\ncampaign = {}\nenabled = true\n\n[filter]",
        hello["id"]
    );
    env.profile(&PROFILE.replace("[filter]", &rules));
    let names = [
        "ada", "bob", "cleo", "dan", "eve", "fay", "gus", "hal", "ivy", "jon",
    ];
    for name in names {
        env.ghl_contact(json!({"firstName": name, "email": format!("{name}@example.com")}));
    }
    env.sync();
    env.admin("POST", "/advance", json!({"seconds": 120}));
    let record = |name: &str| {
        let id = &env.person(&format!("{name}@example.com"))["id"];
        id.as_str().unwrap().to_owned()
    };
    let values = |name: &str, more: Value| {
        let person = env.person(&format!("{name}@example.com"));
        let mut values = person["field_values"].as_array().unwrap().clone();
        values.retain(|one| one["name"] != more["name"]);
        values.push(more);
        env.edit_bm(&record(name), json!({"field_values": values}));
    };
    values("ada", json!({"name": "SALES_NOTE", "string": "first"}));
    env.sync();
    env.admin("POST", "/advance", json!({"seconds": 120}));

    values("ada", json!({"name": "SALES_NOTE", "string": "second"}));
    values("bob", json!({"name": "SALES_NOTE", "string": "from there"}));
    values("cleo", json!({"name": "FIRST_NAME", "string": "Cleopatra"}));
    env.edit_ghl(
        &env.ghl_id("cleo@example.com"),
        json!({"companyName": "Nile"}),
    );
    env.edit_bm(&record("dan"), json!({"email": "daniel@example.com"}));
    env.edit_bm(&record("eve"), json!({"unsubscribe_all": true}));
    let customers = env.list_id("Customers");
    for name in ["fay", "gus", "hal", "ivy", "jon"] {
        env.edit_bm(&record(name), json!({"list_ids": [customers]}));
    }
    env.edit_ghl(
        &env.ghl_id("bob@example.com"),
        json!({"tags": ["newsletter"]}),
    );
    env.ghl_contact(json!({"firstName": "kim", "email": "kim@example.com"}));
    env.bm_contact(
        json!({"email": "lou@example.com", "list_ids": [customers], "field_values": [
        {"name": "FIRST_NAME", "string": "lou"}, {"name": "SALES_NOTE", "string": "new"}]}),
    );
    env
}

type People = BTreeMap<String, Value>;

/// Runs the scenario undisturbed; the end state and the number of requests.
fn undisturbed(scenario: fn() -> Env, args: &[&str]) -> (People, usize) {
    let env = scenario();
    env.forget_requests();
    env.sync_with(args);
    let requests = env.sandbox.requests().len();
    assert!(!env.writes().is_empty());
    env.assert_settled();
    (env.both_sides(), requests)
}

/// Kills the run at its n-th request, then lets the next run finish. False if there was no n-th.
fn killed_at(
    scenario: fn() -> Env,
    args: &[&str],
    n: usize,
    phase: Phase,
    expected: &People,
) -> bool {
    let env = scenario();
    let place = format!("killed at request {n}, {phase:?}");
    let hold = env.sandbox.hold_at(n, phase);
    let run = env.start(["sync", "--json"].iter().chain(args));
    // The order of requests varies a little: the last ones may not come in every run.
    if !reached(&hold, run) {
        return false;
    }
    hold.release();
    env.age_intents();
    let ran = env.run(["sync", "--json"].iter().chain(args));
    assert_eq!(ran.code, Some(0), "{place}: {}", ran.all());
    assert_same(&env.both_sides(), expected, &place);
    let before = env.brand();
    env.forget_requests();
    env.sync();
    assert_eq!(env.writes(), Vec::<String>::new(), "{place}");
    assert_eq!(env.brand(), before, "{place}");
    // A mail may be lost with the run that was about to send it, but nobody gets it twice.
    let mails = env.mails();
    assert!(mails.values().all(|sent| *sent == 1), "{place}: {mails:?}");
    true
}

/// Fails with the first person who is not the same.
#[track_caller]
fn assert_same(shown: &People, expected: &People, place: &str) {
    for name in shown.keys().chain(expected.keys()) {
        assert_eq!(shown.get(name), expected.get(name), "{place}: {name}");
    }
}

/// Waits until the run stands still and kills it; false if it ended before it got there.
fn reached(hold: &Hold, mut run: Running) -> bool {
    let began = std::time::Instant::now();
    loop {
        if hold.wait_reached(std::time::Duration::from_millis(50)) {
            run.kill();
            return true;
        }
        if run.child().try_wait().unwrap().is_some() {
            return false;
        }
        assert!(began.elapsed() < PATIENCE, "neither held nor ended");
    }
}

fn at_every_boundary(scenario: fn() -> Env, args: &'static [&'static str]) {
    let (expected, requests) = undisturbed(scenario, args);
    let points: Vec<(usize, Phase)> = (1..=requests)
        .flat_map(|n| [(n, Phase::Before), (n, Phase::After)])
        .collect();
    let killed = AtomicUsize::new(0);
    each(&points, |(n, phase)| {
        let reached = killed_at(scenario, args, *n, *phase, &expected);
        killed.fetch_add(usize::from(reached), Ordering::Relaxed);
    });
    let killed = killed.into_inner();
    assert!(
        killed * 10 >= points.len() * 9,
        "only {killed} of {} boundaries were reached",
        points.len()
    );
}

#[test]
fn a_first_run_may_be_killed_at_every_request() {
    at_every_boundary(first_run, &[]);
}

#[test]
fn a_later_run_may_be_killed_at_every_request() {
    at_every_boundary(later_run, &[]);
}

#[test]
fn a_full_run_with_deletions_may_be_killed_at_every_request() {
    at_every_boundary(later_run, &["--full"]);
}

#[test]
fn a_two_way_run_may_be_killed_at_every_request() {
    at_every_boundary(two_way_run, &[]);
}

#[test]
fn a_full_two_way_run_may_be_killed_at_every_request() {
    at_every_boundary(two_way_run, &["--full"]);
}

/// Kills a command at every request, before and after the service acted. `begin` makes the world and
/// says what to run, `end` finishes and looks.
fn command_at_every_boundary(
    begin: impl Fn() -> (Env, Vec<String>) + Sync,
    end: impl Fn(&Env, &[String], &str) + Sync,
) {
    let (env, args) = begin();
    env.forget_requests();
    env.run(&args).expect(0);
    let requests = env.sandbox.requests().len();
    assert!(!env.writes().is_empty());
    end(&env, &args, "not killed");
    let points: Vec<(usize, Phase)> = (1..=requests)
        .flat_map(|n| [(n, Phase::Before), (n, Phase::After)])
        .collect();
    let killed = AtomicUsize::new(0);
    each(&points, |(n, phase)| {
        let (env, args) = begin();
        let hold = env.sandbox.hold_at(*n, *phase);
        if !reached(&hold, env.start(&args)) {
            return;
        }
        hold.release();
        killed.fetch_add(1, Ordering::Relaxed);
        env.age_intents();
        end(&env, &args, &format!("killed at request {n}, {phase:?}"));
    });
    let killed = killed.into_inner();
    assert!(
        killed * 10 >= points.len() * 9,
        "only {killed} of {}",
        points.len()
    );
}

#[test]
fn an_applied_plan_may_be_killed_at_every_request() {
    let (expected, _) = undisturbed(two_way_run, &[]);
    let begin = || {
        let env = two_way_run();
        env.run(["sync", "--plan-out", "plan.json"]).expect(0);
        let args = ["sync", "--apply", "plan.json"].map(str::to_owned);
        (env, args.to_vec())
    };
    // The rest is the next run's.
    command_at_every_boundary(begin, |env, _, place| {
        let ran = env.run(["sync", "--json"]);
        assert_eq!(ran.code, Some(0), "{place}: {}", ran.all());
        assert_same(&env.both_sides(), &expected, place);
        env.assert_settled();
        let mails = env.mails();
        assert!(mails.values().all(|sent| *sent == 1), "{place}: {mails:?}");
    });
}

#[test]
fn an_undo_may_be_killed_at_every_request() {
    let begin = || {
        let env = two_way_run();
        let run = env.sync()["run_id"].as_str().unwrap().to_owned();
        let args = ["runs", "undo", &run, "--yes"].map(str::to_owned);
        (env, args.to_vec())
    };
    let (env, args) = begin();
    env.run(&args).expect(0);
    let expected = env.both_sides();
    command_at_every_boundary(begin, |env, args, place| {
        // Once more does the rest, and finds what was done.
        let ran = env.run(args);
        assert_eq!(ran.code, Some(0), "{place}: {}", ran.all());
        assert_same(&env.both_sides(), &expected, place);
    });
}

#[test]
fn a_run_may_be_killed_again_and_again() {
    let (expected, requests) = undisturbed(first_run, &[]);
    let env = first_run();
    // Each run gets one request further than the one before; those that finish end it.
    for n in 1..=requests {
        let hold = env.sandbox.hold_at(n, Phase::After);
        let run = env.start(["sync"]);
        if !reached(&hold, run) {
            break;
        }
        hold.release();
        env.age_intents();
    }
    env.sync();
    assert_eq!(env.both_sides(), expected);
    env.assert_settled();
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_run_in_good_order() {
    let (expected, requests) = undisturbed(first_run, &[]);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        for n in [1, requests / 2, requests - 1] {
            let env = first_run();
            let (run, hold) = env.sync_held(n, Phase::After);
            run.signal(signal);
            // What is in flight is finished before the end: the answer still arrives.
            hold.release();
            let ran = run.wait();
            ran.expect(code);
            assert_eq!(ran.error()["code"], "interrupted", "{}", ran.stderr);
            env.sync();
            assert_eq!(env.both_sides(), expected, "{signal} at {n}");
            env.assert_settled();
        }
    }
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_it_at_once() {
    let (expected, _) = undisturbed(first_run, &[]);
    let env = first_run();
    // The held answer never comes while the program is asked twice.
    let (run, hold) = env.sync_held(6, Phase::After);
    run.signal("INT");
    let mut run = run;
    let began = std::time::Instant::now();
    while run.child().try_wait().unwrap().is_none() {
        // Two signals at one moment are one to the kernel, so they are repeated until it ends.
        run.signal("INT");
        thread::yield_now();
        assert!(began.elapsed() < PATIENCE, "it ignores signals");
    }
    run.wait().expect(130);
    hold.release();
    env.sync();
    assert_eq!(env.both_sides(), expected);
    env.assert_settled();
}
