//! Carrying out a plan: jobs for the worker threads, answers into the state.
//!
//! A step is remembered only after its write was confirmed. Batches are recorded before they are
//! sent; a write whose answer was lost is settled by reading. Everything here survives being
//! killed between any two lines: the next run finds what happened by looking.
//! Start reading at [`Run::carry_out`].

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::contact::{Block, Contact, FieldValue, Side, email_key};
use crate::plan::{Action, Base, Create, Patch, Skip, Update};
use crate::remote::{
    ADDITIONAL_EMAIL, Change, Created, Draft, ItemOutcome, ItemResult, Key, Listed, Listing, MANY,
    Regrouped, RemoteError, RemoteErrorKind,
};
use crate::state::{Intent, Link, Pending, Staged, StagedMirror, State, StateError};
use crate::stop::Why;

use super::derive::{Ask, Found};
use super::patience::Patience;
use super::planning::{Deed, Phase, Step, split};
use super::read::{Reading, stage_mirror};
use super::{Halt, MirrorView, Options, Run, Sides, SourceView, Word, events, fact, or_tell};

/// BigMailer takes up to 1,000 contacts a batch (BigMailer reference, create contact batch).
const BATCH_MAX: usize = 1000;

/// Batches sent and not yet settled; bounds memory. At BigMailer's ten calls a second two per batch
/// and a few seconds of processing, more are never under way anyway.
const BATCHES_OPEN: usize = 14;

/// Creations worth a batch; fewer are quicker one by one.
const BATCH_FROM: u64 = 3;

/// Single writes handed to the workers at a time. Few enough that a stop is quick.
const WRITES_OPEN: usize = 32;

/// A batch that may have been accepted without our knowing its id has surely landed after so long.
const UNKNOWN_BATCH: Duration = Duration::from_secs(10);

/// A contact that was created shows to search after so long, surely (HighLevel docs, contacts search:
/// up to a minute).
const UNKNOWN_CREATION: Duration = Duration::from_secs(90);

/// So often reading a batch back may fail before its people are given up in this run.
const UNREAD_MAX: u8 = 3;

/// A batch is given up in this run after so long; the next run asks again.
const BATCH_PATIENCE: Duration = Duration::from_secs(300);

/// A batch that an earlier run left behind is waited for so long; then the run goes on without it
/// and creates singly, which touches nobody.
const OLD_BATCH_PATIENCE: Duration = Duration::from_secs(30);

/// After so long a batch that never says it is finished is believed to be, and reading settles it.
const OLD_BATCH_MAX: Duration = Duration::from_secs(3600);

/// So many contacts who get the same tags are worth a call for all of them.
const RETAG_FROM: u64 = 5;

/// So many calls in a row without any answer mean that the service is down.
const SILENT_CALLS: u32 = 3;

/// What reaches the deciding thread.
pub(super) enum Event {
    Sources {
        rows: Vec<Staged<SourceView>>,
        total: Option<u64>,
    },
    Mirrors {
        rows: Vec<StagedMirror<MirrorView>>,
        total: Option<u64>,
    },
    Listed {
        side: Side,
        listed: Result<Listed, RemoteError>,
    },
    Answered(Answered),
}

pub(super) struct Answered {
    ticket: u64,
    result: Result<Answer, RemoteError>,
}

/// A call for a worker thread.
#[derive(Debug, Clone)]
pub(super) enum Task {
    ReadGhl(String),
    FindGhl(String),
    ReadBm(String),
    FindBm(String),
    Update {
        id: String,
        change: Change,
    },
    Create(Draft),
    Delete(String),
    UpdateGhl {
        id: String,
        change: Change,
    },
    CreateGhl(Draft),
    Submit(Arc<Vec<Draft>>),
    Collect(String),
    /// Reads these addresses one by one.
    LookUp(Vec<String>),
    /// Reads the brand and picks these addresses.
    PickFromListing(Arc<HashSet<String>>),
    Attached(Ask),
    /// Gives tags to many, or takes them.
    Retag {
        add: bool,
        ids: Vec<String>,
        tags: Vec<String>,
    },
    Thing(events::Call),
}

#[derive(Debug)]
pub(super) enum Answer {
    Contact(Option<Contact>),
    /// Whoever has one of the addresses asked for; without `complete` others may have some too.
    Holders {
        found: Vec<Contact>,
        complete: bool,
    },
    Written,
    Created(Created),
    Submitted(String),
    Collected(Option<Vec<ItemResult>>),
    /// What hangs on contacts, or why it could not be read.
    Attached(Result<Found, RemoteError>),
    Retagged(Vec<Regrouped>),
    Thing(events::Said),
}

pub(super) struct Job {
    ticket: u64,
    task: Task,
}

/// A worker's life: one call after another until nobody hands out any more.
pub(super) fn work(sides: Sides<'_>, jobs: &Mutex<Receiver<Job>>, events: &SyncSender<Event>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { ticket, task }) = job else {
            return;
        };
        let call = || perform(sides, task);
        let result = or_tell(Side::Bigmailer, call, |error| {
            let result = Err(error);
            // Without a listener the run is over anyway.
            let _ = events.send(Event::Answered(Answered { ticket, result }));
        });
        if events
            .send(Event::Answered(Answered { ticket, result }))
            .is_err()
        {
            return;
        }
    }
}

fn perform(sides: Sides<'_>, task: Task) -> Result<Answer, RemoteError> {
    let Sides { ghl, bigmailer } = sides;
    Ok(match task {
        Task::ReadGhl(id) => Answer::Contact(ghl.get(Key::Id(&id))?),
        Task::FindGhl(email) => Answer::Contact(ghl.get(Key::Email(&email))?),
        Task::ReadBm(id) => Answer::Contact(bigmailer.get(Key::Id(&id))?),
        Task::FindBm(email) => Answer::Contact(bigmailer.get(Key::Email(&email))?),
        Task::Update { id, change } => bigmailer.update(&id, &change).map(|()| Answer::Written)?,
        Task::Create(draft) => Answer::Created(bigmailer.create(&draft)?),
        Task::Delete(id) => bigmailer.delete(&id).map(|()| Answer::Written)?,
        Task::UpdateGhl { id, change } => ghl.update(&id, &change).map(|()| Answer::Written)?,
        Task::CreateGhl(draft) => Answer::Created(ghl.create(&draft)?),
        Task::Submit(drafts) => Answer::Submitted(bigmailer.submit(&drafts)?),
        Task::Collect(submission) => Answer::Collected(bigmailer.collect(&submission)?),
        Task::Attached(ask) => Answer::Attached(ask.of(ghl)),
        Task::Retag { add, ids, tags } => Answer::Retagged(ghl.regroup(add, &ids, &tags)?),
        Task::Thing(call) => Answer::Thing(call.make(sides)?),
        Task::LookUp(emails) => {
            let mut found = Vec::new();
            for email in emails {
                found.extend(bigmailer.get(Key::Email(&email))?);
            }
            Answer::Holders {
                found,
                complete: true,
            }
        }
        Task::PickFromListing(emails) => {
            let found = Mutex::new(Vec::new());
            let listed = bigmailer.list(&Listing::Full, &|page| {
                let wanted = page.contacts.into_iter().filter(|c| {
                    c.email
                        .as_deref()
                        .and_then(email_key)
                        .is_some_and(|key| emails.contains(&key))
                });
                found
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(wanted);
                std::ops::ControlFlow::Continue(())
            })?;
            Answer::Holders {
                found: found.into_inner().unwrap_or_else(PoisonError::into_inner),
                complete: listed.complete,
            }
        }
    })
}

/// What an answer is waited for.
pub(super) enum Waiting {
    Update(Step),
    /// The opt-out of an update that was refused as a whole.
    OptOut {
        step: Step,
        refusal: RemoteError,
    },
    Create {
        step: Step,
        tries: u8,
    },
    Delete(Step),
    Submit(Batch),
    Collect(Sent),
    /// Reading back a batch whose answer was lost.
    Settle(Batch),
    /// The address was taken: whose is it?
    Exists(Step),
    /// The answer to a create was lost: did it happen?
    Unclear {
        step: Step,
        tries: u8,
    },
    /// The record vanished: did somebody make it anew?
    Vanished(Step),
    /// A look at HighLevel's contact as it is now, before it is changed.
    Fresh(Step),
    UpdateGhl(Step),
    CreateGhl {
        step: Step,
        tries: u8,
    },
    /// HighLevel has somebody with the address: who is it?
    ExistsGhl {
        step: Step,
        ours: bool,
    },
    /// The answer to a creation in HighLevel was lost: did it happen?
    UnclearGhl {
        step: Step,
        tries: u8,
    },
    /// A new HighLevel contact's id on its way into the record.
    StoreId(Step),
    /// Tags of many on their way.
    Retag(Vec<Step>),
    Thing(Box<events::Telling>),
    /// Somebody else waits for it (see [`Run::ask_all`]).
    Asked,
}

/// People handed over together.
pub(super) struct Batch {
    intent: i64,
    steps: Vec<Packed>,
    tries: u8,
    /// Attempts to read it back that failed.
    unread: u8,
}

impl Batch {
    fn open(&self) -> impl Iterator<Item = Step> {
        self.steps.iter().filter_map(Packed::open)
    }
}

/// A step as text: thousands of them wait for their batches, and as text they take a fifth of the
/// memory.
pub(super) struct Packed(Box<str>);

impl Packed {
    fn of(step: &Step) -> Option<Packed> {
        Some(Packed(serde_json::to_string(step).ok()?.into_boxed_str()))
    }

    fn open(&self) -> Option<Step> {
        serde_json::from_str(&self.0).ok()
    }
}

