//! Waiting for somebody to come back from the page of a login: by the browser itself where the
//! redirect leads to this machine, by pasting the address otherwise.
//!
//! Start reading at [`Door::open`] and [`wait`].

use std::io::{self, BufRead, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use url::{Host, Url};

use crate::api::ghl::oauth::{Back, read_back};

/// How often the door and a request to end are looked after.
const LOOK: Duration = Duration::from_millis(50);

/// A visitor that sends nothing is not waited for.
const VISITOR_PATIENCE: Duration = Duration::from_secs(2);

/// The head of a browser's request is shorter, even with a long code.
const LONGEST_HEAD: u64 = 32 * 1024;

/// Who came back, and how.
enum Arrival {
    /// By the browser; whoever is not welcome gets told there. The receiver ends when that is done.
    Browser(String, Sender<Result<(), String>>, Receiver<()>),
    Pasted(String),
    /// Nothing more can be pasted.
    NoPaste,
}

/// The address of this machine that a login comes back to.
pub struct Door {
    listeners: Vec<TcpListener>,
    path: String,
}

impl Door {
    /// Listens where `redirect` leads to; `None` where that is not this machine.
    ///
    /// # Errors
    /// Where the port is taken.
    pub fn open(redirect: &Url) -> io::Result<Option<Door>> {
        let (v4, v6) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
        let hosts: Vec<std::net::IpAddr> = match redirect.host() {
            _ if redirect.scheme() != "http" => return Ok(None),
            Some(Host::Domain("localhost")) => vec![v4, v6],
            Some(Host::Ipv4(ip)) if ip.is_loopback() => vec![ip.into()],
            Some(Host::Ipv6(ip)) if ip.is_loopback() => vec![ip.into()],
            _ => return Ok(None),
        };
        let port = redirect.port_or_known_default().unwrap_or(80);
        let mut listeners = Vec::new();
        let mut failed = None;
        for host in hosts {
            match TcpListener::bind(SocketAddr::new(host, port)) {
                Ok(listener) => listeners.push(listener),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            // A machine may have one of the two addresses alone.
            Some(error) if listeners.is_empty() => Err(error),
            _ => Ok(Some(Door {
                listeners,
                path: redirect.path().to_owned(),
            })),
        }
    }

    /// Lets visitors in until it is closed.
    fn serve(self, arrivals: &Sender<Arrival>) -> io::Result<Open> {
        let over = Arc::new(AtomicBool::new(false));
        let mut addresses = Vec::new();
        for listener in self.listeners {
            addresses.push(listener.local_addr()?);
            let (path, arrivals) = (self.path.clone(), arrivals.clone());
            let over = Arc::clone(&over);
            thread::spawn(move || {
                for visitor in listener.incoming() {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let Ok(visitor) = visitor else { continue };
                    let (path, arrivals) = (path.clone(), arrivals.clone());
                    thread::spawn(move || receive(visitor, &path, &arrivals));
                }
            });
        }
        Ok(Open { addresses, over })
    }
}

/// A door that somebody waits behind; closed when dropped.
struct Open {
    addresses: Vec<SocketAddr>,
    over: Arc<AtomicBool>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for address in &self.addresses {
            // A last visitor, for the one behind the door to look up.
            let _ = TcpStream::connect_timeout(address, VISITOR_PATIENCE);
        }
    }
}

/// Answers one request.
fn receive(mut visitor: TcpStream, path: &str, arrivals: &Sender<Arrival>) {
    let _ = visitor.set_read_timeout(Some(VISITOR_PATIENCE));
    let _ = visitor.set_write_timeout(Some(VISITOR_PATIENCE));
    let Some(target) = request_target(&mut visitor) else {
        return;
    };
    let asked = target.split(['?', '#']).next().unwrap_or_default();
    // Browsers ask for an icon, too.
    if asked != path {
        return answer(&mut visitor, "404 Not Found", "There is nothing here.");
    }
    let (sender, verdict) = mpsc::channel();
    let (_done, told) = mpsc::channel();
    if arrivals
        .send(Arrival::Browser(target, sender, told))
        .is_err()
    {
        return answer(&mut visitor, "410 Gone", "This login is over.");
    }
    match verdict.recv_timeout(VISITOR_PATIENCE) {
        Ok(Ok(())) => answer(
            &mut visitor,
            "200 OK",
            "You can close this page and return to the terminal.",
        ),
        Ok(Err(why)) => answer(
            &mut visitor,
            "400 Bad Request",
            &format!("This did not work: {why}. The terminal says what to do next."),
        ),
        Err(_) => answer(&mut visitor, "410 Gone", "This login is over."),
    }
}

/// What the first line asks for, once the whole head has come.
fn request_target(visitor: &mut TcpStream) -> Option<String> {
    let mut lines = io::BufReader::new(visitor.take(LONGEST_HEAD));
    let mut first = String::new();
    lines.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 || line.trim().is_empty() {
            break;
        }
    }
    let mut words = first.split_whitespace();
    let target = words
        .next()
        .filter(|method| *method == "GET")
        .and(words.next());
    target.map(str::to_owned)
}

