//! Notes, tasks and mails: what has happened to whom, what is made for it, what became of it.
//!
//! A rule begins with a full run, which takes notice of whom it finds and does nothing else; from
//! then on each event is acted upon once. What cannot be made twice is recorded before it is sent
//! and settled by reading; a mail is sent at most once, whatever happens. Decides nothing about
//! values. Start reading at [`Run::things`].

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::contact::{Block, Contact, FieldValue, Side};
use crate::mapping::{Profile, Trigger};
use crate::plan::related::{same_note, same_task};
use crate::plan::{Action, Create, Decision, Mirror, Source, Target};
use crate::related::{Note, NoteDraft, Task as Chore, TaskDraft};
use crate::remote::{RemoteError, RemoteErrorKind, Won};
use crate::state::{Happened, Link, Pending, Problem, Staged, StagedMirror, StateError};

use super::carry::{Answer, Follow, Task, Waiting};
use super::planning::{Deed, Phase, Step};
use super::read::Reading;
use super::{Halt, MirrorView, Mode, Run, Sides, SourceView, Word, fact};

/// What one run knows of its rules.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Keys of the rules that wait for something, in the order of [`Profile::triggers`].
    keys: Vec<String>,
    /// Since when each waits; `None`: it begins with this run, if that reads everybody.
    since: Vec<Option<i64>>,
    /// This run takes notice of whom the rules that begin find.
    begins: bool,
    /// Whoever was made so shortly before this run is taken notice of one by one: the service's clock
    /// tells no more than seconds.
    recent: i64,
    /// What was about to be made when an earlier run ended, by rule key and HighLevel id.
    open: HashMap<(String, String), String>,
    /// Who has a won opportunity.
    won: BTreeSet<String>,
    won_total: Option<u64>,
    /// HighLevel contacts made in this run, by the id of their record.
    made: HashMap<String, String>,
}

impl Events {
    /// Something that was to be made for a new contact failed: nothing else is made for it in this run.
    /// False where the record got none.
    pub(super) fn unmake(&mut self, bm_id: Option<&str>) -> bool {
        bm_id.is_some_and(|id| self.made.remove(id).is_some())
    }
}

/// Something to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Wanted {
    /// The text of a field as a note, by the index of its rule.
    Note {
        rule: usize,
        text: String,
        /// The note that has to be changed; without one it has to be made.
        id: Option<String>,
    },
    /// A task, by the index of its rule.
    Chore {
        rule: usize,
        title: String,
        /// As an earlier run was about to make it.
        draft: Option<TaskDraft>,
    },
    /// A mail, by the index of its rule.
    Mail { rule: usize, campaign: String },
}

impl Wanted {
    pub(super) fn side(&self) -> Side {
        match self {
            Wanted::Mail { .. } => Side::Bigmailer,
            Wanted::Note { .. } | Wanted::Chore { .. } => Side::Ghl,
        }
    }

    /// One line for people: ids and the profile's own words, never values.
    pub(super) fn describe(&self, ghl_id: &str, bm_id: &str) -> String {
        let who = match ghl_id {
            "" => format!("the new contact of {bm_id}"),
            id => id.to_owned(),
        };
        match self {
            Wanted::Note { id: None, .. } => format!("write a note on {who}"),
            Wanted::Note { .. } => format!("change the note on {who}"),
            Wanted::Chore { title, .. } => format!("make the task \"{title}\" for {who}"),
            Wanted::Mail { campaign, .. } => format!("mail {campaign} to {who}"),
        }
    }
}

/// A call about what hangs on a contact.
#[derive(Debug, Clone)]
pub(super) enum Call {
    Notes(String),
    MakeNote(String, NoteDraft),
    EditNote {
        contact: String,
        id: String,
        draft: NoteDraft,
    },
    Chores(String),
    MakeChore(String, TaskDraft),
    Mail {
        campaign: String,
        email: String,
    },
    Won(Option<u64>),
}

/// The answer to a [`Call`].
#[derive(Debug)]
pub(super) enum Said {
    Notes(Vec<Note>),
    Chores(Vec<Chore>),
    Made(String),
    Done,
    Won(Option<Won>),
}

