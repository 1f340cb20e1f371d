//! OAuth over real sockets: the whole way of a sign-in, rotation under faults, holds and restarts,
//! and what the back door does to tokens. Start with [`sign_in`].

use super::*;

const BACK: &str = "http://localhost:9/callback";
const STALE: &str = "Invalid grant: refresh token is invalid";

/// Opens a request with these headers and this body.
fn open(base: &str, method: &str, target: &str, headers: &str, body: &str) -> TcpStream {
    let host = &base[7..];
    let mut stream = TcpStream::connect(host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish()
}

/// Visits the authorize page like a browser that follows nothing.
fn visit(sandbox: &Sandbox, more: &[(&str, &str)]) -> Got {
    let id = sandbox.client_id();
    let usual = [
        ("response_type", "code"),
        ("client_id", &id),
        ("redirect_uri", BACK),
        (
            "scope",
            "contacts.readonly locations.readonly oauth.readonly oauth.write",
        ),
    ];
    let named = |name: &str| more.iter().any(|(other, _)| *other == name);
    let kept = usual.into_iter().filter(|(name, _)| !named(name));
    let pairs: Vec<_> = kept.chain(more.iter().copied()).collect();
    let url = sandbox.authorize_url();
    let base = sandbox.ghl_url();
    let target = format!("{}?{}", &url[base.len()..], encoded(&pairs));
    receive(open(&base, "GET", &target, "", ""))
}

/// The code that a visit to the authorize page brings.
fn code(sandbox: &Sandbox) -> String {
    let got = visit(sandbox, &[("state", "s-1")]);
    assert_eq!(got.status, 302, "{}", got.body);
    let back = url::Url::parse(got.header("location").unwrap()).unwrap();
    assert!(back.as_str().starts_with(BACK));
    let pairs: Vec<_> = back.query_pairs().into_owned().collect();
    assert_eq!(pairs[1], ("state".to_owned(), "s-1".to_owned()));
    assert_eq!(pairs[0].0, "code");
    pairs[0].1.clone()
}

fn open_token(sandbox: &Sandbox, secret: &str, pairs: &[(&str, &str)]) -> TcpStream {
    let id = sandbox.client_id();
    let mut all = vec![("client_id", id.as_str()), ("client_secret", secret)];
    all.extend(pairs);
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    open(
        &sandbox.ghl_url(),
        "POST",
        "/oauth/token",
        kind,
        &encoded(&all),
    )
}

fn exchange(sandbox: &Sandbox, code: &str) -> Got {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
    ];
    receive(open_token(sandbox, &sandbox.client_secret(), &pairs))
}

fn open_refresh(sandbox: &Sandbox, token: &str) -> TcpStream {
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
    open_token(sandbox, &sandbox.client_secret(), &pairs)
}

fn refresh(sandbox: &Sandbox, token: &str) -> Got {
    receive(open_refresh(sandbox, token))
}

