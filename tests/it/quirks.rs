//! Behaviours that the vendors leave open, set either way: people end up the same, the second run
//! writes nothing, and no opt-out is lost.

use std::collections::BTreeMap;

use ghl_bm::sandbox::{Options, Quirks};
use serde_json::{Value, json};

use crate::auth;
use crate::env::{Env, PROFILE, each, empty, quick};

/// Every value that is not the default, and combinations that belong together.
const WORLDS: [&[&str]; 27] = [
    &[],
    &["page-cap=100"],
    &["page-cap=refuse-over-100"],
    &["page-total=capped"],
    &["page-total=absent"],
    &["raw-names=absent"],
    &["search-dnd=absent"],
    &["search-names=as-is"],
    &["tie-order=reversed"],
    &["upsert=replace"],
    &["omitted-unsubscribe=resubscribe"],
    &["bad-item=whole"],
    &["email-case=sensitive"],
    &["unknown-field=create"],
    &["unknown-field=ignore"],
    &["remove-value=match"],
    &["all-list=present"],
    &["rcs=present"],
    &["not-found=404"],
    // What counts where HighLevel is written.
    &[
        "dnd-siblings=wipe",
        "related-writes=touch-contact",
        "put-company=refuse",
        "create-answer=refused-though-done",
        "clearing=null-ignored",
        "duplicate-lag=like-search",
        "bare-create=refuse",
        "note-order=oldest",
        "opportunity-order=oldest",
        "taken-address=accept",
        "tag-changes=present",
        "unknown-custom-field=refuse",
    ],
    &["clearing=null-rejected", "search-dnd=absent", "rcs=present"],
    // The worst of HighLevel, the worst of BigMailer, the worst of all.
    &[
        "page-cap=100",
        "page-total=absent",
        "raw-names=absent",
        "search-dnd=absent",
        "tie-order=reversed",
    ],
    &[
        "page-cap=refuse-over-100",
        "page-total=capped",
        "search-dnd=absent",
        "search-names=as-is",
    ],
    &[
        "upsert=replace",
        "omitted-unsubscribe=resubscribe",
        "bad-item=whole",
    ],
    &[
        "upsert=replace",
        "omitted-unsubscribe=resubscribe",
        "unknown-field=ignore",
        "remove-value=match",
        "all-list=present",
    ],
    &[
        "email-case=sensitive",
        "upsert=replace",
        "omitted-unsubscribe=resubscribe",
        "all-list=present",
    ],
    &[
        "page-cap=100",
        "page-total=absent",
        "raw-names=absent",
        "search-dnd=absent",
        "tie-order=reversed",
        "upsert=replace",
        "omitted-unsubscribe=resubscribe",
        "bad-item=whole",
        "remove-value=match",
        "all-list=present",
    ],
];

fn world(quirks: &[&str]) -> Env {
    let mut set = Quirks::default();
    for quirk in quirks {
        set.set(quirk).unwrap();
    }
    Env::new(Options {
        contacts: 130,
        quirks: set,
        ..quick()
    })
}

/// A first run, edits of every kind, a later run and a full one; what the people are afterwards.
fn scenario(quirks: &[&str]) -> [BTreeMap<String, Value>; 2] {
    let env = world(quirks);
    let out: Vec<String> = opted_out(&env);
    env.sync();
    env.assert_settled();
    let first = env.people();

    let id = |email: &str| env.ghl_id(email);
    env.edit_ghl(
        &id("isil@example.com"),
        json!({"firstName": "Ayşe", "companyName": "Yıldız"}),
    );
    env.edit_ghl(&id("linus+news@example.org"), json!({"tags": ["customer"]}));
    env.edit_ghl(
        &id("tie1@example.com"),
        json!({"email": "Tie.First@example.com"}),
    );
    env.edit_ghl(&id("tie2@example.com"), json!({"dnd": true}));
    env.edit_ghl(&id("o'brien@example.com"), json!({"companyName": ""}));
    env.ghl_contact(json!({"id": "NewComer000000000001", "firstName": "New", "email": "New.Comer@example.com", "dnd": true}));
    env.ghl_contact(
        json!({"id": "NewComer000000000002", "firstName": "Also", "email": "also.new@example.com", "tags": ["newsletter"]}),
    );
    let party = env.person("party@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.edit_bm(&party, json!({"unsubscribe_all": true}));
    env.sync();
    env.assert_settled();
    env.forget_requests();
    env.sync_with(&["--full"]);
    assert_eq!(env.writes(), Vec::<String>::new(), "{quirks:?}");
    let people = env.people();
    for email in out.iter().map(String::as_str).chain([
        "party@example.com",
        "tie2@example.com",
        "new.comer@example.com",
    ]) {
        let person = people
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(email))
            .unwrap_or_else(|| panic!("{quirks:?}: {email} is gone"));
        assert_eq!(person.1["unsubscribe_all"], true, "{quirks:?}: {email}");
    }
    [first, people]
}

fn opted_out(env: &Env) -> Vec<String> {
    env.brand()
        .into_iter()
        .filter(|(_, person)| person["unsubscribe_all"] == true)
        .map(|(email, _)| email)
        .collect()
}

#[test]
fn whatever_the_vendors_do_people_end_up_the_same() {
    let expected = scenario(&[]);
    each(&WORLDS[1..], |quirks| {
        let ended = scenario(quirks);
        for (ended, expected) in ended.iter().zip(&expected) {
            for (email, person) in expected {
                assert_eq!(ended.get(email), Some(person), "{quirks:?}: {email}");
            }
            assert_eq!(ended.len(), expected.len(), "{quirks:?}");
        }
    });
}

