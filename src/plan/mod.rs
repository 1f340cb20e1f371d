//! The decision: what one person's two sides and their common past call for.
//!
//! Pure functions of values. This module never reads, writes, waits or looks at a clock; it does
//! not know a service's JSON, a file or a command. The engine calls [`decide`] once per person and
//! [`guard::check`] once per run. Start reading at [`decide`]; how one value or membership is
//! settled between two sides and their past is in [`merge`].

pub mod guard;
mod merge;
pub mod related;
#[cfg(test)]
mod tests;
pub mod undo;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contact::{Block, FieldValue};
use crate::mapping::{Direction, Flow, OnDelete, OnExit, Profile, Trigger};
use merge::{Verdict, membership, value};

/// The profile, reduced to what a decision needs, with names resolved to ids.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The field rules, in their order.
    pub fields: Vec<FieldPolicy>,
    /// The lists that rules name, each once.
    pub lists: Vec<ListPolicy>,
    /// Merge tag of the field that carries the HighLevel id, if the profile wants one.
    pub id_field: Option<String>,
    /// Which way addresses travel.
    pub address: Flow,
    /// HighLevel contacts unknown to BigMailer are created there.
    pub create: bool,
    /// BigMailer contacts unknown to HighLevel are created there.
    pub create_in_ghl: bool,
    /// Nobody is created in HighLevel without a first, last or full name.
    pub create_named_only: bool,
    /// Whoever is created there without a name is called by what stands before the `@`.
    pub name_from_address: bool,
    /// Opted-out strangers are created, opted out; otherwise they are left out.
    pub create_opted_out: bool,
    /// E-mail do-not-disturb in HighLevel travels to BigMailer as `unsubscribe_all`.
    pub consent_to_bigmailer: bool,
    /// Unsubscribes, complaints and hard bounces in BigMailer travel to HighLevel as e-mail
    /// do-not-disturb.
    pub consent_to_ghl: bool,
    pub on_scope_exit: OnExit,
    pub on_ghl_delete: OnDelete,
    /// Merge tags of the fields that are kept as notes.
    pub notes: Vec<String>,
    /// Something waits for people to opt out, wherever they do.
    pub watches_opt_outs: bool,
}

/// A field rule as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPolicy {
    /// Merge tag of the BigMailer field.
    pub tag: String,
    /// The HighLevel source, which is also what is written there.
    pub ghl: String,
    pub flow: Flow,
}

/// A list as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPolicy {
    pub id: String,
    /// The tag that a membership gives, where something travels to HighLevel.
    pub tag: Option<String>,
    pub direction: Direction,
}

impl Policy {
    /// What a profile says, for these fields (merge tags in the order of its rules, as the brand
    /// spells them), lists and id field.
    pub fn of(
        profile: &Profile,
        tags: Vec<String>,
        lists: Vec<ListPolicy>,
        id_field: Option<String>,
    ) -> Policy {
        let sync = &profile.sync;
        let fields = tags.into_iter().zip(&profile.fields);
        Policy {
            fields: fields
                .map(|(tag, rule)| FieldPolicy {
                    tag,
                    ghl: rule.ghl.clone(),
                    flow: rule.flow,
                })
                .collect(),
            lists,
            id_field,
            address: Flow {
                direction: sync.direction,
                conflict: sync.conflict,
            },
            create: sync.direction.to_bigmailer() && sync.create_in_bigmailer,
            create_in_ghl: sync.direction.to_ghl() && sync.create_in_ghl,
            create_named_only: true,
            name_from_address: sync.name_from_address,
            create_opted_out: profile.consent.create_opted_out,
            consent_to_bigmailer: profile.consent.to_bigmailer,
            consent_to_ghl: profile.consent.to_ghl,
            on_scope_exit: sync.on_scope_exit,
            on_ghl_delete: sync.on_ghl_delete,
            notes: Vec::new(),
            watches_opt_outs: profile.triggers().any(|on| *on == Trigger::Unsubscribed),
        }
    }

    fn names_field(&self, tag: &str) -> bool {
        self.fields.iter().any(|field| field.tag == tag)
    }

    fn names_list(&self, id: &str) -> bool {
        self.lists.iter().any(|list| list.id == id)
    }

    /// Whether anything that the policy says looks at a BigMailer contact for HighLevel's sake.
    pub fn reads_bigmailer(&self) -> bool {
        self.address.direction.to_ghl()
            || self.create_in_ghl
            || self.consent_to_ghl
            || self.watches_opt_outs
            || !self.notes.is_empty()
            || self.fields.iter().any(|f| f.flow.direction.to_ghl())
            || self.lists.iter().any(|l| l.direction.to_ghl())
    }
}

/// The address of a source contact, as far as it can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Address {
    None,
    /// Present, but no BigMailer contact can have it.
    Invalid,
    /// Trimmed and lower-cased.
    Usable(String),
}

