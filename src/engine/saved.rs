//! Plans that are kept in a file: made by one run, carried out by another.
//!
//! An entry says what one person's plan was decided on and what is to be written. Whoever carries
//! it out reads the same people again and decides anew; only what comes out exactly the same is
//! written. So a plan has no power of its own: nothing that a sync would not write can be written by
//! way of a file, whoever edited it. Knows no files: text comes in and goes out. Start reading at
//! [`write()`] and [`load`], then [`Run::keep_saved`].

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc::SyncSender;
use std::thread::Scope;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::contact::{Block, FieldValue, Side};
use crate::mapping::Profile;
use crate::plan::{Action, Cell, Create, Policy, Update};
use crate::remote::Listing;
use crate::state::{Staged, StagedMirror, State, StateError};

use super::carry::{Answer, Event, Task};
use super::planning::{Deed, Phase, Step};
use super::read::{BIGMAILER_PAGE, GHL_PAGE, Reading, stage_mirror};
use super::{
    Apply, Halt, MirrorView, Mode, People, Planned, Resolved, Run, SourceView, Word, problem,
    stranger_problem,
};

/// The version of the file's shape.
const FORMAT: u64 = 1;

/// So few people are asked for one by one, however little a listing costs.
const FEW: u64 = 200;

/// People looked at between two requests to stop.
const PART: usize = 500;

/// What a plan says of itself, before its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the shape.
    pub ghl_bm_plan: u64,
    /// ISO 8601, UTC.
    pub made_at: String,
    pub profile: String,
    /// Differs whenever the profile would make a sync write different things.
    pub profile_hash: String,
    pub location_id: String,
    pub brand_id: String,
    /// How many contacts of each side were read for it.
    pub read: Counts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub ghl: u64,
    pub bigmailer: u64,
}

impl Header {
    pub fn new(profile: &Profile, made_at: String, ghl: u64, bigmailer: u64) -> Header {
        Header {
            ghl_bm_plan: FORMAT,
            made_at,
            profile: profile.name.clone(),
            profile_hash: hash(profile),
            location_id: profile.location_id.clone(),
            brand_id: profile.brand_id.clone(),
            read: Counts { ghl, bigmailer },
        }
    }

    /// Why the plan is not one for this profile as it is now, if it is not.
    pub fn misfit(&self, profile: &Profile) -> Option<String> {
        for (what, plan, now) in [
            ("profile", &self.profile, &profile.name),
            ("location", &self.location_id, &profile.location_id),
            ("brand", &self.brand_id, &profile.brand_id),
        ] {
            if plan != now {
                return Some(format!("it was made for the {what} {plan}, not for {now}"));
            }
        }
        (self.profile_hash != hash(profile))
            .then(|| format!("the profile {} has changed since it was made", profile.name))
    }
}

/// A digest of all that makes a sync write what it writes.
fn hash(profile: &Profile) -> String {
    let digest = Sha256::digest(profile.fingerprint().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a text is no plan that can be carried out.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{0}")]
    NotAPlan(String),
    #[error("it was written by another version of ghl-bm (shape {0}, this one knows {FORMAT})")]
    OtherVersion(u64),
    #[error(transparent)]
    State(#[from] StateError),
}

/// One person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    /// `None`: only BigMailer knows the person.
    ghl_id: Option<String>,
    /// `None`: only HighLevel does.
    bigmailer_id: Option<String>,
    read: Views,
    write: Vec<Order>,
    /// Other HighLevel contacts that had a say, because they share the address or the record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    with: Vec<String>,
}

/// What was read; `None`: the side has nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Views {
    ghl: Option<GhlView>,
    bigmailer: Option<BigmailerView>,
}

/// A HighLevel contact through the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct GhlView {
    email: Option<String>,
    takes_part: bool,
    opted_out: bool,
    /// By merge tag; a value that no rule can use is left out.
    fields: BTreeMap<String, Value>,
    /// By list id: is a tag there that means it?
    lists: BTreeMap<String, bool>,
}

/// A BigMailer contact as the rules look at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct BigmailerView {
    email: Option<String>,
    unsubscribed: bool,
    /// A hard bounce or a complaint.
    barred: Option<Block>,
    ghl_id: Option<String>,
    fields: BTreeMap<String, Value>,
    lists: BTreeMap<String, bool>,
}

