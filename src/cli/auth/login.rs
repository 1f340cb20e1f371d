//! `ghl-bm auth login`: a token or key that somebody has, or the OAuth login of an app. Start reading
//! at [`run`].

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use clap::Args;
use oauth2::{CsrfToken, PkceCodeChallenge};
use url::Url;

use crate::api::ghl::oauth::{Asking, Oauth, Page, Visit};
use crate::contact::Side;
use crate::credentials::{
    App, Credential, CredentialError, Credentials, GrantError, Kept, Secret, Token, Tokens, clean,
    masked_tail,
};
use crate::mapping::Profile;
use crate::remote::RemoteErrorKind;

use super::super::context::{Context, watch_signals};
use super::super::error::{CliError, Exit};
use super::browser::{self, Door, NoCode, Waiting};
use super::{Service, exclusive, noun, scopes};

/// Store a token or key, or log in to HighLevel with a browser
///
/// With --with-token (the default for BigMailer) the token or key is read from standard input, or
/// asked for without showing it. With --client-id or --install-link an app of yours logs in to
/// HighLevel by OAuth 2.0: choose the location in the browser; where the browser does not come back by
/// itself, paste the address that it ended at, or the code in it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm auth login ghl --with-token     asks, without showing it
  pass show bigmailer | ghl-bm auth login bigmailer --with-token
  ghl-bm auth login ghl --client-id 6578…-lq2x
  ghl-bm auth login ghl --install-link 'https://marketplace.…&version_id=…'
  ghl-bm auth login ghl                  again, as the time before")]
pub struct LoginArgs {
    /// Whose token or key
    #[arg(value_name = "ghl|bigmailer")]
    service: Service,
    /// A secret that somebody typed; taken so that no error repeats it
    #[arg(hide = true)]
    typed_openly: Option<OsString>,
    /// Read the token or key from standard input, or ask for it on a terminal
    #[arg(long, conflicts_with_all = ["client_id", "install_link"])]
    with_token: bool,
    /// Store it without asking the service first
    #[arg(long)]
    no_check: bool,
    /// Client id of your HighLevel app
    #[arg(long, value_name = "ID", help_heading = "OAuth login")]
    client_id: Option<String>,
    /// Read the client secret from the first line of standard input
    #[arg(long, help_heading = "OAuth login")]
    client_secret_stdin: bool,
    /// The redirect URL that is registered for the app [default: http://localhost:8799/callback]
    #[arg(long, value_name = "URL", help_heading = "OAuth login")]
    redirect_uri: Option<Url>,
    /// The install link that the developer portal shows, for apps that are not public
    #[arg(long, value_name = "URL", help_heading = "OAuth login")]
    install_link: Option<Url>,
    /// A scope to ask for beside those that the profile needs; repeat for more
    #[arg(long = "scope", value_name = "SCOPE", help_heading = "OAuth login")]
    scopes: Vec<String>,
    /// The location, where an agency's login reaches several [default: the profile's]
    #[arg(long, value_name = "ID", help_heading = "OAuth login")]
    location: Option<String>,
    /// Prove with PKCE that code and login belong together; HighLevel documents nothing of it
    #[arg(long, help_heading = "OAuth login")]
    pkce: bool,
    /// Only print the link
    #[arg(long, help_heading = "OAuth login")]
    no_browser: bool,
    /// How long to wait for the browser
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = super::super::context::duration, help_heading = "OAuth login")]
    timeout: Duration,
}

/// Where a login comes back to unless something else is registered.
const REDIRECT: &str = "http://localhost:8799/callback";

/// A token is short; whatever is longer is not one.
const LONGEST: u64 = 64 * 1024;

