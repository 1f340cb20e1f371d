//! One run: read both sides, derive, plan, refuse or carry out, remember.
//!
//! Knows the order of steps, when to commit and which error ends a run. Knows no terminal, flag,
//! URL or SQL, and makes no decision about a person: that is [`crate::plan`]. One thread decides
//! and writes the state; a few threads wait for the services. Start reading at [`sync`]; notes, tasks
//! and mails are in [`events`].

mod carry;
mod changes;
mod derive;
mod events;
pub mod explain;
mod images;
mod patience;
mod planning;
mod read;
pub mod saved;
#[cfg(test)]
mod tests;
pub mod undo;

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::contact::{Block, FieldValue, Side};
use crate::mapping::derived::Needs;
use crate::mapping::{Condition, Profile};
use crate::plan::guard::{self, Brake};
use crate::plan::{Cell, Policy, Ruling, Skip};
use crate::remote::{Remote, RemoteError, RemoteErrorKind};
use crate::state::{Problem, State, StateError};
use crate::stop::{Stop, Why};

pub use carry::without_addresses;
use carry::{Carrying, Event, work};
pub use changes::{Changes, Count};
pub use derive::{Preview, preview};
use events::Events;
use read::Reading;

/// The two sides of a sync.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    pub ghl: &'a dyn Remote,
    pub bigmailer: &'a dyn Remote,
}

/// The profile with its names resolved against the services.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub profile: Profile,
    pub policy: Policy,
    /// For each list rule the index of its list in [`Policy::lists`].
    pub list_of_rule: Vec<usize>,
}

impl Resolved {
    /// Merge tags to read, as BigMailer spells them.
    pub fn wanted_targets(&self) -> Vec<String> {
        self.policy
            .fields
            .iter()
            .map(|field| &field.tag)
            .chain(&self.policy.id_field)
            .chain(&self.policy.notes)
            .cloned()
            .collect()
    }
}

/// What the caller wants of this run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Wall clock at the start, milliseconds since 1970; only for history and `full_every`.
    pub now: i64,
    pub dry_run: bool,
    pub full: bool,
    /// Ids or addresses; empty for everybody.
    pub only: Vec<String>,
    /// Let this run pass the brakes.
    pub pass_brakes: bool,
    /// How long a batch is believed to take when no earlier one taught better; the wait before its
    /// first poll.
    pub first_poll: Option<Duration>,
    /// A first run over more contacts than this creates while it still reads; `None`: a number
    /// where that pays.
    pub early_from: Option<u64>,
    /// Creations handed over at a time; `None`: as many as BigMailer takes.
    pub batch_size: Option<usize>,
    /// One of the sides is a file; the state must be one that remembers nobody.
    pub push: Option<Push>,
    /// Plan nothing for anybody whose record was not read: the plan is to be kept.
    pub read_all_planned: bool,
    /// Carry out the plan that [`saved::load`] has laid out, and nothing else.
    pub apply: Option<Apply>,
}

/// How a saved plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apply {
    /// Leave out those who have changed since, instead of refusing everything.
    pub allow_partial: bool,
    /// Contacts of each side that were read for it, to choose between asking for single ones and
    /// reading all.
    pub read_ghl: u64,
    pub read_bigmailer: u64,
}

/// A run whose source is a file in the place of one of the sides. What is not in it says nothing,
/// and nothing of it is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Push {
    /// Whose place the file takes.
    pub file: Side,
    /// Contacts of the other side, to choose between asking for single ones and reading all.
    pub others: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Full,
    Incremental,
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// Everything planned was carried out (single contacts may have failed).
    Complete,
    /// Refused before the first write.
    Braked(Brake),
    /// The same: so many of the people of a saved plan have changed since.
    Stale { moved: u64, of: u64 },
    /// Asked to stop; what was in flight was finished and saved.
    Stopped(Why),
    /// A service refused, ran out of quota or stayed away.
    Remote(RemoteError),
}

