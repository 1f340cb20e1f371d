//! Undoing a run: each contact that it changed is read, and what is still as the run left it is put
//! back.
//!
//! Consent is never put back, nobody is made again who was deleted, and nobody is deleted who was
//! created: the counts say so. What is written here is recorded like the writes of a sync, so an
//! undo can be undone. Start reading at [`undo`].

use std::thread;

use crate::contact::{Contact, Side, email_key};
use crate::plan::guard::{self, Brake, Counts};
use crate::plan::undo::{Image, Now, PutBack};
use crate::plan::{Base, Cell, Update};
use crate::remote::{Change, Key, Remote, RemoteError, RemoteErrorKind};
use crate::state::history::{Image as Kept, ImageCounts, Kind};
use crate::state::{Link, Problem, State, StateError};
use crate::stop::{Stop, Why};

use super::carry::{is_fatal, without_addresses};
use super::planning::changes;
use super::read::stage_source;
use super::{Progress, Resolved, Sides};

/// Images read from the state at a time, and contacts asked for at a time.
const PART: usize = 500;
const AT_ONCE: usize = 4;

/// How the undoing of a run ended.
#[derive(Debug)]
pub enum End {
    Complete,
    Braked(Brake),
    Stopped(Why),
    Remote(RemoteError),
}

/// What an undo did, or in a dry run would do. Each contact of either side counts once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Everything that the run changed is as before.
    pub restored: u64,
    /// Some of it; the rest was changed since.
    pub partly: u64,
    /// It was as before already.
    pub already: u64,
    /// Everything was changed since.
    pub left: u64,
    pub failed: u64,
    /// Writes to each side.
    pub ghl: u64,
    pub bigmailer: u64,
    /// What stays: people the run created, deleted, opted out.
    pub created_stay: u64,
    pub deleted_stay: u64,
    pub opt_outs_stay: u64,
}

impl Tally {
    pub fn total(&self) -> u64 {
        self.restored + self.partly + self.already + self.left + self.failed
    }
}

#[derive(Debug)]
pub struct Outcome {
    pub end: End,
    pub tally: Tally,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The run to be undone.
    pub run: &'a str,
    pub dry_run: bool,
    pub pass_brakes: bool,
}

/// One contact that the run changed.
struct Changed {
    side: Side,
    id: String,
    ghl_id: Option<String>,
    bm_id: Option<String>,
    image: Image,
}

/// A write on its way.
struct Order {
    contact: Changed,
    back: PutBack,
    record: Option<i64>,
    /// The link before its memory was taken back.
    link: Option<Link<Base>>,
}

/// Puts back what a run replaced. `see` hears of each line of the plan: ids and names, never values.
///
/// # Errors
/// Only what makes any report impossible: the state file fails.
pub fn undo(
    sides: Sides<'_>,
    resolved: &Resolved,
    state: &State,
    options: Options<'_>,
    progress: &dyn Progress,
    stop: &Stop,
    see: &mut dyn FnMut(&str),
) -> Result<Outcome, StateError> {
    state.open_stage()?;
    let ImageCounts {
        created,
        deleted,
        changed,
    } = state.image_counts(options.run)?;
    let mut undoing = Undoing {
        sides,
        resolved,
        state,
        options,
        tally: Tally {
            created_stay: created,
            deleted_stay: deleted,
            ..Tally::default()
        },
        see,
    };
    let linked = state.linked()?;
    let counts = Counts {
        linked,
        changes: changed,
        ..Counts::default()
    };
    let limits = &resolved.profile.limits;
    let brake = guard::check(&counts, limits.max_changes, limits.max_deletes).err();
    let end = match brake.filter(|_| !options.pass_brakes) {
        Some(brake) if !options.dry_run => End::Braked(brake),
        brake => match (undoing.everybody(changed, progress, stop)?, brake) {
            // Whoever only looks sees what is held back.
            (End::Complete, Some(brake)) => End::Braked(brake),
            (end, _) => end,
        },
    };
    Ok(Outcome {
        end,
        tally: undoing.tally,
    })
}

struct Undoing<'a> {
    sides: Sides<'a>,
    resolved: &'a Resolved,
    state: &'a State,
    options: Options<'a>,
    tally: Tally,
    see: &'a mut dyn FnMut(&str),
}

