//! The decision: what one person's two sides and their common past call for.
//!
//! Pure functions of values. This module never reads, writes, waits or looks at a clock; it does
//! not know a service's JSON, a file or a command. The engine calls [`decide`] once per person and
//! [`guard::check`] once per run. Start reading at [`decide`].
//!
//! Directions today: HighLevel is the source, BigMailer the target.

pub mod guard;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contact::FieldValue;
use crate::mapping::{OnDelete, OnExit};

/// The profile, reduced to what a decision needs, with names resolved to ids.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Merge tags of the field rules, in rule order.
    pub fields: Vec<String>,
    /// Ids of the lists that rules name, each once.
    pub lists: Vec<String>,
    /// Merge tag of the field that carries the HighLevel id, if the profile wants one.
    pub id_field: Option<String>,
    pub create: bool,
    pub create_opted_out: bool,
    /// E-mail DND in HighLevel travels to BigMailer as `unsubscribe_all`.
    pub consent_to_bigmailer: bool,
    pub on_scope_exit: OnExit,
    pub on_ghl_delete: OnDelete,
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
    /// Aligned with [`Policy::fields`].
    pub fields: Vec<Cell>,
    /// Aligned with [`Policy::lists`]: does a rule want membership?
    pub lists: Vec<bool>,
}

/// One BigMailer contact through the eyes of the profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mirror {
    pub id: String,
    /// Trimmed and lower-cased.
    pub email: String,
    pub unsubscribed: bool,
    /// Aligned with [`Policy::fields`].
    pub fields: Vec<Option<FieldValue>>,
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
    /// By list id: did a rule want membership?
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentBase {
    #[serde(rename = "g")]
    pub ghl_blocked: bool,
    #[serde(rename = "b")]
    pub unsubscribed: bool,
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
}

impl Skip {
    pub const ALL: [Skip; 6] = [
        Skip::NoEmail,
        Skip::InvalidEmail,
        Skip::DuplicateEmail,
        Skip::Filtered,
        Skip::OptedOut,
        Skip::DeletedInBigmailer,
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
        }
    }
}

/// A change of one BigMailer contact.
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
    #[serde(default)]
    pub opt_out: bool,
}

impl Update {
    pub fn is_empty(&self) -> bool {
        *self == Update::default()
    }
}

/// A contact to be made in BigMailer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Create {
    pub email: String,
    pub values: Vec<(String, FieldValue)>,
    pub lists: Vec<String>,
    pub opted_out: bool,
}

/// What is to be done for one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Nothing to write.
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

/// The answer of [`decide`].
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub action: Action,
    /// What to remember once the action is confirmed (at once for [`Action::Nothing`]).
    /// `None`: there is no link to remember anything for.
    pub base: Option<Base>,
    /// Set when the person is left out; consent may still have travelled.
    pub skip: Option<Skip>,
    /// Somebody opted this person in by hand on one side only; reported, never acted upon.
    pub opt_in_elsewhere: bool,
}

impl Decision {
    fn skip(reason: Skip, base: Option<Base>) -> Decision {
        Decision {
            action: Action::Nothing,
            base,
            skip: Some(reason),
            opt_in_elsewhere: false,
        }
    }
}

/// Decides one person of HighLevel.
///
/// `base` is what is remembered of the link, `None` on first contact. The answer never loosens
/// consent, names only fields and lists of the policy, and is empty when both sides agree.
pub fn decide(policy: &Policy, source: &Source, target: &Target, base: Option<&Base>) -> Decision {
    match target {
        Target::Deleted => Decision::skip(
            first_reason(source).unwrap_or(Skip::DeletedInBigmailer),
            None,
        ),
        Target::Absent => decide_absent(policy, source),
        Target::Present(mirror) => decide_linked(policy, source, &mirror.id, Some(mirror), base),
        Target::Assumed(id) => decide_linked(policy, source, id, None, base),
    }
}

