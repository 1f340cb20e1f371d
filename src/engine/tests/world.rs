//! Two services in memory that keep books, fail, lie and lag on request.
//!
//! [`World`] holds what both services know; [`Highlevel`] and [`Brand`] are its two remotes. What
//! people do goes through [`World::edit`]. Batches upsert with the worst semantics that BigMailer's
//! reference leaves open (replace everything, opt in again), so that a batch that hits an existing
//! contact shows. Start reading at [`Inner::enter`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::contact::{Block, Consent, Contact, FieldValue, Side, email_key};
use crate::related::{Note, NoteDraft, Task, TaskDraft};
use crate::remote::{
    Attachments, Change, Created, Draft, ItemOutcome, ItemResult, Key, Listed, Listing, MANY, Page,
    Receiver, Regrouped, Remote, RemoteError, RemoteErrorKind, Won,
};
use crate::stop::{Stop, Why};

use super::attached::Things;

pub(super) const ID_FIELD: &str = "GHL_CONTACT_ID";

/// A contact of HighLevel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Person {
    pub email: Option<String>,
    pub created: i64,
    pub updated: i64,
    pub dnd: bool,
    /// Search and read do not say whether the person may be mailed.
    pub mute: bool,
    pub values: BTreeMap<String, FieldValue>,
    pub tags: BTreeSet<String>,
    /// The tool made it, for this BigMailer id.
    pub made_for: Option<String>,
    pub notes: BTreeMap<String, NoteDraft>,
    pub tasks: BTreeMap<String, TaskDraft>,
    pub won: bool,
}

/// Who made a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Maker {
    Hand,
    /// The tool, for this HighLevel id.
    Tool(String),
}

/// A contact of BigMailer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub email: String,
    pub values: BTreeMap<String, FieldValue>,
    pub lists: BTreeSet<String>,
    pub unsubscribed: bool,
    /// Message types opted out of; nothing of ours.
    pub topics: BTreeSet<String>,
    pub bounced: bool,
    pub created: i64,
    pub maker: Maker,
    /// People have touched it.
    pub handled: bool,
    /// People opted it in after it was opted out.
    pub opted_in_by_hand: bool,
    /// Campaigns whose mail went out to it.
    pub mails: Vec<String>,
}

#[derive(Debug, Clone)]
struct Batch {
    drafts: Vec<Draft>,
    polls_left: u32,
    calls_left: u32,
    results: Option<Vec<ItemResult>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    GhlList,
    GhlGet,
    GhlUpdate,
    GhlCreate,
    /// What hangs on contacts (see `attached`).
    Tasks,
    TasksOf,
    Notes,
    Appointments,
    Deals,
    DealCount,
    AllDeals,
    Names,
    List,
    Get,
    Create,
    Update,
    Delete,
    Submit,
    Collect,
    Retag,
    AllNotes,
    MakeNote,
    EditNote,
    AllTasks,
    MakeTask,
    Won,
    Mail,
}

impl Op {
    pub fn writes(self) -> bool {
        matches!(
            self,
            Op::GhlUpdate
                | Op::GhlCreate
                | Op::Create
                | Op::Update
                | Op::Delete
                | Op::Submit
                | Op::Retag
                | Op::MakeNote
                | Op::EditNote
                | Op::MakeTask
                | Op::Mail
        )
    }

    fn side(self) -> Side {
        match self {
            Op::List
            | Op::Get
            | Op::Create
            | Op::Update
            | Op::Delete
            | Op::Submit
            | Op::Collect
            | Op::Mail => Side::Bigmailer,
            _ => Side::Ghl,
        }
    }
}

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    /// Nothing happens, no answer.
    Down,
    /// Nothing happens, and nobody can tell.
    LostBefore,
    /// It happens, and nobody can tell.
    LostAfter,
    Refused,
}

