//! The calls that give tokens, and the list of locations that have the app. What a code or token is
//! worth is known by `location::app`. Start with [`token`].
//!
//! Sources: `apps/oauth.json` and the v3 examples of errors in the HighLevel API docs repository, its
//! Authorization page, and field reports. Under `Version: v3` the names have humps instead of
//! underscores, in requests and answers. Bodies are forms; JSON is taken, too.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::brand::members;
use super::super::location::Grant;
use super::super::message::Content;
use super::super::quirks::{OldAccess, Pkce, TokenRedirect};
use super::super::seed;
use super::super::shelf::text;
use super::admit::bearer;
use super::check::{self, Form, Rule, must};
use super::{Desk, Done, Outcome, Refused, ok};

/// Parameters of the token endpoint: as they are, and under `v3`.
const FIELDS: [(&str, &str); 8] = [
    ("client_id", "clientId"),
    ("client_secret", "clientSecret"),
    ("grant_type", "grantType"),
    ("code", "code"),
    ("refresh_token", "refreshToken"),
    ("user_type", "userType"),
    ("redirect_uri", "redirectUri"),
    // No schema has it, see the quirk `pkce`.
    ("code_verifier", "codeVerifier"),
];

/// Members of the answers that have other names under `v3`.
const MEMBERS: [(&str, &str); 4] = [
    ("access_token", "accessToken"),
    ("token_type", "tokenType"),
    ("expires_in", "expiresIn"),
    ("refresh_token", "refreshToken"),
];

/// Whoever installed the app, and the plan of it; opaque to everybody.
const USER_ID: &str = "SandboxUser000000001";
const PLAN_ID: &str = "5a4dbe1100000000000071a4";

/// Name and address of the agency's other locations; their ids count on from the location's.
const OTHERS: [(&str, &str, &str); 2] = [
    ("SandboxLocation00002", "Sandbox North", "2 Example Street"),
    ("SandboxLocation00003", "Sandbox South", "3 Example Street"),
];

impl Desk<'_> {
    fn is_v3(&self) -> bool {
        self.request.header("version") == Some("v3")
    }

    /// The body, a form or JSON.
    fn form(&self) -> Result<Map<String, Value>, Refused> {
        match self.request.form() {
            Some(pairs) => Ok(pairs
                .into_iter()
                .map(|(name, value)| (name, json!(value)))
                .collect()),
            None if matches!(self.request.content, Content::Empty) => Ok(Map::new()),
            None => Ok(self.body()?.into_owned()),
        }
    }

    /// The agency that the location belongs to.
    fn company(&self) -> &str {
        let known = self.location.details["companyId"].as_str();
        known.unwrap_or(seed::COMPANY_ID)
    }

    /// An answer that hands out tokens.
    fn tokens(&self, grant: &Grant, more: Value) -> Value {
        let mut answer = json!({"access_token": grant.access, "token_type": "Bearer",
            "expires_in": grant.expires_in(self.ask.now), "scope": grant.scopes.join(" "),
            "userType": grant.user_type(), "companyId": self.company(), "userId": USER_ID,
            "planId": PLAN_ID});
        if let Some(refresh) = &grant.refresh {
            answer["refresh_token"] = json!(refresh);
        }
        if let Some(location) = &grant.location {
            answer["locationId"] = json!(location);
        }
        for (key, value) in members(more) {
            answer[&key] = value;
        }
        if self.is_v3()
            && let Some(all) = answer.as_object_mut()
        {
            for (old, new) in MEMBERS {
                if let Some(value) = all.remove(old) {
                    all.insert(new.to_owned(), value);
                }
            }
        }
        answer
    }
}

/// What the token endpoint was sent.
struct Parameters {
    values: BTreeMap<&'static str, String>,
    is_v3: bool,
}

impl Parameters {
    fn read(desk: &Desk<'_>) -> Result<Self, Refused> {
        let is_v3 = desk.is_v3();
        let mut wrong = Vec::new();
        let mut values = BTreeMap::new();
        for (key, value) in desk.form()? {
            let known = FIELDS
                .iter()
                .find(|(old, new)| key == if is_v3 { *new } else { *old });
            match (known, value) {
                (Some(("code_verifier", _)), _) if desk.quirks().pkce == Pkce::Ignored => {}
                (None | Some(("code_verifier", _)), _) => {
                    wrong.push(format!("property {key} should not exist"));
                }
                (Some((name, _)), Value::String(text)) => _ = values.insert(*name, text),
                (Some(_), _) => wrong.push(format!("{key} must be a string")),
            }
        }
        let user_type = values.get("user_type").map(String::as_str);
        if !matches!(user_type, None | Some("Company" | "Location")) {
            wrong.push("user_type must be one of the following values: Company, Location".into());
        }
        Refused::unless(wrong)?;
        Ok(Self { values, is_v3 })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or_else(|| self.complain("Missing", name))
    }

