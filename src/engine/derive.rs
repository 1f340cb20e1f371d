//! Fetching what hangs on contacts, and the values and memberships that follow from it.
//!
//! Only what the profile names is fetched, only for contacts that are due, by the cheapest way, and
//! within a budget of calls. What could not be had stays unread: nothing of it is written, cleared or
//! forgotten. Start reading at [`Run::derive`]; who is due is in [`crate::state::State::line_up`].

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::contact::Contact;
use crate::mapping::Condition;
use crate::mapping::derived::{A_CALL, Facts, Related, Setting, derive};
use crate::plan::{Action, Base, Cell, Create, Policy, Skip, Target, decide};
use crate::related::{Appointment, Business, Note, Opportunity};
use crate::remote::{Attachments, Remote, RemoteError, RemoteErrorKind};
use crate::state::{Link, Staged, StateError, Sweep};

use super::carry::{Answer, Task};
use super::planning::source;
use super::read::stage_source;
use super::{Halt, Mode, Resolved, Run, SourceView, fact};

/// Contacts that are fetched for together: as many as one search for tasks names.
const TOGETHER: usize = 100;

/// So few contacts are asked for their opportunities without counting all there are.
const FEW: u64 = 2;

/// So many calls in a row that the service does not answer mean that it is down.
const SILENT_CALLS: u32 = 3;

/// A call about what hangs on contacts.
#[derive(Debug, Clone)]
pub(super) enum Ask {
    Tasks(Vec<String>),
    TasksOf(String),
    Notes(String),
    Appointments(String),
    Opportunities(String),
}

/// What a call found.
#[derive(Debug)]
pub(super) enum Found {
    Tasks(Vec<crate::related::Task>),
    Notes(Vec<Note>),
    Appointments(Vec<Appointment>),
    Opportunities(Vec<Opportunity>),
}

impl Ask {
    pub fn of(self, ghl: &dyn Remote) -> Result<Found, RemoteError> {
        let Some(things) = ghl.attachments() else {
            return Ok(Found::Tasks(Vec::new()));
        };
        Ok(match self {
            Ask::Tasks(ids) => Found::Tasks(things.open_tasks(&ids)?),
            Ask::TasksOf(id) => Found::Tasks(things.open_tasks_of(&id)?),
            Ask::Notes(id) => Found::Notes(things.notes(&id)?),
            Ask::Appointments(id) => Found::Appointments(things.appointments(&id)?),
            Ask::Opportunities(id) => Found::Opportunities(things.opportunities(&id)?),
        })
    }

    fn kind(&self) -> Related {
        match self {
            Ask::Tasks(_) | Ask::TasksOf(_) => Related::Tasks,
            Ask::Notes(_) => Related::Notes,
            Ask::Appointments(_) => Related::Appointments,
            Ask::Opportunities(_) => Related::Opportunities,
        }
    }

    /// The one contact that it is about.
    fn contact(&self) -> Option<&str> {
        match self {
            Ask::Tasks(_) => None,
            Ask::TasksOf(id) | Ask::Notes(id) | Ask::Appointments(id) | Ask::Opportunities(id) => {
                Some(id)
            }
        }
    }
}

/// An opportunity as it waits on disk for its contact's turn.
#[derive(Serialize, Deserialize)]
struct Deal {
    id: String,
    status: Option<String>,
    pipeline: Option<String>,
    stage: Option<String>,
    value: Option<f64>,
    created: Option<i64>,
}

impl From<Opportunity> for Deal {
    fn from(it: Opportunity) -> Deal {
        Deal {
            id: it.id,
            status: it.status,
            pipeline: it.pipeline_id,
            stage: it.stage_id,
            value: it.value,
            created: it.created.map(Timestamp::as_millisecond),
        }
    }
}

impl From<Deal> for Opportunity {
    fn from(it: Deal) -> Opportunity {
        let moment = |at| Timestamp::from_millisecond(at).ok();
        Opportunity {
            id: it.id,
            status: it.status,
            pipeline_id: it.pipeline,
            stage_id: it.stage,
            value: it.value,
            created: it.created.and_then(moment),
            ..Opportunity::default()
        }
    }
}

