//! Conditions of list rules: what a contact and its opportunities have to be for a membership.
//!
//! Pure. What was not read is neither true nor false: a condition then says nothing, unless the rest
//! of it decides anyway. Start reading at [`Condition::holds`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{derived, source_value, tag_key, transform};
use crate::contact::{Contact, FieldValue};
use crate::related::{Opportunity, Pipeline};

/// A test, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Condition {
    /// The contact has this tag (a [`tag_key`]).
    Tag(String),
    /// The contact's `type`, compared as the filter does.
    Type(String),
    /// The contact's `source`, compared as the filter does.
    Source(String),
    /// The source, written as field rules do, has a value (`true`) or none.
    Exists(String, bool),
    /// The source has this value, or among several has it; texts are compared trimmed and without
    /// regard to case, numbers as numbers.
    Equals(String, String),
    /// The contact has an opportunity with this status (any, without one) in this pipeline, by name
    /// or id (any, without one).
    Opportunity {
        status: Option<String>,
        pipeline: Option<String>,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl Condition {
    /// Whether it holds; `None` where what was read does not decide.
    pub fn holds(
        &self,
        contact: Option<&Contact>,
        opportunities: Option<&[Opportunity]>,
        pipelines: &[Pipeline],
    ) -> Option<bool> {
        let inner = |part: &Condition| part.holds(contact, opportunities, pipelines);
        let word = |source: &str, wanted: &str| {
            let value = source_value(source, contact?);
            Some(matches!(value, Some(FieldValue::Text(text)) if tag_key(&text) == tag_key(wanted)))
        };
        match self {
            Condition::Tag(tag) => {
                let tags = &contact?.groups;
                Some(tags.iter().any(|own| tag_key(own) == *tag))
            }
            Condition::Type(wanted) => word("type", wanted),
            Condition::Source(wanted) => word("source", wanted),
            Condition::Exists(source, there) => {
                let value = transform::non_empty(source_value(source, contact?));
                Some(value.is_some() == *there)
            }
            Condition::Equals(source, wanted) => {
                let value = transform::non_empty(source_value(source, contact?));
                Some(value.is_some_and(|value| equals(&value, wanted)))
            }
            Condition::Opportunity { status, pipeline } => {
                let fits = |deal: &Opportunity| {
                    let status = status.as_deref();
                    status.is_none_or(|status| derived::has_status(deal, status))
                        && pipeline
                            .as_deref()
                            .is_none_or(|pipeline| is_in(deal, pipeline, pipelines))
                };
                let known = |wanted: &String| {
                    let named = |it: &Pipeline| it.id == *wanted || is_named(it, wanted);
                    pipelines.iter().any(named)
                };
                // A pipeline that was renamed must not look like deals that are lost.
                if !pipeline.as_ref().is_none_or(known) {
                    return None;
                }
                Some(opportunities?.iter().any(fits))
            }
            Condition::All(parts) => decided(parts.iter().map(inner), false),
            Condition::Any(parts) => decided(parts.iter().map(inner), true),
        }
    }

    /// What is left to ask once the contact is known; without its opportunities, only they remain.
    pub fn given(&self, contact: &Contact) -> Result<bool, Condition> {
        if let Some(decided) = self.holds(Some(contact), None, &[]) {
            return Ok(decided);
        }
        let remaining = |parts: &[Condition]| {
            let open = parts.iter().filter_map(|part| part.given(contact).err());
            open.collect::<Vec<_>>()
        };
        Err(match self {
            Condition::All(parts) => Condition::All(remaining(parts)),
            Condition::Any(parts) => Condition::Any(remaining(parts)),
            one => one.clone(),
        })
    }

    pub fn needs_opportunities(&self) -> bool {
        self.any(&|test| matches!(test, Condition::Opportunity { .. }))
    }

    pub fn names_pipeline(&self) -> bool {
        self.any(&|test| {
            matches!(
                test,
                Condition::Opportunity {
                    pipeline: Some(_),
                    ..
                }
            )
        })
    }

    /// Whether it looks at the contact itself.
    pub fn needs_contact(&self) -> bool {
        self.any(&|test| !matches!(test, Condition::Opportunity { .. }))
    }

    /// The sources that it reads from a contact, as field rules write them; tags, which every
    /// contact carries, are none.
    pub fn sources(&self, found: &mut BTreeSet<String>) {
        match self {
            Condition::Tag(_) | Condition::Opportunity { .. } => {}
            Condition::Type(_) => drop(found.insert("type".to_owned())),
            Condition::Source(_) => drop(found.insert("source".to_owned())),
            Condition::Exists(source, _) | Condition::Equals(source, _) => {
                found.insert(source.clone());
            }
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.sources(found));
            }
        }
    }

    /// The pipelines that it names, by name or id.
    pub fn pipelines<'a>(&'a self, found: &mut BTreeSet<&'a str>) {
        match self {
            Condition::Opportunity {
                pipeline: Some(pipeline),
                ..
            } => drop(found.insert(pipeline)),
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.pipelines(found));
            }
            _ => {}
        }
    }

    fn any(&self, test: &dyn Fn(&Condition) -> bool) -> bool {
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().any(|part| part.any(test))
            }
            one => test(one),
        }
    }
}

