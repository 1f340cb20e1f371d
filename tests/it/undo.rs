//! `runs undo` over the binary.

use serde_json::json;

use crate::env::{Env, empty, field, on_list};

/// Two people in step, then a run that renamed one, opted one out and made a third. Its id.
fn ran() -> (Env, String) {
    let env = Env::new(empty());
    for name in ["ada", "bob"] {
        env.ghl_contact(json!({"firstName": name, "companyName": "Ltd",
            "email": format!("{name}@example.com"), "tags": ["newsletter"]}));
    }
    env.sync();
    let ada = env.ghl_id("ada@example.com");
    env.edit_ghl(
        &ada,
        json!({"firstName": "Augusta", "companyName": "", "tags": ["customer"],
        "email": "augusta@example.com"}),
    );
    env.edit_ghl(&env.ghl_id("bob@example.com"), json!({"dnd": true}));
    env.ghl_contact(json!({"firstName": "cleo", "email": "cleo@example.com"}));
    let document = env.sync();
    env.forget_requests();
    (env, document["run_id"].as_str().unwrap().to_owned())
}

#[test]
fn a_run_is_undone_and_the_undo_too() {
    let (env, run) = ran();
    let after = env.people();
    let dry = env.run(["runs", "undo", &run, "--dry-run"]);
    dry.expect(0);
    for part in [
        "would be put back",
        "set COMPANY FIRST_NAME",
        "opted out by the run, stay",
        "Nothing was written.",
    ] {
        assert!(dry.stdout.contains(part), "{part}: {}", dry.stdout);
    }
    assert_eq!(env.writes(), Vec::<String>::new());

    let ran = env.run(["runs", "undo", &run, "--json"]);
    ran.expect(0);
    let undone = ran.json();
    assert_eq!(undone["undoes"], run.as_str());
    assert_eq!(
        undone["contacts"],
        json!({"total": 1, "restored": 1, "partly": 0, "already": 0,
        "changed_since": 0, "failed": 0})
    );
    assert_eq!(
        undone["stay"],
        json!({"created": 1, "deleted": 0, "opt_outs": 1})
    );
    let ada = env.person("ada@example.com");
    assert_eq!(field(&ada, "FIRST_NAME"), "ada");
    assert_eq!(field(&ada, "COMPANY"), "Ltd");
    assert!(on_list(&ada, &env.list_id("Newsletter")));
    assert!(!on_list(&ada, &env.list_id("Customers")));
    assert_eq!(env.person("bob@example.com")["unsubscribe_all"], true);
    env.person("cleo@example.com");

    // It is a run: listed, and undone like any other.
    let listed = env.run(["runs", "list", "--json"]).json();
    assert_eq!(listed["runs"][0]["mode"], "undo");
    let undo = undone["run_id"].as_str().unwrap();
    env.run(["runs", "undo", undo]).expect(0);
    assert_eq!(env.people(), after);
    env.assert_settled();
}

#[test]
fn what_was_changed_since_is_left_and_named() {
    let (env, run) = ran();
    let ada = env.person("augusta@example.com");
    let id = ada["id"].as_str().unwrap();
    env.edit_bm(
        id,
        json!({"field_values": [{"name": "FIRST_NAME", "string": "Hand"}]}),
    );
    let ran = env.run(["runs", "undo", &run, "--json"]);
    ran.expect(0);
    let document = ran.json();
    assert_eq!(document["contacts"]["partly"], 1, "{document}");
    assert_eq!(document["problems"][0]["reason"], "changed_since");
    let ada = env.person("ada@example.com");
    assert_eq!(field(&ada, "FIRST_NAME"), "Hand");
}

#[test]
fn undoing_has_its_limits() {
    let (env, run) = ran();
    let ran = env.run(["runs", "undo", "20200101T000000-0000"]);
    ran.expect(1);
    ran.says(&["there is no run", "runs list"]);
    // A dry run is no run.
    env.run(["runs", "undo", &run, "--dry-run"]).expect(0);
    let listed = env.run(["runs", "list", "--json"]).json();
    assert_eq!(listed["runs"].as_array().unwrap().len(), 2);
    // Nor does anything run beside another run.
    let hold = env.sandbox.hold_at(1, ghl_bm::sandbox::Phase::Before);
    let first = env.start(["runs", "undo", &run]);
    assert!(hold.wait_reached(crate::env::PATIENCE));
    env.run(["runs", "undo", &run]).expect(9);
    hold.release();
    first.wait().expect(0);
}
