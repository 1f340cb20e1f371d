//! `sync` as spec'd: what a first run does, what each edit of either side leads to, what the flags
//! do, and what the document says. Trouble is in `trouble` and `kill`.

use std::collections::BTreeMap;

use ghl_bm::sandbox::Options;
use serde_json::{Value, json};

use crate::env::{Env, Home, PROFILE, empty, field, keys, on_list, quick};

/// A world of the awkward people and some ordinary ones, after its first sync.
fn synced() -> Env {
    let env = Env::new(Options {
        contacts: 60,
        ..quick()
    });
    env.sync();
    env
}

/// Three linked people in an otherwise empty world: ada, bob and cleo.
fn three() -> Env {
    let env = Env::new(empty());
    for name in ["ada", "bob", "cleo"] {
        env.ghl_contact(
            json!({"firstName": name, "email": format!("{name}@example.com"),
            "tags": ["customer"]}),
        );
    }
    let document = env.sync();
    assert_eq!(document["people"]["created"], 3);
    env
}

fn with(line: &str) -> String {
    PROFILE.replace("[filter]", &format!("[sync]\n{line}\n\n[filter]"))
}

/// The BigMailer contacts that differ, with both forms.
fn changed(
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> BTreeMap<String, (Value, Value)> {
    let none = Value::Null;
    before
        .keys()
        .chain(after.keys())
        .map(|email| {
            let pair = (
                before.get(email).unwrap_or(&none).clone(),
                after.get(email).unwrap_or(&none).clone(),
            );
            (email.clone(), pair)
        })
        .filter(|(_, (before, after))| before != after)
        .collect()
}

/// Runs a sync after an edit of one person and checks that nothing else changed; before and after.
fn only_change(env: &Env, email: &str) -> (Value, Value) {
    let before = env.brand();
    env.sync();
    let mut changes = changed(&before, &env.brand());
    let change = changes
        .remove(email)
        .unwrap_or_else(|| panic!("{email} did not change"));
    assert!(changes.is_empty(), "changed as well: {changes:?}");
    env.assert_settled();
    change
}

/// The same contact but for these members.
fn same_but(before: &Value, after: &Value, members: &[&str]) {
    let (mut before, mut after) = (before.clone(), after.clone());
    for member in members {
        before.as_object_mut().unwrap().remove(*member);
        after.as_object_mut().unwrap().remove(*member);
    }
    assert_eq!(before, after);
}

fn problem<'a>(document: &'a Value, reason: &str) -> Vec<&'a Value> {
    document["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["reason"] == reason)
        .collect()
}

