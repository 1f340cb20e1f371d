//! `api`: raw calls to both services, and `--jq` over what any command prints.
//!
//! Ends with a service that repeats whatever it is told, to see that no secret comes back.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use ghl_bm::sandbox::Options;
use serde_json::{Value, json};

use crate::env::{Env, Home, Ran, each, empty, field, quick};

/// How often a service was asked since the log was last forgotten.
fn calls(env: &Env) -> usize {
    env.sandbox.requests().len()
}

/// The JSON documents that stand one after the other on stdout.
fn documents(ran: &Ran) -> Vec<Value> {
    let documents = serde_json::Deserializer::from_str(&ran.stdout).into_iter::<Value>();
    documents.collect::<Result<_, _>>().unwrap()
}

// ---- what is sent

#[test]
fn a_body_arrives_byte_for_byte() {
    let env = Env::new(empty());
    let ran = env.run(["api", "bigmailer", "get", "me"]);
    ran.expect(0);
    assert_eq!(
        ran.stdout,
        r#"{"account_name":"Sandbox","email":"owner@example.com"}"#
    );
    assert_eq!(ran.stderr, "");
    env.run(["api", "bigmailer", "GET", "/me", "--silent"])
        .expect(0);
    let ran = env.run(["api", "bigmailer", "HEAD", "/me"]);
    assert_eq!(ran.stdout, "");
}

#[test]
fn ids_of_the_profile_are_filled_in() {
    let env = Env::new(Options {
        contacts: 3,
        ..quick()
    });
    let ran = env.run(["api", "ghl", "GET", "/locations/{location}"]);
    ran.expect(0);
    assert_eq!(ran.json()["location"]["id"], env.sandbox.location_id());
    let ran = env.run([
        "api",
        "ghl",
        "POST",
        "/contacts/search",
        "--field",
        "locationId={location}",
        "--field",
        "pageLimit=2",
    ]);
    ran.expect(0);
    assert_eq!(ran.json()["contacts"].as_array().unwrap().len(), 2);
    let ran = env.run(["api", "bigmailer", "GET", "brands/{brand}?x={brand}"]);
    ran.expect(0);
    assert_eq!(ran.json()["id"], env.sandbox.brand_id());
    let ran = env.run(["api", "ghl", "GET", "/contacts/{contact}"]);
    ran.expect(2);
    ran.says(&["{contact}", "{location}"]);

    // Without a profile a call needs only its credential.
    std::fs::remove_file(env.profile_file()).unwrap();
    env.run(["api", "bigmailer", "GET", "/brands"]).expect(0);
    let ran = env.run(["api", "bigmailer", "GET", "/brands/{brand}"]);
    ran.expect(11);
    ran.says(&["map init"]);
}