/// Decides a link whose HighLevel contact is confirmed to be gone.
pub fn decide_gone(policy: &Policy, target: &Target, base: &Base) -> Decision {
    let (id, unsubscribed) = match target {
        Target::Present(mirror) => (&mirror.id, mirror.unsubscribed),
        // What base says may be old.
        Target::Assumed(id) => (id, false),
        Target::Absent | Target::Deleted => {
            return Decision {
                action: Action::Nothing,
                base: None,
                skip: None,
                opt_in_elsewhere: false,
            };
        }
    };
    let action = match policy.on_ghl_delete {
        OnDelete::Keep => Action::Nothing,
        OnDelete::Unsubscribe if unsubscribed => Action::Nothing,
        OnDelete::Unsubscribe => Action::Update {
            id: id.clone(),
            update: Update {
                opt_out: true,
                ..Update::default()
            },
        },
        OnDelete::Delete => Action::Delete { id: id.clone() },
    };
    Decision {
        action,
        base: Some(base.clone()),
        skip: None,
        opt_in_elsewhere: false,
    }
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
    let nothing = Decision {
        action: Action::Nothing,
        base: None,
        skip: None,
        opt_in_elsewhere: false,
    };
    let Some(email) = source.address.key() else {
        return nothing;
    };
    if !policy.create {
        return nothing;
    }
    if source.blocked && !policy.create_opted_out {
        return Decision::skip(Skip::OptedOut, None);
    }
    let mut base = Base {
        email: email.to_owned(),
        in_scope: true,
        id_stored: policy.id_field.is_some(),
        consent: policy.consent_to_bigmailer.then_some(ConsentBase {
            ghl_blocked: source.blocked,
            unsubscribed: source.blocked,
        }),
        ..Base::default()
    };
    let mut values = Vec::with_capacity(policy.fields.len() + 1);
    for (tag, cell) in policy.fields.iter().zip(&source.fields) {
        if let Cell::Value(value) = cell {
            base.fields.insert(tag.clone(), value.clone());
            if let Some(value) = value {
                values.push((tag.clone(), value.clone()));
            }
        }
    }
    if let Some(tag) = &policy.id_field {
        values.push((tag.clone(), FieldValue::Text(source.id.clone())));
    }
    let mut lists = Vec::new();
    for (id, wanted) in policy.lists.iter().zip(&source.lists) {
        base.lists.insert(id.clone(), *wanted);
        if *wanted {
            lists.push(id.clone());
        }
    }
    // An opted-out person is never created mailable, whether or not consent travels later on.
    let create = Create {
        email: email.to_owned(),
        values,
        lists,
        opted_out: source.blocked,
    };
    Decision {
        action: Action::Create(create),
        base: Some(base),
        skip: None,
        opt_in_elsewhere: false,
    }
}

fn decide_linked(
    policy: &Policy,
    source: &Source,
    id: &str,
    mirror: Option<&Mirror>,
    base: Option<&Base>,
) -> Decision {
    let mut next = base.cloned().unwrap_or_default();
    // Where no rule looks, people may do what they like: an old memory must not judge it later.
    next.fields.retain(|tag, _| policy.fields.contains(tag));
    next.lists.retain(|id, _| policy.lists.contains(id));
    if let Some(mirror) = mirror {
        if next.email.is_empty() {
            next.email = mirror.email.clone();
        }
        next.id_stored = mirror.ghl_id.as_deref() == Some(&source.id);
    }
    next.id_stored &= policy.id_field.is_some();
    let mut update = Update::default();
    let mut opt_in_elsewhere = false;

    // A contact that never took part has no say over a record; a link keeps its opt-outs flowing
    // even while the contact is filtered or has lost its address.
    if base.is_some() || first_reason(source).is_none() {
        opt_in_elsewhere = decide_consent(policy, source, mirror, base, &mut update, &mut next);
    }

    let reason = first_reason(source);
    match reason {
        None => {
            decide_email(source, mirror, base, &mut update, &mut next);
            decide_fields(policy, source, mirror, base, &mut update, &mut next);
            decide_lists(policy, source, mirror, base, &mut update, &mut next);
            next.in_scope = true;
        }
        Some(Skip::Filtered) if base.is_some_and(|b| b.in_scope) => {
            leave_scope(policy, mirror, &mut update, &mut next);
        }
        Some(_) => {}
    }

    if !update.is_empty()
        && reason.is_none()
        && let Some(tag) = &policy.id_field
    {
        if !next.id_stored {
            update
                .set
                .push((tag.clone(), FieldValue::Text(source.id.clone())));
        }
        next.id_stored = true;
    }
    let action = if update.is_empty() {
        Action::Nothing
    } else {
        Action::Update {
            id: id.to_owned(),
            update,
        }
    };
    // Somebody who is left out and was never linked stays a stranger.
    let base = (base.is_some() || reason.is_none()).then_some(next);
    Decision {
        action,
        base,
        skip: reason,
        opt_in_elsewhere,
    }
}

