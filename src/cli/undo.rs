//! `ghl-bm runs undo`: puts back what one run replaced. Start reading at [`run`].

use std::collections::BTreeSet;

use clap::Args;
use serde_json::{Value, json};

use crate::contact::Side;
use crate::engine::undo::{self, End, Options, Outcome};
use crate::plan::undo::Image;
use crate::state::history::Image as Kept;
use crate::state::{Access, State};

use super::clients::connect;
use super::context::{Context, watch_signals};
use super::error::{CliError, Exit};
use super::progress::Bars;
use super::report::{counted, examples, instant};

/// Put back what one run replaced, wherever nothing has changed since
///
/// Each contact that the run changed is read; fields, addresses, lists and tags that are still as
/// the run left them get the values they had before. Whatever was changed since stays as it is.
/// Consent is never put back, whoever was created stays, and nobody is made again who was deleted.
/// An undo is a run itself and can be undone. As long as neither the profile nor the contacts
/// change, the next full sync brings the same values over again: mend those first.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm runs list
  ghl-bm runs undo RUN --dry-run     show what would be put back
  ghl-bm runs undo RUN")]
pub struct UndoArgs {
    /// The run's id, as `runs list` shows it
    #[arg(value_parser = crate::cli::given)]
    run: String,
    /// Show what would be put back and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Wait for another run of this profile to end, instead of exit code 9
    #[arg(long)]
    wait: bool,
}

pub fn run(context: &Context, args: &UndoArgs) -> Result<Exit, CliError> {
    let profile = context.load_profile()?;
    let ui = &context.ui;
    let path = context.state_path();
    let _lock = match args.dry_run {
        true => None,
        false => Some(super::sync::lock(context, &path, args.wait)?),
    };
    let access = match args.dry_run || !path.exists() {
        true => Access::Peek,
        false => Access::Write,
    };
    let state = State::open(&path, access)?;
    if !state
        .runs(usize::MAX >> 1)?
        .iter()
        .any(|r| r.id == args.run)
    {
        return Err(super::runs::unknown(&args.run));
    }
    let stop = &context.stop;
    watch_signals(stop);
    let mut clients = connect(context, &profile)?;
    let (sources, tags) = keys(&state, &args.run)?;
    clients.want_also(&sources, &tags)?;

    let started = context.now();
    let run_id = context.new_run_id(started);
    if !args.dry_run {
        state.begin_run(&run_id, started)?;
    }
    let bars = Bars::new(ui);
    let limit = examples(ui);
    let mut lines = Vec::new();
    let mut more = 0usize;
    let outcome = undo::undo(
        clients.sides(),
        &clients.resolved,
        &state,
        Options {
            run: &args.run,
            dry_run: args.dry_run,
            pass_brakes: context.globals.yes,
        },
        &bars,
        stop,
        &mut |line| match lines.len() < limit {
            true => lines.push(line.to_owned()),
            false => more += 1,
        },
    );
    bars.finish();
    let outcome = outcome?;
    let verdict = verdict(&outcome);
    let exit = match &verdict {
        Ok(exit) => *exit,
        Err(error) => error.exit,
    };
    let finished = context.now();
    let calls = (clients.ghl.calls(), clients.bigmailer.calls());
    let tally = &outcome.tally;
    let mut document = json!({
        "schema_version": 1,
        "command": "runs undo",
        "profile": profile.name,
        "run_id": run_id,
        "undoes": args.run,
        "mode": "undo",
        "dry_run": args.dry_run,
        "started_at": instant(started),
        "finished_at": instant(finished),
        "duration_ms": finished - started,
        "contacts": {
            "total": tally.total(),
            "restored": tally.restored,
            "partly": tally.partly,
            "already": tally.already,
            "changed_since": tally.left,
            "failed": tally.failed,
        },
        "stay": {
            "created": tally.created_stay,
            "deleted": tally.deleted_stay,
            "opt_outs": tally.opt_outs_stay,
        },
        "ghl": { "updated": tally.ghl },
        "bigmailer": { "updated": tally.bigmailer },
        "people": {
            "total": tally.total(),
            "created": 0,
            "updated": tally.restored + tally.partly,
            "unchanged": tally.already + tally.left,
            "skipped": 0,
            "failed": tally.failed,
            "held": 0,
        },
        "requests": {
            "ghl": calls.0.requests,
            "bigmailer": calls.1.requests,
            "throttled": calls.0.throttled + calls.1.throttled,
            "retried": calls.0.retried + calls.1.retried,
        },
        "exit_code": exit.code(),
    });
    if !args.dry_run {
        state.transaction(|| state.end_run(&run_id, finished, &document.to_string()))?;
    }
    if context.globals.json {
        let mut problems = Vec::new();
        state.problems(|p| problems.push(p))?;
        document["problems"] = serde_json::to_value(problems)?;
        ui.data(&document.to_string())?;
    } else {
        let mut text = words(&outcome, args, &document);
        for line in lines {
            text.push_str(&format!("  {line}\n"));
        }
        if more > 0 {
            text.push_str(&format!("  … and {more} more\n"));
        }
        if args.dry_run {
            text.push_str("Nothing was written.\n");
        }
        let mut shown = 0;
        state.problems(|p| {
            if shown < limit {
                let id = p.id.as_deref().unwrap_or("?");
                text.push_str(&format!("  {id}: {} ({})\n", p.message, p.reason));
            }
            shown += 1;
        })?;
        if shown > limit {
            text.push_str(&format!(
                "  … and {} more; -v or --json lists them all\n",
                shown - limit
            ));
        }
        ui.data(&text)?;
    }
    verdict
}