    fn complain(&self, what: &str, name: &str) -> Refused {
        let pair = FIELDS.iter().find(|(old, _)| *old == name);
        let name = pair.filter(|_| self.is_v3).map_or(name, |(_, new)| new);
        Refused::bad(format!("{what} parameter: {name}"))
    }
}

/// `POST /oauth/token`.
pub(super) fn token(desk: &mut Desk<'_>) -> Outcome {
    let grant = match exchange(desk) {
        Ok(grant) => grant,
        Err(refused) => {
            desk.location.count(|counts| counts.refusals += 1);
            return Err(refused);
        }
    };
    let chosen: Vec<&String> = desk.location.app.settings.installed.keys().collect();
    let more = json!({"refreshTokenId": grant.id, "approvedLocations": chosen,
        "isBulkInstallation": false, "installToFutureLocations": false,
        "approveAllLocations": false});
    ok(desk.tokens(&grant, more))
}

fn exchange(desk: &mut Desk<'_>) -> Result<Grant, Refused> {
    let sent = Parameters::read(desk)?;
    let now = desk.ask.now;
    let kind = sent.need("grant_type")?;
    let client = (sent.need("client_id")?, sent.need("client_secret")?);
    let settings = &desk.location.app.settings;
    let is_client = client == (&settings.client_id, &settings.client_secret);
    let nobody = || Refused::oauth("Invalid client credentials!");
    match kind {
        "authorization_code" => {
            let text = sent.need("code")?;
            // Looked at before the client is, as reported.
            let no_code = || Refused::oauth("Authorization code not found");
            let code = desk.location.app.code(text, now).ok_or_else(no_code)?;
            if !is_client {
                return Err(nobody());
            }
            match sent.get("redirect_uri") {
                None if desk.quirks().token_redirect == TokenRedirect::Required => {
                    return Err(sent.complain("Missing", "redirect_uri"));
                }
                Some(other) if other != code.redirect_uri => {
                    return Err(sent.complain("Invalid", "redirect_uri"));
                }
                _ => {}
            }
            desk.location.redeem(text, now).ok_or_else(no_code)
        }
        "refresh_token" => {
            let text = sent.need("refresh_token")?;
            if !is_client {
                return Err(nobody());
            }
            let stale = || Refused::bad("Invalid grant: refresh token is invalid");
            let old = desk.location.app.refreshable(text, now).ok_or_else(stale)?;
            if old.location.is_some() && settings.location_paused {
                return Err(paused());
            }
            let ends_access = desk.quirks().old_access == OldAccess::Dies;
            desk.location
                .rotate(text, ends_access, now)
                .ok_or_else(stale)
        }
        _ => Err(sent.complain("Invalid", "grant_type")),
    }
}

/// 400: the agency has paused the location. The refresh token stays good.
fn paused() -> Refused {
    Refused::bad("Location is not active")
}

const LOCATION_TOKEN: [Rule; 2] = [
    must("companyId", Form::Filled),
    must("locationId", Form::Filled),
];

