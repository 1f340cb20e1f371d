//! House rules as tests: who may use whom, what must not appear where, what has to be listed.
//!
//! Reads the source as text and leaves its tests out. Start reading at [`ARROWS`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a module may use of the others, by its way from `src/`; the longest entry that fits counts.
/// `cli` puts everything together and has no entry.
const ARROWS: [(&str, &[&str]); 19] = [
    ("contact", &[]),
    ("related", &[]),
    ("rows", &[]),
    ("stop", &[]),
    ("ui", &[]),
    ("sandbox", &[]),
    ("remote", &["contact", "related"]),
    ("mapping", &["contact", "related"]),
    ("plan", &["contact", "mapping", "related"]),
    ("state", &["contact"]),
    ("export", &["state"]),
    ("profiles", &["mapping"]),
    ("credentials", &["contact"]),
    (
        "engine",
        &[
            "contact", "mapping", "plan", "related", "remote", "state", "stop",
        ],
    ),
    // A profile against the services, before there is a run.
    ("fit", &["contact", "mapping", "plan", "engine", "related"]),
    ("api/pace", &[]),
    ("api/ghl/ranges", &[]),
    ("api/http", &["contact", "remote", "stop", "credentials"]),
    (
        "api",
        &["contact", "related", "remote", "stop", "credentials"],
    ),
];

/// A source file: its way from `src/` without the ending, and its text without tests.
struct File {
    way: String,
    text: String,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust sources below a folder.
pub fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<File> {
    let src = root().join("src");
    let mut paths = Vec::new();
    walk(&src, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let way = path.strip_prefix(&src).unwrap().with_extension("");
            let way = way.to_str().unwrap().replace('\\', "/");
            let text = without_tests(&std::fs::read_to_string(path).unwrap());
            File { way, text }
        })
        // Tests may use what they like.
        .filter(|file| !file.way.split('/').any(|part| part == "tests"))
        .collect()
}

/// Up to the tests at the end of a file, without comments.
fn without_tests(text: &str) -> String {
    let end = text.match_indices("#[cfg(test)]").find_map(|(at, mark)| {
        let next = text[at + mark.len()..].trim_start();
        let line = next.lines().next().unwrap_or_default();
        (line.contains("mod ") && line.ends_with('{')).then_some(at)
    });
    text[..end.unwrap_or(text.len())]
        .lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The modules that a text names as `crate::…`.
fn used(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, mark) in text.match_indices("crate::") {
        let rest = &text[at + mark.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap();
            used.extend(group.split(',').map(|part| word(part.trim()).to_owned()));
        } else {
            used.insert(word(rest).to_owned());
        }
    }
    used
}

fn word(text: &str) -> &str {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .unwrap()
}