impl Address {
    pub fn key(&self) -> Option<&str> {
        match self {
            Address::Usable(key) => Some(key),
            _ => None,
        }
    }
}

/// What a rule made of a source value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// `None`: the source is empty.
    Value(Option<FieldValue>),
    /// The value cannot be turned into what the field takes. The field is left alone.
    Bad,
    /// The source was not read. The field is left alone, whichever way it goes.
    Unread,
}

/// One HighLevel contact through the eyes of the profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub id: String,
    pub address: Address,
    /// Passes the profile's filter.
    pub in_scope: bool,
    /// Shares its address with an earlier contact that takes part.
    pub duplicate: bool,
    /// E-mail do-not-disturb, the strictest of all contacts that share the address.
    pub blocked: bool,
    /// Where it is blocked: not itself, but another contact that shares or had the address.
    pub by_another: bool,
    /// Aligned with [`Policy::fields`].
    pub fields: Vec<Cell>,
    /// Aligned with [`Policy::lists`]: does a rule want membership?
    pub lists: Vec<bool>,
    /// Places in [`Source::lists`] about which nothing can be said, because what the rules look at
    /// was not read. These memberships are left alone.
    pub unread_lists: Vec<usize>,
    /// What somebody ruled about values that were held.
    pub rulings: Vec<Ruling>,
}

/// A person's word about a value that both sides changed differently. It holds for these two values
/// only: where a side has moved on since, it is as good as unsaid.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// Merge tag; `email` for the address.
    pub field: String,
    pub ghl: Option<FieldValue>,
    pub bigmailer: Option<FieldValue>,
    pub take: Take,
}

/// What is to be on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Take {
    Ghl,
    Bigmailer,
    Value(FieldValue),
}

/// One BigMailer contact through the eyes of the profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mirror {
    pub id: String,
    /// Trimmed and lower-cased.
    pub email: String,
    pub unsubscribed: bool,
    /// A hard bounce or a complaint: not to be mailed although nobody unsubscribed. A
    /// [`Block::Dnd`] is known from elsewhere, and is no news to HighLevel.
    pub barred: Option<Block>,
    /// Aligned with [`Policy::fields`]: the values as they are there.
    pub fields: Vec<Option<FieldValue>>,
    /// Aligned with [`Policy::fields`]: the same through the rules that look at them.
    pub meant: Vec<Cell>,
    /// Aligned with [`Policy::lists`].
    pub lists: Vec<bool>,
    /// The value of the id field.
    pub ghl_id: Option<String>,
}

/// What is known of the person in BigMailer.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Read in this run.
    Present(Mirror),
    /// Linked under this id, not read in this run; believed to be as base says.
    Assumed(String),
    /// Not linked and not found.
    Absent,
    /// Was linked or known, and was deleted in BigMailer by somebody.
    Deleted,
}

/// The mapped values as both sides last agreed, kept per link.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Base {
    /// By merge tag: the source value at that time (`None`: it was empty).
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Option<FieldValue>>,
    /// By list id: did a rule want membership (and, where the list leads, was there one)?
    #[serde(rename = "l", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, bool>,
    /// Absent while the profile does not carry consent.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentBase>,
    /// The address, trimmed and lower-cased.
    #[serde(rename = "e", default)]
    pub email: String,
    #[serde(rename = "s", default)]
    pub in_scope: bool,
    /// BigMailer carries the HighLevel id.
    #[serde(rename = "i", default)]
    pub id_stored: bool,
}

/// Consent on both sides when they were last compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentBase {
    #[serde(rename = "g")]
    pub ghl_blocked: bool,
    #[serde(rename = "b")]
    pub unsubscribed: bool,
    /// BigMailer had a hard bounce or a complaint.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub barred: bool,
}

/// What a confirmed write adds to a memory that others may have added to meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, Option<FieldValue>>,
    #[serde(rename = "l", default, skip_serializing_if = "BTreeMap::is_empty")]
    lists: BTreeMap<String, bool>,
    /// Consent is compared at all.
    #[serde(rename = "c", default, skip_serializing_if = "std::ops::Not::not")]
    consents: bool,
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    ghl_blocked: Option<bool>,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    unsubscribed: Option<bool>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    barred: Option<bool>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    in_scope: Option<bool>,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    id_stored: Option<bool>,
}

impl Patch {
    /// What has to be added to `from` so that it says what `to` says. What `from` alone knows stays.
    pub fn between(from: &Base, to: &Base) -> Patch {
        let consent = |base: &Base| base.consent.unwrap_or_default();
        let (before, after) = (consent(from), consent(to));
        let consents = to.consent.is_some();
        let changed = |old: bool, new: bool| (consents && old != new).then_some(new);
        Patch {
            fields: news(&from.fields, &to.fields),
            lists: news(&from.lists, &to.lists),
            consents,
            ghl_blocked: changed(before.ghl_blocked, after.ghl_blocked),
            unsubscribed: changed(before.unsubscribed, after.unsubscribed),
            barred: changed(before.barred, after.barred),
            email: (from.email != to.email).then(|| to.email.clone()),
            in_scope: (from.in_scope != to.in_scope).then_some(to.in_scope),
            id_stored: (from.id_stored != to.id_stored).then_some(to.id_stored),
        }
    }

