//! Reading both sides into the staging tables.
//!
//! Readers run on their own threads, apply the rules to each page there, and hand the results to
//! the deciding thread, which alone touches the state. While a large first run is still reading,
//! people proven absent are already being created. Start reading at [`Run::read`].

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::mpsc::SyncSender;
use std::thread::Scope;

use crate::contact::{Block, Consent, Contact, FieldValue, Side, email_key, is_usable_email};
use crate::mapping::derived::{BUSINESS_ID, Derived};
use crate::mapping::{self, Trigger};
use crate::plan::{Address, Base, Cell};
use crate::remote::{Listed, Listing, Page, RemoteErrorKind};
use crate::state::{Link, Staged, StagedMirror, StateError};

use super::carry::{Answer, Event, Task};
use super::events::note_text;
use super::planning::Step;
use super::{Halt, MirrorView, Mode, Push, Resolved, Run, SourceView, fact, or_tell, problem};

/// A first run over more contacts than this creates while it reads; below, reading takes only a
/// moment and everything is known before the first write.
const EARLY_FROM: u64 = 20_000;

/// Contacts that one call of a listing shows (HighLevel docs, contacts search; BigMailer reference,
/// list contacts).
pub(super) const GHL_PAGE: u64 = 500;
pub(super) const BIGMAILER_PAGE: u64 = 100;

/// So many new BigMailer contacts are asked for one by one, however few are linked.
const FEW_NEWCOMERS: usize = 20;

/// What was read, and how far it can be trusted.
#[derive(Debug, Default, Clone)]
pub(super) struct Reading {
    /// HighLevel's clock when its listing began.
    pub as_of: Option<i64>,
    /// Every HighLevel contact was delivered.
    pub ghl_complete: bool,
    /// BigMailer contacts were read, all or those that matter.
    pub bigmailer_listed: bool,
    /// Every BigMailer contact was delivered: absence means something.
    pub bigmailer_complete: bool,
    /// Links before the run.
    pub linked: u64,
    /// BigMailer's clock when its listing began.
    pub bigmailer_as_of: Option<i64>,
    /// BigMailer contacts made since the last run whom HighLevel, asked directly, does not know.
    pub newcomers: HashSet<String>,
    /// Everybody of a file was asked for on the other side.
    pub asked_for_all: bool,
    ghl_total: Option<u64>,
    /// Creating while reading: sequence number of the last staged contact that was looked at.
    pub early: Option<i64>,
}

