//! `ghl-bm sync`: flags in, engine called, outcome worded. Start reading at [`run`].

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use clap::{ArgGroup, Args};

use crate::engine::saved::{self, Header, LoadError};
use crate::engine::{self, Apply, End, Options, Outcome, Resolved};
use crate::fit::Seen;
use crate::mapping::{Direction, Profile};
use crate::state::{Access, RunLock, State, put_aside};
use crate::stop::{Stop, Why};

use super::clients::connect;
use super::context::{Context, watch_signals};
use super::error::{CliError, Exit};
use super::map::SEEN;
use super::progress::Bars;
use super::publish::Publication;
use super::report::{self, Frame};
use super::whole_file::{Readers, WholeFile, file_error};

/// Bring HighLevel and BigMailer in step, as the profile says
///
/// Reads what changed in HighLevel since the last run (or everything, on the first run, after a
/// profile change, and once every `full_every`), and BigMailer where a rule looks there; decides per
/// contact, and writes only what differs.
/// Safe to start at any time and from cron: a second run at the same time ends with code 9, and a
/// run that was interrupted is finished by the next one.
#[derive(Debug, Default, Args)]
#[command(group(ArgGroup::new("planning").multiple(true).args(["dry_run", "plan_out"])))]
#[command(after_long_help = "\
Examples:
  ghl-bm sync --dry-run              show what would be done
  ghl-bm sync                        do it
  ghl-bm sync --full                 read and compare everything
  ghl-bm sync --only ada@example.com one person
  ghl-bm sync --plan-out plan.json   write the plan only; look at it, then
  ghl-bm sync --apply plan.json      carry out exactly that plan
  ghl-bm sync --report run.html      and keep a page about it
  ghl-bm sync --every 15m            stay, and do it every quarter of an hour
  ghl-bm sync --json | jq .people    for scripts
  ghl-bm --sandbox sync              on built-in fake services")]
pub struct SyncArgs {
    /// Print what would be done and write nothing, neither to a service nor to the state
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run or --plan-out: exit 20 when there is something to do
    #[arg(long, requires = "planning")]
    exit_code: bool,
    /// Save the plan in this file, with what was read and what is to be written; implies --dry-run
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    plan_out: Option<PathBuf>,
    /// Carry out exactly the plan in this file; refused (exit 7, nothing written) if anybody in it
    /// has changed since it was made
    #[arg(long, value_name = "FILE", conflicts_with_all = ["full", "only", "rebuild_state"])]
    apply: Option<PathBuf>,
    /// With --apply: leave out those who have changed since and carry out the rest
    #[arg(long, requires = "apply")]
    allow_partial: bool,
    /// Read and compare all contacts, not only those that changed
    #[arg(long)]
    full: bool,
    /// Only these people, by e-mail address or HighLevel contact id
    #[arg(long, value_name = "EMAIL|ID", num_args = 1.., conflicts_with = "full", value_parser = crate::cli::given)]
    only: Vec<String>,
    /// Stop in good order after this long (such as 10m); the next run goes on
    #[arg(long, value_name = "DURATION", value_parser = super::context::duration)]
    max_duration: Option<Duration>,
    /// Wait for another run of this profile to end, instead of exit code 9
    #[arg(long)]
    wait: bool,
    /// Put a damaged state file aside and build a new one from both services
    #[arg(long, conflicts_with_all = ["dry_run", "plan_out"])]
    rebuild_state: bool,
    /// Name e-mail addresses in problems and examples
    #[arg(long)]
    show_pii: bool,
    /// Write a page about the run in this file, however it ends: counts, what changed by field and
    /// list, problems by id, times, calls against limits
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write the run's figures in this file, for Prometheus' textfile collector (*.prom), however it
    /// ends
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "plan_out"])]
    metrics: Option<PathBuf>,
    /// Run again and again in the foreground, this long after each other (such as 15m), for
    /// containers and service managers; until a signal, or an error that does not heal
    #[arg(long, value_name = "DURATION", value_parser = interval,
        conflicts_with_all = ["dry_run", "plan_out", "apply", "rebuild_state"])]
    every: Option<Duration>,
}

