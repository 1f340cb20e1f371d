//! What changed in the services since a run last looked.
//!
//! A run remembers the fields and lists that its rules used, by their ids; a later look finds them
//! renamed or of another type. Pure; where it is kept is not known here. Start reading at [`drift`].

use serde::{Deserialize, Serialize};

use super::{Finding, FindingKind, Services, find_list, find_source, find_target};
use crate::mapping::{CUSTOM, Profile};

/// What the rules of a profile use, as a run saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    custom: Vec<SeenSource>,
    fields: Vec<SeenTarget>,
    lists: Vec<SeenList>,
}

/// As [`super::SourceField`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SeenSource {
    id: String,
    name: String,
    key: String,
    data_type: String,
}

/// As [`super::TargetField`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SeenTarget {
    id: String,
    merge_tag: String,
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SeenList {
    id: String,
    name: String,
}

impl Seen {
    /// What there is now of what the profile names.
    pub fn of(profile: &Profile, services: &Services) -> Seen {
        let mut seen = Seen::default();
        for rule in &profile.fields {
            if let Some(field) = custom_of(&rule.ghl).and_then(|key| find_source(services, key)) {
                seen.custom.push(SeenSource {
                    id: field.id.clone(),
                    name: field.name.clone(),
                    key: field.key.clone(),
                    data_type: field.data_type.clone(),
                });
            }
        }
        for tag in targets(profile).map(|(tag, _)| tag) {
            if let Some(field) = find_target(services, tag) {
                seen.fields.push(SeenTarget {
                    id: field.id.clone(),
                    merge_tag: field.merge_tag.clone(),
                    kind: field.kind.clone(),
                });
            }
        }
        for rule in &profile.lists {
            if let [list] = find_list(services, &rule.list).as_slice() {
                seen.lists.push(SeenList {
                    id: list.id.clone(),
                    name: list.name.clone(),
                });
            }
        }
        seen
    }
}

fn custom_of(source: &str) -> Option<&str> {
    source.strip_prefix(CUSTOM)
}

/// The merge tags of a profile with their lines; 0 for the id field.
fn targets(profile: &Profile) -> impl Iterator<Item = (&str, usize)> {
    let rules = profile.fields.iter();
    let rules = rules.map(|rule| (rule.bigmailer.as_str(), rule.line));
    let id_field = profile.sync.id_field.as_deref().map(|tag| (tag, 0));
    rules.chain(id_field)
}

/// What was renamed or retyped since. What is gone altogether is found by [`super::fit`].
pub fn drift(seen: &Seen, profile: &Profile, services: &Services) -> Vec<Finding> {
    let mut found = Vec::new();
    for old in &seen.custom {
        let same =
            |name: &str| name == old.id || name == old.key || name.eq_ignore_ascii_case(&old.name);
        let rule = profile
            .fields
            .iter()
            .find(|rule| custom_of(&rule.ghl).is_some_and(same));
        let new = services
            .custom_fields
            .iter()
            .find(|field| field.id == old.id);
        let (Some(rule), Some(new)) = (rule, new) else {
            continue;
        };
        if new.key != old.key || new.name != old.name {
            let message = format!(
                "the custom field {} ({}) is now {} ({}); `custom.{}` always finds it",
                old.key, old.name, new.key, new.name, old.id
            );
            found.push(finding(rule.line, message));
        }
        if new.data_type != old.data_type {
            let message = format!(
                "the custom field {} was of type {} and is now {}",
                new.key, old.data_type, new.data_type
            );
            found.push(finding(rule.line, message));
        }
    }
    for old in &seen.fields {
        let mut rules = targets(profile);
        let rule = rules.find(|(tag, _)| tag.eq_ignore_ascii_case(&old.merge_tag));
        let by_id = services.fields.iter().find(|field| field.id == old.id);
        let new = by_id.or_else(|| find_target(services, &old.merge_tag));
        let (Some((_, line)), Some(new)) = (rule, new) else {
            continue;
        };
        if new.merge_tag != old.merge_tag {
            let message = format!(
                "the BigMailer field {} is now called {}",
                old.merge_tag, new.merge_tag
            );
            found.push(finding(line, message));
        }
        if new.kind != old.kind {
            let message = format!(
                "the BigMailer field {} was of type {} and is now {}",
                new.merge_tag, old.kind, new.kind
            );
            found.push(finding(line, message));
        }
    }
    for old in &seen.lists {
        let rule = profile
            .lists
            .iter()
            .find(|rule| rule.list == old.id || rule.list.eq_ignore_ascii_case(&old.name));
        let new = services.lists.iter().find(|list| list.id == old.id);
        let (Some(rule), Some(new)) = (rule, new) else {
            continue;
        };
        if new.name != old.name {
            let message = format!(
                "the BigMailer list {} is now called {}; its id {} always finds it",
                old.name, new.name, old.id
            );
            found.push(finding(rule.line, message));
        }
    }
    found.dedup();
    found
}

