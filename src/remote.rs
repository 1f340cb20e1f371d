//! The port between the engine and a service: what any side can be asked to do.
//!
//! Implemented by the two API clients and by the memory remote that drives the engine's tests.
//! Nothing here knows HTTP, a vendor's JSON or how a decision is made.
//! Start reading at [`Remote`].

use std::ops::ControlFlow;

use crate::contact::{Contact, FieldValue, Side};
use crate::related::{
    Appointment, Business, Note, NoteDraft, Opportunity, Pipeline, Task, TaskDraft,
};

/// Which contacts to list.
#[derive(Debug, Clone, PartialEq)]
pub enum Listing {
    /// Every contact of the location or brand.
    Full,
    /// Contacts changed since this moment of the *service's* clock (milliseconds since 1970).
    /// Only sides that keep a time of change offer it.
    Since(i64),
}

/// What a listing was once it ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// The service's clock (milliseconds since 1970) when the listing began; `None` when the
    /// service did not say.
    pub as_of: Option<i64>,
    /// True only when every contact of the listing was delivered. A listing that the receiver
    /// stopped is not complete; only a complete full listing makes absence mean something.
    pub complete: bool,
}

/// A part of a listing. The same contact may come twice; the receiver keeps the last.
#[derive(Debug)]
pub struct Page {
    pub contacts: Vec<Contact>,
    /// How many the service says the listing has, if it says; only for progress and estimates.
    pub total: Option<u64>,
}

/// Takes the pages of a listing, possibly from several threads; `Break` ends the listing early.
pub type Receiver<'a> = dyn Fn(Page) -> ControlFlow<()> + Sync + 'a;

/// How to address one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    Id(&'a str),
    Email(&'a str),
}

/// A contact to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Correlates results of [`Remote::submit`]; unique within one submission, at most 80 characters.
    pub tag: String,
    pub email: String,
    pub values: Vec<(String, FieldValue)>,
    /// BigMailer: list ids to join.
    pub groups: Vec<String>,
    /// Create the person as opted out of everything.
    pub opted_out: bool,
}

/// A minimal change of one contact. Whatever is not named stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    pub email: Option<String>,
    /// Values to set or overwrite.
    pub set: Vec<(String, FieldValue)>,
    /// Values to take away, with the value believed to be there (a service may insist on it).
    pub clear: Vec<(String, FieldValue)>,
    pub join: Vec<String>,
    pub leave: Vec<String>,
    /// Opt the person out of everything. There is no way to say the opposite.
    pub opt_out: bool,
}

impl Change {
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        *self == Change::default()
    }
}

/// The answer to a create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// Made; the new id.
    New(String),
    /// Refused because the address is taken; nothing was changed. The id of who has it, where the
    /// service says so.
    Exists(Option<String>),
}

/// What became of one draft of a submission.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemResult {
    pub tag: String,
    pub outcome: ItemOutcome,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ItemOutcome {
    /// Stored under this id; an empty id means the service did not say which.
    Stored(String),
    /// Refused; nothing stored.
    Refused {
        code: Option<String>,
        message: String,
    },
}

/// One service, seen by the engine. All calls block, pace themselves and retry what may be retried.
pub trait Remote: Send + Sync {
    fn side(&self) -> Side;

    /// Whether the side itself refuses a second contact with the same address. May cost a call;
    /// a side that cannot say says no.
    fn refuses_duplicates(&self) -> Result<bool, RemoteError> {
        Ok(false)
    }

