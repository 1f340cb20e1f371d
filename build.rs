//! Facts about the build for `--version`: commit, target, profile and compiler. No time of day, so
//! that the same sources give the same program.
//!
//! Only a release build asks git, so that a commit does not make every development build anew.
//! `GHL_BM_COMMIT` names the commit where there is no repository, as in an unpacked archive.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=GHL_BM_COMMIT");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let profile = variable("PROFILE");
    let commit = env::var("GHL_BM_COMMIT")
        .ok()
        .filter(|commit| !commit.is_empty())
        .or_else(|| (profile == "release").then(commit).flatten())
        .unwrap_or_else(|| "unknown".to_owned());
    let rustc = said(Command::new(variable("RUSTC")).arg("--version")).unwrap_or_default();
    let rustc = rustc.split_whitespace().nth(1).unwrap_or("unknown");
    for (name, value) in [
        ("COMMIT", commit.as_str()),
        ("TARGET", &variable("TARGET")),
        ("PROFILE", &profile),
        ("RUSTC", rustc),
    ] {
        println!("cargo::rustc-env=BUILD_{name}={value}");
    }
}

/// The commit of this repository, not of one that these sources were copied into.
fn commit() -> Option<String> {
    let here = env::var("CARGO_MANIFEST_DIR").ok()?;
    let git = |args: &[&str]| said(Command::new("git").arg("-C").arg(&here).args(args));
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let same = Path::new(&top).canonicalize().ok()? == Path::new(&here).canonicalize().ok()?;
    if !same {
        return None;
    }
    // Moves with every commit and every change of branch.
    if let Some(log) = git(&[
        "rev-parse",
        "--path-format=absolute",
        "--git-path",
        "logs/HEAD",
    ]) {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn said(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