impl Call {
    pub(super) fn make(self, sides: Sides<'_>) -> Result<Said, RemoteError> {
        let Sides { ghl, bigmailer } = sides;
        Ok(match self {
            Call::Notes(contact) => Said::Notes(ghl.notes(&contact)?),
            Call::MakeNote(contact, draft) => Said::Made(ghl.make_note(&contact, &draft)?),
            Call::EditNote { contact, id, draft } => {
                ghl.edit_note(&contact, &id, &draft).map(|()| Said::Done)?
            }
            Call::Chores(contact) => Said::Chores(ghl.tasks(&contact)?),
            Call::MakeChore(contact, draft) => Said::Made(ghl.make_task(&contact, &draft)?),
            Call::Mail { campaign, email } => bigmailer
                .send_mail(&campaign, &email)
                .map(|()| Said::Done)?,
            Call::Won(unless) => Said::Won(ghl.won(unless)?),
        })
    }
}

/// What an answer about a thing is waited for.
pub(super) struct Telling {
    pub step: Step,
    stage: Stage,
}

enum Stage {
    /// A look at the contact, or at the record that is to be mailed.
    Reading,
    /// The thing itself, recorded as open.
    Making {
        draft: Draft,
        tries: u8,
    },
    /// Its answer was lost: did it happen?
    Looking {
        draft: Draft,
        tries: u8,
    },
    Editing {
        draft: NoteDraft,
    },
    Mailing,
}

#[derive(Debug, Clone)]
enum Draft {
    Note(NoteDraft),
    Chore(TaskDraft),
}

impl Draft {
    fn make(&self, contact: &str) -> Call {
        match self {
            Draft::Note(draft) => Call::MakeNote(contact.to_owned(), draft.clone()),
            Draft::Chore(draft) => Call::MakeChore(contact.to_owned(), draft.clone()),
        }
    }

    fn look(&self, contact: &str) -> Call {
        match self {
            Draft::Note(_) => Call::Notes(contact.to_owned()),
            Draft::Chore(_) => Call::Chores(contact.to_owned()),
        }
    }

    /// The id of what was made of it, if it is there.
    fn found(&self, said: &Said, taken: &[String]) -> Option<String> {
        match (self, said) {
            (Draft::Note(draft), Said::Notes(there)) => {
                same_note(draft, there, taken).map(|note| note.id.clone())
            }
            (Draft::Chore(draft), Said::Chores(there)) => {
                same_task(draft, there, taken).map(|chore| chore.id.clone())
            }
            _ => None,
        }
    }

    fn print(&self) -> Option<String> {
        match self {
            Draft::Note(draft) => Some(print(draft.body.as_deref().unwrap_or_default())),
            Draft::Chore(_) => None,
        }
    }

    fn written(&self) -> String {
        let text = match self {
            Draft::Note(draft) => serde_json::to_string(draft),
            Draft::Chore(draft) => serde_json::to_string(draft),
        };
        text.unwrap_or_default()
    }

    fn read(key: &str, text: &str) -> Option<Draft> {
        match key.split(' ').next()? {
            "note" => serde_json::from_str(text).ok().map(Draft::Note),
            "task" => serde_json::from_str(text).ok().map(Draft::Chore),
            _ => None,
        }
    }
}

/// Tells two texts apart without keeping either (FNV-1a, 64 bits).
fn print(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// What is true of a person once the plan is carried out.
struct Moment<'a> {
    created: Option<i64>,
    in_scope: bool,
    /// Has the tag that a rule waits for, by the rule's index.
    tagged: &'a dyn Fn(usize, &str) -> bool,
    won: bool,
    opted_out: bool,
    /// BigMailer has, or is to have, a record that may be mailed.
    mailable: bool,
}

/// Which rules wait for what, with the index within its kind.
#[derive(Clone, Copy)]
enum Kind {
    Chore(usize),
    Mail(usize),
}

fn rules(profile: &Profile) -> impl Iterator<Item = (Kind, &Trigger, String)> {
    let chores = profile.tasks.iter().enumerate();
    let chores = chores.filter(|(_, rule)| rule.enabled);
    let mails = profile.sends.iter().enumerate();
    let mails = mails.filter(|(_, rule)| rule.enabled);
    chores
        .map(|(index, rule)| (Kind::Chore(index), &rule.on, rule.key()))
        .chain(mails.map(|(index, rule)| (Kind::Mail(index), &rule.on, rule.key())))
}

