//! Any error becomes an exit code, a sentence and the next thing to type.
//!
//! The only place that knows exit codes. Does not know how an error arose. Start reading at
//! [`CliError`]; the codes are in [`Exit`].

use std::io;

use serde::Serialize;
use serde_json::json;

use crate::contact::Side;
use crate::credentials::{CredentialError, RenewalError};
use crate::export::{ExportError, SortError};
use crate::profiles::ProfileError;
use crate::remote::{RemoteError, RemoteErrorKind};
use crate::state::StateError;
use crate::stop::Why;
use crate::ui::FilterError;

/// The stable exit codes. The README's table is held against them by a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    SomeFailed = 3,
    Login = 4,
    Unavailable = 5,
    Quota = 6,
    Brake = 7,
    Conflicts = 8,
    Locked = 9,
    OutOfTime = 10,
    Invalid = 11,
    Differences = 20,
    Interrupted = 130,
    Terminated = 143,
}

impl Exit {
    pub fn code(self) -> u8 {
        self as u8
    }

    pub fn of_stop(why: Why) -> Exit {
        match why {
            Why::Interrupt => Exit::Interrupted,
            Why::Terminate => Exit::Terminated,
            Why::OutOfTime => Exit::OutOfTime,
            Why::Failed => Exit::Failed,
        }
    }
}

/// The word for a call that the request to end came before; see [`CliError::with_reason`].
const CALL_STOPPED: &str = "stopped";

/// What to do about a service that is not there, and about a used-up day, where runs go on by
/// themselves.
const TRY_LATER: &str = "try again later; nothing is lost, the next run goes on from here";
const TRY_TOMORROW: &str = "run it again tomorrow; the next run goes on from here";

/// An error on its way to the user.
#[derive(Debug, Clone)]
pub struct CliError {
    pub exit: Exit,
    /// The word of machine output.
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
    pub service: Option<&'static str>,
    pub status: Option<u16>,
    pub trace_id: Option<String>,
    /// The reader closed the pipe: say nothing, exit 0.
    pub quiet: bool,
}

impl CliError {
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> CliError {
        CliError {
            exit,
            code,
            message: message.into(),
            hint: None,
            service: None,
            status: None,
            trace_id: None,
            quiet: false,
        }
    }

    pub fn usage(message: impl Into<String>) -> CliError {
        CliError::new(Exit::Usage, "usage", message)
    }

    pub fn invalid(message: impl Into<String>) -> CliError {
        CliError::new(Exit::Invalid, "invalid", message)
    }

    /// Somebody asked the command to end, and it did in good order.
    pub fn stopped(why: Why) -> CliError {
        let (code, message) = match why {
            Why::OutOfTime => (
                "out_of_time",
                "the time of --max-duration is over; stopped in good order",
            ),
            _ => (
                "interrupted",
                "interrupted; what was in flight is finished and saved",
            ),
        };
        CliError::new(Exit::of_stop(why), code, message).hint("run it again: it goes on from here")
    }

    /// A call that was not made any more says only that; the reason tells the exit code.
    pub fn with_reason(self, asked: Option<Why>) -> CliError {
        match asked {
            Some(why) if self.code == CALL_STOPPED => CliError::stopped(why),
            _ => self,
        }
    }

    /// For work without calls that sees the request to end itself.
    pub fn stop_asked() -> CliError {
        CliError::new(Exit::Interrupted, CALL_STOPPED, "asked to stop")
    }

    /// It says only that somebody asked to stop.
    pub fn is_stop(&self) -> bool {
        self.code == CALL_STOPPED
    }

    pub fn hint(mut self, hint: impl Into<String>) -> CliError {
        self.hint = Some(hint.into());
        self
    }

    /// The error of a command that begins anew each time, unless `way_on` says otherwise.
    pub fn going_on(mut self, way_on: Option<String>) -> CliError {
        let told = match self.hint.take() {
            Some(hint) if hint == TRY_LATER => Some("try again later".to_owned()),
            Some(hint) if hint == TRY_TOMORROW => Some("run it again tomorrow".to_owned()),
            other => other,
        };
        let both = [told, way_on].into_iter().flatten().collect::<Vec<_>>();
        self.hint = (!both.is_empty()).then(|| both.join("; "));
        self
    }

