//! The secrets of both services: where they come from, where they are kept.
//!
//! Looks at the environment's variables, the files they name and one store, in this order. It never
//! reads the environment itself, never writes a secret to a plain file, never moves to another store
//! by itself and never puts a secret into a message.
//! Start reading at [`Credentials::find`]; what people paste wrongly is sorted out by [`clean`].

mod keyring;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::contact::Side;

/// A token or key. It has no `Display`, its `Debug` says REDACTED, and its memory is wiped when it
/// is dropped.
pub(crate) type Secret = SecretString;

/// The variables that concern secrets, as somebody else read them. Empty ones count as unset,
/// because that is what CI systems make of a secret they do not have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// `GHL_BM_GHL_TOKEN`
    pub ghl_token: Option<Secret>,
    /// `GHL_BM_GHL_TOKEN_FILE`
    pub ghl_token_file: Option<PathBuf>,
    /// `GHL_BM_BIGMAILER_API_KEY`
    pub bigmailer_key: Option<Secret>,
    /// `GHL_BM_BIGMAILER_API_KEY_FILE`
    pub bigmailer_key_file: Option<PathBuf>,
}

/// The variable that holds the side's secret.
pub(crate) fn variable(side: Side) -> &'static str {
    match side {
        Side::Ghl => "GHL_BM_GHL_TOKEN",
        Side::Bigmailer => "GHL_BM_BIGMAILER_API_KEY",
    }
}

/// The variable that names a file with the side's secret.
pub(crate) fn file_variable(side: Side) -> &'static str {
    match side {
        Side::Ghl => "GHL_BM_GHL_TOKEN_FILE",
        Side::Bigmailer => "GHL_BM_BIGMAILER_API_KEY_FILE",
    }
}

/// What the side calls its secret, for sentences.
fn noun(side: Side) -> &'static str {
    match side {
        Side::Ghl => "token",
        Side::Bigmailer => "API key",
    }
}

/// Where secrets are kept between runs.
#[derive(Debug, Clone)]
pub(crate) enum StoreKind {
    /// The operating system's: Secret Service, macOS Keychain, Windows Credential Manager.
    Keyring,
    /// Nowhere: the environment must bring them each time.
    Env,
    /// In this process only, for the sandbox and for tests.
    #[cfg_attr(not(test), allow(dead_code))]
    Memory(MemoryStore),
}

impl StoreKind {
    /// Reads the word of `GHL_BM_CREDENTIAL_STORE` or of the settings. The memory store has none.
    pub fn parse(word: &str) -> Result<StoreKind, CredentialError> {
        let word = word.trim();
        let later = |store: &str| {
            Err(CredentialError::NotSupported {
                store: store.to_owned(),
            })
        };
        match word {
            "keyring" => Ok(StoreKind::Keyring),
            "env" => Ok(StoreKind::Env),
            "file" => later("file"),
            // What follows the colon may hold a secret and is not repeated.
            _ if word.starts_with("command:") => later("command:…"),
            _ => Err(CredentialError::UnknownStore {
                store: word.to_owned(),
            }),
        }
    }
}

/// Secrets that end with the process. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryStore(Arc<Mutex<BTreeMap<String, Secret>>>);

impl MemoryStore {
    fn entries(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a secret was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The variable of this name.
    Env(&'static str),
    /// The file that the variable of this name names.
    File(&'static str, PathBuf),
    Keyring,
    Memory,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Env(variable) => write!(f, "environment variable {variable}"),
            Source::File(variable, path) => write!(f, "file {} ({variable})", path.display()),
            Source::Keyring => f.write_str("system keyring"),
            Source::Memory => f.write_str("memory of this process"),
        }
    }
}

/// A secret and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub secret: Secret,
    pub source: Source,
    /// What its owner should know about it, in sentences without the secret.
    pub warnings: Vec<String>,
}

/// Text that was given as a secret, put right.
#[derive(Debug, Clone)]
pub(crate) struct Cleaned {
    pub secret: Secret,
    /// What was put right, in sentences without the secret.
    pub notes: Vec<String>,
}