/// What goes wrong in one run.
#[derive(Clone, Default)]
pub(super) struct Faults {
    /// The nth call (from 0) of a kind.
    pub lies: Vec<(Op, u32, Lie)>,
    /// From the nth call of all on nothing acts any more, and every answer is this.
    pub dead_from: Option<(u32, RemoteErrorKind)>,
    /// The process is killed at the nth call of all: the state as it is then is copied, and the
    /// world stands still.
    pub killed_at: Option<(u32, PathBuf, PathBuf)>,
    /// At the nth call of all somebody asks to stop.
    pub stop_at: Option<(u32, Stop)>,
    /// At the nth call of all somebody names this HighLevel contact so.
    pub edit_at: Option<(u32, String, String)>,
    /// Listings that deliver only a half and say so.
    pub halved: Vec<Side>,
    /// The same from the nth listing of a side on.
    pub halved_after: Option<(Side, usize)>,
    /// Listings that deliver their first page twice, the second time last.
    pub repeated: bool,
    /// HighLevel's search leaves these out and says nothing; BigMailer's listing likewise.
    pub hidden: BTreeSet<String>,
    /// HighLevel's listings still show these people as they were.
    pub stale: BTreeMap<String, Person>,
    /// Results of batches lack every second item.
    pub results_missing: bool,
    /// Results of batches do not say under which id.
    pub ids_missing: bool,
}

#[derive(Clone)]
pub(super) struct Inner {
    pub clock: i64,
    pub people: BTreeMap<String, Person>,
    /// What hangs on the people.
    pub things: Things,
    pub records: BTreeMap<String, Record>,
    batches: BTreeMap<String, Batch>,
    next: u32,
    pub page: usize,
    /// Search lists by id instead of by date.
    pub out_of_order: bool,
    /// Search answers only after BigMailer's listing has ended.
    pub brand_first: bool,
    pub case_sensitive: bool,
    pub refuses_duplicates: bool,
    /// Polls before a batch is finished.
    pub batch_polls: u32,
    /// Calls after which a batch lands although nobody asks for it.
    pub batch_calls: u32,
    /// Notes and tasks move the contact's time of change.
    pub things_touch: bool,
    /// A bad row makes the service refuse its whole batch.
    pub whole_batches: bool,
    pub faults: Faults,
    /// The calls of the current run: kind, and the ids or addresses they name.
    pub calls: Vec<(Op, String)>,
    counts: BTreeMap<Op, u32>,
    dead: Option<RemoteErrorKind>,
    /// What must never happen, and did.
    pub crimes: Vec<String>,
}

pub(super) struct World {
    inner: Mutex<Inner>,
    brand_listed: Condvar,
}

pub(super) struct Highlevel<'w>(pub &'w World);
pub(super) struct Brand<'w>(pub &'w World);

impl Clone for World {
    fn clone(&self) -> Self {
        World::of(self.look().clone())
    }
}

impl World {
    pub fn new() -> World {
        World::of(Inner {
            clock: 1_700_000_000_000,
            people: BTreeMap::new(),
            things: Things::default(),
            records: BTreeMap::new(),
            batches: BTreeMap::new(),
            next: 0,
            page: 100,
            out_of_order: false,
            case_sensitive: false,
            refuses_duplicates: true,
            batch_polls: 0,
            batch_calls: 0,
            things_touch: false,
            whole_batches: false,
            faults: Faults::default(),
            calls: Vec::new(),
            counts: BTreeMap::new(),
            dead: None,
            crimes: Vec::new(),
            brand_first: false,
        })
    }

    fn of(inner: Inner) -> World {
        World {
            inner: Mutex::new(inner),
            brand_listed: Condvar::new(),
        }
    }

    pub fn look(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a run: no calls yet, and these faults ahead.
    pub fn begin(&self, faults: Faults) {
        let mut inner = self.look();
        inner.faults = faults;
        inner.calls.clear();
        inner.counts.clear();
        inner.dead = None;
        inner.next_minute();
    }

    /// Lets unfinished batches land, as they do while nobody runs.
    pub fn let_time_pass(&self) {
        let mut inner = self.look();
        let open: Vec<String> = inner.batches.keys().cloned().collect();
        open.iter().for_each(|id| inner.land(id));
        inner.next_minute();
    }
}

impl Inner {
    /// Goes on at a full minute, so that the time does not tell how many calls were made.
    fn next_minute(&mut self) {
        self.clock = (self.clock / 60_000 + 2) * 60_000;
    }

    /// Adds a HighLevel contact; returns its id.
    pub fn person(&mut self, id: &str, email: &str) -> &mut Person {
        self.clock += 1000;
        let at = self.clock;
        self.people.insert(
            id.to_owned(),
            Person {
                email: (!email.is_empty()).then(|| email.to_owned()),
                created: at,
                updated: at,
                dnd: false,
                mute: false,
                values: BTreeMap::new(),
                tags: BTreeSet::new(),
                made_for: None,
                notes: BTreeMap::new(),
                tasks: BTreeMap::new(),
                won: false,
            },
        );
        self.people.get_mut(id).unwrap()
    }

