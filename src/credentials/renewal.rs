//! Access tokens that end, and refresh tokens that can be used once.
//!
//! HighLevel gives a new pair for a refresh token and lets the old one die; only within 30 seconds
//! does the old one still bring the same new pair (HighLevel docs, OAuth 2.0; changelog, "Smarter
//! Refresh Token Handling"). So one process at a time asks for a new pair, only when the store has
//! shown that it takes writes, and uses it only when it is stored. The lock file says that a pair was
//! asked for, until it is stored: who finds that after a death asks again at once. It knows no HTTP:
//! the asking is done by [`Grants`]. Start reading at [`Renewal::renewed`].

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;

use super::kept::{App, Kept, Tokens};
use super::{CredentialError, Credentials, Secret};
use crate::contact::Side;

/// An access token that ends within this time is renewed before it is used. A call takes at most
/// half of it.
const MARGIN: i64 = 60_000;

/// How long another process may take to get a new pair.
const LOCK_PATIENCE: Duration = Duration::from_secs(90);

/// How often a lock, or a store that took nothing, is tried again.
const LOOK: Duration = Duration::from_millis(50);

/// How long a store is tried that does not take a new pair: until the old one brings it no more.
const STORE_PATIENCE: Duration = Duration::from_secs(20);

/// What a client makes its calls with.
#[derive(Clone)]
pub(crate) enum Credential {
    /// Nothing: whoever calls proves who it is in another way.
    None,
    Fixed(Secret),
    Renewed(std::sync::Arc<dyn Renew>),
}

impl From<Secret> for Credential {
    fn from(secret: Secret) -> Credential {
        Credential::Fixed(secret)
    }
}

/// A token that is renewed where needed. Shared by all threads of a client.
pub(crate) trait Renew: Send + Sync {
    /// The token to use now.
    ///
    /// # Errors
    /// Where it had to be renewed and was not.
    fn token(&self) -> Result<Secret, RenewalError>;

    /// Another token than `refused`, which the service did not accept.
    ///
    /// # Errors
    /// Where there is none.
    fn renewed(&self, refused: &Secret) -> Result<Secret, RenewalError>;
}

/// Asks the service for tokens. Answers that got lost are asked for again by it, at once or never.
pub(crate) trait Grants: Send + Sync {
    /// A new pair for the refresh token of `tokens`.
    fn refresh(&self, app: &App, tokens: &Tokens) -> Result<Tokens, GrantError>;

    /// A location's tokens for those of its agency.
    fn of_location(&self, app: &App, agency: &Tokens) -> Result<Tokens, GrantError>;
}

/// Why the service gave no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GrantError {
    /// The refresh token was used, revoked, or is too old.
    UsedUp(String),
    /// The access token that asked was not accepted.
    Refused(String),
    /// The location is paused; the refresh token stays good.
    Paused(String),
    /// No answer, or none of use. The pair that was asked for may have been given out.
    NoAnswer(String),
    /// Somebody asked the command to end.
    Stopped,
}

/// Why there is no token to use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenewalError {
    #[error("the login has ended: {0}")]
    Ended(String),
    #[error("HighLevel gives no new token: {0}; what is stored stays good")]
    Paused(String),
    #[error("no new token could be had: {0}")]
    NoAnswer(String),
    #[error("another process is renewing the token and does not end")]
    Busy,
    #[error("a new token could not be stored: {0}")]
    NotStored(CredentialError),
    #[error("the stored token cannot be read: {0}")]
    NotRead(CredentialError),
    #[error("{}: {message}", .path.display())]
    Lock { path: PathBuf, message: String },
    #[error("asked to stop")]
    Stopped,
}

impl RenewalError {
    /// What to type next, where there is something to type.
    pub fn hint(&self) -> Option<String> {
        match self {
            RenewalError::Ended(_) => Some("run `ghl-bm auth login ghl`".to_owned()),
            RenewalError::Paused(_) => Some(
                "the location is paused, by billing or by its agency; run this again when it is \
                 active"
                    .to_owned(),
            ),
            RenewalError::NotStored(error) | RenewalError::NotRead(error) => error.hint(),
            _ => None,
        }
    }
}

/// The tokens of one app in one store.
pub(crate) struct Renewal {
    credentials: Credentials,
    grants: Box<dyn Grants>,
    /// Held by whoever renews.
    lock: PathBuf,
    /// The wall clock, milliseconds since 1970.
    now: fn() -> i64,
    /// Waits; true when the command is to end.
    pause: Box<dyn Fn(Duration) -> bool + Send + Sync>,
    current: Mutex<App>,
    /// Whether it was looked for a renewal that somebody else began and did not end.
    looked: AtomicBool,
}