#[test]
fn every_quirk_of_the_sandbox_is_tried() {
    let env = world(&[]);
    let all = env.admin("GET", "/quirks", Value::Null);
    for name in all.as_object().unwrap().keys() {
        let tried = WORLDS.iter().filter(|world| {
            world
                .iter()
                .any(|quirk| quirk.starts_with(&format!("{name}=")))
        });
        let of_logins = auth::QUIRKS
            .iter()
            .any(|quirk| quirk.starts_with(&format!("{name}=")));
        assert!(tried.count() > 0 || of_logins, "{name}");
    }
}

const BOTH: &str = r#"[sync]
direction = "both"
create_in_ghl = true

[consent]
to_ghl = true

[[note]]
bigmailer = "SALES_NOTE"

[[task]]
on = "tag.added:customer"
title = "Call {firstName}"

[filter]"#;

/// A two-way story over a world with these quirks; both sides afterwards.
fn two_way(quirks: &[&str]) -> BTreeMap<String, Value> {
    let mut set = Quirks::default();
    for quirk in quirks {
        set.set(quirk).unwrap();
    }
    let env = Env::new(Options {
        quirks: set,
        search_lag: std::time::Duration::from_secs(60),
        ..empty()
    });
    let pass = |seconds: u64| env.admin("POST", "/advance", json!({"seconds": seconds}));
    env.admin(
        "POST",
        "/bigmailer/fields",
        json!({"name": "Note", "merge_tag_name": "SALES_NOTE", "type": "text"}),
    );
    env.profile(&PROFILE.replace("[filter]", BOTH));
    for name in ["ada", "bob", "cleo", "dan"] {
        env.ghl_contact(
            json!({"firstName": name, "email": format!("{name}@example.com"),
            "dndSettings": {"SMS": {"status": "active", "message": "asked", "code": "1"}}}),
        );
    }
    pass(120);
    env.sync();
    let record = |name: &str| {
        let id = &env.person(&format!("{name}@example.com"))["id"];
        id.as_str().unwrap().to_owned()
    };
    let value = |name: &str, field: &str, text: &str| {
        let person = env.person(&format!("{name}@example.com"));
        let mut values = person["field_values"].as_array().unwrap().clone();
        values.retain(|one| one["name"] != field);
        values.push(json!({"name": field, "string": text}));
        env.edit_bm(&record(name), json!({"field_values": values}));
    };
    let customers = env.list_id("Customers");
    pass(120);
    value("ada", "FIRST_NAME", "Augusta");
    value("ada", "SALES_NOTE", "Likes tea");
    env.edit_bm(&record("bob"), json!({"unsubscribe_all": true}));
    env.edit_bm(&record("cleo"), json!({"list_ids": [customers]}));
    env.edit_ghl(&env.ghl_id("dan@example.com"), json!({"lastName": "Dee"}));
    env.bm_contact(
        json!({"email": "eve@example.com", "list_ids": [customers], "field_values": [
        {"name": "FIRST_NAME", "string": "eve"}, {"name": "SALES_NOTE", "string": "New"}]}),
    );
    // Two runs: what search shows late, or what a doubtful answer left open, is the second one's.
    for last in [false, true] {
        pass(120);
        let ran = env.run(["sync"]);
        assert!(
            ran.code == Some(0) || !last && ran.code == Some(3),
            "{quirks:?}: {}",
            ran.all()
        );
    }
    pass(120);
    for args in [&[][..], &["--full"][..]] {
        env.forget_requests();
        env.sync_with(args);
        assert_eq!(env.writes(), Vec::<String>::new(), "{quirks:?}");
    }
    env.both_sides()
}

#[test]
fn whatever_the_vendors_do_both_sides_end_up_the_same() {
    let expected = two_way(&[]);
    for (name, part) in [
        ("ghl ada@example.com", json!(["\"Likes tea\""])),
        ("ghl eve@example.com", json!(["\"New\""])),
    ] {
        assert_eq!(expected[name]["notes"], part);
    }
    assert_eq!(expected["ghl ada@example.com"]["firstName"], "Augusta");
    assert_eq!(
        expected["ghl bob@example.com"]["blocked"],
        json!(["Email", "SMS"])
    );
    for name in ["cleo", "eve"] {
        let tasks = &expected[&format!("ghl {name}@example.com")]["tasks"];
        assert_eq!(*tasks, json!([format!("\"Call {name}\"")]));
    }
    each(&WORLDS[1..], |quirks| {
        let ended = two_way(quirks);
        for (who, person) in &expected {
            let mut shown = ended.get(who).cloned().unwrap_or(Value::Null);
            // The list of everybody and a channel that only shows are no doing of ours.
            if let (Some(lists), true) = (
                shown["list_ids"].as_array().cloned(),
                quirks.contains(&"all-list=present"),
            ) {
                let known = person["list_ids"].as_array().unwrap();
                let kept: Vec<Value> = lists.into_iter().filter(|l| known.contains(l)).collect();
                shown["list_ids"] = json!(kept);
            }
            assert_eq!(shown, *person, "{quirks:?}: {who}");
        }
        assert_eq!(ended.len(), expected.len(), "{quirks:?}");
    });
}