/// Counts of one run, as machine output names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub read_ghl: u64,
    pub read_bigmailer: u64,
    /// Writes to BigMailer, by kind.
    pub bm_created: u64,
    pub bm_updated: u64,
    pub bm_unsubscribed: u64,
    pub bm_deleted: u64,
    /// Transactional mails that BigMailer was told to send.
    pub bm_mails: u64,
    pub bm_failed: u64,
    /// Writes to HighLevel, by kind.
    pub ghl: GhlTally,
    pub people: People,
    pub skipped: BTreeMap<&'static str, u64>,
    /// Fields, lists and tags that were written; in a dry run none, see [`Changes::planned`].
    pub changes: Changes,
}

/// Writes to HighLevel, by kind; a contact that gets a do-not-disturb or tags counts as updated too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GhlTally {
    pub created: u64,
    pub updated: u64,
    pub dnd_set: u64,
    pub tags_added: u64,
    pub tags_removed: u64,
    pub notes_written: u64,
    pub tasks_created: u64,
    pub failed: u64,
}

/// Every person of either side once, under the strongest word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct People {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub skipped: u64,
    pub failed: u64,
    pub held: u64,
}

impl People {
    /// Each count with its word, as documents and figures name it.
    pub fn by_word(&self) -> [(&'static str, u64); 6] {
        [
            ("created", self.created),
            ("updated", self.updated),
            ("unchanged", self.unchanged),
            ("skipped", self.skipped),
            ("failed", self.failed),
            ("held", self.held),
        ]
    }

    pub fn total(&self) -> u64 {
        self.by_word().iter().map(|(_, count)| count).sum()
    }

    fn add(&mut self, other: &People) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.skipped += other.skipped;
        self.failed += other.failed;
        self.held += other.held;
    }

    fn of(&mut self, word: Word) -> &mut u64 {
        match word {
            Word::Unchanged => &mut self.unchanged,
            Word::Updated => &mut self.updated,
            Word::Created => &mut self.created,
            Word::Held => &mut self.held,
            Word::Failed => &mut self.failed,
        }
    }

    /// Takes a word back.
    fn uncount(&mut self, word: Word) {
        let count = self.of(word);
        *count = count.saturating_sub(1);
    }
}

/// What became of one person, the weakest word first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Unchanged,
    Updated,
    Created,
    Held,
    Failed,
}

impl Word {
    const ALL: [Word; 5] = [
        Word::Unchanged,
        Word::Updated,
        Word::Created,
        Word::Held,
        Word::Failed,
    ];

    /// As staged rows keep it.
    fn as_str(self) -> &'static str {
        match self {
            Word::Unchanged => "unchanged",
            Word::Updated => "updated",
            Word::Created => "created",
            Word::Held => "held",
            Word::Failed => "failed",
        }
    }

    fn read(text: &str) -> Option<Word> {
        Word::ALL.into_iter().find(|word| word.as_str() == text)
    }

    /// A value that could not be used outweighs what was written all the same.
    fn spoilt(self, bad: bool) -> Word {
        if bad { self.max(Word::Failed) } else { self }
    }
}

impl Tally {
    fn skip(&mut self, reason: Skip) {
        *self.skipped.entry(reason.as_str()).or_default() += 1;
        self.people.skipped += 1;
    }
}

/// The kinds of writes a plan holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planned {
    pub creates: u64,
    pub updates: u64,
    /// Among the creates and updates.
    pub unsubscribes: u64,
    /// Mails to be sent.
    pub mails: u64,
    /// The same for HighLevel.
    pub ghl: GhlTally,
    /// The words that people get once all is written.
    people: People,
    pub deletes: u64,
    /// Changes of contacts that were linked before the run.
    pub linked_changes: u64,
    /// Deletions and opt-outs because the HighLevel contact is gone.
    pub vanished: u64,
}

impl Planned {
    /// Contacts that would be written.
    pub fn writes(&self) -> u64 {
        let things = self.ghl.notes_written + self.ghl.tasks_created + self.mails;
        let here = self.ghl.created + self.ghl.updated;
        self.creates + self.updates + self.deletes + here + things
    }
}

/// What a run did, or in a dry run would do.
#[derive(Debug)]
pub struct Outcome {
    pub mode: Mode,
    pub end: End,
    pub tally: Tally,
    pub planned: Planned,
}