#[test]
fn fields_become_a_query_or_a_body() {
    let env = Env::new(empty());
    let brand = "/brands/{brand}";
    let contacts = format!("{brand}/contacts");
    let list = env.list_id("Customers");
    let on_list = format!("list_ids[]={list}");
    let ran = env.run([
        "api",
        "bigmailer",
        "POST",
        &contacts,
        "--write",
        "--field",
        "email=ada@example.com",
        "--field",
        "field_values[][name]=LEAD_SCORE",
        "--field",
        "field_values[][integer]=9007199254740993",
        "--field",
        "field_values[][name]=COMPANY",
        "--field",
        "field_values[][string]=Engines",
        "--raw-field",
        &on_list,
        "--field",
        "unsubscribe_all=true",
    ]);
    ran.expect(0);
    let ada = env.person("ada@example.com");
    assert_eq!(ran.json()["id"], ada["id"]);
    assert_eq!(field(&ada, "LEAD_SCORE"), 9_007_199_254_740_993_i64);
    assert_eq!(field(&ada, "COMPANY"), "Engines");
    assert_eq!(
        (&ada["list_ids"], &ada["unsubscribe_all"]),
        (&json!([list]), &json!(true))
    );

    // A number as a text, and a text from a file.
    std::fs::write(env.root.path().join("name.txt"), "@home").unwrap();
    let ran = env.run([
        "api",
        "bigmailer",
        "POST",
        &contacts,
        "--write",
        "-F",
        "email=bob@example.com",
        "-f",
        "field_values[][string]=7",
        "-f",
        "field_values[][name]=COMPANY",
        "-F",
        "field_values[][string]=@name.txt",
        "-F",
        "field_values[][name]=FIRST_NAME",
    ]);
    ran.expect(0);
    let bob = env.person("bob@example.com");
    assert_eq!(field(&bob, "COMPANY"), "7");
    assert_eq!(field(&bob, "FIRST_NAME"), "@home");

    env.forget_requests();
    let ran = env.run([
        "api",
        "bigmailer",
        "GET",
        &format!("{contacts}?limit=5"),
        "-F",
        &format!("list_id={list}"),
    ]);
    ran.expect(0);
    assert_eq!(ran.json()["total"], 1);
    assert_eq!(env.sandbox.requests()[0].query, ["limit", "list_id"]);

    // A body from standard input; fields go beside it, into the query.
    let path = format!("{contacts}/ada@example.com");
    let args = [
        "api",
        "bigmailer",
        "POST",
        &path,
        "--write",
        "--input",
        "-",
        "-F",
        "field_values_op=add",
        "-F",
        "list_ids_op=add",
    ];
    let body = json!({"field_values": [{"name": "FIRST_NAME", "string": "Ada"}]});
    env.run_with_input(args, &body.to_string()).expect(0);
    let ada = env.person("ada@example.com");
    assert_eq!(field(&ada, "FIRST_NAME"), "Ada");
    assert_eq!(field(&ada, "COMPANY"), "Engines");
}

#[test]
fn a_header_may_be_replaced_but_not_the_credential() {
    let env = Env::new(empty());
    let path = "/locations/{location}";
    let with = |header: &str| env.run(["api", "ghl", "GET", path, "--header", header]);
    with("Version: v3").expect(0);
    let ran = with("Version: 1999-01-01");
    ran.expect(4);
    ran.says(&["Version"]);
    env.forget_requests();
    for header in [
        "Authorization: Bearer x",
        "authorization:x",
        "X-API-Key: x",
        "Host: example.com",
        "nonsense",
    ] {
        let ran = with(header);
        ran.expect(2);
    }
    assert_eq!(calls(&env), 0);
}

#[test]
fn what_may_change_something_needs_leave() {
    let env = Env::new(empty());
    env.forget_requests();
    let lists = "/brands/{brand}/lists";
    for (side, method, path) in [
        ("bigmailer", "POST", lists),
        ("bigmailer", "DELETE", "/brands/{brand}/contacts/x"),
        ("bigmailer", "POST", "/contacts/search"),
        ("ghl", "POST", "/contacts/"),
        ("ghl", "PUT", "/contacts/x"),
        ("ghl", "PATCH", "/contacts/x"),
    ] {
        let ran = env.run(["api", side, method, path]);
        ran.expect(2);
        ran.says(&["--write", method]);
        env.run(["api", side, method, path, "--write", "--paginate"])
            .expect(2);
    }
    assert_eq!(calls(&env), 0);
    let ran = env.run([
        "api",
        "bigmailer",
        "POST",
        lists,
        "-F",
        "name=New",
        "--write",
    ]);
    ran.expect(0);
    assert_eq!(ran.json()["id"], env.list_id("New"));
}

#[test]
fn calls_that_make_no_sense_cost_nothing() {
    let env = Env::new(empty());
    env.forget_requests();
    for (args, part) in [
        (&["https://example.com/contacts"][..], "path alone"),
        (&["/contacts/../oauth"], "`..`"),
        (&["/contacts/", "-F", "no-equals"], "KEY=VALUE"),
        (&["/contacts/", "-F", "a=1", "-F", "a[b]=2"], "together"),
        (&["/contacts/", "-F", "a=@missing"], "missing"),
        (&["/contacts/", "--input", "x.json"], "no body"),
        (&["/contacts/", "--slurp"], "--paginate"),
    ] {
        let ran = env.run(["api", "ghl", "GET"].iter().chain(args));
        ran.expect(2);
        ran.says(&[part]);
    }
    let ran = env.run(["api", "ghl", "FETCH", "/contacts/"]);
    ran.expect(2);
    ran.says(&["FETCH"]);
    env.run(["api", "github", "GET", "/user"]).expect(2);
    assert_eq!(calls(&env), 0);
}