    /// The part about consent, and the rest.
    pub fn split_consent(self) -> (Patch, Patch) {
        let consent = Patch {
            consents: self.consents,
            ghl_blocked: self.ghl_blocked,
            unsubscribed: self.unsubscribed,
            barred: self.barred,
            ..Patch::default()
        };
        let rest = Patch {
            consents: false,
            ghl_blocked: None,
            unsubscribed: None,
            barred: None,
            ..self
        };
        (consent, rest)
    }

    /// Leaves out what was not written after all.
    pub fn without(&mut self, tags: &[String], lists: &[String], email: bool) {
        self.fields.retain(|tag, _| !tags.contains(tag));
        self.lists.retain(|id, _| !lists.contains(id));
        if email {
            self.email = None;
        }
    }

    pub fn apply(&self, base: &mut Base) {
        let owned = |(key, value): (&String, &Option<FieldValue>)| (key.clone(), value.clone());
        base.fields.extend(self.fields.iter().map(owned));
        base.lists
            .extend(self.lists.iter().map(|(id, yes)| (id.clone(), *yes)));
        if self.consents {
            let consent = base.consent.get_or_insert_default();
            consent.ghl_blocked = self.ghl_blocked.unwrap_or(consent.ghl_blocked);
            consent.unsubscribed = self.unsubscribed.unwrap_or(consent.unsubscribed);
            consent.barred = self.barred.unwrap_or(consent.barred);
        }
        if let Some(email) = &self.email {
            base.email.clone_from(email);
        }
        base.in_scope = self.in_scope.unwrap_or(base.in_scope);
        base.id_stored = self.id_stored.unwrap_or(base.id_stored);
    }
}

/// The entries of `to` that `from` does not have, or has otherwise.
fn news<V: Clone + PartialEq>(
    from: &BTreeMap<String, V>,
    to: &BTreeMap<String, V>,
) -> BTreeMap<String, V> {
    to.iter()
        .filter(|(key, value)| from.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Why a person is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    NoEmail,
    InvalidEmail,
    DuplicateEmail,
    Filtered,
    OptedOut,
    DeletedInBigmailer,
    /// Not created in HighLevel, because nothing says what to call the person.
    NoName,
}

impl Skip {
    pub const ALL: [Skip; 7] = [
        Skip::NoEmail,
        Skip::InvalidEmail,
        Skip::DuplicateEmail,
        Skip::Filtered,
        Skip::OptedOut,
        Skip::DeletedInBigmailer,
        Skip::NoName,
    ];

    /// The word of machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Skip::NoEmail => "no_email",
            Skip::InvalidEmail => "invalid_email",
            Skip::DuplicateEmail => "duplicate_email",
            Skip::Filtered => "filtered",
            Skip::OptedOut => "opted_out",
            Skip::DeletedInBigmailer => "deleted_in_bigmailer",
            Skip::NoName => "no_name",
        }
    }

    /// A sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Skip::NoEmail => "has no e-mail address",
            Skip::InvalidEmail => "has an address that BigMailer cannot store",
            Skip::DuplicateEmail => "shares its address with an earlier contact",
            Skip::Filtered => "does not pass the profile's filter",
            Skip::OptedOut => "is opted out and unknown to BigMailer",
            Skip::DeletedInBigmailer => "was deleted in BigMailer",
            Skip::NoName => "has no name to be created under in HighLevel",
        }
    }
}

/// A change of one contact of either side. Whatever is not named stays as it is.
///
/// BigMailer: `set` and `clear` go by merge tag, `join` and `leave` by list id. HighLevel: by source
/// (`firstName`, `custom.…`) and by tag.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, FieldValue)>,
    /// With the value believed to be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clear: Vec<(String, FieldValue)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave: Vec<String>,
    /// Opt the person out, and why. There is no way to say the opposite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<Block>,
}

impl Update {
    pub fn is_empty(&self) -> bool {
        *self == Update::default()
    }
}

/// A contact to be made on either side; named as in [`Update`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Create {
    pub email: String,
    pub values: Vec<(String, FieldValue)>,
    pub lists: Vec<String>,
    /// Made opted out, and why.
    pub opted_out: Option<Block>,
}

/// What is to be done for one person on one side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Nothing to write.
    #[default]
    Nothing,
    Create(Create),
    Update {
        id: String,
        update: Update,
    },
    Delete {
        id: String,
    },
}

impl Action {
    fn update(id: &str, update: Update) -> Action {
        if update.is_empty() {
            return Action::Nothing;
        }
        Action::Update {
            id: id.to_owned(),
            update,
        }
    }
}