impl<'a> Run<'a> {
    /// Stages what this run has to look at.
    pub(super) fn read<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        events: &SyncSender<Event>,
    ) -> Result<Reading, Halt> {
        let mut reading = Reading {
            linked: self.state.linked()?,
            ..Reading::default()
        };
        if !self.options.only.is_empty() {
            self.read_only(&mut reading)?;
            return Ok(reading);
        }
        if let Some(push) = self.options.push {
            self.read_file(scope, events, &mut reading, push)?;
            return Ok(reading);
        }
        if let Some(apply) = self.options.apply {
            self.read_saved(scope, events, &mut reading, apply)?;
            return Ok(reading);
        }
        let mut open = 1;
        match self.mode {
            Mode::Full => {
                self.start_reader(scope, events, Side::Ghl, Listing::Full);
                self.start_reader(scope, events, Side::Bigmailer, Listing::Full);
                reading.bigmailer_listed = true;
                open = 2;
            }
            Mode::Incremental => {
                let cursor: i64 = self
                    .state
                    .meta(fact::CURSOR)?
                    .and_then(|v| v.parse().ok())
                    .unwrap_or(0);
                let lookback =
                    i64::try_from(self.resolved.profile.sync.lookback.as_millis()).unwrap_or(0);
                self.start_reader(
                    scope,
                    events,
                    Side::Ghl,
                    Listing::Since(cursor.saturating_sub(lookback)),
                );
                if self.resolved.policy.reads_bigmailer() {
                    self.start_reader(scope, events, Side::Bigmailer, Listing::Full);
                    reading.bigmailer_listed = true;
                    open = 2;
                }
            }
        }
        self.receive(&mut reading, open)?;
        self.read_written()?;
        if self.resolved.policy.reads_bigmailer() {
            self.read_moved()?;
            if self.mode == Mode::Incremental && !self.ask_for_newcomers(&mut reading)? {
                // So many of them that reading everybody costs less.
                self.start_reader(scope, events, Side::Ghl, Listing::Full);
                self.mode = Mode::Full;
                self.receive(&mut reading, 1)?;
                self.read_written()?;
            }
        }
        self.look_for_won()?;
        if self.mode == Mode::Incremental {
            self.read_concerned()?;
        }
        if let Some(after) = reading.early {
            self.create_early(&mut reading, after, true)?;
            self.settle_all()?;
        }
        self.state.index_ghl()?;
        self.state.index_bm()?;
        self.tally.read_ghl = self.state.staged_ghl_count()?;
        self.tally.read_bigmailer = self.state.staged_bm_count()?;
        Ok(reading)
    }

    /// Stages a file, and those whom it concerns on the other side: one by one, or by reading all of
    /// them where that takes fewer calls.
    fn read_file<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        events: &SyncSender<Event>,
        reading: &mut Reading,
        push: Push,
    ) -> Result<(), Halt> {
        self.start_reader(scope, events, push.file, Listing::Full);
        self.receive(reading, 1)?;
        reading.bigmailer_listed = true;
        let (rows, a_call, other) = match push.file {
            Side::Ghl => (
                self.state.staged_ghl_count()?,
                BIGMAILER_PAGE,
                Side::Bigmailer,
            ),
            Side::Bigmailer => (self.state.staged_bm_count()?, GHL_PAGE, Side::Ghl),
        };
        // A file that lacks somebody does not mean that somebody is gone.
        reading.ghl_complete &= push.file != Side::Ghl;
        reading.asked_for_all = rows <= push.others.div_ceil(a_call);
        match (reading.asked_for_all, other) {
            (true, Side::Bigmailer) => self.ask_bigmailer()?,
            (true, Side::Ghl) => self.ask_highlevel()?,
            (false, other) => {
                self.start_reader(scope, events, other, Listing::Full);
                self.receive(reading, 1)?;
            }
        }
        self.state.index_ghl()?;
        self.state.index_bm()?;
        self.tally.read_ghl = self.state.staged_ghl_count()?;
        self.tally.read_bigmailer = self.state.staged_bm_count()?;
        Ok(())
    }

    /// Asks BigMailer for everybody of the file.
    fn ask_bigmailer(&mut self) -> Result<(), Halt> {
        let mut after = 0;
        loop {
            let part = self.state.staged_after::<SourceView>(after, 500, false)?;
            let Some((seq, _)) = part.last() else {
                return Ok(());
            };
            after = *seq;
            let usable = part.into_iter().filter(|(_, row)| row.usable);
            let tasks: Vec<Task> = usable
                .filter_map(|(_, row)| row.email.map(Task::FindBm))
                .collect();
            self.ask_all(tasks.into_iter(), |run, _, answer| {
                if let Answer::Contact(Some(contact)) = answer {
                    run.state.stage_bm(&stage_mirror(run.resolved, &contact))?;
                }
                Ok(())
            })?;
        }
    }

    /// Asks HighLevel for everybody of the file: by the id that a row names, else by the address.
    fn ask_highlevel(&mut self) -> Result<(), Halt> {
        let mut after = String::new();
        loop {
            let part = self.state.strangers::<MirrorView>(&after, 500)?;
            let Some(last) = part.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            let tasks: Vec<Task> = part
                .into_iter()
                .filter_map(|row| match (row.ghl_id, row.email) {
                    (Some(id), _) => Some(Task::ReadGhl(id)),
                    (None, Some(email)) => Some(Task::FindGhl(email)),
                    (None, None) => None,
                })
                .collect();
            self.ask_all(tasks.into_iter(), |run, task, answer| {
                match (task, answer) {
                    (task, Answer::Contact(Some(contact))) => {
                        run.stage_found(&contact, matches!(task, Task::ReadGhl(_)))?;
                    }
                    (Task::ReadGhl(id), Answer::Contact(None)) => run.state.confirm_gone(&id)?,
                    _ => {}
                }
                Ok(())
            })?;
        }
    }

    /// Lists BigMailer after all, because singly proving so many people absent would cost more.
    pub(super) fn list_bigmailer<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        events: &SyncSender<Event>,
        reading: &mut Reading,
    ) -> Result<(), Halt> {
        self.start_reader(scope, events, Side::Bigmailer, Listing::Full);
        reading.bigmailer_listed = true;
        self.receive(reading, 1)?;
        self.state.index_bm()?;
        self.tally.read_bigmailer = self.state.staged_bm_count()?;
        Ok(())
    }

    pub(super) fn start_reader<'scope>(
        &self,
        scope: &'scope Scope<'scope, 'a>,
        events: &SyncSender<Event>,
        side: Side,
        listing: Listing,
    ) {
        let (sides, resolved, events) = (self.sides, self.resolved, events.clone());
        scope.spawn(move || {
            let receiver = |page: Page| {
                let total = page.total;
                let event = match side {
                    Side::Ghl => {
                        let rows = page
                            .contacts
                            .iter()
                            .map(|c| stage_source(resolved, c))
                            .collect();
                        Event::Sources { rows, total }
                    }
                    Side::Bigmailer => {
                        let rows = page
                            .contacts
                            .iter()
                            .map(|c| stage_mirror(resolved, c))
                            .collect();
                        Event::Mirrors { rows, total }
                    }
                };
                // Nobody listens any more: the run is over.
                if events.send(event).is_err() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let remote = match side {
                Side::Ghl => sides.ghl,
                Side::Bigmailer => sides.bigmailer,
            };
            let call = || remote.list(&listing, &receiver);
            let listed = or_tell(side, call, |error| {
                let listed = Err(error);
                let _ = events.send(Event::Listed { side, listed });
            });
            // The same: without a listener the answer matters to nobody.
            let _ = events.send(Event::Listed { side, listed });
        });
    }

    /// Takes pages until `open` listings have ended.
    pub(super) fn receive(&mut self, reading: &mut Reading, mut open: usize) -> Result<(), Halt> {
        let (mut sources, mut mirrors) = (0u64, 0u64);
        while open > 0 {
            self.go_on()?;
            let Some(event) = self.next_event() else {
                continue;
            };
            match event {
                Event::Sources { rows, total } => {
                    sources += rows.len() as u64;
                    reading.ghl_total = total.or(reading.ghl_total);
                    self.state.transaction(|| {
                        rows.iter()
                            .try_for_each(|row| self.state.stage_ghl(row).map(drop))
                    })?;
                    self.progress.reading(Side::Ghl, sources, total);
                }
                Event::Mirrors { rows, total } => {
                    mirrors += rows.len() as u64;
                    self.state
                        .transaction(|| rows.iter().try_for_each(|row| self.state.stage_bm(row)))?;
                    self.progress.reading(Side::Bigmailer, mirrors, total);
                }
                Event::Listed { side, listed } => {
                    open -= 1;
                    self.ended(reading, side, listed?)?;
                }
                Event::Answered(answered) => self.take_answers(answered)?,
            }
            self.start_early(reading)?;
            if let Some(after) = reading.early {
                self.create_early(reading, after, false)?;
            }
        }
        Ok(())
    }

    fn ended(&mut self, reading: &mut Reading, side: Side, listed: Listed) -> Result<(), Halt> {
        match side {
            Side::Ghl => {
                // An incomplete listing is no ground for the next window.
                reading.as_of = listed.as_of.filter(|_| listed.complete);
                reading.ghl_complete = listed.complete && self.mode == Mode::Full;
                if !listed.complete {
                    self.progress.say(
                        "HighLevel's listing was not consistent; the next run reads the same again",
                    );
                }
            }
            Side::Bigmailer => {
                reading.bigmailer_complete = listed.complete;
                reading.bigmailer_as_of = listed.as_of;
                if !listed.complete {
                    self.progress.say(
                        "BigMailer's listing was not consistent; nobody is taken for absent in this run",
                    );
                }
            }
        }
        Ok(())
    }

    /// Starts creating while reading, where nothing can be spoilt by it: nothing is known of
    /// anybody, the brand is empty, and HighLevel itself refuses second contacts with one address.
    /// (The few that exist all the same are put right by the plan at the end.)
    fn start_early(&mut self, reading: &mut Reading) -> Result<(), Halt> {
        let policy = &self.resolved.policy;
        let wanted = reading.early.is_none()
            && self.mode == Mode::Full
            && reading.bigmailer_complete
            && reading
                .ghl_total
                .is_some_and(|t| t > self.options.early_from.unwrap_or(EARLY_FROM))
            && !self.options.dry_run
            && self.options.apply.is_none()
            && policy.create
            // Derived values come after reading, and with them everybody would be written twice.
            && self.needs.is_empty()
            && !self.carrying.early_refused;
        if !wanted {
            return Ok(());
        }
        let possible = self.state.is_empty()?
            && self.state.staged_bm_count()? == 0
            && match self.sides.ghl.refuses_duplicates() {
                Ok(refuses) => refuses,
                // Not being allowed to ask is no reason to fail; it is one to be careful.
                Err(e) if matches!(e.kind, RemoteErrorKind::Auth | RemoteErrorKind::Rejected) => {
                    false
                }
                Err(e) => return Err(e.into()),
            };
        self.carrying.early_refused = !possible;
        if possible {
            self.state.index_ghl()?;
            self.carrying.patience.expect_many();
            reading.early = Some(0);
        }
        Ok(())
    }

    /// Submits full batches of staged people; at the end also the rest.
    fn create_early(
        &mut self,
        reading: &mut Reading,
        mut after: i64,
        last: bool,
    ) -> Result<(), Halt> {
        loop {
            if !self.room_for_batch() {
                if !last {
                    break;
                }
                self.settle_some()?;
                continue;
            }
            let part =
                self.state
                    .staged_after::<SourceView>(after, self.carrying.batch_size, false)?;
            if part.is_empty() || (!last && part.len() < self.carrying.batch_size) {
                break;
            }
            let mut steps = Vec::with_capacity(part.len());
            for (seq, row) in part {
                after = seq;
                if let Some(email) = &row.email
                    && !self.state.address_is_staged(email, &row.id)?
                    && let Some(step) = self.early_step(&row)
                {
                    for sentence in &row.view.bad {
                        self.state
                            .note(&problem(&row.id, None, "invalid_value", sentence))?;
                    }
                    steps.push(step);
                }
            }
            if !steps.is_empty() {
                self.submit(&steps)?;
            }
        }
        reading.early = Some(after);
        Ok(())
    }

    fn early_step(&self, row: &Staged<SourceView>) -> Option<Step> {
        if row.view.consent_unknown {
            return None;
        }
        Step::create_early(&self.resolved.policy, row)
    }

    /// Reads those HighLevel contacts that nothing else led to, but whose records have something to
    /// tell them.
    pub(super) fn read_moved(&mut self) -> Result<(), Halt> {
        let mut after = String::new();
        let mut moved = Vec::new();
        loop {
            self.go_on()?;
            let part = self
                .state
                .linked_and_unseen::<MirrorView, Base>(&after, 500)?;
            let Some((last, _)) = part.last() else { break };
            after.clone_from(&last.id);
            for (row, link) in part {
                if self.has_events(&row, &link.ghl_id)? || self.has_moved(row, &link) {
                    moved.push(link.ghl_id);
                }
            }
        }
        self.read_directly(moved)
    }

    /// Reads those singly to whom a recent run has written, on either side, and whom the listing does
    /// not show as that run left them. It knew them from single reads; search may be later than that
    /// (`lookback` says how late), and old values must not be taken for somebody's change.
    fn read_written(&mut self) -> Result<(), Halt> {
        if !self.resolved.policy.reads_bigmailer() {
            // Whatever is known of HighLevel is known from search.
            return Ok(());
        }
        let lookback = i64::try_from(self.resolved.profile.sync.lookback.as_millis()).unwrap_or(0);
        let since = self.now().saturating_sub(lookback);
        let mut late = BTreeSet::new();
        let mut after = 0;
        loop {
            self.go_on()?;
            let part = self.state.written_since(since, after, 500)?;
            let Some((seq, _)) = part.last() else { break };
            after = *seq;
            for (_, id) in part {
                if self.departs_from_base(&id)? {
                    late.insert(id);
                }
            }
        }
        self.ask_all(late.into_iter().map(Task::ReadGhl), |run, _, answer| {
            if let Answer::Contact(Some(contact)) = answer {
                run.stage_found(&contact, true)?;
            }
            Ok(())
        })
    }

    /// Asks HighLevel for BigMailer contacts that were made since the last run and belong to nobody;
    /// whoever is found is staged, the others are newcomers. False when there are so many that
    /// reading everybody costs less.
    fn ask_for_newcomers(&mut self, reading: &mut Reading) -> Result<bool, Halt> {
        if !self.resolved.policy.create_in_ghl || !reading.bigmailer_complete {
            return Ok(true);
        }
        let last: i64 = self
            .state
            .meta(fact::LISTED)?
            .and_then(|v| v.parse().ok())
            .unwrap_or(0);
        let lookback = i64::try_from(self.resolved.profile.sync.lookback.as_millis()).unwrap_or(0);
        let since = last.saturating_sub(lookback);
        let again: BTreeSet<String> = self.state.pending_strangers()?.into_iter().collect();
        let many = usize::try_from(reading.linked / 250).unwrap_or(usize::MAX) + FEW_NEWCOMERS;
        let mut asked = Vec::new();
        let mut after = String::new();
        loop {
            self.go_on()?;
            let part = self.state.strangers::<MirrorView>(&after, 500)?;
            let Some(last) = part.last() else { break };
            after.clone_from(&last.id);
            for row in part {
                let new = row.created.is_none_or(|at| at >= since) || again.contains(&row.id);
                if let (Some(email), None, true) = (row.email, row.ghl_id, new) {
                    reading.newcomers.insert(row.id);
                    asked.push(Task::FindGhl(email));
                }
            }
            if asked.len() > many {
                reading.newcomers.clear();
                return Ok(false);
            }
        }
        self.ask_all(asked.into_iter(), |run, _, answer| {
            if let Answer::Contact(Some(contact)) = answer {
                run.stage_found(&contact, false)?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// Stages a HighLevel contact that was asked for.
    pub(super) fn stage_found(&self, contact: &Contact, direct: bool) -> Result<(), StateError> {
        let mut row = Staged {
            direct,
            ..stage_source(self.resolved, contact)
        };
        if !self.needs.is_empty()
            && let Some(before) = self.state.staged_ghl::<SourceView>(&contact.id)?
        {
            row.view.keep_derived(before.view);
        }
        self.state.stage_ghl(&row).map(drop)
    }

    /// An incremental window shows single contacts; this reads the others that their change
    /// concerns: people who share an old or new address with them, and people left over from the
    /// last run. Whom these concern in turn is read too.
    fn read_concerned(&mut self) -> Result<(), Halt> {
        let mut wanted: BTreeSet<String> = self.state.pending()?.into_iter().collect();
        let mut after = 0;
        loop {
            loop {
                let part = self.state.staged_after::<SourceView>(after, 500, false)?;
                let Some((seq, _)) = part.last() else { break };
                after = *seq;
                for (_, row) in &part {
                    let link: Option<Link<serde::de::IgnoredAny>> = self.state.link(&row.id)?;
                    let addresses: BTreeSet<&String> = row
                        .email
                        .iter()
                        .chain(link.iter().filter_map(|l| l.email.as_ref()))
                        .collect();
                    for address in addresses {
                        for other in self
                            .state
                            .links_by_email::<serde::de::IgnoredAny>(address)?
                        {
                            wanted.insert(other.ghl_id);
                        }
                    }
                }
            }
            let mut missing = Vec::new();
            for id in std::mem::take(&mut wanted) {
                if !self.state.is_staged(&id)? && !self.state.is_confirmed_gone(&id)? {
                    missing.push(id);
                }
            }
            if missing.is_empty() {
                return Ok(());
            }
            self.read_directly(missing)?;
        }
    }

    /// Reads HighLevel contacts by id: those that are there are staged, the others are noted as
    /// gone.
    pub(super) fn read_directly(&mut self, ids: Vec<String>) -> Result<(), Halt> {
        self.ask_all(ids.into_iter().map(Task::ReadGhl), |run, task, answer| {
            match (task, answer) {
                (_, Answer::Contact(Some(contact))) => run.stage_found(&contact, true)?,
                (Task::ReadGhl(id), Answer::Contact(None)) => run.state.confirm_gone(&id)?,
                _ => {}
            }
            Ok(())
        })
    }

    /// Reads exactly the people asked for.
    fn read_only(&mut self, reading: &mut Reading) -> Result<(), Halt> {
        let tasks: Vec<Task> = self
            .options
            .only
            .iter()
            .map(|word| {
                if word.contains('@') {
                    Task::FindGhl(word.clone())
                } else {
                    Task::ReadGhl(word.clone())
                }
            })
            .collect();
        self.ask_all(tasks.into_iter(), |run, task, answer| {
            let direct = matches!(task, Task::ReadGhl(_));
            let (Task::ReadGhl(word) | Task::FindGhl(word)) = task else {
                return Ok(());
            };
            match answer {
                Answer::Contact(Some(contact)) => run.stage_found(&contact, direct)?,
                Answer::Contact(None) => {
                    run.tally.people.failed += 1;
                    let shown = if word.contains('@') {
                        "the address asked for"
                    } else {
                        word.as_str()
                    };
                    run.state.note(&problem(
                        shown,
                        None,
                        "not_found",
                        "HighLevel does not know this contact",
                    ))?;
                }
                _ => {}
            }
            Ok(())
        })?;
        self.read_concerned()?;
        let mut tasks = Vec::new();
        for (_, row) in self
            .state
            .staged_after::<SourceView>(0, usize::MAX >> 1, false)?
        {
            let link: Option<Link<serde::de::IgnoredAny>> = self.state.link(&row.id)?;
            if let Some(id) = link.and_then(|l| l.bm_id) {
                tasks.push(Task::ReadBm(id));
            }
            if let Some(email) = row.email.filter(|_| row.usable) {
                tasks.push(Task::FindBm(email));
            }
        }
        self.ask_all(tasks.into_iter(), |run, task, answer| {
            match (task, answer) {
                (_, Answer::Contact(Some(contact))) => {
                    run.state.stage_bm(&stage_mirror(run.resolved, &contact))?;
                }
                (Task::ReadBm(id), Answer::Contact(None)) => run.state.confirm_gone(&id)?,
                _ => {}
            }
            Ok(())
        })?;
        reading.bigmailer_listed = true;
        self.state.index_ghl()?;
        self.state.index_bm()?;
        self.tally.read_ghl = self.state.staged_ghl_count()?;
        self.tally.read_bigmailer = self.state.staged_bm_count()?;
        Ok(())
    }

    /// Reads directly whatever is linked but was not listed, before anybody believes it is gone.
    pub(super) fn confirm_absences(&mut self, reading: &Reading) -> Result<(), Halt> {
        // People created while reading were not there when the (empty) brand was listed.
        if reading.bigmailer_listed && reading.early.is_none() {
            let missing = if reading.bigmailer_complete {
                self.state.missing_in_bm()?
            } else if self.resolved.policy.reads_bigmailer() {
                // Nobody is gone for that, but nothing can be decided without having looked.
                self.state.unlisted_of_staged()?
            } else {
                Vec::new()
            };
            let total = missing.len() as u64;
            let mut done = 0;
            self.ask_all(
                missing.into_iter().map(Task::ReadBm),
                |run, task, answer| {
                    done += 1;
                    run.progress.confirming(done, total);
                    match (task, answer) {
                        (_, Answer::Contact(Some(contact))) => {
                            run.state.stage_bm(&stage_mirror(run.resolved, &contact))?;
                        }
                        (Task::ReadBm(id), Answer::Contact(None)) => run.state.confirm_gone(&id)?,
                        _ => {}
                    }
                    Ok(())
                },
            )?;
        }
        if reading.ghl_complete {
            // Only these would lose their record to somebody else.
            let missing = self.state.missing_but_wanted()?;
            self.read_directly(missing)?;
        }
        Ok(())
    }

    /// The same for HighLevel contacts, needed only where the profile acts on deletions.
    pub(super) fn confirm_deletions(&mut self, missing: Vec<String>) -> Result<(), Halt> {
        self.read_directly(missing)
    }
}

/// A HighLevel contact through the rules.
pub(super) fn stage_source(resolved: &Resolved, contact: &Contact) -> Staged<SourceView> {
    let mapped = mapping::map(&resolved.profile, contact);
    let mut bad = Vec::new();
    let fields = mapped
        .fields
        .into_iter()
        .zip(&resolved.profile.fields)
        .map(|(value, rule)| match value {
            Ok(_) if Derived::by_word(&rule.ghl).is_some() => Cell::Unread,
            Ok(value) => Cell::Value(value),
            Err(e) => {
                bad.push(e.to_string());
                Cell::Bad
            }
        })
        .collect();
    let mut lists = vec![false; resolved.policy.lists.len()];
    let mut open = Vec::new();
    for (wanted, index) in mapped.lists.into_iter().zip(&resolved.list_of_rule) {
        match wanted {
            Ok(wanted) => lists[*index] |= wanted,
            Err(condition) => open.push((*index, condition)),
        }
    }
    open.retain(|(index, _)| !lists[*index]);
    let business = match contact.values.get(BUSINESS_ID) {
        Some(FieldValue::Text(id)) => Some(id.clone()),
        _ => None,
    };
    let email = contact.email.as_deref().and_then(email_key);
    Staged {
        id: contact.id.clone(),
        usable: email.as_deref().is_some_and(is_usable_email),
        email,
        created: contact.created,
        scoped: mapped.in_scope,
        blocked: contact.consent.is_blocked(),
        direct: false,
        done: None,
        view: SourceView {
            fields,
            lists,
            open,
            business,
            bad,
            unread: Vec::new(),
            consent_unknown: contact.consent == Consent::Unknown,
            events: resolved
                .profile
                .triggers()
                .map(|on| matches!(on, Trigger::TagAdded(tag) if has_tag(contact, tag)))
                .collect(),
        },
    }
}

fn has_tag(contact: &Contact, tag: &str) -> bool {
    contact
        .groups
        .iter()
        .any(|group| mapping::tag_key(group) == tag)
}

/// A BigMailer contact through the rules.
pub(super) fn stage_mirror(resolved: &Resolved, contact: &Contact) -> StagedMirror<MirrorView> {
    let policy = &resolved.policy;
    let ghl_id = policy
        .id_field
        .as_ref()
        .and_then(|tag| match contact.values.get(tag) {
            Some(FieldValue::Text(id)) if !id.is_empty() => Some(id.clone()),
            _ => None,
        });
    let value = |tag: &str| contact.values.get(tag).cloned();
    let mut bad = Vec::new();
    let mut meant = Vec::new();
    if resolved.policy.reads_bigmailer() {
        // Merge tags as the brand spells them, rules as the profile does: they go together.
        for (field, rule) in policy.fields.iter().zip(&resolved.profile.fields) {
            meant.push(match mapping::meant(rule, value(&field.tag)) {
                Ok(value) => Cell::Value(value),
                Err(e) => {
                    if rule.flow.direction.to_ghl() {
                        bad.push(e.to_string());
                    }
                    Cell::Bad
                }
            });
        }
    }
    StagedMirror {
        id: contact.id.clone(),
        email: contact.email.as_deref().and_then(email_key),
        ghl_id,
        created: contact.created,
        unsubscribed: matches!(contact.consent, Consent::Blocked(Block::Unsubscribed)),
        view: MirrorView {
            fields: policy
                .fields
                .iter()
                .map(|field| value(&field.tag))
                .collect(),
            meant,
            lists: policy
                .lists
                .iter()
                .map(|list| contact.groups.contains(&list.id))
                .collect(),
            barred: match contact.consent {
                Consent::Blocked(Block::Unsubscribed) | Consent::Allowed | Consent::Unknown => None,
                Consent::Blocked(why) => Some(why),
            },
            notes: policy
                .notes
                .iter()
                .map(|tag| note_text(contact.values.get(tag)))
                .collect(),
            bad,
        },
    }
}

/// The address of a staged contact as the decision sees it.
pub(super) fn address(row: &Staged<SourceView>) -> Address {
    match &row.email {
        None => Address::None,
        Some(_) if !row.usable => Address::Invalid,
        Some(email) => Address::Usable(email.clone()),
    }
}
