//! The secrets of both services: where they come from, where they are kept.
//!
//! Looks at the environment's variables, the files they name and one store, in this order. It never
//! reads the environment itself, never writes a secret to a plain file unless the store `file` was
//! chosen, never moves to another store by itself and never puts a secret into a message.
//! Start reading at [`Credentials::find`]; what people paste wrongly is sorted out by [`clean`], tokens
//! that end are renewed by [`Renewal`].

mod kept;
mod keyring;
mod pieces;
mod renewal;
mod slips;
mod store;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::contact::Side;

use kept::Stored;
pub(crate) use kept::{App, Kept, Token, Tokens};
#[cfg(test)]
pub(crate) use renewal::Renew;
pub(crate) use renewal::{Credential, GrantError, Grants, Renewal, RenewalError, hold};
pub(crate) use slips::{clean, kind, masked_tail};
pub(crate) use store::StoreKind;
use store::{Fault, Name};

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

/// Where a secret was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The variable of this name.
    Env(&'static str),
    /// The file that the variable of this name names.
    File(&'static str, PathBuf),
    Keyring,
    /// This file of the store.
    Kept(PathBuf),
    /// This program.
    Command(String),
    #[cfg(test)]
    Memory,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Env(variable) => write!(f, "environment variable {variable}"),
            Source::File(variable, path) => write!(f, "file {} ({variable})", path.display()),
            Source::Keyring => f.write_str("system keyring"),
            Source::Kept(path) => write!(f, "file {}", path.display()),
            Source::Command(program) => write!(f, "program {program}"),
            #[cfg(test)]
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
    /// All that is kept with it, where it came from a store.
    pub kept: Option<Kept>,
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
    #[error("{}: {message}", .path.display())]
    StoredFile { path: PathBuf, message: String },
    #[error("the program {program} gives no {} {}: {message}", .side.title(), noun(*.side))]
    Program {
        side: Side,
        program: String,
        message: String,
    },
    /// What a store holds is no entry of ours.
    #[error("the stored {} {} cannot be used: {message}", .side.title(), noun(*.side))]
    Damaged {
        side: Side,
        profile: String,
        message: String,
    },
    /// The store took it and gives back something else.
    #[error("the credential store `{store}` did not keep what was put there")]
    NotKept { store: &'static str },
    #[error("nothing can be stored: the credential store is `{store}`")]
    NothingStored { side: Side, store: &'static str },
    #[error("there is no credential store `{store}`")]
    UnknownStore { store: String },
    #[error("the credential store `command:…` cannot be used: {message}")]
    NoCommand { message: &'static str },
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
                 export {}=…\n  export {}=/path\n  \
                 export GHL_BM_CREDENTIAL_STORE=file              a file that only you can read\n  \
                 export GHL_BM_CREDENTIAL_STORE='command:PROGRAM'  a program that prints it",
                variable(*side),
                file_variable(*side),
            ),
            CredentialError::NothingStored { side, store } => match *store {
                "command" => "put it where the program finds it".to_owned(),
                _ => format!("export {}=…", variable(*side)),
            },
            CredentialError::UnknownStore { .. } => {
                "use `keyring`, `file`, `env` or `command:PROGRAM`, such as\n  \
                 export GHL_BM_CREDENTIAL_STORE=env"
                    .to_owned()
            }
            CredentialError::NoCommand { .. } => {
                "such as\n  export GHL_BM_CREDENTIAL_STORE='command:/usr/local/bin/ghl-bm-secret'\n\
                 it is started with two words, the service (ghl or bigmailer) and the profile, and \
                 prints the secret"
                    .to_owned()
            }
            CredentialError::Damaged { side, profile, .. } => {
                format!("run `{}`", login(*side, profile))
            }
            CredentialError::Unusable { .. }
            | CredentialError::File { .. }
            | CredentialError::StoredFile { .. }
            | CredentialError::NotKept { .. } => return None,
            CredentialError::Program { side, .. } => format!(
                "start it by hand, with the words {side} and the profile's name behind; where PATH is \
                 another, as under cron, name it with its whole path"
            ),
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
#[derive(Debug, Clone)]
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

    /// Gives a person at the terminal this long to answer the keyring's own question for its
    /// password. A keyring that does not answer at all is given up after 3 seconds in any case.
    pub fn wait_for_unlock(mut self, longest: Duration) -> Credentials {
        self.patience.work = longest;
        self
    }

    /// Where secrets are kept.
    pub fn store(&self) -> &StoreKind {
        &self.store
    }

    /// Finds the side's secret: the variable, else the file that a variable names, else the store.
    ///
    /// What stands first must be usable; a broken variable is an error, not a reason to look
    /// further.
    pub fn find(&self, side: Side) -> Result<Found, CredentialError> {
        if let Some(found) = self.find_in_environment(side)? {
            return Ok(found);
        }
        let kept = self.kept(side)?.ok_or_else(|| CredentialError::Missing {
            side,
            profile: self.profile.clone(),
        })?;
        let source = self.source(side);
        let mut warnings = Vec::new();
        let mut secret = kept.secret().clone();
        if let StoreKind::Command(_) = &self.store {
            // Whatever a program prints may have the slips of what people paste.
            let cleaned = self.cleaned(side, secret.expose_secret(), &source)?;
            warnings = cleaned
                .notes
                .iter()
                .map(|note| format!("{source}: {note}"))
                .collect();
            secret = cleaned.secret;
        }
        Ok(Found {
            secret,
            source,
            warnings,
            kept: Some(kept),
        })
    }

    fn source(&self, side: Side) -> Source {
        match &self.store {
            StoreKind::Keyring => Source::Keyring,
            StoreKind::File(folder) => Source::Kept(folder.join(self.name(side, false).file())),
            StoreKind::Command(program) => Source::Command(program.name().to_owned()),
            StoreKind::Env => Source::Env(variable(side)),
            #[cfg(test)]
            StoreKind::Memory(_) => Source::Memory,
        }
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
        let cleaned = self.cleaned(side, text.expose_secret(), &source)?;
        let notes = cleaned.notes.into_iter();
        warnings.extend(notes.map(|note| format!("{source}: {note}")));
        Ok(Some(Found {
            secret: cleaned.secret,
            source,
            warnings,
            kept: None,
        }))
    }

    /// As [`clean`], with the place named.
    fn cleaned(&self, side: Side, text: &str, source: &Source) -> Result<Cleaned, CredentialError> {
        clean(side, text).map_err(|error| match error {
            CredentialError::Unusable { side, message, .. } => CredentialError::Unusable {
                side,
                origin: Some(source.clone()),
                message,
            },
            other => other,
        })
    }

    /// What the store has for a side; after a change that was cut off, the later of the two entries
    /// that is whole. Changes nothing, so it needs no lock.
    pub fn kept(&self, side: Side) -> Result<Option<Kept>, CredentialError> {
        let stored = self.read(side, false);
        let stored = match (stored, self.coming(side)?) {
            (Ok(Some(stored)), Some(coming)) if coming.saved <= stored.saved => Some(stored),
            (_, Some(coming)) => Some(coming),
            (stored, None) => stored?,
        };
        Ok(stored.map(|stored| stored.kept))
    }

    /// The entry beside. Half of one is no loss: the other one still counts.
    fn coming(&self, side: Side) -> Result<Option<Stored>, CredentialError> {
        let text = self.get(side, true)?;
        Ok(text.and_then(|text| Stored::read(&text).ok().flatten()))
    }

    /// Keeps what a side has, in place of what was kept before; `now` in milliseconds since 1970.
    ///
    /// The new entry is first put beside the old one and read back, so that one of the two is whole
    /// at any moment. Whoever renews tokens does this under the lock.
    pub fn keep(&self, side: Side, kept: &Kept, now: i64) -> Result<(), CredentialError> {
        let before = self.settle(side)?;
        let stored = Stored {
            kept: kept.clone(),
            saved: before.map_or(now, |saved| now.max(saved + 1)),
        };
        let text = stored.write();
        self.set(side, true, &text)?;
        self.set(side, false, &text)?;
        self.delete(side, true)?;
        Ok(())
    }

    /// Finishes a change that was cut off; the time of what is there.
    fn settle(&self, side: Side) -> Result<Option<i64>, CredentialError> {
        let stored = self
            .read(side, false)
            .ok()
            .flatten()
            .map(|stored| stored.saved);
        match self.coming(side)? {
            Some(coming) if stored.is_none_or(|saved| saved < coming.saved) => {
                self.set(side, false, &coming.write())?;
                Ok(Some(coming.saved))
            }
            _ => Ok(stored),
        }
    }

    /// Shows that [`Credentials::keep`] will succeed, as far as that can be shown.
    pub fn rehearse(&self, side: Side, kept: &Kept, now: i64) -> Result<(), CredentialError> {
        self.settle(side)?;
        let stored = Stored {
            kept: kept.clone(),
            saved: now,
        };
        self.set(side, true, &stored.write())?;
        self.delete(side, true)?;
        Ok(())
    }

    /// Removes the side's secret from the store; false when none was kept. Variables stay as they
    /// are.
    pub fn forget(&self, side: Side) -> Result<bool, CredentialError> {
        if !self.store.keeps() {
            return Ok(false);
        }
        let coming = self.delete(side, true)?;
        Ok(self.delete(side, false)? || coming)
    }

    fn read(&self, side: Side, coming: bool) -> Result<Option<Stored>, CredentialError> {
        let Some(text) = self.get(side, coming)? else {
            return Ok(None);
        };
        Stored::read(&text).map_err(|message| CredentialError::Damaged {
            side,
            profile: self.profile.clone(),
            message,
        })
    }

    fn get(&self, side: Side, coming: bool) -> Result<Option<Secret>, CredentialError> {
        let got = self.store.get(self.patience, &self.name(side, coming));
        got.map_err(|fault| self.error(side, fault))
    }

    /// Sets an entry and makes sure that it is there.
    fn set(&self, side: Side, coming: bool, text: &Secret) -> Result<(), CredentialError> {
        let name = self.name(side, coming);
        let set = self.store.set(self.patience, &name, text);
        set.map_err(|fault| self.error(side, fault))?;
        match self.get(side, coming)? {
            Some(kept) if kept.expose_secret() == text.expose_secret() => Ok(()),
            _ => Err(CredentialError::NotKept {
                store: self.store.word(),
            }),
        }
    }

    fn delete(&self, side: Side, coming: bool) -> Result<bool, CredentialError> {
        let deleted = self.store.delete(self.patience, &self.name(side, coming));
        deleted.map_err(|fault| self.error(side, fault))
    }

    fn error(&self, side: Side, fault: Fault) -> CredentialError {
        match fault {
            Fault::Keyring(cause) => CredentialError::NoKeyring { side, cause },
            Fault::File { path, message } => CredentialError::StoredFile { path, message },
            Fault::Command { program, message } => CredentialError::Program {
                side,
                program,
                message,
            },
            Fault::ReadOnly => CredentialError::NothingStored {
                side,
                store: self.store.word(),
            },
        }
    }

    /// The side's entry in a store. Profile names hold no slash.
    fn name(&self, side: Side, coming: bool) -> Name {
        Name {
            profile: self.profile.clone(),
            service: side.as_str(),
            coming,
        }
    }
}

/// Secrets are short; a longer text is a slip.
const LARGEST: usize = 64 * 1024;

fn read_secret_file(side: Side, path: &Path) -> Result<(Secret, Vec<String>), CredentialError> {
    let failed = |message: String| CredentialError::File {
        side,
        path: path.to_owned(),
        message,
    };
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let warnings = exposure(&file, path);
    let text = read_text(file).map_err(failed)?;
    if text.expose_secret().trim().is_empty() {
        return Err(failed("the file is empty".to_owned()));
    }
    Ok((text, warnings))
}

/// Reads a short text whole.
fn read_text(source: impl Read) -> Result<Secret, String> {
    // Room for all of it from the start: growing would leave copies of the secret behind.
    let mut bytes = Vec::with_capacity(LARGEST + 1);
    source
        .take(LARGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() > LARGEST {
        return Err("it is larger than 64 KiB".to_owned());
    }
    String::from_utf8(bytes)
        .map(Secret::from)
        .map_err(|_| "it is not text".to_owned())
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