impl SyncArgs {
    /// A dry run, and nothing else.
    pub fn dry() -> SyncArgs {
        SyncArgs {
            dry_run: true,
            ..SyncArgs::default()
        }
    }
}

/// A pause that leaves both services time to breathe.
fn interval(text: &str) -> Result<Duration, String> {
    let every = super::context::duration(text)?;
    match every >= Duration::from_secs(1) {
        true => Ok(every),
        false => Err("at least 1s".to_owned()),
    }
}

pub fn run(context: &Context, args: SyncArgs) -> Result<Exit, CliError> {
    match args.every {
        Some(every) => super::every::run(context, every, |beat| once(context, &args, beat)),
        None => once(context, &args, &|| {}),
    }
}

/// One run. `beat` is called whenever it shows that it is at work.
fn once(context: &Context, args: &SyncArgs, beat: &dyn Fn()) -> Result<Exit, CliError> {
    let mut publication = Publication::new(
        context,
        args.report.as_deref(),
        args.metrics.as_deref(),
        args.dry_run || args.plan_out.is_some(),
        args.show_pii,
    )?;
    let result = attempt(context, args, beat, &mut publication);
    let result = result.map_err(|e| e.with_reason(context.stop.asked()));
    publication.publish(context, result)
}

/// The run itself; `publication` hears of it.
fn attempt(
    context: &Context,
    args: &SyncArgs,
    beat: &dyn Fn(),
    publication: &mut Publication,
) -> Result<Exit, CliError> {
    let profile = context.load_profile()?;
    let ui = &context.ui;
    let dry_run = publication.summary.dry_run;
    let what = match (dry_run, &args.apply) {
        (true, _) => "Planning",
        (false, Some(_)) => "Applying a plan of",
        (false, None) => "Syncing",
    };
    let way = match (profile.sync.direction, profile.writes_to_highlevel()) {
        (Direction::ToBigmailer, false) => "HighLevel to BigMailer",
        (Direction::ToGhl, _) => "BigMailer to HighLevel",
        (Direction::Both | Direction::ToBigmailer, _) => "HighLevel and BigMailer",
    };
    ui.info(&format!("{what} profile {}: {way}", profile.name));
    let plan_file = match &args.plan_out {
        // For the owner's eyes only: it is full of people.
        Some(path) => Some(WholeFile::new(path, Readers::Owner)?),
        None => None,
    };

    let path = context.state_path();
    let _lock = if dry_run {
        None
    } else {
        Some(lock(context, &path, args.wait)?)
    };
    let started = context.now();
    let run_id = context.new_run_id(started);
    publication.summary.started = started;
    publication.summary.run_id = Some(run_id.clone());
    if args.rebuild_state && path.exists() {
        let aside = put_aside(&path, &run_id)?;
        ui.warning(&format!("the old state file is now {}", aside.display()));
    }
    let state = State::open(&path, if dry_run { Access::Peek } else { Access::Write })?;

    let apply = match &args.apply {
        Some(file) => Some(load_plan(&state, &profile, file, args.allow_partial)?),
        None => None,
    };

    let stop = &context.stop;
    watch_signals(stop);
    // The clock ends with the run: the next one has a time of its own.
    let over = Stop::new();
    let _over = Over(&over);
    if let Some(limit) = args.max_duration {
        let (stop, over) = (stop.clone(), over.clone());
        thread::spawn(move || {
            if over.wait(limit).is_none() {
                stop.ask(Why::OutOfTime);
            }
        });
    }
    let connecting = Instant::now();
    let clients = connect(context, &profile)?;
    let connected = connecting.elapsed();
    let resolved = &clients.resolved;

    if !dry_run {
        state.begin_run(&run_id, started)?;
        // For `map check`: what is renamed or retyped from now on is drift.
        let seen = serde_json::to_string(&Seen::of(&profile, &clients.services))?;
        if state.meta(SEEN)?.as_ref() != Some(&seen) {
            state.set_meta(SEEN, &seen)?;
        }
    }
    let options = Options {
        now: started,
        dry_run,
        full: args.full || args.rebuild_state,
        only: args.only.clone(),
        pass_brakes: context.globals.yes,
        read_all_planned: args.plan_out.is_some(),
        apply,
        ..Options::default()
    };
    let bars = Bars::new(ui).beating(beat);
    let outcome = engine::sync(clients.sides(), resolved, &state, &options, &bars, stop);
    bars.finish();
    let outcome = outcome?;

    let verdict = verdict(&outcome, args.exit_code);
    let exit = match &verdict {
        Ok(exit) => *exit,
        Err(error) => error.exit,
    };
    let (read, wrote) = bars.times();
    publication.summary.phases = vec![
        ("Connecting", connected),
        ("Reading and planning", read),
        ("Writing", wrote),
    ];
    publication.hear(&clients, &state, &outcome, exit)?;
    let frame = Frame {
        profile: &profile.name,
        run_id: &run_id,
        dry_run,
        started,
        finished: context.now(),
        calls: (clients.ghl.calls(), clients.bigmailer.calls()),
        exit,
        show_pii: args.show_pii,
    };
    if let (Some(file), End::Complete | End::Braked(_)) = (plan_file, &outcome.end) {
        let tally = &outcome.tally;
        let at = report::instant(started);
        let header = Header::new(&profile, at, tally.read_ghl, tally.read_bigmailer);
        keep_plan(file, context, &state, resolved, &header)?;
    }
    if !dry_run {
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
        let lists = clients.services.list_names();
        report::print_sync(ui, &frame, &outcome, &state, &lists)?;
    }
    verdict
}

