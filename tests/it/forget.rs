//! `runs forget`: nothing of a person is left in the bytes on disk.

use serde_json::json;

use crate::env::{Env, empty};

/// Everything that the state directory holds.
fn bytes(env: &Env) -> Vec<(String, Vec<u8>)> {
    let folder = env.state_file().parent().unwrap().to_owned();
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), std::fs::read(path).unwrap())
        })
        .collect()
}

fn holds(env: &Env, word: &str) -> Vec<String> {
    let files = bytes(env);
    let found = files.into_iter().filter(|(_, bytes)| {
        let lower = bytes.to_ascii_lowercase();
        let word = word.to_ascii_lowercase();
        lower
            .windows(word.len())
            .any(|part| part == word.as_bytes())
    });
    found.map(|(path, _)| path).collect()
}

/// Somebody with a past: values that came and went, an address that changed, a problem.
fn known() -> (Env, Vec<String>) {
    let env = Env::new(empty());
    for n in 0..40 {
        env.ghl_contact(
            json!({"firstName": format!("Other{n}"), "email": format!("o{n}@example.com")}),
        );
    }
    let id = env.ghl_contact(
        json!({"firstName": "Zebulon", "companyName": "Quixotic Ltd",
        "email": "zebulon@example.com", "tags": ["customer"]}),
    );
    env.sync();
    env.edit_ghl(
        &id,
        json!({"firstName": "Zacharias", "email": "zacharias@example.com"}),
    );
    env.sync();
    let custom = env.custom_field("lead_score");
    env.edit_ghl(
        &id,
        json!({"companyName": "Brobdingnag",
        "customFields": [{"id": custom, "value": "not a number"}]}),
    );
    assert_eq!(env.run(["sync"]).code, Some(3));
    let bm_id = env.person("zacharias@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut words = vec![id, bm_id];
    for word in ["Zebulon", "Zacharias", "Quixotic", "Brobdingnag"] {
        words.push(word.to_owned());
    }
    (env, words)
}

#[test]
fn nothing_of_a_person_is_left_in_the_files() {
    let (env, words) = known();
    for word in &words {
        assert_ne!(holds(&env, word), Vec::<String>::new(), "{word} was known");
    }
    let ran = env.run([
        "runs",
        "forget",
        " Zacharias@Example.com ",
        "--yes",
        "--json",
    ]);
    ran.expect(0);
    let document = ran.json();
    assert!(document["rows"].as_u64().unwrap() >= 4, "{document}");
    assert_eq!(document["was_deleted_in_bigmailer"], false);
    for word in &words {
        assert_eq!(holds(&env, word), Vec::<String>::new(), "{word}");
    }
    // Nobody else is forgotten with them.
    assert_ne!(holds(&env, "Other7"), Vec::<String>::new());
    env.run(["runs", "forget", "zacharias@example.com", "--yes"])
        .expect(0);
    // The person is a stranger to the next run, which finds who belongs together.
    let before = env.brand();
    env.run(["sync", "--full"]).expect(3);
    assert_eq!(env.brand().len(), before.len());
}

#[test]
fn a_deletion_is_forgotten_with_the_person_and_that_is_said() {
    let (env, _) = known();
    let id = env.person("zacharias@example.com")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    env.admin("DELETE", &format!("/bigmailer/contacts/{id}"), json!(null));
    let _ = env.run(["sync", "--full"]);
    let ran = env.run(["runs", "forget", "zacharias@example.com", "--yes"]);
    ran.expect(0);
    ran.says(&["makes it again"]);
    assert_eq!(holds(&env, "zacharias"), Vec::<String>::new());
}

#[test]
fn nobody_is_forgotten_unasked() {
    let (env, words) = known();
    let ran = env.run(["runs", "forget", "zacharias@example.com"]);
    ran.expect(2);
    ran.says(&["--yes"]);
    assert_ne!(holds(&env, &words[0]), Vec::<String>::new());
    let aside = env.state_file().with_extension("db.damaged-x");
    std::fs::write(&aside, "zacharias").unwrap();
    let ran = env.run(["runs", "forget", "nobody@example.com", "--yes"]);
    ran.expect(0);
    assert!(ran.stdout.contains("Nothing was known"), "{}", ran.stdout);
    ran.says(&["damaged-x"]);
    let fresh = Env::new(empty());
    fresh
        .run(["runs", "forget", "a@example.com", "--yes"])
        .expect(0);
    assert!(!fresh.state_file().exists());
}
