//! Requests and answers against the OpenAPI documents of both services, by a validator that is not
//! ours: Stoplight Prism, through `tests/contract/validate.js`.
//!
//! Every request that the client can send has to be as declared, and every answer that the sandbox
//! can give. What the vendors' documents get wrong is listed in `tests/contract/holes.toml`, by name
//! and with the reason; a hole that is not met any more has to be taken out. Nothing may slip from
//! being looked at either: see [`Verdict::complete`] and [`Verdict::calls`].
//!
//! Needs node, Prism (`npm ci` with `tests/contract/package.json`, in `target/prism` or where
//! `GHL_BM_TEST_PRISM` says) and HighLevel's documents (`../shared/api/openapi`, or where
//! `GHL_BM_TEST_OPENAPI` says); else it says SKIPPED, unless `GHL_BM_TEST_CONTRACT=require`.
//! Start reading at [`the_client_and_the_sandbox_keep_to_the_documents`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::Deserialize;
use serde_json::Value;

use crate::contract_traffic::{Traffic, exchanges};
use crate::live::tell;

/// HighLevel's documents, by what their paths begin with.
const GHL_DOCUMENTS: [(&str, &str); 4] = [
    ("contacts", "ghl-contacts"),
    ("locations", "ghl-locations"),
    ("opportunities", "ghl-opportunities"),
    ("oauth", "ghl-oauth"),
];

/// How many holes there are. It may only become smaller, unless a document more is looked at.
const HOLES: usize = 21;

#[test]
fn the_client_and_the_sandbox_keep_to_the_documents() {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) => {
            let required =
                std::env::var("GHL_BM_TEST_CONTRACT").is_ok_and(|word| word == "require");
            assert!(!required, "GHL_BM_TEST_CONTRACT=require, but {missing}");
            return tell(&format!("SKIPPED contract checks: {missing}"));
        }
    };
    let start = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let traffic = Traffic::drive(folder.path());
    let list = List::read();
    let mut verdict = Verdict::default();
    for (file, whose) in [
        (&traffic.client, Whose::Client),
        (&traffic.others, Whose::Others),
    ] {
        for found in tools.validate(&exchanges(file)) {
            verdict.look(&found, whose);
        }
    }
    verdict.judge(&list);
    verdict.complete(&list, &tools.operations());
    verdict.calls(&list);
    tell(&format!(
        "contract checks: {} requests and {} answers of {} operations, {} holes listed, {:.0} s",
        verdict.requests,
        verdict.answers,
        verdict.operations.len(),
        list.hole.len(),
        start.elapsed().as_secs_f64(),
    ));
    assert!(verdict.wrong.is_empty(), "{:#?}", verdict.wrong);
}

// ---- the validator

/// Where everything lies that the project does not hold.
struct Tools {
    prism: PathBuf,
    documents: PathBuf,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder that a variable names, or its usual place.
fn folder(variable: &str, usual: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(folder) => folder.into(),
        None => root().join(usual),
    }
}

impl Tools {
    /// What there is; the error says what is missing.
    fn find() -> Result<Tools, String> {
        let tools = Tools {
            prism: folder("GHL_BM_TEST_PRISM", "target/prism"),
            documents: folder("GHL_BM_TEST_OPENAPI", "../shared/api/openapi"),
        };
        let node = Command::new("node").arg("--version").output();
        if !node.is_ok_and(|ran| ran.status.success()) {
            return Err("node is not installed".to_owned());
        }
        let engine = "node_modules/@stoplight/prism-http/package.json";
        if !tools.prism.join(engine).is_file() {
            return Err(format!("Prism is not in {}", tools.prism.display()));
        }
        for (_, name) in GHL_DOCUMENTS {
            let path = tools.document(name);
            if !path.is_file() {
                return Err(format!("{} is missing", path.display()));
            }
        }
        Ok(tools)
    }

    fn document(&self, name: &str) -> PathBuf {
        match name {
            "bigmailer" => root().join("src/api/bigmailer/fixtures/openapi.json"),
            _ => self.documents.join(format!("{name}.json")),
        }
    }

