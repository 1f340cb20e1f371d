//! `ghl-bm completions`: scripts that make shells complete commands and values. Start reading at
//! [`run`]; where the values come from is in `complete`.

use clap::{Args, ValueEnum};

use super::complete;
use super::context::Context;
use super::error::{CliError, Exit};

/// Print the completion script of a shell
///
/// It completes commands and flags, and values that this machine knows: profiles, their fields, lists
/// and tags, runs, ids of linked contacts. No service is asked.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm completions bash > ~/.local/share/bash-completion/completions/ghl-bm
  ghl-bm completions zsh > ~/.zfunc/_ghl-bm
  ghl-bm completions fish > ~/.config/fish/completions/ghl-bm.fish
  ghl-bm completions powershell >> $PROFILE
  ghl-bm completions elvish >> ~/.config/elvish/rc.elv")]
pub struct CompletionsArgs {
    /// Your shell
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Powershell => "powershell",
            Shell::Elvish => "elvish",
        }
    }
}

pub fn run(context: &Context, args: CompletionsArgs) -> Result<Exit, CliError> {
    let name = args.shell.name();
    let script = complete::script(name).ok_or_else(|| {
        CliError::usage(format!("there are no completions for {name}"))
            .hint("`ghl-bm completions --help` lists the shells")
    })??;
    context.ui.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
