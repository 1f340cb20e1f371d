//! The only composition root: flags and environment become clients, stores and a terminal.
//!
//! The only reader of environment variables, of `--sandbox` and of the wall clock; beyond it no
//! line can tell the sandbox from the services. Start reading at [`Context::new`].

use std::cell::OnceCell;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::thread;
use std::time::Duration;

use directories::ProjectDirs;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::Url;

use crate::api::bigmailer::Bigmailer;
use crate::api::ghl::oauth::{AUTHORIZE_URL, Oauth};
use crate::api::ghl::{DEFAULT_VERSION, Ghl};
use crate::api::http::{Exchange, Http, Limits, Settings as HttpSettings, check_base_url};
use crate::api::raw::Raw;
use crate::contact::Side;
use crate::credentials::{
    App, Credential, Credentials, Environment, Found, Kept, Renewal, Secret, StoreKind,
};
use crate::fit::{Campaign, Services, SourceField, TargetField, TargetList};
use crate::mapping::{CUSTOM, Condition, Profile};
use crate::profiles::{Profiles, Settings};
use crate::remote::{Attachments, RemoteError};
use crate::stop::{Stop, Why};
use crate::ui::{Filter, LogFormat, Talk, Ui};

use super::error::{CliError, Exit};
use super::systemd::Manager;
use super::{Color, Globals};

/// HighLevel's API v2 (HighLevel developer portal, base URL of all operations).
const GHL_URL: &str = "https://services.leadconnectorhq.com";
/// BigMailer's API v1 (BigMailer docs, getting started).
const BIGMAILER_URL: &str = "https://api.bigmailer.io/v1";

/// HighLevel has no documented limit on calls in flight; this many fill its 100 per 10 s at any
/// usual latency.
const GHL_IN_FLIGHT: usize = 10;

pub struct Context {
    pub ui: Arc<Ui>,
    pub globals: Globals,
    pub profile_name: String,
    pub stop: Stop,
    environment: Environment,
    config_dir: PathBuf,
    state_dir: PathBuf,
    store: Option<String>,
    /// The store was named by a variable, which settings cannot override.
    store_is_variable: bool,
    urls: (Option<String>, Option<String>),
    authorize_url: Option<String>,
    version: Option<String>,
    editor: Option<String>,
    /// The service manager that started the program and wants to hear of it.
    pub manager: Option<Manager>,
    /// What each side's calls are made with, once it was looked for.
    credentials: [OnceCell<Identity>; 2],
    #[cfg(feature = "sandbox")]
    sandbox: OnceCell<crate::sandbox::Sandbox>,
    /// Where a sandbox without a directory keeps profile and state until the command ends.
    _throwaway: OnceCell<tempfile::TempDir>,
}

/// What a side's calls are made with, and what is known of it.
#[derive(Clone)]
pub struct Identity {
    pub credential: Credential,
    /// As it was found; a token that is renewed is another one later.
    pub secret: Secret,
    /// In words.
    pub source: String,
    /// What is kept with it, where it came from a store.
    pub kept: Option<Kept>,
    /// Renews it, where it is one that ends.
    pub renewal: Option<Arc<Renewal>>,
}

/// How long a person at a terminal has to unlock the keyring.
const UNLOCKING: Duration = Duration::from_secs(60);