impl Run<'_> {
    /// No rule is about notes, tasks or mails, or this run has nothing to do with them.
    fn has_no_events(&self) -> bool {
        let profile = &self.resolved.profile;
        let none = profile.notes.is_empty() && profile.triggers().next().is_none();
        none || self.options.push.is_some()
    }

    /// What the state says of the rules.
    pub(super) fn load_events(&mut self, reading: &Reading) -> Result<(), StateError> {
        if self.has_no_events() {
            return Ok(());
        }
        let events = &mut self.events;
        events.keys = rules(&self.resolved.profile).map(|(.., key)| key).collect();
        events.since.clear();
        for key in &events.keys {
            events.since.push(self.state.rule_since(key)?);
        }
        events.begins = reading.ghl_complete && self.options.only.is_empty();
        events.recent = reading.as_of.unwrap_or(self.options.now) - RECENT;
        events.open.clear();
        for open in self.state.open_events()? {
            events.open.insert((open.key, open.who), open.open);
        }
        Ok(())
    }

    // ---- what is asked for before the plan

    /// Settles by reading what was about to be made when an earlier run ended.
    pub(super) fn settle_things(&mut self) -> Result<(), Halt> {
        if self.options.push.is_some() {
            return Ok(());
        }
        let profile = &self.resolved.profile;
        let notes = profile.notes.iter().map(|rule| rule.key());
        let kept: BTreeSet<String> = rules(profile).map(|(.., key)| key).chain(notes).collect();
        for open in self.state.open_events()? {
            let Some(draft) = Draft::read(&open.key, &open.open) else {
                // A mail: whether it went out cannot be asked, and it is not sent again.
                self.state
                    .put_event(&open.key, &open.who, &Happened::default())?;
                self.state.note(&Problem {
                    side: Side::Bigmailer.as_str().to_owned(),
                    id: None,
                    ghl_id: Some(open.who),
                    email: None,
                    reason: "mail_unclear".to_owned(),
                    message: MAIL_UNCLEAR.to_owned(),
                })?;
                continue;
            };
            let taken = self.state.things_of(&open.who)?;
            let (mut found, mut gone) = (None, false);
            let task = Task::Thing(draft.look(&open.who));
            let asked = self.ask_all([task].into_iter(), |_, _, answer| {
                if let Answer::Thing(said) = &answer {
                    found = draft.found(said, &taken);
                }
                Ok(())
            });
            match asked {
                Err(Halt::Remote(e)) if e.kind == RemoteErrorKind::Gone => gone = true,
                asked => asked?,
            }
            match found {
                Some(id) => self.close(&open.key, &open.who, Some(id), draft.print())?,
                None if gone || !kept.contains(&open.key) => {
                    self.state.drop_event(&open.key, &open.who)?;
                }
                // The plan makes it.
                None => self.state.set_pending(Pending::Person(&open.who), true)?,
            }
        }
        Ok(())
    }

    /// Asks who has won opportunities where a rule waits for that, and reads those contacts that this
    /// may be news of.
    pub(super) fn look_for_won(&mut self) -> Result<(), Halt> {
        let won =
            rules(&self.resolved.profile).filter(|(_, on, _)| **on == Trigger::OpportunityWon);
        let keys: Vec<String> = won.map(|(.., key)| key).collect();
        if keys.is_empty() || self.has_no_events() {
            return Ok(());
        }
        let known = match self.mode {
            Mode::Full => None,
            Mode::Incremental => self.state.meta(fact::WON)?.and_then(|v| v.parse().ok()),
        };
        let mut answered = None;
        self.ask_all(
            [Task::Thing(Call::Won(known))].into_iter(),
            |_, _, answer| {
                if let Answer::Thing(Said::Won(won)) = answer {
                    answered = won;
                }
                Ok(())
            },
        )?;
        let Some(won) = answered else {
            self.events.won_total = known;
            return Ok(());
        };
        self.events.won_total = won.total;
        self.events.won = won.contacts.into_iter().collect();
        let mut news = Vec::new();
        for id in &self.events.won {
            let mut is_news = false;
            for key in &keys {
                is_news |= self.state.rule_since(key)?.is_some()
                    && self.state.happened(key, id)?.is_none();
            }
            if is_news && !self.state.is_staged(id)? {
                news.push(id.clone());
            }
        }
        self.read_directly(news)
    }

    /// Whether a linked record, listed in this run, calls for a note or is an event.
    pub(super) fn has_events(
        &self,
        row: &StagedMirror<MirrorView>,
        ghl_id: &str,
    ) -> Result<bool, StateError> {
        if self.has_no_events() {
            return Ok(false);
        }
        if !self.notes_of(ghl_id, row)?.is_empty() {
            return Ok(true);
        }
        let told = row.view.barred.filter(|why| *why != Block::Dnd);
        if !row.unsubscribed && told.is_none() {
            return Ok(false);
        }
        for (_, on, key) in rules(&self.resolved.profile) {
            if *on == Trigger::Unsubscribed && self.state.happened(&key, ghl_id)?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    // ---- the plan

    /// What is to be made for a person of HighLevel.
    pub(super) fn things(
        &self,
        row: &Staged<SourceView>,
        source: &Source,
        target: &Target,
        decision: &Decision,
    ) -> Result<Vec<Wanted>, StateError> {
        if self.has_no_events() {
            return Ok(Vec::new());
        }
        let mut wanted = Vec::new();
        let mirror = match target {
            Target::Present(mirror) => Some(mirror),
            _ => None,
        };
        if decision.skip.is_none()
            && let Some(mirror) = mirror
            && let Some(record) = self.state.staged_bm::<MirrorView>(&mirror.id)?
        {
            wanted = self.notes_of(&row.id, &record)?;
        }
        let join = match &decision.ghl {
            Action::Update { update, .. } => update.join.as_slice(),
            _ => &[],
        };
        let tagged = |index: usize, tag: &str| {
            let has = row.view.events.get(index).copied().unwrap_or(false);
            has || join.iter().any(|joined| joined == tag)
        };
        let opted_out = source.blocked
            || mirror.is_some_and(is_out)
            || opts_out(&decision.action)
            || opts_out(&decision.ghl);
        let recorded = match target {
            Target::Present(_) | Target::Assumed(_) => true,
            Target::Absent => matches!(decision.action, Action::Create(_)),
            Target::Deleted => false,
        };
        let moment = Moment {
            created: row.created,
            in_scope: source.in_scope,
            tagged: &tagged,
            won: self.events.won.contains(&row.id),
            opted_out,
            mailable: decision.skip.is_none() && recorded && !opted_out,
        };
        self.happening(Some(&row.id), &moment, &mut wanted)?;
        Ok(wanted)
    }

    /// What is to be made for somebody who is to be created in HighLevel.
    pub(super) fn things_of_stranger(
        &self,
        row: &StagedMirror<MirrorView>,
        create: &Create,
    ) -> Result<Vec<Wanted>, StateError> {
        if self.has_no_events() {
            return Ok(Vec::new());
        }
        let mut wanted: Vec<Wanted> = texts(row)
            .map(|(rule, text)| Wanted::Note {
                rule,
                text,
                id: None,
            })
            .collect();
        let tagged = |_: usize, tag: &str| create.lists.iter().any(|given| given == tag);
        let opted_out = create.opted_out.is_some();
        let moment = Moment {
            created: Some(i64::MAX),
            in_scope: true,
            tagged: &tagged,
            won: false,
            opted_out,
            mailable: !opted_out,
        };
        self.happening(None, &moment, &mut wanted)?;
        Ok(wanted)
    }

    /// Which notes of a person are not what the record says.
    fn notes_of(
        &self,
        ghl_id: &str,
        record: &StagedMirror<MirrorView>,
    ) -> Result<Vec<Wanted>, StateError> {
        let mut wanted = Vec::new();
        for (rule, text) in texts(record) {
            let key = self.resolved.profile.notes[rule].key();
            let id = match self.state.happened(&key, ghl_id)? {
                Some(Happened { open: Some(_), .. }) | None => None,
                Some(known) if known.print.as_deref() == Some(&print(&text)) => continue,
                Some(known) => known.thing,
            };
            wanted.push(Wanted::Note { rule, text, id });
        }
        Ok(wanted)
    }

    /// Which rules the moment is an event for. Without an id: of somebody who is only to be made.
    fn happening(
        &self,
        ghl_id: Option<&str>,
        moment: &Moment<'_>,
        wanted: &mut Vec<Wanted>,
    ) -> Result<(), StateError> {
        for (index, (kind, on, key)) in rules(&self.resolved.profile).enumerate() {
            if let (Some(id), Kind::Chore(rule)) = (ghl_id, kind)
                && let Some(open) = self.events.open.get(&(key.clone(), id.to_owned()))
            {
                if let Some(Draft::Chore(draft)) = Draft::read(&key, open) {
                    wanted.push(self.chore(rule, Some(draft)));
                }
                continue;
            }
            let since = self.events.since.get(index).copied().flatten();
            let matches = match on {
                Trigger::NewContact => {
                    let since = since.unwrap_or(self.events.recent);
                    moment.created.is_some_and(|created| created >= since)
                }
                Trigger::TagAdded(tag) => (moment.tagged)(index, tag),
                Trigger::OpportunityWon => moment.won,
                Trigger::Unsubscribed => moment.opted_out,
            };
            // A deal is over: one that somebody outside the filter won is no news later.
            let missed = !moment.in_scope && *on == Trigger::OpportunityWon;
            if !matches || !moment.in_scope && !missed {
                continue;
            }
            if let Some(id) = ghl_id
                && self.state.happened(&key, id)?.is_some()
            {
                continue;
            }
            let unfit = matches!(kind, Kind::Mail(_)) && !moment.mailable;
            match (since, kind) {
                (None, _) => {
                    if let (Some(id), true) = (ghl_id, self.events.begins) {
                        self.state.notice(&key, id)?;
                    }
                }
                (Some(_), _) if missed || unfit => {
                    if let Some(id) = ghl_id {
                        self.state.notice(&key, id)?;
                    }
                }
                (Some(_), Kind::Chore(rule)) => wanted.push(self.chore(rule, None)),
                (Some(_), Kind::Mail(rule)) => wanted.push(Wanted::Mail {
                    rule,
                    campaign: self.resolved.profile.sends[rule].campaign.clone(),
                }),
            }
        }
        Ok(())
    }

    fn chore(&self, rule: usize, draft: Option<TaskDraft>) -> Wanted {
        Wanted::Chore {
            rule,
            title: self.resolved.profile.tasks[rule].title.to_string(),
            draft,
        }
    }

    // ---- carrying it out

    /// Stores what the plan took notice of, and lets go of rules that are not on any more.
    pub(super) fn keep_events(&self) -> Result<(), StateError> {
        if self.options.push.is_some() {
            return Ok(());
        }
        self.state.keep_rules(&self.events.keys)?;
        self.state.keep_notices()
    }

    /// Lets the rules begin whose first run this was.
    pub(super) fn begin_rules(&self, reading: &Reading) -> Result<(), StateError> {
        let events = &self.events;
        if let Some(total) = events.won_total {
            self.state.set_meta(fact::WON, &total.to_string())?;
        }
        let since = reading.as_of.unwrap_or(self.options.now);
        let fresh = events.keys.iter().zip(&events.since);
        let fresh = fresh.filter(|(_, since)| since.is_none() && events.begins);
        fresh
            .map(|(key, _)| key)
            .try_for_each(|key| self.state.begin_rule(key, since))
    }

    /// A HighLevel contact was made for a record; rules that begin with this run take notice.
    pub(super) fn made_here(&mut self, id: &str, step: &Step) -> Result<(), StateError> {
        let Some(bm_id) = &step.bm_id else {
            return Ok(());
        };
        self.events.made.insert(bm_id.clone(), id.to_owned());
        let Deed::WriteGhl(Action::Create(create)) = &step.deed else {
            return Ok(());
        };
        for (index, (_, on, key)) in rules(&self.resolved.profile).enumerate() {
            let begins = self.events.begins && self.events.since.get(index) == Some(&None);
            let matches = match on {
                Trigger::NewContact => true,
                Trigger::TagAdded(tag) => create.lists.contains(tag),
                Trigger::OpportunityWon => false,
                Trigger::Unsubscribed => create.opted_out.is_some(),
            };
            if begins && matches {
                self.state.put_event(&key, id, &Happened::default())?;
            }
        }
        Ok(())
    }

    /// Makes the things of the plan.
    pub(super) fn make_things(&mut self) -> Result<(), Halt> {
        self.write_singly(Phase::Things)
    }

    /// The call for a thing, once what has to be recorded before it is.
    pub(super) fn order_thing(
        &self,
        mut step: Step,
    ) -> Result<Option<(Task, Waiting)>, StateError> {
        let Deed::Thing(wanted) = step.deed.clone() else {
            return Ok(None);
        };
        if step.ghl_id.is_empty() {
            let bm_id = step.bm_id.as_deref().unwrap_or_default();
            let Some(made) = self.events.made.get(bm_id) else {
                // Not made, or somebody who was there already: the next run looks.
                return Ok(None);
            };
            step.ghl_id.clone_from(made);
            step.counted = true;
        }
        let who = step.ghl_id.clone();
        let telling = |step, stage| Waiting::Thing(Box::new(Telling { step, stage }));
        Ok(match wanted {
            Wanted::Note { rule, text, id } => {
                let draft = NoteDraft {
                    title: self.resolved.profile.notes[rule].title.clone(),
                    body: Some(text),
                    ..NoteDraft::default()
                };
                match id {
                    Some(id) => {
                        let call = Call::EditNote {
                            contact: who,
                            id,
                            draft: draft.clone(),
                        };
                        let stage = Stage::Editing { draft };
                        Some((Task::Thing(call), telling(step, stage)))
                    }
                    None => {
                        let draft = Draft::Note(draft);
                        self.state.transaction(|| self.open(&step, &draft))?;
                        let call = draft.make(&who);
                        let stage = Stage::Making { draft, tries: 0 };
                        Some((Task::Thing(call), telling(step, stage)))
                    }
                }
            }
            Wanted::Chore {
                draft: Some(draft), ..
            } => {
                let draft = Draft::Chore(draft);
                let call = draft.make(&who);
                let stage = Stage::Making { draft, tries: 0 };
                Some((Task::Thing(call), telling(step, stage)))
            }
            Wanted::Chore { draft: None, .. } => {
                Some((Task::ReadGhl(who), telling(step, Stage::Reading)))
            }
            Wanted::Mail { .. } => {
                let link: Option<Link<serde::de::IgnoredAny>> = self.state.link(&who)?;
                let Some(id) = link.and_then(|link| link.bm_id) else {
                    return Ok(None);
                };
                let key = self.key(&step);
                if self.state.happened(&key, &mailed(&id))?.is_some() {
                    // Somebody else with the address got it.
                    self.close(&key, &who, None, None)?;
                    return Ok(None);
                }
                step.bm_id = Some(id.clone());
                Some((Task::ReadBm(id), telling(step, Stage::Reading)))
            }
        })
    }

    /// The key under which a step's rule is remembered.
    fn key(&self, step: &Step) -> String {
        let profile = &self.resolved.profile;
        match &step.deed {
            Deed::Thing(Wanted::Note { rule, .. }) => profile.notes[*rule].key(),
            Deed::Thing(Wanted::Chore { rule, .. }) => profile.tasks[*rule].key(),
            Deed::Thing(Wanted::Mail { rule, .. }) => profile.sends[*rule].key(),
            _ => String::new(),
        }
    }

    /// Records what is about to be made.
    fn open(&self, step: &Step, draft: &Draft) -> Result<(), StateError> {
        self.state
            .open_event(&self.key(step), &step.ghl_id, &draft.written())?;
        self.state.set_pending(Pending::Person(&step.ghl_id), true)
    }

    /// Records what was made.
    fn close(
        &self,
        key: &str,
        who: &str,
        thing: Option<String>,
        print: Option<String>,
    ) -> Result<(), StateError> {
        let happened = Happened {
            open: None,
            thing,
            print,
        };
        self.state.put_event(key, who, &happened)
    }

    /// Saves what an answer about a thing says.
    pub(super) fn take_thing(
        &mut self,
        telling: Telling,
        result: Result<Answer, RemoteError>,
        follows: &mut Vec<Follow>,
    ) -> Result<(), StateError> {
        let Telling { step, stage } = telling;
        let key = self.key(&step);
        let mut again = |task: Call, step: Step, stage: Stage| {
            let waiting = Waiting::Thing(Box::new(Telling { step, stage }));
            follows.push(Follow::ask(Task::Thing(task), waiting));
        };
        let who = step.ghl_id.clone();
        match (stage, result) {
            (Stage::Reading, Ok(Answer::Contact(Some(contact)))) => match &step.deed {
                Deed::Thing(Wanted::Chore { rule, .. }) => {
                    let draft = Draft::Chore(self.drafted(*rule, &contact));
                    self.open(&step, &draft)?;
                    again(draft.make(&who), step, Stage::Making { draft, tries: 0 });
                    Ok(())
                }
                Deed::Thing(Wanted::Mail { campaign, .. }) => {
                    // Whoever has opted out by now is not mailed, and not later either.
                    let Some(email) = contact.email.filter(|_| !contact.consent.is_blocked())
                    else {
                        self.close(&key, &who, None, None)?;
                        return self.settled(&step, Word::Unchanged);
                    };
                    self.state.open_event(&key, &who, "mail")?;
                    self.close(&key, &mailed(&contact.id), None, None)?;
                    let campaign = campaign.clone();
                    again(Call::Mail { campaign, email }, step, Stage::Mailing);
                    Ok(())
                }
                _ => Ok(()),
            },
            (Stage::Reading, Ok(_)) => match step.side() {
                Side::Ghl => self.gone_here(&step),
                Side::Bigmailer => {
                    let message = "the contact was deleted in BigMailer while the run went on";
                    self.give_up(&step, "gone", message)
                }
            },
            (Stage::Making { draft, .. }, Ok(Answer::Thing(Said::Made(id)))) => {
                self.made(&step, &key, id, &draft)
            }
            (Stage::Making { draft, tries }, Err(e)) if e.kind == RemoteErrorKind::Unclear => {
                again(draft.look(&who), step, Stage::Looking { draft, tries });
                Ok(())
            }
            (Stage::Making { .. }, Err(e)) => {
                self.state.drop_event(&key, &who)?;
                self.thing_failed(&step, &e)
            }
            (Stage::Looking { draft, tries }, Ok(Answer::Thing(said))) => {
                let taken = self.state.things_of(&who)?;
                match draft.found(&said, &taken) {
                    Some(id) => self.made(&step, &key, id, &draft),
                    None if tries == 0 => {
                        again(draft.make(&who), step, Stage::Making { draft, tries: 1 });
                        Ok(())
                    }
                    None => {
                        let message = "the answer to its making was lost twice and it is not there";
                        self.give_up(&step, "unclear", message)
                    }
                }
            }
            // Still open: the next run looks before it does anything else.
            (Stage::Looking { .. }, Err(e)) => self.thing_failed(&step, &e),
            (Stage::Editing { draft }, Ok(_)) => {
                let id = match &step.deed {
                    Deed::Thing(Wanted::Note { id, .. }) => id.clone(),
                    _ => None,
                };
                self.tally.ghl.notes_written += 1;
                self.close(&key, &who, id, Draft::Note(draft).print())?;
                self.settled(&step, Word::Updated)
            }
            // The note is gone; if its contact is, too, making another one will tell.
            (Stage::Editing { draft }, Err(e)) if e.kind == RemoteErrorKind::Gone => {
                let draft = Draft::Note(draft);
                self.open(&step, &draft)?;
                again(draft.make(&who), step, Stage::Making { draft, tries: 0 });
                Ok(())
            }
            (Stage::Editing { .. }, Err(e)) => self.thing_failed(&step, &e),
            (Stage::Mailing, Ok(_)) => {
                self.tally.bm_mails += 1;
                self.close(&key, &who, None, None)?;
                self.settled(&step, Word::Updated)
            }
            (Stage::Mailing, Err(e)) if e.kind == RemoteErrorKind::Unclear => {
                self.close(&key, &who, None, None)?;
                self.give_up(&step, "mail_unclear", MAIL_UNCLEAR)
            }
            (Stage::Mailing, Err(e)) => {
                let record = step.bm_id.as_deref().unwrap_or_default();
                self.state.drop_event(&key, &who)?;
                self.state.drop_event(&key, &mailed(record))?;
                self.thing_failed(&step, &e)
            }
            (Stage::Making { .. } | Stage::Looking { .. }, Ok(_)) => Ok(()),
            (Stage::Reading, Err(e)) => self.thing_failed(&step, &e),
        }
    }

    fn made(
        &mut self,
        step: &Step,
        key: &str,
        id: String,
        draft: &Draft,
    ) -> Result<(), StateError> {
        match draft {
            Draft::Note(_) => self.tally.ghl.notes_written += 1,
            Draft::Chore(_) => self.tally.ghl.tasks_created += 1,
        }
        self.close(key, &step.ghl_id, Some(id), draft.print())?;
        self.settled(step, Word::Updated)
    }

    fn thing_failed(&mut self, step: &Step, error: &RemoteError) -> Result<(), StateError> {
        if error.kind == RemoteErrorKind::Gone && step.side() == Side::Ghl {
            return self.gone_here(step);
        }
        // What a service says of an address is about this thing, not about the person.
        let error = RemoteError {
            param: None,
            code: error.code.clone().filter(|code| code != "invalid_format"),
            ..error.clone()
        };
        self.failed(step, &error)
    }

    /// The task that a rule makes for a contact.
    fn drafted(&self, rule: usize, contact: &Contact) -> TaskDraft {
        let rule = &self.resolved.profile.tasks[rule];
        let due = SignedDuration::try_from(rule.due).unwrap_or(SignedDuration::ZERO);
        let now = Timestamp::from_millisecond(self.now()).unwrap_or_default();
        let due = now.checked_add(due).unwrap_or(Timestamp::MAX);
        // Whole seconds: what comes back is compared with it.
        let due = Timestamp::from_second(due.as_second()).ok();
        TaskDraft {
            title: Some(rule.title.render(contact)),
            body: rule
                .body
                .as_ref()
                .map(|body| body.render(contact))
                .filter(|body| !body.is_empty()),
            assigned_to: rule.assigned_to.clone(),
            due,
            completed: None,
        }
    }
}

/// Far more than two clocks of one service can differ, in milliseconds.
const RECENT: i64 = 10 * 60_000;

const MAIL_UNCLEAR: &str =
    "whether the mail went out is not known; it is not sent again, so that nobody gets it twice";

/// Under which it is remembered that a record was mailed, whoever it belonged to.
fn mailed(bm_id: &str) -> String {
    format!("bigmailer:{bm_id}")
}

/// The texts of a record that are kept as notes, by the index of the rule.
fn texts(row: &StagedMirror<MirrorView>) -> impl Iterator<Item = (usize, String)> {
    let notes = row.view.notes.iter().enumerate();
    notes.filter_map(|(rule, text)| {
        let text = text.as_ref()?;
        (!text.trim().is_empty()).then(|| (rule, text.clone()))
    })
}

/// The text of a field that is kept as a note.
pub(super) fn note_text(value: Option<&FieldValue>) -> Option<String> {
    match value? {
        FieldValue::Text(text) => Some(text.clone()),
        FieldValue::Integer(number) => Some(number.to_string()),
        FieldValue::Date(date) => Some(date.to_string()),
        FieldValue::Decimal(_) | FieldValue::Flag(_) | FieldValue::Many(_) => None,
    }
}

fn is_out(mirror: &Mirror) -> bool {
    mirror.unsubscribed || mirror.barred.is_some()
}

fn opts_out(action: &Action) -> bool {
    match action {
        Action::Update { update, .. } => update.opt_out.is_some(),
        Action::Create(create) => create.opted_out.is_some(),
        Action::Nothing | Action::Delete { .. } => false,
    }
}
