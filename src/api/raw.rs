//! Raw calls: any path of a service as somebody wrote it, and the pages that follow from an answer.
//!
//! A raw call is authenticated, paced, retried and counted like every other. It knows nothing of
//! contacts; what it knows of a vendor (which calls only read, where the next page is) comes from
//! that vendor's module. It never sends the secret to another host, and never shows it.
//! Start reading at [`Call::parse`] and [`Raw::send`]; listings are followed by [`Pages`].

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::http::{
    HeaderName, HeaderValue, Http, Method, RawAnswer, RawFailure, Replay, Request, Settings,
};
use super::{bigmailer, ghl};
use crate::contact::Side;
use crate::remote::{RemoteError, RemoteErrorKind};

/// Headers that are ours to set: those that say who asks, and those that say how a message travels.
const OUR_HEADERS: [&str; 11] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
];

/// A call to one path of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub method: Method,
    /// Begins with a slash; percent-encoded where its writer did so.
    path: String,
    /// Decoded, in the order given.
    pub query: Vec<(String, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Option<Vec<u8>>,
}

impl Call {
    /// Reads a method and a path with or without a query.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn parse(method: &str, target: &str) -> Result<Call, String> {
        let method = match method.to_ascii_uppercase().as_str() {
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            _ => {
                return Err(format!(
                    "{method} is no method: use GET, HEAD, POST, PUT, PATCH or DELETE"
                ));
            }
        };
        if target.contains("://") {
            return Err(
                "give the path alone, such as /contacts/search: the host is the service's"
                    .to_owned(),
            );
        }
        if target.contains('#') {
            return Err("a path holds no `#`; inside a value it is written %23".to_owned());
        }
        if target.chars().any(|c| c.is_control() || c == '\\') {
            return Err("a path holds no control characters and no backslash".to_owned());
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = format!("/{}", path.trim_start_matches('/'));
        let dots = |segment: &str| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            plain == "." || plain == ".."
        };
        if path.split('/').any(dots) {
            return Err("a path holds no `.` and no `..` as a part".to_owned());
        }
        Ok(Call {
            method,
            path,
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: Vec::new(),
            body: None,
        })
    }

    /// Adds a header written as `Name: value`.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn add_header(&mut self, line: &str) -> Result<(), String> {
        let Some((name, value)) = line.split_once(':') else {
            return Err(format!("{line:?} is no header: write it as Name: value"));
        };
        let name = name.trim().to_ascii_lowercase();
        if OUR_HEADERS.contains(&name.as_str()) {
            return Err(format!("the header {name} is not yours to set"));
        }
        let wrong = || format!("the header {name:?} holds characters that cannot be sent");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let value = HeaderValue::from_str(value.trim()).map_err(|_| wrong())?;
        self.headers.push((key, value));
        Ok(())
    }

    /// Whether the call changes nothing: by its method, or because the vendor reads by POST there.
    pub fn only_reads(&self, side: Side) -> bool {
        let by_method = [Method::GET, Method::HEAD].contains(&self.method);
        by_method || (side == Side::Ghl && ghl::raw::reads_by_post(self))
    }

    /// The parts of the path, without empty ones.
    pub fn segments(&self) -> Vec<&str> {
        self.path
            .split('/')
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// A query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    /// The same call with a query parameter of this value.
    pub fn with_parameter(&self, name: &str, value: impl Into<String>) -> Call {
        let mut call = self.without_parameter(name);
        call.query.push((name.to_owned(), value.into()));
        call
    }

    /// The same call without a query parameter.
    pub fn without_parameter(&self, name: &str) -> Call {
        let mut call = self.clone();
        call.query.retain(|(known, _)| known != name);
        call
    }

    /// The body as a JSON object, no body as an empty one; `None` when it is anything else.
    pub fn members(&self) -> Option<Map<String, Value>> {
        match &self.body {
            Some(body) => serde_json::from_slice(body).ok(),
            None => Some(Map::new()),
        }
    }

    /// The same call with this object as its body.
    pub fn with_members(&self, members: &Map<String, Value>) -> Call {
        Call {
            body: serde_json::to_vec(members).ok(),
            ..self.clone()
        }
    }

    fn request(&self, side: Side) -> Request {
        // A write whose answer is lost is for people to settle, whatever its method.
        let replay = if self.only_reads(side) {
            Replay::Always
        } else {
            Replay::OnlyIfUnprocessed
        };
        let mut request = Request::written(self.method.clone(), self.path.clone(), replay);
        if self.only_reads(side) {
            request = request.reading();
        }
        for (name, value) in &self.query {
            request = request.query(name.clone(), value);
        }
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value.clone());
        }
        match &self.body {
            Some(body) => request.json_text(body.clone()),
            None => request,
        }
    }

    fn fingerprint(&self) -> u64 {
        hash(&(&self.query, &self.body))
    }
}

