//! `ghl-bm man`: manual pages, made of the help of the commands. Start reading at [`run`].

use std::fs;
use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;

use crate::mapping::nearest::nearest;

use super::context::Context;
use super::error::{CliError, Exit};

/// Print a manual page, or write all of them
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm man | man -l -                       read the manual
  ghl-bm man sync | man -l -                  of one command
  ghl-bm man --dir ~/.local/share/man/man1    all; then `man ghl-bm-sync`")]
pub struct ManArgs {
    /// A command, such as `sync` or `pull contacts`; none: the program
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
    /// Write a file for each command into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "words")]
    dir: Option<PathBuf>,
}

pub fn run(context: &Context, args: ManArgs) -> Result<Exit, CliError> {
    let mut root = super::command().disable_help_subcommand(true);
    root.build();
    if let Some(dir) = &args.dir {
        fs::create_dir_all(dir)
            .and_then(|()| clap_mangen::generate_to(root, dir))
            .map_err(|error| {
                let message = format!("cannot write manual pages into {}: {error}", dir.display());
                CliError::new(Exit::Failed, "io", message).hint("name another directory with --dir")
            })?;
        context
            .ui
            .info(&format!("the manual pages are in {}", dir.display()));
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    Man::new(find(&root, &args.words)?.clone()).render(&mut page)?;
    context.ui.data(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}

/// The command that words name.
///
/// # Errors
/// There is none, with the nearest.
pub fn find<'a>(root: &'a clap::Command, words: &[String]) -> Result<&'a clap::Command, CliError> {
    words.iter().try_fold(root, |command, word| {
        command.find_subcommand(word).ok_or_else(|| {
            let names: Vec<&str> = command
                .get_subcommands()
                .map(clap::Command::get_name)
                .collect();
            let near = nearest(word, &names);
            let error = CliError::usage(format!("there is no command `{word}`"));
            match near {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("`ghl-bm help` lists the commands and topics"),
            }
        })
    })
}
