//! What the program says when something is wrong: every sentence, held by a file, and their rules.
//!
//! The sentences are read from the sources: what errors are made of, and the hints below them.
//! `GHL_BM_UPDATE=1` renews the file, so that a change of words is seen by whoever reviews it.
//! Start reading at [`sentences`]; that names are corrected is in
//! [`a_word_that_is_nearly_right_is_answered_with_the_right_one`].

use crate::env::{Env, PROFILE, each, quick};
use crate::tidy::{root, walk};

/// What is said, and whether it is what happened or what to type next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    Error,
    Hint,
}

/// Where sentences begin in the sources.
const MARKS: [(&str, Kind); 13] = [
    ("CliError::new(", Kind::Error),
    ("CliError::usage(", Kind::Error),
    ("CliError::invalid(", Kind::Error),
    ("#[error(", Kind::Error),
    (".report(", Kind::Error),
    (".report_file(", Kind::Error),
    ("Err(format!(", Kind::Error),
    ("message: format!(", Kind::Error),
    (".rejected(", Kind::Error),
    (" refuse(", Kind::Error),
    (".warning(", Kind::Error),
    (".hint(", Kind::Hint),
    ("fn hint(", Kind::Hint),
];

struct Sentence {
    file: String,
    kind: Kind,
    text: String,
}

/// The literals of source text up to where its brackets close, with the depth of each.
fn literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut depth = 0_i32;
    let mut rest = text.char_indices().peekable();
    while let Some((at, sign)) = rest.next() {
        match sign {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => {
                depth -= 1;
                if depth <= 0 {
                    break;
                }
            }
            '/' if text[at..].starts_with("//") => {
                while rest.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            // A character, which may be a bracket; not a lifetime.
            '\'' => {
                let end = text[at + 1..]
                    .find('\'')
                    .filter(|end| (1..=4).contains(end));
                for _ in 0..end.map_or(0, |end| text[at + 1..=at + 1 + end].chars().count()) {
                    rest.next();
                }
            }
            '"' => {
                let mut literal = String::new();
                while let Some((_, sign)) = rest.next() {
                    match sign {
                        '"' => break,
                        '\\' => match rest.next() {
                            // The line goes on where the next one has words.
                            Some((_, '\n')) => {
                                while rest.next_if(|(_, c)| c.is_whitespace()).is_some() {}
                            }
                            Some((_, 'n')) => literal.push('⏎'),
                            Some((_, other)) => literal.push(other),
                            None => break,
                        },
                        other => literal.push(other),
                    }
                }
                found.push(literal);
            }
            _ => {}
        }
    }
    found
}

/// Up to the tests at the end of a file.
fn without_tests(text: &str) -> &str {
    let end = text.match_indices("#[cfg(test)]\n").find_map(|(at, mark)| {
        let line = text[at + mark.len()..].lines().next().unwrap_or_default();
        (line.contains("mod ") && line.ends_with('{')).then_some(at)
    });
    &text[..end.unwrap_or(text.len())]
}

/// Every sentence of the sources, by file, in the order in which they stand there.
fn sentences() -> Vec<Sentence> {
    let src = root().join("src");
    let mut paths = Vec::new();
    walk(&src, &mut paths);
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let file = path
            .strip_prefix(&src)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        if file
            .split('/')
            .any(|part| part.starts_with("tests") || part == "sandbox")
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = without_tests(&text);
        let mut at = 0;
        while let Some((start, kind)) = MARKS
            .iter()
            .filter_map(|(mark, kind)| Some((at + text[at..].find(mark)? + mark.len() - 1, *kind)))
            .min()
        {
            let body = match text[start..].find(") -> ") {
                // A function's sentences are in its body.
                Some(_) if text[..start].ends_with("fn hint") => {
                    start + text[start..].find('{').unwrap()
                }
                _ => start,
            };
            for text in literals(&text[body..]) {
                // A word alone is a code for programs.
                if text.trim().contains(' ') {
                    found.push(Sentence {
                        file: file.clone(),
                        kind,
                        text,
                    });
                }
            }
            at = start;
        }
    }
    found
}