    /// The document of machine output.
    pub fn document(&self) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            code: &'a str,
            exit_code: u8,
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            hint: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            service: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<u16>,
            #[serde(skip_serializing_if = "Option::is_none")]
            trace_id: Option<&'a str>,
        }
        let body = Body {
            code: self.code,
            exit_code: self.exit.code(),
            message: &self.message,
            hint: self.hint.as_deref(),
            service: self.service,
            status: self.status,
            trace_id: self.trace_id.as_deref(),
        };
        json!({ "schema_version": 1, "error": body }).to_string()
    }
}

/// The command to type after a refused or missing credential.
fn login_hint(side: Side) -> String {
    format!(
        "type `ghl-bm auth login {side} --with-token`, or `ghl-bm auth status` to see what is in use"
    )
}

impl From<RemoteError> for CliError {
    fn from(e: RemoteError) -> CliError {
        let (exit, code) = match e.kind {
            RemoteErrorKind::Auth => (Exit::Login, "auth_refused"),
            RemoteErrorKind::Quota => (Exit::Quota, "daily_quota"),
            RemoteErrorKind::Unavailable | RemoteErrorKind::Nonsense => {
                (Exit::Unavailable, "unavailable")
            }
            RemoteErrorKind::Unclear => (Exit::Unavailable, "unclear"),
            RemoteErrorKind::Stopped => (Exit::Interrupted, CALL_STOPPED),
            // What commands ask for by id without knowing that it is there comes from the profile.
            RemoteErrorKind::Gone => (Exit::Invalid, "not_found"),
            RemoteErrorKind::Taken => (Exit::Failed, "taken"),
            RemoteErrorKind::Rejected => (Exit::Failed, "rejected"),
        };
        let hint = e.hint.clone().or_else(|| match e.kind {
            RemoteErrorKind::Auth => Some(login_hint(e.side)),
            RemoteErrorKind::Gone => Some(match e.side {
                Side::Ghl => "check `ghl.location_id` in the profile against the address bar of the \
                              sub-account, and mend it with `ghl-bm map set ghl.location_id ID`"
                    .to_owned(),
                Side::Bigmailer => "check `bigmailer.brand_id` in the profile: `ghl-bm api bigmailer \
                                    GET /brands` lists the ids, `ghl-bm map set bigmailer.brand_id ID` \
                                    mends it"
                    .to_owned(),
            }),
            RemoteErrorKind::Unavailable | RemoteErrorKind::Nonsense | RemoteErrorKind::Unclear => {
                Some(TRY_LATER.to_owned())
            }
            RemoteErrorKind::Quota => Some(TRY_TOMORROW.to_owned()),
            _ => None,
        });
        CliError {
            exit,
            code,
            message: e.to_string(),
            hint,
            service: Some(e.side.as_str()),
            status: e.status,
            trace_id: e.trace_id,
            quiet: false,
        }
    }
}

impl From<StateError> for CliError {
    fn from(e: StateError) -> CliError {
        let (exit, code, hint) = match &e {
            StateError::Damaged { .. } => (
                Exit::Invalid,
                "state_damaged",
                "type `ghl-bm sync --rebuild-state` to put the file aside and build a new one from both services",
            ),
            StateError::Newer { .. } => (Exit::Invalid, "state_newer", "update ghl-bm"),
            StateError::Full { .. } => (
                Exit::Failed,
                "disk_full",
                "free some space and run it again; nothing is lost",
            ),
            StateError::Io { .. } => (
                Exit::Invalid,
                "state_unreadable",
                "check the path and its permissions",
            ),
        };
        CliError::new(exit, code, e.to_string()).hint(hint)
    }
}