/// `POST /oauth/locationToken`: a token of a location, made from one of the agency. It has the
/// scopes of that one without the agency's own.
pub(super) fn location_token(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.form()?;
    check::body(&body, &[&LOCATION_TOKEN], desk.quirks().clearing)?;
    if text(&body, "companyId") != desk.company() {
        return Err(Refused::elsewhere());
    }
    let id = text(&body, "locationId");
    if id != desk.location.id && !OTHERS.iter().any(|(other, ..)| *other == id) {
        return Err(desk.missing("Location", id));
    }
    let settings = &desk.location.app.settings;
    if !settings.installed.contains_key(id) {
        return Err(Refused::bad("The app is not installed on this location"));
    }
    if settings.location_paused && id == desk.location.id {
        return Err(paused());
    }
    let (app_id, version_id) = (settings.app_id().to_owned(), settings.version_id.clone());
    let asking = desk.location.app.with_access(bearer(desk.request));
    let scopes = asking.iter().flat_map(|grant| &grant.scopes);
    let scopes: Vec<String> = scopes
        .filter(|scope| !scope.starts_with("oauth."))
        .cloned()
        .collect();
    let refreshable = desk.quirks().location_refresh;
    let grant = desk
        .location
        .issue(Some(id.to_owned()), scopes, refreshable, desk.ask.now);
    desk.location.count(|counts| counts.location_tokens += 1);
    let status = if desk.quirks().location_token_created {
        201
    } else {
        200
    };
    let more = json!({"appId": app_id, "versionId": version_id});
    Ok(Done::Body(status, desk.tokens(&grant, more)))
}

/// `GET /oauth/installedLocations`: every location of the agency, and whether it has the app.
pub(super) fn installed(desk: &mut Desk<'_>) -> Outcome {
    let request = desk.request;
    const MORE: [&str; 8] = [
        "skip",
        "limit",
        "query",
        "isInstalled",
        "versionId",
        "onTrial",
        "planId",
        "locationId",
    ];
    check::query(request, &["companyId", "appId"], &MORE)?;
    let skip = check::number(request, "skip", 0, 0, usize::MAX)?;
    let limit = check::number(request, "limit", 20, 1, usize::MAX)?;
    if request.query("companyId") != Some(desk.company()) {
        return Err(Refused::elsewhere());
    }
    let settings = &desk.location.app.settings;
    let own = &desk.location.details;
    let detail = |key: &str| own[key].as_str().unwrap_or_default();
    let home = (desk.location.id.as_str(), detail("name"), detail("address"));
    let asked = |name: &str, value: &str| request.query(name).is_none_or(|asked| asked == value);
    let name_part = request.query("query").unwrap_or_default().to_lowercase();
    // Nobody tries the app for free, and there is one plan.
    let any = asked("appId", settings.app_id())
        && asked("versionId", &settings.version_id)
        && asked("onTrial", "false")
        && asked("planId", PLAN_ID);
    let found: Vec<Value> = std::iter::once(home)
        .chain(OTHERS)
        .filter(|(id, name, _)| {
            any && asked("locationId", id) && name.to_lowercase().contains(&name_part)
        })
        .map(|(id, name, address)| {
            let since = settings.installed.get(id);
            let mut shown = json!({"_id": id, "name": name, "address": address,
                "isInstalled": since.is_some()});
            if let Some(since) = since {
                shown["versionId"] = json!(settings.version_id);
                shown["installedAt"] = json!(since);
            }
            shown
        })
        .filter(|shown| asked("isInstalled", &shown["isInstalled"].to_string()))
        .collect();
    let count = found.len();
    let page: Vec<Value> = found.into_iter().skip(skip).take(limit).collect();
    ok(json!({"locations": page, "count": count, "installToFutureLocations": false}))
}

#[cfg(test)]
mod tests {
    use super::super::super::message::Request;
    use super::super::super::quirks::Quirks;
    use super::super::super::traffic::Ask;
    use super::super::answer;
    use super::super::tests::NOW;
    use super::*;
    use crate::sandbox::location::Location;

    const BACK: &str = "http://localhost:8765/callback";
    const YEAR: i64 = 365 * 86_400_000;

    fn place() -> Location {
        seed::location(0, 1, 0)
    }

    fn quirks(set: &[&str]) -> Quirks {
        let mut quirks = Quirks::default();
        for quirk in set {
            quirks.set(quirk).unwrap();
        }
        quirks
    }

    fn ask_at(place: &mut Location, request: &Request, set: &[&str], now: i64) -> (u16, Value) {
        let quirks = quirks(set);
        let answer = answer(place, request, &Ask::plain(now, &quirks));
        (answer.status, answer.value())
    }

    /// A call of the token endpoint with a form; client id and secret are put in.
    fn form(place: &Location, pairs: &[(&str, &str)]) -> Request {
        let settings = &place.app.settings;
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("client_id", &settings.client_id);
        body.append_pair("client_secret", &settings.client_secret);
        body.extend_pairs(pairs);
        Request::new("POST", "/oauth/token")
            .with_header("content-type", "application/x-www-form-urlencoded")
            .with_bytes(body.finish().as_bytes())
    }