pub fn run(context: &Context, args: &LoginArgs) -> Result<Exit, CliError> {
    let side = args.service.side();
    if args.typed_openly.is_some() {
        return Err(CliError::usage(format!(
            "a {} never goes on the command line, where the shell's history keeps it",
            noun(side)
        ))
        .hint(format!(
            "`ghl-bm auth login {side} --with-token` asks for it; if others can read this history, \
             make a new one"
        )));
    }
    let oauth = args.client_id.is_some() || args.install_link.is_some();
    if oauth && side == Side::Bigmailer {
        return Err(CliError::usage("BigMailer has API keys only")
            .hint("ghl-bm auth login bigmailer --with-token"));
    }
    let credentials = context.credentials()?;
    if !credentials.store().keeps() {
        return Err(not_kept(&credentials, side).into());
    }
    if credentials.store().word() == "file" {
        context.ui.warning(&format!(
            "what is stored goes to files in {}, not to a keyring; whoever reads your files has it",
            context.config_dir().join("credentials").display()
        ));
    }
    let before = match credentials.kept(side) {
        Ok(before) => before,
        // Better said before a secret is asked for.
        Err(error @ CredentialError::NoKeyring { .. }) => return Err(error.into()),
        // An entry that cannot be read is about to be replaced.
        Err(_) => None,
    };
    let known = match &before {
        Some(Kept::App(app)) if side == Side::Ghl => Some(App::clone(app)),
        _ => None,
    };
    if oauth || (known.is_some() && !args.with_token) {
        return app(context, args, &credentials, known);
    }
    if !args.with_token && !context.ui.can_ask() {
        return Err(CliError::usage(format!("say how to log in to {}", side.title())).hint(
            match side {
                Side::Ghl => {
                    "ghl-bm auth login ghl --with-token < FILE\nghl-bm auth login ghl --client-id ID"
                }
                Side::Bigmailer => "ghl-bm auth login bigmailer --with-token < FILE",
            },
        ));
    }
    token(context, args, &credentials, before.is_some())
}

fn not_kept(credentials: &Credentials, side: Side) -> CredentialError {
    CredentialError::NothingStored {
        side,
        store: credentials.store().word(),
    }
}

