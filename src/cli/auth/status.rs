//! `ghl-bm auth status`: where the credentials come from, whether they are accepted, what they can do
//! and how long. Start reading at [`run`].

use clap::Args;
use serde_json::{Map, Value, json};

use crate::contact::Side;
use crate::credentials::{Kept, Tokens, kind, masked_tail};
use crate::mapping::Profile;

use super::super::context::{Context, Identity};
use super::super::error::{CliError, Exit};
use super::super::lines::ListFormat;
use super::{SIDES, known_profiles, scopes};

/// Show where the credentials come from, whether the services accept them and what they can do
///
/// Of every profile, or of the one that --profile names. Exit code 4 when one is missing or refused.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm auth status
  ghl-bm -p shop2 auth status
  ghl-bm auth status --offline                 asks neither service
  ghl-bm auth status --jq .services.ghl.usable")]
pub struct StatusArgs {
    /// Look at what is stored only; whether it is accepted is not known then
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    format: ListFormat,
}

/// HighLevel recommends to rotate private integration tokens every 90 days (HighLevel docs, private
/// integrations).
const ROTATION_DAYS: i64 = 90;

/// From this age on it is said.
const WARN_DAYS: i64 = 80;

/// An unused refresh token ends after a year (HighLevel docs, OAuth 2.0).
const REFRESH_DAYS: i64 = 365;

const DAY: i64 = 86_400_000;

/// How many days ago a token was put in.
fn age_days(kept: Option<&Kept>, now: i64) -> Option<i64> {
    match kept? {
        Kept::Token(token) => token.since.map(|since| (now - since).max(0) / DAY),
        Kept::App(_) => None,
    }
}

/// What to say of a HighLevel token's age, once there is something to say, and what to do then.
pub fn rotation_warning(
    side: Side,
    kept: Option<&Kept>,
    now: i64,
) -> Option<(String, &'static str)> {
    if let (Side::Ghl, Some(Kept::App(app))) = (side, kept) {
        let idle = (now - app.tokens.since) / DAY;
        return (idle >= REFRESH_DAYS - 30).then(|| {
            (
                format!("the login was last renewed {idle} days ago and ends after {REFRESH_DAYS}"),
                "run `ghl-bm auth refresh --force`",
            )
        });
    }
    let age = age_days(kept, now).filter(|_| side == Side::Ghl)?;
    (age >= WARN_DAYS).then(|| {
        (
            format!(
                "the token was put in {age} days ago; HighLevel recommends a new one every \
                 {ROTATION_DAYS}"
            ),
            "rotate it in HighLevel, then run `ghl-bm auth login ghl --with-token`",
        )
    })
}

/// A time span in its two largest units, such as `23 h 59 min`.
pub fn span(millis: i64) -> String {
    let minutes = millis.max(0) / 60_000;
    let (days, hours) = (minutes / 1_440, minutes / 60 % 24);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {hours} h"),
    }
}

