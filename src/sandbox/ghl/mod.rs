//! HighLevel as its documents describe it: (location, request) → answer, no socket and no clock.
//! It never shares a type with any client. Start with [`answer`] and the table of calls in [`find`];
//! each file beside this one serves one part of it, and `admit` says who may come in.
//!
//! Sources: HighLevel API docs repository (2026-06) for the calls, its error schemas, and field
//! reports for what the documents leave out. Version `2021-07-28`. What neither says is a quirk.

mod admit;
mod authorize;
mod businesses;
mod check;
mod contacts;
mod fields;
mod listing;
mod notes;
mod oauth;
mod opportunities;
mod search;
mod tags;
mod tasks;
mod write;

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::ids;
use super::location::Location;
use super::message::{Answer, Content, Request};
use super::quirks::{CreateAnswer, NotFound, Quirks, RelatedWrites};
use super::traffic::{Ask, Quota, Refusal};

use admit::{Door, ELSEWHERE, NO_SCOPE};
pub(crate) use fields::free_key;

/// One request at work.
struct Desk<'a> {
    location: &'a mut Location,
    request: &'a Request,
    ask: &'a Ask<'a>,
}

impl<'a> Desk<'a> {
    fn quirks(&self) -> &Quirks {
        self.ask.quirks
    }

    /// The body, which has to be an object; none at all counts as an empty one.
    fn body(&self) -> Result<Cow<'a, Map<String, Value>>, Refused> {
        match &self.request.content {
            Content::Json(Value::Object(body)) => Ok(Cow::Borrowed(body)),
            Content::Empty => Ok(Cow::Owned(Map::new())),
            Content::Json(_) => Err(Refused::bad("the body is not an object")),
            Content::Broken(why) => Err(Refused::bad(why)),
        }
    }

    /// The body after a look at its keys.
    fn checked(&self, rules: &[check::Rule]) -> Result<Map<String, Value>, Refused> {
        let body = self.body()?.into_owned();
        check::body(&body, &[rules], self.quirks().clearing)?;
        Ok(body)
    }

    /// Refuses a request that names another location than the token's.
    fn at_home(&self, named: Option<&str>) -> Result<(), Refused> {
        if named == Some(self.location.id.as_str()) {
            Ok(())
        } else {
            Err(Refused::elsewhere())
        }
    }

    /// A contact as it is stored.
    fn contact(&self, id: &str) -> Result<Map<String, Value>, Refused> {
        let contact = self.location.get(id).map(|contact| contact.stored());
        contact.ok_or_else(|| self.missing("Contact", id))
    }

    /// What the service says of something that is not there.
    fn missing(&self, what: &str, id: &str) -> Refused {
        let status = match self.quirks().not_found {
            NotFound::BadRequest => 400,
            NotFound::NotFound => 404,
        };
        Refused::new(status, json!(format!("{what} with id {id} not found")))
    }

    /// What a create answers that has been carried out.
    fn created(&self, body: Value) -> Outcome {
        match self.quirks().create_answer {
            CreateAnswer::Honest => Ok(Done::Body(201, body)),
            CreateAnswer::RefusedThoughDone => {
                Err(Refused::invalid(vec!["Unprocessable Entity".to_owned()]))
            }
        }
    }

    /// What a write to something that hangs on a contact does to the contact.
    fn touch(&mut self, contact: &str) {
        if self.quirks().related_writes == RelatedWrites::TouchContact {
            self.location.touch(contact, self.ask.now);
        }
    }
}

/// What a call comes to when it is served.
enum Done {
    /// Status and body; the trace id is put in.
    Body(u16, Value),
    /// An answer that is written out already.
    Ready(Answer),
}

/// An answer of 200.
fn ok(body: Value) -> Outcome {
    Ok(Done::Body(200, body))
}

type Outcome = Result<Done, Refused>;

/// Why a call is not served; the trace id is put in later.
#[derive(Debug)]
struct Refused {
    status: u16,
    message: Value,
    meta: Option<Value>,
    /// Whether it is told as RFC 6749 (5.2) has it, and not in the declared shape.
    is_oauth: bool,
}