#[track_caller]
fn accounts(document: &Value) {
    let people = document["people"].as_object().unwrap();
    let sum: u64 = people
        .iter()
        .filter(|(key, _)| *key != "total")
        .map(|(_, count)| count.as_u64().unwrap())
        .sum();
    assert_eq!(people["total"], sum, "{document}");
    let skipped: u64 = document["skipped"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(people["skipped"], skipped, "{document}");
    // Each skipped, failed or held contact is listed with its reason, once.
    for (key, listed) in [("skipped", true), ("failed", false), ("held", false)] {
        let reasons: Vec<&str> = match key {
            "skipped" => document["skipped"]
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect(),
            _ => Vec::new(),
        };
        if listed {
            let named = document["problems"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| reasons.contains(&one["reason"].as_str().unwrap()))
                .count() as u64;
            assert_eq!(people[key], named, "{key}: {document}");
        }
    }
}

// ---- a first and a second run

#[test]
fn a_sandbox_directory_makes_the_second_sync_do_nothing() {
    let mut home = Home::new();
    home.set(
        "GHL_BM_SANDBOX_DIR",
        home.root.path().join("d").display().to_string(),
    );
    let first = home.run(["--sandbox", "sync", "--json"]);
    first.expect(0);
    let first = first.json();
    assert_eq!(first["mode"], "full");
    assert_eq!(first["read"]["ghl"], 250);
    assert!(first["bigmailer"]["created"].as_u64().unwrap() > 200);
    assert!(first["bigmailer"]["unsubscribed"].as_u64().unwrap() > 0);
    accounts(&first);

    let second = home.run(["--sandbox", "sync", "--json"]);
    second.expect(0);
    let second = second.json();
    assert_eq!(second["mode"], "incremental");
    for count in ["created", "updated", "unsubscribed", "deleted", "failed"] {
        assert_eq!(second["bigmailer"][count], 0, "{count}");
    }
    let calls = second["requests"]["ghl"].as_u64().unwrap()
        + second["requests"]["bigmailer"].as_u64().unwrap();
    assert!(calls <= 5, "{second}");
}

#[test]
fn a_fresh_sandbox_needs_no_account_and_leaves_nothing_behind() {
    let home = Home::new();
    let ran = home.run(["--sandbox", "sync"]);
    ran.expect(0);
    assert!(ran.stdout.contains("created") && ran.stdout.contains("calls to HighLevel"));
    ran.says(&["nothing leaves this machine"]);
    let left: Vec<_> = std::fs::read_dir(home.root.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_first_run_keeps_every_promise_about_what_was_there_before() {
    let env = Env::new(Options {
        contacts: 60,
        ..quick()
    });
    let before = env.brand();
    let document = env.sync();
    accounts(&document);
    let after = env.brand();
    let mapped = [
        "FIRST_NAME",
        "LAST_NAME",
        "COMPANY",
        "LEAD_SCORE",
        "RENEWAL",
        "GHL_CONTACT_ID",
    ];
    let unmapped = |person: &Value| -> Vec<Value> {
        let values = person["field_values"].as_array().unwrap();
        values
            .iter()
            .filter(|value| !mapped.contains(&value["name"].as_str().unwrap()))
            .cloned()
            .collect()
    };
    let dinner = env.list_id("VIP dinner");
    for person in before.values() {
        // Letter case aside nobody's address changes here.
        let email = person["email"].as_str().unwrap().to_lowercase();
        let now = after
            .values()
            .find(|one| one["id"] == person["id"])
            .unwrap_or_else(|| panic!("{email} is gone"));
        assert_eq!(now["email"].as_str().unwrap().to_lowercase(), email);
        assert_eq!(unmapped(now), unmapped(person), "{email}");
        assert_eq!(now["unsubscribe_ids"], person["unsubscribe_ids"], "{email}");
        assert_eq!(on_list(now, &dinner), on_list(person, &dinner), "{email}");
        for list in person["list_ids"].as_array().unwrap() {
            assert!(on_list(now, list.as_str().unwrap()), "{email} lost a list");
        }
        if person["unsubscribe_all"] == true {
            assert_eq!(now["unsubscribe_all"], true, "{email}");
        }
        for count in ["num_soft_bounces", "num_hard_bounces", "num_complaints"] {
            assert_eq!(now[count], person[count], "{email}");
        }
    }
    // Whoever HighLevel does not know stays untouched altogether.
    assert_eq!(
        after["only.here@example.com"],
        before["only.here@example.com"]
    );
    // Every form of "do not disturb" is an opt-out, and nothing else is.
    for (email, off) in [
        ("dnd.all@example.com", true),
        ("dnd.email@example.com", true),
        ("dnd.permanent@example.com", true),
        ("dnd.sms@example.com", false),
        ("dnd.absent@example.com", false),
        ("family@example.net", true),
    ] {
        assert_eq!(after[email]["unsubscribe_all"], off, "{email}");
    }
    // The earliest of two contacts with one address is the one that counts.
    assert_eq!(field(&after["pair@example.com"], "FIRST_NAME"), "Pat");
    assert!(
        !after.contains_key("colleague@example.com")
            || before.contains_key("colleague@example.com")
    );
    assert_eq!(document["skipped"]["no_email"], 3);
    assert_eq!(document["skipped"]["invalid_email"], 3);
    assert_eq!(document["skipped"]["duplicate_email"], 3);
    env.assert_settled();
}

#[test]
fn values_arrive_byte_for_byte() {
    let env = Env::new(empty());
    for (n, name) in [
        "  Ada ",
        "Ὑπατία",
        "Jose\u{301}",
        "line\nbreak\t\"q\"",
        "🎉 👩\u{200d}🚀",
        "İNCİ",
        "<b>&amp;</b>",
    ]
    .into_iter()
    .enumerate()
    {
        env.ghl_contact(json!({"firstName": name, "email": format!("p{n}@example.com")}));
    }
    env.sync();
    let brand = env.brand();
    let names: Vec<&str> = brand
        .values()
        .map(|person| {
            let name = person["field_values"].as_array().unwrap().iter();
            name.clone()
                .find(|value| value["name"] == "FIRST_NAME")
                .unwrap()["string"]
                .as_str()
                .unwrap()
        })
        .collect();
    assert_eq!(
        names,
        [
            "  Ada ",
            "Ὑπατία",
            "Jose\u{301}",
            "line\nbreak\t\"q\"",
            "🎉 👩\u{200d}🚀",
            "İNCİ",
            "<b>&amp;</b>"
        ]
    );
    env.assert_settled();
}

#[test]
fn within_the_limits_nobody_is_ever_told_to_slow_down() {
    let env = Env::new(Options {
        contacts: 120,
        latency: std::time::Duration::from_millis(20),
        ..Options::default()
    });
    env.profile(PROFILE.split("[limits]").next().unwrap());
    let document = env.sync();
    assert_eq!(document["requests"]["throttled"], 0);
    let log = env.sandbox.requests();
    assert!(log.iter().all(|one| one.status != 429));
    assert!(env.sandbox.max_in_flight("bigmailer") <= 4);
    // The limits are a budget to be used, too: more than one call at a time.
    assert!(env.sandbox.max_in_flight("bigmailer") > 1);
}

// ---- edits in HighLevel

#[test]
fn a_changed_name_goes_over_alone() {
    let env = synced();
    // Has topics opted out of and an unmapped value in BigMailer.
    let email = "isil@example.com";
    env.edit_ghl(&env.ghl_id(email), json!({"firstName": "Ayşe"}));
    let (before, after) = only_change(&env, email);
    same_but(&before, &after, &["field_values"]);
    assert_eq!(field(&after, "FIRST_NAME"), "Ayşe");
    assert_eq!(field(&after, "FAVOURITE_COLOUR"), "rouge; ou \"bleu\"");
    assert_eq!(after["unsubscribe_ids"].as_array().unwrap().len(), 2);
}

#[test]
fn one_change_costs_one_write() {
    let env = synced();
    env.edit_ghl(
        &env.ghl_id("isil@example.com"),
        json!({"firstName": "Ayşe"}),
    );
    env.forget_requests();
    let document = env.sync();
    assert_eq!(document["mode"], "incremental");
    assert_eq!(document["bigmailer"]["updated"], 1);
    assert_eq!(document["people"]["updated"], 1);
    assert_eq!(env.writes().len(), 1, "{:?}", env.writes());
    // Pages of the changes, writes, and a constant of at most five.
    assert!(env.sandbox.requests().len() <= 7);
}

#[test]
fn a_value_that_was_taken_away_is_cleared_and_no_other() {
    let env = three();
    let id = env.ghl_id("ada@example.com");
    env.edit_ghl(&id, json!({"companyName": "Engines Ltd"}));
    env.sync();
    let bm = env.person("ada@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut values = env.person("ada@example.com")["field_values"].clone();
    values
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "LAST_NAME", "string": "by hand"}));
    env.edit_bm(&bm, json!({"field_values": values}));
    env.edit_ghl(&id, json!({"companyName": ""}));
    let (_, after) = only_change(&env, "ada@example.com");
    assert_eq!(field(&after, "COMPANY"), Value::Null);
    // HighLevel never had a last name: an empty source does not clear what it has not filled.
    assert_eq!(field(&after, "LAST_NAME"), "by hand");
}

#[test]
fn a_tag_joins_its_list_and_its_end_leaves_it() {
    let env = synced();
    let (customers, dinner) = (env.list_id("Customers"), env.list_id("VIP dinner"));
    // As BigMailer has spelt it all along.
    let email = "Linus+News@Example.org";
    let id = env.ghl_id("linus+news@example.org");
    assert!(!on_list(&env.person(email), &customers));
    env.edit_ghl(&id, json!({"tags": ["newsletter", "customer"]}));
    let (before, after) = only_change(&env, email);
    same_but(&before, &after, &["list_ids"]);
    assert!(on_list(&after, &customers) && on_list(&after, &dinner));
    env.edit_ghl(&id, json!({"tags": ["customer"]}));
    let (before, after) = only_change(&env, email);
    same_but(&before, &after, &["list_ids"]);
    assert!(!on_list(&after, &env.list_id("Newsletter")));
    assert!(on_list(&after, &customers) && on_list(&after, &dinner));
}

#[test]
fn a_membership_that_no_tag_gave_is_never_ended() {
    let env = three();
    let newsletter = env.list_id("Newsletter");
    let customers = env.list_id("Customers");
    let bm = env.person("bob@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.edit_bm(&bm, json!({"list_ids": [newsletter, customers]}));
    env.edit_ghl(
        &env.ghl_id("bob@example.com"),
        json!({"firstName": "Robert"}),
    );
    let document = env.sync_with(&["--full"]);
    assert_eq!(document["bigmailer"]["updated"], 1);
    assert!(on_list(&env.person("bob@example.com"), &newsletter));
    env.assert_settled();
}

#[test]
fn a_changed_address_moves_the_same_contact() {
    let env = three();
    let before = env.person("ada@example.com");
    env.edit_ghl(
        &env.ghl_id("ada@example.com"),
        json!({"email": "Ada.King@Example.com"}),
    );
    let document = env.sync();
    assert_eq!(document["people"]["updated"], 1);
    let after = env.person("ada.king@example.com");
    same_but(&before, &after, &["email"]);
    assert_eq!(env.brand().len(), 3);
    env.assert_settled();
}

#[test]
fn a_chain_of_addresses_is_followed_to_its_end() {
    let env = three();
    let (ada, bob) = (env.ghl_id("ada@example.com"), env.ghl_id("bob@example.com"));
    let ids = (
        env.person("ada@example.com")["id"].clone(),
        env.person("bob@example.com")["id"].clone(),
    );
    // Ada takes Bob's address in the same run in which Bob gets a new one.
    env.edit_ghl(&bob, json!({"email": "robert@example.com"}));
    env.edit_ghl(&ada, json!({"email": "bob@example.com"}));
    let document = env.sync();
    assert_eq!(document["people"]["updated"], 2, "{document}");
    assert_eq!(env.person("bob@example.com")["id"], ids.0);
    assert_eq!(env.person("robert@example.com")["id"], ids.1);
    env.assert_settled();
}

#[test]
fn an_address_that_is_taken_holds_the_pair() {
    let env = three();
    let taken = env.bm_contact(json!({"email": "taken@example.com", "field_values":
        [{"name": "FAVOURITE_COLOUR", "string": "green"}]}));
    let id = env.ghl_id("ada@example.com");
    env.edit_ghl(
        &id,
        json!({"email": "taken@example.com", "firstName": "Augusta"}),
    );
    let before = env.brand();
    let ran = env.run(["sync", "--json"]);
    ran.expect(8);
    let document = ran.json();
    accounts(&document);
    assert_eq!(document["people"]["held"], 1);
    let held = problem(&document, "email_taken");
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["ghl_id"], json!(id));
    assert_eq!(env.brand(), before);
    // Held until somebody makes room; then it goes through without being asked for again.
    env.admin(
        "DELETE",
        &format!("/bigmailer/contacts/{taken}"),
        Value::Null,
    );
    let document = env.sync();
    assert_eq!(document["people"]["updated"], 1, "{document}");
    assert_eq!(
        field(&env.person("taken@example.com"), "FIRST_NAME"),
        "Augusta"
    );
    env.assert_settled();
}

#[test]
fn do_not_disturb_unsubscribes_and_its_end_does_not_resubscribe() {
    let env = three();
    let email = "ada@example.com";
    let id = env.ghl_id(email);
    env.edit_ghl(&id, json!({"dndSettings": {"Email": {"status": "active"}}}));
    let before = env.person(email);
    let document = env.sync();
    assert_eq!(document["bigmailer"]["unsubscribed"], 1);
    assert_eq!(document["people"]["updated"], 1);
    let after = env.person(email);
    same_but(&before, &after, &["unsubscribe_all"]);
    assert_eq!(after["unsubscribe_all"], true);
    env.assert_settled();

    env.edit_ghl(
        &id,
        json!({"dndSettings": {"Email": {"status": "inactive"}}}),
    );
    let document = env.sync();
    assert_eq!(
        problem(&document, "opt_in_elsewhere").len(),
        1,
        "{document}"
    );
    assert_eq!(env.person(email), after);
    env.assert_settled();
}

#[test]
fn whoever_opted_in_by_hand_in_bigmailer_is_not_opted_out_again() {
    let env = three();
    let id = env.ghl_id("ada@example.com");
    env.edit_ghl(&id, json!({"dnd": true}));
    env.sync();
    let bm = env.person("ada@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.edit_bm(&bm, json!({"unsubscribe_all": false}));
    let document = env.sync_with(&["--full"]);
    assert_eq!(problem(&document, "opt_in_elsewhere").len(), 1);
    assert_eq!(env.person("ada@example.com")["unsubscribe_all"], false);
    // A new wish is a new wish.
    env.edit_ghl(&id, json!({"dnd": false}));
    env.sync();
    env.edit_ghl(&id, json!({"dnd": true}));
    env.sync();
    assert_eq!(env.person("ada@example.com")["unsubscribe_all"], true);
}

#[test]
fn an_unsubscribe_in_bigmailer_outlives_every_later_run() {
    let env = three();
    let bm = env.person("bob@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.edit_bm(&bm, json!({"unsubscribe_all": true}));
    let id = env.ghl_id("bob@example.com");
    env.edit_ghl(&id, json!({"firstName": "Robert"}));
    env.sync();
    assert_eq!(env.person("bob@example.com")["unsubscribe_all"], true);
    env.edit_ghl(&id, json!({"email": "robert@example.com"}));
    env.sync_with(&["--full"]);
    assert_eq!(env.person("robert@example.com")["unsubscribe_all"], true);
    std::fs::remove_file(env.state_file()).unwrap();
    env.sync_with(&["--yes"]);
    assert_eq!(env.person("robert@example.com")["unsubscribe_all"], true);
}

#[test]
fn consent_is_left_alone_where_the_profile_says_so() {
    let env = three();
    env.profile(&PROFILE.replace(
        "[filter]",
        "[consent]\nto_bigmailer = false\ncreate_opted_out = false\n\n[filter]",
    ));
    env.edit_ghl(&env.ghl_id("ada@example.com"), json!({"dnd": true}));
    env.ghl_contact(json!({"firstName": "dan", "email": "dan@example.com", "dnd": true}));
    let document = env.sync();
    assert_eq!(env.person("ada@example.com")["unsubscribe_all"], false);
    assert_eq!(document["skipped"]["opted_out"], 1);
    assert!(!env.brand().contains_key("dan@example.com"));
    accounts(&document);
}

#[test]
fn a_duplicate_that_wants_no_mail_opts_the_address_out() {
    let env = three();
    env.ghl_contact(json!({"firstName": "twin", "email": "ADA@example.com", "dnd": true}));
    let document = env.sync();
    assert_eq!(document["skipped"]["duplicate_email"], 1, "{document}");
    let ada = env.person("ada@example.com");
    assert_eq!(ada["unsubscribe_all"], true);
    assert_eq!(field(&ada, "FIRST_NAME"), "ada");
    env.assert_settled();
}

#[test]
fn of_two_with_one_address_the_next_takes_over_when_the_first_leaves() {
    let env = three();
    let first = env.ghl_id("ada@example.com");
    let before = env.person("ada@example.com");
    env.ghl_contact(json!({"firstName": "twin", "email": "ada@example.com"}));
    env.sync();
    env.edit_ghl(&first, json!({"email": "ada.two@example.com"}));
    let document = env.sync();
    accounts(&document);
    // Nobody is lost and nobody doubled: the record moved with its person, the twin got a new one.
    assert_eq!(env.person("ada.two@example.com")["id"], before["id"]);
    assert_eq!(field(&env.person("ada@example.com"), "FIRST_NAME"), "twin");
    env.assert_settled();
}

// ---- the filter

#[test]
fn leaving_the_filter_does_what_the_profile_says() {
    for (line, lists, unsubscribed) in [
        ("on_scope_exit = \"keep\"", true, false),
        ("on_scope_exit = \"leave-lists\"", false, false),
        ("on_scope_exit = \"unsubscribe\"", true, true),
    ] {
        let env = Env::new(empty());
        env.profile(&with(line));
        let id = env.ghl_contact(
            json!({"firstName": "ada", "email": "ada@example.com", "tags": ["customer"]}),
        );
        env.ghl_contact(
            json!({"firstName": "bob", "email": "bob@example.com", "tags": ["customer"]}),
        );
        env.sync();
        env.edit_ghl(
            &id,
            json!({"tags": ["customer", "internal"], "firstName": "Augusta"}),
        );
        let document = env.sync();
        accounts(&document);
        let ada = env.person("ada@example.com");
        assert_eq!(on_list(&ada, &env.list_id("Customers")), lists, "{line}");
        assert_eq!(ada["unsubscribe_all"], unsubscribed, "{line}");
        // Out of the filter means out of reach.
        assert_eq!(field(&ada, "FIRST_NAME"), "ada", "{line}");
        env.assert_settled();
        // Back again: in step again, never resubscribed.
        env.edit_ghl(&id, json!({"tags": ["customer"]}));
        env.sync();
        let ada = env.person("ada@example.com");
        assert_eq!(field(&ada, "FIRST_NAME"), "Augusta", "{line}");
        assert!(on_list(&ada, &env.list_id("Customers")), "{line}");
        assert_eq!(ada["unsubscribe_all"], unsubscribed, "{line}");
        env.assert_settled();
    }
}

#[test]
fn an_opt_out_still_travels_from_outside_the_filter() {
    let env = three();
    let id = env.ghl_id("ada@example.com");
    env.edit_ghl(&id, json!({"tags": ["internal"]}));
    env.sync();
    env.edit_ghl(&id, json!({"dnd": true}));
    env.sync();
    assert_eq!(env.person("ada@example.com")["unsubscribe_all"], true);
    env.assert_settled();
}

// ---- deletions

#[test]
fn whoever_was_deleted_in_bigmailer_is_not_made_again() {
    let env = three();
    let id = env.ghl_id("ada@example.com");
    env.admin("DELETE", "/bigmailer/contacts/ada@example.com", Value::Null);
    // An incremental run that has nothing to write does not notice; one that has, does.
    env.edit_ghl(&id, json!({"firstName": "Augusta"}));
    let document = env.sync();
    assert_eq!(document["skipped"]["deleted_in_bigmailer"], 1, "{document}");
    accounts(&document);
    assert_eq!(env.brand().len(), 2);
    // The same by a full run, and for good.
    env.admin("DELETE", "/bigmailer/contacts/bob@example.com", Value::Null);
    for _ in 0..2 {
        let document = env.sync_with(&["--full"]);
        assert_eq!(document["skipped"]["deleted_in_bigmailer"], 2, "{document}");
        assert_eq!(env.brand().len(), 1);
    }
    // Not under a new address either.
    env.edit_ghl(&id, json!({"email": "ada.again@example.com"}));
    env.sync();
    assert_eq!(env.brand().len(), 1);
    env.assert_settled();
}

#[test]
fn a_deletion_in_highlevel_does_what_the_profile_says() {
    for policy in ["keep", "unsubscribe", "delete"] {
        let env = Env::new(empty());
        env.profile(&with(&format!("on_ghl_delete = \"{policy}\"")));
        for name in ["ada", "bob", "cleo"] {
            env.ghl_contact(json!({"firstName": name, "email": format!("{name}@example.com")}));
        }
        env.sync();
        let before = env.brand();
        let id = env.ghl_id("ada@example.com");
        env.admin("DELETE", &format!("/ghl/contacts/{id}"), Value::Null);
        let document = env.sync_with(&["--full"]);
        accounts(&document);
        let after = env.brand();
        let changes = changed(&before, &after);
        match policy {
            "keep" => {
                assert!(changes.is_empty());
                assert_eq!(document["people"]["unchanged"], 3, "{document}");
            }
            "unsubscribe" => {
                assert_eq!(changes.len(), 1);
                let ada = &after["ada@example.com"];
                same_but(&before["ada@example.com"], ada, &["unsubscribe_all"]);
                assert_eq!(ada["unsubscribe_all"], true);
                assert_eq!(document["bigmailer"]["unsubscribed"], 1);
            }
            _ => {
                assert_eq!(changes.len(), 1);
                assert!(!after.contains_key("ada@example.com"));
                assert_eq!(document["bigmailer"]["deleted"], 1);
            }
        }
        env.assert_settled();
        env.forget_requests();
        env.sync_with(&["--full"]);
        assert_eq!(env.writes(), Vec::<String>::new(), "{policy}");
    }
}

#[test]
fn a_listing_with_a_gap_proves_nobody_absent_and_is_read_again() {
    let env = Env::new(empty());
    env.profile(&with("on_ghl_delete = \"delete\""));
    for name in ["ada", "bob", "cleo"] {
        env.ghl_contact(json!({"firstName": name, "email": format!("{name}@example.com")}));
    }
    env.sync();
    let before = env.brand();
    env.ghl_contact(json!({"firstName": "dan", "email": "dan@example.com"}));
    // Search says that there are contacts and shows none of them, in a window and in all of it.
    for args in [&["sync"][..], &["sync", "--full"]] {
        env.no_faults();
        env.fault("ghl:POST:/contacts/search@1x*=empty-page");
        let ran = env.run(args);
        ran.expect(0);
        ran.says(&["was not consistent"]);
        assert_eq!(env.brand(), before);
    }
    env.no_faults();
    // World time passes, so that only the window that stayed open reaches back so far.
    env.admin("POST", "/advance", json!({"seconds": 3600}));
    let document = env.sync();
    assert_eq!(document["people"]["created"], 1, "{document}");
    assert!(env.brand().contains_key("dan@example.com"));
    env.assert_settled();
}

#[test]
fn whoever_search_shows_late_comes_with_a_later_run() {
    let env = Env::new(Options {
        search_lag: std::time::Duration::from_secs(300),
        ..empty()
    });
    for name in ["ada", "bob", "cleo"] {
        // With all that search can show, so that nobody is read singly, past the index.
        env.ghl_contact(
            json!({"firstName": name, "email": format!("{name}@example.com"),
            "dnd": false, "dndSettings": {}}),
        );
    }
    env.admin("POST", "/index", Value::Null);
    env.sync();
    let id = env.ghl_id("ada@example.com");
    env.edit_ghl(&id, json!({"firstName": "Augusta"}));
    // The index has not heard of it yet: nothing happens, and nothing is missed for that.
    assert_eq!(env.sync()["people"]["updated"], 0);
    env.admin("POST", "/advance", json!({"seconds": 400}));
    assert_eq!(env.sync()["people"]["updated"], 1);
    assert_eq!(
        field(&env.person("ada@example.com"), "FIRST_NAME"),
        "Augusta"
    );
    env.assert_settled();
}

// ---- flags

#[test]
fn a_plan_names_the_lists_that_somebody_joins() {
    let ran = Home::new().run(["--sandbox", "sync", "--dry-run", "-v"]);
    ran.expect(0);
    let joined: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| Some(line.split_once(", join ")?.1))
        .collect();
    assert!(!joined.is_empty());
    for lists in joined {
        assert!(
            lists.starts_with("\"Customers\"") || lists.starts_with("\"Newsletter\""),
            "{lists}"
        );
    }
}

#[test]
fn a_dry_run_writes_nothing_anywhere() {
    let env = Env::new(Options {
        contacts: 60,
        ..quick()
    });
    let before = env.brand();
    let ran = env.run(["sync", "--dry-run", "--json"]);
    ran.expect(0);
    let plan = ran.json();
    assert_eq!(plan["dry_run"], true);
    accounts(&plan);
    assert_eq!(env.writes(), Vec::<String>::new());
    assert_eq!(env.brand(), before);
    assert!(!env.state_file().exists());
    let ran = env.run(["sync", "--dry-run", "--exit-code"]);
    ran.expect(20);
    assert!(ran.stdout.contains("would be created") && ran.stdout.contains("Nothing was written"));
    let done = env.sync();
    // The plan was the truth.
    assert_eq!(done["people"], plan["people"]);
    assert_eq!(done["bigmailer"], plan["bigmailer"]);
    let state = std::fs::read(env.state_file()).unwrap();
    env.run(["sync", "--dry-run", "--exit-code"]).expect(0);
    env.run(["sync", "--dry-run", "--full", "--exit-code"])
        .expect(0);
    assert_eq!(std::fs::read(env.state_file()).unwrap(), state);
    env.edit_ghl(
        &env.ghl_id("isil@example.com"),
        json!({"firstName": "Ayşe"}),
    );
    let ran = env.run(["sync", "--dry-run", "--exit-code", "-v"]);
    ran.expect(20);
    assert!(ran.stdout.contains("set FIRST_NAME"), "{}", ran.stdout);
    assert!(!ran.all().contains("Ayşe") && !ran.all().contains("isil@"));
}

#[test]
fn a_full_run_puts_right_what_drifted() {
    let env = three();
    let bm = env.person("ada@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.edit_bm(
        &bm,
        json!({"field_values": [{"name": "FIRST_NAME", "string": "drift"},
        {"name": "FAVOURITE_COLOUR", "string": "red"}]}),
    );
    let document = env.sync();
    assert_eq!(document["mode"], "incremental");
    assert_eq!(field(&env.person("ada@example.com"), "FIRST_NAME"), "drift");
    let document = env.sync_with(&["--full"]);
    assert_eq!(
        (&document["mode"], &document["bigmailer"]["updated"]),
        (&json!("full"), &json!(1))
    );
    let ada = env.person("ada@example.com");
    assert_eq!(field(&ada, "FIRST_NAME"), "ada");
    assert_eq!(field(&ada, "FAVOURITE_COLOUR"), "red");
    env.assert_settled();
}

#[test]
fn only_touches_only_those_named() {
    let env = three();
    let (ada, bob) = (env.ghl_id("ada@example.com"), env.ghl_id("bob@example.com"));
    for id in [&ada, &bob] {
        env.edit_ghl(id, json!({"companyName": "Engines Ltd"}));
    }
    env.ghl_contact(json!({"firstName": "dan", "email": "dan@example.com"}));
    let document = env.sync_with(&["--only", "Ada@Example.com"]);
    assert_eq!(document["people"]["total"], 1, "{document}");
    assert_eq!(
        field(&env.person("ada@example.com"), "COMPANY"),
        "Engines Ltd"
    );
    assert_eq!(
        field(&env.person("bob@example.com"), "COMPANY"),
        Value::Null
    );
    env.sync_with(&["--only", &bob]);
    assert_eq!(
        field(&env.person("bob@example.com"), "COMPANY"),
        "Engines Ltd"
    );
    assert!(!env.brand().contains_key("dan@example.com"));
    env.sync_with(&["--only", "dan@example.com"]);
    assert!(env.brand().contains_key("dan@example.com"));
    // Nobody was forgotten by it.
    let document = env.sync();
    assert_eq!(document["bigmailer"]["updated"], 0);
    env.assert_settled();
    let ran = env.run(["sync", "--json", "--only", "nobody@example.com"]);
    ran.expect(3);
    assert_eq!(problem(&ran.json(), "not_found").len(), 1);
    assert!(!ran.all().contains("nobody@example.com"));
}

#[test]
fn only_on_a_first_run_links_instead_of_doubling() {
    let env = Env::new(Options {
        contacts: 60,
        ..quick()
    });
    let before = env.brand();
    env.sync_with(&["--only", "Grace.HOPPER@Example.COM"]);
    assert_eq!(env.brand().len(), before.len());
    assert_eq!(
        field(&env.person("grace.hopper@example.com"), "LAST_NAME"),
        "Hopper"
    );
    env.sync();
    env.assert_settled();
}

#[test]
fn a_run_that_is_out_of_time_stops_in_good_order() {
    let env = Env::new(Options {
        contacts: 60,
        ..quick()
    });
    env.fault("bigmailer:POST:/contacts/@1=slow:1500");
    let ran = env.run(["sync", "--max-duration", "1s", "--json"]);
    ran.expect(10);
    let document: Value = ran.json();
    assert_eq!(document["exit_code"], 10);
    assert_eq!(ran.error()["code"], "out_of_time");
    env.sync();
    env.assert_settled();
}

#[test]
fn a_rebuilt_state_writes_nothing_that_a_fresh_one_would_not() {
    let env = synced();
    let before = env.brand();
    env.forget_requests();
    let document = env.sync_with(&["--rebuild-state"]);
    assert_eq!(document["mode"], "full");
    assert_eq!(env.writes(), Vec::<String>::new());
    assert_eq!(env.brand(), before);
    let aside = std::fs::read_dir(env.state_file().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            name != "default.db"
                && !name.ends_with(".lock")
                && name.contains(document["run_id"].as_str().unwrap())
        })
        .count();
    assert!(aside >= 1);
    env.assert_settled();
}

#[test]
fn a_changed_profile_means_a_full_run() {
    let env = three();
    env.profile(&PROFILE.replace("ghl = \"companyName\"", "ghl = \"city\""));
    env.edit_ghl(&env.ghl_id("ada@example.com"), json!({"city": "London"}));
    let document = env.sync();
    assert_eq!(document["mode"], "full");
    assert_eq!(field(&env.person("ada@example.com"), "COMPANY"), "London");
    env.assert_settled();
}

#[test]
fn a_large_step_of_the_clock_means_a_full_run() {
    let env = three();
    env.profile(&with("full_every = \"1h\""));
    env.sync();
    assert_eq!(env.sync()["mode"], "incremental");
    // What the program remembers of its last full run lies in its future: a clock was put back.
    let db = rusqlite::Connection::open(env.state_file()).unwrap();
    db.execute(
        "UPDATE meta SET value = '99999999999999' WHERE key = 'last_full'",
        [],
    )
    .unwrap();
    drop(db);
    assert_eq!(env.sync()["mode"], "full");
}

#[test]
fn runs_are_remembered() {
    let env = three();
    env.edit_ghl(
        &env.ghl_id("ada@example.com"),
        json!({"email": "not an address"}),
    );
    let document = env.sync();
    let run_id = document["run_id"].as_str().unwrap();
    let list = env.run(["runs", "list", "--json"]);
    list.expect(0);
    let list = list.json();
    let runs = list["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0]["run_id"], run_id);
    assert_eq!(runs[1]["people"]["created"], 3);
    for args in [
        vec!["runs", "show", "--json"],
        vec!["runs", "show", run_id, "--json"],
    ] {
        let shown = env.run(args);
        shown.expect(0);
        // What is shown later is what was said at once.
        assert_eq!(shown.json(), document);
    }
    let text = env.run(["runs", "show"]);
    text.expect(0);
    assert!(text.stdout.contains(run_id) && text.stdout.contains("invalid_email"));
    assert!(env.run(["runs", "list"]).stdout.contains(run_id));
    let none = env.run(["runs", "show", "nonsense", "--json"]);
    none.expect(1);
    assert_eq!(none.error()["code"], "not_found");
}

// ---- the document

#[test]
fn the_document_has_exactly_its_keys() {
    let env = Env::new(Options {
        contacts: 60,
        ..quick()
    });
    let document = env.sync();
    let mut expected: Vec<String> = [
        "schema_version",
        "command",
        "profile",
        "run_id",
        "dry_run",
        "mode",
        "started_at",
        "finished_at",
        "duration_ms",
        "unchanged",
        "held",
        "problems",
        "exit_code",
    ]
    .map(str::to_owned)
    .into();
    for (group, members) in [
        ("read", "ghl bigmailer"),
        (
            "bigmailer",
            "created updated unsubscribed deleted mails_sent failed",
        ),
        (
            "ghl",
            "created updated dnd_set tags_added tags_removed notes_written tasks_created deleted failed",
        ),
        (
            "people",
            "total created updated unchanged skipped failed held",
        ),
        (
            "skipped",
            "no_email invalid_email duplicate_email filtered opted_out deleted_in_bigmailer no_name",
        ),
        ("requests", "ghl bigmailer throttled retried"),
        ("problems[]", "side id ghl_id reason message"),
    ] {
        if !group.ends_with(']') {
            expected.push(group.to_owned());
        }
        expected.extend(members.split(' ').map(|member| format!("{group}.{member}")));
    }
    expected.sort();
    assert_eq!(keys(&document), expected);
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["command"], "sync");
    assert_eq!(document["profile"], "default");
    assert_eq!(document["people"]["unchanged"], document["unchanged"]);
    assert_eq!(
        document["requests"]["ghl"].as_u64().unwrap()
            + document["requests"]["bigmailer"].as_u64().unwrap(),
        env.sandbox.requests().len() as u64
    );
    // Nobody's address, unless asked for.
    let text = document.to_string();
    assert!(!text.contains('@'), "{text}");
    std::fs::remove_file(env.state_file()).unwrap();
    let shown = env.sync_with(&["--show-pii"]);
    let with_address = keys(&shown);
    let allowed: Vec<&String> = with_address
        .iter()
        .filter(|key| *key != "problems[].email")
        .collect();
    assert_eq!(allowed, expected.iter().collect::<Vec<_>>());
}
