//! Contacts on their way from a listing to the rows, in order. Start reading at [`feed`].
//!
//! The listing runs on a thread of its own, so that the next page is fetched while the last one is
//! written; a full channel holds it back. What comes in the order of creation is written at once;
//! what comes in any order is collected first, on disk when it is much.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::contact::{Contact, Side};
use crate::export::{Key, Sorter};
use crate::remote::{Listed, Page, RemoteError, RemoteErrorKind};

use super::super::error::{CliError, Exit};
use super::flow::{Collected, Flow, Step};

/// Pages that may wait between the listing and the rows.
const WAITING: usize = 2;

/// After so long without a page the place is remembered.
const IDLE: Duration = Duration::from_millis(200);

/// Contacts that are handed on together.
pub const CHUNK: usize = 100;

/// A contact whose turn it is: its place in the order, and what was made of it.
pub type Item = (Key, Vec<u8>);

/// How a listing delivers contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// In the order of their creation.
    InOrder,
    /// In any order.
    Anyhow,
    /// In any order, each page with a cursor that a later listing can go on with after it.
    AnyhowWithCursors,
}

/// Takes a page and the cursor of the next one, if there are cursors; `Break` ends the listing.
pub type Taker<'a> = dyn Fn(Page, Option<&str>) -> ControlFlow<()> + Sync + 'a;

/// Lists contacts from the beginning, or from a cursor.
pub type Lister<'a> = dyn Fn(Option<&str>, &Taker<'_>) -> Result<Listed, RemoteError> + Sync + 'a;

/// A listing of contacts.
pub struct Source<'l> {
    pub side: Side,
    pub arrival: Arrival,
    pub list: &'l Lister<'l>,
}

type Begin<'s, 'f> = dyn FnMut(&mut Flow<'f>, Option<u64>) -> Result<(), CliError> + 's;

/// What is done with the contacts.
pub struct Steps<'s, 'f> {
    /// Makes what has to be known of a contact when its turn comes; nothing of one that is not
    /// wanted.
    pub encode: &'s dyn Fn(&Contact) -> Option<Vec<u8>>,
    /// Called before the first contact is handed on, with the number that the service announces.
    pub begin: &'s mut Begin<'s, 'f>,
    /// Takes contacts in order, at most [`CHUNK`] at a time; `Break` when no more are wanted.
    pub each: &'s mut dyn FnMut(&mut Flow<'f>, Vec<Item>) -> Step,
}

/// What ended a feed early.
pub enum FeedError {
    /// An error of the listing before it has shown anybody; perhaps another way works.
    AtOnce(RemoteError),
    Listing(RemoteError),
    Work(CliError),
}

impl From<FeedError> for CliError {
    fn from(error: FeedError) -> CliError {
        match error {
            FeedError::AtOnce(error) | FeedError::Listing(error) => error.into(),
            FeedError::Work(error) => error,
        }
    }
}

impl From<CliError> for FeedError {
    fn from(error: CliError) -> FeedError {
        FeedError::Work(error)
    }
}

/// Takes the contacts of a listing through the steps, ordered by creation, then id.
///
/// # Errors
/// Errors of the listing, of the steps and of the disk; a listing that is not complete.
pub fn feed<'f>(
    flow: &mut Flow<'f>,
    source: &Source<'_>,
    steps: Steps<'_, 'f>,
) -> Result<(), FeedError> {
    let mut feed = Feed {
        source,
        steps,
        sorter: Sorter::of_any(None),
        keeps: source.arrival == Arrival::AnyhowWithCursors,
        begun: false,
        read: 0,
        done: 0,
        total: None,
    };
    let from = feed.start(flow)?;
    match from {
        // Everything was collected before.
        Some(Collected { next: None, .. }) => {}
        None => {
            if feed.list(flow, None)?.is_break() {
                return Ok(());
            }
        }
        Some(Collected { next, .. }) => {
            let went_on = match feed.list(flow, next.as_deref()) {
                // How long a cursor lives is not documented.
                Err(FeedError::AtOnce(error)) if is_unknown(&error) => false,
                other => {
                    let _ = other?;
                    let held = feed.sorter.held().map_err(CliError::from)?;
                    feed.total.is_some_and(|total| held >= total)
                }
            };
            if !went_on {
                flow.context
                    .ui
                    .info("the listing cannot be gone on with where it stood; reading it again");
                flow.forget_collected()?;
                feed.sorter = Sorter::of_any(None);
                feed.read = 0;
                let _ = feed.list(flow, None)?;
            }
        }
    }
    flow.turn()?;
    feed.sorter.end();
    let _ = feed.hand_on(flow)?;
    Ok(())
}

