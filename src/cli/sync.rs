//! `ghl-bm sync`: flags in, engine called, outcome worded. Start reading at [`run`].

use std::thread;
use std::time::Duration;

use clap::Args;

use crate::engine::{self, End, Options, Outcome, Sides};
use crate::fit::fit;
use crate::mapping::Direction;
use crate::state::{Access, RunLock, State, put_aside};
use crate::stop::Why;

use super::context::{Context, watch_signals};
use super::error::{CliError, Exit};
use super::progress::Bars;
use super::report::{self, Frame};

/// Bring HighLevel and BigMailer in step, as the profile says
///
/// Reads what changed in HighLevel since the last run (or everything, on the first run, after a
/// profile change, and once every `full_every`), and BigMailer where a rule looks there; decides per
/// contact, and writes only what differs.
/// Safe to start at any time and from cron: a second run at the same time ends with code 9, and a
/// run that was interrupted is finished by the next one.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm sync --dry-run              show what would be done, write nothing anywhere
  ghl-bm sync                        do it
  ghl-bm sync --full                 read and compare everything
  ghl-bm sync --only ada@example.com one person
  ghl-bm sync --json | jq .people    for scripts
  ghl-bm --sandbox sync              on built-in fake services")]
pub struct SyncArgs {
    /// Print what would be done and write nothing, neither to a service nor to the state
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: exit 20 when there is something to do
    #[arg(long, requires = "dry_run")]
    exit_code: bool,
    /// Read and compare all contacts, not only those that changed
    #[arg(long)]
    full: bool,
    /// Only these people, by e-mail address or HighLevel contact id
    #[arg(long, value_name = "EMAIL|ID", num_args = 1.., conflicts_with = "full")]
    only: Vec<String>,
    /// Stop in good order after this long (such as 10m); the next run goes on
    #[arg(long, value_name = "DURATION", value_parser = super::context::duration)]
    max_duration: Option<Duration>,
    /// Wait for another run of this profile to end, instead of exit code 9
    #[arg(long)]
    wait: bool,
    /// Put a damaged state file aside and build a new one from both services
    #[arg(long, conflicts_with = "dry_run")]
    rebuild_state: bool,
    /// Name e-mail addresses in problems and examples
    #[arg(long)]
    show_pii: bool,
    #[arg(long, value_name = "DURATION", hide = true)]
    every: Option<String>,
    #[arg(long, value_name = "FILE", hide = true)]
    plan_out: Option<String>,
    #[arg(long, value_name = "FILE", hide = true)]
    apply: Option<String>,
}

impl SyncArgs {
    fn refuse_unsupported(&self) -> Result<(), CliError> {
        for (flag, given) in [
            ("--every", &self.every),
            ("--plan-out", &self.plan_out),
            ("--apply", &self.apply),
        ] {
            if given.is_some() {
                return Err(CliError::usage(format!("{flag} is not supported yet")));
            }
        }
        Ok(())
    }
}

