//! `ghl-bm auth`: put credentials in, look at them, forget them. Start reading at [`run`].

use std::io::Read as _;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::contact::Side;
use crate::credentials::{Credentials, Secret, clean, kind, masked_tail};
use crate::remote::RemoteErrorKind;

use super::context::Context;
use super::error::{CliError, Exit};

/// Store, show and forget the credentials of both services
///
/// HighLevel: a private integration token (Settings, Private Integrations, in the sub-account).
/// BigMailer: an API key (account menu, API). Kept in the system keyring, one entry per profile and
/// service; GHL_BM_GHL_TOKEN and GHL_BM_BIGMAILER_API_KEY (or …_FILE) override it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm auth login ghl --with-token            asks without showing what is typed
  ghl-bm auth login bigmailer --with-token < key.txt
  ghl-bm auth status
  ghl-bm auth logout ghl")]
pub struct AuthArgs {
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, Subcommand)]
enum AuthCommand {
    Login(LoginArgs),
    /// Show where the credentials come from and whether the services accept them
    ///
    /// Exit code 4 when one is missing or refused.
    #[command(after_long_help = "\
Examples:
  ghl-bm auth status
  ghl-bm auth status --json | jq .services.ghl.usable")]
    Status,
    /// Forget a stored credential
    #[command(after_long_help = "\
Examples:
  ghl-bm auth logout ghl
  ghl-bm -p shop2 auth logout bigmailer")]
    Logout {
        /// Whose credential
        service: Service,
    },
}

/// Store a token or key, from standard input or a hidden prompt
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm auth login ghl --with-token                    asks without showing what is typed
  pass show bigmailer | ghl-bm auth login bigmailer --with-token")]
struct LoginArgs {
    /// Whose token or key
    service: Service,
    /// Read the token or key from standard input, or ask for it on a terminal
    #[arg(long, required = true)]
    with_token: bool,
    /// Store it without asking the service first
    #[arg(long)]
    no_check: bool,
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

/// A token is short; whatever is longer is not one.
const LONGEST: u64 = 64 * 1024;

pub fn run(context: &Context, args: AuthArgs) -> Result<Exit, CliError> {
    match args.command {
        AuthCommand::Login(args) => login(context, &args),
        AuthCommand::Status => status(context),
        AuthCommand::Logout { service } => logout(context, service.side()),
    }
}

fn login(context: &Context, args: &LoginArgs) -> Result<Exit, CliError> {
    let side = args.service.side();
    let credentials = context.credentials()?;
    let typed = if context.ui.can_ask() {
        context
            .ui
            .ask_secret(&format!("{} {}", side.title(), noun(side)))?
    } else {
        let mut text = String::new();
        std::io::stdin().take(LONGEST).read_to_string(&mut text)?;
        text
    };
    let cleaned = clean(side, &typed)?;
    for note in &cleaned.notes {
        context.ui.warning(note);
    }
    let name = if args.no_check {
        None
    } else {
        check(context, side, &cleaned.secret)?
    };
    credentials.store(side, &cleaned.secret)?;
    let of = name.map(|n| format!(" ({n})")).unwrap_or_default();
    context.ui.info(&format!(
        "stored the {} {} ending in {} for profile {}{of}",
        side.title(),
        noun(side),
        masked_tail(&cleaned.secret),
        context.profile_name
    ));
    Ok(Exit::Done)
}

fn noun(side: Side) -> &'static str {
    match side {
        Side::Ghl => "token",
        Side::Bigmailer => "API key",
    }
}

/// Asks the service whether it accepts the secret; the name of what it opens, if it says. Without a
/// profile there is no location to ask HighLevel about.
fn check(context: &Context, side: Side, secret: &Secret) -> Result<Option<String>, CliError> {
    let profile = match context.profiles().load(&context.profile_name) {
        Ok(profile) => Some(profile),
        Err(_) if side == Side::Bigmailer => None,
        Err(_) => {
            context
                .ui
                .detail("not checked: there is no profile with a location yet");
            return Ok(None);
        }
    };
    let answer = match (side, &profile) {
        (Side::Ghl, Some(profile)) => {
            let client = context.ghl_with(profile, secret.clone())?;
            client.location().map(|l| l.name)
        }
        (Side::Bigmailer, Some(profile)) => {
            let client = context.bigmailer_with(Some(profile), secret.clone())?;
            client.me().and_then(|()| client.brand()).map(|b| b.name)
        }
        (_, None) => {
            let client = context.bigmailer_with(None, secret.clone())?;
            client.me().map(|()| None)
        }
    };
    match answer {
        Ok(name) => Ok(name),
        Err(e) if matches!(e.kind, RemoteErrorKind::Auth) => {
            Err(CliError::from(e)
                .hint("nothing was stored; copy the secret again, or use --no-check"))
        }
        // The secret may be fine; the service or the network is not.
        Err(e) => {
            context
                .ui
                .warning(&format!("stored without being checked: {e}"));
            Ok(None)
        }
    }
}

