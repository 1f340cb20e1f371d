//! The send loop: every request of both services goes through [`Http::deliver`], and only it waits.
//!
//! It paces, retries what may be retried, reads the error body, keeps count and blanks secrets. It
//! knows no contact and no meaning of any answer; it never writes to a terminal or a file.
//! Start reading at [`Http::send`] (an answer decoded) and [`Http::send_raw`] (an answer as it came);
//! the decisions that both carry out are in [`super::pace`].

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
pub use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{StatusCode, Version};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};

use super::pace::{Admit, Breaker, Budget, Limit, Next, Pacer, Retry, Throttle, Ticket, Trouble};
use super::pace::{http_date, retry_after};
use crate::contact::Side;
use crate::credentials::{Credential, RenewalError, Secret};
use crate::remote::{RemoteError, RemoteErrorKind};
use crate::stop::Stop;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Idle connections are dropped before a service's load balancer does so (60 s and more are
/// common): a create that meets a connection just closed would end as unclear for nothing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// More than any number of threads that the clients start.
const IDLE_CONNECTIONS: usize = 64;

/// An answer larger than this is not read to its end (a page of 500 contacts is about 1 MB).
const LARGEST_BODY: u64 = 64 * 1024 * 1024;

/// How long a waiting call may take to notice that it should stop.
const STOP_NOTICE: Duration = Duration::from_millis(50);

const LONGEST_MESSAGE: usize = 500;

/// What a client of one service is built from.
pub struct Settings {
    pub side: Side,
    /// As passed by [`check_base_url`].
    pub base_url: Url,
    pub credential: Credential,
    /// Secrets that are sent in bodies; answers that echo them are blanked too.
    pub hidden: Vec<Secret>,
    pub limits: Limits,
    pub stop: Stop,
    /// Told about every attempt.
    pub trace: Arc<dyn Fn(&Exchange) + Send + Sync>,
}

/// How much of the service this client may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Part of every rate limit, 0 to 1.
    pub share: f64,
    /// Requests a window. `None`: what the headers say, the documented default until they spoke.
    /// `Some(0)`: no rate limit.
    pub max_per_window: Option<u32>,
    /// Length of the window until a header says otherwise.
    pub window: Duration,
    /// Requests unanswered at a time.
    pub in_flight: usize,
    /// Calls a day left to other tools; see [`Quota`].
    pub daily_reserve: u64,
}

/// One attempt of one request, for logs: no secrets, no ids or values of people.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub side: Side,
    pub method: String,
    pub path_pattern: String,
    pub status: Option<u16>,
    /// Counts from 1.
    pub attempt: u32,
    /// From sending to the end of the answer.
    pub millis: u64,
    /// Spent before sending: pacing, back-off.
    pub waited_millis: u64,
    pub outcome: String,
}

/// What this client has sent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// Attempts sent, retries included.
    pub requests: u64,
    /// Answers 429.
    pub throttled: u64,
    /// Attempts that repeated an earlier one.
    pub retried: u64,
}

/// The daily quota as the last answer told it (HighLevel's `X-RateLimit-…-Daily` headers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub remaining: u64,
    pub limit: Option<u64>,
}

/// Whether a request may be sent again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Reading, or writing that leaves the same state when repeated.
    Always,
    /// Only when the service cannot have processed it: a 429, or no connection at all. Every other
    /// failure ends as [`RemoteErrorKind::Unclear`].
    OnlyIfUnprocessed,
}

/// What the body of a successful answer has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Json,
    /// An empty body counts as JSON `null`.
    JsonOrEmpty,
    /// Whatever it is, it counts as JSON `null`.
    Anything,
}

/// The content type of every body that is not said to be another.
const JSON: &str = "application/json";

impl Body {
    fn decode<T: DeserializeOwned>(self, body: &[u8]) -> Result<T, Unreadable> {
        let body: &[u8] = match self {
            Body::Anything => b"null",
            Body::JsonOrEmpty if body.trim_ascii().is_empty() => b"null",
            _ => body,
        };
        serde_json::from_slice(body).map_err(|error| {
            if error.is_data() {
                Unreadable::OtherForm
            } else {
                Unreadable::NotJson
            }
        })
    }
}

/// A request as a value.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    /// The path with `{…}` for whatever names one object: all that logs and errors show of it.
    pattern: Cow<'static, str>,
    /// `None` when a path argument names nothing.
    path: Option<String>,
    query: Vec<(Cow<'static, str>, String)>,
    /// In place of the client's own headers of the same names.
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    replay: Replay,
    expects: Body,
    reads: bool,
    /// In place of [`REQUEST_TIMEOUT`].
    limit: Option<Duration>,
}

impl Request {
    /// A request whose placeholders `{…}` in `pattern` are filled by `arguments` in order, each
    /// percent-encoded as one path segment.
    pub fn new(
        method: Method,
        pattern: &'static str,
        arguments: &[&str],
        replay: Replay,
    ) -> Request {
        Request::of(method, pattern.into(), fill(pattern, arguments), replay)
    }

    /// A request whose path somebody wrote out: it begins with a slash and has been checked
    /// (see [`super::raw::Call`]). What looks like an id or an address in it is shown nowhere.
    pub fn written(method: Method, path: String, replay: Replay) -> Request {
        Request::of(method, veil(&path).into(), Some(path), replay)
    }

    fn of(
        method: Method,
        pattern: Cow<'static, str>,
        path: Option<String>,
        replay: Replay,
    ) -> Request {
        let reads = method == Method::GET;
        Request {
            method,
            pattern,
            path,
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            replay,
            expects: Body::Json,
            reads,
            limit: None,
        }
    }

    /// A plain reading request.
    pub fn get(pattern: &'static str, arguments: &[&str]) -> Request {
        Request::new(Method::GET, pattern, arguments, Replay::Always)
    }

    /// Adds a query parameter; it is encoded here.
    pub fn query(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Request {
        self.query.push((key.into(), value.into()));
        self
    }

    /// Sets a header, in place of the client's own of this name.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Request {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body. Serialising plain values cannot fail; if it did, the empty body would be
    /// refused by the service rather than half of one believed.
    pub fn json(self, body: &impl Serialize) -> Request {
        self.json_text(serde_json::to_vec(body).unwrap_or_default())
    }

    /// Sets a body that is JSON already.
    pub fn json_text(self, body: Vec<u8>) -> Request {
        self.bytes(body, HeaderValue::from_static(JSON))
    }

    /// Sets a body of any kind, unless a header has said its content type already.
    pub fn bytes(mut self, body: Vec<u8>, content_type: HeaderValue) -> Request {
        self.headers.entry(CONTENT_TYPE).or_insert(content_type);
        self.body = Some(body);
        self
    }

    /// Says that the request changes nothing although its method suggests so (a search by POST).
    pub fn reading(mut self) -> Request {
        self.reads = true;
        self
    }

    /// Waits no longer than this for the answer.
    pub fn within(mut self, limit: Duration) -> Request {
        self.limit = Some(limit);
        self
    }

    /// Accepts a success without a body.
    pub fn body_optional(mut self) -> Request {
        self.expects = Body::JsonOrEmpty;
        self
    }

    /// Accepts a success whatever its body is.
    pub fn body_ignored(mut self) -> Request {
        self.expects = Body::Anything;
        self
    }

    fn endpoint(&self) -> String {
        format!("{} {}", self.method, self.pattern)
    }
}

/// A successful answer.
#[derive(Debug)]
pub struct Answer<T> {
    pub value: T,
    /// The answer's `Date`, milliseconds since 1970.
    pub date: Option<i64>,
    /// From sending to the head of the answer.
    pub latency: Duration,
}

/// An answer as it came, whatever its status, with our own secret blanked wherever it was echoed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// Such as `HTTP/1.1`.
    pub version: String,
    pub status: u16,
    /// The usual words for the status, if it has any.
    pub reason: &'static str,
    /// Names in lower case; those that carry a session's secrets are left out.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Why a raw call failed, with the answer that said so, if there was one.
#[derive(Debug)]
pub struct RawFailure {
    pub error: RemoteError,
    pub answer: Option<Box<RawAnswer>>,
}

/// The client of one service. Shared by all threads that talk to it.
pub struct Http {
    side: Side,
    base_url: Url,
    client: reqwest::blocking::Client,
    headers: HeaderMap,
    key: Key,
    stop: Stop,
    trace: Arc<dyn Fn(&Exchange) + Send + Sync>,
    retry: Retry,
    daily_reserve: u64,
    /// Chance for the back-off, 0 to 1; tests take it away.
    dice: fn() -> f64,
    began: Instant,
    state: Mutex<State>,
    /// Signalled whenever an answer may have made room for another request.
    room: Condvar,
    last_date: AtomicI64,
    requests: AtomicU64,
    throttled: AtomicU64,
    retried: AtomicU64,
}

/// What calls are made with, and every secret that was sent: those are blanked in what comes back.
struct Key {
    side: Side,
    credential: Credential,
    /// Whether a 401 with these words can be about the token's age.
    says_old: fn(&str) -> bool,
    hidden: Mutex<Vec<Secret>>,
}

/// Tokens of one process that are remembered for blanking; more are of the day before yesterday.
const MOST_HIDDEN: usize = 8;

impl Key {
    /// The secret to use now.
    fn current(&self) -> Result<Option<Secret>, RenewalError> {
        match &self.credential {
            Credential::None => Ok(None),
            Credential::Fixed(secret) => {
                self.hide(secret);
                Ok(Some(secret.clone()))
            }
            Credential::Renewed(source) => {
                let secret = source.token()?;
                self.hide(&secret);
                Ok(Some(secret))
            }
        }
    }