/// A batch the service has accepted.
pub(super) struct Sent {
    batch: Batch,
    submission: String,
    at: Instant,
    polls: u32,
    /// When to ask next; `None`: not asked yet.
    next: Option<Instant>,
    /// Asked before it was due.
    explores: bool,
}

/// What has to happen after an answer was saved.
pub(super) enum Follow {
    Ask(Task, Box<Waiting>),
    Submit { steps: Vec<Packed>, tries: u8 },
    Poll(Sent),
    Settle(Batch),
}

impl Follow {
    pub(super) fn ask(task: Task, waiting: Waiting) -> Follow {
        Follow::Ask(task, Box::new(waiting))
    }
}

/// The moving parts of carrying out.
pub(super) struct Carrying {
    jobs: Option<Sender<Job>>,
    events: Option<Receiver<Event>>,
    waiting: HashMap<u64, Waiting>,
    last_ticket: u64,
    sent: Vec<Sent>,
    /// Batches to be read back, and when.
    unsettled: Vec<(Instant, Batch)>,
    pub patience: Patience,
    pub batch_size: usize,
    pub early_refused: bool,
    /// A batch of an earlier run may still land: only creations that never touch an existing
    /// contact are safe.
    pub singly: bool,
    pub full_wanted: bool,
    /// HighLevel ids to look at again in the next run.
    pub try_again: Vec<String>,
    /// Updates whose new address was taken; another update may free it.
    taken: Vec<Step>,
    /// Planned steps that were carried out many at a time.
    retagged: HashSet<i64>,
    silent_calls: u32,
    draining: bool,
    /// The error that ends the run once everything that came with it is saved.
    fatal: Option<RemoteError>,
    /// A page that arrived among answers.
    stashed: Option<Event>,
    done: u64,
    total: u64,
}

impl Carrying {
    pub(super) fn new(
        state: &State,
        options: &Options,
        jobs: Sender<Job>,
        events: Receiver<Event>,
    ) -> Result<Carrying, StateError> {
        let known = state
            .meta(fact::BATCH_MS)?
            .and_then(|v| v.parse().ok())
            .map(Duration::from_millis);
        Ok(Carrying {
            jobs: Some(jobs),
            events: Some(events),
            waiting: HashMap::new(),
            last_ticket: 0,
            sent: Vec::new(),
            unsettled: Vec::new(),
            patience: Patience::new(known, options.first_poll),
            batch_size: options.batch_size.unwrap_or(BATCH_MAX).clamp(1, BATCH_MAX),
            early_refused: false,
            singly: false,
            full_wanted: false,
            try_again: Vec::new(),
            taken: Vec::new(),
            retagged: HashSet::new(),
            silent_calls: 0,
            draining: false,
            fatal: None,
            stashed: None,
            done: 0,
            total: 0,
        })
    }

    /// Lets go of both channels, so that readers and workers end.
    pub(super) fn hang_up(&mut self) {
        self.jobs = None;
        self.events = None;
    }

    fn send(&mut self, task: Task, waiting: Waiting) -> u64 {
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        if let Some(jobs) = &self.jobs
            && jobs.send(Job { ticket, task }).is_ok()
        {
            self.waiting.insert(ticket, waiting);
        }
        ticket
    }

    /// Batches not yet settled, in whatever stage.
    fn open_batches(&self) -> usize {
        let in_calls = self
            .waiting
            .values()
            .filter(|w| {
                matches!(
                    w,
                    Waiting::Submit(_) | Waiting::Collect(_) | Waiting::Settle(_)
                )
            })
            .count();
        self.sent.len() + self.unsettled.len() + in_calls
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.sent.is_empty() && self.unsettled.is_empty()
    }

    fn due(&self, sent: &Sent) -> Instant {
        sent.next
            .unwrap_or_else(|| sent.at + self.patience.first(sent.batch.steps.len()))
    }

    /// Sends the polls and read-backs whose time has come.
    fn send_due(&mut self, now: Instant, brand_size: u64) {
        let asked = self
            .waiting
            .values()
            .filter_map(|w| match w {
                Waiting::Collect(sent) => Some(sent.explores),
                _ => None,
            })
            .collect::<Vec<_>>();
        let mut due: Vec<usize> = (0..self.sent.len())
            .filter(|i| self.due(&self.sent[*i]) <= now)
            .collect();
        if self.patience.one_at_a_time() {
            due.truncate(usize::from(asked.is_empty()));
        } else if due.is_empty() && !asked.contains(&true) {
            // The oldest that is not due may tell that batches have become quicker.
            let oldest = (0..self.sent.len()).min_by_key(|i| self.sent[*i].at);
            if let Some(index) = oldest
                && self.sent[index].polls == 0
                && self
                    .patience
                    .may_explore(now.saturating_duration_since(self.sent[index].at))
            {
                self.sent[index].explores = true;
                due.push(index);
            }
        }
        for index in due.into_iter().rev() {
            let sent = self.sent.remove(index);
            self.send(
                Task::Collect(sent.submission.clone()),
                Waiting::Collect(sent),
            );
        }
        let (ready, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unsettled)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.unsettled = later;
        for (_, batch) in ready {
            let emails: Vec<String> = batch.open().filter_map(|s| s.email).collect();
            let listing = brand_size.div_ceil(100) + 1;
            let task = if (emails.len() as u64) <= listing {
                Task::LookUp(emails)
            } else {
                Task::PickFromListing(Arc::new(emails.into_iter().collect()))
            };
            self.send(task, Waiting::Settle(batch));
        }
    }
}