impl Refused {
    fn new(status: u16, message: Value) -> Self {
        Self {
            status,
            message,
            meta: None,
            is_oauth: false,
        }
    }

    /// 401 in the way in which the token endpoint tells of codes and clients.
    fn oauth(description: &str) -> Self {
        Self {
            is_oauth: true,
            ..Self::new(401, json!(description))
        }
    }

    /// The body of the answer.
    fn body(self) -> Value {
        if self.is_oauth {
            return json!({"error": "UnAuthorized!", "error_description": self.message});
        }
        let mut body = problem_body(self.status, self.message);
        if let Some(meta) = self.meta {
            body["meta"] = meta;
        }
        body
    }

    /// 400: a value that makes no sense, or a rule of the location.
    fn bad(text: impl Into<String>) -> Self {
        Self::new(400, json!(text.into()))
    }

    /// 422: a request that is not of the declared form.
    fn invalid(complaints: Vec<String>) -> Self {
        Self::new(422, json!(complaints))
    }

    /// 422 if there are complaints.
    fn unless(complaints: Vec<String>) -> Result<(), Self> {
        if complaints.is_empty() {
            Ok(())
        } else {
            Err(Self::invalid(complaints))
        }
    }

    /// 403: the token is of another location.
    fn elsewhere() -> Self {
        Self::new(403, json!(ELSEWHERE))
    }
}

type Handler<'a> = Box<dyn FnOnce(&mut Desk<'_>) -> Outcome + 'a>;

/// A call that the sandbox knows.
struct Call<'a> {
    door: Door,
    /// The scope that it needs (HighLevel docs, scopes page); none behind the open door.
    scope: &'static str,
    /// The location that the path names, if it names one.
    place: Option<&'a str>,
    serve: Handler<'a>,
}

/// A call of a scope, and what serves it.
fn call<'a>(
    scope: &'static str,
    serve: impl FnOnce(&mut Desk<'_>) -> Outcome + 'a,
) -> Option<Call<'a>> {
    Some(Call {
        door: Door::Location,
        scope,
        place: None,
        serve: Box::new(serve),
    })
}

/// A call for others than the location.
fn call_by<'a>(
    door: Door,
    scope: &'static str,
    serve: impl FnOnce(&mut Desk<'_>) -> Outcome + 'a,
) -> Option<Call<'a>> {
    let call = call(scope, serve)?;
    Some(Call { door, ..call })
}

/// A call whose path names the location.
fn call_at<'a>(
    place: &'a str,
    scope: &'static str,
    serve: impl FnOnce(&mut Desk<'_>) -> Outcome + 'a,
) -> Option<Call<'a>> {
    let call = call(scope, serve)?;
    Some(Call {
        place: Some(place),
        ..call
    })
}

const READ: &str = "contacts.readonly";
const WRITE: &str = "contacts.write";

/// The call that method and path mean.
fn find<'a>(method: &str, route: &[&'a str]) -> Option<Call<'a>> {
    match (method, route) {
        (method, &["contacts", ref rest @ ..]) => find_contact(method, rest),
        (method, &["locations", place, ref rest @ ..]) => find_location(method, place, rest),
        ("GET", &["opportunities", "search"]) => {
            call("opportunities.readonly", opportunities::search)
        }
        ("GET", &["opportunities", "pipelines"]) => {
            call("opportunities.readonly", opportunities::pipelines)
        }
        ("GET", &["opportunities", id]) => call("opportunities.readonly", move |desk| {
            opportunities::one(desk, id)
        }),
        ("PUT", &["opportunities", id, "status"]) => call("opportunities.write", move |desk| {
            opportunities::set_status(desk, id)
        }),
        ("GET", &["oauth", "chooselocation"] | &["v2", "oauth", "chooselocation"]) => {
            call_by(Door::Open, "", authorize::page)
        }
        ("POST", &["oauth", "token"]) => call_by(Door::Open, "", oauth::token),
        ("POST", &["oauth", "locationToken"]) => {
            call_by(Door::Agency, "oauth.write", oauth::location_token)
        }
        ("GET", &["oauth", "installedLocations"]) => {
            call_by(Door::Agency, "oauth.readonly", oauth::installed)
        }
        ("GET", &["businesses"]) => call("businesses.readonly", businesses::list),
        ("GET", &["businesses", id]) => {
            call("businesses.readonly", move |desk| businesses::one(desk, id))
        }
        _ => None,
    }
}

