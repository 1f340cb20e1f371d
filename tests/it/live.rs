//! Plain HTTP against both services, with nothing of our client: what it relies on, and what the
//! vendors leave open. On the sandbox always, under every behaviour that it can have; on real
//! accounts when `GHL_BM_LIVE_…` names them (docs/live-check.md).
//!
//! It touches nothing but what it made, deletes that even when a check fails, and mails nobody.
//! Start reading at [`Place::ask`] and [`Findings`]; the checks are in `live_ghl` and
//! `live_bigmailer`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ghl_bm::sandbox::{Options, Sandbox};
use reqwest::blocking::Client;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::auth;
use crate::env::{each, empty, quick};
use crate::{live_bigmailer, live_ghl};

/// The name of everything that these checks make; in lower case, as search shows it.
pub const MARK: &str = "ghl-bm-live-check";

/// One service: a sandbox or the real one.
pub struct Place {
    base: String,
    /// The location or the brand.
    pub id: String,
    headers: HeaderMap,
    http: Client,
    live: bool,
    /// The address that those of the contacts are made from.
    mailbox: String,
    calls: Cell<u32>,
}

/// What a service said.
#[derive(Debug)]
pub struct Said {
    call: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// Null when it is not JSON.
    pub body: Value,
}

impl Said {
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What a JSON pointer leads to; null when it leads nowhere.
    pub fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// A text member; empty when there is none.
    pub fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_default().to_owned()
    }

    /// The items of a list member.
    pub fn list(&self, pointer: &str) -> &[Value] {
        self.at(pointer).as_array().map_or(&[], Vec::as_slice)
    }

    /// What to call a success, else status and reason.
    pub fn why_or(&self, success: &str) -> String {
        if self.ok() {
            success.to_owned()
        } else {
            self.why()
        }
    }

    /// Status and reason, short enough for a table.
    pub fn why(&self) -> String {
        let reason = match (self.at("/message"), self.at("/error_description")) {
            (Value::Null, Value::Null) => self.body.to_string(),
            (Value::Null, other) | (other, _) => other.to_string(),
        };
        // What is as long as an id is one.
        let words = reason.split(' ').map(|word| match word.len() {
            20.. if !word.contains(['.', '(', '"']) => "…",
            _ => word,
        });
        let words: Vec<&str> = words.collect();
        let short: String = words.join(" ").chars().take(90).collect();
        format!("{} {short}", self.status)
    }
}

impl Display for Said {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{} was answered {}", self.call, self.why())
    }
}

impl Place {
    fn new(base: &str, id: &str, headers: &[(&'static str, &str)], live: bool) -> Place {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value).unwrap();
            value.set_sensitive(true);
            all.insert(*name, value);
        }
        // Once a process; a second time it is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = Client::builder()
            .user_agent("ghl-bm-live-check")
            .timeout(Duration::from_secs(30));
        if !live {
            http = http.no_proxy();
        }
        Place {
            base: base.trim_end_matches('/').to_owned(),
            id: id.to_owned(),
            headers: all,
            http: http.build().unwrap(),
            live,
            mailbox: "ghl-bm-live@example.com".to_owned(),
            calls: Cell::new(0),
        }
    }

    /// HighLevel. The version is the one that the client sends.
    pub fn ghl(base: &str, location: &str, token: &str, live: bool) -> Place {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("version", "2021-07-28"),
        ];
        Place::new(base, location, &headers, live)
    }

    /// BigMailer.
    pub fn bigmailer(base: &str, brand: &str, key: &str, live: bool) -> Place {
        Place::new(base, brand, &[("x-api-key", key)], live)
    }

    pub fn of_sandbox(sandbox: &Sandbox) -> (Place, Place) {
        let ghl = Place::ghl(
            &sandbox.ghl_url(),
            sandbox.location_id(),
            sandbox.ghl_token(),
            false,
        );
        let bigmailer = Place::bigmailer(
            &sandbox.bigmailer_url(),
            sandbox.brand_id(),
            sandbox.bigmailer_key(),
            false,
        );
        (ghl, bigmailer)
    }

    /// The n-th address: nobody's, or a plus-address of the mailbox that was chosen.
    pub fn address(&self, n: u32) -> String {
        let (local, domain) = self.mailbox.split_once('@').unwrap();
        match self.mailbox.starts_with("ghl-bm-live@") {
            true => format!("{local}+{n}@{domain}"),
            false => format!("{local}+ghl-bm-live-{n}@{domain}"),
        }
    }