/// A value that both sides changed differently, and that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Merge tag; `email` for the address.
    pub field: String,
    pub ghl: Option<FieldValue>,
    pub bigmailer: Option<FieldValue>,
}

/// The answer of [`decide`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// What is to be done in BigMailer.
    pub action: Action,
    /// What to remember once that is confirmed (at once for [`Action::Nothing`]).
    /// `None`: there is no link to remember anything for.
    pub base: Option<Base>,
    /// What is to be done in HighLevel.
    pub ghl: Action,
    /// What to remember besides, once that is confirmed.
    pub ghl_patch: Patch,
    pub held: Vec<Held>,
    /// Values that would be held if nobody had ruled about them.
    pub ruled: Vec<String>,
    /// Set when the person is left out; consent may still have travelled.
    pub skip: Option<Skip>,
    /// Somebody opted this person in by hand on one side only; reported, never acted upon.
    pub opt_in_elsewhere: bool,
}

impl Decision {
    fn skip(reason: Skip, base: Option<Base>) -> Decision {
        Decision {
            base,
            skip: Some(reason),
            ..Decision::default()
        }
    }
}

/// Decides one person of HighLevel.
///
/// `base` is what is remembered of the link, `None` on first contact. The answer never loosens
/// consent, names only fields, lists and tags of the policy, and is empty when both sides agree.
pub fn decide(policy: &Policy, source: &Source, target: &Target, base: Option<&Base>) -> Decision {
    match target {
        Target::Deleted => Decision::skip(
            first_reason(source).unwrap_or(Skip::DeletedInBigmailer),
            None,
        ),
        Target::Absent => decide_absent(policy, source),
        Target::Present(mirror) => {
            Linked::new(policy, source, &mirror.id, Some(mirror), base).decide()
        }
        Target::Assumed(id) => Linked::new(policy, source, id, None, base).decide(),
    }
}

/// Decides a link whose HighLevel contact is confirmed to be gone.
pub fn decide_gone(policy: &Policy, target: &Target, base: &Base) -> Decision {
    let (id, unsubscribed) = match target {
        Target::Present(mirror) => (&mirror.id, mirror.unsubscribed),
        // What base says may be old.
        Target::Assumed(id) => (id, false),
        Target::Absent | Target::Deleted => return Decision::default(),
    };
    let action = match policy.on_ghl_delete {
        OnDelete::Keep => Action::Nothing,
        OnDelete::Unsubscribe if unsubscribed => Action::Nothing,
        OnDelete::Unsubscribe => Action::Update {
            id: id.clone(),
            update: Update {
                opt_out: Some(Block::Dnd),
                ..Update::default()
            },
        },
        OnDelete::Delete => Action::Delete { id: id.clone() },
    };
    Decision {
        action,
        base: Some(base.clone()),
        ..Decision::default()
    }
}

/// Decides a BigMailer contact that no HighLevel contact belongs to.
///
/// The base is what to remember once the creation is confirmed under its new id.
pub fn decide_stranger(policy: &Policy, mirror: &Mirror) -> Decision {
    if !policy.create_in_ghl {
        return Decision::default();
    }
    if mirror.email.is_empty() {
        return Decision::skip(Skip::NoEmail, None);
    }
    let opted_out = mirror
        .unsubscribed
        .then_some(Block::Unsubscribed)
        .or(mirror.barred);
    if opted_out.is_some() && !policy.create_opted_out {
        return Decision::skip(Skip::OptedOut, None);
    }
    let mut base = Base {
        email: mirror.email.clone(),
        in_scope: true,
        consent: (policy.consent_to_bigmailer || policy.consent_to_ghl).then_some(ConsentBase {
            ghl_blocked: opted_out.is_some(),
            unsubscribed: mirror.unsubscribed,
            barred: mirror.barred.is_some(),
        }),
        ..Base::default()
    };
    let mut values = Vec::new();
    for (field, meant) in policy.fields.iter().zip(&mirror.meant) {
        if field.flow.direction.to_ghl()
            && let Cell::Value(value) = meant
        {
            base.fields.insert(field.tag.clone(), value.clone());
            if let Some(value) = value {
                values.push((field.ghl.clone(), value.clone()));
            }
        }
    }
    if !values.iter().any(|(key, _)| is_name(key)) {
        if policy.name_from_address {
            let local = mirror.email.split('@').next().unwrap_or_default();
            values.push(("firstName".to_owned(), FieldValue::Text(local.to_owned())));
        } else if policy.create_named_only {
            return Decision::skip(Skip::NoName, None);
        }
    }
    let mut tags = Vec::new();
    for (list, member) in policy.lists.iter().zip(&mirror.lists) {
        if list.direction.to_ghl() {
            base.lists.insert(list.id.clone(), *member);
            tags.extend(list.tag.clone().filter(|_| *member));
        }
    }
    Decision {
        ghl: Action::Create(Create {
            email: mirror.email.clone(),
            values,
            lists: tags,
            opted_out,
        }),
        base: Some(base),
        ..Decision::default()
    }
}

