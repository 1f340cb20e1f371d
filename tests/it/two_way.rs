//! What a two-way sync costs, what it leaves alone, and the conversation about conflicts. What single
//! edits lead to is told by `scenarios`, what trouble leads to by `kill` and `quirks`.

use serde_json::{Value, json};

use crate::env::{Env, PROFILE, empty, keys};

/// Everything both ways; conflicts are held.
fn both() -> String {
    PROFILE.replace(
        "[filter]",
        "[sync]\ndirection = \"both\"\ncreate_in_ghl = true\nconflict = \"hold\"\n\n\
         [consent]\nto_ghl = true\n\n[filter]",
    )
}

/// So many people in step, made long ago.
fn in_step(people: usize) -> Env {
    let env = Env::new(empty());
    env.profile(&both());
    for n in 0..people {
        env.ghl_contact(
            json!({"firstName": format!("P{n}"), "email": format!("p{n}@example.com")}),
        );
    }
    env.sync();
    env.admin("POST", "/advance", json!({"seconds": 86_000}));
    // The window of this one still has all of them in it.
    env.sync();
    env
}

fn record(env: &Env, n: usize) -> String {
    let id = &env.person(&format!("p{n}@example.com"))["id"];
    id.as_str().unwrap().to_owned()
}

fn rename(env: &Env, n: usize, name: &str) {
    let person = env.person(&format!("p{n}@example.com"));
    let mut values = person["field_values"].as_array().unwrap().clone();
    values.retain(|one| one["name"] != "FIRST_NAME");
    values.push(json!({"name": "FIRST_NAME", "string": name}));
    env.edit_bm(&record(env, n), json!({"field_values": values}));
}

#[test]
fn a_run_costs_the_listing_the_changes_and_a_handful() {
    let env = in_step(250);
    let listing = 3;
    env.forget_requests();
    env.sync();
    let idle = env.sandbox.requests().len();
    assert!(idle <= listing + 8, "{idle} calls for nothing");
    for changed in [1, 10] {
        for n in 0..changed {
            rename(&env, n, &format!("New{changed}-{n}"));
        }
        env.forget_requests();
        let document = env.sync();
        assert_eq!(document["ghl"]["updated"], changed);
        let calls = env.sandbox.requests().len();
        // Each change is a look at the contact as it is now, and the write.
        let most = listing + 2 * changed + 8;
        assert!(calls <= most, "{calls} calls for {changed} changes");
        env.assert_settled();
    }
    let too_many = env.admin("GET", "/requests", Value::Null)["too_many_requests"].clone();
    assert_eq!(too_many, 0);
}

#[test]
fn a_dry_run_writes_nothing_anywhere() {
    let env = in_step(3);
    rename(&env, 0, "New");
    env.bm_contact(json!({"email": "stranger@example.com", "field_values": [
        {"name": "FIRST_NAME", "string": "S"}]}));
    env.edit_bm(&record(&env, 1), json!({"unsubscribe_all": true}));
    let before = (env.both_sides(), std::fs::read(env.state_file()).unwrap());
    env.forget_requests();
    let ran = env.run(["sync", "--dry-run", "--exit-code"]);
    ran.expect(20);
    for line in [
        "create [..]",
        "do not disturb",
        "set firstName",
        "Nothing was written.",
    ] {
        let line = line.replace(" [..]", "");
        assert!(ran.stdout.contains(&line), "{line}: {}", ran.stdout);
    }
    assert_eq!(env.writes(), Vec::<String>::new());
    let after = (env.both_sides(), std::fs::read(env.state_file()).unwrap());
    assert!(before == after, "a dry run left traces");
    env.sync();
    env.assert_settled();
}

/// One conflict about a first name.
fn in_conflict() -> Env {
    let env = in_step(2);
    rename(&env, 0, "There");
    env.edit_ghl(&env.ghl_id("p0@example.com"), json!({"firstName": "Here"}));
    let ran = env.run(["sync"]);
    ran.expect(8);
    ran.says(&["conflicts list"]);
    assert!(ran.stdout.contains("held for a person"), "{}", ran.stdout);
    env
}

