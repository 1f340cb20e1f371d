//! What the sources of a profile cost in calls, beyond listing the contacts.
//!
//! Pure estimates for people who decide whether a field is worth it; nothing paces by them.
//! Start reading at [`cost`]; a source that takes calls has its row in [`FAMILIES`].

use std::collections::BTreeSet;

use super::Profile;

/// What one family of sources costs in HighLevel calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cost {
    /// The sources of the profile that share these calls.
    pub sources: Vec<String>,
    /// For 1,000 contacts whose values are looked up.
    pub calls_per_1000: u64,
    /// How they are looked up.
    pub how: &'static str,
}

/// Beginning of the sources, calls for 1,000 contacts, how. One look-up serves all sources of a family
/// (HighLevel API: task search takes many contacts at once, notes and appointments are read by contact,
/// opportunities come 100 a page, businesses are listed once).
const FAMILIES: &[(&str, u64, &str)] = &[
    ("tasks.", 20, "task search, 50 contacts a call"),
    ("notes.", 1000, "one call a contact"),
    ("appointments.", 1000, "one call a contact"),
    ("opportunities.", 10, "opportunity search, 100 a page"),
    ("business.", 10, "business list, 100 a page"),
];

/// What the profile's sources cost; nothing for properties and custom fields, which come with the
/// contacts.
pub(crate) fn cost(profile: &Profile) -> Vec<Cost> {
    let sources: BTreeSet<&str> = profile
        .fields
        .iter()
        .map(|rule| rule.ghl.as_str())
        .collect();
    FAMILIES
        .iter()
        .filter_map(|(start, calls_per_1000, how)| {
            let mine = sources.iter().filter(|source| source.starts_with(start));
            let sources: Vec<String> = mine.map(|source| (*source).to_owned()).collect();
            (!sources.is_empty()).then_some(Cost {
                sources,
                calls_per_1000: *calls_per_1000,
                how,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{FieldKind, FieldRule};
    use super::*;

    #[test]
    fn one_look_up_serves_a_family_and_plain_sources_are_free() {
        let mut profile = Profile::new("p", "L", "B");
        for source in ["firstName", "custom.tasks.x", "tags"] {
            let rule = FieldRule::new(source, "X", FieldKind::Text);
            profile.fields.push(rule);
        }
        assert_eq!(cost(&profile), []);
        for source in ["tasks.open_count", "notes.count", "tasks.next.due"] {
            let rule = FieldRule::new(source, "X", FieldKind::Text);
            profile.fields.push(rule);
        }
        let costs = cost(&profile);
        let told: Vec<_> = costs
            .iter()
            .map(|cost| (cost.sources.join(" "), cost.calls_per_1000))
            .collect();
        assert_eq!(
            told,
            [
                ("tasks.next.due tasks.open_count".to_owned(), 20),
                ("notes.count".to_owned(), 1000)
            ]
        );
    }
}