    /// Delivers the listing page by page. Errors end it; pages delivered so far stay valid as
    /// single contacts but prove no absence.
    fn list(&self, listing: &Listing, receiver: &Receiver<'_>) -> Result<Listed, RemoteError>;

    /// Reads one contact from the primary store; `None` only when the service said it is not there.
    fn get(&self, key: Key<'_>) -> Result<Option<Contact>, RemoteError>;

    /// Creates one contact; never touches an existing one, and never makes a second one with the
    /// same address. Where the contact was made but shows less than the draft asked for, the error
    /// is [`PARTLY_APPLIED`] and [`RemoteError::existing`] has the new id.
    fn create(&self, draft: &Draft) -> Result<Created, RemoteError>;

    /// Applies a change. Safe to repeat. An address owned by someone else is
    /// [`RemoteErrorKind::Taken`], an unknown id [`RemoteErrorKind::Gone`]. Where the service did
    /// not take a part, the rest is written and the error is [`PARTLY_APPLIED`].
    fn update(&self, id: &str, change: &Change) -> Result<(), RemoteError>;

    /// Deletes one contact; a contact that is already gone is a success.
    fn delete(&self, id: &str) -> Result<(), RemoteError>;

    /// Hands over up to 1,000 drafts of people *proven absent*, to be created later; returns the
    /// submission's id.
    fn submit(&self, drafts: &[Draft]) -> Result<String, RemoteError>;

    /// The results of a submission, or `None` while it is still being worked on.
    fn collect(&self, submission: &str) -> Result<Option<Vec<ItemResult>>, RemoteError>;

    /// What hangs on the side's contacts; `None`: nothing can hang there.
    fn attachments(&self) -> Option<&dyn Attachments> {
        None
    }

    /// Adds groups to, or takes them from, up to [`MANY`] contacts at once. The answer has one entry
    /// for each id. Safe to repeat.
    fn regroup(
        &self,
        _add: bool,
        _ids: &[String],
        _groups: &[String],
    ) -> Result<Vec<Regrouped>, RemoteError> {
        Err(self.has_no("groups that change for many at once"))
    }

    /// All notes of a contact; `Gone` when there is no such contact.
    fn notes(&self, _contact: &str) -> Result<Vec<Note>, RemoteError> {
        Err(self.has_no("notes"))
    }

    /// Makes a note and returns its id. Not safe to repeat: `Unclear` when nobody knows.
    fn make_note(&self, _contact: &str, _draft: &NoteDraft) -> Result<String, RemoteError> {
        Err(self.has_no("notes"))
    }

    /// Changes a note. Safe to repeat; `Gone` when it or its contact is not there.
    fn edit_note(&self, _contact: &str, _id: &str, _draft: &NoteDraft) -> Result<(), RemoteError> {
        Err(self.has_no("notes"))
    }

    /// All tasks of a contact; `Gone` when there is no such contact.
    fn tasks(&self, _contact: &str) -> Result<Vec<Task>, RemoteError> {
        Err(self.has_no("tasks"))
    }

    /// Makes a task and returns its id. Not safe to repeat: `Unclear` when nobody knows.
    fn make_task(&self, _contact: &str, _draft: &TaskDraft) -> Result<String, RemoteError> {
        Err(self.has_no("tasks"))
    }

    /// Who has won opportunities; `None` when their number is still `unless`.
    fn won(&self, _unless: Option<u64>) -> Result<Option<Won>, RemoteError> {
        Err(self.has_no("opportunities"))
    }

    /// Sends a transactional mail to a contact that exists. Never repeated: `Unclear` when nobody
    /// knows whether it went out.
    fn send_mail(&self, _campaign: &str, _email: &str) -> Result<(), RemoteError> {
        Err(self.has_no("transactional mails"))
    }

    /// The error of a side that is asked for something that it does not have.
    fn has_no(&self, what: &str) -> RemoteError {
        RemoteError {
            kind: RemoteErrorKind::Rejected,
            side: self.side(),
            endpoint: "client".to_owned(),
            status: None,
            message: format!("there are no {what} here"),
            code: None,
            param: None,
            existing: None,
            trace_id: None,
            hint: None,
        }
    }
}

/// Contacts that [`Remote::regroup`] takes at once.
pub const MANY: usize = 100;

/// What [`Remote::regroup`] did to one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regrouped {
    Done,
    /// There is no such contact.
    Gone,
    /// Refused, or not told: to be done and looked at one by one.
    Doubtful,
}

/// Whose opportunities were won.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Won {
    /// Ids of contacts, each once or more.
    pub contacts: Vec<String>,
    /// How many opportunities that are, as the service counts.
    pub total: Option<u64>,
}

/// What hangs on contacts and the names it goes by, for values that are derived from it. Only read.
/// All calls block, pace themselves and retry like those of [`Remote`].
pub trait Attachments: Sync {
    /// The tasks of these contacts that are not done; one call for each hundred contacts or tasks.
    fn open_tasks(&self, contact_ids: &[String]) -> Result<Vec<Task>, RemoteError>;