fn find_contact<'a>(method: &str, rest: &[&'a str]) -> Option<Call<'a>> {
    match (method, rest) {
        ("GET", &[]) => call(READ, listing::contacts),
        ("POST", &[]) => call(WRITE, contacts::create),
        ("POST", &["search"]) => call(READ, move |desk| {
            let body = desk.body()?;
            Ok(Done::Ready(search::answer(desk.location, &body, desk.ask)))
        }),
        ("GET", &["search", "duplicate"]) => call(READ, contacts::duplicate),
        ("POST", &["upsert"]) => call(WRITE, contacts::upsert),
        // The bulk calls declare no scope; the one of every other write is the likely one.
        ("POST", &["bulk", "business"]) => call(WRITE, businesses::attach),
        ("POST", &["bulk", "tags", "update", kind]) => {
            call(WRITE, move |desk| tags::bulk(desk, kind))
        }
        ("GET", &["business", id]) => call(READ, move |desk| listing::of_business(desk, id)),
        ("GET", &[id]) => call(READ, move |desk| contacts::one(desk, id)),
        ("PUT", &[id]) => call(WRITE, move |desk| contacts::update(desk, id)),
        ("DELETE", &[id]) => call(WRITE, move |desk| contacts::delete(desk, id)),
        ("POST", &[id, "tags"]) => call(WRITE, move |desk| tags::add(desk, id)),
        ("DELETE", &[id, "tags"]) => call(WRITE, move |desk| tags::remove(desk, id)),
        ("GET", &[id, "tasks"]) => call(READ, move |desk| tasks::list(desk, id)),
        ("POST", &[id, "tasks"]) => call(WRITE, move |desk| tasks::create(desk, id)),
        ("GET", &[id, "tasks", task]) => call(READ, move |desk| tasks::one(desk, id, task)),
        ("PUT", &[id, "tasks", task]) => call(WRITE, move |desk| tasks::update(desk, id, task)),
        ("PUT", &[id, "tasks", task, "completed"]) => {
            call(WRITE, move |desk| tasks::complete(desk, id, task))
        }
        ("DELETE", &[id, "tasks", task]) => call(WRITE, move |desk| tasks::delete(desk, id, task)),
        ("GET", &[id, "notes"]) => call(READ, move |desk| notes::list(desk, id)),
        ("POST", &[id, "notes"]) => call(WRITE, move |desk| notes::create(desk, id)),
        ("GET", &[id, "notes", note]) => call(READ, move |desk| notes::one(desk, id, note)),
        ("PUT", &[id, "notes", note]) => call(WRITE, move |desk| notes::update(desk, id, note)),
        ("DELETE", &[id, "notes", note]) => call(WRITE, move |desk| notes::delete(desk, id, note)),
        ("GET", &[id, "appointments"]) => call(READ, move |desk| tasks::appointments(desk, id)),
        ("POST", &[id, "followers"]) => call(WRITE, move |desk| contacts::follow(desk, id)),
        ("DELETE", &[id, "followers"]) => call(WRITE, move |desk| contacts::unfollow(desk, id)),
        ("POST", &[id, "campaigns", _]) => {
            call(WRITE, move |desk| contacts::automate(desk, id, 201, &[]))
        }
        ("DELETE", &[id, "campaigns", _]) => {
            call(WRITE, move |desk| contacts::automate(desk, id, 200, &[]))
        }
        ("POST" | "DELETE", &[id, "workflow", _]) => call(WRITE, move |desk| {
            let start = check::may("eventStartTime", check::Form::Offset);
            contacts::automate(desk, id, 200, &[start])
        }),
        _ => None,
    }
}

