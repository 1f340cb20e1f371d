//! The shell: words in, words out.
//!
//! Parses the command line, builds the [`context::Context`], hands over to one file per command and
//! turns its answer into an exit code. Decides nothing about contacts. Start reading at [`run`].

mod api;
mod attached;
mod auth;
mod clients;
mod complete;
mod completions;
mod conflicts;
mod context;
mod crash;
mod error;
mod every;
mod explain;
mod forget;
mod help;
mod lines;
mod man;
mod map;
mod map_test;
mod metrics;
mod parallel;
mod probe;
mod progress;
mod publish;
mod pull;
mod push;
mod report;
mod report_html;
mod runs;
#[cfg(feature = "sandbox")]
mod sandbox;
mod sync;
mod systemd;
mod test;
mod undo;
mod whole_file;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use context::Context;
use error::{CliError, Exit};

/// What `--version` says after the name; the facts are gathered by `build.rs`.
const BUILD: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (commit ",
    env!("BUILD_COMMIT"),
    ", ",
    env!("BUILD_TARGET"),
    ", ",
    env!("BUILD_PROFILE"),
    ", rustc ",
    env!("BUILD_RUSTC"),
    ")"
);

/// Keeps the contacts of a HighLevel (GoHighLevel) location and a BigMailer brand in step.
///
/// HighLevel contacts travel to BigMailer with their fields, tags (as lists) and opt-outs. An
/// opt-out seen on either side is never loosened, nothing that the profile does not map is
/// touched, and a run that is killed is finished by the next one.
#[derive(Debug, Parser)]
#[command(
    name = "ghl-bm",
    version,
    long_version = BUILD,
    propagate_version = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
#[command(after_long_help = "\
Examples:
  ghl-bm --sandbox sync                 try it, no account needed
  ghl-bm auth login ghl --with-token    store the HighLevel token
  ghl-bm map init                       make a profile, by questions
  ghl-bm sync --dry-run                 see what a sync would do
  ghl-bm sync                           do it
  ghl-bm pull contacts -o contacts.csv

Exit codes: 0 done, 2 usage, 3 some contacts failed, 4 log in, 5 service down, 6 daily quota, \
7 safety brake, 8 conflicts, 9 already running, 11 profile or state invalid. More of them, and other \
topics: ghl-bm help exit-codes, environment, limits, json.")]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Mapping profile to use
    #[arg(
        short,
        long,
        global = true,
        env = "GHL_BM_PROFILE",
        value_name = "NAME"
    )]
    pub profile: Option<String>,
    /// Where profiles and settings live
    #[arg(long, global = true, env = "GHL_BM_CONFIG_DIR", value_name = "DIR")]
    pub config_dir: Option<std::path::PathBuf>,
    /// Where state and run history live
    #[arg(long, global = true, env = "GHL_BM_STATE_DIR", value_name = "DIR")]
    pub state_dir: Option<std::path::PathBuf>,
    /// Talk to built-in fake services on loopback; nothing leaves the machine
    #[arg(long, global = true, env = "GHL_BM_SANDBOX", value_parser = FalseyValueParser::new())]
    pub sandbox: bool,
    /// Keep the sandbox's world, profile and state in this directory
    #[arg(long, global = true, env = "GHL_BM_SANDBOX_DIR", value_name = "DIR")]
    pub sandbox_dir: Option<std::path::PathBuf>,
    /// Print one JSON document on stdout, errors as JSON on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// Filter the JSON document with a jq expression; implies --json. One result a line, strings as
    /// they are
    #[arg(long, global = true, value_name = "EXPR")]
    pub jq: Option<String>,
    /// Say less
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice: log each request, without secrets or contact values
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Shape of what is said on stderr
    #[arg(
        long,
        global = true,
        env = "GHL_BM_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,
    /// Colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Never ask anything
    #[arg(long, global = true, env = "GHL_BM_NO_INPUT", value_parser = FalseyValueParser::new())]
    pub no_input: bool,
    /// Answer yes to the confirmation this command would ask; lets a run pass the safety brakes
    #[arg(short, long, global = true)]
    pub yes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Auth(auth::AuthArgs),
    Map(map::MapArgs),
    Pull(pull::PullArgs),
    Push(push::PushArgs),
    Sync(sync::SyncArgs),
    Test(test::TestArgs),
    Api(api::ApiArgs),
    Runs(runs::RunsArgs),
    Explain(explain::ExplainArgs),
    Conflicts(conflicts::ConflictsArgs),
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::SandboxArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Help(help::HelpArgs),
}

