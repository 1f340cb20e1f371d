//! From staged listings to a stored plan.
//!
//! Finds, for every staged person, the counterpart (stored link, id field, address), asks
//! [`crate::plan::decide`], and stores the answer as a [`Step`] in the phase it belongs to. Writes
//! nothing to a service and nothing that outlives the run. Start reading at [`Run::plan`].

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::contact::{Consent, Contact, FieldValue, Side};
use crate::mapping::{self, OnDelete};
use crate::plan::guard::{self, Counts};
use crate::plan::{
    Action, Base, Create, Decision, Mirror, Patch, Policy, Ruling, Skip, Source, Take, Target,
    Update, decide, decide_gone, decide_stranger, departs, is_name, moved,
};
use crate::state::{Link, Pending, Problem, Staged, StagedMirror, StateError};

use super::events::Wanted;
use super::read::{Reading, address, stage_mirror};
use super::{
    GhlTally, Halt, MirrorView, Mode, Planned, Resolved, Run, SourceView, Word, problem,
    stranger_problem,
};

/// The order in which steps are carried out: what only concerns us, then opt-outs, then updates,
/// creations, and deletions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    Remember = 0,
    Consent = 1,
    GhlConsent = 2,
    Updates = 3,
    GhlUpdates = 4,
    Creations = 5,
    /// Creations whose address a listed BigMailer contact has at the moment; it may have become
    /// free by now. Never by batch: a batch would overwrite that contact.
    Contested = 6,
    GhlCreations = 7,
    Deletions = 8,
    /// Notes, tasks and mails; carried out before the deletions.
    Things = 9,
}

/// The phases that write to a service.
pub(super) const WRITE_PHASES: [Phase; 8] = [
    Phase::Consent,
    Phase::GhlConsent,
    Phase::Updates,
    Phase::GhlUpdates,
    Phase::Creations,
    Phase::GhlCreations,
    Phase::Things,
    Phase::Deletions,
];

/// What is to be done for one person, and what to remember afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Step {
    pub ghl_id: String,
    /// The counterpart, once known.
    pub bm_id: Option<String>,
    /// The HighLevel contact's address, trimmed and lower-cased.
    pub email: Option<String>,
    pub created: Option<i64>,
    pub blocked: bool,
    pub scoped: bool,
    /// The HighLevel contact is gone.
    pub gone: bool,
    /// Some value could not be used: the person counts as failed whatever else succeeds.
    pub bad: bool,
    /// The link existed before the run.
    pub linked: bool,
    /// Fields of which it carries out what somebody said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ruled: Vec<String>,
    /// The person has other steps that write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parts: bool,
    /// The person's word is given already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
    /// What the person's memory says once this is done.
    pub base: Option<Base>,
    /// What this step alone adds to the memory, where others add to it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Patch>,
    /// Number of the record of what its write replaces, once that was made.
    #[serde(skip)]
    pub image: Option<i64>,
    /// What a record gets along with the id of the HighLevel contact that was made for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub afterwards: Vec<(String, FieldValue)>,
    pub deed: Deed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Deed {
    /// Both sides agree: only remember it.
    Remember,
    /// The BigMailer contact was deleted by somebody: never make it again.
    Bury {
        email: String,
        bm_id: String,
    },
    /// Both sides are gone, as the profile wants it.
    Forget,
    /// The record goes to a successor as soon as that one's own step succeeds.
    Cede,
    Write(Action),
    WriteGhl(Action),
    /// A note, a task or a mail.
    Thing(Wanted),
}

impl Step {
    fn new(row: &Staged<SourceView>, base: Option<Base>, deed: Deed) -> Step {
        Step {
            ghl_id: row.id.clone(),
            bm_id: None,
            email: row.email.clone(),
            created: row.created,
            blocked: row.blocked,
            scoped: row.scoped,
            gone: false,
            bad: row.view.is_spoilt(),
            linked: false,
            ruled: Vec::new(),
            parts: false,
            counted: false,
            base,
            patch: None,
            image: None,
            afterwards: Vec::new(),
            deed,
        }
    }

    /// A step about nobody in particular.
    pub(super) fn nobody() -> Step {
        Step {
            ghl_id: String::new(),
            bm_id: None,
            email: None,
            created: None,
            blocked: false,
            scoped: false,
            gone: false,
            bad: false,
            linked: false,
            ruled: Vec::new(),
            parts: false,
            counted: false,
            base: None,
            patch: None,
            image: None,
            afterwards: Vec::new(),
            deed: Deed::Remember,
        }
    }

    /// The creation of somebody known to be absent, judged by this contact alone.
    pub(super) fn create_early(policy: &Policy, row: &Staged<SourceView>) -> Option<Step> {
        let decision = decide(
            policy,
            &source(row, false, row.blocked),
            &Target::Absent,
            None,
        );
        match decision.action {
            Action::Create(_) => Some(Step::new(row, decision.base, Deed::Write(decision.action))),
            _ => None,
        }
    }

    /// One line for people: ids and names, never values.
    pub(super) fn describe(&self, lists: &BTreeMap<String, String>) -> String {
        let id = &self.ghl_id;
        let bm_id = self.bm_id.as_deref().unwrap_or_default();
        match &self.deed {
            Deed::Remember
            | Deed::Bury { .. }
            | Deed::Forget
            | Deed::Cede
            | Deed::Write(Action::Nothing)
            | Deed::WriteGhl(Action::Nothing) => format!("remember {id}"),
            Deed::Thing(wanted) => wanted.describe(id, bm_id),
            Deed::Write(Action::Delete { id: bm_id }) => {
                format!("delete {bm_id} ({id} is gone from HighLevel)")
            }
            Deed::WriteGhl(Action::Delete { id }) => format!("delete {id} in HighLevel"),
            Deed::Write(Action::Create(create)) => {
                format!("create {id}: {}", contents(create, "list", "unsubscribed"))
            }
            Deed::WriteGhl(Action::Create(create)) => {
                let contents = contents(create, "tag", "do not disturb");
                format!("create {bm_id} in HighLevel: {contents}")
            }
            Deed::Write(Action::Update { id: bm_id, update }) => {
                let named = |ids: &[String]| -> Vec<String> {
                    let name = |id: &String| lists.get(id).map(|name| format!("\"{name}\""));
                    let names = ids.iter().map(|id| name(id).unwrap_or_else(|| id.clone()));
                    names.collect()
                };
                let update = Update {
                    join: named(&update.join),
                    leave: named(&update.leave),
                    ..update.clone()
                };
                let changes = changes(&update, "unsubscribe", ["join", "leave"]);
                format!("update {bm_id} ({id}): {changes}")
            }
            Deed::WriteGhl(Action::Update { id, update }) => {
                let changes = changes(update, "do not disturb", ["tag", "untag"]);
                format!("update {id} in HighLevel ({bm_id}): {changes}")
            }
        }
    }