/// Why there is no secret to use, or none could be kept. Never holds one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CredentialError {
    #[error("no {} {} for profile `{profile}`", .side.title(), noun(*.side))]
    Missing { side: Side, profile: String },
    #[error("the system keyring cannot be used: {cause}")]
    NoKeyring { side: Side, cause: String },
    /// What was given cannot be a secret of this side.
    #[error("{}{message}", .origin.as_ref().map_or_else(String::new, |origin| format!("{origin}: ")))]
    Unusable {
        side: Side,
        /// Where it stood; `None` when somebody just gave it.
        origin: Option<Source>,
        message: String,
    },
    #[error("{} names {}: {message}", file_variable(*.side), .path.display())]
    File {
        side: Side,
        path: PathBuf,
        message: String,
    },
    #[error("nothing is stored: the credential store is `env`")]
    NothingStored { side: Side },
    #[error("the credential store `{store}` is not supported yet")]
    NotSupported { store: String },
    #[error("there is no credential store `{store}`")]
    UnknownStore { store: String },
}

impl CredentialError {
    /// What to type next, one command or line a line, where there is something to type.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            CredentialError::Missing { side, profile } => {
                format!(
                    "run `{}`, or set {}",
                    login(*side, profile),
                    variable(*side)
                )
            }
            CredentialError::NoKeyring { side, .. } => format!(
                "unlock or start the keyring and run this again, or use one of these instead:\n  \
                 export {}=…\n  export {}=/path\n  export GHL_BM_CREDENTIAL_STORE=env",
                variable(*side),
                file_variable(*side),
            ),
            CredentialError::NothingStored { side } => {
                format!("export {}=…", variable(*side))
            }
            CredentialError::NotSupported { .. } | CredentialError::UnknownStore { .. } => {
                "use `keyring` or `env`, such as\n  export GHL_BM_CREDENTIAL_STORE=env".to_owned()
            }
            CredentialError::Unusable { .. } | CredentialError::File { .. } => return None,
        };
        Some(hint)
    }
}

/// The command that asks for the side's secret and keeps it.
fn login(side: Side, profile: &str) -> String {
    match profile {
        "default" => format!("ghl-bm auth login {side} --with-token"),
        other => format!("ghl-bm auth login {side} --with-token --profile {other}"),
    }
}

/// The secrets of one profile.
#[derive(Debug)]
pub(crate) struct Credentials {
    store: StoreKind,
    profile: String,
    environment: Environment,
    patience: keyring::Patience,
}

impl Credentials {
    /// Looks at nothing yet.
    pub fn new(store: StoreKind, profile: String, environment: Environment) -> Credentials {
        Credentials {
            store,
            profile,
            environment,
            patience: keyring::Patience::default(),
        }
    }

    // For a login that waits, which is not there yet.
    #[cfg_attr(not(test), allow(dead_code))]
    /// Gives a person at the terminal this long to answer the keyring's own question for its
    /// password. A keyring that does not answer at all is given up after 3 seconds in any case.
    pub fn wait_for_unlock(mut self, longest: Duration) -> Credentials {
        self.patience.work = longest;
        self
    }

    /// Finds the side's secret: the variable, else the file that a variable names, else the store.
    ///
    /// What stands first must be usable; a broken variable is an error, not a reason to look
    /// further.
    pub fn find(&self, side: Side) -> Result<Found, CredentialError> {
        if let Some(found) = self.find_in_environment(side)? {
            return Ok(found);
        }
        let missing = || CredentialError::Missing {
            side,
            profile: self.profile.clone(),
        };
        let (secret, source) = match &self.store {
            StoreKind::Env => (None, Source::Env(variable(side))),
            StoreKind::Memory(memory) => {
                let kept = memory.entries().get(&self.entry(side)).cloned();
                (kept, Source::Memory)
            }
            StoreKind::Keyring => {
                let kept = keyring::get(self.patience, self.entry(side))
                    .map_err(|cause| CredentialError::NoKeyring { side, cause })?;
                (kept, Source::Keyring)
            }
        };
        let secret = secret.filter(|secret| !secret.expose_secret().is_empty());
        Ok(Found {
            secret: secret.ok_or_else(missing)?,
            source,
            warnings: Vec::new(),
        })
    }