// ---- what comes back

#[test]
fn a_refusal_shows_its_body_and_ends_by_its_kind() {
    let env = Env::new(empty());
    env.bm_contact(json!({"email": "ada@example.com"}));
    let contacts = "/brands/{brand}/contacts";
    let cases: [(&str, &[&str], i32, &str); 9] = [
        (
            "",
            &["bigmailer", "GET", "/brands/{brand}/lists/nobody"],
            1,
            "resource_missing",
        ),
        (
            "",
            &["ghl", "GET", "/contacts/nobody"],
            1,
            "nobody not found",
        ),
        ("", &["ghl", "GET", "/no/such/path"], 1, "Cannot GET"),
        (
            "",
            &[
                "bigmailer",
                "POST",
                contacts,
                "-F",
                "email=ada@example.com",
                "--write",
            ],
            1,
            "resource_already_exists",
        ),
        (
            "",
            &["bigmailer", "POST", contacts, "-F", "email=x", "--write"],
            1,
            "invalid_format",
        ),
        (
            "bigmailer:*:*@1=bad-key",
            &["bigmailer", "GET", "/me"],
            4,
            "authentication_error",
        ),
        (
            "ghl:*:*@1=wrong-location",
            &["ghl", "GET", "/contacts/x"],
            4,
            "access to this location",
        ),
        (
            "ghl:*:*@1=daily-quota",
            &["ghl", "GET", "/contacts/x"],
            6,
            "",
        ),
        (
            "bigmailer:*:*@1x5=503-after:0",
            &["bigmailer", "GET", "/me"],
            5,
            "server_error",
        ),
    ];
    for (fault, args, code, part) in cases {
        env.no_faults();
        if !fault.is_empty() {
            env.fault(fault);
        }
        let ran = env.run(["api"].iter().chain(args));
        ran.expect(code);
        assert!(ran.stdout.contains(part), "{args:?}: {}", ran.stdout);
        ran.json();
        ran.says(&["error:", "answered"]);
        // A filter is made for what succeeds; with --json the sentence is a document.
        let ran = env.run(["api"].iter().chain(args).chain(&["--jq", ".nothing"]));
        if fault.is_empty() {
            ran.expect(code);
            assert!(ran.stdout.contains(part), "{args:?}: {}", ran.stdout);
            ran.error();
        }
    }
}

#[test]
fn a_write_without_an_answer_is_not_repeated() {
    for fault in ["cut-after", "truncate", "500"] {
        let env = Env::new(empty());
        env.fault(&format!("bigmailer:POST:/lists@1x*={fault}"));
        let args = [
            "api",
            "bigmailer",
            "POST",
            "/brands/{brand}/lists",
            "-F",
            "name=Once",
        ];
        let ran = env.run(args.iter().chain(&["--write"]));
        ran.expect(5);
        ran.says(&["outcome unclear", "look before"]);
        assert_eq!(calls(&env), 1, "{fault}");
        let ran = env.run(args.iter().chain(&["--write", "--json"]));
        assert_eq!(ran.error()["code"], "unclear");
    }
    // A refusal before anything was done is none.
    let env = Env::new(empty());
    env.fault("bigmailer:POST:/lists@1=429-after:0");
    let args = [
        "api",
        "bigmailer",
        "POST",
        "/brands/{brand}/lists",
        "-F",
        "name=Once",
        "--write",
    ];
    env.run(args).expect(0);
    assert_eq!(calls(&env), 2);
}