impl Context {
    pub fn new(globals: Globals) -> Result<Context, CliError> {
        let text = |name: &str| env::var(name).ok().filter(|v| !v.is_empty());
        let path = |name: &str| {
            env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        let secret = |name: &str| text(name).map(Secret::from);

        colour(
            globals.color,
            text("NO_COLOR").is_some(),
            text("CLICOLOR_FORCE").is_some(),
        );
        let talk = talk(&globals, text("GHL_BM_LOG").as_deref())?;
        let format = match globals.log_format {
            super::LogFormat::Text => LogFormat::Text,
            super::LogFormat::Json => LogFormat::Json,
        };
        let mut ui = Ui::new(talk, format, !globals.no_input);
        if let Some(expression) = &globals.jq {
            ui = ui.filtered(Filter::new(expression).map_err(CliError::usage)?);
        }
        // A variable still holds for what is typed next, a flag does not.
        if let Some(name) = &globals.profile
            && text("GHL_BM_PROFILE").as_ref() != Some(name)
        {
            ui = ui.of_profile(name);
        }
        let ui = Arc::new(ui);

        let throwaway = OnceCell::new();
        let (config_dir, state_dir) = places(&globals, &throwaway)?;
        let settings = Settings::load(&config_dir)?;
        let store = text("GHL_BM_CREDENTIAL_STORE");
        let store_is_variable = store.is_some();
        let store = store.or(settings.credential_store);
        let profile_name = globals
            .profile
            .clone()
            .or(settings.profile)
            .unwrap_or_else(|| "default".to_owned());
        let context = Context {
            ui,
            profile_name,
            stop: Stop::new(),
            environment: Environment {
                ghl_token: secret("GHL_BM_GHL_TOKEN"),
                ghl_token_file: path("GHL_BM_GHL_TOKEN_FILE"),
                bigmailer_key: secret("GHL_BM_BIGMAILER_API_KEY"),
                bigmailer_key_file: path("GHL_BM_BIGMAILER_API_KEY_FILE"),
            },
            config_dir,
            state_dir,
            store,
            store_is_variable,
            authorize_url: text("GHL_BM_GHL_AUTHORIZE_URL"),
            urls: (text("GHL_BM_GHL_URL"), text("GHL_BM_BIGMAILER_URL")),
            version: text("GHL_BM_GHL_VERSION"),
            editor: text("VISUAL").or_else(|| text("EDITOR")),
            manager: env::var_os("NOTIFY_SOCKET")
                .map(|socket| Manager::new(socket, text("WATCHDOG_USEC"), text("WATCHDOG_PID"))),
            credentials: [OnceCell::new(), OnceCell::new()],
            #[cfg(feature = "sandbox")]
            sandbox: OnceCell::new(),
            _throwaway: throwaway,
            globals,
        };
        context.check_sandbox()?;
        Ok(context)
    }

    /// In sandbox mode nothing may leave the machine, whatever the environment says.
    fn check_sandbox(&self) -> Result<(), CliError> {
        if !self.globals.sandbox {
            if self.globals.sandbox_dir.is_some()
                && self.globals.sandbox_dir != self.globals.config_dir
            {
                self.ui
                    .detail("--sandbox-dir has no effect without --sandbox");
            }
            return Ok(());
        }
        if cfg!(not(feature = "sandbox")) {
            return Err(CliError::usage("this ghl-bm was built without the sandbox")
                .hint("build it with `cargo install --path . --locked`"));
        }
        for (name, url) in [
            ("GHL_BM_GHL_URL", &self.urls.0),
            ("GHL_BM_BIGMAILER_URL", &self.urls.1),
            ("GHL_BM_GHL_AUTHORIZE_URL", &self.authorize_url),
        ] {
            if let Some(url) = url
                && !is_loopback(url)
            {
                return Err(CliError::invalid(format!(
                    "{name} is not a loopback address, and --sandbox talks to nothing else"
                ))
                .hint(format!("unset {name}, or leave out --sandbox")));
            }
        }
        self.ui
            .info("sandbox: built-in fake services on loopback; nothing leaves this machine");
        Ok(())
    }

    pub fn config_dir(&self) -> &Path {
        &self.config_dir
    }

    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    pub fn state_path(&self) -> PathBuf {
        self.state_dir.join(format!("{}.db", self.profile_name))
    }

    pub fn profiles(&self) -> Profiles {
        Profiles::new(&self.config_dir)
    }

    /// The chosen profile; in the sandbox one that fits the sandbox's world is made when missing.
    pub fn load_profile(&self) -> Result<Profile, CliError> {
        self.make_sandbox_profile()?;
        Ok(self.profiles().load(&self.profile_name)?)
    }

    /// In the sandbox: makes the profile that fits its world, when there is none.
    pub fn make_sandbox_profile(&self) -> Result<(), CliError> {
        #[cfg(feature = "sandbox")]
        let profiles = self.profiles();
        #[cfg(feature = "sandbox")]
        if self.globals.sandbox && !profiles.exists(&self.profile_name) {
            let sandbox = self.sandbox()?;
            let text = include_str!("../../examples/sandbox.toml")
                .replace("LOCATION_ID", sandbox.location_id())
                .replace("BRAND_ID", sandbox.brand_id());
            profiles.save_text(&self.profile_name, &text)?;
        }
        Ok(())
    }

    /// What a person's variables name to edit texts with.
    pub fn editor(&self) -> Option<&str> {
        self.editor.as_deref()
    }

    /// The running sandbox of this command.
    #[cfg(feature = "sandbox")]
    pub fn sandbox(&self) -> Result<&crate::sandbox::Sandbox, CliError> {
        if let Some(sandbox) = self.sandbox.get() {
            return Ok(sandbox);
        }
        let options = crate::sandbox::Options {
            dir: self
                .globals
                .sandbox_dir
                .as_ref()
                .map(|dir| dir.join("world")),
            ..crate::sandbox::Options::default()
        };
        let sandbox = crate::sandbox::Sandbox::start(options).map_err(|e| {
            CliError::new(
                Exit::Failed,
                "sandbox",
                format!("{:#}", anyhow::Error::from(e)),
            )
            .hint("`--sandbox-dir DIR` names another place; without it nothing is kept")
        })?;
        Ok(self.sandbox.get_or_init(|| sandbox))
    }

    #[cfg(feature = "sandbox")]
    fn in_sandbox(&self) -> bool {
        self.globals.sandbox
    }

    /// The secrets of the chosen profile.
    pub fn credentials(&self) -> Result<Credentials, CliError> {
        self.credentials_of(&self.profile_name)
    }

    /// The secrets of any profile.
    pub fn credentials_of(&self, profile: &str) -> Result<Credentials, CliError> {
        self.credentials_in(self.store.as_deref().unwrap_or("keyring"), profile)
    }

    /// The secrets of a profile in the store that `word` names.
    pub fn credentials_in(&self, word: &str, profile: &str) -> Result<Credentials, CliError> {
        let store = StoreKind::parse(word, self.config_dir.join("credentials"))?;
        let credentials = Credentials::new(store, profile.to_owned(), self.environment.clone());
        Ok(match self.ui.can_ask() {
            true => credentials.wait_for_unlock(UNLOCKING),
            false => credentials,
        })
    }

    /// Where the store was named, if a variable names it.
    pub fn store_is_variable(&self) -> bool {
        self.store_is_variable
    }

    /// Uses another store from now on, where no variable names one.
    pub fn save_store(&self, word: &str) -> Result<(), CliError> {
        Ok(Settings::save_store(&self.config_dir, word)?)
    }

    /// What a side's calls are made with; what its owner should know is said once.
    pub fn identity(&self, side: Side) -> Result<&Identity, CliError> {
        let cell = match side {
            Side::Ghl => &self.credentials[0],
            Side::Bigmailer => &self.credentials[1],
        };
        if let Some(identity) = cell.get() {
            return Ok(identity);
        }
        let identity = self.identity_of(&self.profile_name, side)?;
        Ok(cell.get_or_init(|| identity))
    }

    /// As [`Context::identity`], for any profile.
    pub fn identity_of(&self, profile: &str, side: Side) -> Result<Identity, CliError> {
        #[cfg(feature = "sandbox")]
        if self.in_sandbox() && self.url_of(side).is_none() {
            let sandbox = self.sandbox()?;
            let secret = Secret::from(match side {
                Side::Ghl => sandbox.ghl_token(),
                Side::Bigmailer => sandbox.bigmailer_key(),
            });
            return Ok(Identity {
                credential: secret.clone().into(),
                secret,
                source: "the sandbox".to_owned(),
                kept: None,
                renewal: None,
            });
        }
        let credentials = self.credentials_of(profile)?;
        let Found {
            secret,
            source,
            warnings,
            kept,
        } = credentials.find(side)?;
        for warning in warnings {
            self.ui.warning(&warning);
        }
        let renewal = match &kept {
            Some(Kept::App(app)) if side == Side::Ghl => {
                let app = App::clone(app);
                Some(Arc::new(self.renewal(credentials, profile, app)?))
            }
            _ => None,
        };
        Ok(Identity {
            credential: match &renewal {
                Some(renewal) => Credential::Renewed(Arc::clone(renewal) as _),
                None => secret.clone().into(),
            },
            secret,
            source: source.to_string(),
            kept,
            renewal,
        })
    }

    fn renewal(
        &self,
        credentials: Credentials,
        profile: &str,
        app: App,
    ) -> Result<Renewal, CliError> {
        let stop = self.stop.clone();
        Ok(Renewal::new(
            credentials,
            app,
            Box::new(self.oauth()?),
            self.token_lock(profile),
            wall_clock,
            Box::new(move |pause| stop.wait(pause).is_some()),
        ))
    }

    /// Held by whoever renews or replaces the tokens of a profile.
    pub fn token_lock(&self, profile: &str) -> PathBuf {
        self.state_dir.join(format!("{profile}.token.lock"))
    }

    /// HighLevel's OAuth endpoints.
    pub fn oauth(&self) -> Result<Oauth, CliError> {
        let limits = ghl_limits(&crate::mapping::Limits::default());
        let base_url = self.base_url(Side::Ghl)?;
        let (stop, trace) = (self.stop.clone(), self.trace());
        let connect = move |credential: Credential, hidden: Vec<Secret>| {
            Http::new(HttpSettings {
                side: Side::Ghl,
                base_url: base_url.clone(),
                credential,
                hidden,
                limits: limits.clone(),
                stop: stop.clone(),
                trace: Arc::clone(&trace),
            })
        };
        Ok(Oauth::new(Box::new(connect), self.version(), wall_clock))
    }

    /// The page where people let an app into a location.
    pub fn authorize_url(&self) -> Result<Url, CliError> {
        let text = match &self.authorize_url {
            Some(url) => url.clone(),
            None => {
                let base = self.base_url(Side::Ghl)?;
                match is_loopback(base.as_str()) {
                    true => format!(
                        "{}/v2/oauth/chooselocation",
                        base.as_str().trim_end_matches('/')
                    ),
                    false => AUTHORIZE_URL.to_owned(),
                }
            }
        };
        let url = Url::parse(&text).ok().filter(|url| {
            url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url.as_str()))
        });
        url.ok_or_else(|| {
            CliError::new(
                Exit::Invalid,
                "base_url",
                "GHL_BM_GHL_AUTHORIZE_URL: it must be a https address (http is for loopback only)",
            )
        })
    }

    fn url_of(&self, side: Side) -> Option<&str> {
        match side {
            Side::Ghl => self.urls.0.as_deref(),
            Side::Bigmailer => self.urls.1.as_deref(),
        }
    }

    /// The base URL of a side, checked.
    pub fn base_url(&self, side: Side) -> Result<Url, CliError> {
        let (variable, default) = match side {
            Side::Ghl => ("GHL_BM_GHL_URL", GHL_URL),
            Side::Bigmailer => ("GHL_BM_BIGMAILER_URL", BIGMAILER_URL),
        };
        let text = match self.url_of(side) {
            Some(url) => url.to_owned(),
            #[cfg(feature = "sandbox")]
            None if self.in_sandbox() => match side {
                Side::Ghl => self.sandbox()?.ghl_url(),
                Side::Bigmailer => self.sandbox()?.bigmailer_url(),
            },
            None => default.to_owned(),
        };
        check_base_url(&text)
            .map_err(|why| CliError::new(Exit::Invalid, "base_url", format!("{variable}: {why}")))
    }

    fn http(
        &self,
        side: Side,
        limits: Limits,
        credential: Credential,
    ) -> Result<HttpSettings, CliError> {
        Ok(HttpSettings {
            side,
            base_url: self.base_url(side)?,
            credential,
            hidden: Vec::new(),
            limits,
            stop: self.stop.clone(),
            trace: self.trace(),
        })
    }

    fn trace(&self) -> Arc<dyn Fn(&Exchange) + Send + Sync> {
        let ui = Arc::clone(&self.ui);
        let verbose = ui.talk() >= Talk::Debug;
        Arc::new(move |exchange: &Exchange| {
            if verbose {
                ui.request(&describe(exchange));
            }
        })
    }

    /// A client for raw calls; without a profile the usual limits hold.
    pub fn raw(&self, side: Side, profile: Option<&Profile>) -> Result<Raw, CliError> {
        let default = crate::mapping::Limits::default();
        let limits = profile.map_or(&default, |p| &p.limits);
        let (limits, headers) = match side {
            Side::Ghl => (ghl_limits(limits), vec![("version", self.version())]),
            Side::Bigmailer => (bigmailer_limits(limits), Vec::new()),
        };
        let credential = self.identity(side)?.credential.clone();
        let settings = self.http(side, limits, credential)?;
        Ok(Raw::new(settings, &headers)?)
    }

    fn version(&self) -> String {
        let configured = self.version.clone();
        configured.unwrap_or_else(|| DEFAULT_VERSION.to_owned())
    }

    pub fn ghl(&self, profile: &Profile) -> Result<Ghl, CliError> {
        self.ghl_with(profile, self.identity(Side::Ghl)?.credential.clone())
    }

    /// A HighLevel client with a credential of its own, such as one that is not stored yet.
    pub fn ghl_with(&self, profile: &Profile, credential: Credential) -> Result<Ghl, CliError> {
        Ok(Ghl::new(
            self.http(Side::Ghl, ghl_limits(&profile.limits), credential)?,
            profile.location_id.clone(),
            self.version(),
        )?)
    }

    pub fn bigmailer(&self, profile: &Profile) -> Result<Bigmailer, CliError> {
        let credential = self.identity(Side::Bigmailer)?.credential.clone();
        self.bigmailer_with(Some(profile), credential)
    }

    /// A BigMailer client with a credential of its own; without a profile it can only say whether
    /// the key is good.
    pub fn bigmailer_with(
        &self,
        profile: Option<&Profile>,
        credential: Credential,
    ) -> Result<Bigmailer, CliError> {
        let default = crate::mapping::Limits::default();
        let limits = profile.map_or(&default, |p| &p.limits);
        let brand_id = profile.map(|p| p.brand_id.clone()).unwrap_or_default();
        Ok(Bigmailer::new(
            self.http(Side::Bigmailer, bigmailer_limits(limits), credential)?,
            brand_id,
        )?)
    }

    /// What the services have, as far as the profile needs it: one to five calls.
    pub fn services(
        &self,
        profile: &Profile,
        ghl: &Ghl,
        bigmailer: &Bigmailer,
    ) -> Result<Services, RemoteError> {
        let sources = profile.wanted_sources();
        let wants_custom = sources.iter().any(|source| source.starts_with(CUSTOM));
        let conditions = || profile.lists.iter().filter_map(|rule| rule.when.as_ref());
        let wants_pipelines = conditions().any(Condition::names_pipeline);
        let wants_lists = !profile.lists.is_empty();
        let wants_campaigns = profile.sends.iter().any(|rule| rule.enabled);
        let (fields, lists, campaigns, custom) = thread::scope(|scope| {
            let fields = scope.spawn(|| bigmailer.fields());
            let lists = scope.spawn(|| {
                if wants_lists {
                    bigmailer.lists()
                } else {
                    Ok(Vec::new())
                }
            });
            let campaigns = scope.spawn(|| match wants_campaigns {
                true => bigmailer.transactional_campaigns(),
                false => Ok(Vec::new()),
            });
            let custom = if wants_custom {
                ghl.custom_fields()
            } else {
                Ok(Vec::new())
            };
            (fields.join(), lists.join(), campaigns.join(), custom)
        });
        Ok(Services {
            fields: fields
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?
                .into_iter()
                .map(|f| TargetField {
                    id: f.id,
                    merge_tag: f.merge_tag_name,
                    kind: f.kind,
                })
                .collect(),
            lists: lists
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?
                .into_iter()
                .map(|l| TargetList {
                    id: l.id,
                    name: l.name,
                    all: l.all,
                })
                .collect(),
            pipelines: match wants_pipelines {
                true => Attachments::pipelines(ghl)?,
                false => Vec::new(),
            },
            campaigns: campaigns
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?
                .into_iter()
                .map(|it| Campaign {
                    id: it.id,
                    list_id: it.list_id,
                })
                .collect(),
            custom_fields: custom?
                .into_iter()
                .map(|f| SourceField {
                    id: f.id,
                    name: f.name,
                    key: f.key,
                    data_type: f.data_type,
                })
                .collect(),
        })
    }

    /// The wall clock, milliseconds since 1970.
    pub fn now(&self) -> i64 {
        wall_clock()
    }

    /// Sorts by time, and differs between two runs of one millisecond.
    pub fn new_run_id(&self, now: i64) -> String {
        let stamp = Timestamp::from_millisecond(now)
            .map(|t| t.strftime("%Y%m%dT%H%M%S").to_string())
            .unwrap_or_default();
        format!("{stamp}-{:04x}", fastrand::u16(..))
    }
}