    /// Finds the side's secret in the environment alone, which the store cannot override.
    pub fn find_in_environment(&self, side: Side) -> Result<Option<Found>, CredentialError> {
        let (secret, file) = match side {
            Side::Ghl => (
                &self.environment.ghl_token,
                &self.environment.ghl_token_file,
            ),
            Side::Bigmailer => (
                &self.environment.bigmailer_key,
                &self.environment.bigmailer_key_file,
            ),
        };
        let (text, source, mut warnings) = match (secret, file) {
            (Some(secret), _) if !secret.expose_secret().trim().is_empty() => {
                (secret.clone(), Source::Env(variable(side)), Vec::new())
            }
            (_, Some(path)) if !path.as_os_str().is_empty() => {
                let (text, warnings) = read_secret_file(side, path)?;
                let source = Source::File(file_variable(side), path.clone());
                (text, source, warnings)
            }
            _ => return Ok(None),
        };
        match clean(side, text.expose_secret()) {
            Ok(cleaned) => {
                let notes = cleaned.notes.into_iter();
                warnings.extend(notes.map(|note| format!("{source}: {note}")));
                Ok(Some(Found {
                    secret: cleaned.secret,
                    source,
                    warnings,
                }))
            }
            Err(CredentialError::Unusable { side, message, .. }) => {
                Err(CredentialError::Unusable {
                    side,
                    origin: Some(source),
                    message,
                })
            }
            Err(other) => Err(other),
        }
    }

    /// Keeps the side's secret, in place of the one kept before. With the store `env` nothing can
    /// be kept.
    pub fn store(&self, side: Side, secret: &Secret) -> Result<(), CredentialError> {
        match &self.store {
            StoreKind::Env => Err(CredentialError::NothingStored { side }),
            StoreKind::Memory(memory) => {
                memory.entries().insert(self.entry(side), secret.clone());
                Ok(())
            }
            StoreKind::Keyring => keyring::set(self.patience, self.entry(side), secret.clone())
                .map_err(|cause| CredentialError::NoKeyring { side, cause }),
        }
    }

    /// Removes the side's secret from the store; false when none was kept. Variables stay as they
    /// are.
    pub fn forget(&self, side: Side) -> Result<bool, CredentialError> {
        match &self.store {
            StoreKind::Env => Ok(false),
            StoreKind::Memory(memory) => Ok(memory.entries().remove(&self.entry(side)).is_some()),
            StoreKind::Keyring => keyring::delete(self.patience, self.entry(side))
                .map_err(|cause| CredentialError::NoKeyring { side, cause }),
        }
    }

    /// The name of the side's entry in a store. Profile names hold no slash.
    fn entry(&self, side: Side) -> String {
        format!("{}/{side}", self.profile)
    }
}

/// Files of secrets are small; a larger one is a slip.
const LARGEST_FILE: usize = 64 * 1024;