/// What a run tells while it goes on. Calls come from the deciding thread only.
pub trait Progress {
    /// `total` is the service's own estimate.
    fn reading(&self, side: Side, done: u64, total: Option<u64>);
    /// How many contacts had a look taken at what hangs on them, of those that are due.
    fn deriving(&self, _done: u64, _total: u64) {}
    /// How many BigMailer contacts that the listing lacks were asked for one by one, of those that
    /// nobody may take for deleted without that.
    fn confirming(&self, _done: u64, _total: u64) {}
    fn planned(&self, planned: &Planned);
    fn writing(&self, done: u64, total: u64);
    fn say(&self, sentence: &str);
    /// The deciding thread is at work; called several times a second.
    fn alive(&self) {}
    /// What became, or in a dry run would become, of a person: one of `created`, `updated`,
    /// `unchanged`, `held`, `failed`, or the reason why it was skipped. A later word is the better
    /// one.
    fn person(&self, _ghl_id: &str, _bm_id: Option<&str>, _word: &'static str) {}
}

/// A HighLevel contact as staged: the rules' results without the contact itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SourceView {
    #[serde(rename = "f")]
    fields: Vec<Cell>,
    #[serde(rename = "l")]
    lists: Vec<bool>,
    /// Of the lists, by their places: what has still to be asked of the contact's opportunities.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    open: Vec<(usize, Condition)>,
    /// The business that the contact belongs to.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    business: Option<String>,
    /// Sentences about values that no rule could use.
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    bad: Vec<String>,
    /// Sentences about what hangs on the contact and could not be read.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    unread: Vec<String>,
    /// The service did not say whether the person may be mailed.
    #[serde(rename = "u", default, skip_serializing_if = "std::ops::Not::not")]
    consent_unknown: bool,
    /// Has the tag that a rule waits for, in the order of [`Profile::triggers`].
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<bool>,
}

/// A BigMailer contact as staged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct MirrorView {
    #[serde(rename = "f")]
    fields: Vec<Option<FieldValue>>,
    /// The same through the rules, where a rule looks at BigMailer at all.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    meant: Vec<Cell>,
    #[serde(rename = "l")]
    lists: Vec<bool>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    barred: Option<Block>,
    /// The texts that are kept as notes, in the order of the rules.
    #[serde(rename = "n", default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Option<String>>,
    /// Sentences about values that no rule could use.
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    bad: Vec<String>,
}

/// Facts kept by name in the state.
mod fact {
    /// The service's clock up to which HighLevel was read; the next window starts here.
    pub const CURSOR: &str = "ghl_cursor";
    /// BigMailer's clock when it was last listed: whoever was made since is new.
    pub const LISTED: &str = "bm_listed";
    /// Wall clock of the last complete full run.
    pub const LAST_FULL: &str = "last_full";
    /// The profile as of the last complete run.
    pub const PROFILE: &str = "profile";
    /// How long a BigMailer batch took, milliseconds.
    pub const BATCH_MS: &str = "batch_ms";
    /// How many won opportunities there were when they were last counted.
    pub const WON: &str = "won";
    /// Something was left in a shape that only a full run can settle.
    pub const FULL_WANTED: &str = "full_wanted";
}

/// The name under which the state keeps whether a batch leaves of existing contacts what it does not
/// name.
pub const MERGES: &str = "batch_merges";

/// From so many single updates on it is worth saying what a probe would save.
const MANY_UPDATES: u64 = 1000;

/// Threads that wait for answers. BigMailer admits 4 at a time by default; HighLevel reads profit
/// from a few more. The pacers hold the true limits.
const WORKERS: usize = 8;

/// Pages and answers on their way to the deciding thread; bounds memory.
const EVENTS_AHEAD: usize = 6;

