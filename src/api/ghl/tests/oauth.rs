//! The calls for tokens: what is sent, what answers and refusals mean, what is asked again.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::super::oauth::{Asking, Oauth, Page, Visit, read_back};
use super::*;
use crate::api::http::{Http, Settings};
use crate::credentials::{App, GrantError, Grants, Secret, Tokens};

const NOW: i64 = 1_700_000_000_000;

fn secret(text: &str) -> Secret {
    Secret::from(text)
}

/// The client, and whatever it said about its calls.
fn oauth(server: &Server) -> (Oauth, Arc<Mutex<Vec<String>>>) {
    let (port, said) = (server.port, Arc::new(Mutex::new(Vec::new())));
    let log = Arc::clone(&said);
    let connect = move |credential, hidden| {
        let base = format!("http://127.0.0.1:{port}/base/");
        let log = Arc::clone(&log);
        let settings = Settings {
            side: Side::Ghl,
            base_url: crate::api::http::check_base_url(&base).unwrap(),
            credential,
            hidden,
            limits: scripted::limits(),
            stop: crate::stop::Stop::new(),
            trace: Arc::new(move |one| log.lock().unwrap().push(format!("{one:?}"))),
        };
        Http::new(settings).map(Http::without_back_off)
    };
    let version = DEFAULT_VERSION.to_owned();
    (Oauth::new(Box::new(connect), version, || NOW), said)
}

fn app() -> App {
    App {
        client_id: "app-1".to_owned(),
        client_secret: secret("client-secret-1"),
        redirect_uri: Some("http://localhost:8799/callback".to_owned()),
        tokens: tokens("old"),
        agency: None,
    }
}

fn tokens(name: &str) -> Tokens {
    Tokens {
        access: secret(&format!("access-{name}")),
        refresh: Some(secret(&format!("refresh-{name}"))),
        since: NOW,
        expires: None,
        class: None,
        location_id: Some("LOC".to_owned()),
        company_id: Some("COM".to_owned()),
        user_id: None,
        scopes: Vec::new(),
    }
}

fn answer() -> Value {
    json!({"access_token": "access-new", "token_type": "Bearer", "expires_in": 86399,
        "refresh_token": "refresh-new", "refreshTokenId": "x", "isBulkInstallation": false,
        "scope": "contacts.readonly locations.readonly", "userType": "Location",
        "companyId": "COM", "locationId": "LOC", "userId": "USER", "traceId": "t"})
}