    /// Every document's name.
    fn names() -> impl Iterator<Item = &'static str> {
        let of_ghl = GHL_DOCUMENTS.iter().map(|(_, name)| *name);
        of_ghl.chain(["bigmailer"])
    }

    /// Every operation of every document, as (document, `METHOD /path`).
    fn operations(&self) -> BTreeSet<(String, String)> {
        let mut all = BTreeSet::new();
        for name in Tools::names() {
            let text = std::fs::read_to_string(self.document(name)).unwrap();
            let document: Value = serde_json::from_str(&text).unwrap();
            for (path, methods) in document["paths"].as_object().unwrap() {
                for method in methods.as_object().unwrap().keys() {
                    if method != "parameters" {
                        let operation = format!("{} {path}", method.to_uppercase());
                        all.insert((name.to_owned(), operation));
                    }
                }
            }
        }
        all
    }

    /// Shows exchanges to Prism.
    fn validate(&self, exchanges: &[Value]) -> Vec<Finding> {
        let mut input = String::new();
        let mut shown = Vec::new();
        for exchange in exchanges {
            let target = exchange["target"].as_str().unwrap();
            let (name, path) = match exchange["service"].as_str() {
                Some("bigmailer") => ("bigmailer", target.strip_prefix("/v1").unwrap()),
                _ => {
                    let word = target.split(['/', '?']).nth(1).unwrap_or_default();
                    let known = GHL_DOCUMENTS.iter().find(|(first, _)| *first == word);
                    // No other document knows the path either.
                    (known.map_or("ghl-contacts", |(_, name)| name), target)
                }
            };
            let mut line = exchange.clone();
            line["document"] = self.document(name).display().to_string().into();
            line["path"] = path.into();
            input.push_str(&format!("{line}\n"));
            shown.push((name, path.to_owned(), exchange));
        }
        let mut child = Command::new("node")
            .arg(root().join("tests/contract/validate.js"))
            .arg(&self.prism)
            .args(Tools::names().map(|name| self.document(name)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let ran = child.wait_with_output().unwrap();
        assert!(ran.status.success(), "validate.js failed");
        let lines = String::from_utf8(ran.stdout).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), shown.len(), "validate.js left something out");
        lines
            .iter()
            .zip(shown)
            .map(|(line, (document, path, exchange))| Finding {
                document,
                method: exchange["method"].as_str().unwrap().to_owned(),
                path: path.split('?').next().unwrap().to_owned(),
                status: exchange["status"].as_u64().unwrap() as u16,
                // A page of HTML is of something between client and service.
                answered: exchange["whole"] == true
                    && exchange["answer_headers"]["content-type"]
                        .as_str()
                        .is_none_or(|kind| !kind.starts_with("text/html")),
                by_client: exchange["headers"]["user-agent"]
                    .as_str()
                    .is_some_and(|agent| agent.starts_with("ghl-bm/")),
                told: serde_json::from_str(line).unwrap(),
            })
            .collect()
    }
}

/// What Prism says of one exchange.
struct Finding {
    document: &'static str,
    method: String,
    path: String,
    status: u16,
    /// Whether the service's answer reached its end.
    answered: bool,
    by_client: bool,
    told: Told,
}

#[derive(Deserialize)]
struct Told {
    /// `None` when the document has no such operation.
    operation: Option<String>,
    violations: Vec<Violation>,
}

#[derive(Deserialize)]
struct Violation {
    part: String,
    at: Vec<String>,
    code: String,
    message: String,
}

// ---- the list

