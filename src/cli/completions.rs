//! `ghl-bm completions`: completion scripts for shells. Start reading at [`run`].

use clap::Args;
use clap_complete::Shell;

use super::context::Context;
use super::error::{CliError, Exit};

/// Print the completion script of a shell
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm completions bash > ~/.local/share/bash-completion/completions/ghl-bm
  ghl-bm completions zsh > ~/.zfunc/_ghl-bm
  ghl-bm completions fish > ~/.config/fish/completions/ghl-bm.fish")]
pub struct CompletionsArgs {
    shell: Shell,
}

pub fn run(context: &Context, args: CompletionsArgs) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "ghl-bm", &mut script);
    context.ui.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
