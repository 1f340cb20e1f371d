//! The checks of `test` that write: `--round-trip` and `--probe`.

use ghl_bm::sandbox::{Options, Quirks};
use serde_json::{Value, json};

use crate::env::{Env, empty, quick};

fn world(quirks: &[&str]) -> Env {
    let mut set = Quirks::default();
    for quirk in quirks {
        set.set(quirk).unwrap();
    }
    Env::new(Options {
        contacts: 40,
        quirks: set,
        ..quick()
    })
}

fn checks(document: &Value, name: &str) -> Vec<(String, String)> {
    let all = document["checks"].as_array().unwrap().iter();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    all.filter(|check| check["name"] == name)
        .map(|check| (text(check, "verdict"), text(check, "message")))
        .collect()
}

/// Everything in the brand that a probe could leave behind.
fn brand(env: &Env) -> Value {
    let list = |path: &str| env.admin("GET", &format!("/bigmailer/{path}"), Value::Null);
    json!([env.brand(), list("lists"), list("fields")])
}

#[test]
fn a_contact_makes_the_round_trip() {
    let env = world(&[]);
    let before = brand(&env);
    let ran = env.run(["test", "--json", "--round-trip", "canary@example.com"]);
    ran.expect(0);
    let found = checks(&ran.json(), "round trip");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "ok");
    assert!(found[0].1.contains("5 fields"), "{found:?}");
    assert_eq!(brand(&env), before);
    assert_eq!(env.writes().len(), 2, "{:?}", env.writes());

    // Somebody's own address is left alone.
    env.bm_contact(json!({"email": "somebody@example.com"}));
    env.forget_requests();
    let ran = env.run(["test", "--json", "--round-trip", "Somebody@example.com"]);
    ran.expect(2);
    assert_eq!(checks(&ran.json(), "round trip")[0].0, "fail");
    assert_eq!(env.writes(), Vec::<String>::new());
    env.person("somebody@example.com");
    env.run(["test", "--round-trip", "nonsense"]).expect(2);
}

#[test]
fn a_probe_finds_out_what_a_brand_does_and_leaves_nothing_behind() {
    for (quirks, expected) in [
        (
            &[][..],
            [
                "upsert keeps what it does not name",
                "a batch keeps what it does not name",
                "fails alone",
                "are one contact",
                "is not shown",
                "by its field's name",
            ],
        ),
        (
            &[
                "upsert=replace",
                "omitted-unsubscribe=resubscribe",
                "bad-item=whole",
                "email-case=sensitive",
                "all-list=present",
                "remove-value=match",
            ],
            [
                "upsert loses of a contact that exists: values, lists, opt-outs",
                "a batch loses of a contact that exists: values, lists, opt-outs",
                "fails the whole batch",
                "are two contacts",
                "is shown",
                "only if it is named",
            ],
        ),
    ] {
        let env = world(quirks);
        let before = brand(&env);
        let ran = env.run(["test", "--json", "--probe"]);
        ran.expect(0);
        let found = checks(&ran.json(), "probe");
        assert_eq!(found.len(), 6, "{found:?}");
        for ((verdict, said), part) in found.iter().zip(expected) {
            assert_eq!(verdict, "ok");
            assert!(said.contains(part), "{said}: {part}");
        }
        assert_eq!(brand(&env), before, "{quirks:?}");
        let db = rusqlite::Connection::open(env.state_file()).unwrap();
        let count: i64 = db
            .query_row(
                "SELECT count(*) FROM capability WHERE brand = ?1 AND at > 0",
                [env.sandbox.brand_id()],
                |r| r.get(0),
            )
            .unwrap();
        assert_eq!(count, 6);
    }
}

#[test]
fn what_a_probe_left_behind_goes_with_the_next_one() {
    let env = world(&[]);
    let before = brand(&env);
    let hold = env.sandbox.hold_at(30, ghl_bm::sandbox::Phase::After);
    let running = env.start(["test", "--probe"]);
    assert!(hold.wait_reached(crate::env::PATIENCE));
    // While it is at work no sync takes its canaries for people.
    env.run(["sync"]).expect(9);
    running.kill();
    hold.release();
    assert_ne!(brand(&env), before);
    env.run(["test", "--probe"]).expect(0);
    assert_eq!(brand(&env), before);
}

#[test]
fn a_probe_that_cannot_finish_says_so_and_cleans_up() {
    let env = Env::new(empty());
    let before = brand(&env);
    env.fault("bigmailer:POST:/contacts/upsert@1x*=scope");
    let ran = env.run(["test", "--json", "--probe"]);
    assert_ne!(ran.code, Some(0));
    assert!(
        checks(&ran.json(), "probe")
            .iter()
            .all(|(verdict, _)| verdict == "fail")
    );
    assert_eq!(brand(&env), before);
}