    fn code(place: &mut Location, company: bool) -> String {
        let scopes = place.app.settings.scopes.clone();
        let home = (!company).then(|| place.id.clone());
        place.allow(BACK, scopes, home, NOW)
    }

    fn exchange_with(place: &mut Location, set: &[&str], pairs: &[(&str, &str)]) -> (u16, Value) {
        let request = form(place, pairs);
        ask_at(place, &request, set, NOW)
    }

    fn tokens(place: &mut Location, company: bool) -> Value {
        let code = code(place, company);
        let pairs = [("grant_type", "authorization_code"), ("code", &code)];
        let (status, body) = exchange_with(place, &[], &pairs);
        assert_eq!(status, 200, "{body}");
        body
    }

    fn refresh_at(place: &mut Location, set: &[&str], token: &Value, now: i64) -> (u16, Value) {
        let token = token.as_str().unwrap();
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let request = form(place, &pairs);
        ask_at(place, &request, set, now)
    }

    #[test]
    fn a_code_becomes_a_pair_with_everything_that_is_documented() {
        let mut place = place();
        let body = tokens(&mut place, false);
        for (key, value) in [
            ("token_type", json!("Bearer")),
            ("expires_in", json!(86_399)),
            ("scope", json!(place.app.settings.scopes.join(" "))),
            ("userType", json!("Location")),
            ("companyId", json!(seed::COMPANY_ID)),
            ("locationId", json!(seed::LOCATION_ID)),
            ("userId", json!(USER_ID)),
            ("planId", json!(PLAN_ID)),
            ("approvedLocations", json!([seed::LOCATION_ID])),
            ("isBulkInstallation", json!(false)),
            ("installToFutureLocations", json!(false)),
            ("approveAllLocations", json!(false)),
        ] {
            assert_eq!(body[key], value, "{key}");
        }
        for key in ["access_token", "refresh_token"] {
            assert!(body[key].as_str().unwrap().starts_with("eyJ"), "{key}");
        }
        assert_eq!(body["refreshTokenId"].as_str().unwrap().len(), 24);
        assert!(body["traceId"].is_string());
        let company = tokens(&mut place, true);
        assert_eq!(company["userType"], "Company");
        assert!(company.get("locationId").is_none());
    }

    #[test]
    fn codes_are_looked_at_before_clients() {
        let mut place = place();
        let good = code(&mut place, false);
        let mut send = |pairs: &[(&str, &str)]| {
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(pairs);
            let request = Request::new("POST", "/oauth/token")
                .with_header("content-type", "application/x-www-form-urlencoded")
                .with_bytes(body.finish().as_bytes());
            let (status, body) = ask_at(&mut place, &request, &[], NOW);
            let text = match body["error_description"].as_str() {
                Some(text) => {
                    assert_eq!(body["error"], "UnAuthorized!");
                    assert!(body.get("statusCode").is_none());
                    text.to_owned()
                }
                None => {
                    assert_eq!(body["statusCode"], status);
                    body["message"].as_str().unwrap_or_default().to_owned()
                }
            };
            (status, text)
        };
        let kind = ("grant_type", "authorization_code");
        let (id, secret) = (("client_id", "x"), ("client_secret", "y"));
        let wrong = [kind, id, secret, ("code", "z")];
        let known = [kind, id, secret, ("code", good.as_str())];
        let text = |status: u16, text: &str| (status, text.to_owned());
        assert_eq!(send(&wrong), text(401, "Authorization code not found"));
        assert_eq!(send(&known), text(401, "Invalid client credentials!"));
        assert_eq!(send(&[]), text(400, "Missing parameter: grant_type"));
        assert_eq!(send(&wrong[..1]), text(400, "Missing parameter: client_id"));
        assert_eq!(
            send(&wrong[..2]),
            text(400, "Missing parameter: client_secret")
        );
        assert_eq!(send(&wrong[..3]), text(400, "Missing parameter: code"));
        assert_eq!(
            send(&[("grant_type", "client_credentials"), id, secret]),
            text(400, "Invalid parameter: grant_type")
        );
        assert_eq!(
            send(&[
                ("grant_type", "refresh_token"),
                id,
                secret,
                ("refresh_token", "z")
            ]),
            text(401, "Invalid client credentials!")
        );
        // None of it has used the code up.
        let pairs = [kind, ("code", good.as_str())];
        assert_eq!(exchange_with(&mut place, &[], &pairs).0, 200);
        assert_eq!(exchange_with(&mut place, &[], &pairs).0, 401);
        assert_eq!(
            (place.app.counts.refusals, place.app.counts.exchanges),
            (9, 1)
        );
    }