fn form(seen: &Asked) -> BTreeMap<String, String> {
    assert_eq!(
        seen.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    url::form_urlencoded::parse(seen.body.as_bytes())
        .into_owned()
        .collect()
}

fn pairs(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    all.iter().map(own).collect()
}

#[test]
fn a_code_becomes_tokens_with_everything_that_was_said_of_them() {
    let server = Server::new([Reply::json(200, answer())]);
    let app = app();
    let asking = Asking::from(&app);
    let given = oauth(&server)
        .0
        .exchange(&asking, &secret("code-1"), Some("verifier-1"))
        .unwrap();
    let asked = server.take();
    assert_eq!(asked[0].line(), "POST /oauth/token");
    // Neither basic authentication nor a bearer token.
    assert_eq!(asked[0].header("authorization"), None);
    let sent = form(&asked[0]);
    let wanted = [
        ("grant_type", "authorization_code"),
        ("code", "code-1"),
        ("client_id", "app-1"),
        ("client_secret", "client-secret-1"),
        ("redirect_uri", "http://localhost:8799/callback"),
        ("user_type", "Location"),
        ("code_verifier", "verifier-1"),
    ];
    assert_eq!(sent, pairs(&wanted));
    use secrecy::ExposeSecret as _;
    assert_eq!(given.access.expose_secret(), "access-new");
    assert_eq!(given.refresh.unwrap().expose_secret(), "refresh-new");
    assert_eq!(given.since, NOW);
    assert_eq!(given.expires, Some(NOW + 86_399_000));
    assert_eq!(given.class.as_deref(), Some("Location"));
    assert_eq!(given.location_id.as_deref(), Some("LOC"));
    assert_eq!(given.company_id.as_deref(), Some("COM"));
    assert_eq!(given.user_id.as_deref(), Some("USER"));
    assert_eq!(given.scopes, ["contacts.readonly", "locations.readonly"]);
}

#[test]
fn what_the_documents_leave_open_may_be_missing() {
    for bare in [
        json!({"access_token": "a", "token_type": "Bearer"}),
        json!({"access_token": "a", "token_type": "bearer", "scope": "", "expires_in": 86399,
            "refresh_token": null, "userType": null, "locationId": null}),
    ] {
        let server = Server::new([Reply::json(201, bare)]);
        let app = app();
        let given = oauth(&server)
            .0
            .exchange(&Asking::from(&app), &secret("c"), None);
        let given = given.unwrap();
        assert!(given.refresh.is_none() && given.class.is_none() && given.scopes.is_empty());
    }
}

#[test]
fn a_refresh_says_what_the_pair_is_for() {
    for (class, said) in [(None, "Location"), (Some("Company"), "Company")] {
        let server = Server::new([Reply::json(200, answer())]);
        let mut app = app();
        app.tokens.class = class.map(str::to_owned);
        oauth(&server).0.refresh(&app, &app.tokens).unwrap();
        let wanted = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "refresh-old"),
            ("client_id", "app-1"),
            ("client_secret", "client-secret-1"),
            ("redirect_uri", "http://localhost:8799/callback"),
            ("user_type", said),
        ];
        assert_eq!(form(&server.take()[0]), pairs(&wanted));
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_token() {
    let lost = [
        Reply::Drop,
        Reply::Cut,
        Reply::json(502, json!({"message": "bad gateway"})),
        Reply::text(200, "<html>"),
    ];
    for reply in lost {
        let server = Server::new([reply.clone(), Reply::json(200, answer())]);
        let app = app();
        let given = oauth(&server).0.refresh(&app, &app.tokens);
        assert!(given.is_ok(), "{reply:?}: {given:?}");
        let asked = server.take();
        assert_eq!(asked.len(), 2);
        assert_eq!(form(&asked[0]), form(&asked[1]));

        // A code is good for one call; a second one could only be refused.
        let server = Server::new([reply.clone(), Reply::json(200, answer())]);
        let given = oauth(&server)
            .0
            .exchange(&Asking::from(&app), &secret("c"), None);
        assert!(
            matches!(given, Err(GrantError::NoAnswer(_))),
            "{reply:?}: {given:?}"
        );
        assert_eq!(server.take().len(), 1);
    }
    // A service that is away is not pressed.
    let server = Server::new((0..9).map(|_| Reply::json(503, json!({"message": "down"}))));
    let app = app();
    let given = oauth(&server).0.refresh(&app, &app.tokens);
    assert!(matches!(given, Err(GrantError::NoAnswer(_))), "{given:?}");
    assert_eq!(server.take().len(), 3);
}

#[test]
fn refusals_of_both_shapes_are_told_apart() {
    let wrong = |status, body: Value| {
        let server = Server::new([Reply::json(status, body)]);
        let app = app();
        let error = oauth(&server).0.refresh(&app, &app.tokens).unwrap_err();
        assert_eq!(server.take().len(), 1, "{error:?}");
        error
    };
    for (status, body) in [
        (
            400,
            json!({"statusCode": 400, "message": "Invalid grant: refresh token is invalid"}),
        ),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Invalid grant: refresh token is invalid"}),
        ),
    ] {
        let error = wrong(status, body);
        assert!(matches!(&error, GrantError::UsedUp(_)), "{error:?}");
    }
    let paused = wrong(
        400,
        json!({"statusCode": 400, "message": "Location is not active"}),
    );
    assert!(matches!(&paused, GrantError::Paused(_)), "{paused:?}");
    for body in [
        json!({"error": "UnAuthorized!", "error_description": "Authorization code not found"}),
        json!({"error": "UnAuthorized!", "error_description": "Invalid client credentials!"}),
    ] {
        let words = body["error_description"].as_str().unwrap().to_owned();
        let GrantError::Refused(why) = wrong(401, body) else {
            panic!("not refused: {words}")
        };
        assert!(why.contains(&words), "{why}");
    }
    // A success without a token is none.
    let empty = wrong_success(json!({"token_type": "Bearer"}));
    assert!(matches!(empty, GrantError::NoAnswer(_)), "{empty:?}");
}

fn wrong_success(body: Value) -> GrantError {
    let server = Server::new((0..9).map(|_| Reply::json(200, body.clone())));
    let app = app();
    oauth(&server).0.refresh(&app, &app.tokens).unwrap_err()
}