fn answer(visitor: &mut TcpStream, status: &str, sentence: &str) {
    let sentence = sentence.replace('&', "&amp;").replace('<', "&lt;");
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>ghl-bm</title>\
         <body style=\"font-family:sans-serif;margin:4em\"><p>{sentence}</p></body>\n"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n",
        page.len()
    );
    // Whoever does not listen any more misses a friendly word and nothing else.
    let _ = visitor.write_all((head + &page).as_bytes());
}

/// How the wait for somebody ended without a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCode {
    /// The page itself said no, or what was pasted cannot be used and nothing else can come.
    Refused(String),
    /// Nobody came in time.
    TooLate,
    /// Nothing can be pasted, and no browser can come back here.
    NoWay,
    Stopped,
}

/// What is waited with.
pub struct Waiting<'a> {
    pub door: Option<Door>,
    /// Lines that somebody pastes.
    pub lines: Option<Receiver<io::Result<String>>>,
    pub state: &'a str,
    pub patience: Duration,
    /// Waits; true when the command is to end.
    pub pause: &'a dyn Fn(Duration) -> bool,
    /// Told to whoever pasted something of no use.
    pub complain: &'a dyn Fn(&str),
}

/// Waits until somebody comes back with a code of this login.
///
/// # Errors
/// [`NoCode`].
pub fn wait(waiting: Waiting<'_>) -> Result<Back, NoCode> {
    let (sender, arrivals) = mpsc::channel();
    let mut ways = 0;
    let open = waiting.door.map(|door| door.serve(&sender));
    // Where even this fails, the address can still be pasted.
    let open = open.and_then(Result::ok);
    if open.is_some() {
        ways += 1;
    }
    if let Some(lines) = waiting.lines {
        ways += 1;
        thread::spawn(move || {
            for line in lines.iter().map_while(Result::ok) {
                if !line.trim().is_empty() && sender.send(Arrival::Pasted(line)).is_err() {
                    return;
                }
            }
            let _ = sender.send(Arrival::NoPaste);
        });
    } else {
        drop(sender);
    }
    meet(
        &arrivals,
        ways,
        waiting.state,
        waiting.patience,
        waiting.pause,
        waiting.complain,
    )
}

fn meet(
    arrivals: &Receiver<Arrival>,
    mut ways: u32,
    state: &str,
    patience: Duration,
    pause: &dyn Fn(Duration) -> bool,
    complain: &dyn Fn(&str),
) -> Result<Back, NoCode> {
    let began = Instant::now();
    let mut last = None;
    while ways > 0 {
        if began.elapsed() >= patience {
            return Err(NoCode::TooLate);
        }
        let arrival = match arrivals.try_recv() {
            Ok(arrival) => arrival,
            Err(_) if pause(LOOK) => return Err(NoCode::Stopped),
            Err(_) => continue,
        };
        match arrival {
            Arrival::NoPaste => ways -= 1,
            Arrival::Browser(target, verdict, told) => {
                let back = ours(&target, state);
                // Somebody who guesses at the door ends nobody's login; the page's own refusal does.
                let refusal = back
                    .as_ref()
                    .err()
                    .filter(|_| said_no(&target, state))
                    .cloned();
                let _ = verdict.send(back.as_ref().map(drop).map_err(Clone::clone));
                // The program may end now, and the page should not stay empty.
                let _ = told.recv_timeout(VISITOR_PATIENCE);
                match (back, refusal) {
                    (Ok(back), _) => return Ok(back),
                    (Err(_), Some(why)) => return Err(NoCode::Refused(why)),
                    (Err(why), None) => complain(&format!("somebody came back in vain: {why}")),
                }
            }
            Arrival::Pasted(line) => match ours(&line, state) {
                Ok(back) => return Ok(back),
                Err(why) => {
                    complain(&why);
                    last = Some(why);
                }
            },
        }
    }
    Err(last.map_or(NoCode::NoWay, NoCode::Refused))
}

/// The code, if it is of this login. Without a state it may be, and the code proves itself.
fn ours(text: &str, state: &str) -> Result<Back, String> {
    let back = read_back(text)?;
    match &back.state {
        Some(other) if other != state => Err("it is of another login".to_owned()),
        _ => Ok(back),
    }
}