/// One write, by the names of the service it goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub to: Side,
    #[serde(rename = "do")]
    pub what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clear: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<Block>,
}

impl Entry {
    fn key(&self) -> &str {
        let id = self.ghl_id.as_ref().or(self.bigmailer_id.as_ref());
        id.map(String::as_str).unwrap_or_default()
    }

    /// Whether it says the same of the person, and wants the same.
    fn agrees(&self, other: &Entry) -> bool {
        let same = (&self.ghl_id, &self.bigmailer_id) == (&other.ghl_id, &other.bigmailer_id);
        same && self.read == other.read && self.write == other.write
    }
}

/// A value as plain JSON. The rule says its type.
pub(super) fn plain(value: &FieldValue) -> Value {
    match value {
        FieldValue::Text(text) => Value::from(text.as_str()),
        FieldValue::Integer(number) => Value::from(*number),
        FieldValue::Decimal(number) => Value::from(*number),
        FieldValue::Flag(yes) => Value::from(*yes),
        FieldValue::Date(date) => Value::from(date.to_string()),
        FieldValue::Many(parts) => Value::from(parts.clone()),
    }
}

fn named<'a>(
    values: impl IntoIterator<Item = &'a (String, FieldValue)>,
) -> BTreeMap<String, Value> {
    let pairs = values.into_iter();
    pairs
        .map(|(key, value)| (key.clone(), plain(value)))
        .collect()
}

fn lists(policy: &Policy, there: &[bool]) -> BTreeMap<String, bool> {
    let pairs = policy.lists.iter().zip(there);
    pairs.map(|(list, yes)| (list.id.clone(), *yes)).collect()
}

fn ghl_view(policy: &Policy, row: &Staged<SourceView>) -> GhlView {
    let mut fields = BTreeMap::new();
    for (field, cell) in policy.fields.iter().zip(&row.view.fields) {
        if let Cell::Value(value) = cell {
            let value = value.as_ref().map_or(Value::Null, plain);
            fields.insert(field.tag.clone(), value);
        }
    }
    GhlView {
        email: row.email.clone(),
        takes_part: row.scoped,
        opted_out: row.blocked,
        fields,
        lists: lists(policy, &row.view.lists),
    }
}

fn bigmailer_view(policy: &Policy, row: &StagedMirror<MirrorView>) -> BigmailerView {
    let pairs = policy.fields.iter().zip(&row.view.fields);
    BigmailerView {
        email: row.email.clone(),
        unsubscribed: row.unsubscribed,
        barred: row.view.barred,
        ghl_id: row.ghl_id.clone(),
        fields: pairs
            .map(|(field, value)| {
                let value = value.as_ref().map_or(Value::Null, plain);
                (field.tag.clone(), value)
            })
            .collect(),
        lists: lists(policy, &row.view.lists),
    }
}

pub(super) fn write_of(step: &Step) -> Option<Order> {
    let (to, action) = match &step.deed {
        Deed::Write(action) => (Side::Bigmailer, action),
        Deed::WriteGhl(action) => (Side::Ghl, action),
        _ => return None,
    };
    let bare = |what: &str| Order {
        to,
        what: what.to_owned(),
        email: None,
        set: BTreeMap::new(),
        clear: Vec::new(),
        join: Vec::new(),
        leave: Vec::new(),
        opt_out: None,
    };
    Some(match action {
        Action::Nothing => return None,
        Action::Delete { .. } => bare("delete"),
        Action::Create(create) => {
            let Create {
                email,
                values,
                lists,
                opted_out,
            } = create;
            Order {
                email: Some(email.clone()),
                set: named(values),
                join: lists.clone(),
                opt_out: *opted_out,
                ..bare("create")
            }
        }
        Action::Update { update, .. } => {
            let Update {
                email,
                set,
                clear,
                join,
                leave,
                opt_out,
            } = update.clone();
            Order {
                email,
                set: named(&set),
                clear: clear.into_iter().map(|(key, _)| key).collect(),
                join,
                leave,
                opt_out,
                ..bare("update")
            }
        }
    })
}

