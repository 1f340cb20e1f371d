//! One person, explained: what both sides have, what is remembered, who wrote it, what comes next.
//!
//! Reads both services and the state, writes nothing, and decides with the same functions as a
//! run. Start reading at [`explain`].

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::contact::{Block, Contact, Side, email_key};
use crate::mapping::OnDelete;
use crate::plan::undo::Image;
use crate::plan::{Action, Base, Cell, ConsentBase, Skip, decide_stranger};
use crate::remote::{Key, RemoteError};
use crate::state::history::Image as Kept;
use crate::state::{Link, Pending, Problem, Staged, StagedMirror, State, StateError};
use crate::stop::Stop;

use super::planning::{Deed, Phase, Step, mirror};
use super::read::stage_mirror;
use super::saved::{Order, plain, write_of};
use super::{End, MirrorView, Options, Progress, Resolved, Sides, SourceView, sync};

/// Writes of a person that are looked through for who wrote a value last.
const HISTORY: usize = 1000;

/// Everything there is to say about one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    pub ghl_id: Option<String>,
    pub bigmailer_id: Option<String>,
    /// The service has the contact.
    pub in_ghl: bool,
    pub in_bigmailer: bool,
    /// The two are linked, or were when the other one was last there.
    pub linked: bool,
    pub status: Status,
    /// The reason of a skipped, failed or held person, as reports spell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same in words.
    pub because: String,
    pub email: Pair<Option<String>>,
    pub consent: Consent,
    pub fields: Vec<Field>,
    pub lists: Vec<List>,
    /// The last try failed, and the next run looks again.
    pub waiting: bool,
    /// What the next run that looks at the person would write.
    pub next: Vec<Order>,
    /// The latest writes to this person, newest first.
    pub history: Vec<Past>,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Both sides are as the profile wants them.
    InStep,
    /// The next run writes something.
    ToBeWritten,
    Held,
    Skipped,
    Failed,
    /// Linked, but deleted in HighLevel.
    GoneFromGhl,
    OnlyInBigmailer,
}

/// A value on both sides and as last agreed on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair<T> {
    pub ghl: T,
    pub bigmailer: T,
    pub base: T,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// The HighLevel source.
    pub source: String,
    pub merge_tag: String,
    pub direction: &'static str,
    /// Through the rule; `null` is empty.
    pub ghl: Value,
    pub bigmailer: Value,
    /// What both sides last agreed on; absent where nothing is remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Value>,
    /// HighLevel's value is none that the rule can use.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unusable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_write: Option<LastWrite>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct List {
    pub list_id: String,
    pub direction: &'static str,
    /// HighLevel has a tag that means it.
    pub ghl: Option<bool>,
    pub bigmailer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_write: Option<LastWrite>,
}

/// The last time that a run wrote a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastWrite {
    pub run_id: String,
    /// The side that was written to.
    pub to: String,
    /// Milliseconds since 1970 when the run began.
    #[serde(skip)]
    pub at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Consent {
    /// HighLevel says: not to be mailed. Absent where there is no contact.
    pub ghl_blocked: Option<bool>,
    /// The reason in BigMailer; `null`: to be mailed.
    pub bigmailer: Option<Block>,
    /// As both sides were when last compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<ConsentSeen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ConsentSeen {
    pub ghl_blocked: bool,
    pub unsubscribed: bool,
    pub barred: bool,
}

impl From<ConsentBase> for ConsentSeen {
    fn from(base: ConsentBase) -> ConsentSeen {
        ConsentSeen {
            ghl_blocked: base.ghl_blocked,
            unsubscribed: base.unsubscribed,
            barred: base.barred,
        }
    }
}

/// One write of an earlier run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Past {
    pub run_id: String,
    pub to: String,
    #[serde(rename = "do")]
    pub what: String,
    /// Names of what it changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// It was sent, but no run saw it confirmed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
    #[serde(skip)]
    pub at: Option<i64>,
}