/// Brings BigMailer in step with HighLevel.
///
/// `stop` is watched at every step; whatever was in flight is finished and saved. The state is
/// written only by this thread and, in a dry run, not at all.
///
/// # Errors
/// Only what makes any report impossible: the state file fails. Everything else is in
/// [`Outcome::end`].
pub fn sync(
    sides: Sides<'_>,
    resolved: &Resolved,
    state: &State,
    options: &Options,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome, StateError> {
    let mode = choose_mode(state, resolved, options)?;
    let (jobs_in, jobs) = mpsc::channel();
    let jobs = Arc::new(Mutex::new(jobs));
    let (events_in, events) = sync_channel(EVENTS_AHEAD);
    let run = Run {
        sides,
        resolved,
        state,
        options,
        progress,
        stop,
        mode,
        needs: Needs::of(&resolved.profile),
        tally: Tally::default(),
        planned: Planned::default(),
        before_plan: None,
        began: Instant::now(),
        rulings: HashMap::new(),
        events: Events::default(),
        owed: Vec::new(),
        carrying: Carrying::new(state, options, jobs_in, events)?,
    };
    let (result, mut run) = thread::scope(|scope| {
        // Owned in here: should this thread panic, the channels close and the others end.
        let mut run = run;
        for _ in 0..WORKERS {
            let (jobs, events) = (Arc::clone(&jobs), events_in.clone());
            scope.spawn(move || work(sides, &jobs, &events));
        }
        let mut result = run.steps(scope, &events_in);
        if matches!(result, Err(Halt::Stopped(_) | Halt::Remote(_)))
            && let Err(e) = run.finish_in_flight()
        {
            result = Err(Halt::State(e));
        }
        if result.is_err() {
            // Nobody needs the answers that are still waited for.
            stop.ask(Why::Failed);
        }
        // Without a receiver readers end at their next page, without a sender workers end at once.
        run.carrying.hang_up();
        (result, run)
    });
    let end = match result {
        Ok(()) => End::Complete,
        Err(Halt::State(e)) => return Err(e),
        Err(Halt::Braked(brake)) => End::Braked(brake),
        Err(Halt::Stale { moved, of }) => End::Stale { moved, of },
        Err(Halt::Remote(error)) => match (error.kind, stop.asked()) {
            (RemoteErrorKind::Stopped, Some(why)) if why != Why::Failed => End::Stopped(why),
            _ => End::Remote(error),
        },
        Err(Halt::Stopped(why)) => End::Stopped(why),
    };
    for reason in Skip::ALL {
        run.tally.skipped.entry(reason.as_str()).or_default();
    }
    Ok(Outcome {
        mode: run.mode,
        end,
        tally: run.tally,
        planned: run.planned,
    })
}

/// Hands up to `limit` lines of each kind of the staged plan to `see`: ids and field names, never
/// values. `lists` are the names of BigMailer's lists, by id.
pub fn plan_examples(
    state: &State,
    limit: usize,
    lists: &BTreeMap<String, String>,
    mut see: impl FnMut(&str),
) -> Result<(), StateError> {
    for phase in planning::WRITE_PHASES {
        let total = usize::try_from(state.action_count(phase as u8)?).unwrap_or(usize::MAX);
        let mut after = 0;
        let mut shown = 0;
        while shown < limit.min(total) {
            let part =
                state.actions::<planning::Step>(phase as u8, after, 500.min(limit - shown))?;
            let Some((seq, _)) = part.last() else { break };
            after = *seq;
            for (_, step) in &part {
                see(&step.describe(lists));
                shown += 1;
            }
        }
        if total > shown {
            see(&format!("… and {} more", total - shown));
        }
    }
    Ok(())
}

/// Makes a call on a thread that others wait for. Should it panic, `tell` says so to the deciding
/// thread before the panic goes on, which would otherwise wait for the answer for ever.
fn or_tell<T>(
    side: Side,
    call: impl FnOnce() -> Result<T, RemoteError>,
    tell: impl FnOnce(RemoteError),
) -> Result<T, RemoteError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        tell(RemoteError {
            kind: RemoteErrorKind::Nonsense,
            side,
            endpoint: "client".to_owned(),
            status: None,
            message: "a call ended in an internal error".to_owned(),
            code: None,
            param: None,
            existing: None,
            trace_id: None,
            hint: None,
        });
        resume_unwind(panic)
    })
}

/// Why a run ends before its plan is done.
#[derive(Debug)]
enum Halt {
    State(StateError),
    Remote(RemoteError),
    Braked(Brake),
    Stale { moved: u64, of: u64 },
    Stopped(Why),
}