#[test]
fn head_and_body_can_be_had_apart() {
    let env = Env::new(Options {
        contacts: 0,
        ..Options::default()
    });
    let args = ["api", "ghl", "GET", "/locations/{location}", "--include"];
    let ran = env.run(args);
    ran.expect(0);
    let (head, body) = ran.stdout.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("HTTP/1.1 200 OK"));
    let names: Vec<&str> = lines.map(|line| line.split_once(": ").unwrap().0).collect();
    for name in ["content-type", "date", "x-ratelimit-max"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(!names.contains(&"authorization") && !names.contains(&"version"));
    assert!(body.starts_with('{') && body.ends_with('}'), "{body}");
    let ran = env.run(args.iter().chain(&["--silent"]));
    assert!(ran.stdout.ends_with("\n\n"), "{}", ran.stdout);
    let ran = env.run(args.iter().chain(&["--jq", ".location.name"]));
    assert!(ran.stdout.ends_with("\n\nSandbox Ltd\n"), "{}", ran.stdout);
    let ran = env.run(["api", "ghl", "GET", "/nothing", "--include"]);
    ran.expect(1);
    assert!(ran.stdout.starts_with("HTTP/1.1 404 Not Found\n"));
}

#[test]
fn what_is_not_json_is_passed_through() {
    let env = Env::new(empty());
    env.fault("bigmailer:*:*@1x2=html");
    let ran = env.run(["api", "bigmailer", "GET", "/me"]);
    ran.expect(0);
    assert!(ran.stdout.starts_with("<!DOCTYPE html>"), "{}", ran.stdout);
    let ran = env.run(["api", "bigmailer", "GET", "/me", "--jq", "."]);
    ran.expect(1);
    assert_eq!(ran.error()["code"], "jq");
}

// ---- listings

#[test]
fn a_listing_is_followed_to_its_end() {
    let env = Env::new(Options {
        contacts: 250,
        ..quick()
    });
    let contacts = [
        "api",
        "bigmailer",
        "GET",
        "/brands/{brand}/contacts",
        "--paginate",
    ];
    let everybody = env.brand().len();
    let ran = env.run(contacts.iter().chain(&["-F", "limit=7"]));
    ran.expect(0);
    let pages = documents(&ran);
    assert_eq!(pages.len(), everybody.div_ceil(7));
    assert_eq!(
        pages
            .iter()
            .map(|page| page["data"].as_array().unwrap().len())
            .sum::<usize>(),
        everybody
    );
    let ran = env.run(contacts.iter().chain(&["-F", "limit=7", "--slurp"]));
    assert_eq!(ran.json(), Value::Array(pages));
    // The largest page saves calls where nobody asked for a size.
    env.forget_requests();
    let ran = env.run(
        contacts
            .iter()
            .chain(&["--slurp", "--jq", "map(.data) | add | length"]),
    );
    assert_eq!(ran.stdout, format!("{everybody}\n"));
    assert_eq!(calls(&env), 1);

    env.forget_requests();
    let search = [
        "api",
        "ghl",
        "POST",
        "/contacts/search",
        "-F",
        "locationId={location}",
    ];
    let ran = env.run(
        search
            .iter()
            .chain(&["--paginate", "--jq", ".contacts[].id"]),
    );
    ran.expect(0);
    let mut ids: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(ids.len(), 250);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 250);
    assert_eq!(calls(&env), 4, "three pages and the empty one");

    // Whatever has no pages is shown once.
    let ran = env.run(["api", "bigmailer", "GET", "/me", "--paginate", "--slurp"]);
    assert_eq!(ran.json().as_array().unwrap().len(), 1);
}

#[test]
fn a_listing_that_runs_in_circles_is_never_taken_for_complete() {
    let env = Env::new(Options {
        contacts: 120,
        ..quick()
    });
    let args = [
        "api",
        "bigmailer",
        "GET",
        "/brands/{brand}/contacts",
        "-F",
        "limit=10",
        "--paginate",
    ];
    let whole = documents(&env.run(args)).len();
    env.fault("bigmailer:GET:/contacts@2x*=loop-cursor");
    for more in [&[][..], &["--slurp"]] {
        let ran = env.run(args.iter().chain(more));
        ran.expect(5);
        ran.says(&["shown before", "hint: try again later\n"]);
        assert!(documents(&ran).len() < whole);
    }
    // Once is forgiven.
    for fault in ["repeat-page", "empty-page"] {
        env.no_faults();
        env.fault(&format!("bigmailer:GET:/contacts@2={fault}"));
        let ran = env.run(args);
        ran.expect(0);
        assert_eq!(documents(&ran).len(), whole, "{fault}");
    }
}