    /// Sends one request; null is no body. Only 429 is tried again, in peace.
    pub fn ask(&self, method: &str, path: &str, body: Value) -> Said {
        self.ask_as(&self.headers, method, path, body)
    }

    pub fn get(&self, path: &str) -> Said {
        self.ask("GET", path, Value::Null)
    }

    /// Sends one request with one header in place of its own, or without it.
    pub fn ask_with(&self, name: &'static str, value: Option<&str>, path: &str) -> Said {
        let mut headers = self.headers.clone();
        headers.remove(name);
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        self.ask_as(&headers, "GET", path, Value::Null)
    }

    fn ask_as(&self, headers: &HeaderMap, method: &str, path: &str, body: Value) -> Said {
        for patience in [10, 20, 40, 0] {
            let url = format!("{}{path}", self.base);
            let mut request = self
                .http
                .request(method.parse().unwrap(), url)
                .headers(headers.clone());
            if !body.is_null() {
                request = request.json(&body);
            }
            let call = format!("{method} {}", path.split('?').next().unwrap());
            // Without the address of the request: it may hold an e-mail address.
            let answer = request
                .send()
                .unwrap_or_else(|e| panic!("{call} was not answered: {}", e.without_url()));
            self.calls.set(self.calls.get() + 1);
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            if self.live {
                if status == 429 && patience > 0 {
                    std::thread::sleep(Duration::from_secs(patience));
                    continue;
                }
                // Eight calls a second at most.
                std::thread::sleep(Duration::from_millis(125));
            }
            let text = answer.text().unwrap_or_default();
            let body = serde_json::from_str(&text).unwrap_or(Value::Null);
            return Said {
                call,
                status,
                headers,
                body,
            };
        }
        unreachable!("the last try is taken as it is")
    }

    /// Asks again and again until there is something to tell; on the sandbox that is at once.
    pub fn until<T>(
        &self,
        limit: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> Option<(T, Duration)> {
        let start = Instant::now();
        loop {
            if let Some(found) = look() {
                return Some((found, start.elapsed()));
            }
            if !self.live || start.elapsed() > limit {
                return None;
            }
            std::thread::sleep(Duration::from_secs(2));
        }
    }
}

/// A value in a path or query.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// How long something took, in words that are the same from run to run where it took no time.
pub fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0 => "at once".to_owned(),
        n => format!("after {n} s"),
    }
}

/// What was made, to be deleted at the end, whatever the end is.
pub struct Made<'a> {
    place: &'a Place,
    paths: RefCell<Vec<String>>,
}

impl<'a> Made<'a> {
    pub fn new(place: &'a Place) -> Made<'a> {
        Made {
            place,
            paths: RefCell::default(),
        }
    }

    /// Remembers what a `DELETE` of this path takes away.
    pub fn add(&self, path: impl Into<String>) {
        self.paths.borrow_mut().push(path.into());
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        for path in self.paths.borrow().iter().rev() {
            let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let said = self.place.ask("DELETE", path, Value::Null);
                // 400 and 404: it is gone already.
                (!said.ok() && ![400, 404].contains(&said.status)).then(|| said.to_string())
            }))
            .unwrap_or_else(|_| Some("no answer".to_owned()));
            if let Some(why) = failed {
                tell(&format!("NOT DELETED {path}: {why}. Delete it by hand."));
            }
        }
    }
}

/// What a run found: open questions with the answer that was seen, and what is not as it has to be.
#[derive(Default)]
pub struct Findings {
    pub seen: Vec<(&'static str, String)>,
    pub wrong: Vec<String>,
}

impl Findings {
    /// Something that the client relies on.
    pub fn check(&mut self, fine: bool, said: impl Display) {
        if !fine {
            self.wrong.push(said.to_string());
        }
    }

    /// Something that the references leave open.
    pub fn saw(&mut self, question: &'static str, answer: impl Into<String>) {
        self.seen.push((question, answer.into()));
    }