impl From<StateError> for Halt {
    fn from(e: StateError) -> Self {
        Halt::State(e)
    }
}

impl From<RemoteError> for Halt {
    fn from(e: RemoteError) -> Self {
        Halt::Remote(e)
    }
}

/// Full when there is nothing to build on, when the last full run is too old, when the profile has
/// changed, or when something is open that only a complete reading can settle.
fn choose_mode(state: &State, resolved: &Resolved, options: &Options) -> Result<Mode, StateError> {
    if !options.only.is_empty() || options.apply.is_some() {
        return Ok(Mode::Incremental);
    }
    if options.push.is_some() {
        return Ok(Mode::Full);
    }
    let number = |key| -> Result<Option<i64>, StateError> {
        Ok(state.meta(key)?.and_then(|v| v.parse().ok()))
    };
    let every = i64::try_from(resolved.profile.sync.full_every.as_millis()).unwrap_or(i64::MAX);
    let recent = number(fact::LAST_FULL)?.is_some_and(|at| {
        // A last full run in the future means that a clock jumped: trust nothing.
        at <= options.now && options.now - at < every
    });
    let incremental = !options.full
        && recent
        && number(fact::CURSOR)?.is_some()
        && state.meta(fact::PROFILE)?.as_deref() == Some(&resolved.profile.fingerprint())
        && state.meta(fact::FULL_WANTED)?.is_none()
        && state.intents()?.is_empty()
        && state.pending_count()? <= PENDING_MAX;
    Ok(if incremental {
        Mode::Incremental
    } else {
        Mode::Full
    })
}

/// More contacts than this waiting for another try are cheaper to find by a full run.
const PENDING_MAX: u64 = 500;

/// One run in progress. Its steps are in this file, reading in `read`, fetching what values are
/// derived from in `derive`, planning in `planning`, carrying out in `carry`.
struct Run<'a> {
    sides: Sides<'a>,
    resolved: &'a Resolved,
    state: &'a State,
    options: &'a Options,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    mode: Mode,
    /// What the profile derives values from.
    needs: Needs,
    tally: Tally,
    planned: Planned,
    /// People counted and problems noted before the plan (early creations, unknown people).
    before_plan: Option<(People, u64)>,
    began: Instant,
    /// What people said about values that were held, by HighLevel id.
    rulings: HashMap<String, Vec<Ruling>>,
    events: Events,
    /// Records for whom a HighLevel contact was made whose id they do not carry yet.
    owed: Vec<String>,
    carrying: Carrying,
}

