//! `ghl-bm conflicts`: what waits for a person, and what that person says.
//!
//! Reads and writes the state alone. What somebody says is stored beside the two values that it is
//! about and carried out by the next sync, so that it goes the way of every other change: planned,
//! checked by the brakes, written once. Start reading at [`run`].

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::contact::{FieldValue, email_key};
use crate::mapping::{Direction, FieldRule, Profile, meant};
use crate::plan::{Base, Take};
use crate::state::{Access, Conflict, Pending, State};

use super::context::Context;
use super::error::{CliError, Exit};
use super::lines::ListFormat;
use super::report::instant;
use super::sync::lock;

/// Show what waits for a person, and settle it
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm conflicts list
  ghl-bm conflicts resolve ada@example.com --take ghl
  ghl-bm sync                                        carries it out")]
pub struct ConflictsArgs {
    #[command(subcommand)]
    command: ConflictsCommand,
}

#[derive(Debug, Subcommand)]
enum ConflictsCommand {
    /// List the values that wait, with what each side has
    #[command(after_long_help = "\
Examples:
  ghl-bm conflicts list
  ghl-bm conflicts list --json | jq '.conflicts[].field'
  ghl-bm conflicts list --format ndjson")]
    List(ListFormat),
    /// Say what is to be on both sides; the next sync carries it out
    #[command(after_long_help = "\
What is said holds for the two values as `conflicts list` shows them. Where a side has moved on \
since, the next sync asks again instead of guessing.

Examples:
  ghl-bm conflicts resolve ada@example.com --take bigmailer
  ghl-bm conflicts resolve CONTACT_ID --field CITY --take ghl
  ghl-bm conflicts resolve CONTACT_ID --field LEAD_SCORE --take 70")]
    Resolve {
        /// E-mail address, or contact id of either side
        #[arg(value_name = "EMAIL|ID", value_parser = crate::cli::given)]
        who: String,
        /// Merge tag of the field, or `email`; all that wait when none is named
        #[arg(long, value_name = "FIELD", value_parser = crate::cli::given)]
        field: Option<String>,
        /// The side whose value is to be on both, or the value itself
        #[arg(long, value_name = "ghl|bigmailer|VALUE")]
        take: String,
    },
}

type Waiting = Conflict<FieldValue, Take>;

/// The reason of conflicts about which something can be said.
const RULABLE: &str = "conflict";

pub fn run(context: &Context, args: ConflictsArgs) -> Result<Exit, CliError> {
    match args.command {
        ConflictsCommand::List(format) => list(context, format),
        ConflictsCommand::Resolve { who, field, take } => {
            resolve(context, &who, field.as_deref(), &take)
        }
    }
}

fn list(context: &Context, format: ListFormat) -> Result<Exit, CliError> {
    let state = State::open(&context.state_path(), Access::Peek)?;
    let waiting: Vec<Waiting> = state.conflicts()?;
    if format.is_for_programs(context) {
        let conflicts: Vec<Value> = waiting.iter().map(document).collect();
        let document = json!({
            "schema_version": 1, "command": "conflicts list", "profile": context.profile_name,
            "conflicts": conflicts,
        });
        format.print(context, &document, "conflicts")?;
        return Ok(Exit::Done);
    }
    if waiting.is_empty() {
        context.ui.hint("nothing waits for a person");
        return Ok(Exit::Done);
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["contact", "field", "HighLevel", "BigMailer", "since", ""]);
    for conflict in &waiting {
        let remark = match (&conflict.take, conflict.reason.as_str()) {
            (Some(take), _) => format!("next sync takes {}", told(take)),
            (None, RULABLE) => String::new(),
            (None, reason) => reason.to_owned(),
        };
        table.add_row([
            conflict.who.clone(),
            conflict.field.clone(),
            shown(conflict.ghl.as_ref()),
            shown(conflict.bigmailer.as_ref()),
            instant(conflict.since),
            remark,
        ]);
    }
    context.ui.data(&table.trim_fmt())?;
    if waiting
        .iter()
        .any(|c| c.take.is_none() && c.reason == RULABLE)
    {
        context.ui.hint(
            "`ghl-bm conflicts resolve CONTACT --take ghl|bigmailer|VALUE`, then `ghl-bm sync`",
        );
    }
    Ok(Exit::Done)
}