#[test]
fn the_arrows_hold() {
    let mut wrong = Vec::new();
    for File { way, text } in sources() {
        if way.starts_with("cli") || way == "lib" || way == "main" {
            continue;
        }
        let (room, allowed) = ARROWS
            .iter()
            .filter(|(room, _)| way == *room || way.starts_with(&format!("{room}/")))
            .max_by_key(|(room, _)| room.len())
            .unwrap_or_else(|| panic!("src/{way}.rs has no entry in ARROWS"));
        let home = room.split('/').next().unwrap();
        for name in used(&text) {
            if name != home && !allowed.contains(&name.as_str()) {
                wrong.push(format!("src/{way}.rs uses crate::{name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_two_services_never_name_each_other() {
    for File { way, text } in sources() {
        let lower = text.to_lowercase();
        if way.starts_with("api/ghl") {
            assert!(!lower.contains("bigmailer"), "src/{way}.rs");
        }
        if way.starts_with("api/bigmailer") {
            assert!(
                !text.contains("ghl::") && !text.contains("Side::Ghl"),
                "src/{way}.rs"
            );
        }
        if way.starts_with("sandbox") {
            // It shares no type with the rest, so that it cannot share a mistake.
            assert!(
                used(&text).iter().all(|name| name == "sandbox"),
                "src/{way}.rs"
            );
        }
    }
}

#[test]
fn the_core_is_pure() {
    for File { way, text } in sources() {
        let room = way.split('/').next().unwrap();
        if !["contact", "mapping", "plan", "related"].contains(&room) {
            continue;
        }
        for word in [
            "std::fs",
            "std::env",
            "std::net",
            "std::io",
            "std::process",
            "SystemTime",
            "Instant",
            "Timestamp::now",
            "Zoned::now",
            "reqwest",
            "rusqlite",
            "fastrand",
            "thread::",
        ] {
            assert!(!text.contains(word), "src/{way}.rs uses {word}");
        }
    }
}

#[test]
fn each_means_has_its_one_place() {
    // What, and where it may be used.
    let places: [(&str, &[&str]); 7] = [
        ("env::var", &["cli/context"]),
        ("Timestamp::now", &["cli/context"]),
        ("SystemTime::now", &["sandbox/world"]),
        (
            "rusqlite",
            &[
                "state",
                "state/capability",
                "state/conflicts",
                "state/derived",
                "state/events",
                "state/forget",
                "state/glance",
                "state/history",
                "state/making",
                "state/saved",
                "state/spill",
            ],
        ),
        ("reqwest", &["api/http"]),
        ("println!", &[]),
        // A program that prints a secret can only be looked after.
        ("thread::sleep", &["cli/context", "credentials/store"]),
    ];
    for File { way, text } in sources() {
        for (word, allowed) in &places {
            let fine = allowed.contains(&way.as_str()) || !text.contains(word);
            assert!(fine, "src/{way}.rs uses {word}");
        }
    }
}

#[test]
fn bigmailer_is_never_asked_to_replace() {
    for File { way, text } in sources() {
        if way.starts_with("sandbox") {
            continue;
        }
        for word in ["\"replace\"", "_op=replace"] {
            assert!(!text.contains(word), "src/{way}.rs says {word}");
        }
        // There is no way to opt somebody in again.
        if way.starts_with("api/bigmailer") {
            assert!(!text.contains("unsubscribe_all\".to_owned(), json!(false"));
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut paths = Vec::new();
    for folder in ["src", "tests", "examples"] {
        walk(&root().join(folder), &mut paths);
    }
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        // The tests beside a module are part of it.
        let beside = path.starts_with(root().join("src"))
            && path
                .components()
                .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
        let thin = path.ends_with("src/lib.rs") || beside;
        assert!(
            thin || text.starts_with("//! "),
            "{} has no head",
            path.display()
        );
        for mark in ["TODO", "FIXME", "XXX:"] {
            let own = path.ends_with("tests/it/tidy.rs");
            assert!(
                own || !text.contains(mark),
                "{} says {mark}",
                path.display()
            );
        }
    }
}

#[test]
fn every_file_of_these_tests_is_listed() {
    let folder = root().join("tests").join("it");
    let main = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".rs").unwrap();
        assert!(
            name == "main" || main.contains(&format!("mod {name};")),
            "tests/it/{name}.rs is not listed in main.rs"
        );
    }
    // One binary: every further source file of tests/ would be linked anew.
    for entry in std::fs::read_dir(root().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let linked =
            path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").exists();
        assert!(!linked || path.ends_with("it"), "{}", path.display());
    }
}

#[test]
fn the_readme_lists_the_exit_codes() {
    let source = std::fs::read_to_string(root().join("src/cli/error.rs")).unwrap();
    let body = source.split("pub enum Exit {").nth(1).unwrap();
    let body = body.split('}').next().unwrap();
    let codes: Vec<u8> = body
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_suffix(',')?
                .rsplit("= ")
                .next()?
                .parse()
                .ok()
        })
        .collect();
    assert_eq!(codes.len(), body.matches('=').count());
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("\n## Exit codes\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let listed: Vec<u8> = section
        .lines()
        .filter_map(|line| {
            line.strip_prefix('|')?
                .split('|')
                .next()?
                .trim()
                .parse()
                .ok()
        })
        .collect();
    assert_eq!(listed, codes);
}

#[test]
fn the_reading_of_sources_works() {
    let text = "use crate::a::B; // crate::z\nuse crate::{c, d::E};\nfn f() { crate::g::h() }\n\
        #[cfg(test)]\nmod tests;\n#[cfg(test)]\npub(crate) mod tests {\n use crate::y;\n}\n";
    let names: Vec<String> = used(&without_tests(text)).into_iter().collect();
    assert_eq!(names, ["a", "c", "d", "g"]);
}
