//! `ghl-bm explain`: everything about one person, in words or as JSON. Start reading at [`run`].

use clap::Args;
use serde_json::{Value, json};

use crate::contact::{Block, Side};
use crate::engine::explain::{ExplainError, LastWrite, Person, Status, explain};
use crate::engine::saved::Order;
use crate::fit::TargetList;
use crate::state::{Access, State};

use super::clients::connect;
use super::context::{Context, watch_signals};
use super::error::{CliError, Exit};
use super::lines::ListFormat;
use super::progress::Bars;
use super::report::instant;

/// Tell everything about one person: both sides, what is remembered, what the next run would do
///
/// Reads the person on both sides, now, and decides as a sync would; writes nothing. Values are
/// shown: that is what the command is for.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm explain ada@example.com
  ghl-bm explain ve9EPM428h8vShlRW1KT    an id of either service
  ghl-bm explain ada@example.com --jq '.people[0].because'")]
pub struct ExplainArgs {
    /// E-mail address, HighLevel contact id or BigMailer contact id
    #[arg(value_name = "EMAIL|ID", value_parser = crate::cli::given)]
    who: String,
    #[command(flatten)]
    format: ListFormat,
}

pub fn run(context: &Context, args: &ExplainArgs) -> Result<Exit, CliError> {
    let profile = context.load_profile()?;
    let state = State::open(&context.state_path(), Access::Peek)?;
    let stop = &context.stop;
    watch_signals(stop);
    let clients = connect(context, &profile)?;
    let bars = Bars::new(&context.ui);
    let people = explain(
        clients.sides(),
        &clients.resolved,
        &state,
        context.now(),
        args.who.trim(),
        &bars,
        stop,
    );
    bars.finish();
    let people = people.map_err(|e| match e {
        ExplainError::State(e) => e.into(),
        ExplainError::Remote(e) => CliError::from(e),
        ExplainError::Stopped => CliError::stop_asked(),
    })?;
    if people.is_empty() {
        return Err(CliError::new(
            Exit::Failed,
            "not_found",
            "neither service knows this person, and nothing is remembered of anybody like that",
        )
        .hint("give an e-mail address, or the id of a contact of either service"));
    }
    if args.format.is_for_programs(context) {
        let document = json!({
            "schema_version": 1,
            "command": "explain",
            "profile": profile.name,
            "people": people.iter().map(document).collect::<Result<Vec<_>, _>>()?,
        });
        args.format.print(context, &document, "people")?;
        return Ok(Exit::Done);
    }
    let texts: Vec<String> = people
        .iter()
        .map(|person| words(person, &clients.services.lists))
        .collect();
    context.ui.data(&texts.join("\n"))?;
    Ok(Exit::Done)
}

/// The person with the times of its runs.
fn document(person: &Person) -> Result<Value, CliError> {
    let mut document = serde_json::to_value(person)?;
    let mut stamp = |pointer: String, at: Option<i64>| {
        if let (Some(Value::Object(entry)), Some(at)) = (document.pointer_mut(&pointer), at) {
            entry.insert("at".to_owned(), instant(at).into());
        }
    };
    for (index, field) in person.fields.iter().enumerate() {
        let at = field.last_write.as_ref().and_then(|w| w.at);
        stamp(format!("/fields/{index}/last_write"), at);
    }
    for (index, list) in person.lists.iter().enumerate() {
        let at = list.last_write.as_ref().and_then(|w| w.at);
        stamp(format!("/lists/{index}/last_write"), at);
    }
    for (index, past) in person.history.iter().enumerate() {
        stamp(format!("/history/{index}"), past.at);
    }
    Ok(document)
}

fn words(person: &Person, names: &[TargetList]) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: String| {
        text.push_str(&format!("{label:<10} {value}\n"));
    };
    let side = |id: &Option<String>, there: bool| match (id, there) {
        (Some(id), true) => id.clone(),
        (Some(id), false) => format!("{id} (not there)"),
        (None, _) => "-".to_owned(),
    };
    line("HighLevel", side(&person.ghl_id, person.in_ghl));
    let linked = if person.linked { ", linked" } else { "" };
    let bigmailer = side(&person.bigmailer_id, person.in_bigmailer);
    line("BigMailer", format!("{bigmailer}{linked}"));
    let status = match person.status {
        Status::InStep => "in step",
        Status::ToBeWritten => "to be written",
        Status::Held => "held",
        Status::Skipped => "left out",
        Status::Failed => "failed",
        Status::GoneFromGhl => "gone from HighLevel",
        Status::OnlyInBigmailer => "only in BigMailer",
    };
    line("status", format!("{status}: {}", person.because));
    if person.waiting {
        let again = "the last try failed; the next run looks at this person again";
        line("waiting", again.to_owned());
    }
    line("consent", consent(person));
    for problem in &person.problems {
        if problem.message != person.because {
            line("note", format!("{} ({})", problem.message, problem.reason));
        }
    }
    text.push_str(&table(person, names));
    match person.next.is_empty() {
        true => text.push_str("next run   nothing to write\n"),
        false => {
            for order in &person.next {
                text.push_str(&format!("next run   {}\n", ordered(order, names)));
            }
        }
    }
    for past in &person.history {
        let unconfirmed = if past.unconfirmed {
            ", not seen confirmed"
        } else {
            ""
        };
        text.push_str(&format!(
            "history    {}: {} in {} {}{unconfirmed}\n",
            past.run_id,
            past.what,
            title(&past.to),
            past.changed
                .iter()
                .map(|name| list_name(name, names))
                .collect::<Vec<_>>()
                .join(" "),
        ));
    }
    text.lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
        + "\n"
}