/// Tells whoever waits beside a run that it is over.
struct Over<'a>(&'a Stop);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.ask(Why::Failed);
    }
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
        End::Stale { moved, of } => Err(CliError::new(
            Exit::Brake,
            "plan_stale",
            format!(
                "{moved} of the {of} people in the plan have changed since it was made; nothing was written"
            ),
        )
        .hint("make a new plan with `--plan-out`, or carry out the rest with `--allow-partial`")),
        End::Stopped(why) => Err(CliError::stopped(*why)),
        End::Remote(error) => Err(CliError::from(error.clone())),
    }
}

/// Lets the staged plan appear in its file.
fn keep_plan(
    mut file: WholeFile,
    context: &Context,
    state: &State,
    resolved: &Resolved,
    header: &Header,
) -> Result<(), CliError> {
    let path = file.path().to_owned();
    let failed = |e: std::io::Error| file_error(&path, "write", &e);
    let mut out = BufWriter::new(file.out());
    let people = saved::write(state, resolved, header, &mut out)?.map_err(failed)?;
    out.flush().map_err(failed)?;
    drop(out);
    file.appear()?;
    let shown = path.display();
    context.ui.info(&format!(
        "the plan for {people} people is in {shown}; carry it out with `ghl-bm sync --apply {shown}`"
    ));
    Ok(())
}

/// Reads a plan and makes sure that it is one for this profile.
fn load_plan(
    state: &State,
    profile: &Profile,
    path: &Path,
    allow_partial: bool,
) -> Result<Apply, CliError> {
    let file = File::open(path).map_err(|e| file_error(path, "read", &e))?;
    let refused = |why: String| {
        let message = format!("the plan {} cannot be applied: {why}", path.display());
        CliError::new(Exit::Invalid, "plan_invalid", message)
            .hint("make a new one with `ghl-bm sync --plan-out FILE`")
    };
    let header = match saved::load(state, file) {
        Ok(header) => header,
        Err(LoadError::State(e)) => return Err(e.into()),
        Err(e) => return Err(refused(e.to_string())),
    };
    if let Some(why) = header.misfit(profile) {
        return Err(refused(why));
    }
    Ok(Apply {
        allow_partial,
        read_ghl: header.read.ghl,
        read_bigmailer: header.read.bigmailer,
    })
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
