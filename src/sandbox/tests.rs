//! The sandbox over real sockets, with a client of a few lines that knows no service.
//! Start with [`ask`].

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;

mod oauth;

/// What came back over a socket: everything until the server closed the connection.
struct Got {
    status: u16,
    head: String,
    body: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Sends bytes of a request and gives back the open connection.
fn send(
    sandbox: &Sandbox,
    base: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> TcpStream {
    let (host, prefix) = base
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .map_or_else(
            || (&base[7..], String::new()),
            |(host, prefix)| (host, format!("/{prefix}")),
        );
    let mut stream = TcpStream::connect(host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {prefix}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\nVersion: 2021-07-28\r\nX-API-Key: {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        sandbox.ghl_token(),
        sandbox.bigmailer_key(),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn receive(mut stream: TcpStream) -> Got {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Got {
        status: head
            .get(9..12)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

fn ghl(sandbox: &Sandbox, method: &str, path: &str, body: Option<&Value>) -> Got {
    receive(send(sandbox, &sandbox.ghl_url(), method, path, body))
}

fn bigmailer(sandbox: &Sandbox, method: &str, path: &str, body: Option<&Value>) -> Got {
    let path = format!("/brands/{}/{path}", sandbox.brand_id());
    receive(send(sandbox, &sandbox.bigmailer_url(), method, &path, body))
}

fn search(sandbox: &Sandbox) -> Got {
    let body = json!({"locationId": sandbox.location_id(), "pageLimit": 100});
    ghl(sandbox, "POST", "/contacts/search", Some(&body))
}

fn with(change: impl FnOnce(&mut Options)) -> Sandbox {
    let mut options = Options::default();
    change(&mut options);
    Sandbox::start(options).unwrap()
}

fn with_fault(rule: &str) -> Sandbox {
    with(|options| options.faults.push(rule.to_owned()))
}

#[test]
fn serves_all_three_addresses() {
    let sandbox = with(|_| {});
    let page = search(&sandbox);
    assert_eq!((page.status, &page.json()["total"]), (200, &json!(250)));
    assert_eq!(page.header("X-RateLimit-Max"), Some("100"));
    assert_eq!(page.header("X-RateLimit-Remaining"), Some("99"));
    assert_eq!(
        page.header("X-RateLimit-Interval-Milliseconds"),
        Some("10000")
    );
    assert_eq!(page.header("X-RateLimit-Limit-Daily"), Some("200000"));
    assert_eq!(page.header("X-RateLimit-Daily-Remaining"), Some("199999"));
    assert!(page.header("Date").unwrap().ends_with("GMT"));
    assert_eq!(page.head.to_lowercase().matches("\r\ndate:").count(), 1);
    let list = bigmailer(&sandbox, "GET", "contacts?limit=100", None);
    assert_eq!(list.status, 200);
    assert!(list.header("X-RateLimit-Max").is_none());
    let world = receive(send(&sandbox, &sandbox.admin_url(), "GET", "/world", None));
    assert_eq!(world.json()["ghl"]["contacts"], 250);
    assert_eq!(world.json()["urls"][0], sandbox.ghl_url());
    let log = sandbox.requests();
    assert_eq!(log.len(), 2);
    assert_eq!(
        (log[0].service, log[0].method.as_str(), log[0].status),
        ("ghl", "POST", 200)
    );
    assert!(log[1].path.starts_with("/v1/brands/") && !log[1].path.contains('?'));
    assert_eq!(log[1].query, ["limit"]);
    assert_eq!(sandbox.max_in_flight("ghl"), 1);
}

#[test]
fn keeps_connections_open() {
    let sandbox = with(|_| {});
    let address = sandbox.bigmailer_url()[7..]
        .trim_end_matches("/v1")
        .to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    for _ in 0..2 {
        let request = format!(
            "GET /v1/me HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\n\r\n",
            sandbox.bigmailer_key()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = [0; 2048];
        let count = stream.read(&mut bytes).unwrap();
        assert!(bytes[..count].starts_with(b"HTTP/1.1 200"));
    }
}

#[test]
fn limits_hold() {
    let sandbox = with(|_| {});
    let statuses: Vec<u16> = (0..12)
        .map(|_| bigmailer(&sandbox, "GET", "lists", None).status)
        .collect();
    assert_eq!(statuses[..10], [200; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    let (_, log) = sandbox.admin("GET", "/requests", Value::Null);
    assert_eq!(log["too_many_requests"], 2);
    assert_eq!(log["counts"]["bigmailer GET /v1/brands/:id/lists"], 12);
    for _ in 0..100 {
        assert_eq!(search(&sandbox).status, 200);
    }
    let refused = search(&sandbox);
    assert_eq!(
        (refused.status, refused.header("X-RateLimit-Remaining")),
        (429, Some("0"))
    );
    sandbox.admin("DELETE", "/requests", Value::Null);
    assert!(sandbox.requests().is_empty());
    let free = with(|options| options.limits = false);
    for _ in 0..15 {
        assert_eq!(bigmailer(&free, "GET", "lists", None).status, 200);
    }
    assert!(search(&free).header("X-RateLimit-Max").is_none());
}

#[test]
fn a_cut_connection_closes_without_a_byte() {
    let create = json!({"email": "cut@example.com"});
    let sandbox = with_fault("bigmailer:POST:/contacts@1=cut-before");
    let got = bigmailer(&sandbox, "POST", "contacts", Some(&create));
    assert_eq!((got.head.as_str(), got.body.as_str()), ("", ""));
    assert_eq!(
        bigmailer(&sandbox, "GET", "contacts/cut@example.com", None).status,
        404
    );

    let sandbox = with_fault("bigmailer:POST:/contacts@1=cut-after");
    let got = bigmailer(&sandbox, "POST", "contacts", Some(&create));
    assert_eq!((got.head.as_str(), got.body.as_str()), ("", ""));
    assert_eq!(
        bigmailer(&sandbox, "GET", "contacts/cut@example.com", None).status,
        200
    );
    let log = sandbox.requests();
    assert_eq!((log[0].status, log[0].changed), (0, true));
    assert_eq!((log[1].status, log[1].changed), (200, false));
}

#[test]
fn a_truncated_answer_promises_more_than_it_holds() {
    let sandbox = with_fault("ghl:POST:/search@1=truncate");
    let got = search(&sandbox);
    assert_eq!(got.status, 200);
    let promised: usize = got.header("content-length").unwrap().parse().unwrap();
    assert_eq!(got.body.len(), promised / 2);
    let whole = search(&sandbox);
    assert_eq!(
        whole.body.len().to_string(),
        whole.header("content-length").unwrap()
    );
}

#[test]
fn every_refusal_on_order() {
    let answers = |action: &str| {
        let sandbox = with_fault(&format!("*:*:*@1x2={action}"));
        (search(&sandbox), bigmailer(&sandbox, "GET", "lists", None))
    };
    for (action, at_ghl, at_bigmailer) in [
        ("429", 429, 429),
        ("500", 500, 500),
        ("502", 502, 502),
        ("503", 503, 503),
        ("html", 200, 200),
        ("html-502", 502, 502),
        ("unauthorized", 401, 401),
        ("scope", 401, 403),
        ("wrong-location", 403, 404),
        ("bad-key", 401, 401),
        ("daily-quota", 429, 429),
        ("slow:1", 200, 200),
    ] {
        let (ghl, bigmailer) = answers(action);
        assert_eq!(
            (ghl.status, bigmailer.status),
            (at_ghl, at_bigmailer),
            "{action}"
        );
        assert_eq!(
            ghl.body.contains("<html>"),
            action.starts_with("html"),
            "{action}"
        );
    }
    assert_eq!(answers("429-after:7").0.header("retry-after"), Some("7"));
    assert_eq!(answers("503-after:9").1.header("retry-after"), Some("9"));
    assert!(
        answers("429-date:60")
            .1
            .header("retry-after")
            .unwrap()
            .ends_with("GMT")
    );
    assert!(answers("429").0.header("retry-after").is_none());
    assert_eq!(
        answers("daily-quota")
            .0
            .header("x-ratelimit-daily-remaining"),
        Some("0")
    );
    let (told, _) = answers("daily-remaining:3");
    assert_eq!(
        (told.status, told.header("x-ratelimit-daily-remaining")),
        (200, Some("3"))
    );
    assert_eq!(answers("429").1.json()["type"], "rate_limit_error");
    assert_eq!(answers("503").1.json()["type"], "server_error");
}

#[test]
fn held_requests_wait_on_the_right_side_of_the_act() {
    let sandbox = with(|_| {});
    let create = json!({"email": "held@example.com"});
    let there = |sandbox: &Sandbox| {
        sandbox
            .admin("GET", "/bigmailer/contacts/held@example.com", Value::Null)
            .0
            == 200
    };
    let path = format!("/brands/{}/contacts", sandbox.brand_id());
    for (phase, acted) in [(Phase::Before, false), (Phase::After, true)] {
        let hold = sandbox.hold_at(2, phase);
        assert_eq!(search(&sandbox).status, 200);
        assert!(!hold.wait_reached(Duration::from_millis(5)));
        let stream = send(
            &sandbox,
            &sandbox.bigmailer_url(),
            "POST",
            &path,
            Some(&create),
        );
        assert!(hold.wait_reached(Duration::from_secs(5)));
        assert_eq!(there(&sandbox), acted);
        hold.release();
        assert_eq!(receive(stream).status, 200);
        assert!(there(&sandbox));
        sandbox.admin(
            "DELETE",
            "/bigmailer/contacts/held@example.com",
            Value::Null,
        );
    }
    // A client that goes away, and a hold that is forgotten.
    let hold = sandbox.hold_at(1, Phase::Before);
    let stream = send(
        &sandbox,
        &sandbox.bigmailer_url(),
        "POST",
        &path,
        Some(&create),
    );
    assert!(hold.wait_reached(Duration::from_secs(5)));
    drop(stream);
    assert_eq!(search(&sandbox).status, 200);
    drop(hold);
    let hold = sandbox.hold_at(1, Phase::After);
    let stream = send(&sandbox, &sandbox.ghl_url(), "GET", "/contacts/x", None);
    assert!(hold.wait_reached(Duration::from_secs(5)));
    let before = Instant::now();
    sandbox.stop();
    assert!(before.elapsed() < Duration::from_secs(4));
    assert_eq!(receive(stream).status, 0);
    drop(hold);
}

#[test]
fn world_time_moves_on_order() {
    let sandbox = with(|options| {
        options.search_lag = Duration::from_secs(30);
        options.batch_time = Duration::from_secs(60);
    });
    let count = || search(&sandbox).json()["total"].clone();
    let (status, made) = sandbox.admin(
        "POST",
        "/ghl/contacts",
        json!({"firstName": "New", "email": "n@example.com"}),
    );
    assert_eq!(status, 200);
    assert_eq!(count(), 250);
    let path = format!("/contacts/{}", made["id"].as_str().unwrap());
    assert_eq!(ghl(&sandbox, "GET", &path, None).status, 200);
    sandbox.admin("POST", "/advance", json!({"seconds": 31}));
    assert_eq!(count(), 251);
    sandbox.admin("DELETE", &format!("/ghl{path}"), Value::Null);
    assert_eq!(count(), 251);
    sandbox.admin("POST", "/index", Value::Null);
    assert_eq!(count(), 250);
    let batch = json!({"items": [{"email": "batch@example.com"}]});
    let id = bigmailer(&sandbox, "POST", "contacts/batches", Some(&batch)).json()["id"].clone();
    let status = format!("contacts/batches/{}", id.as_str().unwrap());
    assert!(
        bigmailer(&sandbox, "GET", &status, None)
            .json()
            .get("completed")
            .is_none()
    );
    sandbox.admin("POST", "/advance", json!({"seconds": 60}));
    let done = bigmailer(&sandbox, "GET", &status, None);
    assert!(done.json()["completed"].is_number());
    assert!(!sandbox.requests().last().unwrap().changed);
}

#[test]
fn the_back_door_edits_both_sides() {
    let sandbox = with(|_| {});
    let (_, found) = sandbox.admin("GET", "/ghl/contacts?email=PAIR@example.com", Value::Null);
    let pair = found["contacts"].as_array().unwrap();
    assert_eq!(pair.len(), 2);
    let path = format!("/ghl/contacts/{}", pair[0]["id"].as_str().unwrap());
    let (_, after) = sandbox.admin("PATCH", &path, json!({"firstName": "Patched"}));
    assert_eq!(
        (&after["firstName"], &after["lastName"]),
        (&json!("Patched"), &json!("Pair"))
    );
    assert!(after["dateUpdated"].as_str() > pair[0]["dateUpdated"].as_str());
    let (_, before) = sandbox.admin("GET", "/bigmailer/contacts/pair@example.com", Value::Null);
    let (_, after) = sandbox.admin(
        "PATCH",
        "/bigmailer/contacts/pair@example.com",
        json!({"unsubscribe_all": true}),
    );
    assert_eq!(
        (&after["unsubscribe_all"], &after["id"]),
        (&json!(true), &before["id"])
    );
    let (_, fields) = sandbox.admin(
        "POST",
        "/bigmailer/fields",
        json!({"name": "Size", "type": "integer", "merge_tag_name": "SIZE"}),
    );
    assert!(
        fields["fields"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["merge_tag_name"] == "SIZE")
    );
    assert_eq!(
        sandbox
            .admin("POST", "/quirks", json!({"set": "page-cap=100"}))
            .1["page-cap"],
        "100"
    );
    assert_eq!(
        sandbox
            .admin("POST", "/quirks", json!({"set": "page-cap=7"}))
            .0,
        400
    );
    assert_eq!(
        sandbox.admin("POST", "/faults", json!({"rule": "x"})).0,
        400
    );
    sandbox.admin("POST", "/faults", json!({"rule": "ghl:*:*@1=500"}));
    assert_eq!(search(&sandbox).status, 500);
    assert_eq!(
        sandbox.admin("GET", "/faults", Value::Null).1["faults"][0]["struck"],
        1
    );
    sandbox.admin("DELETE", "/faults", Value::Null);
    assert_eq!(search(&sandbox).status, 200);
    assert_eq!(sandbox.admin("GET", "/profile", Value::Null).0, 404);
}

#[test]
fn a_directory_keeps_the_world() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("world");
    let start = || {
        with(|options| {
            options.dir = Some(home.clone());
            options.contacts = 60;
            options.batch_time = Duration::from_secs(600);
        })
    };
    let sandbox = start();
    let one = json!({"email": "kept@example.com", "field_values": [{"name": "FIRST_NAME", "string": "Kept"}]});
    assert_eq!(
        bigmailer(&sandbox, "POST", "contacts", Some(&one)).status,
        200
    );
    let batch = json!({"items": [{"email": "later@example.com"}]});
    let id = bigmailer(&sandbox, "POST", "contacts/batches", Some(&batch)).json()["id"].clone();
    sandbox.admin("POST", "/advance", json!({"seconds": 5}));
    sandbox.admin(
        "POST",
        "/ghl/contacts",
        json!({"id": "KeptContact", "email": "k@example.com"}),
    );
    // What a killed process leaves behind, before anything is tidied up.
    let copy = dir.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for file in ["world.json", "world.log"] {
        std::fs::copy(home.join(file), copy.join(file)).unwrap();
    }
    let error = Sandbox::start(Options {
        dir: Some(home.clone()),
        ..Options::default()
    })
    .unwrap_err();
    assert!(matches!(error, Error::InUse { .. }));
    sandbox.stop();
    for place in [&home, &copy] {
        let sandbox = with(|options| options.dir = Some(place.clone()));
        assert_eq!(search(&sandbox).json()["total"], 61);
        assert_eq!(
            ghl(&sandbox, "GET", "/contacts/KeptContact", None).status,
            200
        );
        let kept = bigmailer(&sandbox, "GET", "contacts/kept@example.com", None).json();
        assert_eq!(kept["field_values"][0]["string"], "Kept");
        assert_eq!(
            bigmailer(&sandbox, "GET", "contacts/later@example.com", None).status,
            404
        );
        sandbox.admin("POST", "/advance", json!({"seconds": 600}));
        let status = format!("contacts/batches/{}", id.as_str().unwrap());
        assert_eq!(
            bigmailer(&sandbox, "GET", &status, None).json()["num_created"],
            1
        );
        assert_eq!(
            bigmailer(&sandbox, "GET", "contacts/later@example.com", None).status,
            200
        );
    }
}

#[test]
fn the_back_door_edits_what_hangs_on_contacts() {
    let sandbox = with(|options| options.contacts = 60);
    let admin = |method: &str, path: &str, body: Value| sandbox.admin(method, path, body);
    let world = || admin("GET", "/world", Value::Null).1["ghl"].clone();
    let contact = json!({"id": "Back1", "firstName": "Back", "email": "back@example.com"});
    assert_eq!(admin("POST", "/ghl/contacts", contact).0, 200);
    for (word, body) in [
        ("tasks", json!({"contactId": "Back1", "title": "t"})),
        ("notes", json!({"contactId": "Back1", "body": "n"})),
        (
            "appointments",
            json!({"contactId": "Back1", "startTime": "2031-01-01 10:00:00"}),
        ),
        ("opportunities", json!({"contactId": "Back1", "name": "o"})),
        ("businesses", json!({"name": "b"})),
        ("pipelines", json!({"name": "p"})),
        ("tags", json!({"name": "g"})),
        ("fields", json!({"name": "Shoe size"})),
    ] {
        let count = || match word {
            "fields" => world()["custom_fields"].clone(),
            word => world()[word].clone(),
        };
        let before = count().as_u64().unwrap();
        let list = format!("/ghl/{word}");
        let (status, made) = admin("POST", &list, body);
        assert_eq!(status, 200, "{word}: {made}");
        assert_eq!(count(), before + 1, "{word}");
        let (_, all) = admin("GET", &list, Value::Null);
        assert_eq!(all[word].as_array().unwrap().last(), Some(&made), "{word}");
        let one = format!("{list}/{}", made["id"].as_str().unwrap());
        let (_, changed) = admin("PATCH", &one, json!({"name": "changed", "id": "other"}));
        assert_eq!(
            (&changed["name"], &changed["id"]),
            (&json!("changed"), &made["id"])
        );
        assert_eq!(admin("GET", &one, Value::Null).1, changed);
        if let Some(contact) = made.get("contactId") {
            let own = format!("{list}?contactId={}", contact.as_str().unwrap());
            assert_eq!(admin("GET", &own, Value::Null).1, json!({word: [changed]}));
        }
        if word == "opportunities" {
            let (_, contact) = admin("GET", "/ghl/contacts/Back1", Value::Null);
            assert_eq!(contact["opportunities"][0]["id"], made["id"]);
        }
        assert_eq!(admin("DELETE", &one, Value::Null).0, 200);
        for method in ["GET", "PATCH", "DELETE"] {
            assert_eq!(admin(method, &one, json!({})).0, 404, "{method} {word}");
        }
        assert_eq!(admin("PUT", &list, json!({})).0, 404);
        assert_eq!(admin("POST", &list, json!([])).0, 400);
        assert_eq!(count(), before, "{word}");
    }
    let (_, location) = admin(
        "PATCH",
        "/ghl/location",
        json!({"name": "Elsewhere", "settings": {"allowDuplicateContact": true}}),
    );
    assert_eq!(
        (&location["name"], &location["city"]),
        (&json!("Elsewhere"), &json!("London"))
    );
    let (_, location) = admin("GET", "/ghl/location", Value::Null);
    assert_eq!(location["settings"]["allowDuplicateContact"], true);
    assert_eq!(location["settings"]["allowFacebookNameMerge"], false);
    assert_eq!(admin("DELETE", "/ghl/location", Value::Null).0, 404);
}

#[test]
fn requests_are_counted_by_call() {
    let sandbox = with(|options| options.limits = false);
    let location = sandbox.location_id();
    for (method, path) in [
        ("PUT", "/contacts/c1/tasks/t1/completed".to_owned()),
        ("PUT", "/contacts/c2/tasks/t2/completed".to_owned()),
        ("GET", "/contacts/c1/appointments".to_owned()),
        ("POST", "/contacts/bulk/tags/update/add".to_owned()),
        ("POST", "/contacts/bulk/business".to_owned()),
        ("GET", "/contacts/business/b1".to_owned()),
        ("DELETE", "/contacts/c1/campaigns/removeAll".to_owned()),
        ("POST", "/contacts/c1/workflow/w1".to_owned()),
        ("POST", "/contacts/c1/followers".to_owned()),
        ("PUT", "/opportunities/o1/status".to_owned()),
        (
            "GET",
            format!("/opportunities/pipelines?locationId={location}"),
        ),
        ("GET", "/businesses/b1".to_owned()),
        ("POST", format!("/locations/{location}/tasks/search")),
    ] {
        ghl(&sandbox, method, &path, None);
    }
    let (_, log) = sandbox.admin("GET", "/requests", Value::Null);
    assert_eq!(
        log["counts"],
        json!({
            "ghl PUT /contacts/:id/tasks/:id/completed": 2,
            "ghl GET /contacts/:id/appointments": 1,
            "ghl POST /contacts/bulk/tags/update/add": 1,
            "ghl POST /contacts/bulk/business": 1,
            "ghl GET /contacts/business/:id": 1,
            "ghl DELETE /contacts/:id/campaigns/removeAll": 1,
            "ghl POST /contacts/:id/workflow/:id": 1,
            "ghl POST /contacts/:id/followers": 1,
            "ghl PUT /opportunities/:id/status": 1,
            "ghl GET /opportunities/pipelines": 1,
            "ghl GET /businesses/:id": 1,
            "ghl POST /locations/:id/tasks/search": 1,
        })
    );
}

/// Everything that the admin address shows of HighLevel.
fn whole_location(sandbox: &Sandbox) -> Vec<Value> {
    [
        "contacts",
        "tasks",
        "notes",
        "appointments",
        "opportunities",
        "pipelines",
        "businesses",
        "tags",
        "fields",
        "location",
    ]
    .iter()
    .map(|word| sandbox.admin("GET", &format!("/ghl/{word}"), Value::Null).1)
    .collect()
}

#[test]
fn what_was_written_to_highlevel_survives() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("world");
    let sandbox = with(|options| {
        options.dir = Some(home.clone());
        options.contacts = 60;
        options.limits = false;
    });
    let location = sandbox.location_id().to_owned();
    let seeded = whole_location(&sandbox);
    let send = |method: &str, path: &str, body: Value| {
        let got = ghl(&sandbox, method, path, Some(&body));
        assert!(got.status < 300, "{method} {path}: {}", got.body);
        got.json()
    };
    let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
    let made = send(
        "POST",
        "/contacts/",
        json!({"locationId": location, "email": "new@example.com", "tags": ["Unheard of"]}),
    );
    let own = format!("/contacts/{}", id(&made["contact"]));
    send("PUT", &own, json!({"city": "Köln"}));
    send(
        "POST",
        &format!("{own}/tags"),
        json!({"tags": ["vip", "lead"]}),
    );
    // A body goes with a DELETE here.
    let left = send("DELETE", &format!("{own}/tags"), json!({"tags": ["lead"]}));
    assert_eq!(left["tags"], json!(["unheard of", "vip"]));
    let task = send(
        "POST",
        &format!("{own}/tasks"),
        json!({"title": "t", "dueDate": "2027-01-01T00:00:00Z", "completed": false}),
    );
    send(
        "PUT",
        &format!("{own}/tasks/{}/completed", id(&task["task"])),
        json!({"completed": true}),
    );
    let note = send(
        "POST",
        &format!("{own}/notes"),
        json!({"body": "first\nsecond"}),
    );
    send("POST", &format!("{own}/notes"), json!({"body": "kept"}));
    ghl(
        &sandbox,
        "DELETE",
        &format!("{own}/notes/{}", id(&note["note"])),
        None,
    );
    let (_, deals) = sandbox.admin("GET", "/ghl/opportunities", Value::Null);
    let deal = id(&deals["opportunities"][0]);
    send(
        "PUT",
        &format!("/opportunities/{deal}/status"),
        json!({"status": "lost"}),
    );
    let fields = format!("/locations/{location}/customFields");
    let field = send("POST", &fields, json!({"name": "Gone", "dataType": "TEXT"}));
    let value = json!({"customFields": [{"id": field["customField"]["id"], "field_value": "x"}]});
    send("PUT", &own, value);
    ghl(
        &sandbox,
        "DELETE",
        &format!("{fields}/{}", id(&field["customField"])),
        None,
    );
    send("POST", &fields, json!({"name": "Kept", "dataType": "DATE"}));
    let (_, tags) = sandbox.admin("GET", "/ghl/tags", Value::Null);
    let tag = id(&tags["tags"][0]);
    ghl(
        &sandbox,
        "DELETE",
        &format!("/locations/{location}/tags/{tag}"),
        None,
    );
    sandbox.admin(
        "DELETE",
        "/ghl/businesses/5a4dbe110000000000000001",
        Value::Null,
    );
    sandbox.admin("PATCH", "/ghl/location", json!({"name": "Renamed"}));
    // A contact with everything goes, and everything with it.
    let (_, kind) = sandbox.admin(
        "GET",
        "/ghl/contacts?email=every.type@example.com",
        Value::Null,
    );
    ghl(
        &sandbox,
        "DELETE",
        &format!("/contacts/{}", id(&kind["contacts"][0])),
        None,
    );
    let ended = whole_location(&sandbox);
    for (seeded, ended) in seeded.iter().zip(&ended) {
        let untouched = ended.get("pipelines").is_some();
        assert_eq!(seeded == ended, untouched, "{seeded}");
    }
    // What a killed process leaves behind, before anything is tidied up.
    let copy = dir.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for file in ["world.json", "world.log"] {
        std::fs::copy(home.join(file), copy.join(file)).unwrap();
    }
    sandbox.stop();
    for place in [&home, &copy] {
        for _ in 0..2 {
            let sandbox = with(|options| options.dir = Some(place.clone()));
            assert_eq!(whole_location(&sandbox), ended);
        }
    }
}

#[test]
fn a_token_that_may_only_read() {
    let sandbox = with(|options| options.contacts = 3);
    let contact = sandbox.admin("GET", "/ghl/contacts", Value::Null).1["contacts"][0].clone();
    let path = format!("/contacts/{}", contact["id"].as_str().unwrap());
    let ask = |method: &str, token: &str| {
        let host = &sandbox.ghl_url()[7..];
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nVersion: 2021-07-28\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        stream.write_all(head.as_bytes()).unwrap();
        receive(stream).status
    };
    let token = sandbox.ghl_readonly_token();
    assert_eq!((ask("GET", token), ask("DELETE", token)), (200, 401));
    assert!(!sandbox.requests().last().unwrap().changed);
    assert_eq!(ask("DELETE", sandbox.ghl_token()), 200);
    assert!(sandbox.requests().last().unwrap().changed);
}

#[test]
fn a_directory_keeps_mails_and_message_types() {
    let dir = tempfile::tempdir().unwrap();
    let start = || {
        with(|options| {
            options.dir = Some(dir.path().to_owned());
            options.contacts = 0;
        })
    };
    let sandbox = start();
    let campaigns = bigmailer(&sandbox, "GET", "transactional-campaigns", None).json();
    let id = campaigns["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("transactional-campaigns/{id}/send");
    let one = json!({"email": "new@example.com"});
    assert_eq!(bigmailer(&sandbox, "POST", &path, Some(&one)).status, 200);
    let topic = json!({"name": "Kept"});
    assert_eq!(
        bigmailer(&sandbox, "POST", "message-types", Some(&topic)).status,
        200
    );
    let mails = sandbox.admin("GET", "/bigmailer/mails", Value::Null);
    assert_eq!(mails.1["mails"][0]["email"], "new@example.com");
    sandbox.stop();
    let sandbox = start();
    assert_eq!(sandbox.admin("GET", "/bigmailer/mails", Value::Null), mails);
    let types = bigmailer(&sandbox, "GET", "message-types", None).json();
    assert!(types["data"].to_string().contains("Kept"));
    assert_eq!(
        bigmailer(&sandbox, "GET", "transactional-campaigns", None).json(),
        campaigns
    );
}

#[test]
fn what_went_over_the_wire_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("exchanges.ndjson");
    let record = |options: &mut Options| {
        options.record = Some(path.clone());
        options.faults.push("bigmailer:POST:*@1=cut-after".into());
    };
    let sandbox = with(record);
    let found = search(&sandbox);
    let body = json!({"email": "x@example.com"});
    let cut = bigmailer(&sandbox, "POST", "contacts?validate=false", Some(&body));
    assert_eq!(cut.status, 0);
    sandbox.admin("GET", "/world", Value::Null);
    // What is there already stays.
    let sandbox = with(record);
    bigmailer(&sandbox, "GET", "contacts/nobody", None);
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["service"], "ghl");
    assert_eq!(lines[0]["answer"], found.body);
    assert_eq!(lines[0]["answer_headers"]["x-ratelimit-max"], "100");
    let target = format!("/v1/brands/{}/contacts?validate=false", sandbox.brand_id());
    assert_eq!(
        (&lines[1]["method"], &lines[1]["target"]),
        (&json!("POST"), &json!(target))
    );
    assert_eq!(lines[1]["body"], body.to_string());
    assert_eq!(lines[1]["headers"]["content-type"], "application/json");
    let whole: Vec<&Value> = lines.iter().map(|line| &line["whole"]).collect();
    assert_eq!(whole, [true, false, true]);
    assert_eq!(lines[2]["status"], 404);
}

#[test]
fn mistakes_at_the_start_are_named() {
    let fault = Sandbox::start(Options {
        faults: vec!["x".into()],
        ..Options::default()
    })
    .unwrap_err();
    assert!(fault.to_string().contains("\"x\""));
    let sandbox = with(|_| {});
    let port: u16 = sandbox
        .ghl_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let taken = Sandbox::start(Options {
        ghl_port: port,
        ..Options::default()
    })
    .unwrap_err();
    assert!(taken.to_string().contains(&port.to_string()));
}

/// Prints what the sandbox can serve. Run with
/// `cargo test --release --lib sandbox::tests::speed -- --ignored --nocapture`; SANDBOX_CONTACTS sets the size.
#[test]
#[ignore = "a measurement, not a check"]
fn speed() {
    let size: usize = std::env::var("SANDBOX_CONTACTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100_000);
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS"))
            .unwrap_or_default()
            .to_owned();
        line.split_whitespace()
            .nth(1)
            .and_then(|kb| kb.parse::<usize>().ok())
            .unwrap_or(0)
    };
    let before = memory();
    let clock = Instant::now();
    let sandbox = with(|options| {
        options.contacts = size;
        options.limits = false;
        options.empty_brand = true;
    });
    let mut out = std::io::stderr();
    let bytes = (memory() - before) * 1024 / size;
    writeln!(
        out,
        "{size} contacts seeded in {:?}, {bytes} bytes each",
        clock.elapsed()
    )
    .unwrap();
    let address = sandbox.ghl_url()[7..].to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    let mut post = |body: &Value| -> Vec<u8> {
        let body = body.to_string();
        let head = format!(
            "POST /contacts/search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Version: 2021-07-28\r\nContent-Length: {}\r\n\r\n{body}",
            sandbox.ghl_token(),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut bytes = vec![0; 1 << 16];
        let mut have = stream.read(&mut bytes).unwrap();
        let end = bytes[..have]
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length: usize = head
            .split("content-length: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        bytes.resize((end + length).max(have), 0);
        while have < end + length {
            have += stream.read(&mut bytes[have..]).unwrap();
        }
        bytes[end..end + length].to_vec()
    };
    for (field, direction) in [("dateAdded", "asc"), ("dateUpdated", "desc")] {
        let clock = Instant::now();
        let (mut seen, mut pages, mut longest) = (0, 0, Duration::ZERO);
        let mut after = Value::Null;
        loop {
            let mut body = json!({"locationId": sandbox.location_id(), "pageLimit": 500,
                "filters": [{"field": field, "operator": "range", "value": {"lte": "2026-10-01T00:00:00.000Z"}}],
                "sort": [{"field": field, "direction": direction}]});
            if !after.is_null() {
                body["searchAfter"] = after.clone();
            }
            let started = Instant::now();
            let page = post(&body);
            longest = longest.max(started.elapsed());
            // Only the last cursor is read, so that the server is measured and not this client.
            let text = std::str::from_utf8(&page).unwrap();
            let count = text.matches("\"searchAfter\":").count();
            if count == 0 {
                break;
            }
            let last = text.rsplit("\"searchAfter\":").next().unwrap();
            after = serde_json::from_str(&last[..=last.find(']').unwrap()]).unwrap();
            seen += count;
            pages += 1;
        }
        let rate = seen as f64 / clock.elapsed().as_secs_f64();
        writeln!(
            out,
            "{field} {direction}: {seen} in {pages} pages, {rate:.0}/s, longest page {longest:?}"
        )
        .unwrap();
        assert_eq!(seen, size);
    }
    let items: Vec<Value> = (0..1000)
        .map(|n| {
            json!({"email": format!("speed{n}@example.com"), "custom_id": n.to_string(),
                "unsubscribe_all": false, "list_ids": [], "field_values": [
                    {"name": "FIRST_NAME", "string": "Speed"}, {"name": "LAST_NAME", "string": "Test"},
                    {"name": "LEAD_SCORE", "integer": n}, {"name": "GHL_CONTACT_ID", "string": format!("c{n:019}")}]})
        })
        .collect();
    let body = json!({"items": items});
    for round in ["new", "known", "known"] {
        let path = format!("/brands/{}/contacts/batches", sandbox.brand_id());
        let clock = Instant::now();
        let stream = send(
            &sandbox,
            &sandbox.bigmailer_url(),
            "POST",
            &path,
            Some(&body),
        );
        let sent = clock.elapsed();
        let id = receive(stream).json()["id"].clone();
        let accepted = clock.elapsed();
        sandbox.admin("POST", "/advance", json!({"seconds": 1}));
        let clock = Instant::now();
        let path = format!("contacts/batches/{}", id.as_str().unwrap());
        let done = bigmailer(&sandbox, "GET", &path, None);
        let carried = clock.elapsed();
        writeln!(out, "1,000 {round}: sent in {sent:?}, accepted after {accepted:?}, carried out in {carried:?}").unwrap();
        let changed = &done.json()["num_created"];
        assert_eq!(*changed, if round == "new" { 1000 } else { 0 });
    }
}
