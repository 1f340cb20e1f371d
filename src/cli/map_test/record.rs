//! A fixture made from a real contact, with made-up values in the place of personal ones.
//!
//! Only what the profile looks at is written down, and of that only words that the profile itself
//! names, or that say nothing of a person, stay as they are. The same contact gives the same fixture,
//! but for the moment. Start reading at [`run`]; what stays is in [`Disguise::value`].

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::contact::{Contact, FieldValue};
use crate::mapping::derived::{BUSINESS_ID, Facts, Needs, Setting};
use crate::mapping::{CUSTOM, Condition, Profile, Transform, tag_key};
use crate::related::{Pipeline, When};
use crate::remote::{Key, Remote};

use super::super::attached;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::{Expect, Fixture, offline};

/// What stands for a contact's own words.
const MADE_UP: [(&str, &str); 13] = [
    ("firstName", "Alex"),
    ("lastName", "Example"),
    ("name", "Alex Example"),
    ("email", "alex@example.com"),
    ("phone", "+15550100123"),
    ("companyName", "Example Company"),
    ("address1", "1 Example Street"),
    ("city", "Exampleville"),
    ("state", "Exampleshire"),
    ("postalCode", "12345"),
    ("website", "https://www.example.com"),
    ("assignedTo", "user-1"),
    ("id", CONTACT_ID),
];

const CONTACT_ID: &str = "contact-1";
const BIRTHDAY: &str = "1990-01-15";

/// Sources that tell nothing of whom they are about.
const HARMLESS: &[&str] = &[
    "type",
    "country",
    "timezone",
    "dateAdded",
    "dateUpdated",
    "lastActivity",
    "dnd",
];

pub fn run(context: &Context, profile: &Profile, id: &str) -> Result<Exit, CliError> {
    let mut ghl = context.ghl(profile)?;
    ghl.want(&profile.wanted_sources())?;
    let contact = ghl.get(Key::Id(id))?.ok_or_else(|| {
        let message = format!("HighLevel has no contact {id}");
        CliError::new(Exit::Failed, "not_found", message)
    })?;
    let now = Timestamp::from_millisecond(context.now()).unwrap_or_default();
    let (facts, setting) = attached::read(profile, &ghl, &contact, now)?;
    let disguise = Disguise::of(profile);
    let mut fixture = Fixture {
        name: "recorded contact".to_owned(),
        now: None,
        timezone: None,
        contact: disguise.contact(&contact),
        related: disguise.related(&facts, &setting),
        expect: Expect::default(),
    };
    if Needs::of(profile).zone {
        fixture.now = Some(now);
        fixture.timezone = setting.zone.iana_name().map(str::to_owned);
    }
    let resolved = offline(profile)?;
    let found = fixture.preview(&resolved, now).map_err(CliError::usage)?;
    fixture.expect = Expect::of(&resolved, &found);
    let text = serde_json::to_string_pretty(&[fixture])
        .map_err(|e| CliError::new(Exit::Failed, "output", e.to_string()))?;
    context.ui.data(&text)?;
    Ok(Exit::Done)
}

/// Puts made-up words in the place of people's own.
struct Disguise {
    /// Words that the profile names, as [`tag_key`]s: they decide what arrives.
    named: BTreeSet<String>,
    sources: Vec<String>,
}

impl Disguise {
    fn of(profile: &Profile) -> Disguise {
        let filter = &profile.filter;
        let mut named = BTreeSet::new();
        let mut name = |word: &str| {
            named.insert(tag_key(word));
        };
        let lists = [
            &filter.tags_any,
            &filter.tags_none,
            &filter.types,
            &filter.sources,
            &filter.assigned_to,
        ];
        lists.into_iter().flatten().for_each(|word| name(word));
        for rule in &profile.lists {
            match &rule.when {
                Some(when) => words(when, &mut name),
                None => name(&rule.tag),
            }
        }
        for step in profile.fields.iter().flat_map(|rule| &rule.transforms) {
            if let Transform::Map { pairs, .. } = step {
                pairs.iter().for_each(|(word, _)| name(word));
            }
        }
        Disguise {
            named,
            sources: profile.wanted_sources(),
        }
    }

    fn is_named(&self, word: &str) -> bool {
        self.named.contains(&tag_key(word))
    }