impl Undoing<'_> {
    fn everybody(
        &mut self,
        total: u64,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<End, StateError> {
        let mut skip = 0;
        let mut waiting: Vec<Changed> = Vec::new();
        loop {
            let part: Vec<Kept<Image>> = self.state.changes_of_run(self.options.run, skip, PART)?;
            skip += part.len();
            let last = part.is_empty();
            for kept in part {
                if let Some(contact) = Changed::of(kept) {
                    match waiting.last_mut() {
                        Some(known) if known.is(&contact) => known.image.then(contact.image),
                        _ => waiting.push(contact),
                    }
                }
            }
            // The last one may go on in the next part.
            let ready = waiting.len().saturating_sub(usize::from(!last));
            let later = waiting.split_off(ready);
            let mut ready = std::mem::replace(&mut waiting, later).into_iter();
            loop {
                let some: Vec<Changed> = ready.by_ref().take(AT_ONCE).collect();
                if some.is_empty() {
                    break;
                }
                if let Some(why) = stop.asked() {
                    return Ok(End::Stopped(why));
                }
                if let Err(error) = self.some(some)? {
                    let stopped = error.kind == RemoteErrorKind::Stopped;
                    return Ok(match stop.asked().filter(|_| stopped) {
                        Some(why) => End::Stopped(why),
                        None => End::Remote(error),
                    });
                }
                progress.writing(self.tally.total(), total);
            }
            if last {
                return Ok(End::Complete);
            }
        }
    }

    /// A few contacts: read, decided, recorded, written, confirmed. The inner error ends the run.
    fn some(&mut self, contacts: Vec<Changed>) -> Result<Result<(), RemoteError>, StateError> {
        let sides = self.sides;
        let found = at_once(&contacts, |contact| {
            remote(sides, contact.side).get(Key::Id(&contact.id))
        });
        let mut orders = Vec::new();
        let mut fatal = None;
        for (contact, found) in contacts.into_iter().zip(found) {
            match found {
                Ok(Some(now)) => orders.extend(self.decide(contact, &now)?),
                Ok(None) => {
                    self.tally.left += 1;
                    self.note(&contact, "gone", "the contact is not there any more")?;
                }
                Err(error) if is_fatal(&error) => fatal = fatal.or(Some(error)),
                Err(error) => self.failed(&contact, &error)?,
            }
        }
        if let Some(error) = fatal {
            return Ok(Err(error));
        }
        if self.options.dry_run {
            for order in &orders {
                self.count(order);
            }
            return Ok(Ok(()));
        }
        let state = self.state;
        state.transaction(|| orders.iter_mut().try_for_each(|order| self.prepare(order)))?;
        let written = at_once(&orders, |order| match order.back.update.is_empty() {
            true => Ok(()),
            false => {
                let change = change(&order.back.update);
                remote(sides, order.contact.side).update(&order.contact.id, &change)
            }
        });
        let mut fatal = None;
        state.transaction(|| {
            for (order, written) in orders.iter().zip(written) {
                match written {
                    Ok(()) => {
                        self.state.settle_image(order.record)?;
                        self.count(order);
                    }
                    Err(error) => {
                        let known = !matches!(
                            error.kind,
                            RemoteErrorKind::Unclear | RemoteErrorKind::Unavailable
                        );
                        if let (true, Some(link)) = (known, &order.link) {
                            // It was surely not written: the memory is right as it was.
                            self.state.put_link(link)?;
                        }
                        if is_fatal(&error) {
                            fatal.get_or_insert(error);
                        } else {
                            self.failed(&order.contact, &error)?;
                        }
                    }
                }
            }
            Ok::<_, StateError>(())
        })?;
        Ok(fatal.map_or(Ok(()), Err))
    }

    /// What has to be written to a contact, if anything is to be done about it at all.
    fn decide(&mut self, contact: Changed, now: &Contact) -> Result<Option<Order>, StateError> {
        let now = match contact.side {
            Side::Bigmailer => there(now, &contact.image),
            Side::Ghl => here(self.resolved, now, &contact.image),
        };
        let back = contact.image.put_back(&now);
        self.tally.opt_outs_stay += u64::from(contact.image.opt_out);
        if !back.left.is_empty() {
            let names = back.left.join(", ");
            let sentence = format!("changed since, and left as it is: {names}");
            self.note(&contact, "changed_since", &sentence)?;
        }
        if back.update.is_empty() && back.already.is_empty() {
            // Without anything left either, there was nothing but an opt-out.
            self.tally.left += u64::from(!back.left.is_empty());
            return Ok(None);
        }
        if !back.update.is_empty() {
            (self.see)(&describe(&contact, &back.update));
        }
        Ok(Some(Order {
            contact,
            back,
            record: None,
            link: None,
        }))
    }

    /// Records a write and takes the memory of what it puts back with it, before it is sent: were it
    /// the other way round, a run cut off in between would take our own write for somebody's change.
    /// The memory of both sides agreeing on what they had before harms nothing should the write not
    /// follow, as the sides then agree on what they have.
    fn prepare(&self, order: &mut Order) -> Result<(), StateError> {
        let Changed {
            side,
            ghl_id,
            bm_id,
            image,
            ..
        } = &order.contact;
        if !order.back.image.is_empty() {
            let ids = (ghl_id.as_deref(), bm_id.as_deref());
            order.record = self.state.put_image(
                side.as_str(),
                Kind::Update,
                ids,
                false,
                Some(&order.back.image),
            )?;
        }
        let owner = match bm_id {
            Some(id) => self.state.owner(id)?,
            None => None,
        };
        let Some(owner) = owner.or(ghl_id.clone()) else {
            return Ok(());
        };
        if let Some(link) = self.state.link::<Base>(&owner)?
            && let Some(base) = &link.base
        {
            let mut before = base.clone();
            image.remember_before(&order.back, &mut before);
            if before != *base {
                self.state.put_link(&Link {
                    base: Some(before),
                    ..link.clone()
                })?;
                order.link = Some(link);
            }
        }
        Ok(())
    }

    fn count(&mut self, order: &Order) {
        let tally = &mut self.tally;
        if order.back.update.is_empty() {
            match order.back.left.is_empty() {
                true => tally.already += 1,
                false => tally.left += 1,
            }
            return;
        }
        match order.back.left.is_empty() {
            true => tally.restored += 1,
            false => tally.partly += 1,
        }
        match order.contact.side {
            Side::Ghl => tally.ghl += 1,
            Side::Bigmailer => tally.bigmailer += 1,
        }
    }

    fn failed(&mut self, contact: &Changed, error: &RemoteError) -> Result<(), StateError> {
        self.tally.failed += 1;
        let reason = match error.kind {
            RemoteErrorKind::Taken => "email_taken",
            RemoteErrorKind::Unavailable => "unavailable",
            RemoteErrorKind::Unclear => "unclear",
            _ => error.code.as_deref().unwrap_or("rejected"),
        };
        let message = without_addresses(&error.message);
        self.note(contact, reason, &message)
    }

    fn note(&self, contact: &Changed, reason: &str, message: &str) -> Result<(), StateError> {
        self.state.note(&Problem {
            side: contact.side.as_str().to_owned(),
            id: Some(contact.id.clone()),
            ghl_id: contact.ghl_id.clone(),
            email: None,
            reason: reason.to_owned(),
            message: message.to_owned(),
        })
    }
}