    /// Changes a HighLevel contact as a person would.
    pub fn edit(&mut self, id: &str, change: impl FnOnce(&mut Person)) {
        self.clock += 1000;
        let at = self.clock;
        if let Some(person) = self.people.get_mut(id) {
            change(person);
            person.updated = at;
        }
    }

    /// Adds a BigMailer contact by hand.
    pub fn record(&mut self, id: &str, email: &str) -> &mut Record {
        self.clock += 1000;
        let record = Record {
            email: email.to_owned(),
            values: BTreeMap::new(),
            lists: BTreeSet::new(),
            unsubscribed: false,
            topics: BTreeSet::new(),
            bounced: false,
            created: self.clock,
            maker: Maker::Hand,
            handled: true,
            opted_in_by_hand: false,
            mails: Vec::new(),
        };
        self.records.insert(id.to_owned(), record);
        self.records.get_mut(id).unwrap()
    }

    /// The record with this address, in any letter case.
    pub fn by_email(&self, email: &str) -> Option<(&String, &Record)> {
        let key = email_key(email);
        self.records
            .iter()
            .find(|(_, r)| email_key(&r.email) == key)
    }

    pub fn writes(&self) -> Vec<(Op, String)> {
        let writes = self.calls.iter().filter(|(op, _)| op.writes());
        writes.cloned().collect()
    }

    /// What goes wrong with the listing that was just asked for.
    fn listing_faults(&self, op: Op) -> Faults {
        let mut faults = self.faults.clone();
        let before = self.calls.iter().filter(|c| c.0 == op).count() - 1;
        if let Some((side, from)) = faults.halved_after
            && side == op.side()
            && before >= from
        {
            faults.halved.push(side);
        }
        faults
    }

    fn holder(&self, email: &str) -> Option<String> {
        let same = |stored: &str| match self.case_sensitive {
            true => stored == email,
            false => stored.to_lowercase() == email.to_lowercase(),
        };
        let found = self.records.iter().find(|(_, r)| same(&r.email));
        found.map(|(id, _)| id.clone())
    }

    /// Counts a call in and says what goes wrong with it: `Ok(true)` when it acts and its answer is
    /// lost.
    pub fn enter(&mut self, op: Op, what: &str) -> Result<bool, RemoteError> {
        self.clock += 10;
        let total = u32::try_from(self.calls.len()).unwrap();
        self.calls.push((op, what.to_owned()));
        let count = self.counts.entry(op).or_default();
        let nth = *count;
        *count += 1;
        if let Some((at, stop)) = &self.faults.stop_at
            && *at == total
        {
            stop.ask(Why::Interrupt);
        }
        if let Some((at, id, name)) = self.faults.edit_at.clone()
            && at == total
        {
            self.edit(&id, |person| {
                person
                    .values
                    .insert("firstName".to_owned(), FieldValue::Text(name));
            });
        }
        if let Some((at, state, copy)) = &self.faults.killed_at
            && *at == total
        {
            let db = rusqlite::Connection::open(state).unwrap();
            db.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
            db.execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
                .unwrap();
            self.dead = Some(RemoteErrorKind::Stopped);
        }
        if let Some((at, kind)) = self.faults.dead_from
            && total >= at
        {
            self.dead = Some(kind);
        }
        if let Some(kind) = self.dead {
            return Err(error(op, kind));
        }
        self.land_due();
        let lie = self.faults.lies.iter().find(|l| (l.0, l.1) == (op, nth));
        let unclear = if op.writes() {
            RemoteErrorKind::Unclear
        } else {
            RemoteErrorKind::Unavailable
        };
        match lie.map(|l| l.2) {
            None => Ok(false),
            Some(Lie::LostAfter) if op.writes() => Ok(true),
            Some(Lie::LostAfter | Lie::LostBefore) => Err(error(op, unclear)),
            Some(Lie::Down) => Err(error(op, RemoteErrorKind::Unavailable)),
            Some(Lie::Refused) => Err(error(op, RemoteErrorKind::Rejected)),
        }
    }

    fn land_due(&mut self) {
        let mut due = Vec::new();
        for (id, batch) in &mut self.batches {
            if batch.results.is_none() {
                match batch.calls_left.checked_sub(1) {
                    Some(left) => batch.calls_left = left,
                    None => due.push(id.clone()),
                }
            }
        }
        due.iter().for_each(|id| self.land(id));
    }

