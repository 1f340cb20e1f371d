//! Bad input and trouble: what is refused, what is lived through, and what is said about it.
//!
//! Every case ends with the same question: is the next run without trouble enough to put all right,
//! with nobody twice and no opt-out lost? Kills and signals are in `kill`.

use std::collections::BTreeMap;

use ghl_bm::sandbox::{BadItem, Options, PageCap, Phase, Quirks};
use serde_json::{Value, json};

use crate::env::{Env, PROFILE, Ran, each, empty, field, quick};

/// Made-up credentials that the sandbox knows for what they cannot do.
const CONTACTS_ONLY: &str = "pit-5a4dbe11-0000-4000-8000-c0747ac75001";
const AGENCY: &str = "pit-5a4dbe11-0000-4000-8000-a6e0c7000002";
const OTHER_LOCATION: &str = "pit-5a4dbe11-0000-4000-8000-0f0e10c00003";

/// Four people to create, two to update, one to opt out: every kind of write.
fn busy() -> Env {
    let env = Env::new(empty());
    let dinner = env.list_id("VIP dinner");
    for name in ["olga", "omar"] {
        let email = format!("{name}@example.com");
        env.bm_contact(json!({"email": email, "list_ids": [dinner],
            "field_values": [{"name": "FAVOURITE_COLOUR", "string": "red"}]}));
        env.ghl_contact(json!({"firstName": name, "email": email, "tags": ["customer"]}));
    }
    env.bm_contact(json!({"email": "leo@example.com"}));
    env.ghl_contact(json!({"firstName": "leo", "email": "leo@example.com", "dnd": true}));
    for name in ["ada", "bob", "cleo", "dan"] {
        env.ghl_contact(
            json!({"firstName": name, "email": format!("{name}@example.com"),
            "dnd": name == "dan"}),
        );
    }
    env
}

/// Two people to create singly after a first run.
fn later() -> Env {
    let env = busy();
    env.sync();
    for name in ["eve", "fay"] {
        env.ghl_contact(json!({"firstName": name, "email": format!("{name}@example.com")}));
    }
    env
}

fn end_state(scenario: fn() -> Env) -> BTreeMap<String, Value> {
    let env = scenario();
    env.sync();
    env.people()
}

fn fails(env: &Env, code: i32) -> Value {
    let ran = env.run(["sync", "--json"]);
    ran.expect(code);
    ran.error()
}