struct Feed<'l, 's, 'f> {
    source: &'l Source<'l>,
    steps: Steps<'s, 'f>,
    sorter: Sorter,
    /// What is collected is kept for a later command.
    keeps: bool,
    begun: bool,
    read: u64,
    /// Handed on.
    done: u64,
    /// The lowest number that a page announced: what was there all the time.
    total: Option<u64>,
}

impl<'f> Feed<'_, '_, 'f> {
    /// Takes up what an earlier command left.
    fn start(&mut self, flow: &mut Flow<'f>) -> Result<Option<Collected>, CliError> {
        self.sorter = match self.source.arrival {
            Arrival::InOrder => Sorter::of_orderly(flow.after().cloned()),
            Arrival::Anyhow => Sorter::of_any(flow.after().cloned()),
            Arrival::AnyhowWithCursors => Sorter::of_any(None),
        };
        let sorter = &mut self.sorter;
        let collected = flow.collected(|key, row| Ok(sorter.put(key, row)?))?;
        self.read = collected.as_ref().map_or(0, |collected| collected.count);
        Ok(collected)
    }

    /// Reads the listing to its end.
    fn list(
        &mut self,
        flow: &mut Flow<'f>,
        from: Option<&str>,
    ) -> Result<ControlFlow<()>, FeedError> {
        let source = self.source;
        let read_before = self.read;
        let (sender, pages) = sync_channel(WAITING);
        std::thread::scope(|scope| {
            let lister =
                scope.spawn(move || (source.list)(from, &|page, next| send(&sender, page, next)));
            let worked = self.take_pages(flow, &pages);
            // A lister that still has pages learns by this that nobody wants them.
            drop(pages);
            let listed = lister
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            if worked?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            match listed {
                Err(error) if self.read == read_before => Err(FeedError::AtOnce(error)),
                Err(error) => Err(FeedError::Listing(error)),
                Ok(listed) if !listed.complete => Err(incomplete(source.side).into()),
                Ok(_) => Ok(ControlFlow::Continue(())),
            }
        })
    }

    fn take_pages(&mut self, flow: &mut Flow<'f>, pages: &Receiver<Sheet>) -> Step {
        loop {
            match pages.recv_timeout(IDLE) {
                Ok((page, next)) => {
                    if self.take_page(flow, &page, next)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Err(RecvTimeoutError::Timeout) => flow.remember()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(ControlFlow::Continue(())),
            }
        }
    }

    fn take_page(&mut self, flow: &mut Flow<'f>, page: &Page, next: Option<String>) -> Step {
        self.total = match (self.total, page.total) {
            (Some(before), Some(now)) => Some(before.min(now)),
            (before, now) => before.or(now),
        };
        if !std::mem::replace(&mut self.begun, true) {
            (self.steps.begin)(flow, page.total)?;
        }
        let encoded: Vec<Item> = page
            .contacts
            .iter()
            .filter_map(|contact| Some((key(contact), (self.steps.encode)(contact)?)))
            .collect();
        if self.keeps {
            flow.collect(encoded.iter().map(|(key, row)| (key, &row[..])), next)?;
        }
        for (key, row) in encoded {
            self.sorter.put(key, row)?;
        }
        self.read += page.contacts.len() as u64;
        if self.source.arrival != Arrival::InOrder {
            flow.progress("contacts", self.read, self.total);
        }
        self.hand_on(flow)
    }

    fn hand_on(&mut self, flow: &mut Flow<'f>) -> Step {
        loop {
            flow.check_stop()?;
            let items = self.sorter.take(CHUNK)?;
            if items.is_empty() {
                return Ok(ControlFlow::Continue(()));
            }
            self.done += items.len() as u64;
            let more = (self.steps.each)(flow, items)?;
            flow.progress("contacts", self.done, self.total);
            if more.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

/// A page and the cursor of the next one.
type Sheet = (Page, Option<String>);

fn send(sender: &SyncSender<Sheet>, page: Page, next: Option<&str>) -> ControlFlow<()> {
    match sender.send((page, next.map(str::to_owned))) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

/// Where a contact belongs: by its creation, then by id.
fn key(contact: &Contact) -> Key {
    Key::new(contact.created, &[&contact.id])
}

/// The cursor to go on from is not known any more.
fn is_unknown(error: &RemoteError) -> bool {
    matches!(
        error.kind,
        RemoteErrorKind::Rejected | RemoteErrorKind::Gone
    )
}

fn incomplete(side: Side) -> CliError {
    CliError::new(
        Exit::Unavailable,
        "unavailable",
        format!("{}'s listing was not complete", side.title()),
    )
    .hint("try again later")
}