    /// Works a batch off.
    fn land(&mut self, id: &str) {
        let batch = &self.batches[id];
        if batch.results.is_some() {
            return;
        }
        let drafts = batch.drafts.clone();
        let mut results = Vec::new();
        for draft in drafts {
            let outcome = if is_bad(&draft.email, &draft.values) {
                refused_row()
            } else {
                ItemOutcome::Stored(self.upsert(&draft))
            };
            results.push(ItemResult {
                tag: draft.tag,
                outcome,
            });
        }
        self.batches.get_mut(id).unwrap().results = Some(results);
    }

    fn upsert(&mut self, draft: &Draft) -> String {
        let Some(id) = self.holder(&draft.email) else {
            return self.make(draft);
        };
        let record = self.records.get_mut(&id).unwrap();
        if record.handled || record.maker != Maker::Tool(draft.tag.clone()) {
            self.crimes.push(format!(
                "a batch row of {} hit the existing contact {id}",
                draft.tag
            ));
        }
        if record.unsubscribed && !draft.opted_out {
            self.crimes.push(format!("a batch row opted {id} in"));
        }
        let record = self.records.get_mut(&id).unwrap();
        record.values = draft.values.iter().cloned().collect();
        record.lists = draft.groups.iter().cloned().collect();
        record.unsubscribed = draft.opted_out;
        record.topics.clear();
        id
    }

    /// The HighLevel contact with this address, in any letter case.
    fn person_with(&self, email: &str) -> Option<String> {
        let key = email_key(email);
        let has = |p: &Person| p.email.as_deref().and_then(email_key) == key;
        let found = self.people.iter().find(|(_, p)| has(p));
        found.map(|(id, _)| id.clone())
    }

    fn make_person(&mut self, draft: &Draft) -> String {
        if let Some(record) = self.records.get(&draft.tag)
            && (record.unsubscribed || record.bounced)
            && !draft.opted_out
        {
            self.crimes
                .push(format!("{} was created mailable in HighLevel", draft.tag));
        }
        self.next += 1;
        let id = format!("g-new-{:04}", self.next);
        let person = Person {
            email: Some(draft.email.clone()),
            created: self.clock,
            updated: self.clock,
            dnd: draft.opted_out,
            mute: false,
            values: draft.values.iter().cloned().collect(),
            tags: draft.groups.iter().cloned().collect(),
            made_for: Some(draft.tag.clone()),
            notes: BTreeMap::new(),
            tasks: BTreeMap::new(),
            won: false,
        };
        self.people.insert(id.clone(), person);
        id
    }

