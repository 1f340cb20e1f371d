//! `ghl-bm auth`: put credentials in, look at them, use them, forget them. Start reading at [`run`].

mod browser;
mod login;
pub mod scopes;
mod status;

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use crate::contact::Side;
use crate::credentials::{RenewalError, hold};

use super::context::Context;
use super::error::{CliError, Exit};

pub use status::rotation_warning;

/// Store, show, renew and forget the credentials of both services
///
/// HighLevel: a private integration token (Settings, Private Integrations, in the sub-account), or the
/// OAuth login of an app of your own. BigMailer: an API key (account menu, API). Kept in the system
/// keyring, one entry per profile and service, or where GHL_BM_CREDENTIAL_STORE says: keyring, file,
/// env, command:PROGRAM. GHL_BM_GHL_TOKEN and GHL_BM_BIGMAILER_API_KEY (or …_FILE) override it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm auth login ghl --with-token     asks, without showing it
  ghl-bm auth login ghl --client-id ID          logs in with a browser
  ghl-bm auth login bigmailer --with-token < key.txt
  ghl-bm auth status
  ghl-bm auth logout ghl")]
pub struct AuthArgs {
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, Subcommand)]
enum AuthCommand {
    Login(Box<login::LoginArgs>),
    Status(status::StatusArgs),
    /// Get a new HighLevel access token now, where the login is one that ends
    ///
    /// Commands do this by themselves, shortly before a token ends and when it is refused.
    #[command(after_long_help = "\
Examples:
  ghl-bm auth refresh
  ghl-bm auth refresh --force        also while the present one is good")]
    Refresh {
        /// Also while the present token is good for more than a minute
        #[arg(long)]
        force: bool,
    },
    /// Print the token or key, for other programs
    ///
    /// A HighLevel access token that is about to end is renewed first.
    #[command(after_long_help = "\
Examples:
  curl -H \"Authorization: Bearer $(ghl-bm auth token ghl)\" …
  GHL_BM_BIGMAILER_API_KEY=$(ghl-bm auth token bigmailer) other-program")]
    Token {
        /// Whose token or key
        #[arg(value_name = "ghl|bigmailer")]
        service: Service,
    },
    /// Forget a stored credential
    #[command(after_long_help = "\
Examples:
  ghl-bm auth logout ghl
  ghl-bm -p shop2 auth logout bigmailer
  ghl-bm auth logout --all                 both services, every profile")]
    Logout {
        /// Whose credential
        #[arg(required_unless_present = "all")]
        service: Option<Service>,
        /// Everything that is stored, of every profile
        #[arg(long, conflicts_with = "service")]
        all: bool,
    },
    /// Move what is stored to another store, and use that from now on
    ///
    /// Each entry is written to the new store and read back before it is removed from the old one.
    #[command(after_long_help = "\
Examples:
  ghl-bm auth migrate --to file       from the keyring into files of yours
  ghl-bm auth migrate --to keyring    and back")]
    Migrate {
        /// The store to move to: keyring or file
        #[arg(long, value_name = "STORE")]
        to: Target,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Service {
    Ghl,
    Bigmailer,
}

impl Service {
    pub fn side(self) -> Side {
        match self {
            Service::Ghl => Side::Ghl,
            Service::Bigmailer => Side::Bigmailer,
        }
    }
}

/// Stores that something can be moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    Keyring,
    File,
}

const SIDES: [Side; 2] = [Side::Ghl, Side::Bigmailer];

pub fn run(context: &Context, args: AuthArgs) -> Result<Exit, CliError> {
    match args.command {
        AuthCommand::Login(args) => login::run(context, &args),
        AuthCommand::Status(args) => status::run(context, &args),
        AuthCommand::Refresh { force } => refresh(context, force),
        AuthCommand::Token { service } => token(context, service.side()),
        AuthCommand::Logout { service, all } => logout(context, service, all),
        AuthCommand::Migrate { to } => migrate(context, to),
    }
}

fn noun(side: Side) -> &'static str {
    match side {
        Side::Ghl => "token",
        Side::Bigmailer => "API key",
    }
}

fn refresh(context: &Context, force: bool) -> Result<Exit, CliError> {
    let identity = context.identity(Side::Ghl)?;
    let Some(renewal) = &identity.renewal else {
        context
            .ui
            .info("nothing to renew: this HighLevel token is not one of an OAuth login");
        return Ok(Exit::Done);
    };
    let before = renewal.app().tokens.since;
    let app = match force {
        true => renewal.renew_now()?,
        false => renewal.renew_if_ending()?,
    };
    let left = app
        .tokens
        .expires
        .map(|end| status::span(end - context.now()));
    let until = left
        .map(|left| format!(", good for {left}"))
        .unwrap_or_default();
    context.ui.info(&match app.tokens.since == before {
        true => {
            format!("the HighLevel token was not renewed{until}; --force renews it all the same")
        }
        false => format!(
            "renewed the HighLevel token of profile {}{until}",
            context.profile_name
        ),
    });
    Ok(Exit::Done)
}