/// `tests/contract/holes.toml`; its head says what each table is for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    hole: Vec<Hole>,
    undeclared: Vec<Undeclared>,
    unused: Vec<Unused>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hole {
    name: String,
    documents: Vec<String>,
    part: String,
    code: String,
    operations: Vec<String>,
    #[serde(default)]
    at: Vec<String>,
    #[serde(default)]
    statuses: Vec<u16>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Undeclared {
    operation: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unused {
    document: String,
    operation: String,
    /// Whether the sandbox answers it all the same.
    served: bool,
    reason: String,
}

impl List {
    fn read() -> List {
        let path = root().join("tests/contract/holes.toml");
        let list: List = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let reasons = list.hole.iter().map(|hole| &hole.reason);
        let reasons = reasons.chain(list.undeclared.iter().map(|one| &one.reason));
        let mut reasons = reasons.chain(list.unused.iter().map(|one| &one.reason));
        assert!(
            reasons.all(|reason| reason.len() > 10),
            "a reason is missing"
        );
        let names: BTreeSet<&str> = list.hole.iter().map(|hole| hole.name.as_str()).collect();
        assert_eq!(names.len(), list.hole.len(), "two holes have the same name");
        list
    }
}

// ---- the verdict

#[derive(Clone, Copy, PartialEq)]
enum Whose {
    /// Of the client: the request counts, too.
    Client,
    Others,
}

/// Something that is not as declared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Breach {
    document: &'static str,
    operation: String,
    part: String,
    /// Where, with `[]` for any item of a list.
    at: String,
    code: String,
    /// Of the answer, where it is the status that is not declared; else 0.
    status: u16,
}

#[derive(Default)]
struct Verdict {
    requests: usize,
    answers: usize,
    /// Each with how often it was met and what Prism says of it.
    breaches: BTreeMap<Breach, (usize, String)>,
    /// What was answered and no document has, as `METHOD /path`.
    undeclared: BTreeSet<String>,
    /// Operations that were answered with a success: by the client, by anybody.
    operations: BTreeMap<(String, String), (bool, bool)>,
    /// What the client asked with success, as (method, path).
    asked: BTreeSet<(String, String)>,
    wrong: Vec<String>,
}

impl Verdict {
    fn look(&mut self, found: &Finding, whose: Whose) {
        let success = (200..300).contains(&found.status);
        let client = whose == Whose::Client && found.by_client;
        if client && success {
            self.asked
                .insert((found.method.clone(), found.path.clone()));
        }
        self.requests += usize::from(client);
        self.answers += usize::from(found.answered);
        let operation = match &found.told.operation {
            Some(operation) => {
                if success {
                    let key = (found.document.to_owned(), operation.clone());
                    let met = self.operations.entry(key).or_default();
                    met.0 |= client;
                    met.1 = true;
                }
                operation.clone()
            }
            None => {
                let shape = format!("{} {}", found.method, found.path);
                if found.told.violations.is_empty() && success {
                    self.undeclared.insert(shape.clone());
                }
                shape
            }
        };
        for violation in &found.told.violations {
            let counts = match violation.part.as_str() {
                "request" => client,
                _ => found.answered,
            };
            if !counts {
                continue;
            }
            let at: Vec<&str> = violation
                .at
                .iter()
                .map(|part| match part.parse::<usize>() {
                    Ok(_) => "[]",
                    Err(_) => part,
                })
                .collect();
            let breach = Breach {
                document: found.document,
                operation: operation.clone(),
                part: violation.part.clone(),
                at: at.join("."),
                code: violation.code.clone(),
                status: match violation.code.as_str() {
                    "status" => found.status,
                    _ => 0,
                },
            };
            let met = self
                .breaches
                .entry(breach)
                .or_insert((0, violation.message.clone()));
            met.0 += 1;
        }
    }

    /// Every breach has to be a hole of the list, and every hole has to be met.
    fn judge(&mut self, list: &List) {
        match list.hole.len() {
            HOLES => {}
            fewer if fewer < HOLES => self.wrong.push(format!("well done: set HOLES to {fewer}")),
            _ => self
                .wrong
                .push("there are more holes than HOLES: the list may only shrink".into()),
        }
        let mut met = BTreeSet::new();
        for (breach, (count, message)) in &self.breaches {
            let hole = list.hole.iter().find(|hole| {
                let any =
                    |words: &[String], word: &str| words.iter().any(|w| w == word || w == "*");
                hole.part == breach.part
                    && hole.code == breach.code
                    && any(&hole.documents, breach.document)
                    && any(&hole.operations, &breach.operation)
                    && (hole.at.is_empty() || any(&hole.at, &breach.at))
                    && (hole.statuses.is_empty() || hole.statuses.contains(&breach.status))
            });
            let Some(hole) = hole else {
                self.wrong
                    .push(format!("{breach:?}, {count} times: {message}"));
                continue;
            };
            for word in [breach.document, &breach.operation, &breach.at, "*"] {
                met.insert((hole.name.clone(), word.to_owned()));
            }
            met.insert((hole.name.clone(), breach.status.to_string()));
        }
        for hole in &list.hole {
            let statuses: Vec<String> = hole.statuses.iter().map(u16::to_string).collect();
            let words = [&hole.documents, &hole.operations, &hole.at, &statuses];
            for word in words.into_iter().flatten() {
                if !met.contains(&(hole.name.clone(), word.clone())) {
                    let name = &hole.name;
                    self.wrong.push(format!(
                        "hole {name}: {word} is not met any more; take it off the list"
                    ));
                }
            }
        }
    }

    /// Every operation of the documents has to be asked by the client and answered by the sandbox,
    /// or be listed as one that is not.
    fn complete(&mut self, list: &List, declared: &BTreeSet<(String, String)>) {
        for operation in declared {
            let (asked, answered) = self.operations.get(operation).copied().unwrap_or_default();
            let (document, name) = operation;
            let listed = list
                .unused
                .iter()
                .find(|one| one.document == *document && one.operation == *name);
            let problem = match (asked, answered, listed) {
                (true, _, None) => continue,
                (false, answered, Some(one)) if one.served == answered => continue,
                (true, _, Some(_)) => "is used by the client: take it off [[unused]]",
                (false, true, Some(_)) => "is answered by the sandbox: say served = true",
                (false, false, Some(_)) => "is not answered by the sandbox: say served = false",
                (false, _, None) => {
                    "was not asked by the client: exercise it, or list it as [[unused]]"
                }
            };
            self.wrong.push(format!("{document}: {name} {problem}"));
        }
        for one in &list.unused {
            let key = (one.document.clone(), one.operation.clone());
            if !declared.contains(&key) {
                self.wrong
                    .push(format!("[[unused]]: {key:?} is not in the document"));
            }
        }
    }

    /// Every call in the source of the client has to have been made, and what is in no document has
    /// to be listed.
    fn calls(&mut self, list: &List) {
        let calls = calls();
        for (method, pattern) in &calls {
            // A word in place of an id belongs to another pattern.
            let of_it = |path: &str| {
                let fitting = calls.iter().filter(|(_, other)| fits(other, path));
                let best = fitting.min_by_key(|(_, other)| other.matches('{').count());
                best.is_some_and(|(_, other)| other == pattern)
            };
            let made = self
                .asked
                .iter()
                .any(|(asked, path)| method.is_none_or(|method| method == asked) && of_it(path));
            if !made {
                let method = method.unwrap_or("?");
                self.wrong.push(format!(
                    "the client has {method} {pattern}, and nothing asked for it"
                ));
            }
        }
        let mut met = BTreeSet::new();
        for operation in &self.undeclared {
            let (method, path) = operation.split_once(' ').unwrap();
            let listed = list.undeclared.iter().find(|one| {
                let (m, pattern) = one.operation.split_once(' ').unwrap();
                m == method && fits(pattern, path)
            });
            match listed {
                Some(one) => _ = met.insert(one.operation.clone()),
                None => self.wrong.push(format!("{operation} is in no document")),
            }
        }
        for one in &list.undeclared {
            if !met.contains(&one.operation) {
                self.wrong.push(format!(
                    "[[undeclared]]: {} is not met any more; take it off the list",
                    one.operation
                ));
            }
        }
    }
}

/// Whether a path is one of a pattern such as `/contacts/{contactId}`.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    pattern.clone().count() == path.clone().count()
        && pattern
            .zip(path)
            .all(|(wanted, part)| wanted == part || wanted.starts_with('{') && !part.is_empty())
}