    fn make(&mut self, draft: &Draft) -> String {
        let key = email_key(&draft.email);
        if let Some(person) = self.people.get(&draft.tag)
            && person.dnd
            && !draft.opted_out
        {
            self.crimes
                .push(format!("{} was created mailable", draft.tag));
        }
        if self.records.values().any(|r| email_key(&r.email) == key) && !self.case_sensitive {
            self.crimes
                .push(format!("two contacts have the address of {}", draft.tag));
        }
        self.next += 1;
        let id = format!("b-{:04}", self.next);
        let record = Record {
            email: draft.email.clone(),
            values: draft.values.iter().cloned().collect(),
            lists: draft.groups.iter().cloned().collect(),
            unsubscribed: draft.opted_out,
            topics: BTreeSet::new(),
            bounced: false,
            created: self.clock,
            maker: Maker::Tool(draft.tag.clone()),
            handled: false,
            opted_in_by_hand: false,
            mails: Vec::new(),
        };
        self.records.insert(id.clone(), record);
        id
    }
}

fn is_bad(email: &str, values: &[(String, FieldValue)]) -> bool {
    email.starts_with("bad") || values.iter().any(|(_, v)| is_poison(v))
}

/// A value that BigMailer refuses.
fn is_poison(value: &FieldValue) -> bool {
    *value == FieldValue::Text("poison".to_owned())
}

fn refused_row() -> ItemOutcome {
    ItemOutcome::Refused {
        code: Some("invalid_format".to_owned()),
        message: "not acceptable".to_owned(),
    }
}

pub(super) fn error(op: Op, kind: RemoteErrorKind) -> RemoteError {
    let status = match kind {
        RemoteErrorKind::Rejected => Some(400),
        RemoteErrorKind::Gone => Some(404),
        RemoteErrorKind::Taken => Some(422),
        RemoteErrorKind::Unavailable => Some(503),
        _ => None,
    };
    RemoteError {
        kind,
        side: op.side(),
        endpoint: format!("{op:?}"),
        status,
        message: format!("{kind:?}"),
        code: (kind == RemoteErrorKind::Rejected).then(|| "invalid_format".to_owned()),
        param: None,
        existing: None,
        trace_id: None,
        hint: None,
    }
}

/// Delivers pages as a service would, and says whether the receiver took them all.
fn deliver(
    contacts: Vec<Contact>,
    page: usize,
    faults: &Faults,
    side: Side,
    receiver: &Receiver<'_>,
) -> bool {
    let total = Some(contacts.len() as u64);
    let mut pages: Vec<Vec<Contact>> = contacts.chunks(page).map(<[Contact]>::to_vec).collect();
    let halved = faults.halved.contains(&side);
    if halved {
        pages.truncate(pages.len() / 2);
    }
    if faults.repeated && !pages.is_empty() {
        pages.push(pages[0].clone());
    }
    for contacts in pages {
        if receiver(Page { contacts, total }) == ControlFlow::Break(()) {
            return false;
        }
    }
    !halved
}

fn shown_person(id: &str, person: &Person) -> Contact {
    Contact {
        id: id.to_owned(),
        email: person.email.clone(),
        created: Some(person.created),
        updated: Some(person.updated),
        consent: match (person.mute, person.dnd) {
            (true, _) => Consent::Unknown,
            (false, true) => Consent::Blocked(Block::Dnd),
            (false, false) => Consent::Allowed,
        },
        values: person.values.clone(),
        groups: person.tags.iter().cloned().collect(),
    }
}

fn shown_record(id: &str, record: &Record) -> Contact {
    Contact {
        id: id.to_owned(),
        email: Some(record.email.clone()),
        created: Some(record.created),
        updated: None,
        consent: match (record.unsubscribed, record.bounced) {
            (true, _) => Consent::Blocked(Block::Unsubscribed),
            (false, true) => Consent::Blocked(Block::HardBounce),
            (false, false) => Consent::Allowed,
        },
        values: record.values.clone(),
        groups: record.lists.iter().cloned().collect(),
    }
}

impl Remote for Highlevel<'_> {
    fn side(&self) -> Side {
        Side::Ghl
    }

    fn refuses_duplicates(&self) -> Result<bool, RemoteError> {
        Ok(self.0.look().refuses_duplicates)
    }

    fn list(&self, listing: &Listing, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        let (contacts, as_of, page, faults) = {
            let inner = self.0.look();
            let mut inner = self
                .0
                .brand_listed
                .wait_while(inner, |i| {
                    i.brand_first && !i.calls.iter().any(|c| c.0 == Op::List)
                })
                .unwrap_or_else(PoisonError::into_inner);
            inner.enter(Op::GhlList, "")?;
            let mut shown: Vec<Contact> = inner
                .people
                .iter()
                .map(|(id, p)| (id, inner.faults.stale.get(id).unwrap_or(p)))
                .filter(|(id, p)| {
                    !inner.faults.hidden.contains(*id)
                        && match listing {
                            Listing::Full => true,
                            Listing::Since(at) => p.updated >= *at,
                        }
                })
                .map(|(id, p)| shown_person(id, p))
                .collect();
            if !inner.out_of_order {
                shown.sort_by_key(|c| (c.created, c.id.clone()));
            }
            (
                shown,
                inner.clock,
                inner.page,
                inner.listing_faults(Op::GhlList),
            )
        };
        let complete = deliver(contacts, page, &faults, Side::Ghl, receiver);
        Ok(Listed {
            as_of: Some(as_of),
            complete,
        })
    }

    fn get(&self, key: Key<'_>) -> Result<Option<Contact>, RemoteError> {
        let (Key::Id(word) | Key::Email(word)) = key;
        let mut inner = self.0.look();
        inner.enter(Op::GhlGet, word)?;
        let found = inner.people.iter().find(|(id, p)| match key {
            Key::Id(wanted) => *id == wanted,
            Key::Email(wanted) => p.email.as_deref().and_then(email_key) == email_key(wanted),
        });
        Ok(found.map(|(id, p)| shown_person(id, p)))
    }

