//! `ghl-bm pull`: read a service into a file or a pipe.
//!
//! One file a noun, or a family of them: [`contacts`], [`contact`], [`related`], [`directory`]. Rows
//! go through [`flow`], contacts come from [`feed`], what hangs on them from [`fetch`]; shapes,
//! order and files are in the room `export`. Start reading at [`run`].

mod bigmailer;
mod contact;
mod contacts;
mod cost;
mod directory;
mod feed;
mod fetch;
mod flow;
mod ghl;
mod output;
mod related;
mod things;

use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};

use crate::contact::Side;

use super::context::Context;
use super::error::{CliError, Exit};

pub use ghl::fixed_columns;

/// Export contacts and what belongs to them as CSV, JSON or NDJSON
///
/// Rows come in a fixed order, so that unchanged data gives the same bytes. A file named by -o
/// appears only when it is complete. docs/pull.md has the columns of everything and what it costs.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull contacts -o contacts.csv
  ghl-bm pull contact ada@example.com
  ghl-bm pull tasks --all --completed false
  ghl-bm pull lists --json")]
pub struct PullArgs {
    #[command(subcommand)]
    command: PullCommand,
}

#[derive(Debug, Subcommand)]
enum PullCommand {
    Contacts(contacts::ContactsArgs),
    Contact(contact::ContactArgs),
    Tasks(related::TasksArgs),
    Notes(related::NotesArgs),
    Appointments(related::AppointmentsArgs),
    Opportunities(related::OpportunitiesArgs),
    Businesses(directory::BusinessesArgs),
    Fields(directory::FieldsArgs),
    Tags(directory::TagsArgs),
    Lists(directory::ListsArgs),
}

pub fn run(context: &Context, args: PullArgs) -> Result<Exit, CliError> {
    match args.command {
        PullCommand::Contacts(args) => contacts::run(context, &args),
        PullCommand::Contact(args) => contact::run(context, &args),
        PullCommand::Tasks(args) => related::run_tasks(context, &args),
        PullCommand::Notes(args) => related::run_notes(context, &args),
        PullCommand::Appointments(args) => related::run_appointments(context, &args),
        PullCommand::Opportunities(args) => related::run_opportunities(context, &args),
        PullCommand::Businesses(args) => directory::run_businesses(context, &args),
        PullCommand::Fields(args) => directory::run_fields(context, &args),
        PullCommand::Tags(args) => directory::run_tags(context, &args),
        PullCommand::Lists(args) => directory::run_lists(context, &args),
    }
}

impl ValueEnum for Side {
    fn value_variants<'a>() -> &'a [Side] {
        &[Side::Ghl, Side::Bigmailer]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}