/// The page sent somebody of this login back without a code.
fn said_no(target: &str, state: &str) -> bool {
    let query = target
        .split_once('?')
        .map(|(_, query)| query)
        .unwrap_or_default();
    let value = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    value("error").is_some() && value("state").is_none_or(|other| other == state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn ask(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(port: u16, target: &str) -> String {
        ask(
            port,
            &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        )
    }

    fn door(path: &str) -> (Door, u16) {
        let redirect = Url::parse(&format!("http://127.0.0.1:0{path}")).unwrap();
        let door = Door::open(&redirect).unwrap().unwrap();
        let port = door.listeners[0].local_addr().unwrap().port();
        (door, port)
    }

    /// Waits with a door and lines, while `visit` does something.
    fn waited(
        door: Option<Door>,
        lines: &[&str],
        visit: impl FnOnce() + Send,
    ) -> (Result<String, NoCode>, Vec<String>) {
        let complaints = std::cell::RefCell::new(Vec::new());
        let (sender, receiver) = mpsc::channel();
        for line in lines {
            sender.send(Ok((*line).to_owned())).unwrap();
        }
        drop(sender);
        let code = thread::scope(|scope| {
            scope.spawn(visit);
            wait(Waiting {
                door,
                lines: Some(receiver),
                state: "S1",
                patience: Duration::from_secs(20),
                pause: &|pause| {
                    thread::park_timeout(pause);
                    false
                },
                complain: &|why| complaints.borrow_mut().push(why.to_owned()),
            })
        });
        let code = code.map(|back| back.code.expose_secret().to_owned());
        (code, complaints.into_inner())
    }

    #[test]
    fn a_browser_that_comes_back_brings_the_code_and_is_thanked() {
        let (door, port) = door("/any/path");
        let (code, _) = waited(Some(door), &[], move || {
            assert!(get(port, "/favicon.ico").starts_with("HTTP/1.1 404"));
            let stranger = get(port, "/any/path?code=x&state=S2");
            assert!(stranger.starts_with("HTTP/1.1 400"), "{stranger}");
            assert!(ask(port, "POST /any/path HTTP/1.1\r\n\r\n").is_empty());
            // Says nothing, and keeps nobody waiting.
            let silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            let thanks = get(port, "/any/path?code=C%2B1&state=S1");
            assert!(thanks.starts_with("HTTP/1.1 200"), "{thanks}");
            assert!(thanks.contains("return to the terminal"));
            drop(silent);
        });
        assert_eq!(code, Ok("C+1".to_owned()));
    }

    #[test]
    fn the_page_may_say_no() {
        let (door, port) = door("/x");
        let (code, _) = waited(Some(door), &[], move || {
            let page = get(
                port,
                "/x?error=access_denied&error_description=not%20%3Cyou%3E&state=S1",
            );
            assert!(page.contains("access_denied: not &lt;you>"), "{page}");
        });
        assert_eq!(
            code,
            Err(NoCode::Refused(
                "the page says access_denied: not <you>".to_owned()
            ))
        );
    }

    #[test]
    fn what_is_pasted_may_be_an_address_or_a_code() {
        for (line, code) in [
            ("http://localhost:3000/x?code=abc&state=S1#top", "abc"),
            (" \"https://example.com/cb?x=1&code=a%2Fb\" ", "a/b"),
            ("code=abc&state=S1", "abc"),
            ("abc-123", "abc-123"),
        ] {
            assert_eq!(
                waited(None, &[line], || {}).0,
                Ok(code.to_owned()),
                "{line}"
            );
        }
        let (code, complaints) = waited(
            None,
            &[
                "https://example.com/x?state=S1",
                "",
                "http://x/?code=c&state=S9",
                "good",
            ],
            || {},
        );
        assert_eq!(code, Ok("good".to_owned()));
        assert_eq!(
            complaints,
            ["there is no code in this address", "it is of another login"]
        );
        let (code, _) = waited(None, &["two words"], || {});
        assert!(matches!(code, Err(NoCode::Refused(_))));
        assert_eq!(waited(None, &[], || {}).0, Err(NoCode::NoWay));
    }

    #[test]
    fn only_this_machine_has_a_door() {
        for redirect in [
            "https://localhost:3000/",
            "http://example.com/",
            "http://10.0.0.1/",
        ] {
            assert!(
                Door::open(&Url::parse(redirect).unwrap())
                    .unwrap()
                    .is_none()
            );
        }
        let (_door, port) = door("/");
        let taken = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        assert!(Door::open(&taken).is_err());
    }
}