/// The ratchet: an opt-out of HighLevel goes over once; after that both sides stay as people left
/// them. Returns whether the sides now differ because somebody opted in by hand.
fn decide_consent(
    policy: &Policy,
    source: &Source,
    mirror: Option<&Mirror>,
    base: Option<&Base>,
    update: &mut Update,
    next: &mut Base,
) -> bool {
    if !policy.consent_to_bigmailer {
        next.consent = None;
        return false;
    }
    let before = base.and_then(|b| b.consent);
    let unsubscribed = match (mirror, before) {
        (Some(mirror), _) => mirror.unsubscribed,
        (None, Some(before)) => before.unsubscribed,
        (None, None) => false,
    };
    let went_over = before.is_some_and(|b| b.ghl_blocked);
    // What base says of BigMailer may be old: somebody may have opted in there since. Opting out
    // twice harms nobody, not opting out does.
    let surely_out = mirror.is_some_and(|m| m.unsubscribed);
    let tighten = source.blocked && !surely_out && !went_over;
    update.opt_out |= tighten;
    next.consent = Some(ConsentBase {
        ghl_blocked: source.blocked,
        unsubscribed: unsubscribed || tighten,
    });
    let opted_in_there = source.blocked && went_over && !unsubscribed;
    let opted_in_here = !source.blocked && went_over && unsubscribed;
    opted_in_there || opted_in_here
}

fn decide_email(
    source: &Source,
    mirror: Option<&Mirror>,
    base: Option<&Base>,
    update: &mut Update,
    next: &mut Base,
) {
    let Some(email) = source.address.key() else {
        return;
    };
    let there = match (mirror, base) {
        (Some(mirror), _) => Some(mirror.email.as_str()),
        (None, Some(base)) => Some(base.email.as_str()),
        (None, None) => None,
    };
    if there != Some(email) {
        update.email = Some(email.to_owned());
    }
    next.email = email.to_owned();
}

fn decide_fields(
    policy: &Policy,
    source: &Source,
    mirror: Option<&Mirror>,
    base: Option<&Base>,
    update: &mut Update,
    next: &mut Base,
) {
    for (index, tag) in policy.fields.iter().enumerate() {
        let Some(Cell::Value(value)) = source.fields.get(index) else {
            continue;
        };
        let remembered = base.and_then(|b| b.fields.get(tag));
        let there = match mirror {
            Some(mirror) => mirror.fields.get(index).and_then(Option::as_ref),
            None => remembered.and_then(Option::as_ref),
        };
        match (value, there) {
            (Some(value), there) if there != Some(value) => {
                update.set.push((tag.clone(), value.clone()))
            }
            // An empty source clears only what it is known to have filled.
            (None, Some(there)) if matches!(remembered, Some(Some(_))) => {
                update.clear.push((tag.clone(), there.clone()));
            }
            _ => {}
        }
        next.fields.insert(tag.clone(), value.clone());
    }
}

fn decide_lists(
    policy: &Policy,
    source: &Source,
    mirror: Option<&Mirror>,
    base: Option<&Base>,
    update: &mut Update,
    next: &mut Base,
) {
    for (index, id) in policy.lists.iter().enumerate() {
        let wanted = source.lists.get(index).copied().unwrap_or(false);
        let remembered = base.and_then(|b| b.lists.get(id)).copied().unwrap_or(false);
        let member = match mirror {
            Some(mirror) => mirror.lists.get(index).copied().unwrap_or(false),
            None => remembered,
        };
        if wanted && !member {
            update.join.push(id.clone());
        }
        // Only a membership that the tag once gave ends with the tag.
        if !wanted && member && remembered {
            update.leave.push(id.clone());
        }
        next.lists.insert(id.clone(), wanted);
    }
}

fn leave_scope(policy: &Policy, mirror: Option<&Mirror>, update: &mut Update, next: &mut Base) {
    match policy.on_scope_exit {
        OnExit::Keep => {}
        OnExit::LeaveLists => {
            for (index, id) in policy.lists.iter().enumerate() {
                let given = next.lists.get(id).copied().unwrap_or(false);
                let member = mirror.is_none_or(|m| m.lists.get(index).copied().unwrap_or(false));
                if given && member {
                    update.leave.push(id.clone());
                }
                next.lists.insert(id.clone(), false);
            }
        }
        OnExit::Unsubscribe => {
            update.opt_out |= !mirror.is_some_and(|m| m.unsubscribed);
            if let Some(consent) = &mut next.consent {
                consent.unsubscribed = true;
            }
        }
    }
    next.in_scope = false;
}