fn resolve(
    context: &Context,
    who: &str,
    field: Option<&str>,
    take: &str,
) -> Result<Exit, CliError> {
    let profile = context.load_profile()?;
    let path = context.state_path();
    if !path.exists() {
        return Err(nothing_waits(who));
    }
    let _lock = lock(context, &path, false)?;
    let state = State::open(&path, Access::Write)?;
    let waiting = of_person(&state, who)?;
    if waiting.is_empty() {
        return Err(nothing_waits(who));
    }
    let named: Vec<&Waiting> = waiting
        .iter()
        .filter(|c| field.is_none_or(|field| c.field.eq_ignore_ascii_case(field)))
        .collect();
    let fields: Vec<&str> = waiting.iter().map(|c| c.field.as_str()).collect();
    if named.is_empty() {
        return Err(CliError::new(
            Exit::Failed,
            "not_found",
            format!(
                "{} does not wait of this contact",
                field.unwrap_or_default()
            ),
        )
        .hint(format!("what waits: {}", fields.join(", "))));
    }
    if let Some(conflict) = named.iter().find(|c| c.reason != RULABLE) {
        return Err(CliError::new(
            Exit::Failed,
            "not_rulable",
            format!(
                "{} of this contact waits for another reason ({}): somebody else has the address",
                conflict.field, conflict.reason
            ),
        )
        .hint("change one of the two contacts in its service; the next sync sees it"));
    }
    let mut said = Vec::new();
    for conflict in &named {
        said.push((*conflict, meaning(&profile, conflict, take, named.len())?));
    }
    state.transaction(|| {
        said.iter().try_for_each(|(conflict, take)| {
            state.rule(&conflict.who, &conflict.field, take)?;
            state.set_pending(Pending::Person(&conflict.who), true)
        })
    })?;
    if context.globals.json {
        let resolved: Vec<Value> = said
            .iter()
            .map(|(conflict, take)| {
                let conflict = Conflict {
                    take: Some(take.clone()),
                    ..(*conflict).clone()
                };
                document(&conflict)
            })
            .collect();
        let document = json!({
            "schema_version": 1, "command": "conflicts resolve", "profile": context.profile_name,
            "conflicts": resolved,
        });
        context.ui.data(&document.to_string())?;
        return Ok(Exit::Done);
    }
    for (conflict, take) in &said {
        context.ui.data(&format!(
            "{}: {} is to be {}\n",
            conflict.who,
            conflict.field,
            match take {
                Take::Ghl => format!("HighLevel's {}", shown(conflict.ghl.as_ref())),
                Take::Bigmailer => format!("BigMailer's {}", shown(conflict.bigmailer.as_ref())),
                Take::Value(value) => shown(Some(value)),
            }
        ))?;
    }
    context.ui.hint("the next `ghl-bm sync` carries it out");
    Ok(Exit::Done)
}

fn nothing_waits(who: &str) -> CliError {
    CliError::new(Exit::Failed, "not_found", format!("nothing waits of {who}"))
        .hint("`ghl-bm conflicts list` shows what waits")
}

/// What waits of a person who is named by address or by an id of either side.
fn of_person(state: &State, who: &str) -> Result<Vec<Waiting>, CliError> {
    if !who.contains('@') {
        return Ok(state.conflicts_of(who)?);
    }
    let email = email_key(who).unwrap_or_default();
    let mut waiting = Vec::new();
    for link in state.links_by_email::<Base>(&email)? {
        waiting.extend(state.conflicts_of(&link.ghl_id)?);
    }
    // Where the two sides have different addresses, either names the person.
    let text = Some(FieldValue::Text(email));
    for conflict in state.conflicts::<FieldValue, Take>()? {
        let addressed = conflict.field == "email" && conflict.bigmailer == text;
        if addressed && !waiting.contains(&conflict) {
            waiting.extend(state.conflicts_of(&conflict.who)?);
        }
    }
    Ok(waiting)
}