#[test]
fn conflicts_are_listed_and_resolved_by_whichever_name() {
    for by in ["address", "ghl", "bigmailer"] {
        let env = in_conflict();
        let ghl_id = env.ghl_id("p0@example.com");
        let bm_id = record(&env, 0);
        let listed = env.run(["conflicts", "list", "--json"]);
        listed.expect(0);
        let document = listed.json();
        assert_eq!(
            keys(&document),
            [
                "command",
                "conflicts",
                "conflicts[].bigmailer",
                "conflicts[].bigmailer_id",
                "conflicts[].field",
                "conflicts[].ghl",
                "conflicts[].ghl_id",
                "conflicts[].reason",
                "conflicts[].since",
                "conflicts[].take",
                "profile",
                "schema_version"
            ]
        );
        let one = &document["conflicts"][0];
        assert_eq!(
            (&one["ghl_id"], &one["bigmailer_id"], &one["field"]),
            (&json!(ghl_id), &json!(bm_id), &json!("FIRST_NAME"))
        );
        assert_eq!(
            (&one["ghl"], &one["bigmailer"]),
            (&json!("Here"), &json!("There"))
        );
        assert_eq!(one["take"], Value::Null);
        let text = env.run(["conflicts", "list"]);
        text.expect(0);
        assert!(text.stdout.contains("Here") && text.stdout.contains("There"));
        text.says(&["conflicts resolve"]);

        let who = match by {
            "address" => "P0@Example.com",
            "ghl" => &ghl_id,
            _ => &bm_id,
        };
        env.forget_requests();
        let said = env.run(["conflicts", "resolve", who, "--take", "bigmailer", "--json"]);
        said.expect(0);
        assert_eq!(said.json()["conflicts"][0]["take"], "bigmailer");
        assert!(
            env.sandbox.requests().is_empty(),
            "it is the sync that writes"
        );
        let text = env.run(["conflicts", "list"]);
        assert!(
            text.stdout.contains("next sync takes BigMailer's"),
            "{}",
            text.stdout
        );
        env.sync();
        env.assert_settled();
        let both = env.both_sides();
        assert_eq!(both["ghl p0@example.com"]["firstName"], "There");
        let empty = env.run(["conflicts", "list", "--json"]);
        assert_eq!(empty.json()["conflicts"], json!([]));
        env.run(["conflicts", "list"]).says(&["nothing waits"]);
    }
}

#[test]
fn what_cannot_be_resolved_is_said() {
    let env = in_conflict();
    for (args, code, part) in [
        ("nobody@example.com --take ghl", 1, "nothing waits of"),
        (
            "p0@example.com --field CITY --take ghl",
            1,
            "what waits: FIRST_NAME",
        ),
        ("p0@example.com", 2, "--take"),
    ] {
        let words = ["conflicts", "resolve"].into_iter().chain(args.split(' '));
        let ran = env.run(words);
        ran.expect(code);
        ran.says(&[part]);
    }
    let ran = env.run(["conflicts", "resolve", "p0@example.com", "--take", ""]);
    ran.expect(2);
    // Another run of the profile goes first.
    let (run, hold) = env.sync_held(1, ghl_bm::sandbox::Phase::Before);
    let ran = env.run(["conflicts", "resolve", "p0@example.com", "--take", "ghl"]);
    ran.expect(9);
    hold.release();
    run.wait().expect(8);
    // Without any state there is nothing that could wait.
    std::fs::remove_file(env.state_file()).unwrap();
    env.run(["conflicts", "list"]).expect(0);
    env.run(["conflicts", "resolve", "p0@example.com", "--take", "ghl"])
        .expect(1);
}

#[test]
fn a_profile_that_does_not_fit_is_refused_before_anything_is_written() {
    let env = in_step(1);
    env.forget_requests();
    for (rules, part) in [
        (
            "[[send]]\non = \"contact.new\"\ncampaign = \"5a4dbe11-ca39-4000-8000-999999999999\"\nenabled = true\n",
            "no transactional campaign",
        ),
        (
            "[[note]]\nbigmailer = \"NO_SUCH_FIELD\"\n",
            "no field with the merge tag NO_SUCH_FIELD",
        ),
    ] {
        env.profile(&format!("{}\n{rules}", both()));
        let ran = env.run(["sync"]);
        ran.expect(11);
        ran.says(&[part]);
    }
    assert_eq!(env.writes(), Vec::<String>::new());
}
