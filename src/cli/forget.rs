//! `ghl-bm runs forget`: erases one person from what is remembered. Start reading at [`run`].

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::contact::email_key;
use crate::state::{Access, State};

use super::context::Context;
use super::error::{CliError, Exit};

/// Erase one person from state and history, down to the bytes on disk
///
/// Forgets the link, every remembered value, what earlier runs replaced, and the problems they
/// reported about this person; then writes the state file anew, so that nothing of it is left in
/// the file. Both services stay as they are: if the person is still there, the next sync meets a
/// stranger. That somebody deleted the person in BigMailer is forgotten too.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm runs forget ada@example.com
  ghl-bm runs forget ada@example.com --yes    without being asked")]
pub struct ForgetArgs {
    /// The person's e-mail address, or the id of a contact of either service
    #[arg(value_name = "EMAIL")]
    who: String,
    /// Wait for another run of this profile to end, instead of exit code 9
    #[arg(long)]
    wait: bool,
}

pub fn run(context: &Context, args: &ForgetArgs) -> Result<Exit, CliError> {
    let path = context.state_path();
    let word = match args.who.contains('@') {
        true => email_key(&args.who).unwrap_or_default(),
        false => args.who.trim().to_owned(),
    };
    if word.is_empty() {
        return Err(CliError::usage("say whom to forget, by e-mail address")
            .hint("`ghl-bm runs forget EMAIL`"));
    }
    if !path.exists() {
        return report(context, 0, false, &[]);
    }
    let _lock = super::sync::lock(context, &path, args.wait)?;
    if !context.globals.yes {
        let question = "forget everything about this person? it cannot be undone";
        if !context.ui.can_ask() {
            return Err(CliError::usage("forgetting somebody cannot be undone")
                .hint("add --yes to do it without being asked"));
        }
        if !context.ui.confirm(question)? {
            let message = "nobody was forgotten";
            return Err(CliError::new(Exit::Failed, "cancelled", message));
        }
    }
    let state = State::open(&path, Access::Write)?;
    let forgotten = state.transaction(|| state.forget(&word))?;
    // Even if nothing was known any more: an earlier try may have been cut off here.
    state.scrub()?;
    let aside = put_aside(&path);
    report(context, forgotten.rows, forgotten.tombstone, &aside)
}

/// Damaged state files of earlier days, which may know the person too.
fn put_aside(state: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (state.parent(), state.file_name()) else {
        return Vec::new();
    };
    let begins = format!("{}.damaged-", name.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&begins))
        })
        .collect();
    found.sort();
    found
}

fn report(
    context: &Context,
    rows: u64,
    tombstone: bool,
    aside: &[PathBuf],
) -> Result<Exit, CliError> {
    for path in aside {
        let path = path.display();
        let sentence =
            format!("{path} was put aside earlier and may still know this person: delete it");
        context.ui.warning(&sentence);
    }
    if tombstone {
        context.ui.warning(
            "somebody had deleted this person in BigMailer, which is forgotten too: while the contact is in HighLevel, the next sync makes it again",
        );
    }
    if context.globals.json {
        let aside: Vec<String> = aside.iter().map(|p| p.display().to_string()).collect();
        let document = json!({
            "schema_version": 1,
            "command": "runs forget",
            "profile": context.profile_name,
            "rows": rows,
            "was_deleted_in_bigmailer": tombstone,
            "left_aside": aside,
        });
        context.ui.data(&document.to_string())?;
        return Ok(Exit::Done);
    }
    context.ui.data(&match rows {
        0 => "Nothing was known of this person.".to_owned(),
        _ => format!("Forgotten: {rows} entries about this person are gone from the state file."),
    })?;
    Ok(Exit::Done)
}