#[test]
fn every_sentence_is_on_file() {
    let mut text = String::new();
    let mut file = String::new();
    for sentence in sentences() {
        if sentence.file != file {
            file = sentence.file;
            text.push_str(&format!("\n{file}\n"));
        }
        let mark = if sentence.kind == Kind::Error {
            ""
        } else {
            "  -> "
        };
        text.push_str(&format!("  {mark}{}\n", sentence.text));
    }
    let path = root().join("tests/snapshots/messages.txt");
    if std::env::var_os("GHL_BM_UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    snapbox::assert_data_eq!(text, kept);
}

#[test]
fn sentences_keep_the_rules() {
    let found = sentences();
    // The reading of sources still finds them.
    assert!(found.len() > 300, "{}", found.len());
    // Names that are written with a capital, and places to fill in.
    let names = [
        "HighLevel",
        "BigMailer",
        "GHL_BM_",
        "VISUAL",
        "{",
        "`",
        "GET /",
        "POST /",
    ];
    let mut wrong = Vec::new();
    for Sentence { file, text, .. } in &found {
        let lower = text.to_lowercase();
        let text = text.trim();
        let rules = [
            ("ends with a full stop", text.ends_with('.')),
            ("shouts", text.ends_with('!')),
            ("says that it failed, not what", lower.contains("failed to")),
            (
                "says could not, where cannot is shorter",
                lower.starts_with("could not"),
            ),
            ("begs", lower.contains("please") || lower.contains("sorry")),
            ("repeats the label", lower.starts_with("error")),
            ("has two spaces", text.contains("  ") && !text.contains('⏎')),
            (
                "begins with a capital",
                text.starts_with(char::is_uppercase)
                    && !names.iter().any(|name| text.starts_with(name)),
            ),
            (
                "says nothing",
                ["unknown error", "something went wrong", "invalid input"]
                    .contains(&lower.as_str()),
            ),
            (
                "has a contraction",
                ["can't", "n't ", "it's"]
                    .iter()
                    .any(|word| lower.contains(word)),
            ),
        ];
        for (rule, broken) in rules {
            if broken {
                wrong.push(format!("{file}: {text:?} {rule}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every kind of name that can be misspelt, and the right one in the answer.
#[test]
fn a_word_that_is_nearly_right_is_answered_with_the_right_one() {
    let env = Env::new(quick());
    env.run(["map", "set", "filter.tags_none", "internal"])
        .expect(0);
    let table: &[(&[&str], &str)] = &[
        // commands, nested ones too, and flags
        (&["snyc"], "sync"),
        (&["runs", "lits"], "list"),
        (&["runs", "forgt"], "forget"),
        (&["conflicts", "resolv"], "resolve"),
        (&["map", "add", "fild"], "field"),
        (&["map", "remove", "lst"], "list"),
        (&["auth", "statsu"], "status"),
        (&["pull", "contcts"], "contacts"),
        (&["push", "tgs"], "tags"),
        (&["help", "runs", "shwo"], "show"),
        (&["help", "exit-code"], "exit-codes"),
        (&["man", "pul"], "pull"),
        (
            &["explain", "a@example.com", "--formt", "ndjson"],
            "--format",
        ),
        (&["runs", "list", "--format", "ndjsn"], "ndjson"),
        // profiles and their keys
        (&["-p", "defualt", "sync"], "default"),
        (&["map", "set", "sync.confict", "ghl"], "conflict"),
        (&["map", "set", "sync.conflict", "ghk"], "ghl"),
        (&["map", "add", "field", "firstNam", "X_NAME"], "firstName"),
        (
            &[
                "map", "add", "field", "custom.x", "X_NAME", "--type", "intger",
            ],
            "integer",
        ),
        (&["map", "remove", "field", "COMPNY"], "COMPANY"),
        (&["map", "remove", "list", "custmer"], "customer"),
        // fields, lists, tags
        (&["pull", "contacts", "--fields", "emial"], "email"),
        (
            &[
                "pull",
                "contacts",
                "--from",
                "bigmailer",
                "--list",
                "Custmers",
            ],
            "Customers",
        ),
    ];
    each(table, |(args, meant)| {
        let ran = env.run(*args);
        assert_ne!(ran.code, Some(0), "{args:?}");
        assert!(ran.stderr.contains(meant), "{args:?}: {}", ran.stderr);
    });
}

#[test]
fn what_a_profile_names_is_compared_with_the_services() {
    let env = Env::new(quick());
    env.profile(
        &PROFILE
            .replace("\"COMPANY\"", "\"COMPANI\"")
            .replace("\"Newsletter\"", "\"Newsleter\"")
            .replace("tag = \"customer\"", "tag = \"custmer\"")
            .replace("custom.renewal", "custom.renewl"),
    );
    let ran = env.run(["map", "check"]);
    for meant in ["COMPANY", "Newsletter", "customer", "renewal"] {
        assert!(ran.all().contains(meant), "{meant}: {}", ran.all());
    }
}