impl From<ProfileError> for CliError {
    fn from(e: ProfileError) -> CliError {
        let hint = e.hint();
        let error = CliError::new(Exit::Invalid, "profile", e.to_string());
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl From<CredentialError> for CliError {
    fn from(e: CredentialError) -> CliError {
        let hint = e.hint();
        let error = CliError::new(Exit::Login, "auth_required", e.to_string());
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl From<RenewalError> for CliError {
    fn from(e: RenewalError) -> CliError {
        let (exit, code) = match &e {
            RenewalError::Ended(_) => (Exit::Login, "auth_required"),
            RenewalError::Paused(_) => (Exit::Login, "auth_refused"),
            RenewalError::NoAnswer(_) => (Exit::Unavailable, "unavailable"),
            RenewalError::Busy => (Exit::Unavailable, "locked"),
            RenewalError::Stopped => return CliError::stop_asked(),
            RenewalError::NotStored(cause) | RenewalError::NotRead(cause) => {
                let error = CliError::from(cause.clone());
                return CliError {
                    message: e.to_string(),
                    ..error
                };
            }
            RenewalError::Lock { .. } => (Exit::Failed, "io"),
        };
        let error = CliError::new(exit, code, e.to_string());
        match e.hint() {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl From<io::Error> for CliError {
    fn from(e: io::Error) -> CliError {
        let mut error = CliError::new(Exit::Failed, "io", e.to_string());
        if e.get_ref().is_some_and(|inner| inner.is::<FilterError>()) {
            error.code = "jq";
        }
        if e.kind() == io::ErrorKind::BrokenPipe {
            error.exit = Exit::Done;
            error.quiet = true;
        }
        if e.kind() == io::ErrorKind::Interrupted {
            error.exit = Exit::Interrupted;
            error.code = "interrupted";
            error.message = "interrupted".to_owned();
        }
        if e.kind() == io::ErrorKind::StorageFull {
            error.code = "disk_full";
            error.message = format!("no space left on the device: {e}");
        }
        error
    }
}

impl From<ExportError> for CliError {
    fn from(e: ExportError) -> CliError {
        let message = e.to_string();
        match e {
            ExportError::Folder { .. } => CliError::usage(message).hint("name a file in it"),
            ExportError::Busy { .. } => CliError::new(Exit::Locked, "locked", message)
                .hint("wait for it, or choose another name"),
            ExportError::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                CliError::new(Exit::Failed, "disk_full", message)
                    .hint("free some space and run it again")
            }
            ExportError::File { .. } => CliError::new(Exit::Failed, "file", message),
            ExportError::Pipe(source) => CliError::from(source),
        }
    }
}

impl From<SortError> for CliError {
    fn from(e: SortError) -> CliError {
        match e {
            SortError::TooLate => CliError::new(
                Exit::Unavailable,
                "unavailable",
                "the service does not keep the order of its own listing",
            ),
            SortError::Disk(e) => CliError::from(e),
        }
    }
}

impl From<serde_json::Error> for CliError {
    fn from(e: serde_json::Error) -> CliError {
        match e.io_error_kind() {
            Some(kind) => CliError::from(io::Error::new(kind, e.to_string())),
            None => CliError::new(Exit::Failed, "internal", e.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Side;

    #[test]
    fn a_call_that_was_stopped_ends_with_the_code_of_the_reason() {
        let error = || {
            CliError::from(RemoteError {
                kind: RemoteErrorKind::Stopped,
                side: Side::Ghl,
                endpoint: "GET /x".to_owned(),
                status: None,
                message: "asked to stop".to_owned(),
                code: None,
                param: None,
                existing: None,
                trace_id: None,
                hint: None,
            })
        };
        for (why, exit, code) in [
            (Why::Interrupt, Exit::Interrupted, "interrupted"),
            (Why::Terminate, Exit::Terminated, "interrupted"),
            (Why::OutOfTime, Exit::OutOfTime, "out_of_time"),
        ] {
            let told = error().with_reason(Some(why));
            assert_eq!((told.exit, told.code), (exit, code));
        }
        // Any other error keeps its own code, whoever wants to stop.
        let other = CliError::usage("no").with_reason(Some(Why::Terminate));
        assert_eq!(other.exit, Exit::Usage);
    }
}
