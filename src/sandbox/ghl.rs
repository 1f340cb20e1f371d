//! HighLevel as its documents describe it: (location, request) → answer, no socket and no clock.
//! It never shares a type with any client. Start with [`answer`]; searching is in [`search`].
//!
//! Sources: HighLevel API docs repository (2026-06) for the calls, its error schemas, and field
//! reports for what the documents leave out. Version `2021-07-28`.

mod search;

use serde_json::{Map, Value, json};

use super::ids;
use super::location::{Bearer, Location, full_name};
use super::message::{Answer, Content, Request};
use super::traffic::{Ask, Quota, Refusal};

/// Version header values that the service knows (HighLevel docs, versioning page).
const VERSIONS: [&str; 4] = ["2021-07-28", "2021-04-15", "2023-02-21", "v3"];

/// A call that the sandbox knows, taken from method and path.
#[derive(Debug, Clone, Copy)]
enum Call<'a> {
    Search,
    Duplicate,
    Contact(&'a str),
    Location(&'a str),
    Fields(&'a str),
    Tags(&'a str),
}

impl<'a> Call<'a> {
    fn of(method: &str, route: &[&'a str]) -> Option<Self> {
        match (method, route) {
            ("POST", ["contacts", "search"]) => Some(Self::Search),
            ("GET", ["contacts", "search", "duplicate"]) => Some(Self::Duplicate),
            ("GET", ["contacts", id]) => Some(Self::Contact(id)),
            ("GET", ["locations", id]) => Some(Self::Location(id)),
            ("GET", ["locations", id, "customFields"]) => Some(Self::Fields(id)),
            ("GET", ["locations", id, "tags"]) => Some(Self::Tags(id)),
            _ => None,
        }
    }

    /// The scope that the call needs (HighLevel docs, scopes page).
    fn scope(self) -> &'static str {
        match self {
            Self::Search | Self::Duplicate | Self::Contact(_) => "contacts.readonly",
            Self::Location(_) => "locations.readonly",
            Self::Fields(_) => "locations/customFields.readonly",
            Self::Tags(_) => "locations/tags.readonly",
        }
    }

    /// The location that the path names, if it names one.
    fn location(self) -> Option<&'a str> {
        match self {
            Self::Location(id) | Self::Fields(id) | Self::Tags(id) => Some(id),
            Self::Search | Self::Duplicate | Self::Contact(_) => None,
        }
    }
}

/// Answers one request and changes the location accordingly.
pub(crate) fn answer(location: &mut Location, request: &Request, ask: &Ask<'_>) -> Answer {
    location.settle(ask.now);
    let route = request.route();
    let Some(call) = Call::of(&request.method, &route) else {
        let text = format!("Cannot {} {}", request.method, request.path);
        return problem(location, 404, json!(text));
    };
    if let Err(refused) = admit(location, request, call) {
        return refused;
    }
    match call {
        Call::Search => match &request.content {
            Content::Json(Value::Object(body)) => search::answer(location, body, ask),
            Content::Broken(why) => problem(location, 400, json!(why)),
            Content::Empty => search::answer(location, &Map::new(), ask),
            Content::Json(_) => problem(location, 400, json!("the body is not an object")),
        },
        Call::Duplicate => duplicate(location, request),
        Call::Contact(id) => match location.get(id).map(|contact| contact.stored()) {
            Some(stored) => reply(location, 200, "contact", single_read(stored)),
            None => {
                let text = format!("Contact with id {id} not found");
                problem(location, 400, json!(text))
            }
        },
        Call::Location(_) => {
            let details = location.details.clone();
            reply(location, 200, "location", details)
        }
        Call::Fields(_) => {
            let model = request.query("model").unwrap_or("contact");
            let fields: Vec<Value> = location
                .fields
                .iter()
                .filter(|field| model == "all" || field["model"] == model)
                .cloned()
                .collect();
            reply(location, 200, "customFields", Value::Array(fields))
        }
        Call::Tags(_) => {
            let tags = Value::Array(location.tags.clone());
            reply(location, 200, "tags", tags)
        }
    }
}

/// The contact that has an address, read from the primary store; the earliest of several. Matching
/// by phone is left out: nobody asks for it.
fn duplicate(location: &mut Location, request: &Request) -> Answer {
    match request.query("locationId") {
        None => {
            let text = "locationId must be a string";
            return problem(location, 422, json!([text]));
        }
        Some(id) if id != location.id => return wrong_location(location),
        Some(_) => {}
    }
    let Some(email) = request.query("email") else {
        let text = "email or number is required";
        return problem(location, 400, json!(text));
    };
    let found = location
        .with_email(email)
        .into_iter()
        .map(|contact| contact.stored())
        .min_by_key(|stored| {
            let part = |key: &str| stored.get(key).and_then(Value::as_str).map(str::to_owned);
            (part("dateAdded"), part("id"))
        });
    let shown = found.map_or(Value::Null, single_read);
    reply(location, 200, "contact", shown)
}

/// Looks at version, token, scope and location, in this order.
fn admit(location: &mut Location, request: &Request, call: Call<'_>) -> Result<(), Answer> {
    match request.header("version") {
        None => {
            return Err(problem(
                location,
                401,
                json!("version header was not found."),
            ));
        }
        Some(version) if !VERSIONS.contains(&version) => {
            return Err(problem(location, 401, json!("version header is invalid")));
        }
        Some(_) => {}
    }
    let token = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    let bearer = location
        .tokens
        .iter()
        .find(|(known, _)| known == token)
        .map(|(_, bearer)| *bearer);
    let text = match bearer {
        None if token.starts_with("pit-") => "Invalid Private Integration token",
        None => "Invalid JWT",
        Some(Bearer::Agency) => "Token's user type mismatch!",
        Some(Bearer::Elsewhere) => return Err(wrong_location(location)),
        Some(Bearer::Location(scopes)) if !scopes.contains(&call.scope()) => NO_SCOPE,
        Some(Bearer::Location(_)) => {
            return match call.location() {
                Some(id) if id != location.id => Err(wrong_location(location)),
                _ => Ok(()),
            };
        }
    };
    Err(problem(location, 401, json!(text)))
}

const NO_SCOPE: &str = "The token is not authorized for this scope.";

fn wrong_location(location: &mut Location) -> Answer {
    let text = "The token does not have access to this location.";
    problem(location, 403, json!(text))
}

/// A contact as the single read shows it: the stored shape with its lower-cased companions.
fn single_read(mut stored: Map<String, Value>) -> Value {
    stored.remove("opportunities");
    let companions = [
        ("firstNameLowerCase", stored.get("firstName")),
        ("lastNameLowerCase", stored.get("lastName")),
        ("emailLowerCase", stored.get("email")),
    ]
    .map(|(key, value)| {
        let lower = value.and_then(Value::as_str).map(str::to_lowercase);
        (key, lower)
    });
    for (key, lower) in companions {
        if let Some(lower) = lower {
            stored.insert(key.to_owned(), json!(lower));
        }
    }
    let full = full_name(&stored).to_lowercase();
    stored.insert("fullNameLowerCase".to_owned(), json!(full));
    Value::Object(stored)
}

/// `{"<key>": value, "traceId": …}`.
fn reply(location: &mut Location, status: u16, key: &str, value: Value) -> Answer {
    let mut body = Map::new();
    body.insert(key.to_owned(), value);
    body.insert("traceId".to_owned(), json!(trace_id(location)));
    Answer::json(status, &Value::Object(body))
}

/// An error in the declared shape; `message` is a text or a list of texts.
fn problem(location: &mut Location, status: u16, message: Value) -> Answer {
    let trace = trace_id(location);
    Answer::json(status, &problem_body(status, message, &trace))
}

fn problem_body(status: u16, message: Value, trace: &str) -> Value {
    let mut body = json!({"statusCode": status, "message": message, "traceId": trace});
    let error = match status {
        401 => Some("Unauthorized"),
        403 => Some("Forbidden"),
        404 => Some("Not Found"),
        422 => Some("Unprocessable Entity"),
        _ => None,
    };
    if let Some(error) = error {
        body["error"] = json!(error);
    }
    body
}

fn trace_id(location: &mut Location) -> String {
    ids::uuid_text(ids::uuid(&mut location.rng))
}

/// What the service says when a fault or a limit keeps a request from it.
pub(crate) fn refuse(refusal: &Refusal) -> Answer {
    let (status, text) = match refusal {
        Refusal::TooMany | Refusal::DailyQuota => (429, "Too Many Requests"),
        Refusal::Status(503) => (503, "Service Unavailable"),
        Refusal::Status(502) => (502, "Bad Gateway"),
        Refusal::Status(status) => (*status, "Internal server error"),
        Refusal::Unauthorized => (401, "Invalid token: access token is invalid"),
        Refusal::Scope => (401, NO_SCOPE),
        Refusal::WrongPlace => (403, "The token does not have access to this location."),
        Refusal::BadKey => (401, "Invalid Private Integration token"),
    };
    Answer::json(
        status,
        &problem_body(status, json!(text), "00000000-0000-4000-8000-000000000429"),
    )
}

/// Adds the five headers that tell what is left (HighLevel docs, rate limits page).
pub(crate) fn stamp(answer: &mut Answer, quota: &Quota) {
    for (name, value) in [
        ("X-RateLimit-Limit-Daily", quota.daily_limit),
        ("X-RateLimit-Daily-Remaining", quota.daily_left),
        ("X-RateLimit-Interval-Milliseconds", quota.interval_ms),
        ("X-RateLimit-Max", quota.limit),
        ("X-RateLimit-Remaining", quota.left),
    ] {
        answer.headers.push((name, value.to_string()));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::sandbox::quirks::Quirks;
    use crate::sandbox::seed;

    pub(crate) const NOW: i64 = 1_795_000_000_000;

    pub(crate) fn place() -> Location {
        seed::location(60, 1, 0)
    }

    pub(crate) fn request(method: &str, target: &str) -> Request {
        Request::new(method, target)
            .with_header("Version", "2021-07-28")
            .with_header("Authorization", &format!("Bearer {}", seed::GHL_TOKEN))
    }

    pub(crate) fn call(place: &mut Location, request: &Request) -> (u16, Value) {
        let quirks = Quirks::default();
        let answer = answer(place, request, &Ask::plain(NOW, &quirks));
        (answer.status, answer.value())
    }

    #[test]
    fn version_and_token_are_looked_at_first() {
        let mut place = place();
        let target = format!("/locations/{}", seed::LOCATION_ID);
        let mut case = |version: Option<&str>, token: &str| {
            let mut request = Request::new("GET", &target)
                .with_header("authorization", &format!("Bearer {token}"));
            if let Some(version) = version {
                request = request.with_header("Version", version);
            }
            let (status, body) = call(&mut place, &request);
            (
                status,
                body["message"].as_str().unwrap_or_default().to_owned(),
            )
        };
        let good = seed::GHL_TOKEN;
        let v = Some("2021-07-28");
        assert_eq!(
            case(None, good),
            (401, "version header was not found.".into())
        );
        assert_eq!(
            case(Some("2020-01-01"), good),
            (401, "version header is invalid".into())
        );
        assert_eq!(
            case(v, "pit-nobody"),
            (401, "Invalid Private Integration token".into())
        );
        assert_eq!(case(v, "eyJhbGciOi"), (401, "Invalid JWT".into()));
        assert_eq!(
            case(v, seed::GHL_CONTACTS_ONLY_TOKEN),
            (401, "The token is not authorized for this scope.".into())
        );
        assert_eq!(
            case(v, seed::GHL_AGENCY_TOKEN),
            (401, "Token's user type mismatch!".into())
        );
        assert_eq!(
            case(v, seed::GHL_OTHER_LOCATION_TOKEN),
            (
                403,
                "The token does not have access to this location.".into()
            )
        );
        assert_eq!(case(v, good).0, 200);
    }

    #[test]
    fn reads_one_contact_in_its_own_shape() {
        let mut place = place();
        place.put(
            json!({"id": "A1", "firstName": "Zoë", "email": "Zoe@Example.com", "address1": "x"})
                .as_object()
                .unwrap()
                .clone(),
            NOW,
        );
        let (status, body) = call(&mut place, &request("GET", "/contacts/A1"));
        assert_eq!(status, 200);
        assert_eq!(body["contact"]["firstName"], "Zoë");
        assert_eq!(body["contact"]["firstNameLowerCase"], "zoë");
        assert_eq!(body["contact"]["emailLowerCase"], "zoe@example.com");
        assert_eq!(body["contact"]["address1"], "x");
        assert!(body["traceId"].is_string());
        let (status, body) = call(&mut place, &request("GET", "/contacts/nobody"));
        assert_eq!(
            (status, body["message"].as_str()),
            (400, Some("Contact with id nobody not found"))
        );
    }

    #[test]
    fn finds_the_contact_with_an_address() {
        let mut place = place();
        let ask = |place: &mut Location, query: &str| {
            let target = format!("/contacts/search/duplicate?{query}");
            let (status, body) = call(place, &request("GET", &target));
            (status, body["contact"]["firstName"].clone())
        };
        let location = format!("locationId={}", seed::LOCATION_ID);
        // The earlier one of the two that share it, in any letter case.
        assert_eq!(
            ask(&mut place, &format!("{location}&email=PAIR%40example.com")),
            (200, json!("Pat"))
        );
        assert_eq!(
            ask(
                &mut place,
                &format!("{location}&email=nobody%40example.com")
            ),
            (200, Value::Null)
        );
        assert_eq!(ask(&mut place, &location).0, 400);
        assert_eq!(ask(&mut place, "email=pair%40example.com").0, 422);
        assert_eq!(
            ask(&mut place, "locationId=other&email=pair%40example.com").0,
            403
        );
    }

    #[test]
    fn location_resources() {
        let mut place = place();
        let base = format!("/locations/{}", seed::LOCATION_ID);
        let (_, body) = call(&mut place, &request("GET", &base));
        assert_eq!(body["location"]["settings"]["allowDuplicateContact"], false);
        assert_eq!(
            body["location"]["settings"]["contactUniqueIdentifiers"],
            json!(["email", "phone"])
        );
        let (_, body) = call(&mut place, &request("GET", &format!("{base}/customFields")));
        let fields = body["customFields"].as_array().unwrap();
        assert!(
            fields
                .iter()
                .any(|field| field["fieldKey"] == "contact.lead_score")
        );
        assert!(fields.iter().all(|field| field["model"] == "contact"));
        let (_, body) = call(&mut place, &request("GET", &format!("{base}/tags")));
        assert!(
            body["tags"]
                .as_array()
                .unwrap()
                .iter()
                .any(|tag| tag["name"] == "vip")
        );
        assert_eq!(
            call(&mut place, &request("GET", "/locations/elsewhere")).0,
            403
        );
        let (status, body) = call(&mut place, &request("PATCH", "/contacts/x?y=1"));
        assert_eq!(
            (status, body["message"].as_str()),
            (404, Some("Cannot PATCH /contacts/x"))
        );
    }
}