/// One service's line of `auth status`.
struct State {
    side: Side,
    source: Option<String>,
    kind: Option<&'static str>,
    tail: Option<String>,
    name: Option<String>,
    quota: Option<u64>,
    usable: bool,
    problem: Option<String>,
    hint: Option<String>,
}

fn status(context: &Context) -> Result<Exit, CliError> {
    // The location and the brand are asked for only where a profile names them.
    let profile = if context.globals.sandbox {
        Some(context.load_profile()?)
    } else {
        context.profiles().load(&context.profile_name).ok()
    };
    let mut states = Vec::new();
    for side in [Side::Ghl, Side::Bigmailer] {
        states.push(look(context, side, profile.as_ref()));
    }
    let usable = states.iter().all(|s| s.usable);
    let exit = if usable { Exit::Done } else { Exit::Login };
    if context.globals.json {
        let services: serde_json::Map<String, Value> = states
            .iter()
            .map(|s| {
                let value = json!({
                    "usable": s.usable,
                    "source": s.source,
                    "kind": s.kind,
                    "tail": s.tail,
                    "name": s.name,
                    "quota_left_today": s.quota,
                    "problem": s.problem,
                    "hint": s.hint,
                });
                (s.side.as_str().to_owned(), value)
            })
            .collect();
        let document = json!({
            "schema_version": 1,
            "command": "auth status",
            "profile": context.profile_name,
            "services": services,
            "exit_code": exit.code(),
        });
        context.ui.data(&document.to_string())?;
        return Ok(exit);
    }
    let mut text = format!("profile {}\n", context.profile_name);
    for s in &states {
        text.push_str(&format!("{}\n", s.side.title()));
        let mut row = |label: &str, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!("  {label:<9} {value}\n"));
            }
        };
        row("source", s.source.clone());
        row(
            "kind",
            s.kind
                .map(|k| format!("{k}, ends in {}", s.tail.as_deref().unwrap_or("?"))),
        );
        let noun = if s.side == Side::Ghl {
            "location"
        } else {
            "brand"
        };
        row(noun, s.name.clone());
        row("quota", s.quota.map(|q| format!("{q} calls left today")));
        row(
            "state",
            Some(if s.usable {
                "accepted".to_owned()
            } else {
                s.problem.clone().unwrap_or_default()
            }),
        );
        row("next", s.hint.clone().filter(|_| !s.usable));
    }
    context.ui.data(&text)?;
    Ok(exit)
}

fn look(context: &Context, side: Side, profile: Option<&crate::mapping::Profile>) -> State {
    let mut state = State {
        side,
        source: None,
        kind: None,
        tail: None,
        name: None,
        quota: None,
        usable: false,
        problem: None,
        hint: None,
    };
    let fail = |state: &mut State, error: CliError| {
        state.problem = Some(error.message);
        state.hint = error.hint;
    };
    match context.found(side) {
        Ok((secret, source)) => {
            state.source = Some(source);
            state.kind = Some(kind(side, &secret));
            state.tail = Some(masked_tail(&secret));
        }
        Err(error) => {
            fail(&mut state, error);
            return state;
        }
    }
    let answer: Result<(), CliError> = (|| {
        match (side, profile) {
            (Side::Ghl, Some(profile)) => {
                let client = context.ghl(profile)?;
                state.name = client.location()?.name;
                state.quota = client.quota_left().map(|q| q.remaining);
            }
            (Side::Bigmailer, Some(profile)) => {
                let client = context.bigmailer(profile)?;
                client.me()?;
                state.name = client.brand()?.name;
            }
            (Side::Bigmailer, None) => context.bigmailer_with(None, context.secret(side)?)?.me()?,
            (Side::Ghl, None) => {
                state.name = Some("not asked: there is no profile with a location yet".to_owned());
            }
        }
        Ok(())
    })();
    match answer {
        Ok(()) => state.usable = true,
        Err(error) => fail(&mut state, error),
    }
    state
}

fn logout(context: &Context, side: Side) -> Result<Exit, CliError> {
    let credentials: Credentials = context.credentials()?;
    let what = format!(
        "{} {} of profile {}",
        side.title(),
        noun(side),
        context.profile_name
    );
    if credentials.forget(side)? {
        context.ui.info(&format!("forgot the {what}"));
    } else {
        context.ui.info(&format!("there was no stored {what}"));
    }
    Ok(Exit::Done)
}