    #[test]
    fn the_form_is_strict_and_json_is_taken() {
        let mut place = place();
        let complaints = |answer: (u16, Value)| {
            assert_eq!(
                (answer.0, &answer.1["error"]),
                (422, &json!("Unprocessable Entity"))
            );
            answer.1["message"].clone()
        };
        let kind = ("grant_type", "authorization_code");
        assert_eq!(
            complaints(exchange_with(
                &mut place,
                &["pkce=refused"],
                &[
                    kind,
                    ("code_verifier", "v"),
                    ("user_type", "User"),
                    ("x", "y")
                ]
            )),
            json!([
                "property code_verifier should not exist",
                "property x should not exist",
                "user_type must be one of the following values: Company, Location"
            ])
        );
        let settings = place.app.settings.clone();
        let good = code(&mut place, false);
        let body = json!({"client_id": settings.client_id, "grant_type": "authorization_code",
            "client_secret": settings.client_secret, "code": good, "user_type": "Location",
            "redirect_uri": BACK, "code_verifier": "v"});
        let request = |body: &Value| {
            Request::new("POST", "/oauth/token")
                .with_header("content-type", "application/json")
                .with_bytes(body.to_string().as_bytes())
        };
        let mut number = body.clone();
        number["code"] = json!(7);
        assert_eq!(
            complaints(ask_at(&mut place, &request(&number), &[], NOW)),
            json!(["code must be a string"])
        );
        // JSON that claims to be a form says nothing.
        let claimed = Request::new("POST", "/oauth/token")
            .with_header("content-type", "application/x-www-form-urlencoded")
            .with_bytes(body.to_string().as_bytes());
        assert_eq!(ask_at(&mut place, &claimed, &[], NOW).0, 400);
        let half = Request::new("POST", "/oauth/token").with_bytes(b"{");
        assert_eq!(ask_at(&mut place, &half, &[], NOW).0, 400);
        assert_eq!(ask_at(&mut place, &request(&body), &[], NOW).0, 200);
    }

