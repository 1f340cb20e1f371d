//! `ghl-bm push`: write a file into a service. Start reading at [`run`].
//!
//! Rows are checked while they come in ([`spool`]), take the place of a side ([`mod@file`]), go through
//! the same engine as a sync ([`contacts`]) and are accounted for one by one ([`account`]).

mod account;
mod columns;
mod contacts;
mod file;
mod spool;
mod things;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use crate::contact::Side;
use crate::rows::{Hint, Rows};
use crate::ui::Step;

use super::context::Context;
use super::error::{CliError, Exit};
use account::Files;
use columns::Meaning;
use file::Column;
use spool::Kept;

/// Write contacts, tags, notes or tasks from a file or standard input into a service
///
/// The file is CSV (the first row names the columns) or NDJSON. Contacts go through the same rules as
/// a sync: an opt-out is never loosened, nothing that the file does not name is touched, an empty
/// cell changes nothing. Every row is accounted for, and a push that was cut off can be repeated.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm push contacts people.csv --dry-run
  ghl-bm push contacts people.csv --rejects rejects.csv --report report.csv
  ghl-bm push tags tags.csv
  ghl-bm pull contacts --format ndjson | jq -c 'select(.city == \"Köln\")' | \\
      ghl-bm push contacts -")]
pub struct PushArgs {
    #[command(subcommand)]
    command: PushCommand,
}

#[derive(Debug, Subcommand)]
enum PushCommand {
    Contacts(contacts::ContactsArgs),
    #[command(flatten)]
    Things(things::Things),
}

/// What every push takes.
#[derive(Debug, Args)]
struct FileArgs {
    /// CSV (the first row names the columns) or one JSON object a line; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Check the file, ask the service, print what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write what became of each row to this CSV file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write the rows that could not be pushed to this file, to be mended and pushed again
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Shape of the file, where its beginning does not tell
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// What stands between the cells of CSV, where the header does not tell: one character, or tab
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    Ghl,
    Bigmailer,
}

impl To {
    fn side(self) -> Side {
        match self {
            To::Ghl => Side::Ghl,
            To::Bigmailer => Side::Bigmailer,
        }
    }
}

/// The one side that has such things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    Ghl,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text == "tab" || text == "\\t" => Ok(b'\t'),
        [one] if one.is_ascii() && !b"\"\r\n".contains(one) => Ok(*one),
        _ => Err("give one character such as `;`, or `tab`".to_owned()),
    }
}

pub fn run(context: &Context, args: PushArgs) -> Result<Exit, CliError> {
    match args.command {
        PushCommand::Contacts(args) => contacts::run(context, &args),
        PushCommand::Things(things) => things::run(context, &things),
    }
}

/// Tells how many rows of the file are read.
///
/// # Errors
/// When somebody asked to stop.
fn reading(context: &Context, done: u64) -> Result<(), CliError> {
    let step = Step {
        phase: "reading_file",
        side: None,
        done,
        total: None,
    };
    context.ui.progress(step, || format!("read {done} rows"));
    match context.stop.asked() {
        Some(why) => Err(CliError::stopped(why)),
        None => Ok(()),
    }
}

impl FileArgs {
    fn open(&self) -> Result<Rows<Box<dyn Read>>, CliError> {
        let stream: Box<dyn Read> = if self.file == Path::new("-") {
            Box::new(io::stdin())
        } else {
            let failed = |e: io::Error| {
                CliError::new(
                    Exit::Usage,
                    "file",
                    format!("cannot read {}: {e}", self.file.display()),
                )
            };
            let file = File::open(&self.file).map_err(failed)?;
            if file.metadata().map_err(failed)?.is_dir() {
                return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
            }
            Box::new(file)
        };
        let hint = Hint {
            ndjson: self.format.map(|format| format == Format::Ndjson),
            delimiter: self.delimiter,
        };
        Rows::read(stream, hint).map_err(|error| self.named(spool::unreadable(error)))
    }

    /// The files that are to tell what became of the rows.
    fn outputs(&self) -> Result<Files, CliError> {
        let input = Some(self.file.as_path()).filter(|path| *path != Path::new("-"));
        Files::of(input, self.report.as_deref(), self.rejects.as_deref())
    }

    /// Adds the file's name to what is wrong with it.
    fn named(&self, mut error: CliError) -> CliError {
        let name = match self.file.to_str() {
            Some("-") => "standard input".to_owned(),
            _ => self.file.display().to_string(),
        };
        error.message = format!("{name}: {}", error.message);
        error
    }
}

/// What is to be done with a row of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    /// Create or update.
    Upsert,
    Unsubscribe,
    Delete,
}

/// What a row's column `op` says.
fn op_of(columns: &[Column], row: &Kept) -> Result<Op, String> {
    let at = columns.iter().position(|c| c.meaning == Meaning::Op);
    let word = at.and_then(|at| row.cell(at)).map(spool::Kind::text);
    match word.as_deref().map(str::trim) {
        None | Some("" | "upsert") => Ok(Op::Upsert),
        Some("unsubscribe") => Ok(Op::Unsubscribe),
        Some("delete") => Ok(Op::Delete),
        Some(other) => Err(format!(
            "`op` is `{other}`; known are upsert, unsubscribe and delete"
        )),
    }
}