fn token(context: &Context, side: Side) -> Result<Exit, CliError> {
    use secrecy::ExposeSecret as _;
    let identity = context.identity(side)?;
    let secret = match &identity.renewal {
        Some(renewal) => renewal.renew_if_ending()?.tokens.access,
        None => identity.secret.clone(),
    };
    if context.globals.json {
        let document = json!({
            "schema_version": 1,
            "command": "auth token",
            "token": secret.expose_secret(),
        });
        context.ui.data(&document.to_string())?;
    } else {
        context.ui.data(secret.expose_secret())?;
    }
    Ok(Exit::Done)
}

fn logout(context: &Context, service: Option<Service>, all: bool) -> Result<Exit, CliError> {
    let (profiles, sides) = match service {
        Some(service) => (vec![context.profile_name.clone()], vec![service.side()]),
        None => (known_profiles(context)?, SIDES.to_vec()),
    };
    if all
        && !context.globals.yes
        && context.ui.can_ask()
        && !context.ui.confirm("forget every stored credential?")?
    {
        return Err(CliError::new(
            Exit::Failed,
            "cancelled",
            "nothing was forgotten",
        ));
    }
    let mut forgotten = 0;
    for profile in &profiles {
        let credentials = context.credentials_of(profile)?;
        for side in &sides {
            let _lock = exclusive(context, profile, *side)?;
            let what = format!("{} {} of profile {profile}", side.title(), noun(*side));
            if credentials.forget(*side)? {
                forgotten += 1;
                context.ui.info(&format!("forgot the {what}"));
            } else if !all {
                context.ui.info(&format!("there was no stored {what}"));
            }
        }
    }
    if all && forgotten == 0 {
        context.ui.info("nothing was stored");
    }
    Ok(Exit::Done)
}

/// The profiles there are, and the chosen one: a login may come before its profile.
fn known_profiles(context: &Context) -> Result<Vec<String>, CliError> {
    let mut profiles = context.profiles().list()?;
    if !profiles.contains(&context.profile_name) {
        profiles.push(context.profile_name.clone());
    }
    Ok(profiles)
}

/// Keeps renewals away while a side's entry is replaced; only HighLevel has any.
fn exclusive(
    context: &Context,
    profile: &str,
    side: Side,
) -> Result<Option<std::fs::File>, CliError> {
    if side != Side::Ghl {
        return Ok(None);
    }
    let stop = context.stop.clone();
    let pause = move |pause: Duration| stop.wait(pause).is_some();
    let held = hold(
        &context.token_lock(profile),
        Duration::from_secs(60),
        &pause,
    );
    Ok(Some(held.map_err(|error| match error {
        RenewalError::Busy => CliError::new(Exit::Locked, "locked", error.to_string()),
        other => CliError::from(other),
    })?))
}

fn migrate(context: &Context, to: Target) -> Result<Exit, CliError> {
    let word = match to {
        Target::Keyring => "keyring",
        Target::File => "file",
    };
    if context.store_is_variable() {
        return Err(CliError::usage(
            "GHL_BM_CREDENTIAL_STORE names the store, so that settings would have no effect",
        )
        .hint("unset it, migrate, and leave it unset"));
    }
    let mut moved = 0;
    for profile in known_profiles(context)? {
        let from = context.credentials_of(&profile)?;
        if from.store().word() == word {
            context
                .ui
                .info(&format!("the credential store is `{word}` already"));
            return Ok(Exit::Done);
        }
        let into = context.credentials_in(word, &profile)?;
        for side in SIDES {
            let _lock = exclusive(context, &profile, side)?;
            if let Some(kept) = from.kept(side)? {
                // Reads back what it wrote, and fails where that is something else.
                into.keep(side, &kept, context.now())?;
                from.forget(side)?;
                moved += 1;
                context.ui.info(&format!(
                    "moved the {} {} of profile {profile}",
                    side.title(),
                    noun(side)
                ));
            }
        }
    }
    context.save_store(word)?;
    context.ui.info(&format!(
        "{moved} moved; the credential store is `{word}` from now on"
    ));
    Ok(Exit::Done)
}
