//! The world of one test: a sandbox, a home of its own, and the binary in a cleared environment.
//!
//! It never lets a variable or a file of the machine's owner in. Start reading at [`Env::new`] and
//! [`Env::run`]; people are made with [`Env::ghl_contact`] and looked at with [`Env::brand`].

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use ghl_bm::sandbox::{Hold, Options, Phase, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_ghl-bm");

/// Longer than anything here takes; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The profile of the tests: names, a score and a date, two lists. Pacing costs no time.
pub const PROFILE: &str = r#"version = 1

[ghl]
location_id = "LOCATION_ID"

[bigmailer]
brand_id = "BRAND_ID"

[filter]
tags_none = ["internal"]

[[field]]
ghl = "firstName"
bigmailer = "FIRST_NAME"

[[field]]
ghl = "lastName"
bigmailer = "LAST_NAME"

[[field]]
ghl = "companyName"
bigmailer = "COMPANY"

[[field]]
ghl = "custom.lead_score"
bigmailer = "LEAD_SCORE"
type = "integer"
transform = ["round"]

[[field]]
ghl = "custom.renewal"
bigmailer = "RENEWAL"
type = "date"

[[list]]
tag = "customer"
list = "Customers"

[[list]]
tag = "newsletter"
list = "Newsletter"

[limits]
ghl_per_10s = 100000
bigmailer_per_second = 0
"#;

/// A sandbox that answers at once: no rate limits, batches that are ready at the first poll.
pub fn quick() -> Options {
    Options {
        limits: false,
        batch_time: Duration::ZERO,
        ..Options::default()
    }
}

/// Two services without anybody in them; fields and lists are there.
pub fn empty() -> Options {
    Options {
        contacts: 0,
        empty_brand: true,
        ..quick()
    }
}

/// One test's world.
pub struct Env {
    pub sandbox: Sandbox,
    pub root: TempDir,
    vars: BTreeMap<String, String>,
}

impl Env {
    /// A running sandbox and the profile [`PROFILE`].
    pub fn new(options: Options) -> Env {
        let sandbox = Sandbox::start(options).unwrap();
        let root = tempfile::tempdir().unwrap();
        let mut vars = base(root.path());
        for (name, value) in [
            ("GHL_BM_GHL_URL", sandbox.ghl_url()),
            ("GHL_BM_BIGMAILER_URL", sandbox.bigmailer_url()),
            ("GHL_BM_GHL_TOKEN", sandbox.ghl_token().to_owned()),
            (
                "GHL_BM_BIGMAILER_API_KEY",
                sandbox.bigmailer_key().to_owned(),
            ),
        ] {
            vars.insert(name.to_owned(), value);
        }
        let env = Env {
            sandbox,
            root,
            vars,
        };
        env.profile(PROFILE);
        env
    }

    // ---- the environment of the binary

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.vars.insert(name.to_owned(), value.into());
    }

    pub fn unset(&mut self, name: &str) {
        self.vars.remove(name);
    }

    pub fn config(&self) -> PathBuf {
        self.root.path().join("config")
    }

    pub fn state_file(&self) -> PathBuf {
        self.root.path().join("state").join("default.db")
    }

    pub fn profile_file(&self) -> PathBuf {
        self.config().join("profiles").join("default.toml")
    }

    /// Replaces the profile; the ids are filled in.
    pub fn profile(&self, text: &str) {
        let text = text
            .replace("LOCATION_ID", self.sandbox.location_id())
            .replace("BRAND_ID", self.sandbox.brand_id());
        let path = self.profile_file();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    // ---- the binary

    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(args)
            .env_clear()
            .envs(&self.vars)
            .current_dir(self.root.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    pub fn run_with_input<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: &str,
    ) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // The program may refuse before it reads.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        Ran::from(child.wait_with_output().unwrap())
    }

    /// Starts the binary and lets it run.
    pub fn start<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Running {
        let child = self
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Running(Some(child))
    }

    /// One sync that has to end well; its document.
    pub fn sync(&self) -> Value {
        self.sync_with(&[])
    }

    pub fn sync_with(&self, args: &[&str]) -> Value {
        let ran = self.run(["sync", "--json"].iter().chain(args));
        ran.expect(0);
        ran.json()
    }

    /// Starts a sync, waits until its n-th request stands still, and hands both over.
    pub fn sync_held(&self, n: usize, phase: Phase) -> (Running, Hold) {
        let hold = self.sandbox.hold_at(n, phase);
        let running = self.start(["sync", "--json"]);
        assert!(hold.wait_reached(PATIENCE), "request {n} never came");
        (running, hold)
    }

    // ---- the world

    /// The body of an admin request that has to succeed.
    pub fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, body) = self.sandbox.admin(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {body}");
        body
    }

    pub fn fault(&self, rule: &str) {
        self.admin("POST", "/faults", json!({"rule": rule}));
    }

    /// How many requests each fault rule struck, in order.
    pub fn struck(&self) -> Vec<u64> {
        self.admin("GET", "/faults", Value::Null)["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["struck"].as_u64().unwrap())
            .collect()
    }

    pub fn no_faults(&self) {
        self.admin("DELETE", "/faults", Value::Null);
    }

    /// Makes a HighLevel contact; its id.
    pub fn ghl_contact(&self, contact: Value) -> String {
        let made = self.admin("POST", "/ghl/contacts", contact);
        made["id"].as_str().unwrap().to_owned()
    }

    pub fn edit_ghl(&self, id: &str, change: Value) {
        self.admin("PATCH", &format!("/ghl/contacts/{id}"), change);
    }

    /// Makes a BigMailer contact; its id.
    pub fn bm_contact(&self, contact: Value) -> String {
        let made = self.admin("POST", "/bigmailer/contacts", contact);
        made["id"].as_str().unwrap().to_owned()
    }

    pub fn edit_bm(&self, id: &str, change: Value) {
        self.admin("PATCH", &format!("/bigmailer/contacts/{id}"), change);
    }

    /// The id of the HighLevel contact with this address.
    pub fn ghl_id(&self, email: &str) -> String {
        let email = email.replace('+', "%2B");
        let found = self.admin("GET", &format!("/ghl/contacts?email={email}"), Value::Null);
        found["contacts"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Everybody in the brand as the API shows them, by address.
    pub fn brand(&self) -> BTreeMap<String, Value> {
        let all = self.admin("GET", "/bigmailer/contacts", Value::Null);
        let all = all["contacts"].as_array().unwrap();
        let people: BTreeMap<String, Value> = all
            .iter()
            .map(|person| (person["email"].as_str().unwrap().to_owned(), person.clone()))
            .collect();
        assert_eq!(
            people.len(),
            all.len(),
            "one address, two contacts: {all:?}"
        );
        people
    }

    /// Like [`Env::brand`] without what the service gives by chance: ids, times, order.
    pub fn people(&self) -> BTreeMap<String, Value> {
        let mut people = self.brand();
        for person in people.values_mut() {
            let person = person.as_object_mut().unwrap();
            person.remove("id");
            person.remove("created");
            for key in ["field_values", "list_ids", "unsubscribe_ids"] {
                let list = person.get_mut(key).unwrap().as_array_mut().unwrap();
                list.sort_by_key(Value::to_string);
            }
        }
        people
    }

    /// Everybody of both sides without what the services give by chance: BigMailer's by address, with
    /// the address of whose id it carries; HighLevel's by `ghl ADDRESS`, with the texts of notes and
    /// tasks and the channels that are blocked.
    pub fn both_sides(&self) -> BTreeMap<String, Value> {
        let mut people = self.people();
        let all = self.admin("GET", "/ghl/contacts", Value::Null);
        let all = all["contacts"].as_array().unwrap();
        let mut addresses = BTreeMap::new();
        for one in all {
            let id = one["id"].as_str().unwrap();
            let address = one["email"].as_str().unwrap_or("").to_lowercase();
            addresses.insert(id.to_owned(), address.clone());
            let texts = |word: &str, key: &str| {
                let path = format!("/ghl/{word}?contactId={id}");
                let found = self.admin("GET", &path, Value::Null);
                let found = found[word].as_array().unwrap();
                let mut texts: Vec<String> = found.iter().map(|it| it[key].to_string()).collect();
                texts.sort();
                texts
            };
            let sorted = |value: &Value| {
                let mut words: Vec<String> = value
                    .as_array()
                    .map(|all| all.iter().map(Value::to_string).collect())
                    .unwrap_or_default();
                words.sort();
                words
            };
            let channels = one["dndSettings"].as_object().cloned().unwrap_or_default();
            let blocked: Vec<&String> = channels
                .iter()
                .filter(|(_, channel)| channel["status"] == "active")
                .map(|(name, _)| name)
                .collect();
            let shown = json!({
                "firstName": one["firstName"], "companyName": one["companyName"],
                "tags": sorted(&one["tags"]), "custom": sorted(&one["customFields"]),
                "dnd": one["dnd"], "blocked": blocked,
                "notes": texts("notes", "body"), "tasks": texts("tasks", "title"),
            });
            let twice = people.insert(format!("ghl {address}"), shown);
            assert_eq!(twice, None, "one address, two contacts: {address}");
        }
        for person in people.values_mut() {
            let values = person.get_mut("field_values").and_then(Value::as_array_mut);
            for value in values.into_iter().flatten() {
                if value["name"] == "GHL_CONTACT_ID"
                    && let Some(address) = addresses.get(value["string"].as_str().unwrap())
                {
                    value["string"] = json!(address);
                }
            }
        }
        people
    }

    /// How many mails went out to each BigMailer contact, by id.
    pub fn mails(&self) -> BTreeMap<String, usize> {
        let all = self.admin("GET", "/bigmailer/mails", Value::Null);
        let mut sent = BTreeMap::new();
        for mail in all["mails"].as_array().unwrap() {
            *sent.entry(mail["contact_id"].to_string()).or_default() += 1;
        }
        sent
    }

    /// One BigMailer contact.
    pub fn person(&self, email: &str) -> Value {
        self.brand()
            .remove(email)
            .unwrap_or_else(|| panic!("BigMailer has no {email}"))
    }

    /// The id of a list of the brand.
    pub fn list_id(&self, name: &str) -> String {
        let lists = self.admin("GET", "/bigmailer/lists", Value::Null);
        let lists = lists["lists"].as_array().unwrap();
        let list = lists.iter().find(|list| list["name"] == name).unwrap();
        list["id"].as_str().unwrap().to_owned()
    }

    /// The id of a custom field of the location, by key.
    pub fn custom_field(&self, key: &str) -> String {
        let fields = self.ghl_get(&format!(
            "/locations/{}/customFields",
            self.sandbox.location_id()
        ));
        let fields = fields["customFields"].as_array().unwrap();
        let wanted = format!("contact.{key}");
        let field = fields.iter().find(|field| field["fieldKey"] == wanted);
        field.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Asks the HighLevel service itself, over a plain socket.
    fn ghl_get(&self, path: &str) -> Value {
        let host = self.sandbox.ghl_url().replace("http://", "");
        let mut stream = std::net::TcpStream::connect(&host).unwrap();
        let token = self.sandbox.ghl_token();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nversion: 2021-07-28\r\n\
             authorization: Bearer {token}\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("content-length"), "{head}");
        serde_json::from_str(body).unwrap()
    }

    /// Requests that changed something, as `METHOD path` with what they were answered.
    pub fn writes(&self) -> Vec<String> {
        self.sandbox
            .requests()
            .iter()
            .filter(|one| one.changed)
            .map(|one| format!("{} {} {}", one.method, one.path, one.status))
            .collect()
    }

    /// Makes the state believe that batches without an answer were sent long ago, as they will have
    /// been when cron starts the next run. Until then the program gives them half a minute to land.
    pub fn age_intents(&self) {
        let Ok(db) = rusqlite::Connection::open(self.state_file()) else {
            return;
        };
        // A run that was killed at once has made no tables yet.
        let _ = db.execute("UPDATE intent SET at = at - 3600000", []);
    }

    /// Forgets the request log.
    pub fn forget_requests(&self) {
        self.admin("DELETE", "/requests", Value::Null);
    }

    /// Runs once more and makes sure that there was nothing left to do.
    pub fn assert_settled(&self) {
        let before = self.brand();
        self.forget_requests();
        let document = self.sync();
        assert_eq!(self.writes(), Vec::<String>::new(), "{document}");
        assert_eq!(self.brand(), before);
    }
}

/// The variables that the binary needs at all.
fn base(root: &Path) -> BTreeMap<String, String> {
    let place = |name: &str| root.join(name).display().to_string();
    [
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("HOME", place("home")),
        ("XDG_CONFIG_HOME", place("home/config")),
        ("XDG_STATE_HOME", place("home/state")),
        ("XDG_DATA_HOME", place("home/data")),
        ("TMPDIR", root.display().to_string()),
        ("GHL_BM_CONFIG_DIR", place("config")),
        ("GHL_BM_STATE_DIR", place("state")),
        ("GHL_BM_CREDENTIAL_STORE", "env".to_owned()),
        ("GHL_BM_NO_INPUT", "1".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// A home without services, for what needs none or brings its own sandbox.
pub struct Home {
    pub root: TempDir,
    vars: BTreeMap<String, String>,
}

impl Home {
    pub fn new() -> Home {
        let root = tempfile::tempdir().unwrap();
        let mut vars = base(root.path());
        // What a machine looks like that has never seen the program.
        for name in [
            "GHL_BM_CONFIG_DIR",
            "GHL_BM_STATE_DIR",
            "GHL_BM_CREDENTIAL_STORE",
        ] {
            vars.remove(name);
        }
        Home { root, vars }
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.vars.insert(name.to_owned(), value.into());
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(args)
            .env_clear()
            .envs(&self.vars)
            .current_dir(self.root.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }
}

/// How a run of the binary ended and what it said.
#[must_use]
#[derive(Debug, Clone)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub fn expect(&self, code: i32) {
        assert_eq!(
            self.code,
            Some(code),
            "stdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }

    /// The one JSON error on stderr, among lines of talk.
    #[track_caller]
    pub fn error(&self) -> Value {
        let documents: Vec<Value> = self
            .stderr
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(documents.len(), 1, "{}", self.stderr);
        assert_eq!(documents[0]["schema_version"], 1);
        let error = documents[0]["error"].clone();
        assert_eq!(
            error["exit_code"].as_i64(),
            self.code.map(i64::from),
            "{error}"
        );
        error
    }

    /// Everything that was said.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Fails unless stderr says all of it.
    #[track_caller]
    pub fn says(&self, parts: &[&str]) {
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "stderr lacks {part:?}:\n{}",
                self.stderr
            );
        }
    }
}

/// A binary under way; killed when dropped.
pub struct Running(Option<Child>);

impl Running {
    pub fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// SIGKILL, and wait until it is dead.
    pub fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Sends a signal by name, such as `INT`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([format!("-{name}"), self.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    pub fn wait(mut self) -> Ran {
        Ran::from(self.0.take().unwrap().wait_with_output().unwrap())
    }

    pub fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Every key of a document with its way from the root, list items as `[]`.
pub fn keys(value: &Value) -> Vec<String> {
    fn walk(value: &Value, way: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    let way = if way.is_empty() {
                        key.clone()
                    } else {
                        format!("{way}.{key}")
                    };
                    found.push(way.clone());
                    walk(member, &way, found);
                }
            }
            Value::Array(items) => {
                for item in items {
                    walk(item, &format!("{way}[]"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found.sort();
    found.dedup();
    found
}

/// The value of a field of a BigMailer contact.
pub fn field(person: &Value, name: &str) -> Value {
    person["field_values"]
        .as_array()
        .unwrap()
        .iter()
        .find(|value| value["name"] == name)
        .map_or(Value::Null, |value| {
            ["string", "integer", "date"]
                .iter()
                .find_map(|key| value.get(key))
                .cloned()
                .unwrap()
        })
}

/// Whether a BigMailer contact is on a list.
pub fn on_list(person: &Value, list: &str) -> bool {
    person["list_ids"]
        .as_array()
        .unwrap()
        .iter()
        .any(|id| id == list)
}

/// Does the same with every case at the same time, a few at once: most of them wait.
pub fn each<T: Sync>(cases: &[T], act: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..16.min(cases.len()))
            .map(|_| {
                scope.spawn(|| {
                    while let Some(case) =
                        cases.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                    {
                        act(case);
                    }
                })
            })
            .collect();
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}