impl Run<'_> {
    /// Carries out the stored plan, phase by phase.
    pub(super) fn carry_out(&mut self, reading: &Reading) -> Result<(), Halt> {
        self.carrying.total = self.planned.writes();
        self.carrying.done = 0;
        self.progress.writing(0, self.carrying.total);
        let again = std::mem::take(&mut self.carrying.try_again);
        // A saved plan looks at few people, and some of them have changed since.
        let looked_at_all = self.options.apply.is_none();
        self.state.transaction(|| {
            if looked_at_all {
                self.state.settle_pending(reading.bigmailer_complete)?;
            }
            for id in std::mem::take(&mut self.owed) {
                self.state.set_pending(Pending::Stranger(&id), true)?;
            }
            self.state.keep_conflicts(self.now())?;
            self.keep_events()?;
            again
                .iter()
                .try_for_each(|id| self.state.set_pending(Pending::Person(id), true))
        })?;
        let result = self.phases(reading);
        self.keep_lesson()?;
        result
    }

    fn phases(&mut self, reading: &Reading) -> Result<(), Halt> {
        self.remember_agreements()?;
        for phase in [Phase::Consent, Phase::GhlConsent, Phase::Updates] {
            self.write_singly(phase)?;
        }
        self.retag_many()?;
        self.write_singly(Phase::GhlUpdates)?;
        self.update_taken()?;
        let creates = self.state.action_count(Phase::Creations as u8)?;
        let absent = reading.bigmailer_complete || reading.asked_for_all;
        if absent && creates >= BATCH_FROM && !self.carrying.singly {
            self.create_in_batches()?;
        } else {
            self.write_singly(Phase::Creations)?;
        }
        self.write_singly(Phase::Contested)?;
        self.write_singly(Phase::GhlCreations)?;
        self.make_things()?;
        self.write_singly(Phase::Deletions)
    }

    fn remember_agreements(&mut self) -> Result<(), Halt> {
        let mut after = 0;
        loop {
            let part = self
                .state
                .actions::<Step>(Phase::Remember as u8, after, BATCH_MAX)?;
            let Some((seq, _)) = part.last() else {
                return Ok(());
            };
            after = *seq;
            self.state.transaction(|| {
                part.into_iter().try_for_each(|(_, step)| match &step.deed {
                    Deed::Bury { email, bm_id } => self.bury(&step, &step.ghl_id, email, bm_id),
                    Deed::Forget => self.state.drop_link(&step.ghl_id),
                    Deed::Cede => self.state.put_facts(&link_of(&step, None)),
                    _ => self.remember(&step, step.bm_id.as_deref()),
                })
            })?;
        }
    }

    /// Stores what is now true of a person.
    fn remember(&self, step: &Step, bm_id: Option<&str>) -> Result<(), StateError> {
        for field in &step.ruled {
            self.state.settle_ruling(&step.ghl_id, field)?;
        }
        if let Some(patch) = &step.patch {
            return self.add_to_memory(step, bm_id, patch);
        }
        // A record of this very person or address is there again. The address is the record's, not
        // the one that the contact may have moved to without its record.
        if let (Some(_), Some(base)) = (bm_id, &step.base)
            && self.state.is_buried(&step.ghl_id, Some(&base.email))?
        {
            self.state.exhume(&step.ghl_id, &base.email)?;
        }
        self.state.put_link(&link_of(step, bm_id))
    }

    /// Adds to what is stored of a person by now.
    fn add_to_memory(
        &self,
        step: &Step,
        bm_id: Option<&str>,
        patch: &Patch,
    ) -> Result<(), StateError> {
        let stored: Option<Link<Base>> = self.state.link(&step.ghl_id)?;
        let mut base = stored.and_then(|l| l.base).unwrap_or_default();
        patch.apply(&mut base);
        let whole = Step {
            base: Some(base),
            patch: None,
            ..step.clone()
        };
        self.remember(&whole, bm_id)
    }

    /// The call for a step, once whatever has to be stored or known before it is.
    fn order(&self, step: Step) -> Result<Option<(Task, Waiting)>, StateError> {
        if matches!(step.deed, Deed::Thing(_)) {
            return self.order_thing(step);
        }
        if matches!(step.deed, Deed::WriteGhl(Action::Create(_))) {
            // Should the run be cut off, the next one knows that the record is owed the id.
            self.state.set_pending(step.pending_key(), true)?;
        }
        let Deed::WriteGhl(Action::Update { id, update }) = &step.deed else {
            if let (Deed::WriteGhl(Action::Create(_)), Some(bm_id)) = (&step.deed, &step.bm_id) {
                self.state.open_making(bm_id, self.now())?;
            }
            return Ok(order(step));
        };
        if let Some(why) = update.opt_out {
            // A do-not-disturb that we bring over must not look like somebody's own opt-out, should
            // the run be cut off between its being set and its being remembered. (One of another
            // contact with the address is in BigMailer already.)
            if why != Block::Dnd
                && let Some(mut link) = self.state.link::<Base>(&step.ghl_id)?
                && let Some(consent) = link.base.as_mut().and_then(|b| b.consent.as_mut())
            {
                consent.ghl_blocked = true;
                self.state.put_link(&link)?;
            }
            return Ok(order(step));
        }
        // What a listing shows may be a minute old, and what is written must not undo what somebody
        // has written since.
        let row = self.state.staged_ghl::<SourceView>(&step.ghl_id)?;
        if row.is_some_and(|row| row.direct) {
            return Ok(order(step));
        }
        Ok(Some((Task::ReadGhl(id.clone()), Waiting::Fresh(step))))
    }

    /// Remembers that the record of `owner` was deleted, and what the step saw of its contact. The
    /// address is barred with it, unless somebody else's record has it by now.
    fn bury(&self, step: &Step, owner: &str, email: &str, bm_id: &str) -> Result<(), StateError> {
        let holders = self.state.links_by_email::<Base>(email)?;
        let in_use = holders.iter().any(|link| {
            let same_address = link.base.as_ref().is_some_and(|b| b.email == email);
            same_address && link.bm_id.as_deref().is_some_and(|id| id != bm_id)
        });
        let barred = Some(email).filter(|email| !email.is_empty() && !in_use);
        self.state.bury(owner, barred, bm_id)?;
        self.remember(step, None)
    }

    /// Gives tags to, or takes them from, those of whom nothing else is wanted, many at a time. Tags
    /// are added and taken one by one in the service, so there is nothing to be overwritten by it.
    fn retag_many(&mut self) -> Result<(), Halt> {
        let mut alike: HashMap<(bool, Vec<String>), u64> = HashMap::new();
        self.each_step(Phase::GhlUpdates, |_, _, step| {
            if let Some(wish) = retags(step) {
                *alike.entry(wish).or_default() += 1;
            }
            Ok(())
        })?;
        alike.retain(|_, many| *many >= RETAG_FROM);
        if alike.is_empty() {
            return Ok(());
        }
        let mut groups: HashMap<(bool, Vec<String>), Vec<Step>> = HashMap::new();
        self.each_step(Phase::GhlUpdates, |run, seq, step| {
            let Some(wish) = retags(step).filter(|wish| alike.contains_key(wish)) else {
                return Ok(());
            };
            run.carrying.retagged.insert(seq);
            let group = groups.entry(wish.clone()).or_default();
            group.push(step.clone());
            if group.len() == MANY {
                let steps = std::mem::take(group);
                run.retag(wish, steps)?;
            }
            Ok(())
        })?;
        for (wish, steps) in groups {
            self.retag(wish, steps)?;
        }
        self.settle_all()
    }

    /// Shows every planned step of a phase.
    fn each_step(
        &mut self,
        phase: Phase,
        mut see: impl FnMut(&mut Self, i64, &Step) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let mut after = 0;
        loop {
            let part = self.state.actions::<Step>(phase as u8, after, BATCH_MAX)?;
            let Some((seq, _)) = part.last() else {
                return Ok(());
            };
            after = *seq;
            for (seq, step) in &part {
                see(self, *seq, step)?;
            }
        }
    }

    fn retag(&mut self, wish: (bool, Vec<String>), steps: Vec<Step>) -> Result<(), Halt> {
        if steps.is_empty() {
            return Ok(());
        }
        while self.carrying.waiting.len() >= WRITES_OPEN {
            self.settle_some()?;
        }
        self.go_on()?;
        let (add, tags) = wish;
        let ids = steps.iter().map(|step| step.ghl_id.clone()).collect();
        let task = Task::Retag { add, ids, tags };
        let mut waiting = Waiting::Retag(steps);
        self.state.transaction(|| self.keep_image(&mut waiting))?;
        self.carrying.send(task, waiting);
        Ok(())
    }

    /// Saves what became of tags of many; whoever is in doubt is done by himself.
    fn retagged(
        &mut self,
        steps: Vec<Step>,
        outcomes: &[Regrouped],
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        for (index, step) in steps.into_iter().enumerate() {
            match outcomes.get(index) {
                Some(Regrouped::Done) => self.updated_here(&step)?,
                Some(Regrouped::Gone) => self.gone_here(&step)?,
                Some(Regrouped::Doubtful) | None => {
                    if let Some((task, waiting)) = order(step) {
                        follows.push(Follow::ask(task, waiting));
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn write_singly(&mut self, phase: Phase) -> Result<(), Halt> {
        let mut after = 0;
        loop {
            let part = self
                .state
                .actions::<Step>(phase as u8, after, WRITES_OPEN)?;
            let Some((seq, _)) = part.last() else { break };
            after = *seq;
            let orders = self.state.transaction(|| {
                let mut orders = Vec::with_capacity(part.len());
                for (seq, step) in part {
                    if self.carrying.retagged.contains(&seq) {
                        continue;
                    }
                    if let Some((task, mut waiting)) = self.order(step)? {
                        self.keep_image(&mut waiting)?;
                        orders.push((task, waiting));
                    }
                }
                Ok::<_, StateError>(orders)
            })?;
            for (task, waiting) in orders {
                while self.carrying.waiting.len() >= WRITES_OPEN {
                    self.settle_some()?;
                }
                self.go_on()?;
                self.carrying.send(task, waiting);
            }
        }
        self.settle_all()
    }

    /// Records what a write is about to replace.
    fn keep_image(&self, waiting: &mut Waiting) -> Result<(), StateError> {
        let steps = match waiting {
            Waiting::Update(step) | Waiting::UpdateGhl(step) | Waiting::Delete(step) => {
                std::slice::from_mut(step)
            }
            Waiting::Retag(steps) => steps,
            _ => &mut [],
        };
        for step in steps.iter_mut().filter(|step| step.image.is_none()) {
            step.image = self.put_image_of(step)?;
        }
        Ok(())
    }

    /// Addresses that were taken may have become free by another person's update.
    fn update_taken(&mut self) -> Result<(), Halt> {
        let mut left = std::mem::take(&mut self.carrying.taken);
        loop {
            let before = left.len();
            for step in left {
                if let Some((task, waiting)) = order(step) {
                    self.carrying.send(task, waiting);
                }
                self.settle_all()?;
            }
            left = std::mem::take(&mut self.carrying.taken);
            if left.is_empty() {
                return Ok(());
            }
            if left.len() == before {
                break;
            }
        }
        for step in left {
            self.hold(
                &step,
                "email_taken",
                "the new address belongs to another BigMailer contact",
            )?;
        }
        Ok(())
    }

    fn create_in_batches(&mut self) -> Result<(), Halt> {
        let mut after = 0;
        loop {
            let part = self.state.actions::<Step>(
                Phase::Creations as u8,
                after,
                self.carrying.batch_size,
            )?;
            let Some((seq, _)) = part.last() else { break };
            after = *seq;
            while !self.room_for_batch() {
                self.settle_some()?;
            }
            self.go_on()?;
            let steps: Vec<Step> = part.into_iter().map(|(_, step)| step).collect();
            self.submit(&steps)?;
        }
        self.settle_all()
    }

    pub(super) fn room_for_batch(&self) -> bool {
        self.carrying.open_batches() < BATCHES_OPEN
    }

    /// Records a batch, then sends it.
    pub(super) fn submit(&mut self, steps: &[Step]) -> Result<(), Halt> {
        self.submit_packed(steps.iter().filter_map(Packed::of).collect(), 0)
    }

    fn submit_packed(&mut self, steps: Vec<Packed>, tries: u8) -> Result<(), Halt> {
        let drafts: Vec<Draft> = steps.iter().filter_map(|s| draft(&s.open()?)).collect();
        let intent = self.state.open_intent(self.now(), drafts.len())?;
        let batch = Batch {
            intent,
            steps,
            tries,
            unread: 0,
        };
        self.carrying.patience.handed_over();
        self.carrying
            .send(Task::Submit(Arc::new(drafts)), Waiting::Submit(batch));
        Ok(())
    }

    /// The next thing that happened, or nothing within a moment.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        if let Some(event) = self.carrying.stashed.take() {
            return Some(event);
        }
        self.progress.alive();
        let now = Instant::now();
        if !self.carrying.draining {
            let brand_size = self.tally.read_bigmailer + self.tally.bm_created;
            self.carrying.send_due(now, brand_size);
        }
        // Often enough to notice a request to stop.
        let mut patience = Duration::from_millis(100);
        for sent in &self.carrying.sent {
            patience = patience.min(self.carrying.due(sent).saturating_duration_since(now));
        }
        let patience = patience.max(Duration::from_millis(1));
        self.carrying.events.as_ref()?.recv_timeout(patience).ok()
    }

    /// Waits until nothing is under way.
    pub(super) fn settle_all(&mut self) -> Result<(), Halt> {
        while !self.carrying.is_idle() {
            self.settle_some()?;
        }
        Ok(())
    }

    /// Takes the next answers, several in one transaction.
    pub(super) fn settle_some(&mut self) -> Result<(), Halt> {
        self.go_on()?;
        if let Some(Event::Answered(answered)) = self.next_event() {
            self.take_answers(answered)?;
        }
        Ok(())
    }

    pub(super) fn take_answers(&mut self, first: Answered) -> Result<(), Halt> {
        let mut answers = vec![first];
        // Pages never come between single writes, so whatever is here is another answer; a page of
        // a first run that creates while it reads simply ends the group.
        let mut page = None;
        while let Some(events) = &self.carrying.events
            && answers.len() < 64
            && page.is_none()
            && let Ok(event) = events.try_recv()
        {
            match event {
                Event::Answered(answered) => answers.push(answered),
                other => page = Some(other),
            }
        }
        let state = self.state;
        let follows = state.transaction(|| {
            let mut follows = Vec::new();
            for answered in answers {
                self.take(answered, &mut follows)?;
            }
            for follow in &mut follows {
                if let Follow::Ask(_, waiting) = follow {
                    self.keep_image(waiting)?;
                }
            }
            Ok::<_, StateError>(follows)
        })?;
        self.carrying.stashed = page;
        if let Some(error) = self.carrying.fatal.take()
            && !self.carrying.draining
        {
            return Err(Halt::Remote(error));
        }
        if !self.carrying.draining {
            for follow in follows {
                self.follow(follow)?;
            }
        }
        if self.carrying.total > 0 {
            self.progress
                .writing(self.carrying.done, self.carrying.total);
        }
        Ok(())
    }

    /// Saves what one answer says; what has to be done next goes to `follows`.
    fn take(&mut self, answered: Answered, follows: &mut Vec<Follow>) -> Result<(), StateError> {
        let Answered { ticket, result } = answered;
        let Some(waiting) = self.carrying.waiting.remove(&ticket) else {
            return Ok(());
        };
        if let Err(error) = &result {
            let silent = matches!(error.kind, RemoteErrorKind::Unavailable);
            self.carrying.silent_calls = if silent {
                self.carrying.silent_calls + 1
            } else {
                0
            };
            if is_fatal(error) || self.carrying.silent_calls >= SILENT_CALLS {
                // A batch that was surely not sent leaves no intent behind.
                if let (Waiting::Submit(batch), false) =
                    (&waiting, error.kind == RemoteErrorKind::Unclear)
                {
                    self.state.close_intent(batch.intent)?;
                }
                self.carrying.fatal.get_or_insert(error.clone());
                return Ok(());
            }
        } else {
            self.carrying.silent_calls = 0;
        }
        self.settle_making(&waiting, &result)?;
        match (waiting, result) {
            (Waiting::Asked, _) => {}
            (Waiting::Thing(telling), result) => self.take_thing(*telling, result, follows)?,
            (Waiting::Retag(steps), Ok(Answer::Retagged(outcomes))) => {
                self.retagged(steps, &outcomes, follows)?
            }
            (Waiting::Retag(steps), Err(e)) if e.kind == RemoteErrorKind::Unavailable => {
                steps.iter().try_for_each(|step| self.failed(step, &e))?
            }
            (Waiting::Retag(steps), _) => self.retagged(steps, &[], follows)?,
            (Waiting::Update(step), Ok(_)) => self.updated(&step)?,
            (Waiting::Update(step), Err(e)) => match e.kind {
                RemoteErrorKind::Gone => self.look_for(step, follows)?,
                RemoteErrorKind::Taken | RemoteErrorKind::Rejected => {
                    match opt_out_alone(&step) {
                        // An opt-out waits for no address and no value.
                        Some(task) => {
                            let refusal = e;
                            follows.push(Follow::ask(task, Waiting::OptOut { step, refusal }));
                        }
                        None => self.refused(step, &e)?,
                    }
                }
                _ => self.failed(&step, &e)?,
            },
            (Waiting::OptOut { step, refusal }, Ok(_)) => self.opted_out(step, &refusal)?,
            (Waiting::OptOut { step, .. }, Err(e)) => match e.kind {
                RemoteErrorKind::Gone => self.look_for(step, follows)?,
                _ => self.failed(&step, &e)?,
            },
            (Waiting::Create { step, .. }, Ok(Answer::Created(Created::New(id)))) => {
                self.created(&step, &id)?
            }
            (Waiting::Create { step, .. }, Ok(_)) => {
                let email = step.email.clone().unwrap_or_default();
                follows.push(Follow::ask(Task::FindBm(email), Waiting::Exists(step)));
            }
            (Waiting::Create { step, tries }, Err(e)) if e.kind == RemoteErrorKind::Unclear => {
                let email = step.email.clone().unwrap_or_default();
                follows.push(Follow::ask(
                    Task::FindBm(email),
                    Waiting::Unclear { step, tries },
                ));
            }
            (Waiting::Create { step, .. }, Err(e)) => self.failed(&step, &e)?,
            (Waiting::Fresh(step), Ok(Answer::Contact(Some(contact)))) => {
                self.update_fresh(step, &contact, follows)?
            }
            (Waiting::Fresh(step), Ok(_)) => self.gone_here(&step)?,
            (Waiting::UpdateGhl(step), Ok(_)) => self.updated_here(&step)?,
            (Waiting::UpdateGhl(step), Err(e)) if e.kind == RemoteErrorKind::Gone => {
                self.gone_here(&step)?
            }
            (Waiting::UpdateGhl(step), Err(e)) if e.kind == RemoteErrorKind::Taken => self.hold(
                &step,
                "email_taken",
                "the new address belongs to another HighLevel contact",
            )?,
            (Waiting::CreateGhl { step, .. }, Ok(Answer::Created(Created::New(id)))) => {
                self.created_here(step, &id, follows)?
            }
            (Waiting::CreateGhl { step, .. }, Ok(answer)) => {
                let task = match answer {
                    Answer::Created(Created::Exists(Some(id))) => Task::ReadGhl(id),
                    _ => Task::FindGhl(step.email.clone().unwrap_or_default()),
                };
                let ours = false;
                follows.push(Follow::ask(task, Waiting::ExistsGhl { step, ours }));
            }
            // What is taken is somebody else's, who is not to be written to for this one's sake.
            (Waiting::CreateGhl { step, .. }, Err(e)) if e.kind == RemoteErrorKind::Taken => {
                self.failed(&step, &e)?
            }
            (Waiting::CreateGhl { step, .. }, Err(e)) if e.existing.is_some() => {
                // It is made, though not all of it was taken.
                let task = Task::ReadGhl(e.existing.unwrap_or_default());
                let ours = true;
                follows.push(Follow::ask(task, Waiting::ExistsGhl { step, ours }));
            }
            (Waiting::CreateGhl { step, tries }, Err(e)) if e.kind == RemoteErrorKind::Unclear => {
                let task = Task::FindGhl(step.email.clone().unwrap_or_default());
                follows.push(Follow::ask(task, Waiting::UnclearGhl { step, tries }));
            }
            (Waiting::ExistsGhl { step, ours }, Ok(Answer::Contact(Some(contact)))) => {
                self.adopt_here(step, &contact, ours, follows)?
            }
            (Waiting::ExistsGhl { step, .. }, Ok(_)) => self.give_up(
                &step,
                "exists",
                "HighLevel says that the address is taken but does not show who has it",
            )?,
            (Waiting::UnclearGhl { step, .. }, Ok(Answer::Contact(Some(contact)))) => {
                self.adopt_here(step, &contact, true, follows)?
            }
            (Waiting::UnclearGhl { step, tries: 0 }, Ok(_)) => {
                if let Some((task, _)) = order(step.clone()) {
                    let waiting = Waiting::CreateGhl { step, tries: 1 };
                    follows.push(Follow::ask(task, waiting));
                }
            }
            (Waiting::UnclearGhl { step, .. }, Ok(_)) => self.give_up(
                &step,
                "unclear",
                "the answer to the creation was lost twice and the contact is not there",
            )?,
            (Waiting::StoreId(step), Ok(_)) => {
                self.remember(&step, step.bm_id.as_deref())?;
                self.owes_nothing(&step)?;
            }
            (Waiting::StoreId(step), Err(e)) => match e.kind {
                // The next run owes it.
                RemoteErrorKind::Unavailable | RemoteErrorKind::Unclear => {}
                // It travels with the next change instead.
                _ => self.owes_nothing(&step)?,
            },
            (
                Waiting::Fresh(step)
                | Waiting::UpdateGhl(step)
                | Waiting::CreateGhl { step, .. }
                | Waiting::ExistsGhl { step, .. }
                | Waiting::UnclearGhl { step, .. },
                Err(e),
            ) => self.failed(&step, &e)?,
            (Waiting::Delete(step), Ok(_)) => self.deleted(&step)?,
            (Waiting::Delete(step), Err(e)) => self.failed(&step, &e)?,
            (Waiting::Submit(batch), result) => self.submitted(batch, result, follows)?,
            (Waiting::Collect(sent), result) => self.collected(sent, result, follows)?,
            (Waiting::Settle(batch), Ok(Answer::Holders { found, complete })) => {
                self.settle_batch(batch, found, complete, follows)?
            }
            (Waiting::Settle(mut batch), _) => {
                batch.unread += 1;
                if batch.unread < UNREAD_MAX {
                    follows.push(Follow::Settle(batch));
                } else {
                    // The intent stays open: the next run looks before it does anything else.
                    batch.open().try_for_each(|step| {
                        self.give_up(&step, "unclear", "the answer to the batch was lost")
                    })?;
                }
            }
            (Waiting::Exists(step), Ok(Answer::Contact(Some(contact)))) => {
                self.adopt(step, &contact, false, follows)?
            }
            (Waiting::Exists(step), Ok(_)) => {
                // It is there, but not under this spelling: only a listing finds it.
                self.carrying.full_wanted = true;
                self.state.set_meta(fact::FULL_WANTED, "1")?;
                self.give_up(
                    &step,
                    "exists",
                    "BigMailer says that the address is taken but does not show who has it",
                )?;
            }
            (Waiting::Unclear { step, .. }, Ok(Answer::Contact(Some(contact)))) => {
                self.adopt(step, &contact, true, follows)?
            }
            (Waiting::Unclear { step, tries: 0 }, Ok(_)) => {
                if let Some(draft) = draft(&step) {
                    follows.push(Follow::ask(
                        Task::Create(draft),
                        Waiting::Create { step, tries: 1 },
                    ));
                }
            }
            (Waiting::Unclear { step, .. }, Ok(_)) => {
                self.give_up(
                    &step,
                    "unclear",
                    "the answer to the creation was lost twice and the contact is not there",
                )?;
            }
            (Waiting::Vanished(step), Ok(Answer::Contact(Some(contact)))) => {
                self.adopt(step, &contact, false, follows)?
            }
            (Waiting::Vanished(step), Ok(_)) => self.vanished(&step, follows)?,
            (
                Waiting::Exists(step) | Waiting::Unclear { step, .. } | Waiting::Vanished(step),
                Err(e),
            ) => {
                self.failed(&step, &e)?;
            }
        }
        Ok(())
    }

    /// A creation in HighLevel is settled by any answer that tells what became of it.
    fn settle_making(
        &self,
        waiting: &Waiting,
        result: &Result<Answer, RemoteError>,
    ) -> Result<(), StateError> {
        let told = match (waiting, result) {
            (Waiting::CreateGhl { .. }, Err(e)) => e.kind != RemoteErrorKind::Unclear,
            (Waiting::CreateGhl { .. }, Ok(_)) => true,
            (Waiting::UnclearGhl { .. }, Ok(Answer::Contact(found))) => found.is_some(),
            _ => false,
        };
        match waiting {
            Waiting::CreateGhl { step, .. } | Waiting::UnclearGhl { step, .. } if told => {
                match &step.bm_id {
                    Some(bm_id) => self.state.close_making(bm_id),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn follow(&mut self, follow: Follow) -> Result<(), Halt> {
        match follow {
            Follow::Ask(task, waiting) => {
                self.carrying.send(task, *waiting);
            }
            Follow::Submit { steps, tries } => self.submit_packed(steps, tries)?,
            Follow::Poll(sent) => self.carrying.sent.push(sent),
            Follow::Settle(batch) => {
                let at = Instant::now() + self.carrying.patience.first(batch.steps.len());
                self.carrying.unsettled.push((at, batch));
            }
        }
        Ok(())
    }

    /// Wall clock, milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.options.now.saturating_add(passed)
    }

    // ---- what became of single people

    /// An update was refused, and if it held an opt-out, that has gone over by itself.
    fn refused(&mut self, step: Step, error: &RemoteError) -> Result<(), StateError> {
        if error.kind == RemoteErrorKind::Taken {
            self.carrying.taken.push(step);
            return Ok(());
        }
        self.failed(&step, error)
    }

    /// Remembers an opt-out that went over without the rest of its update.
    fn opted_out(&mut self, mut step: Step, refusal: &RemoteError) -> Result<(), StateError> {
        self.tally.bm_updated += 1;
        self.tally.bm_unsubscribed += 1;
        // Perhaps still the link of the one whose record this person is to take over.
        let link = match &step.bm_id {
            Some(id) => self.link_of_record(id)?,
            None => None,
        };
        if let Some(mut link) = link
            && let Some(base) = &mut link.base
        {
            base.consent = step.base.as_ref().and_then(|b| b.consent);
            self.state.put_link(&link)?;
        }
        if let Deed::Write(Action::Update { update, .. }) = &mut step.deed {
            update.opt_out = None;
        }
        self.refused(step, refusal)
    }

    fn link_of_record(&self, bm_id: &str) -> Result<Option<Link<Base>>, StateError> {
        match self.state.owner(bm_id)? {
            Some(owner) => self.state.link(&owner),
            None => Ok(None),
        }
    }

    /// The record is gone; somebody may have made the person anew.
    fn look_for(&mut self, step: Step, follows: &mut Vec<Follow>) -> Result<(), StateError> {
        match &step.email {
            Some(email) if !step.gone => {
                let task = Task::FindBm(email.clone());
                follows.push(Follow::ask(task, Waiting::Vanished(step)));
                Ok(())
            }
            _ => self.vanished(&step, follows),
        }
    }

    fn updated(&mut self, step: &Step) -> Result<(), StateError> {
        self.tally.bm_updated += 1;
        self.tally.changes.add(&step.deed);
        if let Deed::Write(Action::Update { update, .. }) = &step.deed
            && update.opt_out.is_some()
        {
            self.tally.bm_unsubscribed += 1;
        }
        self.state.settle_image(step.image)?;
        self.remember(step, step.bm_id.as_deref())?;
        self.owes_nothing(step)?;
        self.settled(step, Word::Updated)
    }

    fn created(&mut self, step: &Step, id: &str) -> Result<(), StateError> {
        self.tally.bm_created += 1;
        self.tally.changes.add(&step.deed);
        if let Deed::Write(Action::Create(create)) = &step.deed
            && create.opted_out.is_some()
        {
            self.tally.bm_unsubscribed += 1;
        }
        self.note_creation(Side::Bigmailer, &step.ghl_id, Some(id))?;
        self.remember(step, Some(id))?;
        self.settled_under(step, Some(id), Word::Created)
    }

    fn deleted(&mut self, step: &Step) -> Result<(), StateError> {
        self.tally.bm_deleted += 1;
        self.state.settle_image(step.image)?;
        self.state.drop_link(&step.ghl_id)?;
        self.step_done();
        Ok(())
    }

    /// The record is gone and nobody made it anew: it stays gone.
    fn vanished(&mut self, step: &Step, follows: &mut Vec<Follow>) -> Result<(), StateError> {
        let bm_id = step.bm_id.clone().unwrap_or_default();
        // Under the person and the address that the record had: the step may have been about to
        // change both.
        let (owner, base) = match self.link_of_record(&bm_id)? {
            Some(link) => (link.ghl_id, link.base),
            None => (step.ghl_id.clone(), step.base.clone()),
        };
        if owner != step.ghl_id && self.forgets(&owner)? {
            // Its person is gone too, as the profile wants it: this one begins afresh.
            self.state.drop_link(&owner)?;
            if let Some(create) = self.create_after_all(step)? {
                if let Some((task, waiting)) = order(create) {
                    follows.push(Follow::ask(task, waiting));
                }
                return Ok(());
            }
        }
        let email = base.map(|b| b.email).unwrap_or_default();
        self.bury(step, &owner, &email, &bm_id)?;
        self.leave_out(&step.ghl_id, None, Skip::DeletedInBigmailer)?;
        self.step_done();
        Ok(())
    }

    /// Links somebody found under the address after all, and brings that record in step.
    fn adopt(
        &mut self,
        step: Step,
        contact: &Contact,
        ours: bool,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        let somebody_else = match self.state.owner(&contact.id)? {
            Some(owner) => owner != step.ghl_id,
            // Matched in this run, though not yet remembered.
            None => self.state.is_claimed(&contact.id)?,
        };
        if somebody_else {
            return self.hold(
                &step,
                "email_taken",
                "the address belongs to a BigMailer contact that is linked to somebody else",
            );
        }
        let Some(decision) = self.decide_again(&step.ghl_id, contact)? else {
            return self.give_up(&step, "exists", "the contact changed while the run went on");
        };
        // What is there is what a write would replace.
        let there = stage_mirror(self.resolved, contact);
        self.state.stage_bm(&there)?;
        self.state.claim(&contact.id)?;
        if decision.base.is_none() {
            // Left out by itself, and linked only to what is gone.
            return self.vanished(&step, follows);
        }
        let mut step = Step {
            bm_id: Some(contact.id.clone()),
            base: decision.base,
            // What was planned for somebody who was to be created is not what both agreed on.
            patch: None,
            ..step
        };
        if let Action::Update { id, update } = decision.action {
            step.deed = Deed::Write(Action::Update { id, update });
            if let Some((task, waiting)) = order(step) {
                follows.push(Follow::ask(task, waiting));
            }
            return Ok(());
        }
        if ours {
            return self.created(&step, &contact.id);
        }
        self.remember(&step, Some(&contact.id))?;
        self.settled(&step, Word::Unchanged)
    }

    pub(super) fn settled(&mut self, step: &Step, word: Word) -> Result<(), StateError> {
        self.settled_under(step, step.bm_id.as_deref(), word)
    }

    fn settled_under(
        &mut self,
        step: &Step,
        bm_id: Option<&str>,
        word: Word,
    ) -> Result<(), StateError> {
        self.word(step, bm_id, word)?;
        // While something of the person failed, the next run looks again.
        if !step.parts {
            self.state.set_pending(step.pending_key(), false)?;
        }
        self.step_done();
        Ok(())
    }

    /// Gives a person a word, unless a stronger one was given.
    fn word(&mut self, step: &Step, bm_id: Option<&str>, word: Word) -> Result<(), StateError> {
        if step.counted {
            return match word {
                Word::Failed => self.recount(step, bm_id),
                _ => Ok(()),
            };
        }
        let now = word.spoilt(step.bad);
        // A first run may have created somebody while it read, and an earlier part of the plan may
        // have had its say.
        let before = if step.parts || word != Word::Created {
            let done = self.state.staged_done(&step.ghl_id)?;
            done.as_deref().and_then(Word::read)
        } else {
            None
        };
        let before = before.map(|word| word.spoilt(step.bad));
        if before.is_some_and(|before| before >= now) {
            return Ok(());
        }
        if let Some(before) = before {
            self.tally.people.uncount(before);
        }
        *self.tally.people.of(now) += 1;
        self.progress.person(&step.ghl_id, bm_id, now.as_str());
        if step.parts || word >= Word::Created {
            self.state.mark_done(&step.ghl_id, word.as_str())?;
        }
        Ok(())
    }

    /// Somebody whose word was given already, as held or as created, has failed after all.
    fn recount(&mut self, step: &Step, bm_id: Option<&str>) -> Result<(), StateError> {
        let before = match self.state.staged_done(&step.ghl_id)?.as_deref() {
            Some(done) if done == Word::Failed.as_str() => return Ok(()),
            _ if self.state.is_staged(&step.ghl_id)? => Word::Held,
            _ if self.events.unmake(bm_id) => Word::Created,
            _ => return Ok(()),
        };
        self.tally.people.uncount(before);
        self.tally.people.failed += 1;
        let word = Word::Failed.as_str();
        self.progress.person(&step.ghl_id, bm_id, word);
        self.state.mark_done(&step.ghl_id, word)
    }

    pub(super) fn failed(&mut self, step: &Step, error: &RemoteError) -> Result<(), StateError> {
        let message = match error.status {
            Some(status) => format!(
                "{} answered {status}: {}",
                error.side.title(),
                error.message
            ),
            None => error.message.clone(),
        };
        let reason = match error.kind {
            RemoteErrorKind::Unavailable => "unavailable",
            RemoteErrorKind::Unclear => "unclear",
            RemoteErrorKind::Taken => error.code.as_deref().unwrap_or("taken"),
            _ => error.code.as_deref().unwrap_or("rejected"),
        };
        let about_address = error.param.as_deref() == Some("email")
            || error.code.as_deref() == Some("invalid_format") && names_address(&error.message);
        if error.kind == RemoteErrorKind::Rejected && about_address {
            return self.unusable(step);
        }
        self.give_up(step, reason, &without_addresses(&message))
    }

    /// The service cannot store the address: the same as if we had known it beforehand.
    fn unusable(&mut self, step: &Step) -> Result<(), StateError> {
        self.leave_out(&step.ghl_id, None, Skip::InvalidEmail)?;
        self.state.put_facts(&link_of(step, None))?;
        self.state.set_pending(step.pending_key(), false)?;
        self.state.mark_done(&step.ghl_id, "failed")?;
        self.step_done();
        Ok(())
    }

    pub(super) fn give_up(
        &mut self,
        step: &Step,
        reason: &str,
        message: &str,
    ) -> Result<(), StateError> {
        match step.side() {
            Side::Ghl => self.tally.ghl.failed += 1,
            Side::Bigmailer => self.tally.bm_failed += 1,
        }
        self.leave_over(step, Word::Failed, reason, message)
    }

    /// Leaves two contacts as they are until a person has done something about it.
    fn hold(&mut self, step: &Step, reason: &str, message: &str) -> Result<(), StateError> {
        self.state.put_obstacle(
            step.key(),
            step.bm_id.as_deref(),
            "email",
            reason,
            self.now(),
        )?;
        self.leave_over(step, Word::Held, reason, message)
    }

    fn leave_over(
        &mut self,
        step: &Step,
        word: Word,
        reason: &str,
        message: &str,
    ) -> Result<(), StateError> {
        self.state.note(&step.problem(reason, message))?;
        if !step.gone && !step.ghl_id.is_empty() {
            // Others with the same address have to know of this one.
            self.state.put_facts(&link_of(step, None))?;
        }
        self.word(step, step.bm_id.as_deref(), word)?;
        self.state.set_pending(step.pending_key(), true)?;
        // Whoever is left over is left out by all that this run still does.
        self.state.mark_done(&step.ghl_id, Word::Failed.as_str())?;
        self.step_done();
        Ok(())
    }

    // ---- what became of HighLevel's contacts

    /// Writes to HighLevel's contact as it is right now, but for what somebody has changed there since
    /// the plan was made: that is for the next run to see.
    fn update_fresh(
        &mut self,
        mut step: Step,
        contact: &Contact,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        let planned = self.state.staged_ghl::<SourceView>(&step.ghl_id)?;
        self.stage_found(contact, true)?;
        let now = self.state.staged_ghl::<SourceView>(&step.ghl_id)?;
        let policy = &self.resolved.policy;
        if let (Some(planned), Some(now), Deed::WriteGhl(Action::Update { update, .. })) =
            (planned, now, &mut step.deed)
        {
            let fields = policy.fields.iter().enumerate();
            let moved: Vec<_> = fields
                .filter(|(i, _)| planned.view.fields.get(*i) != now.view.fields.get(*i))
                .map(|(_, field)| field)
                .collect();
            let lists = policy.lists.iter().enumerate();
            let retagged: Vec<_> = lists
                .filter(|(i, _)| planned.view.lists.get(*i) != now.view.lists.get(*i))
                .map(|(_, list)| list)
                .collect();
            let still = |(key, _): &(String, FieldValue)| moved.iter().all(|f| f.ghl != *key);
            let untouched = |tag: &String| retagged.iter().all(|l| l.tag.as_ref() != Some(tag));
            update.set.retain(still);
            update.clear.retain(still);
            update.join.retain(untouched);
            update.leave.retain(untouched);
            let readdressed = planned.email != now.email;
            update.email = update.email.take().filter(|_| !readdressed);
            if let Some(patch) = &mut step.patch {
                let tags: Vec<String> = moved.iter().map(|f| f.tag.clone()).collect();
                let ids: Vec<String> = retagged.iter().map(|l| l.id.clone()).collect();
                patch.without(&tags, &ids, readdressed);
            }
            if !update.is_empty() {
                if let Some((task, waiting)) = order(step) {
                    follows.push(Follow::ask(task, waiting));
                }
                return Ok(());
            }
        }
        self.word(&step, step.bm_id.as_deref(), Word::Unchanged)?;
        self.step_done();
        Ok(())
    }

    fn updated_here(&mut self, step: &Step) -> Result<(), StateError> {
        if let Deed::WriteGhl(action) = &step.deed {
            self.tally.ghl.add(action);
        }
        self.tally.changes.add(&step.deed);
        self.state.settle_image(step.image)?;
        self.remember(step, step.bm_id.as_deref())?;
        self.settled(step, Word::Updated)
    }

    pub(super) fn gone_here(&mut self, step: &Step) -> Result<(), StateError> {
        self.state.confirm_gone(&step.ghl_id)?;
        let message = "the contact was deleted in HighLevel while the run went on";
        self.give_up(step, "gone", message)
    }

    /// Links a new HighLevel contact, and lets its record carry the id.
    fn created_here(
        &mut self,
        step: Step,
        id: &str,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        if let Deed::WriteGhl(action) = &step.deed {
            self.tally.ghl.add(action);
        }
        self.tally.changes.add(&step.deed);
        let bm_id = step.bm_id.clone();
        self.note_creation(Side::Ghl, id, bm_id.as_deref())?;
        self.made_here(id, &step)?;
        let linked = Step {
            ghl_id: id.to_owned(),
            deed: Deed::Remember,
            ..step
        };
        self.settled(&linked, Word::Created)?;
        self.remember(&linked, bm_id.as_deref())?;
        self.store_id(linked, follows)
    }

    fn owes_nothing(&self, step: &Step) -> Result<(), StateError> {
        let record = step.bm_id.as_deref().map(Pending::Stranger);
        record.map_or(Ok(()), |record| self.state.set_pending(record, false))
    }

    /// Lets a record carry the id of the HighLevel contact that was made for it. Until it does, the
    /// record is pending, so that a run that is cut off here owes it.
    fn store_id(&mut self, linked: Step, follows: &mut Vec<Follow>) -> Result<(), StateError> {
        let id_field = &self.resolved.policy.id_field;
        let id = FieldValue::Text(linked.ghl_id.clone());
        let mut set = linked.afterwards.clone();
        set.extend(id_field.iter().map(|tag| (tag.clone(), id.clone())));
        let Some(bm_id) = linked.bm_id.clone().filter(|_| !set.is_empty()) else {
            return self.owes_nothing(&linked);
        };
        let change = Change {
            set,
            ..Change::default()
        };
        let base = linked.base.clone().map(|mut base| {
            let given = linked.afterwards.iter().cloned();
            base.fields
                .extend(given.map(|(tag, value)| (tag, Some(value))));
            base.id_stored = id_field.is_some();
            base
        });
        let carries = Step { base, ..linked };
        let task = Task::Update { id: bm_id, change };
        follows.push(Follow::ask(task, Waiting::StoreId(carries)));
        Ok(())
    }

    /// Links a record with the HighLevel contact that turned out to have its address, and brings the
    /// two in step.
    fn adopt_here(
        &mut self,
        step: Step,
        contact: &Contact,
        ours: bool,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        if contact.email.as_deref().and_then(email_key) != step.email {
            // Found by an additional address, which says nothing of whose record this is.
            return self.give_up(
                &step,
                ADDITIONAL_EMAIL,
                "the address is an additional one of a contact with another primary address",
            );
        }
        let link: Option<Link<Base>> = self.state.link(&contact.id)?;
        if link.is_some_and(|l| l.bm_id.is_some()) {
            return self.hold(
                &step,
                "email_taken",
                "the address belongs to a HighLevel contact that is linked to another record",
            );
        }
        self.stage_found(contact, true)?;
        let made = step.clone();
        let found = Step {
            ghl_id: contact.id.clone(),
            ..step
        };
        let Some(decision) = self.decide_fresh(&found)? else {
            return self.give_up(
                &found,
                "exists",
                "the contact changed while the run went on",
            );
        };
        let Some(base) = decision.base else {
            // Left out by itself.
            let reason = decision.skip.unwrap_or(Skip::DuplicateEmail);
            self.leave_out(&found.ghl_id, found.bm_id.as_deref(), reason)?;
            self.step_done();
            return Ok(());
        };
        // A creation that the service refused although it was done shows as somebody who is there and
        // wants for nothing.
        let id_alone = |update: &Update| {
            let mut left = update.clone();
            left.set
                .retain(|(tag, _)| Some(tag) != self.resolved.policy.id_field.as_ref());
            left.is_empty()
        };
        let agrees = match &decision.action {
            Action::Nothing => true,
            Action::Update { update, .. } => id_alone(update),
            Action::Create(_) | Action::Delete { .. } => false,
        };
        let ours = ours || agrees && decision.ghl == Action::Nothing;
        // What is not confirmed yet is not remembered: with only the link known, the next run would
        // compare the two as on first contact.
        let bare = Base::default();
        let writes = decision.action != Action::Nothing;
        let owed = Step {
            base: Some(base.clone()),
            deed: Deed::Remember,
            created: contact.created,
            ..found.clone()
        };
        let mut found = Step {
            base: Some(if writes { bare.clone() } else { base.clone() }),
            deed: Deed::Remember,
            created: contact.created,
            ..found
        };
        self.remember(&found, found.bm_id.as_deref())?;
        found.base = None;
        found.parts = true;
        if ours {
            self.tally.ghl.created += 1;
            self.tally.changes.add(&made.deed);
            self.note_creation(Side::Ghl, &found.ghl_id, found.bm_id.as_deref())?;
            self.made_here(&contact.id, &made)?;
        }
        let word = if ours { Word::Created } else { Word::Unchanged };
        self.word(&found, found.bm_id.as_deref(), word)?;
        let mut deeds: Vec<(Deed, Patch)> = split(decision.ghl, decision.ghl_patch)
            .into_iter()
            .map(|(action, patch)| (Deed::WriteGhl(action), patch))
            .collect();
        if writes {
            let patch = Patch::between(&bare, &base);
            deeds.push((Deed::Write(decision.action), patch));
        }
        match (ours, writes) {
            (true, false) => self.store_id(owed, follows)?,
            // It goes along, or the record belongs to somebody who was there before.
            _ => self.owes_nothing(&owed)?,
        }
        if deeds.is_empty() {
            self.step_done();
        }
        for (deed, patch) in deeds {
            let part = Step {
                patch: Some(patch),
                deed,
                ..found.clone()
            };
            if let Some((task, waiting)) = order(part) {
                follows.push(Follow::ask(task, waiting));
            }
        }
        Ok(())
    }

    fn step_done(&mut self) {
        self.carrying.done += 1;
    }

    // ---- what became of batches

    fn submitted(
        &mut self,
        batch: Batch,
        result: Result<Answer, RemoteError>,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        match result {
            Ok(Answer::Submitted(submission)) => {
                self.state.set_submission(batch.intent, &submission)?;
                follows.push(Follow::Poll(Sent {
                    batch,
                    submission,
                    at: Instant::now(),
                    polls: 0,
                    next: None,
                    explores: false,
                }));
                Ok(())
            }
            Err(e) if e.kind == RemoteErrorKind::Unclear => {
                follows.push(Follow::Settle(batch));
                Ok(())
            }
            Err(e) if e.kind == RemoteErrorKind::Rejected && batch.steps.len() > 1 => {
                // Somebody in there is refused and takes the others along: halve until alone.
                self.state.close_intent(batch.intent)?;
                let mut left = batch.steps;
                let right = left.split_off(left.len() / 2);
                for steps in [left, right] {
                    follows.push(Follow::Submit {
                        steps,
                        tries: batch.tries,
                    });
                }
                Ok(())
            }
            Err(e) => {
                self.state.close_intent(batch.intent)?;
                batch.open().try_for_each(|step| self.failed(&step, &e))
            }
            Ok(_) => {
                follows.push(Follow::Settle(batch));
                Ok(())
            }
        }
    }

    fn collected(
        &mut self,
        mut sent: Sent,
        result: Result<Answer, RemoteError>,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        sent.polls += 1;
        let waited = sent.at.elapsed();
        match result {
            Ok(Answer::Collected(Some(results))) => {
                self.carrying
                    .patience
                    .finished(waited, sent.polls, sent.explores);
                self.state.close_intent(sent.batch.intent)?;
                self.take_results(sent.batch, results, follows)
            }
            Ok(Answer::Collected(None))
            | Err(RemoteError {
                kind: RemoteErrorKind::Unavailable,
                ..
            }) => {
                if waited > BATCH_PATIENCE {
                    // The intent stays open: the next run asks for this batch before anything else.
                    return sent.batch.open().try_for_each(|step| {
                        self.give_up(
                            &step,
                            "batch_pending",
                            "BigMailer has not finished the batch; the next run asks again",
                        )
                    });
                }
                let again = self.carrying.patience.missed(waited, sent.explores);
                sent.next = Some(sent.at + again);
                sent.explores = false;
                follows.push(Follow::Poll(sent));
                Ok(())
            }
            // The results are not to be had; what was created can still be read.
            Ok(_) | Err(_) => {
                follows.push(Follow::Settle(sent.batch));
                Ok(())
            }
        }
    }

    fn take_results(
        &mut self,
        batch: Batch,
        results: Vec<ItemResult>,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        let mut results: HashMap<String, ItemOutcome> =
            results.into_iter().map(|r| (r.tag, r.outcome)).collect();
        for step in batch.open() {
            match results.remove(&step.ghl_id) {
                Some(ItemOutcome::Stored(id)) if !id.is_empty() => self.created(&step, &id)?,
                Some(ItemOutcome::Refused { code, message }) => {
                    if code.as_deref() == Some("resource_already_exists") {
                        let email = step.email.clone().unwrap_or_default();
                        follows.push(Follow::ask(Task::FindBm(email), Waiting::Exists(step)));
                    } else if code.as_deref() == Some("invalid_format") && names_address(&message) {
                        self.unusable(&step)?;
                    } else {
                        let message = without_addresses(&message);
                        let message = format!("BigMailer refused the contact: {message}");
                        self.give_up(&step, code.as_deref().unwrap_or("rejected"), &message)?;
                    }
                }
                // Not said under which id, or not said at all: look.
                Some(ItemOutcome::Stored(_)) | None => {
                    let email = step.email.clone().unwrap_or_default();
                    follows.push(Follow::ask(
                        Task::FindBm(email),
                        Waiting::Unclear { step, tries: 0 },
                    ));
                }
            }
        }
        Ok(())
    }

    fn settle_batch(
        &mut self,
        batch: Batch,
        found: Vec<Contact>,
        complete: bool,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        self.state.close_intent(batch.intent)?;
        let mut found: HashMap<String, Contact> = found
            .into_iter()
            .filter_map(|c| Some((c.email.as_deref().and_then(email_key)?, c)))
            .collect();
        let mut absent = Vec::new();
        for step in batch.open() {
            match step.email.as_ref().and_then(|email| found.remove(email)) {
                Some(contact) => self.adopt(step, &contact, true, follows)?,
                // Not proven absent: only a single creation is sure not to touch anybody.
                None if !complete => {
                    if let Some((task, waiting)) = order(step) {
                        follows.push(Follow::ask(task, waiting));
                    }
                }
                None if batch.tries < 1 => absent.extend(Packed::of(&step)),
                None => self.give_up(
                    &step,
                    "unclear",
                    "the answer to the batch was lost twice and the contact is not there",
                )?,
            }
        }
        if !absent.is_empty() {
            follows.push(Follow::Submit {
                steps: absent,
                tries: batch.tries + 1,
            });
        }
        Ok(())
    }

    // ---- beginnings and ends

    /// Batches that an interrupted run left behind: waits until they are worked off, so that reading
    /// the brand tells what they did. Returns the intents that such a reading settles.
    pub(super) fn await_old_batches(&mut self) -> Result<Vec<i64>, Halt> {
        let mut settled = Vec::new();
        for intent in self.state.intents()? {
            let age = u64::try_from(self.now().saturating_sub(intent.at)).unwrap_or(0);
            let landed = match &intent.submission {
                Some(_) if Duration::from_millis(age) > OLD_BATCH_MAX => true,
                Some(submission) => self.await_batch(submission)?,
                None => self.await_unknown(&intent)?,
            };
            if landed {
                settled.push(intent.id);
            } else {
                self.carrying.singly = true;
                self.carrying.early_refused = true;
            }
        }
        Ok(settled)
    }

    /// Creations in HighLevel that an interrupted run left behind: where the location itself does
    /// not refuse a second contact with the same address, the run waits until reading shows what
    /// became of them.
    pub(super) fn await_old_makings(&mut self) -> Result<(), Halt> {
        let Some(at) = self.state.last_making()? else {
            return Ok(());
        };
        // Not being able to ask is a reason to be careful.
        if !self.sides.ghl.refuses_duplicates().unwrap_or(false) {
            let patience = self.options.first_poll.unwrap_or(UNKNOWN_CREATION);
            let left = left_of(patience, at, self.now());
            if left > Duration::from_millis(500) {
                self.progress.say(&format!(
                    "the last run was cut off while it created a contact in HighLevel; waiting {} s for it to show before looking",
                    left.as_secs().max(1)
                ));
            }
            self.stop.wait(left);
            self.go_on()?;
        }
        self.state.close_makings()?;
        Ok(())
    }

    /// Polls a batch until it is worked off, or for as long as there is patience.
    fn await_batch(&mut self, submission: &str) -> Result<bool, Halt> {
        let began = Instant::now();
        loop {
            self.go_on()?;
            let mut finished = false;
            self.ask_all(
                [Task::Collect(submission.to_owned())].into_iter(),
                |_, _, answer| {
                    finished = !matches!(answer, Answer::Collected(None));
                    Ok(())
                },
            )
            .or_else(|halt| match halt {
                // It is not known any more, or not to be read: the listing will tell.
                Halt::Remote(e)
                    if matches!(e.kind, RemoteErrorKind::Gone | RemoteErrorKind::Rejected) =>
                {
                    finished = true;
                    Ok(())
                }
                other => Err(other),
            })?;
            let waited = began.elapsed();
            if finished || waited > OLD_BATCH_PATIENCE {
                return Ok(finished);
            }
            self.stop
                .wait((waited / 2).clamp(Duration::from_millis(100), Duration::from_secs(5)));
        }
    }

    /// A batch may have been accepted although its answer never reached us: gives it the time to
    /// land.
    fn await_unknown(&mut self, intent: &Intent) -> Result<bool, Halt> {
        let learnt = self.carrying.patience.believed() * 3;
        let patience = self.options.first_poll.unwrap_or(learnt.max(UNKNOWN_BATCH));
        let left = left_of(patience, intent.at, self.now());
        if left > Duration::from_millis(500) {
            self.progress.say(&format!(
                "the last run was cut off while it handed over a batch; waiting {} s for it to land before looking",
                left.as_secs().max(1)
            ));
        }
        self.stop.wait(left);
        self.go_on()?;
        Ok(true)
    }

    /// Asks many questions at once and hands each answer to `see`; the first error ends it.
    pub(super) fn ask_all(
        &mut self,
        tasks: impl Iterator<Item = Task>,
        mut see: impl FnMut(&mut Self, Task, Answer) -> Result<(), StateError>,
    ) -> Result<(), Halt> {
        let mut tasks = tasks.peekable();
        let mut asked: HashMap<u64, Task> = HashMap::new();
        while tasks.peek().is_some() || !asked.is_empty() {
            self.go_on()?;
            while asked.len() < WRITES_OPEN
                && let Some(task) = tasks.next()
            {
                let ticket = self.carrying.send(task.clone(), Waiting::Asked);
                asked.insert(ticket, task);
            }
            // Pages never come between questions.
            if let Some(Event::Answered(answered)) = self.next_event() {
                match asked.remove(&answered.ticket) {
                    Some(task) => {
                        self.carrying.waiting.remove(&answered.ticket);
                        see(self, task, answered.result?)?;
                    }
                    None => self.take_answers(answered)?,
                }
            }
        }
        Ok(())
    }

    /// After a stop or a fatal error: saves what is still coming in, begins nothing new.
    pub(super) fn finish_in_flight(&mut self) -> Result<(), StateError> {
        self.stop.ask(Why::Failed);
        self.carrying.draining = true;
        self.carrying.sent.clear();
        self.carrying.unsettled.clear();
        while !self.carrying.waiting.is_empty() {
            match self.next_event() {
                Some(Event::Answered(answered)) => match self.take_answers(answered) {
                    Ok(()) => {}
                    Err(Halt::State(e)) => return Err(e),
                    Err(_) => {}
                },
                Some(_) => {}
                None if self.carrying.events.is_none() => break,
                None => {}
            }
        }
        Ok(())
    }

    /// What this run learnt about batches shortens the next one's wait a little each time, and a
    /// poll that came too early lengthens it.
    fn keep_lesson(&self) -> Result<(), StateError> {
        let Some(takes) = self.carrying.patience.lesson() else {
            return Ok(());
        };
        let millis = takes.as_millis();
        self.state.set_meta(fact::BATCH_MS, &millis.to_string())
    }
}

/// What is left of a time that began at `at`.
fn left_of(patience: Duration, at: i64, now: i64) -> Duration {
    // A beginning in the future means that a clock jumped: wait the full time.
    let age = u64::try_from(now.saturating_sub(at)).unwrap_or(0);
    patience.saturating_sub(Duration::from_millis(age))
}

/// What a step leaves behind in the state.
fn link_of(step: &Step, bm_id: Option<&str>) -> Link<Base> {
    Link {
        ghl_id: step.ghl_id.clone(),
        bm_id: bm_id.map(str::to_owned),
        email: step.email.clone(),
        created: step.created,
        blocked: step.blocked,
        scoped: step.scoped,
        gone: step.gone,
        base: bm_id.and(step.base.clone()),
    }
}

/// The opt-out of an update that says more than that.
fn opt_out_alone(step: &Step) -> Option<Task> {
    let Deed::Write(Action::Update { id, update }) = &step.deed else {
        return None;
    };
    let alone = Update {
        opt_out: update.opt_out,
        ..Update::default()
    };
    (update.opt_out.is_some() && *update != alone).then(|| Task::Update {
        id: id.clone(),
        change: change(&alone),
    })
}

/// The tags that a step adds (or takes), if that is all it does.
fn retags(step: &Step) -> Option<(bool, Vec<String>)> {
    let Deed::WriteGhl(Action::Update { update, .. }) = &step.deed else {
        return None;
    };
    let tags_alone = Update {
        join: update.join.clone(),
        leave: update.leave.clone(),
        ..Update::default()
    };
    if *update != tags_alone {
        return None;
    }
    match (update.join.is_empty(), update.leave.is_empty()) {
        (false, true) => Some((true, update.join.clone())),
        (true, false) => Some((false, update.leave.clone())),
        _ => None,
    }
}

/// The call for a planned write.
fn order(step: Step) -> Option<(Task, Waiting)> {
    let task = match &step.deed {
        Deed::Write(Action::Update { id, update }) => Task::Update {
            id: id.clone(),
            change: change(update),
        },
        Deed::Write(Action::Create(_)) => Task::Create(draft(&step)?),
        Deed::Write(Action::Delete { id }) => Task::Delete(id.clone()),
        Deed::WriteGhl(Action::Update { id, update }) => Task::UpdateGhl {
            id: id.clone(),
            change: change(update),
        },
        Deed::WriteGhl(Action::Create(_)) => Task::CreateGhl(draft(&step)?),
        Deed::Write(Action::Nothing)
        | Deed::WriteGhl(_)
        | Deed::Thing(_)
        | Deed::Remember
        | Deed::Cede
        | Deed::Forget
        | Deed::Bury { .. } => {
            return None;
        }
    };
    let waiting = match &task {
        Task::Update { .. } => Waiting::Update(step),
        Task::Delete(_) => Waiting::Delete(step),
        Task::UpdateGhl { .. } => Waiting::UpdateGhl(step),
        Task::CreateGhl(_) => Waiting::CreateGhl { step, tries: 0 },
        _ => Waiting::Create { step, tries: 0 },
    };
    Some((task, waiting))
}

fn draft(step: &Step) -> Option<Draft> {
    let (Deed::Write(Action::Create(create)) | Deed::WriteGhl(Action::Create(create))) = &step.deed
    else {
        return None;
    };
    let Create {
        email,
        values,
        lists,
        opted_out,
    } = create;
    Some(Draft {
        tag: step.key().to_owned(),
        email: email.clone(),
        values: values.clone(),
        groups: lists.clone(),
        opted_out: opted_out.is_some(),
    })
}

fn change(update: &Update) -> Change {
    Change {
        email: update.email.clone(),
        set: update.set.clone(),
        clear: update.clear.clone(),
        join: update.join.clone(),
        leave: update.leave.clone(),
        opt_out: update.opt_out.is_some(),
    }
}

/// A service's sentence without the addresses it repeats: reports carry ids only.
pub fn without_addresses(sentence: &str) -> String {
    sentence
        .split(' ')
        .map(|word| {
            if word.contains('@') {
                "[address]"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a service's sentence is about an address rather than about a field.
fn names_address(sentence: &str) -> bool {
    let sentence = sentence.to_lowercase();
    ["email", "e-mail", "@"]
        .iter()
        .any(|word| sentence.contains(word))
}

/// Errors that say something about the service or the account rather than about one person.
pub(super) fn is_fatal(error: &RemoteError) -> bool {
    matches!(
        error.kind,
        RemoteErrorKind::Auth
            | RemoteErrorKind::Quota
            | RemoteErrorKind::Stopped
            | RemoteErrorKind::Nonsense
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_lately_is_given_its_time() {
        let left = |at: i64, now: i64| left_of(Duration::from_secs(90), at, now).as_secs();
        assert_eq!(left(1_000_000, 1_000_000), 90);
        assert_eq!(left(1_000_000, 1_030_000), 60);
        assert_eq!(left(1_000_000, 9_000_000), 0);
        assert_eq!(left(9_000_000, 1_000_000), 90, "a clock that jumped");
    }

    #[test]
    fn a_service_that_repeats_an_address_does_not_put_it_into_the_report() {
        let said = without_addresses("email is not valid: höcker@exämple.de (item 3)");
        assert_eq!(said, "email is not valid: [address] (item 3)");
        assert!(names_address("Email is not valid") && names_address("x@y.z is wrong"));
        assert!(!names_address("field RENEWAL is no date"));
    }
}