/// What the current plan says about one person; `None`: nothing is to be written.
fn entry(
    state: &State,
    policy: &Policy,
    key: &str,
    steps: &[Step],
) -> Result<Option<Entry>, StateError> {
    let Some(first) = steps.first() else {
        return Ok(None);
    };
    let ghl = state.staged_ghl::<SourceView>(&first.ghl_id)?;
    let bm_id = steps.iter().find_map(|step| step.bm_id.clone());
    let bigmailer = match &bm_id {
        Some(id) => state.staged_bm::<MirrorView>(id)?,
        None => None,
    };
    let mut with = Vec::new();
    if let Some(email) = ghl.as_ref().and_then(|row| row.email.as_ref()) {
        with = state.staged_with_address(email)?;
    }
    if let Some(id) = &bm_id {
        with.extend(state.owner(id)?);
    }
    with.sort();
    with.dedup();
    with.retain(|id| id != key);
    Ok(Some(Entry {
        ghl_id: Some(first.ghl_id.clone()).filter(|id| !id.is_empty()),
        bigmailer_id: bm_id,
        read: Views {
            ghl: ghl.map(|row| ghl_view(policy, &row)),
            bigmailer: bigmailer.map(|row| bigmailer_view(policy, &row)),
        },
        write: steps.iter().filter_map(write_of).collect(),
        with,
    }))
}

/// Writes the plan that a dry run has left in the state's staging tables: one document, a line a
/// person. Returns how many people it is about.
///
/// # Errors
/// Where the state cannot be read; an error of `out` comes back inside.
pub fn write(
    state: &State,
    resolved: &Resolved,
    header: &Header,
    out: &mut dyn Write,
) -> Result<io::Result<u64>, StateError> {
    state.index_actions()?;
    let mut written = (|| {
        let text = serde_json::to_string(header)?;
        out.write_all(text.trim_end_matches('}').as_bytes())?;
        // The header ends with an object of its own, whose bracket was taken away with it.
        out.write_all(b"},\"people\":[")?;
        Ok(0)
    })();
    let mut after = String::new();
    while let Ok(count) = written {
        let part = state.planned_people(Phase::Consent as u8, &after, PART)?;
        let Some(last) = part.last() else { break };
        after.clone_from(last);
        let mut people = count;
        let mut text = String::new();
        for key in &part {
            let steps: Vec<Step> = state.actions_of(key, Phase::Consent as u8)?;
            if let Some(entry) = entry(state, &resolved.policy, key, &steps)? {
                text.push_str(if people == 0 { "\n" } else { ",\n" });
                text.push_str(&serde_json::to_string(&entry).unwrap_or_default());
                people += 1;
            }
        }
        written = out.write_all(text.as_bytes()).map(|()| people);
    }
    Ok(written.and_then(|count| out.write_all(b"\n]}\n").map(|()| count)))
}

/// Reads a plan and lays it out in the state for [`super::sync`] with [`super::Options::apply`].
///
/// # Errors
/// [`LoadError`] when the text is not a whole plan of this version.
pub fn load(state: &State, text: impl Read) -> Result<Header, LoadError> {
    state.open_saved()?;
    let mut failed = None;
    let mut reader = serde_json::Deserializer::from_reader(BufReader::new(text));
    let read = Plan(state, &mut failed)
        .deserialize(&mut reader)
        .and_then(|head| reader.end().map(|()| head));
    if let Some(error) = failed {
        return Err(LoadError::State(error));
    }
    let head = read.map_err(|e| LoadError::NotAPlan(format!("it is not a whole plan: {e}")))?;
    match head.get("ghl_bm_plan").and_then(Value::as_u64) {
        Some(FORMAT) => {}
        Some(other) => return Err(LoadError::OtherVersion(other)),
        None => return Err(LoadError::NotAPlan("it is no plan of ghl-bm".to_owned())),
    }
    serde_json::from_value(Value::Object(head))
        .map_err(|e| LoadError::NotAPlan(format!("its head is incomplete: {e}")))
}

/// Reads the document; the people go into the state one by one, the rest comes back.
struct Plan<'a>(&'a State, &'a mut Option<StateError>);

impl<'de> DeserializeSeed<'de> for Plan<'_> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Plan<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plan")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut head = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "people" {
                map.next_value_seed(Entries(self.0, self.1))?;
            } else {
                head.insert(key, map.next_value()?);
            }
        }
        Ok(head)
    }
}