fn token(
    context: &Context,
    args: &LoginArgs,
    credentials: &Credentials,
    replaces: bool,
) -> Result<Exit, CliError> {
    let side = args.service.side();
    let typed = if context.ui.can_ask() {
        context
            .ui
            .ask_secret(&format!("{} {}", side.title(), noun(side)))?
    } else {
        let mut text = String::new();
        io::stdin().take(LONGEST).read_to_string(&mut text)?;
        text
    };
    let cleaned = clean(side, &typed)?;
    drop(Secret::from(typed));
    for note in &cleaned.notes {
        context.ui.warning(note);
    }
    let name = match args.no_check {
        true => None,
        false => check(context, side, cleaned.secret.clone().into(), replaces)?,
    };
    let kept = Kept::Token(Token {
        secret: cleaned.secret.clone(),
        since: Some(context.now()),
    });
    let _lock = exclusive(context, &context.profile_name, side)?;
    credentials.keep(side, &kept, context.now())?;
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

/// Asks the service whether it accepts the credential; the name of what it opens, if it says.
/// Without a profile there is no location to ask HighLevel about. A credential that works is not
/// replaced by one that nobody has seen working.
fn check(
    context: &Context,
    side: Side,
    credential: Credential,
    replaces: bool,
) -> Result<Option<String>, CliError> {
    let profile = match context.profiles().load(&context.profile_name) {
        Ok(profile) => Some(profile),
        Err(_) if side == Side::Bigmailer => None,
        Err(_) => {
            context.ui.info(
                "not tried yet: HighLevel answers only about a location, and no profile names one; \
                 `ghl-bm map init` does, and tries it",
            );
            return Ok(None);
        }
    };
    let answer = match (side, &profile) {
        (Side::Ghl, Some(profile)) => {
            let client = context.ghl_with(profile, credential)?;
            client.location().map(|l| l.name)
        }
        (Side::Bigmailer, Some(profile)) => {
            let client = context.bigmailer_with(Some(profile), credential)?;
            client.me().and_then(|()| client.brand()).map(|b| b.name)
        }
        (_, None) => {
            let client = context.bigmailer_with(None, credential)?;
            client.me().map(|()| None)
        }
    };
    match answer {
        Ok(name) => Ok(name),
        Err(e) if matches!(e.kind, RemoteErrorKind::Auth) => {
            let why = e.hint.clone().map(|hint| format!("{hint}\n")).unwrap_or_default();
            Err(CliError::from(e).hint(format!(
                "{why}nothing was stored; copy it again, or use --no-check"
            )))
        }
        Err(e) if replaces => Err(CliError::from(e).hint(
            "it could not be checked, so the stored one was not replaced; try again, or use --no-check",
        )),
        // It may be fine; the service or the network is not.
        Err(e) => {
            context
                .ui
                .warning(&format!("stored without being checked: {e}"));
            Ok(None)
        }
    }
}

/// Lines of standard input, one by one and without an end to wait for.
struct Input {
    lines: Receiver<io::Result<String>>,
}

impl Input {
    fn open() -> Input {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in io::stdin().lines() {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Input { lines }
    }
}

/// The OAuth login of an app.
fn app(
    context: &Context,
    args: &LoginArgs,
    credentials: &Credentials,
    known: Option<App>,
) -> Result<Exit, CliError> {
    watch_signals(&context.stop);
    let profile = context.profiles().load(&context.profile_name).ok();
    let page = Page {
        url: match &args.install_link {
            Some(link) => link.clone(),
            None => context.authorize_url()?,
        },
    };
    let client_id = args
        .client_id
        .clone()
        .or_else(|| page.parameter("client_id"))
        .or_else(|| known.as_ref().map(|app| app.client_id.clone()))
        .ok_or_else(|| {
            CliError::usage("the install link names no client id").hint("add --client-id ID")
        })?;
    let known = known.filter(|app| app.client_id == client_id);
    let redirect = redirect_uri(args, &page, known.as_ref())?;
    // Standard input is opened once: its first line may be a secret, what follows an address.
    let mut input = None;
    let client_secret = match known {
        Some(app) if !args.client_secret_stdin => app.client_secret,
        _ => client_secret(context, args, &mut input)?,
    };

    let (challenge, verifier) = match args.pkce {
        true => {
            let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
            (Some(challenge), Some(verifier.into_secret()))
        }
        false => (None, None),
    };
    let mut wanted: Vec<String> = scopes::of_profile(profile.as_ref())
        .into_iter()
        .map(str::to_owned)
        .collect();
    for scope in &args.scopes {
        for scope in scope.split([' ', ',']).filter(|scope| !scope.is_empty()) {
            if !wanted.iter().any(|known| known == scope) {
                wanted.push(scope.to_owned());
            }
        }
    }
    let visit = Visit {
        client_id,
        redirect_uri: redirect.to_string(),
        scopes: wanted,
        state: CsrfToken::new_random().into_secret(),
        challenge,
    };
    let code = send_and_wait(context, args, &page, &redirect, &visit, input)?;

    let oauth = context.oauth()?;
    let asking = Asking {
        client_id: &visit.client_id,
        client_secret: &client_secret,
        redirect_uri: Some(&visit.redirect_uri),
    };
    let tokens = oauth
        .exchange(&asking, &code, verifier.as_deref())
        .map_err(|error| refused(error, "the code was not accepted"))?;
    let wanted = args
        .location
        .clone()
        .or_else(|| profile.as_ref().map(|profile| profile.location_id.clone()));
    let (tokens, agency) = of_location(&oauth, &visit.client_id, tokens, wanted.as_deref())?;
    settle(
        context,
        args,
        credentials,
        profile.as_ref(),
        App {
            client_id: visit.client_id.clone(),
            client_secret,
            redirect_uri: Some(visit.redirect_uri.clone()),
            tokens,
            agency,
        },
    )
}

fn redirect_uri(args: &LoginArgs, page: &Page, known: Option<&App>) -> Result<Url, CliError> {
    // What the link says is what is registered.
    let text = page
        .parameter("redirect_uri")
        .or_else(|| args.redirect_uri.as_ref().map(Url::to_string))
        .or_else(|| known.and_then(|app| app.redirect_uri.clone()))
        .unwrap_or_else(|| REDIRECT.to_owned());
    Url::parse(&text).map_err(|error| CliError::usage(format!("the redirect URL {text}: {error}")))
}

fn client_secret(
    context: &Context,
    args: &LoginArgs,
    input: &mut Option<Input>,
) -> Result<Secret, CliError> {
    let text = if args.client_secret_stdin {
        let input = input.insert(Input::open());
        match input.lines.recv() {
            Ok(line) => line?,
            Err(_) => String::new(),
        }
    } else if context.ui.can_ask() {
        context.ui.ask_secret("Client secret of the app")?
    } else {
        return Err(CliError::usage("the client secret of the app is needed")
            .hint("put it on the first line of standard input and add --client-secret-stdin"));
    };
    let text = Secret::from(text);
    let trimmed = {
        use secrecy::ExposeSecret as _;
        Secret::from(text.expose_secret().trim().trim_matches(['"', '\'']))
    };
    match secrecy::ExposeSecret::expose_secret(&trimmed).is_empty() {
        true => Err(CliError::usage("the client secret is empty")
            .hint("put it on the first line of standard input")),
        false => Ok(trimmed),
    }
}

/// Sends somebody to the page, and waits for the code.
fn send_and_wait(
    context: &Context,
    args: &LoginArgs,
    page: &Page,
    redirect: &Url,
    visit: &Visit,
    input: Option<Input>,
) -> Result<Secret, CliError> {
    let door = match Door::open(redirect) {
        Ok(door) => door,
        Err(error) => {
            context.ui.warning(&format!(
                "the browser cannot come back to {redirect}: {error}; paste the address instead"
            ));
            None
        }
    };
    let link = page.link(visit);
    context.ui.raw(&format!(
        "Open this page and choose the location that ghl-bm may enter:\n\n  {link}\n"
    ));
    context.ui.raw(match door {
        Some(_) => {
            "The browser comes back by itself. If it cannot, paste the address that it ended at, or \
             the code in it, and press Enter."
        }
        None => {
            "Then paste the address that the browser ended at, or the code in it, and press Enter."
        }
    });
    if !args.no_browser && context.ui.can_ask() && open::that_detached(link.as_str()).is_err() {
        context.ui.detail("no browser could be opened");
    }
    let stop = context.stop.clone();
    let code = browser::wait(Waiting {
        door,
        lines: Some(input.unwrap_or_else(Input::open).lines),
        state: &visit.state,
        patience: args.timeout,
        pause: &|pause| stop.wait(pause).is_some(),
        complain: &|why| context.ui.warning(why),
    });
    code.map(|back| back.code).map_err(|no| match no {
        NoCode::Refused(why) => CliError::new(Exit::Login, "auth_refused", why)
            .hint("run it again, and open the link that it prints then"),
        NoCode::TooLate => CliError::new(
            Exit::Login,
            "auth_required",
            format!("nobody came back within {} s", args.timeout.as_secs()),
        )
        .hint("run it again; --timeout gives more time"),
        NoCode::NoWay => CliError::new(
            Exit::Login,
            "auth_required",
            "nobody can come back: standard input is closed, and the redirect does not lead here",
        )
        .hint(
            "run it on a terminal, or pipe the address in: it is the line after the client secret",
        ),
        NoCode::Stopped => context
            .stop
            .asked()
            .map_or_else(CliError::stop_asked, CliError::stopped),
    })
}

fn refused(error: GrantError, what: &str) -> CliError {
    let refused =
        |why: String| CliError::new(Exit::Login, "auth_refused", format!("{what}: {why}"));
    match error {
        GrantError::UsedUp(why) | GrantError::Refused(why) => refused(why).hint(
            "a code is good for one login and for minutes; check client id, client secret and redirect \
             URL, and run it again",
        ),
        GrantError::Paused(why) => refused(why).hint("the location has to be active"),
        GrantError::NoAnswer(why) => CliError::new(
            Exit::Unavailable,
            "unavailable",
            format!("HighLevel did not answer: {why}"),
        )
        .hint("run it again"),
        GrantError::Stopped => CliError::stop_asked(),
    }
}

/// The tokens of a location, and those of the agency where they were made from them. Somebody who
/// installs an app as an agency gets the agency's although one location was chosen.
fn of_location(
    oauth: &Oauth,
    client_id: &str,
    tokens: Tokens,
    wanted: Option<&str>,
) -> Result<(Tokens, Option<Tokens>), CliError> {
    let is_agency = tokens.class.as_deref() == Some("Company");
    if !is_agency {
        return Ok((tokens, None));
    }
    let id = match wanted
        .map(str::to_owned)
        .or_else(|| tokens.location_id.clone())
    {
        Some(id) => id,
        None => match &oauth.locations(client_id, &tokens)?[..] {
            [(id, _)] => id.clone(),
            [] => {
                return Err(CliError::new(
                    Exit::Login,
                    "auth_refused",
                    "this is the login of an agency, and the app is installed in none of its locations",
                )
                .hint("install it in the location, and log in again"));
            }
            some => {
                let names: Vec<String> = some
                    .iter()
                    .map(|(id, name)| format!("  {id}  {name}"))
                    .collect();
                return Err(CliError::new(
                    Exit::Login,
                    "auth_required",
                    "this is the login of an agency with several locations; nothing was stored",
                )
                .hint(format!(
                    "log in again with --location ID:\n{}",
                    names.join("\n")
                )));
            }
        },
    };
    let location = oauth.location_token(&tokens, &id).map_err(|error| {
        refused(error, "the agency's login does not reach the location").hint(
            "log in again with --scope oauth.write (and --scope oauth.readonly, to have its \
                 locations listed), and let the app into the location",
        )
    })?;
    Ok((location, Some(tokens)))
}

/// Checks what came of a login, stores it and says what it can do.
fn settle(
    context: &Context,
    args: &LoginArgs,
    credentials: &Credentials,
    profile: Option<&Profile>,
    app: App,
) -> Result<Exit, CliError> {
    let tokens = &app.tokens;
    if let (Some(profile), Some(location)) = (profile, &tokens.location_id)
        && *location != profile.location_id
    {
        return Err(CliError::new(
            Exit::Login,
            "auth_refused",
            format!(
                "this login is for the location {location}, the profile {} is of {}; nothing was stored",
                profile.name, profile.location_id
            ),
        )
        .hint("log in again and choose that location, or make a profile for the other one"));
    }
    // It is stored before it is used: what was given once is not given again.
    let _lock = exclusive(context, &context.profile_name, Side::Ghl)?;
    credentials.keep(Side::Ghl, &Kept::App(Box::new(app.clone())), context.now())?;
    let name = match (args.no_check, profile) {
        (false, Some(profile)) => {
            let client = context.ghl_with(profile, tokens.access.clone().into())?;
            match client.location() {
                Ok(location) => location.name,
                Err(error) => {
                    context
                        .ui
                        .warning(&format!("stored, but not accepted yet: {error}"));
                    None
                }
            }
        }
        _ => None,
    };
    let of = name
        .or_else(|| tokens.location_id.clone())
        .map(|name| format!(" to {name}"))
        .unwrap_or_default();
    context.ui.info(&format!(
        "logged in{of} for profile {}; the login is renewed by itself",
        context.profile_name
    ));
    if !tokens.scopes.is_empty() {
        for (command, lacks) in scopes::lacking(&tokens.scopes, profile) {
            if command == "sync" {
                context.ui.warning(&format!(
                    "`{command}` also needs {}: allow it in the app, and log in again",
                    lacks.join(", ")
                ));
            }
        }
    }
    if let (None, Some(location)) = (profile, &tokens.location_id) {
        context.ui.hint(&format!(
            "next: `ghl-bm map init --location {location} --brand ID`"
        ));
    }
    Ok(Exit::Done)
}