fn read_secret_file(side: Side, path: &Path) -> Result<(Secret, Vec<String>), CredentialError> {
    let failed = |message: String| CredentialError::File {
        side,
        path: path.to_owned(),
        message,
    };
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let warnings = exposure(&file, path);
    // Room for all of it from the start: growing would leave copies of the secret behind.
    let mut bytes = Vec::with_capacity(LARGEST_FILE + 1);
    file.take(LARGEST_FILE as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    if bytes.len() > LARGEST_FILE {
        return Err(failed("the file is larger than 64 KiB".to_owned()));
    }
    let text = String::from_utf8(bytes)
        .map(Secret::from)
        .map_err(|_| failed("the file is not text".to_owned()))?;
    if text.expose_secret().trim().is_empty() {
        return Err(failed("the file is empty".to_owned()));
    }
    Ok((text, warnings))
}

/// A warning when others than the owner may read the file.
#[cfg(unix)]
fn exposure(file: &File, path: &Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(about) = file.metadata() else {
        return Vec::new();
    };
    let mode = about.permissions().mode() & 0o777;
    if !about.is_file() || mode & 0o077 == 0 {
        return Vec::new();
    }
    vec![format!(
        "{path} can be used by others than its owner (mode {mode:04o}): chmod 600 {path}",
        path = path.display()
    )]
}

#[cfg(not(unix))]
fn exposure(_file: &File, _path: &Path) -> Vec<String> {
    Vec::new()
}

/// Longer than any token seen: HighLevel's access tokens are JWTs of one to four thousand signs.
const LONGEST_SECRET: usize = 16 * 1024;

/// Makes a secret of what somebody pasted, piped or set: takes away what surely does not belong to
/// it and refuses what surely is none of this side's.
pub(crate) fn clean(side: Side, text: &str) -> Result<Cleaned, CredentialError> {
    let refuse = |message: String| {
        Err(CredentialError::Unusable {
            side,
            origin: None,
            message,
        })
    };
    let noun = format!("{} {}", side.title(), noun(side));
    let blank = |letter: char| letter.is_whitespace() || letter == '\u{feff}';
    let mut rest = text.trim_matches(blank);
    let mut notes = Vec::new();
    loop {
        let note = if let Some(inner) = without_quotes(rest) {
            rest = inner;
            "the quotes around it were removed"
        } else if let Some(inner) = without_scheme(rest) {
            rest = inner;
            "the word Bearer before it was removed"
        } else {
            break;
        };
        rest = rest.trim_matches(blank);
        if !notes.iter().any(|known| known == note) {
            notes.push(note.to_owned());
        }
    }

    if rest.is_empty() {
        return refuse(format!("the {noun} is empty"));
    }
    if rest.len() > LONGEST_SECRET {
        return refuse(format!("this is too long for a {noun}"));
    }
    if rest.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return refuse(format!(
            "the {noun} has a blank or a line break inside; copy it alone and whole"
        ));
    }
    if !rest.is_ascii() {
        return refuse(format!(
            "the {noun} has a sign that no token has, such as a typographic dash or quote; copy it \
             from where it was made"
        ));
    }
    match side {
        Side::Ghl if is_uuid(rest) => refuse(
            "this looks like a BigMailer key; HighLevel's private integration tokens begin with \
             `pit-`"
                .to_owned(),
        ),
        Side::Bigmailer if is_private_integration_token(rest) => refuse(
            "this looks like a HighLevel private integration token, not a BigMailer API key"
                .to_owned(),
        ),
        Side::Bigmailer if is_jwt(rest) => refuse(
            "this looks like a HighLevel access token (a JWT), not a BigMailer API key".to_owned(),
        ),
        _ => Ok(Cleaned {
            secret: Secret::from(rest),
            notes,
        }),
    }
}

fn without_quotes(text: &str) -> Option<&str> {
    [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('“', '”'),
        ('„', '“'),
        ('‘', '’'),
        ('«', '»'),
    ]
    .into_iter()
    .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))
}

fn without_scheme(text: &str) -> Option<&str> {
    const SCHEME: &str = "bearer";
    let (word, rest) = text.split_at_checked(SCHEME.len())?;
    (word.eq_ignore_ascii_case(SCHEME) && rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// BigMailer's documented sample key has this shape (BigMailer reference, authentication); a key of
/// another shape is still taken.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// HighLevel's private integration tokens are `pit-` and a UUID (HighLevel, private integrations).
fn is_private_integration_token(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("pit-"))
}

/// Three parts of base64url with dots between them, the first beginning like `{"`.
fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ")
        && text.split('.').count() == 3
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte))
}

/// The last four signs after an ellipsis, enough to tell two secrets apart; the ellipsis alone when
/// four signs would be too much of it.
pub(crate) fn masked_tail(secret: &Secret) -> String {
    const SHORTEST: usize = 12;
    let text = secret.expose_secret();
    let letters = text.chars().count();
    let hidden = if letters < SHORTEST {
        letters
    } else {
        letters - 4
    };
    let tail: String = text.chars().skip(hidden).collect();
    format!("…{tail}")
}

/// What sort of secret it is, by its looks.
pub(crate) fn kind(side: Side, secret: &Secret) -> &'static str {
    match side {
        Side::Bigmailer => "API key",
        Side::Ghl if is_private_integration_token(secret.expose_secret()) => {
            "private integration token"
        }
        Side::Ghl => "access token",
    }
}
