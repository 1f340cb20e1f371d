//! One value, or one membership, between two sides and what both last agreed on.
//!
//! Knows no contact and no action, only which side moved. Start reading at [`value`].

use super::Cell;
use crate::contact::FieldValue;
use crate::mapping::{Conflict, Direction, Flow};

/// What becomes of one value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// Nothing can be said: a side was not read or holds what no rule can use.
    Leave,
    /// Nothing to write; this is what both sides are remembered to have.
    Agree(Option<FieldValue>),
    ToBigmailer(Option<FieldValue>),
    ToGhl(Option<FieldValue>),
    /// Somebody ruled that both are to have the first, instead of HighLevel's and BigMailer's.
    ToBoth(FieldValue, Option<FieldValue>, Option<FieldValue>),
    /// Both moved: HighLevel's value and BigMailer's wait for a person.
    Hold(Option<FieldValue>, Option<FieldValue>),
}

/// Who wins where both sides moved; `None`: nobody.
pub(super) fn winner(conflict: Conflict) -> Option<Direction> {
    match conflict {
        Conflict::Ghl => Some(Direction::ToBigmailer),
        Conflict::Bigmailer => Some(Direction::ToGhl),
        Conflict::Hold => None,
    }
}

/// Settles a field. `here` is HighLevel's value through the rule, `raw` BigMailer's as it is (or as
/// believed), `there` the same through the rule, where it was read; `before` is what base shows, if
/// anything.
///
/// One-way: the source wins and drift is put right, but an empty source clears the target only where
/// the source is known to have filled it. Both ways: whoever moved since base wins; where both did,
/// the rule says who. On first contact nothing ever overwrites something with nothing.
pub(super) fn value(
    flow: Flow,
    here: &Cell,
    raw: Option<&FieldValue>,
    there: Option<&Cell>,
    before: Option<&Option<FieldValue>>,
) -> Verdict {
    if *here == Cell::Unread || there == Some(&Cell::Unread) {
        return Verdict::Leave;
    }
    match flow.direction {
        Direction::ToBigmailer => match here {
            Cell::Bad | Cell::Unread => Verdict::Leave,
            Cell::Value(here) => match one_way(here.as_ref(), raw, before) {
                true => Verdict::ToBigmailer(here.clone()),
                false => Verdict::Agree(here.clone()),
            },
        },
        Direction::ToGhl => match there {
            None | Some(Cell::Bad | Cell::Unread) => Verdict::Leave,
            Some(Cell::Value(there)) => {
                let target = match here {
                    Cell::Value(here) => here.as_ref(),
                    // Whatever it is, it is not what BigMailer has.
                    Cell::Bad if there.is_some() => return Verdict::ToGhl(there.clone()),
                    Cell::Bad | Cell::Unread => return Verdict::Leave,
                };
                match one_way(there.as_ref(), target, before) {
                    true => Verdict::ToGhl(there.clone()),
                    false => Verdict::Agree(there.clone()),
                }
            }
        },
        Direction::Both => {
            let (Cell::Value(here), Some(Cell::Value(there))) = (here, there) else {
                return Verdict::Leave;
            };
            both_ways(flow.conflict, here, there, before)
        }
    }
}

/// Whether the target has to be written.
fn one_way(
    source: Option<&FieldValue>,
    target: Option<&FieldValue>,
    before: Option<&Option<FieldValue>>,
) -> bool {
    match source {
        Some(_) => source != target,
        None => target.is_some() && matches!(before, Some(Some(_))),
    }
}

fn both_ways(
    conflict: Conflict,
    here: &Option<FieldValue>,
    there: &Option<FieldValue>,
    before: Option<&Option<FieldValue>>,
) -> Verdict {
    if here == there {
        return Verdict::Agree(here.clone());
    }
    match before {
        Some(before) if before == there => return Verdict::ToBigmailer(here.clone()),
        Some(before) if before == here => return Verdict::ToGhl(there.clone()),
        None if here.is_none() => return Verdict::ToGhl(there.clone()),
        None if there.is_none() => return Verdict::ToBigmailer(here.clone()),
        _ => {}
    }
    match winner(conflict) {
        Some(Direction::ToGhl) => Verdict::ToGhl(there.clone()),
        Some(_) => Verdict::ToBigmailer(here.clone()),
        None => Verdict::Hold(here.clone(), there.clone()),
    }
}

/// What becomes of one membership.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Membership {
    pub join: bool,
    pub leave: bool,
    pub tag: bool,
    pub untag: bool,
    /// What to remember; `None`: as before.
    pub remember: Option<bool>,
}

/// Settles a list. `tagged`: a rule wants the membership; `there`: the membership, where it was
/// read; `before`: what base shows.
///
/// A membership ends only where base shows that the tag was there and has gone, a tag only where
/// base shows that the membership was. On first contact both ways, what one side has the other gets.
pub(super) fn membership(
    direction: Direction,
    tagged: bool,
    there: Option<bool>,
    before: Option<bool>,
) -> Membership {
    let nothing = Membership::default();
    let given = before.unwrap_or(false);
    match (direction, there) {
        (Direction::ToBigmailer, there) => {
            let member = there.unwrap_or(given);
            Membership {
                join: tagged && !member,
                leave: !tagged && member && given,
                remember: Some(tagged),
                ..nothing
            }
        }
        (Direction::ToGhl | Direction::Both, None) => nothing,
        (Direction::ToGhl, Some(member)) => Membership {
            tag: member && !tagged,
            untag: !member && tagged && given,
            remember: Some(member),
            ..nothing
        },
        (Direction::Both, Some(member)) if member == tagged => Membership {
            remember: Some(member),
            ..nothing
        },
        (Direction::Both, Some(member)) => {
            let now = match before {
                // One of the two moved away from base, and that one is followed.
                Some(before) => !before,
                None => true,
            };
            Membership {
                join: now && !member,
                leave: !now && member,
                tag: now && !tagged,
                untag: !now && tagged,
                remember: Some(now),
            }
        }
    }
}