/// Why nobody could be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error("stopped")]
    Stopped,
}

/// Explains everybody whom an address, a HighLevel id or a BigMailer id means: one person, or all
/// that share the address; nobody only where neither side nor the state knows the word.
///
/// # Errors
/// [`ExplainError`] when a service cannot be asked or the state fails.
pub fn explain(
    sides: Sides<'_>,
    resolved: &Resolved,
    state: &State,
    now: i64,
    word: &str,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Vec<Person>, ExplainError> {
    let who = identify(sides, resolved, state, word)?;
    state.open_stage()?;
    if !who.ghl_ids.is_empty() {
        let options = Options {
            now,
            dry_run: true,
            only: who.ghl_ids.iter().cloned().collect(),
            pass_brakes: true,
            ..Options::default()
        };
        let outcome = sync(sides, resolved, state, &options, progress, stop)?;
        match outcome.end {
            End::Remote(error) => return Err(error.into()),
            End::Stopped(_) => return Err(ExplainError::Stopped),
            End::Complete | End::Braked(_) | End::Stale { .. } => {}
        }
        state.index_actions()?;
    } else {
        state.index_ghl()?;
        state.index_bm()?;
    }
    let explaining = Explaining { resolved, state };
    let mut people = Vec::new();
    for ghl_id in &who.ghl_ids {
        people.extend(explaining.of_highlevel(ghl_id)?);
    }
    if let Some(record) = who.record {
        let known = |p: &Person| p.bigmailer_id.as_ref() == Some(&record.id);
        if !people.iter().any(known) {
            people.push(explaining.of_bigmailer(&record)?);
        }
    }
    if people.is_empty()
        && let Some(bm_id) = explaining.buried(word)?
    {
        people.push(explaining.deleted(bm_id));
    }
    Ok(people)
}

/// Whom a word means.
struct Who {
    ghl_ids: BTreeSet<String>,
    record: Option<Contact>,
}

fn identify(
    sides: Sides<'_>,
    resolved: &Resolved,
    state: &State,
    word: &str,
) -> Result<Who, ExplainError> {
    let mut ghl_ids = BTreeSet::new();
    let mut record = None;
    let ask_by_email = |email: &str, ghl_ids: &mut BTreeSet<String>| {
        for link in state.links_by_email::<Base>(email)? {
            ghl_ids.insert(link.ghl_id);
        }
        if let Some(contact) = sides.ghl.get(Key::Email(email))? {
            ghl_ids.insert(contact.id);
        }
        Ok::<_, ExplainError>(())
    };
    if let Some(email) = email_key(word).filter(|key| key.contains('@')) {
        ask_by_email(&email, &mut ghl_ids)?;
        record = sides.bigmailer.get(Key::Email(&email))?;
    } else if state.link::<Base>(word)?.is_some() || state.tombstone(Some(word), None)?.is_some() {
        ghl_ids.insert(word.to_owned());
    } else if let Some(owner) = state.owner(word)? {
        ghl_ids.insert(owner);
    } else if let Some(contact) = sides.ghl.get(Key::Id(word))? {
        ghl_ids.insert(contact.id);
    } else {
        record = sides.bigmailer.get(Key::Id(word))?;
    }
    if let Some(found) = &record {
        ghl_ids.extend(state.owner(&found.id)?);
        ghl_ids.extend(stage_mirror(resolved, found).ghl_id);
        if ghl_ids.is_empty()
            && let Some(email) = found.email.as_deref().and_then(email_key)
        {
            ask_by_email(&email, &mut ghl_ids)?;
        }
    }
    Ok(Who { ghl_ids, record })
}

struct Explaining<'a> {
    resolved: &'a Resolved,
    state: &'a State,
}

