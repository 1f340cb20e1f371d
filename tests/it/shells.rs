//! The completion scripts in the shells that they are for, as if somebody pressed Tab. A shell that is
//! not installed is skipped and said; with `GHL_BM_TEST_SHELLS=require` it is a failure. There is no
//! PowerShell in most places, so that its script is only held by `completions`.
//!
//! Start reading at [`every_shell_completes_a_run_at_the_first_tab`].

use std::path::Path;
use std::process::{Command, Stdio};

use rexpect::session::{PtySession, spawn_command};

use crate::env::{BINARY, Env, PATIENCE, empty};

/// Whether the shell is here.
fn is_here(shell: &str, version: &str) -> bool {
    let asked = Command::new(shell)
        .arg(version)
        .stdin(Stdio::null())
        .output();
    let here = asked.is_ok_and(|ran| ran.status.success());
    if !here {
        let must = std::env::var_os("GHL_BM_TEST_SHELLS").is_some_and(|value| value == "require");
        assert!(
            !must,
            "GHL_BM_TEST_SHELLS=require, but {shell} is not installed"
        );
        eprintln!("SKIPPED completions in {shell}: it is not installed");
    }
    here
}

/// A shell that has read none of its user's files, at a terminal.
fn start(env: &Env, shell: &str, args: &[&str]) -> PtySession {
    let folder = Path::new(BINARY).parent().unwrap();
    // Line editors stay mute on a terminal that does not echo, which this one begins as.
    let mut command = Command::new("sh");
    command
        .args(["-c", "stty echo && exec \"$@\"", "sh", shell])
        .args(args)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("HOME", env.root.path())
        .env("TERM", "xterm-256color")
        .env("GHL_BM_CONFIG_DIR", env.config())
        .env("GHL_BM_STATE_DIR", env.root.path().join("state"));
    let patience = PATIENCE.as_millis().try_into().unwrap();
    spawn_command(command, Some(patience)).unwrap()
}

fn type_in(terminal: &mut PtySession, keys: &str) {
    terminal.send(keys).unwrap();
    terminal.flush().unwrap();
}

#[test]
fn every_shell_completes_a_run_at_the_first_tab() {
    let env = Env::new(empty());
    let run = env.sync()["run_id"].as_str().unwrap().to_owned();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let folder = folder.display();
    let file = env.root.path().join("zcompdump");
    let shells = [
        (
            "bash",
            &["--norc", "--noprofile", "-i"][..],
            format!("source '{folder}/ghl-bm.bash'"),
        ),
        (
            "zsh",
            &["-f", "-i"],
            format!(
                "fpath=('{folder}' $fpath); autoload -Uz compinit; compinit -u -d '{}'",
                file.display()
            ),
        ),
        (
            "fish",
            &["--no-config", "-i"],
            format!("source '{folder}/ghl-bm.fish'"),
        ),
        (
            "elvish",
            &["-norc"],
            format!("eval (slurp < '{folder}/ghl-bm.elv')"),
        ),
    ];
    for (shell, args, set_up) in shells {
        if !is_here(
            shell,
            if shell == "elvish" {
                "-version"
            } else {
                "--version"
            },
        ) {
            continue;
        }
        let mut terminal = start(&env, shell, args);
        // The words of the answer are not those that are typed, which the terminal repeats.
        type_in(
            &mut terminal,
            &format!("{set_up}; echo ready | tr a-z A-Z\r"),
        );
        terminal.exp_string("READY").unwrap();
        type_in(&mut terminal, &format!("ghl-bm runs show {}\t", &run[..4]));
        terminal
            .exp_string(&run[4..])
            .unwrap_or_else(|e| panic!("{shell}: {e}"));
        type_in(&mut terminal, "\u{15}exit\r");
        terminal.exp_eof().unwrap();
    }
}