/// Runs the program with these arguments (the first is the program's name).
pub fn run<I, T>(argv: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let argv: Vec<OsString> = argv.into_iter().map(Into::into).collect();
    crash::watch(wants_json(&argv));
    match complete::answer(&argv) {
        Ok(false) => {}
        Ok(true) => return ExitCode::from(Exit::Done.code()),
        Err(e) => return refuse(&e, &argv),
    }
    let mut cli = match Cli::try_parse_from(&argv) {
        Ok(cli) => cli,
        Err(e) => return refuse(&e, &argv),
    };
    cli.globals.json |= cli.globals.jq.is_some();
    let json = cli.globals.json;
    let context = match Context::new(cli.globals) {
        Ok(context) => context,
        Err(e) => {
            let ui = crate::ui::Ui::new(crate::ui::Talk::Normal, crate::ui::LogFormat::Text, false);
            return finish(&ui, json, Err(e));
        }
    };
    let result = match cli.command {
        Command::Auth(args) => auth::run(&context, args),
        Command::Map(args) => map::run(&context, args),
        Command::Pull(args) => pull::run(&context, args),
        Command::Push(args) => push::run(&context, args),
        Command::Sync(args) => sync::run(&context, args),
        Command::Test(args) => test::run(&context, args),
        Command::Api(args) => api::run(&context, args),
        Command::Runs(args) => runs::run(&context, args),
        Command::Explain(args) => explain::run(&context, &args),
        Command::Conflicts(args) => conflicts::run(&context, args),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => sandbox::run(&context, args),
        Command::Completions(args) => completions::run(&context, args),
        Command::Man(args) => man::run(&context, args),
        Command::Help(args) => help::run(&context, &args),
    };
    let result = result.map_err(|e| e.with_reason(context.stop.asked()));
    finish(&context.ui, json, result)
}

fn finish(ui: &crate::ui::Ui, json: bool, result: Result<Exit, CliError>) -> ExitCode {
    let exit = match result {
        Ok(exit) => exit,
        Err(e) if e.quiet => e.exit,
        Err(e) => {
            tell(ui, json, &e);
            e.exit
        }
    };
    ExitCode::from(exit.code())
}

/// Says what went wrong and what to type next.
fn tell(ui: &crate::ui::Ui, json: bool, error: &CliError) {
    if json {
        return ui.raw(&error.document());
    }
    ui.error(&error.message);
    if let Some(hint) = &error.hint {
        ui.hint(hint);
    }
}

/// Before the words are understood, and where they cannot be.
fn wants_json(argv: &[OsString]) -> bool {
    argv.iter().any(|argument| {
        let argument = argument.to_string_lossy();
        argument == "--json" || argument == "--jq" || argument.starts_with("--jq=")
    })
}

/// Help, version and wrong usage.
fn refuse(error: &clap::Error, argv: &[OsString]) -> ExitCode {
    if error.use_stderr() && wants_json(argv) {
        let message = error.render().to_string();
        let message = message.trim().trim_start_matches("error: ").to_owned();
        let ui = crate::ui::Ui::new(crate::ui::Talk::Normal, crate::ui::LogFormat::Text, false);
        return finish(&ui, true, Err(CliError::usage(message)));
    }
    // A closed pipe is the only way this can fail, and nobody is left to be told.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() {
        Exit::Usage.code()
    } else {
        Exit::Done.code()
    })
}

/// Reads the name of somebody or something. An empty one is a variable that a script forgot to set, and
/// would only be looked for in vain.
fn given(text: &str) -> Result<String, String> {
    match text.trim().is_empty() {
        true => Err("it is empty; a variable may not be set".to_owned()),
        false => Ok(text.to_owned()),
    }
}

/// The command tree, for completions and for tests.
pub fn command() -> clap::Command {
    Cli::command()
}