#[track_caller]
fn holds(text: &Value, parts: &[&str]) {
    let text = text.to_string();
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

// ---- the profile

#[test]
fn mistakes_in_a_profile_are_named_with_file_line_and_nearest_key() {
    let env = Env::new(empty());
    for (right, wrong, parts) in [
        (
            "[filter]",
            "[sync]\ndirecton = \"to-bigmailer\"\n[filter]",
            &["directon", "direction"][..],
        ),
        ("tags_none =", "tag_none =", &["tag_none", "tags_none"]),
        (
            "bigmailer = \"COMPANY\"",
            "bigmailer = \"COMPANY\"\ntransforms = [\"trim\"]",
            &["transforms", "transform"],
        ),
        (
            "ghl_per_10s = 100000",
            "ghl_per_10s = \"many\"",
            &["ghl_per_10s"],
        ),
        ("type = \"date\"", "type = \"datum\"", &["datum", "date"]),
        (
            "transform = [\"round\"]",
            "transform = [\"rund\"]",
            &["rund", "round"],
        ),
        (
            "ghl = \"companyName\"",
            "ghl = \"companyname\"",
            &["companyname", "companyName"],
        ),
        ("[limits]", "[limits", &["not TOML"]),
    ] {
        let text = PROFILE.replace(right, wrong);
        assert_ne!(text, PROFILE);
        env.profile(&text);
        let first_word = wrong
            .lines()
            .last()
            .filter(|_| !wrong.starts_with("[sync]"));
        let marker = if wrong.starts_with("[sync]") {
            "directon"
        } else {
            first_word.unwrap()
        };
        let line = 1 + text.lines().position(|l| l.contains(marker)).unwrap();
        let error = fails(&env, 11);
        let place = format!("default.toml:{line}:");
        holds(&error["message"], parts);
        holds(&error["message"], &[&place]);
        let ran = env.run(["sync"]);
        ran.expect(11);
        ran.says(&["default.toml", "hint: `ghl-bm map edit` opens it"]);
    }
    assert!(env.sandbox.requests().is_empty());
}

#[test]
fn a_missing_profile_says_how_to_make_one() {
    let env = Env::new(empty());
    let ran = env.run(["-p", "shop2", "sync"]);
    ran.expect(11);
    ran.says(&["shop2", "map init", "default"]);
}

#[test]
fn what_bigmailer_lacks_is_found_before_the_first_write() {
    let env = busy();
    for (right, wrong, parts, can_make) in [
        (
            "\"COMPANY\"",
            "\"COMPNAY\"",
            &["COMPNAY", "COMPANY"][..],
            true,
        ),
        (
            "\"Customers\"",
            "\"Costumers\"",
            &["Costumers", "Customers"],
            true,
        ),
        (
            "type = \"integer\"\ntransform = [\"round\"]",
            "type = \"text\"",
            &["LEAD_SCORE", "integer", "text"],
            false,
        ),
        (
            "custom.renewal",
            "custom.renewel",
            &["renewel", "renewal"],
            false,
        ),
    ] {
        env.profile(&PROFILE.replace(right, wrong));
        let error = fails(&env, 11);
        assert_eq!(error["code"], "profile_mismatch");
        holds(&error["message"], parts);
        holds(&error["message"], &["line "]);
        holds(&error["hint"], &["ghl-bm map check"]);
        assert_eq!(
            error["hint"].to_string().contains("--create"),
            can_make,
            "{error}"
        );
    }
    assert_eq!(env.writes(), Vec::<String>::new());
    env.profile(&PROFILE.replace("\"COMPANY\"", "\"COMPNAY\""));
    env.run(["map", "check"]).expect(20);
    env.run(["map", "check", "--create"]).expect(0);
    env.sync();
}

#[test]
fn a_value_of_the_wrong_kind_fails_its_person_and_nobody_else() {
    let env = busy();
    env.profile(&PROFILE.replace("ghl = \"companyName\"\nbigmailer = \"COMPANY\"",
        "ghl = \"companyName\"\nbigmailer = \"LEAD_SCORE\"\ntype = \"integer\"")
        .replace("ghl = \"custom.lead_score\"\nbigmailer = \"LEAD_SCORE\"\ntype = \"integer\"\ntransform = [\"round\"]",
        "ghl = \"city\"\nbigmailer = \"COMPANY\""));
    env.edit_ghl(
        &env.ghl_id("ada@example.com"),
        json!({"companyName": "eleven and a half", "city": "London"}),
    );
    env.edit_ghl(&env.ghl_id("bob@example.com"), json!({"companyName": "12"}));
    let ran = env.run(["sync", "--json"]);
    ran.expect(3);
    let document = ran.json();
    assert_eq!(document["people"]["failed"], 1, "{document}");
    let problem = &document["problems"][0];
    assert_eq!(problem["reason"], "invalid_value");
    holds(problem, &["LEAD_SCORE", &env.ghl_id("ada@example.com")]);
    assert!(!ran.all().contains("eleven"));
    assert_eq!(field(&env.person("bob@example.com"), "LEAD_SCORE"), 12);
    // The rest of the person is in step all the same.
    assert_eq!(field(&env.person("ada@example.com"), "COMPANY"), "London");
    assert_eq!(
        field(&env.person("ada@example.com"), "LEAD_SCORE"),
        Value::Null
    );
    env.edit_ghl(&env.ghl_id("ada@example.com"), json!({"companyName": "11"}));
    env.sync();
    assert_eq!(field(&env.person("ada@example.com"), "LEAD_SCORE"), 11);
    env.assert_settled();
}

// ---- credentials and addresses

#[test]
fn a_missing_credential_says_what_to_type() {
    for (variable, side) in [
        ("GHL_BM_GHL_TOKEN", "ghl"),
        ("GHL_BM_BIGMAILER_API_KEY", "bigmailer"),
    ] {
        let mut env = Env::new(empty());
        env.unset(variable);
        let error = fails(&env, 4);
        assert_eq!(error["code"], "auth_required");
        holds(
            &error["hint"],
            &[&format!("ghl-bm auth login {side} --with-token"), variable],
        );
        assert!(env.sandbox.requests().is_empty());
        env.run(["auth", "status"]).expect(4);
        env.run(["test"]).expect(4);
    }
}

#[test]
fn refusals_of_a_credential_are_told_apart() {
    let mut messages: Vec<String> = Vec::new();
    let mut refused = |side: &str, change: &dyn Fn(&mut Env), parts: &[&str]| {
        let mut env = busy();
        change(&mut env);
        let error = fails(&env, 4);
        assert_eq!(error["service"], side, "{error}");
        assert!(
            error["status"].is_number() && error["hint"].is_string(),
            "{error}"
        );
        for part in parts {
            assert!(
                error.to_string().to_lowercase().contains(part),
                "no {part}: {error}"
            );
        }
        messages.push(format!("{} {}", error["message"], error["hint"]));
        assert_eq!(env.writes(), Vec::<String>::new());
    };
    refused(
        "ghl",
        &|env| {
            env.set(
                "GHL_BM_GHL_TOKEN",
                "pit-00000000-0000-4000-8000-000000000000",
            )
        },
        &["invalid", "auth login ghl"],
    );
    refused(
        "ghl",
        &|env| env.set("GHL_BM_GHL_TOKEN", CONTACTS_ONLY),
        &["scope", "customfields"],
    );
    refused(
        "ghl",
        &|env| env.set("GHL_BM_GHL_TOKEN", OTHER_LOCATION),
        &["location"],
    );
    refused(
        "ghl",
        &|env| env.set("GHL_BM_GHL_TOKEN", AGENCY),
        &["type", "sub-account"],
    );
    refused(
        "bigmailer",
        &|env| {
            env.set(
                "GHL_BM_BIGMAILER_API_KEY",
                "00000000-0000-4000-8000-000000000000",
            )
        },
        &["key", "auth login bigmailer"],
    );
    refused(
        "bigmailer",
        &|env| env.fault("bigmailer:*:*@1x*=scope"),
        &["permission"],
    );
    let distinct: std::collections::BTreeSet<String> = messages
        .iter()
        .map(|m| {
            // Trace ids differ anyway.
            m.split("(trace id").next().unwrap().to_owned() + m.rsplit(')').next().unwrap()
        })
        .collect();
    assert_eq!(distinct.len(), messages.len(), "{messages:#?}");
}

#[test]
fn a_brand_or_location_that_is_not_there_is_named() {
    let env = busy();
    let text = PROFILE.replace("BRAND_ID", "00000000-0000-4000-8000-000000000000");
    env.profile(&text);
    let error = fails(&env, 11);
    holds(&error, &["brand_id"]);
    env.profile(&PROFILE.replace("LOCATION_ID", "NoSuchLocation000001"));
    holds(&fails(&env, 4), &["location"]);
}

#[test]
fn a_refusal_in_the_middle_is_survived_by_the_next_run() {
    let expected = end_state(busy);
    let env = busy();
    env.fault("bigmailer:POST:*@2x*=bad-key");
    fails(&env, 4);
    env.no_faults();
    env.sync();
    assert_eq!(env.people(), expected);
    env.assert_settled();
}

#[test]
fn plain_http_goes_to_loopback_only() {
    for (variable, url) in [
        ("GHL_BM_GHL_URL", "http://services.leadconnectorhq.com"),
        ("GHL_BM_BIGMAILER_URL", "http://api.bigmailer.io/v1"),
        ("GHL_BM_BIGMAILER_URL", "http://127.0.0.1.example.com/v1"),
        ("GHL_BM_GHL_URL", "http://192.0.2.1:80"),
        ("GHL_BM_GHL_URL", "ftp://127.0.0.1"),
        ("GHL_BM_GHL_URL", "nonsense"),
    ] {
        let mut env = Env::new(empty());
        env.set(variable, url);
        let error = fails(&env, 11);
        assert_eq!(error["code"], "base_url");
        holds(&error["message"], &[variable]);
        env.run(["pull", "contacts"])
            .expect(if variable == "GHL_BM_GHL_URL" { 11 } else { 0 });
    }
    let mut env = Env::new(empty());
    env.set("GHL_BM_GHL_URL", "https://services.leadconnectorhq.com");
    let ran = env.run(["--sandbox", "sync"]);
    ran.expect(11);
    ran.says(&["loopback", "GHL_BM_GHL_URL"]);
}

// ---- answers that go wrong

/// At the same time, because back-off is nothing but waiting.
#[test]
fn a_machine_without_root_certificates_is_told_how_to_get_them() {
    let env = Env::new(empty());
    let folder = env.root.path().join("no-certificates");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("roots.pem");
    std::fs::write(&file, "").unwrap();
    let output = env
        .command(["api", "ghl", "GET", "/contacts/x"])
        .env("GHL_BM_GHL_URL", "https://127.0.0.1:9")
        .env("SSL_CERT_FILE", &file)
        .env("SSL_CERT_DIR", &folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert!(said.contains("no TLS client could be set up"), "{said}");
    assert!(said.contains("package ca-certificates"), "{said}");
    assert!(said.contains("SSL_CERT_FILE"), "{said}");
}

#[test]
fn trouble_on_the_line_is_lived_through_or_ends_with_5() {
    let cases: [fn(); 4] = [
        one_bad_answer_changes_nothing_about_the_end,
        too_many_requests_without_a_time_are_waited_out,
        answers_that_stay_bad_end_with_5_and_spoil_nothing,
        a_service_that_is_down_ends_with_5,
    ];
    each(&cases, |case| case());
}

fn one_bad_answer_changes_nothing_about_the_end() {
    let (first, second) = (end_state(busy), end_state(later));
    let places = [
        ("ghl:POST:/contacts/search", false),
        ("ghl:GET:/contacts/", false),
        ("bigmailer:GET:/contacts", false),
        ("bigmailer:GET:/fields", false),
        ("bigmailer:POST:/contacts/", false),
        ("bigmailer:POST:/contacts/batches", false),
        ("bigmailer:GET:/contacts/batches/", false),
        ("bigmailer:POST:/contacts", true),
    ];
    let actions = [
        "429-after:1",
        "429-date:1",
        "500",
        "503",
        "503-after:1",
        "cut-before",
        "cut-after",
        "truncate",
        "html",
    ];
    let cases: Vec<(&str, bool, &str)> = places
        .iter()
        .flat_map(|(place, later)| actions.map(|action| (*place, *later, action)))
        .collect();
    each(&cases, |(place, is_later, action)| {
        let (env, expected) = if *is_later {
            (later(), &second)
        } else {
            (busy(), &first)
        };
        let rule = format!("{place}@1={action}");
        env.fault(&rule);
        let document = env.sync();
        assert_eq!(env.struck(), [1], "{rule}");
        assert_eq!(&env.people(), expected, "{rule}");
        assert_eq!(document["people"]["failed"], 0, "{rule}: {document}");
        assert_eq!(
            document["requests"]["throttled"],
            u64::from(action.starts_with("429")),
            "{rule}"
        );
        env.no_faults();
        env.assert_settled();
    });
}

fn too_many_requests_without_a_time_are_waited_out() {
    // BigMailer: a second and more; HighLevel: its window of ten seconds.
    each(
        &[
            "bigmailer:POST:/contacts/batches@1=429",
            "ghl:POST:/contacts/search@1=429",
        ],
        |rule| {
            let env = busy();
            env.fault(rule);
            let began = std::time::Instant::now();
            let document = env.sync();
            assert_eq!(document["requests"]["throttled"], 1);
            let least = if rule.starts_with("ghl") {
                10_000
            } else {
                1_000
            };
            assert!(began.elapsed().as_millis() >= least, "{rule}");
            env.no_faults();
            env.assert_settled();
        },
    );
}

#[test]
fn a_write_without_an_answer_is_never_repeated_blindly() {
    let env = later();
    env.forget_requests();
    env.fault("bigmailer:POST:/contacts@1=cut-after");
    env.sync();
    let log = env.sandbox.requests();
    let creates: Vec<usize> = (0..log.len())
        .filter(|i| log[*i].method == "POST" && log[*i].path.ends_with("/contacts"))
        .collect();
    // Two people, two creations; the lost one was looked for instead.
    assert_eq!(creates.len(), 2, "{log:#?}");
    assert!(
        log[creates[0]..]
            .iter()
            .any(|one| one.method == "GET" && one.path.contains("example.com"))
    );
    env.no_faults();
    env.assert_settled();
}

fn answers_that_stay_bad_end_with_5_and_spoil_nothing() {
    let expected = end_state(busy);
    let cases = [
        ("ghl:*:*@1x*=503", "HighLevel"),
        ("bigmailer:*:*@1x*=500", "BigMailer"),
        ("ghl:POST:/contacts/search@1x*=cut-before", "HighLevel"),
        ("ghl:POST:/contacts/search@1x*=truncate", "HighLevel"),
        ("bigmailer:GET:/contacts@1x*=html", "BigMailer"),
        ("bigmailer:GET:/contacts@1x*=truncate", "BigMailer"),
        ("bigmailer:*:*@7x*=cut-before", "BigMailer"),
    ];
    each(&cases, |(rule, title)| {
        let env = busy();
        env.fault(rule);
        let ran = env.run(["sync", "--json"]);
        ran.expect(5);
        let error = ran.error();
        holds(&error["message"], &[title]);
        holds(&error["hint"], &["try again later"]);
        env.no_faults();
        env.age_intents();
        env.sync();
        assert_eq!(env.people(), expected, "{rule}");
        env.assert_settled();
    });
}

fn a_service_that_is_down_ends_with_5() {
    each(&["GHL_BM_GHL_URL", "GHL_BM_BIGMAILER_URL"], |variable| {
        let mut env = busy();
        // Nobody listens there, and unlike a port that was free a moment ago nobody else will.
        env.set(variable, "http://127.0.0.1:1");
        let error = fails(&env, 5);
        assert_eq!(error["code"], "unavailable");
        holds(&error["message"], &["no connection"]);
        assert_eq!(env.writes(), Vec::<String>::new());
    });
}

// ---- listings

/// Enough people for several pages on both sides, all in step.
fn pages() -> Env {
    let env = Env::new(Options {
        contacts: 250,
        quirks: Quirks {
            page_cap: PageCap::SilentHundred,
            ..Quirks::default()
        },
        ..quick()
    });
    env.profile(&PROFILE.replace("[filter]", "[sync]\non_ghl_delete = \"delete\"\n[filter]"));
    env.sync();
    env
}

#[test]
fn a_repeated_page_is_read_once() {
    let env = pages();
    let before = env.brand();
    for rule in [
        "ghl:POST:/contacts/search@2=repeat-page",
        "bigmailer:GET:/contacts@2=repeat-page",
    ] {
        env.no_faults();
        env.fault(rule);
        let document = env.sync_with(&["--full"]);
        assert_eq!(env.struck(), [1]);
        assert_eq!(document["read"]["ghl"], 250, "{rule}");
        assert_eq!(
            document["read"]["bigmailer"].as_u64(),
            Some(before.len() as u64),
            "{rule}"
        );
        assert_eq!(env.brand(), before, "{rule}");
    }
}

#[test]
fn a_cursor_that_loops_ends_with_5_and_nobody_counts_as_absent() {
    let env = pages();
    let before = env.brand();
    for rule in [
        "ghl:POST:/contacts/search@1x*=loop-cursor",
        "bigmailer:GET:/contacts@1x*=loop-cursor",
    ] {
        env.no_faults();
        env.fault(rule);
        let ran = env.run(["sync", "--full", "--json"]);
        ran.expect(5);
        assert_eq!(env.brand(), before, "{rule}");
    }
    env.no_faults();
    // Once is a slip: whether a client gets over it or gives up, it guesses nothing.
    for rule in [
        "ghl:POST:/contacts/search@2=loop-cursor",
        "bigmailer:GET:/contacts@2=loop-cursor",
    ] {
        env.no_faults();
        env.fault(rule);
        let ran = env.run(["sync", "--full"]);
        assert!(matches!(ran.code, Some(0 | 5)), "{rule}: {}", ran.all());
        assert_eq!(env.brand(), before, "{rule}");
    }
    env.no_faults();
    env.assert_settled();
}

// ---- batches

/// Changes the type of a field between the look at the profile and the first write, so that
/// BigMailer refuses a score from then on.
fn sync_with_refused_scores(env: &Env) -> Ran {
    for (n, name) in ["ivy", "jan", "kim", "lou", "mia"].into_iter().enumerate() {
        let mut contact = json!({"firstName": name, "email": format!("{name}@example.com")});
        if n == 2 {
            let fields = env.custom_field("lead_score");
            contact["customFields"] = json!([{"id": fields, "value": 7}]);
        }
        env.ghl_contact(contact);
    }
    let hold = env.sandbox.hold_at(4, Phase::Before);
    let run = env.start(["sync", "--json"]);
    assert!(hold.wait_reached(crate::env::PATIENCE));
    let fields = env.admin("GET", "/bigmailer/fields", Value::Null);
    let score = fields["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["merge_tag_name"] == "LEAD_SCORE")
        .unwrap();
    let mut score = score.clone();
    score["type"] = json!("date");
    env.admin("POST", "/bigmailer/fields", score.clone());
    hold.release();
    let ran = run.wait();
    score["type"] = json!("integer");
    env.admin("POST", "/bigmailer/fields", score);
    ran
}

#[test]
fn bad_rows_of_a_batch_fail_alone_even_where_they_take_the_others_along() {
    for bad_item in [BadItem::Item, BadItem::Whole] {
        let env = Env::new(Options {
            quirks: Quirks {
                bad_item,
                ..Quirks::default()
            },
            ..empty()
        });
        let ran = sync_with_refused_scores(&env);
        ran.expect(3);
        let document = ran.json();
        assert_eq!(document["people"]["created"], 4, "{document}");
        assert_eq!(document["people"]["failed"], 1, "{document}");
        assert_eq!(document["bigmailer"]["failed"], 1);
        assert_eq!(document["problems"].as_array().unwrap().len(), 1);
        assert_eq!(
            document["problems"][0]["ghl_id"],
            json!(env.ghl_id("kim@example.com"))
        );
        assert_eq!(env.brand().len(), 4);
        // The next run tries again.
        env.sync();
        assert_eq!(field(&env.person("kim@example.com"), "LEAD_SCORE"), 7);
        env.assert_settled();
    }
}

// ---- quota and brakes

#[test]
fn a_used_up_quota_ends_with_6_and_the_next_day_goes_on() {
    let expected = end_state(busy);
    for rule in [
        "ghl:*:*@1x*=daily-quota",
        "ghl:POST:/contacts/search@1x*=daily-quota",
        "ghl:*:*@1x*=daily-remaining:5",
    ] {
        let env = busy();
        env.fault(rule);
        let error = fails(&env, 6);
        assert_eq!(error["code"], "daily_quota", "{rule}");
        assert_eq!(error["service"], "ghl");
        env.no_faults();
        env.sync();
        assert_eq!(env.people(), expected, "{rule}");
        env.assert_settled();
    }
}

/// Sixty people, all in step.
fn sixty(extra: &str) -> Env {
    let env = Env::new(empty());
    env.profile(&PROFILE.replace("[filter]", &format!("[sync]\n{extra}\n[filter]")));
    for n in 0..60 {
        env.ghl_contact(json!({"firstName": "p", "email": format!("p{n}@example.com"), "dnd": false, "dndSettings": {}}));
    }
    env.sync();
    env
}

/// The brake holds in a real and in a dry run, writes nothing, and lets go when told to.
fn brakes(env: &Env, args: &[&str], word: &str) {
    let before = env.brand();
    env.forget_requests();
    for dry in [&["--dry-run"][..], &[]] {
        let ran = env.run(["sync", "--json"].iter().chain(args).chain(dry));
        ran.expect(7);
        let error = ran.error();
        assert_eq!(error["code"], "brake");
        holds(&error, &[word, "--yes"]);
        // The plan is in the document all the same.
        assert_eq!(ran.json()["exit_code"], 7);
    }
    assert_eq!(env.writes(), Vec::<String>::new());
    assert_eq!(env.brand(), before);
    let ran = env.run(["sync", "--json", "--yes"].iter().chain(args));
    ran.expect(0);
    env.assert_settled();
}

#[test]
fn a_run_that_would_change_too_many_is_stopped() {
    let env = sixty("");
    for n in 0..40 {
        let id = env.ghl_id(&format!("p{n}@example.com"));
        env.edit_ghl(&id, json!({"firstName": "q"}));
    }
    brakes(&env, &[], "max_changes");
}

#[test]
fn a_run_that_would_delete_too_many_is_stopped() {
    let env = sixty("on_ghl_delete = \"delete\"");
    for n in 0..4 {
        let id = env.ghl_id(&format!("p{n}@example.com"));
        env.admin("DELETE", &format!("/ghl/contacts/{id}"), Value::Null);
    }
    brakes(&env, &["--full"], "max_deletes");
    assert_eq!(env.brand().len(), 56);
}

#[test]
fn a_side_that_is_suddenly_empty_stops_the_run() {
    let env = sixty("");
    for person in env.brand().into_values() {
        let id = person["id"].as_str().unwrap().to_owned();
        env.admin("DELETE", &format!("/bigmailer/contacts/{id}"), Value::Null);
    }
    brakes(&env, &["--full"], "BigMailer");
    let env = sixty("");
    for n in 0..60 {
        let id = env.ghl_id(&format!("p{n}@example.com"));
        env.admin("DELETE", &format!("/ghl/contacts/{id}"), Value::Null);
    }
    brakes(&env, &["--full"], "HighLevel");
    assert_eq!(env.brand().len(), 60);
}

// ---- one at a time

#[test]
fn a_second_run_at_the_same_time_ends_with_9() {
    let expected = end_state(busy);
    let env = busy();
    let (first, hold) = env.sync_held(4, Phase::Before);
    let error = fails(&env, 9);
    assert_eq!(error["code"], "locked");
    holds(&error["hint"], &["--wait"]);
    // Looking is allowed.
    env.run(["sync", "--dry-run"]).expect(0);
    env.run(["runs", "list"]).expect(0);
    let waiting = env.start(["sync", "--wait", "--json"]);
    hold.release();
    first.wait().expect(0);
    let waited = waiting.wait();
    waited.expect(0);
    assert_eq!(waited.json()["people"]["created"], 0);
    assert_eq!(env.people(), expected);
}

#[test]
fn the_lock_dies_with_its_process() {
    let env = busy();
    let (run, hold) = env.sync_held(4, Phase::Before);
    run.kill();
    hold.release();
    env.sync();
    env.assert_settled();
}

// ---- the state file

#[test]
fn a_damaged_state_is_named_and_rebuilt_on_request_only() {
    let expected = end_state(busy);
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 4] = [
        ("overwritten", |bytes| {
            bytes.iter_mut().skip(4096).for_each(|b| *b = 0xa5)
        }),
        ("cut off", |bytes| bytes.truncate(bytes.len() / 2 + 100)),
        ("no database", |bytes| {
            *bytes = b"hello, this is not a database at all".to_vec()
        }),
        ("header", |bytes| bytes[..100].fill(0)),
    ];
    for (name, damage) in damages {
        let env = busy();
        env.sync();
        let path = env.state_file();
        let mut bytes = std::fs::read(&path).unwrap();
        damage(&mut bytes);
        std::fs::write(&path, &bytes).unwrap();
        for wal in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{wal}", path.display()));
        }
        for args in [
            &["sync", "--json"][..],
            &["sync", "--dry-run", "--json"],
            &["runs", "list", "--json"],
        ] {
            let ran = env.run(args);
            ran.expect(11);
            let error = ran.error();
            assert_eq!(error["code"], "state_damaged", "{name}: {error}");
            holds(&error, &["default.db", "--rebuild-state"]);
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}: touched");
        env.forget_requests();
        env.sync_with(&["--rebuild-state"]);
        assert_eq!(env.people(), expected, "{name}");
        env.assert_settled();
    }
}

#[test]
fn a_state_of_a_newer_version_is_left_alone() {
    let env = busy();
    env.sync();
    let db = rusqlite::Connection::open(env.state_file()).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = std::fs::read(env.state_file()).unwrap();
    let error = fails(&env, 11);
    assert_eq!(error["code"], "state_newer");
    holds(&error["hint"], &["update ghl-bm"]);
    assert_eq!(std::fs::read(env.state_file()).unwrap(), before);
}

#[test]
fn a_deleted_state_is_found_again_by_reading() {
    let env = busy();
    env.sync();
    let before = env.brand();
    std::fs::remove_dir_all(env.state_file().parent().unwrap()).unwrap();
    env.forget_requests();
    let document = env.sync();
    assert_eq!(document["mode"], "full");
    assert_eq!(env.writes(), Vec::<String>::new());
    assert_eq!(env.brand(), before);
    env.assert_settled();
}

// ---- no room

/// Runs a script in a mount namespace of its own, with `$DIR` a file system of `size`; `None` where
/// the machine does not let us make one.
#[cfg(unix)]
fn in_little_room(env: &Env, size: &str, script: &str) -> Option<Ran> {
    let dir = env.root.path().join("little");
    std::fs::create_dir_all(&dir).unwrap();
    let run = |script: &str| {
        let mut command = env.command(["--version"]);
        let vars: Vec<_> = command
            .get_envs()
            .map(|(k, v)| (k.to_owned(), v.unwrap().to_owned()))
            .collect();
        command = std::process::Command::new("unshare");
        let set_up = format!("mount -t tmpfs -o size={size} tmpfs \"$DIR\" && {script}");
        command
            .args(["-rm", "sh", "-c", &set_up])
            .env_clear()
            .envs(vars)
            .env("DIR", &dir)
            .env("BIN", crate::env::BINARY)
            .current_dir(env.root.path());
        command.output().ok().map(Ran::from)
    };
    if run("true").is_none_or(|ran| ran.code != Some(0)) {
        return None;
    }
    run(script)
}

#[cfg(unix)]
#[test]
fn a_full_disk_while_writing_state_ends_in_good_order() {
    let expected = end_state(busy);
    let env = busy();
    // Room for an empty state and nothing more; then the space comes back.
    let script = "dd if=/dev/zero of=\"$DIR\"/filler bs=1k count=SIZE 2>/dev/null; \
        \"$BIN\" sync --json --state-dir \"$DIR\"/state >/dev/null; echo first $?; \
        rm \"$DIR\"/filler; \"$BIN\" sync --json --state-dir \"$DIR\"/state >/dev/null; echo second $?; \
        \"$BIN\" sync --json --state-dir \"$DIR\"/state; echo third $?";
    let mut failed = 0;
    for filler in ["960", "900", "840", "780"] {
        let Some(ran) = in_little_room(&env, "1000k", &script.replace("SIZE", filler)) else {
            // Without a file system of its own this cannot be brought about.
            return;
        };
        let all = ran.all();
        if all.contains("first 1") {
            failed += 1;
            assert!(all.contains("\"code\":\"disk_full\""), "{all}");
        }
        assert!(
            all.contains("second 0") && all.contains("third 0"),
            "{filler}: {all}"
        );
        assert_eq!(env.people(), expected, "{filler}");
    }
    assert!(failed > 0, "the disk was never full");
}

#[cfg(unix)]
#[test]
fn a_limit_on_file_sizes_while_writing_state_ends_in_good_order() {
    let expected = end_state(busy);
    let env = busy();
    let vars: Vec<_> = env
        .command(["--version"])
        .get_envs()
        .map(|(k, v)| (k.to_owned(), v.unwrap().to_owned()))
        .collect();
    for blocks in [1, 20, 60, 100, 140, 200] {
        // Without its signal the limit is an error like any other.
        let output = std::process::Command::new("sh")
            .args([
                "-c",
                &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$BIN\" sync --json"),
            ])
            .env_clear()
            .envs(vars.clone())
            .env("BIN", crate::env::BINARY)
            .output()
            .unwrap();
        let ran = Ran::from(output);
        assert!(
            matches!(ran.code, Some(0 | 1 | 11)),
            "{blocks}: {:?} {}",
            ran.code,
            ran.all()
        );
        if ran.code != Some(0) {
            holds(&ran.error(), &["default.db"]);
        }
    }
    env.sync();
    assert_eq!(env.people(), expected);
    env.assert_settled();
}

