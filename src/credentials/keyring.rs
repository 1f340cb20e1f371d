//! The operating system's keyring, asked with a limit on patience.
//!
//! Every call runs on a thread of its own with a connection of its own: a keyring that hangs keeps
//! that thread and nothing else, and the process can still end. It never prompts itself; an unlock
//! window is the desktop's. Start reading at [`get`].

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};
use secrecy::ExposeSecret;

use super::Secret;
use super::pieces::{self, Entries};

/// The name under which the operating system lists our entries.
const SERVICE: &str = "ghl-bm";

/// How long to wait for a keyring.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Until it answers at all.
    pub answer: Duration,
    /// From then on, until it has done what it was asked; an unlock window counts in.
    pub work: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        // Working keyrings answer within milliseconds; a person who waits for nothing gives up at
        // about this time.
        let limit = Duration::from_secs(3);
        Patience {
            answer: limit,
            work: limit,
        }
    }
}

/// Characters that fit into one entry: Windows has room for 2,560 bytes of UTF-16 (Win32 API,
/// CREDENTIAL structure); the others for far more than a pair of tokens.
const LONGEST: usize = if cfg!(windows) { 1_200 } else { 1 << 20 };

/// The secret of an entry, `None` when there is no such entry. The error is the cause, in words.
pub(super) fn get(patience: Patience, name: &str) -> Result<Option<Secret>, String> {
    pieces::get(&patience, name)
}

/// Makes or replaces an entry.
pub(super) fn set(patience: Patience, name: &str, secret: &Secret) -> Result<(), String> {
    pieces::set(&patience, name, secret, LONGEST)
}

/// Removes an entry; false when there was none.
pub(super) fn delete(patience: Patience, name: &str) -> Result<bool, String> {
    pieces::delete(&patience, name)
}

impl Entries for Patience {
    fn get(&self, name: String) -> Result<Option<Secret>, String> {
        let found = call(*self, name, |entry| entry.get_password().map(Secret::from));
        found_or_none(found)
    }

    fn set(&self, name: String, text: Secret) -> Result<(), String> {
        let set = call(*self, name, move |entry| {
            entry.set_password(text.expose_secret())
        });
        set.map_err(Failure::words)
    }

    fn delete(&self, name: String) -> Result<bool, String> {
        let deleted = call(*self, name, Entry::delete_credential);
        found_or_none(deleted).map(|deleted| deleted.is_some())
    }
}

enum Failure {
    NoEntry,
    Cause(String),
}

impl Failure {
    fn words(self) -> String {
        match self {
            Failure::NoEntry => "there is no such entry".to_owned(),
            Failure::Cause(cause) => cause,
        }
    }
}

fn found_or_none<T>(result: Result<T, Failure>) -> Result<Option<T>, String> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Failure::NoEntry) => Ok(None),
        Err(Failure::Cause(cause)) => Err(cause),
    }
}

enum Report<T> {
    /// The keyring is there.
    Answered,
    Done(keyring_core::Result<T>),
}

fn call<T: Send + 'static>(
    patience: Patience,
    user: String,
    work: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let (sender, reports) = mpsc::channel();
    let thread = thread::Builder::new().name("keyring".to_owned());
    thread
        .spawn(move || {
            // Nobody listens any more once patience has run out; then there is nothing to tell.
            let result = open().and_then(|store| {
                let _ = sender.send(Report::Answered);
                work(&store.build(SERVICE, &user, None)?)
            });
            let _ = sender.send(Report::Done(result));
        })
        .map_err(|error| Failure::Cause(format!("no thread for it: {error}")))?;

    let mut limit = patience.answer;
    let mut silence = "it does not answer";
    loop {
        match reports.recv_timeout(limit) {
            Ok(Report::Answered) => {
                limit = patience.work;
                silence = "it did not finish; it may be locked and wait for its password";
            }
            Ok(Report::Done(result)) => return result.map_err(failure),
            Err(RecvTimeoutError::Timeout) => {
                let seconds = limit.as_secs_f64();
                return Err(Failure::Cause(format!("{silence} (waited {seconds} s)")));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::Cause("its library failed".to_owned()));
            }
        }
    }
}

fn failure(error: Error) -> Failure {
    Failure::Cause(match error {
        Error::NoEntry => return Failure::NoEntry,
        Error::PlatformFailure(cause) => in_words(cause.to_string()),
        Error::NoStorageAccess(cause) => format!("it is locked or has no place to store: {cause}"),
        // These two hold the entry's bytes; their text is not used, lest it ever shows them.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            format!("the entry of `{SERVICE}` is damaged; log in again")
        }
        Error::Ambiguous(entries) => format!(
            "{} entries of `{SERVICE}` fit; delete them in the keyring's own program",
            entries.len()
        ),
        other => other.to_string(),
    })
}

/// What a D-Bus library says where nobody is logged in, or no keyring runs, for people who never heard
/// of D-Bus (texts of libdbus 1.14, `_dbus_transport_open` and `bus_activation`); else as it is.
fn in_words(cause: String) -> String {
    let has = |words: &str| cause.contains(words);
    if has("autolaunch") || has("Failed to connect to socket") {
        "nobody is logged in to a desktop here, as over SSH, under cron and in containers"
            .to_owned()
    } else if has("org.freedesktop.secrets") {
        "no keyring program runs in this session, such as GNOME Keyring or KWallet".to_owned()
    } else {
        cause
    }
}

#[cfg(target_os = "linux")]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(dbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NotSupportedByStore(
        "this operating system has no keyring that ghl-bm knows".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_missing_session_or_keyring_is_told_without_terms_of_d_bus() {
        let told = |cause: &str| in_words(cause.to_owned());
        for cause in [
            "DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time, set your \
             DBUS_SESSION_BUS_ADDRESS instead",
            "DBus error: Failed to connect to socket /run/user/1000/bus: No such file or directory",
        ] {
            assert!(told(cause).starts_with("nobody is logged in"), "{cause}");
        }
        let cause =
            "DBus error: The name org.freedesktop.secrets was not provided by any .service files";
        assert!(told(cause).starts_with("no keyring program"));
        assert_eq!(told("the collection is gone"), "the collection is gone");
    }
}