/// Whether a linked record holds something that HighLevel has to hear of, as far as base tells.
pub fn moved(policy: &Policy, mirror: &Mirror, base: &Base) -> bool {
    let fields = policy
        .fields
        .iter()
        .zip(&mirror.meant)
        .any(|(field, meant)| {
            field.flow.direction.to_ghl()
                && matches!(meant, Cell::Value(value) if base.fields.get(&field.tag) != Some(value))
        });
    let lists = policy
        .lists
        .iter()
        .zip(&mirror.lists)
        .any(|(list, member)| list.direction.to_ghl() && base.lists.get(&list.id) != Some(member));
    let address = policy.address.direction.to_ghl() && mirror.email != base.email;
    let told = base.consent.unwrap_or_default();
    let consent = policy.consent_to_ghl
        && (mirror.unsubscribed != told.unsubscribed || mirror.barred.is_some() != told.barred);
    fields || lists || address || consent
}

/// Whether a HighLevel contact shows anything else than base has, as far as it was read.
pub fn departs(source: &Source, policy: &Policy, base: &Base) -> bool {
    let fields = policy
        .fields
        .iter()
        .zip(&source.fields)
        .any(|(field, cell)| {
            let known = base.fields.get(&field.tag);
            matches!((cell, known), (Cell::Value(value), Some(known)) if value != known)
        });
    let lists = policy.lists.iter().zip(&source.lists).enumerate();
    let lists = lists
        .filter(|(index, _)| !source.unread_lists.contains(index))
        .any(|(_, (list, wanted))| {
            base.lists
                .get(&list.id)
                .is_some_and(|known| known != wanted)
        });
    let address = source.address.key().unwrap_or_default() != base.email;
    let consent = base
        .consent
        .is_some_and(|known| known.ghl_blocked != source.blocked);
    fields || lists || address || consent
}

/// Whether a source makes a HighLevel contact somebody.
pub fn is_name(source: &str) -> bool {
    ["firstName", "lastName", "name"].contains(&source)
}

/// The reason to leave a source contact out, judged by itself.
fn first_reason(source: &Source) -> Option<Skip> {
    if !source.in_scope {
        return Some(Skip::Filtered);
    }
    match source.address {
        Address::None => Some(Skip::NoEmail),
        Address::Invalid => Some(Skip::InvalidEmail),
        Address::Usable(_) if source.duplicate => Some(Skip::DuplicateEmail),
        Address::Usable(_) => None,
    }
}

fn decide_absent(policy: &Policy, source: &Source) -> Decision {
    if let Some(reason) = first_reason(source) {
        return Decision::skip(reason, None);
    }
    let (Some(email), true) = (source.address.key(), policy.create) else {
        return Decision::default();
    };
    if source.blocked && !policy.create_opted_out {
        return Decision::skip(Skip::OptedOut, None);
    }
    let mut base = Base {
        email: email.to_owned(),
        in_scope: true,
        id_stored: policy.id_field.is_some(),
        consent: (policy.consent_to_bigmailer || policy.consent_to_ghl).then_some(ConsentBase {
            ghl_blocked: source.blocked,
            unsubscribed: source.blocked,
            barred: false,
        }),
        ..Base::default()
    };
    let mut values = Vec::with_capacity(policy.fields.len() + 1);
    for (field, cell) in policy.fields.iter().zip(&source.fields) {
        if field.flow.direction.to_bigmailer()
            && let Cell::Value(value) = cell
        {
            base.fields.insert(field.tag.clone(), value.clone());
            if let Some(value) = value {
                values.push((field.tag.clone(), value.clone()));
            }
        }
    }
    if let Some(tag) = &policy.id_field {
        values.push((tag.clone(), FieldValue::Text(source.id.clone())));
    }
    let mut lists = Vec::new();
    for (index, (list, wanted)) in policy.lists.iter().zip(&source.lists).enumerate() {
        if list.direction.to_bigmailer() && !source.unread_lists.contains(&index) {
            base.lists.insert(list.id.clone(), *wanted);
            lists.extend(wanted.then(|| list.id.clone()));
        }
    }
    // An opted-out person is never created mailable, whether or not consent travels later on.
    let create = Create {
        email: email.to_owned(),
        values,
        lists,
        opted_out: source.blocked.then_some(Block::Dnd),
    };
    let here = Update {
        opt_out: (source.blocked && source.by_another && policy.consent_to_ghl)
            .then_some(Block::Dnd),
        ..Update::default()
    };
    Decision {
        action: Action::Create(create),
        ghl: Action::update(&source.id, here),
        base: Some(base),
        ..Decision::default()
    }
}