fn find_location<'a>(method: &str, at: &'a str, rest: &[&'a str]) -> Option<Call<'a>> {
    const FIELDS: [&str; 2] = [
        "locations/customFields.readonly",
        "locations/customFields.write",
    ];
    const TAGS: [&str; 2] = ["locations/tags.readonly", "locations/tags.write"];
    match (method, rest) {
        ("GET", &[]) => call_at(at, "locations.readonly", move |desk| {
            ok(json!({"location": desk.location.details}))
        }),
        ("GET", &["customFields"]) => call_at(at, FIELDS[0], fields::list),
        ("POST", &["customFields"]) => call_at(at, FIELDS[1], fields::create),
        ("GET", &["customFields", id]) => call_at(at, FIELDS[0], move |desk| fields::one(desk, id)),
        ("PUT", &["customFields", id]) => {
            call_at(at, FIELDS[1], move |desk| fields::update(desk, id))
        }
        ("DELETE", &["customFields", id]) => {
            call_at(at, FIELDS[1], move |desk| fields::delete(desk, id))
        }
        ("GET", &["tags"]) => call_at(at, TAGS[0], tags::list),
        ("POST", &["tags"]) => call_at(at, TAGS[1], tags::create),
        ("GET", &["tags", id]) => call_at(at, TAGS[0], move |desk| tags::one(desk, id)),
        ("PUT", &["tags", id]) => call_at(at, TAGS[1], move |desk| tags::rename(desk, id)),
        ("DELETE", &["tags", id]) => call_at(at, TAGS[1], move |desk| tags::delete(desk, id)),
        ("POST", &["tasks", "search"]) => call_at(at, "locations/tasks.readonly", tasks::search),
        _ => None,
    }
}

/// Answers one request and changes the location accordingly.
pub(crate) fn answer(location: &mut Location, request: &Request, ask: &Ask<'_>) -> Answer {
    location.settle(ask.now);
    let route = request.route();
    let Some(call) = find(&request.method, &route) else {
        let text = format!("Cannot {} {}", request.method, request.path);
        return problem(location, 404, json!(text));
    };
    let served = admit::admit(location, request, &call, ask).and_then(|()| {
        (call.serve)(&mut Desk {
            location,
            request,
            ask,
        })
    });
    let (status, mut body) = match served {
        Ok(Done::Ready(answer)) => return answer,
        Ok(Done::Body(status, body)) => (status, body),
        Err(refused) => (refused.status, refused.body()),
    };
    body["traceId"] = json!(trace_id(location));
    Answer::json(status, &body)
}

fn wrong_location(location: &mut Location) -> Answer {
    problem(location, 403, json!(ELSEWHERE))
}

/// An error in the declared shape; `message` is a text or a list of texts.
fn problem(location: &mut Location, status: u16, message: Value) -> Answer {
    let mut body = problem_body(status, message);
    body["traceId"] = json!(trace_id(location));
    Answer::json(status, &body)
}

fn problem_body(status: u16, message: Value) -> Value {
    let mut body = json!({"statusCode": status, "message": message});
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
pub(crate) fn refuse(refusal: &Refusal, quirks: &Quirks) -> Answer {
    let (status, text) = match refusal {
        Refusal::TooMany | Refusal::DailyQuota => (429, "Too Many Requests"),
        Refusal::Status(400) => (400, "Bad Request"),
        Refusal::Status(503) => (503, "Service Unavailable"),
        Refusal::Status(502) => (502, "Bad Gateway"),
        Refusal::Status(status) => (*status, "Internal server error"),
        Refusal::Unauthorized => (401, admit::expired(quirks)),
        Refusal::Scope => (401, NO_SCOPE),
        Refusal::WrongPlace => (403, ELSEWHERE),
        Refusal::BadKey => (401, "Invalid Private Integration token"),
    };
    let mut body = problem_body(status, json!(text));
    body["traceId"] = json!("00000000-0000-4000-8000-000000000429");
    Answer::json(status, &body)
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

    /// Sends a request with a body, or with `null` without one.
    pub(crate) fn send(
        place: &mut Location,
        method: &str,
        target: &str,
        body: Value,
    ) -> (u16, Value) {
        send_with(&[], place, method, target, body)
    }

    /// The same in a world with quirks.
    pub(crate) fn send_with(
        set: &[&str],
        place: &mut Location,
        method: &str,
        target: &str,
        body: Value,
    ) -> (u16, Value) {
        let mut quirks = Quirks::default();
        for quirk in set {
            quirks.set(quirk).unwrap();
        }
        let mut request = request(method, target);
        if !body.is_null() {
            request = request.with_json(body);
        }
        let answer = answer(place, &request, &Ask::plain(NOW, &quirks));
        let body = answer.value();
        assert!(body["traceId"].is_string(), "{method} {target}: {body}");
        (answer.status, body)
    }

    /// A location of its own with one contact, `A1`: Ada, with an address and a number.
    pub(crate) fn with_ada() -> Location {
        let mut place = seed::location(0, 1, 0);
        let ada = json!({"id": "A1", "firstName": "Ada", "lastName": "King",
            "email": "Ada@Example.com", "phone": "+442079460101", "type": "lead",
            "tags": ["lead"], "customFields": [], "dateAdded": "2026-01-01T00:00:00.000Z",
            "dateUpdated": "2026-01-01T00:00:00.000Z"});
        place.put(ada.as_object().unwrap().clone(), NOW);
        place
    }

    /// The complaints of a refusal.
    pub(crate) fn complaints(answer: (u16, Value)) -> Vec<String> {
        assert_eq!(answer.0, 422, "{}", answer.1);
        assert_eq!(answer.1["error"], "Unprocessable Entity");
        serde_json::from_value(answer.1["message"].clone()).unwrap()
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

    /// Every call that the sandbox knows, with what it needs in the path.
    const CALLS: [(&str, &str, &str); 45] = [
        ("GET", "/contacts/", "contacts.readonly"),
        ("POST", "/contacts/", "contacts.write"),
        ("POST", "/contacts/search", "contacts.readonly"),
        ("GET", "/contacts/search/duplicate", "contacts.readonly"),
        ("POST", "/contacts/upsert", "contacts.write"),
        ("POST", "/contacts/bulk/business", "contacts.write"),
        ("POST", "/contacts/bulk/tags/update/add", "contacts.write"),
        ("GET", "/contacts/business/b", "contacts.readonly"),
        ("GET", "/contacts/A1", "contacts.readonly"),
        ("PUT", "/contacts/A1", "contacts.write"),
        ("DELETE", "/contacts/A1", "contacts.write"),
        ("POST", "/contacts/A1/tags", "contacts.write"),
        ("DELETE", "/contacts/A1/tags", "contacts.write"),
        ("GET", "/contacts/A1/tasks", "contacts.readonly"),
        ("POST", "/contacts/A1/tasks", "contacts.write"),
        ("GET", "/contacts/A1/tasks/t", "contacts.readonly"),
        ("PUT", "/contacts/A1/tasks/t", "contacts.write"),
        ("PUT", "/contacts/A1/tasks/t/completed", "contacts.write"),
        ("DELETE", "/contacts/A1/tasks/t", "contacts.write"),
        ("GET", "/contacts/A1/notes", "contacts.readonly"),
        ("POST", "/contacts/A1/notes", "contacts.write"),
        ("GET", "/contacts/A1/notes/n", "contacts.readonly"),
        ("PUT", "/contacts/A1/notes/n", "contacts.write"),
        ("DELETE", "/contacts/A1/notes/n", "contacts.write"),
        ("GET", "/contacts/A1/appointments", "contacts.readonly"),
        ("POST", "/contacts/A1/followers", "contacts.write"),
        ("DELETE", "/contacts/A1/followers", "contacts.write"),
        ("POST", "/contacts/A1/campaigns/c", "contacts.write"),
        (
            "DELETE",
            "/contacts/A1/campaigns/removeAll",
            "contacts.write",
        ),
        ("POST", "/contacts/A1/workflow/w", "contacts.write"),
        ("GET", "/locations/L", "locations.readonly"),
        (
            "GET",
            "/locations/L/customFields",
            "locations/customFields.readonly",
        ),
        (
            "POST",
            "/locations/L/customFields",
            "locations/customFields.write",
        ),
        (
            "GET",
            "/locations/L/customFields/f",
            "locations/customFields.readonly",
        ),
        (
            "PUT",
            "/locations/L/customFields/f",
            "locations/customFields.write",
        ),
        (
            "DELETE",
            "/locations/L/customFields/f",
            "locations/customFields.write",
        ),
        ("GET", "/locations/L/tags", "locations/tags.readonly"),
        ("POST", "/locations/L/tags", "locations/tags.write"),
        ("GET", "/locations/L/tags/t", "locations/tags.readonly"),
        ("PUT", "/locations/L/tags/t", "locations/tags.write"),
        ("DELETE", "/locations/L/tags/t", "locations/tags.write"),
        (
            "POST",
            "/locations/L/tasks/search",
            "locations/tasks.readonly",
        ),
        ("GET", "/opportunities/search", "opportunities.readonly"),
        ("PUT", "/opportunities/o/status", "opportunities.write"),
        ("GET", "/businesses/", "businesses.readonly"),
    ];

    #[test]
    fn every_call_needs_its_scope_and_no_other() {
        let mut place = with_ada();
        let own = |path: &str| path.replace("/L", &format!("/{}", seed::LOCATION_ID));
        for (method, path, scope) in CALLS {
            let mut with_token = |token: &str| {
                let request = Request::new(method, &own(path))
                    .with_header("Version", "2021-07-28")
                    .with_header("Authorization", &format!("Bearer {token}"));
                let (status, body) = call(&mut place, &request);
                (status, body["message"].clone())
            };
            let refused = (401, json!(NO_SCOPE));
            let (status, message) = with_token(seed::GHL_READONLY_TOKEN);
            let is_read = scope.ends_with(".readonly");
            assert_eq!(
                (status, message) == refused,
                !is_read,
                "{method} {path} with the read-only token"
            );
            let only = with_token(seed::GHL_CONTACTS_ONLY_TOKEN);
            assert_eq!(only == refused, scope != READ, "{method} {path}");
            assert_eq!(with_token("pit-nobody").0, 401, "{method} {path}");
            assert_eq!(
                find(method, &Request::new(method, path).route())
                    .unwrap()
                    .scope,
                scope
            );
        }
        assert_eq!(place.len(), 1);
        for (method, path) in [
            ("PUT", "/contacts/A1/tags"),
            ("PUT", "/contacts/A1/notes"),
            ("PATCH", "/contacts/A1"),
            ("GET", "/contacts/A1/followers"),
            ("POST", "/locations/L/tasks"),
        ] {
            let (status, body) = send(&mut place, method, path, Value::Null);
            let text = json!(format!("Cannot {method} {path}"));
            assert_eq!((status, &body["message"]), (404, &text));
        }
        // There is no lookup: it is taken for an id.
        assert_eq!(
            send(&mut place, "GET", "/contacts/lookup", Value::Null).0,
            400
        );
    }

    #[test]
    fn a_body_has_to_be_an_object() {
        let mut place = with_ada();
        let (status, _) = send(&mut place, "POST", "/contacts/A1/tags", json!(["vip"]));
        assert_eq!(status, 400);
        let broken = request("POST", "/contacts/A1/tags").with_bytes(b"{");
        assert_eq!(call(&mut place, &broken).0, 400);
    }

    #[test]
    fn the_location_shows_its_policy_and_nobody_elses() {
        let mut place = place();
        let base = format!("/locations/{}", seed::LOCATION_ID);
        let (_, body) = call(&mut place, &request("GET", &base));
        assert_eq!(body["location"]["settings"]["allowDuplicateContact"], false);
        assert_eq!(
            body["location"]["settings"]["contactUniqueIdentifiers"],
            json!(["email", "phone"])
        );
        assert_eq!(
            call(&mut place, &request("GET", "/locations/elsewhere")).0,
            403
        );
    }
}
