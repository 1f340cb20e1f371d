//! Words and JSON for what the engine did.
//!
//! Ids and field names only; addresses appear when the user asks for them. Start reading at
//! [`print_sync`] and [`print_sync_json`].

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::api::http::Calls;
use crate::engine::{Mode, Outcome, plan_examples};
use crate::fit::Fit;
use crate::mapping::Profile;
use crate::state::State;
use crate::ui::{Talk, Ui};

use super::error::{CliError, Exit};

/// What surrounds an outcome.
pub struct Frame<'a> {
    pub profile: &'a str,
    pub run_id: &'a str,
    pub dry_run: bool,
    /// Milliseconds since 1970.
    pub started: i64,
    pub finished: i64,
    /// HighLevel, BigMailer.
    pub calls: (Calls, Calls),
    pub exit: Exit,
    pub show_pii: bool,
}

/// Examples of each kind that a dry run shows without `-v`.
const EXAMPLES: usize = 20;

/// How many lines of a kind are shown.
pub fn examples(ui: &Ui) -> usize {
    match ui.talk() >= Talk::Verbose {
        true => usize::MAX >> 1,
        false => EXAMPLES,
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    command: &'static str,
    profile: &'a str,
    run_id: &'a str,
    dry_run: bool,
    mode: Mode,
    started_at: String,
    finished_at: String,
    duration_ms: i64,
    read: Read,
    bigmailer: BigmailerWrites,
    ghl: GhlWrites,
    people: PeopleCounts,
    unchanged: u64,
    held: u64,
    skipped: SkipCounts,
    requests: Requests,
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<Problems<'a>>,
    exit_code: u8,
}

#[derive(Serialize)]
struct Read {
    ghl: u64,
    bigmailer: u64,
}

#[derive(Serialize)]
struct BigmailerWrites {
    created: u64,
    updated: u64,
    unsubscribed: u64,
    deleted: u64,
    mails_sent: u64,
    failed: u64,
}

#[derive(Serialize)]
struct GhlWrites {
    created: u64,
    updated: u64,
    dnd_set: u64,
    tags_added: u64,
    tags_removed: u64,
    notes_written: u64,
    tasks_created: u64,
    deleted: u64,
    failed: u64,
}

#[derive(Serialize)]
struct PeopleCounts {
    total: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    skipped: u64,
    failed: u64,
    held: u64,
}

/// Fixed keys in a fixed order.
#[derive(Serialize)]
struct SkipCounts {
    no_email: u64,
    invalid_email: u64,
    duplicate_email: u64,
    filtered: u64,
    opted_out: u64,
    deleted_in_bigmailer: u64,
    no_name: u64,
}

#[derive(Serialize)]
struct Requests {
    ghl: u64,
    bigmailer: u64,
    throttled: u64,
    retried: u64,
}

/// Streams the problems from the staging tables: there may be one for each of a million contacts.
struct Problems<'a>(&'a State, bool);

impl Serialize for Problems<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let failed: Cell<Option<S::Error>> = Cell::new(None);
        let read = self.0.problems(|mut problem| {
            if !self.1 {
                problem.email = None;
            }
            let earlier = failed.take();
            failed.set(earlier.or_else(|| list.serialize_element(&problem).err()));
        });
        if let Some(error) = failed.take() {
            return Err(error);
        }
        read.map_err(serde::ser::Error::custom)?;
        list.end()
    }
}

fn document<'a>(
    frame: &Frame<'a>,
    outcome: &Outcome,
    problems: Option<Problems<'a>>,
) -> Document<'a> {
    let tally = &outcome.tally;
    let people = &tally.people;
    let skipped = |reason: &str| tally.skipped.get(reason).copied().unwrap_or(0);
    let (ghl, bigmailer) = &frame.calls;
    Document {
        schema_version: 1,
        command: "sync",
        profile: frame.profile,
        run_id: frame.run_id,
        dry_run: frame.dry_run,
        mode: outcome.mode,
        started_at: instant(frame.started),
        finished_at: instant(frame.finished),
        duration_ms: frame.finished - frame.started,
        read: Read {
            ghl: tally.read_ghl,
            bigmailer: tally.read_bigmailer,
        },
        bigmailer: BigmailerWrites {
            created: tally.bm_created,
            updated: tally.bm_updated,
            unsubscribed: tally.bm_unsubscribed,
            deleted: tally.bm_deleted,
            mails_sent: tally.bm_mails,
            failed: tally.bm_failed,
        },
        ghl: GhlWrites {
            created: tally.ghl.created,
            updated: tally.ghl.updated,
            dnd_set: tally.ghl.dnd_set,
            tags_added: tally.ghl.tags_added,
            tags_removed: tally.ghl.tags_removed,
            notes_written: tally.ghl.notes_written,
            tasks_created: tally.ghl.tasks_created,
            deleted: 0,
            failed: tally.ghl.failed,
        },
        people: PeopleCounts {
            total: people.total(),
            created: people.created,
            updated: people.updated,
            unchanged: people.unchanged,
            skipped: people.skipped,
            failed: people.failed,
            held: people.held,
        },
        unchanged: people.unchanged,
        held: people.held,
        skipped: SkipCounts {
            no_email: skipped("no_email"),
            invalid_email: skipped("invalid_email"),
            duplicate_email: skipped("duplicate_email"),
            filtered: skipped("filtered"),
            opted_out: skipped("opted_out"),
            deleted_in_bigmailer: skipped("deleted_in_bigmailer"),
            no_name: skipped("no_name"),
        },
        requests: Requests {
            ghl: ghl.requests,
            bigmailer: bigmailer.requests,
            throttled: ghl.throttled + bigmailer.throttled,
            retried: ghl.retried + bigmailer.retried,
        },
        problems,
        exit_code: frame.exit.code(),
    }
}