    fn renew(&self, refused: Option<&Secret>) -> Result<(), RenewalError> {
        match (&self.credential, refused) {
            (Credential::Renewed(source), Some(refused)) => source.renewed(refused).map(drop),
            _ => Ok(()),
        }
    }

    /// The refusal of a token that another may take the place of.
    fn may_be_old(&self, error: &RemoteError) -> bool {
        matches!(self.credential, Credential::Renewed(_))
            && error.status == Some(401)
            && (self.says_old)(&error.message)
    }

    /// HighLevel: `Authorization: Bearer` for OAuth and private integration tokens alike.
    /// BigMailer: `X-API-Key` (docs.bigmailer.io/docs/getting-started-api).
    fn header(&self, secret: &Secret) -> Result<(HeaderName, HeaderValue), String> {
        let secret = secret.expose_secret();
        let (name, value) = match self.side {
            Side::Ghl => (
                "authorization",
                HeaderValue::from_str(&format!("Bearer {secret}")),
            ),
            Side::Bigmailer => ("x-api-key", HeaderValue::from_str(secret)),
        };
        let mut value = value
            .map_err(|_| "the stored secret holds characters that cannot be sent".to_owned())?;
        value.set_sensitive(true);
        Ok((HeaderName::from_static(name), value))
    }

    fn hide(&self, secret: &Secret) {
        let mut hidden = self.lock();
        let known = |one: &Secret| one.expose_secret() == secret.expose_secret();
        if !hidden.iter().any(known) {
            if hidden.len() >= MOST_HIDDEN {
                hidden.remove(0);
            }
            hidden.push(secret.clone());
        }
    }