pub fn run(context: &Context, args: SyncArgs) -> Result<Exit, CliError> {
    args.refuse_unsupported()?;
    let profile = context.load_profile()?;
    let ui = &context.ui;
    let what = if args.dry_run { "Planning" } else { "Syncing" };
    let way = match (profile.sync.direction, profile.writes_to_highlevel()) {
        (Direction::ToBigmailer, false) => "HighLevel to BigMailer",
        (Direction::ToGhl, _) => "BigMailer to HighLevel",
        (Direction::Both | Direction::ToBigmailer, _) => "HighLevel and BigMailer",
    };
    ui.info(&format!("{what} profile {}: {way}", profile.name));

    let path = context.state_path();
    let _lock = if args.dry_run {
        None
    } else {
        Some(lock(context, &path, args.wait)?)
    };
    let started = context.now();
    let run_id = context.new_run_id(started);
    if args.rebuild_state && path.exists() {
        let aside = put_aside(&path, &run_id)?;
        ui.warning(&format!("the old state file is now {}", aside.display()));
    }
    let state = State::open(
        &path,
        if args.dry_run {
            Access::Peek
        } else {
            Access::Write
        },
    )?;

    let stop = &context.stop;
    watch_signals(stop);
    if let Some(limit) = args.max_duration {
        let stop = stop.clone();
        thread::spawn(move || {
            if stop.wait(limit).is_none() {
                stop.ask(Why::OutOfTime);
            }
        });
    }
    let mut ghl = context.ghl(&profile)?;
    let mut bigmailer = context.bigmailer(&profile)?;
    let services = context.services(&profile, &ghl, &bigmailer)?;
    let fitted = fit(&profile, &services);
    let Some(resolved) = &fitted.resolved else {
        return Err(report::misfit(&profile, &fitted));
    };
    ghl.want(&profile.wanted_sources())?;
    bigmailer.want(&resolved.wanted_targets());

    if !args.dry_run {
        state.begin_run(&run_id, started)?;
    }
    let options = Options {
        now: started,
        dry_run: args.dry_run,
        full: args.full || args.rebuild_state,
        only: args.only,
        pass_brakes: context.globals.yes,
        ..Options::default()
    };
    let bars = Bars::new(ui);
    let outcome = engine::sync(
        Sides {
            ghl: &ghl,
            bigmailer: &bigmailer,
        },
        resolved,
        &state,
        &options,
        &bars,
        stop,
    );
    bars.finish();
    let outcome = outcome?;

    let verdict = verdict(&outcome, args.dry_run && args.exit_code);
    let exit = match &verdict {
        Ok(exit) => *exit,
        Err(error) => error.exit,
    };
    let frame = Frame {
        profile: &profile.name,
        run_id: &run_id,
        dry_run: args.dry_run,
        started,
        finished: context.now(),
        calls: (ghl.calls(), bigmailer.calls()),
        exit,
        show_pii: args.show_pii,
    };
    if !args.dry_run {
        state.transaction(|| {
            state.end_run(
                &run_id,
                frame.finished,
                &report::stored_document(&frame, &outcome),
            )
        })?;
    }
    if context.globals.json {
        report::print_sync_json(ui, &frame, &outcome, &state)?;
    } else if !came_to_nothing(&outcome) {
        report::print_sync(ui, &frame, &outcome, &state)?;
    }
    verdict
}

/// The exit code of a run that ended in good order, or the error that ended it.
fn verdict(outcome: &Outcome, tell_differences: bool) -> Result<Exit, CliError> {
    let people = &outcome.tally.people;
    // Somebody who is held, or was only just made, may have a write that failed besides.
    let failed_writes = outcome.tally.bm_failed + outcome.tally.ghl.failed;
    match &outcome.end {
        End::Complete if people.failed + failed_writes > 0 => Ok(Exit::SomeFailed),
        End::Complete if people.held > 0 => Ok(Exit::Conflicts),
        End::Complete if tell_differences && outcome.planned.writes() > 0 => Ok(Exit::Differences),
        End::Complete => Ok(Exit::Done),
        End::Braked(brake) => Err(CliError::new(
            Exit::Brake,
            "brake",
            format!("{brake}; nothing was written"),
        )
        .hint("look at `ghl-bm sync --dry-run -v`; if it is right, `--yes` lets one run pass")),
        End::Stopped(why) => Err(CliError::stopped(*why)),
        End::Remote(error) => Err(CliError::from(error.clone())),
    }
}

/// A run that was refused before it read anybody has only its error to tell.
fn came_to_nothing(outcome: &Outcome) -> bool {
    let tally = &outcome.tally;
    matches!(outcome.end, End::Remote(_)) && tally.read_ghl == 0 && tally.people.total() == 0
}

pub(super) fn lock(
    context: &Context,
    state: &std::path::Path,
    wait: bool,
) -> Result<RunLock, CliError> {
    let mut said = false;
    loop {
        if let Some(lock) = RunLock::take(state)? {
            return Ok(lock);
        }
        if !wait {
            return Err(CliError::new(
                Exit::Locked,
                "locked",
                "another run of this profile is under way",
            )
            .hint("let it finish, or use --wait to queue"));
        }
        if !said {
            context
                .ui
                .info("waiting for another run of this profile to end");
            said = true;
            watch_signals(&context.stop);
        }
        if let Some(why) = context.stop.wait(Duration::from_millis(200)) {
            return Err(CliError::new(
                Exit::of_stop(why),
                "interrupted",
                "interrupted while waiting",
            ));
        }
    }
}