impl Changed {
    fn of(kept: Kept<Image>) -> Option<Changed> {
        let side = [Side::Ghl, Side::Bigmailer]
            .into_iter()
            .find(|side| side.as_str() == kept.side)?;
        let id = match side {
            Side::Ghl => kept.ghl_id.clone(),
            Side::Bigmailer => kept.bm_id.clone(),
        };
        Some(Changed {
            side,
            id: id?,
            ghl_id: kept.ghl_id,
            bm_id: kept.bm_id,
            image: kept.body?,
        })
    }

    fn is(&self, other: &Changed) -> bool {
        (self.side, &self.id) == (other.side, &other.id)
    }
}

fn remote(sides: Sides<'_>, side: Side) -> &dyn Remote {
    match side {
        Side::Ghl => sides.ghl,
        Side::Bigmailer => sides.bigmailer,
    }
}

/// A record as it is, as far as an image names it.
fn there(contact: &Contact, image: &Image) -> Now {
    let value = |key: &String| (key.clone(), contact.values.get(key).cloned());
    let group = |key: &String| (key.clone(), contact.groups.contains(key));
    Now {
        email: contact.email.as_deref().and_then(email_key),
        values: image.values.keys().map(value).collect(),
        groups: image.groups.keys().map(group).collect(),
    }
}

/// The same for a HighLevel contact, through the rules where there are any for it.
fn here(resolved: &Resolved, contact: &Contact, image: &Image) -> Now {
    let mut now = there(contact, image);
    let row = stage_source(resolved, contact);
    for (field, cell) in resolved.policy.fields.iter().zip(row.view.fields) {
        if !image.values.contains_key(&field.ghl) {
            continue;
        }
        match cell {
            Cell::Value(value) => now.values.insert(field.ghl.clone(), value),
            Cell::Bad | Cell::Unread => now.values.remove(&field.ghl),
        };
    }
    now
}

fn change(update: &Update) -> Change {
    Change {
        email: update.email.clone(),
        set: update.set.clone(),
        clear: update.clear.clone(),
        join: update.join.clone(),
        leave: update.leave.clone(),
        opt_out: false,
    }
}

/// One line for people: ids and names, never values.
fn describe(contact: &Changed, update: &Update) -> String {
    let what = match contact.side {
        Side::Ghl => changes(update, "", ["tag", "untag"]),
        Side::Bigmailer => changes(update, "", ["join", "leave"]),
    };
    format!(
        "put back {} in {}: {what}",
        contact.id,
        contact.side.title()
    )
}

/// The same call for a few things at the same time.
fn at_once<T: Sync, R: Send>(
    things: &[T],
    call: impl Fn(&T) -> Result<R, RemoteError> + Sync,
) -> Vec<Result<R, RemoteError>> {
    thread::scope(|scope| {
        let calls: Vec<_> = things
            .iter()
            .map(|thing| scope.spawn(|| call(thing)))
            .collect();
        let join = |call: thread::ScopedJoinHandle<'_, _>| match call.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        calls.into_iter().map(join).collect()
    })
}