    fn create(&self, draft: &Draft) -> Result<Created, RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::GhlCreate, &draft.email)?;
        if is_bad(&draft.email, &draft.values) {
            return Err(error(Op::GhlCreate, RemoteErrorKind::Rejected));
        }
        let answer = match inner.person_with(&draft.email) {
            Some(id) => Created::Exists(Some(id)),
            None => Created::New(inner.make_person(draft)),
        };
        match lost {
            true => Err(error(Op::GhlCreate, RemoteErrorKind::Unclear)),
            false => Ok(answer),
        }
    }

    fn update(&self, id: &str, change: &Change) -> Result<(), RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::GhlUpdate, id)?;
        if change.is_empty() {
            inner.crimes.push(format!("an empty change for {id}"));
        }
        if !inner.people.contains_key(id) {
            return Err(error(Op::GhlUpdate, RemoteErrorKind::Gone));
        }
        if let Some(email) = &change.email
            && inner.person_with(email).is_some_and(|holder| holder != id)
        {
            return Err(error(Op::GhlUpdate, RemoteErrorKind::Taken));
        }
        if change.set.iter().any(|(_, v)| is_poison(v)) {
            return Err(error(Op::GhlUpdate, RemoteErrorKind::Rejected));
        }
        let at = inner.clock;
        let person = inner.people.get_mut(id).unwrap();
        if let Some(email) = &change.email {
            person.email = Some(email.clone());
        }
        person.values.extend(change.set.iter().cloned());
        for (key, _) in &change.clear {
            person.values.remove(key);
        }
        person.tags.extend(change.join.iter().cloned());
        for tag in &change.leave {
            person.tags.remove(tag);
        }
        person.dnd |= change.opt_out;
        person.updated = at;
        match lost {
            true => Err(error(Op::GhlUpdate, RemoteErrorKind::Unclear)),
            false => Ok(()),
        }
    }

    fn delete(&self, _: &str) -> Result<(), RemoteError> {
        panic!("nobody is deleted in HighLevel")
    }

    fn regroup(
        &self,
        add: bool,
        ids: &[String],
        groups: &[String],
    ) -> Result<Vec<Regrouped>, RemoteError> {
        let mut inner = self.0.look();
        assert!(!ids.is_empty() && ids.len() <= MANY);
        let lost = inner.enter(Op::Retag, &ids.join(" "))?;
        let at = inner.clock;
        let mut outcomes = Vec::new();
        for id in ids {
            let Some(person) = inner.people.get_mut(id) else {
                outcomes.push(Regrouped::Gone);
                continue;
            };
            // Every third is left in doubt.
            if outcomes.len() % 3 == 2 {
                outcomes.push(Regrouped::Doubtful);
                continue;
            }
            for tag in groups {
                match add {
                    true => person.tags.insert(tag.clone()),
                    false => person.tags.remove(tag),
                };
            }
            person.updated = at;
            outcomes.push(Regrouped::Done);
        }
        match lost {
            true => Err(error(Op::Retag, RemoteErrorKind::Unavailable)),
            false => Ok(outcomes),
        }
    }

    fn notes(&self, contact: &str) -> Result<Vec<Note>, RemoteError> {
        let mut inner = self.0.look();
        inner.enter(Op::AllNotes, contact)?;
        let person = inner.people.get(contact);
        let person = person.ok_or_else(|| error(Op::AllNotes, RemoteErrorKind::Gone))?;
        let shown = |(id, note): (&String, &NoteDraft)| Note {
            id: id.clone(),
            title: note.title.clone(),
            body: note.body.clone(),
            ..Note::default()
        };
        Ok(person.notes.iter().map(shown).collect())
    }

    fn make_note(&self, contact: &str, draft: &NoteDraft) -> Result<String, RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::MakeNote, contact)?;
        inner.next += 1;
        let id = format!("n-{:04}", inner.next);
        let (touch, clock) = (inner.things_touch, inner.clock);
        let person = inner.people.get_mut(contact);
        let person = person.ok_or_else(|| error(Op::MakeNote, RemoteErrorKind::Gone))?;
        person.notes.insert(id.clone(), draft.clone());
        if touch {
            person.updated = clock;
        }
        match lost {
            true => Err(error(Op::MakeNote, RemoteErrorKind::Unclear)),
            false => Ok(id),
        }
    }

    fn edit_note(&self, contact: &str, id: &str, draft: &NoteDraft) -> Result<(), RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::EditNote, contact)?;
        let person = inner.people.get_mut(contact);
        let note = person.and_then(|person| person.notes.get_mut(id));
        *note.ok_or_else(|| error(Op::EditNote, RemoteErrorKind::Gone))? = draft.clone();
        match lost {
            true => Err(error(Op::EditNote, RemoteErrorKind::Unavailable)),
            false => Ok(()),
        }
    }

    fn tasks(&self, contact: &str) -> Result<Vec<Task>, RemoteError> {
        let mut inner = self.0.look();
        inner.enter(Op::AllTasks, contact)?;
        let person = inner.people.get(contact);
        let person = person.ok_or_else(|| error(Op::AllTasks, RemoteErrorKind::Gone))?;
        let shown = |(id, task): (&String, &TaskDraft)| Task {
            id: id.clone(),
            title: task.title.clone(),
            body: task.body.clone(),
            due: task.due,
            ..Task::default()
        };
        Ok(person.tasks.iter().map(shown).collect())
    }

    fn make_task(&self, contact: &str, draft: &TaskDraft) -> Result<String, RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::MakeTask, contact)?;
        inner.next += 1;
        let id = format!("t-{:04}", inner.next);
        let (touch, clock) = (inner.things_touch, inner.clock);
        let person = inner.people.get_mut(contact);
        let person = person.ok_or_else(|| error(Op::MakeTask, RemoteErrorKind::Gone))?;
        let twice = person.tasks.values().any(|task| task.title == draft.title);
        person.tasks.insert(id.clone(), draft.clone());
        if touch {
            person.updated = clock;
        }
        if twice {
            inner
                .crimes
                .push(format!("{contact} has the task {:?} twice", draft.title));
        }
        match lost {
            true => Err(error(Op::MakeTask, RemoteErrorKind::Unclear)),
            false => Ok(id),
        }
    }

    fn won(&self, unless: Option<u64>) -> Result<Option<Won>, RemoteError> {
        let mut inner = self.0.look();
        inner.enter(Op::Won, "")?;
        let won = inner.people.iter().filter(|(_, person)| person.won);
        let contacts: Vec<String> = won.map(|(id, _)| id.clone()).collect();
        let total = Some(contacts.len() as u64);
        Ok((unless.is_none() || total != unless).then_some(Won { contacts, total }))
    }

    fn submit(&self, _: &[Draft]) -> Result<String, RemoteError> {
        panic!("HighLevel takes no batches")
    }

    fn collect(&self, _: &str) -> Result<Option<Vec<ItemResult>>, RemoteError> {
        panic!("HighLevel takes no batches")
    }

    fn attachments(&self) -> Option<&dyn Attachments> {
        Some(self)
    }
}