/// The values that the run's images name, so that the services are asked for them even where no
/// rule does any more.
fn keys(state: &State, run: &str) -> Result<(BTreeSet<String>, BTreeSet<String>), CliError> {
    let (mut sources, mut tags) = (BTreeSet::new(), BTreeSet::new());
    let mut skip = 0;
    loop {
        let part: Vec<Kept<Image>> = state.changes_of_run(run, skip, 500)?;
        if part.is_empty() {
            return Ok((sources, tags));
        }
        skip += part.len();
        for kept in part {
            let names = kept
                .body
                .into_iter()
                .flat_map(|image| image.values.into_keys());
            match kept.side == Side::Ghl.as_str() {
                true => sources.extend(names),
                false => tags.extend(names),
            }
        }
    }
}

fn verdict(outcome: &Outcome) -> Result<Exit, CliError> {
    match &outcome.end {
        End::Complete if outcome.tally.failed > 0 => Ok(Exit::SomeFailed),
        End::Complete => Ok(Exit::Done),
        End::Braked(brake) => Err(CliError::new(
            Exit::Brake,
            "brake",
            format!("{brake}; nothing was written"),
        )
        .hint("if that is what you want, `--yes` lets this one pass")),
        End::Stopped(why) => Err(CliError::stopped(*why)),
        End::Remote(error) => Err(CliError::from(error.clone())),
    }
}

fn words(outcome: &Outcome, args: &UndoArgs, document: &Value) -> String {
    let tally = &outcome.tally;
    let (head, would) = match args.dry_run {
        true => ("Dry run: undoing", "would be "),
        false => ("Undid", ""),
    };
    let mut text = format!(
        "{head} run {}, which changed {}:\n",
        args.run,
        counted(tally.total(), "contact")
    );
    for (count, word) in [
        (tally.restored, format!("{would}put back")),
        (
            tally.partly,
            format!("{would}put back in part, the rest was changed since"),
        ),
        (tally.already, "as before already".to_owned()),
        (tally.left, "changed since, left as they are".to_owned()),
        (tally.failed, "failed".to_owned()),
        (tally.created_stay, "created by the run, stay".to_owned()),
        (
            tally.deleted_stay,
            "deleted by the run, are not made again".to_owned(),
        ),
        (
            tally.opt_outs_stay,
            "opted out by the run, stay opted out".to_owned(),
        ),
    ] {
        if count > 0 || word.ends_with("put back") {
            text.push_str(&format!("{count:>9}  {word}\n"));
        }
    }
    let requests = &document["requests"];
    text.push_str(&format!(
        "{} to HighLevel, {} to BigMailer, run {}\n",
        counted(requests["ghl"].as_u64().unwrap_or(0), "call"),
        requests["bigmailer"],
        document["run_id"].as_str().unwrap_or_default()
    ));
    text
}