/// Access and refresh token of an answer.
fn pair(got: &Got) -> (String, String) {
    let body = got.json();
    assert_eq!(got.status, 200, "{body}");
    let text = |key: &str| body[key].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

fn sign_in(sandbox: &Sandbox) -> (String, String) {
    pair(&exchange(sandbox, &code(sandbox)))
}

/// Status and message of a call with an access token.
fn with_token(sandbox: &Sandbox, token: &str, method: &str, target: &str) -> (u16, Value) {
    let headers = format!("Authorization: Bearer {token}\r\nVersion: 2021-07-28\r\n");
    let got = receive(open(&sandbox.ghl_url(), method, target, &headers, ""));
    (got.status, got.json()["message"].clone())
}

fn read_location(sandbox: &Sandbox, token: &str) -> (u16, Value) {
    let target = format!("/locations/{}", sandbox.location_id());
    with_token(sandbox, token, "GET", &target)
}

fn refused(got: &Got) -> (u16, String) {
    let body = got.json();
    let text = body["error_description"].as_str();
    let text = text.or_else(|| body["message"].as_str()).unwrap();
    (got.status, text.to_owned())
}

fn advance(sandbox: &Sandbox, seconds: i64) {
    let (status, _) = sandbox.admin("POST", "/advance", json!({"seconds": seconds}));
    assert_eq!(status, 200);
}

fn small() -> Sandbox {
    with(|options| options.contacts = 3)
}

#[test]
fn a_sign_in_leads_to_tokens_that_work() {
    let sandbox = small();
    let (access, _) = sign_in(&sandbox);
    assert_eq!(read_location(&sandbox, &access), (200, Value::Null));
    assert_eq!(with_token(&sandbox, &access, "GET", "/contacts/x").0, 400);
    assert_eq!(
        with_token(&sandbox, &access, "DELETE", "/contacts/x"),
        (401, json!("The token is not authorized for this scope."))
    );
    assert_eq!(
        with_token(&sandbox, &access, "GET", "/locations/other").0,
        403
    );
    let log = sandbox.requests();
    assert_eq!(log[0].path, "/v2/oauth/chooselocation");
    assert_eq!(log[0].query.last().unwrap(), "state");
    assert!(log[0].changed && log[1].changed && !log[2].changed);
    let (_, shown) = sandbox.admin("GET", "/requests", Value::Null);
    assert_eq!(shown["counts"]["ghl GET /v2/oauth/chooselocation"], 1);
    assert_eq!(shown["counts"]["ghl POST /oauth/token"], 1);
    let counts = sandbox.token_counts();
    assert_eq!((counts.codes, counts.exchanges, counts.refusals), (1, 1, 0));
}

#[test]
fn wrong_addresses_secrets_and_old_codes_are_refused() {
    let sandbox = small();
    let page = visit(&sandbox, &[("redirect_uri", "https://example.org/steal")]);
    assert_eq!((page.status, page.header("location")), (400, None));
    assert!(page.body.contains("redirect_uri"), "{}", page.body);
    let first = code(&sandbox);
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", first.as_str()),
    ];
    let nobody = (401, "Invalid client credentials!".to_owned());
    let wrong = receive(open_token(&sandbox, "wrong", &pairs));
    assert_eq!(refused(&wrong), nobody);
    let (_, token) = pair(&exchange(&sandbox, &first));
    let gone = (401, "Authorization code not found".to_owned());
    assert_eq!(refused(&exchange(&sandbox, &first)), gone);
    let second = code(&sandbox);
    advance(&sandbox, 600);
    assert_eq!(refused(&exchange(&sandbox, &second)), gone);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
    ];
    let wrong = receive(open_token(&sandbox, "wrong", &pairs));
    assert_eq!(refused(&wrong), nobody);
    assert_eq!(refresh(&sandbox, &token).status, 200);
    assert_eq!(sandbox.token_counts().refusals, 4);
}

#[test]
fn refreshes_at_once_get_the_same_pair() {
    let sandbox = small();
    let (_, old) = sign_in(&sandbox);
    // Both are at the service before it has seen either.
    let holds = [
        sandbox.hold_at(1, Phase::Before),
        sandbox.hold_at(2, Phase::Before),
    ];
    let streams = [open_refresh(&sandbox, &old), open_refresh(&sandbox, &old)];
    for hold in &holds {
        assert!(hold.wait_reached(Duration::from_secs(5)));
    }
    assert_eq!(sandbox.token_counts().refreshes, 0);
    holds.into_iter().for_each(Hold::release);
    let [one, two] = streams.map(|stream| pair(&receive(stream)));
    assert_eq!(one, two);
    advance(&sandbox, 31);
    assert_eq!(refused(&refresh(&sandbox, &old)), (400, STALE.to_owned()));
    assert_eq!(refresh(&sandbox, &one.1).status, 200);
    let counts = sandbox.token_counts();
    assert_eq!(
        (counts.refreshes, counts.repeats, counts.refusals),
        (2, 1, 1)
    );
}

#[test]
fn a_lost_answer_can_be_had_again_for_a_while() {
    for (rule, done) in [
        ("ghl:POST:/oauth/token@2=cut-before", 0),
        ("ghl:POST:/oauth/token@2=503", 0),
        ("ghl:POST:/oauth/token@2=cut-after", 1),
        ("ghl:POST:/oauth/token@2=truncate", 1),
    ] {
        let sandbox = with_fault(rule);
        let (_, old) = sign_in(&sandbox);
        let lost = refresh(&sandbox, &old);
        assert!(lost.status == 503 || serde_json::from_str::<Value>(&lost.body).is_err());
        assert_eq!(sandbox.token_counts().refreshes, done, "{rule}");
        assert_eq!(sandbox.requests().last().unwrap().changed, done == 1);
        let (access, new) = pair(&refresh(&sandbox, &old));
        assert_eq!(read_location(&sandbox, &access).0, 200);
        let counts = sandbox.token_counts();
        assert_eq!((counts.refreshes, counts.repeats), (1, done), "{rule}");
        assert_eq!(refresh(&sandbox, &new).status, 200);
    }
    // Whoever waits too long has lost the account.
    let sandbox = with_fault("ghl:POST:/oauth/token@2=cut-after");
    let (_, old) = sign_in(&sandbox);
    refresh(&sandbox, &old);
    advance(&sandbox, 31);
    assert_eq!(refused(&refresh(&sandbox, &old)), (400, STALE.to_owned()));
}