impl Remote for Brand<'_> {
    fn side(&self) -> Side {
        Side::Bigmailer
    }

    fn list(&self, listing: &Listing, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        assert_eq!(*listing, Listing::Full, "BigMailer keeps no time of change");
        let (contacts, page, faults) = {
            let mut inner = self.0.look();
            inner.enter(Op::List, "")?;
            let shown = inner
                .records
                .iter()
                .filter(|(id, _)| !inner.faults.hidden.contains(*id))
                .map(|(id, r)| shown_record(id, r))
                .collect();
            (shown, inner.page, inner.listing_faults(Op::List))
        };
        let as_of = Some(self.0.look().clock);
        let complete = deliver(contacts, page, &faults, Side::Bigmailer, receiver);
        self.0.brand_listed.notify_all();
        Ok(Listed { as_of, complete })
    }

    fn get(&self, key: Key<'_>) -> Result<Option<Contact>, RemoteError> {
        let (Key::Id(word) | Key::Email(word)) = key;
        let mut inner = self.0.look();
        inner.enter(Op::Get, word)?;
        let id = match key {
            Key::Id(id) => Some(id.to_owned()),
            Key::Email(email) => inner.holder(email),
        };
        Ok(id.and_then(|id| inner.records.get(&id).map(|r| shown_record(&id, r))))
    }

    fn create(&self, draft: &Draft) -> Result<Created, RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::Create, &draft.email)?;
        if is_bad(&draft.email, &draft.values) {
            return Err(error(Op::Create, RemoteErrorKind::Rejected));
        }
        let answer = match inner.holder(&draft.email) {
            Some(id) => Created::Exists(Some(id)),
            None => Created::New(inner.make(draft)),
        };
        match lost {
            true => Err(error(Op::Create, RemoteErrorKind::Unclear)),
            false => Ok(answer),
        }
    }

    fn update(&self, id: &str, change: &Change) -> Result<(), RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::Update, id)?;
        if change.is_empty() {
            inner.crimes.push(format!("an empty change for {id}"));
        }
        if !inner.records.contains_key(id) {
            return Err(error(Op::Update, RemoteErrorKind::Gone));
        }
        if let Some(email) = &change.email {
            if email.starts_with("bad") {
                return Err(error(Op::Update, RemoteErrorKind::Rejected));
            }
            if inner.holder(email).is_some_and(|holder| holder != id) {
                return Err(error(Op::Update, RemoteErrorKind::Taken));
            }
        }
        if change.set.iter().any(|(_, v)| is_poison(v)) {
            return Err(error(Op::Update, RemoteErrorKind::Rejected));
        }
        let record = inner.records.get_mut(id).unwrap();
        if let Some(email) = &change.email {
            record.email = email.clone();
        }
        record.values.extend(change.set.iter().cloned());
        for (tag, _) in &change.clear {
            record.values.remove(tag);
        }
        record.lists.extend(change.join.iter().cloned());
        for list in &change.leave {
            record.lists.remove(list);
        }
        record.unsubscribed |= change.opt_out;
        match lost {
            true => Err(error(Op::Update, RemoteErrorKind::Unclear)),
            false => Ok(()),
        }
    }

    fn delete(&self, id: &str) -> Result<(), RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::Delete, id)?;
        inner.records.remove(id);
        match lost {
            true => Err(error(Op::Delete, RemoteErrorKind::Unclear)),
            false => Ok(()),
        }
    }

    fn send_mail(&self, campaign: &str, email: &str) -> Result<(), RemoteError> {
        let mut inner = self.0.look();
        let lost = inner.enter(Op::Mail, email)?;
        let Some(id) = inner.holder(email) else {
            inner.crimes.push("a mail made a contact".to_owned());
            return Ok(());
        };
        let record = inner.records.get_mut(&id).unwrap();
        let (out, twice) = (
            record.unsubscribed || record.bounced,
            record.mails.iter().any(|sent| sent == campaign),
        );
        record.mails.push(campaign.to_owned());
        if out || twice {
            inner
                .crimes
                .push(format!("{id} was mailed: opted out {out}, twice {twice}"));
        }
        match lost {
            true => Err(error(Op::Mail, RemoteErrorKind::Unclear)),
            false => Ok(()),
        }
    }

    fn submit(&self, drafts: &[Draft]) -> Result<String, RemoteError> {
        let mut inner = self.0.look();
        let names: Vec<&str> = drafts.iter().map(|d| d.email.as_str()).collect();
        let lost = inner.enter(Op::Submit, &names.join(" "))?;
        assert!(!drafts.is_empty() && drafts.len() <= 1000, "a batch's size");
        let tags: BTreeSet<&str> = drafts.iter().map(|d| d.tag.as_str()).collect();
        assert_eq!(tags.len(), drafts.len(), "tags are unique in a batch");
        if inner.whole_batches && drafts.iter().any(|d| is_bad(&d.email, &d.values)) {
            return Err(error(Op::Submit, RemoteErrorKind::Rejected));
        }
        inner.next += 1;
        let id = format!("batch-{:04}", inner.next);
        let batch = Batch {
            drafts: drafts.to_vec(),
            polls_left: inner.batch_polls,
            calls_left: inner.batch_calls,
            results: None,
        };
        inner.batches.insert(id.clone(), batch);
        match lost {
            true => Err(error(Op::Submit, RemoteErrorKind::Unclear)),
            false => Ok(id),
        }
    }

    fn collect(&self, submission: &str) -> Result<Option<Vec<ItemResult>>, RemoteError> {
        let mut inner = self.0.look();
        inner.enter(Op::Collect, submission)?;
        let Some(batch) = inner.batches.get_mut(submission) else {
            return Err(error(Op::Collect, RemoteErrorKind::Gone));
        };
        if let Some(left) = batch.polls_left.checked_sub(1) {
            batch.polls_left = left;
            return Ok(None);
        }
        inner.land(submission);
        let mut results = inner.batches[submission].results.clone().unwrap();
        if inner.faults.results_missing {
            let mut index = 0;
            results.retain(|_| {
                index += 1;
                index % 2 == 0
            });
        }
        if inner.faults.ids_missing {
            for result in &mut results {
                if let ItemOutcome::Stored(id) = &mut result.outcome {
                    id.clear();
                }
            }
        }
        Ok(Some(results))
    }
}