fn wall_clock() -> i64 {
    Timestamp::now().as_millisecond()
}

fn ghl_limits(limits: &crate::mapping::Limits) -> Limits {
    Limits {
        share: limits.share,
        max_per_window: (limits.ghl_per_10s > 0).then_some(limits.ghl_per_10s),
        window: Duration::from_secs(10),
        in_flight: GHL_IN_FLIGHT,
        daily_reserve: limits.daily_reserve,
    }
}

fn bigmailer_limits(limits: &crate::mapping::Limits) -> Limits {
    Limits {
        share: limits.share,
        max_per_window: Some(limits.bigmailer_per_second),
        window: Duration::from_secs(1),
        in_flight: limits.bigmailer_in_flight,
        daily_reserve: 0,
    }
}

/// One line about a request: no query values, ids, secrets or contact values.
fn describe(exchange: &Exchange) -> String {
    let status = exchange
        .status
        .map_or_else(|| "no answer".to_owned(), |s| s.to_string());
    format!(
        "{} {} {} -> {status} in {} ms (try {}, waited {} ms) {}",
        exchange.side,
        exchange.method,
        exchange.path_pattern,
        exchange.millis,
        exchange.attempt,
        exchange.waited_millis,
        exchange.outcome
    )
    .trim_end()
    .to_owned()
}