#[cfg(unix)]
#[test]
fn a_full_disk_while_exporting_leaves_no_file() {
    let env = Env::new(Options {
        contacts: 250,
        ..quick()
    });
    let out = std::fs::OpenOptions::new().write(true).open("/dev/full");
    if let Ok(out) = out {
        let child = env
            .command(["pull", "contacts", "--json"])
            .stdout(out)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let ran = Ran::from(child.wait_with_output().unwrap());
        ran.expect(1);
        assert_eq!(ran.error()["code"], "disk_full");
    }
    let script = "\"$BIN\" pull contacts -o \"$DIR\"/out.csv --json; echo ended $?; ls -A \"$DIR\"; echo listed";
    if let Some(ran) = in_little_room(&env, "16k", script) {
        let all = ran.all();
        assert!(
            all.contains("ended 1") && all.contains("disk_full"),
            "{all}"
        );
        assert!(ran.stdout.contains("ended 1\nlisted\n"), "{all}");
    }
}

#[cfg(unix)]
#[test]
fn an_export_that_filled_the_disk_is_gone_on_with_when_there_is_room() {
    let env = Env::new(Options {
        contacts: 250,
        ..quick()
    });
    let expected = env.run(["pull", "contacts", "--include", "notes"]);
    expected.expect(0);
    let script = "dd if=/dev/zero of=\"$DIR\"/filler bs=1k count=900 2>/dev/null; \
        \"$BIN\" pull contacts --include notes -o \"$DIR\"/out.csv; echo first $?; ls -A \"$DIR\"; \
        rm \"$DIR\"/filler; \"$BIN\" pull contacts --include notes -o \"$DIR\"/out.csv --resume; \
        echo second $?; ls -A \"$DIR\"; cp \"$DIR\"/out.csv out.csv";
    let Some(ran) = in_little_room(&env, "960k", script) else {
        return;
    };
    let all = ran.all();
    assert!(all.contains("first 1\n.out.csv.ghl-bm-part\n"), "{all}");
    assert!(all.contains("--resume goes on after"), "{all}");
    assert!(all.contains("going on with"), "{all}");
    assert!(all.contains("second 0\nout.csv\n"), "{all}");
    let file = std::fs::read_to_string(env.root.path().join("out.csv")).unwrap();
    assert_eq!(file, expected.stdout);
}

#[cfg(unix)]
#[test]
fn a_config_directory_that_is_only_mounted_is_worth_a_word_and_no_failure() {
    let env = busy();
    let script = "cp -r config \"$DIR\"/ && mount -o remount,ro \"$DIR\" && \
        \"$BIN\" --config-dir \"$DIR\"/config test --json";
    let Some(ran) = in_little_room(&env, "64k", script) else {
        return;
    };
    ran.expect(0);
    let document = ran.json();
    let checks = document["checks"].as_array().unwrap();
    let verdict = |name: &str| {
        let check = checks.iter().find(|check| check["name"] == name);
        check.unwrap()["verdict"].clone()
    };
    assert_eq!(verdict("config dir"), "warn");
    assert_eq!(verdict("state dir"), "ok");
}