    fn hidden(&self) -> Vec<Secret> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn blank_whole(&self, data: Vec<u8>) -> Vec<u8> {
        let blank = |data: Vec<u8>, secret: &Secret| blank_whole(data, secret.expose_secret());
        self.hidden().iter().fold(data, blank)
    }
}

struct State {
    pacer: Pacer,
    breaker: Breaker,
    quota: Option<Quota>,
}

/// `last_date` before any answer.
const NO_DATE: i64 = i64::MIN;

/// Judges a base URL: https anywhere, http only where nobody can listen in.
///
/// # Errors
/// A sentence for the user when the URL is not usable.
pub fn check_base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|e| format!("{text:?} is not a URL: {e}"))?;
    // From here on the URL itself is not shown: it may carry a password.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a base URL must not hold a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{text:?} must end with the path: no `?` or `#`"));
    }
    if url.host().is_none() {
        return Err(format!("{text:?} names no host"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(format!(
            "{text:?} would send secrets and contacts in the clear: use https (http is for loopback addresses only)"
        )),
        other => Err(format!("{other}:// is not supported: use https")),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// A machine without root certificates, such as a bare container, is all that keeps a client from being
/// built.
const NO_ROOTS: &str = "install the system's root certificates (package ca-certificates), or name a file \
                        with them by SSL_CERT_FILE";

impl Http {
    /// Prepares a client; sends nothing.
    ///
    /// # Errors
    /// `Auth` when the secret cannot be sent as a header, `Rejected` for a base URL that
    /// [`check_base_url`] refuses, `Unavailable` when TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Http, RemoteError> {
        let side = settings.side;
        let fault = |kind, message: String| RemoteError {
            kind,
            side,
            endpoint: "client set-up".to_owned(),
            status: None,
            message,
            code: None,
            param: None,
            existing: None,
            trace_id: None,
            hint: None,
        };
        check_base_url(settings.base_url.as_str())
            .map_err(|message| fault(RemoteErrorKind::Rejected, message))?;

        let key = Key {
            side,
            credential: settings.credential,
            says_old: |_| true,
            hidden: Mutex::new(settings.hidden),
        };
        if let Credential::Fixed(secret) = &key.credential {
            key.header(secret)
                .map_err(|message| fault(RemoteErrorKind::Auth, message))?;
        }
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static("accept"),
            HeaderValue::from_static("application/json"),
        );

        // An error only says that the process has a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::blocking::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .user_agent(concat!("ghl-bm/", env!("CARGO_PKG_VERSION")));
        if settings.base_url.scheme() == "http" {
            // Proxy variables apply to 127.0.0.1 as well, and without any CA file on the machine
            // even a client for plain http cannot be built (reqwest issue 2988).
            builder = builder
                .no_proxy()
                .tls_certs_only(std::iter::empty::<reqwest::Certificate>());
        }
        let client = builder.build().map_err(|e| RemoteError {
            hint: Some(NO_ROOTS.to_owned()),
            ..fault(
                RemoteErrorKind::Unavailable,
                format!("no TLS client could be set up: {}", root_cause(&e)),
            )
        })?;

        let limits = settings.limits;
        // HighLevel: 100 per 10 s (docs/oauth/Authorization.md); BigMailer: 10 a second
        // (docs.bigmailer.io/docs/getting-started-api).
        let (default_max, throttle) = match side {
            Side::Ghl => (100, Throttle::Window),
            Side::Bigmailer => (10, Throttle::Exponential),
        };
        let limit = match limits.max_per_window {
            None => Limit::UntilTold(default_max),
            Some(0) => Limit::Unlimited,
            Some(max) => Limit::AtMost(max),
        };
        Ok(Http {
            side,
            base_url: settings.base_url,
            client,
            headers,
            key,
            stop: settings.stop,
            trace: settings.trace,
            retry: Retry { throttle },
            daily_reserve: limits.daily_reserve,
            dice: fastrand::f64,
            began: Instant::now(),
            state: Mutex::new(State {
                pacer: Pacer::new(limit, limits.window, limits.in_flight, limits.share),
                breaker: Breaker::default(),
                quota: None,
            }),
            room: Condvar::new(),
            last_date: AtomicI64::new(NO_DATE),
            requests: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
            retried: AtomicU64::new(0),
        })
    }

    /// Adds a header to every request.
    ///
    /// # Errors
    /// `Rejected` when the value cannot be sent as a header.
    pub fn with_header(mut self, name: &'static str, value: &str) -> Result<Http, RemoteError> {
        let value = HeaderValue::from_str(value).map_err(|_| RemoteError {
            kind: RemoteErrorKind::Rejected,
            side: self.side,
            endpoint: "client set-up".to_owned(),
            status: None,
            message: format!(
                "the value for the header {name} holds characters that cannot be sent"
            ),
            code: None,
            param: None,
            existing: None,
            trace_id: None,
            hint: None,
        })?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Says by which words of a 401 the caller's vendor tells a token that may have ended from a
    /// call that is not allowed. Without it every 401 may be about the token's age.
    pub fn telling_old_tokens(mut self, says_old: fn(&str) -> bool) -> Http {
        self.key.says_old = says_old;
        self
    }

    /// Takes chance away: back-off that is not asked for by the service takes no time.
    #[cfg(test)]
    pub fn without_back_off(mut self) -> Http {
        self.dice = || 0.0;
        self
    }

    /// What was sent so far, by all threads.
    pub fn calls(&self) -> Calls {
        Calls {
            requests: self.requests.load(Ordering::Relaxed),
            throttled: self.throttled.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
        }
    }

    /// The service's clock as the last answer told it, milliseconds since 1970.
    pub fn last_date(&self) -> Option<i64> {
        let date = self.last_date.load(Ordering::Relaxed);
        (date != NO_DATE).then_some(date)
    }

    /// The daily quota; `None` until an answer told it, and for services that have none.
    pub fn quota_left(&self) -> Option<Quota> {
        self.lock().quota
    }

    /// Requests a second that the rate limit allows; infinite without one.
    pub fn per_second(&self) -> f64 {
        self.lock().pacer.per_second(self.now())
    }

    /// Sends a request, waiting and repeating as its kind allows, and decodes the answer.
    ///
    /// # Errors
    /// Kinds by status: 401 and 403 `Auth`, 404 `Gone`, other 4xx `Rejected`; see
    /// [`RemoteErrorKind`] for the rest. The caller knows its vendor and may refine them.
    pub fn send<T: DeserializeOwned>(&self, request: &Request) -> Result<Answer<T>, RemoteError> {
        let read = |reply: Reply, body: &[u8]| {
            Ok(Answer {
                value: request.expects.decode(body)?,
                date: reply.date(),
                latency: reply.latency,
            })
        };
        self.deliver(request, read).map_err(|failure| failure.error)
    }

    /// Sends a request in the same way and gives the answer as it came, whatever it is.
    ///
    /// # Errors
    /// As [`Http::send`], but a body that came whole is never found unusable.
    pub fn send_raw(&self, request: &Request) -> Result<RawAnswer, RawFailure> {
        let read = |reply: Reply, body: &[u8]| Ok(self.raw(&reply, body));
        self.deliver(request, read).map_err(|failure| RawFailure {
            answer: failure.reply.map(|reply| {
                let body = reply.body.as_deref().unwrap_or_default();
                Box::new(self.raw(&reply, body))
            }),
            error: failure.error,
        })
    }

    /// The one send loop. `read` makes what is wanted of a success whose body is whole.
    fn deliver<T>(
        &self,
        request: &Request,
        read: impl Fn(Reply, &[u8]) -> Result<T, Unreadable>,
    ) -> Result<T, Failure> {
        let Some(path) = &request.path else {
            let message = "an empty id names nothing";
            return Err(self.fault(request, RemoteErrorKind::Gone, message).into());
        };
        let url = self.url(path, &request.query);
        let mut waiting = self.now();
        let mut first_sent = None;
        let mut attempt = 0;
        // The failure of an earlier attempt that the service may have carried out all the same.
        let mut in_doubt: Option<Failure> = None;
        let mut renewed = false;
        loop {
            // Before a place in the queue is taken: a new token may take a while.
            let secret = match self.key.current() {
                Ok(secret) => secret,
                Err(error) => return Err(in_doubt.unwrap_or(self.no_token(request, error).into())),
            };
            let ticket = match self.admit(request) {
                Ok(ticket) => ticket,
                // "Nothing was sent" would be untrue.
                Err(refused) => return Err(in_doubt.unwrap_or(refused.into())),
            };
            attempt += 1;
            let sent = self.now();
            let since_first = sent - *first_sent.get_or_insert(sent);
            self.requests.fetch_add(1, Ordering::Relaxed);
            if attempt > 1 {
                self.retried.fetch_add(1, Ordering::Relaxed);
            }
            let result = self.exchange(request, url.clone(), secret.as_ref());
            let status = result.as_ref().ok().map(|reply| reply.status.as_u16());
            let daily = self.note(ticket, &result);
            let verdict = self.judge(request, result, daily, &read);

            let step = {
                let mut state = self.lock();
                match verdict {
                    Verdict::Done(value) => {
                        state.breaker.succeeded();
                        Step::Return(Ok(value))
                    }
                    Verdict::Refused(failure) => {
                        state.breaker.succeeded();
                        match !renewed && self.key.may_be_old(&failure.error) {
                            true => Step::Renew(failure),
                            false => Step::Return(Err(failure)),
                        }
                    }
                    Verdict::Again {
                        trouble,
                        processed,
                        asked,
                        mut failure,
                    } => {
                        let dice = (self.dice)();
                        let window = state.pacer.window();
                        if trouble == Trouble::Throttled {
                            let wait = self.retry.wait(attempt, trouble, asked, window, dice);
                            state.pacer.pause_until(self.now() + wait);
                        }
                        let repeatable = request.replay == Replay::Always || !processed;
                        let next = if repeatable {
                            self.retry
                                .next(attempt, trouble, asked, window, since_first, dice)
                        } else {
                            Next::GiveUp
                        };
                        state.breaker.failed(next == Next::GiveUp);
                        if !repeatable {
                            failure.error.kind = RemoteErrorKind::Unclear;
                        }
                        match next {
                            Next::GiveUp => Step::Return(Err(failure)),
                            Next::Wait(wait) => {
                                if processed && !request.reads {
                                    in_doubt = Some(failure);
                                }
                                // A throttled service is paused for everybody; the pacer holds
                                // this call too.
                                Step::Wait(if trouble == Trouble::Throttled {
                                    Duration::ZERO
                                } else {
                                    wait
                                })
                            }
                        }
                    }
                }
            };
            self.room.notify_all();
            (self.trace)(&Exchange {
                side: self.side,
                method: request.method.to_string(),
                path_pattern: request.pattern.clone().into_owned(),
                status,
                attempt,
                millis: millis(self.now() - sent),
                waited_millis: millis(sent - waiting),
                outcome: step.word(),
            });
            waiting = self.now();
            match step {
                Step::Return(result) => return result,
                Step::Wait(wait) => {
                    // When asked to stop, the next round says so.
                    let _ = self.stop.wait(wait);
                }
                // A call that was refused did nothing, so it may be made again, once.
                Step::Renew(failure) => {
                    renewed = true;
                    if let Err(error) = self.key.renew(secret.as_ref()) {
                        let error = self.no_token(request, error);
                        return Err(Failure { error, ..failure });
                    }
                }
            }
        }
    }

    /// Why there is no token to make a call with.
    fn no_token(&self, request: &Request, error: RenewalError) -> RemoteError {
        let kind = match &error {
            RenewalError::NoAnswer(_) | RenewalError::Busy => RemoteErrorKind::Unavailable,
            RenewalError::Stopped => RemoteErrorKind::Stopped,
            _ => RemoteErrorKind::Auth,
        };
        RemoteError {
            hint: error.hint(),
            ..self.fault(request, kind, &self.blank(&error.to_string()))
        }
    }

    /// Waits until the request may be sent, or says why it never will.
    fn admit(&self, request: &Request) -> Result<Ticket, RemoteError> {
        let mut state = self.lock();
        loop {
            if self.stop.asked().is_some() {
                return Err(self.fault(request, RemoteErrorKind::Stopped, "asked to stop"));
            }
            if state.breaker.is_open() {
                return Err(self.fault(
                    request,
                    RemoteErrorKind::Unavailable,
                    "the service has kept failing; no more calls are made",
                ));
            }
            if let Some(quota) = state.quota
                && quota.remaining <= self.reserve(quota)
            {
                return Err(self.quota_error(request, quota));
            }
            let now = self.now();
            let wait = match state.pacer.admit(now) {
                Admit::Go(ticket) => return Ok(ticket),
                Admit::WaitUntil(until) => until.saturating_sub(now).min(STOP_NOTICE),
                Admit::WaitForAnswer => STOP_NOTICE,
            };
            state = self
                .room
                .wait_timeout(state, wait)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// The reserve in force: never more than a tenth of the day's limit, or a small account (sandbox
    /// accounts have 10,000 calls a day) could do nothing under a reserve made for 200,000.
    fn reserve(&self, quota: Quota) -> u64 {
        match quota.limit {
            Some(limit) => self.daily_reserve.min(limit / 10),
            None => self.daily_reserve,
        }
    }

    fn exchange(
        &self,
        request: &Request,
        url: Url,
        secret: Option<&Secret>,
    ) -> Result<Reply, reqwest::Error> {
        let mut headers = self.headers.clone();
        // A secret that no header can carry is left out; the service says that it is missing.
        if let Some(Ok((name, value))) = secret.map(|secret| self.key.header(secret)) {
            headers.insert(name, value);
        }
        let mut outgoing = self
            .client
            .request(request.method.clone(), url)
            .headers(headers)
            // Those of the request take the place of others with the same name.
            .headers(request.headers.clone());
        if let Some(body) = &request.body {
            outgoing = outgoing.body(body.clone());
        }
        if let Some(limit) = request.limit {
            outgoing = outgoing.timeout(limit);
        }
        let sent = self.now();
        let response = outgoing.send()?;
        let heard = self.now();
        let (version, status) = (response.version(), response.status());
        let headers = response.headers().clone();
        let mut body = Vec::new();
        let whole = response
            .take(LARGEST_BODY)
            .read_to_end(&mut body)
            .is_ok_and(|n| (n as u64) < LARGEST_BODY);
        Ok(Reply {
            heard,
            latency: heard.saturating_sub(sent),
            version,
            status,
            headers,
            body: whole.then_some(body),
        })
    }

    /// Tells pacer, clock and quota what the answer's head said; returns the quota of this answer.
    fn note(&self, ticket: Ticket, result: &Result<Reply, reqwest::Error>) -> Option<Quota> {
        let mut state = self.lock();
        let Ok(reply) = result else {
            state.pacer.lost(ticket, self.now());
            return None;
        };
        let number = |name: &str| reply.header(name)?.trim().parse::<u64>().ok();
        let small = |name: &str| number(name).and_then(|n| u32::try_from(n).ok());
        if let Some(date) = reply.date() {
            self.last_date.store(date, Ordering::Relaxed);
        }
        // Names: HighLevel marketplace documentation, "Rate limits".
        let budget = Budget {
            max: small("x-ratelimit-max"),
            window: number("x-ratelimit-interval-milliseconds").map(Duration::from_millis),
            remaining: small("x-ratelimit-remaining"),
        };
        state.pacer.answered(ticket, reply.heard, &budget);
        let quota = number("x-ratelimit-daily-remaining").map(|remaining| Quota {
            remaining,
            limit: number("x-ratelimit-limit-daily"),
        });
        if quota.is_some() {
            state.quota = quota;
        }
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            self.throttled.fetch_add(1, Ordering::Relaxed);
        }
        quota
    }

    fn judge<T>(
        &self,
        request: &Request,
        result: Result<Reply, reqwest::Error>,
        daily: Option<Quota>,
        read: impl Fn(Reply, &[u8]) -> Result<T, Unreadable>,
    ) -> Verdict<T> {
        let mut reply = match result {
            Ok(reply) => reply,
            Err(error) => {
                let unconnected = error.is_connect();
                let cause = self.blank(&root_cause(&error));
                let message = if unconnected {
                    format!("no connection: {cause}")
                } else if error.is_timeout() {
                    let limit = request.limit.unwrap_or(REQUEST_TIMEOUT);
                    format!("no answer within {} s", limit.as_secs())
                } else {
                    format!("the connection broke: {cause}")
                };
                return Verdict::Again {
                    trouble: Trouble::Failed,
                    processed: !unconnected,
                    asked: None,
                    failure: self
                        .fault(request, RemoteErrorKind::Unavailable, &message)
                        .into(),
                };
            }
        };
        let asked = reply
            .header("retry-after")
            .and_then(|text| retry_after(text, reply.date()));
        if !reply.status.is_success() {
            return self.refusal(request, reply, asked, daily);
        }
        let status = Some(reply.status.as_u16());
        let failed = |kind, message: &str| {
            Failure::from(RemoteError {
                status,
                ..self.fault(request, kind, message)
            })
        };
        let again = |message: &str| {
            let failure = failed(RemoteErrorKind::Unavailable, message);
            Verdict::again(Trouble::Failed, asked, failure)
        };
        let Some(body) = reply.body.take() else {
            return again("the answer was cut off");
        };
        match read(reply, &body) {
            Ok(value) => Verdict::Done(value),
            Err(Unreadable::NotJson) => again("the answer is not JSON"),
            Err(Unreadable::OtherForm) => {
                // A write was carried out even if its answer is of no use.
                let kind = match request.replay {
                    Replay::Always => RemoteErrorKind::Nonsense,
                    Replay::OnlyIfUnprocessed => RemoteErrorKind::Unclear,
                };
                Verdict::Refused(failed(kind, "the answer does not have the expected form"))
            }
        }
    }

    /// What an answer means that is no success.
    fn refusal<T>(
        &self,
        request: &Request,
        reply: Reply,
        asked: Option<Duration>,
        daily: Option<Quota>,
    ) -> Verdict<T> {
        let status = reply.status.as_u16();
        let error = match status {
            429 => match daily.filter(|quota| quota.remaining == 0) {
                Some(quota) => RemoteError {
                    status: Some(status),
                    ..self.quota_error(request, quota)
                },
                None => self.said(request, RemoteErrorKind::Unavailable, &reply),
            },
            500.. => self.said(request, RemoteErrorKind::Unavailable, &reply),
            401 | 403 => self.said(request, RemoteErrorKind::Auth, &reply),
            404 => self.said(request, RemoteErrorKind::Gone, &reply),
            400..=499 => self.said(request, RemoteErrorKind::Rejected, &reply),
            _ => RemoteError {
                status: Some(status),
                hint: Some("check the base URL: a redirect is never followed".to_owned()),
                ..self.fault(request, RemoteErrorKind::Nonsense, "an answer of no use")
            },
        };
        let trouble = match (error.kind, status) {
            (RemoteErrorKind::Unavailable, 429) => Some(Trouble::Throttled),
            (RemoteErrorKind::Unavailable, _) => Some(Trouble::Failed),
            _ => None,
        };
        let failure = Failure {
            error,
            reply: Some(Box::new(reply)),
        };
        match trouble {
            Some(trouble) => Verdict::again(trouble, asked, failure),
            None => Verdict::Refused(failure),
        }
    }

    /// An answer for those who want it as it came.
    fn raw(&self, reply: &Reply, body: &[u8]) -> RawAnswer {
        let headers = reply
            .headers
            .iter()
            .filter(|(name, _)| !SESSION_HEADERS.contains(&name.as_str()))
            .map(|(name, value)| {
                let value = self.key.blank_whole(value.as_bytes().to_vec());
                (
                    name.to_string(),
                    String::from_utf8_lossy(&value).into_owned(),
                )
            })
            .collect();
        RawAnswer {
            version: format!("{:?}", reply.version),
            status: reply.status.as_u16(),
            reason: reply.status.canonical_reason().unwrap_or_default(),
            headers,
            body: self.key.blank_whole(body.to_vec()),
        }
    }

    /// The error that the service's own body describes.
    fn said(&self, request: &Request, kind: RemoteErrorKind, reply: &Reply) -> RemoteError {
        let body = reply.body.as_deref().unwrap_or_default();
        let words = ErrorWords::read(body);
        RemoteError {
            kind,
            side: self.side,
            endpoint: request.endpoint(),
            status: Some(reply.status.as_u16()),
            message: self.blank(words.message.as_deref().unwrap_or("no explanation given")),
            code: words.code.map(|text| self.blank(&text)),
            param: words.param.map(|text| self.blank(&text)),
            existing: words.existing.map(|text| self.blank(&text)),
            trace_id: words.trace_id.map(|text| self.blank(&text)),
            hint: None,
        }
    }

    fn quota_error(&self, request: &Request, quota: Quota) -> RemoteError {
        RemoteError {
            hint: Some("run again tomorrow, or lower `limits.daily_reserve`".to_owned()),
            ..self.fault(
                request,
                RemoteErrorKind::Quota,
                &format!(
                    "{} calls are left for today and {} are kept in reserve",
                    quota.remaining,
                    self.reserve(quota)
                ),
            )
        }
    }

    /// An error in our own words.
    pub fn fault(&self, request: &Request, kind: RemoteErrorKind, message: &str) -> RemoteError {
        RemoteError {
            kind,
            side: self.side,
            endpoint: request.endpoint(),
            status: None,
            message: message.to_owned(),
            code: None,
            param: None,
            existing: None,
            trace_id: None,
            hint: None,
        }
    }

    fn blank(&self, text: &str) -> String {
        presentable(text, &self.key.hidden())
    }

    fn url(&self, path: &str, query: &[(Cow<'static, str>, String)]) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(&format!(
            "{}{path}",
            self.base_url.path().trim_end_matches('/')
        ));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Reply {
    heard: Duration,
    /// From sending to the head of the answer.
    latency: Duration,
    version: Version,
    status: StatusCode,
    headers: HeaderMap,
    /// `None` when it was cut off.
    body: Option<Vec<u8>>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The answer's `Date`, milliseconds since 1970.
    fn date(&self) -> Option<i64> {
        self.header("date").and_then(http_date)
    }
}

/// An error, with the answer that it was read from where there was one.
struct Failure {
    error: RemoteError,
    reply: Option<Box<Reply>>,
}

impl From<RemoteError> for Failure {
    fn from(error: RemoteError) -> Failure {
        Failure { error, reply: None }
    }
}

/// Why the body of a success is of no use.
enum Unreadable {
    NotJson,
    /// JSON, but not what was asked for.
    OtherForm,
}

/// What one attempt came to.
enum Verdict<T> {
    Done(T),
    Refused(Failure),
    Again {
        trouble: Trouble,
        /// Whether the service may have carried the request out.
        processed: bool,
        asked: Option<Duration>,
        failure: Failure,
    },
}

impl<T> Verdict<T> {
    /// The service answered, and may be asked once more: only a 429 says that it did nothing.
    fn again(trouble: Trouble, asked: Option<Duration>, failure: Failure) -> Verdict<T> {
        Verdict::Again {
            trouble,
            processed: trouble != Trouble::Throttled,
            asked,
            failure,
        }
    }
}

enum Step<T> {
    Return(Result<T, Failure>),
    Wait(Duration),
    /// Once more with a new token.
    Renew(Failure),
}

impl<T> Step<T> {
    fn word(&self) -> String {
        match self {
            Step::Return(Ok(_)) => "ok".to_owned(),
            Step::Return(Err(failure)) => match failure.error.kind {
                RemoteErrorKind::Auth => "refused: not allowed",
                RemoteErrorKind::Gone => "not found",
                RemoteErrorKind::Taken | RemoteErrorKind::Rejected => "refused",
                RemoteErrorKind::Quota => "daily quota used up",
                RemoteErrorKind::Unclear => "outcome unclear",
                RemoteErrorKind::Unavailable => "gave up",
                RemoteErrorKind::Stopped => "stopped",
                RemoteErrorKind::Nonsense => "unusable answer",
            }
            .to_owned(),
            Step::Renew(_) => "refused: asking for a new token".to_owned(),
            Step::Wait(wait) if wait.is_zero() => "trying again".to_owned(),
            Step::Wait(wait) => format!("trying again in {} ms", wait.as_millis()),
        }
    }
}

/// The readable parts of an error body. HighLevel: `message` (a string or a list), `error`
/// (a string or an object), `traceId`, `meta` of a duplicate; token endpoint: `error_description`.
/// BigMailer: `message`, `code`, `param`.
#[derive(Debug, Default, PartialEq)]
struct ErrorWords {
    message: Option<String>,
    code: Option<String>,
    param: Option<String>,
    existing: Option<String>,
    trace_id: Option<String>,
}

impl ErrorWords {
    fn read(body: &[u8]) -> ErrorWords {
        let Ok(Value::Object(map)) = serde_json::from_slice::<Value>(body) else {
            let text = String::from_utf8_lossy(body);
            let text = text.trim();
            // A page for browsers says nothing that fits into a sentence.
            let readable = !text.is_empty() && !text.starts_with('<');
            return ErrorWords {
                message: readable.then(|| text.to_owned()),
                ..ErrorWords::default()
            };
        };
        let nested = map.get("error").and_then(Value::as_object);
        let meta = |key: &str| map.get("meta")?.get(key).and_then(words);
        let find = |key: &str| {
            map.get(key)
                .and_then(words)
                .or_else(|| nested.and_then(|inner| inner.get(key)).and_then(words))
        };
        ErrorWords {
            message: find("message")
                .or_else(|| find("error_description").filter(|_| !map.contains_key("error")))
                .or_else(|| match (find("error"), find("error_description")) {
                    (Some(error), Some(more)) => Some(format!("{error}: {more}")),
                    (error, more) => error.or(more),
                })
                .or_else(|| find("detail")),
            code: find("code"),
            param: find("param").or_else(|| meta("matchingField")),
            existing: meta("contactId"),
            trace_id: find("traceId").or_else(|| find("trace_id")),
        }
    }
}

/// A string, a number or a list of them as one line; `None` for anything else or nothing.
fn words(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().filter_map(words).collect();
            parts.join("; ")
        }
        _ => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

/// What the secret is replaced by.
const BLANK: &str = "[secret]";

/// A part of the secret this long gives it away and is blanked too in what is said about a call.
const TELLING: usize = 8;

/// Headers of an answer that nobody needs to see: they open a session.
const SESSION_HEADERS: [&str; 2] = ["set-cookie", "set-cookie2"];

/// Makes a foreign text fit for people: no secret (whole, in parts or percent-encoded), no control
/// characters, not too long.
fn presentable(text: &str, secrets: &[Secret]) -> String {
    // Far more than is kept, so that blanking sees what surrounds the cut.
    let text: String = text
        .chars()
        .take(20 * LONGEST_MESSAGE)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let text = secrets.iter().fold(text.into_bytes(), |text, secret| {
        blank(text, secret.expose_secret(), TELLING)
    });
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if text.chars().count() > LONGEST_MESSAGE {
        text = text.chars().take(LONGEST_MESSAGE - 1).collect();
        text.push('…');
    }
    text
}

/// Blanks the secret in data, which must stay what it is otherwise: ids may share a few characters
/// with the secret, but not half of it.
fn blank_whole(data: Vec<u8>, secret: &str) -> Vec<u8> {
    blank(data, secret, TELLING.max(secret.len().div_ceil(2)))
}

/// Blanks every piece of the secret that has at least `telling` bytes, in all forms in which a
/// service may echo it: as it is, percent-encoded, with slashes escaped as some JSON writers do.
fn blank(data: Vec<u8>, secret: &str, telling: usize) -> Vec<u8> {
    let shortest = telling.min(secret.len());
    if shortest == 0 {
        return data;
    }
    let mut forms = vec![
        secret.to_owned(),
        percent_encode(secret, |b| {
            b.is_ascii_alphanumeric() || b"-._~".contains(&b)
        }),
        percent_encode(secret, |b| b.is_ascii_alphanumeric()),
        secret.replace('/', "\\/"),
    ];
    forms.push(lower_escapes(&forms[1]));
    forms.push(lower_escapes(&forms[2]));
    forms.sort();
    forms.dedup();
    let forms: Vec<&[u8]> = forms.iter().map(String::as_bytes).collect();
    // A page of contacts is searched: most places are ruled out by one look-up.
    let starts: HashSet<&[u8]> = forms
        .iter()
        .flat_map(|form| form.windows(shortest))
        .collect();
    let begins = |text: &[u8]| text.get(..shortest).is_some_and(|t| starts.contains(t));
    if !data.windows(shortest).any(begins) {
        return data;
    }
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        let rest = &data[at..];
        if begins(rest) {
            out.extend_from_slice(BLANK.as_bytes());
            // The longest piece of any form that begins here.
            let lengths = forms.iter().map(|form| longest_piece(form, rest));
            at += lengths.max().unwrap_or(0).max(shortest);
        } else {
            out.push(data[at]);
            at += 1;
        }
    }
    out
}

/// A percent-encoded text with its hexadecimal digits in lower case.
fn lower_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        text.push_str(&format!("%{}{rest}", digits.to_ascii_lowercase()));
    }
    text
}

/// How many bytes of `text` are a piece of `secret`, from the beginning of `text` on.
fn longest_piece(secret: &[u8], text: &[u8]) -> usize {
    let common = |start: usize| {
        let piece = secret[start..].iter().zip(text);
        piece.take_while(|(a, b)| a == b).count()
    };
    (0..secret.len()).map(common).max().unwrap_or(0)
}

/// A written path with `{…}` in place of every segment that may be an id, an address or a value.
/// What stays are words: letters and hyphens, and not so many letters in a row as an id has
/// (HighLevel's have about 20, BigMailer's are UUIDs).
fn veil(path: &str) -> String {
    let is_word = |segment: &str| {
        segment
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b == b'-')
            && segment.split('-').all(|part| part.len() < LONGEST_WORD)
    };
    let segments = path
        .split('/')
        .map(|segment| if is_word(segment) { segment } else { "{…}" });
    segments.collect::<Vec<_>>().join("/")
}

/// No word in a path of either service is as long (`installedLocations` has 18 letters).
const LONGEST_WORD: usize = 20;

/// Percent-encodes every byte but those that may stay.
fn percent_encode(text: &str, stays: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `None` when an argument cannot be one path segment: empty, or a dot segment that a URL parser
/// would resolve away even in its encoded form.
fn fill(pattern: &str, arguments: &[&str]) -> Option<String> {
    let mut path = String::new();
    let mut arguments = arguments.iter();
    for segment in pattern.trim_start_matches('/').split('/') {
        path.push('/');
        if segment.starts_with('{') {
            let argument = arguments.next()?;
            if argument.is_empty() || *argument == "." || *argument == ".." {
                return None;
            }
            path.push_str(&percent_encode(argument, |b| {
                b.is_ascii_alphanumeric() || b"-._~".contains(&b)
            }));
        } else {
            path.push_str(segment);
        }
    }
    Some(path)
}

/// The innermost error in words; the outer ones repeat the URL, which may hold an address.
fn root_cause(error: &reqwest::Error) -> String {
    let Some(mut cause) = std::error::Error::source(error) else {
        return "cause unknown".to_owned();
    };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scripted::{Reply as Scripted, Server, limits, settings};
    use crate::stop::Why;
    use serde_json::json;

    const SECRET: &str = "pit-0123abcd-4567-89ef";

    fn client(server: &Server) -> Http {
        Http::new(settings(Side::Ghl, server, SECRET))
            .unwrap()
            .without_back_off()
    }

    fn read() -> Request {
        Request::get("/things/{id}", &["7"])
    }

    fn create() -> Request {
        Request::new(Method::POST, "/things", &[], Replay::OnlyIfUnprocessed).json(&json!({"a": 1}))
    }

    fn change() -> Request {
        Request::new(Method::PUT, "/things/{id}", &["7"], Replay::Always).body_optional()
    }

    #[test]
    fn only_https_or_loopback_is_a_base_url() {
        for good in [
            "https://api.bigmailer.io/v1",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://localhost:1/x",
            "http://[::1]:9",
        ] {
            assert!(check_base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.bigmailer.io/v1",
            "http://127.0.0.1.example.com",
            "http://0.0.0.0:80",
            "https://user:word@example.com",
            "https://example.com/?a=b",
            "https://example.com/#x",
            "ftp://127.0.0.1",
            "file:///tmp",
            "example.com",
            "",
        ] {
            assert!(check_base_url(bad).is_err(), "{bad}");
        }
        let told = check_base_url("https://user:hush@example.com").unwrap_err();
        assert!(!told.contains("hush"), "{told}");
        assert!(
            check_base_url("http://api.bigmailer.io")
                .unwrap_err()
                .contains("https")
        );
    }

    #[test]
    fn a_request_carries_who_it_is_from_and_nothing_else() {
        let server = Server::new([
            Scripted::json(200, json!({})),
            Scripted::json(200, json!({})),
        ]);
        client(&server)
            .with_header("version", "2021-07-28")
            .unwrap()
            .send::<Value>(&read().query("email", "a+b@example.com"))
            .unwrap();
        let seen = server.take();
        assert_eq!(seen[0].target, "/base/things/7?email=a%2Bb%40example.com");
        assert_eq!(
            seen[0].header("authorization"),
            Some("Bearer pit-0123abcd-4567-89ef")
        );
        assert_eq!(seen[0].header("version"), Some("2021-07-28"));
        assert_eq!(seen[0].header("accept-encoding"), Some("gzip"));
        assert_eq!(
            seen[0].header("user-agent"),
            Some(concat!("ghl-bm/", env!("CARGO_PKG_VERSION")))
        );
        assert_eq!(seen[0].header("content-type"), None);

        let http = Http::new(settings(Side::Bigmailer, &server, "key")).unwrap();
        http.send::<Value>(&create()).unwrap();
        let seen = server.take();
        assert_eq!(seen[0].header("x-api-key"), Some("key"));
        assert_eq!(seen[0].header("authorization"), None);
        assert_eq!(seen[0].header("content-type"), Some("application/json"));
        assert_eq!(seen[0].body, r#"{"a":1}"#);
    }

    #[test]
    fn ids_become_one_path_segment_each() {
        assert_eq!(
            fill("/a/{x}/b/{y}", &["q r/s", "a+b@c.de"]).unwrap(),
            "/a/q%20r%2Fs/b/a%2Bb%40c.de"
        );
        assert_eq!(fill("/a/{x}", &["%2F?#"]).unwrap(), "/a/%252F%3F%23");
        for none in ["", ".", ".."] {
            assert_eq!(fill("/a/{x}", &[none]), None);
        }
        let server = Server::new([]);
        let error = client(&server)
            .send::<Value>(&Request::get("/a/{x}", &[""]))
            .unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Gone);
        assert!(server.take().is_empty());
    }

    #[test]
    fn reading_survives_failures_cut_bodies_and_pages_that_are_not_json() {
        let server = Server::new([
            Scripted::json(502, json!({"message": "bad gateway"})),
            Scripted::Cut,
            Scripted::Drop,
            Scripted::text(200, "<html>maintenance</html>"),
            Scripted::json(200, json!({"x": 1})),
        ]);
        let http = client(&server);
        let answer = http.send::<Value>(&read()).unwrap();
        assert_eq!(answer.value, json!({"x": 1}));
        assert_eq!(
            http.calls(),
            Calls {
                requests: 5,
                throttled: 0,
                retried: 4
            }
        );
    }

    #[test]
    fn after_five_tries_the_service_counts_as_unavailable() {
        let server = Server::new((0..5).map(|_| {
            Scripted::json(
                503,
                json!({"status": 503, "message": "down", "traceId": "t-1"}),
            )
        }));
        let error = client(&server).send::<Value>(&read()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Unavailable);
        assert_eq!(
            error.to_string(),
            "HighLevel (GET /things/{id}) answered 503: down (trace id t-1)"
        );
        assert_eq!(server.take().len(), 5);
    }

    #[test]
    fn a_write_that_may_have_been_carried_out_is_never_repeated_blindly() {
        for reply in [
            Scripted::json(500, json!({})),
            Scripted::json(503, json!({})),
            Scripted::Drop,
            Scripted::Cut,
            Scripted::text(200, "ok"),
            Scripted::text(200, ""),
            Scripted::json(200, json!(["not", "an", "object"])),
        ] {
            let server = Server::new([reply.clone()]);
            let error = client(&server)
                .send::<serde_json::Map<String, Value>>(&create())
                .unwrap_err();
            assert_eq!(error.kind, RemoteErrorKind::Unclear, "{reply:?}");
            assert_eq!(server.take().len(), 1, "{reply:?}");
        }
    }

    #[test]
    fn a_write_that_was_turned_away_is_repeated() {
        let server = Server::new([
            Scripted::json(429, json!({})).with("retry-after", "0"),
            Scripted::json(201, json!({"id": "x"})),
        ]);
        let http = client(&server);
        http.send::<Value>(&create()).unwrap();
        assert_eq!(
            http.calls(),
            Calls {
                requests: 2,
                throttled: 1,
                retried: 1
            }
        );

        // Nobody listens there any more.
        let gone = Server::new([]);
        let settings = settings(Side::Ghl, &gone, SECRET);
        drop(gone);
        let http = Http::new(settings).unwrap().without_back_off();
        let error = http.send::<Value>(&create()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Unavailable);
        assert!(
            error.message.starts_with("no connection"),
            "{}",
            error.message
        );
        assert_eq!(http.calls().requests, 5);
    }

    #[test]
    fn an_update_may_answer_nothing_but_not_a_page_for_browsers() {
        let server = Server::new([
            Scripted::text(200, ""),
            Scripted::text(200, "<html>log in to the hotel network</html>"),
            Scripted::json(200, json!({})),
        ]);
        let http = client(&server);
        http.send::<Value>(&change()).unwrap();
        http.send::<Value>(&change()).unwrap();
        assert_eq!(server.take().len(), 3);
    }

    #[test]
    fn statuses_become_kinds_and_are_not_retried() {
        for (status, kind) in [
            (400, RemoteErrorKind::Rejected),
            (401, RemoteErrorKind::Auth),
            (403, RemoteErrorKind::Auth),
            (404, RemoteErrorKind::Gone),
            (409, RemoteErrorKind::Rejected),
            (422, RemoteErrorKind::Rejected),
            (302, RemoteErrorKind::Nonsense),
        ] {
            let body = json!({"type": "t", "message": "m", "code": "c", "param": "p"});
            let server =
                Server::new([Scripted::json(status, body).with("location", "http://127.0.0.1:9/")]);
            let error = client(&server).send::<Value>(&read()).unwrap_err();
            assert_eq!((error.kind, error.status), (kind, Some(status)));
            if status != 302 {
                assert_eq!(error.message, "m");
                assert_eq!(error.code.as_deref(), Some("c"));
                assert_eq!(error.param.as_deref(), Some("p"));
            }
            assert_eq!(server.take().len(), 1);
        }
    }

    #[test]
    fn an_answer_of_another_form_is_nonsense_at_once() {
        let server = Server::new([Scripted::json(200, json!([1]))]);
        let error = client(&server)
            .send::<serde_json::Map<String, Value>>(&read())
            .unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Nonsense);
    }

    #[test]
    fn a_service_that_stays_down_is_left_alone() {
        let server = Server::new((0..15).map(|_| Scripted::json(500, json!({}))));
        let http = client(&server);
        for _ in 0..3 {
            http.send::<Value>(&read()).unwrap_err();
        }
        assert_eq!(server.take().len(), 15);
        let error = http.send::<Value>(&read()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Unavailable);
        assert!(server.take().is_empty());
    }

    /// A client whose run is asked to stop as soon as the first attempt has been told of.
    fn stopping(server: &Server) -> Http {
        let stop = Stop::new();
        let asks = stop.clone();
        Http::new(Settings {
            stop,
            trace: Arc::new(move |_| asks.ask(Why::Interrupt)),
            ..settings(Side::Ghl, server, SECRET)
        })
        .unwrap()
    }

    #[test]
    fn a_waiting_call_ends_when_asked_to_stop() {
        // Without the stop it would wait for a minute.
        let throttled = Scripted::json(429, json!({})).with("retry-after", "60");
        for request in [read(), create(), change()] {
            let server = Server::new([throttled.clone()]);
            let error = stopping(&server).send::<Value>(&request).unwrap_err();
            assert_eq!(error.kind, RemoteErrorKind::Stopped);
        }
        let server = Server::new([]);
        let http = client(&server);
        http.stop.ask(Why::OutOfTime);
        assert_eq!(
            http.send::<Value>(&read()).unwrap_err().kind,
            RemoteErrorKind::Stopped
        );
        assert!(server.take().is_empty());
    }

    #[test]
    fn a_stop_does_not_hide_that_an_update_may_have_been_carried_out() {
        let server = Server::new([Scripted::json(500, json!({"message": "oops"}))]);
        let error = stopping(&server).send::<Value>(&change()).unwrap_err();
        assert_eq!(
            (error.kind, error.status),
            (RemoteErrorKind::Unavailable, Some(500))
        );
        let server = Server::new([Scripted::json(500, json!({"message": "oops"}))]);
        let error = stopping(&server).send::<Value>(&read()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Stopped);
    }

    #[test]
    fn the_call_in_flight_when_asked_to_stop_is_finished() {
        let stop = Stop::new();
        let asks = stop.clone();
        let server = Server::answering(move |_| {
            asks.ask(Why::Terminate);
            Scripted::json(200, json!({"done": true}))
        });
        let http = Http::new(Settings {
            stop,
            ..settings(Side::Ghl, &server, SECRET)
        })
        .unwrap();
        assert_eq!(
            http.send::<Value>(&read()).unwrap().value,
            json!({"done": true})
        );
    }

    #[test]
    fn calls_end_before_the_daily_reserve_is_touched() {
        let answer = |left: &str, limit: &str| {
            Scripted::json(200, json!({}))
                .with("x-ratelimit-daily-remaining", left)
                .with("x-ratelimit-limit-daily", limit)
        };
        let server = Server::new([answer("20001", "200000"), answer("20000", "200000")]);
        let http = Http::new(Settings {
            limits: Limits {
                daily_reserve: 20_000,
                ..limits()
            },
            ..settings(Side::Ghl, &server, SECRET)
        })
        .unwrap();
        http.send::<Value>(&read()).unwrap();
        assert_eq!(
            http.quota_left(),
            Some(Quota {
                remaining: 20_001,
                limit: Some(200_000)
            })
        );
        http.send::<Value>(&read()).unwrap();
        assert_eq!(
            http.send::<Value>(&read()).unwrap_err().kind,
            RemoteErrorKind::Quota
        );
        assert_eq!(server.take().len(), 2);

        // A small account is not locked out by a reserve made for a large one.
        let server = Server::new([answer("9999", "10000"), answer("1000", "10000")]);
        let http = Http::new(Settings {
            limits: Limits {
                daily_reserve: 20_000,
                ..limits()
            },
            ..settings(Side::Ghl, &server, SECRET)
        })
        .unwrap();
        http.send::<Value>(&read()).unwrap();
        http.send::<Value>(&read()).unwrap();
        assert_eq!(
            http.send::<Value>(&read()).unwrap_err().kind,
            RemoteErrorKind::Quota
        );
    }

    #[test]
    fn a_429_with_nothing_left_of_the_day_is_the_quota() {
        let server =
            Server::new([Scripted::json(429, json!({})).with("x-ratelimit-daily-remaining", "0")]);
        let error = client(&server).send::<Value>(&create()).unwrap_err();
        assert_eq!(
            (error.kind, error.status),
            (RemoteErrorKind::Quota, Some(429))
        );
        assert_eq!(server.take().len(), 1);
    }

    #[test]
    fn the_services_clock_and_every_attempt_are_told() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&told);
        let server = Server::new([
            Scripted::json(500, json!({"message": "ada@example.com broke"})),
            Scripted::json(200, json!({})).with("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ]);
        let http = Http::new(Settings {
            trace: Arc::new(move |exchange| ear.lock().unwrap().push(exchange.clone())),
            ..settings(Side::Ghl, &server, SECRET)
        })
        .unwrap()
        .without_back_off();
        assert_eq!(http.last_date(), None);
        let request =
            Request::get("/things/{id}", &["ada@example.com"]).query("email", "ada@example.com");
        let answer = http.send::<Value>(&request).unwrap();
        assert_eq!(answer.date, Some(784_111_777_000));
        assert_eq!(http.last_date(), Some(784_111_777_000));
        let told = told.lock().unwrap();
        let brief: Vec<_> = told
            .iter()
            .map(|e| {
                (
                    e.method.as_str(),
                    e.path_pattern.as_str(),
                    e.status,
                    e.attempt,
                    e.outcome.as_str(),
                )
            })
            .collect();
        assert_eq!(
            brief,
            [
                ("GET", "/things/{id}", Some(500), 1, "trying again"),
                ("GET", "/things/{id}", Some(200), 2, "ok"),
            ]
        );
        assert!(!format!("{told:?}").contains("ada"));
    }

    #[test]
    fn no_more_than_the_limit_is_in_flight_from_many_threads() {
        let server = Server::answering(|_| Scripted::json(200, json!({})));
        let http = Http::new(Settings {
            limits: Limits {
                in_flight: 3,
                ..limits()
            },
            ..settings(Side::Bigmailer, &server, SECRET)
        })
        .unwrap();
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| http.send::<Value>(&read()).unwrap());
            }
        });
        assert_eq!(server.take().len(), 12);
        assert!(server.most_in_flight() <= 3, "{}", server.most_in_flight());
    }

    #[test]
    fn every_known_error_body_is_understood() {
        let words = |body: &str| ErrorWords::read(body.as_bytes());
        let message = |body: &str| words(body).message;
        assert_eq!(
            message(r#"{"statusCode":400,"message":"Bad Request"}"#).unwrap(),
            "Bad Request"
        );
        assert_eq!(
            message(
                r#"{"statusCode":422,"message":["a must be b","c"],"error":"Unprocessable Entity"}"#
            )
            .unwrap(),
            "a must be b; c"
        );
        assert_eq!(
            message(
                r#"{"error":"UnAuthorized!","error_description":"Authorization code not found"}"#
            )
            .unwrap(),
            "UnAuthorized!: Authorization code not found"
        );
        assert_eq!(message(r#"{"detail":"d"}"#).unwrap(), "d");
        assert_eq!(message(r#"{"message":null,"error":"e"}"#).unwrap(), "e");
        let nested = words(r#"{"error":{"code":"C1","message":"m","details":[]},"traceId":"t"}"#);
        assert_eq!(nested.message.as_deref(), Some("m"));
        assert_eq!(
            (nested.code.as_deref(), nested.trace_id.as_deref()),
            (Some("C1"), Some("t"))
        );
        let duplicate = words(
            r#"{"statusCode":400,"message":"no","meta":{"contactId":"c7","matchingField":"email"}}"#,
        );
        assert_eq!(
            (duplicate.existing.as_deref(), duplicate.param.as_deref()),
            (Some("c7"), Some("email"))
        );
        assert_eq!(message("plain words").unwrap(), "plain words");
        assert_eq!(message("<html>no</html>"), None);
        assert_eq!(message("[1]").unwrap(), "[1]");
        assert_eq!(message(""), None);
    }

    fn shown_text(text: &str, secret: &str) -> String {
        presentable(text, &[Secret::from(secret)])
    }

    #[test]
    fn no_text_lets_a_secret_through() {
        let secret = "pit-ABC/def+ghi=jkl-0123456789";
        for text in [
            "the key pit-ABC/def+ghi=jkl-0123456789 is wrong".to_owned(),
            "k=pit-ABC%2Fdef%2Bghi%3Djkl-0123456789&x".to_owned(),
            "k=pit-ABC%2fdef%2bghi%3djkl-0123456789&x".to_owned(),
            "k=pit%2DABC%2Fdef%2Bghi%3Djkl%2D0123456789&x".to_owned(),
            "starts pit-ABC/def+gh...".to_owned(),
            "ends ...jkl-0123456789".to_owned(),
            format!("{}{secret}", "x".repeat(490)),
            format!("{secret}{secret}"),
        ] {
            let shown = shown_text(&text, secret);
            for piece in ["ABC/def", "ABC%2", "def+ghi", "jkl-0123", "23456789"] {
                assert!(!shown.contains(piece), "{text} -> {shown}");
            }
            assert!(shown.contains(BLANK) || shown.ends_with('…'), "{shown}");
        }
        assert_eq!(shown_text("a key k9 here", "k9"), "a key [secret] here");
        assert_eq!(
            shown_text("all \u{1b}[31mred\nlines", "secret"),
            "all  [31mred lines"
        );
        assert_eq!(shown_text(&"ä".repeat(900), "secret").chars().count(), 500);
        assert_eq!(shown_text("müßig", ""), "müßig");
    }

    #[test]
    fn data_loses_the_secret_and_nothing_else() {
        let secret = "pit-ABC/def+ghi=jkl-0123456789";
        let shown =
            |text: &str| String::from_utf8(blank_whole(text.as_bytes().to_vec(), secret)).unwrap();
        for echoed in [
            secret.to_owned(),
            "pit-ABC\\/def+ghi=jkl-0123456789".to_owned(),
            "pit-ABC%2Fdef%2Bghi%3Djkl-0123456789".to_owned(),
            "pit%2dABC%2fdef%2bghi%3djkl%2d0123456789".to_owned(),
        ] {
            let text = format!("{{\"a\":\"{echoed}\",\"b\":[1,2]}}");
            assert_eq!(shown(&text), "{\"a\":\"[secret]\",\"b\":[1,2]}", "{echoed}");
        }
        assert_eq!(shown(&secret[..15]), BLANK);
        assert_eq!(shown(&format!("…{}", &secret[15..])), format!("…{BLANK}"));
        // Ids may look a little like it.
        for kept in ["jkl-0123456789", "pit-ABC/def", "", "ü"] {
            assert_eq!(shown(kept), kept);
        }
        assert_eq!(blank_whole(b"\xff\x00pit".to_vec(), secret), b"\xff\x00pit");
    }

    #[test]
    fn a_secret_that_is_echoed_does_not_reach_the_error() {
        let body = json!({"message": format!("unknown token {SECRET}"), "traceId": SECRET, "code": SECRET});
        let server = Server::new([Scripted::json(401, body)]);
        let error = client(&server).send::<Value>(&read()).unwrap_err();
        assert!(!format!("{error:?}").contains("89ef"), "{error:?}");
        assert!(error.message.contains(BLANK));
    }

    #[test]
    fn a_secret_that_no_header_can_carry_is_an_auth_error() {
        let server = Server::new([]);
        let error = Http::new(settings(Side::Ghl, &server, "two\nlines"))
            .err()
            .unwrap();
        assert_eq!(error.kind, RemoteErrorKind::Auth);
        assert!(!format!("{error:?}").contains("lines"));
    }

    /// A token that is renewed `left` times.
    struct Rotating {
        number: Mutex<u32>,
        left: u32,
    }

    impl crate::credentials::Renew for Rotating {
        fn token(&self) -> Result<Secret, RenewalError> {
            Ok(format!("token-{}", self.number.lock().unwrap()).into())
        }

        fn renewed(&self, refused: &Secret) -> Result<Secret, RenewalError> {
            let mut number = self.number.lock().unwrap();
            if refused.expose_secret() == format!("token-{number}") {
                if *number == self.left {
                    return Err(RenewalError::Ended("it was used".to_owned()));
                }
                *number += 1;
            }
            Ok(format!("token-{number}").into())
        }
    }

    fn rotating(server: &Server, left: u32) -> (Http, Arc<Rotating>) {
        let source = Arc::new(Rotating {
            number: Mutex::new(0),
            left,
        });
        let http = Http::new(Settings {
            credential: Credential::Renewed(Arc::clone(&source) as _),
            ..settings(Side::Ghl, server, "unused")
        })
        .unwrap()
        .telling_old_tokens(|words| words.contains("Invalid JWT"))
        .without_back_off();
        (http, source)
    }

    #[test]
    fn a_refused_token_is_renewed_once_and_the_call_made_again() {
        let old = || Scripted::json(401, json!({"message": "Invalid JWT"}));
        // Nobody acted on what was not let in, so any request may go again.
        let server = Server::new([old(), Scripted::json(201, json!({"id": "x"}))]);
        let (http, _) = rotating(&server, 9);
        http.send::<Value>(&create()).unwrap();
        let seen = server.take();
        let keys: Vec<_> = seen.iter().map(|s| s.header("authorization")).collect();
        assert_eq!(keys, [Some("Bearer token-0"), Some("Bearer token-1")]);
        assert_eq!(seen[0].body, seen[1].body);

        // Once a call: what refuses the new token, too, refuses something else.
        let server = Server::new([old(), old()]);
        let (http, _) = rotating(&server, 9);
        let error = http.send::<Value>(&read()).unwrap_err();
        assert_eq!(
            (error.kind, error.status),
            (RemoteErrorKind::Auth, Some(401))
        );
        assert_eq!(server.take().len(), 2);

        // A missing scope is not a matter of age.
        let scope = json!({"message": "The token is not authorized for this scope."});
        let server = Server::new([Scripted::json(401, scope)]);
        let (http, source) = rotating(&server, 9);
        let error = http.send::<Value>(&read()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Auth);
        assert_eq!(*source.number.lock().unwrap(), 0);

        // Nothing more to be had.
        let server = Server::new([old()]);
        let (http, _) = rotating(&server, 0);
        let error = http.send::<Value>(&read()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Auth);
        assert!(error.message.contains("the login has ended"), "{error}");
        assert!(!format!("{error:?}").contains("token-0"), "{error:?}");
    }

    #[test]
    fn calls_that_are_refused_at_once_share_one_renewal() {
        let server = Server::answering(|seen| match seen.header("authorization") {
            Some("Bearer token-0") => Scripted::json(401, json!({"message": "Invalid JWT"})),
            _ => Scripted::json(200, json!({})),
        });
        let (http, source) = rotating(&server, 9);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| http.send::<Value>(&read()).unwrap());
            }
        });
        assert_eq!(*source.number.lock().unwrap(), 1);
    }
}