    fn contact(&self, contact: &Contact) -> Map<String, Value> {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), json!(CONTACT_ID));
        if let Some(email) = &contact.email {
            let value = self.value("email", &FieldValue::Text(email.clone()));
            shown.insert("email".to_owned(), value);
        }
        let mut custom = Map::new();
        for source in &self.sources {
            let Some(value) = contact.values.get(source) else {
                continue;
            };
            if let Some(key) = source.strip_prefix(CUSTOM) {
                custom.insert(key.to_owned(), self.value(source, value));
            } else if source != BUSINESS_ID && source != "tags" {
                shown.insert(source.clone(), self.value(source, value));
            }
        }
        if !custom.is_empty() {
            shown.insert("customFields".to_owned(), Value::Object(custom));
        }
        let tags = contact.groups.iter().enumerate();
        let tags: Vec<String> = tags
            .map(|(at, tag)| match self.is_named(tag) {
                true => tag.clone(),
                false => format!("tag-{}", at + 1),
            })
            .collect();
        shown.insert("tags".to_owned(), json!(tags));
        shown.insert("dnd".to_owned(), json!(contact.consent.is_blocked()));
        shown
    }

    /// A value in its shape.
    fn value(&self, source: &str, value: &FieldValue) -> Value {
        match value {
            FieldValue::Flag(flag) => json!(flag),
            FieldValue::Date(_) => json!(BIRTHDAY),
            FieldValue::Integer(number) => {
                json!(shape(&number.to_string()).parse::<i64>().unwrap_or(0))
            }
            FieldValue::Decimal(number) => {
                json!(shape(&number.to_string()).parse::<f64>().unwrap_or(0.5))
            }
            FieldValue::Many(items) => items.iter().map(|item| self.text(source, item)).collect(),
            FieldValue::Text(text) => json!(self.text(source, text)),
        }
    }

    fn text(&self, source: &str, text: &str) -> String {
        if HARMLESS.contains(&source) || self.is_named(text) {
            return text.to_owned();
        }
        // An address that cannot be used stays one.
        let usable = source != "email"
            || crate::contact::email_key(text)
                .is_some_and(|key| crate::contact::is_usable_email(&key));
        match MADE_UP.iter().find(|(known, _)| *known == source) {
            Some((_, word)) if usable => (*word).to_owned(),
            _ => day(text).map_or_else(|| shape(text), str::to_owned),
        }
    }

    /// What hangs on the contact, as far as it was read.
    fn related(&self, facts: &Facts, setting: &Setting) -> Map<String, Value> {
        let mut related = Map::new();
        let mut keep = |kind: &str, things: Option<Value>| {
            if let Some(things) = things {
                related.insert(kind.to_owned(), things);
            }
        };
        let words = |text: &Option<String>| text.as_deref().map(shape);
        let tasks = facts.tasks.as_ref().map(|all| {
            let shown = all.iter().map(|it| {
                json!({"title": words(&it.title), "dueDate": it.due, "completed": it.completed})
            });
            shown.collect()
        });
        keep("tasks", tasks);
        let notes = facts.notes.as_ref().map(|all| {
            let shown = all.iter();
            let shown = shown.map(|it| json!({"body": words(&it.body), "dateAdded": it.added}));
            shown.collect()
        });
        keep("notes", notes);
        let appointments = facts.appointments.as_ref().map(|all| {
            let shown = all.iter().map(|it| {
                let start = it.start.map(|start| match start {
                    When::Utc(at) => at.to_string(),
                    When::Local(at) => at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
                });
                let title = words(&it.title);
                json!({"title": title, "startTime": start, "appointmentStatus": it.status})
            });
            shown.collect()
        });
        keep("appointments", appointments);
        let deals = facts.opportunities.as_deref();
        let shown = deals.map(|all| {
            let shown = all.iter().map(|it| {
                let value = it.value.map(|it| self.value("", &FieldValue::Decimal(it)));
                json!({"status": it.status, "monetaryValue": value, "createdAt": it.created,
                    "pipelineId": it.pipeline_id, "pipelineStageId": it.stage_id})
            });
            shown.collect()
        });
        keep("opportunities", shown);
        let own = |it: &&Pipeline| {
            let mut deals = deals.unwrap_or_default().iter();
            deals.any(|deal| deal.pipeline_id.as_ref() == Some(&it.id))
        };
        let pipelines = setting.pipelines.iter().filter(own).map(|it| {
            let stages = it.stages.iter();
            let stages = stages.map(|stage| json!({"id": stage.id, "name": stage.name}));
            json!({"id": it.id, "name": it.name, "stages": stages.collect::<Value>()})
        });
        let pipelines: Vec<Value> = pipelines.collect();
        keep(
            "pipelines",
            (!pipelines.is_empty()).then(|| json!(pipelines)),
        );
        if let Some(Some(_)) = facts.business {
            let business = json!({"id": "business-1", "name": "Example Business"});
            keep("business", Some(business));
        }
        related
    }
}