/// What the contacts of a run are fetched with.
struct Fetching {
    setting: Setting,
    /// Names by id, where a rule needs them; `None`: they could not be read.
    businesses: Option<BTreeMap<String, Option<String>>>,
    /// Everybody's opportunities wait on disk.
    deals_staged: bool,
    /// Calls that may still be made.
    left: u64,
    /// Calls in a row that got no answer.
    silent: u32,
}

impl Fetching {
    fn spend(&mut self, calls: u64) {
        self.left = self.left.saturating_sub(calls);
    }
}

/// What became of one contact's turn.
#[derive(Default)]
struct Turn {
    facts: Facts,
    /// Sentences about what could not be read.
    unread: Vec<String>,
    /// The service does not know the contact any more.
    gone: bool,
    /// It is not known any more what hangs on it, for want of calls.
    unasked: bool,
    /// What the list of all opportunities lacks may be there all the same: only a direct read counts.
    doubtful: bool,
}

impl Run<'_> {
    /// Fetches what derived sources and conditions look at, for those contacts that are due, and
    /// completes their staged views. Contacts of the sweep are staged with nothing but that.
    pub(super) fn derive(&mut self) -> Result<(), Halt> {
        if self.needs.is_empty() || self.options.push.is_some() {
            return Ok(());
        }
        let Some(things) = self.sides.ghl.attachments() else {
            return Ok(());
        };
        let budget = self.resolved.profile.limits.derived_calls_per_run;
        self.state.find_shared_addresses()?;
        let sweep = self.sweep(budget)?;
        self.state.line_up(self.options.now, sweep)?;
        let waiting = self.state.left_in_line(0)?;
        if waiting == 0 {
            return Ok(());
        }
        let mut fetching = self.prepare(things, budget, waiting)?;
        let (mut after, mut done) = (0, 0);
        loop {
            self.go_on()?;
            self.progress.deriving(done, waiting);
            let part = self.within_budget(&fetching, after == 0);
            if part == 0 {
                break;
            }
            let part = self.state.next_in_line(after, part)?;
            let Some((last, _)) = part.last() else { break };
            after = *last;
            let ids: Vec<String> = part.into_iter().map(|(_, id)| id).collect();
            self.fetch_for(&mut fetching, &ids)?;
            done += ids.len() as u64;
        }
        let left = self.state.left_in_line(after)?;
        if left > 0 {
            self.progress.say(&format!(
                "{left} contacts keep their derived values until a later run: this one had {budget} calls for them (limits.derived_calls_per_run)"
            ));
        }
        Ok(())
    }

    /// Which contacts come besides the staged ones. A full run stages everybody; businesses alone
    /// are no reason, since contacts say themselves to which they belong.
    fn sweep(&self, budget: u64) -> Result<Option<Sweep>, StateError> {
        let only_business = self
            .needs
            .kinds
            .iter()
            .all(|kind| *kind == Related::Business);
        if self.mode == Mode::Full || !self.options.only.is_empty() || only_business {
            return Ok(None);
        }
        let last_full: i64 = self
            .state
            .meta(fact::LAST_FULL)?
            .and_then(|at| at.parse().ok())
            .unwrap_or(i64::MIN);
        let every = self.resolved.profile.sync.full_every.as_millis();
        let every = i64::try_from(every).unwrap_or(i64::MAX);
        Ok(Some(Sweep {
            due_before: self.options.now.saturating_sub(every).max(last_full),
            most: budget.saturating_mul(A_CALL),
        }))
    }

    /// Reads names, and everybody's opportunities at once where that takes fewer calls than asking
    /// each contact.
    fn prepare(
        &mut self,
        things: &dyn Attachments,
        budget: u64,
        waiting: u64,
    ) -> Result<Fetching, Halt> {
        let now = Timestamp::from_millisecond(self.options.now).unwrap_or(Timestamp::MAX);
        let mut fetching = Fetching {
            setting: Setting {
                now,
                zone: TimeZone::UTC,
                pipelines: Vec::new(),
            },
            businesses: None,
            deals_staged: false,
            left: budget,
            silent: 0,
        };
        if self.needs.zone {
            fetching.spend(1);
            fetching.setting.zone = self.zone(things)?;
        }
        if self.needs.pipelines {
            fetching.spend(1);
            fetching.setting.pipelines = things.pipelines()?;
        }
        if self.needs.has(Related::Business) {
            let named = |it: Business| (it.id, it.name);
            let read = self.unless_fatal(things.businesses(), "businesses")?;
            let known = read.as_ref().map_or(0, Vec::len) as u64;
            fetching.businesses = read.map(|all| all.into_iter().map(named).collect());
            fetching.spend(1 + known / A_CALL);
        }
        let within_reach = waiting.min(fetching.left);
        if self.needs.has(Related::Opportunities) && within_reach > FEW {
            fetching.spend(1);
            let count = self.unless_fatal(things.count_opportunities(), "opportunities")?;
            if let Some(all) = count.flatten() {
                let pages = all / A_CALL + 1;
                if pages < within_reach.min(fetching.left) {
                    fetching.spend(pages);
                    fetching.deals_staged = self.stage_deals(things, all)?;
                }
            }
        }
        Ok(fetching)
    }

    /// The location's time zone; UTC where it cannot be known.
    fn zone(&self, things: &dyn Attachments) -> Result<TimeZone, Halt> {
        let name = match things.time_zone() {
            Ok(name) => name,
            // Not being allowed to ask is no reason to fail.
            Err(e) if e.kind == RemoteErrorKind::Auth => None,
            Err(e) => return Err(e.into()),
        };
        let zone = name.as_deref().and_then(|name| TimeZone::get(name).ok());
        if zone.is_none() {
            self.progress
                .say("the location's time zone is not known; UTC stands in its place");
        }
        Ok(zone.unwrap_or(TimeZone::UTC))
    }

    /// What was read for all contacts, or nothing where only this call failed.
    fn unless_fatal<T>(&self, read: Result<T, RemoteError>, what: &str) -> Result<Option<T>, Halt> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(e)
                if matches!(
                    e.kind,
                    RemoteErrorKind::Rejected | RemoteErrorKind::Nonsense
                ) =>
            {
                self.progress
                    .say(&format!("the location's {what} could not be read: {e}"));
                Ok(None)
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Puts everybody's opportunities on disk; whether at least as many came as there are.
    fn stage_deals(&mut self, things: &dyn Attachments, expected: u64) -> Result<bool, Halt> {
        let mut halt = None;
        let mut delivered = 0;
        let state = self.state;
        let keep = |deals: Vec<Opportunity>| -> Result<(), Halt> {
            self.go_on()?;
            state.transaction(|| {
                deals.into_iter().try_for_each(|deal| {
                    let (id, contact_id) = (deal.id.clone(), deal.contact_id.clone());
                    match contact_id {
                        Some(contact_id) => state.stage_deal(&contact_id, &id, &Deal::from(deal)),
                        None => Ok(()),
                    }
                })
            })?;
            Ok(())
        };
        let read = things.all_opportunities(&mut |deals| {
            delivered += deals.len() as u64;
            match keep(deals) {
                Ok(()) => ControlFlow::Continue(()),
                Err(e) => {
                    halt = Some(e);
                    ControlFlow::Break(())
                }
            }
        });
        if let Some(halt) = halt {
            return Err(halt);
        }
        let read = self.unless_fatal(read, "opportunities")?.is_some();
        Ok(read && delivered >= expected)
    }

    /// Calls that each contact takes, besides those that name many.
    fn calls_a_contact(&self, fetching: &Fetching) -> u64 {
        let opportunities = self.needs.has(Related::Opportunities) && !fetching.deals_staged;
        u64::from(self.needs.has(Related::Notes))
            + u64::from(self.needs.has(Related::Appointments))
            + u64::from(opportunities)
            // One of the sweep may have to be read itself.
            + u64::from(self.needs.mixed && self.mode == Mode::Incremental)
    }

    /// How many contacts the rest of the budget is enough for; the first one always gets its turn,
    /// so that no budget is too small to come to an end.
    fn within_budget(&self, fetching: &Fetching, first: bool) -> usize {
        let search = u64::from(self.needs.has(Related::Tasks));
        let rest = fetching.left.saturating_sub(search);
        let most = match self.calls_a_contact(fetching) {
            0 if fetching.left >= search => TOGETHER as u64,
            0 => 0,
            calls => rest / calls,
        };
        usize::try_from(most)
            .unwrap_or(TOGETHER)
            .clamp(usize::from(first), TOGETHER)
    }

    /// Gives these contacts their turn.
    fn fetch_for(&mut self, fetching: &mut Fetching, ids: &[String]) -> Result<(), Halt> {
        if self.needs.mixed {
            let mut unseen = Vec::new();
            for id in ids {
                if !self.state.is_staged(id)? {
                    unseen.push(id.clone());
                }
            }
            fetching.spend(unseen.len() as u64);
            self.read_directly(unseen)?;
        }
        let mut turns: BTreeMap<&str, Turn> = ids
            .iter()
            .map(|id| (id.as_str(), Turn::default()))
            .collect();
        let mut asks = Vec::new();
        if self.needs.has(Related::Tasks) {
            asks.push(match ids {
                [one] => Ask::TasksOf(one.clone()),
                many => Ask::Tasks(many.to_vec()),
            });
        }
        for id in ids {
            if self.needs.has(Related::Notes) {
                asks.push(Ask::Notes(id.clone()));
            }
            if self.needs.has(Related::Appointments) {
                asks.push(Ask::Appointments(id.clone()));
            }
            if self.needs.has(Related::Opportunities) && !fetching.deals_staged {
                asks.push(Ask::Opportunities(id.clone()));
            }
        }
        if fetching.deals_staged {
            let mut within = fetching.left.saturating_sub(asks.len() as u64);
            for (id, turn) in &mut turns {
                turn.doubtful = self.would_leave(fetching, id)?;
                turn.unasked = turn.doubtful && within == 0;
                if turn.doubtful && within > 0 {
                    within -= 1;
                    asks.push(Ask::Opportunities((*id).to_owned()));
                }
            }
        }
        if !self.ask_attached(fetching, asks, &mut turns)? {
            // Something is wrong with the search for many: one bad contact must not spoil the rest.
            let within = usize::try_from(fetching.left).unwrap_or(usize::MAX);
            for id in ids.iter().skip(within) {
                if let Some(turn) = turns.get_mut(id.as_str()) {
                    turn.unasked = true;
                }
            }
            let singly = ids.iter().take(within).cloned().map(Ask::TasksOf).collect();
            self.ask_attached(fetching, singly, &mut turns)?;
        }
        let state = self.state;
        state.transaction(|| {
            turns
                .into_iter()
                .try_for_each(|(id, turn)| self.complete(fetching, id, turn))
        })?;
        Ok(())
    }

    /// Makes calls and sorts what they found into the turns. False when the search for many was
    /// refused; other failures are the single contact's.
    fn ask_attached(
        &mut self,
        fetching: &mut Fetching,
        asks: Vec<Ask>,
        turns: &mut BTreeMap<&str, Turn>,
    ) -> Result<bool, Halt> {
        let mut searched = true;
        let mut fatal = None;
        // What follows a fatal error is not even asked.
        let over = std::cell::Cell::new(false);
        let tasks = asks.into_iter().take_while(|_| !over.get());
        self.ask_all(tasks.map(Task::Attached), |_, task, answer| {
            let (Task::Attached(ask), Answer::Attached(result)) = (task, answer) else {
                return Ok(());
            };
            fetching.spend(1);
            let found = match result {
                Ok(found) => found,
                Err(error) => {
                    let silent = error.kind == RemoteErrorKind::Unavailable;
                    fetching.silent = if silent { fetching.silent + 1 } else { 0 };
                    if ends_run(error.kind) || fetching.silent >= SILENT_CALLS {
                        over.set(true);
                        fatal.get_or_insert(error);
                        return Ok(());
                    }
                    let Some(turn) = ask.contact().and_then(|id| turns.get_mut(id)) else {
                        searched = false;
                        return Ok(());
                    };
                    match error.kind {
                        RemoteErrorKind::Gone => turn.gone = true,
                        _ => turn.unread.push(format!(
                            "its {} could not be read: {error}",
                            ask.kind().as_str()
                        )),
                    }
                    return Ok(());
                }
            };
            fetching.silent = 0;
            match (found, ask.contact()) {
                (Found::Tasks(tasks), _) => {
                    if let Ask::Tasks(_) = ask {
                        fetching.spend(tasks.len() as u64 / A_CALL);
                    }
                    let asked = turns.iter_mut().filter(|(id, _)| match &ask {
                        Ask::TasksOf(one) => *one == ***id,
                        _ => true,
                    });
                    for (_, turn) in asked {
                        turn.facts.tasks.get_or_insert_default();
                    }
                    for task in tasks {
                        let owner = task.contact_id.as_deref();
                        if let Some(turn) = owner.and_then(|id| turns.get_mut(id)) {
                            turn.facts.tasks.get_or_insert_default().push(task);
                        }
                    }
                }
                (Found::Notes(notes), Some(id)) => {
                    if let Some(turn) = turns.get_mut(id) {
                        turn.facts.notes = Some(notes);
                    }
                }
                (Found::Appointments(appointments), Some(id)) => {
                    if let Some(turn) = turns.get_mut(id) {
                        turn.facts.appointments = Some(appointments);
                    }
                }
                (Found::Opportunities(opportunities), Some(id)) => {
                    if let Some(turn) = turns.get_mut(id) {
                        turn.facts.opportunities = Some(opportunities);
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        match fatal {
            Some(error) => Err(Halt::Remote(error)),
            None => Ok(searched),
        }
    }

    /// A contact's opportunities as the list of all had them.
    fn listed_deals(&self, id: &str) -> Result<Vec<Opportunity>, StateError> {
        let deals = self.state.staged_deals::<Deal>(id)?;
        Ok(deals.into_iter().map(Opportunity::from).collect())
    }

    /// Whether a membership that base shows would end by what the list of all opportunities lacks.
    fn would_leave(&self, fetching: &Fetching, id: &str) -> Result<bool, StateError> {
        let link: Option<Link<Base>> = self.state.link(id)?;
        let Some(base) = link.and_then(|link| link.base) else {
            return Ok(false);
        };
        let row = match self.state.staged_ghl::<SourceView>(id)? {
            Some(row) => Some(row),
            None => self.remembered(id)?,
        };
        let Some(mut view) = row.map(|row| row.view) else {
            return Ok(false);
        };
        let asked: Vec<usize> = view.open.iter().map(|(list, _)| *list).collect();
        let facts = Facts {
            opportunities: Some(self.listed_deals(id)?),
            ..Facts::default()
        };
        view.settle(&facts, &fetching.setting);
        let ends = |list: &usize| {
            let still_open = view.open.iter().any(|(open, _)| open == list);
            let known = self.resolved.policy.lists.get(*list);
            let given = known.and_then(|known| base.lists.get(&known.id));
            !view.lists[*list] && !still_open && given == Some(&true)
        };
        Ok(asked.iter().any(ends))
    }

    /// Puts what was found into a contact's staged view.
    fn complete(&self, fetching: &Fetching, id: &str, mut turn: Turn) -> Result<(), StateError> {
        if turn.unasked {
            return Ok(());
        }
        if turn.gone || self.state.is_confirmed_gone(id)? {
            // The next full run finds out what became of it.
            return self.state.had_turn(id, true);
        }
        if fetching.deals_staged && !turn.doubtful {
            turn.facts.opportunities = Some(self.listed_deals(id)?);
        }
        let row = match self.state.staged_ghl::<SourceView>(id)? {
            Some(row) => Some(row),
            None => self.remembered(id)?,
        };
        let Some(mut row) = row else {
            return self.state.had_turn(id, true);
        };
        if let Some(businesses) = &fetching.businesses
            && self.state.is_staged(id)?
        {
            let named = |id: String| Business {
                name: businesses.get(&id).cloned().flatten(),
                id,
                ..Business::default()
            };
            turn.facts.business = Some(row.view.business.take().map(named));
        }
        row.view
            .take_in(self.resolved, &turn.facts, &fetching.setting);
        let read = turn.unread.is_empty();
        row.view.unread = turn.unread;
        self.state.stage_ghl(&row)?;
        self.state.had_turn(id, read)
    }

    /// A contact that this run has not looked at, as it was last seen: nothing about it is news
    /// but what is derived now.
    fn remembered(&self, id: &str) -> Result<Option<Staged<SourceView>>, StateError> {
        let link: Option<Link<serde::de::IgnoredAny>> = self.state.link(id)?;
        let Some(link) = link else { return Ok(None) };
        let profile = &self.resolved.profile;
        let rules = profile.lists.iter().zip(&self.resolved.list_of_rule);
        let open = rules.map(|(rule, list)| {
            let by_tag = || Condition::Tag(rule.tag.clone());
            (*list, rule.when.clone().unwrap_or_else(by_tag))
        });
        Ok(Some(Staged {
            id: link.ghl_id,
            email: link.email,
            created: link.created,
            usable: true,
            scoped: link.scoped,
            blocked: link.blocked,
            direct: false,
            done: None,
            view: SourceView {
                fields: vec![Cell::Unread; profile.fields.len()],
                lists: vec![false; self.resolved.policy.lists.len()],
                open: open.collect(),
                business: None,
                bad: Vec::new(),
                unread: Vec::new(),
                consent_unknown: false,
                // Nobody has looked, so nothing has happened.
                events: vec![false; profile.triggers().count()],
            },
        }))
    }
}

/// Errors after which no other call would fare better.
fn ends_run(kind: RemoteErrorKind) -> bool {
    matches!(
        kind,
        RemoteErrorKind::Auth | RemoteErrorKind::Quota | RemoteErrorKind::Stopped
    )
}

/// What a contact would become in BigMailer if nobody there had its address.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// By names and ids of the resolved profile.
    pub create: Option<Create>,
    /// Why it would be left out.
    pub skip: Option<Skip>,
    /// Merge tags whose values cannot be used.
    pub invalid: Vec<String>,
    /// A sentence for each of them.
    pub problems: Vec<String>,
}

/// Says what a contact would become, without asking or remembering anything.
pub fn preview(
    resolved: &Resolved,
    contact: &Contact,
    facts: &Facts,
    setting: &Setting,
) -> Preview {
    let mut row = stage_source(resolved, contact);
    row.view.take_in(resolved, facts, setting);
    let policy = Policy {
        create: true,
        ..resolved.policy.clone()
    };
    let source = source(&row, false, row.blocked);
    let decision = decide(&policy, &source, &Target::Absent, None);
    let cells = policy.fields.iter().zip(&row.view.fields);
    Preview {
        create: match decision.action {
            Action::Create(create) => Some(create),
            _ => None,
        },
        skip: decision.skip,
        invalid: cells
            .filter(|(_, cell)| **cell == Cell::Bad)
            .map(|(field, _)| field.tag.clone())
            .collect(),
        problems: row.view.bad,
    }
}

impl SourceView {
    /// Completes what derived rules and conditions say, as far as the facts were read.
    fn take_in(&mut self, resolved: &Resolved, facts: &Facts, setting: &Setting) {
        for (rule, cell) in resolved.profile.fields.iter().zip(&mut self.fields) {
            match derive(rule, facts, setting) {
                None => {}
                Some(Ok(value)) => *cell = Cell::Value(value),
                Some(Err(e)) => {
                    self.bad.push(e.to_string());
                    *cell = Cell::Bad;
                }
            }
        }
        self.settle(facts, setting);
    }

    /// Something about the person failed, whatever else succeeds.
    pub(super) fn is_spoilt(&self) -> bool {
        !self.bad.is_empty() || !self.unread.is_empty()
    }

    /// Decides the memberships that waited for the contact's opportunities. One that a rule wants is
    /// wanted; one that no rule wants is not; what nothing is known of stays open.
    fn settle(&mut self, facts: &Facts, setting: &Setting) {
        let deals = facts.opportunities.as_deref();
        let open = std::mem::take(&mut self.open);
        for (list, condition) in open {
            match condition.holds(None, deals, &setting.pipelines) {
                Some(true) => self.lists[list] = true,
                Some(false) => {}
                None => self.open.push((list, condition)),
            }
        }
        let lists = &self.lists;
        self.open.retain(|(list, _)| !lists[*list]);
    }

    /// Takes over what was derived for the same contact earlier in this run.
    pub(super) fn keep_derived(&mut self, before: SourceView) {
        for (cell, known) in self.fields.iter_mut().zip(before.fields) {
            if *cell == Cell::Unread {
                *cell = known;
            }
        }
        let still_open = |list: usize| before.open.iter().any(|(other, _)| *other == list);
        let (open, settled): (Vec<_>, Vec<_>) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|(list, _)| still_open(*list));
        self.open = open;
        for (list, _) in settled {
            self.lists[list] |= before.lists[list];
        }
        let own = &self.bad;
        let others: Vec<String> = before
            .bad
            .into_iter()
            .filter(|b| !own.contains(b))
            .collect();
        self.bad.extend(others);
        self.unread = before.unread;
    }
}