impl<'a> Run<'a> {
    fn steps<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        events: &SyncSender<Event>,
    ) -> Result<(), Halt>
    where
        'a: 'scope,
    {
        // First of all: whatever ends the run, its problems can be asked for.
        self.state.open_stage()?;
        let mut settled = Vec::new();
        if !self.options.dry_run {
            settled = self.await_old_batches()?;
            self.await_old_makings()?;
            self.settle_things()?;
        }
        let mut reading = self.read(scope, events)?;
        self.derive()?;
        self.plan(&mut reading)?;
        if self.creates_deserve_a_listing(&reading) {
            self.list_bigmailer(scope, events, &mut reading)?;
            self.plan(&mut reading)?;
        }
        if self.options.read_all_planned && !reading.bigmailer_listed {
            self.read_planned(scope, events, &mut reading)?;
            self.plan(&mut reading)?;
        }
        if let Some(apply) = self.options.apply {
            self.keep_saved(apply)?;
        }
        self.go_on()?;
        self.progress.planned(&self.planned);
        self.praise_the_probe()?;
        let counts = self.counts(&reading);
        let limits = &self.resolved.profile.limits;
        if self.options.dry_run {
            self.count_as_if_done();
        }
        if let Err(brake) = guard::check(&counts, limits.max_changes, limits.max_deletes)
            && !self.options.pass_brakes
        {
            return Err(Halt::Braked(brake));
        }
        if self.options.dry_run {
            return Ok(());
        }
        self.carry_out(&reading)?;
        if reading.bigmailer_listed && self.mode == Mode::Full {
            for intent in settled {
                self.state.close_intent(intent)?;
            }
        }
        self.remember_run(&reading)
    }

    /// Says what a probe of the brand could tell, where nobody has looked yet.
    fn praise_the_probe(&self) -> Result<(), StateError> {
        let updates = self.planned.updates;
        let brand = &self.resolved.profile.brand_id;
        if updates > MANY_UPDATES && self.state.capability(brand, MERGES)?.is_none() {
            let batches = updates.div_ceil(1000);
            self.progress.say(&format!(
                "{updates} contacts are updated one by one, a call each; {batches} batches would do, if BigMailer's batches leave alone what they do not name: `ghl-bm test --probe` tells whether this brand's do"
            ));
        }
        Ok(())
    }

    /// Ends the run here when somebody asked for it.
    fn go_on(&self) -> Result<(), Halt> {
        match self.stop.asked() {
            Some(why) => Err(Halt::Stopped(why)),
            None => Ok(()),
        }
    }

    /// What the next run builds on. Only a run that finished its plan gets here.
    fn remember_run(&self, reading: &Reading) -> Result<(), Halt> {
        let partial = !self.options.only.is_empty() || self.options.apply.is_some();
        if partial || self.options.push.is_some() {
            return Ok(());
        }
        self.state.transaction(|| {
            if let Some(at) = reading.as_of {
                self.state.set_meta(fact::CURSOR, &at.to_string())?;
            }
            if let Some(at) = reading.bigmailer_as_of {
                self.state.set_meta(fact::LISTED, &at.to_string())?;
            }
            if !self.needs.is_empty() {
                let full = self.mode == Mode::Full && reading.ghl_complete;
                self.state.keep_line(self.options.now, full)?;
            }
            if reading.ghl_complete {
                self.state
                    .set_meta(fact::LAST_FULL, &self.options.now.to_string())?;
                self.state
                    .set_meta(fact::PROFILE, &self.resolved.profile.fingerprint())?;
                if !self.carrying.full_wanted {
                    self.state.clear_meta(fact::FULL_WANTED)?;
                }
            }
            self.begin_rules(reading)?;
            Ok(())
        })
    }

    /// In a dry run the plan's numbers stand where the deeds' numbers would.
    fn count_as_if_done(&mut self) {
        let planned = &self.planned;
        self.tally.bm_created = planned.creates;
        self.tally.bm_updated = planned.updates;
        self.tally.bm_unsubscribed = planned.unsubscribes;
        self.tally.bm_deleted = planned.deletes;
        self.tally.bm_mails = planned.mails;
        self.tally.ghl = planned.ghl;
        self.tally.people.add(&planned.people);
    }
}

impl Run<'_> {
    /// Leaves a person out.
    fn leave_out(
        &mut self,
        ghl_id: &str,
        bm_id: Option<&str>,
        reason: Skip,
    ) -> Result<(), StateError> {
        self.tally.skip(reason);
        self.progress.person(ghl_id, bm_id, reason.as_str());
        self.state.note(&match ghl_id {
            "" => stranger_problem(
                bm_id.unwrap_or_default(),
                reason.as_str(),
                reason.sentence(),
            ),
            id => problem(id, None, reason.as_str(), reason.sentence()),
        })
    }
}

/// A problem row about a person whom only BigMailer knows.
fn stranger_problem(bm_id: &str, reason: &str, message: impl Into<String>) -> Problem {
    Problem {
        side: Side::Bigmailer.as_str().to_owned(),
        id: Some(bm_id.to_owned()),
        ghl_id: None,
        email: None,
        reason: reason.to_owned(),
        message: message.into(),
    }
}

/// A problem row about a person known by a HighLevel id.
fn problem(ghl_id: &str, bm_id: Option<&str>, reason: &str, message: impl Into<String>) -> Problem {
    let side = if bm_id.is_some() {
        Side::Bigmailer
    } else {
        Side::Ghl
    };
    Problem {
        side: side.as_str().to_owned(),
        id: Some(bm_id.unwrap_or(ghl_id).to_owned()),
        ghl_id: Some(ghl_id.to_owned()),
        email: None,
        reason: reason.to_owned(),
        message: message.into(),
    }
}