/// What was said, checked against what the field can hold.
fn meaning(
    profile: &Profile,
    conflict: &Waiting,
    take: &str,
    fields: usize,
) -> Result<Take, CliError> {
    match take {
        "ghl" => return Ok(Take::Ghl),
        "bigmailer" => return Ok(Take::Bigmailer),
        _ => {}
    }
    if let Some(side) = side_meant(take) {
        return Err(CliError::usage(format!(
            "`{take}` would be written as the value itself; did you mean `{side}`?"
        ))
        .hint(format!(
            "--take {side}; a value that reads like this is for you to write in both services"
        )));
    }
    if fields > 1 {
        return Err(
            CliError::usage("a value is for one field, and several wait of this contact")
                .hint("name one with --field, or take one side's values"),
        );
    }
    if conflict.field == "email" {
        return Err(CliError::usage(
            "of two addresses one is taken: --take ghl or --take bigmailer",
        ));
    }
    let tag = &conflict.field;
    let rule: Option<&FieldRule> = profile
        .fields
        .iter()
        .find(|rule| rule.bigmailer.eq_ignore_ascii_case(tag));
    let Some(rule) = rule.filter(|rule| rule.flow.direction == Direction::Both) else {
        return Err(CliError::invalid(format!(
            "no rule of the profile keeps {tag} both ways any more"
        ))
        .hint("the next sync forgets this conflict"));
    };
    match meant(rule, Some(FieldValue::Text(take.to_owned()))) {
        Ok(Some(value)) => Ok(Take::Value(value)),
        Ok(None) => Err(CliError::usage(
            "an empty value: take the side that has none",
        )),
        Err(bad) => Err(CliError::usage(format!(
            "{tag} takes {}, and this is {} ({})",
            bad.expected, bad.got, bad.reason
        ))),
    }
}

/// The side that somebody means who does not call it by its exact word, which would make a value of it.
fn side_meant(take: &str) -> Option<&'static str> {
    let letters: String = take
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    match letters.as_str() {
        "ghl" | "hl" | "highlevel" | "gohighlevel" => Some("ghl"),
        "bm" | "bigmailer" => Some("bigmailer"),
        _ => None,
    }
}

fn document(conflict: &Waiting) -> Value {
    let linked = conflict.bm_id.as_deref() != Some(&conflict.who);
    json!({
        "ghl_id": linked.then_some(&conflict.who),
        "bigmailer_id": conflict.bm_id,
        "field": conflict.field,
        "reason": conflict.reason,
        "ghl": conflict.ghl.as_ref().map(plain),
        "bigmailer": conflict.bigmailer.as_ref().map(plain),
        "since": instant(conflict.since),
        "take": conflict.take.as_ref().map(|take| match take {
            Take::Ghl => json!("ghl"),
            Take::Bigmailer => json!("bigmailer"),
            Take::Value(value) => json!({"value": plain(value)}),
        }),
    })
}

fn plain(value: &FieldValue) -> Value {
    match value {
        FieldValue::Text(text) => json!(text),
        FieldValue::Integer(number) => json!(number),
        FieldValue::Decimal(number) => json!(number),
        FieldValue::Flag(flag) => json!(flag),
        FieldValue::Date(date) => json!(date.to_string()),
        FieldValue::Many(many) => json!(many),
    }
}

fn shown(value: Option<&FieldValue>) -> String {
    match value.map(plain) {
        None => "(none)".to_owned(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

fn told(take: &Take) -> String {
    match take {
        Take::Ghl => "HighLevel's".to_owned(),
        Take::Bigmailer => "BigMailer's".to_owned(),
        Take::Value(value) => shown(Some(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::side_meant;

    #[test]
    fn a_side_that_is_called_by_another_name_is_not_taken_for_a_value() {
        for (take, side) in [
            ("HighLevel", Some("ghl")),
            ("high-level", Some("ghl")),
            ("GHL", Some("ghl")),
            ("BigMailer", Some("bigmailer")),
            ("bm", Some("bigmailer")),
            ("Radka", None),
            ("70", None),
            ("", None),
        ] {
            assert_eq!(side_meant(take), side, "{take}");
        }
    }
}
