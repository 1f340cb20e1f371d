//! `explain`: one person told whole, over the binary.

use serde_json::{Value, json};

use crate::env::{Env, empty, keys};

fn world() -> Env {
    let env = Env::new(empty());
    for name in ["ada", "bob", "cleo"] {
        env.ghl_contact(
            json!({"firstName": name, "email": format!("{name}@example.com"),
            "tags": ["customer"]}),
        );
    }
    env.sync();
    env.forget_requests();
    env
}

fn explain(env: &Env, word: &str) -> Value {
    let ran = env.run(["explain", word, "--json"]);
    ran.expect(0);
    assert_eq!(env.writes(), Vec::<String>::new());
    let document = ran.json();
    assert_eq!(document["command"], "explain");
    assert_eq!(
        document["people"].as_array().unwrap().len(),
        1,
        "{document}"
    );
    document["people"][0].clone()
}

fn field<'a>(person: &'a Value, tag: &str) -> &'a Value {
    let fields = person["fields"].as_array().unwrap();
    fields.iter().find(|f| f["merge_tag"] == tag).unwrap()
}

#[test]
fn somebody_in_step_is_told_with_values_and_last_write() {
    let env = world();
    let ghl_id = env.ghl_id("ada@example.com");
    let bm_id = env.person("ada@example.com")["id"].clone();
    let bm_id = bm_id.as_str().unwrap();
    let run = env.run(["runs", "list", "--jq", ".runs[0].run_id"]).stdout;
    let before = std::fs::read(env.state_file()).unwrap();
    for word in ["ada@example.com", " Ada@Example.com", &ghl_id, bm_id] {
        let ada = explain(&env, word);
        assert_eq!(ada["status"], "in_step", "{ada}");
        assert_eq!(
            (&ada["ghl_id"], &ada["bigmailer_id"]),
            (&json!(ghl_id), &json!(bm_id))
        );
        assert_eq!(ada["linked"], true);
        let name = field(&ada, "FIRST_NAME");
        assert_eq!(
            (&name["ghl"], &name["bigmailer"], &name["base"]),
            (&json!("ada"), &json!("ada"), &json!("ada"))
        );
        assert_eq!(name["last_write"]["run_id"], run.trim());
        assert!(name["last_write"]["at"].is_string());
        assert_eq!(ada["next"], json!([]));
        let lists = ada["lists"].as_array().unwrap();
        assert!(
            lists
                .iter()
                .any(|l| l["ghl"] == true && l["bigmailer"] == true)
        );
    }
    assert_eq!(std::fs::read(env.state_file()).unwrap(), before);
}

#[test]
fn what_the_next_run_would_do_is_told_and_then_done() {
    let env = world();
    let id = env.ghl_id("ada@example.com");
    env.edit_ghl(
        &id,
        json!({"firstName": "Augusta", "tags": [], "dnd": true}),
    );
    let ada = explain(&env, "ada@example.com");
    assert_eq!(ada["status"], "to_be_written");
    let name = field(&ada, "FIRST_NAME");
    assert_eq!(
        (&name["ghl"], &name["bigmailer"]),
        (&json!("Augusta"), &json!("ada"))
    );
    let next = &ada["next"][0];
    assert_eq!(next["to"], "bigmailer");
    assert_eq!(next["set"], json!({"FIRST_NAME": "Augusta"}));
    assert_eq!(next["leave"], json!([env.list_id("Customers")]));
    assert_eq!(next["opt_out"], "dnd");
    let text = env.run(["explain", &id]);
    text.expect(0);
    for part in [
        "FIRST_NAME →",
        "Augusta",
        "leave Customers",
        "unsubscribe",
        "do not disturb",
    ] {
        assert!(text.stdout.contains(part), "{part}: {}", text.stdout);
    }
    env.sync();
    env.forget_requests();
    let ada = explain(&env, &id);
    assert_eq!(ada["status"], "in_step");
    assert_eq!(ada["history"][0]["do"], "update");
    let changed: Vec<&str> = ada["history"][0]["changed"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        changed.contains(&"FIRST_NAME") && changed.contains(&"consent"),
        "{changed:?}"
    );
    assert_eq!(ada["consent"]["bigmailer"], "unsubscribed");
}

#[test]
fn whoever_is_left_out_is_told_why() {
    let env = world();
    let reason = |word: &str, status: &str, reason: Value, say: &str| {
        let person = explain(&env, word);
        assert_eq!(
            (&person["status"], &person["reason"]),
            (&json!(status), &reason),
            "{person}"
        );
        let because = person["because"].as_str().unwrap();
        assert!(because.contains(say), "{because}");
    };
    env.ghl_contact(json!({"firstName": "Eve", "email": "eve@example.com", "tags": ["internal"]}));
    reason("eve@example.com", "skipped", json!("filtered"), "[filter]");
    let nobody = env.ghl_contact(json!({"firstName": "No", "phone": "+15550100"}));
    reason(&nobody, "skipped", json!("no_email"), "no e-mail address");
    let there = env.bm_contact(json!({"email": "stranger@example.com"}));
    reason(
        "stranger@example.com",
        "only_in_bigmailer",
        Value::Null,
        "does not know",
    );
    reason(&there, "only_in_bigmailer", Value::Null, "does not know");

    // Deleted in BigMailer: known as such before and after a run has noticed.
    let id = env.person("bob@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.admin("DELETE", &format!("/bigmailer/contacts/{id}"), Value::Null);
    reason(
        "bob@example.com",
        "skipped",
        json!("deleted_in_bigmailer"),
        "never makes it again",
    );
    env.run(["sync", "--full"]).expect(0);
    env.forget_requests();
    reason(
        "bob@example.com",
        "skipped",
        json!("deleted_in_bigmailer"),
        "never makes it again",
    );

    // Deleted in HighLevel.
    let id = env.ghl_id("cleo@example.com");
    env.admin("DELETE", &format!("/ghl/contacts/{id}"), Value::Null);
    reason(
        "cleo@example.com",
        "gone_from_ghl",
        json!("not_found"),
        "deleted in HighLevel",
    );

    let ran = env.run(["explain", "nobody@example.com"]);
    ran.expect(1);
    ran.says(&["neither service knows"]);
}

#[test]
fn all_who_share_an_address_are_told() {
    let env = world();
    env.ghl_contact(json!({"firstName": "Twin", "email": "ada@example.com"}));
    env.run(["sync"]).expect(0);
    let document = env.run(["explain", "ada@example.com", "--json"]).json();
    let people = document["people"].as_array().unwrap();
    let mut found: Vec<&str> = people.iter().filter_map(|p| p["status"].as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ["in_step", "skipped"]);
    let twin = people.iter().find(|p| p["status"] == "skipped").unwrap();
    assert_eq!(twin["reason"], "duplicate_email");
}

#[test]
fn the_document_has_the_documented_keys() {
    let env = world();
    let document = env.run(["explain", "ada@example.com", "--json"]).json();
    let documented = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md"),
    )
    .unwrap();
    let section = documented.split("\n## explain\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    for key in keys(&document) {
        let name = key.rsplit('.').next().unwrap().trim_end_matches("[]");
        assert!(section.contains(name), "docs/json.md does not name {key}");
    }
}