    fn table(&self) -> String {
        let mut text = String::new();
        for (question, answer) in &self.seen {
            let _ = writeln!(text, "  {question:<58}  {answer}");
        }
        text
    }
}

/// Past the test runner, which swallows what a passing test prints.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Every check of both services; what is wrong is in the findings.
pub fn check_both(ghl: &Place, bigmailer: &Place) -> Findings {
    let mut findings = Findings::default();
    live_ghl::check(ghl, &mut findings);
    live_bigmailer::check(bigmailer, &mut findings);
    findings
}

/// Every other value of every behaviour that the sandbox can have, as `name=value`.
pub fn every_quirk() -> Vec<String> {
    let sandbox = Sandbox::start(empty()).unwrap();
    let (_, known) = sandbox.admin("GET", "/quirks", Value::Null);
    let mut all = Vec::new();
    for (name, value) in known.as_object().unwrap() {
        let wrong = json!({"set": format!("{name}=?")});
        let (_, refused) = sandbox.admin("POST", "/quirks", wrong);
        let possible = refused["error"].as_str().unwrap();
        let possible = possible.split("possible: ").nth(1).unwrap();
        let others = possible.split(", ").filter(|other| value != other);
        all.extend(others.map(|other| format!("{name}={other}")));
    }
    assert!(all.len() > 25, "{all:?}");
    all
}

/// The findings in a sandbox with a quirk, after which nothing may be left of the checks.
fn in_sandbox(quirk: Option<&str>) -> Findings {
    let mut options = Options {
        contacts: 45,
        ..quick()
    };
    if let Some(quirk) = quirk {
        options.quirks.set(quirk).unwrap();
    }
    let sandbox = Sandbox::start(options).unwrap();
    let world = || {
        let (_, world) = sandbox.admin("GET", "/world", Value::Null);
        // Tags stay in the location's dictionary; there is no telling who made one.
        let counted = |service: &str, key: &str| world[service][key].as_u64().unwrap();
        [
            counted("ghl", "contacts"),
            counted("ghl", "custom_fields"),
            counted("ghl", "notes"),
            counted("ghl", "tasks"),
            counted("bigmailer", "contacts"),
            counted("bigmailer", "fields"),
            counted("bigmailer", "lists"),
            counted("bigmailer", "mails"),
        ]
    };
    let before = world();
    let (ghl, bigmailer) = Place::of_sandbox(&sandbox);
    let findings = check_both(&ghl, &bigmailer);
    assert_eq!(world(), before, "{quirk:?}: something was left behind");
    findings
}

#[test]
fn the_sandbox_is_what_the_client_relies_on_whatever_else_it_is() {
    let likely = in_sandbox(None);
    assert_eq!(likely.wrong, Vec::<String>::new());
    let count = likely.seen.len();
    let likely: BTreeMap<_, _> = likely.seen.into_iter().collect();
    assert_eq!(likely.len(), count, "a question is asked twice");
    let told = Mutex::new(BTreeMap::new());
    each(&every_quirk(), |quirk| {
        let findings = in_sandbox(Some(quirk));
        assert_eq!(findings.wrong, Vec::<String>::new(), "{quirk}");
        let other: BTreeMap<_, _> = findings
            .seen
            .into_iter()
            .filter(|(question, answer)| likely.get(question) != Some(answer))
            .collect();
        told.lock().unwrap().insert(quirk.clone(), other);
    });
    let told = told.into_inner().unwrap();
    for (quirk, questions) in &told {
        // Nobody logs in here; `auth` tries what is open about that.
        let blind = BLIND.contains(&quirk.as_str()) || auth::QUIRKS.contains(&quirk.as_str());
        assert_eq!(questions.is_empty(), blind, "{quirk}: {questions:?}");
    }
    for (quirk, question, answer) in SEEN {
        let seen = told[quirk].get(question).map(String::as_str);
        assert_eq!(seen, Some(answer), "{quirk}");
    }
}

/// What one contact in a location without search lag cannot show.
const BLIND: [&str; 5] = [
    "duplicate-lag=like-search",
    "opportunity-order=oldest",
    "page-cap=100",
    "page-total=capped",
    "tie-order=reversed",
];

/// Some behaviours of the sandbox, and how a question is answered under them.
const SEEN: [(&str, &str, &str); 8] = [
    (
        "clearing=null-ignored",
        "null in place of a website",
        "changes nothing",
    ),
    (
        "dnd-siblings=wipe",
        "channels that dndSettings leaves out",
        "are lost",
    ),
    (
        "put-company=refuse",
        "companyName in an update",
        "422 [\"property companyName should not exist\"]",
    ),
    (
        "taken-address=accept",
        "the address of another contact",
        "is taken",
    ),
    (
        "omitted-unsubscribe=resubscribe",
        "a batch does to an opt-out",
        "takes it back",
    ),
    (
        "upsert=replace",
        "an upsert does to other lists",
        "drops them",
    ),
    (
        "unknown-field=create",
        "a value for a field that does not exist",
        "makes the field",
    ),
    (
        "remove-value=match",
        "a value is removed by naming another value",
        "no",
    ),
];

#[test]
fn what_was_made_is_deleted_even_when_a_check_fails() {
    let sandbox = Sandbox::start(empty()).unwrap();
    let (ghl, _) = Place::of_sandbox(&sandbox);
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let made = Made::new(&ghl);
        let body = json!({"locationId": ghl.id, "email": ghl.address(1)});
        let said = ghl.ask("POST", "/contacts/", body);
        made.add(format!("/contacts/{}", said.text("/contact/id")));
        panic!("a check fails");
    }));
    assert!(failed.is_err());
    let (_, left) = sandbox.admin("GET", "/ghl/contacts", Value::Null);
    assert_eq!(left["contacts"], json!([]));
}