// ---- the filter

#[test]
fn the_sandbox_can_be_asked_and_any_document_filtered() {
    let home = Home::new();
    let run = |args: &[&str]| {
        let ran = home.run(
            ["--sandbox", "--sandbox-dir", "demo", "-q"]
                .iter()
                .chain(args),
        );
        ran.expect(0);
        assert_eq!(ran.stderr, "", "{args:?}");
        ran.stdout
    };
    assert_eq!(
        run(&[
            "api",
            "ghl",
            "GET",
            "/locations/{location}",
            "--jq",
            ".location.name"
        ]),
        "Sandbox Ltd\n"
    );
    assert_eq!(
        run(&["sync", "--jq", ".people | [.created, .updated] | @tsv"]),
        "216\t23\n"
    );
    assert_eq!(
        run(&["sync", "--json", "--jq", ".exit_code, .mode"]),
        "0\nincremental\n"
    );
    assert_eq!(run(&["map", "list", "--jq", ".profiles[]"]), "default\n");
    assert_eq!(run(&["runs", "list", "--jq", ".runs | length"]), "2\n");
    assert_eq!(
        run(&["auth", "status", "--jq", ".services.ghl.usable"]),
        "true\n"
    );
    assert_eq!(run(&["test", "--jq", ".ok"]), "true\n");
    assert_eq!(
        run(&[
            "pull",
            "contacts",
            "--jq",
            "[.contacts[].id] | length, (unique | length)"
        ]),
        "250\n250\n"
    );
    assert_eq!(
        run(&[
            "pull",
            "contacts",
            "--limit",
            "2",
            "--jq",
            ".contacts[] | .tags | @csv"
        ]),
        "\"customer\",\"vip\"\n\"lead\"\n"
    );
    assert_eq!(
        run(&["pull", "contacts", "-o", "out.csv", "--jq", ".count"]),
        "250\n"
    );
    assert!(home.root.path().join("out.csv").exists());
    assert_eq!(run(&["map", "show", "--jq", "empty"]), "");
}

#[test]
fn a_bad_expression_costs_nothing() {
    let env = Env::new(Options {
        contacts: 60,
        ..quick()
    });
    env.forget_requests();
    for args in [
        &["sync"][..],
        &[
            "api",
            "bigmailer",
            "POST",
            "/brands/{brand}/lists",
            "-F",
            "name=x",
            "--write",
        ],
    ] {
        let ran = env.run(args.iter().chain(&["--jq", ".people | nofilter"]));
        ran.expect(2);
        let error = ran.error();
        assert_eq!(error["code"], "usage");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("nofilter at character 11"), "{message}");
    }
    assert_eq!(calls(&env), 0);
    assert!(!env.state_file().exists());

    // What only shows when it runs is an error of its own; the work is done by then.
    let ran = env.run(["sync", "--jq", ".people + 1"]);
    ran.expect(1);
    let error = ran.error();
    assert_eq!(error["code"], "jq");
    assert!(error["message"].as_str().unwrap().contains("'.people + 1'"));
    assert!(!env.writes().is_empty());
    // Nor is there a way to the environment.
    env.run(["map", "list", "--jq", "env"]).expect(2);
    env.run(["map", "list", "--jq", "$ENV"]).expect(2);
    // A script for a shell is no document.
    env.run(["completions", "bash", "--jq", "."]).expect(1);
}