    #[test]
    fn the_address_has_to_be_the_one_of_the_code() {
        let mut place = place();
        let good = code(&mut place, false);
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", &good),
            ("redirect_uri", "http://localhost:8765/other"),
        ];
        let (status, body) = exchange_with(&mut place, &[], &pairs);
        assert_eq!(
            (status, &body["message"]),
            (400, &json!("Invalid parameter: redirect_uri"))
        );
        let (status, body) = exchange_with(&mut place, &["token-redirect=required"], &pairs[..2]);
        assert_eq!(
            (status, &body["message"]),
            (400, &json!("Missing parameter: redirect_uri"))
        );
        let right = [pairs[0], pairs[1], ("redirect_uri", BACK)];
        let (status, _) = exchange_with(&mut place, &["token-redirect=required"], &right);
        assert_eq!(status, 200);
    }

    #[test]
    fn a_refresh_gives_a_new_pair_and_keeps_who_it_is_for() {
        let mut place = place();
        for company in [false, true] {
            let first = tokens(&mut place, company);
            let (status, second) = refresh_at(&mut place, &[], &first["refresh_token"], NOW + 5);
            assert_eq!(status, 200, "{second}");
            for key in ["access_token", "refresh_token", "refreshTokenId"] {
                assert_ne!(second[key], first[key], "{key}");
            }
            for key in ["scope", "userType", "locationId", "companyId", "expires_in"] {
                assert_eq!(second[key], first[key], "{key}");
            }
            let late = NOW + 5 + 30_000;
            let (_, again) = refresh_at(&mut place, &[], &first["refresh_token"], late);
            for key in ["access_token", "refresh_token", "refreshTokenId"] {
                assert_eq!(again[key], second[key], "{key}");
            }
            assert_eq!(again["expires_in"], 86_369);
            let (status, body) = refresh_at(&mut place, &[], &first["refresh_token"], late + 1);
            assert_eq!(
                (status, &body["message"]),
                (400, &json!("Invalid grant: refresh token is invalid"))
            );
            let (status, _) = refresh_at(&mut place, &[], &second["refresh_token"], late + YEAR);
            assert_eq!(status, 400);
            let (status, _) = refresh_at(&mut place, &[], &second["refresh_token"], NOW + 4 + YEAR);
            assert_eq!(status, 200);
        }
    }

    #[test]
    fn a_paused_location_keeps_its_refresh_token() {
        let mut place = place();
        let own = tokens(&mut place, false);
        let company = tokens(&mut place, true);
        let pause = |place: &mut Location, paused: bool| {
            let mut settings = place.app.settings.clone();
            settings.location_paused = paused;
            place.put_app(settings);
        };
        pause(&mut place, true);
        let inactive = json!("Location is not active");
        let (status, body) = refresh_at(&mut place, &[], &own["refresh_token"], NOW);
        assert_eq!((status, &body["message"]), (400, &inactive));
        let (status, body) = location_token_of(&mut place, &company, &[], seed::LOCATION_ID);
        assert_eq!((status, &body["message"]), (400, &inactive));
        // A token that is dead anyway is told so, and the agency's own is not concerned.
        assert_eq!(
            refresh_at(&mut place, &[], &json!("eyJ"), NOW).1["message"],
            "Invalid grant: refresh token is invalid"
        );
        assert_eq!(
            refresh_at(&mut place, &[], &company["refresh_token"], NOW).0,
            200
        );
        pause(&mut place, false);
        assert_eq!(
            refresh_at(&mut place, &[], &own["refresh_token"], NOW).0,
            200
        );
    }

    #[test]
    fn names_have_humps_under_v3() {
        let mut place = place();
        let settings = place.app.settings.clone();
        let good = code(&mut place, false);
        let body = json!({"clientId": settings.client_id, "clientSecret": settings.client_secret,
            "grantType": "authorization_code", "code": good, "redirectUri": BACK});
        let request = |body: &Value| {
            Request::new("POST", "/oauth/token")
                .with_header("version", "v3")
                .with_json(body.clone())
        };
        let mut half = body.clone();
        half.as_object_mut().unwrap().remove("clientId");
        let (_, refused) = ask_at(&mut place, &request(&half), &[], NOW);
        assert_eq!(refused["message"], "Missing parameter: clientId");
        half["client_id"] = json!("x");
        assert_eq!(ask_at(&mut place, &request(&half), &[], NOW).0, 422);
        let (status, answer) = ask_at(&mut place, &request(&body), &[], NOW);
        assert_eq!((status, &answer["expiresIn"]), (200, &json!(86_399)));
        for key in ["accessToken", "refreshToken", "tokenType"] {
            assert!(answer[key].is_string(), "{key}");
        }
        assert!(answer.get("access_token").is_none());
    }

    fn with_token(method: &str, target: &str, tokens: &Value) -> Request {
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        Request::new(method, target)
            .with_header("version", "2021-07-28")
            .with_header("authorization", &bearer)
    }

    fn location_token_of(
        place: &mut Location,
        company: &Value,
        set: &[&str],
        location: &str,
    ) -> (u16, Value) {
        let form = format!("companyId={}&locationId={location}", seed::COMPANY_ID);
        let request = with_token("POST", "/oauth/locationToken", company)
            .with_header("content-type", "application/x-www-form-urlencoded")
            .with_bytes(form.as_bytes());
        ask_at(place, &request, set, NOW)
    }

    #[test]
    fn the_agencys_token_gives_one_of_the_location() {
        let mut place = place();
        let company = tokens(&mut place, true);
        let (status, own) = location_token_of(&mut place, &company, &[], seed::LOCATION_ID);
        assert_eq!((status, &own["userType"]), (201, &json!("Location")));
        assert_eq!(own["locationId"], seed::LOCATION_ID);
        assert_eq!(own["appId"], place.app.settings.app_id());
        assert_eq!(own["versionId"], place.app.settings.version_id);
        assert!(!own["scope"].as_str().unwrap().contains("oauth."));
        for key in [
            "access_token",
            "refresh_token",
            "userId",
            "planId",
            "companyId",
            "traceId",
        ] {
            assert!(own[key].is_string(), "{key}");
        }
        let (status, _) = refresh_at(&mut place, &[], &own["refresh_token"], NOW);
        assert_eq!(status, 200);
        let target = format!("/locations/{}", seed::LOCATION_ID);
        let read = with_token("GET", &target, &own);
        assert_eq!(ask_at(&mut place, &read, &[], NOW).0, 200);
        let set = ["location-token-status=200", "location-refresh=absent"];
        let (status, bare) = location_token_of(&mut place, &company, &set, seed::LOCATION_ID);
        assert_eq!((status, bare.get("refresh_token")), (200, None));
        // JSON is taken, too.
        let body = json!({"companyId": seed::COMPANY_ID, "locationId": seed::LOCATION_ID});
        let request = with_token("POST", "/oauth/locationToken", &company).with_json(body);
        assert_eq!(ask_at(&mut place, &request, &[], NOW).0, 201);
        assert_eq!(place.app.counts.location_tokens, 3);
    }

    #[test]
    fn location_tokens_are_given_where_the_app_is_installed() {
        let mut place = place();
        let company = tokens(&mut place, true);
        let other = OTHERS[0].0;
        let (status, body) = location_token_of(&mut place, &company, &[], other);
        assert_eq!(
            (status, &body["message"]),
            (400, &json!("The app is not installed on this location"))
        );
        let (status, _) = location_token_of(&mut place, &company, &[], "nowhere");
        assert_eq!(status, 400);
        place.install(Some(other), NOW);
        let (status, theirs) = location_token_of(&mut place, &company, &[], other);
        assert_eq!(status, 201);
        let target = format!("/locations/{}", seed::LOCATION_ID);
        let request = with_token("GET", &target, &theirs);
        assert_eq!(ask_at(&mut place, &request, &[], NOW).0, 403);
        let bare = with_token("POST", "/oauth/locationToken", &company);
        assert_eq!(ask_at(&mut place, &bare, &[], NOW).0, 422);
        let body = json!({"companyId": "other", "locationId": other});
        let request = with_token("POST", "/oauth/locationToken", &company).with_json(body);
        assert_eq!(ask_at(&mut place, &request, &[], NOW).0, 403);
    }

    #[test]
    fn the_agency_sees_where_the_app_is() {
        let mut place = place();
        let company = tokens(&mut place, true);
        let app = place.app.settings.app_id().to_owned();
        let base = format!(
            "/oauth/installedLocations?companyId={}&appId={app}",
            seed::COMPANY_ID
        );
        let mut list = |more: &str| {
            let request = with_token("GET", &format!("{base}{more}"), &company);
            let (status, body) = ask_at(&mut place, &request, &[], NOW);
            assert_eq!(status, 200, "{more}: {body}");
            let ids = body["locations"].as_array().unwrap().iter();
            let ids: Vec<String> = ids
                .map(|one| one["_id"].as_str().unwrap()[15..].to_owned())
                .collect();
            (ids.join(" "), body)
        };
        let (all, body) = list("");
        assert_eq!(
            (all.as_str(), &body["count"]),
            ("00001 00002 00003", &json!(3))
        );
        let home = &body["locations"][0];
        assert_eq!(home["name"], "Sandbox Ltd");
        assert_eq!(home["isInstalled"], true);
        assert!(home["installedAt"].is_string() && home["versionId"].is_string());
        let other = &body["locations"][1];
        assert_eq!(
            (&other["isInstalled"], other.get("installedAt")),
            (&json!(false), None)
        );
        for (more, ids, count) in [
            ("&isInstalled=true", "00001", 1),
            ("&isInstalled=false", "00002 00003", 2),
            ("&skip=1&limit=1", "00002", 3),
            ("&skip=3", "", 3),
            ("&query=NORTH", "00002", 1),
            ("&locationId=SandboxLocation00003", "00003", 1),
            ("&versionId=other", "", 0),
            ("&onTrial=true", "", 0),
        ] {
            let (found, body) = list(more);
            assert_eq!(
                (found.as_str(), &body["count"]),
                (ids, &json!(count)),
                "{more}"
            );
        }
        for (target, status) in [
            ("/oauth/installedLocations".to_owned(), 422),
            (format!("{base}&page=1"), 422),
            (
                format!("/oauth/installedLocations?companyId=x&appId={app}"),
                403,
            ),
        ] {
            let request = with_token("GET", &target, &company);
            assert_eq!(ask_at(&mut place, &request, &[], NOW).0, status, "{target}");
        }
    }
}