/// One service's lines.
struct State {
    side: Side,
    source: Option<String>,
    kind: Option<&'static str>,
    tail: Option<String>,
    name: Option<String>,
    quota: Option<u64>,
    tokens: Option<Tokens>,
    lacking: Vec<(String, Vec<&'static str>)>,
    age: Option<i64>,
    warning: Option<String>,
    /// `None` when nobody was asked.
    usable: Option<bool>,
    /// Why nobody was, in that case.
    unasked: &'static str,
    problem: Option<String>,
    hint: Option<String>,
}

pub fn run(context: &Context, args: &StatusArgs) -> Result<Exit, CliError> {
    let names = match context.globals.profile.is_some() || context.globals.sandbox {
        true => vec![context.profile_name.clone()],
        false => known_profiles(context)?,
    };
    let mut all = Vec::new();
    for name in names {
        // Location and brand are asked for only where a profile names them.
        let profile = match context.globals.sandbox {
            true => Some(context.load_profile()?),
            false => context.profiles().load(&name).ok(),
        };
        let states = SIDES.map(|side| look(context, args, side, &name, profile.as_ref()));
        all.push((name, states));
    }
    let bad = |state: &State| state.usable == Some(false) || state.source.is_none();
    let exit = match all.iter().flat_map(|(_, states)| states).any(bad) {
        true => Exit::Login,
        false => Exit::Done,
    };
    match args.format.is_for_programs(context) {
        true => {
            let document = document(context, &all, exit);
            args.format.print(context, &document, "profiles")?;
        }
        false => {
            let texts: Vec<String> = all
                .iter()
                .map(|(name, states)| text(context, name, states))
                .collect();
            context.ui.data(&texts.join("\n"))?;
        }
    }
    Ok(exit)
}

fn document(context: &Context, all: &[(String, [State; 2])], exit: Exit) -> Value {
    let services = |states: &[State; 2]| -> Map<String, Value> {
        let of = |state: &State| (state.side.as_str().to_owned(), value(context, state));
        states.iter().map(of).collect()
    };
    let profiles: Vec<Value> = all
        .iter()
        .map(|(name, states)| json!({"profile": name, "services": services(states)}))
        .collect();
    let chosen = all.iter().find(|(name, _)| *name == context.profile_name);
    json!({
        "schema_version": 1,
        "command": "auth status",
        "profile": context.profile_name,
        "services": chosen.map(|(_, states)| services(states)),
        "profiles": profiles,
        "exit_code": exit.code(),
    })
}

fn value(context: &Context, s: &State) -> Value {
    let expires = s.tokens.as_ref().and_then(|tokens| tokens.expires);
    let expires = expires.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let lacking: Map<String, Value> = s
        .lacking
        .iter()
        .map(|(command, scopes)| (command.clone(), json!(scopes)))
        .collect();
    let due = s
        .age
        .filter(|_| s.side == Side::Ghl)
        .map(|age| ROTATION_DAYS - age);
    json!({
        "usable": s.usable,
        "source": s.source,
        "kind": s.kind,
        "tail": s.tail,
        "name": s.name,
        "quota_left_today": s.quota,
        "scopes": s.tokens.as_ref().map(|tokens| &tokens.scopes),
        "lacking": s.tokens.as_ref().map(|_| lacking),
        "location_id": s.tokens.as_ref().and_then(|tokens| tokens.location_id.clone()),
        "expires_at": expires.map(|at| at.to_string()),
        "expires_in_seconds": s.tokens.as_ref().and_then(|tokens| tokens.expires)
            .map(|at| (at - context.now()) / 1_000),
        "age_days": s.age,
        "rotation_due_in_days": due,
        "warning": s.warning,
        "problem": s.problem,
        "hint": s.hint,
    })
}

fn text(context: &Context, name: &str, states: &[State; 2]) -> String {
    let mut text = format!("profile {name}\n");
    for s in states {
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
        let noun = match s.side {
            Side::Ghl => "location",
            Side::Bigmailer => "brand",
        };
        row(noun, s.name.clone());
        row("quota", s.quota.map(|q| format!("{q} calls left today")));
        if let Some(tokens) = &s.tokens {
            let scopes = tokens.scopes.join(" ");
            row("scopes", Some(scopes).filter(|scopes| !scopes.is_empty()));
            for (command, lacks) in &s.lacking {
                row(
                    "lacks",
                    Some(format!("{} for `{command}`", lacks.join(" "))),
                );
            }
            row(
                "renewed",
                tokens.expires.map(|at| match at - context.now() {
                    left if left > 0 => format!("by itself, the latest in {}", span(left)),
                    _ => "by itself, with the next call".to_owned(),
                }),
            );
        }
        row("age", s.age.map(|age| format!("{age} days")));
        row("warning", s.warning.clone());
        row(
            "state",
            Some(match (s.usable, &s.problem) {
                (Some(true), _) => "accepted".to_owned(),
                (_, Some(problem)) => problem.clone(),
                (_, None) => s.unasked.to_owned(),
            }),
        );
        row("next", s.hint.clone().filter(|_| s.usable != Some(true)));
    }
    text
}

fn look(
    context: &Context,
    args: &StatusArgs,
    side: Side,
    name: &str,
    profile: Option<&Profile>,
) -> State {
    let mut state = State {
        side,
        source: None,
        kind: None,
        tail: None,
        name: None,
        quota: None,
        tokens: None,
        lacking: Vec::new(),
        age: None,
        warning: None,
        usable: None,
        unasked: "not asked (--offline)",
        problem: None,
        hint: None,
    };
    let fail = |state: &mut State, error: CliError| {
        state.usable = Some(false);
        state.problem = Some(error.message);
        state.hint = error.hint;
    };
    let identity = match context.identity_of(name, side) {
        Ok(identity) => identity,
        Err(error) => {
            fail(&mut state, error);
            return state;
        }
    };
    state.source = Some(identity.source.clone());
    state.age = age_days(identity.kept.as_ref(), context.now());
    let warning = rotation_warning(side, identity.kept.as_ref(), context.now());
    state.warning = warning.map(|(what, next)| format!("{what}: {next}"));
    // HighLevel answers nothing that is not about a location.
    let asked = !args.offline && (side == Side::Bigmailer || profile.is_some());
    if !asked && !args.offline {
        state.unasked = "not asked yet: no profile names a location";
        state.hint = Some("`ghl-bm map init` makes one".to_owned());
    }
    let answer = match asked {
        true => ask(context, &identity, profile, &mut state),
        false => Ok(()),
    };
    // After the calls, for they may have renewed it.
    let app = identity.renewal.as_ref().map(|renewal| renewal.app());
    let secret = app
        .as_ref()
        .map_or(&identity.secret, |app| &app.tokens.access);
    state.tail = Some(masked_tail(secret));
    state.kind = Some(match app {
        Some(_) => "OAuth login",
        None => kind(side, secret),
    });
    if let Some(app) = app {
        // Where the service told no scopes, nothing is known to lack.
        if !app.tokens.scopes.is_empty() {
            state.lacking = scopes::lacking(&app.tokens.scopes, profile);
        }
        state.tokens = Some(app.tokens);
    }
    match answer {
        Ok(()) if !asked => {}
        Ok(()) => state.usable = Some(true),
        Err(error) => fail(&mut state, error),
    }
    state
}

fn ask(
    context: &Context,
    identity: &Identity,
    profile: Option<&Profile>,
    state: &mut State,
) -> Result<(), CliError> {
    let credential = identity.credential.clone();
    match (state.side, profile) {
        (Side::Ghl, Some(profile)) => {
            let client = context.ghl_with(profile, credential)?;
            state.name = client.location()?.name;
            state.quota = client.quota_left().map(|q| q.remaining);
        }
        (Side::Bigmailer, Some(profile)) => {
            let client = context.bigmailer_with(Some(profile), credential)?;
            client.me()?;
            state.name = client.brand()?.name;
        }
        (Side::Bigmailer, None) => context.bigmailer_with(None, credential)?.me()?,
        (Side::Ghl, None) => {}
    }
    Ok(())
}