fn is_loopback(url: &str) -> bool {
    let host = Url::parse(url)
        .ok()
        .and_then(|u| u.host().map(|h| h.to_owned()));
    match host {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn colour(flag: Color, no_color: bool, force: bool) {
    let choice = match flag {
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
        Color::Auto if no_color => anstream::ColorChoice::Never,
        Color::Auto if force => anstream::ColorChoice::Always,
        Color::Auto => anstream::ColorChoice::Auto,
    };
    choice.write_global();
}

fn talk(globals: &Globals, variable: Option<&str>) -> Result<Talk, CliError> {
    if globals.quiet {
        return Ok(Talk::Quiet);
    }
    match (globals.verbose, variable) {
        (1, _) => Ok(Talk::Verbose),
        (2.., _) => Ok(Talk::Debug),
        (0, None | Some("normal" | "info")) => Ok(Talk::Normal),
        (0, Some("quiet" | "error" | "warn")) => Ok(Talk::Quiet),
        (0, Some("verbose")) => Ok(Talk::Verbose),
        (0, Some("debug" | "trace")) => Ok(Talk::Debug),
        (0, Some(other)) => Err(CliError::usage(format!(
            "GHL_BM_LOG is `{other}`; known are quiet, normal, verbose and debug"
        ))),
    }
}

/// Config directory, state directory and profile, for whoever has no command line yet: as given, else
/// as the environment says, else the usual ones.
pub fn whereabouts(
    config: Option<PathBuf>,
    state: Option<PathBuf>,
    sandbox: Option<PathBuf>,
    profile: Option<String>,
) -> Option<(PathBuf, PathBuf, String)> {
    let path = |name: &str| {
        env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let sandbox = sandbox.or_else(|| path("GHL_BM_SANDBOX_DIR"));
    let inside = |name: &str| sandbox.as_ref().map(|dir| dir.join(name));
    let usual = ProjectDirs::from("", "", "ghl-bm")?;
    let usual_state = usual.state_dir().unwrap_or_else(|| usual.data_local_dir());
    let config = config
        .or_else(|| path("GHL_BM_CONFIG_DIR"))
        .or_else(|| inside("config"))
        .unwrap_or_else(|| usual.config_dir().to_owned());
    let state = state
        .or_else(|| path("GHL_BM_STATE_DIR"))
        .or_else(|| inside("state"))
        .unwrap_or_else(|| usual_state.to_owned());
    let profile = profile
        .or_else(|| env::var("GHL_BM_PROFILE").ok().filter(|v| !v.is_empty()))
        .or_else(|| Settings::load(&config).ok()?.profile)
        .unwrap_or_else(|| "default".to_owned());
    Some((config, state, profile))
}

/// Config and state directories: flags, else the sandbox's, else the platform's.
fn places(
    globals: &Globals,
    throwaway: &OnceCell<tempfile::TempDir>,
) -> Result<(PathBuf, PathBuf), CliError> {
    let given = (globals.config_dir.clone(), globals.state_dir.clone());
    if let (Some(config), Some(state)) = given {
        return Ok((config, state));
    }
    let (config, state) = if globals.sandbox {
        let root = match &globals.sandbox_dir {
            Some(dir) => dir.clone(),
            None => {
                let dir = tempfile::Builder::new()
                    .prefix("ghl-bm-sandbox-")
                    .tempdir()?;
                throwaway.get_or_init(|| dir).path().to_owned()
            }
        };
        (root.join("config"), root.join("state"))
    } else {
        let dirs = ProjectDirs::from("", "", "ghl-bm").ok_or_else(|| {
            CliError::invalid("there is no home directory")
                .hint("name the places with --config-dir and --state-dir")
        })?;
        let state = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
        (dirs.config_dir().to_owned(), state.to_owned())
    };
    Ok((given.0.unwrap_or(config), given.1.unwrap_or(state)))
}

/// Reads `90s`, `10m`, `24h`, `2d`.
pub fn duration(text: &str) -> Result<Duration, String> {
    crate::profiles::duration(text)
        .ok_or_else(|| "a duration looks like 90s, 10m, 24h or 2d".to_owned())
}

/// Reads a time with its offset from UTC, or a date: its beginning in UTC. A time without offset is
/// none, for nobody knows whose clock it was read from.
pub fn moment(text: &str) -> Option<Timestamp> {
    let date = || Date::strptime("%Y-%m-%d", text).ok();
    let start = || Some(date()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(start)
}

/// The first Ctrl-C or SIGTERM asks the run to end in good order, the second leaves at once; both
/// are safe.
pub fn watch_signals(stop: &Stop) {
    // A second watcher would take the first signal for the second.
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| watch(stop.clone()));
}

fn watch(stop: Stop) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    #[cfg(unix)]
    {
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else {
            return;
        };
        thread::spawn(move || {
            for signal in signals.forever() {
                let (why, exit) = if signal == SIGTERM {
                    (Why::Terminate, Exit::Terminated)
                } else {
                    (Why::Interrupt, Exit::Interrupted)
                };
                if stop.asked().is_some_and(Why::is_signal) {
                    std::process::exit(i32::from(exit.code()));
                }
                stop.ask(why);
            }
        });
    }
    #[cfg(not(unix))]
    {
        let flag = Arc::new(std::sync::atomic::AtomicBool::new(false));
        // A second signal finds the flag set and ends the process.
        let _ = signal_hook::flag::register_conditional_shutdown(
            SIGINT,
            i32::from(Exit::Interrupted.code()),
            Arc::clone(&flag),
        );
        let _ = signal_hook::flag::register(SIGINT, Arc::clone(&flag));
        let _ = SIGTERM;
        thread::spawn(move || {
            while !flag.load(std::sync::atomic::Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(50));
            }
            stop.ask(Why::Interrupt);
        });
    }
}
