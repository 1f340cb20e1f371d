//! Contacts on their way from a listing to the rows, in order. Start reading at [`feed`].
//!
//! The listing runs on a thread of its own, so that the next page is fetched while the last one is
//! written; a full channel holds it back.

use std::ops::ControlFlow;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::contact::{Contact, Side};
use crate::export::{Key, Sorter};
use crate::remote::{Listed, Page, Receiver, RemoteError, RemoteErrorKind};

use super::super::error::{CliError, Exit};
use super::flow::{Flow, Step};

/// Pages that may wait between the listing and the rows.
const WAITING: usize = 2;

/// After so long without a page the place is remembered.
const IDLE: Duration = Duration::from_millis(200);

/// Contacts that are handed on together.
pub const CHUNK: usize = 100;

/// A contact whose turn it is: its place in the order, and what was made of it.
pub type Item = (Key, Vec<u8>);

/// Where a contact belongs: by its creation, then by id.
pub fn key(contact: &Contact) -> Key {
    Key::new(contact.created, &[&contact.id])
}

/// What is done with the contacts.
pub struct Steps<'s, 'f> {
    /// Makes what has to be known of a contact when its turn comes; nothing of one that is not
    /// wanted.
    pub encode: &'s dyn Fn(&Contact) -> Option<Vec<u8>>,
    /// Called once, with the number of contacts that the service announces.
    pub begin: &'s mut dyn FnMut(&mut Flow<'f>, Option<u64>) -> Step,
    /// Takes contacts in order, at most [`CHUNK`] at a time; `Break` when no more are wanted.
    pub each: &'s mut dyn FnMut(&mut Flow<'f>, Vec<Item>) -> Step,
}

/// Takes the contacts of a listing through the steps, ordered by `sorter`.
///
/// The second value tells whether a page had come before it ended.
///
/// # Errors
/// Errors of the listing, of the steps and of the disk; a listing that is not complete.
pub fn feed<'f>(
    flow: &mut Flow<'f>,
    side: Side,
    mut sorter: Sorter,
    list: impl FnOnce(&Receiver<'_>) -> Result<Listed, RemoteError> + Send,
    steps: Steps<'_, 'f>,
) -> (Result<(), FeedError>, bool) {
    let mut seen = false;
    let (pages, page) = sync_channel::<Page>(WAITING);
    let worked = std::thread::scope(|scope| {
        let lister = scope.spawn(move || {
            list(&|page: Page| match pages.send(page) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        });
        let mut work = Work {
            flow,
            sorter: &mut sorter,
            steps,
            read: 0,
            done: 0,
            total: None,
        };
        let worked = loop {
            match page.recv_timeout(IDLE) {
                Ok(page) => {
                    let first = !std::mem::replace(&mut seen, true);
                    match work.page(page, first) {
                        Ok(ControlFlow::Continue(())) => {}
                        other => break other,
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = work.flow.idle() {
                        break Err(error);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break Ok(ControlFlow::Continue(())),
            }
        };
        // A lister that still has pages learns by this that nobody wants them.
        drop(page);
        let listed = lister
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match worked {
            Err(error) => Err(FeedError::Work(error)),
            Ok(ControlFlow::Break(())) => Ok(()),
            Ok(ControlFlow::Continue(())) => match listed {
                Err(error) => Err(FeedError::Listing(error)),
                Ok(listed) if !listed.complete => Err(FeedError::Work(incomplete(side))),
                Ok(_) => work.rest().map_err(FeedError::Work),
            },
        }
    });
    (worked, seen)
}

/// What ended a feed early.
pub enum FeedError {
    Listing(RemoteError),
    Work(CliError),
}

impl FeedError {
    /// The service refuses this way of listing, but perhaps not another one.
    pub fn is_refusal(&self) -> bool {
        let FeedError::Listing(error) = self else {
            return false;
        };
        match error.kind {
            RemoteErrorKind::Rejected => matches!(error.status, Some(400 | 404 | 405 | 422)),
            RemoteErrorKind::Nonsense => error.status == Some(404),
            _ => false,
        }
    }
}

impl From<FeedError> for CliError {
    fn from(error: FeedError) -> CliError {
        match error {
            FeedError::Listing(error) => error.into(),
            FeedError::Work(error) => error,
        }
    }
}

struct Work<'w, 's, 'f> {
    flow: &'w mut Flow<'f>,
    sorter: &'w mut Sorter,
    steps: Steps<'s, 'f>,
    read: u64,
    /// Handed on.
    done: u64,
    total: Option<u64>,
}

impl Work<'_, '_, '_> {
    fn page(&mut self, page: Page, first: bool) -> Step {
        if first {
            self.total = page.total;
            if (self.steps.begin)(self.flow, page.total)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.read += page.contacts.len() as u64;
        for contact in &page.contacts {
            if let Some(encoded) = (self.steps.encode)(contact) {
                self.sorter.put(key(contact), encoded)?;
            }
        }
        if !self.sorter.is_orderly() {
            self.flow.progress("contacts", self.read, self.total);
        }
        self.hand_on()
    }

    /// The listing has ended.
    fn rest(&mut self) -> Result<(), CliError> {
        self.sorter.end();
        self.hand_on().map(drop)
    }

    fn hand_on(&mut self) -> Step {
        loop {
            self.flow.check_stop()?;
            let items = self.sorter.take(CHUNK)?;
            if items.is_empty() {
                return Ok(ControlFlow::Continue(()));
            }
            self.done += items.len() as u64;
            let more = (self.steps.each)(self.flow, items)?;
            self.flow.progress("contacts", self.done, self.total);
            if more.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

fn incomplete(side: Side) -> CliError {
    CliError::new(
        Exit::Unavailable,
        "unavailable",
        format!("{}'s listing was not complete", side.title()),
    )
    .hint("try again later")
}