impl Explaining<'_> {
    /// A person whom HighLevel has or had; `None`: nobody ever knew the id.
    fn of_highlevel(&self, ghl_id: &str) -> Result<Option<Person>, StateError> {
        let row: Option<Staged<SourceView>> = self.state.staged_ghl(ghl_id)?;
        let link: Option<Link<Base>> = self.state.link(ghl_id)?;
        let buried = self.state.tombstone(Some(ghl_id), None)?;
        if row.is_none() && link.is_none() && buried.is_none() {
            return Ok(None);
        }
        let steps: Vec<Step> = self.state.actions_of(ghl_id, Phase::Remember as u8)?;
        let planned = steps.iter().find_map(|step| step.bm_id.clone());
        let linked_to = link.as_ref().and_then(|l| l.bm_id.clone());
        let bm_id = planned.or(linked_to.clone());
        let there: Option<StagedMirror<MirrorView>> = match &bm_id {
            Some(id) => self.state.staged_bm(id)?,
            None => None,
        };
        let mut problems = Vec::new();
        self.state.problems(|p| {
            if p.ghl_id.as_deref() == Some(ghl_id) || p.id.as_deref() == Some(ghl_id) {
                problems.push(p);
            }
        })?;
        let next: Vec<Order> = steps.iter().filter_map(write_of).collect();
        let told = problems.iter().find(|p| p.reason != "opt_in_elsewhere");
        let reason = told.map(|p| p.reason.clone());
        let (status, because) = match (&row, told) {
            (None, _) => (Status::GoneFromGhl, self.gone_words(&link)),
            (Some(_), Some(p)) => {
                let skip = Skip::ALL.iter().find(|s| s.as_str() == p.reason);
                match (skip, p.reason.as_str()) {
                    (Some(skip), _) => (Status::Skipped, skip_words(*skip).to_owned()),
                    (None, "conflict") => (Status::Held, p.message.clone()),
                    _ => (Status::Failed, p.message.clone()),
                }
            }
            (Some(_), None) if !next.is_empty() => (
                Status::ToBeWritten,
                "the next run that looks at this person writes what differs".to_owned(),
            ),
            (Some(_), None) if bm_id.is_none() => (
                Status::Skipped,
                "BigMailer does not know this person, and the profile creates nobody there"
                    .to_owned(),
            ),
            (Some(_), None) => (
                Status::InStep,
                "both sides are as the profile wants them".to_owned(),
            ),
        };
        let base = link.as_ref().and_then(|l| l.base.as_ref());
        let history: Vec<Kept<Image>> =
            self.state
                .images_of_person(Some(ghl_id), bm_id.as_deref(), HISTORY)?;
        Ok(Some(Person {
            ghl_id: Some(ghl_id.to_owned()),
            in_ghl: row.is_some(),
            in_bigmailer: there.is_some(),
            linked: linked_to.is_some(),
            status,
            reason,
            because,
            email: Pair {
                ghl: row.as_ref().and_then(|r| r.email.clone()),
                bigmailer: there.as_ref().and_then(|r| r.email.clone()),
                base: base.map(|b| b.email.clone()).filter(|e| !e.is_empty()),
            },
            consent: Consent {
                ghl_blocked: row
                    .as_ref()
                    .filter(|r| !r.view.consent_unknown)
                    .map(|r| r.blocked),
                bigmailer: there.as_ref().and_then(block),
                base: base.and_then(|b| b.consent).map(ConsentSeen::from),
            },
            fields: self.fields(row.as_ref(), there.as_ref(), base, &history)?,
            lists: self.lists(row.as_ref(), there.as_ref(), base, &history)?,
            waiting: self.state.is_pending(Pending::Person(ghl_id))?,
            next,
            history: self.past(&history)?,
            problems,
            bigmailer_id: bm_id.or(buried),
        }))
    }

    /// A contact that only BigMailer has.
    fn of_bigmailer(&self, record: &Contact) -> Result<Person, StateError> {
        let there = stage_mirror(self.resolved, record);
        let decision = decide_stranger(&self.resolved.policy, &mirror(there.clone()));
        let creates = decision.ghl != Action::Nothing;
        let (status, because) = match decision.skip {
            Some(skip) => (Status::Skipped, skip_words(skip).to_owned()),
            None if creates => (
                Status::ToBeWritten,
                "HighLevel does not know this person; the next run creates the contact there"
                    .to_owned(),
            ),
            None => (
                Status::OnlyInBigmailer,
                "HighLevel does not know this person, and the profile creates nobody there"
                    .to_owned(),
            ),
        };
        let step = Step {
            deed: Deed::WriteGhl(decision.ghl),
            ..Step::nobody()
        };
        let history: Vec<Kept<Image>> =
            self.state
                .images_of_person(None, Some(&record.id), HISTORY)?;
        Ok(Person {
            ghl_id: None,
            bigmailer_id: Some(record.id.clone()),
            in_ghl: false,
            in_bigmailer: true,
            linked: false,
            status,
            reason: decision.skip.map(|s| s.as_str().to_owned()),
            because,
            email: Pair {
                ghl: None,
                bigmailer: there.email.clone(),
                base: None,
            },
            consent: Consent {
                ghl_blocked: None,
                bigmailer: block(&there),
                base: None,
            },
            fields: self.fields(None, Some(&there), None, &history)?,
            lists: self.lists(None, Some(&there), None, &history)?,
            waiting: self.state.is_pending(Pending::Stranger(&record.id))?,
            next: write_of(&step).into_iter().collect(),
            history: self.past(&history)?,
            problems: Vec::new(),
        })
    }

    /// The BigMailer id that was deleted under an address that nobody has any more.
    fn buried(&self, word: &str) -> Result<Option<String>, StateError> {
        self.state.tombstone(Some(word), email_key(word).as_deref())
    }

    fn deleted(&self, bm_id: String) -> Person {
        let skip = Skip::DeletedInBigmailer;
        Person {
            ghl_id: None,
            bigmailer_id: Some(bm_id),
            in_ghl: false,
            in_bigmailer: false,
            linked: false,
            status: Status::Skipped,
            reason: Some(skip.as_str().to_owned()),
            because: skip_words(skip).to_owned(),
            email: Pair {
                ghl: None,
                bigmailer: None,
                base: None,
            },
            consent: Consent {
                ghl_blocked: None,
                bigmailer: None,
                base: None,
            },
            fields: Vec::new(),
            lists: Vec::new(),
            waiting: false,
            next: Vec::new(),
            history: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn gone_words(&self, link: &Option<Link<Base>>) -> String {
        let done = link.as_ref().is_some_and(|l| l.gone || l.bm_id.is_none());
        let then = match self.resolved.policy.on_ghl_delete {
            _ if done => "what the profile wants done about that has been done",
            OnDelete::Keep => "the profile leaves the BigMailer contact as it is",
            OnDelete::Unsubscribe => "the next full run unsubscribes the BigMailer contact",
            OnDelete::Delete => "the next full run deletes the BigMailer contact",
        };
        format!("the contact was deleted in HighLevel; {then}")
    }

    fn fields(
        &self,
        row: Option<&Staged<SourceView>>,
        there: Option<&StagedMirror<MirrorView>>,
        base: Option<&Base>,
        history: &[Kept<Image>],
    ) -> Result<Vec<Field>, StateError> {
        let policy = &self.resolved.policy;
        let mut fields = Vec::with_capacity(policy.fields.len());
        for (index, field) in policy.fields.iter().enumerate() {
            let cell = row.and_then(|r| r.view.fields.get(index));
            let here = match cell {
                Some(Cell::Value(Some(value))) => plain(value),
                _ => Value::Null,
            };
            let raw = there.and_then(|r| r.view.fields.get(index).cloned().flatten());
            let remembered = base.and_then(|b| b.fields.get(&field.tag));
            let wrote = |image: &Image, side: &str| {
                let key = match side == Side::Ghl.as_str() {
                    true => &field.ghl,
                    false => &field.tag,
                };
                image.values.contains_key(key)
            };
            fields.push(Field {
                source: field.ghl.clone(),
                merge_tag: field.tag.clone(),
                direction: field.flow.direction.as_str(),
                ghl: here,
                bigmailer: raw.as_ref().map_or(Value::Null, plain),
                base: remembered.map(|v| v.as_ref().map_or(Value::Null, plain)),
                unusable: matches!(cell, Some(Cell::Bad)),
                last_write: self.last_write(history, wrote)?,
            });
        }
        Ok(fields)
    }

    fn lists(
        &self,
        row: Option<&Staged<SourceView>>,
        there: Option<&StagedMirror<MirrorView>>,
        base: Option<&Base>,
        history: &[Kept<Image>],
    ) -> Result<Vec<List>, StateError> {
        let policy = &self.resolved.policy;
        let mut lists = Vec::with_capacity(policy.lists.len());
        for (index, list) in policy.lists.iter().enumerate() {
            let wrote = |image: &Image, _: &str| image.groups.values().any(|g| g.list == list.id);
            lists.push(List {
                list_id: list.id.clone(),
                direction: list.direction.as_str(),
                ghl: row.and_then(|r| r.view.lists.get(index).copied()),
                bigmailer: there.and_then(|r| r.view.lists.get(index).copied()),
                base: base.and_then(|b| b.lists.get(&list.id).copied()),
                last_write: self.last_write(history, wrote)?,
            });
        }
        Ok(lists)
    }

    /// The last confirmed write of a value: by name, or with the whole contact.
    fn last_write(
        &self,
        history: &[Kept<Image>],
        wrote: impl Fn(&Image, &str) -> bool,
    ) -> Result<Option<LastWrite>, StateError> {
        let found = history.iter().find(|kept| {
            let named = kept.body.as_ref().is_some_and(|i| wrote(i, &kept.side));
            kept.done && (named || kept.kind == "create")
        });
        found
            .map(|kept| {
                Ok(LastWrite {
                    run_id: kept.run.clone(),
                    to: kept.side.clone(),
                    at: self.state.run_started(&kept.run)?,
                })
            })
            .transpose()
    }

    fn past(&self, history: &[Kept<Image>]) -> Result<Vec<Past>, StateError> {
        history
            .iter()
            .take(SHOWN)
            .map(|kept| {
                let mut changed = Vec::new();
                if let Some(image) = &kept.body {
                    changed.extend(image.email.iter().map(|_| "email".to_owned()));
                    changed.extend(image.values.keys().chain(image.groups.keys()).cloned());
                    if image.opt_out {
                        changed.push("consent".to_owned());
                    }
                }
                Ok(Past {
                    run_id: kept.run.clone(),
                    to: kept.side.clone(),
                    what: kept.kind.clone(),
                    changed,
                    unconfirmed: !kept.done,
                    at: self.state.run_started(&kept.run)?,
                })
            })
            .collect()
    }
}

/// So many of the latest writes are shown.
const SHOWN: usize = 10;

fn block(row: &StagedMirror<MirrorView>) -> Option<Block> {
    let unsubscribed = row.unsubscribed.then_some(Block::Unsubscribed);
    unsubscribed.or(row.view.barred)
}

/// Why somebody is left out, and what would change it.
fn skip_words(skip: Skip) -> &'static str {
    match skip {
        Skip::NoEmail => "the contact has no e-mail address, and BigMailer knows people by theirs",
        Skip::InvalidEmail => "the address is none that BigMailer can store",
        Skip::DuplicateEmail => {
            "an earlier HighLevel contact has the same address; that one is linked, and an opt-out of either counts"
        }
        Skip::Filtered => "the contact does not pass the profile's [filter]",
        Skip::OptedOut => {
            "the person is opted out and unknown to the other side, and the profile says create_opted_out = false"
        }
        Skip::DeletedInBigmailer => {
            "somebody deleted the contact in BigMailer; a sync never makes it again"
        }
        Skip::NoName => "nothing says what to call the person in HighLevel",
    }
}
