//! The console sessions of README and docs, run as they stand there.
//!
//! In a ```console block each `$ ghl-bm …` (or `$ cargo run --release -- …`) is run, in a directory
//! and home of the page's own that begin empty, and what follows is compared with what it says;
//! `[..]` stands for anything within a line, a line `...` for any lines, and a last line `? N` for an
//! exit code other than 0. Commands that need an account stand in ```sh blocks and are not run; that
//! they exist is held by `docs`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use snapbox::IntoData as _;

use crate::env::{BINARY, Home, each};

struct Session {
    line: usize,
    command: String,
    expected: String,
    code: i32,
}

fn sessions(text: &str) -> Vec<Session> {
    let mut sessions: Vec<Session> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = !inside && line.trim() == "```console";
            continue;
        }
        if !inside {
            continue;
        }
        if let Some(command) = line.strip_prefix("$ ") {
            let command = command.replacen("cargo run --release -- ", "ghl-bm ", 1);
            sessions.push(Session {
                line: number + 1,
                command,
                expected: String::new(),
                code: 0,
            });
        } else if let Some(session) = sessions.last_mut() {
            match line.strip_prefix("? ").map(str::parse) {
                Some(Ok(code)) => session.code = code,
                _ => {
                    session.expected.push_str(line);
                    session.expected.push('\n');
                }
            }
        }
    }
    // Whatever else a session shows, such as a clone, is not ours to run.
    sessions.retain(|session| {
        session.command.split(' ').find(|word| !word.contains('=')) == Some("ghl-bm")
    });
    sessions
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for entry in std::fs::read_dir(root.join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

#[cfg(unix)]
#[test]
fn sessions_in_the_documents_are_true() {
    let run = AtomicUsize::new(0);
    each(&pages(), |page| {
        let home = Home::new();
        let bin = Path::new(BINARY).parent().unwrap().display();
        for session in sessions(&std::fs::read_to_string(page).unwrap()) {
            let base = home.command(["--version"]);
            let vars = base.get_envs().map(|(key, value)| (key, value.unwrap()));
            let output = Command::new("sh")
                .args(["-c", &format!("exec 2>&1\n{}", session.command)])
                .env_clear()
                .envs(vars)
                .env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap()))
                .current_dir(home.root.path())
                .output()
                .unwrap();
            let said = String::from_utf8(output.stdout)
                .unwrap()
                .replace("\r\n", "\n");
            let place = format!("{}:{} $ {}", page.display(), session.line, session.command);
            assert_eq!(output.status.code(), Some(session.code), "{place}\n{said}");
            let outcome = snapbox::Assert::new().try_eq(
                Some(&place),
                said.into_data(),
                session.expected.into_data(),
            );
            if let Err(difference) = outcome {
                panic!("{place}\n{difference}");
            }
            run.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!(run.into_inner() > 0, "no document shows a session");
}

#[test]
fn sessions_are_found_with_their_output_and_exit_code() {
    let text = "```sh\n$ ghl-bm no\n```\n```console\n$ git clone x\n$ A=b ghl-bm one\nout\n\nmore\n? 7\n$ cargo run --release -- two\n```\n";
    let found = sessions(text);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].command, "A=b ghl-bm one");
    assert_eq!(
        (found[0].expected.as_str(), found[0].code, found[0].line),
        ("out\n\nmore\n", 7, 6)
    );
    assert_eq!(found[1].command, "ghl-bm two");
}