impl Renewal {
    /// Begins with what is stored; asks nobody.
    pub fn new(
        credentials: Credentials,
        app: App,
        grants: Box<dyn Grants>,
        lock: PathBuf,
        now: fn() -> i64,
        pause: Box<dyn Fn(Duration) -> bool + Send + Sync>,
    ) -> Renewal {
        Renewal {
            credentials,
            grants,
            lock,
            now,
            pause,
            current: Mutex::new(app),
            looked: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, App> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_ending(&self, tokens: &Tokens) -> bool {
        tokens
            .expires
            .is_some_and(|expires| expires - (self.now)() < MARGIN)
    }

    /// Gets a new pair whatever the age of the present one, for whoever asks by hand.
    ///
    /// # Errors
    /// Why there is none.
    pub fn renew_now(&self) -> Result<App, RenewalError> {
        let refused = self.lock().tokens.access.clone();
        self.renewed(&refused)?;
        Ok(self.lock().clone())
    }

    /// A new pair, where the present one is about to end.
    ///
    /// # Errors
    /// Why there is none.
    pub fn renew_if_ending(&self) -> Result<App, RenewalError> {
        self.token()?;
        Ok(self.app())
    }

    /// The tokens as this process knows them.
    pub fn app(&self) -> App {
        self.lock().clone()
    }

    /// Asks for a pair in place of the stored one, where that is about to end, is the `refused` one,
    /// or was asked to be replaced by a process that died over it.
    fn renew(&self, current: &mut App, refused: Option<&Secret>) -> Result<(), RenewalError> {
        let mut lock = self.take_lock()?;
        let stored = self.stored()?;
        let is_refused = refused.is_some_and(|token| same(&stored.tokens.access, token));
        if !is_refused && !self.is_ending(&stored.tokens) && !is_marked(&self.lock) {
            // Another process was faster.
            *current = stored;
            return Ok(());
        }
        // A pair that cannot be stored is lost: first the store has to show that it takes one.
        self.credentials
            .rehearse(
                Side::Ghl,
                &Kept::App(Box::new(stored.clone())),
                (self.now)(),
            )
            .map_err(RenewalError::NotStored)?;
        // Whoever comes after a death between here and the end asks again while the old pair still
        // brings the new one, however long its access token would have been good for.
        self.mark(&mut lock, b"a new pair was asked for\n")?;
        let renewed = self.ask(stored);
        if matches!(
            renewed,
            Ok(_) | Err(RenewalError::Ended(_) | RenewalError::Paused(_))
        ) {
            self.mark(&mut lock, b"")?;
        }
        *current = renewed?;
        Ok(())
    }

    /// Says in the lock file whether a new pair was asked for that is not stored yet.
    fn mark(&self, lock: &mut File, words: &[u8]) -> Result<(), RenewalError> {
        let written = (|| {
            lock.set_len(0)?;
            lock.rewind()?;
            lock.write_all(words)?;
            lock.sync_data()
        })();
        written.map_err(|error: io::Error| RenewalError::Lock {
            path: self.lock.clone(),
            message: error.to_string(),
        })
    }

    /// Asks the service, and stores each pair before anything is done with it.
    fn ask(&self, mut app: App) -> Result<App, RenewalError> {
        if app.tokens.refresh.is_some() {
            app.tokens = self.grant(self.grants.refresh(&app, &app.tokens), &app.tokens)?;
            self.keep(&app)?;
            return Ok(app);
        }
        let Some(mut agency) = app.agency.clone() else {
            return Err(RenewalError::Ended(
                "there is no refresh token with it".to_owned(),
            ));
        };
        let mut fresh = false;
        if self.is_ending(&agency) {
            agency = self.renew_agency(&mut app, &agency)?;
            fresh = true;
        }
        let mut given = self.grants.of_location(&app, &agency);
        if matches!(given, Err(GrantError::Refused(_))) && !fresh {
            agency = self.renew_agency(&mut app, &agency)?;
            given = self.grants.of_location(&app, &agency);
        }
        app.tokens = self.grant(given, &app.tokens)?;
        self.keep(&app)?;
        Ok(app)
    }

    fn renew_agency(&self, app: &mut App, agency: &Tokens) -> Result<Tokens, RenewalError> {
        let renewed = self.grant(self.grants.refresh(app, agency), agency)?;
        app.agency = Some(renewed.clone());
        self.keep(app)?;
        Ok(renewed)
    }

    /// What was given, with what only the pair before says.
    fn grant(
        &self,
        given: Result<Tokens, GrantError>,
        before: &Tokens,
    ) -> Result<Tokens, RenewalError> {
        let mut given = given.map_err(|error| match error {
            GrantError::UsedUp(why) | GrantError::Refused(why) => RenewalError::Ended(why),
            GrantError::Paused(why) => RenewalError::Paused(why),
            GrantError::NoAnswer(why) => RenewalError::NoAnswer(why),
            GrantError::Stopped => RenewalError::Stopped,
        })?;
        let or = |new: Option<String>, old: &Option<String>| new.or_else(|| old.clone());
        given.refresh = given.refresh.or_else(|| before.refresh.clone());
        given.class = or(given.class, &before.class);
        given.location_id = or(given.location_id, &before.location_id);
        given.company_id = or(given.company_id, &before.company_id);
        given.user_id = or(given.user_id, &before.user_id);
        if given.scopes.is_empty() {
            given.scopes.clone_from(&before.scopes);
        }
        Ok(given)
    }

    /// Stores a new pair. A request to end waits here: the old pair is dead.
    fn keep(&self, app: &App) -> Result<(), RenewalError> {
        let kept = Kept::App(Box::new(app.clone()));
        let began = Instant::now();
        loop {
            match self.credentials.keep(Side::Ghl, &kept, (self.now)()) {
                Ok(()) => return Ok(()),
                Err(error) if began.elapsed() >= STORE_PATIENCE => {
                    return Err(RenewalError::NotStored(error));
                }
                Err(_) => {
                    (self.pause)(LOOK * 10);
                }
            }
        }
    }

    fn stored(&self) -> Result<App, RenewalError> {
        match self.credentials.kept(Side::Ghl) {
            Ok(Some(Kept::App(app))) => Ok(*app),
            Ok(_) => Err(RenewalError::Ended(
                "somebody logged out or put in another token meanwhile".to_owned(),
            )),
            Err(error) => Err(RenewalError::NotRead(error)),
        }
    }

    fn take_lock(&self) -> Result<File, RenewalError> {
        hold(&self.lock, LOCK_PATIENCE, &self.pause)
    }
}

impl Renew for Renewal {
    fn token(&self) -> Result<Secret, RenewalError> {
        let mut current = self.lock();
        let looked = self.looked.swap(true, Ordering::Relaxed);
        if self.is_ending(&current.tokens) || (!looked && is_marked(&self.lock)) {
            let renewed = self.renew(&mut current, None);
            // As long as the present one lives, a service that is away for a moment is no trouble.
            let lives = current.tokens.expires.is_some_and(|end| end > (self.now)());
            if !matches!(renewed, Err(RenewalError::NoAnswer(_) | RenewalError::Busy) if lives) {
                renewed?;
            }
        }
        Ok(current.tokens.access.clone())
    }

    fn renewed(&self, refused: &Secret) -> Result<Secret, RenewalError> {
        let mut current = self.lock();
        if same(&current.tokens.access, refused) {
            self.renew(&mut current, Some(refused))?;
        }
        Ok(current.tokens.access.clone())
    }
}

/// Whether a pair was asked for that nobody stored. A lock that cannot be looked at is held by
/// somebody who knows.
fn is_marked(lock: &Path) -> bool {
    fs::metadata(lock).is_ok_and(|data| data.len() > 0)
}

fn same(one: &Secret, other: &Secret) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// Takes the lock of a store's tokens, so that nobody renews or replaces them meanwhile. It ends with
/// the file, also when the process is killed.
///
/// # Errors
/// [`RenewalError::Busy`] when somebody else keeps it, [`RenewalError::Stopped`],
/// [`RenewalError::Lock`].
pub(crate) fn hold(
    path: &Path,
    patience: Duration,
    pause: &dyn Fn(Duration) -> bool,
) -> Result<File, RenewalError> {
    let failed = |error: io::Error| RenewalError::Lock {
        path: path.to_owned(),
        message: error.to_string(),
    };
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if began.elapsed() >= patience => {
                return Err(RenewalError::Busy);
            }
            Err(TryLockError::WouldBlock) => {
                if pause(LOOK) {
                    return Err(RenewalError::Stopped);
                }
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
}