#[test]
fn a_held_refresh_has_happened_or_not() {
    let sandbox = small();
    let (_, mut old) = sign_in(&sandbox);
    for (phase, done) in [(Phase::Before, 0), (Phase::After, 2)] {
        let hold = sandbox.hold_at(1, phase);
        let stream = open_refresh(&sandbox, &old);
        assert!(hold.wait_reached(Duration::from_secs(5)));
        assert_eq!(sandbox.token_counts().refreshes, done);
        hold.release();
        old = pair(&receive(stream)).1;
    }
    assert_eq!(sandbox.token_counts().refreshes, 2);
}

#[test]
fn tokens_survive_a_restart_in_the_middle_of_the_grace() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("world");
    let start = |home: &std::path::Path, seed: u64| {
        with(|options| {
            options.dir = Some(home.to_owned());
            options.contacts = 3;
            options.seed = seed;
        })
    };
    let sandbox = start(&home, 7);
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let (access, old) = sign_in(&sandbox);
    let unused = code(&sandbox);
    advance(&sandbox, 300);
    let (_, new) = pair(&refresh(&sandbox, &old));
    refresh(&sandbox, "eyJ");
    let shown = |sandbox: &Sandbox| {
        ["/ghl/app", "/ghl/app/tokens"].map(|path| sandbox.admin("GET", path, Value::Null).1)
    };
    let before = shown(&sandbox);
    // What a killed process leaves behind, before anything is tidied up.
    let copy = dir.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for file in ["world.json", "world.log"] {
        std::fs::copy(home.join(file), copy.join(file)).unwrap();
    }
    sandbox.stop();
    for place in [&home, &copy] {
        // The seed of whoever wakes it does not count.
        let sandbox = start(place, 8);
        assert_eq!(
            (sandbox.client_id(), sandbox.client_secret()),
            (id.clone(), secret.clone())
        );
        assert_eq!(shown(&sandbox), before);
        assert_eq!(read_location(&sandbox, &access).0, 200);
        assert_eq!(pair(&refresh(&sandbox, &old)).1, new);
        assert_eq!(exchange(&sandbox, &unused).status, 200);
        sandbox.stop();
        let sandbox = start(place, 9);
        assert_eq!(exchange(&sandbox, &unused).status, 401);
        advance(&sandbox, 31);
        assert_eq!(refused(&refresh(&sandbox, &old)), (400, STALE.to_owned()));
        assert_eq!(refresh(&sandbox, &new).status, 200);
        let counts = sandbox.token_counts();
        assert_eq!(
            (counts.exchanges, counts.refreshes, counts.repeats),
            (2, 2, 1)
        );
        assert_eq!(counts.refusals, 3);
    }
}

#[test]
fn a_world_from_before_there_was_an_app_gets_one() {
    let dir = tempfile::tempdir().unwrap();
    let start = || with(|options| options.dir = Some(dir.path().to_owned()));
    start().stop();
    let path = dir.path().join("world.json");
    let mut world: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let entries = world["entries"].as_array_mut().unwrap();
    let before = entries.len();
    entries.retain(|entry| !entry["kind"].as_str().unwrap().starts_with("ghl-app-"));
    entries.retain(|entry| entry["kind"] != "ghl-app");
    assert_eq!(entries.len(), before - 2);
    std::fs::write(&path, world.to_string()).unwrap();
    let sandbox = start();
    let id = sandbox.client_id();
    sign_in(&sandbox);
    sandbox.stop();
    assert_eq!(start().client_id(), id);
}

#[test]
fn tokens_end_with_world_time() {
    let sandbox = small();
    let (access, token) = sign_in(&sandbox);
    advance(&sandbox, 86_000);
    assert_eq!(read_location(&sandbox, &access).0, 200);
    advance(&sandbox, 399);
    for (quirk, text) in [
        (
            "invalid-access-token",
            "Invalid token: access token is invalid",
        ),
        ("invalid-jwt", "Invalid JWT"),
        ("jwt-expired", "jwt expired"),
        ("unauthorized", "Unauthorized"),
    ] {
        let set = json!({"set": format!("expired-token={quirk}")});
        assert_eq!(sandbox.admin("POST", "/quirks", set).0, 200);
        assert_eq!(read_location(&sandbox, &access), (401, json!(text)));
        // A fault that claims it says the same.
        let rule = json!({"rule": "ghl:*:/locations@1=unauthorized"});
        sandbox.admin("POST", "/faults", rule);
        let private = sandbox.ghl_token();
        assert_eq!(read_location(&sandbox, private), (401, json!(text)));
    }
    let (access, token) = pair(&refresh(&sandbox, &token));
    assert_eq!(read_location(&sandbox, &access).0, 200);
    advance(&sandbox, 365 * 86_400 + 1);
    assert_eq!(refused(&refresh(&sandbox, &token)), (400, STALE.to_owned()));
}

