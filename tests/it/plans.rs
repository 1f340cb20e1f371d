//! Plans in files: `sync --plan-out` and `sync --apply`, over the binary.

use serde_json::{Value, json};

use crate::env::{Env, empty, field};

/// Three people in step; one renamed since, one new.
fn changed() -> Env {
    let env = Env::new(empty());
    for name in ["ada", "bob", "cleo"] {
        env.ghl_contact(json!({"firstName": name, "email": format!("{name}@example.com")}));
    }
    env.sync();
    rename(&env, "ada", "Augusta");
    env.ghl_contact(json!({"firstName": "Dan", "email": "dan@example.com", "tags": ["customer"]}));
    env.forget_requests();
    env
}

fn rename(env: &Env, who: &str, name: &str) {
    let id = env.ghl_id(&format!("{who}@example.com"));
    env.edit_ghl(&id, json!({"firstName": name}));
}

fn plan_text(env: &Env) -> String {
    std::fs::read_to_string(env.root.path().join("plan.json")).unwrap()
}

fn state_bytes(env: &Env) -> Vec<u8> {
    std::fs::read(env.state_file()).unwrap()
}

#[test]
fn a_plan_is_saved_and_carried_out() {
    let env = changed();
    let before = state_bytes(&env);
    let ran = env.run(["sync", "--plan-out", "plan.json"]);
    ran.expect(0);
    assert!(
        ran.stdout.contains("Nothing was written."),
        "{}",
        ran.stdout
    );
    ran.says(&[
        "the plan for 2 people is in plan.json",
        "sync --apply plan.json",
    ]);
    assert_eq!(env.writes(), Vec::<String>::new());
    assert_eq!(state_bytes(&env), before);

    let plan: Value = serde_json::from_str(&plan_text(&env)).unwrap();
    assert_eq!(plan["ghl_bm_plan"], 1);
    assert_eq!(plan["profile"], "default");
    assert_eq!(plan["location_id"], env.sandbox.location_id());
    assert_eq!(plan["brand_id"], env.sandbox.brand_id());
    let people = plan["people"].as_array().unwrap();
    let ada = people
        .iter()
        .find(|p| p["ghl_id"] == env.ghl_id("ada@example.com"))
        .unwrap();
    assert_eq!(ada["read"]["ghl"]["fields"]["FIRST_NAME"], "Augusta");
    assert_eq!(ada["read"]["bigmailer"]["fields"]["FIRST_NAME"], "ada");
    assert_eq!(
        ada["write"],
        json!([{"to": "bigmailer", "do": "update", "set": {"FIRST_NAME": "Augusta"}}])
    );

    let ran = env.run(["sync", "--json", "--apply", "plan.json"]);
    ran.expect(0);
    let document = ran.json();
    assert_eq!(document["people"]["created"], 1);
    assert_eq!(document["people"]["updated"], 1);
    assert_eq!(document["people"]["total"], 2);
    assert_eq!(
        field(&env.person("ada@example.com"), "FIRST_NAME"),
        "Augusta"
    );
    env.person("dan@example.com");

    // A second time it is about people who have changed: by its own first application.
    env.forget_requests();
    let ran = env.run(["sync", "--json", "--apply", "plan.json"]);
    ran.expect(7);
    assert_eq!(ran.error()["code"], "plan_stale");
    assert_eq!(env.writes(), Vec::<String>::new());
    env.assert_settled();
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_a_plan() {
    use std::os::unix::fs::PermissionsExt;
    let env = changed();
    // One that was there is replaced, whoever could read it.
    let path = env.root.path().join("plan.json");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    env.run(["sync", "--plan-out", "plan.json"]).expect(0);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(plan_text(&env).ends_with("]}\n"));
}

#[test]
fn whoever_has_changed_since_is_named() {
    let env = changed();
    env.run(["sync", "--plan-out", "plan.json"]).expect(0);
    rename(&env, "ada", "Ada");
    let id = env.ghl_id("ada@example.com");
    let ran = env.run(["sync", "--apply", "plan.json"]);
    ran.expect(7);
    ran.says(&[
        "1 of the 2 people",
        "nothing was written",
        "--allow-partial",
    ]);
    assert!(
        ran.stdout.contains(&format!("{id}: has changed since")),
        "{}",
        ran.stdout
    );
    assert_eq!(env.writes(), Vec::<String>::new());

    let ran = env.run(["sync", "--json", "--apply", "plan.json", "--allow-partial"]);
    ran.expect(3);
    let document = ran.json();
    assert_eq!(document["people"]["failed"], 1);
    assert_eq!(document["problems"][0]["reason"], "moved");
    assert_eq!(document["problems"][0]["ghl_id"], json!(id));
    env.person("dan@example.com");
    env.sync();
    assert_eq!(field(&env.person("ada@example.com"), "FIRST_NAME"), "Ada");
    env.assert_settled();
}

#[test]
fn an_edit_in_bigmailer_counts_too() {
    let env = changed();
    env.run(["sync", "--plan-out", "plan.json"]).expect(0);
    let there = env.person("ada@example.com");
    env.edit_bm(
        there["id"].as_str().unwrap(),
        json!({"unsubscribe_all": true}),
    );
    env.run(["sync", "--apply", "plan.json"]).expect(7);
    assert_eq!(env.writes(), Vec::<String>::new());
}

#[test]
fn a_plan_belongs_to_its_profile() {
    let env = changed();
    env.run(["sync", "--plan-out", "plan.json"]).expect(0);
    let apply = |say: &str| {
        let ran = env.run(["sync", "--apply", "plan.json"]);
        ran.expect(11);
        ran.says(&[say, "--plan-out"]);
        assert_eq!(env.writes(), Vec::<String>::new());
    };
    let good = plan_text(&env);
    let write = |text: &str| std::fs::write(env.root.path().join("plan.json"), text).unwrap();
    write(&good[..good.len() / 2]);
    apply("not a whole plan");
    write("{}");
    apply("no plan of ghl-bm");
    write(&good.replace("\"ghl_bm_plan\":1", "\"ghl_bm_plan\":9"));
    apply("another version");
    write(&good.replace(env.sandbox.brand_id(), "somebody-elses"));
    apply("made for the brand");
    write(&good);
    let text = std::fs::read_to_string(env.profile_file()).unwrap();
    std::fs::write(
        env.profile_file(),
        text.replace("\"LAST_NAME\"", "\"COMPANY_2\""),
    )
    .unwrap();
    apply("has changed since");
    let ran = env.run(["sync", "--apply", "missing.json"]);
    ran.expect(11);
    ran.says(&["missing.json"]);
}

#[test]
fn what_makes_no_sense_together_is_wrong_usage() {
    let env = Env::new(empty());
    for args in [
        &["--plan-out", "a", "--apply", "b"][..],
        &["--apply", "b", "--full"],
        &["--apply", "b", "--only", "x@example.com"],
        &["--allow-partial"],
        &["--exit-code"],
        &["--plan-out", "a", "--rebuild-state"],
    ] {
        env.run(["sync"].iter().chain(args)).expect(2);
    }
    let ran = env.run(["sync", "--plan-out", "nowhere/plan.json"]);
    ran.expect(1);
    ran.says(&["nowhere/plan.json"]);
    assert!(env.sandbox.requests().is_empty(), "before the first call");
    // Both together, and with what they imply.
    env.run(["sync", "--dry-run", "--plan-out", "plan.json"])
        .expect(0);
}

#[test]
fn a_plan_that_a_brake_stops_is_saved_all_the_same() {
    let env = changed();
    let text = std::fs::read_to_string(env.profile_file()).unwrap();
    let limits = "[limits]\nmax_deletes = 0\nmax_changes = 0";
    std::fs::write(env.profile_file(), text.replace("[limits]", limits)).unwrap();
    for n in 0..30 {
        env.ghl_contact(json!({"firstName": "x", "email": format!("x{n}@example.com")}));
    }
    env.run(["sync", "--yes"]).expect(0);
    for n in 0..30 {
        rename(&env, &format!("x{n}"), "y");
    }
    env.run(["sync", "--plan-out", "plan.json"]).expect(7);
    env.forget_requests();
    env.run(["sync", "--apply", "plan.json"]).expect(7);
    assert_eq!(env.writes(), Vec::<String>::new());
    env.run(["sync", "--apply", "plan.json", "--yes"]).expect(0);
    assert_eq!(field(&env.person("x7@example.com"), "FIRST_NAME"), "y");
    env.assert_settled();
}