/// What an answer says about the listing that it is a page of.
#[derive(Debug, PartialEq)]
pub struct Step<'a> {
    /// What the page lists.
    pub items: &'a [Value],
    pub next: Next,
}

/// Where a listing goes on.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Nothing follows, or no way to go on is known for this path.
    End,
    Call(Box<Call>),
    /// More follows, but the answer does not say where.
    Lost,
}

/// The client for raw calls to one service.
pub struct Raw {
    http: Http,
    side: Side,
}

impl Raw {
    /// Prepares the client; sends nothing. `headers` go with every call.
    ///
    /// # Errors
    /// See [`Http::new`] and [`Http::with_header`].
    pub fn new(settings: Settings, headers: &[(&'static str, String)]) -> Result<Raw, RemoteError> {
        let side = settings.side;
        let mut http = Http::new(settings)?;
        if side == Side::Ghl {
            http = http.telling_old_tokens(ghl::can_be_old);
        }
        for (name, value) in headers {
            http = http.with_header(name, value)?;
        }
        Ok(Raw { http, side })
    }

    /// Sends one call.
    ///
    /// # Errors
    /// Whatever is not 2xx, with the answer that said so; no answer at all. A write without an
    /// answer is `Unclear` and was not repeated.
    pub fn send(&self, call: &Call) -> Result<RawAnswer, RawFailure> {
        let sent = self.http.send_raw(&call.request(self.side));
        sent.map_err(|mut failure| {
            match self.side {
                Side::Ghl => ghl::refine(&mut failure.error),
                Side::Bigmailer => bigmailer::refine(&mut failure.error),
            }
            failure
        })
    }

    /// Follows a listing from its first page on.
    pub fn pages(&self, call: &Call) -> Pages<'_> {
        let first = match self.side {
            Side::Ghl => ghl::raw::first(call),
            Side::Bigmailer => bigmailer::raw::first(call),
        };
        Pages {
            raw: self,
            followed: HashSet::from([first.fingerprint()]),
            shown: HashSet::new(),
            next: Some(first),
        }
    }
}

/// The pages of a listing. An answer that is no page is the last one.
pub struct Pages<'a> {
    raw: &'a Raw,
    next: Option<Call>,
    /// Calls of this listing so far.
    followed: HashSet<u64>,
    /// What its pages held.
    shown: HashSet<u64>,
}

impl Iterator for Pages<'_> {
    type Item = Result<RawAnswer, RawFailure>;

    /// A page that was there before, or leads to where the listing has been, is asked for once more:
    /// the service may have repeated a page. A second time it is a circle.
    fn next(&mut self) -> Option<Self::Item> {
        let call = self.next.take()?;
        let mut message = "";
        for _ in 0..2 {
            let answer = match self.raw.send(&call) {
                Ok(answer) => answer,
                Err(failure) => return Some(Err(failure)),
            };
            let Ok(page) = serde_json::from_slice::<Value>(&answer.body) else {
                return Some(Ok(answer));
            };
            let step = match self.raw.side {
                Side::Ghl => ghl::raw::step(&call, &page),
                Side::Bigmailer => bigmailer::raw::step(&call, &page),
            };
            let shown = (!step.items.is_empty()).then(|| hash(&page_key(step.items)));
            if shown.is_some_and(|shown| self.shown.contains(&shown)) {
                message = "the listing shows a page again that it has shown before";
                continue;
            }
            self.next = match step.next {
                Next::End => None,
                Next::Lost => {
                    message = "the listing says that more follows, but not where";
                    continue;
                }
                Next::Call(next) if self.followed.insert(next.fingerprint()) => Some(*next),
                Next::Call(_) => {
                    message = "the listing leads back to where it was";
                    continue;
                }
            };
            self.shown.extend(shown);
            return Some(Ok(answer));
        }
        let request = call.request(self.raw.side);
        let error = self
            .raw
            .http
            .fault(&request, RemoteErrorKind::Nonsense, message);
        Some(Err(RawFailure {
            error,
            answer: None,
        }))
    }
}