/// Milliseconds since 1970 as ISO 8601 UTC.
pub fn instant(millis: i64) -> String {
    Timestamp::from_millisecond(millis)
        .map(|t| t.to_string())
        .unwrap_or_default()
}

/// The document that the run history keeps; its problems are stored apart.
pub fn stored_document(frame: &Frame<'_>, outcome: &Outcome) -> String {
    serde_json::to_string(&document(frame, outcome, None)).unwrap_or_default()
}

pub fn print_sync_json(
    ui: &Ui,
    frame: &Frame<'_>,
    outcome: &Outcome,
    state: &State,
) -> Result<(), CliError> {
    let mut out = ui.stdout();
    let document = document(frame, outcome, Some(Problems(state, frame.show_pii)));
    document.serialize(&mut serde_json::Serializer::new(&mut out))?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

pub fn print_sync(
    ui: &Ui,
    frame: &Frame<'_>,
    outcome: &Outcome,
    state: &State,
    lists: &BTreeMap<String, String>,
) -> Result<(), CliError> {
    let tally = &outcome.tally;
    let people = &tally.people;
    let (ghl, bigmailer) = &frame.calls;
    let mut text = String::new();
    let kind = match outcome.mode {
        Mode::Full => "full",
        Mode::Incremental => "incremental",
    };
    let run = if frame.dry_run { "Dry run" } else { "Run" };
    text.push_str(&format!(
        "{run} ({kind}): read {} HighLevel and {} BigMailer contacts\n",
        tally.read_ghl, tally.read_bigmailer
    ));
    let would = if frame.dry_run { "would be " } else { "" };
    for (count, word) in [
        (people.created, format!("{would}created")),
        (people.updated, format!("{would}updated")),
        (
            tally.bm_unsubscribed,
            format!("{would}unsubscribed (counted above too)"),
        ),
        (
            tally.ghl.dnd_set,
            format!("{would}set to do-not-disturb in HighLevel (counted above too)"),
        ),
        (
            tally.ghl.tags_added,
            format!("tags {would}added in HighLevel"),
        ),
        (
            tally.ghl.tags_removed,
            format!("tags {would}removed in HighLevel"),
        ),
        (
            tally.ghl.notes_written,
            format!("notes {would}written in HighLevel"),
        ),
        (
            tally.ghl.tasks_created,
            format!("tasks {would}made in HighLevel"),
        ),
        (tally.bm_mails, format!("mails {would}sent")),
        (tally.bm_deleted, format!("{would}deleted")),
        (people.unchanged, "unchanged".to_owned()),
        (people.skipped, format!("skipped{}", reasons(outcome))),
        (people.failed, "failed".to_owned()),
        (people.held, "held for a person".to_owned()),
    ] {
        let always = word == "unchanged" || word.ends_with("created") || word.ends_with("updated");
        if count > 0 || always {
            text.push_str(&format!("{count:>9}  {word}\n"));
        }
    }
    if frame.dry_run {
        plan_examples(state, examples(ui), lists, |line| {
            text.push_str(&format!("  {line}\n"))
        })?;
        text.push_str("Nothing was written.\n");
    }
    let mut shown = 0u64;
    let limit = examples(ui) as u64;
    let mut left_out = 0u64;
    state.problems(|problem| {
        // Skips are counted above; only -v lists them one by one.
        let is_skip = tally.skipped.contains_key(problem.reason.as_str());
        if is_skip && ui.talk() < Talk::Verbose {
            return;
        }
        if shown < limit {
            let id = problem
                .ghl_id
                .as_deref()
                .or(problem.id.as_deref())
                .unwrap_or("?");
            text.push_str(&format!(
                "  {id}: {} ({})\n",
                problem.message, problem.reason
            ));
            shown += 1;
        } else {
            left_out += 1;
        }
    })?;
    if left_out > 0 {
        text.push_str(&format!(
            "  … and {left_out} more; -v or --json lists them all\n"
        ));
    }
    let seconds =
        f64::from(u32::try_from(frame.finished - frame.started).unwrap_or(u32::MAX)) / 1000.0;
    text.push_str(&format!(
        "{} to HighLevel, {} to BigMailer, {seconds:.1} s, run {}\n",
        counted(ghl.requests, "call"),
        bigmailer.requests,
        frame.run_id
    ));
    ui.data(&text)?;
    if people.held > 0 && !frame.dry_run {
        ui.hint("`ghl-bm conflicts list` shows what waits for a person");
    }
    Ok(())
}

/// A number with its noun, such as `1 call`.
pub fn counted(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

fn reasons(outcome: &Outcome) -> String {
    let named: Vec<String> = outcome
        .tally
        .skipped
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    if named.is_empty() {
        String::new()
    } else {
        format!(": {}", named.join(", "))
    }
}

/// A profile that does not fit the services, before anything was written.
pub fn misfit(profile: &Profile, fit: &Fit) -> CliError {
    let lines: Vec<String> = fit
        .findings
        .iter()
        .filter(|f| f.kind.is_error())
        .map(|f| {
            let place = if f.line > 0 {
                format!("line {}: ", f.line)
            } else {
                String::new()
            };
            format!("{place}{}", f.message)
        })
        .collect();
    let error = CliError::new(
        Exit::Invalid,
        "profile_mismatch",
        format!(
            "profile {} does not fit the services: {}",
            profile.name,
            lines.join("; ")
        ),
    );
    if fit.findings.iter().any(|f| f.create.is_some()) {
        error.hint("type `ghl-bm map check --create` to make what is missing in BigMailer, or correct the profile")
    } else {
        error.hint("correct the profile, then type `ghl-bm map check`")
    }
}