#[test]
fn numbers_beyond_a_double_survive() {
    let env = Env::new(empty());
    let exact = 9_007_199_254_740_993_i64;
    env.bm_contact(json!({"email": "ada@example.com",
        "field_values": [{"name": "LEAD_SCORE", "integer": exact}]}));
    let path = "/brands/{brand}/contacts/ada@example.com";
    let jq = ".field_values[0].integer, (.field_values | map(.integer))";
    let ran = env.run(["api", "bigmailer", "GET", path, "--jq", jq]);
    assert_eq!(ran.stdout, format!("{exact}\n[{exact}]\n"));
}

// ---- secrets

/// A service that tells everything it was told: in a header, in the body, and in its error.
fn parrot() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            std::thread::spawn(move || repeat(stream));
        }
    });
    format!("http://{address}")
}

fn repeat(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut heard = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.parse().unwrap();
        }
        heard.push(line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let secret = heard
        .iter()
        .find_map(|line| {
            line.split_once(": ").filter(|(name, _)| {
                ["authorization", "x-api-key"].contains(&name.to_ascii_lowercase().as_str())
            })
        })
        .map(|(_, value)| value.to_owned())
        .unwrap();
    let bare = secret.trim_start_matches("Bearer ").to_owned();
    let status = match heard[0].split(' ').nth(1).unwrap() {
        "/refused" => "401 Unauthorized",
        "/wrong" => "422 Unprocessable Entity",
        "/down" => "503 Service Unavailable",
        _ => "200 OK",
    };
    let encoded: String = bare.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let text = json!({"message": format!("not {secret}, {bare}"), "heard": heard,
        "code": bare, "traceId": bare, "data": [{"id": bare, "key": encoded}],
        "half": &bare[bare.len() / 2..]})
    .to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-echo: {secret}\r\n\
         x-half: {}\r\nset-cookie: s={bare}\r\nretry-after: 0\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{text}",
        &bare[..bare.len() / 2 + 1],
        text.len()
    );
}

#[test]
fn no_secret_comes_back_whoever_echoes_it() {
    let mut env = Env::new(empty());
    let url = parrot();
    env.set("GHL_BM_GHL_URL", url.clone());
    env.set("GHL_BM_BIGMAILER_URL", url);
    let pieces: Vec<String> = [env.sandbox.ghl_token(), env.sandbox.bigmailer_key()]
        .iter()
        .flat_map(|secret| {
            let (left, right) = secret.split_at(secret.len() / 2);
            [left.to_owned(), right.to_owned()]
        })
        .collect();
    let shapes: [&[&str]; 7] = [
        &[],
        &["--include"],
        &["--json", "--include"],
        &["--jq", "."],
        &["--jq", ".heard[], .data"],
        &["--paginate"],
        &["--paginate", "--slurp"],
    ];
    let levels: [&[&str]; 4] = [&["-q"], &[], &["-vv"], &["-vv", "--log-format", "json"]];
    let mut cases: Vec<Vec<&str>> = Vec::new();
    for side in ["ghl", "bigmailer"] {
        for path in ["/x", "/refused", "/wrong"] {
            for shape in shapes {
                let level = levels[cases.len() % levels.len()];
                cases.push([&["api", side, "GET", path], shape, level].concat());
            }
            cases.push(vec!["api", side, "DELETE", path, "--write", "-vv", "-i"]);
        }
        cases.push(vec!["api", side, "GET", "/down", "-vv", "-i"]);
    }
    each(&cases, |case| {
        let ran = env.run(case);
        for piece in &pieces {
            assert!(!ran.all().contains(piece), "{case:?}: {}", ran.all());
        }
        assert!(!ran.stdout.to_lowercase().contains("set-cookie"));
    });
}

#[test]
fn traces_hold_no_ids_and_no_values() {
    let env = Env::new(empty());
    env.bm_contact(json!({"email": "ada@example.com"}));
    let path = "/brands/{brand}/contacts/ada@example.com?x=secretive";
    let ran = env.run(["api", "bigmailer", "GET", path, "-vv", "--silent"]);
    ran.expect(0);
    ran.says(&["GET /brands/{…}/contacts/{…} -> 200"]);
    assert!(!ran.stderr.contains("ada") && !ran.stderr.contains("secretive"));
    assert!(!ran.stderr.contains(env.sandbox.brand_id()));
}