fn finding(line: usize, message: String) -> Finding {
    Finding {
        line,
        kind: FindingKind::Drift,
        message,
        create: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SourceField, TargetField, TargetList};
    use super::*;
    use crate::mapping::{FieldKind, FieldRule, ListRule};

    fn world() -> (Profile, Services) {
        let mut profile = Profile::new("p", "L", "B");
        let mut rule = FieldRule::new("custom.score", "SCORE", FieldKind::Text);
        rule.line = 7;
        profile.fields = vec![rule];
        let mut rule = ListRule::new("customer", "Customers");
        rule.line = 12;
        profile.lists = vec![rule];
        let services = Services {
            fields: vec![TargetField {
                id: "f1".into(),
                merge_tag: "SCORE".into(),
                kind: "text".into(),
            }],
            lists: vec![TargetList {
                id: "l1".into(),
                name: "Customers".into(),
                all: false,
            }],
            custom_fields: vec![SourceField {
                id: "c1".into(),
                name: "Score".into(),
                key: "score".into(),
                data_type: "TEXT".into(),
            }],
            ..Services::default()
        };
        (profile, services)
    }

    #[test]
    fn what_is_as_it_was_is_no_drift_also_after_being_kept() {
        let (profile, services) = world();
        let seen = Seen::of(&profile, &services);
        assert_eq!(drift(&seen, &profile, &services), []);
        let kept = serde_json::to_string(&seen).unwrap();
        assert_eq!(serde_json::from_str::<Seen>(&kept).unwrap(), seen);
        assert_eq!(drift(&Seen::default(), &profile, &services), []);
    }

    #[test]
    fn renamed_and_retyped_things_are_told_with_the_line_of_their_rule() {
        let (profile, services) = world();
        let seen = Seen::of(&profile, &services);
        type Change = fn(&mut Services);
        let cases: [(Change, usize, &str); 6] = [
            (
                |s| s.custom_fields[0].key = "points".into(),
                7,
                "is now points",
            ),
            (|s| s.custom_fields[0].name = "Points".into(), 7, "(Points)"),
            (
                |s| s.custom_fields[0].data_type = "DATE".into(),
                7,
                "TEXT and is now DATE",
            ),
            (
                |s| s.fields[0].merge_tag = "POINTS".into(),
                7,
                "now called POINTS",
            ),
            (
                |s| s.fields[0].kind = "integer".into(),
                7,
                "text and is now integer",
            ),
            (
                |s| s.lists[0].name = "Buyers".into(),
                12,
                "now called Buyers",
            ),
        ];
        for (change, line, message) in cases {
            let mut now = services.clone();
            change(&mut now);
            let found = drift(&seen, &profile, &now);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].line, found[0].kind), (line, FindingKind::Drift));
            assert!(found[0].message.contains(message), "{}", found[0].message);
            // Whoever no longer uses it need not know.
            assert_eq!(drift(&seen, &Profile::new("p", "L", "B"), &now), []);
        }
    }

    #[test]
    fn a_field_that_was_made_anew_is_judged_by_its_name() {
        let (profile, mut services) = world();
        let seen = Seen::of(&profile, &services);
        services.fields[0].id = "f2".into();
        assert_eq!(drift(&seen, &profile, &services), []);
        services.fields[0].kind = "date".into();
        assert_eq!(drift(&seen, &profile, &services).len(), 1);
    }
}