    /// The same for one contact, always in one call.
    fn open_tasks_of(&self, contact_id: &str) -> Result<Vec<Task>, RemoteError>;

    /// All notes of one contact; one call.
    fn notes(&self, contact_id: &str) -> Result<Vec<Note>, RemoteError>;

    /// All appointments of one contact; one call.
    fn appointments(&self, contact_id: &str) -> Result<Vec<Appointment>, RemoteError>;

    /// All opportunities of one contact; usually one call.
    fn opportunities(&self, contact_id: &str) -> Result<Vec<Opportunity>, RemoteError>;

    /// How many opportunities there are, if the service says; one call.
    fn count_opportunities(&self) -> Result<Option<u64>, RemoteError>;

    /// Everybody's opportunities, page after page; one call for each hundred. `Break` ends it.
    fn all_opportunities(
        &self,
        taker: &mut dyn FnMut(Vec<Opportunity>) -> ControlFlow<()>,
    ) -> Result<(), RemoteError>;

    /// All businesses; one call for each hundred.
    fn businesses(&self) -> Result<Vec<Business>, RemoteError>;

    /// All pipelines; one call, then remembered.
    fn pipelines(&self) -> Result<Vec<Pipeline>, RemoteError>;

    /// The name of the time zone that times without one are in, if the service says; one call.
    fn time_zone(&self) -> Result<Option<String>, RemoteError>;
}

/// The code of a `Rejected` error that says: all was written but for the fields in
/// `RemoteError::not_taken`.
pub const PARTLY_APPLIED: &str = "partly_applied";

/// The code of a `Taken` error that says: the address is an additional one of a contact whose
/// primary address is another. That contact must not be written to for this address' sake.
pub const ADDITIONAL_EMAIL: &str = "additional_email";

/// The code of a `Taken` error that says: another contact has the telephone number. It must not be
/// written to either.
pub const PHONE_TAKEN: &str = "phone_taken";

/// What the caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteErrorKind {
    /// Credential refused, scope or permission missing, wrong location: stop.
    Auth,
    /// The addressed object does not exist.
    Gone,
    /// The address belongs to another contact.
    Taken,
    /// This request is wrong in the service's eyes; others may be fine.
    Rejected,
    /// The daily quota is used up or has reached the reserve: stop in good order.
    Quota,
    /// The service or the network does not answer; retries are used up: stop, try later.
    Unavailable,
    /// A write that may not be repeated got no answer: read before doing anything else.
    Unclear,
    /// The run was asked to stop while this call waited; nothing was sent.
    Stopped,
    /// The service answered in a way the client cannot use (a listing that loops, for instance).
    Nonsense,
}

/// An error of one call to one service. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct RemoteError {
    pub kind: RemoteErrorKind,
    pub side: Side,
    /// Method and path pattern, such as `POST /contacts/search`; no ids or addresses of people.
    pub endpoint: String,
    pub status: Option<u16>,
    /// The service's own words, or ours for errors of the transport; secrets blanked.
    pub message: String,
    /// The service's machine code, such as BigMailer's `invalid_format`.
    pub code: Option<String>,
    /// The parameter that the service complains about; several are separated by line breaks.
    pub param: Option<String>,
    /// The id of the contact that is in the way, or that was made all the same, where known.
    pub existing: Option<String>,
    pub trace_id: Option<String>,
    /// What to do next, where the client knows better than the kind alone says.
    pub hint: Option<String>,
}

impl RemoteError {
    /// The source names of the fields that a [`PARTLY_APPLIED`] write did not change; empty for
    /// every other error.
    #[cfg(test)]
    pub fn not_taken(&self) -> Vec<&str> {
        match (&self.code, &self.param) {
            (Some(code), Some(names)) if code == PARTLY_APPLIED => names.lines().collect(),
            _ => Vec::new(),
        }
    }

    fn sentence(&self) -> String {
        let mut text = format!("{} ({})", self.side.title(), self.endpoint);
        if let Some(status) = self.status {
            text.push_str(&format!(" answered {status}"));
        }
        text.push_str(": ");
        text.push_str(&self.message);
        if let Some(trace) = &self.trace_id {
            text.push_str(&format!(" (trace id {trace})"));
        }
        text
    }
}