#[test]
fn what_a_service_echoes_of_the_secrets_is_not_told() {
    let app = app();
    let echo = "bad: refresh-old client-secret-1";
    let server = Server::new([Reply::json(400, json!({"message": echo}))]);
    let (client, said) = oauth(&server);
    let error = client.refresh(&app, &app.tokens).unwrap_err();
    let told = format!("{error:?} {:?}", said.lock().unwrap());
    assert!(told.contains("bad: "), "{told}");
    assert!(
        !told.contains("refresh-old") && !told.contains("client-secret"),
        "{told}"
    );
    let server = Server::new([Reply::json(401, json!({"message": "no code code-77"}))]);
    let (client, _) = oauth(&server);
    let error = client.exchange(&Asking::from(&app), &secret("code-77"), None);
    assert!(!format!("{error:?}").contains("code-77"), "{error:?}");
}

#[test]
fn an_agencys_tokens_bring_those_of_a_location() {
    let location = json!({"access_token": "access-loc", "token_type": "Bearer", "expires_in": 86399,
        "locationId": "L2", "userType": "Location", "scope": "contacts.readonly"});
    let server = Server::new([
        Reply::json(
            200,
            json!({"locations": [{"_id": "L1", "name": "One", "isInstalled": true}, {"_id": "L2", "name": "Two"}], "count": 3}),
        ),
        // A page may repeat what was there.
        Reply::json(
            200,
            json!({"locations": [{"_id": "L2", "name": "Two"}, {"_id": "L3", "name": "Three"}]}),
        ),
        Reply::json(200, json!({"locations": []})),
        Reply::json(201, location),
        Reply::json(401, json!({"message": "Invalid JWT"})),
    ]);
    let agency = Tokens {
        class: Some("Company".to_owned()),
        ..tokens("agency")
    };
    let (client, _) = oauth(&server);
    let found = client
        .locations("6578278e879ad2646715ba9c-lq2x", &agency)
        .unwrap();
    let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["One", "Two", "Three"]);
    let given = client.location_token(&agency, "L2").unwrap();
    assert_eq!(given.location_id.as_deref(), Some("L2"));
    assert!(given.refresh.is_none());
    let refused = client.location_token(&agency, "L2");
    assert!(
        matches!(refused, Err(GrantError::Refused(_))),
        "{refused:?}"
    );
    let asked = server.take();
    assert_eq!(
        asked[0].line(),
        "GET /oauth/installedLocations?companyId=COM&appId=6578278e879ad2646715ba9c&isInstalled=true&limit=100&skip=0"
    );
    assert!(asked[1].line().ends_with("skip=2"));
    assert_eq!(asked[3].line(), "POST /oauth/locationToken");
    assert_eq!(
        form(&asked[3]),
        pairs(&[("companyId", "COM"), ("locationId", "L2")])
    );
    for one in &asked {
        assert_eq!(one.header("authorization"), Some("Bearer access-agency"));
        assert_eq!(one.header("version"), Some(DEFAULT_VERSION));
    }
}

#[test]
fn the_link_keeps_what_the_page_says_and_adds_what_is_missing() {
    let visit = Visit {
        client_id: "app-1".to_owned(),
        redirect_uri: "http://localhost:8799/callback".to_owned(),
        scopes: vec!["a.readonly".to_owned(), "b.write".to_owned()],
        state: "S 1".to_owned(),
        challenge: None,
    };
    let link = |url: &str| {
        let page = Page {
            url: url::Url::parse(url).unwrap(),
        };
        let link = page.link(&visit);
        let all: BTreeMap<String, String> = link.query_pairs().into_owned().collect();
        assert_eq!(all.len(), link.query_pairs().count(), "{link}");
        (link.path().to_owned(), all)
    };
    let (path, all) = link("https://marketplace.example/v2/oauth/chooselocation");
    assert_eq!(path, "/v2/oauth/chooselocation");
    let wanted = [
        ("response_type", "code"),
        ("client_id", "app-1"),
        ("redirect_uri", "http://localhost:8799/callback"),
        ("scope", "a.readonly b.write"),
        ("state", "S 1"),
    ];
    assert_eq!(all, pairs(&wanted));
    let (_, all) = link(
        "https://marketplace.example/install?version_id=V1&client_id=other&scope=c.readonly&state=old",
    );
    let wanted = [
        ("version_id", "V1"),
        ("client_id", "other"),
        ("scope", "c.readonly"),
        ("response_type", "code"),
        ("redirect_uri", "http://localhost:8799/callback"),
        ("state", "S 1"),
    ];
    assert_eq!(all, pairs(&wanted));
}

#[test]
fn what_came_back_is_no_secret_in_an_error() {
    assert!(read_back("https://x.example/?error=access_denied").is_err());
    for text in ["", "two words", "https://x.example/"] {
        let error = read_back(text).unwrap_err();
        assert!(!error.contains("x.example"), "{error}");
    }
}