    /// What is done about a link without looking at its HighLevel contact.
    fn of_link(link: &Link<Base>, base: Option<Base>, gone: bool, deed: Deed) -> Step {
        Step {
            ghl_id: link.ghl_id.clone(),
            bm_id: link.bm_id.clone(),
            email: link.email.clone(),
            created: link.created,
            blocked: link.blocked,
            scoped: link.scoped,
            gone,
            bad: false,
            linked: true,
            ruled: Vec::new(),
            parts: false,
            counted: false,
            base,
            patch: None,
            image: None,
            afterwards: Vec::new(),
            deed,
        }
    }

    /// The side that it writes to.
    pub(super) fn side(&self) -> Side {
        match &self.deed {
            Deed::WriteGhl(_) => Side::Ghl,
            Deed::Thing(wanted) => wanted.side(),
            _ => Side::Bigmailer,
        }
    }

    /// What stands for the person: HighLevel's id, or BigMailer's where there is no other.
    pub(super) fn key(&self) -> &str {
        match self.ghl_id.as_str() {
            "" => self.bm_id.as_deref().unwrap_or_default(),
            id => id,
        }
    }

    /// Under which it waits for another try.
    pub(super) fn pending_key(&self) -> Pending<'_> {
        match (self.ghl_id.as_str(), &self.bm_id) {
            ("", Some(bm_id)) => Pending::Stranger(bm_id),
            (id, _) => Pending::Person(id),
        }
    }

    /// Something to be said about it.
    pub(super) fn problem(&self, reason: &str, message: &str) -> Problem {
        let ghl_id = Some(&self.ghl_id).filter(|id| !id.is_empty()).cloned();
        Problem {
            side: self.side().as_str().to_owned(),
            id: match self.side() {
                Side::Ghl => ghl_id.clone().or_else(|| self.bm_id.clone()),
                Side::Bigmailer => self.bm_id.clone(),
            },
            ghl_id,
            email: None,
            reason: reason.to_owned(),
            message: message.to_owned(),
        }
    }

    fn phase(&self) -> Phase {
        match &self.deed {
            Deed::Remember
            | Deed::Bury { .. }
            | Deed::Forget
            | Deed::Cede
            | Deed::Write(Action::Nothing)
            | Deed::WriteGhl(Action::Nothing) => Phase::Remember,
            Deed::Thing(_) => Phase::Things,
            Deed::Write(Action::Update { update, .. }) if update.opt_out.is_some() => {
                Phase::Consent
            }
            Deed::WriteGhl(Action::Update { update, .. }) if update.opt_out.is_some() => {
                Phase::GhlConsent
            }
            Deed::Write(Action::Update { .. }) => Phase::Updates,
            Deed::WriteGhl(Action::Update { .. }) => Phase::GhlUpdates,
            Deed::Write(Action::Create(_)) => Phase::Creations,
            Deed::WriteGhl(Action::Create(_)) => Phase::GhlCreations,
            Deed::Write(Action::Delete { .. }) | Deed::WriteGhl(Action::Delete { .. }) => {
                Phase::Deletions
            }
        }
    }
}

/// The names in a creation, for people.
fn contents(create: &Create, group: &str, opted_out: &str) -> String {
    let names: Vec<&str> = create.values.iter().map(|(tag, _)| tag.as_str()).collect();
    let mut text = names.join(" ");
    if !create.lists.is_empty() {
        let count = create.lists.len();
        let plural = if count == 1 { "" } else { "s" };
        text.push_str(&format!(", {count} {group}{plural}"));
    }
    if create.opted_out.is_some() {
        text.push_str(&format!(", {opted_out}"));
    }
    text
}

/// The names in an update, for people.
pub(super) fn changes(update: &Update, opt_out: &str, [join, leave]: [&str; 2]) -> String {
    let mut parts = Vec::new();
    if update.opt_out.is_some() {
        parts.push(opt_out.to_owned());
    }
    if update.email.is_some() {
        parts.push("new address".to_owned());
    }
    for (word, values) in [("set", &update.set), ("clear", &update.clear)] {
        if !values.is_empty() {
            let names: Vec<&str> = values.iter().map(|(tag, _)| tag.as_str()).collect();
            parts.push(format!("{word} {}", names.join(" ")));
        }
    }
    for (word, groups) in [(join, &update.join), (leave, &update.leave)] {
        if !groups.is_empty() {
            parts.push(format!("{word} {}", groups.join(" ")));
        }
    }
    parts.join(", ")
}

pub(super) fn source(row: &Staged<SourceView>, duplicate: bool, blocked: bool) -> Source {
    Source {
        id: row.id.clone(),
        address: address(row),
        in_scope: row.scoped,
        duplicate,
        blocked,
        by_another: !row.blocked,
        fields: row.view.fields.clone(),
        lists: row.view.lists.clone(),
        unread_lists: row.view.open.iter().map(|(list, _)| *list).collect(),
        rulings: Vec::new(),
    }
}

pub(super) fn mirror(row: StagedMirror<MirrorView>) -> Mirror {
    Mirror {
        id: row.id,
        email: row.email.unwrap_or_default(),
        unsubscribed: row.unsubscribed,
        barred: row.view.barred,
        fields: row.view.fields,
        meant: row.view.meant,
        lists: row.view.lists,
        ghl_id: row.ghl_id,
    }
}

/// Whether a contact may have a record at all.
fn leads(source: &Source) -> bool {
    source.in_scope && source.address.key().is_some() && !source.duplicate
}

