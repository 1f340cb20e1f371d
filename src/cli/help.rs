//! `ghl-bm help`: commands, and topics that belong to none of them. Start reading at [`run`].

use clap::Args;
use serde_json::json;

use crate::mapping::nearest::nearest;

use super::context::Context;
use super::error::{CliError, Exit};
use super::man::find;

/// Explain a command or a topic
///
/// Topics: exit-codes, environment, limits, json.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm help sync
  ghl-bm help map add field
  ghl-bm help exit-codes
  ghl-bm help exit-codes --jq '.exit_codes[] | [.code, .meaning] | @tsv'")]
pub struct HelpArgs {
    /// A command, or one of the topics
    #[arg(value_name = "COMMAND|TOPIC")]
    words: Vec<String>,
}

/// What belongs to no command.
const TOPICS: [&str; 4] = ["exit-codes", "environment", "limits", "json"];

/// What each exit code means, and what a script should do then.
const EXIT_CODES: [(Exit, &str, &str); 15] = [
    (
        Exit::Done,
        "done (also: the reader closed the pipe; contacts skipped for a missing or unusable address alone do not change it)",
        "nothing",
    ),
    (Exit::Failed, "failed for a reason not below", "look"),
    (Exit::Usage, "wrong usage", "fix the call"),
    (
        Exit::SomeFailed,
        "finished, but some contacts failed or were rejected",
        "look at the report; the next run tries them again",
    ),
    (
        Exit::Login,
        "not logged in, or the service refused the credential or its scope",
        "`ghl-bm auth status` says what to do",
    ),
    (
        Exit::Unavailable,
        "a service or the network was not available; tries used up",
        "try later",
    ),
    (
        Exit::Quota,
        "HighLevel's daily quota is used up; stopped in good order",
        "run again the next day",
    ),
    (
        Exit::Brake,
        "a safety brake stopped the run before it wrote anything (a dry run prints its plan and answers 7 too), or people of a plan have changed since it was made",
        "a person decides; `--yes` lets one run pass the brakes",
    ),
    (
        Exit::Conflicts,
        "finished, with conflicts held for a person",
        "`ghl-bm conflicts list`",
    ),
    (
        Exit::Locked,
        "another run of this profile is at work",
        "let it",
    ),
    (
        Exit::OutOfTime,
        "`--max-duration` is over; stopped in good order",
        "run again",
    ),
    (
        Exit::Invalid,
        "profile, settings or state are missing, invalid or unreadable, the profile does not fit the services, or a base URL was refused",
        "fix what is named",
    ),
    (
        Exit::Differences,
        "differences found (`sync --dry-run --exit-code`, `map check`)",
        "up to you",
    ),
    (
        Exit::Interrupted,
        "interrupted by Ctrl-C, in good order",
        "run again",
    ),
    (
        Exit::Terminated,
        "ended by SIGTERM, in good order",
        "run again",
    ),
];

/// The variables that are read; flags say more where there is one.
const VARIABLES: [(&str, &str); 23] = [
    ("GHL_BM_PROFILE", "mapping profile; --profile"),
    (
        "GHL_BM_CONFIG_DIR",
        "profiles, settings, credentials; --config-dir",
    ),
    ("GHL_BM_STATE_DIR", "state and run history; --state-dir"),
    ("GHL_BM_SANDBOX", "1: built-in fake services; --sandbox"),
    (
        "GHL_BM_SANDBOX_DIR",
        "where their world stays; --sandbox-dir",
    ),
    ("GHL_BM_LOG", "quiet, normal, verbose or debug; -q, -v, -vv"),
    ("GHL_BM_LOG_FORMAT", "text or json; --log-format"),
    ("GHL_BM_NO_INPUT", "1: never ask; --no-input"),
    (
        "GHL_BM_GHL_TOKEN",
        "HighLevel token, before everything stored",
    ),
    ("GHL_BM_GHL_TOKEN_FILE", "a file that holds it"),
    (
        "GHL_BM_BIGMAILER_API_KEY",
        "BigMailer key, before everything stored",
    ),
    ("GHL_BM_BIGMAILER_API_KEY_FILE", "a file that holds it"),
    (
        "GHL_BM_CREDENTIAL_STORE",
        "keyring (default), file, env or command:PROGRAM",
    ),
    (
        "GHL_BM_GHL_URL",
        "HighLevel's base URL; http only for loopback",
    ),
    ("GHL_BM_BIGMAILER_URL", "BigMailer's base URL, likewise"),
    ("GHL_BM_GHL_AUTHORIZE_URL", "the page of an OAuth login"),
    ("GHL_BM_GHL_VERSION", "the Version header to HighLevel"),
    ("NO_COLOR", "no colour"),
    ("CLICOLOR_FORCE", "colour also where there is no terminal"),
    ("VISUAL, EDITOR", "what `map edit` opens"),
    ("HTTPS_PROXY, NO_PROXY", "a proxy, and what goes without it"),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "root certificates in place of the platform's",
    ),
    (
        "SQLITE_TMPDIR, TMPDIR",
        "where a run's listings are kept meanwhile",
    ),
];

