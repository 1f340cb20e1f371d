//! The brakes: refuses a whole plan that looks like an accident.
//!
//! Works on counts alone, before the first write. Start reading at [`check`].

use crate::contact::Side;
use crate::mapping::Share;

/// This many changes of linked contacts are always allowed, however few links there are.
pub const ALWAYS_ALLOWED: u64 = 20;

/// What a plan amounts to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Links known before the run.
    pub linked: u64,
    /// Linked contacts that the plan would change (unsubscribing counts).
    pub changes: u64,
    /// Linked contacts that the plan would delete, or unsubscribe because they vanished.
    pub deletes: u64,
    /// Contacts that a complete full listing of the side delivered; `None`: not listed completely.
    pub listed_ghl: Option<u64>,
    pub listed_bigmailer: Option<u64>,
}

/// Why a plan was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brake {
    Empty {
        side: Side,
        linked: u64,
    },
    Changes {
        planned: u64,
        allowed: u64,
        linked: u64,
    },
    Deletes {
        planned: u64,
        allowed: u64,
        linked: u64,
    },
}

/// How many linked contacts may be deleted: the share, but at least one, so that a small location
/// is not stuck. A share of nothing allows none.
pub fn allowed_deletes(linked: u64, max_deletes: Share) -> u64 {
    let none = matches!(max_deletes, Share::Count(0)) || max_deletes == Share::Percent(0.0);
    max_deletes.of(linked).max(u64::from(!none))
}

/// Refuses a plan that finds a side suddenly empty, or changes or deletes more than its share.
pub fn check(counts: &Counts, max_changes: Share, max_deletes: Share) -> Result<(), Brake> {
    let linked = counts.linked;
    for (side, listed) in [
        (Side::Ghl, counts.listed_ghl),
        (Side::Bigmailer, counts.listed_bigmailer),
    ] {
        if linked > 0 && listed == Some(0) {
            return Err(Brake::Empty { side, linked });
        }
    }
    let allowed = allowed_deletes(linked, max_deletes);
    if counts.deletes > allowed {
        return Err(Brake::Deletes {
            planned: counts.deletes,
            allowed,
            linked,
        });
    }
    let allowed = max_changes.of(linked).max(ALWAYS_ALLOWED);
    if counts.changes > allowed {
        return Err(Brake::Changes {
            planned: counts.changes,
            allowed,
            linked,
        });
    }
    Ok(())
}

impl std::fmt::Display for Brake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Brake::Empty { side, linked } => {
                write!(
                    f,
                    "{} suddenly shows no contact at all, but {linked} are linked",
                    side.title()
                )
            }
            Brake::Changes {
                planned,
                allowed,
                linked,
            } => write!(
                f,
                "this run would change {planned} of {linked} linked contacts, more than the {allowed} that `limits.max_changes` allows"
            ),
            Brake::Deletes {
                planned,
                allowed,
                linked,
            } => write!(
                f,
                "this run would delete or unsubscribe {planned} of {linked} linked contacts because they vanished, more than the {allowed} that `limits.max_deletes` allows"
            ),
        }
    }
}