/// A variable of the live checks; an empty one counts as none.
fn live(name: &str) -> Option<String> {
    let value = std::env::var(format!("GHL_BM_LIVE_{name}")).ok()?;
    (!value.trim().is_empty()).then(|| value.trim().to_owned())
}

/// The service whose credential and id are given; both or neither.
fn named(
    credential: &str,
    id: &str,
    url: &str,
    usual: &str,
    make: fn(&str, &str, &str, bool) -> Place,
) -> Option<Place> {
    let (secret, id_given) = (live(credential), live(id));
    if secret.is_none() && id_given.is_none() {
        return None;
    }
    let missing = |name| format!("GHL_BM_LIVE_{name} is missing (docs/live-check.md)");
    let secret = secret.unwrap_or_else(|| panic!("{}", missing(credential)));
    let id = id_given.unwrap_or_else(|| panic!("{}", missing(id)));
    let base = live(url).unwrap_or_else(|| usual.to_owned());
    let safe = ["https://", "http://127.0.0.1:", "http://localhost:"];
    assert!(
        safe.iter().any(|start| base.starts_with(start)),
        "GHL_BM_LIVE_{url} has to begin with https://"
    );
    let mut place = make(&base, &id, &secret, true);
    if let Some(mailbox) = live("EMAIL") {
        assert!(
            mailbox
                .split_once('@')
                .is_some_and(|(l, d)| !l.is_empty() && d.contains('.')),
            "GHL_BM_LIVE_EMAIL is no e-mail address"
        );
        place.mailbox = mailbox;
    }
    Some(place)
}

#[test]
fn real_accounts_are_what_the_client_relies_on() {
    let ghl = named(
        "GHL_TOKEN",
        "GHL_LOCATION",
        "GHL_URL",
        "https://services.leadconnectorhq.com",
        Place::ghl,
    );
    let bigmailer = named(
        "BIGMAILER_API_KEY",
        "BIGMAILER_BRAND",
        "BIGMAILER_URL",
        "https://api.bigmailer.io/v1",
        Place::bigmailer,
    );
    if ghl.is_none() && bigmailer.is_none() {
        return tell(
            "SKIPPED checks of real accounts: GHL_BM_LIVE_… are not set (docs/live-check.md)",
        );
    }
    let mut wrong = Vec::new();
    for (name, place) in [("HighLevel", ghl), ("BigMailer", bigmailer)] {
        let Some(place) = place else { continue };
        let check = match name {
            "HighLevel" => live_ghl::check,
            _ => live_bigmailer::check,
        };
        let mut findings = Findings::default();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            check(&place, &mut findings);
        }));
        tell(&format!(
            "\n{name}, {} calls: what the references leave open\n{}",
            place.calls.get(),
            findings.table()
        ));
        wrong.extend(findings.wrong.iter().map(|what| format!("{name}: {what}")));
        if ended.is_err() {
            wrong.push(format!("{name}: the checks did not come to their end"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