const LIMITS: &str = "\
What the services allow, and what ghl-bm takes of it

HighLevel: 100 requests per 10 seconds and 200,000 a day, for each app and
location; the headers of its answers say what it is for you. BigMailer: 10
requests a second, 4 at a time, unless it raised them for your account. ghl-bm
takes 90% of each rate, all its threads together, and leaves 20,000 HighLevel
calls a day to other tools. In the profile:

  [limits]
  share = 0.9                  part of each rate
  ghl_per_10s = 0              0: what the headers say, 100 until they spoke
  bigmailer_per_second = 10    raise it where BigMailer raised yours; 0: none
  bigmailer_in_flight = 4
  daily_reserve = 20000        HighLevel calls a day left to others
  max_changes = \"50%\"          brake, of linked contacts; 20 always allowed
  max_deletes = \"5%\"           likewise

A 429 is waited for and tried again, as are 500 to 504 and broken connections:
five tries and two minutes a call at the most. When the day's calls are used up
the run stops in good order with code 6.

What is read and written within limits of its own: an answer 64 MiB, a line of
CSV or NDJSON 16 MiB, a batch 1,000 contacts.
";

const JSON: &str = "\
Machine output

--json prints exactly one JSON document on standard output. Errors are one
document on standard error:
{\"schema_version\":1,\"error\":{\"code\":…,\"exit_code\":…,\"message\":…,\"hint\":…}}
--jq EXPR filters the document and implies --json; strings are printed as they
are, one result a line. --format ndjson prints the entries of a list, one a
line, in every command that has it. --log-format json makes each line of talk on
standard error a document, progress too; --quiet silences it.

Keys are only added within a schema_version. docs/json.md describes every
document, docs/schema has a JSON Schema of each.
";

pub fn run(context: &Context, args: &HelpArgs) -> Result<Exit, CliError> {
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    let text = match words[..] {
        ["exit-codes"] if context.globals.json => return exit_codes_document(context),
        ["exit-codes"] => exit_codes(),
        ["environment"] => variables(),
        ["limits"] => LIMITS.to_owned(),
        ["json"] => JSON.to_owned(),
        _ => {
            let mut root = super::command();
            root.build();
            if let [word] = words[..]
                && root.find_subcommand(word).is_none()
                && let Some(near) = nearest(word, &TOPICS)
            {
                return Err(
                    CliError::usage(format!("there is no command or topic `{word}`"))
                        .hint(format!("did you mean `{near}`?")),
                );
            }
            let mut command = find(&root, &args.words)?.clone();
            command.render_long_help().to_string()
        }
    };
    context.ui.data(text.trim_end())?;
    Ok(Exit::Done)
}

fn exit_codes() -> String {
    let mut text = "Exit codes\n\n".to_owned();
    for (exit, meaning, then) in EXIT_CODES {
        text.push_str(&format!(
            "{:>4}  {}      then: {}",
            exit.code(),
            broken(meaning),
            broken(then)
        ));
    }
    text
}

/// Lines that fit a terminal of 80 columns when they stand where the meanings of codes do.
fn broken(text: &str) -> String {
    let mut lines = String::new();
    let mut column = 12;
    for word in text.split(' ') {
        let width = word.chars().count() + 1;
        if column + width > 80 && !lines.is_empty() {
            lines.push_str("\n        ");
            column = 8;
        }
        lines.push_str(match lines.is_empty() || column == 8 {
            true => "",
            false => " ",
        });
        lines.push_str(word);
        column += width;
    }
    lines + "\n"
}

fn exit_codes_document(context: &Context) -> Result<Exit, CliError> {
    let all = EXIT_CODES.map(
        |(exit, meaning, then)| json!({"code": exit.code(), "meaning": meaning, "then": then}),
    );
    let document = json!({"schema_version": 1, "command": "help exit-codes", "exit_codes": all});
    context.ui.data(&document.to_string())?;
    Ok(Exit::Done)
}

fn variables() -> String {
    let mut text = "Environment variables\n\n".to_owned();
    for (name, about) in VARIABLES {
        text.push_str(&format!("  {name:<30} {about}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrow(of: &str, text: &str) {
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{of}: {line}");
        }
    }

    fn narrow_examples(command: &clap::Command) {
        let after = command.get_after_long_help().map(ToString::to_string);
        if let Some((_, examples)) = after.as_deref().and_then(|a| a.split_once("Examples:")) {
            narrow(
                command.get_name(),
                examples.split("\n\n").next().unwrap_or_default(),
            );
        }
        command.get_subcommands().for_each(narrow_examples);
    }

    // A paragraph is broken where the terminal ends; a line that stands for itself, such as an
    // example, loses its shape there.
    #[test]
    fn lines_that_stand_for_themselves_fit_a_terminal_of_80_columns() {
        narrow_examples(&super::super::command());
        narrow("limits", LIMITS);
        narrow("json", JSON);
        narrow("environment", &variables());
        narrow("exit-codes", &exit_codes());
    }
}
