//! Before-images: what each write of a run replaces, recorded before the write is sent.
//!
//! Where a record was not read in this run, the image says what both sides last agreed on, and that
//! it is only believed. Creations are recorded when they are confirmed: there was nothing before
//! them. Start reading at [`Run::put_image_of`].

use crate::contact::Side;
use crate::plan::undo::{Group, Image, Remembered, Swap, Value};
use crate::plan::{Action, Base, Cell, Policy, Update};
use crate::state::history::Kind;
use crate::state::{Link, Staged, StagedMirror, StateError};

use super::planning::{Deed, Step};
use super::{MirrorView, Run, SourceView};

impl Run<'_> {
    /// Records what the write of a step replaces. Returns the record's number, if one is kept.
    pub(super) fn put_image_of(&self, step: &Step) -> Result<Option<i64>, StateError> {
        let (kind, image) = match &step.deed {
            Deed::Write(Action::Update { id, update }) => {
                (Kind::Update, Some(self.image_there(step, id, update)?))
            }
            Deed::WriteGhl(Action::Update { id, update }) => {
                (Kind::Update, Some(self.image_here(step, id, update)?))
            }
            Deed::Write(Action::Delete { .. }) => (Kind::Delete, None),
            _ => return Ok(None),
        };
        if image.as_ref().is_some_and(Image::is_empty) {
            return Ok(None);
        }
        let ghl_id = Some(step.ghl_id.as_str()).filter(|id| !id.is_empty());
        let ids = (ghl_id, step.bm_id.as_deref());
        let side = step.side().as_str();
        self.state.put_image(side, kind, ids, false, image.as_ref())
    }

    /// Records that somebody was made.
    pub(super) fn note_creation(
        &self,
        side: Side,
        ghl_id: &str,
        bm_id: Option<&str>,
    ) -> Result<(), StateError> {
        let ids = (Some(ghl_id), bm_id);
        let nothing: Option<&Image> = None;
        self.state
            .put_image(side.as_str(), Kind::Create, ids, true, nothing)
            .map(drop)
    }

    /// What is remembered of a person; a record may still be that of another one.
    fn base_of(&self, step: &Step, bm_id: Option<&str>) -> Result<Base, StateError> {
        let owner = match bm_id {
            Some(id) => self.state.owner(id)?,
            None => None,
        };
        let owner = owner.unwrap_or_else(|| step.ghl_id.clone());
        let link: Option<Link<Base>> = self.state.link(&owner)?;
        Ok(link.and_then(|l| l.base).unwrap_or_default())
    }

    fn image_there(&self, step: &Step, id: &str, update: &Update) -> Result<Image, StateError> {
        let base = self.base_of(step, Some(id))?;
        let there = self.state.staged_bm::<MirrorView>(id)?;
        Ok(image_there(
            &self.resolved.policy,
            there.as_ref(),
            &base,
            update,
        ))
    }

    fn image_here(&self, step: &Step, id: &str, update: &Update) -> Result<Image, StateError> {
        let base = self.base_of(step, step.bm_id.as_deref())?;
        let here = self.state.staged_ghl::<SourceView>(id)?;
        Ok(image_here(
            &self.resolved.policy,
            here.as_ref(),
            &base,
            update,
        ))
    }
}

fn remembered(base: &Base, tag: &str) -> Option<Remembered> {
    let value = base.fields.get(tag).cloned();
    value.map(|value| Remembered { value })
}

/// What an update of a record replaces.
fn image_there(
    policy: &Policy,
    there: Option<&StagedMirror<MirrorView>>,
    base: &Base,
    update: &Update,
) -> Image {
    let mut image = Image {
        opt_out: update.opt_out.is_some(),
        believed: there.is_none(),
        ..Image::default()
    };
    if let Some(after) = &update.email {
        let before = there.and_then(|row| row.email.clone());
        image.email = Some(Swap {
            before: before.unwrap_or_else(|| base.email.clone()),
            after: after.clone(),
        });
    }
    let set = update.set.iter().map(|(tag, v)| (tag, Some(v.clone())));
    let cleared = update.clear.iter().map(|(tag, _)| (tag, None));
    for (tag, after) in set.chain(cleared) {
        // The id field is ours; it stays with the link.
        let Some(index) = policy.fields.iter().position(|field| field.tag == *tag) else {
            continue;
        };
        let before = match there {
            Some(row) => row.view.fields.get(index).cloned().flatten(),
            None => base.fields.get(tag).cloned().flatten(),
        };
        let value = Value {
            swap: Swap { before, after },
            tag: tag.clone(),
            remembered: remembered(base, tag),
        };
        image.values.insert(tag.clone(), value);
    }
    let joined = update.join.iter().map(|id| (id, true));
    let left = update.leave.iter().map(|id| (id, false));
    for (id, after) in joined.chain(left) {
        let index = policy.lists.iter().position(|list| list.id == *id);
        let member = match (there, index) {
            (Some(row), Some(index)) => row.view.lists.get(index).copied(),
            _ => base.lists.get(id).copied(),
        };
        let group = Group {
            swap: Swap {
                before: member.unwrap_or(!after),
                after,
            },
            list: id.clone(),
            remembered: base.lists.get(id).copied(),
        };
        image.groups.insert(id.clone(), group);
    }
    image
}

/// What an update of a HighLevel contact replaces.
fn image_here(
    policy: &Policy,
    here: Option<&Staged<SourceView>>,
    base: &Base,
    update: &Update,
) -> Image {
    let mut image = Image {
        opt_out: update.opt_out.is_some(),
        ..Image::default()
    };
    if let Some(after) = &update.email {
        let before = here.and_then(|row| row.email.clone());
        image.email = Some(Swap {
            before: before.unwrap_or_default(),
            after: after.clone(),
        });
    }
    let set = update.set.iter().map(|(key, v)| (key, Some(v.clone())));
    let cleared = update.clear.iter().map(|(key, _)| (key, None));
    for (key, after) in set.chain(cleared) {
        let Some(index) = policy.fields.iter().position(|field| field.ghl == *key) else {
            continue;
        };
        match here.and_then(|row| row.view.fields.get(index)) {
            Some(Cell::Value(before)) => {
                let tag = &policy.fields[index].tag;
                let value = Value {
                    swap: Swap {
                        before: before.clone(),
                        after,
                    },
                    tag: tag.clone(),
                    remembered: remembered(base, tag),
                };
                image.values.insert(key.clone(), value);
            }
            Some(Cell::Bad | Cell::Unread) | None => image.lost.push(key.clone()),
        }
    }
    let joined = update.join.iter().map(|tag| (tag, true));
    let left = update.leave.iter().map(|tag| (tag, false));
    for (tag, after) in joined.chain(left) {
        let has = |list: &crate::plan::ListPolicy| list.tag.as_ref() == Some(tag);
        let Some(index) = policy.lists.iter().position(has) else {
            continue;
        };
        let list = &policy.lists[index].id;
        let before = here.and_then(|row| row.view.lists.get(index).copied());
        let group = Group {
            swap: Swap {
                before: before.unwrap_or(!after),
                after,
            },
            list: list.clone(),
            remembered: base.lists.get(list).copied(),
        };
        image.groups.insert(tag.clone(), group);
    }
    image
}