#[test]
fn the_agency_installs_it_and_a_location_gets_its_token() {
    let sandbox = small();
    let set = |quirk: &str| {
        let (status, _) = sandbox.admin("POST", "/quirks", json!({"set": quirk}));
        assert_eq!(status, 200);
    };
    set("company-install=yes");
    let got = exchange(&sandbox, &code(&sandbox));
    let body = got.json();
    assert_eq!(
        (&body["userType"], body.get("locationId")),
        (&json!("Company"), None)
    );
    let (company, _) = pair(&got);
    let (status, text) = read_location(&sandbox, &company);
    let wrong_class = "This authClass type is not allowed to access this scope.";
    assert!(
        status == 401 && text.as_str().unwrap().starts_with(wrong_class),
        "{text}"
    );
    let headers = format!("Authorization: Bearer {company}\r\nVersion: 2021-07-28\r\n");
    let agency = body["companyId"].as_str().unwrap();
    let location_token = || {
        let form = encoded(&[("companyId", agency), ("locationId", sandbox.location_id())]);
        let headers = format!("{headers}Content-Type: application/x-www-form-urlencoded\r\n");
        let target = "/oauth/locationToken";
        receive(open(&sandbox.ghl_url(), "POST", target, &headers, &form))
    };
    let made = location_token();
    assert_eq!(made.status, 201);
    let own = made.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(read_location(&sandbox, &own).0, 200);
    assert_eq!(made.json()["scope"], "contacts.readonly locations.readonly");
    set("location-token-status=200");
    set("location-refresh=absent");
    let made = location_token();
    assert_eq!((made.status, made.json().get("refresh_token")), (200, None));
    let app = sandbox.client_id();
    let app = app.split('-').next().unwrap();
    let list = format!("/oauth/installedLocations?companyId={agency}&appId={app}&isInstalled=true");
    let list = receive(open(&sandbox.ghl_url(), "GET", &list, &headers, ""));
    assert_eq!(list.json()["locations"][0]["_id"], sandbox.location_id());
    assert_eq!(sandbox.token_counts().location_tokens, 2);
}

#[test]
fn the_authorize_page_does_as_it_is_told() {
    let sandbox = small();
    let set = |quirk: &str| sandbox.admin("POST", "/quirks", json!({"set": quirk}));
    set("authorize=deny");
    let got = visit(&sandbox, &[("state", "s")]);
    let to = got.header("location").unwrap();
    assert!(to.starts_with(&format!("{BACK}?error=access_denied&")) && to.ends_with("&state=s"));
    set("authorize=wait");
    let got = visit(&sandbox, &[]);
    assert_eq!((got.status, got.header("location")), (200, None));
    set("authorize=allow");
    set("oauth-state=dropped");
    let got = visit(&sandbox, &[("state", "s")]);
    assert!(!got.header("location").unwrap().contains("state"));
    set("version-id=required");
    assert!(visit(&sandbox, &[]).body.contains("error.noversionid"));
    let version = sandbox.app_version_id();
    assert_eq!(visit(&sandbox, &[("version_id", &version)]).status, 302);
    // Somebody who takes their time, at the older address.
    let hold = sandbox.hold_at(1, Phase::Before);
    let base = sandbox.ghl_url();
    let stream = open(&base, "GET", "/oauth/chooselocation", "", "");
    assert!(hold.wait_reached(Duration::from_secs(5)));
    hold.release();
    assert_eq!(receive(stream).status, 400);
}