/// A person whose two sides belong together, while being decided.
struct Linked<'a> {
    policy: &'a Policy,
    source: &'a Source,
    id: &'a str,
    /// `None`: not read, believed to be as base says.
    mirror: Option<&'a Mirror>,
    base: Option<&'a Base>,
    /// To be written to BigMailer, and remembered once it is.
    bigmailer: Update,
    next: Base,
    /// To be written to HighLevel, and remembered once that is, too.
    ghl: Update,
    both: Base,
    held: Vec<Held>,
    ruled: Vec<String>,
}

impl<'a> Linked<'a> {
    fn new(
        policy: &'a Policy,
        source: &'a Source,
        id: &'a str,
        mirror: Option<&'a Mirror>,
        base: Option<&'a Base>,
    ) -> Linked<'a> {
        let mut next = base.cloned().unwrap_or_default();
        // Where no rule looks, people may do what they like: an old memory must not judge it later.
        next.fields.retain(|tag, _| policy.names_field(tag));
        next.lists.retain(|id, _| policy.names_list(id));
        if let Some(mirror) = mirror {
            if next.email.is_empty() {
                next.email.clone_from(&mirror.email);
            }
            next.id_stored = mirror.ghl_id.as_deref() == Some(&source.id);
        }
        next.id_stored &= policy.id_field.is_some();
        Linked {
            policy,
            source,
            id,
            mirror,
            base,
            bigmailer: Update::default(),
            both: next.clone(),
            next,
            ghl: Update::default(),
            held: Vec::new(),
            ruled: Vec::new(),
        }
    }

    fn decide(mut self) -> Decision {
        let (policy, source, base) = (self.policy, self.source, self.base);
        let mut reason = first_reason(source);
        // Where the address comes from BigMailer, a lost one comes back.
        let comes_back = policy.address.direction == Direction::ToGhl && self.mirror.is_some();
        if comes_back && matches!(reason, Some(Skip::NoEmail | Skip::InvalidEmail)) {
            reason = None;
        }
        // A contact that never took part has no say over a record; a link keeps its opt-outs
        // flowing even while the contact is filtered or has lost its address.
        let opt_in_elsewhere = (base.is_some() || reason.is_none()) && self.consent();
        match reason {
            None => {
                self.email();
                self.fields();
                self.lists();
                self.next.in_scope = true;
                self.both.in_scope = true;
            }
            Some(Skip::Filtered) if base.is_some_and(|b| b.in_scope) => self.leave_scope(),
            Some(_) => {}
        }
        if !self.bigmailer.is_empty()
            && reason.is_none()
            && let Some(tag) = &policy.id_field
        {
            if !self.next.id_stored {
                let id = FieldValue::Text(source.id.clone());
                self.bigmailer.set.push((tag.clone(), id));
            }
            self.next.id_stored = true;
            self.both.id_stored = true;
        }
        // Somebody who is left out and was never linked stays a stranger.
        let remembered = base.is_some() || reason.is_none();
        Decision {
            action: Action::update(self.id, self.bigmailer),
            ghl: Action::update(&source.id, self.ghl),
            ghl_patch: Patch::between(&self.next, &self.both),
            base: remembered.then_some(self.next),
            held: self.held,
            ruled: self.ruled,
            skip: reason,
            opt_in_elsewhere,
        }
    }

    /// The ratchet: an opt-out goes over once, either way; after that both sides stay as people
    /// left them. Returns whether the sides now differ because somebody opted in by hand.
    fn consent(&mut self) -> bool {
        let (policy, source, mirror) = (self.policy, self.source, self.mirror);
        if !policy.consent_to_bigmailer && !policy.consent_to_ghl {
            self.next.consent = None;
            self.both.consent = None;
            return false;
        }
        let known = self.base.and_then(|b| b.consent);
        let before = known.unwrap_or_default();
        // What base says of BigMailer may be old: somebody may have opted in there since. Opting
        // out twice harms nobody, not opting out does.
        let unsubscribed = mirror.map_or(before.unsubscribed, |m| m.unsubscribed);
        let told = |m: &Mirror| m.barred.filter(|why| *why != Block::Dnd);
        let barred = mirror.map_or(before.barred, |m| told(m).is_some());
        let surely_out = mirror.is_some_and(|m| m.unsubscribed);

        let tighten_there =
            policy.consent_to_bigmailer && source.blocked && !surely_out && !before.ghl_blocked;
        if tighten_there {
            self.bigmailer.opt_out = Some(Block::Dnd);
        }
        let news = if unsubscribed && !before.unsubscribed {
            Some(Block::Unsubscribed)
        } else if !before.barred {
            mirror.and_then(told)
        } else {
            None
        };
        let by_another = source.blocked && source.by_another;
        let news = news.or((by_another && !before.ghl_blocked).then_some(Block::Dnd));
        let blocked_here = source.blocked && !by_another;
        let tighten_here = policy.consent_to_ghl && !blocked_here && news.is_some();
        if tighten_here {
            self.ghl.opt_out = news;
        }
        let consent = ConsentBase {
            ghl_blocked: source.blocked,
            unsubscribed: unsubscribed || tighten_there,
            barred,
        };
        // What HighLevel does not know yet is news until it does.
        let untold = |now: bool, told: bool| if tighten_here { told } else { now };
        self.next.consent = Some(ConsentBase {
            ghl_blocked: untold(consent.ghl_blocked, before.ghl_blocked),
            unsubscribed: untold(consent.unsubscribed, before.unsubscribed) || tighten_there,
            barred: untold(consent.barred, before.barred),
        });
        self.both.consent = Some(ConsentBase {
            ghl_blocked: source.blocked || tighten_here,
            ..consent
        });

        // A bounce that became do-not-disturb is nobody's opting in.
        let opted_in_there = policy.consent_to_bigmailer
            && source.blocked
            && before.ghl_blocked
            && !unsubscribed
            && !barred;
        let out_there = before.unsubscribed && unsubscribed || before.barred && barred;
        let went_over_here = before.ghl_blocked;
        let opted_in_here = !source.blocked && went_over_here && out_there && !tighten_here;
        opted_in_there || opted_in_here
    }

    fn email(&mut self) {
        let here = self.source.address.key();
        let there = match (self.mirror, self.base) {
            (Some(mirror), _) => Some(mirror.email.as_str()),
            (None, Some(base)) => Some(base.email.as_str()),
            (None, None) => None,
        };
        let read = self.mirror.is_some();
        let before = self.base.map(|b| b.email.as_str());
        let before = before.filter(|email| !email.is_empty());
        let flow = self.policy.address;
        let verdict = match (flow.direction, here, there) {
            (Direction::ToBigmailer, Some(here), _) => Some((here, Direction::ToBigmailer)),
            (Direction::ToGhl, _, Some(there)) => Some((there, Direction::ToGhl)),
            (Direction::Both, Some(here), Some(there)) if here == there => {
                Some((here, Direction::ToBigmailer))
            }
            (Direction::Both, Some(here), Some(there)) => {
                let changed = |address: &str| before.is_none_or(|b| b != address);
                match (changed(here), changed(there)) {
                    (_, false) => Some((here, Direction::ToBigmailer)),
                    (false, _) => Some((there, Direction::ToGhl)),
                    _ => match merge::winner(flow.conflict) {
                        Some(Direction::ToGhl) => Some((there, Direction::ToGhl)),
                        Some(_) => Some((here, Direction::ToBigmailer)),
                        None => {
                            let text = |email: &str| Some(FieldValue::Text(email.to_owned()));
                            match self.ruled("email", text(here), text(there)) {
                                Verdict::ToBigmailer(_) => Some((here, Direction::ToBigmailer)),
                                Verdict::ToGhl(_) => Some((there, Direction::ToGhl)),
                                _ => {
                                    self.hold("email", text(here), text(there));
                                    // What was never agreed on is nobody's past.
                                    self.remember_email(before.unwrap_or_default());
                                    None
                                }
                            }
                        }
                    },
                }
            }
            _ => None,
        };
        match verdict {
            Some((email, Direction::ToGhl)) => {
                if read && here != Some(email) && !email.is_empty() {
                    self.ghl.email = Some(email.to_owned());
                    self.both.email = email.to_owned();
                } else if here == Some(email) {
                    self.remember_email(email);
                }
            }
            Some((email, _)) => {
                if there != Some(email) {
                    self.bigmailer.email = Some(email.to_owned());
                }
                self.remember_email(email);
            }
            None => {}
        }
    }

    fn remember_email(&mut self, email: &str) {
        self.next.email = email.to_owned();
        self.both.email = email.to_owned();
    }

    fn fields(&mut self) {
        let policy = self.policy;
        for (index, field) in policy.fields.iter().enumerate() {
            let here = self.source.fields.get(index).unwrap_or(&Cell::Bad);
            let remembered = self.base.and_then(|b| b.fields.get(&field.tag));
            let raw = match self.mirror {
                Some(mirror) => mirror.fields.get(index).and_then(Option::as_ref),
                None => remembered.and_then(Option::as_ref),
            };
            let there = self.mirror.and_then(|mirror| mirror.meant.get(index));
            let tag = &field.tag;
            let verdict = match value(field.flow, here, raw, there, remembered) {
                Verdict::Hold(ghl, bigmailer) => self.ruled(tag, ghl, bigmailer),
                clear => clear,
            };
            match verdict {
                Verdict::Leave => {}
                Verdict::Agree(value) => self.remember_field(tag, value),
                Verdict::ToBigmailer(value) => {
                    match (&value, raw) {
                        (Some(value), _) => self.bigmailer.set.push((tag.clone(), value.clone())),
                        (None, Some(raw)) => self.bigmailer.clear.push((tag.clone(), raw.clone())),
                        (None, None) => {}
                    }
                    self.remember_field(tag, value);
                }
                Verdict::ToGhl(value) => {
                    match (&value, here) {
                        (Some(value), _) => self.ghl.set.push((field.ghl.clone(), value.clone())),
                        (None, Cell::Value(Some(old))) => {
                            self.ghl.clear.push((field.ghl.clone(), old.clone()));
                        }
                        (None, _) => {}
                    }
                    self.both.fields.insert(tag.clone(), value);
                }
                Verdict::ToBoth(value, here, there) => {
                    self.bigmailer.set.push((tag.clone(), value.clone()));
                    self.ghl.set.push((field.ghl.clone(), value));
                    // Whichever of the two is written first, the other is the one that has not moved.
                    self.next.fields.insert(tag.clone(), here);
                    self.both.fields.insert(tag.clone(), there);
                }
                Verdict::Hold(ghl, bigmailer) => self.hold(tag, ghl, bigmailer),
            }
        }
    }

    fn hold(&mut self, field: &str, ghl: Option<FieldValue>, bigmailer: Option<FieldValue>) {
        self.held.push(Held {
            field: field.to_owned(),
            ghl,
            bigmailer,
        });
    }

    /// What a person ruled about these two values, if somebody did.
    fn ruled(
        &mut self,
        field: &str,
        ghl: Option<FieldValue>,
        bigmailer: Option<FieldValue>,
    ) -> Verdict {
        let mut rulings = self.source.rulings.iter();
        let ruling =
            rulings.find(|it| it.field == field && it.ghl == ghl && it.bigmailer == bigmailer);
        let verdict = match ruling.map(|ruling| &ruling.take) {
            None => return Verdict::Hold(ghl, bigmailer),
            Some(Take::Ghl) => Verdict::ToBigmailer(ghl),
            Some(Take::Bigmailer) => Verdict::ToGhl(bigmailer),
            Some(Take::Value(value)) if ghl.as_ref() == Some(value) => Verdict::ToBigmailer(ghl),
            Some(Take::Value(value)) if bigmailer.as_ref() == Some(value) => {
                Verdict::ToGhl(bigmailer)
            }
            Some(Take::Value(value)) => Verdict::ToBoth(value.clone(), ghl, bigmailer),
        };
        self.ruled.push(field.to_owned());
        verdict
    }

    fn remember_field(&mut self, tag: &str, value: Option<FieldValue>) {
        self.both.fields.insert(tag.to_owned(), value.clone());
        self.next.fields.insert(tag.to_owned(), value);
    }

    fn lists(&mut self) {
        let policy = self.policy;
        for (index, list) in policy.lists.iter().enumerate() {
            if self.source.unread_lists.contains(&index) {
                continue;
            }
            let tagged = self.source.lists.get(index).copied().unwrap_or(false);
            let remembered = self.base.and_then(|b| b.lists.get(&list.id)).copied();
            let there = self
                .mirror
                .map(|mirror| mirror.lists.get(index).copied().unwrap_or(false));
            let settled = membership(list.direction, tagged, there, remembered);
            if settled.join {
                self.bigmailer.join.push(list.id.clone());
            }
            if settled.leave {
                self.bigmailer.leave.push(list.id.clone());
            }
            let tag = list.tag.clone();
            self.ghl.join.extend(tag.clone().filter(|_| settled.tag));
            self.ghl.leave.extend(tag.filter(|_| settled.untag));
            if let Some(now) = settled.remember {
                self.both.lists.insert(list.id.clone(), now);
                if !settled.tag && !settled.untag {
                    self.next.lists.insert(list.id.clone(), now);
                }
            }
        }
    }

    fn leave_scope(&mut self) {
        let policy = self.policy;
        match policy.on_scope_exit {
            OnExit::Keep => {}
            OnExit::LeaveLists => {
                for (index, list) in policy.lists.iter().enumerate() {
                    if !list.direction.to_bigmailer() {
                        continue;
                    }
                    let given = self.next.lists.get(&list.id).copied().unwrap_or(false);
                    let member = self
                        .mirror
                        .is_none_or(|m| m.lists.get(index).copied().unwrap_or(false));
                    if given && member {
                        self.bigmailer.leave.push(list.id.clone());
                    }
                    self.next.lists.insert(list.id.clone(), false);
                    self.both.lists.insert(list.id.clone(), false);
                }
            }
            OnExit::Unsubscribe => {
                if !self.mirror.is_some_and(|m| m.unsubscribed) {
                    self.bigmailer.opt_out = Some(Block::Dnd);
                    for base in [&mut self.next, &mut self.both] {
                        if let Some(consent) = &mut base.consent {
                            consent.unsubscribed = true;
                        }
                    }
                }
            }
        }
        self.next.in_scope = false;
        self.both.in_scope = false;
    }
}