struct Entries<'a>(&'a State, &'a mut Option<StateError>);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the people of a plan")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element::<Entry>()? {
            if entry.key().is_empty() {
                return Err(A::Error::custom("somebody has no id"));
            }
            let body = serde_json::to_string(&entry).map_err(A::Error::custom)?;
            if let Err(error) = self.0.put_saved(entry.key(), &body) {
                *self.1 = Some(error);
                return Err(A::Error::custom("it cannot be kept"));
            }
        }
        Ok(())
    }
}

impl<'a> Run<'a> {
    /// Reads the records of everybody whom the plan writes to, singly or all, whichever takes fewer
    /// calls, so that a plan for the file is decided on what is really there.
    pub(super) fn read_planned<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        events: &SyncSender<Event>,
        reading: &mut Reading,
    ) -> Result<(), Halt> {
        self.state.index_actions()?;
        let mut after = String::new();
        let mut asked = Vec::new();
        loop {
            self.go_on()?;
            let part = self
                .state
                .planned_people(Phase::Consent as u8, &after, PART)?;
            let Some(last) = part.last() else { break };
            after.clone_from(last);
            for key in part {
                let steps: Vec<Step> = self.state.actions_of(&key, Phase::Consent as u8)?;
                let Some(step) = steps.into_iter().next() else {
                    continue;
                };
                asked.extend(match (step.bm_id, step.email) {
                    (Some(id), _) => Some(Task::ReadBm(id)),
                    (None, Some(email)) => Some(Task::FindBm(email)),
                    (None, None) => None,
                });
            }
            if asked.len() as u64 > FEW.max(reading.linked.div_ceil(BIGMAILER_PAGE)) {
                return self.list_bigmailer(scope, events, reading);
            }
        }
        self.ask_bigmailer_for(asked)?;
        reading.bigmailer_listed = true;
        self.state.index_bm()?;
        self.tally.read_bigmailer = self.state.staged_bm_count()?;
        Ok(())
    }

    /// Stages whomever BigMailer has of these; whoever is asked for by id and is not there is gone.
    pub(super) fn ask_bigmailer_for(&mut self, tasks: Vec<Task>) -> Result<(), Halt> {
        self.ask_all(tasks.into_iter(), |run, task, answer| {
            match (task, answer) {
                (_, Answer::Contact(Some(contact))) => {
                    run.state.stage_bm(&stage_mirror(run.resolved, &contact))?;
                }
                (Task::ReadBm(id), Answer::Contact(None)) => run.state.confirm_gone(&id)?,
                _ => {}
            }
            Ok(())
        })
    }

    /// Reads everybody whom a saved plan is about as they are now: one by one, or by listing both
    /// sides where that takes fewer calls.
    pub(super) fn read_saved<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        events: &SyncSender<Event>,
        reading: &mut Reading,
        apply: Apply,
    ) -> Result<(), Halt> {
        let ghl = apply.read_ghl.max(reading.linked);
        let bigmailer = apply.read_bigmailer.max(reading.linked);
        let listing = ghl.div_ceil(GHL_PAGE) + bigmailer.div_ceil(BIGMAILER_PAGE);
        reading.bigmailer_listed = true;
        if self.state.saved_count()? > FEW.max(listing) {
            self.mode = Mode::Full;
            self.start_reader(scope, events, Side::Ghl, Listing::Full);
            self.start_reader(scope, events, Side::Bigmailer, Listing::Full);
            self.receive(reading, 2)?;
            if self.resolved.policy.reads_bigmailer() {
                self.read_moved()?;
            }
        } else {
            self.ask_for_saved(reading)?;
            reading.asked_for_all = true;
        }
        self.state.index_ghl()?;
        self.state.index_bm()?;
        self.tally.read_ghl = self.state.staged_ghl_count()?;
        self.tally.read_bigmailer = self.state.staged_bm_count()?;
        Ok(())
    }

    fn ask_for_saved(&mut self, reading: &mut Reading) -> Result<(), Halt> {
        let mut after = 0;
        loop {
            self.go_on()?;
            let part = self.state.saved_after::<Entry>(after, PART)?;
            let Some((seq, ..)) = part.last() else {
                return Ok(());
            };
            after = *seq;
            let mut here = Vec::new();
            let mut there = Vec::new();
            let mut strangers = BTreeMap::new();
            for (_, _, entry) in part {
                let Entry {
                    ghl_id,
                    bigmailer_id,
                    read,
                    with,
                    ..
                } = entry;
                here.extend(with.into_iter().map(Task::ReadGhl));
                let email = read.ghl.and_then(|view| view.email);
                match (ghl_id, &bigmailer_id) {
                    (Some(id), _) => here.push(Task::ReadGhl(id)),
                    (None, Some(bm_id)) => {
                        if let Some(email) = read.bigmailer.and_then(|view| view.email) {
                            strangers.insert(email.clone(), bm_id.clone());
                            here.push(Task::FindGhl(email));
                        }
                    }
                    (None, None) => {}
                }
                there.extend(match (bigmailer_id, email) {
                    (Some(id), _) => Some(Task::ReadBm(id)),
                    (None, email) => email.map(Task::FindBm),
                });
            }
            let newcomers = &mut reading.newcomers;
            self.ask_all(here.into_iter(), |run, task, answer| {
                match (task, answer) {
                    (task, Answer::Contact(Some(contact))) => {
                        run.stage_found(&contact, matches!(task, Task::ReadGhl(_)))?;
                    }
                    (Task::ReadGhl(id), Answer::Contact(None)) => run.state.confirm_gone(&id)?,
                    (Task::FindGhl(email), Answer::Contact(None)) => {
                        newcomers.extend(strangers.remove(&email));
                    }
                    _ => {}
                }
                Ok(())
            })?;
            self.ask_bigmailer_for(there)?;
        }
    }

    /// Compares the plan that was just made with the saved one, and leaves of it what both say.
    pub(super) fn keep_saved(&mut self, apply: Apply) -> Result<(), Halt> {
        self.state.index_actions()?;
        let mut planned = Planned::default();
        let mut people = People::default();
        let mut moved: Vec<Entry> = Vec::new();
        let mut after = 0;
        loop {
            self.go_on()?;
            let part = self.state.saved_after::<Entry>(after, PART)?;
            let Some((seq, ..)) = part.last() else { break };
            after = *seq;
            for (_, key, then) in part {
                let steps: Vec<Step> = self.state.actions_of(&key, Phase::Consent as u8)?;
                let now = entry(self.state, &self.resolved.policy, &key, &steps)?;
                if !now.is_some_and(|now| now.agrees(&then)) {
                    self.state.mark_moved(&key)?;
                    moved.push(then);
                    continue;
                }
                planned.count_person(&steps);
                if let Some(step) = steps.iter().find(|step| step.counted) {
                    *people.of(Word::Held.spoilt(step.bad)) += 1;
                }
            }
        }
        self.state.keep_saved()?;
        people.failed += moved.len() as u64;
        self.planned = planned;
        self.tally.people = people;
        self.tally.skipped.clear();
        // People who are looked at only for others' sake wait for their own run.
        self.carrying.try_again.clear();
        let of = self.state.saved_count()?;
        for entry in &moved {
            let sentence = "has changed since the plan was made";
            self.state
                .note(&match (&entry.ghl_id, &entry.bigmailer_id) {
                    (Some(id), bm_id) => problem(id, bm_id.as_deref(), MOVED, sentence),
                    (None, bm_id) => {
                        stranger_problem(bm_id.as_deref().unwrap_or_default(), MOVED, sentence)
                    }
                })?;
        }
        match moved.len() as u64 {
            0 => Ok(()),
            _ if apply.allow_partial => Ok(()),
            moved => Err(Halt::Stale { moved, of }),
        }
    }
}

/// The reason word of those whom a saved plan fits no more.
const MOVED: &str = "moved";

impl Planned {
    /// Adds what is planned for one person.
    fn count_person(&mut self, steps: &[Step]) {
        for step in steps {
            self.add(step);
        }
        let created = steps.iter().any(|step| {
            matches!(
                step.deed,
                Deed::Write(Action::Create(_)) | Deed::WriteGhl(Action::Create(_))
            )
        });
        let deleted = steps
            .iter()
            .any(|step| matches!(step.deed, Deed::Write(Action::Delete { .. })));
        let bad = steps.iter().any(|step| step.bad);
        self.linked_changes += u64::from(steps.iter().any(|step| step.linked));
        if !deleted && !steps.iter().any(|step| step.counted) {
            let word = if created {
                Word::Created
            } else {
                Word::Updated
            };
            *self.people.of(word.spoilt(bad)) += 1;
        }
    }
}