fn consent(person: &Person) -> String {
    let here = match person.consent.ghl_blocked {
        Some(true) => "do not disturb",
        Some(false) => "may be mailed",
        None if person.in_ghl => "not said",
        None => "-",
    };
    let there = match person.consent.bigmailer {
        Some(Block::Unsubscribed) => "unsubscribed",
        Some(Block::HardBounce) => "bounced",
        Some(Block::Complaint) => "complained",
        Some(Block::Dnd) => "blocked",
        None if person.in_bigmailer => "may be mailed",
        None => "-",
    };
    format!("HighLevel: {here}; BigMailer: {there}")
}

fn table(person: &Person, names: &[TargetList]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["", "HighLevel", "BigMailer", "last agreed", "last written"]);
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    table.add_row([
        "email".to_owned(),
        text(&person.email.ghl),
        text(&person.email.bigmailer),
        text(&person.email.base),
        String::new(),
    ]);
    for field in &person.fields {
        let here = match field.unusable {
            true => "(unusable)".to_owned(),
            false => shown(&field.ghl),
        };
        table.add_row([
            format!("{} {}", field.merge_tag, arrow(field.direction)),
            here,
            shown(&field.bigmailer),
            field
                .base
                .as_ref()
                .map_or_else(|| "(nothing)".to_owned(), shown),
            written(&field.last_write),
        ]);
    }
    let yes = |value: Option<bool>| match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "-",
    };
    for list in &person.lists {
        table.add_row([
            format!(
                "{} {}",
                list_name(&list.list_id, names),
                arrow(list.direction)
            ),
            yes(list.ghl).to_owned(),
            yes(list.bigmailer).to_owned(),
            list.base
                .map_or("(nothing)", |base| yes(Some(base)))
                .to_owned(),
            written(&list.last_write),
        ]);
    }
    format!("{table}\n")
}

fn arrow(direction: &str) -> &'static str {
    match direction {
        "to-bigmailer" => "→",
        "to-ghl" => "←",
        _ => "↔",
    }
}

fn written(write: &Option<LastWrite>) -> String {
    match write {
        Some(write) => format!("{} to {}", write.run_id, title(&write.to)),
        None => "-".to_owned(),
    }
}

fn title(side: &str) -> &'static str {
    match side == Side::Ghl.as_str() {
        true => Side::Ghl.title(),
        false => Side::Bigmailer.title(),
    }
}

fn list_name(id: &str, names: &[TargetList]) -> String {
    let list = names.iter().find(|list| list.id == id);
    list.map_or_else(|| id.to_owned(), |list| list.name.clone())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A planned write with its values.
fn ordered(order: &Order, names: &[TargetList]) -> String {
    let mut parts = Vec::new();
    if order.opt_out.is_some() {
        parts.push(match order.to {
            Side::Ghl => "do not disturb".to_owned(),
            Side::Bigmailer => "unsubscribe".to_owned(),
        });
    }
    parts.extend(order.email.iter().map(|email| format!("address {email}")));
    let set = order.set.iter();
    parts.extend(set.map(|(key, value)| format!("{key} = {}", shown(value))));
    parts.extend(order.clear.iter().map(|key| format!("{key} emptied")));
    let (join, leave) = match order.to {
        Side::Ghl => ("tag", "untag"),
        Side::Bigmailer => ("join", "leave"),
    };
    let joined = order.join.iter();
    parts.extend(joined.map(|id| format!("{join} {}", list_name(id, names))));
    let left = order.leave.iter();
    parts.extend(left.map(|id| format!("{leave} {}", list_name(id, names))));
    format!(
        "{} in {}: {}",
        order.what,
        order.to.title(),
        parts.join(", ")
    )
}
