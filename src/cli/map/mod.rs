//! `ghl-bm map`: make, change, list, show, check and delete mapping profiles. Start reading at [`run`].

mod check;
mod edit;
mod init;
mod interview;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::profiles::schema;

use super::context::Context;
use super::error::{CliError, Exit};
use super::lines::ListFormat;

pub use check::SEEN;

/// Make, change, list, show and check mapping profiles
///
/// A profile says which HighLevel location goes with which BigMailer brand, which fields and tags
/// travel, and how careful a sync has to be. It is a TOML file that you may edit.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map init                              make one, by questions
  ghl-bm map add field companyName COMPANY     one more field
  ghl-bm map set sync.on_ghl_delete unsubscribe
  ghl-bm map check --create                    make what is missing
  ghl-bm map show")]
pub struct MapArgs {
    #[command(subcommand)]
    command: MapCommand,
}

#[derive(Debug, Subcommand)]
enum MapCommand {
    Init(init::InitArgs),
    /// List the profiles there are
    #[command(after_long_help = "\
Examples:
  ghl-bm map list
  ghl-bm map list --json | jq -r .profiles[]
  ghl-bm map list --format ndjson --jq .")]
    List(ListFormat),
    /// Print a profile
    #[command(after_long_help = "\
Examples:
  ghl-bm map show
  ghl-bm -p shop2 map show > shop2.toml")]
    Show,
    Set(edit::SetArgs),
    Add(edit::AddArgs),
    Remove(edit::RemoveArgs),
    Check(check::CheckArgs),
    Test(super::map_test::TestArgs),
    /// Open a profile in $VISUAL or $EDITOR; it is replaced only by a valid one
    #[command(after_long_help = "\
Examples:
  ghl-bm map edit
  EDITOR=\"code --wait\" ghl-bm -p shop2 map edit")]
    Edit,
    /// Print the JSON Schema of profiles, for editors
    ///
    /// `map init` puts it beside the profiles and names it in their first line.
    #[command(after_long_help = "\
Examples:
  ghl-bm map schema > profile.schema.json")]
    Schema,
    /// Delete a profile's file; its state and credentials stay
    #[command(after_long_help = "\
Examples:
  ghl-bm -p shop2 map delete
  ghl-bm -p shop2 map delete --yes")]
    Delete,
}

pub fn run(context: &Context, args: MapArgs) -> Result<Exit, CliError> {
    match args.command {
        MapCommand::Init(args) => init::run(context, args),
        MapCommand::List(format) => list(context, format),
        MapCommand::Show => show(context),
        MapCommand::Set(args) => edit::set(context, args),
        MapCommand::Add(args) => edit::add(context, args),
        MapCommand::Remove(args) => edit::remove(context, args),
        MapCommand::Check(args) => check::run(context, &args),
        MapCommand::Test(args) => super::map_test::run(context, &args),
        MapCommand::Edit => edit::edit(context),
        MapCommand::Schema => {
            context.ui.data(&schema())?;
            Ok(Exit::Done)
        }
        MapCommand::Delete => delete(context),
    }
}

/// Brings a profile of an older format up to date, and says so.
fn bring_up(context: &Context) -> Result<(), CliError> {
    if let Some(done) = context.profiles().bring_up(&context.profile_name)? {
        context.ui.info(&format!(
            "the profile was of format {} and is now of format {}; as it was: {}",
            done.from,
            crate::profiles::VERSION,
            done.backup.display()
        ));
    }
    Ok(())
}

fn list(context: &Context, format: ListFormat) -> Result<Exit, CliError> {
    let names = context.profiles().list()?;
    if format.is_for_programs(context) {
        let document = json!({ "schema_version": 1, "command": "map list", "profiles": names });
        format.print(context, &document, "profiles")?;
    } else if names.is_empty() {
        context
            .ui
            .hint("there is no profile yet: make one with `ghl-bm map init`");
    } else {
        context.ui.data(&names.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn show(context: &Context) -> Result<Exit, CliError> {
    // In the sandbox the profile may have to be made first; a broken one is shown as it is.
    context.make_sandbox_profile()?;
    let text = context.profiles().text(&context.profile_name)?;
    if context.globals.json {
        let document = json!({ "schema_version": 1, "command": "map show", "profile": context.profile_name, "toml": text });
        context.ui.data(&document.to_string())?;
    } else {
        context.ui.data(&text)?;
    }
    Ok(Exit::Done)
}

fn delete(context: &Context) -> Result<Exit, CliError> {
    let profiles = context.profiles();
    let name = &context.profile_name;
    // Says so when there is none, before it asks anything.
    profiles.text(name)?;
    let path = profiles.path(name)?;
    if !context.globals.yes {
        let question = format!("delete {}?", path.display());
        if !context.ui.can_ask() {
            return Err(CliError::usage("deleting a profile has to be confirmed")
                .hint(format!("`ghl-bm -p {name} map delete --yes` deletes it")));
        }
        if !context.ui.confirm(&question)? {
            return Err(CliError::new(
                Exit::Failed,
                "cancelled",
                "nothing was deleted",
            ));
        }
    }
    profiles.delete(name)?;
    if context.globals.json {
        let document =
            json!({ "schema_version": 1, "command": "map delete", "profile": name, "path": path });
        context.ui.data(&document.to_string())?;
    } else {
        context.ui.info(&format!("deleted {}", path.display()));
        if context.state_path().exists() {
            context.ui.hint(&format!(
                "its state is still in {}; credentials: `ghl-bm -p {name} auth logout ghl`",
                context.state_path().display()
            ));
        }
    }
    Ok(Exit::Done)
}