#[test]
fn the_back_door_shows_and_ends_tokens() {
    let sandbox = small();
    let admin = |method: &str, path: &str, body: Value| sandbox.admin(method, path, body);
    let (access, token) = sign_in(&sandbox);
    let (next, _) = pair(&refresh(&sandbox, &token));
    let (status, list) = admin("GET", "/ghl/app/tokens", Value::Null);
    assert_eq!(status, 200);
    assert!(!list.to_string().contains("eyJ") && access.starts_with("eyJ"));
    let (first, second) = (&list["tokens"][0], &list["tokens"][1]);
    assert_eq!(first["replacedBy"], second["refreshTokenId"]);
    assert!(first["usedAt"].is_string() && second["usedAt"].is_null());
    assert_eq!(second["userType"], "Location");
    assert_eq!(second["scopes"][0], "contacts.readonly");
    assert!(second["accessExpiresAt"].as_str() < second["refreshExpiresAt"].as_str());

    let (_, expired) = admin("POST", "/ghl/app/expire", Value::Null);
    assert_eq!(expired, json!({"expired": 2}));
    assert_eq!(read_location(&sandbox, &next).0, 401);
    // The same pair comes out again, and its access token has ended, too.
    let (next, token) = pair(&refresh(&sandbox, &token));
    assert_eq!(read_location(&sandbox, &next).0, 401);
    let (next, token) = pair(&refresh(&sandbox, &token));
    assert_eq!(read_location(&sandbox, &next).0, 200);

    let pause = |paused: bool| admin("PATCH", "/ghl/app", json!({"locationPaused": paused}));
    assert_eq!(pause(true).1["locationPaused"], true);
    let inactive = (400, "Location is not active".to_owned());
    assert_eq!(refused(&refresh(&sandbox, &token)), inactive);
    assert_eq!(pause(false).0, 200);
    let (_, token) = pair(&refresh(&sandbox, &token));

    let (_, app) = admin("GET", "/ghl/app", Value::Null);
    assert_eq!(app["clientId"], sandbox.client_id());
    assert_eq!(app["counts"]["refreshes"], sandbox.token_counts().refreshes);
    assert!(app["installed"][sandbox.location_id()].is_string());
    let (_, world) = admin("GET", "/world", Value::Null);
    assert_eq!(world["ghl"]["oauth"], app["counts"]);
    let (_, gone) = admin("POST", "/ghl/app/uninstall", Value::Null);
    assert_eq!(gone, json!({"revoked": 4}));
    assert_eq!(refused(&refresh(&sandbox, &token)), (400, STALE.to_owned()));
    assert_eq!(read_location(&sandbox, &next).0, 401);
    let (_, app) = admin("GET", "/ghl/app", Value::Null);
    assert_eq!(app["installed"], json!({}));
    sign_in(&sandbox);
}

#[test]
fn the_back_door_edits_the_app_and_makes_tokens() {
    let sandbox = small();
    let admin = |method: &str, path: &str, body: Value| sandbox.admin(method, path, body);
    let secret = sandbox.client_secret();
    let edit = json!({"clientSecret": "changed", "loopbackRedirects": false,
        "redirectUris": ["https://example.net/back"], "scopes": ["locations.readonly"]});
    assert_eq!(admin("PATCH", "/ghl/app", edit).0, 200);
    assert_eq!(sandbox.client_secret(), "changed");
    assert_eq!(visit(&sandbox, &[]).status, 400);
    let back = [("redirect_uri", "https://example.net/back")];
    assert_eq!(visit(&sandbox, &back).status, 302);
    for wrong in [json!({"clientKey": "x"}), json!({"scopes": "x"}), json!([])] {
        let (status, _) = admin("PATCH", "/ghl/app", wrong.clone());
        assert_eq!(status, 400, "{wrong}");
    }
    let (_, made) = admin("POST", "/ghl/app/tokens", json!({}));
    let access = made["access_token"].as_str().unwrap();
    assert_eq!(read_location(&sandbox, access).0, 200);
    assert_eq!(made["scopes"], json!(["locations.readonly"]));
    let token = made["refresh_token"].as_str().unwrap();
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
    assert_eq!(receive(open_token(&sandbox, &secret, &pairs)).status, 401);
    assert_eq!(refresh(&sandbox, token).status, 200);
    let company = json!({"userType": "Company", "scope": ""});
    let (_, company) = admin("POST", "/ghl/app/tokens", company);
    assert_eq!(
        (&company["userType"], &company["scopes"]),
        (&json!("Company"), &json!([]))
    );
    let wrong = admin("POST", "/ghl/app/tokens", json!({"userType": "x"}));
    assert_eq!(wrong.0, 400);
    for (method, path) in [
        ("GET", "/ghl/app/expire"),
        ("DELETE", "/ghl/app"),
        ("POST", "/ghl/app/x"),
    ] {
        assert_eq!(admin(method, path, json!({})).0, 404, "{method} {path}");
    }
}

#[test]
fn an_old_access_token_may_end_with_the_refresh() {
    let sandbox = small();
    let (access, token) = sign_in(&sandbox);
    let (next, token) = pair(&refresh(&sandbox, &token));
    assert_eq!(read_location(&sandbox, &access).0, 200);
    sandbox.admin("POST", "/quirks", json!({"set": "old-access=dies"}));
    refresh(&sandbox, &token);
    assert_eq!(read_location(&sandbox, &next).0, 401);
}