/// Several answers as one: `deciding` is the answer that settles it alone.
fn decided(parts: impl Iterator<Item = Option<bool>>, deciding: bool) -> Option<bool> {
    let mut all = Some(!deciding);
    for part in parts {
        match part {
            Some(answer) if answer == deciding => return Some(deciding),
            Some(_) => {}
            None => all = None,
        }
    }
    all
}

fn equals(value: &FieldValue, wanted: &str) -> bool {
    let wanted = tag_key(wanted);
    let same = |text: &str| {
        let text = tag_key(text);
        let numbers = (text.parse::<f64>().ok(), wanted.parse::<f64>().ok());
        text == wanted || matches!(numbers, (Some(a), Some(b)) if a == b)
    };
    match value {
        FieldValue::Many(items) => items.iter().any(|item| same(item)),
        FieldValue::Text(text) => same(text),
        FieldValue::Integer(number) => same(&number.to_string()),
        FieldValue::Decimal(number) => same(&number.to_string()),
        FieldValue::Flag(flag) => same(&flag.to_string()),
        FieldValue::Date(date) => same(&date.to_string()),
    }
}

fn is_in(deal: &Opportunity, wanted: &str, pipelines: &[Pipeline]) -> bool {
    let Some(id) = deal.pipeline_id.as_deref() else {
        return false;
    };
    let named = pipelines.iter().find(|pipeline| pipeline.id == id);
    id == wanted || named.is_some_and(|pipeline| is_named(pipeline, wanted))
}

