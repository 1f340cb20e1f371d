//! `ghl-bm map test`: what a profile makes of contacts that are written down, offline.
//!
//! The same decision as in a sync, for a person whom BigMailer does not know. Start reading at
//! [`run`]; writing a real contact down is in [`record`].

mod record;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::ghl::fixture::{RELATED, read_contact, read_related};
use crate::contact::FieldValue;
use crate::engine::{Preview, Resolved, preview};
use crate::fit::{Services, SourceField, TargetField, TargetList, fit};
use crate::mapping::derived::{Facts, Setting};
use crate::mapping::{CUSTOM, FieldKind, Profile};
use crate::related::Pipeline;

use super::context::Context;
use super::error::{CliError, Exit};
use super::lines::ListFormat;

/// Try a profile out on contacts that are written down
///
/// Works offline. A file is a JSON array of fixtures: a name, a HighLevel contact, what hangs on it,
/// and what is expected to arrive in BigMailer (docs/mapping.md tells all of it). Exit code 1: some
/// fixture came out otherwise. 2: a file cannot be read. 11: the profile itself is wrong.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map test fixtures.json
  ghl-bm -p shop2 map test tests/*.json --json
  ghl-bm map test --record ocQHyuzHvysMo5N5VsXc > fixture.json

--record takes a real contact and puts made-up values in place of personal ones.")]
pub struct TestArgs {
    /// Files with fixtures
    #[arg(value_name = "FILE", required_unless_present = "record")]
    files: Vec<PathBuf>,
    /// Print a fixture made from this HighLevel contact instead
    #[arg(long, value_name = "ID", conflicts_with = "files", value_parser = crate::cli::given)]
    record: Option<String>,
    #[command(flatten)]
    format: ListFormat,
}

/// A contact and what is expected of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    name: String,
    /// The moment at which it is looked at, for what lies ahead of it; else the moment of the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    now: Option<Timestamp>,
    /// The location's; UTC where it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    contact: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    related: Map<String, Value>,
    expect: Expect,
}

/// What is not told is not compared, but for values that cannot be used, which are always told.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// Why the contact is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skip: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Every field with a value; `null` says that it has none, as leaving it out does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fields: Option<BTreeMap<String, Value>>,
    /// Every list, in any order, as the profile names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lists: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unsubscribe_all: Option<bool>,
    /// Fields whose value cannot be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    invalid: Vec<String>,
}

/// Something that came out otherwise.
#[derive(Debug, PartialEq, Serialize)]
struct Difference {
    what: String,
    expected: Value,
    got: Value,
    /// Why, where there is something to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Serialize)]
struct Verdict {
    file: PathBuf,
    name: String,
    ok: bool,
    differences: Vec<Difference>,
}

pub fn run(context: &Context, args: &TestArgs) -> Result<Exit, CliError> {
    let profile = context.load_profile()?;
    if let Some(id) = &args.record {
        return record::run(context, &profile, id);
    }
    let resolved = offline(&profile)?;
    let now = Timestamp::from_millisecond(context.now()).unwrap_or_default();
    let mut verdicts = Vec::new();
    for file in &args.files {
        let shown = file.display();
        let text = fs::read_to_string(file)
            .map_err(|e| CliError::usage(format!("{shown} cannot be read: {e}")))?;
        let fixtures: Vec<Fixture> = serde_json::from_str(&text).map_err(|e| {
            CliError::usage(format!("{shown} holds no fixtures: {e}"))
                .hint("`ghl-bm map test --record ID` shows one; docs/mapping.md explains them")
        })?;
        for fixture in fixtures {
            let wrong = |message: String| {
                CliError::usage(format!("{shown}: fixture `{}`: {message}", fixture.name))
            };
            let differences = fixture.compare(&resolved, now).map_err(wrong)?;
            verdicts.push(Verdict {
                file: file.clone(),
                name: fixture.name,
                ok: differences.is_empty(),
                differences,
            });
        }
    }
    tell(context, &verdicts, args.format)
}

fn tell(context: &Context, verdicts: &[Verdict], format: ListFormat) -> Result<Exit, CliError> {
    let failed = verdicts.iter().filter(|verdict| !verdict.ok).count();
    let exit = match failed {
        0 => Exit::Done,
        _ => Exit::Failed,
    };
    if format.is_for_programs(context) {
        let document = json!({
            "schema_version": 1,
            "command": "map test",
            "profile": context.profile_name,
            "total": verdicts.len(),
            "failed": failed,
            "fixtures": verdicts,
            "exit_code": exit.code(),
        });
        format.print(context, &document, "fixtures")?;
        return Ok(exit);
    }
    let mut text = String::new();
    for verdict in verdicts {
        let word = if verdict.ok { "ok" } else { "FAIL" };
        text.push_str(&format!("{word:<5} {}\n", verdict.name));
        for it in &verdict.differences {
            text.push_str(&format!(
                "        {}: expected {}, got {}\n",
                it.what, it.expected, it.got
            ));
            if let Some(message) = &it.message {
                text.push_str(&format!("          {message}\n"));
            }
        }
    }
    let of = verdicts.len();
    text.push_str(&format!("{} of {of} as expected", of - failed));
    context.ui.data(&text)?;
    Ok(exit)
}

impl Fixture {
    /// What the profile makes of the contact; the error says what is wrong with the fixture.
    fn preview(&self, resolved: &Resolved, now: Timestamp) -> Result<Preview, String> {
        let mut contact = self.contact.clone();
        contact.entry("id").or_insert(json!("fixture"));
        let contact = read_contact(&Value::Object(contact), &resolved.profile.wanted_sources())
            .ok_or("`contact` is none: its `id` must be text")?;
        if let Some(key) = self
            .related
            .keys()
            .find(|key| !RELATED.contains(&key.as_str()))
        {
            let near = crate::mapping::nearest::suggestion(key, RELATED);
            return Err(format!("`related` has nothing called `{key}`{near}"));
        }
        let related = read_related(&self.related, &contact.id);
        let zone = match &self.timezone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| format!("unknown timezone `{name}`"))?,
        };
        let facts = Facts {
            tasks: Some(related.tasks),
            notes: Some(related.notes),
            appointments: Some(related.appointments),
            opportunities: Some(related.opportunities),
            business: Some(related.business),
        };
        // A pipeline that the profile names is there, even where the contact has nothing in it.
        let mut pipelines = related.pipelines;
        pipelines.extend(named_pipelines(&resolved.profile));
        let setting = Setting {
            now: self.now.unwrap_or(now),
            zone,
            pipelines,
        };
        Ok(preview(resolved, &contact, &facts, &setting))
    }

    fn compare(&self, resolved: &Resolved, now: Timestamp) -> Result<Vec<Difference>, String> {
        let found = self.preview(resolved, now)?;
        let got = Expect::of(resolved, &found);
        let wanted = &self.expect;
        if wanted.skip.is_some() && (wanted.email.is_some() || wanted.fields.is_some()) {
            return Err("`skip` and what arrives exclude each other in `expect`".to_owned());
        }
        let mut differences = Vec::new();
        let mut differ = |what: &str, expected: Value, got: Value, message: Option<String>| {
            if expected != got {
                let what = what.to_owned();
                differences.push(Difference {
                    what,
                    expected,
                    got,
                    message,
                });
            }
        };
        differ("skip", json!(wanted.skip), json!(got.skip), None);
        if wanted.skip.is_some() || got.skip.is_some() {
            return Ok(differences);
        }
        if let Some(email) = &wanted.email {
            differ("email", json!(email), json!(got.email), None);
        }
        if let Some(fields) = &wanted.fields {
            let none = BTreeMap::new();
            let there = got.fields.as_ref().unwrap_or(&none);
            let mut tags: Vec<&String> = fields.keys().chain(there.keys()).collect();
            tags.sort();
            tags.dedup();
            for tag in tags {
                let value =
                    |from: &BTreeMap<String, Value>| from.get(tag).cloned().unwrap_or(Value::Null);
                let unknown = !resolved.profile.fields.iter().any(|f| f.bigmailer == *tag);
                let message = unknown.then(|| "no rule of the profile writes it".to_owned());
                differ(tag, value(fields), value(there), message);
            }
        }
        if let Some(lists) = &wanted.lists {
            let sorted = |lists: &[String]| {
                let mut lists = lists.to_vec();
                lists.sort();
                json!(lists)
            };
            let there = got.lists.as_deref().unwrap_or_default();
            differ("lists", sorted(lists), sorted(there), None);
        }
        if let Some(out) = wanted.unsubscribe_all {
            let there = json!(got.unsubscribe_all);
            differ("unsubscribe_all", json!(out), there, None);
        }
        let why = found.problems.join("; ");
        differ(
            "invalid",
            json!(wanted.invalid),
            json!(got.invalid),
            (!why.is_empty()).then_some(why),
        );
        Ok(differences)
    }
}

impl Expect {
    /// What came out, said as it would be expected.
    fn of(resolved: &Resolved, found: &Preview) -> Expect {
        let Some(create) = &found.create else {
            return Expect {
                skip: found.skip.map(|reason| reason.as_str().to_owned()),
                ..Expect::default()
            };
        };
        let id_field = resolved.policy.id_field.as_ref();
        let values = create
            .values
            .iter()
            .filter(|(tag, _)| Some(tag) != id_field);
        Expect {
            skip: None,
            email: Some(create.email.clone()),
            fields: Some(
                values
                    .map(|(tag, value)| (tag.clone(), plain(value)))
                    .collect(),
            ),
            lists: Some(create.lists.clone()),
            unsubscribe_all: Some(create.opted_out.is_some()),
            invalid: found.invalid.clone(),
        }
    }
}

/// A value as fixtures write it.
fn plain(value: &FieldValue) -> Value {
    match value {
        FieldValue::Text(text) => json!(text),
        FieldValue::Integer(number) => json!(number),
        FieldValue::Decimal(number) => json!(number),
        FieldValue::Flag(flag) => json!(flag),
        FieldValue::Date(date) => json!(date.to_string()),
        FieldValue::Many(items) => json!(items),
    }
}

/// The pipelines that conditions name, under their names.
fn named_pipelines(profile: &Profile) -> Vec<Pipeline> {
    let mut names = BTreeSet::new();
    let conditions = profile.lists.iter().filter_map(|rule| rule.when.as_ref());
    conditions.for_each(|when| when.pipelines(&mut names));
    let pipeline = |name: &str| Pipeline {
        id: name.to_owned(),
        name: name.to_owned(),
        stages: Vec::new(),
    };
    names.into_iter().map(pipeline).collect()
}

/// The profile resolved as if both services had all that it names.
fn offline(profile: &Profile) -> Result<Resolved, CliError> {
    let field = |merge_tag: &str, kind: FieldKind| TargetField {
        id: merge_tag.to_owned(),
        merge_tag: merge_tag.to_owned(),
        kind: kind.as_str().to_owned(),
    };
    let own = profile
        .fields
        .iter()
        .map(|rule| field(&rule.bigmailer, rule.kind));
    let id_field = profile
        .sync
        .id_field
        .iter()
        .map(|tag| field(tag, FieldKind::Text));
    let sources = profile.wanted_sources();
    let keys = sources.iter().filter_map(|it| it.strip_prefix(CUSTOM));
    // Several rules may fill one list.
    let names: BTreeSet<&str> = profile
        .lists
        .iter()
        .map(|rule| rule.list.as_str())
        .collect();
    let services = Services {
        campaigns: Vec::new(),
        fields: own.chain(id_field).collect(),
        lists: names
            .into_iter()
            .map(|name| TargetList {
                id: name.to_owned(),
                name: name.to_owned(),
                all: false,
            })
            .collect(),
        custom_fields: keys
            .map(|key| SourceField {
                id: key.to_owned(),
                name: key.to_owned(),
                key: key.to_owned(),
                data_type: "TEXT".to_owned(),
            })
            .collect(),
        pipelines: named_pipelines(profile),
    };
    let fitted = fit(profile, &services);
    let why = || fitted.findings.first().map(|it| it.message.clone());
    let resolved = fitted.resolved.clone();
    resolved.ok_or_else(|| CliError::invalid(why().unwrap_or_default()))
}
