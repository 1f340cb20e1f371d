//! A loopback server for the tests of this room: canned answers in order, or a function.
//!
//! It knows no service and checks nothing by itself; what it saw can be taken and compared.
//! Start reading at [`Server::new`].

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use super::http::{Limits, Settings, check_base_url};
use crate::contact::Side;
use crate::credentials::Secret;
use crate::stop::Stop;

/// What the server answers.
#[derive(Debug, Clone)]
pub enum Reply {
    Whole {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    /// A success that promises more than it sends.
    Cut,
    /// The connection ends without a word.
    Drop,
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Reply {
        Reply::text(status, &body.to_string())
    }

    pub fn text(status: u16, body: &str) -> Reply {
        Reply::Whole {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Reply {
        if let Reply::Whole { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name)?;
        Some(&found.1)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Method and target in one line, without the base path.
    pub fn line(&self) -> String {
        format!(
            "{} {}",
            self.method,
            self.target.trim_start_matches("/base")
        )
    }
}

type Answering = dyn Fn(&Seen) -> Reply + Send + Sync;

pub struct Server {
    pub port: u16,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    answering: Box<Answering>,
    seen: Mutex<Vec<Seen>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    over: AtomicBool,
}

impl Server {
    /// Gives these answers in order; a request beyond them is answered 599 and seen by the test.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Server {
        let replies = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
        Server::answering(move |_| {
            let next = replies.lock().unwrap().pop_front();
            next.unwrap_or_else(|| Reply::text(599, "nothing more is scripted"))
        })
    }

    pub fn answering(answering: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            answering: Box::new(answering),
            seen: Mutex::new(Vec::new()),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.over.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&accepting)) else {
                    continue;
                };
                std::thread::spawn(move || shared.talk(stream));
            }
        });
        Server {
            port,
            shared,
            accepting: Some(thread),
        }
    }

    /// The requests since the last time.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }

    pub fn most_in_flight(&self) -> usize {
        self.shared.most_in_flight.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the accepting thread; once it has ended, the port is closed.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.accepting.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn talk(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some(seen) = read_request(&mut reader) {
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(now, Ordering::SeqCst);
            self.seen.lock().unwrap().push(seen.clone());
            let reply = (self.answering)(&seen);
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            let (text, goes_on) = match reply {
                Reply::Whole {
                    status,
                    headers,
                    body,
                } => {
                    let mut text = format!(
                        "HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n",
                        body.len()
                    );
                    for (name, value) in headers {
                        text.push_str(&format!("{name}: {value}\r\n"));
                    }
                    (format!("{text}\r\n{body}"), true)
                }
                Reply::Cut => (
                    "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"x\":".to_owned(),
                    false,
                ),
                Reply::Drop => (String::new(), false),
            };
            if stream.write_all(text.as_bytes()).is_err() || !goes_on {
                let _ = stream.shutdown(std::net::Shutdown::Both);
                return;
            }
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let method = words.next()?.to_owned();
    let target = words.next()?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen {
        method,
        target,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

/// No limits: what they do is tested without sockets.
pub fn limits() -> Limits {
    Limits {
        share: 1.0,
        max_per_window: Some(0),
        window: Duration::from_secs(1),
        in_flight: 16,
        daily_reserve: 0,
    }
}

pub fn settings(side: Side, server: &Server, secret: &str) -> Settings {
    Settings {
        side,
        base_url: check_base_url(&format!("http://127.0.0.1:{}/base/", server.port)).unwrap(),
        credential: Secret::from(secret).into(),
        hidden: Vec::new(),
        limits: limits(),
        stop: Stop::new(),
        trace: Arc::new(|_| {}),
    }
}
