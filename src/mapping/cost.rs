//! What the sources of a profile cost in calls, beyond listing the contacts.
//!
//! Pure estimates for people who decide whether a field is worth it; nothing paces by them.
//! Start reading at [`cost_of_thousand`]; what takes calls has its row in [`THINGS`].

use super::Profile;

/// What one kind of thing costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// What has to be fetched, such as `tasks`.
    pub related: &'static str,
    /// HighLevel calls for 1,000 contacts.
    pub calls: u64,
    /// What the number rests on.
    pub basis: &'static str,
}

/// All of it. One look-up serves all sources of a kind (HighLevel API: task search takes many contacts
/// at once, notes and appointments are read by contact, opportunities and businesses come 100 a page).
const THINGS: [Cost; 5] = [
    Cost {
        related: "tasks",
        calls: 10,
        basis: "a call for 100 contacts",
    },
    Cost {
        related: "notes",
        calls: 1_000,
        basis: "a call for each contact",
    },
    Cost {
        related: "appointments",
        calls: 1_000,
        basis: "a call for each contact",
    },
    Cost {
        related: "opportunities",
        calls: 10,
        basis: "a call for 100 opportunities, taken as one a contact",
    },
    Cost {
        related: "business",
        calls: 1,
        basis: "a call for 100 businesses, once a run",
    },
];

/// What the profile's sources cost; nothing for properties and custom fields, which come with the
/// contacts.
pub(crate) fn cost_of_thousand(profile: &Profile) -> Vec<Cost> {
    let named = |cost: &Cost| {
        let mut sources = profile.fields.iter().map(|rule| rule.ghl.split_once('.'));
        sources.any(|parts| parts.is_some_and(|(thing, _)| thing == cost.related))
    };
    THINGS.into_iter().filter(named).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{FieldKind, FieldRule};
    use super::*;

    #[test]
    fn one_look_up_serves_a_kind_and_plain_sources_are_free() {
        let mut profile = Profile::new("p", "L", "B");
        let mut add = |sources: &[&str]| {
            let rules = sources.iter();
            let rules = rules.map(|source| FieldRule::new(source, "X", FieldKind::Text));
            profile.fields.extend(rules);
            let costs = cost_of_thousand(&profile).into_iter();
            costs
                .map(|cost| (cost.related, cost.calls))
                .collect::<Vec<_>>()
        };
        assert_eq!(add(&["firstName", "custom.tasks.x", "tags"]), []);
        let costs = add(&["tasks.open_count", "notes.count", "tasks.next.due"]);
        assert_eq!(costs, [("tasks", 10), ("notes", 1_000)]);
    }
}