/// How the clients name a method, shortly before the path.
const METHODS: [(&str, &str); 11] = [
    ("Method::GET", "GET"),
    ("Method::POST", "POST"),
    ("Method::PUT", "PUT"),
    ("Method::DELETE", "DELETE"),
    ("::get(", "GET"),
    (".all_of(", "GET"),
    (".one(", "GET"),
    (".post(", "POST"),
    (".make(", "POST"),
    (".change(", "POST"),
    (".remove(", "DELETE"),
];

/// The calls in the source of both clients: a path, and the method where it stands before it.
fn calls() -> BTreeSet<(Option<&'static str>, String)> {
    let mut found = BTreeSet::new();
    for service in ["ghl", "bigmailer"] {
        for entry in std::fs::read_dir(root().join("src/api").join(service)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            // Raw calls are of paths that their user writes.
            if !name.ends_with(".rs") || ["raw.rs", "tests.rs"].contains(&name) {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let code: Vec<&str> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            let code = code.join("\n");
            let mut before = "";
            for (n, part) in code.split('"').enumerate() {
                if n % 2 == 0 {
                    before = part;
                    continue;
                }
                let is_path = part.len() > 1
                    && part.starts_with('/')
                    && part
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "/{}_-".contains(c));
                // What something else is compared with is no call.
                let compared = before.ends_with("with(") || before.ends_with("contains(");
                if is_path && !compared {
                    let near = before.len().saturating_sub(40);
                    let near = before.get(near..).unwrap_or(before);
                    let named = METHODS
                        .iter()
                        .filter_map(|(word, method)| Some((near.rfind(word)?, *method)))
                        .max();
                    found.insert((named.map(|(_, method)| method), part.to_owned()));
                }
            }
        }
    }
    found
}

#[test]
fn the_calls_of_the_clients_are_found_in_their_source() {
    let calls = calls();
    for (method, path) in [
        (Some("GET"), "/contacts/{contactId}"),
        (Some("PUT"), "/contacts/{contactId}"),
        (Some("DELETE"), "/contacts/{contactId}/notes/{id}"),
        (Some("POST"), "/brands/{brand_id}/contacts/batches"),
        (Some("DELETE"), "/brands/{brand_id}/lists/{list_id}"),
        (None, "/brands/{brand_id}/contacts/upsert"),
    ] {
        assert!(
            calls.contains(&(method, path.to_owned())),
            "{method:?} {path}"
        );
    }
    assert!(calls.len() > 60, "{calls:#?}");
    assert!(fits("/contacts/{id}/tags", "/contacts/x/tags"));
    assert!(!fits("/contacts/{id}", "/contacts/"));
    assert!(!fits("/contacts/{id}", "/contacts/x/tags"));
}

#[test]
fn the_list_of_holes_can_be_read() {
    let list = List::read();
    assert!(list.hole.len() <= HOLES);
}