fn is_named(pipeline: &Pipeline, wanted: &str) -> bool {
    tag_key(&pipeline.name) == tag_key(wanted)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::contact::Consent;

    fn contact() -> Contact {
        let text = |value: &str| FieldValue::Text(value.to_owned());
        Contact {
            id: "g-1".to_owned(),
            email: Some("ada@example.com".to_owned()),
            created: None,
            updated: None,
            consent: Consent::Allowed,
            values: BTreeMap::from([
                ("type".to_owned(), text("Lead")),
                ("source".to_owned(), text(" Webinar ")),
                ("custom.plan".to_owned(), text("Gold")),
                ("custom.seats".to_owned(), FieldValue::Integer(5)),
                ("custom.rate".to_owned(), FieldValue::Decimal(0.5)),
                ("custom.agreed".to_owned(), FieldValue::Flag(true)),
                (
                    "custom.topics".to_owned(),
                    FieldValue::Many(vec!["Art".to_owned(), "Music".to_owned()]),
                ),
                ("custom.blank".to_owned(), text("")),
            ]),
            groups: vec!["vip".to_owned(), "customer".to_owned()],
        }
    }

    fn deal(status: &str, pipeline: &str) -> Opportunity {
        Opportunity {
            id: format!("{status}-{pipeline}"),
            status: Some(status.to_owned()),
            pipeline_id: Some(pipeline.to_owned()),
            ..Opportunity::default()
        }
    }

    fn pipelines() -> Vec<Pipeline> {
        let named = |id: &str, name: &str| Pipeline {
            id: id.to_owned(),
            name: name.to_owned(),
            stages: Vec::new(),
        };
        vec![named("p-1", "Sales"), named("p-2", "Support")]
    }

    fn opportunity(status: Option<&str>, pipeline: Option<&str>) -> Condition {
        Condition::Opportunity {
            status: status.map(str::to_owned),
            pipeline: pipeline.map(str::to_owned),
        }
    }

    fn is(source: &str, value: &str) -> Condition {
        Condition::Equals(source.to_owned(), value.to_owned())
    }

    fn tag(tag: &str) -> Condition {
        Condition::Tag(tag_key(tag))
    }

    #[test]
    fn single_tests() {
        let there = |source: &str, there| Condition::Exists(source.to_owned(), there);
        let table = [
            (tag("VIP"), true),
            (tag("vi"), false),
            (Condition::Type("lead".to_owned()), true),
            (Condition::Type("customer".to_owned()), false),
            (Condition::Source("WEBINAR".to_owned()), true),
            (Condition::Source("web".to_owned()), false),
            (is("custom.plan", "gold "), true),
            (is("custom.plan", "silver"), false),
            (is("custom.seats", "5"), true),
            (is("custom.seats", "5.0"), true),
            (is("custom.seats", "6"), false),
            (is("custom.rate", "0.50"), true),
            (is("custom.agreed", "true"), true),
            (is("custom.topics", "music"), true),
            (is("custom.topics", "art, music"), false),
            (is("custom.blank", ""), false),
            (is("custom.none", "x"), false),
            (there("custom.plan", true), true),
            (there("custom.plan", false), false),
            (there("custom.blank", true), false),
            (there("custom.none", false), true),
            (opportunity(Some("won"), None), true),
            (opportunity(Some("lost"), None), false),
            (opportunity(Some("won"), Some("sales")), true),
            (opportunity(Some("won"), Some("p-1")), true),
            // One opportunity has to be both.
            (opportunity(Some("won"), Some("Support")), false),
            (opportunity(None, Some("Support")), true),
            (opportunity(None, None), true),
        ];
        let deals = [deal("won", "p-1"), deal("open", "p-2")];
        for (condition, expected) in table {
            let found = condition.holds(Some(&contact()), Some(&deals), &pipelines());
            assert_eq!(found, Some(expected), "{condition:?}");
        }
    }

    #[test]
    fn what_was_not_read_decides_nothing_unless_the_rest_does() {
        let (yes, no) = (tag("vip"), tag("nobody"));
        let won = || opportunity(Some("won"), None);
        let all = |parts: &[Condition]| Condition::All(parts.to_vec());
        let any = |parts: &[Condition]| Condition::Any(parts.to_vec());
        let table = [
            (won(), None),
            (all(&[yes.clone(), won()]), None),
            (all(&[no.clone(), won()]), Some(false)),
            (any(&[yes.clone(), won()]), Some(true)),
            (any(&[no.clone(), won()]), None),
            (any(&[all(&[no.clone(), won()]), yes.clone()]), Some(true)),
            (all(&[any(&[yes.clone(), won()]), yes]), Some(true)),
            (all(&[any(&[no, won()]), won()]), None),
        ];
        for (condition, expected) in table {
            let found = condition.holds(Some(&contact()), None, &[]);
            assert_eq!(found, expected, "{condition:?}");
        }
        assert_eq!(tag("vip").holds(None, Some(&[]), &[]), None);
        let elsewhere = opportunity(None, Some("Elsewhere"));
        assert_eq!(elsewhere.holds(None, Some(&[]), &pipelines()), None);
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        let leaf = prop_oneof![
            Just(tag("vip")),
            Just(tag("nobody")),
            Just(is("custom.plan", "gold")),
            Just(is("custom.plan", "silver")),
            Just(opportunity(Some("won"), None)),
            Just(opportunity(Some("lost"), Some("Sales"))),
            Just(opportunity(None, Some("p-2"))),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let parts = proptest::collection::vec(inner, 1..4);
            prop_oneof![
                parts.clone().prop_map(Condition::All),
                parts.prop_map(Condition::Any),
            ]
        })
    }

    proptest! {
        /// Asking in two steps, first the contact and then its opportunities, is asking at once.
        #[test]
        fn what_is_left_to_ask_gives_the_same_answer(
            condition in any_condition(),
            deals in proptest::collection::vec((0..3usize, 0..3usize), 0..3),
        ) {
            let (statuses, ids) = (["won", "lost", "open"], ["p-1", "p-2", "p-3"]);
            let deals: Vec<Opportunity> =
                deals.into_iter().map(|(s, p)| deal(statuses[s], ids[p])).collect();
            let at_once = condition.holds(Some(&contact()), Some(&deals), &pipelines());
            let in_steps = match condition.given(&contact()) {
                Ok(decided) => Some(decided),
                Err(open) => {
                    prop_assert!(!open.needs_contact());
                    open.holds(None, Some(&deals), &pipelines())
                }
            };
            prop_assert!(at_once.is_some());
            prop_assert_eq!(at_once, in_steps);
        }
    }
}