/// What tells a page from others: its items, in short their ids.
fn page_key(items: &[Value]) -> Vec<String> {
    items
        .iter()
        .map(|item| match item.get("id").or_else(|| item.get("_id")) {
            Some(id) => id.to_string(),
            None => item.to_string(),
        })
        .collect()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scripted::{Reply, Server, settings};
    use serde_json::json;

    const SECRET: &str = "0c1d2e3f-4a5b-6c7d-8e9f-000000000001";

    fn client(side: Side, server: &Server) -> Raw {
        let mut raw = Raw::new(settings(side, server, SECRET), &[]).unwrap();
        raw.http = raw.http.without_back_off();
        raw
    }

    fn call(method: &str, target: &str) -> Call {
        Call::parse(method, target).unwrap()
    }

    fn lines(server: &Server) -> Vec<String> {
        server.take().iter().map(|seen| seen.line()).collect()
    }

    #[test]
    fn paths_are_taken_as_written_and_stay_on_the_service() {
        let server = Server::answering(|_| Reply::json(200, json!({})));
        let raw = client(Side::Bigmailer, &server);
        for (target, line) in [
            ("brands", "GET /brands"),
            ("/brands/", "GET /brands/"),
            ("//brands", "GET /brands"),
            (
                "/contacts/a%2Bb@c.de?x=1%262&y=a+b&z",
                "GET /contacts/a%2Bb@c.de?x=1%262&y=a+b&z=",
            ),
            ("/a b/ü", "GET /a%20b/%C3%BC"),
        ] {
            raw.send(&call("get", target)).unwrap();
            assert_eq!(lines(&server), [line], "{target}");
        }
        for (target, part) in [
            ("https://evil.example/x", "path alone"),
            ("/a/../b", "`..`"),
            ("/a/%2E%2e/b", "`..`"),
            ("/a/./b", "`.`"),
            ("/a#b", "%23"),
            ("/a\\..\\b", "backslash"),
            ("/a\nb", "control"),
        ] {
            let error = Call::parse("GET", target).unwrap_err();
            assert!(error.contains(part), "{target}: {error}");
        }
        assert!(Call::parse("FETCH", "/x").unwrap_err().contains("DELETE"));
    }

    #[test]
    fn own_headers_are_kept_and_others_replaced() {
        let server = Server::answering(|_| Reply::json(200, json!({})));
        let headers = [("version", "2021-07-28".to_owned())];
        let raw = Raw::new(settings(Side::Ghl, &server, SECRET), &headers).unwrap();
        let mut plain = call("POST", "/contacts/search");
        plain.body = Some(b"{}".to_vec());
        raw.send(&plain).unwrap();
        let mut own = plain.clone();
        for line in ["Version: v3", "content-type:text/csv", "X-Own:  a b "] {
            own.add_header(line).unwrap();
        }
        raw.send(&own).unwrap();
        let seen = server.take();
        let told = |n: usize, name| seen[n].header(name);
        assert_eq!(told(0, "version"), Some("2021-07-28"));
        assert_eq!(told(0, "content-type"), Some("application/json"));
        assert_eq!(told(1, "version"), Some("v3"));
        assert_eq!(told(1, "content-type"), Some("text/csv"));
        assert_eq!(told(1, "x-own"), Some("a b"));
        assert_eq!(
            told(1, "authorization").unwrap(),
            format!("Bearer {SECRET}")
        );
        for refused in OUR_HEADERS {
            let line = format!("{}: x", refused.to_uppercase());
            let error = own.add_header(&line).unwrap_err();
            assert!(error.contains("not yours"), "{error}");
        }
        for odd in ["no colon", "sp ace: x", "x: two\nlines"] {
            assert!(own.add_header(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn an_answer_comes_as_it_is_and_an_error_with_its_body() {
        let server = Server::new([
            Reply::text(200, "{\"b\":1.0,\n \"a\":2}").with("x-own", "y"),
            Reply::text(200, "<html>"),
            Reply::json(
                404,
                json!({"message": "No such object", "code": "resource_missing"}),
            ),
            Reply::json(
                422,
                json!({"message": "taken", "code": "resource_already_exists"}),
            ),
            Reply::json(302, json!({})),
        ]);
        let raw = client(Side::Bigmailer, &server);
        let get = call("GET", "/brands");
        let answer = raw.send(&get).unwrap();
        assert_eq!(answer.body, b"{\"b\":1.0,\n \"a\":2}");
        assert_eq!((answer.status, answer.reason), (200, "OK"));
        assert_eq!(answer.version, "HTTP/1.1");
        assert!(
            answer
                .headers
                .contains(&("x-own".to_owned(), "y".to_owned()))
        );
        assert_eq!(raw.send(&get).unwrap().body, b"<html>");
        for (kind, status) in [
            (RemoteErrorKind::Gone, 404),
            (RemoteErrorKind::Taken, 422),
            (RemoteErrorKind::Nonsense, 302),
        ] {
            let failure = raw.send(&get).unwrap_err();
            assert_eq!(
                (failure.error.kind, failure.error.status),
                (kind, Some(status))
            );
            assert_eq!(failure.answer.unwrap().status, status);
        }
        assert_eq!(server.take().len(), 5);
    }

    #[test]
    fn reading_is_repeated_and_writing_is_not() {
        let down = || Reply::json(503, json!({"message": "down"}));
        let ok = || Reply::json(200, json!({}));
        for (method, target) in [("GET", "/x"), ("HEAD", "/x"), ("POST", "/contacts/search")] {
            let server = Server::new([down(), Reply::Drop, ok()]);
            client(Side::Ghl, &server)
                .send(&call(method, target))
                .unwrap();
            assert_eq!(server.take().len(), 3, "{method}");
        }
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for trouble in [down(), Reply::Drop, Reply::Cut] {
                let server = Server::new([trouble]);
                let failure = client(Side::Ghl, &server)
                    .send(&call(method, "/x"))
                    .unwrap_err();
                assert_eq!(failure.error.kind, RemoteErrorKind::Unclear, "{method}");
                assert_eq!(server.take().len(), 1);
            }
            let throttled = Reply::json(429, json!({})).with("retry-after", "0");
            let server = Server::new([throttled, ok()]);
            client(Side::Ghl, &server)
                .send(&call(method, "/x"))
                .unwrap();
            assert_eq!(server.take().len(), 2);
        }
        let server = Server::new((0..5).map(|_| down()));
        let failure = client(Side::Ghl, &server)
            .send(&call("GET", "/x"))
            .unwrap_err();
        assert_eq!(failure.error.kind, RemoteErrorKind::Unavailable);
        assert_eq!(failure.answer.unwrap().body, br#"{"message":"down"}"#);
    }

    #[test]
    fn the_secret_is_blanked_wherever_it_is_echoed_and_nothing_else() {
        let half = &SECRET[..20];
        let body = json!({"key": SECRET, "more": format!("Bearer {SECRET}, {half}"),
            "id": "5a4dbe11-b4a1-4d00-8b16-000000000001"});
        let server = Server::answering(move |_| {
            Reply::json(200, body.clone())
                .with("x-echo", SECRET)
                .with("set-cookie", "session=1")
        });
        let raw = client(Side::Bigmailer, &server);
        let answer = raw.send(&call("GET", "/me")).unwrap();
        let all = format!("{answer:?}{}", String::from_utf8_lossy(&answer.body));
        assert!(!all.contains(SECRET) && !all.contains(half), "{all}");
        assert!(!all.contains("session"), "{all}");
        let shown: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(shown["key"], "[secret]");
        assert_eq!(shown["id"], "5a4dbe11-b4a1-4d00-8b16-000000000001");
    }

    fn page(ids: &[&str], cursor: Option<&str>) -> Reply {
        let data: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        Reply::json(
            200,
            json!({"data": data, "has_more": cursor.is_some(), "cursor": cursor}),
        )
    }

    /// The ids that the pages show, and the error that ends them.
    fn read(server: &Server) -> (Vec<String>, Option<RemoteError>) {
        let raw = client(Side::Bigmailer, server);
        let mut ids = Vec::new();
        for answer in raw.pages(&call("GET", "/brands/B/lists")) {
            match answer {
                Err(failure) => return (ids, Some(failure.error)),
                Ok(answer) => {
                    let page: Value = serde_json::from_slice(&answer.body).unwrap();
                    let items = page["data"].as_array().unwrap();
                    ids.extend(
                        items
                            .iter()
                            .map(|item| item["id"].as_str().unwrap().to_owned()),
                    );
                }
            }
        }
        (ids, None)
    }

    #[test]
    fn pages_are_followed_to_the_end() {
        let server = Server::new([
            page(&["a", "b"], Some("x+/=")),
            page(&[], Some("y")),
            page(&["c"], None),
        ]);
        assert_eq!(
            read(&server),
            (["a", "b", "c"].map(String::from).to_vec(), None)
        );
        assert_eq!(
            lines(&server),
            [
                "GET /brands/B/lists?limit=100",
                "GET /brands/B/lists?limit=100&cursor=x%2B%2F%3D",
                "GET /brands/B/lists?limit=100&cursor=y",
            ]
        );
    }

    #[test]
    fn a_repeated_page_is_asked_for_again_and_a_circle_ends_the_listing() {
        let server = Server::new([
            page(&["a"], Some("1")),
            page(&["a"], Some("1")),
            page(&["b"], None),
        ]);
        assert_eq!(read(&server).0, ["a", "b"]);

        // A cursor that leads back, and a service that takes no notice of the cursor.
        for circle in [["c", "d"], ["b", "b"]] {
            let server = Server::new([
                page(&["a"], Some("1")),
                page(&["b"], Some("2")),
                page(&[circle[0]], Some("1")),
                page(&[circle[1]], Some("1")),
            ]);
            let (ids, error) = read(&server);
            assert_eq!(ids, ["a", "b"]);
            assert_eq!(error.unwrap().kind, RemoteErrorKind::Nonsense);
            assert_eq!(server.take().len(), 4);
        }
        let lost = || Reply::json(200, json!({"data": [{"id": "a"}], "has_more": true}));
        let server = Server::new([lost(), lost()]);
        let error = read(&server).1.unwrap();
        assert!(error.message.contains("not where"), "{error}");
    }

    #[test]
    fn errors_show_words_of_the_path_only() {
        let server = Server::answering(|_| Reply::json(400, json!({"message": "no"})));
        let raw = client(Side::Ghl, &server);
        for (target, shown) in [
            (
                "/contacts/ve9EPM428h8vShlRW1KT/tasks/",
                "/contacts/{…}/tasks/",
            ),
            ("/contacts/tlpcfzAwJwMKUzeiJXhZ", "/contacts/{…}"),
            ("/contacts/ada@example.com?q=ada", "/contacts/{…}"),
            ("/contacts/ada%40example.com", "/contacts/{…}"),
            ("/x/5b0c7a52-7a2e-4a57-9d0e-0d3a4c1f2b11/y", "/x/{…}/y"),
            (
                "/locations/L/customFields/contact.pincode",
                "/locations/L/customFields/{…}",
            ),
            (
                "/transactional-campaigns/removeAll",
                "/transactional-campaigns/removeAll",
            ),
        ] {
            let error = raw.send(&call("GET", target)).unwrap_err().error;
            assert_eq!(error.endpoint, format!("GET {shown}"));
        }
    }
}
