//! How often each field, list and tag was written: counts for reports, never values or people.
//!
//! As large as the profile, however many contacts there are. Start reading at [`Changed::add`].

use std::collections::BTreeMap;

use crate::contact::Side;
use crate::plan::Action;
use crate::state::{State, StateError};

use super::planning::{Deed, Phase, Step, WRITE_PHASES};

/// How often one field, list or tag was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// With contacts that were made.
    pub with_new: u64,
    /// Set in, joined by or given to contacts that were there.
    pub set: u64,
    /// Emptied in, left by or taken from them.
    pub cleared: u64,
}

/// What was written to one side, by the names that its writes use: merge tags and list ids in
/// BigMailer, sources and tags in HighLevel; `email` is the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    pub fields: BTreeMap<String, Count>,
    pub lists: BTreeMap<String, Count>,
}

/// What was written, by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub bigmailer: Changed,
    pub ghl: Changed,
}

impl Changed {
    /// Counts a write that was, or is to be, carried out.
    fn add(&mut self, action: &Action) {
        match action {
            Action::Nothing | Action::Delete { .. } => {}
            Action::Create(create) => {
                for (name, _) in &create.values {
                    of(&mut self.fields, name).with_new += 1;
                }
                for list in &create.lists {
                    of(&mut self.lists, list).with_new += 1;
                }
            }
            Action::Update { update, .. } => {
                if update.email.is_some() {
                    of(&mut self.fields, "email").set += 1;
                }
                for (name, _) in &update.set {
                    of(&mut self.fields, name).set += 1;
                }
                for (name, _) in &update.clear {
                    of(&mut self.fields, name).cleared += 1;
                }
                for list in &update.join {
                    of(&mut self.lists, list).set += 1;
                }
                for list in &update.leave {
                    of(&mut self.lists, list).cleared += 1;
                }
            }
        }
    }
}

fn of<'a>(counts: &'a mut BTreeMap<String, Count>, name: &str) -> &'a mut Count {
    counts.entry(name.to_owned()).or_default()
}

impl Changes {
    pub fn of(&self, side: Side) -> &Changed {
        match side {
            Side::Ghl => &self.ghl,
            Side::Bigmailer => &self.bigmailer,
        }
    }

    /// Counts what a step has written, or is to write.
    pub(super) fn add(&mut self, deed: &Deed) {
        match deed {
            Deed::Write(action) => self.bigmailer.add(action),
            Deed::WriteGhl(action) => self.ghl.add(action),
            _ => {}
        }
    }

    /// What the staged plan is going to write.
    pub fn planned(state: &State) -> Result<Changes, StateError> {
        let mut changes = Changes::default();
        for phase in WRITE_PHASES.into_iter().chain([Phase::Contested]) {
            let mut after = 0;
            loop {
                let part = state.actions::<Step>(phase as u8, after, 500)?;
                let Some((seq, _)) = part.last() else { break };
                after = *seq;
                for (_, step) in &part {
                    changes.add(&step.deed);
                }
            }
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::FieldValue;
    use crate::plan::{Create, Update};

    #[test]
    fn each_name_is_counted_by_what_became_of_it() {
        let text = |name: &str| (name.to_owned(), FieldValue::Text("x".to_owned()));
        let mut changes = Changes::default();
        changes.add(&Deed::Write(Action::Create(Create {
            email: "ada@example.com".to_owned(),
            values: vec![text("A"), text("B")],
            lists: vec!["1".to_owned()],
            opted_out: None,
        })));
        for _ in 0..2 {
            changes.add(&Deed::Write(Action::Update {
                id: "r".to_owned(),
                update: Update {
                    email: Some("b@example.com".to_owned()),
                    set: vec![text("A")],
                    clear: vec![text("B")],
                    join: vec!["2".to_owned()],
                    leave: vec!["1".to_owned()],
                    opt_out: None,
                },
            }));
        }
        changes.add(&Deed::Write(Action::Delete { id: "r".to_owned() }));
        changes.add(&Deed::Remember);
        let count = |with_new, set, cleared| Count {
            with_new,
            set,
            cleared,
        };
        let side = changes.of(Side::Bigmailer);
        assert_eq!(side.fields["A"], count(1, 2, 0));
        assert_eq!(side.fields["B"], count(1, 0, 2));
        assert_eq!(side.fields["email"], count(0, 2, 0));
        assert_eq!(side.lists["1"], count(1, 0, 2));
        assert_eq!(side.lists["2"], count(0, 2, 0));
        assert_eq!(*changes.of(Side::Ghl), Changed::default());
    }
}