/// The words that a condition compares with.
fn words(when: &Condition, name: &mut dyn FnMut(&str)) {
    match when {
        Condition::Tag(word)
        | Condition::Type(word)
        | Condition::Source(word)
        | Condition::Equals(_, word) => name(word),
        Condition::Exists(..) | Condition::Opportunity { .. } => {}
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| words(part, name));
        }
    }
}

/// For a text that is a date, another in the same spelling.
fn day(text: &str) -> Option<&'static str> {
    let value = Some(FieldValue::Text(text.to_owned()));
    if !text.contains(['-', '/']) || !matches!(Transform::Date.apply(value), Ok(Some(_))) {
        return None;
    }
    Some(
        match (text.contains('/'), text.contains('T'), text.find('/')) {
            (true, _, Some(4)) => "1990/01/15",
            (true, ..) => "01/15/1990",
            (false, true, _) => "1990-01-15T12:00:00Z",
            (false, false, _) => BIRTHDAY,
        },
    )
}

/// A text of the same shape that says nothing: digits go from 1 up, letters become `x`, whatever is
/// between them stays.
fn shape(text: &str) -> String {
    let mut digits = ('1'..='9').cycle();
    let mut shaped = String::with_capacity(text.len());
    for letter in text.chars() {
        shaped.push(match letter {
            letter if letter.is_numeric() => digits.next().unwrap_or('1'),
            letter if letter.is_uppercase() => 'X',
            letter if letter.is_alphabetic() => 'x',
            letter => letter,
        });
    }
    shaped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::contact::{Block, Consent};
    use crate::mapping::{FieldKind, FieldRule, ListRule};

    #[test]
    fn a_shape_says_nothing_but_how_the_text_was_built() {
        for (text, expected) in [
            (
                "Zoë Smith-Ångström, 42 High St.",
                "Xxx Xxxxx-Xxxxxxxx, 12 Xxxx Xx.",
            ),
            ("-1234.5", "-1234.5"),
            ("98765432109", "12345678912"),
            ("", ""),
        ] {
            assert_eq!(shape(text), expected);
        }
    }

    #[test]
    fn a_date_becomes_another_in_the_same_spelling() {
        for (text, expected) in [
            ("2024-02-29", Some("1990-01-15")),
            ("2/29/2024", Some("01/15/1990")),
            ("2024/02/29", Some("1990/01/15")),
            ("2024-02-29T10:00:00+02:00", Some("1990-01-15T12:00:00Z")),
            ("1709164800123", None),
            ("a/b", None),
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
    }

    #[test]
    fn nothing_personal_is_written_down() {
        let mut profile = Profile::new("p", "L", "B");
        let step = |text: &str| Transform::parse(text).unwrap();
        profile.fields = vec![
            FieldRule::new("firstName", "A", FieldKind::Text),
            FieldRule::new("email", "B", FieldKind::Text),
            FieldRule::new("custom.income", "C", FieldKind::Integer),
            FieldRule::new("custom.secret", "D", FieldKind::Text),
            FieldRule {
                transforms: vec![step("map:{Gold Plan=gold}")],
                ..FieldRule::new("custom.plan", "E", FieldKind::Text)
            },
            FieldRule::new("dateOfBirth", "F", FieldKind::Date),
            FieldRule::new("country", "G", FieldKind::Text),
        ];
        profile.lists = vec![ListRule::new("vip", "Vips")];
        let text = |text: &str| FieldValue::Text(text.to_owned());
        let values = [
            ("firstName", text("Grace")),
            ("email", text("Grace@Hopper.org")),
            ("custom.income", FieldValue::Integer(87_654)),
            ("custom.secret", text("likes Cobol")),
            ("custom.plan", text("gold plan")),
            (
                "dateOfBirth",
                FieldValue::Date(jiff::civil::date(1906, 12, 9)),
            ),
            ("country", text("US")),
        ];
        let contact = Contact {
            id: "real-id".to_owned(),
            email: Some("Grace@Hopper.org".to_owned()),
            created: None,
            updated: None,
            consent: Consent::Blocked(Block::Dnd),
            values: values
                .map(|(key, value)| (key.to_owned(), value))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            groups: vec!["friend of howard".to_owned(), "vip".to_owned()],
        };
        let shown = Disguise::of(&profile).contact(&contact);
        let expected = json!({
            "id": "contact-1", "firstName": "Alex", "email": "alex@example.com",
            "customFields": {"income": 12_345, "secret": "xxxxx Xxxxx", "plan": "gold plan"},
            "dateOfBirth": "1990-01-15", "country": "US", "tags": ["tag-1", "vip"], "dnd": true,
        });
        assert_eq!(Value::Object(shown), expected);
    }
}