/// A person's counterpart and the past that goes with it.
struct Match {
    target: Target,
    base: Option<Base>,
    /// The stored link, ours or inherited, that led here.
    linked: bool,
    /// The counterpart we knew is confirmed gone.
    lost: Option<(String, String)>,
    /// The counterpart we knew is left to somebody else.
    ceded: bool,
    /// Whoever leaves the counterpart to this person is opted out.
    blocked: bool,
}

impl Match {
    fn nobody() -> Match {
        Match {
            target: Target::Absent,
            base: None,
            linked: false,
            lost: None,
            ceded: false,
            blocked: false,
        }
    }
}

/// Of a row about somebody who is not there.
const NOT_CREATED: &str = "it is not there, and nobody is to be created";

/// How many staged people are decided between two looks at the stop request.
const PART: usize = 500;

impl Run<'_> {
    /// Decides every staged person and stores the steps.
    pub(super) fn plan(&mut self, reading: &mut Reading) -> Result<(), Halt> {
        if self.suddenly_empty(reading).is_none() {
            self.confirm_absences(reading)?;
        }
        self.planned = Planned::default();
        self.carrying.try_again.clear();
        // A second plan counts everybody anew.
        let before = match self.before_plan {
            Some(before) => before,
            None => *self
                .before_plan
                .insert((self.tally.people, self.state.problem_count()?)),
        };
        self.tally.people = before.0;
        self.tally.skipped.clear();
        self.state.clear_plan(before.1)?;
        self.state.find_shared_addresses()?;
        self.rulings = self.said()?;
        self.owed.clear();
        self.load_events(reading)?;
        let knows_links = !self.state.is_empty()?;
        let mut after = 0;
        loop {
            self.go_on()?;
            let part = self.state.staged_after::<SourceView>(after, PART, true)?;
            let Some((seq, _)) = part.last() else { break };
            after = *seq;
            let state = self.state;
            state.transaction(|| {
                part.iter()
                    .try_for_each(|(_, row)| self.plan_one(reading, row, knows_links))
            })?;
        }
        if reading.ghl_complete && self.resolved.policy.on_ghl_delete != OnDelete::Keep {
            self.plan_deletions(reading)?;
        } else if self.options.apply.is_some() {
            for id in self.state.saved_and_gone()? {
                self.plan_deletion(&id)?;
            }
        }
        self.plan_burials()?;
        self.plan_strangers(reading)?;
        let lists_always = self.resolved.policy.reads_bigmailer() && self.options.only.is_empty();
        if (self.mode == Mode::Full || lists_always) && reading.bigmailer_listed {
            self.tally.people.unchanged += self.state.unclaimed()?;
        }
        Ok(())
    }

    fn plan_one(
        &mut self,
        reading: &Reading,
        row: &Staged<SourceView>,
        knows_links: bool,
    ) -> Result<(), StateError> {
        if row.done.as_deref() == Some("failed") {
            return Ok(());
        }
        // Whoever was created early has been named then.
        let fresh = row.done.is_none();
        for sentence in row.view.bad.iter().filter(|_| fresh) {
            self.state
                .note(&problem(&row.id, None, "invalid_value", sentence))?;
        }
        for sentence in row.view.unread.iter().filter(|_| fresh) {
            self.state
                .note(&problem(&row.id, None, "related_unread", sentence))?;
        }
        let mut source = self.judged(row)?;
        let named = self.options.push.is_some() && self.state.carries_id(&row.id)?;
        // Whoever a file names by id is meant, whoever else has the address.
        source.duplicate &= !named;
        let link: Option<Link<Base>> = if knows_links {
            self.state.link(&row.id)?
        } else {
            None
        };
        let leads = named || leads(&source);
        let found = self.find(reading, row, &source, leads, link.as_ref(), knows_links)?;
        if row.view.consent_unknown {
            self.tally.people.failed += 1;
            self.carrying.try_again.push(row.id.clone());
            return self.state.note(&problem(
                &row.id,
                None,
                "consent_unknown",
                "HighLevel did not say whether this person may be mailed",
            ));
        }
        // An opt-out on its way is not lost with the link.
        source.blocked |= found.blocked;
        let mut decision = decide(
            &self.resolved.policy,
            &source,
            &found.target,
            found.base.as_ref(),
        );
        self.add_owed_id(&source, &found.target, &mut decision)?;
        let things = self.things(row, &source, &found.target, &decision)?;
        self.store(reading, row, link, found, decision, things)
    }

    /// An id alone is not worth a call, but one that a record is owed since a contact was made for it.
    fn add_owed_id(
        &mut self,
        source: &Source,
        target: &Target,
        decision: &mut Decision,
    ) -> Result<(), StateError> {
        let (Target::Present(mirror), Some(tag)) = (target, &self.resolved.policy.id_field) else {
            return Ok(());
        };
        let carried = mirror.ghl_id.as_deref() == Some(&source.id);
        if carried || !self.state.is_pending(Pending::Stranger(&mirror.id))? {
            return Ok(());
        }
        self.owed.push(mirror.id.clone());
        if let (Action::Nothing, Some(base), None) =
            (&decision.action, &mut decision.base, decision.skip)
        {
            base.id_stored = true;
            decision.action = Action::Update {
                id: mirror.id.clone(),
                update: Update {
                    set: vec![(tag.clone(), FieldValue::Text(source.id.clone()))],
                    ..Update::default()
                },
            };
        }
        Ok(())
    }

    /// What people said about values that were held.
    fn said(&self) -> Result<HashMap<String, Vec<Ruling>>, StateError> {
        let mut said: HashMap<String, Vec<Ruling>> = HashMap::new();
        for conflict in self.state.conflicts::<FieldValue, Take>()? {
            if let Some(take) = conflict.take {
                said.entry(conflict.who).or_default().push(Ruling {
                    field: conflict.field,
                    ghl: conflict.ghl,
                    bigmailer: conflict.bigmailer,
                    take,
                });
            }
        }
        Ok(said)
    }

    /// A staged contact as the decision sees it, among all that share its address.
    fn judged(&self, row: &Staged<SourceView>) -> Result<Source, StateError> {
        let shared = match &row.email {
            Some(email) if row.scoped && row.usable => self.state.shared(email)?,
            _ => None,
        };
        let duplicate = shared.as_ref().is_some_and(|(first, _)| *first != row.id);
        let blocked = row.blocked || shared.is_some_and(|(_, blocked)| blocked);
        Ok(Source {
            rulings: self.rulings.get(&row.id).cloned().unwrap_or_default(),
            // A file says nothing of contacts that are not in it.
            by_another: !row.blocked && self.options.push.is_none(),
            ..source(row, duplicate, blocked)
        })
    }

    /// Finds the counterpart: stored link, else the id field, else the address.
    fn find(
        &self,
        reading: &Reading,
        row: &Staged<SourceView>,
        source: &Source,
        leads: bool,
        link: Option<&Link<Base>>,
        knows_links: bool,
    ) -> Result<Match, StateError> {
        let mut lost = None;
        let own = link.and_then(|l| l.bm_id.clone().map(|id| (id, l.base.clone())));
        if let Some((id, base)) = own {
            if !self.state.is_confirmed_gone(&id)? {
                let email = row.email.as_deref();
                if !leads && self.successor(&row.id, base.as_ref(), email)?.is_some() {
                    return Ok(Match {
                        ceded: true,
                        ..Match::nobody()
                    });
                }
                self.state.claim(&id)?;
                let target = match self.state.staged_bm(&id)? {
                    Some(there) => Target::Present(mirror(there)),
                    None => Target::Assumed(id),
                };
                return Ok(Match {
                    target,
                    base,
                    linked: true,
                    ..Match::nobody()
                });
            }
            lost = Some((base.map(|b| b.email).unwrap_or_default(), id));
        }
        let email = source.address.key();
        if leads {
            if reading.bigmailer_listed
                && let Some(there) = self.match_listed(&row.id, email, knows_links)?
            {
                let owner = if knows_links {
                    self.state.owner(&there.id)?
                } else {
                    None
                };
                let inherited: Option<Link<Base>> = match owner {
                    Some(owner) => self.state.link(&owner)?,
                    None => None,
                };
                let linked = inherited.is_some();
                let blocked = match &inherited {
                    Some(link) => self.is_staged_blocked(&link.ghl_id)?,
                    None => false,
                };
                let base = inherited.and_then(|l| l.base);
                let base = base.map(|base| self.told_anew(base));
                return Ok(Match {
                    target: Target::Present(mirror(there)),
                    base,
                    linked,
                    lost,
                    blocked,
                    ..Match::nobody()
                });
            }
            if knows_links
                && let Some(email) = email
                && let Some(inherited) = self.inherit(&row.id, email, &lost)?
            {
                return Ok(inherited);
            }
        }
        let buried = knows_links && self.is_buried(&row.id, email)?;
        let target = if buried || lost.is_some() {
            Target::Deleted
        } else {
            Target::Absent
        };
        Ok(Match {
            target,
            lost,
            ..Match::nobody()
        })
    }

    /// Whether the contact, or anybody under its address, had a record that was deleted.
    fn is_buried(&self, ghl_id: &str, email: Option<&str>) -> Result<bool, StateError> {
        if self.state.is_buried(ghl_id, email)? {
            return Ok(true);
        }
        // What this run found out is written down only when it is carried out. Where the profile
        // lets records go with their contacts, a record without a contact says nothing.
        let forgets = self.resolved.policy.on_ghl_delete == OnDelete::Delete;
        match email {
            Some(email) => self.state.is_lost(email, !forgets),
            None => Ok(false),
        }
    }

    fn is_staged_blocked(&self, ghl_id: &str) -> Result<bool, StateError> {
        let row: Option<Staged<serde::de::IgnoredAny>> = self.state.staged_ghl(ghl_id)?;
        Ok(row.is_some_and(|row| row.blocked))
    }

    /// Whether a contact has to look for a record: it is linked to none that is still there.
    fn seeks(&self, ghl_id: &str) -> Result<bool, StateError> {
        let link: Option<Link<serde::de::IgnoredAny>> = self.state.link(ghl_id)?;
        match link.and_then(|l| l.bm_id) {
            Some(id) => self.state.is_confirmed_gone(&id),
            None => Ok(true),
        }
    }

    /// To whom a linked contact leaves its record: to the one that the record's address belongs to
    /// now, if that one has no record.
    fn successor(
        &self,
        owner: &str,
        base: Option<&Base>,
        email: Option<&str>,
    ) -> Result<Option<String>, StateError> {
        let Some(email) = email.filter(|email| base.is_some_and(|b| b.email == *email)) else {
            return Ok(None);
        };
        match self.state.first_with_address(email)? {
            Some(first) if first != owner && self.seeks(&first)? => Ok(Some(first)),
            _ => Ok(None),
        }
    }

    /// A listed BigMailer contact that carries this person's id or address and belongs to nobody
    /// else who is still there.
    fn match_listed(
        &self,
        ghl_id: &str,
        email: Option<&str>,
        knows_links: bool,
    ) -> Result<Option<StagedMirror<MirrorView>>, StateError> {
        let mut candidates = self.state.staged_bm_by_ghl_id::<MirrorView>(ghl_id)?;
        // Of several records that carry the id the one with the right address is meant.
        candidates.sort_by_key(|c| c.email.as_deref() != email);
        if let Some(email) = email {
            let mut by_address = self.state.staged_bm_by_email::<MirrorView>(email)?;
            // Where letter case makes two people of one, the opted-out one is the safer match.
            by_address.sort_by_key(|c| !c.unsubscribed);
            candidates.extend(by_address);
        }
        for candidate in candidates {
            // A row of a file may name its contact by the id alone.
            let addressed = candidate.email.is_some() || self.options.push.is_some();
            if !addressed || self.state.is_claimed(&candidate.id)? {
                continue;
            }
            if knows_links
                && let Some(owner) = self.state.owner(&candidate.id)?
                && owner != ghl_id
                && !self.gives_up(&owner, ghl_id)?
            {
                continue;
            }
            if let Some(other) = &candidate.ghl_id
                && other != ghl_id
                && self.finds_by_id(other)?
            {
                continue;
            }
            if self.state.claim(&candidate.id)? {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// Whether somebody else of this run will find a record by the id that it carries: that goes
    /// before an address.
    fn finds_by_id(&self, ghl_id: &str) -> Result<bool, StateError> {
        let Some(row) = self.state.staged_ghl::<SourceView>(ghl_id)? else {
            return Ok(false);
        };
        let source = self.judged(&row)?;
        Ok(leads(&source) && self.seeks(ghl_id)?)
    }

    /// Whether a linked HighLevel contact no longer has a right to its counterpart: it is gone, or
    /// the heir is its successor.
    fn gives_up(&self, owner: &str, heir: &str) -> Result<bool, StateError> {
        let link: Option<Link<Base>> = self.state.link(owner)?;
        if !self.state.is_staged(owner)? {
            return Ok(link.is_some_and(|l| l.gone) || self.state.is_confirmed_gone(owner)?);
        }
        let email = self.state.staged_email(owner)?;
        let base = link.and_then(|l| l.base);
        let successor = self.successor(owner, base.as_ref(), email.as_deref())?;
        Ok(successor.as_deref() == Some(heir))
    }

    /// The memory of a record that somebody else takes over. What HighLevel was told of an opt-out, it
    /// was told of the other contact.
    fn told_anew(&self, mut base: Base) -> Base {
        if let Some(consent) = &mut base.consent
            && self.resolved.policy.consent_to_ghl
        {
            consent.unsubscribed = false;
            consent.barred = false;
        }
        base
    }

    /// Without a listing: the record of another contact with the same address that gives it up.
    fn inherit(
        &self,
        ghl_id: &str,
        email: &str,
        lost: &Option<(String, String)>,
    ) -> Result<Option<Match>, StateError> {
        for link in self.state.links_by_email::<Base>(email)? {
            let same_record = link.base.as_ref().is_some_and(|b| b.email == email);
            if let (Some(id), true, true) = (link.bm_id, link.ghl_id != ghl_id, same_record)
                && !self.state.is_confirmed_gone(&id)?
                && self.gives_up(&link.ghl_id, ghl_id)?
                && self.state.claim(&id)?
            {
                let blocked = self.is_staged_blocked(&link.ghl_id)?;
                // The record still carries the other one's id.
                let base = link.base.map(|b| Base {
                    id_stored: false,
                    ..self.told_anew(b)
                });
                return Ok(Some(Match {
                    target: Target::Assumed(id),
                    base,
                    linked: true,
                    lost: lost.clone(),
                    blocked,
                    ..Match::nobody()
                }));
            }
        }
        Ok(None)
    }

    /// Stores a decision and counts what is already certain.
    fn store(
        &mut self,
        reading: &Reading,
        row: &Staged<SourceView>,
        link: Option<Link<Base>>,
        found: Match,
        mut decision: Decision,
        things: Vec<Wanted>,
    ) -> Result<(), StateError> {
        let created_early = row.done.as_deref() == Some(Word::Created.as_str());
        let bm_id = match &found.target {
            Target::Present(there) => Some(there.id.clone()),
            Target::Assumed(id) => Some(id.clone()),
            Target::Absent | Target::Deleted => None,
        };
        if decision.opt_in_elsewhere {
            let message = "one side was opted in by hand while the other stays opted out; both are left as they are";
            self.state.note(&problem(
                &row.id,
                bm_id.as_deref(),
                "opt_in_elsewhere",
                message,
            ))?;
        }
        for held in &decision.held {
            let message = format!("{} was changed on both sides, differently", held.field);
            self.state
                .note(&problem(&row.id, None, "conflict", message))?;
            let values = Some((&held.ghl, &held.bigmailer));
            self.state
                .stage_held(&row.id, bm_id.as_deref(), &held.field, values)?;
        }
        for field in &decision.ruled {
            let said: Option<(&Option<FieldValue>, _)> = None;
            self.state
                .stage_held(&row.id, bm_id.as_deref(), field, said)?;
        }
        let ruled = std::mem::take(&mut decision.ruled);
        let bad = row.view.is_spoilt() || self.is_spoilt(&bm_id)?;
        let held = !decision.held.is_empty();
        let writes = decision.action != Action::Nothing;
        let writes_here = decision.ghl != Action::Nothing || !things.is_empty();
        let people = &mut self.tally.people;
        let mut counted = false;
        match decision.skip {
            Some(reason) if !writes && !writes_here => {
                if created_early {
                    people.uncount(Word::Created.spoilt(bad));
                }
                self.leave_out(&row.id, bm_id.as_deref(), reason)?;
            }
            _ if held => {
                let word = Word::Held.spoilt(bad);
                *people.of(word) += 1;
                self.progress
                    .person(&row.id, bm_id.as_deref(), word.as_str());
                counted = true;
            }
            _ if writes || writes_here => {
                let word = match decision.action {
                    Action::Create(_) => Word::Created,
                    _ => Word::Updated,
                };
                self.plan_word(&row.id, bm_id.as_deref(), word.spoilt(bad));
            }
            _ if created_early => {}
            _ => {
                if self.options.push.is_some() && found.target == Target::Absent {
                    self.state
                        .note(&problem(&row.id, None, "not_found", NOT_CREATED))?;
                }
                let word = Word::Unchanged.spoilt(bad);
                *people.of(word) += 1;
                self.progress
                    .person(&row.id, bm_id.as_deref(), word.as_str());
            }
        }
        if let Some((email, lost)) = found.lost {
            let email = row
                .email
                .clone()
                .filter(|_| email.is_empty())
                .unwrap_or(email);
            let bury = Step {
                bm_id: None,
                ..Step::new(row, None, Deed::Bury { email, bm_id: lost })
            };
            self.state
                .put_action(Phase::Remember as u8, &row.id, &bury)?;
        }
        let here = split(decision.ghl, decision.ghl_patch);
        let mut step = Step::new(
            row,
            decision.base,
            if writes {
                Deed::Write(decision.action)
            } else if found.ceded {
                Deed::Cede
            } else {
                Deed::Remember
            },
        );
        step.linked = found.linked;
        step.bad = bad;
        step.counted = counted;
        step.parts = here.len() + things.len() + usize::from(writes) > 1;
        step.bm_id = bm_id.filter(|_| step.base.is_some());
        for (action, patch) in &here {
            let part = Step {
                patch: Some(patch.clone()),
                deed: Deed::WriteGhl(action.clone()),
                base: None,
                ruled: self.carried_out(action, &ruled),
                ..step.clone()
            };
            self.planned.add(&part);
            self.state.put_action(part.phase() as u8, &row.id, &part)?;
        }
        for wanted in things {
            let part = Step {
                deed: Deed::Thing(wanted),
                base: None,
                ..step.clone()
            };
            self.planned.add(&part);
            self.state.put_action(part.phase() as u8, &row.id, &part)?;
        }
        if (writes || writes_here) && step.linked {
            self.planned.linked_changes += 1;
        }
        if let Deed::Write(action) = &step.deed {
            step.ruled = self.carried_out(action, &ruled);
        }
        if writes {
            if step.parts {
                let before = found.base.unwrap_or_default();
                step.patch = step.base.take().map(|next| Patch::between(&before, &next));
            }
            self.planned.add(&step);
            let phase = match (step.phase(), &row.email) {
                (Phase::Creations, Some(email))
                    if reading.bigmailer_listed && self.state.address_is_listed(email)? =>
                {
                    Phase::Contested
                }
                (phase, _) => phase,
            };
            return self.state.put_action(phase as u8, &row.id, &step);
        }
        // People without an address or outside the filter leave no trace unless they had one.
        let known = link.is_some();
        if found.linked || known || (row.scoped && row.usable) {
            let same = link.is_some_and(|l| {
                l.bm_id == step.bm_id
                    && l.email == step.email
                    && l.created == step.created
                    && l.blocked == step.blocked
                    && l.scoped == step.scoped
                    && l.base == step.base
                    && !l.gone
            });
            if !same {
                self.state
                    .put_action(Phase::Remember as u8, &row.id, &step)?;
            }
        }
        Ok(())
    }

    /// Those of the fields about which somebody has spoken that a write is about.
    fn carried_out(&self, action: &Action, ruled: &[String]) -> Vec<String> {
        let Action::Update { update, .. } = action else {
            return Vec::new();
        };
        let written = |tag: &String| {
            let rules = &self.resolved.policy.fields;
            let source = rules.iter().find(|rule| rule.tag == *tag);
            let keys = update.set.iter().chain(&update.clear).map(|(key, _)| key);
            let mut keys = keys.filter(|key| *key == tag || source.is_some_and(|s| s.ghl == **key));
            keys.next().is_some() || tag == "email" && update.email.is_some()
        };
        ruled.iter().filter(|tag| written(tag)).cloned().collect()
    }

    /// The word that a person gets once the plan is carried out.
    fn plan_word(&mut self, ghl_id: &str, bm_id: Option<&str>, word: Word) {
        *self.planned.people.of(word) += 1;
        if self.options.dry_run {
            self.progress.person(ghl_id, bm_id, word.as_str());
        }
    }

    /// Whether a listed record holds a value that no rule could use.
    fn is_spoilt(&self, bm_id: &Option<String>) -> Result<bool, StateError> {
        let Some(id) = bm_id
            .as_ref()
            .filter(|_| self.resolved.policy.reads_bigmailer())
        else {
            return Ok(false);
        };
        let record = self.state.staged_bm::<MirrorView>(id)?;
        let bad = record.map(|r| r.view.bad).unwrap_or_default();
        for sentence in &bad {
            self.state
                .note(&problem(id, Some(id), "invalid_value", sentence))?;
        }
        Ok(!bad.is_empty())
    }

    /// Plans the creation of BigMailer contacts that nobody of HighLevel has.
    fn plan_strangers(&mut self, reading: &Reading) -> Result<(), Halt> {
        // Only a complete reading, or having asked for each, makes HighLevel's silence mean anything.
        let everybody =
            (reading.ghl_complete || reading.asked_for_all) && reading.bigmailer_complete;
        let asked = self.resolved.policy.create_in_ghl || self.options.push.is_some();
        if !asked || !everybody && reading.newcomers.is_empty() {
            return Ok(());
        }
        let mut after = String::new();
        loop {
            self.go_on()?;
            let part = self.state.strangers::<MirrorView>(&after, PART)?;
            let Some(last) = part.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            let state = self.state;
            state.transaction(|| {
                part.into_iter()
                    .filter(|row| everybody || reading.newcomers.contains(&row.id))
                    .try_for_each(|row| self.plan_stranger(row))
            })?;
        }
    }

    fn plan_stranger(&mut self, row: StagedMirror<MirrorView>) -> Result<(), StateError> {
        // Somebody who carries a HighLevel id was there, and is not any more; somebody whose address
        // is there is no stranger, whatever keeps the two apart.
        let known = match &row.email {
            Some(email) => self.state.address_is_staged(email, "")?,
            None => true,
        };
        let told = self.options.push.is_some();
        if row.ghl_id.is_some() && told {
            let reason = "not_found";
            let message = "HighLevel has no contact with this id";
            self.tally.people.failed += 1;
            self.progress
                .person("", Some(&row.id), Word::Failed.as_str());
            return self.state.note(&stranger_problem(&row.id, reason, message));
        }
        if known && told {
            return self.leave_out("", Some(&row.id), Skip::DuplicateEmail);
        }
        if known || row.ghl_id.is_some() {
            return Ok(());
        }
        let (email, created) = (row.email.clone(), row.created);
        let there = mirror(row.clone());
        let bm_id = there.id.clone();
        let decision = decide_stranger(&self.resolved.policy, &there);
        if let Some(reason) = decision.skip {
            self.state.claim(&bm_id)?;
            return self.leave_out("", Some(&bm_id), reason);
        }
        if decision.ghl == Action::Nothing {
            if told {
                self.progress
                    .person("", Some(&bm_id), Word::Unchanged.as_str());
                let problem = stranger_problem(&bm_id, "not_found", NOT_CREATED);
                self.state.note(&problem)?;
            }
            return Ok(());
        }
        self.state.claim(&bm_id)?;
        let bad = self.is_spoilt(&Some(bm_id.clone()))?;
        let afterwards = self.given_name(&there, &decision.ghl);
        let step = Step {
            ghl_id: String::new(),
            bm_id: Some(bm_id.clone()),
            email,
            created,
            blocked: there.unsubscribed || there.barred.is_some(),
            scoped: true,
            gone: false,
            bad,
            linked: false,
            ruled: Vec::new(),
            parts: false,
            counted: false,
            base: decision.base,
            patch: None,
            image: None,
            afterwards,
            deed: Deed::WriteGhl(decision.ghl),
        };
        self.plan_word("", Some(&bm_id), Word::Created.spoilt(bad));
        if let Deed::WriteGhl(Action::Create(create)) = &step.deed {
            for wanted in self.things_of_stranger(&row, create)? {
                let part = Step {
                    deed: Deed::Thing(wanted),
                    base: None,
                    ..step.clone()
                };
                self.planned.add(&part);
                self.state.put_action(part.phase() as u8, &bm_id, &part)?;
            }
        }
        self.planned.add(&step);
        self.state.put_action(step.phase() as u8, &bm_id, &step)
    }

    /// Where somebody is created under a name that the record does not hold, the record gets it
    /// through the rules that bring names there, as it would in the next run.
    fn given_name(&self, there: &Mirror, creation: &Action) -> Vec<(String, FieldValue)> {
        let Action::Create(create) = creation else {
            return Vec::new();
        };
        let Resolved {
            policy, profile, ..
        } = self.resolved;
        let name = create.values.iter().find(|(key, _)| is_name(key));
        let name = name.filter(|_| policy.name_from_address);
        let Some((_, name)) = name else {
            return Vec::new();
        };
        let made = Contact {
            id: String::new(),
            email: Some(create.email.clone()),
            created: None,
            updated: None,
            consent: Consent::Unknown,
            values: ["firstName", "name"]
                .map(|key| (key.to_owned(), name.clone()))
                .into(),
            groups: Vec::new(),
        };
        let mapped = mapping::map(profile, &made).fields;
        let mut given = Vec::new();
        for (index, field) in policy.fields.iter().enumerate() {
            let empty = there.fields.get(index).is_none_or(Option::is_none);
            if field.flow.direction.to_bigmailer()
                && is_name(&field.ghl)
                && empty
                && let Some(Ok(Some(value))) = mapped.get(index)
            {
                given.push((field.tag.clone(), value.clone()));
            }
        }
        given
    }

    /// Whether a linked record, listed in this run, has something to tell HighLevel.
    pub(super) fn has_moved(&self, row: StagedMirror<MirrorView>, link: &Link<Base>) -> bool {
        link.base
            .as_ref()
            .is_none_or(|base| moved(&self.resolved.policy, &mirror(row), base))
    }

    /// Whether a contact that was listed, not read singly, differs from what both sides agreed on.
    pub(super) fn departs_from_base(&self, ghl_id: &str) -> Result<bool, StateError> {
        let Some(row) = self.state.staged_ghl::<SourceView>(ghl_id)? else {
            return Ok(false);
        };
        let link: Option<Link<Base>> = self.state.link(ghl_id)?;
        let Some(base) = link.and_then(|link| link.base) else {
            return Ok(false);
        };
        let seen = source(&row, false, row.blocked);
        Ok(!row.direct && departs(&seen, &self.resolved.policy, &base))
    }

    /// The creation of a staged person whose inherited record turned out to be gone.
    pub(super) fn create_after_all(&self, step: &Step) -> Result<Option<Step>, StateError> {
        let Some(row) = self.state.staged_ghl::<SourceView>(&step.ghl_id)? else {
            return Ok(None);
        };
        let source = self.judged(&row)?;
        let decision = decide(&self.resolved.policy, &source, &Target::Absent, None);
        let create = matches!(decision.action, Action::Create(_));
        Ok(create.then(|| Step {
            bm_id: None,
            base: decision.base,
            deed: Deed::Write(decision.action),
            ..step.clone()
        }))
    }

    /// Decides a person once more, whose HighLevel contact was just read, against the record as it was
    /// listed and what is remembered by now.
    pub(super) fn decide_fresh(&self, step: &Step) -> Result<Option<Decision>, StateError> {
        let Some(row) = self.state.staged_ghl::<SourceView>(&step.ghl_id)? else {
            return Ok(None);
        };
        let Some(id) = &step.bm_id else {
            return Ok(None);
        };
        let Some(there) = self.state.staged_bm::<MirrorView>(id)? else {
            return Ok(None);
        };
        let link: Option<Link<Base>> = self.state.link(&step.ghl_id)?;
        let base = link.and_then(|l| l.base);
        Ok(Some(decide(
            &self.resolved.policy,
            &self.judged(&row)?,
            &Target::Present(mirror(there)),
            base.as_ref(),
        )))
    }

    /// Decides a staged person once more, against a record that was just read.
    pub(super) fn decide_again(
        &self,
        ghl_id: &str,
        contact: &Contact,
    ) -> Result<Option<Decision>, StateError> {
        let Some(row) = self.state.staged_ghl::<SourceView>(ghl_id)? else {
            return Ok(None);
        };
        let there = mirror(stage_mirror(self.resolved, contact));
        Ok(Some(decide(
            &self.resolved.policy,
            &self.judged(&row)?,
            &Target::Present(there),
            None,
        )))
    }

    /// What the profile wants done about HighLevel contacts that are gone.
    fn plan_deletions(&mut self, reading: &Reading) -> Result<(), Halt> {
        let missing = self.state.missing_in_ghl()?;
        if missing.is_empty() || self.suddenly_empty(reading).is_some() {
            return Ok(());
        }
        let max_deletes = self.resolved.profile.limits.max_deletes;
        let allowed = guard::allowed_deletes(reading.linked, max_deletes);
        // Far too many to be true: the brake will say so without a call for each.
        let confirm = self.options.pass_brakes || missing.len() as u64 <= allowed;
        if confirm {
            self.confirm_deletions(missing.clone())?;
        }
        for id in missing {
            if confirm && !self.state.is_confirmed_gone(&id)? {
                // Search did not show it, yet it is there: the next run sees it.
                self.state.note(&problem(
                    &id,
                    None,
                    "not_listed",
                    "HighLevel's search left this contact out of a full listing",
                ))?;
                continue;
            }
            self.plan_deletion(&id)?;
        }
        Ok(())
    }

    /// What the profile wants done about one HighLevel contact that is gone.
    fn plan_deletion(&mut self, id: &str) -> Result<(), StateError> {
        let Some(link) = self.state.link::<Base>(id)? else {
            return Ok(());
        };
        let known = link.clone();
        let (Some(bm_id), Some(base)) = (link.bm_id, link.base) else {
            return Ok(());
        };
        if self.state.is_confirmed_gone(&bm_id)? {
            // Deleted as the profile wants it, perhaps by a run that could not remember it.
            if self.forgets(id)? {
                let step = Step::of_link(&known, None, true, Deed::Forget);
                self.state.put_action(step.phase() as u8, id, &step)?;
            }
            return Ok(());
        }
        if !self.state.claim(&bm_id)? {
            return Ok(());
        }
        let target = match self.state.staged_bm(&bm_id)? {
            Some(there) => Target::Present(mirror(there)),
            None => Target::Assumed(bm_id.clone()),
        };
        let decision = decide_gone(&self.resolved.policy, &target, &base);
        let writes = decision.action != Action::Nothing;
        let deed = if writes {
            Deed::Write(decision.action)
        } else {
            Deed::Remember
        };
        let step = Step::of_link(&known, decision.base, true, deed);
        if writes {
            self.planned.add(&step);
            self.planned.linked_changes += 1;
            if step.phase() != Phase::Deletions {
                self.planned.people.updated += 1;
            }
        } else {
            self.tally.people.unchanged += 1;
        }
        self.state.put_action(step.phase() as u8, id, &step)
    }

    /// Whether a link with nobody on either side is forgotten without a trace.
    pub(super) fn forgets(&self, ghl_id: &str) -> Result<bool, StateError> {
        Ok(self.resolved.policy.on_ghl_delete == OnDelete::Delete
            && self.state.is_confirmed_gone(ghl_id)?)
    }

    /// Records that are gone and whose HighLevel contact this run has not looked at.
    fn plan_burials(&self) -> Result<(), Halt> {
        for id in self.state.lost_and_unseen()? {
            let Some(link) = self.state.link::<Base>(&id)? else {
                continue;
            };
            if let Some(bm_id) = link.bm_id.clone()
                && !self.forgets(&id)?
            {
                let gone = link.gone || self.state.is_confirmed_gone(&id)?;
                let base = link.base.as_ref().map(|b| b.email.clone());
                let email = base.or(link.email.clone()).unwrap_or_default();
                let step = Step::of_link(&link, None, gone, Deed::Bury { email, bm_id });
                self.state.put_action(step.phase() as u8, &id, &step)?;
            }
        }
        Ok(())
    }

    /// The side that shows nobody at all although people are linked.
    fn suddenly_empty(&self, reading: &Reading) -> Option<crate::contact::Side> {
        if reading.linked == 0 || self.options.pass_brakes {
            return None;
        }
        if reading.ghl_complete && self.tally.read_ghl == 0 {
            return Some(crate::contact::Side::Ghl);
        }
        (reading.bigmailer_complete && self.tally.read_bigmailer == 0)
            .then_some(crate::contact::Side::Bigmailer)
    }

    /// The plan in numbers, for the brakes.
    pub(super) fn counts(&self, reading: &Reading) -> Counts {
        Counts {
            linked: reading.linked,
            changes: self.planned.linked_changes,
            deletes: self.planned.vanished,
            listed_ghl: reading.ghl_complete.then_some(self.tally.read_ghl),
            listed_bigmailer: reading
                .bigmailer_complete
                .then_some(self.tally.read_bigmailer),
        }
    }

    /// Without a listing every creation is one call; with many of them listing the brand and
    /// creating in batches is cheaper.
    pub(super) fn creates_deserve_a_listing(&self, reading: &Reading) -> bool {
        let creates = self.planned.creates;
        let listing = reading.linked.div_ceil(100) + 2 * creates.div_ceil(1000) + 1;
        !reading.bigmailer_listed && creates > FEW_CREATES && listing < creates
    }
}

/// So few creations are not worth a thought about listing the brand.
const FEW_CREATES: u64 = 20;

impl Planned {
    pub(super) fn add(&mut self, step: &Step) {
        match &step.deed {
            Deed::Write(action) => self.add_there(action),
            Deed::WriteGhl(action) => self.ghl.add(action),
            Deed::Thing(Wanted::Note { .. }) => self.ghl.notes_written += 1,
            Deed::Thing(Wanted::Chore { .. }) => self.ghl.tasks_created += 1,
            Deed::Thing(Wanted::Mail { .. }) => self.mails += 1,
            _ => return,
        }
        if step.gone {
            self.vanished += 1;
        }
    }

    fn add_there(&mut self, action: &Action) {
        match action {
            Action::Nothing => {}
            Action::Create(create) => {
                self.creates += 1;
                self.unsubscribes += u64::from(create.opted_out.is_some());
            }
            Action::Update { update, .. } => {
                self.updates += 1;
                self.unsubscribes += u64::from(update.opt_out.is_some());
            }
            Action::Delete { .. } => self.deletes += 1,
        }
    }
}

impl GhlTally {
    /// Counts a write that was, or is to be, carried out.
    pub(super) fn add(&mut self, action: &Action) {
        match action {
            Action::Nothing | Action::Delete { .. } => {}
            Action::Create(create) => {
                self.created += 1;
                self.dnd_set += u64::from(create.opted_out.is_some());
                self.tags_added += create.lists.len() as u64;
            }
            Action::Update { update, .. } => {
                self.updated += 1;
                self.dnd_set += u64::from(update.opt_out.is_some());
                self.tags_added += update.join.len() as u64;
                self.tags_removed += update.leave.len() as u64;
            }
        }
    }
}

/// A write to HighLevel in the parts that succeed or fail by themselves: an opt-out waits for no
/// value and no address.
pub(super) fn split(action: Action, patch: Patch) -> Vec<(Action, Patch)> {
    let Action::Update { id, mut update } = action else {
        return match action {
            Action::Nothing => Vec::new(),
            action => vec![(action, patch)],
        };
    };
    let mut parts = Vec::new();
    let (consent, rest) = patch.split_consent();
    let update_of = |update| Action::Update {
        id: id.clone(),
        update,
    };
    if let Some(why) = update.opt_out.take() {
        let opt_out = Update {
            opt_out: Some(why),
            ..Update::default()
        };
        parts.push((update_of(opt_out), consent));
    }
    if !update.is_empty() {
        parts.push((update_of(update), rest));
    }
    parts
}
