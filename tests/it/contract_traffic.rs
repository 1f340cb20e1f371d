//! The traffic that the contract checks look at: commands of the program, the tests of both typed
//! clients, the plain HTTP checks, the calls that only the sandbox answers, and refusals of all kinds.
//!
//! Everything lands in files, as the sandbox records it; nothing is judged here.
//! Start reading at [`Traffic::drive`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use ghl_bm::sandbox::{Options, Sandbox};
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::env::{Env, PROFILE, each, quick};
use crate::live::{Place, check_both, every_quirk};

/// Where each kind of traffic is recorded.
pub struct Traffic {
    /// What the client sends: requests and answers have to be as declared.
    pub client: PathBuf,
    /// What others send, mistakes among it: only the answers count.
    pub others: PathBuf,
}

impl Traffic {
    /// Makes all of it.
    pub fn drive(folder: &Path) -> Traffic {
        let traffic = Traffic {
            client: folder.join("client.ndjson"),
            others: folder.join("others.ndjson"),
        };
        typed_clients(&traffic.client);
        commands(&traffic.client);
        plain(&traffic.others);
        rest(&traffic.others);
        refusals(&traffic);
        traffic
    }
}

/// Every exchange of a file.
pub fn exchanges(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn recording(file: &Path) -> Options {
    Options {
        contacts: 60,
        record: Some(file.to_owned()),
        ..quick()
    }
}

/// The methods of both clients, most of which some command reaches, in every world that their own
/// tests know. They are not public, so those tests have to be run.
fn typed_clients(file: &Path) {
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo tells its tests would make it build dependencies anew that look at it.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    let ran = cargo
        .args([
            "test",
            "--quiet",
            "--frozen",
            "--lib",
            "--",
            "tests::sandbox::",
        ])
        .env("GHL_BM_TEST_RECORD", file)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(
        ran.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(!said.contains(" 0 passed"), "{said}");
}

/// What BigMailer leaves open; the typed client of HighLevel is tested with what that leaves open.
const WORLDS: [&[&str]; 4] = [
    &[],
    &[
        "upsert=replace",
        "omitted-unsubscribe=resubscribe",
        "all-list=present",
    ],
    &[
        "bad-item=whole",
        "email-case=sensitive",
        "unknown-field=create",
    ],
    &[
        "unknown-field=ignore",
        "remove-value=match",
        "search-dnd=absent",
        "page-cap=refuse-over-100",
    ],
];

/// The program as people use it.
fn commands(file: &Path) {
    each(&WORLDS, |quirks| {
        let mut options = recording(file);
        for quirk in *quirks {
            options.quirks.set(quirk).unwrap();
        }
        let env = Env::new(options);
        syncs(&env);
        pulls(&env);
        pushes(&env);
        calls(&env);
    });
}

/// Runs a command that has to come to its end; some rows or contacts may fail.
fn done(env: &Env, words: &str) {
    let ran = env.run(words.split(' '));
    assert!(
        matches!(ran.code, Some(0 | 3)),
        "{words} ended with {:?}: {}",
        ran.code,
        ran.all()
    );
}

fn syncs(env: &Env) {
    done(env, "auth status");
    // A field and a list that BigMailer lacks.
    let more = "\n[[field]]\nghl = \"city\"\nbigmailer = \"CITY\"\n\
        \n[[list]]\ntag = \"lead\"\nlist = \"Leads\"\n\n[limits]";
    env.profile(&PROFILE.replace("\n[limits]", more));
    env.run(["map", "check"]).expect(20);
    done(env, "map check --create");
    done(env, "test");
    done(env, "sync --dry-run");
    done(env, "sync");
    let new = env.ghl_contact(json!({"firstName": "New", "email": "new@example.com",
        "dnd": true, "tags": ["customer"], "city": "Ulm"}));
    let old = env.ghl_contact(json!({"firstName": "Old", "email": "old@example.com",
        "tags": ["customer", "newsletter"]}));
    done(env, "sync");
    env.edit_ghl(&new, json!({"email": "newer@example.com", "tags": []}));
    env.edit_ghl(
        &old,
        json!({"dnd": true, "city": "Bonn", "tags": ["newsletter"]}),
    );
    done(env, "sync --only old@example.com");
    done(env, "sync");
    let on_delete = "[sync]\non_ghl_delete = \"delete\"\n\n[filter]";
    env.profile(&PROFILE.replace("[filter]", on_delete));
    env.admin("DELETE", &format!("/ghl/contacts/{old}"), Value::Null);
    done(env, "sync --full");
    for direction in ["to-ghl", "both"] {
        let other = format!(
            "[sync]\ndirection = \"{direction}\"\ncreate_in_ghl = true\n\n\
             [consent]\nto_ghl = true\n\n[filter]"
        );
        env.profile(&PROFILE.replace("[filter]", &other));
        let ran = env.run(["sync", "--full", "--yes"]);
        assert!(
            matches!(ran.code, Some(0 | 3 | 8)),
            "sync {direction}: {}",
            ran.all()
        );
    }
    env.profile(PROFILE);
}

fn pulls(env: &Env) {
    for words in [
        "contacts --limit 20 --include tasks,notes,appointments,opportunities",
        "contacts --via list",
        "contacts --since 7d --tag customer",
        "contacts --query ada",
        "contacts --from bigmailer",
        "contacts --from bigmailer --list Customers",
        "tasks --all",
        "tasks --all --completed true",
        "notes --all",
        "appointments --all",
        "opportunities --all",
        "opportunities --all --status won",
        "businesses",
        "fields",
        "fields --from bigmailer",
        "tags",
        "lists",
        "contact newer@example.com",
        "contact newer@example.com --from bigmailer",
    ] {
        done(env, &format!("pull {words}"));
    }
    let all = env.admin("GET", "/ghl/businesses", Value::Null);
    let business = all["businesses"][0]["id"].as_str().unwrap();
    done(env, &format!("pull contacts --business {business}"));
}

fn pushes(env: &Env) {
    let push = |what: &str, rows: &str, more: &str| {
        let words = format!("push {what} - {more}");
        let words = words.trim().split(' ');
        let ran = env.run_with_input(words, rows);
        assert!(
            matches!(ran.code, Some(0 | 3)),
            "push {what} {more}: {}",
            ran.all()
        );
    };
    let people = "email,first_name,company,address1,city,state,postal_code,country,website,timezone,\
        source,phone,date_of_birth,custom.lead_score,custom.renewal,tags,unsubscribed\n\
        pushed1@example.com,Ada,Engines,1 Street,Ulm,BW,89073,DE,https://example.com,Europe/Berlin,\
        file,+4973112345678,1990-09-25,41,2026-05-01,customer,\n\
        pushed2@example.com,Bob,,,,,,,,,,,,,,newsletter,yes\n";
    let changed = "email,first_name,company,city,date_of_birth,phone,tags,unsubscribed,op\n\
        pushed1@example.com,Ada II,Bridges,Bonn,1991-10-26,+4973112345679,newsletter,yes,\n\
        pushed2@example.com,,,,,,,,delete\n";
    for side in ["bigmailer", "ghl"] {
        push("contacts", people, &format!("--to {side}"));
        push("contacts", changed, &format!("--to {side} --yes"));
    }
    push(
        "tags",
        "email,op,tags\npushed1@example.com,add,one;two\nnewer@example.com,set,three\n\
         newer@example.com,remove,three\n",
        "",
    );
    let many = env.admin("GET", "/ghl/contacts", Value::Null);
    let many = many["contacts"].as_array().unwrap();
    let mut rows = "contact_id,op,tags\n".to_owned();
    for contact in many.iter().take(20) {
        rows.push_str(&format!("{},add,many\n", contact["id"].as_str().unwrap()));
    }
    push("tags", &rows, "");
    push("tags", &rows.replace("add", "remove"), "");

    let one = env.ghl_id("pushed1@example.com");
    push(
        "notes",
        "email,body,title\npushed1@example.com,Text,Title\npushed1@example.com,More,\n",
        "",
    );
    let ids = things(env, "notes", &one);
    push(
        "notes",
        &format!(
            "contact_id,op,note_id,body\n{one},update,{},Other\n{one},delete,{},\n",
            ids[0], ids[1]
        ),
        "",
    );
    push(
        "tasks",
        "email,title,body,due\npushed1@example.com,One,Text,+2d\npushed1@example.com,Two,,2030-01-01\n",
        "",
    );
    let ids = things(env, "tasks", &one);
    push(
        "tasks",
        &format!(
            "contact_id,op,task_id,title,due\n{one},update,{0},Other,+3d\n{one},complete,{0},,\n\
             {one},reopen,{0},,\n{one},delete,{1},,\n",
            ids[0], ids[1]
        ),
        "",
    );
}

/// Ids of what hangs on a contact.
fn things(env: &Env, what: &str, contact: &str) -> Vec<String> {
    let found = env.admin(
        "GET",
        &format!("/ghl/{what}?contactId={contact}"),
        Value::Null,
    );
    let found = found[what].as_array().unwrap().iter();
    let ids: Vec<String> = found
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2, "{what}");
    ids
}

fn calls(env: &Env) {
    for words in [
        "api bigmailer GET /me",
        "api bigmailer GET /brands --paginate",
        "api bigmailer GET /brands/{brand}/contacts --paginate",
        "api bigmailer POST /brands/{brand}/lists --field name=Regulars --write",
        "api ghl GET /contacts/ --field locationId={location} --paginate",
        "api ghl POST /contacts/search --field locationId={location} --paginate",
        "api ghl GET /locations/{location}",
        "api ghl GET /opportunities/search --field location_id={location} --paginate",
    ] {
        done(env, words);
    }
}

/// The plain HTTP checks, in every world.
fn plain(file: &Path) {
    let mut worlds = every_quirk();
    worlds.push("page-cap=500".to_owned());
    each(&worlds, |quirk| {
        let mut options = recording(file);
        options.quirks.set(quirk).unwrap();
        let sandbox = Sandbox::start(options).unwrap();
        let (ghl, bigmailer) = Place::of_sandbox(&sandbox);
        let findings = check_both(&ghl, &bigmailer);
        assert_eq!(findings.wrong, Vec::<String>::new(), "{quirk}");
    });
}

/// What the sandbox answers and neither the client nor the plain checks ask.
fn rest(file: &Path) {
    let sandbox = Sandbox::start(recording(file)).unwrap();
    let (ghl, bigmailer) = Place::of_sandbox(&sandbox);
    let place = sandbox.location_id();
    let first = |path: &str, list: &str| {
        let (_, all) = sandbox.admin("GET", path, Value::Null);
        all[list][0]["id"].as_str().unwrap().to_owned()
    };
    let contact = first("/ghl/contacts", "contacts");
    let business = first("/ghl/businesses", "businesses");
    let opportunity = first("/ghl/opportunities", "opportunities");
    let user = "user0000000000000001";
    let ask = |method: &str, path: &str, body: Value| {
        let said = ghl.ask(method, path, body);
        assert!(said.ok(), "{said}");
        said
    };
    let followers = json!({"followers": [user]});
    ask(
        "POST",
        &format!("/contacts/{contact}/followers"),
        followers.clone(),
    );
    ask(
        "DELETE",
        &format!("/contacts/{contact}/followers"),
        followers,
    );
    ask(
        "POST",
        &format!("/contacts/{contact}/campaigns/c"),
        json!({}),
    );
    ask(
        "DELETE",
        &format!("/contacts/{contact}/campaigns/c"),
        Value::Null,
    );
    ask(
        "DELETE",
        &format!("/contacts/{contact}/campaigns/removeAll"),
        Value::Null,
    );
    let start = json!({"eventStartTime": "2026-06-23T03:30:00+01:00"});
    ask(
        "POST",
        &format!("/contacts/{contact}/workflow/w"),
        start.clone(),
    );
    ask("DELETE", &format!("/contacts/{contact}/workflow/w"), start);
    for business in [json!(business), Value::Null] {
        let body = json!({"locationId": place, "ids": [contact], "businessId": business});
        ask("POST", "/contacts/bulk/business", body);
    }
    for status in ["won", "open"] {
        let path = format!("/opportunities/{opportunity}/status");
        ask("PUT", &path, json!({"status": status}));
    }
    let tags = format!("/locations/{place}/tags");
    let tag = ask("POST", &tags, json!({"name": "fresh"})).text("/tag/id");
    ask("GET", &format!("{tags}/{tag}"), Value::Null);
    ask("PUT", &format!("{tags}/{tag}"), json!({"name": "fresher"}));
    ask("DELETE", &format!("{tags}/{tag}"), Value::Null);
    let fields = format!("/locations/{place}/customFields");
    for kind in [
        "TEXT",
        "LARGE_TEXT",
        "NUMERICAL",
        "PHONE",
        "MONETORY",
        "CHECKBOX",
        "SINGLE_OPTIONS",
        "MULTIPLE_OPTIONS",
        "DATE",
        "TEXTBOX_LIST",
        "FILE_UPLOAD",
        "RADIO",
        "EMAIL",
    ] {
        let body = json!({"name": format!("New {kind}"), "dataType": kind, "placeholder": "x"});
        let field = ask("POST", &fields, body).text("/customField/id");
        let field = format!("{fields}/{field}");
        ask("GET", &field, Value::Null);
        ask("PUT", &field, json!({"name": format!("Newer {kind}")}));
        ask("DELETE", &field, Value::Null);
    }
    ask("GET", &format!("{fields}?model=all"), Value::Null);
    // Whoever came with nothing, and whoever came with everything.
    for contact in sandbox.admin("GET", "/ghl/contacts", Value::Null).1["contacts"]
        .as_array()
        .unwrap()
    {
        let id = contact["id"].as_str().unwrap();
        for rest in ["", "/tasks", "/notes", "/appointments"] {
            ask("GET", &format!("/contacts/{id}{rest}"), Value::Null);
        }
    }

    let brand = |rest: &str| format!("/brands/{}/{rest}", sandbox.brand_id());
    let ask = |method: &str, rest: &str, body: Value| {
        let said = bigmailer.ask(method, &brand(rest), body);
        assert!(said.ok(), "{said}");
        said
    };
    for what in [
        "segments",
        "suppression-lists",
        "transactional-campaigns",
        "message-types",
        "lists",
        "fields",
        "contacts",
    ] {
        let said = ask("GET", &format!("{what}?limit=3"), Value::Null);
        if let Some(id) = said.at("/data/0/id").as_str() {
            ask("GET", &format!("{what}/{id}"), Value::Null);
        }
    }
    let file = "--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"left.csv\"\r\n\
        content-type: text/csv\r\n\r\na@example.com\r\n--B--\r\n";
    let said = Client::new()
        .post(format!(
            "{}{}",
            sandbox.bigmailer_url(),
            brand("suppression-lists")
        ))
        .header("x-api-key", sandbox.bigmailer_key())
        .header("content-type", "multipart/form-data; boundary=B")
        .body(file)
        .send()
        .unwrap();
    assert_eq!(said.status(), 200);
    let id = ask("GET", "suppression-lists", Value::Null).text("/data/0/id");
    ask("GET", &format!("suppression-lists/{id}"), Value::Null);
}

/// Every call that was answered well, once more without its credential, with one that is not
/// enough, for what does not exist, with a broken body, and while the service is in trouble.
fn refusals(traffic: &Traffic) {
    let mut samples: BTreeMap<String, Value> = BTreeMap::new();
    for exchange in [&traffic.client, &traffic.others]
        .into_iter()
        .flat_map(|file| exchanges(file))
    {
        let status = exchange["status"].as_u64().unwrap();
        if (200..300).contains(&status) {
            let path = shape(&exchange);
            let path = path.split('?').next().unwrap();
            let key = format!("{} {path}", exchange["method"]);
            samples.entry(key).or_insert(exchange);
        }
    }
    let samples: Vec<Value> = samples.into_values().collect();
    let mut options = recording(&traffic.others);
    options.limits = false;
    let sandbox = Sandbox::start(options).unwrap();
    let (_, world) = sandbox.admin("GET", "/world", Value::Null);
    let mut tokens: BTreeSet<String> = world["ghl"]["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["token"].as_str().unwrap().to_owned())
        .collect();
    tokens.remove(sandbox.ghl_token());
    tokens.insert("pit-nobody".to_owned());
    tokens.insert("eyJhbGciOi".to_owned());
    let again = Again {
        http: Client::builder().no_proxy().build().unwrap(),
        sandbox: &sandbox,
    };
    for sample in &samples {
        let service = sample["service"].as_str().unwrap();
        let credential = match service {
            "ghl" => "authorization",
            _ => "x-api-key",
        };
        again.send(sample, |asked| asked.header(credential, None));
        for token in &tokens {
            again.send(sample, |asked| {
                asked.header(credential, Some(&format!("Bearer {token}")))
            });
        }
        again.send(sample, |asked| asked.header("version", None));
        again.send(sample, |asked| asked.header("version", Some("none")));
        again.send(sample, |asked| {
            asked.target = shape(sample).replace(":id", "nobody00000000000000")
        });
        again.send(sample, |asked| {
            asked.target = shape(sample).replace(":id", "00000000-0000-4000-8000-000000000000")
        });
        for (key, value) in [
            ("nonsense", "1"),
            ("limit", "0"),
            ("limit", "none"),
            ("cursor", "none"),
            ("type", "none"),
            ("field_values_op", "none"),
        ] {
            again.send(sample, |asked| {
                let mark = if asked.target.contains('?') { '&' } else { '?' };
                asked.target.push_str(&format!("{mark}{key}={value}"));
            });
        }
        if sample["body"] != "" {
            for body in [
                "{",
                "[]",
                "{}",
                r#"{"nonsense": 1}"#,
                r#"{"email": 7, "tags": 7, "name": 7, "items": 7}"#,
            ] {
                again.send(sample, |asked| asked.body = body.to_owned());
            }
        }
        for action in [
            "400",
            "429",
            "429-after:1",
            "429-date:1",
            "500",
            "502",
            "503",
            "503-after:1",
            "unauthorized",
            "scope",
            "wrong-location",
            "bad-key",
            "daily-quota",
        ] {
            // Without a brand in the path there is no wrong one.
            if action == "wrong-location" && !target_names_place(sample) {
                continue;
            }
            let rule = json!({"rule": format!("{service}:*:*@1={action}")});
            sandbox.admin("POST", "/faults", rule);
            again.send(sample, |_| {});
            sandbox.admin("DELETE", "/faults", Value::Null);
        }
    }
    // The limits themselves.
    let mut options = recording(&traffic.others);
    options.limits = true;
    let sandbox = Sandbox::start(options).unwrap();
    let again = Again {
        http: Client::builder().no_proxy().build().unwrap(),
        sandbox: &sandbox,
    };
    for service in ["ghl", "bigmailer"] {
        let sample = samples
            .iter()
            .find(|one| one["service"] == service && one["method"] == "GET");
        let said: Vec<u16> = (0..101)
            .map(|_| again.send(sample.unwrap(), |_| {}))
            .collect();
        assert!(said.contains(&429), "{service}: {said:?}");
    }
}

fn target_names_place(exchange: &Value) -> bool {
    let target = exchange["target"].as_str().unwrap();
    exchange["service"] == "ghl" || target.starts_with("/v1/brands/")
}

/// The path of an exchange, with `:id` for whatever names one object.
fn shape(exchange: &Value) -> String {
    let target = exchange["target"].as_str().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let names_one = |part: &str| part.len() >= 20 || part.contains(['@', '%']) || part.len() == 1;
    let parts: Vec<&str> = path.split('/').collect();
    let mut parts: Vec<&str> = parts
        .iter()
        .map(|part| {
            if names_one(part) && *part != "transactional-campaigns" {
                ":id"
            } else {
                part
            }
        })
        .collect();
    // The brand and the location have to be right.
    for (at, part) in path.split('/').enumerate() {
        if at > 0 && ["brands", "locations"].contains(&parts[at - 1]) {
            parts[at] = part;
        }
    }
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    };
    parts.join("/") + &query
}

/// A recorded request, to be sent once more in another form.
struct Asked {
    target: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Asked {
    fn header(&mut self, name: &str, value: Option<&str>) {
        self.headers.remove(name);
        if let Some(value) = value {
            self.headers.insert(name.to_owned(), value.to_owned());
        }
    }
}

struct Again<'a> {
    http: Client,
    sandbox: &'a Sandbox,
}

impl Again<'_> {
    /// The status of what the sandbox says to a changed request.
    fn send(&self, sample: &Value, change: impl FnOnce(&mut Asked)) -> u16 {
        let text = |key: &str| sample[key].as_str().unwrap().to_owned();
        let own = ["host", "content-length", "connection", "accept-encoding"];
        let headers = sample["headers"].as_object().unwrap().iter();
        let mut asked = Asked {
            target: text("target"),
            headers: headers
                .filter(|(name, _)| !own.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            body: text("body"),
        };
        change(&mut asked);
        let base = match sample["service"].as_str() {
            Some("ghl") => self.sandbox.ghl_url(),
            // Its base URL ends in a part of the path.
            _ => self
                .sandbox
                .bigmailer_url()
                .trim_end_matches("/v1")
                .to_owned(),
        };
        let mut request = self
            .http
            .request(text("method").parse().unwrap(), base + &asked.target)
            .body(asked.body);
        for (name, value) in asked.headers {
            request = request.header(name, value);
        }
        request.send().unwrap().status().as_u16()
    }
}
